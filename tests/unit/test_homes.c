/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that an address is told without a list of all tasks where the vmalloc areas, a
 * stack's own words, the page and a task's neighbours tell; that all is the same as with
 * that list; and that it is asked as soon as one of them does not. And that of a stack
 * which two claim the one is told who has a second word for it, and the other doubted.
 */
#include "fixture.h"
#include "suite.h"

#include <stackinfo/overview.h>
#include <stackinfo/place.h>
#include <stackinfo/unwind.h>
#include <string.h>

#include "base/context.h"
#include "kernel/task_linked.h"

#define AREAS	   (SYN_DATA + 0x30000)
#define CACHE	   (SYN_DATA + 0x32000)
#define OTHER	   (CACHE + 0x200) /* another cache */
#define PAGES	   (SYN_DATA + 0x33000)
#define FREE_STACK (SYN_VMALLOC + 0x900000)
#define BUFFER	   (SYN_VMALLOC + 0xa00000)
#define LOWEST	   (SYN_VMALLOC + 0x1000)
#define NR_AREAS   4u
#define FLAG	   9u /* PG_slab */

/* Of a slab of @nr objects, one in use, which a CPU allocates from. */
#define COUNTERS(nr) (0xffull << 32 | 1u << 31 | (nr) << 16 | 1u)

static struct stk *s;
static uint64_t sleeper;

/* The vmap_area @i, behind which its vm_struct lies; 0: the list's head. */
static uint64_t area(unsigned int i)
{
	return AREAS + 0x100 * i;
}

static void add_types(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} type[] = {
		{ "task_struct.group_leader", 1716, 8 },
		{ "vmap_area", 0, 64 },
		{ "vmap_area.va_start", 0, 8 },
		{ "vmap_area.va_end", 8, 8 },
		{ "vmap_area.list", 40, 16 },
		{ "vmap_area.vm", 56, 8 },
		{ "vm_struct", 0, 64 },
		{ "vm_struct.addr", 8, 8 },
		{ "vm_struct.size", 16, 8 },
		{ "vm_struct.flags", 24, 8 },
		{ "vm_struct.pages", 32, 8 },
		{ "vm_struct.nr_pages", 40, 4 },
		{ "vm_struct.phys_addr", 48, 8 },
		{ "vm_struct.caller", 56, 8 },
		{ "page", 0, 64 },
		{ "page.flags", 0, 8 },
		{ "page.compound_head", 8, 8 },
		{ "slab.slab_cache", 24, 8 },
		{ "slab.counters", 40, 8 },
		{ "page.page_type", 48, 4 },
		{ "kmem_cache.refcount", 0, 4 },
		{ "kmem_cache.size", 8, 4 },
		{ "kmem_cache.object_size", 16, 4 },
		{ "kmem_cache.oo", 20, 4 },
		{ "kmem_cache.min", 24, 4 },
		{ "kmem_cache.list", 32, 16 },
	};

	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++)
		if (strchr(type[i].name, '.'))
			syn_member(m, type[i].name, type[i].offset, type[i].size);
		else
			syn_size(m, type[i].name, type[i].size);
}

static uint64_t page_at(uint64_t direct)
{
	return SYN_VMEMMAP + ((direct - SYN_DIRECT) >> 12) * 64;
}

/* Areas ascend. */
static void add_area(unsigned int i, uint64_t addr, uint64_t size)
{
	const uint64_t vm = area(i) + 64;

	syn_put64(m, area(i), addr);
	syn_put64(m, area(i) + 8, addr + size);
	syn_put64(m, area(i) + 40, area((i + 1) % (NR_AREAS + 1)) + 40);
	syn_put64(m, area(i) + 48, area(i - 1) + 40);
	syn_put64(m, area(i) + 56, vm);
	syn_fill(m, vm, 64, 0);
	syn_put64(m, vm + 8, addr);
	syn_put64(m, vm + 16, size);
	syn_put64(m, vm + 56, SYN_TEXT + 0x40);
}

