/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <stackinfo/kernel.h>
#include <string.h>

#include "../base/context.h"
#include "../base/hash.h"

#define MAX_BTF_SIZE  (256u * 1024 * 1024)
#define MAX_DEPTH     8
#define SHARE	      2u /* of the budget */
#define SHARE_OF_TYPE 2048u
#define MAX_NAME      512u /* KSYM_NAME_LEN; longer ones are not valid in the kernel */

struct stk_btf {
	struct stk *s;
	bool tried;
	const char *why; /* there is none */
	struct btf *btf;
	struct stk_hash hash; /* structs and unions by name: type numbers */
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

void stk_btf_free(struct stk_btf *b)
{
	if (!b)
		return;
	btf__free(b->btf);
	stk_arena_free(&b->arena);
	free(b);
}

static const char *name_of(const struct stk_btf *b, uint32_t id)
{
	const char *name =
		btf__name_by_offset(b->btf, btf__type_by_id(b->btf, id)->name_off);

	return name ? name : "";
}

/* The slot of @name: it holds its type, or 0. False: the budget is used up. */
static bool find_slot(const struct stk_btf *b, const char *name, uint32_t **slot)
{
	stk_hash_each (*slot, &b->hash, stk_hash_string(name, MAX_NAME)) {
		if (!strncmp(name_of(b, **slot), name, MAX_NAME))
			return true;
		if (!stk_spend(b->s, 1))
			return false;
	}
	return true;
}

/*
 * libbpf searches by name from the first type to the last: too slow for many names. Of
 * equal names the first one counts.
 */
static bool index_names(struct stk_btf *b)
{
	uint32_t nr = btf__type_cnt(b->btf);

	/* The types outlive the session that pays for them. */
	if (!stk_budget_bytes(&b->s->budget, sizeof(uint32_t) << stk_hash_bits(nr)) ||
	    !stk_hash_reserve(&b->hash, &b->arena, nr, NULL, NULL))
		return false;
	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		uint32_t *slot;

		if (!stk_spend(b->s, 1))
			return false;
		if (!btf_is_composite(t) || !*name_of(b, id))
			continue;
		if (!find_slot(b, name_of(b, id), &slot))
			return false;
		if (!*slot)
			*slot = id;
	}
	return true;
}

/* CONFIG_DEBUG_INFO_BTF puts the section .BTF into the kernel's read-only data. */
static void read_btf(struct stk_btf *b)
{
	uint64_t start, stop;
	void *data;

	b->why = "the kernel has no BTF";
	if (stk_symbol_address(b->s, "__start_BTF", &start) ||
	    stk_symbol_address(b->s, "__stop_BTF", &stop) || stop <= start ||
	    stop - start > MAX_BTF_SIZE)
		return;
	b->why = "the kernel's BTF is damaged, or not all in the dump";
	/* libbpf makes a copy of its own, and needs some more. */
	if (!stk_budget_bytes(&b->s->budget, 2 * (stop - start)))
		return;
	data = malloc(stop - start);
	if (!data)
		return;
	if (!stk_read(b->s, start, data, stop - start)) {
		/* Its complaints are no news: but whoever else uses it gets them. */
		libbpf_print_fn_t printer = libbpf_set_print(NULL);

		b->btf = btf__new(data, (uint32_t)(stop - start));
		libbpf_set_print(printer);
		if (b->btf && !index_names(b)) {
			btf__free(b->btf);
			b->btf = NULL;
			stk_arena_free(&b->arena);
			b->hash = (struct stk_hash){ 0 };
		}
	}
	free(data);
}

static void load_types(struct stk_btf *b)
{
	struct stk_budget *budget = &b->s->budget;

	b->purse.kept = true;
	stk_purse_open(budget, &b->purse, "the kernel's types", SHARE);
	read_btf(b);
	stk_purse_close(budget, &b->purse);
	if (b->purse.cut)
		b->why = "the kernel's BTF asks for more than types can need: damaged or "
			 "hostile";
	b->tried = !b->purse.starved && !stk_interrupted(b->s);
}

bool stk_btf_present(struct stk_btf *b, const char **why)
{
	if (!b->tried)
		load_types(b);
	*why = b->why;
	return b->btf != NULL;
}

static const struct btf_type *find_type(struct stk_btf *b, const char *name)
{
	const char *why;
	uint32_t *slot;

	if (!stk_btf_present(b, &why) || !find_slot(b, name, &slot) || !*slot)
		return NULL;
	return btf__type_by_id(b->btf, *slot);
}

/* That there is no such type is only true when all of them were looked at. */
static enum stk_status no_type(struct stk_btf *b)
{
	return b->purse.cut || b->purse.starved ? STK_ERR_LIMIT : STK_ERR_NO_TYPE;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct btf_type *t = find_type(priv, type);

	if (!t)
		return no_type(priv);
	*size = t->size;
	return STK_OK;
}

static bool find_btf_member(struct stk_btf *b, const struct btf_type *t, const char *name,
			    uint32_t base, int depth, struct stk_member *out)
{
	const struct btf_member *m = btf_members(t);

	if (depth > MAX_DEPTH)
		return false;
	for (unsigned int i = 0; i < btf_vlen(t); i++, m++) {
		uint32_t offset = base + btf_member_bit_offset(t, i) / 8;
		const char *n = btf__name_by_offset(b->btf, m->name_off);

		/* Types that contain one another make more ways than anyone can go. */
		if (!stk_spend(b->s, 1))
			return false;
		if (!n || !*n) {
			int id = btf__resolve_type(b->btf, m->type);
			const struct btf_type *inner =
				id > 0 ? btf__type_by_id(b->btf, (uint32_t)id) : NULL;

			if (inner && btf_is_composite(inner) &&
			    find_btf_member(b, inner, name, offset, depth + 1, out))
				return true;
		} else if (!strcmp(n, name)) {
			int64_t size = btf__resolve_size(b->btf, m->type);

			out->offset = offset;
			out->size = size > 0 ? (uint32_t)size : 0;
			return true;
		}
	}
	return false;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	struct stk_btf *b = priv;
	const struct btf_type *t = find_type(b, type);
	struct stk_purse purse = { .kept = true };
	bool found;

	if (!t)
		return no_type(b);
	stk_purse_open(&b->s->budget, &purse, "the members of a type", SHARE_OF_TYPE);
	found = find_btf_member(b, t, member, 0, 0, out);
	stk_purse_close(&b->s->budget, &purse);
	return found	       ? STK_OK
	       : purse.starved ? STK_ERR_LIMIT
	       : purse.cut     ? STK_ERR_CORRUPT
			       : STK_ERR_NO_TYPE;
}

const struct stk_type_ops stk_btf_ops = { .size = type_size, .member = type_member };
