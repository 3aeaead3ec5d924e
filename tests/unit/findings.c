/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "findings.h"
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>

void expect_about(const struct stk_finding *f, const char *want)
{
	char address[32] = "", about[300];

	if (f->has_address)
		snprintf(address, sizeof(address), ", 0x%" PRIx64, f->address);
	snprintf(about, sizeof(about), "CPU %d, PID %" PRId64 "%s%s%s%s%s%s", f->cpu,
		 f->pid, address, f->function ? ", " : "", f->function ? f->function : "",
		 f->module ? " [" : "", f->module ? f->module : "", f->module ? "]" : "");
	ck_assert_str_eq(about, want);
}
