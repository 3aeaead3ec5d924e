/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folded stacks, as flame graph tools read them: outermost first, a line a chain. The
 * root is the task's name, as those of perf have it.
 */
#include "render.h"

#include <inttypes.h>
#include <string.h>

static void put_name(FILE *fp, const struct stk_frame *f)
{
	/* Semicolons and spaces are the format's own. */
	fputc(';', fp);
	if (!f->name.function) {
		fprintf(fp, "0x%" PRIx64, f->ip);
		return;
	}
	for (const char *p = f->name.function; *p; p++)
		fputc(*p == ';' || *p == ' ' ? '_' : *p, fp);
}

/* Segments are linked newest first: recursion turns them round, at most 32 deep. */
static void put_segment(FILE *fp, const struct stk_segment *seg)
{
	if (seg->next)
		put_segment(fp, seg->next);
	if (!stk_stack_is_task(&seg->stack))
		fprintf(fp, ";<%s>", stk_stack_kind_name(seg->stack.kind));
	for (size_t i = seg->nr_frames; i > 0; i--)
		put_name(fp, &seg->frames[i - 1]);
}

void stk_folded_chain(FILE *fp, const struct stk_chain *chain)
{
	const char *comm = chain->start.has_task ? chain->start.task.comm : "";

	for (const char *p = *comm ? comm : "-"; *p; p++)
		fputc(*p == ';' || *p == ' ' ? '_' : *p, fp);
	if (chain->confidence != STK_CERTAIN)
		fprintf(fp, ";[%s]", stk_confidence_name(chain->confidence));
	if (chain->segments)
		put_segment(fp, chain->segments);
	else
		fprintf(fp, ";[user]");
}
