/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read of files with debuginfo, on a kernel and a module of a few lines
 * (debuginfo/): types, symbols, lines of C and of assembly, call frames; which file is a
 * module's; and that damaged files end in an answer, whatever it is.
 */
#include "synthetic.h"
#include "suite.h"

#include <dlfcn.h>
#include <dwarf.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

#include "debuginfo/cfa.h"
#include "debuginfo/find.h"
#include "debuginfo/namelist.h"

#include "memory.h"

#define VMLINUX	 SMALL "/vmlinux"
#define OLD	 SMALL "/old/vmlinux"
#define MODULE	 SMALL "/tiny-mod.ko"
#define STRIPPED SMALL "/stripped/tiny-mod.ko"
#define TEXT	 0xffffffffc0001000ull
#define OTHER	 0xffffffffc0123400ull

static struct stk_debuginfo *d;
static char error[256];

static void setup(void)
{
	d = stk_debuginfo_new();
	ck_assert_ptr_nonnull(d);
}

static void teardown(void)
{
	stk_debuginfo_free(d);
}

static void add_file(const char *path)
{
	ck_assert_msg(!stk_debuginfo_add(d, path, error, sizeof(error)), "%s", error);
}

static uint64_t symbol(const char *name)
{
	uint64_t addr = 0;

	ck_assert_ptr_nonnull(stk_debuginfo_symbols(d));
	ck_assert_int_eq(stk_symtab_ops.address(stk_debuginfo_symbols(d), name, &addr),
			 STK_OK);
	return addr;
}

static bool ends_with(const char *text, const char *end)
{
	return text && strlen(text) >= strlen(end) &&
	       !strcmp(text + strlen(text) - strlen(end), end);
}

/* ---- the kernel ---- */

/* VMLINUX as @command, of binutils, makes it; the name of a file. */
static const char *changed(const char *command)
{
	static char path[64];
	char text[512];

	snprintf(path, sizeof(path), "/tmp/stackinfo-test-%d-vmlinux", (int)getpid());
	snprintf(text, sizeof(text), "objcopy %s '" VMLINUX "' '%s' 2>/dev/null", command,
		 path);
	ck_assert_int_eq(system(text), 0);
	return path;
}

START_TEST(symbols)
{
	uint64_t addr;

	add_file(VMLINUX);
	ck_assert_uint_eq(symbol("outer_fn"), 0xffffffff81000000ull);
	ck_assert_int_eq(
		stk_symtab_ops.address(stk_debuginfo_symbols(d), "absent", &addr),
		STK_ERR_NO_SYMBOL);
	ck_assert_uint_eq(stk_symtab_image_base(stk_debuginfo_symbols(d)),
			  0xffffffff81000000ull);
	stk_symtab_set_offset(stk_debuginfo_symbols(d), 0x1000000);
	ck_assert_uint_eq(symbol("outer_fn"), 0xffffffff82000000ull);
	ck_assert_uint_eq(symbol("_text"), 0xffffffff82000000ull);
	ck_assert_uint_eq(symbol("before_image"), 0x40);
}
END_TEST

/* What assemblers mark, and keep of their labels, is no symbol of the kernel's. */
START_TEST(labels_of_assemblers)
{
	static const struct {
		const char *name;
		bool counts;
	} row[] = {
		{ ".Lx", false }, { ".L", false }, { "$x", false }, { "$", false },
		{ ".x", true },	  { "L", true },   { "x$", true },
	};
	char command[400] = "";
	const char *path;
	uint64_t addr;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		snprintf(command + strlen(command), sizeof(command) - strlen(command),
			 " --add-symbol '%s=.text:0,function'", row[i].name);
	path = changed(command);
	add_file(path);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(!stk_symtab_ops.address(stk_debuginfo_symbols(d),
						      row[i].name,
						      &addr) == row[i].counts,
			      "%s", row[i].name);
	unlink(path);
}
END_TEST

/* Some have no _text. */
START_TEST(where_the_image_begins)
{
	const char *path = changed("--redefine-sym _text=_stext");

	add_file(path);
	ck_assert_uint_eq(stk_symtab_image_base(stk_debuginfo_symbols(d)),
			  0xffffffff81000000ull);
	unlink(path);
}
END_TEST

/* Of several names for an address the one that the kernel would print. */
START_TEST(symbols_by_address)
{
	static const struct {
		const char *at;
		uint64_t plus;
		const char *name;
	} row[] = {
		{ "outer_fn", 0, "outer_fn" },	 { "z_fn", 1, "outer_fn" },
		{ "second_fn", 2, "second_fn" }, { "second_fn", 0, "second_fn" },
		{ "in_plain", 1, "in_plain" },	 { "asm_entry", 0, "asm_entry" },
		{ "instance", 3, "instance" },	 { "in_deepest", 0, "in_deepest" },
		{ "unknown", 15, "unknown" },	 { "in_asm", 1, "in_asm" },
	};
	uint64_t offset, before = 0;
	const char *name;

	add_file(VMLINUX);
	for (int moved = 0; moved < 2; moved++) {
		struct stk_symtab *t = stk_debuginfo_symbols(d);

		if (moved)
			stk_symtab_set_offset(t, 0x1000000);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			uint64_t at = symbol(row[i].at);

			ck_assert_int_eq(stk_symtab_ops.lookup(t, at + row[i].plus, &name,
							       &offset),
					 STK_OK);
			ck_assert_str_eq(name, row[i].name);
			ck_assert_uint_eq(offset, row[i].plus);
		}
		ck_assert_uint_eq(symbol("outer_fn"), symbol("z_fn"));
		ck_assert_uint_eq(symbol("nested_fn") - before,
				  moved ? 0x1000000 : symbol("nested_fn"));
		before = symbol("nested_fn");
		ck_assert_int_eq(stk_symtab_ops.lookup(t, 0, &name, &offset),
				 STK_ERR_NO_SYMBOL);
	}
}
END_TEST

