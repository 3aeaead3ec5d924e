/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that every task and thread is found once, in the kernel's order; that damaged
 * lists (wild pointers, loops of every shape) end, keep what was found and are told of;
 * and that what lies beyond is found from their other end, by PID and by stack, if it is
 * what it looks like.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include "kernel/task_list.h"
#include "kernel/task_word.h"
#include "machine/memory.h"

#include <stdio.h>
#include <string.h>

static struct stk *s;
static uint64_t a, b, b1, b2, d;
static const struct stk_task *list;
static size_t nr;

/* swapper/0-2, init, then: a; b with threads b1, b2; d. */
static void setup(void)
{
	fixture_kernel();
	a = syn_task(m, "a", 100, 0);
	b = syn_task(m, "b", 200, 0);
	b1 = syn_task(m, "b/1", 201, b);
	b2 = syn_task(m, "b/2", 202, b);
	d = syn_task(m, "d", 300, 0);
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t task = (const uint64_t[]){ a, b, b1, b2, d }[i];

		syn_put64(m, task + 2048 + 24, syn_stack(m, task) + 0x3f00);
	}
}

static void load(void)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_OK);
}

static void expect_pids(const char *want)
{
	char text[256] = "";

	for (size_t i = 0; i < nr; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u",
			 i ? " " : "", list[i].pid);
	ck_assert_str_eq(text, want);
}

static uint64_t tasks_node(uint64_t task)
{
	return task + syn_off(m, "task_struct.tasks");
}

static uint64_t thread_node(uint64_t task)
{
	return task + syn_off(m, "task_struct.thread_node");
}

/* ---- one task ---- */

START_TEST(fields)
{
	struct stk_task t;

	syn_put32(m, b1 + syn_off(m, "task_struct.__state"), 0x402);
	syn_put32(m, b1 + syn_off(m, "task_struct.flags"), 0x400040);
	syn_put32(m, b1 + syn_off(m, "task_struct.exit_state"), 32);
	syn_put64(m, b1 + 2048 + 24, 0xffffb1c000112233);
	syn_set_current(m, 1, b1);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, b1, &t), STK_OK);
	ck_assert_uint_eq(t.addr, b1);
	ck_assert_uint_eq(t.pid, 201);
	ck_assert_uint_eq(t.tgid, 200);
	ck_assert_str_eq(t.comm, "b/1");
	ck_assert_uint_eq(t.stack, syn_stack(m, b1));
	ck_assert_uint_eq(t.state, 0x402);
	ck_assert_uint_eq(t.flags, 0x400040);
	ck_assert_uint_eq(t.exit_state, 32);
	ck_assert_uint_eq(t.sp, 0xffffb1c000112233);
	ck_assert_int_eq(t.cpu, 1);
	ck_assert(t.on_cpu);
	ck_assert(!t.idle);
}
END_TEST

/* 5.4: "state" and "cpu" of task_struct itself. */
START_TEST(fields_of_5_4)
{
	struct stk_task t;
	uint64_t task;

	syn_free(m);
	m = syn_kernel(SYN_5_4);
	task = syn_task(m, "old", 77, 0);
	syn_put64(m, task + syn_off(m, "task_struct.state"), 2);
	syn_set_current(m, 1, task);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, task, &t), STK_OK);
	ck_assert_uint_eq(t.state, 2);
	ck_assert_int_eq(t.cpu, 1);
}
END_TEST

START_TEST(not_a_task)
{
	struct stk_task t;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, 0, &t), STK_ERR_ARG);
	ck_assert_int_eq(stk_task_read(s, 0x1000, &t), STK_ERR_ARG);
	ck_assert_int_eq(stk_task_read(s, a + 4, &t), STK_ERR_ARG);
	ck_assert_int_eq(stk_task_read(s, SYN_VMALLOC, &t), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_task_read(s, SYN_DIRECT + 0x100000, &t), STK_ERR_EXCLUDED);
	/* A stack pointer that is none: this is something else. */
	syn_put64(m, a + syn_off(m, "task_struct.stack"), 0x4141);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, a, &t), STK_ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "no task_struct"));
}
END_TEST

/* A name of 16 bytes without an end, and bytes that no terminal should see. */
START_TEST(wild_comm)
{
	struct stk_task t;

	syn_fill(m, a + syn_off(m, "task_struct.comm"), 16, 'x');
	syn_put8(m, a + syn_off(m, "task_struct.comm") + 2, 0x1b);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, a, &t), STK_OK);
	ck_assert_str_eq(t.comm, "xx?xxxxxxxxxxxx");
}
END_TEST

START_TEST(cpu_out_of_range)
{
	struct stk_task t;

	syn_put32(m, a + 20, (uint32_t)(_i ? 0x80000000 : 3));
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, a, &t), STK_OK);
	ck_assert_int_eq(t.cpu, -1);
}
END_TEST

START_TEST(current_of_a_cpu)
{
	struct stk_task t;

	syn_set_current(m, 1, b2);
	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_current(s, 1, &t), STK_OK);
	ck_assert_uint_eq(t.pid, 202);
	ck_assert_int_eq(stk_cpu_current(s, 0, &t), STK_OK);
	ck_assert_uint_eq(t.pid, 0);
	ck_assert(t.idle);
	ck_assert_int_eq(stk_cpu_current(s, 5, &t), STK_ERR_ARG);
}
END_TEST

/* ---- all of them ---- */

