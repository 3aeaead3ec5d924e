/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read out of arm64's code: where an instruction leads, what a function
 * has done to its stack by then, what a call before a return address says, and what an
 * instruction is about to work on. The encodings are the assembler's.
 */
#include "arm64.h"
#include "fixture.h"
#include "other_expect.h"
#include "suite.h"

#include "arch/arm64/insn.h"
#include "base/context.h"
#include "kernel/layout.h"
#include "machine/memory.h"

#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
	s = syn_open(m);
}

/* ---- where they lead ---- */

static const struct {
	uint32_t insn;
	enum stk_flow flow;
	int64_t by; /* to where; 0: it alone does not tell */
} flows[] = {
	{ 0x94000001, STK_FLOW_CALL, 4 },     /* bl */
	{ 0x97ffffff, STK_FLOW_CALL, -4 },    /* bl */
	{ 0x14000002, STK_FLOW_JUMP, 8 },     /* b */
	{ 0x17fffffe, STK_FLOW_JUMP, -8 },    /* b */
	{ 0x54000040, STK_FLOW_JUMP_IF, 8 },  /* b.eq */
	{ 0x54000050, STK_FLOW_JUMP_IF, 8 },  /* bc.eq */
	{ 0xb4000040, STK_FLOW_JUMP_IF, 8 },  /* cbz x0 */
	{ 0x35ffffe0, STK_FLOW_JUMP_IF, -4 }, /* cbnz w0 */
	{ 0x36000040, STK_FLOW_JUMP_IF, 8 },  /* tbz w0, #0 */
	{ 0xb7ffffe0, STK_FLOW_JUMP_IF, -4 }, /* tbnz x0, #63 */
	{ 0xd61f0200, STK_FLOW_JUMP_REG, 0 }, /* br x16 */
	{ 0xd71f0a11, STK_FLOW_JUMP_REG, 0 }, /* braa x16, x17 */
	{ 0xd63f0100, STK_FLOW_CALL_REG, 0 }, /* blr x8 */
	{ 0xd73f0911, STK_FLOW_CALL_REG, 0 }, /* blraa x8, x17 */
	{ 0xd63f081f, STK_FLOW_CALL_REG, 0 }, /* blraaz x0 */
	{ 0xd65f03c0, STK_FLOW_RETURN, 0 },   /* ret */
	{ 0xd65f0bff, STK_FLOW_RETURN, 0 },   /* retaa */
	{ 0xd65f0fff, STK_FLOW_RETURN, 0 },   /* retab */
	{ 0xd69f03e0, STK_FLOW_RETURN, 0 },   /* eret */
	{ 0xd503201f, STK_FLOW_NEXT, 0 },     /* nop */
	{ 0xd503233f, STK_FLOW_NEXT, 0 },     /* paciasp */
	{ 0xd4200080, STK_FLOW_NEXT, 0 },     /* brk #4 */
	{ 0xd4000001, STK_FLOW_NEXT, 0 },     /* svc #0 */
	{ 0x10000020, STK_FLOW_NEXT, 0 },     /* adr x0 */
	{ 0x8b020020, STK_FLOW_NEXT, 0 },     /* add x0, x1, x2 */
};

START_TEST(each_flow)
{
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		uint64_t target,
			want = flows[i].by ? A64_TEXT + (uint64_t)flows[i].by : 0;

		ck_assert_msg(arm64_flow(flows[i].insn, A64_TEXT, &target) ==
					      flows[i].flow &&
				      target == want,
			      "row %zu: %llx", i, (unsigned long long)target);
	}
}
END_TEST

/* Whatever they lead to, and whether they may stand between functions. */
static bool same_flow(uint32_t insn, uint32_t flipped)
{
	struct stk_insn a, b;

	a = arm64_insns.decode((const void *)&insn, 0, 4, A64_TEXT, NULL);
	b = arm64_insns.decode((const void *)&flipped, 0, 4, A64_TEXT, NULL);
	ck_assert_uint_eq(a.len, 4);
	return a.flow == b.flow && a.target == b.target && a.padding == b.padding;
}

