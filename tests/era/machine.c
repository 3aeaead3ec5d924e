/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPUS    64
#define MODULE_AT   0xffffffffc7f00000ull /* where no recorded machine has anything */
#define MASKS_AT    0xffffffffc7e00000ull
#define MODULE_LIST (MASKS_AT + 64)
#define IMAGE_REST  0x2000000ull

struct word {
	uint64_t addr, value;
};

struct symbol {
	uint64_t addr;
	char name[128];
	bool function;
};

struct type {
	char name[128]; /* "type" or "type.member" */
	uint32_t offset, size;
};

struct row {
	uint64_t ip;
	unsigned char raw[6];
};

struct machine {
	struct word *word;
	size_t nr_words, words_room;
	struct symbol *symbol;
	size_t nr_symbols, symbols_room;
	struct type *type;
	size_t nr_types, types_room;
	struct row *row;
	size_t nr_rows, rows_room;
	struct expected_chain *chain;
	size_t nr_chains, chains_room;
	struct stk_note note[MAX_CPUS];
	bool have_note[MAX_CPUS];
	uint64_t percpu[MAX_CPUS];
	unsigned int nr_cpus;
	char vmcoreinfo[32][2][128];
	size_t nr_vmcoreinfo;
	char module[64];
	uint64_t module_base, module_size;
};

