/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read out of riscv64's code, of instructions of four bytes and of two:
 * where they lead, what a function has done to its stack by then, and what a call before
 * a return address says. The encodings are the assembler's.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "kernel/layout.h"
#include "kernel/names.h"

#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV57));
	s = syn_open(m);
}

/* ---- where they lead ---- */

static const struct {
	uint32_t before, insn;
	unsigned int len;
	enum stk_flow flow;
	int64_t by; /* to where; 0: it alone does not tell */
} flows[] = {
	{ 0, 0x008000ef, 4, STK_FLOW_CALL, 8 },	    /* jal ra */
	{ 0, 0xff9ff0ef, 4, STK_FLOW_CALL, -8 },    /* jal ra */
	{ 0, 0x0100006f, 4, STK_FLOW_JUMP, 16 },    /* j */
	{ 0, 0x000780e7, 4, STK_FLOW_CALL_REG, 0 }, /* jalr a5 */
	{ 0, 0x00008067, 4, STK_FLOW_RETURN, 0 },   /* ret */
	{ 0, 0x00078067, 4, STK_FLOW_JUMP_REG, 0 }, /* jr a5 */
	/* auipc ra, 1; jalr 8(ra): from the first of them on. */
	{ 0x00001097, 0x008080e7, 4, STK_FLOW_CALL, 0x1000 + 8 - 4 },
	{ 0xfffff097, 0x008080e7, 4, STK_FLOW_CALL, -0x1000 + 8 - 4 },
	{ 0x00001317, 0x01030067, 4, STK_FLOW_JUMP,
	  0x1000 + 16 - 4 },				     /* tail call by t1 */
	{ 0x00001317, 0x008080e7, 4, STK_FLOW_CALL_REG, 0 }, /* another base */
	{ 0, 0x00b50463, 4, STK_FLOW_JUMP_IF, 8 },	     /* beq */
	{ 0, 0xfe051ce3, 4, STK_FLOW_JUMP_IF, -8 },	     /* bnez */
	{ 0, 0x10200073, 4, STK_FLOW_RETURN, 0 },	     /* sret */
	{ 0, 0x00100073, 4, STK_FLOW_NEXT, 0 },		     /* ebreak */
	{ 0, 0x00000073, 4, STK_FLOW_NEXT, 0 },		     /* ecall */
	{ 0, 0x00c58533, 4, STK_FLOW_NEXT, 0 },		     /* add */
	{ 0, 0xa801, 2, STK_FLOW_JUMP, 16 },		     /* c.j */
	{ 0, 0xbfc5, 2, STK_FLOW_JUMP, -16 },		     /* c.j */
	{ 0, 0xc501, 2, STK_FLOW_JUMP_IF, 8 },		     /* c.beqz */
	{ 0, 0xfd65, 2, STK_FLOW_JUMP_IF, -8 },		     /* c.bnez */
	{ 0, 0x8082, 2, STK_FLOW_RETURN, 0 },		     /* c.jr ra */
	{ 0, 0x8782, 2, STK_FLOW_JUMP_REG, 0 },		     /* c.jr a5 */
	{ 0, 0x9782, 2, STK_FLOW_CALL_REG, 0 },		     /* c.jalr a5 */
	{ 0, 0x9002, 2, STK_FLOW_NEXT, 0 },		     /* c.ebreak */
	{ 0, 0x84aa, 2, STK_FLOW_NEXT, 0 },		     /* c.mv */
	{ 0, 0x4505, 2, STK_FLOW_NEXT, 0 },		     /* c.li */
};

START_TEST(each_flow)
{
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		const uint64_t at = RV_TEXT + 4;
		unsigned char code[8];
		struct stk_insn got;

		memcpy(code, &flows[i].before, 4);
		memcpy(code + 4, &flows[i].insn, 4);
		got = riscv_insns.decode(code, 4, 4 + flows[i].len, RV_TEXT, NULL);
		ck_assert_msg(
			got.len == flows[i].len && got.flow == flows[i].flow &&
				got.target ==
					(flows[i].by ? at + (uint64_t)flows[i].by : 0),
			"row %zu: %u bytes, %d, %llx", i, got.len, got.flow,
			(unsigned long long)got.target);
		/* And with a byte less there is none. */
		got = riscv_insns.decode(code, 4, 4 + flows[i].len - 1, RV_TEXT, NULL);
		ck_assert_uint_eq(got.len, 0);
	}
}
END_TEST

static uint32_t flipped_before;

/* Whatever they lead to, and whether they may stand between functions. */
static bool same_flow(uint32_t insn, uint32_t flipped)
{
	const uint32_t code[2][2] = { { flipped_before, insn },
				      { flipped_before, flipped } };
	const size_t len = (insn & 3) == 3 ? 8 : 6;
	struct stk_insn a, b;

	a = riscv_insns.decode((const void *)code[0], 4, len, RV_TEXT, NULL);
	b = riscv_insns.decode((const void *)code[1], 4, len, RV_TEXT, NULL);
	return a.len == b.len && a.flow == b.flow && a.target == b.target &&
	       a.padding == b.padding;
}

