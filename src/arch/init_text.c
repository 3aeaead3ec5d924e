/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "init_text.h"

#include "../base/within.h"
#include "../kernel/layout.h"

struct init_text {
	uint64_t begin, end;
};

static enum stk_status find_init_text(struct stk *s, void *value)
{
	struct init_text *t = value;

	/* Without either it has no end above its begin. */
	if (stk_find_symbol(s, "_sinittext", &t->begin))
		stk_find_symbol(s, "_einittext", &t->end);
	return STK_OK;
}

bool stk_init_text_freed(struct stk *s, uint64_t addr)
{
	static const struct stk_once once = { .size = sizeof(struct init_text),
					      .find = find_init_text };
	const struct init_text *t;
	uint64_t at;
	uint32_t state;

	if (stk_once(s, &s->init_text, &once))
		return false;
	t = s->init_text.value;
	/* A return address may be that of the last call. */
	if (!stk_within(addr - 1, t->begin, t->end))
		return false;
	/* SYSTEM_BOOTING and SYSTEM_SCHEDULING: not yet (include/linux/kernel.h). */
	return !stk_find_symbol(s, "system_state", &at) || stk_read_u32(s, at, &state) ||
	       state > 1;
}
