/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other half of a step: the cursor moves, and the chain grows. */
#include <stdio.h>
#include <string.h>

#include "../base/out.h"
#include "../base/vec.h"
#include "../kernel/modules.h"
#include "../stacks/claims.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "walk.h"

#define END_TEXT   240u
#define PF_KTHREAD 0x00200000u /* linux/sched.h; the same since 2.6.27 */

static struct stk_regs *copy_regs(struct stk_walk *w, const struct stk_regs *regs)
{
	struct stk_regs *copy = stk_arena_alloc(&w->c->arena, sizeof(*copy));

	if (copy)
		*copy = *regs;
	return copy;
}

static enum stk_status finish(struct stk_walk *w, enum stk_end end, const char *text)
{
	/* What could not be read because the user wants to stop says nothing. */
	if (stk_interrupted(w->s)) {
		end = STK_END_INTERRUPTED;
		text = stk_end_text(end);
	} else if (stk_out_of_budget(w->s)) {
		end = STK_END_LIMIT;
		text = stk_status_text(STK_ERR_LIMIT);
	}
	w->stop = true;
	w->c->chain.end = end;
	w->c->chain.end_text = stk_arena_strndup(&w->c->arena, text, strlen(text));
	return w->c->chain.end_text ? STK_OK : STK_ERR_NOMEM;
}

enum stk_status stk_finish(struct stk_walk *w, enum stk_end end, const char *fmt, ...)
{
	char text[END_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return finish(w, end, text);
}

/* Where there is no stack, it may be the guard page below one. */
static void set_overflow(struct stk *s, struct stk_segment *seg)
{
	struct stk_stack near;
	int guard;

	if (seg->stack.kind || stk_find_near(s, seg->stack.begin, &near, &guard) ||
	    guard >= 0)
		return;
	seg->over = near;
	seg->over_by = near.begin - seg->stack.begin;
}

static enum stk_status new_segment(struct stk_walk *w)
{
	struct stk_segment *seg = stk_arena_alloc(&w->c->arena, sizeof(*seg));

	if (!seg)
		return STK_ERR_NOMEM;
	seg->stack = w->cur.stack;
	set_overflow(w->s, seg);
	if (w->seg)
		w->seg->next = seg;
	else
		w->c->chain.segments = seg;
	w->seg = seg;
	w->frames_room = 0;
	w->segs[w->c->chain.nr_segments++] = seg;
	if (stk_stack_is_task(&seg->stack) && !w->adopted)
		w->adopted = seg->stack.begin;
	return STK_OK;
}

static struct stk_frame *new_frame(struct stk_walk *w)
{
	struct stk_segment *seg = w->seg;
	struct stk_frame *f =
		stk_vec_next(&w->c->arena, seg->frames, seg->nr_frames, w->frames_room);
	const struct stk_module *module;

