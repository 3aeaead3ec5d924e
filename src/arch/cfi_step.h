/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cfi_step.h - DWARF call frame information, where the namelist has some, as a second
 * witness of frame records; and in their place, where there are none. It is for machines
 * whose registers have DWARF's numbers.
 */
#ifndef STK_ARCH_CFI_STEP_H
#define STK_ARCH_CFI_STEP_H

#include "arch.h"

/* Weighs what @out has found. DWARF's registers @first to 31 are the architecture's. */
void stk_cfi_weigh(struct stk *s, const struct stk_cursor *c, unsigned int first,
		   struct stk_step *out);

/*
 * The caller of the frame at @c, unless the frame record at @record has the same; at its
 * stack pointer, which is the architecture's to change.
 */
enum stk_step_result stk_cfi_step(struct stk *s, const struct stk_cursor *c,
				  unsigned int first, uint64_t record,
				  struct stk_step *out);

#endif
