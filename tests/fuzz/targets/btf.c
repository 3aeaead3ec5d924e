/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's BTF, from __start_BTF to __stop_BTF. */
#include "../machine.h"

#include "kernel/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const type[] = { "task_struct", "list_head", "u", "", "none" };
	static const char *const member[] = { "stack", "pid", "next", "inner", "none" };
	struct fuzz_machine m;
	struct stk_btf *btf;
	struct stk *s;

	fuzz_machine(&m, data, size);
	s = fuzz_open(&m);
	btf = stk_btf_new(s);
	fuzz_assert(btf);
	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		struct stk_member out;
		uint32_t bytes;
		bool none = stk_btf_ops.size(btf, type[i], &bytes);

		for (size_t j = 0; j < sizeof(member) / sizeof(member[0]); j++)
			fuzz_assert(stk_btf_ops.member(btf, type[i], member[j], &out) ||
				    !none);
	}
	stk_btf_free(btf);
	fuzz_close(&m, s);
	return 0;
}
