/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that VMCOREINFO is found in memory, the note before the text, that
 * what only looks like it is passed over, that the search ends, and that what
 * page tables show of a kernel is told as VMCOREINFO tells it.
 */
#include "synthetic.h"
#include "suite.h"

#include "machine/vmcoreinfo_find.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_PAGES 16u
#define TEXT	 "OSRELEASE=6.1.0\n"

/* Pages 0 to 15; those that are not @there are left out. */
static unsigned char memory[NR_PAGES * 4096];
static bool there[NR_PAGES], unreadable[NR_PAGES];
static struct stk_budget budget;
static struct stk_vmcoreinfo_at at[8];
static char text[STK_VMCOREINFO_SIZE + 1];
static uint64_t nr_reads;

static bool next_page(void *priv, uint64_t *pfn)
{
	while (*pfn < NR_PAGES && !there[*pfn])
		++*pfn;
	return *pfn < NR_PAGES;
}

static enum stk_status read_page(void *priv, uint64_t addr, void *buf, size_t len)
{
	ck_assert_uint_le(addr % 4096 + len, 4096);
	if (addr / 4096 >= NR_PAGES || !there[addr / 4096] || unreadable[addr / 4096])
		return STK_ERR_EXCLUDED;
	memcpy(buf, memory + addr, len);
	return STK_OK;
}

static bool endless(void *priv, uint64_t *pfn)
{
	return true;
}

static enum stk_status missing(void *priv, uint64_t addr, void *buf, size_t len)
{
	nr_reads++;
	return STK_ERR_EXCLUDED;
}

static enum stk_status counted(void *priv, uint64_t addr, void *buf, size_t len)
{
	nr_reads++;
	return read_page(priv, addr, buf, len);
}

static const struct stk_pages pages = { next_page, read_page, 4096, NULL, &budget };

static void setup(void)
{
	memset(memory, 0, sizeof(memory));
	memset(there, true, sizeof(there));
	memset(unreadable, 0, sizeof(unreadable));
	memset(at, 0xee, sizeof(at));
	memset(text, 0xee, sizeof(text));
	stk_budget_init(&budget, 0);
	nr_reads = 0;
}

static Elf64_Nhdr *put_note(unsigned int pfn, uint32_t size)
{
	Elf64_Nhdr *head = (Elf64_Nhdr *)(memory + pfn * 4096);

	*head = (Elf64_Nhdr){ 11, size, 0 };
	memcpy(head + 1, "VMCOREINFO", 11);
	memcpy((char *)(head + 1) + 12, TEXT, strlen(TEXT));
	return head;
}

static void put_text(unsigned int pfn)
{
	memcpy(memory + pfn * 4096, TEXT, strlen(TEXT));
}

/* ---- find ---- */

START_TEST(notes_before_texts)
{
	put_text(1);
	put_text(2);
	put_note(5, 16);
	put_text(6);
	put_note(9, 8192);
	put_text(14);
	there[14] = false;
	put_text(15);
	unreadable[15] = true;
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 8), 5);
	ck_assert_uint_eq(at[0].addr, 5 * 4096 + 24);
	ck_assert_uint_eq(at[0].size, 16);
	ck_assert_uint_eq(at[1].addr, 9 * 4096 + 24);
	ck_assert_uint_eq(at[1].size, 8192);
	/* Texts in the order in which they lie. */
	for (unsigned int i = 2; i < 5; i++)
		ck_assert_uint_eq(at[i].size, 0);
	ck_assert_uint_eq(at[2].addr, 1 * 4096);
	ck_assert_uint_eq(at[3].addr, 2 * 4096);
	ck_assert_uint_eq(at[4].addr, 6 * 4096);
	/* No more than there is room for. */
	memset(at, 0xee, sizeof(at));
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 3), 3);
	ck_assert_uint_eq(at[0].addr, 5 * 4096 + 24);
	ck_assert_uint_eq(at[3].addr, 0xeeeeeeeeeeeeeeeeull);
}
END_TEST

