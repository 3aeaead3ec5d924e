/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64.h - shared by the files of this folder only. */
#ifndef STK_ARCH_RISCV64_H
#define STK_ARCH_RISCV64_H

#include "../frame.h"
#include "../percpu_stacks.h"
#include "../pt_regs.h"
#include "../tables.h"

/* In the order of struct pt_regs, so that register n is stored at 8 * n. */
enum riscv_reg {
	RISCV_PC,
	RISCV_RA,
	RISCV_SP,
	RISCV_GP, /* the shadow call stack, if the kernel has one */
	RISCV_TP,
	RISCV_FP = 8, /* s0: the stack pointer before the call, above the frame record */
	RISCV_S1,
	RISCV_A0,
	RISCV_A7 = RISCV_A0 + 7,
	RISCV_S2,
	RISCV_T3 = RISCV_S2 + 10,
	RISCV_NR_NOTE_REGS = 32, /* these are in notes, too */
	RISCV_STATUS = RISCV_NR_NOTE_REGS,
	RISCV_BADADDR,
	RISCV_CAUSE,
	RISCV_ORIG_A0,
	RISCV_NR_REGS
};

#define RISCV_NOTE_REGS ((1ull << RISCV_NR_NOTE_REGS) - 1)
#define RISCV_ALL_REGS	((1ull << RISCV_NR_REGS) - 1)

/* The frame record {caller's s0, return address} lies below what s0 points to. */
#define RISCV_RECORD 16u

/* kinds.c: the rows' numbers; 0 is a stack pointer on no stack. */
enum riscv_kind {
	RISCV_KIND_UNKNOWN,
	RISCV_KIND_TASK,
	RISCV_KIND_IRQ,
	RISCV_KIND_OVERFLOW,
	RISCV_KIND_SCS,
	RISCV_KIND_IRQ_SCS,
	RISCV_NR_KINDS
};

extern const struct stk_kind riscv_kinds[RISCV_NR_KINDS];
#define RISCV_STACK(kind) (&riscv_kinds[RISCV_KIND_##kind])

/* What this folder keeps about a session; created by riscv_state(). */
struct riscv_state {
	/* pagetable.c */
	struct stk_paging paging;
	/* cpustacks.c */
	uint64_t thread_size;
	/* region.c */
	struct stk_lazy regions;
	/* insn.c */
	struct stk_code_frames *frames;
};

struct riscv_state *riscv_state(struct stk *s);

/* regs.c */
extern const char *const riscv_reg_names[];
extern const struct stk_reg_row riscv_reg_rows[RISCV_NR_REGS];
extern const struct stk_reg_word riscv_reg_words[];
extern const struct stk_inner riscv_saved_sp[];
bool riscv_user_mode(const struct stk_regs *regs);
int riscv_interruptible(const struct stk_regs *regs);
enum stk_status riscv_note_regs(struct stk *s, const struct stk_saved *saved,
				struct stk_regs *regs);
enum stk_status riscv_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs);
enum stk_status riscv_sleeping_regs(struct stk *s, const struct stk_task *task,
				    struct stk_regs *regs, bool *signal);
static inline void riscv_set(struct stk_regs *regs, enum riscv_reg reg, uint64_t value)
{
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}
static inline bool riscv_has(const struct stk_regs *regs, enum riscv_reg reg)
{
	return stk_has_reg(regs, reg);
}

/* hart.c */
unsigned int riscv_machine_cpu(struct stk *s, unsigned int cpu);
const char *riscv_foreign_regs(struct stk *s, const struct stk_saved *saved,
			       bool *capture);

/* pagetable.c */
enum stk_status riscv_translate(struct stk *s, uint64_t addr, uint64_t *phys);
enum stk_status riscv_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				   uint64_t *phys);
/* @p is of the mode with @bits of an address: 39, 48 or 57. */
void riscv_set_mode(struct stk_paging *p, unsigned int bits);
/* Where the direct map begins, and what memory is there. */
bool riscv_direct(struct stk *s, uint64_t *base, uint64_t *ram);
bool riscv_direct_map(struct stk *s, uint64_t phys, uint64_t *addr);
bool riscv_image_map(struct stk *s, uint64_t phys, uint64_t *addr);
bool riscv_executable(struct stk *s, uint64_t addr);
bool riscv_is_kernel_address(uint64_t addr);

/* vmcoreinfo.c */
struct stk_pages;
enum stk_status riscv_complete_vmcoreinfo(struct stk *s, const struct stk_pages *pages,
					  char *text, size_t size);

/* region.c */
void riscv_region(struct stk *s, uint64_t addr, struct stk_place *place);
bool riscv_page_struct(struct stk *s, uint64_t phys, uint64_t *addr);

