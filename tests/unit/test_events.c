/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the events of a log are read: texts of each era and architecture, whatever
 * stands before their lines; the lines of two CPUs that talk at once; what a panic is the
 * end of; and that no text takes long, much memory, or anything that is not its own.
 */
#include "event_texts.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/events.h"
#include "report/events_trace.h"
#include "report/signature.h"

static struct stk_events events;
static char *copy;

/* A copy with an end of its own, so that reading behind it shows. */
static void read_bytes(const char *text, size_t len)
{
	free(copy);
	stk_events_free(&events);
	copy = malloc(len + !len);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	stk_events_read(&events, copy, len, NULL, NULL);
	ck_assert(!events.arena.failed);
}

static void read_text(const char *text)
{
	read_bytes(text, strlen(text));
}

static void teardown(void)
{
	stk_events_free(&events);
	free(copy);
	copy = NULL;
}

static const struct stk_event *death_or_worst(void)
{
	const struct stk_event *worst = NULL;
	const struct stk_event *death = stk_events_death(&events, &worst);

	return death ? death : worst;
}

static size_t nr_events(void)
{
	size_t nr = 0;

	for (size_t i = 0; i < events.nr; i++)
		nr += events.event[i]->kind != STK_EVENT_BACKTRACE;
	return nr;
}

static void names_of(const struct stk_signature *sig, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < sig->nr_names; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? " " : "",
			 sig->names[i]);
}

static void same_text(const struct event_text *row, const char *how, const char *what,
		      const char *is, const char *wanted)
{
	is = is ? is : "(null)";
	wanted = wanted ? wanted : "(null)";
	ck_assert_msg(!strcmp(is, wanted), "%s, %s: %s is \"%s\", not \"%s\"", row->name,
		      how, what, is, wanted);
}

static void same_number(const struct event_text *row, const char *how, const char *what,
			int64_t is, int64_t wanted)
{
	ck_assert_msg(is == wanted, "%s, %s: %s is %lld, not %lld", row->name, how, what,
		      (long long)is, (long long)wanted);
}

static void check_text(const struct event_text *row, const char *how)
{
	const struct stk_event *e = death_or_worst();
	const struct stk_event_trace *t = e ? stk_event_any_trace(e) : NULL;
	struct stk_signature sig;
	char names[512];

	ck_assert_msg(e && t, "%s, %s: no event", row->name, how);
	stk_event_signature(e, &sig);
	names_of(&sig, names, sizeof(names));
	same_number(row, how, "kind", (int64_t)e->kind, (int64_t)row->kind);
	same_text(row, how, "title", sig.title, row->title);
	same_text(row, how, "module", sig.module, row->module ? row->module : "");
	same_text(row, how, "names", names, row->names);
	same_number(row, how, "nr_events", (int64_t)nr_events(), (int64_t)row->nr_events);
	same_number(row, how, "cpu", (int64_t)t->cpu, (int64_t)row->cpu);
	same_number(row, how, "pid", (int64_t)t->pid, (int64_t)row->pid);
	same_text(row, how, "comm", t->comm, row->comm);
	same_text(row, how, "taint", t->taint, row->taint);
	same_text(row, how, "release", t->release, row->release);
	same_number(row, how, "nr_frames", (int64_t)t->nr_frames,
		    (int64_t)row->nr_frames);
}

/* How those who pass it on write each line. */
static const struct prefix {
	const char *name, *before, *after;
} prefixes[] = {
	{ "as it is", "", "\n" },
	{ "console", "[   12.345678] ", "\n" },
	{ "long ago", "[1234567.890123] ", "\n" },
	{ "by a task", "[   12.345678] [   T1234] ", "\n" },
	{ "by a CPU", "[   12.345678][    C1] ", "\n" },
	{ "caller without a time", "[    T1] ", "\n" },
	{ "level", "<4>[   12.345678] ", "\n" },
	{ "level and caller", "<0>[   12.345678][  T371] ", "\n" },
	{ "dmesg -T", "[Thu Nov 26 07:18:43 2026] ", "\n" },
	{ "dmesg -x", "kern  :alert : [   12.345678] ", "\n" },
	{ "dmesg --reltime", "[  +0.000013] ", "\n" },
	{ "dmesg iso", "2026-11-26T07:18:43,123456+00:00 ", "\n" },
	{ "syslog", "Nov 26 07:18:43 host7 kernel: [   12.345678] ", "\n" },
	{ "syslog without a time", "Nov  6 07:18:43 host7 kernel: ", "\n" },
	{ "rsyslog", "2026-11-26T07:18:43.123456+01:00 host7 kernel: [   12.345678] ",
	  "\n" },
	{ "busybox", "Jan  1 00:00:10 box kern.alert kernel: [   12.345678] ", "\n" },
	{ "journal, monotonic", "[   12.345678] host7 kernel: ", "\n" },
	{ "/dev/kmsg", "1,1339,5140900,-,caller=T371;", "\n" },
	{ "extended netconsole", "6.1.0,1,1339,5140900,-;", "\n" },
	{ "netconsole", "1,1339,5140900,-;", "\n" },
	{ "a prompt", "host7 login: [   12.345678] ", "\n" },
	{ "a mail", "> ", "\n" },
	{ "a mail, with the name alone", "> kernel: ", "\n" },
	{ "syslog without host and name", "Nov  6 07:18:43  ", "\n" },
	{ "blanks before the bracket ends", "[   12.345678 ][    T1 ] ", "\n" },
	{ "an old mail", "> > > [   12.345678] ", "\n" },
	{ "a terminal", "\033[31m[   12.345678] ", "\033[0m\r\n" },
	{ "CRLF", "[   12.345678] ", "\r\n" },
	{ "JSON", "", "\\n" },
	{ "indented", "\t    ", "   \n" },
	{ "a console's server", "[2026-11-26 07:18:43] [   12.345678] ", "\n" },
};

static char *with_prefix(const char *text, const struct prefix *p)
{
	char *out = NULL;
	size_t size;
	FILE *fp = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(fp);
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		fprintf(fp, "%s%.*s%s", p->before, (int)(end - text), text, p->after);
	}
	fclose(fp);
	return out;
}

START_TEST(each_text)
{
	for (const struct event_text *row = event_texts; row->name; row++) {
		char *text = with_prefix(row->text, &prefixes[_i]);

		read_text(text);
		check_text(row, prefixes[_i].name);
		free(text);
	}
}
END_TEST

