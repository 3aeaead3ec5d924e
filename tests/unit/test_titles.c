/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how what is on a line is called: a stack by whose it is, an event by who was
 * there, a cause by the functions of its signature.
 */
#include "fixture.h"
#include "suite.h"

#include <stackinfo/entry.h>
#include <stackinfo/overview.h>
#include <stdlib.h>
#include <string.h>

#include "report/events.h"
#include "report/findings.h"
#include "report/triage.h"
#include "render/render.h"
#include "render/text_events.h"
#include "render/text_triage.h"

static struct stk *s;

START_TEST(of_a_stack)
{
	const struct {
		struct stk_stack stack;
		const char *title;
	} row[] = {
		{ { .kind = NULL, .cpu = -1 }, "no known stack" },
		{ { .kind = NULL, .cpu = 0 }, "no known stack" },
		{ { .kind = X86_STACK(IRQ), .cpu = 0 }, "IRQ stack of CPU 0" },
		{ { .kind = X86_STACK(IRQ), .cpu = 1 }, "IRQ stack of CPU 1" },
		{ { .kind = X86_STACK(TASK), .cpu = -1, .task = sh },
		  "TASK stack of PID 227" },
		{ { .kind = X86_STACK(TASK), .cpu = -1, .task = 0x1230 },
		  "TASK stack of task 1230" },
		{ { .kind = X86_STACK(TASK), .cpu = 0 }, "TASK stack cached on CPU 0" },
		{ { .kind = X86_STACK(TASK), .cpu = 1 }, "TASK stack cached on CPU 1" },
		{ { .kind = X86_STACK(TASK), .cpu = -1 }, "TASK stack of no task" },
	};
	char text[80];

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_str_eq(stk_stack_title(s, &row[i].stack, text, sizeof(text)),
				 row[i].title);
}
END_TEST

