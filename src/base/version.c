/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/version.h>

#define TEXT_OF(x)	 #x
#define VERSION(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *stk_version(void)
{
	return VERSION(STK_VERSION_MAJOR, STK_VERSION_MINOR, STK_VERSION_PATCH);
}

unsigned int stk_version_number(void)
{
	return STK_VERSION_NUMBER;
}
