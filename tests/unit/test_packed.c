/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the command writes a small dump in which the machine's chain can be
 * unwound, and that it tells what is inside: each part once, and in sum the whole file.
 */
#include "suite.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/pack.h"
#include "machine/vmcoreinfo.h"

#include "dumped.h"

static char folder[64], path[80], errors[1024], answer[16384];
static struct stk_args parsed;

static void setup(void)
{
	strcpy(folder, "/tmp/packed-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/small", folder);
	dumped_setup();
	dumped_vmcoreinfo();
	dumped_qemu(m->pgd);
	dumped_elf();
}

static void teardown(void)
{
	unlink(path);
	rmdir(folder);
	dumped_teardown();
}

static void on_error(void *priv, const char *text)
{
	const size_t len = strlen(errors);

	snprintf(errors + len, sizeof(errors) - len, "%s\n", text);
}

/* The words of a line, parted by blanks; "FILE" is the file's name. */
static enum cli_status pack(const char *line)
{
	char words[256], *argv[16], *save;
	FILE *out = tmpfile();
	struct cli_request r = { .command = &cli_pack, .args = &parsed };
	enum cli_status st;
	size_t len;
	int argc = 0;

	snprintf(words, sizeof(words), "pack %s", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(w, "FILE") ? w : path;
	argv[argc] = NULL;
	ck_assert(stk_args_parse(&parsed, cli_pack.options, argc, argv, NULL));
	*errors = '\0';
	st = cli_run(&r, f.path, out, on_error, NULL);
	stk_args_free(&parsed);
	rewind(out);
	len = fread(answer, 1, sizeof(answer) - 1, out);
	answer[len] = '\0';
	fclose(out);
	return st;
}

static uint64_t size_of_file(void)
{
	struct stat sb;

	ck_assert(!stat(path, &sb));
	return (uint64_t)sb.st_size;
}

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	ck_assert_msg(json_object_object_get_ex(o, name, &value), "no %s", name);
	return value;
}

static uint64_t number(struct json_object *o, const char *name)
{
	return (uint64_t)json_object_get_int64(member(o, name));
}

/* The document of the last answer, and what it has of the file. */
static struct json_object *document(struct json_object **about)
{
	struct json_object *o = json_tokener_parse(answer);

	ck_assert_msg(o != NULL, "%s", answer);
	*about = member(o, "packed");
	return o;
}

START_TEST(can_be_asked_like_the_large_one)
{
	ck_assert_int_eq(pack("-o FILE"), CLI_OK);
	/* What the large one does not have is told now. */
	ck_assert_ptr_nonnull(strstr(errors, "1 page was not in the dump"));
	dumped_opened(path, NULL);
	dumped_same();
	ck_assert_ptr_null(stk_left_out_name(s, 0));
}
END_TEST

/* Their order is that of pack_part_name(); each page is of one of them. */
START_TEST(each_part_is_told)
{
	struct json_object *about, *doc, *parts;
	uint64_t nr = 0, bytes = 0, stacks = 0;

	ck_assert_int_eq(pack("-j -o FILE"), CLI_OK);
	doc = document(&about);
	parts = member(about, "parts");
	ck_assert_uint_eq(number(about, "bytes"), size_of_file());
	for (size_t i = 0; i < json_object_array_length(parts); i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);

		ck_assert_pstr_eq(json_object_get_string(member(part, "part")),
				  pack_part_name(i));
		nr += number(part, "pages");
		bytes += number(part, "bytes");
		ck_assert(!number(part, "pages") == !number(part, "bytes"));
		if (!i)
			stacks = number(part, "pages");
	}
	ck_assert_ptr_null(pack_part_name(json_object_array_length(parts)));
	ck_assert_uint_eq(nr, number(about, "pages"));
	ck_assert_uint_gt(stacks, 0);
	/* Each page is at least as large there as what is kept of it, which is words. */
	ck_assert_uint_lt(bytes, number(about, "bytes"));
	ck_assert_uint_gt(number(about, "kept_bytes"), 0);
	ck_assert_uint_eq(number(about, "kept_bytes") % 8, 0);
	ck_assert_uint_le(number(about, "kept_bytes"), nr * 4096);
	ck_assert_uint_eq(json_object_array_length(member(about, "left_out")), 0);
	json_object_put(doc);
}
END_TEST

