/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define NR_SLOTS (4 * FUZZ_MAX_PAGES)
#define WORDS	 (FUZZ_PAGE / 8)

static uint32_t *slot_of(struct fuzz_pages *p, uint64_t pfn)
{
	uint64_t i = (pfn * 0x9e3779b97f4a7c15ull) >> 40;

	while (p->slot[i % NR_SLOTS] && p->page[p->slot[i % NR_SLOTS] - 1].pfn != pfn)
		i++;
	return &p->slot[i % NR_SLOTS];
}

/* NULL: the dump has it not, or there are too many. */
static struct fuzz_page *learn(struct fuzz_pages *p, uint64_t pfn, uint32_t *slot)
{
	struct fuzz_page *page = &p->page[p->nr];

	if (p->nr == FUZZ_MAX_PAGES)
		return NULL;
	page->data = malloc(FUZZ_PAGE);
	fuzz_assert(page->data);
	if (p->real->read_phys(p->priv, pfn * FUZZ_PAGE, page->data, FUZZ_PAGE)) {
		free(page->data);
		return NULL;
	}
	page->pfn = pfn;
	*slot = ++p->nr;
	return page;
}

static enum stk_status read_piece(struct fuzz_pages *p, uint64_t addr, void *buf,
				  size_t len)
{
	uint32_t *slot = slot_of(p, addr / FUZZ_PAGE);
	struct fuzz_page *page = *slot ? &p->page[*slot - 1] : NULL;

	if (!page && p->learning)
		page = learn(p, addr / FUZZ_PAGE, slot);
	if (!page)
		return p->real->read_phys(p->priv, addr, buf, len);
	if (page->lost)
		return STK_ERR_EXCLUDED;
	memcpy(buf, (page->damaged ? page->damaged : page->data) + addr % FUZZ_PAGE, len);
	return STK_OK;
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	enum stk_status st = STK_OK;
	unsigned char *to = buf;

	while (len && !st) {
		size_t rest = FUZZ_PAGE - addr % FUZZ_PAGE,
		       part = rest < len ? rest : len;

		st = read_piece(priv, addr, to, part);
		addr += part;
		to += part;
		len -= part;
	}
	return st;
}

const struct stk_memory_ops fuzz_pages_ops = { .read_phys = read_phys };

static uint64_t word_of(const struct fuzz_page *page, uint64_t i)
{
	uint64_t word;

	memcpy(&word, page->data + i % WORDS * 8, 8);
	return word;
}

/* What the word @i of it becomes: what misleads most has a kind of its own. */
static uint64_t changed_word(const struct fuzz_pages *p, const struct fuzz_page *page,
			     unsigned int kind, uint64_t i, uint64_t value)
{
	const uint64_t old = word_of(page, i);

	switch (kind) {
	case 0: /* another word of the page, of another page */
		return word_of(page, value);
	case 1:
		return word_of(&p->page[(value >> 16) % p->nr], value);
	case 2: /* a bit, a byte, a half of it */
		return old ^ 1ull << (value & 63);
	case 3:
		return old ^ (value & 0xff) << (value >> 8 & 56);
	case 4:
		return (old & ~0xffffffffull) | (value & 0xffffffff);
	case 5: /* a little more, or less */
		return old + (uint64_t)(int64_t)(int8_t)value;
	case 6:
		return old + (uint64_t)(int64_t)(int16_t)value * 8;
	case 7: /* a small number */
		return value & 0xffff;
	default:
		return value;
	}
}

static struct fuzz_page *touch(struct fuzz_pages *p, uint32_t nr)
{
	struct fuzz_page *page = &p->page[nr];

	if (page->damaged || page->lost)
		return page;
	if (p->nr_damaged == FUZZ_DAMAGED)
		return NULL;
	p->changed[p->nr_damaged++] = nr;
	return page;
}

void fuzz_damage(struct fuzz_pages *p, const uint8_t *change)
{
	uint16_t nr, where;
	uint64_t value;
	struct fuzz_page *page;
	unsigned int kind;

	memcpy(&nr, change, 2);
	memcpy(&where, change + 2, 2);
	memcpy(&value, change + 4, 8);
	kind = where >> 12;
	page = p->nr ? touch(p, nr % p->nr) : NULL;
	if (!page)
		return;
	if (kind == 15) {
		page->lost = true;
		return;
	}
	if (!page->damaged) {
		page->damaged = malloc(FUZZ_PAGE);
		fuzz_assert(page->damaged);
		memcpy(page->damaged, page->data, FUZZ_PAGE);
	}
	if (kind == 14) {
		memset(page->damaged, 0, FUZZ_PAGE);
		return;
	}
	value = changed_word(p, page, kind, where, value);
	memcpy(page->damaged + where % WORDS * 8, &value, 8);
}

void fuzz_mend(struct fuzz_pages *p)
{
	while (p->nr_damaged) {
		struct fuzz_page *page = &p->page[p->changed[--p->nr_damaged]];

		free(page->damaged);
		page->damaged = NULL;
		page->lost = false;
	}
}
