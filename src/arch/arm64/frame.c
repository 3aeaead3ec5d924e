/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What instructions do to the stack pointer and to x29. */
#include <string.h>

#include "../callsite.h"
#include "insn.h"

#define REG_SP	 31u
#define INSN_NOP 0xd503201fu
#define INSN_BRK 0xd4200000u /* with any number, which says what for */

/* Load or store of a pair, by sp; how far it moves that, and whether it loads x29. */
static bool is_pair(uint32_t insn, int32_t *moves, bool *loads_fp)
{
	/* opc 101 V mode L imm7 Rt2 Rn Rt; mode 1: behind, 3: before, 2: not at all */
	unsigned int mode = stk_bits(insn, 23, 2);

	if (stk_bits(insn, 27, 3) != 5 || stk_bits(insn, 25, 1) ||
	    stk_bits(insn, 5, 5) != REG_SP)
		return false;
	*moves = mode & 1
			 ? -(stk_signed_bits(insn, 15, 7) * (1 << arm64_pair_scale(insn)))
			 : 0;
	*loads_fp =
		!stk_bits(insn, 26, 1) && stk_bits(insn, 22, 1) &&
		(stk_bits(insn, 0, 5) == ARM64_FP || stk_bits(insn, 10, 5) == ARM64_FP);
	return true;
}

/* The same of one register, with sp changed behind or before it. */
static bool is_single(uint32_t insn, int32_t *moves, bool *loads_fp)
{
	/* size 111 V 00 opc 0 imm9 mode Rn Rt */
	if (stk_bits(insn, 27, 3) != 7 || stk_bits(insn, 24, 2) ||
	    stk_bits(insn, 21, 1) || !stk_bits(insn, 10, 1) ||
	    stk_bits(insn, 5, 5) != REG_SP)
		return false;
	*moves = -stk_signed_bits(insn, 12, 9);
	*loads_fp = !stk_bits(insn, 26, 1) && stk_bits(insn, 22, 1) &&
		    stk_bits(insn, 0, 5) == ARM64_FP;
	return true;
}

/* ADD and SUB of a constant. */
static bool is_sum(uint32_t insn, unsigned int *to, unsigned int *from, int32_t *value)
{
	/* 1 op 0 100010 sh imm12 Rn Rd */
	if ((insn & 0xbf800000) != 0x91000000)
		return false;
	*to = stk_bits(insn, 0, 5);
	*from = stk_bits(insn, 5, 5);
	*value = (int32_t)stk_bits(insn, 10, 12) << (stk_bits(insn, 22, 1) ? 12 : 0);
	if (stk_bits(insn, 30, 1))
		*value = -*value;
	return true;
}

/* Does it compute sp from other registers? */
static bool computes_sp(uint32_t insn)
{
	return stk_bits(insn, 0, 5) == REG_SP &&
	       ((insn & 0xbfe00000) == 0x8b200000 || /* ADD, SUB, extended */
		(insn & 0xff800000) == 0x92000000);  /* AND of a constant */
}

static void set_sum(struct stk_code_frame *st, unsigned int to, unsigned int from,
		    int32_t value)
{
	if (to == REG_SP && from == REG_SP) {
		st->size -= value;
	} else if (to == REG_SP && from == ARM64_FP && st->has_record) {
		st->size = st->record - value;
		st->size_known = true;
	} else if (to == REG_SP) {
		st->size_known = false;
	} else if (to == ARM64_FP && from == REG_SP && st->size_known) {
		st->has_record = true;
		st->record = st->size - value;
	}
}

#define SCS_PUSH 0xf800865eu /* str x30, [x18], #8 */
#define SCS_POP	 0xf85f8e5eu /* ldr x30, [x18, #-8]! */

static void change_frame(uint32_t insn, struct stk_code_frame *f)
{
	unsigned int to, from;
	int32_t value;
	bool loads_fp;

	if (is_pair(insn, &value, &loads_fp) || is_single(insn, &value, &loads_fp)) {
		f->size += value;
		if (loads_fp)
			f->has_record = false;
	} else if (is_sum(insn, &to, &from, &value)) {
		set_sum(f, to, from, value);
	} else if (computes_sp(insn)) {
		f->size_known = false;
	} else if (insn == SCS_PUSH || insn == SCS_POP) {
		f->shadow += insn == SCS_PUSH ? 8 : -8;
	}
}

static struct stk_insn decode(const unsigned char *code, size_t i, size_t len,
			      uint64_t begin, struct stk_code_frame *frame)
{
	struct stk_insn insn = { 0 };
	uint32_t word;

	if (len - i < sizeof(word))
		return insn;
	memcpy(&word, code + i, sizeof(word));
	insn.len = sizeof(word);
	insn.flow = arm64_flow(word, begin + i, &insn.target);
	insn.padding = !word || word == INSN_NOP || (word & 0xffe0001f) == INSN_BRK;
	if (frame)
		change_frame(word, frame);
	return insn;
}

/* ADRP and ADD of x16, then BR x16: a linker's or a module's veneer to far code. */
static bool is_veneer(struct stk *s, uint64_t at, uint64_t *target)
{
	uint32_t adrp, add, br;
	int64_t page;

	if (!arm64_read_insn(s, at, &adrp) || !arm64_read_insn(s, at + 4, &add) ||
	    !arm64_read_insn(s, at + 8, &br) || (adrp & 0x9f00001f) != 0x90000010 ||
	    (add & 0xffc003ff) != 0x91000210 || br != 0xd61f0200)
		return false;
	page = (int64_t)((uint64_t)(adrp >> 5 & 0x7ffff) << 45) >> 43;
	page |= adrp >> 29 & 3;
	*target = (at & ~0xfffull) + ((uint64_t)page << 12) + (add >> 10 & 0xfff);
	return true;
}

#define KPROBE_BREAK 0xd4200080u /* BRK with KPROBES_BRK_IMM, asm/brk-imm.h */

static int breakpoint_before(struct stk *s, uint64_t addr)
{
	uint32_t insn;

	return arm64_read_insn(s, addr - 4, &insn) && insn == KPROBE_BREAK;
}

const struct stk_insn_set arm64_insns = {
	.align = 4,
	.decode = decode,
	.veneer = is_veneer,
	.veneer_jump = 8,
	.call_before = arm64_call_before,
	.breakpoint_before = breakpoint_before,
	.in_entry_code = arm64_in_entry_code,
	.only_entry_calls = arm64_only_entry_calls,
};

enum stk_call arm64_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
				  bool exact, const char **why)
{
	return stk_weigh_call(s, &arm64_insns, ret, callee, exact, why);
}

struct stk_code_frame arm64_frame_at(struct stk *s, uint64_t ip)
{
	struct arm64_state *x = arm64_state(s);

	return x ? stk_code_frame_at(s, &arm64_insns, &x->frames, ip)
		 : (struct stk_code_frame){ 0 };
}
