/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that what a hostile dump may cost is bounded in total: the budget's own rules,
 * and that endless or huge lists and tables of each kind end at their share, are said to
 * be incomplete, keep what was found, and leave all else its answer.
 */
#include "asked.h"
#include "fixture.h"
#include "suite.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "kernel/modules.h"
#include "kernel/percpu.h"
#include "kernel/vmalloc.h"
#include "base/context.h"
#include "stacks/map.h"
#include "kernel/kallsyms.h"
#include "file/notes.h"
#include "unwind/replaced.h"

#include "memory.h"

/* ---- the budget itself ---- */

static struct stk_budget b;

static void setup_budget(void)
{
	stk_budget_init(&b, 0);
	b.max_steps = b.steps = 1000;
	b.max_bytes = b.bytes = 10000;
}

START_TEST(grows_with_the_file)
{
	stk_budget_init(&b, 0);
	ck_assert_uint_eq(b.max_steps, STK_MIN_STEPS);
	ck_assert_uint_eq(b.max_bytes, STK_MIN_BYTES);
	ck_assert_uint_eq(b.max_answer, STK_MIN_ANSWER);
	stk_budget_init(&b, 1ull << 30);
	ck_assert_uint_eq(b.max_steps, STK_MIN_STEPS + (1ull << 30));
	ck_assert_uint_eq(b.max_bytes, STK_MIN_BYTES + (1ull << 28));
	ck_assert_uint_eq(b.max_answer, STK_MIN_ANSWER + (1ull << 32));
	/* A size that no file has is no reason to go on for ever. */
	stk_budget_init(&b, ~0ull);
	ck_assert_uint_eq(b.max_steps, STK_MIN_STEPS);
}
END_TEST

START_TEST(ends_and_begins_anew)
{
	char text[160];

	ck_assert(stk_budget_steps(&b, 999));
	ck_assert(!b.dry);
	ck_assert(!stk_budget_steps(&b, 2));
	ck_assert(b.dry);
	/* One that would have fitted comes too late. */
	ck_assert(!stk_budget_steps(&b, 1));
	ck_assert_uint_eq(b.nr_cuts, 1);
	stk_cut_text(&b.cut[0], text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "the answer: incomplete: "));
	ck_assert_ptr_nonnull(strstr(text, "more than 1000 steps: damaged or hostile"));
	b.cut[0].limit = 5ull << 20;
	b.cut[0].steps = false;
	stk_cut_text(&b.cut[0], text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "more than 5 MB: "));
	stk_budget_question(&b);
	ck_assert(!b.dry);
	ck_assert_uint_eq(b.nr_cuts, 0);
	ck_assert_uint_eq(b.most_steps, 1000);
	ck_assert(stk_budget_steps(&b, 1000));
	ck_assert(stk_budget_bytes(&b, 10000));
	ck_assert(!stk_budget_bytes(&b, 1));
	ck_assert(b.refused);
	/* Memory does not come back with a question, and it is told each time. */
	stk_budget_question(&b);
	ck_assert(!stk_budget_bytes(&b, 1));
	ck_assert_uint_eq(b.nr_cuts, 1);
	stk_budget_back(&b, 16);
	ck_assert(stk_budget_bytes(&b, 16));
	ck_assert(!b.refused);
}
END_TEST

/* Whole numbers of what is large, from 1 Mi on. */
START_TEST(limits_in_words)
{
	static const struct {
		uint64_t limit;
		bool steps;
		const char *text;
	} row[] = {
		{ 0, true, "more than 0 steps: " },
		{ (1u << 20) - 1, true, "more than 1048575 steps: " },
		{ 1u << 20, true, "more than 1 million steps: " },
		{ (2u << 20) - 1, true, "more than 1 million steps: " },
		{ 2u << 20, true, "more than 2 million steps: " },
		{ (1u << 20) - 1, false, "more than 1048575 bytes: " },
		{ 1u << 20, false, "more than 1 MB: " },
		{ 5ull << 40, false, "more than 5242880 MB: " },
	};
	char text[160];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_cut cut = { .what = "a list",
					     .limit = row[i].limit,
					     .steps = row[i].steps };

		stk_cut_text(&cut, text, sizeof(text));
		ck_assert_msg(strstr(text, row[i].text) != NULL, "row %zu: %s", i, text);
		ck_assert(!strncmp(text, "a list: incomplete: the dump asks for ", 38));
	}
	/* It is cut to its room. */
	memset(text, 'x', sizeof(text));
	stk_cut_text(&(struct stk_cut){ .what = "a list" }, text, 7);
	ck_assert_str_eq(text, "a list");
	ck_assert_int_eq(text[7], 'x');
}
END_TEST

