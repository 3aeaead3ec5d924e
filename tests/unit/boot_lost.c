/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot_lost.h"

#include "other.h"

#define AREA_SIZE 0x100u /* a vmap_area, its vm_struct behind it */

static const struct other_member types[] = {
	{ "vmap_area", 0, 64 },		 { "vmap_area.va_start", 0, 8 },
	{ "vmap_area.va_end", 8, 8 },	 { "vmap_area.list", 40, 16 },
	{ "vmap_area.vm", 56, 8 },	 { "vm_struct", 0, 64 },
	{ "vm_struct.addr", 8, 8 },	 { "vm_struct.size", 16, 8 },
	{ "vm_struct.flags", 24, 8 },	 { "vm_struct.pages", 32, 8 },
	{ "vm_struct.nr_pages", 40, 4 }, { "vm_struct.phys_addr", 48, 8 },
	{ "vm_struct.caller", 56, 8 },	 { "page", 0, LOST_PAGE_SIZE },
};

/* Stacks are all that is there, each as large as two: what lies behind is its guard. */
static uint64_t nth_stack(const struct syn *m, uint64_t vmalloc, unsigned int n)
{
	return vmalloc + 0x1000000 + n * 2 * m->thread_size;
}

static uint64_t areas(struct syn *m)
{
	return syn_get64(m, syn_sym(m, "vmap_area_list")) - 40;
}

static bool is_irq_stack(struct syn *m, uint64_t stack)
{
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
		if (other_irq_stack(m, "irq_stack_ptr", cpu) == stack)
			return true;
	return false;
}

static void add_area(struct syn *m, uint64_t area, uint64_t stack, uint64_t vmemmap)
{
	const uint64_t page = syn_page_size(m), list = area + 40;
	const uint64_t head = syn_sym(m, "vmap_area_list"), last = syn_get64(m, head + 8);
	const uint64_t pages = area + LOST_VM + 0x40;

	syn_put64(m, area, stack);
	syn_put64(m, area + 8, stack + m->thread_size + page);
	syn_put64(m, area + 56, area + LOST_VM);
	syn_put64(m, list, head);
	syn_put64(m, list + 8, last);
	syn_put64(m, last, list);
	syn_put64(m, head + 8, list);
	syn_put64(m, area + LOST_VM + 8, stack);
	syn_put64(m, area + LOST_VM + 16, m->thread_size + page);
	syn_put64(m, area + LOST_VM + 24, 2);
	syn_put64(m, area + LOST_VM + 32, pages);
	syn_put32(m, area + LOST_VM + 40, (uint32_t)(m->thread_size / page));
	syn_put64(m, area + LOST_VM + 56,
		  syn_sym(m, is_irq_stack(m, stack) ? "start_kernel" : "schedule") +
			  0x20);
	for (uint64_t i = 0; i < m->thread_size / page; i++) {
		uint64_t phys;

		syn_assert(syn_phys(m, stack + i * page, &phys));
		syn_put64(m, pages + 8 * i, vmemmap + phys / page * LOST_PAGE_SIZE);
	}
}

void lost_keep_areas(struct syn *m, uint64_t vmalloc, uint64_t vmemmap)
{
	const uint64_t head = syn_sym(m, "_text") + OTHER_DATA + 0x7000;
	const uint64_t at = m->direct + syn_alloc(m, 4);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		syn_member(m, types[i].name, types[i].offset, types[i].size);
	syn_symbol_of_type(m, "vmap_area_list", head, 'D');
	syn_put64(m, head, head);
	syn_put64(m, head + 8, head);
	for (unsigned int i = 0; nth_stack(m, vmalloc, i) < m->next_stack; i++)
		add_area(m, at + i * AREA_SIZE, nth_stack(m, vmalloc, i), vmemmap);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
}

uint64_t lost_vm_of(struct syn *m, uint64_t vmalloc, uint64_t addr)
{
	const uint64_t n = (addr - nth_stack(m, vmalloc, 0)) / (2 * m->thread_size);

	return areas(m) + n * AREA_SIZE + LOST_VM;
}

uint64_t lost_page_of(struct syn *m, uint64_t vmalloc, uint64_t addr)
{
	return lost_vm_of(m, vmalloc, addr) + 0x40 +
	       addr % m->thread_size / syn_page_size(m) * 8;
}

static uint64_t word_at(struct syn *m, uint64_t phys)
{
	return *(uint64_t *)((char *)syn_phys_page(m, phys) + phys % 4096);
}

static void forget_page(struct syn *m, uint64_t phys)
{
	for (uint64_t off = 0; off < syn_page_size(m); off += 4096)
		syn_fail_phys(m, phys + off, STK_ERR_EXCLUDED);
}

static void forget_tables(struct syn *m, uint64_t table, unsigned int level)
{
	const struct syn_tables *t = m->tables;
	const unsigned int bits = level == 1 ? t->top_bits : t->page_shift - 3;

	for (uint64_t at = table; at < table + (8ull << bits) && level < t->levels;
	     at += 8) {
		const uint64_t entry = word_at(m, at);

		if (!(entry & 1) || (entry & t->is_block) == (t->block & t->is_block))
			continue;
		forget_tables(m, t->decoded(entry), level + 1);
		forget_page(m, t->decoded(entry));
	}
}

void lost_forget_boot(struct syn *m)
{
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++) {
		uint64_t at = other_percpu(m, "__per_cpu_start", cpu), phys;

		for (uint64_t off = 0; off < 0x20000; off += syn_page_size(m)) {
			syn_assert(syn_phys(m, at + off, &phys));
			forget_page(m, phys);
		}
	}
	forget_tables(m, m->pgd, 1);
}
