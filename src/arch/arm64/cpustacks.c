/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a CPU's stacks are. Each is a row: a per-CPU pointer to its lowest byte, or, of
 * the overflow stack, the memory itself. A pointer that is zero is of a stack that this
 * machine does without.
 */
#include "arm64.h"

#include "../../kernel/cpus.h"
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

uint64_t arm64_pt_regs_size(struct stk *s)
{
	uint32_t size;

	return stk_find_size(s, "pt_regs", &size) ? size : 0;
}

uint64_t arm64_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	uint64_t size = arm64_pt_regs_size(s);

	return size && stack->kind == ARM64_STACK(TASK) && !stk_stack_is_free(stack)
		       ? stack->end - size
		       : 0;
}

/* SDEI's are made when a firmware has it (4.16, commit f5df26961853). */
static const struct {
	const char *symbol;
	enum arm64_kind kind;
	bool pointer;
	uint32_t size; /* 0: THREAD_SIZE */
} rows[] = {
	{ "irq_stack_ptr", ARM64_KIND_IRQ, true, 0 },
	{ "irq_stack", ARM64_KIND_IRQ, false, 0 },
	{ "overflow_stack", ARM64_KIND_OVERFLOW, false, OVERFLOW_STACK_SIZE },
	{ "sdei_stack_normal_ptr", ARM64_KIND_SDEI_NORMAL, true, 0 },
	{ "sdei_stack_critical_ptr", ARM64_KIND_SDEI_CRITICAL, true, 0 },
};

static bool has_kind(const struct stk_stack *out, size_t nr, enum arm64_kind kind)
{
	for (size_t i = 0; i < nr; i++)
		if (stk_kind_id(out[i].kind) == kind)
			return true;
	return false;
}

static enum stk_status find_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				  size_t row, struct stk_stack *out)
{
	uint64_t at, begin, phys;
	enum stk_status st = stk_symbol(s, rows[row].symbol, &at);

	if (st)
		return st;
	begin = at + percpu;
	if (rows[row].pointer)
		st = stk_read_u64(s, at + percpu, &begin);
	if (st)
		return st;
	if (!begin)
		return STK_ERR_NOT_FOUND;
	if (begin & 15 || !arm64_is_kernel_address(begin))
		return stk_fail(s, STK_ERR_CORRUPT, "CPU %u: %s is %#llx", cpu,
				rows[row].symbol, (unsigned long long)begin);
	*out = (struct stk_stack){
		.kind = &arm64_kinds[rows[row].kind],
		.cpu = (int)cpu,
		.begin = begin,
		.end = begin + (rows[row].size ? rows[row].size : arm64_thread_size(s)),
		.mapped = true,
	};
	/* A stack of its own mapping has unmapped pages around it. */
	if (!stk_page_offset(s, begin) &&
	    stk_translate(s, begin - stk_page_size(s), &phys) == STK_ERR_UNMAPPED)
		out->guard = begin - stk_page_size(s);
	return STK_OK;
}

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
	enum stk_status st, first = STK_OK;
	uint64_t percpu;

	*nr = 0;
	st = stk_percpu_offset(s, cpu, &percpu);
	if (st)
		return st;
	/* One that cannot be found does not hide the others. */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && *nr < room; i++) {
		if (has_kind(out, *nr, rows[i].kind) ||
		    !stk_has_symbol(s, rows[i].symbol))
			continue;
		st = find_stack(s, cpu, percpu, i, &out[*nr]);
		*nr += !st;
		if (st != STK_ERR_NOT_FOUND && !first)
			first = st;
	}
	if (!cpu && *nr < room && find_efi_stack(s, &out[*nr]))
		(*nr)++;
	return *nr ? STK_OK : first;
}
