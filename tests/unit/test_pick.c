/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that where a vendor's kernel has two places for one thing, as RHEL 9.3-9.6 have
 * for a task's CPU, the one in use is taken, whichever it is; that equals keep the order;
 * and that nothing is guessed when neither agrees with what else is known.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#include "kernel/modules.h"
#include "kernel/pick.h"
#include "kernel/vmalloc.h"

#define HOT   0x1f100ull /* per-CPU */
#define AREAS (SYN_DATA + 0xa000)

static struct stk *s;
static uint64_t cat;

static void setup(void)
{
	fixture_kernel();
	sh = syn_task(m, "sh", 227, 0);
	cat = syn_task(m, "cat", 228, 0);
	syn_set_current(m, 1, sh);
}

static struct stk_task read_task(uint64_t task)
{
	struct stk_task t;

	ck_assert_int_eq(stk_task_read(s, task, &t), STK_OK);
	return t;
}

/* ---- the CPU of a task ---- */

#define TI_CPU 20u
#define TS_CPU 60u

/* @ti and @ts: 1 is written by the kernel, 0 is not, -1 is damaged. */
static void two_cpus(int ti, int ts)
{
	const int live[] = { ti, ts };
	const uint32_t offset[] = { TI_CPU, TS_CPU };

	syn_member(m, "thread_info.cpu", TI_CPU, 4);
	syn_member(m, "task_struct.cpu", TS_CPU, 4);
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
			syn_put32(m, syn_idle(m, cpu) + offset[i],
				  live[i] > 0	? cpu
				  : live[i] < 0 ? 2 - cpu
						: 0);
		syn_put32(m, sh + offset[i], live[i] > 0 ? 1 : 0);
		syn_put32(m, cat + offset[i], live[i] > 0 ? 1 + i : 0);
	}
	s = syn_open(m);
}

/* RHEL 9.3-9.6 */
START_TEST(thread_info_cpu_not_written)
{
	two_cpus(0, 1);
	ck_assert_int_eq(read_task(sh).cpu, 1);
	ck_assert_int_eq(read_task(cat).cpu, 2);
	ck_assert_int_eq(read_task(syn_idle(m, 2)).cpu, 2);
}
END_TEST

START_TEST(task_struct_cpu_not_written)
{
	two_cpus(1, 0);
	ck_assert_int_eq(read_task(sh).cpu, 1);
	ck_assert_int_eq(read_task(cat).cpu, 1);
}
END_TEST

/* Both agree with all idle tasks: the newer one. */
START_TEST(cpu_tie)
{
	two_cpus(1, 1);
	ck_assert_int_eq(read_task(cat).cpu, 1);
}
END_TEST

/* One damaged idle task does not change it. */
START_TEST(cpu_majority)
{
	two_cpus(0, 1);
	syn_put32(m, syn_idle(m, 2) + TS_CPU, 77);
	s = syn_open(m);
	ck_assert_int_eq(read_task(cat).cpu, 2);
}
END_TEST

START_TEST(cpu_unknown)
{
	static const int live[][2] = { { 0, 0 }, { 0, -1 }, { -1, 0 }, { -1, -1 } };
	struct stk_picked at;

	two_cpus(live[_i][0], live[_i][1]);
	ck_assert_int_eq(read_task(sh).cpu, -1);
	ck_assert_int_eq(read_task(cat).cpu, -1);
	ck_assert_int_eq(stk_pick(s, STK_PICK_TASK_CPU, &at), STK_ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "the CPU of a task"));
	/* A running task's is known all the same: the CPU names it. */
	{
		struct stk_start start;

		syn_crash_note_regs(m, 1, 227, syn_sym(m, "task_spin"), 0x10,
				    syn_stack(m, sh) + 0x3000, 0);
		s = syn_open(m);
		ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
		ck_assert_uint_eq(start.task.pid, 227);
		ck_assert_int_eq(start.cpu, 1);
	}
}
END_TEST

/* No run queues, no second fact: the order stays. A single place is not asked about. */
START_TEST(cpu_without_second_fact)
{
	two_cpus(0, 0);
	syn_no_member(m, "task_struct.cpu");
	s = syn_open(m);
	ck_assert_int_eq(read_task(cat).cpu, 0);
	two_cpus(1, 1);
	syn_no_symbol(m, "runqueues");
	s = syn_open(m);
	ck_assert_int_eq(read_task(cat).cpu, 1);
}
END_TEST

/* ---- the current task ---- */

