/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>

/* The first that knows such files has them; the last says of any what it is not. */
static const struct stk_reader_ops *const readers[] = { &stk_raw_ops, &stk_kcore_ops,
							&stk_lime_ops, &stk_kdump_ops };

const char *stk_image_machine(void *priv)
{
	return "x86_64";
}

struct stk_reader {
	const struct stk_files *files;
	const struct stk_reader_ops *by;
	void *priv;
};

enum stk_status stk_reader_open(const struct stk_files *files, struct stk_reader **out,
				char *error, size_t size)
{
	struct stk_reader *r = calloc(1, sizeof(*r));
	size_t i = 0;

	*out = r;
	if (!r) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	r->files = files;
	while (i + 1 < sizeof(readers) / sizeof(readers[0]) && !readers[i]->knows(files))
		i++;
	r->by = readers[i];
	return r->by->open(files, &r->priv, error, size);
}

void stk_reader_close(struct stk_reader *r)
{
	if (!r)
		return;
	r->by->close(r->priv);
	free(r);
}

enum stk_status stk_reader_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	struct stk_reader *r = priv;

	return r->by->read(r->priv, phys, buf, len);
}

bool stk_reader_next(void *priv, uint64_t *pfn)
{
	struct stk_reader *r = priv;

	return r->by->next(r->priv, pfn);
}

uint64_t stk_reader_page_size(const struct stk_reader *r)
{
	return r->by->page_size ? r->by->page_size(r->priv) : STK_SMALLEST_PAGE;
}

uint64_t stk_reader_size(const struct stk_reader *r)
{
	return r->by->size(r->files);
}

const char *stk_reader_machine(const struct stk_reader *r)
{
	return r->by->machine ? r->by->machine(r->priv) : NULL;
}

bool stk_reader_packed(const struct stk_reader *r)
{
	return r->by->packed && r->by->packed(r->priv);
}
