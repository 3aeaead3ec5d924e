/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the kernel's own symbol tables are read in each encoding that a kernel
 * has written, with the names the kernel would print, and that damaged tables give no
 * names instead of wrong ones, or worse.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include "kernel/cpus.h"
#include "kernel/kallsyms.h"
#include "kernel/names.h"
#include "kernel/layout.h"

#include <stdio.h>
#include <string.h>

static struct stk *s;

static void expect_name(uint64_t addr, const char *want, uint64_t offset)
{
	const char *name;
	uint64_t start, size;

	ck_assert_int_eq(stk_kallsyms_lookup(s, addr, &name, &start, &size), STK_OK);
	ck_assert_str_eq(name, want);
	ck_assert_uint_eq(addr - start, offset);
}

static void expect_address(const char *name, uint64_t want)
{
	uint64_t addr = 0;

	ck_assert_int_eq(stk_kallsyms_address(s, name, &addr), STK_OK);
	ck_assert_uint_eq(addr, want);
}

static void expect_none(void)
{
	const char *name;
	uint64_t a, b;

	ck_assert_int_eq(stk_kallsyms_lookup(s, SYN_TEXT + 0x1000, &name, &a, &b),
			 STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_kallsyms_address(s, "vfs_write", &a), STK_ERR_NO_SYMBOL);
}

/* Of a token that is one character; the first token is empty. */
static uint64_t token_at(char token)
{
	return syn_sym(m, "kallsyms_token_table") + 2 * (uint64_t)token - 1;
}

/* ---- encodings ---- */

START_TEST(every_encoding)
{
	m->kallsyms_format = (enum syn_kallsyms_format)_i;
	s = syn_open(m);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	expect_address("_text", SYN_TEXT);
	expect_address("ksys_write", syn_sym(m, "ksys_write"));
	expect_name(syn_sym(m, "vfs_write"), "vfs_write", 0);
	expect_name(syn_sym(m, "vfs_write") + 0xff, "vfs_write", 0xff);
	expect_name(syn_sym(m, "__sysvec_apic_timer_interrupt") + 3,
		    "__sysvec_apic_timer_interrupt", 3);
	if (m->kallsyms_format != SYN_KS_RELATIVE) {
		expect_address("current_task", 0x1f010);
		expect_name(0x1f010, "current_task", 0);
	}
}
END_TEST

/* 7.x has no base: each is the distance from its own place. */
START_TEST(from_their_places)
{
	uint64_t at, base, num;

	m->kallsyms_format = SYN_KS_RELATIVE;
	syn_finish(m);
	at = syn_sym(m, "kallsyms_offsets");
	base = syn_get64(m, syn_sym(m, "kallsyms_relative_base"));
	num = (uint32_t)syn_get64(m, syn_sym(m, "kallsyms_num_syms"));
	ck_assert_uint_gt(num, 50);
	for (uint64_t i = 0, from = at; i < num; i++, from += 4)
		syn_put32(m, from,
			  (uint32_t)(base + (uint32_t)syn_get64(m, from) - from));
	syn_no_symbol(m, "kallsyms_relative_base");
	s = syn_open(m);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	expect_address("_text", SYN_TEXT);
	expect_name(syn_sym(m, "vfs_write") + 0xff, "vfs_write", 0xff);
	/* If they do not rise, they are something else. */
	syn_put32(m, at + 4, (uint32_t)syn_get64(m, at) - 5);
	s = syn_open(m);
	expect_none();
	ck_assert_ptr_nonnull(strstr(s->kallsyms.text, "in an unknown form"));
}
END_TEST

/* As per-CPU symbols have it: nothing lies below the first of them. */
START_TEST(several_at_zero)
{
	syn_symbol(m, "first_at_zero", 0);
	syn_symbol(m, "second_at_zero", 0);
	s = syn_open(m);
	expect_name(0, "__per_cpu_start", 0);
	expect_name(0x10, "__per_cpu_start", 0x10);
}
END_TEST

/* Each symbol of the kernel is found by name and by address. */
START_TEST(all_symbols)
{
	s = syn_open(m);
	for (size_t i = 0; i < m->nr_symbols; i++) {
		const char *name;
		uint64_t start, size;

		if (m->symbol[i].addr >= SYN_END ||
		    !strncmp(m->symbol[i].name, "kalls", 5))
			continue;
		expect_address(m->symbol[i].name, m->symbol[i].addr);
		ck_assert_int_eq(
			stk_kallsyms_lookup(s, m->symbol[i].addr, &name, &start, &size),
			STK_OK);
		ck_assert_uint_eq(start, m->symbol[i].addr);
	}
}
END_TEST

