/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86_64.h"

#define MAX_CALL 7u

/*
 * Every return address is preceded by a call: "e8 rel32", or "ff /2" in one of its
 * encodings. Indirect calls have 2 to 7 bytes, plus a REX or CS prefix that need not
 * be looked at, since it comes first.
 */
bool x86_call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	unsigned char b[8] = { 0 }; /* one more than the longest call */

	*target = 0;
	if (stk_read(s, addr - MAX_CALL, b, MAX_CALL))
		return false;
	if (b[2] == 0xe8) {
		int32_t rel = (int32_t)((uint32_t)b[3] | (uint32_t)b[4] << 8 |
					(uint32_t)b[5] << 16 | (uint32_t)b[6] << 24);

		*target = addr + (uint64_t)(int64_t)rel;
		return true;
	}
	for (unsigned int len = 2; len <= MAX_CALL; len++) {
		const unsigned char *p = b + MAX_CALL - len;
		unsigned int mod, rm, need;

		if (p[0] != 0xff || (p[1] >> 3 & 7) != 2)
			continue;
		mod = p[1] >> 6;
		rm = p[1] & 7;
		need = 2;
		if (mod != 3 && rm == 4)
			need++; /* SIB */
		if (mod == 1)
			need += 1;
		else if (mod == 2 || (mod == 0 && rm == 5) ||
			 (mod == 0 && rm == 4 && (p[2] & 7) == 5))
			need += 4;
		if (need == len)
			return true;
	}
	return false;
}