static void add_areas(void)
{
	const uint64_t size = SYN_THREAD_SIZE + 4096;
	const uint64_t a = syn_stack(m, sh), b = syn_stack(m, sleeper);

	add_area(1, a < b ? a : b, size);
	add_area(2, a < b ? b : a, size);
	add_area(3, FREE_STACK, size);
	add_area(4, BUFFER, 2 * size);
	syn_symbol(m, "vmap_area_list", area(0) + 40);
	syn_put64(m, area(0) + 40, area(1) + 40);
	syn_put64(m, area(0) + 48, area(NR_AREAS) + 40);
}

/* The task behind the first one. */
static uint64_t next_task(void)
{
	const uint64_t tasks = syn_off(m, "task_struct.tasks");

	return syn_get64(m, syn_sym(m, "init_task") + tasks) - tasks;
}

/* A task_struct is an object of a slab of two pages. */
static void add_slab_of(uint64_t task)
{
	syn_fill(m, page_at(task), 2 * 64, 0);
	syn_put64(m, page_at(task), 1ull << FLAG);
	syn_put64(m, page_at(task) + 64 + 8, page_at(task) + 1);
	syn_put64(m, page_at(task) + 24, CACHE);
	syn_put64(m, page_at(task) + 40, COUNTERS(1));
}

static void add_slabs(void)
{
	add_slab_of(sleeper);
	add_slab_of(next_task());
	syn_vmcoreinfo(m, "NUMBER(PG_slab)", "%u", FLAG);
	syn_symbol(m, "task_struct_cachep", CACHE - 8);
	syn_put64(m, CACHE - 8, CACHE);
	syn_put32(m, CACHE, 1);
	syn_put32(m, CACHE + 8, 0x2000);
	syn_put32(m, CACHE + 16, 0x1800);
	syn_put32(m, CACHE + 20, 1u << 16 | 1);
	syn_put32(m, OTHER + 20, 3u << 16 | 8);
	syn_put32(m, OTHER + 24, 2u << 16 | 4);
	for (uint64_t at = CACHE; at <= OTHER; at += OTHER - CACHE) {
		syn_put64(m, at + 32, at + 32);
		syn_put64(m, at + 40, at + 32);
	}
}

static void setup(void)
{
	sleeper = fixture_sleeper();
	add_types();
	add_areas();
	add_slabs();
	for (uint64_t at = FREE_STACK; at < FREE_STACK + SYN_THREAD_SIZE; at += 4096)
		syn_map(m, at, syn_alloc(m, 1), 4096);
	syn_map(m, BUFFER, syn_alloc(m, 1), 4096);
	syn_put64(m, sh + syn_off(m, "task_struct.group_leader"), sh);
	syn_put64(m, sleeper + syn_off(m, "task_struct.group_leader"), sleeper);
	syn_put64(m, syn_stack(m, sleeper) + SYN_THREAD_SIZE - 0x100, sleeper);
}

static bool is_listed(void)
{
	return s->tasks.value != NULL;
}

/* Whether all tasks were asked; the answer is what it is with them. */
static bool asks_tasks(uint64_t addr, struct stk_place *p)
{
	const struct stk_task *task;
	struct stk_place want;
	size_t nr;
	bool listed;

	s = syn_open(m);
	ck_assert_int_eq(stk_classify(s, addr, p), STK_OK);
	listed = is_listed();
	s = syn_open(m);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_int_eq(stk_classify(s, addr, &want), STK_OK);
	ck_assert_int_eq(p->state, want.state);
	ck_assert_int_eq(p->has_stack, want.has_stack);
	ck_assert_mem_eq(&p->stack, &want.stack, sizeof(want.stack));
	ck_assert_int_eq(p->guard, want.guard);
	ck_assert_uint_eq(p->stack_addr, want.stack_addr);
	ck_assert_int_eq(p->has_task, want.has_task);
	if (p->has_task)
		ck_assert_mem_eq(&p->task, &want.task, sizeof(want.task));
	ck_assert_uint_eq(p->object.begin, want.object.begin);
	ck_assert_uint_eq(p->object.size, want.object.size);
	ck_assert_uint_eq(p->nr_aliases, want.nr_aliases);
	return listed;
}

static uint64_t direct_of(uint64_t addr)
{
	uint64_t phys;

	s = syn_open(m);
	ck_assert_int_eq(stk_translate(s, addr, &phys), STK_OK);
	return SYN_DIRECT + phys;
}

