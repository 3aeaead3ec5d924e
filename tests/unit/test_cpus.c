/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how many CPUs there are, which were possible and online, where each has its
 * per-CPU area, and that garbage in nr_cpu_ids or the masks is an error, not a loop.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include "kernel/cpus.h"
#include "kernel/percpu.h"
#include "base/context.h"
#include "stacks/map.h"

#include <string.h>

static struct stk *s;

START_TEST(as_the_kernel_says)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_str_eq(stk_release(s), "6.1.0-syn");
	ck_assert_uint_eq(stk_nr_cpus(s), 3);
	ck_assert_uint_eq(stk_nr_online(s), 2);
	ck_assert(stk_cpu_possible(s, 2) && !stk_cpu_online(s, 2));
	ck_assert(stk_cpu_online(s, 1));
	ck_assert(!stk_cpu_possible(s, 3) && !stk_cpu_online(s, 3));
	ck_assert(!stk_cpu_possible(s, ~0u));
}
END_TEST

START_TEST(found_once)
{
	unsigned int symbols;

	s = syn_open(m);
	stk_prepare(s);
	symbols = m->calls.symbol;
	stk_prepare(s);
	stk_nr_online(s);
	ck_assert_uint_eq(m->calls.symbol, symbols);
}
END_TEST

START_TEST(garbage_nr_cpu_ids)
{
	static const uint32_t bad[] = { 0, 8193, 0x80000000, 0xffffffff };

	syn_put32(m, syn_sym(m, "nr_cpu_ids"), bad[_i]);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "nr_cpu_ids"));
	ck_assert_uint_eq(stk_nr_cpus(s), 0);
	ck_assert_uint_eq(stk_nr_online(s), 0);
	ck_assert_str_eq(stk_release(s), "");
	ck_assert(!stk_cpu_possible(s, 0));
}
END_TEST

START_TEST(as_many_as_there_can_be)
{
	syn_put32(m, syn_sym(m, "nr_cpu_ids"), 8192);
	syn_symbol(m, "__cpu_possible_mask", SYN_DATA + 0x2000);
	syn_symbol(m, "__cpu_online_mask", SYN_DATA + 0x2400);
	syn_symbol(m, "__per_cpu_offset", SYN_DATA + 0x60000);
	syn_fill(m, SYN_DATA + 0x2000, 1024, 0xff);
	syn_fill(m, SYN_DATA + 0x2400, 1024, 0);
	syn_fill(m, SYN_DATA + 0x60000, 65536, 0);
	syn_put64(m, SYN_DATA + 0x2400 + 1016, 1ull << 63);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_uint_eq(stk_nr_cpus(s), 8192);
	ck_assert_uint_eq(stk_nr_online(s), 1);
	ck_assert(stk_cpu_online(s, 8191));
	ck_assert(!stk_cpu_online(s, 8190));
}
END_TEST

/* Holes in the masks; bits above nr_cpu_ids do not count. */
START_TEST(masks)
{
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 0xfffffffffffffff5ull);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 0xfffffffffffffff4ull);
	s = syn_open(m);
	ck_assert(stk_cpu_possible(s, 0) && !stk_cpu_possible(s, 1) &&
		  stk_cpu_possible(s, 2));
	ck_assert(!stk_cpu_possible(s, 4));
	ck_assert_uint_eq(stk_nr_online(s), 1);
	/* What is not possible has no memory of its own. */
	for (unsigned int cpu = 0; cpu < 5; cpu++) {
		uint64_t offset = 0;

		ck_assert_int_eq(stk_percpu_offset(s, cpu, &offset),
				 cpu == 0 || cpu == 2 ? STK_OK : STK_ERR_ARG);
		ck_assert(!offset == (cpu != 0 && cpu != 2));
	}
}
END_TEST

/* So many words as there are bits: behind them may be nothing. */
START_TEST(masks_at_the_end)
{
	static const uint32_t nr[] = { 1, 63, 64, 65, 128 };

	for (size_t i = 0; i < sizeof(nr) / sizeof(nr[0]); i++) {
		const uint64_t end = SYN_VMALLOC + 0x1000000ull * (i + 1) + 0x1000,
			       at = end - (nr[i] + 63) / 64 * 8;

		syn_fill(m, end - 0x1000, 0x1000, 0xff);
		syn_symbol(m, "__cpu_possible_mask", at);
		syn_symbol(m, "__cpu_online_mask", at);
		syn_symbol(m, "__per_cpu_offset", SYN_DATA + 0x60000);
		syn_fill(m, SYN_DATA + 0x60000, 1024, 0);
		syn_put32(m, syn_sym(m, "nr_cpu_ids"), nr[i]);
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		ck_assert_uint_eq(stk_nr_online(s), nr[i]);
		for (uint32_t k = 0; k <= nr[i]; k++)
			ck_assert(stk_cpu_online(s, k) == (k < nr[i]));
	}
}
END_TEST

