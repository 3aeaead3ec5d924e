/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prologue.h - what the bytes of a function say of its frame: what it has pushed where
 * it was left, and whether rbp is its own. All of it reads only the bytes it is given.
 */
#ifndef STK_X86_64_PROLOGUE_H
#define STK_X86_64_PROLOGUE_H

#include <stdbool.h>
#include <stddef.h>

/* Instructions, or kinds of them, that say something of a frame. */
enum x86_pattern {
	X86_P_ENDBR,	/* endbr64, and what sealing makes of it */
	X86_P_CALL,	/* a direct call: in a prologue that of __fentry__ */
	X86_P_NOP5,	/* the nop that takes its place */
	X86_P_PUSH_RBP, /* before X86_P_PUSH, which has it, too */
	X86_P_PUSH,
	X86_P_SET_RBP, /* mov %rsp,%rbp; before X86_P_MOVE, which has it, too */
	X86_P_MOVE,    /* between registers, and xor of them */
	X86_P_POP_RBP,
	X86_P_POP_RSP,
	X86_P_LEAVE,
	X86_P_RET,
	X86_P_JUMP, /* direct: a tail call, or to a return thunk */
	X86_NR_PATTERNS
};

/* The length of the instruction at @code if the @room bytes there make it a @pattern. */
size_t x86_match(enum x86_pattern pattern, const unsigned char *code, size_t room);

/*
 * Where among the pushes of the function that begins at @code is that of rbp, if the
 * first @len bytes of it have run? n: the n-th word below the return address; 0: rbp is
 * not pushed, or not seen, since only a prologue is understood.
 */
unsigned int x86_rbp_push(const unsigned char *code, size_t len);

/* Is there a "mov %rsp,%rbp" among the @len bytes of code, wherever it seems to begin? */
bool x86_sets_rbp(const unsigned char *code, size_t len);

/*
 * Is the instruction at @code + @len the one that leaves the function, and has the one
 * before it taken down its frame? One byte more than @len is looked at.
 */
bool x86_frame_is_gone(const unsigned char *code, size_t len);

#endif
