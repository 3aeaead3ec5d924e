/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch.h - what is worth changing on one architecture alone. */
#ifndef DAMAGE_ARCH_H
#define DAMAGE_ARCH_H

#include "arch/arch.h"

#define NR_NOTE_BITS 5

/* struct mode_word - a register of the user's, and what the kernel would have there. */
struct mode_word {
	unsigned int reg;
	uint64_t value;
};

struct damage_arch {
	const char *name;
	unsigned int note_reg[NR_NOTE_BITS]; /* that a chain may rest on */
	/* What makes the user's registers the kernel's; the second is changed, or not. */
	struct mode_word mode[2];
	uint64_t switch_frame; /* what a switch pushes, at most */
	/*
	 * The frame pointer leads from frame to frame: the word below each return address
	 * is the caller's, and this far from the address is what points to both.
	 */
	bool records;
	int64_t fp_distance;
	/* Where a task that sleeps has the frame pointer and where to go on. */
	struct stk_inner saved_fp[4], saved_pc[4];
	/* Of stacks whose top has three copies of what was interrupted; NULL: none. */
	const struct stk_kind *copies;
	bool (*follows_call)(struct stk *s, uint64_t addr, uint64_t *target);
	/* Is the code before @ret no more what was called there? */
	bool (*was_changed)(struct stk *s, uint64_t ret);
	/* Can the call before @ret, of @target, have led to @callee? */
	bool (*could_lead)(struct stk *s, uint64_t ret, uint64_t target,
			   const struct stk_frame *callee);
};

/* That of @s; NULL: nobody has written one. */
const struct damage_arch *damage_arch(const struct stk *s);

extern const struct damage_arch damage_x86_64;

/* Where @in says that a member of @task is; false: this kernel has none there. */
bool inner_offset(struct stk *s, const struct stk_inner *in, uint64_t *offset);

#endif
