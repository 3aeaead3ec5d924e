/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules are read from the kernel's own list, with the symbol tables that the
 * loader kept for kallsyms. So their functions have names though no debugger
 * loaded their debuginfo.
 */
#include "modules.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "../base/bytes.h"
#include "../base/safe.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "../machine/memory.h"
#include "layout.h"

#define MAX_MODULES	   4096u
#define SHARE		   8u /* of the budget */
#define SHARE_OF_SYMBOLS   4u
#define MODULES_A_STEP	   16u
#define SYMBOLS_A_STEP	   8u
#define MAX_MODULE_SYMBOLS (1024u * 1024)
#define MAX_STRINGS	   (64u * 1024 * 1024)

struct stk_modules {
	struct stk_module *module;
	size_t nr, room;
	/* All their memory, ascending. */
	struct place {
		uint64_t begin;
		const struct stk_module_range *range;
		struct stk_module *module;
	} * place;
	size_t nr_places;
	struct stk_purse symbols;
};

static void add_module_range(struct stk_module *m, uint64_t begin, uint64_t end,
			     bool text, const char *what)
{
	if (begin && begin < end)
		m->range[m->nr_ranges++] =
			(struct stk_module_range){ begin, end, text, what };
}

/* A layout is cut in parts by sizes that each count from its base. */
static void read_layout(struct stk *s, struct stk_module *m,
			const struct stk_member *where, bool init)
{
	static const struct {
		const char *until, *core, *init;
	} part[] = {
		{ "text_size", "text", "init text" },
		{ "ro_size", "rodata", "init rodata" },
		/* 4.7, commit 444d13ff10fb */
		{ "ro_after_init_size", "ro_after_init", "init data" },
		{ "size", "data", "init data" },
	};
	uint64_t base, size, at = m->addr + where->offset, done = 0;

	_Static_assert(2 * STK_ARRAY_SIZE(part) <= STK_MODULE_RANGES, "core and init");
	if (stk_read_member(s, at, "module_layout", "base", &base) ||
	    stk_read_member(s, at, "module_layout", "size", &size) || base + size < base)
		return;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		uint64_t until;

		/* Where the sizes of the parts are not known, all of it may be code. */
		if (stk_read_member(s, at, "module_layout", part[i].until, &until)) {
			if (i)
				continue;
			until = size;
		}
		if (until > size)
			until = size;
		if (until < done)
			continue;
		add_module_range(m, base ? base + done : 0, base + until, i == 0,
				 init ? part[i].init : part[i].core);
		done = until;
	}
}

/* enum mod_mem_type */
static const struct {
	const char *what;
	bool text;
} mem_type[] = {
	{ "text", true },	    { "data", false },	   { "rodata", false },
	{ "ro_after_init", false }, { "init text", true }, { "init data", false },
	{ "init rodata", false },
};

/* 4.5-6.3 */
static void read_layouts(struct stk *s, struct stk_module *m)
{
	struct stk_member where;

	if (!stk_find_member(s, "module", "core_layout", &where))
		return;
	read_layout(s, m, &where, false);
	if (stk_find_member(s, "module", "init_layout", &where))
		read_layout(s, m, &where, true);
}

/* 6.4, commit ac3b43283923 */
static void read_mem(struct stk *s, struct stk_module *m)
{
	struct stk_member where;
	uint32_t size;

	_Static_assert(STK_ARRAY_SIZE(mem_type) <= STK_MODULE_RANGES, "a range for each");
	if (!stk_find_member(s, "module", "mem", &where) ||
	    !stk_find_size(s, "module_memory", &size) || !size)
		return;
	for (uint32_t i = 0;
	     i < sizeof(mem_type) / sizeof(mem_type[0]) && (i + 1) * size <= where.size;
	     i++) {
		uint64_t at = m->addr + where.offset + i * size, base, len;

		if (!stk_read_member(s, at, "module_memory", "base", &base) &&
		    !stk_read_member(s, at, "module_memory", "size", &len))
			add_module_range(m, base, base + len, mem_type[i].text,
					 mem_type[i].what);
	}
}

