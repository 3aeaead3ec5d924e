/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a file is told to be a dump or what else it is, that each part of a header
 * that makes no sense is named, that a file which is too short is noticed, and that
 * streams and the parts of a split dump are put together.
 */
#include "synthetic.h"
#include "suite.h"

#include "file/file.h"
#include "file/flattened.h"
#include "file/foreign.h"
#include "file/header.h"
#include "file/machine.h"
#include "file/ranges.h"
#include "file/reader.h"
#include "image.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct image f, g;
static struct stk_files files;
static char error[512];
static unsigned char page[4096];

static void setup(void)
{
	image_open(&f);
	image_open(&g);
	memset(page, 0x5a, sizeof(page));
	*error = '\0';
}

static void teardown(void)
{
	image_close(&f);
	image_close(&g);
}

static enum stk_status open_path(const char *path)
{
	*error = '\0';
	return stk_files_open(&files, path, NULL, error, sizeof(error));
}

/* The number that the next file would have: what is refused is not left open. */
static int next_fd(void)
{
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

/* @path is refused, with @what behind its name. */
static void refused(const char *path, const char *what)
{
	const int next = next_fd();

	ck_assert_int_eq(open_path(path), STK_ERR_IO);
	ck_assert_uint_eq(files.nr, 0);
	ck_assert_int_eq(next_fd(), next);
	ck_assert_msg(!strncmp(error, path, strlen(path)) && strstr(error, what),
		      "%s: not \"%s\"", error, what);
}

static void accepted(const char *path)
{
	ck_assert_msg(open_path(path) == STK_OK, "%s", error);
	ck_assert_str_eq(error, "");
	ck_assert(!files.live);
}

static void close_files(void)
{
	stk_files_close(&files);
	ck_assert_uint_eq(files.nr, 0);
}

static void problem(const char *what)
{
	const char *why = stk_header_problem(f.fd, image_size(&f));

	if (!what)
		ck_assert_ptr_null(why);
	else
		ck_assert_msg(why && strstr(why, what), "%s: not \"%s\"", why, what);
}

/* Four pages of memory, the last of them alone. */
static const struct image_page four[] = {
	{ 2, page }, { 3, page }, { 9, page }, { 70, page }
};

static uint64_t write_kdump(uint32_t version)
{
	const struct image_kdump k = { version, 2, 4096, four, 4, false, 0, 0 };

	return image_kdump(&f, &k);
}

static Elf64_Phdr elf[3] = {
	{ .p_type = PT_NOTE, .p_offset = 0x1000, .p_filesz = 0x100 },
	{ .p_type = PT_LOAD, .p_offset = 0x2000, .p_filesz = 0x1000, .p_memsz = 0x1000 },
	{ .p_type = PT_LOAD,
	  .p_offset = 0x3000,
	  .p_paddr = 0x5000,
	  .p_filesz = 0x2000,
	  .p_memsz = 0x2000 },
};

static void write_elf(void)
{
	image_elf(&f, elf, 3);
	image_cut(&f, 0x5000);
}

/* ---- no dumps ---- */

/* What stands where, and the name of such a file. */
static const struct {
	const char *magic;
	size_t size, offset;
	const char *what;
} foreign[] = {
#define AT(offset, magic) magic, sizeof(magic) - 1, offset
	{ AT(0, "\x1f\x8b"), "gunzip" },
	{ AT(0, "\xfd"
		"7zXZ\0"),
	  "unxz" },
	{ AT(0, "\x5d\0\0"), "unlzma" },
	{ AT(0, "\x28\xb5\x2f\xfd"), "unzstd" },
	{ AT(0, "BZh"), "bunzip2" },
	{ AT(0, "\x04\x22\x4d\x18"), "unlz4" },
	{ AT(0, "\x89LZO\0\r\n\x1a\n"), "lzop -d" },
	{ AT(0, "\xff\x06\0\0sNaPpY"), "with snappy" },
	{ AT(0, "PK\3\4"), "zip archive" },
	{ AT(0, "7z\xbc\xaf\x27\x1c"), "7z archive" },
	{ AT(257, "ustar"), "tar -xf" },
	{ AT(0, "07070"), "cpio archive" },
	{ AT(0, "!<arch>\n"), "ar archive" },
	{ AT(0, "LibvirtQemudSave"), "virsh restore" },
	{ AT(0, "Rar!\x1a\x07"), "unrar x" },
	{ AT(0, "\xed\xab\xee\xdb"), "rpm2cpio" },
	{ AT(0, "LibvirtQemudPart"), "saved in part" },
	{ AT(0, "QEVM"), "migration stream" },
	{ AT(0, "\xd0\xbe\xd0\xbe"), "vmss2core" },
	{ AT(0, "\xd1\xba\xd1\xba"), "vmss2core" },
	{ AT(0, "\xd2\xba\xd2\xba"), "vmss2core" },
	{ AT(0, "LinuxGuestRecord"), "xm save" },
	{ AT(0, "\xff\xff\xff\xff\xff\xff\xff\xffXENF"), "xl save" },
	{ AT(0, "\xee\xeb\x0f\xf0"), "Xen guest" },
	{ AT(0, "PAGEDUMP"), "Windows' debuggers" },
	{ AT(0, "HIBR"), "hibernated" },
	{ AT(0, "hibr"), "hibernated" },
	{ AT(0, "vhdxfile"), "Hyper-V (.vhdx)" },
	{ AT(0, "conectix"), "Hyper-V (.vhd)" },
	{ AT(0, "QFI\xfb"), "savevm" },
	{ AT(0, "\xd2\xbe\xd2\xbe"), "vmss2core" },
	{ AT(0, "\xd3\xbe\xd3\xbe"), "vmss2core" },
	{ AT(0, "\x7fVirtualBox SavedState"), "VBoxManage debugvm" },
	{ AT(0, "\xed\xeb\x0f\xf0"), "Xen guest" },
	{ AT(0, "AVML\2\0\0\0"), "avml-convert" },
	{ AT(0, "PAGEDU64"), "Windows' debuggers" },
	{ AT(0, "MDMP"), "minidump" },
	{ AT(0, "\xa8\x19\x01\x73\x61\x8f\x23\xfd"), "s390" },
	{ AT(0, "sadump\0\0"), "makedumpfile makes a kdump of it" },
	{ AT(4096, "sadump\0\0"), "SADUMP" },
	{ AT(0, "KDMV"), "disk of VMware" },
	{ AT(64, "\x7f\x10\xda\xbe"), "disk of VirtualBox" },
	{ AT(0x202, "HdrS"), "kernel to boot" },
#undef AT
};

START_TEST(what_is_no_dump)
{
	const char *magic = foreign[_i].magic, *what = foreign[_i].what;
	size_t size = foreign[_i].size, offset = foreign[_i].offset;

	image_put(&f, offset, magic, size);
	/* No more than that, and with something behind it. */
	refused(f.path, what);
	image_put(&f, 1000, page, 100);
	refused(f.path, what);
	/* Less of it is another thing. */
	image_put(&f, offset + size - 1, "\1", 1);
	accepted(f.path);
	close_files();
	/* In memory that a dump holds anything may stand. */
	write_elf();
	if (offset)
		image_put(&f, offset, magic, size);
	accepted(f.path);
	close_files();
}
END_TEST

START_TEST(text_is_no_dump)
{
	static const char grave[] = "Oops: caf\xc3\xa9\t#1\r\n";

	/* Of nothing that is not told, of one character it is. */
	ck_assert(!stk_is_foreign(f.fd, error, sizeof(error)));
	image_put(&f, 0, "a", 1);
	refused(f.path, "a text");
	image_put(&f, 0, "\1b", 2);
	ck_assert(!stk_is_foreign(f.fd, error, sizeof(error)));
	image_put(&f, 0, grave, sizeof(grave) - 1);
	refused(f.path, "stackof -f FILE VMCORE");
	for (int i = 0; i < 100; i++)
		image_put(&f, (uint64_t)i * 16, "0123456789abcde\n", 16);
	refused(f.path, "a text");
	image_put(&f, 511, "\1", 1);
	accepted(f.path);
	close_files();
	image_put(&f, 511, "\x7f", 1);
	accepted(f.path);
	close_files();
	image_put(&f, 511, "\0", 1);
	accepted(f.path);
	close_files();
}
END_TEST

/* A note of a process's core. */
static uint64_t put_note(uint64_t at, uint32_t type, const void *desc, uint32_t size)
{
	const Elf64_Nhdr head = { 5, size, type };

	image_put(&f, at, &head, sizeof(head));
	image_put(&f, at + 12, "CORE\0\0\0", 8);
	image_put(&f, at + 20, desc, size);
	return at + 20 + size;
}

START_TEST(core_of_a_process)
{
	unsigned char psinfo[136] = { [24] = 77 }, auxv[32] = { 6 };
	uint64_t at;

	memcpy(psinfo + 40, "sleep", 5);
	write_elf();
	at = put_note(0x1000, NT_PRPSINFO, psinfo, sizeof(psinfo));
	/* What the kernel wrote to /proc/kcore has one, too. */
	accepted(f.path);
	close_files();
	put_note(at, NT_AUXV, auxv, sizeof(auxv));
	refused(f.path, "the core of a process (sleep, PID 77), not of a kernel");
	put_note(0x1000, NT_AUXV, auxv, sizeof(auxv));
	refused(f.path, "the core of a process, not of a kernel");
	/* Nor one that says to be longer than it is. */
	image_put32(&f, 0x1004, 1u << 31);
	accepted(f.path);
	close_files();
}
END_TEST

/* ---- memory without notes ---- */

static struct stk_ranges ranges;

static bool parsed(const char *text)
{
	*error = '\0';
	return stk_ranges_parse(&ranges, text, error, sizeof(error));
}

static void range_is(size_t i, uint64_t begin, uint64_t end)
{
	ck_assert_uint_gt(ranges.nr, i);
	ck_assert_uint_eq(ranges.range[i].begin, begin);
	ck_assert_uint_eq(ranges.range[i].end, end);
}

START_TEST(ranges_of_memory)
{
	static const char *const bad[] = {
		"", "-", "0", "0-0", "5-3", "0-,1-", "0-1G,5-6", "0-9,", "0x-1", "0-1 ",
		"0--1", "1-2-3", "99999999999G-", "0-1T",
		/* at the end of what there may be */
		"0-0x7fffffffffffffff", "0-9007199254740992K", "0-8796093022208M",
		"0-8589934592G", "0-18014398509481985K", "0-18446744073709551616",
		"0-1,0-2", "8-1M,8-2M"
	};

	ck_assert(parsed("0-"));
	ck_assert_uint_eq(ranges.nr, 1);
	range_is(0, 0, INT64_MAX);
	/* The last byte, or the first page behind it. */
	ck_assert(parsed("0-0x9fbff,1m-3G,0x100000000-"));
	ck_assert_uint_eq(ranges.nr, 3);
	range_is(0, 0, 0x9fc00);
	range_is(1, 1 << 20, 3ull << 30);
	range_is(2, 4ull << 30, INT64_MAX);
	ck_assert(parsed("4K-8191,8192-2M"));
	range_is(0, 4096, 8192);
	range_is(1, 8192, 2 << 20);
	ck_assert(parsed("0-9007199254740988K"));
	range_is(0, 0, 9007199254740988ull << 10);
	ck_assert(parsed("0-9007199254740991K"));
	range_is(0, 0, (9007199254740991ull << 10) + 1);
	ck_assert(parsed("1g-8589934591G"));
	range_is(0, 1 << 30, 8589934591ull << 30);
	ck_assert(parsed("0-0x7ffffffffffffffe"));
	range_is(0, 0, INT64_MAX);
	ck_assert(parsed("0-010,4096-"));
	range_is(0, 0, 9);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!parsed(bad[i]), "\"%s\"", bad[i]);
		ck_assert_ptr_nonnull(strstr(error, "neither ranges of memory"));
	}
}
END_TEST

