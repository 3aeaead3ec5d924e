/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves whose a user address is that nobody gave a task with: of the CPU that panicked,
 * by either name, or of the first that has a mapping there.
 */
#include "fixture.h"
#include "suite.h"
#include "viewed.h"

#include <string.h>

#define AT   (SYN_DATA + 0x100000) /* free room in the image */
#define MMS  (AT + 0x100)
#define VMAS (AT + 0x400)

static struct stk *s;
static struct stk_place p;
static uint64_t task[3];

/* A process with one mapping; both have one at 0x100000. */
static void add_process(unsigned int i, uint32_t pid)
{
	uint64_t mm = MMS + 64ull * i, vma = VMAS + 0x80ull * i;

	task[i] = syn_task(m, "process", pid, 0);
	syn_put64(m, task[i] + 0x7f0, mm);
	syn_put64(m, mm + 32, vma);
	syn_put64(m, vma, 0x20000 + 0x10000 * i);
	syn_put64(m, vma + 8, 0x21000 + 0x10000 * i);
	syn_put64(m, vma + 16, 3);
	syn_put64(m, vma + 32, vma + 0x40);
	syn_put64(m, vma + 0x40, 0x100000);
	syn_put64(m, vma + 0x48, 0x101000);
	syn_put64(m, vma + 0x50, 3);
	syn_set_current(m, i, task[i]);
}

static void setup(void)
{
	m = syn_kernel(SYN_6_1);
	syn_fill(m, AT, 0x1000, 0);
	syn_mm_types(m);
	add_process(0, 500);
	add_process(1, 501);
	syn_symbol(m, "panic_cpu", AT);
	syn_symbol(m, "crashing_cpu", AT + 4);
	syn_put32(m, AT, ~0u);
	syn_put32(m, AT + 4, ~0u);
}

/* @pid: 0: nobody's. */
static void expect_task(uint64_t addr, uint64_t of, uint32_t pid, const char *detail)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_classify_in(s, addr, of, &p), STK_OK);
	same_place(s, addr, of, &p);
	ck_assert_int_eq(p.has_task, pid != 0);
	if (pid)
		ck_assert_uint_eq(p.task.pid, pid);
	ck_assert_msg(detail ? p.detail && !strcmp(p.detail, detail) : !p.detail,
		      "%llx: %s", (unsigned long long)addr, p.detail);
	ck_assert_int_eq(p.area.what != NULL, pid && !detail);
	ck_assert_int_eq(p.state, p.area.what ? STK_STATE_UNMAPPED : STK_STATE_NONE);
	ck_assert_int_eq(p.phys_status, STK_ERR_UNMAPPED);
}

#define NONE "in none of its mappings"

START_TEST(of_who_panicked)
{
	expect_task(0x100000, 0, 500, NULL);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		/* crashing_cpu is asked where panic_cpu says nothing. */
		syn_put32(m, AT, ~0u);
		syn_put32(m, AT + 4, cpu);
		expect_task(0x100000, 0, 500 + cpu, NULL);
		syn_put32(m, AT, cpu);
		syn_put32(m, AT + 4, !cpu);
		expect_task(0x100000, 0, 500 + cpu, NULL);
		/* What only the other has. */
		expect_task(0x20000, 0, 500, NULL);
		expect_task(0x30000, 0, 501, NULL);
		expect_task(0x30fff, 0, 501, NULL);
		/* What nobody has. */
		expect_task(0x31000, 0, 500 + cpu, NONE);
		expect_task(0xffff, 0, 500 + cpu, "near NULL, " NONE);
		expect_task(0x10000, 0, 500 + cpu, NONE);
	}
}
END_TEST

START_TEST(of_nobody_who_panicked)
{
	expect_task(0x30000, 0, 501, NULL);
	expect_task(0x31000, 0, 0, NULL);
	syn_no_symbol(m, "panic_cpu");
	expect_task(0x20000, 0, 500, NULL);
	syn_put32(m, AT + 4, 1);
	expect_task(0x100000, 0, 501, NULL);
	/* An idle task has no memory. */
	syn_set_current(m, 1, syn_idle(m, 1));
	s = syn_open(m);
	ck_assert_int_eq(stk_classify(s, 0x31000, &p), STK_OK);
	ck_assert(p.has_task && p.task.pid == 0);
	ck_assert_str_eq(p.detail, "it has no user memory, or none that can be read");
}
END_TEST

START_TEST(of_the_one_given)
{
	syn_put32(m, AT, 0);
	expect_task(0x100000, task[1], 501, NULL);
	expect_task(0x20000, task[1], 501, NONE);
	expect_task(0x20000, task[0], 500, NULL);
	/* No task at all. */
	expect_task(0x20000, 0x1234, 0, NULL);
}
END_TEST

/* Is it in the task_struct of @pid, @offset behind its begin? @pid: -1: in none. */
static void expect_object(uint64_t addr, int pid, uint64_t offset)
{
	ck_assert_int_eq(stk_classify(s, addr, &p), STK_OK);
	same_place(s, addr, 0, &p);
	ck_assert_msg((p.object.what != NULL) == (pid >= 0), "%llx: %s",
		      (unsigned long long)addr, p.object.what);
	ck_assert_int_eq(p.has_task, pid >= 0);
	if (pid < 0)
		return;
	ck_assert_str_eq(p.object.what, "task_struct");
	ck_assert_uint_eq(p.task.pid, (unsigned int)pid);
	ck_assert_uint_eq(p.addr - p.object.begin, offset);
}

/* From its first byte to its last; the kernel may say that it is shorter than its type.
 */
START_TEST(of_a_task_struct)
{
	uint64_t init, size, alias;

	init = syn_sym(m, "init_task");
	s = syn_open(m);
	expect_object(task[0], 500, 0);
	size = p.object.size;
	ck_assert_uint_gt(size, 0x7f8);
	expect_object(task[1] + size - 1, 501, size - 1);
	expect_object(task[0] - 1, -1, 0);
	expect_object(task[1] + size, -1, 0);
	expect_object(init + 8, 0, 8);
	ck_assert_uint_eq(p.object.begin, init);
	/* init_task by its other address. */
	ck_assert_uint_gt(p.nr_aliases, 0);
	alias = p.aliases[0].addr;
	expect_object(alias, 0, 8);
	ck_assert_uint_eq(p.object.begin, alias - 8);
	syn_symbol(m, "arch_task_struct_size", AT + 8);
	syn_put32(m, AT + 8, (uint32_t)size - 16);
	s = syn_open(m);
	expect_object(task[1] + size - 17, 501, size - 17);
	expect_object(task[1] + size - 16, -1, 0);
	expect_object(init + size - 1, 0, size - 1);
	/* Nonsense is not believed. */
	syn_put32(m, AT + 8, 0x7fffffff);
	s = syn_open(m);
	expect_object(task[1] + size, -1, 0);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(of_who_panicked),
	TEST(of_nobody_who_panicked),
	TEST(of_the_one_given),
	TEST(of_a_task_struct),
	{ 0 },
};

const struct unit_suite suite_whose = {
	"whose",
	{
		{ "whose", t_tests, setup, NULL },
	},
};
