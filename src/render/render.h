/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.h - what the files of this folder share. */
#ifndef STK_RENDER_H
#define STK_RENDER_H

#include <stackinfo/render.h>

/* "NMI stack of CPU 1", "TASK stack of PID 227"; written to @buf and returned. */
const char *stk_stack_title(struct stk *s, const struct stk_stack *stack, char *buf,
			    size_t size);
/* "func+12 [module]" into @buf; "" when nothing is known. */
const char *stk_name_text(const struct stk_name *name, char *buf, size_t size);
/* " (found by stack)" of a task that no list led to; "" for others. */
const char *stk_text_found(const struct stk_task *task);
/* In place of the chain of a task that has exited, and has no stack any more. */
void stk_text_exited(struct stk *s, FILE *fp, const struct stk_task *task);
/* How @reg is called in front of its value. */
const char *stk_text_reg_title(struct stk *s, unsigned int reg);
/* All registers of @regs that are known, in the architecture's order. */
void stk_text_regs(struct stk *s, FILE *fp, const struct stk_regs *regs);

struct json_object *stk_json_addr(uint64_t addr);
struct json_object *stk_json_number(uint64_t n);
struct json_object *stk_json_string(const char *text); /* null for NULL */
struct json_object *stk_json_task(const struct stk_task *task);
struct json_object *stk_json_stack(struct stk *s, const struct stk_stack *stack);
/* The stack in whose guard page @seg is, and by how much; NULL: it is in none. */
struct json_object *stk_json_overflow(struct stk *s, const struct stk_segment *seg);
/* What a small dump was made without: a list, which may be empty. */
struct json_object *stk_json_left_out(struct stk *s);

#endif