START_TEST(most_that_a_question_took)
{
	static const struct {
		uint64_t takes, most;
	} row[] = {
		{ 300, 300 }, { 299, 300 }, { 0, 300 }, { 301, 301 }, { 1000, 1000 }
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert(stk_budget_steps(&b, row[i].takes));
		stk_budget_question(&b);
		ck_assert_uint_eq(b.most_steps, row[i].most);
		ck_assert_uint_eq(b.steps, 1000);
	}
}
END_TEST

START_TEST(an_answer_has_an_end)
{
	b.answer = 100;
	ck_assert(stk_budget_answer(&b, 99));
	ck_assert(stk_budget_answer(&b, 1));
	ck_assert(stk_budget_answer(&b, 0));
	ck_assert_uint_eq(b.nr_cuts, 0);
	ck_assert(!stk_budget_answer(&b, 1));
	ck_assert_uint_eq(b.nr_cuts, 1);
	b.answer = 10;
	ck_assert(!stk_budget_answer(&b, 11));
	ck_assert(!stk_budget_answer(&b, 1));
	stk_budget_question(&b);
	ck_assert_uint_eq(b.answer, b.max_answer);
}
END_TEST

START_TEST(a_purse_leaves_the_others_theirs)
{
	struct stk_purse list = { .kept = true }, chain = { 0 };

	stk_purse_open(&b, &list, "a list", 10);
	ck_assert(stk_budget_steps(&b, 100));
	ck_assert(!stk_budget_steps(&b, 1));
	ck_assert(list.cut && !list.starved && !b.dry);
	stk_purse_close(&b, &list);
	ck_assert(stk_budget_steps(&b, 800));
	ck_assert_uint_eq(b.steps, 100);
	/* In the same question nothing is left in it, in the next there is. */
	stk_purse_open(&b, &list, "a list", 10);
	ck_assert(!stk_budget_steps(&b, 1));
	stk_purse_close(&b, &list);
	stk_budget_question(&b);
	ck_assert_uint_eq(b.nr_cuts, 1); /* what is kept stays cut */
	stk_purse_open(&b, &list, "a list", 10);
	ck_assert(stk_budget_steps(&b, 1));
	ck_assert(!list.cut);
	/* Its memory is for good. */
	ck_assert(stk_budget_bytes(&b, 1000));
	ck_assert(!stk_budget_bytes(&b, 1));
	stk_purse_close(&b, &list);
	stk_budget_question(&b);
	stk_purse_open(&b, &list, "a list", 10);
	ck_assert(!stk_budget_bytes(&b, 1));
	stk_purse_close(&b, &list);
	/* A question within a question is none. */
	stk_purse_open(&b, &chain, "a chain", 2);
	ck_assert(stk_budget_steps(&b, 400));
	stk_budget_question(&b);
	ck_assert(!stk_budget_steps(&b, 400));
	stk_purse_close(&b, &chain);
}
END_TEST

START_TEST(purses_nest)
{
	struct stk_purse outer = { 0 }, inner = { 0 };
	struct stk_purse table = { .kept = true }, last = { .kept = true };

	stk_purse_open(&b, &outer, "outer", 10);
	stk_purse_open(&b, &inner, "inner", 2);
	ck_assert(stk_budget_steps(&b, 60));
	/* A table that is read for all questions is not at the expense of this chain. */
	stk_purse_open(&b, &table, "table", 2);
	ck_assert(stk_budget_steps(&b, 400));
	stk_purse_close(&b, &table);
	ck_assert(!table.cut && !table.starved);
	ck_assert(stk_budget_steps(&b, 40));
	ck_assert(!stk_budget_steps(&b, 1));
	ck_assert(inner.starved && !inner.cut && outer.cut && !b.dry);
	stk_purse_close(&b, &inner);
	stk_purse_close(&b, &outer);
	ck_assert_uint_eq(b.steps, 500);
	ck_assert_ptr_null(b.purse);
	/* The end of everything starves whoever is open. */
	stk_purse_open(&b, &last, "another table", 1);
	ck_assert(!stk_budget_steps(&b, 501));
	ck_assert(last.starved && !last.cut && b.dry);
	ck_assert_uint_eq(b.nr_cuts, 2);
	ck_assert_str_eq(b.cut[0].what, "outer");
	ck_assert_str_eq(b.cut[1].what, "the answer");
	stk_purse_close(&b, &last);
}
END_TEST

