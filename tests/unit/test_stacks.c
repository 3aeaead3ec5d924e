/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the map has what no CPU and no task owns any more, ESPFIX stacks and
 * guards, and that a stack says how deep it is and was used and what it shows of its
 * last use: what the bundled dumps have little or nothing of.
 */
#include "fixture.h"
#include "suite.h"
#include "viewed.h"

#include "unwind/unwind.h"

#include "kernel/stack_areas.h"
#include "stacks/map.h"

#include <stdlib.h>
#include <string.h>

#define VM_AREAS   (SYN_DATA + 0x30000)
#define ESPFIX	   0xffffff0000001240ull
#define FREE_STACK (SYN_VMALLOC + 0x900000)

static struct stk *s;
static struct stk_place p;

static const struct stk_stack *find(uint64_t begin)
{
	const struct stk_stack *k;
	size_t nr;

	ck_assert_int_eq(stk_stacks(s, &k, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++) {
		if (i)
			ck_assert_uint_le(k[i - 1].begin, k[i].begin);
		if (k[i].begin == begin)
			return &k[i];
	}
	return NULL;
}

static void classify(uint64_t addr)
{
	struct stk_use_info info;
	struct stk_use use;

	ck_assert_int_eq(stk_classify(s, addr, &p), STK_OK);
	same_place(s, addr, 0, &p);
	if (p.has_stack && !p.guard) {
		ck_assert_int_eq(stk_stack_use(s, &p.stack, &use), STK_OK);
		ck_assert_int_eq(stk_get_use(s, p.stack_addr, &info, sizeof(info)),
				 STK_OK);
		same_use(&info, &use);
	}
}

/* ---- stacks without a task ---- */

static void vm_types(void)
{
	syn_size(m, "vmap_area", 64);
	syn_size(m, "vm_struct", 64);
	syn_member(m, "vm_struct.addr", 8, 8);
	syn_member(m, "vm_struct.size", 16, 8);
	syn_member(m, "vm_struct.flags", 24, 8);
	syn_member(m, "vm_struct.phys_addr", 48, 8);
	syn_member(m, "vm_struct.caller", 56, 8);
	syn_member(m, "vmap_area.va_start", 0, 8);
	syn_member(m, "vmap_area.va_end", 8, 8);
	syn_member(m, "vmap_area.list", 40, 16);
	syn_member(m, "vmap_area.vm", 56, 8);
}

static void vm_struct(uint64_t at, uint64_t addr, uint64_t size, uint64_t caller)
{
	syn_put64(m, at + 8, addr);
	syn_put64(m, at + 16, size);
	syn_put64(m, at + 56, caller);
}

static void free_stack(uint64_t at)
{
	for (uint64_t a = 0; a < SYN_THREAD_SIZE; a += 4096)
		syn_put64(m, at + a, 0);
	syn_put64(m, at + SYN_THREAD_SIZE - 8, 0x2b);
}

/* The list of vm areas @i: 0 is its head. */
static uint64_t area(unsigned int i)
{
	return VM_AREAS + 0x100 * i;
}

static void list_areas(unsigned int nr)
{
	syn_symbol(m, "vmap_area_list", area(0) + 40);
	for (unsigned int i = 0; i <= nr; i++) {
		syn_put64(m, area(i) + 40, area(i == nr ? 0 : i + 1) + 40);
		if (i)
			syn_put64(m, area(i) + 56, area(i) + 64);
	}
}

START_TEST(cached_stack)
{
	uint64_t at = 0x1fa00;
	const struct stk_stack *all;
	size_t nr;

	vm_types();
	free_stack(FREE_STACK);
	vm_struct(area(1), FREE_STACK, SYN_THREAD_SIZE + 4096, 0);
	/* Another that a task has got, before the pointer was taken away. */
	vm_struct(area(2), syn_stack(m, sh), SYN_THREAD_SIZE + 4096, 0);
	syn_symbol(m, "cached_stacks", at);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		syn_put64(m, SYN_PERCPU(cpu) + at, 0);
		syn_put64(m, SYN_PERCPU(cpu) + at + 8, 0);
	}
	syn_put64(m, SYN_PERCPU(1) + at, area(2));
	syn_put64(m, SYN_PERCPU(1) + at + 8, area(1));
	s = syn_open(m);
	ck_assert_uint_eq(find(syn_stack(m, sh))->task, sh);
	/* It is there once, and what comes behind it is there, too. */
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	for (size_t i = 1; i < nr; i++)
		ck_assert_uint_lt(all[i - 1].begin, all[i].begin);
	ck_assert_uint_eq(all[nr - 1].begin, syn_sym(m, "__start_init_task"));
	classify(FREE_STACK + SYN_THREAD_SIZE - 8);
	ck_assert(p.has_stack && !p.has_task);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(TASK));
	ck_assert(stk_stack_is_free(&p.stack));
	ck_assert_int_eq(p.stack.cpu, 1);
	ck_assert_uint_eq(p.stack.task, 0);
	ck_assert_uint_eq(p.stack.guard, FREE_STACK - 4096);
	ck_assert_uint_eq(p.stack.guard_end, FREE_STACK + SYN_THREAD_SIZE + 4096);
	ck_assert_int_eq(p.state, STK_STATE_DEAD);
	ck_assert_str_eq(p.state_why, "kept for the next task");
}
END_TEST

