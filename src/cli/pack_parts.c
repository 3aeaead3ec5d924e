/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page is of one part, whatever else lies in it: that of the stack or the code that it
 * is, or of what read it first.
 */
#include <string.h>

#include "../base/bytes.h"
#include "../base/context.h"
#include "../machine/memory.h"
#include "../stacks/stack.h"
#include "cli.h"
#include "pack.h"

enum part {
	PART_STACKS,
	PART_TEXT,
	PART_SYMBOLS,
	PART_TYPES,
	PART_LOG,
	PART_TASKS,
	PART_MODULES,
	PART_MAPS,
	PART_TABLES,
	PART_OTHER,
	NR_PARTS
};

static const char *const names[NR_PARTS] = {
	[PART_STACKS] = "stacks",
	[PART_TEXT] = "code",
	[PART_SYMBOLS] = "symbols",
	[PART_TYPES] = "types",
	[PART_LOG] = "log",
	[PART_TASKS] = "tasks",
	[PART_MODULES] = "modules",
	[PART_MAPS] = "memory maps",
	[PART_TABLES] = "page tables",
	[PART_OTHER] = "other data",
};

/* By the purse of whoever read it: base/budget.h. */
static const struct {
	const char *what;
	enum part part;
} readers[] = {
	{ "the kernel's symbols", PART_SYMBOLS },
	{ "the modules' symbols", PART_SYMBOLS },
	{ "the kernel's types", PART_TYPES },
	{ "the members of a type", PART_TYPES },
	{ "the log", PART_LOG },
	{ "the list of tasks", PART_TASKS },
	{ "the tasks' PIDs", PART_TASKS },
	{ "stacks without a task", PART_TASKS },
	{ "the list of modules", PART_MODULES },
	{ "the list of vmalloc areas", PART_MAPS },
	{ "the lists of per-CPU chunks", PART_MAPS },
	{ "the mappings of processes", PART_MAPS },
	{ "the lists of code made at run time", PART_MAPS },
};

size_t pack_part(struct stk *s, const struct stk_words_page *page)
{
	struct stk_stack stack;

	if (!page->virt)
		return PART_TABLES;
	if (!stk_find_stack(s, page->virt, &stack))
		return PART_STACKS;
	if (stk_is_text(s, page->virt))
		return PART_TEXT;
	for (size_t i = 0; page->what && i < STK_ARRAY_SIZE(readers); i++)
		if (!strcmp(readers[i].what, page->what))
			return readers[i].part;
	return PART_OTHER;
}

const char *pack_part_name(size_t part)
{
	return part < NR_PARTS ? names[part] : NULL;
}
