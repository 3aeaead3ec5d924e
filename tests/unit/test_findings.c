/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves of each finding about stacks that it is told when it must be, with its evidence,
 * and that what comes close to it is not.
 */
#include "findings.h"
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/x86_64/x86_64.h"
#include "base/context.h"
#include "machine/memory.h"
#include "report/findings.h"

static struct stk *s;
static struct stk_triage t;
static struct stk_triage_cpu cpu;
static struct stk_event event;
static struct stk_event_trace trace;

/* ---- chains that are made up: CPU 1 is on one stack, or in the guard below it ---- */

#define MAX_FRAMES 80u

static struct stk_chain chain;
static struct stk_segment segment[2];
static struct stk_frame frame[2][MAX_FRAMES];

/* That of another test. */
static void forget_chain(void)
{
	memset(&chain, 0, sizeof(chain));
	memset(segment, 0, sizeof(segment));
	memset(frame, 0, sizeof(frame));
}

/* sh runs on CPU 1 in a system call. */
static void setup(void)
{
	fixture_syscall();
	t = (struct stk_triage){ .panic.cpu = -1 };
	forget_chain();
	golden_setup();
}

static void free_triage(void)
{
	/* Chains that are made up are not the library's. */
	if (t.cpu == &cpu)
		t.nr_cpus = 0;
	stk_triage_free(s, &t);
}

static void teardown(void)
{
	free_triage();
	golden_teardown();
}

/* The same machine once more, as it was. */
static void begin_anew(void)
{
	free_triage();
	fixture_syscall();
}

/* What is looked for in the machine as it is; the chains are those of the tests. */
static void look(const struct stk_finding_info *info)
{
	if (!m->s)
		s = syn_open(m);
	ck_assert_int_eq(stk_finding_look(s, &t, info), STK_OK);
	if (!golden)
		golden_setup();
	golden_head("%s", info->id);
	for (size_t i = 0; i < t.nr_findings; i++)
		put_finding(&t.finding[i]);
	if (t.nr_findings)
		expect_no_room(s, &t, info);
}

static void expect_none(const struct stk_finding_info *info)
{
	t.nr_findings = 0;
	look(info);
	ck_assert_msg(!t.nr_findings, "%s", t.nr_findings ? t.finding[0].text : "");
}

/* Just one, whose text is @fmt. */
static const struct stk_finding *expect_one(const struct stk_finding_info *info,
					    enum stk_severity severity, const char *fmt,
					    ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t.nr_findings = 0;
	look(info);
	ck_assert_uint_eq(t.nr_findings, 1);
	ck_assert_str_eq(t.finding[0].text, text);
	ck_assert_str_eq(t.finding[0].id, info->id);
	ck_assert_int_eq(t.finding[0].severity, severity);
	return &t.finding[0];
}

static struct stk_stack sh_stack(void)
{
	struct stk_task task;
	struct stk_stack stack;

	s = m->s ? m->s : syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &task, &stack), STK_OK);
	return stack;
}

static void begin_chain(bool over)
{
	memset(segment, 0, sizeof(segment));
	chain = (struct stk_chain){ .segments = &segment[!over], .cpu = 1 };
	for (size_t i = 0; i < 2; i++)
		segment[i].frames = frame[i];
	segment[0].next = &segment[1];
	segment[1].stack = sh_stack();
	if (over)
		segment[0].over = segment[1].stack;
	trace.pid = 227;
	cpu = (struct stk_triage_cpu){ .cpu = 1, .chain = &chain, .trace = &trace };
	t.cpu = &cpu;
	t.nr_cpus = 1;
}

/* The next frame outwards: @used bytes below the end of the stack. */
static void add_frame(uint64_t used, const char *function)
{
	const struct stk_stack *stack = &segment[1].stack;
	struct stk_segment *seg = &segment[used <= stack->end - stack->begin];
	struct stk_frame *f = &seg->frames[seg->nr_frames];

	ck_assert_uint_lt(seg->nr_frames, MAX_FRAMES);
	*f = (struct stk_frame){ .at = stack->end - used,
				 .sp = stack->end - used,
				 .has_sp = true,
				 .name = { .function = function, .offset = 0x10 } };
	if (!seg->nr_frames++)
		seg->low = f->at;
	if (seg->over.kind)
		seg->over_by = stack->begin - f->at;
}

#define SIZE SYN_THREAD_SIZE

/* ---- stack-guard-hit ---- */

START_TEST(pointer_in_guard)
{
	begin_chain(true);
	add_frame(SIZE + 0x30, "deep");
	add_frame(SIZE - 0x100, "outer");
	expect_about(
		expect_one(
			&stk_finding_guard_hit, STK_SEVERITY_FATAL,
			"CPU 1 overflowed the TASK stack of PID 227 \"sh\": its stack pointer "
			"is 48 bytes below the base 0x%llx, in the guard page, in deep+0x10",
			(unsigned long long)segment[1].stack.begin),
		"CPU 1, PID 227, 0xffffb1c000117fd0, deep");
	ck_assert_uint_eq(t.finding[0].address, segment[1].stack.begin - 0x30);
	ck_assert_str_eq(t.finding[0].function, "deep");
	/* The last word of the stack is no overflow. */
	begin_chain(false);
	add_frame(SIZE, "deep");
	expect_none(&stk_finding_guard_hit);
	expect_findings(__func__, _i);
}
END_TEST

/* The machine died of an access to @address, and CPU 1 had its stack pointer elsewhere.
 */
static void died_at(uint64_t address)
{
	event = (struct stk_event){ .kind = STK_EVENT_PAGE_FAULT,
				    .has_address = true,
				    .address = address,
				    .access = "write" };
	t.event = &event;
	t.died = true;
	t.panic.cpu = 1;
}

START_TEST(address_in_guard)
{
	uint64_t base;

	begin_chain(false);
	add_frame(0x100, "write_it");
	base = segment[1].stack.begin;
	died_at(base - 64);
	expect_about(
		expect_one(
			&stk_finding_guard_hit, STK_SEVERITY_FATAL,
			"CPU 1 wrote to 0x%llx, in the guard page, 64 bytes below the base of "
			"the TASK stack of PID 227 \"sh\", 0x%llx",
			(unsigned long long)base - 64, (unsigned long long)base),
		"CPU 1, PID 227, 0xffffb1c000117fc0");
	ck_assert_uint_eq(t.finding[0].address, base - 64);
	died_at(base + SIZE + 8);
	expect_about(
		expect_one(
			&stk_finding_guard_hit, STK_SEVERITY_FATAL,
			"CPU 1 wrote to 0x%llx, in the guard page, 8 bytes past the end of "
			"the TASK stack of PID 227 \"sh\", 0x%llx",
			(unsigned long long)(base + SIZE + 8),
			(unsigned long long)(base + SIZE)),
		"CPU 1, PID 227, 0xffffb1c00011c008");
	/* On the stack, below the guard, in user space, or of nobody's death. */
	died_at(base);
	expect_none(&stk_finding_guard_hit);
	died_at(base - 0x1001);
	expect_none(&stk_finding_guard_hit);
	died_at(0x1000);
	expect_none(&stk_finding_guard_hit);
	died_at(base - 64);
	t.died = false;
	expect_none(&stk_finding_guard_hit);
	expect_findings(__func__, _i);
}
END_TEST

