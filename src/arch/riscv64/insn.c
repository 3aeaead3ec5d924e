/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions: The RISC-V Instruction Set Manual, volume 1, chapters "RV32/64G
 * Instruction Set Listings" and "C". They have four bytes, or two.
 */
#include <string.h>

#include "../../kernel/kprobe.h"
#include "../../kernel/layout.h"
#include "../bits.h"
#include "../callsite.h"
#include "riscv64.h"

/* As instructions number them. */
#define ZERO 0u
#define RA   1u
#define SP   2u
#define GP   3u
#define T0   5u
#define FP   8u

#define OP_LOAD	  0x03u
#define OP_IMM	  0x13u
#define OP_AUIPC  0x17u
#define OP_STORE  0x23u
#define OP_BRANCH 0x63u
#define OP_JALR	  0x67u
#define OP_JAL	  0x6fu

#define INSN_NOP  0x00000013u
#define INSN_SRET 0x10200073u
#define C_NOP	  0x0001u
#define C_EBREAK  0x9002u
#define EBREAK	  0x00100073u

/* The bits of a constant, as pieces: from bit @from of the instruction on, @nr of them,
 * to bit @to. */
struct piece {
	unsigned char from, nr, to;
};

static int32_t gather(uint32_t insn, const struct piece *p, size_t nr, unsigned int width)
{
	uint32_t value = 0;

	for (size_t i = 0; i < nr; i++)
		value |= stk_bits(insn, p[i].from, p[i].nr) << p[i].to;
	return width ? stk_signed_bits(value, 0, width) : (int32_t)value;
}

#define GATHER(insn, width, ...)                                                         \
	gather(insn, (const struct piece[]){ __VA_ARGS__ },                              \
	       sizeof((const struct piece[]){ __VA_ARGS__ }) / sizeof(struct piece),     \
	       width)

#define I_VALUE(w) stk_signed_bits(w, 20, 12)
#define S_VALUE(w) GATHER(w, 12, { 25, 7, 5 }, { 7, 5, 0 })
#define B_VALUE(w) GATHER(w, 13, { 31, 1, 12 }, { 7, 1, 11 }, { 25, 6, 5 }, { 8, 4, 1 })
#define J_VALUE(w)                                                                       \
	GATHER(w, 21, { 31, 1, 20 }, { 12, 8, 12 }, { 20, 1, 11 }, { 21, 10, 1 })
#define U_VALUE(w)  ((int64_t)(int32_t)((w)&0xfffff000u))
#define CI_VALUE(h) GATHER(h, 6, { 12, 1, 5 }, { 2, 5, 0 })
#define C16SP_VALUE(h)                                                                   \
	GATHER(h, 10, { 12, 1, 9 }, { 6, 1, 4 }, { 5, 1, 6 }, { 3, 2, 7 }, { 2, 1, 5 })
#define C4SPN_VALUE(h) GATHER(h, 0, { 11, 2, 4 }, { 7, 4, 6 }, { 6, 1, 2 }, { 5, 1, 3 })
#define CSDSP_VALUE(h) GATHER(h, 0, { 10, 3, 3 }, { 7, 3, 6 })
#define CLDSP_VALUE(h) GATHER(h, 0, { 12, 1, 5 }, { 5, 2, 3 }, { 2, 3, 6 })
#define CJ_VALUE(h)                                                                      \
	GATHER(h, 12, { 12, 1, 11 }, { 11, 1, 4 }, { 9, 2, 8 }, { 8, 1, 10 },            \
	       { 7, 1, 6 }, { 6, 1, 7 }, { 3, 3, 1 }, { 2, 1, 5 })
#define CB_VALUE(h)                                                                      \
	GATHER(h, 9, { 12, 1, 8 }, { 10, 2, 3 }, { 5, 2, 6 }, { 3, 2, 1 }, { 2, 1, 5 })

/* --- what they do to the frame --- */

/* @to = @from + @value */
static void set_sum(struct stk_code_frame *f, unsigned int to, unsigned int from,
		    int32_t value)
{
	if (to == SP && from == SP) {
		f->size -= value;
	} else if (to == SP && from == FP && f->has_record) {
		f->size = f->record - value;
		f->size_known = true;
	} else if (to == SP) {
		f->size_known = false;
	} else if (to == FP && from == SP && f->size_known) {
		f->has_record = true;
		f->record = f->size - value;
	} else if (to == GP && from == GP && (value == 8 || value == -8)) {
		/* "addi gp, gp, 8; sd ra, -8(gp)" pushes it, the reverse pops it. */
		f->shadow += value;
	}
}

/* Register @reg is stored @offset above the stack pointer. */
static void store(struct stk_code_frame *f, unsigned int reg, int32_t offset)
{
	if (!f->size_known)
		return;
	if (reg == RA && !f->ret)
		f->ret = f->size - offset;
	else if (reg == FP && !f->has_record)
		f->fp = f->size - offset;
}

