/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump_kept.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEAD 8u

enum stk_status stk_kept_write(const struct stk_words *w, void **desc, size_t *size)
{
	enum stk_status st;
	unsigned char *out;
	uLongf packed;
	void *plain;
	uint64_t len;

	*desc = NULL;
	st = stk_words_write(w, &plain, size);
	if (st)
		return st;
	len = *size;
	packed = compressBound(len);
	out = malloc(HEAD + packed);
	if (out &&
	    compress2(out + HEAD, &packed, plain, len, Z_BEST_COMPRESSION) == Z_OK) {
		memcpy(out, &len, HEAD);
		*desc = out;
	} else {
		free(out);
	}
	free(plain);
	*size = HEAD + packed;
	return *desc ? STK_OK : STK_ERR_NOMEM;
}

enum stk_status stk_kept_read(const void *desc, size_t size, struct stk_words **out)
{
	enum stk_status st = STK_ERR_CORRUPT;
	unsigned char *plain;
	uint64_t len;
	uLongf got;

	*out = NULL;
	if (size < HEAD)
		return st;
	memcpy(&len, desc, HEAD);
	if (len > stk_words_most_bytes())
		return st;
	plain = malloc(len + 1);
	if (!plain)
		return STK_ERR_NOMEM;
	got = len;
	if (uncompress(plain, &got, (const Bytef *)desc + HEAD, size - HEAD) == Z_OK &&
	    got == len)
		st = stk_words_read(plain, len, out);
	free(plain);
	return st;
}
