/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where each era keeps a CPU's stacks, that the map finds the stack of an
 * address to the byte, and that stk_classify() says the same of every alias, of guard
 * pages, holes and freed stacks, and which part of a stack was in use.
 */
#include "fixture.h"
#include "suite.h"

#include "base/context.h"
#include "report/known.h"
#include "stacks/claims.h"
#include "stacks/map.h"

#include <string.h>

static struct stk *s;
static struct stk_place p;

static const struct stk_stack *cpu_stack(unsigned int cpu, const struct stk_kind *kind)
{
	const struct stk_stack *k;
	size_t nr;

	ck_assert_int_eq(stk_cpu_stacks(s, cpu, &k, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		if (k[i].kind == kind)
			return &k[i];
	ck_abort_msg("CPU %u has no %s stack", cpu, stk_stack_kind_name(kind));
	return NULL;
}

/* ---- a CPU's stacks ---- */

static void check_ist(const char *name, const struct stk_kind *kind, uint64_t size,
		      bool mapped, bool store)
{
	const struct stk_stack *k = cpu_stack(1, kind);
	uint64_t top = syn_ist_top(m, 1, name);
	char member[64] = "exception_stacks.";

	ck_assert_uint_eq(k->end, top);
	ck_assert_uint_eq(k->begin, top - size);
	ck_assert_uint_eq(k->guard, top - size - 4096);
	ck_assert_int_eq(k->cpu, 1);
	ck_assert_uint_eq(k->task, 0);
	ck_assert(k->mapped == mapped);
	strcat(strcat(member, name), "_stack");
	ck_assert_uint_eq(k->store, store ? syn_percpu(m, "exception_stacks", 1) +
						    syn_off(m, member)
					  : 0);
}

START_TEST(stacks_of_6_1)
{
	const struct stk_stack *k;
	size_t nr;

	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(s, 1, &k, &nr), STK_OK);
	ck_assert_uint_eq(nr, 8);
	for (size_t i = 1; i < nr; i++)
		ck_assert_uint_lt(k[i - 1].begin, k[i].begin);
	check_ist("DF", X86_STACK(DF), 8192, true, true);
	check_ist("NMI", X86_STACK(NMI), 8192, true, true);
	check_ist("DB", X86_STACK(DB), 8192, true, true);
	check_ist("MCE", X86_STACK(MCE), 8192, true, true);
	check_ist("VC", X86_STACK(VC), 8192, false, false);
	check_ist("VC2", X86_STACK(VC2), 8192, false, false);
	k = cpu_stack(1, X86_STACK(IRQ));
	ck_assert_uint_eq(k->end, syn_irq_top(1));
	ck_assert_uint_eq(k->end - k->begin, 0x4000);
	ck_assert_uint_eq(k->guard, k->begin - 4096);
	ck_assert_uint_eq(k->store, syn_percpu(m, "irq_stack_backing_store", 1));
	k = cpu_stack(1, X86_STACK(ENTRY));
	ck_assert_uint_eq(k->begin, syn_cea(m, 1) + 0x1000);
	ck_assert_uint_eq(k->end - k->begin, 4096);
	ck_assert_uint_eq(k->store, syn_percpu(m, "entry_stack_storage", 1));
}
END_TEST

START_TEST(stacks_of_5_4)
{
	syn_free(m);
	m = syn_kernel(SYN_5_4);
	s = syn_open(m);
	check_ist("DF", X86_STACK(DF), 4096, true, true);
	check_ist("NMI", X86_STACK(NMI), 4096, true, true);
	check_ist("DB2", X86_STACK(DB2), 4096, false, false);
	check_ist("DB1", X86_STACK(DB1), 4096, true, true);
	check_ist("DB", X86_STACK(DB), 4096, true, true);
	check_ist("MCE", X86_STACK(MCE), 4096, true, true);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(IRQ))->end, syn_irq_top(1));
}
END_TEST

/* 6.2-6.14: the words are members of pcpu_hot, and it wins over what is older. */
START_TEST(stacks_in_pcpu_hot)
{
	uint64_t hot = 0x1f100;

	syn_symbol(m, "pcpu_hot", hot);
	syn_member(m, "pcpu_hot.current_task", 0, 8);
	syn_member(m, "pcpu_hot.hardirq_stack_ptr", 32, 8);
	syn_member(m, "pcpu_hot.hardirq_stack_inuse", 42, 1);
	syn_no_symbol(m, "current_task");
	syn_put64(m, SYN_PERCPU(1) + hot, sh);
	syn_put64(m, SYN_PERCPU(1) + hot + 32, syn_irq_top(1) - 8);
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1), 0);
	syn_put8(m, SYN_PERCPU(1) + hot + 42, 1);
	s = syn_open(m);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(IRQ))->end, syn_irq_top(1));
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), 1);
	{
		struct stk_task t;

		ck_assert_int_eq(stk_cpu_current(s, 1, &t), STK_OK);
		ck_assert_uint_eq(t.pid, 227);
	}
}
END_TEST

/* The switch is known by either: 6.2-6.14 have no hardirq_stack_inuse of its own. */
START_TEST(inline_switch)
{
	ck_assert(x86_inline_irq_switch(syn_open(m)));
	syn_no_symbol(m, "hardirq_stack_inuse");
	ck_assert(!x86_inline_irq_switch(syn_open(m)));
	syn_symbol(m, "pcpu_hot", 0x1f100);
	ck_assert(x86_inline_irq_switch(syn_open(m)));
}
END_TEST

