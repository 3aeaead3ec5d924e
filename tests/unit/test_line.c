/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where the command's name is looked for in a line, and which of its words are
 * the namelist, a dump, or neither.
 */
#include "suite.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct {
	const char *line, *name; /* the command's; NULL: there is none */
} lines[] = {
	{ "", NULL },
	{ "tss", "tss" },
	{ "a tss", "tss" },
	{ "a b tss", "tss" },
	{ "a b c tss", NULL },
	{ "xbt tss", "xbt" },
	{ "-- tss", NULL },
	{ "a -- tss", NULL },
	{ "- tss", "tss" },
	{ "-n tss xbt", "xbt" },
	{ "-n tss", NULL },
	{ "-nx tss", "tss" },
	{ "-m tss xbt", "xbt" },
	{ "-J tss xbt", "xbt" },
	{ "-h tss", "tss" },
	{ "-V tss", "tss" },
	{ "-v tss", "tss" },
	{ "-c tss xbt", "tss" },
	{ "--namelist tss xbt", "xbt" },
	{ "--namelist=a tss", "tss" },
	{ "--kaslr tss xbt", "xbt" },
	{ "--timeout tss xbt", "xbt" },
	{ "--raw tss xbt", "tss" },
	{ "--batch tss xbt", "tss" },
	{ "--nosuch tss xbt", "tss" },
	{ "-n a b c -v tss", "tss" },
	{ "-n a b c d tss", NULL },
	/* What has no dump is no command behind one, unless it may have one. */
	{ "help", "help" },
	{ "a help", NULL },
	{ "a help tss", "tss" },
	{ "a b help tss", NULL },
	{ "help tss", "help" },
	{ "a oops", "oops" },
	{ "a sum", NULL },
	{ "a bt", "bt" },
};

static int split(char *words, size_t size, const char *line, char **argv)
{
	int argc = 1;
	char *save;

	argv[0] = (char *)(uintptr_t) "stackinfo";
	snprintf(words, size, "%s", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	return argc;
}

START_TEST(has_its_command_there)
{
	char words[128], *argv[16];
	int argc = split(words, sizeof(words), lines[_i].line, argv), k = 0;
	const char *want = lines[_i].name;
	struct cli_line l;

	(void)!cli_line_parse(&l, argc, argv);
	ck_assert_pstr_eq(l.name, want);
	ck_assert_ptr_eq(l.command, want ? cli_find_command(want) : &stk_report_command);
	/* All else is left, in its order. */
	ck_assert_int_eq(l.argc, argc - (want != NULL));
	for (int i = 0; i < argc; i++)
		if (!l.name || argv[i] != l.name)
			ck_assert_ptr_eq(l.argv[k++], argv[i]);
	ck_assert_ptr_null(l.argv[l.argc]);
	cli_line_free(&l);
}
END_TEST

/* ---- files ---- */

static char folder[64];

static const struct {
	const char *name, *begin;
	int type; /* of ELF; -1: it is none */
	bool is_program, is_dump;
} files[] = {
	{ "exec", NULL, ET_EXEC, true, false },
	{ "dyn", NULL, ET_DYN, true, false },
	{ "rel", NULL, ET_REL, false, false },
	{ "core", NULL, ET_CORE, false, true },
	{ "kdump", "KDUMP   ", -1, false, true },
	{ "text", "some text, and no more", -1, false, false },
	{ "empty", "", -1, false, false },
};

static char *path_of(const char *name)
{
	static char path[4][128];
	static unsigned int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s", folder, name);
	return path[at];
}

static void setup(void)
{
	strcpy(folder, "/tmp/line-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const Elf64_Ehdr head = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = (Elf64_Half)files[i].type,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_ehsize = sizeof(head),
		};
		unsigned char bytes[8192] = { 0 };
		FILE *f = fopen(path_of(files[i].name), "w");

		if (files[i].type >= 0)
			memcpy(bytes, &head, sizeof(head));
		else
			strcpy((char *)bytes, files[i].begin);
		if (files[i].type >= 0 || *files[i].begin)
			fwrite(bytes, 1, sizeof(bytes), f);
		fclose(f);
	}
	ck_assert(!mkfifo(path_of("fifo"), 0600));
	ck_assert(!mkdir(path_of("dir"), 0700));
}

static void teardown(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(path_of(files[i].name));
	unlink(path_of("fifo"));
	rmdir(path_of("dir"));
	rmdir(folder);
}

START_TEST(files_are_what_they_begin_with)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ck_assert_msg(cli_is_file(path_of(files[i].name)), "%s", files[i].name);
		ck_assert_msg(cli_is_dump(path_of(files[i].name)) == files[i].is_dump,
			      "%s", files[i].name);
	}
	/* Nobody waits for who writes to it. */
	ck_assert(cli_is_file(path_of("fifo")) && !cli_is_dump(path_of("fifo")));
	ck_assert(!cli_is_file(path_of("dir")) && !cli_is_dump(path_of("dir")));
	ck_assert(!cli_is_file(path_of("none")) && !cli_is_dump(path_of("none")));
}
END_TEST

