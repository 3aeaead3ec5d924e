/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../target/kallsyms.h"
#include "cpus.h"
#include "layout.h"
#include "modules.h"

static bool between(struct stk *s, uint64_t addr, enum stk_symbol_id from,
		    enum stk_symbol_id to)
{
	uint64_t begin, end;

	return !stk_sym_id(s, from, &begin) && !stk_sym_id(s, to, &end) && addr >= begin &&
	       addr < end;
}

void stk_symbolize(struct stk *s, uint64_t addr, bool ret, struct stk_name *out)
{
	const struct stk_symbol_ops *ops = s->target.symbols;
	uint64_t at = addr - (ret ? 1 : 0), start, size;
	struct stk_module *m;

	memset(out, 0, sizeof(*out));
	m = stk_module_at(s, at);
	if (m) {
		if (stk_module_symbol(s, m, at, &out->function, &start))
			return;
		out->module = m->name;
		out->offset = addr - start;
		return;
	}
	/* Past the image every address would be some distance from its last symbol. */
	if (!between(s, at, STK_SYM__text, STK_SYM__end))
		return;
	if (!stk_kallsyms_lookup(s, at, &out->function, &start, &size)) {
		out->offset = addr - start;
		return;
	}
	if (ops && ops->lookup &&
	    !ops->lookup(s->target.symbols_priv, at, &out->function, &out->offset)) {
		out->offset += addr - at;
		return;
	}
	out->function = NULL;
}

void stk_symbolize_percpu(struct stk *s, uint64_t symbol, struct stk_name *out)
{
	uint64_t start, size;

	memset(out, 0, sizeof(*out));
	if (!stk_kallsyms_lookup(s, symbol, &out->function, &start, &size))
		out->offset = symbol - start;
	else
		out->function = NULL;
}

enum stk_status stk_symbol_address(struct stk *s, const char *name, uint64_t *addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;

	if ((ops && !ops->address(s->target.symbols_priv, name, addr)) ||
	    !stk_kallsyms_address(s, name, addr) || !stk_modules_address(s, name, addr))
		return STK_OK;
	return stk_fail(s, STK_ERR_NO_SYMBOL, "there is no symbol %s", name);
}

bool stk_is_text(struct stk *s, uint64_t addr)
{
	return between(s, addr, STK_SYM__stext, STK_SYM__etext) ||
	       between(s, addr, STK_SYM__sinittext, STK_SYM__einittext) ||
	       stk_module_at(s, addr) != NULL;
}