/* By VMCOREINFO alone, as from a bare dump file. */
/* The highest symbol that is not above @addr, and how far it is to the next. */
static void expect_nearest(uint64_t addr)
{
	uint64_t below = 0, above = UINT64_MAX, start, size;
	const char *name;

	for (size_t i = 0; i < m->nr_symbols; i++) {
		uint64_t at = m->symbol[i].addr;

		if (at <= addr && at > below)
			below = at;
		if (at > addr && at < above)
			above = at;
	}
	ck_assert_int_eq(stk_kallsyms_lookup(s, addr, &name, &start, &size), STK_OK);
	ck_assert_uint_eq(start, below);
	ck_assert_uint_eq(size, above == UINT64_MAX ? 0 : above - below);
}

/* What was asked before is remembered, of a few addresses: others take their place. */
/* Who is interrupted is not told where the image is, and the next who asks is. */
START_TEST(image_asked_again)
{
	for (unsigned int after = 1; after < 60; after++) {
		bool is;

		s = syn_open(m);
		m->interrupt_after = after;
		is = stk_is_image_text(s, SYN_TEXT + 0x100);
		m->interrupt = false;
		m->interrupt_after = 0;
		ck_assert(stk_is_image_text(s, SYN_TEXT + 0x100));
		ck_assert(stk_is_image(s, SYN_DATA));
		ck_assert(!stk_is_image_text(s, SYN_DATA));
		if (is && after > 40)
			break;
	}
}
END_TEST

START_TEST(asked_again)
{
	const uint64_t from = syn_sym(m, "vfs_write") - 0x400;

	s = syn_open(m);
	for (unsigned int round = 0; round < 2; round++)
		for (uint64_t at = from; at < from + 0x800; at += 2) {
			expect_nearest(at);
			expect_nearest(at);
		}
}
END_TEST

/* The kernel's own table has all functions: the provider is asked where it has none. */
START_TEST(functions)
{
	unsigned int before;

	if (_i)
		m->kallsyms_base = 0;
	s = syn_open(m);
	ck_assert(stk_is_function(s, "ksys_write"));
	before = m->calls.symbol;
	ck_assert(stk_is_function(s, "vfs_write"));
	ck_assert(!stk_is_function(s, "vfs_writ"));
	ck_assert_uint_eq(m->calls.symbol - before, 2 * (unsigned int)_i);
}
END_TEST

START_TEST(found_by_vmcoreinfo)
{
	uint64_t addr;

	syn_use_kallsyms(m);
	s = syn_open(m);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	ck_assert_int_eq(stk_symbol_address(s, "do_idle", &addr), STK_OK);
	ck_assert_uint_eq(addr, syn_sym(m, "do_idle"));
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_uint_eq(stk_nr_cpus(s), SYN_NR_CPUS);
}
END_TEST

/*
 * Before 6.0 nothing says where the tables are. @_i: markers of 4 or 8 bytes, offsets or
 * addresses, few or many symbols.
 */
START_TEST(found_by_search)
{
	char name[32];

	m->kallsyms_markers = _i & 1 ? 8 : 4;
	m->kallsyms_format = _i & 2 ? SYN_KS_ADDRESSES : SYN_KS_PERCPU;
	for (unsigned int i = 0; _i & 4 && i < 600; i++) {
		snprintf(name, sizeof(name), "filler_%u", i);
		syn_symbol(m, name, SYN_TEXT + 0x8000 + 16 * i);
	}
	syn_finish(m);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
	m->target.symbols = NULL;
	s = syn_open(m);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	expect_name(syn_sym(m, "vfs_write") + 0xff, "vfs_write", 0xff);
	if (_i & 4)
		expect_name(SYN_TEXT + 0x8000 + 16 * 599 + 1, "filler_599", 1);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
}
END_TEST

