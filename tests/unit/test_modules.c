/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that modules are found with their memory of every era, that their symbols are
 * chosen as the kernel chooses them, and that a damaged module hides no other.
 */
#include "fixture.h"
#include "golden.h"
#include "memory.h"
#include "suite.h"
#include "words.h"

#include "kernel/images.h"
#include "kernel/module_sections.h"
#include "kernel/modules.h"
#include "kernel/names.h"

#include <elf.h>
#include <string.h>

#define M1 SYN_MODULE
#define M2 (SYN_MODULE + 0x10000)

static struct stk *s;
static uint64_t mod1, mod2;

static void setup(void)
{
	fixture_kernel();
	mod1 = syn_module(m, "first", M1, "first_fn");
	mod2 = syn_module(m, "second", M2, "second_fn");
}

static void expect_name(uint64_t addr, const char *module, const char *function,
			uint64_t offset)
{
	struct stk_name n;

	stk_symbolize(s, addr, false, &n);
	if (!function) {
		ck_assert_ptr_null(n.function);
		return;
	}
	ck_assert_ptr_nonnull(n.function);
	ck_assert_str_eq(n.function, function);
	ck_assert_str_eq(n.module, module);
	ck_assert_uint_eq(n.offset, offset);
}

/* Whoever asks for one symbol does not pay for all. */
START_TEST(symbols_that_are_kept)
{
	struct stk_purse purse = { 0 };
	struct stk_module *mod;
	uint64_t left, steps, start;
	const char *name;

	s = syn_open(m);
	mod = stk_module_at(s, M1 + 0x110);
	ck_assert_ptr_nonnull(mod);
	stk_purse_open(&s->budget, &purse, "a chain", 16);
	left = purse.steps;
	steps = s->budget.steps;
	ck_assert_int_eq(stk_module_symbol(s, mod, M1 + 0x110, &name, &start), STK_OK);
	ck_assert_str_eq(name, "first_fn");
	ck_assert_uint_eq(start, M1 + 0x100);
	ck_assert_uint_gt(steps, s->budget.steps);
	ck_assert_uint_eq(purse.steps, left);
	ck_assert_ptr_eq(s->budget.purse, &purse);
	stk_purse_close(&s->budget, &purse);
}
END_TEST

START_TEST(found_by_address)
{
	s = syn_open(m);
	ck_assert_str_eq(stk_module_at(s, M1)->name, "first");
	ck_assert_str_eq(stk_module_at(s, M1 + 0x3fff)->name, "first");
	ck_assert_ptr_null(stk_module_at(s, M1 + 0x4000));
	ck_assert_ptr_null(stk_module_at(s, M1 - 1));
	ck_assert_str_eq(stk_module_at(s, M2 + 5)->name, "second");
	ck_assert_uint_eq(stk_module_at(s, M2)->num_orcs, 3);
	ck_assert(stk_is_text(s, M1 + 0x100));
	ck_assert(!stk_is_text(s, M1 + 0x8000));
}
END_TEST

/* Of .Lnoise, the function and its alias, all at one address, the second in order. */
START_TEST(symbol_as_the_kernel_chooses)
{
	s = syn_open(m);
	expect_name(M1 + 0x100, "first", "first_fn", 0);
	/* The undefined symbol at +0x120 does not cut it short. */
	expect_name(M1 + 0x150, "first", "first_fn", 0x50);
	expect_name(M2 + 0x101, "second", "second_fn", 1);
	expect_name(M1 + 0xff, NULL, NULL, 0);
}
END_TEST

