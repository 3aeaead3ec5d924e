/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - a machine recorded as text, as a target.
 *
 * testdata/machines.tar.xz holds machines with kernels that no distribution ships any
 * more: the memory words, symbols, types, registers and ORC rows that an unwinder
 * needs, and the chains that are true there. The format is told in machines/README.
 */
#ifndef ERA_MACHINE_H
#define ERA_MACHINE_H

#include <stackinfo/target.h>

#define MAX_FRAMES 160

struct expected_frame {
	char stack[24], function[128];
	uint64_t offset, ip, sp, bp;
};

struct expected_chain {
	int cpu; /* -1: a task that sleeps */
	uint64_t task;
	struct expected_frame frame[MAX_FRAMES];
	size_t nr;
	char end[16];	 /* user, idle, thread, stop, error */
	uint64_t ip, sp; /* of user mode; 0: not told */
	bool orc_hole;	 /* the second frame was taken from DWARF */
};

struct machine;

struct machine *machine_load(const char *path);
void machine_free(struct machine *m);
void machine_target(struct machine *m, struct stk_target *target);
size_t machine_chains(struct machine *m, struct expected_chain **chains);

#endif
