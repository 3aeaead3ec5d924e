/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what becomes of the chains of xbt: text, equal ones in groups, lines for flame
 * graphs, one document; and what each says where there is no chain.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include "base/context.h"
#include "report/triage.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	crowd();
	s = syn_open(m);
}

static void teardown(void)
{
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
}

#define REGS                                                                             \
	"    RIP: (user)            RSP: (user)            RFLAGS: 00000246\n"           \
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"      \
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"      \
	"    RBP: 0000000000000000   R8: 0000000000007709   R9: 0000000000007708\n"      \
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"      \
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"      \
	"    ORIG_RAX: ffffffffffffffff   CS: 0033   SS: 002b\n"

#define SOME(nr, all) "xbt: " nr " of " all " chains is certain\n"
#define WRITER                                                                           \
	"PID: 401      CPU: 1   COMMAND: \"writer\"  STATE: D  [certain]\n"              \
	"  #0 __schedule+154\n"                                                          \
	"  #1 schedule+72\n"                                                             \
	"  #2 schedule+148\n"                                                            \
	"  #3 disk_wait+64 [disk]\n"                                                     \
	"  #4 task_spin+112\n"                                                           \
	"  #5 vfs_write+155\n"                                                           \
	"  #6 ksys_write+111\n"                                                          \
	"  #7 do_syscall_64+88\n"                                                        \
	"  #8 entry_SYSCALL_64+99\n" REGS "--- <TASK> PID 401, 520 used;\n"              \
	"    ends: user mode, syscall ---\n"

#define SLEEPER                                                                          \
	"PID: 300      CPU: 1   COMMAND: \"sleeper\"  STATE: S  [certain]\n"             \
	"  #0 __schedule+154\n"                                                          \
	"  #1 schedule+72\n"                                                             \
	"  #2 task_spin+148\n"                                                           \
	"  #3 vfs_write+155\n"                                                           \
	"  #4 ksys_write+111\n"                                                          \
	"  #5 do_syscall_64+88\n"                                                        \
	"  #6 entry_SYSCALL_64+99\n" REGS "--- <TASK> PID 300, 480 used;\n"              \
	"    ends: user mode, syscall ---\n"

#define KWORKER                                                                          \
	"PID: 600      CPU: 0   COMMAND: \"kworker\"  STATE: I  [certain]\n"             \
	"  #0 __schedule+154\n"                                                          \
	"  #1 schedule+72\n"                                                             \
	"  #2 worker_thread+148\n"                                                       \
	"  #3 kthread+233\n"                                                             \
	"  #4 ret_from_fork+34\n"                                                        \
	"--- <TASK> PID 600, 408 used; ends: start of the thread ---\n"

#define NO_STACK(pid)                                                                    \
	"PID " pid ": cannot read its saved stack pointer: address is not mapped\n"
#define NO_REGS	 "no registers of CPU 0 were saved; it ran PID 0 \"swapper/0\"\n"
#define NO_LINES "xbt: no line information for the kernel: no namelist\n"
#define FOLDED	 "entry_SYSCALL_64;do_syscall_64;ksys_write;vfs_write;task_spin;"

