/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to agree with a CPU's TSS, a part by a file: the top of the current task's
 * stack, the GDT's descriptor, the I/O bitmap's offset, the IDT's gates, and the CPU's
 * own registers where QEMU wrote them down. Each word becomes a struct stk_x86_tss_fact.
 */
#include "tss_facts.h"

#include <inttypes.h>

#include "../../kernel/cpus.h"
#include "../../machine/memory.h"
#include "../../base/say.h"

const char x86_area_lost_text[] = "the cpu_entry_area cannot be found: not compared";

/* There is room for all that the parts add; the last one is a spare. */
struct stk_x86_tss_fact *x86_tss_word(struct stk_x86_tss *tss, const char *group,
				      const char *name)
{
	struct stk_x86_tss_fact *f = &tss->fact[tss->nr_facts];

	if (tss->nr_facts < STK_X86_MAX_TSS_FACTS - 1)
		tss->nr_facts++;
	*f = (struct stk_x86_tss_fact){ .group = group, .name = name };
	return f;
}

struct stk_x86_tss_fact *x86_tss_value(struct stk_x86_tss *tss, const char *group,
				       const char *name, uint64_t value)
{
	struct stk_x86_tss_fact *f = x86_tss_word(tss, group, name);

	f->readable = true;
	f->value = value;
	return f;
}

void x86_tss_judge(struct stk_x86_tss_fact *f, const struct x86_known_value *row,
		   size_t nr, const char *otherwise)
{
	for (size_t i = 0; i < nr; i++) {
		if (!row[i].known || row[i].value != f->value)
			continue;
		if (row[i].verdict == GOOD)
			f->meaning = row[i].meaning;
		else
			f->problem = row[i].meaning;
		f->in_flight = row[i].verdict == IN_FLIGHT;
		return;
	}
	f->problem = otherwise;
}

bool x86_area_lost(struct stk *s, const struct stk_x86_tss *tss)
{
	return !tss->alias && x86_has_entry_area(s);
}

void x86_tss_same_page(struct stk *s, struct stk_x86_tss_fact *f, uint64_t alias)
{
	uint64_t a, b;

	if (stk_translate(s, f->value, &a) || stk_translate(s, alias, &b)) {
		f->meaning = stk_say(s, "%" PRIx64 " (cpu_entry_area) cannot be compared",
				     alias);
		return;
	}
	if (a == b)
		f->meaning =
			stk_say(s, "= %" PRIx64 " (cpu_entry_area), one page", alias);
	else
		f->problem = stk_say(s,
				     "not the page that the CPU uses, %" PRIx64
				     " in the cpu_entry_area",
				     alias);
}

static void (*const part[])(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu) = {
	x86_tss_top_of_stack, x86_tss_io_bitmap, x86_tss_gdt,
	x86_tss_idt,	      x86_tss_registers,
};

void x86_tss_facts(struct stk *s, struct stk_x86_tss *tss)
{
	uint64_t percpu;

	/* Of a CPU that never came up nothing was ever set. */
	if (tss->never_up || stk_percpu_offset(s, tss->cpu, &percpu))
		return;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		part[i](s, tss, percpu);
}
