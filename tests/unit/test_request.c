/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which chains xbt shows for what is asked: the context, the CPU that panicked,
 * CPUs, tasks and places to start from; and what is said of each that there is not.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct stk *s;
static uint64_t context;

static bool get_context(struct stk_command *unused, uint64_t *task)
{
	*task = context;
	return context;
}

static void setup(void)
{
	crowd();
	asked_by.context = get_context;
	s = syn_open(m);
}

static void teardown(void)
{
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
	context = 0;
}

static void set_panicked(unsigned int cpu)
{
	syn_symbol(m, "panic_cpu", SYN_DATA + 0x100000);
	syn_fill(m, SYN_DATA + 0x100000, 8, 0);
	syn_put32(m, SYN_DATA + 0x100000, cpu);
	s = syn_open(m);
}

/* CPU 0 is idle, and its registers were saved. */
static void save_idle(void)
{
	struct syn_cpu idle = syn_cpu(m, 0, syn_idle(m, 0));

	syn_idle_loop(&idle);
	syn_crash_note(&idle);
	s = syn_open(m);
}

/* Everything but the chains themselves. */
static void expect_chains(const char *line, enum stk_command_result result,
			  const char *pids, const char *first, const char *errors)
{
	ask(s, "%s", line);
	ck_assert_str_eq(asked.errors, errors);
	ck_assert_msg(asked.result == result, "%s: %d", line, asked.result);
	ck_assert_msg(!strcmp(asked_pids(), pids), "%s: %s", line, asked_pids());
	ck_assert_msg(!strncmp(asked.out, first, strlen(first)), "%s: %s", line,
		      asked.out);
}

#define NO_REGS "no registers of CPU 0 were saved; it ran PID 0 \"swapper/0\"\n"
#define NO_STACK(pid)                                                                    \
	"PID " pid ": cannot read its saved stack pointer: address is not mapped\n"
#define ALL "; -a shows all CPUs, -A all tasks\n"

