/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arm64.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../note_regs.h"
#include "../shadow.h"

const char *const arm64_reg_names[] = {
	"x0",  "x1",  "x2",  "x3",     "x4",	  "x5",	       "x6",  "x7",  "x8",  "x9",
	"x10", "x11", "x12", "x13",    "x14",	  "x15",       "x16", "x17", "x18", "x19",
	"x20", "x21", "x22", "x23",    "x24",	  "x25",       "x26", "x27", "x28", "x29",
	"x30", "sp",  "pc",  "pstate", "orig_x0", "syscallno", NULL,
};

#define ROW(n, last)                                                                     \
	{                                                                                \
		"X" #n, n, 16, last                                                      \
	}

/* What tells where, then the rest in its order. */
const struct stk_reg_row arm64_reg_rows[ARM64_NR_REGS] = {
	{ "PC", ARM64_PC, 16, false },
	{ "LR", ARM64_LR, 16, false },
	{ "SP", ARM64_SP, 16, true },
	{ "X29", ARM64_FP, 16, false },
	{ "PSTATE", ARM64_PSTATE, 8, true },
	ROW(0, false),
	ROW(1, false),
	ROW(2, true),
	ROW(3, false),
	ROW(4, false),
	ROW(5, true),
	ROW(6, false),
	ROW(7, false),
	ROW(8, true),
	ROW(9, false),
	ROW(10, false),
	ROW(11, true),
	ROW(12, false),
	ROW(13, false),
	ROW(14, true),
	ROW(15, false),
	ROW(16, false),
	ROW(17, true),
	ROW(18, false),
	ROW(19, false),
	ROW(20, true),
	ROW(21, false),
	ROW(22, false),
	ROW(23, true),
	ROW(24, false),
	ROW(25, false),
	ROW(26, true),
	ROW(27, false),
	ROW(28, true),
	{ "ORIG_X0", ARM64_ORIG_X0, 16, false },
	{ "SYSCALLNO", ARM64_SYSCALLNO, 8, true },
};

/* __show_regs() has "lr : …"; QEMU's monitor "X00=…". */
const struct stk_reg_word arm64_reg_words[] = {
	{ "lr", ARM64_LR, -1 }, { "fp", ARM64_FP, -1 }, { "x00", 0, -1 },
	{ "x01", 1, -1 },	{ "x02", 2, -1 },	{ "x03", 3, -1 },
	{ "x04", 4, -1 },	{ "x05", 5, -1 },	{ "x06", 6, -1 },
	{ "x07", 7, -1 },	{ "x08", 8, -1 },	{ "x09", 9, -1 },
	{ NULL, 0, -1 },
};

#define KERNEL_BIT (1ull << 55) /* selects between TTBR0 and TTBR1 */

/*
 * The hardware signs return addresses in their upper bits (pointer authentication, 5.7,
 * commit 74afda4016a7); VMCOREINFO has which.
 */
uint64_t arm64_code_address(struct stk *s, uint64_t word)
{
	struct arm64_state *x = arm64_state(s);

	if (!x)
		return word;
	if (!x->pac_known) {
		stk_vmcoreinfo_number(s, "NUMBER(KERNELPACMASK)", 16, &x->pac_mask);
		x->pac_known = true;
	}
	return word & KERNEL_BIT ? word | x->pac_mask : word;
}

#define PSTATE_MODE    0x0full /* EL0, or User of AArch32: 0 */
#define PSTATE_AARCH32 (1ull << 4)
#define PSTATE_I       (1ull << 7)

int arm64_interruptible(const struct stk_regs *regs)
{
	return arm64_has(regs, ARM64_PSTATE) ? !(regs->v[ARM64_PSTATE] & PSTATE_I) : -1;
}

bool arm64_user_mode(const struct stk_regs *regs)
{
	return arm64_has(regs, ARM64_PSTATE) && !(regs->v[ARM64_PSTATE] & PSTATE_MODE);
}

#define PRSTATUS_SIZE 392u /* pr_reg is struct user_pt_regs */

enum stk_status arm64_note_regs(struct stk *s, const struct stk_saved *saved,
				struct stk_regs *regs)
{
	return saved->by_monitor ? stk_monitor_regs(s, saved, ARM64_NR_USER_REGS, regs)
				 : stk_prstatus_regs(saved, PRSTATUS_SIZE,
						     ARM64_NR_USER_REGS, regs);
}

static void read_extra(struct stk *s, uint64_t addr, const char *member,
		       enum arm64_reg reg, struct stk_regs *regs)
{
	uint64_t value;

	if (!stk_read_member(s, addr, "pt_regs", member, &value))
		arm64_set(regs, reg, value);
}

enum stk_status arm64_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs)
{
	enum stk_status st;

	memset(regs, 0, sizeof(*regs));
	st = stk_read(s, addr, regs->v, ARM64_NR_USER_REGS * sizeof(uint64_t));
	if (st)
		return st;
	regs->valid = ARM64_USER_REGS;
	/* AArch32 has its stack pointer in x13. */
	if (arm64_user_mode(regs) && regs->v[ARM64_PSTATE] & PSTATE_AARCH32)
		regs->v[ARM64_SP] = regs->v[13];
	/* An exception in the kernel leaves there what it finds. */
	if (arm64_user_mode(regs)) {
		read_extra(s, addr, "orig_x0", ARM64_ORIG_X0, regs);
		read_extra(s, addr, "syscallno", ARM64_SYSCALLNO, regs);
	}
	return STK_OK;
}

const struct stk_inner arm64_saved_sp[] = { { "task_struct", "thread" },
					    { "thread_struct", "cpu_context" },
					    { "cpu_context", "sp" },
					    { 0 } };

/* cpu_switch_to() saves what a call preserves in thread.cpu_context. */
enum stk_status arm64_sleeping_regs(struct stk *s, const struct stk_task *task,
				    struct stk_regs *regs, bool *signal)
{
	static const struct {
		const char *member;
		enum arm64_reg reg;
	} saved[] = {
		{ "x19", 19 },	    { "x20", 20 }, { "x21", 21 },      { "x22", 22 },
		{ "x23", 23 },	    { "x24", 24 }, { "x25", 25 },      { "x26", 26 },
		{ "x27", 27 },	    { "x28", 28 }, { "fp", ARM64_FP }, { "sp", ARM64_SP },
		{ "pc", ARM64_PC },
	};
	struct stk_member thread, context;
	struct stk_stack shadow;
	uint64_t fork, at;
	enum stk_status st = stk_member(s, "task_struct", "thread", &thread);

	memset(regs, 0, sizeof(*regs));
	if (!st)
		st = stk_member(s, "thread_struct", "cpu_context", &context);
	if (st)
		return st;
	at = task->addr + thread.offset + context.offset;
	for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]); i++) {
		uint64_t value;

		st = stk_read_member(s, at, "cpu_context", saved[i].member, &value);
		if (st)
			return st;
		arm64_set(regs, saved[i].reg, value);
	}
	arm64_set(regs, ARM64_PC, arm64_code_address(s, regs->v[ARM64_PC]));
	if (stk_task_shadow(s, task, &shadow, &at))
		arm64_set(regs, ARM64_SCS, at);
	/* A new task begins with the first byte of ret_from_fork. */
	*signal = stk_find_symbol(s, "ret_from_fork", &fork) && fork == regs->v[ARM64_PC];
	return STK_OK;
}
