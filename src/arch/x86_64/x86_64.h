/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64.h - shared by the files of this folder only. */
#ifndef STK_ARCH_X86_64_H
#define STK_ARCH_X86_64_H

#include <stackinfo/x86_64.h>

#include "../arch.h"
#include "../tables.h"

/* In the order of struct pt_regs, so that register n is stored at 8 * n. */
enum x86_reg {
	X86_R15,
	X86_R14,
	X86_R13,
	X86_R12,
	X86_BP,
	X86_BX,
	X86_R11,
	X86_R10,
	X86_R9,
	X86_R8,
	X86_AX,
	X86_CX,
	X86_DX,
	X86_SI,
	X86_DI,
	X86_ORIG_AX,
	X86_IP,
	X86_CS,
	X86_FLAGS,
	X86_SP,
	X86_SS,
	X86_NR_REGS
};

#define X86_PT_REGS_SIZE 168u /* 21 words; the same in all eras */
#define X86_IRET_OFFSET	 128u /* of ip, the first of the five hardware words */
#define X86_ALL_REGS	 ((1ull << X86_NR_REGS) - 1)
#define X86_BIT(reg)	 (1ull << X86_##reg)
#define X86_IRET_REGS                                                                    \
	(X86_BIT(IP) | X86_BIT(CS) | X86_BIT(FLAGS) | X86_BIT(SP) | X86_BIT(SS))

#define X86_PAGE_SHIFT 12u
#define X86_PAGE_SIZE  (1u << X86_PAGE_SHIFT)
#define X86_KERNEL_MAP 0xffffffff80000000ull /* __START_KERNEL_map */

/* kinds.c: the rows' numbers; 0 is a stack pointer on no stack. */
enum x86_kind {
	X86_KIND_UNKNOWN,
	X86_KIND_TASK,
	X86_KIND_IRQ,
	X86_KIND_SOFTIRQ,
	X86_KIND_ENTRY,
	X86_KIND_DF,
	X86_KIND_NMI,
	X86_KIND_DB2,
	X86_KIND_DB1,
	X86_KIND_DB,
	X86_KIND_MCE,
	X86_KIND_VC,
	X86_KIND_VC2,
	X86_KIND_ESPFIX,
	X86_NR_KINDS
};

extern const struct stk_kind x86_kinds[X86_NR_KINDS];
#define X86_STACK(kind) (&x86_kinds[X86_KIND_##kind])

/* What this folder keeps about a session; created by x86_state(). */
/* What there is to unwind the kernel's code with: unwinder.c. */
enum x86_unwinder {
	X86_UNWINDER_ORC = 1,
	X86_UNWINDER_FP,   /* frame pointers */
	X86_UNWINDER_NONE, /* or whoever has the dump does not know where it is */
};

struct x86_state {
	/* pagetable.c */
	bool paging_tried;
	enum stk_status paging_status;
	uint64_t pgd, phys_base, direct_base;
	bool l5, have_direct;
	struct stk_tables tables;
	/* orc.c */
	struct stk_lazy orc;
	/* unwinder.c */
	enum x86_unwinder unwinder; /* 0: not asked yet */
	/* cpustacks.c */
	uint64_t thread_size;
	/* region.c, region_entry.c */
	struct stk_lazy regions;
	struct stk_lazy entry_areas;
	/* reach.c */
	struct x86_reached *reached;
};

struct x86_state *x86_state(struct stk *s);

/* To a question whose answer is 1 or 0, where nothing tells. */
#define X86_UNKNOWN (-1)

/*
 * With page-table isolation a task has two page tables in adjacent pages; the user's is
 * the upper one (PTI_USER_PGTABLE_BIT).
 */
#define X86_CR3_USER  0x1000ull
#define X86_ADDR_MASK 0x000ffffffffff000ull

/* The kernel's table of the two, whichever @cr3 holds. */
static inline uint64_t x86_cr3_table(uint64_t cr3)
{
	return cr3 & X86_ADDR_MASK & ~X86_CR3_USER;
}

