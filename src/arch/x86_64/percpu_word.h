/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percpu_word.h - words of a CPU, wherever the kernel's era keeps them. */
#ifndef STK_X86_64_PERCPU_WORD_H
#define STK_X86_64_PERCPU_WORD_H

#include "x86_64.h"

enum x86_word {
	X86_WORD_IRQ_STACK,	/* the pointer to the IRQ stack */
	X86_WORD_IRQ_IN_USE,	/* is it in use? one byte */
	X86_WORD_TOP_OF_STACK,	/* of the current task's stack */
	X86_WORD_PREEMPT_COUNT, /* 32 bits */
};

struct x86_percpu_word {
	enum x86_word word;
	const char *symbol; /* of the per-CPU variable */
	const char *member; /* of the struct of that name; NULL: the whole */
	const char *name;   /* to be shown, or NULL */
};

/*
 * The next place that the kernel has for @word, the newest era first. *next: 0 for the
 * first. *addr: where it is on the CPU of @percpu. NULL: there is none more.
 */
const struct x86_percpu_word *x86_next_word(struct stk *s, enum x86_word word,
					    uint64_t percpu, size_t *next,
					    uint64_t *addr);

/* Has the kernel one of the variables that @word may be in? Asks for no type. */
bool x86_has_word(struct stk *s, enum x86_word word);

#endif
