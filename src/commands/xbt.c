/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "args.h"

const char *const stk_help_xbt[] = {
	"  Unwinds the kernel stacks of a CPU or a task across every stack that it passed:",
	"  NMI, IRQ, other exceptions, task, down to user mode, the idle loop or the start of",
	"  the thread. Without an argument it shows the current context.",
	"",
	"    -a       every CPU that was running",
	"    -A       every task",
	"    -c cpus  these CPUs, such as 0,2-3",
	"    PID      decimal; a task that crash's own table lacks is found, too",
	"    TASK     the hexadecimal address of a task_struct",
	"    -S sp    start at this stack pointer, on any stack of any CPU or task",
	"    -I ip    with -S: the instruction pointer; without it the word at sp is taken",
	"             for a return address",
	"    -B bp    with -S: the frame pointer",
	"    -R addr  start from the pt_regs at this address",
	"    -r       the registers of the first frame, too",
	"    -f       the raw words of each frame, with what each points to",
	"    -t       of those only what looks like a return address, marked \"?\"",
	"    -l       file and line, and inlined calls, where the namelist has DWARF",
	"    -g       equal chains once, with the tasks that share them",
	"    -o folded",
	"             a line a chain for flame graph tools, outermost function first",
	"    -v       for each frame how it was found, for each crossing its evidence; first",
	"             what stopped the CPU, below what its saved registers are of",
	"    -j       JSON, one document on one line",
	"",
	"  The first line of a chain says how far it can be relied on: certain, when all of",
	"  it has a proof that a damaged word would have broken; doubtful, when something in",
	"  it has not; or broken, when it does not come to an end that a stack can have. The",
	"  last line says why.",
	"",
	"  What follows \"resync at\" may be the rest of a broken chain, and is no part of it.",
	"",
	"  Frames look as those of bt: the address in brackets is where the return address",
	"  was found. A line with dashes closes each stack and says how it was left. A \"?\"",
	"  marks a frame that is not certain.",
	"",
	"EXAMPLES",
	"    %s> xbt -a",
	"    %s> xbt -v 227",
	NULL,
};

/* Chains that are equal but for whose they are. */
struct group {
	struct stk_chain *chain; /* the first of them */
	uint64_t hash;
	size_t nr, room;
	struct member {
		uint32_t pid;
		int cpu;
		char comm[16];
	} * member;
};

struct xbt {
	struct stk_command *cmd;
	struct stk_text_options opt;
	bool json, group, folded;
	struct group *groups;
	size_t nr_groups, groups_room;
	uint32_t *index; /* of groups by their hash: open addressing, plus one */
	size_t index_size;
	struct json_object *doc;
	/* What it says of the chains, as text, which takes far less memory. */
	FILE *list;
	char *list_text;
	size_t list_size, nr_listed;
	unsigned int printed;
	bool doubts;   /* a mark was printed */
	bool doubtful; /* a chain is not certain */
	bool interrupted;
	enum stk_command_result res;
};

static uint64_t hash_chain(const struct stk_chain *chain)
{
	uint64_t h = 14695981039346656037ull ^ (uint64_t)chain->end;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++)
			h = (h ^ seg->frames[i].ip ^ (uint64_t)seg->stack.kind << 56) *
			    1099511628211ull;
	return h;
}

static bool same_chain(const struct stk_chain *a, const struct stk_chain *b)
{
	const struct stk_segment *x = a->segments, *y = b->segments;

	if (a->end != b->end || a->nr_frames != b->nr_frames ||
	    a->confidence != b->confidence)
		return false;
	for (; x && y; x = x->next, y = y->next) {
		if (x->stack.kind != y->stack.kind || x->nr_frames != y->nr_frames)
			return false;
		for (size_t i = 0; i < x->nr_frames; i++)
			if (x->frames[i].ip != y->frames[i].ip)
				return false;
	}
	return !x && !y;
}

static void *grow(void *array, size_t nr, size_t *room, size_t size)
{
	if (nr < *room)
		return array;
	*room = *room ? *room * 2 : 16;
	return realloc(array, *room * size);
}

/* The slot of @chain's group: it holds its number plus one, or 0. */
static uint32_t *group_slot(struct xbt *x, uint64_t hash, const struct stk_chain *chain)
{
	for (uint64_t h = hash;; h++) {
		uint32_t *slot = &x->index[h & (x->index_size - 1)];
		const struct group *g = *slot ? &x->groups[*slot - 1] : NULL;

		if (!g || (g->hash == hash && same_chain(g->chain, chain)))
			return slot;
	}
}