static const struct asked_row whole[] = {
	{ "xbt 600 --no-addresses", STK_CMD_OK, KWORKER, "" },
	{ "xbt 300 600 --no-addresses", STK_CMD_OK, SLEEPER "\n" KWORKER, "" },
	/* Where there is none, its place stays empty; the rest is told all the same. */
	{ "xbt 500 600 --no-addresses", STK_CMD_FAILED, "\n" KWORKER SOME("1", "2"),
	  NO_STACK("500") },
	{ "xbt 600 500 --no-addresses", STK_CMD_FAILED, KWORKER "\n" SOME("1", "2"),
	  NO_STACK("500") },
	{ "xbt 500", STK_CMD_FAILED, "", NO_STACK("500") },
	{ "xbt 0 600 x --no-addresses", STK_CMD_USAGE, KWORKER,
	  "PID 0 is the idle task of every CPU: use -c\n"
	  "x: neither a PID nor the address of a task\n" },
	{ "xbt 600 -l --no-addresses", STK_CMD_OK, KWORKER NO_LINES, "" },
	{ "xbt -g -N ?ri* --no-addresses", STK_CMD_OK,
	  "2 tasks: D\n    D: 401 \"writer\", 402 \"Writer\"\n" WRITER, "" },
	{ "xbt -g 300 401 600 402 -l --no-addresses", STK_CMD_OK,
	  "2 tasks: D\n    D: 401 \"writer\", 402 \"Writer\"\n" WRITER
	  "\n1 task: S\n" SLEEPER "\n1 task: I\n" KWORKER NO_LINES,
	  "" },
	{ "xbt -g 600 500 --no-addresses", STK_CMD_FAILED,
	  "1 task: I\n" KWORKER SOME("1", "2"), NO_STACK("500") },
	{ "xbt -g 300 700 --no-addresses", STK_CMD_OK,
	  "2 tasks: 1 S 1 ?\n    S: 300 \"sleeper\"\n    ?: 700 \"broken\"\n" SLEEPER,
	  "" },
	{ "xbt -g -N nobody", STK_CMD_OK, "xbt: none of 10 tasks matches\n", "" },
	{ "xbt -o folded 300 401 600 402", STK_CMD_OK,
	  "Writer;" FOLDED "disk_wait;schedule;schedule;__schedule 1\n"
	  "kworker;ret_from_fork;kthread;worker_thread;schedule;__schedule 1\n"
	  "sleeper;" FOLDED "schedule;__schedule 1\n"
	  "writer;" FOLDED "disk_wait;schedule;schedule;__schedule 1\n",
	  "" },
	/* The most first; a task that is named twice counts so. */
	{ "xbt -o folded 300 401 600 401", STK_CMD_OK,
	  "writer;" FOLDED "disk_wait;schedule;schedule;__schedule 2\n"
	  "kworker;ret_from_fork;kthread;worker_thread;schedule;__schedule 1\n"
	  "sleeper;" FOLDED "schedule;__schedule 1\n",
	  "" },
	{ "xbt -o folded 500 600 -l", STK_CMD_FAILED,
	  "kworker;ret_from_fork;kthread;worker_thread;schedule;__schedule 1\n",
	  NO_STACK("500") },
	{ "xbt -o folded -N nobody", STK_CMD_OK, "", "" },
};

START_TEST(whole_answers)
{
	expect_answer(s, &whole[_i]);
	/* The front door shows its own line while it waits for those. */
	ck_assert(asked.cmd.collects ==
		  (strstr(whole[_i].line, "-g ") || strstr(whole[_i].line, "-o ")));
	ck_assert(asked.cmd.summary == !strstr(whole[_i].line, "-o "));
	expect_answers(__func__, _i);
}
END_TEST

/* ---- groups ---- */

/* Sleepers with these lengths of their names, their PIDs from 1000 on. */
static void add_sleepers(const char *lengths)
{
	for (uint32_t i = 0; lengths[i]; i++) {
		char comm[16] = "abcdefghijklmno";

		comm[lengths[i] - 'A' + 1] = '\0';
		crowd_sleeper(comm, 1000 + i, 1, true);
	}
	s = syn_open(m);
}

/* What stands above the chain of the first group, without its first line. */
static const char *members(void)
{
	static char text[8192];
	const char *from = strchr(asked.out, '\n') + 1, *to = strstr(from, "PID: ");

	ck_assert_ptr_nonnull(to);
	snprintf(text, sizeof(text), "%.*s", (int)(to - from), from);
	return text;
}

#define SEVEN                                                                                  \
	"1000 \"abc\", 1001 \"abc\", 1002 \"abc\", 1003 \"abc\", 1004 \"abc\", 1005 \"abc\", " \
	"1006 \"abc\","

