/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - what a function has done to its stack before an instruction, by its code, for
 * machines whose calls put the return address into a register. The compiler gives each
 * instruction one place of the stack pointer and of the frame pointer, whatever way leads
 * there; so from the function's beginning, where both are the caller's, that is carried
 * along all branches within it.
 */
#ifndef STK_ARCH_FRAME_H
#define STK_ARCH_FRAME_H

#include "../base/context.h"

/* What an instruction does to the flow of control. */
enum stk_flow {
	STK_FLOW_NEXT,
	STK_FLOW_JUMP,	   /* to the target */
	STK_FLOW_JUMP_IF,  /* perhaps */
	STK_FLOW_JUMP_REG, /* to what a register has */
	STK_FLOW_CALL,
	STK_FLOW_CALL_REG,
	STK_FLOW_RETURN,
};

/*
 * struct stk_code_frame - all in bytes, from the stack pointer that the function was
 * called with, downwards.
 */
struct stk_code_frame {
	bool known;	 /* all that follows; else nothing tells, and it is 0 */
	bool has_record; /* the frame pointer is the function's own; else its caller's */
	bool size_known; /* @size: else the stack pointer was computed */
	int32_t record;	 /* what the frame pointer points to */
	int32_t size;	 /* the stack pointer */
	/* Where the return address and the caller's frame pointer are saved; 0: the
	 * registers have them. */
	int32_t ret, fp;
	int32_t shadow; /* upwards: the shadow call stack's pointer */
	bool by_table;	/* it is that of jumps by a table, which lead here or before */
};

/* struct stk_insn - an instruction. */
struct stk_insn {
	unsigned int len; /* in bytes; 0: it cannot be decoded */
	enum stk_flow flow;
	uint64_t target; /* of a jump or a call; 0: it alone does not tell */
	bool padding;	 /* it may stand between functions: BUG() ends one, too */
};

/* struct stk_insn_set - how an architecture's code is read. */
struct stk_insn_set {
	unsigned int align; /* of instructions, in bytes */
	/*
	 * The instruction at @code + @i, of which the first byte is at @begin; @len bytes
	 * can be read. @frame: changed to what it is behind it; or NULL.
	 */
	struct stk_insn (*decode)(const unsigned char *code, size_t i, size_t len,
				  uint64_t begin, struct stk_code_frame *frame);
	/*
	 * Is @at where code begins that does nothing but jump far, by a register, and
	 * where to? NULL: decode() tells. @veneer_jump: how far behind it does so.
	 */
	bool (*veneer)(struct stk *s, uint64_t at, uint64_t *target);
	unsigned int veneer_jump;
	/* As in struct stk_arch. */
	bool (*call_before)(struct stk *s, uint64_t addr, uint64_t *target);
	/* Did kprobes put a breakpoint before @addr? 1, 0, -1: that is not in the dump.
	 */
	int (*breakpoint_before)(struct stk *s, uint64_t addr);
	/* Is it code by which the kernel is entered; is it called by such code alone? */
	bool (*in_entry_code)(struct stk *s, uint64_t addr);
	bool (*only_entry_calls)(struct stk *s, uint64_t callee);
};

#define STK_KEPT_FRAMES 1024u /* sleeping tasks are in the same few functions */

struct stk_code_frames {
	struct {
		uint64_t ip; /* 0: none */
		struct stk_code_frame frame;
	} kept[STK_KEPT_FRAMES];
};

/* @kept: the session's, made when it is NULL. */
struct stk_code_frame stk_code_frame_at(struct stk *s, const struct stk_insn_set *set,
					struct stk_code_frames **kept, uint64_t ip);

/*
 * Does a call of @target lead to the function that @callee is in: as it is, or by jumps
 * from function to function, as a call at a function's end becomes one? REACHES,
 * ELSEWHERE, CANNOT_TELL, UNFOLLOWED: by code that is not in the dump, and by no other.
 * @why: set with the last two, to a clause.
 */
enum stk_call stk_call_leads_to(struct stk *s, const struct stk_insn_set *set,
				uint64_t target, uint64_t callee, const char **why);

#endif
