/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the ORC tables of every kernel since 4.14 are told apart and decoded,
 * that each register base and each rule for rbp does what the kernel's unwinder does,
 * and that ip is looked up as it must be.
 */
#include "fixture.h"
#include "suite.h"

#include "arch/arch.h"
#include "kernel/modules.h"

#include <string.h>

static struct stk *s;
static uint64_t fn; /* where the tests put their own rows */

static void setup(void)
{
	fixture_kernel();
	fn = SYN_TEXT + 0x8000;
	syn_symbol(m, "probe", fn);
}

static struct orc_rule find(uint64_t addr)
{
	struct orc_rule r;

	ck_assert_int_eq(orc_find(s, addr, &r), STK_OK);
	return r;
}

/* ---- formats ---- */

/* One row of each type, and of each register that the format has. */
static const struct {
	enum orc_type type;
	enum orc_reg sp;
	int sp_off;
	enum orc_reg bp;
	int bp_off;
} sample[] = {
	{ ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0 },
	{ ORC_CALL, ORC_BP, 16, ORC_PREV_SP, -16 },
	{ ORC_CALL, ORC_SP, 0x7ff8, ORC_PREV_SP, -0x7ff8 },
	{ ORC_CALL, ORC_SP_INDIRECT, 24, ORC_BP, -8 },
	{ ORC_CALL, ORC_BP_INDIRECT, -48, ORC_UNDEFINED, 0 },
	{ ORC_CALL, ORC_R10, 0, ORC_BP, 0 },
	{ ORC_CALL, ORC_R13, 0, ORC_UNDEFINED, 0 },
	{ ORC_CALL, ORC_DX, 0, ORC_UNDEFINED, 0 },
	{ ORC_CALL, ORC_DI, 0, ORC_UNDEFINED, 0 },
	{ ORC_REGS, ORC_SP, 0, ORC_UNDEFINED, 0 },
	{ ORC_REGS_PARTIAL, ORC_SP, 16, ORC_UNDEFINED, 0 },
	{ ORC_END, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0 },
	{ ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0 },
};

#define NR_SAMPLES (sizeof(sample) / sizeof(sample[0]))

START_TEST(every_format)
{
	enum syn_orc_format format = (enum syn_orc_format)_i;

	m->orc_format = format;
	for (size_t i = 0; i < NR_SAMPLES; i++)
		syn_orc(m, fn + 16 * i, sample[i].type, sample[i].sp, sample[i].sp_off,
			sample[i].bp, sample[i].bp_off);
	s = syn_open(m);
	for (size_t i = 0; i < NR_SAMPLES; i++) {
		enum orc_type want = sample[i].type;
		struct orc_rule r = find(fn + 16 * i + 3);

		/* 4.14 has no mark for the end. */
		if (format == SYN_ORC_4_14 && want == ORC_END)
			want = ORC_HOLE;
		ck_assert_int_eq(r.type, want);
		if (want == ORC_HOLE || want == ORC_END)
			continue;
		ck_assert_int_eq(r.sp_reg, sample[i].sp);
		ck_assert_int_eq(r.sp_offset, sample[i].sp_off);
		ck_assert_int_eq(r.bp_reg, sample[i].bp);
		ck_assert_int_eq(r.bp_offset, sample[i].bp_off);
		ck_assert(r.signal == (want == ORC_REGS || want == ORC_REGS_PARTIAL));
	}
}
END_TEST

/* From 6.3 on the row itself says whether its frame was interrupted. */
START_TEST(signal_bit_decides)
{
	m->orc_format = (enum syn_orc_format)_i;
	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	m->orc[m->nr_orc - 1].signal = true;
	syn_orc(m, fn + 16, ORC_REGS, ORC_SP, 0, ORC_UNDEFINED, 0);
	m->orc[m->nr_orc - 1].signal = false; /* the int3 stub */
	s = syn_open(m);
	ck_assert(find(fn).signal);
	ck_assert(!find(fn + 16).signal);
}
END_TEST

/* A kernel with AX as register 1, which no older one has. */
START_TEST(new_numbering_has_ax)
{
	m->orc_format = SYN_ORC_7_1;
	syn_orc(m, fn, ORC_CALL, ORC_AX, 0, ORC_UNDEFINED, 0);
	s = syn_open(m);
	ck_assert_int_eq(find(fn).sp_reg, ORC_AX);
}
END_TEST

