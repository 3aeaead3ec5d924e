/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crash_target.h - a struct stk_target that asks crash. */
#ifndef CRASH_TARGET_H
#define CRASH_TARGET_H

#include <stackinfo/target.h>

/* Fill in @target; what it needs lives as long as the extension. */
void crash_target_init(struct stk_target *target);

/* Free what the target keeps. */
void crash_target_exit(void);

/* Who had stopped the machine, if crash knows the CPUs' registers from there. */
void crash_monitor(struct stk_target *target);

#endif
