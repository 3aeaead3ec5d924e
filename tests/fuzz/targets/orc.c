/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's ORC tables, in all formats. */
#include "../machine.h"

#include "arch/x86_64/orc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find(struct stk *s, uint64_t addr)
{
	struct orc_rule rule, again;

	if (orc_find(s, addr, &rule))
		return;
	fuzz_assert(rule.type <= ORC_REGS_PARTIAL && rule.sp_reg <= ORC_BAD &&
		    rule.bp_reg <= ORC_BAD);
	/* From the cache. */
	fuzz_assert(!orc_find(s, addr, &again) && again.type == rule.type &&
		    again.sp_reg == rule.sp_reg && again.sp_offset == rule.sp_offset &&
		    again.bp_reg == rule.bp_reg && again.bp_offset == rule.bp_offset &&
		    again.signal == rule.signal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_machine m;
	struct stk *s;

	fuzz_machine(&m, data, size);
	s = fuzz_open(&m);
	find(s, 0);
	find(s, UINT64_MAX);
	for (uint64_t addr = FUZZ_MEMORY; addr < FUZZ_MEMORY + 0x400; addr += 4)
		find(s, addr);
	orc_tells_end(s);
	fuzz_close(&m, s);
	return 0;
}
