/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - which architecture reads which machine. */
#ifndef STK_SESSION_H
#define STK_SESSION_H

#include <stackinfo/session.h>

struct stk_arch;

/* By the machine's number in ELF; NULL: none does. */
const struct stk_arch *stk_arch_of(uint64_t machine);

/* stk_open() with @arch, whatever the target says; for a test's own. */
struct stk *stk_open_as(const struct stk_target *target, size_t size,
			const struct stk_arch *arch);

#endif
