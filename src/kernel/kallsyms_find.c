/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Up to 6.3 (scripts/kallsyms.c, write_src()) the tables lie in the read-only data in
 * this order, each aligned to 8 bytes:
 *
 *	offsets, relative_base		or, without KALLSYMS_BASE_RELATIVE, addresses
 *	num_syms, names, markers, token_table, token_index
 *
 * The token table is easy to know: 256 strings, of which those for the digits are the
 * digits themselves, since every kernel has symbols with each of them; and the index
 * behind it says where each string begins. From there the rest is found backwards: the
 * markers (the place in names of each 256th symbol) rise from 0; the number of symbols
 * must fit theirs, and the names, walked from behind it, must pass each marker.
 */
#include "kallsyms_find.h"

#include <stdlib.h>
#include <string.h>

#include "../machine/memory.h"
#include "../machine/watch.h"

#define NR_TOKENS    256u
#define FIRST_DIGIT  '0'
#define IMAGE_SIZE   (128u << 20) /* more than any; the image's own area is 1 GiB */
#define CHUNK	     (64u << 10)
#define MAX_TABLE    (64u << 10) /* token_index is made of 16-bit numbers */
#define MAX_TOKEN    128u
#define MAX_NAMES    (32u << 20)
#define PER_MARKER   256u
#define NAMES_A_STEP 4u
#define MAX_NAME     512u
#define MAX_SYMBOLS  (4u << 20)

static uint64_t align8(uint64_t x)
{
	return (x + 7) & ~7ull;
}

/*
 * Pages that cannot be read are no part of any table: zeros there mean no harm. What is
 * passed in the search is nothing that was wanted.
 */
static void read_or_zero(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	stk_watch_search(s, true);
	while (len) {
		size_t n = stk_in_page(s, addr, len);

		if (stk_read(s, addr, p, n))
			memset(p, 0, n);
		addr += n;
		p += n;
		len -= n;
	}
	stk_watch_search(s, false);
}

/* Are these the 256 strings at @start, with their index behind them? */
static bool check_tokens(struct stk *s, uint64_t start, const char *text, size_t size,
			 struct stk_kallsyms_tables *out)
{
	uint16_t index[NR_TOKENS];
	size_t at[NR_TOKENS], pos = 0;

	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		size_t len = strnlen(text + pos, size - pos);

		if (len == size - pos)
			return false;
		at[i] = pos;
		pos += len + 1;
	}
	out->token_table = start;
	out->token_index = align8(start + pos);
	if (stk_read(s, out->token_index, index, sizeof(index)))
		return false;
	for (unsigned int i = 0; i < NR_TOKENS; i++)
		if (index[i] != at[i])
			return false;
	return true;
}

/* @digit: the address of the string "0", the FIRST_DIGIT-th of the tokens. */
static bool find_tokens(struct stk *s, uint64_t digit, struct stk_kallsyms_tables *out)
{
	size_t before = FIRST_DIGIT * MAX_TOKEN, size = before + MAX_TABLE;
	char *text = malloc(size + 1);
	unsigned int strings = 0;
	bool found = false;

	if (text)
		read_or_zero(s, digit - before, text, size);
	/* Each zero below is the end of a string, or padding before the table. */
	for (size_t back = 1; text && back < before && !found; back++) {
		if (!text[before - back])
			strings++;
		if ((digit - back) % 8 == 0 && strings == FIRST_DIGIT)
			found = check_tokens(s, digit - back, text + before - back,
					     size - before + back, out);
	}
	free(text);
	return found;
}

/* The markers end where the tokens begin; returns how many, 0 when these are none. */
static uint32_t find_markers(struct stk *s, uint64_t end, unsigned int width,
			     uint64_t *start, uint64_t *last)
{
	uint64_t value, above = UINT64_MAX;
	uint32_t nr = 0;

	*last = 0;
	for (uint64_t at = end - width;; at -= width) {
		value = 0;
		if (nr == MAX_SYMBOLS / PER_MARKER || stk_read(s, at, &value, width) ||
		    value >= above || value > MAX_NAMES)
			return 0;
		if (!nr++)
			*last = value;
		if (!value) {
			*start = at;
			return nr;
		}
		above = value;
	}
}

struct names {
	struct stk *s;
	const unsigned char *p;
	size_t size;
	const unsigned char *markers;
	unsigned int width;
};

