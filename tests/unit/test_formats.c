/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what each format of files is taken for, byte by byte: the headers of
 * /proc/kcore, the notes of a process's core, ranges of LiME's, records of a stream, and
 * the compressed format as it is written.
 */
#include "synthetic.h"
#include "suite.h"

#include "file/extent.h"
#include "file/flattened.h"
#include "file/foreign.h"
#include "file/header.h"
#include "file/kcore.h"
#include "file/kdump_write.h"
#include "file/lime.h"
#include "file/reader.h"
#include "file/vmcoreinfo.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static struct image f, g;
static char text[300];
static unsigned char page[4096];

static void setup(void)
{
	image_open(&f);
	image_open(&g);
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (unsigned char)(i * 2654435761u >> 11);
}

static void teardown(void)
{
	image_close(&f);
	image_close(&g);
}

/* ---- /proc/kcore ---- */

#define KERNEL(offset, phys, size)                                                       \
	{                                                                                \
		.p_type = PT_LOAD, .p_offset = (offset), .p_paddr = (phys),              \
		.p_memsz = (size), .p_filesz = (size)                                    \
	}

static void *kcore;

static enum stk_status open_kcore(const Elf64_Phdr *ph, uint16_t nr)
{
	const struct stk_files files = { .fd = { f.fd }, .nr = 1, .live = true };

	image_elf(&f, ph, nr);
	ck_assert(stk_kcore_ops.knows(&files));
	return stk_kcore_ops.open(&files, &kcore, text, sizeof(text));
}

static void kcore_has(uint64_t phys, uint64_t at)
{
	unsigned char a[16], b[16];

	ck_assert_int_eq(stk_kcore_ops.read(kcore, phys, a, sizeof(a)), STK_OK);
	ck_assert_int_eq(pread(f.fd, b, sizeof(b), (off_t)at), sizeof(b));
	ck_assert_mem_eq(a, b, sizeof(a));
}

static void kcore_lacks(uint64_t phys, size_t len)
{
	unsigned char buf[16];

	ck_assert_int_eq(stk_kcore_ops.read(kcore, phys, buf, len), STK_ERR_EXCLUDED);
}

START_TEST(kcore_segments)
{
	const Elf64_Phdr ph[] = {
		{ .p_type = PT_NOTE, .p_offset = 0x2000, .p_memsz = 0x1000 },
		KERNEL(0x2000, 0x10000, 0x1000),
		KERNEL(0x3000, UINT64_MAX, 0x1000),
		KERNEL(0x3000, 0x20000, 0),
		KERNEL(0x3000, UINT64_MAX - 0xfff, 0x1001),
		KERNEL(0x3000, 0x40000, 0x1000),
		KERNEL(0x4000, 0x50000, 0x2000),
	};
	const struct stk_files dead = { .fd = { f.fd }, .nr = 1 };
	uint64_t pfn = 0;

	for (unsigned int i = 1; i < 5; i++)
		image_put(&f, i * 4096, page, sizeof(page));
	ck_assert(!stk_kcore_ops.knows(&dead));
	ck_assert_int_eq(open_kcore(ph, 7), STK_OK);
	kcore_has(0x10000, 0x2000);
	kcore_has(0x10ff0, 0x2ff0);
	kcore_lacks(0x10ff8, 16);
	kcore_lacks(0, 8);
	kcore_lacks(0x20000, 8);
	kcore_lacks(UINT64_MAX - 0xfff, 8);
	kcore_has(0x40010, 0x3010);
	kcore_has(0x50000, 0x4000);
	/* What it cannot give now. */
	kcore_lacks(0x51000, 8);
	ck_assert_uint_eq(stk_kcore_ops.page_size(kcore),
			  (uint64_t)sysconf(_SC_PAGESIZE));
	ck_assert(stk_kcore_ops.next(kcore, &pfn));
	ck_assert_uint_eq(pfn, 0x10);
	pfn = 0x52;
	ck_assert(!stk_kcore_ops.next(kcore, &pfn));
	stk_kcore_ops.close(kcore);
	ck_assert_uint_ge(stk_kcore_ops.size(&dead), 1 << 20);
	/* To the last byte that a file may have, and one more. */
	for (uint64_t more = 0; more < 2; more++) {
		const Elf64_Phdr all[] = { KERNEL(0, 0x10000000, INT64_MAX + more),
					   KERNEL(0x2000, 0x10000, 0x1000) };

		ck_assert_int_eq(open_kcore(all, 2), STK_OK);
		kcore_has(0x10000, 0x2000);
		if (more)
			kcore_lacks(0x10001000, 8);
		else
			kcore_has(0x10001000, 0x1000);
		stk_kcore_ops.close(kcore);
	}
}
END_TEST

