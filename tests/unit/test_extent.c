/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the place of a page in its file is found, and what is behind the end of the
 * file told from what is damaged; and that /proc/kcore's segments are read where they
 * tell a physical address.
 */
#include "synthetic.h"
#include "suite.h"

#include "file/extent.h"
#include "file/kcore.h"
#include "file/reader.h"
#include "image.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct image f, g;
static struct stk_extents *x;
static int fd;
static uint64_t at;
static uint64_t page_size;

static void setup(void)
{
	page_size = 4096;
	image_open(&f);
	image_open(&g);
}

static void teardown(void)
{
	stk_extents_free(x);
	x = NULL;
	image_close(&f);
	image_close(&g);
}

static void look(size_t nr)
{
	const int fds[] = { f.fd, g.fd };

	stk_extents_free(x);
	x = stk_extents_new(fds, nr);
	syn_assert(x);
}

static enum stk_status check(uint64_t phys)
{
	fd = -2;
	at = 0;
	return stk_extents_check(x, phys, page_size, &fd, &at);
}

static void found(uint64_t phys, uint64_t where)
{
	ck_assert_int_eq(check(phys), STK_OK);
	ck_assert_int_eq(fd, f.fd);
	ck_assert_uint_eq(at, where);
}

/* It is for libkdumpfile to say. */
static void not_told(uint64_t phys)
{
	ck_assert_int_eq(check(phys), STK_OK);
	ck_assert_int_eq(fd, -1);
}

static void cut_off(uint64_t phys)
{
	ck_assert_int_eq(check(phys), STK_ERR_CUT_OFF);
	ck_assert_int_eq(fd, -1);
}

/* ---- ELF ---- */

#define LOAD(phys, size, where)                                                          \
	{                                                                                \
		.p_type = PT_LOAD, .p_paddr = (phys), .p_filesz = (size),                \
		.p_memsz = (size), .p_offset = (where)                                   \
	}

START_TEST(elf)
{
	const Elf64_Phdr ph[] = {
		{ .p_type = PT_NOTE, .p_paddr = 0x100000, .p_filesz = 0x1000 },
		LOAD(0x10000, 0x3000, 0x1000),
		LOAD(0x20800, 0x1000, 0x4000), /* of two pages a half each */
		LOAD(0x30000, 0x2000, 0x5000),
		LOAD(0x40000, 0, 0x5000),
	};

	image_elf(&f, ph, 5);
	image_cut(&f, 0x7000);
	look(1);
	found(0x10000, 0x1000);
	found(0x10008, 0x1008);
	found(0x12fff, 0x3fff);
	found(0x31ff8, 0x6ff8);
	not_told(0xffff);
	not_told(0x13000);
	not_told(0x20800);
	not_told(0x21000);
	not_told(0x40000);
	not_told(0x100000);
	not_told(-8ull);
	/* A page is whole, or it is cut off. */
	image_cut(&f, 0x6fff);
	look(1);
	found(0x30ff8, 0x5ff8);
	cut_off(0x31000);
	cut_off(0x31ff8);
	not_told(0x32000);
	image_cut(&f, 0x4801);
	look(1);
	not_told(0x20800);
	cut_off(0x21000);
	image_cut(&f, 0x4000);
	look(1);
	found(0x12ff8, 0x3ff8);
	cut_off(0x20800);
	cut_off(0x30000);
}
END_TEST

/* Of a page of 64 KiB all must be there. */
START_TEST(elf_of_large_pages)
{
	const Elf64_Phdr ph[] = { LOAD(0x40000, 0x20000, 0x1000),
				  LOAD(0x80000, 0x8000, 0x21000) };

	page_size = 0x10000;
	image_elf(&f, ph, 2);
	image_cut(&f, 0x29000);
	look(1);
	found(0x40000, 0x1000);
	found(0x4fff8, 0x10ff8);
	found(0x5fff8, 0x20ff8);
	/* It ends within the page. */
	not_told(0x80000);
	page_size = 0x4000;
	found(0x84000, 0x25000);
	/* Where the page begins is there, its end is not. */
	page_size = 0x10000;
	image_cut(&f, 0x20fff);
	look(1);
	cut_off(0x50000);
	found(0x40000, 0x1000);
	page_size = 0x4000;
	found(0x58000, 0x19000);
	cut_off(0x5c000);
}
END_TEST

