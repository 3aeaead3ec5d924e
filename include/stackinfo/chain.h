/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * How did we get here: chains of frames across stacks.
 *
 * A chain is a list of segments, newest first, one for each stack that was visited; a
 * segment is a list of frames, innermost first, and says how the next segment was
 * reached. Each frame says how it is known and a chain says why it ended.
 *
 * @par Ownership
 * A chain is the caller's, to be freed with stk_chain_free() before its session is
 * closed; stk_close() frees those that were not. All strings and registers that were got
 * from a chain live as long as it does.
 *
 * @par Witnesses
 * What was asked about a frame, a crossing or a start is told in two masks: a bit in
 * `agree` for each witness that speaks for it, in `differ` for each that speaks against
 * it. One that is in neither was not there to be asked. stk_witness_name() names bits.
 */
#ifndef STACKINFO_CHAIN_H
#define STACKINFO_CHAIN_H

#include <stackinfo/machine.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A chain of frames. */
struct stk_chain;

/** A set of registers, numbered by the architecture; see stk_reg_name(). */
struct stk_regs;

/**
 * The name of a register.
 * @param s the session
 * @param reg its number, from 0 on
 * @return such as "rip"; static; NULL past the last one
 */
const char *stk_reg_name(struct stk *s, unsigned int reg);

/**
 * The value of a register.
 * @param regs the set, or NULL
 * @param reg its number
 * @param[out] value set when it is known
 * @return false when it is not known
 */
bool stk_get_reg(const struct stk_regs *regs, unsigned int reg, uint64_t *value);

/**
 * The name of a witness.
 * @param bit its bit in a mask of witnesses, from 0 on
 * @return a code; static; NULL past the last one
 */
const char *stk_witness_name(unsigned int bit);

/**
 * Follow the chain of a CPU, from the code that stopped it.
 *
 * In a kdump, a CPU's saved registers are those that the stopping NMI, or the fault,
 * interrupted; the CPU itself went on from the copy of them, on the same stack or on
 * others of its own or its task's. Where it did is known from a function there that never
 * returns. The chain begins with that, and goes through the saved registers: see
 * joint_at in struct stk_chain_info. Where no such function is found, it begins with
 * them.
 * @param s the session
 * @param cpu its number
 * @param[out] out set to a chain, also to a broken one, which tells by its end
 * @return STK_ERR_NO_REGS when none were saved
 */
enum stk_status stk_chain_cpu(struct stk *s, unsigned int cpu, struct stk_chain **out);

/**
 * Follow the chain of a task: its CPU's, as stk_chain_cpu(), when it is running, else as
 * it sleeps.
 * @param s the session
 * @param task address of its task_struct
 * @param[out] out set to a chain, also to a broken one
 * @return STK_ERR_NO_REGS when it runs and none were saved
 */
enum stk_status stk_chain_task(struct stk *s, uint64_t task, struct stk_chain **out);

/**
 * Follow the chain from a pt_regs in memory.
 * @param s the session
 * @param addr its virtual address
 * @param[out] out set to a chain, also to a broken one
 * @return STK_OK, or why the registers cannot be read
 */
enum stk_status stk_chain_regs(struct stk *s, uint64_t addr, struct stk_chain **out);

/**
 * Follow the chain from given registers.
 * @param s the session
 * @param sp the stack pointer
 * @param ip the instruction pointer; 0: the word at @p sp is a return address that was
 *	just pushed
 * @param bp the frame pointer; 0: not known
 * @param[out] out set to a chain, also to a broken one
 * @return STK_OK, or why it cannot begin there
 */
enum stk_status stk_chain_stack(struct stk *s, uint64_t sp, uint64_t ip, uint64_t bp,
				struct stk_chain **out);

/**
 * Only what the CPU did after it left the registers that were saved of it: the first part
 * of what stk_chain_cpu() gives, down to joint_at.
 * @param s the session
 * @param chain a chain of a CPU
 * @param[out] joins the address of the copy where it ends; may be NULL
 * @param[out] out set to the chain
 * @return STK_ERR_NOT_FOUND when no such copy or function is there
 */
enum stk_status stk_chain_live(struct stk *s, const struct stk_chain *chain,
			       uint64_t *joins, struct stk_chain **out);

