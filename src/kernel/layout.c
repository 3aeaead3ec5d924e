/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"

#define NR_BUCKETS 512u

/* What was asked, and the answer. A symbol has no type, the size of a type no name. */
struct fact {
	struct fact *next;
	const char *type, *name;
	enum stk_status status;
	uint64_t addr;
	struct stk_member member; /* a size is in member.size */
};

struct stk_layout {
	struct stk_arena *arena; /* of the session that it is from; tests share it */
	struct fact *bucket[NR_BUCKETS];
	bool vmcoreinfo_tried;
	char *vmcoreinfo; /* lines turned into strings, ended by an empty one */
};

static struct stk_layout *layout_of(struct stk *s)
{
	if (!s->layout)
		s->layout = stk_arena_alloc(&s->fixed, sizeof(*s->layout));
	if (s->layout && !s->layout->arena)
		s->layout->arena = &s->fixed;
	return s->layout;
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

static enum stk_status lookup_fact(struct stk *s, struct fact *f)
{
	const struct stk_type_ops *types = s->target.types;

	if (!f->type)
		return lookup_symbol(s, f->name, &f->addr);
	if (!f->name)
		return types->size(s->target.types_priv, f->type, &f->member.size);
	return types->member(s->target.types_priv, f->type, f->name, &f->member);
}

static uint32_t hash_name(uint32_t hash, const char *name)
{
	while (name && *name)
		hash = hash * 0x01000193u + (unsigned char)*name++;
	return hash;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A "no" for now: it is asked again. */
static bool is_passing(enum stk_status st)
{
	return st == STK_ERR_INTERRUPTED || st == STK_ERR_LIMIT || st == STK_ERR_NOMEM;
}

/* The answer to a question, of the first time that it was asked. */
static enum stk_status find_fact(struct stk *s, const char *type, const char *name,
				 const struct fact **out)
{
	struct stk_layout *l = layout_of(s);
	struct fact **at, *f, new = { .type = type, .name = name };

	if (!l)
		return STK_ERR_NOMEM;
	at = &l->bucket[hash_name(hash_name(0, type), name) * 0x9e3779b1u >> 23];
	for (f = *at; f && !(is_same(f->name, name) && is_same(f->type, type));)
		f = f->next;
	if (!f) {
		new.status = lookup_fact(s, &new);
		if (is_passing(new.status))
			return new.status;
		f = stk_arena_alloc(l->arena, sizeof(*f));
		if (!f)
			return STK_ERR_NOMEM;
		*f = new;
		f->next = *at;
		*at = f;
	}
	*out = f;
	return f->status;
}

bool stk_find_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	const struct fact *f;

	if (find_fact(s, NULL, name, &f))
		return false;
	*addr = f->addr;
	return true;
}

bool stk_has_symbol(struct stk *s, const char *name)
{
	const struct fact *f;

	return !find_fact(s, NULL, name, &f);
}

bool stk_find_member(struct stk *s, const char *type, const char *member,
		     struct stk_member *out)
{
	const struct fact *f;

	if (find_fact(s, type, member, &f))
		return false;
	*out = f->member;
	return true;
}

bool stk_find_size(struct stk *s, const char *type, uint32_t *size)
{
	const struct fact *f;

	if (find_fact(s, type, NULL, &f))
		return false;
	*size = f->member.size;
	return true;
}

enum stk_status stk_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	const struct fact *f;
	enum stk_status st = find_fact(s, NULL, name, &f);

	if (st)
		return stk_fail(s, st, "symbol %s: %s", name, stk_status_text(st));
	*addr = f->addr;
	return STK_OK;
}

enum stk_status stk_member(struct stk *s, const char *type, const char *member,
			   struct stk_member *out)
{
	const struct fact *f;
	enum stk_status st = find_fact(s, type, member, &f);

	if (st)
		return stk_fail(s, st, "%s.%s: %s", type, member, stk_status_text(st));
	*out = f->member;
	return STK_OK;
}

enum stk_status stk_size(struct stk *s, const char *type, uint32_t *size)
{
	const struct fact *f;
	enum stk_status st = find_fact(s, type, NULL, &f);

	if (st)
		return stk_fail(s, st, "type %s: %s", type, stk_status_text(st));
	*size = f->member.size;
	return STK_OK;
}

enum stk_status stk_read_member(struct stk *s, uint64_t base, const char *type,
				const char *member, uint64_t *value)
{
	struct stk_member m;
	enum stk_status st = stk_member(s, type, member, &m);

	if (st)
		return st;
	if (m.size != 1 && m.size != 2 && m.size != 4 && m.size != 8)
		return stk_fail(s, STK_ERR_NO_TYPE, "%s.%s is no integer", type, member);
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
static char *read_vmcoreinfo(struct stk *s, const char *symbol, uint64_t size)
{
	uint64_t at, data;
	char *text, *p;

	if (!stk_find_symbol(s, symbol, &at) || stk_read_u64(s, at, &data))
		return NULL;
	/* The note's header and name: 12 bytes and "VMCOREINFO", padded. */
	if (!strcmp(symbol, "vmcoreinfo_note"))
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

	if (!stk_find_symbol(s, "vmcoreinfo_size", &at) || stk_read_u64(s, at, &size) ||
	    size > VMCOREINFO_MAX)
		return;
	l->vmcoreinfo = read_vmcoreinfo(s, "vmcoreinfo_data", size);
	if (!l->vmcoreinfo)
		l->vmcoreinfo = read_vmcoreinfo(s, "vmcoreinfo_note", size);
}

const char *stk_vmcoreinfo(struct stk *s, const char *key)
{
	struct stk_layout *l = layout_of(s);
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