/* Two words of each CPU, of which each may be empty or damaged. */
START_TEST(words_of_cached_stacks)
{
	static const struct {
		unsigned int nth;
		uint64_t begin;
		bool kept;
	} row[] = {
		{ 0, FREE_STACK, true },      { 1, FREE_STACK, true },
		{ 2, FREE_STACK, false },     { 0, FREE_STACK + 8, false },
		{ 0, 0x7f0000010000, false }, { 0, 0, false },
	};
	const uint64_t at = 0x1fa00;
	const struct stk_stack *stack;
	size_t nr, kept = 0;

	vm_types();
	free_stack(FREE_STACK);
	vm_struct(area(1), row[_i].begin, SYN_THREAD_SIZE + 4096, 0);
	syn_symbol(m, "cached_stacks", at);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		syn_fill(m, SYN_PERCPU(cpu) + at, 32, 0);
	syn_put64(m, SYN_PERCPU(1) + at + 8 * row[_i].nth, area(1));
	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		kept += stk_stack_is_free(&stack[i]) && stack[i].cpu >= 0;
	ck_assert_uint_eq(kept, row[_i].kept);
}
END_TEST

/* Nobody runs there: no chain begins on such a stack, nor does any go there. */
START_TEST(no_chain_on_a_free_stack)
{
	const uint64_t at = 0x1fa00;
	struct stk_chain *chain;
	struct stk_start start;

	vm_types();
	free_stack(FREE_STACK);
	vm_struct(area(1), FREE_STACK, SYN_THREAD_SIZE + 4096, 0);
	syn_symbol(m, "cached_stacks", at);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		syn_put64(m, SYN_PERCPU(cpu) + at, 0);
		syn_put64(m, SYN_PERCPU(cpu) + at + 8, 0);
	}
	syn_put64(m, SYN_PERCPU(1) + at, area(1));
	syn_irq(&c);
	s = syn_open(m);
	/* It was kept by a CPU, which has nothing to do with a chain there. */
	ck_assert_int_eq(stk_start_stack(s, FREE_STACK + 0x100, c.ip, 0, &start), STK_OK);
	ck_assert_int_eq(start.cpu, -1);
	ck_assert(!start.has_task && start.given);
	ck_assert_str_eq(stk_bad_start(s, &start),
			 "the stack pointer is on a stack that no task has");
	start = syn_start(&c);
	x86_set(&start.regs, X86_SP, FREE_STACK + 0x100);
	ck_assert_str_eq(stk_bad_start(s, &start),
			 "the stack pointer is on a stack that no task has");
	syn_put64(m, syn_irq_top(1) - 8, FREE_STACK + 0x200);
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_NOT_OWN);
	ck_assert_ptr_nonnull(strstr(chain->end_text, ", on a stack of no task)"));
	stk_chain_free(s, chain);
}
END_TEST

