/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is written of events and of the triage, to the letter: each member of what
 * is known, with and without it, as text and as JSON; where lines are broken and lists
 * are cut.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <json-c/json.h>
#include <string.h>

#include "machine/vmcoreinfo.h"
#include "render/events.h"
#include "render/render.h"
#include "render/text_events.h"
#include "render/text_triage.h"
#include "render/triage.h"

static struct stk *s;

static void setup(void)
{
	fixture_task();
	golden_setup();
}

static const char *repeat(char ch, size_t n)
{
	static char text[4][256];
	static unsigned int next;
	char *at = text[next++ % 4];

	memset(at, ch, n);
	at[n] = '\0';
	return at;
}

/* ---- parts of an event ---- */

START_TEST(of_taints)
{
	static const char *const taint[] = {
		"", "G", "G ", "G        W", "P", "PFSRMBUDAWCIOELKXTNJ", "G?", "WW",
	};

	for (size_t i = 0; i < sizeof(taint) / sizeof(taint[0]); i++)
		stk_text_taint(golden, taint[i]);
	golden_expect("events", "taints");
}
END_TEST

static const struct stk_event_frame frames[] = {
	{ .function = "f" },
	{ .function = "f", .offset = 16, .has_offset = true },
	{ .function = "f", .offset = 16, .size = 32, .has_offset = true },
	{ .function = "f", .offset = 16, .size = 32 },
	{ .module = "mod" },
	{ .function = "f", .module = "mod", .doubtful = true, .has_offset = true },
	{ .function = "f",
	  .inlined = true,
	  .interrupted = true,
	  .stack = "IRQ",
	  .by = "lr" },
};

#define NR_FRAMES (sizeof(frames) / sizeof(frames[0]))

START_TEST(of_frames)
{
	char text[400];

	for (size_t i = 0; i < NR_FRAMES; i++) {
		stk_text_event_frame(&frames[i], text, sizeof(text));
		fprintf(golden, "%s\n", text);
	}
	golden_expect("events", "frames");
}
END_TEST

#define NOBODY .pid = -1, .cpu = -1, .bytes = -1, .seconds = -1

static const struct stk_event facts[] = {
	{ .kind = STK_EVENT_DIE, NOBODY },
	{ .kind = STK_EVENT_SYSRQ, NOBODY },
	{ .kind = STK_EVENT_STACK_GUARD, NOBODY },
	{ .kind = STK_EVENT_STACK_GUARD, .subject = "IRQ", NOBODY },
	{ .kind = STK_EVENT_STACK_GUARD, .subject = "a name of many letters", NOBODY },
	{ .kind = STK_EVENT_DIE, .subject = "IRQ", NOBODY },
	{ .kind = STK_EVENT_PAGE_FAULT, .has_address = true, .address = 0, NOBODY },
	{ .kind = STK_EVENT_PAGE_FAULT,
	  .has_address = true,
	  .access = "read",
	  .address = 0x10,
	  NOBODY },
	{ .kind = STK_EVENT_PAGE_FAULT,
	  .has_address = true,
	  .access = "write",
	  .address = 0x10,
	  NOBODY },
	{ .kind = STK_EVENT_PAGE_FAULT,
	  .has_address = true,
	  .access = "execute",
	  .address = 0x10,
	  NOBODY },
	{ .kind = STK_EVENT_PAGE_FAULT, .access = "read", .address = 0x10, NOBODY },
	{ .kind = STK_EVENT_KASAN, .pid = -1, .cpu = -1, .bytes = 0, .seconds = 0 },
	{ .kind = STK_EVENT_SOFT_LOCKUP,
	  .pid = -1,
	  .cpu = -1,
	  .bytes = 8,
	  .seconds = 22,
	  .location = "a.c:1" },
};

START_TEST(of_facts)
{
	char text[200], small[20];

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		stk_text_event_facts(&facts[i], text, sizeof(text));
		stk_text_event_facts(&facts[i], small, sizeof(small));
		fprintf(golden, "<%s> <%s>\n", text, small);
	}
	golden_expect("events", "facts");
}
END_TEST

/* ---- chains ---- */

