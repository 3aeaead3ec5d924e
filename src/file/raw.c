/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory and nothing else: what dd, QEMU's pmemsave or LiME's "format=padded" and
 * "format=raw" write, and .vmem files. Nothing in it says what it is, or where it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ranges.h"
#include "reader.h"
#include "segments.h"

static bool raw_knows(const struct stk_files *files)
{
	return files->memory;
}

/* The ranges one behind the other, as far as the file reaches. */
static enum stk_status raw_open(const struct stk_files *files, void **priv, char *error,
				size_t size)
{
	const struct stk_ranges *r = files->memory;
	struct stk_segments *s = stk_segments_new(files->fd[0], r->nr);
	uint64_t at = 0, length = stk_files_length(files);

	*priv = s;
	if (!s) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	for (size_t i = 0; i < r->nr && at < length; i++) {
		uint64_t all = r->range[i].end - r->range[i].begin, left = length - at;
		uint64_t here = all < left ? all : left;

		s->seg[s->nr++] = (struct stk_segment){ r->range[i].begin, here, at };
		at += here;
	}
	if (at == length)
		return STK_OK;
	snprintf(error, size, "the memory that was given (-m) is smaller than the file");
	return STK_ERR_ARG;
}

static void raw_close(void *priv)
{
	free(priv);
}

static enum stk_status raw_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	return stk_segments_read(priv, phys, buf, len);
}

static bool raw_next(void *priv, uint64_t *pfn)
{
	return stk_segments_next(priv, pfn);
}

const struct stk_reader_ops stk_raw_ops = {
	.knows = raw_knows,
	.open = raw_open,
	.close = raw_close,
	.read = raw_read,
	.next = raw_next,
	.size = stk_files_size,
	.machine = stk_image_machine,
};
