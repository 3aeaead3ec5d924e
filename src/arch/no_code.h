/* SPDX-License-Identifier: GPL-2.0-or-later */
/* no_code.h - saved registers whose instruction pointer cannot have been reached. */
#ifndef STK_ARCH_NO_CODE_H
#define STK_ARCH_NO_CODE_H

#include "arch.h"

/*
 * Does the kernel's pc in @regs, saved at @at by the code at @by, lead to no code, though
 * what came in there needs an instruction? False where the dump does not tell.
 */
bool stk_no_code_at(struct stk *s, uint64_t by, const struct stk_regs *regs, uint64_t at);

#endif