/* A table that does not fit the others is none: better no names than wrong ones. */
START_TEST(search_of_damage)
{
	static const struct {
		const char *table;
		unsigned int at;
		unsigned char bits;
	} damage[] = {
		{ "kallsyms_token_table", 0x40, 0x40 },
		{ "kallsyms_token_index", 0x20, 1 },
		{ "kallsyms_names", 0, 3 },
		{ "kallsyms_num_syms", 0, 2 },
		{ "kallsyms_relative_base", 5, 0x10 },
	};
	unsigned char byte;
	uint64_t at;

	m->kallsyms_markers = 4;
	syn_finish(m);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
	at = syn_sym(m, damage[_i].table) + damage[_i].at;
	m->target.symbols = NULL;
	syn_read(m, at, &byte, 1);
	byte ^= damage[_i].bits;
	syn_write(m, at, &byte, 1);
	s = syn_open(m);
	expect_none();
}
END_TEST

/* From 128 tokens on a length has two bytes. */
START_TEST(long_names)
{
	char name[600];

	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = (char)('a' + i % 26);
	name[_i] = '\0';
	syn_symbol(m, name, SYN_TEXT + 0x7000);
	syn_symbol(m, "after_it", SYN_TEXT + 0x7100);
	s = syn_open(m);
	expect_name(SYN_TEXT + 0x7010, name, 0x10);
	expect_address(name, SYN_TEXT + 0x7000);
	expect_name(SYN_TEXT + 0x7100, "after_it", 0);
}
END_TEST

/* Of several names for an address the kernel prints the first. */
START_TEST(aliases)
{
	const char *name;
	uint64_t start, size;

	syn_symbol(m, "first_name", SYN_TEXT + 0x7000);
	syn_symbol(m, "second_name", SYN_TEXT + 0x7000);
	syn_symbol(m, "third_name", SYN_TEXT + 0x7000);
	syn_symbol(m, "next_function", SYN_TEXT + 0x7080);
	s = syn_open(m);
	expect_name(SYN_TEXT + 0x7000, "first_name", 0);
	expect_name(SYN_TEXT + 0x707f, "first_name", 0x7f);
	expect_address("third_name", SYN_TEXT + 0x7000);
	/* And its size ends where the next address begins. */
	ck_assert_int_eq(stk_kallsyms_lookup(s, SYN_TEXT + 0x7001, &name, &start, &size),
			 STK_OK);
	ck_assert_uint_eq(size, 0x80);
}
END_TEST

/* Two symbols of one name: the first counts. */
START_TEST(same_name_twice)
{
	syn_symbol(m, "twin", SYN_TEXT + 0x7000);
	syn_symbol(m, "other", SYN_TEXT + 0x7100);
	strcpy(m->symbol[m->nr_symbols - 1].name, "twin");
	s = syn_open(m);
	expect_address("twin", SYN_TEXT + 0x7000);
	expect_name(SYN_TEXT + 0x7100, "twin", 0);
}
END_TEST

/* How a name is cut into tokens must not matter: the type may be in the first of them. */
START_TEST(few_tokens)
{
	static const struct {
		const char *name;
		char type;
	} cut[] = {
		{ "nterrupt", 'i' }, /* one token */
		{ "ys_x", 's' },     /* two */
		{ "xsys_", 't' },    /* two, and the type */
		{ "irqirq", 't' },   { "x", 't' }, { "", 't' },
	};

	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		syn_symbol_of_type(m, cut[i].name, SYN_TEXT + 0x7000 + 0x100 * i,
				   cut[i].type);
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		expect_address(cut[i].name, SYN_TEXT + 0x7000 + 0x100 * i);
}
END_TEST

/* The first counts, also where another is cut into other tokens. */
START_TEST(same_name_cut_twice)
{
	const char type[] = { 't', 'i' };

	for (unsigned int i = 0; i < 2; i++) {
		syn_symbol_of_type(m, i ? "twin" : "other", SYN_TEXT + 0x7000 + 0x100 * i,
				   type[(int)i ^ _i]);
		strcpy(m->symbol[m->nr_symbols - 1].name, "nterrupt");
	}
	s = syn_open(m);
	expect_address("nterrupt", SYN_TEXT + 0x7000);
}
END_TEST

START_TEST(ends_of_the_table)
{
	const char *name;
	uint64_t start, size;

	m->kallsyms_format = SYN_KS_RELATIVE;
	s = syn_open(m);
	ck_assert_int_eq(stk_kallsyms_lookup(s, SYN_TEXT - 1, &name, &start, &size),
			 STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_kallsyms_lookup(s, ~0ull, &name, &start, &size), STK_OK);
	ck_assert_uint_eq(size, 0); /* of the last one nobody knows */
	ck_assert_int_eq(stk_kallsyms_address(s, "no_such_symbol", &start),
			 STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_kallsyms_address(s, "", &start), STK_ERR_NO_SYMBOL);
}
END_TEST