/* What struct vm_stack put at the base was no use of the stack; elsewhere it counts. */
START_TEST(overlay_is_no_use)
{
	struct stk_use use;
	uint64_t at = 0x1fa00;

	vm_types();
	free_stack(FREE_STACK);
	vm_struct(area(1), FREE_STACK, SYN_THREAD_SIZE + 4096, 0);
	syn_symbol(m, "cached_stacks", at);
	syn_put64(m, SYN_PERCPU(0) + at, area(1));
	for (unsigned int i = 0; i < 3; i++)
		syn_put64(m, FREE_STACK + 8 * i, ~0ull);
	if (_i)
		syn_size(m, "vm_stack", 24);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(FREE_STACK), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_DEAD);
	ck_assert_uint_eq(use.high_water, _i ? 8 : SYN_THREAD_SIZE - 8);
	ck_assert_uint_eq(use.sp, 0);
}
END_TEST

static void vmap_area(unsigned int i, uint64_t addr, uint64_t size, uint64_t caller)
{
	syn_put64(m, area(i), addr);
	syn_put64(m, area(i) + 8, addr + size);
	vm_struct(area(i) + 64, addr, size, caller);
}

static void left_behind(uint64_t caller, uint64_t size)
{
	vm_types();
	free_stack(FREE_STACK);
	vmap_area(1, syn_stack(m, sh), SYN_THREAD_SIZE + 4096, SYN_TEXT + 0x40);
	vmap_area(2, FREE_STACK, size, caller);
	list_areas(2);
	s = syn_open(m);
}

/* No CPU runs on what no task has. */
START_TEST(start_on_a_free_stack)
{
	struct stk_start start;

	syn_crash_note_regs(m, 1, 227, c.ip, 0x10, FREE_STACK + 0x2000, 0);
	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_str_eq(stk_bad_start(s, &start),
			 "the stack pointer is on a stack that no task has");
}
END_TEST

START_TEST(left_in_vmalloc)
{
	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	classify(FREE_STACK + 0x100);
	ck_assert(p.has_stack && stk_stack_is_free(&p.stack));
	ck_assert_int_eq(p.stack.cpu, -1);
	ck_assert_int_eq(p.state, STK_STATE_DEAD);
	/* Its memory is told by the direct map's address, too. */
	classify(SYN_DIRECT + p.phys);
	ck_assert(p.has_stack);
	ck_assert_uint_eq(p.stack_addr, FREE_STACK + 0x100);
}
END_TEST

/* Other people's memory is no stack; nor is a piece of another size. */
START_TEST(not_a_stack)
{
	left_behind(_i ? SYN_TEXT + 0x40 : SYN_TEXT + 0x90,
		    SYN_THREAD_SIZE + (_i ? 8192 : 4096));
	classify(FREE_STACK + 0x100);
	ck_assert(!p.has_stack);
}
END_TEST

/* Which areas are meant: neither those of tasks nor those of others. */
START_TEST(areas_of_no_task)
{
	const struct stk_task *task;
	uint64_t size = SYN_THREAD_SIZE, *begin;
	size_t nr, nr_begin;

	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_int_eq(stk_stacks_without_task(s, task, nr, &size, &begin, &nr_begin),
			 STK_OK);
	ck_assert_uint_eq(nr_begin, 1);
	ck_assert_uint_eq(begin[0], FREE_STACK);
	free(begin);
}
END_TEST

/* Where it is not known which stacks have a task, none is without. */
START_TEST(areas_without_tasks)
{
	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	ck_assert_ptr_nonnull(find(FREE_STACK));
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	ck_assert_ptr_null(find(FREE_STACK));
	ck_assert_ptr_nonnull(find(syn_irq_top(1) - 0x4000));
}
END_TEST

