/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lime.h - what LiME and AVML write of a running machine: memory, with a header each. */
#ifndef STK_LIME_H
#define STK_LIME_H

#include <stdbool.h>
#include <stdint.h>

bool stk_is_lime(int fd);

/* How long the file should be, as far as its headers reach. */
uint64_t stk_lime_size(int fd);

#endif
