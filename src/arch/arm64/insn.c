/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions: Arm Architecture Reference Manual, C4.1. All have four bytes. */
#include "insn.h"

#include "../../kernel/layout.h"

bool arm64_read_insn(struct stk *s, uint64_t addr, uint32_t *insn)
{
	return !(addr & 3) && !stk_read_u32(s, addr, insn);
}

enum stk_flow arm64_flow(uint32_t insn, uint64_t at, uint64_t *target)
{
	*target = 0;
	if ((insn & 0x7c000000) == 0x14000000) { /* B, BL */
		*target = at + (uint64_t)(4 * (int64_t)stk_signed_bits(insn, 0, 26));
		return insn >> 31 ? STK_FLOW_CALL : STK_FLOW_JUMP;
	}
	if ((insn & 0xff000000) == 0x54000000 || /* B.cond, BC.cond */
	    (insn & 0x7e000000) == 0x34000000) { /* CBZ, CBNZ */
		*target = at + (uint64_t)(4 * (int64_t)stk_signed_bits(insn, 5, 19));
		return STK_FLOW_JUMP_IF;
	}
	if ((insn & 0x7e000000) == 0x36000000) { /* TBZ, TBNZ */
		*target = at + (uint64_t)(4 * (int64_t)stk_signed_bits(insn, 5, 14));
		return STK_FLOW_JUMP_IF;
	}
	/* BR, BLR, and the same that authenticate: BRAA, BLRAA, … */
	switch (insn & 0xfefff000) {
	case 0xd61f0000:
		return STK_FLOW_JUMP_REG;
	case 0xd63f0000:
		return STK_FLOW_CALL_REG;
	case 0xd65f0000: /* RET, RETAA, RETAB */
	case 0xd69f0000: /* ERET */
		return STK_FLOW_RETURN;
	default:
		return STK_FLOW_NEXT;
	}
}

bool arm64_call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	uint32_t insn;

	*target = 0;
	if (!arm64_read_insn(s, addr - 4, &insn))
		return false;
	switch (arm64_flow(insn, addr - 4, target)) {
	case STK_FLOW_CALL:
	case STK_FLOW_CALL_REG:
		return true;
	default:
		*target = 0;
		return false;
	}
}

unsigned int arm64_pair_scale(uint32_t insn)
{
	unsigned int opc = stk_bits(insn, 30, 2);

	if (stk_bits(insn, 26, 1))
		return 2 + opc;
	/* LDPSW moves words; STGP has room for what it tags. */
	if (opc == 1)
		return stk_bits(insn, 22, 1) ? 2 : 4;
	return opc ? 3 : 2;
}
