/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs every suite. */
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <stdlib.h>

/* A new suite has a file, and is run if it is named here. */
/* clang-format off */
#define SUITES(_) \
	_(machine) _(api) _(base) _(cache) _(layout) _(cpus) _(tasks) _(kallsyms) \
	_(modules) _(pagetable) _(orc) _(steps) _(fp) _(unwind) _(start) _(map) \
	_(tss) _(entry) _(notes) _(saved) _(monitor) _(commands) _(text) _(fred) _(images) _(log) _(stackof) \
	_(findings_machine) _(findings_made) \
	_(oops) _(events) _(read_events) _(event_frames) _(event_lines) _(text_ends) _(signature) _(shadow) _(cfi) _(rust) \
	_(stacks) \
	_(regions) _(traced) _(edges) _(damage_judge) _(strings) _(sum) _(join) _(callsite) \
	_(boot_lost) \
	_(calls) _(judge) _(same) _(witness) _(evidence) _(dying) _(budget) _(pick) _(lost) \
	_(recover) _(prologue) _(containers) _(answers) _(lazy) _(debuginfo) _(find) _(fault) \
	_(lists) _(whose) _(panicked) _(titles) _(slab) _(typed) _(stub) _(files) _(extent) _(btf) \
	_(dump) _(small) _(vmcoreinfo) _(hide) _(homes) _(view) _(cli) _(select) _(shapes) _(request) \
	_(numbers) _(copied) _(places) _(told) _(json) _(given) _(pack) _(pack_others) _(pack_file) _(packed) _(cli_run) _(batch) _(batch_time) _(line) _(options) _(reported) _(input) _(findings) \
	_(arm64_tables) _(riscv64_tables) _(riscv64_mode) _(arm64_unwind) _(arm64_code) \
	_(riscv64_unwind) _(riscv64_code) _(riscv64_made) \
	_(arm64_regs) _(riscv64_regs) _(riscv64_hart) _(arm64_words) _(riscv64_words) \
	_(maple) _(needed) _(kallsyms_find) _(formats) _(rendered_places) _(rendered_chains) _(rendered_events) _(code_frames) _(printed) _(painted) _(arch_common) _(other_steps) _(x86_bounds) _(x86_rules) \
	_(damaged) \
	_(memory)
/* clang-format on */

#define DECLARE(name) extern const struct unit_suite suite_##name;
#define ADDRESS(name) &suite_##name,

SUITES(DECLARE)

static TCase *case_of(const struct unit_case *row)
{
	TCase *tc = tcase_create(row->name);

	/* A loop that is not cut ends here, if tests have processes of their own. */
	tcase_set_timeout(tc, 60);
	/* The last that is added comes first. */
	tcase_add_checked_fixture(tc, NULL, fixture_free);
	tcase_add_checked_fixture(tc, NULL, golden_teardown);
	tcase_add_checked_fixture(tc, row->setup, row->teardown);
	for (const struct unit_test *t = row->tests; t->test; t++)
		tcase_add_loop_test(tc, *t->test, t->first, t->end);
	return tc;
}

static Suite *suite_of(const struct unit_suite *table)
{
	const size_t room = sizeof(table->cases) / sizeof(table->cases[0]);
	Suite *suite = suite_create(table->name);

	for (size_t i = 0; i < room && table->cases[i].name; i++)
		suite_add_tcase(suite, case_of(&table->cases[i]));
	return suite;
}

int main(void)
{
	static const struct unit_suite *const suites[] = { SUITES(ADDRESS) };
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suite_of(suites[i]));
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
