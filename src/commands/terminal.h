/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - what a terminal can print. */
#ifndef STK_TERMINAL_H
#define STK_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Is it a terminal that the user's locale does not call one of UTF-8? */
bool stk_reads_bytes(FILE *fp);

#endif
