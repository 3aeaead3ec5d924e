/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct overlay *o, uint64_t pfn)
{
	size_t i = (size_t)(pfn * 0x9e3779b97f4a7c15ull >> 20) & (o->size - 1);

	while (o->slot[i] && o->slot[i]->pfn != pfn)
		i = (i + 1) & (o->size - 1);
	return i;
}

static bool grow(struct overlay *o)
{
	struct overlay bigger = *o;

	bigger.size = o->size ? o->size * 2 : 4096;
	bigger.slot = calloc(bigger.size, sizeof(struct page *));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < o->size; i++)
		if (o->slot[i])
			bigger.slot[slot_of(&bigger, o->slot[i]->pfn)] = o->slot[i];
	free(o->slot);
	*o = bigger;
	return true;
}

static struct page *find(struct overlay *o, uint64_t phys)
{
	uint64_t pfn = phys / PAGE;
	struct page *p;
	size_t i = slot_of(o, pfn);

	if (o->slot[i])
		return o->slot[i];
	if (o->nr * 2 >= o->size) {
		if (!grow(o))
			return NULL;
		i = slot_of(o, pfn);
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pfn = pfn;
	p->data = malloc(PAGE);
	p->status = p->data ? o->real->read_phys(o->priv, pfn * PAGE, p->data, PAGE)
			    : STK_ERR_NOMEM;
	if (p->status) {
		free(p->data);
		p->data = NULL;
	}
	o->slot[i] = p;
	o->nr++;
	return p;
}

static void note(struct page *p, uint32_t reader)
{
	uint32_t *grown;

	p->reader = reader;
	if (reader == READER_MACHINE) {
		p->machine = true;
		return;
	}
	grown = realloc(p->readers, (p->nr_readers + 1) * sizeof(*grown));
	if (!grown)
		abort(); /* a test without memory proves nothing */
	p->readers = grown;
	p->readers[p->nr_readers++] = reader - FIRST_SUBJECT;
}

/* A page of the machine's may be several of ours. */
static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct overlay *o = priv;
	unsigned char *to = buf;

	while (len) {
		size_t offset = addr % PAGE,
		       part = PAGE - offset < len ? PAGE - offset : len;
		struct page *p = find(o, addr);

		if (!p)
			return STK_ERR_NOMEM;
		if (o->reader && p->reader != o->reader)
			note(p, o->reader);
		if (p->status)
			return p->status;
		memcpy(to, (p->changed ? p->changed : p->data) + offset, part);
		addr += part;
		to += part;
		len -= part;
	}
	return STK_OK;
}

const struct stk_memory_ops overlay_ops = { .read_phys = read_phys };

bool overlay_init(struct overlay *o, const struct stk_target *target)
{
	memset(o, 0, sizeof(*o));
	o->real = target->memory;
	o->priv = target->memory_priv;
	for (size_t i = 0; i < MAX_CHANGED_PAGES; i++) {
		o->spare[i] = malloc(PAGE);
		if (!o->spare[i])
			return false;
	}
	return grow(o);
}

void overlay_free(struct overlay *o)
{
	for (size_t i = 0; i < o->size; i++) {
		if (!o->slot[i])
			continue;
		free(o->slot[i]->data);
		free(o->slot[i]->readers);
		free(o->slot[i]);
	}
	for (size_t i = 0; i < MAX_CHANGED_PAGES; i++)
		free(o->spare[i]);
	free(o->slot);
}

struct page *overlay_page(struct overlay *o, uint64_t phys)
{
	struct page *p = find(o, phys);

	return p && !p->status ? p : NULL;
}

bool overlay_word(struct overlay *o, uint64_t phys, uint64_t *value)
{
	struct page *p = overlay_page(o, phys);

	if (!p || phys % 8)
		return false;
	memcpy(value, p->data + phys % PAGE, sizeof(*value));
	return true;
}

bool overlay_set(struct overlay *o, uint64_t phys, uint64_t value)
{
	struct page *p = overlay_page(o, phys);

	if (!p || phys % 8)
		return false;
	if (!p->changed) {
		if (o->nr_changed == MAX_CHANGED_PAGES)
			return false;
		p->changed = o->spare[o->nr_changed];
		o->changed[o->nr_changed++] = p;
		memcpy(p->changed, p->data, PAGE);
	}
	memcpy(p->changed + phys % PAGE, &value, sizeof(value));
	return true;
}

void overlay_reset(struct overlay *o)
{
	while (o->nr_changed)
		o->changed[--o->nr_changed]->changed = NULL;
}
