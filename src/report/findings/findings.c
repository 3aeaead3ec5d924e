/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of findings, and what their files share. */
#include "../findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../../base/safe.h"
#include "../../base/vec.h"

/* Of a chain, from the culprit outwards. */
#define MAX_NAMES 4u

/* One a line: so they are easy to add. clang-format would pack them. */
/* clang-format off */
static const struct stk_finding_info *const all[] = {
	&stk_finding_guard_hit,
	&stk_finding_recursion,
	&stk_finding_frames_big,
	&stk_finding_end_overwritten,
	&stk_finding_sp_on_no_stack,
	&stk_finding_sp_on_foreign_stack,
	&stk_finding_sp_and_current,
	&stk_finding_return_overwritten,
	&stk_finding_chain_loops,
	&stk_finding_reentered,
	&stk_finding_irq_mark,
	&stk_finding_deviation,
	&stk_finding_nearly_full,
	&stk_finding_chain_broken,
	&stk_finding_fault_address,
	&stk_finding_lock_owner,
	&stk_finding_stuck,
	&stk_finding_spinning,
	&stk_finding_blocked,
	&stk_finding_hardware,
	&stk_finding_memory,
	&stk_finding_taint,
	&stk_finding_no_registers,
	&stk_finding_foreign_registers,
	&stk_finding_earlier_event,
	&stk_finding_log_differs,
	&stk_finding_two_signatures,
	&stk_finding_module_in_chain,
};
/* clang-format on */

const char *stk_severity_name(enum stk_severity severity)
{
	static const char *const name[] = {
		[STK_SEVERITY_FATAL] = "fatal",
		[STK_SEVERITY_DAMAGE] = "damage",
		[STK_SEVERITY_SUSPICIOUS] = "suspicious",
		[STK_SEVERITY_NOTICE] = "notice",
	};

	return name[severity];
}

struct stk_finding *stk_finding_add(struct stk_triage *t,
				    const struct stk_finding_info *info, const char *fmt,
				    ...)
{
	struct stk_finding *f = stk_vec_next(&t->events.arena, t->finding, t->nr_findings,
					     t->room_findings);
	char text[600];
	va_list args;

	if (!f)
		return NULL;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* What was cut may have been half a character. */
	stk_safe_bytes(text, strlen(text));
	*f = (struct stk_finding){
		.id = info->id, .severity = info->severity, .cpu = -1, .pid = -1
	};
	f->text = stk_arena_strndup(&t->events.arena, text, sizeof(text));
	if (!f->text)
		return NULL;
	t->nr_findings++;
	return f;
}

const char *stk_finding_task(const struct stk_task *task, char *text, size_t size)
{
	char comm[4 * sizeof(task->comm) + 1];

	snprintf(text, size, "PID %" PRIu32 " \"%s\"", task->pid,
		 stk_safe_text(comm, sizeof(comm), task->comm));
	return text;
}

const char *stk_finding_place(const struct stk_name *name, char *text, size_t size)
{
	if (!name->function)
		snprintf(text, size, "unknown code");
	else
		snprintf(text, size, "%.128s+0x%" PRIx64 "%s%.64s%s", name->function,
			 name->offset, name->module ? " [" : "",
			 name->module ? name->module : "", name->module ? "]" : "");
	return text;
}

const char *stk_finding_stack(struct stk *s, const struct stk_stack *stack, char *text,
			      size_t size)
{
	const char *kind = stk_stack_kind_name(stack->kind);
	struct stk_task task;
	char who[120];

	if (!stk_stack_is_task(stack) && stack->cpu >= 0)
		snprintf(text, size, "the %s stack of CPU %d", kind, stack->cpu);
	else if (!stk_stack_is_task(stack))
		snprintf(text, size, "the %s stack", kind);
	else if (stk_stack_is_free(stack))
		snprintf(text, size, "a %s stack that no task has", kind);
	else if (stk_task_read(s, stack->task, &task))
		snprintf(text, size, "a task's %s stack", kind);
	else
		snprintf(text, size, "the %s stack of %s", kind,
			 stk_finding_task(&task, who, sizeof(who)));
	return text;
}

void stk_finding_of(struct stk_finding *f, const struct stk_triage_cpu *c,
		    const struct stk_frame *frame)
{
	f->cpu = (int)c->cpu;
	f->pid = c->trace ? c->trace->pid : -1;
	if (frame) {
		f->function = frame->name.function;
		f->module = frame->name.module;
	}
}

const char *stk_finding_names(const struct stk_signature *sig, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "code without a name");
	for (size_t i = 0; i < sig->nr_names && i < MAX_NAMES && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%.48s", i ? " < " : "",
					sig->names[i]);
	return text;
}

/* The worst first; else in the order of the table, and of what was found. */
static void sort(struct stk_triage *t)
{
	for (size_t i = 1; i < t->nr_findings; i++) {
		struct stk_finding f = t->finding[i];
		size_t at = i;

		while (at && t->finding[at - 1].severity > f.severity) {
			t->finding[at] = t->finding[at - 1];
			at--;
		}
		t->finding[at] = f;
	}
}

enum stk_status stk_finding_look(struct stk *s, struct stk_triage *t,
				 const struct stk_finding_info *info)
{
	enum stk_status st = STK_OK;

	if (info->look)
		return info->look(s, t, info);
	for (size_t i = 0; i < t->nr_cpus && !st; i++)
		st = info->look_cpu(s, t, info, &t->cpu[i]);
	return st;
}

const struct stk_finding_info *stk_finding_row(size_t nth)
{
	return nth < STK_ARRAY_SIZE(all) ? all[nth] : NULL;
}

enum stk_status stk_findings_look(struct stk *s, struct stk_triage *t)
{
	const struct stk_finding_info *row;

	for (size_t i = 0; (row = stk_finding_row(i)); i++) {
		enum stk_status st = stk_finding_look(s, t, row);

		if (!st && stk_must_stop(s))
			st = stk_why_stop(s);
		/* What was found stays; the end of the answer tells what was missed. */
		if (st == STK_ERR_LIMIT)
			break;
		if (st)
			return st;
	}
	sort(t);
	return STK_OK;
}
