/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a small dump has the words that were read of a large one, and no byte
 * beside them; that its headers say what the large one's do; and that what cannot be
 * read, or written, is told.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/memory.h"
#include "session/dump_open.h"

#include "dumped.h"

#define RELEASE	 "6.1.0-syn"
#define UTS_SIZE 65u

static struct stk_words_page packed[SYN_MAX_PAGES];
static size_t nr_packed, most_pages;
static uint64_t read_meanwhile; /* 0: nothing */

static bool note_page(void *ctx, const struct stk_words_page *page, size_t bytes)
{
	uint64_t word;

	ck_assert_ptr_eq(ctx, &nr_packed);
	ck_assert_uint_gt(bytes, 0);
	ck_assert_uint_lt(nr_packed, SYN_MAX_PAGES);
	packed[nr_packed++] = *page;
	if (read_meanwhile)
		ck_assert_int_eq(stk_read_phys(s, read_meanwhile, &word, 8), STK_OK);
	return nr_packed < most_pages;
}

/* Open f so that what is read of it is recorded. */
static void record(const struct stk_dump_options *how, const struct stk_pack_options *but)
{
	const struct stk_dump_options none = { 0 };
	const struct stk_pack_options all = { 0 };

	nr_packed = 0;
	most_pages = SIZE_MAX;
	read_meanwhile = 0;
	stk_dump_close(d);
	*dump_error = '\0';
	ck_assert_msg(!stk_dump_open_recorded(f.path, how ? how : &none, but ? but : &all,
					      &d, dump_error, sizeof(dump_error)),
		      "%s", dump_error);
	s = stk_dump_session(d);
}

static enum stk_status pack_to(int fd, struct stk_packed *small)
{
	*small = (struct stk_packed){ .plain = true,
				      .page = note_page,
				      .ctx = &nr_packed };
	strcpy(dump_error, "?");
	return stk_dump_pack(d, fd, small, dump_error, sizeof(dump_error));
}

static uint64_t packed_number(uint64_t at, size_t size)
{
	uint64_t value = 0;

	ck_assert_int_eq(pread(g.fd, &value, size, (off_t)at), (ssize_t)size);
	return value;
}

/* Where the page that came as number @i is described. */
static uint64_t packed_desc(size_t i)
{
	return packed_number(IMAGE_BLOCK_AT, 4) * (1 + packed_number(IMAGE_SUB_AT, 4) +
						   packed_number(IMAGE_BITMAP_AT, 4)) +
	       24 * i;
}

/* What was recorded, to the file g. */
static struct stk_packed pack(void)
{
	struct stk_packed small;

	image_cut(&g, 0);
	ck_assert_msg(!pack_to(g.fd, &small), "%s", dump_error);
	ck_assert_str_eq(dump_error, "");
	ck_assert_uint_eq(small.nr_pages, nr_packed);
	ck_assert_uint_eq(small.file_bytes, image_size(&g));
	/* No more descriptions than pages: the first page's bytes are behind them. */
	ck_assert_uint_eq(packed_number(packed_desc(0), 8), packed_desc(nr_packed));
	return small;
}

/* The same of a chain. */
static struct stk_packed pack_chain(const struct stk_dump_options *how,
				    const struct stk_pack_options *but)
{
	record(how, but);
	dumped_same();
	return pack();
}

/* ---- what is in the file g ---- */

/* A field of struct new_utsname. */
static const char *packed_uts(unsigned int field)
{
	static char text[UTS_SIZE];

	ck_assert_int_eq(pread(g.fd, text, sizeof(text), 12 + UTS_SIZE * field),
			 sizeof(text));
	ck_assert_int_eq(text[UTS_SIZE - 1], 0);
	return text;
}

static const char *packed_vmcoreinfo(void)
{
	static char text[8192];
	const uint64_t at = packed_number(IMAGE_SUB(32), 8),
		       size = packed_number(IMAGE_SUB(40), 8);

	ck_assert_uint_lt(size, sizeof(text));
	ck_assert_int_eq(pread(g.fd, text, size, (off_t)at), (ssize_t)size);
	text[size] = '\0';
	return text;
}

/* The bytes of the page that came as number @i. */
static const unsigned char *packed_data(size_t i)
{
	static unsigned char data[4096];
	const uint64_t desc = packed_desc(i);

	ck_assert_uint_eq(packed_number(desc + 8, 4), sizeof(data));
	ck_assert_int_eq(pread(g.fd, data, sizeof(data), (off_t)packed_number(desc, 8)),
			 sizeof(data));
	return data;
}

