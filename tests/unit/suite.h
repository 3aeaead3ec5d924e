/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suite.h - suites as tables.
 *
 * A suite is a struct unit_suite at the end of its file, named in the list of main.c and
 * nowhere else. Each test of a case begins with the case's setup.
 */
#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <check.h>

/*
 * An assertion that holds writes its place to a file, in case the test crashes behind it:
 * nearly half of the time. Whoever runs the tests a thousand times does not look there.
 */
#ifdef UNIT_QUICK
#define _mark_point(file, line) ((void)0)
#endif

struct unit_test {
	const TTest *const *test; /* NULL ends a table */
	int first, end;		  /* _i in the test */
};

#define RANGE(name, first, end)                                                          \
	{                                                                                \
		&(name), (first), (end)                                                  \
	}
#define LOOP(name, count) RANGE(name, 0, count)
#define TEST(name)	  RANGE(name, 0, 1)

/* The machine of fixture.h is freed behind @teardown. */
struct unit_case {
	const char *name;
	const struct unit_test *tests;
	void (*setup)(void);	/* may be NULL */
	void (*teardown)(void); /* the same */
};

struct unit_suite {
	const char *name;
	struct unit_case cases[12]; /* one without a name ends them */
};

#endif