/* As many as there is room for, and one more. */
START_TEST(many_ranges)
{
	char list[16 * STK_MAX_RANGES] = "0-4095";

	for (unsigned int i = 1; i < STK_MAX_RANGES; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), ",%uM-%uM",
			 2 * i, 2 * i + 1);
	ck_assert(parsed(list));
	ck_assert_uint_eq(ranges.nr, STK_MAX_RANGES);
	range_is(STK_MAX_RANGES - 1, (2ull * STK_MAX_RANGES - 2) << 20,
		 (2ull * STK_MAX_RANGES - 1) << 20);
	strcat(list, ",1G-");
	ck_assert(!parsed(list));
}
END_TEST

START_TEST(ranges_of_iomem)
{
	static const char iomem[] = "00000000-00000fff : Reserved\n"
				    "00001000-0009fbff : System RAM\r\n"
				    "000a0000-000bffff : PCI Bus 0000:00\n"
				    "00100000-bffdffff : System RAM\n"
				    "  01000000-01dfffff : Kernel code\n"
				    "  02000000-02dfffff : System RAM\n"
				    "100000000-13fffffff : System RAM\n";

	image_put(&f, 0, iomem, sizeof(iomem) - 1);
	ck_assert_msg(parsed(f.path), "%s", error);
	ck_assert_uint_eq(ranges.nr, 3);
	range_is(0, 0x1000, 0x9fc00);
	range_is(1, 0x100000, 0xbffe0000);
	range_is(2, 0x100000000, 0x140000000);
	/* To the last byte that there may be. */
	image_cut(&f, 0);
	image_put(&f, 0, "0-7ffffffffffffffe : System RAM\n", 32);
	ck_assert_msg(parsed(f.path), "%s", error);
	range_is(0, 0, INT64_MAX);
	image_put(&f, 0, "0-7fffffffffffffff : System RAM\n", 32);
	ck_assert(!parsed(f.path));
	image_put(&f, 0, "0-ffffffffffffffff : System RAM\n", 32);
	ck_assert(!parsed(f.path));
	/* Not in order; not of memory at all. */
	image_cut(&f, 0);
	image_put(&f, 0, "2000-2fff : System RAM\n1000-1fff : System RAM\n", 46);
	ck_assert(!parsed(f.path));
	image_cut(&f, 0);
	image_put(&f, 0, "1000-1fff : System ROM\n2000-2fff System RAM\n", 44);
	ck_assert(!parsed(f.path));
	image_cut(&f, 0);
	/* As whoever is not root reads it. */
	image_cut(&f, 0);
	image_put(&f, 0,
		  "00000000-00000000 : System RAM\n00000000-00000000 : System RAM\n", 62);
	ck_assert(!parsed(f.path));
	ck_assert_ptr_nonnull(strstr(error, "as root"));
}
END_TEST