static void load(struct stk_code_frame *f, unsigned int reg)
{
	if (reg == RA) {
		f->ret = 0;
	} else if (reg == FP) {
		f->fp = 0;
		f->has_record = false;
	} else if (reg == SP) {
		f->size_known = false;
	}
}

static void change_frame(uint32_t w, struct stk_code_frame *f)
{
	unsigned int rd = stk_bits(w, 7, 5), rs1 = stk_bits(w, 15, 5),
		     funct3 = stk_bits(w, 12, 3);

	switch (w & 0x7f) {
	case OP_IMM:
		if (!funct3)
			set_sum(f, rd, rs1, I_VALUE(w));
		else if (rd == SP)
			f->size_known = false;
		break;
	case OP_STORE:
		if (funct3 == 3 && rs1 == SP)
			store(f, stk_bits(w, 20, 5), S_VALUE(w));
		break;
	case OP_LOAD:
		if (funct3 == 3 && (rs1 == SP || rd == SP))
			load(f, rd);
		break;
	case OP_BRANCH:
		break;
	default:
		if (rd == SP)
			f->size_known = false;
	}
}

static void change_frame_short(uint32_t h, struct stk_code_frame *f)
{
	unsigned int rd = stk_bits(h, 7, 5), funct3 = stk_bits(h, 13, 3);

	switch ((h & 3) << 3 | funct3) {
	case 0 << 3 | 0: /* C.ADDI4SPN */
		set_sum(f, 8 + stk_bits(h, 2, 3), SP, C4SPN_VALUE(h));
		break;
	case 1 << 3 | 0: /* C.ADDI */
		set_sum(f, rd, rd, CI_VALUE(h));
		break;
	case 1 << 3 | 3: /* C.ADDI16SP */
		if (rd == SP)
			set_sum(f, SP, SP, C16SP_VALUE(h));
		break;
	case 2 << 3 | 3: /* C.LDSP */
		load(f, rd);
		break;
	case 2 << 3 | 4: /* C.MV, C.ADD */
		if (stk_bits(h, 2, 5) && rd == SP)
			set_sum(f, SP, stk_bits(h, 12, 1) ? ZERO : stk_bits(h, 2, 5), 0);
		break;
	case 2 << 3 | 7: /* C.SDSP */
		store(f, stk_bits(h, 2, 5), CSDSP_VALUE(h));
		break;
	default:
		break;
	}
}

/* --- where they lead --- */

static void flow_short(uint32_t h, uint64_t at, struct stk_insn *insn)
{
	unsigned int rs1 = stk_bits(h, 7, 5);

	switch ((h & 3) << 3 | stk_bits(h, 13, 3)) {
	case 1 << 3 | 5: /* C.J */
		insn->flow = STK_FLOW_JUMP;
		insn->target = at + (uint64_t)(int64_t)CJ_VALUE(h);
		break;
	case 1 << 3 | 6: /* C.BEQZ */
	case 1 << 3 | 7: /* C.BNEZ */
		insn->flow = STK_FLOW_JUMP_IF;
		insn->target = at + (uint64_t)(int64_t)CB_VALUE(h);
		break;
	case 2 << 3 | 4: /* C.JR, C.JALR */
		if (stk_bits(h, 2, 5) || !rs1)
			break;
		insn->flow = stk_bits(h, 12, 1) ? STK_FLOW_CALL_REG
			     : rs1 == RA	? STK_FLOW_RETURN
						: STK_FLOW_JUMP_REG;
		break;
	default:
		break;
	}
}

/* @before: the instruction before it, which may have made its base. */
static void flow_jalr(uint32_t w, uint32_t before, uint64_t at, struct stk_insn *insn)
{
	unsigned int rd = stk_bits(w, 7, 5), rs1 = stk_bits(w, 15, 5);

	if (rd == ZERO && rs1 == RA)
		insn->flow = STK_FLOW_RETURN;
	else
		insn->flow = rd == ZERO ? STK_FLOW_JUMP_REG : STK_FLOW_CALL_REG;
	if (insn->flow == STK_FLOW_RETURN || (before & 0x7f) != OP_AUIPC ||
	    stk_bits(before, 7, 5) != rs1)
		return;
	insn->flow = rd == ZERO ? STK_FLOW_JUMP : STK_FLOW_CALL;
	insn->target = at - 4 + (uint64_t)(U_VALUE(before) + I_VALUE(w));
}

static void flow_long(uint32_t w, uint32_t before, uint64_t at, struct stk_insn *insn)
{
	switch (w & 0x7f) {
	case OP_JAL:
		insn->flow = stk_bits(w, 7, 5) ? STK_FLOW_CALL : STK_FLOW_JUMP;
		insn->target = at + (uint64_t)(int64_t)J_VALUE(w);
		break;
	case OP_BRANCH:
		insn->flow = STK_FLOW_JUMP_IF;
		insn->target = at + (uint64_t)(int64_t)B_VALUE(w);
		break;
	case OP_JALR:
		flow_jalr(w, before, at, insn);
		break;
	default:
		if (w == INSN_SRET)
			insn->flow = STK_FLOW_RETURN;
	}
}

