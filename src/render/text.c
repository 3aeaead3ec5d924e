/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/out.h"
#include "rust_name.h"

const char *stk_stack_title(struct stk *s, const struct stk_stack *stack, char *buf,
			    size_t size)
{
	const char *kind = stk_stack_kind_name(stack->kind);
	struct stk_task task;

	if (!stack->kind)
		snprintf(buf, size, "no known stack");
	else if (stk_stack_is_free(stack) && stack->cpu >= 0)
		snprintf(buf, size, "%s stack cached on CPU %d", kind, stack->cpu);
	else if (stk_stack_is_free(stack))
		snprintf(buf, size, "%s stack of no task", kind);
	else if (stack->cpu >= 0)
		snprintf(buf, size, "%s stack of CPU %d", kind, stack->cpu);
	else if (!stk_task_read(s, stack->task, &task))
		snprintf(buf, size, "%s stack of PID %" PRIu32, kind, task.pid);
	else
		snprintf(buf, size, "%s stack of task %" PRIx64, kind, stack->task);
	return buf;
}

const char *stk_function_text(const char *function, char *buf, size_t size)
{
	return function && stk_rust_name(function, buf, size) ? buf : function;
}

const char *stk_name_text(const struct stk_name *name, char *buf, size_t size)
{
	struct stk_out line = stk_out(buf, size);
	char rust[512];
	const char *function = stk_function_text(name->function, rust, sizeof(rust));

	if (function) {
		stk_out_text(&line, function);
		stk_out_text(&line, "+");
		stk_out_decimal(&line, name->offset);
	}
	if (function && name->module) {
		stk_out_text(&line, " [");
		stk_out_text(&line, name->module);
		stk_out_text(&line, "]");
	}
	return stk_out_end(&line);
}

const char *stk_text_found(const struct stk_task *task)
{
	switch (task->found) {
	case STK_FOUND_LIST_BACKWARDS:
		return " (found backwards)";
	case STK_FOUND_PID:
		return " (found by PID)";
	case STK_FOUND_STACK:
		return " (found by stack)";
	default:
		return "";
	}
}

const char *stk_text_state(const struct stk_task_state *now)
{
	/* States of which the letter alone would mislead. */
	static const char *const special[][2] = {
		{ "frozen", "D (frozen)" },
		{ "rt_lock", "D (waits for an RT spinlock)" },
		{ "waking", "R (waking)" },
	};

	if (!now)
		return "?";
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (!strcmp(now->name, special[i][0]))
			return special[i][1];
	return now->code;
}

#define TITLE_WIDTH 3u
#define REGS_TEXT   4096u /* more than STK_MAX_REGS of them */
#define REGS_A_LINE 3u	  /* where the architecture has no order of its own */

const char *stk_text_reg_title(struct stk *s, unsigned int reg)
{
	for (size_t i = 0; i < s->arch->nr_reg_rows; i++)
		if (s->arch->reg_rows[i].reg == reg)
			return s->arch->reg_rows[i].title;
	return stk_reg_name(s, reg);
}

/* All in one piece: of a machine with many tasks this is most of the text. */
static void add_reg(struct stk_out *l, bool first, const struct stk_regs *regs,
		    const struct stk_reg_row *row)
{
	size_t len = strlen(row->title);
	char *to = stk_out_room(l, 4 + TITLE_WIDTH + len + 2 + STK_HEX_DIGITS);

	if (!to)
		return;
	memset(to, ' ', 4);
	to += first ? 4 : 2;
	for (size_t i = len; i < TITLE_WIDTH; i++)
		*to++ = ' ';
	for (size_t i = 0; i < len; i++)
		*to++ = row->title[i];
	*to++ = ':';
	*to++ = ' ';
	l->len = (size_t)(stk_put_hex(to, regs->v[row->reg], row->width) - l->text);
}

/* @begin: of its line in @l. */
static void write_reg(struct stk_out *l, size_t *begin, const struct stk_regs *regs,
		      const struct stk_reg_row *row)
{
	if (stk_has_reg(regs, row->reg))
		add_reg(l, l->len == *begin, regs, row);
	if (row->newline && l->len != *begin) {
		stk_out_text(l, "\n");
		*begin = l->len;
	}
}

void stk_text_regs(struct stk *s, FILE *fp, const struct stk_regs *regs)
{
	const struct stk_arch *a = s->arch;
	char text[REGS_TEXT];
	struct stk_out l = stk_out(text, sizeof(text));
	size_t begin = 0;

	for (size_t i = 0; i < a->nr_reg_rows; i++)
		write_reg(&l, &begin, regs, &a->reg_rows[i]);
	for (unsigned int r = 0; !a->reg_rows && stk_reg_name(s, r); r++) {
		bool last = r % REGS_A_LINE == REGS_A_LINE - 1 || !stk_reg_name(s, r + 1);
		struct stk_reg_row row = { stk_reg_name(s, r), r, 16, last };

		write_reg(&l, &begin, regs, &row);
	}
	fwrite(l.text, 1, begin, fp);
}
