/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "percpu_stacks.h"

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/stack_areas.h"
#include "../machine/memory.h"
#include "shadow.h"

#define STACK_ALIGN 16u

const char *const stk_irq_stacks_made_by[] = { "init_irq_stacks", "init_IRQ",
					       "start_kernel", NULL };

bool stk_is_stack_address(struct stk *s, uint64_t addr)
{
	return addr % STACK_ALIGN == 0 && s->arch->is_kernel_address(addr);
}

/* With CONFIG_VMAP_STACK it is aligned to its size, or to twice that: THREAD_ALIGN. */
bool stk_is_stack_begin(struct stk *s, const struct stk_percpu_stack *row, uint64_t addr)
{
	uint64_t size = s->arch->thread_size(s);

	if (row->shadow)
		return addr % 8 == 0 && s->arch->is_kernel_address(addr);
	return stk_is_stack_address(s, addr) &&
	       (!row->pointer || !size || addr % size == 0 ||
		(row->array && stk_has_symbol(s, row->array)));
}

static bool has_kind(const struct stk_stack *out, size_t nr, const struct stk_kind *kind)
{
	for (size_t i = 0; i < nr; i++)
		if (out[i].kind == kind)
			return true;
	return false;
}

static uint64_t size_of(struct stk *s, const struct stk_percpu_stack *row)
{
	if (row->shadow)
		return stk_shadow_size(s);
	return row->size ? row->size : s->arch->thread_size(s);
}

static enum stk_status find_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				  const struct stk_percpu_stack *row,
				  struct stk_stack *out)
{
	uint64_t at, begin, phys;
	enum stk_status st = stk_symbol(s, row->symbol, &at);

	if (st)
		return st;
	begin = at + percpu;
	if (row->pointer)
		st = stk_read_u64(s, at + percpu, &begin);
	if (st == STK_ERR_EXCLUDED && s->no_tables && row->made_by &&
	    stk_stack_of_cpu(s, row->made_by, s->arch->thread_size(s), cpu, &begin))
		st = STK_OK;
	if (st)
		return st;
	if (!begin || !size_of(s, row))
		return STK_ERR_NOT_FOUND;
	if (!stk_is_stack_begin(s, row, begin))
		return stk_fail(s, STK_ERR_CORRUPT, "CPU %u: %s is %#llx", cpu,
				row->symbol, (unsigned long long)begin);
	*out = (struct stk_stack){
		.kind = row->kind,
		.cpu = (int)cpu,
		.begin = begin,
		.end = begin + size_of(s, row),
		.mapped = true,
	};
	/* A stack of its own mapping has unmapped pages around it. */
	if (!row->shadow && !stk_page_offset(s, begin) &&
	    stk_translate(s, begin - stk_page_size(s), &phys) == STK_ERR_UNMAPPED)
		out->guard = begin - stk_page_size(s);
	return STK_OK;
}

enum stk_status stk_percpu_stacks(struct stk *s, unsigned int cpu,
				  const struct stk_percpu_stack *row, size_t nr_rows,
				  struct stk_stack *out, size_t room, size_t *nr)
{
	enum stk_status st, first = STK_OK;
	uint64_t percpu;

	*nr = 0;
	st = stk_percpu_offset(s, cpu, &percpu);
	if (st)
		return st;
	for (size_t i = 0; i < nr_rows && *nr < room; i++) {
		if (has_kind(out, *nr, row[i].kind) || !stk_has_symbol(s, row[i].symbol))
			continue;
		st = find_stack(s, cpu, percpu, &row[i], &out[*nr]);
		*nr += !st;
		if (st != STK_ERR_NOT_FOUND && !first)
			first = st;
	}
	return *nr ? STK_OK : first;
}
