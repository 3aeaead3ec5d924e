/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other view of a stopped CPU: not what was interrupted but what interrupts. */
#include <string.h>

#include "../arch/arch.h"
#include "unwind.h"

#define MAX_COPIES 8u

/*
 * These do not return once they stop a CPU or start the crash kernel. A return address
 * in one of them is that of a call which may be over, but the frame is not: it tells
 * where the function's stack pointer is.
 */
static const char *const stays[] = {
	"crash_nmi_callback", "stop_this_cpu", "__crash_kexec",
	"crash_kexec",	      "panic",	       "nmi_panic_self_stop",
};

static bool never_returned(struct stk *s, uint64_t ip)
{
	struct stk_name name;

	stk_symbolize(s, ip, true, &name);
	for (size_t i = 0;
	     name.function && !name.module && i < sizeof(stays) / sizeof(stays[0]); i++)
		if (!strcmp(name.function, stays[i]))
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

/* The innermost such frame below @copy whose chain leads there. */
static enum stk_status live_below(struct stk *s, const struct stk_start *start,
				  const struct stk_copy *copy, bool doubtful,
				  struct stk_chain **out)
{
	const struct stk_arch *a = s->arch;
	struct stk_start at = { .from = STK_FROM_STACK,
				.cpu = start->cpu,
				.task = start->task,
				.has_task = start->has_task };
	uint64_t ip;

	for (uint64_t slot = copy->stack.begin; slot < copy->regs_at; slot += 8) {
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		if (stk_read_u64(s, slot, &ip) || !stk_is_text(s, ip) ||
		    !never_returned(s, ip) || !a->call_before(s, ip))
			continue;
		at.regs.v[a->ip] = ip;
		at.regs.v[a->sp] = slot + 8;
		at.regs.valid = 1ull << a->ip | 1ull << a->sp;
		if (stk_unwind_until(s, &at, copy->regs_at, true, out))
			return STK_ERR_NOMEM;
		if ((*out)->end == STK_END_JOINS && (doubtful || all_reliable(*out)))
			return STK_OK;
		stk_chain_free(s, *out);
		*out = NULL;
	}
	return STK_ERR_NOT_FOUND;
}

enum stk_status stk_unwind_live(struct stk *s, const struct stk_start *start,
				struct stk_copy *where, struct stk_chain **out)
{
	struct stk_copy copy[MAX_COPIES];
	size_t nr = stk_copies(s, start, copy, MAX_COPIES);
	enum stk_status st = STK_ERR_NOT_FOUND;

	*out = NULL;
	/* What an earlier call left below the live frames leads there by guesses only. */
	for (size_t i = 0; i < 2 * nr && st == STK_ERR_NOT_FOUND; i++) {
		*where = copy[i % nr];
		st = live_below(s, start, where, i >= nr, out);
	}
	return st;
}
