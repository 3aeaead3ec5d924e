/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * other_expect.h - what the tests of arm64 and of riscv64 both expect of the machine in
 * fixture.h.
 */
#ifndef UNIT_OTHER_EXPECT_H
#define UNIT_OTHER_EXPECT_H

#include "other.h"

/*
 * The machine's registers: their names, in the order of their numbers; how they are
 * printed, as "PC=pc:16 …" with a line's end where one ends; and what else they are
 * called, as "lr=x30 …".
 */
void other_expect_registers(const char *names, const char *rows, const char *words);
/* What the graph tracer is asked by: the frame pointer, but not of what was interrupted.
 */
void other_expect_tracer_key(void);
/*
 * Each of @nr bits of @insn is flipped, one at a time: with those of @decide it is
 * another instruction to @same, with those of @free it is not. What is in neither is not
 * said, as where the architecture has no such instruction.
 */
void other_flip_bits(size_t row, uint32_t insn, unsigned int nr, uint32_t decide,
		     uint32_t free, bool (*same)(uint32_t insn, uint32_t flipped));
#define BITS(high, low) ((uint32_t)((2ull << (high)) - (1ull << (low))))
/*
 * Saved registers on a stack of 16 KiB: what was interrupted had @sp, and they end at
 * @end, both from the stack's begin on. 1: that agrees, 0: it differs, -1: it says
 * nothing. The table ends where @kind is NULL.
 */
struct other_place {
	const struct stk_kind *kind;
	int64_t sp, end;
	int want;
};

void other_expect_places(const struct other_place *row, struct stk_regs regs);
/*
 * The words by which @cpu enters the kernel, -1: the machine's. A line of each: its name;
 * what it is, of "unread", "code", "task", "of" a task, its stack and "detail"; and what
 * it means, or the problem behind a '!'.
 */
void other_expect_words(int cpu, const struct stk_regs *regs, const char *want);
/*
 * Each word may be damaged: @truth is the chain of fixture.h's CPU without that, and no
 * other may look certain.
 */
bool other_is_wrong(const char *truth);
/* What may stand in place of the word of a stack at @at, one after the other. */
void other_damage_word(uint64_t at, const char *truth);
uint64_t other_random(uint64_t *state);
/* By the machine's page tables, of which @tables says which they are. */
void other_expect_phys(const char *tables, uint64_t addr, uint64_t want);
void other_expect_region(const char *tables, uint64_t addr, const char *region);
/* The entry that maps @virt, whose table's entries are of @size bytes each. */
uint64_t *other_entry(uint64_t virt, uint64_t size);

#endif
