/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * unwind.h - how did we get here: chains of frames across stacks.
 *
 * A chain is a list of segments, newest first, one for each stack that was visited;
 * a segment is a list of frames, innermost first, and says how the next segment was
 * reached. Each frame says how it is known and a chain says why it ended.
 */
#ifndef STACKINFO_UNWIND_H
#define STACKINFO_UNWIND_H

#include <stackinfo/chain.h>
#include <stackinfo/stacks.h>

#define STK_MAX_REGS 40

/** struct stk_regs - registers, numbered by the architecture; see stk_reg_name(). */
struct stk_regs {
	uint64_t v[STK_MAX_REGS];
	uint64_t valid; /* bit n: v[n] is known */
};

/** stk_has_reg() - is register @reg known? */
static inline bool stk_has_reg(const struct stk_regs *regs, unsigned int reg)
{
	return regs->valid >> reg & 1;
}

/** stk_regs_ip(), stk_regs_sp() - the instruction and the stack pointer among them. */
uint64_t stk_regs_ip(struct stk *s, const struct stk_regs *regs);
uint64_t stk_regs_sp(struct stk *s, const struct stk_regs *regs);

/* clang-format off */
/* How a frame was found. */
#define STK_HOWS(X)                                                            \
	X(REGS, "regs") /* saved registers */                                  \
	X(ORC, "orc")	/* an ORC rule */                                      \
	X(FP, "fp")	/* the frame pointer */                                \
	X(CFI, "cfi")	/* DWARF call frame information */                     \
	X(LINK, "link") /* the word at the top of the stack */                 \
	X(SCAN, "scan") /* found by reading the stack, checked by its call site */ \
	X(LOG, "log")	/* registers that the kernel printed: memory has lost them */

/* clang-format on */
enum stk_how {
#define STK_HOW_ENUM(id, name) STK_HOW_##id,
	STK_HOWS(STK_HOW_ENUM)
#undef STK_HOW_ENUM
};

const char *stk_how_name(enum stk_how how);

/* clang-format off */
/* Why a chain ended: id, name, is it a good end, text. */
#define STK_ENDS(X)                                                            \
	X(USER, "user", true, "user mode")                                     \
	X(THREAD_START, "thread_start", true, "start of the thread")           \
	X(IDLE, "idle", true, "start of the idle task")                        \
	X(JOINS, "joins", true, "the registers that another chain begins with") \
	X(NO_REGS, "no_regs", false, "no registers were saved")                \
	X(BAD_START, "bad_start", false, "the start registers cannot be right") \
	X(NO_RULE, "no_rule", false, "nothing tells how to unwind this code")  \
	X(UNREADABLE, "unreadable", false, "the stack cannot be read")         \
	X(NOT_TEXT, "not_text", false, "the return address is not in code")    \
	X(OFF_STACK, "off_stack", false, "the stack pointer left every stack") \
	X(BACKWARDS, "backwards", false, "the stack pointer does not rise")    \
	X(NOT_OWN, "not_own", false,                                           \
	  "the next stack belongs to another CPU or task")                     \
	X(NO_WAY, "no_way", false, "nothing switches from this stack to that one") \
	X(USER_PLACE, "user_place", false,                                     \
	  "the place of the user's registers does not hold them")              \
	X(RECURSION, "recursion", false, "a stack was entered a second time")  \
	X(LIMIT, "limit", false, "too many frames")                            \
	X(INTERRUPTED, "interrupted", false, "interrupted")

/* clang-format on */
enum stk_end {
#define STK_END_ENUM(id, name, good, text) STK_END_##id,
	STK_ENDS(STK_END_ENUM)
#undef STK_END_ENUM
};

const char *stk_end_name(enum stk_end end);
bool stk_end_is_good(enum stk_end end);

/* clang-format off */
/*
 * Witnesses: what can speak for a frame, a crossing or a start, or against it.
 * id, name, what it says when it agrees.
 */
