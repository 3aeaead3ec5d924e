/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shadow.h"

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../machine/memory.h"

/* Mapped ones have a page; before 5.11 it was this (commit a2abe7cbd8fe). */
#define SMALL_SIZE 1024u

/* kernel/scs.c: NR_CACHED_SCS */
#define NR_KEPT 2u

bool stk_is_shadow_end(uint64_t word)
{
	/* include/linux/scs.h: 0x5f6 + POISON_POINTER_DELTA */
	return word == 0x5f6 || word == 0xdead0000000005f6ull;
}

/* Where return addresses are signed they may be off (6.2, commit 9beccca09840). */
static bool is_off(struct stk *s)
{
	uint32_t enabled;
	uint64_t key;

	return stk_find_symbol(s, "dynamic_scs_enabled", &key) &&
	       !stk_read_u32(s, key, &enabled) && !enabled;
}

uint64_t stk_shadow_size(struct stk *s)
{
	const uint64_t size[] = { stk_page_size(s), SMALL_SIZE };
	struct stk_member m;
	uint64_t init, word;

	if (!s->arch->shadow_kind || !stk_find_member(s, "thread_info", "scs_base", &m) ||
	    !stk_find_symbol(s, "init_shadow_call_stack", &init) || is_off(s))
		return 0;
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++)
		if (!stk_read_u64(s, init + size[i] - 8, &word) &&
		    stk_is_shadow_end(word))
			return size[i];
	return 0;
}

static bool make_stack(struct stk *s, uint64_t begin, struct stk_stack *out)
{
	const uint64_t size = stk_shadow_size(s);

	if (!size || begin % 8 || !s->arch->is_kernel_address(begin))
		return false;
	*out = (struct stk_stack){
		.kind = s->arch->shadow_kind,
		.cpu = -1,
		.begin = begin,
		.end = begin + size,
		.mapped = true,
	};
	return true;
}

bool stk_task_shadow(struct stk *s, const struct stk_task *task, struct stk_stack *out,
		     uint64_t *sp)
{
	struct stk_member info;
	uint64_t begin, at;

	if (!stk_find_member(s, "task_struct", "thread_info", &info))
		return false;
	at = task->addr + info.offset;
	if (stk_read_member(s, at, "thread_info", "scs_base", &begin) ||
	    stk_read_member(s, at, "thread_info", "scs_sp", sp) ||
	    !make_stack(s, begin, out))
		return false;
	out->task = task->addr;
	return true;
}

size_t stk_kept_shadows(struct stk *s, unsigned int cpu, struct stk_stack *out,
			size_t room)
{
	uint64_t at, begin;
	size_t nr = 0;

	/* Of the small ones a variable of that name is a slab cache, and no CPU's. */
	if (stk_shadow_size(s) != stk_page_size(s) ||
	    stk_percpu_address(s, "scs_cache", cpu, &at))
		return 0;
	for (unsigned int i = 0; i < NR_KEPT && nr < room; i++)
		if (!stk_read_u64(s, at + 8 * i, &begin) &&
		    make_stack(s, begin, &out[nr]))
			out[nr++].cpu = (int)cpu;
	return nr;
}
