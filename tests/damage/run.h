/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.h - tries of a row, and what became of them. */
#ifndef DAMAGE_RUN_H
#define DAMAGE_RUN_H

#include <stdio.h>

#include "classes.h"
#include "judge.h"

struct result {
	uint64_t tried;
	uint64_t verdict[NR_VERDICTS]; /* STRONG: outside of the classes */
	uint64_t classed[MAX_CLASSES];
	uint64_t nr_classed;
};

struct run {
	const char *path;
	struct inventory v;
	uint64_t seed;
	uint64_t tries; /* a row, at most */
	uint64_t show;	/* of each kind, a row */
	uint64_t check; /* a fresh session judges one try in so many, too; 0: none */
	uint64_t tried, checked, wrong;
	bool progress;
};

void run_row(struct run *r, const struct row *row, struct result *out);

/* The worst that @a does; of that, whose chain and which class. */
struct outcome {
	enum verdict verdict;
	const struct class *class; /* of STRONG */
	const struct subject *subject;
};

enum run_how {
	RUN_QUICK, /* the chains that the row names or the words were read for */
	RUN_FRESH, /* the same in a session that shares nothing */
	RUN_ALL,   /* all chains */
};

/* False when @a changes nothing. @say: a line for each chain that is not the true one. */
bool run_attempt(struct run *r, const struct attempt *a, enum run_how how, FILE *say,
		 struct outcome *out);

/* struct replay - what makes the same case of a row again. */
struct replay {
	const struct row *row;
	uint64_t n, random;
};

bool make_again(struct inventory *v, const struct replay *replay, struct attempt *out);

#endif
