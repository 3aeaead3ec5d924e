/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - a terminal that a test types at and reads from. */
#ifndef UNIT_TERMINAL_H
#define UNIT_TERMINAL_H

/* Its end for programs; @master: the other one. Both are the caller's to close. */
int open_terminal(int *master);

#endif
