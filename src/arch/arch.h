/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch.h - what an architecture has to know.
 *
 * Everything else in the library is the same for all of them. None of these
 * functions prints, and each copes with any garbage it may read.
 */
#ifndef STK_ARCH_H
#define STK_ARCH_H

#include <stackinfo/entry.h>
#include <stackinfo/place.h>

#include "../base/context.h"

/* struct stk_cursor - where an unwind stands: a frame and how it was found. */
struct stk_pages;

struct stk_cursor {
	struct stk_regs regs;	 /* what is known in this frame; ip always */
	uint64_t at;		 /* where it lies: see struct stk_step */
	struct stk_regs full;	 /* the last complete register set */
	int cpu;		 /* on whose CPU's stacks the chain is; -1: unknown */
	struct stk_stack stack;	 /* that @at is on */
	bool signal;		 /* look up ip itself, not the byte before it */
	struct stk_arena *arena; /* for texts that live as long as the chain */
};

/* struct stk_saved - what tells of one CPU's registers: notes, as bytes, or a monitor. */
struct stk_saved {
	struct stk_note prstatus; /* size 0: there is none */
	struct stk_note qemu;	  /* the same */
	bool by_monitor;	  /* that of the target has those of @cpu */
	unsigned int cpu;
};

enum stk_step_result {
	STK_STEP_OK,
	STK_STEP_END,	  /* the rule says: here the stack begins */
	STK_STEP_NO_RULE, /* the method knows nothing of this code */
	STK_STEP_FAILED,  /* a rule exists but what it needs cannot be had */
};

/* struct stk_step - the caller's frame, as one method found it. */
struct stk_step {
	struct stk_regs regs; /* with an sp only where the method knows it */
	/*
	 * Where the frame lies: what rises from frame to frame of a stack, such as the
	 * address of its frame record, or its CFA. 0: at its stack pointer.
	 */
	uint64_t at;
	enum stk_how how;
	bool signal;	  /* the new ip was interrupted */
	bool full;	  /* regs came from a saved pt_regs, all of it */
	uint64_t regs_at; /* address of that pt_regs, or of a partial one */
	uint64_t slot;	  /* where the return address was stored */
	bool in_register; /* it was in none: a register had it */
	bool beside; /* @at may be no higher: what is left has nothing on the stack */
	uint64_t link_at; /* the saved word that was read on the way, or 0 */
	uint64_t passed;  /* a return address that the rule steps over, or 0 */
	bool nested;	  /* @at may be lower: the top of the stack was used again */
	bool reliable;
	/* It and the frame below do not fit together: either may be the wrong one. */
	bool misfit;
	struct stk_evidence said; /* by what else the method asked */
	const char *why;	  /* what that has instead: a clause, or NULL */
	const char *note;
	enum stk_end end; /* with STK_STEP_FAILED: which end that is */
	uint64_t bad;	  /* and the address it failed at */
};

/* What the code before a return address says of the frame that was called from there. */
enum stk_call {
	STK_CALL_UNASKED,     /* the architecture has no answer */
	STK_CALL_UNREADABLE,  /* the code before it is not in the dump */
	STK_CALL_UNFOLLOWED,  /* a direct call, of code that is not in the dump */
	STK_CALL_NONE,	      /* no call ends there: no return address */
	STK_CALL_ELSEWHERE,   /* a direct call that cannot reach the callee */
	STK_CALL_CANNOT_TELL, /* an indirect call or jump on the way, a patched site */
	STK_CALL_REACHES,     /* a direct call that reaches the callee */
	STK_CALL_PUSHED,      /* no call: a row of a table names what pushed it */
	STK_CALL_FREED, /* code of the start, ran once and gone: the first idle task's */
};

/* In stk_arch.leads_to: user mode. */
#define STK_FROM_USER (1u << 31)

/* How far above its saved word a function that switched stacks may have its base. */
#define STK_MAX_SWITCH_FRAME 1024u

/* struct stk_reg_row - a register's place in what is printed. */
struct stk_reg_row {
	const char *title;
	unsigned int reg;
	int width;    /* in hexadecimal digits */
	bool newline; /* after it */
};

/* struct stk_reg_word - what texts call a register, whatever the case of its letters. */
struct stk_reg_word {
	const char *name;
	unsigned int reg;
	/* The register whose value may stand before its own, and a colon; or -1. */
	int before;
};

