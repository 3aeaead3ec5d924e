/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poison.h - values that the kernel leaves where no pointer is any more, or not yet. */
#ifndef STK_POISON_H
#define STK_POISON_H

#include <stdbool.h>
#include <stdint.h>

struct stk_poison {
	const char *name; /* as the kernel's sources have it */
	uint64_t value;
	uint64_t below, above; /* so far from it, it is still the same */
	const char *why;       /* where it is found: a clause */
};

/*
 * The row of @value, which may be that of a pointer and the offset of a member of what it
 * would point to; NULL: it is none.
 */
const struct stk_poison *stk_poison_of(uint64_t value);

/*
 * The characters that @value is in memory, to @text of 9 bytes, when all are printable.
 * No pointer to kernel memory looks like that.
 */
bool stk_poison_text(uint64_t value, char *text);

/* What the kernel calls the error @code, positive: "ENOMEM"; NULL: not one that is met.
 */
const char *stk_errno_name(uint64_t code);

#endif
