/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that each member of the public structures says what the rooms know: of every
 * task, stack and chain of some machines, and of an address of every kind.
 */
#include "suite.h"
#include "viewed.h"

#include <string.h>

static struct stk *s;

/* ---- machines ---- */

static void interrupted(void)
{
	fixture_sleeper();
	syn_irq(&c);
	syn_crash_note(&c);
}

static void stopped(void)
{
	fixture_sleeper();
	syn_module(m, "mod", SYN_MODULE, "mod_read");
	syn_irq(&c);
	syn_nmi(&c);
	syn_crash_note(&c);
}

/* The note's registers lie on the NMI stack, and the CPU went on from there. */
static void went_on_of(unsigned int cpu)
{
	fixture_sleeper();
	c = syn_cpu(m, cpu, sh);
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_nmi(&c);
	syn_call(&c, 0x80, "panic");
}

static void went_on(void)
{
	went_on_of(1);
}

/* The IRQ stack's word leads to the stack of another task. */
static void broken(void)
{
	struct syn_cpu other;

	interrupted();
	other = syn_cpu(m, 0, syn_task(m, "other", 301, 0));
	syn_syscall(&other);
	syn_put64(m, syn_irq_top(1) - 8, other.sp);
}

static void overflown(void)
{
	fixture_sleeper();
	syn_guard_hit(&c, "DF");
	syn_crash_note(&c);
}

static void (*const machine[])(void) = { interrupted, stopped, went_on, broken,
					 overflown };

#define NR_MACHINES (sizeof(machine) / sizeof(machine[0]))

static void opened(int nr)
{
	machine[nr]();
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
}

/* ---- tasks and stacks ---- */

START_TEST(tasks)
{
	const struct stk_task *task;
	struct stk_task_info info;
	size_t nr, counted;

	opened(_i);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_int_eq(stk_count_tasks(s, &counted), STK_OK);
	ck_assert_uint_eq(counted, nr);
	for (size_t i = 0; i < nr; i++) {
		ck_assert_int_eq(stk_get_task(s, i, &info, sizeof(info)), STK_OK);
		same_task(&info, &task[i]);
		memset(&info, 0x5a, sizeof(info));
		ck_assert_int_eq(stk_get_task_at(s, task[i].addr, &info, sizeof(info)),
				 STK_OK);
		ck_assert_uint_eq(info.addr, task[i].addr);
		ck_assert_uint_eq(info.pid, task[i].pid);
	}
	ck_assert_int_eq(stk_get_task(s, nr, &info, sizeof(info)), STK_ERR_NOT_FOUND);
	memset(&info, 0x5a, sizeof(info));
	ck_assert_int_ne(stk_get_task_at(s, 0, &info, sizeof(info)), STK_OK);
	ck_assert_int_ne(stk_get_task_by_pid(s, 4000, &info, sizeof(info)), STK_OK);
	ck_assert_int_ne(stk_get_current(s, 4000, &info, sizeof(info)), STK_OK);
	/* Nothing is said of what was not found. */
	ck_assert_uint_eq(info.pid, 0x5a5a5a5a);
}
END_TEST

/* Where there is no list the reason is given, and no task. */
START_TEST(no_tasks)
{
	const struct stk_task *task;
	struct stk_task_info info;
	enum stk_status st;
	size_t nr;

	m = syn_kernel(SYN_6_1);
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	st = stk_tasks(s, &task, &nr);
	ck_assert_int_ne(st, STK_OK);
	ck_assert_int_ne(st, STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_count_tasks(s, &nr), st);
	ck_assert_int_eq(stk_get_task(s, 0, &info, sizeof(info)), st);
}
END_TEST

