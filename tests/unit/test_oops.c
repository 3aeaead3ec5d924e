/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how a pasted text is read: what terminals and logs added to it goes, the address
 * of a fault counts however odd it is, and a text of another kernel is told from one of
 * this one's.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/oops.h"

static struct stk *s;

static void setup(void)
{
	fixture_kernel();
	syn_use_kallsyms(m);
	s = syn_open(m);
}

/* Where a line ends: at its end, or, if that is far, behind the next word. */
START_TEST(ends_of_lines)
{
	enum { FEW = STK_OOPS_LINE - 64 };
	static const struct {
		/* So many letters; one that is none at @blank; the line's end, if at all.
		 */
		size_t size, blank, end;
		size_t len, at; /* of the line that is read, and where the next begins */
	} row[] = {
		{ 1, 9999, 9999, 1, 1 },
		{ 8, 9999, 0, 0, 1 },
		{ 8, 9999, 3, 3, 4 },
		{ 8, 9999, 7, 7, 8 },
		{ FEW, 9999, 9999, FEW, FEW },
		{ FEW + 1, 9999, 9999, FEW + 1, FEW + 1 },
		{ FEW + 1, FEW, 9999, FEW, FEW },
		{ FEW + 9, FEW - 1, 9999, FEW + 9, FEW + 9 },
		{ FEW + 9, FEW + 3, 9999, FEW + 3, FEW + 3 },
		{ FEW + 9, FEW + 3, FEW + 6, FEW + 6, FEW + 7 },
		{ 9000, FEW + 63, 9999, FEW + 63, FEW + 63 },
		{ 9000, FEW + 64, 9999, FEW + 64, FEW + 64 },
		{ 9000, 9999, FEW + 63, FEW + 63, FEW + 64 },
		{ 9000, FEW + 1, FEW + 64, FEW + 1, FEW + 1 },
	};
	static char text[16384];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		/* The text may be anywhere in another one. */
		for (size_t before = 0; before < 6000; before += 5999) {
			const char *line;
			size_t at = before, len;

			memset(text, 'a', sizeof(text));
			text[before + row[i].blank] = ' ';
			text[before + row[i].end] = '\n';
			text[before + row[i].size] = '\n';
			ck_assert(stk_oops_line(text, before + row[i].size, &at, &line,
						&len));
			ck_assert_ptr_eq(line, text + before);
			ck_assert_msg(len == row[i].len, "row %zu: %zu", i, len);
			ck_assert_msg(at - before == row[i].at, "row %zu: %zu", i, at);
		}
	}
}
END_TEST