/* Without physical addresses there is nothing to read. */
START_TEST(kcore_headers)
{
	const Elf64_Phdr zero[] = { KERNEL(0x2000, 0, 0x1000), KERNEL(0x3000, 0, 0x1000),
				    KERNEL(0x4000, 5, 0x1000) };
	const Elf64_Phdr first[] = { KERNEL(0x2000, 0, 0x1000),
				     KERNEL(0x3000, 0x1000, 0x1000) };
	const Elf64_Phdr second[] = { KERNEL(0x2000, 0x1000, 0x1000),
				      KERNEL(0x3000, 0, 0x1000) };
	static const struct {
		size_t at;
		unsigned char byte;
	} bad[] = {
		{ 0, 0x7e },
		{ 3, 'f' },
		{ EI_CLASS, ELFCLASS32 },
		{ offsetof(Elf64_Ehdr, e_phentsize), 32 },
		{ offsetof(Elf64_Ehdr, e_phnum), 0 },
		{ offsetof(Elf64_Ehdr, e_phoff) + 1, 0xff },
	};
	const struct stk_files files = { .fd = { f.fd }, .nr = 1, .live = true };

	ck_assert_int_eq(open_kcore(zero, 3), STK_ERR_UNSUPPORTED);
	ck_assert_str_eq(text, "program headers have no physical addresses");
	ck_assert_ptr_null(kcore);
	ck_assert_int_eq(open_kcore(zero, 0), STK_ERR_UNSUPPORTED);
	ck_assert_int_eq(open_kcore(zero, 1), STK_OK);
	stk_kcore_ops.close(kcore);
	ck_assert_int_eq(open_kcore(first, 2), STK_OK);
	stk_kcore_ops.close(kcore);
	ck_assert_int_eq(open_kcore(second, 2), STK_OK);
	stk_kcore_ops.close(kcore);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		image_elf(&f, first, 2);
		image_put(&f, bad[i].at, &bad[i].byte, 1);
		ck_assert_msg(stk_kcore_ops.open(&files, &kcore, text, sizeof(text)) ==
				      STK_ERR_UNSUPPORTED,
			      "byte %zu", bad[i].at);
	}
	image_cut(&f, 63);
	ck_assert_int_eq(stk_kcore_ops.open(&files, &kcore, text, sizeof(text)),
			 STK_ERR_UNSUPPORTED);
}
END_TEST

/* By its name, in that file system. */
START_TEST(which_is_kcore)
{
	int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);

	ck_assert(!stk_is_kcore(f.fd));
	ck_assert(!stk_is_kcore(-1));
	if (fd >= 0) {
		ck_assert(!stk_is_kcore(fd));
		close(fd);
	}
	fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ck_assert(stk_is_kcore(fd));
	close(fd);
}
END_TEST

/* ---- the core of a process ---- */

static uint64_t put_note(uint64_t at, const char *name, uint32_t name_size, uint32_t type,
			 const void *desc, uint32_t size)
{
	const Elf64_Nhdr head = { name_size, size, type };

	image_put(&f, at, &head, sizeof(head));
	image_put(&f, at + 12, name, (name_size + 3) & ~3u);
	image_put(&f, at + 12 + ((name_size + 3) & ~3u), desc, (size + 3) & ~3u);
	return at + 12 + ((name_size + 3) & ~3u) + ((size + 3) & ~3u);
}

