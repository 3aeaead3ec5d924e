/* SPDX-License-Identifier: GPL-2.0-or-later */
/* segments.h - physical memory that lies in a file as it is, in pieces. */
#ifndef STK_SEGMENTS_H
#define STK_SEGMENTS_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stk_segment {
	uint64_t phys, size, offset;
};

struct stk_segments {
	int fd;		    /* the caller's */
	uint64_t page_size; /* of the machine; the smallest there is, until it is set */
	size_t nr;
	struct stk_segment seg[];
};

/* With room for @room of them, and none yet; free() it. NULL: short of memory. */
struct stk_segments *stk_segments_new(int fd, size_t room);

/* STK_ERR_EXCLUDED, STK_ERR_CUT_OFF, or STK_ERR_IO. */
enum stk_status stk_segments_read(const struct stk_segments *s, uint64_t phys, void *buf,
				  size_t len);

/* Go to the first whole page that is not below *@pfn; false: there is none. */
bool stk_segments_next(const struct stk_segments *s, uint64_t *pfn);

#endif
