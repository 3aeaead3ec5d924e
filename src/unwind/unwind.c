/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk: step, check, cross, stop.
 *
 * Each step asks the architecture's methods in turn and takes the first answer that
 * can be true: in code, upwards on the same stack, or onto another stack that was
 * not visited yet.
 */
#include "unwind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../kernel/layout.h"
#include "../stacks/map.h"
#include "../target/memory.h"
#include "replaced.h"

#define MAX_FRAMES   4096u
#define MAX_SEGMENTS 32u
/* How far above its saved word a function that switched stacks may have its base. */
#define MAX_SWITCH_FRAME 1024u

/*
 * What stk_chain_free() gets back. All live chains hang on the session, which frees
 * what an abandoned command left behind.
 */
struct stk_chain_root {
	struct stk_chain chain;
	struct stk_arena arena;
	struct stk_chain_root *prev, *next;
};

struct walk {
	struct stk *s;
	struct stk_chain_root *c;
	struct stk_cursor cur;
	struct stk_segment *seg;
	size_t frames_room;
	uint64_t visited[MAX_SEGMENTS]; /* begin of each stack */
	bool nested;			/* sp went down on a stack: once is legal */
	uint64_t stop_at;		/* the pt_regs that ends this chain, or 0 */
	bool trial;			/* do not scan */
	const char *doubt;		/* what to say of frames since a scan */
};

static struct stk_regs *copy_regs(struct walk *w, const struct stk_regs *regs)
{
	struct stk_regs *copy = stk_arena_alloc(&w->c->arena, sizeof(*copy));

	if (copy)
		*copy = *regs;
	return copy;
}