/* A sleeper's stack, a running task's, their guards, and the same by the direct map. */
START_TEST(on_stacks)
{
	const uint64_t task[] = { sh, sleeper };
	const uint64_t begin = syn_stack(m, task[_i]);
	const int64_t at[] = { 0,     0x100,	       SYN_THREAD_SIZE - 1,   -1,
			       -4096, SYN_THREAD_SIZE, SYN_THREAD_SIZE + 4095 };
	struct stk_place p;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		ck_assert(!asks_tasks(begin + (uint64_t)at[i], &p));
		ck_assert(p.has_stack && p.stack.task == task[_i]);
		ck_assert_int_eq(p.guard, i < 3 ? 0 : i < 5 ? -1 : 1);
	}
	ck_assert(!asks_tasks(direct_of(begin + 0x1008), &p));
	ck_assert(p.has_stack && p.stack.task == task[_i]);
	ck_assert_uint_eq(p.stack_addr, begin + 0x1008);
}
END_TEST

/* The page tables tell which pages it has, whatever its area says. */
START_TEST(by_its_pages)
{
	const uint64_t begin = syn_stack(m, sleeper);
	const unsigned int i = begin < syn_stack(m, sh) ? 1 : 2;
	struct stk_place p;

	syn_put64(m, area(i) + 64 + 32, PAGES);
	syn_put32(m, area(i) + 64 + 40, SYN_THREAD_SIZE / 4096);
	syn_fill(m, PAGES, SYN_THREAD_SIZE / 4096 * 8, 0);
	syn_put64(m, area(i) + 64 + 48, 0x1000);
	ck_assert(!asks_tasks(direct_of(begin + 0x3ff8), &p));
	ck_assert_uint_eq(p.stack_addr, begin + 0x3ff8);
}
END_TEST

/* What lies on a CPU's stack, which is no area of the tasks' kind. */
START_TEST(of_a_cpu)
{
	const uint64_t irq = syn_irq_top(1) - 0x108, direct = direct_of(irq);
	struct stk_place p;

	syn_fill(m, page_at(direct), 64, 0);
	ck_assert(!asks_tasks(direct, &p));
	ck_assert(p.has_stack && p.stack.cpu == 1);
	ck_assert_uint_eq(p.stack_addr, irq);
}
END_TEST

/* What nobody has is no stack; but a piece that looks like one may be. */
START_TEST(on_no_stack)
{
	const uint64_t none[] = { BUFFER,
				  BUFFER + 0x5008,
				  SYN_VMALLOC + 0xb00000,
				  FREE_STACK - 4097,
				  FREE_STACK + SYN_THREAD_SIZE + 4096,
				  0x5a5a5a5a5a5a5a5aull,
				  0x1234 };
	struct stk_place p;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ck_assert(!asks_tasks(none[i], &p));
		ck_assert(!p.has_stack && !p.object.what);
	}
	ck_assert(asks_tasks(FREE_STACK + 0x100, &p));
	ck_assert(p.has_stack && stk_stack_is_free(&p.stack));
	ck_assert(asks_tasks(direct_of(FREE_STACK + 0x100), &p));
	ck_assert_uint_eq(p.stack_addr, FREE_STACK + 0x100);
}
END_TEST

/* One word more or less, and the list has to tell. */
START_TEST(not_sure)
{
	const uint64_t node = sleeper + syn_off(m, "task_struct.tasks"),
		       thread = sleeper + syn_off(m, "task_struct.thread_node"),
		       end = syn_stack(m, sleeper) + SYN_THREAD_SIZE;
	const struct {
		uint64_t at, value;
	} word[] = {
		{ end - 0x100, 0 },
		{ end - 0x100, sh },
		{ sleeper + syn_off(m, "task_struct.stack_vm_area"), area(3) + 64 },
		{ sleeper + syn_off(m, "task_struct.group_leader"), sh },
		/* Two that are in no process are not in the same one. */
		{ sleeper + syn_off(m, "task_struct.signal"), 0 },
		{ syn_get64(m, node) + 8, node - 8 },
		{ syn_get64(m, thread) + 8, thread - 8 },
		{ area(3) + 48, area(1) + 40 }, /* two areas lead to one before */
		{ area(1) + 40, 0 },
		/* A list that ends before it began, and areas that are not where they
		 * were made. */
		{ area(0) + 48, area(1) + 40 },
		{ area(0) + 40, area(0) + 40 },
		{ area(4) + 8, BUFFER + 4096 },
		{ area(4) + 64 + 8, BUFFER + 4096 },
		{ area(4) + 64 + 16, 4096 },
		{ area(4) + 56, 8 },
	};
	struct stk_place p;

	syn_put64(m, word[_i].at, word[_i].value);
	ck_assert(asks_tasks(end - 0x200, &p));
	ck_assert(p.has_stack && p.stack.task == sleeper);
}
END_TEST