static struct stk_reader *reader;

/* What can be read of @len bytes at @phys, all of which are @byte. */
static enum stk_status get(uint64_t phys, size_t len, unsigned char byte)
{
	unsigned char buf[4096];
	enum stk_status st = stk_reader_read(reader, phys, buf, len);

	for (size_t i = 0; !st && i < len; i++)
		ck_assert_uint_eq(buf[i], byte);
	return st;
}

static enum stk_status open_reader(const struct stk_ranges *memory)
{
	ck_assert_int_eq(stk_files_open(&files, f.path, memory, error, sizeof(error)), 0);
	return stk_reader_open(&files, &reader, error, sizeof(error));
}

static void close_reader(void)
{
	stk_reader_close(reader);
	close_files();
}

static void put_bytes(uint64_t at, size_t size, unsigned char byte)
{
	memset(page, byte, sizeof(page));
	for (size_t n; size; at += n, size -= n) {
		n = size < sizeof(page) ? size : sizeof(page);
		image_put(&f, at, page, n);
	}
}

static void next_is(uint64_t pfn, uint64_t next)
{
	bool found = stk_reader_next(reader, &pfn);

	ck_assert_int_eq(found, next != UINT64_MAX);
	if (found)
		ck_assert_uint_eq(pfn, next);
}

START_TEST(memory_alone)
{
	put_bytes(0, 0x1800, 1);
	put_bytes(0x1800, 0x2000, 2);
	put_bytes(0x3800, 0x1000, 3);
	ck_assert(parsed("0x1000-0x27ff,0x4000-0x5fff,0x10000-"));
	ck_assert_int_eq(open_reader(&ranges), STK_OK);
	ck_assert(!files.machine && !files.cut && !files.live);
	ck_assert_str_eq(stk_reader_machine(reader), "x86_64");
	ck_assert_uint_eq(stk_reader_size(reader), 0x4800);
	ck_assert_int_eq(get(0xfff, 1, 0), STK_ERR_EXCLUDED);
	ck_assert_int_eq(get(0x1000, 4096, 1), STK_OK);
	ck_assert_int_eq(get(0x27ff, 1, 1), STK_OK);
	ck_assert_int_eq(get(0x27ff, 2, 1), STK_ERR_EXCLUDED);
	ck_assert_int_eq(get(0x4000, 4096, 2), STK_OK);
	ck_assert_int_eq(get(0x5fff, 1, 2), STK_OK);
	ck_assert_int_eq(get(0x6000, 1, 2), STK_ERR_EXCLUDED);
	ck_assert_int_eq(get(0x10000, 4096, 3), STK_OK);
	ck_assert_int_eq(get(0x11000, 1, 3), STK_ERR_EXCLUDED);
	/* Whole pages. */
	next_is(0, 1);
	next_is(2, 4);
	next_is(6, 16);
	next_is(17, UINT64_MAX);
	close_reader();
	/* Nor is there more than the file has. */
	ck_assert(parsed("0-0x47ff"));
	ck_assert_int_eq(open_reader(&ranges), STK_OK);
	close_reader();
	ck_assert(parsed("0-0x47fe"));
	ck_assert_int_eq(open_reader(&ranges), STK_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(error, "smaller than the file"));
	ck_assert_ptr_nonnull(strstr(error, "smaller than the file"));
	close_reader();
}
END_TEST

/* A range of LiME's with its header; returns where the next one begins. */
static uint64_t put_lime(uint64_t at, uint64_t first, uint64_t size, unsigned char byte)
{
	image_put(&f, at, "EMiL\1\0\0\0", 8);
	image_put64(&f, at + 8, first);
	image_put64(&f, at + 16, first + size - 1);
	image_put64(&f, at + 24, 0);
	put_bytes(at + 32, size, byte);
	return at + 32 + size;
}

