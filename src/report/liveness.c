/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "liveness.h"

#include <string.h>

#include "../arch/shadow.h"
#include "../kernel/layout.h"
#include "../stacks/map.h"
#include "../machine/memory.h"

/* A stack that a CPU was on, and from which address on. */
struct part {
	uint64_t begin, sp;
	const char *why;
};

/*
 * For each CPU the stacks that its chain passes, and those that it went on to since: its
 * saved registers may be those of what a fault or an NMI interrupted.
 */
struct cpu_live {
	bool tried;
	bool user; /* the CPU was in user mode: all its stacks are empty */
	bool known;
	bool shadows; /* where its shadow call stacks were is known, too */
	size_t nr, room;
	struct part *part;
};

struct stk_liveness {
	struct cpu_live *cpu;
	unsigned int nr;
};

static enum stk_status make_liveness(struct stk *s, void *value)
{
	struct stk_liveness *l = value;

	l->nr = stk_nr_cpus(s);
	l->cpu = stk_arena_array(&s->fixed, l->nr, sizeof(*l->cpu));
	return l->cpu ? STK_OK : STK_ERR_NOMEM;
}

static struct stk_liveness *get_liveness(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_liveness),
		.find = make_liveness,
	};

	stk_once(s, &s->liveness, &once);
	return s->liveness.value;
}

static void add_live_part(struct cpu_live *c, const struct stk_stack *stack, uint64_t sp,
			  const char *why)
{
	struct part *p = c->part;

	while (p < c->part + c->nr && p->begin != stack->begin)
		p++;
	if (p == c->part + c->room)
		return;
	if (p == c->part + c->nr) {
		c->nr++;
		*p = (struct part){ stack->begin, sp, why };
	} else if (stk_stack_depth(stack, sp) > stk_stack_depth(stack, p->sp)) {
		p->sp = sp;
		p->why = why;
	}
}

/* What went on to the stack @by has a frame here, below the first that is shown. */
static uint64_t lowest_frame(struct stk *s, const struct stk_segment *g,
			     const struct stk_segment *by)
{
	uint64_t sp;

	return by && by->crossing.agree && s->arch->left_at(s, &by->stack, &sp) &&
			       sp >= g->stack.begin && sp < g->low
		       ? sp
		       : g->low;
}

/* Where rsp is in a guard page, all of the stack above it is in use. */
static void add_parts(struct stk *s, struct cpu_live *c, const struct stk_chain *chain,
		      const char *why)
{
	const struct stk_segment *by = NULL;
	struct stk_stack near;
	int guard;

	for (const struct stk_segment *g = chain ? chain->segments : NULL; g;
	     by = g, g = g->next)
		if (g->stack.kind)
			add_live_part(c, &g->stack, lowest_frame(s, g, by), why);
		else if (!stk_find_near(s, g->low, &near, &guard) && guard < 0)
			add_live_part(c, &near, near.begin, "it overflowed");
}

/* A frame on the CPU's or its task's stacks: the shadow call stack behind it, too. */
static void add_shadow(struct stk *s, struct cpu_live *c, const struct stk_chain *chain,
		       const struct stk_frame *f, const char *why)
{
	const struct stk_start *start = &chain->start;
	struct stk_stack stack;

	if (!f->shadow || stk_stack_with(s, f->shadow - 1, &stack) ||
	    !stk_stack_grows_up(&stack))
		return;
	if (stack.cpu == chain->cpu ||
	    (start->has_task && stack.task == start->task.addr) ||
	    (start->switching && stack.task == start->other.addr)) {
		add_live_part(c, &stack, f->shadow, why);
		c->shadows = true;
	}
}

static void add_shadows(struct stk *s, struct cpu_live *c, const struct stk_chain *chain,
			const char *why)
{
	for (const struct stk_segment *g = chain ? chain->segments : NULL; g; g = g->next)
		for (size_t i = 0; i < g->nr_frames; i++)
			add_shadow(s, c, chain, &g->frames[i], why);
}

/* Of each CPU and each of two tasks. */
#define MAX_SHADOWS (STK_MAX_CPU_STACKS + 2)

#define STOPPED_HERE "what stopped the CPU runs here"

