/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of a slab cache. The memory begins with the pointer to the cache; the struct
 * pages of the physical memory are PAGES behind.
 */
#include "../machine.h"

#include "arch/arch.h"
#include "kernel/layout.h"
#include "kernel/slab.h"

#define PAGES	 512u
#define PAGE	 64u /* sizeof(struct page) */
#define NR_PAGES 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool page_struct(struct stk *s, uint64_t phys, uint64_t *addr)
{
	uint32_t size;

	*addr = FUZZ_MEMORY + PAGES + (phys >> s->page_shift) * PAGE;
	return stk_find_size(s, "page", &size) && size &&
	       phys >> s->page_shift < NR_PAGES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t direct = 0xffff888000000000ull;
	struct stk_slab_object o;
	struct fuzz_machine m;
	struct stk_arch arch;
	struct stk *s;

	fuzz_machine(&m, data, size);
	s = fuzz_open(&m);
	arch = *s->arch;
	arch.page_struct = page_struct;
	s->arch = &arch;
	for (uint64_t phys = 8; phys < NR_PAGES << 12; phys += 0x1c8)
		if (stk_slab_object_at(s, "task_struct_cachep", direct + phys, phys, &o))
			fuzz_assert(o.size && o.begin <= direct + phys &&
				    direct + phys - o.begin < o.size);
	fuzz_close(&m, s);
	return 0;
}
