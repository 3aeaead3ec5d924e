/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are the tables those of the kernel, and undamaged? */
#include "kallsyms_parts.h"

#include <string.h>

#include "../base/sorted.h"
#include "layout.h"

#define STEPS_A_NAME 16u

/* Is @name among the symbols at @addr? */
static bool has_name(struct stk *s, const struct stk_kallsyms *k, uint64_t addr,
		     const char *name)
{
	for (size_t i = stk_keys_below(k->addr, k->nr, addr);
	     i < k->nr && k->addr[i] == addr && stk_spend(s, STEPS_A_NAME); i++)
		if (stk_kallsyms_named(k, (uint32_t)i, name))
			return true;
	return false;
}

/*
 * Without CONFIG_KALLSYMS_ALL only what lies in the image's text has a name, and nearly
 * all of them have a type, the first character of the first token, of code: where a part
 * of the text begins data may begin as well (__init_begin). With it a third is data, most
 * of which lies behind the text.
 */
static bool lists_text_only(const struct stk_kallsyms *k)
{
	uint32_t data = 0;

	for (uint32_t i = k->nr; i-- && data <= k->nr / 16;) {
		size_t pos = k->pos[i], len;
		char type;

		stk_kallsyms_name_length(k, &pos, &len);
		type = len ? *k->tokens[k->names[pos]] : '\0';
		data += type == '\0' || !strchr("tTwW", type);
	}
	return data <= k->nr / 16;
}

/*
 * A page lost from the tables would give wrong names that look right: the addresses
 * must rise, and symbols that VMCOREINFO knows must be where it says.
 */
enum stk_status stk_kallsyms_verify(struct stk *s, struct stk_kallsyms *k)
{
	static const struct {
		const char *key, *name;
		bool data;
	} known[] = {
		{ "SYMBOL(_stext)", "_stext", false },
		{ "SYMBOL(init_uts_ns)", "init_uts_ns", true },
	};
	uint64_t addr;

	k->text_only = lists_text_only(k);
	for (uint32_t i = 1; i < k->nr; i++)
		if (k->addr[i] < k->addr[i - 1])
			return stk_fail(s, STK_ERR_CORRUPT,
					"kallsyms_offsets is damaged");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!(known[i].data && k->text_only) &&
		    stk_vmcoreinfo_number(s, known[i].key, 16, &addr) &&
		    !has_name(s, k, addr, known[i].name))
			return stk_fail(
				s, STK_ERR_CORRUPT,
				"the kallsyms tables are damaged: %s is not in its "
				"place",
				known[i].name);
	return STK_OK;
}
