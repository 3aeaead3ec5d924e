/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command with a dump that is open already: linked into builds for the tests, where
 * it takes the place of main(), stk_dump_open_with() and stk_dump_close() (the linker's
 * --wrap).
 *
 * STACKINFO_KEEP=FD stackinfo [-n NAMELIST] VMCORE opens that dump, and then answers what
 * is asked on standard input: a length of four bytes, and so many bytes of words, each
 * ended by a zero. The first word is empty if leaks are not to be looked for, the second
 * how many seconds it may take; the others are the command's line. Each is answered by a
 * child that has the dump as it was just after it was opened, so that no question changes
 * another's answer, and its status, as wait(2) has it, is written to FD. To open a dump
 * with the sanitizers takes ten times as long as most questions do.
 */
#include <fcntl.h>
#include <stackinfo/dump.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WATCH, SECONDS, LINE, MAX_WORDS = 8192 };

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
enum stk_status __real_stk_dump_open_with(const char *path,
					  const struct stk_dump_options *options,
					  size_t options_size, struct stk_dump **out,
					  char *error, size_t size);
enum stk_status __wrap_stk_dump_open_with(const char *path,
					  const struct stk_dump_options *options,
					  size_t options_size, struct stk_dump **out,
					  char *error, size_t size);
void __real_stk_dump_close(struct stk_dump *dump);
void __wrap_stk_dump_close(struct stk_dump *dump);

/* What is open; the dump is NULL if it cannot be opened: then each question tries. */
static struct {
	const char *path, *namelist;
	struct stk_dump *dump;
	const struct stk_dump *leave; /* that nobody looks for leaks in */
} kept;

/* The child ends: what it frees would first have to be copied. */
void __wrap_stk_dump_close(struct stk_dump *dump)
{
	if (!kept.leave || dump != kept.leave)
		__real_stk_dump_close(dump);
}

static bool is_kept(const char *path, const struct stk_dump_options *options)
{
	struct stk_dump_options rest = *options, none = { 0 };
	const char *namelist = rest.namelist;

	rest.namelist = NULL;
	return kept.dump && !strcmp(path, kept.path) &&
	       !memcmp(&rest, &none, sizeof(rest)) &&
	       (namelist && kept.namelist ? !strcmp(namelist, kept.namelist)
					  : namelist == kept.namelist);
}

enum stk_status __wrap_stk_dump_open_with(const char *path,
					  const struct stk_dump_options *options,
					  size_t options_size, struct stk_dump **out,
					  char *error, size_t size)
{
	if (!is_kept(path, options))
		return __real_stk_dump_open_with(path, options, options_size, out, error,
						 size);
	*out = kept.dump;
	kept.dump = NULL;
	return STK_OK;
}

static bool read_all(void *buf, size_t len)
{
	ssize_t got = 1;

	for (char *at = buf; len && got > 0; at += got, len -= (size_t)got)
		got = read(STDIN_FILENO, at, len);
	return got > 0;
}

/* The words of a request, ended by NULL; how many, or 0. */
static int read_words(char **text, char **word)
{
	uint32_t len;
	int nr = 0;

	*text = NULL;
	if (!read_all(&len, sizeof(len)))
		return 0;
	*text = calloc(1, (size_t)len + 1);
	if (!*text || !read_all(*text, len))
		return 0;
	for (char *at = *text; at < *text + len && nr < MAX_WORDS; at += strlen(at) + 1)
		word[nr++] = at;
	word[nr] = NULL;
	return nr;
}

static void answer(int nr, char **word)
{
	int status;

	close(STDIN_FILENO);
	if (open("/dev/null", O_RDONLY) != STDIN_FILENO)
		abort();
	alarm((unsigned int)atoi(word[SECONDS]));
	kept.leave = *word[WATCH] ? NULL : kept.dump;
	status = __real_main(nr - LINE, word + LINE);
	/* The sanitizer looks for leaks at the end of exit(). */
	if (*word[WATCH])
		exit(status);
	fflush(NULL);
	_exit(status);
}

static int serve(int replies)
{
	static char *word[MAX_WORDS + 1];
	char *text;
	int nr;

	while ((nr = read_words(&text, word)) > LINE) {
		pid_t child = fork();
		int status;

		if (!child)
			answer(nr, word);
		if (child < 0 || waitpid(child, &status, 0) != child ||
		    write(replies, &status, sizeof(status)) != sizeof(status))
			_exit(1);
		free(text);
	}
	/* What is still there is the children's to look at. */
	_exit(0);
}

int __wrap_main(int argc, char **argv)
{
	const char *replies = getenv("STACKINFO_KEEP");
	struct stk_dump_options how = { 0 };
	char error[512];

	if (!replies)
		return __real_main(argc, argv);
	if (argc < 2)
		return 2;
	kept.path = argv[argc - 1];
	kept.namelist = argc == 4 ? argv[2] : NULL;
	how.namelist = kept.namelist;
	if (__real_stk_dump_open_with(kept.path, &how, sizeof(how), &kept.dump, error,
				      sizeof(error)))
		kept.dump = NULL;
	return serve(atoi(replies));
}
