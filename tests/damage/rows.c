/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include <string.h>

uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

bool put(struct inventory *v, struct attempt *a, uint64_t virt, uint64_t value)
{
	return put_bytes(v, a, virt, &value, sizeof(value));
}

/* The change of the word at @phys, @whole or a part of it: then others may be there. */
static struct change *change_at(struct inventory *v, struct attempt *a, uint64_t phys,
				bool whole)
{
	struct change *c = a->change + (whole ? a->nr : 0);

	for (; c < a->change + a->nr; c++)
		if (c->phys == phys)
			return c;
	if (a->nr == MAX_CHANGES || !overlay_word(&v->e->overlay, phys, &c->value))
		return NULL;
	c->phys = phys;
	a->nr++;
	return c;
}

bool put_bytes(struct inventory *v, struct attempt *a, uint64_t virt, const void *data,
	       size_t size)
{
	const unsigned char *from = data;

	while (size) {
		uint64_t word = virt & ~7ull, phys;
		size_t part = 8 - (virt - word);
		struct change *c;

		if (part > size)
			part = size;
		c = engine_phys(v->e, word, &phys) ? change_at(v, a, phys, part == 8)
						   : NULL;
		if (!c)
			return false;
		memcpy((unsigned char *)&c->value + (virt - word), from, part);
		virt += part;
		from += part;
		size -= part;
	}
	return true;
}

void look_at(struct attempt *a, uint32_t subject)
{
	if (a->nr_subjects < MAX_SUBJECTS)
		a->subject[a->nr_subjects++] = subject;
}

void look_at_cpus(struct inventory *v, struct attempt *a, int cpu)
{
	for (uint32_t i = 0; i < v->e->nr_subjects; i++) {
		const struct subject *x = &v->e->subject[i];

		/* The live view reads whole stacks, which takes its time. */
		if (x->cpu >= 0 && (!x->live || x->cpu == cpu))
			look_at(a, i);
	}
}

void look_at_task(struct inventory *v, struct attempt *a, uint64_t task)
{
	int cpu = stk_running_cpu(v->e->base, task);

	for (uint32_t i = 0; i < v->e->nr_subjects; i++) {
		const struct subject *x = &v->e->subject[i];

		if (cpu >= 0 ? x->cpu == cpu : x->cpu < 0 && x->task.addr == task)
			look_at(a, i);
	}
}

bool follows_call(struct inventory *v, uint64_t addr, uint64_t *target)
{
	*target = 0;
	return v->arch->follows_call(v->e->base, addr, target);
}

uint64_t random_text(struct inventory *v, uint64_t *random)
{
	uint64_t begin, end;

	if (stk_symbol_address(v->e->base, "_stext", &begin) ||
	    stk_symbol_address(v->e->base, "_etext", &end) || end <= begin)
		return 0;
	return begin + next_random(random) % (end - begin);
}

uint64_t random_call(struct inventory *v, uint64_t *random)
{
	uint64_t addr = random_text(v, random), target;
	unsigned char byte;

	for (unsigned int i = 0; i < 4096; i++, addr++) {
		/* A small dump has little code: on with the next page. */
		if (stk_read(v->e->base, addr - 1, &byte, 1))
			addr |= PAGE - 1;
		else if (follows_call(v, addr, &target) &&
			 (!target || stk_is_text(v->e->base, target)))
			return addr;
	}
	return 0;
}
