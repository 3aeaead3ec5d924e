/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables as the privileged architecture has them ("Sv39", "Svpbmt"): bits that are
 * no address are set. Addresses as Linux lays them out in each mode.
 */
#include "riscv64.h"

#include <elf.h>

#define VALID	 0x01ull
#define DATA	 0x66ull /* R, W, G, A */
#define DIRTY	 0x80ull
#define SOFTWARE 0x300ull
#define PBMT	 (2ull << 61) /* not cached */

static uint64_t coded(uint64_t phys)
{
	return phys >> 12 << 10;
}

static uint64_t decoded(uint64_t entry)
{
	return (entry >> 10 & 0xfffffffffffull) << 12;
}

#define LEAF (VALID | DATA | DIRTY | SOFTWARE | PBMT)

#define TABLES(nr)                                                                       \
	{                                                                                \
		.machine = EM_RISCV, .page_shift = 12, .levels = nr, .top_bits = 9,      \
		.table = VALID, .page = LEAF, .block = LEAF, .is_block = 2,              \
		.no_code = RV_EXEC, .coded = coded, .decoded = decoded                   \
	}

const struct riscv_mode riscv_modes[RV_NR_MODES] = {
	[RV_SV39] = { "sv39", TABLES(3), 39, 0xffffffd600000000ull, 0xffffffc600000000ull,
		      0xffffffc500000000ull },
	[RV_SV48] = { "sv48", TABLES(4), 48, 0xffffaf8000000000ull, 0xffff8f8000000000ull,
		      0xffff8d8000000000ull },
	[RV_SV57] = { "sv57", TABLES(5), 57, 0xff60000000000000ull, 0xff20000000000000ull,
		      0xff1c000000000000ull },
};

uint64_t riscv_linear(const struct riscv_mode *mode, uint64_t phys)
{
	return phys - RV_RAM + mode->linear;
}

struct syn *riscv_machine(enum riscv_mode_id id)
{
	const struct riscv_mode *mode = &riscv_modes[id];
	struct syn *m = syn_new_as(&mode->tables, RV_RAM + 0x4000000);
	const struct {
		const char *key;
		uint64_t value;
	} line[] = {
		{ "SYMBOL(swapper_pg_dir)", m->pgd + RV_VOFF },
		{ "NUMBER(va_kernel_pa_offset)", RV_VOFF },
		{ "NUMBER(PAGE_OFFSET)", mode->linear },
		{ "NUMBER(VMALLOC_START)", mode->vmalloc },
		{ "NUMBER(VMALLOC_END)", mode->linear - 1 },
		{ "NUMBER(VMEMMAP_START)", mode->vmemmap },
		{ "NUMBER(VMEMMAP_END)", mode->vmalloc - 1 },
		{ "NUMBER(MODULES_VADDR)", RV_TEXT - 0x7e000000 },
		{ "NUMBER(MODULES_END)", RV_TEXT },
	};

	syn_vmcoreinfo(m, "PAGESIZE", "4096");
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", mode->bits);
	/* VMCOREINFO_NUMBER(): the only address that is decimal */
	syn_vmcoreinfo(m, "NUMBER(phys_ram_base)", "%llu", (unsigned long long)RV_RAM);
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		syn_vmcoreinfo(m, line[i].key, "0x%llx",
			       (unsigned long long)line[i].value);
	return m;
}
