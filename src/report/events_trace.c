/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump_stack_print_info() and print_tainted() say who it is, show_regs() of each
 * architecture has the registers, show_trace() the frames. x86 prints the registers of
 * each exception among the frames; those are not the trace's own.
 */
#include "events_trace.h"

#include <ctype.h>
#include <string.h>

#include "../base/bytes.h"
#include "../base/safe.h"
#include "../base/vec.h"
#include "events_frames.h"
#include "events_match.h"
#include "oops_text.h"

const char *stk_event_text(struct stk_arena *arena, const char *text, size_t len)
{
	char *copy =
		stk_arena_strndup(arena, text, len < STK_MAX_NAME ? len : STK_MAX_NAME);

	if (copy)
		stk_safe_bytes(copy, strlen(copy));
	return copy;
}

/* ---- who it is ---- */

/* The same with one blank for several. */
static const char *squeezed_text(struct stk_arena *arena, const char *text, size_t len)
{
	char *copy =
		stk_arena_strndup(arena, text, len < STK_MAX_NAME ? len : STK_MAX_NAME);
	size_t to = 0;

	for (size_t i = 0; copy && copy[i]; i++)
		if (copy[i] != ' ' || copy[i + 1] != ' ')
			copy[to++] = copy[i];
	if (copy) {
		copy[to] = '\0';
		stk_safe_bytes(copy, to);
	}
	return copy;
}

/* The word before the number of the build: "6.1.0-13-amd64 #1 ...". */
static void take_release(struct stk_trace_reader *r, const char *text, size_t len)
{
	const char *end = text, *begin;

	do {
		size_t left = len - (size_t)(end - text);

		end = stk_find_text(end, left, " #");
		if (!end)
			return;
		end += 2;
	} while (end == text + len || !isdigit((unsigned char)*end));
	end -= 2;
	for (begin = end; begin > text && begin[-1] != ' '; begin--)
		;
	r->trace->release = stk_event_text(r->arena, begin, (size_t)(end - begin));
	r->trace->build =
		squeezed_text(r->arena, end + 1, len - (size_t)(end + 1 - text));
}

/* "G           OE    -------- -  - 4.18.0-80.el8 #1": the capitals. */
static void take_taint(struct stk_trace_reader *r, const char *text, size_t len)
{
	char flags[40];
	size_t n = 0, i = 0;

	while (i < len && n + 2 < sizeof(flags) && !isdigit((unsigned char)text[i])) {
		if (isupper((unsigned char)text[i])) {
			flags[n++] = text[i];
		} else if (islower((unsigned char)text[i]) && i + 1 < len &&
			   text[i + 1] != ' ') {
			break; /* a release that begins with a letter */
		}
		i++;
	}
	r->trace->taint = stk_event_text(r->arena, flags, n);
}

static void take_identity(struct stk_trace_reader *r, const char *text, size_t len)
{
	static const char *const behind_comm[] = { " Kdump: ", " Not tainted",
						   " Tainted: " };
	const char *taint = stk_find_text(text, len, "Tainted: "), *end = text + len;

	for (size_t i = 0; i < STK_ARRAY_SIZE(behind_comm); i++) {
		const char *p = stk_find_text(text, len, behind_comm[i]);

		if (p && p < end)
			end = p;
	}
	if (end > text)
		r->trace->comm = stk_event_text(r->arena, text, (size_t)(end - text));
	if (taint)
		take_taint(r, taint + 9, len - (size_t)(taint + 9 - text));
	else if (stk_find_text(text, len, "Not tainted"))
		r->trace->taint = "";
	take_release(r, text, len);
}

static const char *const cpu_lines[] = {
	"CPU: %d UID: %d PID: %d Comm: %*", /* since 6.12 */
	"CPU: %d PID: %d Comm: %*",
};

bool stk_trace_begins(const char *text, size_t len)
{
	struct stk_taken taken[STK_MAX_TAKEN];

	for (size_t i = 0; i < STK_ARRAY_SIZE(cpu_lines); i++)
		if (stk_event_match(cpu_lines[i], text, len, taken))
			return true;
	return stk_begins_with(text, len, "task:") &&
	       stk_event_match("task:%s state:%w %*", text, len, taken);
}

static int64_t taken_int(const struct stk_taken *taken)
{
	uint64_t n;

	return stk_taken_number(taken, &n) && n <= INT32_MAX ? (int64_t)n : -1;
}

static bool take_cpu_line(struct stk_trace_reader *r, const char *text, size_t len)
{
	struct stk_taken taken[STK_MAX_TAKEN];

	for (size_t i = 0; i < STK_ARRAY_SIZE(cpu_lines); i++) {
		const size_t pid = STK_ARRAY_SIZE(cpu_lines) - i;

		if (!stk_event_match(cpu_lines[i], text, len, taken))
			continue;
		r->trace->cpu = taken_int(&taken[0]);
		r->trace->pid = taken_int(&taken[pid]);
		take_identity(r, taken[pid + 1].text, taken[pid + 1].len);
		return true;
	}
	return false;
}