/* Do @nr names fill the table from @pos on, each 256th of them at its marker? */
static bool check_names(const struct names *n, size_t pos, uint32_t nr)
{
	size_t begin = pos;

	for (uint32_t i = 0; i < nr; i++) {
		uint64_t marker = 0;
		size_t len;

		if (i % PER_MARKER == 0) {
			memcpy(&marker, n->markers + i / PER_MARKER * n->width, n->width);
			if (marker != pos - begin ||
			    !stk_spend(n->s, PER_MARKER / NAMES_A_STEP))
				return false;
		}
		if (pos >= n->size)
			return false;
		len = n->p[pos++];
		/* Since 6.1 a length may have a second byte, commit 73bbb94466fd. */
		if (len & 0x80 && pos < n->size)
			len = (len & 0x7f) | (size_t)n->p[pos++] << 7;
		if (!len)
			return false;
		pos += len;
	}
	/* One that leads out of the table is behind its end, far from it as unsigned. */
	return n->size - pos < 8;
}

/* The number of symbols, and the names behind it, somewhere below the markers. */
static bool find_names(struct stk *s, uint64_t markers, uint32_t nr_markers,
		       uint64_t last, unsigned int width, struct stk_kallsyms_tables *out)
{
	/* From the last marker's name on there are at most 256 more. */
	uint64_t size = last + PER_MARKER * MAX_NAME;
	unsigned char *p = malloc(size), *m = malloc((size_t)nr_markers * width);
	struct names n = { s, p, size, m, width };
	bool found = false;

	if (p && m && !stk_read(s, markers, m, (size_t)nr_markers * width)) {
		uint64_t base = markers - size;

		read_or_zero(s, base, p, size);
		for (uint64_t at = markers - align8(last) - 8; at >= base && !found;
		     at -= 8) {
			uint64_t nr = 0;

			memcpy(&nr, p + (at - base), 8);
			if (nr > (uint64_t)nr_markers * PER_MARKER ||
			    nr <= (uint64_t)(nr_markers - 1) * PER_MARKER)
				continue;
			if (!stk_spend(s, 1))
				break;
			found = check_names(&n, at + 8 - base, (uint32_t)nr);
			out->num_syms = at;
			out->names = at + 8;
		}
	}
	free(p);
	free(m);
	return found;
}

/* What is right below the number of symbols: addresses, or offsets and their base. */
static bool find_addresses(struct stk *s, uint64_t begin, struct stk_kallsyms_tables *out)
{
	uint64_t base;
	uint32_t nr;

	if (stk_read_u32(s, out->num_syms, &nr) ||
	    stk_read_u64(s, out->num_syms - 8, &base))
		return false;
	/*
	 * The base is the lowest address in the table that is not a per-CPU symbol's: the
	 * beginning of the image, or what lies not far below it. Of a table of addresses
	 * this is the last one: of the image's end.
	 */
	if (begin - base < IMAGE_SIZE) {
		out->relative_base = out->num_syms - 8;
		out->offsets = (out->relative_base - nr * 4ull) & ~7ull;
	} else {
		out->addresses = out->num_syms - nr * 8ull;
	}
	return true;
}

static bool check_candidate(struct stk *s, uint64_t begin, uint64_t digit,
			    struct stk_kallsyms_tables *out)
{
	/* unsigned long up to 4.19, int since 4.20 (commit 80ffbaa5b1bd). */
	static const struct {
		unsigned int width, padding; /* behind them, up to a multiple of 8 */
	} markers[] = { { 4, 0 }, { 4, 4 }, { 8, 0 } };

	if (!find_tokens(s, digit, out))
		return false;
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		unsigned int width = markers[i].width;
		uint64_t start, last;
		uint32_t nr = find_markers(s, out->token_table - markers[i].padding,
					   width, &start, &last);

		if (nr && find_names(s, start, nr, last, width, out))
			return find_addresses(s, begin, out);
	}
	return false;
}

bool stk_kallsyms_find(struct stk *s, uint64_t begin, struct stk_kallsyms_tables *out)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	/* The string before "0" ends with a zero, too: an anchor for memmem(). */
	size_t len = sizeof(digits), keep = len - 1;
	char *buf = malloc(CHUNK + keep);
	bool found = false;

	memset(out, 0, sizeof(*out));
	begin -= stk_page_offset(s, begin);
	if (buf)
		memset(buf, 0, keep);
	for (uint64_t at = begin; buf && !found && at - begin < IMAGE_SIZE; at += CHUNK) {
		char *p = buf, *end = buf + keep + CHUNK;

		if (!stk_spend(s, 1))
			break;
		read_or_zero(s, at, buf + keep, CHUNK);
		while (!found && (p = memmem(p, (size_t)(end - p), digits, len))) {
			found = check_candidate(s, begin, at + (uint64_t)(p - buf) - keep,
						out);
			p++;
		}
		memmove(buf, buf + CHUNK, keep);
	}
	free(buf);
	return found;
}
