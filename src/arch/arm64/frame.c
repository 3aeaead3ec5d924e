/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a function has done to its stack, by its code. The compiler gives each
 * instruction one place of the stack pointer and of x29, whatever way leads there; so
 * from the function's beginning, where both are the caller's, that is carried along all
 * branches within it.
 */
#include "insn.h"

#include <stdlib.h>

#include "../../kernel/names.h"

#define MAX_INSNS  2048u
#define MAX_PASSES 8u
#define KEPT	   1024u /* answers: sleeping tasks are in the same few functions */

#define REG_SP 31u

#define INSN_NOP   0xd503201fu
#define MAX_LABELS 4u /* within one function */

/* Before an instruction. */
struct state {
	bool reached, has_record, size_known;
	int32_t record, size;
};

struct arm64_frames {
	struct {
		uint64_t ip; /* 0: none */
		struct arm64_frame frame;
	} kept[KEPT];
};

static uint32_t bits(uint32_t insn, unsigned int at, unsigned int nr)
{
	return insn >> at & ((1u << nr) - 1);
}

static int32_t signed_bits(uint32_t insn, unsigned int at, unsigned int nr)
{
	return (int32_t)(insn << (32 - at - nr)) >> (32 - nr);
}

/* Load or store of a pair, by sp; how far it moves that, and whether it loads x29. */
static bool is_pair(uint32_t insn, int32_t *moves, bool *loads_fp)
{
	/* opc 101 V mode L imm7 Rt2 Rn Rt; mode 1: behind, 3: before, 2: not at all */
	unsigned int opc = bits(insn, 30, 2), vector = bits(insn, 26, 1);
	unsigned int mode = bits(insn, 23, 2);
	unsigned int scale = vector ? 2 + opc : opc ? 3 : 2;

	if (bits(insn, 27, 3) != 5 || bits(insn, 25, 1) || bits(insn, 5, 5) != REG_SP)
		return false;
	*moves = mode & 1 ? -(signed_bits(insn, 15, 7) * (1 << scale)) : 0;
	*loads_fp = !vector && bits(insn, 22, 1) &&
		    (bits(insn, 0, 5) == ARM64_FP || bits(insn, 10, 5) == ARM64_FP);
	return true;
}

/* The same of one register, with sp changed behind or before it. */
static bool is_single(uint32_t insn, int32_t *moves, bool *loads_fp)
{
	/* size 111 V 00 opc 0 imm9 mode Rn Rt */
	if (bits(insn, 27, 3) != 7 || bits(insn, 24, 2) || bits(insn, 21, 1) ||
	    !bits(insn, 10, 1) || bits(insn, 5, 5) != REG_SP)
		return false;
	*moves = -signed_bits(insn, 12, 9);
	*loads_fp =
		!bits(insn, 26, 1) && bits(insn, 22, 1) && bits(insn, 0, 5) == ARM64_FP;
	return true;
}

/* ADD and SUB of a constant. */
static bool is_sum(uint32_t insn, unsigned int *to, unsigned int *from, int32_t *value)
{
	/* 1 op 0 100010 sh imm12 Rn Rd */
	if ((insn & 0xbf800000) != 0x91000000)
		return false;
	*to = bits(insn, 0, 5);
	*from = bits(insn, 5, 5);
	*value = (int32_t)bits(insn, 10, 12) << (bits(insn, 22, 1) ? 12 : 0);
	if (bits(insn, 30, 1))
		*value = -*value;
	return true;
}

/* Does it compute sp from other registers? */
static bool computes_sp(uint32_t insn)
{
	return bits(insn, 0, 5) == REG_SP &&
	       ((insn & 0xbfe00000) == 0x8b200000 || /* ADD, SUB, extended */
		(insn & 0xff800000) == 0x92000000);  /* AND of a constant */
}

static void set_sum(struct state *st, unsigned int to, unsigned int from, int32_t value)
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

static struct state behind(struct state st, uint32_t insn)
{
	unsigned int to, from;
	int32_t value;
	bool loads_fp;

	if (is_pair(insn, &value, &loads_fp) || is_single(insn, &value, &loads_fp)) {
		st.size += value;
		if (loads_fp)
			st.has_record = false;
	} else if (is_sum(insn, &to, &from, &value)) {
		set_sum(&st, to, from, value);
	} else if (computes_sp(insn)) {
		st.size_known = false;
	}
	return st;
}

