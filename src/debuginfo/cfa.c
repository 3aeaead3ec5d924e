/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cfa.h"

#include <dwarf.h>

#define MAX_STACK 16u
#define MAX_OPS	  64u /* a rule of C code has one or two */

/* Each pops what it takes and pushes one value. */
typedef bool operation(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		       const uint64_t *arg, uint64_t *value);

bool stk_cfa_reg(const struct stk_cfa_frame *f, uint64_t reg, uint64_t *value)
{
	if (reg >= STK_CFI_REGS || !(f->valid >> reg & 1))
		return false;
	*value = f->reg[reg];
	return true;
}

static bool op_breg(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		    const uint64_t *arg, uint64_t *value)
{
	if (!stk_cfa_reg(f, op->atom - DW_OP_breg0, value))
		return false;
	*value += op->number;
	return true;
}

static bool op_bregx(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		     const uint64_t *arg, uint64_t *value)
{
	if (!stk_cfa_reg(f, op->number, value))
		return false;
	*value += op->number2;
	return true;
}

static bool op_lit(const struct stk_cfa_frame *f, const Dwarf_Op *op, const uint64_t *arg,
		   uint64_t *value)
{
	*value = op->atom - DW_OP_lit0;
	return true;
}

static bool op_const(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		     const uint64_t *arg, uint64_t *value)
{
	*value = op->number;
	return true;
}

static bool op_cfa(const struct stk_cfa_frame *f, const Dwarf_Op *op, const uint64_t *arg,
		   uint64_t *value)
{
	*value = f->cfa;
	return f->have_cfa;
}

static bool op_plus_const(const struct stk_cfa_frame *f, const Dwarf_Op *op,
			  const uint64_t *arg, uint64_t *value)
{
	*value = arg[0] + op->number;
	return true;
}

static bool op_plus(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		    const uint64_t *arg, uint64_t *value)
{
	*value = arg[0] + arg[1];
	return true;
}

static bool op_minus(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		     const uint64_t *arg, uint64_t *value)
{
	*value = arg[0] - arg[1];
	return true;
}

static bool op_deref(const struct stk_cfa_frame *f, const Dwarf_Op *op,
		     const uint64_t *arg, uint64_t *value)
{
	return !f->read(f->ctx, arg[0], value);
}

static const struct row {
	uint8_t first, last; /* operations */
	uint8_t takes;	     /* values from the stack */
	operation *run;
} rows[] = {
	{ DW_OP_breg0, DW_OP_breg31, 0, op_breg },
	{ DW_OP_bregx, DW_OP_bregx, 0, op_bregx },
	{ DW_OP_lit0, DW_OP_lit31, 0, op_lit },
	{ DW_OP_const1u, DW_OP_consts, 0, op_const },
	{ DW_OP_call_frame_cfa, DW_OP_call_frame_cfa, 0, op_cfa },
	{ DW_OP_plus_uconst, DW_OP_plus_uconst, 1, op_plus_const },
	{ DW_OP_plus, DW_OP_plus, 2, op_plus },
	{ DW_OP_minus, DW_OP_minus, 2, op_minus },
	{ DW_OP_deref, DW_OP_deref, 1, op_deref },
};

static const struct row *row_of(uint8_t atom)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (atom >= rows[i].first && atom <= rows[i].last)
			return &rows[i];
	return NULL;
}

bool stk_cfa_evaluate(const struct stk_cfa_frame *f, const Dwarf_Op *op, size_t nr,
		      uint64_t *value)
{
	uint64_t stack[MAX_STACK], result;
	size_t depth = 0;

	if (nr > MAX_OPS)
		return false;
	for (size_t i = 0; i < nr; i++) {
		const struct row *row = row_of(op[i].atom);

		if (!row || depth < row->takes || depth - row->takes == MAX_STACK)
			return false;
		depth -= row->takes;
		if (!row->run(f, &op[i], stack + depth, &result))
			return false;
		stack[depth++] = result;
	}
	if (depth != 1)
		return false;
	*value = stack[0];
	return true;
}
