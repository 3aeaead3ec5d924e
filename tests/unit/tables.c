/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that a kernel's build writes, encoded here by what the kernel's sources
 * say and not by what the library reads: kallsyms (scripts/kallsyms.c) and ORC
 * (arch/x86/include/asm/orc_types.h of 4.14, 4.19, 6.3, 6.4 and 7.1).
 */
#include "synthetic.h"

#include "base/context.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- kallsyms ---- */

/* Tokens that stand for more than one character; the rest are themselves. */
static const char *const long_token[] = { "sys_",   "irq",   "interrupt", "kallsyms_",
					  "unwind", "stack", "_" };

#define FIRST_LONG 0x80u
#define NR_LONG	   (sizeof(long_token) / sizeof(long_token[0]))

static int by_address(const void *a, const void *b)
{
	const struct syn_symbol *x = *(const struct syn_symbol *const *)a;
	const struct syn_symbol *y = *(const struct syn_symbol *const *)b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x < y ? -1 : x > y; /* in the order in which they were made */
}

static size_t encode_name(const struct syn_symbol *sym, unsigned char *out)
{
	char text[sizeof(sym->name) + 1] = { sym->type };
	unsigned char tokens[sizeof(text)];
	size_t nr = 0, len = 0;

	/* The kernel's tokens do not spare the type. */
	strcpy(text + 1, sym->name);
	for (const char *p = text; *p;) {
		size_t t = 0;

		while (t < NR_LONG && strncmp(p, long_token[t], strlen(long_token[t])))
			t++;
		if (t < NR_LONG) {
			tokens[nr++] = (unsigned char)(FIRST_LONG + t);
			p += strlen(long_token[t]);
		} else {
			tokens[nr++] = (unsigned char)*p++;
		}
	}
	/* Since 6.1 a length that needs more than 7 bits takes two bytes. */
	if (nr <= 0x7f) {
		out[len++] = (unsigned char)nr;
	} else {
		out[len++] = (unsigned char)(0x80 | (nr & 0x7f));
		out[len++] = (unsigned char)(nr >> 7);
	}
	memcpy(out + len, tokens, nr);
	return len + nr;
}

static void write_tokens(struct syn *m, uint64_t *at)
{
	uint16_t index[256];
	char table[2048];
	size_t used = 0;

	for (unsigned int i = 0; i < 256; i++) {
		char single[2] = { i < FIRST_LONG ? (char)i : '\0', '\0' };
		const char *str = i >= FIRST_LONG && i - FIRST_LONG < NR_LONG
					  ? long_token[i - FIRST_LONG]
					  : single;

		syn_assert(used + strlen(str) < sizeof(table));
		index[i] = (uint16_t)used;
		strcpy(table + used, str);
		used += strlen(str) + 1;
	}
	syn_symbol(m, "kallsyms_token_table", *at);
	syn_write(m, *at, table, used);
	*at += (used + 7) & ~7ull;
	syn_symbol(m, "kallsyms_token_index", *at);
	syn_write(m, *at, index, sizeof(index));
	*at += sizeof(index);
}

static bool is_x86(const struct syn *m)
{
	return m->tables->machine == EM_X86_64;
}

static uint64_t image_begin(struct syn *m)
{
	return is_x86(m) ? SYN_TEXT : syn_sym(m, "_stext");
}

static void write_addresses(struct syn *m, const struct syn_symbol **sym, size_t nr,
			    uint64_t *at)
{
	const uint64_t first = image_begin(m);

	if (m->kallsyms_format == SYN_KS_ADDRESSES) {
		syn_symbol(m, "kallsyms_addresses", *at);
		for (size_t i = 0; i < nr; i++, *at += 8)
			syn_put64(m, *at, sym[i]->addr);
		return;
	}
	syn_symbol(m, "kallsyms_offsets", *at);
	for (size_t i = 0; i < nr; i++, *at += 4) {
		int64_t off = (int64_t)(sym[i]->addr - first);

		if (m->kallsyms_format == SYN_KS_PERCPU)
			off = sym[i]->addr < first ? (int64_t)sym[i]->addr : -1 - off;
		syn_put32(m, *at, (uint32_t)off);
	}
	*at = (*at + 7) & ~7ull;
	syn_symbol(m, "kallsyms_relative_base", *at);
	syn_put64(m, *at, first);
	*at += 8;
}

/* Unless it has an address already. */
static void add_symbol(struct syn *m, const char *name, uint64_t addr)
{
	if (!syn_find_symbol(m, name))
		syn_symbol(m, name, addr);
}