/* struct module is itself in the module's data (.gnu.linkonce.this_module). */
static bool holds_itself(const struct stk_module *m)
{
	for (size_t i = 0; i < m->nr_ranges; i++)
		if (stk_within(m->addr, m->range[i].begin, m->range[i].end))
			return true;
	return false;
}

/* A vendor's kernel may have both, of which nothing fills in one. */
static void read_ranges(struct stk *s, struct stk_module *m)
{
	struct stk_module other = *m;

	read_layouts(s, m);
	if (holds_itself(m))
		return;
	read_mem(s, &other);
	if (!m->nr_ranges || holds_itself(&other))
		*m = other;
}

static void read_percpu(struct stk *s, struct stk_module *m)
{
	uint64_t size;

	if (!stk_read_member(s, m->addr, "module", "percpu", &m->percpu) && m->percpu &&
	    !stk_read_member(s, m->addr, "module", "percpu_size", &size))
		m->percpu_size = (uint32_t)size;
}

static void read_orc(struct stk *s, struct stk_module *m)
{
	struct stk_member arch;
	uint64_t at, nr;

	if (!stk_find_member(s, "module", "arch", &arch))
		return;
	at = m->addr + arch.offset;
	if (!stk_read_member(s, at, "mod_arch_specific", "num_orcs", &nr) &&
	    !stk_read_member(s, at, "mod_arch_specific", "orc_unwind_ip", &m->orc_ip) &&
	    !stk_read_member(s, at, "mod_arch_specific", "orc_unwind", &m->orc))
		m->num_orcs = (uint32_t)nr;
}

static bool is_known(const struct stk_modules *list, uint64_t addr)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->module[i].addr == addr)
			return true;
	return false;
}

/* A damaged list still gave the modules before the damage. */
static enum stk_status unless_damaged(enum stk_status st)
{
	return st == STK_ERR_NOMEM || st == STK_ERR_INTERRUPTED ? st : STK_OK;
}

static enum stk_status read_list(struct stk *s, struct stk_modules *list)
{
	struct stk_member link, name;
	uint64_t head, at;
	enum stk_status st;

	if ((st = stk_symbol(s, "modules", &head)) ||
	    (st = stk_member(s, "module", "list", &link)) ||
	    (st = stk_member(s, "module", "name", &name)) ||
	    (st = stk_read_u64(s, head, &at)))
		return unless_damaged(st);
	/* A damaged list may lead back into itself. */
	while (!st && at != head && list->nr < MAX_MODULES &&
	       !is_known(list, at - link.offset)) {
		struct stk_module *m;

		m = stk_vec_next(&s->arena, list->module, list->nr, list->room);
		if (!m) {
			st = stk_why_stop(s);
			break;
		}
		m->addr = at - link.offset;
		st = stk_read_string(s, m->addr + name.offset, m->name,
				     name.size && name.size < sizeof(m->name)
					     ? name.size
					     : sizeof(m->name));
		if (st)
			break;
		read_ranges(s, m);
		read_orc(s, m);
		read_percpu(s, m);
		list->nr++;
		st = stk_read_u64(s, at, &at);
	}
	return unless_damaged(st);
}

static enum stk_status index_places(struct stk *s, struct stk_modules *list)
{
	size_t nr = 0;

	for (size_t i = 0; i < list->nr; i++)
		nr += list->module[i].nr_ranges;
	/* As many as MAX_MODULES have, at most. */
	list->place = stk_arena_array(&s->fixed, nr, sizeof(*list->place));
	if (!list->place)
		return STK_ERR_NOMEM;
	for (size_t i = 0; i < list->nr; i++) {
		struct stk_module *m = &list->module[i];

		for (size_t k = 0; k < m->nr_ranges; k++)
			list->place[list->nr_places++] =
				(struct place){ m->range[k].begin, &m->range[k], m };
	}
	stk_sort(list->place, nr, begin);
	return STK_OK;
}

static enum stk_status find_modules(struct stk *s, void *value)
{
	struct stk_modules *list = value;
	enum stk_status st = read_list(s, list);

	return st ? st : index_places(s, list);
}