#define ANY "the core of a process, not of a kernel: gdb reads it"
#define SLEEP                                                                            \
	"the core of a process (sleep, PID 77), not of a kernel: gdb and coredumpctl read it"

/* Two notes, each of a name, a type and a size: what comes of them. */
static const struct {
	struct {
		const char *name;
		uint32_t name_size, type, size;
	} note[2];
	const char *what; /* NULL: it is none */
} notes[] = {
	{ { { "CORE\0\0\0", 5, NT_AUXV, 16 } }, ANY },
	{ { { "CORE\0\0\0", 5, NT_PRSTATUS, 336 }, { "CORE\0\0\0", 5, NT_AUXV, 16 } },
	  ANY },
	{ { { "CORE\0\0\0", 5, NT_PRPSINFO, 136 }, { "CORE\0\0\0", 5, NT_AUXV, 16 } },
	  SLEEP },
	{ { { "CORE\0\0\0", 5, NT_AUXV, 16 }, { "CORE\0\0\0", 5, NT_PRPSINFO, 136 } },
	  SLEEP },
	{ { { "CORE\0\0\0", 5, NT_PRPSINFO, 56 }, { "CORE\0\0\0", 5, NT_AUXV, 16 } },
	  SLEEP },
	{ { { "CORE\0\0\0", 5, NT_PRPSINFO, 55 }, { "CORE\0\0\0", 5, NT_AUXV, 16 } },
	  ANY },
	{ { { "CORE\0\0\0", 5, NT_PRPSINFO, 136 } }, NULL },
	{ { { "LINUX\0\0", 6, NT_AUXV, 16 } }, NULL },
	{ { { "CORE\0\0\0", 4, NT_AUXV, 16 } }, NULL },
	{ { { "CORX\0\0\0", 5, NT_AUXV, 16 } }, NULL },
	{ { { "CORE\0\0\0", 5, NT_AUXV + 1, 16 } }, NULL },
	{ { { "CORE\0\0\0", 5, NT_PRSTATUS, 13 }, { "CORE\0\0\0", 5, NT_AUXV, 3 } },
	  ANY },
	{ { { "LINUX\0\0", 6, 1, 0 }, { "CORE\0\0\0", 5, NT_AUXV, 0 } }, ANY },
};

START_TEST(process_notes)
{
	static unsigned char psinfo[340] = { [24] = 77 };
	Elf64_Phdr ph[] = {
		{ .p_type = PT_LOAD, .p_offset = 0x1000, .p_filesz = 0x800 },
		{ .p_type = PT_NOTE, .p_offset = 0x1800, .p_filesz = 4 },
		{ .p_type = PT_NOTE, .p_offset = 0x1000 },
	};
	uint64_t at = 0x1000;

	memcpy(psinfo + 40, "sleep", 5);
	image_elf(&f, ph, 3);
	for (size_t i = 0; i < 2 && notes[_i].note[i].name; i++)
		at = put_note(at, notes[_i].note[i].name, notes[_i].note[i].name_size,
			      notes[_i].note[i].type, psinfo, notes[_i].note[i].size);
	image_cut(&f, 0x3000);
	ph[2].p_filesz = at - 0x1000;
	image_elf(&f, ph, 3);
	*text = '\0';
	ck_assert_int_eq(stk_is_process_core(f.fd, text, sizeof(text)),
			 notes[_i].what != NULL);
	ck_assert_str_eq(text, notes[_i].what ? notes[_i].what : "");
	if (!notes[_i].what)
		return;
	/* The last one is there to its last byte, or it is not. */
	ph[2].p_filesz--;
	image_elf(&f, ph, 3);
	ck_assert_int_eq(stk_is_process_core(f.fd, text, sizeof(text)),
			 notes[_i].what != NULL && notes[_i].note[1].type == NT_PRPSINFO);
	/* Nor is what is no file of ELF. */
	image_put(&f, 3, "G", 1);
	ck_assert(!stk_is_process_core(f.fd, text, sizeof(text)));
	image_cut(&f, 3);
	ck_assert(!stk_is_process_core(f.fd, text, sizeof(text)));
}
END_TEST

