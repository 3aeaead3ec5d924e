/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "base/context.h"
#include "kernel/kallsyms.h"
#include "machine/memory.h"

/*
 * What is shared between sessions is completed first: nothing of it may be allocated in
 * a session that is closed before the others.
 */
static void complete_shared(struct stk *s)
{
	uint64_t at, start, size;
	const char *name;

	if (!stk_symbol_address(s, "_text", &at))
		while (!stk_kallsyms_lookup(s, at, &name, &start, &size) && size)
			at = start + size;
	/* As many pages in a row as the cache has places, and more. */
	for (at = 0; at < 4096; at++) {
		unsigned char byte;

		stk_read(s, at * stk_page_size(s), &byte, 1);
	}
}

static void share(struct stk *to, const struct stk *from)
{
	to->cache = from->cache;
	to->layout = from->layout;
	to->kallsyms = from->kallsyms;
	to->kallsyms_tables = from->kallsyms_tables;
}

static struct stk *open_shared(struct engine *e)
{
	struct stk *s = stk_open(&e->target, sizeof(e->target));

	if (s) {
		share(s, e->keeper);
		stk_forget_memory(s);
	}
	return s;
}

static bool add_subject(struct engine *e, int cpu, bool live, const struct stk_task *task)
{
	struct subject *p = realloc(e->subject, (e->nr_subjects + 1) * sizeof(*p));

	if (!p)
		return false;
	e->subject = p;
	p += e->nr_subjects++;
	memset(p, 0, sizeof(*p));
	p->cpu = cpu;
	p->live = live;
	if (task)
		p->task = *task;
	return true;
}

/* Everything but chains, and which pages it came from. */
static enum stk_status learn_machine(struct engine *e)
{
	struct stk *s = e->base;
	const struct stk_stack *stack;
	const struct stk_task *task;
	struct stk_name name;
	size_t nr, nr_stacks;
	enum stk_status st;

	e->overlay.reader = READER_MACHINE;
	st = stk_tasks(s, &task, &nr);
	if (!st)
		st = stk_stacks(s, &stack, &nr_stacks);
	for (unsigned int cpu = 0; !st && cpu < stk_nr_cpus(s); cpu++)
		if (stk_cpu_running(s, cpu) && !add_subject(e, (int)cpu, false, NULL))
			st = STK_ERR_NOMEM;
	for (unsigned int cpu = 0; !st && cpu < stk_nr_cpus(s); cpu++)
		if (stk_cpu_running(s, cpu) && !add_subject(e, (int)cpu, true, NULL))
			st = STK_ERR_NOMEM;
	for (size_t i = 0; !st && i < nr; i++) {
		if (stk_running_cpu(s, task[i].addr) >= 0 || !task[i].stack)
			continue;
		if (!add_subject(e, -1, false, &task[i]))
			st = STK_ERR_NOMEM;
	}
	/* Modules and other code: what no list names is looked for in all. */
	stk_symbolize(s, 0xffffffffc0000000ull, false, &name);
	stk_is_text(s, 0xffffffffc0000000ull);
	e->overlay.reader = READER_NONE;
	return st;
}

static bool image_bounds(struct engine *e)
{
	uint64_t text, end;

	if (stk_symbol_address(e->base, "_text", &text) ||
	    stk_symbol_address(e->base, "_end", &end) ||
	    stk_translate(e->base, text, &e->image))
		return false;
	e->image_end = e->image + (end - text);
	return true;
}

static void learn_chains(struct engine *e)
{
	for (size_t i = 0; i < e->nr_subjects; i++) {
		struct subject *x = &e->subject[i];
		bool found;

		stk_forget_memory(e->base);
		e->overlay.reader = FIRST_SUBJECT + (uint32_t)i;
		x->truth = engine_chain(e, e->base, x, &found);
		e->overlay.reader = READER_NONE;
		x->sound = x->truth && is_certain(x->truth);
	}
}