/* Where the stack pointer tells of it, the address that goes with it does not. */
START_TEST(pointer_and_address)
{
	begin_chain(true);
	add_frame(SIZE + 8, "deep");
	add_frame(SIZE - 0x100, "outer");
	died_at(segment[1].stack.begin - 16);
	look(&stk_finding_guard_hit);
	ck_assert_uint_eq(t.nr_findings, 1);
	ck_assert_ptr_nonnull(strstr(t.finding[0].text, "overflowed"));
	expect_findings(__func__, _i);
}
END_TEST

/* ---- fault-address ---- */

/* Where the log does not say who it was, the stack does. */
START_TEST(who_faulted)
{
	begin_chain(false);
	add_frame(0x100, "write_it");
	trace.cpu = 1;
	died_at(0x38);
	t.trace = &trace;
	look(&stk_finding_fault_address);
	ck_assert_uint_eq(t.nr_findings, 1);
	ck_assert_int_eq(t.finding[0].cpu, 1);
	ck_assert_int_eq(t.finding[0].pid, 227);
	expect_findings(__func__, _i);
}
END_TEST

/* ---- blocked-tasks ---- */

#define MANY 70u

/* Each waits in a function of its own; those that wait the longest are told of. */
START_TEST(many_wait)
{
	static struct stk_event_frame in[MANY][1];
	static struct stk_event_trace traces[MANY];
	static struct stk_blocked blocked[MANY];
	static char names[MANY][16];
	const uint64_t second = 1000000000;

	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "wait_%zu", i);
		in[i][0] = (struct stk_event_frame){ .function = names[i] };
		traces[i] = (struct stk_event_trace){ .frames = in[i], .nr_frames = 1 };
		blocked[i] = (struct stk_blocked){ .has_ns = true,
						   .ns = 1000 * second - i,
						   .trace = &traces[i],
						   .task = { .pid = 300, .comm = "x" } };
	}
	t.blocked = blocked;
	t.nr_blocked = 9;
	look(&stk_finding_blocked);
	ck_assert_uint_eq(t.nr_findings, 8);
	ck_assert_str_eq(t.finding[7].function, "wait_7");
	/* The others that wait in the same. */
	for (size_t i = 1; i < MANY; i++)
		in[i][0].function = names[0];
	t.nr_blocked = 64;
	expect_about(
		expect_one(
			&stk_finding_blocked, STK_SEVERITY_SUSPICIOUS,
			"PID 300 \"x\" and 63 more sleep in D, not run for 0:16:40: wait_0"),
		"CPU -1, PID 300, wait_0");
	/* Of more the chains were not looked at. */
	for (size_t i = 64; i < MANY; i++)
		blocked[i].trace = NULL;
	t.nr_blocked = 65;
	expect_about(
		expect_one(
			&stk_finding_blocked, STK_SEVERITY_SUSPICIOUS,
			"PID 300 \"x\" and 63 more of those that were looked at sleep in D, "
			"not run for 0:16:40: wait_0"),
		"CPU -1, PID 300, wait_0");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- stack-nearly-full ---- */

/* Frames that are on no stack, or above it, fill none. */
START_TEST(on_no_stack)
{
	const struct stk_segment *seg;
	struct stk_full full;

	begin_chain(false);
	add_frame(SIZE, "deep");
	seg = &segment[1];
	ck_assert(stk_next_full(&seg, &full));
	ck_assert_uint_eq(full.used, SIZE);
	ck_assert(!full.over);
	ck_assert_ptr_null(seg);
	segment[1].low = segment[1].stack.end;
	seg = &segment[1];
	ck_assert(!stk_next_full(&seg, &full));
	segment[1].low = segment[1].stack.begin;
	segment[1].stack.kind = NULL;
	seg = &segment[1];
	ck_assert(!stk_next_full(&seg, &full));
}
END_TEST

START_TEST(cpu_nearly_full)
{
	const uint64_t full = SIZE - SIZE / 100 * 10;

	begin_chain(false);
	add_frame(full, "deep");
	expect_about(
		expect_one(
			&stk_finding_nearly_full, STK_SEVERITY_SUSPICIOUS,
			"CPU 1 uses %llu of the 16384 bytes of the TASK stack of PID 227 "
			"\"sh\", %llu are left below 0x%llx, in deep+0x10",
			(unsigned long long)full, (unsigned long long)(SIZE - full),
			(unsigned long long)(segment[1].stack.end - full)),
		"CPU 1, PID 227, 0xffffb1c00011865e, deep");
	begin_chain(false);
	add_frame(full - 8, "deep");
	expect_none(&stk_finding_nearly_full);
	/* Nor one that is made for just what is pushed there. */
	begin_chain(false);
	add_frame(64, "deep");
	segment[1].stack.begin = segment[1].stack.end - 64;
	expect_none(&stk_finding_nearly_full);
	/* An overflow is told as that. */
	begin_chain(true);
	add_frame(SIZE + 8, "deep");
	add_frame(SIZE - 8, "outer");
	expect_none(&stk_finding_nearly_full);
	expect_findings(__func__, _i);
}
END_TEST

static void sleep_at(uint64_t task, uint64_t bytes_left)
{
	syn_put64(m,
		  task + syn_off(m, "task_struct.thread") +
			  syn_off(m, "thread_struct.sp"),
		  syn_stack(m, task) + bytes_left);
}

