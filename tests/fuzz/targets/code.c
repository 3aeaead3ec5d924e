/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code in a kernel's memory, by the machine that the first byte names: what a call before
 * each address says of the function that was called, and what each instruction works on.
 * There is a function each 64 bytes.
 */
#include "../machine.h"

#include <elf.h>

#include "arch/arch.h"
#include "arch/arm64/arm64.h"
#include "arch/riscv64/riscv64.h"
#include "arch/x86_64/reach.h"
#include "arch/x86_64/x86_64.h"

#define FUNCTION  64u
#define MAX_PLACE 160u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum stk_status address(void *priv, const char *name, uint64_t *addr)
{
	return STK_ERR_NO_SYMBOL;
}

static enum stk_status lookup(void *priv, uint64_t addr, const char **name,
			      uint64_t *offset)
{
	const struct fuzz_machine *m = priv;

	if (addr < FUZZ_MEMORY || addr - FUZZ_MEMORY >= m->size)
		return STK_ERR_NO_SYMBOL;
	*name = addr - FUZZ_MEMORY < FUNCTION ? "first" : "function";
	*offset = addr % FUNCTION;
	return STK_OK;
}

static const struct stk_symbol_ops symbols = { .address = address, .lookup = lookup };

static void weigh(struct stk *s, uint64_t at, uint64_t callee)
{
	const char *why = NULL;
	uint64_t target;

	s->arch->call_before(s, at, &target);
	for (int exact = 0; exact < 2; exact++)
		s->arch->call_evidence(s, at, callee, exact, &why);
}

static void look(struct stk *s, uint64_t at)
{
	struct stk_regs regs = { .valid = ~0ull };
	struct stk_function f;
	struct stk_operand o;
	const char *why;

	for (unsigned int r = 0; r < sizeof(regs.v) / sizeof(regs.v[0]); r++)
		regs.v[r] = FUZZ_MEMORY + 8 * r;
	if (s->arch->operand && s->arch->operand(s, at, &regs, &o))
		fuzz_assert(o.nr_regs <= sizeof(o.reg));
	weigh(s, at, FUZZ_MEMORY);
	weigh(s, at, FUZZ_MEMORY + FUNCTION + 4);
	if (s->target.machine == EM_AARCH64) {
		arm64_frame_at(s, at);
		arm64_in_entry_code(s, at);
	} else if (s->target.machine == EM_RISCV) {
		riscv_frame_at(s, at);
		riscv_frame_of_call(s, at);
		riscv_traced(s, at);
	} else if (x86_function_at(s, FUZZ_MEMORY + FUNCTION, &f)) {
		x86_reach(s, at, &f, &why);
		x86_is_return(s, at, &(uint64_t){ 0 });
		x86_breakpoint_before(s, at, &(uint64_t){ 0 });
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t machines[] = { EM_X86_64, EM_AARCH64, EM_RISCV };
	struct fuzz_machine m;
	struct stk *s;

	if (!size)
		return 0;
	fuzz_machine(&m, data + 1, size - 1);
	m.target.machine = machines[*data % 3];
	m.target.symbols = &symbols;
	s = fuzz_open(&m);
	for (size_t i = 0; i < m.size && i < MAX_PLACE; i++)
		look(s, FUZZ_MEMORY + i);
	fuzz_close(&m, s);
	return 0;
}
