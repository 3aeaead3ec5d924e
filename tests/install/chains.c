/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chains - print the chain of every task in a dump, a line each, outermost call last.
 *
 *	cc chains.c $(pkg-config --cflags --libs stackinfo) -o chains && ./chains VMCORE
 */
#include <stackinfo/dump.h>
#include <stackinfo/unwind.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	const struct stk_task *task;
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_dump *dump;
	char error[256];
	size_t nr;

	if (argc != 2 || stk_dump_open(argv[1], NULL, &dump, error, sizeof(error)))
		return fprintf(stderr, "%s\n", argc == 2 ? error : "chains VMCORE") > 0;
	struct stk *s = stk_dump_session(dump);

	if (stk_tasks(s, &task, &nr))
		nr = 0;
	for (size_t i = 0; i < nr; i++) {
		if (stk_start_task(s, &task[i], &start) || stk_unwind(s, &start, &chain))
			continue;
		printf("%u %s:", task[i].pid, task[i].comm);
		for (struct stk_segment *seg = chain->segments; seg; seg = seg->next)
			for (size_t n = 0; n < seg->nr_frames; n++)
				printf(" %s", seg->frames[n].name.function ?: "?");
		printf(" (%s)\n", chain->end_text);
		stk_chain_free(s, chain);
	}
	stk_dump_close(dump);
	return 0;
}
