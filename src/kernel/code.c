/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "code.h"

#include "../base/sorted.h"
#include "../base/vec.h"
#include "../machine/memory.h"
#include "layout.h"

#define MAX_PIECES 65536u
#define SHARE	   8u /* of the budget */
#define MAX_SIZE   (16u * 1024 * 1024)

struct stk_code_list {
	struct stk_code *code;
	size_t nr, room;
};

static enum stk_status add_code(struct stk *s, struct stk_code_list *l,
				const struct stk_code *c)
{
	struct stk_code *p;

	if (c->begin >= c->end || c->end - c->begin > MAX_SIZE)
		return STK_OK;
	p = stk_vec_next(&s->arena, l->code, l->nr, l->room);
	if (!p)
		return stk_why_stop(s);
	*p = *c;
	l->nr++;
	return STK_OK;
}

/*
 * Each ftrace_ops may have a copy of ftrace_caller of its own (arch_ftrace_update_
 * trampoline(), 3.18+). The kernel's kallsyms calls it as we do.
 */
static enum stk_status add_trampolines(struct stk *s, struct stk_code_list *l)
{
	uint64_t head, ops, begin, size;
	enum stk_status st;

	if (!stk_find_symbol(s, "ftrace_ops_list", &head) || stk_read_u64(s, head, &ops))
		return STK_OK;
	for (unsigned int i = 0; ops && i < MAX_PIECES; i++) {
		if (!stk_read_member(s, ops, "ftrace_ops", "trampoline", &begin) &&
		    !stk_read_member(s, ops, "ftrace_ops", "trampoline_size", &size) &&
		    begin) {
			struct stk_code c = { begin, begin + size, STK_CODE_FTRACE,
					      "ftrace_trampoline", "__builtin__ftrace" };

			st = add_code(s, l, &c);
			if (st)
				return st;
		}
		if (stk_read_member(s, ops, "ftrace_ops", "next", &ops))
			break;
	}
	return STK_OK;
}

/* bpf_kallsyms: every program and trampoline that the JIT made, by name (5.7+). */
static enum stk_status add_bpf(struct stk *s, struct stk_code_list *l)
{
	struct stk_member lnode, name;
	uint64_t head, at;
	enum stk_status st;

	if (!stk_find_symbol(s, "bpf_kallsyms", &head) ||
	    !stk_find_member(s, "bpf_ksym", "lnode", &lnode) ||
	    !stk_find_member(s, "bpf_ksym", "name", &name) || stk_read_u64(s, head, &at))
		return STK_OK;
	for (unsigned int i = 0; at != head && i < MAX_PIECES; i++) {
		struct stk_code c = { .kind = STK_CODE_BPF };
		uint64_t ksym = at - lnode.offset;

		if (stk_read_member(s, ksym, "bpf_ksym", "start", &c.begin) ||
		    stk_read_member(s, ksym, "bpf_ksym", "end", &c.end))
			break;
		/* Damaged: the code is there all the same. */
		c.name = stk_string_at(s, ksym + name.offset, name.size);
		if (!c.name)
			c.name = "?";
		st = add_code(s, l, &c);
		if (st)
			return st;
		if (stk_read_u64(s, at, &at))
			break;
	}
	return STK_OK;
}

/*
 * Pages of copied instructions and of detours: struct kprobe_insn_cache, since 3.12.
 * kallsyms knows them since 5.8 by these names.
 */
static enum stk_status add_kprobes(struct stk *s, struct stk_code_list *l)
{
	static const struct {
		const char *symbol, *name;
	} caches[] = {
		{ "kprobe_insn_slots", "kprobe_insn_page" },
		{ "kprobe_optinsn_slots", "kprobe_optinsn_page" },
	};
	struct stk_member pages, list;
	enum stk_status st;

	if (!stk_find_member(s, "kprobe_insn_cache", "pages", &pages))
		return STK_OK;
	/* The first member of a type that BTF may lack. */
	if (!stk_find_member(s, "kprobe_insn_page", "list", &list))
		list.offset = 0;
	for (size_t n = 0; n < sizeof(caches) / sizeof(caches[0]); n++) {
		uint64_t head, at, begin;

		if (!stk_find_symbol(s, caches[n].symbol, &head))
			continue;
		head += pages.offset;
		if (stk_read_u64(s, head, &at))
			continue;
		for (unsigned int i = 0; at != head && i < MAX_PIECES; i++) {
			struct stk_code c = { .kind = STK_CODE_KPROBE,
					      .name = caches[n].name,
					      .module = "__builtin__kprobes" };

			if (stk_read_member(s, at - list.offset, "kprobe_insn_page",
					    "insns", &begin))
				break;
			c.begin = begin;
			c.end = begin + stk_page_size(s);
			st = add_code(s, l, &c);
			if (st)
				return st;
			if (stk_read_u64(s, at, &at))
				break;
		}
	}
	return STK_OK;
}

static enum stk_status find_code(struct stk *s, void *value)
{
	static enum stk_status (*const add_all[])(struct stk * s,
						  struct stk_code_list * l) = {
		add_trampolines,
		add_bpf,
		add_kprobes,
	};
	struct stk_code_list *l = value;
	enum stk_status st = STK_OK;

	for (size_t i = 0; !st && i < sizeof(add_all) / sizeof(add_all[0]); i++)
		st = add_all[i](s, l);
	stk_sort(l->code, l->nr, begin);
	return st;
}

const struct stk_code *stk_code_at(struct stk *s, uint64_t addr)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_code_list),
		.find = find_code,
		.what = "the lists of code made at run time",
		.share = SHARE,
	};
	const struct stk_code_list *l;
	size_t low;

	if (stk_once(s, &s->code, &once))
		return NULL;
	l = s->code.value;
	low = stk_upto(l->code, l->nr, begin, addr);
	return low && addr < l->code[low - 1].end ? &l->code[low - 1] : NULL;
}