START_TEST(bits_of_a_flow)
{
	static const struct {
		uint32_t insn, decide, free;
	} row[] = {
		{ 0x94000001, BITS(31, 0), 0 },		  /* bl */
		{ 0x14000002, BITS(31, 0), 0 },		  /* b */
		{ 0x54000040, BITS(31, 5), BITS(4, 0) },  /* b.eq, bc.eq */
		{ 0xb4080040, 0x7effffe0, 0x8100001f },	  /* cbz x0, cbnz, w0 */
		{ 0x36080040, 0x7e07ffe0, 0x81f8001f },	  /* tbz w0, #1, tbnz, x0 */
		{ 0xd61f0200, 0xfefff000, BITS(11, 0) },  /* br x16 */
		{ 0xd71f0a11, 0xfefff000, BITS(9, 0) },	  /* braa x16, x17 */
		{ 0xd63f0100, 0xfefff000, BITS(11, 0) },  /* blr x8 */
		{ 0xd65f03c0, 0xfefff000, BITS(11, 10) }, /* ret, retaa, retab */
		{ 0xd69f03e0, 0xfefff000, BITS(11, 10) }, /* eret */
		{ 0xd503201f, BITS(31, 0), 0 },		  /* nop */
		{ 0xd4200080, 0xffe0001f, BITS(20, 5) },  /* brk #4 */
		{ 0x00000000, BITS(31, 0), 0 },		  /* udf #0 */
		{ 0x8b020020, 0, BITS(20, 0) },		  /* add x0, x1, x2 */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		other_flip_bits(i, row[i].insn, 32, row[i].decide, row[i].free,
				same_flow);
}
END_TEST

/* With a byte less than four there is none. */
START_TEST(cut_off)
{
	const uint32_t code[] = { 0xd503201f, 0x94000001 };
	const unsigned char *byte = (const void *)code;
	struct stk_insn insn;

	for (size_t len = 4; len < 8; len++)
		ck_assert_uint_eq(arm64_insns.decode(byte, 4, len, A64_TEXT, NULL).len,
				  0);
	insn = arm64_insns.decode(byte, 4, 8, A64_TEXT, NULL);
	ck_assert_uint_eq(insn.len, 4);
	ck_assert_uint_eq(insn.target, A64_TEXT + 8);
}
END_TEST

/* ---- frames ---- */

/* Frames to begin with, and what @insn makes of them. -1: not known; no record. */
enum begin { PLAIN, RECORD, COMPUTED };

static const struct {
	uint32_t insn;
	enum begin begin;
	int32_t size, record;
	uint32_t decide, free;
} changes[] = {
	/* stp x29, x30, [sp, #-48]! */
	{ 0xa9bd7bfd, RECORD, 256 + 48, 240, 0xbeff83e0, 0x01007c1f },
	/* stp q0, q1, [sp, #-32]!; d8, d9; w0, w1; ldp d29, d30, [sp], #16 */
	{ 0xadbf07e0, RECORD, 256 + 32, 240, 0xfebf83e0, 0x01407c1f },
	{ 0x6dbf27e8, RECORD, 256 + 16, 240, 0xfebf83e0, 0x01407c1f },
	{ 0x29bf07e0, RECORD, 256 + 8, 240, 0xfabf83e0, 0x05407c1f },
	{ 0x6cc17bfd, RECORD, 256 - 16, 240, 0xfebf83e0, 0x01407c1f },
	/* stgp x0, x1, [sp, #-16]!; ldpsw x0, x1, [sp], #8 */
	{ 0x69bf87e0, RECORD, 256 + 16, 240, 0x7eff83e0, 0x01007c1f },
	{ 0x68c107e0, RECORD, 256 - 8, 240, 0x3eff83e0, 0x41007c1f },
	/* ldp x29, x30, [sp], #48; ldp x28, x29, [sp, #16] */
	{ 0xa8c37bfd, RECORD, 256 - 48, -1, 0xbeff83ff, 0x01007c00 },
	{ 0xa94177fc, RECORD, 256, -1, 0x3ec07fe0, 0x813f801f },
	/* str x30, [sp, #-16]!; ldr x29, [sp], #16; d8; d29 */
	{ 0xf81f0ffe, RECORD, 256 + 16, 240, 0x3b3ff7e0, 0xc4c0081f },
	{ 0xf84107fd, RECORD, 256 - 16, -1, 0x3f7ff7ff, 0x00000800 },
	{ 0xfc4107e8, RECORD, 256 - 16, 240, 0x3b3ff7e0, 0xc4c0081f },
	{ 0xfc4107fd, RECORD, 256 - 16, 240, 0x3f3ff7e0, 0xc0c0081f },
	/* add sp, sp, #96; sub sp, sp, #1, lsl #12 */
	{ 0x910183ff, PLAIN, 256 - 96, -1, BITS(31, 0), 0 },
	{ 0xd14007ff, PLAIN, 256 + 4096, -1, BITS(31, 0), 0 },
	/* mov x29, sp; add x29, sp, #16; and where sp is not known */
	{ 0x910003fd, PLAIN, 256, 256, 0xbfbfffff, 0 },
	{ 0x910043fd, PLAIN, 256, 240, BITS(31, 0), 0 },
	{ 0x910003fd, COMPUTED, -1, -1, 0, 0 },
	/* mov sp, x29; and without a record; mov sp, x9 */
	{ 0x910003bf, RECORD, 240, 240, 0xbfbfffff, 0 },
	{ 0x910003bf, PLAIN, -1, -1, 0xbf80005f, 0x407fffa0 },
	{ 0x9100013f, RECORD, -1, 240, 0xbf80001f, 0x407fffe0 },
	/* sub sp, sp, x0; and sp, x1, #-64 */
	{ 0xcb2063ff, RECORD, -1, 240, 0xbfe0001f, 0x401fffe0 },
	{ 0x927ae43f, RECORD, -1, 240, 0x9f80001f, 0x007fffe0 },
	/* mov x9, sp: neither */
	{ 0x910003e9, RECORD, 256, 240, 0, 0x407ffc1f },
};

static struct stk_code_frame changed(uint32_t insn, enum begin begin)
{
	struct stk_code_frame f = { .known = true, .size_known = begin != COMPUTED };

	f.size = 256;
	f.has_record = begin == RECORD;
	f.record = f.has_record ? 240 : 0;
	arm64_insns.decode((const void *)&insn, 0, 4, A64_TEXT, &f);
	return f;
}

static enum begin flipped_begin;

static bool same_change(uint32_t insn, uint32_t flipped)
{
	const struct stk_code_frame a = changed(insn, flipped_begin);
	const struct stk_code_frame b = changed(flipped, flipped_begin);

	return a.size_known == b.size_known && (!a.size_known || a.size == b.size) &&
	       a.has_record == b.has_record && (!a.has_record || a.record == b.record);
}

START_TEST(each_change)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct stk_code_frame f =
			changed(changes[i].insn, changes[i].begin);

		ck_assert_msg((f.size_known ? f.size : -1) == changes[i].size &&
				      (f.has_record ? f.record : -1) == changes[i].record,
			      "row %zu: size %d, record %d", i, f.size, f.record);
		flipped_begin = changes[i].begin;
		other_flip_bits(i, changes[i].insn, 32, changes[i].decide,
				changes[i].free, same_change);
	}
}
END_TEST

