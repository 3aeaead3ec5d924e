/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cfi_step.h"

#include <inttypes.h>

#include "../kernel/images.h"
#include "../kernel/names.h"
#include "../machine/memory.h"

#define NR_DWARF_REGS 32u

struct caller {
	uint64_t ip, sp, fp;
	bool has_fp;
};

static bool find_caller(struct stk *s, const struct stk_cursor *c, unsigned int first,
			struct caller *out)
{
	struct stk_cfi_frame f = { .wanted = 1ull << s->arch->fp };
	uint64_t pc = c->regs.v[s->arch->ip] - !c->signal;

	if (!stk_image_has_calls(s, pc))
		return false;
	for (unsigned int i = first; i < NR_DWARF_REGS; i++) {
		if (!stk_has_reg(&c->regs, i))
			continue;
		f.reg[i] = c->regs.v[i];
		f.valid |= 1ull << i;
	}
	if (stk_image_caller(s, pc, &f) || f.ra >= NR_DWARF_REGS ||
	    !(f.valid >> f.ra & 1))
		return false;
	out->ip = stk_code_address(s, f.reg[f.ra]);
	out->sp = f.cfa;
	out->has_fp = f.valid >> s->arch->fp & 1;
	out->fp = f.reg[s->arch->fp];
	return true;
}

static bool differs(const struct stk_regs *regs, unsigned int reg, uint64_t value)
{
	return stk_has_reg(regs, reg) && regs->v[reg] != value;
}

void stk_cfi_weigh(struct stk *s, const struct stk_cursor *c, unsigned int first,
		   struct stk_step *out)
{
	const struct stk_arch *a = s->arch;
	struct caller caller;
	struct stk_name name;
	const char *why = NULL;

	if (!find_caller(s, c, first, &caller))
		return;
	if (differs(&out->regs, a->ip, caller.ip)) {
		stk_symbolize(s, caller.ip, true, &name);
		why = name.function
			      ? stk_arena_printf(c->arena, "to %s+%" PRIu64,
						 name.function, name.offset)
			      : stk_arena_printf(c->arena, "to %#" PRIx64, caller.ip);
	} else if (differs(&out->regs, a->sp, caller.sp)) {
		why = stk_arena_printf(c->arena, "to a frame that ends at %#" PRIx64,
				       caller.sp);
	} else if (caller.has_fp && differs(&out->regs, a->fp, caller.fp)) {
		why = stk_arena_printf(c->arena, "%s is %#" PRIx64 " there",
				       a->reg_names[a->fp], caller.fp);
	}
	stk_weigh(&out->said, STK_WITNESS_CFI, !why);
	if (why && !out->why)
		out->why = why;
}

static void set(struct stk_regs *regs, unsigned int reg, uint64_t value)
{
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}

static bool has_record(struct stk *s, uint64_t at, const struct caller *caller)
{
	uint64_t record[2];

	return !stk_read(s, at, record, sizeof(record)) && record[0] == caller->fp &&
	       stk_code_address(s, record[1]) == caller->ip;
}

enum stk_step_result stk_cfi_step(struct stk *s, const struct stk_cursor *c,
				  unsigned int first, uint64_t record,
				  struct stk_step *out)
{
	struct caller caller;

	if (!find_caller(s, c, first, &caller) || !caller.has_fp ||
	    has_record(s, record, &caller))
		return STK_STEP_NO_RULE;
	set(&out->regs, s->arch->ip, caller.ip);
	set(&out->regs, s->arch->sp, caller.sp);
	set(&out->regs, s->arch->fp, caller.fp);
	out->how = STK_HOW_CFI;
	out->at = caller.sp;
	out->in_register = out->beside = true;
	out->reliable = true;
	return STK_STEP_OK;
}
