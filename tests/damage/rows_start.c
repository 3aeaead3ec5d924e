/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a chain begins: a sleeping task's thread.sp, a CPU's saved registers. */
#include "rows.h"

#include "arch/x86_64/x86_64.h"

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

/* ---- the registers that crash_save_cpu() left, in per-CPU memory ---- */

#define NOTE_REGS      (20 + 112) /* behind the note's head and name; pr_reg */
#define NOTE_REG(name) (NOTE_REGS + 8 * X86_##name)

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
	const struct subject *x = noted(v, &n);
	const struct site *y = &v->places.site[n];
	uint64_t at;

	if (!x || !crash_note(v, x->cpu, &at))
		return false;
	look_at_cpus(v, a, x->cpu);
	return put(v, a, at + NOTE_REG(IP), y->value) &&
	       put(v, a, at + NOTE_REG(SP), y->at);
}

static uint64_t count_note_bit(struct inventory *v)
{
	return v->e->nr_subjects * 5 * 64;
}

static bool make_note_bit(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	static const unsigned int reg[] = { NOTE_REG(IP), NOTE_REG(CS), NOTE_REG(FLAGS),
					    NOTE_REG(SP), NOTE_REG(BP) };
	const struct subject *x = noted(v, &n);
	uint64_t at, word;

	if (!x || !crash_note(v, x->cpu, &at))
		return false;
	look_at_cpus(v, a, x->cpu);
	at += reg[take(&n, 5)];
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
	{ "note-place", "the rip and rsp that a CPU saved: another frame's", count_note,
	  make_note_place },
	{ "note-bit", "one bit of the rip, cs, eflags, rsp, rbp that it saved",
	  count_note_bit, make_note_bit },
};

const struct row_table rows_start = { rows, sizeof(rows) / sizeof(rows[0]) };
