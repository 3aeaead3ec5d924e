/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classes.h - damage that nothing in the dump can tell.
 *
 * Each class has a predicate, computed from the sound dump, the words changed and what
 * the damaged chain claims; never from whether the library has doubts.
 */
#ifndef DAMAGE_CLASSES_H
#define DAMAGE_CLASSES_H

#include "rows.h"

struct class
{
	const char *name, *text;
	bool (*holds)(struct inventory *v, const struct attempt *a,
		      const struct subject *x, const struct stk_chain *chain);
};

#define MAX_CLASSES 32

extern const struct class classes[];
extern const size_t nr_classes;

/* The first that holds; NULL: none. */
const struct class *class_of(struct inventory *v, const struct attempt *a,
			     const struct subject *x, const struct stk_chain *chain);

#endif