/* Its type has the stack's size, whatever a task's is. */
START_TEST(size_of_the_irq_stack)
{
	static const char *const type[] = { "irq_stack", "irq_stack_union" };

	syn_no_member(m, "irq_stack");
	syn_size(m, type[_i], 0x2000);
	s = syn_open(m);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(IRQ))->begin, syn_irq_top(1) - 0x2000);
}
END_TEST

/* Since 6.2 the entry areas are in no order. */
START_TEST(entry_areas_in_any_order)
{
	uint64_t estacks = syn_off(m, "cpu_entry_area.estacks");

	syn_put64(m, syn_percpu(m, "cea_exception_stacks", 1), syn_cea(m, 0) + estacks);
	syn_put64(m, syn_percpu(m, "cea_exception_stacks", 0), syn_cea(m, 1) + estacks);
	s = syn_open(m);
	ck_assert_uint_eq(x86_cpu_entry_area(s, 1), syn_cea(m, 0));
	ck_assert_uint_eq(cpu_stack(0, X86_STACK(ENTRY))->begin, syn_cea(m, 1) + 0x1000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(NMI))->end, syn_ist_top(m, 0, "NMI"));
}
END_TEST

/* 4.15-5.3: at the start of its page. */
START_TEST(entry_stack_of_512_bytes)
{
	syn_size(m, "entry_stack", 512);
	s = syn_open(m);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(ENTRY))->begin, syn_cea(m, 1) + 0x1000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(ENTRY))->end, syn_cea(m, 1) + 0x1200);
	ck_assert_ptr_null(stk_cpu_stack_at(s, 1, syn_cea(m, 1) + 0x1200));
}
END_TEST

/* orig_ist of 4.14-5.1; before page-table isolation of the per-CPU memory itself. */
static uint64_t contiguous(uint64_t base, uint64_t size)
{
	syn_free(m);
	m = syn_kernel(SYN_5_4);
	syn_no_symbol(m, "cea_exception_stacks");
	syn_symbol(m, "orig_ist", 0x1f200);
	base = base ? base : syn_percpu(m, "exception_stacks", 1);
	for (unsigned int i = 0; i < 4; i++)
		syn_put64(m, syn_percpu(m, "orig_ist", 1) + 8 * i,
			  base + size * (i + 1 + (i > 1)));
	s = syn_open(m);
	return base;
}

START_TEST(stacks_in_percpu_memory)
{
	uint64_t base = contiguous(0, 4096);

	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DF))->begin, base);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DB))->begin, base + 0x2000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DB))->end, base + 0x4000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(MCE))->end, base + 0x5000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DF))->store, 0);
	/* In the entry area that memory is a second address. */
	base = contiguous(syn_cea(m, 1) + 0x6000, 4096);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DB))->begin, base + 0x2000);
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(DB))->store,
			  syn_percpu(m, "exception_stacks", 1) + 0x2000);
}
END_TEST

START_TEST(damaged_orig_ist)
{
	static const uint64_t size[] = { 17 * 4096, 4096 + 8, 0, 8 };
	uint64_t base = contiguous(SYN_DIRECT + 0x1000000, size[_i]);

	ck_assert_ptr_null(stk_cpu_stack_at(s, 1, base + size[_i] - 8));
	ck_assert_uint_eq(cpu_stack(1, X86_STACK(IRQ))->end, syn_irq_top(1));
}
END_TEST

START_TEST(irq_in_use_marks)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), 0);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 1);
	s = syn_open(m);
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), 1);
	syn_no_symbol(m, "hardirq_stack_inuse");
	s = syn_open(m);
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), -1);
	ck_assert_int_eq(stk_irq_stack_in_use(s, 9), -1);
	/* The counter that was before: -1 is idle, 1 an IRQ inside a softirq. */
	syn_symbol(m, "irq_count", 0x1f00c);
	for (int n = -1; n <= 1; n++) {
		syn_put32(m, syn_percpu(m, "irq_count", 1), (uint32_t)n);
		s = syn_open(m);
		ck_assert_int_eq(stk_irq_stack_in_use(s, 1), n >= 0);
	}
}
END_TEST

/* A pointer that is neither a top nor a top less 8 gives no IRQ stack, and the others. */
START_TEST(damaged_irq_pointer)
{
	const struct stk_stack *k;
	size_t nr;

	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1), _i ? 0 : syn_irq_top(1) - 16);
	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(s, 1, &k, &nr), STK_OK);
	ck_assert_uint_eq(nr, 7);
	for (size_t i = 0; i < nr; i++)
		ck_assert_ptr_ne(k[i].kind, X86_STACK(IRQ));
}
END_TEST

START_TEST(damaged_cea_pointer)
{
	static const uint64_t bad[] = { 0, 0xfffffe0000008008, 0x7000 };
	const struct stk_stack *k;
	size_t nr;

	syn_put64(m, syn_percpu(m, "cea_exception_stacks", 1), bad[_i]);
	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(s, 1, &k, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		ck_assert_ptr_ne(k[i].kind, X86_STACK(NMI));
	/* Other CPUs are not touched by it. */
	ck_assert_uint_eq(cpu_stack(0, X86_STACK(NMI))->end, syn_ist_top(m, 0, "NMI"));
}
END_TEST

START_TEST(no_such_cpu)
{
	const struct stk_stack *k;
	size_t nr = 7;

	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(s, 3, &k, &nr), STK_ERR_ARG);
	ck_assert_uint_eq(nr, 0);
}
END_TEST

