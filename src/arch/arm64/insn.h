/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn.h - what an instruction does to the flow of control. */
#ifndef STK_ARM64_INSN_H
#define STK_ARM64_INSN_H

#include "arm64.h"

enum arm64_flow {
	ARM64_NEXT,
	ARM64_JUMP,	/* to the target */
	ARM64_JUMP_IF,	/* perhaps */
	ARM64_JUMP_REG, /* to what a register has */
	ARM64_CALL,
	ARM64_CALL_REG,
	ARM64_RETURN,
};

/* @at: its address. @target: set to where it leads; 0: not told by it alone. */
enum arm64_flow arm64_flow(uint32_t insn, uint64_t at, uint64_t *target);

#endif
