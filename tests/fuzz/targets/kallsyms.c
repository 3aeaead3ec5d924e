/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's symbol tables: where VMCOREINFO says, or where a search from its _stext
 * on finds them.
 */
#include "../machine.h"

#include "base/safe.h"
#include "kernel/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(struct stk *s, uint64_t addr)
{
	uint64_t start, length;
	const char *name;

	if (stk_kallsyms_lookup(s, addr, &name, &start, &length))
		return;
	fuzz_assert(start <= addr && (!length || addr - start < length));
	for (const char *p = name; *p; p++)
		fuzz_assert(stk_is_printable(*p));
	stk_kallsyms_address(s, name, &start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_machine m;
	uint64_t addr;
	struct stk *s;

	fuzz_machine(&m, data, size);
	m.target.symbols = NULL;
	s = fuzz_open(&m);
	look_up(s, 0);
	look_up(s, UINT64_MAX);
	for (addr = FUZZ_MEMORY; addr < FUZZ_MEMORY + 0x100; addr += 8)
		look_up(s, addr);
	stk_kallsyms_address(s, "_stext", &addr);
	stk_kallsyms_address(s, "", &addr);
	fuzz_close(&m, s);
	return 0;
}
