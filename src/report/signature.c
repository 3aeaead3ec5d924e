/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signature.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/safe.h"
#include "culprits.h"

/* FNV-1a with 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME  0x100000001b3u
/* In a number of a panic's text that many digits are an address, or as good as one. */
#define ADDRESS_DIGITS 8u

/* A function of a module that keeps no names (CONFIG_KALLSYMS=n). */
#define UNKNOWN "(unknown)"

/* What compilers add to a name of which they made a part or a copy. */
static const char *const suffixes[] = { ".isra", ".part", ".constprop", ".cold",
					".llvm" };

static void cut_suffix(char *out, size_t size, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *p = strstr(name, suffixes[i]);
		size_t n = strlen(suffixes[i]);

		/* ".cold", ".cold.1", ".llvm.123" */
		if (p && p > name && (!p[n] || p[n] == '.') && (size_t)(p - name) < len)
			len = (size_t)(p - name);
	}
	snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), name);
}

static uint64_t hash_bytes(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
	return hash;
}

static void make_hash(struct stk_signature *out)
{
	uint64_t hash = hash_bytes(FNV_OFFSET, out->kind);

	for (size_t i = 0; i < out->nr_names; i++)
		hash = hash_bytes(hash_bytes(hash, "\n"), out->names[i]);
	snprintf(out->hash, sizeof(out->hash), "v1:%016" PRIx64, hash);
}

/* ---- the culprit, and who called it ---- */

struct walk {
	stk_signature_fn *frames;
	void *ctx;
	struct stk_signature_frame frame;
	char name[128]; /* without its suffix */
	enum stk_role role;
};

/* The @nth frame, if it counts. False: there are no more. */
static bool look_at(struct walk *w, size_t nth, bool *counts)
{
	w->frame = (struct stk_signature_frame){ 0 };
	if (!w->frames(w->ctx, nth, &w->frame))
		return false;
	/* Code of a module is to blame, whatever it is called: what called it is not. */
	if (!w->frame.function && w->frame.module)
		w->frame.function = UNKNOWN;
	*counts = w->frame.function && *w->frame.function && !w->frame.doubtful &&
		  !w->frame.inlined;
	if (*counts) {
		cut_suffix(w->name, sizeof(w->name), w->frame.function);
		w->role = stk_culprit_role(w->name);
	}
	return true;
}

/*
 * From the @nth on, the first that was interrupted: by its registers, or, where the text
 * has none, behind the entry of an interrupt. SIZE_MAX: none was.
 */
static size_t find_interrupted(struct walk *w, size_t nth)
{
	bool counts, came = false;

	for (; look_at(w, nth, &counts); nth++) {
		if (!counts)
			continue;
		if (w->frame.interrupted || (came && w->role != STK_ROLE_INTERRUPT))
			return nth;
		came |= w->role == STK_ROLE_INTERRUPT;
	}
	return SIZE_MAX;
}

/*
 * The first that is to blame. @instead: who is if no other is: the first of a system
 * call, else the first helper. Both SIZE_MAX: there is none.
 */
static size_t find_culprit(struct walk *w, size_t *instead)
{
	size_t helper = SIZE_MAX;
	bool counts;

	*instead = SIZE_MAX;
	for (size_t nth = 0; look_at(w, nth, &counts); nth++) {
		size_t next;

		if (!counts)
			continue;
		if (w->role == STK_ROLE_CODE)
			return nth;
		if (w->role == STK_ROLE_SYSCALL && *instead == SIZE_MAX)
			*instead = nth;
		if (w->role == STK_ROLE_HELPER && helper == SIZE_MAX)
			helper = nth;
		if (w->role != STK_ROLE_WATCHDOG)
			continue;
		next = find_interrupted(w, nth + 1);
		if (next != SIZE_MAX) {
			*instead = helper = SIZE_MAX;
			nth = next - 1;
		}
	}
	if (*instead == SIZE_MAX)
		*instead = helper;
	return SIZE_MAX;
}

static void take_chain(struct walk *w, struct stk_signature *out)
{
	size_t instead, nth = find_culprit(w, &instead);
	bool counts;

	if (nth == SIZE_MAX)
		nth = instead;
	if (nth == SIZE_MAX)
		return;
	for (; out->nr_names < STK_SIGNATURE_FRAMES && look_at(w, nth, &counts); nth++) {
		if (!counts || w->role == STK_ROLE_ENTRY ||
		    (w->role == STK_ROLE_SYSCALL && out->nr_names))
			continue;
		if (w->role == STK_ROLE_INTERRUPT)
			break;
		if (!out->nr_names) {
			out->culprit_at = nth;
			snprintf(out->culprit, sizeof(out->culprit), "%s", w->name);
			snprintf(out->module, sizeof(out->module), "%s",
				 w->frame.module ? w->frame.module : "");
		}
		memcpy(out->names[out->nr_names++], w->name, sizeof(w->name));
	}
}

