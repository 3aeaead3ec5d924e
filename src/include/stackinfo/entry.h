/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * entry.h - the words by which the kernel is entered, where no segment holds them.
 *
 * A word is a variable of the kernel, or a register of a CPU. Each is compared with what
 * the kernel should have there.
 */
#ifndef STACKINFO_ENTRY_H
#define STACKINFO_ENTRY_H

#include <stackinfo/place.h>

#define STK_MAX_ENTRY_WORDS 24

/** struct stk_entry_word - a word, and what it is. */
struct stk_entry_word {
	const char *name; /* the kernel's own, or the register's */
	bool readable;
	uint64_t value;
	bool is_code;	      /* the value is the address of code: */
	struct stk_name code; /* its name */
	bool is_task;	      /* it should be the task that the CPU ran */
	bool has_task;	      /* and a task is there */
	struct stk_task task;
	bool has_stack; /* it is the lowest byte of @stack, or lies on it */
	struct stk_stack stack;
	struct stk_use use; /* of that */
	bool has_phys;	    /* of its first page */
	uint64_t phys;
	const char *meaning; /* a clause; NULL: the rest says it */
	const char *problem; /* deviation from what the kernel should have, or NULL */
	bool in_flight;	     /* @problem is what a switch of tasks does, no damage */
	bool detail;	     /* as on most machines: of interest to who wants all */
};

/** struct stk_entry_words - those of a CPU, or those that the machine has once. */
struct stk_entry_words {
	int cpu; /* -1: the machine's */
	bool online;
	const char *stopped; /* how far it was in the entry code; NULL: elsewhere */
	size_t nr;
	struct stk_entry_word word[STK_MAX_ENTRY_WORDS];
};

/**
 * stk_entry_words() - read those of @cpu, or with -1 of the machine, and compare them.
 * STK_ERR_UNSUPPORTED where the machine has none, STK_ERR_ARG without such a CPU. Its
 * strings are the session's.
 */
enum stk_status stk_entry_words(struct stk *s, int cpu, struct stk_entry_words *out);

/**
 * stk_entry_command() - the command that tells how this machine's CPUs enter the kernel;
 * NULL: none does.
 */
const char *stk_entry_command(struct stk *s);

#endif
