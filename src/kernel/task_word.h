/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task_word.h - words of a task_struct that are witnesses of its stack.
 *
 * Whoever asks for them comes late: they are kept as the task is listed, since its pages
 * would have to be unpacked again.
 */
#ifndef STK_TASK_WORD_H
#define STK_TASK_WORD_H

#include "../base/context.h"

enum stk_task_word {
	STK_TASK_STACK_VM_AREA,
	STK_TASK_THREAD_PID,
	STK_NR_TASK_WORDS,
};

/* @which of the task at @addr, which need not be listed. */
enum stk_status stk_task_word(struct stk *s, uint64_t addr, enum stk_task_word which,
			      uint64_t *value);

#endif
