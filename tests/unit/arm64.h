/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64.h - arm64 machines made of nothing: page tables of every shape that the
 * architecture has, and a small kernel on one of them.
 */
#ifndef UNIT_ARM64_H
#define UNIT_ARM64_H

#include "synthetic.h"

/* Pages, bits of virtual addresses as configured and as in use, and their tables. */
struct arm64_shape {
	const char *name;
	struct syn_tables tables;
	unsigned int built, live;
	uint64_t linear, phys_offset;
};

enum arm64_shape_id {
	A64_4K_39,
	A64_4K_48,
	A64_4K_48_OLD, /* up to 5.3: the linear map is in the upper half */
	A64_4K_52,
	A64_4K_52_ON_48,
	A64_16K_36,
	A64_16K_47,
	A64_16K_48,
	A64_16K_52,
	A64_16K_52_ON_47,
	A64_64K_42,
	A64_64K_48,
	A64_64K_52,
	A64_64K_52_ON_48,
	A64_NR_SHAPES
};

extern const struct arm64_shape arm64_shapes[A64_NR_SHAPES];

#define A64_RAM	  0x40000000ull
#define A64_IMAGE 0x60000000ull /* where the kernel's image is in memory */
#define A64_TEXT  0xffffb00000000000ull
#define A64_VOFF  (A64_TEXT - A64_IMAGE) /* kimage_voffset */

#define A64_PXN	     (1ull << 53)
#define A64_PXNTABLE (1ull << 59)

/* Page tables with nothing in them but themselves, and VMCOREINFO. */
struct syn *arm64_machine(enum arm64_shape_id id);
/* Where the linear map has @phys. */
uint64_t arm64_linear(const struct arm64_shape *shape, uint64_t phys);

#endif
