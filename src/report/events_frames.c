/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame as kernels and those who decode their texts print it:
 *
 *    f+0x12/0x34 [module]             ? f+0x12/0x34               [<ffff...>] f+0x12/0x34
 *    f+0x12/0x34 mm/file.c:123        f mm/file.c:123 [inline]    (syzkaller)
 *    f (mm/file.c:123 mm/other.h:4)   (scripts/decode_stacktrace.sh)
 *    0xffffffffc0123456               (nobody knows the function)
 */
#include "events_frames.h"

#include <ctype.h>
#include <string.h>

#include "../base/bytes.h"
#include "../base/vec.h"
#include "events_told.h"
#include "oops_text.h"

/* "mm/file.c:12": what stands at @p up to a blank or the end. */
static bool is_place(const char *p, size_t len)
{
	const char *colon;
	size_t n = 0;

	while (n < len && !isspace((unsigned char)p[n]) && p[n] != ')')
		n++;
	colon = memrchr(p, ':', n);
	return colon && colon > p + 2 && colon + 1 < p + n &&
	       isdigit((unsigned char)colon[1]) && memchr(p, '.', (size_t)(colon - p));
}

/* " [module]", " [module 0123abcd]" behind a function. */
static const char *module_at(struct stk_arena *arena, const char *p, size_t len)
{
	size_t n = 0;

	if (len < 4 || p[0] != ' ' || p[1] != '[' || p[2] == '<')
		return NULL;
	while (2 + n < len && (stk_oops_in_word(p[2 + n]) || p[2 + n] == '-'))
		n++;
	if (!n || 2 + n == len || (p[2 + n] != ']' && p[2 + n] != ' ') ||
	    (n == 6 && !memcmp(p + 2, "inline", 6)))
		return NULL;
	return stk_event_text(arena, p + 2, n);
}

static bool has_offset(struct stk_arena *arena, const char *text, size_t len,
		       struct stk_event_frame *out)
{
	struct stk_oops_function f;
	size_t at = 0;

	if (!stk_oops_function(text, len, &at, &f) || f.begin)
		return false;
	out->function = stk_event_text(arena, f.name, strlen(f.name));
	out->offset = f.offset;
	out->size = f.size;
	out->has_offset = true;
	out->module = module_at(arena, text + at, len - at);
	/* arm64: from a link register that may be an old one. */
	out->doubtful |= stk_ends_with(text, len, " (L)");
	return out->function;
}

/* A name without an offset, and its place in the source. */
static bool is_decoded(struct stk_arena *arena, const char *text, size_t len,
		       struct stk_event_frame *out)
{
	size_t n = 0, at;
	const char *end;

	while (n < len && (stk_oops_in_word(text[n]) || text[n] == '.'))
		n++;
	if (!n || n + 4 > len || text[n] != ' ' || isdigit((unsigned char)*text))
		return false;
	at = n + 1 + (text[n + 1] == '(');
	out->inlined = stk_ends_with(text, len, "[inline]");
	/* Without either, it may be any sentence. */
	if ((text[n + 1] != '(' && !out->inlined) || !is_place(text + at, len - at))
		return false;
	end = memchr(text + at, ')', len - at);
	if (end && !out->inlined)
		out->module = module_at(arena, end + 1, len - (size_t)(end + 1 - text));
	out->function = stk_event_text(arena, text, n);
	return out->function;
}

static bool is_bare_address(const char *text, size_t len)
{
	uint64_t value;

	if (stk_begins_with(text, len, "0x")) {
		text += 2;
		len -= 2;
	}
	return len == 16 && stk_oops_hex(text, len, &value);
}

/* "[<ffffffff81001234>] " and "? ", in either order. */
static size_t before_name(const char *text, size_t len, bool *doubtful)
{
	size_t n = 0;

	while (n < len) {
		if (text[n] == ' ' || text[n] == '\t') {
			n++;
		} else if (text[n] == '?' && n + 1 < len && text[n + 1] == ' ') {
			*doubtful = true;
			n += 2;
		} else if (text[n] == '[' && n + 1 < len && text[n + 1] == '<') {
			const char *end = memchr(text + n, ']', len - n);

			if (!end)
				return n;
			n = (size_t)(end - text) + 1;
		} else {
			break;
		}
	}
	return n;
}