/* Memory may begin in any way: with the header of a dump, which a program had there. */
START_TEST(memory_with_headers)
{
	ck_assert(parsed("0-"));
	image_put(&f, 0, "\177ELF", 4);
	image_cut(&f, 0x1000);
	ck_assert_int_eq(open_reader(&ranges), STK_OK);
	ck_assert(!files.cut);
	close_reader();
	write_kdump(6);
	image_put32(&f, IMAGE_STATUS_AT, 8);
	image_put(&f, IMAGE_MACHINE_AT, "aarch64", 8);
	image_cut(&f, image_size(&f) - 1);
	ck_assert_int_eq(open_reader(&ranges), STK_OK);
	ck_assert(!files.machine && !files.cut && !files.incomplete && !files.part);
	ck_assert_uint_eq(stk_reader_size(reader), image_size(&f));
	ck_assert_int_eq(get(0xfff, 1, 0), STK_OK);
	close_reader();
	/* Nor is a stream put in order. */
	image_flatten(&f, &g);
	ck_assert_int_eq(stk_files_open(&files, g.path, &ranges, error, sizeof(error)),
			 0);
	ck_assert_uint_eq(stk_files_size(&files), image_size(&g));
	close_files();
	/* A comma in the name is one, as what is not there is none. */
	ck_assert_int_eq(
		stk_files_open(&files, "/nonexistent,/", &ranges, error, sizeof(error)),
		STK_ERR_IO);
	ck_assert_str_eq(error, "/nonexistent,/: No such file or directory");
	ck_assert_uint_eq(files.nr, 0);
}
END_TEST

/* Whoever closed the standard input gives its number to the dump. */
START_TEST(file_of_number_0)
{
	const int input = dup(STDIN_FILENO);
	enum stk_status st[3];
	int fd[3];

	ck_assert(parsed("0-"));
	write_kdump(6);
	for (int i = 0; i < 3; i++) {
		close(STDIN_FILENO);
		if (i == 2)
			write_elf();
		st[i] = open_reader(i == 1 ? &ranges : NULL);
		fd[i] = files.fd[0];
		st[i] = st[i] ? st[i] : get(i == 2 ? 0xf00 : 0x2f00, 1, i ? 0 : 0x5a);
		close_reader();
	}
	ck_assert_int_eq(open_path("/nonexistent"), STK_ERR_IO);
	if (input >= 0)
		dup2(input, STDIN_FILENO);
	close(input);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(fd[i], STDIN_FILENO);
		ck_assert_int_eq(st[i], STK_OK);
	}
}
END_TEST

/* Somebody writes the file anew while it is read. */
START_TEST(file_that_shrinks)
{
	uint64_t last = write_kdump(6) + 4 * 24 + 3 * 4096;

	for (unsigned int i = 0; i < 2; i++) {
		write_kdump(6);
		ck_assert_int_eq(open_reader(NULL), STK_OK);
		ck_assert_int_eq(get(70 * 4096, 4096, 0x5a), STK_OK);
		image_cut(&f, last + 4095 * i);
		ck_assert_int_eq(get(70 * 4096, 4096, 0x5a), STK_ERR_CUT_OFF);
		ck_assert_int_eq(get(9 * 4096, 4096, 0x5a), STK_OK);
		ck_assert_int_eq(get(8 * 4096, 4096, 0x5a), STK_ERR_EXCLUDED);
		close_reader();
	}
}
END_TEST

START_TEST(memory_by_lime)
{
	uint64_t second = put_lime(0, 0x1000, 0x1800, 1);
	uint64_t end = put_lime(second, 0x100000, 0x2000, 2);

	ck_assert_uint_eq(stk_dump_size(f.fd), end);
	ck_assert_int_eq(open_reader(NULL), STK_OK);
	ck_assert(!files.machine && !files.cut);
	ck_assert_int_eq(get(0x1000, 4096, 1), STK_OK);
	ck_assert_int_eq(get(0x2000, 4096, 1), STK_ERR_EXCLUDED);
	ck_assert_int_eq(get(0x101000, 4096, 2), STK_OK);
	next_is(2, 0x100);
	close_reader();
	/* Cut off within a range. */
	image_cut(&f, end - 1);
	ck_assert_int_eq(open_reader(NULL), STK_OK);
	ck_assert(files.cut);
	ck_assert_int_eq(get(0x100000, 4096, 2), STK_OK);
	ck_assert_int_eq(get(0x101000, 4096, 2), STK_ERR_CUT_OFF);
	close_reader();
	/* All of the page. */
	image_cut(&f, end - 0x1000);
	ck_assert_int_eq(open_reader(NULL), STK_OK);
	ck_assert_int_eq(get(0x101000, 4096, 2), STK_ERR_CUT_OFF);
	close_reader();
	/* What is packed has no header where the next should be. */
	put_bytes(second, 32, 7);
	ck_assert_int_eq(open_reader(NULL), STK_ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(error, "no header at byte 6176"));
	close_reader();
	/* Ranges that cannot be. */
	put_lime(second, 0x100000, 0, 2);
	ck_assert_int_eq(open_reader(NULL), STK_ERR_CORRUPT);
	close_reader();
	for (uint64_t less = 0; less < 2; less++) {
		image_put64(&f, second + 8, 0);
		image_put64(&f, second + 16, INT64_MAX - less);
		ck_assert_int_eq(open_reader(NULL), STK_ERR_CORRUPT);
		close_reader();
	}
}
END_TEST

START_TEST(no_file_to_read)
{
	char dir[] = "/tmp/stk-files-XXXXXX", fifo[64];

	refused("/nonexistent/vmcore", "No such file");
	refused("/", "is a directory");
	refused("/dev/null", "is not seekable");
	refused(f.path, "empty");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	/* Nor is a writer waited for. */
	ck_assert_int_eq(open_path(fifo), STK_ERR_IO);
	unlink(fifo);
	rmdir(dir);
	ck_assert_ptr_nonnull(strstr(error, "is a pipe, not seekable"));
	ck_assert_int_eq(open_path(","), STK_ERR_IO);
	ck_assert_ptr_nonnull(strstr(error, "empty file name"));
}
END_TEST