START_TEST(line_by_line)
{
	static const char all[] = "one\r\n\r\n\n\rtwo\r";
	static const char *const want[] = { "one", "", "", "\rtwo" };
	const char *line;
	size_t at = 0, len;

	for (size_t i = 0; i < 4; i++) {
		ck_assert(stk_oops_line(all, sizeof(all) - 1, &at, &line, &len));
		ck_assert_uint_eq(len, strlen(want[i]));
		ck_assert_mem_eq(line, want[i], len);
	}
	ck_assert_uint_eq(at, sizeof(all) - 1);
	ck_assert(!stk_oops_line(all, sizeof(all) - 1, &at, &line, &len));
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(what_others_added)
{
	static const struct {
		const char *text, *clean;
	} row[] = {
		{ "", "" },
		{ "RSP: 0018:ff", "RSP: 0018:ff" },
		/* colours, as they are and as logs write them */
		{ "\033[31mff\033[0m", "ff" },
		{ "\033[01;31m\033[Kff\033[m\033[K", "ff" },
		{ "\033(B\033[mff", "ff" },
		{ "#033[31mff#033[0m", "ff" },
		{ "\\u001b[1;31mff\\u001B[0m", "ff" },
		{ "\\x1b[7mff", "ff" },
		{ "^[[31mff^[[0m", "ff" },
		/* what is no sequence stays */
		{ "\033", "\033" },
		{ "\033[", "\033[" },
		{ "\033[31", "\033[31" },
		{ "\033]0;title\007", "\033]0;title\007" },
		{ "a[31m", "a[31m" },
		{ "x^[y", "x^[y" },
		/* the ends of lines, and tabs */
		{ "a\\nff\\tb", "a\nff\tb" },
		{ "a\\\\nff", "a\nff" },
		{ "a\\r\\nff\\n", "a\nff\n" },
		{ "a\\x0aff\\x09b", "a\nff\tb" },
		{ "a\\u000aff\\u0009b", "a\nff\tb" },
		{ "a#012ff#011b", "a\nff\tb" },
		{ "a\r\nb\rc", "a\nb\rc" },
		{ "a\r", "a\r" },
		{ "a\\rb", "a\rb" },
		{ "a\\x0db", "a\rb" },
		{ "a\\x0D\\x0Ab", "a\nb" },
		{ "a\\u000D\\u000Ab", "a\nb" },
		{ "a#015#012b", "a\nb" },
		{ "a\\\\\\nb", "a\nb" },
		{ "a\\", "a\\" },
		/* each byte that a sequence may have, and its neighbours */
		{ "\033[@a", "a" },
		{ "\033[~a", "a" },
		{ "\033[\177a", "\033[\177a" },
		{ "\033[?25ha", "a" },
		{ "\033[1 qa", "a" },
		{ "\033[1/qa", "a" },
		{ "\033[ 1qa", "\033[ 1qa" },
		{ "\033[\037qa", "\033[\037qa" },
		{ "\033)0a", "a" },
		{ "\033(-a", "\033(-a" },
		{ "\033(", "\033(" },
		{ "\033*0a", "\033*0a" },
		/* none of these */
		{ "[#1] #12 #0123", "[#1] #12 \n3" },
		{ "#01", "#01" },
		{ "\\_SB.PCI0 \\", "\\_SB.PCI0 \\" },
		{ "\\\"", "\\\"" },
		{ "\\x41\\u0041", "\\x41\\u0041" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[64];
		size_t len;

		strcpy(text, row[i].text);
		len = stk_oops_clean(text, strlen(text));
		text[len] = '\0';
		ck_assert_str_eq(text, row[i].clean);
	}
}
END_TEST

/* No byte of a text may be what reading it needs. */
START_TEST(cut_anywhere)
{
	static const char text[] =
		"\\\\u000a#012\033[01;31m^[[31m\\x1b[m\\n+0x12/0x34\n"
		"CPU: 1 PID: 1\ncpu#1\ncpu 1\nRIP: 0010:[<ff>]\nRIP=0x12\n"
		" #1 [1] f at 1\n---[ end trace \nRIP: 0010:f+0x1/0x2\nRSP";

	for (size_t len = 0; len <= strlen(text); len++) {
		struct stk_oops_regs_list list;
		struct stk_oops_function f;
		struct stk_oops_word word;
		char *copy = malloc(len + !len);
		size_t at = 0, left;

		memcpy(copy, text, len);
		while (stk_oops_word(s, copy, len, &at, &word))
			;
		for (at = 0; stk_oops_function(copy, len, &at, &f);)
			;
		ck_assert_int_eq(stk_oops_registers(s, copy, len, &list), STK_OK);
		left = stk_oops_clean(copy, len);
		ck_assert_uint_le(left, len);
		free(copy);
	}
}
END_TEST

START_TEST(words)
{
	static const struct {
		const char *text;
		uint64_t value;
		bool fault;
	} row[] = {
		{ "RSP: 0018:ffff9a4000000010", 0xffff9a4000000010, false },
		{ "x 0xffff9a4000000010UL", 0xffff9a4000000010, false },
		{ "x 0xffff9a4000000010ull,", 0xffff9a4000000010, false },
		{ "x ffff9a4000000010h", 0xffff9a4000000010, false },
		{ "x 0ffff9a4000000010h", 0xffff9a4000000010, false },
		/* 2.6 to 4.x, 4.18, 5.x, KASAN */
		{ "BUG: unable to handle kernel NULL pointer dereference at 0000000000000028",
		  0x28, true },
		{ "BUG: unable to handle kernel paging request at ffffffffffffff20",
		  0xffffffffffffff20, true },
		{ "BUG: kernel NULL pointer dereference, address: 0000000000000028", 0x28,
		  true },
		{ "BUG: unable to handle page fault for address: ffffffffffffff20",
		  0xffffffffffffff20, true },
		{ "general protection fault, probably for non-canonical address "
		  "0xdead000000000108: 0000 [#1]",
		  0xdead000000000108, true },
		{ "KASAN: null-ptr-deref in range [0x0000000000000028-0x000000000000002f]",
		  0x28, true },
		{ "Write of size 8 at addr 0000000000000028 by task a/1", 0x28, true },
		{ "CR2: 0000000000000028 x", 0x28, true },
		{ "XCR2: 0000000000000028", 0x28, true },
		{ "RAX: 0000000000000028", 0x28, false },
		{ "RBX: 0000000000000000 CR2", 0, false },
	};
	static const char *const none[] = { "28h",
					    "deadUL",
					    "+0xffff9a4000000010",
					    "ffff9a4000000010hh",
					    "ffff9a4000000010UULL",
					    "00000028" };
	struct stk_oops_word word;
	size_t at;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		at = 0;
		ck_assert_msg(
			stk_oops_word(s, row[i].text, strlen(row[i].text), &at, &word),
			"%s", row[i].text);
		ck_assert_uint_eq(word.value, row[i].value);
		ck_assert_msg(word.fault == row[i].fault, "%s", row[i].text);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		at = 0;
		ck_assert_msg(!stk_oops_word(s, none[i], strlen(none[i]), &at, &word),
			      "%s", none[i]);
	}
}
END_TEST

/* What stands before the line is none of it. */
START_TEST(before_the_line)
{
	static const char text[] = "CR2:0000000000000028";
	struct stk_oops_word word;
	size_t at = 0;

	ck_assert(stk_oops_word(s, text, strlen(text), &at, &word));
	ck_assert(word.value == 0x28 && word.fault);
	at = 0;
	ck_assert(stk_oops_word(s, text + 4, strlen(text) - 4, &at, &word));
	ck_assert(word.value == 0x28 && !word.fault);
}
END_TEST

START_TEST(functions)
{
	static const char line[] = "a+b [<ffffffff9b001410>] ? vfs_write+0x10/0x100 "
				   "x+0x/0x1 f.isra.0+0x1/0x2 [ext4] +0x1/0x2 g+0x1 "
				   "[<9b001410>] h$1+0x3/0x4 [<0>]";
	struct stk_oops_function f;
	size_t at = 0;

	ck_assert(stk_oops_function(line, strlen(line), &at, &f));
	ck_assert_str_eq(f.name, "vfs_write");
	ck_assert(f.has_addr && f.addr == 0xffffffff9b001410 && f.offset == 0x10 &&
		  f.size == 0x100 && !f.in_module);
	ck_assert(stk_oops_function(line, strlen(line), &at, &f));
	ck_assert_str_eq(f.name, "f.isra.0");
	ck_assert(!f.has_addr && f.in_module && f.size == 2);
	ck_assert(stk_oops_function(line, strlen(line), &at, &f));
	ck_assert_str_eq(f.name, "h$1");
	ck_assert(!f.has_addr && !f.in_module);
	ck_assert(!stk_oops_function(line, strlen(line), &at, &f));
}
END_TEST

/* Each word that is one, and what is nearly one. */
START_TEST(a_function)
{
	static const struct {
		const char *text;
		size_t at, begin; /* behind it; 0: none is there */
		uint64_t offset, size, addr;
		bool in_module;
	} row[] = {
		{ "f+0x1/0x2", 9, 0, 1, 2, 0, false },
		{ "f+0x1/0x2 [", 9, 0, 1, 2, 0, true },
		{ "f+0x1/0x2 ", 9, 0, 1, 2, 0, false },
		{ "f+0x1/0x2 m", 9, 0, 1, 2, 0, false },
		{ "f+0x1/0x2[m", 9, 0, 1, 2, 0, false },
		{ "f+0x1/0x2 [<", 9, 0, 1, 2, 0, false },
		{ "f+0xaF/0x10", 11, 0, 0xaf, 0x10, 0, false },
		{ "f+0x1/0xffffffffffffffff", 24, 0, 1, UINT64_MAX, 0, false },
		{ "f+0x1/0x0ffffffffffffffff", 25, 0, 1, UINT64_MAX, 0, false },
		{ "f+0x1/0x1ffffffffffffffff", 0, 0, 0, 0, 0, false },
		{ "f+0x1/0x00ffffffffffffffff", 0, 0, 0, 0, 0, false },
		{ "f+0x1/0x", 0, 0, 0, 0, 0, false },
		{ "f+0x/0x2", 0, 0, 0, 0, 0, false },
		{ "f+1x1/0x2", 0, 0, 0, 0, 0, false },
		{ "f+0y1/0x2", 0, 0, 0, 0, 0, false },
		{ "f+0x1-0x2", 0, 0, 0, 0, 0, false },
		{ "f+0x1/", 0, 0, 0, 0, 0, false },
		{ "f+", 0, 0, 0, 0, 0, false },
		{ "[<ffffffff9b001410>] f+0x1/0x2", 30, 21, 1, 2, 0xffffffff9b001410,
		  false },
		{ "[<ffffffff9b001410>]\t? f+0x1/0x2", 32, 23, 1, 2, 0xffffffff9b001410,
		  false },
		{ "[<ffffffff9b00141>] f+0x1/0x2", 29, 20, 1, 2, 0, false },
		{ "<ffffffff9b001410>] f+0x1/0x2", 29, 20, 1, 2, 0, false },
		{ "[ffffffff9b001410>] f+0x1/0x2", 29, 20, 1, 2, 0, false },
		{ "[<ffffffff9b001410] f+0x1/0x2", 29, 20, 1, 2, 0, false },
		{ ">] f+0x1/0x2", 12, 3, 1, 2, 0, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_oops_function f;
		size_t at = 0;

		ck_assert_msg(stk_oops_function(row[i].text, strlen(row[i].text), &at,
						&f) == (row[i].at != 0),
			      "%s", row[i].text);
		if (!row[i].at)
			continue;
		ck_assert_str_eq(f.name, "f");
		ck_assert_uint_eq(at, row[i].at);
		ck_assert_uint_eq(f.begin, row[i].begin);
		ck_assert_uint_eq(f.offset, row[i].offset);
		ck_assert_uint_eq(f.size, row[i].size);
		ck_assert_int_eq(f.has_addr, row[i].addr != 0);
		if (f.has_addr)
			ck_assert_uint_eq(f.addr, row[i].addr);
		ck_assert_int_eq(f.in_module, row[i].in_module);
	}
}
END_TEST

/* What is told of @text: of two lines, each after a "|". NULL: nothing. */
static const char *told(const char *text)
{
	static char find[512];
	struct stk_oops_origin o = { 0 };

	for (size_t len; *text; text += len + (text[len] == '|')) {
		len = strcspn(text, "|");
		stk_oops_compare(s, &o, text, len);
	}
	for (enum stk_oops_trait i = 0; i < STK_OOPS_NR_TRAITS; i++)
		if (stk_oops_foreign(&o, i, find, sizeof(find)))
			return find;
	return NULL;
}

/* How often each trait of the text is the dump's, and how often it is not. */
static const char *traits(const char *text)
{
	static char out[256];
	struct stk_oops_origin o = { 0 };

	*out = '\0';
	for (size_t len; *text; text += len + (text[len] == '|')) {
		len = strcspn(text, "|");
		stk_oops_compare(s, &o, text, len);
	}
	for (enum stk_oops_trait i = 0; i < STK_OOPS_NR_TRAITS; i++)
		if (o.find[i].same || o.find[i].differ)
			snprintf(out + strlen(out), sizeof(out) - strlen(out),
				 "%s%s %zu/%zu", *out ? ", " : "", stk_oops_trait_code(i),
				 o.find[i].same, o.find[i].differ);
	return out;
}

#define FUNCTION "vfs_write+0x10/0x100"
#define EIGHT                                                                            \
	FUNCTION "|" FUNCTION " " FUNCTION "|" FUNCTION "|" FUNCTION "|" FUNCTION        \
		 "|" FUNCTION "|" FUNCTION "|"
#define SIXTEEN "0123456789abcdef"

START_TEST(what_is_compared)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ FUNCTION, "function_size 1/0" },
		{ "vfs_write+0x10/0x110", "function_size 0/1" },
		{ FUNCTION " vfs_write+0x10/0x110", "function_size 1/1" },
		{ FUNCTION " [ext4]", "" },
		{ "vfs_write+0x10/0x0", "" },
		{ "nowhere+0x1/0x2", "" },
		{ "[<ffffffff9b001410>] " FUNCTION, "function_size 1/0, address 1/0" },
		{ "[<ffffffff9b001411>] " FUNCTION, "function_size 1/0, address 0/1" },
		/* Of another function an address says nothing. */
		{ "[<ffffffff9b001410>] vfs_write+0x10/0x110", "function_size 0/1" },
		{ EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT, "function_size 64/0" },
		{ EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT
		  "vfs_write+0x10/0x110 " FUNCTION,
		  "function_size 64/0" },
		{ "Kernel Offset: disabled", "boot 0/1" },
		{ "Kernel Offset: disabled, it says", "boot 0/1" },
		{ "Kernel Offset: disable", "" },
		{ "Kernel Offset: 0x1a000000 from", "boot 1/0" },
		{ "Kernel Offset: 0x1a000001 from", "boot 0/1" },
		{ "Kernel Offset: 0x1a000000", "" },
		{ "Kernel Offset: 1a000000 from", "" },
		{ "Kernel Offset: 0x from", "" },
		{ "Kernel Offset:0x1a000000 from", "" },
		{ "Linux version 6.1.0-syn (a)", "release 1/0" },
		{ "Linux version 6.1.0-syn", "release 1/0" },
		{ "Linux version 6.1.0-synx", "release 0/1" },
		{ "Linux version v6.1.0-syn", "" },
		{ "Linux version " SIXTEEN SIXTEEN SIXTEEN SIXTEEN, "release 0/1" },
		{ "Linux version " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "0", "" },
		{ "Comm: sh Not tainted 6.1.0-syn #1", "release 1/0" },
		{ "Comm: sh Not tainted 6.1.0-syn #x", "" },
		{ "Comm: sh Not tainted 6.1.0-syn #x #1", "" },
		{ "Comm: # sh Not tainted 6.1.0-syn #1", "release 1/0" },
		{ "Comm: sh Not tainted x6.1.0-syn #1", "" },
		{ "Pid: 1, Not tainted 6.1.0-syn #1", "release 1/0" },
		{ "Not tainted 6.1.0-syn #1", "" },
		{ "Comm: sh 6.1.0-syn #1", "" },
		{ "Comm: sh Not tainted " SIXTEEN SIXTEEN SIXTEEN SIXTEEN " #1",
		  "release 0/1" },
		{ "Comm: sh Not tainted " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "0 #1", "" },
		{ "RAX: 0", "architecture 1/0" },
		{ "x RAX: 0 EAX: 0", "architecture 1/0" },
		{ "\tEAX: 0", "architecture 0/1" },
		{ "]EAX: 0", "architecture 0/1" },
		{ ">EAX: 0", "architecture 0/1" },
		{ ":EAX: 0", "architecture 0/1" },
		{ "xEAX: 0", "" },
		{ "xEAX: EAX: 0", "architecture 0/1" },
		{ "EAX:0", "" },
	};
	char line[1100];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(!strcmp(traits(row[i].text), row[i].want), "%s: %s, not %s",
			      row[i].text, traits(row[i].text), row[i].want);
	/* As far as lines are looked at. */
	for (int more = 0; more <= 1; more++) {
		snprintf(line, sizeof(line), "%*sEAX: ", 1024 - 5 + more, "");
		ck_assert_str_eq(traits(line), more ? "" : "architecture 0/1");
	}
}
END_TEST