/* NULL: there is no list, or this is no time to ask (stk_must_stop()). */
static struct stk_modules *get_modules(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_modules),
		.find = find_modules,
		.what = "the list of modules",
		.share = SHARE,
	};

	stk_once(s, &s->modules, &once);
	return s->modules.value;
}

struct stk_module *stk_module_nth(struct stk *s, size_t nth)
{
	struct stk_modules *list = get_modules(s);

	return list && nth < list->nr ? &list->module[nth] : NULL;
}

struct stk_module *stk_module_part(struct stk *s, uint64_t addr,
				   const struct stk_module_range **range)
{
	struct stk_modules *list = get_modules(s);
	size_t low = list ? stk_upto(list->place, list->nr_places, begin, addr) : 0;

	if (!low || addr >= list->place[low - 1].range->end)
		return NULL;
	*range = list->place[low - 1].range;
	return list->place[low - 1].module;
}

struct stk_module *stk_module_at(struct stk *s, uint64_t addr)
{
	const struct stk_module_range *range;

	return stk_module_part(s, addr, &range);
}

bool stk_module_text(struct stk *s, uint64_t addr)
{
	const struct stk_module_range *range;

	return stk_module_part(s, addr, &range) && range->text;
}

struct stk_module *stk_module_percpu(struct stk *s, uint64_t ptr)
{
	struct stk_modules *list = get_modules(s);

	if (list && !stk_spend(s, list->nr / MODULES_A_STEP))
		return NULL;
	for (size_t i = 0; list && i < list->nr; i++)
		if (ptr - list->module[i].percpu < list->module[i].percpu_size)
			return &list->module[i];
	return NULL;
}

static int by_symbol_address(const void *a, const void *b)
{
	const struct stk_module_symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * What find_kallsyms_symbol() in kernel/module/kallsyms.c passes over. riscv's mapping
 * symbols have the instruction set behind "$x" (c05780ef3c19).
 */
static bool is_nameless(const char *name)
{
	return !*name || !strncmp(name, ".L", 2) || !strncmp(name, "L0", 2) ||
	       name[0] == '$';
}

/* All of a table of strings as names: see base/safe.h. */
static void make_safe(char *strings, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < size; i++) {
		len = strings[i] ? len + 1 : 0;
		if (len == STK_MAX_NAME) {
			strings[i] = '\0';
			len = 0;
		}
		if (len)
			stk_safe_bytes(strings + i, 1);
	}
}

/* An ELF symbol table, read to memory that is the caller's to free(). */
static Elf64_Sym *read_symtab(struct stk *s, uint64_t symtab, size_t nr)
{
	Elf64_Sym *sym = calloc(nr, sizeof(*sym));

	if (!sym)
		stk_budget_short(&s->budget);
	else if (!stk_read(s, symtab, sym, nr * sizeof(*sym)))
		return sym;
	free(sym);
	return NULL;
}

/*
 * The strings from @strtab on that the symbols name. @size: gets how many bytes of them a
 * symbol may name. NULL: they cannot be read.
 */
static char *read_strings(struct stk *s, uint64_t strtab, const Elf64_Sym *sym, size_t nr,
			  size_t *size)
{
	char *strings;

	*size = 0;
	for (size_t i = 0; i < nr; i++)
		if (sym[i].st_name >= *size && sym[i].st_name < MAX_STRINGS)
			*size = sym[i].st_name + 1;
	/*
	 * The last string ends somewhere before the next page boundary, or after; or it
	 * is cut where a name ends at the latest.
	 */
	strings = stk_arena_alloc(&s->arena, *size + STK_MAX_NAME);
	if (!strings || stk_read(s, strtab, strings, *size))
		return NULL;
	for (size_t i = *size; i < *size + STK_MAX_NAME; i++)
		if (stk_read(s, strtab + i, strings + i, 1) || !strings[i])
			break;
	make_safe(strings, *size + STK_MAX_NAME);
	return strings;
}

