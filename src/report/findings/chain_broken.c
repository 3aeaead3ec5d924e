/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain of a CPU is not certain: what is on its stack is not what must be there. Each
 * such chain is told once, by the row that says the most of it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../arch/arch.h"
#include "../../base/context.h"
#include "../../kernel/layout.h"
#include "../../stacks/map.h"
#include "../../unwind/unwind.h"
#include "../findings.h"

/* What is to be told of a chain, and by which row. */
struct broken {
	const struct stk_finding_info *row;
	const struct stk_frame *frame; /* where it was noticed; or NULL */
	uint64_t address;	       /* the same; 0: none */
	char text[600];
};

#define SAY(b, ...) snprintf((b)->text, sizeof((b)->text), __VA_ARGS__)

static void tell_doubt(const struct stk_triage_cpu *c, struct broken *b)
{
	b->row = &stk_finding_chain_broken;
	SAY(b, "the chain of CPU %u is %s: %s", c->cpu,
	    stk_confidence_name(c->chain->confidence),
	    c->chain->confidence_why ? c->chain->confidence_why : c->chain->end_text);
}

/* ---- the registers that it begins with ---- */

/* " (direct map)" */
static const char *region_of(struct stk *s, uint64_t addr, char *text, size_t size)
{
	struct stk_place place;

	if (stk_classify(s, addr, &place))
		*text = '\0';
	else
		snprintf(text, size, " (%s)", place.region);
	return text;
}

static void tell_start(struct stk *s, const struct stk_triage_cpu *c, struct broken *b)
{
	const struct stk_start *start = &c->chain->start;
	const uint64_t sp = stk_regs_sp(s, &start->regs),
		       ip = stk_regs_ip(s, &start->regs);
	char whose[200], who[120], region[80];
	struct stk_stack stack;
	int guard;
	const bool found = !stk_find_near(s, sp, &stack, &guard);

	b->address = sp;
	if (!found) {
		b->row = &stk_finding_sp_on_no_stack;
		SAY(b, "the stack pointer of CPU %u, 0x%" PRIx64 "%s, is on no stack%s",
		    c->cpu, sp, region_of(s, sp, region, sizeof(region)),
		    stk_is_text(s, ip) ? "" : ", and its instruction pointer in no code");
	} else if (!guard && stack.task && start->has_task) {
		b->row = &stk_finding_sp_and_current;
		SAY(b,
		    "CPU %u runs %s, but its stack pointer, 0x%" PRIx64
		    ", is on %s, and no switch between the two is under way",
		    c->cpu, stk_finding_task(&start->task, who, sizeof(who)), sp,
		    stk_finding_stack(s, &stack, whose, sizeof(whose)));
	} else if (!guard) {
		b->row = &stk_finding_sp_on_foreign_stack;
		SAY(b, "the stack pointer of CPU %u, 0x%" PRIx64 ", is on %s", c->cpu, sp,
		    stk_finding_stack(s, &stack, whose, sizeof(whose)));
	}
}

/* Its words for who is current do not agree. */
static void tell_current(const struct stk_triage_cpu *c, struct broken *b)
{
	const uint32_t who = 1u << STK_WITNESS_CURRENT | 1u << STK_WITNESS_RQ_CURR |
			     1u << STK_WITNESS_ON_CPU;

	if (!(c->chain->start.evidence.differ & who))
		return;
	b->row = &stk_finding_sp_and_current;
	SAY(b, "which task CPU %u ran is in doubt: %s", c->cpu, c->chain->start.doubt);
}

/* ---- where the rules lead no further ---- */

static const struct stk_frame *frame_of(const struct stk_chain *chain, size_t segment,
					size_t frame)
{
	const struct stk_segment *seg = chain->segments;

	while (seg && segment--)
		seg = seg->next;
	return seg && frame < seg->nr_frames ? &seg->frames[frame] : NULL;
}

/* Is the frame itself where it is said to be, whatever comes next? */
static bool stands_alone(const struct stk_frame *f)
{
	const uint32_t proof = 1u << STK_WITNESS_TARGET | 1u << STK_WITNESS_PLACE;

	if (!f->reliable && f->doubt != STK_DOUBT_NEXT)
		return false;
	return f->interrupted || f->evidence.agree & proof;
}

/* Code may be gone from there, as when a module was unloaded: nothing is overwritten. */
static bool may_have_been_code(struct stk *s, uint64_t addr)
{
	struct stk_place place;

	if (stk_classify(s, addr, &place))
		return true;
	return place.region_kind == STK_REGION_MODULES ||
	       place.region_kind == STK_REGION_IMAGE ||
	       place.region_kind == STK_REGION_FIRMWARE;
}

