/* SPDX-License-Identifier: GPL-2.0-or-later */
/* thread_size.h - how large a task's stack is. */
#ifndef STK_ARCH_THREAD_SIZE_H
#define STK_ARCH_THREAD_SIZE_H

#include "../base/context.h"

/* THREAD_SIZE in bytes, as the kernel has it, or @usual where it does not say. */
uint64_t stk_thread_size(struct stk *s, uint64_t usual);

/* May a stack be as large? */
bool stk_is_stack_size(uint64_t size);

#endif
