/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf_section.h - the kernel's section .BTF, read as far as it is asked for.
 *
 * Its types have numbers, from 1 on, and no table says where each of them is: they are
 * walked in their order, once. A kernel's are 4 to 6 MB, and those of the scheduler,
 * whose types are wanted, are among the first.
 *
 * The format: Documentation/bpf/btf.rst of the kernel.
 */
#ifndef STK_BTF_SECTION_H
#define STK_BTF_SECTION_H

#include "../base/context.h"

enum stk_btf_kind {
	STK_BTF_INT = 1,
	STK_BTF_PTR,
	STK_BTF_ARRAY,
	STK_BTF_STRUCT,
	STK_BTF_UNION,
	STK_BTF_ENUM,
	STK_BTF_FWD,
	STK_BTF_TYPEDEF,
	STK_BTF_VOLATILE,
	STK_BTF_CONST,
	STK_BTF_RESTRICT,
	STK_BTF_FUNC,
	STK_BTF_FUNC_PROTO,
	STK_BTF_VAR,
	STK_BTF_DATASEC,
	STK_BTF_FLOAT,
	STK_BTF_DECL_TAG,
	STK_BTF_TYPE_TAG,
	STK_BTF_ENUM64,
	STK_BTF_NR_KINDS,
	STK_BTF_ALL_KINDS = 32, /* that the bits can tell */
};

/* What every type begins with. */
struct stk_btf_type {
	uint32_t name; /* offset of the string */
	uint32_t info;
	uint32_t size_or_type; /* in bytes; or the number of another type */
};

struct stk_btf_member {
	uint32_t name, type, offset;
};

struct stk_btf_array {
	uint32_t type, index_type, nr;
};

struct stk_btf_section {
	struct stk *s;
	uint64_t addr;
	uint32_t size;
	unsigned char *data; /* of the whole size; zeros where nothing was read yet */
	uint64_t *have;	     /* which blocks of it were read, a bit each */
	uint32_t types, types_end, strings, strings_end; /* offsets in the section */
	uint32_t next;	   /* where the first type is that was not walked yet */
	uint32_t nr;	   /* its number */
	uint32_t read;	   /* types before it were read */
	uint32_t *type_at; /* where the others are */
};

/*
 * The section of @size bytes at @addr: its header is read and judged. An error: it is
 * damaged or not there, or memory or the budget is short. To be freed in any case.
 */
enum stk_status stk_btf_section_open(struct stk_btf_section *b, struct stk *s,
				     uint64_t addr, uint32_t size);
void stk_btf_section_free(struct stk_btf_section *b);

/*
 * Walk on to the next struct or union, to which @b->nr - 1 leads then. STK_ERR_NO_TYPE:
 * there is none; what others were left are walked.
 */
enum stk_status stk_btf_walk(struct stk_btf_section *b);

/* Walk the last one once more, the next time. */
void stk_btf_walk_back(struct stk_btf_section *b);

/* A type that was walked, and what follows it: all of it was read. */
static inline const struct stk_btf_type *stk_btf_type(const struct stk_btf_section *b,
						      uint32_t id)
{
	return (const void *)(b->data + b->type_at[id]);
}

/* The string at @offset: it ends, and belongs to the section. */
enum stk_status stk_btf_string(struct stk_btf_section *b, uint32_t offset,
			       const char **out);

/* The same of one that was asked for before. */
static inline const char *stk_btf_known_string(const struct stk_btf_section *b,
					       uint32_t offset)
{
	return (const char *)b->data + b->strings + offset;
}

static inline enum stk_btf_kind stk_btf_kind(const struct stk_btf_type *t)
{
	return t->info >> 24 & 0x1f;
}

/* How many members, values or parameters follow. */
static inline uint32_t stk_btf_vlen(const struct stk_btf_type *t)
{
	return t->info & 0xffff;
}

static inline bool stk_btf_is_composite(const struct stk_btf_type *t)
{
	return stk_btf_kind(t) == STK_BTF_STRUCT || stk_btf_kind(t) == STK_BTF_UNION;
}

static inline const void *stk_btf_behind(const struct stk_btf_type *t)
{
	return t + 1;
}

/* In bits. With bit 31 of a type's info its members' upper 8 bits are a bitfield's size.
 */
static inline uint32_t stk_btf_bit_offset(const struct stk_btf_type *t,
					  const struct stk_btf_member *m)
{
	return t->info >> 31 ? m->offset & 0xffffff : m->offset;
}

#endif