START_TEST(an_arena_pays_and_gives_back)
{
	struct stk_arena arena = { .budget = &b };

	b.max_bytes = b.bytes = 100000;
	ck_assert_ptr_nonnull(stk_arena_alloc(&arena, 16));
	ck_assert_ptr_nonnull(stk_arena_alloc(&arena, 60000));
	ck_assert_uint_le(b.bytes, 40000);
	ck_assert_ptr_null(stk_arena_alloc(&arena, 60000));
	ck_assert(b.refused);
	ck_assert_uint_eq(b.nr_cuts, 1);
	ck_assert(!b.cut[0].steps);
	ck_assert_uint_eq(b.cut[0].limit, 100000);
	for (int i = 0; i < 2; i++) {
		stk_arena_free(&arena);
		ck_assert_uint_eq(b.bytes, 100000);
	}
	/* That was no want of the machine's. */
	ck_assert(!arena.failed);
	ck_assert_uint_ne(b.short_of_memory, b.question);
}
END_TEST

/* Of what no machine has nobody is asked; of what is less the budget is. */
START_TEST(an_arena_asks_for_what_can_be)
{
	static const struct {
		size_t nr, size;
		bool asks;
	} row[] = {
		{ 1, SIZE_MAX, false },		  { 1, SIZE_MAX / 2 + 1, false },
		{ 1, SIZE_MAX / 2, true },	  { SIZE_MAX / 32, 16, true },
		{ SIZE_MAX / 32 + 1, 16, false }, { SIZE_MAX / 2, 1, true },
		{ SIZE_MAX / 2 + 1, 1, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (int how = row[i].nr > 1; how < 3; how++) {
			struct stk_arena arena = { .budget = &b };
			void *p;

			setup_budget();
			p = how == 0   ? stk_arena_alloc(&arena, row[i].size)
			    : how == 1 ? stk_arena_array(&arena, row[i].nr, row[i].size)
			    : row[i].nr == 1 ? stk_arena_room(&arena, row[i].size)
					     : NULL;
			ck_assert_ptr_null(p);
			if (how == 2 && row[i].nr > 1)
				continue;
			ck_assert_msg(b.refused == row[i].asks &&
					      b.nr_cuts == row[i].asks,
				      "row %zu, %d", i, how);
			stk_arena_free(&arena);
		}
}
END_TEST

/* What is not paid for: only that there was none is told. */
START_TEST(an_arena_need_not_pay)
{
	struct stk_arena arena = { .budget = &b, .unpaid = true };

	b.max_bytes = b.bytes = 100;
	ck_assert_ptr_nonnull(stk_arena_alloc(&arena, 60000));
	ck_assert_uint_eq(b.bytes, 100);
	ck_assert(!b.refused && !arena.failed);
	stk_arena_free(&arena);
	ck_assert_uint_eq(b.bytes, 100);
}
END_TEST

/* Where the machine has none it is told, and what was taken for it is given back. */
START_TEST(an_arena_without_memory)
{
	struct stk_arena arena = { .budget = _i ? &b : NULL, .unpaid = _i == 2 };
	void *p;

	ck_assert_ptr_null(arena.blocks);
	b.max_bytes = b.bytes = 100000;
	memory_watch();
	stk_arena_alloc(&arena, 16);
	memory_end();
	stk_arena_free(&arena);
	/* The arena's, and the system's. */
	ck_assert_uint_eq(memory_places(), 2);
	memory_fail(1, 0);
	p = stk_arena_alloc(&arena, 16);
	memory_end();
	ck_assert_ptr_null(p);
	ck_assert(memory_failed());
	ck_assert(arena.failed);
	ck_assert_uint_eq(b.bytes, 100000);
	ck_assert_uint_eq(arena.taken, 0);
	ck_assert_uint_eq(b.short_of_memory, _i ? b.question : 0);
	ck_assert_ptr_nonnull(stk_arena_alloc(&arena, 16));
	ck_assert_uint_eq(b.bytes, _i == 1 ? 100000 - 32768 : 100000);
	stk_arena_free(&arena);
}
END_TEST

/* ---- hostile dumps ---- */

#define AREAS (SYN_DIRECT + 0x50000000ull)

static struct stk *s;
static char *out, told[1u << 16];

static void teardown(void)
{
	free(out);
	out = NULL;
}

/* As if the dump were small enough for it. */
static void open_with(uint64_t steps, uint64_t bytes)
{
	struct stk_budget *all;

	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	all = &s->budget;
	all->max_steps = all->steps = steps;
	all->max_bytes = all->bytes = bytes;
}

static void expect_cut(const char *what)
{
	char text[160];

	for (unsigned int i = 0; stk_incomplete(s, i, text, sizeof(text)); i++)
		if (!strncmp(text, what, strlen(what)))
			return;
	ck_abort_msg("nothing says that this is incomplete: %s", what);
}

static void expect_whole(void)
{
	char text[160];

	ck_assert_msg(!stk_incomplete(s, 0, text, sizeof(text)), "%s", text);
}

/* The chain of the CPU, whatever was cut off. */
static void expect_the_rest(void)
{
	struct stk_start start;

	stk_question(s);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	syn_expect(s, &start,
		   "<IRQ> timer_fn+0x40/regs! hrtimer_interrupt+0xa9/orc "
		   "__sysvec_apic_timer_interrupt+0x56/orc "
		   "sysvec_apic_timer_interrupt+0x45/orc =link= "
		   "<TASK> asm_sysvec_apic_timer_interrupt+0x16/orc task_spin+0x40/regs! "
		   "vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "
		   "entry_SYSCALL_64+0x63/orc end user");
}

static void on_error(struct stk_command *cmd, const char *text)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s\n", text);
}

static enum stk_command_result run(const char *name, const char *options)
{
	struct stk_command cmd = { .s = s, .error = on_error };
	char words[3][32], *argv[4] = { words[0] };
	enum stk_command_result res;
	size_t len;
	int argc = 1;

	strcpy(words[0], name);
	for (const char *p = options; *p; p += strspn(p, " ")) {
		argv[argc] = words[argc];
		snprintf(words[argc++], sizeof(words[0]), "%.*s", (int)strcspn(p, " "),
			 p);
		p += strcspn(p, " ");
	}
	argv[argc] = NULL;
	told[0] = '\0';
	free(out);
	cmd.out = open_memstream(&out, &len);
	res = stk_run_words(stk_find_command(name, STK_EVERYWHERE), &cmd, argc, argv);
	fclose(cmd.out);
	put_asked(argc, argv, res, out, told);
	return res;
}

START_TEST(a_sound_machine_is_whole)
{
	const struct stk_stack *stack;
	size_t nr;

	s = syn_open(m);
	expect_the_rest();
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	expect_whole();
	ck_assert_uint_lt((s->budget.max_steps - s->budget.steps) * 10,
			  s->budget.max_steps);
	ck_assert_uint_lt((s->budget.max_bytes - s->budget.bytes) * 10,
			  s->budget.max_bytes);
}
END_TEST

START_TEST(more_tasks_than_can_be)
{
	const struct stk_task *task, *again;
	size_t nr, nr_again;
	bool running = false;
	uint64_t steps;

	for (uint32_t i = 0; i < 200; i++)
		syn_task(m, "many", 1000 + i, 0);
	/* The last in the list, but a CPU runs it. */
	syn_set_current(m, 1, syn_task(m, "last", 5000, 0));
	open_with(40000, STK_MIN_BYTES);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_uint_gt(nr, 20);
	ck_assert_uint_lt(nr, 150);
	ck_assert_ptr_nonnull(stk_tasks_truncated(s));
	expect_cut("the list of tasks: incomplete: ");
	for (size_t i = 0; i < nr; i++)
		running |= task[i].pid == 5000;
	ck_assert(running);
	/* Kept: the next question does not try again, and is told again. */
	stk_question(s);
	steps = s->budget.steps;
	ck_assert_int_eq(stk_tasks(s, &again, &nr_again), STK_OK);
	ck_assert_ptr_eq(again, task);
	ck_assert_uint_eq(nr_again, nr);
	ck_assert_uint_eq(s->budget.steps, steps);
	expect_cut("the list of tasks");
	syn_set_current(m, 1, sh);
	s->cache = NULL;
	expect_the_rest();
	ck_assert_int_eq(run("xbt", "-A"), STK_CMD_FAILED);
	ck_assert_ptr_nonnull(strstr(told, "the list of tasks: incomplete"));
	expect_answers(__func__, _i);
}
END_TEST

/* The steps of one question, and with them the list, were used up by something else. */
START_TEST(a_list_that_was_starved_is_not_kept)
{
	const struct stk_task *task;
	size_t nr;

	open_with(100000, STK_MIN_BYTES);
	stk_spend(s, 99900);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "damaged or hostile"));
	expect_cut("the answer");
	stk_question(s);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_ptr_null(stk_tasks_truncated(s));
	expect_whole();
}
END_TEST