/* Without the online mask all possible ones count. */
START_TEST(no_online_mask)
{
	if (_i)
		syn_no_symbol(m, "__cpu_online_mask");
	else
		syn_symbol(m, "__cpu_online_mask", SYN_VMALLOC);
	s = syn_open(m);
	ck_assert_uint_eq(stk_nr_online(s), 3);
}
END_TEST

START_TEST(what_must_be_there)
{
	static const char *const name[] = { "nr_cpu_ids", "__cpu_possible_mask",
					    "__per_cpu_offset" };

	syn_no_symbol(m, name[_i]);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), _i == 1 ? "possible" : name[_i]));
	syn_symbol(m, name[_i], SYN_VMALLOC);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_UNMAPPED);
}
END_TEST

/* Why a name is not known is told, where it is for all of them. */
START_TEST(names_are_damaged)
{
	const uint16_t bad = 0xfff0;

	syn_use_kallsyms(m);
	syn_write(m, syn_sym(m, "kallsyms_token_index"), &bad, sizeof(bad));
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
	ck_assert_str_eq(stk_error_text(s), "cannot tell the number of CPUs: nr_cpu_ids: "
					    "kallsyms_token_index is damaged");
}
END_TEST

/* Built for one CPU: its variables are where they were linked. */
START_TEST(uniprocessor)
{
	uint64_t addr;

	syn_no_symbol(m, "nr_cpu_ids");
	syn_no_symbol(m, "__per_cpu_offset");
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_uint_eq(stk_nr_cpus(s), 1);
	ck_assert(stk_cpu_possible(s, 0));
	ck_assert_int_eq(stk_percpu_address(s, "current_task", 0, &addr), STK_OK);
	ck_assert_uint_eq(addr, 0x1f010);
	/* Whoever knows no data at all cannot tell. */
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
}
END_TEST

/* Its tasks have no CPU, and no mark that they run. */
START_TEST(tasks_of_one_cpu)
{
	const uint64_t rq = SYN_DATA + 0x2000;
	uint64_t one = syn_task(m, "one", 300, 0), other = syn_task(m, "other", 301, 0);
	struct stk_task task;

	syn_no_symbol(m, "nr_cpu_ids");
	syn_no_symbol(m, "__per_cpu_offset");
	syn_no_member(m, "task_struct.on_cpu");
	syn_no_member(m, "thread_info.cpu");
	syn_symbol(m, "runqueues", rq);
	syn_put64(m, rq + syn_off(m, "rq.curr"), one);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, one, &task), STK_OK);
	ck_assert_int_eq(task.cpu, 0);
	ck_assert(task.on_cpu);
	ck_assert_int_eq(stk_task_read(s, other, &task), STK_OK);
	ck_assert_int_eq(task.cpu, 0);
	ck_assert(!task.on_cpu);
	/* Of several there is a mark, or nothing is known. */
	syn_symbol(m, "__per_cpu_offset", SYN_DATA + 0x60000);
	syn_symbol(m, "nr_cpu_ids", SYN_DATA);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, one, &task), STK_OK);
	ck_assert(!task.on_cpu);
}
END_TEST

/* CONFIG_FORCE_NR_CPUS: as many as there are, of those that the mask has room for. */
START_TEST(constant_number)
{
	syn_no_symbol(m, "nr_cpu_ids");
	syn_member(m, "cpumask", 0, 1024);
	syn_symbol(m, "__cpu_possible_mask", SYN_DATA + 0x2000);
	syn_fill(m, SYN_DATA + 0x2000, 1024, 0);
	syn_put64(m, SYN_DATA + 0x2000, 5);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_uint_eq(stk_nr_cpus(s), 3);
	ck_assert(!stk_cpu_possible(s, 1));
	/* A mask that cannot be. */
	syn_member(m, "cpumask", 0, 1025);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
}
END_TEST

/* A failure is no fact: it can be asked again. */
START_TEST(interrupted_then_found)
{
	s = syn_open(m);
	m->interrupt = true;
	ck_assert_int_eq(stk_prepare(s), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_uint_eq(stk_nr_cpus(s), 3);
}
END_TEST

/* Nor does asking again and again take memory, of which 8192 CPUs want some. */
START_TEST(in_vain_takes_no_memory)
{
	syn_put32(m, syn_sym(m, "nr_cpu_ids"), 8192);
	syn_symbol(m, "__cpu_possible_mask", SYN_DATA + 0x2000);
	syn_symbol(m, "__per_cpu_offset", SYN_VMALLOC);
	syn_fill(m, SYN_DATA + 0x2000, 1024, 0xff);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_UNMAPPED);
	s->fixed.budget = &s->budget; /* which counts */
	for (unsigned int i = 0; i < 100; i++) {
		struct stk_percpu_place at;
		const struct stk_stack *stack;
		size_t nr;

		ck_assert_int_eq(stk_prepare(s), STK_ERR_UNMAPPED);
		ck_assert(!stk_percpu_at(s, SYN_PERCPU(0), &at));
		ck_assert_int_ne(stk_cpu_stacks(s, 0, &stack, &nr), STK_OK);
	}
	ck_assert_uint_eq(s->fixed.taken, 0);
}
END_TEST

