/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cfa.h - evaluates the expressions of call frame information: where the caller's
 * registers are. Only operations that describe that are known; others fail.
 */
#ifndef STK_CFA_H
#define STK_CFA_H

#include <elfutils/libdw.h>
#include <stackinfo/target.h>

/* What an expression may refer to. */
struct stk_cfa_frame {
	const uint64_t *reg; /* by DWARF number, STK_CFI_REGS of them */
	uint64_t valid;	     /* which of them are known */
	bool have_cfa;
	uint64_t cfa;
	stk_cfi_read *read;
	void *ctx;
};

/* The value of register @reg; false: it is not known. */
bool stk_cfa_reg(const struct stk_cfa_frame *frame, uint64_t reg, uint64_t *value);

/* The value of @op, of which there are @nr; false: it has none. */
bool stk_cfa_evaluate(const struct stk_cfa_frame *frame, const Dwarf_Op *op, size_t nr,
		      uint64_t *value);

#endif
