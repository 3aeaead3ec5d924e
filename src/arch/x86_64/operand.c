/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction is about to work on, given the registers before it: Intel's manual,
 * volume 2, tables 2-2 and 2-3.
 */
#include "insn.h"
#include "x86_64.h"

#define NO_INDEX 4u /* rsp cannot be one */
#define DISP32	 5u /* without a base: rbp's number, where there is no distance */

/* As instructions number them. */
static const unsigned char number[16] = {
	X86_AX, X86_CX, X86_DX,	 X86_BX,  X86_SP,  X86_BP,  X86_SI,  X86_DI,
	X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
};

struct place {
	const struct stk_regs *regs;
	struct stk_operand *out;
};

static bool add_register(struct place *p, unsigned int reg, unsigned int scale)
{
	if (!x86_has(p->regs, number[reg]))
		return false;
	p->out->reg[p->out->nr_regs++] = number[reg];
	p->out->value += p->regs->v[number[reg]] << scale;
	return true;
}

/* The address that ModRM at @m tells, in an instruction that ends at @end. */
static bool find_address(struct place *p, const unsigned char *m, unsigned int rex,
			 uint64_t end)
{
	const unsigned int mod = m[0] >> 6;
	const unsigned char *disp = m + 1;
	unsigned int base = m[0] & 7, index = NO_INDEX, scale = 0;
	const bool has_sib = base == 4;

	if (has_sib) {
		scale = m[1] >> 6;
		index = (m[1] >> 3 & 7) | (rex & 2) << 2;
		base = m[1] & 7;
		disp++;
	}
	if (mod == 1)
		p->out->value += (uint64_t)(int64_t)(int8_t)disp[0];
	else if (mod == 2 || base == DISP32)
		p->out->value += (uint64_t)(int64_t)x86_rel32(disp);
	if (!mod && base == DISP32 && !has_sib)
		p->out->value += end;
	else if ((mod || base != DISP32) && !add_register(p, base | (rex & 1) << 3, 0))
		return false;
	return index == NO_INDEX || add_register(p, index, scale);
}

static uint64_t next_of(const struct x86_insn *insn, uint64_t end)
{
	switch (insn->flow) {
	case X86_JUMP:
		return end + (uint64_t)(int64_t)insn->rel;
	case X86_NEXT:
	case X86_NOP:
	case X86_JUMP_IF:
		return end;
	default:
		return 0;
	}
}

bool x86_operand(struct stk *s, uint64_t ip, const struct stk_regs *regs,
		 struct stk_operand *out)
{
	unsigned char code[X86_MAX_INSN];
	struct place p = { regs, out };
	struct x86_insn insn;
	size_t room = sizeof(code);

	*out = (struct stk_operand){ 0 };
	/* It may end where memory does. */
	while (room && stk_read(s, ip, code, room))
		room--;
	if (!x86_insn(code, room, &insn))
		return false;
	out->next = next_of(&insn, ip + insn.len);
	if (!insn.modrm_at)
		return false;
	if (code[insn.modrm_at] >> 6 == 3)
		return add_register(&p, (code[insn.modrm_at] & 7u) | (insn.rex & 1u) << 3,
				    0);
	out->memory = true;
	return find_address(&p, code + insn.modrm_at, insn.rex, ip + insn.len);
}
