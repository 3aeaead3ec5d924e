/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which CPU is said to have panicked: by what the kernel wrote down where its
 * chain shows it, by the one chain that does, and by none where two do.
 */
#include "fixture.h"
#include "suite.h"

#include "unwind/unwind.h"

#define WORDS (SYN_DATA + 0x100000) /* free room in the image */

static struct stk *s;

static void expect(int cpu, const char *from)
{
	struct stk_panic panic;

	s = syn_open(m);
	panic = stk_panic(s);
	ck_assert_int_eq(panic.cpu, cpu);
	ck_assert_pstr_eq(panic.from, from);
}

static void put_function(unsigned int i, const char *name)
{
	const uint64_t at = SYN_TEXT + 0x8000 + 0x100 * i;

	syn_symbol(m, name, at);
	syn_orc(m, at, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
}

/* A task of @cpu runs the kernel's function @inner, which @outer called, if any. */
static void run(unsigned int cpu, const char *inner, const char *outer)
{
	struct syn_cpu at = syn_cpu(m, cpu, syn_task(m, "task", 400 + cpu, 0));

	syn_syscall(&at);
	syn_call_by_pointer(m, "vfs_write", 0x9b);
	if (outer)
		syn_push(&at, syn_call_by_pointer(m, outer, 0x10));
	at.ip = syn_sym(m, inner) + 0x20;
	syn_crash_note(&at);
}

START_TEST(by_its_code)
{
	static const struct {
		const char *inner, *outer;
		bool panics;
	} row[] = {
		{ "panic", NULL, true },
		{ "vpanic", NULL, true },
		{ "crash_kexec", NULL, true },
		{ "__crash_kexec", NULL, true },
		{ "machine_kexec", NULL, true },
		{ "task_runs", "panic", true },
		{ "task_runs", NULL, false },
		{ "panic_print", NULL, false },
		/* These wait for the one that does. */
		{ "panic_smp_self_stop", "vpanic", false },
		{ "nmi_panic_self_stop", "vpanic", false },
		{ "vpanic", "panic_smp_self_stop", false },
		{ "vpanic", "nmi_panic_self_stop", false },
	};

	put_function(0, row[_i].inner);
	if (row[_i].outer)
		put_function(1, row[_i].outer);
	run(1, row[_i].inner, row[_i].outer);
	expect(row[_i].panics ? 1 : -1, row[_i].panics ? "chain" : NULL);
}
END_TEST

/* A module's function of such a name is another one. */
START_TEST(by_a_modules_code)
{
	syn_module(m, "stackcase", SYN_MODULE, "vpanic");
	syn_symbol(m, "vpanic", SYN_MODULE + 0x100);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x77, "vpanic"));
	syn_push(&c, 0);
	syn_push(&c, 0);
	c.ip = SYN_MODULE + 0x130;
	syn_crash_note(&c);
	expect(-1, NULL);
}
END_TEST

#define NO_WORD 77u /* there is no such symbol */

START_TEST(by_what_was_written)
{
	static const struct {
		uint32_t panic, crashing;
		bool in_panic[2];
		int cpu;
		const char *from;
	} row[] = {
		{ NO_WORD, NO_WORD, { false, false }, -1, NULL },
		{ NO_WORD, NO_WORD, { true, false }, 0, "chain" },
		{ NO_WORD, NO_WORD, { false, true }, 1, "chain" },
		{ NO_WORD, NO_WORD, { true, true }, -1, NULL },
		/* A word of zeros may be no word of the kernel's. */
		{ 0, NO_WORD, { false, true }, 1, "chain" },
		{ 0, NO_WORD, { true, false }, 0, "panic_cpu" },
		{ 0, NO_WORD, { true, true }, 0, "panic_cpu" },
		{ 1, NO_WORD, { true, true }, 1, "panic_cpu" },
		{ 0, NO_WORD, { false, false }, 0, "panic_cpu" },
		{ 1, 0, { false, false }, 1, "panic_cpu" },
		{ ~0u, 1, { false, false }, 1, "crashing_cpu" },
		{ NO_WORD, 0, { false, false }, 0, "crashing_cpu" },
		{ ~0u, ~0u, { false, false }, -1, NULL },
		{ SYN_NR_CPUS, 1, { false, false }, 1, "crashing_cpu" },
		{ SYN_NR_CPUS, SYN_NR_CPUS, { false, true }, 1, "chain" },
	};

	put_function(0, "vpanic");
	put_function(1, "task_runs");
	if (row[_i].panic != NO_WORD)
		syn_symbol(m, "panic_cpu", WORDS);
	if (row[_i].crashing != NO_WORD)
		syn_symbol(m, "crashing_cpu", WORDS + 4);
	syn_put32(m, WORDS, row[_i].panic);
	syn_put32(m, WORDS + 4, row[_i].crashing);
	for (unsigned int cpu = 0; cpu < 2; cpu++)
		run(cpu, row[_i].in_panic[cpu] ? "vpanic" : "task_runs", NULL);
	expect(row[_i].cpu, row[_i].from);
}
END_TEST

/* Nobody did where the machine runs; and who was interrupted may ask again. */
START_TEST(not_now)
{
	put_function(0, "vpanic");
	run(1, "vpanic", NULL);
	s = syn_open(m);
	m->interrupt = true;
	ck_assert_int_eq(stk_panic(s).cpu, -1);
	m->interrupt = false;
	ck_assert_int_eq(stk_panic(s).cpu, 1);
	m->target.live = true;
	expect(-1, NULL);
}
END_TEST

static const struct unit_test t_tests[] = {
	LOOP(by_its_code, 12),
	TEST(by_a_modules_code),
	LOOP(by_what_was_written, 15),
	TEST(not_now),
	{ 0 },
};

const struct unit_suite suite_panicked = {
	"panicked",
	{
		{ "panicked", t_tests, fixture_task, NULL },
	},
};