/* The same of what stands before 8(ra) is jumped to. */
static bool same_base(uint32_t before, uint32_t flipped)
{
	const uint32_t code[2][2] = { { before, 0x008080e7 }, { flipped, 0x008080e7 } };
	struct stk_insn a, b;

	a = riscv_insns.decode((const void *)code[0], 4, 8, RV_TEXT, NULL);
	b = riscv_insns.decode((const void *)code[1], 4, 8, RV_TEXT, NULL);
	return a.flow == b.flow && a.target == b.target;
}

START_TEST(bits_of_a_flow)
{
	static const struct {
		uint32_t before, insn, decide, free;
	} row[] = {
		{ 0, 0x008000ef, 0xfffff0ff, BITS(11, 8) },	    /* jal ra */
		{ 0, 0x0100006f, BITS(31, 0), 0 },		    /* j */
		{ 0, 0x000780e7, 0x000000ff, 0xfff00f00 },	    /* jalr a5 */
		{ 0, 0x00008067, 0x000f8fff, 0xfff00000 },	    /* ret */
		{ 0, 0x00078067, 0x00000fff, 0xffff8000 },	    /* jr a5 */
		{ 0x00001097, 0x008080e7, 0xfff0807f, 0x00000f00 }, /* call */
		{ 0x00001317, 0x01030067, 0xfff78fff, 0 },	    /* tail, by t1 */
		{ 0x00001097, 0x00808067, 0x000f8fff, 0xfff00000 }, /* ret behind it */
		{ 0, 0x00b50463, 0xfe000fff, 0x01ffd000 },	    /* beq, … */
		{ 0, 0x10200073, BITS(31, 0), 0 },		    /* sret */
		{ 0, 0x00100073, BITS(31, 0), 0 },		    /* ebreak */
		{ 0, 0x00000013, BITS(31, 0), 0 },		    /* nop */
		{ 0, 0xa801, BITS(15, 0), 0 },			    /* c.j */
		{ 0, 0xc501, 0xdc7f, 0x2380 },			    /* c.beqz, c.bnez */
		{ 0, 0x8082, BITS(15, 0), 0 },			    /* c.jr ra */
		{ 0, 0x8782, 0xf07f, 0x0f80 },			    /* c.jr a5 */
		{ 0, 0x9782, 0xf07f, 0x0f80 },			    /* c.jalr a5 */
		{ 0, 0x9002, BITS(15, 0), 0 },			    /* c.ebreak */
		{ 0, 0x0001, BITS(15, 1), 0 },			    /* c.nop */
		{ 0, 0x0000, BITS(15, 1), 0 }, /* of no instruction */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		flipped_before = row[i].before;
		other_flip_bits(i, row[i].insn, (row[i].insn & 3) == 3 ? 32 : 16,
				row[i].decide, row[i].free, same_flow);
	}
	other_flip_bits(0, 0x00001097, 32, BITS(31, 0), 0, same_base); /* auipc ra */
}
END_TEST

/* The bits of constants, each alone: what the assembler has for that distance. */
START_TEST(each_distance)
{
	static const struct {
		uint32_t insn;
		int64_t by;
	} row[] = {
		{ 0x0020006f, 1 << 1 },	  { 0x0040006f, 1 << 2 },
		{ 0x4000006f, 1 << 10 },  { 0x0010006f, 1 << 11 },
		{ 0x0000106f, 1 << 12 },  { 0x0008006f, 1 << 19 },
		{ 0x8000006f, -1048576 }, /* j */
		{ 0x00000163, 1 << 1 },	  { 0x00000863, 1 << 4 },
		{ 0x02000063, 1 << 5 },	  { 0x40000063, 1 << 10 },
		{ 0x000000e3, 1 << 11 },  { 0x80000063, -4096 }, /* beqz */
		{ 0xa009, 1 << 1 },	  { 0xa011, 1 << 2 },
		{ 0xa021, 1 << 3 },	  { 0xa801, 1 << 4 },
		{ 0xa005, 1 << 5 },	  { 0xa081, 1 << 6 },
		{ 0xa041, 1 << 7 },	  { 0xa201, 1 << 8 },
		{ 0xa401, 1 << 9 },	  { 0xa101, 1 << 10 },
		{ 0xb001, -2048 }, /* c.j */
		{ 0xc109, 1 << 1 },	  { 0xc111, 1 << 2 },
		{ 0xc501, 1 << 3 },	  { 0xc901, 1 << 4 },
		{ 0xc105, 1 << 5 },	  { 0xc121, 1 << 6 },
		{ 0xc141, 1 << 7 },	  { 0xd101, -256 }, /* c.beqz a0 */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_insn got = riscv_insns.decode((const void *)&row[i].insn,
							       0, 4, RV_TEXT, NULL);

		ck_assert_msg(got.target == RV_TEXT + (uint64_t)row[i].by,
			      "row %zu: %llx", i, (unsigned long long)got.target);
	}
}
END_TEST