/* The capture kernel has its own, which may come first in memory. */
START_TEST(crashed_before_others)
{
	static const char line[] = "CRASHTIME=1795692691\n";
	const size_t len = strlen(TEXT);

	put_note(1, 16);
	put_text(2);
	/* Behind the note's end it is no line of it. */
	put_note(3, 16);
	memcpy(memory + 3 * 4096 + 24 + len, line, sizeof(line));
	put_text(4);
	memcpy(memory + 4 * 4096 + len, line, sizeof(line));
	put_note(5, 16 + sizeof(line));
	memcpy(memory + 5 * 4096 + 24 + len, line, sizeof(line));
	put_note(6, 16);
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 8), 6);
	for (unsigned int i = 0; i < 6; i++) {
		static const unsigned int order[] = { 5, 4, 1, 3, 6, 2 };

		ck_assert_uint_eq(at[i].addr / 4096, order[i]);
		ck_assert_int_eq(at[i].crashed, i < 2);
	}
}
END_TEST

/* The key of a line, all of it, and no other's. */
START_TEST(what_looks_crashed)
{
	static const struct {
		const char *line;
		bool crashed;
	} row[] = {
		{ "CRASHTIME=1\n", true },   { "CRASHTIME=", true },
		{ "CRASHTIMES=1\n", false }, { "CRASHTIME", false },
		{ "XCRASHTIME=1\n", false }, { "CRASHTIM=1\n", false },
		{ "crashtime=1\n", false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		setup();
		put_text(2);
		strcpy((char *)memory + 2 * 4096 + strlen(TEXT), row[i].line);
		ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 8), 1);
		ck_assert_msg(at[0].crashed == row[i].crashed, "%s", row[i].line);
	}
}
END_TEST

START_TEST(what_looks_like_a_note)
{
	put_note(1, 0);
	put_note(2, 8193);
	put_note(3, 16)->n_namesz = 10;
	put_note(4, 16)->n_namesz = 12;
	memory[5 * 4096 + 12] = 'v';
	put_note(6, 16);
	memory[6 * 4096 + 12] = 'v';
	put_note(7, 16);
	memory[7 * 4096 + 24] = 'o';
	put_note(8, 16);
	memory[8 * 4096 + 33] = '-'; /* OSRELEASE- */
	put_text(9);
	memory[9 * 4096 + 9] = '-';
	memcpy(memory + 10 * 4096 + 8, TEXT, strlen(TEXT));
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 8), 0);
	put_note(1, 1);
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages, at, 8), 1);
}
END_TEST

START_TEST(search_ends)
{
	const struct stk_pages none = { endless, missing, 4096, NULL, &budget };
	const struct stk_pages rest = { endless, counted, 4096, NULL, &budget };
	const struct stk_pages gap = { endless, read_page, 4096, NULL, &budget };

	/* By its budget, or by what is missing in a row. */
	ck_assert_uint_eq(stk_vmcoreinfo_find(&none, at, 8), 0);
	ck_assert(budget.dry);
	ck_assert_uint_eq(nr_reads, STK_MIN_STEPS / (8 * STK_FETCH_STEPS));
	stk_budget_init(&budget, 1ull << 40);
	nr_reads = 0;
	ck_assert_uint_eq(stk_vmcoreinfo_find(&none, at, 8), 0);
	ck_assert(!budget.dry);
	ck_assert_uint_eq(nr_reads, 1u << 20);
	/* Pages that can be read begin anew. */
	nr_reads = 0;
	ck_assert_uint_eq(stk_vmcoreinfo_find(&rest, at, 8), 0);
	ck_assert(!budget.dry);
	ck_assert_uint_eq(nr_reads, NR_PAGES + (1u << 20));
	put_text(15);
	ck_assert_uint_eq(stk_vmcoreinfo_find(&gap, at, 8), 1);
}
END_TEST

/* arm64 may have pages of 16 and of 64 KiB. */

static uint64_t large;

static bool next_large(void *priv, uint64_t *pfn)
{
	return *pfn < NR_PAGES * 4096 / large;
}

