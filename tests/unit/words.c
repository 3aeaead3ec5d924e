/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "golden.h"

static char *told(words_tell *tell)
{
	char *text = NULL;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(fp);
	tell(fp);
	fclose(fp);
	return text;
}

static void put_word(uint64_t at, uint64_t word, size_t size)
{
	if (size == 8)
		syn_put64(m, at, word);
	else if (size == 4)
		syn_put32(m, at, (uint32_t)word);
	else
		syn_put8(m, at, (uint8_t)word);
}

void words_damage(const char *what, uint64_t at, size_t nr, size_t size, words_tell *tell)
{
	char *sound, *before = NULL;

	if (!golden)
		golden_setup();
	sound = told(tell);
	fprintf(golden, "-- %s\n%s\n", what, sound);
	for (size_t i = 0; i < nr; i++, at += size) {
		const uint64_t word = syn_get64(m, at);
		const uint64_t row[] = {
			0,	  1,	    (uint64_t)-1, word + 1,	     word - 1,
			word + 8, word - 8, word + 4096,  word ^ 1ull << 45, at,
		};

		for (size_t k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
			char *now;

			put_word(at, row[k], size);
			now = told(tell);
			if (strcmp(now, sound) != 0)
				fprintf(golden, "%zu/%zu: %s\n", i, k,
					before && !strcmp(now, before) ? "\"" : now);
			free(before);
			before = now;
		}
		put_word(at, word, size);
	}
	free(before);
	free(sound);
}

static char *told_of(const char *text, bytes_tell *tell)
{
	char *line = NULL;
	size_t len;
	FILE *fp = open_memstream(&line, &len);

	ck_assert_ptr_nonnull(fp);
	tell(fp, text);
	fclose(fp);
	return line;
}

void bytes_damage(const char *what, const char *text, bytes_tell *tell)
{
	static const char other[] = " :0zA[\n";
	const size_t len = strlen(text);
	char *sound, *before = NULL, *copy = malloc(len + 2);

	if (!golden)
		golden_setup();
	sound = told_of(text, tell);
	fprintf(golden, "-- %s\n%s\n", what, sound);
	for (size_t i = 0; i < len; i++)
		/* other[] with its end: without the byte. The last: twice. */
		for (size_t k = 0; k <= sizeof(other); k++) {
			const size_t skip = k < sizeof(other);
			char *now;

			snprintf(copy, len + 2, "%.*s%.1s%s", (int)(i + (skip == 0)),
				 text, skip ? other + k : "", text + i + skip);
			now = told_of(copy, tell);
			if (strcmp(now, sound) != 0)
				fprintf(golden, "%zu/%zu: %s\n", i, k,
					before && !strcmp(now, before) ? "\"" : now);
			free(before);
			before = now;
		}
	free(copy);
	free(before);
	free(sound);
}
