/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bytes of a function say of its frame. */
#include "synthetic.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/prologue.h"

static const struct {
	unsigned char code[8];
	size_t len, need; /* of the instruction; bytes that tell what it is */
	enum x86_pattern pattern;
} patterns[] = {
	{ { 0xf3, 0x0f, 0x1e, 0xfa }, 4, 4, X86_P_ENDBR },
	{ { 0x66, 0x0f, 0x1f, 0x00 }, 4, 4, X86_P_ENDBR },
	{ { 0x0f, 0x1f, 0x40, 0xd6 }, 4, 4, X86_P_ENDBR },
	{ { 0xe8, 1, 2, 3, 4 }, 5, 1, X86_P_CALL },
	{ { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, 5, 5, X86_P_NOP5 },
	{ { 0x55 }, 1, 1, X86_P_PUSH_RBP },
	{ { 0x50 }, 1, 1, X86_P_PUSH },
	{ { 0x57 }, 1, 1, X86_P_PUSH },
	{ { 0x41, 0x50 }, 2, 2, X86_P_PUSH },
	{ { 0x41, 0x57 }, 2, 2, X86_P_PUSH },
	{ { 0x48, 0x89, 0xe5 }, 3, 3, X86_P_SET_RBP },
	{ { 0x48, 0x89, 0xfb }, 3, 3, X86_P_MOVE },
	{ { 0x31, 0xc0 }, 2, 2, X86_P_MOVE },
	{ { 0x89, 0xd1 }, 2, 2, X86_P_MOVE },
	{ { 0x5d }, 1, 1, X86_P_POP_RBP },
	{ { 0x5c }, 1, 1, X86_P_POP_RSP },
	{ { 0xc9 }, 1, 1, X86_P_LEAVE },
	{ { 0xc3 }, 1, 1, X86_P_RET },
	{ { 0xe9, 1, 2, 3, 4 }, 5, 1, X86_P_JUMP },
	{ { 0xeb, 1 }, 2, 1, X86_P_JUMP },
};

START_TEST(each_pattern)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t need = patterns[i].need;
		unsigned char *code = malloc(need);

		memcpy(code, patterns[i].code, need);
		ck_assert_msg(x86_match(patterns[i].pattern, code, need) ==
				      patterns[i].len,
			      "row %zu", i);
		ck_assert_msg(!x86_match(patterns[i].pattern, code, need - 1), "row %zu",
			      i);
		/* And it is none of the others. */
		for (enum x86_pattern p = 0; p < X86_NR_PATTERNS; p++)
			if (p != patterns[i].pattern)
				ck_assert_msg(!x86_match(p, code, need) ||
						      p == X86_P_PUSH || p == X86_P_MOVE,
					      "row %zu: %d", i, p);
		free(code);
	}
}
END_TEST

START_TEST(what_looks_like_one)
{
	static const struct {
		unsigned char code[4];
		enum x86_pattern pattern;
	} no[] = {
		{ { 0x58 }, X86_P_PUSH },	      /* pop %rax */
		{ { 0x4f, 0x57 }, X86_P_PUSH },	      /* another prefix */
		{ { 0x41, 0x58 }, X86_P_PUSH },	      /* pop %r8 */
		{ { 0x48, 0x89, 0x45 }, X86_P_MOVE }, /* to memory */
		{ { 0x31, 0x00 }, X86_P_MOVE },
		{ { 0x48, 0x89, 0xe6 }, X86_P_SET_RBP },
		{ { 0xf3, 0x0f, 0x1e, 0xfb }, X86_P_ENDBR }, /* endbr32 */
		{ { 0x0f, 0x1f, 0x44, 0x01 }, X86_P_NOP5 },
	};

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!x86_match(no[i].pattern, no[i].code, 4), "row %zu", i);
}
END_TEST

