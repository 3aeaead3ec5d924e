/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prologue.h"

#include <stdint.h>
#include <string.h>

/*
 * One row for each encoding: an instruction begins with @nr bytes that, less what @any
 * has of them, are @byte; and has @len bytes.
 */
static const struct {
	enum x86_pattern pattern;
	uint8_t nr, len;
	unsigned char byte[5], any[5];
} row[] = {
	{ X86_P_ENDBR, 4, 4, { 0xf3, 0x0f, 0x1e, 0xfa }, { 0 } },
	/* gen_endbr_poison(): 5.18, and 6.15 */
	{ X86_P_ENDBR, 4, 4, { 0x66, 0x0f, 0x1f, 0x00 }, { 0 } },
	{ X86_P_ENDBR, 4, 4, { 0x0f, 0x1f, 0x40, 0xd6 }, { 0 } },
	{ X86_P_CALL, 1, 5, { 0xe8 }, { 0 } },
	{ X86_P_NOP5, 5, 5, { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, { 0 } },
	{ X86_P_PUSH_RBP, 1, 1, { 0x55 }, { 0 } },
	{ X86_P_PUSH, 1, 1, { 0x50 }, { 0x07 } },
	{ X86_P_PUSH, 2, 2, { 0x41, 0x50 }, { 0, 0x07 } },
	{ X86_P_SET_RBP, 3, 3, { 0x48, 0x89, 0xe5 }, { 0 } },
	{ X86_P_MOVE, 3, 3, { 0x48, 0x89, 0xc0 }, { 0, 0, 0x3f } },
	{ X86_P_MOVE, 2, 2, { 0x89, 0xc0 }, { 0, 0x3f } },
	{ X86_P_MOVE, 2, 2, { 0x31, 0xc0 }, { 0, 0x3f } },
	{ X86_P_POP_RBP, 1, 1, { 0x5d }, { 0 } },
	{ X86_P_POP_RSP, 1, 1, { 0x5c }, { 0 } },
	{ X86_P_LEAVE, 1, 1, { 0xc9 }, { 0 } },
	{ X86_P_RET, 1, 1, { 0xc3 }, { 0 } },
	{ X86_P_JUMP, 1, 5, { 0xe9 }, { 0 } },
	{ X86_P_JUMP, 1, 2, { 0xeb }, { 0 } },
};

static bool row_matches(size_t i, const unsigned char *code, size_t room)
{
	if (room < row[i].nr)
		return false;
	for (size_t b = 0; b < row[i].nr; b++)
		if ((code[b] & ~row[i].any[b]) != row[i].byte[b])
			return false;
	return true;
}

size_t x86_match(enum x86_pattern pattern, const unsigned char *code, size_t room)
{
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].pattern == pattern && row_matches(i, code, room))
			return row[i].len;
	return 0;
}

/* The first pattern, in the order of the enum, up to @last that is at @code. */
static enum x86_pattern first_match(const unsigned char *code, size_t room,
				    enum x86_pattern last, size_t *len)
{
	enum x86_pattern p = 0;

	for (; p <= last; p++) {
		*len = x86_match(p, code, room);
		if (*len)
			return p;
	}
	return X86_NR_PATTERNS;
}

unsigned int x86_rbp_push(const unsigned char *code, size_t len)
{
	unsigned int pushes = 0;
	size_t insn;

	for (size_t i = 0; i < len; i += insn) {
		switch (first_match(code + i, len - i, X86_P_MOVE, &insn)) {
		case X86_P_PUSH_RBP:
			return pushes + 1;
		case X86_P_PUSH:
			pushes++;
			break;
		case X86_NR_PATTERNS:
			return 0;
		default:
			break;
		}
	}
	return 0;
}

bool x86_sets_rbp(const unsigned char *code, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (x86_match(X86_P_SET_RBP, code + i, len - i))
			return true;
	return false;
}

bool x86_frame_is_gone(const unsigned char *code, size_t len)
{
	const unsigned char *next = code + len;

	if (!len || !(x86_match(X86_P_POP_RBP, next - 1, 1) ||
		      x86_match(X86_P_LEAVE, next - 1, 1)))
		return false;
	return x86_match(X86_P_RET, next, 1) || x86_match(X86_P_JUMP, next, 1);
}
