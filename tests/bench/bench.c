/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench [-n NAMELIST] VMCORE: how long the library needs to know every stack of a
 * machine, what that costs in memory, and how many addresses a second it classifies.
 * One line each: NAME VALUE UNIT.
 */
#include <malloc.h>
#include <stackinfo/dump.h>
#include <stackinfo/place.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine/memory.h"

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Which addresses: anywhere on the stacks, or those of them in the direct map. */
enum which { OWN, DIRECT, GUARD };

static size_t choose(struct stk *s, const struct stk_stack *stack, size_t nr,
		     enum which which, uint64_t *addr, size_t room)
{
	uint64_t seed = 0x5ca1ab1e;
	size_t n = 0;

	for (size_t tries = 0; n < room && tries < 4 * room; tries++) {
		const struct stk_stack *k = &stack[next_random(&seed) % nr];
		uint64_t at = k->begin + next_random(&seed) % (k->end - k->begin);
		struct stk_place p;

		if (which == OWN) {
			addr[n++] = at;
		} else if (which == GUARD) {
			if (k->guard)
				addr[n++] = k->begin - 1 - at % 4096;
		} else if (!stk_classify(s, at, &p)) {
			for (size_t i = 0; i < p.nr_aliases; i++)
				if (!strcmp(p.aliases[i].view, "direct map") && n < room)
					addr[n++] = p.aliases[i].addr;
		}
	}
	return n;
}

static bool classify(struct stk *s, const char *name, const uint64_t *addr, size_t nr,
		     size_t times)
{
	size_t on_stack = 0;
	double from = cpu_seconds();

	for (size_t t = 0; t < times; t++) {
		for (size_t i = 0; i < nr; i++) {
			struct stk_place p;

			if (stk_classify(s, addr[i], &p))
				return false;
			on_stack += p.has_stack;
		}
	}
	printf("classify_%s %.0f per second\n", name,
	       (double)(nr * times) / (cpu_seconds() - from));
	return on_stack == nr * times;
}

/*
 * What the index takes beside the caches of pages, which do not grow with the machine:
 * in a session whose caches are full of other pages before.
 */
static bool memory(const char *path, const char *namelist, const uint64_t *addr,
		   size_t nr)
{
	const struct stk_stack *stack;
	const struct stk_task *task;
	struct stk_dump *dump;
	struct stk_task current;
	size_t stacks, tasks, before;
	char error[512];
	bool done = false;

	if (stk_dump_open(path, namelist, &dump, error, sizeof(error)))
		return false;
	if (!stk_cpu_current(stk_dump_session(dump), 0, &current)) {
		struct stk *s = stk_dump_session(dump);

		for (size_t i = 0; i < nr; i++) {
			unsigned char byte;

			stk_read(s, addr[i], &byte, 1);
		}
		before = heap();
		done = !stk_tasks(s, &task, &tasks) && !stk_stacks(s, &stack, &stacks) &&
		       tasks;
		if (done)
			printf("index_memory %zu bytes per task\n",
			       (heap() - before) / tasks);
	}
	stk_dump_close(dump);
	return done;
}

int main(int argc, char **argv)
{
	static const char *const name[] = { "stack", "direct_map", "guard" };
	enum { ROOM = 1 << 18 };
	const char *namelist = NULL;
	const struct stk_stack *stack;
	const struct stk_task *task;
	struct stk_task current;
	struct stk_dump *dump;
	size_t nr, nr_tasks;
	uint64_t *addr = malloc(ROOM * sizeof(*addr));
	char error[512];
	double from, opened, cpu;
	struct stk *s;

	if (argc == 4 && !strcmp(argv[1], "-n")) {
		namelist = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 2 || !addr) {
		fprintf(stderr, "usage: bench [-n NAMELIST] VMCORE\n");
		return 2;
	}
	from = seconds();
	if (stk_dump_open(argv[1], namelist, &dump, error, sizeof(error))) {
		fprintf(stderr, "bench: %s\n", error);
		return 1;
	}
	s = stk_dump_session(dump);
	/* Symbols and types are not the map's; a first task wants them all. */
	if (stk_cpu_current(s, 0, &current))
		goto failed;
	opened = seconds();
	cpu = cpu_seconds();
	if (stk_tasks(s, &task, &nr_tasks) || stk_stacks(s, &stack, &nr) || !nr ||
	    !nr_tasks)
		goto failed;
	printf("tasks %zu tasks\nstacks %zu stacks\n", nr_tasks, nr);
	printf("open %.3f seconds\n", opened - from);
	printf("index %.3f seconds\n", seconds() - opened);
	printf("index_cpu %.3f seconds\n", cpu_seconds() - cpu);
	for (enum which w = OWN; w <= GUARD; w++) {
		size_t n = choose(s, stack, nr, w, addr, ROOM);

		/* The first time finds out about each stack. */
		if (!n || (w == OWN && !classify(s, "stack_first", addr, n, 1)) ||
		    !classify(s, name[w], addr, n, 4))
			goto failed;
		if (w == DIRECT && !memory(argv[1], namelist, addr, n))
			goto failed;
	}
	stk_dump_close(dump);
	free(addr);
	return 0;
failed:
	fprintf(stderr, "bench: %s\n", stk_error_text(s));
	return 1;
}
