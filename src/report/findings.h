/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings.h - facts about a machine that are worth a line of the report.
 *
 * A finding is a row: what looks for it, and how bad it is. To add one, write its
 * function in a file of findings/, and name its row in findings.c. A finding is a fact,
 * never a guess; what is none is "suspicious", and its text says why. Of a machine at
 * rest there is none.
 */
#ifndef STK_FINDINGS_H
#define STK_FINDINGS_H

#include "triage.h"

struct stk_finding_info {
	const char *id; /* stable: it goes into JSON */
	enum stk_severity severity;
	/*
	 * One of both appends what it finds: of the machine, or of each CPU. Only what
	 * passes (stk_is_passing()) is a failure.
	 */
	enum stk_status (*look)(struct stk *s, struct stk_triage *t,
				const struct stk_finding_info *info);
	enum stk_status (*look_cpu)(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info,
				    const struct stk_triage_cpu *c);
};

/* In the order in which they are looked for; NULL: there are no more. */
const struct stk_finding_info *stk_finding_row(size_t nth);
/* Find what one row is about. */
enum stk_status stk_finding_look(struct stk *s, struct stk_triage *t,
				 const struct stk_finding_info *info);

/* Find all, the worst first. */
enum stk_status stk_findings_look(struct stk *s, struct stk_triage *t);

/*
 * One more of @info, with the text of @fmt. NULL: no memory. It is of no CPU, task,
 * address or function, unless the caller says so.
 */
struct stk_finding *stk_finding_add(struct stk_triage *t,
				    const struct stk_finding_info *info, const char *fmt,
				    ...) __attribute__((format(printf, 3, 4)));

/* "PID 114 "sh"", safe to print; written to @text and returned. */
const char *stk_finding_task(const struct stk_task *task, char *text, size_t size);

/* "f+0x12 [module]" of a frame; written to @text and returned. */
const char *stk_finding_place(const struct stk_name *name, char *text, size_t size);

/* "f < g < h", from the culprit outwards; written to @text and returned. */
const char *stk_finding_names(const struct stk_signature *sig, char *text, size_t size);

/* Whose stack: "the TASK stack of PID 114 "sh"", "the IRQ stack of CPU 1". */
const char *stk_finding_stack(struct stk *s, const struct stk_stack *stack, char *text,
			      size_t size);

/* It is of this CPU, and of the task that ran there; @frame: of that code; or NULL. */
void stk_finding_of(struct stk_finding *f, const struct stk_triage_cpu *c,
		    const struct stk_frame *frame);

/* ---- stacks that overflowed, or nearly so ---- */

/* struct stk_full - how much of a stack is in use, and the frames that use it. */
struct stk_full {
	struct stk_stack stack;
	const struct stk_segment *seg; /* its innermost frame is in this */
	uint64_t used;		       /* with what is below its base */
	bool over;		       /* some is */
	bool of_cpu; /* of a chain of a CPU; else of a task that sleeps */
};

#define STK_FULL_PERCENT 90u

/* Is at least so much of @size in use? */
bool stk_is_nearly_full(uint64_t used, uint64_t size);

/*
 * The next stack of a chain, from *@seg on, that overflowed or is nearly full; *@seg is
 * moved behind it. False: there is none.
 */
bool stk_next_full(const struct stk_segment **seg, struct stk_full *out);

/* The bytes that recursion takes of it, which is told by another finding. */
uint64_t stk_recursion_bytes(const struct stk_full *full);

/*
 * The kernel complains of a task that is in D for longer, in ns: as it was told by
 * kernel.hung_task_timeout_secs (0 is "never"), or as everybody has it.
 */
uint64_t stk_hung_after(struct stk *s);

/* Is what @event told of still where it was then? It has a finding of its own. */
bool stk_is_still_stuck(const struct stk_triage *t, const struct stk_event *event);

/* The same of a task, whichever event it is. */
bool stk_is_told_stuck(const struct stk_triage *t, int64_t pid);

extern const struct stk_finding_info stk_finding_guard_hit, stk_finding_recursion,
	stk_finding_frames_big, stk_finding_nearly_full, stk_finding_end_overwritten,
	stk_finding_sp_on_no_stack, stk_finding_sp_on_foreign_stack,
	stk_finding_sp_and_current, stk_finding_return_overwritten,
	stk_finding_chain_loops, stk_finding_reentered, stk_finding_irq_mark,
	stk_finding_deviation, stk_finding_chain_broken, stk_finding_no_registers,
	stk_finding_foreign_registers, stk_finding_module_in_chain,
	stk_finding_log_differs, stk_finding_two_signatures, stk_finding_earlier_event;

/* ---- of the machine, its tasks, locks and log ---- */
extern const struct stk_finding_info stk_finding_fault_address, stk_finding_stuck,
	stk_finding_spinning, stk_finding_blocked, stk_finding_lock_owner,
	stk_finding_hardware, stk_finding_memory, stk_finding_taint;

#endif
