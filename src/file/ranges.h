/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ranges.h - where a machine's memory was, as a user says it. */
#ifndef STK_RANGES_H
#define STK_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STK_MAX_RANGES 256u

struct stk_ranges {
	size_t nr;
	struct stk_range {
		uint64_t begin, end; /* of physical memory; the first byte behind it */
	} range[STK_MAX_RANGES];
};

/*
 * @text: "BEGIN-END,BEGIN-END,…", END being the last byte, or a multiple of 4096 behind
 * it, or nothing: as far as the file reaches; numbers as C has them, with K, M or G. Or
 * the name of a file that is a copy of the machine's /proc/iomem. Ascending, without
 * overlap. False: @error, of @size bytes, says why.
 */
bool stk_ranges_parse(struct stk_ranges *r, const char *text, char *error, size_t size);

#endif
