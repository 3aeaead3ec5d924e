/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <stdarg.h>

#include "../base/safe.h"

void cli_complain_here(void *name, const char *text)
{
	fprintf(stderr, "%s: %s\n", (const char *)name, text);
}

enum cli_status cli_refuse(const struct stk_command_info *info, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_complain_here((void *)(uintptr_t)info->name, text);
	cli_print_synopsis(stderr, info);
	return CLI_USAGE;
}