bool engine_open(struct engine *e, const char *path, char *error, size_t size)
{
	enum stk_status st;

	memset(e, 0, sizeof(*e));
	if (stk_dump_open(path, NULL, &e->dump, error, size))
		return false;
	e->target = stk_dump_session(e->dump)->target;
	if (!overlay_init(&e->overlay, &e->target))
		return false;
	e->target.memory = &overlay_ops;
	e->target.memory_priv = &e->overlay;
	e->keeper = stk_open(&e->target, sizeof(e->target));
	st = e->keeper ? stk_prepare(e->keeper) : STK_ERR_NOMEM;
	if (!st) {
		complete_shared(e->keeper);
		e->base = open_shared(e);
		st = e->base ? learn_machine(e) : STK_ERR_NOMEM;
	}
	if (!st && !image_bounds(e))
		st = STK_ERR_NO_SYMBOL;
	if (st) {
		snprintf(error, size, "%s: %s", path, stk_status_text(st));
		return false;
	}
	learn_chains(e);
	stk_forget_memory(e->base);
	return true;
}

void engine_close(struct engine *e)
{
	stk_close(e->clean);
	stk_close(e->base);
	stk_close(e->keeper);
	stk_dump_close(e->dump);
	overlay_free(&e->overlay);
	free(e->subject);
}

static bool concerns_machine(const struct engine *e)
{
	for (size_t i = 0; i < e->overlay.nr_changed; i++) {
		const struct page *p = e->overlay.changed[i];

		if (p->machine ||
		    (p->pfn * PAGE >= e->image && p->pfn * PAGE < e->image_end))
			return true;
	}
	return false;
}

struct stk *engine_change(struct engine *e, const struct change *change, size_t nr,
			  bool whole)
{
	for (size_t i = 0; i < nr; i++) {
		if (!overlay_set(&e->overlay, change[i].phys, change[i].value)) {
			overlay_reset(&e->overlay);
			return NULL;
		}
	}
	/* What was read to find the words is of the sound dump. */
	stk_forget_memory(e->base);
	if (!whole && !concerns_machine(e))
		return e->base;
	stk_close(e->clean);
	e->clean = open_shared(e);
	return e->clean;
}

void engine_undo(struct engine *e)
{
	overlay_reset(&e->overlay);
	stk_forget_memory(e->base);
}

struct stk *engine_fresh(struct engine *e)
{
	return stk_open(&e->target, sizeof(e->target));
}

static const struct stk_task *find_task(struct stk *s, uint64_t addr)
{
	const struct stk_task *task;
	size_t nr;

	if (stk_tasks(s, &task, &nr))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		if (task[i].addr == addr)
			return &task[i];
	return NULL;
}

struct stk_chain *engine_chain(const struct engine *e, struct stk *s,
			       const struct subject *subject, bool *found)
{
	const struct stk_task *task = &subject->task;
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_copy where;
	enum stk_status st;

	*found = true;
	if (subject->cpu < 0 && s != e->base) {
		task = find_task(s, task->addr);
		*found = task != NULL;
	}
	if (!*found)
		return NULL;
	st = subject->cpu < 0 ? stk_start_task(s, task, &start)
			      : stk_start_cpu(s, (unsigned int)subject->cpu, &start);
	if (!st && subject->live)
		st = stk_unwind_live(s, &start, &where, &chain);
	else if (!st)
		st = stk_unwind(s, &start, &chain);
	return st ? NULL : chain;
}

bool engine_phys(struct engine *e, uint64_t virt, uint64_t *phys)
{
	return !stk_translate(e->base, virt, phys) && overlay_page(&e->overlay, *phys);
}

bool engine_word(struct engine *e, uint64_t virt, uint64_t *value)
{
	uint64_t phys;

	return engine_phys(e, virt, &phys) && overlay_word(&e->overlay, phys, value);
}
