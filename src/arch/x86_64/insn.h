/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn.h - how long an instruction is, where it goes on, and where its operand is. */
#ifndef STK_X86_64_INSN_H
#define STK_X86_64_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X86_MAX_INSN 15u

enum x86_flow {
	X86_NEXT, /* to the next one */
	X86_NOP,  /* the same, and does nothing */
	X86_CALL, /* a direct call */
	X86_CALL_INDIRECT,
	X86_JUMP,    /* a direct jump */
	X86_JUMP_IF, /* a conditional one */
	X86_JUMP_INDIRECT,
	X86_BREAK, /* int3 */
	X86_STOP,  /* a return, ud2, hlt and the like */
};

struct x86_insn {
	unsigned int len;
	enum x86_flow flow;
	int32_t rel; /* of a direct call or jump: from the next instruction */
	/*
	 * Where its ModRM is, and the REX prefix, or 0, that belongs to it. 0: there is
	 * none, or it does not mean what it does alone (fs, gs, 32 bits, VEX, EVEX).
	 */
	unsigned char modrm_at, rex;
};

/* Decode what @code begins with; false when that is no instruction of @room bytes. */
bool x86_insn(const unsigned char *code, size_t room, struct x86_insn *out);

/* How long ModRM at @p is with what it says follows it; 0: longer than @room. */
size_t x86_modrm_len(const unsigned char *p, size_t room);

/* The 32-bit distance that is stored at @p. */
static inline int32_t x86_rel32(const unsigned char *p)
{
	return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[3] << 24);
}

#endif
