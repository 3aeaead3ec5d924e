/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU's own registers, where QEMU wrote them down: TR, GDTR, IDTR. */
#include "tss_facts.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../machine/saved.h"
#include "note.h"

#define GDT_LIMIT 127u /* 16 entries of 8 bytes */

/* KVM leaves the limit that a VM exit set until ioperm() needs it: asm/desc.h. */
static bool limit_invalid(struct stk *s, uint64_t percpu)
{
	uint64_t sym;
	uint8_t flag;

	return stk_find_symbol(s, "__tss_limit_invalid", &sym) &&
	       !stk_read(s, sym + percpu, &flag, sizeof(flag)) && flag;
}

static const char from_note[] = "registers, from QEMU's note";

static void task_register(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu,
			  const struct x86_qemu *qemu, const struct x86_descriptor *d)
{
	struct x86_io_layout io;

	x86_io_layout(s, &io);

	const struct x86_known_value selector[] = {
		{ true, X86_TSS_SELECTOR, "gdt[8]", GOOD },
	};
	const struct x86_known_value base[] = {
		{ tss->alias, tss->alias, "the TSS in the cpu_entry_area", GOOD },
		{ !tss->alias, tss->addr, "the TSS", GOOD },
		{ true, tss->addr, "the writable TSS, not its read-only address", BAD },
		{ d->valid, d->base, "as in the GDT, but not this CPU's TSS", BAD },
	};
	const struct x86_known_value limit[] = {
		{ d->valid, d->limit, "as in the GDT", GOOD },
		{ !d->valid && io.limit, io.limit, "the TSS with its I/O bitmap", GOOD },
		{ !d->valid, io.hw_limit, "the TSS without I/O bitmap", GOOD },
		{ limit_invalid(s, percpu), io.hw_limit,
		  "left by a VM exit; KVM mends it when ioperm() needs it", GOOD },
	};
	JUDGE(x86_tss_value(tss, from_note, "TR", qemu->tr.selector), selector,
	      "not the GDT's entry 8");
	if (!x86_area_lost(s, tss))
		JUDGE(x86_tss_value(tss, from_note, "TR base", qemu->tr.base), base,
		      "not this CPU's TSS");
	JUDGE(x86_tss_value(tss, from_note, "TR limit", qemu->tr.limit), limit,
	      "not as in the GDT");
}

static void gdt_register(struct stk *s, struct stk_x86_tss *tss,
			 const struct x86_qemu *qemu, bool has_gdt, uint64_t page)
{
	uint64_t alias = x86_gdt_alias(s, tss);

	const struct x86_known_value base[] = {
		{ alias, alias, "the read-only GDT", GOOD },
		{ has_gdt && !alias, page, "gdt_page", GOOD },
		{ has_gdt, page, "the writable GDT: TR is being loaded", IN_FLIGHT },
	};
	const struct x86_known_value limit[] = {
		{ true, GDT_LIMIT, "16 entries", GOOD },
	};
	if (!x86_area_lost(s, tss) && (has_gdt || alias))
		JUDGE(x86_tss_value(tss, from_note, "GDTR base", qemu->gdt.base), base,
		      "not this CPU's GDT");
	JUDGE(x86_tss_value(tss, from_note, "GDTR limit", qemu->gdt.limit), limit,
	      "not the size of the kernel's GDT");
}

static void idt_register(struct stk *s, struct stk_x86_tss *tss,
			 const struct x86_qemu *qemu)
{
	uint64_t table = 0, debug = 0;
	bool has_table = stk_find_symbol(s, "idt_table", &table);
	bool has_debug = stk_find_symbol(s, "debug_idt_table", &debug);
	bool has_area = x86_has_entry_area(s), fred = x86_uses_fred(s);

	/* debug_idt_table: an NMI over a #DB uses it; until 5.8 (f9912ada8286). */
	const struct x86_known_value base[] = {
		{ fred, 0, "none: FRED", GOOD },
		{ has_area, X86_RO_IDT, "the read-only IDT", GOOD },
		{ has_table && !has_area, table, "idt_table", GOOD },
		{ has_table, table, "the writable IDT, not its read-only address", BAD },
		{ has_debug, debug,
		  "the debug IDT, which has no stack for #DB: an NMI over a #DB is "
		  "being handled",
		  IN_FLIGHT },
	};
	const struct x86_known_value limit[] = {
		{ fred, 0, "none: FRED", GOOD },
		{ true, X86_IDT_LIMIT, "256 gates", GOOD },
	};
	if (has_table || has_area)
		JUDGE(x86_tss_value(tss, from_note, "IDTR base", qemu->idt.base), base,
		      "not the kernel's IDT");
	JUDGE(x86_tss_value(tss, from_note, "IDTR limit", qemu->idt.limit), limit,
	      "not the size of the IDT");
}

void x86_tss_registers(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct x86_descriptor d = { 0 };
	struct stk_saved saved;
	struct x86_qemu qemu;
	uint64_t page = 0;
	bool has_gdt, capture;

	if (!stk_saved_by_qemu(s, tss->cpu, &saved) ||
	    !x86_read_qemu(&saved.qemu, &qemu) || x86_foreign_regs(s, &saved, &capture))
		return;
	has_gdt = x86_tss_descriptor(s, percpu, &page, &d);
	task_register(s, tss, percpu, &qemu, &d);
	gdt_register(s, tss, &qemu, has_gdt, page);
	idt_register(s, tss, &qemu);
}
