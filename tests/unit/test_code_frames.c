/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is carried along a function's code, and from function to function, on both
 * machines whose calls put the return address into a register: how far that goes, and
 * where nothing can be told.
 */
#include "arm64.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "machine/lost.h"
#include "machine/memory.h"

#include <stdio.h>

#define ROOM 0xa000u /* of the image: where there is no other function */

static struct stk *s;
static uint64_t base;

static void setup_arm64(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
	base = A64_TEXT + ROOM;
}

static void setup_riscv64(void)
{
	fixture_task_of(rv_kernel(RV_SV48));
	base = RV_TEXT + ROOM;
}

/* ---- arm64's code ---- */

#define ADD    0x8b020020u /* add x0, x1, x2 */
#define NOP    0xd503201fu
#define RET    0xd65f03c0u
#define STP_48 0xa9bd7bfdu /* stp x29, x30, [sp, #-48]! */

static void put(uint64_t off, uint32_t insn)
{
	syn_put32(m, base + off, insn);
}

static uint32_t jump(uint32_t code, uint64_t from, uint64_t to)
{
	return code | ((uint32_t)((to - from) / 4) & 0x3ffffff);
}

static void put_b(uint64_t off, uint64_t to)
{
	put(off, jump(0x14000000, off, to));
}

static void function(const char *name, uint64_t off)
{
	syn_symbol(m, name, base + off);
}

/* ---- labels ---- */

/* A function with a frame, and a label at 0x20 in it, with these two words before it. */
static void label_behind(uint32_t first, uint32_t second)
{
	function("whole", 0);
	function("label", 0x20);
	function("next", 0x100);
	put(0, STP_48);
	for (uint64_t off = 4; off < 0x18; off += 4)
		put(off, ADD);
	put(0x18, first);
	put(0x1c, second);
	s = syn_open(m);
}

