/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vec.h - an array in an arena that grows by doubling. */
#ifndef STK_VEC_H
#define STK_VEC_H

#include <string.h>

#include "arena.h"

/*
 * One more element behind the @nr of @array, zeroed; the caller counts it once it is
 * filled in. NULL: no memory, and the array is as it was. @array and @room are members of
 * the caller's that begin as NULL and 0. Pointers to elements last until the next call.
 */
#define stk_vec_next(arena, array, nr, room)                                             \
	({                                                                               \
		/* Of pointers, too: NOLINTNEXTLINE(bugprone-sizeof-expression) */       \
		const size_t size_ = sizeof(*(array));                                   \
		__typeof__(array) next_ =                                                \
			stk_arena_grow(arena, array, nr, &(room), size_);                \
                                                                                         \
		if (next_) {                                                             \
			(array) = next_;                                                 \
			next_ += (nr);                                                   \
			memset(next_, 0, size_);                                         \
		}                                                                        \
		next_;                                                                   \
	})

#endif