/* "      stacks:      4 pages       12.3 KiB": as the document has it. */
START_TEST(the_text_tells_the_same)
{
	struct json_object *about, *doc, *parts;
	char want[4096], row[80];
	size_t len = 0;
	uint64_t rest;

	ck_assert_int_eq(pack("-j -o FILE"), CLI_OK);
	doc = document(&about);
	parts = member(about, "parts");
	rest = number(about, "bytes");
	for (size_t i = 0; i <= json_object_array_length(parts) + 1; i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);
		const bool all = i == json_object_array_length(parts) + 1;
		const uint64_t nr = part  ? number(part, "pages")
				    : all ? number(about, "pages")
					  : 0,
			       bytes = part  ? number(part, "bytes")
				       : all ? number(about, "bytes")
					     : rest;

		if (part)
			rest -= bytes;
		if (part && !nr)
			continue;
		if (nr)
			snprintf(row, sizeof(row), "%6llu page%c", (unsigned long long)nr,
				 nr == 1 ? ' ' : 's');
		else
			snprintf(row, sizeof(row), "            ");
		len += (size_t)snprintf(
			want + len, sizeof(want) - len, "%12s: %s %10.1f KiB\n",
			part  ? json_object_get_string(member(part, "part"))
			: all ? "all"
			      : "headers",
			row, (double)bytes / 1024);
	}
	json_object_put(doc);
	unlink(path);
	ck_assert_int_eq(pack("-o FILE"), CLI_OK);
	ck_assert_str_eq(answer, want);
	/* One page is no pages, and there are both. */
	ck_assert_ptr_nonnull(strstr(want, " 1 page  "));
	ck_assert_ptr_nonnull(strstr(want, " pages "));
}
END_TEST

START_TEST(what_is_left_out_is_told)
{
	static const struct {
		const char *line, *text, *first, *second;
	} row[] = {
		{ "-o FILE --no-log", "    left out: log\n", "log", NULL },
		{ "-o FILE --no-names", "    left out: names\n", "names", NULL },
		{ "-o FILE --no-names --no-log",
		  "    left out: log\n    left out: names\n", "log", "names" },
	};
	const char *all = NULL;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct json_object *about, *doc, *left;
		char line[64];

		ck_assert_int_eq(pack(row[i].line), CLI_OK);
		all = strstr(answer, "         all: ");
		ck_assert_ptr_nonnull(all);
		ck_assert_str_eq(strchr(all, '\n') + 1, row[i].text);
		dumped_opened(path, NULL);
		ck_assert_pstr_eq(stk_left_out_name(s, 0), row[i].first);
		ck_assert_pstr_eq(stk_left_out_name(s, 1), row[i].second);
		snprintf(line, sizeof(line), "%s --force -j", row[i].line);
		ck_assert_int_eq(pack(line), CLI_OK);
		doc = document(&about);
		left = member(about, "left_out");
		ck_assert_uint_eq(json_object_array_length(left), row[i].second ? 2 : 1);
		ck_assert_str_eq(
			json_object_get_string(json_object_array_get_idx(left, 0)),
			row[i].first);
		json_object_put(doc);
		unlink(path);
	}
}
END_TEST

START_TEST(plain_pages_are_larger)
{
	uint64_t size;

	ck_assert_int_eq(pack("-o FILE"), CLI_OK);
	size = size_of_file();
	ck_assert_int_eq(pack("-o FILE --force --plain"), CLI_OK);
	ck_assert_uint_gt(size_of_file(), 2 * size);
	dumped_opened(path, NULL);
	dumped_same();
}
END_TEST

