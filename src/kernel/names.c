/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include <string.h>

#include "../arch/arch.h"
#include "../base/safe.h"
#include "kallsyms.h"
#include "code.h"
#include "cpus.h"
#include "layout.h"
#include "modules.h"

/* Parts of the kernel's image. */
enum part { IMAGE, HEAD_TEXT, TEXT, INIT_TEXT, NR_PARTS };

/* Where they are; nowhere, of a part whose symbols are not known. */
struct stk_image {
	struct {
		uint64_t begin, size;
	} part[NR_PARTS];
};

static void find_image_parts(struct stk *s, struct stk_image *image)
{
	static const struct {
		const char *begin, *end;
	} bound[] = {
		[IMAGE] = { "_text", "_end" },
		/* riscv's, where CPUs start, lies before _text. */
		[HEAD_TEXT] = { "_start", "_text" },
		[TEXT] = { "_stext", "_etext" },
		[INIT_TEXT] = { "_sinittext", "_einittext" },
	};
	uint64_t begin, end;

	*image = (struct stk_image){ 0 };
	for (size_t i = 0; i < NR_PARTS; i++)
		if (stk_find_symbol(s, bound[i].begin, &begin) &&
		    stk_find_symbol(s, bound[i].end, &end) && begin < end) {
			image->part[i].begin = begin;
			image->part[i].size = end - begin;
		}
	/* _end is no text, so kallsyms may lack it; the code of the start comes late. */
	if (!image->part[IMAGE].size && image->part[TEXT].size &&
	    image->part[INIT_TEXT].begin > image->part[TEXT].begin) {
		image->part[IMAGE].begin = image->part[TEXT].begin;
		image->part[IMAGE].size = image->part[INIT_TEXT].begin +
					  image->part[INIT_TEXT].size -
					  image->part[TEXT].begin;
	}
	if (image->part[IMAGE].size && image->part[HEAD_TEXT].size &&
	    image->part[HEAD_TEXT].begin < image->part[IMAGE].begin) {
		image->part[IMAGE].size +=
			image->part[IMAGE].begin - image->part[HEAD_TEXT].begin;
		image->part[IMAGE].begin = image->part[HEAD_TEXT].begin;
	}
}

static bool is_in(const struct stk_image *image, uint64_t addr, enum part part)
{
	return addr - image->part[part].begin < image->part[part].size;
}

/* The symbols are looked up once. */
static bool find_in_part(struct stk *s, uint64_t addr, enum part part)
{
	struct stk_image found;

	find_image_parts(s, &found);
	if (!stk_must_stop(s))
		s->image = stk_arena_alloc(&s->fixed, sizeof(*s->image));
	if (s->image)
		*s->image = found;
	return is_in(&found, addr, part);
}

/* Asked for each word of a stack. */
static bool is_in_part(struct stk *s, uint64_t addr, enum part part)
{
	return s->image ? is_in(s->image, addr, part) : find_in_part(s, addr, part);
}

bool stk_is_image(struct stk *s, uint64_t addr)
{
	return is_in_part(s, addr, IMAGE);
}

bool stk_is_image_text(struct stk *s, uint64_t addr)
{
	return is_in_part(s, addr, TEXT);
}

/* Kallsyms' name of @addr in the image; the last name of text is not that of data. */
static enum stk_status kallsyms_lookup(struct stk *s, uint64_t addr, const char **name,
				       uint64_t *start, uint64_t *size)
{
	if (!is_in_part(s, addr, TEXT) && !is_in_part(s, addr, INIT_TEXT) &&
	    stk_kallsyms_text_only(s))
		return STK_ERR_NO_SYMBOL;
	return stk_kallsyms_lookup(s, addr, name, start, size);
}

/* What the dump's own tables do not name, whoever else knows symbols may. */
static bool outside_lookup(struct stk *s, uint64_t at, struct stk_name *out)
{
	const struct stk_symbol_ops *ops = s->target.symbols;

	if (!ops || !ops->lookup ||
	    ops->lookup(s->target.symbols_priv, at, &out->function, &out->offset))
		return false;
	out->function = stk_safe_name(&s->arena, out->function);
	return out->function != NULL;
}

void stk_symbolize(struct stk *s, uint64_t addr, bool ret, struct stk_name *out)
{
	uint64_t at = addr - (ret ? 1 : 0), start, size;
	const struct stk_code *code;
	struct stk_module *m;

	memset(out, 0, sizeof(*out));
	m = stk_module_at(s, at);
	if (m) {
		if (!stk_module_symbol(s, m, at, &out->function, &start))
			out->offset = addr - start;
		else if (outside_lookup(s, at, out) &&
			 stk_module_at(s, at - out->offset) == m)
			out->offset += addr - at;
		else
			out->function = NULL;
		if (out->function)
			out->module = m->name;
		return;
	}
	code = stk_is_image(s, at) ? NULL : stk_code_at(s, at);
	if (code) {
		*out = (struct stk_name){ code->name, addr - code->begin, code->module };
		return;
	}
	/* Past the image every address would be some distance from its last symbol. */
	if (!stk_is_image(s, at)) {
		const uint64_t alias = s->arch->code_alias(s, at);

		if (!alias)
			return;
		addr += alias - at;
		at = alias;
	}
	if (!kallsyms_lookup(s, at, &out->function, &start, &size)) {
		out->offset = addr - start;
		return;
	}
	if (outside_lookup(s, at, out))
		out->offset += addr - at;
	else
		out->function = NULL;
}