/* ---- frames ---- */

/* Frames to begin with, and what @insn makes of them. -1: not known; no record. */
enum begin { PLAIN, RECORD, COMPUTED };

static const struct {
	uint32_t insn;
	enum begin begin;
	int32_t size, record, ret, fp;
	uint32_t decide, free;
} changes[] = {
	{ 0xfd010113, PLAIN, 256 + 48, -1, 0, 0, BITS(31, 0), 0 }, /* addi sp, sp, -48 */
	{ 0x03010413, PLAIN, 256, 208, 0, 0, BITS(31, 0), 0 },	   /* addi s0, sp, 48 */
	{ 0x03010413, COMPUTED, -1, -1, 0, 0, 0, 0 },
	{ 0x03050413, PLAIN, 256, -1, 0, 0, 0, BITS(31, 20) }, /* addi s0, a0, 48 */
	{ 0x03010493, PLAIN, 256, -1, 0, 0, 0, BITS(31, 20) }, /* addi s1, sp, 48 */
	/* addi sp, s0, -64: by a record, and without; addi sp, t0, 0 */
	{ 0xfc040113, RECORD, 16 + 64, 16, 8, 24, BITS(31, 0), 0 },
	{ 0xfc040113, COMPUTED, -1, -1, 0, 0, 0, 0 },
	{ 0xfc040113, PLAIN, -1, -1, 0, 0, 0x00000f80, 0xfffff000 },
	{ 0x00028113, RECORD, -1, 16, 8, 24, 0x00000f80, 0xfff00000 },
	/* sd ra, 40(sp); s0, 32(sp): the first time, and where it is known */
	{ 0x02113423, PLAIN, 256, -1, 216, 0, BITS(31, 0), 0 },
	{ 0x02813023, PLAIN, 256, -1, 0, 224, BITS(31, 0), 0 },
	{ 0x02113423, RECORD, 256, 16, 8, 24, 0, 0xfe000f80 },
	{ 0x02813023, RECORD, 256, 16, 8, 24, 0, 0xfe000f80 },
	{ 0x02113423, COMPUTED, -1, -1, 0, 0, 0, BITS(31, 0) & ~0x7fu },
	{ 0x02a13423, PLAIN, 256, -1, 0, 0, 0, 0xfe000f80 }, /* sd a0, 40(sp) */
	/* sd ra, 40(a0); sw ra, 40(sp) */
	{ 0x02153423, PLAIN, 256, -1, 0, 0, 0, 0xfe000f80 },
	{ 0x02112423, PLAIN, 256, -1, 0, 0, 0, 0xfe000f80 },
	/* ld ra, 40(sp); s0, 32(sp); sp, 0(a0); a0, 0(sp); ra, 0(a0); lw ra, 40(sp) */
	{ 0x02813083, RECORD, 256, 16, 0, 24, 0x000fffff, 0xfff00000 },
	{ 0x02013403, RECORD, 256, -1, 8, 0, 0x000fffff, 0xfff00000 },
	{ 0x00053103, RECORD, -1, 16, 8, 24, 0x00000f80, 0xfff00000 },
	{ 0x00013503, RECORD, 256, 16, 8, 24, 0, 0xfff00000 },
	{ 0x00053083, RECORD, 256, 16, 8, 24, 0, 0xfff00000 },
	{ 0x02812083, RECORD, 256, 16, 8, 24, 0, 0xfff00000 },
	/* lui sp, 1; add sp, sp, a0; andi sp, sp, -64; andi a0, sp, -64 */
	{ 0x00001137, RECORD, -1, 16, 8, 24, 0x00000f80, 0xfffff000 },
	{ 0x00a10133, RECORD, -1, 16, 8, 24, 0x00000f80, 0xfffff000 },
	{ 0xfc017113, RECORD, -1, 16, 8, 24, 0x00000f80, 0xfff88000 },
	{ 0xfc017513, RECORD, 256, 16, 8, 24, 0, 0xffff8000 },
	/* beq a0, a1, +2: its distance is no register */
	{ 0x00b50163, RECORD, 256, 16, 8, 24, 0, 0xffffff80 },
	/* Of two bytes: addi sp, sp, -64; -16; addi s0, sp, 64 */
	{ 0x7139, PLAIN, 256 + 64, -1, 0, 0, BITS(15, 0), 0 },
	{ 0x1141, PLAIN, 256 + 16, -1, 0, 0, BITS(15, 0), 0 },
	{ 0x0080, PLAIN, 256, 192, 0, 0, BITS(15, 0), 0 },
	/* lui s0, -1; addi a0, sp, 64; … */
	{ 0x747d, PLAIN, 256, -1, 0, 0, 0, 0x107c },
	{ 0x0088, PLAIN, 256, -1, 0, 0, 0, 0x1fe0 },
	{ 0x0098, PLAIN, 256, -1, 0, 0, 0, 0x1fe0 },
	/* ld ra, 56(sp); s0; a0 */
	{ 0x70e2, RECORD, 256, 16, 0, 24, 0xef83, 0x107c },
	{ 0x7442, RECORD, 256, -1, 8, 0, 0xef83, 0x107c },
	{ 0x7562, RECORD, 256, 16, 8, 24, 0, 0x107c },
	/* sd ra, 56(sp); s0, 48(sp); a0 */
	{ 0xfc06, PLAIN, 256, -1, 200, 0, BITS(15, 0), 0 },
	{ 0xf822, PLAIN, 256, -1, 0, 208, BITS(15, 0), 0 },
	{ 0xfc2a, PLAIN, 256, -1, 0, 0, 0, 0x1f80 },
	/* mv sp, a0; mv sp, s0; add sp, sp, a0; mv a0, a1; jr sp */
	{ 0x812a, RECORD, -1, 16, 8, 24, 0xefaa, 0x1054 },
	{ 0x8122, RECORD, 16, 16, 8, 24, BITS(15, 0), 0 },
	{ 0x912a, RECORD, -1, 16, 8, 24, 0xef82, 0x0074 },
	{ 0x9122, RECORD, -1, 16, 8, 24, 0xff82, 0x005c },
	{ 0x852e, RECORD, 256, 16, 8, 24, 0, 0x107c },
	{ 0x8102, RECORD, 256, 16, 8, 24, 0, 0x0f80 },
};