/* The event's own words, and what its backtrace knows of the same task. */
START_TEST(of_an_event)
{
	static const struct {
		int64_t pid;
		const char *comm;
		int64_t cpu;
		bool traced;
		int64_t trace_pid;
		const char *trace_comm;
		int64_t trace_cpu;
		const char *who;
	} row[] = {
		{ -1, NULL, -1, false, 0, NULL, 0, "" },
		{ 5, NULL, -1, false, 0, NULL, 0, "PID 5" },
		{ 0, NULL, 0, false, 0, NULL, 0, "PID 0 on CPU 0" },
		{ 5, "a", 3, false, 0, NULL, 0, "PID 5 \"a\" on CPU 3" },
		{ -1, "a", -1, false, 0, NULL, 0, "\"a\"" },
		{ -1, NULL, 3, false, 0, NULL, 0, "on CPU 3" },
		{ -1, NULL, -1, true, 7, "b", 2, "PID 7 \"b\" on CPU 2" },
		{ -1, NULL, -1, true, 0, "b", 0, "PID 0 \"b\" on CPU 0" },
		{ 7, "a", 3, true, 7, "b", 2, "PID 7 \"b\" on CPU 2" },
		{ 5, "a", 3, true, 7, "b", 2, "PID 5 \"a\" on CPU 2" },
		{ 5, "a", 3, true, 5, NULL, -1, "PID 5 \"a\" on CPU 3" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_event_trace t = { .pid = row[i].trace_pid,
					     .comm = row[i].trace_comm,
					     .cpu = row[i].trace_cpu },
				       *traces[] = { &t };
		struct stk_event e = { .kind = STK_EVENT_DIE,
				       .pid = row[i].pid,
				       .comm = row[i].comm,
				       .cpu = row[i].cpu,
				       .traces = traces,
				       .nr_traces = row[i].traced };
		char text[120];

		stk_text_event_who(&e, text, sizeof(text));
		ck_assert_msg(!strcmp(text, row[i].who), "row %zu: %s", i, text);
	}
}
END_TEST

START_TEST(of_a_signature)
{
	static struct stk_signature sig;
	static const char *const want[] = {
		"code without a name", "f", "f < g", "f < g < h", "f < g < h < i",
		"f < g < h < i",
	};
	char text[300], small[7];

	for (size_t i = 0; i < 5; i++)
		sig.names[i][0] = (char)('f' + i);
	for (sig.nr_names = 0; sig.nr_names < 6; sig.nr_names++)
		ck_assert_str_eq(stk_finding_names(&sig, text, sizeof(text)),
				 want[sig.nr_names]);
	sig.nr_names = 4;
	ck_assert_str_eq(stk_finding_names(&sig, small, sizeof(small)), "f < g ");
	memset(sig.names[1], 'x', 100);
	sig.nr_names = 2;
	ck_assert_uint_eq(strlen(stk_finding_names(&sig, text, sizeof(text))), 4 + 48);
}
END_TEST

START_TEST(words_of_a_cpu)
{
	struct stk_entry_words words;

	s = syn_open(m);
	for (int cpu = 0; cpu < 3; cpu++) {
		/* This machine has none of the registers that it would tell. */
		ck_assert_int_eq(stk_entry_words(s, cpu, &words), STK_ERR_UNSUPPORTED);
		ck_assert_int_eq(words.cpu, cpu);
		ck_assert_int_eq(words.online, cpu < 2);
	}
	ck_assert_int_eq(stk_entry_words(s, 3, &words), STK_ERR_ARG);
	ck_assert_str_eq(stk_error_text(s), "there is no CPU 3");
}
END_TEST

/* A row is found by its stack, and none by one that is not there. */
START_TEST(row_of_a_stack)
{
	struct stk_overview o;
	struct stk_stack none;

	s = syn_open(m);
	ck_assert_int_eq(stk_overview(s, &o), STK_OK);
	for (size_t i = 0; i < o.nr; i++) {
		struct stk_row *row = o.by_address[i];

		ck_assert_ptr_eq(stk_overview_row(&o, &row->stack), row);
		none = row->stack;
		none.begin++;
		ck_assert_ptr_null(stk_overview_row(&o, &none));
		none.begin -= 2;
		ck_assert_ptr_null(stk_overview_row(&o, &none));
	}
	stk_overview_free(s, &o);
}
END_TEST

/* What is told of all rows is what they say together. */
static void expect_sums(const struct stk_overview *o)
{
	uint64_t cpu_bytes = 0, task_bytes = 0;
	size_t nr_cpu = 0;

	for (size_t i = 0; i < o->nr; i++) {
		const struct stk_stack *stack = &o->row[i].stack;
		const uint64_t size = stack->end - stack->begin;

		if (stk_stack_is_task(stack)) {
			task_bytes += size;
			continue;
		}
		/* Those of CPUs come first. */
		ck_assert_uint_eq(nr_cpu++, i);
		cpu_bytes += stack->mapped ? size : 0;
	}
	ck_assert_uint_eq(o->nr_cpu, nr_cpu);
	ck_assert_uint_eq(o->cpu_bytes, cpu_bytes);
	ck_assert_uint_eq(o->task_bytes, task_bytes);
	for (size_t i = 1; i < o->nr; i++) {
		const struct stk_row *a = &o->row[i - 1], *b = &o->row[i];

		ck_assert_uint_le(o->by_address[i - 1]->stack.begin,
				  o->by_address[i]->stack.begin);
		if (i < nr_cpu) {
			ck_assert_int_le(a->cpu, b->cpu);
			if (a->cpu == b->cpu)
				ck_assert_uint_le(a->stack.begin, b->stack.begin);
		} else if (i > nr_cpu) {
			ck_assert_uint_ge(a->use.high_water, b->use.high_water);
			if (a->use.high_water == b->use.high_water)
				ck_assert(a->task.pid < b->task.pid ||
					  (a->task.pid == b->task.pid &&
					   a->stack.begin < b->stack.begin));
		}
	}
}

START_TEST(order_of_rows)
{
	const uint64_t begin[] = { syn_stack(m, sh), 0, 0, 0 };
	uint64_t task[4] = { sh };
	struct stk_overview o;
	bool depths[3] = { false };

	/* Two are equally deep, and their addresses are not in the order of their PIDs.
	 */
	for (int i = 1; i < 4; i++) {
		task[i] = syn_task(m, "other", 500 - i, 0);
		syn_put64(m, syn_stack(m, task[i]) + (i == 3 ? 0x1000 : 0x2000), 1);
	}
	s = syn_open(m);
	ck_assert_int_eq(stk_overview(s, &o), STK_OK);
	expect_sums(&o);
	for (size_t i = o.nr_cpu; i < o.nr; i++) {
		const struct stk_row *row = &o.row[i];

		ck_assert(row->has_task);
		ck_assert_int_eq(row->cpu, row->task.addr == sh		      ? 1
					   : row->task.addr == syn_idle(m, 0) ? 0
									      : -1);
		if (row->stack.begin == begin[0])
			ck_assert_int_eq(row->task.pid, 227);
		for (int k = 1; k < 4; k++)
			if (row->task.addr == task[k])
				depths[k - 1] =
					row->use.high_water == (k == 3 ? 0x3000 : 0x2000);
	}
	ck_assert(depths[0] && depths[1] && depths[2]);
	ck_assert_int_eq(o.row[o.nr_cpu].task.pid, 497);
	ck_assert_int_eq(o.row[o.nr_cpu + 1].task.pid, 498);
	ck_assert_int_eq(o.row[o.nr_cpu + 2].task.pid, 499);
	stk_overview_free(s, &o);
}
END_TEST

static bool keep_cpu(void *ctx, const struct stk_row *row)
{
	return row->cpu == *(int *)ctx;
}

/* Rows that nobody wants go, and what is told of their CPUs. */
START_TEST(rows_that_are_kept)
{
	struct stk_overview o;
	size_t nr;

	s = syn_open(m);
	for (int cpu = -1; cpu < 3; cpu++) {
		ck_assert_int_eq(stk_overview(s, &o), STK_OK);
		ck_assert_uint_eq(o.nr_live, 2);
		nr = 0;
		for (size_t i = 0; i < o.nr; i++)
			nr += o.row[i].cpu == cpu;
		stk_overview_keep(s, &o, keep_cpu, &cpu);
		ck_assert_uint_eq(o.nr, nr);
		expect_sums(&o);
		ck_assert_uint_eq(o.nr_live, cpu == 0 || cpu == 1);
		if (o.nr_live)
			ck_assert_int_eq(o.live[0].cpu, cpu);
		for (size_t i = 0; i < o.nr; i++)
			ck_assert_ptr_eq(stk_overview_row(&o, &o.row[i].stack),
					 &o.row[i]);
		stk_overview_free(s, &o);
	}
}
END_TEST

static size_t count(const char *text, const char *what)
{
	size_t nr = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		nr++;
	}
	return nr;
}