/*
 * pagetable.c: do the tables of @cr3 map @addr to where the kernel's do? -1: they, or
 * the kernel's, cannot be read.
 */
int x86_maps_same(struct stk *s, uint64_t cr3, uint64_t addr);
/* foreign.c */
const char *x86_foreign_regs(struct stk *s, const struct stk_saved *saved, bool *capture);
/* pagetable.c: walk the tables of this CR3 and CR4, without any VMCOREINFO. */
enum stk_status x86_page_by(struct stk *s, uint64_t cr3, uint64_t cr4);
/* vmcoreinfo.c */
bool x86_whole_table(struct stk *s, unsigned int nth, uint64_t *begin, uint64_t *end);
size_t x86_guess_vmcoreinfo(struct stk *s, const struct stk_saved *saved, char *text,
			    size_t size);

/* regs.c */
extern const char *const x86_reg_names[];
extern const struct stk_reg_row x86_reg_rows[X86_NR_REGS];
extern const struct stk_reg_word x86_reg_words[];
extern const struct stk_inner x86_saved_sp[];
int x86_interruptible(const struct stk_regs *regs);
bool x86_user_mode(const struct stk_regs *regs);
bool x86_may_be_user(struct stk *s, const struct stk_stack *stack,
		     const struct stk_regs *regs, uint64_t regs_at);
enum stk_status x86_note_regs(struct stk *s, const struct stk_saved *saved,
			      struct stk_regs *regs);
void x86_mask_selectors(struct stk_regs *regs);
enum stk_status x86_read_pt_regs(struct stk *s, uint64_t addr, struct stk_regs *regs);
enum stk_status x86_read_iret(struct stk *s, uint64_t addr, struct stk_regs *regs);
enum stk_status x86_sleeping_regs(struct stk *s, const struct stk_task *task,
				  struct stk_regs *regs, bool *signal);
/* Is it the selector of one of the kernel's code segments? */
bool x86_is_code_segment(uint64_t cs);
static inline void x86_set(struct stk_regs *regs, enum x86_reg reg, uint64_t value)
{
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}
static inline bool x86_has(const struct stk_regs *regs, enum x86_reg reg)
{
	return stk_has_reg(regs, reg);
}

/* pagetable.c */
enum stk_status x86_translate(struct stk *s, uint64_t addr, uint64_t *phys);
enum stk_status x86_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				 uint64_t *phys);
bool x86_direct_map(struct stk *s, uint64_t phys, uint64_t *addr);
bool x86_image_map(struct stk *s, uint64_t phys, uint64_t *addr);
bool x86_page_struct(struct stk *s, uint64_t phys, uint64_t *addr);
/* Do the page tables allow the kernel to run code at @addr? */
bool x86_executable(struct stk *s, uint64_t addr);
enum stk_status x86_paging(struct stk *s, struct x86_state **out);

/* cpustacks.c */
enum stk_status x86_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
			       size_t room, size_t *nr);
uint64_t x86_thread_size(struct stk *s);
/* TOP_OF_KERNEL_STACK_PADDING: what a task's stack keeps free at its top. */
uint64_t x86_top_padding(struct stk *s);
/* Where the pt_regs of a task's entry from user mode lie. */
uint64_t x86_task_pt_regs(struct stk *s, const struct stk_stack *stack);
int x86_irq_in_use(struct stk *s, unsigned int cpu);
int x86_in_use(struct stk *s, const struct stk_stack *stack, const char **why);
bool x86_link_word(struct stk *s, const struct stk_stack *stack, uint64_t *at,
		   uint64_t *value);
/* Base of the CPU's struct cpu_entry_area, or 0. */
uint64_t x86_cpu_entry_area(struct stk *s, unsigned int cpu);
bool x86_percpu_alias(struct stk *s, unsigned int cpu, uint64_t addr, const char **view,
		      uint64_t *alias);
/*
 * True when the per-CPU pointer to the IRQ stack is its top less 8 and the inline
 * switch of 5.12 is in use: it changed what the saved word and ORC mean.
 */