START_TEST(thread_sizes)
{
	struct stk_task t;
	struct stk_stack k;

	syn_symbol(m, "__end_init_task", syn_sym(m, "__start_init_task") + 0x8000);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_by_pid(s, 227, &t), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &t, &k), STK_OK);
	ck_assert_uint_eq(k.end - k.begin, 0x8000);
	syn_no_symbol(m, "__end_init_task");
	syn_size(m, "thread_union", 0x2000);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_stack(s, &t, &k), STK_OK);
	ck_assert_uint_eq(k.end - k.begin, 0x2000);
	syn_no_member(m, "thread_union");
	s = syn_open(m);
	ck_assert_int_eq(stk_task_stack(s, &t, &k), STK_OK);
	ck_assert_uint_eq(k.end - k.begin, 0x4000);
	t.stack = 0;
	ck_assert_int_eq(stk_task_stack(s, &t, &k), STK_ERR_NOT_FOUND);
}
END_TEST

/* ---- to the byte ---- */

static void expect_stack(uint64_t addr, const struct stk_kind *kind)
{
	struct stk_stack k;
	enum stk_status st = stk_find_stack(s, addr, &k);

	if (!kind) {
		ck_assert_int_eq(st, STK_ERR_NOT_FOUND);
		return;
	}
	ck_assert_int_eq(st, STK_OK);
	ck_assert_ptr_eq(k.kind, kind);
	ck_assert(addr >= k.begin && addr < k.end);
}

START_TEST(find_by_address)
{
	uint64_t low = syn_stack(m, sh), irq = syn_irq_top(1),
		 nmi = syn_ist_top(m, 1, "NMI");

	s = syn_open(m);
	expect_stack(low, X86_STACK(TASK));
	expect_stack(low + SYN_THREAD_SIZE - 1, X86_STACK(TASK));
	expect_stack(low - 1, NULL);
	expect_stack(low + SYN_THREAD_SIZE, NULL);
	expect_stack(irq - 1, X86_STACK(IRQ));
	expect_stack(irq, NULL);
	expect_stack(nmi - 1, X86_STACK(NMI));
	expect_stack(nmi, NULL); /* the guard of the next one */
	expect_stack(syn_ist_top(m, 2, "MCE") - 8,
		     X86_STACK(MCE)); /* offline, but there */
	expect_stack(syn_sym(m, "__start_init_task") + 16, X86_STACK(TASK));
	expect_stack(0, NULL);
	expect_stack(~0ull, NULL);
}
END_TEST

START_TEST(cpu_stack_at)
{
	s = syn_open(m);
	ck_assert_ptr_nonnull(stk_cpu_stack_at(s, 1, syn_irq_top(1) - 8));
	ck_assert_ptr_null(stk_cpu_stack_at(s, 0, syn_irq_top(1) - 8));
	ck_assert_ptr_null(stk_cpu_stack_at(s, 1, syn_ist_top(m, 1, "VC") - 8));
	ck_assert_ptr_null(stk_cpu_stack_at(s, 9, syn_irq_top(1) - 8));
}
END_TEST

/* ---- what is this address ---- */

static void classify(uint64_t addr)
{
	ck_assert_int_eq(stk_classify(s, addr, &p), STK_OK);
	ck_assert_uint_eq(p.addr, addr);
}

static bool has_alias(const char *view, uint64_t addr)
{
	for (size_t i = 0; i < p.nr_aliases; i++)
		if (!strcmp(p.aliases[i].view, view) && p.aliases[i].addr == addr)
			return true;
	return false;
}

START_TEST(bounds_of_a_task_stack)
{
	uint64_t low = syn_stack(m, sh), top = low + SYN_THREAD_SIZE;

	syn_crash_note(&c);
	s = syn_open(m);
	classify(low);
	ck_assert(p.has_stack && !p.guard);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(TASK));
	ck_assert_uint_eq(p.bytes_below, 0);
	ck_assert_uint_eq(p.offset_from_end, SYN_THREAD_SIZE);
	ck_assert_str_eq(p.region, "vmalloc");
	ck_assert(p.has_task);
	ck_assert_uint_eq(p.task.pid, 227);
	ck_assert_uint_eq(p.stack.guard, low - 4096);
	classify(top - 8);
	ck_assert(p.has_stack && !p.guard);
	ck_assert_uint_eq(p.offset_from_end, 8);
	ck_assert_uint_eq(p.bytes_below, SYN_THREAD_SIZE - 8);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	/* one below, one above */
	classify(low - 1);
	ck_assert(p.has_stack && p.guard == -1);
	ck_assert_int_eq(p.state, STK_STATE_GUARD);
	ck_assert_uint_eq(p.bytes_below, 1);
	ck_assert_uint_eq(p.task.pid, 227);
	classify(low - 4096);
	ck_assert(p.has_stack && p.guard == -1);
	classify(low - 4097);
	ck_assert(!p.has_stack || p.guard == 1);
	classify(top);
	ck_assert(p.has_stack && p.guard == 1);
	ck_assert_int_eq(p.state, STK_STATE_GUARD);
	classify(top + 4095);
	ck_assert(p.guard == 1);
	ck_assert_uint_eq(p.bytes_below, 4095);
	classify(top + 4096);
	ck_assert(!p.has_stack);
	ck_assert_int_eq(p.state, STK_STATE_UNMAPPED);
}
END_TEST

