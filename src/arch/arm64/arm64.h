/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64.h - shared by the files of this folder only. */
#ifndef STK_ARCH_ARM64_H
#define STK_ARCH_ARM64_H

#include "../frame.h"
#include "../percpu_stacks.h"
#include "../pt_regs.h"
#include "../tables.h"

/* In the order of struct user_pt_regs, so that register n is stored at 8 * n. */
enum arm64_reg {
	ARM64_X0,
	ARM64_SCS = 18, /* x18: the shadow call stack, if the kernel has one */
	ARM64_FP = 29,	/* x29: the address of the frame record */
	ARM64_LR = 30,
	ARM64_SP,
	ARM64_PC,
	ARM64_PSTATE,
	ARM64_NR_USER_REGS, /* these are in notes, too */
	ARM64_ORIG_X0 = ARM64_NR_USER_REGS,
	ARM64_SYSCALLNO,
	ARM64_NR_REGS
};

#define ARM64_USER_REGS ((1ull << ARM64_NR_USER_REGS) - 1)

/* kinds.c: the rows' numbers; 0 is a stack pointer on no stack. */
enum arm64_kind {
	ARM64_KIND_UNKNOWN,
	ARM64_KIND_TASK,
	ARM64_KIND_IRQ,
	ARM64_KIND_OVERFLOW,
	ARM64_KIND_SDEI_NORMAL,
	ARM64_KIND_SDEI_CRITICAL,
	ARM64_KIND_EFI,
	ARM64_KIND_SCS,
	ARM64_KIND_IRQ_SCS,
	ARM64_KIND_SDEI_NORMAL_SCS,
	ARM64_KIND_SDEI_CRITICAL_SCS,
	ARM64_NR_KINDS
};

extern const struct stk_kind arm64_kinds[ARM64_NR_KINDS];
#define ARM64_STACK(kind) (&arm64_kinds[ARM64_KIND_##kind])

/* What this folder keeps about a session; created by arm64_state(). */
struct arm64_state {
	/* pagetable.c */
	struct stk_paging paging;
	uint64_t phys_offset, linear_base;
	bool have_linear;
	/* regs.c */
	bool pac_known;
	uint64_t pac_mask;
	/* cpustacks.c */
	uint64_t thread_size;
	/* region.c */
	struct stk_lazy regions;
	/* frame.c */
	struct stk_code_frames *frames;
};

struct arm64_state *arm64_state(struct stk *s);

/* regs.c */
extern const char *const arm64_reg_names[];
extern const struct stk_reg_row arm64_reg_rows[ARM64_NR_REGS];
extern const struct stk_reg_word arm64_reg_words[];
extern const struct stk_inner arm64_saved_sp[];
uint64_t arm64_code_address(struct stk *s, uint64_t word);
bool arm64_user_mode(const struct stk_regs *regs);
int arm64_interruptible(const struct stk_regs *regs);
enum stk_status arm64_note_regs(struct stk *s, const struct stk_saved *saved,
				struct stk_regs *regs);
enum stk_status arm64_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs);
enum stk_status arm64_sleeping_regs(struct stk *s, const struct stk_task *task,
				    struct stk_regs *regs, bool *signal);
static inline void arm64_set(struct stk_regs *regs, enum arm64_reg reg, uint64_t value)
{
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}
static inline bool arm64_has(const struct stk_regs *regs, enum arm64_reg reg)
{
	return stk_has_reg(regs, reg);
}

/* pagetable.c */
unsigned int arm64_page_shift(struct stk *s);
enum stk_status arm64_translate(struct stk *s, uint64_t addr, uint64_t *phys);
enum stk_status arm64_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				   uint64_t *phys);
bool arm64_direct_map(struct stk *s, uint64_t phys, uint64_t *addr);
uint64_t arm64_phys_base(struct stk *s);
bool arm64_image_map(struct stk *s, uint64_t phys, uint64_t *addr);
bool arm64_executable(struct stk *s, uint64_t addr);
bool arm64_is_kernel_address(uint64_t addr);

/* region.c */
void arm64_region(struct stk *s, uint64_t addr, struct stk_place *place);
bool arm64_page_struct(struct stk *s, uint64_t phys, uint64_t *addr);

