/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The synthetic target: physical pages, page tables, symbols, types, notes. It also
 * checks what the library promises its providers: no read crosses a page.
 */
#include "machine.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE	    4096ull	  /* of which its memory is made */
#define FIRST_PHYS  0x20000000ull /* where syn_alloc() begins */
#define PTE_PRESENT 1ull	  /* of all architectures */

/* ---- x86_64 ---- */

#define X86_FLAGS 0x63ull
#define X86_NX	  0x8000000000000000ull
#define X86_LARGE 0x80ull
#define X86_ADDR  0x000ffffffffff000ull

static uint64_t x86_coded(uint64_t phys)
{
	return phys;
}

static uint64_t x86_decoded(uint64_t entry)
{
	return entry & X86_ADDR;
}

#define X86_TABLES(nr)                                                                   \
	{                                                                                \
		.machine = EM_X86_64, .page_shift = 12, .levels = nr, .top_bits = 9,     \
		.table = X86_FLAGS, .page = X86_FLAGS | X86_NX,                          \
		.block = X86_FLAGS | X86_NX | X86_LARGE, .is_block = X86_LARGE,          \
		.no_code = X86_NX, .coded = x86_coded, .decoded = x86_decoded            \
	}

const struct syn_tables syn_tables_x86[2] = { X86_TABLES(4), X86_TABLES(5) };

/* ---- physical memory ---- */

static struct syn_page *page_slot(struct syn *m, uint64_t phys)
{
	uint64_t pfn = (phys >> 12) + 1;
	size_t i = (size_t)(pfn * 0x9e3779b97f4a7c15ull >> 40) % SYN_MAX_PAGES;

	for (size_t n = 0; m->page[i].pfn && m->page[i].pfn != pfn; n++) {
		syn_assert(n < SYN_MAX_PAGES); /* all of them are taken */
		i = (i + 1) % SYN_MAX_PAGES;
	}
	return &m->page[i];
}

void *syn_phys_page(struct syn *m, uint64_t phys)
{
	struct syn_page *p = page_slot(m, phys);

	if (!p->pfn)
		p->pfn = (phys >> 12) + 1;
	if (!p->data)
		p->data = calloc(1, PAGE);
	syn_assert(p->data);
	return p->data;
}

void syn_fail_phys(struct syn *m, uint64_t phys, enum stk_status st)
{
	syn_phys_page(m, phys);
	page_slot(m, phys)->fail = st;
}

uint64_t syn_page_size(const struct syn *m)
{
	return PAGE << m->large;
}

uint64_t syn_alloc(struct syn *m, unsigned int pages)
{
	uint64_t phys = m->next_phys, size = pages * syn_page_size(m);

	for (uint64_t off = 0; off < size; off += PAGE)
		syn_phys_page(m, phys + off);
	m->next_phys += size;
	return phys;
}

static uint64_t *word_at(struct syn *m, uint64_t phys)
{
	return (uint64_t *)((char *)syn_phys_page(m, phys) + (phys & (PAGE - 1)));
}

/* ---- page tables ---- */

/* Where the index of a table begins in an address, and where in the table it leads to. */
static unsigned int root_shift(const struct syn_tables *t)
{
	return t->page_shift + (t->levels - 1) * (t->page_shift - 3);
}

static uint64_t place_in(const struct syn_tables *t, uint64_t table, uint64_t virt,
			 unsigned int shift)
{
	unsigned int bits = shift == root_shift(t) ? t->top_bits : t->page_shift - 3;

	return table + (virt >> shift & ((1ull << bits) - 1)) * 8;
}

static bool is_block(const struct syn_tables *t, uint64_t entry)
{
	return (entry & t->is_block) == (t->block & t->is_block);
}

/* Where the entry for @virt is, at the level whose entries map 1 << @want bytes. */
static uint64_t entry_at(struct syn *m, uint64_t virt, unsigned int want, bool make)
{
	const struct syn_tables *t = m->tables;
	uint64_t table = m->pgd;

	for (unsigned int shift = root_shift(t);; shift -= t->page_shift - 3) {
		uint64_t at = place_in(t, table, virt, shift), entry = *word_at(m, at);

		if (shift == want)
			return at;
		syn_assert(shift > want);
		if (!(entry & PTE_PRESENT)) {
			if (!make)
				return 0;
			entry = t->coded(syn_alloc(m, 1)) | t->table;
			*word_at(m, at) = entry;
		}
		if (is_block(t, entry))
			return make ? 0 : at;
		table = t->decoded(entry);
	}
}