/* struct stk_inner - a member of a type, which may itself be looked into. */
struct stk_inner {
	const char *type, *member;
};

/* Where kernels keep one thing: a symbol, a member, a member of that; each may be none.
 */
struct stk_place_row {
	const char *symbol;
	struct stk_inner member[2];
};

/* struct stk_operand - what an instruction works on. */
struct stk_operand {
	bool memory;	/* at the address @value; else a register, whose value it is */
	uint64_t value; /* computed from these registers */
	unsigned char reg[2]; /* the base comes first */
	unsigned char nr_regs;
	uint64_t next; /* the instruction behind it, or to which it jumps; 0: not known */
};

/*
 * struct stk_arch - what one architecture knows, as tables and hooks.
 *
 * What is marked "must" has to be there. All else is optional: NULL means that it is not
 * supported, and absent.c answers in its place, "not known" and never a guess, so that
 * callers need not ask. Data that may be NULL says so where it stands.
 *
 * To add an architecture:
 *  1. Write src/arch/NAME/NAME.c with a struct stk_arch that has what is marked "must".
 *     tests/unit/stub_arch.c is the smallest there can be. Add its row to the table in
 *     src/session/session.c, by the ELF machine. translate is a decoder of an entry:
 *     tables.h walks, and with its struct stk_paging most hooks of memory are a line.
 *     thread_size.h reads what the kernel says of that. Tasks, CPUs, modules, symbols
 *     and the log are read from then on.
 *  2. Registers: note_regs, read_pt_regs, saved_sp and sleeping_regs, reg_rows,
 *     current_task, code_address. Each CPU and each task then has a first frame.
 *     note_regs.h has what notes and monitors say; machine_cpu whose they are, and
 *     foreign_regs that they are nobody's.
 *  3. Steps: methods, the most trusted one first; call_before and call_evidence,
 *     which check them; begins_stack and begins_sleep, without which no chain ends well.
 *     Where a call puts the return address into a register, a struct stk_insn_set is
 *     the decoder, frame.h follows the code and callsite.h weighs the calls.
 *  4. Stacks of a CPU: cpu_stacks (percpu_stacks.h: a row each), leads_to, link_word,
 *     left_at, in_use, counts_context (preempt_count.h), shadow_kind (shadow.h).
 *  5. User mode: user_mode, may_be_user, user_regs_at, user_below, weigh_regs,
 *     describe_entry (syscall_name.h), describe_fault (printed.h finds what the kernel
 *     printed of it), saved_copies. pt_regs.h has some of them as they are.
 *     Where a CPU enters the kernel: entry_state, entry_words (entry_words.h).
 *  6. Addresses: region (regions.h: a row each), direct_map, image_map, page_struct,
 *     executable, percpu_alias, code_alias.
 *  7. Each hook gets a test on a synthetic machine: tests/lib/machine.h takes a
 *     description of its page tables. A real dump goes to testdata/, and into
 *     tests/direction/words.txt what only its folder may name. The schema of the JSON
 *     lists the names of its stacks and entries; src/report/culprits.c the functions of
 *     its entries that no crash is blamed on; the README what it was tried on.
 */
struct stk_arch {
	const char *name;	      /* must: as uname -m has it */
	unsigned int ip, sp, fp;      /* must: register numbers, below 64 */
	const char *const *reg_names; /* must: by number, ended by NULL */
	/* In the order in which they are printed. NULL: by number, three a line. */
	const struct stk_reg_row *reg_rows;
	size_t nr_reg_rows;
	/* What else texts call them, ended by a NULL name. NULL: as reg_names has them.
	 */
	const struct stk_reg_word *reg_words;
	unsigned int code_align; /* instructions begin at its multiples; 0: anywhere */
	/* The register with the address of a fault, as an oops has it. NULL: none. */
	const char *fault_register;