/* Lines of up to 100 columns, two of them, unless all is wanted. */
static const struct {
	const char *lengths, *options, *want;
} listed[] = {
	{ "CC", "", "    S: 1000 \"abc\", 1001 \"abc\"\n" },
	{ "CCCCCCCA", "", "    S: " SEVEN " 1007 \"a\"\n" },
	/* A comma more: it just fits. */
	{ "CCCCCCCAC", "", "    S: " SEVEN " 1007 \"a\",\n       1008 \"abc\"\n" },
	{ "CCCCCCCBC", "", "    S: " SEVEN "\n       1007 \"ab\", 1008 \"abc\"\n" },
	/* On the last line there is room for how many are left, until none is. */
	{ "CCCCCCCACCCCCCN", "",
	  "    S: " SEVEN
	  " 1007 \"a\",\n       1008 \"abc\", 1009 \"abc\", 1010 \"abc\", "
	  "1011 \"abc\", 1012 \"abc\", 1013 \"abc\", 1014 \"abcdefghijklmn\"\n" },
	{ "CCCCCCCACCCCCCO", "",
	  "    S: " SEVEN
	  " 1007 \"a\",\n       1008 \"abc\", 1009 \"abc\", 1010 \"abc\", "
	  "1011 \"abc\", 1012 \"abc\", 1013 \"abc\", ... and 1 more\n" },
	{ "CCCCCCCACCCCCCCC", "",
	  "    S: " SEVEN
	  " 1007 \"a\",\n       1008 \"abc\", 1009 \"abc\", 1010 \"abc\", "
	  "1011 \"abc\", 1012 \"abc\", 1013 \"abc\", ... and 2 more\n" },
	{ "CCCCCCCACCCCCDCC", "",
	  "    S: " SEVEN
	  " 1007 \"a\",\n       1008 \"abc\", 1009 \"abc\", 1010 \"abc\", "
	  "1011 \"abc\", 1012 \"abc\", ... and 3 more\n" },
	{ "CCCCCCCACCCCCCCC", "-v",
	  "    S: " SEVEN
	  " 1007 \"a\",\n       1008 \"abc\", 1009 \"abc\", 1010 \"abc\", "
	  "1011 \"abc\", 1012 \"abc\", 1013 \"abc\", 1014 \"abc\",\n       1015 \"abc\"\n" },
};

START_TEST(members_of_a_group)
{
	add_sleepers(listed[_i].lengths);
	ck_assert_int_eq(ask(s, "xbt -g -N a* %s", listed[_i].options), STK_CMD_OK);
	ck_assert_str_eq(members(), listed[_i].want);
	expect_answers(__func__, _i);
}
END_TEST

/* The states one after the other, each with its own; those of no state come last. */
START_TEST(states_of_a_group)
{
	crowd_sleeper("one", 1001, 1, true);
	crowd_sleeper("none", 1002, 0x55, true);
	crowd_sleeper("two", 1003, 1, true);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -g -M disk"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(asked.out, "5 tasks: 2 S 2 D 1 ?\n", 21), 0);
	ck_assert_str_eq(members(), "    S: 1001 \"one\", 1003 \"two\"\n"
				    "    D: 401 \"writer\", 402 \"Writer\"\n"
				    "    ?: 1002 \"none\"\n");
	expect_answers(__func__, _i);
}
END_TEST

static size_t groups_of(const char *tasks)
{
	size_t nr = 0;

	s = syn_open(m);
	ask(s, "xbt -g %s", tasks);
	for (const char *p = asked.out; (p = strstr(p, " task")); p++)
		nr += p[5] == ':' || p[5] == 's';
	return nr;
}

