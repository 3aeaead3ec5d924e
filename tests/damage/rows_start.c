/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a chain begins: a sleeping task's thread.sp, a CPU's saved registers. */
#include "rows.h"

#include "base/context.h"

static const struct site *sleeper(struct inventory *v, uint64_t *n)
{
	return &v->sleepers.site[take(n, v->sleepers.nr)];
}

static uint64_t count_other(struct inventory *v)
{
	return v->sleepers.nr * v->nr_tasks;
}

static bool make_sp_other(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	const struct stk_task *other = &v->task[n];

	look_at(a, x->subject);
	return other->stack && other->addr != v->e->subject[x->subject].task.addr &&
	       put(v, a, x->at, other->sp);
}

static bool make_stack_sp_other(struct inventory *v, uint64_t n, uint64_t *random,
				struct attempt *a)
{
	const struct site *x = &v->sleepers.site[n % v->sleepers.nr];
	const struct stk_task *other = &v->task[n / v->sleepers.nr];

	return make_sp_other(v, n, random, a) &&
	       put(v, a, x->at - v->sp_offset + v->stack_offset, other->stack);
}

static uint64_t count_own(struct inventory *v)
{
	return v->sleepers.nr * v->thread_size / 8;
}

static bool make_sp_own(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	uint64_t sp = v->e->subject[x->subject].task.stack + 8 * n;

	look_at(a, x->subject);
	return sp != x->value && put(v, a, x->at, sp);
}

static uint64_t count_sp_bit(struct inventory *v)
{
	return v->sleepers.nr * 64;
}

static bool make_sp_bit(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = sleeper(v, &n);

	look_at(a, x->subject);
	return put(v, a, x->at, x->value ^ 1ull << n);
}

static bool make_stack_other(struct inventory *v, uint64_t n, uint64_t *random,
			     struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	const struct stk_task *other = &v->task[n];

	look_at(a, x->subject);
	return other->stack && other->addr != v->e->subject[x->subject].task.addr &&
	       put(v, a, x->at - v->sp_offset + v->stack_offset, other->stack);
}

static uint64_t count_stack_bit(struct inventory *v)
{
	return v->sleepers.nr * 64;
}

static bool make_stack_bit(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = sleeper(v, &n);

	look_at(a, x->subject);
	return put(v, a, x->at - v->sp_offset + v->stack_offset,
		   v->e->subject[x->subject].task.stack ^ 1ull << n);
}

/* ---- what is saved beside the stack pointer ---- */

static uint64_t word_of(const struct inventory *v, const struct site *x, uint64_t offset)
{
	return x->at - v->sp_offset + offset;
}

static uint64_t count_fp_own(struct inventory *v)
{
	return v->has_fp ? count_own(v) : 0;
}

static bool make_fp_own(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = sleeper(v, &n);

	look_at(a, x->subject);
	return put(v, a, word_of(v, x, v->fp_offset),
		   v->e->subject[x->subject].task.stack + 8 * n);
}

static uint64_t count_fp_place(struct inventory *v)
{
	return v->has_fp ? v->sleepers.nr * v->places.nr : 0;
}

/* The stack pointer, too, every second time. */
static bool make_fp_place(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = sleeper(v, &n), *y = &v->places.site[n];

	look_at(a, x->subject);
	return y->fp && put(v, a, word_of(v, x, v->fp_offset), y->fp) &&
	       (next_random(random) & 1 || put(v, a, x->at, y->at));
}

static uint64_t count_fp_bit(struct inventory *v)
{
	return v->has_fp ? v->sleepers.nr * 64 : 0;
}

static bool make_word_bit(struct inventory *v, uint64_t n, uint64_t offset,
			  struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	uint64_t at = word_of(v, x, offset), word;

	look_at(a, x->subject);
	return engine_word(v->e, at, &word) && put(v, a, at, word ^ 1ull << n);
}

static bool make_fp_bit(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	return make_word_bit(v, n, v->fp_offset, a);
}

static uint64_t count_pc_bit(struct inventory *v)
{
	return v->has_pc ? v->sleepers.nr * 64 : 0;
}

static bool make_pc_bit(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	return make_word_bit(v, n, v->pc_offset, a);
}

