/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"

#define MAX_LOOKED_AT 256

/* More words than a command line should have are named by how they were made. */
#define MAX_PRINTED 8

static void print_replay(FILE *fp, const struct replay *replay, const struct attempt *a)
{
	if (a->nr > MAX_PRINTED) {
		fprintf(fp, "--case %s:%" PRIx64 ":%" PRIx64, replay->row->name,
			replay->n, replay->random);
		return;
	}
	fprintf(fp, "--try ");
	for (size_t i = 0; i < a->nr; i++)
		fprintf(fp, "%s%" PRIx64 "=%" PRIx64, i ? "," : "", a->change[i].phys,
			a->change[i].value);
}

bool make_again(struct inventory *v, const struct replay *replay, struct attempt *out)
{
	uint64_t random = replay->random, nr = replay->row->count(v);

	out->nr = out->nr_subjects = 0;
	out->whole = false;
	return nr && (nr == NO_END || replay->n < nr) &&
	       replay->row->make(v, replay->n, &random, out);
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
		fprintf(fp, "[%" PRIx64 "] %s+%" PRIu64 "%s on %s %" PRIx64, f->sp,
			f->name.function ? f->name.function : "?", f->name.offset,
			f->reliable ? "" : " ?", stk_stack_kind_name(seg->stack.kind),
			seg->stack.begin);
}

static void say_difference(FILE *fp, const struct outcome *o,
			   const struct stk_chain *chain)
{
	const struct subject *x = o->subject;
	struct difference d;

	fprintf(fp, "    %s ", verdict_name(o->verdict));
	if (x->cpu >= 0)
		fprintf(fp, "cpu %d%s", x->cpu, x->live ? ", live" : "");
	else
		fprintf(fp, "%u", x->task.pid);
	if (o->class)
		fprintf(fp, " (%s)", o->class->name);
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

/* Every word that was changed is one that the chain need not look at. */
static bool only_bystanders(struct run *r, const struct attempt *a)
{
	if (a->whole)
		return false;
	for (size_t i = 0; i < a->nr; i++)
		if (!is_bystander(&r->v, a->change[i].phys))
			return false;
	return true;
}

/* What @x says now, and that into @out if it is the worst so far. */
static void look(struct run *r, const struct attempt *a, struct stk *s,
		 const struct subject *x, FILE *say, struct outcome *out)
{
	struct outcome o = { .subject = x };
	struct stk_chain *chain;
	bool found;

	chain = engine_chain(r->v.e, s, x, &found);
	o.verdict =
		!found && !stk_tasks_truncated(s) ? VERDICT_GONE : judge(chain, x->truth);
	if (o.verdict == VERDICT_DOUBT && only_bystanders(r, a))
		o.verdict = VERDICT_ALARM;
	if (o.verdict == VERDICT_STRONG)
		o.class = class_of(&r->v, a, x, chain);
	if (say && o.verdict != VERDICT_SAME)
		say_difference(say, &o, chain);
	/* One that is in no class is the worse one. */
	if (o.verdict > out->verdict || !out->subject ||
	    (o.verdict == out->verdict && out->class && !o.class))
		*out = o;
	stk_chain_free(s, chain);
}

bool run_attempt(struct run *r, const struct attempt *a, enum run_how how, FILE *say,
		 struct outcome *out)
{
	struct engine *e = r->v.e;
	uint32_t subject[MAX_LOOKED_AT];
	struct stk *s, *own = NULL;
	size_t nr;

	memset(out, 0, sizeof(*out));
	if (!a->nr || changes_nothing(e, a))
		return false;
	s = engine_change(e, a->change, a->nr, a->whole || how == RUN_ALL);
	if (!s)
		return false;
	if (how == RUN_FRESH)
		s = own = engine_fresh(e);
	nr = how == RUN_ALL ? e->nr_subjects : whose(e, a, subject);
	for (size_t i = 0; s && i < nr; i++) {
		const struct subject *x = &e->subject[how == RUN_ALL ? i : subject[i]];

		if (x->sound)
			look(r, a, s, x, say, out);
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

static void count(struct run *r, const struct replay *replay, const struct attempt *a,
		  const struct outcome *o, struct result *out)
{
	bool classed = o->verdict == VERDICT_STRONG && o->class;
	uint64_t *counter =
		classed ? &out->classed[o->class - classes] : &out->verdict[o->verdict];

	out->tried++;
	(*counter)++;
	out->nr_classed += classed;
	if (o->verdict >= VERDICT_GONE && *counter <= r->show) {
		struct outcome again;

		printf("  %s ", r->path);
		print_replay(stdout, replay, a);
		printf("\n    [%s]\n", replay->row->name);
		run_attempt(r, a, RUN_QUICK, stdout, &again);
	}
}

/* The short cuts must not be seen: a session that shares nothing says the same. */
static void check(struct run *r, const struct replay *replay, const struct attempt *a,
		  const struct outcome *o)
{
	struct outcome fresh;

	r->checked++;
	run_attempt(r, a, RUN_FRESH, NULL, &fresh);
	if (fresh.verdict == o->verdict && fresh.subject == o->subject &&
	    fresh.class == o->class)
		return;
	r->wrong++;
	printf("%s: %s: the engine says %s, a fresh session %s: ", r->path,
	       replay->row->name, verdict_name(o->verdict), verdict_name(fresh.verdict));
	print_replay(stdout, replay, a);
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
		struct replay replay = { row, all ? i : next_random(&random), 0 };
		static struct attempt a;
		struct outcome o;

		if (nr != NO_END)
			replay.n %= nr;
		replay.random = next_random(&random);
		if (!make_again(&r->v, &replay, &a) ||
		    !run_attempt(r, &a, RUN_QUICK, NULL, &o))
			continue;
		count(r, &replay, &a, &o, out);
		if (r->check && ++r->tried % r->check == 0)
			check(r, &replay, &a, &o);
		if (r->progress && out->tried % 1024 == 0)
			fprintf(stderr, "\r%s %s %" PRIu64 "  \b\b", r->path, row->name,
				out->tried);
	}
	if (r->progress)
		fprintf(stderr, "\r\033[K");
}
