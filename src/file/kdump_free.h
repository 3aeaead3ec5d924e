/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_KDUMP_FREE_H
#define STK_KDUMP_FREE_H

#include <libkdumpfile/kdumpfile.h>

/* kdump_free(), but for a context that cannot be freed: see kdump_free.c. */
void stk_kdump_free(kdump_ctx_t *ctx);

#endif
