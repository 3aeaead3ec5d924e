/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where a module's file is looked for, in a root of its own; that one is taken for
 * its build id, or without any for its name; and that nothing that a file or a dump says
 * leads elsewhere, or waits.
 */
#include "suite.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debuginfo/debuginfo.h"
#include "debuginfo/find.h"

#define MODULE	 SMALL "/tiny-mod.ko"
#define STRIPPED SMALL "/stripped/tiny-mod.ko"
#define REST	 SMALL "/stripped/.debug/rest"

static const unsigned char id[100] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static char root[64], kernel[128];
static struct stk_find find;
static struct stk_module_info info;

static void __attribute__((format(printf, 1, 2))) shell(const char *fmt, ...)
{
	char command[2048];
	va_list ap;
	int n = snprintf(command, sizeof(command), "cd '%s' && ", root);

	va_start(ap, fmt);
	vsnprintf(command + n, sizeof(command) - (size_t)n, fmt, ap);
	va_end(ap);
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void setup(void)
{
	strcpy(root, "/tmp/stackinfo-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(kernel, sizeof(kernel), "%s/boot/vmlinux", root);
	find = (struct stk_find){ .root = root, .kernel = kernel };
	info = (struct stk_module_info){
		.name = "tiny_mod", .release = "6.1", .build_id = id, .build_id_size = 8
	};
	shell("mkdir -p boot lib/modules/6.1");
}

static void teardown(void)
{
	shell("rm -r '%s'", root);
}

/* @from, in the root as @to. */
static void put_file(const char *from, const char *to)
{
	shell("mkdir -p \"$(dirname '%s')\" && cp '%s' '%s'", to, from, to);
}

/* What is found is @to of the root; NULL: nothing is. */
static void expect_found(const char *to)
{
	char want[512], *path = NULL;
	int fd = stk_find_module(&find, NULL, &info, &path);

	snprintf(want, sizeof(want), "%s/%s", root, to ? to : "");
	ck_assert_msg((fd >= 0) == (to != NULL), "%s", want);
	if (to)
		ck_assert_str_eq(path, want);
	else
		ck_assert_ptr_null(path);
	if (fd >= 0)
		close(fd);
	free(path);
}

START_TEST(places)
{
	static const struct {
		const char *file;
		bool found;
	} row[] = {
		{ "usr/lib/debug/.build-id/01/02030405060708.debug", true },
		{ "usr/lib/debug/.build-id/01/020304050607.debug", false },
		{ "usr/lib/debug/lib/modules/6.1/a/tiny-mod.ko.debug", true },
		{ "usr/lib/debug/usr/lib/modules/6.1/tiny-mod.debug", true },
		{ "lib/modules/6.1/a/b/tiny-mod.ko", true },
		{ "lib/modules/6.2/tiny-mod.ko", false },
		{ "lib/modules/6.1-rt/tiny-mod.ko", false },
		/* Beside the namelist; below only where its modules are there, too. */
		{ "boot/tiny-mod.ko", true },
		{ "boot/a/tiny-mod.ko", false },
		{ "boot/kernel/a/tiny-mod.ko", true },
	};

	put_file(MODULE, row[_i].file);
	expect_found(row[_i].found ? row[_i].file : NULL);
}
END_TEST
#define NR_PLACES 10

/* The name of the module, with "-" for "_", and what may stand behind it. */
START_TEST(names)
{
	static const struct {
		const char *file;
		bool found;
	} row[] = {
		{ "tiny_mod.ko", true },
		{ "tiny-mod.ko", true },
		{ "tiny-mod.ko.xz", true },
		{ "tiny-mod.debug", true },
		{ "tiny-mod.ko.debug", true },
		{ "tiny-mod.x", true },
		{ "tiny-mod.", true },
		{ "tiny-mod", false },
		{ "tiny-mod.kox", false },
		{ "tiny-modko", false },
		{ "tiny-modk", false },
		{ "tiny-mo.ko", false },
		{ "tiny-mod2.ko", false },
		{ "tiny--mod.ko", false },
		{ "tiny.mod.ko", false },
		{ "-iny-mod.ko", false },
		{ "tinymod.ko", false },
		{ "tiny", false },
		{ ".ko", false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char file[64];

		snprintf(file, sizeof(file), "boot/%s", row[i].file);
		put_file(MODULE, file);
		expect_found(row[i].found ? file : NULL);
		shell("rm '%s'", file);
	}
	/* By a link, too. */
	put_file(MODULE, "other/file");
	shell("ln -s ../other/file boot/tiny-mod.ko");
	expect_found("boot/tiny-mod.ko");
}
END_TEST

/* What is named: files by their build id, folders to any depth; the first that fits. */
START_TEST(named_paths)
{
	char path[3][128], *paths[] = { path[0], path[1], path[2] };

	for (int i = 0; i < 3; i++)
		snprintf(path[i], sizeof(path[i]), "%s/p%d", root, i);
	find.path = paths;
	find.nr = 3;
	expect_found(NULL);
	put_file(MODULE, "p2/a/b/c/d/tiny-mod.ko");
	expect_found("p2/a/b/c/d/tiny-mod.ko");
	find.nr = 2;
	expect_found(NULL);
	put_file(MODULE, "p1");
	expect_found("p1");
	find.nr = 3;
	put_file(MODULE, "p0/other.ko");
	expect_found("p1");
	put_file(MODULE, "p0/tiny_mod.ko");
	expect_found("p0/tiny_mod.ko");
	/* A folder that may not be looked into hides nothing else. */
	shell("rm -r p0 && mkdir p0 && ln -s nowhere p0/tiny-mod.ko");
	expect_found("p1");
	/* Of another build. */
	info.build_id_size = 7;
	expect_found(NULL);
	info.build_id_size = 8;
	info.build_id = id + 1;
	expect_found(NULL);
	info.build_id = id;
	/* What is named by who asks is all that is looked at first. */
	info.file = path[1];
	put_file(MODULE, "p0/a/tiny_mod.ko");
	expect_found("p1");
}
END_TEST

/* By what its sections of DWARF are called, of any age. */
START_TEST(sections_of_dwarf)
{
	static const struct {
		const char *how;
		bool found;
	} row[] = {
		{ "--compress-debug-sections=zlib-gnu", true },
		{ "--compress-debug-sections=zlib", true },
		{ "--strip-debug", false },
		{ "--strip-debug --add-section .debug_x=boot/text", true },
		{ "--strip-debug --add-section .zdebug_x=boot/text", true },
		{ "--strip-debug --add-section .debug=boot/text", false },
		{ "--strip-debug --add-section .zdebug=boot/text", false },
		{ "--strip-debug --add-section .xdebug_x=boot/text", false },
	};

	shell("echo text > boot/text");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		put_file(MODULE, "boot/tiny-mod.ko");
		shell("objcopy %s boot/tiny-mod.ko 2> boot/errors", row[i].how);
		expect_found(row[i].found ? "boot/tiny-mod.ko" : NULL);
	}
}
END_TEST

/* A namelist of the folder that we are in. */
START_TEST(beside_a_name)
{
	char before[512], *path = NULL;
	int fd;

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	put_file(MODULE, "tiny-mod.ko");
	put_file(MODULE, "a/tiny-mod.ko");
	find.kernel = "vmlinux";
	ck_assert_int_eq(chdir(root), 0);
	fd = stk_find_module(&find, NULL, &info, &path);
	ck_assert_int_eq(chdir(before), 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(path, "./tiny-mod.ko");
	close(fd);
	free(path);
	find.kernel = NULL;
	expect_found(NULL);
}
END_TEST

/* What the dump says of its kernel is no way to another folder. */
START_TEST(release_is_no_path)
{
	put_file(MODULE, "lib/tiny-mod.ko");
	info.release = "..";
	expect_found(NULL);
	put_file(MODULE, "lib/modules/a/b/tiny-mod.ko");
	info.release = "a/b";
	expect_found(NULL);
	info.release = "a";
	expect_found("lib/modules/a/b/tiny-mod.ko");
	info.release = "";
	expect_found(NULL);
}
END_TEST

/* The note with a build id of @size bytes, instead of the module's own; 0: none. */
static void put_module(size_t size, const char *to)
{
	const Elf64_Nhdr head = { 4, (Elf64_Word)size, NT_GNU_BUILD_ID };
	char path[128];
	FILE *fp;

	put_file(MODULE, to);
	snprintf(path, sizeof(path), "%s/note", root);
	fp = fopen(path, "wb");
	ck_assert_ptr_nonnull(fp);
	fwrite(&head, sizeof(head), 1, fp);
	fwrite("GNU", 4, 1, fp);
	fwrite(id, (size + 3) & ~3u, 1, fp);
	fclose(fp);
	if (size)
		shell("objcopy --update-section .note.gnu.build-id=note '%s'", to);
	else
		shell("objcopy --remove-section .note.gnu.build-id '%s'", to);
	shell("rm note");
}

/* Without a build id only the name can tell; with one no name is needed. */
START_TEST(without_a_build_id)
{
	char path[128], *paths[] = { path };

	snprintf(path, sizeof(path), "%s/named", root);
	find.path = paths;
	find.nr = 1;
	put_module(8, "named");
	expect_found("named");
	info.build_id_size = 0;
	expect_found(NULL);
	put_module(0, "named");
	expect_found(NULL);
	info.build_id_size = 8;
	expect_found(NULL);
	info.build_id_size = 0;
	snprintf(path, sizeof(path), "%s/tiny-mod.ko", root);
	put_module(0, "tiny-mod.ko");
	expect_found("tiny-mod.ko");
}
END_TEST

/* Of one byte there is no folder, and of more than anybody makes no name. */
START_TEST(sizes_of_build_ids)
{
	static const struct {
		size_t size;
		bool found;
	} row[] = { { 1, false }, { 2, true }, { 64, true }, { 65, false } };
	char file[300];
	int n = snprintf(file, sizeof(file), "usr/lib/debug/.build-id/01/");

	for (size_t i = 1; i < row[_i].size; i++)
		n += snprintf(file + n, sizeof(file) - (size_t)n, "%02x", id[i]);
	snprintf(file + n, sizeof(file) - (size_t)n, ".debug");
	put_module(row[_i].size, file);
	info.build_id_size = row[_i].size;
	expect_found(row[_i].found ? file : NULL);
}
END_TEST

/* A file that was stripped names the one with the rest. */
START_TEST(links)
{
	char below[256];

	put_file(STRIPPED, "lib/modules/6.1/tiny-mod.ko");
	expect_found(NULL);
	snprintf(below, sizeof(below), "usr/lib/debug/%s/lib/modules/6.1/rest", root + 1);
	put_file(REST, below);
	snprintf(below, sizeof(below), "usr/lib/debug/%s/lib/modules/6.1/rest", root);
	expect_found(below);
	put_file(REST, "lib/modules/6.1/.debug/rest");
	expect_found("lib/modules/6.1/.debug/rest");
	put_file(REST, "lib/modules/6.1/rest");
	expect_found("lib/modules/6.1/rest");
}
END_TEST

/* What a file says leads to no other folder. */
START_TEST(links_are_no_paths)
{
	put_file(STRIPPED, "lib/modules/6.1/tiny-mod.ko");
	shell("sed -i 's|rest\\x00|./re\\x00|' lib/modules/6.1/tiny-mod.ko");
	put_file(REST, "lib/modules/6.1/re");
	expect_found(NULL);
}
END_TEST

static void expect_rest(const char *main_file, const char *link, const char *to)
{
	char from[256], want[256], *path = NULL;
	int fd;

	snprintf(from, sizeof(from), "%s/%s", root, main_file ? main_file : "");
	snprintf(want, sizeof(want), "%s/%s", root, to ? to : "");
	fd = stk_find_debug(&find, NULL, main_file ? from : NULL, link, &path);
	ck_assert_int_eq(fd >= 0, to != NULL);
	if (to)
		ck_assert_str_eq(path, want);
	else
		ck_assert_ptr_null(path);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* The rest of the namelist. */
START_TEST(rest_of_a_file)
{
	put_module(0, "a/rest");
	expect_rest("a/file", "rest", "a/rest");
	expect_rest("file", "rest", NULL);
	expect_rest("file", "a/rest", NULL);
	expect_rest(NULL, "rest", NULL);
	expect_rest("a/file", NULL, NULL);
	/* Another one. */
	put_module(8, "a/rest");
	expect_rest("a/file", "rest", NULL);
}
END_TEST

/* To open it would take for ever. */
START_TEST(no_files)
{
	char path[128], *paths[] = { path };

	snprintf(path, sizeof(path), "%s/tiny-mod.ko", root);
	find.path = paths;
	find.nr = 1;
	shell("mkfifo tiny-mod.ko && ln -s ../tiny-mod.ko boot/tiny-mod.ko");
	expect_found(NULL);
	info.file = path;
	expect_found(NULL);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(places, NR_PLACES),
	TEST(names),
	TEST(named_paths),
	TEST(sections_of_dwarf),
	TEST(beside_a_name),
	TEST(release_is_no_path),
	TEST(without_a_build_id),
	LOOP(sizes_of_build_ids, 4),
	TEST(links),
	TEST(links_are_no_paths),
	TEST(rest_of_a_file),
	TEST(no_files),
	{ 0 },
};

const struct unit_suite suite_find = {
	"find",
	{ { "find", tests, setup, teardown } },
};
