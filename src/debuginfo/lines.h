/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - source lines and inlined calls from an image's DWARF. */
#ifndef STK_LINES_H
#define STK_LINES_H

#include "elf_file.h"

/* As struct stk_debuginfo_ops has it. */
size_t stk_lines_lookup(struct stk_elf *image, uint64_t pc, struct stk_line *out,
			size_t room);

const char *stk_lines_absent(struct stk_elf *image);

#endif
