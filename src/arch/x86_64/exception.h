/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exception.h - the stacks that the hardware itself changes to, and what an event leaves
 * at the top of one. Whoever asks for such a stack or for a place on it asks here.
 */
#ifndef STK_X86_64_EXCEPTION_H
#define STK_X86_64_EXCEPTION_H

#include "x86_64.h"

/*
 * FRED (CONFIG_X86_FRED, 6.9+, when the CPU has it and uses it) pushes 8 words: the
 * error code, the five of an IDT entry, event data and a reserved one. With the
 * registers that the entry code pushes they are struct fred_frame.
 */
#define X86_FRED_WORDS	 64u
#define X86_FRED_PT_REGS 184u /* sizeof(struct fred_frame) */
#define X86_FRED_IP	 8u   /* in those words */
#define X86_FRED_ALIGN	 64ull
/* Where it begins to push when the stack stays the same: below a red zone. */
#define X86_FRED_TOP(sp) (((sp)-X86_FRED_ALIGN) & ~(X86_FRED_ALIGN - 1))

/* What pushed the words of the hardware: see x86_fred_frame(). */
enum x86_pushed { X86_IDT, X86_FRED, X86_NR_PUSHED };

/* Where an event and its entry code leave what: bytes below the stack's top. */
struct x86_exception_frame {
	uint16_t hw;	  /* the hardware's five words, ip first; 0: nothing is there */
	uint16_t pt_regs; /* which ends in them, or in a copy of them */
	uint16_t in_use;  /* a word that is 1 while the event is handled; 0: none */
	uint16_t iret;	  /* a copy of the five words, to return by; 0: none */
};

#define X86_HW_SP  24u /* of rsp, from the first of the five words */
#define X86_NO_IST (-1)

struct x86_exception {
	const struct stk_kind *kind;
	int ist;	    /* index in the TSS's ist[], or X86_NO_IST */
	bool level;	    /* one of FRED's stack levels is on it */
	const char *part;   /* what is said of the stack's part of the cpu_entry_area */
	const char *member; /* of struct cea_exception_stacks and of exception_stacks */
	struct x86_exception_frame frame[X86_NR_PUSHED];
};

#define X86_NR_EXCEPTIONS 8u

/* In ascending order of address in struct cea_exception_stacks, all of 5.2-7.3. */
extern const struct x86_exception x86_exceptions[X86_NR_EXCEPTIONS];

/* The row of @kind, or NULL when that is no exception stack. */
const struct x86_exception *x86_exception(const struct stk_kind *kind);
/* What the kernel puts into ist[@n]; NULL where it leaves the slot alone. */
const struct stk_kind *x86_ist_kind(unsigned int n);

/*
 * What the last event left at the top of @stack. NULL when it is no exception stack, or
 * when none led to it, but a call (called.c).
 */
const struct x86_exception_frame *x86_frame_on(struct stk *s,
					       const struct stk_stack *stack);
/* Does the stack's own word say that the event is handled? 1, 0; -1: it has none. */
int x86_is_handled(struct stk *s, const struct stk_stack *stack,
		   const struct x86_exception_frame *frame);
/* Does the event that leads to @stack by the IDT, an NMI, keep copies of its words? */
bool x86_keeps_copies(const struct stk_stack *stack);

/* Did FRED push what lies at the top of this exception stack? */
bool x86_fred_frame(struct stk *s, const struct stk_stack *stack);

#endif