static struct stk_code_frame changed(uint32_t insn, enum begin begin)
{
	struct stk_code_frame f = { .known = true, .size_known = begin != COMPUTED };

	f.size = 256;
	if (begin == RECORD) {
		f.has_record = true;
		f.record = 16;
		f.ret = 8;
		f.fp = 24;
	}
	riscv_insns.decode((const void *)&insn, 0, (insn & 3) == 3 ? 4 : 2, RV_TEXT, &f);
	return f;
}

static enum begin flipped_begin;

static bool same_change(uint32_t insn, uint32_t flipped)
{
	const struct stk_code_frame a = changed(insn, flipped_begin);
	const struct stk_code_frame b = changed(flipped, flipped_begin);

	return a.size_known == b.size_known && (!a.size_known || a.size == b.size) &&
	       a.has_record == b.has_record && (!a.has_record || a.record == b.record) &&
	       a.ret == b.ret && a.fp == b.fp;
}

START_TEST(each_change)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct stk_code_frame f =
			changed(changes[i].insn, changes[i].begin);

		ck_assert_msg((f.size_known ? f.size : -1) == changes[i].size &&
				      (f.has_record ? f.record : -1) ==
					      changes[i].record &&
				      f.ret == changes[i].ret && f.fp == changes[i].fp,
			      "row %zu: size %d, record %d, ret %d, fp %d", i, f.size,
			      f.record, f.ret, f.fp);
		flipped_begin = changes[i].begin;
		other_flip_bits(i, changes[i].insn, (changes[i].insn & 3) == 3 ? 32 : 16,
				changes[i].decide, changes[i].free, same_change);
	}
}
END_TEST

#define MAX_STEPS 12

struct frame_step {
	uint32_t insn;
	/* Behind it. A size of -1: not known; a record of -1: s0 is the caller's. */
	int32_t size, record;
	int32_t ret, fp; /* where they are saved; 0: nowhere */
};

