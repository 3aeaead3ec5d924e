/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers in the notes of a CPU. */
#include "note.h"

#include <string.h>

/* struct elf_prstatus of x86_64; pr_reg is struct user_regs_struct. */
#define PRSTATUS_SIZE 336u
#define PRSTATUS_REG  112u

/*
 * QEMU's own note (target/i386/arch_dump.c, QEMUCPUState version 1): u32 version,
 * u32 size, 18 registers, then ten segments of 24 bytes {u32 selector, limit, flags,
 * pad; u64 base} from offset 152 on: cs ds es fs gs ss ldt tr gdt idt, then cr0-cr4.
 */
#define QEMU_SEGMENT(n) (152u + 24u * (n))
#define QEMU_GS		4u
#define QEMU_TR		7u
#define QEMU_GDT	8u
#define QEMU_IDT	9u
#define QEMU_CR(n)	(QEMU_SEGMENT(10u) + 8u * (n))
#define QEMU_MIN_SIZE	QEMU_CR(5)

static uint64_t qemu_word(const struct stk_note *note, size_t offset)
{
	uint64_t v;

	memcpy(&v, (const unsigned char *)note->desc + offset, sizeof(v));
	return v;
}

static struct x86_segment qemu_segment(const struct stk_note *note, unsigned int nr)
{
	uint64_t low = qemu_word(note, QEMU_SEGMENT(nr));

	return (struct x86_segment){ (uint32_t)low, (uint32_t)(low >> 32),
				     qemu_word(note, QEMU_SEGMENT(nr) + 16) };
}

bool x86_read_qemu(const struct stk_note *note, struct x86_qemu *out)
{
	if (note->size < QEMU_MIN_SIZE)
		return false;
	out->gs_base = qemu_segment(note, QEMU_GS).base;
	out->tr = qemu_segment(note, QEMU_TR);
	out->gdt = qemu_segment(note, QEMU_GDT);
	out->idt = qemu_segment(note, QEMU_IDT);
	out->cr3 = qemu_word(note, QEMU_CR(3));
	out->cr4 = qemu_word(note, QEMU_CR(4));
	return true;
}

static bool monitor_word(struct stk *s, const struct stk_saved *saved, const char *name,
			 uint64_t *value)
{
	return saved->by_monitor &&
	       !s->target.monitor->reg(s->target.monitor_priv, saved->cpu, name, value);
}

bool x86_read_system(struct stk *s, const struct stk_saved *saved, struct x86_system *out)
{
	struct x86_qemu qemu;

	*out = (struct x86_system){ 0 };
	if (x86_read_qemu(&saved->qemu, &qemu))
		*out = (struct x86_system){ true, true, qemu.cr3, qemu.gs_base };
	else if (saved->by_monitor)
		out->has_cr3 = monitor_word(s, saved, "cr3", &out->cr3);
	return out->has_cr3 || saved->by_monitor;
}

/* By its name, or by another word for it. */
static bool monitor_reg(struct stk *s, const struct stk_saved *saved, unsigned int reg,
			uint64_t *value)
{
	if (monitor_word(s, saved, x86_reg_names[reg], value))
		return true;
	for (const struct stk_reg_word *w = x86_reg_words; w->name; w++)
		if (w->reg == reg && monitor_word(s, saved, w->name, value))
			return true;
	return false;
}

/* What it does not tell is not known; a CPU without the first two was not started. */
static enum stk_status monitor_regs(struct stk *s, const struct stk_saved *saved,
				    struct stk_regs *regs)
{
	for (unsigned int i = 0; i < X86_NR_REGS; i++)
		if (monitor_reg(s, saved, i, &regs->v[i]))
			regs->valid |= 1ull << i;
	x86_mask_selectors(regs);
	return x86_has(regs, X86_IP) && x86_has(regs, X86_SP) && regs->v[X86_SP]
		       ? STK_OK
		       : STK_ERR_NO_REGS;
}

enum stk_status x86_note_regs(struct stk *s, const struct stk_saved *saved,
			      struct stk_regs *regs)
{
	struct x86_qemu qemu;

	memset(regs, 0, sizeof(*regs));
	if (saved->by_monitor)
		return monitor_regs(s, saved, regs);
	if (saved->prstatus.size != PRSTATUS_SIZE)
		return STK_ERR_UNSUPPORTED;
	if (x86_read_qemu(&saved->qemu, &qemu) && !qemu.cr3)
		return STK_ERR_NO_REGS;
	/* user_regs_struct begins with the words of pt_regs. */
	memcpy(regs->v, (const unsigned char *)saved->prstatus.desc + PRSTATUS_REG,
	       X86_PT_REGS_SIZE);
	regs->valid = X86_ALL_REGS;
	x86_mask_selectors(regs);
	return STK_OK;
}