/* Lists that lead nowhere, or in a circle that does not come by their head. */
START_TEST(damaged_area_list)
{
	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	syn_put64(m, area(2) + 40, _i ? area(1) + 40 : 0x1234);
	s = syn_open(m);
	ck_assert_ptr_nonnull(find(FREE_STACK));
	ck_assert_ptr_nonnull(find(syn_stack(m, sh)));
}
END_TEST

/* 6.9+: several lists in an array of nodes. */
START_TEST(area_nodes)
{
	uint64_t nodes = VM_AREAS + 0x2000;

	left_behind(SYN_TEXT + 0x40, SYN_THREAD_SIZE + 4096);
	syn_no_symbol(m, "vmap_area_list");
	syn_symbol(m, "vmap_nodes", VM_AREAS + 0x1000);
	syn_symbol(m, "nr_vmap_nodes", VM_AREAS + 0x1008);
	syn_put64(m, VM_AREAS + 0x1000, nodes);
	syn_put32(m, VM_AREAS + 0x1008, 2);
	syn_size(m, "vmap_node", 0x80);
	syn_member(m, "vmap_node.busy", 0x20, 32);
	syn_member(m, "vmap_node.lazy", 0x50, 32);
	syn_member(m, "rb_list.head", 8, 16);
	for (unsigned int i = 0; i < 2; i++) {
		syn_put64(m, nodes + 0x80 * i + 0x28, area(i + 1) + 40);
		syn_put64(m, area(i + 1) + 40, nodes + 0x80 * i + 0x28);
	}
	s = syn_open(m);
	ck_assert_ptr_nonnull(find(FREE_STACK));
}
END_TEST

/* A zombie has its stack until the scheduler took it away. */
START_TEST(zombie)
{
	struct stk_use use;

	syn_set_current(m, 1, syn_idle(m, 1));
	syn_put32(m, sh + syn_off(m, "task_struct.exit_state"), 32);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(syn_stack(m, sh)), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_DEAD);
	ck_assert_str_eq(use.why, "its task has exited");
	classify(syn_stack(m, sh) + SYN_THREAD_SIZE - 8);
	ck_assert(p.has_task);
	ck_assert_uint_eq(p.task.pid, 227);
}
END_TEST

/* ---- ESPFIX ---- */

START_TEST(espfix_stack)
{
	uint64_t at = 0x1fa00, page = syn_alloc(m, 1), frame = ESPFIX + 8;

	syn_symbol(m, "espfix_stack", at);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		syn_put64(m, SYN_PERCPU(cpu) + at, cpu < 2 ? ESPFIX + 64 * cpu : 0);
	syn_map(m, ESPFIX - ESPFIX % 4096, page, 4096);
	/* The same 65536 times: two of them. */
	syn_map(m, ESPFIX - ESPFIX % 4096 + 0x10000, page, 4096);
	syn_put64(m, frame, 0x1234);
	syn_put64(m, frame + 8, 0xf);
	syn_put64(m, frame + 16, 0x202);
	syn_put64(m, frame + 24, 0x8000);
	syn_put64(m, frame + 32, 0x17);
	s = syn_open(m);
	classify(ESPFIX + 16);
	ck_assert(p.has_stack);
	ck_assert_ptr_eq(p.stack.kind, X86_STACK(ESPFIX));
	ck_assert_int_eq(p.stack.cpu, 0);
	ck_assert_uint_eq(p.stack.end - p.stack.begin, 64);
	ck_assert_uint_eq(p.stack.guard, 0);
	ck_assert_str_eq(p.view, "ESPFIX");
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(p.residue);
	ck_assert(p.residue->user);
	ck_assert_uint_eq(p.residue->ip, 0x1234);
	ck_assert_uint_eq(p.nr_aliases, 1);
	ck_assert_uint_eq(p.aliases[0].addr, SYN_DIRECT + page + ESPFIX % 4096 + 16);
	/* Its neighbour on the page, by the direct map and by a copy. */
	classify(SYN_DIRECT + page + ESPFIX % 4096 + 64);
	ck_assert_int_eq(p.stack.cpu, 1);
	ck_assert_uint_eq(p.bytes_below, 0);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
	classify(ESPFIX + 0x10000);
	ck_assert_int_eq(p.stack.cpu, 0);
	ck_assert_uint_eq(p.stack_addr, ESPFIX);
	classify(ESPFIX + 128);
	ck_assert(!p.has_stack);
}
END_TEST