static const struct frame_step functions[][MAX_STEPS] = {
	{ { 0xfd010113, 48, -1, 0, 0 },	 /* addi sp, sp, -48 */
	  { 0x02113423, 48, -1, 8, 0 },	 /* sd ra, 40(sp) */
	  { 0x02813023, 48, -1, 8, 16 }, /* sd s0, 32(sp) */
	  { 0x03010413, 48, 0, 8, 16 },	 /* addi s0, sp, 48: to the caller's */
	  { 0x02813083, 48, 0, 0, 16 },	 /* ld ra, 40(sp) */
	  { 0x02013403, 48, -1, 0, 0 },	 /* ld s0, 32(sp) */
	  { 0x03010113, 0, -1, 0, 0 },	 /* addi sp, sp, 48 */
	  { 0x00008067, 0, -1, 0, 0 } },
	/* The same of two bytes. */
	{ { 0x7139, 64, -1, 0, 0 },  /* addi sp, sp, -64 */
	  { 0xf822, 64, -1, 0, 16 }, /* sd s0, 48(sp) */
	  { 0xfc06, 64, -1, 8, 16 }, /* sd ra, 56(sp) */
	  { 0x0080, 64, 0, 8, 16 },  /* addi s0, sp, 64 */
	  { 0x70e2, 64, 0, 0, 16 },  /* ld ra, 56(sp) */
	  { 0x7442, 64, -1, 0, 0 },  /* ld s0, 48(sp) */
	  { 0x6121, 0, -1, 0, 0 },   /* addi sp, sp, 64 */
	  { 0x8082, 0, -1, 0, 0 } },
	/* A leaf of GCC up to 13: s0 alone. */
	{ { 0x1141, 16, -1, 0, 0 }, /* addi sp, sp, -16 */
	  { 0xe422, 16, -1, 0, 8 }, /* sd s0, 8(sp) */
	  { 0x0800, 16, 0, 0, 8 },  /* addi s0, sp, 16 */
	  { 0x8082, 16, 0, 0, 8 } },
	/* sp is computed, and told by s0 again. */
	{ { 0x7139, 64, -1, 0, 0 },
	  { 0x0080, 64, 0, 0, 0 },
	  { 0x40a10133, -1, 0, 0, 0 }, /* sub sp, sp, a0 */
	  { 0xfc040113, 64, 0, 0, 0 }, /* addi sp, s0, -64 */
	  { 0xfc017113, -1, 0, 0, 0 }, /* andi sp, sp, -64 */
	  { 0xfc040113, 64, 0, 0, 0 },
	  { 0x00028113, -1, 0, 0, 0 }, /* mv sp, t0 */
	  { 0xfc040113, 64, 0, 0, 0 },
	  { 0x00001137, -1, 0, 0, 0 }, /* lui sp, 1 */
	  { 0xfc040113, 64, 0, 0, 0 },
	  { 0x812a, -1, 0, 0, 0 }, /* mv sp, a0 */
	  { 0x8082, -1, 0, 0, 0 } },
	{ { 0x7141, 496, -1, 0, 0 }, /* addi sp, sp, -496 */
	  { 0x912a, -1, -1, 0, 0 },  /* add sp, sp, a0 */
	  { 0x0800, -1, -1, 0, 0 },  /* s0 is set only while sp is known */
	  { 0x8082, -1, -1, 0, 0 } },
};

START_TEST(each_frame)
{
	const uint64_t begin = syn_sym(m, "last_function");
	const struct frame_step *f = functions[_i];
	struct stk_code_frame got;
	uint64_t at = begin;

	for (size_t i = 0; i < MAX_STEPS && f[i].insn; i++) {
		unsigned int len = (f[i].insn & 3) == 3 ? 4 : 2;

		syn_write(m, at, &f[i].insn, len);
		at += len;
	}
	s = syn_open(m);
	at = begin;
	for (size_t i = 0; i + 1 < MAX_STEPS && f[i + 1].insn; i++) {
		at += (f[i].insn & 3) == 3 ? 4 : 2;
		got = riscv_frame_at(s, at);
		ck_assert_msg(got.known && got.size_known == (f[i].size >= 0) &&
				      (f[i].size < 0 || got.size == f[i].size) &&
				      got.ret == f[i].ret && got.fp == f[i].fp,
			      "row %zu: size %d, ret %d, fp %d", i, got.size, got.ret,
			      got.fp);
		ck_assert_msg(got.has_record == (f[i].record == 0), "row %zu", i);
		ck_assert(!got.has_record || got.record == 0);
	}
	ck_assert(!riscv_frame_at(s, begin + 1).known);
}
END_TEST

/* Code of the start that was freed: whatever lies there now. */
START_TEST(freed_code)
{
	const uint64_t at = syn_sym(m, "_sinittext") + 0x100;
	const uint32_t code[] = { 0xfd010113, 0x02113423, 0x00008067 };

	syn_symbol(m, "init_fn", at);
	syn_symbol(m, "init_fn_end", at + sizeof(code));
	syn_write(m, at, code, sizeof(code));
	syn_symbol(m, "system_state", syn_sym(m, "modules") + 0x900);
	syn_put32(m, syn_sym(m, "system_state"), _i ? 2 : 1);
	s = syn_open(m);
	ck_assert_int_eq(riscv_frame_at(s, at + 8).known, !_i);
}
END_TEST

/* Where CPUs start is before the text; @_i: not by the symbols. */
START_TEST(head_text)
{
	const uint64_t at = syn_sym(m, "_start_kernel") + 0x9c;
	struct stk_name name;

	syn_find_symbol(m, "_text")->addr = at + 0x64;
	syn_find_symbol(m, "_stext")->addr = at + 0x64;
	if (_i)
		syn_no_symbol(m, "_start");
	s = syn_open(m);
	stk_symbolize(s, at, true, &name);
	if (_i) {
		ck_assert_ptr_null(name.function);
	} else {
		ck_assert_str_eq(name.function, "_start_kernel");
		ck_assert_uint_eq(name.offset, 0x9c);
	}
	ck_assert_int_eq(stk_is_image(s, at), !_i);
	ck_assert_int_eq(stk_is_text(s, at), !_i);
	ck_assert(!stk_is_image(s, RV_TEXT - 1));
	ck_assert(stk_is_image(s, RV_TEXT + OTHER_END - 1));
	ck_assert(!stk_is_image(s, RV_TEXT + OTHER_END));
}
END_TEST

