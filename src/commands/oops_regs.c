/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that a text has of each CPU: an oops, crash's bt, the monitor of a
 * virtual machine, gdb. Of several sets the last event's counts, and of that the set
 * which stands before its frames: others are what those frames interrupted.
 */
#include "oops.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/safe.h"
#include "../base/vec.h"
#include "../kernel/kallsyms.h"
#include "../kernel/modules.h"
#include "args.h"

struct reader {
	struct stk *s;
	struct stk_oops_regs_list *list;
	struct stk_oops_regs now; /* the set that is being read */
	size_t nr_lines;
	size_t event; /* counts what tells whose the registers after it are */
	bool no_memory;
};

static bool starts_with(const char *line, size_t len, const char *text)
{
	size_t n = strlen(text);

	return len >= n && !strncasecmp(line, text, n);
}

/* ---- whose they are ---- */

static bool decimal_at(const char *line, size_t len, size_t at, int64_t *value)
{
	size_t end = at;

	for (*value = 0; end < len && isdigit((unsigned char)line[end]) && end - at < 9;)
		*value = 10 * *value + (line[end++] - '0');
	return end > at && (end == len || !stk_oops_in_word(line[end]));
}

/*
 * "CPU: 1 PID: 12 Comm: sh" of an oops, "NMI backtrace for cpu 1", "CPU#1" of a monitor,
 * "CPU: 1" and "CPU 1:" of crash.
 */
static bool cpu_in(const char *line, size_t len, int64_t *cpu)
{
	for (size_t at = 0; at + 4 < len; at++) {
		size_t end = at + 3;
		bool colon = line[end] == ':', blank = line[end] == ' ';

		if ((at && stk_oops_in_word(line[at - 1])) ||
		    !starts_with(line + at, len - at, "cpu") ||
		    !(colon || blank || line[end] == '#'))
			continue;
		end++;
		end += colon && line[end] == ' ';
		if (!decimal_at(line, len, end, cpu))
			continue;
		while (end < len && isdigit((unsigned char)line[end]))
			end++;
		/* Sentences speak of CPUs, too. */
		if (!blank || end == len || line[end] == ':')
			return true;
	}
	return false;
}

static int64_t pid_in(const char *line, size_t len)
{
	const char *at = stk_find_text(line, len, "PID: ");
	int64_t pid;

	if (!at || !decimal_at(line, len, (size_t)(at - line) + 5, &pid))
		return -1;
	return pid;
}

/* " #0 [ffffb1a500c3fd28] machine_kexec at ffffffff81067a1c" of crash and of xbt. */
static bool is_frame(const char *line, size_t len)
{
	size_t at = 0;
	int64_t nr;

	while (at < len && (line[at] == ' ' || line[at] == '?'))
		at++;
	return at < len && line[at] == '#' && decimal_at(line, len, at + 1, &nr) &&
	       stk_find_text(line, len, " [") && stk_find_text(line, len, " at ");
}

/* ---- a set ---- */

/* The one of this CPU; made, if there is none. */
static struct stk_oops_regs *set_of(struct reader *r, int64_t cpu)
{
	struct stk_oops_regs_list *l = r->list;
	struct stk_oops_regs *set;

	for (size_t i = 0; i < l->nr; i++)
		if (l->set[i].cpu == cpu)
			return &l->set[i];
	set = stk_vec_next(&r->s->texts, l->set, l->nr, l->room);
	r->no_memory |= !set;
	l->nr += set != NULL;
	return set;
}

/* @any: it has one of those that count. */
static bool is_of_use(const struct reader *r, bool any)
{
	/* Behind frames user mode is where all of them came from. */
	if (r->now.behind)
		return !r->now.why[0] && !r->s->arch->user_mode(&r->now.regs);
	/* A function that is unknown was the ip's. */
	return any;
}

/* Of one event the first counts, unless it is worth less. */
static bool is_better(const struct stk_oops_regs *now, const struct stk_oops_regs *set,
		      bool whole)
{
	return !set->line || set->event != now->event || (set->behind && !now->behind) ||
	       (set->why[0] && whole);
}

/* What has been read of a set is all of it. */
static void end_set(struct reader *r)
{
	const struct stk_arch *a = r->s->arch;
	const struct stk_regs *regs = &r->now.regs;
	const bool ip = stk_has_reg(regs, a->ip), sp = stk_has_reg(regs, a->sp);
	struct stk_oops_regs *set;

	if (ip && sp)
		r->now.why[0] = '\0';
	else if (!r->now.why[0])
		snprintf(r->now.why, sizeof(r->now.why), "there is no %s",
			 a->reg_names[ip ? a->sp : a->ip]);
	r->list->user_behind |= r->now.behind && r->s->arch->user_mode(regs);
	set = is_of_use(r, ip || sp) ? set_of(r, r->now.cpu) : NULL;
	if (set && is_better(&r->now, set, ip && sp))
		*set = r->now;
	r->now.regs.valid = 0;
	r->now.why[0] = '\0';
}

static void set_register(struct reader *r, unsigned int reg, uint64_t value)
{
	struct stk_regs *regs = &r->now.regs;

	if (stk_has_reg(regs, reg) && regs->v[reg] != value)
		end_set(r);
	if (!regs->valid)
		r->now.line = r->nr_lines;
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}

/* ---- a register and its value ---- */

