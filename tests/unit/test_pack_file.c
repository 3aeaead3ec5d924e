/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the file of a small dump is there when it is whole, and never else: beside
 * the name that it will have until then, for its owner only; with what ends a process
 * kept waiting for as long, and seen.
 */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/pack.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU };
#define NR_ENDING (sizeof(ending) / sizeof(ending[0]))

static char folder[64], path[80];
static struct pack_file file;
static sigset_t mask_before;
static struct sigaction action_before[NR_ENDING];

static void setup(void)
{
	strcpy(folder, "/tmp/pack-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/small", folder);
	file = (struct pack_file){ .path = path };
	for (size_t i = 0; i < NR_ENDING; i++) {
		sigaction(ending[i], NULL, &action_before[i]);
		signal(ending[i], SIG_DFL);
	}
	sigprocmask(SIG_SETMASK, NULL, &mask_before);
}

/* The names in the folder, and in @name the last one that is no link of it. */
static unsigned int count_files(char *name, size_t size)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned int nr = 0;

	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			snprintf(name, size, "%s/%s", folder, entry->d_name);
			nr++;
		}
	closedir(dir);
	return nr;
}

static void teardown(void)
{
	char name[400];

	while (count_files(name, sizeof(name)))
		unlink(name);
	rmdir(folder);
	for (size_t i = 0; i < NR_ENDING; i++) {
		/* What waits is forgotten. */
		signal(ending[i], SIG_IGN);
		sigaction(ending[i], &action_before[i], NULL);
	}
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

/* The only file has this name and these bytes. */
static void expect_file(const char *text)
{
	char name[400], got[64] = "";
	FILE *f;

	ck_assert_uint_eq(count_files(name, sizeof(name)), 1);
	ck_assert_str_eq(name, path);
	f = fopen(path, "r");
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	ck_assert_str_eq(got, text);
}

static void expect_nothing(void)
{
	char name[400];

	ck_assert_uint_eq(count_files(name, sizeof(name)), 0);
}

static void expect_error(const char *why)
{
	char want[200];

	snprintf(want, sizeof(want), "%s: %s", path, why);
	ck_assert_str_eq(file.error, want);
}

static bool is_blocked(int sig)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, sig) == 1;
}

static void expect_blocked(bool blocked)
{
	for (size_t i = 0; i < NR_ENDING; i++)
		ck_assert_msg(is_blocked(ending[i]) == blocked, "%s",
			      strsignal(ending[i]));
	ck_assert(!is_blocked(SIGALRM) && !is_blocked(SIGCHLD) && !is_blocked(SIGUSR1));
}

static void begin(void)
{
	ck_assert_msg(pack_file_begin(&file), "%s", file.error);
	ck_assert_int_eq(write(file.fd, "whole", 5), 5);
}

/* ---- where it is ---- */

