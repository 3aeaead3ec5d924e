/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to agree with a CPU's TSS: the top of the current task's stack, the GDT's
 * descriptor, the I/O bitmap's offset, the IDT's gates, and the CPU's own registers
 * where QEMU wrote them down. Each word becomes a struct stk_x86_tss_fact.
 */
#include <inttypes.h>
#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../machine/saved.h"
#include "../../stacks/stack.h"
#include "exception.h"
#include "note.h"
#include "percpu_word.h"

#define SAY(s, ...) stk_arena_printf(&(s)->texts, __VA_ARGS__)

/* There is room for all that this file adds; the last one is a spare. */
static struct stk_x86_tss_fact *add(struct stk_x86_tss *tss, const char *group,
				    const char *name)
{
	struct stk_x86_tss_fact *f = &tss->fact[tss->nr_facts];

	if (tss->nr_facts < STK_X86_MAX_TSS_FACTS - 1)
		tss->nr_facts++;
	*f = (struct stk_x86_tss_fact){ .group = group, .name = name };
	return f;
}

static struct stk_x86_tss_fact *add_value(struct stk_x86_tss *tss, const char *group,
					  const char *name, uint64_t value)
{
	struct stk_x86_tss_fact *f = add(tss, group, name);

	f->readable = true;
	f->value = value;
	return f;
}

/* A word that may have several right values, and others that have a reason. */
struct known_value {
	bool known; /* this machine has such a value */
	uint64_t value;
	const char *meaning;
	enum { GOOD, IN_FLIGHT, BAD } verdict;
};

static void judge(struct stk_x86_tss_fact *f, const struct known_value *row, size_t nr,
		  const char *otherwise)
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

#define JUDGE(f, rows, otherwise)                                                        \
	judge(f, rows, sizeof(rows) / sizeof((rows)[0]), otherwise)

/* In a damaged dump: where the CPU's cpu_entry_area is cannot be told. */
static bool area_lost(struct stk *s, const struct stk_x86_tss *tss)
{
	return !tss->alias && x86_has_entry_area(s);
}

static const char lost_text[] = "the cpu_entry_area cannot be found: not compared";

/* Do both addresses lead to one physical page? */
static void same_page(struct stk *s, struct stk_x86_tss_fact *f, uint64_t alias)
{
	uint64_t a, b;

	if (stk_translate(s, f->value, &a) || stk_translate(s, alias, &b)) {
		f->meaning =
			SAY(s, "%" PRIx64 " (cpu_entry_area) cannot be compared", alias);
		return;
	}
	if (a == b)
		f->meaning = SAY(s, "= %" PRIx64 " (cpu_entry_area), one page", alias);
	else
		f->problem = SAY(s,
				 "not the page that the CPU uses, %" PRIx64
				 " in the cpu_entry_area",
				 alias);
}

/* ---- the top of the current task's stack ---- */

/*
 * Up to 5.11 the kernel reads it from the TSS itself: sp1 (4.15-5.11, 4.14.y) or, without
 * an entry stack, sp0. Returns where it is; of several words, one that is @want.
 */
static const char *read_top(struct stk *s, const struct stk_x86_tss *tss, uint64_t percpu,
			    uint64_t want, struct stk_x86_tss_fact *f)
{
	bool entry_stack = x86_has_entry_area(s);
	const struct stk_x86_tss_slot *slot =
		&tss->slot[entry_stack ? STK_X86_TSS_SP1 : STK_X86_TSS_SP0];
	const struct x86_percpu_word *word;
	const char *name = NULL;
	uint64_t at;

	for (size_t i = 0;
	     (word = x86_next_word(s, X86_WORD_TOP_OF_STACK, percpu, &i, &at));) {
		uint64_t value = 0;
		bool readable = !stk_read_u64(s, at, &value);

		if (name && (f->value == want || !readable || value != want))
			continue;
		f->readable = readable;
		f->value = value;
		name = word->name;
	}
	if (name)
		return name;
	f->readable = slot->readable;
	f->value = slot->value;
	return slot->name;
}

