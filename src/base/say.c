/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "vec.h"

struct thing {
	const void *bytes;
	size_t size;
	uint32_t hash;
};

struct stk_said {
	struct stk_hash table;
	struct thing *thing;
	size_t nr, room;
};

static uint32_t hash_of(const void *priv, uint32_t number)
{
	const struct stk_said *said = priv;

	return said->thing[number - 1].hash;
}

const void *stk_say_bytes(struct stk *s, const void *bytes, size_t size)
{
	struct stk_said *said = s->said;
	uint32_t hash = stk_hash_bytes(bytes, size), *slot;
	struct thing *new;
	void *copy;

	if (!said)
		said = s->said = stk_arena_alloc(&s->texts, sizeof(*said));
	if (!said ||
	    !stk_hash_reserve(&said->table, &s->texts, said->nr + 1, hash_of, said))
		return NULL;
	stk_hash_each (slot, &said->table, hash) {
		const struct thing *old = &said->thing[*slot - 1];

		if (old->size == size && !memcmp(old->bytes, bytes, size))
			return old->bytes;
	}
	new = stk_vec_next(&s->texts, said->thing, said->nr, said->room);
	copy = new ? stk_arena_alloc(&s->texts, size) : NULL;
	if (!copy)
		return NULL;
	*new = (struct thing){ memcpy(copy, bytes, size), size, hash };
	*slot = (uint32_t)++said->nr;
	return copy;
}

const char *stk_say(struct stk *s, const char *fmt, ...)
{
	char *text = NULL;
	const char *kept;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	kept = stk_say_bytes(s, text, (size_t)len + 1);
	free(text);
	return kept;
}