/* Notes are looked for in their first 64 KiB. */
START_TEST(process_of_many_notes)
{
	static unsigned char zero[65536];
	const Elf64_Phdr ph = { .p_type = PT_NOTE,
				.p_offset = 0x1000,
				.p_filesz = 0x40000 };
	uint64_t at;

	for (uint32_t more = 0; more < 2; more++) {
		image_elf(&f, &ph, 1);
		at = put_note(0x1000, "CORE\0\0\0", 5, 1, zero,
			      65536 - 20 - 36 + 4 * more);
		put_note(at, "CORE\0\0\0", 5, NT_AUXV, zero, 16);
		image_cut(&f, 0x41000);
		ck_assert_int_eq(stk_is_process_core(f.fd, text, sizeof(text)), !more);
	}
}
END_TEST

/* ---- LiME's format ---- */

START_TEST(lime_headers)
{
	static const struct {
		uint32_t magic, version;
		uint64_t first, last;
		bool fine;
	} row[] = {
		{ 0x4c694d45, 1, 0x1000, 0x1fff, true },
		{ 0x4c694d45, 1, 0, 0, true },
		{ 0x4c694d45, 1, 5, 5, true },
		{ 0x4c694d44, 1, 0x1000, 0x1fff, false },
		{ 0x4c694d45, 0, 0x1000, 0x1fff, false },
		{ 0x4c694d45, 2, 0x1000, 0x1fff, false },
		{ 0x4c694d45, 1, 0x1000, 0xfff, false },
		{ 0x4c694d45, 1, INT64_MAX, INT64_MAX, true },
		{ 0x4c694d45, 1, INT64_MAX, 1ull << 63, false },
		{ 0x4c694d45, 1, 32, INT64_MAX, false },
		{ 0x4c694d45, 1, 33, INT64_MAX, true },
		{ 0x4c694d45, 1, 31, INT64_MAX, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		image_put32(&f, 0, row[i].magic);
		image_put32(&f, 4, row[i].version);
		image_put64(&f, 8, row[i].first);
		image_put64(&f, 16, row[i].last);
		image_put64(&f, 24, 0x1234);
		ck_assert_msg(stk_is_lime(f.fd) == row[i].fine, "row %zu", i);
		ck_assert_uint_eq(stk_lime_size(f.fd),
				  row[i].fine ? 32 + row[i].last - row[i].first + 1 : 0);
	}
	image_cut(&f, 31);
	ck_assert(!stk_is_lime(f.fd));
}
END_TEST

/* 4096 ranges, and none behind. */
START_TEST(lime_of_many_ranges)
{
	const unsigned int nr = 4097;

	for (unsigned int i = 0; i < nr; i++) {
		image_put(&f, i * 33ull, "EMiL\1\0\0\0", 8);
		image_put64(&f, i * 33ull + 8, i * 2);
		image_put64(&f, i * 33ull + 16, i * 2);
		image_put64(&f, i * 33ull + 24, 0x500000000000000);
		if (i < 2)
			ck_assert_uint_eq(stk_lime_size(f.fd), (i + 1) * 33ull);
	}
	ck_assert_uint_eq(stk_lime_size(f.fd), 4096 * 33);
}
END_TEST

/* ---- streams ---- */

static uint64_t put_record(uint64_t at, uint64_t offset, uint64_t size)
{
	image_put64(&f, at, __builtin_bswap64(offset));
	image_put64(&f, at + 8, __builtin_bswap64(size));
	return at + 16;
}

START_TEST(records)
{
	uint64_t at = 4096;
	unsigned char got[16];
	bool cut;

	image_put(&f, 0, "makedumpfile\0\0\0", 16);
	put_record(16, 1, 1);
	ck_assert(stk_is_flattened(f.fd));
	image_put(&f, 12, "x", 1);
	ck_assert(!stk_is_flattened(f.fd));
	image_put(&f, 12, "\0", 1);
	/* One byte; the same place again; and the end. */
	at = put_record(at, 3, 1);
	image_put(&f, at++, "a", 1);
	at = put_record(at, 3, 2);
	image_put(&f, at, "bc", 2);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_OK);
	ck_assert(cut);
	ck_assert_uint_eq(image_size(&g), 5);
	put_record(at + 2, -1ull, -1ull);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_OK);
	ck_assert(!cut);
	ck_assert_int_eq(pread(g.fd, got, sizeof(got), 0), 5);
	ck_assert_mem_eq(got, "\0\0\0bc", 5);
	/* Only both of them end it. */
	put_record(at + 2, -1ull, 1);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_ERR_CORRUPT);
	ck_assert(cut);
	put_record(at + 2, 1, -1ull);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_ERR_CORRUPT);
	put_record(at + 2, 1, 0);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_ERR_CORRUPT);
	/* No record at all; less than one; and one without its data. */
	for (uint64_t size = 4096; size <= 4112; size += 8) {
		image_cut(&f, 4096);
		put_record(4096, 0, 5);
		image_cut(&f, size);
		image_cut(&g, 0);
		ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_OK);
		ck_assert(cut);
		ck_assert_uint_eq(image_size(&g), 0);
	}
	/* What was there before it came to an end. */
	image_put(&f, 4112, "abcd", 4);
	ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut), STK_OK);
	ck_assert(cut);
	ck_assert_uint_eq(image_size(&g), 4);
	/* The longest that may come there, and one byte more. */
	for (unsigned int more = 0; more < 2; more++) {
		put_record(4096, 0, INT64_MAX - 4112 + more);
		ck_assert_int_eq(stk_unflatten(f.fd, g.fd, &cut),
				 more ? STK_ERR_CORRUPT : STK_OK);
		ck_assert(cut);
	}
	put_record(4096, 0, 5);
	/* Nowhere to write to. */
	image_put(&f, 4116, "e", 1);
	ck_assert_int_eq(
		stk_unflatten(f.fd, open("/proc/version", O_RDONLY | O_CLOEXEC), &cut),
		STK_ERR_IO);
}
END_TEST