static bool has_word(const struct stk_words_page *p, size_t word)
{
	return p->has[word / 64] >> word % 64 & 1;
}

/* The machine's words where one was read, else zeros; returns the bytes of these words.
 */
static uint64_t check_pages(void)
{
	static const unsigned char zero[8];
	uint64_t bytes = 0;

	for (size_t i = 0; i < nr_packed; i++) {
		const unsigned char *is = packed_data(i);
		const unsigned char *was = syn_phys_page(m, packed[i].pfn * 4096);

		if (i)
			ck_assert_uint_gt(packed[i].pfn, packed[i - 1].pfn);
		for (size_t k = 0; k < 512; k++) {
			const bool has = has_word(&packed[i], k);

			bytes += has ? 8 : 0;
			ck_assert_mem_eq(is + 8 * k, has ? was + 8 * k : zero, 8);
		}
	}
	return bytes;
}

/* ---- whole ones ---- */

static void put_uts(void)
{
	static const char *const field[] = { "Linux", "host",	RELEASE,
					     "#1",    "x86_64", "domain" };

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		syn_write(m, UTS_AT + 16 + UTS_SIZE * i, field[i], strlen(field[i]) + 1);
}

/* The note before the text of VMCOREINFO has its type, and those before it the machine's.
 */
static void check_notes(size_t others)
{
	const uint64_t at = packed_number(IMAGE_SUB(48), 8),
		       text = packed_number(IMAGE_SUB(32), 8);
	unsigned char is[2048];

	ck_assert_uint_lt(others, sizeof(is));
	ck_assert_int_eq(pread(g.fd, is, others, (off_t)at), (ssize_t)others);
	ck_assert_mem_eq(is, notes, others);
	ck_assert_uint_eq(at + others, text - 24);
	ck_assert_uint_eq(packed_number(text - 24, 4), sizeof("VMCOREINFO"));
	ck_assert_uint_eq(packed_number(text - 20, 4), packed_number(IMAGE_SUB(40), 8));
	ck_assert_uint_eq(packed_number(text - 16, 4), 0);
}

static void setup_small(void)
{
	dumped_setup();
	put_uts();
}

START_TEST(made_small)
{
	struct stk_packed small;
	char text[8192];
	size_t len, others;

	syn_put64(m, MAX_PFN_AT, 0x50000);
	syn_write(m, UTS_AT + 16 + 2 * UTS_SIZE, "6.1.0-own", 10);
	syn_vmcoreinfo(m, "CRASHTIME", "1700000000");
	dumped_qemu(m->pgd);
	others = notes_len;
	dumped_vmcoreinfo();
	dumped_elf();
	small = pack_chain(NULL, NULL);
	ck_assert_uint_lt(nr_packed, nr_pages);
	ck_assert_uint_eq(small.kept_bytes, check_pages());
	ck_assert_uint_lt(small.kept_bytes, nr_packed * 4096);
	/* As the kernel calls itself; how large the machine was. */
	ck_assert_str_eq(packed_uts(0), "Linux");
	ck_assert_str_eq(packed_uts(1), "host");
	ck_assert_str_eq(packed_uts(2), "6.1.0-own");
	ck_assert_str_eq(packed_uts(4), "x86_64");
	ck_assert_str_eq(packed_uts(5), "domain");
	ck_assert_uint_eq(packed_number(408, 8), 1700000000);
	ck_assert_uint_eq(packed_number(IMAGE_STATUS_AT, 4), 0);
	ck_assert_uint_eq(packed_number(IMAGE_MAPNR_AT, 4), 0x50000);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), 0x50000);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(0), 8), SYN_PHYS_BASE);
	ck_assert_uint_eq(packed_number(460, 4), stk_nr_cpus(s));
	len = dumped_text(text, sizeof(text));
	snprintf(text + len, sizeof(text) - len, "STACKINFO_PACKED=1\n");
	ck_assert_str_eq(packed_vmcoreinfo(), text);
	check_notes(others);
	/* It is the same machine; what was not read is told of. */
	dumped_opened(g.path, NULL);
	dumped_same();
	/* Who does not pack keeps nothing in mind. */
	ck_assert_ptr_null(d->watch.record);
	ck_assert_ptr_nonnull(d->watch.kept);
}
END_TEST

