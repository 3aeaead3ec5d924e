/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers that the dump lacks, and somebody has as a text: whose they are. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/context.h"
#include "../base/safe.h"
#include "../base/vec.h"
#include "oops.h"
#include "xbt.h"

/* A log of a machine, and more. */
#define TEXT_MAX (16u * 1024 * 1024)

/* One of the files, and the CPU that it is said to be of; -1: nobody says. */
struct given_text {
	const char *name;
	int64_t cpu;
	char *text;
	size_t size;
};

/* False: complained. The text is to be freed. */
static bool read_text(struct xbt *x, struct given_text *t)
{
	/* Not to wait for ever for whoever would write to a FIFO. */
	int fd = open(t->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t nr = fd < 0 ? -1 : 1;

	t->text = malloc(TEXT_MAX + 1);
	while (t->text && nr > 0 && t->size <= TEXT_MAX && !stk_interrupted(x->cmd->s)) {
		nr = read(fd, t->text + t->size, TEXT_MAX + 1 - t->size);
		t->size += nr > 0 ? (size_t)nr : 0;
	}
	if (!t->text)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (nr < 0)
		x->res = stk_misuse(x->cmd, "%s: %s", t->name, strerror(errno));
	else if (t->size > TEXT_MAX)
		x->res = stk_misuse(
			x->cmd, "%s: more than 16 MiB: no text with registers", t->name);
	if (fd >= 0)
		close(fd);
	return x->res == STK_CMD_OK;
}

/* A text of another kernel or boot: what it says is not of this dump's stacks. */
static void tell_origin(struct xbt *x, const struct given_text *t)
{
	struct stk_oops_origin origin = { 0 };
	const char *line;
	char find[512];
	size_t at = 0, len;

	while (stk_oops_line(t->text, t->size, &at, &line, &len))
		stk_oops_compare(x->cmd->s, &origin, line, len);
	for (enum stk_oops_trait i = 0; i < STK_OOPS_NR_TRAITS; i++)
		if (stk_oops_foreign(&origin, i, find, sizeof(find))) {
			stk_complain(x->cmd, "%s: %s", t->name, find);
			return;
		}
}

/* The only CPU of the list @cpus; -1: there is none, or there are more. */
static int64_t only_cpu(const char *cpus)
{
	char *end;
	unsigned long cpu = cpus && isdigit((unsigned char)*cpus)
				    ? strtoul(cpus, &end, 10)
				    : UINT32_MAX;

	return cpu < UINT32_MAX && !*end ? (int64_t)cpu : -1;
}

/* Whose are registers of which neither the text nor the user says it? -1: cannot tell. */
static int64_t default_cpu(struct xbt *x, const struct xbt_request *r)
{
	int64_t cpu = only_cpu(r->cpus);

	if (cpu < 0)
		cpu = stk_panic(x->cmd->s).cpu;
	return cpu < 0 && stk_nr_cpus(x->cmd->s) == 1 ? 0 : cpu;
}

/* As it may be printed. */
static const char *safe_name(struct stk *s, const char *name)
{
	char *text = stk_arena_alloc(&s->texts, 4 * strlen(name) + 1);

	return text ? stk_safe_text(text, 4 * strlen(name) + 1, name) : NULL;
}

static bool give(struct xbt *x, const struct given_text *t,
		 const struct stk_oops_regs *set, int64_t cpu)
{
	struct stk *s = x->cmd->s;
	const char *name = safe_name(s, t->name);
	const struct stk_text_regs *before;
	struct stk_text_regs *to;

	if (set->why[0]) {
		x->res = stk_misuse(x->cmd, "%s: the registers from line %zu on: %s",
				    t->name, set->line, set->why);
		return false;
	}
	if (cpu < 0) {
		x->res =
			stk_misuse(x->cmd,
				   "%s: it is not known which CPU's registers these are: "
				   "--regs CPU:%s",
				   t->name, t->name);
		return false;
	}
	if (cpu > UINT32_MAX || !stk_cpu_possible(s, (unsigned int)cpu)) {
		x->res = stk_misuse(x->cmd, "%s: there is no CPU %lld: the highest is %u",
				    t->name, (long long)cpu, stk_nr_cpus(s) - 1);
		return false;
	}
	before = xbt_given_of(x, (int)cpu);
	if (before) {
		x->res = stk_misuse(x->cmd, "%s: CPU %lld has registers from %s already",
				    t->name, (long long)cpu, before->name);
		return false;
	}
	to = stk_vec_next(&s->texts, x->given.of, x->given.nr, x->given.room);
	if (!to || !name) {
		x->res = stk_complain(x->cmd, "out of memory");
		return false;
	}
	*to = (struct stk_text_regs){ (unsigned int)cpu, set->regs, set->pid, set->behind,
				      name };
	x->given.nr++;
	return true;
}

/* All that it has, or those of the CPU that the user named. */
static bool take_sets(struct xbt *x, const struct xbt_request *r,
		      const struct given_text *t, const struct stk_oops_regs_list *list)
{
	size_t taken = 0;

	for (size_t i = 0; i < list->nr; i++) {
		const struct stk_oops_regs *set = &list->set[i];
		int64_t cpu = set->cpu >= 0 ? set->cpu : t->cpu;

		if (t->cpu >= 0 && cpu != t->cpu)
			continue;
		/* Among others it is of none of them. */
		if (cpu < 0 && list->nr > 1)
			continue;
		if (!give(x, t, set, cpu < 0 ? default_cpu(x, r) : cpu))
			return false;
		taken++;
	}
	if (!list->nr)
		x->res = stk_misuse(
			x->cmd, "%s: no registers of a CPU in it%s", t->name,
			list->user_behind ? " but those of user mode, from where it had "
					    "come to the frames before them"
					  : "");
	else if (!taken)
		x->res = stk_misuse(
			x->cmd, "%s: it has registers of CPU %lld, not of %lld", t->name,
			(long long)list->set[0].cpu, (long long)t->cpu);
	return taken;
}

static bool read_one(struct xbt *x, const struct xbt_request *r, struct given_text *t)
{
	struct stk_oops_regs_list list;
	enum stk_status st;

	if (!read_text(x, t))
		return false;
	t->size = stk_oops_clean(t->text, t->size);
	stk_budget_refill(&x->cmd->s->budget);
	tell_origin(x, t);
	st = stk_oops_registers(x->cmd->s, t->text, t->size, &list);
	if (st)
		x->res = stk_complain(x->cmd, "%s", stk_reason(x->cmd->s, st));
	return !st && take_sets(x, r, t, &list);
}

bool xbt_read_given(struct xbt *x, const struct xbt_request *r)
{
	char *names = r->texts ? stk_arena_strndup(&x->cmd->s->texts, r->texts,
						   strlen(r->texts))
			       : NULL,
	     *save = NULL;
	bool ok = true;

	if (r->texts && !names)
		return stk_complain(x->cmd, "out of memory") == STK_CMD_OK;
	for (char *name = names ? strtok_r(names, ",", &save) : NULL; ok && name;
	     name = strtok_r(NULL, ",", &save)) {
		struct given_text t = { .name = name, .cpu = -1 };
		char *end = name;

		if (isdigit((unsigned char)*name))
			t.cpu = (int64_t)strtoul(name, &end, 10);
		if (t.cpu >= 0 && *end == ':')
			t.name = end + 1;
		else
			t.cpu = -1;
		ok = read_one(x, r, &t);
		free(t.text);
	}
	if (ok && r->texts && !x->given.nr)
		x->res = stk_misuse(x->cmd, "--regs: the name of a file is missing");
	return ok && x->res == STK_CMD_OK;
}

const struct stk_text_regs *xbt_given_of(const struct xbt *x, int cpu)
{
	for (size_t i = 0; i < x->given.nr; i++)
		if (cpu >= 0 && x->given.of[i].cpu == (unsigned int)cpu)
			return &x->given.of[i];
	return NULL;
}