#define STK_WITNESSES(X)                                                       \
	X(OWNER, "owner", "the stack is this CPU's or this task's own")        \
	X(ROUTE, "route", "hardware and kernel switch from that stack to this one") \
	X(CALL, "call", "a call ends at the return address")                   \
	X(TARGET, "target", "that call reaches the function below")            \
	X(REGS, "regs", "the saved registers can be those of such a context")  \
	X(PLACE, "place", "they lie where the CPU saves them for their stack pointer") \
	X(COPY, "copy", "another copy of these registers is the same")         \
	X(LINK, "link", "the word at the top of the stack leads there, too")   \
	X(IN_USE, "in_use", "the CPU's mark says that its IRQ stack is in use") \
	X(COUNT, "preempt_count", "the CPU counts itself in such a context")   \
	X(SWITCH, "switch", "it begins after the call that switches tasks")    \
	X(CURRENT, "current", "the CPU's current task is this one")            \
	X(RQ_CURR, "rq_curr", "the run queue's current task is this one")      \
	X(ON_CPU, "on_cpu", "the task says that it is on a CPU, or sleeps")    \
	X(PID, "pid", "the task's struct pid has its number")                  \
	X(VM_AREA, "vm_area", "the vmalloc area of the task is its stack")     \
	X(CLAIM, "claim", "no other CPU or task has this stack")               \
	X(SHADOW, "shadow", "the shadow call stack has this return address, too") \
	X(CFI, "cfi", "call frame information leads there, too")

/*
 * Why a frame is marked: id, name, text.
 * NONE: it is not.
 */
#define STK_DOUBTS(X)                                                          \
	X(NONE, "none", "")                                                    \
	X(START, "start", "these registers are in doubt")                      \
	X(METHOD, "method", "found without a rule that proves it")             \
	X(NO_CALL, "no_call", "no call ends at this return address")           \
	X(TARGET, "target", "the call before this return address leads elsewhere") \
	X(REGS, "regs", "the saved registers cannot be those of such a context") \
	X(PLACE, "place",                                                      \
	  "the CPU saves registers elsewhere for the stack pointer among them") \
	X(COPY, "copy", "another copy of these registers differs")             \
	X(LINK, "link", "the word at the top of the stack before leads elsewhere") \
	X(SHADOW, "shadow", "the shadow call stack has another return address") \
	X(CFI, "cfi", "call frame information leads elsewhere")                \
	X(NO_STACK, "no_stack", "the saved stack pointer is on no stack")      \
	X(OWNER, "owner", "on a stack that belongs to another CPU or task")    \
	X(BEYOND, "beyond", "reached from a frame that is in doubt")           \
	X(NEXT, "next", "what follows does not fit: this may be the wrong frame") \
	X(RESYNC, "resync", "beyond a break: it may not belong to this chain") \
	X(UNREADABLE, "unreadable", "code that it is checked by is not in the dump")

/* How far a chain can be relied on, as a whole. */
#define STK_CONFIDENCES(X)                                                     \
	X(CERTAIN, "certain")   /* a good end, and no witness against any of it */ \
	X(DOUBTFUL, "doubtful") /* a good end, but something in it is in doubt */ \
	X(BROKEN, "broken")     /* no good end */

/* clang-format on */
enum stk_witness {
#define STK_WITNESS_ENUM(id, name, text) STK_WITNESS_##id,
	STK_WITNESSES(STK_WITNESS_ENUM)
#undef STK_WITNESS_ENUM
		STK_NR_WITNESSES
};

enum stk_doubt {
#define STK_DOUBT_ENUM(id, name, text) STK_DOUBT_##id,
	STK_DOUBTS(STK_DOUBT_ENUM)
#undef STK_DOUBT_ENUM
};

enum stk_confidence {
#define STK_CONFIDENCE_ENUM(id, name) STK_##id,
	STK_CONFIDENCES(STK_CONFIDENCE_ENUM)
#undef STK_CONFIDENCE_ENUM
};

/** The names above; NULL past the last one. */
const char *stk_doubt_name(enum stk_doubt doubt);
const char *stk_doubt_text(enum stk_doubt doubt);
const char *stk_confidence_name(enum stk_confidence confidence);

/**
 * struct stk_evidence - which witnesses agree and which do not, a bit for each:
 * 1 << STK_WITNESS_x. One that is in neither was not there to be asked.
 */
struct stk_evidence {
	uint32_t agree, differ;
};

/** @says: 1, @witness agrees; 0, it does not; less: it was not there to be asked. */
static inline void stk_weigh(struct stk_evidence *e, enum stk_witness witness, int says)
{
	if (says > 0)
		e->agree |= 1u << witness;
	else if (!says)
		e->differ |= 1u << witness;
}