static struct stk_event_frame chain[] = {
	{ .function = "a" },
	{ .function = "b", .stack = "IRQ" },
	{ .function = "c", .stack = "IRQ", .module = "mod", .interrupted = true },
	{ .function = "c", .stack = "IRQ", .module = "mod" },
	{ .function = "c", .stack = "IRQ", .module = "other" },
	{ .function = "guess", .stack = "IRQ", .doubtful = true },
	{ .function = "inlined", .stack = "IRQ", .inlined = true },
	{ .stack = "TASK", .module = "other" },
	{ .stack = "TASK", .module = "other", .by = "ra" },
	{ .function = "d", .stack = "TASK" },
	{ .function = "d", .stack = "TASK" },
	{ .function = "d", .stack = "TASK" },
	{ .function = "e" },
};

#define OF_NONE .cpu = -1, .pid = -1
#define FRAMES	.frames = chain, .nr_frames = sizeof(chain) / sizeof(chain[0])
#define FEW(nr) .frames = chain, .nr_frames = (nr)

static struct stk_event_reg regs[] = {
	{ "RAX", 0 }, { "RBX", 0x1234567890abcdef }, { "RCX", ~0ull },
	{ "RDX", 4 }, { "LONGER_NAME", 5 },
};

static struct stk_event_trace traces[] = {
	{ OF_NONE, FRAMES },
	{ OF_NONE, FRAMES, .has_pc = true,
	  .pc = { .function = "pc", .module = "mod", .offset = 1, .has_offset = true },
	  .ends_in_user = true },
	{ OF_NONE, FRAMES, .has_pc = true, .in_user = true, .pc = { .function = "pc" },
	  .frames_left_out = 7 },
	{ OF_NONE, .has_pc = true, .pc = { .function = "alone" } },
	{ OF_NONE, .in_user = true },
	{ OF_NONE, .ends_in_user = true },
	{ OF_NONE, .has_pc = true, .pc = { .function = "guess", .doubtful = true } },
	{ .cpu = 0,
	  .pid = 0,
	  FEW(2),
	  .comm = "swapper/0",
	  .state = "R",
	  .taint = "G",
	  .taint_words = "words",
	  .release = "6.1",
	  .build = "#1",
	  .hardware = "QEMU",
	  .workqueue = "events f",
	  .modules = "a b",
	  .regs = regs,
	  .nr_regs = 5 },
	{ .cpu = 5,
	  .pid = 227,
	  FEW(1),
	  .comm = "sh",
	  .taint_words = "",
	  .workqueue = "",
	  .regs = regs,
	  .nr_regs = 1,
	  .link = { .function = "link" } },
};

#define NR_TRACES (sizeof(traces) / sizeof(traces[0]))

START_TEST(of_chains)
{
	static const struct stk_signature none, second = { .culprit_at = 2 };

	stk_text_event_chain(golden, NULL, &none);
	for (size_t i = 0; i < NR_TRACES; i++) {
		golden_head("trace %zu", i);
		stk_text_event_chain(golden, &traces[i], &none);
		stk_text_event_chain(golden, &traces[i], &second);
		stk_text_trace(golden, &traces[i], 1, 20, 1);
		stk_text_trace(golden, &traces[i], 99, 20, 2);
		stk_text_trace(golden, &traces[i], 0, 20, 3);
	}
	golden_expect("events", "chains");
}
END_TEST

/* What still fits on a line, and what does not. */
START_TEST(of_long_chains)
{
	for (size_t len = 80; len < 90; len++) {
		struct stk_event_frame f[] = {
			{ .function = repeat('a', len) },     { .function = "b" },
			{ .function = repeat('c', 130) },     { .function = "d" },
			{ .function = "e", .stack = "TASK" },
		};
		struct stk_event_trace t = { .frames = f, .nr_frames = 5 };

		golden_head("%zu letters", len);
		stk_text_trace(golden, &t, 0, 11, 0);
		for (size_t lines = 1; lines < 6 && len % 5 > 2; lines++)
			stk_text_trace(golden, &t, 0, 11, lines);
	}
	golden_expect("events", "long chains");
}
END_TEST

/* ---- events ---- */

static const char *details[] = { "one", "two", "three", "four", "five", "six", "seven" };
static struct stk_event_trace *one_trace[] = { &traces[7] },
			      *two_traces[] = { &traces[1], &traces[8] },
			      *user_trace[] = { &traces[2] };