/* The same byte by each of its addresses. */
START_TEST(aliases_of_the_irq_stack)
{
	uint64_t top = syn_irq_top(1);
	uint64_t store = syn_percpu(m, "irq_stack_backing_store", 1);

	syn_irq(&c);
	syn_crash_note(&c);
	syn_put64(m, top - 0x4000, 1);
	s = syn_open(m);
	classify(top - 8);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(IRQ));
	ck_assert_int_eq(p.stack.cpu, 1);
	ck_assert_str_eq(p.view, "vmalloc");
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert(has_alias("per-CPU", store + 0x4000 - 8));
	ck_assert_uint_eq(p.nr_aliases, 1); /* the per-CPU area is the direct map */

	classify(store + 0x4000 - 8);
	ck_assert(p.has_stack);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(IRQ));
	ck_assert_uint_eq(p.stack_addr, top - 8);
	ck_assert_uint_eq(p.offset_from_end, 8);
	ck_assert_str_eq(p.view, "per-CPU");
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert(has_alias("vmalloc", top - 8));
	ck_assert(p.percpu);
	ck_assert_uint_eq(p.percpu_cpu, 1);
	ck_assert_str_eq(p.name.function, "irq_stack_backing_store");
	classify(c.sp - 64);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_str_eq(p.state_why, "below the stack pointer");
	/* The guard below is no part of the store: there is another variable. */
	classify(store - 8);
	ck_assert(!p.has_stack);
}
END_TEST

/* Of code no task is asked: not even one whose stack is said to be there. */
START_TEST(code_is_on_no_stack)
{
	const uint64_t task = syn_task(m, "damaged", 301, 0);
	bool asked[2];

	syn_put64(m, task + syn_off(m, "task_struct.stack"), SYN_TEXT);
	for (unsigned int i = 0; i < 2; i++) {
		const uint64_t at = i ? SYN_DATA + 0x100 : syn_sym(m, "vfs_write") + 4;

		s = syn_open(m);
		classify(at);
		ck_assert(!p.has_stack && !p.has_task);
		asked[i] = s->tasks.value;
	}
	/* Data may be a task's. */
	ck_assert(!asked[0] && asked[1]);
}
END_TEST

START_TEST(direct_map_alias_of_a_task_stack)
{
	uint64_t low = syn_stack(m, sh), phys;

	ck_assert(syn_phys(m, low + 0x1010, &phys));
	s = syn_open(m);
	classify(low + 0x1010);
	ck_assert(p.has_phys && p.in_dump);
	ck_assert_uint_eq(p.phys, phys);
	ck_assert(has_alias("direct map", SYN_DIRECT + phys));
	classify(SYN_DIRECT + phys);
	ck_assert(p.has_stack);
	ck_assert_uint_eq(p.stack_addr, low + 0x1010);
	ck_assert_uint_eq(p.stack.task, sh);
	ck_assert_str_eq(p.region, "direct map");
	ck_assert_str_eq(p.view, "direct map");
	ck_assert(has_alias("vmalloc", low + 0x1010));
}
END_TEST

START_TEST(exception_stack_aliases)
{
	uint64_t top = syn_ist_top(m, 1, "NMI"), store;

	syn_nmi(&c);
	syn_crash_note(&c);
	s = syn_open(m);
	store = cpu_stack(1, X86_STACK(NMI))->store;
	classify(top - 264);
	ck_assert_str_eq(p.view, "cpu_entry_area");
	ck_assert_str_eq(p.region, "cpu_entry_area");
	ck_assert_str_eq(p.detail, "NMI stack");
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert(has_alias("per-CPU", store + 8192 - 264));
	classify(store + 8192 - 264);
	ck_assert_str_eq(p.view, "per-CPU");
	ck_assert_uint_eq(p.stack_addr, top - 264);
	/* Guards between them: above NMI's top is the one below DB. */
	classify(top);
	ck_assert(p.guard == -1);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(DB));
	ck_assert_uint_eq(p.bytes_below, 4096);
}
END_TEST

/* A variable of a CPU's that has another address; none of its neighbours has. */
START_TEST(aliases_of_a_variable)
{
	const uint64_t tss = syn_percpu(m, "cpu_tss_rw", 1);

	s = syn_open(m);
	classify(tss + 4);
	ck_assert(!p.has_stack && p.percpu && p.percpu_cpu == 1);
	ck_assert(has_alias("cpu_entry_area", syn_cea(m, 1) + 0x2004));
	ck_assert_uint_eq(p.nr_aliases, 1);
	classify(syn_percpu(m, "current_task", 1));
	ck_assert_uint_eq(p.nr_aliases, 0);
	/* On a stack it is the stack's addresses that count. */
	classify(syn_percpu(m, "irq_stack_backing_store", 1) + 8);
	ck_assert(p.has_stack && !has_alias("cpu_entry_area", p.stack_addr));
}
END_TEST

/* A page of a stack that is mapped where nobody knows of: it is what the region is. */
START_TEST(unknown_alias_of_a_stack)
{
	const uint64_t other = SYN_VMALLOC + 0x7000000, top = syn_irq_top(1);
	uint64_t phys;

	ck_assert(syn_phys(m, top - 4096, &phys));
	syn_map(m, other, phys, 4096);
	s = syn_open(m);
	classify(other + 8);
	ck_assert(p.has_stack);
	ck_assert_uint_eq(p.stack_addr, top - 4096 + 8);
	ck_assert_str_eq(p.view, "vmalloc");
	ck_assert(has_alias("per-CPU", p.stack.store + (p.stack_addr - p.stack.begin)));
	classify(p.stack.store + (p.stack_addr - p.stack.begin));
	ck_assert_str_eq(p.view, "per-CPU");
}
END_TEST

