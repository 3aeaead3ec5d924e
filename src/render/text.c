/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

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

const char *stk_name_text(const struct stk_name *name, char *buf, size_t size)
{
	if (!name->function)
		snprintf(buf, size, "%s", "");
	else if (name->module)
		snprintf(buf, size, "%s+%" PRIu64 " [%s]", name->function, name->offset,
			 name->module);
	else
		snprintf(buf, size, "%s+%" PRIu64, name->function, name->offset);
	return buf;
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

/* bt's order: what tells where, then the arguments' registers, then the rest. */
static const struct {
	const char *name;
	int width;
	bool newline; /* after it */
} reg_order[] = {
	{ "rip", 16, false },	   { "rsp", 16, false }, { "eflags", 8, true },
	{ "rax", 16, false },	   { "rbx", 16, false }, { "rcx", 16, true },
	{ "rdx", 16, false },	   { "rsi", 16, false }, { "rdi", 16, true },
	{ "rbp", 16, false },	   { "r8", 16, false },	 { "r9", 16, true },
	{ "r10", 16, false },	   { "r11", 16, false }, { "r12", 16, true },
	{ "r13", 16, false },	   { "r14", 16, false }, { "r15", 16, true },
	{ "orig_rax", 16, false }, { "cs", 4, false },	 { "ss", 4, true },
};

void stk_text_regs(struct stk *s, FILE *fp, const struct stk_regs *regs)
{
	bool open = false;

	for (size_t i = 0; i < sizeof(reg_order) / sizeof(reg_order[0]); i++) {
		const char *name = reg_order[i].name, *known;

		for (unsigned int r = 0; (known = stk_reg_name(s, r)); r++) {
			char upper[16];
			size_t n;

			if (strcmp(known, name) || !(regs->valid >> r & 1))
				continue;
			name = !strcmp(name, "eflags") ? "rflags" : name;
			for (n = 0; name[n] && n + 1 < sizeof(upper); n++)
				upper[n] = (char)toupper((unsigned char)name[n]);
			upper[n] = '\0';
			fprintf(fp, "%s%3s: %0*" PRIx64, open ? "  " : "    ", upper,
				reg_order[i].width, regs->v[r]);
			open = true;
		}
		if (reg_order[i].newline && open) {
			fputc('\n', fp);
			open = false;
		}
	}
}
