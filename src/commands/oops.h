/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oops.h - what the words of a kernel's text mean beside a dump, and whose text it is. */
#ifndef STK_OOPS_H
#define STK_OOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stackinfo/unwind.h>

#include "../report/oops_text.h"

#define STK_OOPS_LINE 4160u /* no line is longer */

/* The next line of @text from *@at on; one that is too long is cut. */
bool stk_oops_line(const char *text, size_t size, size_t *at, const char **line,
		   size_t *len);

/* A word that can be an address. */
struct stk_oops_word {
	uint64_t value;
	bool fault; /* the text says that this address was accessed: it counts, however
		       odd */
};

/*
 * The next one in @line from *@at on: 16 digits, as %p and %px print them, or any number
 * with 0x that is no offset or size of a function (foo+0x12/0x34). False: no more.
 */
bool stk_oops_word(struct stk *s, const char *line, size_t len, size_t *at,
		   struct stk_oops_word *out);

/* The registers of a CPU in a text. */
struct stk_oops_regs {
	int64_t cpu; /* -1: it does not say */
	int64_t pid; /* the same */
	struct stk_regs regs;
	bool behind;   /* frames stand before them, that were called from there later */
	size_t event;  /* for the reader */
	size_t line;   /* where they begin, from 1 on */
	char why[200]; /* they are of no use; "": they are */
};

/* One for each CPU; in the arena of texts. */
struct stk_oops_regs_list {
	struct stk_oops_regs *set;
	size_t nr, room;
	/* There are some of user mode behind frames: of where the CPU came from. */
	bool user_behind;
};

/* Those in @text, which stk_oops_clean() has seen. Fails as s->arena does. */
enum stk_status stk_oops_registers(struct stk *s, const char *text, size_t size,
				   struct stk_oops_regs_list *list);

/*
 * Whose text is it? What it says of its kernel, against what the dump says of its own.
 * The finds are rows of a table, by their codes.
 */
enum stk_oops_trait {
	STK_OOPS_ARCHITECTURE,
	STK_OOPS_RELEASE,
	STK_OOPS_BUILD,
	STK_OOPS_FUNCTION_SIZE,
	STK_OOPS_BOOT,
	STK_OOPS_ADDRESS,
	STK_OOPS_NR_TRAITS
};

#define STK_OOPS_FUNCTIONS 64u /* so many functions are compared */

struct stk_oops_origin {
	size_t nr_lines, nr_functions;
	struct stk_oops_find {
		size_t same, differ; /* how often the text agrees with the dump, or not */
		size_t line;	     /* the first that does not, from 1 on */
		char theirs[160], ours[160];
		bool told;
	} find[STK_OOPS_NR_TRAITS];
};

/* Compare the next line of the text. */
void stk_oops_compare(struct stk *s, struct stk_oops_origin *o, const char *line,
		      size_t len);

/* "release", "boot" … */
const char *stk_oops_trait_code(enum stk_oops_trait trait);

/* One line of what is not the dump's; false: all that was compared is. */
bool stk_oops_foreign(const struct stk_oops_origin *o, enum stk_oops_trait trait,
		      char *text, size_t size);

#endif
