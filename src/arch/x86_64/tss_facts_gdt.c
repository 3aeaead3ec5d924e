/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GDT: that the CPU uses it, and its descriptor of the TSS. */
#include "tss_facts.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../../machine/memory.h"

#define TSS_BUSY      0x8bu /* present, a 64-bit TSS in use */
#define TSS_AVAILABLE 0x89u

static void read_descriptor(struct stk *s, uint64_t at, struct x86_descriptor *d)
{
	uint64_t w[2];

	memset(d, 0, sizeof(*d));
	if (stk_read(s, at, w, sizeof(w)))
		return;
	d->valid = true;
	d->base = (w[0] >> 16 & 0xffffff) | (w[0] >> 56 & 0xff) << 24 | w[1] << 32;
	d->limit = (uint32_t)((w[0] & 0xffff) | (w[0] >> 32 & 0xf0000));
	if (w[0] >> 55 & 1) /* granularity: pages */
		d->limit = d->limit << 12 | 0xfff;
	d->type = w[0] >> 40 & 0xff;
}

uint64_t x86_gdt_alias(struct stk *s, const struct stk_x86_tss *tss)
{
	uint64_t cea = x86_cpu_entry_area(s, tss->cpu);
	struct stk_member m;

	return cea && stk_find_member(s, "cpu_entry_area", "gdt", &m) ? cea + m.offset
								      : 0;
}

bool x86_tss_descriptor(struct stk *s, uint64_t percpu, uint64_t *gdt,
			struct x86_descriptor *d)
{
	if (!stk_find_symbol(s, "gdt_page", gdt))
		return false;
	*gdt += percpu;
	read_descriptor(s, *gdt + X86_TSS_SELECTOR, d);
	return true;
}

void x86_tss_gdt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	static const char group[] = "GDT";
	uint64_t page, alias = x86_gdt_alias(s, tss);
	struct x86_descriptor d;
	struct stk_x86_tss_fact *f;
	struct x86_io_layout io;

	if (!x86_tss_descriptor(s, percpu, &page, &d))
		return;
	f = x86_tss_value(tss, group, "gdt_page", page);
	if (alias)
		x86_tss_same_page(s, f, alias);
	if (!d.valid) {
		x86_tss_word(tss, group, "gdt[8]");
		return;
	}
	x86_io_layout(s, &io);

	const struct x86_known_value base[] = {
		{ tss->alias, tss->alias, "the TSS in the cpu_entry_area", GOOD },
		{ !tss->alias, tss->addr, "the TSS", GOOD },
		{ true, tss->addr, "the writable TSS, not its read-only address", BAD },
	};
	const struct x86_known_value limit[] = {
		{ io.limit, io.limit, "the TSS with its I/O bitmap", GOOD },
		{ true, io.hw_limit, "the TSS without I/O bitmap", GOOD },
	};
	const struct x86_known_value type[] = {
		{ true, TSS_BUSY, "present, a 64-bit TSS, busy", GOOD },
		{ true, TSS_AVAILABLE,
		  "not busy: the descriptor was written, TR not loaded with it yet",
		  IN_FLIGHT },
	};

	f = x86_tss_value(tss, group, "gdt[8] base", d.base);
	if (x86_area_lost(s, tss))
		f->meaning = x86_area_lost_text;
	else
		JUDGE(f, base, "not this CPU's TSS");
	f = x86_tss_value(tss, group, "gdt[8] limit", d.limit);
	JUDGE(f, limit, "not the end of the TSS nor of its I/O bitmap");
	f = x86_tss_value(tss, group, "gdt[8] type", d.type);
	JUDGE(f, type, "not a present 64-bit TSS");
}
