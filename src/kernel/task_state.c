/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel reports a letter: __task_state_index() in include/linux/sched.h, by
 * task_state_array in fs/proc/array.c. The bits are those of 4.14, commit 8ef9925b02c2
 * "sched/debug: Add explicit TASK_PARKED printing"; later ones were free until then.
 */
#include "task_state.h"

enum bits {
	EXITS = 0x30,	    /* EXIT_DEAD, EXIT_ZOMBIE: both while its parent reaps it */
	WAKEKILL = 0x100,   /* with others: a fatal signal wakes it */
	NOLOAD = 0x400,	    /* with D: it waits for work, not for a device */
	FREEZABLE = 0x6000, /* with others; 6.1, commit f5d39b020809 */
};

/* At most one of them is set, whatever else is. */
static const struct {
	uint32_t bit;
	struct stk_task_state is;
} row[] = {
	{ 0, { "R", "RU", "running" } },
	{ 0x1, { "S", "IN", "sleeping" } },
	{ 0x2, { "D", "UN", "uninterruptible" } },
	{ 0x4, { "T", "ST", "stopped" } },
	{ 0x8, { "t", "TR", "traced" } },
	{ 0x10, { "X", "DE", "dead" } },
	{ 0x20, { "Z", "ZO", "zombie" } },
	{ 0x40, { "P", "PA", "parked" } },
	{ 0x80, { "X", "DE", "dead" } },
	{ 0x200, { "R", "WA", "waking" } },
	{ NOLOAD | 0x2, { "I", "ID", "idle" } },
	{ 0x800, { "new", "NE", "new" } },
	/* For a spinlock of PREEMPT_RT, whatever it slept for before, which is in
	 * saved_state. 5.15, commit cd781d0ce8cb; reported as D. */
	{ 0x1000, { "D", "UN", "rt_lock" } },
	/* Reported as D, too. 6.1, commit f5d39b020809. */
	{ 0x8000, { "D", "UN", "frozen" } },
};

#define NR_ROWS (sizeof(row) / sizeof(row[0]))

static const struct stk_task_state *state_of_bits(uint32_t bits)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		if (row[i].bit == bits)
			return &row[i].is;
	return NULL;
}

const struct stk_task_state *stk_task_state_of(uint32_t state, uint32_t exit_state)
{
	if (exit_state & ~(uint32_t)EXITS)
		return NULL;
	if (exit_state)
		return state_of_bits(exit_state == EXITS ? 0x20 : exit_state);
	state &= ~(uint32_t)(WAKEKILL | FREEZABLE);
	return state_of_bits(state == (NOLOAD | 0x2) ? state : state & ~(uint32_t)NOLOAD);
}

const struct stk_task_state *stk_task_states(size_t i)
{
	return i < NR_ROWS ? &row[i].is : NULL;
}

bool stk_task_left_stack(const struct stk_task *task)
{
	return !task->stack && task->exit_state;
}