START_TEST(the_machine)
{
	struct stk_machine_info info;
	struct stk_machine known;
	struct syn *empty;

	opened(_i);
	ck_assert_int_eq(stk_get_machine(s, &info, sizeof(info)), STK_OK);
	ck_assert_int_eq(stk_machine(s, &known), STK_OK);
	ck_assert_pstr_eq(info.release, stk_release(s));
	ck_assert_pstr_eq(info.arch, stk_arch_name(s));
	ck_assert_pstr_eq(info.node, known.node);
	ck_assert_pstr_eq(info.version, known.version);
	SAME(info.crash_time, known.crash_time);
	SAME(info.nr_cpus, stk_nr_cpus(s));
	SAME(info.nr_online, stk_nr_online(s));
	SAME(info.incomplete, known.incomplete);
	/* Of a machine without a kernel it says that. */
	empty = syn_new(4);
	ck_assert_int_ne(stk_get_machine(syn_open(empty), &info, sizeof(info)), STK_OK);
	syn_free(empty);
}
END_TEST

START_TEST(stacks)
{
	const struct stk_stack *stack;
	struct stk_stack_info info;
	struct stk_use_info used;
	struct stk_use use;
	size_t nr, counted;

	opened(_i);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	ck_assert_int_eq(stk_count_stacks(s, &counted), STK_OK);
	ck_assert_uint_eq(counted, nr);
	for (size_t i = 0; i < nr; i++) {
		ck_assert_int_eq(stk_get_stack(s, i, &info, sizeof(info)), STK_OK);
		same_stack(&info, &stack[i]);
		memset(&info, 0x5a, sizeof(info));
		ck_assert_int_eq(stk_get_stack_at(s, stack[i].begin, &info, sizeof(info)),
				 STK_OK);
		same_stack(&info, &stack[i]);
		ck_assert_int_eq(stk_stack_use(s, &stack[i], &use), STK_OK);
		ck_assert_int_eq(stk_get_use(s, stack[i].end - 8, &used, sizeof(used)),
				 STK_OK);
		same_use(&used, &use);
	}
	ck_assert_int_eq(stk_get_stack(s, nr, &info, sizeof(info)), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_use(s, 1, &used, sizeof(used)), STK_ERR_NOT_FOUND);
}
END_TEST

/* ---- addresses ---- */

/* Of each stack, of the guards beside it, and of what is none. */
START_TEST(places)
{
	uint64_t addr[512] = { 0,	   SYN_USER_IP,	 SYN_DIRECT + 0x1000, SYN_TEXT,
			       SYN_DATA,   SYN_VMALLOC,	 SYN_VMEMMAP,	      SYN_MODULE,
			       SYN_RO_IDT, SYN_PERCPU(0) };
	const struct stk_stack *stack;
	struct stk_place place;
	size_t nr, used = 10;

	opened(_i);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	addr[used++] = syn_sym(m, "do_syscall_64") + 4;
	addr[used++] = SYN_MODULE + 0x104;
	addr[used++] = syn_percpu(m, "cpu_tss_rw", 1) + 8;
	for (size_t i = 0; i < nr && used + 4 < 512; i++) {
		addr[used++] = stack[i].begin;
		addr[used++] = stack[i].begin - 8;
		addr[used++] = stack[i].end - 16;
		addr[used++] = stack[i].store;
	}
	/* One machine has a module, whose area has a name. */
	ck_assert_int_eq(stk_classify(s, SYN_MODULE + 0x104, &place), STK_OK);
	ck_assert_int_eq(place.area.name != NULL, _i == 1);
	for (size_t i = 0; i < used; i++) {
		ck_assert_int_eq(stk_classify(s, addr[i], &place), STK_OK);
		same_place(s, addr[i], 0, &place);
	}
}
END_TEST

/* Where no kernel is understood the reason is given, and nothing else. */
START_TEST(place_of_no_kernel)
{
	struct stk_place_info info;
	struct stk_place place;
	enum stk_status st;

	fixture_free();
	m = syn_new(4);
	s = syn_open(m);
	st = stk_classify(s, SYN_TEXT, &place);
	ck_assert_int_ne(st, STK_OK);
	memset(&info, 0x5a, sizeof(info));
	ck_assert_int_eq(stk_get_place(s, SYN_TEXT, 0, &info, sizeof(info)), st);
	ck_assert_uint_eq(info.addr, 0x5a5a5a5a5a5a5a5a);
}
END_TEST

/* ---- chains ---- */

