/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "../kernel/layout.h"
#include "../kernel/names.h"
#include "../machine/lost.h"
#include "arch.h"
#include "init_text.h"

#define MAX_CODE   8192u /* bytes of a function that are looked at */
#define MAX_PASSES 8u
#define MAX_LABELS 4u /* within one function */
#define MAX_INSN   4u /* bytes */

/* Functions whose instructions are gone through one after the other. */
#define MAX_FOLLOWED 16384u /* bytes of each */
#define PIECE	     256u   /* that are read at a time */

struct code {
	const struct stk_insn_set *set;
	uint64_t begin;
	size_t len;
	unsigned char *byte;
	struct stk_code_frame
		table; /* where jumps by a table lead; known: to some code */
	bool torn;     /* that frame meets another */
	/* Before the instruction at each multiple of @align; known: it is reached. */
	struct stk_code_frame before[];
};

static bool is_same(const struct stk_code_frame *a, const struct stk_code_frame *b)
{
	return a->has_record == b->has_record && a->size_known == b->size_known &&
	       a->record == b->record && a->size == b->size && a->ret == b->ret &&
	       a->fp == b->fp && a->shadow == b->shadow;
}

static bool carry(struct code *c, uint64_t to, struct stk_code_frame frame)
{
	size_t i = (to - c->begin) / c->set->align;

	if (!stk_within(to, c->begin, c->begin + c->len))
		return false;
	if (c->before[i].known) {
		c->torn |= (frame.by_table || c->before[i].by_table) &&
			   !is_same(&frame, &c->before[i]);
		return false;
	}
	c->before[i] = frame;
	return true;
}

static bool goes_on(const struct stk_insn *insn)
{
	return insn->flow != STK_FLOW_JUMP && insn->flow != STK_FLOW_JUMP_REG &&
	       insn->flow != STK_FLOW_RETURN;
}

/*
 * All jumps by a table in a function have one frame, or nothing is told. Those without
 * any leave it, as a call at its end does.
 */
static void find_table(struct code *c)
{
	for (size_t i = 0; i < c->len; i += c->set->align) {
		const struct stk_code_frame *f = &c->before[i / c->set->align];

		if (!f->known || (!f->has_record && !f->size) ||
		    c->set->decode(c->byte, i, c->len, c->begin, NULL).flow !=
			    STK_FLOW_JUMP_REG)
			continue;
		c->torn |= c->table.known && !is_same(f, &c->table);
		c->table = *f;
		c->table.by_table = true;
	}
}

/* Once through the code; false: nothing new was reached. */
static bool pass_through(struct code *c)
{
	size_t behind = c->len; /* behind an instruction that does not go on */
	bool more = false;

	for (size_t i = 0; i < c->len; i += c->set->align) {
		struct stk_code_frame next = c->before[i / c->set->align];
		struct stk_insn insn;

		if (!next.known && i == behind && c->table.known) {
			more |= carry(c, c->begin + i, c->table);
			next = c->table;
		}
		if (!next.known)
			continue;
		/* What is no instruction has no bytes: it leads to itself. */
		insn = c->set->decode(c->byte, i, c->len, c->begin, &next);
		if (!goes_on(&insn))
			behind = i + insn.len;
		switch (insn.flow) {
		case STK_FLOW_JUMP:
			more |= carry(c, insn.target, next);
			break;
		case STK_FLOW_JUMP_IF:
			more |= carry(c, insn.target, next);
			more |= carry(c, c->begin + i + insn.len, next);
			break;
		case STK_FLOW_JUMP_REG:
		case STK_FLOW_RETURN:
			break;
		default:
			more |= carry(c, c->begin + i + insn.len, next);
		}
	}
	return more;
}

/* Before functions that it can trace ftrace has a pointer (CALL_OPS: 6.3, commit
 * baaf553d3bc3, for arm64; 6.16 for riscv64). */
