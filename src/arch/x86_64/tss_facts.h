/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tss_facts.h - what the files tss_facts*.c share. */
#ifndef STK_X86_64_TSS_FACTS_H
#define STK_X86_64_TSS_FACTS_H

#include "x86_64.h"
#include "../../base/say.h"

/* Another word; it cannot be read unless somebody says so. */
struct stk_x86_tss_fact *x86_tss_word(struct stk_x86_tss *tss, const char *group,
				      const char *name);
/* The same of one that was read. */
struct stk_x86_tss_fact *x86_tss_value(struct stk_x86_tss *tss, const char *group,
				       const char *name, uint64_t value);

/* A word that may have several right values, and others that have a reason. */
struct x86_known_value {
	bool known; /* this machine has such a value */
	uint64_t value;
	const char *meaning;
	enum { GOOD, IN_FLIGHT, BAD } verdict;
};

/* By the first known row with the word's value; without one @otherwise is the problem. */
void x86_tss_judge(struct stk_x86_tss_fact *f, const struct x86_known_value *row,
		   size_t nr, const char *otherwise);

#define JUDGE(f, rows, otherwise)                                                        \
	x86_tss_judge(f, rows, sizeof(rows) / sizeof((rows)[0]), otherwise)

/* In a damaged dump: where the CPU's cpu_entry_area is cannot be told. */
bool x86_area_lost(struct stk *s, const struct stk_x86_tss *tss);
extern const char x86_area_lost_text[];

/* Do the word and @alias lead to one physical page? */
void x86_tss_same_page(struct stk *s, struct stk_x86_tss_fact *f, uint64_t alias);

/*
 * Offsets of io_bitmap_base that the kernel uses, and the TSS's limits that go with
 * them (asm/processor.h). 5.5 put two bitmaps into the TSS, and a number beyond the
 * limit for none (commits ecc7e37d4dad, c8137ace5638); without CONFIG_X86_IOPL_IOPERM
 * the limit is that of the hardware's part, whether or not the bitmaps are there.
 */
struct x86_io_layout {
	bool have_map, have_all;
	uint32_t map, all;
	uint32_t hw_limit, limit; /* limit: with the bitmaps, or 0 */
};

/* tss_facts_io.c */
void x86_io_layout(struct stk *s, struct x86_io_layout *io);

#define X86_TSS_SELECTOR (8u * 8u) /* GDT_ENTRY_TSS */

struct x86_descriptor {
	bool valid;
	uint64_t base;
	uint32_t limit;
	uint8_t type;
};

/* tss_facts_gdt.c: where the CPU's GDT is in the cpu_entry_area; 0: nowhere. */
uint64_t x86_gdt_alias(struct stk *s, const struct stk_x86_tss *tss);
/* gdt_page, and what it says of the TSS. False: there is none. */
bool x86_tss_descriptor(struct stk *s, uint64_t percpu, uint64_t *gdt,
			struct x86_descriptor *d);

#define X86_IDT_LIMIT (16u * X86_IDT_ENTRIES - 1)

/* The parts, each in the file of its name. @percpu: the CPU's offset. */
void x86_tss_top_of_stack(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu);
void x86_tss_io_bitmap(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu);
void x86_tss_gdt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu);
void x86_tss_idt(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu);
void x86_tss_registers(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu);

#endif
