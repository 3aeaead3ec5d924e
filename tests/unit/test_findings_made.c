/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves, of triages that are made by hand, on which side of each of its bounds a finding
 * is told: what is stuck and what hangs in the same, and what the log and the taint tell
 * of before the end.
 */
#include "findings.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "report/findings.h"

#define MAX 8u

static struct stk_triage t;
static struct stk_event event[MAX], *events[MAX];
static struct stk_event_trace trace[MAX], *traces[MAX];
static struct stk_join join[MAX];
static struct stk_event_frame frames[] = { { .function = "f_waits" },
					   { .function = "g_calls" } };

static void setup(void)
{
	memset(event, 0, sizeof(event));
	memset(trace, 0, sizeof(trace));
	memset(join, 0, sizeof(join));
	t = (struct stk_triage){ .panic.cpu = -1, .events.event = events, .join = join };
	for (size_t i = 0; i < MAX; i++) {
		events[i] = &event[i];
		traces[i] = &trace[i];
		trace[i].frames = frames;
		trace[i].nr_frames = 2;
		event[i].traces = &traces[i];
		event[i].nr_traces = 1;
		event[i].first_line = 10 * (i + 1);
		event[i].cpu = event[i].pid = event[i].seconds = -1;
		join[i].event = &event[i];
		join[i].stack = &trace[i];
	}
}

static void teardown(void)
{
	stk_arena_free(&t.events.arena);
}

/* Just these are told, in this order: "severity: text". NULL ends them. */
static void expect(const struct stk_finding_info *info, const char *const *want)
{
	size_t nr = 0;

	t.nr_findings = 0;
	ck_assert_int_eq(info->look(NULL, &t, info), STK_OK);
	if (t.nr_findings)
		expect_no_room(NULL, &t, info);
	for (; want[nr]; nr++) {
		char text[700];

		ck_assert_msg(nr < t.nr_findings, "not told: %s", want[nr]);
		snprintf(text, sizeof(text), "%s: %s",
			 stk_severity_name(t.finding[nr].severity), t.finding[nr].text);
		ck_assert_str_eq(text, want[nr]);
		ck_assert_str_eq(t.finding[nr].id, info->id);
	}
	ck_assert_msg(nr == t.nr_findings, "told, too: %s", t.finding[nr].text);
}

/* ---- what is stuck ---- */

#define SOFT STK_EVENT_SOFT_LOCKUP
#define HARD STK_EVENT_HARD_LOCKUP
#define RCU  STK_EVENT_RCU_STALL
#define HUNG STK_EVENT_HUNG_TASK
#define SAME STK_JOIN_AGREES
#define WAS(kind, cpu, pid, seconds, verdict, hash, comm)                                \
	{                                                                                \
		kind, cpu, pid, seconds, verdict, hash, comm                             \
	}
#define IS(kind, cpu, pid, seconds, verdict)                                             \
	WAS(kind, cpu, pid, seconds, verdict, NULL, NULL)
#define HANGS(pid, seconds, hash) WAS(HUNG, -1, pid, seconds, SAME, hash, NULL)
#define STILL(who, what)	  "suspicious: " who " still in f_waits < g_calls: " what " (line "
#define KILLED(who, what)	  "fatal: " who " still in f_waits < g_calls: " what " (line "

