/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * render.h - answers as text and as JSON.
 *
 * Text goes to the stream given, and nowhere else. JSON objects are json-c's; the
 * caller owns what is returned and drops it with json_object_put(). Addresses are
 * strings "0x…", absent facts are null. NULL is returned when memory is short.
 */
#ifndef STACKINFO_RENDER_H
#define STACKINFO_RENDER_H

#include <stdio.h>

#include <stackinfo/overview.h>

struct json_object;

/** struct stk_text_options - how much to print. */
struct stk_text_options {
	bool verbose;	  /* the evidence */
	bool brief;	  /* a place without its other addresses */
	bool registers;	  /* where the chain starts, too */
	bool words;	  /* the raw words of each frame */
	bool lines;	  /* source lines and inlined calls */
	bool no_bounds;	  /* the table of stacks without where they are */
	bool text_words;  /* words that look like return addresses */
	bool stale_words; /* those, also where the stack was not in use */
};

/** stk_text_chain() - in the look of crash's "bt". Sets @doubts if a mark was used. */
void stk_text_chain(struct stk *s, FILE *fp, const struct stk_chain *chain,
		    const struct stk_text_options *opt, bool *doubts);
/**
 * stk_folded_chain() - a line for flame graphs, without its count and its end:
 * COMM;OUTERMOST;...;INNERMOST, with [doubtful] or [broken] after COMM when it is not
 * certain.
 */
void stk_folded_chain(FILE *fp, const struct stk_chain *chain);
/** stk_text_state() - what a task was doing: "S", "D (frozen)"; NULL: "?". */
const char *stk_text_state(const struct stk_task_state *now);
/** stk_text_legend() - what the marks mean; print once after the last chain. */
void stk_text_legend(FILE *fp);
void stk_text_place(struct stk *s, FILE *fp, const struct stk_place *place,
		    const struct stk_text_options *opt);
/** stk_text_run() - [@begin, @end) is all one thing, that which @place is. */
void stk_text_run(struct stk *s, FILE *fp, uint64_t begin, uint64_t end,
		  const struct stk_place *place);
/** stk_text_overview() - a table of all stacks; verbose: a picture of them instead. */
void stk_text_overview(FILE *fp, const struct stk_overview *o,
		       const struct stk_text_options *opt);

/** stk_function_text() - as its source has it: @function, or what Rust made it of in
 * @buf. */
const char *stk_function_text(const char *function, char *buf, size_t size);
/** stk_text_safe() - any bytes; what is neither printable nor a tab as \x1b. */
void stk_text_safe(FILE *fp, const char *text, size_t len);
/**
 * stk_text_record() - a message as dmesg prints it; @caller: who printed it, too; @boot:
 * seconds since 1970, to print dates; 0: seconds since then.
 */
void stk_text_record(FILE *fp, const struct stk_log_record *record, bool caller,
		     int64_t boot);

/** stk_json_document() - {"schema", "kernel"}, to which a command adds its answer. */
struct json_object *stk_json_document(struct stk *s);
/** stk_json_chain() - @lines: with source lines and inlined calls. */
struct json_object *stk_json_chain(struct stk *s, const struct stk_chain *chain,
				   bool lines);
/** stk_json_panic() - adds "panic_cpu", "panic_cpu_from" to @doc. */
void stk_json_panic(struct stk *s, struct json_object *doc);
/** stk_json_no_chain() - the chain of a CPU whose registers were not saved. */
struct json_object *stk_json_no_chain(struct stk *s, int cpu, const struct stk_task *task,
				      const char *text);
struct json_object *stk_json_place(struct stk *s, const struct stk_place *place);
struct json_object *stk_json_run(struct stk *s, uint64_t begin, uint64_t end,
				 const struct stk_place *place);
/** stk_json_overview() - adds "stacks", "live", "totals", "tasks_missing" to @doc. */
void stk_json_overview(struct stk *s, struct json_object *doc,
		       const struct stk_overview *o);
struct json_object *stk_json_residue(const struct stk_residue *residue);

#endif
