/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage - words of a dump are changed as it is read, and every chain that could suffer
 * is compared with the true one.
 *
 *   damage [--seed N] [--tries N] [--rows NAME,…] [--show N] [--check N] VMCORE…
 *   damage VMCORE --try PHYS=VALUE[,PHYS=VALUE…] [PID | cpu N]
 *   damage VMCORE --case ROW:N:RANDOM [PID | cpu N]
 *
 * The others print the chains that are not the true ones any more, or that one.
 * The exit status is 1 when a wrong chain looks certain, outside of the classes of what
 * nothing can tell, or when too many false frames are marked reliable.
 */
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define MAX_ROWS 128

struct options {
	uint64_t seed, tries, show, check;
	double weak;	 /* most that are allowed, in percent */
	uint64_t strong; /* the same, a row */
	const char *rows;
	struct attempt attempt;
	struct replay replay; /* of it, if it has a row */
	const char *who;      /* for --try: whose chain; NULL: all that changed */
	int cpu;	      /* -1: a task's */
	uint32_t pid;
};

/* What became of a row in all dumps. */
struct total {
	const struct row *row;
	struct result result;
	double took;
};

static const struct row_table *const tables[] = { &rows_start, &rows_stack, &rows_torn,
						  &rows_machine };

static size_t all_rows(const struct row **out)
{
	size_t nr = 0;

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (size_t i = 0; i < tables[t]->nr && nr < MAX_ROWS; i++)
			out[nr++] = &tables[t]->row[i];
	return nr;
}

static const struct row *find_row(const char *name, size_t len)
{
	const struct row *row[MAX_ROWS];
	size_t nr = all_rows(row);

	for (size_t i = 0; i < nr; i++)
		if (strlen(row[i]->name) == len && !strncmp(row[i]->name, name, len))
			return row[i];
	return NULL;
}