/* Pushes to a shadow call stack and from it: no other instruction is one. */
START_TEST(shadow_words)
{
	static const struct {
		uint32_t insn;
		int32_t shadow;
	} row[] = {
		{ 0xf800865e, 8 },  /* str x30, [x18], #8 */
		{ 0xf85f8e5e, -8 }, /* ldr x30, [x18, #-8]! */
		{ 0xd503201f, 0 },  /* nop */
		{ 0x8b020020, 0 },  /* add x0, x1, x2 */
		{ 0xf9400000, 0 },  /* ldr x0, [x0] */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(changed(row[i].insn, RECORD).shadow, row[i].shadow);
		for (unsigned int bit = 0; bit < 32; bit++)
			ck_assert_int_eq(changed(row[i].insn ^ 1u << bit, RECORD).shadow,
					 0);
	}
}
END_TEST

#define MAX_STEPS 12

struct frame_step {
	uint32_t insn;
	/* Behind it; a size of -1: not known. A record of 0: it is the caller's. */
	int32_t size, record;
};

#define NOP 0xd503201f
#define RET 0xd65f03c0

static const struct frame_step functions[][MAX_STEPS] = {
	/* As GCC makes them, with signatures. */
	{ { 0xd503233f, 0, 0 },	  /* paciasp */
	  { 0xa9bd7bfd, 48, 0 },  /* stp x29, x30, [sp, #-48]! */
	  { 0x910003fd, 48, 48 }, /* mov x29, sp */
	  { NOP, 48, 48 },
	  { 0xa8c37bfd, 0, 0 }, /* ldp x29, x30, [sp], #48 */
	  { RET, 0, 0 } },
	{ { 0xd10183ff, 96, 0 },  /* sub sp, sp, #96 */
	  { 0xa9017bfd, 96, 0 },  /* stp x29, x30, [sp, #16] */
	  { 0x910043fd, 96, 80 }, /* add x29, sp, #16 */
	  { 0xa9417bfd, 96, 0 },  /* ldp x29, x30, [sp, #16] */
	  { 0x910183ff, 0, 0 },	  /* add sp, sp, #96 */
	  { RET, 0, 0 } },
	/* One register, of each kind, and pairs of each size. */
	{ { 0xf81f0ffe, 16, 0 },   /* str x30, [sp, #-16]! */
	  { 0x6dbf27e8, 32, 0 },   /* stp d8, d9, [sp, #-16]! */
	  { 0xadbf07e0, 64, 0 },   /* stp q0, q1, [sp, #-32]! */
	  { 0x29bf07e0, 72, 0 },   /* stp w0, w1, [sp, #-8]! */
	  { 0xfc4107e8, 56, 0 },   /* ldr d8, [sp], #16 */
	  { 0xf84107fe, 40, 0 },   /* ldr x30, [sp], #16 */
	  { 0xd14007ff, 4136, 0 }, /* sub sp, sp, #1, lsl #12 */
	  { RET, 4136, 0 } },
	/* An array as long as it turns out: x29 tells sp again. */
	{ { 0xa9bd7bfd, 48, 0 },
	  { 0x910003fd, 48, 48 },
	  { 0xcb2063ff, -1, 48 }, /* sub sp, sp, x0 */
	  { NOP, -1, 48 },
	  { 0x910003bf, 48, 48 }, /* mov sp, x29 */
	  { 0xd10043bf, 64, 48 }, /* sub sp, x29, #16 */
	  { 0x9100013f, -1, 48 }, /* mov sp, x9 */
	  { 0x910003bf, 48, 48 },
	  { 0x927ae43f, -1, 48 }, /* and sp, x1, #-64 */
	  { RET, -1, 48 } },
	{ { 0xa9bd7bfd, 48, 0 },
	  { 0x910003fd, 48, 48 },
	  { 0xf84107fd, 32, 0 }, /* ldr x29, [sp], #16 */
	  { RET, 32, 0 } },
	/* x29 is set only while sp is known. */
	{ { 0xcb2063ff, -1, 0 }, { 0x910003fd, -1, 0 }, { RET, -1, 0 } },
};