/* Events and the chains that they are joined with: what is told of them. */
static const struct {
	struct {
		enum stk_event_kind kind;
		int64_t cpu, pid, seconds;
		enum stk_join_verdict verdict;
		const char *hash, *comm;
	} j[5];
	unsigned int dies_of; /* and one */
	const char *want[4];
} stuck[] = {
	{ { IS(SOFT, 1, 5, -1, SAME) },
	  0,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log)" } },
	{ { IS(SOFT, 0, 0, 0, SAME) },
	  0,
	  { STILL("CPU 0 is", "soft lockup") "10 of the log)" } },
	{ { IS(HARD, 1, 5, 1, SAME) },
	  0,
	  { STILL("CPU 1 is", "hard lockup") "10 of the log, 1 s by then)" } },
	{ { WAS(RCU, -1, 5, 22, SAME, NULL, "sh") },
	  0,
	  { STILL("PID 5 \"sh\" is", "RCU stall") "10 of the log, 22 s by then)" } },
	/* A task that hangs is where it is, not where it ran. */
	{ { IS(HUNG, 1, 5, 120, SAME) },
	  0,
	  { STILL("PID 5 \"\" is", "hung task") "10 of the log, 120 s by then)" } },
	/* It went on; nothing is to be compared; nothing was stuck. */
	{ { IS(SOFT, 1, 5, -1, STK_JOIN_DIFFERS), IS(SOFT, 2, 6, -1, STK_JOIN_NONE),
	    IS(SOFT, 3, 7, -1, STK_JOIN_GONE) },
	  0,
	  { NULL } },
	{ { IS(STK_EVENT_PANIC, 1, 5, -1, SAME), IS(STK_EVENT_WARNING, 2, 6, -1, SAME) },
	  0,
	  { NULL } },
	/* Once more of the same: the last time is told. */
	{ { IS(SOFT, 1, 5, 22, SAME), IS(SOFT, 1, 5, 48, SAME) },
	  0,
	  { STILL("CPU 1 is",
		  "soft lockup") "20 of the log, 48 s by then, told 2 times)" } },
	{ { IS(SOFT, 1, 5, 22, SAME), IS(SOFT, 1, 5, 48, STK_JOIN_DIFFERS) },
	  0,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log, 22 s by then)" } },
	/* Another CPU, another task, another reason. */
	{ { IS(SOFT, 1, 5, -1, SAME), IS(SOFT, 2, 5, -1, SAME) },
	  0,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log)",
	    STILL("CPU 2 is", "soft lockup") "20 of the log)" } },
	{ { IS(SOFT, 1, 5, -1, SAME), IS(SOFT, 1, 6, -1, SAME) },
	  0,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log)",
	    STILL("CPU 1 is", "soft lockup") "20 of the log)" } },
	{ { IS(SOFT, 1, 5, -1, SAME), IS(HARD, 1, 5, -1, SAME) },
	  0,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log)",
	    STILL("CPU 1 is", "hard lockup") "20 of the log)" } },
	/* Tasks that hang in the same are one finding, the first; what else is not is. */
	{ { HANGS(5, -1, "v1:1"), HANGS(6, -1, "v1:1") },
	  0,
	  { STILL("PID 5 \"\" and 1 more are", "hung task") "10 of the log)" } },
	{ { HANGS(5, -1, "v1:1"), HANGS(6, -1, "v1:2"), HANGS(7, -1, "v1:1"),
	    WAS(HUNG, -1, 8, -1, STK_JOIN_GONE, "v1:1", NULL) },
	  0,
	  { STILL("PID 5 \"\" and 1 more are", "hung task") "10 of the log)",
	    STILL("PID 6 \"\" is", "hung task") "20 of the log)" } },
	{ { HANGS(5, -1, "v1:1"), WAS(SOFT, 1, 6, -1, SAME, "v1:1", NULL),
	    HANGS(7, -1, "v1:1"), WAS(SOFT, 2, 8, -1, SAME, "v1:1", NULL) },
	  0,
	  { STILL("PID 5 \"\" and 1 more are", "hung task") "10 of the log)",
	    STILL("CPU 1 is", "soft lockup") "20 of the log)",
	    STILL("CPU 2 is", "soft lockup") "40 of the log)" } },
	/* Each told twice. */
	{ { HANGS(5, 120, "v1:1"), HANGS(6, 120, "v1:1"), HANGS(5, 241, "v1:1"),
	    HANGS(6, 241, "v1:1") },
	  0,
	  { STILL("PID 5 \"\" and 1 more are",
		  "hung task") "30 of the log, 241 s by then, told 2 times)" } },
	/* The machine died of it, of another time, or of one that is like it. */
	{ { IS(SOFT, 1, 5, -1, SAME) },
	  1,
	  { KILLED("CPU 1 is", "soft lockup") "10 of the log)" } },
	{ { IS(SOFT, 1, 5, -1, SAME), IS(SOFT, 1, 5, -1, SAME) },
	  1,
	  { KILLED("CPU 1 is", "soft lockup") "20 of the log, told 2 times)" } },
	{ { IS(SOFT, 1, 5, -1, SAME), IS(SOFT, 2, 5, -1, SAME) },
	  2,
	  { STILL("CPU 1 is", "soft lockup") "10 of the log)",
	    KILLED("CPU 2 is", "soft lockup") "20 of the log)" } },
	{ { HANGS(5, -1, "v1:1"), HANGS(6, -1, "v1:1") },
	  2,
	  { KILLED("PID 5 \"\" and 1 more are", "hung task") "10 of the log)" } },
};