/* What is no name of a function, in place of the first at that address. */
START_TEST(names_that_are_none)
{
	static const struct {
		const char *name;
		bool counts;
	} row[] = {
		{ "", false },	 { ".Lx", false }, { ".L", false },	{ "L0x", false },
		{ "L0", false }, { "$x", false },  { "$xrv64", false }, { ".x", true },
		{ "Lx", true },	 { "L1", true },   { "x$", true },	{ "x.L", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_write(m, M1 + 0x3801, row[i].name, strlen(row[i].name) + 1);
		s = syn_open(m);
		expect_name(M1 + 0x100, "first", row[i].counts ? row[i].name : "first_fn",
			    0);
	}
}
END_TEST

START_TEST(symbol_by_name)
{
	uint64_t addr;

	s = syn_open(m);
	ck_assert_int_eq(stk_symbol_address(s, "second_fn", &addr), STK_OK);
	ck_assert_uint_eq(addr, M2 + 0x100);
	ck_assert_int_eq(stk_modules_address(s, "alias", &addr), STK_OK);
	ck_assert_int_eq(stk_modules_address(s, "third_fn", &addr), STK_ERR_NO_SYMBOL);
}
END_TEST

START_TEST(init_layout_counts_too)
{
	syn_put64(m, mod1 + syn_off(m, "module.init_layout"), M1 + 0x8000);
	syn_put32(m, mod1 + syn_off(m, "module.init_layout") + 8, 0x1000);
	s = syn_open(m);
	ck_assert_str_eq(stk_module_at(s, M1 + 0x8fff)->name, "first");
	ck_assert_ptr_null(stk_module_at(s, M1 + 0x9000));
}
END_TEST

/* 4.5-6.3: sizes that cut a layout in parts, each from its base; some are not there. */
START_TEST(parts_of_layouts)
{
	static const char *const members[] = { "module_layout.text_size",
					       "module_layout.ro_size",
					       "module_layout.ro_after_init_size" };
	static const struct {
		uint32_t size[3]; /* of 0x4000; 0: there is no such member */
		struct {
			uint64_t begin, end;
			const char *core, *init;
		} part[5];
	} row[] = {
		{ { 0x1000, 0x1800, 0x2000 },
		  { { 0, 0x1000, "text", "init text" },
		    { 0x1000, 0x1800, "rodata", "init rodata" },
		    { 0x1800, 0x2000, "ro_after_init", "init data" },
		    { 0x2000, 0x4000, "data", "init data" } } },
		{ { 0x1000, 0x1800, 0 },
		  { { 0, 0x1000, "text", "init text" },
		    { 0x1000, 0x1800, "rodata", "init rodata" },
		    { 0x1800, 0x4000, "data", "init data" } } },
		/* All of it may be code. */
		{ { 0, 0, 0 }, { { 0, 0x4000, "text", "init text" } } },
		/* Damaged: more than there is, and less than before. */
		{ { 0x9000, 0x1800, 0x2000 }, { { 0, 0x4000, "text", "init text" } } },
		{ { 0x2000, 0x1000, 0x3000 },
		  { { 0, 0x2000, "text", "init text" },
		    { 0x2000, 0x3000, "ro_after_init", "init data" },
		    { 0x3000, 0x4000, "data", "init data" } } },
	};
	const uint64_t core = mod1 + syn_off(m, "module.core_layout"),
		       init = mod1 + syn_off(m, "module.init_layout"), at = M1 + 0x100000;

	/* What takes the place of the sizes is told where they are. */
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put64(m, init, at);
		syn_put32(m, init + 8, 0x4000);
		for (size_t k = 0; k < 3; k++) {
			if (syn_find_type(m, members[k]))
				syn_no_member(m, members[k]);
			if (!row[i].size[k])
				continue;
			syn_member(m, members[k], 12 + 4 * (uint32_t)k, 4);
			syn_put32(m, core + 12 + 4 * k, row[i].size[k]);
			syn_put32(m, init + 12 + 4 * k, row[i].size[k]);
		}
		s = syn_open(m);
		for (size_t k = 0; k < 5 && row[i].part[k].end; k++) {
			const uint64_t begin = row[i].part[k].begin,
				       end = row[i].part[k].end;
			const struct stk_module_range *r;

			for (int is_init = 0; is_init < 2; is_init++) {
				const uint64_t base = is_init ? at : M1;
				const struct stk_module *of =
					stk_module_part(s, base + begin, &r);

				ck_assert_ptr_nonnull(of);
				ck_assert_uint_eq(of->addr, mod1);
				ck_assert_uint_eq(r->begin, base + begin);
				ck_assert_uint_eq(r->end, base + end);
				ck_assert_int_eq(r->text, k == 0);
				ck_assert_str_eq(r->what, is_init ? row[i].part[k].init
								  : row[i].part[k].core);
				ck_assert_ptr_nonnull(
					stk_module_part(s, base + end - 1, &r));
				ck_assert_uint_eq(r->begin, base + begin);
			}
		}
		ck_assert_ptr_null(stk_module_at(s, at + 0x4000));
	}
}
END_TEST

/* 6.4: seven kinds of memory, of which some are empty. */
START_TEST(mem_array)
{
	uint64_t at = mod1 + 0x280;

	syn_no_member(m, "module.core_layout");
	syn_no_member(m, "module.init_layout");
	syn_member(m, "module.mem", 0x280, 7 * 80);
	syn_size(m, "module_memory", 80);
	syn_member(m, "module_memory.base", 0, 8);
	syn_member(m, "module_memory.size", 8, 4);
	for (uint64_t i = 0; i < 7; i++) {
		syn_put64(m, at + 80 * i, i % 2 ? 0 : M1 + 0x1000 * i);
		syn_put32(m, at + 80 * i + 8, i % 2 ? 0 : 0x800);
	}
	s = syn_open(m);
	ck_assert_str_eq(stk_module_at(s, M1)->name, "first");
	ck_assert_ptr_null(stk_module_at(s, M1 + 0x800));
	ck_assert_ptr_null(stk_module_at(s, M1 + 0x1000));
	ck_assert_str_eq(stk_module_at(s, M1 + 0x67ff)->name, "first");
	ck_assert_ptr_null(stk_module_at(s, 0));
}
END_TEST

/* A size that wraps around is no range. */
/* Each type of memory of 6.4 and later, as many as there are. */
START_TEST(kinds_of_memory)
{
	static const struct {
		const char *what;
		bool text;
	} kind[] = {
		{ "text", true },	    { "data", false },	   { "rodata", false },
		{ "ro_after_init", false }, { "init text", true }, { "init data", false },
		{ "init rodata", false },   { NULL, false },
	};
	const uint32_t offset = syn_off(m, "module.core_layout");

	syn_no_member(m, "module.core_layout");
	if (syn_find_type(m, "module.init_layout"))
		syn_no_member(m, "module.init_layout");
	syn_size(m, "module_memory", 16);
	syn_member(m, "module_memory.base", 0, 8);
	syn_member(m, "module_memory.size", 8, 4);
	for (uint32_t nr = 1; nr <= 8; nr++) {
		const struct stk_module_range *r;

		syn_member(m, "module.mem", offset, 16 * nr);
		for (unsigned int i = 0; i < 8; i++) {
			/* The first one has the module itself. */
			const uint64_t base = i ? M1 + 0x100000 * i : M1;

			syn_put64(m, mod1 + offset + 16 * i, base);
			syn_put64(m, mod1 + offset + 16 * i + 8, i ? 0x1000 : 0x4000);
		}
		s = syn_open(m);
		for (unsigned int i = 0; i < 8; i++) {
			const bool is = i < nr && kind[i].what;
			const uint64_t at = i ? M1 + 0x100000 * i : M1;

			ck_assert_int_eq(stk_module_part(s, at, &r) != NULL, is);
			if (!is)
				continue;
			ck_assert_str_eq(r->what, kind[i].what);
			ck_assert_int_eq(r->text, kind[i].text);
			ck_assert_int_eq(stk_module_text(s, at), kind[i].text);
			ck_assert_uint_eq(r->end - r->begin, i ? 0x1000 : 0x4000);
		}
	}
}
END_TEST