/* What is known better than by the note, by lines or by the user, stands there once. */
START_TEST(made_small_by_lines)
{
	const int64_t base = SYN_PHYS_BASE;
	const struct stk_dump_options how = { .phys_base = &base };
	const char *text, *at;

	dumped_build(DUMPED_MAX_PFN);
	syn_put64(m, MAX_PFN_AT, 0x50000);
	/* Nobody can ask for a line without a key. */
	syn_vmcoreinfo(m, "", "nothing");
	dumped_vmcoreinfo();
	dumped_elf();
	pack_chain(&how, NULL);
	ck_assert_uint_eq(packed_number(408, 8), 0);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), packed[nr_packed - 1].pfn + 1);
	text = packed_vmcoreinfo();
	at = strstr(text, "NUMBER(phys_base)=");
	ck_assert_ptr_eq(at, text);
	ck_assert_ptr_null(strstr(at + 1, "NUMBER(phys_base)="));
	ck_assert_ptr_null(strstr(text, "\n="));
	dumped_opened(g.path, NULL);
	dumped_same();
}
END_TEST

/* What the kernel is VMCOREINFO says, too, if it is told there. */
START_TEST(made_small_without_a_name)
{
	char text[8192], *at = text;
	size_t len;

	dumped_build(DUMPED_UTS);
	put_uts();
	len = dumped_text(text, sizeof(text));
	while (_i && (at = strstr(at, "OSRELEASE=")) != NULL)
		memset(at, '#', 9);
	dumped_note("VMCOREINFO", 0, text, len);
	dumped_elf();
	pack_chain(NULL, NULL);
	for (unsigned int i = 0; i < 6; i++)
		ck_assert_str_eq(packed_uts(i), i == 4		? "x86_64"
						: i == 2 && !_i ? RELEASE
								: "");
}
END_TEST

/* Its log is all that a kernel has whose symbols are missing. */
START_TEST(made_small_of_functions)
{
	dumped_build_functions(RELEASE);
	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	pack();
	ck_assert_str_eq(packed_uts(0), "Linux");
	ck_assert_str_eq(packed_uts(2), RELEASE);
}
END_TEST

START_TEST(made_small_without)
{
	static const struct stk_pack_options row[] = { { .no_log = true },
						       { .no_names = true },
						       { true, true } };
	const struct stk_pack_options *but = &row[_i];
	char begin[80];

	snprintf(begin, sizeof(begin), "%s%s", but->no_log ? "STACKINFO_NO_LOG=1\n" : "",
		 but->no_names ? "STACKINFO_NO_NAMES=1\n" : "");
	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, but);
	pack();
	ck_assert_ptr_eq(strstr(packed_vmcoreinfo(), begin), packed_vmcoreinfo());
	ck_assert_ptr_eq(strstr(packed_vmcoreinfo() + strlen(begin), "STACKINFO_"),
			 strstr(packed_vmcoreinfo(), "STACKINFO_PACKED=1\n"));
	/* Names of machines, but not what the kernel is. */
	ck_assert_str_eq(packed_uts(0), "Linux");
	ck_assert_str_eq(packed_uts(1), but->no_names ? "" : "host");
	ck_assert_str_eq(packed_uts(2), RELEASE);
	ck_assert_str_eq(packed_uts(3), "#1");
	ck_assert_str_eq(packed_uts(4), "x86_64");
	ck_assert_str_eq(packed_uts(5), but->no_names ? "" : "domain");
}
END_TEST

/* Numbers and names that no kernel has. */
START_TEST(made_small_of_damage)
{
	syn_put64(m, MAX_PFN_AT, (1ull << 40) + 1);
	syn_fill(m, UTS_AT, 16 + 6 * UTS_SIZE, 'A');
	syn_put8(m, UTS_AT + 16 + 2 * UTS_SIZE, 0);
	dumped_vmcoreinfo();
	dumped_elf();
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	pack_chain(NULL, NULL);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), packed[nr_packed - 1].pfn + 1);
	ck_assert_uint_eq(packed_number(IMAGE_STATUS_AT, 4), 8);
	ck_assert_uint_eq(strlen(packed_uts(1)), UTS_SIZE - 1);
	ck_assert_str_eq(packed_uts(2), RELEASE);
	dumped_opened(g.path, "incomplete");
	/* So many pages are 4 PiB: the last number that is taken for one. */
	syn_put64(m, MAX_PFN_AT, 1ull << 40);
	dumped_elf();
	pack_chain(NULL, NULL);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), 1ull << 40);
}
END_TEST