/* The rows that @list names, all without one, into @total; 0: a name is not one. */
static size_t choose_rows(const char *list, struct total *total)
{
	const struct row *row[MAX_ROWS];
	size_t nr_rows = all_rows(row), nr = 0;

	for (size_t i = 0; !list && i < nr_rows; i++)
		total[nr++].row = row[i];
	for (; list && *list && nr < MAX_ROWS; nr++) {
		size_t len = strcspn(list, ",");

		total[nr].row = find_row(list, len);
		if (!total[nr].row)
			return 0;
		list += len + (list[len] == ',');
	}
	return nr;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool open_run(struct run *r, struct engine *e, const char *path)
{
	char error[512];

	if (!engine_open(e, path, error, sizeof(error))) {
		fprintf(stderr, "damage: %s\n", error);
		return false;
	}
	r->path = path;
	if (!inventory_make(&r->v, e)) {
		fprintf(stderr, "damage: %s: nothing to change\n", path);
		return false;
	}
	return true;
}

static void print_head(void)
{
	printf("%-15s%9s", "row", "tried");
	for (enum verdict v = 0; v < NR_VERDICTS; v++)
		printf("%8s", verdict_name(v));
	printf("%9s%9s\n", "classes", "per sec");
}

static bool print_row(const struct row *row, const struct result *x, double took,
		      const struct options *opt)
{
	double weak;
	bool bad;

	if (!x->tried) {
		printf("%-15s no sites\n", row->name);
		return true;
	}
	weak = 100.0 * (double)x->verdict[VERDICT_WEAK] / (double)x->tried;
	bad = x->verdict[VERDICT_STRONG] > opt->strong || weak >= opt->weak;
	printf("%-15s%9" PRIu64, row->name, x->tried);
	for (enum verdict v = 0; v < NR_VERDICTS; v++)
		printf("%8" PRIu64, x->verdict[v]);
	printf("%9" PRIu64 "%9.0f%s\n", x->nr_classed,
	       took > 0 ? (double)x->tried / took : 0, bad ? "  !" : "");
	return !bad;
}

static void add_result(struct result *sum, const struct result *x)
{
	sum->tried += x->tried;
	sum->nr_classed += x->nr_classed;
	for (enum verdict v = 0; v < NR_VERDICTS; v++)
		sum->verdict[v] += x->verdict[v];
	for (size_t i = 0; i < nr_classes; i++)
		sum->classed[i] += x->classed[i];
}

static bool run_dump(const char *path, const struct options *opt, struct total *total,
		     size_t nr)
{
	struct engine e;
	struct run r = { .seed = opt->seed,
			 .tries = opt->tries,
			 .show = opt->show,
			 .check = opt->check,
			 .progress = isatty(2) };
	size_t sound = 0;

	if (!open_run(&r, &e, path))
		return false;
	for (size_t i = 0; i < e.nr_subjects; i++)
		sound += e.subject[i].sound;
	printf("%s: %zu chains, %zu of them certain; %zu live words, %zu return addresses, "
	       "%zu pt_regs, %zu of user mode, %zu links\n",
	       path, e.nr_subjects, sound, r.v.words.nr, r.v.rets.nr, r.v.regs.nr,
	       r.v.users.nr, r.v.links.nr);
	for (size_t i = 0; i < nr; i++) {
		struct result x;
		double from = seconds();

		run_row(&r, total[i].row, &x);
		total[i].took += seconds() - from;
		add_result(&total[i].result, &x);
		fflush(stdout);
	}
	if (opt->check)
		printf("%" PRIu64 " tries checked by a fresh session, %" PRIu64
		       " differ\n",
		       r.checked, r.wrong);
	inventory_free(&r.v);
	engine_close(&e);
	return !r.wrong;
}

static int run_table(char **path, size_t nr_paths, const struct options *opt)
{
	struct total total[MAX_ROWS] = { 0 };
	struct result sum = { 0 };
	size_t nr = choose_rows(opt->rows, total);
	bool good = true;

	if (!nr) {
		fprintf(stderr, "damage: --rows %s: not all of these are rows\n",
			opt->rows);
		return 2;
	}
	for (size_t i = 0; i < nr_paths; i++)
		good &= run_dump(path[i], opt, total, nr);
	print_head();
	for (size_t i = 0; i < nr; i++) {
		good &= print_row(total[i].row, &total[i].result, total[i].took, opt);
		add_result(&sum, &total[i].result);
	}
	for (size_t i = 0; i < nr_classes; i++)
		if (sum.classed[i])
			printf("class %s: %" PRIu64 " (%s)\n", classes[i].name,
			       sum.classed[i], classes[i].text);
	return good ? 0 : 1;
}

/* ---- one try, printed ---- */

static void print_chain(struct run *r, struct stk *s, const struct subject *x)
{
	const struct stk_text_options text = { .verbose = false };
	bool doubts = false, found;
	struct stk_chain *chain = engine_chain(r->v.e, s, x, &found);

	if (chain)
		stk_text_chain(s, stdout, chain, &text, &doubts);
	else if (found)
		printf("%s\n", stk_error_text(s));
	else
		printf("PID %u is not found\n", x->task.pid);
	if (doubts)
		stk_text_legend(stdout);
	stk_chain_free(s, chain);
}

static bool is_asked_for(const struct options *opt, const struct subject *x)
{
	if (opt->cpu >= 0)
		return x->cpu == opt->cpu && !x->live;
	return x->cpu < 0 && x->task.pid == opt->pid;
}

/* Those that are asked for, else those that differ from the true ones. */
static bool print_chains(struct run *r, struct stk *s, const struct options *opt)
{
	const struct engine *e = r->v.e;
	bool any = false;

	for (size_t i = 0; i < e->nr_subjects; i++) {
		const struct subject *x = &e->subject[i];
		struct stk_chain *chain;
		bool found, print;

		if (opt->who) {
			print = is_asked_for(opt, x);
		} else {
			chain = x->sound ? engine_chain(e, s, x, &found) : NULL;
			print = x->sound && judge(chain, x->truth) != VERDICT_SAME;
			stk_chain_free(s, chain);
		}
		if (print)
			print_chain(r, s, x);
		any |= print;
	}
	return any;
}

static int run_try(const char *path, struct options *opt)
{
	struct run r = { 0 };
	struct engine e;
	struct outcome o;
	struct stk *s;
	bool any;

	if (!open_run(&r, &e, path))
		return 2;
	if (opt->replay.row && !make_again(&r.v, &opt->replay, &opt->attempt)) {
		fprintf(stderr, "damage: %s: no such case of %s\n", path,
			opt->replay.row->name);
		return 2;
	}
	s = engine_change(&e, opt->attempt.change, opt->attempt.nr, true);
	if (!s) {
		fprintf(stderr, "damage: %s: no such word in it\n", path);
		return 2;
	}
	any = print_chains(&r, s, opt);
	engine_undo(&e);
	if (opt->who && !any)
		fprintf(stderr, "damage: %s: no chain of %s\n", path, opt->who);
	run_attempt(&r, &opt->attempt, RUN_ALL, stdout, &o);
	inventory_free(&r.v);
	engine_close(&e);
	if (opt->who && !any)
		return 2;
	return o.verdict == VERDICT_STRONG && !o.class;
}

static bool parse_changes(struct attempt *a, const char *text)
{
	while (*text) {
		struct change *c = &a->change[a->nr];
		char *end;

		if (a->nr == MAX_CHANGES)
			return false;
		c->phys = strtoull(text, &end, 16);
		if (end == text || *end != '=')
			return false;
		text = end + 1;
		c->value = strtoull(text, &end, 16);
		if (end == text || (*end && *end != ','))
			return false;
		a->nr++;
		text = end + (*end == ',');
	}
	return true;
}

static bool parse_case(struct replay *replay, const char *text)
{
	size_t len = strcspn(text, ":");
	char *end;

	replay->row = find_row(text, len);
	if (!replay->row || !text[len])
		return false;
	replay->n = strtoull(text + len + 1, &end, 16);
	if (*end != ':')
		return false;
	replay->random = strtoull(end + 1, &end, 16);
	return !*end;
}

static int usage(void)
{
	const struct row *row[MAX_ROWS];
	size_t nr = all_rows(row);

	fprintf(stderr,
		"usage: damage [--seed N] [--tries N] [--rows NAME,...] [--show N]\n"
		"              [--check N] [--strong N] [--weak PERCENT] VMCORE...\n"
		"       damage VMCORE --try PHYS=VALUE[,...] [PID | cpu N]\n"
		"       damage VMCORE --case ROW:N:RANDOM [PID | cpu N]\n"
		"rows:\n");
	for (size_t i = 0; i < nr; i++)
		fprintf(stderr, "  %-15s %s\n", row[i]->name, row[i]->text);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seed", 1, NULL, 's' },   { "tries", 1, NULL, 'n' },
		{ "rows", 1, NULL, 'r' },   { "show", 1, NULL, 'p' },
		{ "check", 1, NULL, 'c' },  { "try", 1, NULL, 't' },
		{ "strong", 1, NULL, 'S' }, { "weak", 1, NULL, 'W' },
		{ "case", 1, NULL, 'C' },   { 0 },
	};
	static struct options opt = { .seed = 1, .tries = 10000, .weak = 1, .cpu = -1 };
	bool good = true;
	int c;

	/* What is freed is wanted again at once. */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 's':
			opt.seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			opt.tries = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			opt.rows = optarg;
			break;
		case 'p':
			opt.show = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			opt.check = strtoull(optarg, NULL, 0);
			break;
		case 't':
			good &= parse_changes(&opt.attempt, optarg);
			break;
		case 'C':
			good &= parse_case(&opt.replay, optarg);
			break;
		case 'S':
			opt.strong = strtoull(optarg, NULL, 0);
			break;
		case 'W':
			opt.weak = strtod(optarg, NULL);
			break;
		default:
			good = false;
		}
	}
	argv += optind;
	argc -= optind;
	if (!good || argc < 1)
		return usage();
	if (!opt.attempt.nr && !opt.replay.row)
		return run_table(argv, (size_t)argc, &opt);
	/* Further changes may be words of their own. */
	for (int i = 1; i < argc; i++) {
		if (strchr(argv[i], '=')) {
			if (!parse_changes(&opt.attempt, argv[i]))
				return usage();
		} else if (!strcmp(argv[i], "cpu") && i + 1 < argc) {
			opt.who = argv[++i];
			opt.cpu = atoi(opt.who);
		} else {
			opt.who = argv[i];
			opt.pid = (uint32_t)strtoul(opt.who, NULL, 10);
		}
	}
	return run_try(argv[0], &opt);
}
