/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module_sections.h"

#include <elf.h>
#include <string.h>

#include "../machine/memory.h"
#include "layout.h"

#define MAX_SECTIONS 1024u

/* An element of module_sect_attrs.attrs: where it has its name and the address. */
struct element {
	uint32_t size;
	uint32_t name, addr;
};

/* bin_attribute.attr.name */
static bool find_bin_name(struct stk *s, uint32_t at, uint32_t *name)
{
	struct stk_member attr, inner;

	if (!stk_find_member(s, "bin_attribute", "attr", &attr) ||
	    !stk_find_member(s, "attribute", "name", &inner))
		return false;
	*name = at + attr.offset + inner.offset;
	return true;
}

static bool find_element(struct stk *s, struct element *e)
{
	struct stk_member name, addr;

	/* Since 6.14 the file's attribute is all. */
	if (!stk_find_size(s, "module_sect_attr", &e->size)) {
		if (!stk_find_size(s, "bin_attribute", &e->size) ||
		    !stk_find_member(s, "bin_attribute", "private", &addr) ||
		    !find_bin_name(s, 0, &e->name))
			return false;
		e->addr = addr.offset;
		return true;
	}
	if (!stk_find_member(s, "module_sect_attr", "address", &addr))
		return false;
	e->addr = addr.offset;
	/* 5.8, commit ed66f991bb19: the name is the attribute's. */
	if (stk_find_member(s, "module_sect_attr", "battr", &name))
		return find_bin_name(s, name.offset, &e->name);
	if (!stk_find_member(s, "module_sect_attr", "name", &name))
		return false;
	e->name = name.offset;
	return true;
}

/* Since 6.14 only the list of attributes, which a null ends, says how many there are. */
static size_t count_attributes(struct stk *s, uint64_t attrs)
{
	struct stk_member group, list;
	uint64_t at, entry;
	size_t nr = 0;

	if (!stk_find_member(s, "module_sect_attrs", "grp", &group) ||
	    (!stk_find_member(s, "attribute_group", "bin_attrs", &list) &&
	     !stk_find_member(s, "attribute_group", "bin_attrs_new", &list)) ||
	    stk_read_u64(s, attrs + group.offset + list.offset, &at))
		return 0;
	while (nr < MAX_SECTIONS && !stk_read_u64(s, at + nr * 8, &entry) && entry)
		nr++;
	return nr;
}

static size_t count_sections(struct stk *s, uint64_t attrs)
{
	uint64_t nr;

	struct stk_member member;

	if (!stk_find_member(s, "module_sect_attrs", "nsections", &member))
		return count_attributes(s, attrs);
	if (stk_read_member(s, attrs, "module_sect_attrs", "nsections", &nr))
		return 0;
	return nr <= MAX_SECTIONS ? (size_t)nr : 0;
}

enum stk_status stk_module_sections(struct stk *s, const struct stk_module *m,
				    struct stk_arena *arena,
				    struct stk_module_sections *out)
{
	struct stk_member first;
	struct element e;
	uint64_t attrs;
	size_t nr;

	*out = (struct stk_module_sections){ 0 };
	if (!stk_find_member(s, "module_sect_attrs", "attrs", &first) ||
	    !find_element(s, &e) ||
	    stk_read_member(s, m->addr, "module", "sect_attrs", &attrs) || !attrs)
		return STK_ERR_NOT_FOUND;
	nr = count_sections(s, attrs);
	out->section = stk_arena_array(arena, nr, sizeof(*out->section));
	if (!out->section)
		return nr ? stk_why_stop(s) : STK_ERR_NOT_FOUND;
	for (size_t i = 0; i < nr; i++) {
		struct stk_module_section *section = &out->section[out->nr];
		uint64_t at = attrs + first.offset + i * e.size, name;

		if (!stk_read_u64(s, at + e.name, &name) &&
		    !stk_read_u64(s, at + e.addr, &section->addr) &&
		    !stk_read_string(s, name, section->name, sizeof(section->name)))
			out->nr++;
	}
	if (stk_must_stop(s))
		return stk_why_stop(s);
	return out->nr ? STK_OK : STK_ERR_NOT_FOUND;
}

enum stk_status stk_module_section(const struct stk_module_sections *list,
				   const char *name, uint64_t *addr)
{
	for (size_t i = 0; i < list->nr; i++) {
		if (!strcmp(list->section[i].name, name)) {
			*addr = list->section[i].addr;
			return STK_OK;
		}
	}
	return STK_ERR_NOT_FOUND;
}

size_t stk_module_build_id(struct stk *s, const struct stk_module_sections *list,
			   unsigned char id[STK_MAX_BUILD_ID])
{
	struct {
		Elf64_Nhdr head;
		char owner[4];
	} note;
	uint64_t at;

	if (stk_module_section(list, ".note.gnu.build-id", &at) ||
	    stk_read(s, at, &note, sizeof(note)) || note.head.n_type != NT_GNU_BUILD_ID ||
	    note.head.n_namesz != sizeof(note.owner) ||
	    memcmp(note.owner, "GNU", sizeof(note.owner)) ||
	    note.head.n_descsz > STK_MAX_BUILD_ID ||
	    stk_read(s, at + sizeof(note), id, note.head.n_descsz))
		return 0;
	return note.head.n_descsz;
}