/* One return address, the length, the end, the proof, the stacks: each makes another. */
START_TEST(what_makes_a_group)
{
	const uint64_t a = crowd_sleeper("a", 1001, 1, false);
	const uint64_t b = crowd_sleeper("b", 1002, 1, false),
		       top = syn_stack(m, b) + 0x4000;

	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(groups_of("1001 1002"), 1);
	/* Another place in ksys_write(), called in the same way. */
	ck_assert_uint_eq(syn_get64(m, top - 264), syn_sym(m, "ksys_write") + 0x6f);
	syn_put64(m, top - 264, syn_call_insn(m, "ksys_write", 0x80, "vfs_write"));
	ck_assert_uint_eq(groups_of("1001 1002"), 2);
	syn_put64(m, top - 264, syn_sym(m, "ksys_write") + 0x6f);
	ck_assert_uint_eq(groups_of("1001 1002"), 1);
	/* The same frames, but not to user mode. */
	syn_put64(m, top - 32, 0x10);
	ck_assert_uint_eq(groups_of("1001 1002"), 2);
	syn_put64(m, top - 32, 0x33);
	ck_assert_uint_eq(groups_of("1001 1002"), 1);
	expect_answers(__func__, _i);
}
END_TEST

/* ---- one document ---- */

static struct json_object *document(void)
{
	struct json_object *doc = json_tokener_parse(asked.out);

	ck_assert_msg(doc != NULL, "%s", asked.out);
	ck_assert_ptr_eq(strchr(asked.out, '\n'), asked.out + asked.len - 1);
	return doc;
}

static struct json_object *of(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	ck_assert_msg(json_object_object_get_ex(o, key, &value), "no %s", key);
	return value;
}

START_TEST(documents)
{
	struct json_object *doc, *chains, *chain, *value;

	ck_assert_int_eq(ask(s, "xbt -j 500 600 300"), STK_CMD_OK);
	ck_assert_str_eq(asked.errors, "");
	ck_assert(asked.cmd.collects && !asked.cmd.summary);
	doc = document();
	chains = of(doc, "chains");
	ck_assert_uint_eq(json_object_array_length(chains), 3);
	chain = json_object_array_get_idx(chains, 0);
	ck_assert_int_eq(json_object_get_int(of(of(chain, "task"), "pid")), 500);
	ck_assert_ptr_null(of(chain, "cpu"));
	ck_assert_str_eq(json_object_get_string(of(of(chain, "end"), "text")),
			 "PID 500: cannot read its saved stack pointer: address is not "
			 "mapped");
	chain = json_object_array_get_idx(chains, 2);
	ck_assert_int_eq(json_object_get_int(of(of(chain, "task"), "pid")), 300);
	ck_assert(!json_object_object_get_ex(doc, "tasks_missing", &value));
	ck_assert(!json_object_object_get_ex(doc, "tasks_unsure", &value));
	json_object_put(doc);
	/* Nothing at all is a list, too. */
	ck_assert_int_eq(ask(s, "xbt -j -N nobody"), STK_CMD_OK);
	doc = document();
	ck_assert_uint_eq(json_object_array_length(of(doc, "chains")), 0);
	ck_assert_int_eq(json_object_get_int(of(doc, "tasks_unsure")), 0);
	ck_assert_ptr_null(of(doc, "tasks_missing"));
	json_object_put(doc);
	/* The list of tasks breaks off. */
	syn_put64(m, syn_sym(m, "init_task") + syn_off(m, "task_struct.tasks"), 0x1234);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -j -N sh"), STK_CMD_FAILED);
	doc = document();
	value = of(doc, "tasks_missing");
	ck_assert_ptr_nonnull(strstr(json_object_get_string(value), "at 0x1234"));
	ck_assert_int_eq(strncmp(asked.errors, "tasks may be missing: ", 22), 0);
	ck_assert_ptr_nonnull(strstr(asked.errors, json_object_get_string(value)));
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

/* ---- a Ctrl-C ---- */

/* Wherever it comes: what is collected is not half told, and it is told of once. */
START_TEST(interrupted)
{
	static const char *const line[] = { "xbt -g -u --used 1",
					    "xbt -o folded -u --used 1",
					    "xbt -j -u --used 1", "xbt -N *r* -M disk" };
	unsigned int at, nr = 0;
	char *all;

	ask(s, "%s", line[_i]);
	all = strdup(asked.out);
	for (at = 1; at < 5000; at += at < 40 ? 3 : 97) {
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		m->interrupt_after = at;
		ask(s, "%s", line[_i]);
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		/* All was known by then. */
		if (asked.result == STK_CMD_OK) {
			ck_assert_str_eq(asked.out, all);
			continue;
		}
		nr++;
		ck_assert_str_eq(asked.errors, "interrupted\n");
		if (_i && _i < 3)
			ck_assert_str_eq(asked.out, "");
	}
	free(all);
	ck_assert_uint_gt(nr, 10);
}
END_TEST

/* ---- how far it is ---- */

static char steps[8192];

static void progress(struct stk_command *unused, const char *what, size_t done,
		     size_t all)
{
	const size_t len = strlen(steps);

	snprintf(steps + len, sizeof(steps) - len, "%s %zu/%zu;", what ? what : "-", done,
		 all);
}

START_TEST(steps_are_told)
{
	static const char *const row[][2] = {
		{ "xbt -c 0-1", "CPUs 0/3;CPUs 1/3;- 0/0;" },
		{ "xbt -a", "CPUs 0/3;CPUs 1/3;- 0/0;" },
		{ "xbt 300", "- 0/0;" },
		{ "xbt -u -o folded",
		  "tasks 0/11;tasks 1/11;tasks 2/11;tasks 3/11;tasks 4/11;tasks 5/11;tasks "
		  "6/11;tasks 7/11;tasks 8/11;tasks 9/11;tasks 10/11;- 0/0;" },
	};

	asked_by.progress = progress;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		steps[0] = '\0';
		ask(s, "%s", row[i][0]);
		ck_assert_str_eq(steps, row[i][1]);
	}
	expect_answers(__func__, _i);
}
END_TEST

