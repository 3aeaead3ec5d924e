/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/machine.h"
#include "base/arena.h"

#define MAX_PLACES 2000u
#define MAX_HELD   (1u << 16)

static struct {
	const void *at[MAX_PLACES];
	size_t asked[MAX_PLACES], nr;
	bool watched, failed;
	const void *fails; /* NULL: none does */
	size_t before;	   /* it did not */
} places;

static struct {
	bool watched;
	void *p[MAX_HELD]; /* NULL: free */
	size_t nr;
} held;

void memory_hold(void)
{
	memset(&held, 0, sizeof(held));
	held.watched = true;
}

size_t memory_held(void)
{
	held.watched = false;
	return held.nr;
}

/* Where it is, or where there is room for it. */
static void **find(void *p)
{
	size_t i = ((uintptr_t)p >> 4) * 0x9e3779b1u % MAX_HELD;

	for (size_t k = 0; k < MAX_HELD; k++, i = (i + 1) % MAX_HELD)
		if (held.p[i] == p || !held.p[i])
			return &held.p[i];
	return NULL;
}

/* Slots are not moved: what was given back is left as one that no pointer has. */
static char gone;

static void *hold(void *p)
{
	void **at = held.watched && p ? find(p) : NULL;

	if (at && !*at) {
		*at = p;
		held.nr++;
	}
	return p;
}

static void let_go(void *p)
{
	void **at = held.watched && p ? find(p) : NULL;

	if (at && *at) {
		*at = &gone;
		held.nr--;
	}
}

void memory_watch(void)
{
	places.nr = 0;
	places.watched = true;
}

void memory_fail(size_t place, size_t nth)
{
	places.failed = false;
	places.before = nth;
	places.fails = places.at[place];
}

void memory_end(void)
{
	places.watched = false;
	places.fails = NULL;
}

size_t memory_places(void)
{
	syn_assert(places.nr < MAX_PLACES);
	return places.nr;
}

size_t memory_asked(size_t place)
{
	return places.asked[place];
}

bool memory_failed(void)
{
	return places.failed;
}

static void note(const void *at)
{
	size_t i = 0;

	while (i < places.nr && places.at[i] != at)
		i++;
	if (i == MAX_PLACES)
		return;
	if (i == places.nr) {
		places.at[i] = at;
		places.asked[i] = 0;
		places.nr++;
	}
	places.asked[i]++;
}

static bool from_elsewhere;

void memory_from_elsewhere(bool on)
{
	from_elsewhere = on;
}

static bool fails(const void *at)
{
	if (places.watched)
		note(at);
	if (places.failed || places.fails != at || places.before--)
		return false;
	places.failed = true;
	errno = ENOMEM;
	return true;
}

/* As arena.c does where the system has none. */
static bool arena_fails(struct stk_arena *a, const void *at)
{
	if (!fails(at))
		return false;
	a->failed = true;
	if (a->budget)
		stk_budget_short(a->budget);
	return true;
}

#define FROM __builtin_return_address(0)

#define WRAP(type, name, note, params, ...)                                              \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		return fails(FROM) ? NULL : note(__real_##name(__VA_ARGS__));            \
	}

#define WRAP_ARENA(type, name, params, ...)                                              \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		return arena_fails(a, FROM) ? NULL : __real_##name(__VA_ARGS__);         \
	}

WRAP(void *, calloc, hold, (size_t nr, size_t size), nr, size)
WRAP(char *, strdup, hold, (const char *s), s)
WRAP(FILE *, open_memstream, , (char **text, size_t *size), text, size)

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	void *p = fails(FROM) ? NULL : __real_malloc(size);

	if (from_elsewhere)
		errno = ENOMEM;
	/* As memory is that somebody had before: whoever takes it for zeros is wrong. */
	if (p && (places.watched || held.watched))
		memset(p, 1, size);
	return hold(p);
}

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
	if (fails(FROM))
		return NULL;
	let_go(p);
	if (from_elsewhere)
		errno = ENOMEM;
	return hold(__real_realloc(p, size));
}

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	let_go(p);
	__real_free(p);
}

WRAP_ARENA(void *, stk_arena_alloc, (struct stk_arena * a, size_t size), a, size)
WRAP_ARENA(void *, stk_arena_room, (struct stk_arena * a, size_t size), a, size)
WRAP_ARENA(void *, stk_arena_array, (struct stk_arena * a, size_t nr, size_t size), a, nr,
	   size)
WRAP_ARENA(char *, stk_arena_strndup, (struct stk_arena * a, const char *s, size_t len),
	   a, s, len)
WRAP_ARENA(void *, stk_arena_grow,
	   (struct stk_arena * a, void *array, size_t nr, size_t *room, size_t size), a,
	   array, nr, room, size)

char *__wrap_stk_arena_printf(struct stk_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *__wrap_stk_arena_printf(struct stk_arena *a, const char *fmt, ...)
{
	char *text, *copy;
	va_list ap;

	if (arena_fails(a, FROM))
		return NULL;
	va_start(ap, fmt);
	syn_assert(vasprintf(&text, fmt, ap) >= 0);
	va_end(ap);
	copy = __real_stk_arena_strndup(a, text, strlen(text));
	__real_free(text);
	return copy;
}
