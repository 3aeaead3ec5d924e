/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack pointer, or the address of a fault, in a guard page of a stack. */
#include <inttypes.h>
#include <stdio.h>

#include "../../arch/arch.h"
#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../../stacks/map.h"
#include "../findings.h"

static enum stk_status add_pointer(struct stk *s, struct stk_triage *t,
				   const struct stk_finding_info *info,
				   const struct stk_triage_cpu *c,
				   const struct stk_segment *seg)
{
	const struct stk_stack *over = &seg->over;
	char whose[200], place[256];
	struct stk_finding *f;

	f = stk_finding_add(
		t, info,
		"CPU %u overflowed %s: its stack pointer is %" PRIu64
		" bytes below the base 0x%" PRIx64 ", in the guard page, in %s",
		c->cpu, stk_finding_stack(s, over, whose, sizeof(whose)), seg->over_by,
		over->begin,
		stk_finding_place(&seg->frames[0].name, place, sizeof(place)));
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, c, &seg->frames[0]);
	f->has_address = true;
	f->address = over->begin - seg->over_by;
	return STK_OK;
}

/* An access that met a guard page. */
struct hit {
	uint64_t address;
	const char *access; /* "read", "write", "execute"; NULL: not known */
	const struct stk_triage_cpu *c;
	const struct stk_frame *frame; /* NULL: not known */
};

/* Where the stack pointer was meanwhile; "" if not known. */
static const char *where_sp(const struct hit *h, const struct stk_stack *stack,
			    char *text, size_t size)
{
	uint64_t sp;

	*text = '\0';
	if (!h->frame || !h->frame->has_sp)
		return text;
	sp = h->frame->sp;
	if (stk_within(sp, stack->begin, stack->end))
		snprintf(text, size,
			 "; its stack pointer was still on that stack, %" PRIu64
			 " bytes above the base",
			 sp - stack->begin);
	else
		snprintf(text, size,
			 "; its stack pointer was elsewhere, 0x%" PRIx64
			 ", so this need not be an overflow",
			 sp);
	return text;
}

/* Has the stack pointer told of this stack? */
static bool is_told(const struct stk_chain *chain, const struct stk_stack *stack)
{
	const struct stk_segment *seg = chain ? chain->segments : NULL;

	for (; seg; seg = seg->next)
		if (seg->over.kind && seg->over.begin == stack->begin)
			return true;
	return false;
}

static enum stk_status add_hit(struct stk *s, struct stk_triage *t,
			       const struct stk_finding_info *info, const struct hit *h)
{
	char whose[200], place[256] = "", sp[120];
	struct stk_finding_info row = *info;
	const struct stk_stack *stack;
	struct stk_finding *f;
	int guard;
	enum stk_status st;

	if (!s->arch->is_kernel_address(h->address))
		return STK_OK;
	st = stk_map_near(s, h->address, &stack, &guard);
	if (st || !guard || is_told(h->c->chain, stack))
		return stk_is_passing(st) ? st : STK_OK;
	if (!t->died || (int)h->c->cpu != t->panic.cpu)
		row.severity = STK_SEVERITY_DAMAGE;
	if (h->frame)
		stk_finding_place(&h->frame->name, place, sizeof(place));
	f = stk_finding_add(t, &row,
			    "CPU %u %s 0x%" PRIx64 ", in the guard page, %" PRIu64
			    " bytes %s of %s, 0x%" PRIx64 "%s%s%s",
			    h->c->cpu, h->access ? h->access : "touched", h->address,
			    guard < 0 ? stack->begin - h->address
				      : h->address - stack->end,
			    guard < 0 ? "below the base" : "past the end",
			    stk_finding_stack(s, stack, whose, sizeof(whose)),
			    guard < 0 ? stack->begin : stack->end, *place ? ", in " : "",
			    place, where_sp(h, stack, sp, sizeof(sp)));
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, h->c, h->frame);
	f->has_address = true;
	f->address = h->address;
	return STK_OK;
}

/* "write" is what CPUs do, "wrote" what one did. */
static const char *did(const char *access)
{
	static const struct {
		const char *access, *did;
	} word[] = { { "read", "read" },
		     { "write", "wrote to" },
		     { "execute", "ran code at" } };

	for (size_t i = 0; i < STK_ARRAY_SIZE(word); i++)
		if (stk_same_text(word[i].access, access))
			return word[i].did;
	return NULL;
}

/* What the frames of a CPU's chain show of it. */
static enum stk_status look_faults(struct stk *s, struct stk_triage *t,
				   const struct stk_finding_info *info,
				   const struct stk_triage_cpu *c, bool *death)
{
	const struct stk_segment *seg = c->chain->segments;
	struct hit h = { .c = c };
	struct stk_fault fault;
	enum stk_status st = STK_OK;

	for (; seg && !st; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames && !st; i++) {
			if (!stk_frame_fault(s, &seg->frames[i], &fault) ||
			    !fault.address_name)
				continue;
			h.frame = &seg->frames[i];
			h.address = fault.address;
			h.access = did(fault.access);
			*death |= t->event && t->event->has_address &&
				  t->event->address == h.address;
			st = add_hit(s, t, info, &h);
		}
	}
	return st;
}

/* What the log has of it, where no chain does. */
static enum stk_status look_death(struct stk *s, struct stk_triage *t,
				  const struct stk_finding_info *info)
{
	const struct stk_triage_cpu *c = stk_triage_cpu(t, t->panic.cpu);
	struct hit h = { .c = c };

	if (!c || !t->died || !t->event->has_address)
		return STK_OK;
	h.address = t->event->address;
	h.access = did(t->event->access);
	return add_hit(s, t, info, &h);
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	enum stk_status st = STK_OK;
	bool death = false;

	for (size_t i = 0; i < t->nr_cpus && !st; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];
		const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;

		for (; seg && !st; seg = seg->next)
			if (seg->over.kind && seg->nr_frames)
				st = add_pointer(s, t, info, c, seg);
		if (!st && c->chain)
			st = look_faults(s, t, info, c, &death);
	}
	return st || death ? st : look_death(s, t, info);
}

const struct stk_finding_info stk_finding_guard_hit = {
	.id = "stack-guard-hit",
	.severity = STK_SEVERITY_FATAL,
	.look = look,
};