START_TEST(is_told_where_it_cannot_be)
{
	char want[200];

	ck_assert_int_eq(pack("-o FILE"), CLI_OK);
	snprintf(want, sizeof(want), "%s: File exists\n", path);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pack(i ? "-j -o FILE" : "-o FILE"), CLI_FAILED);
		ck_assert_str_eq(errors, want);
		ck_assert_str_eq(answer, "");
	}
}
END_TEST

START_TEST(is_told_without_a_name)
{
	ck_assert_int_eq(pack(""), CLI_USAGE);
	ck_assert_str_eq(errors, "to which file? -o FILE is missing\n");
	ck_assert_str_eq(answer, "");
	strcpy(path, "");
	ck_assert_int_eq(pack("-o FILE"), CLI_USAGE);
	ck_assert_str_eq(errors, "to which file? -o FILE is missing\n");
}
END_TEST

/* A signal ends the process, but behind the file, which is not written on. */
START_TEST(ends_when_it_is_stopped)
{
	sigset_t term;
	int status;
	pid_t child = fork();

	if (!child) {
		signal(SIGTERM, SIG_DFL);
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		sigprocmask(SIG_BLOCK, &term, NULL);
		raise(SIGTERM);
		pack("-o FILE");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGTERM);
	/* Nothing is in it. */
	ck_assert(!rmdir(folder) && !mkdir(folder, 0700));
}
END_TEST

/* Nobody but the options of this command says what is left out. */
START_TEST(options_are_of_this_command)
{
	static const struct {
		const char *word[2];
		bool no_log, no_names;
	} row[] = {
		{ { NULL }, false, false },
		{ { "--no-log" }, true, false },
		{ { "--no-names" }, false, true },
		{ { "--no-log", "--no-names" }, true, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cli_request r = { .command = &cli_pack, .args = &parsed };
		struct stk_pack_options out = { !row[i].no_log, !row[i].no_names };
		char *argv[] = { (char *)"pack", (char *)(uintptr_t)row[i].word[0],
				 (char *)(uintptr_t)row[i].word[1], NULL };

		ck_assert(stk_args_parse(&parsed, cli_pack.options,
					 1 + !!row[i].word[0] + !!row[i].word[1], argv,
					 NULL));
		ck_assert(cli_pack_options(&r, &out));
		ck_assert(out.no_log == row[i].no_log);
		ck_assert(out.no_names == row[i].no_names);
		r.command = &stk_xbt_command;
		ck_assert(!cli_pack_options(&r, &out));
		stk_args_free(&parsed);
	}
}
END_TEST

/* Of a dump without stacks there is a small one, too; it is told. */
START_TEST(has_no_stacks)
{
	notes_len = 0;
	memset(notes, 0, sizeof(notes));
	dumped_build_functions("6.1.0-syn");
	image_cut(&f, 0);
	dumped_vmcoreinfo();
	dumped_qemu(m->pgd);
	dumped_elf();
	ck_assert_int_eq(pack("-o FILE"), CLI_OK);
	ck_assert(!strncmp(errors,
			   "no stacks: the kernel in the dump names only its functions",
			   58));
	ck_assert_ptr_nonnull(strstr(answer, "symbols: "));
	ck_assert_ptr_null(strstr(answer, "stacks: "));
	dumped_opened(path, NULL);
}
END_TEST

static const struct unit_test t_packed[] = {
	TEST(can_be_asked_like_the_large_one),
	TEST(each_part_is_told),
	TEST(the_text_tells_the_same),
	TEST(what_is_left_out_is_told),
	TEST(plain_pages_are_larger),
	TEST(is_told_where_it_cannot_be),
	TEST(is_told_without_a_name),
	TEST(ends_when_it_is_stopped),
	TEST(options_are_of_this_command),
	TEST(has_no_stacks),
	{ 0 },
};

const struct unit_suite suite_packed = {
	"packed",
	{
		{ "packed", t_packed, setup, teardown },
	},
};
