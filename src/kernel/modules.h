/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_MODULES_H
#define STK_MODULES_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

struct stk_module_range {
	uint64_t begin, end;
	bool text;
	const char *what; /* "text", "rodata", "data", … */
};

#define STK_MODULE_RANGES 8

struct stk_module {
	uint64_t addr; /* of its struct module */
	char name[64];
	/* Four parts of core and of init, or up to seven kinds of memory since 6.4. */
	struct stk_module_range range[STK_MODULE_RANGES];
	size_t nr_ranges;
	/* Its per-CPU variables, at per-CPU addresses. */
	uint64_t percpu;
	uint32_t percpu_size;
	/* Its ORC tables: num_orcs 32-bit distances and as many 6-byte entries. */
	uint32_t num_orcs;
	uint64_t orc_ip, orc;
	/* Its debuginfo, looked for when wanted; NULL: none in that search, and why. */
	unsigned int image_search;
	void *image;
	const char *no_image;
	/* Its symbols by address, read when first wanted. */
	bool symbols_tried;
	struct stk_module_symbol {
		uint64_t addr, size; /* size 0: not known */
		uint32_t name;	     /* offset in strings */
		uint32_t order;
	} * symbol;
	size_t nr_symbols;
	char *strings;
};

/* The @nth module; NULL past the last one. */
struct stk_module *stk_module_nth(struct stk *s, size_t nth);

/* The module whose memory holds @addr, or NULL; and which part of it. */
struct stk_module *stk_module_at(struct stk *s, uint64_t addr);
struct stk_module *stk_module_part(struct stk *s, uint64_t addr,
				   const struct stk_module_range **range);

/* The module that has the per-CPU variable at per-CPU address @ptr, or NULL. */
struct stk_module *stk_module_percpu(struct stk *s, uint64_t ptr);

/* Is @addr in the code of a module? */
bool stk_module_text(struct stk *s, uint64_t addr);

/* The symbol at or below @addr, as the kernel would choose it. */
enum stk_status stk_module_symbol(struct stk *s, struct stk_module *m, uint64_t addr,
				  const char **name, uint64_t *start);

/* Where the next symbol past @addr begins; 0: there is none. */
uint64_t stk_module_symbol_end(struct stk *s, struct stk_module *m, uint64_t addr);

/* The address of symbol @name in any module. */
enum stk_status stk_modules_address(struct stk *s, const char *name, uint64_t *addr);

#endif
