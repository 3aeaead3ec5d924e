/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies on the stacks: return addresses, saved registers, links. */
#include "rows.h"

#include "base/context.h"

/* ---- return addresses ---- */

static uint64_t count_ret_bit(struct inventory *v)
{
	return v->rets.nr * 64;
}

static bool ret_bit(struct inventory *v, uint64_t n, struct attempt *a, bool want_call)
{
	const struct site *x = &v->rets.site[take(&n, v->rets.nr)];
	uint64_t word, target;

	/* Where a tracer's trampoline lies in its place, the word is not the address. */
	return engine_word(v->e, x->at, &word) &&
	       follows_call(v, word ^ 1ull << n, &target) == want_call &&
	       put(v, a, x->at, word ^ 1ull << n);
}

static bool make_ret_bit(struct inventory *v, uint64_t n, uint64_t *random,
			 struct attempt *a)
{
	return ret_bit(v, n, a, false);
}

static bool make_ret_bit_call(struct inventory *v, uint64_t n, uint64_t *random,
			      struct attempt *a)
{
	return ret_bit(v, n, a, true);
}

static uint64_t count_ret_other(struct inventory *v)
{
	return v->rets.nr * v->rets.nr;
}

static bool make_ret_other(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = &v->rets.site[take(&n, v->rets.nr)];
	uint64_t value = v->rets.site[n].value;

	return value != x->value && put(v, a, x->at, value);
}

static uint64_t count_ret_random(struct inventory *v)
{
	return v->rets.nr ? NO_END : 0;
}

static bool make_ret_call(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = &v->rets.site[n % v->rets.nr];
	uint64_t value = random_call(v, random);

	return value && value != x->value && put(v, a, x->at, value);
}

static bool make_ret_text(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = &v->rets.site[n % v->rets.nr];
	uint64_t value = random_text(v, random), target;

	return value && !follows_call(v, value, &target) && put(v, a, x->at, value);
}

/* ---- the word at the top of a stack that was switched to ---- */

static uint64_t count_link(struct inventory *v)
{
	return v->links.nr ? NO_END : 0;
}

/* Is @k, a task's stack, not that of the task whose chain @x is of? */
static bool is_another(struct inventory *v, const struct site *x,
		       const struct stk_stack *k)
{
	const struct stk_start *start = &v->e->subject[x->subject].truth->start;

	return !stk_stack_is_task(k) || !start->has_task || k->task != start->task.addr;
}

/* Any word of a stack: of the tasks or of the CPUs, but not of the chain's own. */
static bool random_stack_word(struct inventory *v, const struct site *x, bool task,
			      uint64_t *random, uint64_t *out)
{
	const struct stk_chain *truth = v->e->subject[x->subject].truth;
	const struct stk_stack *k = &v->stack[next_random(random) % v->nr_stacks];

	*out = k->begin + (next_random(random) % (k->end - k->begin) & ~7ull);
	if (!k->mapped || stk_stack_is_task(k) != task || (!task && k->cpu == truth->cpu))
		return false;
	for (struct stk_segment *seg = truth->segments; seg; seg = seg->next)
		if (seg->stack.begin == k->begin)
			return false;
	return true;
}

/* Where another chain was; every second time, since these mislead most. */
static bool random_place(struct inventory *v, const struct site *x, bool task,
			 uint64_t *random, uint64_t *out)
{
	const struct site *y = &v->places.site[next_random(random) % v->places.nr];
	const struct stk_stack *k = &site_segment(v, y)->stack;

	*out = y->at;
	return is_another(v, x, k) && stk_stack_is_task(k) == task &&
	       (task || k->cpu != v->e->subject[x->subject].truth->cpu);
}

static bool elsewhere(struct inventory *v, const struct site *x, bool task,
		      uint64_t *random, uint64_t *out)
{
	return next_random(random) & 1 ? random_place(v, x, task, random, out)
				       : random_stack_word(v, x, task, random, out);
}

static bool make_link_task(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = &v->links.site[n % v->links.nr];
	uint64_t value;

	return elsewhere(v, x, true, random, &value) && put(v, a, x->at, value);
}

static bool make_link_cpu(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = &v->links.site[n % v->links.nr];
	uint64_t value;

	return elsewhere(v, x, false, random, &value) && put(v, a, x->at, value);
}

static uint64_t count_link_older(struct inventory *v)
{
	return v->links.nr * v->words.nr;
}

static bool make_link_older(struct inventory *v, uint64_t n, uint64_t *random,
			    struct attempt *a)
{
	const struct site *x = &v->links.site[take(&n, v->links.nr)];
	const struct site *y = &v->words.site[n];

	return y->subject == x->subject && y->at != x->value && put(v, a, x->at, y->at);
}

/* ---- pt_regs ---- */

static bool regs_to(struct inventory *v, const struct site *x, const struct site *y,
		    struct attempt *a)
{
	const struct stk_arch *arch = v->e->base->arch;

