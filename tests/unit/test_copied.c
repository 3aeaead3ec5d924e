/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves to the last byte what is read out of a copied text: where sequences and escapes
 * end, which words are addresses, which functions there are, and what is found to be of
 * another kernel, how often and in which line.
 */
#include "fixture.h"
#include "suite.h"

#include "commands/oops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_kernel();
	syn_use_kallsyms(m);
	s = syn_open(m);
}

/* ---- what terminals and logs add ---- */

#define ESC "\033"

START_TEST(sequences)
{
	static const char *const row[][2] = {
		{ ESC "[m", "" },
		{ ESC "[mx", "x" },
		{ ESC "[0mx", "x" },
		/* parameters 0-9:;<=>?, then intermediates, then one final byte */
		{ ESC "[0:9;?<=>mx", "x" },
		{ ESC "[1 /px", "x" },
		{ ESC "[ !\"#$%&'()*+,-./Ax", "x" },
		{ ESC "[@x", "x" },
		{ ESC "[~x", "x" },
		{ ESC "[?25hx", "x" },
		{ ESC "[\177x", ESC "[\177x" },
		{ ESC "[1\nx", ESC "[1\nx" },
		{ ESC "[/0x", ESC "[/0x" }, /* a parameter behind an intermediate */
		{ ESC "[1;", ESC "[1;" },
		{ ESC "[", ESC "[" },
		{ ESC "[x", "" },
		{ ESC "x[m", ESC "x[m" },
		{ ESC ESC "[mx", ESC "x" },
		/* character sets */
		{ ESC "(Bx", "x" },
		{ ESC ")0x", "x" },
		{ ESC "(", ESC "(" },
		{ ESC "(-x", ESC "(-x" },
		{ ESC "*Bx", ESC "*Bx" },
		/* the end of a line, as DOS has it */
		{ "\r\n", "\n" },
		{ "\r", "\r" },
		{ "\r\r\n", "\r\n" },
		{ "\n\r", "\n\r" },
		{ "a\r\nb\r\n", "a\nb\n" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[64];
		size_t len;

		strcpy(text, row[i][0]);
		len = stk_oops_clean(text, strlen(text));
		ck_assert_msg(len == strlen(row[i][1]) && !memcmp(text, row[i][1], len),
			      "row %zu: %.*s", i, (int)len, text);
	}
}
END_TEST

START_TEST(escapes)
{
	static const char *const row[][2] = {
		{ "\\n", "\n" },
		{ "\\t", "\t" },
		{ "\\r", "\r" },
		{ "\\N", "\n" },
		{ "\\u000a", "\n" },
		{ "\\u000A", "\n" },
		{ "\\U000a", "\n" },
		{ "\\u0009", "\t" },
		{ "\\u000d", "\r" },
		{ "\\u001b[1mx", "x" },
		{ "\\x0a", "\n" },
		{ "\\x09", "\t" },
		{ "\\x0d", "\r" },
		{ "\\x1b[1mx", "x" },
		{ "#012", "\n" },
		{ "#011", "\t" },
		{ "#015", "\r" },
		{ "#033[1mx", "x" },
		{ "^[[1mx", "x" },
		{ "^[", "^[" },
		{ "^[x", "^[x" },
		{ "^", "^" },
		{ "#", "#" },
		{ "#01", "#01" },
		{ "#013", "#013" },
		{ "\\", "\\" },
		{ "\\x0", "\\x0" },
		{ "\\u000", "\\u000" },
		{ "\\x0b", "\\x0b" },
		{ "\\a", "\\a" },
		{ "a\\nb\\tc", "a\nb\tc" },
		/* in a document within a document, and so on */
		{ "\\\\n", "\n" },
		{ "\\\\\\n", "\n" },
		{ "\\\\\\\\u000ax", "\nx" },
		{ "\\\\", "\\\\" },
		{ "\\\\a", "\\\\a" },
		{ "\\\\nb\\\\n", "\nb\n" },
		/* one behind the other */
		{ "\\r\\n", "\n" },
		{ "#015#012x", "\nx" },
		{ "\\n\\n", "\n\n" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[64];
		size_t len;

		strcpy(text, row[i][0]);
		len = stk_oops_clean(text, strlen(text));
		ck_assert_msg(len == strlen(row[i][1]) && !memcmp(text, row[i][1], len),
			      "%s: %.*s", row[i][0], (int)len, text);
	}
}
END_TEST

/* A byte of 0 is one like others; what comes behind the length is not looked at. */
START_TEST(bytes_of_zero)
{
	char text[] = "a\0\\\0n\033\0(m#012", cut[] = "a\\n\033[m";

	ck_assert_uint_eq(stk_oops_clean(text, sizeof(text) - 1), sizeof(text) - 1 - 3);
	ck_assert_int_eq(memcmp(text, "a\0\\\0n\033\0(m\n", 10), 0);
	ck_assert_uint_eq(stk_oops_clean(cut, 2), 2);
	ck_assert_int_eq(memcmp(cut, "a\\n", 3), 0);
	ck_assert_uint_eq(stk_oops_clean(cut, 5), 4);
}
END_TEST

/* ---- words ---- */

/* All of @text, each with "!" if it is that of a fault: "1,2!" */
static const char *words_of(const char *text)
{
	static char found[512];
	struct stk_oops_word word;
	size_t at = 0;

	found[0] = '\0';
	while (stk_oops_word(s, text, strlen(text), &at, &word)) {
		const size_t len = strlen(found);

		ck_assert_uint_le(at, strlen(text));
		snprintf(found + len, sizeof(found) - len, "%s%llx%s", len ? "," : "",
			 (unsigned long long)word.value, word.fault ? "!" : "");
	}
	return found;
}

START_TEST(words)
{
	static const char *const row[][2] = {
		{ "", "" },
		{ " , ", "" },
		{ "ffffffff81001234", "ffffffff81001234" },
		{ " ffffffff81001234 ffffffff81001235 ",
		  "ffffffff81001234,ffffffff81001235" },
		{ "<ffffffff81001234>,(ffffffff81001235)",
		  "ffffffff81001234,ffffffff81001235" },
		{ "0x1 0x2", "1,2" },
		{ "0x1-0x2", "1,2" },
		{ "0x1+0x2", "1" },
		{ "0x1/0x2", "1" },
		{ "+0x1 /0x2 0x3", "3" },
		{ "0X1", "" },
		{ "0x", "" },
		{ "0xg", "" },
		{ "0x1_", "" },
		{ "_0x1", "" },
		{ "a0x1", "" },
		{ "ffffffff8100123", "" },
		{ "ffffffff810012345", "" },
		{ "0ffffffff81001234", "" },
		{ "0ffffffff81001234h", "ffffffff81001234" },
		{ "1ffffffff81001234h", "" },
		{ "ffffffff81001234h", "ffffffff81001234" },
		{ "ffffffff81001234UL", "ffffffff81001234" },
		{ "ffffffff8100123g", "" },
		/* 23 characters, and one more */
		{ "0x000000000000000000001", "1" },
		{ "0x0000000000000000000001", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(!strcmp(words_of(row[i][0]), row[i][1]), "%s: %s",
			      row[i][0], words_of(row[i][0]));
}
END_TEST

START_TEST(faults)
{
	static const char *const row[][2] = {
		{ "address: 0x1", "1!" },
		{ "address 0x1", "1!" },
		{ "Address:\t0x1", "1!" },
		{ "ADDRESS  0x1", "1!" },
		{ "address:0x1 0x2", "1!,2" },
		{ "dereference at 0x1", "1!" },
		{ "request at 0x1", "1!" },
		{ "reference at 0x1", "1!" },
		{ "at addr 0x1", "1!" },
		{ "in range [0x1-0x2]", "1!,2" },
		{ "CR2: 0x1", "1!" },
		{ "cr2:0x1", "1!" },
		{ "CR2 0x1", "1" },
		{ "R2: 0x1", "1" },
		{ "CR3: 0x1", "1" },
		{ ": 0x1", "1" },
		{ "0x1", "1" },
		{ "  0x1", "1" },
		{ "addresses 0x1", "1" },
		{ "at 0x1", "1" },
		{ "range 0x1", "1" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(!strcmp(words_of(row[i][0]), row[i][1]), "%s: %s",
			      row[i][0], words_of(row[i][0]));
}
END_TEST

/* ---- functions ---- */

/* As "name+offset/size", with "@address" and "[]" if it has them. */
static const char *functions_of(const char *text, size_t len)
{
	static char found[1024];
	struct stk_oops_function f;
	size_t at = 0;

	found[0] = '\0';
	while (stk_oops_function(text, len, &at, &f)) {
		const size_t n = strlen(found);

		ck_assert_uint_le(at, len);
		snprintf(found + n, sizeof(found) - n, "%s%s+%llx/%llx%s%s", n ? " " : "",
			 f.name, (unsigned long long)f.offset, (unsigned long long)f.size,
			 f.has_addr ? "@" : "", f.in_module ? "[]" : "");
		if (f.has_addr)
			ck_assert_uint_eq(f.addr, 0xffffffff81001234);
	}
	return found;
}

START_TEST(functions)
{
#define AT "[<ffffffff81001234>]"
	static const char *const row[][2] = {
		{ "", "" },
		{ "+", "" },
		{ "f+0x1/0x2", "f+1/2" },
		{ "f+0x1/0x2 g+0x3/0x4", "f+1/2 g+3/4" },
		{ "f+0x1/0x2+0x3/0x4", "f+1/2 0x2+3/4" },
		{ "f+g+0x1/0x2", "g+1/2" },
		{ "f+0x1", "" },
		{ "f+0x1/", "" },
		{ "f+0x1/2", "" },
		{ "f+1/0x2", "" },
		{ "f+0x/0x2", "" },
		{ "f+0x1/0x", "" },
		{ "f+0x1 0x2", "" },
		{ "f+x1/0x2", "" },
		{ "f+0y1/0x2", "" },
		{ "+0x1/0x2", "" },
		{ "-+0x1/0x2", "" },
		{ "a.b$c_1+0x1/0x2", "a.b$c_1+1/2" },
		{ "a-b+0x1/0x2", "b+1/2" },
		{ "f+0xffffffffffffffff/0x2", "f+ffffffffffffffff/2" },
		{ "f+0x1ffffffffffffffff/0x2", "" },
		{ "f+0x00000000000000001/0x2", "f+1/2" }, /* 17 digits */
		{ "f+0x000000000000000001/0x2", "" },
		{ "f+0x1/0x00000000000000002", "f+1/2" },
		{ "f+0xAb/0xcD", "f+ab/cd" },
		/* the module's name behind it, but no address */
		{ "f+0x1/0x2 [ext4]", "f+1/2[]" },
		{ "f+0x1/0x2 [", "f+1/2[]" },
		{ "f+0x1/0x2 [<ffff>]", "f+1/2" },
		{ "f+0x1/0x2 ", "f+1/2" },
		{ "f+0x1/0x2  [ext4]", "f+1/2" },
		{ "f+0x1/0x2[ext4]", "f+1/2" },
		{ "f+0x1/0x2 ext4", "f+1/2" },
		/* the address before it */
		{ AT " f+0x1/0x2", "f+1/2@" },
		{ AT "f+0x1/0x2", "f+1/2@" },
		{ AT "\t? f+0x1/0x2", "f+1/2@" },
		{ "x " AT " ? f+0x1/0x2 [ext4]", "f+1/2@[]" },
		{ AT " x f+0x1/0x2", "f+1/2" },
		{ "<ffffffff81001234> f+0x1/0x2", "f+1/2" },
		{ "[<fffffff81001234>] f+0x1/0x2", "f+1/2" },
		{ "[<fffffffff81001234>] f+0x1/0x2", "f+1/2" },
		{ "[ffffffff81001234>] f+0x1/0x2", "f+1/2" },
		{ "[<ffffffff81001234] f+0x1/0x2", "f+1/2" },
		{ "ffffffff81001234>] f+0x1/0x2", "f+1/2" },
		{ ">] f+0x1/0x2", "f+1/2" },
		{ AT " f+0x1/0x2 g+0x3/0x4", "f+1/2@ g+3/4" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(
			!strcmp(functions_of(row[i][0], strlen(row[i][0])), row[i][1]),
			"%s: %s", row[i][0], functions_of(row[i][0], strlen(row[i][0])));
}
END_TEST

/* Nothing behind the line's end is part of it. */
START_TEST(functions_that_are_cut)
{
	static const char text[] = "f+0x12/0x34 [<ext4>]";
	static const char *const want[] = {
		[0] = "",	  [10] = "f+12/3",    [11] = "f+12/34",
		[12] = "f+12/34", [13] = "f+12/34[]",
	};

	for (size_t len = 0; len <= 13; len++)
		ck_assert_msg(
			!strcmp(functions_of(text, len), want[len] ? want[len] : ""),
			"%zu: %s", len, functions_of(text, len));
}
END_TEST

START_TEST(names_that_are_long)
{
	char text[600];

	for (size_t len = 511; len <= 512; len++) {
		struct stk_oops_function f;
		size_t at = 0;

		memset(text, 'a', len);
		strcpy(text + len, "+0x1/0x2");
		ck_assert(stk_oops_function(text, strlen(text), &at, &f) == (len == 511));
		if (len == 511)
			ck_assert_uint_eq(strlen(f.name), 511);
	}
}
END_TEST

/* ---- whose text it is ---- */

static struct stk_oops_origin origin;

static void compare(const char *text)
{
	memset(&origin, 0, sizeof(origin));
	for (size_t len; *text; text += len + (text[len] == '|')) {
		len = strcspn(text, "|");
		stk_oops_compare(s, &origin, text, len);
	}
}

/* The counts of one trait, "same/differ", and the line of the first that differs. */
static void expect_trait(const char *text, enum stk_oops_trait trait, size_t same,
			 size_t differ, size_t line)
{
	const struct stk_oops_find *f = &origin.find[trait];

	compare(text);
	ck_assert_msg(f->same == same && f->differ == differ && f->line == line,
		      "%s: %zu/%zu in line %zu", text, f->same, f->differ, f->line);
	for (enum stk_oops_trait i = 0; i < STK_OOPS_NR_TRAITS; i++)
		ck_assert_msg(i == trait || !origin.find[i].differ, "%s: %s", text,
			      stk_oops_trait_code(i));
}

START_TEST(machines)
{
	static const struct {
		const char *line, *name;
	} row[] = {
		{ "EAX: 0", "i686" },	      { "pstate: 0", "aarch64" },
		{ "pc : 0", "aarch64" },      { "x29: 0", "aarch64" },
		{ "psr: 0", "arm" },	      { "PC is at x", "arm" },
		{ "epc : 0", "riscv64" },     { "badaddr: 0", "riscv64" },
		{ "NIP: 0", "ppc64le" },      { "NIP [0] x", "ppc64le" },
		{ "Krnl PSW : 0", "s390x" },  { "Krnl GPRS: 0", "s390x" },
		{ "epc   : 0", "mips64" },    { "ERA: 0", "loongarch64" },
		{ "BADV: 0", "loongarch64" }, { "TSTATE: 0", "sparc64" },
		{ "[1.0] EAX: 0", "i686" },   { "a]EAX: 0", "i686" },
		{ "<1>EAX: 0", "i686" },      { "a:EAX: 0", "i686" },
		{ "\tEAX: 0", "i686" },	      { "xEAX: 0 EAX: 1", "i686" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		expect_trait(row[i].line, STK_OOPS_ARCHITECTURE, 0, 1, 1);
		ck_assert_str_eq(origin.find[STK_OOPS_ARCHITECTURE].theirs, row[i].name);
		ck_assert_str_eq(origin.find[STK_OOPS_ARCHITECTURE].ours, "x86_64");
	}
	expect_trait("RAX: 0", STK_OOPS_ARCHITECTURE, 1, 0, 0);
	expect_trait("x|RAX: 0|EAX: 0|pc : 0", STK_OOPS_ARCHITECTURE, 1, 2, 3);
	expect_trait("xEAX: 0 (EAX: 0", STK_OOPS_ARCHITECTURE, 0, 0, 0);
	expect_trait("EAX:0", STK_OOPS_ARCHITECTURE, 0, 0, 0);
}
END_TEST

START_TEST(releases)
{
	enum stk_oops_trait release = STK_OOPS_RELEASE;
	char text[128];

	expect_trait("Linux version 6.1.0-syn x", release, 1, 0, 0);
	expect_trait("[1.0] Linux version 6.1.0-syn", release, 1, 0, 0);
	expect_trait("Linux version 6.1.0-sym x", release, 0, 1, 1);
	expect_trait("Linux version 6.1.0-syn2 x", release, 0, 1, 1);
	expect_trait("Linux version x6", release, 0, 0, 0);
	expect_trait("Linux version ", release, 0, 0, 0);
	expect_trait("Linux version", release, 0, 0, 0);
	expect_trait("Comm: a Not tainted 6.1.0-syn #1", release, 1, 0, 0);
	expect_trait("Comm: a Not tainted 6.1.1-syn #1", release, 0, 1, 1);
	expect_trait("Pid: 1, comm: a Not tainted (6.1.1 #1)", release, 0, 1, 1);
	expect_trait("Pid: 1 Not tainted 6.1.1 #1", release, 0, 1, 1);
	expect_trait("Not tainted 6.1.1 #1", release, 0, 0, 0);
	expect_trait("Comm: a 6.1.1 #1", release, 0, 0, 0);
	expect_trait("Comm: a Tainted: G #x 6.1.1 #1", release, 0, 1, 1);
	expect_trait("Comm: a Tainted: G 6.1.1 #x", release, 0, 0, 0);
	expect_trait("Comm: a Tainted: G v6.1.1 #1", release, 0, 0, 0);
	expect_trait("a|b|Comm: a Not tainted 6.1.1 #1|Comm: a Not tainted 6.1.2 #1",
		     release, 0, 2, 3);
	ck_assert_str_eq(origin.find[release].theirs, "6.1.1");
	ck_assert_str_eq(origin.find[release].ours, "6.1.0-syn");
	/* 64 characters, and one more. */
	snprintf(text, sizeof(text), "Linux version %064d x", 6);
	expect_trait(text, release, 0, 1, 1);
	ck_assert_uint_eq(strlen(origin.find[release].theirs), 64);
	snprintf(text, sizeof(text), "Linux version %065d x", 6);
	expect_trait(text, release, 0, 0, 0);
	/* A dump that does not tell its own. */
	syn_no_vmcoreinfo(m, "OSRELEASE");
	s = syn_open(m);
	expect_trait("Linux version 6.1.0-sym x", release, 0, 0, 0);
	expect_trait("Comm: a Not tainted 6.1.1 #1", release, 0, 0, 0);
}
END_TEST

START_TEST(boots)
{
	enum stk_oops_trait boot = STK_OOPS_BOOT;

	expect_trait("Kernel Offset: 0x1a000000 from", boot, 1, 0, 0);
	expect_trait("Kernel Offset: 0x1b000000 from", boot, 0, 1, 1);
	ck_assert_str_eq(origin.find[boot].theirs, "0x1b000000");
	ck_assert_str_eq(origin.find[boot].ours, "0x1a000000");
	expect_trait("x|[1] Kernel Offset: 0x0 from", boot, 0, 1, 2);
	ck_assert_str_eq(origin.find[boot].theirs, "0");
	expect_trait("Kernel Offset: disabled", boot, 0, 1, 1);
	expect_trait("Kernel Offset: disable", boot, 0, 0, 0);
	expect_trait("Kernel Offset: x", boot, 0, 0, 0);
	expect_trait("Kernel Offset: ", boot, 0, 0, 0);
	expect_trait("Kernel Offset: 1b000000 from", boot, 0, 0, 0);
	expect_trait("Kernel Offset: 0x1b000", boot, 0, 0, 0);
	expect_trait("Kernel Offset: 0x from", boot, 0, 0, 0);
	expect_trait("Kernel Offset: 0x0", boot, 0, 0, 0);
	expect_trait("Offset: 0x1b000000 from", boot, 0, 0, 0);
	syn_no_vmcoreinfo(m, "KERNELOFFSET");
	s = syn_open(m);
	expect_trait("Kernel Offset: 0x1b000000 from", boot, 0, 0, 0);
}
END_TEST

START_TEST(sizes_and_addresses)
{
	enum stk_oops_trait size = STK_OOPS_FUNCTION_SIZE, addr = STK_OOPS_ADDRESS;
	char text[2048] = "";

	expect_trait("vfs_write+0x10/0x100", size, 1, 0, 0);
	expect_trait("vfs_write+0x10/0x110", size, 0, 1, 1);
	ck_assert_str_eq(origin.find[size].theirs, "vfs_write is 0x110 bytes long");
	ck_assert_str_eq(origin.find[size].ours, "0x100");
	expect_trait("vfs_write+0x10/0x110 [ext4]", size, 0, 0, 0);
	expect_trait("vfs_write+0x10/0x0", size, 0, 0, 0);
	expect_trait("nothing+0x10/0x110", size, 0, 0, 0);
	expect_trait("vfs_write+0x10/0x110|ksys_write+0x1/0x100 task_spin+0x1/0x90", size,
		     1, 2, 1);
	expect_trait("[<ffffffff9b001410>] vfs_write+0x10/0x100", addr, 1, 0, 0);
	expect_trait("[<ffffffff9b001410>] vfs_write+0x11/0x100", addr, 0, 1, 1);
	ck_assert_str_eq(origin.find[addr].theirs, "vfs_write is at ffffffff9b0013ff");
	ck_assert_str_eq(origin.find[addr].ours, "ffffffff9b001400");
	/* Of another build the address says nothing. */
	expect_trait("[<ffffffff9b001410>] vfs_write+0x11/0x110", size, 0, 1, 1);
	ck_assert_uint_eq(origin.find[addr].same, 0);
	/* So many are compared. */
	for (size_t i = 0; i < 13; i++)
		strcat(text,
		       "vfs_write+0x1/0x110 vfs_write+0x1/0x110 vfs_write+0x1/0x110 "
		       "vfs_write+0x1/0x110 vfs_write+0x1/0x110|");
	expect_trait(text, size, 0, STK_OOPS_FUNCTIONS, 1);
	ck_assert_uint_eq(origin.nr_functions, STK_OOPS_FUNCTIONS);
	ck_assert_uint_eq(origin.nr_lines, 13);
	/* A line is looked at up to its 1024th byte. */
	memset(text, ' ', sizeof(text));
	strcpy(text + 1024 - 20, "vfs_write+0x10/0x110");
	expect_trait(text, size, 0, 1, 1);
	memset(text, ' ', sizeof(text));
	strcpy(text + 1024 - 18, "vfs_write+0x10/0x110");
	expect_trait(text, size, 0, 1, 1);
	ck_assert_str_eq(origin.find[size].theirs, "vfs_write is 0x1 bytes long");
	memset(text, ' ', sizeof(text));
	strcpy(text + 1024, "vfs_write+0x10/0x110");
	expect_trait(text, size, 0, 0, 0);
}
END_TEST

/* The same release is built again: each build has its number and time. */
START_TEST(builds)
{
	enum stk_oops_trait build = STK_OOPS_BUILD;

	expect_trait("Linux version 6.1.0-syn (a) #1 SMP", build, 0, 0, 0);
	ck_assert_uint_eq(origin.find[STK_OOPS_RELEASE].same, 1);
}
END_TEST

START_TEST(what_is_told)
{
	static const struct {
		const char *text;
		enum stk_oops_trait trait;
		const char *told, *code;
	} row[] = {
		{ "EAX: 0", STK_OOPS_ARCHITECTURE,
		  "the text is of another architecture: line 1 is of i686, this dump of "
		  "x86_64",
		  "architecture" },
		{ "RAX: 0|EAX: 0", STK_OOPS_ARCHITECTURE,
		  "part of the text is of another architecture: line 2 is of i686, this dump "
		  "of x86_64",
		  "architecture" },
		{ "Linux version 5.4", STK_OOPS_RELEASE,
		  "the text is of another kernel: line 1 has 5.4, this dump 6.1.0-syn",
		  "release" },
		{ "Kernel Offset: 0x1 x", STK_OOPS_BOOT,
		  "the text is of another boot of this kernel: line 1 has the kernel offset "
		  "0x1, this dump 0x1a000000",
		  "boot" },
		{ "panic+0x1/0x2 vfs_write+0x1/0x100", STK_OOPS_FUNCTION_SIZE,
		  "the text is of another build of this kernel: in line 1 panic is 0x2 bytes "
		  "long, in this dump 0x100 (1 of 2 functions differ)",
		  "function_size" },
		{ "[<ffffffff9b001411>] vfs_write+0x10/0x100", STK_OOPS_ADDRESS,
		  "the text is of another boot of this kernel: in line 1 vfs_write is at "
		  "ffffffff9b001401, in this dump at ffffffff9b001400",
		  "address" },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		compare(row[i].text);
		ck_assert(stk_oops_foreign(&origin, row[i].trait, text, sizeof(text)));
		ck_assert_str_eq(text, row[i].told);
		ck_assert_str_eq(stk_oops_trait_code(row[i].trait), row[i].code);
		compare("RAX: 0");
		ck_assert(!stk_oops_foreign(&origin, row[i].trait, text, sizeof(text)));
	}
	ck_assert_str_eq(stk_oops_trait_code(STK_OOPS_BUILD), "build");
}
END_TEST

/* A mail's source: one break may be anything, of two the text is one. */
START_TEST(mails_and_pages)
{
	static const char *const row[][2] = {
		{ "ab=\ncd=\nef", "abcdef" },
		{ "ab=\r\ncd=\r\nef", "abcdef" },
		{ "a =\n  b=\n=3D=20=09|", "a   b= \t|" },
		{ "=\n=3D=3D=\nx", "==x" },
		/* as often as it may be, bytes of other characters stay */
		{ "=\n=C3=A9=\n=00=1b=\n", "=C3=A9=00=1b" },
		{ "=\n=3d=\n=4=\n=", "=3d=4=" },
		/* no mail's source */
		{ "order=20", "order=20" },
		{ "a=\nidle=3D", "a=\nidle=3D" },
		{ "=====\n=====\nx=20", "=====\n=====\nx=20" },
		/* HTML */
		{ "&lt;TASK&gt; [&LT;ff&gt;]", "<TASK> [<ff>]" },
		{ "&amp;lt; &quot;&#39;&#x27;&nbsp;", "&lt; \"'' " },
		{ "&ctx->lock &lt &; & &#", "&ctx->lock &lt &; & &#" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t len = strlen(row[i][0]), wanted = strlen(row[i][1]);
		char text[64];

		strcpy(text, row[i][0]);
		len = stk_oops_clean(text, len);
		ck_assert_msg(len == wanted && !memcmp(text, row[i][1], len),
			      "row %zu: %.*s", i, (int)len, text);
	}
}
END_TEST

static const struct unit_test clean_tests[] = {
	TEST(sequences), TEST(mails_and_pages), TEST(escapes), TEST(bytes_of_zero), { 0 },
};

static const struct unit_test word_tests[] = {
	TEST(words),
	TEST(faults),
	TEST(functions),
	TEST(functions_that_are_cut),
	TEST(names_that_are_long),
	{ 0 },
};

static const struct unit_test origin_tests[] = {
	TEST(machines), TEST(releases),	    TEST(boots), TEST(sizes_and_addresses),
	TEST(builds),	TEST(what_is_told), { 0 },
};

const struct unit_suite suite_copied = {
	"copied",
	{
		{ "clean", clean_tests, NULL, NULL },
		{ "words", word_tests, setup, NULL },
		{ "origin", origin_tests, setup, NULL },
	},
};
