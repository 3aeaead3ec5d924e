/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "btf.h"

#include <stackinfo/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/hash.h"
#include "btf_section.h"

#define MAX_BTF_SIZE  (256u * 1024 * 1024)
#define MAX_DEPTH     8
#define MAX_RESOLVE   32u /* types that are only other names of one */
#define POINTER_SIZE  8u
#define BYTES_A_NAME  256u /* of types: more are there for each struct that has one */
#define SHARE	      2u   /* of the budget */
#define SHARE_OF_TYPE 2048u
#define MAX_NAME      512u /* KSYM_NAME_LEN; longer ones are not valid in the kernel */

struct stk_btf {
	struct stk *s;
	bool tried;
	const char *why; /* there is none; NULL: there is */
	struct stk_btf_section section;
	struct stk_hash hash; /* structs and unions by name: type numbers */
	uint32_t nr_names;
	struct stk_arena arena;
	struct stk_purse purse;
};

struct stk_btf *stk_btf_new(struct stk *s)
{
	struct stk_btf *b = calloc(1, sizeof(*b));

	if (b)
		b->s = s;
	return b;
}

static void forget(struct stk_btf *b)
{
	stk_btf_section_free(&b->section);
	stk_arena_free(&b->arena);
	b->hash = (struct stk_hash){ 0 };
	b->nr_names = 0;
}

void stk_btf_free(struct stk_btf *b)
{
	if (!b)
		return;
	forget(b);
	free(b);
}

/* That it is not there is no answer then: the question says that memory was short. */
static enum stk_status no_memory(struct stk_btf *b)
{
	stk_budget_short(&b->s->budget);
	return STK_ERR_NOMEM;
}

/* CONFIG_DEBUG_INFO_BTF puts the section .BTF into the kernel's read-only data. */
static enum stk_status open_section(struct stk_btf *b)
{
	struct stk_btf_section *section = &b->section;
	uint64_t start, stop;
	uint64_t most;
	enum stk_status st;

	b->why = "the kernel has no BTF";
	if (stk_symbol_address(b->s, "__start_BTF", &start) ||
	    stk_symbol_address(b->s, "__stop_BTF", &stop) || stop <= start ||
	    stop - start > MAX_BTF_SIZE)
		return STK_ERR_NO_TYPE;
	b->why = "the kernel's BTF is damaged, or not all in the dump";
	st = stk_btf_section_open(section, b->s, start, (uint32_t)(stop - start));
	/* The types outlive the session that pays for them; all may have names. */
	most = (section->types_end - section->types) / sizeof(struct stk_btf_type);
	most = sizeof(uint32_t) << stk_hash_bits(most);
	if (!st)
		st = stk_budget_bytes(&b->s->budget, most) ? STK_OK : STK_ERR_LIMIT;
	if (st == STK_ERR_NOMEM) {
		b->why = stk_status_text(st);
		no_memory(b);
	}
	if (st)
		forget(b);
	else
		b->why = NULL;
	return st;
}

static void open_purse(struct stk_btf *b)
{
	b->purse.kept = true;
	stk_purse_open(&b->s->budget, &b->purse, "the kernel's types", SHARE);
}

bool stk_btf_present(struct stk_btf *b, const char **why)
{
	if (!b->tried) {
		enum stk_status st;

		open_purse(b);
		st = open_section(b);
		stk_purse_close(&b->s->budget, &b->purse);
		if (b->purse.cut)
			b->why = "the kernel's BTF asks for more than types can need: "
				 "damaged or hostile";
		b->tried = !st || (st != STK_ERR_NOMEM && !b->purse.starved &&
				   !stk_interrupted(b->s));
	}
	*why = b->why;
	return !b->why;
}

/* The slot of @name: it holds its type, or 0 where it was not met yet. */
static enum stk_status find_slot(struct stk_btf *b, const char *name, uint32_t **slot)
{
	stk_hash_each (*slot, &b->hash, stk_hash_string(name, MAX_NAME)) {
		const struct stk_btf_type *t = stk_btf_type(&b->section, **slot);
		const char *known;
		enum stk_status st = stk_btf_string(&b->section, t->name, &known);

		if (st || !strncmp(known, name, MAX_NAME))
			return st;
		if (!stk_spend(b->s, 1))
			return stk_why_stop(b->s);
	}
	return STK_OK;
}