START_TEST(of_this_kernel)
{
	static const char *const text[] = {
		"Linux version 6.1.0-syn (a@b) (gcc) #1 SMP",
		"CPU: 1 PID: 12 Comm: sh Kdump: loaded Not tainted 6.1.0-syn #1",
		"CPU: 1 UID: 0 PID: 12 Comm: sh Tainted: G   OE   6.1.0-syn #1 a b",
		"Pid: 12, comm: sh Not tainted 6.1.0-syn #1",
		"Pid: 12, comm: sh Not tainted (6.1.0-syn #1)",
		"Comm: sh Tainted: G",
		"Tainted: [O]=OOT_MODULE",
		"Kernel Offset: 0x1a000000 from 0xffffffff81000000",
		"Kernel Offset:",
		"RIP: 0010:vfs_write+0x10/0x100",
		"[<ffffffff9b001410>] ? vfs_write+0x10/0x100",
		"RAX: 0000000000000000 RBX: 0",
		"nowhere+0x1/0x2 vfs_write+0x10/0x77 [mod]",
		"CAMERA: x EIP:1 Linux version unknown",
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		ck_assert_msg(!told(text[i]), "%s: %s", text[i], told(text[i]));
}
END_TEST

START_TEST(of_another_kernel)
{
	static const struct {
		const char *text, *told;
	} row[] = {
		{ "|Linux version 6.1.0-99 (a@b) (gcc) #1 SMP",
		  "the text is of another kernel: line 2 has 6.1.0-99, this dump 6.1.0-syn" },
		{ "CPU: 1 PID: 12 Comm: sh Not tainted 5.4.0 #1",
		  "the text is of another kernel: line 1 has 5.4.0, this dump 6.1.0-syn" },
		{ "Pid: 12, comm: sh Tainted: P  (2.6.18-8.el5 #1)",
		  "the text is of another kernel: line 1 has 2.6.18-8.el5, this dump "
		  "6.1.0-syn" },
		{ "Comm: sh Not tainted 6.1.0-syn #1|Comm: sh Not tainted 5.4.0 #1",
		  "part of the text is of another kernel: line 2 has 5.4.0, this dump "
		  "6.1.0-syn" },
		/* The architecture says most, and comes first. */
		{ "Comm: sh Not tainted 5.4.0 #1|pc : foo+0x1/0x2",
		  "the text is of another architecture: line 2 is of aarch64, this dump of "
		  "x86_64" },
		{ "[    1.0] pc : [<c0008000>]    lr : [<c0008000>]    psr: 60000013",
		  "the text is of another architecture: line 1 is of arm, this dump of "
		  "x86_64" },
		{ "epc : ffffffff80003cba ra : ffffffff80003cb0 sp : ffffffd004a1bd80",
		  "the text is of another architecture: line 1 is of riscv64, this dump of "
		  "x86_64" },
		{ "<1>NIP:  c000000000000000 LR: c000000000000000 CTR: 0",
		  "the text is of another architecture: line 1 is of ppc64le, this dump of "
		  "x86_64" },
		{ "Krnl PSW : 0704c00180000000 000003ff",
		  "the text is of another architecture: line 1 is of s390x, this dump of "
		  "x86_64" },
		{ "EAX: 00000000 EBX: 00000000",
		  "the text is of another architecture: line 1 is of i686, this dump of "
		  "x86_64" },
		{ "Kernel Offset: disabled",
		  "the text is of another boot of this kernel: line 1 has the kernel offset "
		  "0, this dump 0x1a000000" },
		{ "Kernel Offset: 0x1c000000 from 0xffffffff81000000",
		  "the text is of another boot of this kernel: line 1 has the kernel offset "
		  "0x1c000000, this dump 0x1a000000" },
		{ "vfs_write+0x10/0x110|vfs_write+0x10/0x100",
		  "the text is of another build of this kernel: in line 1 vfs_write is 0x110 "
		  "bytes long, in this dump 0x100 (1 of 2 functions differ)" },
		{ "[<ffffffff9c001410>] vfs_write+0x10/0x100",
		  "the text is of another boot of this kernel: in line 1 vfs_write is at "
		  "ffffffff9c001400, in this dump at ffffffff9b001400" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_msg(told(row[i].text) != NULL, "%s", row[i].text);
		ck_assert_str_eq(told(row[i].text), row[i].told);
	}
}
END_TEST

/* "1/12 ip@sp", one for each CPU; "-1" where the text does not say. */
static const char *registers(const char *text)
{
	static char out[512];
	struct stk_oops_regs_list list;

	out[0] = '\0';
	ck_assert_int_eq(stk_oops_registers(s, text, strlen(text), &list), STK_OK);
	for (size_t i = 0; i < list.nr; i++) {
		const struct stk_oops_regs *set = &list.set[i];
		size_t len = strlen(out);

		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d/%d ",
					i ? " " : "", (int)set->cpu, (int)set->pid);
		if (set->why[0])
			snprintf(out + len, sizeof(out) - len, "line %zu: %s", set->line,
				 set->why);
		else
			snprintf(out + len, sizeof(out) - len, "%llx@%llx%s",
				 (unsigned long long)stk_regs_ip(s, &set->regs),
				 (unsigned long long)stk_regs_sp(s, &set->regs),
				 set->behind ? " behind" : "");
	}
	return out;
}

START_TEST(registers_of_cpus)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "", "" },
		{ "CPU: 1 PID: 12 Comm: sh", "" },
		/* an oops, of old and of late */
		{ "CPU: 1 PID: 12 Comm: sh\nRIP: 0010:[<ffffffff9b001410>]  "
		  "[<ffffffff9b001410>] vfs_write+0x10/0x100\nRSP: 0018:ff10  EFLAGS: 00010246",
		  "1/12 ffffffff9b001410@ff10" },
		{ "CPU: 1 UID: 0 PID: 12 Comm: sh\nRIP: 0010:vfs_write+0x10/0x100\n"
		  "RSP: 0018:ff10 EFLAGS: 00010246",
		  "1/12 ffffffff9b001410@ff10" },
		{ "RIP: 0033:0x40103e\nRSP: 002b:7ffc EFLAGS: 00000212",
		  "-1/-1 40103e@7ffc" },
		/* others */
		{ "CPU#3\nRAX=0 RSP=ff10\nRIP=ff00 RFL=2 [---Z-P-] CPL=0",
		  "3/-1 ff00@ff10" },
		{ "rip            0xff00   0xff00 <f+4>\nrsp            0xff10   0xff10",
		  "-1/-1 ff00@ff10" },
		{ "rip: ff00 flags: 2\nrsp: ff10", "-1/-1 ff00@ff10" },
		{ "PID: 12     TASK: ff00  CPU: 1   COMMAND: \"sh\"\n RIP: ff00  RSP: ff10",
		  "1/12 ff00@ff10" },
		/* whose: sentences name CPUs, too */
		{ "NMI backtrace for cpu 2\nRIP: 0010:0xff00\nRSP: 0018:ff10",
		  "2/-1 ff00@ff10" },
		{ "CPU 2:\nRIP: ff00 RSP: ff10", "2/-1 ff00@ff10" },
		{ "CPU: 2 PID: 1\non CPU 3 it was\nRIP: ff00 RSP: ff10",
		  "2/1 ff00@ff10" },
		{ "xCPU: 2 CPU: x2 CPU: 2x CPU: 1234567890\nRIP: ff00 RSP: ff10",
		  "-1/-1 ff00@ff10" },
		/* several CPUs; of one the last event */
		{ "CPU: 1 PID: 1\nRIP: ff00 RSP: ff10\nCPU: 0 PID: 2\nRIP: ff20 RSP: ff30\n",
		  "1/1 ff00@ff10 0/2 ff20@ff30" },
		{ "CPU: 1 PID: 1\nRIP: ff00 RSP: ff10\nCPU: 1 PID: 2\nRIP: ff20 RSP: ff30\n",
		  "1/2 ff20@ff30" },
		/* of an event the first; what stands behind frames is older */
		{ "CPU: 1 PID: 1\nRIP: ff00 RSP: ff10\nRIP: ff20 RSP: ff30",
		  "1/1 ff00@ff10" },
		{ "CPU: 1 PID: 1\nRIP: ff00\nRSP: ff10\nCS: 0010\nCall Trace:\nRIP: 0010:ff20\n"
		  "RSP: ff30\n---[ end trace 0 ]---\nRIP: ff00\nRSP: ff10",
		  "1/1 ff00@ff10" },
		{ "CPU: 1 PID: 1\nCall Trace:\nRIP: 0010:ff20\nRSP: 0018:ff30\nRIP: 0033:40\n"
		  "RSP: 002b:7f",
		  "1/1 ff20@ff30 behind" },
		{ "CPU: 1 PID: 1\nCall Trace:\nRIP: 0010:ff20\nRSP: 0018:ff30\n"
		  "---[ end trace 0 ]---\nRIP: ff00\nRSP: ff10",
		  "1/1 ff00@ff10" },
		{ " #0 [ff00] f at ff02\nRIP: ff20 RSP: ff30 CS: 0010 SS: 0018",
		  "-1/-1 ff20@ff30 behind" },
		{ " #0 [ff00] f at ff02\nRIP: 40 RSP: 7f CS: 0033 SS: 002b", "" },
		{ " ? #12 [ff00] f at ff02\nRIP: 40 RSP: 7f CS: 0033 SS: 002b", "" },
		/* which are no such frames */
		{ " #0 f (a=1) at mm/f.c:1\nRIP: 40 RSP: 7f CS: 0033 SS: 002b",
		  "-1/-1 40@7f" },
		{ " #0 [ff00] f\nRIP: 40 RSP: 7f CS: 0033 SS: 002b", "-1/-1 40@7f" },
		{ " # [ff00] f at ff02\nRIP: 40 RSP: 7f CS: 0033 SS: 002b",
		  "-1/-1 40@7f" },
		{ "x #0 [ff00] f at ff02\nRIP: 40 RSP: 7f CS: 0033 SS: 002b",
		  "-1/-1 40@7f" },
		/* not all of it */
		{ "CPU: 1 PID: 1\nRIP: ff00", "1/1 line 2: there is no rsp" },
		{ "CPU: 1 PID: 1\nRSP: 0018:ff00", "1/1 line 2: there is no rip" },
		{ "CPU: 1 PID: 1\nRIP: 0010:gone+0x1/0x2\nRSP: 0018:ff10",
		  "1/1 line 2: there is no function gone in this dump" },
		{ "CPU: 1 PID: 1\nRIP: 0010:vfs_write+0x10/0x100 [gone]\nRSP: 0018:ff10",
		  "1/1 line 2: there is no function vfs_write in this dump" },
		{ "RIP: 0010:gone+0x1/0x2\nRSP: 0018:ff10\nRIP: ff00 RSP: ff10",
		  "-1/-1 ff00@ff10" },
		{ "CPU: 1 PID: 1\nRIP: 0010:gone+0x1/0x2 RIP: 0010:lost+0x1/0x2\nRSP: ff10",
		  "1/1 line 2: there is no function gone in this dump" },
		/* none of it */
		{ "RIP: f+0x1 RSP: 00112233445566778899", "" },
		{ "RIP ff00 RSP ff10", "" },
		{ "ORIP: ff00 RSPX: ff10 RAX: 1", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_str_eq(registers(row[i].text), row[i].want);
}
END_TEST

