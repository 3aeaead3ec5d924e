/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Errors are values.
 *
 * Every function of libstackinfo that can fail returns an enum stk_status. For a failure
 * the session (struct stk) also keeps one line of text, until the next call: see
 * stk_error_text(). "No memory" and "interrupted" are never an answer such as "not
 * found".
 */
#ifndef STACKINFO_STATUS_H
#define STACKINFO_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* clang-format off */
/**
 * All statuses: name, code and text. A new one goes to the end, since programs were
 * compiled with the numbers. A code never changes; a text may.
 */
#define STK_STATUSES(X)                                                        \
	X(STK_OK, "ok", "success")                                             \
	X(STK_ERR_NOMEM, "no_memory", "out of memory")                         \
	X(STK_ERR_ARG, "bad_argument", "invalid argument")                     \
	X(STK_ERR_IO, "io", "cannot read the dump file")                       \
	X(STK_ERR_UNMAPPED, "unmapped", "address is not mapped")               \
	X(STK_ERR_EXCLUDED, "excluded", "page is not in the dump")             \
	X(STK_ERR_NO_SYMBOL, "no_symbol", "no such symbol")                    \
	X(STK_ERR_NO_TYPE, "no_type", "no such type or member")                \
	X(STK_ERR_NO_REGS, "no_regs", "no registers were saved")               \
	X(STK_ERR_NOT_FOUND, "not_found", "not found")                         \
	X(STK_ERR_CORRUPT, "corrupt", "a data structure in the dump is damaged") \
	X(STK_ERR_UNSUPPORTED, "unsupported", "not supported")                 \
	X(STK_ERR_INTERRUPTED, "interrupted", "interrupted")                   \
	X(STK_ERR_LIMIT, "limit",                                              \
	  "the dump asks for more than it can need: damaged or hostile")       \
	X(STK_ERR_CUT_OFF, "cut_off", "page lies behind the end of the dump file")

/* clang-format on */
/** What became of a call; each is explained by its text in STK_STATUSES. */
enum stk_status {
#define STK_STATUS_ENUM(name, code, text) name,
	STK_STATUSES(STK_STATUS_ENUM)
#undef STK_STATUS_ENUM
		STK_NR_STATUS /**< how many there are */
};

/**
 * The code of a status, for programs and scripts.
 * @param status what a call returned
 * @return a word such as "no_memory"; static, never NULL
 * Any thread may call it.
 */
const char *stk_status_name(enum stk_status status);

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