	/* --- memory --- */
	/*
	 * Must: the size of a page, as a power of two, 12 or more. Asked once, when the
	 * session begins. Where a machine can have several, VMCOREINFO tells.
	 */
	unsigned int (*page_shift)(struct stk *s);
	/* Must: @addr by the kernel's page tables. */
	enum stk_status (*translate)(struct stk *s, uint64_t addr, uint64_t *phys);
	/* The direct map's address of @phys; false when the map is not known. */
	bool (*direct_map)(struct stk *s, uint64_t phys, uint64_t *addr);
	/*
	 * What lies at the first address of the direct map, as the header of
	 * makedumpfile's format tells it. NULL: phys_base of VMCOREINFO.
	 */
	uint64_t (*phys_base)(struct stk *s);
	/* The address of @phys in the kernel's image; false when it is not there. */
	bool (*image_map)(struct stk *s, uint64_t phys, uint64_t *addr);
	/* The address of the struct page of @phys; false when that, or the size of any,
	 * is not known, or 0. */
	bool (*page_struct)(struct stk *s, uint64_t phys, uint64_t *addr);
	/*
	 * Where the image has the code that runs at @addr, which is no address of the
	 * image's; 0: it has not.
	 */
	uint64_t (*code_alias)(struct stk *s, uint64_t addr);
	/* May code run at @addr, as the page tables have it? */
	bool (*executable)(struct stk *s, uint64_t addr);
	/*
	 * The same in the page tables whose root is at the virtual address @root: those
	 * of a process, or of the firmware.
	 */
	enum stk_status (*translate_in)(struct stk *s, uint64_t root, uint64_t addr,
					uint64_t *phys);
	/*
	 * The region of the address space: its kind, name and bounds, the part of it,
	 * and what it is about where that is arithmetic.
	 */
	void (*region)(struct stk *s, uint64_t addr, struct stk_place *place);
	/* Must: may @addr be the kernel's, as far as the address alone tells? */
	bool (*is_kernel_address)(uint64_t addr);
	/* Where else @cpu sees what lies at @addr in its per-CPU area. */
	bool (*percpu_alias)(struct stk *s, unsigned int cpu, uint64_t addr,
			     const char **view, uint64_t *alias);

	/*
	 * Make up in @text what is needed of VMCOREINFO, of a kernel that died before it
	 * wrote any: from the page tables that a CPU used by the registers in @saved. @s:
	 * of the same memory, and nothing else. Returns the length; 0 when there is no
	 * kernel. NULL: such dumps cannot be read.
	 */
	size_t (*guess_vmcoreinfo)(struct stk *s, const struct stk_saved *saved,
				   char *text, size_t size);

	/*
	 * Into @text, lines that this kernel's VMCOREINFO lacks and that addresses are
	 * translated by, as @pages, the dump's memory, tell; none is no error. An error:
	 * these do not tell. NULL: it always has what is needed.
	 */
	enum stk_status (*complete_vmcoreinfo)(struct stk *s,
					       const struct stk_pages *pages, char *text,
					       size_t size);

	/*
	 * The @nth piece of memory that a small dump has whole, from @begin to @end, may
	 * be empty: tables of the rules by which frames are found, and what else of the
	 * architecture others read at a piece. False: there are no more. NULL: none.
	 */
	bool (*whole_table)(struct stk *s, unsigned int nth, uint64_t *begin,
			    uint64_t *end);

	/* --- stacks --- */
	const struct stk_kind *task_kind; /* must: that of a task's stack */
	/*
	 * That of a task's shadow call stack (shadow.h), and the register that points
	 * behind its newest word. NULL: there is none.
	 */
	const struct stk_kind *shadow_kind;
	unsigned int shadow_reg;
	/* Must: the size of a task's stack, in bytes. */
	uint64_t (*thread_size)(struct stk *s);
	/* Append the stacks of @cpu to @out, at most @room; returns how many. */
	enum stk_status (*cpu_stacks)(struct stk *s, unsigned int cpu,
				      struct stk_stack *out, size_t room, size_t *nr);
	/* Is @cpu on the stack that it has for interrupts? 1, 0, -1: cannot tell. */
	int (*irq_in_use)(struct stk *s, unsigned int cpu);
	/*
	 * What the stack itself says of its use, whatever the saved registers are:
	 * 1 in use, 0 not, -1 it does not say. @why: a clause that explains it.
	 */
	int (*in_use)(struct stk *s, const struct stk_stack *stack, const char **why);
	/* The leftovers of the last use of an idle stack. */
	bool (*residue)(struct stk *s, const struct stk_stack *stack,
			struct stk_residue *out);