/* cpustacks.c */
#define ARM64_NR_PERCPU_STACKS 11
extern const struct stk_percpu_stack arm64_percpu_stacks[ARM64_NR_PERCPU_STACKS];
uint64_t arm64_thread_size(struct stk *s);
enum stk_status arm64_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr);
/* Where in it the frame record lies by which the walk comes to it. */
bool arm64_stackframe(struct stk *s, uint64_t *offset);

/* insn.c, frame.c */
bool arm64_read_insn(struct stk *s, uint64_t addr, uint32_t *insn);
bool arm64_call_before(struct stk *s, uint64_t addr, uint64_t *target);
enum stk_call arm64_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
				  bool exact, const char **why);

/* frame.c: what the function at @ip has done to its stack before that. */
struct stk_code_frame arm64_frame_at(struct stk *s, uint64_t ip);

/* fault.c */
bool arm64_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			  uint64_t at, struct stk_fault *out);

/* operand.c */
bool arm64_operand(struct stk *s, uint64_t ip, const struct stk_regs *regs,
		   struct stk_operand *out);

/* tramp.c */
uint64_t arm64_code_alias(struct stk *s, uint64_t addr);
/* Where the image has the code of the trampoline that @ip is in; 0: it is not. */
uint64_t arm64_tramp_text(struct stk *s, uint64_t ip);

/* entry.c */
enum arm64_entry {
	ARM64_ENTRY_SYSCALL,
	ARM64_ENTRY_SYSCALL_COMPAT,
	ARM64_ENTRY_EXCEPTION,
	ARM64_ENTRY_IRQ,
	ARM64_ENTRY_FIQ,
	ARM64_ENTRY_SERROR,
	ARM64_NR_ENTRIES
};
extern const struct stk_entry_kind arm64_entries[ARM64_NR_ENTRIES];
#define ARM64_ENTRY(kind) (&arm64_entries[ARM64_ENTRY_##kind])

/* From which level of privilege, and by which event, entry code was entered. */
struct arm64_path {
	bool user;   /* from EL0 */
	bool compat; /* and from AArch32 */
	const struct stk_entry_kind *kind;
	bool vector; /* the code is in a table of vectors: nothing was saved yet */
	bool leaves; /* for user mode, whose registers were all loaded but the last */
};

/* False: @ip is not in code of which that can be told. */
bool arm64_entry_path(struct stk *s, uint64_t ip, struct arm64_path *out);
bool arm64_in_entry_code(struct stk *s, uint64_t ip);
bool arm64_only_entry_calls(struct stk *s, uint64_t callee);
bool arm64_on_user_stack(struct stk *s, const struct stk_regs *regs);
const struct stk_entry_state *arm64_entry_state(struct stk *s, unsigned int cpu,
						const struct stk_saved *saved);
size_t arm64_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			  const struct stk_regs *regs, struct stk_copy *out, size_t room);
void arm64_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			  uint64_t at, struct stk_entry *out);

/* vectors.c */
void arm64_entry_words(struct stk *s, const struct stk_regs *regs,
		       struct stk_entry_words *out);

/* evidence.c */
extern const uint32_t arm64_leads_to[32];
void arm64_weigh_regs(struct stk *s, const struct stk_stack *stack,
		      const struct stk_regs *regs, uint64_t at, uint64_t by,
		      struct stk_evidence *evidence);
bool arm64_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip);
int arm64_begins_sleep(struct stk *s, const struct stk_regs *regs);
bool arm64_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle);
int arm64_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind);

/* The methods of unwinding: step_*.c */
/* To user mode, with registers of which none was saved. */
enum stk_step_result arm64_user_step(struct stk_step *out);
/* In entry code, where the registers are being saved or loaded. */
enum stk_step_result arm64_step_entry(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out);
/* From a stack of SDEI to what the firmware interrupted. */
enum stk_step_result arm64_step_sdei(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out);
/* An interrupted function that has no frame record: the caller is in x30 alone. */
enum stk_step_result arm64_step_leaf(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out);
enum stk_step_result arm64_step_record(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out);
/* By call frame information, of which there may be none. */
enum stk_step_result arm64_step_cfi(struct stk *s, const struct stk_cursor *c,
				    struct stk_step *out);

#endif
