/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscall_name.h - what a system call is called, by the kernel's table of them. */
#ifndef STK_ARCH_SYSCALL_NAME_H
#define STK_ARCH_SYSCALL_NAME_H

#include "arch.h"

/*
 * Of the function that row @nr of @table leads to, the name without the first of @prefix,
 * ended by NULL, that it begins with; of its symbol's life. NULL: it begins with none,
 * or no function begins there. The caller has bounded @nr.
 */
const char *stk_syscall_name(struct stk *s, const char *table, uint64_t nr,
			     const char *const *prefix);

#endif
