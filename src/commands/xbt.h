/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xbt.h - what the parts of xbt share: a request says which chains, a shape what becomes
 * of each of them.
 */
#ifndef STK_XBT_H
#define STK_XBT_H

#include <stackinfo/render.h>

#include "../base/hash.h"
#include "../render/json_write.h"
#include "answer.h"
#include "select.h"

struct xbt_request {
	bool all_cpus, all_tasks, panicked;
	const char *cpus;	  /* a list of them */
	const char *sp, *ip, *bp; /* to start from; ip, bp: or NULL */
	const char *regs;	  /* a pt_regs to start from */
	const char *texts;	  /* files with registers */
	int nr_tasks;		  /* PIDs and addresses of tasks */
	char *const *task;
};

enum xbt_stop {
	XBT_GOES_ON,
	XBT_INTERRUPTED,
	XBT_NO_MEMORY, /* told */
};

struct xbt_group;
struct xbt_line;

/* Equal chains, in the order in which they were met first. */
struct xbt_groups {
	struct stk_arena arena;
	struct xbt_group *group;
	size_t nr, room;
	struct stk_hash by_chain;
};

/* Lines for flame graphs. */
struct xbt_lines {
	struct stk_arena arena;
	struct xbt_line *line;
	size_t nr, room;
	struct stk_hash by_text;
};

struct xbt {
	struct stk_command *cmd;
	const struct xbt_shape *shape;
	struct stk_text_options opt;
	struct stk_select select; /* of the tasks and CPUs that are asked for */
	enum stk_command_result res;
	enum xbt_stop stop;
	bool doubtful; /* a chain is not certain */
	bool no_idle;  /* not the idle tasks, but for that of the CPU that panicked */
	/* Text: something was printed, and a mark. */
	bool printed, doubts;
	size_t nr_exited; /* of those that have no stack; told at the end */
	/* JSON: the list of chains as text, which takes far less memory. */
	struct json_object *doc;
	struct stk_spool list;
	struct stk_json out;
	/* Registers from texts, one set for a CPU. */
	struct xbt_given {
		struct stk_text_regs *of;
		size_t nr, room;
	} given;
	/* Chains that are told only at the end. */
	struct xbt_groups groups;
	struct xbt_lines lines;
};

/* A shape of the answer. */
struct xbt_shape {
	bool collects;		      /* nothing is printed before the end */
	bool summary;		      /* text, to which a line may be added */
	bool says_which;	      /* ... before the chain that nobody asked for */
	bool (*begin)(struct xbt *x); /* false: no memory; told; NULL: nothing to do */
	void (*chain)(struct xbt *x, struct stk_chain *chain); /* takes it over */
	/* Nothing to unwind from, since @why. @cpu -1: of no CPU; @task: or NULL. */
	void (*no_chain)(struct xbt *x, int cpu, const struct stk_task *task,
			 const char *why);
	/* A task that has exited, and whose stack was freed; NULL: it is left out. */
	void (*exited)(struct xbt *x, const struct stk_task *task, const char *why);
	void (*end)(struct xbt *x); /* print what is left, unless it stopped; free all */
};

extern const struct stk_letter xbt_letters[];

extern const struct xbt_shape xbt_text, xbt_json, xbt_grouped, xbt_folded;

/* Nothing more can be told, or kept until it is printed. */
bool xbt_has_ended(const struct xbt *x);

/* How far it is. @what NULL: something is to be printed. */
void xbt_progress(struct xbt *x, const char *what, size_t done, size_t all);

/* Of the text: what parts it from what was before; what stands below all chains. */
void xbt_text_part(struct xbt *x);
void xbt_text_end(struct xbt *x);
void xbt_text_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
		       const char *why);

/*
 * Read the registers in the files that @r names, "FILE" or "CPU:FILE" with commas
 * between. False: complained.
 */
bool xbt_read_given(struct xbt *x, const struct xbt_request *r);

/* Those of @cpu; NULL: none are given. */
const struct stk_text_regs *xbt_given_of(const struct xbt *x, int cpu);

/* Unwind all that @r asks for, and give it to x->shape. */
void xbt_unwind(struct xbt *x, const struct xbt_request *r);

#endif