START_TEST(types)
{
	static const struct {
		const char *type, *member;
		uint32_t offset, size;
	} row[] = {
		{ "inner", "a", 0, 4 },	     { "inner", "b", 8, 8 },
		{ "inner", "d", 9, 1 },	     { "outer", "in", 0, 16 },
		{ "outer", "low", 16, 4 },   { "outer", "high", 16, 4 },
		{ "outer", "tail", 18, 0 },  { "deep", "first", 0, 4 },
		{ "deep", "x", 8, 4 },	     { "deep", "y", 16, 8 },
		{ "deep", "p", 24, 1 },	     { "deep", "q", 24, 2 },
		{ "deep", "in", 32, 16 },    { "deep", "pointer", 48, 8 },
		{ "deep", "array", 56, 12 }, { "unknown", "here", 8, 8 },
		{ "last", "c", 0, 3 },	     { "last", "d", 3, 1 },
		{ "many_10", "c", 0, 11 },   { "many_164", "c", 0, 165 },
		{ "levels", "one", 0, 4 },   { "levels", "eight", 4, 4 },
		{ "bits", "a", 0, 4 },	     { "bits", "b", 1, 4 },
		{ "bits", "c", 2, 4 },	     { "bits", "d", 8, 8 },
		{ "bits", "e", 16, 8 },	     { "bits", "f", 16, 8 },
		{ "bits", "g", 21, 8 },	     { "either", "s", 0, 10 },
		{ "inner", "b", 8, 8 },
	};
	struct stk_types *t;
	struct stk_member m;
	uint32_t size;

	add_file(_i ? OLD : VMLINUX);
	t = stk_debuginfo_types(d);
	ck_assert(stk_types_present(t));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(
			stk_dwarf_type_ops.member(t, row[i].type, row[i].member, &m),
			STK_OK);
		ck_assert_uint_eq(m.offset, row[i].offset);
		ck_assert_uint_eq(m.size, row[i].size);
	}
	ck_assert_int_eq(stk_dwarf_type_ops.size(t, "outer", &size), STK_OK);
	ck_assert_uint_eq(size, 24);
	ck_assert_int_eq(stk_dwarf_type_ops.size(t, "absent", &size), STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_dwarf_type_ops.size(t, "not_composite", &size),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_dwarf_type_ops.member(t, "inner", "absent", &m),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_dwarf_type_ops.member(t, "levels", "nine", &m),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_dwarf_type_ops.size(t, "empty", &size), STK_OK);
	ck_assert_uint_eq(size, 0);
	ck_assert_int_eq(stk_dwarf_type_ops.member(t, "empty", "absent", &m),
			 STK_ERR_NO_TYPE);
}
END_TEST

START_TEST(lines_of_c)
{
	struct stk_line line[4];

	add_file(VMLINUX);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_inlined"), line, 4),
			  2);
	ck_assert_str_eq(line[0].function, "inlined");
	ck_assert_int_eq(line[0].line, 1000);
	ck_assert_str_eq(line[1].function, "outer_fn");
	ck_assert_int_eq(line[1].line, 2000);
	ck_assert(ends_with(line[0].file, "/kernel.c"));
	ck_assert(ends_with(line[1].file, "/kernel.c"));
	/* No more than there is room for. */
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_inlined"), line, 1),
			  1);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_inlined"), line, 0),
			  0);
}
END_TEST

/* The place of a call is that in the function around it. */
START_TEST(lines_of_nested_calls)
{
	static const struct {
		const char *function;
		int line;
	} row[] = { { "deepest", 2400 }, { "between", 2500 }, { "nested_fn", 2600 } };
	struct stk_line line[4];

	add_file(_i ? OLD : VMLINUX);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_deepest"), line, 4),
			  3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(line[i].function, row[i].function);
		ck_assert_int_eq(line[i].line, row[i].line);
		ck_assert(ends_with(line[i].file, "/kernel.c"));
	}
	/* Of a second file of the kernel. */
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("second_fn"), line, 4),
			  1);
	ck_assert_str_eq(line[0].function, "second_fn");
	ck_assert(ends_with(line[0].file, "/second.c"));
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("instance"), line, 4),
			  0);
}
END_TEST

START_TEST(lines_of_assembly)
{
	struct stk_line line[4];

	add_file(VMLINUX);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_asm"), line, 4), 1);
	ck_assert_int_eq(line[0].line, 13);
	ck_assert(ends_with(line[0].file, "/entry.S"));
	/* What is no function has a line all the same. */
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_plain"), line, 4),
			  1);
	ck_assert_ptr_null(line[0].function);
	ck_assert_int_eq(line[0].line, 20);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, 0x1000, line, 4), 0);
	ck_assert_ptr_null(stk_debuginfo_ops.no_lines(d, NULL));
}
END_TEST

/* A word of memory is its address, upside down. */
static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	*value = ~addr;
	return addr < 0x10000 ? STK_OK : STK_ERR_UNMAPPED;
}

START_TEST(call_frames)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 3, .wanted = 1u << 6 };

	f.reg[7] = 0x8000;
	f.reg[3] = 33;
	add_file(VMLINUX);
	ck_assert_int_eq(
		stk_debuginfo_ops.caller(d, NULL, symbol("in_asm"), &f, read_word, NULL),
		STK_OK);
	ck_assert_uint_eq(f.cfa, 0x8010);
	ck_assert_uint_eq(f.ra, 16);
	ck_assert_uint_eq(f.reg[16], ~0x8008ull);
	ck_assert_uint_eq(f.reg[6], ~0x8000ull);
	/* rbx is known, too, but nobody asked. */
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 6);
}
END_TEST

/* What is preserved is the callee's own; what is not known stays so. */
START_TEST(call_frames_preserve)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 3,
				   .wanted = 1u << 3 | 1u << 12 | 1u << 0 };

	f.reg[7] = 0x8000;
	f.reg[3] = 33;
	add_file(VMLINUX);
	ck_assert_int_eq(
		stk_debuginfo_ops.caller(d, NULL, symbol("in_asm"), &f, read_word, NULL),
		STK_OK);
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 3);
	ck_assert_uint_eq(f.reg[3], 33);
}
END_TEST

