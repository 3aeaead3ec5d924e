/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf_heads.h"

#include <stddef.h>

Elf *stk_elf_heads(int fd, size_t *nr)
{
	Elf *elf;

	*nr = 0;
	/* Where it does not know the version, nothing is begun. */
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	/* Of NULL, too, it leaves 0; and what there are in vain gelf_getphdr() says. */
	elf_getphdrnum(elf, nr);
	return elf;
}