/* No area is a stack that somebody runs on: then who knows what stacks look like. */
START_TEST(no_stack_is_an_area)
{
	struct stk_place p;

	syn_put64(m, area(syn_stack(m, sh) < syn_stack(m, sleeper) ? 1 : 2) + 8,
		  syn_stack(m, sh) + SYN_THREAD_SIZE);
	ck_assert(asks_tasks(BUFFER, &p));
}
END_TEST

/* One that nobody is known to run on is none, even if it lies below all others. */
START_TEST(no_stack_but_the_lowest_is_an_area)
{
	struct stk_place p;

	add_area(1, LOWEST, SYN_THREAD_SIZE + 4096);
	syn_put64(m, area(2) + 8, syn_stack(m, sh) + SYN_THREAD_SIZE);
	ck_assert(asks_tasks(BUFFER, &p));
}
END_TEST

/* Stacks that are not mapped may be anywhere. */
START_TEST(no_areas)
{
	struct stk_place p;

	syn_no_member(m, "task_struct.stack_vm_area");
	ck_assert(asks_tasks(BUFFER, &p));
}
END_TEST

/* That a neighbour is missing is no loss: the lists are asked, and may do without it. */
START_TEST(a_neighbour_is_missing)
{
	const uint64_t next = syn_get64(m, sleeper + syn_off(m, "task_struct.tasks"));
	struct stk_losses l;
	struct stk_task task;

	s = syn_open(m);
	ck_assert(stk_task_linked(s, sleeper, &task));
	syn_fail(m, next, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert(!stk_task_linked(s, sleeper, &task));
	ck_assert(!stk_get_losses(s, &l, sizeof(l)));
}
END_TEST

/* Whoever asks for many is served by the list. */
START_TEST(many)
{
	struct stk_place p;
	unsigned int i;

	s = syn_open(m);
	for (i = 0; i < 1000 && !is_listed(); i++)
		ck_assert_int_eq(stk_classify(s, BUFFER + i, &p), STK_OK);
	ck_assert_uint_gt(i, 8);
	ck_assert_uint_lt(i, 100);
}
END_TEST

/* A task_struct is told by its page, and so is what is none. */
START_TEST(task_structs)
{
	const uint64_t other = SYN_DIRECT + syn_alloc(m, 1);
	struct stk_place p;

	ck_assert(!asks_tasks(sleeper + 0x17ff, &p));
	ck_assert(p.has_task && p.task.addr == sleeper);
	ck_assert_uint_eq(p.object.size, 0x1800);
	/* The page is not that of a slab, or of another. */
	syn_fill(m, page_at(other), 64, 0);
	ck_assert(!asks_tasks(other, &p));
	ck_assert(!p.has_task && !p.object.what);
	syn_put64(m, page_at(other), 1ull << FLAG);
	syn_put64(m, page_at(other) + 24, OTHER);
	for (unsigned int nr = 4; nr <= 8; nr++) {
		syn_put64(m, page_at(other) + 40, COUNTERS(nr));
		ck_assert_int_eq(asks_tasks(other, &p), nr != 4 && nr != 8);
		ck_assert(!p.has_task && !p.object.what);
	}
	/* The first one is in the image. */
	ck_assert(asks_tasks(syn_sym(m, "init_task") + 8, &p));
	ck_assert(p.has_task);
}
END_TEST

/* One word more or less. */
START_TEST(task_not_sure)
{
	const uint64_t page = page_at(sleeper), next = page_at(next_task()),
		       node = sleeper + syn_off(m, "task_struct.tasks");
	const struct {
		uint64_t at, value;
	} word[] = {
		{ page, 0 },
		{ page + 24, OTHER + 8 },
		{ page + 24, 0 },
		{ syn_get64(m, node) + 8, node - 8 },
		{ CACHE + 16, 0 },
		{ CACHE - 8, 0 },
		{ CACHE - 8, OTHER },
		{ next, 0 },
		{ page + 24, OTHER },
		{ page + 64 + 8, 0 },
		{ page + 64 + 8, page_at(sh) + 1 },
	};
	const unsigned int tail = _i >= 9 ? 0x1000 : 0;
	struct stk_place p;

	syn_put64(m, word[_i].at, word[_i].value);
	ck_assert(asks_tasks(sleeper + tail + 0x10, &p));
	ck_assert(p.has_task && p.task.addr == sleeper);
}
END_TEST

/* Nor does the number of its objects tell, where both caches give as many to a slab. */
START_TEST(as_many_objects)
{
	const uint64_t page = page_at(sleeper);
	struct stk_place p;

	syn_put32(m, OTHER + 20, 3u << 16 | 1);
	syn_put64(m, page + 24, OTHER);
	ck_assert(asks_tasks(sleeper + 0x10, &p));
	ck_assert(p.has_task && p.task.addr == sleeper);
	/* A page without objects is no slab's. */
	syn_put32(m, OTHER + 20, 0);
	syn_put64(m, page + 40, COUNTERS(0));
	ck_assert(asks_tasks(sleeper + 0x10, &p));
	ck_assert(p.has_task && p.task.addr == sleeper);
}
END_TEST

/* Where no page tells whether it is of a slab, none tells that it is of another. */
START_TEST(slabs_not_told)
{
	struct stk_place p;

	syn_vmcoreinfo(m, "NUMBER(PG_slab)", "%u", 64 + FLAG);
	syn_put64(m, page_at(sleeper) + 24, OTHER);
	ck_assert(asks_tasks(sleeper + 0x10, &p));
	ck_assert(p.has_task && p.task.addr == sleeper);
}
END_TEST

/* ---- whose it is not ---- */

/* Each task keeps the area of its stack. */
static void setup_keepers(void)
{
	unsigned int of_sh;

	setup();
	of_sh = syn_stack(m, sh) < syn_stack(m, sleeper) ? 1 : 2;
	syn_put64(m, sh + syn_off(m, "task_struct.stack_vm_area"), area(of_sh) + 64);
	syn_put64(m, sleeper + syn_off(m, "task_struct.stack_vm_area"),
		  area(3 - of_sh) + 64);
}

/* The stack of @kind that @cpu or @task has, among all of them, and why not, or NULL. */
static const char *doubt_of(const struct stk_kind *kind, int cpu, uint64_t task,
			    uint64_t begin)
{
	const struct stk_stack *all;
	size_t nr;

	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		if (all[i].kind == kind && all[i].cpu == cpu && all[i].task == task &&
		    all[i].begin == begin)
			return all[i].doubt;
	ck_abort_msg("there is no such stack at %#llx", (unsigned long long)begin);
	return NULL;
}

/* Each of its bytes, by each of its addresses, is that task's, as far as is known. */
static void expect_task(uint64_t begin, uint64_t task, const char *doubt)
{
	const uint64_t at[] = { begin, begin + 0x1800, begin + SYN_THREAD_SIZE - 8,
				direct_of(begin + 0x1808) };
	struct stk_place p;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		s = syn_open(m);
		ck_assert_int_eq(stk_classify(s, at[i], &p), STK_OK);
		ck_assert(p.has_stack && stk_stack_is_task(&p.stack));
		ck_assert_uint_eq(p.stack.task, task);
		ck_assert_int_eq(p.stack.cpu, -1);
		ck_assert_uint_eq(p.stack.begin, begin);
		ck_assert_pstr_eq(p.stack.doubt, doubt);
	}
}

