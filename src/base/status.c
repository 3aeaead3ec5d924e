/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/status.h>

static const struct {
	const char *code, *text;
} statuses[] = {
#define STK_STATUS_ROW(name, code, text) [name] = { code, text },
	STK_STATUSES(STK_STATUS_ROW)
#undef STK_STATUS_ROW
};

const char *stk_status_name(enum stk_status status)
{
	return (unsigned int)status < STK_NR_STATUS ? statuses[status].code : "unknown";
}

const char *stk_status_text(enum stk_status status)
{
	return (unsigned int)status < STK_NR_STATUS ? statuses[status].text
						    : "unknown error";
}
