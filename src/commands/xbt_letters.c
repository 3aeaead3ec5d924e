/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the letters of crash's bt are in xbt. */
#include "xbt.h"

const struct stk_letter xbt_letters[] = {
	{ "-a", false, "the same: every CPU that was running." },
	{ "-A", false, "all tasks; bt's, of s390x, is its -a with vector registers." },
	{ "-c", false, "the same: these CPUs." },
	{ "-d", true, "offsets are decimal, as bt -s has them." },
	{ "-e", true,
	  "each pt_regs is in its place in the chain; -v says where it lies." },
	{ "-E", true, "\"xbt -a -v\" has those of the IRQ and exception stacks, too." },
	{ "-f", false, "the same: the words of each frame, with what each points to." },
	{ "-F", true, "-f tells what each word points to; slabs it does not know." },
	{ "-g", false, "equal chains once; bt's is the thread group: name its threads." },
	{ "-I", false, "the same, with -S." },
	{ "-l", false, "the same: file and line; and inlined calls." },
	{ "-n", false, "the same: without idle tasks; but the panicking CPU is shown." },
	{ "-o", false, "flame graphs; bt's old method is -t." },
	{ "-O", true, "there is one way to unwind; -t and -T show what bt -o does." },
	{ "-p", false, "the same: the CPU that panicked." },
	{ "-r", false, "registers; bt's raw stack is \"rd BASE -e TOP\" in crash." },
	{ "-R", false, "the same of a function; of an address: start at this pt_regs." },
	{ "-s", false, "the same: it has no effect, as names always have offsets." },
	{ "-S", false, "the same, on any stack, also without a task." },
	{ "-t", false, "the same, in the chain, each word marked \"?\"." },
	{ "-T", false, "the same, of every stack that the chain passes." },
	{ "-v", false, "evidence; what bt's looks for is in \"stackof -m\"." },
	{ "-x", true, "offsets are decimal, as bt -s has them." },
	{ 0 },
};