/* What the firmware has mapped is in tables of its own, if there are any. */
START_TEST(mapped_by_the_firmware)
{
	const uint64_t efi = 0xffffffef00000000ull, elsewhere = SYN_VMALLOC + 0x880000;
	const uint64_t mm = SYN_DATA + 0x3a000, root = m->pgd, page = syn_alloc(m, 1);
	const uint64_t own = syn_alloc(m, 1);

	m->pgd = own;
	syn_map(m, efi, page, 4096);
	syn_map(m, elsewhere, page, 4096);
	m->pgd = root;
	if (!syn_find_type(m, "mm_struct.pgd"))
		syn_member(m, "mm_struct.pgd", 0, 8);
	syn_put64(m, mm + syn_off(m, "mm_struct.pgd"), SYN_DIRECT + own);
	for (int with = 0; with < 3; with++) {
		if (with)
			syn_symbol(m, "efi_mm", mm);
		if (with == 2)
			syn_put64(m, mm + syn_off(m, "mm_struct.pgd"), 0);
		s = syn_open(m);
		classify(efi + 0x10);
		ck_assert_str_eq(p.region, "EFI runtime");
		ck_assert_int_eq(p.has_phys, with == 1);
		if (with == 1)
			ck_assert_uint_eq(p.phys, page + 0x10);
		else
			ck_assert_int_eq(p.phys_status, STK_ERR_UNMAPPED);
		/* Nothing else is looked for there. */
		classify(elsewhere);
		ck_assert(!p.has_phys);
	}
}
END_TEST

/* Of what is not mapped nothing else is looked for. */
START_TEST(known_of_no_memory)
{
	const struct stk_live none = { 0 };
	const struct stk_stack *all;
	size_t nr, nr_none = 0;

	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++) {
		const struct stk_known *k = stk_known(s, &all[i]);

		ck_assert_ptr_nonnull(k);
		ck_assert_ptr_eq(stk_known(s, &all[i]), k);
		ck_assert_uint_eq(k->place.stack.begin, all[i].begin);
		if (all[i].mapped)
			continue;
		nr_none++;
		ck_assert_mem_eq(&k->live, &none, sizeof(none));
		ck_assert_uint_eq(k->low, stk_stack_full(&all[i]));
		ck_assert(!k->has_residue && !k->base.overrun && !k->base.size);
	}
	ck_assert_uint_gt(nr_none, 0);
}
END_TEST

START_TEST(unmapped_vc_stack)
{
	/* Whatever is behind it is none of it. */
	if (_i)
		syn_put64(m, syn_ist_top(m, 1, "VC"), 1);
	s = syn_open(m);
	classify(syn_ist_top(m, 1, "VC") - 8);
	ck_assert(p.has_stack && !p.guard);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(VC));
	ck_assert_int_eq(p.state, STK_STATE_UNMAPPED);
	ck_assert(!p.has_phys);
	ck_assert_int_eq(p.phys_status, STK_ERR_UNMAPPED);
	ck_assert_ptr_nonnull(p.state_why);
}
END_TEST

/* A stack that was given back belongs to nobody; an exited task's is dead. */
START_TEST(freed_and_dead_stacks)
{
	uint64_t low = syn_stack(m, sh);

	syn_set_current(m, 1, syn_idle(m, 1));
	syn_put32(m, sh + syn_off(m, "task_struct.exit_state"), 16);
	s = syn_open(m);
	classify(low + SYN_THREAD_SIZE - 8);
	ck_assert_int_eq(p.state, STK_STATE_DEAD);
	syn_put64(m, sh + syn_off(m, "task_struct.stack"), 0);
	s = syn_open(m);
	classify(low + SYN_THREAD_SIZE - 8);
	ck_assert(!p.has_stack);
	ck_assert_str_eq(p.region, "vmalloc");
}
END_TEST

/* ---- in use or not ---- */

START_TEST(live_from_the_stack_pointer_on)
{
	syn_crash_note(&c);
	syn_put64(m, syn_stack(m, sh) + 8, 1);
	syn_put64(m, syn_irq_top(1) - 16, 1);
	s = syn_open(m);
	classify(c.sp);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	classify(c.sp - 1);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(p.state_why);
	/* The IRQ stack was not used. */
	classify(syn_irq_top(1) - 8);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
}
END_TEST

START_TEST(task_stack_under_an_irq)
{
	uint64_t sp;

	syn_irq(&c);
	sp = syn_get64(m, syn_irq_top(1) - 8);
	syn_crash_note(&c);
	syn_put64(m, syn_stack(m, sh) + 8, 1);
	s = syn_open(m);
	/* The chain re-enters it in the function that switched: above its frame. */
	classify(sp + 24);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	classify(sp - 64);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
}
END_TEST

START_TEST(user_mode_leaves_stacks_empty)
{
	syn_crash_note_regs(m, 1, 227, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	s = syn_open(m);
	classify(syn_stack(m, sh) + SYN_THREAD_SIZE - 8);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_str_eq(p.state_why, "its task was in user mode");
}
END_TEST

START_TEST(running_without_registers)
{
	s = syn_open(m);
	classify(syn_stack(m, sh) + 0x100);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert_str_eq(p.state_why, "its task was running; no registers were saved");
}
END_TEST

/* The notes are of what the NMI interrupted; its own stack says it was running. */
START_TEST(nmi_stack_says_so_itself)
{
	struct syn_cpu before = c;

	syn_nmi(&c);
	syn_crash_note(&before);
	s = syn_open(m);
	classify(syn_ist_top(m, 1, "NMI") - 264);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert_str_eq(p.state_why, "an NMI was being handled");
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 56, 0);
	s = syn_open(m);
	classify(syn_ist_top(m, 1, "NMI") - 264);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
}
END_TEST

START_TEST(sleeping_task_stack)
{
	syn_sleep(&c);
	syn_put64(m, syn_stack(m, sh) + 8, 1);
	s = syn_open(m);
	classify(c.sp);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	classify(c.sp - 8);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_str_eq(p.state_why, "below the task's stack pointer");
}
END_TEST