/* One behind the other, none takes what is another's. */
START_TEST(one_after_the_other)
{
	size_t nr = 0, wanted = 0;
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	for (const struct event_text *row = event_texts; row->name; row++) {
		fprintf(fp, "usb 1-1: new device\n%s", row->text);
		wanted += row->nr_events;
	}
	fclose(fp);
	read_text(text);
	free(text);
	for (const struct event_text *row = event_texts; row->name; row++) {
		const struct stk_event_trace *t = NULL;
		const struct stk_event *e;

		for (; nr < events.nr && events.event[nr]->kind != row->kind; nr++)
			;
		ck_assert_msg(nr < events.nr, "%s: its event is not there", row->name);
		e = events.event[nr++];
		t = stk_event_any_trace(e);
		ck_assert_msg(t && t->pid == row->pid && t->nr_frames == row->nr_frames,
			      "%s: another trace, of PID %lld with %zu frames", row->name,
			      t ? (long long)t->pid : -2, t ? t->nr_frames : 0);
	}
	ck_assert_uint_eq(nr_events(), wanted);
}
END_TEST

/* Two CPUs at once, a line each in turn: who said it tells them apart. */
START_TEST(at_the_same_time)
{
	const struct event_text *a = &event_texts[0], *b = &event_texts[1];
	const char *x = a->text, *y = b->text;
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	while (*x || *y) {
		size_t n = strcspn(x, "\n"), k = strcspn(y, "\n");

		if (*x)
			fprintf(fp, "[   1.000000] [   C1] %.*s\n", (int)n, x);
		if (*y)
			fprintf(fp, "[   1.000000] [T9041] %.*s\n", (int)k, y);
		x += n + (*x != '\0');
		y += k + (*y != '\0');
	}
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(nr_events(), a->nr_events + b->nr_events);
	for (size_t i = 0; i < 2; i++) {
		const struct stk_event_trace *t = stk_event_main_trace(events.event[i]);
		const struct event_text *row = i ? b : a;

		ck_assert_int_eq(events.event[i]->kind, row->kind);
		ck_assert_str_eq(t->comm, row->comm);
		ck_assert_uint_eq(t->nr_frames, row->nr_frames);
	}
}
END_TEST

/* Of arm64: what the register that has the caller is worth. */
static const struct {
	const char *pc, *lr, *frames;
	const char *names; /* "+": the text has it in the register only; "?": in doubt */
} calls[] = {
	{ "f+0x4/0x8", "g+0x4/0x8", " f+0x4/0x8\n h+0x4/0x8\n", "+g h" },
	/* It has a frame: of its caller's, or of its own once it has called another. */
	{ "f+0x4/0x8", "h+0x4/0x8", " f+0x4/0x8\n h+0x4/0x8\n", "h" },
	{ "f+0x4/0x8", "f+0x2/0x8", " f+0x4/0x8\n h+0x4/0x8\n", "h" },
	{ "f.cold+0x4/0x8", "f+0x2/0x8", " f.cold+0x4/0x8\n h+0x4/0x8\n", "h" },
	/* No call leads there. */
	{ "f+0x4/0x8", "g+0x0/0x8", " f+0x4/0x8\n h+0x4/0x8\n", "h" },
	{ "f+0x4/0x8", "0x0", " f+0x4/0x8\n h+0x4/0x8\n", "h" },
	/* The frames are of something else; or may be inlined into who called. */
	{ "f+0x4/0x8", "g+0x4/0x8", " e+0x4/0x8\n h+0x4/0x8\n", "e h" },
	{ "f+0x4/0x8", "g+0x4/0x8",
	  " f+0x4/0x8\n e a/b.c:12 [inline]\n g+0x4/0x8 a/b.c:13\n", "e g" },
	/* Some kernels print it themselves. */
	{ "f+0x4/0x8", "g+0x4/0x8", " f+0x4/0x8 (P)\n g+0x4/0x8 (L)\n h+0x4/0x8\n",
	  "g h" },
	{ "f+0x4/0x8", "h+0x6/0x8", " f+0x4/0x8 (P)\n h+0x6/0x8 (L)\n h+0x4/0x8\n",
	  "?h h" },
	{ "f+0x4/0x8", "f+0x6/0x8", " f+0x4/0x8 (P)\n f+0x6/0x8 (L)\n h+0x4/0x8\n",
	  "?f h" },
	/* A call of nothing, and what an exception came upon. */
	{ "0x0", "g+0x4/0x8", " 0x0\n h+0x4/0x8\n", "+g h" },
	{ "0x0", "g+0x4/0x8", "", "+g" },
	{ "f+0x4/0x8", "g+0x4/0x8", "", "" },
	{ "f+0x4/0x8", "h+0x4/0x8", " f+0x4/0x8\n h+0x0/0x8\n e+0x0/0x8\n", "?h ?e" },
	{ "f+0x4/0x8", "h+0x4/0x8",
	  " f+0x4/0x8\n h+0x4/0x8\n el1h_64_irq+0x4/0x8\n e+0x0/0x8\n",
	  "h el1h_64_irq e" },
	{ "f+0x4/0x8", "h+0x4/0x8", " f+0x4/0x8\n h+0x4/0x8\n ret_from_fork+0x0/0x8\n",
	  "h ret_from_fork" },
};

START_TEST(callers_in_a_register)
{
	char text[512], names[256] = "";
	const struct stk_event_trace *trace;

	snprintf(text, sizeof(text),
		 "Internal error: Oops: 96000044 [#1] SMP\n"
		 "CPU: 2 PID: 371 Comm: sh Not tainted 6.1.9 #1\n"
		 "pc : %s\nlr : %s\nsp : ffff80000800be30\nCall trace:\n%s",
		 calls[_i].pc, calls[_i].lr, calls[_i].frames);
	read_text(text);
	trace = stk_event_main_trace(events.event[0]);
	for (size_t i = 0; i < trace->nr_frames; i++) {
		const struct stk_event_frame *f = &trace->frames[i];

		ck_assert_int_eq(f->lost, f->by && !strcmp(f->by, "lr"));
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s%s%s",
			 i ? " " : "", f->lost ? "+" : "", f->doubtful ? "?" : "",
			 f->function);
	}
	ck_assert_str_eq(names, calls[_i].names);
}
END_TEST

