/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every stack of the machine: a table, a line a stack; or a picture (-v), in which each
 * CPU's stacks are drawn in the order in which it left them. No line needs more than 100
 * columns but those of tasks that no list led to, and of stacks that are in doubt.
 */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#define BAR 40u

/* "IRQ CPU 1", or TASK with PID and name. */
static const char *label(const struct stk_row *r, char *buf, size_t size)
{
	const char *kind = stk_stack_kind_name(r->stack.kind);

	if (r->has_task)
		snprintf(buf, size, "%s %" PRIu32 " \"%s\" %s", kind, r->task.pid,
			 r->task.comm, r->task.now ? r->task.now->code : "?");
	else if (r->stack.task)
		snprintf(buf, size, "%s of %" PRIx64, kind, r->stack.task);
	else if (stk_stack_is_free(&r->stack) && r->cpu >= 0)
		snprintf(buf, size, "%s free, kept by CPU %d", kind, r->cpu);
	else if (stk_stack_is_free(&r->stack))
		snprintf(buf, size, "%s free", kind);
	else
		snprintf(buf, size, "%s CPU %d", kind, r->cpu);
	return buf;
}

/* The same as a clause: "the TASK stack of PID 227". */
static const char *stack_clause(const struct stk_row *r, char *buf, size_t size)
{
	const char *kind = stk_stack_kind_name(r->stack.kind);

	if (r->has_task)
		snprintf(buf, size, "the %s stack of PID %" PRIu32, kind, r->task.pid);
	else if (r->cpu >= 0)
		snprintf(buf, size, "the %s stack of CPU %d", kind, r->cpu);
	else
		snprintf(buf, size, "a %s stack", kind);
	return buf;
}

static const char *found_text(const struct stk_row *r)
{
	return r->has_task ? stk_text_found(&r->task) : "";
}

static void bytes(FILE *fp, int width, uint64_t n)
{
	if (n)
		fprintf(fp, " %*" PRIu64, width, n);
	else
		fprintf(fp, " %*s", width, "-");
}

/* STACK_END_MAGIC is not where it belongs. */
static const char *overrun(const struct stk_row *r)
{
	return r->use.overrun ? ", overrun" : "";
}

/* It may not be its owner's. */
static void doubt(FILE *fp, const struct stk_row *r)
{
	if (r->stack.doubt)
		fprintf(fp, ", in doubt: %s", r->stack.doubt);
}

/* The part of a chain that is in the guard page of @stack, or of any; NULL: none. */
static const struct stk_segment *overflow_in(const struct stk_chain *chain,
					     const struct stk_stack *stack)
{
	for (const struct stk_segment *g = chain ? chain->segments : NULL; g; g = g->next)
		if (g->over.kind && (!stack || g->over.begin == stack->begin))
			return g;
	return NULL;
}

/* The chains that have one are live[begin] to live[end - 1]: there are many stacks. */
struct overflows {
	size_t begin, end;
};

static struct overflows find_overflows(const struct stk_overview *o)
{
	struct overflows all = { 0, o->nr_live };

	while (all.begin < all.end && !overflow_in(o->live[all.begin].chain, NULL))
		all.begin++;
	while (all.begin < all.end && !overflow_in(o->live[all.end - 1].chain, NULL))
		all.end--;
	return all;
}

static const struct stk_segment *overflow_of(const struct stk_overview *o,
					     const struct overflows *all,
					     const struct stk_row *r)
{
	const struct stk_segment *found = NULL;

	for (size_t i = all->begin; i < all->end && !found; i++)
		found = overflow_in(o->live[i].chain, &r->stack);
	return found;
}

static void table(FILE *fp, const struct stk_overview *o, bool no_bounds)
{
	const struct overflows all = find_overflows(o);
	char text[64];

	if (!no_bounds)
		fprintf(fp, "%-16s %-16s ", "BEGIN", "END");
	fprintf(fp, "%5s %5s %7s %-8s %s\n", "SIZE", "USED", "DEEPEST", "STATE", "STACK");
	for (size_t i = 0; i < o->nr; i++) {
		const struct stk_row *r = &o->row[i];
		const struct stk_segment *over = overflow_of(o, &all, r);
		const struct stk_stack *k = &r->stack;

		if (!no_bounds)
			fprintf(fp, "%016" PRIx64 " %016" PRIx64 " ", k->begin, k->end);
		fprintf(fp, "%5" PRIu64, k->end - k->begin);
		bytes(fp, 5, r->use.used);
		bytes(fp, 7, r->use.high_water);
		fprintf(fp, " %-8s %s%s%s", stk_state_name(r->use.state),
			label(r, text, sizeof(text)), overrun(r), found_text(r));
		if (over)
			fprintf(fp, ", overflowed by %#" PRIx64, over->over_by);
		doubt(fp, r);
		fputc('\n', fp);
	}
}

/* The cell that begins @depth bytes from where the stack begins. */
static char cell(const struct stk_row *r, uint64_t depth)
{
	if (!r->stack.mapped)
		return ' ';
	if (depth < r->use.used)
		return '#';
	return depth < r->use.high_water ? ':' : '.';
}

/*
 * The top is to the right, as stacks grow towards lower addresses; shadow call stacks, to
 * higher ones. "#" in use, ":" used
 * at some time, "." never, as far as can be told.
 */
static void bar(FILE *fp, const struct stk_row *r)
{
	char text[BAR + 1];

	for (unsigned int i = 0; i < BAR; i++) {
		uint64_t size = r->stack.end - r->stack.begin;

		text[i] = cell(r, size *
					  (stk_kind_is(r->stack.kind, STK_KIND_GROWS_UP)
						   ? i
						   : BAR - 1 - i) /
					  BAR);
	}
	text[BAR] = '\0';
	fprintf(fp, "[%s]", text);
}

