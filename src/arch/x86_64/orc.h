/* SPDX-License-Identifier: GPL-2.0-or-later */
/* orc.h - ORC unwind tables, read from the dump and made alike for all formats. */
#ifndef STK_ORC_H
#define STK_ORC_H

#include <stdbool.h>
#include <stdint.h>

#include "../arch.h"

enum orc_reg {
	ORC_UNDEFINED,
	ORC_PREV_SP,
	ORC_AX,
	ORC_DX,
	ORC_DI,
	ORC_BP,
	ORC_SP,
	ORC_R10,
	ORC_R13,
	ORC_BP_INDIRECT,
	ORC_SP_INDIRECT,
	ORC_BAD, /* a number that the format does not define */
};

enum orc_type {
	ORC_HOLE, /* nothing is known of this code */
	ORC_END,  /* the first frame of a stack */
	ORC_CALL,
	ORC_REGS,	  /* a whole pt_regs lies at the base */
	ORC_REGS_PARTIAL, /* only its last five words do, ip first */
};

struct orc_rule {
	enum orc_type type;
	enum orc_reg sp_reg, bp_reg;
	int16_t sp_offset, bp_offset;
	bool signal; /* the frame found by this rule was interrupted */
};

/*
 * The rule in force at @addr. STK_ERR_NOT_FOUND when no table covers it; other
 * errors when the tables cannot be read.
 */
enum stk_status orc_find(struct stk *s, uint64_t addr, struct orc_rule *rule);

/* The tables, two each of the kernel and of its modules: as whole_table() of struct
 * stk_arch. */
bool orc_rule_table(struct stk *s, unsigned int nth, uint64_t *begin, uint64_t *end);

/*
 * orc_fixups.c: where the rule that was found for @c is known to be wrong, make it and
 * its @base what they should have been.
 */
void orc_fix(struct stk *s, const struct stk_cursor *c, struct orc_rule *rule,
	     uint64_t *base);

/* Does the format of this kernel's tables tell an end from a hole? */
bool orc_tells_end(struct stk *s);

#endif