/* Reading them once is enough. */
START_TEST(read_once)
{
	unsigned int polls;

	s = syn_open(m);
	expect_name(SYN_TEXT + 0x1000, "secondary_startup_64", 0);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	polls = m->calls.interrupted;
	expect_name(SYN_TEXT + 0x1000, "secondary_startup_64", 0);
	expect_address("vfs_write", syn_sym(m, "vfs_write"));
	ck_assert_uint_eq(m->calls.interrupted, polls);
}
END_TEST

/* ---- names as the kernel prints them ---- */

START_TEST(symbolize)
{
	struct stk_name n;
	uint64_t fn = syn_sym(m, "vfs_write");

	s = syn_open(m);
	stk_symbolize(s, fn + 0x20, false, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	ck_assert_uint_eq(n.offset, 0x20);
	ck_assert_ptr_null(n.module);
	/* A call at the very end of the function before: %pB. */
	stk_symbolize(s, fn, true, &n);
	ck_assert_str_eq(n.function, "ksys_write");
	ck_assert_uint_eq(n.offset, 0x100);
	stk_symbolize(s, fn, false, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	ck_assert_uint_eq(n.offset, 0);
	/* Outside of the image nothing is some symbol + a lot. */
	stk_symbolize(s, SYN_END, false, &n);
	ck_assert_ptr_null(n.function);
	stk_symbolize(s, SYN_DIRECT, false, &n);
	ck_assert_ptr_null(n.function);
	stk_symbolize(s, 0, true, &n);
	ck_assert_ptr_null(n.function);
}
END_TEST

/* Without tables the provider is asked. */
START_TEST(provider_as_the_last_resort)
{
	struct stk_name n;

	m->kallsyms_base = 0;
	s = syn_open(m);
	stk_symbolize(s, syn_sym(m, "vfs_write") + 0x20, true, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	ck_assert_uint_eq(n.offset, 0x20);
	ck_assert_uint_eq(m->calls.lookup, 1);
}
END_TEST

START_TEST(provider_not_asked_needlessly)
{
	struct stk_name n;

	s = syn_open(m);
	stk_symbolize(s, syn_sym(m, "vfs_write") + 0x20, true, &n);
	ck_assert_uint_eq(m->calls.lookup, 0);
}
END_TEST

/* ---- CONFIG_KALLSYMS_ALL=n ---- */

static void use_text_only(void)
{
	m->kallsyms_text_only = true;
	syn_symbol_of_type(m, "init_uts_ns", SYN_DATA + 0x800, 'D');
	syn_symbol_of_type(m, "prb", SYN_DATA + 0x900, 'D');
	syn_use_kallsyms(m);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
	syn_vmcoreinfo(m, "SYMBOL(init_uts_ns)", "%llx", SYN_DATA + 0x800ull);
	syn_vmcoreinfo(m, "SYMBOL(prb)", "%llx", SYN_DATA + 0x900ull);
}

/* That data has no names is no damage; the last function is not the name of data. */
START_TEST(text_only)
{
	struct stk_name n;
	uint64_t addr;

	use_text_only();
	s = syn_open(m);
	ck_assert(stk_kallsyms_text_only(s));
	expect_name(syn_sym(m, "vfs_write") + 3, "vfs_write", 3);
	stk_symbolize(s, syn_sym(m, "vfs_write") + 3, false, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	stk_symbolize(s, SYN_DATA + 0x800, false, &n);
	ck_assert_ptr_null(n.function);
	stk_symbolize_percpu(s, 0x6000, &n);
	ck_assert_ptr_null(n.function);
	/* What VMCOREINFO has of them is known all the same. */
	ck_assert(stk_find_symbol(s, "prb", &addr));
	ck_assert_uint_eq(addr, SYN_DATA + 0x900);
	ck_assert(!stk_has_symbol(s, "init_task"));
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "CONFIG_KALLSYMS_ALL=n"));
	ck_assert_int_eq(stk_symbol_address(s, "nothing", &addr), STK_ERR_NO_SYMBOL);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "among the functions"));
}
END_TEST

