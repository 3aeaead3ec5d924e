/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note_regs.h - a CPU's registers, as its notes or a monitor have them. */
#ifndef STK_ARCH_NOTE_REGS_H
#define STK_ARCH_NOTE_REGS_H

#include "arch.h"

/* What the monitor says of the register that it calls @name. */
bool stk_monitor_word(struct stk *s, const struct stk_saved *saved, const char *name,
		      uint64_t *value);

/*
 * Of the first @nr registers those that the monitor tells, by their names or another word
 * for them. STK_ERR_NO_REGS: a CPU without ip and sp was not started.
 */
enum stk_status stk_monitor_regs(struct stk *s, const struct stk_saved *saved,
				 unsigned int nr, struct stk_regs *regs);

/*
 * The first @nr registers, which struct elf_prstatus, of @size bytes, has in their order.
 * STK_ERR_UNSUPPORTED: the note is of another size.
 */
enum stk_status stk_prstatus_regs(const struct stk_saved *saved, size_t size,
				  unsigned int nr, struct stk_regs *regs);

#endif
