/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "select.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of @len characters: a letter as it stands, other names in any case. */
static bool names_state(const char *text, size_t len, const struct stk_task_state *state)
{
	const char *const words[] = { state->crash_code, state->name };

	if (strlen(state->code) == len && !memcmp(state->code, text, len))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && !strncasecmp(words[i], text, len))
			return true;
	return false;
}

/* Is @state one of those in the list @text? NULL is "?". */
static bool lists_state(const char *text, const struct stk_task_state *state)
{
	for (size_t len; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (state ? names_state(text, len, state) : len == 1 && *text == '?')
			return true;
	}
	return false;
}

static bool is_state(const char *text, size_t len)
{
	const struct stk_task_state *state;

	for (size_t i = 0; (state = stk_task_states(i)); i++)
		if (names_state(text, len, state))
			return true;
	return len == 1 && *text == '?';
}

/* Every name in the list is one of a state. */
static bool check_states(const char *list, struct stk_command *cmd)
{
	char text[160];
	const char *at = list;

	while (is_state(at, strcspn(at, ","))) {
		at += strcspn(at, ",");
		if (!*at++)
			return true;
	}
	snprintf(text, sizeof(text),
		 "--state: \"%.40s\" is none of R, S, D, T, t, Z, X, P, I, new and ?",
		 at);
	stk_misuse(cmd, "%s", text);
	return false;
}

/* Decimal, 0x… or with a k behind it. */
static bool parse_bytes(const char *text, struct stk_command *cmd, uint64_t *out)
{
	char *end, wrong[96];
	uint64_t value, unit = 1;

	if (!text)
		return true;
	value = strtoull(text, &end, 0);
	if (*end == 'k' || *end == 'K') {
		unit = 1024;
		end++;
	}
	/* It would take blanks and a sign, too. What is too much is UINT64_MAX. */
	if (isdigit((unsigned char)*text) && !*end && value <= (UINT32_MAX - 1) / unit) {
		*out = value * unit;
		return true;
	}
	snprintf(wrong, sizeof(wrong), "not a number of bytes: \"%.40s\"", text);
	stk_misuse(cmd, "%s", wrong);
	return false;
}

enum stk_command_result stk_select_begin(struct stk_select *sel, struct stk_command *cmd,
					 const struct stk_args *args, const char *cpus)
{
	*sel = (struct stk_select){
		.user = stk_given(args, 'u'),
		.kernel = stk_given(args, 'k'),
		.state = stk_value(args, STK_KEY_STATE),
		.name = stk_value(args, 'N'),
		.function = stk_value(args, STK_KEY_FUNCTION),
		.module = stk_value(args, 'M'),
	};
	sel->of_chain = sel->function || sel->module;
	for (const char *key = STK_SELECT_KEYS; *key; key++)
		sel->any |= stk_given(args, *key);
	sel->any |= cpus != NULL;
	if ((sel->state && !check_states(sel->state, cmd)) ||
	    !parse_bytes(stk_value(args, STK_KEY_USED), cmd, &sel->used) ||
	    !parse_bytes(stk_value(args, STK_KEY_DEEPEST), cmd, &sel->deepest))
		return STK_CMD_USAGE;
	if (cpus && !stk_parse_cpus(cmd, cpus, &sel->cpus))
		return STK_CMD_FAILED;
	return STK_CMD_OK;
}

void stk_select_free(struct stk_select *sel)
{
	free(sel->cpus.in);
	sel->cpus.in = NULL;
}

bool stk_select_cpu(const struct stk_select *sel, int cpu)
{
	return !sel->cpus.in ||
	       (cpu >= 0 && (unsigned int)cpu < sel->cpus.nr && sel->cpus.in[cpu]);
}

static bool uses_enough(const struct stk_select *sel, struct stk *s,
			const struct stk_task *task)
{
	struct stk_stack stack;
	struct stk_use use;

	if (!sel->used && !sel->deepest)
		return true;
	if (stk_task_stack(s, task, &stack) || stk_stack_use(s, &stack, &use))
		return false;
	return (use.sp ? use.used : 0) >= sel->used && use.high_water >= sel->deepest;
}

static bool name_matches(const char *glob, const char *name)
{
	return !glob || (name && !fnmatch(glob, name, 0));
}

bool stk_select_task(struct stk_select *sel, struct stk *s, const struct stk_task *task)
{
	bool kernel = stk_is_kernel_thread(task), met;

	sel->nr_seen++;
	met = !(sel->user && kernel) && !(sel->kernel && !kernel) &&
	      name_matches(sel->name, task->comm) && stk_select_cpu(sel, task->cpu) &&
	      uses_enough(sel, s, task);
	if (met && sel->state && !lists_state(sel->state, task->now)) {
		sel->nr_unsure += !task->now;
		met = false;
	}
	/* What its chain has is seen later. */
	sel->nr_met += met && !sel->of_chain;
	return met;
}

static bool has_frame(const struct stk_select *sel, const struct stk_segment *seg)
{
	for (; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++)
			if (name_matches(sel->function, seg->frames[i].name.function) &&
			    name_matches(sel->module, seg->frames[i].name.module))
				return true;
	return false;
}

bool stk_select_cpus_only(const struct stk_select *sel)
{
	return sel->cpus.in && !sel->user && !sel->kernel && !sel->state && !sel->name &&
	       !sel->of_chain && !sel->used && !sel->deepest;
}

bool stk_select_chain(struct stk_select *sel, const struct stk_chain *chain)
{
	bool met;

	if (!sel->of_chain)
		return true;
	met = chain && has_frame(sel, chain->segments);
	sel->nr_met += met;
	sel->nr_unsure += !met && (!chain || chain->confidence != STK_CERTAIN);
	return met;
}

bool stk_select_text(const struct stk_select *sel, char *text, size_t size)
{
	int len = 0;

	*text = '\0';
	if (!sel->any || !sel->nr_seen)
		return false;
	if (!sel->nr_met)
		len = snprintf(text, size, "none of %zu tasks matches%s", sel->nr_seen,
			       sel->nr_unsure ? "; " : "");
	if (sel->nr_unsure && (size_t)len < size)
		snprintf(text + len, size - (size_t)len,
			 "whether %zu more %s is not known: %s", sel->nr_unsure,
			 sel->nr_unsure > 1 ? "match" : "matches",
			 !sel->of_chain ? "the state is damaged"
			 : sel->state ? "the state is damaged or the chain is not certain"
				      : "the chain is not certain");
	return *text != '\0';
}