START_TEST(layout_damaged)
{
	syn_put64(m, mod1 + syn_off(m, "module.core_layout"), ~0ull - 0x100);
	syn_put32(m, mod1 + syn_off(m, "module.core_layout") + 8, 0x4000);
	s = syn_open(m);
	ck_assert_ptr_null(stk_module_at(s, M1));
	ck_assert_str_eq(stk_module_at(s, M2)->name, "second");
	ck_assert_ptr_null(stk_module_at(s, ~0ull - 0x80));
}
END_TEST

/* ---- damage ---- */

static uint64_t link_of(uint64_t mod)
{
	return mod + syn_off(m, "module.list");
}

START_TEST(list_damaged)
{
	static const uint64_t wild[] = { 0, 0x4141414141414141ull, SYN_VMALLOC };

	syn_put64(m, link_of(mod1), wild[_i]);
	s = syn_open(m);
	ck_assert_str_eq(stk_module_at(s, M1)->name, "first");
	ck_assert_ptr_null(stk_module_at(s, M2));
}
END_TEST

START_TEST(list_loops)
{
	syn_put64(m, link_of(mod2), link_of(_i ? mod2 : mod1));
	s = syn_open(m);
	ck_assert_str_eq(stk_module_at(s, M2)->name, "second");
	ck_assert_ptr_null(stk_module_at(s, M2 + 0x8000));
	/* Each once. */
	ck_assert_ptr_nonnull(stk_module_nth(s, 1));
	ck_assert_ptr_null(stk_module_nth(s, 2));
}
END_TEST

START_TEST(symtab_damaged)
{
	uint64_t kallsyms = M1 + 0x3000, symtab = M1 + 0x3100;
	Elf64_Sym sym = { .st_name = 0x7fffffff, .st_shndx = 1, .st_value = M1 + 0x110 };

	switch (_i) {
	case 0:
		syn_put32(m, kallsyms + 8, 0);
		break;
	case 1:
		syn_put32(m, kallsyms + 8, 0xffffffff);
		break;
	case 2:
		syn_put64(m, kallsyms, SYN_VMALLOC);
		break;
	case 3:
		syn_put64(m, kallsyms + 16, SYN_VMALLOC);
		break;
	case 4:
		syn_put64(m, mod1 + syn_off(m, "module.kallsyms"), 0x1000);
		break;
	case 5: /* a name outside of all strings: only that symbol is lost */
		syn_write(m, symtab + 2 * sizeof(sym), &sym, sizeof(sym));
		s = syn_open(m);
		expect_name(M1 + 0x108, "first", "alias", 8);
		expect_name(M2 + 0x108, "second", "second_fn", 8);
		return;
	}
	s = syn_open(m);
	expect_name(M1 + 0x108, NULL, NULL, 0);
	/* The module is known all the same, and the next one is whole. */
	ck_assert(stk_is_text(s, M1 + 0x108));
	expect_name(M2 + 0x108, "second", "second_fn", 8);
}
END_TEST

/* The strings end at the end of the last page that is there. */
START_TEST(strings_end_with_the_page)
{
	uint64_t strtab = M1 + 0x4000 - 30, symtab = M1 + 0x3100;
	Elf64_Sym sym = { .st_name = 22, .st_shndx = 1, .st_value = M1 + 0x100 };

	syn_fill(m, strtab, 30, 0);
	syn_write(m, strtab + 22, "no_end!!", 8);
	syn_put64(m, M1 + 0x3010, strtab);
	syn_put32(m, M1 + 0x3008, 3);
	syn_write(m, symtab + 2 * sizeof(sym), &sym, sizeof(sym));
	s = syn_open(m);
	expect_name(M1 + 0x104, "first", "no_end!!", 4);
}
END_TEST

START_TEST(name_without_end)
{
	syn_fill(m, mod1 + syn_off(m, "module.name"), 56, 'n');
	syn_member(m, "module.name", 24, 200);
	s = syn_open(m);
	ck_assert_uint_lt(strlen(stk_module_at(s, M1)->name), 64);
}
END_TEST

START_TEST(no_modules_at_all)
{
	if (_i)
		syn_no_symbol(m, "modules");
	else
		syn_no_member(m, "module.list");
	s = syn_open(m);
	ck_assert_ptr_null(stk_module_at(s, M1));
	ck_assert(stk_is_text(s, SYN_TEXT));
}
END_TEST