/**
 * What may be the rest of a chain that is broken: from the lowest place on the stack
 * where it broke, or on that of its task, from which the rules alone lead to a good end.
 * All frames are marked. It is no part of @p chain, whose confidence stays as it is.
 * @param s the session
 * @param chain a chain
 * @param[out] at address of what it begins with: saved registers, or a return address;
 *	may be NULL
 * @param[out] out set to the rest
 * @return STK_ERR_NOT_FOUND when there is none, or @p chain is not broken
 */
enum stk_status stk_chain_rest(struct stk *s, const struct stk_chain *chain, uint64_t *at,
			       struct stk_chain **out);

/**
 * Where the stacks hold the registers that a chain starts with once more: the
 * trampoline, an exception stack, the task's slot.
 * @param s the session
 * @param chain a chain
 * @param[out] regs_at gets the addresses
 * @param room how many it can take, at most 16 are given
 * @return how many there are in @p regs_at
 */
size_t stk_chain_copies(struct stk *s, const struct stk_chain *chain, uint64_t *regs_at,
			size_t room);

/**
 * Free a chain.
 * @param s the session that it is of
 * @param chain the chain, or NULL
 */
void stk_chain_free(struct stk *s, struct stk_chain *chain);

/** A chain as a whole. */
struct stk_chain_info {
	size_t nr_segments; /**< how many stacks it visits */
	size_t nr_frames;   /**< in all segments */
	int cpu;	    /**< whose it is; -1: of a task that does not run */

	/**
	 * Code: "certain", a good end and no witness against any of it; "doubtful", a
	 * good end, but something is in doubt; "broken". As strong as the weakest link.
	 */
	const char *confidence;
	const char *confidence_why; /**< what the doubt is; NULL when certain */

	/**
	 * Code of where its registers came from: "prstatus", the dump's notes; "qemu",
	 * such that QEMU wrote; "monitor", struct stk_monitor_ops; "thread_sp", where a
	 * task sleeps; "pt_regs", "stack": given by the caller.
	 */
	const char *from;
	uint64_t ip;			   /**< the instruction pointer among them */
	uint64_t sp;			   /**< the stack pointer among them */
	const struct stk_regs *start_regs; /**< all of them */
	bool has_task;			   /**< they are a task's: */
	uint64_t task;			   /**< its task_struct */
	uint32_t pid;			   /**< its PID */
	char comm[16];			   /**< its name */
	const char *start_note;		   /**< what to know about them; NULL: nothing */
	const char *start_doubt;	   /**< what speaks against them; NULL: nothing */
	const char *entry_state; /**< how far it was in entry code, a clause; NULL */
	uint32_t start_agree;	 /**< witnesses that this task was running or slept */
	uint32_t start_differ;	 /**< witnesses against it */

	const char *end;      /**< code of why it ended: "user", "thread_start" … */
	const char *end_text; /**< a whole sentence */
	bool end_is_good;     /**< nothing is missing */

	const struct stk_regs *user_regs; /**< of user mode, if it ends there; or NULL */
	uint64_t user_regs_at;	/**< where they are saved; 0: in the dump's notes */
	const char *user_doubt; /**< what speaks against them; NULL: nothing */
	uint32_t user_agree;	/**< witnesses for them */
	uint32_t user_differ;	/**< witnesses against them */
	const char *entry; /**< code of how the kernel was entered from there; NULL */
	const char *entry_name; /**< the system call or handler; NULL: not known */
	const char *entry_odd;	/**< what the registers say against it; NULL: nothing */
	int64_t syscall;	/**< number of the system call; -1: does not apply */
	int vector;		/**< of the exception or interrupt; -1: not known */
	bool has_error_code;	/**< the hardware pushed an error code: */
	uint64_t error_code;	/**< this one */

	/**
	 * Address of the pt_regs with the same registers, where the chain begins with
	 * what stopped the CPU; 0: it begins with them.
	 */
	uint64_t joint_at;
	/**
	 * With joint_at: the segment of the frame that has them; nr_segments: they are of
	 * user mode, where the chain ends.
	 */
	size_t joint_segment;
	size_t joint_frame; /**< with joint_at: the frame's number there */
};

