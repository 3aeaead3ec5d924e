/* SPDX-License-Identifier: GPL-2.0-or-later */
/* about_address.h - what an address is, as a clause for a finding. */
#ifndef STK_ABOUT_ADDRESS_H
#define STK_ABOUT_ADDRESS_H

#include <stackinfo/place.h>

/* "in vmalloc space, where nothing is allocated": of @place, to @text; returned. */
const char *stk_about_address(struct stk *s, const struct stk_place *place, char *text,
			      size_t size);

/*
 * What @value may have been, which is no address of this machine: a poison, characters,
 * or a kernel address of which one or two bits are wrong. False: nothing is known.
 */
bool stk_about_no_address(struct stk *s, uint64_t value, char *text, size_t size);

#endif