/* ---- the compressed format, written ---- */

static const char note_text[] = "notes of the dump";

static struct stk_kdump_facts facts;

static void set_facts(void)
{
	facts = (struct stk_kdump_facts){
		.uts = { "Linux", "node", "6.1", "#1", "x86_64", "domain" },
		.time = 1700000000,
		.page_size = 4096,
		.max_mapnr = 70001,
		.nr_cpus = 3,
		.phys_base = 0x1000000,
		.notes = note_text,
		.notes_size = sizeof(note_text),
		.vmcoreinfo_at = 6,
		.vmcoreinfo_size = 4,
	};
}

static uint64_t word_at(uint64_t at, size_t size)
{
	uint64_t v = 0;

	ck_assert_int_eq(pread(f.fd, &v, size, (off_t)at), (ssize_t)size);
	return v;
}

/* Pages with these numbers; every second one is of zeros. */
static uint64_t write_pages(const uint64_t *pfn, size_t nr)
{
	static const unsigned char zero[4096];
	struct stk_kdump_writer *w = stk_kdump_begin(f.fd, &facts, nr);
	uint64_t size, sum = 0;

	ck_assert_ptr_nonnull(w);
	for (size_t i = 0; i < nr; i++)
		sum += stk_kdump_add(w, pfn[i], i % 2 ? zero : page);
	ck_assert_int_eq(stk_kdump_errno(w), 0);
	ck_assert_int_eq(stk_kdump_end(w, &size), 0);
	ck_assert_uint_eq(size, image_size(&f));
	/* All but the headers and the bitmaps. */
	ck_assert_uint_eq(sum, size - (2 + 2 * ((70001 + 32767) / 32768)) * 4096ull);
	return size;
}