static void tell_return(const struct stk_triage_cpu *c, const struct stk_frame *of,
			uint64_t slot, uint64_t word, const char *what, struct broken *b)
{
	char place[256];

	b->row = &stk_finding_return_overwritten;
	b->frame = of;
	b->address = slot;
	SAY(b,
	    "CPU %u: at 0x%" PRIx64 ", where %s has its return address, is 0x%" PRIx64
	    ", %s: it was overwritten",
	    c->cpu, slot, stk_finding_place(&of->name, place, sizeof(place)), word, what);
}

static void tell_where(struct stk *s, const struct stk_triage_cpu *c,
		       const struct stk_frame *f, struct broken *b)
{
	const struct stk_dead_end *dead = &c->chain->dead_end;
	char place[256], whose[200];
	struct stk_stack stack;
	const bool on_stack = !stk_find_stack(s, dead->bad, &stack);

	b->frame = f;
	b->address = dead->bad;
	stk_finding_place(&f->name, place, sizeof(place));
	if (on_stack)
		stk_finding_stack(s, &stack, whose, sizeof(whose));
	switch (dead->why) {
	case STK_END_OFF_STACK:
		b->row = &stk_finding_sp_on_no_stack;
		break;
	case STK_END_NOT_OWN:
		b->row = &stk_finding_sp_on_foreign_stack;
		break;
	case STK_END_RECURSION:
		b->row = on_stack && stk_kind_is(stack.kind, STK_KIND_EXCEPTION)
				 ? &stk_finding_reentered
				 : &stk_finding_chain_loops;
		break;
	case STK_END_BACKWARDS:
		b->row = &stk_finding_chain_loops;
		break;
	default:
		return;
	}
	SAY(b, "the chain of CPU %u goes from %s to 0x%" PRIx64 " on %s: %s", c->cpu,
	    place, dead->bad, on_stack ? whose : "no stack", stk_end_text(dead->why));
}

static void tell_dead_end(struct stk *s, const struct stk_triage_cpu *c, struct broken *b)
{
	const struct stk_dead_end *dead = &c->chain->dead_end;
	const struct stk_frame *f = frame_of(c->chain, dead->segment, dead->frame);

	/* What led astray may have done so long before. */
	if (!f || !stands_alone(f))
		return;
	if (dead->why != STK_END_NOT_TEXT)
		tell_where(s, c, f, b);
	else if (dead->slot && !may_have_been_code(s, dead->bad))
		tell_return(c, f, dead->slot, dead->bad, "which is no address of code",
			    b);
}

/* The first frame that is in doubt for its own sake: no call ends there. */
static void tell_no_call(const struct stk_triage_cpu *c, struct broken *b)
{
	const struct stk_segment *seg = c->chain->segments;
	const struct stk_frame *below = NULL;

	for (; seg; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];

			if (!f->reliable && f->doubt != STK_DOUBT_NEXT) {
				if (f->doubt == STK_DOUBT_NO_CALL && f->slot && below &&
				    stands_alone(below))
					tell_return(c, below, f->slot, f->ip,
						    "code, but behind no call", b);
				return;
			}
			below = f;
		}
	}
}

/* ---- the rows ---- */

static void tell(struct stk *s, const struct stk_triage_cpu *c, struct broken *b)
{
	const struct stk_chain *chain = c->chain;

	*b = (struct broken){ 0 };
	if (chain->end == STK_END_BAD_START)
		tell_start(s, c, b);
	else if (stk_end_is_good(chain->end) && chain->start.doubt)
		tell_current(c, b);
	else if (chain->dead_end.met)
		tell_dead_end(s, c, b);
	else
		tell_no_call(c, b);
	if (!b->row)
		tell_doubt(c, b);
}

/* What this row has to say; the others say the rest. */
static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info,
			    const struct stk_triage_cpu *c)
{
	struct stk_finding_info row = *info;
	struct stk_finding *f;
	struct broken b;

	if (!c->chain || stk_triage_confidence(c) == STK_CERTAIN)
		return STK_OK;
	tell(s, c, &b);
	if (stk_must_stop(s))
		return stk_why_stop(s);
	if (b.row != info)
		return STK_OK;
	if (c->chain->confidence == STK_BROKEN)
		row.severity = STK_SEVERITY_DAMAGE;
	f = stk_finding_add(t, &row, "%s", b.text);
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, c, b.frame);
	f->has_address = b.address != 0;
	f->address = b.address;
	return STK_OK;
}

const struct stk_finding_info stk_finding_sp_on_no_stack = {
	.id = "sp-on-no-stack",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_sp_on_foreign_stack = {
	.id = "sp-on-foreign-stack",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_sp_and_current = {
	.id = "sp-and-current-disagree",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_return_overwritten = {
	.id = "return-address-overwritten",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_chain_loops = {
	.id = "chain-loops",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_reentered = {
	.id = "exception-stack-reentered",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};

const struct stk_finding_info stk_finding_chain_broken = {
	.id = "chain-in-doubt",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look_cpu = look,
};
