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
#define SCS_OFF	    "shadow call stacks are off"

#define SCS_POINTER(symbol_, kind_, none_)                                               \
	{                                                                                \
		.symbol = symbol_, .kind = ARM64_STACK(kind_), .pointer = true,          \
		.none = none_, .shadow = true                                            \
	}
#define SCS_ARRAY(symbol_, kind_)                                                        \
	{                                                                                \
		.symbol = symbol_, .kind = ARM64_STACK(kind_), .shadow = true            \
	}

/*
 * SDEI's are made when a firmware has it (4.16, commit f5df26961853). Shadow call stacks
 * are mapped since 5.11 (commit ac20ffbb0279); before, they are per-CPU memory.
 */
const struct stk_percpu_stack arm64_percpu_stacks[ARM64_NR_PERCPU_STACKS] = {
	{ .symbol = "irq_stack_ptr",
	  .kind = ARM64_STACK(IRQ),
	  .pointer = true,
	  .array = "irq_stack",
	  .made_by = stk_irq_stacks_made_by },
	{ .symbol = "irq_stack", .kind = ARM64_STACK(IRQ) },
	{ .symbol = "overflow_stack",
	  .kind = ARM64_STACK(OVERFLOW),
	  .size = OVERFLOW_STACK_SIZE },
	{ .symbol = "sdei_stack_normal_ptr",
	  .kind = ARM64_STACK(SDEI_NORMAL),
	  .pointer = true,
	  .none = NO_FIRMWARE },
	{ .symbol = "sdei_stack_critical_ptr",
	  .kind = ARM64_STACK(SDEI_CRITICAL),
	  .pointer = true,
	  .none = NO_FIRMWARE },
	SCS_POINTER("irq_shadow_call_stack_ptr", IRQ_SCS, SCS_OFF),
	SCS_ARRAY("irq_shadow_call_stack", IRQ_SCS),
	SCS_POINTER("sdei_shadow_call_stack_normal_ptr", SDEI_NORMAL_SCS, NO_FIRMWARE),
	SCS_ARRAY("sdei_shadow_call_stack_normal", SDEI_NORMAL_SCS),
	SCS_POINTER("sdei_shadow_call_stack_critical_ptr", SDEI_CRITICAL_SCS,
		    NO_FIRMWARE),
	SCS_ARRAY("sdei_shadow_call_stack_critical", SDEI_CRITICAL_SCS),
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