/* The caller's rbx is in r12. */
START_TEST(call_frames_move)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 12, .wanted = 1u << 3 };

	f.reg[7] = 0x8000;
	f.reg[12] = 77;
	add_file(VMLINUX);
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, symbol("in_moves"), &f,
						  read_word, NULL),
			 STK_OK);
	ck_assert_uint_eq(f.cfa, 0x8008);
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 3);
	ck_assert_uint_eq(f.reg[3], 77);
}
END_TEST

/* The caller's rbx is no word of memory, but where one would be. */
START_TEST(call_frames_tell)
{
	struct stk_cfi_frame f = { .valid = 1u << 7, .wanted = 1u << 3 };

	f.reg[7] = 0x8000;
	add_file(VMLINUX);
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, symbol("in_values"), &f,
						  read_word, NULL),
			 STK_OK);
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 3);
	ck_assert_uint_eq(f.reg[3], 0x8008 - 24);
}
END_TEST

/* Right at the CFA, whatever registers hold. */
START_TEST(call_frames_at_the_cfa)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 0, .wanted = 1u << 3 };

	f.reg[0] = 55;
	f.reg[7] = 0x8000;
	add_file(VMLINUX);
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, symbol("in_at_cfa"), &f,
						  read_word, NULL),
			 STK_OK);
	ck_assert_uint_eq(f.cfa, 0x8008);
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 3);
	ck_assert_uint_eq(f.reg[3], ~0x8008ull);
}
END_TEST

/* A rule that is none leaves that register alone unknown. */
START_TEST(call_frames_of_nonsense)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 3 | 1u << 6,
				   .wanted = 1u << 3 | 1u << 6 };

	f.reg[7] = 0x8000;
	f.reg[6] = 66;
	add_file(VMLINUX);
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, symbol("in_broken"), &f,
						  read_word, NULL),
			 STK_OK);
	ck_assert_uint_eq(f.valid, 1u << 16 | 1u << 6);
	ck_assert_uint_eq(f.reg[6], 66);
}
END_TEST

START_TEST(no_call_frames)
{
	struct stk_cfi_frame f = { .wanted = 0xffff }, before;
	uint64_t pc;

	add_file(VMLINUX);
	pc = _i ? symbol("in_asm") : 0x1000;
	before = f; /* no rsp: no CFA */
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, pc, &f, read_word, NULL),
			 STK_ERR_NOT_FOUND);
	ck_assert_mem_eq(&f, &before, sizeof(f));
}
END_TEST

/* ---- CFA expressions ---- */

static bool evaluate(const Dwarf_Op *ops, size_t nr, uint64_t *value)
{
	uint64_t reg[STK_CFI_REGS] = { [3] = 0x300, [40] = 0x4000 };
	const struct stk_cfa_frame f = { .reg = reg,
					 .valid = 1ull << 3 | 1ull << 40,
					 .have_cfa = true,
					 .cfa = 0x500,
					 .read = read_word };

	return stk_cfa_evaluate(&f, ops, nr, value);
}

START_TEST(expressions)
{
	static const struct {
		size_t nr;
		Dwarf_Op op[5];
		bool ok;
		uint64_t value;
	} row[] = {
		{ 1, { { .atom = DW_OP_breg3, .number = 8 } }, true, 0x308 },
		{ 1, { { .atom = DW_OP_breg3, .number = (Dwarf_Word)-8 } }, true, 0x2f8 },
		{ 1, { { .atom = DW_OP_breg4 } }, false, 0 },
		{ 1,
		  { { .atom = DW_OP_bregx, .number = 40, .number2 = 1 } },
		  true,
		  0x4001 },
		{ 1, { { .atom = DW_OP_bregx, .number = 64 } }, false, 0 },
		{ 1, { { .atom = DW_OP_bregx, .number = 1ull << 32 | 3 } }, false, 0 },
		{ 1, { { .atom = DW_OP_lit31 } }, true, 31 },
		{ 1,
		  { { .atom = DW_OP_const8u, .number = 1ull << 63 } },
		  true,
		  1ull << 63 },
		{ 1,
		  { { .atom = DW_OP_consts, .number = (Dwarf_Word)-1 } },
		  true,
		  ~0ull },
		{ 1, { { .atom = DW_OP_call_frame_cfa } }, true, 0x500 },
		{ 2,
		  { { .atom = DW_OP_lit1 }, { .atom = DW_OP_plus_uconst, .number = 9 } },
		  true,
		  10 },
		{ 3,
		  { { .atom = DW_OP_lit5 },
		    { .atom = DW_OP_lit3 },
		    { .atom = DW_OP_plus } },
		  true,
		  8 },
		{ 3,
		  { { .atom = DW_OP_lit5 },
		    { .atom = DW_OP_lit3 },
		    { .atom = DW_OP_minus } },
		  true,
		  2 },
		{ 2, { { .atom = DW_OP_lit16 }, { .atom = DW_OP_deref } }, true, ~16ull },
		/* memory that cannot be read */
		{ 2,
		  { { .atom = DW_OP_const4u, .number = 0x10000 },
		    { .atom = DW_OP_deref } },
		  false,
		  0 },
		/* too little on the stack */
		{ 1, { { .atom = DW_OP_deref } }, false, 0 },
		{ 1, { { .atom = DW_OP_plus_uconst } }, false, 0 },
		{ 2, { { .atom = DW_OP_lit1 }, { .atom = DW_OP_plus } }, false, 0 },
		{ 2, { { .atom = DW_OP_lit1 }, { .atom = DW_OP_minus } }, false, 0 },
		/* too much, or nothing, is left */
		{ 2, { { .atom = DW_OP_lit1 }, { .atom = DW_OP_lit1 } }, false, 0 },
		{ 0, { { .atom = DW_OP_lit1 } }, false, 0 },
		/* not known */
		{ 2, { { .atom = DW_OP_lit1 }, { .atom = DW_OP_skip } }, false, 0 },
		{ 1, { { .atom = DW_OP_addr } }, false, 0 },
	};
	uint64_t value = 0;

	ck_assert_int_eq(evaluate(row[_i].op, row[_i].nr, &value), row[_i].ok);
	if (row[_i].ok)
		ck_assert_uint_eq(value, row[_i].value);
}
END_TEST
#define NR_EXPRESSIONS 23