START_TEST(registers_by_any_name)
{
	struct stk_oops_regs_list list;
	char text[1024] =
		"RIP: 0010:00000000000000ff\nRSP: 0018:000000000000f000 EFLAGS: 00010246\n";
	uint64_t all = 0;

	for (unsigned int i = 0; stk_reg_name(s, i); i++)
		all |= 1ull << i;
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "RAX: %016x RBX: %016x RCX: %016x\nRDX: %016x RSI: %016x RDI: %016x\n"
		 "RBP: %016x R08: %016x R09: %016x\nR10: %016x R11: %016x R12: %016x\n"
		 "R13: %016x R14: %016x R15: %016x\nORIG_RAX: %016x\nCS:  0010 DS: 0000",
		 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
	ck_assert_int_eq(stk_oops_registers(s, text, strlen(text), &list), STK_OK);
	ck_assert_uint_eq(list.nr, 1);
	ck_assert_uint_eq(list.set[0].regs.valid, all);
	ck_assert_uint_eq(list.set[0].regs.v[0], 15);
	ck_assert_uint_eq(list.set[0].line, 1);
}
END_TEST

/* ---- every byte ---- */

static void tell_registers(FILE *fp, const char *text)
{
	struct stk_oops_regs_list list;

	ck_assert_int_eq(stk_oops_registers(s, text, strlen(text), &list), STK_OK);
	for (size_t i = 0; i < list.nr; i++) {
		const struct stk_oops_regs *set = &list.set[i];

		fprintf(fp, "%d/%d.%zu%s", (int)set->cpu, (int)set->pid, set->line,
			set->behind ? "b" : "");
		for (unsigned int reg = 0; stk_reg_name(s, reg); reg++)
			if (stk_has_reg(&set->regs, reg))
				fprintf(fp, " %s=%lx", stk_reg_name(s, reg),
					(unsigned long)set->regs.v[reg]);
		fprintf(fp, "%s%s;", *set->why ? " " : "", set->why);
	}
}