static enum stk_status find_live_parts(struct stk *s, struct cpu_live *c,
				       const struct stk_start *start,
				       const struct stk_chain *chain)
{
	struct stk_chain *since = NULL;
	struct stk_copy where;
	enum stk_status st = stk_unwind_live(s, start, &where, &since);

	if (!st || st == STK_ERR_NOT_FOUND) {
		c->room = chain->nr_segments + (since ? since->nr_segments : 0) +
			  MAX_SHADOWS;
		c->part = stk_arena_array(&s->arena, c->room, sizeof(*c->part));
		st = c->part ? STK_OK : stk_why_stop(s);
		/* An interrupt may have come when all were there. */
		c->nr = 0;
	}
	if (!st) {
		c->known = stk_end_is_good(chain->end);
		c->user = !chain->nr_segments && chain->end == STK_END_USER;
		add_parts(s, c, chain, NULL);
		add_shadows(s, c, chain, NULL);
		add_parts(s, c, since, STOPPED_HERE);
		add_shadows(s, c, since, STOPPED_HERE);
	}
	stk_chain_free(s, since);
	return st;
}

/* One chain without end must not take it all from the others. */
static bool unwind_within(struct stk *s, const struct stk_start *start,
			  struct stk_chain **chain)
{
	struct stk_purse purse = { 0 };
	enum stk_status st;

	stk_purse_open(&s->budget, &purse, "a chain", 16);
	st = stk_unwind(s, start, chain);
	stk_purse_close(&s->budget, &purse);
	return !st;
}

static struct cpu_live *of_cpu(struct stk *s, unsigned int cpu)
{
	struct stk_liveness *l = get_liveness(s);
	struct stk_start start;
	struct stk_chain *chain;
	struct cpu_live *c;

	if (!l || cpu >= l->nr)
		return NULL;
	c = &l->cpu[cpu];
	if (c->tried)
		return c;
	if (!stk_start_cpu(s, cpu, &start) && !start.partial &&
	    unwind_within(s, &start, &chain)) {
		enum stk_status st = STK_ERR_INTERRUPTED;

		if (chain->end != STK_END_INTERRUPTED)
			st = find_live_parts(s, c, &start, chain);
		stk_chain_free(s, chain);
		if (st)
			return NULL;
	}
	if (stk_must_stop(s))
		return NULL;
	c->tried = true;
	return c;
}

static const struct part *part_of(const struct cpu_live *c, const struct stk_stack *stack)
{
	for (size_t i = 0; i < c->nr; i++)
		if (c->part[i].begin == stack->begin)
			return &c->part[i];
	return NULL;
}

static void live_from(struct stk_live *out, uint64_t sp, const char *below)
{
	out->sp = sp;
	out->exact = true;
	out->why_below = below;
}

/* Is what the CPU's chain shows of @stack's kind all there was? */
static bool all_known(const struct cpu_live *c, const struct stk_stack *stack)
{
	return c && c->known && (!stk_stack_grows_up(stack) || c->shadows || c->user);
}

static const char *beyond(const struct stk_stack *stack, const char *sp)
{
	return stk_stack_grows_up(stack) ? "above its pointer" : sp;
}

static void live_part(struct stk_live *out, const struct part *part, const char *below)
{
	live_from(out, part->sp, below);
	out->why_above = part->why;
}

static void cpu_stack(struct stk *s, const struct stk_stack *stack, struct stk_live *out)
{
	struct cpu_live *c = of_cpu(s, (unsigned int)stack->cpu);
	const struct part *part = c ? part_of(c, stack) : NULL;
	const char *says = NULL;

	if (part) {
		live_part(out, part, beyond(stack, "below the stack pointer"));
	} else if (s->arch->in_use(s, stack, &says) == 1) {
		/* The saved registers can be those of what an NMI interrupted. */
		out->sp = stack->begin;
		out->why_above = says;
	} else {
		out->why_below = says ? says
				 : all_known(c, stack)
					 ? "the CPU was not on this stack"
					 : "as far as the CPU's chain is known";
	}
}

static void live_running(struct stk *s, const struct stk_stack *stack, int cpu,
			 struct stk_live *out)
{
	struct cpu_live *c = of_cpu(s, (unsigned int)cpu);
	const struct part *part = c ? part_of(c, stack) : NULL;

