/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmcoreinfo.h"

#include <stdlib.h>

#include "../base/bytes.h"
#include "../file/vmcoreinfo.h"
#include "memory.h"

struct stk_vmcoreinfo_text {
	bool tried;
	char *lines; /* NULL: there are none */
	/* Asked for each task. */
	struct {
		bool asked, yes;
	} left_out[STK_NR_LEFT_OUT];
};

/* By the target's own translation: we have no page tables yet. Across pages. */
static bool read_by_target(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len) {
		size_t chunk = stk_in_page(s, addr, len);

		if (!stk_spend(s, STK_FETCH_STEPS) ||
		    s->target.memory->read_virt(s->target.memory_priv, addr, p, chunk))
			return false;
		addr += chunk;
		p += chunk;
		len -= chunk;
	}
	return true;
}

/* The value of the 8-byte variable @symbol. */
static bool read_variable(struct stk *s, const char *symbol, uint64_t *value)
{
	uint64_t at;

	return !s->target.symbols->address(s->target.symbols_priv, symbol, &at) &&
	       read_by_target(s, at, value, sizeof(*value));
}

/*
 * The kernel keeps the text in its own memory as well as in the dump's note
 * (kernel/crash_core.c). At a crash vmcoreinfo_data is turned to a copy in the memory
 * of the crash kernel, which is not in the dump: vmcoreinfo_note then still is.
 */
static const struct {
	const char *symbol;
	unsigned int skip; /* the note's header and name: 12 bytes and "VMCOREINFO" */
} copies[] = {
	{ "vmcoreinfo_data", 0 },
	{ "vmcoreinfo_note", 24 },
};

static char *read_lines(struct stk *s)
{
	uint64_t size, at;
	char *text;

	if (!read_variable(s, "vmcoreinfo_size", &size) || size > STK_MAX_VMCOREINFO)
		return NULL;
	text = stk_arena_alloc(&s->fixed, size + STK_SPLIT_ROOM);
	for (size_t i = 0; text && i < sizeof(copies) / sizeof(copies[0]); i++) {
		if (!read_variable(s, copies[i].symbol, &at) ||
		    !read_by_target(s, at + copies[i].skip, text, size))
			continue;
		stk_vmcoreinfo_split(text, size);
		return text;
	}
	return NULL;
}

static struct stk_vmcoreinfo_text *text_of(struct stk *s)
{
	if (!s->vmcoreinfo)
		s->vmcoreinfo = stk_arena_alloc(&s->fixed, sizeof(*s->vmcoreinfo));
	return s->vmcoreinfo;
}

/* Read once, unless it was stopped. */
static const char *lines_in_memory(struct stk *s)
{
	struct stk_vmcoreinfo_text *v;

	if (!s->target.symbols || !s->target.memory->read_virt)
		return NULL;
	v = text_of(s);
	if (v && !v->tried) {
		v->lines = read_lines(s);
		v->tried = v->lines || !stk_must_stop(s);
	}
	return v ? v->lines : NULL;
}

const char *stk_vmcoreinfo(struct stk *s, const char *key)
{
	const char *p = NULL;

	if (s->target.vmcoreinfo)
		p = s->target.vmcoreinfo(s->target.vmcoreinfo_priv, key);
	return p ? p : stk_vmcoreinfo_value(lines_in_memory(s), key);
}

bool stk_vmcoreinfo_number(struct stk *s, const char *key, int base, uint64_t *value)
{
	const char *text = stk_vmcoreinfo(s, key);
	char *end;

	if (!text || !*text)
		return false;
	/* Numbers such as phys_base are printed signed. */
	*value = *text == '-' ? (uint64_t)strtoll(text, &end, base)
			      : (uint64_t)strtoull(text, &end, base);
	return *end == '\0';
}

static const struct {
	const char *key, *name;
} left_out[STK_NR_LEFT_OUT] = {
	[STK_LOG_LEFT_OUT] = { STK_NO_LOG, "log" },
	[STK_NAMES_LEFT_OUT] = { STK_NO_NAMES, "names" },
};

bool stk_left_out(struct stk *s, enum stk_left_out what)
{
	struct stk_vmcoreinfo_text *v = text_of(s);
	bool yes;

	if (v && v->left_out[what].asked)
		return v->left_out[what].yes;
	yes = stk_vmcoreinfo(s, left_out[what].key) != NULL;
	if (v && !stk_must_stop(s)) {
		v->left_out[what].yes = yes;
		v->left_out[what].asked = true;
	}
	return yes;
}

const char *stk_left_out_name(struct stk *s, size_t i)
{
	for (enum stk_left_out what = 0; what < STK_NR_LEFT_OUT; what++)
		if (stk_left_out(s, what) && !i--)
			return left_out[what].name;
	return NULL;
}
