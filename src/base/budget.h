/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * budget.h - how much time and memory a dump may cost, in total.
 *
 * A list in a damaged or hostile dump may be endless, and page tables can show the same
 * page at any number of addresses: a limit for each list bounds nothing. So all that
 * loops over a dump's data draws on one budget, which the session owns:
 *
 *   steps  a read from the page cache is one, and one more for each 64 bytes; a page that
 *          must be fetched 64, as is a page table; a probe of a hash table, a member of a
 *          type, an entry of a list one. About 20 to 100 ns each.
 *   bytes  what is allocated for the session
 *   answer bytes that an answer takes until it is printed: texts, chains, rows
 *
 * The limits grow with what the dump file holds, because honest tables and lists are
 * made of distinct bytes in it:
 *
 *   steps  256 Mi, and one for each byte of the file; for each question anew
 *   bytes  256 MiB, and a quarter of the file; for the session
 *   answer 512 MiB, and four times the file; for each question anew
 *
 * Where a file's size is not known, the floor alone holds.
 *
 * A purse is the share of one room: of a list, a table, a chain. When it is empty, what
 * was found until then is kept and said to be incomplete, and all else still has its own
 * share. Purses nest, and what is taken from an inner one is taken from those around it,
 * too; but not when a table is read that is kept for all questions: that it was a chain
 * that came to need it first is no fault of the chain.
 */
#ifndef STK_BUDGET_H
#define STK_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STK_MIN_STEPS	(256ull << 20)
#define STK_MIN_BYTES	(256ull << 20)
#define STK_MIN_ANSWER	(512ull << 20)
#define STK_FETCH_STEPS 64u
#define STK_MAX_CUTS	16u

struct stk_purse {
	const char *what; /* of the dump it is for: the subject of a sentence */
	bool kept;	  /* for what is read once; also what is cut stays so */
	bool cut;	  /* it was used up */
	bool starved;	  /* what is around it was: what is missing may be had later */
	uint64_t steps, bytes; /* that are left */
	uint64_t question;     /* that the steps are of; 0: never opened */
	unsigned int share;
	struct stk_purse *outer; /* while it is open */
};

/* What was cut off, and at which limit. */
struct stk_cut {
	const char *what;
	uint64_t limit;
	bool steps, kept;
};

struct stk_budget {
	uint64_t max_steps, max_bytes, max_answer;
	uint64_t steps, bytes, answer; /* that are left */
	uint64_t question;	       /* from 1 on */
	struct stk_purse *purse;       /* the innermost one that is open */
	bool dry;		       /* no steps are left for this question */
	bool refused;		       /* the last request for bytes */
	uint64_t short_of_memory; /* the last question that the machine had none for */
	struct stk_cut cut[STK_MAX_CUTS];
	unsigned int nr_cuts;
	uint64_t most_steps; /* that a question before this one took */
};

/* @size: bytes of data in the dump file; 0: unknown. */
void stk_budget_init(struct stk_budget *b, uint64_t size);

/* A new question: it has all steps again. */
void stk_budget_question(struct stk_budget *b);

/* A part of this question that its asker, not the dump, made longer: steps for it. */
void stk_budget_refill(struct stk_budget *b);

/* False: there is no more. */
bool stk_budget_steps(struct stk_budget *b, uint64_t steps);
bool stk_budget_bytes(struct stk_budget *b, uint64_t bytes);
bool stk_budget_answer(struct stk_budget *b, uint64_t bytes);

/* The machine has no memory: what is found for this question now is not all. */
static inline void stk_budget_short(struct stk_budget *b)
{
	b->short_of_memory = b->question;
}

/* Bytes for the session were given back. */
void stk_budget_back(struct stk_budget *b, uint64_t bytes);

/*
 * Open @p, a @share-th of the whole less what was taken from it before, and close it. It
 * lives on, if only to say how that ended.
 */
void stk_purse_open(struct stk_budget *b, struct stk_purse *p, const char *what,
		    unsigned int share);
void stk_purse_close(struct stk_budget *b, struct stk_purse *p);

/* Write one line that says what cut @cut is; cut to @size. */
void stk_cut_text(const struct stk_cut *cut, char *text, size_t size);

#endif
