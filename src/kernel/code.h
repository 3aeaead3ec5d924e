/* SPDX-License-Identifier: GPL-2.0-or-later */
/* code.h - code that the kernel made at run time: trampolines, BPF, kprobes. */
#ifndef STK_CODE_H
#define STK_CODE_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

enum stk_code_kind { STK_CODE_FTRACE, STK_CODE_BPF, STK_CODE_KPROBE };

struct stk_code {
	uint64_t begin, end;
	enum stk_code_kind kind;
	const char *name, *module;
};

/* The piece of such code that holds @addr, or NULL. */
const struct stk_code *stk_code_at(struct stk *s, uint64_t addr);

#endif