static uint32_t hash_of(const void *priv, uint32_t id)
{
	const struct stk_btf *b = priv;
	const struct stk_btf_section *section = &b->section;

	return stk_hash_string(
		stk_btf_known_string(section, stk_btf_type(section, id)->name), MAX_NAME);
}

/* What is read for it costs. Of equal names the first one counts. */
static enum stk_status add_name(struct stk_btf *b, uint32_t id, const char *name)
{
	const struct stk_btf_section *section = &b->section;
	uint32_t *slot, nr = (section->types_end - section->types) / BYTES_A_NAME;
	enum stk_status st;

	/* One that grows asks for all names again. */
	nr = nr > b->nr_names ? nr : b->nr_names + 1;
	if (!stk_hash_reserve(&b->hash, &b->arena, nr, hash_of, b))
		return no_memory(b);
	st = find_slot(b, name, &slot);
	if (!st && !*slot) {
		*slot = id;
		b->nr_names++;
	}
	return st;
}

/* One struct or union more is known, and all types before it. */
static enum stk_status meet_type(struct stk_btf *b)
{
	const char *name;
	uint32_t id;
	enum stk_status st = stk_btf_walk(&b->section);

	if (st)
		return st;
	id = b->section.nr - 1;
	st = stk_btf_string(&b->section, stk_btf_type(&b->section, id)->name, &name);
	if (!st && *name)
		st = add_name(b, id, name);
	/* What was walked and has no slot would be lost: it is met again. */
	if (st)
		stk_btf_walk_back(&b->section);
	return st;
}

/* Was the struct or union met by this name? */
static bool is_called(const struct stk_btf *b, uint32_t id, const char *name)
{
	const struct stk_btf_type *t = stk_btf_type(&b->section, id);

	return !strncmp(stk_btf_known_string(&b->section, t->name), name, MAX_NAME);
}

/*
 * Types are met until one is called @name, or @id is among them. That it takes long is no
 * fault of whoever was the first to need them.
 */
static enum stk_status meet_types(struct stk_btf *b, const char *name, uint32_t id)
{
	const struct stk_btf_section *section = &b->section;
	enum stk_status st = STK_OK;
	bool met = false;

	open_purse(b);
	while (!st && !met) {
		st = meet_type(b);
		met = name ? !st && is_called(b, section->nr - 1, name)
			   : id < section->nr;
	}
	stk_purse_close(&b->s->budget, &b->purse);
	return met ? STK_OK : st;
}

static enum stk_status find_type(struct stk_btf *b, const char *name,
				 const struct stk_btf_type **out)
{
	enum stk_status st;
	const char *why;
	uint32_t *slot, id;

	*out = NULL;
	if (!stk_btf_present(b, &why))
		return b->purse.cut || b->purse.starved ? STK_ERR_LIMIT
		       : b->tried			? STK_ERR_NO_TYPE
							: stk_why_stop(b->s);
	if (!*name)
		return STK_ERR_NO_TYPE;
	st = find_slot(b, name, &slot);
	if (st)
		return st;
	id = *slot;
	if (!id) {
		st = meet_types(b, name, 0);
		id = b->section.nr - 1;
	}
	if (!st)
		*out = stk_btf_type(&b->section, id);
	return st;
}

static enum stk_status type_of(struct stk_btf *b, uint32_t id,
			       const struct stk_btf_type **out)
{
	enum stk_status st = id < b->section.nr ? STK_OK : meet_types(b, NULL, id);

	if (st)
		return st;
	*out = stk_btf_type(&b->section, id);
	return STK_OK;
}

