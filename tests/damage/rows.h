/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows.h - the kinds of damage: a row each, that makes as many cases as are asked for. */
#ifndef DAMAGE_ROWS_H
#define DAMAGE_ROWS_H

#include "inventory.h"

#define MAX_CHANGES  512 /* the words of a page */
#define MAX_SUBJECTS 16

/* struct attempt - words that are changed together. */
struct attempt {
	struct change change[MAX_CHANGES];
	size_t nr;
	/* Whose chains to look at beside those that the words are read for. */
	uint32_t subject[MAX_SUBJECTS];
	size_t nr_subjects;
	bool whole; /* what is kept of the sound machine may come from these words */
};

#define NO_END UINT64_MAX

struct row {
	const char *name, *text;
	/* How many different cases there are; 0: none in this dump. NO_END: too many. */
	uint64_t (*count)(struct inventory *v);
	/* Case @n of them; false when that changes nothing, or what is not meant. */
	bool (*make)(struct inventory *v, uint64_t n, uint64_t *random,
		     struct attempt *out);
};

struct row_table {
	const struct row *row;
	size_t nr;
};

extern const struct row_table rows_start, rows_stack, rows_torn, rows_machine;

uint64_t next_random(uint64_t *state);

/* The remainder of *@n by @nr, which *@n is divided by. */
static inline uint64_t take(uint64_t *n, uint64_t nr)
{
	uint64_t r = *n % nr;

	*n /= nr;
	return r;
}

/* Change the word at the virtual address, or a part of it. */
bool put(struct inventory *v, struct attempt *a, uint64_t virt, uint64_t value);
bool put_bytes(struct inventory *v, struct attempt *a, uint64_t virt, const void *data,
	       size_t size);
void look_at(struct attempt *a, uint32_t subject);

/* Look at the chains of all CPUs, and at the live view of @cpu; of the task. */
void look_at_cpus(struct inventory *v, struct attempt *a, int cpu);
void look_at_task(struct inventory *v, struct attempt *a, uint64_t task);

/* Is the instruction before @addr a call? @target: of a direct one, else 0. */
bool follows_call(struct inventory *v, uint64_t addr, uint64_t *target);

/* Any address in the kernel's code; one that follows a call. */
uint64_t random_text(struct inventory *v, uint64_t *random);
uint64_t random_call(struct inventory *v, uint64_t *random);

#endif
