/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"

static const char *const symbol_names[] = {
#define STK_NAME(name) #name,
	STK_SYMBOL_LIST(STK_NAME)
#undef STK_NAME
};

static const struct {
	const char *type, *member;
} member_names[] = {
#define STK_NAME(type, member) { #type, #member },
	STK_MEMBER_LIST(STK_NAME)
#undef STK_NAME
};

static const char *const size_names[] = {
#define STK_NAME(type) #type,
	STK_SIZE_LIST(STK_NAME)
#undef STK_NAME
};

struct stk_layout {
	struct {
		bool asked;
		enum stk_status status;
		uint64_t addr;
	} symbol[STK_NR_SYMBOLS];
	struct {
		bool asked;
		enum stk_status status;
		struct stk_member member;
	} member[STK_NR_MEMBERS];
	struct {
		bool asked;
		enum stk_status status;
		uint32_t size;
	} size[STK_NR_SIZES];
	bool vmcoreinfo_tried;
	char *vmcoreinfo; /* lines turned into strings, ended by an empty one */
};

static struct stk_layout *get_layout(struct stk *s)
{
	if (!s->layout)
		s->layout = stk_arena_alloc(&s->fixed, sizeof(*s->layout));
	return s->layout;
}

const char *stk_symbol_id_name(enum stk_symbol_id id)
{
	return symbol_names[id];
}

static enum stk_status lookup_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;

	/* A namelist knows all that kallsyms does; searching both for what an era lacks
	 * would only cost time. */
	if (ops)
		return ops->address(s->target.symbols_priv, name, addr);
	return stk_kallsyms_address(s, name, addr);
}

enum stk_status stk_sym_id(struct stk *s, enum stk_symbol_id id, uint64_t *addr)
{
	struct stk_layout *l = get_layout(s);

	if (!l)
		return STK_ERR_NOMEM;
	if (!l->symbol[id].asked) {
		uint64_t value = 0;
		enum stk_status st = lookup_symbol(s, symbol_names[id], &value);

		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_LIMIT)
			return st;
		l->symbol[id].addr = value;
		l->symbol[id].status = st;
		l->symbol[id].asked = true;
	}
	if (l->symbol[id].status)
		return stk_fail(s, l->symbol[id].status, "symbol %s: %s",
				symbol_names[id], stk_status_text(l->symbol[id].status));
	*addr = l->symbol[id].addr;
	return STK_OK;
}

bool stk_has_sym_id(struct stk *s, enum stk_symbol_id id)
{
	uint64_t addr;

	return stk_sym_id(s, id, &addr) == STK_OK;
}

enum stk_status stk_member_id(struct stk *s, enum stk_member_id id,
			      struct stk_member *out)
{
	struct stk_layout *l = get_layout(s);
	const char *type = member_names[id].type, *member = member_names[id].member;

	if (!l)
		return STK_ERR_NOMEM;
	if (!l->member[id].asked) {
		struct stk_member m = { 0 };
		enum stk_status st =
			s->target.types->member(s->target.types_priv, type, member, &m);

		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_LIMIT)
			return st;
		l->member[id].member = m;
		l->member[id].status = st;
		l->member[id].asked = true;
	}
	if (l->member[id].status)
		return stk_fail(s, l->member[id].status, "%s.%s: %s", type, member,
				stk_status_text(l->member[id].status));
	*out = l->member[id].member;
	return STK_OK;
}

enum stk_status stk_size_id(struct stk *s, enum stk_size_id id, uint32_t *size)
{
	struct stk_layout *l = get_layout(s);

	if (!l)
		return STK_ERR_NOMEM;
	if (!l->size[id].asked) {
		uint32_t value = 0;
		enum stk_status st = s->target.types->size(s->target.types_priv,
							   size_names[id], &value);

		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_LIMIT)
			return st;
		l->size[id].size = value;
		l->size[id].status = st;
		l->size[id].asked = true;
	}
	if (l->size[id].status)
		return stk_fail(s, l->size[id].status, "type %s: %s", size_names[id],
				stk_status_text(l->size[id].status));
	*size = l->size[id].size;
	return STK_OK;
}

enum stk_status stk_read_member_id(struct stk *s, uint64_t base, enum stk_member_id id,
				   uint64_t *value)
{
	struct stk_member m;
	enum stk_status st = stk_member_id(s, id, &m);

	if (st)
		return st;
	if (m.size != 1 && m.size != 2 && m.size != 4 && m.size != 8)
		return stk_fail(s, STK_ERR_NO_TYPE, "%s.%s is no integer",
				member_names[id].type, member_names[id].member);
	*value = 0;
	return stk_read(s, base + m.offset, value, m.size);
}

/* ---- VMCOREINFO ---- */

#define VMCOREINFO_MAX (64u * 1024)

/*
 * The kernel keeps the text in its own memory as well as in the dump's note
 * (kernel/crash_core.c). At a crash vmcoreinfo_data is turned to a copy in the memory
 * of the crash kernel, which is not in the dump: vmcoreinfo_note then still is.
 */
static char *read_vmcoreinfo(struct stk *s, enum stk_symbol_id id, uint64_t size)
{
	uint64_t at, data;
	char *text, *p;

	if (stk_sym_id(s, id, &at) || stk_read_u64(s, at, &data))
		return NULL;
	/* The note's header and name: 12 bytes and "VMCOREINFO", padded. */
	if (id == STK_SYM_vmcoreinfo_note)
		data += 24;
	text = stk_arena_alloc(&s->fixed, size + 2);
	if (!text || stk_read(s, data, text, size))
		return NULL;
	for (p = text; p < text + size; p++)
		if (*p == '\n')
			*p = '\0';
	return text;
}

static void load_vmcoreinfo(struct stk *s, struct stk_layout *l)
{
	uint64_t at, size;

	if (stk_sym(s, vmcoreinfo_size, &at) || stk_read_u64(s, at, &size) ||
	    size > VMCOREINFO_MAX)
		return;
	l->vmcoreinfo = read_vmcoreinfo(s, STK_SYM_vmcoreinfo_data, size);
	if (!l->vmcoreinfo)
		l->vmcoreinfo = read_vmcoreinfo(s, STK_SYM_vmcoreinfo_note, size);
}

const char *stk_vmcoreinfo(struct stk *s, const char *key)
{
	struct stk_layout *l = get_layout(s);
	size_t len = strlen(key);
	const char *p;

	p = s->target.vmcoreinfo ? s->target.vmcoreinfo(s->target.vmcoreinfo_priv, key)
				 : NULL;
	if (p || !l)
		return p;
	/* Without symbols from outside they are what VMCOREINFO is needed for. */
	if (!l->vmcoreinfo_tried && s->target.symbols) {
		l->vmcoreinfo_tried = true;
		load_vmcoreinfo(s, l);
		l->vmcoreinfo_tried = !stk_must_stop(s);
	}
	for (p = l->vmcoreinfo; p && *p; p += strlen(p) + 1)
		if (!strncmp(p, key, len) && p[len] == '=')
			return p + len + 1;
	return NULL;
}

bool stk_vmcoreinfo_number(struct stk *s, const char *key, int base, uint64_t *value)
{
	const char *text = stk_vmcoreinfo(s, key);
	char *end;

	if (!text || !*text)
		return false;
	/* Numbers such as phys_base are printed signed. */
	*value = *text == '-' ? (uint64_t)strtoll(text, &end, base)
			      : (uint64_t)strtoull(text, &end, base);
	return *end == '\0';
}
