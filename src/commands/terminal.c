/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

/* Without setlocale(), which is the program's own: crash's, or whose library we are. */
static bool is_locale_utf8(void)
{
	locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = own && !strcmp(nl_langinfo_l(CODESET, own), "UTF-8");

	if (own)
		freelocale(own);
	return utf8;
}

bool stk_reads_bytes(FILE *fp)
{
	return isatty(fileno(fp)) && !is_locale_utf8();
}