static bool wants_to_stop(void *unused)
{
	return true;
}

/* The report tells how many there are; not if that is less than all. */
START_TEST(counted_by_the_report)
{
	const struct stk_task *task;
	struct stk_triage t;
	size_t nr, groups;

	crowd_sleeper("a", 1001, 1, false);
	groups = groups_of("-A");
	ck_assert_uint_gt(groups, 2);
	ck_assert_int_eq(stk_triage(s, NULL, 0, "no log", &t), STK_OK);
	ck_assert_uint_lt(groups, t.tasks.nr + t.tasks.nr_idle);
	ck_assert_uint_eq(t.tasks.nr_chains, groups);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	s->budget.dry = true;
	ck_assert_int_eq(stk_triage_count_chains(s, &t, task, nr), STK_OK);
	ck_assert_uint_eq(t.tasks.nr_chains, 0);
	s->budget.dry = false;
	s->target.interrupted = wants_to_stop;
	ck_assert_int_eq(stk_triage_count_chains(s, &t, task, nr), STK_ERR_INTERRUPTED);
	stk_triage_free(s, &t);
	expect_answers(__func__, _i);
}
END_TEST

static const struct unit_test answer_tests[] = {
	LOOP(whole_answers, sizeof(whole) / sizeof(whole[0])),
	TEST(documents),
	LOOP(interrupted, 4),
	TEST(steps_are_told),
	{ 0 },
};

static const struct unit_test group_tests[] = {
	LOOP(members_of_a_group, sizeof(listed) / sizeof(listed[0])),
	TEST(states_of_a_group),
	TEST(what_makes_a_group),
	TEST(counted_by_the_report),
	{ 0 },
};

const struct unit_suite suite_shapes = {
	"shapes",
	{
		{ "answers", answer_tests, setup, teardown },
		{ "groups", group_tests, setup, teardown },
	},
};
