/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h - the machine that a test looks at, and kinds of it.
 *
 * check(3) gives its fixtures no argument, so what they make has names of its own. Tests
 * change it as they like: the next one begins anew.
 */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include "synthetic.h"

extern struct syn *m;	 /* the machine; main() frees it */
extern uint64_t sh;	 /* a task, PID 227 */
extern struct syn_cpu c; /* CPU 1, which runs sh */

/* Each kind of machine has all of the one before. */
void fixture_memory(void);    /* page tables of four levels, else nothing */
void fixture_kernel(void);    /* a kernel of 6.1 */
void fixture_task(void);      /* sh on CPU 1, at the top of its stack */
void fixture_syscall(void);   /* sh is in a system call */
void fixture_interrupt(void); /* over which an interrupt came; with registers */
/* As fixture_syscall(), and a task that sleeps, whose address is returned. */
uint64_t fixture_sleeper(void);
/* A stack of CPU 1, which is mapped; and that of sh. */
struct stk_stack stack_of_kind(const struct stk_kind *kind, uint64_t begin, uint64_t end);
struct stk_stack stack_of_sh(void);
/* sh on CPU 1 of another kernel, which is ours from now on; frees the last one. */
void fixture_task_of(struct syn *kernel);
void fixture_free(void);

/* Does the synthetic machine refuse what @build does? */
bool is_misuse(void (*build)(void));

/* Open a session and unwind from where CPU 1 is; the chain is the caller's. */
struct stk_chain *unwind_cpu_1(void);
/* The same, compared with @want, as syn_chain_text() has it. */
void expect_chain(const char *want);
/* @chain as -j tells it, to be looked into. */
struct json_object *chain_in_json(struct stk *s, const struct stk_chain *chain,
				  bool lines);

#endif
