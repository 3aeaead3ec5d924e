/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any file as a namelist: symbols, types, call frames and lines, by libelf and libdw. */
#include "../machine.h"

#include <string.h>

#include "debuginfo/debuginfo.h"
#include "debuginfo/namelist.h"

#define MAX_LINES 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	*value = FUZZ_MEMORY;
	return addr & 8 ? STK_ERR_UNMAPPED : STK_OK;
}

static void ask_symbols(struct stk_symtab *t)
{
	uint64_t addr, offset;
	const char *name;

	stk_symtab_image_base(t);
	stk_symtab_ops.address(t, "outer_fn", &addr);
	stk_symtab_ops.address(t, "", &addr);
	for (addr = FUZZ_MEMORY - 16; addr < FUZZ_MEMORY + 0x100; addr += 16)
		if (!stk_symtab_ops.lookup(t, addr, &name, &offset))
			fuzz_assert(offset <= addr && strlen(name) < 1 << 20);
}

static void ask_types(struct stk_types *t)
{
	static const char *const type[] = { "task_struct", "list_head", "outer", "" };
	static const char *const member[] = { "stack", "pid", "next", "tasks" };
	struct stk_member m;
	uint32_t bytes;

	stk_types_present(t);
	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		stk_dwarf_type_ops.size(t, type[i], &bytes);
		for (size_t j = 0; j < sizeof(member) / sizeof(member[0]); j++)
			stk_dwarf_type_ops.member(t, type[i], member[j], &m);
	}
}

static void ask_code(struct stk_debuginfo *d, uint64_t pc)
{
	struct stk_cfi_frame frame = { .valid = ~0ull, .wanted = 0xffff };
	struct stk_line line[MAX_LINES];
	size_t nr;

	for (unsigned int r = 0; r < STK_CFI_REGS; r++)
		frame.reg[r] = FUZZ_MEMORY + 8 * r;
	if (!stk_debuginfo_ops.caller(d, NULL, pc, &frame, read_word, NULL))
		fuzz_assert(frame.ra < STK_CFI_REGS);
	nr = stk_debuginfo_ops.lines(d, NULL, pc, line, MAX_LINES);
	fuzz_assert(nr <= MAX_LINES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct stk_namelist_facts facts = { .build_id = "00", .vmcoreinfo = "" };
	const char *path = fuzz_file(data, size);
	struct stk_debuginfo *d = stk_debuginfo_new();
	char text[2 * STK_MAX_BUILD_ID + 1], error[256] = "";

	fuzz_assert(d);
	if (stk_debuginfo_add(d, path, error, sizeof(error))) {
		fuzz_assert(*error);
	} else if (stk_debuginfo_kernel(d)) {
		stk_debuginfo_build_id(d, text);
		stk_namelist_check(d, &facts, error, sizeof(error));
		if (stk_debuginfo_symbols(d))
			ask_symbols(stk_debuginfo_symbols(d));
		if (stk_debuginfo_types(d))
			ask_types(stk_debuginfo_types(d));
		for (uint64_t i = 0; i < 0x100; i += 5)
			ask_code(d, FUZZ_MEMORY + i);
	}
	stk_debuginfo_free(d);
	return 0;
}