START_TEST(read_once)
{
	unsigned int polls;

	s = syn_open(m);
	expect_name(M1 + 0x108, "first", "first_fn", 8);
	polls = m->calls.interrupted;
	expect_name(M1 + 0x108, "first", "first_fn", 8);
	ck_assert_uint_eq(m->calls.interrupted, polls);
}
END_TEST

/* A pointer to per-CPU memory of a module, to the byte. */
START_TEST(percpu_of_modules)
{
	const uint64_t at = 0x30000;
	/* Of which module, at which offset from where its memory would begin. */
	static const struct {
		int module;
		int64_t offset;
	} row[] = { { 0, 0 },	   { 0, 0xff },	  { -1, 0x100 }, { -1, -1 },
		    { 1, 0x1000 }, { 1, 0x107f }, { -1, 0x1080 } };

	syn_member(m, "module.percpu", 0x600, 8);
	syn_member(m, "module.percpu_size", 0x608, 4);
	for (int cut = 0; cut < 4; cut++) {
		syn_put64(m, mod1 + 0x600, at);
		syn_put32(m, mod1 + 0x608, 0x100);
		syn_put64(m, mod2 + 0x600, at + 0x1000);
		syn_put32(m, mod2 + 0x608, 0x80);
		if (cut == 1) /* One of no memory has none, whatever its size is. */
			syn_put64(m, mod1 + 0x600, 0);
		if (cut == 2)
			syn_no_member(m, "module.percpu_size");
		if (cut == 3)
			syn_no_member(m, "module.percpu");
		s = syn_open(m);
		ck_assert(cut != 1 || !stk_module_percpu(s, 8));
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			const struct stk_module *found =
				stk_module_percpu(s, at + (uint64_t)row[i].offset);
			const bool is = row[i].module >= 0 && cut < 2 &&
					!(cut == 1 && row[i].module == 0);

			ck_assert_msg(!found == !is, "%d: row %zu", cut, i);
			if (is)
				ck_assert_uint_eq(found->addr,
						  row[i].module ? mod2 : mod1);
		}
	}
	syn_no_symbol(m, "modules");
	s = syn_open(m);
	ck_assert_ptr_null(stk_module_percpu(s, at));
}
END_TEST

/* Where a function ends: by its size if that is known, else where the next begins. */
START_TEST(ends_of_symbols)
{
	static const struct {
		uint64_t at, sized, unsized; /* in the module; 0: not known */
	} row[] = {
		{ 0x0ff, 0x100, 0x100 }, { 0x100, 0x140, 0x200 }, { 0x13f, 0x140, 0x200 },
		{ 0x140, 0x200, 0x200 }, { 0x1ff, 0x200, 0x200 }, { 0x200, 0x280, 0 },
		{ 0x27f, 0x280, 0 },	 { 0x280, 0, 0 },
	};
	const Elf64_Sym sym[] = {
		{ .st_name = 20, .st_shndx = 1, .st_value = M1 + 0x100, .st_size = 0x40 },
		{ .st_name = 20, .st_shndx = 1, .st_value = M1 + 0x200, .st_size = 0x80 },
	};

	syn_write(m, M1 + 0x3100, sym, sizeof(sym));
	syn_put32(m, M1 + 0x3008, 2);
	for (int sized = 0; sized < 2; sized++) {
		if (sized)
			syn_member(m, "mod_kallsyms.typetab", 24, 8);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			const uint64_t want = sized ? row[i].sized : row[i].unsized;

			/* Of each, it is what is asked first. */
			s = syn_open(m);
			ck_assert_uint_eq(stk_module_symbol_end(s, stk_module_at(s, M1),
								M1 + row[i].at),
					  want ? M1 + want : 0);
		}
	}
}
END_TEST

/* Also the first byte of all is made safe for terminals. */
/* A function ends where the next one begins, the last one with its part. */
START_TEST(ends_of_functions)
{
	const uint64_t size = mod1 + syn_off(m, "module.core_layout") + 8;
	const Elf64_Sym sym[] = {
		{ .st_name = 20, .st_shndx = 1, .st_value = M1 + 0x100 },
		{ .st_name = 20, .st_shndx = 1, .st_value = M1 + 0x200 },
	};
	struct stk_function f;

	syn_write(m, M1 + 0x3100, sym, sizeof(sym));
	syn_put32(m, M1 + 0x3008, 2);
	s = syn_open(m);
	ck_assert(stk_function_at(s, M1 + 0x110, &f));
	ck_assert_uint_eq(f.begin, M1 + 0x100);
	ck_assert_uint_eq(f.end, M1 + 0x200);
	ck_assert(stk_function_at(s, M1 + 0x210, &f));
	ck_assert_uint_eq(f.begin, M1 + 0x200);
	ck_assert_uint_eq(f.end, M1 + 0x4000);
	/* None leads out of it. */
	syn_put32(m, size, 0x1ff);
	s = syn_open(m);
	ck_assert(stk_function_at(s, M1 + 0x110, &f));
	ck_assert_uint_eq(f.end, M1 + 0x1ff);
}
END_TEST

START_TEST(names_are_safe)
{
	const Elf64_Sym sym = { .st_shndx = 1, .st_value = M1 + 0x200 };

	syn_write(m, M1 + 0x3100, &sym, sizeof(sym));
	syn_write(m, M1 + 0x3800, "\001x\002", 4);
	s = syn_open(m);
	expect_name(M1 + 0x201, "first", "?x?", 1);
}
END_TEST