START_TEST(elf_that_tells_twice)
{
	const Elf64_Phdr ph[] = { LOAD(0x10000, 0x1000, 0x900000),
				  LOAD(0x10800, 0x400, 0x1000),
				  LOAD(0x10000, 0x2000, 0x2000),
				  LOAD(0x11000, 0x1000, -0x1000ull) };

	/* One segment that has all of the page is enough; the others are cut off. */
	image_elf(&f, ph, 4);
	image_cut(&f, 0x4000);
	look(1);
	found(0x10010, 0x2010);
	found(0x11010, 0x3010);
	/* As is one before the one that is not. */
	image_elf(&f, ph + 1, 3);
	look(1);
	found(0x11010, 0x3010);
	image_elf(&f, ph, 2);
	look(1);
	cut_off(0x10800);
	/* Wild places are behind the end, too. */
	image_elf(&f, ph + 3, 1);
	look(1);
	cut_off(0x11000);
	not_told(0x10000);
}
END_TEST

/* ---- kdump ---- */

static const unsigned char page[4096] = { 1 };

START_TEST(kdump)
{
	static const struct image_page some[] = { { 2, page },	  { 3, page },
						  { 63, page },	  { 64, page },
						  { 129, page },  { 32767, page },
						  { 32768, page } };
	const struct image_kdump k = { 6, 4, 40000, some, 7, false, 0, 0 };
	uint64_t desc_at = image_kdump(&f, &k), pages_at = desc_at + 7 * 24;

	look(1);
	/* In no order: counts are kept. */
	found(32768 * 4096ull, pages_at + 6 * 4096);
	for (size_t i = 0; i < 7; i++)
		found(some[i].pfn * 4096 + i, pages_at + i * 4096 + i);
	/* Each descriptor is that of its page. */
	for (size_t i = 0; i < 7; i++) {
		image_put32(&f, desc_at + 24 * i + 8, 2 * 4096 + 1);
		look(1);
		for (size_t j = 0; j < 7; j++)
			ck_assert_int_eq(check(some[j].pfn * 4096 + 5),
					 i == j ? STK_ERR_CORRUPT : STK_OK);
		image_put32(&f, desc_at + 24 * i + 8, 4096);
	}
	/* The file's end. */
	image_cut(&f, pages_at + 6 * 4096);
	look(1);
	found(32767 * 4096ull, pages_at + 5 * 4096);
	cut_off(32768 * 4096ull);
	image_cut(&f, pages_at + 4095);
	look(1);
	cut_off(2 * 4096);
	image_cut(&f, desc_at + 24 * 3 - 1);
	image_put64(&f, desc_at, 600);
	look(1);
	found(2 * 4096, 600);
	cut_off(63 * 4096);
	cut_off(64 * 4096);
	/* Pages behind both bitmaps, and bitmaps behind the end of the file. */
	not_told(65536 * 4096ull);
	image_cut(&f, 3 * 4096);
	look(1);
	ck_assert_int_eq(check(2 * 4096), STK_ERR_IO);
	ck_assert_int_eq(check(32768 * 4096ull), STK_ERR_IO);
}
END_TEST

