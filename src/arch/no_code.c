/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interrupt comes in between two instructions, and a trap at one; only a fault may be
 * about the fetching of it, as when a call goes by a pointer that is damaged.
 */
#include "no_code.h"

#include <string.h>

#include "../kernel/mm.h"
#include "../kernel/names.h"
#include "../machine/lost.h"
#include "../machine/memory.h"

/*
 * Runtime services of an EFI firmware run at addresses of their own. A small dump may
 * have been made by who did not need their page tables: he met no such address.
 */
static bool may_be_firmware(struct stk *s, uint64_t addr)
{
	bool excused;
	enum stk_status st;
	uint64_t phys;

	excused = stk_lost_excuse(s, true);
	st = stk_translate_firmware(s, addr, &phys);
	stk_lost_excuse(s, excused);
	return st != STK_ERR_UNMAPPED;
}

/* What the dump does not have tells nothing. */
static bool is_no_code(struct stk *s, uint64_t addr)
{
	enum stk_status st;
	uint64_t phys;

	if (s->arch->code_align && addr % s->arch->code_align)
		return true;
	if (stk_is_text(s, addr) || may_be_firmware(s, addr))
		return false;
	if (!s->arch->is_kernel_address(addr))
		return true;
	st = stk_translate(s, addr, &phys);
	return st == STK_ERR_UNMAPPED || (!st && !s->arch->executable(s, addr));
}

static bool needs_instruction(const struct stk_fault *f)
{
	switch (f->kind) {
	case STK_FAULT_PAGE:
	case STK_FAULT_PROTECTION:
		return f->access && strcmp(f->access, "execute") != 0;
	case STK_FAULT_TRAP:
		return true;
	case STK_FAULT_OTHER:
		return f->entry.code >= 0;
	default:
		return false;
	}
}

bool stk_no_code_at(struct stk *s, uint64_t by, const struct stk_regs *regs, uint64_t at)
{
	struct stk_fault f = { 0 };

	if (!is_no_code(s, regs->v[s->arch->ip]))
		return false;
	return s->arch->describe_fault(s, by, regs, at, &f) ? needs_instruction(&f)
							    : f.entry.kind != NULL;
}
