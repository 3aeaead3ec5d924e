/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/kernel.h>

#include <string.h>

#include "../machine/memory.h"
#include "cpus.h"
#include "layout.h"

static enum stk_status describe_machine(struct stk *s, struct stk_machine *out)
{
	struct stk_member name, m;
	uint64_t uts, time;
	enum stk_status st = stk_prepare(s);

	memset(out, 0, sizeof(*out));
	out->incomplete = s->target.incomplete;
	if (st)
		return st;
	/* A dump of a machine that did not panic has no CRASHTIME. */
	if (stk_vmcoreinfo_number(s, "CRASHTIME", 10, &time))
		out->crash_time = (int64_t)time;
	if (!stk_find_symbol(s, "init_uts_ns", &uts) ||
	    !stk_find_member(s, "uts_namespace", "name", &name))
		return STK_OK;
	uts += name.offset;
	if (!stk_left_out(s, STK_NAMES_LEFT_OUT) &&
	    stk_find_member(s, "new_utsname", "nodename", &m))
		out->node = stk_string_at(s, uts + m.offset, m.size);
	if (stk_find_member(s, "new_utsname", "version", &m))
		out->version = stk_string_at(s, uts + m.offset, m.size);
	return STK_OK;
}

enum stk_status stk_machine(struct stk *s, struct stk_machine *out)
{
	stk_enter(s);
	return stk_leave(s, describe_machine(s, out));
}
