/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers in the notes of a CPU. */
#include "note.h"

#include "../note_regs.h"

#include <string.h>

/* struct elf_prstatus of x86_64; pr_reg is struct user_regs_struct, which begins with
 * the words of pt_regs. */
#define PRSTATUS_SIZE 336u

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

bool x86_read_system(struct stk *s, const struct stk_saved *saved, struct x86_system *out)
{
	struct x86_qemu qemu;

	*out = (struct x86_system){ 0 };
	if (x86_read_qemu(&saved->qemu, &qemu))
		*out = (struct x86_system){ true, true, qemu.cr3, qemu.gs_base };
	else
		out->has_cr3 = stk_monitor_word(s, saved, "cr3", &out->cr3);
	return out->has_cr3 || saved->by_monitor;
}

enum stk_status x86_note_regs(struct stk *s, const struct stk_saved *saved,
			      struct stk_regs *regs)
{
	enum stk_status st;
	struct x86_qemu qemu;

	if (saved->by_monitor) {
		st = stk_monitor_regs(s, saved, X86_NR_REGS, regs);
	} else {
		st = stk_prstatus_regs(saved, PRSTATUS_SIZE, X86_NR_REGS, regs);
		if (!st && x86_read_qemu(&saved->qemu, &qemu) && !qemu.cr3) {
			regs->valid = 0;
			st = STK_ERR_NO_REGS;
		}
	}
	x86_mask_selectors(regs);
	return st;
}
