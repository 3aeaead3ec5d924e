/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that register notes and VMCOREINFO are found in ELF cores and in compressed
 * kdumps, as the bytes that are there, and that truncated files,
 * garbage and things that are no files end the list early and harm nothing.
 */
#include "synthetic.h"
#include "suite.h"
#include "image.h"

#include "file/notes.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stk_arena arena;
static struct stk_notes notes;
static struct image file;
/* The notes' bytes. */
static unsigned char data[65536];
static size_t len;

static void setup(void)
{
	image_open(&file);
	len = 0;
}

static void teardown(void)
{
	stk_arena_free(&arena);
	image_close(&file);
}

static void add_note(const char *name, uint32_t type, const void *desc, uint32_t size)
{
	Elf64_Nhdr head = { (Elf64_Word)strlen(name) + 1, size, type };

	memset(data + len, 0, sizeof(head) + 32 + size + 8);
	memcpy(data + len, &head, sizeof(head));
	memcpy(data + len + sizeof(head), name, strlen(name));
	len += sizeof(head) + ((head.n_namesz + 3) & ~3u);
	memcpy(data + len, desc, size);
	len += (size + 3) & ~3u;
}

static void add_prstatus(uint32_t pid, uint64_t ip)
{
	unsigned char desc[336] = { 0 };

	memcpy(desc + 32, &pid, 4);
	for (uint64_t r = 0; r < 27; r++)
		memcpy(desc + 112 + 8 * r, &r, 8);
	memcpy(desc + 112 + 8 * X86_IP, &ip, 8);
	add_note("CORE", NT_PRSTATUS, desc, sizeof(desc));
}

static void add_qemu(uint64_t gs, uint64_t tr, uint64_t cr2, uint64_t cr3)
{
	unsigned char desc[440] = { 1, 0, 0, 0 };
	uint64_t cr4 = cr3 + 1;

	memcpy(desc + 152 + 24 * 4 + 16, &gs, 8);
	memcpy(desc + 152 + 24 * 7 + 16, &tr, 8);
	/* Selector, limit and base of tr, gdt and idt: their numbers, plus 1, 2, 3. */
	for (uint32_t i = 7; i < 10; i++) {
		uint32_t selector = i * 16 + 1, limit = i * 16 + 2;
		uint64_t base = i * 16 + 3;

		memcpy(desc + 152 + 24 * i, &selector, 4);
		memcpy(desc + 152 + 24 * i + 4, &limit, 4);
		if (i > 7)
			memcpy(desc + 152 + 24 * i + 16, &base, 8);
	}
	memcpy(desc + 408, &cr2, 8);
	memcpy(desc + 416, &cr3, 8);
	memcpy(desc + 424, &cr4, 8);
	add_note("QEMU", 0, desc, sizeof(desc));
}

static void add_vmcoreinfo(const char *text)
{
	add_note("VMCOREINFO", 0, text, (uint32_t)strlen(text));
}

/* An ELF core: a PT_LOAD, and the notes in a PT_NOTE at 0x1000. */
static void write_elf(uint64_t claimed)
{
	Elf64_Phdr ph[2] = {
		{ .p_type = PT_LOAD, .p_offset = 0x1000, .p_filesz = 16 },
		{ .p_type = PT_NOTE, .p_offset = 0x1000, .p_filesz = claimed }
	};

	image_elf(&file, ph, 2);
	image_put(&file, 0x1000, data, len);
}

/* makedumpfile's header: version, block size 4096, sub header, notes at 0x2000. */
static void write_kdump(uint32_t version, uint64_t size)
{
	uint32_t block = 4096;

	image_put(&file, 0, "KDUMP   ", 8);
	image_put(&file, 8, &version, 4);
	image_put(&file, 428, &block, 4);
	image_put64(&file, 4096, 0x1000000); /* phys_base */
	image_put64(&file, 4096 + 32, 0x8000);
	image_put64(&file, 4096 + 40, 21);
	image_put64(&file, 4096 + 48, 0x2000);
	image_put64(&file, 4096 + 56, size);
	image_put(&file, 0x2000, data, len);
	image_put(&file, 0x8000, "OSRELEASE=sub\nKEY=1\n\n", 22);
}