	/* --- registers --- */
	/* Were these saved when user mode ran? */
	bool (*user_mode)(const struct stk_regs *regs);
	/* Could devices interrupt what they were saved of? 1, 0, -1: cannot tell. */
	int (*interruptible)(const struct stk_regs *regs);
	/*
	 * Can user_mode() be believed of registers that lie at @regs_at (0: nowhere)
	 * when the walk left @stack (NULL: it begins with them)? A word of garbage may
	 * well look like the selector of user code.
	 */
	bool (*may_be_user)(struct stk *s, const struct stk_stack *stack,
			    const struct stk_regs *regs, uint64_t regs_at);
	/* The number that a machine which is stopped has for the kernel's @cpu. */
	unsigned int (*machine_cpu)(struct stk *s, unsigned int cpu);
	/*
	 * The registers of a CPU in its notes. STK_ERR_NO_REGS: by them it ran no kernel;
	 * STK_ERR_UNSUPPORTED: they are not as this architecture's kernel writes them.
	 */
	enum stk_status (*note_regs)(struct stk *s, const struct stk_saved *saved,
				     struct stk_regs *regs);
	/*
	 * A stopped CPU may run other code by then: the capture kernel, or the firmware.
	 * Why the registers of @saved are not this kernel's, in the session's arena;
	 * NULL: nothing says so. @capture: are they the capture kernel's, which this one
	 * loaded?
	 */
	const char *(*foreign_regs)(struct stk *s, const struct stk_saved *saved,
				    bool *capture);
	/* The struct pt_regs at @addr. */
	enum stk_status (*read_pt_regs)(struct stk *s, uint64_t addr,
					struct stk_regs *regs);
	/*
	 * Does entry code still run on the stack that the user's stack pointer points to,
	 * as it does between SYSCALL and the switch of stacks?
	 */
	bool (*on_user_stack)(struct stk *s, const struct stk_regs *regs);
	/*
	 * What the registers of a stopped CPU tell about how far it was in the entry or
	 * exit code, in the session's arena; NULL when it was elsewhere or @saved does
	 * not have what it takes.
	 */
	const struct stk_entry_state *(*entry_state)(struct stk *s, unsigned int cpu,
						     const struct stk_saved *saved);
	/*
	 * Append the words by which a CPU enters the kernel to @out, compared with what
	 * the kernel should have there (entry_words.h has what they are made of): those
	 * of the CPU @out->cpu, or with -1 those that the machine has once. @regs: that
	 * CPU's when it stopped; NULL: not known.
	 */
	void (*entry_words)(struct stk *s, const struct stk_regs *regs,
			    struct stk_entry_words *out);
	/* The command that tells of these: "entry", or of a TSS "tss". NULL: none. */
	const char *entry_command;
	/*
	 * The places of @cpu's and @task's stacks (NULL: none) where entering the kernel
	 * with @regs would have saved them, and did. Returns how many.
	 */
	size_t (*saved_copies)(struct stk *s, int cpu, const struct stk_stack *task,
			       const struct stk_regs *regs, struct stk_copy *out,
			       size_t room);
	/*
	 * A context that @cpu's own stacks vouch for, without any note. @signal: it was
	 * interrupted; if not, it has called what the CPU ran.
	 */
	bool (*vouched_regs)(struct stk *s, unsigned int cpu, struct stk_regs *regs,
			     bool *signal, const char **why);
	/*
	 * Where per-CPU memory has the pointer to the current task, the newest first.
	 * NULL: nowhere; it is the one that the run queue names.
	 */
	const struct stk_place_row *current_task;
	size_t nr_current_task;
	/* Where a task has its CPU, the one to believe first. NULL: as pick.c has it. */
	const struct stk_place_row *task_cpu;
	size_t nr_task_cpu;
	/* The register that points to the current task while the kernel runs. 0: none. */
	unsigned int current;
	/*
	 * The stack pointer of a task that was switched out: a member of task_struct, and
	 * members of that, ended by a NULL. NULL: it is not known from where.
	 */
	const struct stk_inner *saved_sp;
	/* Of a task that sleeps: where __switch_to() left it. */
	enum stk_status (*sleeping_regs)(struct stk *s, const struct stk_task *task,
					 struct stk_regs *regs, bool *signal);

	/*
	 * The functions that do not return once they stop a CPU or start the crash
	 * kernel, ended by NULL. NULL: none are known.
	 */
	const char *const *never_return;
	/*
	 * The address that @word on a stack stands for, if it points to code: without
	 * what hardware put into it to sign it. NULL: the word as it is.
	 */
	uint64_t (*code_address)(struct stk *s, uint64_t word);
	/* Is the instruction before @addr a call? Of what; 0: by a pointer. */
	bool (*call_before)(struct stk *s, uint64_t addr, uint64_t *target);
	/*
	 * Did a call that ends at @ret lead to the function that @callee is in? @exact:
	 * @callee was interrupted or is a function's address; if not, it is a return
	 * address. @why: a clause that lives as long as the program, or NULL.
	 */
	enum stk_call (*call_evidence)(struct stk *s, uint64_t ret, uint64_t callee,
				       bool exact, const char **why);