/* Each module and its symbols, though once there was no memory for a part of them. */
START_TEST(found_without_memory)
{
	uint64_t addr;

	s = syn_open(m);
	memory_watch();
	expect_name(M2 + 0x101, "second", "second_fn", 1);
	memory_end();
	for (size_t i = 0; i < memory_places(); i++)
		for (size_t nth = 0; nth < memory_asked(i); nth++) {
			s = syn_open(m);
			memory_fail(i, nth);
			stk_modules_address(s, "second_fn", &addr);
			memory_end();
			stk_question(s);
			expect_name(M1 + 0x101, "first", "first_fn", 1);
			expect_name(M2 + 0x101, "second", "second_fn", 1);
			ck_assert_int_eq(stk_modules_address(s, "alias", &addr), STK_OK);
		}
}
END_TEST

START_TEST(interrupted_then_found)
{
	bool differs = false;

	for (unsigned int at = 1; at < 200; at++) {
		struct stk_name n;

		s = syn_open(m);
		m->interrupt_after = at;
		stk_symbolize(s, M2 + 0x108, false, &n);
		differs |= !n.function;
		m->interrupt = false;
		m->interrupt_after = 0;
		expect_name(M2 + 0x108, "second", "second_fn", 8);
	}
	ck_assert(differs);
}
END_TEST

/* ---- where its sections are ---- */

#define ATTRS (M1 + 0x400)
#define NAMES (M1 + 0x800)
#define LIST  (M1 + 0x900)
#define NOTE  (M1 + 0xa00)

/* The members of an element by era: up to 5.7, up to 6.13, since. */
static const struct {
	uint32_t size, name, addr;
} element[] = { { 56, 40, 48 }, { 72, 16, 64 }, { 64, 16, 24 } };

static void put_section(int era, unsigned int i, const char *name, uint64_t addr)
{
	uint64_t at = ATTRS + 16 + i * element[era].size, text = NAMES + 64ull * i;

	syn_write(m, text, name, strlen(name) + 1);
	syn_put64(m, at + element[era].name, text);
	syn_put64(m, at + element[era].addr, addr);
	syn_put64(m, LIST + 8ull * i, at);
	syn_put64(m, LIST + 8ull * i + 8, 0);
}