static bool is_pointer(struct stk *s, uint64_t addr)
{
	uint64_t word;

	return !stk_read_u64(s, addr, &word) && !(word & 7) &&
	       s->arch->is_kernel_address(word);
}

/* All instructions of @f, one after the other: @insn is the last of them. */
static bool walk_to_end(struct stk *s, const struct stk_insn_set *set,
			const struct stk_function *f, struct stk_insn *insn)
{
	unsigned char byte[PIECE];
	uint64_t at = f->begin;
	size_t i, have;

	if (f->end - at > MAX_FOLLOWED)
		return false;
	while (at < f->end) {
		have = f->end - at < PIECE ? f->end - at : PIECE;
		if (stk_read(s, at, byte, have))
			return false;
		for (i = 0; i < have; i += insn->len) {
			/* The rest of it is in the next piece. */
			if (have - i < MAX_INSN && at + have < f->end)
				break;
			*insn = set->decode(byte, i, have, at, NULL);
			if (!insn->len)
				return false;
		}
		at += i;
	}
	return at == f->end;
}

/*
 * The last instruction of a function. Its bytes alone may not tell where they have
 * several lengths: the second half of a long one may look like a short one.
 */
static bool last_insn(struct stk *s, const struct stk_insn_set *set,
		      const struct stk_function *f, struct stk_insn *insn)
{
	bool excused;
	unsigned char byte[MAX_INSN];
	struct stk_insn walked = { 0 };
	unsigned int nr = 0;

	if (stk_read(s, f->end - MAX_INSN, byte, MAX_INSN))
		return false;
	for (size_t len = set->align; len <= MAX_INSN; len *= 2) {
		struct stk_insn one =
			set->decode(byte + MAX_INSN - len, 0, len, f->end - len, NULL);

		if (one.len != len)
			continue;
		*insn = one;
		nr++;
	}
	if (nr < 2)
		return nr;
	/* A small dump may lack its beginning: then it is the longer one. */
	excused = stk_lost_excuse(s, true);
	if (walk_to_end(s, set, f, &walked))
		*insn = walked;
	stk_lost_excuse(s, excused);
	return true;
}

/* Padding does not, nor a call, which is one that does not return. */
static bool leads_on(struct stk *s, const struct stk_insn_set *set,
		     const struct stk_function *f)
{
	struct stk_insn insn = { 0 };

	return last_insn(s, set, f, &insn) && !insn.padding &&
	       (insn.flow == STK_FLOW_NEXT || insn.flow == STK_FLOW_JUMP_IF);
}

#define TYPE_HASH 4u /* bytes */

/*
 * Where the instructions of @f end. Before a function that is called by pointer Clang
 * puts a hash of its type (KCFI: 6.1, commit 89245600941e), which may look like one.
 */
static uint64_t code_end(struct stk *s, const struct stk_insn_set *set,
			 const struct stk_function *f)
{
	struct stk_function less = *f;

	if (!stk_has_symbol(s, "report_cfi_failure") || f->end - f->begin <= TYPE_HASH)
		return f->end;
	less.end -= TYPE_HASH;
	return leads_on(s, set, &less) ? f->end : less.end;
}

/* A label may be in the middle of a function, where the code before leads on to it. */
static bool falls_into(struct stk *s, const struct stk_insn_set *set,
		       const struct stk_function *before)
{
	return !is_pointer(s, before->end - sizeof(uint64_t)) &&
	       leads_on(s, set, before) && code_end(s, set, before) == before->end;
}

static bool find_code(struct stk *s, const struct stk_insn_set *set, uint64_t ip,
		      struct stk_function *out)
{
	struct stk_function before;

	if (!stk_function_at(s, ip, out))
		return false;
	for (unsigned int i = 0;
	     i < MAX_LABELS && stk_function_at(s, out->begin - 1, &before); i++) {
		before.end = out->begin;
		if (!falls_into(s, set, &before))
			break;
		out->begin = before.begin;
	}
	return !(out->begin % set->align);
}