static void picture_row(FILE *fp, const struct stk_row *r, const char *name)
{
	fprintf(fp, "  %-29.29s ", name);
	bar(fp, r);
	bytes(fp, 5, r->use.used);
	fprintf(fp, "/%-5" PRIu64 " %s%s%s", r->stack.end - r->stack.begin,
		stk_state_name(r->use.state), overrun(r), found_text(r));
	doubt(fp, r);
	fputc('\n', fp);
}

static void crossing(FILE *fp, const struct stk_segment *seg,
		     const struct stk_chain *chain)
{
	const struct stk_crossing *x = &seg->crossing;

	if (!seg->next)
		fprintf(fp, "      %s %s\n",
			stk_end_is_good(chain->end) ? "=" : "x broken off:",
			chain->end_text);
	else if (x->how == STK_HOW_LINK)
		fprintf(fp, "      | left by word at %" PRIx64 "\n      v\n", x->at);
	else if (x->how == STK_HOW_REGS)
		fprintf(fp, "      | left by pt_regs at %" PRIx64 "\n      v\n", x->at);
	else
		fprintf(fp, "      | left by %s\n      v\n", stk_how_name(x->how));
}

static bool is_on(const struct stk_segment *g, const struct stk_stack *stack)
{
	for (; g; g = g->next)
		if (g->stack.begin == stack->begin && g->stack.kind == stack->kind)
			return true;
	return false;
}

static bool is_passed(const struct stk_passed *p, const struct stk_stack *stack)
{
	return p && ((p->chain && is_on(p->chain->segments, stack)) ||
		     (p->stop && is_on(p->stop->segments, stack)));
}

static const struct stk_passed *passed_by(const struct stk_overview *o, int cpu)
{
	for (size_t i = 0; i < o->nr_live; i++)
		if (o->live[i].cpu == cpu)
			return &o->live[i];
	return NULL;
}

static void segment(FILE *fp, const struct stk_overview *o, const struct stk_segment *seg)
{
	const struct stk_row *r = stk_overview_row(o, &seg->stack);
	const struct stk_row *over =
		seg->over.kind ? stk_overview_row(o, &seg->over) : NULL;
	char text[64];

	if (over)
		fprintf(fp, "  guard page below %s, %#" PRIx64 " below its base\n",
			stack_clause(over, text, sizeof(text)), seg->over_by);
	else if (!r)
		fprintf(fp, "  no known stack\n");
	else
		picture_row(fp, r,
			    r->has_task ? label(r, text, sizeof(text))
					: stk_stack_kind_name(r->stack.kind));
}

static void picture_chain(FILE *fp, const struct stk_overview *o,
			  const struct stk_passed *p)
{
	const struct stk_segment *first = p->chain->segments;

	/* What stopped the CPU, unless that is on the stack which comes next. */
	for (const struct stk_segment *g = p->stop ? p->stop->segments : NULL; g;
	     g = g->next) {
		if (!g->next && first && is_on(g, &first->stack))
			break;
		segment(fp, o, g);
		if (g->next)
			crossing(fp, g, p->stop);
		else
			fprintf(fp, "      | left by pt_regs at %" PRIx64 "\n      v\n",
				p->stop_regs_at);
	}
	for (const struct stk_segment *g = first; g; g = g->next) {
		segment(fp, o, g);
		crossing(fp, g, p->chain);
	}
	if (!first)
		fprintf(fp, "      = %s\n", p->chain->end_text);
}

static const char *why_no_chain(const struct stk_passed *live)
{
	if (!live)
		return ", not running";
	return live->chain ? "" : ", no registers were saved";
}

static void picture(FILE *fp, const struct stk_overview *o)
{
	const struct stk_passed *live = NULL;
	char text[64];

	for (size_t i = 0; i < o->nr_cpu; i++) {
		const struct stk_row *r = &o->row[i];

		if (!i || r->cpu != o->row[i - 1].cpu) {
			live = passed_by(o, r->cpu);
			fprintf(fp, "%sCPU %d%s\n", i ? "\n" : "", r->cpu,
				why_no_chain(live));
			if (live && live->chain)
				picture_chain(fp, o, live);
		}
		if (!is_passed(live, &r->stack))
			picture_row(fp, r, stk_stack_kind_name(r->stack.kind));
	}
	fprintf(fp, "%sTasks\n", o->nr_cpu ? "\n" : "");
	for (size_t i = o->nr_cpu; i < o->nr; i++) {
		const struct stk_row *r = &o->row[i];

		live = r->has_task && r->cpu >= 0 ? passed_by(o, r->cpu) : NULL;
		if (!is_passed(live, &r->stack))
			picture_row(fp, r, label(r, text, sizeof(text)));
	}
	fprintf(fp,
		"\n[...:::###] top to the right; # in use, : used before, . never used\n");
}

void stk_text_overview(FILE *fp, const struct stk_overview *o,
		       const struct stk_text_options *opt)
{
	const struct stk_row *deepest = o->nr > o->nr_cpu ? &o->row[o->nr_cpu] : NULL;
	char text[64];

	if (opt->verbose)
		picture(fp, o);
	else
		table(fp, o, opt->no_bounds);
	fprintf(fp, "%zu stacks of CPUs, %" PRIu64 " KiB; %zu of tasks, %" PRIu64 " KiB",
		o->nr_cpu, o->cpu_bytes / 1024, o->nr - o->nr_cpu, o->task_bytes / 1024);
	if (deepest && deepest->use.high_water)
		fprintf(fp, ", deepest use %" PRIu64 ": %s", deepest->use.high_water,
			label(deepest, text, sizeof(text)));
	fputc('\n', fp);
}
