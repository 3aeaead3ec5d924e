/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the same crash gets the same signature, whoever tells of it: the hash is
 * the one that is written down, and what differs from machine to machine is not in it.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/culprits.h"
#include "report/signature.h"

/* A chain as "f g.isra.0 ?h", innermost first: "?" in doubt, "=" inlined, "!"
 * interrupted; "-" has no name, "@" is a module's. */
struct chain {
	char text[1024];
	const char *name[64];
	size_t nr;
};

static bool chain_frame(void *ctx, size_t nth, struct stk_signature_frame *out)
{
	const struct chain *c = ctx;
	const char *name;

	if (nth >= c->nr)
		return false;
	name = c->name[nth];
	*out = (struct stk_signature_frame){ .module = strcmp(name, "-") ? "mod" : NULL,
					     .doubtful = *name == '?',
					     .inlined = *name == '=',
					     .interrupted = *name == '!' };
	name += strchr("?=!", *name) != NULL;
	out->function = strcmp(name, "-") && strcmp(name, "@") ? name : NULL;
	return true;
}

static void sign(enum stk_event_kind kind, const char *subject, const char *text,
		 struct stk_signature *sig)
{
	struct chain c = { 0 };

	snprintf(c.text, sizeof(c.text), "%s", text);
	for (char *p = strtok(c.text, " "); p; p = strtok(NULL, " "))
		c.name[c.nr++] = p;
	stk_signature(kind, subject, NULL, chain_frame, &c, sig);
}

/* Computed by another program, from what HACKING.md says. */
START_TEST(hashes)
{
	static const struct {
		enum stk_event_kind kind;
		const char *chain, *hash;
	} row[] = {
		{ STK_EVENT_KERNEL_BUG, "foo_a foo_b", "v1:f51f1b30234e7eae" },
		{ STK_EVENT_MACHINE_CHECK, "foo_a foo_b", "v1:50c06c97f9945f4b" },
		{ STK_EVENT_PANIC, "", "v1:5eb889a73f8bfbd4" },
		{ STK_EVENT_NULL_DEREF, "a b c d e f g h", "v1:829ac04b7b45eb35" },
		{ STK_EVENT_NULL_DEREF, "a b c d e f g h i j", "v1:829ac04b7b45eb35" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_signature sig;

		sign(row[i].kind, NULL, row[i].chain, &sig);
		ck_assert_str_eq(sig.hash, row[i].hash);
	}
}
END_TEST

/* By its place: what only begins as its name does is another. */
START_TEST(place_of_the_culprit)
{
	static const struct {
		const char *chain;
		size_t at;
	} row[] = {
		{ "foo bar", 0 },
		{ "panic foo bar", 1 },
		{ "?foo_b =foo_c panic ?foo foo.isra.0 bar", 4 },
	};
	struct stk_signature sig;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		sign(STK_EVENT_PANIC, NULL, row[i].chain, &sig);
		ck_assert_str_eq(sig.culprit, "foo");
		ck_assert_uint_eq(sig.culprit_at, row[i].at);
	}
}
END_TEST