START_TEST(sleeper_nearly_full)
{
	const uint64_t least = SIZE / 100 * 10;
	uint64_t task = syn_task(m, "sleeper", 300, 0), more;

	sleep_at(task, least);
	expect_about(
		expect_one(
			&stk_finding_nearly_full, STK_SEVERITY_SUSPICIOUS,
			"PID 300 \"sleeper\" sleeps with %llu of the 16384 bytes of its stack "
			"in use, %llu are left below 0x%llx",
			(unsigned long long)(SIZE - least), (unsigned long long)least,
			(unsigned long long)(syn_stack(m, task) + least)),
		"CPU -1, PID 300, 0xffffb1c00012065e");
	begin_anew();
	task = syn_task(m, "sleeper", 300, 0);
	sleep_at(task, least + 8);
	expect_none(&stk_finding_nearly_full);
	/* The fullest of several. */
	begin_anew();
	task = syn_task(m, "sleeper", 300, 0);
	more = syn_task(m, "deeper", 301, 0);
	sleep_at(task, least);
	sleep_at(more, 64);
	look(&stk_finding_nearly_full);
	ck_assert_uint_eq(t.nr_findings, 1);
	ck_assert_ptr_nonnull(strstr(t.finding[0].text, "PID 301 \"deeper\" sleeps"));
	ck_assert_ptr_nonnull(strstr(t.finding[0].text, "; so it is with 1 more task"));
	ck_assert_int_eq(t.finding[0].pid, 301);
	expect_findings(__func__, _i);
	/* In whatever order they are. */
	begin_anew();
	task = syn_task(m, "deeper", 301, 0);
	more = syn_task(m, "sleeper", 300, 0);
	sleep_at(task, 64);
	sleep_at(more, least);
	look(&stk_finding_nearly_full);
	ck_assert_int_eq(t.finding[0].pid, 301);
	begin_anew();
	for (uint32_t pid = 300; pid < 303; pid++)
		sleep_at(syn_task(m, "sleeper", pid, 0), least);
	look(&stk_finding_nearly_full);
	ck_assert_ptr_nonnull(strstr(t.finding[0].text, "; so it is with 2 more tasks"));
}
END_TEST

/* What a task saved last means nothing while it runs, or where it is not its stack's. */
START_TEST(no_sleeper)
{
	uint64_t task = syn_task(m, "sleeper", 300, 0);

	sleep_at(sh, 8);
	sleep_at(task, SIZE);
	expect_none(&stk_finding_nearly_full);
	begin_anew();
	task = syn_task(m, "sleeper", 300, 0);
	sleep_at(task, 8);
	syn_put32(m, task + syn_off(m, "task_struct.exit_state"), 16);
	expect_none(&stk_finding_nearly_full);
	/* It is being switched in. */
	begin_anew();
	task = syn_task(m, "sleeper", 300, 0);
	sleep_at(task, 8);
	syn_put32(m, task + syn_off(m, "task_struct.on_cpu"), 1);
	expect_none(&stk_finding_nearly_full);
	expect_findings(__func__, _i);
	/* A stack that was freed is nowhere. */
	begin_anew();
	task = syn_task(m, "sleeper", 300, 0);
	sleep_at(task, 8 - syn_stack(m, task));
	syn_put64(m, task + syn_off(m, "task_struct.stack"), 0);
	expect_none(&stk_finding_nearly_full);
}
END_TEST

/* ---- stack-frames-big, stack-recursion ---- */

START_TEST(big_frames)
{
	begin_chain(true);
	add_frame(SIZE + 0x100, "leaf");
	add_frame(SIZE - 0x100, "small");
	add_frame(SIZE - 0x200, "giant");
	add_frame(0x300, "middle");
	add_frame(0x40, "entry");
	expect_about(
		expect_one(
			&stk_finding_frames_big, STK_SEVERITY_FATAL,
			"of 16640 bytes on the TASK stack of PID 227 \"sh\", giant+0x10 takes "
			"15104, middle+0x10 takes 704, leaf+0x10 takes 512, 2 other frames 320"),
		"CPU 1, PID 227, giant");
	ck_assert_str_eq(t.finding[0].function, "giant");
	expect_none(&stk_finding_recursion);
	/* Not an overflow: it is good to know, and the stack is nearly full. */
	begin_chain(false);
	add_frame(SIZE - 0x100, "giant");
	add_frame(0x100, "entry");
	expect_about(
		expect_one(
			&stk_finding_frames_big, STK_SEVERITY_NOTICE,
			"of 16128 bytes on the TASK stack of PID 227 \"sh\", giant+0x10 takes "
			"15872, entry+0x10 takes 256"),
		"CPU 1, PID 227, giant");
	/* There is room: how large frames are is nobody's business. */
	begin_chain(false);
	add_frame(SIZE / 2, "giant");
	add_frame(0x100, "entry");
	expect_none(&stk_finding_frames_big);
	expect_findings(__func__, _i);
}
END_TEST

/* @bytes a round; the rest belongs to one frame. */
static void recurse(bool over, unsigned int rounds, uint64_t bytes)
{
	const uint64_t top = over ? SIZE + 8 : SIZE - 8;

	begin_chain(over);
	if (over)
		add_frame(top, "leaf");
	for (unsigned int i = 0; i < rounds; i++)
		add_frame(SIZE - 0x100 - i * bytes, "again");
	add_frame(SIZE - 0x100 - rounds * bytes, "giant");
	add_frame(0x40, "entry");
}

START_TEST(recursion_or_frames)
{
	recurse(true, 40, 280);
	expect_none(&stk_finding_frames_big);
	expect_about(
		expect_one(
			&stk_finding_recursion, STK_SEVERITY_FATAL,
			"again+0x10 called itself 40 times on the stack that overflowed: 10920 "
			"bytes, 280 for each"),
		"CPU 1, PID 227, again");
	recurse(false, 40, 280);
	expect_about(
		expect_one(
			&stk_finding_recursion, STK_SEVERITY_SUSPICIOUS,
			"again+0x10 called itself 40 times on the stack that is nearly full: "
			"10920 bytes, 280 for each"),
		"CPU 1, PID 227, again");
	/* Less than half is the recursion's: both are told. */
	recurse(true, 28, 280);
	look(&stk_finding_frames_big);
	look(&stk_finding_recursion);
	ck_assert_uint_eq(t.nr_findings, 3);
	/* Too few rounds to be one. */
	recurse(true, 7, 280);
	expect_none(&stk_finding_recursion);
	expect_findings(__func__, _i);
}
END_TEST

/* @rounds of @length functions, 16 bytes each, behind one that takes the rest. */
static void recurse_by(const char *const *function, size_t length, size_t rounds)
{
	uint64_t used = SIZE - 0x40;

	begin_chain(true);
	add_frame(SIZE + 8, "leaf");
	for (size_t i = 0; i < rounds * length; i++, used -= 16)
		add_frame(used, function[i % length]);
}