/* Eight events, and the one it died of wherever that is; the others are counted. */
START_TEST(of_a_log)
{
	enum { NONE = -1 };
	static const struct {
		size_t nr, backtraces, left_out;
		int death;
		bool died, all;
		const char *head;
		size_t shown, marked;
		const char *tail; /* NULL: all are there */
	} row[] = {
		{ 0, 0, 0, NONE, false, false, " 0 events\n", 0, 0, NULL },
		{ 1, 0, 0, 0, true, false, " 1 event\n", 1, 1, NULL },
		{ 1, 0, 0, 0, false, false, " 1 event\n", 1, 0, NULL },
		{ 2, 0, 0, 1, true, false, " 2 events\n", 2, 1, NULL },
		{ 0, 0, 1, NONE, false, false, " 1 event\n", 0, 0, NULL },
		{ 1, 0, 1, NONE, false, false, " 2 events\n", 1, 0, NULL },
		{ 0, 1, 0, NONE, false, false, " 0 events, and 1 backtrace without one\n",
		  0, 0, NULL },
		{ 1, 2, 0, NONE, false, false, " 1 event, and 2 backtraces without one\n",
		  1, 0, NULL },
		{ 8, 0, 0, NONE, false, false, " 8 events\n", 8, 0, NULL },
		{ 9, 0, 0, NONE, false, false, " 9 events\n", 8, 0,
		  " and 1 more (-v)\n" },
		{ 9, 0, 0, 8, true, false, " 9 events\n", 9, 1, NULL },
		{ 10, 0, 0, 7, true, false, " 10 events\n", 8, 1, " and 2 more (-v)\n" },
		{ 10, 1, 0, NONE, false, true,
		  " 10 events, and 1 backtrace without one\n", 10, 0, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_event event[12], *list[12];
		struct stk_triage t = { .died = row[i].died, .events.event = list };
		char *text;
		size_t len;
		FILE *fp = open_memstream(&text, &len);

		for (size_t k = 0; k < row[i].nr + row[i].backtraces; k++) {
			bool plain = k >= row[i].nr;

			event[k] = (struct stk_event){
				.kind = plain ? STK_EVENT_BACKTRACE : STK_EVENT_DIE,
				.pid = -1,
				.cpu = -1,
				.nr_traces = plain,
			};
			list[t.events.nr++] = &event[k];
		}
		t.events.left_out = row[i].left_out;
		t.event = row[i].death < 0 ? NULL : list[row[i].death];
		stk_text_triage_log(fp, &t, row[i].all);
		fclose(fp);
		ck_assert_msg(!strncmp(text, "LOG", 3) && strstr(text, row[i].head),
			      "row %zu: %s", i, text);
		ck_assert_uint_eq(count(text, "[no time]"), row[i].shown);
		ck_assert_uint_eq(count(text, "* [no time]"), row[i].marked);
		ck_assert_uint_eq(count(text, " more (-v)"), row[i].tail != NULL);
		ck_assert(!row[i].tail || strstr(text, row[i].tail));
		free(text);
	}
}
END_TEST

START_TEST(of_no_log)
{
	struct stk_triage t = { .no_log = "it is gone" };
	char *text;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	stk_text_triage_log(fp, &t, false);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(text, " not known: it is gone\n"));
	free(text);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(of_a_stack),	  TEST(of_an_event),
	TEST(of_a_signature),	  TEST(words_of_a_cpu),
	TEST(row_of_a_stack),	  TEST(order_of_rows),
	TEST(rows_that_are_kept), TEST(of_a_log),
	TEST(of_no_log),	  { 0 },
};

const struct unit_suite suite_titles = {
	"titles",
	{
		{ "titles", t_tests, fixture_task, NULL },
	},
};
