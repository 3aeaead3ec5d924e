/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user knows of a dump, and it does not say. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/safe.h"

/* All of @text, which may be negative. */
static bool parse_number(const char *text, int base, int64_t *n)
{
	const char *digits = text + (*text == '-');
	char *end;

	errno = 0;
	*n = *text == '-' ? strtoll(text, &end, base)
			  : (int64_t)strtoull(text, &end, base);
	return isxdigit((unsigned char)*digits) && !*end && !errno;
}

bool cli_take_known(struct cli_request *r, const struct stk_args *args, char *text,
		    size_t size)
{
	const char *kaslr = stk_value(args, CLI_KASLR);
	const char *base = stk_value(args, CLI_PHYS_BASE);
	char safe[80];
	int64_t offset;

	r->how.namelist = stk_value(args, 'n');
	r->how.memory = stk_value(args, 'm');
	if (!r->how.memory && stk_given(args, CLI_RAW))
		r->how.memory = "0-"; /* all of it, where it was */
	r->how.vmcoreinfo = stk_value(args, CLI_VMCOREINFO);
	if (kaslr) {
		if (*kaslr == '-' || !parse_number(kaslr, 16, &offset)) {
			snprintf(text, size,
				 "--kaslr: not a number in hexadecimal: \"%s\"",
				 stk_safe_text(safe, sizeof(safe), kaslr));
			return false;
		}
		r->kaslr = (uint64_t)offset;
		r->how.kaslr = &r->kaslr;
	}
	if (base) {
		if (!parse_number(base, 0, &r->phys_base)) {
			snprintf(text, size, "--phys-base: not a number: \"%s\"",
				 stk_safe_text(safe, sizeof(safe), base));
			return false;
		}
		r->how.phys_base = &r->phys_base;
	}
	return true;
}