static unsigned int shift_of(uint64_t size)
{
	return (unsigned int)__builtin_ctzll(size);
}

uint64_t syn_entry_at(struct syn *m, uint64_t virt, uint64_t size)
{
	uint64_t at = entry_at(m, virt, shift_of(size), false);

	syn_assert(at != 0);
	return at;
}

void syn_map(struct syn *m, uint64_t virt, uint64_t phys, uint64_t size)
{
	const struct syn_tables *t = m->tables;
	uint64_t at = entry_at(m, virt, shift_of(size), true);

	syn_assert(at != 0);
	*word_at(m, at) = t->coded(phys) | (size > syn_page_size(m) ? t->block : t->page);
}

void syn_map_text(struct syn *m, uint64_t virt)
{
	syn_map(m, virt, syn_alloc(m, 1), syn_page_size(m));
	*word_at(m, syn_entry_at(m, virt, syn_page_size(m))) ^= m->tables->no_code;
}

void syn_unmap(struct syn *m, uint64_t virt)
{
	*word_at(m, syn_entry_at(m, virt, syn_page_size(m))) = 0;
}

bool syn_phys(struct syn *m, uint64_t virt, uint64_t *phys)
{
	const struct syn_tables *t = m->tables;
	uint64_t table = m->pgd;

	for (unsigned int shift = root_shift(t);; shift -= t->page_shift - 3) {
		uint64_t entry = *word_at(m, place_in(t, table, virt, shift));
		uint64_t size = 1ull << shift;

		if (!(entry & PTE_PRESENT))
			return false;
		if (shift == t->page_shift || is_block(t, entry)) {
			*phys = (t->decoded(entry) & ~(size - 1)) | (virt & (size - 1));
			return true;
		}
		table = t->decoded(entry);
	}
}

/* ---- virtual memory ---- */

void syn_write(struct syn *m, uint64_t virt, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		size_t chunk = PAGE - (virt & (PAGE - 1));
		uint64_t phys;

		if (chunk > len)
			chunk = len;
		if (!syn_phys(m, virt, &phys)) {
			syn_map(m, virt & ~(syn_page_size(m) - 1), syn_alloc(m, 1),
				syn_page_size(m));
			syn_assert(syn_phys(m, virt, &phys));
		}
		memcpy((char *)syn_phys_page(m, phys) + (phys & (PAGE - 1)), p, chunk);
		virt += chunk;
		p += chunk;
		len -= chunk;
	}
}

void syn_read(struct syn *m, uint64_t virt, void *buf, size_t len)
{
	for (char *p = buf; len; len--, virt++, p++) {
		uint64_t phys;

		syn_assert(syn_phys(m, virt, &phys));
		*p = ((char *)syn_phys_page(m, phys))[phys & (PAGE - 1)];
	}
}

void syn_put64(struct syn *m, uint64_t virt, uint64_t value)
{
	syn_write(m, virt, &value, sizeof(value));
}

void syn_put32(struct syn *m, uint64_t virt, uint32_t value)
{
	syn_write(m, virt, &value, sizeof(value));
}

void syn_put8(struct syn *m, uint64_t virt, uint8_t value)
{
	syn_write(m, virt, &value, sizeof(value));
}

uint64_t syn_get64(struct syn *m, uint64_t virt)
{
	uint64_t value;

	syn_read(m, virt, &value, sizeof(value));
	return value;
}

void syn_fill(struct syn *m, uint64_t virt, uint64_t len, uint8_t byte)
{
	unsigned char page[4096];

	memset(page, byte, sizeof(page));
	while (len) {
		size_t chunk = len < sizeof(page) ? len : sizeof(page);

		syn_write(m, virt, page, chunk);
		virt += chunk;
		len -= chunk;
	}
}

void syn_fail(struct syn *m, uint64_t virt, enum stk_status st)
{
	uint64_t phys;

	syn_assert(syn_phys(m, virt, &phys));
	syn_fail_phys(m, phys, st);
}

/* ---- the providers ---- */