static enum stk_status load(void)
{
	stk_arena_free(&arena);
	memset(&notes, 0, sizeof(notes));
	return stk_notes_load(&notes, &arena, file.path);
}

static void add_all(void)
{
	add_prstatus(1, 0xaaaa);
	add_prstatus(2, 0xbbbb);
	add_qemu(0x1111, 0x2222, 0x3333, 0x4444);
	add_qemu(0x5555, 0x6666, 0x7777, 0x8888);
	add_vmcoreinfo("OSRELEASE=6.1.0\nPAGESIZE=4096\n");
}

static size_t nr_of(enum stk_note_kind kind)
{
	return notes.list[kind].nr;
}

/* The @index-th note of @kind is the @nth of those that were added, byte by byte. */
static void expect_bytes(enum stk_note_kind kind, unsigned int index, unsigned int nth)
{
	const unsigned char *at = data;
	Elf64_Nhdr head;
	struct stk_note n;

	for (;; nth--) {
		memcpy(&head, at, sizeof(head));
		at += sizeof(head) + ((head.n_namesz + 3) & ~3u);
		if (!nth)
			break;
		at += (head.n_descsz + 3) & ~3u;
	}
	ck_assert_int_eq(stk_notes_ops.note(&notes, kind, index, &n), STK_OK);
	ck_assert_int_eq(n.kind, kind);
	ck_assert_uint_eq(n.size, head.n_descsz);
	ck_assert_mem_eq(n.desc, at, n.size);
}

static void expect_all(void)
{
	struct stk_note n;

	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 2);
	ck_assert_uint_eq(nr_of(STK_NOTE_QEMU), 2);
	expect_bytes(STK_NOTE_PRSTATUS, 0, 0);
	expect_bytes(STK_NOTE_PRSTATUS, 1, 1);
	expect_bytes(STK_NOTE_QEMU, 0, 2);
	expect_bytes(STK_NOTE_QEMU, 1, 3);
	ck_assert_int_eq(stk_notes_ops.note(&notes, STK_NOTE_PRSTATUS, 2, &n),
			 STK_ERR_NO_REGS);
	ck_assert_int_eq(stk_notes_ops.note(&notes, STK_NOTE_QEMU, 2, &n),
			 STK_ERR_NO_REGS);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "OSRELEASE"), "6.1.0");
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "PAGESIZE"), "4096");
	ck_assert_ptr_null(stk_notes_vmcoreinfo(&notes, "PAGE"));
	ck_assert_ptr_null(stk_notes_vmcoreinfo(&notes, "6.1.0"));
}

START_TEST(elf_core)
{
	add_all();
	write_elf(len);
	ck_assert_int_eq(load(), STK_OK);
	expect_all();
}
END_TEST

START_TEST(compressed_kdump)
{
	add_all();
	write_kdump(6, len);
	ck_assert_int_eq(load(), STK_OK);
	expect_all();
}
END_TEST

/* Since version 4 it tells where the notes are. */
START_TEST(kdump_of_version_4)
{
	add_all();
	write_kdump(4, len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_gt(nr_of(STK_NOTE_PRSTATUS), 0);
}
END_TEST

/* Version 3 has VMCOREINFO alone, in the sub header; older ones nothing. */
START_TEST(old_kdump)
{
	add_all();
	write_kdump((uint32_t)_i, len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
	if (_i == 3)
		ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "OSRELEASE"), "sub");
	else
		ck_assert_ptr_null(stk_notes_vmcoreinfo(&notes, "OSRELEASE"));
}
END_TEST

START_TEST(kdump_without_vmcoreinfo_note)
{
	add_prstatus(1, 0xaaaa);
	write_kdump(6, len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 1);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "KEY"), "1");
}
END_TEST

/* Notes of the kernel's: no QEMU. */
START_TEST(plain_prstatus)
{
	add_prstatus(1234, 0xaaaa);
	write_elf(len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 1);
	ck_assert_uint_eq(nr_of(STK_NOTE_QEMU), 0);
	ck_assert_ptr_null(stk_notes_vmcoreinfo(&notes, "OSRELEASE"));
}
END_TEST

