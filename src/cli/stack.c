/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <sys/resource.h>

/* Twice what the largest answers were seen to take. */
#define NEEDED (256u * 1024)

bool cli_take_stack(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= NEEDED)
		return true;
	/* It is looked at when the stack grows: what is set now is in force. */
	limit.rlim_cur = limit.rlim_max < NEEDED ? limit.rlim_max : NEEDED;
	if (limit.rlim_cur >= NEEDED && !setrlimit(RLIMIT_STACK, &limit))
		return true;
	fprintf(stderr,
		"stackinfo: the stack may have %ju KiB (ulimit -s), and %u are needed\n",
		(uintmax_t)limit.rlim_max / 1024, NEEDED / 1024);
	return false;
}
