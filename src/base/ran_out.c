/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where brk() is refused glibc's malloc() takes memory from elsewhere, and leaves ENOMEM
 * in errno all the same: under valgrind and qemu-user each time that its heap must grow.
 * So it is made to grow: if what succeeds says ENOMEM, too, that tells nothing.
 */
#include "ran_out.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define BLOCK	  65536u /* less than what malloc() maps by itself */
#define NR_BLOCKS 1024u	 /* more than a heap has free */

bool stk_ran_out_of_memory(void)
{
	void *volatile block[NR_BLOCKS]; /* else the compiler knows that it takes none */
	bool ran_out = errno == ENOMEM;
	size_t nr = 0;

	errno = 0;
	while (ran_out && nr < NR_BLOCKS) {
		block[nr] = malloc(BLOCK);
		if (!block[nr])
			break;
		nr++;
		ran_out = errno != ENOMEM;
	}
	while (nr)
		free(block[--nr]);
	errno = 0;
	return ran_out;
}