/* ---- guards, and what is not in the dump ---- */

START_TEST(guards_on_both_sides)
{
	uint64_t low = syn_stack(m, sh), irq = syn_irq_top(1);

	s = syn_open(m);
	ck_assert_uint_eq(find(low)->guard, low - 4096);
	ck_assert_uint_eq(find(low)->guard_end, low + SYN_THREAD_SIZE + 4096);
	ck_assert_uint_eq(find(irq - 0x4000)->guard_end, irq + 4096);
	/* In the image and before the TSS there is none. */
	ck_assert_uint_eq(find(syn_sym(m, "__start_init_task"))->guard_end, 0);
	ck_assert_uint_eq(find(syn_cea(m, 1) + 0x1000)->guard_end, 0);
	classify(low + SYN_THREAD_SIZE + 4095);
	ck_assert_int_eq(p.guard, 1);
	ck_assert_int_eq(p.state, STK_STATE_GUARD);
	ck_assert_uint_eq(p.task.pid, 227);
	classify(low - 1);
	ck_assert_int_eq(p.guard, -1);
}
END_TEST

START_TEST(excluded_is_not_unmapped)
{
	uint64_t low = syn_stack(m, sh), data = SYN_DATA + 0x38000;
	struct stk_use use;

	syn_sleep(&c);
	syn_put64(m, data, 1);
	syn_fail(m, data, STK_ERR_EXCLUDED);
	for (uint64_t a = 0; a < SYN_THREAD_SIZE; a += 4096)
		syn_fail(m, low + a, STK_ERR_EXCLUDED);
	s = syn_open(m);
	classify(data);
	ck_assert_int_eq(p.state, STK_STATE_EXCLUDED);
	ck_assert(p.has_phys && !p.in_dump);
	classify(SYN_VMALLOC + 0x880000);
	ck_assert_int_eq(p.state, STK_STATE_UNMAPPED);
	ck_assert(!p.has_phys);
	/* A stack keeps what is known of it without its memory. */
	classify(low + 16);
	ck_assert(p.has_stack && !p.in_dump);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_int_eq(stk_stack_use(s, find(low), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_LIVE);
	ck_assert_uint_eq(use.high_water, 0);
	syn_put32(m, sh + syn_off(m, "task_struct.exit_state"), 32);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(low), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_EXCLUDED);
	/* Its pages were taken away: that is another thing. */
	for (uint64_t a = 0; a < SYN_THREAD_SIZE; a += 4096)
		syn_unmap(m, low + a);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(low), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_UNMAPPED);
	classify(low + 16);
	ck_assert_int_eq(p.state, STK_STATE_UNMAPPED);
}
END_TEST

/* ---- use ---- */

START_TEST(use_of_a_sleepers_stack)
{
	uint64_t low = syn_stack(m, sh);
	struct stk_use use;

	syn_sleep(&c);
	syn_put32(m, low, 0x57ac6e9d);
	syn_put64(m, low + 0x808, 1);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(low), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_LIVE);
	ck_assert_uint_eq(use.sp, c.sp);
	ck_assert_uint_eq(use.used, low + SYN_THREAD_SIZE - c.sp);
	ck_assert_uint_eq(use.high_water, SYN_THREAD_SIZE - 0x808);
	ck_assert(!use.has_residue);
	classify(low + 0x807);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
	classify(low + 0x808);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_null(p.residue);
}
END_TEST

START_TEST(stack_never_used)
{
	struct stk_use use;

	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, find(syn_irq_top(0) - 0x4000), &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_UNUSED);
	ck_assert_uint_eq(use.used + use.sp + use.high_water, 0);
	ck_assert(!use.has_residue);
	classify(syn_irq_top(0) - 8);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
}
END_TEST