START_TEST(each_frame)
{
	const uint64_t at = syn_sym(m, "last_function");
	const struct frame_step *f = functions[_i];
	struct stk_code_frame got;

	for (size_t i = 0; i < MAX_STEPS && f[i].insn; i++)
		syn_put32(m, at + 4 * i, f[i].insn);
	s = syn_open(m);
	got = arm64_frame_at(s, at);
	ck_assert(got.known && got.size_known && !got.size && !got.has_record);
	for (size_t i = 0; i < MAX_STEPS && f[i].insn && f[i].insn != RET; i++) {
		got = arm64_frame_at(s, at + 4 * i + 4);
		ck_assert_msg(got.known && got.size_known == (f[i].size >= 0) &&
				      (f[i].size < 0 || got.size == f[i].size) &&
				      got.has_record == (f[i].record != 0) &&
				      (!f[i].record || got.record == f[i].record),
			      "row %zu: size %d, record %d", i, got.size, got.record);
	}
	ck_assert(!arm64_frame_at(s, at + 2).known);
}
END_TEST

/* What lies behind a return is reached by a jump, with the frame from there. */
START_TEST(frame_behind_jumps)
{
	const uint64_t at = syn_sym(m, "last_function");
	static const uint32_t code[] = {
		0xb4000080, /* cbz x0, to the ret at +0x10 */
		0xa9bd7bfd, /* stp x29, x30, [sp, #-48]! */
		0x910003fd, /* mov x29, sp */
		0x14000003, /* b +12, to +0x18 */
		RET,	    0xd4200080, NOP, 0xa8c37bfd, RET,
	};

	syn_write(m, at, code, sizeof(code));
	s = syn_open(m);
	ck_assert(arm64_frame_at(s, at + 0x10).known);
	ck_assert(!arm64_frame_at(s, at + 0x10).has_record);
	ck_assert_int_eq(arm64_frame_at(s, at + 0x10).size, 0);
	/* Nothing leads there. */
	ck_assert(!arm64_frame_at(s, at + 0x14).known);
	ck_assert(arm64_frame_at(s, at + 0x18).has_record);
	ck_assert_int_eq(arm64_frame_at(s, at + 0x18).size, 48);
	ck_assert_int_eq(arm64_frame_at(s, at + 0x20).size, 0);
}
END_TEST

/* ---- calls ---- */

static enum stk_call evidence(uint64_t ret, const char *callee, const char **why)
{
	s = syn_open(m);
	return s->arch->call_evidence(s, ret, syn_sym(m, callee) + 0x20, true, why);
}