static void two_currents(bool hot, bool own)
{
	syn_symbol(m, "pcpu_hot", HOT);
	syn_member(m, "pcpu_hot.current_task", 0, 8);
	syn_member(m, "rq.curr", 0x908, 8);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		uint64_t task = cpu ? sh : syn_idle(m, 0);

		syn_put64(m, syn_percpu(m, "runqueues", cpu) + 0x908, task);
		syn_put64(m, SYN_PERCPU(cpu) + HOT, hot ? task : cat);
		syn_put64(m, syn_percpu(m, "current_task", cpu), own ? task : cat);
	}
	s = syn_open(m);
}

START_TEST(current_of_two_places)
{
	struct stk_task t;

	two_currents(_i != 0, _i != 1);
	ck_assert_int_eq(stk_cpu_current(s, 1, &t), STK_OK);
	ck_assert_uint_eq(t.pid, 227);
	ck_assert_int_eq(stk_cpu_current(s, 0, &t), STK_OK);
	ck_assert_uint_eq(t.pid, 0);
}
END_TEST

START_TEST(current_unknown)
{
	struct stk_task t;

	two_currents(false, false);
	ck_assert_int_eq(stk_cpu_current(s, 1, &t), STK_ERR_CORRUPT);
	/* Of CPUs that are not online nothing is asked. */
	two_currents(false, true);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + 0x908, cat);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 1);
	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_current(s, 1, &t), STK_OK);
	ck_assert_uint_eq(t.pid, 227);
}
END_TEST

/* ---- the state of a task ---- */

/* A sleeper's are @newer and @older; sh runs, which is 0 in both. */
START_TEST(state_of_two_places)
{
	static const struct {
		uint32_t newer, older, want;
	} row[] = { { 2, 0, 2 }, { 0, 1, 1 }, { 2, 1, 2 }, { 0, 0, 0 } };

	syn_member(m, "task_struct.state", 16, 8);
	syn_member(m, "task_struct.on_rq", 56, 4);
	syn_put32(m, cat + syn_off(m, "task_struct.__state"), row[_i].newer);
	syn_put64(m, cat + 16, row[_i].older);
	s = syn_open(m);
	ck_assert_uint_eq(read_task(cat).state, row[_i].want);
	/* On a run queue, or running, a task may be in state 0: the other is not asked.
	 */
	syn_put64(m, sh + 16, 1);
	ck_assert_uint_eq(read_task(sh).state, 0);
	syn_put32(m, cat + 56, 1);
	s = syn_open(m);
	ck_assert_uint_eq(read_task(cat).state, row[_i].newer);
}
END_TEST

/* A member that there is not costs time in crash. */
START_TEST(no_question_without_need)
{
	syn_member(m, "task_struct.on_rq", 56, 4);
	syn_put32(m, cat + syn_off(m, "task_struct.__state"), 2);
	s = syn_open(m);
	ck_assert_int_eq(read_task(sh).cpu, 1);
	ck_assert_uint_eq(read_task(cat).state, 2);
	ck_assert_uint_eq(syn_asked(m, "member task_struct.cpu"), 0);
	ck_assert_uint_eq(syn_asked(m, "member task_struct.state"), 0);
	ck_assert_uint_eq(syn_asked(m, "member pcpu_hot.current_task"), 0);
}
END_TEST

/* ---- per-CPU words of stacks ---- */

START_TEST(irq_stack_of_two_places)
{
	uint64_t own = syn_percpu(m, "hardirq_stack_ptr", 1),
		 mark = syn_percpu(m, "hardirq_stack_inuse", 1), top = syn_irq_top(1) - 8;
	struct stk_stack stack;
	const bool hot = _i & 1;
	/* What is no more used may still point to memory, but not to a page's end. */
	const uint64_t other = _i & 2 ? SYN_DATA + 0x128 : 0;

	syn_symbol(m, "pcpu_hot", HOT);
	syn_member(m, "pcpu_hot.hardirq_stack_ptr", 32, 8);
	syn_member(m, "pcpu_hot.hardirq_stack_inuse", 42, 1);
	syn_put64(m, SYN_PERCPU(1) + HOT + 32, hot ? top : other);
	syn_put64(m, own, hot ? other : top);
	syn_put8(m, SYN_PERCPU(1) + HOT + 42, hot);
	syn_put8(m, mark, !hot);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top - 64, &stack), STK_OK);
	ck_assert_ptr_eq(stack.kind, X86_STACK(IRQ));
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), 1);
	/* Neither: no stack is made up. */
	syn_put64(m, hot ? SYN_PERCPU(1) + HOT + 32 : own, SYN_VMALLOC + 0x7fff8);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top - 64, &stack), STK_ERR_NOT_FOUND);
}
END_TEST

