/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a CPU's stacks are. Each is a row: a per-CPU pointer to its lowest byte, or, of
 * the overflow stack, the memory itself. A pointer that is zero is of a stack that this
 * machine does without.
 */
#include "arm64.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../thread_size.h"

#define OVERFLOW_STACK_SIZE 4096u /* asm/memory.h: SZ_4K, whatever the pages are */
#define MIN_THREAD_SIZE	    16384u

uint64_t arm64_thread_size(struct stk *s)
{
	struct arm64_state *x = arm64_state(s);
	uint64_t page = stk_page_size(s);

	if (!x)
		return 0;
	if (!x->thread_size)
		x->thread_size = stk_thread_size(
			s, page > MIN_THREAD_SIZE ? page : MIN_THREAD_SIZE);
	return x->thread_size;
}

#define NO_FIRMWARE "no firmware registered it"

/* SDEI's are made when a firmware has it (4.16, commit f5df26961853). */
const struct stk_percpu_stack arm64_percpu_stacks[ARM64_NR_PERCPU_STACKS] = {
	{ "irq_stack_ptr", ARM64_STACK(IRQ), true, 0, NULL, "irq_stack",
	  stk_irq_stacks_made_by },
	{ "irq_stack", ARM64_STACK(IRQ), false, 0, NULL, NULL, NULL },
	{ "overflow_stack", ARM64_STACK(OVERFLOW), false, OVERFLOW_STACK_SIZE, NULL, NULL,
	  NULL },
	{ "sdei_stack_normal_ptr", ARM64_STACK(SDEI_NORMAL), true, 0, NO_FIRMWARE, NULL,
	  NULL },
	{ "sdei_stack_critical_ptr", ARM64_STACK(SDEI_CRITICAL), true, 0, NO_FIRMWARE,
	  NULL, NULL },
};

/*
 * The machine has one stack for calls of the firmware's runtime services (6.3, commit
 * ff7a167961d1); it is listed with the CPU that booted.
 */
static bool find_efi_stack(struct stk *s, struct stk_stack *out)
{
	uint64_t at, top;

	if (!stk_find_symbol(s, "efi_rt_stack_top", &at) || stk_read_u64(s, at, &top) ||
	    !top || top & 15 || !arm64_is_kernel_address(top))
		return false;
	*out = (struct stk_stack){
		.kind = ARM64_STACK(EFI),
		.cpu = 0,
		.begin = top - arm64_thread_size(s),
		.end = top,
		.mapped = true,
	};
	return true;
}

enum stk_status arm64_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr)
{
	enum stk_status st = stk_percpu_stacks(s, cpu, arm64_percpu_stacks,
					       ARM64_NR_PERCPU_STACKS, out, room, nr);

	if (!cpu && *nr < room && find_efi_stack(s, &out[*nr]))
		(*nr)++;
	return *nr ? STK_OK : st;
}
