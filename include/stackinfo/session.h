/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * One dead machine, opened.
 *
 * struct stk is the root that owns every byte the library allocates for a dump:
 * stk_close() gives all of it back, whatever happened before. Opening costs next to
 * nothing; everything else is found when it is first asked for and then kept.
 *
 * @par Threads
 * A session, and all that came from it, is for one thread at a time. Two threads may use
 * two sessions.
 *
 * @par Ownership
 * What a function returns by pointer belongs to the session and lives until stk_close(),
 * unless its description says otherwise. Strings are UTF-8 of characters that can be
 * seen: what is not is "?", or \\x1b in a sentence. So they may be printed.
 *
 * @par Structures that grow
 * A program allocates structures and passes their size: `stk_get_task(s, 0, &task,
 * sizeof(task))`. A later version of the library may have more members at the end; it
 * fills in no more than the program has room for. An older one sets to zero what it does
 * not know. So zero, or NULL, means "not known" in every member that has no other
 * convention.
 *
 * @par Codes
 * What a program may want to compare is a string from a fixed set, the same as in the
 * JSON of the commands, where stackinfo.schema.json lists them. Sets may grow. Clauses
 * and sentences are for people and may change.
 */
#ifndef STACKINFO_SESSION_H
#define STACKINFO_SESSION_H

#include <stackinfo/target.h>
#include <stackinfo/version.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A session: all that is known of one machine. */
struct stk;

/**
 * Open a session. Nothing is read from the dump yet.
 * @param target how to read the machine; copied, but not what it points at
 * @param size sizeof(struct stk_target) as the program has it
 * @return the session, to be closed with stk_close(); NULL when memory is short,
 *	or the target's machine is none that can be read
 */
struct stk *stk_open(const struct stk_target *target, size_t size);

/**
 * Free the session and all that it returned.
 * @param s a session of stk_open(), not one of stk_dump_session(); or NULL
 */
void stk_close(struct stk *s);

/**
 * Why the last call failed. Each call that can fail forgets the text of those before.
 * @param s the session
 * @return one line that may be printed, valid until the next call; "" when it did not
 * fail
 */
const char *stk_error_text(const struct stk *s);

/**
 * A new question begins: it has all of its time again.
 *
 * What a dump makes us do is bounded, since in a damaged or hostile one lists may be
 * endless: by so many steps for each question, and so much memory for the session, that
 * an honest dump of that size (struct stk_target) needs a small part of them. What lies
 * beyond is cut off, or STK_ERR_LIMIT; stk_incomplete() tells. All that is asked from
 * one call of this to the next is one question; without any call, all of it is. Texts in
 * earlier answers stay valid.
 * @param s the session
 */
void stk_question(struct stk *s);

/**
 * What was cut off, as far as it concerns this question.
 * @param s the session
 * @param index from 0 on
 * @param text gets one line, cut to @p size
 * @param size room in @p text, in bytes
 * @return false when there are no more
 */
bool stk_incomplete(const struct stk *s, unsigned int index, char *text, size_t size);

/**
 * Distinct pages that a question met and the dump does not have, by the cause. A page
 * that nobody asked for is no loss. The counts are pages.
 */
struct stk_losses {
	uint64_t excluded; /**< left out when the dump was made */
	uint64_t cut_off;  /**< behind the end of the file: never written, or cut off */
	uint64_t io_error; /**< the file could not be read there */
	uint64_t damaged; /**< cannot be unpacked, or the file has no sound place of it */
	bool more;	  /**< there were more than are counted */
	uint64_t first;	  /**< the physical address of that which was met first */
	const char *what; /**< what was being read then; NULL: nothing in particular */
};

/**
 * What this question met.
 * @param s the session
 * @param[out] out set to what was lost
 * @param size sizeof(*out)
 * @return false: all that it wanted was there
 */
bool stk_get_losses(const struct stk *s, struct stk_losses *out, size_t size);

/**
 * Find out what kernel this is: release, CPUs, page tables, tasks. Every other call does
 * this by itself; call it to get a clear error early.
 * @param s the session
 * @return STK_OK, or why this is no kernel that can be understood
 */
enum stk_status stk_prepare(struct stk *s);

/**
 * Read kernel virtual memory, across pages; all or nothing.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param buf gets the bytes
 * @param len how many
 * @return STK_OK; STK_ERR_UNMAPPED: the kernel had no mapping there; STK_ERR_EXCLUDED,
 *	STK_ERR_CUT_OFF, STK_ERR_IO, STK_ERR_CORRUPT, STK_ERR_UNSUPPORTED: the dump does
 *	not have, or give, the page; STK_ERR_LIMIT
 */
enum stk_status stk_read(struct stk *s, uint64_t addr, void *buf, size_t len);

/**
 * Read a little-endian word of 64 bits.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param[out] value the word
 * @return as stk_read()
 */
enum stk_status stk_read_u64(struct stk *s, uint64_t addr, uint64_t *value);

/**
 * Read a little-endian word of 32 bits.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param[out] value the word
 * @return as stk_read()
 */
enum stk_status stk_read_u32(struct stk *s, uint64_t addr, uint32_t *value);

/**
 * Walk the kernel's page tables.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param[out] phys the physical address
 * @return STK_OK; STK_ERR_UNMAPPED: the kernel had no mapping there, or a page of the
 *	tables holds none; another error: a page of the tables cannot be had
 */
enum stk_status stk_translate(struct stk *s, uint64_t addr, uint64_t *phys);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
