/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worlds.h - whole machines, each in another state: CPU 0 idles, a thread of a process
 * and one of the kernel's sleep, and CPU 1 came to a stop in a nest of stacks.
 */
#ifndef UNIT_WORLDS_H
#define UNIT_WORLDS_H

#include "fixture.h"

struct world {
	const char *name;
	void (*build)(void); /* makes m, sh and c */
	uint16_t machine;
};

#define NR_WORLDS 18

extern const struct world worlds[NR_WORLDS];

#endif
