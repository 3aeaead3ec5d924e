/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printed.h - what the dying kernel printed of an exception, found by the stack pointer
 * that it printed with the registers.
 */
#ifndef STK_ARCH_PRINTED_H
#define STK_ARCH_PRINTED_H

#include "../base/context.h"

struct stk_regs;

/* How an architecture's kernel words it. */
struct stk_printed_words {
	const char *sp;		  /* what stands before the stack pointer */
	bool selector;		  /* with a segment's, and a colon, before it */
	const char *line;	  /* the beginning of the line with the address */
	const char *address;	  /* and what stands before that */
	const char *late_address; /* the same, in a line behind the registers; or NULL */
	const char *no_error[2];  /* a line with one of these has no error code */
};

struct stk_printed {
	bool has_error, has_address, has_late;
	uint64_t error, address, late;
};

/* The last time counts, as that is why it died. */
void stk_find_printed(struct stk *s, const struct stk_printed_words *words, uint64_t sp,
		      struct stk_printed *out);

/*
 * The registers that the kernel printed when @stack, that for overflows, was entered from
 * another: "Overflow stack: [begin..end]" is before them. The last time counts. False:
 * none, or not all that say where it was.
 */
bool stk_printed_overflow(struct stk *s, const struct stk_stack *stack,
			  struct stk_regs *regs);

#endif
