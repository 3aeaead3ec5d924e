/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/safe.h"
#include "kallsyms.h"

#define NR_BUCKETS 512u
#define NR_RECENT  512u

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
	/*
	 * By the pointers that they were asked with: the names in the code are constants.
	 * Two that want the same place are next to each other.
	 */
	struct recent {
		const char *type, *name;
		const struct fact *fact;
	} recent[NR_RECENT][2];
};

static struct stk_layout *layout_of(struct stk *s)
{
	if (!s->layout)
		s->layout = stk_arena_alloc(&s->fixed, sizeof(*s->layout));
	if (s->layout && !s->layout->arena)
		s->layout->arena = &s->fixed;
	return s->layout;
}

enum stk_status stk_lookup_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;
	char key[STK_MAX_NAME + sizeof("SYMBOL()")];
	enum stk_status st;

	/* A namelist knows all that kallsyms does; searching both for what an era lacks
	 * would only cost time. */
	if (ops)
		return ops->address(s->target.symbols_priv, name, addr);
	st = stk_kallsyms_address(s, name, addr);
	/* The few that are wanted to read a dump are in VMCOREINFO, whatever was left
	 * out. */
	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	if (st == STK_ERR_NO_SYMBOL && stk_vmcoreinfo_number(s, key, 16, addr))
		return STK_OK;
	return st;
}

static enum stk_status lookup_fact(struct stk *s, struct fact *f)
{
	const struct stk_type_ops *types = s->target.types;

	if (!f->type)
		return stk_lookup_symbol(s, f->name, &f->addr);
	if (!f->name)
		return types->size(s->target.types_priv, f->type, &f->member.size);
	return types->member(s->target.types_priv, f->type, f->name, &f->member);
}

static uint32_t hash_question(const char *type, const char *name)
{
	return (type ? stk_hash_string(type, SIZE_MAX) : 0) * STK_HASH_FACTOR +
	       (name ? stk_hash_string(name, SIZE_MAX) : 0);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A "no" for now: it is asked again. */
static bool is_for_now(const struct stk *s, const struct fact *f)
{
	enum stk_status st = f->status;

	/* What a machine that runs has in pieces may be whole the next time. */
	if (s->target.live && st && st != STK_ERR_NO_SYMBOL && st != STK_ERR_NO_TYPE)
		return true;
	/* Each question that wants a type is told that it was lost. */
	return stk_is_passing(st) ||
	       (f->type &&
		(st == STK_ERR_EXCLUDED || st == STK_ERR_CUT_OFF || st == STK_ERR_IO));
}

/*
 * The answer to a question, of the first time that it was asked; NULL: for @st. Apart
 * from what is asked for each frame, which would save the registers that this wants.
 */
__attribute__((noinline)) static const struct fact *
ask_fact(struct stk *s, struct stk_layout *l, const char *type, const char *name,
	 enum stk_status *st)
{
	struct fact **at, *f, new = { .type = type, .name = name };

	*st = STK_ERR_NOMEM;
	at = &l->bucket[hash_question(type, name) * 0x9e3779b1u >> 23];
	for (f = *at; f && !(is_same(f->name, name) && is_same(f->type, type));)
		f = f->next;
	if (!f) {
		new.status = lookup_fact(s, &new);
		if (is_for_now(s, &new)) {
			*st = new.status;
			return NULL;
		}
		f = stk_arena_alloc(l->arena, sizeof(*f));
		if (!f)
			return NULL;
		*f = new;
		f->next = *at;
		*at = f;
	}
	return f;
}

static struct recent *recent_of(struct stk_layout *l, const char *type, const char *name)
{
	return l->recent[stk_hash_number((uintptr_t)name * 3 + (uintptr_t)type) %
			 NR_RECENT];
}

/* Apart from what is asked for each frame, which would save the registers that this
 * wants. */
__attribute__((noinline)) static const struct fact *
find_other_fact(struct stk *s, const char *type, const char *name, enum stk_status *st)
{
	struct stk_layout *l = layout_of(s);
	const struct fact *f;
	struct recent *r;

	*st = STK_ERR_NOMEM;
	f = l ? ask_fact(s, l, type, name, st) : NULL;
	if (!f)
		return NULL;
	r = recent_of(l, type, name);
	r[1] = r[0];
	r[0] = (struct recent){ type, name, f };
	*st = f->status;
	return *st ? NULL : f;
}

static const struct fact *find_fact(struct stk *s, const char *type, const char *name,
				    enum stk_status *st)
{
	const struct recent *r = s->layout ? recent_of(s->layout, type, name) : NULL;

	if (r && (r->name != name || r->type != type))
		r++;
	if (!r || r->name != name || r->type != type || !r->fact)
		return find_other_fact(s, type, name, st);
	*st = r->fact->status;
	return *st ? NULL : r->fact;
}

bool stk_find_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	enum stk_status st;
	const struct fact *f = find_fact(s, NULL, name, &st);

	if (!f)
		return false;
	*addr = f->addr;
	return true;
}

