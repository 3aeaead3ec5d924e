/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64.h - arm64 machines made of nothing: page tables of every shape that the
 * architecture has, and a small kernel on one of them.
 */
#ifndef UNIT_ARM64_H
#define UNIT_ARM64_H

#include "other.h"

/* Pages, bits of virtual addresses as configured and as in use, and their tables. */
struct arm64_shape {
	const char *name;
	struct syn_tables tables;
	unsigned int built, live;
	uint64_t linear, phys_offset;
};

enum arm64_shape_id {
	A64_4K_39,
	A64_4K_48,
	A64_4K_48_OLD, /* up to 5.3: the linear map is in the upper half */
	A64_4K_52,
	A64_4K_52_ON_48,
	A64_16K_36,
	A64_16K_47,
	A64_16K_48,
	A64_16K_52,
	A64_16K_52_ON_47,
	A64_64K_42,
	A64_64K_48,
	A64_64K_52,
	A64_64K_52_ON_48,
	A64_NR_SHAPES
};

extern const struct arm64_shape arm64_shapes[A64_NR_SHAPES];

#define A64_RAM	  0x40000000ull
#define A64_IMAGE 0x60000000ull /* where the kernel's image is in memory */
#define A64_TEXT  0xffffb00000000000ull
#define A64_VOFF  (A64_TEXT - A64_IMAGE) /* kimage_voffset */

#define A64_PXN	     (1ull << 53)
#define A64_PXNTABLE (1ull << 59)

/* Page tables with nothing in them but themselves, and VMCOREINFO. */
struct syn *arm64_machine(enum arm64_shape_id id);
/* Where the linear map has @phys. */
uint64_t arm64_linear(const struct arm64_shape *shape, uint64_t phys);

/* ---- a small kernel ---- */

/*
 * 5.10: entry code has other names, it switches to the IRQ stack without a call, and
 * threads begin with x29 zero. 6.14: its frame records have a mark of their own.
 */
enum a64_era { A64_5_10, A64_6_12, A64_6_14 };

struct syn *a64_kernel(enum arm64_shape_id id, enum a64_era era);
/* From now on return addresses that C code saves are signed, as VMCOREINFO says. */
void a64_sign(struct syn *m);
/* As the hardware would sign @addr, if it does. */
uint64_t a64_signed(struct syn *m, uint64_t addr);

/* From now on it has shadow call stacks, of @size bytes each. */
void a64_shadows(struct syn *m, uint32_t size);

/*
 * It isolates page tables: its trampoline has @nr tables of vectors, and code that leaves
 * for user mode. Returns where it runs.
 */
uint64_t a64_trampoline(struct syn *m, unsigned int nr);

/* In this order registers lie in a pt_regs, and in notes. */
#define A64_SCS	   18u
#define A64_FP	   29u
#define A64_LR	   30u
#define A64_SP	   31u
#define A64_PC	   32u
#define A64_PSTATE 33u

#define A64_REGS_SIZE 336u
#define A64_EL1H      0x60000005ull
#define A64_USER_PC   0x0000aaaa12345678ull
#define A64_USER_SP   0x0000ffffdeadbee0ull

uint64_t a64_user_regs(struct syn *m, uint64_t task);
/* BL @callee in @caller that ends at @off; returns the return address. */
uint64_t a64_call_insn(struct syn *m, const char *caller, unsigned int off,
		       const char *callee);
/* The current function calls @callee, which makes its frame; to be interrupted there. */
void a64_call(struct syn_cpu *c, unsigned int off, const char *callee);
/* The same through a pointer in x8. */
void a64_call_pointer(struct syn_cpu *c, unsigned int off, const char *callee);
/* What is at current+@off is interrupted; returns where the pt_regs are. */
uint64_t a64_exception(struct syn_cpu *c, const char *entry);
void a64_syscall(struct syn_cpu *c); /* … task_spin() */
void a64_kthread(struct syn_cpu *c); /* ret_from_fork … worker_thread() */
void a64_idle(struct syn_cpu *c);    /* where CPUs start … do_idle() */
void a64_irq(struct syn_cpu *c);     /* … timer_fn(), from a task's on the IRQ stack */
/* A NULL pointer, up to panic(). */
void a64_fault(struct syn_cpu *c);
/* The stack is used up: panic() on the overflow stack; returns the pt_regs there. */
uint64_t a64_overflow(struct syn_cpu *c);
/*
 * The firmware calls back, on the stack to which the per-CPU variable @pointer points;
 * returns the registers of what it interrupted, of which an @event may tell.
 */
uint64_t a64_firmware(struct syn_cpu *c, const char *pointer, bool user, bool event);
void a64_sleep(struct syn_cpu *c);
/* What a CPU that was stopped here has in its note. */
void a64_note(struct syn_cpu *c);

#endif
