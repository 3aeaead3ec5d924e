/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DWARF says everything of a type in each unit that uses it, and has no index: units are
 * read one after the other, as far as a question makes it necessary, and what they define
 * is remembered by name.
 */
#include "types.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/vec.h"
#include "elf_file.h"

#define MAX_DEPTH 8

struct stk_types {
	struct stk_elf *image;
	Dwarf_Off next_unit; /* the first that was not read */
	/* Structs and unions, the first of each name. */
	struct named {
		const char *name; /* in the file's .debug_str */
		Dwarf_Off die;
	} * named;
	size_t nr, room;
	struct stk_hash by_name;
	struct stk_arena arena; /* of both */
};

struct stk_types *stk_types_new(struct stk_elf *image)
{
	struct stk_types *t = calloc(1, sizeof(*t));

	if (t)
		t->image = image;
	return t;
}

void stk_types_free(struct stk_types *t)
{
	if (!t)
		return;
	stk_arena_free(&t->arena);
	free(t);
}

bool stk_types_present(struct stk_types *t)
{
	return t && stk_elf_has_units(t->image);
}

static uint32_t hash_named(const void *priv, uint32_t number)
{
	const struct stk_types *d = priv;

	return stk_hash_string(d->named[number - 1].name, SIZE_MAX);
}

/* The number of a type, or where it belongs. */
static uint32_t *type_slot(const struct stk_types *d, const char *name)
{
	uint32_t *slot;

	stk_hash_each (slot, &d->by_name, stk_hash_string(name, SIZE_MAX))
		if (!strcmp(d->named[*slot - 1].name, name))
			break;
	return slot;
}

static bool add_type(struct stk_types *d, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	struct named *n;
	uint32_t *slot;

	if (!name || dwarf_hasattr(die, DW_AT_declaration))
		return true;
	if (!stk_hash_reserve(&d->by_name, &d->arena, d->nr + 1, hash_named, d))
		return false;
	slot = type_slot(d, name);
	if (*slot)
		return true;
	n = stk_vec_next(&d->arena, d->named, d->nr, d->room);
	if (!n)
		return false;
	*n = (struct named){ name, dwarf_dieoffset(die) };
	*slot = (uint32_t)++d->nr;
	return true;
}

static bool is_composite(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

/* False: there is none left, or no memory. */
static bool read_unit(struct stk_types *d, Dwarf *dwarf)
{
	Dwarf_Off offset = d->next_unit;
	Dwarf_Die unit, die;
	size_t header;

	if (dwarf_nextcu(dwarf, offset, &d->next_unit, &header, NULL, NULL, NULL))
		return false;
	if (!dwarf_offdie(dwarf, offset + header, &unit) || dwarf_child(&unit, &die))
		return true;
	do {
		if (is_composite(&die) && !add_type(d, &die)) {
			/* All of it again: a type that is left out is "no such type". */
			d->next_unit = offset;
			return false;
		}
	} while (!dwarf_siblingof(&die, &die));
	return true;
}

static bool find_type(struct stk_types *d, const char *name, Dwarf_Die *die)
{
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(d->image, &bias);

	d->arena.failed = false;
	if (!dwarf)
		return false;
	do {
		const uint32_t *slot = type_slot(d, name);

		if (*slot)
			return dwarf_offdie(dwarf, d->named[*slot - 1].die, die) != NULL;
	} while (read_unit(d, dwarf));
	return false;
}

static bool get_word(Dwarf_Die *die, unsigned int name, Dwarf_Word *value)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, name, &attr) && !dwarf_formudata(&attr, value);
}

/* The type that a member has, without qualifiers and typedefs. */
static bool type_of(Dwarf_Die *member, Dwarf_Die *type)
{
	Dwarf_Attribute attr;

	return dwarf_attr(member, DW_AT_type, &attr) && dwarf_formref_die(&attr, type) &&
	       !dwarf_peel_type(type, type);
}

/*
 * Bytes from the start of the type. Bit-fields: DWARF 4 and 5 count bits from the start;
 * before, from the most significant bit of a storage unit at data_member_location.
 */
static uint32_t offset_of(Dwarf_Die *member)
{
	Dwarf_Word bytes = 0, bits, size, width;

	if (get_word(member, DW_AT_data_bit_offset, &bits))
		return (uint32_t)(bits / 8);
	get_word(member, DW_AT_data_member_location, &bytes);
	if (get_word(member, DW_AT_bit_offset, &bits) &&
	    get_word(member, DW_AT_byte_size, &size) &&
	    get_word(member, DW_AT_bit_size, &width))
		bytes += (size * 8 - bits - width) / 8;
	return (uint32_t)bytes;
}

static bool find_member(Dwarf_Die *type, const char *name, uint32_t base, int depth,
			struct stk_member *out)
{
	Dwarf_Die member, inner;

	if (depth > MAX_DEPTH || dwarf_child(type, &member))
		return false;
	do {
		const char *n = dwarf_diename(&member);
		Dwarf_Word size = 0;

		if (dwarf_tag(&member) != DW_TAG_member)
			continue;
		if (!n) {
			if (type_of(&member, &inner) &&
			    find_member(&inner, name, base + offset_of(&member),
					depth + 1, out))
				return true;
		} else if (!strcmp(n, name)) {
			/* Of an array without bounds there is no size. */
			if (!type_of(&member, &inner) ||
			    dwarf_aggregate_size(&inner, &size))
				size = 0;
			out->offset = base + offset_of(&member);
			out->size = (uint32_t)size;
			return true;
		}
	} while (!dwarf_siblingof(&member, &member));
	return false;
}

/* What was not read for want of memory may be one. */
static enum stk_status no_type(const struct stk_types *d)
{
	return d->arena.failed ? STK_ERR_NOMEM : STK_ERR_NO_TYPE;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	Dwarf_Word bytes;
	Dwarf_Die die;

	if (!find_type(priv, type, &die) || !get_word(&die, DW_AT_byte_size, &bytes))
		return no_type(priv);
	*size = (uint32_t)bytes;
	return STK_OK;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	Dwarf_Die die;

	return find_type(priv, type, &die) && find_member(&die, member, 0, 0, out)
		       ? STK_OK
		       : no_type(priv);
}

const struct stk_type_ops stk_dwarf_type_ops = { .size = type_size,
						 .member = type_member };