/* The code before a label leads on to it, or does not. */
START_TEST(label)
{
	static const struct {
		uint32_t before[2];
		bool leads;
	} row[] = {
		{ { ADD, ADD }, true },
		{ { ADD, 0x54000040 }, true },	/* b.eq */
		{ { ADD, 0xb4000040 }, true },	/* cbz x0 */
		{ { ADD, 0x14000002 }, false }, /* b */
		{ { ADD, 0x94000002 }, false }, /* bl: of what does not return */
		{ { ADD, 0xd63f0100 }, false }, /* blr x8 */
		{ { ADD, 0xd61f0100 }, false }, /* br x8 */
		{ { ADD, RET }, false },
		{ { ADD, NOP }, false },
		{ { ADD, 0xd4210000 }, false },			      /* brk #0x800 */
		{ { ADD, 0 }, false },				      /* udf #0 */
		{ { (uint32_t)A64_TEXT, A64_TEXT >> 32 }, false },    /* a pointer */
		{ { (uint32_t)A64_TEXT | 4, A64_TEXT >> 32 }, true }, /* none */
		{ { (uint32_t)A64_TEXT | 1, A64_TEXT >> 32 }, true },
		{ { (uint32_t)A64_TEXT, 0x0000aaaa }, true }, /* user mode's */
	};
	struct stk_code_frame f;

	label_behind(row[_i].before[0], row[_i].before[1]);
	f = arm64_frame_at(s, base + 0x24);
	ck_assert(f.known);
	ck_assert_int_eq(f.size, row[_i].leads ? 48 : 0);
	/* What cannot be read does not lead there. */
	syn_fail(m, base, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert(!arm64_frame_at(s, base + 0x24).known);
}
END_TEST

/* Behind the code before it a kernel of Clang's may have a hash of the label's type. */
START_TEST(label_hash)
{
	static const struct {
		uint32_t last; /* before what may be the hash */
		bool leads;
	} row[] = {
		{ ADD, true },	{ 0x54000040, true },  /* b.eq */
		{ RET, false }, { 0x94000002, false }, /* bl */
		{ NOP, false }, { 0xd4210000, false }, /* brk */
	};
	struct stk_code_frame f;

	label_behind(row[_i].last, ADD);
	/* No other kernel has. */
	ck_assert_int_eq(arm64_frame_at(s, base + 0x24).size, _i == 2 ? 0 : 48);
	function("report_cfi_failure", 0x200);
	s = syn_open(m);
	f = arm64_frame_at(s, base + 0x24);
	ck_assert(f.known);
	ck_assert_int_eq(f.size, row[_i].leads ? 48 : 0);
}
END_TEST

START_TEST(label_riscv64)
{
	static const struct {
		uint32_t before;
		bool leads;
		uint32_t two; /* before that; 0: nothing */
	} row[] = {
		{ 0x00150513, true, 0 },  /* addi a0, a0, 1 */
		{ 0x05050001, true, 0 },  /* c.nop; c.addi a0, 1 */
		{ 0x808207b7, true, 0 },  /* lui: its last two bytes would be c.jr ra */
		{ 0x00b50463, true, 0 },  /* beq */
		{ 0xc5010001, true, 0 },  /* c.nop; c.beqz */
		{ 0x00010505, false, 0 }, /* c.addi; c.nop */
		{ 0x00010001, false, 0 }, /* c.nop; c.nop */
		{ 0x00000013, false, 0 }, /* nop */
		{ 0x00100073, false, 0 }, /* ebreak */
		{ 0x90020505, false, 0 }, /* c.addi; c.ebreak */
		{ 0x0100006f, false, 0 }, /* j */
		{ 0x00130001, false,
		  0 }, /* c.nop; half of an addi, which the label cuts */
		{ 0xa8010505, false, 0 }, /* c.addi; c.j */
		{ 0x008000ef, false, 0 }, /* jal ra */
		{ 0x97820505, false, 0 }, /* c.addi; c.jalr a5 */
		{ 0x80820505, false, 0 }, /* c.addi; c.jr ra */
		/* c.nop; lui a5, 0x30; c.j: its second half and that would be lb */
		{ 0xa8010003, false, 0x07b70001 },
		{ 0x05050003, true, 0x07b70001 }, /* and c.addi */
		/* c.nop; lui a5, 0xef0; c.addi: would be jal ra */
		{ 0x050500ef, true, 0x07b70001 },
	};
	struct stk_code_frame f;

	function("whole", 0);
	function("label", 0x20);
	function("next", 0x100);
	put(0, 0xfd010113); /* addi sp, sp, -48 */
	if (row[_i].two)
		put(0x18, row[_i].two);
	put(0x1c, row[_i].before);
	s = syn_open(m);
	f = riscv_frame_at(s, base + 0x24);
	ck_assert(f.known);
	ck_assert_int_eq(f.size, row[_i].leads ? 48 : 0);
}
END_TEST

/* Pieces are read that end within an instruction, and not more of them than that. */
START_TEST(label_far)
{
	const uint64_t end = (const uint64_t[]){ 0x408, 0x408, 0x4000, 0x4004 }[_i];
	struct stk_code_frame f;

	function("whole", 0);
	function("label", end);
	function("next", end + 0x100);
	put(0, 0xfd010113);
	put(4, 0x07b70001);
	for (uint64_t off = 8; off < end - 4; off += 4)
		put(off, 0x07b70003); /* lui a5, 0x30, from each odd half on */
	put(end - 4, _i == 1 ? 0x05050003 : 0xa8010003); /* c.addi; c.j */
	s = syn_open(m);
	f = riscv_frame_at(s, base + end + 4);
	ck_assert_int_eq(f.known, _i < 3);
	ck_assert_int_eq(f.size, _i == 1 ? 48 : 0);
}
END_TEST

/* A small dump may lack the beginning: that is no loss. */
START_TEST(label_alone)
{
	uint64_t phys;

	function("whole", 0x0);
	function("label", 0x1004);
	function("next", 0x1100);
	put(0x1000, 0x008000ef); /* jal ra; or c.addi4spn */
	syn_fail(m, base, STK_ERR_EXCLUDED);
	s = syn_open(m);
	stk_lost_none(s);
	ck_assert_int_eq(riscv_frame_at(s, base + 0x1008).size, 0);
	ck_assert(riscv_frame_at(s, base + 0x1008).known);
	ck_assert_int_eq(stk_lost_last(s, &phys), STK_OK);
}
END_TEST

/* So many labels in a function, and no more. */
START_TEST(labels)
{
	char name[16];

	function("whole", 0);
	put(0, STP_48);
	for (unsigned int i = 1; i <= 4 + (unsigned int)_i; i++) {
		snprintf(name, sizeof(name), "label%u", i);
		function(name, 0x10 * i);
	}
	function("next", 0x100);
	for (uint64_t off = 4; off < 0xf0; off += 4)
		put(off, ADD);
	s = syn_open(m);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x80).size, _i ? 0 : 48);
}
END_TEST

/* ---- within a function ---- */

/* So many bytes are looked at, the last ones, too. */
START_TEST(long_function)
{
	function("whole", 0);
	function("next", 0x2800);
	put(0, _i ? 0xfd010113 : STP_48);
	s = syn_open(m);
	for (uint64_t off = 0x1ff0; off < 0x2010; off += 4) {
		const struct stk_code_frame f = _i ? riscv_frame_at(s, base + off)
						   : arm64_frame_at(s, base + off);

		ck_assert_int_eq(f.known, off < 0x2000);
		ck_assert_int_eq(f.size, off < 0x2000 ? 48 : 0);
	}
}
END_TEST

/* Each jump backwards costs one more pass through it: eight are made. */
START_TEST(backwards)
{
	const uint64_t jumps = 8 + (uint64_t)_i;

	function("whole", 0);
	function("next", 0x400);
	for (uint64_t off = 8; off < 0x400; off += 4)
		put(off, RET);
	put(0, STP_48);
	put_b(4, 0x20 + 0x20 * jumps);
	for (uint64_t i = 1; i <= jumps; i++)
		put_b(0x20 + 0x20 * i, 0x20 * i);
	s = syn_open(m);
	ck_assert(arm64_frame_at(s, base + 0x40).known);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x40).size, 48);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x20).known, !_i);
	ck_assert(!arm64_frame_at(s, base + 0x24).known);
}
END_TEST

/* The first way that leads to a place tells its frame; jumps out of the function, none.
 */
