/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module_sections.h - where the sections of a module's file were loaded. */
#ifndef STK_MODULE_SECTIONS_H
#define STK_MODULE_SECTIONS_H

#include "../debuginfo/debuginfo.h"
#include "modules.h"

struct stk_module_sections {
	struct stk_module_section {
		char name[64];
		uint64_t addr;
	} * section; /* in the arena that was given */
	size_t nr;
};

/*
 * What the kernel keeps for /sys/module/NAME/sections. It is gone where that was left out
 * of the kernel (CONFIG_SYSFS, CONFIG_KALLSYMS).
 */
enum stk_status stk_module_sections(struct stk *s, const struct stk_module *m,
				    struct stk_arena *arena,
				    struct stk_module_sections *out);

/* Where section @name is; STK_ERR_NOT_FOUND. */
enum stk_status stk_module_section(const struct stk_module_sections *list,
				   const char *name, uint64_t *addr);

/* The module's build id, from its note in memory. Returns its length; 0: not known. */
size_t stk_module_build_id(struct stk *s, const struct stk_module_sections *list,
			   unsigned char id[STK_MAX_BUILD_ID]);

#endif