/**
 * Ask about a chain as a whole.
 * @param s the session
 * @param chain the chain
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 */
void stk_get_chain(struct stk *s, const struct stk_chain *chain,
		   struct stk_chain_info *out, size_t size);

/** One stack that a chain visits, and how it went on from there. */
struct stk_segment_info {
	const char *stack_kind; /**< code; "UNKNOWN": its frames are on no stack */
	int stack_cpu;		/**< the owner; -1 for a task's */
	uint64_t stack_task;	/**< the owner's address; 0 for a CPU's */
	uint64_t stack_begin;	/**< the lowest address of the stack */
	uint64_t stack_end;	/**< the first address above */
	size_t nr_frames;	/**< frames on it */
	uint64_t low;		/**< where the lowest frame lies: the first, as a rule */
	bool crossed;		/**< the next segment was reached: */
	const char *how;	/**< code: by which method, as in struct stk_frame_info */
	uint64_t at;		/**< address of the saved word or of the pt_regs */
	bool has_link;		/**< the stack has a saved word that could be read: */
	uint64_t link_at;	/**< its address */
	uint64_t link;		/**< its value */
	/**
	 * 1: two different words lead to the same place; 0: to different ones; -1: only
	 * one of them says where to, and the other witnesses must do.
	 */
	int words_agree;
	uint32_t agree;	  /**< witnesses for the crossing */
	uint32_t differ;  /**< witnesses against it */
	const char *note; /**< what the disagreement is; NULL: none */
	/**
	 * The lowest address of the stack in whose guard page the stack pointer is; 0: in
	 * none. Then stack_kind is "UNKNOWN".
	 */
	uint64_t overflow_of;
	uint64_t overflow_by; /**< bytes from the stack pointer up to that address */
};

/**
 * Ask about a segment.
 * @param chain the chain
 * @param segment its number, from 0 on, newest first
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_segment(const struct stk_chain *chain, size_t segment,
				struct stk_segment_info *out, size_t size);

/** A frame. */
struct stk_frame_info {
	uint64_t ip;   /**< a return address, or what was interrupted */
	uint64_t at;   /**< where it lies: this rises from frame to frame of a stack */
	uint64_t sp;   /**< the stack pointer in this frame, at ip */
	bool has_sp;   /**< the method knows it */
	uint64_t slot; /**< where ip was stored; 0: among saved registers */
	struct stk_name name; /**< of the function */
	/**
	 * Code of how it was found: "regs", saved registers; "orc"; "fp"; "cfi"; "link",
	 * the word at the top of the stack; "scan", by reading the stack, checked by its
	 * call site; "log", by registers that the kernel printed.
	 */
	const char *how;
	bool reliable;		     /**< nothing speaks against it */
	const char *doubt;	     /**< code of what does; NULL when reliable */
	const char *doubt_text;	     /**< the same as a clause */
	uint32_t agree;		     /**< witnesses for it */
	uint32_t differ;	     /**< witnesses against it */
	bool interrupted;	     /**< ip was interrupted: not a return address */
	const struct stk_regs *regs; /**< registers saved here, or NULL */
	uint64_t regs_at;	     /**< address of the saved pt_regs, or 0 */
	const char *note;	     /**< what to know about it; NULL: nothing */
};

/**
 * Ask about a frame.
 * @param chain the chain
 * @param segment the number of its segment
 * @param frame its number there, from 0 on, innermost first
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_frame(const struct stk_chain *chain, size_t segment, size_t frame,
			      struct stk_frame_info *out, size_t size);

/**
 * The source line of a frame and the calls inlined into it, where the namelist has
 * DWARF: innermost first, the last is the frame's own function.
 * @param s the session
 * @param chain the chain
 * @param segment the number of its segment
 * @param frame its number there
 * @param[out] line gets the lines; struct stk_line never grows. Their strings live as
 *	long as the session
 * @param room how many @p line can take; 16 are enough
 * @return how many there are in @p line
 */
size_t stk_get_lines(struct stk *s, const struct stk_chain *chain, size_t segment,
		     size_t frame, struct stk_line *line, size_t room);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