START_TEST(all_tasks_in_order)
{
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	ck_assert(list[0].idle && list[1].idle && list[2].idle);
	ck_assert(!list[3].idle);
	ck_assert_str_eq(list[1].comm, "swapper/1");
	ck_assert_ptr_null(stk_tasks_truncated(s));
}
END_TEST

START_TEST(listed_once)
{
	const struct stk_task *again;
	unsigned int polls;
	size_t n;

	load();
	polls = m->calls.interrupted;
	ck_assert_int_eq(stk_tasks(s, &again, &n), STK_OK);
	ck_assert_ptr_eq(again, list);
	ck_assert_uint_eq(m->calls.interrupted, polls);
}
END_TEST

/* What comes later asks no page of a listed task again, unless it may have changed. */
START_TEST(listed_and_known)
{
	static const struct {
		enum stk_task_word which;
		const char *member;
	} row[] = {
		{ STK_TASK_STACK_VM_AREA, "task_struct.stack_vm_area" },
		{ STK_TASK_THREAD_PID, "task_struct.thread_pid" },
	};
	struct stk_task task;
	unsigned int reads;
	uint64_t value;

	for (size_t i = 0; i < 2; i++)
		syn_put64(m, b1 + syn_off(m, row[i].member), 0x1000 + i);
	load();
	stk_forget_memory(s);
	reads = m->calls.read_phys;
	ck_assert_int_eq(stk_task_read(s, b1, &task), STK_OK);
	ck_assert_uint_eq(task.pid, 201);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(stk_task_word(s, b1, row[i].which, &value), STK_OK);
		ck_assert_uint_eq(value, 0x1000 + i);
	}
	ck_assert_uint_eq(m->calls.read_phys, reads);
	s->target.live = true;
	for (size_t i = 0; i < 2; i++) {
		syn_put64(m, b1 + syn_off(m, row[i].member), 0x2000 + i);
		stk_forget_memory(s);
		ck_assert_int_eq(stk_task_word(s, b1, row[i].which, &value), STK_OK);
		ck_assert_uint_eq(value, 0x2000 + i);
	}
	syn_put32(m, b1 + syn_off(m, "task_struct.pid"), 204);
	stk_forget_memory(s);
	ck_assert_int_eq(stk_task_read(s, b1, &task), STK_OK);
	ck_assert_uint_eq(task.pid, 204);
}
END_TEST

/* Where the kernel's types lack one, or its page is lost, listing goes on. */
START_TEST(words_that_are_not_there)
{
	uint64_t value;

	syn_no_member(m, "task_struct.stack_vm_area");
	load();
	ck_assert_uint_eq(nr, 9);
	ck_assert_int_eq(stk_task_word(s, b1, STK_TASK_STACK_VM_AREA, &value),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_task_word(s, b1, STK_TASK_THREAD_PID, &value), STK_OK);
	ck_assert_ptr_null(stk_tasks_truncated(s));
}
END_TEST

START_TEST(by_pid)
{
	struct stk_task t;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_by_pid(s, 202, &t), STK_OK);
	ck_assert_uint_eq(t.addr, b2);
	ck_assert_int_eq(stk_task_by_pid(s, 203, &t), STK_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "PID 203"));
}
END_TEST

/* An exiting task runs, though it left every list. */
START_TEST(running_but_unlisted)
{
	uint64_t next = syn_get64(m, tasks_node(d)),
		 prev = syn_get64(m, tasks_node(d) + 8);

	syn_put64(m, prev, next);
	syn_put64(m, next + 8, prev);
	load();
	expect_pids("0 0 0 1 100 200 201 202");
	syn_set_current(m, 1, d);
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	ck_assert_ptr_null(stk_tasks_truncated(s));
	/* panic() marks the CPUs that it stops offline: they count, too. */
	syn_set_current(m, 1, a);
	syn_set_current(m, 2, d);
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	/* What is not possible never was. */
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 3);
	load();
	expect_pids("0 0 1 100 200 201 202");
}
END_TEST