START_TEST(what_is_stuck)
{
	for (size_t i = 0; i < 5 && stuck[_i].j[i].kind; i++) {
		event[i].kind = stuck[_i].j[i].kind;
		event[i].pid = stuck[_i].j[i].pid;
		event[i].seconds = stuck[_i].j[i].seconds;
		trace[i].cpu = stuck[_i].j[i].cpu;
		trace[i].pid = stuck[_i].j[i].pid;
		trace[i].comm = stuck[_i].j[i].comm;
		join[i].verdict = stuck[_i].j[i].verdict;
		if (stuck[_i].j[i].hash)
			strcpy(join[i].hash, stuck[_i].j[i].hash);
		t.nr_joins = i + 1;
	}
	t.died = stuck[_i].dies_of;
	if (t.died)
		t.event = &event[stuck[_i].dies_of - 1];
	expect(&stk_finding_stuck, stuck[_i].want);
	if (t.nr_findings) {
		ck_assert_int_eq(t.finding[0].cpu, (int)stuck[_i].j[0].cpu);
		ck_assert_int_eq(t.finding[0].pid, stuck[_i].j[0].pid);
	}
	/* It is the worst of what is told, and not yet what it died of. */
	if (t.died || !t.nr_findings)
		return;
	t.event = &event[0];
	expect(&stk_finding_stuck, stuck[_i].want);
}
END_TEST

START_TEST(who_is_stuck)
{
	event[0].kind = event[1].kind = SOFT;
	event[2].kind = STK_EVENT_PANIC;
	join[0].verdict = join[2].verdict = SAME;
	join[1].verdict = STK_JOIN_DIFFERS;
	t.nr_joins = 3;
	for (int64_t i = 0; i < 3; i++)
		trace[i].pid = 5 + i;
	for (int64_t i = 0; i < 4; i++) {
		ck_assert_int_eq(stk_is_told_stuck(&t, 5 + i), i == 0);
		ck_assert_int_eq(stk_is_still_stuck(&t, &event[i]), i == 0);
	}
	t.nr_joins = 0;
	ck_assert(!stk_is_told_stuck(&t, 5));
}
END_TEST

/* ---- hardware ---- */

#define HARDWARE STK_EVENT_HARDWARE
#define REPORTED "suspicious: the hardware reported errors "

START_TEST(hardware)
{
	const char *said[] = { "it was hot" };
	const struct stk_finding_info *info = &stk_finding_hardware;

	t.events.nr = 3;
	for (size_t i = 0; i < 3; i++)
		event[i].kind = i == 1 ? STK_EVENT_WARNING : HARDWARE;
	event[0].cpu = 4;
	event[2].cpu = 7;
	/* Of a machine that runs all count. */
	expect(info, (const char *const[]){
			     REPORTED "2 times, last in line 30 of the log", NULL });
	ck_assert_int_eq(t.finding[0].cpu, 7);
	event[2].details = said;
	event[2].nr_details = 1;
	expect(info, (const char *const[]){
			     REPORTED "2 times, last in line 30 of the log: it was hot",
			     NULL });
	event[2].subject = "ECC";
	expect(info, (const char *const[]){
			     REPORTED "2 times, last in line 30 of the log: ECC", NULL });
	/* Of one that died those before; not those of its end. */
	t.died = true;
	t.event = &event[1];
	expect(info, (const char *const[]){ REPORTED "1 time, last in line 10 of the log",
					    NULL });
	ck_assert_int_eq(t.finding[0].cpu, 4);
	event[0].first_line = 19;
	expect(info, (const char *const[]){ REPORTED "1 time, last in line 19 of the log",
					    NULL });
	event[0].first_line = 20;
	expect(info, (const char *const[]){ NULL });
	/* What the stacks tell comes behind all of the log. */
	t.from_stacks = true;
	expect(info, (const char *const[]){
			     REPORTED "2 times, last in line 30 of the log: ECC", NULL });
	event[2].panicked = true;
	expect(info, (const char *const[]){ REPORTED "1 time, last in line 20 of the log",
					    NULL });
	t.event = &event[0];
	expect(info, (const char *const[]){ NULL });
	t.died = false;
	expect(info, (const char *const[]){
			     REPORTED "2 times, last in line 30 of the log: ECC", NULL });
}
END_TEST

/* ---- memory ---- */