#define LEADS_ELSEWHERE "its task's pointer to its stack leads elsewhere"
#define OTHER_AREA	"its task's vmalloc area is another one"
#define OTHER_PAGES	"its pages are not those that the CPU has for it"

/* Nothing is doubted where all is as it should be. */
START_TEST(no_doubt)
{
	const struct stk_stack *all;
	size_t nr;

	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	ck_assert_uint_gt(nr, 10);
	for (size_t i = 0; i < nr; i++)
		ck_assert_ptr_null(all[i].doubt);
	expect_task(syn_stack(m, sh), sh, NULL);
	expect_task(syn_stack(m, sleeper), sleeper, NULL);
}
END_TEST

/*
 * A CPU's pointer to its stack leads to a task's, or into one: the CPU has pages for it,
 * and they are others; or only the task has a second word, whether its stack names it or
 * not.
 */
START_TEST(a_cpu_claims_a_task_s)
{
	const uint64_t into = _i & 2 ? 0x1000 : 0, begin = syn_stack(m, sleeper) + into;
	const bool has_store = _i & 1;

	if (!has_store)
		syn_no_symbol(m, "irq_stack_backing_store");
	if (_i & 4)
		syn_put64(m, syn_stack(m, sleeper) + SYN_THREAD_SIZE - 0x100, 0);
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0), begin + 0x4000 - 8);
	expect_task(syn_stack(m, sleeper), sleeper, NULL);
	ck_assert_str_eq(doubt_of(X86_STACK(IRQ), 0, 0, begin),
			 has_store ? OTHER_PAGES
				   : "it is the TASK stack of PID 300 \"sleeper\"");
	/* The next one's is its own. */
	ck_assert_ptr_null(doubt_of(X86_STACK(IRQ), 1, 0, syn_irq_top(1) - 0x4000));
}
END_TEST

