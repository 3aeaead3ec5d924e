/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other view of a stopped CPU: not what was interrupted but what interrupts. */
#include <string.h>

#include "../arch/arch.h"
#include "../machine/memory.h"
#include "unwind.h"

#define MAX_COPIES 8u

/*
 * A return address in a function that never returns is that of a call which may be over,
 * but the frame is not: it tells where the function's stack pointer is.
 */
static bool never_returns(struct stk *s, uint64_t ip, bool is_return)
{
	const char *const *known = s->arch->never_return;
	struct stk_name name;

	stk_symbolize(s, ip, is_return, &name);
	if (!name.function || name.module)
		return false;
	for (; known && *known; known++)
		if (!strcmp(name.function, *known))
			return true;
	return false;
}

size_t stk_copies(struct stk *s, const struct stk_start *start, struct stk_copy *out,
		  size_t room)
{
	struct stk_stack task;
	bool has = start->has_task && !stk_task_stack(s, &start->task, &task);

	return s->arch->saved_copies(s, start->cpu, has ? &task : NULL, &start->regs, out,
				     room);
}

static bool all_reliable(const struct stk_chain *chain)
{
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++)
			if (!seg->frames[i].reliable)
				return false;
	return true;
}

struct search {
	const struct stk_start *start;
	const struct stk_copy *copy; /* NULL: there are no registers; any good end does */
	bool doubtful;	/* take chains with frames that are not certain, too */
	bool put_aside; /* something was, as it is in doubt: worth another look */
	struct stk_chain *found;
};

static bool is_sought(struct search *find, const struct stk_chain *chain)
{
	if (find->copy ? chain->end != STK_END_JOINS : !stk_end_is_good(chain->end))
		return false;
	if (find->doubtful || all_reliable(chain))
		return true;
	find->put_aside = true;
	return false;
}

/* Words of a stack that were read at once: a search looks at each. */
struct window {
	uint64_t word[64];
	uint64_t begin, size;
};

static bool word_at(struct stk *s, struct window *w, uint64_t at, uint64_t end,
		    uint64_t *word)
{
	if (at - w->begin >= w->size) {
		uint64_t size = end - at < sizeof(w->word) ? end - at : sizeof(w->word);

		w->begin = at;
		w->size = stk_in_page(s, at, size) & ~7ull;
		/* A small dump may have some of them. */
		if (!w->size || stk_read(s, at, w->word, w->size)) {
			w->size = 0;
			if (stk_read_u64(s, at, w->word))
				return false;
			w->size = sizeof(*word);
		}
	}
	*word = w->word[(at - w->begin) / sizeof(*word)];
	return true;
}

/*
 * The lowest such frame of [begin, end) whose chain leads to the copy. Whatever stack it
 * is on: the CPU may have gone on to one or more since.
 */
static enum stk_status look_on(struct stk *s, struct search *find, uint64_t begin,
			       uint64_t end)
{
	const struct stk_arch *a = s->arch;
	struct stk_start at = *find->start;
	struct window words = { .size = 0 };
	struct stk_chain *chain;
	enum stk_status st;
	uint64_t ip, target;

	at.from = STK_FROM_STACK;
	at.signal = false;
	for (uint64_t slot = begin; slot < end; slot += 8) {
		if (stk_must_stop(s))
			return stk_why_stop(s);
		if (!word_at(s, &words, slot, end, &ip))
			continue;
		ip = stk_code_address(s, ip);
		/* Most words of a stack are zero. */
		if (!ip || !stk_is_text(s, ip) || !never_returns(s, ip, true) ||
		    !a->call_before(s, ip, &target))
			continue;
		/*
		 * Where another such function was called, its frame is further down. A
		 * certain chain without it is worse than one with it, but in doubt.
		 */
		if (!find->doubtful && target && never_returns(s, target, false)) {
			find->put_aside = true;
			continue;
		}
		stk_regs_behind(s, slot, ip, &at.regs);
		st = stk_unwind_until(s, &at, find->copy ? find->copy->regs_at : 0, true,
				      &chain);
		if (st)
			return st;
		if (is_sought(find, chain)) {
			/* One that comes over more stacks is of later. */
			if (!find->found ||
			    chain->nr_segments > find->found->nr_segments) {
				stk_chain_free(s, find->found);
				find->found = chain;
			} else {
				stk_chain_free(s, chain);
			}
			return STK_OK;
		}
		stk_chain_free(s, chain);
	}
	return STK_ERR_NOT_FOUND;
}

/* Nothing was found there, nor went anything wrong. */
static bool goes_on(enum stk_status st)
{
	return !st || st == STK_ERR_NOT_FOUND;
}

/* On the copy's own stack what is in use of late lies below it. */
static enum stk_status look_everywhere(struct stk *s, struct search *find)
{
	static const struct stk_stack nowhere;
	const struct stk_stack *here = find->copy ? &find->copy->stack : &nowhere, *all;
	enum stk_status st = STK_ERR_NOT_FOUND;
	struct stk_stack task;
	size_t nr;

	if (find->copy)
		st = look_on(s, find, here->begin, find->copy->regs_at);
	/* Of no CPU there are none, nor where that fails. */
	stk_cpu_stacks(s, (unsigned int)find->start->cpu, &all, &nr);
	for (size_t i = 0; i < nr && goes_on(st); i++)
		if (all[i].mapped && all[i].begin != here->begin)
			st = look_on(s, find, all[i].begin, all[i].end);
	if (goes_on(st) && find->start->has_task &&
	    !stk_task_stack(s, &find->start->task, &task) && task.begin != here->begin)
		st = look_on(s, find, task.begin, task.end);
	if (!goes_on(st))
		return st;
	return find->found ? STK_OK : STK_ERR_NOT_FOUND;
}