static uint8_t stuck[STK_MAX_EVENT_CPUS / 8] = { 0x81,
						 [STK_MAX_EVENT_CPUS / 8 - 1] = 0x80 };

static struct stk_event events[] = {
	{ .kind = STK_EVENT_WARNING, .first_line = 3, .last_line = 3, NOBODY },
	{ .kind = STK_EVENT_LIST,
	  .time = "1.5",
	  .first_line = 5,
	  .last_line = 9,
	  .subject = "corruption",
	  .traces = one_trace,
	  .nr_traces = 1,
	  NOBODY },
	{ .kind = STK_EVENT_BACKTRACE,
	  .time = "2",
	  .first_line = 10,
	  .last_line = 12,
	  .traces = two_traces,
	  .nr_traces = 2,
	  .traces_left_out = 4,
	  NOBODY },
	{ .kind = STK_EVENT_MACHINE_CHECK,
	  .first_line = 13,
	  .last_line = 14,
	  .details = details,
	  .nr_details = 7,
	  .pid = -1,
	  .cpu = 0,
	  .bytes = -1,
	  .seconds = -1,
	  .cpus = stuck },
	{ .kind = STK_EVENT_PAGE_FAULT,
	  .time = "3.25",
	  .subject = "subject",
	  .location = "a.c:7",
	  .access = "write",
	  .panicked = true,
	  .has_address = true,
	  .has_error = true,
	  .address = 0x10,
	  .error = 2,
	  .cpu = 1,
	  .pid = 227,
	  .seconds = 0,
	  .bytes = 0,
	  .comm = "sh",
	  .details = details,
	  .nr_details = 1,
	  .traces = two_traces,
	  .nr_traces = 2,
	  .first_line = 20,
	  .last_line = 30 },
	{ .kind = STK_EVENT_DIE,
	  .subject = "trap",
	  .traces = user_trace,
	  .nr_traces = 1,
	  .first_line = 31,
	  .last_line = 31,
	  .pid = 0,
	  .cpu = 0,
	  .bytes = 4,
	  .seconds = 5 },
};

#define NR_EVENTS (sizeof(events) / sizeof(events[0]))

START_TEST(of_events)
{
	for (size_t i = 0; i < NR_EVENTS; i++) {
		const struct stk_event *e = &events[i];
		struct stk_signature sig;

		golden_head("event %zu", i);
		stk_event_signature(e, &sig);
		stk_text_death(golden, e, &sig, i % 2);
		stk_text_signature(golden, &sig);
		stk_text_event_line(golden, e, i % 2);
		stk_text_event(golden, e);
		golden_json(stk_json_event(e));
	}
	golden_expect("events", "events");
}
END_TEST

/* A signature and an event's line, as wide as they may be, and wider. */
START_TEST(of_widths)
{
	static char comm[40];

	for (size_t len = 58; len < 64; len++) {
		struct stk_signature sig = { .hash = "v1:0123456789abcdef" };

		strcpy(sig.title, repeat('t', len));
		strcpy(sig.module, len % 2 ? "" : "mod");
		stk_text_signature(golden, &sig);
	}
	for (size_t len = 18; len < 34; len++) {
		struct stk_event e = {
			.kind = STK_EVENT_BUG,
			.subject = "sleeping function called from invalid context",
			.comm = comm,
			.first_line = 1,
			.last_line = 2,
			NOBODY
		};

		strcpy(comm, repeat('c', len));
		e.last_line = 1 + len % 2;
		e.subject += 18;
		stk_text_event_line(golden, &e, false);
	}
	golden_expect("events", "widths");
}
END_TEST

/* ---- a log ---- */

static const struct {
	const char *name;
	size_t nr;
	int event[4];
	struct stk_events has;
} logs[] = {
	{ "nothing", 0, { 0 }, { .nr_lines = 7 } },
	{ "a warning", 1, { 0 }, { .release = "6.1", .left_out = 3 } },
	{ "backtraces only", 1, { 2 }, { .build = "#1", .taint = "G  W" } },
	{ "a death that another came before",
	  3,
	  { 0, 1, 4 },
	  { .release = "6.1",
	    .build = "#1",
	    .hardware = "QEMU",
	    .taint = "",
	    .taint_words = "words" } },
	{ "a death and a backtrace", 3, { 4, 2, 0 }, { .hardware = "QEMU" } },
	{ "one without a name", 2, { 3, 5 }, { .taint = "P" } },
	{ "a death, and damage behind it", 3, { 0, 4, 1 }, { .nr_lines = 100 } },
};

