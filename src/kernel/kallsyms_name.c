/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A symbol's name: a length and as many tokens. */
#include "kallsyms_parts.h"

#include "../base/safe.h"

size_t stk_kallsyms_expand(const struct stk_kallsyms *k, uint32_t i, char *buf,
			   size_t room)
{
	size_t pos = k->pos[i], len, out = 0;
	bool type = true;

	stk_kallsyms_name_length(k, &pos, &len);
	while (len-- && out + 1 < room) {
		for (const char *p = k->tokens[k->names[pos++]]; *p; p++) {
			if (!type && out + 1 < room)
				buf[out++] = *p;
			type = false;
		}
	}
	buf[out] = '\0';
	return out;
}

bool stk_kallsyms_named(const struct stk_kallsyms *k, uint32_t i, const char *name)
{
	size_t pos = k->pos[i], len;
	bool type = true;

	stk_kallsyms_name_length(k, &pos, &len);
	while (len--) {
		for (const char *p = k->tokens[k->names[pos++]]; *p; p++) {
			if (!type && *p != *name++)
				return false;
			type = false;
		}
	}
	return !*name;
}
