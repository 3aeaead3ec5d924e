/* SPDX-License-Identifier: GPL-2.0-or-later */
/* init_text.h - the code of the kernel's start, which is freed when that is over. */
#ifndef STK_ARCH_INIT_TEXT_H
#define STK_ARCH_INIT_TEXT_H

#include "../base/context.h"

/* Has the code at @addr, or that ends there, been freed? */
bool stk_init_text_freed(struct stk *s, uint64_t addr);

#endif