START_TEST(call_evidence)
{
	const uint64_t spin = syn_sym(m, "task_spin"), last = syn_sym(m, "last_function");
	const uint64_t timer = syn_sym(m, "timer_fn");
	uint64_t ret = a64_call_insn(m, "task_spin", 0x80, "last_function"), target;
	const char *why;
	uint32_t page;

	ck_assert_int_eq(evidence(ret, "last_function", &why), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_ELSEWHERE);
	ck_assert(s->arch->call_before(s, ret, &target));
	ck_assert_uint_eq(target, last);
	ck_assert(!s->arch->call_before(s, ret + 4, &target));
	ck_assert(!s->arch->call_before(s, ret + 1, &target));
	ck_assert_int_eq(evidence(ret + 4, "last_function", &why), STK_CALL_NONE);
	ck_assert_int_eq(evidence(ret + 2, "last_function", &why), STK_CALL_NONE);
	/* It goes on by a jump, at its end or anywhere. */
	syn_put32(m, last + 0x50,
		  0x14000000 | ((uint32_t)((timer - last - 0x50) / 4) & 0x3ffffff));
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_REACHES);
	syn_put32(m, last + 0x50, NOP);
	/* By a veneer: adrp x16; add x16, x16; br x16. */
	page = (uint32_t)((timer >> 12) - (last >> 12));
	syn_put32(m, last, 0x90000010 | (page & 3) << 29 | (page >> 2 & 0x7ffff) << 5);
	syn_put32(m, last + 4, 0x91000210 | (uint32_t)(timer & 0xfff) << 10);
	syn_put32(m, last + 8, 0xd61f0200);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_REACHES);
	/* By one that is its end. */
	for (uint64_t off = 0; off < 12; off += 4) {
		syn_put32(m, last + 0x50 + off, (uint32_t)syn_get64(m, last + off));
		syn_put32(m, last + off, NOP);
	}
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_ELSEWHERE);
	/* By a register, somewhere. */
	syn_put32(m, last + 0x54, NOP);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_CANNOT_TELL);
	syn_put32(m, spin + 0x7c, 0xd63f0100);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_CANNOT_TELL);
	ck_assert(s->arch->call_before(s, ret, &target));
	ck_assert_uint_eq(target, 0);
	syn_put32(m, spin + 0x7c, 0xd4200080); /* a kprobe's breakpoint */
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_CANNOT_TELL);
	ck_assert_ptr_nonnull(strstr(why, "breakpoint"));
	syn_put32(m, spin + 0x7c, 0xd4200000); /* another's */
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_NONE);
	ck_assert_int_eq(evidence(syn_sym(m, "ret_from_fork"), "vfs_write", &why),
			 STK_CALL_PUSHED);
	syn_fail(m, spin, STK_ERR_EXCLUDED);
	ck_assert_int_eq(evidence(ret, "vfs_write", &why), STK_CALL_UNREADABLE);
}
END_TEST

/* adrp x16; add x16, x16; br x16: to where, and no bit of it can be another. */
START_TEST(veneers)
{
	static const struct {
		uint32_t code[3];
		int64_t page;
		uint64_t offset;
	} row[] = {
		{ { 0x90000010, 0x91000210, 0xd61f0200 }, 0, 0 },
		{ { 0xb0000010, 0x913ffe10, 0xd61f0200 }, 1, 0xfff },
		{ { 0xd0000010, 0x91000610, 0xd61f0200 }, 2, 1 },
		{ { 0x90000030, 0x91000210, 0xd61f0200 }, 4, 0 },
		{ { 0x907ffff0, 0x91000210, 0xd61f0200 }, (1 << 20) - 4, 0 },
		{ { 0x90800010, 0x91000210, 0xd61f0200 }, -(1 << 20), 0 },
		{ { 0xf0fffff0, 0x91000210, 0xd61f0200 }, -1, 0 },
	};
	const uint64_t at = syn_sym(m, "last_function") + 4 * (uint64_t)(_i % 2);
	uint64_t target;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const uint64_t want =
			(at & ~0xfffull) + ((uint64_t)row[i].page << 12) + row[i].offset;

		syn_write(m, at, row[i].code, 12);
		stk_forget_memory(s);
		ck_assert(arm64_insns.veneer(s, at, &target));
		ck_assert_msg(target == want, "row %zu: %llx", i,
			      (unsigned long long)target);
		for (unsigned int bit = 0; bit < 96; bit++) {
			syn_put32(m, at + bit / 32 * 4,
				  row[i].code[bit / 32] ^ 1u << bit % 32);
			stk_forget_memory(s);
			ck_assert_msg(!arm64_insns.veneer(s, at, &target) ||
					      target != want,
				      "row %zu, bit %u", i, bit);
			syn_put32(m, at + bit / 32 * 4, row[i].code[bit / 32]);
		}
	}
	ck_assert(!arm64_insns.veneer(s, at + 2, &target));
}
END_TEST