/* Those of CPUs are there, and of tasks as many as the table's share has room for. */
START_TEST(stacks_of_too_many_tasks)
{
	const struct stk_stack *stack;
	const struct stk_task *task;
	unsigned int cut = 0;
	size_t nr;

	for (uint32_t i = 0; i < 200; i++)
		syn_task(m, "many", 1000 + i, 0);
	for (uint64_t bytes = 10000; bytes < 200000; bytes += bytes / 4) {
		open_with(STK_MIN_STEPS, STK_MIN_BYTES);
		ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
		s->budget.max_bytes = s->budget.bytes = bytes;
		if (stk_stacks(s, &stack, &nr)) {
			ck_assert(s->budget.dry);
			continue;
		}
		ck_assert_uint_ge(nr, 18);
		for (unsigned int i = 0; i < s->budget.nr_cuts; i++)
			cut += !strcmp(s->budget.cut[i].what, "the table of stacks");
	}
	ck_assert_uint_gt(cut, 0);
}
END_TEST

static void put_areas(unsigned int nr)
{
	syn_size(m, "vmap_area", 64);
	syn_member(m, "vmap_area.va_start", 0, 8);
	syn_member(m, "vmap_area.va_end", 8, 8);
	syn_member(m, "vmap_area.list", 40, 16);
	syn_member(m, "vmap_area.vm", 56, 8);
	syn_symbol(m, "vmap_area_list", AREAS - 64);
	syn_put64(m, AREAS - 64, AREAS + 40);
	for (unsigned int i = 0; i < nr; i++) {
		syn_put64(m, AREAS + 64 * i, SYN_VMALLOC + 0x4000000 + 0x2000ull * i);
		syn_put64(m, AREAS + 64 * i + 8,
			  SYN_VMALLOC + 0x4000000 + 0x2000ull * i + 0x1000);
		syn_put64(m, AREAS + 64 * i + 40,
			  i + 1 < nr ? AREAS + 64 * (i + 1) + 40 : AREAS - 64);
	}
}