/* ---- ELF ---- */

START_TEST(elf_that_is_right)
{
	write_elf();
	problem(NULL);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0x5000);
	ck_assert(!stk_is_incomplete(f.fd));
	accepted(f.path);
	ck_assert_uint_eq(files.nr, 1);
	ck_assert(!files.cut && !files.incomplete && !files.part);
	close_files();
	/* The last byte counts, in whatever order they are. */
	image_elf(&f, (const Elf64_Phdr[]){ elf[2], elf[0], elf[1] }, 3);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0x5000);
	/* What the file does not hold is not at its end. */
	elf[2].p_filesz = 0;
	write_elf();
	ck_assert_uint_eq(stk_dump_size(f.fd), 0x3000);
	elf[2].p_filesz = 0x2000;
}
END_TEST

START_TEST(elf_that_is_cut)
{
	write_elf();
	image_cut(&f, 0x4fff);
	problem(NULL);
	accepted(f.path);
	ck_assert(files.cut);
	close_files();
	/* Not within its notes, nor its header. */
	image_cut(&f, 0x1100);
	problem(NULL);
	image_cut(&f, 0x10ff);
	problem("within its notes");
	image_cut(&f, 63);
	problem("within its header");
	image_cut(&f, 7);
	problem("within its header");
}
END_TEST

START_TEST(elf_that_is_damaged)
{
	const Elf64_Phdr good = elf[2];
	const Elf64_Phdr two[] = {
		{ .p_type = PT_NOTE, .p_offset = 0x4000, .p_filesz = 0x1001 },
		elf[0],
		elf[1]
	};
	unsigned char byte;

	write_elf();
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_X86_64);
	/* What is not ours is told by its machine, and its header not read. */
	image_put(&f, EI_CLASS, (byte = ELFCLASS32, &byte), 1);
	ck_assert_uint_eq(stk_header_machine(f.fd), STK_MACHINE_UNKNOWN);
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), (byte = EM_386, &byte), 1);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_386);
	problem(NULL);
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), (byte = EM_NONE, &byte), 1);
	ck_assert_uint_eq(stk_header_machine(f.fd), STK_MACHINE_UNKNOWN);
	write_elf();
	image_put(&f, EI_DATA, (byte = ELFDATA2MSB, &byte), 1);
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\0\x3e", 2);
	ck_assert_uint_eq(stk_header_machine(f.fd), STK_MACHINE_UNKNOWN);
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\0\x16", 2);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_S390);
	problem(NULL);
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), (byte = EM_AARCH64, &byte), 1);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_AARCH64);
	problem(NULL);
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_type), (byte = ET_EXEC, &byte), 1);
	problem("this the vmlinux?");
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_phentsize), (byte = 32, &byte), 1);
	problem("program headers");
	/* Section headers, if there are any, are as large as those of ELF. */
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_shoff), (byte = 64, &byte), 1);
	problem("section headers");
	image_put(&f, offsetof(Elf64_Ehdr, e_shentsize), (byte = 64, &byte), 1);
	problem(NULL);
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_shnum), (byte = 1, &byte), 1);
	problem("section headers");
	for (int i = 0; i < 3; i++) {
		elf[2] = good;
		if (i == 0)
			elf[2].p_offset = 1ull << 63;
		else if (i == 1)
			elf[2].p_filesz = 1ull << 63;
		else
			elf[2].p_paddr = -0x1000ull;
		write_elf();
		problem("program headers");
	}
	/* As far as a file may reach. */
	for (int i = 0; i < 2; i++) {
		elf[2] = good;
		elf[2].p_offset = i ? INT64_MAX : good.p_offset;
		elf[2].p_filesz = i ? 0 : INT64_MAX;
		write_elf();
		problem(NULL);
	}
	elf[2] = good;
	/* Of notes in two places the last byte counts. */
	image_elf(&f, two, 3);
	problem("within its notes");
	/* Notes of no bytes are nowhere. */
	image_elf(
		&f,
		(const Elf64_Phdr[]){ elf[1], { .p_type = PT_NOTE, .p_offset = 0x5001 } },
		2);
	problem(NULL);
	/* Nothing of memory in it. */
	image_elf(&f, elf, 1);
	problem("program headers");
	image_elf(&f, elf, 2);
	problem(NULL);
}
END_TEST

START_TEST(elf_says_it_is_incomplete)
{
	write_elf();
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 2);
	ck_assert(!stk_is_incomplete(f.fd));
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	ck_assert(stk_is_incomplete(f.fd));
	accepted(f.path);
	ck_assert(files.incomplete && !files.cut);
	close_files();
	image_cut(&f, 63);
	ck_assert(!stk_is_incomplete(f.fd));
	/* Nor does a file of another kind. */
	image_cut(&f, 0);
	image_put32(&f, IMAGE_STATUS_AT, 8);
	image_put(&f, 0, "KDUMP  x", 8);
	ck_assert(!stk_is_incomplete(f.fd));
}
END_TEST

/* What uname -m says, and what we call it. */
START_TEST(names_of_machines)
{
	static const struct {
		const char *name;
		uint16_t machine;
	} row[] = {
		{ "", EM_NONE },
		{ "x86_64", EM_X86_64 },
		{ "x86_6", STK_MACHINE_UNKNOWN },
		{ "x86_64x", STK_MACHINE_UNKNOWN },
		{ "aarch64", EM_AARCH64 },
		{ "aarch64_be", STK_MACHINE_UNKNOWN },
		{ "riscv64", EM_RISCV },
		{ "riscv32", STK_MACHINE_UNKNOWN },
		{ "ppc64", EM_PPC64 },
		{ "ppc64le", EM_PPC64 },
		{ "ppc", EM_PPC },
		{ "ppc6", STK_MACHINE_UNKNOWN },
		{ "s390x", EM_S390 },
		{ "i386", EM_386 },
		{ "i686", EM_386 },
		{ "i86", STK_MACHINE_UNKNOWN },
		{ "i6860", STK_MACHINE_UNKNOWN },
		{ "armv7l", EM_ARM },
		{ "mips64", EM_MIPS },
		{ "loongarch64", EM_LOONGARCH },
	};
	static const struct {
		uint16_t machine;
		const char *name;
	} told[] = {
		{ EM_X86_64, "x86_64" }, { EM_PPC64, "ppc64" },	  { EM_386, "ia32" },
		{ EM_MIPS, "mips" },	 { EM_68K, "machine 4" },
	};
	char name[32];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(stk_machine_of(row[i].name) == row[i].machine, "\"%s\"",
			      row[i].name);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		ck_assert_str_eq(stk_machine_name(told[i].machine, name, sizeof(name)),
				 told[i].name);
}
END_TEST

