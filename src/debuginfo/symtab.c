/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "symtab.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SYMBOLS (16u * 1024 * 1024)

struct stk_symtab {
	Elf *elf;
	int fd;
	uint64_t offset;
	size_t nr;
	struct sym {
		uint64_t value;
		const char *name; /* in the ELF file's string table */
	} * sym;
	uint32_t *hash; /* index + 1 */
	size_t hash_size;
};

static uint32_t hash_name(const char *p)
{
	uint32_t h = 2166136261u;

	while (*p)
		h = (h ^ (unsigned char)*p++) * 16777619u;
	return h;
}

static bool add_symbols(struct stk_symtab *t, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	size_t nr = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;

	if (!data || !nr || nr > MAX_SYMBOLS)
		return false;
	t->sym = calloc(nr, sizeof(*t->sym));
	for (t->hash_size = 1024; t->hash_size < nr * 2;)
		t->hash_size *= 2;
	t->hash = calloc(t->hash_size, sizeof(*t->hash));
	if (!t->sym || !t->hash)
		return false;
	for (size_t i = 0; i < nr; i++) {
		GElf_Sym s;
		const char *name;
		uint32_t h, k;

		if (!gelf_getsym(data, (int)i, &s) || s.st_shndx == SHN_UNDEF ||
		    GELF_ST_TYPE(s.st_info) == STT_SECTION ||
		    GELF_ST_TYPE(s.st_info) == STT_FILE)
			continue;
		name = elf_strptr(t->elf, sh->sh_link, s.st_name);
		if (!name || !*name)
			continue;
		/* Of equal names the first one is found, and the others are only in the
		 * way. */
		for (h = hash_name(name); (k = t->hash[h & (t->hash_size - 1)]); h++)
			if (!strcmp(t->sym[k - 1].name, name))
				break;
		if (k)
			continue;
		t->sym[t->nr] = (struct sym){ s.st_value, name };
		t->hash[h & (t->hash_size - 1)] = (uint32_t)++t->nr;
	}
	return t->nr != 0;
}

struct stk_symtab *stk_symtab_new(const char *namelist)
{
	struct stk_symtab *t = calloc(1, sizeof(*t));
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	if (!t)
		return NULL;
	t->fd = open(namelist, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0 || elf_version(EV_CURRENT) == EV_NONE)
		goto fail;
	t->elf = elf_begin(t->fd, ELF_C_READ_MMAP, NULL);
	while (t->elf && (scn = elf_nextscn(t->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB)
			break;
	if (scn && add_symbols(t, scn, &sh))
		return t;
fail:
	stk_symtab_free(t);
	return NULL;
}

void stk_symtab_free(struct stk_symtab *t)
{
	if (!t)
		return;
	elf_end(t->elf);
	if (t->fd >= 0)
		close(t->fd);
	free(t->sym);
	free(t->hash);
	free(t);
}

bool stk_symtab_build_id(struct stk_symtab *t, char text[2 * STK_MAX_BUILD_ID + 1])
{
	const void *id;
	ssize_t len = dwelf_elf_gnu_build_id(t->elf, &id);

	if (len <= 0 || len > (ssize_t)STK_MAX_BUILD_ID)
		return false;
	for (ssize_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", ((const unsigned char *)id)[i]);
	return true;
}

void stk_symtab_set_offset(struct stk_symtab *t, uint64_t offset)
{
	t->offset = offset;
}

static enum stk_status address(void *priv, const char *name, uint64_t *addr)
{
	const struct stk_symtab *t = priv;

	for (uint32_t h = hash_name(name);; h++) {
		uint32_t i = t->hash[h & (t->hash_size - 1)];

		if (!i)
			return STK_ERR_NO_SYMBOL;
		if (!strcmp(t->sym[i - 1].name, name)) {
			*addr = t->sym[i - 1].value;
			if (*addr >= STK_IMAGE_BASE)
				*addr += t->offset;
			return STK_OK;
		}
	}
}

const struct stk_symbol_ops stk_symtab_ops = { .address = address };
