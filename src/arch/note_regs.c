/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "note_regs.h"

#include <string.h>

#include "../machine/saved.h"

bool stk_monitor_word(struct stk *s, const struct stk_saved *saved, const char *name,
		      uint64_t *value)
{
	return saved->by_monitor &&
	       !s->target.monitor->reg(s->target.monitor_priv, saved->cpu, name, value);
}

static bool monitor_reg(struct stk *s, const struct stk_saved *saved, unsigned int reg,
			uint64_t *value)
{
	if (stk_monitor_word(s, saved, s->arch->reg_names[reg], value))
		return true;
	for (const struct stk_reg_word *w = s->arch->reg_words; w && w->name; w++)
		if (w->reg == reg && stk_monitor_word(s, saved, w->name, value))
			return true;
	return false;
}

enum stk_status stk_monitor_regs(struct stk *s, const struct stk_saved *saved,
				 unsigned int nr, struct stk_regs *regs)
{
	const struct stk_arch *a = s->arch;

	memset(regs, 0, sizeof(*regs));
	for (unsigned int i = 0; i < nr; i++)
		if (monitor_reg(s, saved, i, &regs->v[i]))
			regs->valid |= 1ull << i;
	return stk_has_reg(regs, a->ip) && stk_has_reg(regs, a->sp) && regs->v[a->sp]
		       ? STK_OK
		       : STK_ERR_NO_REGS;
}

enum stk_status stk_prstatus_regs(const struct stk_saved *saved, size_t size,
				  unsigned int nr, struct stk_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	if (saved->prstatus.size != size)
		return STK_ERR_UNSUPPORTED;
	memcpy(regs->v, (const unsigned char *)saved->prstatus.desc + STK_PRSTATUS_REG,
	       nr * sizeof(uint64_t));
	regs->valid = (1ull << nr) - 1;
	return STK_OK;
}