START_TEST(expressions_are_bounded)
{
	Dwarf_Op ops[66];
	uint64_t value;

	/* 16 values fit. */
	for (size_t i = 0; i < 16; i++)
		ops[i] = (Dwarf_Op){ .atom = DW_OP_lit1 };
	for (size_t i = 16; i < 31; i++)
		ops[i] = (Dwarf_Op){ .atom = DW_OP_plus };
	ck_assert(evaluate(ops, 31, &value));
	ck_assert_uint_eq(value, 16);
	for (size_t i = 0; i < 17; i++)
		ops[i] = (Dwarf_Op){ .atom = DW_OP_lit1 };
	for (size_t i = 17; i < 33; i++)
		ops[i] = (Dwarf_Op){ .atom = DW_OP_plus };
	ck_assert(!evaluate(ops, 33, &value));
	/* And 64 operations. */
	ops[0] = (Dwarf_Op){ .atom = DW_OP_lit1 };
	for (size_t i = 1; i < 65; i++)
		ops[i] = (Dwarf_Op){ .atom = DW_OP_plus_uconst, .number = 1 };
	ck_assert(evaluate(ops, 64, &value));
	ck_assert_uint_eq(value, 64);
	ck_assert(!evaluate(ops, 65, &value));
}
END_TEST

/* Those that are known, of as many as there may be. */
START_TEST(registers_are_bounded)
{
	uint64_t reg[STK_CFI_REGS + 2], value = 1;
	struct stk_cfa_frame frame = { .reg = reg, .valid = ~0ull };

	for (uint64_t i = 0; i < STK_CFI_REGS + 2; i++)
		reg[i] = 100 + i;
	ck_assert(stk_cfa_reg(&frame, 0, &value));
	ck_assert_uint_eq(value, 100);
	ck_assert(stk_cfa_reg(&frame, STK_CFI_REGS - 1, &value));
	ck_assert_uint_eq(value, 100 + STK_CFI_REGS - 1);
	ck_assert(!stk_cfa_reg(&frame, STK_CFI_REGS, &value));
	ck_assert(!stk_cfa_reg(&frame, STK_CFI_REGS + 1, &value));
	ck_assert(!stk_cfa_reg(&frame, ~0ull, &value));
	frame.valid = 2;
	ck_assert(!stk_cfa_reg(&frame, 0, &value));
	ck_assert(stk_cfa_reg(&frame, 1, &value));
	ck_assert(!stk_cfa_reg(&frame, 2, &value));
	ck_assert_uint_eq(value, 101);
}
END_TEST

/* ---- modules ---- */

static enum stk_status section(void *priv, const char *name, uint64_t *addr)
{
	if (!strcmp(name, ".text"))
		*addr = TEXT;
	else if (!strcmp(name, ".text.other"))
		*addr = OTHER;
	else
		return STK_ERR_NOT_FOUND;
	return STK_OK;
}

static const unsigned char id[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static struct stk_module_info tiny(void)
{
	return (struct stk_module_info){ .name = "tiny_mod",
					 .release = "",
					 .build_id = id,
					 .build_id_size = sizeof(id),
					 .begin = TEXT,
					 .end = OTHER + 0x1000,
					 .section = section };
}

static void expect_lines(void *image)
{
	struct stk_line line[4];

	ck_assert_ptr_nonnull(image);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, image, TEXT, line, 4), 1);
	ck_assert_str_eq(line[0].function, "first_fn");
	ck_assert_int_eq(line[0].line, 3000);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, image, OTHER + 3, line, 4), 1);
	ck_assert_str_eq(line[0].function, "other_fn");
	ck_assert(ends_with(line[0].file, "/module.c"));
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, image, OTHER + 0x100, line, 4), 0);
}

/* Named itself; in a folder; beside the kernel; as the place to look at; stripped. */
START_TEST(module_is_found)
{
	static const char *const named[] = { MODULE, SMALL, VMLINUX, NULL, STRIPPED };
	struct stk_module_info info = tiny();

	if (named[_i])
		add_file(named[_i]);
	else
		info.file = MODULE;
	expect_lines(stk_debuginfo_ops.module(d, &info));
}
END_TEST

