/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs every suite, each test in a process of its own. */
#include "synthetic.h"

#include <stdlib.h>

int main(void)
{
	static Suite *(*const suites[])(void) = {
		suite_api,	suite_answers,	suite_lists,	    suite_whose,
		suite_base,	suite_cache,	suite_layout,	    suite_cpus,
		suite_tasks,	suite_kallsyms, suite_modules,	    suite_pagetable,
		suite_orc,	suite_steps,	suite_fp,	    suite_unwind,
		suite_start,	suite_map,	suite_tss,	    suite_notes,
		suite_commands, suite_text,	suite_fred,	    suite_images,
		suite_log,	suite_stackof,	suite_stacks,	    suite_regions,
		suite_traced,	suite_edges,	suite_damage_judge, suite_strings,
		suite_callsite, suite_judge,	suite_witness,	    suite_evidence,
		suite_dying,	suite_budget,	suite_pick,	    suite_lost,
		suite_recover,	suite_prologue, suite_containers,   suite_lazy,
		suite_debuginfo,
	};
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
