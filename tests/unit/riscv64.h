/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64.h - riscv64 machines made of nothing: page tables of each mode, and a small
 * kernel on one of them.
 */
#ifndef UNIT_RISCV64_H
#define UNIT_RISCV64_H

#include "other.h"

struct riscv_mode {
	const char *name;
	struct syn_tables tables;
	unsigned int bits;
	uint64_t linear, vmalloc, vmemmap;
};

enum riscv_mode_id { RV_SV39, RV_SV48, RV_SV57, RV_NR_MODES };

extern const struct riscv_mode riscv_modes[RV_NR_MODES];

#define RV_RAM	 0x80000000ull
#define RV_IMAGE 0x80200000ull
#define RV_TEXT	 0xffffffff80000000ull
#define RV_VOFF	 (RV_TEXT - RV_IMAGE) /* va_kernel_pa_offset */

#define RV_EXEC	 8ull
#define RV_NAPOT (1ull << 63)

/* Page tables with nothing in them, and VMCOREINFO. */
struct syn *riscv_machine(enum riscv_mode_id id);
uint64_t riscv_linear(const struct riscv_mode *mode, uint64_t phys);

/* ---- a small kernel ---- */

struct syn *rv_kernel(enum riscv_mode_id id);
/* From now on it has shadow call stacks. */
void rv_shadows(struct syn *m);

/* In this order registers lie in a pt_regs, and in notes up to the 32nd. */
#define RV_RA	   1u
#define RV_SP	   2u
#define RV_GP	   3u
#define RV_TP	   4u
#define RV_S0	   8u
#define RV_STATUS  32u
#define RV_BADADDR 33u
#define RV_CAUSE   34u

#define RV_REGS_SIZE 288u
#define RV_USER_PC   0x0000002012345678ull
#define RV_USER_SP   0x0000003fdeadbee0ull

uint64_t rv_user_regs(struct syn *m, uint64_t task);
/* JAL @callee in @caller that ends at @off; returns the return address. */
uint64_t rv_call_insn(struct syn *m, const char *caller, unsigned int off,
		      const char *callee);
/* The current function calls @callee, which makes its frame; to be interrupted there. */
void rv_call(struct syn_cpu *c, unsigned int off, const char *callee);
/* The same through a pointer in a5. */
void rv_call_pointer(struct syn_cpu *c, unsigned int off, const char *callee);
/* @callee is jumped to, with @ret in ra. */
void rv_jump(struct syn_cpu *c, uint64_t ret, const char *callee);
/* Where the CPU is is interrupted; returns where the pt_regs are. */
uint64_t rv_exception(struct syn_cpu *c, uint64_t cause);
void rv_syscall(struct syn_cpu *c); /* … task_spin() */
void rv_kthread(struct syn_cpu *c); /* ret_from_fork … worker_thread() */
void rv_idle(struct syn_cpu *c);    /* where CPUs start … do_idle() */
void rv_irq(struct syn_cpu *c);	    /* … timer_fn(), from a task's on the IRQ stack */
/* A NULL pointer, up to panic(). */
void rv_fault(struct syn_cpu *c);
/* The stack is used up: panic() on the overflow stack; returns the pt_regs there. */
uint64_t rv_overflow(struct syn_cpu *c);
void rv_sleep(struct syn_cpu *c);
/* What a CPU that was stopped here has in its note. */
void rv_note(struct syn_cpu *c);

#endif
