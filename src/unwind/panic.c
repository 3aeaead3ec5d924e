/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CPU panicked. The kernel writes it down. Where that cannot be read, or the CPU
 * that it names shows nothing of it, the chains tell, if one CPU alone is in the code
 * that a panic runs.
 */
#include <string.h>

#include "../base/context.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "unwind.h"

/*
 * panic_cpu since 4.5 (commit 1717f2096b54), by panic() and crash_kexec(); the oops of a
 * CPU that only kexec() knows sets crashing_cpu. Both are -1 before.
 */
static const char *const word[] = { "panic_cpu", "crashing_cpu" };

#define NR_WORDS (sizeof(word) / sizeof(word[0]))

static bool ask_words(struct stk *s, struct stk_panic *out)
{
	uint32_t cpu;
	uint64_t at;

	for (size_t i = 0; i < NR_WORDS; i++) {
		if (!stk_find_symbol(s, word[i], &at) || stk_read_u32(s, at, &cpu) ||
		    !stk_cpu_possible(s, cpu))
			continue;
		*out = (struct stk_panic){ (int)cpu, word[i] };
		return true;
	}
	return false;
}

/* What only the CPU that panics runs, and where others that panic, too, wait for it. */
static const struct {
	const char *function;
	bool waits;
} panic_code[] = {
	{ "panic", false },
	{ "vpanic", false },
	{ "crash_kexec", false },
	{ "__crash_kexec", false },
	{ "machine_kexec", false },
	{ "panic_smp_self_stop", true },
	{ "nmi_panic_self_stop", true },
};

static bool in_panic(const struct stk_chain *chain)
{
	bool panics = false;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_name *name = &seg->frames[i].name;

			for (size_t j = 0; name->function && !name->module &&
					   j < sizeof(panic_code) / sizeof(*panic_code);
			     j++) {
				if (strcmp(name->function, panic_code[j].function))
					continue;
				if (panic_code[j].waits)
					return false;
				panics = true;
			}
		}
	return panics;
}

static bool cpu_in_panic(struct stk *s, unsigned int cpu)
{
	struct stk_chain *chain = NULL;
	struct stk_start start;
	bool panics;

	if (!stk_cpu_running(s, cpu) || stk_start_cpu(s, cpu, &start))
		return false;
	panics = !stk_unwind_whole(s, &start, &chain) && in_panic(chain);
	stk_chain_free(s, chain);
	return panics;
}

static void ask_chains(struct stk *s, struct stk_panic *out)
{
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s) && !stk_must_stop(s); cpu++) {
		if (!cpu_in_panic(s, cpu))
			continue;
		if (out->from) {
			*out = (struct stk_panic){ -1, NULL };
			return;
		}
		*out = (struct stk_panic){ (int)cpu, "chain" };
	}
}

static enum stk_status find_panic(struct stk *s, void *value)
{
	struct stk_panic *out = value, words = { -1, NULL };
	bool says;

	*out = words;
	if (s->target.live)
		return STK_OK;
	/* A word of zeros names CPU 0: the CPU's chain shows that it is so, or another's.
	 */
	says = ask_words(s, &words);
	if (says && cpu_in_panic(s, (unsigned int)words.cpu))
		*out = words;
	else
		ask_chains(s, out);
	if (!out->from && says)
		*out = words;
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}

struct stk_panic stk_panic(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_panic),
		.find = find_panic,
	};
	static const struct stk_panic unknown = { -1, NULL };

	if (stk_once(s, &s->panic, &once))
		return unknown;
	return *(const struct stk_panic *)s->panic.value;
}
