/* SPDX-License-Identifier: GPL-2.0-or-later */
/* images.h - which file's debuginfo is of the code at an address: see stk_debuginfo_ops.
 */
#ifndef STK_IMAGES_H
#define STK_IMAGES_H

#include "../base/context.h"

/*
 * The image of the code at @addr, and its address there. False: the code is none of the
 * kernel's and no module's, or there is no debuginfo of it.
 */
bool stk_image_of(struct stk *s, uint64_t addr, void **image, uint64_t *pc);

/* May there be call frame information for it? Not of the start's code, which was freed.
 */
bool stk_image_has_calls(struct stk *s, uint64_t addr);

/* Call frame information for the code at @addr: see struct stk_debuginfo_ops. */
enum stk_status stk_image_caller(struct stk *s, uint64_t addr,
				 struct stk_cfi_frame *frame);

/* The lines of the code at @addr: see there. What has none at all is remembered. */
size_t stk_image_lines(struct stk *s, uint64_t addr, struct stk_line *out, size_t room);

#endif