/* A CPU that never came up has no idle task there: it is found as what runs. */
START_TEST(no_idle_task)
{
	syn_put64(m, syn_percpu(m, "runqueues", 2) + syn_off(m, "rq.idle"), 0);
	load();
	expect_pids("0 0 1 100 200 201 202 300 0");
	ck_assert_ptr_null(stk_tasks_truncated(s));
	/* But if it cannot be read. */
	syn_fail(m, syn_percpu(m, "runqueues", 2), STK_ERR_IO);
	load();
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

/* Without run queues there is at least the boot CPU's. */
START_TEST(no_runqueues)
{
	syn_no_symbol(m, "runqueues");
	load();
	ck_assert_str_eq(list[0].comm, "swapper/0");
	ck_assert(list[0].idle);
	/* The others are current. */
	ck_assert_str_eq(list[nr - 2].comm, "swapper/1");
	ck_assert(list[nr - 2].idle);
}
END_TEST

START_TEST(leader_being_released)
{
	syn_put64(m, b + syn_off(m, "task_struct.signal"), 0);
	load();
	expect_pids("0 0 0 1 100 200 300");
	ck_assert_ptr_null(stk_tasks_truncated(s));
}
END_TEST

/* ---- damage ---- */

static void expect_text(const char *want)
{
	const char *text = stk_tasks_truncated(s);

	if (!want)
		ck_assert_ptr_null(text);
	else
		ck_assert_msg(text && strstr(text, want), "%s", text ? text : "none");
}

/* A letter a task: List, Backwards, Pid, Stack. */
static void expect_found(const char *want)
{
	char text[64] = "";

	for (size_t i = 0; i < nr && i < sizeof(text) - 1; i++)
		text[i] = "LBPS"[list[i].found];
	ck_assert_str_eq(text, want);
}

START_TEST(wild_pointer_midway)
{
	static const uint64_t wild[] = { 0, 0x4141414141414141ull, SYN_VMALLOC + 0x800,
					 SYN_TEXT + 0x1000 };

	syn_put64(m, tasks_node(b), wild[_i]);
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLB");
	expect_text("the list of tasks breaks after 8 tasks at ");
	expect_text("; found all the same: 1 backwards");
}
END_TEST

/* Zeros look like a task without a stack, but no other link leads there. */
START_TEST(pointer_to_zeros)
{
	uint64_t zeros = SYN_DIRECT + syn_alloc(m, 2);

	syn_fill(m, zeros, 8192, 0);
	syn_put64(m, tasks_node(zeros), _i ? tasks_node(d) : 0);
	syn_put64(m, tasks_node(b), tasks_node(zeros));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLB");
	expect_text("to which no other link leads");
}
END_TEST

/* One that has exited still looks like a task, but is on no list. */
START_TEST(pointer_to_a_freed_task)
{
	uint64_t e = syn_task(m, "e", 400, 0), head = tasks_node(syn_sym(m, "init_task"));

	syn_put64(m, e + 2048 + 24, syn_stack(m, e) + 0x3f00);
	syn_put64(m, tasks_node(d), head);
	syn_put64(m, head + 8, tasks_node(d));
	syn_put64(m, tasks_node(b), tasks_node(e));
	syn_put64(m, tasks_node(e), tasks_node(d));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLB");
}
END_TEST

/* A list of another kind is sound in itself. */
START_TEST(pointer_to_another_list)
{
	syn_put64(m, tasks_node(b), thread_node(d));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLB");
	expect_text("to which no other link leads");
	/* Nor do links back lead to one. */
	syn_put64(m, tasks_node(d) + 8, thread_node(a));
	load();
	expect_found("LLLLLLLLB");
}
END_TEST

START_TEST(page_of_a_task_missing)
{
	syn_fail(m, b, STK_ERR_EXCLUDED);
	load();
	expect_pids("0 0 0 1 100 300");
	expect_found("LLLLLB");
	expect_text("which cannot be read");
}
END_TEST

/* Its links are good, the rest is not: it is left out, and the list goes on. */
START_TEST(task_damaged)
{
	syn_put64(m, b + syn_off(m, "task_struct.stack"), 0x4141);
	load();
	expect_pids("0 0 0 1 100 300");
	expect_found("LLLLLL");
	expect_text("which is no task any more");
}
END_TEST

START_TEST(loop_back)
{
	syn_put64(m, tasks_node(d), tasks_node(a));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_text("which was there before");
}
END_TEST

START_TEST(self_loop)
{
	syn_put64(m, tasks_node(a), tasks_node(a));
	load();
	expect_pids("0 0 0 1 100 300 200 201 202");
	expect_found("LLLLLBBBB");
	expect_text("4 backwards");
}
END_TEST

START_TEST(head_points_nowhere)
{
	syn_put64(m, tasks_node(syn_sym(m, "init_task")), 0x1234);
	load();
	expect_pids("0 0 0 300 200 201 202 100 1");
	expect_found("LLLBBBBBB");
	expect_text("after 3 tasks at 0x1234");
}
END_TEST

/* The list goes on and ends well, but tasks are left out. */
START_TEST(skips_a_task)
{
	syn_put64(m, tasks_node(a),
		  _i ? tasks_node(syn_sym(m, "init_task")) : tasks_node(d));
	load();
	expect_pids(_i ? "0 0 0 1 100 300 200 201 202" : "0 0 0 1 100 300 200 201 202");
	expect_found(_i ? "LLLLLBBBB" : "LLLLLLBBB");
	if (!_i)
		expect_text("the list of tasks leaves some out before ");
	expect_text(_i ? "4 backwards" : "3 backwards");
}
END_TEST

/* A link back alone: nothing is lost, but that cannot be told from here. */
START_TEST(link_back_damaged)
{
	syn_put64(m, tasks_node(b) + 8, 0x4141414141414141ull);
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLL");
	expect_text("breaks after 9 tasks at 0x4141414141414141");
}
END_TEST

/*
 * A CPU was stopped in list_del_rcu(), between its two writes, or in
 * list_add_tail_rcu(): memory is sound.
 */
START_TEST(update_in_flight)
{
	if (!_i)
		syn_put64(m, tasks_node(d) + 8, tasks_node(a));
	else
		syn_put64(m, tasks_node(syn_sym(m, "init_task")) + 8, tasks_node(b));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLLL");
	expect_text(NULL);
	ck_assert_uint_eq(syn_asked(m, "symbol init_pid_ns"), 0);
}
END_TEST

/* A loop of the links back ends, too. */
START_TEST(loop_both_ways)
{
	syn_put64(m, tasks_node(d), tasks_node(a));
	syn_put64(m, tasks_node(a) + 8, tasks_node(d));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_text("which was there before");
}
END_TEST

/* What a task has to have, and how far its stack may reach: twice that with KASAN. */
START_TEST(plausible)
{
	static const struct {
		struct stk_task task;
		bool is;
	} row[] = {
		{ { .pid = 1, .tgid = 1, .stack = 0x1000, .sp = 0x1001 }, true },
		{ { .pid = 0, .tgid = 1, .stack = 0x1000, .sp = 0x1001 }, false },
		{ { .pid = 1, .tgid = 0, .stack = 0x1000, .sp = 0x1001 }, false },
		{ { .pid = 1, .tgid = 1, .stack = 0, .sp = 0x1001 }, false },
		{ { .pid = 1, .tgid = 1, .stack = 0x1000, .sp = 0x1000 }, false },
		{ { .pid = 1, .tgid = 1, .stack = 0x1000, .sp = 0xfff }, false },
		{ { .pid = 1, .tgid = 1, .stack = 0x1000, .sp = 0x41000 }, true },
		{ { .pid = 1, .tgid = 1, .stack = 0x1000, .sp = 0x41001 }, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(stk_task_list_plausible(&row[i].task) == row[i].is, "%zu",
			      i);
}
END_TEST

/* Back and forth, for as many steps as there are tasks: the next one is told. */
START_TEST(loop_of_links_back)
{
	uint64_t more = _i ? syn_task(m, "e", 400, 0) : d;
	char want[64];

	if (_i)
		syn_put64(m, more + 2048 + 24, syn_stack(m, more) + 0x3f00);
	syn_put64(m, tasks_node(b) + 8, tasks_node(d));
	load();
	expect_pids(_i ? "0 0 0 1 100 200 201 202 300 400"
		       : "0 0 0 1 100 200 201 202 300");
	/* After nine from d on it is at b; after ten from e on that is d, and then b. */
	snprintf(want, sizeof(want), "after %d tasks at %#llx, which was there before",
		 _i ? 10 : 9, (unsigned long long)tasks_node(b));
	expect_text(want);
}
END_TEST

/* Threads: what is broken in one process does not hide the next one. */
START_TEST(thread_pointer_wild)
{
	syn_put64(m, thread_node(b1), 0xdeadbeef);
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLBL");
	expect_text("a list of threads breaks after 7 tasks at 0xdeadbeef");
}
END_TEST

START_TEST(thread_loop)
{
	syn_put64(m, thread_node(b2), thread_node(b1));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_text("which was there before");
}
END_TEST

START_TEST(thread_self_loop)
{
	syn_put64(m, thread_node(b1), thread_node(b1));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_found("LLLLLLLBL");
}
END_TEST

/* The leader is in its own list, so meeting it is no sign of a loop: twice is. */
START_TEST(leader_self_loop)
{
	syn_put64(m, thread_node(b), thread_node(b));
	load();
	expect_pids("0 0 0 1 100 200 202 201 300");
	expect_found("LLLLLLBBL");
}
END_TEST

START_TEST(threads_back_to_their_leader)
{
	syn_put64(m, thread_node(b2), thread_node(b));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	expect_text("which was there before");
}
END_TEST

START_TEST(list_symbols_missing)
{
	s = syn_open(m);
	syn_no_symbol(m, "init_task");
	ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_ERR_NO_SYMBOL);
	syn_symbol(m, "init_task", SYN_DATA + 0x1000);
	syn_no_member(m, "task_struct.tasks");
	s = syn_open(m);
	ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_ERR_NO_TYPE);
	ck_assert_str_eq(stk_found_name(STK_NR_FOUND), "unknown");
}
END_TEST

/* ---- other ways to a task ---- */

#define PIDS   (SYN_DIRECT + 0x50000000ull) /* 256 bytes each */
#define NODES  (SYN_DATA + 0xa000)
#define PID_NS (SYN_DATA + 0x9000)

enum { XARRAY, RADIX, HASH, NR_PID_ERAS };

/* In the slot of a node, or in a chain, is a struct pid, which leads to the task. */
static uint64_t add_pid(int era, unsigned int i, uint64_t task, uint32_t number)
{
	uint64_t pid = PIDS + 0x100 * i;
	uint64_t link = task + syn_off(m, era == XARRAY ? "task_struct.pid_links"
							: "task_struct.pids");

	syn_fill(m, pid, 0x100, 0);
	syn_put64(m, pid + 8, link);
	syn_put32(m, pid + 68, number);
	syn_put64(m, pid + 64 + 8, PID_NS);
	return pid;
}

static void pid_types(int era)
{
	syn_symbol(m, "init_pid_ns", PID_NS);
	syn_member(m, era == XARRAY ? "task_struct.pid_links" : "task_struct.pids", 1440,
		   64);
	syn_member(m, "pid.tasks", 8, 32);
	syn_member(m, "pid.numbers", 64, era == HASH ? 32 : 0);
	syn_member(m, "upid.nr", 4, 4);
	syn_member(m, "upid.ns", 8, 8);
	syn_fill(m, NODES, 0x2000, 0);
	if (era == HASH) {
		syn_symbol(m, "pid_hash", NODES);
		syn_symbol(m, "pidhash_shift", NODES + 8);
		syn_member(m, "upid.pid_chain", 16, 16);
		syn_put64(m, NODES, NODES + 0x100);
		syn_put32(m, NODES + 8, 2);
		return;
	}
	syn_member(m, "pid_namespace.idr", 16, 32);
	syn_member(m, "idr.idr_rt", 8, 16);
	syn_member(m, era == XARRAY ? "xarray.xa_head" : "radix_tree_root.rnode", 8, 8);
	syn_member(m, era == XARRAY ? "xa_node.slots" : "radix_tree_node.slots", 40, 512);
}

/*
 * All tasks but the idle ones, in two nodes below the first or in two chains; those of
 * another namespace are in the same chains.
 */
static void add_pids(int era)
{
	const uint64_t task[] = { a, b, b1, b2, d };
	const uint32_t number[] = { 100, 200, 201, 202, 300 };
	const uint64_t mark = era == XARRAY ? 2 : 1;

	pid_types(era);
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t pid = add_pid(era, i, task[i], number[i]);
		uint64_t node = NODES + 0x400 + (i < 2 ? 0 : 0x400),
			 bucket = NODES + 0x100 + 8 * (i & 1);

		if (era != HASH) {
			syn_put64(m, node + 40 + 8 * (2 * i + 1), pid);
			continue;
		}
		syn_put64(m, pid + 64 + 16, syn_get64(m, bucket));
		syn_put64(m, bucket, pid + 64 + 16);
	}
	if (era != HASH) {
		syn_put64(m, PID_NS + 16 + 8 + 8, NODES | mark);
		syn_put64(m, NODES + 40 + 8, (NODES + 0x400) | mark);
		syn_put64(m, NODES + 40 + 24, (NODES + 0x800) | mark);
		return;
	}
	syn_fill(m, PIDS + 0x800, 0x100, 0);
	syn_put64(m, PIDS + 0x800 + 64 + 8, PID_NS + 0x100);
	syn_put32(m, PIDS + 0x800 + 68, 100);
	syn_put64(m, PIDS + 0x800 + 64 + 16, syn_get64(m, NODES + 0x100));
	syn_put64(m, NODES + 0x100, PIDS + 0x800 + 64 + 16);
}

