/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - what the targets of libFuzzer share: the fuzzer's bytes as a dead machine,
 * or as a file.
 *
 * A machine is a text, a zero byte and memory. The text is VMCOREINFO, where symbols
 * (SYMBOL(name)=hex), members (OFFSET(type.member)=number) and sizes (SIZE(type)=number)
 * come from, too, so that the fuzzer may move all of them. The memory begins at virtual
 * address FUZZ_MEMORY; nothing else is mapped. Seeds of it are made by seeds.py.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include "base/context.h"
#include "file/notes.h"

#define FUZZ_MEMORY 0xffffffff81000000ull

/* Not assert(), which may be compiled away. */
#define fuzz_assert(cond)                                                                \
	do {                                                                             \
		if (!(cond))                                                             \
			__builtin_trap();                                                \
	} while (0)

struct fuzz_machine {
	struct stk_arena arena;
	struct stk_notes notes;
	const uint8_t *memory;
	size_t size;
	struct stk_target target;
};

/* Any bytes are a machine. @data must outlive it. */
void fuzz_machine(struct fuzz_machine *m, const uint8_t *data, size_t size);

/* A session on m->target, whose budget is small: what would take long is cut. */
struct stk *fuzz_open(struct fuzz_machine *m);

/* Close @s and free what @m has. */
void fuzz_close(struct fuzz_machine *m, struct stk *s);

/* A file in memory with these bytes, for the next call of it to change; its path. */
const char *fuzz_file(const uint8_t *data, size_t size);

#endif