/* Of any size: which is right depends on the machine. */
START_TEST(others_are_passed_over)
{
	unsigned char desc[336] = { 0 }, large[500] = { 0 };

	add_note("CORE", NT_PRPSINFO, desc, 136);
	add_note("LINUX", NT_PRSTATUS, desc, 336);
	add_note("CORE", NT_PRSTATUS, large, 392);
	add_note("QEMU", 0, desc, 100);
	add_note("", 1, desc, 3);
	add_prstatus(7, 0xaaaa);
	add_note("OTHER", 0, large, sizeof(large));
	add_vmcoreinfo("A=1\n");
	add_vmcoreinfo("A=2\n");
	write_elf(len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 2);
	ck_assert_uint_eq(nr_of(STK_NOTE_QEMU), 1);
	expect_bytes(STK_NOTE_PRSTATUS, 0, 2);
	expect_bytes(STK_NOTE_PRSTATUS, 1, 5);
	expect_bytes(STK_NOTE_QEMU, 0, 3);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "A"), "1");
}
END_TEST

START_TEST(many_notes)
{
	for (uint32_t n = 0; n < 150; n++)
		add_prstatus(n, n);
	write_elf(len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 150);
	expect_bytes(STK_NOTE_PRSTATUS, 149, 149);
}
END_TEST

/* ---- damage ---- */

/* Whatever the length at which the notes end: no more than was whole, and no reads
 * behind it. */
START_TEST(cut_anywhere)
{
	add_all();
	for (size_t cut = 1; cut < len; cut += 13) {
		write_elf(cut);
		load();
		ck_assert_uint_le(nr_of(STK_NOTE_PRSTATUS), 2);
	}
}
END_TEST

START_TEST(file_shorter_than_it_says)
{
	add_all();
	if (_i)
		write_kdump(6, len);
	else
		write_elf(len);
	for (off_t size = 0x2000 + (off_t)len; size > 0; size -= 499) {
		image_cut(&file, size);
		load();
		ck_assert_uint_le(nr_of(STK_NOTE_PRSTATUS), 2);
	}
}
END_TEST

START_TEST(sizes_that_cannot_be)
{
	static const Elf64_Nhdr bad[] = { { 0xffffffff, 0xffffffff, 1 },
					  { 5, 0xfffffffc, NT_PRSTATUS },
					  { 0xfffffffd, 336, NT_PRSTATUS },
					  { 0, 0, 0 } };

	memset(data, 0, 4096);
	len = 4096;
	memcpy(data, &bad[_i], sizeof(bad[_i]));
	write_elf(len);
	load();
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
}
END_TEST

START_TEST(offsets_that_cannot_be)
{
	static const uint64_t bad[] = { 0xffffffffffffff00ull, 0x7fffffffffffff00ull,
					1ull << 40, 64ull * 1024 * 1024 + 1 };

	add_all();
	write_elf(bad[_i]);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
	write_kdump(6, bad[_i]);
	load();
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
	write_kdump(6, len);
	image_put64(&file, 4096 + 48, bad[_i]);
	load();
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
}
END_TEST

/* 64 MiB of notes are read, and no more. */
START_TEST(most_notes)
{
	static const uint64_t limit = 64ull << 20;

	add_all();
	write_kdump(6, limit + (uint64_t)_i);
	image_put64(&file, 4096 + 40, 0);
	image_cut(&file, 0x2000 + (off_t)limit + 1);
	load();
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), _i ? 0 : 2);
	image_cut(&file, 0);
	write_elf(limit + (uint64_t)_i);
	image_cut(&file, 0x1000 + (off_t)limit + 1);
	load();
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), _i ? 0 : 2);
}
END_TEST

START_TEST(kdump_block_size_damaged)
{
	uint32_t block = _i ? 0xffffffff : 0;

	add_all();
	write_kdump(6, len);
	image_put(&file, 428, &block, 4);
	load();
	ck_assert_uint_le(nr_of(STK_NOTE_PRSTATUS), 2);
}
END_TEST