/* The list breaks at both ends of what is lost. */
static void break_list(void)
{
	syn_put64(m, tasks_node(a), 0x1230);
	syn_put64(m, tasks_node(d) + 8, 0x1230);
	syn_put64(m, tasks_node(b), 0x1230);
	syn_put64(m, tasks_node(b) + 8, 0x1230);
}

START_TEST(found_by_pid)
{
	add_pids(_i);
	break_list();
	load();
	expect_pids(_i == HASH ? "0 0 0 1 100 300 201 200 202"
			       : "0 0 0 1 100 300 200 201 202");
	expect_found("LLLLLBPPP");
	expect_text("1 backwards, 3 by their PIDs");
}
END_TEST

/* Threads of whoever was found by its number are found with it, from either end. */
START_TEST(threads_by_pid)
{
	add_pids(XARRAY);
	/* No number leads to the threads. */
	for (unsigned int i = 2; i < 4; i++)
		syn_put32(m, PIDS + 0x100 * i + 68, 999);
	break_list();
	syn_put64(m, thread_node(b), 0x1230);
	load();
	expect_pids("0 0 0 1 100 300 200 202 201");
	expect_found("LLLLLBPPP");
}
END_TEST

/* Each chain of the table is looked at, and what is behind the last is none. */
START_TEST(end_of_the_table)
{
	uint64_t pid;

	pid_types(HASH);
	syn_symbol(m, "pidhash_shift", NODES + 0x80);
	syn_put32(m, NODES + 0x80, 2);
	syn_put64(m, NODES, NODES + 0x200);
	break_list();
	pid = add_pid(HASH, 0, b, 200);
	syn_put64(m, pid + 64 + 16, 0);
	for (unsigned int i = 0; i < 6; i++) {
		syn_fill(m, NODES + 0x200, 64, 0);
		syn_put64(m, NODES + 0x200 + 8 * i, pid + 64 + 16);
		load();
		expect_pids(i < 4 ? "0 0 0 1 100 300 200 201 202" : "0 0 0 1 100 300");
	}
	/* The largest that there may be, of which the first is enough here; and more. */
	syn_put64(m, NODES + 0x200, pid + 64 + 16);
	for (unsigned int shift = 20; shift < 22; shift++) {
		syn_put32(m, NODES + 0x80, shift);
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		s->budget.max_steps = s->budget.steps = 400000;
		ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_OK);
		expect_pids(shift == 20 ? "0 0 0 1 100 300 200 201 202"
					: "0 0 0 1 100 300");
	}
}
END_TEST

