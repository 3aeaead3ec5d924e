/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64.h - riscv64 machines made of nothing: page tables of each mode, and a small
 * kernel on one of them.
 */
#ifndef UNIT_RISCV64_H
#define UNIT_RISCV64_H

#include "synthetic.h"

struct riscv_mode {
	const char *name;
	struct syn_tables tables;
	unsigned int bits;
	uint64_t linear, vmalloc, vmemmap;
};

enum riscv_mode_id { RV_SV39, RV_SV48, RV_SV57, RV_NR_MODES };

extern const struct riscv_mode riscv_modes[RV_NR_MODES];

#define RV_RAM	 0x80000000ull
#define RV_IMAGE 0x80200000ull
#define RV_TEXT	 0xffffffff80000000ull
#define RV_VOFF	 (RV_TEXT - RV_IMAGE) /* va_kernel_pa_offset */

#define RV_EXEC	 8ull
#define RV_NAPOT (1ull << 63)

/* Page tables with nothing in them, and VMCOREINFO. */
struct syn *riscv_machine(enum riscv_mode_id id);
uint64_t riscv_linear(const struct riscv_mode *mode, uint64_t phys);

#endif
