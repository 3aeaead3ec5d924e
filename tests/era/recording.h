/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recording.h - a machine recorded as text, and the chains that are true there.
 *
 * testdata/machines.tar.xz holds machines with kernels that no distribution ships any
 * more: the memory words, symbols, types, registers and ORC rows that an unwinder
 * needs. The format is told in testdata/README.md.
 */
#ifndef ERA_RECORDING_H
#define ERA_RECORDING_H

#include "../lib/machine.h"

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

struct orc_row {
	uint64_t ip;
	unsigned char raw[6];
};

struct recording {
	struct syn *m;
	struct orc_row *row;
	size_t nr_rows, rows_room;
	struct expected_chain *chain;
	size_t nr_chains, chains_room;
	char module[56];
	uint64_t module_base, module_size;
};

struct recording *recording_load(const char *path);
void recording_free(struct recording *r);

#endif