bool stk_has_symbol(struct stk *s, const char *name)
{
	enum stk_status st;

	return find_fact(s, NULL, name, &st) != NULL;
}

bool stk_between_symbols(struct stk *s, const char *begin, const char *end, uint64_t addr)
{
	uint64_t first, behind;

	return stk_find_symbol(s, begin, &first) && stk_find_symbol(s, end, &behind) &&
	       stk_within(addr, first, behind);
}

bool stk_find_member(struct stk *s, const char *type, const char *member,
		     struct stk_member *out)
{
	enum stk_status st;
	const struct fact *f = find_fact(s, type, member, &st);

	if (!f)
		return false;
	*out = f->member;
	return true;
}

bool stk_find_size(struct stk *s, const char *type, uint32_t *size)
{
	enum stk_status st;
	const struct fact *f = find_fact(s, type, NULL, &st);

	if (!f)
		return false;
	*size = f->member.size;
	return true;
}

/* The same for whoever cannot do without: a failure has a text. */
static const struct fact *need_fact(struct stk *s, const char *type, const char *name,
				    enum stk_status *st)
{
	const struct fact *f = find_fact(s, type, name, st);

	if (f)
		return f;
	if (type && name)
		stk_fail(s, *st, "%s.%s: %s", type, name, stk_status_text(*st));
	else
		stk_fail(s, *st, "%s %s: %s", type ? "type" : "symbol",
			 type ? type : name, stk_status_text(*st));
	return NULL;
}

enum stk_status stk_symbol(struct stk *s, const char *name, uint64_t *addr)
{
	enum stk_status st;
	const struct fact *f = need_fact(s, NULL, name, &st);

	if (f)
		*addr = f->addr;
	return st;
}

enum stk_status stk_member(struct stk *s, const char *type, const char *member,
			   struct stk_member *out)
{
	enum stk_status st;
	const struct fact *f = need_fact(s, type, member, &st);

	if (f)
		*out = f->member;
	return st;
}

enum stk_status stk_size(struct stk *s, const char *type, uint32_t *size)
{
	enum stk_status st;
	const struct fact *f = need_fact(s, type, NULL, &st);

	if (f)
		*size = f->member.size;
	return st;
}

enum stk_status stk_read_member(struct stk *s, uint64_t base, const char *type,
				const char *member, uint64_t *value)
{
	struct stk_member m = { 0 };
	enum stk_status st = stk_member(s, type, member, &m);

	if (st)
		return st;
	if (m.size != 1 && m.size != 2 && m.size != 4 && m.size != 8)
		return stk_fail(s, STK_ERR_NO_TYPE, "%s.%s is no integer", type, member);
	*value = 0;
	return stk_read(s, base + m.offset, value, m.size);
}
