/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ran_out.h - was there no memory for something that libraries keep silent about? */
#ifndef STK_RAN_OUT_H
#define STK_RAN_OUT_H

#include <stdbool.h>

/*
 * Did anything since errno was last 0 find no memory? json-c and stdio leave out what
 * they have none for, and only errno tells. Sets errno to 0.
 */
bool stk_ran_out_of_memory(void);

#endif
