/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "liveness.h"

#include "../arch/arch.h"

/* For each CPU, the stacks that its chain passes and from which address on. */
#define MAX_LIVE 16u

struct cpu_live {
	bool tried;
	bool user; /* the CPU was in user mode: all its stacks are empty */
	bool known;
	size_t nr;
	struct {
		uint64_t begin, end, sp;
	} live[MAX_LIVE];
};

struct stk_liveness {
	struct cpu_live *cpu;
	unsigned int nr;
};

static struct stk_liveness *get(struct stk *s)
{
	if (!s->liveness) {
		struct stk_liveness *l = stk_arena_alloc(&s->arena, sizeof(*l));

		if (!l)
			return NULL;
		l->nr = stk_nr_cpus(s);
		l->cpu = stk_arena_array(&s->arena, l->nr, sizeof(*l->cpu));
		if (!l->cpu)
			return NULL;
		s->liveness = l;
	}
	return s->liveness;
}

static struct cpu_live *of_cpu(struct stk *s, unsigned int cpu)
{
	struct stk_liveness *l = get(s);
	struct stk_start start;
	struct stk_chain *chain;
	struct cpu_live *c;

	if (!l || cpu >= l->nr)
		return NULL;
	c = &l->cpu[cpu];
	if (c->tried)
		return c;
	if (!stk_start_cpu(s, cpu, &start) && !stk_unwind(s, &start, &chain)) {
		if (chain->end == STK_END_INTERRUPTED) {
			stk_chain_free(s, chain);
			return NULL;
		}
		c->known = stk_end_is_good(chain->end);
		c->user = !chain->nr_segments && chain->end == STK_END_USER;
		for (struct stk_segment *seg = chain->segments; seg && c->nr < MAX_LIVE;
		     seg = seg->next, c->nr++) {
			c->live[c->nr].begin = seg->stack.begin;
			c->live[c->nr].end = seg->stack.end;
			c->live[c->nr].sp = seg->low;
		}
		stk_chain_free(s, chain);
	}
	if (stk_interrupted(s))
		return NULL;
	c->tried = true;
	return c;
}

static bool on_chain(const struct cpu_live *c, const struct stk_stack *stack,
		     uint64_t *sp)
{
	for (size_t i = 0; i < c->nr; i++) {
		if (c->live[i].begin == stack->begin) {
			*sp = c->live[i].sp;
			return true;
		}
	}
	return false;
}

static enum stk_state cpu_stack(struct stk *s, const struct stk_stack *stack,
				uint64_t addr, const char **why)
{
	struct cpu_live *c = of_cpu(s, (unsigned int)stack->cpu);
	const char *says = NULL;
	uint64_t sp;

	if (c && on_chain(c, stack, &sp)) {
		*why = addr >= sp ? NULL : "below the stack pointer";
		return addr >= sp ? STK_STATE_LIVE : STK_STATE_STALE;
	}
	/* The saved registers can be those of what an NMI interrupted. */
	if (s->arch->in_use(s, stack, &says) == 1) {
		*why = says;
		return STK_STATE_LIVE;
	}
	if (says)
		*why = says;
	else
		*why = c && c->known ? "the CPU was not on this stack"
				     : "as far as the CPU's chain is known";
	return STK_STATE_STALE;
}

static enum stk_state task_stack(struct stk *s, const struct stk_stack *stack,
				 uint64_t addr, const char **why)
{
	struct stk_task task;
	uint64_t sp;
	int cpu;

	if (stk_task_read(s, stack->task, &task))
		return STK_STATE_STALE;
	if (task.exit_state) {
		*why = "its task has exited";
		return STK_STATE_DEAD;
	}
	sp = task.sp;
	cpu = stk_running_cpu(s, task.addr);
	if (cpu >= 0) {
		struct cpu_live *c = of_cpu(s, (unsigned int)cpu);

		if (!c || !c->known) {
			*why = c && c->nr
				       ? "its task was running; its chain is broken"
				       : "its task was running; no registers were saved";
			return STK_STATE_LIVE;
		}
		if (c->user) {
			*why = "its task was in user mode";
			return STK_STATE_STALE;
		}
		if (!on_chain(c, stack, &sp)) {
			*why = "its task was running on another stack";
			return STK_STATE_STALE;
		}
	}
	*why = addr >= sp ? NULL : "below the task's stack pointer";
	return addr >= sp ? STK_STATE_LIVE : STK_STATE_STALE;
}

enum stk_state stk_liveness(struct stk *s, const struct stk_stack *stack, uint64_t addr,
			    const char **why)
{
	*why = NULL;
	return stack->task ? task_stack(s, stack, addr, why)
			   : cpu_stack(s, stack, addr, why);
}