/* A hash that nobody knows: orc_fp_entry tells how registers are numbered. */
START_TEST(unknown_hash_is_probed)
{
	enum syn_orc_format format = _i ? SYN_ORC_7_1 : SYN_ORC_6_4;

	m->orc_format = format;
	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_finish(m);
	syn_put64(m, syn_sym(m, "__start_orc_header"), 0x1122334455667788ull);
	s = syn_open(m);
	ck_assert_int_eq(find(fn).type, ORC_CALL);
	ck_assert_int_eq(find(fn).sp_reg, ORC_SP);
}
END_TEST

/* The header is there but not in the dump: members decide, then the probe. */
START_TEST(header_not_readable)
{
	m->orc_format = _i ? SYN_ORC_7_1 : SYN_ORC_6_4;
	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_finish(m);
	syn_symbol(m, "__start_orc_header", SYN_VMALLOC); /* nothing is there */
	s = syn_open(m);
	ck_assert_int_eq(find(fn).type, ORC_CALL);
	ck_assert_int_eq(find(fn).sp_reg, ORC_SP);
}
END_TEST

/*
 * All 20 bytes count: with any other the probe decides, which says otherwise here. drgn
 * lists the first, with the older types.
 */
START_TEST(known_hashes)
{
	static const struct {
		enum syn_orc_format format;
		unsigned char sha1[20];
	} row[] = {
		{ SYN_ORC_6_3, "\xdb\x84\xae\xd4\x10\x3b\x31\xdd\x51\xe0"
			       "\x17\xf8\xf7\x97\x83\xca\x98\x5c\x2c\x51" },
		{ SYN_ORC_6_4, "\xfe\x5d\x32\xbf\x58\x1b\xd6\x3b\x2c\xa9"
			       "\xc5\xba\x5a\x62\x5e\xab\x3f\xe2\x4f\x24" },
		{ SYN_ORC_7_1, "\x13\x7c\x36\xad\x76\x27\xc4\xdd\x55\x93"
			       "\x2c\xac\xbe\xcd\xbb\x01\x77\x04\x1f\xc8" },
	};
	const uint64_t header = SYN_DATA + 0x2f00, probe = SYN_DATA + 0x2f40;
	struct orc_rule r;

	m->orc_format = row[_i].format;
	syn_orc(m, fn, ORC_REGS, ORC_DI, 8, ORC_UNDEFINED, 0);
	syn_finish(m);
	syn_symbol(m, "__start_orc_header", header);
	/* Numbered as in 6.4, or as since 7.1. */
	syn_symbol(m, "orc_fp_entry", probe);
	syn_put64(m, probe, row[_i].format == SYN_ORC_7_1 ? 0x1400000000 : 0x8400000000);
	for (int byte = -1; byte < 20; byte++) {
		syn_write(m, header, row[_i].sha1, 20);
		if (byte >= 0)
			syn_put8(m, header + (unsigned int)byte,
				 row[_i].sha1[byte] ^ 0x10);
		s = syn_open(m);
		r = find(fn);
		ck_assert((r.type == ORC_REGS && r.sp_reg == ORC_DI) == (byte < 0));
	}
}
END_TEST

START_TEST(undefined_numbers)
{
	syn_orc(m, fn, ORC_CALL, ORC_BAD, 8, ORC_UNDEFINED, 0);
	s = syn_open(m);
	ck_assert_int_eq(find(fn).sp_reg, ORC_BAD);
}
END_TEST

/* ---- the table ---- */

START_TEST(last_row_at_or_below)
{
	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 1, ORC_CALL, ORC_SP, 16, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 4, ORC_CALL, ORC_SP, 24, ORC_UNDEFINED, 0);
	s = syn_open(m);
	ck_assert_int_eq(find(fn).sp_offset, 8);
	ck_assert_int_eq(find(fn + 1).sp_offset, 16);
	ck_assert_int_eq(find(fn + 3).sp_offset, 16);
	ck_assert_int_eq(find(fn + 4).sp_offset, 24);
	ck_assert_int_eq(find(SYN_ETEXT - 1).sp_offset, 24);
}
END_TEST