/* sched_show_task(); before 5.10 it had no words. */
static bool take_task_line(struct stk_trace_reader *r, const char *text, size_t len)
{
	static const char *const lines[] = { "task:%s state:%w %s pid:%d",
					     "task:%s state:%w %s pid: %d" };
	struct stk_taken taken[STK_MAX_TAKEN];

	for (size_t i = 0; i < STK_ARRAY_SIZE(lines); i++) {
		if (!stk_event_match(lines[i], text, len, taken))
			continue;
		r->trace->comm = stk_event_text(r->arena, taken[0].text, taken[0].len);
		r->trace->state = stk_event_text(r->arena, taken[1].text, taken[1].len);
		r->trace->pid = taken_int(&taken[3]);
		return true;
	}
	return false;
}

/* The texts that a line begins with, and which member gets the rest. */
static bool take_text(struct stk_trace_reader *r, const char *text, size_t len)
{
	struct stk_event_trace *t = r->trace;
	const struct {
		const char *begin;
		const char **member;
	} texts[] = {
		{ "Hardware name: ", &t->hardware },
		{ "Workqueue: ", &t->workqueue },
		{ "Modules linked in: ", &t->modules },
	};

	if (stk_begins_with(text, len, "Tainted: [")) {
		t->taint_words = stk_event_text(r->arena, text + 9, len - 9);
		return true;
	}
	/* Of a hung task, without a CPU's line. */
	if (stk_begins_with(text, len, "Not tainted ") ||
	    stk_begins_with(text, len, "Tainted: ")) {
		const char *comm = t->comm;

		take_identity(r, text, len);
		t->comm = comm;
		return true;
	}
	for (size_t i = 0; i < STK_ARRAY_SIZE(texts); i++) {
		size_t n = strlen(texts[i].begin);

		if (!stk_begins_with(text, len, texts[i].begin))
			continue;
		if (!*texts[i].member)
			*texts[i].member = stk_event_text(r->arena, text + n, len - n);
		return true;
	}
	return false;
}

/* ---- registers ---- */

/* How each architecture names the instruction. x86's second is that of 4.14 and before.
 */
static const char *const pc_marks[] = { "RIP: ", "IP: ", "pc : ", "PC is at ", "epc : " };

/* "0010:" before it: which segment, or -1. */
static int selector_at(const char *text, size_t len)
{
	uint64_t value;

	return len > 5 && text[4] == ':' && stk_oops_hex(text, 4, &value) ? (int)value
									  : -1;
}

/*
 * The first is the trace's own; the others, among its frames, were interrupted. x86 has
 * "RIP: f+0x12/0x34 RSP: ..." once more at the end, up to 4.14: without a segment.
 */
static void take_instruction(struct stk_trace_reader *r, const char *text, size_t len)
{
	int selector = selector_at(text, len);
	bool user = selector >= 0 && (selector & 3) == 3;
	struct stk_event_frame frame = { 0 };

	if (selector >= 0) {
		text += 5;
		len -= 5;
	}
	if (!user)
		stk_frame_read(r->arena, text, len, &frame);
	if (r->in_frames && user) {
		r->trace->ends_in_user = true;
		r->in_frames = false;
		r->done = true;
	} else if (r->in_frames) {
		frame.interrupted = true;
		if (selector >= 0)
			stk_frame_add(r, &frame);
	} else if (!r->trace->has_pc && !r->done) {
		r->trace->pc = frame;
		r->trace->has_pc = true;
		r->trace->in_user = user;
	}
}

static bool take_pc(struct stk_trace_reader *r, const char *text, size_t len)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(pc_marks); i++) {
		size_t n = strlen(pc_marks[i]);

		if (!stk_begins_with(text, len, pc_marks[i]))
			continue;
		/* riscv has the numbers of all registers in the same words. */
		if (len > n + 16 && isxdigit((unsigned char)text[n]) &&
		    stk_find_text(text + n, len - n, " : "))
			return false;
		take_instruction(r, text + n, len - n);
		return true;
	}
	return false;
}

/* Where a call leads back to: the registers that arm64 and riscv have for it. */
static const struct {
	const char *mark, *name;
} link_marks[] = { { "lr : ", "lr" }, { "LR is at ", "lr" }, { "ra : ", "ra" } };

static bool take_link(struct stk_trace_reader *r, const char *text, size_t len)
{
	struct stk_event_trace *t = r->trace;
	struct stk_event_frame frame;

	for (size_t i = 0; i < STK_ARRAY_SIZE(link_marks); i++) {
		size_t n = strlen(link_marks[i].mark);

		if (!stk_begins_with(text, len, link_marks[i].mark))
			continue;
		if (!r->in_frames && !r->done && !t->link.function &&
		    stk_frame_read(r->arena, text + n, len - n, &frame) &&
		    frame.has_offset) {
			t->link = frame;
			t->link.lost = true;
			t->link.by = link_marks[i].name;
		}
		/* A line of registers may begin with it, too. */
		return t->link.function;
	}
	return false;
}