START_TEST(of_logs)
{
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct stk_events log = logs[i].has;
		struct json_object *doc = json_object_new_object();
		struct stk_event *list[4], copy[NR_EVENTS];

		/* Whose causes are looked for. */
		memcpy(copy, events, sizeof(copy));
		log.event = list;
		for (log.nr = 0; log.nr < logs[i].nr; log.nr++)
			list[log.nr] = &copy[logs[i].event[log.nr]];
		stk_events_find_causes(&log);
		golden_head("%s", logs[i].name);
		stk_text_events(golden, &log, false);
		if (i == 4)
			stk_text_events(golden, &log, true);
		stk_json_events(doc, &log);
		/* Of which another test has each. */
		json_object_object_del(doc, "events");
		golden_json(doc);
	}
	golden_expect("events", "logs");
}
END_TEST

/* ---- the triage ---- */

static struct stk_chain certain = { .confidence = STK_CERTAIN, .cpu = 1 },
			dead = { .confidence = STK_CERTAIN, .cpu = 0 },
			doubtful = { .confidence = STK_DOUBTFUL, .cpu = 2 };
static struct stk_event_trace sleeping = { .pid = 0, .comm = "swapper/1" };

#define OF(frames_of, chain_of) .trace = (frames_of), .chain = (chain_of)
#define SH			OF(&traces[8], &certain)
#define BUSY(nr)                                                                         \
	{                                                                                \
		.cpu = (nr), SH, .in_user = true                                         \
	}

static struct stk_triage_cpu cpus[] = {
	{ .cpu = 0, OF(&traces[8], &dead) },
	{ .cpu = 1, .idle = true, OF(&sleeping, &certain) },
	{ .cpu = 2, .idle = true, SH },
	{ .cpu = 3, .idle = true, OF(&traces[8], &doubtful) },
	{ .cpu = 4, .in_user = true, SH },
	{ .cpu = 5, .trace = &traces[8], .why = "no registers" },
	{ .cpu = 6, OF(&traces[4], &certain) },
	{ .cpu = 7, OF(&sleeping, &certain) },
	{ .cpu = 8, .idle = true, SH },
	{ .cpu = 1234567, OF(&traces[0], &certain), .told_from = 1 },
	{ .cpu = 10, OF(&traces[0], &certain) },
	{ .cpu = 12, .idle = true, SH },
	{ .cpu = 13, .idle = true, SH },
	{ .cpu = 14, .idle = true, SH },
	/* more than are told without -v */
	BUSY(20),
	BUSY(21),
	BUSY(22),
	BUSY(23),
	BUSY(24),
	BUSY(25),
	BUSY(26),
	BUSY(27),
	BUSY(28),
	BUSY(29),
};

#define NR_CPUS (sizeof(cpus) / sizeof(cpus[0]))

START_TEST(of_cpus)
{
	struct stk_triage t = {
		.cpu = cpus, .chain = &dead, .trace = &traces[1], .panic.cpu = 0
	};
	static const size_t nr[] = { 0, 1, 2, 3, 14, NR_CPUS - 1, NR_CPUS };

	for (size_t i = 0; i < sizeof(nr) / sizeof(nr[0]); i++) {
		golden_head("%zu CPUs", nr[i]);
		t.nr_cpus = nr[i];
		stk_text_triage_cpus(golden, &t, false);
	}
	golden_head("all");
	t.panic.cpu = 3;
	t.stack_signature.nr_names = 1;
	t.stack_signature.culprit_at = 2;
	stk_text_triage_cpus(golden, &t, true);
	golden_head("the dead one was idle, or in user mode");
	t.nr_cpus = 2;
	t.chain = &certain;
	cpus[1].in_user = true;
	stk_text_triage_cpus(golden, &t, false);
	cpus[1].in_user = false;
	golden_head("none died");
	t.chain = NULL;
	cpus[0].chain = NULL;
	cpus[0].why = "it is lost";
	stk_text_triage_cpus(golden, &t, false);
	cpus[0].chain = &dead;
	golden_expect("triage", "CPUs");
}
END_TEST

