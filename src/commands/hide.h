/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hide.h - text without what differs from boot to boot: addresses of the kernel, which
 * KASLR moves, and of processes.
 *
 * So two dumps can be compared with diff(1). An address of which nothing else would be
 * left is named: function+offset, or how far below which stack's top.
 */
#ifndef STK_HIDE_H
#define STK_HIDE_H

#include <stdio.h>

#include <stackinfo/kernel.h>

/* Copy @text, whole lines, to @out. */
void stk_hide_addresses(struct stk *s, FILE *out, const char *text, size_t len);

#endif