START_TEST(written_headers)
{
	static const uint64_t pfn[] = { 0, 1, 7, 8, 32767, 32768, 70000 };
	const size_t nr = sizeof(pfn) / sizeof(pfn[0]);
	uint64_t zero_at = 0;

	for (int plain = 0; plain < 2; plain++) {
		uint64_t descs = 8 * 4096;

		image_cut(&f, 0);
		set_facts();
		facts.plain = facts.incomplete = plain;
		write_pages(pfn, nr);
		ck_assert_ptr_null(stk_header_problem(f.fd, image_size(&f)));
		ck_assert_int_eq(stk_is_incomplete(f.fd), plain);
		ck_assert_uint_eq(stk_header_machine(f.fd), EM_X86_64);
		ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
		ck_assert_uint_eq(word_at(0, 8), 0x202020504d55444bull);
		ck_assert_uint_eq(word_at(8, 4), 6);
		ck_assert_uint_eq(word_at(12 + 65, 4), 0x65646f6e);
		ck_assert_uint_eq(word_at(12 + 5 * 65, 6), 0x6e69616d6f64);
		ck_assert_uint_eq(word_at(408, 8), 1700000000);
		ck_assert_uint_eq(word_at(416, 8), 0);
		ck_assert_uint_eq(word_at(424, 4), plain ? 8 : 1);
		ck_assert_uint_eq(word_at(428, 4), 4096);
		ck_assert_uint_eq(word_at(432, 4), 1);
		ck_assert_uint_eq(word_at(436, 4), 6);
		ck_assert_uint_eq(word_at(440, 4), 70001);
		ck_assert_uint_eq(word_at(460, 4), 3);
		ck_assert_uint_eq(word_at(4096, 8), 0x1000000);
		ck_assert_uint_eq(word_at(4104, 4), 31);
		ck_assert_uint_eq(word_at(4108, 4), 0);
		ck_assert_uint_eq(word_at(4128, 8), 4096 + 104 + 6);
		ck_assert_uint_eq(word_at(4136, 8), 4);
		ck_assert_uint_eq(word_at(4144, 8), 4096 + 104);
		ck_assert_uint_eq(word_at(4152, 8), sizeof(note_text));
		ck_assert_uint_eq(word_at(4192, 8), 70001);
		ck_assert_uint_eq(word_at(4200, 8), 0x666f207365746f6eull);
		/* Both bitmaps are the same, and have these. */
		for (uint64_t i = 0; i < 3 * 32768; i++) {
			bool want = false;

			for (size_t k = 0; k < nr; k++)
				want |= pfn[k] == i;
			if (i % 64 == 0)
				ck_assert_uint_eq(word_at(2 * 4096 + i / 8, 8),
						  word_at(5 * 4096 + i / 8, 8));
			if (want != (word_at(2 * 4096 + i / 8, 1) >> i % 8 & 1))
				ck_abort_msg("page %llu", (unsigned long long)i);
			if (i == 100)
				i = 32700;
			else if (i == 32800)
				i = 69950;
			else if (i == 70100)
				break;
		}
		/* Each page by its descriptor; those of zeros are one. */
		for (size_t i = 0; i < nr; i++) {
			uint64_t at = word_at(descs + 24 * i, 8),
				 size = word_at(descs + 24 * i + 8, 4);
			unsigned char packed[4096], data[4096];
			uLongf len = sizeof(data);

			ck_assert_uint_eq(word_at(descs + 24 * i + 16, 8), 0);
			ck_assert_uint_ge(at, descs + 24 * nr);
			ck_assert_uint_le(size, 4096);
			ck_assert_int_eq(pread(f.fd, packed, size, (off_t)at),
					 (ssize_t)size);
			if (i % 2 == 1)
				zero_at = zero_at && i > 1 ? zero_at : at;
			if (i % 2 == 1)
				ck_assert_uint_eq(at, zero_at);
			if (word_at(descs + 24 * i + 12, 4)) {
				ck_assert(!plain);
				ck_assert_uint_lt(size, 4096);
				ck_assert_int_eq(uncompress(data, &len, packed, size),
						 Z_OK);
			} else {
				ck_assert_uint_eq(size, 4096);
				memcpy(data, packed, 4096);
			}
			ck_assert_uint_eq(len, 4096);
			for (size_t k = 0; i % 2 && k < 4096; k++)
				ck_assert_uint_eq(data[k], 0);
			if (i % 2 == 0)
				ck_assert_mem_eq(data, page, 4096);
		}
	}
}
END_TEST

