/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO is written in a subsys_initcall, when all CPUs are up. A kernel that dies
 * before has none; but a dump that QEMU wrote has the CPUs' control registers, hence the
 * page tables, and where these map the kernel image is where all else begins.
 */
#include "note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../machine/memory.h"

#define IMAGE_AREA  (1ull << 30)
#define IMAGE_SIZE  (128ull << 20)
#define IMAGE_ALIGN (2ull << 20) /* CONFIG_PHYSICAL_ALIGN */
/* Where _text is linked: CONFIG_PHYSICAL_START is 16 MiB wherever KASLR is built in. */
#define LINKED_AT (X86_KERNEL_MAP + (16ull << 20))
#define BANNER	  "Linux version "
#define ROOM	  (2 * X86_PAGE_SIZE + 1) /* two pages, and what ends a text */

/* The banner in the image at @text: "Linux version RELEASE ("; false: there is none. */
static bool find_release(struct stk *s, uint64_t text, char release[65])
{
	char *page = malloc(ROOM), *p, after;
	bool found = false;

	for (uint64_t at = text; page && !found && at < text + IMAGE_SIZE;
	     at += X86_PAGE_SIZE) {
		/* It may go on in the next page. */
		memset(page, 0, ROOM);
		if (stk_read(s, at, page, X86_PAGE_SIZE))
			continue;
		p = memmem(page, X86_PAGE_SIZE, BANNER, sizeof(BANNER) - 1);
		if (!p)
			continue;
		stk_read(s, at + X86_PAGE_SIZE, page + X86_PAGE_SIZE, X86_PAGE_SIZE);
		found = sscanf(p, BANNER "%64s (%c", release, &after) == 2;
	}
	free(page);
	return found;
}

size_t x86_guess_vmcoreinfo(struct stk *s, const struct stk_saved *saved, char *text,
			    size_t size)
{
	struct x86_state *x;
	struct x86_qemu qemu;
	char release[65];
	uint64_t at, phys;
	int len;

	if (!x86_read_qemu(&saved->qemu, &qemu) || x86_page_by(s, qemu.cr3, qemu.cr4) ||
	    x86_paging(s, &x))
		return 0;
	for (at = X86_KERNEL_MAP; stk_translate(s, at, &phys); at += IMAGE_ALIGN)
		if (at == X86_KERNEL_MAP + IMAGE_AREA)
			return 0;
	if (!find_release(s, at, release))
		return 0;
	phys -= at - X86_KERNEL_MAP;
	len = snprintf(text, size,
		       "OSRELEASE=%s\nPAGESIZE=4096\nSYMBOL(_stext)=%llx\n"
		       "KERNELOFFSET=%llx\n"
		       "SYMBOL(swapper_pg_dir)=%llx\n"
		       "NUMBER(phys_base)=%lld\n"
		       "NUMBER(pgtable_l5_enabled)=%d\n",
		       release, (unsigned long long)at,
		       (unsigned long long)(at - LINKED_AT),
		       (unsigned long long)(X86_KERNEL_MAP + x->pgd - phys),
		       (long long)phys, x->l5);
	return len > 0 && (size_t)len < size ? (size_t)len : 0;
}
