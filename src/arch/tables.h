/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tables.h - page tables, as all architectures have them: a tree of tables of words. */
#ifndef STK_ARCH_TABLES_H
#define STK_ARCH_TABLES_H

#include "../base/context.h"

#define STK_KEPT_TABLES 256u

/* struct stk_entry_bits - what an entry of a table says. */
struct stk_entry_bits {
	bool present;
	bool page;    /* it maps memory; if not, it leads to the next table */
	bool no_code; /* the kernel may not run what lies below */
	uint64_t phys;
	/* Of what it maps, the size as a power of two; 0: as at its level. */
	unsigned int shift;
};

/*
 * struct stk_tables - the shape of a machine's page tables, and those that were read.
 */
struct stk_tables {
	unsigned int top_shift;	 /* of the address: where the root's index begins */
	unsigned int top_bits;	 /* how many bits that has */
	unsigned int level_bits; /* and how many in the tables below */
	/* The entry of a table whose index begins at @shift. @t: this. */
	struct stk_entry_bits (*decode)(const struct stk_tables *t, uint64_t entry,
					unsigned int shift);
	uint64_t phys_mask; /* for decode() */
	struct {
		uint64_t phys;
		uint64_t *entry;
	} kept[STK_KEPT_TABLES];
};

/*
 * Where @addr is by the tables whose root is at @root, physical. @no_code: may be NULL.
 * STK_ERR_UNMAPPED: nowhere. STK_ERR_EXCLUDED: a table cannot be read.
 */
enum stk_status stk_walk_tables(struct stk *s, struct stk_tables *t, uint64_t root,
				uint64_t addr, uint64_t *phys, bool *no_code);

#endif