bool x86_inline_irq_switch(struct stk *s);

/* entered.c: x86_call_evidence(), with what is known of functions that it is from. */
enum stk_call x86_weigh_call(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
			     const char **why);

/* evidence.c */
extern const uint32_t x86_leads_to[X86_NR_KINDS];
uint64_t x86_user_regs_at(struct stk *s, const struct stk_stack *stack);
void x86_weigh_regs(struct stk *s, const struct stk_stack *stack,
		    const struct stk_regs *regs, uint64_t at, uint64_t by,
		    struct stk_evidence *evidence);
bool x86_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip);
int x86_begins_sleep(struct stk *s, const struct stk_regs *regs);
bool x86_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle);
int x86_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind);

/*
 * called.c: a stack of the hardware's that the kernel went on to by a call, because of a
 * fault in a guard page.
 */
struct x86_called {
	uint64_t ret; /* the return address, the second word from the top */
	bool saved;   /* the topmost word is the rsp before */
};
bool x86_called_stack(struct stk *s, const struct stk_stack *stack,
		      struct x86_called *out);
/* Does the cursor stand in the function that called? */
bool x86_called_frame(struct stk *s, const struct stk_cursor *c, struct x86_called *out);
/* To its caller, when the rsp before was not saved. */
enum stk_step_result x86_step_called(struct stk *s, const struct stk_cursor *c,
				     const struct x86_called *called,
				     struct stk_step *out);
bool x86_left_at(struct stk *s, const struct stk_stack *stack, uint64_t *sp);

/* residue.c */
bool x86_residue(struct stk *s, const struct stk_stack *stack, struct stk_residue *out);

/* region.c */
void x86_region(struct stk *s, uint64_t addr, struct stk_place *place);
bool x86_is_kernel_address(uint64_t addr);

/* region_entry.c: the parts of the cpu_entry_area. */
#define X86_RO_IDT 0xfffffe0000000000ull /* CPU_ENTRY_AREA_RO_IDT: where they begin */
void x86_entry_area_part(struct stk *s, uint64_t addr, struct stk_place *place);

/* entry.c */
/* A bit of the kernel's x86_capability[] (X86_FEATURE_*): 1, 0, or -1 unknown. */
int x86_cpu_feature(struct stk *s, unsigned int feature);
bool x86_in_entry_code(struct stk *s, uint64_t ip);
/* May the code at @ip, which is byte-exact, have saved registers below its frame? */
bool x86_may_save_regs(struct stk *s, uint64_t ip);
bool x86_in_fred_code(struct stk *s, uint64_t ip);
bool x86_in_syscall_code(struct stk *s, uint64_t ip);
bool x86_on_user_stack(struct stk *s, const struct stk_regs *regs);
const struct stk_entry_state *x86_entry_state(struct stk *s, unsigned int cpu,
					      const struct stk_saved *saved);
/* Is rsp no stack pointer, but the address of the page table that is switched to? */
bool x86_rsp_is_cr3(struct stk *s, int cpu, uint64_t sp);
size_t x86_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			const struct stk_regs *regs, struct stk_copy *out, size_t room);
bool x86_vouched_regs(struct stk *s, unsigned int cpu, struct stk_regs *regs,
		      bool *signal, const char **why);

/* tss.c */
bool x86_uses_fred(struct stk *s);
/* Does the kernel have cpu_entry_areas, whether or not they can be found? */
bool x86_has_entry_area(struct stk *s);
/* tss_facts.c */
void x86_tss_facts(struct stk *s, struct stk_x86_tss *tss);

/* code.c */
/* Does a call end at @addr? *target: what it calls, 0 when that is a register's. */
bool x86_call_before(struct stk *s, uint64_t addr, uint64_t *target);
/* The same, where it begins; 0: none ends there. */
uint64_t x86_call_begin(struct stk *s, uint64_t addr, uint64_t *target);
/* The same of a call whose first byte a breakpoint took the place of. */
bool x86_breakpoint_before(struct stk *s, uint64_t addr, uint64_t *target);