	if (!f)
		return NULL;
	seg->nr_frames++;
	w->c->chain.nr_frames++;
	f->ip = w->cur.regs.v[w->s->arch->ip];
	f->sp = w->cur.regs.v[w->s->arch->sp];
	f->has_sp = stk_has_reg(&w->cur.regs, w->s->arch->sp);
	f->at = w->cur.at;
	if (w->s->arch->shadow_kind && stk_has_reg(&w->cur.regs, w->s->arch->shadow_reg))
		f->shadow = w->cur.regs.v[w->s->arch->shadow_reg];
	f->interrupted = w->cur.signal;
	if (seg->nr_frames == 1 || f->at < seg->low)
		seg->low = f->at;
	stk_symbolize(w->s, f->ip, !f->interrupted, &f->name);
	/* A module's code is told by its module, if the kernel kept no names of it. */
	module = f->name.function ? NULL : stk_module_at(w->s, f->ip - !f->interrupted);
	if (module)
		f->name.module = module->name;
	return f;
}

/* Why is the cursor on no stack? NULL when it is on one. */
static const char *overflow_note(struct stk_walk *w)
{
	const struct stk_stack *over = &w->seg->over;

	if (!over->kind)
		return NULL;
	return stk_arena_printf(&w->c->arena,
				"%s is in the guard page below the %s stack at %#llx: it "
				"overflowed",
				stk_has_reg(&w->cur.regs, w->s->arch->sp)
					? stk_reg_name(w->s, w->s->arch->sp)
					: "the frame",
				stk_stack_kind_name(over->kind),
				(unsigned long long)over->begin);
}

static void doubt_frame(struct stk_frame *f, enum stk_doubt doubt)
{
	if (!f->reliable)
		return;
	f->reliable = false;
	f->doubt = doubt;
	if (!f->note)
		f->note = stk_doubt_text(doubt);
}

/* What vouches for a frame by itself, whatever comes next. */
static bool stands_alone(const struct stk_frame *f)
{
	return f->evidence.agree & (1u << STK_WITNESS_TARGET | 1u << STK_WITNESS_PLACE |
				    1u << STK_WITNESS_SHADOW);
}

/* The start is judged by itself; a CPU's does not lie on a stack. */
static bool is_saved_start(const struct stk_walk *w, size_t segment, size_t frame)
{
	const struct stk_joint *joint = &w->c->chain.joint;

	if (w->first)
		return joint->regs_at && segment == joint->segment &&
		       frame == joint->frame;
	return !segment && !frame && w->c->chain.start.from != STK_FROM_THREAD_SP;
}

void stk_retract(struct stk_walk *w)
{
	size_t nr = w->c->chain.nr_segments;

	while (nr--) {
		struct stk_segment *seg = w->segs[nr];

		for (size_t i = seg->nr_frames; i > 0; i--) {
			struct stk_frame *f = &seg->frames[i - 1];

			if (is_saved_start(w, nr, i - 1))
				return;
			doubt_frame(f, STK_DOUBT_NEXT);
			if (stands_alone(f))
				return;
		}
	}
}

/* The copy of the registers that were saved of the CPU. */
static bool is_joint(const struct stk_walk *w, const struct stk_candidate *c)
{
	return w->joint_at && c->step.regs_at == w->joint_at;
}

static void add_address(struct stk_out *l, uint64_t addr)
{
	stk_out_text(l, addr ? " at 0x" : " at ");
	stk_out_hex(l, addr, 1);
}

/* So most chains end: printf() would take as long as to find it out. */
static enum stk_status finish_in_user_mode(struct stk_walk *w, const struct stk_entry *e)
{
	const struct stk_regs *user = w->c->chain.user;
	char text[END_TEXT];
	struct stk_out l = stk_out(text, sizeof(text));

	stk_out_text(&l, "user mode");
	if (stk_has_reg(user, w->s->arch->ip))
		add_address(&l, stk_regs_ip(w->s, user));
	else
		stk_out_text(&l, " (where is in no register)");
	if (e->kind) {
		stk_out_text(&l, ", ");
		stk_out_text(&l, stk_entry_kind_name(e->kind));
	}
	if (e->kind && (e->nr >= 0 || e->code >= 0)) {
		stk_out_text(&l, " ");
		stk_out_decimal(&l, (uint64_t)(e->nr >= 0 ? e->nr : e->code));
	}
	if (e->kind && e->name) {
		stk_out_text(&l, " (");
		stk_out_text(&l, e->name);
		stk_out_text(&l, ")");
	}
	return finish(w, STK_END_USER, stk_out_end(&l));
}

/* The end of most chains: with how the kernel was entered from there. */
static enum stk_status at_user_mode(struct stk_walk *w, const struct stk_candidate *c,
				    uint64_t entry_ip)
{
	struct stk_chain *chain = &w->c->chain;
	struct stk_entry *e = &chain->entry;

	chain->user = copy_regs(w, &c->step.regs);
	chain->user_at = c->step.regs_at;
	if (!chain->user)
		return STK_ERR_NOMEM;
	chain->user_evidence = c->verdict.evidence;
	if (is_joint(w, c)) {
		chain->user_evidence.agree |= 1u << STK_WITNESS_COPY;
		chain->joint = (struct stk_joint){ w->joint_at, chain->nr_segments, 0 };
	}
	if (c->verdict.doubt != STK_DOUBT_NONE)
		chain->user_doubt = c->verdict.doubt == STK_DOUBT_METHOD && c->step.note
					    ? c->step.note
					    : stk_doubt_text(c->verdict.doubt);
	if (chain->start.has_task && chain->start.task.flags & PF_KTHREAD) {
		chain->user_doubt = "a kernel thread has no user mode";
		stk_retract(w);
	}
	w->s->arch->describe_entry(w->s, entry_ip, chain->user, chain->user_at, e);
	/* While the entry code still runs, that word is not set yet. */
	if (e->odd && !c->step.passed && !w->cur.signal &&
	    chain->user_at == w->s->arch->user_regs_at(w->s, &w->cur.stack))
		chain->user_doubt = e->odd;
	return finish_in_user_mode(w, e);
}

/* The frame that is left was called from somewhere that the rule does not show. */
static enum stk_status note_passed(struct stk_walk *w, uint64_t ret)
{
	struct stk_frame *f = &w->seg->frames[w->seg->nr_frames - 1];
	struct stk_name name;