static void write_tables(struct syn *m)
{
	static const char *const tables[] = { "kallsyms_num_syms", "kallsyms_names",
					      "kallsyms_token_table",
					      "kallsyms_token_index" };
	const struct syn_symbol *sym[SYN_MAX_SYMBOLS];
	const uint64_t first = image_begin(m);
	const uint64_t end = is_x86(m) ? SYN_END : syn_sym(m, "_end");
	uint64_t at = m->kallsyms_base, names, marker[SYN_MAX_SYMBOLS / 256 + 1];
	size_t nr = 0;

	/* They are symbols, too: they must be there before the list is sorted. */
	for (size_t i = 0; i < 4; i++)
		add_symbol(m, tables[i], at);
	if (m->kallsyms_format == SYN_KS_ADDRESSES) {
		add_symbol(m, "kallsyms_addresses", at);
	} else {
		add_symbol(m, "kallsyms_offsets", at);
		add_symbol(m, "kallsyms_relative_base", at);
	}
	for (size_t i = 0; i < m->nr_symbols; i++)
		if (m->kallsyms_text_only &&
		    !((m->symbol[i].addr >= SYN_TEXT && m->symbol[i].addr <= SYN_ETEXT) ||
		      (m->symbol[i].addr >= SYN_INIT &&
		       m->symbol[i].addr <= SYN_INIT + 0x1000)))
			continue;
		/* Module symbols are not in it, nor per-CPU ones without their trick. */
		else if (m->symbol[i].addr >= first
				 ? m->symbol[i].addr < end
				 : m->kallsyms_format != SYN_KS_RELATIVE)
			sym[nr++] = &m->symbol[i];
	qsort(sym, nr, sizeof(sym[0]), by_address);

	if (m->kallsyms_markers)
		write_addresses(m, sym, nr, &at);
	syn_symbol(m, "kallsyms_num_syms", at);
	syn_put32(m, at, (uint32_t)nr);
	at += 8;
	syn_symbol(m, "kallsyms_names", at);
	names = at;
	for (size_t i = 0; i < nr; i++) {
		unsigned char name[sizeof(sym[0]->name) + 4];
		size_t len = encode_name(sym[i], name);

		if (i % 256 == 0)
			marker[i / 256] = at - names;
		syn_write(m, at, name, len);
		at += len;
	}
	at = (at + 7) & ~7ull;
	for (size_t i = 0; m->kallsyms_markers && i < nr; i += 256) {
		syn_write(m, at, &marker[i / 256], m->kallsyms_markers);
		at += m->kallsyms_markers;
	}
	at = (at + 7) & ~7ull;
	write_tokens(m, &at);
	if (!m->kallsyms_markers)
		write_addresses(m, sym, nr, &at);
	syn_assert(at < end);
}

/* Where the tables are is known when they are written: sort their symbols then. */
static void write_kallsyms(struct syn *m)
{
	write_tables(m);
	write_tables(m);
}

/* ---- ORC ---- */

/* The number of each register; -1: not in this format. */
static int reg_number(enum syn_orc_format format, enum orc_reg reg)
{
	static const struct {
		enum orc_reg reg;
		int old, new;
	} numbers[] = {
		{ ORC_UNDEFINED, 0, 0 },   { ORC_PREV_SP, 1, 8 },
		{ ORC_AX, -1, 1 },	   { ORC_DX, 2, 2 },
		{ ORC_DI, 3, 5 },	   { ORC_BP, 4, 4 },
		{ ORC_SP, 5, 3 },	   { ORC_R10, 6, 6 },
		{ ORC_R13, 7, 7 },	   { ORC_BP_INDIRECT, 8, 10 },
		{ ORC_SP_INDIRECT, 9, 9 }, { ORC_BAD, 15, 15 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].reg == reg)
			return format == SYN_ORC_7_1 ? numbers[i].new : numbers[i].old;
	return -1;
}

void syn_orc_encode(enum syn_orc_format format, const struct syn_orc *row,
		    unsigned char *out)
{
	int sp = reg_number(format, row->sp), bp = reg_number(format, row->bp);
	unsigned int flags, type = 0;
	int16_t off[2] = { (int16_t)row->sp_off, (int16_t)row->bp_off };

	syn_assert(sp >= 0);
	syn_assert(bp >= 0);
	if (row->type == ORC_HOLE || row->type == ORC_END)
		sp = 0;
	flags = (unsigned int)sp | (unsigned int)bp << 4;
	switch (format) {
	case SYN_ORC_4_14: /* type:2 */
	case SYN_ORC_4_19: /* type:2 end:1 */
	case SYN_ORC_6_3:  /* type:2 signal:1 end:1 */
		type = row->type == ORC_REGS ? 1 : row->type == ORC_REGS_PARTIAL ? 2 : 0;
		flags |= type << 8;
		if (format == SYN_ORC_4_19)
			flags |= (unsigned int)(row->type == ORC_END) << 10;
		if (format == SYN_ORC_6_3)
			flags |= (unsigned int)row->signal << 10 |
				 (unsigned int)(row->type == ORC_END) << 11;
		break;
	default: /* type:3 signal:1 */
		type = row->type == ORC_HOLE   ? 0
		       : row->type == ORC_END  ? 1
		       : row->type == ORC_CALL ? 2
		       : row->type == ORC_REGS ? 3
					       : 4;
		flags |= type << 8 | (unsigned int)row->signal << 11;
	}
	memcpy(out, off, 4);
	out[4] = (unsigned char)flags;
	out[5] = (unsigned char)(flags >> 8);
}

