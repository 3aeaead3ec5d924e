/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf_file.h"

#include <stdlib.h>
#include <string.h>

struct stk_elf *stk_elf_new(const char *name, const struct stk_find *find,
			    const struct stk_module_info *module)
{
	struct stk_elf *image = calloc(1, sizeof(*image));

	if (!image)
		return NULL;
	image->find = find;
	image->module = module;
	image->name = strdup(name);
	if (!image->name) {
		free(image);
		return NULL;
	}
	return image;
}

void stk_elf_free(struct stk_elf *image)
{
	if (!image)
		return;
	dwfl_end(image->dwfl); /* and all that it opened */
	free(image->name);
	free(image);
}

static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		    char **path, Elf **elf)
{
	const struct stk_elf *image = *userdata;

	return stk_find_module(image->find, mod, image->module, path);
}

static int find_debuginfo(Dwfl_Module *mod, void **userdata, const char *name,
			  Dwarf_Addr base, const char *main_file, const char *link,
			  GElf_Word crc, char **path)
{
	const struct stk_elf *image = *userdata;

	return stk_find_debug(image->find, mod, main_file, link, path);
}

/* What was not loaded, or is not known, has no address: libdwfl leaves it alone. */
static int section_address(Dwfl_Module *mod, void **userdata, const char *name,
			   Dwarf_Addr base, const char *section, GElf_Word index,
			   const GElf_Shdr *header, Dwarf_Addr *addr)
{
	const struct stk_elf *image = *userdata;
	const struct stk_module_info *m = image->module;
	uint64_t at;

	*addr = (Dwarf_Addr)-1;
	if (m && section && !m->section(m->priv, section, &at))
		*addr = at;
	return DWARF_CB_OK;
}

/*
 * Nowhere. libdwfl's own search by build id keeps an ELF of which it takes 0 for the
 * descriptor, when it is called from find_elf(), and closes that.
 */
static char *debuginfo_path = (char[]){ "" };

static const Dwfl_Callbacks callbacks = {
	.debuginfo_path = &debuginfo_path,
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = section_address,
};

static Dwfl_Module *report(struct stk_elf *image)
{
	const struct stk_module_info *m = image->module;
	Dwfl_Module *mod;

	dwfl_report_begin(image->dwfl);
	/* Where it is linked to, although it is one that can be moved. */
	if (m)
		mod = dwfl_report_module(image->dwfl, m->name, m->begin, m->end);
	else
		mod = dwfl_report_elf(image->dwfl, "kernel", image->name, -1, 0, true);
	if (mod && m && m->build_id_size)
		dwfl_module_report_build_id(mod, m->build_id, m->build_id_size, 0);
	return dwfl_report_end(image->dwfl, NULL, NULL) ? NULL : mod;
}

/* Once; libdwfl remembers what it found of the rest, and what it did not. */
static Dwfl_Module *open_image(struct stk_elf *image)
{
	void **userdata;

	if (image->mod || image->refused)
		return image->mod;
	image->dwfl = dwfl_begin(&callbacks);
	image->mod = image->dwfl ? report(image) : NULL;
	image->refused = !image->mod;
	if (image->mod) {
		dwfl_module_info(image->mod, &userdata, NULL, NULL, NULL, NULL, NULL,
				 NULL);
		*userdata = image;
	}
	return image->mod;
}

Elf *stk_elf_file(struct stk_elf *image)
{
	Dwfl_Module *mod = open_image(image);
	GElf_Addr bias;

	return mod ? dwfl_module_getelf(mod, &bias) : NULL;
}

Dwarf *stk_elf_dwarf(struct stk_elf *image, uint64_t *bias)
{
	Dwfl_Module *mod = open_image(image);
	Dwarf_Addr distance = 0;
	Dwarf *dwarf = mod ? dwfl_module_getdwarf(mod, &distance) : NULL;

	*bias = distance;
	return dwarf;
}

bool stk_elf_has_units(struct stk_elf *image)
{
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(image, &bias);
	Dwarf_Off next;
	size_t header;

	return dwarf && !dwarf_nextcu(dwarf, 0, &next, &header, NULL, NULL, NULL);
}

bool stk_elf_unit(Dwarf *dwarf, uint64_t pc, Dwarf_Die *unit)
{
	Dwarf_Off at = 0, next;
	Dwarf_Aranges *ranges;
	size_t header, nr;

	if (!dwarf_getaranges(dwarf, &ranges, &nr) && nr)
		return dwarf_addrdie(dwarf, pc, unit) != NULL;
	/* clang makes no table of them. */
	for (; !dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL); at = next)
		if (dwarf_offdie(dwarf, at + header, unit) && dwarf_haspc(unit, pc) > 0)
			return true;
	return false;
}