static enum stk_status read_large(void *priv, uint64_t addr, void *buf, size_t len)
{
	ck_assert_uint_le(addr % large + len, large);
	ck_assert_uint_le(addr + len, sizeof(memory));
	memcpy(buf, memory + addr, len);
	return STK_OK;
}

START_TEST(large_pages)
{
	const struct stk_pages pages_of = { next_large, read_large, 4096u << _i, NULL,
					    &budget };

	large = pages_of.page_size;
	/* Within a page there is none, but at 0 in each size; at 48 KiB in two. */
	put_note(0, 9000 - 1000);
	memset(memory + 24 + strlen(TEXT), 'x', 8000 - strlen(TEXT));
	put_text(12);
	memset(memory + 12 * 4096 + strlen(TEXT), 'y', 4 * 4096 - strlen(TEXT));
	ck_assert_uint_eq(stk_vmcoreinfo_find(&pages_of, at, 8), _i == 4 ? 1 : 2);
	ck_assert_uint_eq(at[0].addr, 24);
	ck_assert_uint_eq(stk_vmcoreinfo_read(&pages_of, &at[0], text), 8000);
	ck_assert_mem_eq(text, memory + 24, 8000);
	if (_i == 4)
		return;
	ck_assert_uint_eq(at[1].addr, 12 * 4096);
	ck_assert_uint_eq(stk_vmcoreinfo_read(&pages_of, &at[1], text),
			  _i ? STK_VMCOREINFO_SIZE : 4096);
}
END_TEST

/* ---- read ---- */

static size_t read_text(uint64_t addr, size_t size)
{
	const struct stk_vmcoreinfo_at where = { .addr = addr, .size = size };

	memset(text, 0xee, sizeof(text));
	return stk_vmcoreinfo_read(&pages, &where, text);
}

START_TEST(text_is_read)
{
	/* From a note, over the end of its page. */
	for (unsigned int i = 0; i < 8192; i++)
		memory[24 + i] = (unsigned char)(" ~=Az\n"[i % 6]);
	ck_assert_uint_eq(read_text(24, 8192), 8192);
	ck_assert_mem_eq(text, memory + 24, 8192);
	ck_assert_uint_eq((unsigned char)text[8192], 0xee);
	ck_assert_uint_eq(read_text(24, 4072), 4072);
	ck_assert_uint_eq(read_text(24, 4073), 4073);
	ck_assert_uint_eq(read_text(24, 1), 1);
	ck_assert_uint_eq((unsigned char)text[1], 0xee);
	unreadable[1] = true;
	ck_assert_uint_eq(read_text(24, 4072), 4072);
	ck_assert_uint_eq(read_text(24, 4073), 0);
	/* A text ends with its page, or before. */
	ck_assert_uint_eq(read_text(0, 0), 0);
	put_text(3);
	ck_assert_uint_eq(read_text(3 * 4096, 0), strlen(TEXT));
	memset(memory + 3 * 4096, 'x', 2 * 4096);
	ck_assert_uint_eq(read_text(3 * 4096, 0), 4096);
}
END_TEST

START_TEST(text_that_is_none)
{
	static const unsigned char bad[] = { '\t', 0x1f, 0x7f, 0x80, 0xff, '\r', 0x1b };

	put_text(2);
	for (size_t i = 0; i < sizeof(bad); i++) {
		memory[2 * 4096 + 15] = bad[i];
		ck_assert_uint_eq(read_text(2 * 4096, 16), 0);
		ck_assert_uint_eq(read_text(2 * 4096, 15), 15);
	}
	put_text(2);
	memory[2 * 4096] = 1;
	ck_assert_uint_eq(read_text(2 * 4096, 16), 0);
	/* Behind its end anything may be. */
	put_text(2);
	memory[2 * 4096 + 16] = 0;
	memory[2 * 4096 + 17] = 0xff;
	ck_assert_uint_eq(read_text(2 * 4096, 40), 16);
}
END_TEST

/* ---- guess ---- */

#define IMAGE (0xffffffff80000000ull + 0x1b000000)

