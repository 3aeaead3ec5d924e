/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where no recorded machine has anything. */
#define ORC_AT	    0xffffffffc7d00000ull
#define MASKS_AT    0xffffffffc7e00000ull
#define OFFSETS_AT  (MASKS_AT + 128)
#define MODULE_LIST (MASKS_AT + 64)
#define MODULE_AT   0xffffffffc7f00000ull
#define IMAGE_REST  0x2000000ull

/* What is left out of a recording would make it another one. */
void syn_misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("replay: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void *grow(void *array, size_t nr, size_t *room, size_t size)
{
	if (nr < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static uint64_t key(const char *line, const char *name)
{
	const char *p = strstr(line, name);

	return p ? strtoull(p + strlen(name), NULL, 0) : 0;
}

static void parse_orc(struct recording *r, const char *line)
{
	const char *raw = strstr(line, "raw=");
	struct orc_row *row;

	if (!raw)
		return;
	r->row = grow(r->row, r->nr_rows, &r->rows_room, sizeof(*r->row));
	row = &r->row[r->nr_rows++];
	row->ip = strtoull(line + 4, NULL, 0);
	for (int i = 0; i < 6; i++)
		sscanf(raw + 4 + 2 * i, "%2hhx", &row->raw[i]);
}

static void parse_module(struct recording *r, const char *line)
{
	unsigned long long base;
	unsigned int size;

	if (sscanf(line, "module %55s base %llx size %u", r->module, &base, &size) != 3)
		return;
	r->module_base = base;
	r->module_size = size;
}

static void parse_chain(struct recording *r, const char *line)
{
	struct expected_chain *c;

	r->chain = grow(r->chain, r->nr_chains, &r->chains_room, sizeof(*r->chain));
	c = &r->chain[r->nr_chains++];
	memset(c, 0, sizeof(*c));
	c->cpu = strstr(line, " cpu=") ? (int)key(line, " cpu=") : -1;
	c->task = key(line, " task=");
}

static void parse_expect(struct expected_chain *c, const char *line)
{
	struct expected_frame *f = &c->frame[c->nr];
	char where[160], *plus;

	syn_assert(c->nr < MAX_FRAMES);
	if (sscanf(line, "expect %23s %159s", f->stack, where) != 2)
		return;
	plus = strrchr(where, '+');
	if (plus) {
		*plus = '\0';
		f->offset = strtoull(plus + 1, NULL, 0);
	}
	snprintf(f->function, sizeof(f->function), "%.127s", where);
	f->ip = key(line, " ip=");
	f->sp = key(line, " sp=");
	f->bp = key(line, " bp=");
	c->orc_hole |= strstr(line, "ORC-hole") != NULL;
	c->nr++;
}

static void parse_end(struct expected_chain *c, const char *line)
{
	sscanf(line, "end %15[a-z]", c->end);
	c->ip = key(line, " ip=");
	c->sp = key(line, " sp=");
}

static void parse_line(struct recording *r, char *line)
{
	struct expected_chain *last = r->nr_chains ? &r->chain[r->nr_chains - 1] : NULL;

	line[strcspn(line, "\n")] = '\0';
	if (syn_fact(r->m, line))
		return;
	if (!strncmp(line, "orc ", 4))
		parse_orc(r, line);
	else if (!strncmp(line, "module ", 7))
		parse_module(r, line);
	else if (!strncmp(line, "chain ", 6))
		parse_chain(r, line);
	else if (!strncmp(line, "expect ", 7) && last)
		parse_expect(last, line);
	else if (!strncmp(line, "end ", 4) && last)
		parse_end(last, line);
}

/* ---- what the recording leaves out and the library asks for ---- */

static bool in_module(const struct recording *r, uint64_t addr)
{
	return r->module_base && addr >= r->module_base &&
	       addr < r->module_base + r->module_size;
}

static void set_datum(struct syn *m, const char *name, uint64_t addr)
{
	struct syn_symbol *sym = syn_find_symbol(m, name);

	if (sym)
		sym->addr = addr;
	else
		syn_symbol_of_type(m, name, addr, 'D');
}

static uint32_t member(struct recording *r, const char *name)
{
	const struct syn_type *t = syn_find_type(r->m, name);

	return t ? t->m.offset : 0;
}

static int by_ip(const void *a, const void *b)
{
	const struct orc_row *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

/* An ORC table of the recorded rows: distances at @at, entries behind them. */
static uint64_t write_orc(struct recording *r, uint64_t at, bool module, size_t *nr)
{
	uint64_t entries;
	size_t n = 0;

	*nr = 0;
	for (size_t i = 0; i < r->nr_rows; i++)
		*nr += in_module(r, r->row[i].ip) == module;
	entries = (at + 4 * *nr + 7) & ~7ull;
	for (size_t i = 0; i < r->nr_rows; i++) {
		if (in_module(r, r->row[i].ip) != module)
			continue;
		syn_put32(r->m, at + 4 * n, (uint32_t)(r->row[i].ip - (at + 4 * n)));
		syn_write(r->m, entries + 6 * n, r->row[i].raw, 6);
		n++;
	}
	return entries;
}

static void write_module(struct recording *r)
{
	uint64_t list = MODULE_AT + member(r, "module.list"), orc, at;
	uint64_t arch = MODULE_AT + member(r, "module.arch"), entries;
	size_t nr;

	set_datum(r->m, "modules", MODULE_LIST);
	syn_put64(r->m, MODULE_LIST, r->module_base ? list : MODULE_LIST);
	if (!r->module_base)
		return;
	syn_put64(r->m, list, MODULE_LIST);
	syn_write(r->m, MODULE_AT + member(r, "module.name"), r->module,
		  sizeof(r->module));
	at = MODULE_AT + member(r, "module.core_layout");
	syn_put64(r->m, at, r->module_base);
	syn_put64(r->m, at + 8, r->module_size);
	orc = MODULE_AT + 0x10000;
	entries = write_orc(r, orc, true, &nr);
	syn_put64(r->m, arch + member(r, "mod_arch_specific.num_orcs"), nr);
	syn_put64(r->m, arch + member(r, "mod_arch_specific.orc_unwind_ip"), orc);
	syn_put64(r->m, arch + member(r, "mod_arch_specific.orc_unwind"), entries);
}

static void write_cpus(struct syn *m)
{
	uint64_t mask = (2ull << (m->nr_percpu - 1)) - 1;

	syn_assert(m->nr_percpu > 0);
	set_datum(m, "nr_cpu_ids", MASKS_AT);
	syn_put64(m, MASKS_AT, m->nr_percpu);
	set_datum(m, "__cpu_possible_mask", MASKS_AT + 8);
	set_datum(m, "__cpu_online_mask", MASKS_AT + 16);
	syn_put64(m, MASKS_AT + 8, mask);
	syn_put64(m, MASKS_AT + 16, mask);
	set_datum(m, "__per_cpu_offset", OFFSETS_AT);
	for (unsigned int i = 0; i < m->nr_percpu; i++)
		syn_put64(m, OFFSETS_AT + 8 * i, m->percpu[i]);
}

static void complete(struct recording *r)
{
	struct syn *m = r->m;
	uint64_t end = syn_sym(m, "_etext");
	size_t nr, kept = 0;

	qsort(r->row, r->nr_rows, sizeof(*r->row), by_ip);
	for (size_t i = 0; i < r->nr_rows; i++) /* one is recorded for each chain */
		if (!kept || r->row[i].ip != r->row[kept - 1].ip)
			r->row[kept++] = r->row[i];
	r->nr_rows = kept;
	write_cpus(m);
	if (!syn_find_type(m, "module_layout.base")) {
		syn_member(m, "module_layout.base", 0, 8);
		syn_member(m, "module_layout.size", 8, 4);
	}
	/* Of the image's bounds only those of the text are recorded. */
	set_datum(m, "_text", syn_sym(m, "_stext"));
	set_datum(m, "_sinittext", end);
	set_datum(m, "_einittext", end + IMAGE_REST);
	set_datum(m, "_end", end + IMAGE_REST);
	set_datum(m, "__start_orc_unwind_ip", ORC_AT);
	set_datum(m, "__start_orc_unwind", write_orc(r, ORC_AT, false, &nr));
	set_datum(m, "__stop_orc_unwind_ip", ORC_AT + 4 * nr);
	write_module(r);
}

/*
 * A recording has addresses, but no page tables, and of the memory only the words that
 * are needed: the rest of their pages reads as zero, other pages were left out.
 */
static struct syn *bare_machine(void)
{
	struct syn *m = syn_new(4);

	syn_no_vmcoreinfo(m, "NUMBER(phys_base)");
	syn_no_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)");
	syn_no_vmcoreinfo(m, "NUMBER(pgtable_l5_enabled)");
	syn_use_read_virt(m);
	m->absent = STK_ERR_EXCLUDED;
	return m;
}

struct recording *recording_load(const char *path)
{
	struct recording *r = calloc(1, sizeof(*r));
	FILE *fp = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!fp || !r) {
		perror(path);
		exit(1);
	}
	r->m = bare_machine();
	while (getline(&line, &room, fp) > 0)
		parse_line(r, line);
	free(line);
	fclose(fp);
	complete(r);
	return r;
}

void recording_free(struct recording *r)
{
	syn_free(r->m);
	free(r->row);
	free(r->chain);
	free(r);
}