/* ---- calls ---- */

static enum stk_call evidence(uint64_t ret, const char *callee, const char **why)
{
	s = syn_open(m);
	return s->arch->call_evidence(s, ret, syn_sym(m, callee) + 0x20, true, why);
}

/* Handlers of exceptions are called by their table, and from the entry code alone. */
START_TEST(only_entry_code_calls)
{
	enum { FIRST, LAST, BEHIND, BEFORE, NO_END, LARGE, EMPTY, LOST };
	const uint64_t table = RV_TEXT + OTHER_DATA + 0x800;
	const uint64_t ret = syn_sym(m, "task_spin") + 0x80;
	const uint64_t entry = syn_sym(m, "handle_exception") + 0x100;
	const bool only = _i <= LAST;
	const char *why;
	char text[160];

	syn_put32(m, ret - 4, 0x000780e7); /* jalr a5 */
	syn_put32(m, entry - 4, 0x000780e7);
	syn_symbol(m, "excp_vect_table", table);
	if (_i != NO_END)
		syn_symbol(m, "excp_vect_table_end",
			   table + (_i == LARGE	  ? 33 * 8
				    : _i == EMPTY ? 0
						  : 32));
	syn_fill(m, table - 8, 48, 0);
	syn_put64(m,
		  table + (_i == LAST	  ? 24
			   : _i == BEHIND ? 32
			   : _i == BEFORE ? -8ull
					  : 0),
		  syn_sym(m, "do_page_fault"));
	if (_i == LOST)
		syn_fail(m, table, STK_ERR_EXCLUDED);
	ck_assert_int_eq(evidence(ret, "do_page_fault", &why),
			 only ? STK_CALL_ELSEWHERE : STK_CALL_CANNOT_TELL);
	ck_assert_int_eq(strstr(why, "only entry code") != NULL, only);
	/* A table that a small dump does not have is no loss. */
	ck_assert(!stk_incomplete(s, 0, text, sizeof(text)));
	ck_assert_int_eq(evidence(entry, "do_page_fault", &why), STK_CALL_CANNOT_TELL);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_CANNOT_TELL);
	syn_put32(m, ret - 4, 0x00000013); /* nop */
	ck_assert_int_eq(evidence(ret, "do_page_fault", &why), STK_CALL_NONE);
}
END_TEST

/* Each kind of call, behind whatever. */
START_TEST(calls)
{
	static const struct {
		unsigned char code[8]; /* that ends at the return address */
		bool call;
		int64_t by;  /* from the return address; 0: by a pointer */
		int reg;     /* that it goes by; -1: none */
		bool traced; /* its return address is in t0 */
	} row[] = {
		{ { 1, 0, 1, 0, 0xef, 0x00, 0x80, 0x00 }, true, 4, -1, false }, /* jal */
		{ { 1, 0, 1, 0, 0xe7, 0x80, 0x07, 0x00 }, true, 0, 15, false }, /* a5 */
		{ { 1, 0, 1, 0, 1, 0, 0x82, 0x97 }, true, 0, 15, false }, /* c.jalr */
		{ { 1, 0, 1, 0, 1, 0, 0x82, 0x92 }, true, 0, 5, false },  /* by t0 */
		/* auipc ra, 1; jalr 8(ra) */
		{ { 0x97, 0x10, 0, 0, 0xe7, 0x80, 0x80, 0 }, true, 0x1000, -1, false },
		/* jal t0; jalr t0, t1; auipc t0, 1; jalr t0, 8(t0) */
		{ { 1, 0, 1, 0, 0xef, 0x02, 0x80, 0x00 }, false, 0, -1, true },
		{ { 1, 0, 1, 0, 0xe7, 0x02, 0x03, 0x00 }, false, 0, 6, true },
		{ { 0x97, 0x12, 0, 0, 0xe7, 0x82, 0x82, 0 }, false, 0, -1, true },
		{ { 1, 0, 1, 0, 0xef, 0x03, 0x80, 0x00 }, false, 0, -1, false }, /* t2 */
		{ { 1, 0, 1, 0, 0x67, 0x80, 0x07, 0x00 }, false, 0, -1, false }, /* jr */
		{ { 1, 0, 1, 0, 1, 0, 0x82, 0x87 }, false, 0, -1, false }, /* c.jr a5 */
		{ { 1, 0, 1, 0, 1, 0, 1, 0 }, false, 0, -1, false },
		/* addi t0, t0, 1: nothing of a call but its register */
		{ { 1, 0, 1, 0, 0x93, 0x82, 0x12, 0x00 }, false, 0, -1, false },
		/* Of four bytes, of which the last two would be c.jalr a5: lui */
		{ { 1, 0, 1, 0, 0xb7, 0x02, 0x82, 0x97 }, true, 0, 15, false },
	};
	const uint64_t ret = syn_sym(m, "task_spin") + 0x82;
	enum riscv_reg reg;
	uint64_t target;

	syn_write(m, ret - 8, row[_i].code, 8);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_before(s, ret, &target), row[_i].call);
	ck_assert_uint_eq(target, row[_i].by ? ret + (uint64_t)row[_i].by : 0);
	ck_assert_int_eq(riscv_called_by(s, ret, &reg), row[_i].reg >= 0);
	if (row[_i].reg >= 0)
		ck_assert_int_eq(reg, row[_i].reg);
	ck_assert_int_eq(riscv_traced(s, ret), row[_i].traced);
	ck_assert(!s->arch->call_before(s, ret + 1, &target));
	ck_assert(!riscv_traced(s, ret + 1));
	ck_assert(!riscv_called_by(s, ret + 1, &reg));
}
END_TEST

