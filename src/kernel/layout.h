/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.h - where the symbols and members of a kernel are.
 *
 * They are asked for by name at the place that needs them; nothing is declared before.
 * Each is looked up once in a session, and a miss is remembered, too: asking crash for a
 * type that the kernel lacks costs tens of milliseconds every time.
 *
 * Names are literals: they are not copied, and must live as long as the session.
 */
#ifndef STK_LAYOUT_H
#define STK_LAYOUT_H

#include "../base/context.h"
#include "../machine/vmcoreinfo.h"

/*
 * Does the kernel have it? No error's text is made. The answer is "no", too, when memory
 * or the budget is short or the user has interrupted; it is not remembered then, and
 * stk_must_stop() tells. @addr, @size (in bytes) and @out are set with "yes" only. Names
 * must stay as long as the session, which remembers the answer by them.
 */
bool stk_has_symbol(struct stk *s, const char *name);
bool stk_find_symbol(struct stk *s, const char *name, uint64_t *addr);
bool stk_find_member(struct stk *s, const char *type, const char *member,
		     struct stk_member *out);
bool stk_find_size(struct stk *s, const char *type, uint32_t *size);

/* Does @addr lie between two of them: from @begin on, and before @end? */
bool stk_between_symbols(struct stk *s, const char *begin, const char *end,
			 uint64_t addr);

/* Ask for the value of a symbol; @name may be anything, and no answer is remembered. */
enum stk_status stk_lookup_symbol(struct stk *s, const char *name, uint64_t *addr);

/*
 * The same for what cannot be done without: the session's text says what is missing.
 * STK_ERR_NO_SYMBOL, STK_ERR_NO_TYPE, or why it could not be asked.
 */
enum stk_status stk_symbol(struct stk *s, const char *name, uint64_t *addr);
enum stk_status stk_member(struct stk *s, const char *type, const char *member,
			   struct stk_member *out);
enum stk_status stk_size(struct stk *s, const char *type, uint32_t *size);

/*
 * Read a member that holds an integer of 1, 2, 4 or 8 bytes, or a pointer, from the
 * object at @base.
 */
enum stk_status stk_read_member(struct stk *s, uint64_t base, const char *type,
				const char *member, uint64_t *value);

#endif
