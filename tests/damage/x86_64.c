/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How x86_64 calls, as its code has it: a second opinion. */
#include <stackinfo/kernel.h>
#include <string.h>

#include "arch.h"
#include "arch/x86_64/x86_64.h"
#include "base/context.h"

/* How long the operand of "ff /2" is, with its opcode. */
static unsigned int indirect_length(const unsigned char *p)
{
	unsigned int mod = p[1] >> 6, rm = p[1] & 7, length = 2;

	if (p[0] != 0xff || (p[1] >> 3 & 7) != 2)
		return 0;
	if (mod == 3)
		return length;
	if (rm == 4)
		length++;
	if (mod == 1)
		return length + 1;
	if (mod == 2 || rm == 5 || (rm == 4 && (p[2] & 7) == 5))
		return length + 4;
	return length;
}

static bool follows_call(struct stk *s, uint64_t addr, uint64_t *target)
{
	unsigned char code[8] = { 0 };
	int32_t distance;

	if (stk_read(s, addr - 7, code, 7))
		return false;
	if (code[2] == 0xe8) {
		memcpy(&distance, code + 3, sizeof(distance));
		*target = addr + (uint64_t)(int64_t)distance;
		return true;
	}
	for (unsigned int length = 2; length <= 7; length++)
		if (indirect_length(code + 7 - length) == length)
			return true;
	return false;
}

static bool is_thunk(const struct stk_name *name)
{
	return name->function && strstr(name->function, "__x86_indirect_");
}

/*
 * Does the call at @target lead to code that is written at run time: a static call's
 * target, a tracer's trampoline; or does a breakpoint, or what ends decoding, lie in it?
 */
static bool is_written_at_run_time(struct stk *s, uint64_t target)
{
	static const char *const written[] = { "__traceiter_", "__SC", "ftrace_",
					       "bpf_" };
	unsigned char code[64];
	struct stk_name name;

	stk_symbolize(s, target, false, &name);
	if (!name.function)
		return true;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (!strncmp(name.function, written[i], strlen(written[i])))
			return true;
	if (stk_read(s, target, code, sizeof(code)))
		return true;
	if (code[0] == 0xe8 || code[4] == 0xe8)
		return true; /* a tracer's call, behind endbr64 */
	/* Into the next function, too; but padding behind a return is no breakpoint. */
	for (size_t i = 1; i + 1 < sizeof(code); i++)
		if ((code[i] == 0xcc && code[i - 1] != 0xcc && code[i - 1] != 0xc3 &&
		     code[i + 1] != 0xcc) ||
		    (code[i] == 0x0f && code[i + 1] == 0x0b))
			return true;
	return false;
}

#define MAX_TAILS 4

/*
 * Is there a jump by way of a register in the function at @start, or in one that it jumps
 * to? What looks like such a jump will do: this is to say what cannot be ruled out.
 */
static bool jumps_anywhere(struct stk *s, uint64_t start, unsigned int depth)
{
	unsigned char code[4096];
	struct stk_name at;
	size_t len = 0;

	stk_symbolize(s, start, false, &at);
	while (at.function && len + 64 <= sizeof(code) &&
	       !stk_read(s, start + len, code + len, 64))
		len += 64;
	for (size_t i = 0; i + 5 <= len; i++) {
		struct stk_name name;
		uint64_t to;
		int32_t rel;

		stk_symbolize(s, start + i, false, &name);
		if (!name.function || strcmp(name.function, at.function))
			break;
		if (code[i] == 0xff && (code[i + 1] >> 3 & 7) == 4)
			return true;
		if (code[i] != 0xe9 && code[i] != 0xeb)
			continue;
		memcpy(&rel, code + i + 1, sizeof(rel));
		to = code[i] == 0xe9
			     ? start + i + 5 + (uint64_t)(int64_t)rel
			     : start + i + 2 + (uint64_t)(int64_t)(int8_t)code[i + 1];
		stk_symbolize(s, to, false, &name);
		if (is_thunk(&name))
			return true;
		if (name.function && !name.offset && depth &&
		    (is_written_at_run_time(s, to) || jumps_anywhere(s, to, depth - 1)))
			return true;
	}
	return false;
}

/* Code of the kernel's start, part of it freed; or a place that is patched at run time.
 */
static bool was_changed(struct stk *s, uint64_t ret)
{
	static const unsigned char nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	unsigned char b[7];
	uint64_t begin, end;

	if (!stk_symbol_address(s, "_sinittext", &begin) &&
	    !stk_symbol_address(s, "_einittext", &end) && ret >= begin && ret <= end)
		return true;
	if (stk_read(s, ret - sizeof(b), b, sizeof(b)))
		return false;
	return !memcmp(b + 2, nop5, sizeof(nop5)) || memchr(b, 0xcc, sizeof(b)) ||
	       (b[5] == 0x48 && b[6] == 0xcb); /* lretq: what head_64.S pushed */
}

static bool could_lead(struct stk *s, uint64_t ret, uint64_t target,
		       const struct stk_frame *callee)
{
	struct stk_name name;

	stk_symbolize(s, callee->ip, !callee->interrupted, &name);
	if (name.function && target <= callee->ip &&
	    callee->ip - target <= name.offset + 64 &&
	    callee->ip - target >= name.offset - !callee->interrupted)
		return true;
	return is_written_at_run_time(s, target) || jumps_anywhere(s, target, MAX_TAILS);
}

const struct damage_arch damage_x86_64 = {
	.name = "x86_64",
	.note_reg = { X86_IP, X86_CS, X86_FLAGS, X86_SP, X86_BP },
	.mode = { { X86_CS, 0x10 }, { X86_SS, 0x18 } },
	.switch_frame = 64,
	.copies = X86_STACK(NMI),
	.follows_call = follows_call,
	.was_changed = was_changed,
	.could_lead = could_lead,
};