	/* --- what proves a step: see src/unwind/judge.h --- */
	/*
	 * For each kind of stack the kinds (1 << kind) that hardware and kernel can have
	 * switched from when they came to it, and STK_FROM_USER.
	 */
	const uint32_t *leads_to; /* by the kind's id, 32 words */
	/* Where on @stack the registers of the entry from user mode lie; 0: nowhere. */
	uint64_t (*user_regs_at)(struct stk *s, const struct stk_stack *stack);
	/*
	 * Can @regs, saved at @at on @stack, be those of an interrupted context, and is
	 * that where they would be? @by: the code that saved them. Sets the bits of
	 * STK_WITNESS_REGS, _PLACE and _COPY.
	 */
	void (*weigh_regs)(struct stk *s, const struct stk_stack *stack,
			   const struct stk_regs *regs, uint64_t at, uint64_t by,
			   struct stk_evidence *evidence);
	/*
	 * May user mode be next on a stack of @kind whose innermost frame is at @ip?
	 * Where the entry code changes the stack first, only until it has.
	 */
	bool (*user_below)(struct stk *s, const struct stk_kind *kind, uint64_t ip);
	/*
	 * Is that where a task that sleeps, or is new, begins? 1, 0, -1: nothing can
	 * tell, -2: the code there would, and is not in the dump.
	 */
	int (*begins_sleep)(struct stk *s, const struct stk_regs *regs);
	/*
	 * Does @stack begin at @c, as the rule there says: an idle task's (@idle), or
	 * another's?
	 */
	bool (*begins_stack)(struct stk *s, const struct stk_cursor *c, bool idle);
	/*
	 * Does @cpu count itself in a context that runs on a stack of @kind? 1, 0,
	 * -1: cannot tell.
	 */
	int (*counts_context)(struct stk *s, unsigned int cpu,
			      const struct stk_kind *kind);

	/* --- unwinding: methods in the order in which they are tried --- */
	enum stk_step_result (*const *methods)(struct stk *s, const struct stk_cursor *c,
					       struct stk_step *out);
	size_t nr_methods;
	/*
	 * What a tracer that replaced the return address of the frame below @step knows
	 * that by; 0: nothing. NULL: the address of the slot where it was.
	 */
	uint64_t (*tracer_key)(struct stk *s, const struct stk_step *step);
	/*
	 * What the top of @stack says of the stack before it: the address of the saved
	 * word and its value. False when this kind of stack has none.
	 */
	bool (*link_word)(struct stk *s, const struct stk_stack *stack, uint64_t *at,
			  uint64_t *value);
	/*
	 * Where the stack pointer was on the stack before when code went on to @stack by
	 * a call. The frame of that code is shown on @stack, but lies there. False when
	 * an event of the hardware's led to it: that leaves it where the interrupted
	 * frame has it.
	 */
	bool (*left_at)(struct stk *s, const struct stk_stack *stack, uint64_t *sp);
	/*
	 * How the kernel was entered, given an address in the entry code and the user's
	 * registers as they were saved, @at; 0: nowhere in memory.
	 */
	void (*describe_entry)(struct stk *s, uint64_t ip, const struct stk_regs *user,
			       uint64_t at, struct stk_entry *out);
	/*
	 * The same of an exception that interrupted the kernel, with what the kernel
	 * printed of it. False: it was none.
	 */
	bool (*describe_fault)(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			       uint64_t at, struct stk_fault *out);
	/*
	 * What the instruction at @ip works on, given the registers before it. False: it
	 * cannot be decoded, works on nothing, or not with these.
	 */
	bool (*operand)(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			struct stk_operand *out);
};

extern const struct stk_arch stk_arch_x86_64, stk_arch_arm64, stk_arch_riscv64;

/* Put what absent.c has in place of the hooks that @a does not have. */
void stk_arch_complete(struct stk_arch *a);

static inline uint64_t stk_code_address(struct stk *s, uint64_t word)
{
	return s->arch->code_address ? s->arch->code_address(s, word) : word;
}

#endif
