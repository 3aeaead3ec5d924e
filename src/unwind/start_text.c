/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain that begins with registers out of a text. That they were the CPU's is the
 * word of whoever has the text, unless the dump has them, too: in the CPU's note, or on
 * a stack where the code that stopped the CPU left them.
 */
#include "../arch/arch.h"
#include "note.h"
#include "unwind.h"
#include "../base/say.h"

/* Is what both have the same? */
static bool same_regs(const struct stk_regs *a, const struct stk_regs *b)
{
	for (unsigned int i = 0; i < STK_MAX_REGS; i++)
		if ((a->valid & b->valid) >> i & 1 && a->v[i] != b->v[i])
			return false;
	return true;
}

/* Are they on a stack, with all that the text leaves out? */
static bool on_stack(struct stk *s, struct stk_start *start)
{
	const uint64_t at = stk_stopped_at(s, start);
	struct stk_regs saved;

	if (!at || s->arch->read_pt_regs(s, at, &saved) ||
	    !same_regs(&saved, &start->regs))
		return false;
	start->regs = saved;
	return true;
}

static const char *other_note(struct stk *s, const struct stk_regs *noted)
{
	const struct stk_arch *a = s->arch;

	return stk_say(s, "; the dump has others: %s %#llx, %s %#llx",
		       a->reg_names[a->ip], (unsigned long long)noted->v[a->ip],
		       a->reg_names[a->sp], (unsigned long long)noted->v[a->sp]);
}

/* What the dump has of them, and whether anything vouches for the text. */
static bool is_vouched(struct stk *s, const struct stk_text_regs *text,
		       struct stk_start *out)
{
	struct stk_cpu_note note;
	bool has = stk_cpu_note(s, text->cpu, &note),
	     same = has && same_regs(&note.regs, &out->regs);
	const char *other = has && !same ? other_note(s, &note.regs) : NULL;

	out->foreign = note.foreign;
	if (same)
		out->regs = note.regs;
	same |= on_stack(s, out);
	out->note = stk_say(
		s, "registers from %s%s%s", text->name,
		text->behind && !same ? "; the frames before them are of later" : "",
		other ? other : "");
	return same;
}

static enum stk_status start_at_text(struct stk *s, const struct stk_text_regs *text,
				     struct stk_start *out)
{
	enum stk_status st = stk_start_running(s, text->cpu, out);
	bool vouched;

	if (st)
		return st;
	out->from = STK_FROM_TEXT;
	out->regs = text->regs;
	out->partial = text->behind;
	stk_start_switching(s, out);
	vouched = is_vouched(s, text, out);
	if (vouched)
		stk_weigh(&out->evidence, STK_WITNESS_COPY, 1);
	else if (out->has_task && text->pid >= 0 && text->pid != out->task.pid)
		out->doubt = stk_say(s, "these registers are those of PID %lld",
				     (long long)text->pid);
	else if (!out->doubt)
		out->doubt = "nothing in the dump vouches for these registers";
	return STK_OK;
}

enum stk_status stk_start_text(struct stk *s, const struct stk_text_regs *text,
			       struct stk_start *out)
{
	stk_enter(s);
	return stk_leave(s, start_at_text(s, text, out));
}
