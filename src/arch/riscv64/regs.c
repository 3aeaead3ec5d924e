/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "riscv64.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../note_regs.h"
#include "../shadow.h"

const char *const riscv_reg_names[] = {
	"pc", "ra", "sp",     "gp",	 "tp",	  "t0",	     "t1",  "t2",  "s0", "s1",
	"a0", "a1", "a2",     "a3",	 "a4",	  "a5",	     "a6",  "a7",  "s2", "s3",
	"s4", "s5", "s6",     "s7",	 "s8",	  "s9",	     "s10", "s11", "t3", "t4",
	"t5", "t6", "status", "badaddr", "cause", "orig_a0", NULL,
};

#define ROW(title, reg, last)                                                            \
	{                                                                                \
		title, reg, 16, last                                                     \
	}

/* __show_regs()'s order. */
const struct stk_reg_row riscv_reg_rows[RISCV_NR_REGS] = {
	ROW("PC", 0, false),	   ROW("RA", 1, false),	   ROW("SP", 2, true),
	ROW("GP", 3, false),	   ROW("TP", 4, false),	   ROW("T0", 5, true),
	ROW("T1", 6, false),	   ROW("T2", 7, false),	   ROW("S0", 8, true),
	ROW("S1", 9, false),	   ROW("A0", 10, false),   ROW("A1", 11, true),
	ROW("A2", 12, false),	   ROW("A3", 13, false),   ROW("A4", 14, true),
	ROW("A5", 15, false),	   ROW("A6", 16, false),   ROW("A7", 17, true),
	ROW("S2", 18, false),	   ROW("S3", 19, false),   ROW("S4", 20, true),
	ROW("S5", 21, false),	   ROW("S6", 22, false),   ROW("S7", 23, true),
	ROW("S8", 24, false),	   ROW("S9", 25, false),   ROW("S10", 26, true),
	ROW("S11", 27, false),	   ROW("T3", 28, false),   ROW("T4", 29, true),
	ROW("T5", 30, false),	   ROW("T6", 31, true),	   ROW("STATUS", 32, false),
	ROW("BADADDR", 33, false), ROW("CAUSE", 34, true), ROW("ORIG_A0", 35, true),
};

/* __show_regs() has "epc : …"; QEMU's monitor "x2/sp". */
const struct stk_reg_word riscv_reg_words[] = {
	{ "epc", RISCV_PC, -1 },
	{ "fp", RISCV_FP, -1 },
	{ NULL, 0, -1 },
};

#define STATUS_SPIE 0x020ull /* interrupts were on */
#define STATUS_SPP  0x100ull /* the kernel was interrupted */

int riscv_interruptible(const struct stk_regs *regs)
{
	return riscv_has(regs, RISCV_STATUS) ? (regs->v[RISCV_STATUS] & STATUS_SPIE) != 0
					     : -1;
}

/* Notes have no status: then code and stacks of the kernel tell, which are in its half.
 */
bool riscv_user_mode(const struct stk_regs *regs)
{
	if (riscv_has(regs, RISCV_STATUS))
		return !(regs->v[RISCV_STATUS] & STATUS_SPP);
	return riscv_has(regs, RISCV_TP) && !riscv_is_kernel_address(regs->v[RISCV_PC]) &&
	       !riscv_is_kernel_address(regs->v[RISCV_SP]);
}

#define PRSTATUS_SIZE 376u /* pr_reg is struct user_regs_struct */

enum stk_status riscv_note_regs(struct stk *s, const struct stk_saved *saved,
				struct stk_regs *regs)
{
	return saved->by_monitor ? stk_monitor_regs(s, saved, RISCV_NR_NOTE_REGS, regs)
				 : stk_prstatus_regs(saved, PRSTATUS_SIZE,
						     RISCV_NR_NOTE_REGS, regs);
}

enum stk_status riscv_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs)
{
	enum stk_status st;

	memset(regs, 0, sizeof(*regs));
	st = stk_read(s, addr, regs->v, RISCV_NR_REGS * sizeof(uint64_t));
	if (!st)
		regs->valid = RISCV_ALL_REGS;
	return st;
}

const struct stk_inner riscv_saved_sp[] = { { "task_struct", "thread" },
					    { "thread_struct", "sp" },
					    { 0 } };

/* __switch_to() saves what a call preserves in thread. */
enum stk_status riscv_sleeping_regs(struct stk *s, const struct stk_task *task,
				    struct stk_regs *regs, bool *signal)
{
	static const char *const forks[] = { "ret_from_fork", "ret_from_fork_kernel_asm",
					     "ret_from_fork_user_asm",
					     "ret_from_kernel_thread" };
	struct stk_member thread, ra, saved;
	struct stk_stack shadow;
	uint64_t at, fork, word[12];
	enum stk_status st = stk_member(s, "task_struct", "thread", &thread);

	memset(regs, 0, sizeof(*regs));
	if (!st)
		st = stk_member(s, "thread_struct", "ra", &ra);
	if (!st)
		st = stk_member(s, "thread_struct", "s", &saved);
	if (st)
		return st;
	at = task->addr + thread.offset;
	st = stk_read_u64(s, at + ra.offset, &regs->v[RISCV_PC]);
	if (!st)
		st = stk_read(s, at + saved.offset, word, sizeof(word));
	if (st)
		return st;
	riscv_set(regs, RISCV_PC, regs->v[RISCV_PC]);
	riscv_set(regs, RISCV_SP, task->sp);
	riscv_set(regs, RISCV_FP, word[0]);
	riscv_set(regs, RISCV_S1, word[1]);
	for (unsigned int i = 2; i < 12; i++)
		riscv_set(regs, RISCV_S2 + i - 2, word[i]);
	if (stk_task_shadow(s, task, &shadow, &at))
		riscv_set(regs, RISCV_GP, at);
	/* A new task begins with the first byte of it. */
	*signal = false;
	for (size_t i = 0; i < sizeof(forks) / sizeof(forks[0]); i++)
		*signal |=
			stk_find_symbol(s, forks[i], &fork) && fork == regs->v[RISCV_PC];
	return STK_OK;
}