/* A page is larger than a block here, so that its number is another. */
START_TEST(kdump_of_large_pages)
{
	static const struct image_page some[] = { { 2, page }, { 3, page } };
	const struct image_kdump k = { 6, 2, 4096, some, 2, false, 0, 0 };
	uint64_t desc = image_kdump(&f, &k);

	page_size = 0x10000;
	image_cut(&f, 0x40000);
	look(1);
	not_told(0x2fff8);
	/* Of the second a descriptor that cannot be; of the first the longest there is.
	 */
	image_put32(&f, desc + 8, 0x20000);
	image_put32(&f, desc + 24 + 8, 0x20001);
	look(1);
	not_told(0x20000);
	not_told(0x2fff8);
	ck_assert_int_eq(check(0x30000), STK_ERR_CORRUPT);
	ck_assert_int_eq(check(0x3fff8), STK_ERR_CORRUPT);
}
END_TEST

START_TEST(kdump_descriptors)
{
	static const struct image_page some[] = { { 2, page }, { 3, page } };
	const struct image_kdump k = { 6, 2, 4096, some, 2, false, 0, 0 };
	uint64_t desc = image_kdump(&f, &k) + 24;

	look(1);
	image_put64(&f, desc, 0); /* not written any more */
	cut_off(3 * 4096);
	found(2 * 4096, desc + 24);
	image_put64(&f, desc, INT64_MAX + 1ull);
	ck_assert_int_eq(check(3 * 4096), STK_ERR_CORRUPT);
	image_put64(&f, desc, INT64_MAX);
	cut_off(3 * 4096);
	image_put64(&f, desc, 4096);
	image_put32(&f, desc + 8, 0);
	ck_assert_int_eq(check(3 * 4096), STK_ERR_CORRUPT);
	image_put32(&f, desc + 8, 1);
	not_told(3 * 4096);
	image_put32(&f, desc + 8, 2 * 4096);
	not_told(3 * 4096);
	image_put32(&f, desc + 8, 4096);
	found(3 * 4096 + 8, 4096 + 8);
	/* Packed: what is there is not the page. */
	image_put32(&f, desc + 12, 1);
	not_told(3 * 4096);
}
END_TEST

/* More blocks of the bitmap than counts are first made room for. */
START_TEST(large_kdump)
{
	enum { BLOCKS = 150 };
	static struct image_page some[BLOCKS];
	const struct image_kdump k = { 6, 2 * BLOCKS, BLOCKS * 32768, some, BLOCKS, false,
				       0, 0 };
	uint64_t desc_at;

	for (uint64_t i = 0; i < BLOCKS; i++)
		some[i] = (struct image_page){ i * 32768 + 100 * i, page };
	desc_at = image_kdump(&f, &k);
	image_put32(&f, desc_at + 24 * 140 + 8, 0);
	look(1);
	ck_assert_int_eq(check(some[140].pfn * 4096), STK_ERR_CORRUPT);
	for (size_t i = BLOCKS; i--;)
		if (i != 140)
			found(some[i].pfn * 4096, desc_at + 24 * BLOCKS + i * 4096);
	ck_assert_int_eq(check(some[140].pfn * 4096), STK_ERR_CORRUPT);
}
END_TEST

/* Blocks of the bitmap are smaller than what is counted at a time, and the file, too. */
START_TEST(small_kdump)
{
	static const struct image_page some[] = { { 2, page }, { 8191, page } };
	const struct image_kdump k = { 6, 2, 8192, some, 2, false, 0, 0 };
	uint64_t desc_at = image_kdump_of(&f, &k, 1024);

	page_size = 1024;
	look(1);
	found(2 * 1024 + 3, desc_at + 2 * 24 + 3);
	found(8191 * 1024, desc_at + 2 * 24 + 1024);
	/* Nor are bits behind its end those of pages. */
	not_told(8192 * 1024);
	image_put64(&f, desc_at + 24, 0);
	cut_off(8191 * 1024);
}
END_TEST