/* Each kind of instruction before an address. */
START_TEST(calls)
{
	static const struct {
		uint32_t insn;
		bool call, probe;
		int64_t by; /* from the return address on; 0: by a register */
	} row[] = {
		{ 0x94000003, true, false, 8 },	 /* bl */
		{ 0xd63f0100, true, false, 0 },	 /* blr x8 */
		{ 0xd73f0911, true, false, 0 },	 /* blraa x8, x17 */
		{ 0x14000003, false, false, 0 }, /* b */
		{ 0x54000040, false, false, 0 }, /* b.eq */
		{ 0xd61f0100, false, false, 0 }, /* br x8 */
		{ RET, false, false, 0 },	 { NOP, false, false, 0 },
		{ 0xd4200080, false, true, 0 },	 /* brk #4: kprobes */
		{ 0xd4200000, false, false, 0 }, /* brk #0 */
		{ 0xd42000c0, false, false, 0 }, /* brk #6: kprobes' single step */
	};
	const uint64_t ret = syn_sym(m, "task_spin") + 0x84;
	uint64_t target = 1;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put32(m, ret - 4, row[i].insn);
		stk_forget_memory(s);
		ck_assert_msg(arm64_call_before(s, ret, &target) == row[i].call,
			      "row %zu", i);
		ck_assert_uint_eq(target, row[i].by ? ret + (uint64_t)row[i].by : 0);
		ck_assert_int_eq(arm64_insns.breakpoint_before(s, ret), row[i].probe);
		ck_assert(!arm64_call_before(s, ret + 2, &target));
		ck_assert(!arm64_insns.breakpoint_before(s, ret + 2));
	}
}
END_TEST

/* ---- operands ---- */

#define X1 0xffff000000001000ull
#define X2 0xfffffffffffffff0ull