START_TEST(branches)
{
	function("whole", 0);
	function("next", 0x80);
	for (uint64_t off = 0; off < 0x100; off += 4)
		put(off, RET);
	put(0, 0xb4000000 | 8 << 5); /* cbz x0, to +0x20 */
	put(4, STP_48);
	put(8, 0xb4000000 | 7 << 5);  /* cbz x0, to +0x24 */
	put(12, 0xb4000000 | 5 << 5); /* cbz x0, to +0x20 */
	put_b(16, 0x80);
	put(0x20, ADD);
	put_b(0x24, 0x7c);
	s = syn_open(m);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x10).size, 48);
	ck_assert(arm64_frame_at(s, base + 0x10).known);
	ck_assert(!arm64_frame_at(s, base + 0x14).known);
	ck_assert(arm64_frame_at(s, base + 0x20).known);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x20).size, 0);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x24).size, 48);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x7c).size, 48);
	/* That is another function. */
	ck_assert(arm64_frame_at(s, base + 0x80).known);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x80).size, 0);
}
END_TEST

#define BR     0xd61f0120u /* br x9 */
#define MOV_FP 0x910003fdu /* mov x29, sp */
#define LDP_48 0xa8c37bfdu /* ldp x29, x30, [sp], #48 */
#define SUB_16 0xd10043ffu /* sub sp, sp, #16 */

/*
 * Where a table leads: to what is behind code that does not go on, with the frame of the
 * jump by it. Of two frames neither is told, nor of one that meets another.
 */
START_TEST(table)
{
	static const struct {
		uint32_t at[4]; /* from 0xc on */
		bool known;
	} row[] = {
		{ { ADD, BR, ADD, RET }, true },
		{ { BR, BR, ADD, RET }, true }, /* the second is behind the first */
		{ { 0xb4000040, BR, SUB_16, BR },
		  false },			     /* cbz, to SUB_16: two frames */
		{ { LDP_48, BR, ADD, RET }, false }, /* a call at the end */
		{ { ADD, RET, ADD, RET }, false },   /* no table */
		{ { ADD, 0x94000002, ADD, RET }, false },
	};
	struct stk_code_frame f;

	function("whole", 0);
	function("next", 0x80);
	for (uint64_t off = 0; off < 0x100; off += 4)
		put(off, ADD);
	put(0, STP_48);
	put(4, MOV_FP);
	for (unsigned int i = 0; i < 4; i++)
		put(0xc + 4 * i, row[_i].at[i]);
	put(0x30, RET);
	put(0x7c, RET);
	s = syn_open(m);
	f = arm64_frame_at(s, base + 0x20);
	ck_assert_int_eq(f.known, row[_i].known);
	ck_assert_int_eq(f.has_record, row[_i].known);
	ck_assert_int_eq(f.size, row[_i].known ? 48 : 0);
	/* Behind what is reached so, too; not behind the function. */
	ck_assert_int_eq(arm64_frame_at(s, base + 0x38).known, row[_i].known);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x84).size, 0);
	/* It leads to code that has another frame. */
	put_b(0x28, 4);
	s = syn_open(m);
	ck_assert(!arm64_frame_at(s, base + 0x20).known);
}
END_TEST

