/* SPDX-License-Identifier: GPL-2.0-or-later */
/* task_state.h - what a task was doing, from the words that its task_struct has. */
#ifndef STK_TASK_STATE_H
#define STK_TASK_STATE_H

#include <stackinfo/kernel.h>

/*
 * From the bits of task_struct.__state (or .state) and .exit_state. NULL: no kernel sets
 * these.
 */
const struct stk_task_state *stk_task_state_of(uint32_t state, uint32_t exit_state);

/* Has it exited, so that its stack was freed? It takes two words to say so. */
bool stk_task_left_stack(const struct stk_task *task);

#endif