static struct syn *m;
static struct syn_note note;
static size_t room;

static void setup_guess(void)
{
	setup();
	m = NULL;
	room = STK_VMCOREINFO_SIZE;
}

static void teardown_guess(void)
{
	syn_free(m);
}

/* A kernel at @image, which lies at @phys: what @banner says at @offset in it.
 */
static void kernel(unsigned int levels, uint64_t image, uint64_t phys, uint64_t offset,
		   const char *banner)
{
	if (m)
		syn_free(m);
	m = syn_new(levels);
	for (uint64_t n = 0; n <= offset; n += 2ull << 20)
		syn_map(m, image + n, phys + n, 2ull << 20);
	if (banner)
		syn_write(m, image + offset, banner, strlen(banner) + 1);
	note = (struct syn_note){ .kind = STK_NOTE_QEMU, .have_sys = true };
	note.cr3 = m->pgd;
	note.cr4 = levels == 5 ? 1ull << 12 : ~(1ull << 12);
}

static size_t guess(void)
{
	struct stk_target target = m->target;
	struct stk_saved saved;
	struct stk *s;
	size_t len;

	/* Nothing but memory is known. */
	target.vmcoreinfo = NULL;
	target.symbols = NULL;
	target.types = NULL;
	s = stk_open(&target, sizeof(target));
	ck_assert_ptr_nonnull(s);
	memset(text, 0, sizeof(text));
	saved = syn_saved(&note);
	len = x86_guess_vmcoreinfo(s, &saved, text, room);
	text[len] = '\0';
	stk_close(s);
	return len;
}

static void guessed(const char *release, uint64_t image, uint64_t phys, bool l5)
{
	char want[512];
	int64_t base = (int64_t)(phys - (image - 0xffffffff80000000ull));

	snprintf(want, sizeof(want),
		 "OSRELEASE=%s\nPAGESIZE=4096\nSYMBOL(_stext)=%llx\nKERNELOFFSET=%llx\n"
		 "SYMBOL(swapper_pg_dir)=%llx\nNUMBER(phys_base)=%lld\n"
		 "NUMBER(pgtable_l5_enabled)=%d\n",
		 release, (unsigned long long)image,
		 (unsigned long long)(image - 0xffffffff81000000ull),
		 (unsigned long long)(0xffffffff80000000ull + m->pgd - (uint64_t)base),
		 (long long)base, l5);
	ck_assert_uint_eq(guess(), strlen(want));
	ck_assert_str_eq(text, want);
}

START_TEST(tables_tell)
{
	kernel(4, IMAGE, 0x1000000, 0x3008, "Linux version 6.1.0-syn (a@b)");
	guessed("6.1.0-syn", IMAGE, 0x1000000, false);
	/* All of it, or nothing. */
	room = strlen(text) + 1;
	ck_assert_uint_eq(guess(), room - 1);
	room--;
	ck_assert_uint_eq(guess(), 0);
	room = STK_VMCOREINFO_SIZE;
	/* The user's half of isolated page tables, a PCID and flags. */
	note.cr3 = m->pgd | 0x8000000000001fffull;
	guessed("6.1.0-syn", IMAGE, 0x1000000, false);
	kernel(5, 0xffffffff81000000ull, 0x40000000, 0x400000, "Linux version 5.10 (x");
	guessed("5.10", 0xffffffff81000000ull, 0x40000000, true);
	kernel(4, 0xffffffff80000000ull, 0x200000, 0, "Linux version 4 (x");
	guessed("4", 0xffffffff80000000ull, 0x200000, false);
	kernel(4, 0xffffffffbfe00000ull, 0x200000, 0, "Linux version 4 (x");
	guessed("4", 0xffffffffbfe00000ull, 0x200000, false);
}
END_TEST