static void top_of_stack(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct stk_x86_tss_fact *f = add(tss, "the current task's stack", "top_of_stack");
	uint64_t pad = x86_top_padding(s), want = 0;
	struct stk_task task, other;
	struct stk_stack stack;
	const char *where;

	if (!stk_cpu_current(s, tss->cpu, &task) && task.stack)
		want = task.stack + x86_thread_size(s) - pad;
	where = read_top(s, tss, percpu, want, f);
	if (!f->readable)
		return;
	if (!want) {
		f->meaning = SAY(s, "%s; the current task cannot be read", where);
		return;
	}
	if (f->value == want) {
		f->meaning = SAY(s, "%s: of PID %" PRIu32 " \"%s\", current%s", where,
				 task.pid, task.comm, pad ? "; 16 less for FRED" : "");
		return;
	}
	f->meaning = where;
	f->problem = SAY(s,
			 "not the top of the stack of the current task, PID %" PRIu32
			 " \"%s\": %" PRIx64,
			 task.pid, task.comm, want);
	if (stk_stack_with(s, f->value - 8, &stack) || stack.kind != X86_STACK(TASK) ||
	    f->value != stack.end - pad || stk_task_read(s, stack.task, &other))
		return;
	/* __switch_to() writes current and this word one after the other. */
	f->problem = SAY(s,
			 "of PID %" PRIu32 " \"%s\", while PID %" PRIu32
			 " \"%s\" is current: a switch between the two is in flight",
			 other.pid, other.comm, task.pid, task.comm);
	f->in_flight = true;
}

/* ---- the I/O bitmap ---- */

#define IO_BITMAP_BYTES 8192u
#define IO_BITMAP_ARRAY (IO_BITMAP_BYTES + 8u) /* one long more, for the hardware */
#define INVALID_OFFSET	0x8000u		       /* up to 5.4 */

/*
 * Offsets of io_bitmap_base that the kernel uses, and the TSS's limits that go with
 * them (asm/processor.h). 5.5 put two bitmaps into the TSS, and a number beyond the
 * limit for none (commits ecc7e37d4dad, c8137ace5638); without CONFIG_X86_IOPL_IOPERM
 * the limit is that of the hardware's part, whether or not the bitmaps are there.
 */
struct io_layout {
	bool have_map, have_all;
	uint32_t map, all;
	uint32_t hw_limit, limit; /* limit: with the bitmaps, or 0 */
};

static void io_layout(struct stk *s, struct io_layout *io)
{
	struct stk_member hw = { 0 }, field, map, all;
	uint32_t size;

	memset(io, 0, sizeof(*io));
	io->hw_limit = stk_find_size(s, "x86_hw_tss", &size) ? size - 1 : 0x67;
	stk_find_member(s, "tss_struct", "x86_tss", &hw);
	if (!stk_find_member(s, "tss_struct", "io_bitmap", &field))
		return;
	field.offset -= hw.offset;
	if (field.size == IO_BITMAP_ARRAY) {
		io->have_map = true;
		io->map = field.offset;
		io->limit = field.offset + IO_BITMAP_ARRAY - 1;
	} else if (stk_find_member(s, "x86_io_bitmap", "bitmap", &map) &&
		   stk_find_member(s, "x86_io_bitmap", "mapall", &all)) {
		io->have_map = io->have_all = true;
		io->map = field.offset + map.offset;
		io->all = field.offset + all.offset;
		io->limit = io->all + IO_BITMAP_ARRAY - 1;
	}
}

static void io_bitmap(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct stk_x86_tss_fact *f = add(tss, "I/O bitmap", "io_bitmap_base");
	struct stk_member m, hw = { 0 };
	struct io_layout io;
	uint16_t base;

	io_layout(s, &io);
	stk_find_member(s, "tss_struct", "x86_tss", &hw);
	if (!stk_find_member(s, "x86_hw_tss", "io_bitmap_base", &m) ||
	    stk_read(s, tss->addr + hw.offset + m.offset, &base, sizeof(base)))
		return;
	f->readable = true;
	f->value = base;

	const struct known_value row[] = {
		{ io.have_map && !io.have_all, io.map, "the bitmap in the TSS", GOOD },
		{ io.have_all, io.map, "the current task's bitmap: ioperm(2)", GOOD },
		{ io.have_all, io.all, "all ports are allowed: iopl(3)", GOOD },
		{ io.limit, io.limit + 1u, "none: beyond the limit", GOOD },
		{ io.have_map && !io.have_all, INVALID_OFFSET, "none: beyond the limit",
		  GOOD },
		{ !io.have_map || io.have_all, io.hw_limit + 1u, "none: beyond the limit",
		  GOOD },
	};
	JUDGE(f, row,
	      base && io.limit && base <= io.limit
		      ? "within the TSS, where the kernel has no bitmap"
		      : "not a value that the kernel writes");
}

/* ---- the GDT ---- */

#define GDT_ENTRY_TSS 8u
#define TSS_SELECTOR  (8u * GDT_ENTRY_TSS)
#define GDT_LIMIT     127u  /* 16 entries of 8 bytes */
#define TSS_BUSY      0x8bu /* present, a 64-bit TSS in use */
#define TSS_AVAILABLE 0x89u

struct descriptor {
	bool valid;
	uint64_t base;
	uint32_t limit;
	uint8_t type;
};

static void read_descriptor(struct stk *s, uint64_t at, struct descriptor *d)
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

