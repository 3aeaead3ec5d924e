/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86_64.h"

#include <string.h>

#include "../../kernel/layout.h"

const char *const x86_reg_names[] = {
	"r15", "r14", "r13",	"r12", "rbp", "rbx", "r11", "r10",
	"r9",  "r8",  "rax",	"rcx", "rdx", "rsi", "rdi", "orig_rax",
	"rip", "cs",  "eflags", "rsp", "ss",  NULL,
};

/* bt's order: what tells where, then the arguments' registers, then the rest. */
const struct stk_reg_row x86_reg_rows[X86_NR_REGS] = {
	{ "RIP", X86_IP, 16, false },
	{ "RSP", X86_SP, 16, false },
	{ "RFLAGS", X86_FLAGS, 8, true },
	{ "RAX", X86_AX, 16, false },
	{ "RBX", X86_BX, 16, false },
	{ "RCX", X86_CX, 16, true },
	{ "RDX", X86_DX, 16, false },
	{ "RSI", X86_SI, 16, false },
	{ "RDI", X86_DI, 16, true },
	{ "RBP", X86_BP, 16, false },
	{ "R8", X86_R8, 16, false },
	{ "R9", X86_R9, 16, true },
	{ "R10", X86_R10, 16, false },
	{ "R11", X86_R11, 16, false },
	{ "R12", X86_R12, 16, true },
	{ "R13", X86_R13, 16, false },
	{ "R14", X86_R14, 16, false },
	{ "R15", X86_R15, 16, true },
	{ "ORIG_RAX", X86_ORIG_AX, 16, false },
	{ "CS", X86_CS, 4, false },
	{ "SS", X86_SS, 4, true },
};

/* __show_regs(): "RIP: 0010:…", "R08: …", "EFLAGS: …"; QEMU's monitor: "R8 =…", "RFL=…".
 */
const struct stk_reg_word x86_reg_words[] = {
	{ "rip", X86_IP, X86_CS }, { "rsp", X86_SP, X86_SS },	{ "r08", X86_R8, -1 },
	{ "r09", X86_R9, -1 },	   { "rflags", X86_FLAGS, -1 }, { "rfl", X86_FLAGS, -1 },
	{ NULL, 0, -1 },
};

#define MAX_INACTIVE_FRAME 128u	       /* of 56 to 64 bytes */
#define FLAG_INTERRUPT	   (1ull << 9) /* IF */

int x86_interruptible(const struct stk_regs *regs)
{
	return x86_has(regs, X86_FLAGS) ? (regs->v[X86_FLAGS] & FLAG_INTERRUPT) != 0
					: X86_UNKNOWN;
}

bool x86_user_mode(const struct stk_regs *regs)
{
	if (x86_has(regs, X86_CS))
		return (regs->v[X86_CS] & 3) == 3;
	/* Who knows all but CS: code and stacks of the kernel are in its half. */
	return x86_has(regs, X86_FLAGS) && !x86_is_kernel_address(regs->v[X86_IP]) &&
	       !x86_is_kernel_address(regs->v[X86_SP]);
}

/* The one page of user code in the kernel's half. */
#define VSYSCALL_PAGE 0xffffffffff600ull

bool x86_may_be_user(struct stk *s, const struct stk_stack *stack,
		     const struct stk_regs *regs, uint64_t regs_at)
{
	uint64_t ip = regs->v[X86_IP];
	uint64_t top = stack && stack->kind == X86_STACK(TASK) && regs_at
			       ? x86_task_pt_regs(s, stack)
			       : 0;

	/* In its place at the top of a task's stack: a process may jump anywhere. */
	if (top && regs_at == top)
		return true;
	/* Below that lie none of user mode, and they are of user code. */
	return (!top || regs_at > top) && (ip >> 56 == 0 || ip >> 12 == VSYSCALL_PAGE);
}

/*
 * cs and ss are 16-bit fields since 6.9 (commit ee63291aa820): with FRED their upper
 * bits hold event data.
 */
void x86_mask_selectors(struct stk_regs *regs)
{
	regs->v[X86_CS] &= 0xffff;
	regs->v[X86_SS] &= 0xffff;
}

/* __KERNEL_CS, __USER_CS and __USER32_CS: asm/segment.h. Others are residue. */
bool x86_is_code_segment(uint64_t cs)
{
	return cs == 0x10 || cs == 0x33 || cs == 0x23;
}

enum stk_status x86_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs)
{
	enum stk_status st;

	memset(regs, 0, sizeof(*regs));
	st = stk_read(s, addr, regs->v, X86_PT_REGS_SIZE);
	if (st)
		return st;
	regs->valid = X86_ALL_REGS;
	x86_mask_selectors(regs);
	return STK_OK;
}

enum stk_status x86_read_iret(struct stk *s, uint64_t addr, struct stk_regs *regs)
{
	enum stk_status st;

	memset(regs, 0, sizeof(*regs));
	st = stk_read(s, addr, &regs->v[X86_IP], 5 * sizeof(uint64_t));
	if (st)
		return st;
	regs->valid = X86_IRET_REGS;
	x86_mask_selectors(regs);
	return STK_OK;
}

const struct stk_inner x86_saved_sp[] = { { "task_struct", "thread" },
					  { "thread_struct", "sp" },
					  { 0 } };

/*
 * __switch_to_asm pushes struct inactive_task_frame and leaves its address in
 * thread.sp. The members are asked for by name: 4.19.71+ and RHEL 4.18 have "flags"
 * first.
 */
enum stk_status x86_sleeping_regs(struct stk *s, const struct stk_task *task,
				  struct stk_regs *regs, bool *signal)
{
	static const struct {
		const char *member;
		enum x86_reg reg;
	} saved[] = {
		{ "r15", X86_R15 },	{ "r14", X86_R14 }, { "r13", X86_R13 },
		{ "r12", X86_R12 },	{ "bx", X86_BX },   { "bp", X86_BP },
		{ "ret_addr", X86_IP },
	};
	struct stk_member at[sizeof(saved) / sizeof(saved[0])];
	unsigned char frame[MAX_INACTIVE_FRAME];
	uint64_t value, fork;
	uint32_t size;
	enum stk_status st = stk_size(s, "inactive_task_frame", &size);

	memset(regs, 0, sizeof(*regs));
	for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]) && !st; i++) {
		st = stk_member(s, "inactive_task_frame", saved[i].member, &at[i]);
		if (!st && (at[i].offset + sizeof(value) > size || size > sizeof(frame)))
			st = stk_fail(
				s, STK_ERR_CORRUPT,
				"inactive_task_frame of %u bytes has no room for %s",
				size, saved[i].member);
	}
	if (!st)
		st = stk_read(s, task->sp, frame, size);
	if (st)
		return st;
	for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]); i++) {
		memcpy(&value, frame + at[i].offset, sizeof(value));
		x86_set(regs, saved[i].reg, value);
	}
	x86_set(regs, X86_SP, task->sp + size);
	/* A new task "returns" to the first byte of ret_from_fork. */
	*signal = (stk_find_symbol(s, "ret_from_fork_asm", &fork) &&
		   fork == regs->v[X86_IP]) ||
		  (stk_find_symbol(s, "ret_from_fork", &fork) && fork == regs->v[X86_IP]);
	return STK_OK;
}