/* ---- elsewhere ---- */

START_TEST(regions)
{
	static const struct {
		uint64_t addr;
		const char *region;
	} row[] = {
		{ 0x1000, "user space" },
		{ 0x0000800000000000ull, "not canonical" },
		{ 0xffff7fffffffffffull, "not canonical" },
		{ SYN_DIRECT + 0x1000, "direct map" },
		{ SYN_VMALLOC + 0x10000000, "vmalloc" },
		{ SYN_VMEMMAP + 0x1000, "vmemmap" },
		{ 0xfffffe0000000010ull, "cpu_entry_area" },
		{ 0xffffff0000000000ull, "ESPFIX stacks" },
		{ 0xffffffef00000000ull, "EFI runtime" },
		{ SYN_TEXT, "kernel image" },
		{ SYN_END - 1, "kernel image" },
		{ SYN_MODULE, "module area" },
		{ 0xffffffff80000000ull, "kernel image area" },
		{ 0xffffffffff5ff000ull, "fixmap" },
		{ 0xffffffffff600000ull, "vsyscall" },
		{ ~0ull, "hole" },
		{ 0xffff800000000000ull, "hole" },
	};

	s = syn_open(m);
	classify(row[_i].addr);
	ck_assert_str_eq(p.region, row[_i].region);
	ck_assert(!p.has_stack);
}
END_TEST

START_TEST(parts_of_the_entry_area)
{
	uint64_t cea = syn_cea(m, 1);

	s = syn_open(m);
	classify(0xfffffe0000000010ull);
	ck_assert_str_eq(p.detail, "IDT (read-only)");
	classify(cea + 0x2004);
	ck_assert_str_eq(p.detail, "TSS (read-only)");
	ck_assert(p.percpu && p.percpu_cpu == 1);
	classify(cea + 0x20);
	ck_assert_ptr_nonnull(strstr(p.detail, "GDT"));
	classify(cea + 0x1008);
	ck_assert(p.has_stack);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(ENTRY));
}
END_TEST

START_TEST(names_of_code_and_data)
{
	s = syn_open(m);
	classify(syn_sym(m, "vfs_write") + 0x12);
	ck_assert_str_eq(p.name.function, "vfs_write");
	ck_assert_uint_eq(p.name.offset, 0x12);
	ck_assert(!p.percpu);
	classify(syn_percpu(m, "current_task", 0));
	ck_assert(p.percpu);
	ck_assert_uint_eq(p.percpu_cpu, 0);
	ck_assert_str_eq(p.name.function, "current_task");
	/* Not in the dump, though mapped. */
	classify(SYN_DIRECT + 0x1000);
	ck_assert(p.has_phys && !p.in_dump);
}
END_TEST

/* Where the question's steps end, the pages until then are not taken for all. */
START_TEST(pages_without_steps)
{
	const struct stk_stack *all, *k;
	uint64_t phys, top = syn_irq_top(1), at;
	size_t nr;

	ck_assert(syn_phys(m, top - 8, &phys));
	for (uint64_t steps = 0; steps < 60; steps += 3) {
		s = syn_open(m);
		ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
		stk_question(s);
		s->budget.steps = steps;
		ck_assert_int_eq(stk_map_phys(s, phys, &k, &at), STK_ERR_LIMIT);
		stk_question(s);
		ck_assert_int_eq(stk_map_phys(s, phys, &k, &at), STK_OK);
		ck_assert_uint_eq(at, top - 8);
	}
}
END_TEST

/* Where the table's own share ends, what was found until then is kept, and is all. */
START_TEST(pages_that_are_cut)
{
	const struct stk_stack *all, *k;
	uint64_t first = 0, last = 0, at;
	unsigned int part = 0;
	char text[160];
	size_t nr;

	for (uint64_t steps = 20; steps < 20000; steps += steps / 4) {
		enum stk_status st;

		s = syn_open(m);
		ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
		for (size_t i = 0; i < nr; i++)
			if (all[i].mapped)
				ck_assert(syn_phys(m, all[i].end - 8, &last));
		for (size_t i = nr; i--;)
			if (all[i].mapped)
				ck_assert(syn_phys(m, all[i].begin, &first));
		s->budget.max_steps = steps;
		stk_question(s);
		st = stk_map_phys(s, last, &k, &at);
		ck_assert_int_ne(st, STK_ERR_LIMIT);
		if (!st) {
			ck_assert(!stk_incomplete(s, 0, text, sizeof(text)));
			continue;
		}
		ck_assert_int_eq(st, STK_ERR_NOT_FOUND);
		ck_assert(stk_incomplete(s, 0, text, sizeof(text)));
		ck_assert(!strncmp(text, "the table of stacks", 19));
		part += !stk_map_phys(s, first, &k, &at);
		/* It is no other with the next question. */
		stk_question(s);
		ck_assert_int_eq(stk_map_phys(s, last, &k, &at), STK_ERR_NOT_FOUND);
		ck_assert(stk_incomplete(s, 0, text, sizeof(text)));
	}
	ck_assert_uint_gt(part, 0);
}
END_TEST

/* Who was interrupted is told of none, and the next one of each once. */
START_TEST(stacks_after_an_interrupt)
{
	const struct stk_stack *all;
	unsigned int stopped = 0;
	size_t nr, want;

	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &all, &want), STK_OK);
	for (unsigned int after = 1; after < 400; after++) {
		enum stk_status st;

		s = syn_open(m);
		m->interrupt_after = after;
		st = stk_stacks(s, &all, &nr);
		m->interrupt = false;
		m->interrupt_after = 0;
		if (st) {
			syn_assert(st == STK_ERR_INTERRUPTED && !nr);
			stopped++;
		}
		syn_assert(!stk_stacks(s, &all, &nr) && nr == want);
	}
	ck_assert_uint_gt(stopped, 0);
}
END_TEST

