/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernels before 6.2 (commit 649d6b1019a2) do not tell in VMCOREINFO: the mode of
 * the page tables, and before 6.5 (commit fbe7d19d2b7f) how far the image's addresses are
 * from its memory.
 * No note has satp. But all of them tell swapper_pg_dir, and the tables there map
 * themselves, as they do the rest of the image, which lies in whole pages of 2 MiB
 * (setup_vm() in arch/riscv/mm/init.c). So each place where they can be is tried in each
 * mode, and is right only if the kernel's name is found by it. There may be more than
 * one, as when a capture kernel was stopped: then nothing tells which.
 */
#include "riscv64.h"

#include <stdio.h>
#include <string.h>

#include "../../machine/lost.h"
#include "../../machine/memory.h"
#include "../../machine/vmcoreinfo.h"
#include "../../machine/vmcoreinfo_find.h"

#define BITS_KEY  "NUMBER(VA_BITS)"
#define MINUS_KEY "NUMBER(va_kernel_pa_offset)"

#define IMAGE_ALIGN (2ull << 20)

/* struct uts_namespace has the fields of struct new_utsname near its beginning. */
#define UTS_FIELD   65u
#define UTS_RELEASE (2 * UTS_FIELD)
#define UTS_HEAD    64u

struct search {
	struct stk *s;
	struct stk_paging *paging; /* of the mode that is tried */
	const char *release;
	uint64_t root, stext, uts; /* addresses in the image */
	/* What VMCOREINFO has, if it has it. */
	bool has_bits, has_minus;
	uint64_t bits, minus;
	unsigned int nr; /* that are right */
};

/* Does the kernel call itself so, at @phys? */
static bool is_named(const struct search *x, uint64_t phys)
{
	char uts[UTS_HEAD + UTS_RELEASE + UTS_FIELD];

	if (stk_read_phys(x->s, phys, uts, sizeof(uts)))
		return false;
	for (size_t i = 0; i < UTS_HEAD; i += 4)
		if (!memcmp(uts + i, "Linux", sizeof("Linux")) &&
		    !strncmp(uts + i + UTS_RELEASE, x->release, UTS_FIELD))
			return true;
	return false;
}

/* Do the tables in this mode have @addr where the image is, if it is @minus below? */
static bool is_mapped(const struct search *x, uint64_t addr, uint64_t minus)
{
	uint64_t phys;

	return !stk_walk_kernel(x->s, x->paging, addr, &phys, NULL) &&
	       phys == addr - minus;
}

static void try_mode(struct search *x, unsigned int bits, uint64_t minus)
{
	riscv_set_mode(x->paging, bits);
	x->paging->root = x->root - minus;
	if (!is_mapped(x, x->root, minus) || !is_mapped(x, x->stext, minus) ||
	    !is_mapped(x, x->uts, minus) || !is_named(x, x->uts - minus))
		return;
	x->bits = bits;
	x->minus = minus;
	x->nr++;
}

static void try_place(struct search *x, uint64_t minus)
{
	static const unsigned int modes[] = { 39, 48, 57 };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!x->has_bits || x->bits == modes[i])
			try_mode(x, modes[i], minus);
}

/* Each page of the dump in which the root can be. */
static enum stk_status try_places(struct search *x, const struct stk_pages *pages)
{
	const uint64_t step = IMAGE_ALIGN / pages->page_size;
	const uint64_t in_step = x->root % IMAGE_ALIGN / pages->page_size;

	for (uint64_t pfn = 0; pages->next(pages->priv, &pfn); pfn++) {
		uint64_t first = pfn - pfn % step + in_step;

		if (!stk_spend(x->s, 1))
			return stk_why_stop(x->s);
		if (first == pfn)
			try_place(x, x->root - pfn * pages->page_size);
		else
			pfn = (first < pfn ? first + step : first) - 1;
	}
	return stk_must_stop(x->s) ? stk_why_stop(x->s) : STK_OK;
}

static enum stk_status search(struct search *x, const struct stk_pages *pages)
{
	bool excused;
	enum stk_status st = STK_OK;

	/* What is tried in vain is no loss. */
	excused = stk_lost_excuse(x->s, true);
	if (x->has_minus)
		try_place(x, x->minus);
	else
		st = try_places(x, pages);
	stk_lost_excuse(x->s, excused);
	if (st)
		return st;
	if (x->nr == 1)
		return STK_OK;
	return stk_fail(x->s, STK_ERR_UNSUPPORTED,
			x->nr ? "no VA_BITS or va_kernel_pa_offset in VMCOREINFO, and "
				"more than one set of page tables that leads to such a "
				"kernel"
			      : "no VA_BITS or va_kernel_pa_offset in VMCOREINFO, and no "
				"page tables that lead to its kernel");
}

enum stk_status riscv_complete_vmcoreinfo(struct stk *s, const struct stk_pages *pages,
					  char *text, size_t size)
{
	struct search x = { .s = s, .release = stk_vmcoreinfo(s, "OSRELEASE") };
	enum stk_status st;

	x.has_bits = stk_vmcoreinfo_number(s, BITS_KEY, 10, &x.bits);
	x.has_minus = stk_vmcoreinfo_number(s, MINUS_KEY, 16, &x.minus);
	/* Without these there is nothing to go by: load_paging() says so. */
	if ((x.has_bits && x.has_minus) || !x.release || !*x.release ||
	    !stk_vmcoreinfo_number(s, "SYMBOL(swapper_pg_dir)", 16, &x.root) ||
	    !stk_vmcoreinfo_number(s, "SYMBOL(_stext)", 16, &x.stext) ||
	    !stk_vmcoreinfo_number(s, "SYMBOL(init_uts_ns)", 16, &x.uts))
		return STK_OK;
	x.paging = stk_arena_alloc(&s->fixed, sizeof(*x.paging));
	if (!x.paging)
		return STK_ERR_NOMEM;
	st = search(&x, pages);
	if (!st)
		snprintf(text, size, BITS_KEY "=%llu\n" MINUS_KEY "=0x%llx\n",
			 (unsigned long long)x.bits, (unsigned long long)x.minus);
	return st;
}