/* What names are in it, and which is the culprit. */
START_TEST(names)
{
	static const struct {
		const char *chain, *names;
	} row[] = {
		{ "f.isra.0 g.part.3.constprop.1 h.cold i.llvm.123", "f g h i" },
		{ "f.partial g.x .cold", "f.partial g.x .cold" },
		{ "?f =g - h ?i j", "h j" },
		/* whatever a module's code is called */
		{ "@ - f", "(unknown) f" },
		{ "rt_spin_lock rwbase_write_lock f", "f" },
		/* what reports, and who tripped */
		{ "dump_stack_lvl panic f g", "f g" },
		{ "__crash_kexec vpanic panic f panic", "f panic" },
		{ "asm_exc_page_fault exc_page_fault page_fault_oops memcpy_erms f",
		  "f" },
		{ "kasan_report print_report __asan_load8 f g", "f g" },
		{ "__schedule schedule mutex_lock f", "f" },
		/* nobody else is there */
		{ "__schedule schedule", "__schedule schedule" },
		{ "panic watchdog_timer_fn", "" },
		{ "", "" },
		/* entry code */
		{ "f asm_exc_page_fault g entry_SYSCALL_64_after_hwframe", "f g" },
		{ "f __x64_sys_write x64_sys_call do_syscall_64", "f" },
		{ "f handle_exception g _skip_scs", "f g" },
		/* what an interrupt hit is chance */
		{ "f g sysvec_apic_timer_interrupt asm_sysvec_apic_timer_interrupt !h i",
		  "f g" },
		{ "f end_repeat_nmi !h i", "f" },
		{ "f handle_softirqs irq_exit_rcu g", "f" },
		/* but for those who came to look at it */
		{ "panic watchdog_timer_fn hrtimer_interrupt asm_sysvec_apic_timer_interrupt "
		  "!_raw_spin_lock f g",
		  "f g" },
		{ "crash_nmi_callback nmi_handle exc_nmi !f g", "f g" },
		{ "crash_nmi_callback nmi_handle exc_nmi rcu_sched_clock_irq g !f h",
		  "f h" },
		/* a panic in an NMI that came for another reason is the NMI's */
		{ "panic f nmi_handle exc_nmi !g", "f" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_signature sig;
		char text[512] = "";

		sign(STK_EVENT_PANIC, "x", row[i].chain, &sig);
		for (size_t k = 0; k < sig.nr_names; k++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 k ? " " : "", sig.names[k]);
		ck_assert_str_eq(text, row[i].names);
		ck_assert_str_eq(sig.culprit, sig.nr_names ? sig.names[0] : "");
		ck_assert_str_eq(sig.module, sig.nr_names ? "mod" : "");
	}
}
END_TEST

START_TEST(titles)
{
	static const struct {
		enum stk_event_kind kind;
		const char *subject, *title;
	} row[] = {
		{ STK_EVENT_NULL_DEREF, "x",
		  "BUG: kernel NULL pointer dereference in f" },
		{ STK_EVENT_HUNG_TASK, NULL, "hung task in f" },
		{ STK_EVENT_SYSRQ, NULL, "sysrq" },
		{ STK_EVENT_MACHINE_CHECK, NULL, "machine check" },
		{ STK_EVENT_HARDWARE, NULL, "hardware error" },
		{ STK_EVENT_OOM_PANIC, NULL, "panic: out of memory" },
		{ STK_EVENT_OOM_KILL, NULL, "out of memory: a process was killed" },
		{ STK_EVENT_PANIC, NULL, "panic in f" },
		{ STK_EVENT_DIE, NULL, "Oops in f" },
		{ STK_EVENT_DIE, "divide error", "divide error in f" },
		{ STK_EVENT_PANIC, "dev0 is 12 of 0x1f at ffff88001fd03e58",
		  "panic: dev0 is NUM of 0x1f at ADDR in f" },
		{ STK_EVENT_PANIC, "0xffffffff 0x0000000b 99: a12 12a (7)",
		  "panic: ADDR 0x0000000b NUM: a12 12a (NUM) in f" },
		{ STK_EVENT_BUG, "Bad page state", "BUG: Bad page state in f" },
		/* a code is short, but for zeros in front */
		{ STK_EVENT_BUG, "0x1234 0x12345 0x00001234 0x00012345 0x",
		  "BUG: 0x1234 ADDR 0x00001234 ADDR 0x in f" },
		/* a word that only has digits is no number */
		{ STK_EVENT_BUG, "_12 12_ x12 12x a_1 1_a 12-13,14",
		  "BUG: _12 12_ x12 12x a_1 1_a NUM-NUM,NUM in f" },
		{ STK_EVENT_BUG, "abcdef 0", "BUG: abcdef NUM in f" },
		{ STK_EVENT_BUG, "1234567 12345678 abcdef1 abcdef12 ABCDEF12",
		  "BUG: NUM ADDR abcdef1 ADDR ADDR in f" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_signature sig;

		sign(row[i].kind, row[i].subject, "f g", &sig);
		ck_assert_str_eq(sig.title, row[i].title);
	}
}
END_TEST

/* KASAN says what was done, too. */
START_TEST(title_with_access)
{
	static const struct {
		enum stk_event_kind kind;
		const char *access, *title;
	} row[] = {
		{ STK_EVENT_KASAN, "write", "KASAN: a-b Write in f" },
		{ STK_EVENT_KASAN, "read", "KASAN: a-b Read in f" },
		{ STK_EVENT_KASAN, NULL, "KASAN: a-b in f" },
		{ STK_EVENT_KFENCE, "write", "KFENCE: a-b in f" },
		{ STK_EVENT_PAGE_FAULT, "write",
		  "BUG: unable to handle page fault in f" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct chain c = { .name = { "f" }, .nr = 1 };
		struct stk_signature sig;

		stk_signature(row[i].kind, "a-b", row[i].access, chain_frame, &c, &sig);
		ck_assert_str_eq(sig.title, row[i].title);
	}
}
END_TEST

/* Which frame it is: all are counted, those that do not count, too. */
START_TEST(culprit_is_at)
{
	static const struct {
		const char *chain;
		size_t at;
	} row[] = {
		{ "f g", 0 },
		{ "panic f g", 1 },
		{ "?f =g - h", 3 },
		{ "__schedule schedule", 0 },
		{ "panic __schedule schedule", 1 },
		{ "panic crash_nmi_callback nmi_handle exc_nmi !f g", 4 },
		{ "panic", 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_signature sig;

		sign(STK_EVENT_PANIC, "x", row[i].chain, &sig);
		ck_assert_msg(sig.culprit_at == row[i].at, "%s: %zu", row[i].chain,
			      sig.culprit_at);
	}
}
END_TEST

/* A trace's frames: the instruction first, unless it is the user's. */
START_TEST(frames_of_a_trace)
{
	struct stk_event_frame frame[] = { { .function = "g", .doubtful = true },
					   { .function = "h", .interrupted = true } };
	struct stk_event_trace t = { .has_pc = true,
				     .pc = { .function = "f", .module = "m" },
				     .frames = frame,
				     .nr_frames = 2 };
	struct stk_signature_frame out;

	ck_assert(stk_trace_frame(&t, 0, &out));
	ck_assert_str_eq(out.function, "f");
	ck_assert_str_eq(out.module, "m");
	ck_assert(!out.doubtful && !out.interrupted && !out.inlined);
	ck_assert(stk_trace_frame(&t, 1, &out));
	ck_assert_str_eq(out.function, "g");
	ck_assert(out.doubtful && !out.interrupted);
	ck_assert(stk_trace_frame(&t, 2, &out));
	ck_assert_str_eq(out.function, "h");
	ck_assert(out.interrupted);
	ck_assert(!stk_trace_frame(&t, 3, &out));
	t.in_user = true;
	ck_assert(stk_trace_frame(&t, 0, &out));
	ck_assert_str_eq(out.function, "g");
	ck_assert(!stk_trace_frame(&t, 2, &out));
	t.in_user = t.has_pc = false;
	ck_assert(stk_trace_frame(&t, 0, &out));
	ck_assert_str_eq(out.function, "g");
	ck_assert(!stk_trace_frame(NULL, 0, &out));
}
END_TEST

/* No name, no subject is too long. */
START_TEST(long_ones)
{
	char name[700], subject[3000];
	struct stk_signature sig;

	memset(name, 'n', sizeof(name));
	memset(subject, '1', sizeof(subject));
	name[sizeof(name) - 1] = subject[sizeof(subject) - 1] = '\0';
	sign(STK_EVENT_PANIC, subject, name, &sig);
	ck_assert_uint_lt(strlen(sig.culprit), sizeof(sig.culprit));
	for (size_t i = 1; i < sizeof(subject); i += 2)
		subject[i - 1] = ' ';
	sign(STK_EVENT_PANIC, subject, name, &sig);
	ck_assert_uint_lt(strlen(sig.title), sizeof(sig.title));
	ck_assert_ptr_nonnull(strstr(sig.title, " in nnn"));
}
END_TEST

START_TEST(kinds)
{
	for (enum stk_event_kind k = 0; k < STK_NR_EVENT_KINDS; k++) {
		ck_assert_ptr_nonnull(stk_event_kind(k)->code);
		ck_assert_ptr_nonnull(stk_event_kind(k)->title);
		for (enum stk_event_kind i = 0; i < k; i++)
			ck_assert_str_ne(stk_event_kind(k)->code,
					 stk_event_kind(i)->code);
	}
}
END_TEST

static const struct unit_test tests[] = {
	TEST(hashes),
	TEST(place_of_the_culprit),
	TEST(names),
	TEST(titles),
	TEST(title_with_access),
	TEST(culprit_is_at),
	TEST(frames_of_a_trace),
	TEST(long_ones),
	TEST(kinds),
	{ 0 },
};

const struct unit_suite suite_signature = {
	"signature",
	{ { "signature", tests, NULL, NULL } },
};