static uint32_t word_at(const unsigned char *code, size_t size)
{
	uint32_t word = 0;

	memcpy(&word, code, size);
	return word;
}

static struct stk_insn decode(const unsigned char *code, size_t i, size_t len,
			      uint64_t begin, struct stk_code_frame *frame)
{
	struct stk_insn insn = { 0 };
	uint32_t word;

	if (len - i < 2)
		return insn;
	word = word_at(code + i, 2);
	if ((word & 3) != 3) {
		insn.len = 2;
		insn.padding = word == C_NOP || word == C_EBREAK || !word;
		flow_short(word, begin + i, &insn);
		if (frame)
			change_frame_short(word, frame);
		return insn;
	}
	if (len - i < 4)
		return insn;
	word = word_at(code + i, 4);
	insn.len = 4;
	insn.padding = word == INSN_NOP || word == EBREAK;
	flow_long(word, i >= 4 ? word_at(code + i - 4, 4) : 0, begin + i, &insn);
	if (frame)
		change_frame(word, frame);
	return insn;
}

/* --- calls --- */

/* The call that ends at @addr; false: none does. @len: of its last instruction. */
static bool read_call(struct stk *s, uint64_t addr, struct stk_insn *insn,
		      unsigned char *byte, size_t *have)
{
	for (size_t before = 8; before >= 2; before -= before > 4 ? 4 : 2) {
		const size_t len = before == 2 ? 2 : 4;

		*have = before;
		if (addr & 1 || stk_read(s, addr - before, byte, before))
			continue;
		*insn = decode(byte, before - len, before, addr - before, NULL);
		if (insn->len == len &&
		    (insn->flow == STK_FLOW_CALL || insn->flow == STK_FLOW_CALL_REG))
			return true;
	}
	return false;
}

/* Only what leaves its return address in ra; millicode and tracers use t0. */
static bool links_ra(const unsigned char *byte, size_t have, const struct stk_insn *insn)
{
	return insn->len == 2 || stk_bits(word_at(byte + have - 4, 4), 7, 5) == RA;
}

static bool call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	unsigned char byte[8];
	struct stk_insn insn;
	size_t have;

	*target = 0;
	if (!read_call(s, addr, &insn, byte, &have) || !links_ra(byte, have, &insn))
		return false;
	*target = insn.target;
	return true;
}

bool riscv_call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	return call_before(s, addr, target) || riscv_makes_return(s, addr);
}

bool riscv_traced(struct stk *s, uint64_t addr)
{
	unsigned char byte[8];
	struct stk_insn insn;
	size_t have;

	return read_call(s, addr, &insn, byte, &have) && insn.len == 4 &&
	       stk_bits(word_at(byte + have - 4, 4), 7, 5) == T0;
}

bool riscv_called_by(struct stk *s, uint64_t ret, enum riscv_reg *reg)
{
	unsigned char byte[8];
	struct stk_insn insn;
	size_t have;

	if (!read_call(s, ret, &insn, byte, &have) || insn.flow != STK_FLOW_CALL_REG)
		return false;
	*reg = insn.len == 2 ? stk_bits(word_at(byte + have - 2, 2), 7, 5)
			     : stk_bits(word_at(byte + have - 4, 4), 15, 5);
	return true;
}

/* BUG() is the same instruction, and no call returns behind it. */
static int breakpoint_before(struct stk *s, uint64_t addr)
{
	unsigned char byte[4];
	uint64_t at = addr - 4;

	if (addr & 1 || stk_read(s, at, byte, sizeof(byte)))
		return 0;
	if (word_at(byte, 4) != EBREAK) {
		if (word_at(byte + 2, 2) != C_EBREAK)
			return 0;
		at += 2;
	}
	return stk_has_kprobe(s, at);
}

const struct stk_insn_set riscv_insns = {
	.align = 2,
	.decode = decode,
	.call_before = call_before,
	.breakpoint_before = breakpoint_before,
	.in_entry_code = riscv_in_entry_code,
	.only_entry_calls = riscv_only_entry_calls,
};

enum stk_call riscv_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
				  bool exact, const char **why)
{
	enum stk_call call;

	return riscv_weigh_made(s, ret, callee - !exact, &call, why)
		       ? call
		       : stk_weigh_call(s, &riscv_insns, ret, callee, exact, why);
}

struct stk_code_frame riscv_frame_at(struct stk *s, uint64_t ip)
{
	struct riscv_state *x = riscv_state(s);

	return x ? stk_code_frame_at(s, &riscv_insns, &x->frames, ip)
		 : (struct stk_code_frame){ 0 };
}

/* Of two bytes or four: no instruction is within it. */
struct stk_code_frame riscv_frame_of_call(struct stk *s, uint64_t ret)
{
	struct stk_code_frame f = riscv_frame_at(s, ret - 2);

	return f.known ? f : riscv_frame_at(s, ret - 4);
}