START_TEST(areas_without_end)
{
	const struct stk_vmap_area *area;
	size_t nr;

	put_areas(5000);
	open_with(80000, STK_MIN_BYTES);
	ck_assert_int_eq(stk_vmap_areas(s, &area, &nr), STK_OK);
	ck_assert_uint_gt(nr, 500);
	ck_assert_uint_lt(nr, 4999);
	ck_assert_uint_le(s->budget.max_steps - s->budget.steps, 80000 / 8);
	ck_assert_ptr_nonnull(stk_vmap_area_at(s, SYN_VMALLOC + 0x4000000));
	expect_cut("the list of vmalloc areas: incomplete: ");
	expect_the_rest();
}
END_TEST

/* By their memory, with steps enough for all of them. */
START_TEST(areas_of_too_many_bytes)
{
	const struct stk_vmap_area *area;
	size_t nr;

	put_areas(5000);
	open_with(STK_MIN_STEPS, 1u << 20);
	ck_assert_int_eq(stk_vmap_areas(s, &area, &nr), STK_OK);
	ck_assert_uint_gt(nr, 200);
	ck_assert_uint_lt(nr, 4999);
	ck_assert_uint_le(s->budget.max_bytes - s->budget.bytes, (1u << 20) / 8);
	expect_cut("the list of vmalloc areas");
	expect_the_rest();
}
END_TEST

#define CHUNKS (SYN_DIRECT + 0x58000000ull)

START_TEST(chunks_without_end)
{
	struct stk_percpu_place at;
	const uint64_t var = SYN_DATA + 0xa000;

	syn_symbol(m, "pcpu_slot", var);
	syn_symbol(m, "pcpu_nr_slots", var + 8);
	syn_symbol(m, "pcpu_base_addr", var + 16);
	syn_symbol(m, "pcpu_unit_offsets", var + 24);
	syn_symbol(m, "pcpu_unit_size", var + 32);
	syn_member(m, "pcpu_chunk.list", 0, 16);
	syn_member(m, "pcpu_chunk.base_addr", 16, 8);
	syn_put64(m, var, CHUNKS - 64);
	syn_put32(m, var + 8, 1);
	syn_put64(m, var + 16, SYN_PERCPU(0));
	syn_put64(m, var + 24, var + 64);
	for (unsigned int i = 0; i < SYN_NR_CPUS; i++)
		syn_put64(m, var + 64 + 8 * i, 0x10000 * i);
	syn_put32(m, var + 32, 0x10000);
	syn_put64(m, CHUNKS - 64, CHUNKS);
	for (unsigned int i = 0; i < 3000; i++) {
		syn_put64(m, CHUNKS + 32 * i,
			  i + 1 < 3000 ? CHUNKS + 32 * (i + 1) : CHUNKS - 64);
		syn_put64(m, CHUNKS + 32 * i + 8,
			  i ? CHUNKS + 32 * (i - 1) : CHUNKS - 64);
		syn_put64(m, CHUNKS + 32 * i + 16,
			  SYN_VMALLOC + 0x8000000 + 0x100000ull * i);
	}
	open_with(80000, STK_MIN_BYTES);
	ck_assert(stk_percpu_at(s, SYN_PERCPU(2) + 0x1234, &at));
	ck_assert_uint_eq(at.cpu, 2);
	ck_assert(stk_percpu_at(s, SYN_VMALLOC + 0x8000000 + 0x10000, &at));
	ck_assert_uint_eq(at.cpu, 1);
	ck_assert_uint_le(s->budget.max_steps - s->budget.steps, 80000 / 8);
	ck_assert(!stk_percpu_at(s, SYN_VMALLOC + 0x8000000 + 0x100000ull * 2999, &at));
	expect_cut("the lists of per-CPU chunks: incomplete: ");
	expect_the_rest();
}
END_TEST

