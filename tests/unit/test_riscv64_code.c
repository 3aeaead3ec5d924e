/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read out of riscv64's code, of instructions of four bytes and of two:
 * where they lead, what a function has done to its stack by then, and what a call before
 * a return address says. The encodings are the assembler's.
 */
#include "fixture.h"
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

/* ---- frames ---- */

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

/* Each kind of call, behind whatever. */
START_TEST(calls)
{
	static const struct {
		unsigned char code[8]; /* that ends at the return address */
		bool call;
		int64_t by; /* from the return address; 0: by a pointer */
	} row[] = {
		{ { 1, 0, 1, 0, 0xef, 0x00, 0x80, 0x00 }, true, 4 }, /* jal ra */
		{ { 1, 0, 1, 0, 0xe7, 0x80, 0x07, 0x00 }, true, 0 }, /* jalr a5 */
		{ { 1, 0, 1, 0, 1, 0, 0x82, 0x97 }, true, 0 },	     /* c.jalr a5 */
		/* auipc ra, 1; jalr 8(ra) */
		{ { 0x97, 0x10, 0, 0, 0xe7, 0x80, 0x80, 0x00 }, true, 0x1000 },
		{ { 1, 0, 1, 0, 0xef, 0x02, 0x80, 0x00 }, false, 0 }, /* jal t0 */
		{ { 1, 0, 1, 0, 0xe7, 0x02, 0x03, 0x00 }, false, 0 }, /* jalr t0, t1 */
		{ { 1, 0, 1, 0, 0x67, 0x80, 0x07, 0x00 }, false, 0 }, /* jr a5 */
		{ { 1, 0, 1, 0, 1, 0, 0x82, 0x87 }, false, 0 },	      /* c.jr a5 */
		{ { 1, 0, 1, 0, 1, 0, 1, 0 }, false, 0 },
	};
	const uint64_t ret = syn_sym(m, "task_spin") + 0x82;
	enum riscv_reg reg;
	uint64_t target;

	syn_write(m, ret - 8, row[_i].code, 8);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->call_before(s, ret, &target), row[_i].call);
	ck_assert_uint_eq(target, row[_i].by ? ret + (uint64_t)row[_i].by : 0);
	if (row[_i].call && !row[_i].by) {
		ck_assert(riscv_called_by(s, ret, &reg));
		ck_assert_int_eq(reg, 15); /* a5 */
	}
	ck_assert(!s->arch->call_before(s, ret + 1, &target));
}
END_TEST

START_TEST(call_evidence)
{
	const uint64_t last = syn_sym(m, "last_function"), spin = syn_sym(m, "task_spin");
	uint64_t ret = rv_call_insn(m, "task_spin", 0x80, "last_function");
	uint32_t by = (uint32_t)(syn_sym(m, "vfs_write") - last - 0x54);
	const char *why;

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
	ck_assert_int_eq(evidence(syn_sym(m, "ret_from_fork"), "timer_fn", &why),
			 STK_CALL_PUSHED);
	syn_fail(m, spin, STK_ERR_EXCLUDED);
	ck_assert_int_eq(evidence(ret, "timer_fn", &why), STK_CALL_UNREADABLE);
}
END_TEST

static const struct unit_test code_tests[] = {
	TEST(each_flow),
	LOOP(each_frame, 5),
	LOOP(freed_code, 2),
	LOOP(head_text, 2),
	LOOP(calls, 9),
	TEST(call_evidence),
	{ 0 },
};

const struct unit_suite suite_riscv64_code = {
	"riscv64_code",
	{
		{ "code", code_tests, setup, NULL },
	},
};
