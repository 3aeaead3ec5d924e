/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register is followed from frame to frame as the code moves it: a function that has
 * pushed its return address has it right below. What is not known to have done so is not
 * asked, and from where that cannot be told on nothing is said any more.
 */
#include "shadow_step.h"

#include <inttypes.h>

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/names.h"
#include "../machine/memory.h"
#include "../stacks/stack.h"
#include "shadow.h"

#define WORD 8u

/*
 * Is there a word of a shadow call stack at @at? The first task's lies in the image,
 * those of others at multiples of their size, and each ends in its own way.
 */
static bool is_shadow_word(struct stk *s, int cpu, uint64_t at)
{
	const uint64_t size = stk_shadow_size(s);
	const struct stk_stack *stack;
	uint64_t init, word;

	if (!size || at % WORD || !s->arch->is_kernel_address(at))
		return false;
	stack = cpu >= 0 ? stk_cpu_stack_at(s, (unsigned int)cpu, at) : NULL;
	if (stack)
		return stk_stack_grows_up(stack);
	if (stk_find_symbol(s, "init_shadow_call_stack", &init) && at - init < size)
		return true;
	return !stk_read_u64(s, (at & ~(size - 1)) + size - WORD, &word) &&
	       stk_is_shadow_end(word);
}

/* Of a CPU, with nothing on it: who called this was on another one. */
static bool is_empty(struct stk *s, int cpu, uint64_t sp)
{
	const struct stk_stack *stack =
		cpu >= 0 ? stk_cpu_stack_at(s, (unsigned int)cpu, sp) : NULL;

	return stack && stk_stack_grows_up(stack) && stack->begin == sp;
}

/* Is @sp the register of a function whose return address is stored at @slot, too? */
static bool is_register_of(struct stk *s, int cpu, uint64_t sp, uint64_t slot)
{
	uint64_t word, ret;

	return is_shadow_word(s, cpu, sp - WORD) && !stk_read_u64(s, sp - WORD, &word) &&
	       !stk_read_u64(s, slot, &ret) &&
	       stk_code_address(s, word) == stk_code_address(s, ret);
}

/*
 * Code that goes on to the IRQ stack leaves the register in the task's thread_info (6.3,
 * commit 59b37fe52f49); before, on the task's stack. Either may be from another time.
 */
static bool find_kept(struct stk *s, int cpu, const struct stk_shadow_step *step,
		      uint64_t *sp)
{
	struct stk_stack stack;
	struct stk_task task;

	if (!stk_cpu_current(s, (unsigned int)cpu, &task) &&
	    stk_task_shadow(s, &task, &stack, sp) &&
	    is_register_of(s, cpu, *sp, step->next_slot))
		return true;
	return step->kept_at && !stk_read_u64(s, step->kept_at, sp) &&
	       is_register_of(s, cpu, *sp, step->next_slot);
}

static const char *instead(struct stk *s, const struct stk_cursor *c, uint64_t word)
{
	struct stk_name name;

	stk_symbolize(s, word, true, &name);
	if (!name.function)
		return stk_arena_printf(c->arena, "%#" PRIx64, word);
	return stk_arena_printf(c->arena, "%s+%" PRIu64, name.function, name.offset);
}

static void weigh(struct stk *s, const struct stk_cursor *c, uint64_t word,
		  struct stk_step *out)
{
	bool same = word == out->regs.v[s->arch->ip];

	stk_weigh(&out->said, STK_WITNESS_SHADOW, same);
	if (!same)
		out->why = instead(s, c, word);
}

void stk_shadow_step(struct stk *s, const struct stk_cursor *c,
		     const struct stk_shadow_step *step, struct stk_step *out)
{
	const unsigned int reg = s->arch->shadow_reg;
	const struct stk_code_frame *f = &step->code;
	uint64_t sp = c->regs.v[reg], word;
	bool pushed = f->shadow;

	if (!stk_has_reg(&c->regs, reg))
		return;
	if (is_empty(s, c->cpu, sp)) {
		if (!find_kept(s, c->cpu, step, &sp))
			return;
	} else {
		if (!is_shadow_word(s, c->cpu, sp - WORD) ||
		    stk_read_u64(s, sp - WORD, &word))
			return;
		word = stk_code_address(s, word);
		if (!f->known)
			pushed = word == out->regs.v[s->arch->ip];
		if (!f->known && !pushed)
			return;
		/* In a register it is before it is pushed, and once more behind that. */
		if (pushed && out->slot)
			weigh(s, c, word, out);
		sp -= pushed ? WORD : 0;
	}
	out->regs.v[reg] = sp;
	out->regs.valid |= 1ull << reg;
}

void stk_shadow_unknown(struct stk *s, const struct stk_cursor *c, bool called,
			struct stk_step *out)
{
	const unsigned int reg = s->arch->shadow_reg;

	stk_shadow_step(s, c, &(struct stk_shadow_step){ .code.known = false }, out);
	if (!called || stk_has_reg(&out->regs, reg) || !stk_has_reg(&c->regs, reg))
		return;
	out->regs.v[reg] = c->regs.v[reg];
	out->regs.valid |= 1ull << reg;
}