/* A function at the beginning of a page: what is before it may be missing. */
START_TEST(nothing_before)
{
	function("whole", 0x800);
	function("label", 0x1000);
	function("next", 0x1100);
	put(0xffc, ADD);
	put(0x1000, STP_48);
	put(0x1004, ADD);
	syn_fail(m, base, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert(arm64_frame_at(s, base + 0x1004).known);
	ck_assert_int_eq(arm64_frame_at(s, base + 0x1004).size, 48);
}
END_TEST

/* A stack pointer above that of the call: it is no function's that is told so. */
START_TEST(unsound)
{
	function("whole", 0);
	function("next", 0x80);
	put(0, 0x910183ff); /* add sp, sp, #96 */
	put(4, 0x910003fd); /* mov x29, sp */
	put(8, 0xd10183ff); /* sub sp, sp, #96 */
	s = syn_open(m);
	ck_assert(arm64_frame_at(s, base).known);
	ck_assert(!arm64_frame_at(s, base + 4).known);
	ck_assert(!arm64_frame_at(s, base + 8).known);
	/* The record above is no frame's either. */
	ck_assert(!arm64_frame_at(s, base + 12).known);
}
END_TEST

/* The same on the other machine, of each place that it knows; at the edge it is one. */
START_TEST(unsound_riscv64)
{
	static const struct {
		uint32_t insn;
		bool known;
	} row[] = {
		{ 0x01010113, false }, /* addi sp, sp, 16 */
		{ 0x01010413, false }, /* addi s0, sp, 16 */
		{ 0x00113423, false }, /* sd ra, 8(sp) */
		{ 0x00813423, false }, /* sd s0, 8(sp) */
		{ 0x00010413, true },  /* addi s0, sp, 0 */
		{ 0x00113023, true },  /* sd ra, 0(sp) */
		{ 0x00813023, true },  /* sd s0, 0(sp) */
		{ 0xff010113, true },  /* addi sp, sp, -16 */
	};

	function("whole", 0);
	function("next", 0x80);
	put(0, row[_i].insn);
	s = syn_open(m);
	ck_assert(riscv_frame_at(s, base).known);
	ck_assert_int_eq(riscv_frame_at(s, base + 4).known, row[_i].known);
}
END_TEST

/* What pushes to a shadow call stack, and what only looks like it. */
START_TEST(pushes_riscv64)
{
	static const struct {
		uint32_t insn;
		int shadow;
	} row[] = {
		{ 0x00818193, 8 },  /* addi gp, gp, 8 */
		{ 0xff818193, -8 }, /* addi gp, gp, -8 */
		{ 0x01018193, 0 },  /* addi gp, gp, 16 */
		{ 0x00850193, 0 },  /* addi gp, a0, 8 */
		{ 0x01050193, 0 },  /* addi gp, a0, 16 */
		{ 0x00818513, 0 },  /* addi a0, gp, 8 */
		{ 0x00850513, 0 },  /* addi a0, a0, 8 */
	};

	function("whole", 0);
	function("next", 0x80);
	put(0, row[_i].insn);
	s = syn_open(m);
	ck_assert(riscv_frame_at(s, base + 4).known);
	ck_assert_int_eq(riscv_frame_at(s, base + 4).shadow, row[_i].shadow);
}
END_TEST

/* A stack pointer that is computed is not known, whatever register it comes from. */
START_TEST(computed_riscv64)
{
	const uint32_t rd = (const uint32_t[]){ 1, 2, 3, 10 }[_i];

	function("whole", 0);
	function("next", 0x80);
	for (uint32_t rs = 1; rs < 32; rs++)
		for (uint32_t add = 0; add < 2; add++) {
			struct stk_code_frame f;

			/* c.mv or c.add; c.nop */
			put(0, 0x00018002 | add << 12 | rd << 7 | rs << 2);
			s = syn_open(m);
			f = riscv_frame_at(s, base + 2);
			ck_assert(f.known);
			/* By itself it stays what it is. */
			ck_assert_msg(f.size_known == (rd != 2 || (rs == 2 && !add)),
				      "%x, %x", rd, rs);
		}
}
END_TEST

/* Of a label between instructions the code before it does not tell. */
START_TEST(label_at_no_instruction)
{
	function("whole", 0);
	function("label", 0x21);
	function("next", 0x100);
	put(0x1d, 0x0100006f); /* j, or what ends in c.addi4spn */
	s = syn_open(m);
	ck_assert(riscv_frame_at(s, base + 0x10).known);
	ck_assert(!riscv_frame_at(s, base + 0x30).known);
}
END_TEST

/* What could not be read because the user wants to stop is asked once more. */
START_TEST(stopped)
{
	function("whole", 0);
	function("next", 0x1000);
	function("other", 0x1100);
	function("end", 0x1200);
	put(0, STP_48);
	put(0x1100, STP_48);
	s = syn_open(m);
	ck_assert(arm64_frame_at(s, base + 4).known);
	m->interrupt = true;
	ck_assert(!arm64_frame_at(s, base + 0x1104).known);
	m->interrupt = false;
	ck_assert(arm64_frame_at(s, base + 0x1104).known);
	/* Where there is no code, there is none. */
	for (uint64_t ip = 0; ip < 0x2000; ip += 0x7fc)
		ck_assert(!arm64_frame_at(s, ip).known);
	ck_assert(!arm64_frame_at(s, A64_TEXT + OTHER_DATA).known);
}
END_TEST

/* ---- from function to function ---- */

#define GOAL 0x4800u

static enum stk_call evidence(void)
{
	const char *why;

	stk_forget_memory(s);
	return s->arch->call_evidence(s, syn_sym(m, "task_spin") + 0x80,
				      base + GOAL + 0x20, true, &why);
}

/* task_spin() calls the function at @base, which ends at @size. */
static void called_function(uint64_t size)
{
	function("called", 0);
	function("behind", size);
	function("middle", size + 0x80);
	function("goal", GOAL);
	function("after", GOAL + 0x100);
	function("end", GOAL + 0x180);
	syn_put32(m, syn_sym(m, "task_spin") + 0x7c,
		  jump(0x94000000, syn_sym(m, "task_spin") + 0x7c, base));
	put(size - 4, RET);
	put(size + 0x7c, RET);
	put(GOAL - 4, RET);
	s = syn_open(m);
}

/* The C code of an entry is called by that alone: not by a pointer from elsewhere. */
START_TEST(only_entry_code_calls)
{
	static const struct {
		const char *callee;
		bool only;
	} row[] = {
		{ "el1h_64_irq_handler", true }, /* which the kernel has */
		{ "el0_other_handler", true },	 { "el1_other_handler", true },
		{ "el2_other_handler", false },	 { "el1_other_hand1er", false },
		{ "el1_handlers", false },	 { "_handler", false },
		{ "other_el1_handler", false },
	};
	const uint64_t ret = syn_sym(m, "task_spin") + 0x80;
	const uint64_t entry = syn_sym(m, "el1h_64_irq") + 0x70;
	const char *why;
	uint64_t callee;

	if (_i)
		function(row[_i].callee, 0);
	function("next", 0x200);
	callee = syn_sym(m, row[_i].callee) + 0x10;
	syn_put32(m, ret - 4, 0xd63f0120); /* blr x9 */
	syn_put32(m, entry - 4, 0xd63f0120);
	s = syn_open(m);
	for (unsigned int exact = 0; exact < 2; exact++) {
		ck_assert_int_eq(s->arch->call_evidence(s, ret, callee, exact, &why),
				 row[_i].only ? STK_CALL_ELSEWHERE
					      : STK_CALL_CANNOT_TELL);
		ck_assert_ptr_nonnull(why);
		ck_assert_int_eq(strstr(why, "only entry code") != NULL, row[_i].only);
		ck_assert_int_eq(s->arch->call_evidence(s, entry, callee, exact, &why),
				 STK_CALL_CANNOT_TELL);
	}
	/* A call that is none, and one that names another, are told as before. */
	syn_put32(m, ret - 4, NOP);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_evidence(s, ret, callee, true, &why),
			 STK_CALL_NONE);
}
END_TEST