/* Forty modules, all of which say that the same table of 1,000 symbols is theirs. */
START_TEST(modules_that_share_a_symbol_table)
{
	uint64_t first = syn_module(m, "m0", SYN_MODULE, "fn0"), addr;
	uint64_t kallsyms = SYN_MODULE + 0x3000, symtab = SYN_DIRECT + 0x5c000000ull;
	Elf64_Sym sym = { .st_name = 20, .st_shndx = 1 };
	struct stk_name name;
	char text[16];

	syn_put64(m, kallsyms, symtab);
	syn_put32(m, kallsyms + 8, 1000);
	for (unsigned int i = 0; i < 1000; i++) {
		sym.st_value = SYN_MODULE + 0x100 + i;
		syn_write(m, symtab + i * sizeof(sym), &sym, sizeof(sym));
	}
	for (unsigned int i = 1; i < 40; i++) {
		uint64_t base = SYN_MODULE + 0x10000ull * i, mod;

		snprintf(text, sizeof(text), "m%u", i);
		mod = syn_module(m, text, base, "fn");
		syn_put64(m, mod + syn_off(m, "module.kallsyms"), kallsyms);
	}
	ck_assert_uint_ne(first, 0);
	open_with(STK_MIN_STEPS, 1u << 20);
	ck_assert_int_eq(stk_modules_address(s, "nothing", &addr), STK_ERR_NO_SYMBOL);
	ck_assert_uint_le(s->budget.max_bytes - s->budget.bytes,
			  (1u << 20) / 4 + (1u << 20) / 8);
	expect_cut("the modules' symbols: incomplete: ");
	stk_symbolize(s, SYN_MODULE + 0x180, false, &name);
	ck_assert_str_eq(name.function, "fn0");
	stk_symbolize(s, SYN_MODULE + 39 * 0x10000ull + 0x180, false, &name);
	ck_assert_ptr_null(name.function);
	expect_the_rest();
}
END_TEST

/* 900 symbols of one name: 400,000 probes, if each is put behind the others. */
START_TEST(symbols_of_one_name)
{
	uint64_t before, addr;
	struct stk_start start;

	for (unsigned int i = 0; m->nr_symbols < SYN_MAX_SYMBOLS - 40; i++) {
		struct syn_symbol *k = &m->symbol[m->nr_symbols++];

		strcpy(k->name, "same");
		k->addr = SYN_TEXT + 0x9000 + i;
		k->type = 't';
	}
	syn_use_kallsyms(m);
	s = syn_open(m);
	before = s->budget.steps;
	ck_assert_int_eq(stk_kallsyms_address(s, "same", &addr), STK_OK);
	ck_assert_uint_eq(addr, SYN_TEXT + 0x9000);
	ck_assert_uint_lt(before - s->budget.steps, 40000);
	expect_whole();
	ck_assert_int_eq(stk_kallsyms_address(s, "vfs_write", &addr), STK_OK);
	ck_assert_uint_eq(addr, syn_sym(m, "vfs_write"));
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
}
END_TEST

/* Whatever may be spent: a name is found, or nobody says that there is none. */
START_TEST(names_for_any_price)
{
	unsigned int found = 0, cut = 0;
	uint64_t addr;

	for (unsigned int i = 0; i < 100; i++) {
		struct syn_symbol *k = &m->symbol[m->nr_symbols++];

		strcpy(k->name, i < 60 ? "same" : "twin");
		k->addr = SYN_TEXT + 0x9000 + i;
		k->type = 't';
	}
	syn_use_kallsyms(m);
	for (uint64_t most = 500; most < 60000; most += most / 40) {
		enum stk_status st;

		s = syn_open(m);
		s->budget.max_steps = s->budget.steps = most;
		st = stk_kallsyms_address(s, "vfs_write", &addr);
		found += st == STK_OK;
		cut += st == STK_ERR_LIMIT;
		ck_assert(st == STK_OK || st == STK_ERR_LIMIT || s->kallsyms.status);
		if (!st)
			ck_assert_uint_eq(addr, syn_sym(m, "vfs_write"));
		st = stk_kallsyms_address(s, "nothing", &addr);
		ck_assert(st == STK_ERR_LIMIT || found || s->kallsyms.status);
	}
	ck_assert_uint_gt(found, 5);
	ck_assert_uint_gt(cut, 5);
}
END_TEST