/* RCU has a task's stack from memory: its own CPU alone knows where it is. */
START_TEST(asleep)
{
	struct stk_signature sig;

	for (int runs = 0; runs < 2; runs++) {
		char text[400];

		snprintf(
			text, sizeof(text),
			"INFO: rcu_sched detected stalls on CPUs/tasks: { 3-.... }\n"
			"Task dump for CPU 3:\n"
			"task:sh state:R  running task stack:0 pid:334 ppid:1 flags:0x2\n"
			"Call trace:\n %s+0xe8/0x120\n foo_task+0x18/0x24 [foo]\n",
			runs ? "sched_show_task" : "__switch_to");
		read_text(text);
		stk_event_signature(events.event[0], &sig);
		ck_assert_str_eq(sig.title, runs ? "RCU stall in foo_task" : "RCU stall");
		ck_assert(!stk_event_main_trace(events.event[0]) == !runs);
	}
}
END_TEST

/* Another line of the same kind that got between is of something else. */
START_TEST(what_a_trace_says_first)
{
	const struct stk_event_trace *t;

	read_text("BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
		  "Oops: 0002 [#1] SMP\n"
		  "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
		  "Hardware name: First\n"
		  "Hardware name: Second\n"
		  "Workqueue: events one\n"
		  "Workqueue: events two\n"
		  "Call Trace:\n"
		  " vfs_write+0x9b/0xa0\n");
	t = stk_event_main_trace(events.event[0]);
	ck_assert_str_eq(t->hardware, "First");
	ck_assert_str_eq(t->workqueue, "events one");
}
END_TEST

/* Facts that only one text has. */
START_TEST(facts)
{
	const struct stk_event *e;
	const struct stk_event_trace *t;

	read_text(event_texts[0].text);
	e = events.event[0];
	t = stk_event_main_trace(e);
	ck_assert(e->has_address && !e->address);
	ck_assert_str_eq(e->access, "write");
	ck_assert_uint_eq(e->error, 2);
	ck_assert_uint_eq(e->first_line, 1);
	ck_assert_uint_eq(e->last_line, 33);
	ck_assert_uint_eq(t->nr_regs, 12);
	ck_assert_str_eq(t->regs[0].name, "RSP");
	ck_assert_uint_eq(t->regs[0].value, 0xffff88001fd03e58);
	ck_assert_str_eq(t->regs[1].name, "EFLAGS");
	ck_assert_str_eq(t->regs[11].name, "CR4");
	ck_assert_str_eq(t->hardware, "Maker Model/Board, BIOS 1.2 04/01/2014");
	ck_assert_str_eq(t->modules, "foo(OE)");
	ck_assert_str_eq(t->pc.function, "foo_poke");
	ck_assert_uint_eq(t->pc.offset, 0x11);
	ck_assert_uint_eq(t->pc.size, 0x20);
	ck_assert_str_eq(t->frames[0].stack, "IRQ");
	ck_assert(t->frames[1].doubtful && !t->frames[0].doubtful);
	ck_assert(t->frames[6].interrupted);
	ck_assert_str_eq(t->frames[6].function, "foo_wait");
	ck_assert_str_eq(t->frames[6].stack, "TASK");
	ck_assert(t->ends_in_user);

	read_text("<1>[Thu Nov 26 07:18:43 2026] "
		  "BUG: unable to handle page fault for "
		  "address: ffffffffffffff20\n"
		  "#PF: supervisor instruction fetch in kernel mode\n"
		  "#PF: error_code(0x0010) - not-present page\n"
		  "Oops: 0010 [#1] SMP\n"
		  "RIP: 0010:0x0\n"
		  "Code: Unable to access opcode bytes at 0xffffffffffffffd6.\n");
	e = events.event[0];
	ck_assert_str_eq(e->time, "Thu Nov 26 07:18:43 2026");
	ck_assert_str_eq(e->access, "execute");
	ck_assert_uint_eq(e->address, 0xffffffffffffff20);
	ck_assert_ptr_null(stk_event_main_trace(e)->pc.function);
}
END_TEST

