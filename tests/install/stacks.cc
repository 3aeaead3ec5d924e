/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stacks - print every stack in a dump, how much of it is used, and whose it is.
 *
 *	c++ stacks.cc $(pkg-config --cflags --libs stackinfo) -o stacks && ./stacks VMCORE
 */
#include <stackinfo/stackinfo.h>
#include <cinttypes>
#include <cstdio>
#include <memory>

struct closer {
	void operator()(stk_dump *dump) const
	{
		stk_dump_close(dump);
	}
};

int main(int argc, char **argv)
{
	stk_stack_info stack;
	stk_use_info use;
	stk_place_info place;
	stk_dump *opened;
	char error[256];

	if (argc != 2 || stk_dump_open(argv[1], nullptr, &opened, error, sizeof(error)))
		return fprintf(stderr, "%s\n", argc == 2 ? error : "stacks VMCORE") > 0;
	std::unique_ptr<stk_dump, closer> dump(opened);
	stk *s = stk_dump_session(opened);

	for (size_t i = 0; !stk_get_stack(s, i, &stack, sizeof(stack)); i++) {
		if (stk_get_use(s, stack.begin, &use, sizeof(use)) ||
		    stk_get_place(s, stack.begin, 0, &place, sizeof(place)))
			continue;
		std::printf("%" PRIx64 "-%" PRIx64 " %s cpu %d task %" PRIx64
			    " %s %" PRIu64 " in %s\n",
			    stack.begin, stack.end, stack.kind, stack.cpu, stack.task,
			    use.state, use.sp ? use.used : 0, place.region);
	}
	return 0;
}