static enum stk_status finish(struct walk *w, enum stk_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static enum stk_status finish(struct walk *w, enum stk_end end, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* What could not be read because the user wants to stop says nothing. */
	if (stk_interrupted(w->s)) {
		end = STK_END_INTERRUPTED;
		snprintf(text, sizeof(text), "%s", stk_end_text(end));
	}
	w->c->chain.end = end;
	w->c->chain.end_text = stk_arena_strndup(&w->c->arena, text, strlen(text));
	return w->c->chain.end_text ? STK_OK : STK_ERR_NOMEM;
}

/* The stack that @sp is on; kind UNKNOWN when it is on none. */
static void locate(struct walk *w, uint64_t sp, struct stk_stack *out)
{
	struct stk *s = w->s;
	const struct stk_start *start = &w->c->chain.start;
	const struct stk_stack *stack = NULL;

	if (w->cur.cpu >= 0)
		stack = stk_cpu_stack_at(s, (unsigned int)w->cur.cpu, sp);
	if (stack) {
		*out = *stack;
		return;
	}
	if (start->has_task && !stk_task_stack(s, &start->task, out) &&
	    sp >= out->begin && sp < out->end)
		return;
	if (!stk_find_stack(s, sp, out) && out->mapped)
		return;
	*out = (struct stk_stack){
		.kind = STK_STACK_UNKNOWN, .cpu = -1, .begin = sp, .end = sp
	};
}

static enum stk_status new_segment(struct walk *w)
{
	struct stk_segment *seg = stk_arena_alloc(&w->c->arena, sizeof(*seg));

	if (!seg)
		return STK_ERR_NOMEM;
	seg->stack = w->cur.stack;
	if (w->seg)
		w->seg->next = seg;
	else
		w->c->chain.segments = seg;
	w->seg = seg;
	w->frames_room = 0;
	w->visited[w->c->chain.nr_segments++] = seg->stack.begin;
	return STK_OK;
}

static struct stk_frame *new_frame(struct walk *w)
{
	struct stk_segment *seg = w->seg;
	struct stk_frame *f = stk_arena_grow(&w->c->arena, seg->frames, seg->nr_frames,
					     &w->frames_room, sizeof(*f));

	if (!f)
		return NULL;
	seg->frames = f;
	f += seg->nr_frames++;
	w->c->chain.nr_frames++;
	memset(f, 0, sizeof(*f));
	f->ip = w->cur.regs.v[w->s->arch->ip];
	f->sp = w->cur.regs.v[w->s->arch->sp];
	f->interrupted = w->cur.signal;
	if (seg->nr_frames == 1 || f->sp < seg->low)
		seg->low = f->sp;
	stk_symbolize(w->s, f->ip, !f->interrupted, &f->name);
	return f;
}

/* Why is the stack pointer of the cursor on no stack? NULL when it is on one. */
static const char *overflow_note(struct walk *w)
{
	struct stk_stack near;
	int guard;

	if (w->cur.stack.kind != STK_STACK_UNKNOWN ||
	    stk_find_near(w->s, w->cur.regs.v[w->s->arch->sp], &near, &guard) ||
	    guard >= 0)
		return NULL;
	return stk_arena_printf(
		&w->c->arena,
		"rsp is in the guard page below the %s stack at %#llx: it "
		"overflowed",
		stk_stack_kind_name(near.kind), (unsigned long long)near.begin);
}

/*
 * A tracer's trampoline in place of a return address: go on with the real one. The
 * frame says so; without the real one it is not to be trusted.
 */
static enum stk_status restore_return(struct walk *w, struct stk_step *step)
{
	const struct stk_start *start = &w->c->chain.start;
	uint64_t *ip = &step->regs.v[w->s->arch->ip], real;
	const char *what;

	if (!step->slot || !start->has_task ||
	    !stk_replaced_return(w->s, &start->task, *ip, step->slot, &real, &what))
		return STK_OK;
	step->note =
		stk_arena_printf(&w->c->arena,
				 real ? "return address replaced by the %s, restored"
				      : "return address replaced by the %s; the real one "
					"is lost",
				 what);
	if (real)
		*ip = real;
	else
		step->reliable = false;
	return step->note ? STK_OK : STK_ERR_NOMEM;
}

/* Is this step possible at all? If not, which end does it make? */
static bool acceptable(struct walk *w, const struct stk_step *step, enum stk_end *end,
		       uint64_t *bad)
{
	const struct stk_arch *a = w->s->arch;
	uint64_t ip = step->regs.v[a->ip], sp = step->regs.v[a->sp];
	uint64_t old = w->cur.regs.v[a->sp];
	const struct stk_stack *stack = &w->cur.stack;

	if (a->user_mode(&step->regs)) {
		if (a->may_be_user(w->s, stack, &step->regs, step->regs_at))
			return true;
		*end = STK_END_NOT_TEXT;
		*bad = ip;
		return false;
	}
	/* An interrupted ip may be anything: it may be why the machine died. */
	if (!step->signal && !stk_is_text(w->s, ip)) {
		*end = STK_END_NOT_TEXT;
		*bad = ip;
		return false;
	}
	if (sp >= stack->begin && sp <= stack->end && sp <= old &&
	    !(step->nested && !w->nested)) {
		*end = STK_END_BACKWARDS;
		*bad = sp;
		return false;
	}
	return true;
}

/*
 * Two witnesses at a crossing: what was followed (a pt_regs, an ORC rule) and the
 * word that the switch left at the top of the stack.
 */
static void set_crossing(struct walk *w, const struct stk_step *step)
{
	struct stk *s = w->s;
	struct stk_segment *seg = w->seg;
	struct stk_crossing *x = &seg->crossing;
	uint64_t sp = step->regs.v[s->arch->sp];

	seg->crossed = true;
	x->have_link = s->arch->link_word(s, &seg->stack, &x->link_at, &x->link);
	x->how = step->how;
	x->at = step->regs_at ? step->regs_at : step->slot;
	if (step->regs_at)
		x->how = step->how == STK_HOW_LINK ? STK_HOW_LINK : STK_HOW_REGS;
	x->agree = true;
	if (!x->have_link)
		return;
	if (step->link_at == x->link_at) {
		/* The rule itself read the saved word. */
		x->how = STK_HOW_LINK;
		x->at = x->link_at;
	}
	/* The word is rsp itself, or lies in the frame of the function that switched. */
	x->agree = x->link == sp || (x->link < sp && sp - x->link <= MAX_SWITCH_FRAME);
	if (!x->agree)
		x->note = stk_arena_printf(&w->c->arena, "the word at %#llx says %#llx",
					   (unsigned long long)x->link_at,
					   (unsigned long long)x->link);
	else if (seg->stack.kind == STK_STACK_IRQ && seg->stack.cpu >= 0 &&
		 stk_irq_stack_in_use(s, (unsigned int)seg->stack.cpu) == 0)
		x->note = "the CPU's own mark says that its IRQ stack is not in use";
}

/* The end of most chains: with how the kernel was entered from there. */
static enum stk_status at_user_mode(struct walk *w, uint64_t entry_ip)
{
	struct stk_entry *e = &w->c->chain.entry;
	unsigned long long ip = w->c->chain.user->v[w->s->arch->ip];
	char how[128] = "";

	w->s->arch->describe_entry(w->s, entry_ip, w->c->chain.user, w->c->chain.user_at,
				   e);
	if (e->kind == STK_ENTRY_UNKNOWN)
		return finish(w, STK_END_USER, "user mode at %#llx", ip);
	if (e->nr >= 0)
		snprintf(how, sizeof(how), " %lld", (long long)e->nr);
	else if (e->vector >= 0)
		snprintf(how, sizeof(how), " %d", e->vector);
	return finish(w, STK_END_USER, "user mode at %#llx, %s%s%s%s%s", ip,
		      stk_entry_kind_name(e->kind), how, e->name ? " (" : "",
		      e->name ? e->name : "", e->name ? ")" : "");
}

/* The frame that is left was called from somewhere that the rule does not show. */
static enum stk_status note_passed(struct walk *w, uint64_t ret)
{
	struct stk_frame *f = &w->seg->frames[w->seg->nr_frames - 1];
	struct stk_name name;

	stk_symbolize(w->s, ret, true, &name);
	f->note = stk_arena_printf(&w->c->arena, "called by %s+%llu",
				   name.function ? name.function : "unknown code",
				   (unsigned long long)name.offset);
	return f->note ? STK_OK : STK_ERR_NOMEM;
}

/* Follow @step: the cursor moves to the caller's frame. */
static enum stk_status follow(struct walk *w, const struct stk_step *step, bool *stop)
{
	struct stk *s = w->s;
	const struct stk_arch *a = s->arch;
	struct stk_cursor *c = &w->cur;
	uint64_t sp = step->regs.v[a->sp];
	struct stk_frame *f;
	bool was_full = c->full.valid && c->signal;

	*stop = true;
	if (step->passed && note_passed(w, step->passed))
		return STK_ERR_NOMEM;
	if (w->stop_at && step->regs_at == w->stop_at) {
		/* The stack's top leads there from anywhere: no proof of this frame. */
		w->seg->frames[w->seg->nr_frames - 1].reliable &= step->reliable;
		return finish(w, STK_END_JOINS, "the pt_regs at %#llx",
			      (unsigned long long)w->stop_at);
	}
	if (a->user_mode(&step->regs)) {
		w->c->chain.user = copy_regs(w, &step->regs);
		w->c->chain.user_at = step->regs_at;
		if (!w->c->chain.user)
			return STK_ERR_NOMEM;
		/* Past the byte that was interrupted, like a return address. */
		return at_user_mode(w, step->passed ? step->passed
						    : c->regs.v[a->ip] + c->signal);
	}

	w->nested |= step->nested;
	/* ORC's register bases look at the last whole set while frames are partial. */
	if (step->full)
		c->full = step->regs;
	else if (!step->signal || !was_full)
		memset(&c->full, 0, sizeof(c->full));
	c->regs = step->regs;
	c->signal = step->signal;

	if (sp < c->stack.begin || sp > c->stack.end) {
		struct stk_stack stack;

		locate(w, sp, &stack);
		if (stack.kind == STK_STACK_UNKNOWN && !step->regs_at)
			return finish(w, STK_END_OFF_STACK,
				      "the stack pointer %#llx is on no stack",
				      (unsigned long long)sp);
		for (size_t i = 0; i < w->c->chain.nr_segments; i++)
			if (w->visited[i] == stack.begin)
				return finish(
					w, STK_END_RECURSION,
					"the %s stack at %#llx is entered a second time",
					stk_stack_kind_name(stack.kind),
					(unsigned long long)stack.begin);
		if (w->c->chain.nr_segments == MAX_SEGMENTS)
			return finish(w, STK_END_LIMIT, "more than %u stacks",
				      MAX_SEGMENTS);
		set_crossing(w, step);
		/* The stack's own word leads there, too: firm ground again. */
		if (w->seg->crossing.have_link && w->seg->crossing.agree)
			w->doubt = NULL;
		c->stack = stack;
		if (new_segment(w))
			return STK_ERR_NOMEM;
	}
	f = new_frame(w);
	if (!f)
		return STK_ERR_NOMEM;
	f->how = step->regs_at && step->how == STK_HOW_ORC ? STK_HOW_REGS : step->how;
	f->reliable = step->reliable && !w->doubt;
	f->slot = step->slot;
	f->note = step->note;
	if (step->regs_at) {
		f->regs_at = step->regs_at;
		f->regs = copy_regs(w, &step->regs);
		if (!f->regs)
			return STK_ERR_NOMEM;
	}
	if (!f->note)
		f->note = overflow_note(w);
	if (!f->note)
		f->note = w->doubt;
	*stop = false;
	return STK_OK;
}

/*
 * An end-of-stack rule holds where a task's stack begins: nothing lies above but the
 * pt_regs of its entry from user mode and some padding.
 */
#define MAX_ABOVE_START 256u

static enum stk_status at_stack_start(struct walk *w)
{
	const struct stk_start *start = &w->c->chain.start;
	uint64_t sp = w->cur.regs.v[w->s->arch->sp];

	if (w->cur.stack.kind != STK_STACK_TASK ||
	    w->cur.stack.end - sp > MAX_ABOVE_START)
		return finish(
			w, STK_END_NO_RULE,
			"the unwind rule says that the stack begins here, in the middle "
			"of it (%#llx)",
			(unsigned long long)w->cur.regs.v[w->s->arch->ip]);

	if (start->has_task && start->task.pid == 0)
		return finish(w, STK_END_IDLE, "start of the idle task of CPU %d",
			      start->cpu >= 0 ? start->cpu : start->task.cpu);
	return finish(w, STK_END_THREAD_START, "start of the thread");
}

#define MAX_SCAN_TRIALS 64u

/* Would a chain from here come to a good end? */
static bool leads_to_end(struct walk *w, uint64_t ip, uint64_t sp)
{
	const struct stk_arch *a = w->s->arch;
	struct stk_start start = w->c->chain.start;
	struct stk_chain *chain;
	bool good;

	start.from = STK_FROM_STACK;
	start.cpu = w->cur.cpu;
	start.signal = false;
	memset(&start.regs, 0, sizeof(start.regs));
	start.regs.v[a->ip] = ip;
	start.regs.v[a->sp] = sp;
	start.regs.valid = 1ull << a->ip | 1ull << a->sp;
	if (stk_unwind_until(w->s, &start, w->stop_at, true, &chain))
		return false;
	good = stk_end_is_good(chain->end);
	/* Going back to where the chain was before is no end. */
	for (struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i + 1 < w->c->chain.nr_segments; i++)
			good = good && w->visited[i] != seg->stack.begin;
	stk_chain_free(w->s, chain);
	return good;
}

/*
 * The last resort: no method knows the caller. The first word above that follows a call
 * and from which a chain comes to a good end is taken for a return address. Frames may
 * be lost before it, and it may be left over; so all that comes of it is marked, as far
 * as the next stack whose own word confirms the way.
 */
static bool scan(struct walk *w, enum stk_end why, uint64_t bad, bool *stop,
		 enum stk_status *st)
{
	const struct stk_arch *a = w->s->arch;
	const struct stk_stack *stack = &w->cur.stack;
	uint64_t slot = w->cur.regs.v[a->sp], ip;
	unsigned int trials = 0;

	if (stack->kind == STK_STACK_UNKNOWN)
		return false;
	for (slot = (slot + 7) & ~7ull; slot + 8 <= stack->end; slot += 8) {
		struct stk_step found = { .how = STK_HOW_SCAN, .slot = slot };

		if (stk_interrupted(w->s) || stk_read_u64(w->s, slot, &ip) ||
		    trials == MAX_SCAN_TRIALS)
			return false;
		if (!stk_is_text(w->s, ip) || !a->call_before(w->s, ip))
			continue;
		trials++;
		if (!leads_to_end(w, ip, slot + 8))
			continue;
		found.regs.v[a->ip] = ip;
		found.regs.v[a->sp] = slot + 8;
		found.regs.valid = 1ull << a->ip | 1ull << a->sp;
		found.note = stk_arena_printf(
			&w->c->arena,
			"%s (%#llx): found by reading on; frames may be missing before it",
			stk_end_text(why), (unsigned long long)bad);
		*st = follow(w, &found, stop);
		w->doubt = "reached from a frame that was found by reading on";
		return true;
	}
	return false;
}

static enum stk_status step(struct walk *w, bool *stop)
{
	const struct stk_arch *a = w->s->arch;
	enum stk_end end = STK_END_NO_RULE;
	uint64_t bad = w->cur.regs.v[a->ip];
	bool have_end = false;
	enum stk_status st;

	*stop = true;
	if (stk_interrupted(w->s))
		return finish(w, STK_END_INTERRUPTED, "%s",
			      stk_end_text(STK_END_INTERRUPTED));
	if (w->c->chain.nr_frames >= MAX_FRAMES)
		return finish(w, STK_END_LIMIT, "more than %u frames", MAX_FRAMES);
	for (size_t i = 0; i < a->nr_methods; i++) {
		struct stk_step found = { .end = STK_END_NO_RULE };
		enum stk_end why;
		uint64_t at;

		switch (a->methods[i](w->s, &w->cur, &found)) {
		case STK_STEP_END:
			return at_stack_start(w);
		case STK_STEP_OK:
			if (restore_return(w, &found))
				return STK_ERR_NOMEM;
			if (acceptable(w, &found, &why, &at))
				return follow(w, &found, stop);
			break;
		case STK_STEP_FAILED:
			why = found.end;
			at = found.bad;
			break;
		default:
			continue;
		}
		/* Keep what the first, most trusted method complained about. */
		if (!have_end) {
			have_end = true;
			end = why;
			bad = at;
		}
	}
	if (!w->trial && scan(w, end, bad, stop, &st))
		return st;
	return finish(w, end, "%s (%#llx)", stk_end_text(end), (unsigned long long)bad);
}

static enum stk_status walk(struct walk *w)
{
	struct stk *s = w->s;
	const struct stk_arch *a = s->arch;
	const struct stk_start *start = &w->c->chain.start;
	const char *doubt;
	struct stk_frame *f;
	bool stop = false;
	enum stk_status st;

	w->c->chain.entry = (struct stk_entry){ .nr = -1, .vector = -1 };
	w->cur.regs = start->regs;
	w->cur.full = start->regs;
	w->cur.signal = start->signal;
	w->cur.cpu = start->cpu;
	w->cur.arena = &w->c->arena;
	if (a->user_mode(&start->regs) && a->may_be_user(s, NULL, &start->regs, 0)) {
		w->c->chain.user = copy_regs(w, &start->regs);
		if (!w->c->chain.user)
			return STK_ERR_NOMEM;
		return finish(w, STK_END_USER, "user mode at %#llx",
			      (unsigned long long)start->regs.v[a->ip]);
	}
	doubt = start->from == STK_FROM_STACK ? NULL : stk_bad_start(s, start);
	locate(w, start->regs.v[a->sp], &w->cur.stack);
	st = new_segment(w);
	if (st)
		return st;
	f = new_frame(w);
	if (!f)
		return STK_ERR_NOMEM;
	f->how = STK_HOW_REGS;
	f->reliable = !doubt;
	f->note = doubt ? doubt : overflow_note(w);
	f->regs = start->from == STK_FROM_THREAD_SP || start->from == STK_FROM_STACK
			  ? NULL
			  : &start->regs;
	if (doubt)
		return finish(w, STK_END_BAD_START, "%s", doubt);
	while (!st && !stop)
		st = step(w, &stop);
	return st;
}

#define LIVE_TRIES 4

/*
 * How often the task was switched out. If that is the same before and after its stack
 * was read, and it is not running, then it slept all the time.
 */
static bool switches(struct stk *s, const struct stk_task *task, uint64_t *nr)
{
	uint64_t asked, forced;

	if (stk_read_member(s, task->addr, task_struct, nvcsw, &asked) ||
	    stk_read_member(s, task->addr, task_struct, nivcsw, &forced))
		return false;
	*nr = asked + forced;
	return true;
}

static bool slept_since(struct stk *s, const struct stk_task *task, uint64_t before)
{
	struct stk_task now;
	uint64_t nr;

	stk_forget_memory(s);
	return switches(s, task, &nr) && nr == before &&
	       !stk_task_read(s, task->addr, &now) && !now.on_cpu && now.sp == task->sp;
}

static enum stk_status unwind_live(struct stk *s, const struct stk_task *task,
				   struct stk_chain **out)
{
	*out = NULL;
	for (int i = 0; i < LIVE_TRIES; i++) {
		struct stk_start start;
		uint64_t before;
		enum stk_status st;

		stk_forget_memory(s);
		if (!switches(s, task, &before))
			break;
		st = stk_start_task(s, task, &start);
		if (!st)
			st = stk_unwind_until(s, &start, 0, false, out);
		if (st || slept_since(s, &start.task, before))
			return st;
		stk_chain_free(s, *out);
		*out = NULL;
	}
	return stk_fail(s, STK_ERR_NO_REGS, "PID %u ran while its stack was read",
			task->pid);
}

enum stk_status stk_unwind(struct stk *s, const struct stk_start *start,
			   struct stk_chain **out)
{
	if (s->target.live && start->from == STK_FROM_THREAD_SP)
		return unwind_live(s, &start->task, out);
	return stk_unwind_until(s, start, 0, false, out);
}

enum stk_status stk_unwind_until(struct stk *s, const struct stk_start *start,
				 uint64_t stop_at, bool trial, struct stk_chain **out)
{
	struct walk w = { .s = s, .stop_at = stop_at, .trial = trial };
	enum stk_status st;

	*out = NULL;
	w.c = calloc(1, sizeof(*w.c));
	if (!w.c)
		return STK_ERR_NOMEM;
	w.c->next = s->chains;
	if (s->chains)
		s->chains->prev = w.c;
	s->chains = w.c;
	w.c->chain.start = *start;
	w.c->chain.cpu = start->cpu;
	st = walk(&w);
	if (st) {
		stk_chain_free(s, &w.c->chain);
		return st;
	}
	*out = &w.c->chain;
	return STK_OK;
}

void stk_chain_free(struct stk *s, struct stk_chain *chain)
{
	struct stk_chain_root *c = (struct stk_chain_root *)chain; /* its first member */

	if (!c)
		return;
	if (c->prev)
		c->prev->next = c->next;
	else
		s->chains = c->next;
	if (c->next)
		c->next->prev = c->prev;
	stk_arena_free(&c->arena);
	free(c);
}

void stk_free_chains(struct stk *s)
{
	while (s->chains)
		stk_chain_free(s, &s->chains->chain);
}
