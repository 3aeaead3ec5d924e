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
	/* Appends what it finds. Only what passes (stk_is_passing()) is a failure. */
	enum stk_status (*look)(struct stk *s, struct stk_triage *t,
				const struct stk_finding_info *info);
};

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

extern const struct stk_finding_info stk_finding_guard_hit, stk_finding_recursion,
	stk_finding_chain_broken, stk_finding_no_registers, stk_finding_foreign_registers,
	stk_finding_module_in_chain, stk_finding_log_differs, stk_finding_two_signatures,
	stk_finding_earlier_event;

#endif