/* One of sixteen may be data, and not one more. */
START_TEST(how_much_is_data)
{
	unsigned int yes = 0, no = 0;
	char name[32];

	for (unsigned int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "filler_%u", i);
		syn_symbol_of_type(m, name, SYN_TEXT + 0x8000 + 16 * i, "tTwW"[i % 4]);
	}
	for (unsigned int i = 0; i < 40; i++) {
		size_t nr, data = 0;

		snprintf(name, sizeof(name), "data_%u", i);
		syn_symbol_of_type(m, name, SYN_TEXT + 0x8008 + 16 * i, 'd');
		m->finished = false;
		use_text_only();
		s = syn_open(m);
		nr = (uint32_t)syn_get64(m, syn_sym(m, "kallsyms_num_syms"));
		for (size_t k = 0; k < m->nr_symbols; k++)
			data += m->symbol[k].addr >= SYN_TEXT &&
				m->symbol[k].addr <= SYN_ETEXT &&
				!strchr("tTwW", m->symbol[k].type);
		ck_assert_int_eq(stk_kallsyms_text_only(s), data <= nr / 16);
		yes += data == nr / 16;
		no += data == nr / 16 + 1;
	}
	ck_assert(yes && no);
}
END_TEST

/* _stext is among the functions, and must be in its place. */
START_TEST(text_only_elsewhere)
{
	use_text_only();
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext") + 0x10);
	s = syn_open(m);
	expect_none();
	ck_assert_ptr_nonnull(strstr(s->kallsyms.text, "_stext is not in its place"));
}
END_TEST

