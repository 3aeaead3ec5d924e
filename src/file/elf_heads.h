/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_heads.h - the program headers of an open file. */
#ifndef STK_ELF_HEADS_H
#define STK_ELF_HEADS_H

#include <gelf.h>

/*
 * For gelf_getphdr(), as often as *@nr says: of what is no ELF never. The caller ends it
 * with elf_end(). NULL: it cannot be read.
 */
Elf *stk_elf_heads(int fd, size_t *nr);

#endif