/* What is left out of a recording would make it another one. */
static void must_fit(bool fits, const char *what)
{
	if (fits)
		return;
	fprintf(stderr, "replay: a recording has too many %s\n", what);
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

static void add_word(struct machine *m, uint64_t addr, uint64_t value)
{
	m->word = grow(m->word, m->nr_words, &m->words_room, sizeof(*m->word));
	m->word[m->nr_words++] = (struct word){ addr, value };
}

static struct symbol *add_symbol(struct machine *m, const char *name, uint64_t addr)
{
	struct symbol *s;

	m->symbol = grow(m->symbol, m->nr_symbols, &m->symbols_room, sizeof(*m->symbol));
	s = &m->symbol[m->nr_symbols++];
	memset(s, 0, sizeof(*s));
	s->addr = addr;
	snprintf(s->name, sizeof(s->name), "%s", name);
	return s;
}

static void set_symbol(struct machine *m, const char *name, uint64_t addr)
{
	for (size_t i = 0; i < m->nr_symbols; i++)
		if (!strcmp(m->symbol[i].name, name)) {
			m->symbol[i].addr = addr;
			return;
		}
	add_symbol(m, name, addr);
}

static void add_type(struct machine *m, const char *name, uint32_t offset, uint32_t size)
{
	m->type = grow(m->type, m->nr_types, &m->types_room, sizeof(*m->type));
	m->type[m->nr_types] = (struct type){ .offset = offset, .size = size };
	snprintf(m->type[m->nr_types++].name, sizeof(m->type[0].name), "%s", name);
}

static uint64_t key(const char *line, const char *name)
{
	const char *p = strstr(line, name);

	return p ? strtoull(p + strlen(name), NULL, 0) : 0;
}

static const char *const reg_names[] = {
	"r15", "r14", "r13", "r12", "bp",      "bx", "r11", "r10",   "r9", "r8", "ax",
	"cx",  "dx",  "si",  "di",  "orig_ax", "ip", "cs",  "flags", "sp", "ss",
};

static void parse_reg(struct machine *m, const char *line)
{
	char name[32];
	unsigned long long value;
	unsigned int cpu;

	if (sscanf(line, "reg %u %31s %llx", &cpu, name, &value) != 3)
		return;
	must_fit(cpu < MAX_CPUS, "CPUs");
	m->have_note[cpu] = true;
	m->note[cpu].kind = STK_NOTE_QEMU;
	m->note[cpu].pid = cpu + 1;
	for (size_t i = 0; i < sizeof(reg_names) / sizeof(reg_names[0]); i++)
		if (!strcmp(name, reg_names[i]))
			m->note[cpu].gpr[i] = value;
}

static void parse_mem(struct machine *m, const char *line)
{
	char *p;
	uint64_t addr = strtoull(line + 4, &p, 0);

	for (p++; *p && *p != '\n'; addr += 8) {
		char *end;
		uint64_t value = strtoull(p, &end, 16);

		if (end == p)
			break;
		add_word(m, addr, value);
		p = end;
	}
}

static void parse_orc(struct machine *m, const char *line)
{
	const char *raw = strstr(line, "raw=");
	struct row *r;

	if (!raw)
		return;
	m->row = grow(m->row, m->nr_rows, &m->rows_room, sizeof(*m->row));
	r = &m->row[m->nr_rows++];
	r->ip = strtoull(line + 4, NULL, 0);
	for (int i = 0; i < 6; i++)
		sscanf(raw + 4 + 2 * i, "%2hhx", &r->raw[i]);
}

static void parse_expect(struct machine *m, const char *line)
{
	struct expected_chain *c;
	struct expected_frame *f;
	char where[160], *plus;

	if (!m->nr_chains)
		return;
	c = &m->chain[m->nr_chains - 1];
	must_fit(c->nr < MAX_FRAMES, "frames");
	f = &c->frame[c->nr];
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

static void parse_chain(struct machine *m, const char *line)
{
	struct expected_chain *c;

	m->chain = grow(m->chain, m->nr_chains, &m->chains_room, sizeof(*m->chain));
	c = &m->chain[m->nr_chains++];
	memset(c, 0, sizeof(*c));
	c->cpu = strstr(line, " cpu=") ? (int)key(line, " cpu=") : -1;
	c->task = key(line, " task=");
}

static void parse_line(struct machine *m, char *line)
{
	char a[128], b[128], kind;
	unsigned int x, y;
	unsigned long long v;

	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(line, "mem ", 4)) {
		parse_mem(m, line);
	} else if (!strncmp(line, "reg ", 4)) {
		parse_reg(m, line);
	} else if (!strncmp(line, "orc ", 4)) {
		parse_orc(m, line);
	} else if (!strncmp(line, "expect ", 7)) {
		parse_expect(m, line);
	} else if (!strncmp(line, "chain ", 6)) {
		parse_chain(m, line);
	} else if (!strncmp(line, "end ", 4) && m->nr_chains) {
		struct expected_chain *c = &m->chain[m->nr_chains - 1];

		sscanf(line, "end %15[a-z]", c->end);
		c->ip = key(line, " ip=");
		c->sp = key(line, " sp=");
	} else if (sscanf(line, "percpu %u %llx", &x, &v) == 2) {
		must_fit(x < MAX_CPUS, "CPUs");
		m->percpu[x] = v;
		if (x >= m->nr_cpus)
			m->nr_cpus = x + 1;
	} else if (sscanf(line, "percpu_symbol %127s %llx", a, &v) == 2) {
		add_symbol(m, a, v);
	} else if (sscanf(line, "symbol %llx %c %127s", &v, &kind, a) == 3) {
		add_symbol(m, a, v)->function = strchr("tTwW", kind) != NULL;
	} else if (sscanf(line, "struct %127s size %u", a, &x) == 2 ||
		   sscanf(line, "union %127s size %u", a, &x) == 2) {
		add_type(m, a, 0, x);
	} else if (sscanf(line, "member %127s offset %u size %u", a, &x, &y) == 3) {
		add_type(m, a, x, y);
	} else if (sscanf(line, "module %63s base %llx size %u", a, &v, &x) == 3) {
		snprintf(m->module, sizeof(m->module), "%.63s", a);
		m->module_base = v;
		m->module_size = x;
	} else if (sscanf(line, "vmcoreinfo %127[^=]=%127s", a, b) == 2) {
		must_fit(m->nr_vmcoreinfo < 32, "lines of VMCOREINFO");
		snprintf(m->vmcoreinfo[m->nr_vmcoreinfo][0], 128, "%s", a);
		snprintf(m->vmcoreinfo[m->nr_vmcoreinfo++][1], 128, "%s", b);
	}
}

/* ---- what the recording leaves out and the library asks for ---- */

static bool in_module(const struct machine *m, uint64_t addr)
{
	return m->module_base && addr >= m->module_base &&
	       addr < m->module_base + m->module_size;
}

static const struct type *find_type(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->nr_types; i++)
		if (!strcmp(m->type[i].name, name))
			return &m->type[i];
	return NULL;
}

static uint32_t member(const struct machine *m, const char *name)
{
	const struct type *t = find_type(m, name);

	return t ? t->offset : 0;
}