/* Where the limit is reached, a task is none for no other reason. */
START_TEST(tasks_for_any_price)
{
	unsigned int cut = 0;

	for (uint32_t pid = 300; pid < 340; pid++)
		syn_task(m, "more", pid, 0);
	for (uint64_t most = 3000; most < 12000; most += 90) {
		const struct stk_task *task;
		const char *text;
		size_t nr;

		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		s->budget.max_steps = s->budget.steps = most;
		stk_tasks(s, &task, &nr);
		text = stk_tasks_truncated(s);
		if (!text)
			continue;
		cut++;
		ck_assert_msg(strstr(text, "where its limit is reached") != NULL, "%s",
			      text);
	}
	ck_assert_uint_gt(cut, 3);
}
END_TEST

/* Half a table of names would say that there is no such symbol. */
START_TEST(names_that_cost_too_much)
{
	syn_use_kallsyms(m);
	s = syn_open(m);
	s->budget.max_steps = s->budget.steps = 1000;
	ck_assert_int_eq(stk_prepare(s), STK_ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "damaged or hostile"));
}
END_TEST

#define TRAMPOLINE (SYN_TEXT + 0x8100)
#define NODES	   (SYN_DATA + 0xa000)

/* 64 lists that lead back into themselves, searched for each frame. */
START_TEST(instances_without_end)
{
	struct stk_task task;
	const char *what;
	uint64_t ret, before;

	syn_symbol(m, "kretprobe_trampoline", TRAMPOLINE);
	syn_symbol(m, "kretprobe_inst_table", NODES + 0x800);
	syn_member(m, "kretprobe_instance.hlist", 16, 16);
	syn_member(m, "kretprobe_instance.ret_addr", 40, 8);
	syn_member(m, "kretprobe_instance.fp", 48, 8);
	syn_member(m, "kretprobe_instance.task", 56, 8);
	for (unsigned int i = 0; i < 64; i++)
		syn_put64(m, NODES + 0x800 + 8 * i, NODES + 16);
	syn_put64(m, NODES + 16, NODES + 16);
	open_with(1u << 22, STK_MIN_BYTES);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	before = s->budget.steps;
	for (unsigned int i = 0; i < 10; i++) {
		ck_assert(stk_replaced_return(s, &task, TRAMPOLINE, 0x1234, &ret, &what));
		ck_assert_uint_eq(ret, 0);
	}
	ck_assert_uint_le(before - s->budget.steps, 10 * ((1u << 22) / 1024));
	expect_cut("what tracers replaced on a stack: incomplete: ");
	expect_the_rest();
}
END_TEST

/* A chain that was cut says why, and not that memory cannot be read. */
START_TEST(a_chain_that_costs_too_much)
{
	struct stk_purse purse = { 0 };
	struct stk_start start;
	struct stk_chain *chain;

	open_with(1u << 22, STK_MIN_BYTES);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	stk_purse_open(&s->budget, &purse, "a chain", 1u << 16);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	stk_purse_close(&s->budget, &purse);
	ck_assert(purse.cut);
	ck_assert_int_eq(chain->end, STK_END_LIMIT);
	ck_assert_ptr_nonnull(strstr(chain->end_text, "damaged or hostile"));
	stk_chain_free(s, chain);
	expect_cut("a chain: incomplete: ");
	expect_the_rest();
}
END_TEST

/* What the types say of a stack's size, its pages would be listed by. */
START_TEST(stacks_of_4_gib)
{
	const struct stk_stack *stack;
	size_t nr;

	syn_no_symbol(m, "__end_init_task");
	syn_size(m, "thread_union", 0xfffff000);
	syn_size(m, "irq_stack", 0xfffff000);
	syn_size(m, "entry_stack", 0xfffff000);
	syn_member(m, "cea_exception_stacks.DF_stack", 0x1000, 0xfffff000);
	s = syn_open(m);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	ck_assert_uint_gt(nr, 5);
	for (size_t i = 0; i < nr; i++)
		ck_assert_uint_le(stack[i].end - stack[i].begin, 0x40000);
	expect_whole();
}
END_TEST

/* A VMCOREINFO of 1 MiB would be searched for each line that is wanted. */
START_TEST(vmcoreinfo_of_1_mib)
{
	struct stk_arena arena = { 0 };
	struct stk_notes notes = { 0 };
	char *text = malloc(1u << 20);

	memset(text, 'x', 1u << 20);
	memcpy(text, "KEY=1\n", 6);
	memcpy(text + (1u << 20) - 6, "\nEND=2", 6);
	ck_assert_int_eq(stk_notes_set_vmcoreinfo(&notes, &arena, text, 1u << 20),
			 STK_OK);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "KEY"), "1");
	ck_assert_ptr_null(stk_notes_vmcoreinfo(&notes, "END"));
	free(text);
	stk_arena_free(&arena);
}
END_TEST

/* ---- the commands ---- */