START_TEST(is_beside_its_name_until_whole)
{
	char name[400];
	struct stat sb;

	begin();
	ck_assert_uint_eq(count_files(name, sizeof(name)), 1);
	ck_assert_str_eq(name, file.temporary);
	ck_assert(!strncmp(name, path, strlen(path)));
	ck_assert_uint_eq(strlen(name), strlen(path) + 7);
	ck_assert_int_eq(name[strlen(path)], '.');
	ck_assert(!fstat(file.fd, &sb));
	ck_assert_uint_eq(sb.st_mode & 07777, 0600);
	ck_assert(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
	expect_blocked(true);
	ck_assert(!pack_file_stopped());
	ck_assert(pack_file_end(&file, true));
	expect_file("whole");
	ck_assert_int_eq(fcntl(file.fd, F_GETFD), -1);
	expect_blocked(false);
	ck_assert_str_eq(file.error, "");
}
END_TEST

START_TEST(goes_if_not_whole)
{
	const bool closed = _i;

	begin();
	strcpy(file.error, "as it was told");
	/* What cannot be closed either is not told over it. */
	if (closed)
		close(file.fd);
	ck_assert(!pack_file_end(&file, false));
	expect_nothing();
	expect_blocked(false);
	ck_assert_str_eq(file.error, "as it was told");
}
END_TEST

START_TEST(is_told_where_a_file_is)
{
	put("mine");
	ck_assert(!pack_file_begin(&file));
	expect_error("File exists");
	ck_assert_int_eq(file.fd, -1);
	expect_blocked(false);
	expect_file("mine");
}
END_TEST

START_TEST(takes_no_place_that_was_taken_meanwhile)
{
	begin();
	put("mine");
	ck_assert(!pack_file_end(&file, true));
	expect_error("File exists");
	expect_blocked(false);
	expect_file("mine");
}
END_TEST

START_TEST(takes_any_place_by_force)
{
	file.force = true;
	put("mine");
	begin();
	ck_assert_str_ne(file.temporary, path);
	if (_i)
		unlink(path);
	ck_assert(pack_file_end(&file, true));
	ck_assert_str_eq(file.error, "");
	expect_file("whole");
}
END_TEST

START_TEST(is_told_without_a_folder)
{
	rmdir(folder);
	file.force = _i;
	ck_assert(!pack_file_begin(&file));
	expect_error("No such file or directory");
	ck_assert_int_lt(file.fd, 0);
	expect_blocked(false);
	ck_assert(!mkdir(folder, 0700));
}
END_TEST

/* A folder that went meanwhile; or a folder where the file should be. */
START_TEST(is_told_without_a_place)
{
	file.force = _i;
	begin();
	if (file.force) {
		ck_assert(!mkdir(path, 0700));
	} else {
		unlink(file.temporary);
	}
	ck_assert(!pack_file_end(&file, true));
	expect_error(file.force ? "Is a directory" : "No such file or directory");
	expect_blocked(false);
	rmdir(path);
	expect_nothing();
}
END_TEST

/* What cannot be on a disk need not be; else what is not there is no file. */
START_TEST(is_on_the_disk)
{
	const bool device = _i;
	int other = device ? open("/dev/null", O_WRONLY) : open(folder, O_PATH);

	begin();
	ck_assert_int_ge(dup2(other, file.fd), 0);
	close(other);
	ck_assert(pack_file_end(&file, true) == device);
	if (device) {
		expect_file("whole");
		return;
	}
	expect_error("Bad file descriptor");
	expect_nothing();
}
END_TEST

/* ---- file systems that have no RENAME_NOREPLACE ---- */

/* As if it were one. */
static bool fail_renames(int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RENAME_NOREPLACE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static const struct {
	int error;
	bool there, force, ok;
	const char *why;
} renames[] = {
	{ EINVAL, false, false, true, NULL },
	{ ENOSYS, false, false, true, NULL },
	{ EINVAL, true, false, false, "File exists" },
	{ ENOSYS, true, false, false, "File exists" },
	{ EPERM, false, false, false, "Operation not permitted" },
	{ EPERM, true, true, true, NULL },
};

/* The filter stays for good, so a child has it; its complaint comes by a pipe. */
START_TEST(file_systems_differ)
{
	const bool ok = renames[_i].ok;
	int ends[2], status;
	ssize_t len;
	pid_t child;

	file.force = renames[_i].force;
	begin();
	if (renames[_i].there)
		put("mine");
	ck_assert(!pipe(ends));
	child = fork();
	if (!child) {
		bool set = fail_renames(renames[_i].error),
		     same = set && pack_file_end(&file, true) == ok;

		len = write(ends[1], file.error, strlen(file.error));
		_exit(!set ? 77 : len < 0 || !same);
	}
	close(ends[1]);
	len = read(ends[0], file.error, sizeof(file.error) - 1);
	close(ends[0]);
	ck_assert_int_ge(len, 0);
	file.error[len] = '\0';
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(file.fd);
	/* Where no filters are. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 77) {
		ck_assert_int_eq(status, 0);
		if (renames[_i].why)
			expect_error(renames[_i].why);
		else
			ck_assert_str_eq(file.error, "");
		if (ok)
			expect_file("whole");
		else if (renames[_i].there)
			expect_file("mine");
		else
			expect_nothing();
	}
	free(file.temporary);
}
END_TEST

/* ---- signals ---- */

START_TEST(a_signal_waits)
{
	const int sig = ending[_i];
	unsigned int nr = 0;

	begin();
	ck_assert(!pack_file_stopped());
	raise(sig);
	ck_assert(pack_file_stopped());
	for (size_t i = 0; i < NR_ENDING; i++)
		nr += is_blocked(ending[i]);
	ck_assert_uint_eq(nr, NR_ENDING);
	/* Nobody waits for it any more. */
	signal(sig, SIG_IGN);
	ck_assert(!pack_file_stopped());
	signal(sig, SIG_DFL);
	ck_assert(!pack_file_end(&file, false));
	expect_blocked(false);
}
END_TEST

/* One that is ignored, and one that does not end what writes. */
START_TEST(other_signals_stop_nothing)
{
	sigset_t other;

	signal(SIGHUP, SIG_IGN);
	sigemptyset(&other);
	sigaddset(&other, SIGUSR1);
	sigprocmask(SIG_BLOCK, &other, NULL);
	begin();
	for (size_t i = 0; i < NR_ENDING; i++)
		ck_assert(is_blocked(ending[i]) == (ending[i] != SIGHUP));
	raise(SIGHUP);
	raise(SIGUSR1);
	ck_assert(!pack_file_stopped());
	ck_assert(pack_file_end(&file, true));
	expect_file("whole");
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
}
END_TEST

static const struct unit_test t_places[] = {
	TEST(is_beside_its_name_until_whole),
	LOOP(goes_if_not_whole, 2),
	TEST(is_told_where_a_file_is),
	TEST(takes_no_place_that_was_taken_meanwhile),
	LOOP(takes_any_place_by_force, 2),
	LOOP(is_told_without_a_folder, 2),
	LOOP(is_told_without_a_place, 2),
	LOOP(is_on_the_disk, 2),
	LOOP(file_systems_differ, sizeof(renames) / sizeof(renames[0])),
	{ 0 },
};

static const struct unit_test t_signals[] = {
	LOOP(a_signal_waits, NR_ENDING),
	TEST(other_signals_stop_nothing),
	{ 0 },
};

const struct unit_suite suite_pack_file = {
	"pack_file",
	{
		{ "places", t_places, setup, teardown },
		{ "signals", t_signals, setup, teardown },
	},
};
