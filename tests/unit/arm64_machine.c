/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables as the Arm Architecture Reference Manual has them (D8.3, "Translation table
 * descriptor formats"), not as the library reads them: bits that are no address are set.
 */
#include "arm64.h"

#include <elf.h>

#define VALID	   1ull
#define TABLE	   2ull
#define ATTRIBUTES 0x4cull  /* AttrIndx, AP */
#define SHAREABLE  0x300ull /* SH; with LPA2 these bits are of the address */
#define ACCESSED   0x400ull
#define UPPER	   ((1ull << 54) | A64_PXN | (1ull << 52) | (1ull << 51)) /* UXN, DBM, … */
#define SOFTWARE   (0xfull << 55)
#define GUARDED	   (1ull << 50)

#define ADDRESS_48 0x0000fffffffff000ull

static uint64_t same(uint64_t phys)
{
	return phys;
}

static uint64_t low_48(uint64_t entry)
{
	return entry & ADDRESS_48;
}

/* 49:48 in place, 51:50 in 9:8. */
static uint64_t coded_lpa2(uint64_t phys)
{
	return (phys & 0x0003ffffffffffffull) | (phys >> 50 & 3) << 8;
}

static uint64_t decoded_lpa2(uint64_t entry)
{
	return (entry & 0x0003fffffffff000ull) | (entry >> 8 & 3) << 50;
}

/* 51:48 in 15:12. */
static uint64_t coded_64k(uint64_t phys)
{
	return (phys & 0x0000ffffffff0000ull) | (phys >> 48 & 15) << 12;
}

static uint64_t decoded_64k(uint64_t entry)
{
	return (entry & 0x0000ffffffff0000ull) | (entry >> 12 & 15) << 48;
}

#define BLOCK (VALID | ATTRIBUTES | ACCESSED | UPPER | SOFTWARE | GUARDED)

#define TABLES(shift, nr, bits, sh, to, from)                                            \
	{                                                                                \
		.machine = EM_AARCH64, .page_shift = shift, .levels = nr,                \
		.top_bits = bits, .table = VALID | TABLE, .page = BLOCK | TABLE | (sh),  \
		.block = BLOCK | (sh), .is_block = TABLE, .no_code = A64_PXN,            \
		.coded = to, .decoded = from                                             \
	}

#define PLAIN(shift, nr, bits) TABLES(shift, nr, bits, SHAREABLE, same, low_48)
#define LPA2(shift, nr, bits)  TABLES(shift, nr, bits, 0, coded_lpa2, decoded_lpa2)
#define WIDE(nr, bits)	       TABLES(16, nr, bits, SHAREABLE, coded_64k, decoded_64k)

#define LOW(bits) (UINT64_MAX << (bits))

/* PHYS_OFFSET of a kernel for 52 bits that has 48 or 47: as measured; as computed. */
#define NEGATIVE_48 0xfff0c25440000000ull
#define NEGATIVE_47 (A64_RAM - 0x000fa00000000000ull)

const struct arm64_shape arm64_shapes[A64_NR_SHAPES] = {
	[A64_4K_39] = { "4K, 39", PLAIN(12, 3, 9), 39, 39, LOW(39), A64_RAM },
	[A64_4K_48] = { "4K, 48", PLAIN(12, 4, 9), 48, 48, LOW(48), A64_RAM },
	[A64_4K_48_OLD] = { "4K, 48, 5.3", PLAIN(12, 4, 9), 48, 48, LOW(47), A64_RAM },
	[A64_4K_52] = { "4K, 52", LPA2(12, 5, 4), 52, 52, LOW(52), A64_RAM },
	[A64_4K_52_ON_48] = { "4K, 52 on 48", PLAIN(12, 4, 9), 52, 48, LOW(52),
			      NEGATIVE_48 },
	[A64_16K_36] = { "16K, 36", PLAIN(14, 2, 11), 36, 36, LOW(36), A64_RAM },
	[A64_16K_47] = { "16K, 47", PLAIN(14, 3, 11), 47, 47, LOW(47), A64_RAM },
	[A64_16K_48] = { "16K, 48", PLAIN(14, 4, 1), 48, 48, LOW(48), A64_RAM },
	[A64_16K_52] = { "16K, 52", LPA2(14, 4, 5), 52, 52, LOW(52), A64_RAM },
	[A64_16K_52_ON_47] = { "16K, 52 on 47", PLAIN(14, 3, 11), 52, 47, LOW(52),
			       NEGATIVE_47 },
	[A64_64K_42] = { "64K, 42", PLAIN(16, 2, 13), 42, 42, LOW(42), A64_RAM },
	[A64_64K_48] = { "64K, 48", PLAIN(16, 3, 6), 48, 48, LOW(48), A64_RAM },
	[A64_64K_52] = { "64K, 52", WIDE(3, 10), 52, 52, LOW(52), A64_RAM },
	/* The root has room for 52: of 48 the last 64 entries are used. */
	[A64_64K_52_ON_48] = { "64K, 52 on 48", WIDE(3, 10), 52, 48, LOW(52),
			       NEGATIVE_48 },
};

uint64_t arm64_linear(const struct arm64_shape *shape, uint64_t phys)
{
	return phys - shape->phys_offset + shape->linear;
}

struct syn *arm64_machine(enum arm64_shape_id id)
{
	const struct arm64_shape *shape = &arm64_shapes[id];
	struct syn *m = syn_new_as(&shape->tables, A64_RAM + 0x4000000);
	uint64_t size = syn_page_size(m), tables = m->pgd & ~(size - 1);

	syn_vmcoreinfo(m, "PAGESIZE", "%llu", (unsigned long long)size);
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx",
		       (unsigned long long)(m->pgd + A64_VOFF));
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", shape->built);
	/* 5.7, commit bbdbc11804ff */
	if (id != A64_4K_48_OLD)
		syn_vmcoreinfo(m, "NUMBER(TCR_EL1_T1SZ)", "0x%x", 64 - shape->live);
	syn_vmcoreinfo(m, "NUMBER(kimage_voffset)", "0x%llx",
		       (unsigned long long)A64_VOFF);
	syn_vmcoreinfo(m, "NUMBER(PHYS_OFFSET)", "0x%llx",
		       (unsigned long long)shape->phys_offset);
	syn_map(m, arm64_linear(shape, tables), tables, size);
	return m;
}
