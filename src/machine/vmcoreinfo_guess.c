/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO is written in a subsys_initcall, when all CPUs are up. A kernel that dies
 * before has none; but a dump that QEMU wrote has the CPUs' control registers, hence the
 * page tables, and where these map the kernel image is where all else begins.
 */
#include "vmcoreinfo_guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "memory.h"
#include "../file/notes.h"

#define KERNEL_MAP  0xffffffff80000000ull
#define IMAGE_AREA  (1ull << 30)
#define IMAGE_SIZE  (128ull << 20)
#define IMAGE_ALIGN (2ull << 20) /* CONFIG_PHYSICAL_ALIGN */
/* Where _text is linked: CONFIG_PHYSICAL_START is 16 MiB wherever KASLR is built in. */
#define LINKED_AT (KERNEL_MAP + (16ull << 20))
#define CR3_ADDR  0x000ffffffffff000ull
#define CR3_USER  0x1000ull /* the upper of the two tables of page-table isolation */
#define CR4_LA57  (1ull << 12)
#define BANNER	  "Linux version "

/* The banner in the image at @text: "Linux version RELEASE ("; false: there is none. */
static bool find_release(struct stk *s, uint64_t text, char release[65])
{
	char *page = malloc(2 * STK_PAGE_SIZE + 1), *p, after;
	bool found = false;

	for (uint64_t at = text; page && !found && at < text + IMAGE_SIZE;
	     at += STK_PAGE_SIZE) {
		/* It may go on in the next page. */
		memset(page, 0, 2 * STK_PAGE_SIZE + 1);
		if (stk_read(s, at, page, STK_PAGE_SIZE))
			continue;
		p = memmem(page, STK_PAGE_SIZE, BANNER, sizeof(BANNER) - 1);
		if (!p)
			continue;
		stk_read(s, at + STK_PAGE_SIZE, page + STK_PAGE_SIZE, STK_PAGE_SIZE);
		found = sscanf(p, BANNER "%64s (%c", release, &after) == 2;
	}
	free(page);
	return found;
}

/* The page tables at @cr3, told as VMCOREINFO tells them; returns the text's length. */
static int tell_tables(char *text, size_t size, uint64_t cr3, uint64_t cr4,
		       uint64_t phys_base)
{
	return snprintf(text, size,
			"SYMBOL(swapper_pg_dir)=%llx\n"
			"NUMBER(phys_base)=%lld\n"
			"NUMBER(pgtable_l5_enabled)=%d\n",
			(unsigned long long)(KERNEL_MAP + cr3 - phys_base),
			(long long)phys_base, (cr4 & CR4_LA57) != 0);
}

static size_t guess(struct stk *s, uint64_t cr3, uint64_t cr4, char *text)
{
	char release[65];
	uint64_t at, phys;
	int len;

	for (at = KERNEL_MAP; stk_translate(s, at, &phys); at += IMAGE_ALIGN)
		if (at == KERNEL_MAP + IMAGE_AREA)
			return 0;
	if (!find_release(s, at, release))
		return 0;
	len = snprintf(text, STK_VMCOREINFO_SIZE,
		       "OSRELEASE=%s\nPAGESIZE=4096\nSYMBOL(_stext)=%llx\n"
		       "KERNELOFFSET=%llx\n",
		       release, (unsigned long long)at,
		       (unsigned long long)(at - LINKED_AT));
	len += tell_tables(text + len, STK_VMCOREINFO_SIZE - (size_t)len, cr3, cr4,
			   phys - (at - KERNEL_MAP));
	return (size_t)len;
}

size_t stk_vmcoreinfo_guess(const struct stk_memory_ops *memory, void *priv,
			    struct stk_budget *budget, const struct stk_note *note,
			    char text[STK_VMCOREINFO_SIZE])
{
	uint64_t cr3 = note->cr3 & CR3_ADDR & ~CR3_USER;
	struct stk_arena arena = { 0 };
	struct stk_notes notes = { 0 };
	struct stk_target t = {
		.memory = memory,
		.memory_priv = priv,
		.vmcoreinfo = stk_notes_vmcoreinfo,
		.vmcoreinfo_priv = &notes,
	};
	size_t len = 0;
	struct stk *s;
	int told;

	if (!note->have_sys)
		return 0;
	told = tell_tables(text, STK_VMCOREINFO_SIZE, cr3, note->cr4, 0);
	s = stk_notes_set_vmcoreinfo(&notes, &arena, text, (size_t)told) ? NULL
									 : stk_open(&t, sizeof(t));
	if (s)
		len = guess(s, cr3, note->cr4, text);
	if (s)
		stk_budget_steps(budget, s->budget.max_steps - s->budget.steps);
	stk_close(s);
	stk_arena_free(&arena);
	return len;
}
