/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With page-table isolation user mode enters the kernel by a trampoline, and is left for
 * by it: code of the image that runs at another address, in the fixmap, which is all of
 * the kernel that is mapped then (arch/arm64/mm/mmu.c, map_entry_trampoline()).
 */
#include "../../kernel/layout.h"
#include "../../kernel/modules.h"
#include "../../kernel/names.h"
#include "../../machine/lost.h"
#include "../../machine/memory.h"
#include "arm64.h"

static bool find_text(struct stk *s, uint64_t *begin, uint64_t *size)
{
	uint64_t end;

	if (!stk_find_symbol(s, "__entry_tramp_text_start", begin) ||
	    !stk_find_symbol(s, "__entry_tramp_text_end", &end) || end <= *begin)
		return false;
	*size = end - *begin;
	return true;
}

/* Any address may be asked about: that its page tables are lost is no loss. */
static bool find_phys(struct stk *s, uint64_t addr, uint64_t *phys)
{
	bool excused;
	enum stk_status st;

	excused = stk_lost_excuse(s, true);
	st = stk_translate(s, addr, phys);
	stk_lost_excuse(s, excused);
	return !st;
}

uint64_t arm64_code_alias(struct stk *s, uint64_t addr)
{
	uint64_t begin, size, want, phys, direct;

	if (!arm64_is_kernel_address(addr) || stk_is_image(s, addr) ||
	    !find_text(s, &begin, &size) || stk_module_text(s, addr) ||
	    !find_phys(s, begin, &want) || !find_phys(s, addr, &phys) ||
	    phys - want >= size)
		return 0;
	/* It is memory like any other there, of which nobody runs it. */
	if (arm64_direct_map(s, phys, &direct) && direct == addr)
		return 0;
	return begin + (phys - want);
}

uint64_t arm64_tramp_text(struct stk *s, uint64_t ip)
{
	uint64_t begin, size, alias = arm64_code_alias(s, ip);

	if (alias)
		return alias;
	return find_text(s, &begin, &size) && ip - begin < size ? ip : 0;
}
