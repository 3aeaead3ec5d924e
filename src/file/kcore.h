/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kcore.h - the memory of the machine that we run on, from /proc/kcore. */
#ifndef STK_KCORE_H
#define STK_KCORE_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stk_kcore;

bool stk_is_kcore(int fd);

/* NULL: it cannot be read, or has no physical addresses (before 4.13). Keeps @fd. */
struct stk_kcore *stk_kcore_open(int fd);
void stk_kcore_close(struct stk_kcore *k);

/* Within a page. */
enum stk_status stk_kcore_read(struct stk_kcore *k, uint64_t phys, void *buf, size_t len);

/* Go to the first page of memory that is not below *@pfn; false: there is none. */
bool stk_kcore_next(const struct stk_kcore *k, uint64_t *pfn);

#endif
