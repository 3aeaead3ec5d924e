/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - where the log buffer is; what is in it, stk_log() tells. */
#ifndef STK_LOG_H
#define STK_LOG_H

#include "../base/context.h"

#define STK_LOG_BUFFERS 3u

/*
 * The pieces of memory that it is made of, with what is not in use now; returns how many.
 * 0: there is none, or it was left out.
 */
size_t stk_log_buffers(struct stk *s, uint64_t begin[STK_LOG_BUFFERS],
		       uint64_t end[STK_LOG_BUFFERS]);

/* When the last message was printed, in nanoseconds since boot; 0: there is none. */
enum stk_status stk_log_last(struct stk *s, uint64_t *ns);

#endif