/* A namelist has the rest, and names it. */
START_TEST(text_only_and_a_namelist)
{
	const struct stk_symbol_ops *ops = m->target.symbols;
	struct stk_name n;

	use_text_only();
	m->target.symbols = ops;
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	stk_symbolize(s, syn_sym(m, "vfs_write") + 3, false, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	ck_assert_uint_eq(m->calls.lookup, 0);
	stk_symbolize(s, SYN_DATA + 0x803, false, &n);
	ck_assert_uint_eq(m->calls.lookup, 1);
}
END_TEST

/* Whoever knows no lengths tells by the next name where a function ends. */
START_TEST(ends_by_a_namelist)
{
	struct stk_function f;
	uint64_t addr, at;

	fixture_free();
	fixture_kernel();
	at = syn_sym(m, "vfs_write");
	s = syn_open(m);
	for (uint64_t in = 0; in < 0x100; in += 0xff) {
		ck_assert(stk_function_at(s, at + in, &f));
		ck_assert_str_eq(f.name, "vfs_write");
		ck_assert_uint_eq(f.begin, at);
		ck_assert_uint_eq(f.end, at + 0x100);
	}
	ck_assert_int_eq(stk_symbol_address(s, "nothing", &addr), STK_ERR_NO_SYMBOL);
	ck_assert_str_eq(stk_error_text(s), "there is no symbol nothing");
}
END_TEST

/* Of the last function nobody knows: it is taken to be long. */
START_TEST(no_end)
{
	const uint64_t end = syn_sym(m, "_einittext");
	struct stk_function f;

	syn_no_symbol(m, "_einittext");
	use_text_only();
	syn_vmcoreinfo(m, "SYMBOL(_einittext)", "%llx", (unsigned long long)end);
	s = syn_open(m);
	ck_assert(stk_function_at(s, end - 1, &f));
	ck_assert_uint_lt(f.begin, end);
	ck_assert_uint_eq(f.end, end - 1 + 65536);
	ck_assert(!stk_function_at(s, end, &f));
}
END_TEST

static enum stk_status far_lookup(void *priv, uint64_t addr, const char **name,
				  uint64_t *offset)
{
	*name = "far";
	*offset = addr + *(const uint64_t *)priv;
	return STK_OK;
}

static enum stk_status syn_address(void *priv, const char *name, uint64_t *addr)
{
	return m->target.symbols->address(m, name, addr);
}

/* No function begins before all addresses, whatever someone says. */
START_TEST(begins_nowhere)
{
	static const struct stk_symbol_ops ops = { .address = syn_address,
						   .lookup = far_lookup },
					   mute = { .address = syn_address };
	struct stk_target t;
	struct stk_function f;
	uint64_t beyond = 0;

	fixture_free();
	fixture_kernel();
	t = m->target;
	t.symbols = &ops;
	t.symbols_priv = &beyond;
	s = stk_open(&t, sizeof(t));
	ck_assert(stk_function_at(s, SYN_TEXT + 0x20, &f));
	ck_assert_str_eq(f.name, "far");
	ck_assert_uint_eq(f.begin, 0);
	beyond = 1;
	ck_assert(!stk_function_at(s, SYN_TEXT + 0x20, &f));
	stk_close(s);
	/* Whoever knows symbols need not name addresses. */
	t.symbols = &mute;
	s = stk_open(&t, sizeof(t));
	ck_assert(!stk_function_at(s, SYN_TEXT + 0x20, &f));
	stk_close(s);
}
END_TEST

static enum stk_status from_lookup(void *priv, uint64_t addr, const char **name,
				   uint64_t *offset)
{
	*name = "outer";
	*offset = addr - *(const uint64_t *)priv;
	return STK_OK;
}

/* A module without symbols is named by whoever knows, if that is a name within it. */
START_TEST(module_by_a_namelist)
{
	static const struct stk_symbol_ops ops = { .address = syn_address,
						   .lookup = from_lookup };
	uint64_t from = SYN_MODULE + 0x100;
	struct stk_target t;
	struct stk_name n;

	fixture_free();
	fixture_kernel();
	syn_put64(m,
		  syn_module(m, "mod", SYN_MODULE, "fn") + syn_off(m, "module.kallsyms"),
		  0);
	t = m->target;
	t.symbols = &ops;
	t.symbols_priv = &from;
	s = stk_open(&t, sizeof(t));
	for (int ret = 0; ret < 2; ret++) {
		stk_symbolize(s, SYN_MODULE + 0x120, ret, &n);
		ck_assert_str_eq(n.function, "outer");
		ck_assert_str_eq(n.module, "mod");
		ck_assert_uint_eq(n.offset, 0x20);
	}
	from = SYN_MODULE;
	stk_symbolize(s, SYN_MODULE + 0x120, false, &n);
	ck_assert_uint_eq(n.offset, 0x120);
	/* The last name before it says nothing. */
	from = SYN_MODULE - 1;
	stk_symbolize(s, SYN_MODULE + 0x120, false, &n);
	ck_assert_ptr_null(n.function);
	ck_assert_ptr_null(n.module);
	stk_close(s);
}
END_TEST

/* And without any the kernel cannot be read, which has another reason than damage. */
START_TEST(no_names_at_all)
{
	uint64_t addr;

	fixture_free();
	fixture_kernel();
	m->target.symbols = NULL;
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "(CONFIG_KALLSYMS=n)"));
	ck_assert_int_eq(stk_symbol_address(s, "nothing", &addr), STK_ERR_NO_SYMBOL);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "-n VMLINUX may have it"));
}
END_TEST

/* A type that says "data" is one that a damaged token made. */
START_TEST(text_only_damaged)
{
	use_text_only();
	syn_put8(m, token_at('T'), 'D');
	s = syn_open(m);
	expect_none();
	ck_assert(!stk_kallsyms_text_only(s));
}
END_TEST

/* All of them, so that the table is not taken for one of functions. */
START_TEST(all_kinds)
{
	s = syn_open(m);
	ck_assert(!stk_kallsyms_text_only(s));
}
END_TEST

/* ---- damage ---- */

START_TEST(num_syms_damaged)
{
	static const uint32_t bad[] = { 0, 0xffffffff, 17 * 1024 * 1024, 1000000 };

	syn_finish(m);
	syn_put32(m, syn_sym(m, "kallsyms_num_syms"), bad[_i]);
	s = syn_open(m);
	expect_none();
}
END_TEST

START_TEST(token_index_out_of_range)
{
	uint16_t bad;

	syn_finish(m);
	/* Far from any, and just behind the last. */
	bad = _i % 2 ? 0xfff0
		     : (uint16_t)(syn_sym(m, "kallsyms_token_index") -
				  syn_sym(m, "kallsyms_token_table"));
	syn_write(m, syn_sym(m, "kallsyms_token_index") + 2 * (size_t)_i, &bad,
		  sizeof(bad));
	s = syn_open(m);
	expect_none();
}
END_TEST