/* Where the CPU's GDT is in the cpu_entry_area; 0: nowhere. */
static uint64_t gdt_alias(struct stk *s, const struct stk_x86_tss *tss)
{
	uint64_t cea = x86_cpu_entry_area(s, tss->cpu);
	struct stk_member m;

	return cea && stk_find_member(s, "cpu_entry_area", "gdt", &m) ? cea + m.offset
								      : 0;
}

static bool gdt_descriptor(struct stk *s, uint64_t percpu, uint64_t *gdt,
			   struct descriptor *d)
{
	if (!stk_find_symbol(s, "gdt_page", gdt))
		return false;
	*gdt += percpu;
	read_descriptor(s, *gdt + TSS_SELECTOR, d);
	return true;
}

static void gdt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	static const char group[] = "GDT";
	uint64_t page, alias = gdt_alias(s, tss);
	struct descriptor d;
	struct stk_x86_tss_fact *f;
	struct io_layout io;

	if (!gdt_descriptor(s, percpu, &page, &d))
		return;
	f = add_value(tss, group, "gdt_page", page);
	if (alias)
		same_page(s, f, alias);
	if (!d.valid) {
		add(tss, group, "gdt[8]");
		return;
	}
	io_layout(s, &io);

	const struct known_value base[] = {
		{ tss->alias, tss->alias, "the TSS in the cpu_entry_area", GOOD },
		{ !tss->alias, tss->addr, "the TSS", GOOD },
		{ true, tss->addr, "the writable TSS, not its read-only address", BAD },
	};
	const struct known_value limit[] = {
		{ io.limit, io.limit, "the TSS with its I/O bitmap", GOOD },
		{ true, io.hw_limit, "the TSS without I/O bitmap", GOOD },
	};
	const struct known_value type[] = {
		{ true, TSS_BUSY, "present, a 64-bit TSS, busy", GOOD },
		{ true, TSS_AVAILABLE,
		  "not busy: the descriptor was written, TR not loaded with it yet",
		  IN_FLIGHT },
	};

	f = add_value(tss, group, "gdt[8] base", d.base);
	if (area_lost(s, tss))
		f->meaning = lost_text;
	else
		JUDGE(f, base, "not this CPU's TSS");
	f = add_value(tss, group, "gdt[8] limit", d.limit);
	JUDGE(f, limit, "not the end of the TSS nor of its I/O bitmap");
	f = add_value(tss, group, "gdt[8] type", d.type);
	JUDGE(f, type, "not a present 64-bit TSS");
}

/* ---- the IDT ---- */

#define IDT_LIMIT (16u * X86_IDT_ENTRIES - 1)

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
	f = add_value(tss, "IDT", ist_gate[n].name, handler);
	stk_symbolize(s, handler, false, &name);
	if (!handler) {
		f->meaning = "no gate";
	} else if (ist == want + 1) {
		f->meaning = SAY(s, "%s on ist[%u]", name.function ? name.function : "?",
				 want);
	} else if (name.function && !strncmp(name.function, "early_idt_handler", 17)) {
		/* Also where the kernel was built without support for the event. */
		f->meaning = "still the early boot's handler, on no stack of its own";
	} else if (ist) {
		f->problem = SAY(s, "%s goes to ist[%u], not to ist[%u]",
				 name.function ? name.function : "?", ist - 1, want);
	} else {
		f->problem = SAY(s, "%s stays on the interrupted stack, not on ist[%u]",
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
	f = add_value(tss, "IDT", "other gates", nr);
	f->problem = SAY(s,
			 "vector %u goes to ist[%u]; the kernel gives it no stack of "
			 "its own, nor the others counted here",
			 first, slot);
}

static void idt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	bool has_alias = x86_has_entry_area(s), fred = x86_uses_fred(s);
	uint64_t table, descr, base;
	struct stk_x86_tss_fact *f;
	uint16_t limit;

	if (!stk_find_symbol(s, "idt_table", &table))
		return;
	f = add_value(tss, "IDT", "idt_table", table);
	if (fred)
		f->meaning = "not used: FRED";
	else if (has_alias)
		same_page(s, f, X86_RO_IDT);
	if (stk_find_symbol(s, "idt_descr", &descr) && !stk_read(s, descr, &limit, 2) &&
	    !stk_read_u64(s, descr + 2, &base)) {
		const struct known_value good_base[] = {
			{ has_alias, X86_RO_IDT, "the read-only IDT", GOOD },
			{ !has_alias || fred, table, "idt_table", GOOD },
			{ true, table, "the writable IDT, not its read-only address",
			  BAD },
		};
		const struct known_value good_limit[] = {
			{ true, IDT_LIMIT, "256 gates", GOOD },
		};

		f = add_value(tss, "IDT", "idt_descr.address", base);
		JUDGE(f, good_base, "not the IDT");
		f = add_value(tss, "IDT", "idt_descr.size", limit);
		JUDGE(f, good_limit, "not the size of the IDT");
	}
	for (size_t i = 0; !fred && i < NR_IST_GATES; i++)
		check_gate(s, tss, i);
	if (!fred)
		other_gates(s, tss);
}