START_TEST(top_of_stack_of_two_places)
{
	uint64_t own = syn_percpu(m, "cpu_current_top_of_stack", 1),
		 top = syn_get64(m, own);
	struct stk_x86_tss t;

	syn_symbol(m, "pcpu_hot", HOT);
	syn_member(m, "pcpu_hot.top_of_stack", 24, 8);
	syn_put64(m, SYN_PERCPU(1) + HOT + 24, _i ? top : 0);
	syn_put64(m, own, _i == 1 ? 0 : top);
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	ck_assert_str_eq(t.fact[0].name, "top_of_stack");
	ck_assert_uint_eq(t.fact[0].value, top);
	ck_assert_ptr_null(t.fact[0].problem);
	ck_assert_ptr_nonnull(
		strstr(t.fact[0].meaning, _i ? "pcpu_hot.top" : "cpu_current_top"));
}
END_TEST

/* ---- others ---- */

/* A struct module lies in its own memory. */
START_TEST(module_of_two_layouts)
{
	uint64_t mod = syn_module(m, "mod", SYN_MODULE, "mod_fn"), at = mod + 0x280;
	const bool layout = _i;

	syn_member(m, "module.mem", 0x280, 7 * 80);
	syn_size(m, "module_memory", 80);
	syn_member(m, "module_memory.base", 0, 8);
	syn_member(m, "module_memory.size", 8, 4);
	syn_fill(m, at, 7 * 80, 0);
	syn_put64(m, at, layout ? 0 : SYN_MODULE);
	syn_put32(m, at + 8, 0x1000);
	syn_put64(m, at + 80, layout ? SYN_MODULE + 0x100000 : mod);
	syn_put32(m, at + 80 + 8, 0x1000);
	if (!layout) {
		syn_put64(m, mod + syn_off(m, "module.core_layout"),
			  SYN_MODULE + 0x100000);
		syn_put32(m, mod + syn_off(m, "module.core_layout") + 8, 0x1000);
	}
	s = syn_open(m);
	ck_assert_ptr_nonnull(stk_module_at(s, SYN_MODULE + 0x100));
	ck_assert_ptr_null(stk_module_at(s, SYN_MODULE + 0x100000));
}
END_TEST

/* Nodes that nothing is on: the list that was there before. */
START_TEST(areas_of_two_lists)
{
	const struct stk_vmap_area *area;
	size_t nr;

	syn_size(m, "vmap_area", 64);
	syn_member(m, "vmap_area.va_start", 0, 8);
	syn_member(m, "vmap_area.va_end", 8, 8);
	syn_member(m, "vmap_area.list", 40, 16);
	syn_member(m, "vmap_area.vm", 56, 8);
	syn_symbol(m, "vmap_nodes", AREAS);
	syn_symbol(m, "nr_vmap_nodes", AREAS + 8);
	syn_symbol(m, "vmap_area_list", AREAS + 16);
	syn_put64(m, AREAS, 0);
	syn_put32(m, AREAS + 8, 0);
	syn_put64(m, AREAS + 16, AREAS + 0x100 + 40);
	syn_put64(m, AREAS + 0x100, SYN_VMALLOC);
	syn_put64(m, AREAS + 0x108, SYN_VMALLOC + 0x2000);
	syn_put64(m, AREAS + 0x100 + 40, AREAS + 16);
	s = syn_open(m);
	ck_assert_int_eq(stk_vmap_areas(s, &area, &nr), STK_OK);
	ck_assert_uint_eq(nr, 1);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(thread_info_cpu_not_written),
	TEST(task_struct_cpu_not_written),
	TEST(cpu_tie),
	TEST(cpu_majority),
	LOOP(cpu_unknown, 4),
	TEST(cpu_without_second_fact),
	LOOP(current_of_two_places, 3),
	TEST(current_unknown),
	LOOP(state_of_two_places, 4),
	TEST(no_question_without_need),
	LOOP(irq_stack_of_two_places, 4),
	LOOP(top_of_stack_of_two_places, 3),
	LOOP(module_of_two_layouts, 2),
	TEST(areas_of_two_lists),
	{ 0 },
};

const struct unit_suite suite_pick = {
	"pick",
	{
		{ "two places", t_tests, setup, NULL },
	},
};