/* Whose stack overlaps with another's by a byte; of none there is nothing to claim. */
START_TEST(claimed_stacks)
{
	uint64_t first = syn_task(m, "first", 1001, 0);
	uint64_t second = syn_task(m, "second", 1002, 0), stack = syn_stack(m, first);
	const struct {
		uint64_t first, second;
		bool claimed;
	} row[] = {
		{ stack, stack, true },
		{ stack, stack + SYN_THREAD_SIZE - 8, true },
		{ stack, stack + SYN_THREAD_SIZE, false },
		{ stack, stack - SYN_THREAD_SIZE + 8, true },
		{ stack, stack - SYN_THREAD_SIZE, false },
		{ stack, 0, false },
		{ 0, stack, false },
		{ 0, 0, false },
		{ 0, 8, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_task task, other;

		syn_put64(m, first + syn_off(m, "task_struct.stack"), row[i].first);
		syn_put64(m, second + syn_off(m, "task_struct.stack"), row[i].second);
		s = syn_open(m);
		ck_assert_int_eq(stk_task_read(s, first, &task), STK_OK);
		ck_assert_msg(stk_claimed_by_other(s, &task, &other) == row[i].claimed,
			      "%zu", i);
		if (row[i].claimed)
			ck_assert_uint_eq(other.addr, second);
	}
	/* Nor where there is no list of tasks. */
	syn_put64(m, first + syn_off(m, "task_struct.stack"), stack);
	syn_put64(m, second + syn_off(m, "task_struct.stack"), stack);
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	{
		struct stk_task task = { .addr = first, .stack = stack }, other;

		ck_assert(!stk_claimed_by_other(s, &task, &other));
	}
}
END_TEST

/* Who is stopped is told of no claim, and the next who asks of all. */
START_TEST(claims_asked_again)
{
	const uint64_t first = syn_task(m, "first", 1001, 0);
	const uint64_t second = syn_task(m, "second", 1002, 0);
	const struct stk_task *all;
	struct stk_task task, other;
	size_t nr;

	syn_put64(m, second + syn_off(m, "task_struct.stack"), syn_stack(m, first));
	for (int short_of_memory = 0; short_of_memory < 2; short_of_memory++) {
		s = syn_open(m);
		ck_assert_int_eq(stk_tasks(s, &all, &nr), STK_OK);
		ck_assert_int_eq(stk_task_read(s, first, &task), STK_OK);
		if (short_of_memory) {
			const uint64_t bytes = s->budget.bytes;

			s->budget.bytes = 0;
			while (stk_arena_alloc(&s->arena, 8))
				;
			ck_assert(!stk_claimed_by_other(s, &task, &other));
			s->budget.bytes = bytes;
			stk_question(s);
		} else {
			m->interrupt = true;
			ck_assert(!stk_claimed_by_other(s, &task, &other));
			m->interrupt = false;
		}
		ck_assert(stk_claimed_by_other(s, &task, &other));
		ck_assert_uint_eq(other.addr, second);
	}
}
END_TEST

/* A look at each CPU's stacks is a step, once. */
START_TEST(steps_of_shared_stacks)
{
	const struct stk_stack *all;
	struct stk_stack stack = { .cpu = 1 };
	size_t nr;

	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	stack.begin = syn_ist_top(m, 2, "NMI") - 16;
	stack.end = stack.begin + 8;
	for (uint64_t steps = 0; steps <= SYN_NR_CPUS; steps++) {
		stk_question(s);
		s->budget.steps = steps;
		ck_assert_int_eq(stk_is_shared(s, &stack, NULL), steps == SYN_NR_CPUS);
	}
	stk_question(s);
	s->budget.steps = 0;
	ck_assert(stk_is_shared(s, &stack, NULL));
}
END_TEST

/* What the kernel says of a task's stack needs each of its words. */
START_TEST(words_of_claims)
{
	static const char *const absent[] = {
		"task_struct.thread_pid",    "pid.numbers",    "upid.nr",
		"task_struct.stack_vm_area", "vm_struct.addr", NULL
	};
	const uint64_t pid = SYN_DIRECT + syn_alloc(m, 1);
	const uint64_t area = SYN_DIRECT + syn_alloc(m, 1), stack = syn_stack(m, sh);
	struct stk_task task;
	uint64_t phys;

	if (!syn_find_type(m, "upid.nr"))
		syn_member(m, "upid.nr", 0, 4);
	syn_find_type(m, "upid.nr")->m.offset = 8;
	syn_put64(m, sh + syn_off(m, "task_struct.thread_pid"), pid);
	syn_put64(m, sh + syn_off(m, "task_struct.stack_vm_area"), area);
	syn_put32(m, pid + syn_off(m, "pid.numbers") + 8, 227);
	syn_put64(m, area + syn_off(m, "vm_struct.addr"), stack);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_pid_agrees(s, &task), 1);
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), 1);
	if (absent[_i]) {
		syn_no_member(m, absent[_i]);
	} else {
		/* A page of the image that vmalloc space shows: it has an area. */
		syn_put64(m, sh + syn_off(m, "task_struct.stack_vm_area"), 0);
		ck_assert(syn_phys(m, SYN_DATA, &phys));
		syn_unmap(m, stack);
		syn_map(m, stack, phys, 4096);
	}
	s = syn_open(m);
	ck_assert_int_eq(stk_pid_agrees(s, &task), _i < 3 ? -1 : 1);
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), !absent[_i] ? 0 : _i < 3 ? 1 : -1);
}
END_TEST

