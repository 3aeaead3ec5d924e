/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The step where s0 leads nowhere, by call frame information. */
#include "../cfi_step.h"
#include "riscv64.h"

enum stk_step_result riscv_step_cfi(struct stk *s, const struct stk_cursor *c,
				    struct stk_step *out)
{
	enum stk_step_result res =
		stk_cfi_step(s, c, RISCV_RA, c->regs.v[RISCV_FP] - RISCV_RECORD, out);

	if (res == STK_STEP_OK)
		out->note = "found by DWARF CFI";
	return res;
}