/* Wherever it jumps, of what is read piece by piece. */
START_TEST(jumps_anywhere)
{
	called_function(0x800);
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
	for (uint64_t off = 0; off < 0x800; off += 4) {
		put_b(off, GOAL);
		ck_assert_msg(evidence() == STK_CALL_REACHES, "%llx",
			      (unsigned long long)off);
		put(off, off == 0x7fc ? RET : NOP);
	}
}
END_TEST

/* The same of two instructions, and of any two bytes: auipc t1; jalr t1. */
START_TEST(jumps_anywhere_riscv64)
{
	function("called", 0);
	function("behind", 0x400);
	function("goal", GOAL);
	function("after", GOAL + 0x100);
	rv_call_insn(m, "task_spin", 0x80, "called");
	put(0x3fc, 0x80820001); /* c.nop; c.jr ra */
	s = syn_open(m);
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
	for (uint64_t off = 0; off < 0x3f4; off += 2) {
		const uint32_t by = (uint32_t)(GOAL - off);

		put(off, 0x00000317 | ((by + 0x800) & 0xfffff000));
		put(off + 4, 0x00030067 | by << 20);
		ck_assert_msg(evidence() == STK_CALL_REACHES, "%llx",
			      (unsigned long long)off);
		put(off, 0x00010001);
		put(off + 4, 0x00010001);
	}
	/* An instruction that the next function cuts off. */
	syn_symbol(m, "behind", base + 0x3fe);
	put(0x3fc, 0x00150513);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), STK_CALL_CANNOT_TELL);
}
END_TEST

/* To where: any place in that function, none beside it, none in its own. */
START_TEST(targets)
{
	static const struct {
		uint64_t to;
		enum stk_call want;
	} row[] = {
		{ GOAL, STK_CALL_REACHES },
		{ GOAL + 4, STK_CALL_REACHES },
		{ GOAL + 0xfc, STK_CALL_REACHES },
		{ GOAL + 0x100, STK_CALL_ELSEWHERE },
		{ 0, STK_CALL_ELSEWHERE },
		{ 0x10, STK_CALL_ELSEWHERE },
		{ 0x7c, STK_CALL_ELSEWHERE },
		{ 0x80, STK_CALL_ELSEWHERE },
		{ 1ull << 27, STK_CALL_CANNOT_TELL }, /* nothing has a name there */
	};

	called_function(0x80);
	put(GOAL + 0x17c, RET);
	put_b(0x20, row[_i].to == 1ull << 27 ? row[_i].to - 4 : row[_i].to);
	ck_assert_int_eq(evidence(), row[_i].want);
}
END_TEST

/* However often it jumps within itself, that is no other function. */
START_TEST(jumps_within)
{
	called_function(0x80);
	for (uint64_t off = 0; off < 0x78; off += 4)
		put(off, 0x54000040); /* b.eq, over the next */
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
	put_b(0x74, GOAL);
	ck_assert_int_eq(evidence(), STK_CALL_REACHES);
}
END_TEST

/* It ends without one, and the next function is where it goes on. */
START_TEST(falls_off_the_end)
{
	static const struct {
		uint32_t last;
		bool on;
	} row[] = {
		{ ADD, true },
		{ 0x54ffffe0, true }, /* b.eq, back */
		{ RET, false },
		{ 0x94000000, false }, /* bl: what does not return */
		{ 0x17ffffff, false }, /* b, back */
	};

	called_function(0x80);
	put(0x7c, row[_i].last);
	put_b(0x80, GOAL);
	ck_assert_int_eq(evidence(), row[_i].on ? STK_CALL_REACHES : STK_CALL_ELSEWHERE);
}
END_TEST

/* A hash of the next function's type leads nowhere, whatever it looks like. */
START_TEST(ends_in_a_hash)
{
	const uint32_t hash = _i & 1 ? jump(0x14000000, 0x7c, GOAL) : ADD;

	called_function(0x80);
	put(0x78, _i & 2 ? ADD : RET);
	put(0x7c, hash);
	put_b(0x80, GOAL);
	ck_assert_int_eq(evidence(), STK_CALL_REACHES);
	function("report_cfi_failure", 0x200);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), _i & 2 ? STK_CALL_REACHES : STK_CALL_ELSEWHERE);
}
END_TEST

