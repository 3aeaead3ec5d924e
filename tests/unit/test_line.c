/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where the command's name is looked for in a line, and which of its words are
 * the namelist, a dump, or neither.
 */
#include "suite.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
	{ "notype", NULL, ET_NONE, false, false },
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

static const struct {
	const char *name, *here;
} habits[] = {
	{ "dmesg", " log" },	   { "foreach", " xbt -A" },
	{ "kmem", " stackof" },	   { "mach", " tss" },
	{ "ps", " xbt -A -g" },	   { "rd", " stackof" },
	{ "sym", " stackof" },	   { "sys", "" },
	{ "vtop", " stackof -v" }, { "vto", NULL },
	{ "vtopp", NULL },	   { "", NULL },
	{ "xbt", NULL },
};

START_TEST(habits_have_their_line)
{
	ck_assert_pstr_eq(cli_instead_of(habits[_i].name), habits[_i].here);
}
END_TEST

static const struct {
	const char *line, *command, *want;
} typed[] = {
	{ "", NULL, "stackinfo" },
	{ "", "log", "stackinfo log" },
	{ "a -v b", NULL, "stackinfo a -v b" },
	{ "a xbt -v", "log", "stackinfo log a -v" },
};

START_TEST(lines_are_typed_again)
{
	char words[128], *argv[16], text[100] = "?";
	struct cli_line l;

	(void)!cli_line_parse(&l, split(words, sizeof(words), typed[_i].line, argv),
			      argv);
	ck_assert_ptr_eq(cli_typed(text, sizeof(text), &l, typed[_i].command), text);
	ck_assert_str_eq(text, typed[_i].want);
	cli_line_free(&l);
}
END_TEST

/* How it is called, without a command: in all ways; else in its own. */
START_TEST(synopses)
{
	char text[2][2048] = { "" };
	FILE *f = fmemopen(text[0], sizeof(text[0]), "w");

	cli_print_synopsis(f, &stk_report_command);
	fclose(f);
	f = fmemopen(text[1], sizeof(text[1]), "w");
	cli_print_usage(f);
	fclose(f);
	ck_assert_str_eq(text[0], text[1]);
	ck_assert(!strncmp(text[0], "usage: stackinfo [-n NAMELIST] [-vj] VMCORE\n", 44));
	f = fmemopen(text[0], sizeof(text[0]), "w");
	cli_print_synopsis(f, &stk_xbt_command);
	fclose(f);
	ck_assert(!strncmp(text[0], "usage: stackinfo xbt [", 22));
	for (const char *p = strchr(text[0], '\n'); p && p[1]; p = strchr(p + 1, '\n'))
		ck_assert(strspn(p + 1, " ") == 6);
	f = fmemopen(text[1], sizeof(text[1]), "w");
	cli_print_command(f, &stk_xbt_command);
	fclose(f);
	for (const char *p = strstr(text[1], "\n\nstackinfo xbt [") + 2; *p && *p != '\n';
	     p = strchr(p, '\n') + 1)
		ck_assert(strspn(p, " ") == (*p == 's' ? 0 : 6));
}
END_TEST

/* ---- what is known of a dump ---- */

#define NOT_HEX "--kaslr: not a number in hexadecimal: \"%s\""
#define NO_BASE "--phys-base: not a number: \"%s\""