START_TEST(recursion_by_several)
{
	static const char *const function[] = { "a", "b", "c", "d", "e",
						"f", "g", "h", "i" };
	static const struct {
		size_t length, rounds;
		const char *what; /* NULL: it is none */
	} row[] = {
		{ 1, 7, NULL },
		{ 1, 8,
		  "a+0x10 called itself 8 times on the stack that overflowed: "
		  "112 bytes, 16 for each" },
		{ 2, 7, NULL },
		{ 2, 8,
		  "a+0x10, by way of 1 other function called itself 8 times on the "
		  "stack that overflowed: 224 bytes, 32 for each" },
		{ 3, 9,
		  "a+0x10, by way of 2 other functions called itself 9 times on the "
		  "stack that overflowed: 384 bytes, 48 for each" },
		{ 8, 8,
		  "a+0x10, by way of 7 other functions called itself 8 times on the "
		  "stack that overflowed: 896 bytes, 128 for each" },
		{ 9, 8, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_full full;
		const struct stk_segment *seg = segment;

		recurse_by(function, row[i].length, row[i].rounds);
		ck_assert(stk_next_full(&seg, &full));
		ck_assert_uint_eq(stk_recursion_bytes(&full),
				  row[i].what ? (row[i].rounds - 1) * row[i].length * 16
					      : 0);
		if (row[i].what)
			expect_one(&stk_finding_recursion, STK_SEVERITY_FATAL, "%s",
				   row[i].what);
		else
			expect_none(&stk_finding_recursion);
	}
	/* Where nothing of the stack itself is known. */
	segment[0].next = NULL;
	expect_none(&stk_finding_recursion);
}
END_TEST

/* The recursion that takes the most frames, by functions that have a name. */
START_TEST(which_recursion)
{
	for (unsigned int more = 0; more < 3; more++) {
		uint64_t used = SIZE - 0x40;

		begin_chain(true);
		add_frame(SIZE + 8, "leaf");
		for (unsigned int i = 0; i < 20; i++, used -= 8)
			add_frame(used, NULL);
		for (unsigned int i = 0; i < 10; i++, used -= 8)
			add_frame(used, "first");
		for (unsigned int i = 0; i < 9 + more; i++, used -= 8)
			add_frame(used, "second");
		expect_one(&stk_finding_recursion, STK_SEVERITY_FATAL,
			   "%s+0x10 called itself %u times on the stack that overflowed: "
			   "%u bytes, 8 for each",
			   more > 1 ? "second" : "first", more > 1 ? 11 : 10,
			   more > 1 ? 80 : 72);
	}
	/* Those of two modules are two. */
	begin_chain(true);
	add_frame(SIZE + 8, "leaf");
	for (unsigned int i = 0; i < 40; i++) {
		add_frame(SIZE - 0x40 - i * 8, "first");
		frame[1][i].name.module = i < 20 ? "one" : "two";
		if (i >= 20 && i % 3)
			frame[1][i].name.module = NULL;
	}
	expect_one(
		&stk_finding_recursion, STK_SEVERITY_FATAL,
		"first+0x10 [one] called itself 20 times on the stack that overflowed: "
		"152 bytes, 8 for each");
	ck_assert_str_eq(t.finding[0].module, "one");
}
END_TEST

/* Of a stack, from a page on, nine tenths. */
START_TEST(nearly_full)
{
	static const struct {
		uint64_t used, size;
		bool full;
	} row[] = {
		{ 4095, 4095, false }, { 4096, 4096, true },	{ 3696, 4096, true },
		{ 3695, 4096, false }, { 14753, 16384, false }, { 14754, 16384, true },
		{ 0, 0, false },       { 0, 4096, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(stk_is_nearly_full(row[i].used, row[i].size) == row[i].full,
			      "%llu of %llu", (unsigned long long)row[i].used,
			      (unsigned long long)row[i].size);
}
END_TEST

/* Frames are measured on one stack, and as far as its end. */
START_TEST(frames_to_the_end)
{
	begin_chain(false);
	add_frame(SIZE - 0x100, "giant");
	add_frame(0, "beyond");
	expect_one(&stk_finding_frames_big, STK_SEVERITY_NOTICE,
		   "of 16128 bytes on the TASK stack of PID 227 \"sh\", giant+0x10 takes "
		   "16128");
	/* The same stack once more is not the same part of it. */
	begin_chain(false);
	add_frame(SIZE - 0x100, "giant");
	segment[1].next = &segment[0];
	segment[0].stack = segment[1].stack;
	segment[0].nr_frames = 1;
	frame[0][0] = frame[1][0];
	frame[0][0].at += 0x1000;
	frame[0][0].name.function = "again";
	segment[0].low = frame[0][0].at;
	segment[0].next = NULL;
	expect_one(&stk_finding_frames_big, STK_SEVERITY_NOTICE,
		   "of 16128 bytes on the TASK stack of PID 227 \"sh\", giant+0x10 takes "
		   "16128");
}
END_TEST

/* ---- stack-end-overwritten ---- */

#define MAGIC 0x57ac6e9dull

START_TEST(end_overwritten)
{
	uint64_t base = syn_stack(m, sh);

	syn_put64(m, base, 0x4141414141414141);
	expect_about(
		expect_one(
			&stk_finding_end_overwritten, STK_SEVERITY_DAMAGE,
			"the last word of the stack of PID 227 \"sh\", at 0x%llx, is "
			"0x4141414141414141 and not STACK_END_MAGIC: it overflowed once, or "
			"something else wrote there",
			(unsigned long long)base),
		"CPU -1, PID 227, 0xffffb1c000118000");
	ck_assert(t.finding[0].has_address);
	ck_assert_uint_eq(t.finding[0].address, base);
	ck_assert_int_eq(t.finding[0].pid, 227);
	/* An overflow that is told goes with it. */
	begin_chain(true);
	add_frame(SIZE + 8, "deep");
	add_frame(SIZE - 8, "outer");
	expect_none(&stk_finding_end_overwritten);
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(end_intact)
{
	uint64_t base = syn_stack(m, sh), dead = syn_task(m, "dead", 300, 0);

	syn_put64(m, base + 8, 0x4141414141414141);
	syn_put64(m, syn_stack(m, dead), 0x4141414141414141);
	syn_put32(m, dead + syn_off(m, "task_struct.exit_state"), 32);
	expect_none(&stk_finding_end_overwritten);
	/* Early in the boot it is not there yet. */
	syn_put64(m, base, 0);
	stk_forget_memory(s);
	expect_none(&stk_finding_end_overwritten);
	/* All of its eight bytes. */
	syn_put64(m, base, 1ull << 32 | MAGIC);
	stk_forget_memory(s);
	look(&stk_finding_end_overwritten);
	ck_assert_uint_eq(t.nr_findings, 1);
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(many_ends)
{
	for (uint32_t i = 0; i < 8; i++)
		syn_put64(m, syn_stack(m, syn_task(m, "hit", 300 + i, 0)), 0x41);
	look(&stk_finding_end_overwritten);
	ck_assert_uint_eq(t.nr_findings, 7);
	ck_assert_str_eq(t.finding[6].text, "so it is with the stacks of 2 more tasks");
	expect_findings(__func__, _i);
}
END_TEST

/* Without a list of tasks, only those that run are looked at. */
START_TEST(ends_of_the_running)
{
	static const char *const name[] = { "no chain", "of no task", "of its task",
					    "another overflowed", "it overflowed" };
	struct stk_task task;

	syn_put64(m, syn_stack(m, sh), 0x4141414141414141);
	syn_put64(m, syn_stack(m, syn_task(m, "asleep", 300, 0)), 0x41);
	syn_no_symbol(m, "init_task");
	for (unsigned int how = 0; how < 5; how++) {
		begin_chain(false);
		add_frame(0x100, "f");
		ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
		chain.start.task = task;
		chain.start.has_task = how > 1;
		if (!how)
			cpu.chain = NULL;
		if (how > 2)
			segment[1].over = segment[1].stack;
		if (how == 3)
			segment[1].over.begin += 0x100;
		t.nr_findings = 0;
		look(&stk_finding_end_overwritten);
		fprintf(golden, "%s\n", name[how]);
	}
	expect_findings(__func__, _i);
}
END_TEST

/* ---- how stacks are called ---- */

static void expect_called(const struct stk_stack *stack, const char *name)
{
	char text[160];

	ck_assert_str_eq(stk_finding_stack(s, stack, text, sizeof(text)), name);
}

START_TEST(names_of_stacks)
{
	struct stk_stack stack = sh_stack();

	expect_called(&stack, "the TASK stack of PID 227 \"sh\"");
	/* Whatever runs it now. */
	stack.cpu = 1;
	expect_called(&stack, "the TASK stack of PID 227 \"sh\"");
	stack.task = SYN_VMALLOC + 0x123456000;
	expect_called(&stack, "a task's TASK stack");
	stack.kind = X86_STACK(IRQ);
	expect_called(&stack, "the IRQ stack of CPU 1");
	stack.cpu = -1;
	expect_called(&stack, "the IRQ stack");
}
END_TEST

/* ---- whole machines: what their triage finds ---- */

static void find_all(void)
{
	free_triage();
	s = syn_open(m);
	ck_assert_int_eq(stk_triage(s, NULL, 0, "no log", &t), STK_OK);
	put_triage(s, &t);
}

/* The only one with @id; NULL: there is none. */
static const struct stk_finding *found(const char *id)
{
	const struct stk_finding *f = NULL;

	for (size_t i = 0; i < t.nr_findings; i++) {
		if (strcmp(t.finding[i].id, id) != 0)
			continue;
		ck_assert_ptr_null(f);
		f = &t.finding[i];
	}
	return f;
}

static bool wants_to_stop(void *unused)
{
	return true;
}

/* Where no more may be looked for, what is known is told; who interrupts has enough. */
START_TEST(looking_ends)
{
	syn_put64(m, syn_stack(m, sh), 0x41);
	find_all();
	ck_assert_ptr_nonnull(found("stack-end-overwritten"));
	t.nr_findings = 1;
	s->budget.dry = true;
	ck_assert_int_eq(stk_findings_look(s, &t), STK_OK);
	ck_assert_uint_eq(t.nr_findings, 1);
	s->budget.dry = false;
	s->target.interrupted = wants_to_stop;
	ck_assert_int_eq(stk_findings_look(s, &t), STK_ERR_INTERRUPTED);
	expect_findings(__func__, _i);
}
END_TEST

/* Of CPU 1: just this, and not also that its chain is in doubt. */
static const struct stk_finding *expect_found(const char *id, enum stk_severity severity,
					      const char *text)
{
	const struct stk_finding *f;

	find_all();
	f = found(id);
	ck_assert_msg(f != NULL, "no %s but %s", id,
		      t.nr_findings ? t.finding[0].text : "nothing");
	ck_assert_msg(strstr(f->text, text) != NULL, "%s", f->text);
	ck_assert_int_eq(f->severity, severity);
	ck_assert_int_eq(f->cpu, 1);
	if (strcmp(id, "chain-in-doubt") != 0)
		ck_assert_ptr_null(found("chain-in-doubt"));
	return f;
}

/* CPU 0 has no registers in these tests: that is told, and nothing else. */
static void expect_nothing_else(void)
{
	find_all();
	for (size_t i = 0; i < t.nr_findings; i++)
		ck_assert_msg(!strcmp(t.finding[i].id, "cpu-without-registers"), "%s: %s",
			      t.finding[i].id, t.finding[i].text);
}

/* CPU 0 comes first as any other does that panicked, though it has no registers. */
START_TEST(first_cpu_panicked)
{
	syn_symbol(m, "panic_cpu", SYN_DATA + 0x100000);
	syn_fill(m, SYN_DATA + 0x100000, 8, 0);
	find_all();
	ck_assert_uint_eq(t.nr_cpus, 2);
	ck_assert_uint_eq(t.cpu[0].cpu, 0);
	ck_assert_uint_eq(t.cpu[1].cpu, 1);
	syn_put32(m, SYN_DATA + 0x100000, 1);
	find_all();
	ck_assert_uint_eq(t.nr_cpus, 2);
	ck_assert_uint_eq(t.cpu[0].cpu, 1);
	ck_assert_uint_eq(t.cpu[1].cpu, 0);
	expect_findings(__func__, _i);
}
END_TEST

/* ---- where the stack pointer is ---- */

static void stopped_at(uint64_t ip, uint64_t sp)
{
	syn_crash_note_regs(m, 1, 227, ip, 0x10, sp, 0);
}

START_TEST(sp_on_no_stack)
{
	char text[120];

	stopped_at(c.ip, SYN_DIRECT + 0x123450);
	snprintf(text, sizeof(text),
		 "the stack pointer of CPU 1, 0x%llx (direct map), is on no stack",
		 SYN_DIRECT + 0x123450);
	expect_about(expect_found("sp-on-no-stack", STK_SEVERITY_DAMAGE, text),
		     "CPU 1, PID 227, 0xffff9a4000123450");
	ck_assert_uint_eq(found("sp-on-no-stack")->address, SYN_DIRECT + 0x123450);
	ck_assert_ptr_null(strstr(found("sp-on-no-stack")->text, "no code"));
	stopped_at(0x4141414141414140, SYN_DIRECT + 0x123450);
	expect_about(expect_found("sp-on-no-stack", STK_SEVERITY_DAMAGE,
				  ", and its instruction pointer in no code"),
		     "CPU 1, PID 227, 0xffff9a4000123450");
	/* On its own, or in user mode. */
	syn_crash_note(&c);
	expect_nothing_else();
	syn_crash_note_regs(m, 1, 227, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	expect_nothing_else();
	expect_findings(__func__, _i);
}
END_TEST

/* Who is current is not in doubt: whose the registers are is. */
START_TEST(registers_of_another)
{
	syn_crash_note_regs(m, 1, 300, c.ip, 0x10, c.sp, 0);
	expect_about(expect_found("chain-in-doubt", STK_SEVERITY_SUSPICIOUS,
				  "the saved registers are those of PID 300"),
		     "CPU 1, PID 227");
	ck_assert_ptr_null(found("sp-and-current-disagree"));
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(sp_on_another_stack)
{
	uint64_t other = syn_task(m, "other", 300, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);

	syn_syscall(&o);
	syn_set_current(m, 0, syn_idle(m, 0));
	stopped_at(o.ip, o.sp);
	expect_about(expect_found("sp-and-current-disagree", STK_SEVERITY_DAMAGE,
				  "CPU 1 runs PID 227 \"sh\", but its stack pointer, 0x"),
		     "CPU 1, PID 227, 0xffffb1c000123eb8");
	expect_about(expect_found("sp-and-current-disagree", STK_SEVERITY_DAMAGE,
				  ", is on the TASK stack of PID 300 \"other\""),
		     "CPU 1, PID 227, 0xffffb1c000123eb8");
	stopped_at(c.ip, syn_irq_top(0) - 64);
	expect_about(expect_found("sp-on-foreign-stack", STK_SEVERITY_DAMAGE,
				  "is on the IRQ stack of CPU 0"),
		     "CPU 1, PID 227, 0xffffb1c000029fc0");
	ck_assert_uint_eq(found("sp-on-foreign-stack")->address, syn_irq_top(0) - 64);
	expect_findings(__func__, _i);
}
END_TEST

/* A switch that is under way is none: both tasks say that they are on the CPU. */
START_TEST(switch_under_way)
{
	uint64_t other = syn_task(m, "next", 228, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);

	syn_syscall(&o);
	syn_set_current(m, 0, syn_idle(m, 0));
	syn_put32(m, other + syn_off(m, "task_struct.on_cpu"), 1);
	syn_crash_note_regs(m, 1, 227, o.ip, 0x10, o.sp, o.bp);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), other);
	expect_nothing_else();
	/* The run queue's sleeps. */
	begin_anew();
	syn_crash_note(&c);
	other = syn_task(m, "asleep", 229, 0);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), other);
	expect_about(
		expect_found(
			"sp-and-current-disagree", STK_SEVERITY_SUSPICIOUS,
			"which task CPU 1 ran is in doubt: the run queue names PID 229"),
		"CPU 1, PID 227");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- return addresses ---- */

/* The slot from which task_spin(), the innermost, is to return. */
static uint64_t innermost_slot(void)
{
	return c.sp;
}

/* An interrupt came over task_spin(): its frame is proven by the registers. */
static void interrupted_with(uint64_t word)
{
	uint64_t slot;

	begin_anew();
	slot = innermost_slot();
	syn_irq(&c);
	syn_crash_note(&c);
	syn_put64(m, slot, word);
}

START_TEST(return_overwritten)
{
	char text[200];
	uint64_t slot;

	interrupted_with(0x4141414141414141);
	begin_anew();
	slot = innermost_slot();
	interrupted_with(0x4141414141414141);
	snprintf(text, sizeof(text),
		 "CPU 1: at 0x%llx, where task_spin+0x40 has its return address, is "
		 "0x4141414141414141, which is no address of code: it was overwritten",
		 (unsigned long long)slot);
	find_all();
	ck_assert_ptr_nonnull(found("return-address-overwritten"));
	ck_assert_str_eq(found("return-address-overwritten")->text, text);
	ck_assert_uint_eq(found("return-address-overwritten")->address, slot);
	ck_assert_str_eq(found("return-address-overwritten")->function, "task_spin");
	ck_assert_ptr_null(found("chain-in-doubt"));
	/* Code, but no call ends there. */
	interrupted_with(syn_sym(m, "vfs_write") + 0x31);
	find_all();
	ck_assert_ptr_nonnull(found("return-address-overwritten"));
	ck_assert_ptr_nonnull(strstr(found("return-address-overwritten")->text,
				     "code, but behind no call"));
	expect_findings(__func__, _i);
}
END_TEST

/* What may have been the code of a module that is gone is not called overwritten. */
START_TEST(return_to_a_module_that_is_gone)
{
	interrupted_with(SYN_MODULE + 0x123450);
	find_all();
	ck_assert_ptr_null(found("return-address-overwritten"));
	ck_assert_ptr_nonnull(found("chain-in-doubt"));
	expect_findings(__func__, _i);
}
END_TEST

/* ---- ends of chains that are made up ---- */

static void died_away(enum stk_end why, uint64_t bad)
{
	begin_chain(false);
	add_frame(0x100, "last");
	frame[1][0].reliable = frame[1][0].interrupted = true;
	chain.end = why;
	chain.end_text = "an end";
	chain.confidence = STK_BROKEN;
	chain.dead_end =
		(struct stk_dead_end){ .met = true, .why = why, .bad = bad, .frame = 0 };
	/* The segment that add_frame() took is the chain's first. */
	chain.dead_end.segment = 0;
}

START_TEST(dead_ends)
{
	uint64_t nmi = syn_ist_top(m, 1, "NMI") - 8, irq = syn_irq_top(1) - 8;

	died_away(STK_END_RECURSION, nmi);
	expect_about(
		expect_one(
			&stk_finding_reentered, STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 goes from last+0x10 to 0x%llx on the NMI stack of "
			"CPU 1: a stack was entered a second time",
			(unsigned long long)nmi),
		"CPU 1, PID 227, 0xfffffe0000048ff8, last");
	expect_none(&stk_finding_chain_loops);
	died_away(STK_END_RECURSION, irq);
	expect_none(&stk_finding_reentered);
	expect_about(
		expect_one(
			&stk_finding_chain_loops, STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 goes from last+0x10 to 0x%llx on the IRQ stack of "
			"CPU 1: a stack was entered a second time",
			(unsigned long long)irq),
		"CPU 1, PID 227, 0xffffb1c000009ff8, last");
	died_away(STK_END_BACKWARDS, segment[1].stack.begin + 8);
	expect_about(
		expect_one(
			&stk_finding_chain_loops, STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 goes from last+0x10 to 0x%llx on the TASK stack of "
			"PID 227 \"sh\": the stack pointer does not rise",
			(unsigned long long)segment[1].stack.begin + 8),
		"CPU 1, PID 227, 0xffffb1c000118008, last");
	died_away(STK_END_OFF_STACK, 0x1000);
	expect_about(
		expect_one(
			&stk_finding_sp_on_no_stack, STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 goes from last+0x10 to 0x1000 on no stack: the "
			"stack pointer left every stack"),
		"CPU 1, PID 227, 0x1000, last");
	died_away(STK_END_NOT_OWN, syn_irq_top(0) - 8);
	expect_about(
		expect_one(
			&stk_finding_sp_on_foreign_stack, STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 goes from last+0x10 to 0x%llx on the IRQ stack of "
			"CPU 0: the next stack belongs to another CPU or task",
			(unsigned long long)syn_irq_top(0) - 8),
		"CPU 1, PID 227, 0xffffb1c000029ff8, last");
	expect_findings(__func__, _i);
}
END_TEST

/* What nothing proves may itself be what led astray. */
START_TEST(unproven_dead_ends)
{
	died_away(STK_END_BACKWARDS, segment[1].stack.begin + 8);
	frame[1][0].interrupted = false;
	expect_none(&stk_finding_chain_loops);
	frame[1][0].evidence.agree = 1u << STK_WITNESS_TARGET;
	look(&stk_finding_chain_loops);
	ck_assert_uint_eq(t.nr_findings, 1);
	frame[1][0].reliable = false;
	frame[1][0].doubt = STK_DOUBT_BEYOND;
	expect_none(&stk_finding_chain_loops);
	/* The other rows have nothing to say, so the general one has. */
	look(&stk_finding_chain_broken);
	ck_assert_uint_eq(t.nr_findings, 1);
	/* Of what is certain nothing is told, wherever rules led before. */
	frame[1][0].reliable = true;
	chain.confidence = STK_CERTAIN;
	expect_none(&stk_finding_chain_loops);
	expect_none(&stk_finding_chain_broken);
	expect_findings(__func__, _i);
}
END_TEST

/* What each of the rows about chains says of the one that is made up. */
static void put_chain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void put_chain(const char *fmt, ...)
{
	static const struct stk_finding_info *const row[] = {
		&stk_finding_sp_on_no_stack, &stk_finding_sp_on_foreign_stack,
		&stk_finding_sp_and_current, &stk_finding_return_overwritten,
		&stk_finding_chain_loops,    &stk_finding_reentered,
		&stk_finding_chain_broken,
	};
	va_list ap;

	if (!golden)
		golden_setup();
	fputs("-- ", golden);
	va_start(ap, fmt);
	vfprintf(golden, fmt, ap);
	va_end(ap);
	fputc('\n', golden);
	t.nr_findings = 0;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_int_eq(stk_finding_look(s, &t, row[i]), STK_OK);
	for (size_t i = 0; i < t.nr_findings; i++)
		put_finding(&t.finding[i]);
}

/* Each way in which a chain ends, at places of each kind. */
START_TEST(every_dead_end)
{
	const uint64_t bad[] = {
		0x1000,
		syn_ist_top(m, 1, "NMI") - 8,
		syn_irq_top(1) - 8,
		SYN_TEXT + 0x10,
		SYN_MODULE + 0x100000,
		SYN_DIRECT + 0x1000,
		0x4141414141414141,
	};

	for (int why = 0; stk_end_name((enum stk_end)why); why++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			died_away((enum stk_end)why, bad[i]);
			chain.dead_end.slot = segment[1].stack.end - 0x80;
			put_chain("%s at 0x%lx", stk_end_name((enum stk_end)why), bad[i]);
		}
	expect_findings(__func__, _i);
}
END_TEST

static const enum stk_doubt doubts[] = { STK_DOUBT_NONE, STK_DOUBT_NO_CALL,
					 STK_DOUBT_BEYOND, STK_DOUBT_NEXT };

/* What a frame is worth that a chain goes astray behind. */
START_TEST(worth_of_a_frame)
{
	struct stk_frame *f = &frame[1][0];

	for (unsigned int how = 0; how < 16; how++)
		for (unsigned int i = 0; i < 4; i++) {
			died_away(STK_END_NOT_TEXT, 0x4141414141414141);
			chain.dead_end.slot = how & 8 ? segment[1].stack.end - 0x80 : 0;
			f->reliable = how & 1;
			f->interrupted = how & 2;
			f->evidence.agree = how & 4 ? 1u << STK_WITNESS_PLACE : 0;
			f->doubt = doubts[i];
			put_chain("frame %u, %s", how, stk_doubt_name(doubts[i]));
			if (i)
				continue;
			/* The dead end is at no frame. */
			chain.dead_end.frame = 1;
			put_chain("frame %u, of none", how);
			chain.dead_end.frame = 0;
			chain.dead_end.segment = 1;
			put_chain("frame %u, on no segment", how);
			chain.confidence = STK_DOUBTFUL;
			chain.confidence_why = "a reason";
			put_chain("frame %u, doubtful", how);
		}
	expect_findings(__func__, _i);
}
END_TEST

/* A frame that no call leads to, and the one below it. */
START_TEST(no_call_to_a_frame)
{
	for (unsigned int how = 0; how < 32; how++)
		for (unsigned int i = 0; i < 4; i++) {
			begin_chain(false);
			add_frame(0x100, "below");
			add_frame(0x80, "above");
			chain.confidence = STK_DOUBTFUL;
			chain.end_text = "an end";
			chain.end = STK_END_USER;
			frame[1][0].reliable = how & 1;
			frame[1][0].interrupted = how & 2;
			frame[1][1].reliable = how & 4;
			frame[1][1].slot = how & 8 ? segment[1].stack.end - 0x88 : 0;
			frame[1][1].ip = SYN_TEXT + 0x1010;
			frame[1][1].doubt = doubts[i];
			frame[1][0].doubt = how & 16 ? STK_DOUBT_NEXT : STK_DOUBT_BEYOND;
			put_chain("frames %u, %s", how, stk_doubt_name(doubts[i]));
		}
	expect_findings(__func__, _i);
}
END_TEST

/* Where a chain begins, and who says so. */
START_TEST(every_start)
{
	struct stk_stack stack = sh_stack();
	const uint64_t sp[] = { stack.begin - 8,       stack.begin,
				stack.end - 8,	       stack.end,
				syn_irq_top(0) - 0x80, SYN_DIRECT + 0x1000,
				0x4141414141414141,    0 };

	for (unsigned int how = 0; how < 8; how++)
		for (size_t i = 0; i < sizeof(sp) / sizeof(sp[0]); i++) {
			begin_chain(false);
			chain.start.has_task = how & 1;
			ck_assert_int_eq(
				stk_task_read(s, syn_idle(m, 0), &chain.start.task),
				STK_OK);
			chain.start.regs.v[X86_SP] = sp[i];
			chain.start.regs.v[X86_IP] = how & 2 ? SYN_TEXT + 0x1000 : 0x4141;
			chain.start.regs.valid = 1u << X86_SP | 1u << X86_IP;
			chain.end = STK_END_BAD_START;
			chain.end_text = "an end";
			chain.confidence = how & 4 ? STK_BROKEN : STK_DOUBTFUL;
			put_chain("start %u, sp 0x%lx", how, sp[i]);
		}
	for (unsigned int who = 0; who < STK_NR_WITNESSES; who++)
		for (unsigned int how = 0; how < 4; how++) {
			begin_chain(false);
			chain.start.evidence.differ = 1u << who;
			chain.start.doubt = how & 1 ? "they differ" : NULL;
			chain.end = how & 2 ? STK_END_USER : STK_END_NOT_TEXT;
			chain.end_text = "an end";
			chain.confidence = STK_DOUBTFUL;
			put_chain("witness %u differs, %u", who, how);
		}
	expect_findings(__func__, _i);
}
END_TEST

/* Chains as the dice fall: sizes, names and depths near each limit. */
START_TEST(thrown_chains)
{
	static const struct stk_finding_info *const row[] = {
		&stk_finding_guard_hit,	      &stk_finding_recursion,
		&stk_finding_frames_big,      &stk_finding_nearly_full,
		&stk_finding_end_overwritten, &stk_finding_module_in_chain,
	};
	static const char *const name[] = { "f", "g", "h", NULL };
	static const uint64_t step[] = { 0x40, 0x80, 0x80, 0x400, 0x1000, 0x2000 };
	static const uint64_t first[] = {
		0x100, SIZE - 0x100, SIZE, SIZE - SIZE / 20, SIZE - SIZE / 10, SIZE - 8
	};

	dice_seed(1);
	for (unsigned int i = 0; i < 160; i++) {
		const bool over = dice(3) == 0;
		uint64_t used = over ? SIZE + 0x20 + 0x40 * dice(4) : first[dice(6)];
		unsigned int most = 1 + dice(24), names = 1 + dice(4);

		begin_chain(over);
		for (unsigned int k = 0; k < most && used > 0x20; k++) {
			add_frame(used, name[dice(names)]);
			used -= used > 0x2000 && dice(4) ? step[dice(6)]
							 : 0x20 + 0x20 * dice(4);
		}
		if (!segment[1].nr_frames)
			add_frame(0x20, "f");
		if (dice(6) == 0)
			segment[1].frames[0].name.module = "mod";
		if (over && dice(5) == 0)
			segment[0].next = NULL;
		if (dice(8) == 0)
			segment[over].low = segment[1].stack.end + 8 * dice(2);
		cpu.cpu = dice(2);
		chain.start.has_task = true;
		chain.confidence = STK_CERTAIN;
		golden_head("%u%s", i, over ? ", over" : "");
		t.nr_findings = 0;
		for (size_t k = 0; k < sizeof(row) / sizeof(row[0]); k++)
			ck_assert_int_eq(stk_finding_look(s, &t, row[k]), STK_OK);
		for (size_t k = 0; k < t.nr_findings; k++)
			put_finding(&t.finding[k]);
	}
	expect_findings(__func__, _i);
}
END_TEST

/* ---- irq-stack-mark ---- */

static void set_mark(bool in_use)
{
	if (m->era < SYN_6_1)
		syn_put32(m, syn_percpu(m, "irq_count", 1), in_use ? 0 : ~0u);
	else
		syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), in_use);
}

static const int eras[] = { SYN_5_4, SYN_5_8, SYN_6_1 };

START_TEST(mark_without_anybody)
{
	fixture_task_of(syn_kernel(eras[_i]));
	syn_syscall(&c);
	syn_crash_note(&c); /* interrupts were enabled: 0x246 */
	set_mark(false);
	expect_nothing_else();
	set_mark(true);
	expect_about(
		expect_found(
			"irq-stack-mark", STK_SEVERITY_DAMAGE,
			"CPU 1 marks its IRQ stack as in use, but its chain is not on it"),
		"CPU 1, PID 227");
	/* With interrupts off it may be about to switch. */
	syn_put64(m, syn_noted(m, 1, X86_FLAGS), 0x46);
	expect_nothing_else();
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(somebody_without_mark)
{
	fixture_task_of(syn_kernel(eras[_i]));
	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
	expect_nothing_else();
	set_mark(false);
	expect_about(
		expect_found(
			"irq-stack-mark", STK_SEVERITY_DAMAGE,
			"the chain of CPU 1 is on its IRQ stack, but the CPU's mark says that "
			"this is not in use"),
		"CPU 1, PID 227");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- tss-deviation ---- */

START_TEST(deviating_tss)
{
	uint64_t ist = syn_percpu(m, "cpu_tss_rw", 1) + 36;

	syn_crash_note(&c);
	expect_nothing_else();
	syn_put64(m, ist + 8, syn_ist_top(m, 1, "NMI") - 8);
	expect_about(expect_found("tss-deviation", STK_SEVERITY_DAMAGE,
				  "CPU 1: the TSS's ist[1] is 0x"),
		     "CPU 1, PID -1, 0xfffffe0000048ff8");
	ck_assert(found("tss-deviation")->has_address);
	ck_assert_uint_ne(found("tss-deviation")->address, 0);
	for (unsigned int n = 0; n < 4; n++)
		syn_put64(m, ist + 8 * n, 0x1238);
	syn_put64(m, ist - 32, 0x1238);
	find_all();
	ck_assert_str_eq(t.finding[4].text, "and 1 more deviations: see the command tss");
	expect_findings(__func__, _i);
}
END_TEST

/* A handler that lowered its slot, as it does. */
START_TEST(tss_in_flight)
{
	fixture_task_of(syn_kernel(SYN_5_4));
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + 36 + 16, syn_ist_top(m, 1, "DB1"));
	expect_nothing_else();
	expect_findings(__func__, _i);
}
END_TEST

static const struct unit_test guard[] = {
	TEST(pointer_in_guard),
	TEST(address_in_guard),
	TEST(pointer_and_address),
	{ 0 },
};

static const struct unit_test who[] = { TEST(who_faulted), TEST(many_wait), { 0 } };

static const struct unit_test full[] = {
	TEST(on_no_stack),
	TEST(cpu_nearly_full),
	TEST(sleeper_nearly_full),
	TEST(no_sleeper),
	TEST(big_frames),
	TEST(recursion_or_frames),
	TEST(recursion_by_several),
	TEST(which_recursion),
	TEST(nearly_full),
	TEST(frames_to_the_end),
	{ 0 },
};

static const struct unit_test end[] = {
	TEST(names_of_stacks),	   TEST(first_cpu_panicked),
	TEST(end_overwritten),	   TEST(looking_ends),
	TEST(end_intact),	   TEST(many_ends),
	TEST(ends_of_the_running), { 0 },
};

static const struct unit_test broken[] = {
	TEST(sp_on_no_stack),	   TEST(registers_of_another),
	TEST(sp_on_another_stack), TEST(switch_under_way),
	TEST(return_overwritten),  TEST(return_to_a_module_that_is_gone),
	TEST(dead_ends),	   TEST(unproven_dead_ends),
	TEST(every_dead_end),	   TEST(worth_of_a_frame),
	TEST(no_call_to_a_frame),  TEST(every_start),
	TEST(thrown_chains),	   { 0 },
};

static const struct unit_test words[] = {
	LOOP(mark_without_anybody, 3),
	LOOP(somebody_without_mark, 3),
	TEST(deviating_tss),
	TEST(tss_in_flight),
	{ 0 },
};

const struct unit_suite suite_findings = {
	.name = "findings",
	.cases = {
		{ "the guard pages of a stack", guard, setup, teardown },
		{ "whose fault it was", who, setup, teardown },
		{ "how full a stack is", full, setup, teardown },
		{ "the end of a stack", end, setup, teardown },
		{ "where a chain breaks", broken, setup, teardown },
		{ "words of a CPU", words, setup, teardown },
	},
};