/* Code of which nobody says how long it is. */
#define UNKNOWN_LENGTH 65536u

/* Up to where whoever else knows symbols names that function, too: by halves. */
static uint64_t outside_end(struct stk *s, const struct stk_function *f, uint64_t addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;
	uint64_t in = addr, out = addr + UNKNOWN_LENGTH, offset;
	const char *name;

	while (ops && ops->lookup && out - in > 1) {
		uint64_t half = in + (out - in) / 2;

		if (!ops->lookup(s->target.symbols_priv, half, &name, &offset) &&
		    half - offset == f->begin)
			in = half;
		else
			out = half;
	}
	return out;
}

bool stk_function_at(struct stk *s, uint64_t addr, struct stk_function *out)
{
	const struct stk_module_range *part;
	const struct stk_code *code;
	const char *name;
	uint64_t start, size;
	struct stk_name at;

	stk_symbolize(s, addr, false, &at);
	if (!at.function || at.offset > addr)
		return false;
	*out = (struct stk_function){ .name = at.function, .begin = addr - at.offset };
	if (stk_module_part(s, addr, &part)) {
		out->end = stk_module_symbol_end(s, stk_module_at(s, addr), addr);
		if (!out->end || out->end > part->end)
			out->end = part->end;
	} else if (!is_in_part(s, addr, IMAGE)) {
		code = stk_code_at(s, addr);
		out->end = code ? code->end : 0;
	} else if (kallsyms_lookup(s, addr, &name, &start, &size)) {
		out->end = outside_end(s, out, addr);
	} else if (size) {
		out->end = start + size;
	}
	if (out->end <= addr)
		out->end = addr + UNKNOWN_LENGTH;
	return true;
}

#define CONST_ALIAS "const_"

void stk_symbolize_percpu(struct stk *s, uint64_t symbol, struct stk_name *out)
{
	const size_t prefix = sizeof(CONST_ALIAS) - 1;
	uint64_t start, size, same;

	memset(out, 0, sizeof(*out));
	if (kallsyms_lookup(s, symbol, &out->function, &start, &size)) {
		if (!outside_lookup(s, symbol, out))
			out->function = NULL;
		return;
	}
	out->offset = symbol - start;
	/* const_pcpu_hot is no variable but another view of pcpu_hot (asm/current.h). */
	if (!strncmp(out->function, CONST_ALIAS, prefix) &&
	    !stk_kallsyms_address(s, out->function + prefix, &same) && same == start)
		out->function += prefix;
}

/* A kernel that leaves names out of itself has them in its vmlinux. */
static const char *who_has_others(struct stk *s)
{
	if (s->target.symbols)
		return "";
	if (!stk_kallsyms_found(s))
		return " in the dump, which names nothing; -n VMLINUX may have it";
	return stk_kallsyms_text_only(s)
		       ? " among the functions, which are all that the dump names; -n "
			 "VMLINUX may have it"
		       : "";
}

static enum stk_status find_address(struct stk *s, const char *name, uint64_t *addr)
{
	/* A namelist may lack what the kernel's own tables have. */
	if (!stk_lookup_symbol(s, name, addr) ||
	    (s->target.symbols && !stk_kallsyms_address(s, name, addr)) ||
	    !stk_modules_address(s, name, addr))
		return STK_OK;
	if (stk_must_stop(s))
		return stk_why_stop(s);
	return stk_fail(s, STK_ERR_NO_SYMBOL, "there is no symbol %s%s", name,
			who_has_others(s));
}

enum stk_status stk_symbol_address(struct stk *s, const char *name, uint64_t *addr)
{
	stk_enter(s);
	return stk_leave(s, find_address(s, name, addr));
}

bool stk_is_function(struct stk *s, const char *name)
{
	uint64_t addr;

	/*
	 * The kernel's own table has all of them: whoever else knows symbols need not be
	 * asked. crash takes as long over a name that is not there as over ten chains.
	 */
	if (stk_kallsyms_usable(s))
		return !stk_kallsyms_address(s, name, &addr);
	return !stk_lookup_symbol(s, name, &addr);
}

bool stk_is_listed_text(struct stk *s, uint64_t addr)
{
	return is_in_part(s, addr, HEAD_TEXT) || is_in_part(s, addr, TEXT) ||
	       is_in_part(s, addr, INIT_TEXT) || stk_module_text(s, addr) ||
	       stk_code_at(s, addr) != NULL;
}

static bool is_nameless_text(struct stk *s, uint64_t addr)
{
	return !is_in_part(s, addr, IMAGE) && s->arch->executable(s, addr);
}

bool stk_is_nameless_text(struct stk *s, uint64_t addr)
{
	return is_nameless_text(s, addr) && !stk_is_listed_text(s, addr);
}

bool stk_is_text(struct stk *s, uint64_t addr)
{
	return stk_is_listed_text(s, addr) || is_nameless_text(s, addr);
}