START_TEST(percpu_addresses)
{
	uint64_t addr;

	s = syn_open(m);
	ck_assert_int_eq(stk_percpu_address(s, "current_task", 1, &addr), STK_OK);
	ck_assert_uint_eq(addr, SYN_PERCPU(1) + 0x1f010);
	/* Nothing is said of what there is not. */
	addr = 1;
	ck_assert_int_eq(stk_percpu_address(s, "current_task", 3, &addr), STK_ERR_ARG);
	ck_assert_uint_eq(addr, 1);
	ck_assert_int_eq(stk_percpu_address(s, "nothing", 1, &addr), STK_ERR_NO_SYMBOL);
	ck_assert_uint_eq(addr, 1);
}
END_TEST

START_TEST(percpu_owner)
{
	struct stk_percpu_place at;

	s = syn_open(m);
	ck_assert(stk_percpu_at(s, SYN_PERCPU(2) + 0x1234, &at));
	ck_assert_uint_eq(at.cpu, 2);
	ck_assert_uint_eq(at.ptr, 0x1234);
	ck_assert(at.linked);
	ck_assert(stk_percpu_at(s, SYN_PERCPU(0), &at));
	ck_assert(!stk_percpu_at(s, SYN_PERCPU(0) - 1, &at));
	ck_assert(stk_percpu_at(s, SYN_PERCPU(0) + SYN_PERCPU_SIZE - 1, &at));
	ck_assert(!stk_percpu_at(s, SYN_PERCPU(0) + SYN_PERCPU_SIZE, &at));
	/* The area of a CPU that is not possible is none. */
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 3);
	s = syn_open(m);
	ck_assert(!stk_percpu_at(s, SYN_PERCPU(2) + 0x1234, &at));
}
END_TEST

START_TEST(release_missing_or_long)
{
	syn_no_vmcoreinfo(m, "OSRELEASE");
	s = syn_open(m);
	ck_assert_str_eq(stk_release(s), "");
	syn_vmcoreinfo(m, "OSRELEASE", "%0150d", 7);
	s = syn_open(m);
	ck_assert_uint_eq(strlen(stk_release(s)), 64);
}
END_TEST

/* ---- every word ---- */

static void tell_cpus(FILE *fp)
{
	s = syn_open(m);
	fprintf(fp, "%s %s %u/%u", stk_status_text(stk_prepare(s)), stk_release(s),
		stk_nr_online(s), stk_nr_cpus(s));
	for (unsigned int cpu = 0; cpu < 5; cpu++) {
		struct stk_task task;

		fprintf(fp, " %c%c", stk_cpu_possible(s, cpu) ? 'p' : '-',
			stk_cpu_online(s, cpu) ? 'o' : '-');
		if (!stk_cpu_current(s, cpu, &task))
			fprintf(fp, "%u", task.pid);
	}
}

START_TEST(damaged_words)
{
	static const char *const name[] = { "nr_cpu_ids", "__cpu_possible_mask",
					    "__cpu_online_mask", "__per_cpu_offset",
					    "init_uts_ns" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (syn_find_symbol(m, name[i]))
			words_damage(name[i], syn_sym(m, name[i]), i ? 3 : 1, i ? 8 : 4,
				     tell_cpus);
	golden_expect("words", "cpus");
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(damaged_words),
	TEST(as_the_kernel_says),
	TEST(found_once),
	LOOP(garbage_nr_cpu_ids, 4),
	TEST(as_many_as_there_can_be),
	TEST(masks),
	TEST(masks_at_the_end),
	LOOP(no_online_mask, 2),
	LOOP(what_must_be_there, 3),
	TEST(names_are_damaged),
	TEST(uniprocessor),
	TEST(tasks_of_one_cpu),
	TEST(constant_number),
	TEST(interrupted_then_found),
	TEST(in_vain_takes_no_memory),
	TEST(percpu_addresses),
	TEST(percpu_owner),
	TEST(release_missing_or_long),
	{ 0 },
};

const struct unit_suite suite_cpus = {
	"cpus",
	{
		{ "cpus", t_tests, fixture_kernel, NULL },
	},
};