/* So many functions one behind the other, and no more; one that it has seen ends it. */
START_TEST(many_functions)
{
	const uint64_t nr = 16 + (uint64_t)_i;
	char name[16];

	called_function(0x20);
	for (uint64_t i = 1; i < nr; i++) {
		snprintf(name, sizeof(name), "f%u", (unsigned int)i);
		function(name, 0x20 * i);
	}
	function("last", 0x20 * nr);
	for (uint64_t i = 0; i < nr; i++) {
		put_b(0x20 * i, i + 1 < nr ? 0x20 * (i + 1) : GOAL);
		put(0x20 * i + 0x1c, RET);
	}
	s = syn_open(m);
	ck_assert_int_eq(evidence(), _i ? STK_CALL_CANNOT_TELL : STK_CALL_REACHES);
	put_b(0x20 * 3, 0x20 * 2);
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
	put_b(0x20 * 3, 0);
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
}
END_TEST

/* And none longer than that: what is behind it is not known to be reached. */
START_TEST(longest_function)
{
	called_function(0x4000 + 4 * (uint64_t)_i);
	put(0x4000 + 4 * (uint64_t)_i + 0x7c, ADD);
	put_b(0x4000 + 4 * (uint64_t)_i + 0x20, GOAL);
	ck_assert_int_eq(evidence(), _i ? STK_CALL_CANNOT_TELL : STK_CALL_ELSEWHERE);
	/* What is behind that is not looked at. */
	if (_i) {
		put_b(0x4000, GOAL);
		ck_assert_int_eq(evidence(), STK_CALL_CANNOT_TELL);
	}
	put_b(0x4000 - 4, GOAL);
	ck_assert_int_eq(evidence(), STK_CALL_REACHES);
}
END_TEST

/* Where it jumps into the middle of a function, what is before that does not run. */
START_TEST(jump_into_the_middle)
{
	called_function(0x800);
	put_b(0x20, 0x840 + (_i ? 0x30 : 0));
	put_b(0x860, GOAL);
	ck_assert_int_eq(evidence(), _i ? STK_CALL_ELSEWHERE : STK_CALL_REACHES);
}
END_TEST

START_TEST(unreadable)
{
	called_function(0x1800);
	ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
	syn_fail(m, base + 0x1000, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), STK_CALL_UNFOLLOWED);
	/* A jump by a register may lead there, whatever cannot be read. */
	put(0x20, 0xd61f0100);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), STK_CALL_CANNOT_TELL);
	/* What was found before tells enough. */
	put_b(0x20, GOAL);
	ck_assert_int_eq(evidence(), STK_CALL_REACHES);
}
END_TEST

/*
 * What a small dump left out of a page reads as zeros. Behind what does not run on they
 * are padding, and the function has ended.
 */
START_TEST(blank)
{
	static const struct {
		uint32_t before;
		enum stk_call call;
	} row[] = {
		{ 0x8b000000, STK_CALL_UNFOLLOWED },  /* add x0, x0, x0 */
		{ 0x94000000, STK_CALL_UNFOLLOWED },  /* bl */
		{ 0x54000040, STK_CALL_UNFOLLOWED },  /* b.eq */
		{ 0x14000002, STK_CALL_ELSEWHERE },   /* b */
		{ 0xd61f0100, STK_CALL_CANNOT_TELL }, /* br */
		{ RET, STK_CALL_ELSEWHERE },	      { NOP, STK_CALL_ELSEWHERE },
	};

	called_function(0x80);
	put(0x40, row[_i].before);
	put(0x44, 0);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), row[_i].call);
	/* Code is there that jumps elsewhere, or none at all. */
	put(0x44, NOP);
	s = syn_open(m);
	ck_assert_int_ne(evidence(), STK_CALL_UNFOLLOWED);
	put(0, 0);
	s = syn_open(m);
	ck_assert_int_eq(evidence(), STK_CALL_UNFOLLOWED);
}
END_TEST

/* ---- what a return address says ---- */

/* Addresses that no call made, but the kernel: the first bytes of these. */
START_TEST(made)
{
	static const char *const name[] = {
		"ret_from_fork",	  "ret_from_fork_kernel_asm",
		"ret_from_fork_user_asm", "kretprobe_trampoline",
		"__kretprobe_trampoline", "arch_rethook_trampoline",
		"return_to_handler",
	};
	const char *why;

	if (syn_find_symbol(m, name[_i]))
		syn_no_symbol(m, name[_i]);
	function(name[_i], 0);
	function("goal", GOAL);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_evidence(s, base, base + GOAL, true, &why),
			 STK_CALL_PUSHED);
	ck_assert_ptr_nonnull(why);
	ck_assert_int_eq(s->arch->call_evidence(s, base + 4, base + GOAL, true, &why),
			 STK_CALL_NONE);
	/* A call of that before it is one. */
	put(-4ull, jump(0x94000000, -4ull, GOAL));
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_evidence(s, base, base + GOAL, true, &why),
			 STK_CALL_REACHES);
	ck_assert_ptr_null(why);
}
END_TEST

