/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/overview.h>

#include <stdlib.h>
#include <string.h>

#include "../base/context.h"

static int by_place(const struct stk_stack *x, const struct stk_stack *y)
{
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return (x->task > y->task) - (x->task < y->task);
}

struct stk_row *stk_overview_row(const struct stk_overview *o,
				 const struct stk_stack *stack)
{
	size_t low = 0, high = o->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_place(&o->by_address[mid]->stack, stack) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < o->nr && !by_place(&o->by_address[low]->stack, stack)
		       ? o->by_address[low]
		       : NULL;
}

static int by_row_address(const void *a, const void *b)
{
	struct stk_row *const *x = a, *const *y = b;

	return by_place(&(*x)->stack, &(*y)->stack);
}

/* CPUs' stacks by CPU and address; then those that tasks use the most of. */
static int by_rank(const void *a, const void *b)
{
	const struct stk_row *x = a, *y = b;
	bool of_cpu = !stk_stack_is_task(&x->stack);

	if (of_cpu != !stk_stack_is_task(&y->stack))
		return of_cpu ? -1 : 1;
	if (of_cpu && x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (!of_cpu && x->use.high_water != y->use.high_water)
		return x->use.high_water > y->use.high_water ? -1 : 1;
	/* Not by what differs from boot to boot. */
	if (!of_cpu && x->has_task && y->has_task && x->task.pid != y->task.pid)
		return x->task.pid < y->task.pid ? -1 : 1;
	return x->stack.begin < y->stack.begin ? -1 : x->stack.begin > y->stack.begin;
}

static void count_row(struct stk_overview *o, const struct stk_stack *stack)
{
	const uint64_t size = stack->end - stack->begin;

	if (stk_stack_is_task(stack)) {
		o->task_bytes += size;
		return;
	}
	o->nr_cpu++;
	o->cpu_bytes += stack->mapped ? size : 0;
}

static enum stk_status fill_row(struct stk *s, const struct stk_stack *stack,
				struct stk_overview *o, struct stk_row *r)
{
	enum stk_status st;

	r->stack = *stack;
	r->cpu = stack->cpu;
	st = stk_stack_use(s, stack, &r->use);
	if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
		return st;
	if (!r->use.sp)
		r->use.used = 0;
	count_row(o, stack);
	if (stack->task) {
		r->cpu = stk_running_cpu(s, stack->task);
		r->has_task = !stk_task_read(s, stack->task, &r->task);
	}
	return STK_OK;
}

static void sort_rows(struct stk_overview *o)
{
	qsort(o->row, o->nr, sizeof(*o->row), by_rank);
	for (size_t i = 0; i < o->nr; i++)
		o->by_address[i] = &o->row[i];
	qsort(o->by_address, o->nr, sizeof(struct stk_row *), by_row_address);
}

static enum stk_status add_rows(struct stk *s, struct stk_overview *o)
{
	const struct stk_stack *stack;
	size_t nr;
	enum stk_status st = stk_stacks(s, &stack, &nr);

	if (st)
		return st;
	/* The first of them are as good as none: those of CPUs are anywhere. */
	if (!stk_budget_answer(&s->budget,
			       nr * (sizeof(*o->row) + sizeof(struct stk_row *))))
		return stk_fail(s, STK_ERR_LIMIT, "%s", stk_status_text(STK_ERR_LIMIT));
	o->row = calloc(nr ? nr : 1, sizeof(*o->row));
	o->by_address = calloc(nr ? nr : 1, sizeof(struct stk_row *));
	if (!o->row || !o->by_address)
		return STK_ERR_NOMEM;
	for (size_t i = 0; i < nr && !s->budget.dry; i++) {
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		st = fill_row(s, &stack[i], o, &o->row[o->nr++]);
		if (st)
			return st;
	}
	sort_rows(o);
	return STK_OK;
}

static enum stk_status add_passed(struct stk *s, struct stk_overview *o)
{
	unsigned int nr = stk_nr_cpus(s);

	o->live = calloc(nr ? nr : 1, sizeof(*o->live));
	if (!o->live)
		return STK_ERR_NOMEM;
	for (unsigned int cpu = 0; cpu < nr && !s->budget.dry; cpu++) {
		struct stk_passed *l = &o->live[o->nr_live];
		struct stk_start start;
		struct stk_copy where;

		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		if (!stk_cpu_running(s, cpu))
			continue;
		o->nr_live++;
		l->cpu = (int)cpu;
		if (stk_start_cpu(s, cpu, &start))
			continue;
		if (stk_unwind(s, &start, &l->chain))
			return STK_ERR_NOMEM;
		if (!stk_unwind_live(s, &start, &where, &l->stop))
			l->stop_regs_at = where.regs_at;
	}
	return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
}

static enum stk_status make_overview(struct stk *s, struct stk_overview *out)
{
	enum stk_status st = stk_prepare(s);

	memset(out, 0, sizeof(*out));
	if (!st)
		st = add_rows(s, out);
	if (!st)
		st = add_passed(s, out);
	return st;
}

enum stk_status stk_overview(struct stk *s, struct stk_overview *out)
{
	stk_enter(s);
	return stk_leave(s, make_overview(s, out));
}

static void free_passed(struct stk *s, struct stk_passed *p)
{
	if (p->chain)
		stk_chain_free(s, p->chain);
	if (p->stop)
		stk_chain_free(s, p->stop);
}

static bool has_cpu(const struct stk_overview *o, int cpu)
{
	for (size_t i = 0; i < o->nr_cpu; i++)
		if (o->row[i].cpu == cpu)
			return true;
	return false;
}

void stk_overview_keep(struct stk *s, struct stk_overview *o,
		       bool (*keep)(void *ctx, const struct stk_row *row), void *ctx)
{
	const size_t nr = o->nr, nr_live = o->nr_live;

	o->nr = o->nr_cpu = o->nr_live = 0;
	o->cpu_bytes = o->task_bytes = 0;
	for (size_t i = 0; i < nr; i++) {
		if (!keep(ctx, &o->row[i]))
			continue;
		o->row[o->nr++] = o->row[i];
		count_row(o, &o->row[i].stack);
	}
	sort_rows(o);
	for (size_t i = 0; i < nr_live; i++) {
		if (has_cpu(o, o->live[i].cpu))
			o->live[o->nr_live++] = o->live[i];
		else
			free_passed(s, &o->live[i]);
	}
}

void stk_overview_free(struct stk *s, struct stk_overview *o)
{
	for (size_t i = 0; i < o->nr_live; i++)
		free_passed(s, &o->live[i]);
	free(o->live);
	free(o->row);
	free(o->by_address);
	memset(o, 0, sizeof(*o));
}
