/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crowd.h - a machine with a task of each kind, to choose from. */
#ifndef UNIT_CROWD_H
#define UNIT_CROWD_H

#include "fixture.h"

/*
 * sh (227) runs on CPU 1 in a system call, over which an interrupt came; CPU 1 has saved
 * its registers, CPU 0 has not. The others sleep:
 *
 *   300 sleeper   S, 480 bytes of its stack in use
 *   401 writer    D, in the module disk, whose function is disk_wait()
 *   402 Writer    D, the same
 *   500 zombie    Z, with no stack any more
 *   600 kworker   I, a kernel thread
 *   700 broken    in no state that a kernel knows
 */
void crowd(void);

/* A task that sleeps in a system call; in disk_wait() if there is such a module. */
uint64_t crowd_sleeper(const char *comm, uint32_t pid, uint32_t state, bool in_module);

#endif