/* Code of the start that was freed says nothing, unless it still says what is right. */
START_TEST(freed)
{
	static const struct {
		uint32_t before;
		bool unreadable;
		enum stk_call freed, kept;
	} row[] = {
		{ NOP, false, STK_CALL_FREED, STK_CALL_NONE },
		{ 0x94000004, false, STK_CALL_FREED, STK_CALL_ELSEWHERE },   /* bl */
		{ 0xd63f0100, false, STK_CALL_FREED, STK_CALL_CANNOT_TELL }, /* blr */
		{ 0xd4200080, false, STK_CALL_FREED, STK_CALL_CANNOT_TELL }, /* brk */
		{ 0, false, STK_CALL_REACHES, STK_CALL_REACHES },	     /* bl goal */
		{ NOP, true, STK_CALL_FREED, STK_CALL_UNREADABLE },
	};
	const uint64_t init = A64_TEXT + 0x40000, ret = init + 0x100;
	const char *why;
	uint64_t phys;

	syn_symbol(m, "init_fn", init);
	syn_symbol(m, "init_fn_end", init + 0x200);
	function("goal", GOAL);
	function("after", GOAL + 0x80);
	put(GOAL + 0x7c, RET);
	for (uint64_t at = init; at < init + 0x200; at += 4)
		syn_put32(m, at, RET);
	syn_put32(m, ret - 4,
		  row[_i].before ? row[_i].before
				 : jump(0x94000000, ret - 4, base + GOAL));
	syn_symbol(m, "system_state", syn_sym(m, "modules") + 0x900);
	if (row[_i].unreadable)
		syn_fail(m, ret - 4, STK_ERR_EXCLUDED);
	for (uint32_t state = 1; state <= 2; state++) {
		syn_put32(m, syn_sym(m, "system_state"), state);
		s = syn_open(m);
		stk_lost_none(s);
		ck_assert_int_eq(s->arch->call_evidence(s, ret, base + GOAL, true, &why),
				 state == 2 ? row[_i].freed : row[_i].kept);
		/* makedumpfile leaves out what is free: that is no loss. */
		ck_assert_int_eq(stk_lost_last(s, &phys) != STK_OK,
				 row[_i].unreadable && state == 1);
	}
}
END_TEST

/* What is called was freed: whatever is there now, it may have led anywhere. */
START_TEST(freed_callee)
{
	const uint64_t init = A64_TEXT + 0x40000;

	syn_symbol(m, "init_fn", init);
	syn_symbol(m, "init_fn_end", init + 0x200);
	called_function(0x80);
	for (uint64_t at = init; at < init + 0x200; at += 4)
		syn_put32(m, at, RET);
	syn_put32(m, syn_sym(m, "task_spin") + 0x7c,
		  jump(0x94000000, syn_sym(m, "task_spin") + 0x7c, init));
	syn_symbol(m, "system_state", syn_sym(m, "modules") + 0x900);
	for (uint32_t state = 1; state <= 2; state++) {
		syn_put32(m, syn_sym(m, "system_state"), state);
		s = syn_open(m);
		ck_assert_int_eq(evidence(),
				 state == 2 ? STK_CALL_CANNOT_TELL : STK_CALL_ELSEWHERE);
	}
}
END_TEST

/* Between instructions no return address is, and nothing is read to tell that. */
START_TEST(odd_addresses)
{
	static const struct {
		uint64_t off;
		enum stk_status fail;
		enum stk_call call;
		const char *why;
	} row[] = {
		{ 6, STK_ERR_EXCLUDED, STK_CALL_NONE, "no call ends before it" },
		{ 8, STK_ERR_EXCLUDED, STK_CALL_UNREADABLE,
		  "the code before it cannot be read" },
		{ 8, STK_ERR_UNMAPPED, STK_CALL_NONE, "no code is mapped before it" },
		{ 8, STK_OK, STK_CALL_NONE, "no call ends before it" },
	};
	const char *why;

	function("goal", GOAL);
	if (row[_i].fail == STK_ERR_UNMAPPED)
		syn_unmap(m, base);
	else if (row[_i].fail)
		syn_fail(m, base, row[_i].fail);
	s = syn_open(m);
	ck_assert_int_eq(
		s->arch->call_evidence(s, base + row[_i].off, base + GOAL, true, &why),
		row[_i].call);
	ck_assert_str_eq(why, row[_i].why);
}
END_TEST

