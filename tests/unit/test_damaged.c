/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is said of a machine of which one thing is not as it was: a word, a page, a
 * symbol, a member of a type. Each part of golden/damaged/WORLD.txt is one, as damage.h
 * has it, and below it the lines that come anew. They were chosen out of many thousands
 * as such that each is answered in a way of its own.
 */
#include "golden.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "worlds.h"

static const struct world *world;
static char *sound; /* what is said of it as it was */

static void expect_damaged(const char *file, const char *how)
{
	char *now;

	fixture_free();
	world->build();
	damage(how);
	now = damage_answer();
	/* Without what was asked, which is there, too. */
	golden_teardown();
	golden_setup();
	damage_compare(golden, sound, now);
	free(now);
	golden_expect(file, how);
}

START_TEST(damaged)
{
	char file[64], *text, *save;

	world = &worlds[_i];
	world->build();
	sound = damage_answer();
	snprintf(file, sizeof(file), "damaged/%s", world->name);
	text = golden_read(file);
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, "==== ", 5))
			expect_damaged(file, line + 5);
	free(text);
	free(sound);
}
END_TEST

/* What was interrupted is not kept: asked again, all is as if nothing had been. */
START_TEST(interrupted)
{
	const unsigned int times = 24;
	unsigned int all;

	world = &worlds[_i];
	world->build();
	sound = damage_answer();
	all = m->calls.interrupted;
	/* The first ones, and of each world others. */
	for (unsigned int i = 0; i < times; i++) {
		const unsigned int polls =
			i < 8 ? i + 1 : 1 + all * i / times + (unsigned int)_i;
		char *now;

		fixture_free();
		world->build();
		m->interrupt_after = polls;
		free(damage_answer());
		ck_assert(m->interrupt);
		m->interrupt = false;
		m->interrupt_after = 0;
		now = damage_answer_again();
		golden_teardown();
		golden_setup();
		damage_compare(golden, sound, now);
		fflush(golden);
		ck_assert_msg(!strcmp(sound, now), "%s: %u: %.2000s", world->name, polls,
			      golden_text());
		free(now);
	}
	free(sound);
}
END_TEST

static const struct unit_test tests[] = { LOOP(damaged, NR_WORLDS),
					  LOOP(interrupted, NR_WORLDS),
					  { NULL } };

const struct unit_suite suite_damaged = {
	"what is said of a damaged machine",
	{
		{ "damaged", tests, golden_setup, golden_teardown },
	},
};