static int by_ip(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

/* Bytes into words; @addr is a multiple of 8. */
static void add_bytes(struct machine *m, uint64_t addr, const unsigned char *p,
		      size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = 0;

		memcpy(&word, p + i, len - i < 8 ? len - i : 8);
		add_word(m, addr + i, word);
	}
}

/* An ORC table of the recorded rows: distances at @at, entries behind them. */
static uint64_t add_orc_table(struct machine *m, uint64_t at, bool module, size_t *nr)
{
	unsigned char *ip = calloc(m->nr_rows + 2, 4), *entry = calloc(m->nr_rows + 2, 6);
	uint64_t entries;
	size_t n = 0;

	for (size_t i = 0; i < m->nr_rows; i++) {
		int32_t distance = (int32_t)(m->row[i].ip - (at + 4 * n));

		if (in_module(m, m->row[i].ip) != module ||
		    (i && m->row[i].ip == m->row[i - 1].ip))
			continue;
		memcpy(ip + 4 * n, &distance, 4);
		memcpy(entry + 6 * n, m->row[i].raw, 6);
		n++;
	}
	entries = (at + 4 * n + 7) & ~7ull;
	add_bytes(m, at, ip, 4 * n);
	add_bytes(m, entries, entry, 6 * n);
	free(ip);
	free(entry);
	*nr = n;
	return entries;
}

static void add_module(struct machine *m)
{
	uint64_t list = MODULE_AT + member(m, "module.list"), orc, at;
	uint64_t arch = MODULE_AT + member(m, "module.arch"), entries;
	unsigned char name[56] = { 0 };
	size_t nr;

	set_symbol(m, "modules", MODULE_LIST);
	add_word(m, MODULE_LIST, m->module_base ? list : MODULE_LIST);
	if (!m->module_base)
		return;
	add_word(m, list, MODULE_LIST);
	memcpy(name, m->module, strlen(m->module));
	add_bytes(m, MODULE_AT + member(m, "module.name"), name, sizeof(name));
	at = MODULE_AT + member(m, "module.core_layout");
	add_word(m, at, m->module_base);
	add_word(m, at + 8, m->module_size);
	orc = MODULE_AT + 0x10000;
	entries = add_orc_table(m, orc, true, &nr);
	add_word(m, arch + member(m, "mod_arch_specific.num_orcs"), nr);
	add_word(m, arch + member(m, "mod_arch_specific.orc_unwind_ip"), orc);
	add_word(m, arch + member(m, "mod_arch_specific.orc_unwind"), entries);
}

static enum stk_status address(void *priv, const char *name, uint64_t *addr)
{
	const struct machine *m = priv;

	for (size_t i = 0; i < m->nr_symbols; i++)
		if (!strcmp(m->symbol[i].name, name)) {
			*addr = m->symbol[i].addr;
			return STK_OK;
		}
	return STK_ERR_NO_SYMBOL;
}

static void complete(struct machine *m)
{
	uint64_t mask = m->nr_cpus >= 64 ? ~0ull : (1ull << m->nr_cpus) - 1,
		 at = MODULE_LIST + 64;
	uint64_t text = 0, end = 0;
	size_t nr;

	qsort(m->row, m->nr_rows, sizeof(*m->row), by_ip);
	set_symbol(m, "nr_cpu_ids", MASKS_AT);
	add_word(m, MASKS_AT, m->nr_cpus);
	set_symbol(m, "__cpu_possible_mask", MASKS_AT + 8);
	set_symbol(m, "__cpu_online_mask", MASKS_AT + 16);
	add_word(m, MASKS_AT + 8, mask);
	add_word(m, MASKS_AT + 16, mask);
	set_symbol(m, "__per_cpu_offset", at);
	for (unsigned int i = 0; i < m->nr_cpus; i++)
		add_word(m, at + 8 * i, m->percpu[i]);
	if (!find_type(m, "module_layout.base")) {
		add_type(m, "module_layout.base", 0, 8);
		add_type(m, "module_layout.size", 8, 4);
	}
	/* Of the image's bounds only those of the text are recorded. */
	address(m, "_stext", &text);
	address(m, "_etext", &end);
	add_symbol(m, "_text", text);
	add_symbol(m, "_sinittext", end);
	add_symbol(m, "_einittext", end + IMAGE_REST);
	add_symbol(m, "_end", end + IMAGE_REST);
	at = 0xffffffffc7d00000ull;
	set_symbol(m, "__start_orc_unwind_ip", at);
	set_symbol(m, "__start_orc_unwind", add_orc_table(m, at, false, &nr));
	set_symbol(m, "__stop_orc_unwind_ip", at + 4 * nr);
	add_module(m);
}