/* Bytes that look like nothing, after a good beginning. */
START_TEST(garbage)
{
	uint32_t x = (uint32_t)_i * 2654435761u + 1;

	for (len = 0; len < 8192; len++) {
		x = x * 1664525 + 1013904223;
		data[len] = (unsigned char)(x >> 24 & (_i % 2 ? 0xff : 0x07));
	}
	write_elf(len);
	load();
	write_kdump(6, len);
	load();
	/* The ELF header itself, too. */
	image_put(&file, 4, data, 60);
	image_put(&file, 0, "\177ELF", 4);
	load();
}
END_TEST

START_TEST(text_without_end)
{
	memset(data, 0, 4096);
	add_vmcoreinfo("A=1\nB=2");
	write_elf(len);
	ck_assert_int_eq(load(), STK_OK);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "B"), "2");
}
END_TEST

/* So many bytes of notes are read in all: from two places. */
START_TEST(notes_in_two_places)
{
	const uint64_t all = 64ull << 20;

	memset(data, 0, 4096);
	add_vmcoreinfo("A=1\n");
	for (uint64_t more = 0; more < 2; more++) {
		const Elf64_Phdr ph[] = {
			{ .p_type = PT_NOTE,
			  .p_offset = 0x1000,
			  .p_filesz = all - len + more },
			{ .p_type = PT_NOTE, .p_offset = 0x1000 + all, .p_filesz = len },
		};

		image_elf(&file, ph, 2);
		image_put(&file, 0x1000 + all, data, len);
		ck_assert_int_eq(load(), STK_OK);
		ck_assert_int_eq(!stk_notes_vmcoreinfo(&notes, "A"), more);
	}
}
END_TEST

/* Whoever closed the standard input gives its number to the file. */
START_TEST(file_of_number_0)
{
	const int input = dup(STDIN_FILENO);
	enum stk_status st;

	memset(data, 0, 4096);
	add_vmcoreinfo("A=1\n");
	write_elf(len);
	close(STDIN_FILENO);
	st = load();
	if (input >= 0)
		dup2(input, STDIN_FILENO);
	close(input);
	ck_assert_int_eq(st, STK_OK);
	ck_assert_str_eq(stk_notes_vmcoreinfo(&notes, "A"), "1");
}
END_TEST

START_TEST(no_dump_at_all)
{
	ck_assert_int_eq(load(), STK_ERR_IO); /* empty */
	image_put(&file, 0, "not a dump, but a text", 22);
	ck_assert_int_eq(load(), STK_ERR_UNSUPPORTED);
	image_put(&file, 0, "\177ELF and no more", 16);
	ck_assert_int_ne(load(), STK_ERR_NOMEM);
	ck_assert_uint_eq(nr_of(STK_NOTE_PRSTATUS), 0);
	ck_assert_int_eq(stk_notes_load(&notes, &arena, "/"), STK_ERR_IO);
	ck_assert_int_eq(stk_notes_load(&notes, &arena, "/no/such/file"), STK_ERR_IO);
	ck_assert_int_eq(stk_notes_load(&notes, &arena, "/dev/null"), STK_ERR_IO);
	ck_assert_int_eq(stk_notes_load(&notes, &arena, ""), STK_ERR_IO);
}
END_TEST

static const struct unit_test good_tests[] = {
	TEST(elf_core),
	TEST(compressed_kdump),
	TEST(kdump_of_version_4),
	RANGE(old_kdump, 1, 4),
	TEST(kdump_without_vmcoreinfo_note),
	TEST(plain_prstatus),
	TEST(others_are_passed_over),
	TEST(many_notes),
	{ 0 },
};

static const struct unit_test bad_tests[] = {
	TEST(cut_anywhere),
	LOOP(file_shorter_than_it_says, 2),
	LOOP(sizes_that_cannot_be, 4),
	LOOP(offsets_that_cannot_be, 4),
	LOOP(most_notes, 2),
	LOOP(kdump_block_size_damaged, 2),
	LOOP(garbage, 12),
	TEST(text_without_end),
	TEST(notes_in_two_places),
	TEST(file_of_number_0),
	TEST(no_dump_at_all),
	{ 0 },
};

const struct unit_suite suite_notes = {
	"notes",
	{
		{ "formats", good_tests, setup, teardown },
		{ "damage", bad_tests, setup, teardown },
	},
};