/* ---- kdump ---- */

START_TEST(kdump_that_is_right)
{
	struct stk_kdump_layout at;
	struct stk_part part;
	uint64_t desc_at = write_kdump(6);

	problem(NULL);
	ck_assert_uint_eq(desc_at, 4 * 4096);
	ck_assert(stk_kdump_layout(f.fd, &at));
	ck_assert_uint_eq(at.bitmap_at, 3 * 4096);
	ck_assert_uint_eq(at.bitmap_end, desc_at);
	ck_assert_uint_eq(at.desc_at, desc_at);
	ck_assert_uint_eq(at.begin, 0);
	ck_assert_uint_eq(at.end, 4096 * 8);
	ck_assert(!stk_is_part(f.fd, &part));
	ck_assert(!stk_is_incomplete(f.fd));
	ck_assert_uint_eq(stk_dump_size(f.fd), desc_at + 4 * (24 + 4096));
	ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
	accepted(f.path);
	ck_assert_uint_eq(files.nr, 1);
	ck_assert(!files.cut && !files.incomplete && !files.part);
	close_files();
	/* makedumpfile may not know the machine. */
	image_put(&f, IMAGE_MACHINE_AT, "\0", 1);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_NONE);
	problem(NULL);
	image_put32(&f, IMAGE_STATUS_AT, 8);
	ck_assert(stk_is_incomplete(f.fd));
	image_put32(&f, IMAGE_STATUS_AT, 0xf7);
	ck_assert(!stk_is_incomplete(f.fd));
}
END_TEST

START_TEST(kdump_that_is_cut)
{
	uint64_t desc_at = write_kdump(6), whole = image_size(&f);

	image_cut(&f, whole - 1);
	accepted(f.path);
	ck_assert(files.cut);
	close_files();
	/* Within the descriptors nothing tells how long it was. */
	image_cut(&f, desc_at + 95);
	problem(NULL);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0);
	image_cut(&f, desc_at + 23);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0);
	image_cut(&f, desc_at - 1);
	problem("its header is damaged, or the file ends within it");
	image_cut(&f, 439);
	problem("the file ends within its header");
	image_cut(&f, 11);
	problem("the file ends within its header");
}
END_TEST

START_TEST(kdump_of_many_pages)
{
	static struct image_page many[200];
	const struct image_kdump k = { 6, 2, 4096, many, 200, false, 0, 0 };
	uint64_t desc_at;

	for (uint64_t i = 0; i < 200; i++)
		many[i] = (struct image_page){ 10 + i, page };
	desc_at = image_kdump(&f, &k);
	ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
	/* Any of the last 64 may lie at the end; what is wild there is not believed. */
	image_put64(&f, desc_at + 24 * 136, 0x7000000);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0x7001000);
	image_put64(&f, desc_at + 24 * 136, -1ull);
	ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
	image_put64(&f, desc_at + 24 * 136, INT64_MAX);
	ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
	image_put64(&f, desc_at + 24 * 135, 0x7000000);
	ck_assert_uint_eq(stk_dump_size(f.fd), image_size(&f));
	/* The first says how many there are. */
	image_put64(&f, desc_at, desc_at);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0);
	image_put64(&f, desc_at, desc_at - 4096);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0);
	image_put64(&f, desc_at, 1ull << 63);
	ck_assert_uint_eq(stk_dump_size(f.fd), 0);
}
END_TEST

START_TEST(kdump_that_is_damaged)
{
	static const uint32_t bad_block[] = { 0, 256, 511, 1000, 1u << 21 };
	struct stk_kdump_layout at;

	write_kdump(6);
	image_put(&f, IMAGE_MACHINE_AT, "aarch64", 8);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_AARCH64);
	image_put(&f, IMAGE_MACHINE_AT, "pdp11\0\0", 8);
	ck_assert_uint_eq(stk_header_machine(f.fd), STK_MACHINE_UNKNOWN);
	image_put(&f, IMAGE_MACHINE_AT, "x86_64\0", 8);
	ck_assert_uint_eq(stk_header_machine(f.fd), EM_X86_64);
	problem(NULL);
	for (size_t i = 0; i < sizeof(bad_block) / sizeof(bad_block[0]); i++) {
		image_put32(&f, IMAGE_BLOCK_AT, bad_block[i]);
		problem("block size");
		ck_assert(stk_kdump_layout(f.fd, &at) == (bad_block[i] == 1000));
	}
	image_put32(&f, IMAGE_BLOCK_AT, 512);
	ck_assert(stk_kdump_layout(f.fd, &at));
	problem(NULL);
	image_put32(&f, IMAGE_BLOCK_AT, 1u << 20);
	ck_assert(stk_kdump_layout(f.fd, &at));
	problem("or the file ends within it");
	image_put32(&f, IMAGE_BLOCK_AT, 4096);
	image_put32(&f, IMAGE_SUB_AT, 0);
	problem("its header is damaged, or");
	image_put32(&f, IMAGE_SUB_AT, 1);
	/* All of the file are bitmaps, then a block more. */
	image_cut(&f, 8 * 4096);
	image_put32(&f, IMAGE_BITMAP_AT, 6);
	problem(NULL);
	image_put32(&f, IMAGE_BITMAP_AT, 7);
	problem("its header is damaged, or");
	image_put32(&f, IMAGE_BITMAP_AT, -1u);
	image_put32(&f, IMAGE_SUB_AT, -1u);
	ck_assert(!stk_kdump_layout(f.fd, &at));
	problem("its header is damaged, or");
}
END_TEST