/* A text that is cut would be another one. */
static void put_text(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put_text(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	syn_assert((size_t)vsnprintf(to, size, fmt, ap) < size);
	va_end(ap);
}

static void count_question(struct syn *m, const char *kind, const char *what)
{
	char text[128];
	size_t i;

	/* A name may be as long as a user likes to ask for. */
	snprintf(text, sizeof(text), "%s %.100s", kind, what);
	for (i = 0; i < m->nr_questions; i++)
		if (!strcmp(m->question[i].text, text))
			break;
	if (i == m->nr_questions) {
		syn_assert(i < SYN_MAX_QUESTIONS);
		strcpy(m->question[i].text, text);
		m->nr_questions++;
	}
	m->question[i].count++;
}

unsigned int syn_asked(struct syn *m, const char *question)
{
	for (size_t i = 0; i < m->nr_questions; i++)
		if (!strcmp(m->question[i].text, question))
			return m->question[i].count;
	return 0;
}

static enum stk_status piece_of_phys(struct syn *m, uint64_t addr, void *buf, size_t len)
{
	struct syn_page *p = page_slot(m, addr);

	if (!p->data)
		return STK_ERR_EXCLUDED;
	if (p->fail)
		return p->fail;
	memcpy(buf, p->data + (addr & (PAGE - 1)), len);
	return STK_OK;
}

static enum stk_status piece_of_virt(struct syn *m, uint64_t addr, void *buf, size_t len)
{
	uint64_t phys;

	return syn_phys(m, addr, &phys) ? piece_of_phys(m, phys, buf, len) : m->absent;
}

/* A large page is made of small ones; where only some of them are there, of zeros. */
static enum stk_status read_pieces(struct syn *m, uint64_t addr, void *buf, size_t len,
				   enum stk_status (*piece)(struct syn *m, uint64_t addr,
							    void *buf, size_t len))
{
	enum stk_status absent = STK_OK;
	bool any = false;

	for (unsigned char *p = buf; len;) {
		size_t rest = PAGE - (addr & (PAGE - 1)), n = len < rest ? len : rest;
		enum stk_status st = piece(m, addr, p, n);

		if (st)
			memset(p, 0, n);
		any |= !st;
		absent = st ? st : absent;
		addr += n;
		p += n;
		len -= n;
	}
	return any ? STK_OK : absent;
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct syn *m = priv;
	m->calls.read_phys++;
	syn_assert((addr & (syn_page_size(m) - 1)) + len <= syn_page_size(m));
	return read_pieces(m, addr, buf, len, piece_of_phys);
}

static enum stk_status read_virt(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct syn *m = priv;
	m->calls.read_virt++;
	syn_assert((addr & (syn_page_size(m) - 1)) + len <= syn_page_size(m));
	return read_pieces(m, addr, buf, len, piece_of_virt);
}

static const struct stk_memory_ops phys_ops = { .read_phys = read_phys };
static const struct stk_memory_ops virt_ops = { .read_phys = read_phys,
						.read_virt = read_virt };

struct syn_symbol *syn_find_symbol(struct syn *m, const char *name)
{
	for (size_t i = 0; i < m->nr_symbols; i++)
		if (!strcmp(m->symbol[i].name, name))
			return &m->symbol[i];
	return NULL;
}

static enum stk_status symbol_address(void *priv, const char *name, uint64_t *addr)
{
	struct syn *m = priv;
	struct syn_symbol *sym = syn_find_symbol(m, name);

	m->calls.symbol++;
	count_question(m, "symbol", name);
	if (!sym)
		return STK_ERR_NO_SYMBOL;
	*addr = sym->addr;
	return STK_OK;
}

static bool is_function(const struct syn_symbol *sym)
{
	return strchr("tTwW", sym->type) != NULL;
}

static enum stk_status symbol_lookup(void *priv, uint64_t addr, const char **name,
				     uint64_t *offset)
{
	struct syn *m = priv;
	const struct syn_symbol *best = NULL;

	m->calls.lookup++;
	for (size_t i = 0; i < m->nr_symbols; i++)
		if (is_function(&m->symbol[i]) && m->symbol[i].addr <= addr &&
		    (!best || m->symbol[i].addr > best->addr))
			best = &m->symbol[i];
	if (!best)
		return STK_ERR_NO_SYMBOL;
	*name = best->name;
	*offset = addr - best->addr;
	return STK_OK;
}

static const struct stk_symbol_ops symbol_ops = { .address = symbol_address,
						  .lookup = symbol_lookup };

struct syn_type *syn_find_type(struct syn *m, const char *name)
{
	for (size_t i = 0; i < m->nr_types; i++)
		if (!strcmp(m->type[i].name, name))
			return &m->type[i];
	return NULL;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	struct syn *m = priv;
	struct syn_type *t = syn_find_type(m, type);

	m->calls.size++;
	count_question(m, "size", type);
	if (!t)
		return STK_ERR_NO_TYPE;
	*size = t->m.size;
	return STK_OK;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	struct syn *m = priv;
	struct syn_type *t;
	char name[96];

	put_text(name, sizeof(name), "%s.%s", type, member);
	t = syn_find_type(m, name);
	m->calls.member++;
	count_question(m, "member", name);
	if (!t)
		return STK_ERR_NO_TYPE;
	*out = t->m;
	return STK_OK;
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

static void put_segment(unsigned char *qemu, unsigned int nr, uint32_t selector,
			uint32_t limit, uint64_t base)
{
	unsigned char *at = qemu + 152 + 24 * nr;

	memcpy(at, &selector, sizeof(selector));
	memcpy(at + 4, &limit, sizeof(limit));
	memcpy(at + 16, &base, sizeof(base));
}

/* struct elf_prstatus: the registers, and one word behind them. */
static size_t prstatus_size(const struct syn_note *n)
{
	return n->machine == EM_AARCH64 ? 392 : n->machine == EM_RISCV ? 376 : 336;
}

/* As QEMU's target/i386/arch_dump.c writes them. */
struct stk_saved syn_saved(struct syn_note *n)
{
	const uint64_t cr[] = { n->cr2, n->cr3, n->cr4 };
	const size_t size = prstatus_size(n);
	struct stk_saved saved = {
		.prstatus = { STK_NOTE_PRSTATUS, n->prstatus, size },
	};

	memcpy(n->prstatus + 32, &n->pid, sizeof(n->pid));
	memcpy(n->prstatus + 112, n->gpr, size - 120);
	if (n->kind != STK_NOTE_QEMU)
		return saved;
	put_segment(n->qemu, 4, 0, 0, n->gs_base);
	put_segment(n->qemu, 7, n->tr_selector, n->tr_limit, n->tr_base);
	put_segment(n->qemu, 8, 0, n->gdt_limit, n->gdt_base);
	put_segment(n->qemu, 9, 0, n->idt_limit, n->idt_base);
	memcpy(n->qemu + 408, cr, sizeof(cr));
	saved.qemu = (struct stk_note){ STK_NOTE_QEMU, n->qemu,
					n->have_sys ? sizeof(n->qemu) : 8 };
	return saved;
}

static enum stk_status get_note(void *priv, enum stk_note_kind kind, unsigned int index,
				struct stk_note *out)
{
	struct syn *m = priv;
	struct stk_saved saved;

	m->calls.note++;
	if (index >= m->nr_notes ||
	    (kind == STK_NOTE_QEMU && m->note[index].kind != STK_NOTE_QEMU))
		return STK_ERR_NO_REGS;
	saved = syn_saved(&m->note[index]);
	*out = kind == STK_NOTE_QEMU ? saved.qemu : saved.prstatus;
	return STK_OK;
}

static const struct stk_note_ops note_ops = { .note = get_note };

static struct syn_line *find_line(struct syn *m, const char *key)
{
	for (size_t i = 0; i < m->nr_lines; i++)
		if (!strcmp(m->line[i].key, key))
			return &m->line[i];
	return NULL;
}

static const char *get_vmcoreinfo(void *priv, const char *key)
{
	struct syn *m = priv;
	struct syn_line *l = find_line(m, key);

	m->calls.vmcoreinfo++;
	return l ? l->value : NULL;
}

static bool get_interrupted(void *priv)
{
	struct syn *m = priv;

	m->calls.interrupted++;
	if (m->interrupt_after && !--m->interrupt_after)
		m->interrupt = true;
	return m->interrupt;
}

/* ---- filling it in ---- */

void syn_symbol_of_type(struct syn *m, const char *name, uint64_t addr, char type)
{
	struct syn_symbol *sym = &m->symbol[m->nr_symbols];

	syn_assert(m->nr_symbols < SYN_MAX_SYMBOLS);
	m->nr_symbols++;
	put_text(sym->name, sizeof(sym->name), "%s", name);
	sym->addr = addr;
	sym->type = type;
}

void syn_symbol(struct syn *m, const char *name, uint64_t addr)
{
	struct syn_symbol *sym = syn_find_symbol(m, name);

	if (sym)
		sym->addr = addr;
	else
		syn_symbol_of_type(m, name, addr, addr < SYN_PERCPU_SIZE ? 'A' : 'T');
}

void syn_no_symbol(struct syn *m, const char *name)
{
	struct syn_symbol *sym = syn_find_symbol(m, name);

	if (sym) {
		size_t i = (size_t)(sym - m->symbol);

		memmove(sym, sym + 1, (m->nr_symbols - i - 1) * sizeof(*sym));
		m->nr_symbols--;
	}
}

uint64_t syn_sym(struct syn *m, const char *name)
{
	struct syn_symbol *sym = syn_find_symbol(m, name);

	if (!sym)
		syn_misuse("the test wants symbol %s", name);
	return sym->addr;
}

void syn_member(struct syn *m, const char *member, uint32_t offset, uint32_t size)
{
	struct syn_type *t = syn_find_type(m, member);

	if (!t) {
		syn_assert(m->nr_types < SYN_MAX_TYPES);
		t = &m->type[m->nr_types++];
		put_text(t->name, sizeof(t->name), "%s", member);
	}
	t->m = (struct stk_member){ offset, size };
}

void syn_no_member(struct syn *m, const char *member)
{
	struct syn_type *t = syn_find_type(m, member);

	if (t)
		*t = m->type[--m->nr_types];
}

uint32_t syn_off(struct syn *m, const char *member)
{
	struct syn_type *t = syn_find_type(m, member);

	if (!t)
		syn_misuse("the test wants %s", member);
	return t->m.offset;
}

void syn_vmcoreinfo(struct syn *m, const char *key, const char *fmt, ...)
{
	struct syn_line *l = find_line(m, key);
	va_list ap;

	if (!l) {
		syn_assert(m->nr_lines < SYN_MAX_LINES);
		l = &m->line[m->nr_lines++];
		put_text(l->key, sizeof(l->key), "%s", key);
	}
	va_start(ap, fmt);
	syn_assert((size_t)vsnprintf(l->value, sizeof(l->value), fmt, ap) <
		   sizeof(l->value));
	va_end(ap);
}

void syn_no_vmcoreinfo(struct syn *m, const char *key)
{
	struct syn_line *l = find_line(m, key);

	if (l)
		*l = m->line[--m->nr_lines];
}

struct syn_note *syn_note(struct syn *m, enum stk_note_kind kind, uint32_t pid)
{
	struct syn_note *n = &m->note[m->nr_notes];

	syn_assert(m->nr_notes++ < SYN_MAX_NOTES);
	n->kind = kind;
	n->machine = m->target.machine;
	n->pid = pid;
	return n;
}

void syn_use_read_virt(struct syn *m)
{
	m->target.memory = &virt_ops;
}

struct syn *syn_new_as(const struct syn_tables *tables, uint64_t first)
{
	struct syn *m = calloc(1, sizeof(*m));

	syn_assert(m);
	m->tables = tables;
	m->large = tables->page_shift - 12;
	m->absent = STK_ERR_UNMAPPED;
	m->next_phys = first;
	m->pgd = syn_alloc(m, 1);
	m->target = (struct stk_target){
		.memory = &phys_ops,
		.memory_priv = m,
		.symbols = &symbol_ops,
		.symbols_priv = m,
		.types = &type_ops,
		.types_priv = m,
		.notes = &note_ops,
		.notes_priv = m,
		.vmcoreinfo = get_vmcoreinfo,
		.vmcoreinfo_priv = m,
		.interrupted = get_interrupted,
		.interrupted_priv = m,
		.machine = tables->machine,
	};
	return m;
}

struct syn *syn_new(unsigned int levels)
{
	struct syn *m = syn_new_as(&syn_tables_x86[levels == 5], FIRST_PHYS);

	/* The root as the kernel tells it: an address in the image's mapping. */
	syn_vmcoreinfo(m, "NUMBER(phys_base)", "%lld", SYN_PHYS_BASE);
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx",
		       (unsigned long long)(m->pgd - SYN_PHYS_BASE + X86_KERNEL_MAP));
	syn_vmcoreinfo(m, "NUMBER(pgtable_l5_enabled)", "%d", levels == 5);
	return m;
}

void syn_free(struct syn *m)
{
	if (!m)
		return;
	stk_close(m->s);
	for (size_t i = 0; i < SYN_MAX_PAGES; i++)
		free(m->page[i].data);
	free(m);
}