/* More descriptors than are kept, to the last. */
START_TEST(written_descriptors)
{
	static uint64_t pfn[3000];

	for (size_t i = 0; i < 3000; i++)
		pfn[i] = 3 * i;
	for (size_t nr = 1023; nr < 3000; nr += nr == 1024 ? 1975 : 1) {
		struct stk_extents *x;
		int fd;
		uint64_t at;

		image_cut(&f, 0);
		set_facts();
		facts.plain = true;
		facts.vmcoreinfo_size = 0;
		write_pages(pfn, nr);
		ck_assert_uint_eq(word_at(4128, 8), 0);
		x = stk_extents_new(&f.fd, 1);
		for (size_t i = 0; i < nr; i += i < 1020 || i > 1030 ? 101 : 1) {
			ck_assert_int_eq(
				stk_extents_check(x, pfn[i] * 4096 + 8, 4096, &fd, &at),
				STK_OK);
			ck_assert_int_eq(fd, f.fd);
			ck_assert_uint_eq(word_at(at, 8),
					  i % 2 ? 0 : *(uint64_t *)(void *)(page + 8));
		}
		stk_extents_free(x);
	}
}
END_TEST

/* A machine of more pages than 32 bits count; no page at all; nowhere to write to. */
START_TEST(written_at_the_limits)
{
	struct stk_kdump_writer *w;
	uint64_t size;
	int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);

	set_facts();
	facts.max_mapnr = UINT32_MAX + 1ull;
	w = stk_kdump_begin(f.fd, &facts, 0);
	ck_assert_int_eq(stk_kdump_end(w, &size), 0);
	ck_assert_uint_eq(size, image_size(&f));
	ck_assert_uint_eq(word_at(440, 4), UINT32_MAX);
	ck_assert_uint_eq(word_at(4192, 8), UINT32_MAX + 1ull);
	ck_assert_uint_eq(size, (2 + 2 * 131072ull) * 4096);
	facts.max_mapnr = UINT32_MAX;
	w = stk_kdump_begin(f.fd, &facts, 0);
	ck_assert_int_eq(stk_kdump_end(w, &size), 0);
	ck_assert_uint_eq(word_at(440, 4), UINT32_MAX);
	/* Just what fits in the first block behind the sub header, and more. */
	for (size_t more = 0; more < 2; more++) {
		static char long_notes[4096];

		facts.max_mapnr = 32768 + more;
		facts.notes = long_notes;
		facts.notes_size = 4096 - 104 + more;
		w = stk_kdump_begin(f.fd, &facts, 0);
		ck_assert_int_eq(stk_kdump_end(w, &size), 0);
		ck_assert_uint_eq(word_at(432, 4), 1 + more);
		ck_assert_uint_eq(word_at(436, 4), 2 + 2 * more);
		ck_assert_uint_eq(size, (4 + 3 * more) * 4096);
	}
	/* A byte is not nothing. */
	facts.notes_size = 1;
	w = stk_kdump_begin(f.fd, &facts, 0);
	ck_assert_int_eq(stk_kdump_end(w, &size), 0);
	ck_assert_uint_eq(word_at(4152, 8), 1);
	if (fd < 0)
		return;
	w = stk_kdump_begin(fd, &facts, 1);
	ck_assert_int_ne(stk_kdump_errno(w), 0);
	stk_kdump_add(w, 1, page);
	ck_assert_int_ne(stk_kdump_end(w, &size), 0);
	close(fd);
}
END_TEST

