/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h - a dump opened once, then read again and again with other words changed.
 *
 * Opening a session costs a thousand times what a chain does. So one session is kept
 * whose knowledge of the machine is that of the sound dump: it serves every change that
 * this knowledge did not come from; only its page cache is forgotten. For the others a
 * session is made anew that shares nothing but symbols and types.
 */
#ifndef DAMAGE_ENGINE_H
#define DAMAGE_ENGINE_H

#include <stackinfo/dump.h>
#include <stackinfo/unwind.h>

#include "overlay.h"

struct change {
	uint64_t phys, value;
};

/*
 * A chain that somebody may ask for: a running CPU's or a task's; or what the CPU did
 * after it left the context that its registers are of.
 */
struct subject {
	int cpu; /* -1: a task */
	bool live;
	struct stk_task task;
	struct stk_chain *truth; /* without damage; NULL: there is none */
	bool sound;		 /* it is certain */
};

struct engine {
	struct stk_dump *dump;
	struct overlay overlay;
	struct stk_target target;
	struct stk *keeper; /* owns what all share */
	struct stk *base;   /* knows the sound machine */
	struct stk *clean;  /* knows what the changed words say; anew for each try */
	struct subject *subject;
	size_t nr_subjects;
	uint64_t image, image_end; /* physical, of the kernel */
};

bool engine_open(struct engine *e, const char *path, char *error, size_t size);
void engine_close(struct engine *e);

/*
 * Change words; the session to ask then, until engine_undo(). @whole: never the kept
 * one. NULL: a word is not in the dump.
 */
struct stk *engine_change(struct engine *e, const struct change *change, size_t nr,
			  bool whole);
void engine_undo(struct engine *e);

/* A session that shares nothing with any other, to check the short cuts with. */
struct stk *engine_fresh(struct engine *e);

/* Unwind @subject in @s; NULL when no chain can be had, or no such task is there. */
struct stk_chain *engine_chain(const struct engine *e, struct stk *s,
			       const struct subject *subject, bool *found);

/* Reads of the sound dump. */
bool engine_phys(struct engine *e, uint64_t virt, uint64_t *phys);
bool engine_word(struct engine *e, uint64_t virt, uint64_t *value);

#endif