/* Of tables that the kernel does not name there is none. */
START_TEST(tables_without_a_name)
{
	static const char *const name[] = { "orc_lookup", "orc_lookup_end",
					    "lookup_num_blocks" };
	uint64_t begin = 5, end = 6;

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (syn_find_symbol(m, name[i]))
			syn_no_symbol(m, name[i]);
	s = syn_open(m);
	for (unsigned int nth = 2; nth < 4; nth++) {
		ck_assert(orc_rule_table(s, nth, &begin, &end));
		ck_assert_uint_eq(begin, 0);
		ck_assert_uint_eq(end, 0);
	}
	syn_symbol(m, "orc_lookup", SYN_DATA);
	syn_symbol(m, "lookup_num_blocks", SYN_DATA + 0x40);
	s = syn_open(m);
	ck_assert(orc_rule_table(s, 2, &begin, &end));
	ck_assert_uint_eq(begin | end, 0);
	ck_assert(orc_rule_table(s, 3, &begin, &end));
	ck_assert_uint_eq(begin, SYN_DATA + 0x40);
	ck_assert_uint_eq(end, SYN_DATA + 0x44);
}
END_TEST

/* Where rbp is not known, nothing is behind it: not even what is mapped at 0. */
START_TEST(rbp_behind_none)
{
	const uint64_t sp = SYN_DIRECT + 0x100000;
	struct stk_cursor cur = { .cpu = -1, .signal = true };
	struct stk_step out = { 0 };

	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_BP, 0x10);
	syn_put64(m, 0x10, 0x1234);
	syn_put64(m, sp, fn);
	x86_set(&cur.regs, X86_IP, fn);
	x86_set(&cur.regs, X86_SP, sp);
	s = syn_open(m);
	cur.arena = &s->arena;
	ck_assert_int_eq(x86_step_orc(s, &cur, &out), STK_STEP_OK);
	ck_assert(!x86_has(&out.regs, X86_BP));
	x86_set(&cur.regs, X86_BP, 0);
	ck_assert_int_eq(x86_step_orc(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0x1234);
}
END_TEST

/* Of a return address the byte before tells, of what was interrupted its own. */
START_TEST(no_rule_where)
{
	struct stk_cursor cur = { .cpu = -1 };

	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 4, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 8, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	s = syn_open(m);
	for (uint64_t at = fn; at < fn + 10; at++) {
		x86_set(&cur.regs, X86_IP, at);
		cur.signal = true;
		ck_assert_int_eq(x86_no_rule(s, &cur), at >= fn + 4 && at < fn + 8);
		x86_set(&cur.regs, X86_IP, at + 1);
		cur.signal = false;
		ck_assert_int_eq(x86_no_rule(s, &cur), at >= fn + 4 && at < fn + 8);
	}
}
END_TEST