static void put_sections(int era)
{
	static const unsigned char note[] = { 4,   0,	0,   0, 8, 0, 0, 0, 3, 0, 0, 0,
					      'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 6, 7, 8 };

	syn_member(m, "module.sect_attrs", 0x700, 8);
	syn_member(m, "module_sect_attrs.attrs", 16, 0);
	syn_put64(m, mod1 + 0x700, ATTRS);
	if (era < 2) {
		syn_member(m, "module_sect_attrs.nsections", 8, 4);
		syn_put32(m, ATTRS + 8, 2);
		syn_size(m, "module_sect_attr", element[era].size);
		syn_member(m, "module_sect_attr.address", element[era].addr, 8);
	}
	if (era == 0)
		syn_member(m, "module_sect_attr.name", 40, 8);
	if (era == 1)
		syn_member(m, "module_sect_attr.battr", 0, 64);
	if (era >= 1) {
		syn_size(m, "bin_attribute", 64);
		syn_member(m, "bin_attribute.attr", 8, 16);
		syn_member(m, "attribute.name", 8, 8);
		syn_member(m, "bin_attribute.private", 24, 8);
	}
	if (era == 2) {
		syn_member(m, "module_sect_attrs.grp", 0, 40);
		syn_member(m, "attribute_group.bin_attrs", 0, 8);
		syn_put64(m, ATTRS, LIST);
	}
	put_section(era, 0, ".text", M1 + 0x100);
	put_section(era, 1, ".note.gnu.build-id", NOTE);
	syn_write(m, NOTE, note, sizeof(note));
}

START_TEST(sections)
{
	unsigned char id[STK_MAX_BUILD_ID];
	struct stk_module_sections list;
	uint64_t at;

	put_sections(_i);
	s = syn_open(m);
	ck_assert_int_eq(stk_module_sections(s, stk_module_at(s, M1), &s->texts, &list),
			 STK_OK);
	ck_assert_uint_eq(list.nr, 2);
	ck_assert_int_eq(stk_module_section(&list, ".text", &at), STK_OK);
	ck_assert_uint_eq(at, M1 + 0x100);
	ck_assert_int_eq(stk_module_section(&list, ".data", &at), STK_ERR_NOT_FOUND);
	ck_assert_uint_eq(stk_module_build_id(s, &list, id), 8);
	ck_assert_uint_eq(id[0], 1);
	ck_assert_uint_eq(id[7], 8);
}
END_TEST

/* Each fact by which they are read; without it there is nothing. */
START_TEST(sections_need_each_fact)
{
	static const char *const needed[][8] = {
		{ "module.sect_attrs", "module_sect_attrs.attrs",
		  "module_sect_attrs.nsections", "module_sect_attr.address",
		  "module_sect_attr.name" },
		{ "module.sect_attrs", "module_sect_attrs.attrs",
		  "module_sect_attrs.nsections", "module_sect_attr.address",
		  "bin_attribute.attr", "attribute.name" },
		{ "module.sect_attrs", "module_sect_attrs.attrs", "module_sect_attrs.grp",
		  "attribute_group.bin_attrs", "bin_attribute", "bin_attribute.attr",
		  "bin_attribute.private", "attribute.name" },
	};
	struct stk_module_sections list;

	put_sections(_i);
	if (_i < 2)
		syn_put32(m, ATTRS + 8, 4);
	put_section(_i, 2, ".data", M1 + 0x200);
	put_section(_i, 3, ".bss", M1 + 0x300);
	for (size_t i = 0; i < 8 && needed[_i][i]; i++) {
		const struct stk_member was = syn_find_type(m, needed[_i][i])->m;

		s = syn_open(m);
		ck_assert_int_eq(
			stk_module_sections(s, stk_module_at(s, M1), &s->texts, &list),
			STK_OK);
		ck_assert_uint_eq(list.nr, 4);
		ck_assert_str_eq(list.section[3].name, ".bss");
		ck_assert_uint_eq(list.section[3].addr, M1 + 0x300);
		syn_no_member(m, needed[_i][i]);
		s = syn_open(m);
		ck_assert_int_eq(
			stk_module_sections(s, stk_module_at(s, M1), &s->texts, &list),
			STK_ERR_NOT_FOUND);
		ck_assert_uint_eq(list.nr, 0);
		syn_member(m, needed[_i][i], was.offset, was.size);
	}
}
END_TEST

/* None of it; too many; a list that does not end; a note that is none, or too long. */
START_TEST(sections_of_damage)
{
	unsigned char id[STK_MAX_BUILD_ID];
	struct stk_module_sections list;
	enum stk_status st;

	put_sections(_i == 2 ? 2 : 0);
	if (_i == 0)
		syn_put64(m, mod1 + 0x700, 0);
	if (_i == 1)
		syn_put32(m, ATTRS + 8, 0x7fffffff);
	if (_i == 2)
		syn_put64(m, ATTRS, 0xdead000000000000ull);
	if (_i == 3)
		syn_put8(m, NOTE + 8, 1);
	if (_i == 4)
		syn_put32(m, NOTE + 4, 65);
	if (_i == 5)
		syn_put8(m, NOTE + 14, 'X');
	s = syn_open(m);
	st = stk_module_sections(s, stk_module_at(s, M1), &s->texts, &list);
	ck_assert_int_eq(st, _i < 3 ? STK_ERR_NOT_FOUND : STK_OK);
	if (!st)
		ck_assert_uint_eq(stk_module_build_id(s, &list, id), 0);
}
END_TEST

/* ---- its debuginfo ---- */

/* A provider with an image for what says section .text and build id; else none. */
static struct {
	struct stk_module_info info;
	uint64_t text, data;
	unsigned int searches;
	bool absent;
	void *image; /* of the last question, which was about pc */
	uint64_t pc;
	size_t nr;	 /* so many lines it has */
	const char *why; /* or none, for this reason */
} files;
static int kernel_image, module_image;

static void *find_module(void *priv, const struct stk_module_info *info)
{
	ck_assert_ptr_eq(priv, &files);
	files.info = *info;
	files.searches++;
	ck_assert_uint_eq(info->build_id_size, 8);
	ck_assert_uint_eq(info->build_id[7], 8);
	ck_assert_int_eq(info->section(info->priv, ".text", &files.text), STK_OK);
	ck_assert_int_eq(info->section(info->priv, ".data", &files.data),
			 STK_ERR_NOT_FOUND);
	return files.absent ? NULL : &module_image;
}

static void asked(void *image, uint64_t pc)
{
	files.image = image ? image : &kernel_image;
	files.pc = pc;
}

static size_t count_lines(void *priv, void *image, uint64_t pc, struct stk_line *out,
			  size_t room)
{
	(void)priv;
	asked(image, pc);
	for (size_t i = 0; i < files.nr && i < room; i++)
		out[i] = (struct stk_line){ .line = (int)i + 1 };
	return files.nr < room ? files.nr : room;
}

static const char *say_why(void *priv, void *image)
{
	(void)priv;
	asked(image, files.pc);
	return files.why;
}

static enum stk_status find_caller(void *priv, void *image, uint64_t pc,
				   struct stk_cfi_frame *frame, stk_cfi_read *read,
				   void *ctx)
{
	(void)priv;
	asked(image, pc);
	return read(ctx, frame->cfa, &frame->reg[0]);
}

static const struct stk_debuginfo_ops provider = { find_module, find_caller, count_lines,
						   say_why };

static void setup_images(void)
{
	setup();
	sh = syn_task(m, "sh", 227, 0);
	put_sections(1);
	syn_vmcoreinfo(m, "KERNELOFFSET", "%x", 0x1000000);
	memset(&files, 0, sizeof(files));
	m->target.debuginfo = &provider;
	m->target.debuginfo_priv = &files;
}

static size_t lines_at(uint64_t ip)
{
	struct stk_frame frame = { .ip = ip, .interrupted = true };
	struct stk_line line[2];

	files.image = NULL;
	return stk_frame_lines(s, &frame, line, 2);
}

static const char *missing(unsigned int i)
{
	static char text[128];

	return stk_lines_missing(s, i, text, sizeof(text)) ? text : NULL;
}

START_TEST(lines_of_the_kernel)
{
	uint64_t ip = syn_sym(m, "vfs_write") + 7;
	struct stk_frame caller = { .ip = ip };
	unsigned int asked_before;
	struct stk_line line[2];

	files.nr = 3;
	s = syn_open(m);
	ck_assert_uint_eq(lines_at(ip), 2);
	ck_assert_ptr_eq(files.image, &kernel_image);
	ck_assert_uint_eq(files.pc, ip - 0x1000000);
	/* A return address is behind the call. */
	ck_assert_uint_eq(stk_frame_lines(s, &caller, line, 2), 2);
	ck_assert_uint_eq(files.pc, ip - 0x1000001);
	ck_assert_ptr_null(missing(0));
	ck_assert_uint_eq(files.searches, 0);
	/* Where it is from where it was linked is asked once. */
	asked_before = m->calls.vmcoreinfo;
	ck_assert_uint_eq(lines_at(ip + 1), 2);
	ck_assert_uint_eq(files.pc, ip + 1 - 0x1000000);
	ck_assert_uint_eq(m->calls.vmcoreinfo, asked_before);
}
END_TEST

START_TEST(lines_of_a_module)
{
	files.nr = 1;
	s = syn_open(m);
	ck_assert_uint_eq(lines_at(M1 + 0x104), 1);
	ck_assert_ptr_eq(files.image, &module_image);
	ck_assert_uint_eq(files.pc, M1 + 0x104);
	ck_assert_str_eq(files.info.name, "first");
	ck_assert_str_eq(files.info.release, stk_release(s));
	ck_assert_uint_eq(files.info.begin, M1);
	ck_assert_uint_eq(files.info.end, M1 + 0x4000);
	ck_assert_uint_eq(files.text, M1 + 0x100);
	/* Its file is looked for once. */
	ck_assert_uint_eq(lines_at(M1 + 0x108), 1);
	ck_assert_uint_eq(files.searches, 1);
	ck_assert_ptr_null(missing(0));
	/* Code of nothing, and no code. */
	ck_assert_uint_eq(lines_at(M1 + 0x8000), 0);
	ck_assert_ptr_null(files.image);
	ck_assert_uint_eq(lines_at(syn_stack(m, sh)), 0);
	ck_assert_ptr_null(files.image);
	ck_assert_ptr_null(missing(0));
}
END_TEST

/* From the lowest to the highest of its memory, in whatever order that is. */
START_TEST(all_of_a_module)
{
	static const uint64_t at[][3] = {
		{ 0, 0x100000, 0x200000 },
		{ 0, 0x200000, 0x100000 },
		{ 0, 0x100000, -0x100000ull },
		{ 0, -0x100000ull, -0x200000ull },
	};
	const uint32_t offset = syn_off(m, "module.core_layout");

	files.nr = 1;
	syn_no_member(m, "module.core_layout");
	if (syn_find_type(m, "module.init_layout"))
		syn_no_member(m, "module.init_layout");
	syn_size(m, "module_memory", 16);
	syn_member(m, "module_memory.base", 0, 8);
	syn_member(m, "module_memory.size", 8, 4);
	syn_member(m, "module.mem", offset, 48);
	for (size_t i = 0; i < 4; i++) {
		uint64_t low = M1, high = M1 + 0x4000;

		for (unsigned int k = 0; k < 3; k++) {
			const uint64_t base = M1 + at[i][k], size = k ? 0x1000 : 0x4000;

			syn_put64(m, mod1 + offset + 16 * k, base);
			syn_put64(m, mod1 + offset + 16 * k + 8, size);
			low = base < low ? base : low;
			high = base + size > high ? base + size : high;
		}
		s = syn_open(m);
		ck_assert_uint_eq(lines_at(M1 + 0x104), 1);
		ck_assert_uint_eq(files.info.begin, low);
		ck_assert_uint_eq(files.info.end, high);
	}
}
END_TEST

/* What has no line at all is told once, with the reason; what has some is not. */
START_TEST(lines_that_are_missing)
{
	uint64_t ip = syn_sym(m, "vfs_write") + 7;

	files.absent = true;
	s = syn_open(m);
	ck_assert_uint_eq(lines_at(ip), 0);
	ck_assert_ptr_null(missing(0));
	files.why = "it has no DWARF";
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(lines_at(ip), 0);
		ck_assert_uint_eq(lines_at(M1 + 0x104), 0);
		ck_assert_uint_eq(lines_at(M2 + 0x104), 0);
	}
	ck_assert_str_eq(missing(0),
			 "no line information for the kernel: it has no DWARF");
	ck_assert_str_eq(missing(1),
			 "no line information for module first: no debuginfo found");
	ck_assert_str_eq(missing(2), "no line information for module second: the dump "
				     "does not tell where its sections are");
	ck_assert_ptr_null(missing(3));
	ck_assert_uint_eq(files.searches, 1);
	/* Anew: it may be there now. */
	stk_lines_forget(s);
	ck_assert_ptr_null(missing(0));
	files.absent = false;
	ck_assert_uint_eq(lines_at(M1 + 0x104), 0);
	ck_assert_uint_eq(files.searches, 2);
	ck_assert_ptr_eq(files.image, &module_image);
	ck_assert_str_eq(missing(0),
			 "no line information for module first: it has no DWARF");
}
END_TEST