START_TEST(of_tasks)
{
	struct stk_blocked blocked = { .task = { .pid = 12, .comm = "x\ty" },
				       .has_ns = true,
				       .ns = 100999999999 };
	struct stk_triage t = { .tasks = { .nr = 5, .nr_on_cpu = 2 },
				.blocked = &blocked };

	for (int i = 0; i < 7; i++) {
		golden_head("%d", i);
		for (size_t k = 0; i && stk_task_states(k); k++)
			t.tasks.nr_state[k] = (k + (size_t)i) % 3;
		t.tasks.nr_chains = (size_t)(i > 2 ? i - 2 : 0);
		t.nr_blocked = i > 1;
		blocked.task.now = stk_task_states(i == 3 ? 4 : 2);
		blocked.has_ns = i != 4;
		t.tasks.missing =
			i == 5 ? "the list is broken, far from its end, where nobody would have looked for that"
			       : NULL;
		t.tasks.failed = i == 6 ? "there are none" : NULL;
		stk_text_triage_tasks(golden, &t);
	}
	golden_expect("triage", "tasks");
}
END_TEST

#define ABOUT_NONE .cpu = -1, .pid = -1, .text = "a sentence"

static struct stk_finding findings[14] = {
	{ .id = "first", .severity = STK_SEVERITY_FATAL, ABOUT_NONE },
	{ .id = "second",
	  .severity = STK_SEVERITY_DAMAGE,
	  .cpu = 0,
	  .pid = 0,
	  .has_address = true,
	  .address = 0,
	  .function = "f",
	  .module = "mod",
	  .text = "a sentence of so many words that it does not fit on a line of a hundred columns, whatever it says" },
	{ .id = "third",
	  .severity = STK_SEVERITY_SUSPICIOUS,
	  .cpu = 7,
	  .pid = 227,
	  .address = 7,
	  .text = "it" },
	{ .id = "fourth", .severity = STK_SEVERITY_NOTICE, ABOUT_NONE },
};

static struct stk_event *log_events[] = { &events[0], &events[1], &events[2], &events[4],
					  &events[5] };

static struct stk_join joins[] = {
	{ .event = &events[0], .verdict = STK_JOIN_NONE },
	{ .event = &events[1], .verdict = STK_JOIN_AGREES, .nr_log = 4, .nr_same = 4 },
	{ .event = &events[4],
	  .verdict = STK_JOIN_DIFFERS,
	  .nr_log = 4,
	  .nr_same = 1,
	  .missing = &chain[1] },
	{ .event = &events[5], .verdict = STK_JOIN_GONE },
	{ .event = &events[3], .verdict = STK_JOIN_GONE },
};

static struct stk_regs fault_regs;

/* Which machine it was, by the kernel's own name for it. */
static void name_machine(const char *node, const char *version, unsigned int crash_time)
{
	const uint64_t at = SYN_DATA + 0x100000;

	syn_symbol(m, "init_uts_ns", at);
	syn_member(m, "uts_namespace", 0, 500);
	syn_member(m, "uts_namespace.name", 0, 390);
	syn_member(m, "new_utsname", 0, 390);
	syn_member(m, "new_utsname.nodename", 65, 65);
	syn_member(m, "new_utsname.version", 195, 65);
	syn_fill(m, at, 0x1000, 0);
	syn_write(m, at + 65, node, strlen(node) + 1);
	syn_write(m, at + 195, version, strlen(version) + 1);
	if (crash_time)
		syn_vmcoreinfo(m, "CRASHTIME", "%u", crash_time);
}

static void set_registers(void)
{
	memset(&fault_regs, 0, sizeof(fault_regs));
	fault_regs.v[X86_AX] = SYN_TEXT + 0x1444;
	fault_regs.v[X86_BX] = STK_FIRST_ERROR;
	fault_regs.v[X86_CX] = 0x1234;
	fault_regs.v[X86_DX] = SYN_DIRECT;
	fault_regs.v[X86_SI] = SYN_TEXT + 0x1500;
	fault_regs.v[X86_SP] = syn_irq_top(1) - 8;
	fault_regs.v[X86_R8] = STK_FIRST_ERROR - 1;
	fault_regs.valid = ~(1ull << X86_SI);
}