/* At the first byte of what is mapped there is less than an instruction before. */
START_TEST(call_at_the_beginning)
{
	static const unsigned char code[8] = { 0xef, 0x00, 0x80, 0x00, 0x82, 0x97 };
	const uint64_t page = m->next_stack;
	uint64_t target;

	syn_map(m, page, syn_alloc(m, 1), 4096);
	syn_write(m, page, code, sizeof(code));
	s = syn_open(m);
	ck_assert(riscv_call_before(s, page + 4, &target));
	ck_assert_uint_eq(target, page + 8);
	ck_assert(riscv_call_before(s, page + 6, &target));
	ck_assert(!riscv_call_before(s, page + 2, &target));
	ck_assert(!riscv_call_before(s, page, &target));
}
END_TEST

START_TEST(breakpoints)
{
	static const struct {
		unsigned char code[4]; /* that ends at the address */
		bool probe;
	} row[] = {
		{ { 0x73, 0x00, 0x10, 0x00 }, true },  /* ebreak */
		{ { 0x01, 0x00, 0x02, 0x90 }, true },  /* c.ebreak */
		{ { 0x02, 0x90, 0x01, 0x00 }, false }, /* one before */
		{ { 0x73, 0x00, 0x00, 0x00 }, false }, /* ecall */
		{ { 0x01, 0x00, 0x82, 0x90 }, false }, /* c.jalr ra */
	};
	const uint64_t at = syn_sym(m, "task_spin") + 0x82;

	/* Without kprobes there is no other who would put one on a call. */
	syn_put32(m, at - 4, 0x00100073);
	s = syn_open(m);
	ck_assert_int_eq(riscv_insns.breakpoint_before(s, at), 0);
	/* Their table is static, and no symbol of some kernels. */
	syn_symbol(m, "register_kprobe", at + 0x100);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_write(m, at - 4, row[i].code, 4);
		s = syn_open(m);
		ck_assert_msg(riscv_insns.breakpoint_before(s, at) == -row[i].probe,
			      "row %zu", i);
	}
	/* No instruction ends at an odd address, whatever lies before it. */
	syn_put32(m, at - 3, 0x00100073);
	s = syn_open(m);
	ck_assert(!riscv_insns.breakpoint_before(s, at + 1));
	syn_put32(m, at - 4, 0x00100073);
	syn_fail(m, at, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert(!riscv_insns.breakpoint_before(s, at));
}
END_TEST

/* Of a kprobe's, not BUG()'s: where the kernel's table of them says so, or cannot be
 * read. */