static uint64_t count_pc_place(struct inventory *v)
{
	return v->has_pc ? v->sleepers.nr * v->places.nr : 0;
}

static bool make_pc_place(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = sleeper(v, &n);

	look_at(a, x->subject);
	return put(v, a, word_of(v, x, v->pc_offset), v->places.site[n].value);
}

/* ---- the registers that crash_save_cpu() left, in per-CPU memory ---- */

#define NOTE_REGS (20 + 112) /* behind the note's head and name; pr_reg */

static bool crash_note(struct inventory *v, int cpu, uint64_t *at)
{
	uint64_t symbol, base, first;

	/* Per-CPU memory lies at the same distances for all. */
	if (stk_symbol_address(v->e->base, "crash_notes", &symbol) ||
	    stk_read_u64(v->e->base, symbol, at) ||
	    stk_percpu_address(v->e->base, "crash_notes", (unsigned int)cpu, &base) ||
	    stk_symbol_address(v->e->base, "crash_notes", &first))
		return false;
	*at += base - first;
	return true;
}

static const struct subject *noted(struct inventory *v, uint64_t *n)
{
	const struct subject *x = &v->e->subject[take(n, v->e->nr_subjects)];

	return x->cpu >= 0 && x->truth && x->truth->start.from == STK_FROM_PRSTATUS
		       ? x
		       : NULL;
}

static uint64_t count_note(struct inventory *v)
{
	return v->e->nr_subjects * v->places.nr;
}

static bool make_note_place(struct inventory *v, uint64_t n, uint64_t *random,
			    struct attempt *a)
{
	const struct stk_arch *arch = v->e->base->arch;
	const struct subject *x = noted(v, &n);
	const struct site *y = &v->places.site[n];
	uint64_t at;

	if (!x || !crash_note(v, x->cpu, &at))
		return false;
	look_at_cpus(v, a, x->cpu);
	at += NOTE_REGS;
	return put(v, a, at + 8 * arch->ip, y->value) &&
	       put(v, a, at + 8 * arch->sp, y->at) &&
	       (!y->fp || put(v, a, at + 8 * arch->fp, y->fp));
}

static uint64_t count_note_bit(struct inventory *v)
{
	return v->e->nr_subjects * NR_NOTE_BITS * 64;
}

static bool make_note_bit(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct subject *x = noted(v, &n);
	uint64_t at, word;

	if (!x || !crash_note(v, x->cpu, &at))
		return false;
	look_at_cpus(v, a, x->cpu);
	at += NOTE_REGS + 8 * v->arch->note_reg[take(&n, NR_NOTE_BITS)];
	if (stk_read_u64(v->e->base, at, &word))
		return false;
	return put(v, a, at, word ^ 1ull << n);
}

static const struct row rows[] = {
	{ "sp-other", "a sleeping task's thread.sp: another task's", count_other,
	  make_sp_other },
	{ "stack-sp-other", "its stack and thread.sp: both of another task", count_other,
	  make_stack_sp_other },
	{ "stack-other", "its stack: another task's", count_other, make_stack_other },
	{ "sp-own", "its thread.sp: elsewhere on its own stack", count_own, make_sp_own },
	{ "stack-bit", "one bit of its stack", count_stack_bit, make_stack_bit },
	{ "sp-bit", "one bit of its thread.sp", count_sp_bit, make_sp_bit },
	{ "fp-own", "its saved frame pointer: elsewhere on its own stack", count_fp_own,
	  make_fp_own },
	{ "fp-place", "its saved frame pointer: another frame's; thread.sp, too",
	  count_fp_place, make_fp_place },
	{ "fp-bit", "one bit of its saved frame pointer", count_fp_bit, make_fp_bit },
	{ "pc-place", "where it is to go on: another frame's", count_pc_place,
	  make_pc_place },
	{ "pc-bit", "one bit of where it is to go on", count_pc_bit, make_pc_bit },
	{ "note-place",
	  "the instruction and stack pointer that a CPU saved: another frame's",
	  count_note, make_note_place },
	{ "note-bit", "one bit of what a CPU saved and a chain rests on", count_note_bit,
	  make_note_bit },
};

const struct row_table rows_start = { rows, sizeof(rows) / sizeof(rows[0]) };