static const struct {
	const char *option, *value;
	bool ok;
	uint64_t number;
} numbers[] = {
	{ "--kaslr", "1000", true, 0x1000 },
	{ "--kaslr", "0x1000", true, 0x1000 },
	{ "--kaslr", "0", true, 0 },
	{ "--kaslr", "ffffffffffffffff", true, 0xffffffffffffffff },
	{ "--kaslr", "1ffffffffffffffff", false, 0 },
	{ "--kaslr", "-1000", false, 0 },
	{ "--kaslr", "", false, 0 },
	{ "--kaslr", "g", false, 0 },
	{ "--kaslr", "1g", false, 0 },
	{ "--kaslr", "+1", false, 0 },
	{ "--kaslr", " 1", false, 0 },
	{ "--phys-base", "4096", true, 4096 },
	{ "--phys-base", "0x4096", true, 0x4096 },
	{ "--phys-base", "-0x1000", true, -0x1000ull },
	{ "--phys-base", "-4096", true, -4096ull },
	{ "--phys-base", "0x8000000000000000", true, 1ull << 63 },
	{ "--phys-base", "-9223372036854775808", true, 1ull << 63 },
	{ "--phys-base", "-9223372036854775809", false, 0 },
	{ "--phys-base", "99999999999999999999", false, 0 },
	{ "--phys-base", "", false, 0 },
	{ "--phys-base", "-", false, 0 },
	{ "--phys-base", "f", false, 0 },
	{ "--phys-base", "--1", false, 0 },
	{ "--phys-base", "-+1", false, 0 },
	{ "--phys-base", "1k", false, 0 },
};

START_TEST(numbers_are_known)
{
	const bool kaslr = !strcmp(numbers[_i].option, "--kaslr");
	char first[] = "stackinfo", option[80], text[200] = "?", want[200],
	     *argv[] = { first, option, NULL };
	struct cli_request r = { 0 };
	struct stk_args args;

	snprintf(option, sizeof(option), "%s=%s", numbers[_i].option, numbers[_i].value);
	ck_assert(stk_args_parse(&args, cli_options, 2, argv, NULL));
	errno = ERANGE; /* of something else */
	ck_assert_msg(cli_take_known(&r, &args, text, sizeof(text)) == numbers[_i].ok,
		      "%s", option);
	if (numbers[_i].ok) {
		ck_assert_ptr_eq(r.how.kaslr, kaslr ? &r.kaslr : NULL);
		ck_assert_ptr_eq(r.how.phys_base, kaslr ? NULL : &r.phys_base);
		ck_assert_uint_eq(kaslr ? r.kaslr : (uint64_t)r.phys_base,
				  numbers[_i].number);
		ck_assert_str_eq(text, "?");
	} else {
		snprintf(want, sizeof(want), kaslr ? NOT_HEX : NO_BASE,
			 numbers[_i].value);
		ck_assert_str_eq(text, want);
	}
	stk_args_free(&args);
}
END_TEST

static const struct {
	const char *option, *namelist, *memory, *vmcoreinfo;
} known[] = {
	{ NULL, NULL, NULL, NULL },
	{ "--namelist=a", "a", NULL, NULL },
	{ "--raw", NULL, "0-", NULL },
	{ "--memory=0-3G", NULL, "0-3G", NULL },
	{ "--vmcoreinfo=b", NULL, NULL, "b" },
};

START_TEST(names_are_known)
{
	char *argv[] = { (char *)(uintptr_t) "stackinfo",
			 (char *)(uintptr_t)known[_i].option, NULL };
	struct cli_request r = { 0 };
	struct stk_args args;
	char text[200];

	ck_assert(
		stk_args_parse(&args, cli_options, known[_i].option ? 2 : 1, argv, NULL));
	ck_assert(cli_take_known(&r, &args, text, sizeof(text)));
	ck_assert_pstr_eq(r.how.namelist, known[_i].namelist);
	ck_assert_pstr_eq(r.how.memory, known[_i].memory);
	ck_assert_pstr_eq(r.how.vmcoreinfo, known[_i].vmcoreinfo);
	ck_assert(!r.how.kaslr && !r.how.phys_base);
	stk_args_free(&args);
}
END_TEST

/* ---- complaints ---- */

static char told[1024];

static const char *tell(void (*what)(void), int to)
{
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);

	fflush(stderr);
	dup2(to < 0 ? fileno(f) : to, STDERR_FILENO);
	what();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(f);
	told[fread(told, 1, sizeof(told) - 1, f)] = '\0';
	fclose(f);
	return told;
}

static void complain(void)
{
	char name[] = "fake";

	cli_complain_here(name, "caf\xc3\xa9");
}

