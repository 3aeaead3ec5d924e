/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sum.h - many reports, counted by their signatures. */
#ifndef STK_SUM_H
#define STK_SUM_H

#include <stdint.h>
#include <stdio.h>

#include "../base/arena.h"
#include "../base/hash.h"

struct json_object;

#define STK_SUM_DUMPS	4u /* that are named of a signature */
#define STK_SUM_KERNELS 8u /* the same */

struct stk_sum_kernel {
	const char *release;
	size_t count;
};

/* Those that died of the same. Texts are safe to print. */
struct stk_sum_crash {
	const char *title, *hash, *kind;
	const char *module; /* of the culprit; "": none */
	bool by_title;	    /* without a culprit the hash is that of the kind alone */
	size_t count;
	int64_t first, last; /* when, in seconds since 1970; 0: not known */
	struct stk_sum_kernel kernel[STK_SUM_KERNELS];
	size_t nr_kernels;
	const char *dump[STK_SUM_DUMPS];
	size_t nr_dumps;
};

/* A dump without an answer. */
struct stk_sum_failure {
	const char *dump, *error;
};

struct stk_sum {
	struct stk_arena arena;
	struct stk_sum_crash *crash; /* after stk_sum_sort(): the most frequent first */
	size_t nr, room;
	struct stk_hash by_signature;
	size_t nr_reports, nr_lived,
		nr_wrong; /* lines; of machines alive; that are none */
	struct stk_sum_failure *failure;
	size_t nr_failures, room_failures;
};

/* A line of --batch, or a report or oops document by itself. False: no memory. */
bool stk_sum_line(struct stk_sum *sum, const char *line, size_t len);
void stk_sum_sort(struct stk_sum *sum);
void stk_sum_free(struct stk_sum *sum);

void stk_sum_print(FILE *fp, const struct stk_sum *sum);
void stk_sum_json(struct json_object *doc, const struct stk_sum *sum);

#endif
