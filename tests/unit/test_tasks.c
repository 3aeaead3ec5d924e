/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that every task and thread is found once, in the kernel's order, and that
 * damaged lists (wild pointers, loops of every shape) end the search, keep what was
 * found, and are told of.
 */
#include "synthetic.h"

#include <stdio.h>
#include <string.h>

static struct syn *m;
static struct stk *s;
static uint64_t a, b, b1, b2, d;
static const struct stk_task *list;
static size_t nr;

/* swapper/0-2, init, then: a; b with threads b1, b2; d. */
static void setup(void)
{
	m = syn_kernel(SYN_6_1);
	a = syn_task(m, "a", 100, 0);
	b = syn_task(m, "b", 200, 0);
	b1 = syn_task(m, "b/1", 201, b);
	b2 = syn_task(m, "b/2", 202, b);
	d = syn_task(m, "d", 300, 0);
}

static void teardown(void)
{
	syn_free(m);
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

START_TEST(wild_pointer_midway)
{
	static const uint64_t wild[] = { 0, 0x4141414141414141ull, SYN_VMALLOC + 0x800,
					 SYN_TEXT + 0x1000 };

	syn_put64(m, tasks_node(b), wild[_i]);
	load();
	expect_pids("0 0 0 1 100 200 201 202");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
	ck_assert_ptr_nonnull(strstr(stk_tasks_truncated(s), "list of tasks is damaged"));
}
END_TEST

START_TEST(page_of_a_task_missing)
{
	syn_fail(m, d, STK_ERR_EXCLUDED);
	load();
	expect_pids("0 0 0 1 100 200 201 202");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

START_TEST(loop_back)
{
	syn_put64(m, tasks_node(d), tasks_node(a));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

START_TEST(self_loop)
{
	syn_put64(m, tasks_node(a), tasks_node(a));
	load();
	expect_pids("0 0 0 1 100");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

START_TEST(head_points_nowhere)
{
	syn_put64(m, tasks_node(syn_sym(m, "init_task")), 0x1234);
	load();
	expect_pids("0 0 0");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

/* Threads: what is broken in one process does not hide the next one. */
START_TEST(thread_pointer_wild)
{
	syn_put64(m, thread_node(b1), 0xdeadbeef);
	load();
	expect_pids("0 0 0 1 100 200 201 300");
	ck_assert_ptr_nonnull(
		strstr(stk_tasks_truncated(s), "list of threads is damaged"));
}
END_TEST

START_TEST(thread_loop)
{
	syn_put64(m, thread_node(b2), thread_node(b1));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

START_TEST(thread_self_loop)
{
	syn_put64(m, thread_node(b1), thread_node(b1));
	load();
	expect_pids("0 0 0 1 100 200 201 300");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

/* The leader is in its own list, so meeting it is no sign of a loop: twice is. */
START_TEST(leader_self_loop)
{
	syn_put64(m, thread_node(b), thread_node(b));
	load();
	expect_pids("0 0 0 1 100 200 300");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
}
END_TEST

START_TEST(threads_back_to_their_leader)
{
	syn_put64(m, thread_node(b2), thread_node(b));
	load();
	expect_pids("0 0 0 1 100 200 201 202 300");
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
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

Suite *suite_tasks(void)
{
	Suite *suite = suite_create("tasks");
	TCase *one = tcase_create("one"), *all = tcase_create("all");
	TCase *bad = tcase_create("damage");

	tcase_add_checked_fixture(one, setup, teardown);
	tcase_add_test(one, fields);
	tcase_add_test(one, fields_of_5_4);
	tcase_add_test(one, not_a_task);
	tcase_add_test(one, wild_comm);
	tcase_add_loop_test(one, cpu_out_of_range, 0, 2);
	tcase_add_test(one, current_of_a_cpu);
	suite_add_tcase(suite, one);

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_set_timeout(all, 60);
	tcase_add_test(all, all_tasks_in_order);
	tcase_add_test(all, listed_once);
	tcase_add_test(all, by_pid);
	tcase_add_test(all, running_but_unlisted);
	tcase_add_test(all, no_runqueues);
	tcase_add_test(all, leader_being_released);
	tcase_add_test(all, many_tasks);
	suite_add_tcase(suite, all);

	tcase_add_checked_fixture(bad, setup, teardown);
	tcase_set_timeout(bad, 10); /* a loop that is not cut */
	tcase_add_loop_test(bad, wild_pointer_midway, 0, 4);
	tcase_add_test(bad, page_of_a_task_missing);
	tcase_add_test(bad, loop_back);
	tcase_add_test(bad, self_loop);
	tcase_add_test(bad, head_points_nowhere);
	tcase_add_test(bad, thread_pointer_wild);
	tcase_add_test(bad, thread_loop);
	tcase_add_test(bad, thread_self_loop);
	tcase_add_test(bad, leader_self_loop);
	tcase_add_test(bad, threads_back_to_their_leader);
	tcase_add_test(bad, list_symbols_missing);
	tcase_add_test(bad, interrupted_then_complete);
	suite_add_tcase(suite, bad);
	return suite;
}
