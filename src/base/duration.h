/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_DURATION_H
#define STK_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* "0:01:40", "3 days 4:05:06" into @text, which is returned. */
const char *stk_duration_text(uint64_t seconds, char *text, size_t size);

#endif
