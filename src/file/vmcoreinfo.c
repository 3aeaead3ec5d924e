/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcoreinfo.h"

#include <stdio.h>
#include <string.h>

void stk_vmcoreinfo_split(char *text, size_t size)
{
	size_t to = 0;

	for (size_t i = 0; i < size && text[i]; i++) {
		bool ends = text[i] == '\n' || text[i] == '\r';

		/* An empty line, or the second half of an end, is no string. */
		if (!ends)
			text[to++] = text[i];
		else if (to && text[to - 1])
			text[to++] = '\0';
	}
	text[to] = text[to + 1] = '\0';
}

const char *stk_vmcoreinfo_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p += strlen(p) + 1)
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

bool stk_vmcoreinfo_adds(const char *text, const char *known)
{
	for (const char *p = text; p && *p; p += strlen(p) + 1) {
		const char *here, *there;
		char key[128];

		/* Of several lines the first counts. */
		if (sscanf(p, "%127[^=]", key) != 1 ||
		    !(here = stk_vmcoreinfo_value(text, key)))
			continue;
		there = stk_vmcoreinfo_value(known, key);
		if (!there || strcmp(here, there))
			return true;
	}
	return false;
}
