/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the machine below the kernel: its harts have numbers of their own, and when they run
 * the firmware, which the kernel calls for timers, interrupts of other CPUs and to stop
 * one (SBI), what a note holds is the firmware's.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "riscv64.h"
#include "../../base/say.h"

/* Any hart may be the first that boots, and is CPU 0 then. */
unsigned int riscv_machine_cpu(struct stk *s, unsigned int cpu)
{
	uint64_t map, hart;

	if (!stk_find_symbol(s, "__cpuid_to_hartid_map", &map))
		return cpu;
	return stk_read_u64(s, map + 8ull * cpu, &hart) || hart > UINT32_MAX
		       ? UINT32_MAX
		       : (unsigned int)hart;
}

/* ---- the firmware ---- */

#define MAX_RESOURCES 4096u

/* A line of /proc/iomem. */
struct resource {
	uint64_t start, end, name, sibling, child;
};

static bool read_resource(struct stk *s, uint64_t at, struct resource *r)
{
	const struct {
		const char *member;
		uint64_t *value;
	} row[] = {
		{ "start", &r->start },	    { "end", &r->end },	    { "name", &r->name },
		{ "sibling", &r->sibling }, { "child", &r->child },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (stk_read_member(s, at, "resource", row[i].member, row[i].value))
			return false;
	return true;
}

static bool is_reserved(struct stk *s, const struct resource *r)
{
	char name[16];

	return !stk_read_string(s, r->name, name, sizeof(name)) &&
	       !strcmp(name, "Reserved");
}

/*
 * The memory around @addr that the kernel leaves to others: on its own in the list, or
 * within a range of memory (init_resources()).
 */
static bool find_reserved(struct stk *s, uint64_t addr, struct resource *out)
{
	uint64_t root, at, inner = 0;

	if (!stk_find_symbol(s, "iomem_resource", &root) || !read_resource(s, root, out))
		return false;
	at = out->child;
	for (unsigned int n = 0; at && n < MAX_RESOURCES; n++) {
		if (!stk_spend(s, 1) || !read_resource(s, at, out))
			return false;
		if (addr < out->start || addr > out->end) {
			at = out->sibling;
		} else if (is_reserved(s, out)) {
			return true;
		} else if (inner++) {
			return false;
		} else {
			at = out->child;
		}
	}
	return false;
}

/*
 * Addresses of the firmware are physical, and those of user mode look no different: but
 * no process has its code, its stack and its tp in the one range that the firmware has.
 */
const char *riscv_foreign_regs(struct stk *s, const struct stk_saved *saved,
			       bool *capture)
{
	static const enum riscv_reg own[] = { RISCV_PC, RISCV_SP, RISCV_TP };
	struct resource r;
	struct stk_regs regs;

	*capture = false;
	if (riscv_note_regs(s, saved, &regs) || !riscv_user_mode(&regs) ||
	    !find_reserved(s, regs.v[RISCV_PC], &r))
		return NULL;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (regs.v[own[i]] < r.start || regs.v[own[i]] > r.end)
			return NULL;
	return stk_say(s,
		       "the CPU ran the firmware: pc %#llx, sp and tp are in memory "
		       "that is not the kernel's (Reserved, %#llx-%#llx)",
		       (unsigned long long)regs.v[RISCV_PC], (unsigned long long)r.start,
		       (unsigned long long)r.end);
}
