/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/x86_64.h"
#include "kernel/layout.h"

static void add(struct sites *l, struct site site)
{
	if (l->nr == l->room) {
		struct site *grown;

		l->room = l->room ? 2 * l->room : 64;
		grown = realloc(l->site, l->room * sizeof(*grown));
		if (!grown)
			abort(); /* a test without memory proves nothing */
		l->site = grown;
	}
	l->site[l->nr++] = site;
}

const struct stk_segment *site_segment(const struct inventory *v, const struct site *x)
{
	const struct stk_segment *seg = v->e->subject[x->subject].truth->segments;

	for (uint32_t i = 0; i < x->segment; i++)
		seg = seg->next;
	return seg;
}

static bool is_return_slot(const struct stk_segment *seg, uint64_t at)
{
	for (size_t i = 0; i < seg->nr_frames; i++)
		if (seg->frames[i].slot == at)
			return true;
	return false;
}

static void add_segment(struct inventory *v, const struct stk_segment *seg,
			struct site site)
{
	const struct stk_stack *k = &seg->stack;

	for (size_t i = 0; i < seg->nr_frames; i++, site.frame++) {
		const struct stk_frame *f = &seg->frames[i];

		site.at = f->sp;
		site.value = f->ip;
		add(&v->places, site);
		site.at = f->slot;
		if (f->slot && !f->interrupted)
			add(&v->rets, site);
		site.at = f->regs_at;
		if (f->regs_at)
			add(&v->regs, site);
	}
	if (seg->next && seg->crossing.have_link) {
		site.at = seg->crossing.link_at;
		site.value = seg->crossing.link;
		add(&v->links, site);
	}
	for (uint64_t at = (seg->low + 7) & ~7ull; at < k->end; at += 8) {
		site.at = at;
		if (!engine_word(v->e, at, &site.value))
			continue;
		add(&v->words, site);
		if (site.value > at && site.value <= k->end && !is_return_slot(seg, at))
			add(&v->saved, site);
	}
}

static void add_subject(struct inventory *v, uint32_t n)
{
	const struct subject *x = &v->e->subject[n];
	struct site site = { .subject = n };

	if (!x->sound)
		return;
	for (struct stk_segment *seg = x->truth->segments; seg; seg = seg->next) {
		add_segment(v, seg, site);
		site.frame += (uint32_t)seg->nr_frames;
		site.segment += seg->next != NULL;
	}
	if (x->truth->user && x->truth->user_at && x->truth->segments) {
		site.at = x->truth->user_at;
		add(&v->users, site);
	}
	if (x->cpu < 0) {
		site = (struct site){ x->task.addr + v->sp_offset, x->task.sp, n, 0, 0 };
		add(&v->sleepers, site);
	}
}

/* ---- which words a chain rests on ---- */

#define REGS_SIZE (8 * X86_NR_REGS)
/* At the top of an NMI stack: the copies of what the hardware pushed. */
#define NMI_TOP 136u
/* What __switch_to_asm() pushes, at most. */
#define SWITCH_FRAME 64u

static void add_words(struct inventory *v, struct words *w, uint64_t at, uint64_t size)
{
	for (; size; at += 8, size -= 8) {
		if (w->nr == w->room) {
			w->room = w->room ? 2 * w->room : 1024;
			w->phys = realloc(w->phys, w->room * sizeof(at));
			if (!w->phys)
				abort();
		}
		if (engine_phys(v->e, at & ~7ull, &w->phys[w->nr]))
			w->nr++;
	}
}

static void add_all(struct inventory *v, struct words *w, const struct sites *l,
		    uint64_t size)
{
	for (size_t i = 0; i < l->nr; i++)
		add_words(v, w, l->site[i].at, size);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void find_witnesses(struct inventory *v)
{
	add_all(v, &v->live, &v->words, 8);
	add_all(v, &v->witness, &v->rets, 8);
	add_all(v, &v->witness, &v->saved, 8);
	add_all(v, &v->witness, &v->links, 8);
	add_all(v, &v->witness, &v->regs, REGS_SIZE);
	add_all(v, &v->witness, &v->users, REGS_SIZE);
	for (size_t i = 0; i < v->sleepers.nr; i++)
		add_words(v, &v->witness, v->sleepers.site[i].value, SWITCH_FRAME);
	for (size_t i = 0; i < v->nr_stacks; i++)
		if (v->stack[i].kind == X86_STACK(NMI) && v->stack[i].mapped)
			add_words(v, &v->witness, v->stack[i].end - NMI_TOP, NMI_TOP);
	qsort(v->live.phys, v->live.nr, sizeof(uint64_t), by_value);
	qsort(v->witness.phys, v->witness.nr, sizeof(uint64_t), by_value);
}

static bool has(const struct words *w, uint64_t phys)
{
	return w->nr && bsearch(&phys, w->phys, w->nr, sizeof(phys), by_value);
}

bool is_bystander(const struct inventory *v, uint64_t phys)
{
	return has(&v->live, phys) && !has(&v->witness, phys);
}

bool inventory_make(struct inventory *v, struct engine *e)
{
	struct stk_member thread, sp, stack;

	memset(v, 0, sizeof(*v));
	v->e = e;
	if (stk_tasks(e->base, &v->task, &v->nr_tasks) ||
	    stk_stacks(e->base, &v->stack, &v->nr_stacks) ||
	    !stk_find_member(e->base, "task_struct", "thread", &thread) ||
	    !stk_find_member(e->base, "thread_struct", "sp", &sp) ||
	    !stk_find_member(e->base, "task_struct", "stack", &stack))
		return false;
	v->thread_size = x86_thread_size(e->base);
	v->sp_offset = thread.offset + sp.offset;
	v->stack_offset = stack.offset;
	for (uint32_t n = 0; n < e->nr_subjects; n++)
		add_subject(v, n);
	find_witnesses(v);
	return v->sleepers.nr && v->thread_size;
}

void inventory_free(struct inventory *v)
{
	struct sites *all[] = { &v->sleepers, &v->rets,	 &v->regs,  &v->users,
				&v->links,    &v->words, &v->saved, &v->places };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]->site);
	free(v->live.phys);
	free(v->witness.phys);
}