static void put_regs(uint64_t at, uint64_t ip, uint64_t cs, uint64_t sp, uint64_t ss)
{
	syn_put64(m, at + 128, ip);
	syn_put64(m, at + 136, cs);
	syn_put64(m, at + 144, 0x246);
	syn_put64(m, at + 152, sp);
	syn_put64(m, at + 160, ss);
}

START_TEST(residue_of_the_trampoline)
{
	uint64_t top = syn_cea(m, 1) + 0x2000;

	put_regs(top - 168, 0x401000, 0x33, 0x7ffe1000, 0x2b);
	syn_crash_note(&c);
	s = syn_open(m);
	classify(top - 32);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(p.residue);
	ck_assert_uint_eq(p.residue->ip, 0x401000);
	ck_assert_uint_eq(p.residue->regs_at, top - 168);
	ck_assert(p.residue->user);
	/* SYSRET leaves the user's rsp in the topmost word. */
	syn_put64(m, top - 8, 0x7ffe2000);
	s = syn_open(m);
	classify(top - 32);
	ck_assert_ptr_nonnull(strstr(p.residue->text, "SYSRET, to user rsp 0x7ffe2000"));
	/* The kernel's own registers cannot be there. */
	put_regs(top - 168, SYN_TEXT + 0x40, 0x10, 0x7ffe1000, 0x18);
	s = syn_open(m);
	classify(top - 32);
	ck_assert_ptr_null(p.residue);
}
END_TEST

START_TEST(residue_of_an_exception)
{
	uint64_t top = syn_ist_top(m, 1, "DB"), nmi = syn_ist_top(m, 1, "NMI");

	put_regs(top - 168, SYN_TEXT + 0x40, 0x10, 0, 0x18);
	put_regs(nmi - 168, 0x401000, 0x33, 0x7ffe1000, 0x2b);
	syn_put64(m, nmi - 56, 0);
	syn_crash_note(&c);
	s = syn_open(m);
	classify(top - 8);
	ck_assert_ptr_nonnull(p.residue);
	ck_assert_uint_eq(p.residue->ip, SYN_TEXT + 0x40);
	ck_assert(!p.residue->user);
	classify(nmi - 8);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(p.residue);
	ck_assert_uint_eq(p.residue->ip, 0x401000);
	/* From user mode it leaves this stack: no registers but the frame's. */
	ck_assert_uint_eq(p.residue->regs_at, 0);
}
END_TEST

START_TEST(residue_of_the_irq_stack)
{
	struct syn_cpu before = c;
	uint64_t caller;

	syn_irq(&c);
	caller = syn_get64(m, syn_irq_top(1) - 16);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 0);
	syn_crash_note(&before);
	s = syn_open(m);
	classify(syn_irq_top(1) - 8);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(p.residue);
	ck_assert_uint_eq(p.residue->ip, caller);
}
END_TEST

static const struct unit_test none_tests[] = {
	TEST(cached_stack),
	LOOP(words_of_cached_stacks, 6),
	TEST(no_chain_on_a_free_stack),
	LOOP(overlay_is_no_use, 2),
	TEST(left_in_vmalloc),
	TEST(start_on_a_free_stack),
	LOOP(not_a_stack, 2),
	TEST(areas_without_tasks),
	TEST(areas_of_no_task),
	LOOP(damaged_area_list, 2),
	TEST(area_nodes),
	TEST(zombie),
	{ 0 },
};

static const struct unit_test around_tests[] = {
	TEST(espfix_stack),
	TEST(guards_on_both_sides),
	TEST(excluded_is_not_unmapped),
	{ 0 },
};

static const struct unit_test use_tests[] = {
	TEST(use_of_a_sleepers_stack),	 TEST(stack_never_used),
	TEST(residue_of_the_trampoline), TEST(residue_of_an_exception),
	TEST(residue_of_the_irq_stack),	 { 0 },
};

const struct unit_suite suite_stacks = {
	"stacks",
	{
		{ "without a task", none_tests, fixture_syscall, NULL },
		{ "around", around_tests, fixture_syscall, NULL },
		{ "use", use_tests, fixture_syscall, NULL },
	},
};
