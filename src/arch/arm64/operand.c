/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction is about to work on, given the registers before it: Arm
 * Architecture Reference Manual, C4.1, "Loads and Stores".
 */
#include "insn.h"

#include "../../kernel/layout.h"

#define ZERO_OR_SP 31u

struct place {
	const struct stk_regs *regs;
	struct stk_operand *out;
};

static uint64_t distance(uint32_t insn, unsigned int at, unsigned int nr)
{
	return (uint64_t)(int64_t)stk_signed_bits(insn, at, nr);
}

static bool add_register(struct place *p, unsigned int reg, uint64_t *value)
{
	if (!stk_has_reg(p->regs, reg))
		return false;
	p->out->reg[p->out->nr_regs++] = (unsigned char)reg;
	*value = p->regs->v[reg];
	return true;
}

/* The base register, and @offset. */
static bool based(struct place *p, uint32_t insn, uint64_t offset)
{
	unsigned int base = stk_bits(insn, 5, 5);
	uint64_t value;

	if (!add_register(p, base == ZERO_OR_SP ? ARM64_SP : base, &value))
		return false;
	p->out->value = value + offset;
	return true;
}

/* How many bytes, as a power of two, a load or store of one register moves. */
static unsigned int scale_of(uint32_t insn)
{
	/* Of 128-bit registers the size is 0, and the upper bit of opc is set. */
	return stk_bits(insn, 26, 1) && stk_bits(insn, 23, 1) ? 4 : stk_bits(insn, 30, 2);
}

/* Rm, extended from 32 bits or not, and shifted. */
static bool indexed(struct place *p, uint32_t insn)
{
	unsigned int index = stk_bits(insn, 16, 5), option = stk_bits(insn, 13, 3);
	uint64_t value = 0;

	if (!based(p, insn, 0) ||
	    (index != ZERO_OR_SP && !add_register(p, index, &value)))
		return false;
	if (option == 2) /* UXTW */
		value = (uint32_t)value;
	else if (option == 6) /* SXTW */
		value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
	p->out->value += value << (stk_bits(insn, 12, 1) ? scale_of(insn) : 0);
	return true;
}

static bool paired(struct place *p, uint32_t insn)
{
	/* Mode 1 adds it afterwards. */
	return based(p, insn,
		     stk_bits(insn, 23, 2) == 1
			     ? 0
			     : distance(insn, 15, 7) << arm64_pair_scale(insn));
}

/* One register, by a distance of nine bits. */
static bool unscaled(struct place *p, uint32_t insn)
{
	return based(p, insn, stk_bits(insn, 10, 2) == 1 ? 0 : distance(insn, 12, 9));
}

static bool single(struct place *p, uint32_t insn)
{
	if (stk_bits(insn, 24, 1))
		return based(p, insn, (uint64_t)stk_bits(insn, 10, 12) << scale_of(insn));
	if (!stk_bits(insn, 21, 1))
		return unscaled(p, insn);
	switch (stk_bits(insn, 10, 2)) {
	case 0: /* atomic: LDADD, SWP, … */
		return based(p, insn, 0);
	case 2:
		return indexed(p, insn);
	default:
		return false;
	}
}

static bool find_memory(struct place *p, uint32_t insn, uint64_t ip)
{
	if ((insn & 0x0a000000) != 0x08000000)
		return false;
	p->out->memory = true;
	switch (stk_bits(insn, 28, 2)) {
	case 0: /* exclusive, ordered, compare and swap */
		return !stk_bits(insn, 26, 1) && !stk_bits(insn, 24, 1) &&
		       based(p, insn, 0);
	case 1: /* relative to pc, but where bit 24 is set */
		p->out->value = ip + (distance(insn, 5, 19) << 2);
		return !stk_bits(insn, 24, 1);
	case 2:
		return paired(p, insn);
	default:
		return single(p, insn);
	}
}

bool arm64_operand(struct stk *s, uint64_t ip, const struct stk_regs *regs,
		   struct stk_operand *out)
{
	struct place p = { regs, out };
	uint64_t target;
	uint32_t insn;

	*out = (struct stk_operand){ 0 };
	if (!arm64_read_insn(s, ip, &insn))
		return false;
	switch (arm64_flow(insn, ip, &target)) {
	case STK_FLOW_NEXT:
	case STK_FLOW_JUMP_IF:
		out->next = ip + 4;
		break;
	case STK_FLOW_JUMP:
		out->next = target;
		break;
	case STK_FLOW_JUMP_REG:
	case STK_FLOW_CALL_REG:
		return add_register(&p, stk_bits(insn, 5, 5), &out->value);
	default:
		break;
	}
	return find_memory(&p, insn, ip);
}
