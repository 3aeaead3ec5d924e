/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The step where x29 leads nowhere, by call frame information. */
#include "../cfi_step.h"
#include "arm64.h"

enum stk_step_result arm64_step_cfi(struct stk *s, const struct stk_cursor *c,
				    struct stk_step *out)
{
	enum stk_step_result res = stk_cfi_step(s, c, 0, c->regs.v[ARM64_FP], out);

	if (res != STK_STEP_OK)
		return res;
	out->at = out->regs.v[ARM64_FP];
	out->note = "found by DWARF CFI";
	return STK_STEP_OK;
}