/* A number of 32 bits has six nodes above it, and no more. */
START_TEST(depth_of_the_tree)
{
	const uint64_t mark = _i == XARRAY ? 2 : 1;

	pid_types(_i);
	break_list();
	for (unsigned int depth = 1; depth < 9; depth++) {
		uint64_t node = NODES, pid = add_pid(_i, 0, b, 200);

		syn_fill(m, NODES, 0x2000, 0);
		syn_put64(m, PID_NS + 16 + 8 + 8, node | mark);
		for (unsigned int i = 1; i < depth; i++, node += 0x300)
			syn_put64(m, node + 40 + 8, (node + 0x300) | mark);
		syn_put64(m, node + 40 + 8, pid);
		load();
		expect_pids(depth <= 6 ? "0 0 0 1 100 300 200 201 202"
				       : "0 0 0 1 100 300");
	}
}
END_TEST

/* A number that is another task's; a node that leads back; one that is not there. */
START_TEST(pids_damaged)
{
	const uint64_t mark = _i == XARRAY ? 2 : 1;

	add_pids(_i);
	break_list();
	for (unsigned int i = 1; i < 4; i++)
		syn_put32(m, PIDS + 0x100 * i + 68, 999);
	if (_i == HASH) {
		syn_put64(m, PIDS + 0x300 + 64 + 16, PIDS + 0x300 + 64 + 16);
	} else {
		syn_put64(m, NODES + 40 + 16, NODES | mark);
		syn_put64(m, NODES + 40 + 32, 0x4141414141414140ull | mark);
	}
	load();
	expect_pids("0 0 0 1 100 300");
	expect_text("1 backwards");
	/* Nor is the first node one. */
	syn_put64(m, PID_NS + 16 + 8 + 8, 0x4141414141414140ull | mark);
	syn_put64(m, NODES, 0x4141414141414140ull);
	load();
	expect_pids("0 0 0 1 100 300");
}
END_TEST

