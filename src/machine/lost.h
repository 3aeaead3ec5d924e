/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lost.h - which pages a question met that the dump does not have. */
#ifndef STK_LOST_H
#define STK_LOST_H

#include "../base/context.h"

/*
 * The page at @phys was wanted and could not be had, which is what @st says. Other
 * failures than those of the dump file are no loss.
 */
void stk_lost_note(struct stk *s, uint64_t phys, enum stk_status st);

/*
 * Until it is called with what it returns, as it was before: what is missing now was gone
 * before the dump was made.
 */
bool stk_lost_excuse(struct stk *s, bool excused);

/* The last page that was noted and its status: STK_OK, none, since stk_lost_none(). */
enum stk_status stk_lost_last(const struct stk *s, uint64_t *phys);
void stk_lost_none(struct stk *s);

/* A new question has lost nothing yet. */
void stk_lost_forget(struct stk *s);

#endif