/* Or to one that waits for a task, which nothing proves, either. */
START_TEST(a_cpu_claims_a_free_one)
{
	struct stk_place p;

	syn_no_symbol(m, "irq_stack_backing_store");
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0), FREE_STACK + 0x4000 - 8);
	s = syn_open(m);
	ck_assert_int_eq(stk_classify(s, FREE_STACK + 0x100, &p), STK_OK);
	ck_assert_ptr_nonnull(p.stack.doubt);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, 0, FREE_STACK),
			 "it is the IRQ stack of CPU 0");
	ck_assert_str_eq(doubt_of(X86_STACK(IRQ), 0, 0, FREE_STACK),
			 "it is another one's, too");
}
END_TEST

/* A task's second word says that it has another one: a CPU's is not doubted for that. */
START_TEST(a_task_claims_a_cpu_s)
{
	const uint64_t begin = syn_irq_top(1) - 0x4000;
	struct stk_place p;

	syn_no_symbol(m, "irq_stack_backing_store");
	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), begin);
	s = syn_open(m);
	ck_assert_ptr_null(doubt_of(X86_STACK(IRQ), 1, 0, begin));
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sleeper, begin), OTHER_AREA);
	ck_assert_int_eq(stk_classify(s, begin + 0x100, &p), STK_OK);
	ck_assert(p.stack.cpu == 1 && !p.stack.doubt);
}
END_TEST

/* The guard of a stack that nothing speaks against comes before one that is in doubt. */
START_TEST(claims_a_guard)
{
	const uint64_t begin = syn_stack(m, sh);
	struct stk_place p;

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"),
		  _i ? begin + 0x1000 : begin - 0x1000);
	s = syn_open(m);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sleeper,
				  _i ? begin + 0x1000 : begin - 0x1000),
			 OTHER_AREA);
	ck_assert_int_eq(stk_classify(s, _i ? begin + 0x4800 : begin - 0x800, &p),
			 STK_OK);
	ck_assert(p.stack.task == sh && !p.stack.doubt);
	ck_assert_int_eq(p.guard, _i ? 1 : -1);
}
END_TEST

/* Where the machine goes on, a task may have ended since it was listed. */
START_TEST(nothing_doubted_alive)
{
	const uint64_t own = syn_stack(m, sleeper);
	const struct stk_stack *all;
	size_t nr;

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), BUFFER);
	s = syn_open(m);
	s->target.live = true;
	ck_assert_ptr_null(doubt_of(X86_STACK(TASK), -1, sleeper, BUFFER));
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		ck_assert(all[i].begin != own || !all[i].task);
}
END_TEST