/* A block that could not be read is not taken for the one whose place it has. */
START_TEST(kdump_of_which_a_block_is_gone)
{
	enum { BLOCKS = 20, NR = BLOCKS + 1, LAST = 16 };
	static struct image_page some[NR];
	const struct image_kdump k = { 6, 2 * BLOCKS, BLOCKS * 32768, some, NR, false,
				       0, 0 };
	uint64_t pages_at;

	/* Two in the block that is read in part, of which the first may be there. */
	for (uint64_t i = 0; i < NR; i++)
		some[i] = (struct image_page){ (i - (i > LAST)) * 32768 + 100, page };
	some[LAST].pfn -= 50;
	for (unsigned int known = 0; known < 2; known++) {
		pages_at = image_kdump(&f, &k) + 24 * NR;
		look(1);
		if (known)
			found(some[20].pfn * 4096, pages_at + 20 * 4096);
		found(some[0].pfn * 4096, pages_at);
		/* The second bitmap begins behind two blocks and the first. */
		image_cut(&f, (2 + BLOCKS + LAST) * 4096 + 20);
		ck_assert_int_eq(check(some[LAST].pfn * 4096), STK_ERR_IO);
		ck_assert_int_eq(fd, -1);
		image_kdump(&f, &k);
		found(some[0].pfn * 4096, pages_at);
		found(some[LAST + 1].pfn * 4096, pages_at + (LAST + 1) * 4096);
		found(some[1].pfn * 4096, pages_at + 4096);
	}
}
END_TEST

/* A page in none of them; and the parts in no order. */
START_TEST(parts)
{
	static const struct image_page some[] = { { 2, page },	   { 40, page },
						  { 32999, page }, { 33000, page },
						  { 33001, page }, { 66000, page } };
	const struct image_kdump a = { 6, 6, 70000, some, 6, true, 0, 33000 };
	const struct image_kdump b = { 6, 6, 70000, some, 6, true, 33000, 70000 };
	uint64_t desc_at = image_kdump(&f, &a);

	ck_assert_uint_eq(image_kdump(&g, &b), desc_at);
	image_put32(&f, desc_at + 24 * 2 + 8, 0);
	image_put32(&g, desc_at + 24 * 1 + 8, 0);
	look(2);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(check(some[i].pfn * 4096),
				 i == 2 || i == 4 ? STK_ERR_CORRUPT : STK_OK);
	image_put32(&g, desc_at + 24 * 1 + 8, 4096);
	image_put32(&g, desc_at + 24 * 2 + 8, 0);
	look(2);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(check(some[i].pfn * 4096),
				 i == 2 || i == 5 ? STK_ERR_CORRUPT : STK_OK);
	stk_extents_free(x);
	x = stk_extents_new((const int[]){ g.fd, f.fd }, 2);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(check(some[i].pfn * 4096),
				 i == 2 || i == 5 ? STK_ERR_CORRUPT : STK_OK);
	not_told(70000 * 4096ull);
}
END_TEST

/* ---- /proc/kcore ---- */

static void *open_kcore(void)
{
	const struct stk_files files = { .fd = { f.fd }, .nr = 1, .live = true };
	char error[128] = "";
	void *k;

	ck_assert(stk_kcore_ops.knows(&files));
	if (!stk_kcore_ops.open(&files, &k, error, sizeof(error)))
		return k;
	ck_assert_str_eq(error, "program headers have no physical addresses");
	stk_kcore_ops.close(k);
	return NULL;
}

static void *kcore(const Elf64_Phdr *ph, uint16_t nr)
{
	image_elf(&f, ph, nr);
	return open_kcore();
}

