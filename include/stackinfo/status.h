/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Errors are values.
 *
 * Every function of libstackinfo that can fail returns an enum stk_status. For a failure
 * the session (struct stk) also keeps one line of text, until the next call: see
 * stk_error_text(). "No memory" and "interrupted" are never an answer such as "not found".
 */
#ifndef STACKINFO_STATUS_H
#define STACKINFO_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* clang-format off */
/**
 * All statuses: name and text. A new one goes to the end, since programs were compiled
 * with the numbers.
 */
#define STK_STATUSES(X)                                                        \
	X(STK_OK, "success")                                                   \
	X(STK_ERR_NOMEM, "out of memory")                                      \
	X(STK_ERR_ARG, "invalid argument")                                     \
	X(STK_ERR_IO, "cannot read the dump file")                             \
	X(STK_ERR_UNMAPPED, "address is not mapped")                           \
	X(STK_ERR_EXCLUDED, "page is not in the dump")                         \
	X(STK_ERR_NO_SYMBOL, "no such symbol")                                 \
	X(STK_ERR_NO_TYPE, "no such type or member")                           \
	X(STK_ERR_NO_REGS, "no registers were saved")                          \
	X(STK_ERR_NOT_FOUND, "not found")                                      \
	X(STK_ERR_CORRUPT, "a data structure in the dump is damaged")          \
	X(STK_ERR_UNSUPPORTED, "not supported")                                \
	X(STK_ERR_INTERRUPTED, "interrupted")                                  \
	X(STK_ERR_LIMIT, "the dump asks for more than it can need: damaged or hostile") \
	X(STK_ERR_CUT_OFF, "page lies behind the end of the dump file")

/* clang-format on */
/** What became of a call; each is explained by its text in STK_STATUSES. */
enum stk_status {
#define STK_STATUS_ENUM(name, text) name,
	STK_STATUSES(STK_STATUS_ENUM)
#undef STK_STATUS_ENUM
		STK_NR_STATUS /**< how many there are */
};

/**
 * The fixed text of a status.
 * @param status what a call returned
 * @return a clause such as "out of memory"; static, never NULL
 * Any thread may call it.
 */
const char *stk_status_text(enum stk_status status);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
