/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LiME's own format (its "format=lime", src/lime.h), and version 1 of AVML's: for each
 * range of memory a header {le32 magic, version; le64 first, last address; 8 bytes}, and
 * the range behind it. There are no registers, and no notes.
 */
#include "lime.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reader.h"
#include "segments.h"

#define MAGIC	   0x4c694d45u
#define VERSION	   1u
#define MAX_RANGES 4096u /* firmware tells of some dozens */

struct lime_header {
	uint32_t magic, version;
	uint64_t first, last;
	uint64_t reserved;
};

/* The range whose header is at @at. */
static bool read_range(int fd, uint64_t at, struct stk_segment *g)
{
	struct lime_header h;

	if (pread(fd, &h, sizeof(h), (off_t)at) != sizeof(h) || h.magic != MAGIC ||
	    h.version != VERSION || h.last < h.first || h.last > INT64_MAX)
		return false;
	*g = (struct stk_segment){ h.first, h.last - h.first + 1, at + sizeof(h) };
	return g->size <= INT64_MAX - g->offset;
}

/* All of them; where the last one ends is @end. */
static struct stk_segments *read_ranges(int fd, uint64_t *end)
{
	struct stk_segments *s = stk_segments_new(fd, MAX_RANGES);
	uint64_t at = 0;

	while (s && s->nr < MAX_RANGES && read_range(fd, at, &s->seg[s->nr])) {
		at = s->seg[s->nr].offset + s->seg[s->nr].size;
		s->nr++;
	}
	*end = at;
	return s;
}

bool stk_is_lime(int fd)
{
	struct stk_segment first;

	return read_range(fd, 0, &first);
}

uint64_t stk_lime_size(int fd)
{
	uint64_t end;

	free(read_ranges(fd, &end));
	return end;
}

static bool lime_knows(const struct stk_files *files)
{
	return files->nr == 1 && stk_is_lime(files->fd[0]);
}

static enum stk_status lime_open(const struct stk_files *files, void **priv, char *error,
				 size_t size)
{
	uint64_t end, length = stk_files_length(files);

	*priv = read_ranges(files->fd[0], &end);
	if (!*priv) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	if (end >= length)
		return STK_OK;
	snprintf(
		error, size,
		"LiME's format: no header at byte %llu, where a range ends (written with "
		"\"compress=1\"?)",
		(unsigned long long)end);
	return STK_ERR_CORRUPT;
}

static void lime_close(void *priv)
{
	free(priv);
}

static enum stk_status lime_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	return stk_segments_read(priv, phys, buf, len);
}

static bool lime_next(void *priv, uint64_t *pfn)
{
	return stk_segments_next(priv, pfn);
}

const struct stk_reader_ops stk_lime_ops = {
	.knows = lime_knows,
	.open = lime_open,
	.close = lime_close,
	.read = lime_read,
	.next = lime_next,
	.size = stk_files_size,
	.machine = stk_image_machine,
};