START_TEST(segments)
{
	const Elf64_Phdr ph[] = {
		{ .p_type = PT_NOTE, .p_memsz = 0x1000, .p_offset = 0x1000 },
		LOAD(-1ull, 0x10000, 0x1000), /* vmalloc */
		LOAD(0x800, 0x1900, 0x1800),
		LOAD(0x10000, 0x2000, 0x4000),
		LOAD(0x20000, 0, 0x1000),
		LOAD(-0x1000ull, 0x2000, 0x1000),
		/* The file has nothing there, wherever that wraps to. */
		LOAD(0x40000, 0x3000, -0x1000ull),
		LOAD(0x50000, INT64_MAX, 0x1000),
		LOAD(0x60000, 1ull << 63, 0),
	};
	void *k = kcore(ph, 9);
	uint64_t word, pfn;

	ck_assert_ptr_nonnull(k);
	for (uint64_t i = 0; i < 0x6000; i += 8)
		image_put64(&f, 0x1000 + i, 0x1000 + i);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x800, &word, 8), STK_OK);
	ck_assert_uint_eq(word, 0x1800);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x20f8, &word, 8), STK_OK);
	ck_assert_uint_eq(word, 0x30f8);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x11ff8, &word, 8), STK_OK);
	ck_assert_uint_eq(word, 0x5ff8);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x2100, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x20f9, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x7f8, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x20000, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, -8ull, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x42000, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x50000, &word, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x60000, &word, 8), STK_ERR_EXCLUDED);
	/* Whole pages only. */
	pfn = 0;
	ck_assert(stk_kcore_ops.next(k, &pfn));
	ck_assert_uint_eq(pfn, 1);
	pfn = 2;
	ck_assert(stk_kcore_ops.next(k, &pfn));
	ck_assert_uint_eq(pfn, 0x10);
	pfn = 0x11;
	ck_assert(stk_kcore_ops.next(k, &pfn));
	ck_assert_uint_eq(pfn, 0x11);
	pfn = 0x12;
	ck_assert(!stk_kcore_ops.next(k, &pfn));
	/* It ends earlier than it says. */
	image_cut(&f, 0x5000);
	ck_assert_int_eq(stk_kcore_ops.read(k, 0x11ff8, &word, 8), STK_ERR_EXCLUDED);
	stk_kcore_ops.close(k);
}
END_TEST

START_TEST(no_kcore)
{
	const Elf64_Phdr old[] = { LOAD(0, 0x1000, 0x1000), LOAD(0, 0x1000, 0x2000),
				   LOAD(0x1000, 0x1000, 0x2000) };
	const Elf64_Phdr none[] = { LOAD(-1ull, 0x1000, 0x1000) };
	void *k;
	int version;
	char byte;

	/* Before 4.13 all say 0: more than one cannot be there. */
	ck_assert_ptr_null(kcore(old, 3));
	ck_assert_ptr_null(kcore(old, 2));
	k = kcore(old, 1);
	ck_assert_ptr_nonnull(k);
	stk_kcore_ops.close(k);
	k = kcore(old + 1, 2);
	ck_assert_ptr_nonnull(k);
	stk_kcore_ops.close(k);
	ck_assert_ptr_null(kcore(none, 1));
	image_elf(&f, old, 1);
	image_put(&f, EI_CLASS, (byte = ELFCLASS32, &byte), 1);
	ck_assert_ptr_null(open_kcore());
	image_elf(&f, old, 1);
	image_put(&f, offsetof(Elf64_Ehdr, e_phentsize), (byte = 57, &byte), 1);
	ck_assert_ptr_null(open_kcore());
	image_elf(&f, old, 1);
	image_put(&f, 0, "x", 1);
	ck_assert_ptr_null(open_kcore());
	image_cut(&f, 63);
	ck_assert_ptr_null(open_kcore());
	/* It is one by where it lies and by its name. */
	ck_assert(!stk_is_kcore(f.fd));
	version = open("/proc/version", O_RDONLY);
	ck_assert(version < 0 || !stk_is_kcore(version));
	close(version);
}
END_TEST

static const struct unit_test extent_tests[] = {
	TEST(elf),
	TEST(elf_of_large_pages),
	TEST(elf_that_tells_twice),
	TEST(kdump),
	TEST(kdump_of_large_pages),
	TEST(kdump_descriptors),
	TEST(large_kdump),
	TEST(small_kdump),
	TEST(kdump_of_which_a_block_is_gone),
	TEST(parts),
	TEST(segments),
	TEST(no_kcore),
	{ 0 },
};

const struct unit_suite suite_extent = {
	"extent",
	{
		{ "extent", extent_tests, setup, teardown },
	},
};
