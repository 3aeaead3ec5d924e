/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn.h"
#include "x86_64.h"

#define MAX_CALL 7u

/*
 * Every return address is preceded by a call: "e8 rel32", or "ff /2" in one of its
 * encodings. Indirect calls have 2 to 7 bytes, plus a REX or CS prefix that need not
 * be looked at, since it comes first. @direct, @indirect: the first bytes.
 */
static bool call_ends_at(struct stk *s, uint64_t addr, unsigned char direct,
			 unsigned char indirect, uint64_t *target, uint64_t *begin)
{
	unsigned char b[MAX_CALL];

	*target = 0;
	if (stk_read(s, addr - MAX_CALL, b, MAX_CALL))
		return false;
	if (b[2] == direct) {
		*target = addr + (uint64_t)(int64_t)x86_rel32(b + 3);
		*begin = addr - 5;
		return true;
	}
	for (unsigned int len = 2; len <= MAX_CALL; len++) {
		const unsigned char *p = b + MAX_CALL - len;

		if (p[0] == indirect && (p[1] >> 3 & 7) == 2 &&
		    1 + x86_modrm_len(p + 1, len - 1) == len) {
			*begin = addr - len;
			return true;
		}
	}
	return false;
}

bool x86_call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	return x86_call_begin(s, addr, target) != 0;
}

uint64_t x86_call_begin(struct stk *s, uint64_t addr, uint64_t *target)
{
	uint64_t begin;

	return call_ends_at(s, addr, 0xe8, 0xff, target, &begin) ? begin : 0;
}

bool x86_breakpoint_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	struct stk_name name;
	unsigned char before;
	uint64_t begin;

	if (!call_ends_at(s, addr, 0xcc, 0xcc, target, &begin))
		return false;
	/* The padding between functions is full of that byte. */
	stk_symbolize(s, addr, true, &name);
	return name.function && begin >= addr - name.offset &&
	       !stk_read(s, begin - 1, &before, 1) && before != 0xcc;
}
