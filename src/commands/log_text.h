/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log_text.h - the log of a dump as one text, as dmesg would print it with callers. */
#ifndef STK_LOG_TEXT_H
#define STK_LOG_TEXT_H

#include <stackinfo/session.h>

/* @text: to be freed, whatever is returned; NULL with a failure. */
enum stk_status stk_log_text(struct stk *s, char **text, size_t *size);

#endif
