/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

#define MAX_LOOKED_AT 256

void print_changes(FILE *fp, const struct attempt *a)
{
	for (size_t i = 0; i < a->nr; i++)
		fprintf(fp, "%s%" PRIx64 "=%" PRIx64, i ? "," : "", a->change[i].phys,
			a->change[i].value);
}

static void add_unique(uint32_t *list, size_t *nr, uint32_t n)
{
	for (size_t i = 0; i < *nr; i++)
		if (list[i] == n)
			return;
	if (*nr < MAX_LOOKED_AT)
		list[(*nr)++] = n;
}

/* Those that the row names, and those whose chains were read from the changed pages. */
static size_t whose(const struct engine *e, const struct attempt *a, uint32_t *out)
{
	size_t nr = 0;

	for (size_t i = 0; i < a->nr_subjects; i++)
		add_unique(out, &nr, a->subject[i]);
	for (size_t i = 0; i < e->overlay.nr_changed; i++)
		for (size_t k = 0; k < e->overlay.changed[i]->nr_readers; k++)
			add_unique(out, &nr, e->overlay.changed[i]->readers[k]);
	return nr;
}

static bool changes_nothing(struct engine *e, const struct attempt *a)
{
	uint64_t word;

	for (size_t i = 0; i < a->nr; i++)
		if (overlay_word(&e->overlay, a->change[i].phys, &word) &&
		    word != a->change[i].value)
			return false;
	return true;
}

static void print_frame(FILE *fp, const struct stk_chain *chain, size_t n)
{
	const struct stk_segment *seg;
	const struct stk_frame *f = chain_frame(chain, n, &seg);

	if (!f)
		fprintf(fp, "%s", chain->end_text ? chain->end_text : "its end");
	else
		fprintf(fp, "[%" PRIx64 "] %s+%" PRIu64 "%s on %s", f->sp,
			f->name.function ? f->name.function : "?", f->name.offset,
			f->reliable ? "" : " ?", stk_stack_kind_name(seg->stack.kind));
}

static void say_difference(FILE *fp, const struct subject *x, enum verdict verdict,
			   const struct class *class, const struct stk_chain *chain)
{
	struct difference d;

	if (x->cpu >= 0)
		fprintf(fp, "    %s cpu %d", verdict_name(verdict), x->cpu);
	else
		fprintf(fp, "    %s %u", verdict_name(verdict), x->task.pid);
	if (class)
		fprintf(fp, " (%s)", class->name);
	if (chain) {
		d = compare_chains(chain, x->truth);
		if (d.header)
			fprintf(fp, ", said to be PID %u's, CPU %d",
				chain->start.has_task ? chain->start.task.pid : 0,
				chain->cpu);
		fprintf(fp, ": #%zu ", d.first);
		print_frame(fp, chain, d.first);
		fprintf(fp, "; in truth ");
		print_frame(fp, x->truth, d.first);
		fprintf(fp, "; ends: %s", chain->end_text);
	}
	fprintf(fp, "\n");
}

bool run_attempt(struct run *r, const struct attempt *a, bool fresh, FILE *say,
		 struct outcome *out)
{
	struct engine *e = &r->v.e[0];
	uint32_t subject[MAX_LOOKED_AT];
	size_t nr;
	struct stk *s, *own = NULL;

	memset(out, 0, sizeof(*out));
	if (!a->nr || changes_nothing(e, a))
		return false;
	s = engine_change(e, a->change, a->nr, a->whole);
	if (!s)
		return false;
	if (fresh)
		s = own = engine_fresh(e);
	nr = whose(e, a, subject);
	for (size_t i = 0; s && i < nr; i++) {
		const struct subject *x = &e->subject[subject[i]];
		const struct class *class = NULL;
		struct stk_chain *chain;
		enum verdict verdict;
		bool found;

		if (!x->sound)
			continue;
		chain = engine_chain(e, s, x, &found);
		verdict = !found && !stk_tasks_truncated(s) ? VERDICT_GONE
							    : judge(chain, x->truth);
		if (verdict == VERDICT_STRONG)
			class = class_of(&r->v, a, x, chain);
		if (say && verdict != VERDICT_SAME)
			say_difference(say, x, verdict, class, chain);
		/* One that is in no class is the worse one. */
		if (verdict > out->verdict || !out->subject ||
		    (verdict == out->verdict && out->class && !class))
			*out = (struct outcome){ verdict, class, x };
		stk_chain_free(s, chain);
	}
	engine_undo(e);
	stk_close(own);
	return true;
}

static uint64_t hash_name(const char *name)
{
	uint64_t h = 14695981039346656037ull;

	while (*name)
		h = (h ^ (unsigned char)*name++) * 1099511628211ull;
	return h;
}

static void count(struct run *r, const struct row *row, const struct attempt *a,
		  const struct outcome *o, struct result *out)
{
	bool classed = o->verdict == VERDICT_STRONG && o->class;
	uint64_t *counter = classed ? &out->classed[o->class - classes]
				    : &out->verdict[o->verdict];

	out->tried++;
	(*counter)++;
	out->nr_classed += classed;
	if (o->verdict >= VERDICT_GONE && *counter <= r->show) {
		struct outcome again;

		printf("  %s --try ", r->path);
		print_changes(stdout, a);
		printf("\n    [%s]\n", row->name);
		run_attempt(r, a, false, stdout, &again);
	}
}

/* The short cuts must not be seen: a session that shares nothing says the same. */
static void check(struct run *r, const struct row *row, const struct attempt *a,
		  const struct outcome *o)
{
	struct outcome fresh;

	r->checked++;
	run_attempt(r, a, true, NULL, &fresh);
	if (fresh.verdict == o->verdict && fresh.subject == o->subject &&
	    fresh.class == o->class)
		return;
	r->wrong++;
	printf("%s: %s: the engine says %s, a fresh session %s: --try ", r->path,
	       row->name, verdict_name(o->verdict), verdict_name(fresh.verdict));
	print_changes(stdout, a);
	printf("\n");
}

void run_row(struct run *r, const struct row *row, struct result *out)
{
	uint64_t random = r->seed ^ hash_name(row->name), nr = row->count(&r->v);
	bool all = nr <= r->tries;
	/* Most cases of some rows are not what is meant. */
	uint64_t steps = all ? nr : r->tries * 64;

	memset(out, 0, sizeof(*out));
	for (uint64_t i = 0; i < steps && out->tried < r->tries; i++) {
		static struct attempt a;
		struct outcome o;
		uint64_t n = all ? i : next_random(&random);

		a.nr = a.nr_subjects = 0;
		a.whole = false;
		if (nr != NO_END)
			n %= nr;
		if (!row->make(&r->v, n, &random, &a) ||
		    !run_attempt(r, &a, false, NULL, &o))
			continue;
		count(r, row, &a, &o, out);
		if (r->check && out->tried % r->check == 1)
			check(r, row, &a, &o);
		if (r->progress && out->tried % 1024 == 0)
			fprintf(stderr, "\r%s %s %" PRIu64 "  \b\b", r->path, row->name,
				out->tried);
	}
	if (r->progress)
		fprintf(stderr, "\r\033[K");
}