static const struct {
	uint32_t insn;
	bool ok, memory;
	uint64_t value;
	int base, index; /* -1: none */
} operands[] = {
	{ 0xf9400020, true, true, X1, 1, -1 },	    /* ldr x0, [x1] */
	{ 0xf9400820, true, true, X1 + 16, 1, -1 }, /* ldr x0, [x1, #16] */
	{ 0xb9000420, true, true, X1 + 4, 1, -1 },  /* str w0, [x1, #4] */
	{ 0x39400c20, true, true, X1 + 3, 1, -1 },  /* ldrb w0, [x1, #3] */
	{ 0x79400c20, true, true, X1 + 6, 1, -1 },  /* ldrh w0, [x1, #6] */
	{ 0xf85f8020, true, true, X1 - 8, 1, -1 },  /* ldur x0, [x1, #-8] */
	{ 0xf8408420, true, true, X1, 1, -1 },	    /* ldr x0, [x1], #8 */
	{ 0xf8408c20, true, true, X1 + 8, 1, -1 },  /* ldr x0, [x1, #8]! */
	{ 0xf8626820, true, true, X1 - 16, 1, 2 },  /* ldr x0, [x1, x2] */
	{ 0xf8627820, true, true, X1 - 128, 1, 2 }, /* ldr x0, [x1, x2, lsl #3] */
	{ 0xf862d820, true, true, X1 - 128, 1, 2 }, /* ldr x0, [x1, w2, sxtw #3] */
	{ 0xb8625820, true, true, X1 + (0xfffffff0ull << 2), 1, 2 }, /* …, uxtw #2] */
	{ 0xf8624820, true, true, X1 + 0xfffffff0ull, 1, 2 },	     /* …, uxtw] */
	{ 0xf8614840, true, true, X2 + 0x1000, 2, 1 },	 /* ldr x0, [x2, w1, uxtw] */
	{ 0xf861d840, true, true, X2 + 0x8000, 2, 1 },	 /* …, w1, sxtw #3] */
	{ 0xf87f6820, true, true, X1, 1, -1 },		 /* ldr x0, [x1, xzr] */
	{ 0xf94007e0, true, true, 0x8008, 31, -1 },	 /* ldr x0, [sp, #8] */
	{ 0x3dc00820, true, true, X1 + 32, 1, -1 },	 /* ldr q0, [x1, #32] */
	{ 0x3ce27820, true, true, X1 - 256, 1, 2 },	 /* ldr q0, [x1, x2, lsl #4] */
	{ 0xa9410440, true, true, X2 + 16, 2, -1 },	 /* ldp x0, x1, [x2, #16] */
	{ 0xa97f0440, true, true, X2 - 16, 2, -1 },	 /* ldp x0, x1, [x2, #-16] */
	{ 0x29410440, true, true, X2 + 8, 2, -1 },	 /* ldp w0, w1, [x2, #8] */
	{ 0x69410440, true, true, X2 + 8, 2, -1 },	 /* ldpsw x0, x1, [x2, #8] */
	{ 0x69010440, true, true, X2 + 32, 2, -1 },	 /* stgp x0, x1, [x2, #32] */
	{ 0xad010440, true, true, X2 + 32, 2, -1 },	 /* stp q0, q1, [x2, #32] */
	{ 0xa9bf07e0, true, true, 0x8000 - 16, 31, -1 }, /* stp x0, x1, [sp, #-16]! */
	{ 0xa8c10440, true, true, X2, 2, -1 },		 /* ldp x0, x1, [x2], #16 */
	{ 0xc85f7c20, true, true, X1, 1, -1 },		 /* ldxr x0, [x1] */
	{ 0xc89ffc20, true, true, X1, 1, -1 },		 /* stlr x0, [x1] */
	{ 0xc8e0fc22, true, true, X1, 1, -1 },		 /* casal x0, x2, [x1] */
	{ 0xf8200041, true, true, X2, 2, -1 },		 /* ldadd x0, x1, [x2] */
	{ 0xf8208041, true, true, X2, 2, -1 },		 /* swp x0, x1, [x2] */
	{ 0xd63f0020, true, false, X1, 1, -1 },		 /* blr x1 */
	{ 0xd61f0040, true, false, X2, 2, -1 },		 /* br x2 */
	{ 0x91000420, false, false, 0, -1, -1 },	 /* add x0, x1, #1 */
	{ 0x94000001, false, false, 0, -1, -1 },	 /* bl */
	{ 0xf9400060, false, true, 0, -1, -1 },		 /* ldr x0, [x3]: not known */
};

START_TEST(each_operand)
{
	const uint64_t at = syn_sym(m, "last_function");
	struct stk_regs regs = { 0 };
	struct stk_operand got;

	arm64_set(&regs, 1, X1);
	arm64_set(&regs, 2, X2);
	arm64_set(&regs, ARM64_SP, 0x8000);
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		unsigned int nr = (operands[i].base >= 0) + (operands[i].index >= 0);

		syn_put32(m, at, operands[i].insn);
		s = syn_open(m);
		ck_assert_msg(s->arch->operand(s, at, &regs, &got) == operands[i].ok,
			      "row %zu", i);
		if (!operands[i].ok)
			continue;
		ck_assert_msg(got.memory == operands[i].memory &&
				      got.value == operands[i].value &&
				      got.nr_regs == nr &&
				      got.reg[0] == operands[i].base &&
				      (nr < 2 || got.reg[1] == operands[i].index),
			      "row %zu: %llx, %u registers", i,
			      (unsigned long long)got.value, got.nr_regs);
	}
}
END_TEST

/* Of registers that all differ, in either half. */
static struct stk_operand operand_of(uint32_t insn, bool *ok)
{
	const uint64_t at = syn_sym(m, "last_function");
	struct stk_regs regs = { 0 };
	struct stk_operand got;

	for (unsigned int r = 0; r <= ARM64_SP; r++)
		arm64_set(&regs, r, 0xf000000080000001ull + 0x0000110000011000ull * r);
	syn_put32(m, at, insn);
	stk_forget_memory(s);
	*ok = s->arch->operand(s, at, &regs, &got);
	return got;
}

static bool same_operand(uint32_t insn, uint32_t flipped)
{
	bool ok_a, ok_b;
	const struct stk_operand a = operand_of(insn, &ok_a);
	const struct stk_operand b = operand_of(flipped, &ok_b);

	return ok_a == ok_b && a.memory == b.memory && a.value == b.value &&
	       a.next == b.next && a.nr_regs == b.nr_regs &&
	       !memcmp(a.reg, b.reg, a.nr_regs);
}