static int by_addr(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

struct machine *machine_load(const char *path)
{
	struct machine *m = calloc(1, sizeof(*m));
	FILE *fp = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!fp || !m) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &room, fp) > 0)
		parse_line(m, line);
	free(line);
	fclose(fp);
	complete(m);
	qsort(m->word, m->nr_words, sizeof(*m->word), by_addr);
	return m;
}

void machine_free(struct machine *m)
{
	free(m->word);
	free(m->symbol);
	free(m->type);
	free(m->row);
	free(m->chain);
	free(m);
}

size_t machine_chains(struct machine *m, struct expected_chain **chains)
{
	*chains = m->chain;
	return m->nr_chains;
}

/* ---- the providers ---- */

static enum stk_status read_virt(void *priv, uint64_t addr, void *buf, size_t len)
{
	const struct machine *m = priv;
	size_t low = 0, high = m->nr_words;
	unsigned char *p = buf;
	bool any = false;

	/*
	 * The recording has single words: the rest of their pages reads as zero, and
	 * pages without any do not exist.
	 */
	memset(buf, 0, len);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->word[mid].addr + 8 <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < m->nr_words && m->word[low].addr < addr + len; low++) {
		int64_t at = (int64_t)(m->word[low].addr - addr);

		any = true;
		for (int i = 0; i < 8; i++)
			if (at + i >= 0 && at + i < (int64_t)len)
				p[at + i] = (unsigned char)(m->word[low].value >> 8 * i);
	}
	return any ? STK_OK : STK_ERR_EXCLUDED;
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	return STK_ERR_EXCLUDED;
}

static const struct stk_memory_ops memory_ops = {
	.read_phys = read_phys,
	.read_virt = read_virt,
};

static enum stk_status lookup(void *priv, uint64_t addr, const char **name,
			      uint64_t *offset)
{
	const struct machine *m = priv;
	const struct symbol *best = NULL;

	for (size_t i = 0; i < m->nr_symbols; i++) {
		const struct symbol *s = &m->symbol[i];

		if (s->function && s->addr <= addr && (!best || s->addr > best->addr))
			best = s;
	}
	if (!best)
		return STK_ERR_NO_SYMBOL;
	*name = best->name;
	*offset = addr - best->addr;
	return STK_OK;
}

static const struct stk_symbol_ops symbol_ops = { .address = address, .lookup = lookup };

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct type *t = find_type(priv, type);

	if (!t)
		return STK_ERR_NO_TYPE;
	*size = t->size;
	return STK_OK;
}

static enum stk_status type_member(void *priv, const char *type, const char *name,
				   struct stk_member *out)
{
	char both[160];
	const struct type *t;

	snprintf(both, sizeof(both), "%s.%s", type, name);
	t = find_type(priv, both);
	if (!t)
		return STK_ERR_NO_TYPE;
	out->offset = t->offset;
	out->size = t->size;
	return STK_OK;
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

static enum stk_status get_note(void *priv, unsigned int index, struct stk_note *out)
{
	const struct machine *m = priv;

	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (m->have_note[cpu] && !index--) {
			*out = m->note[cpu];
			return STK_OK;
		}
	return STK_ERR_NO_REGS;
}

static const struct stk_note_ops note_ops = { .note = get_note };

static const char *vmcoreinfo(void *priv, const char *name)
{
	const struct machine *m = priv;

	for (size_t i = 0; i < m->nr_vmcoreinfo; i++)
		if (!strcmp(m->vmcoreinfo[i][0], name))
			return m->vmcoreinfo[i][1];
	return NULL;
}

void machine_target(struct machine *m, struct stk_target *target)
{
	*target = (struct stk_target){
		.memory = &memory_ops,
		.memory_priv = m,
		.symbols = &symbol_ops,
		.symbols_priv = m,
		.types = &type_ops,
		.types_priv = m,
		.notes = &note_ops,
		.notes_priv = m,
		.vmcoreinfo = vmcoreinfo,
		.vmcoreinfo_priv = m,
		.machine = EM_X86_64,
	};
}