/* Each by the two ways: the public one, and the one that it stands for. */
static void same_chains(enum stk_status st, struct stk_chain *chain,
			enum stk_status inner_st, const struct stk_start *start)
{
	struct stk_chain *inner;

	ck_assert_int_eq(st, inner_st);
	if (st) {
		ck_assert_ptr_null(chain);
		return;
	}
	ck_assert_int_eq(stk_unwind_whole(s, start, &inner), STK_OK);
	ck_assert_uint_eq(chain->nr_frames, inner->nr_frames);
	ck_assert_int_eq(chain->end, inner->end);
	ck_assert_uint_eq(chain->start.regs.v[X86_SP], inner->start.regs.v[X86_SP]);
	ck_assert_uint_eq(chain->start.regs.v[X86_IP], inner->start.regs.v[X86_IP]);
	same_chain_all(s, chain);
	stk_chain_free(s, inner);
	stk_chain_free(s, chain);
}

START_TEST(chains)
{
	struct stk_chain *const none = (struct stk_chain *)1;
	const struct stk_task *task;
	struct stk_chain *chain;
	struct stk_start start;
	enum stk_status st;
	size_t nr;

	opened(_i);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS + 1; cpu++) {
		chain = none;
		st = stk_chain_cpu(s, cpu, &chain);
		same_chains(st, chain, stk_start_cpu(s, cpu, &start), &start);
	}
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++) {
		chain = none;
		st = stk_chain_task(s, task[i].addr, &chain);
		same_chains(st, chain, stk_start_task(s, &task[i], &start), &start);
	}
	for (uint64_t at = 0; at < 2; at++) {
		uint64_t regs = at ? syn_stack(m, sh) + SYN_THREAD_SIZE - 168 : 8;

		chain = none;
		st = stk_chain_regs(s, regs, &chain);
		same_chains(st, chain, stk_start_regs(s, regs, &start), &start);
		chain = none;
		st = stk_chain_stack(s, at ? c.sp : 8, c.ip, 0x1234, &chain);
		same_chains(st, chain,
			    stk_start_stack(s, at ? c.sp : 8, c.ip, 0x1234, &start),
			    &start);
	}
}
END_TEST

/* What speaks for and against the way from one stack to the next. */
START_TEST(crossings)
{
	struct stk_segment last = { .nr_frames = 0 }, first = {
		.next = &last,
		.crossing = { .how = STK_HOW_LINK,
			      .at = 8,
			      .have_link = true,
			      .link_at = 16,
			      .link = 24,
			      .agree = 1,
			      .evidence = { .agree = 5, .differ = 18 },
			      .note = "why" }
	};
	struct stk_chain chain = { .segments = &first, .nr_segments = 2 };
	struct stk_segment_info info;

	ck_assert_int_eq(stk_get_segment(&chain, 0, &info, sizeof(info)), STK_OK);
	same_crossing(&info, &first);
	ck_assert_int_eq(stk_get_segment(&chain, 1, &info, sizeof(info)), STK_OK);
	same_crossing(&info, &last);
}
END_TEST