START_TEST(nothing_covers_it)
{
	struct orc_rule r;

	s = syn_open(m);
	ck_assert_int_eq(orc_find(s, SYN_TEXT, &r), STK_ERR_NOT_FOUND); /* before row 0 */
	ck_assert_int_eq(orc_find(s, SYN_ETEXT, &r), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(orc_find(s, SYN_DATA, &r), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(orc_find(s, 0, &r), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(orc_find(s, ~0ull, &r), STK_ERR_NOT_FOUND);
}
END_TEST

START_TEST(init_text_is_covered)
{
	syn_orc(m, SYN_INIT + 0x10, ORC_CALL, ORC_SP, 40, ORC_UNDEFINED, 0);
	s = syn_open(m);
	ck_assert_int_eq(find(SYN_INIT + 0x20).sp_offset, 40);
}
END_TEST

START_TEST(damaged_bounds)
{
	struct orc_rule r;

	syn_finish(m);
	syn_symbol(m, "__stop_orc_unwind_ip",
		   _i ? syn_sym(m, "__start_orc_unwind_ip") - 4 : ~0ull);
	s = syn_open(m);
	ck_assert_int_eq(orc_find(s, fn, &r), STK_ERR_CORRUPT);
}
END_TEST

/* A table has an entry at least, and not more than 16 Mi. */
START_TEST(bounds_at_the_ends)
{
	static const uint64_t nr[] = { 0, 1, 16u << 20, (16u << 20) + 1 };
	struct orc_rule r;

	syn_finish(m);
	syn_symbol(m, "__stop_orc_unwind_ip",
		   syn_sym(m, "__start_orc_unwind_ip") + 4 * nr[_i]);
	s = syn_open(m);
	ck_assert((orc_find(s, fn, &r) == STK_ERR_CORRUPT) == !(_i % 3));
}
END_TEST

/* The kernel's four come first, then two of each module; one too large is none. */
START_TEST(tables_of_a_module)
{
	const uint64_t mod = syn_module(m, "mod", SYN_MODULE, "mod_fn");
	const uint64_t nr = (16u << 20) + (unsigned int)_i;
	uint64_t begin, end, ip;

	syn_put32(m, mod + syn_off(m, "module.arch"), (uint32_t)nr);
	s = syn_open(m);
	ck_assert(orc_rule_table(s, 4, &begin, &end));
	ip = stk_module_nth(s, 0)->orc_ip;
	ck_assert_uint_eq(begin, ip);
	ck_assert_uint_eq(end - begin, _i ? 0 : 4 * nr);
	ck_assert(orc_rule_table(s, 5, &begin, &end));
	ck_assert_uint_eq(begin, stk_module_nth(s, 0)->orc);
	ck_assert_uint_eq(end - begin, _i ? 0 : 6 * nr);
	ck_assert(!orc_rule_table(s, 6, &begin, &end));
	/* The kernel's: of the addresses, the rules, and the index by blocks. */
	ck_assert(orc_rule_table(s, 0, &begin, &end));
	ck_assert_uint_eq(begin, syn_sym(m, "__start_orc_unwind_ip"));
	ck_assert_uint_eq(end, syn_sym(m, "__stop_orc_unwind_ip"));
	ck_assert(orc_rule_table(s, 1, &begin, &end));
	ck_assert_uint_eq(begin, syn_sym(m, "__start_orc_unwind"));
	ck_assert_uint_eq((end - begin) / 6, (syn_sym(m, "__stop_orc_unwind_ip") -
					      syn_sym(m, "__start_orc_unwind_ip")) /
						     4);
	ck_assert(orc_rule_table(s, 2, &begin, &end));
	ck_assert_uint_eq(begin | end, 0);
	/* One that does not say where it ends. */
	syn_symbol(m, "orc_lookup", SYN_DATA + 0x1000);
	s = syn_open(m);
	ck_assert(orc_rule_table(s, 2, &begin, &end));
	ck_assert_uint_eq(begin | end, 0);
	syn_symbol(m, "orc_lookup_end", SYN_DATA + 0x1040);
	s = syn_open(m);
	ck_assert(orc_rule_table(s, 2, &begin, &end));
	ck_assert_uint_eq(begin, SYN_DATA + 0x1000);
	ck_assert_uint_eq(end, SYN_DATA + 0x1040);
}
END_TEST

/* Each frame asks again: what was asked in vain takes no memory. */
START_TEST(damaged_bounds_take_no_memory)
{
	struct orc_rule r;
	uint64_t taken;

	syn_finish(m);
	syn_symbol(m, "__stop_orc_unwind_ip", ~0ull);
	s = syn_open(m);
	ck_assert_int_eq(orc_find(s, fn, &r), STK_ERR_CORRUPT);
	s->fixed.budget = &s->budget; /* which counts */
	taken = s->fixed.taken;
	for (unsigned int i = 0; i < 100; i++)
		ck_assert_int_eq(orc_find(s, fn + i, &r), STK_ERR_CORRUPT);
	ck_assert_uint_eq(s->fixed.taken, taken);
}
END_TEST

START_TEST(table_not_in_the_dump)
{
	struct orc_rule r;

	syn_finish(m);
	syn_fail(m, syn_sym(m, "__start_orc_unwind_ip"), STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(orc_find(s, fn, &r), STK_ERR_EXCLUDED);
}
END_TEST

START_TEST(module_with_a_damaged_table)
{
	struct orc_rule r;
	uint64_t mod = syn_module(m, "mod", SYN_MODULE, "mod_fn");
	uint64_t arch = mod + syn_off(m, "module.arch");

	syn_put32(m, arch, _i ? 0xffffffff : 0);
	s = syn_open(m);
	ck_assert_int_eq(orc_find(s, SYN_MODULE + 0x110, &r), STK_ERR_NOT_FOUND);
}
END_TEST

START_TEST(rules_are_kept)
{
	unsigned int reads;

	s = syn_open(m);
	find(syn_sym(m, "vfs_write") + 8);
	reads = m->calls.interrupted; /* every read polls */
	find(syn_sym(m, "vfs_write") + 8);
	ck_assert_uint_eq(m->calls.interrupted, reads);
}
END_TEST

/* ---- one step ---- */

#define SP (SYN_DATA + 0x5000) /* on the boot CPU's idle stack */
#define BP (SYN_DATA + 0x5800)

static struct stk_step out;

/* Step from probe+@off, with rsp = SP, rbp = BP. */
static enum stk_step_result step(unsigned int off, bool signal, struct stk_regs *more)
{
	struct stk_cursor cur = { .cpu = 0, .signal = signal };

	memset(&out, 0, sizeof(out));
	x86_set(&cur.regs, X86_IP, fn + off);
	x86_set(&cur.regs, X86_SP, SP);
	x86_set(&cur.regs, X86_BP, BP);
	cur.stack = (struct stk_stack){ .kind = X86_STACK(TASK),
					.cpu = -1,
					.begin = SYN_DATA + 0x4000,
					.end = SYN_DATA + 0x8000,
					.mapped = true };
	if (more) {
		cur.full = *more;
		cur.full.valid = more->valid;
	}
	s = syn_open(m);
	return x86_step_orc(s, &cur, &out);
}

#define ROW(type, sp, spo, bp, bpo)                                                      \
	syn_orc(m, fn, ORC_##type, ORC_##sp, spo, ORC_##bp, bpo)

static void expect_sp_ip(uint64_t sp, uint64_t ip)
{
	ck_assert_uint_eq(out.regs.v[X86_SP], sp);
	ck_assert_uint_eq(out.regs.v[X86_IP], ip);
}

START_TEST(base_sp)
{
	ROW(CALL, SP, 0x28, UNDEFINED, 0);
	syn_put64(m, SP + 0x20, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x28, SYN_TEXT + 0x1234);
	ck_assert_uint_eq(out.slot, SP + 0x20);
	ck_assert_uint_eq(out.regs.v[X86_BP], BP); /* not touched */
	ck_assert(!out.signal && out.reliable && !out.full);
	ck_assert_int_eq(out.how, STK_HOW_ORC);
	/* A call clobbers what the callee need not keep. */
	ck_assert(!x86_has(&out.regs, X86_AX));
}
END_TEST

START_TEST(base_bp)
{
	ROW(CALL, BP, 16, PREV_SP, -16);
	syn_put64(m, BP, 0xb0b0);
	syn_put64(m, BP + 8, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(BP + 16, SYN_TEXT + 0x1234);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0xb0b0);
}
END_TEST

/* The word at rbp+offset is the base. */
START_TEST(base_bp_indirect)
{
	ROW(CALL, BP_INDIRECT, -8, UNDEFINED, 0);
	syn_put64(m, BP - 8, SP + 0x100);
	syn_put64(m, SP + 0xf8, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x100, SYN_TEXT + 0x1234);
}
END_TEST

/* Since 5.12: the offset is added to the word at rsp. */
START_TEST(base_sp_indirect_new)
{
	ROW(CALL, SP_INDIRECT, 24, UNDEFINED, 0);
	syn_put64(m, SP, SP + 0x200);
	syn_put64(m, SP + 24, SP + 0x300); /* what the older rule would take */
	syn_put64(m, SP + 0x210, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x218, SYN_TEXT + 0x1234);
	ck_assert_uint_eq(out.link_at, SP);
}
END_TEST

/* Up to 5.11: the word at rsp+offset. */
START_TEST(base_sp_indirect_old)
{
	syn_no_symbol(m, "hardirq_stack_inuse");
	ROW(CALL, SP_INDIRECT, 24, UNDEFINED, 0);
	syn_put64(m, SP, SP + 0x200);
	syn_put64(m, SP + 24, SP + 0x300);
	syn_put64(m, SP + 0x2f8, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x300, SYN_TEXT + 0x1234);
	ck_assert_uint_eq(out.link_at, SP + 24);
}
END_TEST

/* Registers come from the last whole pt_regs, and no offset is added. */
START_TEST(base_from_a_register)
{
	static const struct {
		enum orc_reg orc;
		enum x86_reg reg;
	} row[] = { { ORC_DX, X86_DX },
		    { ORC_DI, X86_DI },
		    { ORC_R10, X86_R10 },
		    { ORC_R13, X86_R13 } };
	struct stk_regs full = { 0 };

	syn_orc(m, fn, ORC_CALL, row[_i].orc, 0x40, ORC_UNDEFINED, 0);
	for (int r = 0; r < X86_NR_REGS; r++)
		x86_set(&full, (enum x86_reg)r, 0x4141);
	x86_set(&full, row[_i].reg, SP + 0x180);
	syn_put64(m, SP + 0x178, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, &full), STK_STEP_OK);
	expect_sp_ip(SP + 0x180, SYN_TEXT + 0x1234);
	/* Without one there is no rule. */
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_NO_RULE);
}
END_TEST

START_TEST(base_ax_of_7_1)
{
	struct stk_regs full = { 0 };

	m->orc_format = SYN_ORC_7_1;
	ROW(CALL, AX, 0, UNDEFINED, 0);
	x86_set(&full, X86_AX, SP + 0x180);
	syn_put64(m, SP + 0x178, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, &full), STK_STEP_OK);
	expect_sp_ip(SP + 0x180, SYN_TEXT + 0x1234);
}
END_TEST

START_TEST(base_unknown)
{
	ROW(CALL, BAD, 8, UNDEFINED, 0);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_NO_RULE);
}
END_TEST

static void put_regs(uint64_t at)
{
	for (int r = 0; r < X86_NR_REGS; r++)
		syn_put64(m, at + 8 * r, 0x9900 + r);
	syn_put64(m, at + 8 * X86_IP, SYN_TEXT + 0x1234);
	syn_put64(m, at + 8 * X86_SP, SP + 0x400);
	syn_put64(m, at + 8 * X86_CS, 0x00010010); /* with FRED data above */
	syn_put64(m, at + 8 * X86_SS, 0x7fff0018);
}

START_TEST(type_regs)
{
	ROW(REGS, SP, 0x10, UNDEFINED, 0);
	put_regs(SP + 0x10);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x400, SYN_TEXT + 0x1234);
	ck_assert(out.full && out.signal);
	ck_assert_uint_eq(out.regs_at, SP + 0x10);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0x9900 + X86_BP);
	ck_assert_uint_eq(out.regs.v[X86_R15], 0x9900 + X86_R15);
	ck_assert_uint_eq(out.regs.v[X86_CS], 0x10);
	ck_assert_uint_eq(out.regs.v[X86_SS], 0x18);
	ck_assert_uint_eq(out.slot, 0);
}
END_TEST

