/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoders of instructions, of all machines: any bytes as code, from each of them on.
 */
#include "../machine.h"

#include "arch/arm64/insn.h"
#include "arch/riscv64/riscv64.h"
#include "arch/x86_64/insn.h"
#include "arch/x86_64/prologue.h"

#define MAX_CODE 256u /* each byte begins an instruction */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void x86(const uint8_t *code, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const size_t room = size - i;
		struct x86_insn insn;

		if (x86_insn(code + i, room, &insn))
			fuzz_assert(insn.len && insn.len <= X86_MAX_INSN &&
				    insn.len <= room && insn.modrm_at < insn.len);
		fuzz_assert(x86_modrm_len(code + i, room) <= room);
		for (int p = 0; p < X86_NR_PATTERNS; p++)
			fuzz_assert(x86_match(p, code + i, room) <= X86_MAX_INSN);
		fuzz_assert(x86_rbp_push(code, i) <= i);
		/* It looks at one byte more. */
		x86_frame_is_gone(code, i);
	}
	x86_sets_rbp(code, size);
}

static void by(const struct stk_insn_set *set, const uint8_t *code, size_t size)
{
	/* As at a function's beginning. */
	struct stk_code_frame frame = { .known = true, .size_known = true };

	for (size_t i = 0; i < size; i += set->align) {
		struct stk_insn insn = set->decode(code, i, size, FUZZ_MEMORY, &frame);
		struct stk_insn alone = set->decode(code, i, size, FUZZ_MEMORY, NULL);

		fuzz_assert(insn.len <= size - i && insn.len == alone.len &&
			    insn.flow == alone.flow && insn.target == alone.target);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > MAX_CODE)
		return 0;
	x86(data, size);
	by(&arm64_insns, data, size);
	by(&riscv_insns, data, size);
	return 0;
}