	stk_symbolize(w->s, ret, true, &name);
	f->note = stk_arena_printf(&w->c->arena, "called by %s+%llu",
				   name.function ? name.function : "unknown code",
				   (unsigned long long)name.offset);
	return f->note ? STK_OK : STK_ERR_NOMEM;
}

/* The cursor goes over to the stack that the candidate is on. */
static enum stk_status cross_over(struct stk_walk *w, const struct stk_candidate *c)
{
	struct stk_crossing *x = &w->seg->crossing;

	if (w->c->chain.nr_segments == STK_MAX_SEGMENTS)
		return stk_finish(w, STK_END_LIMIT, "more than %u stacks",
				  STK_MAX_SEGMENTS);
	stk_weigh_crossing(w, c, x);
	/* The stack's own place for it leads there, too: firm ground again. */
	if (x->have_link && x->agree)
		w->until = STK_UNTIL_NOTHING;
	w->cur.stack = c->stack;
	return new_segment(w);
}

/* What to say of a frame: the method's words, and those of the doubt. */
static enum stk_status set_note(struct stk_walk *w, const struct stk_candidate *c,
				struct stk_frame *f)
{
	const char *doubt = f->doubt != STK_DOUBT_NONE && f->doubt != STK_DOUBT_METHOD
				    ? stk_doubt_text(f->doubt)
				    : NULL;
	const char *why = NULL;

	f->note = c->step.note;
	if (!f->note)
		f->note = overflow_note(w);
	if (!doubt || (c->step.note && !c->step.reliable))
		return STK_OK; /* the method has said why */
	if (f->doubt == STK_DOUBT_NO_CALL || f->doubt == STK_DOUBT_TARGET ||
	    f->doubt == STK_DOUBT_UNREADABLE || f->doubt == STK_DOUBT_REGS)
		why = c->why;
	else if (f->doubt == STK_DOUBT_SHADOW || f->doubt == STK_DOUBT_CFI)
		why = c->step.why;
	if (why)
		doubt = stk_arena_printf(&w->c->arena, "%s: %s", doubt, why);
	if (doubt && f->note)
		f->note = stk_arena_printf(&w->c->arena, "%s; %s", f->note, doubt);
	else
		f->note = doubt;
	return f->note ? STK_OK : STK_ERR_NOMEM;
}

/* How long what follows a doubt stays in doubt. */
static enum stk_until doubt_lasts(const struct stk_candidate *c)
{
	if (c->step.how == STK_HOW_LOG)
		return STK_UNTIL_RECORD;
	/* What a stack's top says holds whatever lies below. */
	if (c->read_on || (c->fallback && c->step.how != STK_HOW_LINK))
		return STK_UNTIL_CROSSING;
	switch (c->verdict.doubt) {
	case STK_DOUBT_NONE:
	case STK_DOUBT_METHOD:
		return STK_UNTIL_NOTHING;
	default:
		return STK_UNTIL_CALL;
	}
}

/* Does a direct call prove the frame, so that what was in doubt before matters no more?
 */
static bool ends_doubt(const struct stk_walk *w, const struct stk_candidate *c)
{
	if (!c->verdict.firm)
		return false;
	return w->until == STK_UNTIL_CALL ||
	       (w->until == STK_UNTIL_RECORD && !c->step.in_register);
}

static enum stk_status add_frame(struct stk_walk *w, const struct stk_candidate *c)
{
	const struct stk_step *step = &c->step;
	const struct stk_verdict *v = &c->verdict;
	struct stk_frame *f;
	enum stk_until until = doubt_lasts(c);

	if (v->misfit || c->fallback)
		stk_retract(w);
	if (ends_doubt(w, c))
		w->until = STK_UNTIL_NOTHING;
	f = new_frame(w);
	if (!f)
		return STK_ERR_NOMEM;
	f->how = step->regs_at && step->how == STK_HOW_ORC ? STK_HOW_REGS : step->how;
	f->slot = step->slot;
	f->evidence = v->evidence;
	f->doubt = v->doubt;
	if (f->doubt == STK_DOUBT_NONE && w->until != STK_UNTIL_NOTHING)
		f->doubt = STK_DOUBT_BEYOND;
	f->reliable = f->doubt == STK_DOUBT_NONE;
	if (until > w->until)
		w->until = until;
	if (step->regs_at) {
		f->regs_at = step->regs_at;
		f->entered = w->c->chain.cpu >= 0 ? w->entered : 0;
		f->regs = copy_regs(w, &step->regs);
		if (!f->regs)
			return STK_ERR_NOMEM;
	}
	return set_note(w, c, f);
}

/* The registers that another chain begins with. */
static enum stk_status join_chain(struct stk_walk *w)
{
	return stk_finish(w, STK_END_JOINS, "the pt_regs at %#llx",
			  (unsigned long long)w->stop_at);
}

static bool begins_here(struct stk_walk *w)
{
	const struct stk_start *start = &w->c->chain.start;
	const struct stk_arch *a = w->s->arch;

	if (start->has_task)
		return a->begins_stack(w->s, &w->cur, start->task.pid == 0);
	return a->begins_stack(w->s, &w->cur, true) ||
	       a->begins_stack(w->s, &w->cur, false);
}

enum stk_status stk_at_stack_start(struct stk_walk *w)
{
	const struct stk_start *start = &w->c->chain.start;

