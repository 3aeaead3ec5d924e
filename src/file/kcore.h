/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kcore.h - the memory of the machine that we run on; reader.h has how to read it. */
#ifndef STK_KCORE_H
#define STK_KCORE_H

#include <stdbool.h>

/* Is it /proc/kcore? */
bool stk_is_kcore(int fd);

#endif