	return put(v, a, x->at + 8 * arch->ip, y->value) &&
	       put(v, a, x->at + 8 * arch->sp, y->at) &&
	       (!y->fp || put(v, a, x->at + 8 * arch->fp, y->fp));
}

static uint64_t count_regs(struct inventory *v)
{
	return v->regs.nr * v->places.nr;
}

static bool make_regs_task(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = &v->regs.site[take(&n, v->regs.nr)];
	const struct site *y = &v->places.site[n];

	return stk_stack_is_task(&site_segment(v, y)->stack) &&
	       is_another(v, x, &site_segment(v, y)->stack) && regs_to(v, x, y, a);
}

static bool make_regs_cpu(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = &v->regs.site[take(&n, v->regs.nr)];
	const struct site *y = &v->places.site[n];

	return v->e->subject[y->subject].cpu >= 0 &&
	       v->e->subject[y->subject].cpu != v->e->subject[x->subject].cpu &&
	       regs_to(v, x, y, a);
}

static bool make_regs_older(struct inventory *v, uint64_t n, uint64_t *random,
			    struct attempt *a)
{
	const struct site *x = &v->regs.site[take(&n, v->regs.nr)];
	const struct site *y = &v->places.site[n];

	return x->subject == y->subject && y->frame > x->frame && regs_to(v, x, y, a);
}

/*
 * The NMI's entry code keeps three copies of what the hardware pushed; pt_regs ends in
 * one of them.
 */
static const unsigned int nmi_copies[] = { 136, 96, 40 }; /* rip, below the top */
#define NR_NMI_COPIES (sizeof(nmi_copies) / sizeof(nmi_copies[0]))

static uint64_t count_nmi(struct inventory *v)
{
	return v->arch->copies ? v->regs.nr * v->places.nr << NR_NMI_COPIES : 0;
}

/* Some of them, or all, say that another place was interrupted. */
static bool make_nmi(struct inventory *v, uint64_t n, uint64_t *random, struct attempt *a)
{
	const struct site *x = &v->regs.site[take(&n, v->regs.nr)];
	const struct site *y = &v->places.site[take(&n, v->places.nr)];
	const struct stk_segment *seg = v->e->subject[x->subject].truth->segments;
	bool good = true;

	if (seg->stack.kind != v->arch->copies || seg->crossing.at != x->at)
		return false;
	for (size_t i = 0; i < NR_NMI_COPIES; i++)
		if (n >> i & 1)
			good = good &&
			       put(v, a, seg->stack.end - nmi_copies[i], y->value) &&
			       put(v, a, seg->stack.end - nmi_copies[i] + 24, y->at);
	return good;
}

static uint64_t count_user(struct inventory *v)
{
	return v->users.nr * v->places.nr;
}

static bool make_user_kernel(struct inventory *v, uint64_t n, uint64_t *random,
			     struct attempt *a)
{
	const struct site *x = &v->users.site[take(&n, v->users.nr)];

	const struct mode_word *mode = v->arch->mode;

	return put(v, a, x->at + 8 * mode[0].reg, mode[0].value) &&
	       (!mode[1].value || next_random(random) & 1 ||
		put(v, a, x->at + 8 * mode[1].reg, mode[1].value)) &&
	       regs_to(v, x, &v->places.site[n], a);
}

static const struct site *any_regs(struct inventory *v, uint64_t *n)
{
	uint64_t i = take(n, v->regs.nr + v->users.nr);

	return i < v->regs.nr ? &v->regs.site[i] : &v->users.site[i - v->regs.nr];
}

static uint64_t count_regs_bit(struct inventory *v)
{
	return (v->regs.nr + v->users.nr) * v->nr_regs * 64;
}

static bool make_regs_bit(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	uint64_t at = any_regs(v, &n)->at + 8 * take(&n, v->nr_regs), word;

	return engine_word(v->e, at, &word) && put(v, a, at, word ^ 1ull << n);
}

/* What a word may be overwritten with. */
static bool misleading(struct inventory *v, uint64_t n, uint64_t *random, uint64_t *out)
{
	switch (n) {
	case 0:
		*out = 0;
		return true;
	case 1:
		*out = ~0ull;
		return true;
	case 2:
		*out = v->places.site[next_random(random) % v->places.nr].at;
		return true;
	case 3:
		*out = random_text(v, random);
		return *out != 0;
	case 4:
		*out = random_call(v, random);
		return *out != 0;
	case 5:
		*out = v->words.site[next_random(random) % v->words.nr].value;
		return true;
	case 6:
		*out = next_random(random);
		return true;
	default: /* a small number */
		*out = next_random(random) % 256;
		return true;
	}
}

#define NR_MISLEADING 8

static uint64_t count_regs_word(struct inventory *v)
{
	return v->regs.nr + v->users.nr ? NO_END : 0;
}