struct stk_frame {
	uint64_t ip;
	uint64_t at;   /* where it lies: this rises from frame to frame of a stack */
	uint64_t sp;   /* the stack pointer in this frame, at ip */
	bool has_sp;   /* the method knows it */
	uint64_t slot; /* where ip was stored; 0 when it came from a register set */
	uint64_t
		shadow; /* the shadow call stack's pointer there; 0: none, or not known */
	struct stk_name name;
	enum stk_how how;
	bool reliable; /* the same as doubt == STK_DOUBT_NONE */
	enum stk_doubt doubt;
	struct stk_evidence evidence;
	bool interrupted;	     /* ip was interrupted: not a return address */
	const struct stk_regs *regs; /* registers saved here, or NULL */
	uint64_t regs_at;	     /* address of the saved pt_regs, or 0 */
	uint64_t entered; /* of a CPU: the address in the code that saved them */
	const char *note; /* what to know about this frame, or NULL */
};

/** struct stk_crossing - how the next segment was reached. */
struct stk_crossing {
	enum stk_how how;
	uint64_t at;	  /* address of the saved word or of the pt_regs */
	bool have_link;	  /* the stack has a saved word that could be read */
	uint64_t link_at; /* its address */
	uint64_t link;	  /* its value */
	/*
	 * Two different words lead to the same place: 1; to different ones: 0; -1: only
	 * one of them says where to, and the other witnesses must do.
	 */
	int agree;
	struct stk_evidence evidence;
	const char *note; /* what the disagreement is, or NULL */
};

struct stk_segment {
	struct stk_stack stack; /* kind UNKNOWN when its frames are on no stack */
	/* Then, where they are in a guard page: the stack above, which overflowed, by so
	 * much. */
	struct stk_stack over; /* kind NULL: none */
	uint64_t over_by;
	struct stk_frame *frames;
	size_t nr_frames;
	uint64_t low; /* where the lowest frame lies: the first, as a rule */
	struct stk_crossing crossing; /* how the next segment was reached */
	struct stk_segment *next;     /* NULL: the chain ends here */
};

/* clang-format off */
/* Where a chain's first registers came from. */
#define STK_FROMS(X)                                                           \
	X(NONE, "none")                                                        \
	X(PRSTATUS, "prstatus") /* NT_PRSTATUS, in crash_notes or in the dump */ \
	X(QEMU, "qemu")		/* NT_PRSTATUS written by QEMU */              \
	X(MONITOR, "monitor")	/* struct stk_monitor_ops */                   \
	X(THREAD_SP, "thread_sp") /* a sleeping task's saved stack pointer */  \
	X(PT_REGS, "pt_regs")	/* a pt_regs in memory */                      \
	X(STACK, "stack")	/* given by the caller */                      \
	X(TEXT, "text")		/* the same, as somebody has them in a text */

/* clang-format on */
enum stk_from {
#define STK_FROM_ENUM(id, name) STK_FROM_##id,
	STK_FROMS(STK_FROM_ENUM)
#undef STK_FROM_ENUM
};

const char *stk_from_name(enum stk_from from);

#define STK_MAX_ENTRY_FACTS 4

/**
 * struct stk_entry_state - how far a CPU was in the kernel's entry or exit code, as the
 * registers that only a virtual machine's dump has tell it.
 */
struct stk_entry_state {
	/* Whose value each register has that entry code changes. */
	struct stk_entry_fact {
		const char *what;  /* the register, as the architecture names it */
		const char *value; /* "user" or "kernel"; NULL: cannot tell */
	} fact[STK_MAX_ENTRY_FACTS];
	size_t nr_facts;
	/* "user", or the kind of the kernel's; NULL: the stack pointer is on none */
	const char *stack;
	const char *text; /* all of it as a clause */
};

/** struct stk_start - where to begin. */
struct stk_start {
	enum stk_from from;
	int cpu; /* -1: not on a CPU */
	struct stk_task task;
	bool has_task;
	struct stk_regs regs; /* ip and sp always */
	bool signal;	      /* regs were interrupted: look up ip itself, not ip-1 */
	bool given; /* by the caller, who may well want a stack that is not live */
	/* The other task of a switch that was under way: its stack is the CPU's, too. */
	bool switching;
	struct stk_task other;
	struct stk_evidence evidence; /* that this task was running, or slept there */
	const char *doubt;	      /* what speaks against it, or NULL */
	const char *note;	      /* what to know about the registers, or NULL */
	const struct stk_entry_state *entry; /* or NULL: elsewhere, or not known */
	bool partial; /* what the CPU called from there is not known */
	/* Why the CPU's last registers are not this kernel's, nor taken; or NULL. */
	const char *foreign;
};

