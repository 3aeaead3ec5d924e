/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - the names that the kernel itself prints, from the tables in the dump.
 *
 * They need no namelist and agree with the kernel's own backtraces to the letter,
 * aliases included, which no symbol table from outside does.
 */
#ifndef STK_KALLSYMS_H
#define STK_KALLSYMS_H

#include "../base/context.h"

/* The address of the first symbol called @name; STK_ERR_NO_SYMBOL. */
enum stk_status stk_kallsyms_address(struct stk *s, const char *name, uint64_t *addr);

/* The same of one that is @size bytes long: many static functions share a name. */
enum stk_status stk_kallsyms_sized(struct stk *s, const char *name, uint64_t size,
				   uint64_t *addr);

/* Are there any such tables, damaged or not? */
bool stk_kallsyms_found(struct stk *s);

/* Are they sound? */
bool stk_kallsyms_usable(struct stk *s);

/*
 * Do the tables lack what is not text (CONFIG_KALLSYMS_ALL=n)? Then the last symbol of
 * text seems to reach over all data.
 */
bool stk_kallsyms_text_only(struct stk *s);

/*
 * The symbol at or below @addr. @name is owned by the session; @size reaches to the
 * next symbol with another address.
 */
enum stk_status stk_kallsyms_lookup(struct stk *s, uint64_t addr, const char **name,
				    uint64_t *start, uint64_t *size);

#endif