/* A pointer of a CPU leads to another's: which of them is damaged nothing tells. */
START_TEST(a_cpu_claims_a_cpu_s)
{
	const uint64_t begin = syn_irq_top(1) - 0x4000;

	syn_no_symbol(m, "irq_stack_backing_store");
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0), begin + 0x4000 - 8);
	s = syn_open(m);
	ck_assert_str_eq(doubt_of(X86_STACK(IRQ), 0, 0, begin),
			 "it is the IRQ stack of CPU 1");
	ck_assert_str_eq(doubt_of(X86_STACK(IRQ), 1, 0, begin),
			 "it is the IRQ stack of CPU 0");
}
END_TEST

/* Each of the two that claim the stack at @begin has a row. */
static void expect_rows(uint64_t begin)
{
	const uint64_t task[] = { sh, sleeper };
	struct stk_stack stack = { .kind = X86_STACK(TASK), .cpu = -1, .begin = begin };
	struct stk_overview o;

	ck_assert_int_eq(stk_overview(s, &o), STK_OK);
	for (size_t i = 0; i < 2; i++) {
		stack.task = task[i];
		ck_assert_uint_eq(stk_overview_row(&o, &stack)->stack.task, task[i]);
	}
	stk_overview_free(s, &o);
}

/* A task's pointer leads to another's stack: its area tells which one is its own. */
START_TEST(a_task_claims_a_task_s)
{
	const uint64_t own = syn_stack(m, sleeper), other = syn_stack(m, sh);
	struct stk_start start;
	struct stk_chain *chain;
	struct stk_task task;

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), other);
	expect_task(other, sh, NULL);
	expect_task(own, sleeper, LEADS_ELSEWHERE);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sleeper, other), OTHER_AREA);
	expect_rows(other);
	/* It slept there: its frames are told, but none is certain. */
	ck_assert_int_eq(stk_task_read(s, sleeper, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_uint_gt(chain->segments->nr_frames, 2);
	ck_assert_uint_eq(chain->segments->stack.begin, own);
	for (size_t i = 0; i < chain->segments->nr_frames; i++)
		ck_assert(!chain->segments->frames[i].reliable);
	stk_chain_free(s, chain);
}
END_TEST

/* Who gives registers of such a stack is told, too. */
START_TEST(given_on_a_doubted_stack)
{
	const uint64_t own = syn_stack(m, sleeper), regs = own + 0x2000;
	struct stk_start start;

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), syn_stack(m, sh));
	syn_put64(m, regs + 152, own + 0x3000); /* sp */
	s = syn_open(m);
	ck_assert_int_eq(stk_start_regs(s, regs, &start), STK_OK);
	ck_assert_str_eq(start.doubt, LEADS_ELSEWHERE);
}
END_TEST

/* Or to none, whoever asked for its area; but what is no pointer is no task's. */
START_TEST(a_task_lost_its_stack)
{
	const uint64_t to[] = { 0, SYN_VMALLOC + 0xb00000, BUFFER, SYN_TEXT, 0x1238 };
	const uint64_t own = syn_stack(m, sleeper);
	struct stk_place p;

	for (unsigned int i = 1; i <= 2; i++)
		if (syn_get64(m, area(i)) == own)
			syn_put64(m, area(i) + 64 + 56, SYN_TEXT + 0x80);
	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), to[_i]);
	if (_i < 4) {
		expect_task(own, sleeper, LEADS_ELSEWHERE);
		return;
	}
	for (unsigned int i = 1; i <= 2; i++)
		syn_put64(m, area(i) + 64 + 56, SYN_TEXT + 0x40);
	ck_assert(asks_tasks(own + 0x100, &p));
	ck_assert(stk_stack_is_free(&p.stack));
	ck_assert_str_eq(p.stack.doubt, "tasks are missing from the list");
}
END_TEST

