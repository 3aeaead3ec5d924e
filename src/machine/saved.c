/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "saved.h"

#include <string.h>

/* struct elf_prstatus, 64-bit */
#define PRSTATUS_PID  32u
#define PRSTATUS_TAIL 8u /* pr_fpvalid, padded */

#define MAX_NOTES 8192u

bool stk_saved_nth(struct stk *s, unsigned int nth, struct stk_saved *out)
{
	const struct stk_note_ops *ops = s->target.notes;
	void *priv = s->target.notes_priv;
	struct stk_note qemu;

	memset(out, 0, sizeof(*out));
	if (!ops || nth >= MAX_NOTES || !stk_spend(s, 2) ||
	    ops->note(priv, STK_NOTE_PRSTATUS, nth, &out->prstatus))
		return false;
	if (!ops->note(priv, STK_NOTE_QEMU, nth, &qemu))
		out->qemu = qemu;
	return true;
}

bool stk_saved_numbered(struct stk *s)
{
	struct stk_saved saved;
	unsigned int i;

	for (i = 0; stk_saved_nth(s, i, &saved); i++)
		if (saved.qemu.size || stk_saved_pid(&saved) != i + 1)
			return false;
	return i > 1;
}

bool stk_saved_by_qemu(struct stk *s, unsigned int cpu, struct stk_saved *out)
{
	for (unsigned int i = 0; stk_saved_nth(s, i, out); i++)
		if (out->qemu.size && stk_saved_pid(out) == cpu + 1)
			return true;
	return stk_saved_nth(s, cpu, out) && stk_saved_numbered(s);
}

uint32_t stk_saved_pid(const struct stk_saved *saved)
{
	const unsigned char *desc = saved->prstatus.desc;
	uint32_t pid = 0;

	if (saved->prstatus.size >= STK_PRSTATUS_REG)
		memcpy(&pid, desc + PRSTATUS_PID, sizeof(pid));
	return pid;
}

bool stk_saved_same(const struct stk_saved *a, const struct stk_saved *b)
{
	const unsigned char *pa = a->prstatus.desc, *pb = b->prstatus.desc;
	size_t size = a->prstatus.size;

	return size == b->prstatus.size && size > STK_PRSTATUS_REG + PRSTATUS_TAIL &&
	       !memcmp(pa + STK_PRSTATUS_REG, pb + STK_PRSTATUS_REG,
		       size - STK_PRSTATUS_REG - PRSTATUS_TAIL);
}