/* Only code that saves registers has them where its rule says. */
START_TEST(registers_of_no_entry)
{
	const uint64_t begin = _i == 2 ? fn + 0x100 : fn - (_i == 1 ? 0x100 : 0);

	ROW(REGS, SP, 0x10, UNDEFINED, 0);
	put_regs(SP + 0x10);
	syn_symbol(m, "__entry_text_start", begin);
	syn_symbol(m, "__entry_text_end", begin + 0x100);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, SP + 0x10);
	ck_assert(out.reliable == !_i);
}
END_TEST

/* Only five words are there; rbp is still the one in use. */
START_TEST(type_regs_partial)
{
	ROW(REGS_PARTIAL, SP, 8, UNDEFINED, 0);
	put_regs(SP + 8 - 128);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x400, SYN_TEXT + 0x1234);
	ck_assert(!out.full && out.signal);
	ck_assert(!x86_has(&out.regs, X86_AX));
	ck_assert_uint_eq(out.regs.v[X86_BP], BP);
	ck_assert_uint_eq(out.regs_at, SP + 8 - 128);
}
END_TEST

START_TEST(rbp_at_rbp)
{
	ROW(CALL, SP, 8, BP, -0x10);
	syn_put64(m, SP, SYN_TEXT + 0x1234);
	syn_put64(m, BP - 0x10, 0xb1b1);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0xb1b1);
}
END_TEST