START_TEST(of_nobody)
{
	expect_chains("xbt", STK_CMD_FAILED, "",
		      "No CPU is known to have panicked: this is CPU 0" ALL, NO_REGS);
	ck_assert_uint_eq(strlen(asked.out), 81);
	expect_chains("xbt -g", STK_CMD_FAILED, "",
		      "No CPU is known to have panicked: this is CPU 0" ALL, NO_REGS);
	expect_chains("xbt -o folded", STK_CMD_FAILED, "", "", NO_REGS);
	ck_assert_str_eq(asked.out, "");
	expect_chains("xbt -j", STK_CMD_OK, "", "{ \"schema\"", "");
	expect_chains("xbt -p", STK_CMD_FAILED, "", "",
		      "no CPU is known to have panicked\n");
	ck_assert_str_eq(asked.out, "");
	/* The first that was running at all. */
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 2);
	s = syn_open(m);
	expect_chains("xbt", STK_CMD_OK, "227",
		      "No CPU is known to have panicked: this is CPU 1" ALL "PID: 227",
		      "");
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 0);
	syn_fill(m, SYN_PERCPU(1) + 0x22000, 512, 0);
	s = syn_open(m);
	expect_chains("xbt", STK_CMD_FAILED, "",
		      "No CPU is known to have panicked: this is CPU 0" ALL,
		      "no registers of CPU 0 were saved (it is offline)\n");
	expect_chains("xbt -a", STK_CMD_FAILED, "", "",
		      "no CPU is online: the kernel died before bringing one up\n");
	asked_by.context = NULL;
	expect_chains("xbt -j", STK_CMD_OK, "", "{ \"schema\"", "");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_panicked)
{
	save_idle();
	set_panicked(1);
	expect_chains("xbt", STK_CMD_OK, "227", "CPU 1 panicked" ALL "PID: 227", "");
	expect_chains("xbt -g", STK_CMD_OK, "227",
		      "CPU 1 panicked" ALL "1 task: R\nPID: 227", "");
	expect_chains("xbt -o folded", STK_CMD_OK, "", "sh;entry_SYSCALL_64;", "");
	expect_chains("xbt -p", STK_CMD_OK, "227", "PID: 227", "");
	expect_chains("xbt -a", STK_CMD_OK, "227 0", "PID: 227", "");
	expect_chains("xbt -c 0,1", STK_CMD_OK, "0 227", "PID: 0", "");
	expect_chains("xbt -c all", STK_CMD_FAILED, "0 227", "PID: 0",
		      "no registers of CPU 2 were saved (it is offline)\n");
	/* An idle CPU has nothing to tell but when it panicked. */
	expect_chains("xbt -a -n idle", STK_CMD_OK, "227", "PID: 227", "");
	expect_chains("xbt -n idle -c 0", STK_CMD_OK, "", "", "");
	ck_assert_str_eq(asked.out, "");
	expect_chains("xbt -n idle 300 600", STK_CMD_OK, "300 600", "PID: 300", "");
	set_panicked(0);
	expect_chains("xbt -a -n idle", STK_CMD_OK, "0 227", "PID: 0", "");
	expect_chains("xbt", STK_CMD_OK, "0", "CPU 0 panicked" ALL "PID: 0", "");
	/* A context is what was chosen by hand. */
	context = sh;
	expect_chains("xbt", STK_CMD_OK, "227", "PID: 227", "");
	expect_chains("xbt -p", STK_CMD_OK, "0", "PID: 0", "");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_context)
{
	context = sh;
	expect_chains("xbt", STK_CMD_OK, "227", "PID: 227", "");
	context = SYN_VMALLOC;
	expect_chains("xbt", STK_CMD_FAILED, "", "",
		      "task_struct 0xffffb1c000000000: address is not mapped\n");
	/* A choice is one of all tasks. */
	context = sh;
	expect_chains("xbt -N writer", STK_CMD_OK, "401", "PID: 401", "");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_tasks)
{
	char line[64];

	expect_chains("xbt 300 227 401", STK_CMD_OK, "300 227 401", "PID: 300", "");
	expect_chains("xbt 500", STK_CMD_FAILED, "", "", NO_STACK("500"));
	snprintf(line, sizeof(line), "xbt %llx", (unsigned long long)sh);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	snprintf(line, sizeof(line), "xbt 0x%llx 600", (unsigned long long)sh);
	expect_chains(line, STK_CMD_OK, "227 600", "PID: 227", "");
	expect_chains("xbt 0", STK_CMD_USAGE, "", "",
		      "PID 0 is the idle task of every CPU: use -c\n");
	expect_chains("xbt 000 300", STK_CMD_USAGE, "300", "PID: 300",
		      "PID 0 is the idle task of every CPU: use -c\n");
	/* Digits are a PID; what is as small is none that there is. */
	expect_chains("xbt 12c", STK_CMD_FAILED, "", "",
		      "12c: there is no task with this PID\n");
	expect_chains("xbt 0x12c", STK_CMD_FAILED, "", "",
		      "0x12c: there is no task with this PID\n");
	expect_chains("xbt fffffffe", STK_CMD_FAILED, "", "",
		      "fffffffe: there is no task with this PID\n");
	expect_chains("xbt ffffffff", STK_CMD_FAILED, "", "",
		      "ffffffff: 0xffffffff cannot be a task_struct\n");
	expect_chains("xbt 2147483647", STK_CMD_FAILED, "", "",
		      "2147483647: 0x2147483647 cannot be a task_struct\n");
	expect_chains("xbt 4294967596", STK_CMD_FAILED, "", "",
		      "4294967596: 0x4294967596 cannot be a task_struct\n");
	expect_chains("xbt ffffb1c000000000", STK_CMD_FAILED, "", "",
		      "ffffb1c000000000: task_struct 0xffffb1c000000000: address is not "
		      "mapped\n");
	expect_chains("xbt 300x", STK_CMD_USAGE, "", "",
		      "300x: neither a PID nor the address of a task\n");
	expect_chains("xbt 99999999999999999999", STK_CMD_USAGE, "", "",
		      "99999999999999999999: neither a PID nor the address of a task\n");
	expect_answers(__func__, _i);
}
END_TEST