/* When a process was killed, and when the machine died: how many seconds before. */
static const struct {
	const char *killed, *died;
	int seconds; /* -1: it is not told */
} times[] = {
	{ "100.5", "160.5", 60 },
	{ "100.999", "160.000", 60 },
	{ "100.5", "161.0", -1 },
	{ "160.5", "160.9", 0 },
	{ "0.0", "1.5", 1 },
	/* In no order; no time of the kernel's; none at all. */
	{ "161.0", "160.9", -1 },
	{ "100", "160.5", -1 },
	{ "100.5", "160", -1 },
	{ "Nov 27 10:00:00", "160.5", -1 },
	{ ".5", "20.5", -1 },
	{ "100.5", ".5", -1 },
	{ NULL, "160.5", -1 },
	{ "100.5", NULL, -1 },
};

#define RAN_OUT(seconds, line, times)                                                    \
	"suspicious: memory ran out " seconds                                            \
	" s before, and a process was killed (line " line " of the log; " times          \
	" within 60 s): what handles failed allocations ran "                            \
	"then, as it rarely does"

START_TEST(memory_by_time)
{
	char want[200];
	const char *text[] = { want, NULL };

	t.events.nr = 2;
	t.died = true;
	t.event = &event[1];
	event[0].kind = STK_EVENT_OOM_KILL;
	event[0].time = times[_i].killed;
	event[1].kind = STK_EVENT_PANIC;
	event[1].time = times[_i].died;
	snprintf(want, sizeof(want), RAN_OUT("%d", "10", "1 time"), times[_i].seconds);
	if (times[_i].seconds < 0)
		text[0] = NULL;
	expect(&stk_finding_memory, text);
}
END_TEST

START_TEST(memory)
{
	const char *group[] = { "one", "Memory cgroup out of memory" };
	const char *const none[] = { NULL };
	const struct stk_finding_info *info = &stk_finding_memory;

	t.events.nr = 3;
	t.died = true;
	t.event = &event[2];
	for (size_t i = 0; i < 2; i++) {
		event[i].kind = STK_EVENT_OOM_KILL;
		event[i].details = group;
		event[i].nr_details = 1;
	}
	event[0].time = "150.0";
	event[1].time = "155.0";
	event[2].time = "160.5";
	event[2].kind = STK_EVENT_PANIC;
	expect(info, (const char *const[]){ RAN_OUT("5", "20", "2 times"), NULL });
	/* Of a group it says so, in any of its lines. */
	event[1].nr_details = 2;
	expect(info, (const char *const[]){ RAN_OUT("10", "10", "1 time"), NULL });
	event[1].nr_details = 0;
	event[0].kind = STK_EVENT_OOM_PANIC;
	expect(info, (const char *const[]){ RAN_OUT("5", "20", "1 time"), NULL });
	/* It is the end itself; the end is that; it is behind it; the machine lives. */
	event[1].panicked = true;
	expect(info, none);
	event[1].panicked = false;
	event[2].kind = STK_EVENT_OOM_PANIC;
	expect(info, none);
	event[2].kind = STK_EVENT_PANIC;
	event[1].first_line = 30;
	expect(info, none);
	event[1].first_line = 29;
	expect(info, (const char *const[]){ RAN_OUT("5", "29", "1 time"), NULL });
	t.died = false;
	expect(info, none);
}
END_TEST

/* ---- taint ---- */

#define TROUBLE(letters, what)                                                           \
	"suspicious: by its taint (" letters                                             \
	") the kernel had trouble that the log has "                                     \
	"nothing of: " what
#define BAD    "a page was in a bad state"
#define DIED   "it had died before"
#define LOCKED "a CPU was locked up"
#define MCE    "the hardware reported an error"
#define WARNED "it had warned before"