START_TEST(bits_of_an_operand)
{
	static const struct {
		uint32_t insn, decide, free;
	} row[] = {
		/* One register, with a distance that is scaled */
		{ 0xf9400820, 0xfb3fffe0, 0x04c0001f }, /* ldr x0, [x1, #16] */
		{ 0x3dc00820, 0x3fbfffe0, 0x0040001f }, /* ldr q0, [x1, #32] */
		/* … that is not, behind, before */
		{ 0xf85f8020, 0x3b3ff7e0, 0xc4c0081f }, /* ldur x0, [x1, #-8] */
		{ 0xf8408420, 0x3b200fe0, 0xc4dff01f }, /* ldr x0, [x1], #8 */
		{ 0xf8404c20, 0x3b3ffbe0, 0xc4c0041f }, /* ldr x0, [x1, #4]! */
		/* … or a register */
		{ 0xf8627820, 0xfb3f3fe0, 0x04c0801f }, /* ldr x0, [x1, x2, lsl #3] */
		{ 0xf862d820, 0xfb3fbfe0, 0x04c0001f }, /* ldr x0, [x1, w2, sxtw #3] */
		{ 0xf8624820, 0x3b3fafe0, 0xc4c0001f }, /* ldr x0, [x1, w2, uxtw] */
		/* Pairs */
		{ 0xa9410440, 0xbe3f83e0, 0x01c07c1f }, /* ldp x0, x1, [x2, #16] */
		{ 0xa8c10041, 0x1b8003e0, 0xc47ffc1f }, /* ldp x1, x0, [x2], #16 */
		{ 0xad010440, 0xfe3f83e0, 0x01c07c1f }, /* stp q0, q1, [x2, #32] */
		{ 0x69410440, 0x3e7f83e0, 0x41807c1f }, /* ldpsw x0, x1, [x2, #8] */
		{ 0x69010440, 0x7e7f83e0, 0x01807c1f }, /* stgp x0, x1, [x2, #32] */
		/* Atomic, exclusive */
		{ 0xf8210042, 0x3b200fe0, 0xc0dff01f }, /* ldadd x1, x2, [x2] */
		{ 0xc85f7c20, 0x3f0003e0, 0xc0fffc1f }, /* ldxr x0, [x1] */
		/* Relative to pc */
		{ 0x58000040, 0x3bffffe0, 0xc400001f }, /* ldr x0, +8 */
		/* By a register */
		{ 0xd63f0020, 0xfedff3e0, 0x01200c1f }, /* blr x1, br x1 */
		/* None */
		{ 0x94000001, 0xfc000000, BITS(25, 0) }, /* bl */
		{ 0xd503201f, 0, BITS(15, 0) },		 /* nop */
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		other_flip_bits(i, row[i].insn, 32, row[i].decide, row[i].free,
				same_operand);
}
END_TEST

/* Relative to pc; and which instruction is next. */
START_TEST(operand_of_pc)
{
	const uint64_t at = syn_sym(m, "last_function");
	static const struct {
		uint32_t insn;
		int64_t next; /* 0: not known */
	} row[] = {
		{ NOP, 4 },	   { 0x14000002, 8 }, { 0xb4000040, 4 },
		{ 0x94000001, 0 }, { RET, 0 },	      { 0xd61f0040, 0 },
	};
	struct stk_regs regs = { 0 };
	struct stk_operand got;

	syn_put32(m, at, 0x58000040); /* ldr x0, +8 */
	s = syn_open(m);
	ck_assert(s->arch->operand(s, at, &regs, &got));
	ck_assert_uint_eq(got.value, at + 8);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put32(m, at, row[i].insn);
		s = syn_open(m);
		s->arch->operand(s, at, &regs, &got);
		ck_assert_msg(got.next == (row[i].next ? at + (uint64_t)row[i].next : 0),
			      "row %zu", i);
	}
	ck_assert(!s->arch->operand(s, at + 2, &regs, &got));
	ck_assert(!s->arch->operand(s, 0xffff900000000000ull, &regs, &got));
}
END_TEST

static const struct unit_test code_tests[] = {
	TEST(each_flow),
	TEST(bits_of_a_flow),
	TEST(cut_off),
	TEST(shadow_words),
	TEST(each_change),
	LOOP(each_frame, 6),
	TEST(frame_behind_jumps),
	LOOP(veneers, 2),
	TEST(calls),
	TEST(call_evidence),
	TEST(each_operand),
	TEST(bits_of_an_operand),
	TEST(operand_of_pc),
	{ 0 },
};

const struct unit_suite suite_arm64_code = {
	"arm64_code",
	{
		{ "code", code_tests, setup, NULL },
	},
};
