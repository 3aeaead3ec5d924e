/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "symtab.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/sorted.h"
#include "elf_file.h"

#define MAX_SYMBOLS (16u * 1024 * 1024)

struct stk_symtab {
	uint64_t base, offset; /* of the image; what KASLR added */
	size_t nr;
	struct sym {
		uint64_t value;
		const char *name; /* in the ELF file's string table */
		bool weak;
	} * sym;
	struct stk_hash by_name;
	struct sym *by_value;	/* sorted; made when first wanted */
	struct stk_arena arena; /* of all */
};

/* The number of a symbol, or where it belongs. */
static uint32_t *symbol_slot(const struct stk_symtab *t, const char *name)
{
	uint32_t *slot;

	stk_hash_each (slot, &t->by_name, stk_hash_string(name, SIZE_MAX))
		if (!strcmp(t->sym[*slot - 1].name, name))
			break;
	return slot;
}

/* Assemblers of arm64 and riscv64 mark code and data: "$x", "$d", and keep labels, ".L0".
 */
static const char *symbol_name(Elf *elf, const GElf_Shdr *sh, const GElf_Sym *s)
{
	const char *name;

	if (s->st_shndx == SHN_UNDEF || GELF_ST_TYPE(s->st_info) == STT_SECTION ||
	    GELF_ST_TYPE(s->st_info) == STT_FILE)
		return NULL;
	name = elf_strptr(elf, sh->sh_link, s->st_name);
	return name && *name != '$' && strncmp(name, ".L", 2) != 0 ? name : NULL;
}

static bool add_symbols(struct stk_symtab *t, Elf *elf, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t nr = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;

	/* Of none, and without data, no symbol is got. */
	if (nr > MAX_SYMBOLS)
		return false;
	t->sym = stk_arena_array(&t->arena, nr, sizeof(*t->sym));
	if (!t->sym || !stk_hash_reserve(&t->by_name, &t->arena, nr, NULL, NULL))
		return false;
	for (size_t i = 0; i < nr; i++) {
		GElf_Sym s;
		const char *name =
			gelf_getsym(data, (int)i, &s) ? symbol_name(elf, sh, &s) : NULL;
		uint32_t *slot = name && *name ? symbol_slot(t, name) : NULL;

		if (!slot)
			continue;
		t->sym[t->nr++] = (struct sym){ s.st_value, name,
						GELF_ST_BIND(s.st_info) == STB_WEAK };
		/* Of equal names the first is found by its name. */
		if (!*slot)
			*slot = (uint32_t)t->nr;
	}
	return t->nr != 0;
}

static bool read_symbols(struct stk_symtab *t, Elf *elf)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while (elf && (scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			return add_symbols(t, elf, scn, &sh);
	return false;
}

/* A file that was stripped has them where its DWARF is. */
static bool read_debug_symbols(struct stk_symtab *t, struct stk_elf *image)
{
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(image, &bias);

	return dwarf && read_symbols(t, dwarf_getelf(dwarf));
}

struct stk_symtab *stk_symtab_new(struct stk_elf *image)
{
	struct stk_symtab *t = calloc(1, sizeof(*t));

	if (t && (read_symbols(t, stk_elf_file(image)) || read_debug_symbols(t, image)))
		return t;
	stk_symtab_free(t);
	return NULL;
}

void stk_symtab_free(struct stk_symtab *t)
{
	if (!t)
		return;
	stk_arena_free(&t->arena);
	free(t);
}

void stk_symtab_set_offset(struct stk_symtab *t, uint64_t offset)
{
	t->base = stk_symtab_image_base(t);
	t->offset = offset;
}

/* As linked. */
static bool linked_at(const struct stk_symtab *t, const char *name, uint64_t *addr)
{
	const uint32_t *slot = symbol_slot(t, name);

	if (!*slot)
		return false;
	*addr = t->sym[*slot - 1].value;
	return true;
}

uint64_t stk_symtab_image_base(const struct stk_symtab *t)
{
	uint64_t base = 0;

	if (!linked_at(t, "_text", &base))
		linked_at(t, "_stext", &base);
	return base;
}

static enum stk_status address(void *priv, const char *name, uint64_t *addr)
{
	const struct stk_symtab *t = priv;

	if (!linked_at(t, name, addr))
		return STK_ERR_NO_SYMBOL;
	if (*addr >= t->base)
		*addr += t->offset;
	return STK_OK;
}

/* Of several names for one address the one that scripts/kallsyms.c puts first. */
static int compare_symbols(const void *a, const void *b)
{
	const struct sym *x = a, *y = b;
	size_t ux = strspn(x->name, "_"), uy = strspn(y->name, "_");

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x->weak != y->weak)
		return x->weak ? 1 : -1;
	if (ux != uy)
		return ux < uy ? -1 : 1;
	return strcmp(x->name, y->name);
}

static const struct sym *sorted_symbols(struct stk_symtab *t)
{
	if (!t->by_value) {
		t->by_value = stk_arena_array(&t->arena, t->nr, sizeof(*t->by_value));
		if (!t->by_value)
			return NULL;
		memcpy(t->by_value, t->sym, t->nr * sizeof(*t->by_value));
		qsort(t->by_value, t->nr, sizeof(*t->by_value), compare_symbols);
	}
	return t->by_value;
}

static enum stk_status lookup(void *priv, uint64_t addr, const char **name,
			      uint64_t *offset)
{
	struct stk_symtab *t = priv;
	const struct sym *sym = sorted_symbols(t);
	size_t i;

	if (!sym)
		return STK_ERR_NOMEM;
	if (addr >= t->base + t->offset)
		addr -= t->offset;
	i = stk_upto(sym, t->nr, value, addr);
	if (!i)
		return STK_ERR_NO_SYMBOL;
	i = stk_below(sym, t->nr, value, sym[i - 1].value);
	*name = sym[i].name;
	*offset = addr - sym[i].value;
	return STK_OK;
}

const struct stk_symbol_ops stk_symtab_ops = { .address = address, .lookup = lookup };