/* How files are named, and how far down they are found. */
START_TEST(module_in_a_tree)
{
	static const struct {
		const char *folder, *name;
		bool found;
	} row[] = {
		{ "", "tiny_mod.ko", true },	 { "", "tiny-mod.ko.debug", true },
		{ "", "tiny-mod.debug", true },	 { "", "tiny-mod.ko-link", false },
		{ "a", "tiny-mod.ko", true },	 { "a/b/c/d", "tiny-mod.ko", true },
		{ "", "tiny-mod", false },	 { "", "tiny.ko", false },
		{ "", "tiny-modern.ko", false }, { "", "a-tiny-mod.ko", false },
		{ "", "tinyxmod.ko", false },
	};
	char root[] = "/tmp/stackinfo-test-XXXXXX", command[512];
	struct stk_module_info info = tiny();

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(command, sizeof(command),
		 "mkdir -p '%s/%s' && %s '" MODULE "' '%s/%s/%s'", root, row[_i].folder,
		 _i % 2 ? "ln -s" : "cp", root, row[_i].folder, row[_i].name);
	ck_assert_int_eq(system(command), 0);
	add_file(root);
	ck_assert((stk_debuginfo_ops.module(d, &info) != NULL) == row[_i].found);
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* Its debuginfo lies where it says, beside it or below; what is there is looked at. */
START_TEST(module_in_two)
{
	static const char *const place[] = { "/rest", "/.debug/rest", "/other" };
	char root[] = "/tmp/stackinfo-test-XXXXXX", command[512];
	struct stk_module_info info = tiny();

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(command, sizeof(command),
		 "mkdir '%s/.debug' && cp '" STRIPPED "' '%s' && cp '%s' '%s%s'", root,
		 root, _i == 3 ? VMLINUX : SMALL "/stripped/.debug/rest", root,
		 place[_i % 3]);
	ck_assert_int_eq(system(command), 0);
	add_file(root);
	ck_assert((stk_debuginfo_ops.module(d, &info) != NULL) == (_i < 2));
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static enum stk_status only_text(void *priv, const char *name, uint64_t *addr)
{
	return strcmp(name, ".text") ? STK_ERR_NOT_FOUND : section(priv, name, addr);
}

/* What was not loaded is nowhere: nor at the last of all addresses. */
START_TEST(sections_not_loaded)
{
	static const uint64_t base[] = { (uint64_t)-64, OTHER };
	struct stk_module_info info = tiny();
	struct stk_line line[4];
	void *image;

	info.section = only_text;
	add_file(MODULE);
	image = stk_debuginfo_ops.module(d, &info);
	ck_assert_ptr_nonnull(image);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, image, TEXT, line, 4), 1);
	for (uint64_t at = 0; at < 64; at++)
		ck_assert_uint_eq(
			stk_debuginfo_ops.lines(d, image, base[_i] + at, line, 4), 0);
}
END_TEST

START_TEST(module_call_frames)
{
	struct stk_cfi_frame f = { .valid = 1u << 7 };
	struct stk_module_info info = tiny();
	void *image;

	f.reg[7] = 0x8000;
	add_file(MODULE);
	image = stk_debuginfo_ops.module(d, &info);
	ck_assert_int_eq(
		stk_debuginfo_ops.caller(d, image, OTHER + 1, &f, read_word, NULL),
		STK_OK);
	ck_assert_uint_eq(f.cfa, 0x8008);
	ck_assert_uint_eq(f.reg[16], ~0x8000ull);
	f.valid = 1u << 7;
	ck_assert_int_eq(
		stk_debuginfo_ops.caller(d, image, OTHER + 0x100, &f, read_word, NULL),
		STK_ERR_NOT_FOUND);
}
END_TEST

/* Another build; no build id where the file has one; another name; nowhere. */
START_TEST(module_is_not_taken)
{
	static const unsigned char other[] = { 1, 2, 3, 4, 5, 6, 7, 9 };
	struct stk_module_info info = tiny();

	switch (_i) {
	case 0:
		info.build_id = other;
		break;
	case 1:
		info.build_id_size = 0;
		break;
	case 2:
		info.build_id_size = 7;
		break;
	case 3:
		info.name = "tiny";
		break;
	default:
		break;
	}
	if (_i < 4)
		add_file(SMALL);
	ck_assert_ptr_null(stk_debuginfo_ops.module(d, &info));
}
END_TEST

/* What the dump says of its kernel leads to no other folder. */
START_TEST(release_is_no_path)
{
	ck_assert(stk_is_release("6.1.0-56-amd64"));
	ck_assert(!stk_is_release(""));
	ck_assert(!stk_is_release(".."));
	ck_assert(!stk_is_release("a/../../b"));
}
END_TEST

/* ---- which file is what ---- */

START_TEST(files_that_are_named)
{
	enum stk_status st;

	ck_assert_int_eq(stk_debuginfo_add(d, SMALL "/absent", error, sizeof(error)),
			 STK_ERR_IO);
	ck_assert(ends_with(error, "/absent: No such file or directory"));
	/* The list is copied first. */
	memory_watch();
	stk_debuginfo_add_list(d, SMALL "/absent", error, sizeof(error));
	memory_fail(0, 0);
	st = stk_debuginfo_add_list(d, SMALL "/absent", error, sizeof(error));
	memory_end();
	ck_assert_int_eq(st, STK_ERR_NOMEM);
	ck_assert_int_eq(stk_debuginfo_add_list(d, MODULE "," VMLINUX "," SMALL, error,
						sizeof(error)),
			 STK_OK);
	ck_assert_str_eq(stk_debuginfo_kernel(d), VMLINUX);
	ck_assert_int_eq(stk_debuginfo_add(d, VMLINUX, error, sizeof(error)),
			 STK_ERR_ARG);
}
END_TEST

/* Of two kernels the second is told; and no file that was looked at stays open. */
START_TEST(files_are_closed)
{
	static const char *const path[] = { MODULE, SMALL, SMALL "/absent", VMLINUX,
					    OLD };
	const int before = dup(0);

	close(before);
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		int now;

		stk_debuginfo_add(d, path[i], error, sizeof(error));
		now = dup(0);
		close(now);
		ck_assert_int_eq(now, before);
	}
	ck_assert_str_eq(error,
			 OLD ": a kernel's, as is " VMLINUX "; only one can be right");
}
END_TEST

START_TEST(no_kernel)
{
	struct stk_line line[1];
	struct stk_cfi_frame f = { 0 };

	add_file(MODULE);
	ck_assert_ptr_null(stk_debuginfo_kernel(d));
	ck_assert_ptr_null(stk_debuginfo_symbols(d));
	ck_assert_ptr_null(stk_debuginfo_types(d));
	ck_assert(!stk_types_present(NULL));
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, 0, line, 1), 0);
	ck_assert_str_eq(stk_debuginfo_ops.no_lines(d, NULL), "no namelist");
	ck_assert_int_eq(stk_debuginfo_ops.caller(d, NULL, 0, &f, read_word, NULL),
			 STK_ERR_NOT_FOUND);
}
END_TEST

