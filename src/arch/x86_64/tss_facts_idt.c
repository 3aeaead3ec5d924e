/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IDT, and the gates that give events a stack of their own. */
#include "tss_facts.h"

#include "../../base/bytes.h"
#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../stacks/stack.h"
#include "exception.h"
#include "../../base/say.h"

/*
 * Gates that the kernel gives a stack of their own: ist_idts[] and, since 5.8, def_idts[]
 * of kernel/idt.c. #BP had the one of #DB before 4.16 (commit d8ba61ba58c8).
 */
static const struct {
	unsigned int vector;
	const char *name;
	const struct stk_kind *stack;
	bool may_not;
} ist_gate[] = {
	{ 8, "gate 8 #DF", X86_STACK(DF), false },
	{ 2, "gate 2 NMI", X86_STACK(NMI), false },
	{ 1, "gate 1 #DB", X86_STACK(DB), false },
	{ 3, "gate 3 #BP", X86_STACK(DB), true },
	{ 18, "gate 18 #MC", X86_STACK(MCE), false },
	{ 29, "gate 29 #VC", X86_STACK(VC), false },
};

#define NR_IST_GATES (sizeof(ist_gate) / sizeof(ist_gate[0]))

static bool has_stack(struct stk *s, const struct stk_x86_tss *tss,
		      const struct stk_kind *kind)
{
	const struct stk_stack *stack;
	size_t nr;

	if (stk_cpu_stacks(s, tss->cpu, &stack, &nr))
		return false;
	for (size_t i = 0; i < nr; i++)
		if (stack[i].kind == kind)
			return true;
	return false;
}

static void check_gate(struct stk *s, struct stk_x86_tss *tss, size_t n)
{
	unsigned int want = (unsigned int)x86_exception(ist_gate[n].stack)->ist, ist;
	struct stk_x86_tss_fact *f;
	struct stk_name name;
	uint64_t handler;
	bool readable = x86_idt_gate(s, ist_gate[n].vector, &handler, &ist);

	if (!readable || (!ist && ist_gate[n].may_not) ||
	    (!ist && !has_stack(s, tss, ist_gate[n].stack)))
		return;
	f = x86_tss_value(tss, "IDT", ist_gate[n].name, handler);
	stk_symbolize(s, handler, false, &name);
	if (!handler) {
		f->meaning = "no gate";
	} else if (ist == want + 1) {
		f->meaning = stk_say(s, "%s on ist[%u]",
				     name.function ? name.function : "?", want);
	} else if (stk_starts_with(name.function, "early_idt_handler")) {
		/* Also where the kernel was built without support for the event. */
		f->meaning = "still the early boot's handler, on no stack of its own";
	} else if (ist) {
		f->problem = stk_say(s, "%s goes to ist[%u], not to ist[%u]",
				     name.function ? name.function : "?", ist - 1, want);
	} else {
		f->problem =
			stk_say(s, "%s stays on the interrupted stack, not on ist[%u]",
				name.function ? name.function : "?", want);
	}
}

/* Gates that use the IST and are not in the table. */
static void other_gates(struct stk *s, struct stk_x86_tss *tss)
{
	struct stk_x86_tss_fact *f;
	unsigned int first = X86_IDT_ENTRIES, nr = 0, slot = 0;

	for (unsigned int v = 0; v < X86_IDT_ENTRIES; v++) {
		bool known = false;
		unsigned int ist;
		uint64_t handler;

		for (size_t i = 0; i < NR_IST_GATES; i++)
			known |= ist_gate[i].vector == v;
		if (known || !x86_idt_gate(s, v, &handler, &ist) || !ist)
			continue;
		if (!nr++) {
			first = v;
			slot = ist - 1;
		}
	}
	if (!nr)
		return;
	f = x86_tss_value(tss, "IDT", "other gates", nr);
	f->problem = stk_say(s,
			     "vector %u goes to ist[%u]; the kernel gives it no stack of "
			     "its own, nor the others counted here",
			     first, slot);
}

void x86_tss_idt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	bool has_alias = x86_has_entry_area(s), fred = x86_uses_fred(s);
	uint64_t table, descr, base;
	struct stk_x86_tss_fact *f;
	uint16_t limit;

	if (!stk_find_symbol(s, "idt_table", &table))
		return;
	f = x86_tss_value(tss, "IDT", "idt_table", table);
	if (fred)
		f->meaning = "not used: FRED";
	else if (has_alias)
		x86_tss_same_page(s, f, X86_RO_IDT);
	if (stk_find_symbol(s, "idt_descr", &descr) &&
	    !stk_read(s, descr, &limit, sizeof(limit)) &&
	    !stk_read_u64(s, descr + sizeof(limit), &base)) {
		const struct x86_known_value good_base[] = {
			{ has_alias, X86_RO_IDT, "the read-only IDT", GOOD },
			{ !has_alias || fred, table, "idt_table", GOOD },
			{ true, table, "the writable IDT, not its read-only address",
			  BAD },
		};
		const struct x86_known_value good_limit[] = {
			{ true, X86_IDT_LIMIT, "256 gates", GOOD },
		};

		f = x86_tss_value(tss, "IDT", "idt_descr.address", base);
		JUDGE(f, good_base, "not the IDT");
		f = x86_tss_value(tss, "IDT", "idt_descr.size", limit);
		JUDGE(f, good_limit, "not the size of the IDT");
	}
	for (size_t i = 0; !fred && i < NR_IST_GATES; i++)
		check_gate(s, tss, i);
	if (!fred)
		other_gates(s, tss);
}
