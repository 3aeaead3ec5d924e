/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose registers are those of a stopped virtual machine's CPU? After a panic it may run
 * the capture kernel, or be reset and run the firmware, while all else in memory is
 * still this kernel's. Only what cannot be of this kernel is told.
 */
#include "note.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../base/say.h"

/*
 * What crashkernel= reserved: nothing of this kernel is there but what it loaded for the
 * capture kernel, the page tables of the jump to it (machine_kexec_64.c) among that.
 */
static const char *in_capture_kernel(struct stk *s, uint64_t table)
{
	static const char *const reserved[] = { "crashk_res", "crashk_low_res" };
	uint64_t at, begin, end;
	struct stk_member first, last;

	if (!stk_find_member(s, "resource", "start", &first) ||
	    !stk_find_member(s, "resource", "end", &last))
		return NULL;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (stk_find_symbol(s, reserved[i], &at) &&
		    !stk_read_u64(s, at + first.offset, &begin) &&
		    !stk_read_u64(s, at + last.offset, &end) && end > begin &&
		    table >= begin && table <= end)
			return stk_say(
				s,
				"the CPU ran the capture kernel: CR3 %#llx is in the "
				"memory reserved for it (%s, %#llx-%#llx)",
				(unsigned long long)table, reserved[i],
				(unsigned long long)begin, (unsigned long long)end);
	return NULL;
}

const char *x86_foreign_regs(struct stk *s, const struct stk_saved *saved, bool *capture)
{
	/* The user's tables have the entry code, too (pti_clone_entry_text()). */
	static const char *const mapped[] = { "__entry_text_start", "_stext" };
	struct x86_system system;
	const char *why;
	uint64_t at;

	*capture = false;
	if (!x86_read_system(s, saved, &system) || !system.has_cr3)
		return NULL;
	why = in_capture_kernel(s, x86_cr3_table(system.cr3));
	*capture = why;
	if (why)
		return why;
	for (size_t i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++) {
		if (!stk_find_symbol(s, mapped[i], &at))
			continue;
		if (x86_maps_same(s, system.cr3, at))
			return NULL;
		return stk_say(
			s,
			"the CPU ran firmware or another kernel: the page tables of CR3 "
			"%#llx do not map this one's %s",
			(unsigned long long)system.cr3, mapped[i]);
	}
	return NULL;
}