/* Of VMCOREINFO, notes and erased data: place, size, and the version that has them. */
START_TEST(kdump_sub_header)
{
	static const struct {
		uint32_t version, at;
		const char *what;
	} row[] = { { 3, 32, "where VMCOREINFO is" },
		    { 4, 48, "where the notes are" },
		    { 5, 64, "where the list of erased data is" } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t size;

		write_kdump(row[i].version);
		size = image_size(&f);
		image_put64(&f, IMAGE_SUB(row[i].at), size - 16);
		image_put64(&f, IMAGE_SUB(row[i].at + 8), 16);
		problem(NULL);
		image_put64(&f, IMAGE_SUB(row[i].at), size - 15);
		problem(row[i].what);
		image_put64(&f, IMAGE_SUB(row[i].at), 0);
		image_put64(&f, IMAGE_SUB(row[i].at + 8), size);
		problem(NULL);
		image_put64(&f, IMAGE_SUB(row[i].at + 8), size + 1);
		problem(row[i].what);
		/* Before that version other things are there. */
		image_put32(&f, IMAGE_VERSION_AT, row[i].version - 1);
		problem(NULL);
	}
}
END_TEST

/* ---- several files ---- */

static void write_part(const struct image *to, uint32_t version, uint64_t begin,
		       uint64_t end)
{
	const struct image_kdump k = { version, 2, 4096, four, 4, true, begin, end };

	image_kdump(to, &k);
}

START_TEST(parts)
{
	char both[80];
	struct stk_kdump_layout at;
	struct stk_part part;

	write_part(&f, 6, 0, 9);
	write_part(&g, 6, 9, 4096);
	ck_assert(stk_is_part(g.fd, &part));
	ck_assert_uint_eq(part.begin, 9);
	ck_assert_uint_eq(part.end, 4096);
	ck_assert_uint_eq(part.all, 4096);
	ck_assert(stk_kdump_layout(g.fd, &at));
	ck_assert_uint_eq(at.begin, 9);
	ck_assert_uint_eq(at.end, 4096);
	accepted(f.path);
	ck_assert(files.part);
	ck_assert_uint_eq(files.covered, 9);
	ck_assert_uint_eq(files.all, 4096);
	close_files();
	snprintf(both, sizeof(both), "%s,%s", f.path, g.path);
	accepted(both);
	ck_assert_uint_eq(files.nr, 2);
	ck_assert(!files.part && !files.cut);
	ck_assert_uint_eq(files.covered, 4096);
	close_files();
	/* One of several that is no dump. */
	image_cut(&g, 0);
	ck_assert_int_eq(open_path(both), STK_ERR_IO);
	ck_assert_ptr_nonnull(strstr(error, "empty"));
	ck_assert_uint_eq(files.nr, 0);
	/* More than the bitmap has pages for. */
	write_part(&f, 6, 0, 1u << 20);
	ck_assert(stk_kdump_layout(f.fd, &at));
	ck_assert_uint_eq(at.end, 4096 * 8);
}
END_TEST

START_TEST(parts_by_version)
{
	struct stk_part part;

	/* Before version 6 in 32 bits, and elsewhere; before 2 there are none. */
	write_part(&f, 5, 3, 80);
	image_put64(&f, IMAGE_SUB(80), 77);
	ck_assert(stk_is_part(f.fd, &part));
	ck_assert_uint_eq(part.begin, 3);
	ck_assert_uint_eq(part.end, 80);
	ck_assert_uint_eq(part.all, 4096);
	image_put32(&f, IMAGE_VERSION_AT, 6);
	ck_assert(stk_is_part(f.fd, &part));
	ck_assert_uint_eq(part.begin, 77);
	image_put32(&f, IMAGE_VERSION_AT, 2);
	ck_assert(stk_is_part(f.fd, &part));
	image_put32(&f, IMAGE_VERSION_AT, 1);
	ck_assert(!stk_is_part(f.fd, &part));
	image_put32(&f, IMAGE_VERSION_AT, 6);
	image_put(&f, 0, "KDUMP  x", 8);
	ck_assert(!stk_is_part(f.fd, &part));
	/* What is not all there says nothing. */
	write_part(&f, 6, 3, 80);
	image_cut(&f, IMAGE_SUB(103));
	ck_assert(!stk_is_part(f.fd, &part));
	image_put32(&f, IMAGE_VERSION_AT, 5);
	image_cut(&f, IMAGE_SUB(32));
	ck_assert(stk_is_part(f.fd, &part));
	image_cut(&f, IMAGE_SUB(31));
	ck_assert(!stk_is_part(f.fd, &part));
}
END_TEST

START_TEST(part_without_pages)
{
	char both[80];

	write_part(&f, 6, 9, 9);
	write_part(&g, 6, 0, 4096);
	ck_assert_int_eq(open_path(f.path), STK_ERR_IO);
	ck_assert_ptr_nonnull(strstr(error, "without a page: name all"));
	snprintf(both, sizeof(both), "%s,%s", f.path, g.path);
	accepted(both);
	ck_assert_uint_eq(files.nr, 1);
	ck_assert(!files.part);
	close_files();
}
END_TEST

START_TEST(too_many)
{
	char list[2048];
	size_t len = 0;

	write_kdump(6);
	for (unsigned int i = 0; i < STK_MAX_FILES; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					i ? "," : "", f.path);
	accepted(list);
	ck_assert_uint_eq(files.nr, STK_MAX_FILES);
	close_files();
	snprintf(list + len, sizeof(list) - len, ",%s", f.path);
	ck_assert_int_eq(open_path(list), STK_ERR_ARG);
	ck_assert_str_eq(error, "more than 64 files");
	ck_assert_uint_eq(files.nr, 0);
}
END_TEST

START_TEST(comma_in_a_name)
{
	char dir[] = "/tmp/stk-files-XXXXXX", name[64];
	enum stk_status st;
	struct image named;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/a,b", dir);
	named.fd = open(name, O_RDWR | O_CREAT, 0600);
	ck_assert_int_ge(named.fd, 0);
	image_elf(&named, elf, 3);
	image_cut(&named, 0x5000);
	st = open_path(name);
	unlink(name);
	rmdir(dir);
	image_close(&named);
	ck_assert_int_eq(st, STK_OK);
	ck_assert_uint_eq(files.nr, 1);
	close_files();
}
END_TEST

