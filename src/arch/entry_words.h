/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry_words.h - what architectures make their entry_words of. */
#ifndef STK_ARCH_ENTRY_WORDS_H
#define STK_ARCH_ENTRY_WORDS_H

#include "percpu_stacks.h"
#include "../base/say.h"

/*
 * Append a word that cannot be read, unless somebody says so. There is room for all that
 * an architecture has; the last one is a spare.
 */
struct stk_entry_word *stk_word_add(struct stk_entry_words *out, const char *name);

/* The same of one that was read. */
struct stk_entry_word *stk_word_of(struct stk_entry_words *out, const char *name,
				   uint64_t value);

/* The per-CPU variable @symbol of 8 bytes; NULL: the kernel has none. */
struct stk_entry_word *stk_word_percpu(struct stk *s, struct stk_entry_words *out,
				       const char *symbol);

/* The offset of the CPU's area; @where the kernel has it. */
void stk_word_percpu_offset(struct stk *s, struct stk_entry_words *out,
			    const char *where);

/* Compare the word, an address that hardware jumps to, which must be @align bytes
 * aligned. */
void stk_word_is_code(struct stk *s, struct stk_entry_word *w, uint64_t align);
/* And whether code may run at that address: it may have another for this. */
void stk_word_is_executable(struct stk *s, struct stk_entry_word *w);

/* The CPU's stacks that per-CPU variables lead to. */
void stk_word_stacks(struct stk *s, struct stk_entry_words *out,
		     const struct stk_percpu_stack *row, size_t nr_rows);

/* The stack pointer at an entry from user mode, by the current task. */
void stk_word_user_entry(struct stk *s, struct stk_entry_words *out);

#endif