static size_t skip_blanks(const char *text, size_t len, size_t at)
{
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

/* "R10: ", "sp : " at *@at. */
static bool register_name(const char *text, size_t len, size_t *at, char *name,
			  size_t size)
{
	size_t n = *at;

	while (n < len && stk_oops_in_word(text[n]))
		n++;
	if (n == *at || n - *at >= size)
		return false;
	memcpy(name, text + *at, n - *at);
	name[n - *at] = '\0';
	n = skip_blanks(text, len, n);
	if (n == len || text[n] != ':')
		return false;
	*at = skip_blanks(text, len, n + 1);
	return true;
}

/* A name, ":", a number, at *@at: "R10: ff", "RSP: 0018:ff", "x29: ff", "sp : ff". */
static bool register_at(const char *text, size_t len, size_t *at,
			struct stk_event_reg *reg)
{
	size_t n = *at, digits = 0;
	const char *end;

	if (!register_name(text, len, &n, reg->name, sizeof(reg->name)))
		return false;
	if (selector_at(text + n, len - n) >= 0)
		n += 5;
	while (n + digits < len && isxdigit((unsigned char)text[n + digits]))
		digits++;
	if (digits < 4 || !stk_oops_hex(text + n, digits, &reg->value))
		return false;
	/* "FS:  0000(0000)", "pstate: 60000005 (nZCv daif)". */
	n = skip_blanks(text, len, n + digits);
	end = n < len && text[n] == '(' ? memchr(text + n, ')', len - n) : NULL;
	if (end)
		n = (size_t)(end - text) + 1;
	*at = skip_blanks(text, len, n);
	return true;
}

static bool is_of_registers(const char *text, size_t len)
{
	struct stk_event_reg reg;
	size_t at = 0;

	while (at < len)
		if (!register_at(text, len, &at, &reg))
			return false;
	return len;
}

static bool take_registers(struct stk_trace_reader *r, const char *text, size_t len)
{
	struct stk_event_trace *t = r->trace;
	struct stk_event_reg reg, *next;
	size_t at = 0;

	if (!is_of_registers(text, len))
		return false;
	if (r->in_frames || r->done)
		return true;
	while (t->nr_regs < STK_MAX_EVENT_REGS && register_at(text, len, &at, &reg)) {
		next = stk_vec_next(r->arena, t->regs, t->nr_regs, t->room_regs);
		if (next) {
			*next = reg;
			t->nr_regs++;
		}
	}
	return true;
}

/* The first register that has one of these names, ended by NULL. */
static bool find_register(const struct stk_event_trace *trace, const char *const *names,
			  uint64_t *value)
{
	for (size_t i = 0; i < trace->nr_regs; i++)
		for (size_t k = 0; names[k]; k++)
			if (!strcmp(trace->regs[i].name, names[k])) {
				*value = trace->regs[i].value;
				return true;
			}
	return false;
}

bool stk_trace_fault(const struct stk_event_trace *trace, uint64_t *address)
{
	static const char *const names[] = { "CR2", "badaddr", NULL };

	return find_register(trace, names, address);
}

bool stk_trace_sp(const struct stk_event_trace *trace, uint64_t *sp)
{
	static const char *const names[] = { "RSP", "sp", NULL };

	return find_register(trace, names, sp);
}

const char *stk_trace_access(uint64_t error)
{
	return error & 0x10 ? "execute" : error & 2 ? "write" : "read";
}

/* ---- frames ---- */

/* Behind these, frames are those of others: who allocated it, what held a lock. */
static const char *const ends[] = {
	"Allocated by task", "Freed by task",	  "allocated by task",
	"freed by task",     "Last potentially",  "Second to last",
	"The buggy address", "Memory state",	  "Modules linked in",
	"Uninit was",	     "Local variable",	  "value changed",
	"irq event stamp",   "hardirqs last",	  "softirqs last",
	"INFO: lockdep is",  "Showing all locks", "other info that",
	"Kernel Offset:",    "Mem-Info:",	  "the existing dependency",
	"page last",	     "page_owner",
};

void stk_trace_frames(struct stk_trace_reader *r)
{
	r->done = r->trace->nr_frames;
	r->in_frames = !r->done;
}

static bool take_frames(struct stk_trace_reader *r, const char *text, size_t len)
{
	if (len >= 11 && !memcmp(text, "Call ", 5) &&
	    !strncasecmp(text + 5, "trace:", 6)) {
		stk_trace_frames(r);
		return true;
	}
	/* riscv has no headline behind an oops's registers. */
	if (!r->in_frames && !r->done && r->trace->has_pc &&
	    stk_begins_with(text, len, "[<"))
		stk_trace_frames(r);
	if (!r->in_frames)
		return false;
	for (size_t i = 0; i < STK_ARRAY_SIZE(ends); i++)
		if (stk_begins_with(text, len, ends[i])) {
			r->in_frames = false;
			r->done = true;
			return false;
		}
	return stk_frame_line(r, text, len);
}

bool stk_trace_line(struct stk_trace_reader *r, const char *text, size_t len)
{
	return take_frames(r, text, len) || take_cpu_line(r, text, len) ||
	       take_task_line(r, text, len) || take_text(r, text, len) ||
	       take_pc(r, text, len) || take_link(r, text, len) ||
	       take_registers(r, text, len) || stk_begins_with(text, len, "Code: ");
}
