/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stack.h - a stack is a value.
 *
 * This is left of the architectures: they make stacks and say of which kind they are.
 * The map, which knows all of them, is to their right (map.h).
 */
#ifndef STK_STACK_H
#define STK_STACK_H

#include <stackinfo/stacks.h>

/* More than any CPU has. */
#define STK_MAX_CPU_STACKS 12u

#endif
