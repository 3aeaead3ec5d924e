/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>

int open_terminal(int *master)
{
	int terminal;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert(*master >= 0 && !grantpt(*master) && !unlockpt(*master));
	terminal = open(ptsname(*master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(terminal, 0);
	return terminal;
}