START_TEST(banner_over_two_pages)
{
	char longest[128];

	kernel(4, IMAGE, 0x1000000, 0x3ff2 - 8, "Linux version 6.1.0-syn (a@b)");
	guessed("6.1.0-syn", IMAGE, 0x1000000, false);
	snprintf(longest, sizeof(longest), "Linux version %064d (a", 7);
	kernel(4, IMAGE, 0x1000000, 0x3000, longest);
	snprintf(longest, sizeof(longest), "%064d", 7);
	guessed(longest, IMAGE, 0x1000000, false);
	snprintf(longest, sizeof(longest), "Linux version %065d (a", 7);
	kernel(4, IMAGE, 0x1000000, 0x3000, longest);
	ck_assert_uint_eq(guess(), 0);
	/* The format of the banner comes first in some kernels. */
	kernel(4, IMAGE, 0x1000000, 0x6000, "Linux version 6.2 (a@b)");
	syn_write(m, IMAGE + 0x2000, "Linux version %s (%s)", 22);
	syn_write(m, IMAGE + 0x4000, "Linux version", 14);
	ck_assert_uint_gt(guess(), 0);
	/* In the image, which has so many bytes at most. */
	kernel(4, IMAGE, 0x1000000, (128ull << 20) - 4096, "Linux version 6.2 (a@b)");
	guessed("6.2", IMAGE, 0x1000000, false);
	kernel(4, IMAGE, 0x1000000, 128ull << 20, "Linux version 6.2 (a@b)");
	ck_assert_uint_eq(guess(), 0);
	/* Where it begins only with the blank it does so in the same page, too. */
	kernel(4, IMAGE, 0x1000000, 0x6100, "Linux version 6.2 (a@b)");
	syn_write(m, IMAGE + 0x6000, "Linux version", 14);
	guessed("6.2", IMAGE, 0x1000000, false);
	/* What follows another page goes on none that is not there. */
	kernel(4, IMAGE, 0x1000000, 0x6000, "Linux version 6.2 (a@b)");
	syn_write(m, IMAGE + 0x2000, "Linux version", 13);
	syn_write(m, IMAGE + 0x2010, "Linux version ", 14);
	syn_write(m, IMAGE + 0x3000, "6.3-stale (a@b)", 15);
	syn_write(m, IMAGE + 0x3ff2, "Linux version ", 14);
	syn_fail(m, IMAGE + 0x4000, STK_ERR_EXCLUDED);
	guessed("6.2", IMAGE, 0x1000000, false);
}
END_TEST

START_TEST(tables_without_a_kernel)
{
	kernel(4, IMAGE, 0x1000000, 0x3000, NULL);
	ck_assert_uint_eq(guess(), 0);
	kernel(4, IMAGE, 0x1000000, 0x3000, "Linux version 6.1.0-syn [a");
	ck_assert_uint_eq(guess(), 0);
	kernel(4, IMAGE, 0x1000000, 0x3000, "Linux version 6.1.0-syn (a");
	note.have_sys = false;
	ck_assert_uint_eq(guess(), 0);
	note.have_sys = true;
	note.cr3 = 0x12345000;
	ck_assert_uint_eq(guess(), 0);
	/* Modules are behind the image's area. */
	kernel(4, 0xffffffffc0000000ull + (2ull << 20), 0x1000000, 0x3000,
	       "Linux version 6.1.0-syn (a");
	ck_assert_uint_eq(guess(), 0);
}
END_TEST

static const struct unit_test find_tests[] = {
	TEST(notes_before_texts),
	TEST(crashed_before_others),
	TEST(what_looks_crashed),
	TEST(what_looks_like_a_note),
	TEST(search_ends),
	RANGE(large_pages, 0, 1),
	RANGE(large_pages, 2, 3),
	RANGE(large_pages, 4, 5),
	TEST(text_is_read),
	TEST(text_that_is_none),
	{ 0 },
};

static const struct unit_test guess_tests[] = {
	TEST(tables_tell),
	TEST(banner_over_two_pages),
	TEST(tables_without_a_kernel),
	{ 0 },
};

const struct unit_suite suite_vmcoreinfo = {
	"vmcoreinfo",
	{
		{ "find", find_tests, setup, NULL },
		{ "guess", guess_tests, setup_guess, teardown_guess },
	},
};
