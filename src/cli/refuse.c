/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <stdarg.h>
#include <string.h>

#include "../base/safe.h"
#include "../commands/terminal.h"

void cli_complain_here(void *name, const char *text)
{
	fprintf(stderr, "%s: ", (const char *)name);
	if (stk_reads_bytes(stderr))
		stk_print_ascii(stderr, text, strlen(text));
	else
		fputs(text, stderr);
	fputc('\n', stderr);
}

void cli_complain_unwritten(int error)
{
	fprintf(stderr, "stackinfo: the answer could not be written%s%s\n",
		error ? ": " : "", error ? strerror(error) : "");
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