static unsigned int count(const char *part)
{
	unsigned int n = 0;

	for (const char *p = out; (p = strstr(p, part)); p++)
		n++;
	return n;
}

/* Each of these tasks was left in a function of its own: as many groups as tasks. */
static void put_sleepers(unsigned int nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t task = syn_task(m, "many", 1000 + i, 0);
		struct syn_cpu k = syn_cpu(m, 0, task);

		syn_syscall(&k);
		syn_sleep(&k);
		/* The innermost frame, at one of many places. */
		syn_put64(m, k.sp + 6 * 8, SYN_TEXT + 0x9000 + i / 2);
	}
	syn_set_current(m, 0, syn_idle(m, 0));
}

START_TEST(many_groups)
{
	put_sleepers(600);
	s = syn_open(m);
	run("xbt", "-A -g");
	ck_assert_ptr_null(strstr(told, "incomplete"));
	ck_assert_uint_ge(count("2 tasks: "), 300);
	/* And where there is no room to keep them all. */
	s->budget.max_answer = 100000;
	ck_assert_int_eq(run("xbt", "-A -g"), STK_CMD_FAILED);
	ck_assert_ptr_nonnull(strstr(told, "the answer: incomplete: "));
	ck_assert_uint_gt(count("tasks: "), 10);
	ck_assert_uint_lt(count("tasks: "), 300);
}
END_TEST

START_TEST(a_document_says_what_it_lacks)
{
	put_sleepers(60);
	s = syn_open(m);
	run("xbt", "-A -j");
	ck_assert_ptr_null(strstr(told, "incomplete"));
	ck_assert_uint_eq(count("\"incomplete\""), 0);
	ck_assert_uint_gt(count("\"pid\": 1059,"), 0);
	s->budget.max_answer = 30000;
	ck_assert_int_eq(run("xbt", "-A -j"), STK_CMD_FAILED);
	ck_assert_uint_eq(count("\"incomplete\": [ \"the answer: incomplete: "), 1);
	ck_assert_uint_gt(count("\"pid\""), 0);
	ck_assert_uint_eq(count("\"pid\": 1059,"), 0);
	ck_assert_ptr_nonnull(strstr(told, "the answer: incomplete: "));
}
END_TEST

/* A crash session of many commands never runs dry. */
START_TEST(each_command_is_a_question)
{
	uint64_t bytes;

	s = syn_open(m);
	run("tss", "-v");
	run("xbt", "-A");
	run("stackof", "-m");
	ck_assert_ptr_null(strstr(told, "incomplete"));
	s->budget.max_steps = 3 * s->budget.most_steps;
	bytes = s->budget.bytes;
	for (unsigned int i = 0; i < 30; i++) {
		run("tss", "-v");
		run("xbt", "-A");
		run("stackof", "-m");
		ck_assert_ptr_null(strstr(told, "incomplete"));
	}
	stk_question(s);
	ck_assert_uint_ge(s->budget.bytes, bytes);
}
END_TEST

static const struct unit_test rules_tests[] = {
	TEST(grows_with_the_file),
	TEST(ends_and_begins_anew),
	TEST(limits_in_words),
	TEST(most_that_a_question_took),
	TEST(an_answer_has_an_end),
	TEST(a_purse_leaves_the_others_theirs),
	TEST(purses_nest),
	TEST(an_arena_pays_and_gives_back),
	TEST(an_arena_asks_for_what_can_be),
	TEST(an_arena_need_not_pay),
	LOOP(an_arena_without_memory, 3),
	{ 0 },
};

static const struct unit_test dumps_tests[] = {
	TEST(a_sound_machine_is_whole),
	TEST(more_tasks_than_can_be),
	TEST(a_list_that_was_starved_is_not_kept),
	TEST(stacks_of_too_many_tasks),
	TEST(areas_without_end),
	TEST(areas_of_too_many_bytes),
	TEST(chunks_without_end),
	TEST(modules_that_share_a_symbol_table),
	TEST(symbols_of_one_name),
	TEST(names_for_any_price),
	TEST(tasks_for_any_price),
	TEST(names_that_cost_too_much),
	TEST(instances_without_end),
	TEST(a_chain_that_costs_too_much),
	TEST(stacks_of_4_gib),
	TEST(vmcoreinfo_of_1_mib),
	{ 0 },
};

static const struct unit_test commands_tests[] = {
	TEST(many_groups),
	TEST(a_document_says_what_it_lacks),
	TEST(each_command_is_a_question),
	{ 0 },
};

const struct unit_suite suite_budget = {
	"budget",
	{
		{ "rules", rules_tests, setup_budget, NULL },
		{ "dumps", dumps_tests, fixture_interrupt, teardown },
		{ "commands", commands_tests, fixture_interrupt, teardown },
	},
};