void syn_orc(struct syn *m, uint64_t ip, enum orc_type type, enum orc_reg sp, int sp_off,
	     enum orc_reg bp, int bp_off)
{
	struct syn_orc *r;
	size_t i;

	for (i = 0; i < m->nr_orc && m->orc[i].ip != ip; i++)
		;
	syn_assert(i < SYN_MAX_ORC);
	r = &m->orc[i];
	if (i == m->nr_orc)
		m->nr_orc++;
	*r = (struct syn_orc){ ip, type, sp, sp_off, bp, bp_off, false, i };
	/* What objtool sets: frames that an exception interrupted. */
	r->signal = type == ORC_REGS || type == ORC_REGS_PARTIAL;
}

static int by_ip(const void *a, const void *b)
{
	const struct syn_orc *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static void write_orc(struct syn *m)
{
	static const unsigned char hash_6_4[20] = {
		0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
		0xc5, 0xba, 0x5a, 0x62, 0x5e, 0xab, 0x3f, 0xe2, 0x4f, 0x24,
	};
	static const unsigned char hash_7_1[20] = {
		0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
		0x2c, 0xac, 0xbe, 0xcd, 0xbb, 0x01, 0x77, 0x04, 0x1f, 0xc8,
	};
	struct syn_orc fp = { 0, ORC_CALL, ORC_BP, 16, ORC_PREV_SP, -16, false, 0 };
	uint64_t ips = m->orc_base, entries = ips + 4 * m->nr_orc;
	uint64_t after = (entries + 6 * m->nr_orc + 63) & ~63ull;
	unsigned char e[6];

	qsort(m->orc, m->nr_orc, sizeof(m->orc[0]), by_ip);
	for (size_t i = 0; i < m->nr_orc; i++) {
		syn_put32(m, ips + 4 * i, (uint32_t)(m->orc[i].ip - (ips + 4 * i)));
		syn_orc_encode(m->orc_format, &m->orc[i], e);
		syn_write(m, entries + 6 * i, e, sizeof(e));
	}
	syn_symbol(m, "__start_orc_unwind_ip", ips);
	syn_symbol(m, "__stop_orc_unwind_ip", entries);
	syn_symbol(m, "__start_orc_unwind", entries);
	syn_symbol(m, "orc_fp_entry", after);
	syn_orc_encode(m->orc_format, &fp, e);
	syn_write(m, after, e, sizeof(e));
	if (m->orc_format >= SYN_ORC_6_4) {
		syn_symbol(m, "__start_orc_header", after + 64);
		syn_symbol(m, "__stop_orc_header", after + 84);
		syn_write(m, after + 64,
			  m->orc_format == SYN_ORC_6_4 ? hash_6_4 : hash_7_1, 20);
	}
	if (m->orc_format == SYN_ORC_4_19 || m->orc_format == SYN_ORC_6_3)
		syn_member(m, "orc_entry.end", 4, 2);
	if (m->orc_format >= SYN_ORC_6_3)
		syn_member(m, "orc_entry.signal", 4, 2);
	syn_assert(after + 84 < m->orc_base + 0x10000);
}

void syn_finish(struct syn *m)
{
	if (m->finished)
		return;
	m->finished = true;
	if (m->orc_base)
		write_orc(m);
	if (m->kallsyms_base)
		write_kallsyms(m);
}

void syn_use_kallsyms(struct syn *m)
{
	static const char *const tables[] = {
		"kallsyms_num_syms",	  "kallsyms_names",   "kallsyms_token_table",
		"kallsyms_token_index",	  "kallsyms_offsets", "kallsyms_addresses",
		"kallsyms_relative_base",
	};

	syn_finish(m);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct syn_symbol *sym = syn_find_symbol(m, tables[i]);
		char key[64];

		snprintf(key, sizeof(key), "SYMBOL(%s)", tables[i]);
		if (sym)
			syn_vmcoreinfo(m, key, "%llx", (unsigned long long)sym->addr);
	}
	m->target.symbols = NULL;
}

bool syn_at_rest(const struct stk *s)
{
	return !s->budget.purse && !s->entered && !s->lost_excused;
}

struct stk *syn_open(struct syn *m)
{
	syn_finish(m);
	/* Whatever was asked is at its end. */
	syn_assert(!m->s || syn_at_rest(m->s));
	stk_close(m->s);
	m->s = stk_open(&m->target, sizeof(m->target));
	syn_assert(m->s);
	return m->s;
}
