/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words by which the kernel is entered: what the architecture cannot tell of them. */
#include <stackinfo/entry.h>

#include <inttypes.h>

#include "../arch/arch.h"
#include "../kernel/cpus.h"
#include "../machine/memory.h"
#include "../unwind/running.h"
#include "../base/say.h"

const char *stk_entry_command(struct stk *s)
{
	return s->arch->entry_command;
}

/* Is that the task which the run queue has, too? */
static void weigh_task(struct stk *s, struct stk_entry_word *w,
		       const struct stk_running_task *r)
{
	const struct stk_task *ran = &r->task;

	if (r->switching && (w->value == r->other.addr || w->value == ran->addr)) {
		w->problem = stk_say(
			s,
			"PID %" PRIu32 " \"%s\" and PID %" PRIu32
			" \"%s\" are both on the CPU: a switch between them is in "
			"flight",
			ran->pid, ran->comm, r->other.pid, r->other.comm);
		w->in_flight = true;
	} else if (w->value != ran->addr) {
		w->problem = stk_say(s, "the CPU ran PID %" PRIu32 " \"%s\", %" PRIx64,
				     ran->pid, ran->comm, ran->addr);
	} else if (r->evidence.differ & 1u << STK_WITNESS_RQ_CURR) {
		w->problem = r->doubt;
	}
}

static void judge_task(struct stk *s, const struct stk_entry_words *words,
		       struct stk_entry_word *w)
{
	const struct stk_running_task *r;

	if (!w->readable || w->problem)
		return;
	w->has_task = w->value && !stk_task_read(s, w->value, &w->task);
	/* One that never came up has what the kernel's image has there. */
	if (!stk_cpu_running(s, (unsigned int)words->cpu))
		return;
	r = stk_running_task(s, (unsigned int)words->cpu);
	if (r && r->known)
		weigh_task(s, w, r);
	else if (!w->has_task)
		w->problem = "no task is there";
}

/* Each page of a stack is mapped, or the CPU cannot go there. */
static void judge_stack(struct stk *s, struct stk_entry_word *w)
{
	uint64_t phys, page = stk_page_size(s);
	const struct stk_stack *k = &w->stack;
	struct stk_stack found;

	/* The map has looked for guards, too. */
	if (!stk_find_stack(s, k->begin, &found) && stk_stack_is_same(&found, k))
		w->stack = found;
	w->has_phys = !stk_translate(s, k->begin, &w->phys);
	stk_stack_use(s, k, &w->use);
	for (uint64_t at = k->begin; at < k->end && !w->problem;
	     at += page - stk_page_offset(s, at))
		if (stk_translate(s, at, &phys) == STK_ERR_UNMAPPED)
			w->problem =
				stk_say(s, "nothing is mapped at %" PRIx64 " of it", at);
}

static void find_stopped(struct stk *s, struct stk_entry_words *out,
			 struct stk_start *start, const struct stk_regs **regs)
{
	struct stk_name name;

	if (stk_start_cpu(s, (unsigned int)out->cpu, start))
		return;
	/* Those that a text or a stack vouches for are of an earlier moment. */
	if (start->from != STK_FROM_PRSTATUS && start->from != STK_FROM_QEMU &&
	    start->from != STK_FROM_MONITOR)
		return;
	*regs = &start->regs;
	if (!start->entry)
		return;
	stk_symbolize(s, start->regs.v[s->arch->ip], false, &name);
	out->stopped =
		stk_say(s, "it stopped at %s+%" PRIu64 ", %s",
			name.function ? name.function : "?", name.offset, start->note);
}

static enum stk_status find_words(struct stk *s, int cpu, struct stk_entry_words *out)
{
	const struct stk_regs *regs = NULL;
	struct stk_start start;
	struct stk_cpus *cpus;
	enum stk_status st = stk_cpus_get(s, &cpus);

	*out = (struct stk_entry_words){ .cpu = cpu };
	if (st)
		return st;
	if (cpu >= 0 && !stk_cpu_possible(s, (unsigned int)cpu))
		return stk_fail(s, STK_ERR_ARG, "there is no CPU %d", cpu);
	if (cpu >= 0) {
		out->online = stk_cpu_online(s, (unsigned int)cpu);
		find_stopped(s, out, &start, &regs);
	}
	s->arch->entry_words(s, regs, out);
	for (size_t i = 0; i < out->nr; i++) {
		struct stk_entry_word *w = &out->word[i];

		if (w->is_code)
			stk_symbolize(s, w->value, false, &w->code);
		if (w->is_task)
			judge_task(s, out, w);
		if (w->has_stack)
			judge_stack(s, w);
	}
	if (stk_must_stop(s))
		return stk_why_stop(s);
	return out->nr ? STK_OK
		       : stk_fail(s, STK_ERR_UNSUPPORTED,
				  "how a CPU of %s enters the kernel is not known",
				  s->arch->name);
}

enum stk_status stk_entry_words(struct stk *s, int cpu, struct stk_entry_words *out)
{
	stk_enter(s);
	return stk_leave(s, find_words(s, cpu, out));
}