static void tell_origin(FILE *fp, const char *text)
{
	struct stk_oops_origin o = { 0 };
	char find[512];

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		stk_oops_compare(s, &o, text, len);
	}
	for (enum stk_oops_trait i = 0; i < STK_OOPS_NR_TRAITS; i++)
		if (stk_oops_foreign(&o, i, find, sizeof(find)))
			fprintf(fp, "%s;", find);
}

static void tell_words(FILE *fp, const char *text)
{
	struct stk_oops_function f;
	struct stk_oops_word word;

	for (size_t at = 0; stk_oops_word(s, text, strlen(text), &at, &word);)
		fprintf(fp, " %lx%s", (unsigned long)word.value, word.fault ? "!" : "");
	for (size_t at = 0; stk_oops_function(text, strlen(text), &at, &f);)
		fprintf(fp, " %s+%lx/%lx%s", f.name, (unsigned long)f.offset,
			(unsigned long)f.size, f.in_module ? "m" : "");
}

static void tell_clean(FILE *fp, const char *text)
{
	char *copy = strdup(text);
	size_t len = stk_oops_clean(copy, strlen(copy));

	for (size_t i = 0; i < len; i++)
		fputc(copy[i] >= ' ' && copy[i] <= '~' ? copy[i] : '~', fp);
	free(copy);
}