/* A taint, the event that the machine died of, and one before: what is told. */
static const struct {
	const char *taint;
	enum stk_event_kind died, before;
	const char *want;
} taints[] = {
	{ "G", STK_EVENT_GPF, STK_EVENT_BACKTRACE, NULL },
	{ "", STK_EVENT_GPF, STK_EVENT_BACKTRACE, NULL },
	{ NULL, STK_EVENT_GPF, STK_EVENT_BACKTRACE, NULL },
	{ "GB", STK_EVENT_GPF, STK_EVENT_BACKTRACE, TROUBLE("B", BAD) },
	{ "GB", STK_EVENT_GPF, STK_EVENT_BUG, NULL },
	{ "GB", STK_EVENT_GPF, STK_EVENT_KASAN, NULL },
	{ "GB", STK_EVENT_GPF, STK_EVENT_UBSAN, TROUBLE("B", BAD) },
	{ "GB", STK_EVENT_BUG, STK_EVENT_BACKTRACE, NULL },
	{ "GB", STK_EVENT_KASAN, STK_EVENT_BACKTRACE, TROUBLE("B", BAD) },
	{ "GD", STK_EVENT_GPF, STK_EVENT_BACKTRACE, TROUBLE("D", DIED) },
	{ "GD", STK_EVENT_GPF, STK_EVENT_LIST, NULL },
	{ "GD", STK_EVENT_GPF, STK_EVENT_PAGE_FAULT, NULL },
	{ "GD", STK_EVENT_GPF, STK_EVENT_STACK_END, TROUBLE("D", DIED) },
	{ "GL", STK_EVENT_GPF, STK_EVENT_BACKTRACE, TROUBLE("L", LOCKED) },
	{ "GL", STK_EVENT_GPF, STK_EVENT_SOFT_LOCKUP, NULL },
	{ "GL", STK_EVENT_GPF, STK_EVENT_GPF, TROUBLE("L", LOCKED) },
	{ "GL", STK_EVENT_SOFT_LOCKUP, STK_EVENT_BACKTRACE, NULL },
	{ "GL", STK_EVENT_HARD_LOCKUP, STK_EVENT_BACKTRACE, TROUBLE("L", LOCKED) },
	{ "GM", STK_EVENT_GPF, STK_EVENT_BACKTRACE, TROUBLE("M", MCE) },
	{ "GM", STK_EVENT_GPF, STK_EVENT_MACHINE_CHECK, NULL },
	{ "GM", STK_EVENT_GPF, STK_EVENT_HARDWARE, NULL },
	{ "GM", STK_EVENT_MACHINE_CHECK, STK_EVENT_BACKTRACE, NULL },
	{ "GW", STK_EVENT_GPF, STK_EVENT_BACKTRACE, TROUBLE("W", WARNED) },
	{ "GW", STK_EVENT_GPF, STK_EVENT_WARNING, NULL },
	{ "GW", STK_EVENT_GPF, STK_EVENT_KERNEL_BUG, NULL },
	{ "GW", STK_EVENT_GPF, STK_EVENT_BUG, TROUBLE("W", WARNED) },
	{ "GW", STK_EVENT_WARNING, STK_EVENT_BACKTRACE, NULL },
	{ "WMLDB", STK_EVENT_GPF, STK_EVENT_BACKTRACE,
	  TROUBLE("BDLMW", BAD ", " DIED ", " LOCKED ", " MCE ", " WARNED) },
	{ "GDW", STK_EVENT_GPF, STK_EVENT_WARNING, TROUBLE("D", DIED) },
};

START_TEST(taint)
{
	const char *const none[] = { NULL }, *const want[] = { taints[_i].want, NULL };

	t.events.nr = 2;
	t.died = true;
	t.event = &event[1];
	event[0].kind = taints[_i].before;
	event[1].kind = taints[_i].died;
	trace[1].taint = taints[_i].taint;
	expect(&stk_finding_taint, want);
	/* Whoever lives, or died of what only the stacks tell, had no such line. */
	t.from_stacks = true;
	expect(&stk_finding_taint, none);
	t.from_stacks = t.died = false;
	expect(&stk_finding_taint, none);
	t.died = true;
	event[1].nr_traces = 0;
	expect(&stk_finding_taint, none);
	/* What comes behind the end tells nothing of what was before. */
	event[1].nr_traces = 1;
	event[0].first_line = 30;
	event[0].kind = STK_EVENT_BACKTRACE;
	t.nr_findings = 0;
	ck_assert_int_eq(stk_finding_taint.look(NULL, &t, &stk_finding_taint), STK_OK);
	if (taints[_i].want)
		ck_assert_uint_eq(t.nr_findings, 1);
}
END_TEST

static const struct unit_test stuck_tests[] = {
	LOOP(what_is_stuck, sizeof(stuck) / sizeof(stuck[0])),
	TEST(who_is_stuck),
	{ 0 },
};

static const struct unit_test before_tests[] = {
	TEST(hardware), LOOP(memory_by_time, sizeof(times) / sizeof(times[0])),
	TEST(memory),	LOOP(taint, sizeof(taints) / sizeof(taints[0])),
	{ 0 },
};

const struct unit_suite suite_findings_made = {
	"findings_made",
	{
		{ "stuck", stuck_tests, setup, teardown },
		{ "before", before_tests, setup, teardown },
	},
};