	if (!begins_here(w)) {
		stk_retract(w);
		return stk_finish(
			w, STK_END_NO_RULE,
			"the unwind rule says that the stack begins here, where none "
			"does (%#llx)",
			(unsigned long long)w->cur.regs.v[w->s->arch->ip]);
	}
	if (start->has_task && start->task.pid == 0)
		return stk_finish(w, STK_END_IDLE, "start of the idle task of CPU %d",
				  start->cpu >= 0 ? start->cpu : start->task.cpu);
	return stk_finish(w, STK_END_THREAD_START, "start of the thread");
}

/* A CPU that was in user mode has no chain in the kernel. */
static enum stk_status began_in_user_mode(struct stk_walk *w)
{
	static const struct stk_stack nowhere = { .cpu = -1 };
	struct stk_chain *chain = &w->c->chain;
	const struct stk_start *start = &chain->start;

	chain->user = copy_regs(w, &start->regs);
	if (!chain->user)
		return STK_ERR_NOMEM;
	w->s->arch->weigh_regs(w->s, &nowhere, &start->regs, 0, 0, &chain->user_evidence);
	if (chain->user_evidence.differ)
		chain->user_doubt = stk_doubt_text(STK_DOUBT_REGS);
	if (start->has_task && start->task.flags & PF_KTHREAD)
		chain->user_doubt = "a kernel thread has no user mode";
	return stk_finish(w, STK_END_USER, "user mode at %#llx",
			  (unsigned long long)start->regs.v[w->s->arch->ip]);
}

/* How far what speaks against the start makes the frames after it less sure. */
static void doubt_from_start(struct stk_walk *w, struct stk_frame *f)
{
	const struct stk_start *start = &w->c->chain.start;
	uint32_t differ = start->evidence.differ;

	if (!stk_stack_is_task(&w->cur.stack) && w->cur.stack.cpu >= 0 &&
	    stk_is_shared(w->s, &w->cur.stack, start->has_task ? &start->task : NULL)) {
		doubt_frame(f, STK_DOUBT_OWNER);
		w->until = STK_UNTIL_CROSSING;
	}
	if (!start->doubt)
		return;
	/* Only this frame may be wrong; or it is not this task's stack at all. */
	if (start->from == STK_FROM_TEXT ||
	    differ & (1u << STK_WITNESS_SWITCH | 1u << STK_WITNESS_COPY)) {
		doubt_frame(f, STK_DOUBT_START);
		w->until = STK_UNTIL_CALL;
	}
	if (start->from == STK_FROM_THREAD_SP &&
	    (differ & ~(1u << STK_WITNESS_SWITCH) ||
	     !stk_stack_is_aligned(w->s, start->task.stack))) {
		doubt_frame(f, STK_DOUBT_START);
		w->until = STK_UNTIL_CROSSING;
	}
}

/* The frame that the start's registers are of, where the cursor stands. */
static enum stk_status add_start_frame(struct stk_walk *w, struct stk_frame **out)
{
	const struct stk_start *start = &w->c->chain.start;
	const char *doubt =
		start->from == STK_FROM_STACK ? NULL : stk_bad_start(w->s, start);
	struct stk_frame *f = *out = new_frame(w);