static bool grow_index(struct xbt *x)
{
	size_t size = x->index_size ? x->index_size * 2 : 256;
	uint32_t *index;

	if (x->nr_groups * 2 < x->index_size)
		return true;
	index = calloc(size, sizeof(*index));
	if (!index)
		return false;
	free(x->index);
	x->index = index;
	x->index_size = size;
	for (size_t i = 0; i < x->nr_groups; i++)
		*group_slot(x, x->groups[i].hash, x->groups[i].chain) = (uint32_t)i + 1;
	return true;
}

/* What a group with its chain, or a member, takes. */
static bool has_room(struct xbt *x, const struct stk_chain *chain)
{
	size_t size = sizeof(struct member);

	if (chain)
		size += sizeof(struct group) + sizeof(*chain) +
			chain->nr_frames *
				(sizeof(struct stk_frame) + sizeof(struct stk_regs));
	return stk_budget_answer(&x->cmd->s->budget, size);
}

/* Takes over @chain. */
static void add_to_group(struct xbt *x, struct stk_chain *chain)
{
	uint64_t hash = hash_chain(chain);
	struct group *g = NULL;
	struct member *m;
	uint32_t *slot;

	if (!grow_index(x))
		goto nomem;
	slot = group_slot(x, hash, chain);
	if (*slot)
		g = &x->groups[*slot - 1];
	if (!has_room(x, g ? NULL : chain)) {
		stk_chain_free(x->cmd->s, chain);
		return;
	}
	if (!g) {
		g = grow(x->groups, x->nr_groups, &x->groups_room, sizeof(*g));
		if (!g)
			goto nomem;
		x->groups = g;
		g += x->nr_groups++;
		*slot = (uint32_t)x->nr_groups;
		*g = (struct group){ .chain = chain, .hash = hash };
	}
	m = grow(g->member, g->nr, &g->room, sizeof(*m));
	if (!m)
		goto nomem;
	g->member = m;
	m += g->nr++;
	m->pid = chain->start.task.pid;
	m->cpu = chain->cpu;
	memcpy(m->comm, chain->start.task.comm, sizeof(m->comm));
	if (g->chain != chain)
		stk_chain_free(x->cmd->s, chain);
	return;
nomem:
	x->res = stk_complain(x->cmd, "out of memory");
	x->interrupted = true;
}

static int larger_group(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->nr < y->nr ? 1 : x->nr > y->nr ? -1 : 0;
}

static void show_groups(struct xbt *x)
{
	FILE *out = x->cmd->out;

	if (x->nr_groups)
		qsort(x->groups, x->nr_groups, sizeof(*x->groups), larger_group);
	for (size_t i = 0; i < x->nr_groups; i++) {
		struct group *g = &x->groups[i];

		if (!x->interrupted && x->folded) {
			stk_folded_chain(out, g->chain, g->nr);
		} else if (!x->interrupted) {
			fprintf(out, "%s%zu task%s:", i ? "\n" : "", g->nr,
				g->nr > 1 ? "s" : "");
			for (size_t j = 0; j < g->nr; j++)
				fprintf(out, " %u \"%s\"", g->member[j].pid,
					g->member[j].comm);
			fputc('\n', out);
			stk_text_chain(x->cmd->s, out, g->chain, &x->opt, &x->doubts);
		}
		stk_chain_free(x->cmd->s, g->chain);
		free(g->member);
	}
	free(x->groups);
	free(x->index);
}

static void add_to_list(struct xbt *x, struct json_object *chain)
{
	const char *text = json_object_to_json_string_ext(
		chain, JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED);

	if (!text)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (stk_budget_answer(&x->cmd->s->budget, strlen(text)))
		fprintf(x->list, "%s %s", x->nr_listed++ ? "," : "", text);
	json_object_put(chain);
}

/* There is nothing to unwind from: say so in place of the chain. */
static void show_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
			  enum stk_status st)
{
	const char *text = stk_reason(x->cmd->s, st);

	if (stk_interrupted(x->cmd->s)) {
		x->interrupted = true;
		return;
	}
	x->cmd->nr_chains++;
	if (x->json) {
		add_to_list(x, stk_json_no_chain(x->cmd->s, cpu, task, text));
		return;
	}
	if (x->printed++)
		fputc('\n', x->cmd->out);
	x->res = stk_complain(x->cmd, "%s", text);
}

static void show_chain(struct xbt *x, const struct stk_start *start)
{
	struct stk_purse purse = { 0 };
	struct stk_chain *chain;
	enum stk_status st;

	/* One chain without end must not take it all from the others. */
	stk_purse_open(&x->cmd->s->budget, &purse, "a chain", 16);
	st = stk_unwind(x->cmd->s, start, &chain);
	stk_purse_close(&x->cmd->s->budget, &purse);
	if (st == STK_ERR_NOMEM)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (st)
		show_no_chain(x, start->cpu, start->has_task ? &start->task : NULL, st);
	if (st)
		return;
	x->doubtful |= chain->confidence != STK_CERTAIN;
	x->cmd->nr_chains++;
	x->cmd->nr_certain += chain->confidence == STK_CERTAIN;
	if (chain->end == STK_END_INTERRUPTED) {
		x->interrupted = true;
	} else if (x->json) {
		add_to_list(x, stk_json_chain(x->cmd->s, chain, x->opt.lines));
	} else if (x->group || x->folded) {
		add_to_group(x, chain);
		return;
	} else {
		if (x->printed++)
			fputc('\n', x->cmd->out);
		stk_text_chain(x->cmd->s, x->cmd->out, chain, &x->opt, &x->doubts);
	}
	stk_chain_free(x->cmd->s, chain);
}