struct code {
	uint64_t begin;
	size_t nr;
	uint32_t insn[MAX_INSNS];
	struct state before[MAX_INSNS];
};

static bool carry(struct code *c, uint64_t to, struct state st)
{
	size_t i = (to - c->begin) / 4;

	if (to < c->begin || i >= c->nr || c->before[i].reached)
		return false;
	c->before[i] = st;
	c->before[i].reached = true;
	return true;
}

/* Once through the code; false: nothing new was reached. */
static bool pass_through(struct code *c)
{
	bool more = false;

	for (size_t i = 0; i < c->nr; i++) {
		uint64_t at = c->begin + 4 * i, target;
		struct state next;

		if (!c->before[i].reached)
			continue;
		next = behind(c->before[i], c->insn[i]);
		switch (arm64_flow(c->insn[i], at, &target)) {
		case ARM64_JUMP:
			more |= carry(c, target, next);
			break;
		case ARM64_JUMP_IF:
			more |= carry(c, target, next);
			more |= carry(c, at + 4, next);
			break;
		case ARM64_JUMP_REG:
		case ARM64_RETURN:
			break;
		default:
			more |= carry(c, at + 4, next);
		}
	}
	return more;
}

/* Is what @st has, where it says that it was reached, of a frame that there can be? */
static struct arm64_frame as_frame(const struct state *st)
{
	struct arm64_frame f = { .known = st->reached && st->size >= 0 &&
					  st->record >= 0 };

	if (!f.known)
		return f;
	f.has_record = st->has_record;
	f.record = (uint32_t)st->record;
	f.size_known = st->size_known;
	f.size = (uint32_t)st->size;
	return f;
}

/*
 * A label may be in the middle of a function, where the code before leads on to it: not
 * where that is padding, nor a call, which is one that does not return.
 */
static bool falls_into(struct stk *s, uint64_t addr)
{
	uint64_t target;
	uint32_t insn;

	return arm64_read_insn(s, addr - 4, &insn) && insn != INSN_NOP && insn &&
	       (arm64_flow(insn, addr - 4, &target) == ARM64_NEXT ||
		arm64_flow(insn, addr - 4, &target) == ARM64_JUMP_IF);
}

static bool find_code(struct stk *s, uint64_t ip, struct stk_function *out)
{
	struct stk_function before;

	if (!stk_function_at(s, ip, out))
		return false;
	for (unsigned int i = 0; i < MAX_LABELS && falls_into(s, out->begin) &&
				 stk_function_at(s, out->begin - 4, &before);
	     i++)
		out->begin = before.begin;
	return !(out->begin & 3);
}

static struct arm64_frame find_frame(struct stk *s, uint64_t ip)
{
	struct arm64_frame none = { 0 };
	struct stk_function function;
	struct code *c;
	uint64_t len;

	if (ip & 3 || !find_code(s, ip, &function))
		return none;
	/* What it does at its very end is of no matter to an earlier instruction. */
	len = function.end - function.begin;
	if ((ip - function.begin) / 4 >= MAX_INSNS)
		return none;
	c = calloc(1, sizeof(*c));
	if (!c)
		return none;
	c->begin = function.begin;
	c->nr = len / 4 < MAX_INSNS ? len / 4 : MAX_INSNS;
	if (!stk_read(s, c->begin, c->insn, c->nr * 4)) {
		c->before[0] = (struct state){ .reached = true, .size_known = true };
		for (unsigned int i = 0; i < MAX_PASSES && pass_through(c); i++)
			;
		none = as_frame(&c->before[(ip - c->begin) / 4]);
	}
	free(c);
	return none;
}

struct arm64_frame arm64_frame_at(struct stk *s, uint64_t ip)
{
	struct arm64_state *x = arm64_state(s);
	size_t i = ip / 4 % KEPT;
	struct arm64_frame frame;

	if (x && !x->frames)
		x->frames = stk_arena_alloc(&s->fixed, sizeof(*x->frames));
	if (!x || !x->frames)
		return (struct arm64_frame){ 0 };
	if (x->frames->kept[i].ip == ip)
		return x->frames->kept[i].frame;
	frame = find_frame(s, ip);
	if (!stk_must_stop(s)) {
		x->frames->kept[i].ip = ip;
		x->frames->kept[i].frame = frame;
	}
	return frame;
}