	if (!c || !c->known) {
		out->sp = stk_stack_full(stack);
		out->why_above =
			c && c->nr ? "its task was running; its chain is broken"
				   : "its task was running; no registers were saved";
	} else if (part) {
		live_part(out, part, beyond(stack, "below the task's stack pointer"));
	} else if (!all_known(c, stack)) {
		out->sp = stk_stack_full(stack);
		out->why_above = "its task was running; nothing tells how far it was";
	} else if (c->user) {
		out->why_below = "its task was in user mode";
	} else {
		out->why_below = "its task was running on another stack";
	}
}

/* Where the stack pointer of @stack was when its task was switched out. */
static uint64_t saved_sp(struct stk *s, const struct stk_stack *stack,
			 const struct stk_task *task)
{
	struct stk_stack shadow;
	uint64_t sp;

	if (!stk_stack_grows_up(stack))
		return task->sp;
	return stk_task_shadow(s, task, &shadow, &sp) ? sp : 0;
}

static bool is_on(const struct stk_stack *stack, uint64_t sp)
{
	return sp >= stack->begin && sp <= stack->end && sp != stk_stack_full(stack);
}

static void task_liveness(struct stk *s, const struct stk_stack *stack,
			  struct stk_live *out)
{
	struct stk_task task;
	int cpu;

	if (stk_stack_is_free(stack)) {
		out->below = STK_STATE_DEAD;
		out->why_below = stack->cpu >= 0 ? "kept for the next task"
						 : "its task has exited and left it";
	} else if (stk_task_read(s, stack->task, &task)) {
		out->why_below = "its task cannot be read";
	} else if (task.exit_state) {
		out->below = STK_STATE_DEAD;
		out->why_below = "its task has exited";
	} else if ((cpu = stk_running_cpu(s, task.addr)) >= 0) {
		live_running(s, stack, cpu, out);
	} else if (!is_on(stack, saved_sp(s, stack, &task))) {
		/* Garbage: nothing can be told from it, so nothing is called residue. */
		out->sp = stk_stack_full(stack);
		out->why_above = "its task's saved stack pointer is not on it";
	} else {
		live_from(out, saved_sp(s, stack, &task),
			  beyond(stack, "below the task's stack pointer"));
	}
}

bool stk_live_at(const struct stk_stack *stack, const struct stk_live *live, uint64_t at)
{
	return stk_stack_grows_up(stack) ? at < live->sp : at >= live->sp;
}

bool stk_live(struct stk *s, const struct stk_stack *stack, struct stk_live *out)
{
	*out = (struct stk_live){ .sp = stk_stack_empty(stack),
				  .below = STK_STATE_STALE };
	if (stk_stack_is_task(stack))
		task_liveness(s, stack, out);
	else
		cpu_stack(s, stack, out);
	/* A saved stack pointer may be garbage. */
	if (out->sp > stack->end)
		out->sp = stk_stack_empty(stack);
	return !stk_must_stop(s);
}

uint64_t stk_used(struct stk *s, const struct stk_segment *seg)
{
	const struct stk_stack *stack = &seg->stack;
	struct stk_live live;

	/* The user may have asked for a chain of what is not in use any more. */
	if (!stk_live(s, stack, &live) || !live.exact || seg->low < live.sp)
		return stack->end - seg->low;
	return stack->end - live.sp;
}

/* ---- how deep was it ever used? ---- */

/* Within a page. crash translates no address of ESPFIX: there the page tables must. */
static bool read_part(struct stk *s, uint64_t at, void *buf, size_t size)
{
	uint64_t phys;

	return !stk_read(s, at, buf, size) ||
	       (!stk_translate(s, at, &phys) && !stk_read_phys(s, phys, buf, size));
}

#define STACK_END_MAGIC 0x57ac6e9dull

struct stk_base stk_base(struct stk *s, const struct stk_stack *stack)
{
	struct stk_base base = { 0 };
	uint64_t word;
	uint32_t size;

	if (stk_stack_grows_up(stack)) {
		base.size = sizeof(word);
		base.overrun = read_part(s, stack->end - 8, &word, sizeof(word)) &&
			       !stk_is_shadow_end(word);
		base.word = base.overrun ? word : 0;
		return base;
	}
	if (!stk_stack_is_task(stack))
		return base;
	base.size = stk_stack_is_free(stack) && stk_find_size(s, "vm_stack", &size) &&
				    size < 256
			    ? size
			    : 8;
	/* Zero: early in the boot it is not there yet. */
	base.overrun = !stk_stack_is_free(stack) &&
		       read_part(s, stack->begin, &word, sizeof(word)) && word &&
		       word != STACK_END_MAGIC;
	if (base.overrun)
		base.word = word;
	return base;
}

