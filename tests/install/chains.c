/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chains - print the chain of every task in a dump, a line each, outermost call last.
 *
 *	cc chains.c $(pkg-config --cflags --libs stackinfo) -o chains && ./chains VMCORE
 */
#include <stackinfo/stackinfo.h>
#include <inttypes.h>
#include <stdio.h>

static void print_chain(struct stk *s, const struct stk_chain *chain)
{
	struct stk_chain_info info;
	struct stk_frame_info frame;

	stk_get_chain(s, chain, &info, sizeof(info));
	printf("%" PRIu32 " %s:", info.pid, info.comm);
	for (size_t seg = 0; seg < info.nr_segments; seg++)
		for (size_t n = 0; !stk_get_frame(chain, seg, n, &frame, sizeof(frame));
		     n++)
			printf(" %s", frame.name.function ? frame.name.function : "?");
	printf(" (%s)\n", info.end_text);
}

int main(int argc, char **argv)
{
	struct stk_task_info task;
	struct stk_chain *chain;
	struct stk_dump *dump;
	struct stk *s;
	char error[256];

	if (argc != 2 || stk_dump_open(argv[1], NULL, &dump, error, sizeof(error)))
		return fprintf(stderr, "%s\n", argc == 2 ? error : "chains VMCORE") > 0;
	s = stk_dump_session(dump);
	for (size_t i = 0; !stk_get_task(s, i, &task, sizeof(task)); i++) {
		if (stk_chain_task(s, task.addr, &chain))
			continue;
		print_chain(s, chain);
		stk_chain_free(s, chain);
	}
	stk_dump_close(dump);
	return 0;
}
