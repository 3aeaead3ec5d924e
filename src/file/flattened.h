/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flattened.h - makedumpfile's format for pipes, put in order. */
#ifndef STK_FLATTENED_H
#define STK_FLATTENED_H

#include <stackinfo/status.h>
#include <stdbool.h>

bool stk_is_flattened(int fd);

/*
 * Copy the dump within the stream @fd to where it belongs in the empty file @to. The
 * stream may be cut off: what came before that is there then, and *cut says so.
 */
enum stk_status stk_unflatten(int fd, int to, bool *cut);

#endif
