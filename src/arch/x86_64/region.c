/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of the address space: Documentation/arch/x86/x86_64/mm.rst. Bounds
 * that KASLR moves are read from the kernel's variables.
 */
#include "x86_64.h"

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../target/memory.h"

/* The same for 4- and 5-level paging: P4D_SHIFT is 39 in both. */
#define CPU_ENTRY_AREA_BASE 0xfffffe0000000000ull

static const struct {
	uint64_t begin, end; /* both inclusive */
	const char *name;
} fixed_region[] = {
	{ CPU_ENTRY_AREA_BASE, 0xfffffe7fffffffffull, "cpu_entry_area" },
	{ 0xffffff0000000000ull, 0xffffff7fffffffffull, "ESPFIX stacks" },
	{ 0xffffffef00000000ull, 0xfffffffeffffffffull, "EFI runtime" },
	{ 0xffffffffff600000ull, 0xffffffffff600fffull, "vsyscall" },
	{ 0xffffffffff000000ull, 0xffffffffffdfffffull, "fixmap" },
};

bool x86_is_kernel_address(uint64_t addr)
{
	return (int64_t)addr < 0;
}

static bool read_base(struct stk *s, enum stk_symbol_id id, uint64_t *base)
{
	uint64_t at;

	return !stk_sym_id(s, id, &at) && !stk_read_u64(s, at, base);
}

/* Which part of a CPU's struct cpu_entry_area? */
static const struct {
	enum stk_member_id member;
	const char *text;
} cea_part[] = {
	{ STK_MEM_cpu_entry_area_gdt, "GDT (read-only; guards the entry stack)" },
	{ STK_MEM_cpu_entry_area_entry_stack_page, "entry stack page" },
	{ STK_MEM_cpu_entry_area_tss, "TSS (read-only)" },
	{ STK_MEM_cpu_entry_area_estacks, "exception stacks" },
	{ STK_MEM_cpu_entry_area_exception_stacks, "exception stacks" },
};

static void entry_area(struct stk *s, uint64_t addr, struct stk_place *place)
{
	uint32_t size;

	if (addr - CPU_ENTRY_AREA_BASE < STK_PAGE_SIZE) {
		place->detail = "IDT (read-only)";
		return;
	}
	if (stk_size(s, cpu_entry_area, &size))
		return;
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		uint64_t base = stk_cpu_possible(s, cpu) ? x86_cpu_entry_area(s, cpu) : 0;

		if (!base || addr < base || addr >= base + size)
			continue;
		place->detail = "debug store";
		for (size_t i = 0; i < sizeof(cea_part) / sizeof(cea_part[0]); i++) {
			struct stk_member m;

			if (!stk_member_id(s, cea_part[i].member, &m) &&
			    addr - base >= m.offset && addr - base < m.offset + m.size)
				place->detail = cea_part[i].text;
		}
		place->percpu = true;
		place->percpu_cpu = cpu;
		return;
	}
}

void x86_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	struct x86_state *x;
	bool paging = x86_paging(s, &x) == STK_OK;
	uint64_t direct = 0, vmalloc = 0, vmemmap = 0, text, end;
	int top = paging && x->l5 ? 56 : 47;

	if ((int64_t)addr >> top == 0) {
		place->region = "user space";
		return;
	}
	if ((int64_t)addr >> top != -1) {
		place->region = "not canonical";
		return;
	}
	for (size_t i = 0; i < sizeof(fixed_region) / sizeof(fixed_region[0]); i++) {
		if (addr >= fixed_region[i].begin && addr <= fixed_region[i].end) {
			place->region = fixed_region[i].name;
			if (i == 0)
				entry_area(s, addr, place);
			return;
		}
	}
	if (!stk_sym(s, _text, &text) && !stk_sym(s, _end, &end) && addr >= text &&
	    addr < end) {
		place->region = "kernel image";
		return;
	}
	if (addr >= X86_KERNEL_MAP) {
		/* Modules end where the fixmap begins. */
		place->region = addr < 0xffffffffff000000ull ? "module area" : "hole";
		if (!stk_sym(s, _text, &text) && addr < text)
			place->region = "kernel image area";
		return;
	}
	read_base(s, STK_SYM_page_offset_base, &direct);
	read_base(s, STK_SYM_vmalloc_base, &vmalloc);
	read_base(s, STK_SYM_vmemmap_base, &vmemmap);
	place->region = "hole";
	if (direct && addr >= direct && (!vmalloc || addr < vmalloc))
		place->region = "direct map";
	else if (vmalloc && addr >= vmalloc && (!vmemmap || addr < vmemmap))
		place->region = "vmalloc";
	else if (vmemmap && addr >= vmemmap && addr < CPU_ENTRY_AREA_BASE)
		place->region = "vmemmap";
}