static struct stk_triage report;

/* The @i-th of these. */
static void set_report(int i)
{
	struct stk_triage *t = &report;

	memset(t, 0, sizeof(*t));
	t->panic =
		(struct stk_panic){ .cpu = i % 3 - 1, .from = i % 3 ? "a test" : NULL };
	t->cpu = cpus;
	t->nr_cpus = i == 2 ? 6 : i == 6 ? 2 : 1;
	t->events = (struct stk_events){ .event = log_events,
					 .nr = (size_t)(i > 5 ? 5 : i),
					 .taint = i ? "P" : NULL,
					 .hardware = i == 1 ? "QEMU" : NULL,
					 .left_out = i == 3 };
	t->event = i > 1 ? &events[i == 2 ? 0 : 4] : NULL;
	t->died = i > 2;
	t->no_log = i == 1 ? "it is gone" : NULL;
	t->from_stacks = i == 4;
	t->signed_by_stack = i == 5;
	if (t->event)
		stk_event_signature(t->event, &t->signature);
	t->finding = findings;
	t->nr_findings = i == 3 ? 4 : i == 5 ? 12 : i == 6 ? 13 : i == 7 ? 14 : 0;
	for (size_t k = 4; k < 14; k++)
		findings[k] = findings[3];
	t->join = joins;
	t->nr_joins = i > 4 ? 5 : i == 3 ? 1 : 0;
	t->uptime = i > 2 ? 3661 : 0;
	t->fault_regs = i > 3 ? &fault_regs : NULL;
	t->tasks = (struct stk_triage_tasks){ .nr = 3,
					      .nr_on_cpu = 1,
					      .nr_chains = i == 3 ? 2 : 0,
					      .missing = i == 3 ? "some" : NULL,
					      .failed = i == 4 ? "none" : NULL };
	t->tasks.nr_state[2] = 3;
}

#define NR_REPORTS 8

START_TEST(of_reports)
{
	static const char *const node[] = { "", "(none)", "host", "h\x01st" };

	name_machine(node[_i % 4], _i % 2 ? "#1 SMP" : "", _i > 2 ? 1700000000 : 0);
	m->target.incomplete = _i == 3;
	if (_i == 7)
		syn_vmcoreinfo(m, STK_NO_NAMES, "1");
	s = syn_open(m);
	set_registers();
	set_report(_i);
	stk_text_triage(s, golden, &report, false);
	golden_head("all");
	stk_text_triage(s, golden, &report, true);
	golden_expect("triage", (char[]){ 'r', (char)('0' + _i), 0 });
}
END_TEST

START_TEST(of_reports_in_json)
{
	struct stk_blocked blocked = { .task = { .pid = 12, .comm = "x" },
				       .has_ns = true,
				       .ns = 7 };

	for (int i = 0; i < NR_REPORTS; i++) {
		struct json_object *doc = json_object_new_object();

		if (i == 5)
			name_machine("host", "#1 SMP", 1700000000);
		m->target.incomplete = i == 6;
		if (i == 7)
			syn_vmcoreinfo(m, STK_NO_LOG, "1");
		s = syn_open(m);
		set_report(i);
		if (report.nr_findings > 4)
			report.nr_findings = 1;
		report.blocked = &blocked;
		report.nr_blocked = i > 1;
		blocked.has_ns = i != 4;
		golden_head("document");
		golden_json(stk_json_document(s));
		stk_json_triage(s, doc, &report);
		json_object_object_del(doc, "events");
		golden_json(doc);
	}
	golden_expect("triage", "JSON");
}
END_TEST

static const struct unit_test event_tests[] = {
	TEST(of_taints), TEST(of_frames),      TEST(of_facts),
	TEST(of_chains), TEST(of_long_chains), TEST(of_events),
	TEST(of_widths), TEST(of_logs),	       { 0 },
};

static const struct unit_test triage_tests[] = {
	TEST(of_cpus),
	TEST(of_tasks),
	LOOP(of_reports, NR_REPORTS),
	TEST(of_reports_in_json),
	{ 0 },
};

const struct unit_suite suite_rendered_events = {
	"rendered_events",
	{
		{ "events", event_tests, setup, golden_teardown },
		{ "triage", triage_tests, setup, golden_teardown },
	},
};
