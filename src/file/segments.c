/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segments.h"

#include <stdlib.h>
#include <unistd.h>

#include "reader.h"

struct stk_segments *stk_segments_new(int fd, size_t room)
{
	struct stk_segments *s = calloc(1, sizeof(*s) + room * sizeof(s->seg[0]));

	if (s) {
		s->fd = fd;
		s->page_size = STK_SMALLEST_PAGE;
	}
	return s;
}

enum stk_status stk_segments_read(const struct stk_segments *s, uint64_t phys, void *buf,
				  size_t len)
{
	enum stk_status st = STK_ERR_EXCLUDED;

	/* They may overlap. */
	for (size_t i = 0; st && i < s->nr; i++) {
		const struct stk_segment *g = &s->seg[i];
		ssize_t got;

		if (phys < g->phys || phys - g->phys >= g->size ||
		    len > g->size - (phys - g->phys))
			continue;
		got = pread(s->fd, buf, len, (off_t)(g->offset + (phys - g->phys)));
		if (got < 0)
			st = STK_ERR_IO;
		else
			st = (size_t)got == len ? STK_OK : STK_ERR_CUT_OFF;
	}
	return st;
}

bool stk_segments_next(const struct stk_segments *s, uint64_t *pfn)
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < s->nr; i++) {
		const struct stk_segment *g = &s->seg[i];
		uint64_t first = g->phys / s->page_size + !!(g->phys % s->page_size);
		uint64_t end = (g->phys + g->size) / s->page_size;

		if (first < *pfn)
			first = *pfn;
		if (first < end && first < best)
			best = first;
	}
	*pfn = best;
	return best != UINT64_MAX;
}