/* As large as the pages of any machine. */
START_TEST(page_sizes)
{
	static const uint32_t size[] = { 4096, 16384, 65536 };
	unsigned char *large = calloc(1, 65536);
	const struct image_page one = { 2, large };
	const struct image_kdump k = { 6, 2, 16, &one, 1, false, 0, 0 };

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		struct stk_files files;
		struct stk_reader *reader;
		uint64_t pfn = 0;

		image_cut(&f, 0);
		image_kdump_of(&f, &k, size[i]);
		image_put(&f, IMAGE_MACHINE_AT, "aarch64", 8);
		ck_assert_msg(!stk_files_open(&files, f.path, NULL, text, sizeof(text)),
			      "%s", text);
		ck_assert_msg(!stk_reader_open(&files, &reader, text, sizeof(text)), "%s",
			      text);
		ck_assert_uint_eq(stk_reader_page_size(reader), size[i]);
		ck_assert(stk_reader_next(reader, &pfn));
		ck_assert_uint_eq(pfn, 2);
		stk_reader_close(reader);
		stk_files_close(&files);
	}
	free(large);
}
END_TEST

/* ---- VMCOREINFO ---- */

START_TEST(lines)
{
	static const struct {
		const char *text;
		size_t size, len;
		const char *lines;
	} row[] = {
		{ "a=1\nb=2\n", 8, 9, "a=1\0b=2\0" },
		{ "a=1\nb=2", 7, 8, "a=1\0b=2\0" },
		{ "\n\na=1\r\n\r\nb=2\n\n", 15, 9, "a=1\0b=2\0" },
		{ "a=1\0b=2\n", 8, 5, "a=1\0" },
		{ "a=1\nb=2\n", 5, 6, "a=1\0b" },
		{ "", 0, 2, "\0" },
		{ "\n", 1, 2, "\0" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char copy[32];

		memset(copy, 'x', sizeof(copy));
		memcpy(copy, row[i].text, row[i].size);
		stk_vmcoreinfo_split(copy, row[i].size);
		ck_assert_mem_eq(copy, row[i].lines, row[i].len);
	}
}
END_TEST

START_TEST(what_a_text_adds)
{
	static const struct {
		const char *text, *known;
		bool adds;
	} row[] = {
		{ "a=1\0b=2\0", "a=1\0b=2\0c=3\0", false },
		{ "a=1\0b=2\0", "a=1\0", true },
		{ "a=1\0b=2\0", "a=1\0b=3\0", true },
		{ "a=1\0a=2\0", "a=1\0", false },
		{ "a\0=\0", "a=1\0", false },
		{ "", "a=1\0", false },
		{ NULL, "a=1\0", false },
		{ "a=1\0", NULL, true },
		{ "=1\0a=1\0", "b=2\0", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(stk_vmcoreinfo_adds(row[i].text, row[i].known) ==
				      row[i].adds,
			      "row %zu", i);
}
END_TEST

static const struct unit_test kcore_tests[] = {
	TEST(kcore_segments),
	TEST(kcore_headers),
	TEST(which_is_kcore),
	{ 0 },
};

static const struct unit_test other_tests[] = {
	LOOP(process_notes, sizeof(notes) / sizeof(notes[0])),
	TEST(process_of_many_notes),
	TEST(lime_headers),
	TEST(lime_of_many_ranges),
	TEST(records),
	{ 0 },
};

static const struct unit_test kdump_tests[] = {
	TEST(written_headers),
	TEST(written_descriptors),
	TEST(written_at_the_limits),
	TEST(page_sizes),
	{ 0 },
};

static const struct unit_test text_tests[] = {
	TEST(lines),
	TEST(what_a_text_adds),
	{ 0 },
};

const struct unit_suite suite_formats = {
	"formats",
	{
		{ "kcore", kcore_tests, setup, teardown },
		{ "others", other_tests, setup, teardown },
		{ "kdump", kdump_tests, setup, teardown },
		{ "vmcoreinfo", text_tests, setup, teardown },
	},
};
