/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that an architecture can be: what struct stk_arch marks with "must". It is
 * what one begins with, and proves that all else is optional.
 */
#include "stub_arch.h"

enum { STUB_PC, STUB_SP, STUB_FP };

static const char *const reg_names[] = { "pc", "sp", "fp", NULL };

static const struct stk_kind task_stack = { .name = "TASK",
					    .id = 1,
					    .flags = STK_KIND_TASK };

/* It has no page tables: what is not read by the provider cannot be read. */
static enum stk_status translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	return stk_fail(s, STK_ERR_UNSUPPORTED, "the stub has no page tables");
}

static bool is_kernel_address(uint64_t addr)
{
	return addr >> 63;
}

static unsigned int page_shift(struct stk *s)
{
	return 12;
}

static uint64_t thread_size(struct stk *s)
{
	return 0x4000;
}

const struct stk_arch stub_arch = {
	.name = "stub",
	.ip = STUB_PC,
	.sp = STUB_SP,
	.fp = STUB_FP,
	.reg_names = reg_names,
	.page_shift = page_shift,
	.translate = translate,
	.is_kernel_address = is_kernel_address,
	.task_kind = &task_stack,
	.thread_size = thread_size,
};
