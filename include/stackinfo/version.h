/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Which version this is. The only place that says so: the Makefile reads it here.
 *
 * A function or a member that is new is named with the version that brought it. The
 * library's soname changes when a program built before cannot use it any more.
 */
#ifndef STACKINFO_VERSION_H
#define STACKINFO_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Version of these headers: changes when a program may have to be changed. */
#define STK_VERSION_MAJOR 1
/** Version of these headers: changes when something was added. */
#define STK_VERSION_MINOR 0
/** Version of these headers: changes when something was mended. */
#define STK_VERSION_PATCH 0

/** Three parts of a version as one number, to be compared with less and greater. */
#define STK_MAKE_VERSION(major, minor, patch) ((major) << 16 | (minor) << 8 | (patch))
/** The version of these headers as one number. */
#define STK_VERSION_NUMBER                                                               \
	STK_MAKE_VERSION(STK_VERSION_MAJOR, STK_VERSION_MINOR, STK_VERSION_PATCH)

/**
 * The version of the library that the program runs with, as text.
 * @return such as "1.0.0"; static, never NULL
 * Any thread may call it.
 */
const char *stk_version(void);

/**
 * The version of the library that the program runs with, as a number.
 * @return as STK_VERSION_NUMBER was when the library was built
 * Any thread may call it.
 */
unsigned int stk_version_number(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