/* The register that the word @name is; false: none. @before: as in its row. */
static bool register_named(struct stk *s, const char *name, size_t len, unsigned int *reg,
			   int *before)
{
	const struct stk_arch *a = s->arch;

	*before = -1;
	for (const struct stk_reg_word *w = a->reg_words; w && w->name; w++)
		if (strlen(w->name) == len && !strncasecmp(w->name, name, len)) {
			*reg = w->reg;
			*before = w->before;
			return true;
		}
	for (*reg = 0; a->reg_names[*reg]; ++*reg)
		if (strlen(a->reg_names[*reg]) == len &&
		    !strncasecmp(a->reg_names[*reg], name, len))
			return true;
	return false;
}

/* Hexadecimal, "0x…" or "[<…>]", at @at; the end of it, or 0. */
static size_t number_at(const char *line, size_t len, size_t at, uint64_t *value)
{
	const bool quoted = starts_with(line + at, len - at, "[<");
	const size_t begin = at + (quoted ? 2 : 0);
	size_t end = begin;
	char text[20];

	if (starts_with(line + begin, len - begin, "0x"))
		end += 2;
	while (end < len && isxdigit((unsigned char)line[end]))
		end++;
	/* A function may begin with such digits. */
	if (end - begin >= sizeof(text) ||
	    (end < len && (stk_oops_in_word(line[end]) || strchr(".+$", line[end]))))
		return 0;
	memcpy(text, line + begin, end - begin);
	text[end - begin] = '\0';
	return stk_parse_hex(text, value) ? end : 0;
}

static bool function_address(struct stk *s, const struct stk_oops_function *f,
			     uint64_t *addr)
{
	return f->in_module ? !stk_modules_address(s, f->name, addr)
			    : !stk_kallsyms_sized(s, f->name, f->size, addr) ||
				      !stk_symbol_address(s, f->name, addr);
}

/* "func+0x12/0x34": an oops has no other instruction pointer since 4.10. */
static size_t function_at(struct reader *r, const char *line, size_t len, size_t at,
			  uint64_t *value)
{
	struct stk_oops_function f;
	size_t end = at;

	if (!stk_oops_function(line, len, &end, &f) ||
	    !starts_with(line + at, len - at, f.name))
		return 0;
	if (function_address(r->s, &f, value)) {
		*value += f.offset;
		return end;
	}
	if (!r->now.why[0]) {
		char name[160];

		snprintf(r->now.why, sizeof(r->now.why),
			 "there is no function %s in this dump",
			 stk_safe_text(name, sizeof(name), f.name));
	}
	return 0;
}

/* What stands behind the name of a register: ": ", "=", or only blanks before 0x. */
static size_t behind_name(const char *line, size_t len, size_t at)
{
	size_t end = at;

	while (end < len && line[end] == ' ')
		end++;
	if (end < len && strchr(":=", line[end])) {
		end++;
		while (end < len && line[end] == ' ')
			end++;
		return end;
	}
	return end > at && starts_with(line + end, len - end, "0x") ? end : 0;
}

/* "0010:" before the value, which is a register's, too. */
static size_t take_before(struct reader *r, const char *line, size_t len, size_t at,
			  int before)
{
	const size_t end = at + 4;
	uint64_t value;

	if (before < 0 || end >= len || line[end] != ':' ||
	    !stk_oops_hex(line + at, 4, &value))
		return at;
	set_register(r, (unsigned int)before, value);
	return end + 1;
}

/* The value of @reg at @at. Returns where to go on. */
static size_t take_value(struct reader *r, const char *line, size_t len, size_t at,
			 unsigned int reg, int before)
{
	const size_t value_at = take_before(r, line, len, at, before);
	uint64_t value;
	size_t end = number_at(line, len, value_at, &value);

	if (!end && reg == r->s->arch->ip)
		end = function_at(r, line, len, value_at, &value);
	if (!end)
		return at;
	set_register(r, reg, value);
	return end;
}

static void read_registers(struct reader *r, const char *line, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t begin = at, end, value;
		unsigned int reg;
		int before;

		while (begin < len && !stk_oops_in_word(line[begin]))
			begin++;
		for (end = begin; end < len && stk_oops_in_word(line[end]); end++)
			;
		at = end;
		if (begin == end ||
		    !register_named(r->s, line + begin, end - begin, &reg, &before))
			continue;
		value = behind_name(line, len, end);
		if (value)
			at = take_value(r, line, len, value, reg, before);
	}
}

/* ---- the text ---- */

static void read_line(struct reader *r, const char *line, size_t len)
{
	int64_t cpu;

	r->nr_lines++;
	if (cpu_in(line, len, &cpu)) {
		end_set(r);
		r->now = (struct stk_oops_regs){ .cpu = cpu,
						 .pid = pid_in(line, len),
						 .event = ++r->event };
	} else if (stk_find_text(line, len, "Call Trace:") || is_frame(line, len)) {
		end_set(r);
		r->now.behind = true;
	} else if (stk_find_text(line, len, "---[ end trace ")) {
		/* oops_end() prints them once more. */
		end_set(r);
		r->now.behind = false;
	}
	read_registers(r, line, len);
}

enum stk_status stk_oops_registers(struct stk *s, const char *text, size_t size,
				   struct stk_oops_regs_list *list)
{
	struct reader r = { .s = s, .list = list, .now = { .cpu = -1, .pid = -1 } };
	size_t at = 0, len;
	const char *line;

	*list = (struct stk_oops_regs_list){ 0 };
	while (stk_oops_line(text, size, &at, &line, &len) && !r.no_memory) {
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		read_line(&r, line, len);
	}
	end_set(&r);
	return r.no_memory ? STK_ERR_NOMEM : STK_OK;
}
