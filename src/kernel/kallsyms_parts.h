/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms_parts.h - what the files kallsyms*.c share. */
#ifndef STK_KALLSYMS_PARTS_H
#define STK_KALLSYMS_PARTS_H

#include "../base/context.h"
#include "../base/hash.h"

#define STK_KALLSYMS_TOKENS 256u
#define STK_KALLSYMS_SHARE  2u /* of the budget */
#define STK_KALLSYMS_RECENT 256u

/* What was looked up last, of the addresses that share a slot. */
struct stk_kallsyms_recent {
	uint64_t addr;
	uint32_t index, next; /* next: 0: nothing was */
};

struct stk_kallsyms {
	uint32_t nr;
	uint64_t *addr; /* in kallsyms order */
	uint32_t *pos;	/* of each name in names, and of their end */
	unsigned char *names;
	size_t names_size;
	char *tokens[STK_KALLSYMS_TOKENS];
	/* The names asked for so far. */
	struct stk_kallsyms_expanded {
		uint32_t index;
		const char *name;
	} * expanded;
	size_t nr_expanded, room_expanded;
	struct stk_hash by_index;	  /* of those */
	struct stk_kallsyms_index *index; /* of names: built when first wanted */
	bool text_only;			  /* CONFIG_KALLSYMS_ALL=n */
	struct stk_kallsyms_recent recent[STK_KALLSYMS_RECENT];
};

/* kallsyms.c: the tables, read once. STK_ERR_NO_SYMBOL: there are none for good. */
enum stk_status stk_kallsyms_once(struct stk *s, struct stk_kallsyms **out);
/* To the next symbol with another address; 0: there is none. */
uint64_t stk_kallsyms_symbol_size(const struct stk_kallsyms *k, uint64_t addr);

/* kallsyms_locate.c: where the table called @name is. */
enum stk_status stk_kallsyms_table(struct stk *s, const char *name, uint64_t *addr);

/* kallsyms_load.c: all but the index of names and text_only. */
enum stk_status stk_kallsyms_load(struct stk *s, struct stk_kallsyms *k);

/* kallsyms_verify.c: tells text_only, too. */
enum stk_status stk_kallsyms_verify(struct stk *s, struct stk_kallsyms *k);

/* Length of the name at @pos; moves @pos to its first token. Asked for each symbol. */
static inline bool stk_kallsyms_name_length(const struct stk_kallsyms *k, size_t *pos,
					    size_t *len)
{
	*len = 0;
	if (*pos >= k->names_size)
		return false;
	*len = k->names[(*pos)++];
	if (*len & 0x80) {
		if (*pos >= k->names_size)
			return false;
		*len = (*len & 0x7f) | (size_t)k->names[(*pos)++] << 7;
	}
	return *len <= k->names_size - *pos;
}

/* kallsyms_name.c: write the name of symbol @i, without its type, to @buf; returns its
 * length. */
size_t stk_kallsyms_expand(const struct stk_kallsyms *k, uint32_t i, char *buf,
			   size_t room);
/* Is it that of symbol @i? */
bool stk_kallsyms_named(const struct stk_kallsyms *k, uint32_t i, const char *name);

#endif