/* Each answer of a call has its own words, and the one that proves has none. */
START_TEST(words_of_calls)
{
	static const struct {
		uint32_t insn; /* 0: calls @target */
		uint64_t target;
		enum stk_call call;
		const char *why;
	} row[] = {
		{ 0, GOAL, STK_CALL_REACHES, NULL },
		{ 0, 0x2000, STK_CALL_ELSEWHERE, NULL },
		{ 0, 0x3000, STK_CALL_CANNOT_TELL,
		  "the called code may jump there by a register" },
		{ 0, 0x1000, STK_CALL_UNFOLLOWED, "the called function cannot be read" },
		{ 0xd63f0100, 0, STK_CALL_CANNOT_TELL, "the call before it is indirect" },
		{ 0xd4200080, 0, STK_CALL_CANNOT_TELL,
		  "a breakpoint is on the call before it" },
		{ NOP, 0, STK_CALL_NONE, "no call ends before it" },
	};
	const char *why = "";

	for (uint64_t off = 0x1000; off <= 0x4000; off += 0x1000) {
		char name[16];

		snprintf(name, sizeof(name), "at_%x", (unsigned int)off);
		function(name, off);
		put(off, off == 0x3000 ? 0xd61f0100 : RET);
		snprintf(name, sizeof(name), "end_%x", (unsigned int)off);
		function(name, off + 4);
	}
	function("goal", GOAL);
	function("after", GOAL + 0x100);
	put(8, row[_i].insn ? row[_i].insn : jump(0x94000000, 8, row[_i].target));
	syn_fail(m, base + 0x1000, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_evidence(s, base + 12, base + GOAL, true, &why),
			 row[_i].call);
	ck_assert_pstr_eq(why, row[_i].why);
	/* Nothing has a name where it would have been called. */
	if (!row[_i].insn) {
		ck_assert_int_eq(s->arch->call_evidence(s, base + 12, 0x1000, true, &why),
				 STK_CALL_CANNOT_TELL);
		ck_assert_str_eq(why, "nothing names the called code");
	}
}
END_TEST

/* The last two bytes are zeros: that may be an instruction, which no code runs. */
START_TEST(short_of_blank)
{
	for (uint64_t end = 0x3e; end < 0x140; end += 0x40) {
		function("called", 0);
		function("behind", end);
		function("goal", GOAL);
		function("after", GOAL + 0x100);
		rv_call_insn(m, "task_spin", 0x80, "called");
		for (uint64_t off = 0; off < end; off += 2)
			put(off, 0x00010505); /* c.addi; c.nop */
		/* auipc: zeros, where a piece that is read before has what is behind it.
		 */
		put(4, 0x00000517);
		put(0xfe, 0x00000517);
		put(0x102, 0x00010505);
		function("middle", end + 2);
		put(end - 2, 0x80820000); /* and behind it c.jr ra */
		s = syn_open(m);
		ck_assert_int_eq(evidence(), STK_CALL_ELSEWHERE);
		/* Twice as many are what is missing. */
		put(end - 4, 0);
		s = syn_open(m);
		ck_assert_int_eq(evidence(), STK_CALL_UNFOLLOWED);
		syn_no_symbol(m, "called");
		syn_no_symbol(m, "behind");
		syn_no_symbol(m, "middle");
		syn_no_symbol(m, "goal");
		syn_no_symbol(m, "after");
	}
}
END_TEST

/* The callee's address may be behind its last call: it is of the byte before. */
START_TEST(callee_address)
{
	const char *why;

	called_function(0x80);
	put_b(0x20, GOAL);
	put(GOAL + 0xfc, RET);
	for (int exact = 0; exact < 2; exact++)
		for (uint64_t by = 0; by <= 0x101; by += by == 1 ? 0xff : 1) {
			const bool in = exact ? by < 0x100 : by >= 1 && by <= 0x100;

			ck_assert_int_eq(
				s->arch->call_evidence(s, syn_sym(m, "task_spin") + 0x80,
						       base + GOAL + by, exact,
						       &why) == STK_CALL_REACHES,
				in);
		}
}
END_TEST

static const struct unit_test arm64_tests[] = {
	LOOP(made, 7),
	LOOP(freed, 6),
	TEST(freed_callee),
	LOOP(odd_addresses, 4),
	LOOP(words_of_calls, 7),
	TEST(callee_address),
	LOOP(label, 15),
	LOOP(label_hash, 6),
	LOOP(labels, 2),
	RANGE(long_function, 0, 1),
	LOOP(backwards, 2),
	TEST(branches),
	LOOP(table, 6),
	TEST(nothing_before),
	TEST(unsound),
	TEST(stopped),
	TEST(jumps_anywhere),
	LOOP(targets, 9),
	LOOP(only_entry_code_calls, 8),
	TEST(jumps_within),
	LOOP(falls_off_the_end, 5),
	LOOP(ends_in_a_hash, 4),
	LOOP(many_functions, 2),
	LOOP(longest_function, 2),
	LOOP(jump_into_the_middle, 2),
	TEST(unreadable),
	LOOP(blank, 7),
	{ 0 },
};

static const struct unit_test riscv64_tests[] = {
	TEST(short_of_blank),
	LOOP(unsound_riscv64, 8),
	LOOP(pushes_riscv64, 7),
	LOOP(computed_riscv64, 4),
	TEST(label_at_no_instruction),
	LOOP(label_riscv64, 19),
	LOOP(label_far, 4),
	TEST(label_alone),
	RANGE(long_function, 1, 2),
	TEST(jumps_anywhere_riscv64),
	{ 0 },
};

const struct unit_suite suite_code_frames = {
	"code_frames",
	{
		{ "arm64", arm64_tests, setup_arm64, NULL },
		{ "riscv64", riscv64_tests, setup_riscv64, NULL },
	},
};
