/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64 and riscv walk frame records alone. Of an interrupted function that has made none
 * yet, or never does, they print who called its caller; who called it is in a register
 * only. They print a return address by the function that it is in, and not by that of the
 * call before it. And a task that another CPU runs they walk from where it was switched
 * from last (task_on_another_cpu() is x86's).
 */
#include "events_told.h"

#include <string.h>

#include "culprits.h"

/* A part that is never run shares the frame of the function that it was cut from. */
static size_t frame_name_length(const char *function)
{
	const char *cold = strstr(function, ".cold");

	return cold ? (size_t)(cold - function) : strlen(function);
}

static bool shares_frame(const struct stk_event_frame *a, const struct stk_event_frame *b)
{
	size_t n = a->function ? frame_name_length(a->function) : 0;

	return n && b->function && frame_name_length(b->function) == n &&
	       !memcmp(a->function, b->function, n);
}

/*
 * A function that has its own frame record has in the register either the address that
 * the record has, which is printed next, or, once it has called another, one of its own.
 * What is neither is of a function that has none.
 */
bool stk_link_is_lost(const struct stk_event_trace *t, const struct stk_event_frame *next)
{
	const struct stk_event_frame *link = &t->link;
	/* Kernels of one year printed the register among the frames, as in doubt. */
	const bool printed = t->nr_frames == 1 && t->frames[0].doubtful &&
			     !t->frames[0].at_start && shares_frame(&t->frames[0], link);

	if (!link->function || !link->offset || t->in_user ||
	    (t->nr_frames && !printed) || next->doubtful || next->inlined ||
	    !next->function)
		return false;
	if (!t->from_pc && t->pc.function)
		return false;
	return !shares_frame(link, &t->pc) && !shares_frame(link, next);
}

bool stk_link_is_all(const struct stk_event_trace *t)
{
	return t->has_pc && !t->in_user && !t->pc.function && t->link.function &&
	       t->link.offset && !t->nr_frames;
}

static bool is_entry(const struct stk_event_frame *f)
{
	enum stk_role role = f->function ? stk_culprit_role(f->function) : STK_ROLE_CODE;

	return role == STK_ROLE_ENTRY || role == STK_ROLE_INTERRUPT;
}

/* Entry code calls by returns that it makes up; and what it interrupted may be anywhere.
 */
bool stk_frame_is_next(const struct stk_event_trace *t,
		       const struct stk_event_frame *next)
{
	const struct stk_event_frame *before = t->nr_frames ? &t->frames[t->nr_frames - 1]
					       : t->from_pc ? &t->pc
							    : NULL;

	return before && next->function && next->has_offset && !next->offset &&
	       !next->interrupted && !is_entry(next) && !is_entry(before);
}

/* Of the CPU that prints, the code that prints would be the first. */
bool stk_frame_slept(const struct stk_event_trace *t, const struct stk_event_frame *first)
{
	return t->of_other_cpu && !t->nr_frames && !t->has_pc && first->function &&
	       stk_culprit_role(first->function) == STK_ROLE_HELPER;
}