START_TEST(damaged_bytes)
{
	static const struct {
		const char *name, *text;
		bytes_tell *tell;
	} row[] = {
		{ "oops",
		  "CPU: 1 PID: 12\nRIP: 0010:vfs_write+0x10/0x100\nRSP: 0018:ff10 RAX: 1",
		  tell_registers },
		{ "old oops", "CPU 2:\nRIP: 0010:[<ff00>]\nRSP=0xff10 ss 0x18",
		  tell_registers },
		{ "monitor", "CPU#3\nRSP=ff10 RIP=ff00", tell_registers },
		{ "frames", "cpu 1\n #0 [ff] f at ff02\nRIP: f0 RSP: f1 CS: 0010",
		  tell_registers },
		{ "two", "CPU: 1\nRIP: f0 RSP: f1\nCPU: 1\nRIP: f2 RSP: f3",
		  tell_registers },
		{ "release", "Linux version 5.4.0-1 (a) #1\nComm: sh Not tainted 5.5 #2",
		  tell_origin },
		{ "offset", "Kernel Offset: 0x1c000000 from\nvfs_write+0x1/0x110",
		  tell_origin },
		{ "machine", "pc : f+0x1/0x2 lr : 0\nEAX: 00000000 EBX: 0", tell_origin },
		{ "place", "[<ffffffff9c001410>] vfs_write+0x10/0x100", tell_origin },
		{ "words",
		  "at ffff9a4000000010 [<ffffffff9b001410>] ? f.isra.0+0x1a/0x2b [ext4] "
		  "dereference at 0000000000000028",
		  tell_words },
		{ "mail", "a=3Db =3Cc=3E d=\ne=20f=\ng&lt;h&gt;i&amp;j=\nk&#39;l=\nm",
		  tell_clean },
		{ "web", "a&lt;b&gt;c&amp;d&quot;e&#39;f&lt", tell_clean },
		{ "colours", "\033[01;31mff#012\\u001b[1mgg\\nx^[[0m=\n=41\\x1b[mz",
		  tell_clean },
	};

	bytes_damage(row[_i].name, row[_i].text, row[_i].tell);
	golden_expect("bytes", row[_i].name);
}
END_TEST

static const struct unit_test to_tests[] = {
	LOOP(damaged_bytes, 13),
	TEST(what_others_added),
	TEST(ends_of_lines),
	TEST(line_by_line),
	TEST(cut_anywhere),
	TEST(words),
	TEST(before_the_line),
	TEST(functions),
	TEST(a_function),
	TEST(what_is_compared),
	TEST(of_this_kernel),
	TEST(of_another_kernel),
	TEST(registers_of_cpus),
	TEST(registers_by_any_name),
	{ 0 },
};

const struct unit_suite suite_oops = {
	"oops",
	{
		{ "text", to_tests, setup, NULL },
	},
};
