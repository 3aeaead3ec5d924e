/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves when the CPU time that ulimit -t gives is told to be up: just before the system
 * would say so, or a little after; and which limit is named.
 */
#include "suite.h"

#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/batch_time.h"

static struct rlimit before;

static void setup(void)
{
	ck_assert_int_eq(getrlimit(RLIMIT_CPU, &before), 0);
}

static void teardown(void)
{
	ck_assert_int_eq(setrlimit(RLIMIT_CPU, &before), 0);
}

/* Far more than the tests take. */
static void give(rlim_t seconds)
{
	ck_assert_int_eq(
		setrlimit(RLIMIT_CPU, &(struct rlimit){ seconds, before.rlim_max }), 0);
}

static unsigned int was_up(time_t user, suseconds_t user_us, time_t system,
			   suseconds_t system_us)
{
	return cli_time_was_up(&(struct rusage){ .ru_utime = { user, user_us },
						 .ru_stime = { system, system_us } });
}

START_TEST(of_a_child)
{
	give(100000);
	ck_assert_uint_eq(was_up(0, 0, 0, 0), 0);
	ck_assert_uint_eq(was_up(99999, 0, 0, 0), 0);
	ck_assert_uint_eq(was_up(99999, 749999, 0, 0), 0);
	/* A quarter of a second before; it is the kernel's time, too. */
	ck_assert_uint_eq(was_up(99999, 750000, 0, 0), 100000);
	ck_assert_uint_eq(was_up(0, 0, 99999, 750000), 100000);
	ck_assert_uint_eq(was_up(40000, 400000, 59999, 350000), 100000);
	ck_assert_uint_eq(was_up(40000, 400000, 59999, 349999), 0);
	ck_assert_uint_eq(was_up(200000, 0, 0, 0), 100000);
	/* So far off that no number holds its milliseconds. */
	give(UINT64_MAX / 1000 + 2);
	ck_assert_uint_eq(was_up(1000000, 0, 0, 0), 0);
	/* Whatever took long where there is no limit had other reasons to end. */
	give(RLIM_INFINITY);
	ck_assert_uint_eq(was_up(1ll << 31, 0, 0, 0), 0);
}
END_TEST

/* The system takes 0 for a second. */
static const struct {
	rlim_t seconds;
	bool up; /* after 1.3 s */
} own[] = { { 0, true }, { 1, true }, { 2, false }, { RLIM_INFINITY, false } };

#define NR_OWN (sizeof(own) / sizeof(own[0]))

/* Which of them, a bit each, are told to be up. */
static unsigned int told(void)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < NR_OWN; i++) {
		setrlimit(RLIMIT_CPU,
			  &(struct rlimit){ own[i].seconds, before.rlim_max });
		bits |= (unsigned int)cli_time_is_up() << i;
	}
	return bits;
}

/* In a child, whose time begins anew. */
static void use_a_second(void)
{
	struct timespec used;
	unsigned int first;

	signal(SIGXCPU, SIG_IGN);
	first = told();
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	while (!used.tv_sec || used.tv_nsec < 300000000);
	_exit((int)(first << NR_OWN | told()));
}

START_TEST(of_its_own)
{
	const pid_t pid = fork();
	unsigned int want = 0;
	int status;

	if (!pid)
		use_a_second();
	for (size_t i = 0; i < NR_OWN; i++)
		want |= (unsigned int)own[i].up << i;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_uint_eq((unsigned int)WEXITSTATUS(status), want);
}
END_TEST

static const struct unit_test tests[] = {
	TEST(of_a_child),
	TEST(of_its_own),
	{ 0 },
};

const struct unit_suite suite_batch_time = {
	"batch_time",
	{
		{ "limits", tests, setup, teardown },
	},
};