/* The base, and not the caller's rsp, is what PREV_SP means. */
START_TEST(rbp_at_prev_sp_with_regs)
{
	ROW(CALL, SP, 0x18, PREV_SP, -0x18);
	syn_put64(m, SP, 0xb2b2);
	syn_put64(m, SP + 0x10, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0xb2b2);
}
END_TEST

START_TEST(ends_and_holes)
{
	ROW(END, UNDEFINED, 0, UNDEFINED, 0);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_END);
	m->finished = false;
	ROW(HOLE, UNDEFINED, 0, UNDEFINED, 0);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_NO_RULE);
}
END_TEST

START_TEST(unreadable_is_failed)
{
	syn_orc(m, fn, ORC_CALL, ORC_SP, 0x7ff8, ORC_UNDEFINED, 0);
	syn_fail(m, SP + 0x7000, STK_ERR_EXCLUDED);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_FAILED);
	ck_assert_int_eq(out.end, STK_END_UNREADABLE);
	ck_assert_uint_eq(out.bad, SP + 0x7ff0);
}
END_TEST

/* The row at the return address belongs to what follows a noreturn call. */
START_TEST(return_address_looks_one_byte_back)
{
	syn_orc(m, fn, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 0x20, ORC_CALL, ORC_SP, 0x48, ORC_UNDEFINED, 0);
	syn_put64(m, SP, SYN_TEXT + 0x1111);
	syn_put64(m, SP + 0x40, SYN_TEXT + 0x2222);
	ck_assert_int_eq(step(0x20, false, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 8, SYN_TEXT + 0x1111);
	/* An interrupted ip stands at its own row. */
	ck_assert_int_eq(step(0x20, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 0x48, SYN_TEXT + 0x2222);
}
END_TEST

/* A call through NULL pushed a return address and nothing else. */
START_TEST(null_ip)
{
	fn = 0;
	syn_put64(m, SP, SYN_TEXT + 0x1234);
	ck_assert_int_eq(step(0, true, NULL), STK_STEP_OK);
	expect_sp_ip(SP + 8, SYN_TEXT + 0x1234);
	ck_assert_uint_eq(out.regs.v[X86_BP], BP);
}
END_TEST

/* UNWIND_HINT_REGS offset=8: the stub's return address lies on the pt_regs. */
START_TEST(skipped_return_address)
{
	uint64_t ret = syn_call_insn(m, "asm_exc_page_fault", 0x20, "probe");

	ROW(REGS, SP, 8, UNDEFINED, 0);
	put_regs(SP + 8);
	syn_put64(m, SP, ret);
	ck_assert_int_eq(step(4, true, NULL), STK_STEP_OK);
	ck_assert_uint_eq(out.passed, ret);
}
END_TEST

static const struct unit_test format_tests[] = {
	LOOP(every_format, 5),
	RANGE(signal_bit_decides, SYN_ORC_6_3, SYN_ORC_7_1 + 1),
	TEST(new_numbering_has_ax),
	LOOP(unknown_hash_is_probed, 2),
	LOOP(header_not_readable, 2),
	LOOP(known_hashes, 3),
	TEST(undefined_numbers),
	{ 0 },
};

static const struct unit_test table_tests[] = {
	TEST(last_row_at_or_below),  TEST(no_rule_where),
	TEST(tables_without_a_name), TEST(rbp_behind_none),
	TEST(nothing_covers_it),     TEST(init_text_is_covered),
	LOOP(damaged_bounds, 2),     LOOP(bounds_at_the_ends, 4),
	LOOP(tables_of_a_module, 2), TEST(damaged_bounds_take_no_memory),
	TEST(table_not_in_the_dump), LOOP(module_with_a_damaged_table, 2),
	TEST(rules_are_kept),	     { 0 },
};

static const struct unit_test rule_tests[] = {
	TEST(base_sp),
	TEST(base_bp),
	TEST(base_bp_indirect),
	TEST(base_sp_indirect_new),
	TEST(base_sp_indirect_old),
	LOOP(base_from_a_register, 4),
	TEST(base_ax_of_7_1),
	TEST(base_unknown),
	TEST(type_regs),
	LOOP(registers_of_no_entry, 3),
	TEST(type_regs_partial),
	TEST(rbp_at_rbp),
	TEST(rbp_at_prev_sp_with_regs),
	TEST(ends_and_holes),
	TEST(unreadable_is_failed),
	TEST(return_address_looks_one_byte_back),
	TEST(null_ip),
	TEST(skipped_return_address),
	{ 0 },
};

const struct unit_suite suite_orc = {
	"orc",
	{
		{ "formats", format_tests, setup, NULL },
		{ "table", table_tests, setup, NULL },
		{ "step", rule_tests, setup, NULL },
	},
};
