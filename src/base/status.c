/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/status.h>

const char *stk_status_text(enum stk_status status)
{
	static const char *const text[] = {
#define STK_STATUS_TEXT(name, text) [name] = text,
		STK_STATUSES(STK_STATUS_TEXT)
#undef STK_STATUS_TEXT
	};

	if ((unsigned int)status >= STK_NR_STATUS)
		return "unknown error";
	return text[status];
}