/* Every member has a value of its own. */
START_TEST(every_member)
{
	static const struct stk_entry_state state = { .text = "between" };
	struct stk_regs regs = { 0 }, user = { 0 };
	struct stk_frame frame[] = {
		{ .ip = 1,
		  .at = 2,
		  .sp = 3,
		  .has_sp = true,
		  .slot = 4,
		  .name = { "function", 5, "module" },
		  .how = STK_HOW_SCAN,
		  .doubt = STK_DOUBT_TARGET,
		  .evidence = { .agree = 6, .differ = 9 },
		  .interrupted = true,
		  .regs = &regs,
		  .regs_at = 7,
		  .note = "note" },
		{ .ip = 11,
		  .how = STK_HOW_ORC,
		  .doubt = STK_DOUBT_NONE,
		  .reliable = true },
	};
	struct stk_segment over = {
		.stack = stack_of_kind(X86_STACK(IRQ), 0x1000, 0x2000),
		.low = 0x1800,
		.frames = frame,
		.nr_frames = 2,
		.over = stack_of_kind(X86_STACK(NMI), 0x4000, 0x5000),
		.over_by = 24,
	};
	struct stk_chain chain = {
		.start = { .from = STK_FROM_THREAD_SP,
			   .has_task = true,
			   .task = { .addr = 0x1234, .pid = 56, .comm = "comm" },
			   .note = "start",
			   .doubt = "doubt",
			   .entry = &state,
			   .evidence = { .agree = 17, .differ = 34 } },
		.segments = &over,
		.nr_segments = 1,
		.nr_frames = 2,
		.cpu = 2,
		.confidence = STK_DOUBTFUL,
		.confidence_why = "why",
		.end = STK_END_USER,
		.end_text = "it ends",
		.joint = { .regs_at = 0x77, .segment = 3, .frame = 4 },
		.user = &user,
		.user_at = 0x88,
		.user_doubt = "user",
		.user_evidence = { .agree = 3, .differ = 12 },
		.entry = { .kind = &x86_entries[0],
			   .name = "name",
			   .odd = "odd",
			   .nr = 42,
			   .code = 14,
			   .has_error = true,
			   .error = 6 },
	};

	opened(0);
	chain.start.regs.v[X86_IP] = 0xaa;
	chain.start.regs.v[X86_SP] = 0xbb;
	chain.start.regs.valid = 1ull << X86_IP | 1ull << X86_SP;
	same_chain_all(s, &chain);
	chain.entry.kind = NULL;
	chain.start.has_task = false;
	same_chain_all(s, &chain);
}
END_TEST

/* ---- what belongs to a chain ---- */

START_TEST(rest_of_a_broken_chain)
{
	struct stk_chain *chain, *rest, *inner;
	uint64_t at = 1, inner_at;

	opened(3);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_int_eq(stk_resync(s, chain, &inner_at, &inner), STK_OK);
	ck_assert_int_eq(stk_chain_rest(s, chain, &at, &rest), STK_OK);
	ck_assert_uint_eq(at, inner_at);
	ck_assert_uint_eq(rest->nr_frames, inner->nr_frames);
	same_chain_all(s, rest);
	stk_chain_free(s, rest);
	/* Where it begins need not be asked for. */
	ck_assert_int_eq(stk_chain_rest(s, chain, NULL, &rest), STK_OK);
	stk_chain_free(s, rest);
	stk_chain_free(s, inner);
	stk_chain_free(s, chain);
}
END_TEST

/* There is none: nothing is said of where. */
START_TEST(no_rest_of_a_whole_chain)
{
	struct stk_chain *chain, *rest;
	uint64_t at = 1;

	opened(0);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_int_eq(stk_chain_rest(s, chain, &at, &rest), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
	ck_assert_uint_eq(at, 1);
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(what_a_cpu_did_then)
{
	struct stk_chain *chain, *live;
	uint64_t joins = 1, copy[20];
	struct stk_task task;

	went_on_of((unsigned int)_i);
	s = syn_open(m);
	ck_assert_int_eq(stk_chain_cpu(s, (unsigned int)_i, &chain), STK_OK);
	ck_assert_int_eq(stk_chain_live(s, chain, &joins, &live), STK_OK);
	ck_assert_uint_eq(joins, syn_ist_top(m, (unsigned int)_i, "NMI") - 264);
	ck_assert_str_eq(stk_end_name(live->end), "joins");
	same_chain_all(s, live);
	stk_chain_free(s, live);
	ck_assert_int_eq(stk_chain_live(s, chain, NULL, &live), STK_OK);
	stk_chain_free(s, live);
	memset(copy, 0x5a, sizeof(copy));
	ck_assert_uint_eq(stk_chain_copies(s, chain, copy, 20), 1);
	ck_assert_uint_eq(copy[0], joins);
	ck_assert_uint_eq(copy[1], 0x5a5a5a5a5a5a5a5a);
	ck_assert_uint_eq(stk_chain_copies(s, chain, copy, 0), 0);
	stk_chain_free(s, chain);
	/* A sleeping task's is no CPU's. */
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_int_eq(stk_chain_task(s, task.addr, &chain), STK_OK);
	joins = 1;
	ck_assert_int_ne(stk_chain_live(s, chain, &joins, &live), STK_OK);
	ck_assert_ptr_null(live);
	ck_assert_uint_eq(joins, 1);
	stk_chain_free(s, chain);
}
END_TEST

/* What is said of a stack pointer that is on none. */
START_TEST(on_no_stack)
{
	const struct stk_entry_state known = { .stack = "TASK" }, between = { 0 };
	struct stk_chain chain = { 0 };

	opened(0);
	ck_assert_str_eq(stk_no_stack_text(s, &chain, SYN_DIRECT), "on no stack");
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "the user's stack: not switched yet");
	chain.start.entry = &known;
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "the user's stack: not switched yet");
	chain.start.entry = &between;
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "on no stack: rsp temporarily holds another value");
	ck_assert_str_eq(stk_no_stack_text(s, &chain, SYN_DIRECT), "on no stack");
}
END_TEST