/** struct stk_text_regs - registers of a CPU as a text has them: an oops, a monitor's. */
struct stk_text_regs {
	unsigned int cpu;
	struct stk_regs regs; /* ip and sp always */
	int64_t pid;	      /* of the task that they are of; -1: it does not say */
	bool behind; /* frames stand before them, that were called from there later */
	const char *name; /* of the text; lives as long as the chains that begin with it
			   */
};

/**
 * struct stk_copy - a pt_regs on a stack with the same contents as the chain's start
 * registers: where the CPU saved that context.
 */
struct stk_copy {
	struct stk_stack stack;
	uint64_t regs_at;
};

/**
 * struct stk_entry_kind - a way from user mode into the kernel: a row of the
 * architecture's, which lives as long as the program.
 */
struct stk_entry_kind {
	const char *name; /* "syscall", "exception", "interrupt", … */
};

/** stk_entry_kind_name() - its name; "unknown" for NULL. */
const char *stk_entry_kind_name(const struct stk_entry_kind *kind);

/** struct stk_entry - how the kernel was entered from user mode. */
struct stk_entry {
	const struct stk_entry_kind *kind; /* NULL: not known */
	const char *name; /* of the system call or of the handler; may be NULL */
	int64_t nr;	  /* system call; -1: does not apply */
	/* The hardware's number of the event; -1: does not apply or not known. */
	int64_t code;
	const char *code_name; /* what it is: "vector"; NULL: not known */
	bool has_error;	       /* the hardware pushed an error code */
	uint64_t error;
	const char *odd; /* what the saved registers say against it, or NULL */
};

/**
 * struct stk_joint - where a chain that begins with what stopped the CPU has the
 * registers that were saved of it: those of its start.
 */
struct stk_joint {
	uint64_t regs_at; /* the pt_regs with them; 0: the chain begins with them */
	/* The frame that has them; of user mode there is none: past the last segment. */
	size_t segment, frame;
};

/** What kind of exception that was, whatever the architecture calls it. */
enum stk_fault_kind {
	STK_FAULT_OTHER,
	STK_FAULT_PAGE,
	STK_FAULT_PROTECTION, /* an address, or an operation, that can never be */
	STK_FAULT_TRAP,	      /* an instruction that the kernel has for BUG() */
	STK_FAULT_DOUBLE,
	STK_FAULT_MACHINE_CHECK,
};

/** struct stk_fault - an exception that interrupted the kernel. */
struct stk_fault {
	struct stk_entry entry;
	enum stk_fault_kind kind;
	const char *access;	  /* "read", "write", "execute"; NULL: not known */
	const char *address_name; /* what holds the address that it was about; or NULL */
	uint64_t address;	  /* such as that of a page fault */
};

/**
 * struct stk_dead_end - where the unwind rules led to what cannot be, for the first time.
 */
struct stk_dead_end {
	bool met;
	enum stk_end why;
	uint64_t bad;  /* the address, or the word, that cannot be */
	uint64_t slot; /* by the rule the return address should be there; 0: not known */
	size_t segment, frame; /* of the frame whose caller was looked for */
};

struct stk_chain {
	struct stk_start start;
	struct stk_joint joint;
	struct stk_dead_end dead_end;
	struct stk_segment *segments;
	size_t nr_segments, nr_frames;
	enum stk_end end;
	const char *end_text;	     /* a whole sentence */
	const struct stk_regs *user; /* user-mode registers, when it ends there */
	uint64_t user_at;	     /* where they are saved; 0: in the dump's notes */
	struct stk_evidence user_evidence;
	const char *user_doubt; /* what speaks against them, or NULL */
	struct stk_entry entry; /* how it came in from there */
	int cpu;
	/*
	 * As strong as the weakest link: of all frames, crossings, the start and the
	 * end. @confidence_why: what the doubt is; NULL when certain.
	 */
	enum stk_confidence confidence;
	const char *confidence_why;
};

#define STK_MAX_INLINE 16

/**
 * stk_frame_lines() - the source line of a frame and the calls inlined into it, where
 * the namelist or the module's debuginfo has DWARF: innermost first, the last is the
 * frame's own function. Returns how many; the strings live as long as the session and its
 * target.
 */
size_t stk_frame_lines(struct stk *s, const struct stk_frame *frame, struct stk_line *out,
		       size_t room);

/**
 * stk_lines_forget() - begin anew with what stk_lines_missing() tells; debuginfo of
 *	modules that was not found is looked for once more.
 */