/* @size: of the part of m->strings that has names. */
static void keep_symbols(struct stk_module *m, const Elf64_Sym *sym, size_t nr,
			 size_t size, bool sized)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++) {
		if (sym[i].st_shndx == SHN_UNDEF || sym[i].st_name >= size ||
		    is_nameless(m->strings + sym[i].st_name))
			continue;
		m->symbol[kept++] = (struct stk_module_symbol){
			.addr = sym[i].st_value,
			.size = sized ? sym[i].st_size : 0,
			.name = sym[i].st_name,
			.order = (uint32_t)i,
		};
	}
	qsort(m->symbol, kept, sizeof(*m->symbol), by_symbol_address);
	m->nr_symbols = kept;
}

static void load_symbols(struct stk *s, struct stk_module *m)
{
	uint64_t kallsyms, symtab, strtab, nr;
	size_t size;
	struct stk_member typetab;
	/* 5.0 and 5.1 kept the type in st_size (commits 5439c985c5a8, 1c7651f43777). */
	bool sized = stk_find_member(s, "mod_kallsyms", "typetab", &typetab);
	Elf64_Sym *sym;

	if (stk_read_member(s, m->addr, "module", "kallsyms", &kallsyms) ||
	    stk_read_member(s, kallsyms, "mod_kallsyms", "symtab", &symtab) ||
	    stk_read_member(s, kallsyms, "mod_kallsyms", "strtab", &strtab) ||
	    stk_read_member(s, kallsyms, "mod_kallsyms", "num_symtab", &nr) || !nr ||
	    nr > MAX_MODULE_SYMBOLS)
		return;
	m->symbol = stk_arena_array(&s->arena, nr, sizeof(*m->symbol));
	sym = m->symbol ? read_symtab(s, symtab, nr) : NULL;
	if (!sym)
		return;
	m->strings = read_strings(s, strtab, sym, nr, &size);
	if (m->strings)
		keep_symbols(m, sym, nr, size, sized);
	free(sym);
}

static void get_symbols(struct stk *s, struct stk_module *m)
{
	struct stk_purse *purse = &get_modules(s)->symbols;

	if (m->symbols_tried)
		return;
	purse->kept = true;
	stk_purse_open(&s->budget, purse, "the modules' symbols", SHARE_OF_SYMBOLS);
	load_symbols(s, m);
	stk_purse_close(&s->budget, purse);
	m->symbols_tried = !purse->starved && !stk_must_stop_all(s);
}

enum stk_status stk_module_symbol(struct stk *s, struct stk_module *m, uint64_t addr,
				  const char **name, uint64_t *start)
{
	size_t low;

	get_symbols(s, m);
	low = stk_upto(m->symbol, m->nr_symbols, addr, addr);
	if (!low)
		return STK_ERR_NO_SYMBOL;
	low--;
	if (low && m->symbol[low - 1].addr == m->symbol[low].addr)
		low = m->symbol[low].addr ? stk_upto(m->symbol, m->nr_symbols, addr,
						     m->symbol[low].addr - 1)
					  : 0;
	*name = m->strings + m->symbol[low].name;
	*start = m->symbol[low].addr;
	return STK_OK;
}

enum stk_status stk_modules_address(struct stk *s, const char *name, uint64_t *addr)
{
	struct stk_modules *list = get_modules(s);

	for (size_t i = 0; list && i < list->nr; i++) {
		struct stk_module *m = &list->module[i];

		get_symbols(s, m);
		if (!stk_spend(s, m->nr_symbols / SYMBOLS_A_STEP))
			return stk_why_stop(s);
		for (size_t j = 0; j < m->nr_symbols; j++) {
			if (!strcmp(m->strings + m->symbol[j].name, name)) {
				*addr = m->symbol[j].addr;
				return STK_OK;
			}
		}
	}
	return STK_ERR_NO_SYMBOL;
}

uint64_t stk_module_symbol_end(struct stk *s, struct stk_module *m, uint64_t addr)
{
	size_t after;

	get_symbols(s, m);
	after = stk_upto(m->symbol, m->nr_symbols, addr, addr);
	/* Behind the last one lies whatever was in those pages before. */
	if (after && addr - m->symbol[after - 1].addr < m->symbol[after - 1].size)
		return m->symbol[after - 1].addr + m->symbol[after - 1].size;
	return after < m->nr_symbols ? m->symbol[after].addr : 0;
}