/* A PID that only a bitmap of the largest numbers has. */
START_TEST(of_the_largest_pid)
{
	crowd_sleeper("last", INT32_MAX, 1, false);
	s = syn_open(m);
	expect_chains("xbt 2147483647", STK_CMD_OK, "2147483647", "PID: 2147483647", "");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_all_tasks)
{
	expect_chains("xbt -A", STK_CMD_FAILED, "300 401 402 600 700 227",
		      "\n\n\nPID: 300",
		      NO_REGS NO_STACK("0") NO_STACK("1") NO_STACK("500"));
	ck_assert_uint_eq(asked.cmd.nr_chains, 10);
	ck_assert_uint_eq(asked.cmd.nr_certain, 6);
	expect_chains("xbt -A -n idle", STK_CMD_FAILED, "300 401 402 600 700 227",
		      "\n\n\nPID: 300",
		      NO_REGS NO_STACK("0") NO_STACK("1") NO_STACK("500"));
	save_idle();
	expect_chains("xbt -A -k", STK_CMD_FAILED, "0 600", "PID: 0", NO_STACK("0"));
	expect_chains("xbt -A -k -n idle", STK_CMD_FAILED, "600", "\nPID: 600",
		      NO_STACK("0"));
	expect_chains("xbt -A -c 0", STK_CMD_FAILED, "0 600", "PID: 0",
		      NO_STACK("1") NO_STACK("500"));
	ck_assert_uint_eq(asked.cmd.nr_chains, 4);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_a_broken_list)
{
	syn_put64(m, syn_sym(m, "init_task") + syn_off(m, "task_struct.tasks"), 0x1234);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -N sh"), STK_CMD_FAILED);
	ck_assert_str_eq(asked_pids(), "227");
	ck_assert_int_eq(strncmp(asked.errors, "tasks may be missing: ", 22), 0);
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -A"), STK_CMD_FAILED);
	ck_assert_int_eq(strncmp(asked.errors, "cannot find the tasks: ", 23), 0);
	expect_answers(__func__, _i);
}
END_TEST

/* Whose stack it is, is found; what is given is taken as it is. */
START_TEST(of_a_place)
{
	const unsigned long long sp = c.sp, bp = c.bp, regs = syn_stack(m, sh) + 0x3e08;
	char line[128], want[128];

	snprintf(line, sizeof(line), "xbt -S %llx -I timer_fn+0x40", sp);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	snprintf(want, sizeof(want), "\n  #0 [%llx] timer_fn+64 at ffffffff9b001c40\n",
		 sp);
	ck_assert_ptr_nonnull(strstr(asked.out, want));
	/* Without rip, it is what lies there: the return address to hrtimer_interrupt().
	 */
	snprintf(line, sizeof(line), "xbt -S %llx", sp + 16);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	snprintf(want, sizeof(want), "\n  #0 [%llx] hrtimer_interrupt+169 at ", sp + 24);
	ck_assert_ptr_nonnull(strstr(asked.out, want));
	/* vfs_write() is left by its rbp. */
	snprintf(line, sizeof(line), "xbt -S %llx -I vfs_write+0x9b -B %llx",
		 (unsigned long long)syn_stack(m, sh) + 0x3ec0, bp);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	snprintf(line, sizeof(line), "xbt -S %llx -I vfs_write+0x9b -B 8",
		 (unsigned long long)syn_stack(m, sh) + 0x3ec0);
	expect_chains(line, STK_CMD_DOUBT, "227", "PID: 227", "");
	snprintf(line, sizeof(line), "xbt -R %llx", regs);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	snprintf(want, sizeof(want), "\n  #0 [%llx] task_spin+64 at ffffffff9b001540\n",
		 (unsigned long long)syn_stack(m, sh) + 0x3eb8);
	ck_assert_ptr_nonnull(strstr(asked.out, want));
	snprintf(line, sizeof(line), "xbt -n idle -R %llx", regs);
	expect_chains(line, STK_CMD_OK, "227", "PID: 227", "");
	expect_answers(__func__, _i);
}
END_TEST

