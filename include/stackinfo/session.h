/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * session.h - one dead machine, opened.
 *
 * struct stk is the root that owns every byte the library allocates for a dump:
 * stk_close() gives all of it back, whatever happened before. Opening costs next to
 * nothing; everything else is found when it is first asked for and then kept.
 *
 * A session is not safe for use by two threads at once.
 */
#ifndef STACKINFO_SESSION_H
#define STACKINFO_SESSION_H

#include <stackinfo/target.h>

#pragma GCC visibility push(default)

struct stk;

/**
 * stk_open() - open a session on @target (copied; what it points at is not).
 * Returns NULL only when memory is short. Nothing is read from the dump yet.
 */
struct stk *stk_open(const struct stk_target *target);

/** stk_close() - free the session and all that it returned. NULL is allowed. */
void stk_close(struct stk *s);

/** stk_error_text() - one line about the last failure; "" when there was none. */
const char *stk_error_text(const struct stk *s);

/**
 * stk_question() - a new question begins: it has all of its time again.
 *
 * What a dump makes us do is bounded, since in a damaged or hostile one lists may be
 * endless: by so many steps for each question, and so much memory for the session, that
 * an honest dump of that size (struct stk_target) needs a small part of them. What lies
 * beyond is cut off, or STK_ERR_LIMIT; stk_incomplete() tells. All that is asked from
 * one call of this to the next is one question; without any call, all of it is. Texts in
 * earlier answers stay valid.
 */
void stk_question(struct stk *s);

/**
 * stk_incomplete() - what was cut off, as far as it concerns this question.
 * @index: from 0 on
 * @text: gets one line, cut to @size
 * Returns false when there are no more.
 */
bool stk_incomplete(const struct stk *s, unsigned int index, char *text, size_t size);

/**
 * struct stk_losses - distinct pages that a question met and the dump does not have, by
 * the cause. A page that nobody asked for is no loss.
 */
struct stk_losses {
	uint64_t excluded; /* left out when the dump was made */
	uint64_t cut_off;  /* behind the end of the file: never written, or cut off */
	uint64_t io_error; /* the file could not be read there */
	uint64_t damaged;  /* cannot be unpacked, or the file has no sound place of it */
	bool more;	   /* there were more than are counted */
	uint64_t first;	   /* the physical address of that which was met first */
	const char *what;  /* what was being read then; NULL: nothing in particular */
};

/** stk_losses() - what this question met; false: all that it wanted was there. */
bool stk_losses(const struct stk *s, struct stk_losses *out);

/**
 * stk_prepare() - find out what kernel this is: release, CPUs, page tables, tasks.
 * Every other call does this by itself; call it to get a clear error early.
 */
enum stk_status stk_prepare(struct stk *s);

/** stk_read() - read kernel virtual memory, across pages; all or nothing. */
enum stk_status stk_read(struct stk *s, uint64_t addr, void *buf, size_t len);

/** stk_read_u64(), stk_read_u32() - read one little-endian word. */
enum stk_status stk_read_u64(struct stk *s, uint64_t addr, uint64_t *value);
enum stk_status stk_read_u32(struct stk *s, uint64_t addr, uint32_t *value);

/**
 * stk_translate() - walk the kernel's page tables for @addr.
 * STK_ERR_UNMAPPED: the kernel had no mapping there (or a page-table page holds
 * none); STK_ERR_EXCLUDED: a page-table page is not in the dump.
 */
enum stk_status stk_translate(struct stk *s, uint64_t addr, uint64_t *phys);

#pragma GCC visibility pop

#endif