/* As long as lists are whole, nobody asks. */
START_TEST(pids_not_asked)
{
	add_pids(_i);
	load();
	expect_found("LLLLLLLLL");
	ck_assert_uint_eq(syn_asked(m, "symbol init_pid_ns"), 0);
	ck_assert_uint_eq(syn_asked(m, "symbol vmap_area_list"), 0);
}
END_TEST

#define AREAS (SYN_DATA + 0xa000)

static void add_areas(void)
{
	const uint64_t task[] = { a, b, b1, b2, d };
	uint64_t before = AREAS;

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
	syn_symbol(m, "vmap_area_list", AREAS);
	syn_fill(m, AREAS, 0x1000, 0);
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t at = AREAS + 0x100 + 0x100 * i, stack = syn_stack(m, task[i]);

		syn_put64(m, at, stack);
		syn_put64(m, at + 8, stack + SYN_THREAD_SIZE + 4096);
		syn_put64(m, at + 56, at + 64);
		syn_put64(m, at + 64 + 8, stack);
		syn_put64(m, at + 64 + 16, SYN_THREAD_SIZE + 4096);
		syn_put64(m, at + 64 + 56, SYN_TEXT + 0x40);
		syn_put64(m, before, at + 40);
		before = at + 40;
		/* What __switch_to_asm pushed of a task that sleeps. */
		for (uint64_t off = 0; off < SYN_THREAD_SIZE; off += 8)
			syn_put64(m, stack + off, 0);
		syn_put64(m, stack + SYN_THREAD_SIZE - 0x100, task[i]);
		syn_put64(m, task[i] + 2048 + 24, stack + SYN_THREAD_SIZE - 0x120);
	}
	syn_put64(m, before, AREAS);
}

/* b is found, and leads to its threads. */
START_TEST(found_by_stack)
{
	add_areas();
	break_list();
	load();
	expect_pids("0 0 0 1 100 300 200 201 202");
	expect_found("LLLLLBSSS");
	expect_text("1 backwards, 3 by their stacks");
}
END_TEST

/* What only looks like the owner of a stack. */
START_TEST(no_owner)
{
	const uint64_t stack = syn_stack(m, b);

	add_areas();
	break_list();
	/* Neither do the threads lead to it. */
	for (unsigned int i = 0; i < 2; i++) {
		uint64_t thread = i ? b2 : b1;

		syn_put64(m, syn_stack(m, thread) + SYN_THREAD_SIZE - 0x100, 0);
	}
	load();
	expect_found("LLLLLBSSS");
	switch (_i) {
	case 0: /* Another stack is its own. */
		syn_put64(m, b + syn_off(m, "task_struct.stack"), stack - 0x4000);
		break;
	case 1: /* It never slept there. */
		syn_put64(m, b + 2048 + 24, stack + SYN_THREAD_SIZE + 8);
		break;
	case 2:
		syn_put64(m, b + 2048 + 24, stack);
		break;
	case 3: /* No PID, though it is no idle task. */
		syn_put32(m, b + syn_off(m, "task_struct.pid"), 0);
		break;
	case 4: /* A stack of another allocator. */
		syn_put64(m, AREAS + 0x200 + 64 + 56, SYN_TEXT + 0x48);
		break;
	case 5: /* The word is not there. */
		syn_put64(m, stack + SYN_THREAD_SIZE - 0x100, 0);
		break;
	}
	load();
	expect_found("LLLLLB");
}
END_TEST

/* A task that is found leads to its neighbours, as far as links agree. */
START_TEST(neighbours_of_the_found)
{
	uint64_t c1;

	syn_free(m);
	m = syn_kernel(SYN_6_1);
	a = syn_task(m, "a", 100, 0);
	b1 = syn_task(m, "lost/1", 150, 0);
	b = syn_task(m, "lost/2", 200, 0);
	b2 = syn_task(m, "lost/3", 250, 0);
	c1 = syn_task(m, "lost/4", 260, 0);
	d = syn_task(m, "d", 300, 0);
	add_areas();
	syn_put64(m, tasks_node(a), 0x1230);
	syn_put64(m, tasks_node(d) + 8, 0x1230);
	/* Of the four only one stack tells. */
	syn_put64(m, syn_stack(m, b1) + SYN_THREAD_SIZE - 0x100, 0);
	syn_put64(m, syn_stack(m, b2) + SYN_THREAD_SIZE - 0x100, 0);
	load();
	expect_pids("0 0 0 1 100 300 200 250 260 150");
	expect_found("LLLLLBSSSS");
	/* And no further than both agree. */
	syn_put64(m, tasks_node(c1) + 8, tasks_node(d));
	load();
	expect_pids("0 0 0 1 100 300 200 250 150");
}
END_TEST