/* What is no ELF file goes by its name: modules may be compressed. */
START_TEST(files_that_are_packed)
{
	static const struct {
		const char *end;
		bool module;
	} row[] = { { ".ko.xz", true }, { ".ko", true }, { "-ko", false } };
	char path[64];
	FILE *fp;

	snprintf(path, sizeof(path), "/tmp/stackinfo-test-%d%s", (int)getpid(),
		 row[_i].end);
	fp = fopen(path, "w");
	ck_assert_ptr_nonnull(fp);
	fputs("what is this file, then? ", fp);
	fclose(fp);
	add_file(path);
	ck_assert((stk_debuginfo_kernel(d) != NULL) == !row[_i].module);
	unlink(path);
}
END_TEST

/* Whatever its name is: what it holds says what it is. */
START_TEST(files_of_other_names)
{
	static const struct {
		const char *from, *name;
		bool module;
	} row[] = {
		{ MODULE, "ab.debug", true },
		{ VMLINUX, "a.ko.debug", false },
	};
	char folder[] = "/tmp/stackinfo-test-XXXXXX", path[64], command[256];
	struct stk_module_info info = tiny();

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/%s", folder, row[_i].name);
	snprintf(command, sizeof(command), "cp '%s' '%s'", row[_i].from, path);
	ck_assert_int_eq(system(command), 0);
	add_file(path);
	ck_assert((stk_debuginfo_kernel(d) != NULL) == !row[_i].module);
	/* One that was named is taken for its build id, whatever its name is. */
	ck_assert((stk_debuginfo_ops.module(d, &info) != NULL) == row[_i].module);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(build_ids)
{
	char text[2 * STK_MAX_BUILD_ID + 1];

	add_file(OLD);
	ck_assert(stk_debuginfo_build_id(d, text));
	ck_assert_uint_eq(strlen(text), 128);
	ck_assert(!strncmp(text, "0123456789abcdef0123", 20));
	ck_assert(ends_with(text, "89abcdef"));
}
END_TEST

/* By the build id where both have one, else by the symbols that VMCOREINFO tells. */
START_TEST(whose_namelist)
{
	enum { NONE, SAME, OTHER_ID };
	static const struct {
		int id;
		const char *vmcoreinfo, *why; /* NULL: it is the kernel's */
	} row[] = {
		{ SAME, "\0", NULL },
		{ SAME, "SYMBOL(outer_fn)=ffffffff82000008\0", NULL },
		{ OTHER_ID, "\0", "its build id is " },
		{ NONE, "SYMBOL(outer_fn)=ffffffff82000000\0", NULL },
		{ NONE, "SYMBOL(outer_fn)=ffffffff82000008\0",
		  "outer_fn is elsewhere in it" },
		{ NONE, "SYMBOL(_stext)=ffffffff82000000\0", "it has no _stext" },
		{ NONE, "SYMBOL(outer_fn)=ffffffff81000000\0",
		  "outer_fn is elsewhere in it" },
		{ NONE, "SYMBOL(outer_fn)=ffffffff80ffffff\0", NULL },
		/* What the kernel knows alone, and what points to elsewhere. */
		{ NONE, "SYMBOL(absent)=ffffffff82000000\0", NULL },
		{ NONE, "SYMBOL(outer_fn)=1000\0", NULL },
		{ NONE, "SYMBOL(outer_fn)=ffffffff82000008 or so\0", NULL },
		{ NONE, "SYMBOL(outer_fn=ffffffff82000008\0", NULL },
		{ NONE, "SIZE(x)=1\0SYMBOL(outer_fn)=ffffffff82000008\0",
		  "outer_fn is elsewhere" },
	};
	char build_id[2 * STK_MAX_BUILD_ID + 1];
	struct stk_namelist_facts facts = { .vmcoreinfo = row[_i].vmcoreinfo,
					    .offset = 0x1000000 };

	ck_assert_int_eq(stk_namelist_check(d, &facts, error, sizeof(error)), STK_OK);
	add_file(VMLINUX);
	ck_assert(stk_debuginfo_build_id(d, build_id));
	ck_assert_uint_eq(strlen(build_id), 40);
	build_id[39] ^= row[_i].id == OTHER_ID;
	if (row[_i].id)
		facts.build_id = build_id;
	ck_assert_int_eq(stk_namelist_check(d, &facts, error, sizeof(error)),
			 row[_i].why ? STK_ERR_ARG : STK_OK);
	if (row[_i].why)
		ck_assert_msg(strstr(error, row[_i].why) != NULL, "%s", error);
}
END_TEST
#define NR_NAMELISTS 13

START_TEST(namelist_without_a_build_id)
{
	const char *path = changed("--remove-section .note.gnu.build-id");
	struct stk_namelist_facts facts = { .build_id = "0123456789",
					    .vmcoreinfo = "SYMBOL(outer_fn)=0\0" };
	char text[2 * STK_MAX_BUILD_ID + 1];

	add_file(path);
	ck_assert(!stk_debuginfo_build_id(d, text));
	ck_assert_int_eq(stk_namelist_check(d, &facts, error, sizeof(error)), STK_OK);
	facts.vmcoreinfo = "SYMBOL(outer_fn)=ffffffff81000008\0";
	ck_assert_int_eq(stk_namelist_check(d, &facts, error, sizeof(error)),
			 STK_ERR_ARG);
	unlink(path);
}
END_TEST

/* Symbols, but no types, and no lines. */
START_TEST(namelist_without_dwarf)
{
	const char *path = changed("--strip-debug");
	struct stk_line line[1];
	uint32_t size;

	add_file(path);
	ck_assert_uint_eq(symbol("outer_fn"), 0xffffffff81000000ull);
	ck_assert(!stk_types_present(stk_debuginfo_types(d)));
	ck_assert_int_eq(stk_dwarf_type_ops.size(stk_debuginfo_types(d), "outer", &size),
			 STK_ERR_NO_TYPE);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("outer_fn"), line, 1),
			  0);
	ck_assert_str_eq(stk_debuginfo_ops.no_lines(d, NULL), "no debuginfo found");
	unlink(path);
}
END_TEST

