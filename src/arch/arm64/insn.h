/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn.h - what an instruction does to the flow of control. */
#ifndef STK_ARM64_INSN_H
#define STK_ARM64_INSN_H

#include "../bits.h"
#include "arm64.h"

extern const struct stk_insn_set arm64_insns;

/* @at: its address. @target: set to where it leads; 0: not told by it alone. */
enum stk_flow arm64_flow(uint32_t insn, uint64_t at, uint64_t *target);

/* By how many bits the distance of a load or store of a pair is shifted. */
unsigned int arm64_pair_scale(uint32_t insn);

#endif