/* A provider that lacks a function, and none. */
START_TEST(lines_of_less)
{
	static const struct stk_debuginfo_ops less[] = { { .module = find_module },
							 { .lines = count_lines },
							 { 0 } };
	struct stk_cfi_frame frame = { .cfa = 0 };

	files.nr = 1;
	m->target.debuginfo = _i < 3 ? &less[_i] : NULL;
	s = syn_open(m);
	ck_assert_uint_eq(lines_at(M1 + 0x104), 0);
	ck_assert_uint_eq(lines_at(syn_sym(m, "vfs_write")), _i == 1);
	ck_assert_int_eq(stk_image_caller(s, M1 + 0x104, &frame), STK_ERR_NOT_FOUND);
	if (_i == 3)
		ck_assert_str_eq(missing(0),
				 "no line information for the kernel: no namelist");
	ck_assert_ptr_null(missing(_i == 3));
}
END_TEST

START_TEST(caller_of_a_module)
{
	struct stk_cfi_frame frame = { .cfa = syn_stack(m, sh) };

	syn_put64(m, frame.cfa, 4711);
	s = syn_open(m);
	ck_assert_int_eq(stk_image_caller(s, M1 + 0x104, &frame), STK_OK);
	ck_assert_ptr_eq(files.image, &module_image);
	ck_assert_uint_eq(files.pc, M1 + 0x104);
	ck_assert_uint_eq(frame.reg[0], 4711);
	ck_assert_int_eq(stk_image_caller(s, M1 + 0x9000, &frame), STK_ERR_NOT_FOUND);
}
END_TEST

