/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved.h - notes of the dump file, sorted by the CPUs whose registers they hold. What
 * struct elf_prstatus has before and behind its registers is the same on all 64-bit
 * machines (linux/elfcore.h); they themselves are the architecture's.
 */
#ifndef STK_SAVED_H
#define STK_SAVED_H

#include "../arch/arch.h"

#define STK_PRSTATUS_REG 112u /* where in it the registers begin, in bytes */

/* The notes of the @nth CPU that the file tells of. False: no more, or
 * stk_must_stop(). */
bool stk_saved_nth(struct stk *s, unsigned int nth, struct stk_saved *out);

/*
 * For other machines than x86 QEMU adds no note of its own, but it numbers the CPUs, from
 * one on, where the kernel writes the PID of what they ran.
 */
bool stk_saved_numbered(struct stk *s);

/* Those that QEMU wrote of its CPU @cpu. */
bool stk_saved_by_qemu(struct stk *s, unsigned int cpu, struct stk_saved *out);

/* The PID in it: of the task that ran; in QEMU's the CPU's index plus one. */
uint32_t stk_saved_pid(const struct stk_saved *saved);

/* Are the registers the same, byte by byte? */
bool stk_saved_same(const struct stk_saved *a, const struct stk_saved *b);

#endif