/* Of a small dump: that it is one is said once, and zeros do not become words. */
START_TEST(made_small_twice)
{
	struct stk_packed first, again;
	struct image swap;
	char text[8192];

	dumped_vmcoreinfo();
	dumped_elf();
	first = pack_chain(NULL, NULL);
	snprintf(text, sizeof(text), "%s", packed_vmcoreinfo());
	swap = f;
	f = g;
	g = swap;
	again = pack_chain(NULL, NULL);
	ck_assert_str_eq(packed_vmcoreinfo(), text);
	ck_assert_uint_le(again.kept_bytes, first.kept_bytes);
	ck_assert_uint_eq(again.kept_bytes, check_pages());
	dumped_opened(g.path, NULL);
	dumped_same();
}
END_TEST

/* Without the list of what is in it, zeros would be taken for the kernel's. */
START_TEST(made_small_and_damaged)
{
	static unsigned char bytes[1u << 16];
	unsigned char *name, *desc;
	ssize_t size;
	uint64_t at;

	dumped_vmcoreinfo();
	dumped_elf();
	pack_chain(NULL, NULL);
	at = packed_number(IMAGE_SUB(48), 8);
	size = pread(g.fd, bytes, sizeof(bytes), (off_t)at);
	ck_assert_int_gt(size, 0);
	name = memmem(bytes, (size_t)size, STK_KEPT_NOTE, sizeof(STK_KEPT_NOTE));
	ck_assert_ptr_nonnull(name);
	/* How long the list is. */
	desc = name + ((sizeof(STK_KEPT_NOTE) + 3) & ~3u);
	++*desc;
	image_put(&g, at, bytes, (size_t)size);
	dumped_refused(g.path, STK_ERR_CORRUPT, "the list of what is in it is damaged");
	/* Or another name: it is told that it is lost. */
	--*desc;
	*name ^= 1;
	image_put(&g, at, bytes, (size_t)size);
	dumped_opened(g.path, "lost the list of what is in it: what it left out reads as "
			      "zeros");
}
END_TEST

/* ---- pages ---- */

/* A page of the dump is four of the smallest. */
START_TEST(of_large_pages)
{
	enum { RATIO = 4, SIZE = RATIO * 4096 };
	static struct image_page large[SYN_MAX_PAGES];
	struct image_kdump all = {
		.version = 6, .bitmap_blocks = 8, .max_mapnr = 4 * 32768, .page = large
	};
	struct stk_packed small;
	uint64_t kept = 0;

	dumped_vmcoreinfo();
	dumped_collect();
	for (size_t i = 0; i < nr_pages; i++) {
		const uint64_t pfn = pages[i].pfn / RATIO;
		struct image_page *p = &large[all.nr_pages];

		if (!all.nr_pages || p[-1].pfn != pfn) {
			*p = (struct image_page){ pfn, calloc(1, SIZE) };
			all.nr_pages++;
		}
		memcpy((char *)large[all.nr_pages - 1].data + pages[i].pfn % RATIO * 4096,
		       pages[i].data, 4096);
	}
	image_kdump_of(&f, &all, SIZE);
	dumped_put_notes(SIZE);
	small = pack_chain(NULL, NULL);
	ck_assert_uint_eq(stk_reader_page_size(d->reader), SIZE);
	for (size_t i = 1; i < nr_packed; i++)
		ck_assert_uint_gt(packed[i].pfn / RATIO, packed[i - 1].pfn / RATIO);
	ck_assert_uint_gt(stk_words_nr(d->watch.record), nr_packed);
	for (size_t i = 0; i < stk_words_nr(d->watch.record); i++)
		for (size_t word = 0; word < 512; word++)
			kept += has_word(stk_words_page(d->watch.record, i), word) ? 8
										   : 0;
	ck_assert_uint_eq(small.kept_bytes, kept);
	ck_assert_uint_eq(packed_number(SIZE + 96, 8),
			  packed[nr_packed - 1].pfn / RATIO + 1);
	dumped_opened(g.path, NULL);
	dumped_same();
	for (size_t i = 0; i < all.nr_pages; i++)
		free((void *)large[i].data);
}
END_TEST

/* A range of memory in LiME's format; returns where the next one comes. */
static uint64_t put_lime(uint64_t at, uint64_t phys, const void *data, uint64_t size)
{
	const uint64_t head[] = { 0x14c694d45, phys, phys + size - 1, 0 };

	image_put(&f, at, head, sizeof(head));
	image_put(&f, at + sizeof(head), data, size);
	return at + sizeof(head) + size;
}

/*
 * Memory may begin or end within a word, or the file end; what is before and behind that
 * was not asked for. Of the word at @half four bytes are there.
 */
