/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of memory: zero, those of another place, or of an older time. */
#include "rows.h"

#define LINE 64ull

/* @size bytes at @to are those at @from; 0: zeroes. */
static bool copy(struct inventory *v, struct attempt *a, uint64_t to, uint64_t from,
		 uint64_t size)
{
	for (uint64_t i = 0; i < size; i += 8) {
		uint64_t value = 0;

		if ((from && !engine_word(v->e, from + i, &value)) ||
		    !put(v, a, to + i, value))
			return false;
	}
	return true;
}

static uint64_t count_word(struct inventory *v)
{
	return v->words.nr;
}

static uint64_t count_words(struct inventory *v)
{
	return v->words.nr * v->words.nr;
}

static bool make_line_zero(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	return copy(v, a, v->words.site[n].at & ~(LINE - 1), 0, LINE);
}

static bool make_line_other(struct inventory *v, uint64_t n, uint64_t *random,
			    struct attempt *a)
{
	const struct site *x = &v->words.site[take(&n, v->words.nr)];
	const struct site *y = &v->words.site[n];

	return copy(v, a, x->at & ~(LINE - 1), y->at & ~(LINE - 1), LINE);
}

static uint64_t count_place(struct inventory *v)
{
	return v->places.nr;
}

static uint64_t count_places(struct inventory *v)
{
	return v->places.nr * v->places.nr;
}

static bool make_page_zero(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	return copy(v, a, v->places.site[n].at & ~(PAGE - 1), 0, PAGE);
}

static bool make_page_other(struct inventory *v, uint64_t n, uint64_t *random,
			    struct attempt *a)
{
	uint64_t x = v->places.site[take(&n, v->places.nr)].at & ~(PAGE - 1);
	uint64_t y = v->places.site[n].at & ~(PAGE - 1);

	return x != y && copy(v, a, x, y, PAGE);
}

/* Such a page up to a word, or from it on, as a write that was cut short leaves it. */
static bool make_page_torn(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	uint64_t x = v->places.site[take(&n, v->places.nr)].at & ~(PAGE - 1);
	uint64_t y = v->places.site[n].at & ~(PAGE - 1);
	uint64_t word = v->words.site[next_random(random) % v->words.nr].at & (PAGE - 8);

	if (x == y)
		return false;
	return next_random(random) & 1 ? copy(v, a, x, y, word)
				       : copy(v, a, x + word, y + word, PAGE - word);
}

static const struct row rows[] = {
	{ "line-zero", "64 bytes of the live part: zeroes", count_word, make_line_zero },
	{ "line-other", "64 bytes of the live part: others of a live part", count_words,
	  make_line_other },
	{ "page-zero", "a page with live frames: zeroes", count_place, make_page_zero },
	{ "page-other", "a page with live frames: another such page", count_places,
	  make_page_other },
	{ "page-torn", "a page with live frames: in part another such page", count_places,
	  make_page_torn },
};

const struct row_table rows_torn = { rows, sizeof(rows) / sizeof(rows[0]) };