/* Does the type only stand for another? */
static bool is_alias(const struct stk_btf_type *t)
{
	switch (stk_btf_kind(t)) {
	case STK_BTF_TYPEDEF:
	case STK_BTF_VOLATILE:
	case STK_BTF_CONST:
	case STK_BTF_RESTRICT:
	case STK_BTF_TYPE_TAG:
		return true;
	default:
		return false;
	}
}

/* NULL: there is none, as with void. */
static enum stk_status resolve(struct stk_btf *b, uint32_t id,
			       const struct stk_btf_type **out)
{
	*out = NULL;
	for (unsigned int i = 0; id && i < MAX_RESOLVE; i++) {
		const struct stk_btf_type *t;
		enum stk_status st = type_of(b, id, &t);

		if (st)
			return st == STK_ERR_NO_TYPE ? STK_OK : st;
		if (!is_alias(t)) {
			*out = t;
			return STK_OK;
		}
		id = t->size_or_type;
	}
	return STK_OK;
}

/* In bytes; 0: it has none, or is larger than any. */
static enum stk_status size_of(struct stk_btf *b, uint32_t id, uint32_t *size)
{
	uint64_t nr = 1;

	*size = 0;
	for (unsigned int i = 0; i < MAX_RESOLVE && nr <= UINT32_MAX; i++) {
		const struct stk_btf_array *array;
		const struct stk_btf_type *t;
		enum stk_status st = resolve(b, id, &t);

		if (st || !t)
			return st;
		switch (stk_btf_kind(t)) {
		case STK_BTF_ARRAY:
			array = stk_btf_behind(t);
			nr *= array->nr;
			id = array->type;
			continue;
		case STK_BTF_PTR:
			nr *= POINTER_SIZE;
			break;
		case STK_BTF_INT:
		case STK_BTF_STRUCT:
		case STK_BTF_UNION:
		case STK_BTF_ENUM:
		case STK_BTF_ENUM64:
		case STK_BTF_FLOAT:
			nr *= t->size_or_type;
			break;
		default:
			return STK_OK;
		}
		*size = nr <= UINT32_MAX ? (uint32_t)nr : 0;
		return STK_OK;
	}
	return STK_OK;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct stk_btf_type *t;
	enum stk_status st = find_type(priv, type, &t);

	if (t)
		*size = t->size_or_type;
	return st;
}

static enum stk_status find_btf_member(struct stk_btf *b, const struct stk_btf_type *t,
				       const char *name, uint32_t base, int depth,
				       struct stk_member *out)
{
	const struct stk_btf_member *m = stk_btf_behind(t);

	if (depth > MAX_DEPTH)
		return STK_ERR_NO_TYPE;
	for (uint32_t i = 0; i < stk_btf_vlen(t); i++, m++) {
		uint32_t offset = base + stk_btf_bit_offset(t, m) / 8;
		const struct stk_btf_type *inner;
		const char *known;
		enum stk_status st;

		/* Types that contain one another make more ways than anyone can go. */
		if (!stk_spend(b->s, 1))
			return stk_why_stop(b->s);
		st = stk_btf_string(&b->section, m->name, &known);
		if (st)
			return st;
		if (*known) {
			if (strcmp(known, name))
				continue;
			out->offset = offset;
			return size_of(b, m->type, &out->size);
		}
		st = resolve(b, m->type, &inner);
		if (st)
			return st;
		if (!inner || !stk_btf_is_composite(inner))
			continue;
		st = find_btf_member(b, inner, name, offset, depth + 1, out);
		if (st != STK_ERR_NO_TYPE)
			return st;
	}
	return STK_ERR_NO_TYPE;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	struct stk_btf *b = priv;
	struct stk_purse purse = { .kept = true };
	const struct stk_btf_type *t;
	enum stk_status st = find_type(b, type, &t);

	if (!t)
		return st;
	stk_purse_open(&b->s->budget, &purse, "the members of a type", SHARE_OF_TYPE);
	st = find_btf_member(b, t, member, 0, 0, out);
	stk_purse_close(&b->s->budget, &purse);
	return purse.cut && !purse.starved ? STK_ERR_CORRUPT : st;
}

const struct stk_type_ops stk_btf_ops = { .size = type_size, .member = type_member };