START_TEST(of_half_a_word)
{
	const uint64_t page = syn_alloc(m, 1), half = page + 0x100;
	uint64_t at = 0;
	char text[4096];
	uint32_t word;

	memset(text, 'x', sizeof(text));
	dumped_put_vmcoreinfo();
	dumped_collect();
	for (size_t i = 0; i < nr_pages; i++)
		if (pages[i].pfn != page / 4096)
			at = put_lime(at, pages[i].pfn * 4096, pages[i].data, 4096);
	if (_i == 2) {
		/* It begins within the word. */
		put_lime(at, page + 0x104, text, 4096 - 0x104);
	} else if (_i) {
		at = put_lime(at, page, text, 4096);
		image_cut(&f, at - 4096 + 0x104);
	} else {
		at = put_lime(at, page, text, 0x104);
		put_lime(at, page + 0x108, text, 4096 - 0x108);
	}
	record(NULL, NULL);
	/* The file does not say of which machine it is. */
	ck_assert_uint_eq(d->machine, EM_X86_64);
	dumped_same();
	ck_assert_int_eq(stk_read_phys(s, half + (_i == 2 ? 4 : 0), &word, 4), STK_OK);
	pack();
	memset((char *)syn_phys_page(m, page) + (_i == 2 ? 0x104 : 0x100), 'x', 4);
	check_pages();
}
END_TEST

/* What can be read no more, which is told by who reads. */
START_TEST(of_a_file_that_fails)
{
	struct stk_packed small;
	int folder = open("/", O_RDONLY | O_CLOEXEC);

	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	dumped_same();
	ck_assert_int_ge(dup2(folder, d->files.fd[0]), 0);
	close(folder);
	ck_assert_int_eq(pack_to(g.fd, &small), STK_ERR_IO);
	ck_assert_str_eq(dump_error, stk_status_text(STK_ERR_IO));
}
END_TEST

/* Whoever is told of a page may look at it. */
START_TEST(of_what_is_read_meanwhile)
{
	static const uint64_t other = 0x38000000;

	syn_phys_page(m, other);
	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	dumped_same();
	read_meanwhile = other;
	pack();
	ck_assert_uint_eq(nr_packed, stk_words_nr(d->watch.record));
	check_pages();
}
END_TEST

/* ---- what cannot be written ---- */

START_TEST(that_is_stopped)
{
	struct stk_packed small;

	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	dumped_same();
	most_pages = 2;
	ck_assert_int_eq(pack_to(g.fd, &small), STK_ERR_INTERRUPTED);
	ck_assert_str_eq(dump_error, stk_status_text(STK_ERR_INTERRUPTED));
	ck_assert_uint_eq(nr_packed, 2);
}
END_TEST

/* The first failure ends it, whatever comes then. */
START_TEST(to_a_full_disk)
{
	struct stk_packed small;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	dumped_same();
	most_pages = _i ? 1 : SIZE_MAX;
	ck_assert_int_eq(pack_to(full, &small), STK_ERR_IO);
	ck_assert_str_eq(dump_error, "No space left on device");
	ck_assert_uint_le(nr_packed, 1);
	close(full);
}
END_TEST

/* More than any answer reads: no dump is better than one that lacks something. */
START_TEST(of_too_much)
{
	struct stk_packed small;

	dumped_vmcoreinfo();
	dumped_elf();
	record(NULL, NULL);
	stk_words_add(d->watch.record, 0, (1ull << 32) + 1, 0, NULL);
	ck_assert_int_eq(pack_to(g.fd, &small), STK_ERR_NOMEM);
	ck_assert_str_eq(dump_error, stk_status_text(STK_ERR_NOMEM));
	ck_assert_uint_eq(image_size(&g), 0);
}
END_TEST

static const struct unit_test whole[] = {
	TEST(made_small),
	TEST(made_small_by_lines),
	TEST(made_small_of_functions),
	LOOP(made_small_without_a_name, 2),
	LOOP(made_small_without, 3),
	TEST(made_small_of_damage),
	TEST(made_small_twice),
	TEST(made_small_and_damaged),
	{ 0 },
};

static const struct unit_test of_pages[] = {
	TEST(of_large_pages),
	LOOP(of_half_a_word, 3),
	TEST(of_a_file_that_fails),
	TEST(of_what_is_read_meanwhile),
	{ 0 },
};

static const struct unit_test failures[] = {
	TEST(that_is_stopped),
	LOOP(to_a_full_disk, 2),
	TEST(of_too_much),
	{ 0 },
};

const struct unit_suite suite_small = {
	"small",
	{
		{ "whole", whole, setup_small, dumped_teardown },
		{ "pages", of_pages, setup_small, dumped_teardown },
		{ "failures", failures, setup_small, dumped_teardown },
	},
};