/* ---- the CPU's registers ---- */

/* KVM leaves the limit that a VM exit set until ioperm() needs it: asm/desc.h. */
static bool limit_invalid(struct stk *s, uint64_t percpu)
{
	uint64_t sym;
	uint8_t flag;

	return stk_find_symbol(s, "__tss_limit_invalid", &sym) &&
	       !stk_read(s, sym + percpu, &flag, 1) && flag;
}

static const char from_note[] = "registers, from QEMU's note";

static void task_register(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu,
			  const struct x86_qemu *qemu, const struct descriptor *d)
{
	struct io_layout io;

	io_layout(s, &io);

	const struct known_value selector[] = {
		{ true, TSS_SELECTOR, "gdt[8]", GOOD },
	};
	const struct known_value base[] = {
		{ tss->alias, tss->alias, "the TSS in the cpu_entry_area", GOOD },
		{ !tss->alias, tss->addr, "the TSS", GOOD },
		{ true, tss->addr, "the writable TSS, not its read-only address", BAD },
		{ d->valid, d->base, "as in the GDT, but not this CPU's TSS", BAD },
	};
	const struct known_value limit[] = {
		{ d->valid, d->limit, "as in the GDT", GOOD },
		{ !d->valid && io.limit, io.limit, "the TSS with its I/O bitmap", GOOD },
		{ !d->valid, io.hw_limit, "the TSS without I/O bitmap", GOOD },
		{ limit_invalid(s, percpu), io.hw_limit,
		  "left by a VM exit; KVM mends it when ioperm() needs it", GOOD },
	};
	JUDGE(add_value(tss, from_note, "TR", qemu->tr.selector), selector,
	      "not the GDT's entry 8");
	if (!area_lost(s, tss))
		JUDGE(add_value(tss, from_note, "TR base", qemu->tr.base), base,
		      "not this CPU's TSS");
	JUDGE(add_value(tss, from_note, "TR limit", qemu->tr.limit), limit,
	      "not as in the GDT");
}

static void gdt_register(struct stk *s, struct stk_x86_tss *tss,
			 const struct x86_qemu *qemu, bool has_gdt, uint64_t page)
{
	uint64_t alias = gdt_alias(s, tss);

	const struct known_value base[] = {
		{ alias, alias, "the read-only GDT", GOOD },
		{ has_gdt && !alias, page, "gdt_page", GOOD },
		{ has_gdt, page, "the writable GDT: TR is being loaded", IN_FLIGHT },
	};
	const struct known_value limit[] = {
		{ true, GDT_LIMIT, "16 entries", GOOD },
	};
	if (!area_lost(s, tss) && (has_gdt || alias))
		JUDGE(add_value(tss, from_note, "GDTR base", qemu->gdt.base), base,
		      "not this CPU's GDT");
	JUDGE(add_value(tss, from_note, "GDTR limit", qemu->gdt.limit), limit,
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
	const struct known_value base[] = {
		{ fred, 0, "none: FRED", GOOD },
		{ has_area, X86_RO_IDT, "the read-only IDT", GOOD },
		{ has_table && !has_area, table, "idt_table", GOOD },
		{ has_table, table, "the writable IDT, not its read-only address", BAD },
		{ has_debug, debug,
		  "the debug IDT, which has no stack for #DB: an NMI over a #DB is "
		  "being handled",
		  IN_FLIGHT },
	};
	const struct known_value limit[] = {
		{ fred, 0, "none: FRED", GOOD },
		{ true, IDT_LIMIT, "256 gates", GOOD },
	};
	if (has_table || has_area)
		JUDGE(add_value(tss, from_note, "IDTR base", qemu->idt.base), base,
		      "not the kernel's IDT");
	JUDGE(add_value(tss, from_note, "IDTR limit", qemu->idt.limit), limit,
	      "not the size of the IDT");
}

static void registers(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct descriptor d = { 0 };
	struct stk_saved saved;
	struct x86_qemu qemu;
	uint64_t page = 0;
	bool has_gdt;

	if (!stk_saved_by_qemu(s, tss->cpu, &saved) ||
	    !x86_read_qemu(&saved.qemu, &qemu) || x86_foreign_regs(s, &saved))
		return;
	has_gdt = gdt_descriptor(s, percpu, &page, &d);
	task_register(s, tss, percpu, &qemu, &d);
	gdt_register(s, tss, &qemu, has_gdt, page);
	idt_register(s, tss, &qemu);
}

static void (*const part[])(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu) = {
	top_of_stack, io_bitmap, gdt, idt, registers,
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