static const struct unit_test image_tests[] = {
	TEST(symbols_that_are_kept),  TEST(lines_of_the_kernel),
	TEST(lines_of_a_module),      TEST(all_of_a_module),
	TEST(lines_that_are_missing), LOOP(lines_of_less, 4),
	TEST(caller_of_a_module),     { 0 },
};

/* ---- every word ---- */

static void tell_modules(FILE *fp)
{
	static const uint64_t at[] = { M1,	    M1 + 0xff,	 M1 + 0x100,  M1 + 0x17f,
				       M1 + 0x180,  M1 + 0x3fff, M1 + 0x4000, M2 + 0x100,
				       M2 + 0x3fff, M2 - 1,	 M2 + 0x4000 };
	uint64_t addr;

	s = syn_open(m);
	/* The first of all questions. */
	if (stk_module_at(s, M1))
		fprintf(fp, "%lx",
			(unsigned long)stk_module_symbol_end(s, stk_module_at(s, M1),
							     M1 + 0x100));
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const struct stk_module_range *range;
		struct stk_module *module = stk_module_part(s, at[i], &range);
		struct stk_name n;

		if (!module) {
			fputs(" -", fp);
			continue;
		}
		stk_symbolize(s, at[i], false, &n);
		fprintf(fp, " %s[%s]%s%s+%x", n.function ? n.function : "", module->name,
			range->what, range->text ? "" : "!", (unsigned int)n.offset);
	}
	fprintf(fp, " %u", stk_module_at(s, M1) ? stk_module_at(s, M1)->num_orcs : 0);
	for (unsigned int i = 0; stk_module_nth(s, i); i++)
		fprintf(fp, " %s", stk_module_nth(s, i)->name);
	if (!stk_modules_address(s, "second_fn", &addr))
		fprintf(fp, " %lx", (unsigned long)(addr - M2));
}

START_TEST(damaged_words)
{
	words_damage("the list", syn_sym(m, "modules"), 2, 8, tell_modules);
	words_damage("links", mod1 + syn_off(m, "module.list"), 2, 8, tell_modules);
	words_damage("state", mod1 + syn_off(m, "module.state"), 1, 4, tell_modules);
	words_damage("name", mod1 + syn_off(m, "module.name"), 8, 1, tell_modules);
	words_damage("core", mod1 + syn_off(m, "module.core_layout"), 1, 8, tell_modules);
	words_damage("its size", mod1 + syn_off(m, "module.core_layout") + 8, 3, 4,
		     tell_modules);
	words_damage("init", mod1 + syn_off(m, "module.init_layout"), 2, 8, tell_modules);
	words_damage("symbols", mod1 + syn_off(m, "module.kallsyms"), 1, 8, tell_modules);
	words_damage("ORC", mod1 + syn_off(m, "module.arch"), 3, 8, tell_modules);
	words_damage("kallsyms", M1 + 0x3000, 3, 8, tell_modules);
	words_damage("symtab", M1 + 0x3100, 15, 8, tell_modules);
	words_damage("strtab", M1 + 0x3800, 36, 1, tell_modules);
	golden_expect("words", "modules");
}
END_TEST

static const struct unit_test good_tests[] = {
	TEST(found_by_address),
	TEST(symbol_as_the_kernel_chooses),
	TEST(names_that_are_none),
	TEST(symbol_by_name),
	TEST(init_layout_counts_too),
	TEST(mem_array),
	TEST(kinds_of_memory),
	TEST(layout_damaged),
	TEST(read_once),
	LOOP(sections, 3),
	LOOP(sections_need_each_fact, 3),
	LOOP(sections_of_damage, 6),
	{ 0 },
};

static const struct unit_test bad_tests[] = {
	TEST(damaged_words),
	LOOP(list_damaged, 3),
	LOOP(list_loops, 2),
	LOOP(symtab_damaged, 6),
	TEST(strings_end_with_the_page),
	TEST(name_without_end),
	LOOP(no_modules_at_all, 2),
	TEST(found_without_memory),
	TEST(interrupted_then_found),
	TEST(percpu_of_modules),
	TEST(parts_of_layouts),
	TEST(ends_of_symbols),
	TEST(ends_of_functions),
	TEST(names_are_safe),
	{ 0 },
};

const struct unit_suite suite_modules = {
	"modules",
	{
		{ "found", good_tests, setup, NULL },
		{ "damage", bad_tests, setup, NULL },
		{ "debuginfo", image_tests, setup_images, NULL },
	},
};