/* A stack's guard page: a hash is no address, nor is a register of another fault. */
START_TEST(address_of_an_overflow)
{
	static const struct {
		const char *head, *cr2;
		uint64_t address; /* 0: not told */
	} row[] = {
		{ "BUG: stack guard page was hit at 00000000d81fc94e (stack is 0..1)",
		  "ffffc9000019ffc0", 0xffffc9000019ffc0 },
		{ "BUG: stack guard page was hit at 00000000d81fc94e (stack is 0..1)",
		  "ffffffffc0001ffc", 0 },
		{ "BUG: TASK stack guard page was hit at ffffc9000019ffc0 (stack is 0..1)",
		  "ffffffffc0001ffc", 0xffffc9000019ffc0 },
		{ "PANIC: double fault, error_code: 0x0", "ffffc900001a3e70",
		  0xffffc900001a3e70 },
		{ "PANIC: double fault, error_code: 0x0", "0000000000000000", 0 },
		{ "kernel BUG at foo.c:1!", "ffffc900001a3e70", 0 },
		/* Of memory it is what was accessed, near the stack or not. */
		{ "BUG: unable to handle kernel NULL pointer dereference at (null)",
		  "0000000000000028", 0x28 },
		{ "BUG: unable to handle kernel NULL pointer dereference at (null)", NULL,
		  0 },
		{ "PANIC: double fault, error_code: 0x0", NULL, 0 },
		/* A stack and its guard page, either side. */
		{ "PANIC: double fault, error_code: 0x0", "ffffc90000192e78",
		  0xffffc90000192e78 },
		{ "PANIC: double fault, error_code: 0x0", "ffffc90000192e77", 0 },
		{ "PANIC: double fault, error_code: 0x0", "ffffc900001b4e78",
		  0xffffc900001b4e78 },
		{ "PANIC: double fault, error_code: 0x0", "ffffc900001b4e79", 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[400];

		snprintf(text, sizeof(text),
			 "%s\nCPU: 1 PID: 1 Comm: a Not tainted 6.1.0 #1\n"
			 "RSP: 0018:ffffc900001a3e78 EFLAGS: 00000246\n%s%s CR3: "
			 "000000001f666000\n",
			 row[i].head, row[i].cr2 ? "CR2: " : "",
			 row[i].cr2 ? row[i].cr2 : "CR0: 0000000080050033");
		read_text(text);
		ck_assert_uint_eq(events.event[0]->has_address, row[i].address != 0);
		if (row[i].address)
			ck_assert_uint_eq(events.event[0]->address, row[i].address);
	}
}
END_TEST

/* Which of several it died of. */
START_TEST(death)
{
#define OOPS(name)                                                                       \
	"BUG: kernel NULL pointer dereference, address: 0000000000000000\n"              \
	"CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\nRIP: 0010:" name "+0x1/0x2\n"       \
	"---[ end trace 0000000000000000 ]---\n"
#define WARN	    "WARNING: CPU: 0 PID: 1 at a.c:1 warned+0x1/0x2\nRIP: 0010:warned+0x1/0x2\n"
#define PANIC(text) "Kernel panic - not syncing: " text "\n"
	static const struct {
		const char *text, *title;
		bool dies;
	} row[] = {
		{ OOPS("first") OOPS("second"),
		  "BUG: kernel NULL pointer dereference in second", true },
		{ OOPS("first") WARN PANIC("Fatal exception"),
		  "BUG: kernel NULL pointer dereference in first", true },
		{ OOPS("first") PANIC("no more"), "panic: no more", true },
		{ PANIC("Fatal exception"), "panic: Fatal exception", true },
		{ OOPS("first") PANIC("Attempted to kill init! exitcode=0x00000009"),
		  "panic: Attempted to kill init! exitcode=0x00000009", true },
		{ "BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
		  "CPU: 1 PID: 1 Comm: init Not tainted 6.1.0 #1\n"
		  "RIP: 0010:first+0x1/0x2\n" PANIC(
			  "Attempted to kill init! exitcode=0x00000009"),
		  "BUG: kernel NULL pointer dereference in first", true },
		{ OOPS("first") WARN, "BUG: kernel NULL pointer dereference in first",
		  true },
		{ WARN WARN, "WARNING in warned", false },
		{ "mce: [Hardware Error]: CPU 1: Machine Check Exception: 4 Bank 5: "
		  "bd00000000000800\n" PANIC("Fatal local machine check"),
		  "machine check", true },
		{ "mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 5: "
		  "9c00000000000800\n",
		  "hardware error", false },
		/* cut: what the first line names */
		{ "WARNING: CPU: 0 PID: 1 at a.c:1 named+0x1/0x2 [m]\n" PANIC(
			  "kernel: panic_on_warn set ..."),
		  "WARNING in named", true },
		{ "WARNING: a.c:1 at named+0x1/0x2 [m], CPU#1: sh/7\n" PANIC(
			  "kernel: panic_on_warn set ..."),
		  "WARNING in named", true },
		{ "BUG: KMSAN: uninit-value in f+0x1/0x2\n f+0x1/0x2\n g+0x1/0x2\n" PANIC(
			  "kmsan.panic set ..."),
		  "panic: kmsan.panic set ...", true },
		{ "Bad mode in Error handler detected on CPU1, code 0xbf000002 -- SError\n",
		  "Oops", true },
		{ PANIC("stack-protector: Kernel stack is corrupted in: foo+0x12/0x34"),
		  "panic: stack-protector: Kernel stack is corrupted in foo", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event *worst = NULL, *e;
		struct stk_signature sig;

		read_text(row[i].text);
		e = stk_events_death(&events, &worst);
		ck_assert_msg(!e == !row[i].dies, "%zu", i);
		ck_assert(e || worst);
		stk_event_signature(e ? e : worst, &sig);
		ck_assert_str_eq(sig.title, row[i].title);
	}
}
END_TEST

/*
 * Many reports without frames, then as many panics: each is the end of the last report,
 * and of that the first one shows how it came to it. To look for that once more for each
 * of them would take minutes.
 */
START_TEST(many_panics)
{
	enum { MANY = 2000 };
	const struct stk_event *last;
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	for (int i = 0; i < MANY; i++)
		fprintf(fp,
			"WARNING: CPU: 1 PID: %d at mm/x.c:1 f+0x1/0x2\n"
			"---[ end trace 0 ]---\n",
			i + 1);
	for (int i = 0; i < MANY; i++)
		fprintf(fp,
			"Kernel panic - not syncing: panic_on_warn set ...\n"
			"CPU: 0 PID: %d Comm: sh Not tainted 6.1.0 #1\n"
			"Call Trace:\n g+0x1/0x2\n---[ end Kernel panic ]---\n",
			i + 1);
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(events.nr, 2 * MANY);
	last = events.event[MANY - 1];
	for (size_t i = 0; i < events.nr; i++) {
		const struct stk_event *e = events.event[i];
		const struct stk_event_trace *t = stk_event_any_trace(e);

		ck_assert_ptr_eq(e->cause, i < MANY ? NULL : last);
		ck_assert_ptr_eq(e->end, e == last ? events.event[MANY] : NULL);
		ck_assert(!!(t && t->nr_frames) == (e == last || i >= MANY));
	}
	ck_assert_int_eq(stk_event_any_trace(last)->pid, 1);
	ck_assert_ptr_eq(death_or_worst(), last);
}
END_TEST

/* What looks like an event and is none. */
START_TEST(near_misses)
{
	static const char *const row[] = {
		"",
		"\n\n",
		"sh[123]: segfault at 0 ip 0000000000401136 sp 00007ffd error 6 in sh\n",
		"traps: sh[123] general protection fault ip:401136 sp:7ffd error:0 in sh\n",
		"traps: sh[123] trap invalid opcode ip:401136 sp:7ffd error:0\n",
		"foo: the BUG: was mended\n",
		"systemd[1]: Starting Kernel panic - not syncing\n",
		"Kernel command line: panic=1 oops=panic softlockup_panic=1\n",
		"INFO: NMI handler (nmi_cpu_backtrace_handler) took too long to run: 5 ms\n",
		"mce: CPU supports 10 MCE banks\n",
		"kernel: BUG\n",
		"NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.\n",
		"rcu: Hierarchical RCU implementation.\n",
		"\t\"Oops: 0002 [#1] SMP PTI\"\n",
		"\tOPENS(\"%s invoked oom-killer:%*\", OOM_KILL, \"m-\"),\n",
		"WARNING: RO_VPD is uninitialized or empty.\n",
		"WARNING: Caches not enabled\n",
		"Speculative Return Stack Overflow: WARNING: see the manual\n",
		"sysrq: Emergency Sync\n",
		"foo_write+0x31/0x60 is a function\n",
		"Call Trace:\n foo_write+0x31/0x60\n",
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		read_text(row[i]);
		ck_assert_msg(!events.nr, "an event in: %s", row[i]);
	}
}
END_TEST

/* Whatever is missing of it, nothing else is read. */
START_TEST(cut_anywhere)
{
	for (const struct event_text *row = event_texts; row->name; row++)
		for (size_t len = 0; len <= strlen(row->text); len += 7)
			read_bytes(row->text, len);
}
END_TEST

/* Each has a limit, and what is beyond it is counted. */
START_TEST(too_many)
{
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	for (size_t i = 0; i < STK_MAX_EVENTS + 3; i++)
		fputs("BUG: again\n", fp);
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(events.nr, STK_MAX_EVENTS);
	ck_assert_uint_eq(events.left_out, 3);

	/* Nor is there a place for a backtrace then. */
	fp = open_memstream(&text, &size);
	for (size_t i = 0; i < STK_MAX_EVENTS; i++)
		fputs("BUG: again\n", fp);
	fputs("NMI backtrace for cpu 1\n", fp);
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(events.nr, STK_MAX_EVENTS);
	ck_assert_uint_eq(events.left_out, 1);

	fp = open_memstream(&text, &size);
	fputs("BUG: once\nCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n", fp);
	for (size_t i = 0; i < 200; i++)
		fputs("R10: 0000000000000001\n", fp);
	fputs("Call Trace:\n", fp);
	for (size_t i = 0; i < STK_MAX_FRAMES + 5; i++)
		fputs(" f+0x1/0x2\n", fp);
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(events.nr, 1);
	ck_assert_uint_eq(events.event[0]->traces[0]->nr_frames, STK_MAX_FRAMES);
	ck_assert_uint_eq(events.event[0]->traces[0]->frames_left_out, 5);
	ck_assert_uint_eq(events.event[0]->traces[0]->nr_regs, STK_MAX_EVENT_REGS);

	fp = open_memstream(&text, &size);
	for (size_t i = 0; i < STK_MAX_TRACES + 2; i++)
		fprintf(fp, "NMI backtrace for cpu %zu\n", i);
	fclose(fp);
	read_text(text);
	free(text);
	ck_assert_uint_eq(events.nr, 1);
	ck_assert_uint_eq(events.event[0]->nr_traces, STK_MAX_TRACES);
	ck_assert_uint_eq(events.event[0]->traces_left_out, 2);
}
END_TEST

static bool stop_at_once(void *priv)
{
	++*(int *)priv;
	return true;
}

START_TEST(interrupted)
{
	char text[] = "BUG: a\nBUG: b\n";
	int asked = 0;

	stk_events_free(&events);
	stk_events_read(&events, text, strlen(text), stop_at_once, &asked);
	ck_assert_int_eq(asked, 1);
	ck_assert_uint_eq(events.nr, 0);
}
END_TEST

/* Names attack terminals. */
START_TEST(only_printable)
{
	const struct stk_event *e;

	read_text(
		"Kernel panic - not syncing: \001\002\233x\nCPU: 1 PID: 7 Comm: \001a\201 "
		"Not tainted 6.1.0 #1\n");
	e = events.event[0];
	ck_assert_str_eq(e->subject, "???x");
	ck_assert_str_eq(e->traces[0]->comm, "?a?");
}
END_TEST

/* Nobody knows where the stack was. */
START_TEST(address_without_a_stack)
{
	read_text("PANIC: double fault, error_code: 0x0\n"
		  "CPU: 1 PID: 1 Comm: a Not tainted 6.1.0 #1\n"
		  "CR2: ffffc900001a3e70 CR3: 000000001f666000\n");
	ck_assert_ptr_nonnull(stk_event_main_trace(events.event[0]));
	ck_assert(!events.event[0]->has_address);
}
END_TEST

/* One of each kind, and what may follow it that is of the same. */
START_TEST(what_follows)
{
	static const struct {
		enum stk_event_kind kind;
		const char *head;
		bool dies, backtraces;
	} row[] = {
#define ROW(kind, head, dies, backtraces)                                                \
	{ STK_EVENT_##kind, head "\n", dies, backtraces }
		ROW(STACK_GUARD, "BUG: stack guard page was hit at 0 (stack is 0..1)",
		    true, false),
		ROW(DOUBLE_FAULT, "PANIC: double fault, error_code: 0x0", true, false),
		ROW(NULL_DEREF, "BUG: kernel NULL pointer dereference, address: 00", true,
		    false),
		ROW(PAGE_FAULT, "BUG: unable to handle page fault for address: 12", true,
		    false),
		ROW(GPF, "general protection fault, probably for: x", true, false),
		ROW(KERNEL_BUG, "kernel BUG at mm/slub.c:1!", true, false),
		ROW(DIE, "Unhandled fault: x (0x1) at 0x2", true, false),
		ROW(LIST, "list_del corruption. x", true, false),
		ROW(SYSRQ, "sysrq: Trigger a crash", true, false),
		ROW(STACK_END, "Kernel panic - not syncing: corrupted stack end", false,
		    false),
		ROW(PANIC, "Kernel panic - not syncing: x", false, false),
		ROW(OOM_PANIC, "Kernel panic - not syncing: Out of memory: x", false,
		    false),
		ROW(MACHINE_CHECK, "SError Interrupt on CPU1, code 0xbf000002", false,
		    false),
		ROW(HARD_LOCKUP, "Watchdog detected hard LOCKUP on cpu 1", false, true),
		ROW(SOFT_LOCKUP,
		    "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [a:1]", false,
		    true),
		ROW(RCU_STALL, "rcu: INFO: rcu_sched self-detected stall on CPU", false,
		    true),
		ROW(HUNG_TASK, "INFO: task a:1 blocked for more than 120 seconds.", false,
		    true),
		ROW(KASAN, "BUG: KASAN: use-after-free in f+0x1/0x2", false, false),
		ROW(KFENCE, "BUG: KFENCE: invalid read in f+0x1/0x2", false, false),
		ROW(KMSAN, "BUG: KMSAN: uninit-value in f+0x1/0x2", false, false),
		ROW(KCSAN, "BUG: KCSAN: data-race in f / g", false, false),
		ROW(UBSAN, "UBSAN: array-index-out-of-bounds in mm/x.c:1:2", false,
		    false),
		ROW(BUG, "BUG: x", false, false),
		ROW(WARNING, "WARNING: held lock freed!", false, false),
		ROW(OOM_KILL, "a invoked oom-killer: x", false, false),
		ROW(HARDWARE, "NMI: IOCK error (debug interrupt?)", false, false),
		ROW(BACKTRACE, "NMI backtrace for cpu 1", false, true),
#undef ROW
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[300];

		snprintf(text, sizeof(text), "%sOops: 0000 [#1] SMP\n", row[i].head);
		read_text(text);
		ck_assert_int_eq(events.event[0]->kind, row[i].kind);
		ck_assert_msg(events.nr == (row[i].dies ? 1 : 2), "%s: %zu events", text,
			      events.nr);
		/* Not if it has told whose frames they are: then it is another one. */
		snprintf(text, sizeof(text),
			 "%sCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\nCall Trace:\n "
			 "f+0x1/0x2\nOops: 0000 [#2] SMP\n",
			 row[i].head);
		read_text(text);
		ck_assert_msg(events.nr == 2, "%s: %zu events", text, events.nr);
		snprintf(text, sizeof(text), "%sNMI backtrace for cpu 3\n", row[i].head);
		read_text(text);
		ck_assert_msg(events.nr == (row[i].backtraces ? 1 : 2), "%s: %zu events",
			      text, events.nr);
		ck_assert_int_eq(stk_event_kind(row[i].kind)->dies, row[i].dies);
	}
	ck_assert_uint_eq(sizeof(row) / sizeof(row[0]), STK_NR_EVENT_KINDS);
}
END_TEST

/* Whose backtrace it is; a number that no CPU has is none, and is looked up nowhere. */
START_TEST(numbers_of_cpus)
{
	static const struct {
		const char *number;
		int64_t cpu;
	} row[] = {
		{ "0", 0 },
		{ "12", 12 },
		{ "8191", 8191 },
		{ "8192", 8192 },
		{ "2147483647", INT32_MAX },
		{ "2147483648", -1 },
		{ "4294967308", -1 },
		{ "99999999999999999999999", -1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event *e;
		char text[200];

		/* The first trace is of another CPU than the one that is stuck. */
		snprintf(text, sizeof(text),
			 "Watchdog detected hard LOCKUP on cpu 12\n"
			 "NMI backtrace for cpu 3\nNMI backtrace for cpu %s\n",
			 row[i].number);
		read_text(text);
		e = events.event[0];
		ck_assert_uint_eq(events.nr, 1);
		ck_assert_uint_eq(e->nr_traces, 2);
		ck_assert_int_eq(e->traces[1]->cpu, row[i].cpu);
		ck_assert_ptr_eq(stk_event_main_trace(e),
				 e->traces[row[i].cpu == 12 ? 1 : 0]);
		snprintf(text, sizeof(text), "Watchdog detected hard LOCKUP on cpu %s\n",
			 row[i].number);
		read_text(text);
		e = events.event[0];
		ck_assert(!stk_event_has_cpu(e, UINT32_MAX));
		ck_assert(!stk_event_has_cpu(e, STK_MAX_EVENT_CPUS));
		ck_assert(stk_event_has_cpu(e, 8191) == (row[i].cpu == 8191));
		ck_assert(stk_event_has_cpu(e, 12) == (row[i].cpu == 12));
	}
}
END_TEST

/* The last ":" or "/" parts a task's name from its PID. */
START_TEST(task_of_an_event)
{
	static const struct {
		const char *task, *comm;
		int64_t pid; /* -1: not told */
	} row[] = {
		{ "sh:12", "sh", 12 },
		{ "a:1", "a", 1 },
		{ ":7", "", 7 },
		{ "kworker/0:1:34", "kworker/0:1", 34 },
		{ "my app:12", "my app", 12 },
		{ "sh:2147483647", "sh", INT32_MAX },
		{ "sh:2147483648", "sh", -1 },
		{ "sh:", "sh", -1 },
		{ "sh", NULL, -1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[100];

		snprintf(text, sizeof(text),
			 "INFO: task %s blocked for more than 120 seconds.\n",
			 row[i].task);
		read_text(text);
		ck_assert_uint_eq(events.nr, 1);
		ck_assert_pstr_eq(events.event[0]->comm, row[i].comm);
		ck_assert_int_eq(events.event[0]->pid, row[i].pid);
	}
}
END_TEST

/* "cut here" is where an event begins, but only the one that follows it. */
START_TEST(cut_here)
{
	read_text("words\n------------[ cut here ]------------\n"
		  "kernel BUG at foo.c:1!\nRIP: 0010:f+0x1/0x2\n"
		  "---[ end trace 0 ]---\nBUG: again\n");
	ck_assert_uint_eq(events.nr, 2);
	ck_assert_uint_eq(events.event[0]->first_line, 2);
	ck_assert_uint_eq(events.event[0]->last_line, 5);
	ck_assert_uint_eq(events.event[1]->first_line, 6);
	ck_assert_uint_eq(events.event[1]->last_line, 6);
	/* Nor does one go on behind it, whose end is not told. */
	read_text("BUG: once\n------------[ cut here ]------------\n"
		  "RIP: 0010:f+0x1/0x2\nkernel BUG at foo.c:1!\n");
	ck_assert_uint_eq(events.nr, 2);
	ck_assert_uint_eq(events.event[0]->last_line, 1);
	ck_assert_uint_eq(events.event[0]->nr_traces, 0);
	ck_assert_uint_eq(events.event[1]->first_line, 2);
}
END_TEST

/* Only what is one line of a trace makes one. */
START_TEST(what_begins_a_trace)
{
	static const struct {
		const char *line;
		size_t nr_traces;
	} row[] = {
		{ "Code: 00 00 <00>", 0 },
		{ "some sentence", 0 },
		{ "---[ end trace 0 ]---", 0 },
		{ "R10: 0000000000000001", 1 },
		{ "RIP: 0010:f+0x1/0x2", 1 },
		{ "CPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1", 1 },
		{ "Hardware name: x", 1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[100];

		snprintf(text, sizeof(text), "BUG: a\n%s\n", row[i].line);
		read_text(text);
		ck_assert_uint_eq(events.nr, 1);
		ck_assert_msg(events.event[0]->nr_traces == row[i].nr_traces, "%s: %zu",
			      row[i].line, events.event[0]->nr_traces);
	}
}
END_TEST

/* What a log's first lines tell of the machine. */
START_TEST(machine)
{
	static const struct {
		const char *line, *release, *build, *hardware;
	} row[] = {
		{ "Linux version 6.1.0-13-amd64 (a@b) (gcc, ld) #1 SMP 2023",
		  "6.1.0-13-amd64", "#1 SMP 2023", NULL },
		{ "DMI: Maker Board/Name, BIOS 1.2", NULL, NULL,
		  "Maker Board/Name, BIOS 1.2" },
		{ "Linux version 6.1.0", NULL, NULL, NULL },
		{ "a Linux version 6.1.0 (a@b) #1 SMP", NULL, NULL, NULL },
		{ "Linux versions 6.1.0 (a@b) #1 SMP", NULL, NULL, NULL },
		{ "a DMI: Maker", NULL, NULL, NULL },
		{ "words", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text), "%s\nBUG: a\n", row[i].line);
		read_text(text);
		ck_assert_uint_eq(events.nr, 1);
		ck_assert_pstr_eq(events.release, row[i].release);
		ck_assert_pstr_eq(events.build, row[i].build);
		ck_assert_pstr_eq(events.hardware, row[i].hardware);
	}
}
END_TEST

/* The bits of a page fault's error code; one that fetched did not read. */
START_TEST(access_by_error)
{
	static const struct {
		uint64_t error;
		const char *access;
	} row[] = {
		{ 0, "read" },	     { 1, "read" },	   { 4, "read" },
		{ 8, "read" },	     { 0x20, "read" },	   { 2, "write" },
		{ 3, "write" },	     { 0x10, "execute" },  { 0x11, "execute" },
		{ 0x12, "execute" }, { ~0x12ull, "read" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_str_eq(stk_trace_access(row[i].error), row[i].access);
}
END_TEST

/* A line of registers is one only if all of it is. */
START_TEST(registers)
{
	static const struct {
		const char *line, *regs; /* "": it is none */
	} row[] = {
		{ "R10: 00000000000000ff", "R10=ff " },
		{ "RSP: 0018:ffffc90000254000 EFLAGS: 00010046",
		  "RSP=ffffc90000254000 EFLAGS=10046 " },
		{ "FS:  0000000000000000(0000) GS:ffff88001fd00000(0010) "
		  "knlGS:0000000000000001",
		  "FS=0 GS=ffff88001fd00000 knlGS=1 " },
		{ "CS:  0010 DS: 0001 ES: 0002 CR0: 0000000080050033",
		  "CS=10 DS=1 ES=2 CR0=80050033 " },
		{ "pstate: 60000005 (nZCv daif -PAN)", "pstate=60000005 " },
		{ "sp : ffff80000800be30", "sp=ffff80000800be30 " },
		{ "x29: ffff80000800be30 x28: 0000000000000001 ",
		  "x29=ffff80000800be30 x28=1 " },
		{ "R10:\t00ff", "R10=ff " },
		{ "R10: 0ff", "" },
		/* As long as there is room for a name; and one more. */
		{ "ABCDEFGHIJK: 00000000000000ff", "ABCDEFGHIJK=ff " },
		{ "ABCDEFGHIJKL: 00000000000000ff", "" },
		{ "R10: 000000000000000ff", "" },
		{ "R10: 00000000000000ff x", "" },
		{ "R10: 00000000000000ff R11:", "" },
		{ "R10 00000000000000ff", "" },
		{ "FS: 0000000000000000(0000", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event_trace *t;
		char text[300], regs[300] = "";

		snprintf(text, sizeof(text),
			 "BUG: a\nCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n%s\n",
			 row[i].line);
		read_text(text);
		t = events.event[0]->traces[0];
		for (size_t k = 0; k < t->nr_regs; k++)
			snprintf(regs + strlen(regs), sizeof(regs) - strlen(regs),
				 "%s=%llx ", t->regs[k].name,
				 (unsigned long long)t->regs[k].value);
		ck_assert_str_eq(regs, row[i].regs);
	}
}
END_TEST

/* What the user ran has no name, whatever is printed there. */
START_TEST(instruction_of_the_user)
{
	static const struct {
		const char *line;
		bool in_user;
		const char *function;
	} row[] = {
		{ "RIP: 0010:f+0x1/0x2", false, "f" },
		{ "RIP: 0033:f+0x1/0x2", true, NULL },
		{ "RIP: 0033:0x7f1122334455", true, NULL },
		{ "RIP: 0023:0x7f1122334455", true, NULL },
		{ "RIP: 0010:0xffffffff81000000", false, NULL },
		{ "IP: f+0x1/0x2", false, "f" },
		{ "pc : f+0x1/0x2", false, "f" },
		{ "PC is at f+0x1/0x2", false, "f" },
		{ "epc : f+0x1/0x2", false, "f" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event_trace *t;
		char text[200];

		snprintf(text, sizeof(text),
			 "BUG: a\nCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n%s\n",
			 row[i].line);
		read_text(text);
		t = events.event[0]->traces[0];
		ck_assert_msg(t->has_pc, "%s", row[i].line);
		ck_assert_int_eq(t->in_user, row[i].in_user);
		ck_assert_msg(!t->pc.function == !row[i].function, "%s", row[i].line);
		if (row[i].function)
			ck_assert_str_eq(t->pc.function, row[i].function);
	}
}
END_TEST

/* The register with who called, by the names that it has had. */
START_TEST(links)
{
	static const struct {
		const char *lines, *by, *function; /* NULL: none */
	} row[] = {
		{ "lr : g+0x4/0x8\n", "lr", "g" },
		{ "LR is at g+0x4/0x8\n", "lr", "g" },
		{ "ra : g+0x4/0x8\n", "ra", "g" },
		{ "ra : g+0x4/0x8\nlr : h+0x4/0x8\n", "ra", "g" },
		{ "lr : 0xffff800008001234\nlr : h+0x4/0x8\n", "lr", "h" },
		{ "lr : ffff800008001234\n", NULL, NULL },
		{ "rx : g+0x4/0x8\n", NULL, NULL },
		{ "Call trace:\n f+0x4/0x8\nlr : g+0x4/0x8\n", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event_trace *t;
		char text[300];

		snprintf(text, sizeof(text),
			 "BUG: a\nCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n%s",
			 row[i].lines);
		read_text(text);
		t = events.event[0]->traces[0];
		ck_assert_pstr_eq(t->link.function, row[i].function);
		ck_assert_pstr_eq(t->link.by, row[i].by);
		ck_assert_int_eq(t->link.lost, row[i].by != NULL);
	}
}
END_TEST

/* What marks a stack, alone or before a frame. */
START_TEST(marks_of_stacks)
{
	static const struct {
		const char *mark, *stack; /* NULL: it is none */
	} row[] = {
		{ "<IRQ>", "IRQ" },
		{ "<#DF>", "#DF" },
		{ "<NMI>", "NMI" },
		{ "<#DB!>", "#DB!" },
		{ "<X>", "X" },
		{ "</IRQ>", "TASK" },
		{ "</NMI>", "TASK" },
		{ "<EOI>", "TASK" },
		{ "<<EOE>>", "TASK" },
		{ "<EXCEPTION>", "EXCEPTION" },
		{ "<a234567890123456789012345678901>",
		  "a234567890123456789012345678901" },
		{ "<a2345678901234567890123456789012>", NULL },
		{ "<>", NULL },
		{ "<A B>", NULL },
		{ "<A", NULL },
		{ "A>", NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_event_trace *t;
		char text[200];

		snprintf(text, sizeof(text), "BUG: a\nCall Trace:\n %s f+0x1/0x2\n",
			 row[i].mark);
		read_text(text);
		t = events.event[0]->traces[0];
		ck_assert_msg((t->nr_frames == 1) == (row[i].stack != NULL), "%s",
			      row[i].mark);
		if (!row[i].stack)
			continue;
		ck_assert_pstr_eq(t->frames[0].stack, row[i].stack);
		snprintf(text, sizeof(text), "BUG: a\nCall Trace:\n%s\nf+0x1/0x2\n",
			 row[i].mark);
		read_text(text);
		t = events.event[0]->traces[0];
		ck_assert_uint_eq(t->nr_frames, 1);
		ck_assert_pstr_eq(t->frames[0].stack, row[i].stack);
	}
}
END_TEST

/* Behind some lines no frame is of that trace. */
START_TEST(ends_of_a_trace)
{
	static const struct {
		const char *line;
		size_t nr_frames;
	} row[] = {
		{ "</TASK>", 1 },
		{ "</TASKS>", 2 },
		{ "</IRQ>", 2 },
		{ "ret_from_fork+0x1/0x2", 2 },
		{ "? ret_from_fork+0x1/0x2", 3 },
		{ "ret_from_fork_asm+0x1/0x2", 3 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text),
			 "BUG: a\nCall Trace:\n <TASK>\n f+0x1/0x2\n %s\n g+0x1/0x2\n",
			 row[i].line);
		read_text(text);
		ck_assert_msg(events.event[0]->traces[0]->nr_frames == row[i].nr_frames,
			      "%s: %zu", row[i].line,
			      events.event[0]->traces[0]->nr_frames);
	}
}
END_TEST

/* What riscv prints has no headline; but its end is one. */
START_TEST(ends_without_a_headline)
{
	static const char frame[] = "[<ffffffff80001000>] g+0x1/0x2\n";
	char text[400];

	for (int ended = 0; ended <= 1; ended++) {
		snprintf(text, sizeof(text),
			 "BUG: a\nCPU: 1 PID: 7 Comm: a Not tainted 6.1.0 #1\n"
			 "epc : f+0x1/0x2\n ra : h+0x1/0x2\n%s%s%s",
			 frame, ended ? "Modules linked in:\n" : "", frame);
		read_text(text);
		ck_assert_uint_eq(events.event[0]->traces[0]->nr_frames, 2 - ended);
	}
}
END_TEST

/* Only where RCU stalls such a line is about a CPU. */
START_TEST(cpus_that_rcu_waits_for)
{
	static const char *const head[] = {
		"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
		"BUG: KASAN: use-after-free in f+0x1/0x2",
	};
	char text[400];

	/* A word that begins with a number is a CPU's, if a "-" or a blank is behind
	 * it; "P9" is a task. */
	snprintf(text, sizeof(text),
		 "rcu: INFO: rcu_sched detected stalls on CPUs/tasks: { 1-.... 3 x 5x 7: "
		 "P9 11-...D } (detected by 2, t=5252 jiffies)\n");
	read_text(text);
	for (unsigned int cpu = 0; cpu < 16; cpu++)
		ck_assert_msg(stk_event_has_cpu(events.event[0], cpu) ==
				      (cpu == 1 || cpu == 3 || cpu == 11),
			      "%u", cpu);
	snprintf(text, sizeof(text), "%s\n1-...0: (1 GPs behind) idle=1\n", head[_i]);
	read_text(text);
	ck_assert_uint_eq(events.nr, 1);
	ck_assert_int_eq(events.event[0]->cpus == NULL, _i);
	ck_assert_uint_eq(events.event[0]->nr_details, !_i);
}
END_TEST

/* A trace that has only begun has told nothing yet; what one has told is the event's. */
START_TEST(told_below_a_trace)
{
	static const char *const frame[] = { "", " f+0x1/0x2\n" };
	char text[400];

	snprintf(text, sizeof(text),
		 "BUG: KASAN: use-after-free in f+0x1/0x2\nCall Trace:\n%s"
		 "Write of size 8 at addr ffff888012345678 by task sh/227\n",
		 frame[_i]);
	read_text(text);
	ck_assert_uint_eq(events.nr, 1);
	ck_assert(events.event[0]->has_address == !_i);
	ck_assert_int_eq(events.event[0]->bytes, _i ? -1 : 8);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(told_below_a_trace, 2),
	LOOP(cpus_that_rcu_waits_for, 2),
	TEST(address_without_a_stack),
	TEST(what_follows),
	TEST(numbers_of_cpus),
	TEST(task_of_an_event),
	TEST(cut_here),
	TEST(what_begins_a_trace),
	TEST(registers),
	TEST(instruction_of_the_user),
	TEST(links),
	TEST(machine),
	TEST(access_by_error),
	TEST(marks_of_stacks),
	TEST(ends_of_a_trace),
	TEST(ends_without_a_headline),
	LOOP(each_text, sizeof(prefixes) / sizeof(prefixes[0])),
	TEST(asleep),
	LOOP(callers_in_a_register, sizeof(calls) / sizeof(calls[0])),
	TEST(one_after_the_other),
	TEST(at_the_same_time),
	TEST(what_a_trace_says_first),
	TEST(facts),
	TEST(address_of_an_overflow),
	TEST(death),
	TEST(many_panics),
	TEST(near_misses),
	TEST(cut_anywhere),
	TEST(too_many),
	TEST(interrupted),
	TEST(only_printable),
	{ 0 },
};

const struct unit_suite suite_events = {
	"events",
	{ { "events", tests, NULL, teardown } },
};