/* It knows how it was found, however it is read. */
START_TEST(found_is_kept)
{
	struct stk_task t;

	add_areas();
	break_list();
	load();
	ck_assert_int_eq(stk_task_read(s, b1, &t), STK_OK);
	ck_assert_int_eq(t.found, STK_FOUND_STACK);
	ck_assert_int_eq(stk_task_by_pid(s, 300, &t), STK_OK);
	ck_assert_int_eq(t.found, STK_FOUND_LIST_BACKWARDS);
	ck_assert_int_eq(stk_task_read(s, a, &t), STK_OK);
	ck_assert_int_eq(t.found, STK_FOUND_LIST);
	ck_assert_int_eq(stk_task_by_pid(s, 301, &t), STK_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "damaged lists"));
	ck_assert_str_eq(stk_found_name(STK_FOUND_LIST), "list");
	ck_assert_str_eq(stk_found_name(STK_FOUND_LIST_BACKWARDS), "list_backwards");
	ck_assert_str_eq(stk_found_name(STK_FOUND_PID), "pid");
	ck_assert_str_eq(stk_found_name(STK_FOUND_STACK), "stack");
}
END_TEST

START_TEST(interrupted_in_a_damaged_list)
{
	bool stopped = false;

	add_pids(XARRAY);
	break_list();
	for (unsigned int at = 1; at < 200; at += 5) {
		s = syn_open(m);
		m->interrupt_after = at;
		stopped |= stk_tasks(s, &list, &nr) == STK_ERR_INTERRUPTED;
		m->interrupt = false;
		m->interrupt_after = 0;
		ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_OK);
		expect_found("LLLLLBPPP");
	}
	ck_assert(stopped);
}
END_TEST

START_TEST(interrupted_then_complete)
{
	bool stopped = false;

	for (unsigned int at = 1; at < 400; at += 7) {
		s = syn_open(m);
		m->interrupt_after = at;
		stopped |= stk_tasks(s, &list, &nr) == STK_ERR_INTERRUPTED;
		m->interrupt = false;
		m->interrupt_after = 0;
		ck_assert_int_eq(stk_tasks(s, &list, &nr), STK_OK);
		expect_pids("0 0 0 1 100 200 201 202 300");
		ck_assert_ptr_null(stk_tasks_truncated(s));
	}
	ck_assert(stopped);
}
END_TEST

/* Many more than one page or one allocation holds. */
START_TEST(many_tasks)
{
	uint64_t leader = syn_task(m, "many", 1000, 0);

	for (uint32_t i = 1; i < 1200; i++)
		syn_task(m, "thread", 1000 + i, leader);
	load();
	ck_assert_uint_eq(nr, 9 + 1200);
	for (uint32_t i = 0; i < 1200; i++)
		ck_assert_uint_eq(list[9 + i].pid, 1000 + i);
	ck_assert_ptr_null(stk_tasks_truncated(s));
}
END_TEST

/* What a kernel sets, and what only damage can have set. */
static const struct {
	uint32_t state, exit_state;
	const char *code, *name;
} state_row[] = {
	{ 0, 0, "R", "running" },
	{ 0x1, 0, "S", "sleeping" },
	{ 0x2001, 0, "S", "sleeping" },
	{ 0x2, 0, "D", "uninterruptible" },
	{ 0x102, 0, "D", "uninterruptible" }, /* TASK_KILLABLE */
	{ 0x6102, 0, "D", "uninterruptible" },
	{ 0x104, 0, "T", "stopped" },
	{ 0x108, 0, "t", "traced" },
	{ 0x8, 0, "t", "traced" },
	{ 0x80, 0x20, "Z", "zombie" },
	{ 0, 0x20, "Z", "zombie" }, /* it still runs */
	{ 0x80, 0x10, "X", "dead" },
	{ 0x80, 0x30, "Z", "zombie" }, /* EXIT_TRACE */
	{ 0x80, 0, "X", "dead" },
	{ 0x40, 0, "P", "parked" },
	{ 0x200, 0, "R", "waking" },
	{ 0x402, 0, "I", "idle" },
	{ 0x2402, 0, "I", "idle" },
	{ 0x800, 0, "new", "new" },
	{ 0x1000, 0, "D", "rt_lock" },
	{ 0x8000, 0, "D", "frozen" },
	{ 0x3, 0, NULL, NULL },
	{ 0x10000, 0, NULL, NULL },
	{ 0x41414141, 0, NULL, NULL },
	{ 0x10, 0, "X", "dead" },
	{ 0, 0x1, NULL, NULL },
	{ 0x80, 0x120, NULL, NULL },
};

START_TEST(states)
{
	struct stk_task t;

	syn_put32(m, b1 + syn_off(m, "task_struct.__state"), state_row[_i].state);
	syn_put32(m, b1 + syn_off(m, "task_struct.exit_state"), state_row[_i].exit_state);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, b1, &t), STK_OK);
	ck_assert_int_eq(!t.now, !state_row[_i].code);
	if (!t.now)
		return;
	ck_assert_str_eq(t.now->code, state_row[_i].code);
	ck_assert_str_eq(t.now->name, state_row[_i].name);
}
END_TEST

/* ---- every word ---- */

