/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inventory.h"

#include <stdlib.h>
#include <string.h>

#include "base/context.h"
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

/* The frame pointer's value in frame @i, which the next frame was found by; or 0. */
static uint64_t frame_pointer(const struct inventory *v, const struct stk_segment *seg,
			      size_t i)
{
	const struct stk_frame *next = i + 1 < seg->nr_frames ? &seg->frames[i + 1]
				       : seg->next	      ? seg->next->frames
							      : NULL;

	return v->arch->records && next && next->slot && !next->interrupted
		       ? next->slot + (uint64_t)v->arch->fp_distance
		       : 0;
}

/* The word that leads on to the next stack. */
static void add_link(struct inventory *v, const struct stk_segment *seg, struct site site)
{
	const struct stk_frame *last =
		seg->nr_frames ? &seg->frames[seg->nr_frames - 1] : NULL;

	if (seg->crossing.have_link) {
		site.at = seg->crossing.link_at;
		site.value = seg->crossing.link;
	} else if (v->arch->records && last && last->slot) {
		site.at = last->slot - 8;
		if (!engine_word(v->e, site.at, &site.value))
			return;
	} else {
		return;
	}
	add(&v->links, site);
}

/* Is the word at @at one that leads up on its stack? */
static bool is_saved_pointer(const struct inventory *v, const struct stk_segment *seg,
			     uint64_t at, uint64_t value)
{
	return value > at && value <= seg->stack.end && !is_return_slot(seg, at) &&
	       (!v->arch->records || is_return_slot(seg, at + 8));
}

static void add_segment(struct inventory *v, const struct stk_segment *seg,
			struct site site)
{
	const struct stk_stack *k = &seg->stack;

	for (size_t i = 0; i < seg->nr_frames; i++, site.frame++) {
		const struct stk_frame *f = &seg->frames[i];

		site.at = f->has_sp ? f->sp : f->at;
		site.value = f->ip;
		site.fp = frame_pointer(v, seg, i);
		add(&v->places, site);
		site.at = f->slot;
		if (f->slot && !f->interrupted)
			add(&v->rets, site);
		site.at = f->regs_at;
		if (f->regs_at)
			add(&v->regs, site);
	}
	if (seg->next)
		add_link(v, seg, site);
	for (uint64_t at = (seg->low + 7) & ~7ull; at < k->end; at += 8) {
		site.at = at;
		if (!engine_word(v->e, at, &site.value))
			continue;
		add(&v->words, site);
		if (is_saved_pointer(v, seg, at, site.value))
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
		site = (struct site){ .at = x->task.addr + v->sp_offset,
				      .value = x->task.sp,
				      .subject = n };
		add(&v->sleepers, site);
	}
}

/* ---- which words a chain rests on ---- */

/* At the top of an NMI stack: the copies of what the hardware pushed. */
#define NMI_TOP 136u

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
	add_all(v, &v->witness, &v->regs, 8 * v->nr_regs);
	add_all(v, &v->witness, &v->users, 8 * v->nr_regs);
	for (size_t i = 0; i < v->sleepers.nr; i++)
		add_words(v, &v->witness, v->sleepers.site[i].value,
			  v->arch->switch_frame);
	for (size_t i = 0; i < v->nr_stacks; i++)
		if (v->arch->copies && v->stack[i].kind == v->arch->copies &&
		    v->stack[i].mapped)
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
	struct stk_member stack;
	struct stk *s = e->base;
	uint32_t size;

	memset(v, 0, sizeof(*v));
	v->e = e;
	v->arch = damage_arch(s);
	if (!v->arch || stk_tasks(s, &v->task, &v->nr_tasks) ||
	    stk_stacks(s, &v->stack, &v->nr_stacks) ||
	    !inner_offset(s, s->arch->saved_sp, &v->sp_offset) ||
	    !stk_find_size(s, "pt_regs", &size) ||
	    !stk_find_member(s, "task_struct", "stack", &stack))
		return false;
	v->thread_size = s->arch->thread_size(s);
	v->nr_regs = size / 8;
	v->has_fp = inner_offset(s, v->arch->saved_fp, &v->fp_offset);
	v->has_pc = inner_offset(s, v->arch->saved_pc, &v->pc_offset);
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