void stk_lines_forget(struct stk *s);

/**
 * stk_lines_missing() - what had no line information at all when stk_frame_lines() was
 *	asked for it since stk_lines_forget(): the kernel, a module.
 * @index: from 0 on
 * @text: gets one line with the reason, cut to @size
 * Returns false when there are no more.
 */
bool stk_lines_missing(const struct stk *s, unsigned int index, char *text, size_t size);

/** stk_start_cpu() - the registers of @cpu, checked; STK_ERR_NO_REGS without any. */
enum stk_status stk_start_cpu(struct stk *s, unsigned int cpu, struct stk_start *out);

/** stk_start_task() - of a task: its CPU's when it is running, else as it sleeps. */
enum stk_status stk_start_task(struct stk *s, const struct stk_task *task,
			       struct stk_start *out);

/** stk_start_regs() - from a pt_regs at @addr in kernel memory. */
enum stk_status stk_start_regs(struct stk *s, uint64_t addr, struct stk_start *out);

/**
 * stk_start_stack() - from given registers. @ip 0: take the word at @sp as a return
 * address that was just pushed. @bp may be 0.
 */
enum stk_status stk_start_stack(struct stk *s, uint64_t sp, uint64_t ip, uint64_t bp,
				struct stk_start *out);

/**
 * stk_start_text() - where a text says that a CPU was, whatever the dump has of it.
 *	Without anything in the dump that vouches for it, this is a doubt.
 */
enum stk_status stk_start_text(struct stk *s, const struct stk_text_regs *text,
			       struct stk_start *out);

/**
 * stk_unwind() - follow the chain from @start.
 *
 * @out: set to a chain that the caller frees with stk_chain_free(); set even when
 *       the chain is broken, which is told by its end
 * Fails only for lack of memory.
 */
enum stk_status stk_unwind(struct stk *s, const struct stk_start *start,
			   struct stk_chain **out);

/**
 * stk_unwind_whole() - as stk_unwind(), of a CPU from the code that stopped it.
 *
 * That begins with what stk_unwind_live() finds, goes through the copy of @start's
 * registers (chain.joint), and on as stk_unwind() does. The same as stk_unwind() where no
 * such code is found, and of what is no CPU's.
 */
enum stk_status stk_unwind_whole(struct stk *s, const struct stk_start *start,
				 struct stk_chain **out);

/**
 * stk_frame_fault() - which exception interrupted @frame of a CPU's chain, and what the
 * kernel printed of it. False: none did.
 */
bool stk_frame_fault(struct stk *s, const struct stk_frame *frame, struct stk_fault *out);

/** struct stk_panic - which CPU panicked. */
struct stk_panic {
	int cpu; /* -1: none, or not known */
	/* How it is known: the kernel's variable, or "chain"; NULL: it is not. */
	const char *from;
};

/**
 * stk_panic() - by what the kernel wrote down, or by the one chain that is in panic().
 */
struct stk_panic stk_panic(struct stk *s);

/**
 * stk_copies() - where the stacks hold @start's registers once more: the trampoline,
 * an exception stack, the task's slot. Returns how many, at most @room.
 */
size_t stk_copies(struct stk *s, const struct stk_start *start, struct stk_copy *out,
		  size_t room);

/**
 * stk_unwind_live() - what the CPU did after it left the context that @start shows.
 *
 * In a kdump, a CPU's saved registers are those that the stopping NMI, or the fault,
 * interrupted; the CPU itself went on from the copy of them, on the same stack or on
 * others of its own or its task's. Its stack pointer is known from a function there that
 * never returns. That chain ends where @start's begins: at @where.
 * STK_ERR_NOT_FOUND when no such copy or function is there.
 */
enum stk_status stk_unwind_live(struct stk *s, const struct stk_start *start,
				struct stk_copy *where, struct stk_chain **out);

/**
 * stk_resync() - what may be the rest of a chain that is broken.
 *
 * The lowest place on the stack where it broke, or on that of its task, from which the
 * rules alone lead to a good end. All frames are marked. It is no part of @broken, whose
 * confidence stays as it is.
 *
 * @at: set to the address of what it begins with: saved registers, or a return address
 * @out: set to a chain that the caller frees with stk_chain_free()
 * STK_ERR_NOT_FOUND when there is none, or @broken is not.
 */
enum stk_status stk_resync(struct stk *s, const struct stk_chain *broken, uint64_t *at,
			   struct stk_chain **out);

#endif