	if (!f)
		return STK_ERR_NOMEM;
	f->how = STK_HOW_REGS;
	f->doubt = doubt ? STK_DOUBT_START : STK_DOUBT_NONE;
	f->reliable = !doubt;
	f->note = doubt ? doubt : overflow_note(w);
	if (start->from == STK_FROM_STACK && start->partial) {
		f->how = STK_HOW_SCAN;
		f->slot = stk_regs_sp(w->s, &start->regs) - 8;
	}
	f->regs = start->from == STK_FROM_THREAD_SP || start->from == STK_FROM_STACK
			  ? NULL
			  : &start->regs;
	if (doubt)
		return stk_finish(w, STK_END_BAD_START, "%s", doubt);
	doubt_from_start(w, f);
	return STK_OK;
}

/*
 * What stopped the CPU had come from here. The saved registers are believed for
 * themselves: the rest is as if the chain began with them.
 */
static enum stk_status pass_joint(struct stk_walk *w, const struct stk_candidate *c)
{
	struct stk_chain *chain = &w->c->chain;
	struct stk_cursor *cur = &w->cur;
	enum stk_doubt doubt = c->verdict.doubt;
	struct stk_frame *f;
	enum stk_status st;

	cur->regs = cur->full = chain->start.regs;
	cur->at = stk_regs_sp(w->s, &cur->regs);
	cur->signal = chain->start.signal;
	chain->joint = (struct stk_joint){
		.regs_at = w->joint_at,
		.segment = chain->nr_segments - 1,
		.frame = w->seg->nr_frames,
	};
	w->joint_at = 0;
	w->nested = false;
	w->until = STK_UNTIL_NOTHING;
	st = add_start_frame(w, &f);
	if (st)
		return st;
	f->regs_at = chain->joint.regs_at;
	f->entered = w->entered; /* only a CPU's chain has a joint */
	f->evidence = c->verdict.evidence;
	f->evidence.agree |= 1u << STK_WITNESS_COPY;
	if (doubt != STK_DOUBT_NONE && doubt != STK_DOUBT_METHOD)
		doubt_frame(f, doubt);
	return STK_OK;
}

static void move_cursor(struct stk_cursor *cur, const struct stk_step *step)
{
	bool was_full = cur->full.valid && cur->signal;

	/* ORC's register bases look at the last whole set while frames are partial. */
	if (step->full)
		cur->full = step->regs;
	else if (!step->signal || !was_full)
		memset(&cur->full, 0, sizeof(cur->full));
	cur->regs = step->regs;
	cur->at = step->at;
	cur->signal = step->signal;
}

enum stk_status stk_apply(struct stk_walk *w, const struct stk_candidate *c)
{
	const struct stk_step *step = &c->step;

	if (step->passed && note_passed(w, step->passed))
		return STK_ERR_NOMEM;
	/* The stack's top leads to known registers from anywhere: no proof of this frame.
	 */
	if (c->facts.joins && !step->reliable)
		doubt_frame(&w->seg->frames[w->seg->nr_frames - 1], STK_DOUBT_METHOD);
	if (w->stop_at && step->regs_at == w->stop_at)
		return join_chain(w);
	/* Past the byte that was interrupted, like a return address. */
	w->entered = step->passed ? step->passed
				  : w->cur.regs.v[w->s->arch->ip] + w->cur.signal;
	if (c->facts.user) {
		if (c->verdict.misfit)
			stk_retract(w);
		return at_user_mode(w, c, w->entered);
	}
	if (c->facts.move == STK_MOVE_CROSS || c->facts.move == STK_MOVE_NOWHERE) {
		enum stk_status st = cross_over(w, c);

		if (st || w->stop)
			return st;
	}
	if (is_joint(w, c))
		return pass_joint(w, c);
	w->nested |= step->nested;
	move_cursor(&w->cur, step);
	return add_frame(w, c);
}

/* What never returns was found by its return address, right below. */
static enum stk_status add_live_frame(struct stk_walk *w)
{
	struct stk_frame *f = new_frame(w);

	if (!f)
		return STK_ERR_NOMEM;
	f->how = STK_HOW_SCAN;
	f->slot = f->sp - 8;
	f->reliable = true;
	f->evidence.agree = 1u << STK_WITNESS_CALL;
	return STK_OK;
}

enum stk_status stk_first_frame(struct stk_walk *w)
{
	struct stk *s = w->s;
	const struct stk_start *start = &w->c->chain.start;
	struct stk_stack own;
	struct stk_frame *f;
	enum stk_status st;

	if (!w->first && s->arch->user_mode(&start->regs) &&
	    s->arch->may_be_user(s, NULL, &start->regs, 0))
		return began_in_user_mode(w);
	stk_stack_at(w, w->cur.at, &w->cur.stack);
	/* Of an empty stack: its end. */
	if (!w->cur.stack.kind && start->has_task &&
	    !stk_task_stack(s, &start->task, &own) && w->cur.at == own.end)
		w->cur.stack = own;
	st = new_segment(w);
	if (st)
		return st;
	return w->first ? add_live_frame(w) : add_start_frame(w, &f);
}
