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

/*
 * struct stk_paging - the page tables of a machine that has a root for each half of its
 * addresses, kernel and user space, and maps the kernel's image in one piece.
 */
struct stk_paging {
	bool tried;
	enum stk_status status;
	unsigned int bits;    /* of an address in its half; those above are all alike */
	uint64_t root;	      /* the kernel's, physical */
	uint64_t image_minus; /* the image's addresses, minus the physical ones */
	const char *image_begins; /* the symbol there */
	unsigned int depth;	  /* of no_tables.c */
	struct stk_tables tables;
};

/* What load() made of @p, tried once; it is given @p. */
enum stk_status stk_paging(struct stk *s, struct stk_paging *p,
			   enum stk_status (*load)(struct stk *s, struct stk_paging *p));

/* Of all: after stk_paging(). @no_code: may be NULL. */
enum stk_status stk_walk_kernel(struct stk *s, struct stk_paging *p, uint64_t addr,
				uint64_t *phys, bool *no_code);
/* Of user space, by the tables whose root is at the kernel's address @root. */
enum stk_status stk_walk_process(struct stk *s, struct stk_paging *p, uint64_t root,
				 uint64_t addr, uint64_t *phys);
/* The address of @phys in the image. */
bool stk_paging_image(struct stk *s, const struct stk_paging *p, uint64_t phys,
		      uint64_t *addr);

#endif