static bool make_regs_word(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	uint64_t at = any_regs(v, &n)->at + 8 * take(&n, v->nr_regs), value;

	return misleading(v, take(&n, NR_MISLEADING), random, &value) &&
	       put(v, a, at, value);
}

/* ---- saved frame pointers, and what else points up into its stack ---- */

static uint64_t count_saved(struct inventory *v)
{
	return v->saved.nr ? NO_END : 0;
}

static bool make_saved_other(struct inventory *v, uint64_t n, uint64_t *random,
			     struct attempt *a)
{
	const struct site *x = &v->saved.site[n % v->saved.nr];
	uint64_t value;

	return elsewhere(v, x, true, random, &value) && put(v, a, x->at, value);
}

static uint64_t count_saved_own(struct inventory *v)
{
	return v->saved.nr * v->thread_size / 8;
}

static bool make_saved_own(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = &v->saved.site[take(&n, v->saved.nr)];
	const struct stk_stack *k = &site_segment(v, x)->stack;
	uint64_t value = k->begin + 8 * n;

	return value < k->end && value != x->value && put(v, a, x->at, value);
}

/* ---- anything of the live part ---- */

static uint64_t count_word(struct inventory *v)
{
	return v->words.nr ? NO_END : 0;
}

static bool make_word(struct inventory *v, uint64_t n, uint64_t *random,
		      struct attempt *a)
{
	const struct site *x = &v->words.site[take(&n, v->words.nr)];
	uint64_t value;

	return misleading(v, take(&n, NR_MISLEADING), random, &value) &&
	       value != x->value && put(v, a, x->at, value);
}

static uint64_t count_bit(struct inventory *v)
{
	return v->words.nr * 64;
}

static bool make_bit(struct inventory *v, uint64_t n, uint64_t *random, struct attempt *a)
{
	const struct site *x = &v->words.site[take(&n, v->words.nr)];

	return put(v, a, x->at, x->value ^ 1ull << n);
}

static uint64_t count_pair(struct inventory *v)
{
	return v->words.nr ? NO_END : 0;
}

/* Two neighbours, as a stray 16-byte store leaves them. */
static bool make_pair(struct inventory *v, uint64_t n, uint64_t *random,
		      struct attempt *a)
{
	const struct site *x = &v->words.site[take(&n, v->words.nr)];
	uint64_t first, second;

	return misleading(v, next_random(random) % NR_MISLEADING, random, &first) &&
	       misleading(v, next_random(random) % NR_MISLEADING, random, &second) &&
	       put(v, a, x->at, first) && put(v, a, x->at + 8, second);
}

static const struct row rows[] = {
	{ "ret-bit", "one bit of a return address, no call before the new one",
	  count_ret_bit, make_ret_bit },
	{ "ret-bit-call", "one bit of a return address, a call before the new one",
	  count_ret_bit, make_ret_bit_call },
	{ "ret-other", "a return address: that of another call in a chain",
	  count_ret_other, make_ret_other },
	{ "ret-call", "a return address: after any call of the kernel", count_ret_random,
	  make_ret_call },
	{ "ret-text", "a return address: any text, no call before it", count_ret_random,
	  make_ret_text },
	{ "link-task", "the word that leads from an IRQ or NMI stack: to another task's",
	  count_link, make_link_task },
	{ "link-cpu", "the link word: another CPU's stack", count_link, make_link_cpu },
	{ "link-older", "the link word: any live word of the same chain",
	  count_link_older, make_link_older },
	{ "regs-task", "pt_regs' instruction and stack pointer: another task's",
	  count_regs, make_regs_task },
	{ "regs-cpu", "pt_regs' instruction and stack pointer: another CPU's", count_regs,
	  make_regs_cpu },
	{ "regs-older",
	  "pt_regs' instruction and stack pointer: an older frame's of the same chain",
	  count_regs, make_regs_older },
	{ "nmi-copies", "the NMI stack's copies of rip and rsp, one or more: another's",
	  count_nmi, make_nmi },
	{ "user-kernel", "the user's pt_regs at the stack's top: the kernel's",
	  count_user, make_user_kernel },
	{ "regs-bit", "one bit of any pt_regs, the user's, too", count_regs_bit,
	  make_regs_bit },
	{ "regs-word", "a word of any pt_regs: 0, ~0, a stack, text, a number",
	  count_regs_word, make_regs_word },
	{ "saved-other", "a saved frame pointer: another task's stack", count_saved,
	  make_saved_other },
	{ "saved-own", "a saved frame pointer: elsewhere on its own stack",
	  count_saved_own, make_saved_own },
	{ "word", "a live word: 0, ~0, a stack, text, a number", count_word, make_word },
	{ "bit", "one bit of a live word", count_bit, make_bit },
	{ "pair", "two live words side by side", count_pair, make_pair },
};

const struct row_table rows_stack = { rows, sizeof(rows) / sizeof(rows[0]) };