bool stk_in_base(const struct stk_stack *stack, const struct stk_base *base, uint64_t at)
{
	return stk_stack_grows_up(stack) ? at >= stack->end - base->size
					 : at < stack->begin + base->size;
}

/* Of one that grows up: it is a page. */
static bool high_water(struct stk *s, const struct stk_stack *stack, uint64_t *at)
{
	uint64_t word;

	*at = stack->end - (stk_base(s, stack).overrun ? 0 : 8);
	for (; *at > stack->begin; *at -= 8) {
		if (!read_part(s, *at - 8, &word, sizeof(word)))
			return false;
		if (word)
			break;
	}
	return true;
}

bool stk_low_water(struct stk *s, const struct stk_stack *stack, uint64_t *at)
{
	uint64_t word[STK_MIN_PAGE_SIZE / 8];
	struct stk_base base = stk_base(s, stack);
	uint64_t a = stack->begin + (base.overrun ? 0 : base.size);

	if (stk_stack_grows_up(stack))
		return high_water(s, stack, at);
	while (a < stack->end) {
		uint64_t size = STK_MIN_PAGE_SIZE - a % STK_MIN_PAGE_SIZE;

		if (size > stack->end - a)
			size = stack->end - a;
		if (!read_part(s, a, word, size))
			return false;
		for (size_t i = 0; i < size / 8; i++) {
			if (word[i]) {
				*at = a + 8 * i;
				return true;
			}
		}
		a += size;
	}
	*at = stack->end;
	return true;
}

enum stk_state stk_liveness(struct stk *s, const struct stk_stack *stack, uint64_t addr,
			    const char **why)
{
	struct stk_live live;

	stk_live(s, stack, &live);
	if (stk_live_at(stack, &live, addr)) {
		*why = live.why_above;
		return STK_STATE_LIVE;
	}
	*why = live.why_below;
	return live.below;
}

/* What the page tables say of a stack that cannot be read, or not all of it. */
static void unreadable(struct stk *s, const struct stk_stack *stack, struct stk_use *out)
{
	bool mapped = false;

	for (uint64_t at = stack->begin; at < stack->end; at += stk_page_size(s)) {
		uint64_t phys;
		enum stk_status st = stk_translate(s, at, &phys);

		mapped |= st != STK_ERR_UNMAPPED;
		if (!st && stk_in_dump(s, phys))
			return;
	}
	out->state = mapped ? STK_STATE_EXCLUDED : STK_STATE_UNMAPPED;
	out->why = mapped ? "none of it is in the dump" : "its pages are not mapped";
}

static enum stk_status measure_use(struct stk *s, const struct stk_stack *stack,
				   struct stk_use *out)
{
	struct stk_live live;
	uint64_t low;
	bool known;

	memset(out, 0, sizeof(*out));
	if (!stack->mapped) {
		out->state = STK_STATE_UNMAPPED;
		out->why = "the kernel maps no such stack on this machine";
		return STK_OK;
	}
	if (!stk_live(s, stack, &live))
		return stk_why_stop(s);
	known = stk_low_water(s, stack, &low);
	if (known)
		out->high_water = stk_stack_depth(stack, low);
	out->overrun = stk_base(s, stack).overrun;
	if (live.sp != stk_stack_empty(stack)) {
		out->state = STK_STATE_LIVE;
		out->why = live.why_above;
		out->sp = live.exact ? live.sp : 0;
		out->used = stk_stack_depth(stack, live.sp);
		return STK_OK;
	}
	out->state = live.below;
	out->why = live.why_below;
	if (known && low == stk_stack_empty(stack)) {
		out->state = STK_STATE_UNUSED;
		out->why = "all of it is zero";
		return STK_OK;
	}
	if (!known)
		unreadable(s, stack, out);
	out->has_residue = s->arch->residue(s, stack, &out->residue);
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}

enum stk_status stk_stack_use(struct stk *s, const struct stk_stack *stack,
			      struct stk_use *out)
{
	stk_enter(s);
	return stk_leave(s, measure_use(s, stack, out));
}
