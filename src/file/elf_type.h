/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_type.h - a program, a part of one, or a core: all that begin as ELF does. */
#ifndef STK_ELF_TYPE_H
#define STK_ELF_TYPE_H

#include <elf.h>
#include <string.h>
#include <unistd.h>

/*
 * Its e_type, in whatever order its bytes are; -1: it is none of ELF, or cannot be read
 * from its beginning, as a pipe, of which nothing is taken.
 */
static inline int stk_elf_type(int fd)
{
	unsigned char head[EI_NIDENT + 2];

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, ELFMAG, SELFMAG))
		return -1;
	return head[EI_NIDENT + (head[EI_DATA] == ELFDATA2MSB)];
}

#endif