static const struct {
	const char *line;
	enum stk_command_result result;
	const char *errors;
} wrong[] = {
	{ "xbt -S 1000", STK_CMD_FAILED,
	  "cannot read the stack at 0x1000: address is not mapped\n" },
	{ "xbt -R 1000", STK_CMD_FAILED,
	  "cannot read a pt_regs at 0x1000: address is not mapped\n" },
	{ "xbt -S x", STK_CMD_FAILED,
	  "x: neither an address nor a symbol: there is no symbol x\n" },
	{ "xbt -S 1000 -I x", STK_CMD_FAILED,
	  "x: neither an address nor a symbol: there is no symbol x\n" },
	{ "xbt -S 1000 -B x", STK_CMD_FAILED,
	  "x: neither an address nor a symbol: there is no symbol x\n" },
	{ "xbt -R x+1", STK_CMD_FAILED,
	  "x+1: neither an address nor a symbol: there is no symbol x\n" },
	{ "xbt -S 1000 -B sh+x", STK_CMD_USAGE, "not an offset: \"x\"\n" },
	{ "xbt -R 1000 -N sh", STK_CMD_USAGE,
	  "-R 1000 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -R current_task:1 -a", STK_CMD_USAGE,
	  "-R current_task:1 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -R 1000 -A", STK_CMD_USAGE,
	  "-R 1000 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -R 1000 -p", STK_CMD_USAGE,
	  "-R 1000 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -R 1000 -c 1", STK_CMD_USAGE,
	  "-R 1000 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -R 1000 300", STK_CMD_USAGE,
	  "-R 1000 is a place to start from, and goes with no CPU or task\n" },
	{ "xbt -c 9", STK_CMD_FAILED, "there is no CPU 9: the highest is 2\n" },
	{ "xbt -c x", STK_CMD_USAGE, "not a list of CPUs: \"x\"\n" },
	{ "xbt -A -c x", STK_CMD_USAGE, "not a list of CPUs: \"x\"\n" },
	{ "xbt -A -c 9", STK_CMD_FAILED, "there is no CPU 9: the highest is 2\n" },
};

START_TEST(of_what_is_not)
{
	expect_chains(wrong[_i].line, wrong[_i].result, "", "", wrong[_i].errors);
	ck_assert_str_eq(asked.out, "");
	/* The same in JSON: an empty list, or no document. */
	asked_free();
	expect_answers(__func__, _i);
}
END_TEST

/* "-R function" is as --function; what can be a place is one. */
START_TEST(of_a_function)
{
	expect_chains("xbt -R disk_wait -N *riter", STK_CMD_OK, "401 402", "PID: 401",
		      "");
	expect_chains("xbt -R timer_fn -u --used 1", STK_CMD_OK, "227", "PID: 227", "");
	expect_chains("xbt -R disk_* 300 402", STK_CMD_OK, "402", "PID: 402", "");
	expect_chains("xbt -c 1 -R timer_fn", STK_CMD_OK, "227", "PID: 227", "");
	expect_chains("xbt -R bad 300", STK_CMD_USAGE, "", "",
		      "-R bad is a place to start from, and goes with no CPU or task\n");
	expect_answers(__func__, _i);
}
END_TEST

/* Letters as bt has them: those that there are, and those that are told of. */
START_TEST(letters)
{
	static const char *const missing = "deEFOx";

	for (const struct stk_letter *l = stk_xbt_command.letters; l->letter; l++) {
		const char key[] = { l->letter[1], '\0' };
		const bool has = stk_find_option(stk_xbt_command.options, *key);

		ck_assert_int_eq(l->letter[0], '-');
		ck_assert_msg(has != (strchr(missing, *key) != NULL), "%s", l->letter);
		ck_assert_msg(l->missing != has, "%s", l->letter);
		ck_assert_msg(l->here[strlen(l->here) - 1] == '.', "%s", l->letter);
		if (has)
			continue;
		ask(s, "xbt %s", l->letter);
		ck_assert_int_eq(asked.result, STK_CMD_USAGE);
		ck_assert_int_eq(strncmp(asked.errors, l->letter, 2), 0);
		ck_assert_ptr_nonnull(strstr(asked.errors, ": no such option; of bt: "));
		ck_assert_ptr_nonnull(strstr(asked.errors, l->here));
	}
	/* One that bt has not, either. */
	ask(s, "xbt -z");
	ck_assert_str_eq(asked.errors, "-z: no such option\n");
	ask(s, "stackof -z");
	ck_assert_str_eq(asked.errors, "-z: no such option\n");
	ask(s, "xbt --nothing");
	ck_assert_str_eq(asked.errors, "--nothing: no such option\n");
	expect_answers(__func__, _i);
}
END_TEST

static const struct unit_test tests[] = {
	TEST(of_nobody),
	TEST(of_the_panicked),
	TEST(of_the_context),
	TEST(of_tasks),
	TEST(of_the_largest_pid),
	TEST(of_all_tasks),
	TEST(of_a_broken_list),
	TEST(of_a_place),
	LOOP(of_what_is_not, sizeof(wrong) / sizeof(wrong[0])),
	TEST(of_a_function),
	TEST(letters),
	{ 0 },
};

const struct unit_suite suite_request = {
	"request",
	{ { "chains", tests, setup, teardown } },
};
