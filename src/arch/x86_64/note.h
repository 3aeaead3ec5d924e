/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_X86_NOTE_H
#define STK_X86_NOTE_H

#include "x86_64.h"

/* What we need of QEMU's note: registers that no kernel saves. */
struct x86_qemu {
	uint64_t cr3, cr4, gs_base;
	struct x86_segment {
		uint32_t selector, limit; /* the limit is bytes less one */
		uint64_t base;
	} tr, gdt, idt;
};

/* False: there is none. */
bool x86_read_qemu(const struct stk_note *note, struct x86_qemu *out);

/* Of whoever stopped the machine: what tells whose page tables and whose GS they were. */
struct x86_system {
	bool has_cr3, has_gs;
	uint64_t cr3, gs_base;
};

/* False: the kernel saved these registers itself, or nobody did. */
bool x86_read_system(struct stk *s, const struct stk_saved *saved,
		     struct x86_system *out);

#endif