static void show_cpu(struct xbt *x, unsigned int cpu)
{
	struct stk_start start;
	enum stk_status st = stk_start_cpu(x->cmd->s, cpu, &start);

	if (!st)
		show_chain(x, &start);
	else
		show_no_chain(x, (int)cpu, start.has_task ? &start.task : NULL, st);
}

static void show_task(struct xbt *x, const struct stk_task *task)
{
	struct stk_start start;
	enum stk_status st = stk_start_task(x->cmd->s, task, &start);

	if (!st)
		show_chain(x, &start);
	else
		show_no_chain(x, -1, task, st);
}

/* Nothing more can be told, or kept until it is printed. */
static bool has_ended(struct xbt *x)
{
	const struct stk_budget *b = &x->cmd->s->budget;

	return x->interrupted || b->dry || !b->answer;
}

static void progress(struct xbt *x, const char *what, size_t done, size_t all)
{
	if (x->cmd->progress)
		x->cmd->progress(x->cmd, what, done, all);
}

static void show_all_tasks(struct xbt *x)
{
	const struct stk_task *task;
	const char *missing;
	size_t nr;
	enum stk_status st = stk_tasks(x->cmd->s, &task, &nr);

	if (st) {
		x->res = stk_complain(x->cmd, "cannot find the tasks: %s",
				      stk_reason(x->cmd->s, st));
		return;
	}
	for (size_t i = 0; i < nr && !has_ended(x); i++) {
		progress(x, "tasks", i, nr);
		if (!task[i].idle ||
		    stk_cpu_running(x->cmd->s, (unsigned int)task[i].cpu))
			show_task(x, &task[i]);
	}
	missing = stk_tasks_truncated(x->cmd->s);
	if (x->json)
		json_object_object_add(x->doc, "tasks_missing",
				       missing ? json_object_new_string(missing) : NULL);
	if (missing)
		x->res = stk_complain(x->cmd, "tasks may be missing: %s", missing);
}

/* Decimal digits are a PID when such a task exists; else an address. */
static bool find_task(struct xbt *x, const char *text, struct stk_task *task)
{
	struct stk *s = x->cmd->s;
	enum stk_status st;
	uint64_t addr;
	char *end;

	errno = 0;
	if (isdigit((unsigned char)*text)) {
		unsigned long pid = strtoul(text, &end, 10);

		if (!*end && !errno && pid <= INT32_MAX) {
			if (!pid) {
				x->res = stk_complain(
					x->cmd, "PID 0 is the idle task of every CPU: "
						"use -c");
				return false;
			}
			if (!stk_task_by_pid(s, (uint32_t)pid, task))
				return true;
		}
	}
	if (!stk_parse_hex(text, &addr)) {
		x->res = stk_complain(
			x->cmd, "%s: neither a PID nor the address of a task", text);
		return false;
	}
	if (addr < UINT32_MAX) {
		x->res = stk_complain(x->cmd, "%s: there is no task with this PID", text);
		return false;
	}
	st = stk_task_read(s, addr, task);
	if (st)
		x->res = stk_complain(x->cmd, "%s: %s", text, stk_reason(s, st));
	return !st;
}

struct starts {
	bool all_cpus, all_tasks;
	const char *cpus, *sp, *ip, *bp, *regs;
};

static void show_given(struct xbt *x, const struct starts *w)
{
	uint64_t sp = 0, ip = 0, bp = 0;
	struct stk_start start;
	enum stk_status st;

	if ((w->regs && !stk_parse_address(x->cmd, w->regs, &sp)) ||
	    (w->sp && !stk_parse_address(x->cmd, w->sp, &sp)) ||
	    (w->ip && !stk_parse_address(x->cmd, w->ip, &ip)) ||
	    (w->bp && !stk_parse_address(x->cmd, w->bp, &bp))) {
		x->res = STK_CMD_FAILED;
		return;
	}
	st = w->regs ? stk_start_regs(x->cmd->s, sp, &start)
		     : stk_start_stack(x->cmd->s, sp, ip, bp, &start);
	if (st)
		x->res = stk_complain(x->cmd, "%s", stk_reason(x->cmd->s, st));
	else
		show_chain(x, &start);
}