/* cpustacks.c */
#define RISCV_NR_PERCPU_STACKS 3
extern const struct stk_percpu_stack riscv_percpu_stacks[RISCV_NR_PERCPU_STACKS];
uint64_t riscv_thread_size(struct stk *s);
enum stk_status riscv_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr);

/* insn.c */
extern const struct stk_insn_set riscv_insns;
bool riscv_call_before(struct stk *s, uint64_t addr, uint64_t *target);
enum stk_call riscv_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
				  bool exact, const char **why);
/* Does a call end at @addr that leaves its return address in t0, as a tracer's does? */
bool riscv_traced(struct stk *s, uint64_t addr);
/* Does the call before @ret go by a register, and which? */
bool riscv_called_by(struct stk *s, uint64_t ret, enum riscv_reg *reg);
/* What the function at @ip has done to its stack before that. */
struct stk_code_frame riscv_frame_at(struct stk *s, uint64_t ip);
/* The same at the call that ends at @ret. */
struct stk_code_frame riscv_frame_of_call(struct stk *s, uint64_t ret);

/* entry.c */
enum riscv_entry {
	RISCV_ENTRY_SYSCALL,
	RISCV_ENTRY_EXCEPTION,
	RISCV_ENTRY_INTERRUPT,
	RISCV_NR_ENTRIES
};
extern const struct stk_entry_kind riscv_entries[RISCV_NR_ENTRIES];
#define RISCV_ENTRY(kind) (&riscv_entries[RISCV_ENTRY_##kind])

bool riscv_entry_code(struct stk *s, uint64_t *begin, uint64_t *end);
bool riscv_in_entry_code(struct stk *s, uint64_t ip);
bool riscv_only_entry_calls(struct stk *s, uint64_t callee);
bool riscv_on_user_stack(struct stk *s, const struct stk_regs *regs);
const struct stk_entry_state *riscv_entry_state(struct stk *s, unsigned int cpu,
						const struct stk_saved *saved);
size_t riscv_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			  const struct stk_regs *regs, struct stk_copy *out, size_t room);
void riscv_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			  uint64_t at, struct stk_entry *out);
bool riscv_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			  uint64_t at, struct stk_fault *out);

/* vector.c */
void riscv_entry_words(struct stk *s, const struct stk_regs *regs,
		       struct stk_entry_words *out);

/* made.c: return addresses that entry code puts into ra, and jumps. */
bool riscv_makes_return(struct stk *s, uint64_t ret);
/* As riscv_call_evidence(); false: @ret is none of them. */
bool riscv_weigh_made(struct stk *s, uint64_t ret, uint64_t callee, enum stk_call *call,
		      const char **why);

/* top.c */
/* A kernel thread never was in user mode: copy_thread() leaves zeros, and a status. */
bool riscv_is_thread_start(struct stk *s, const struct stk_cursor *c);
/* Where the user's registers are at the top of a task's stack; 0: there is no such place.
 */
uint64_t riscv_user_regs_at(struct stk *s, const struct stk_stack *stack);
/* Where the first frame of a task's stack begins; 0: that is not known. */
uint64_t riscv_stack_top(struct stk *s, const struct stk_stack *stack);

/* evidence.c */
extern const uint32_t riscv_leads_to[32];
void riscv_weigh_regs(struct stk *s, const struct stk_stack *stack,
		      const struct stk_regs *regs, uint64_t at, uint64_t by,
		      struct stk_evidence *evidence);
bool riscv_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip);
int riscv_begins_sleep(struct stk *s, const struct stk_regs *regs);
bool riscv_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle);
int riscv_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind);

/* The methods of unwinding: step_*.c */
/* In entry code, where the registers are being saved or loaded, and over it. */
enum stk_step_result riscv_step_entry(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out);
/* Out of a callback of ftrace's. */
enum stk_step_result riscv_step_ftrace(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out);
/* An interrupted function, by what its code has done so far. */
enum stk_step_result riscv_step_code(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out);
/*
 * handle_kernel_stack_overflow saves all registers at the top of the overflow stack and
 * jumps to handle_bad_stack(), of which ra and s0 hold what nobody called it from. Was a
 * function begun like that, whose stack pointer was @cfa then?
 */
bool riscv_is_overflow(struct stk *s, const struct stk_cursor *c, uint64_t cfa);
/*
 * To what overflowed: the registers at @at, there. Each event that comes on the overflow
 * stack may count as an overflow again, as no one sees to it that bit THREAD_SHIFT of its
 * addresses is clear, and begins at the top: what was saved there is the log's alone
 * then.
 */
enum stk_step_result riscv_leave_overflow(struct stk *s, const struct stk_cursor *c,
					  uint64_t at, struct stk_step *out);
enum stk_step_result riscv_step_record(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out);
/* By call frame information, of which there may be none. */
enum stk_step_result riscv_step_cfi(struct stk *s, const struct stk_cursor *c,
				    struct stk_step *out);

#endif
