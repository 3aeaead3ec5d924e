/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <stackinfo/kernel.h>

#include "cpus.h"
#include "layout.h"

/* What is more is garbage: no machine was up for a hundred years. */
#define MAX_SECONDS (100ull * 366 * 86400)
#define NS	    1000000000ull

/*
 * Where the timekeeper is (kernel/time/timekeeping.c). Up to 6.12 it is in a structure
 * without a name, but beside it lies a copy that is updated first. Since then that is in
 * the structure, too, which has a name; later it is the first of an array. A type that
 * the kernel lacks is not asked for: crash takes its time to say no.
 */
static const struct {
	const char *symbol;
	bool inside; /* of a struct tk_data */
} timekeepers[] = {
	{ "shadow_timekeeper", false },
	{ "timekeeper_data", true },
	{ "tk_core", true },
};

static bool find_timekeeper(struct stk *s, uint64_t *addr)
{
	struct stk_member member;

	for (size_t i = 0; i < sizeof(timekeepers) / sizeof(timekeepers[0]); i++) {
		if (!stk_find_symbol(s, timekeepers[i].symbol, addr) ||
		    (timekeepers[i].inside &&
		     !stk_find_member(s, "tk_data", "timekeeper", &member)))
			continue;
		*addr += timekeepers[i].inside ? member.offset : 0;
		return true;
	}
	return false;
}

bool stk_uptime(struct stk *s, uint64_t *seconds)
{
	struct stk_member member;
	uint64_t tk, suspended;

	if (!stk_find_member(s, "timekeeper", "ktime_sec", &member) ||
	    !stk_find_member(s, "timekeeper", "offs_boot", &member) ||
	    !find_timekeeper(s, &tk) ||
	    stk_read_member(s, tk, "timekeeper", "ktime_sec", seconds) ||
	    stk_read_member(s, tk, "timekeeper", "offs_boot", &suspended) || !*seconds ||
	    *seconds > MAX_SECONDS || suspended / NS > MAX_SECONDS)
		return false;
	*seconds += suspended / NS;
	return true;
}

bool stk_sched_clock(struct stk *s, uint64_t *ns)
{
	const unsigned int nr = stk_nr_cpus(s);
	uint64_t rq, clock;

	*ns = 0;
	for (unsigned int cpu = 0; cpu < nr; cpu++) {
		if (!stk_cpu_possible(s, cpu) ||
		    stk_percpu_address(s, "runqueues", cpu, &rq) ||
		    stk_read_member(s, rq, "rq", "clock", &clock) ||
		    clock / NS > MAX_SECONDS)
			continue;
		if (clock > *ns)
			*ns = clock;
	}
	return *ns != 0;
}

bool stk_task_idle_for(struct stk *s, uint64_t task, uint64_t now, uint64_t *ns)
{
	struct stk_member info, member;
	uint64_t arrival;

	/* Without CONFIG_SCHED_INFO the structure is empty. */
	if (!stk_find_member(s, "task_struct", "sched_info", &info) ||
	    !stk_find_member(s, "sched_info", "last_arrival", &member) ||
	    stk_read_member(s, task + info.offset, "sched_info", "last_arrival",
			    &arrival) ||
	    !arrival || arrival > now)
		return false;
	*ns = now - arrival;
	return true;
}