/* The words of a line as far as they are files of the folder: "@name". */
static void parse(struct cli_line *l, const char *line)
{
	static char words[256], paths[8][128], *argv[16];
	int argc = split(words, sizeof(words), line, argv);

	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '@') {
			snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder,
				 argv[i] + 1);
			argv[i] = paths[i];
		}
	ck_assert_msg(cli_line_parse(l, argc, argv), "%s", line);
}

static const struct {
	const char *line, *namelist, *left; /* the names of files, without their folder */
} namelists[] = {
	{ "xbt @exec @core", "exec", "core" },
	{ "xbt @dyn @core", "dyn", "core" },
	{ "xbt @core @dyn", "dyn", "core" },
	{ "xbt @core @exec 1", "exec", "core 1" },
	{ "xbt @core 1 @exec", NULL, "core 1 exec" },
	{ "xbt @exec", NULL, "exec" },
	{ "xbt @exec @dyn", "exec", "dyn" },
	{ "@exec @core", "exec", "core" },
	{ "xbt @rel @core", NULL, "rel core" },
	{ "xbt @text @core", NULL, "text core" },
	{ "xbt @fifo @core", NULL, "fifo core" },
	{ "xbt @dir @core", NULL, "dir core" },
	{ "xbt @none @core", NULL, "none core" },
	{ "xbt -n a @core", "a", "core" },
	{ "xbt -n a @exec @core", "exec,a", "core" },
	{ "xbt -n a -n b @core @exec", "exec,a,b", "core" },
	{ "sum @exec @core", NULL, "exec core" },
	{ "xbt", NULL, "" },
};

/* Files' names without their folder, parted by blanks. */
static const char *without_folder(const char *word)
{
	const size_t len = strlen(folder);

	return strncmp(word, folder, len) ? word : word + len + 1;
}

START_TEST(a_program_is_the_namelist)
{
	struct cli_line l;
	char left[256] = "";

	parse(&l, namelists[_i].line);
	ck_assert(cli_line_namelist(&l));
	for (int i = 0; i < l.args.nr; i++) {
		strcat(left, i ? " " : "");
		strcat(left, without_folder(l.args.word[i]));
	}
	ck_assert_str_eq(left, namelists[_i].left);
	ck_assert_pstr_eq(l.namelist ? without_folder(l.namelist) : NULL,
			  namelists[_i].namelist);
	cli_line_free(&l);
}
END_TEST

static const struct {
	const char *line;
	int nr;
} dumps[] = {
	{ "xbt @core @kdump", 2 },
	{ "xbt @core 1 @kdump", 1 },
	{ "xbt 1 @core", 0 },
	{ "xbt /none/a ./b 1", 2 },
	{ "xbt -a a b c", 3 },
	{ "xbt", 0 },
	{ "tss a b", 2 },
	{ "a b c", 3 },
	{ "xbt @core b @kdump", 1 },
	{ "stackof @core init_task", 1 },
};

START_TEST(dumps_of_a_batch)
{
	struct cli_line l;

	parse(&l, dumps[_i].line);
	ck_assert_int_eq(cli_line_nr_dumps(&l), dumps[_i].nr);
	cli_line_free(&l);
}
END_TEST

static const struct {
	const char *line, *want; /* NULL: nothing changes places */
} swapped[] = {
	{ "xbt 1 @core", "stackinfo core 1" },
	{ "xbt -v 1 2 @core", "stackinfo -v core 2 1" },
	{ "xbt 1 @core @kdump", "stackinfo core 1 kdump" },
	{ "xbt @core 1", NULL },
	{ "xbt @core @kdump", NULL },
	{ "xbt 1 2", NULL },
	{ "xbt a,b @core", NULL },
	{ "xbt 1", NULL },
	{ "xbt", NULL },
};

START_TEST(a_dump_that_is_not_first)
{
	struct cli_line l;
	char text[256] = "stackinfo";

	parse(&l, swapped[_i].line);
	ck_assert(cli_is_swapped(&l) == (swapped[_i].want != NULL));
	for (int i = 1; swapped[_i].want && i < l.argc; i++) {
		strcat(text, " ");
		strcat(text, without_folder(l.argv[i]));
	}
	if (swapped[_i].want)
		ck_assert_str_eq(text, swapped[_i].want);
	cli_line_free(&l);
}
END_TEST

static const struct unit_test t_names[] = {
	LOOP(has_its_command_there, sizeof(lines) / sizeof(lines[0])),
	{ 0 },
};

static const struct unit_test t_files[] = {
	TEST(files_are_what_they_begin_with),
	LOOP(a_program_is_the_namelist, sizeof(namelists) / sizeof(namelists[0])),
	LOOP(dumps_of_a_batch, sizeof(dumps) / sizeof(dumps[0])),
	LOOP(a_dump_that_is_not_first, sizeof(swapped) / sizeof(swapped[0])),
	{ 0 },
};

const struct unit_suite suite_line = {
	"line",
	{
		{ "names", t_names, NULL, NULL },
		{ "files", t_files, setup, teardown },
	},
};