static bool is_sound(const struct stk_code_frame *f)
{
	return f->size >= 0 && f->record >= 0 && f->ret >= 0 && f->fp >= 0;
}

/* With room for the code and what is known of it. */
static struct code *new_code(const struct stk_insn_set *set,
			     const struct stk_function *function)
{
	uint64_t len = function->end - function->begin;
	struct code *c;
	size_t parts;

	if (len > MAX_CODE)
		len = MAX_CODE;
	parts = (len + set->align - 1) / set->align;
	c = calloc(1, sizeof(*c) + parts * sizeof(c->before[0]) + len);
	if (!c)
		return NULL;
	c->set = set;
	c->begin = function->begin;
	c->len = len;
	c->byte = (unsigned char *)&c->before[parts];
	return c;
}

/* After all ways to it are gone that so many passes find. */
static struct stk_code_frame frame_before(struct code *c, uint64_t ip)
{
	for (unsigned int i = 0; i < MAX_PASSES && pass_through(c); i++)
		;
	return c->before[(ip - c->begin) / c->set->align];
}

static struct stk_code_frame find_frame(struct stk *s, const struct stk_insn_set *set,
					uint64_t ip)
{
	struct stk_code_frame frame = { 0 };
	struct stk_function function;
	struct code *c;

	/* In place of code of the start that was freed there may be anything. */
	if (ip % set->align || stk_init_text_freed(s, ip) ||
	    !find_code(s, set, ip, &function) || ip - function.begin >= MAX_CODE)
		return frame;
	c = new_code(set, &function);
	if (!c)
		return frame;
	if (!stk_read(s, c->begin, c->byte, c->len)) {
		c->before[0].known = c->before[0].size_known = true;
		frame = frame_before(c, ip);
		if (!frame.known)
			find_table(c);
		if (c->table.known)
			frame = frame_before(c, ip);
		if (c->torn)
			frame.known = false;
	}
	free(c);
	return frame.known && is_sound(&frame) ? frame : (struct stk_code_frame){ 0 };
}

struct stk_code_frame stk_code_frame_at(struct stk *s, const struct stk_insn_set *set,
					struct stk_code_frames **kept, uint64_t ip)
{
	size_t i = ip / set->align % STK_KEPT_FRAMES;
	struct stk_code_frame frame;

	if (!*kept)
		*kept = stk_arena_alloc(&s->fixed, sizeof(**kept));
	if (*kept && (*kept)->kept[i].ip == ip)
		return (*kept)->kept[i].frame;
	frame = find_frame(s, set, ip);
	if (*kept && !stk_must_stop(s)) {
		(*kept)->kept[i].ip = ip;
		(*kept)->kept[i].frame = frame;
	}
	return frame;
}

/* ---- from function to function ---- */

#define MAX_FUNCTIONS 16u /* that are gone through */

struct search {
	struct stk *s;
	const struct stk_insn_set *set;
	const struct stk_function *wanted;
	struct stk_function known[MAX_FUNCTIONS];
	size_t nr;
	bool unsure; /* it went by a register somewhere, or too far */
	bool unread; /* code on the way is not in the dump */
	bool found;
};

static void enter(struct search *q, uint64_t target)
{
	struct stk_function f;

	if (target == q->wanted->begin) {
		q->found = true;
		return;
	}
	for (size_t i = 0; i < q->nr; i++)
		if (target == q->known[i].begin)
			return;
	if (q->nr == MAX_FUNCTIONS || !stk_function_at(q->s, target, &f)) {
		q->unsure = true;
		return;
	}
	/* Assembly is entered elsewhere, too; a label may be in the middle of code. */
	if (stk_within(q->wanted->begin, f.begin, f.end)) {
		q->found = true;
		return;
	}
	f.begin = target;
	q->known[q->nr++] = f;
}

static bool is_veneer(const struct search *q, uint64_t at, uint64_t *target)
{
	return q->set->veneer && q->set->veneer(q->s, at, target);
}