/* Intel's manual, volume 2: what the bytes are, however they came about. */
static size_t meant(enum x86_pattern pattern, const unsigned char *c)
{
	const bool registers = c[1] >= 0xc0;

	switch (pattern) {
	case X86_P_ENDBR:
		return !memcmp(c, "\xf3\x0f\x1e\xfa", 4) ||
				       !memcmp(c, "\x66\x0f\x1f\x00", 4) ||
				       !memcmp(c, "\x0f\x1f\x40\xd6", 4)
			       ? 4
			       : 0;
	case X86_P_CALL:
		return c[0] == 0xe8 ? 5 : 0;
	case X86_P_NOP5:
		return memcmp(c, "\x0f\x1f\x44\x00\x00", 5) ? 0 : 5;
	case X86_P_PUSH_RBP:
		return c[0] == 0x55;
	case X86_P_PUSH:
		if (c[0] == 0x41)
			return c[1] >= 0x50 && c[1] <= 0x57 ? 2 : 0;
		return c[0] >= 0x50 && c[0] <= 0x57;
	case X86_P_SET_RBP:
		return memcmp(c, "\x48\x89\xe5", 3) ? 0 : 3;
	case X86_P_MOVE:
		if (c[0] == 0x48)
			return c[1] == 0x89 && c[2] >= 0xc0 ? 3 : 0;
		return (c[0] == 0x89 || c[0] == 0x31) && registers ? 2 : 0;
	case X86_P_POP_RBP:
		return c[0] == 0x5d;
	case X86_P_POP_RSP:
		return c[0] == 0x5c;
	case X86_P_LEAVE:
		return c[0] == 0xc9;
	case X86_P_RET:
		return c[0] == 0xc3;
	case X86_P_JUMP:
		return c[0] == 0xe9 ? 5 : c[0] == 0xeb ? 2 : 0;
	default:
		return 0;
	}
}

/* Each bit of an instruction counts, but for those that tell the registers. */
START_TEST(each_bit)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		for (unsigned int bit = 0; bit < 8 * 5; bit++)
			for (enum x86_pattern p = 0; p < X86_NR_PATTERNS; p++) {
				unsigned char code[8];

				memcpy(code, patterns[i].code, sizeof(code));
				code[bit / 8] ^= (unsigned char)(1u << bit % 8);
				ck_assert_msg(x86_match(p, code, 8) == meant(p, code),
					      "row %zu, bit %u, %d", i, bit, p);
			}
}
END_TEST

static const struct {
	unsigned char code[16];
	size_t len;
	unsigned int push;
} prologues[] = {
	{ { 0x55 }, 1, 1 },
	{ { 0x55 }, 0, 0 }, /* it has not run yet */
	{ { 0x55, 0x48, 0x89, 0xe5 }, 4, 1 },
	{ { 0xf3, 0x0f, 0x1e, 0xfa, 0xe8, 1, 2, 3, 4, 0x55 }, 10, 1 },
	{ { 0x0f, 0x1f, 0x44, 0, 0, 0x55 }, 6, 1 },
	{ { 0x41, 0x57, 0x48, 0x89, 0xfb, 0x53, 0x31, 0xc0, 0x55 }, 9, 3 },
	{ { 0x41, 0x57, 0x53 }, 3, 0 },
	{ { 0x48, 0x83, 0xec, 0x08, 0x55 }, 5, 0 }, /* no prologue goes on like that */
	{ { 0xe8, 0x55, 0x55, 0x55, 0x55 }, 3, 0 }, /* within an instruction */
};

START_TEST(where_rbp_is_pushed)
{
	for (size_t i = 0; i < sizeof(prologues) / sizeof(prologues[0]); i++) {
		size_t len = prologues[i].len;
		unsigned char *code = malloc(len ? len : 1);

		memcpy(code, prologues[i].code, len);
		ck_assert_msg(x86_rbp_push(code, len) == prologues[i].push, "row %zu: %u",
			      i, x86_rbp_push(code, len));
		free(code);
	}
}
END_TEST

START_TEST(rbp_is_set)
{
	static const unsigned char code[] = { 0x55, 0x90, 0x48, 0x89, 0xe5 };

	ck_assert(x86_sets_rbp(code, 5));
	ck_assert(!x86_sets_rbp(code, 4));
	ck_assert(!x86_sets_rbp(code, 0));
}
END_TEST

START_TEST(frame_taken_down)
{
	static const unsigned char down[] = { 0x5d, 0xc9 },
				   leave[] = { 0xc3, 0xe9, 0xeb };
	unsigned char code[] = { 0x90, 0, 0 };

	for (size_t i = 0; i < sizeof(down) * sizeof(leave); i++) {
		code[1] = down[i / sizeof(leave)];
		code[2] = leave[i % sizeof(leave)];
		ck_assert_msg(x86_frame_is_gone(code, 2), "row %zu", i);
		ck_assert_msg(!x86_frame_is_gone(code, 1), "row %zu", i);
	}
	ck_assert(!x86_frame_is_gone(code + 2, 0));
	code[2] = 0x90;
	ck_assert(!x86_frame_is_gone(code, 2));
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(each_pattern),
	TEST(each_bit),
	TEST(what_looks_like_one),
	TEST(where_rbp_is_pushed),
	TEST(rbp_is_set),
	TEST(frame_taken_down),
	{ 0 },
};

const struct unit_suite suite_prologue = {
	"prologue",
	{
		{ "prologue", t_tests, NULL, NULL },
	},
};
