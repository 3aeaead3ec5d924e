/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <stackinfo/kernel.h>
#include <string.h>

#define MAX_BTF_SIZE (256u * 1024 * 1024)
#define MAX_DEPTH    8

struct stk_btf {
	struct stk *s;
	bool tried;
	const char *why; /* there is none */
	struct btf *btf;
	/* Structs and unions by name: type numbers, open addressing. */
	uint32_t *hash;
	uint32_t hash_size;
};

struct stk_btf *stk_btf_new(void)
{
	return calloc(1, sizeof(struct stk_btf));
}

void stk_btf_set_session(struct stk_btf *b, struct stk *s)
{
	b->s = s;
}

void stk_btf_free(struct stk_btf *b)
{
	if (!b)
		return;
	btf__free(b->btf);
	free(b->hash);
	free(b);
}

static uint32_t hash_name(const char *p)
{
	uint32_t h = 5381;

	while (*p)
		h = h * 33 + (unsigned char)*p++;
	return h;
}

/* libbpf searches by name from the first type to the last: too slow for many names. */
static bool index_names(struct stk_btf *b)
{
	uint32_t nr = btf__type_cnt(b->btf);

	b->hash_size = 1024;
	while (b->hash_size < nr)
		b->hash_size *= 2;
	b->hash = calloc(b->hash_size, sizeof(*b->hash));
	if (!b->hash)
		return false;
	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		const char *name;
		uint32_t h;

		if (!btf_is_composite(t) || !t->name_off)
			continue;
		name = btf__name_by_offset(b->btf, t->name_off);
		if (!name)
			continue;
		for (h = hash_name(name); b->hash[h & (b->hash_size - 1)]; h++)
			;
		b->hash[h & (b->hash_size - 1)] = id;
	}
	return true;
}

/* CONFIG_DEBUG_INFO_BTF puts the section .BTF into the kernel's read-only data. */
static void load(struct stk_btf *b)
{
	uint64_t start, stop;
	void *data;

	b->tried = true;
	b->why = "the kernel has no BTF";
	if (stk_symbol_address(b->s, "__start_BTF", &start) ||
	    stk_symbol_address(b->s, "__stop_BTF", &stop) || stop <= start ||
	    stop - start > MAX_BTF_SIZE)
		return;
	b->why = "the kernel's BTF is damaged, or not all in the dump";
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
		}
	}
	free(data);
}

bool stk_btf_present(struct stk_btf *b, const char **why)
{
	if (!b->tried)
		load(b);
	*why = b->why;
	return b->btf != NULL;
}

static const struct btf_type *find(struct stk_btf *b, const char *name)
{
	const char *why;

	if (!stk_btf_present(b, &why))
		return NULL;
	for (uint32_t h = hash_name(name);; h++) {
		uint32_t id = b->hash[h & (b->hash_size - 1)];
		const struct btf_type *t;

		if (!id)
			return NULL;
		t = btf__type_by_id(b->btf, id);
		if (!strcmp(btf__name_by_offset(b->btf, t->name_off), name))
			return t;
	}
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct btf_type *t = find(priv, type);

	if (!t)
		return STK_ERR_NO_TYPE;
	*size = t->size;
	return STK_OK;
}

static bool find_member(struct stk_btf *b, const struct btf_type *t, const char *name,
			uint32_t base, int depth, struct stk_member *out)
{
	const struct btf_member *m = btf_members(t);

	if (depth > MAX_DEPTH)
		return false;
	for (unsigned int i = 0; i < btf_vlen(t); i++, m++) {
		uint32_t offset = base + btf_member_bit_offset(t, i) / 8;
		const char *n = btf__name_by_offset(b->btf, m->name_off);

		if (!n || !*n) {
			int id = btf__resolve_type(b->btf, m->type);
			const struct btf_type *inner =
				id > 0 ? btf__type_by_id(b->btf, (uint32_t)id) : NULL;

			if (inner && btf_is_composite(inner) &&
			    find_member(b, inner, name, offset, depth + 1, out))
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
	const struct btf_type *t = find(b, type);

	return t && find_member(b, t, member, 0, 0, out) ? STK_OK : STK_ERR_NO_TYPE;
}

const struct stk_type_ops stk_btf_ops = { .size = type_size, .member = type_member };
