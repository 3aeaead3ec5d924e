/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400u

const char *stk_duration_text(uint64_t seconds, char *text, size_t size)
{
	const uint64_t days = seconds / DAY;
	char before[40] = "";

	if (days)
		snprintf(before, sizeof(before), "%" PRIu64 " day%s ", days,
			 days == 1 ? "" : "s");
	snprintf(text, size, "%s%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, before,
		 seconds % DAY / 3600, seconds / 60 % 60, seconds % 60);
	return text;
}