static void unwritten(void)
{
	cli_complain_unwritten(0);
	cli_complain_unwritten(ENOSPC);
}

static void refuse(void)
{
	ck_assert_int_eq(cli_refuse(&stk_xbt_command, "%s and %d", "a\nb", 7), CLI_USAGE);
}

START_TEST(complaints_are_told)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), terminal;
	size_t len = 0;
	ssize_t got;

	ck_assert_str_eq(tell(complain, -1), "fake: caf\xc3\xa9\n");
	ck_assert_str_eq(tell(unwritten, -1),
			 "stackinfo: the answer could not be written\n"
			 "stackinfo: the answer could not be written: No space left on "
			 "device\n");
	tell(refuse, -1);
	ck_assert_msg(!strncmp(told, "xbt: a", 6), "%s", told);
	ck_assert_ptr_nonnull(strstr(told, "b and 7\nusage: stackinfo xbt ["));
	ck_assert_ptr_eq(strchr(told, '\n') + 1, strstr(told, "usage: "));
	/* A terminal of bytes. */
	ck_assert(master >= 0 && !grantpt(master) && !unlockpt(master));
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	setenv("LC_ALL", "C", 1);
	tell(complain, terminal);
	unsetenv("LC_ALL");
	/* It comes in pieces. */
	close(terminal);
	while ((got = read(master, told + len, sizeof(told) - 1 - len)) > 0)
		len += (size_t)got;
	told[len] = '\0';
	ck_assert_msg(!strncmp(told, "fake: caf", 9), "%s", told);
	for (const char *p = told; *p; p++)
		ck_assert(!(*p & 0x80));
	close(master);
}
END_TEST

/* ---- the stack ---- */

#define KIB 1024u

static const struct {
	rlim_t now, most, then; /* then 0: that is too little */
} stacks[] = {
	{ 128 * KIB, 8192 * KIB, 256 * KIB }, { 128 * KIB, 256 * KIB, 256 * KIB },
	{ 255 * KIB, 512 * KIB, 256 * KIB },  { 256 * KIB, 512 * KIB, 256 * KIB },
	{ 257 * KIB, 512 * KIB, 257 * KIB },  { 128 * KIB, 255 * KIB, 0 },
	{ 128 * KIB, 128 * KIB, 0 },
};

static bool took;

static void take_stack(void)
{
	took = cli_take_stack();
}

/* A limit that was lowered stays so: that is a child's. */
START_TEST(a_stack_is_large_enough)
{
	const pid_t child = fork();
	struct rlimit limit = { stacks[_i].now, stacks[_i].most }, now;
	char want[128] = "";
	int status;

	if (!child) {
		if (!stacks[_i].then)
			snprintf(
				want, sizeof(want),
				"stackinfo: the stack may have %u KiB (ulimit -s), and 256 "
				"are needed\n",
				(unsigned int)(stacks[_i].most / KIB));
		setrlimit(RLIMIT_STACK, &limit);
		getrlimit(RLIMIT_STACK, &now);
		/* qemu-user has its own, and leaves that be. */
		if (now.rlim_cur != limit.rlim_cur)
			_exit(0);
		tell(take_stack, -1);
		getrlimit(RLIMIT_STACK, &limit);
		_exit(took != !!stacks[_i].then || strcmp(told, want) != 0 ||
		      (took && limit.rlim_cur != stacks[_i].then) ||
		      limit.rlim_max != stacks[_i].most);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

static const struct unit_test t_names[] = {
	TEST(complaints_are_told),
	LOOP(a_stack_is_large_enough, sizeof(stacks) / sizeof(stacks[0])),
	LOOP(numbers_are_known, sizeof(numbers) / sizeof(numbers[0])),
	LOOP(names_are_known, sizeof(known) / sizeof(known[0])),
	LOOP(habits_have_their_line, sizeof(habits) / sizeof(habits[0])),
	LOOP(lines_are_typed_again, sizeof(typed) / sizeof(typed[0])),
	TEST(synopses),
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