START_TEST(interrupted_then_asked_again)
{
	bool stopped = false;

	syn_crash_note(&c);
	for (unsigned int at = 1; at < 1500; at += at < 50 ? 1 : 29) {
		enum stk_status st;

		s = syn_open(m);
		m->interrupt_after = at;
		st = stk_classify(s, syn_irq_top(1) - 8, &p);
		stopped |= st == STK_ERR_INTERRUPTED;
		m->interrupt = false;
		m->interrupt_after = 0;
		classify(syn_irq_top(1) - 8);
		ck_assert(p.has_stack);
		ck_assert_ptr_eq(p.stack.kind, X86_STACK(IRQ));
		ck_assert(has_alias("per-CPU", p.stack.store + 0x4000 - 8));
		classify(syn_stack(m, sh));
		ck_assert(p.has_stack);
		ck_assert_uint_eq(p.task.pid, 227);
		/* What was in use is not guessed from half a chain. */
		classify(c.sp);
		ck_assert_int_eq(p.state, STK_STATE_LIVE);
		ck_assert_ptr_null(p.state_why);
	}
	ck_assert(stopped);
}
END_TEST

/* Of a CPU that there is none of nothing is in use. */
START_TEST(stack_of_no_cpu)
{
	struct stk_stack stack = { .kind = X86_STACK(IRQ),
				   .cpu = 1 << 24,
				   .begin = syn_irq_top(1) - 0x4000,
				   .end = syn_irq_top(1),
				   .mapped = true };
	struct stk_use use;

	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, &stack, &use), STK_OK);
	ck_assert_int_ne(use.state, STK_STATE_LIVE);
}
END_TEST

/* The table of pages is kept when it is whole, and not before. */
START_TEST(pages_after_an_interrupt)
{
	const struct stk_stack *all, *found;
	unsigned int stopped = 0;
	uint64_t last, phys, at;
	enum stk_status st;
	size_t nr;

	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	while (nr && !all[nr - 1].mapped)
		nr--;
	last = all[nr - 1].end - 8;
	ck_assert(syn_phys(m, last, &phys));
	for (unsigned int after = 1; after < 5000; after++) {
		s = syn_open(m);
		ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
		m->interrupt_after = after;
		st = stk_map_phys(s, phys, &found, &at);
		stopped += st == STK_ERR_INTERRUPTED;
		m->interrupt = false;
		m->interrupt_after = 0;
		syn_assert(stk_map_phys(s, phys, &found, &at) == STK_OK);
		syn_assert(at == last);
		if (!st)
			break;
	}
	/* Once it is, nothing is looked for that could be interrupted. */
	m->interrupt = true;
	ck_assert_int_eq(stk_map_phys(s, phys, &found, &at), STK_OK);
	m->interrupt = false;
	ck_assert_uint_gt(stopped, 0);
	ck_assert_int_eq(st, STK_OK);
}
END_TEST

static const struct unit_test cpu_tests[] = {
	TEST(stacks_of_6_1),
	TEST(stacks_of_5_4),
	TEST(stacks_in_pcpu_hot),
	TEST(inline_switch),
	LOOP(size_of_the_irq_stack, 2),
	TEST(entry_areas_in_any_order),
	TEST(entry_stack_of_512_bytes),
	TEST(stacks_in_percpu_memory),
	LOOP(damaged_orig_ist, 4),
	TEST(irq_in_use_marks),
	LOOP(damaged_irq_pointer, 2),
	LOOP(damaged_cea_pointer, 3),
	TEST(no_such_cpu),
	TEST(thread_sizes),
	{ 0 },
};

static const struct unit_test find_tests[] = {
	TEST(find_by_address),
	TEST(code_is_on_no_stack),
	TEST(cpu_stack_at),
	TEST(pages_after_an_interrupt),
	{ 0 },
};

static const struct unit_test place_tests[] = {
	TEST(bounds_of_a_task_stack),
	TEST(aliases_of_the_irq_stack),
	TEST(direct_map_alias_of_a_task_stack),
	TEST(exception_stack_aliases),
	LOOP(unmapped_vc_stack, 2),
	TEST(known_of_no_memory),
	TEST(aliases_of_a_variable),
	TEST(unknown_alias_of_a_stack),
	TEST(mapped_by_the_firmware),
	TEST(freed_and_dead_stacks),
	LOOP(regions, 17),
	TEST(parts_of_the_entry_area),
	TEST(names_of_code_and_data),
	TEST(interrupted_then_asked_again),
	TEST(pages_without_steps),
	TEST(claimed_stacks),
	TEST(pages_that_are_cut),
	TEST(stacks_after_an_interrupt),
	TEST(claims_asked_again),
	TEST(steps_of_shared_stacks),
	LOOP(words_of_claims, 6),
	TEST(stack_of_no_cpu),
	{ 0 },
};

static const struct unit_test live_tests[] = {
	TEST(live_from_the_stack_pointer_on),
	TEST(task_stack_under_an_irq),
	TEST(user_mode_leaves_stacks_empty),
	TEST(running_without_registers),
	TEST(nmi_stack_says_so_itself),
	TEST(sleeping_task_stack),
	{ 0 },
};

const struct unit_suite suite_map = {
	"map",
	{
		{ "cpu stacks", cpu_tests, fixture_syscall, NULL },
		{ "find", find_tests, fixture_syscall, NULL },
		{ "classify", place_tests, fixture_syscall, NULL },
		{ "liveness", live_tests, fixture_syscall, NULL },
	},
};