static void show_cpus(struct xbt *x, const char *list)
{
	struct stk_cpu_set set;
	bool any = false;

	if (!stk_parse_cpus(x->cmd, list, &set)) {
		x->res = STK_CMD_FAILED;
		return;
	}
	for (unsigned int cpu = 0; cpu < set.nr && !has_ended(x); cpu++) {
		if (!set.in[cpu] || (!list && !stk_cpu_running(x->cmd->s, cpu)))
			continue;
		progress(x, "CPUs", cpu, set.nr);
		show_cpu(x, cpu);
		any = true;
	}
	/* The kernel died before it came to mark the CPU that it boots on. */
	if (!any && !x->interrupted)
		x->res = stk_complain(x->cmd,
				      "no CPU is online: the kernel did not come so far");
	free(set.in);
}

static void show_context(struct xbt *x)
{
	struct stk_task task;
	enum stk_status st;
	uint64_t addr;

	if (!x->cmd->context || !x->cmd->context(x->cmd, &addr)) {
		x->res = stk_complain(x->cmd, "there is no current context");
		return;
	}
	st = stk_task_read(x->cmd->s, addr, &task);
	if (st)
		x->res = stk_complain(x->cmd, "%s", stk_reason(x->cmd->s, st));
	else
		show_task(x, &task);
}

static enum stk_command_result print_document(struct xbt *x)
{
	enum stk_command_result res = STK_CMD_FAILED;

	if (!fclose(x->list))
		res = stk_print_json_list(x->cmd, x->doc, "chains", x->list_text);
	else
		json_object_put(x->doc);
	free(x->list_text);
	return res;
}

enum stk_command_result stk_command_xbt(struct stk_command *cmd, int argc, char **argv)
{
	struct xbt x = { .cmd = cmd };
	struct starts w = { 0 };
	enum stk_status st;
	int c, kinds;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, STK_XBT_OPTIONS)) != -1) {
		switch (c) {
		case 'a':
			w.all_cpus = true;
			break;
		case 'A':
			w.all_tasks = true;
			break;
		case 'c':
			w.cpus = optarg;
			break;
		case 'S':
			w.sp = optarg;
			break;
		case 'I':
			w.ip = optarg;
			break;
		case 'B':
			w.bp = optarg;
			break;
		case 'R':
			w.regs = optarg;
			break;
		case 'r':
			x.opt.registers = true;
			break;
		case 'f':
			x.opt.words = true;
			break;
		case 't':
			x.opt.text_words = true;
			break;
		case 'l':
			x.opt.lines = true;
			break;
		case 'g':
			x.group = true;
			break;
		case 'o':
			if (strcmp(optarg, "folded"))
				return STK_CMD_USAGE;
			x.folded = true;
			break;
		case 'v':
			x.opt.verbose = true;
			break;
		case 'j':
			x.json = true;
			break;
		default:
			return STK_CMD_USAGE;
		}
	}
	/* One shape of answer at a time. */
	if (x.json + x.group + x.folded > 1)
		return STK_CMD_USAGE;
	kinds = w.all_cpus + w.all_tasks + !!w.cpus + !!w.sp + !!w.regs + (optind < argc);
	if (kinds > 1 || ((w.ip || w.bp) && !w.sp))
		return STK_CMD_USAGE;
	st = stk_prepare(cmd->s);
	if (st)
		return stk_complain(cmd, "%s", stk_reason(cmd->s, st));
	cmd->summary = !x.json && !x.folded;
	cmd->collects = x.json || x.group || x.folded;
	if (x.json) {
		x.list = open_memstream(&x.list_text, &x.list_size);
		if (!x.list)
			return stk_complain(cmd, "out of memory");
		x.doc = stk_json_document(cmd->s);
	}
	if (w.all_tasks)
		show_all_tasks(&x);
	else if (w.sp || w.regs)
		show_given(&x, &w);
	else if (w.all_cpus || w.cpus)
		show_cpus(&x, w.cpus);
	else if (optind == argc)
		show_context(&x);
	for (; optind < argc && !x.interrupted; optind++) {
		struct stk_task task;

		if (find_task(&x, argv[optind], &task))
			show_task(&x, &task);
	}
	progress(&x, NULL, 0, 0);
	show_groups(&x);
	if (x.doubts)
		stk_text_legend(cmd->out);
	if (x.interrupted || stk_interrupted(cmd->s)) {
		/* Half a document is worse than none. */
		json_object_put(x.doc);
		if (x.list)
			fclose(x.list);
		free(x.list_text);
		return stk_complain(cmd, "interrupted");
	}
	if (x.json && print_document(&x) != STK_CMD_OK)
		return STK_CMD_FAILED;
	return x.res == STK_CMD_OK && x.doubtful ? STK_CMD_DOUBT : x.res;
}
