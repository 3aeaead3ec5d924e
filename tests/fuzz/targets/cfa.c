/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An expression of DWARF's, operation by operation, for any frame. */
#include "../machine.h"

#include <string.h>

#include "debuginfo/cfa.h"

#define OP_SIZE 17u /* the operation, and two numbers of 8 bytes */
#define MAX_OPS 80u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory in which each word says where it is, and half of which cannot be read. */
static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	if (addr & 8)
		return STK_ERR_UNMAPPED;
	*value = addr * 3;
	return STK_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stk_cfa_frame f = { .read = read_word };
	uint64_t reg[STK_CFI_REGS], head[2], value, again;
	Dwarf_Op op[MAX_OPS] = { 0 };
	size_t nr = 0;

	if (size < sizeof(head))
		return 0;
	memcpy(head, data, sizeof(head));
	for (unsigned int r = 0; r < STK_CFI_REGS; r++)
		reg[r] = head[1] + 8 * r;
	f.reg = reg;
	f.valid = head[0];
	f.have_cfa = head[1] & 1;
	f.cfa = head[1];
	for (size_t at = sizeof(head); at + OP_SIZE <= size && nr < MAX_OPS;
	     at += OP_SIZE, nr++) {
		op[nr] = (Dwarf_Op){ .atom = data[at] };
		memcpy(&op[nr].number, data + at + 1, 8);
		memcpy(&op[nr].number2, data + at + 9, 8);
	}
	if (stk_cfa_evaluate(&f, op, nr, &value))
		fuzz_assert(nr && stk_cfa_evaluate(&f, op, nr, &again) && value == again);
	for (size_t i = 0; i < nr; i++)
		if (stk_cfa_reg(&f, op[i].number, &value))
			fuzz_assert(op[i].number < STK_CFI_REGS);
	return 0;
}