static void follow_insn(struct search *q, const struct stk_function *f, uint64_t at,
			const struct stk_insn *insn)
{
	uint64_t target;

	switch (insn->flow) {
	case STK_FLOW_JUMP:
	case STK_FLOW_JUMP_IF:
		if (!stk_within(insn->target, f->begin, f->end))
			enter(q, insn->target);
		break;
	case STK_FLOW_JUMP_REG:
		if (is_veneer(q, at - q->set->veneer_jump, &target))
			enter(q, target);
		else
			q->unsure = true;
		break;
	default:
		break;
	}
}

static bool runs_on(const struct stk_insn *insn)
{
	return !insn->padding && goes_on(insn);
}

/* What is read of a function at once, with what is before it, which may belong to it. */
struct piece {
	unsigned char byte[PIECE];
	uint64_t base;
	size_t have;
};

static bool has_insn(struct search *q, const struct stk_function *f, uint64_t at,
		     struct piece *piece)
{
	if (at + MAX_INSN <= piece->base + piece->have)
		return true;
	piece->base = at - f->begin >= MAX_INSN ? at - MAX_INSN : at;
	piece->have = f->end - piece->base < PIECE ? f->end - piece->base : PIECE;
	return !stk_read(q->s, piece->base, piece->byte, piece->have);
}

/*
 * What a small dump left out. No machine has such an instruction; behind one that does
 * not run on it may be padding.
 */
static bool is_blank(const struct piece *piece, uint64_t at)
{
	static const unsigned char blank[MAX_INSN];

	return piece->base + piece->have - at >= MAX_INSN &&
	       !memcmp(piece->byte + (at - piece->base), blank, MAX_INSN);
}

/* Where the code of a function jumps out of it. */
static void follow(struct search *q, const struct stk_function *f)
{
	struct stk_insn insn = { .flow = STK_FLOW_RETURN };
	struct piece piece = { .have = 0 };
	uint64_t at = f->begin, end;

	/* What is in its place now says nothing. */
	if (stk_init_text_freed(q->s, at + 1)) {
		q->unsure = true;
		return;
	}
	q->unsure |= f->end - f->begin > MAX_FOLLOWED;
	end = code_end(q->s, q->set, f);
	for (; at < end && at - f->begin < MAX_FOLLOWED && !q->found; at += insn.len) {
		if (!has_insn(q, f, at, &piece) ||
		    ((at == f->begin || runs_on(&insn)) && is_blank(&piece, at))) {
			q->unread = true;
			return;
		}
		insn = q->set->decode(piece.byte, at - piece.base, piece.have, piece.base,
				      NULL);
		if (!insn.len) {
			q->unsure = true;
			return;
		}
		follow_insn(q, f, at, &insn);
	}
	/* A label in the middle of it. */
	if (at == f->end && (insn.flow == STK_FLOW_NEXT || insn.flow == STK_FLOW_JUMP_IF))
		enter(q, f->end);
}

enum stk_call stk_call_leads_to(struct stk *s, const struct stk_insn_set *set,
				uint64_t target, uint64_t callee, const char **why)
{
	struct stk_function function;
	struct search q = { .s = s, .set = set, .wanted = &function };

	if (!stk_function_at(s, callee, &function)) {
		*why = "nothing names the called code";
		return STK_CALL_CANNOT_TELL;
	}
	is_veneer(&q, target, &target);
	enter(&q, target);
	for (size_t i = 0; i < q.nr && !q.found; i++)
		follow(&q, &q.known[i]);
	if (q.found)
		return STK_CALL_REACHES;
	if (q.unsure) {
		*why = "the called code may jump there by a register";
		return STK_CALL_CANNOT_TELL;
	}
	if (q.unread) {
		*why = "the called function cannot be read";
		return STK_CALL_UNFOLLOWED;
	}
	return STK_CALL_ELSEWHERE;
}