static void tell_tasks(FILE *fp)
{
	enum stk_status st;

	s = syn_open(m);
	list = NULL;
	nr = 0;
	st = stk_tasks(s, &list, &nr);
	fprintf(fp, "%s%s:", stk_status_text(st), stk_tasks_truncated(s) ? "+" : "");
	for (size_t i = 0; i < nr; i++)
		fprintf(fp, " %u/%u%s%s%s.%d", list[i].pid, list[i].tgid,
			list[i].on_cpu ? "!" : "", list[i].now ? "" : "?",
			list[i].stack ? "" : "-", list[i].cpu);
}

START_TEST(damaged_words)
{
	static const char *const member[] = {
		"task_struct.tasks", "task_struct.thread_node", "task_struct.signal",
		"task_struct.stack", "task_struct.comm",
	};
	static const char *const small[] = {
		"task_struct.pid",    "task_struct.tgid",	"task_struct.__state",
		"task_struct.on_cpu", "task_struct.exit_state", "task_struct.flags",
	};
	const uint64_t task[] = { syn_sym(m, "init_task"), a, b, b1, b2, d };

	syn_set_current(m, 1, b1);
	for (size_t i = 0; i < 6; i++) {
		char name[80];

		for (size_t k = 0; k < sizeof(member) / sizeof(member[0]); k++) {
			snprintf(name, sizeof(name), "task %zu, %s", i, member[k]);
			words_damage(name, task[i] + syn_off(m, member[k]), k < 2 ? 2 : 1,
				     8, tell_tasks);
		}
		for (size_t k = 0; k < sizeof(small) / sizeof(small[0]); k++) {
			snprintf(name, sizeof(name), "task %zu, %s", i, small[k]);
			words_damage(name, task[i] + syn_off(m, small[k]), 1, 4,
				     tell_tasks);
		}
	}
	words_damage("signal", syn_get64(m, b + syn_off(m, "task_struct.signal")), 4, 8,
		     tell_tasks);
	golden_expect("words", "tasks");
}
END_TEST

static const struct unit_test one_tests[] = {
	LOOP(states, sizeof(state_row) / sizeof(state_row[0])),
	TEST(fields),
	TEST(fields_of_5_4),
	TEST(not_a_task),
	TEST(wild_comm),
	LOOP(cpu_out_of_range, 2),
	TEST(current_of_a_cpu),
	{ 0 },
};

static const struct unit_test all_tests[] = {
	TEST(all_tasks_in_order),
	TEST(listed_once),
	TEST(listed_and_known),
	TEST(words_that_are_not_there),
	TEST(by_pid),
	TEST(running_but_unlisted),
	TEST(no_runqueues),
	TEST(no_idle_task),
	TEST(leader_being_released),
	TEST(many_tasks),
	{ 0 },
};

static const struct unit_test bad_tests[] = {
	TEST(damaged_words),
	LOOP(wild_pointer_midway, 4),
	LOOP(pointer_to_zeros, 2),
	TEST(pointer_to_a_freed_task),
	TEST(pointer_to_another_list),
	TEST(page_of_a_task_missing),
	TEST(task_damaged),
	LOOP(skips_a_task, 2),
	TEST(link_back_damaged),
	LOOP(update_in_flight, 2),
	TEST(loop_both_ways),
	LOOP(loop_of_links_back, 2),
	TEST(plausible),
	TEST(loop_back),
	TEST(self_loop),
	TEST(head_points_nowhere),
	TEST(thread_pointer_wild),
	TEST(thread_loop),
	TEST(thread_self_loop),
	TEST(leader_self_loop),
	TEST(threads_back_to_their_leader),
	TEST(list_symbols_missing),
	TEST(interrupted_then_complete),
	{ 0 },
};

START_TEST(damaged_words_of_pids)
{
	char part[20];

	add_pids(_i);
	break_list();
	words_damage("root", PID_NS, 6, 8, tell_tasks);
	words_damage("first node", NODES, 10, 8, tell_tasks);
	words_damage("buckets", NODES + 0x100, 4, 8, tell_tasks);
	words_damage("second node", NODES + 0x400, 9, 8, tell_tasks);
	words_damage("a pid", PIDS + 0x100, 12, 8, tell_tasks);
	words_damage("another", PIDS + 0x300, 12, 8, tell_tasks);
	words_damage("its number", PIDS + 0x300 + 64, 4, 4, tell_tasks);
	words_damage("link of a task", b + 1440, 8, 8, tell_tasks);
	snprintf(part, sizeof(part), "pids %d", _i);
	golden_expect("words", part);
}
END_TEST

static const struct unit_test lost_tests[] = {
	LOOP(damaged_words_of_pids, NR_PID_ERAS),
	LOOP(found_by_pid, NR_PID_ERAS),
	TEST(threads_by_pid),
	LOOP(depth_of_the_tree, 2),
	TEST(end_of_the_table),
	LOOP(pids_damaged, NR_PID_ERAS),
	LOOP(pids_not_asked, NR_PID_ERAS),
	TEST(found_by_stack),
	LOOP(no_owner, 6),
	TEST(neighbours_of_the_found),
	TEST(found_is_kept),
	TEST(interrupted_in_a_damaged_list),
	{ 0 },
};

const struct unit_suite suite_tasks = {
	"tasks",
	{
		{ "one", one_tests, setup, NULL },
		{ "all", all_tests, setup, NULL },
		{ "damage", bad_tests, setup, NULL },
		{ "lost", lost_tests, setup, NULL },
	},
};