/* Lengths that run past the names. */
START_TEST(names_truncated)
{
	uint64_t names, tokens;

	syn_finish(m);
	names = syn_sym(m, "kallsyms_names");
	tokens = syn_sym(m, "kallsyms_token_table");
	switch (_i) {
	case 0: /* before most names */
		syn_symbol(m, "kallsyms_token_table", names + 8);
		break;
	case 1: /* within a length of two bytes, or far behind */
		syn_fill(m, names, tokens - names, 0xff);
		break;
	case 2: /* within the last name */
		syn_symbol(m, "kallsyms_token_table", tokens - 8);
		break;
	case 3: /* within the only one */
		syn_put32(m, syn_sym(m, "kallsyms_num_syms"), 1);
		syn_put8(m, names, 0x7f);
		syn_symbol(m, "kallsyms_token_table", names + 0x7f);
		break;
	}
	s = syn_open(m);
	expect_none();
}
END_TEST

/* The tables are in the wrong order: the names have no end. */
START_TEST(names_without_end)
{
	syn_finish(m);
	syn_symbol(m, "kallsyms_names", syn_sym(m, "kallsyms_token_index") + 0x1000);
	s = syn_open(m);
	expect_none();
}
END_TEST

/* They end at most 256 MiB behind their begin: those are not all in memory. */
START_TEST(names_as_long_as_can_be)
{
	enum stk_status st;
	uint64_t addr;

	syn_finish(m);
	syn_symbol(m, "kallsyms_names",
		   syn_sym(m, "kallsyms_token_table") - (256ull << 20) - (uint64_t)_i);
	s = syn_open(m);
	s->budget.bytes = s->budget.max_bytes = 1ull << 32;
	st = stk_kallsyms_address(s, "vfs_write", &addr);
	ck_assert_int_eq(st, STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(strstr(stk_error_text(s), "kallsyms_names has no end") != NULL,
			 _i);
}
END_TEST

START_TEST(a_table_not_in_the_dump)
{
	static const char *const table[] = {
		"kallsyms_num_syms",	"kallsyms_names",   "kallsyms_token_table",
		"kallsyms_token_index", "kallsyms_offsets", "kallsyms_relative_base"
	};

	syn_finish(m);
	syn_symbol(m, table[_i], SYN_VMALLOC + 0x10000000);
	s = syn_open(m);
	expect_none();
}
END_TEST

/* Bytes of the names changed: wrong names, but no reads out of bounds. */
START_TEST(names_scrambled)
{
	uint64_t names, tokens;

	syn_finish(m);
	names = syn_sym(m, "kallsyms_names");
	tokens = syn_sym(m, "kallsyms_token_table");
	for (uint64_t at = names; at < tokens; at++)
		syn_put8(m, at, (uint8_t)((at * 2654435761u >> 13) % (unsigned int)_i));
	s = syn_open(m);
	for (uint64_t at = SYN_TEXT; at < SYN_ETEXT; at += 0x100) {
		struct stk_name n;

		stk_symbolize(s, at, false, &n);
	}
	{
		uint64_t addr;

		stk_kallsyms_address(s, "vfs_write", &addr);
	}
}
END_TEST

/* A token that makes a name unprintable, wherever it stands: no name. */
START_TEST(names_unprintable)
{
	static const char token[] = "vfw";
	const char *name;
	uint64_t a, b;

	syn_finish(m);
	syn_put8(m, token_at(token[_i]), 0x1b);
	s = syn_open(m);
	ck_assert_int_eq(stk_kallsyms_lookup(s, syn_sym(m, "vfs_write"), &name, &a, &b),
			 STK_ERR_CORRUPT);
	expect_name(syn_sym(m, "schedule") + 3, "schedule", 3);
}
END_TEST

/* Unsorted addresses: the search ends all the same. */
START_TEST(addresses_scrambled)
{
	uint64_t table;

	m->kallsyms_format = SYN_KS_ADDRESSES;
	syn_finish(m);
	table = syn_sym(m, "kallsyms_addresses");
	for (size_t i = 0; i < 100; i++)
		syn_put64(m, table + 8 * i, i * 0x9e3779b97f4a7c15ull);
	s = syn_open(m);
	for (uint64_t at = SYN_TEXT; at < SYN_ETEXT; at += 0x40) {
		struct stk_name n;

		stk_symbolize(s, at, false, &n);
	}
}
END_TEST

START_TEST(interrupted_while_loading)
{
	struct stk_name n;

	s = syn_open(m);
	m->interrupt = true;
	stk_symbolize(s, syn_sym(m, "vfs_write"), false, &n);
	m->interrupt = false;
	m->calls.lookup = 0;
	stk_symbolize(s, syn_sym(m, "vfs_write"), false, &n);
	ck_assert_str_eq(n.function, "vfs_write");
	ck_assert_uint_eq(m->calls.lookup, 0);
}
END_TEST

/* ---- every word ---- */

static void tell_names(FILE *fp)
{
	static const char *const name[] = { "vfs_write",    "_text", "_end",
					    "current_task", "zzz",   "init_task" };
	const uint64_t at[] = { 0,
				SYN_TEXT - 1,
				SYN_TEXT,
				SYN_TEXT + 0x1010,
				SYN_TEXT + 0x2fff,
				SYN_DATA + 8,
				SYN_END - 1,
				SYN_END };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		uint64_t addr;

		if (stk_kallsyms_address(s, name[i], &addr))
			fputs(" -", fp);
		else
			fprintf(fp, " %lx", (unsigned long)addr);
	}
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const char *is;
		uint64_t start, size;

		if (stk_kallsyms_lookup(s, at[i], &is, &start, &size))
			fputs(" -", fp);
		else
			fprintf(fp, " %.20s+%lx/%lx", is, (unsigned long)(at[i] - start),
				(unsigned long)size);
	}
}

