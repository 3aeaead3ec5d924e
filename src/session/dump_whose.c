/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the kernel that the page tables lead to the one that VMCOREINFO is of? */
#include <stackinfo/kernel.h>
#include <stdio.h>
#include <string.h>

#include "../base/safe.h"
#include "../arch/arch.h"
#include "../machine/memory.h"
#include "../machine/saved.h"
#include "../machine/vmcoreinfo.h"
#include "dump_open.h"

/* What its own banner tells; false: it cannot be read. */
static bool banner_release(struct stk_dump *d, char release[STK_RELEASE_SIZE])
{
	char banner[128];
	uint64_t at;

	return !stk_symbol_address(d->session, "linux_banner", &at) &&
	       !stk_read_string(d->session, at, banner, sizeof(banner)) &&
	       sscanf(banner, "Linux version %64s", release) == 1;
}

/*
 * What the kernel has where VMCOREINFO says, though its symbols may be missing: in fields
 * of struct new_utsname, which user space knows and which never change.
 */
static bool uts_release(struct stk_dump *d, char release[STK_RELEASE_SIZE])
{
	struct {
		char sysname[STK_RELEASE_SIZE], nodename[STK_RELEASE_SIZE],
			release[STK_RELEASE_SIZE];
	} uts = { 0 };
	uint64_t at, offset;

	if (!stk_vmcoreinfo_number(d->session, "SYMBOL(init_uts_ns)", 16, &at) ||
	    !stk_vmcoreinfo_number(d->session, "OFFSET(uts_namespace.name)", 10,
				   &offset) ||
	    stk_read(d->session, at + offset, &uts, sizeof(uts)) ||
	    strncmp(uts.sysname, "Linux", sizeof(uts.sysname)) != 0 || !uts.release[0])
		return false;
	memcpy(release, uts.release, STK_RELEASE_SIZE - 1);
	release[STK_RELEASE_SIZE - 1] = '\0';
	stk_safe_bytes(release, strlen(release));
	return true;
}

int stk_dump_is_its_kernel(struct stk_dump *d, char own[STK_RELEASE_SIZE])
{
	const char *release = stk_dump_vmcoreinfo_line(d, "OSRELEASE");

	if (!release || !(banner_release(d, own) || uts_release(d, own)))
		return -1;
	return !strcmp(release, own);
}

int stk_dump_was_running(struct stk_dump *d)
{
	struct stk *s = d->session;
	struct stk_saved saved;
	bool any = false, capture;

	for (unsigned int i = 0; stk_saved_nth(s, i, &saved); i++) {
		/* Who saves registers in a kernel's memory is that kernel. */
		if (!saved.qemu.size)
			continue;
		any = true;
		if (!s->arch->foreign_regs(s, &saved, &capture) || capture)
			return 1;
	}
	return any ? 0 : -1;
}