bool stk_frame_read(struct stk_arena *arena, const char *text, size_t len,
		    struct stk_event_frame *out)
{
	size_t n;

	*out = (struct stk_event_frame){ 0 };
	n = before_name(text, len, &out->doubtful);
	text += n;
	len -= n;
	return has_offset(arena, text, len, out) || is_decoded(arena, text, len, out) ||
	       is_bare_address(text, len);
}

static bool same_place(const struct stk_event_frame *a, const struct stk_event_frame *b)
{
	return a->function && b->function && a->has_offset && b->has_offset &&
	       a->offset == b->offset && !strcmp(a->function, b->function);
}

static void frame_append(struct stk_trace_reader *r, const struct stk_event_frame *frame)
{
	struct stk_event_trace *t = r->trace;
	struct stk_event_frame *next;

	if (t->nr_frames == STK_MAX_FRAMES) {
		t->frames_left_out++;
		return;
	}
	next = stk_vec_next(r->arena, t->frames, t->nr_frames, t->room_frames);
	if (!next)
		return;
	*next = *frame;
	next->stack = r->stack;
	t->nr_frames++;
}

void stk_frame_add(struct stk_trace_reader *r, const struct stk_event_frame *frame)
{
	struct stk_event_trace *t = r->trace;
	struct stk_event_frame one = *frame;

	/* arm64 and riscv begin with the instruction that they have told before. */
	if (!t->nr_frames && t->has_pc && same_place(frame, &t->pc)) {
		t->from_pc = true;
		return;
	}
	if (stk_link_is_lost(t, frame)) {
		if (t->nr_frames)
			t->frames[0].doubtful = false;
		else
			frame_append(r, &t->link);
	}
	if (stk_frame_slept(t, frame))
		t->asleep = true;
	if (stk_frame_is_next(t, frame))
		one.at_start = one.doubtful = true;
	frame_append(r, &one);
}

void stk_frame_add_link(struct stk_trace_reader *r)
{
	if (stk_link_is_all(r->trace))
		frame_append(r, &r->trace->link);
}

/* "<IRQ>", "</IRQ>", "<EOI>", "<<EOE>>": the bytes up to ">"; 0: none is there. */
static size_t mark_length(const char *text, size_t len)
{
	size_t n = 1;

	if (len < 3 || *text != '<')
		return 0;
	while (n < len && n < 32 &&
	       (stk_oops_in_word(text[n]) || strchr("#!/<", text[n])) && text[n])
		n++;
	return n > 1 && n < len && text[n] == '>' ? n : 0;
}

static size_t stack_mark(struct stk_trace_reader *r, const char *text, size_t len)
{
	size_t end = mark_length(text, len);
	bool closes = end && text[1] == '/';
	bool ends = end && (!memcmp(text, "<EO", 3) || !memcmp(text, "<<E", 3));

	if (!end)
		return 0;
	/* Older kernels do not mark the task's stack: it is the one behind the others. */
	r->stack = "TASK";
	if (!closes && !ends)
		r->stack = stk_event_text(r->arena, text + 1, end - 1);
	/* What comes behind it is none of the chain. */
	if (stk_begins_with(text, len, "</TASK>")) {
		r->in_frames = false;
		r->done = true;
	}
	while (end < len && text[end] == '>')
		end++;
	return end;
}

bool stk_frame_line(struct stk_trace_reader *r, const char *text, size_t len)
{
	struct stk_event_frame frame;
	size_t mark = stack_mark(r, text, len);

	/* Up to 4.9 a frame stands on the same line. */
	while (mark < len && mark && text[mark] == ' ')
		mark++;
	if (mark == len)
		return true;
	if (!stk_frame_read(r->arena, text + mark, len - mark, &frame))
		return mark;
	stk_frame_add(r, &frame);
	/* Nothing called it. */
	if (frame.function && !frame.doubtful &&
	    !strcmp(frame.function, "ret_from_fork")) {
		r->in_frames = false;
		r->done = true;
	}
	return true;
}