/* An area that is not of a stack's size is none, whoever keeps it; nor is a freed one. */
START_TEST(what_it_keeps_is_no_stack)
{
	const uint64_t own = syn_stack(m, sleeper);
	struct stk_place p;

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack_vm_area"), area(4) + 64);
	s = syn_open(m);
	ck_assert_int_eq(stk_classify(s, BUFFER + 0x100, &p), STK_OK);
	ck_assert(!p.has_stack);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sleeper, own), OTHER_AREA);
	ck_assert_int_eq(stk_classify(s, BUFFER + 0x100, &p), STK_OK);
	ck_assert(!p.has_stack);
	/* One that another has is that one's. */
	for (unsigned int i = 1; i <= 2; i++)
		if (syn_get64(m, area(i)) != own)
			syn_put64(m, sleeper + syn_off(m, "task_struct.stack_vm_area"),
				  area(i) + 64);
	expect_task(syn_stack(m, sh), sh, NULL);
	expect_task(own, sleeper, OTHER_AREA);
}
END_TEST

/* So does that of one that runs. */
START_TEST(a_running_task_claims_a_task_s)
{
	const uint64_t own = syn_stack(m, sh), other = syn_stack(m, sleeper);

	syn_put64(m, sh + syn_off(m, "task_struct.stack"), other);
	expect_task(other, sleeper, NULL);
	expect_task(own, sh, LEADS_ELSEWHERE);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sh, other), OTHER_AREA);
}
END_TEST

/* Of stacks that are not mapped there is no second word: both are in doubt. */
START_TEST(no_second_word)
{
	const uint64_t begin = syn_stack(m, sh);

	syn_no_member(m, "task_struct.stack_vm_area");
	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), begin);
	s = syn_open(m);
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sleeper, begin),
			 "it is the TASK stack of PID 227 \"sh\"");
	ck_assert_str_eq(doubt_of(X86_STACK(TASK), -1, sh, begin),
			 "it is the TASK stack of PID 300 \"sleeper\"");
}
END_TEST

/* What nobody keeps is nobody's. */
START_TEST(nobody_keeps_it)
{
	struct stk_place p;

	ck_assert(asks_tasks(FREE_STACK + 0x100, &p));
	ck_assert(stk_stack_is_free(&p.stack) && !p.stack.doubt);
	syn_put64(m, area(3) + 56, 0);
	syn_put64(m, sleeper + syn_off(m, "task_struct.stack_vm_area"), 0);
	ck_assert(asks_tasks(FREE_STACK + 0x100, &p));
	ck_assert(!p.has_stack);
}
END_TEST

static const struct unit_test doubt_tests[] = {
	TEST(no_doubt),
	LOOP(a_cpu_claims_a_task_s, 8),
	TEST(a_cpu_claims_a_free_one),
	TEST(a_cpu_claims_a_cpu_s),
	TEST(a_task_claims_a_cpu_s),
	LOOP(claims_a_guard, 2),
	TEST(nothing_doubted_alive),
	TEST(a_task_claims_a_task_s),
	LOOP(a_task_lost_its_stack, 5),
	TEST(what_it_keeps_is_no_stack),
	TEST(given_on_a_doubted_stack),
	TEST(a_running_task_claims_a_task_s),
	TEST(no_second_word),
	TEST(nobody_keeps_it),
	{ 0 },
};

static const struct unit_test stack_tests[] = {
	LOOP(on_stacks, 2),
	TEST(by_its_pages),
	TEST(of_a_cpu),
	TEST(on_no_stack),
	LOOP(not_sure, 15),
	TEST(no_stack_is_an_area),
	TEST(no_stack_but_the_lowest_is_an_area),
	TEST(no_areas),
	TEST(many),
	{ 0 },
};

static const struct unit_test task_tests[] = {
	TEST(task_structs),   LOOP(task_not_sure, 11),	    TEST(as_many_objects),
	TEST(slabs_not_told), TEST(a_neighbour_is_missing), { 0 },
};

const struct unit_suite suite_homes = {
	"homes",
	{
		{ "stacks", stack_tests, setup, fixture_free },
		{ "tasks", task_tests, setup, fixture_free },
		{ "doubts", doubt_tests, setup_keepers, fixture_free },
	},
};