/* As arm64's: where it is linked to is where it is taken for. */
START_TEST(namelist_that_can_be_moved)
{
	const char *path = changed("");
	const uint16_t type = ET_DYN;
	int fd = open(path, O_WRONLY);
	struct stk_line line[4];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &type, sizeof(type), offsetof(Elf64_Ehdr, e_type)),
			 sizeof(type));
	close(fd);
	add_file(path);
	ck_assert_uint_eq(symbol("outer_fn"), 0xffffffff81000000ull);
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("in_inlined"), line, 4),
			  2);
	ck_assert_str_eq(line[0].function, "inlined");
	unlink(path);
}
END_TEST

/* Only where it was allowed somebody else is asked; here a server that is a folder. */
START_TEST(module_from_a_server)
{
	char root[] = "/tmp/stackinfo-test-XXXXXX", text[512];
	struct stk_module_info info = tiny();
	void *library = dlopen("libdebuginfod.so.1", RTLD_NOW);

	if (!library)
		return; /* nor can libdw ask */
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(text, sizeof(text),
		 "mkdir -p '%s/buildid/0102030405060708' && "
		 "cp '" MODULE "' '%s/buildid/0102030405060708/debuginfo'",
		 root, root);
	ck_assert_int_eq(system(text), 0);
	snprintf(text, sizeof(text), "file://%s", root);
	setenv("DEBUGINFOD_URLS", text, 1);
	snprintf(text, sizeof(text), "%s/cache", root);
	setenv("DEBUGINFOD_CACHE_PATH", text, 1);
	ck_assert_ptr_null(stk_debuginfo_ops.module(d, &info));
	stk_debuginfo_use_debuginfod(d);
	ck_assert_ptr_nonnull(stk_debuginfo_ops.module(d, &info));
	unsetenv("DEBUGINFOD_URLS");
	unsetenv("DEBUGINFOD_CACHE_PATH");
	snprintf(text, sizeof(text), "rm -r '%s'", root);
	ck_assert_int_eq(system(text), 0);
	dlclose(library);
}
END_TEST

START_TEST(namelist_without_symbols)
{
	const char *path = changed("--strip-all");
	const struct stk_namelist_facts facts = { .vmcoreinfo = "\0" };

	add_file(path);
	ck_assert_int_eq(stk_namelist_check(d, &facts, error, sizeof(error)), STK_ERR_IO);
	ck_assert_msg(ends_with(error, "-vmlinux: no symbols can be read from it"), "%s",
		      error);
	unlink(path);
}
END_TEST