/* ---- the title ---- */

/* The digits of a word that is a number at @p: decimal, 0x, or as many as an address. */
static size_t number_length(const char *p, const char **instead)
{
	bool hex = p[0] == '0' && p[1] == 'x';
	const char *digits = p + (hex ? 2 : 0);
	size_t n = strspn(digits, "0123456789abcdefABCDEF");
	size_t decimal = strspn(digits, "0123456789");

	if (!n || isalnum((unsigned char)digits[n]) || digits[n] == '_')
		return 0;
	/* A small one, with zeros in front, is a code: exitcode=0x00000009. */
	if (hex ? n - strspn(digits, "0") > 4 : n >= ADDRESS_DIGITS)
		*instead = "ADDR";
	else if (!hex && decimal == n)
		*instead = "NUM";
	else
		return 0;
	return n + (hex ? 2 : 0);
}

/* Without numbers that differ from machine to machine. */
static void append_subject(char *out, size_t size, const char *text)
{
	size_t len = strlen(out);
	char before = ' ';

	while (*text && len + 8 < size) {
		const char *instead = NULL;
		size_t n = isalnum((unsigned char)before) || before == '_'
				   ? 0
				   : number_length(text, &instead);

		if (n) {
			len += (size_t)snprintf(out + len, size - len, "%s", instead);
			before = '0';
			text += n;
		} else {
			before = *text;
			out[len++] = *text++;
		}
	}
	out[len] = '\0';
}

static void make_title(const char *format, const char *subject, const char *access,
		       struct stk_signature *out)
{
	const char *hole = strstr(format, "%s");
	size_t len = hole ? (size_t)(hole - format) : strlen(format);

	if (hole && !subject) {
		/* "panic: %s" */
		if (len < 2)
			format = "Oops";
		len = len < 2 ? 4 : len - 2;
	}
	snprintf(out->title, sizeof(out->title), "%.*s", (int)len, format);
	if (hole && subject)
		append_subject(out->title, sizeof(out->title) - 140, subject);
	len = strlen(out->title);
	/* "KASAN: slab-out-of-bounds Write in f" */
	if (access && !strncmp(out->kind, "kasan", 5)) {
		snprintf(out->title + len, sizeof(out->title) - len, " %s",
			 !strcmp(access, "write") ? "Write" : "Read");
		len = strlen(out->title);
	}
	if (*out->culprit)
		snprintf(out->title + len, sizeof(out->title) - len, " in %s",
			 out->culprit);
	/* What was cut may have been half a character. */
	stk_safe_bytes(out->title, strlen(out->title));
}

void stk_signature(enum stk_event_kind kind, const char *subject, const char *access,
		   stk_signature_fn *frames, void *ctx, struct stk_signature *out)
{
	const struct stk_event_kind_info *info = stk_event_kind(kind);
	struct walk w = { .frames = frames, .ctx = ctx };

	memset(out, 0, sizeof(*out));
	out->kind = info->code;
	if (!info->not_code)
		take_chain(&w, out);
	make_title(info->title, subject, access, out);
	make_hash(out);
}

/* ---- of a log ---- */

static void frame_of(const struct stk_event_frame *f, struct stk_signature_frame *out)
{
	*out = (struct stk_signature_frame){ .function = f->function,
					     .module = f->module,
					     .doubtful = f->doubtful,
					     .inlined = f->inlined,
					     .interrupted = f->interrupted };
}

bool stk_trace_frame(void *trace, size_t nth, struct stk_signature_frame *out)
{
	const struct stk_event_trace *t = trace;
	size_t before = t && t->has_pc && !t->in_user;

	if (!t || nth >= before + t->nr_frames)
		return false;
	frame_of(nth < before ? &t->pc : &t->frames[nth - before], out);
	return true;
}

void stk_trace_signature(const struct stk_event_trace *trace, struct stk_signature *out)
{
	stk_signature(STK_EVENT_HUNG_TASK, NULL, NULL, stk_trace_frame,
		      (void *)(uintptr_t)trace, out);
}

/* Of a text that is cut: what the first line names. */
static bool only_frame(void *event, size_t nth, struct stk_signature_frame *out)
{
	const struct stk_event *e = event;

	if (nth)
		return false;
	frame_of(&e->at, out);
	return true;
}

void stk_event_signature(const struct stk_event *event, struct stk_signature *out)
{
	const struct stk_event_trace *t = stk_event_any_trace(event);

	stk_signature(event->kind, event->subject, event->access, stk_trace_frame,
		      (void *)(uintptr_t)t, out);
	if (!*out->culprit && event->at.function)
		stk_signature(event->kind, event->subject, event->access, only_frame,
			      (void *)(uintptr_t)event, out);
}