START_TEST(breakpoints_of_kprobes)
{
	static const struct {
		unsigned char code[4];
		unsigned int len;
	} row[] = { { { 0x73, 0x00, 0x10, 0x00 }, 4 },
		    { { 0x01, 0x00, 0x02, 0x90 }, 2 } };
	const uint64_t at = syn_sym(m, "task_spin") + 0x82, probe = m->next_stack,
		       table = probe + 0x1000, len = row[_i].len;

	syn_write(m, at - 4, row[_i].code, 4);
	syn_put64(m, probe, 0);
	syn_put64(m, table, 0);
	syn_symbol(m, "kprobe_table", table);
	syn_member(m, "kprobe.hlist", 8, 16);
	syn_member(m, "kprobe.addr", 40, 8);
	s = syn_open(m);
	ck_assert(!riscv_insns.breakpoint_before(s, at));
	/* Two are in the last list, the second is ours. */
	syn_put64(m, table + 8 * 63, probe + 0x108);
	syn_put64(m, probe + 0x128, at);
	syn_put64(m, probe + 0x108, probe + 0x208);
	syn_put64(m, probe + 0x228, at - len);
	s = syn_open(m);
	ck_assert(riscv_insns.breakpoint_before(s, at));
	syn_put64(m, probe + 0x228, at - (6 - len));
	s = syn_open(m);
	ck_assert(!riscv_insns.breakpoint_before(s, at));
	/* Behind the last list; a list that goes on elsewhere, or without an end. */
	syn_put64(m, probe + 0x228, 0);
	syn_put64(m, table + 8 * 64, probe + 0x308);
	syn_put64(m, probe + 0x328, at - len);
	s = syn_open(m);
	ck_assert(!riscv_insns.breakpoint_before(s, at));
	syn_put64(m, probe + 0x208, 0x18);
	s = syn_open(m);
	ck_assert(riscv_insns.breakpoint_before(s, at));
	syn_put64(m, probe + 0x208, probe + 0x108);
	s = syn_open(m);
	ck_assert_int_eq(riscv_insns.breakpoint_before(s, at), -1);
	syn_put64(m, probe + 0x208, 0);
	syn_fail(m, table, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(riscv_insns.breakpoint_before(s, at), -1);
}
END_TEST

/* The frame is that before the call, whether it has two bytes or four. */
START_TEST(frame_of_a_call)
{
	const uint64_t at = syn_sym(m, "last_function");
	static const unsigned char code[] = {
		0x79, 0x71,		/* +0: addi sp, sp, -48 */
		0xef, 0x00, 0x80, 0x00, /* +2: jal ra */
		0x41, 0x61,		/* +6: addi sp, sp, 16 */
		0x82, 0x97,		/* +8: c.jalr a5 */
		0x41, 0x11,		/* +10: addi sp, sp, -16 */
		0xe7, 0x80, 0x07, 0x00, /* +12: jalr a5 */
		0x82, 0x80,
	};

	syn_write(m, at, code, sizeof(code));
	s = syn_open(m);
	ck_assert_int_eq(riscv_frame_of_call(s, at + 6).size, 48);
	ck_assert_int_eq(riscv_frame_of_call(s, at + 10).size, 32);
	ck_assert_int_eq(riscv_frame_of_call(s, at + 16).size, 48);
	ck_assert(riscv_frame_of_call(s, at + 16).known);
}
END_TEST

START_TEST(call_evidence)
{
	const uint64_t last = syn_sym(m, "last_function"), spin = syn_sym(m, "task_spin");
	uint64_t ret = rv_call_insn(m, "task_spin", 0x80, "last_function");
	uint32_t by = (uint32_t)(syn_sym(m, "vfs_write") - last - 0x54);
	const uint64_t table = m->next_stack;
	const char *why;

	syn_symbol(m, "kprobe_table", table);
	syn_member(m, "kprobe.hlist", 8, 16);
	syn_member(m, "kprobe.addr", 40, 8);
	syn_fill(m, table, 0x1000, 0);
	syn_put64(m, table, table + 0x808);
	syn_put64(m, table + 0x828, spin + 0x7c);
	syn_put64(m, table + 8, table + 0x908);
	syn_put64(m, table + 0x928, spin + 0x7e);
	ck_assert_int_eq(evidence(ret, "last_function", &why), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_ELSEWHERE);
	ck_assert_int_eq(evidence(ret + 4, "last_function", &why), STK_CALL_NONE);
	/* tail: auipc t1; jalr zero, by(t1) */
	syn_put32(m, last + 0x54, 0x00000317 | ((by + 0x800) & 0xfffff000));
	syn_put32(m, last + 0x58, 0x00030067 | by << 20);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_ELSEWHERE);
	syn_put32(m, last + 0x54, 0x00010001);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_CANNOT_TELL);
	syn_put32(m, spin + 0x7c, 0x90020001); /* c.nop; c.ebreak */
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_CANNOT_TELL);
	ck_assert_ptr_nonnull(strstr(why, "breakpoint"));
	syn_put32(m, spin + 0x7c, 0x00100073); /* ebreak */
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_CANNOT_TELL);
	syn_put64(m, table, 0);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_NONE);
	syn_put64(m, table, 0x18);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(why, "kprobes"));
	ck_assert_int_eq(evidence(syn_sym(m, "ret_from_fork"), "timer_fn", &why),
			 STK_CALL_PUSHED);
	syn_fail(m, spin, STK_ERR_EXCLUDED);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_UNREADABLE);
}
END_TEST

static const struct unit_test code_tests[] = {
	TEST(each_flow),
	TEST(bits_of_a_flow),
	TEST(each_distance),
	TEST(each_change),
	LOOP(each_frame, 5),
	LOOP(freed_code, 2),
	LOOP(head_text, 2),
	LOOP(only_entry_code_calls, 8),
	LOOP(calls, 14),
	TEST(call_at_the_beginning),
	TEST(breakpoints),
	LOOP(breakpoints_of_kprobes, 2),
	TEST(frame_of_a_call),
	TEST(call_evidence),
	{ 0 },
};

const struct unit_suite suite_riscv64_code = {
	"riscv64_code",
	{
		{ "code", code_tests, setup, NULL },
	},
};