/*
 * reach.c: does a call of @target enter the function at @start, be it behind its endbr64
 * or in the padding before it, where call depth tracking counts (callthunks.c, 6.2+)?
 */
bool x86_enters(struct stk *s, uint64_t target, uint64_t start);

/* callsite.c */
/*
 * May @addr be a return address: does a call end there that leaves one? *target: what it
 * calls, 0 when that is a register's.
 */
bool x86_is_return(struct stk *s, uint64_t addr, uint64_t *target);
enum stk_call x86_call_evidence(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
				const char **why);

/* idt.c: how the kernel can be entered from user mode. */
enum x86_entry {
	X86_ENTRY_SYSCALL,	  /* the SYSCALL instruction, 64-bit */
	X86_ENTRY_SYSCALL_COMPAT, /* SYSCALL or SYSENTER, 32-bit */
	X86_ENTRY_INT80,
	X86_ENTRY_EXCEPTION, /* a fault or trap: vectors 0 to 31 */
	X86_ENTRY_INTERRUPT, /* a device's or the APIC's */
	X86_ENTRY_NMI,
	X86_NR_ENTRIES
};

extern const struct stk_entry_kind x86_entries[X86_NR_ENTRIES];
#define X86_ENTRY(kind) (&x86_entries[X86_ENTRY_##kind])

#define X86_IDT_ENTRIES 256u
/* The gate of @vector: its handler, and the IST slot plus one, or 0. */
bool x86_idt_gate(struct stk *s, unsigned int vector, uint64_t *handler,
		  unsigned int *ist);
/* Does the hardware push an error code with that? */
bool x86_pushes_error(int64_t vector);
bool x86_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			uint64_t at, struct stk_fault *out);
void x86_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			uint64_t at, struct stk_entry *out);

/* operand.c */
bool x86_operand(struct stk *s, uint64_t ip, const struct stk_regs *regs,
		 struct stk_operand *out);

/*
 * jumped.c: code that is none was gone to with these registers. Did the call before @ret
 * do so? Then what it called was there.
 */
bool x86_called_there(struct stk *s, const struct stk_regs *regs, uint64_t ret);

/* The methods of unwinding: step_*.c */
enum x86_unwinder x86_unwinder(struct stk *s);
/*
 * Is the code one that ORC knows nothing of? If not, then a rule, or in kernels without
 * ORC the frame pointer, has led nowhere, and something is damaged, or there are neither;
 * in words.
 */
bool x86_no_rule(struct stk *s, const struct stk_cursor *c);
const char *x86_why_no_rule(struct stk *s, bool no_rule);
enum stk_step_result x86_step_orc(struct stk *s, const struct stk_cursor *c,
				  struct stk_step *out);
/* Where ORC says "end of stack" for code at the edge of a system call. */
enum stk_step_result x86_step_syscall(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out);
/* The same at the beginning of a FRED event. */
enum stk_step_result x86_step_fred(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out);
enum stk_step_result x86_step_cfi(struct stk *s, const struct stk_cursor *c,
				  struct stk_step *out);
/* To the pt_regs at @at. */
enum stk_step_result x86_regs_step(struct stk *s, uint64_t at, struct stk_step *out);
/* Is nothing left of a task's stack but the pt_regs at @top, of its entry from user mode?
 */
bool x86_at_task_start(struct stk *s, const struct stk_cursor *c, uint64_t top);
enum stk_step_result x86_step_bare(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out);
enum stk_step_result x86_step_fp(struct stk *s, const struct stk_cursor *c,
				 struct stk_step *out);
/* Is a breakpoint at @addr, or a kprobe that is disarmed? */
bool x86_has_int3(struct stk *s, uint64_t addr);
enum stk_step_result x86_step_kprobe(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out);
enum stk_step_result x86_step_callsite(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out);
enum stk_step_result x86_step_link(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out);

#endif
