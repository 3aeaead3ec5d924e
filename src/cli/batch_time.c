/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch_time.h"

#include <stdint.h>
#include <time.h>

/* This near to it the time is up: the system counts in steps, and to say so takes some.
 */
#define NEAR_MS 250u

#define NO_LIMIT UINT64_MAX

static uint64_t limit_ms(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CPU, &limit) || limit.rlim_cur >= NO_LIMIT / 1000)
		return NO_LIMIT;
	/* The system gives no less. */
	return limit.rlim_cur ? limit.rlim_cur * 1000 : 1000;
}

static bool is_up(uint64_t ms)
{
	return ms + NEAR_MS >= limit_ms();
}

bool cli_time_is_up(void)
{
	struct timespec used;

	return !clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) &&
	       is_up((uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000);
}

static uint64_t in_us(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

unsigned int cli_time_was_up(const struct rusage *used)
{
	const uint64_t us = in_us(&used->ru_utime) + in_us(&used->ru_stime);

	return is_up(us / 1000) ? (unsigned int)(limit_ms() / 1000) : 0;
}