/* What stopped a CPU whose registers are @saved, or, where none are valid, not known. */
struct stk_stop {
	struct stk_regs saved;
	enum stk_status status; /* STK_OK, or STK_ERR_NOT_FOUND */
	struct stk_copy where;	/* of the registers, if there are any */
	struct stk_regs first;	/* of the chain that leads there */
};

static enum stk_status search_stop(struct stk *s, const struct stk_start *start,
				   struct stk_stop *out)
{
	struct stk_copy copy[MAX_COPIES];
	const bool any = !start->regs.valid;
	size_t nr = any ? 1 : stk_copies(s, start, copy, MAX_COPIES);
	enum stk_status st = STK_ERR_NOT_FOUND;
	struct search find = { .start = start };

	/* What an earlier call left below the live frames leads there by guesses only. */
	for (unsigned int doubtful = 0; doubtful < 2; doubtful++) {
		find.doubtful = doubtful;
		if (doubtful && !find.put_aside)
			break;
		for (size_t i = 0; i < nr && st == STK_ERR_NOT_FOUND; i++) {
			find.copy = any ? NULL : &copy[i];
			st = look_everywhere(s, &find);
		}
	}
	if (!st) {
		if (!any)
			out->where = *find.copy;
		out->first = find.found->start.regs;
	}
	stk_chain_free(s, find.found);
	return st;
}

/*
 * Where it is remembered; NULL: not of this start, or there is no memory. As an unsigned
 * number what is no CPU is none that there is.
 */
static struct stk_stop **stop_slot(struct stk *s, const struct stk_start *start)
{
	unsigned int nr = stk_nr_cpus(s);

	if (s->target.live || start->given || start->from == STK_FROM_TEXT ||
	    (unsigned int)start->cpu >= nr)
		return NULL;
	if (!s->stops)
		s->stops = stk_arena_array(&s->fixed, nr, sizeof(struct stk_stop *));
	return s->stops ? &s->stops[start->cpu] : NULL;
}

/* All stacks of the CPU are read for it, and several questions want to know: once. */
static enum stk_status find_stop(struct stk *s, const struct stk_start *start,
				 struct stk_stop *out)
{
	struct stk_stop **slot = stop_slot(s, start);

	if (slot && *slot &&
	    !memcmp(&(*slot)->saved, &start->regs, sizeof(start->regs))) {
		*out = **slot;
		return out->status;
	}
	*out = (struct stk_stop){ .saved = start->regs };
	out->status = search_stop(s, start, out);
	if (slot && !*slot && goes_on(out->status) && !stk_must_stop(s)) {
		struct stk_stop *kept = stk_arena_alloc(&s->fixed, sizeof(*kept));

		if (kept) {
			*kept = *out;
			*slot = kept;
		}
	}
	return out->status;
}

static enum stk_status unwind_live(struct stk *s, const struct stk_start *start,
				   struct stk_copy *where, struct stk_chain **out)
{
	struct stk_start at = *start;
	struct stk_stop stop;
	enum stk_status st = find_stop(s, start, &stop);

	*out = NULL;
	if (st)
		return st;
	*where = stop.where;
	at.from = STK_FROM_STACK;
	at.signal = false;
	at.regs = stop.first;
	return stk_unwind_until(s, &at, stop.where.regs_at, true, out);
}

enum stk_status stk_unwind_live(struct stk *s, const struct stk_start *start,
				struct stk_copy *where, struct stk_chain **out)
{
	stk_enter(s);
	return stk_leave(s, unwind_live(s, start, where, out));
}

uint64_t stk_stopped_at(struct stk *s, const struct stk_start *start)
{
	struct stk_stop stop;

	return find_stop(s, start, &stop) ? 0 : stop.where.regs_at;
}

bool stk_stopped_in(struct stk *s, const struct stk_start *start, struct stk_regs *regs)
{
	struct stk_start none = *start;
	struct stk_stop stop;

	none.regs = (struct stk_regs){ 0 };
	if (find_stop(s, &none, &stop))
		return false;
	*regs = stop.first;
	return true;
}

/* Only of a CPU the registers were saved by someone who went on from there. */
static bool went_on(const struct stk *s, const struct stk_start *start)
{
	return start->cpu >= 0 && start->from != STK_FROM_THREAD_SP &&
	       start->from != STK_FROM_STACK && !start->given && !s->target.live;
}

static enum stk_status unwind_whole(struct stk *s, const struct stk_start *start,
				    struct stk_chain **out)
{
	struct stk_stop stop;
	enum stk_status st;

	*out = NULL;
	if (!went_on(s, start))
		return stk_unwind_from(s, start, out);
	st = find_stop(s, start, &stop);
	if (st == STK_ERR_NOMEM)
		return st;
	if (st)
		return stk_unwind_from(s, start, out);
	return stk_unwind_through(s, start, &stop.first, stop.where.regs_at, out);
}

enum stk_status stk_unwind_whole(struct stk *s, const struct stk_start *start,
				 struct stk_chain **out)
{
	struct stk_purse purse = { 0 };
	enum stk_status st;

	stk_enter(s);
	/* One chain without end must not take it all from the others. */
	stk_purse_open(&s->budget, &purse, "a chain", 16);
	st = unwind_whole(s, start, out);
	stk_purse_close(&s->budget, &purse);
	return stk_leave(s, st);
}