/* ---- streams ---- */

static void expect_same(int fd)
{
	unsigned char a[4096], b[4096];
	uint64_t size = image_size(&f);

	ck_assert_uint_eq((uint64_t)lseek(fd, 0, SEEK_END), size);
	for (uint64_t at = 0; at < size; at += sizeof(a)) {
		ssize_t got = pread(f.fd, a, sizeof(a), (off_t)at);

		ck_assert_int_eq(pread(fd, b, sizeof(b), (off_t)at), got);
		ck_assert_mem_eq(a, b, (size_t)got);
	}
}

START_TEST(stream)
{
	struct stat sb;

	write_kdump(6);
	ck_assert(!stk_is_flattened(f.fd));
	image_flatten(&f, &g);
	ck_assert(stk_is_flattened(g.fd));
	accepted(g.path);
	ck_assert(!files.cut);
	expect_same(files.fd[0]);
	/* A dump is a secret. */
	ck_assert_int_eq(fstat(files.fd[0], &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	close_files();
	/* Another type, another name. */
	image_put(&g, 16, "\0\0\0\0\0\0\0\2", 8);
	ck_assert(!stk_is_flattened(g.fd));
	image_put(&g, 16, "\0\0\0\0\0\0\0\1", 8);
	image_put(&g, 0, "makedumpfilx", 12);
	ck_assert(!stk_is_flattened(g.fd));
	image_put(&g, 0, "makedumpfile", 12);
	image_cut(&g, 31);
	ck_assert(!stk_is_flattened(g.fd));
}
END_TEST

START_TEST(large_record)
{
	enum { SIZE = 3 * (1 << 20) + 5 };
	unsigned char *data = malloc(SIZE), *read = malloc(SIZE);
	struct image out;
	bool cut;

	/* It takes more than one turn to copy. */
	ck_assert(data && read);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 2654435761u >> 13);
	image_put(&g, 4096,
		  "\0\0\0\0\0\0\0\7"
		  "\0\0\0\0\0\x30\0\5",
		  16);
	image_put(&g, 4112, data, SIZE);
	image_put64(&g, 4112 + SIZE, -1ull);
	image_put64(&g, 4112 + SIZE + 8, -1ull);
	image_open(&out);
	ck_assert_int_eq(stk_unflatten(g.fd, out.fd, &cut), STK_OK);
	ck_assert(!cut);
	ck_assert_uint_eq(image_size(&out), SIZE + 7);
	ck_assert_int_eq(pread(out.fd, read, SIZE, 7), SIZE);
	ck_assert_mem_eq(data, read, SIZE);
	image_close(&out);
	free(data);
	free(read);
}
END_TEST

START_TEST(stream_that_is_cut)
{
	uint64_t whole;

	write_elf();
	image_flatten(&f, &g);
	whole = image_size(&g);
	/* Without its end; within the last record; within what comes before that. */
	image_cut(&g, whole - 1);
	accepted(g.path);
	ck_assert(files.cut);
	expect_same(files.fd[0]);
	close_files();
	image_cut(&g, whole - 16 - 1);
	accepted(g.path);
	ck_assert(files.cut);
	close_files();
	image_cut(&g, 4096);
	ck_assert_int_eq(open_path(g.path), STK_ERR_IO);
}
END_TEST

START_TEST(stream_that_is_damaged)
{
	static const struct {
		uint64_t offset, size;
	} bad[] = { { -2ull, 16 },
		    { 0, -1ull },
		    { 16, 0 },
		    { INT64_MAX - 4, 4 },
		    { INT64_MAX - 3, 4 },
		    { 1, INT64_MAX - 4096 - 16 + 1 } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool fits = i == 3;

		write_elf();
		image_cut(&g, 0);
		image_flatten(&f, &g);
		image_put64(&g, 4096, __builtin_bswap64(bad[i].offset));
		image_put64(&g, 4104, __builtin_bswap64(bad[i].size));
		ck_assert_int_eq(open_path(g.path), STK_ERR_IO);
		ck_assert_ptr_nonnull(
			strstr(error, fits ? "cannot put it in order" : "damaged"));
	}
	setenv("TMPDIR", "/nonexistent", 1);
	refused(g.path, "to put it in order takes room in /nonexistent");
	unsetenv("TMPDIR");
}
END_TEST

static const struct unit_test no_dump_tests[] = {
	LOOP(what_is_no_dump, sizeof(foreign) / sizeof(foreign[0])),
	TEST(text_is_no_dump),
	TEST(core_of_a_process),
	TEST(no_file_to_read),
	{ 0 },
};

static const struct unit_test elf_tests[] = {
	TEST(elf_that_is_right),   TEST(elf_that_is_cut),
	TEST(elf_that_is_damaged), TEST(elf_says_it_is_incomplete),
	TEST(names_of_machines),   { 0 },
};

static const struct unit_test kdump_tests[] = {
	TEST(kdump_that_is_right),   TEST(kdump_that_is_cut), TEST(kdump_of_many_pages),
	TEST(kdump_that_is_damaged), TEST(kdump_sub_header),  { 0 },
};

static const struct unit_test several_tests[] = {
	TEST(parts),	TEST(parts_by_version), TEST(part_without_pages),
	TEST(too_many), TEST(comma_in_a_name),	{ 0 },
};

static const struct unit_test memory_tests[] = {
	TEST(ranges_of_memory),	 TEST(many_ranges),	    TEST(ranges_of_iomem),
	TEST(memory_alone),	 TEST(memory_with_headers), TEST(file_of_number_0),
	TEST(file_that_shrinks), TEST(memory_by_lime),	    { 0 },
};

static const struct unit_test flattened_tests[] = {
	TEST(stream),
	TEST(large_record),
	TEST(stream_that_is_cut),
	TEST(stream_that_is_damaged),
	{ 0 },
};

const struct unit_suite suite_files = {
	"files",
	{
		{ "no_dump", no_dump_tests, setup, teardown },
		{ "elf", elf_tests, setup, teardown },
		{ "kdump", kdump_tests, setup, teardown },
		{ "several", several_tests, setup, teardown },
		{ "memory", memory_tests, setup, teardown },
		{ "flattened", flattened_tests, setup, teardown },
	},
};