START_TEST(damaged_words)
{
	static const char *const table[] = {
		"kallsyms_num_syms",	"kallsyms_relative_base", "kallsyms_offsets",
		"kallsyms_names",	"kallsyms_markers",	  "kallsyms_token_table",
		"kallsyms_token_index", "kallsyms_seqs_of_names"
	};

	m->kallsyms_format = SYN_KS_RELATIVE;
	syn_finish(m);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (syn_find_symbol(m, table[i])) {
			words_damage(table[i], syn_sym(m, table[i]), 2, 8, tell_names);
			words_damage("its second byte", syn_sym(m, table[i]) + 1, 6, 1,
				     tell_names);
		}
	golden_expect("words", "kallsyms");
}
END_TEST

static const struct unit_test good_tests[] = {
	LOOP(every_encoding, 3),
	TEST(from_their_places),
	TEST(several_at_zero),
	TEST(all_symbols),
	TEST(asked_again),
	TEST(image_asked_again),
	LOOP(functions, 2),
	TEST(found_by_vmcoreinfo),
	LOOP(found_by_search, 8),
	RANGE(long_names, 125, 130),
	RANGE(long_names, 510, 513),
	TEST(aliases),
	TEST(same_name_twice),
	TEST(few_tokens),
	LOOP(same_name_cut_twice, 2),
	TEST(ends_of_the_table),
	TEST(read_once),
	{ 0 },
};

static const struct unit_test names_tests[] = {
	TEST(symbolize),
	TEST(provider_as_the_last_resort),
	TEST(provider_not_asked_needlessly),
	TEST(text_only),
	TEST(how_much_is_data),
	TEST(text_only_elsewhere),
	TEST(text_only_and_a_namelist),
	TEST(text_only_damaged),
	TEST(ends_by_a_namelist),
	TEST(no_end),
	TEST(begins_nowhere),
	TEST(module_by_a_namelist),
	TEST(no_names_at_all),
	TEST(all_kinds),
	{ 0 },
};

static const struct unit_test bad_tests[] = {
	TEST(damaged_words),
	LOOP(search_of_damage, 5),
	LOOP(num_syms_damaged, 4),
	LOOP(names_unprintable, 3),
	LOOP(token_index_out_of_range, 2),
	RANGE(token_index_out_of_range, 255, 256),
	LOOP(names_truncated, 4),
	TEST(names_without_end),
	LOOP(names_as_long_as_can_be, 2),
	LOOP(a_table_not_in_the_dump, 6),
	RANGE(names_scrambled, 3, 12),
	TEST(addresses_scrambled),
	TEST(interrupted_while_loading),
	{ 0 },
};

const struct unit_suite suite_kallsyms = {
	"kallsyms",
	{
		{ "encodings", good_tests, fixture_kernel, NULL },
		{ "names", names_tests, fixture_kernel, NULL },
		{ "damage", bad_tests, fixture_kernel, NULL },
	},
};