/* Symbols and all else are in a file beside it. */
START_TEST(namelist_in_two)
{
	char folder[] = "/tmp/stackinfo-test-XXXXXX", path[64], command[512];
	struct stk_line line[1];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/small", folder);
	snprintf(command, sizeof(command),
		 "cp '" VMLINUX "' '%s' && objcopy --strip-all "
		 "--add-gnu-debuglink='" VMLINUX "' '" VMLINUX "' '%s' 2>/dev/null",
		 folder, path);
	ck_assert_int_eq(system(command), 0);
	add_file(path);
	ck_assert_uint_eq(symbol("outer_fn"), 0xffffffff81000000ull);
	ck_assert(stk_types_present(stk_debuginfo_types(d)));
	ck_assert_uint_eq(stk_debuginfo_ops.lines(d, NULL, symbol("outer_fn"), line, 1),
			  1);
	ck_assert_str_eq(line[0].function, "outer_fn");
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* ---- how many ---- */

START_TEST(as_many_as_fit)
{
	for (int i = 0; i < 64; i++)
		add_file(MODULE);
	ck_assert_int_eq(stk_debuginfo_add(d, MODULE, error, sizeof(error)),
			 STK_ERR_LIMIT);
	ck_assert(ends_with(error, "/tiny-mod.ko: too many files with debuginfo"));
	add_file(VMLINUX);
	ck_assert_str_eq(stk_debuginfo_kernel(d), VMLINUX);
}
END_TEST

/* Commas are between names, unless there is such a file. */
START_TEST(names_with_commas)
{
	char path[80], list[256];

	snprintf(path, sizeof(path), "/tmp/stackinfo-test-%d,a.ko", (int)getpid());
	snprintf(list, sizeof(list), "cp '" MODULE "' '%s'", path);
	ck_assert_int_eq(system(list), 0);
	ck_assert_int_eq(stk_debuginfo_add_list(d, path, error, sizeof(error)), STK_OK);
	snprintf(list, sizeof(list), VMLINUX ",%s", path);
	ck_assert_int_eq(stk_debuginfo_add_list(d, list, error, sizeof(error)),
			 STK_ERR_IO);
	ck_assert_ptr_nonnull(stk_debuginfo_kernel(d));
	unlink(path);
}
END_TEST

/* ---- damage ---- */

/* @from with some bytes changed, or cut off, as @seed says; in a file of its own. */
static void damage(const char *from, const char *to, unsigned int seed)
{
	static char data[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t len = in ? fread(data, 1, sizeof(data), in) : 0;

	ck_assert(in && out && len > 1000);
	srand(seed);
	for (unsigned int i = 0; i < 1 + seed % 8; i++)
		data[(size_t)rand() % len] = (char)rand();
	if (seed % 3 == 0)
		len = (size_t)rand() % len;
	fwrite(data, 1, len, out);
	fclose(in);
	fclose(out);
}

START_TEST(damaged_files)
{
	char path[] = "/tmp/stackinfo-test-XXXXXX.ko";
	struct stk_module_info info = tiny();
	struct stk_cfi_frame f = { .valid = 1u << 7, .wanted = 0xffff };
	struct stk_line line[4];
	struct stk_member m;
	void *image;
	int fd = mkstemps(path, 3);

	ck_assert_int_ge(fd, 0);
	close(fd);
	/* libdw 0.188 forgets some bytes of what it refuses. */
	__lsan_disable();
	for (unsigned int seed = 0; seed < 60; seed++) {
		struct stk_debuginfo *broken = stk_debuginfo_new();

		damage(seed % 2 ? VMLINUX : MODULE, path, seed + 60 * (unsigned int)_i);
		if (!stk_debuginfo_add(broken, path, error, sizeof(error))) {
			image = stk_debuginfo_ops.module(broken, &info);
			for (uint64_t i = 0; i < 32; i++) {
				uint64_t pc = i + (image ? TEXT : 0xffffffff81000000);

				stk_debuginfo_ops.lines(broken, image, pc, line, 4);
				stk_debuginfo_ops.caller(broken, image, pc, &f, read_word,
							 NULL);
			}
			if (stk_debuginfo_types(broken))
				stk_dwarf_type_ops.member(stk_debuginfo_types(broken),
							  "outer", "absent", &m);
			stk_debuginfo_symbols(broken);
		}
		stk_debuginfo_free(broken);
	}
	__lsan_enable();
	unlink(path);
}
END_TEST

/* ---- no memory ---- */

enum { ADDED, SYMBOL, SIZE, MEMBER, LINES, OF_MODULE, CALLER, NR_ASKED };

/* Some of all, of files of their own: a status each, or how many lines there are not. */
static void ask_all(int result[NR_ASKED])
{
	struct stk_module_info info = tiny();
	struct stk_debuginfo *mine = stk_debuginfo_new();
	struct stk_cfi_frame f = { .valid = 1u << 7 | 1u << 3, .wanted = 1u << 6 };
	const uint64_t at = 0xffffffff81000000ull;
	struct stk_line line[4];
	struct stk_symtab *symtab;
	struct stk_types *all;
	struct stk_member member;
	uint64_t addr;
	uint32_t size;
	void *image;

	for (size_t i = 0; i < NR_ASKED; i++)
		result[i] = STK_ERR_NOMEM;
	if (!mine)
		return;
	f.reg[7] = 0x8000;
	f.reg[3] = 33;
	result[ADDED] =
		stk_debuginfo_add_list(mine, VMLINUX "," SMALL, error, sizeof(error));
	symtab = stk_debuginfo_symbols(mine);
	if (symtab)
		result[SYMBOL] = stk_symtab_ops.address(symtab, "in_asm", &addr);
	all = stk_debuginfo_types(mine);
	if (all) {
		result[SIZE] = stk_dwarf_type_ops.size(all, "outer", &size);
		result[MEMBER] = stk_dwarf_type_ops.member(all, "outer", "in", &member);
	}
	result[LINES] = !stk_debuginfo_ops.lines(mine, NULL, at + 1, line, 4);
	image = stk_debuginfo_ops.module(mine, &info);
	result[OF_MODULE] =
		!image || !stk_debuginfo_ops.lines(mine, image, TEXT, line, 4);
	if (symtab && !result[SYMBOL])
		result[CALLER] =
			stk_debuginfo_ops.caller(mine, NULL, addr, &f, read_word, NULL);
	stk_debuginfo_free(mine);
}

/* Each place that asks for some gets none: then less is known, and nothing is lost. */
START_TEST(without_memory)
{
	int sound[NR_ASKED], now[NR_ASKED];
	size_t nr, held, given;

	memory_hold();
	memory_watch();
	ask_all(sound);
	memory_end();
	/* A name of a file, to libdw. */
	given = memory_held();
	ck_assert_uint_le(given, 1);
	for (size_t i = 0; i < NR_ASKED; i++)
		ck_assert_msg(!sound[i], "%zu: %d", i, sound[i]);
	nr = memory_places();
	ck_assert_uint_gt(nr, 5);
	for (size_t i = 0; i < nr; i++)
		for (int last = 0; last <= 1; last++) {
			memory_fail(i, last ? memory_asked(i) - 1 : 0);
			memory_hold();
			ask_all(now);
			memory_end();
			held = memory_held();
			ck_assert_msg(held <= given, "place %zu", i);
			ck_assert(memory_failed());
			for (size_t k = 0; k < LINES; k++)
				ck_assert_msg(!now[k] || now[k] == STK_ERR_NOMEM,
					      "place %zu: %zu: %d", i, k, now[k]);
		}
}
END_TEST

static const struct unit_test tc_tests[] = {
	TEST(without_memory),
	TEST(symbols),
	TEST(labels_of_assemblers),
	TEST(where_the_image_begins),
	TEST(symbols_by_address),
	LOOP(types, 2),
	TEST(lines_of_c),
	LOOP(lines_of_nested_calls, 2),
	TEST(lines_of_assembly),
	TEST(call_frames),
	TEST(call_frames_preserve),
	TEST(call_frames_move),
	TEST(call_frames_tell),
	TEST(call_frames_at_the_cfa),
	TEST(call_frames_of_nonsense),
	TEST(namelist_that_can_be_moved),
	TEST(module_from_a_server),
	LOOP(no_call_frames, 2),
	LOOP(sections_not_loaded, 2),
	LOOP(expressions, NR_EXPRESSIONS),
	TEST(registers_are_bounded),
	TEST(expressions_are_bounded),
	LOOP(module_is_found, 5),
	LOOP(module_in_a_tree, 11),
	LOOP(module_in_two, 4),
	TEST(module_call_frames),
	LOOP(module_is_not_taken, 5),
	TEST(release_is_no_path),
	TEST(files_that_are_named),
	TEST(no_kernel),
	TEST(files_are_closed),
	LOOP(files_of_other_names, 2),
	LOOP(files_that_are_packed, 3),
	TEST(build_ids),
	LOOP(whose_namelist, NR_NAMELISTS),
	TEST(namelist_without_a_build_id),
	TEST(namelist_without_dwarf),
	TEST(namelist_without_symbols),
	TEST(namelist_in_two),
	TEST(as_many_as_fit),
	TEST(names_with_commas),
	LOOP(damaged_files, 4),
	{ 0 },
};

const struct unit_suite suite_debuginfo = {
	"debuginfo",
	{
		{ "debuginfo", tc_tests, setup, teardown },
	},
};
