/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words by which a CPU enters the kernel: its table of vectors, the level that it
 * runs at, the current task, and the stacks that entry code goes to.
 */
#include "../entry_words.h"
#include "arm64.h"

#include <inttypes.h>

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../base/say.h"

#define VECTORS_ALIGN  0x800u /* VBAR_EL1 has no lower bits */
#define NR_TRAMPOLINES 4u     /* enum arm64_bp_harden_el1_vectors */

/* --- of the machine --- */

static struct stk_entry_word *symbol_word(struct stk *s, struct stk_entry_words *out,
					  const char *symbol)
{
	uint64_t addr;

	return stk_find_symbol(s, symbol, &addr) ? stk_word_of(out, symbol, addr) : NULL;
}

static void vectors_word(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w = symbol_word(s, out, "vectors");

	if (!w)
		return;
	stk_word_is_code(s, w, VECTORS_ALIGN);
	stk_word_is_executable(s, w);
	w->meaning = "16 slots of 0x80 bytes";
}

/*
 * Its code runs at another address, in the fixmap. Pages of the kernel are not global
 * when page-table isolation is on, or was prepared at the start
 * (arch/arm64/kernel/cpufeature.c, kpti_install_ng_mappings()).
 */
static void trampoline_word(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w = symbol_word(s, out, "tramp_vectors");
	uint64_t at;
	uint8_t flag;

	if (!w)
		return;
	stk_word_is_code(s, w, VECTORS_ALIGN);
	w->meaning = "user mode comes here, for page-table isolation";
	if (!stk_find_symbol(s, "arm64_use_ng_mappings", &at) ||
	    stk_read(s, at, &flag, 1))
		return;
	if (!flag)
		w->meaning = "not used: page-table isolation is off";
	w->detail = !flag;
}

static void efi_word(struct stk *s, struct stk_entry_words *out)
{
	const struct stk_stack *stack;
	struct stk_entry_word *w;
	uint64_t at;
	size_t nr;

	if (!stk_find_symbol(s, "efi_rt_stack_top", &at))
		return;
	w = stk_word_add(out, "efi_rt_stack_top");
	w->readable = !stk_read_u64(s, at, &w->value);
	if (!w->readable)
		return;
	if (!w->value) {
		w->meaning = "no runtime services of an EFI firmware";
		w->detail = true;
		return;
	}
	if (!stk_is_stack_address(s, w->value)) {
		w->problem = "no stack can end there";
		return;
	}
	if (stk_cpu_stacks(s, 0, &stack, &nr))
		return;
	for (size_t i = 0; i < nr; i++)
		if (stack[i].kind == ARM64_STACK(EFI)) {
			w->has_stack = true;
			w->stack = stack[i];
		}
}

/* --- of a CPU --- */

#define PSTATE_LEVEL(pstate) ((pstate) >> 2 & 3)
#define PSTATE_SP_ELX	     1u /* else SP_EL0 is the stack pointer */
#define PSTATE_32	     (1u << 4)

/* Which of Debug, SError, IRQ and FIQ are masked. */
static const char *masked(struct stk *s, uint64_t pstate)
{
	if (!(pstate >> 6 & 15))
		return "nothing is masked";
	return stk_say(s, "masked: %s%s%s%s", pstate >> 9 & 1 ? "D" : "",
		       pstate >> 8 & 1 ? "A" : "", pstate >> 7 & 1 ? "I" : "",
		       pstate >> 6 & 1 ? "F" : "");
}

/* By the level. */
static const char *const whose[] = { "user mode", "the kernel", "the kernel, with VHE",
				     "the firmware" };

static void level_word(struct stk *s, const struct stk_regs *regs,
		       struct stk_entry_words *out)
{
	uint64_t pstate = regs->v[ARM64_PSTATE];
	unsigned int level = PSTATE_LEVEL(pstate);
	struct stk_entry_word *w = stk_word_of(out, "PSTATE", pstate);
	const bool narrow = pstate & PSTATE_32;

	w->meaning = stk_say(s, "EL%u%s, %s; %s", level, narrow ? " of AArch32" : "",
			     whose[level], masked(s, pstate));
	if (level == 3)
		w->problem = "EL3 is the firmware's";
	else if (level && narrow)
		w->problem = "AArch32, which no kernel of 64 bits runs in";
	else if (level && !(pstate & PSTATE_SP_ELX))
		w->problem = "SP_EL0 is the stack pointer, which the kernel never "
			     "selects";
}

/* The address of the trampoline at which user mode enters it. */
static bool is_trampoline(struct stk *s, uint64_t addr)
{
	uint64_t trampoline, phys, want;

	if (!stk_find_symbol(s, "tramp_vectors", &trampoline) ||
	    stk_translate(s, trampoline, &want) || stk_translate(s, addr, &phys))
		return false;
	return phys - want < NR_TRAMPOLINES * VECTORS_ALIGN;
}

/*
 * What VBAR_EL1 is while user mode runs: with page-table isolation a trampoline, on some
 * processors one that makes their branch prediction safe (5.17, commit bd09128d16fa).
 */
static void vector_word(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w = stk_word_percpu(s, out, "this_cpu_vector");
	uint64_t vectors;

	if (!w || !w->readable)
		return;
	stk_word_is_code(s, w, VECTORS_ALIGN);
	w->detail = stk_find_symbol(s, "vectors", &vectors) && w->value == vectors;
	/* Its name is that of the code. */
	if (!w->problem && is_trampoline(s, w->value))
		w->meaning = "in the fixmap";
}

static void current_word(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w = stk_word_percpu(s, out, "__entry_task");

	if (!w)
		return;
	w->is_task = true;
}

/* Set while the handler of an event runs (6.6, commit 5cd474e57368). */
static void sdei_event(struct stk *s, struct stk_entry_words *out, const char *symbol)
{
	struct stk_entry_word *w = stk_word_percpu(s, out, symbol);

	if (!w || !w->readable)
		return;
	w->detail = !w->value;
	w->meaning = w->value ? "an event of the firmware's is being handled"
			      : "no event of the firmware's is being handled";
}

void arm64_entry_words(struct stk *s, const struct stk_regs *regs,
		       struct stk_entry_words *out)
{
	if (out->cpu < 0) {
		vectors_word(s, out);
		trampoline_word(s, out);
		efi_word(s, out);
		return;
	}
	if (regs && arm64_has(regs, ARM64_PSTATE))
		level_word(s, regs, out);
	vector_word(s, out);
	stk_word_percpu_offset(s, out, "in TPIDR_EL1, or with VHE in TPIDR_EL2");
	current_word(s, out);
	stk_word_user_entry(s, out);
	stk_word_stacks(s, out, arm64_percpu_stacks, ARM64_NR_PERCPU_STACKS);
	sdei_event(s, out, "sdei_active_normal_event");
	sdei_event(s, out, "sdei_active_critical_event");
}