/* Only a CPU's chain has them, whatever else it is like. */
START_TEST(of_no_cpu)
{
	struct stk_chain *chain, *live;
	uint64_t joins = 1, copy = 1;

	went_on();
	s = syn_open(m);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_uint_eq(stk_chain_copies(s, chain, &copy, 1), 1);
	ck_assert_int_eq(stk_chain_live(s, chain, NULL, &live), STK_OK);
	stk_chain_free(s, live);
	chain->cpu = -1;
	copy = 1;
	ck_assert_uint_eq(stk_chain_copies(s, chain, &copy, 1), 0);
	ck_assert_uint_eq(copy, 1);
	ck_assert_int_eq(stk_chain_live(s, chain, &joins, &live), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(live);
	ck_assert_uint_eq(joins, 1);
	stk_chain_free(s, chain);
}
END_TEST

/* Why it cannot be read is why there is no chain. */
START_TEST(of_no_task)
{
	static const uint64_t nowhere[] = { 0, 8, SYN_VMALLOC };
	struct stk_chain *chain;
	struct stk_task task;
	enum stk_status st;

	opened(0);
	for (size_t i = 0; i < 3; i++) {
		st = stk_task_read(s, nowhere[i], &task);
		ck_assert_int_ne(st, STK_OK);
		ck_assert_int_eq(stk_chain_task(s, nowhere[i], &chain), st);
		ck_assert_ptr_null(chain);
	}
}
END_TEST

START_TEST(registers)
{
	struct stk_regs regs = { .valid = 1 | 1ull << 2 | 1ull << (STK_MAX_REGS - 1) };
	uint64_t value = 1;

	regs.v[2] = 22;
	regs.v[3] = 33;
	regs.v[STK_MAX_REGS - 1] = 99;
	ck_assert(stk_get_reg(&regs, 2, &value));
	ck_assert_uint_eq(value, 22);
	ck_assert(!stk_get_reg(&regs, 3, &value));
	ck_assert(!stk_get_reg(&regs, 1, &value));
	ck_assert_uint_eq(value, 22);
	ck_assert(stk_get_reg(&regs, STK_MAX_REGS - 1, &value));
	ck_assert_uint_eq(value, 99);
	ck_assert(!stk_get_reg(&regs, STK_MAX_REGS, &value));
	ck_assert(!stk_get_reg(NULL, 2, &value));
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(tasks, NR_MACHINES),
	LOOP(the_machine, NR_MACHINES),
	TEST(no_tasks),
	TEST(crossings),
	TEST(every_member),
	TEST(place_of_no_kernel),
	LOOP(stacks, NR_MACHINES),
	LOOP(places, NR_MACHINES),
	LOOP(chains, NR_MACHINES),
	TEST(rest_of_a_broken_chain),
	TEST(no_rest_of_a_whole_chain),
	LOOP(what_a_cpu_did_then, 2),
	TEST(on_no_stack),
	TEST(of_no_cpu),
	TEST(of_no_task),
	TEST(registers),
	{ 0 },
};

const struct unit_suite suite_view = {
	"public view",
	{
		{ "view", tests, NULL, NULL },
	},
};
