/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which functions run when a function is called: itself, and those that it leaves for by
 * a jump (tail calls, its own .cold part), or by running on into the next.
 *
 * The code is decoded from the function's start. What cannot be followed (a jump through
 * a register, code that is patched or made at run time, code that is not there) makes
 * the answer "maybe", so that "no" is certain.
 */
#include "reach.h"

#include <string.h>

#include "../../base/bytes.h"
#include "../../kernel/code.h"
#include "../init_text.h"
#include "insn.h"
#include "prologue.h"
#include "x86_64.h"

#define MAX_FUNCTIONS 1024u
#define MAX_BYTES     (256u * 1024) /* of code for one question */
#define MAX_PADDING   64u	    /* before a function; 16 in all known kernels */
#define CHUNK	      1024u

/* Code that goes on where a register or a changing jump leads, by its name's start. */
static const char *const detours[] = {
	"__x86_indirect_",   /* retpolines; call depth and ITS thunks; FineIBT's */
	"__llvm_retpoline_", /* clang's */
	"__bhi_args_",	     /* FineIBT with BHI, 6.15 */
	"__SCT__",	     /* static calls: static_call_update() writes the jump */
	"ftrace_",	     /* ftrace_caller() and its like: ops choose */
	"bpf_dispatcher_",   /* patched with each program */
};

static bool is_detour(const char *name)
{
	/* An alias for code that runs before the kernel's final mapping is there. */
	if (stk_starts_with(name, "__pi_"))
		name += 5;
	for (size_t i = 0; i < sizeof(detours) / sizeof(detours[0]); i++)
		if (stk_starts_with(name, detours[i]))
			return true;
	return false;
}

/* A jump to one of these is a return: __x86_return_thunk, srso_return_thunk, … */
static bool is_return_thunk(const char *name)
{
	return strstr(name, "return_thunk") || !strcmp(name, "__x86_return_skl");
}

struct search_state {
	struct stk *s;
	const struct stk_function *to;
	bool anywhere; /* @to is entered in its middle, too */
	bool found;
	const char *maybe;
	bool unreadable;
	size_t nr, bytes;
	struct range {
		uint64_t begin, end;
	} range[MAX_FUNCTIONS]; /* to look through: @nr of them */
};

/*
 * Callers that know the function begins with endbr64 enter it behind; a BPF trampoline
 * also behind the call, or nop, of ftrace.
 */
static bool enters_behind(struct stk *s, uint64_t addr, uint64_t begin)
{
	unsigned char p[9];
	uint64_t skipped;

	if (addr - begin > sizeof(p) || stk_read(s, begin, p, sizeof(p)))
		return false;
	skipped = x86_match(X86_P_ENDBR, p, sizeof(p));
	if (skipped && addr - begin == skipped)
		return true;
	return addr - begin == skipped + 5 && (x86_match(X86_P_CALL, p + skipped, 5) ||
					       x86_match(X86_P_NOP5, p + skipped, 5));
}

/* Does the code at @addr run on to @end without going elsewhere? */
static bool runs_on(struct stk *s, uint64_t addr, uint64_t end)
{
	unsigned char p[MAX_PADDING];
	size_t len = end - addr;
	struct x86_insn insn;

	if (len > sizeof(p) || stk_read(s, addr, p, len))
		return false;
	for (size_t i = 0; i < len; i += insn.len)
		if (!x86_insn(p + i, len - i, &insn) || insn.flow > X86_NOP)
			return false;
	return true;
}

bool x86_enters(struct stk *s, uint64_t addr, uint64_t begin)
{
	return addr == begin || enters_behind(s, addr, begin) || runs_on(s, addr, begin);
}

bool x86_function_at(struct stk *s, uint64_t addr, struct stk_function *out)
{
	if (!stk_function_at(s, addr, out))
		return false;
	if (addr != out->begin && runs_on(s, addr, out->end))
		return stk_function_at(s, out->end, out);
	return true;
}

static bool is_goal(struct search_state *f, uint64_t addr)
{
	if (f->anywhere && stk_within(addr, f->to->begin, f->to->end))
		return true;
	return addr == f->to->begin || enters_behind(f->s, addr, f->to->begin);
}

static void cannot_tell(struct search_state *f, const char *why)
{
	if (!f->maybe)
		f->maybe = why;
}

static bool is_part(const struct stk_function *function)
{
	return strstr(function->name, ".cold") != NULL;
}

static void add_range(struct search_state *f, uint64_t begin, uint64_t end)
{
	for (size_t i = 0; i < f->nr; i++)
		if (f->range[i].begin == begin)
			return;
	if (f->nr == MAX_FUNCTIONS) {
		cannot_tell(f, "the called function jumps to too many others");
		return;
	}
	f->range[f->nr++] = (struct range){ begin, end };
}

/* The code that is looked through goes on at @addr, too. */
static void follow_jump(struct search_state *f, uint64_t addr)
{
	struct stk_function function;

	if (is_goal(f, addr)) {
		f->found = true;
	} else if (stk_code_at(f->s, addr)) {
		cannot_tell(f, "the called function jumps to code made at run time");
	} else if (!x86_function_at(f->s, addr, &function)) {
		cannot_tell(f, "the called function jumps to code without a name");
	} else if (is_return_thunk(function.name)) {
		return;
	} else if (is_detour(function.name)) {
		cannot_tell(f,
			    "the called function jumps through a register or the like");
	} else if (x86_enters(f->s, addr, function.begin) || is_part(&function)) {
		add_range(f, function.begin, function.end);
	}
}

/*
 * A call within the function is no call: a retpoline changes its return address. One at
 * the beginning is a tracer's, by which the function may be replaced by another (live
 * patching, BPF).
 */
static void note_call(struct search_state *f, const struct range *r, uint64_t at,
		      uint64_t target)
{
	struct stk_function function;

	if (target > r->begin && target < r->end)
		cannot_tell(f, "the called function jumps through its return address");
	if (at - r->begin > 4)
		return;
	if (stk_code_at(f->s, target) || !stk_function_at(f->s, target, &function) ||
	    is_detour(function.name))
		cannot_tell(f, "the called function is traced or patched");
}

/*
 * A jump of 32 bits that leads to the goal counts wherever it seems to begin: where data
 * lies in code, decoding may lose step.
 */
static bool jumps_to_goal(struct search_state *f, const unsigned char *p, size_t len,
			  size_t room, uint64_t at)
{
	for (size_t i = 0; i < len && i + 6 <= room; i++) {
		size_t op = p[i] == 0x0f && (p[i + 1] & 0xf0) == 0x80;

		if ((op || p[i] == 0xe9) &&
		    is_goal(f, at + i + op + 5 +
				       (uint64_t)(int64_t)x86_rel32(p + i + op + 1)))
			return true;
	}
	return false;
}

/* The part of a function's code that was read last. */
struct window {
	unsigned char *code;
	uint64_t from;
	size_t have;
};

/*
 * The code at @at of a function that ends at @end, and how much of it is there: a whole
 * instruction, unless the function ends within it. NULL: no more can be looked at.
 */
static const unsigned char *code_at(struct search_state *f, struct window *w, uint64_t at,
				    uint64_t end, size_t *room)
{
	uint64_t left = end - at, i = at - w->from;

	if (i >= w->have || (w->have - i < X86_MAX_INSN && w->have - i < left)) {
		w->have = left < CHUNK ? left : CHUNK;
		w->from = at;
		i = 0;
		f->bytes += w->have;
		if (f->bytes > MAX_BYTES) {
			cannot_tell(f, "the called function leads to too much code");
			return NULL;
		}
		if (stk_read(f->s, at, w->code, w->have)) {
			f->unreadable = true;
			return NULL;
		}
	}
	*room = w->have - i;
	return w->code + i;
}

/* Where else the instruction at @at leads to. @last: how the one before it goes on. */
static void leave_by(struct search_state *f, const struct range *r, uint64_t at,
		     const struct x86_insn *insn, enum x86_flow last)
{
	uint64_t target = at + insn->len + (uint64_t)(int64_t)insn->rel;

	switch (insn->flow) {
	case X86_JUMP:
	case X86_JUMP_IF:
		if (!stk_within(target, r->begin, r->end))
			follow_jump(f, target);
		break;
	case X86_JUMP_INDIRECT:
		cannot_tell(f, "the called function jumps through a register");
		break;
	case X86_CALL:
		note_call(f, r, at, target);
		break;
	case X86_BREAK:
		/* Not behind a jump, where it catches speculation. */
		if (last < X86_JUMP)
			cannot_tell(f, "a breakpoint is in the called function");
		break;
	default:
		break;
	}
}

/*
 * What a small dump, or a filter, left out: "add %al,(%rax)" is no instruction of a
 * kernel, let alone twice. Behind what does not run on it may be padding, or data.
 */
static bool is_blank(const unsigned char *code, size_t room)
{
	static const unsigned char blank[4];

	return !memcmp(code, blank, room < sizeof(blank) ? room : sizeof(blank));
}

static void look_through(struct search_state *f, struct range r)
{
	unsigned char code[CHUNK]; /* it is not cleared: it is large */
	struct window window = { .code = code };
	enum x86_flow last = X86_NEXT;
	struct x86_insn insn;

	/* What is in its place now says nothing. */
	if (stk_init_text_freed(f->s, r.begin + 1)) {
		cannot_tell(f, "the called function was freed");
		return;
	}
	for (uint64_t at = r.begin; at < r.end && !f->found; at += insn.len) {
		size_t room;
		const unsigned char *p = code_at(f, &window, at, r.end, &room);

		if (!p)
			return;
		if (is_blank(p, room)) {
			if (last == X86_NEXT || last == X86_JUMP_IF || last == X86_CALL) {
				f->unreadable = true;
				return;
			}
			insn = (struct x86_insn){ .len = 1, .flow = X86_NOP };
			continue;
		}
		if (!x86_insn(p, room, &insn)) {
			cannot_tell(f, "the called function cannot be decoded");
			insn = (struct x86_insn){ .len = 1, .flow = X86_NEXT };
		}
		if (jumps_to_goal(f, p, insn.len, room, at)) {
			f->found = true;
			return;
		}
		leave_by(f, &r, at, &insn, last);
		if (insn.flow != X86_NOP && insn.flow != X86_BREAK)
			last = insn.flow;
	}
	/* Runs on into the next; a call at the end is one that does not return. */
	if (last == X86_NEXT || last == X86_JUMP_IF)
		follow_jump(f, r.end);
}

/* Where the jumps and calls of what was looked through are patched at run time. */
static bool is_patched(struct search_state *f)
{
	for (size_t i = 0; i < f->nr; i++)
		if (x86_static_site(f->s, true, f->range[i].begin, f->range[i].end))
			return true;
	return false;
}

/* The function that a call of @from enters. False: *reach and *why are the answer. */
static bool find_entered(struct stk *s, uint64_t from, const struct stk_function *to,
			 struct stk_function *entered, enum x86_reach *reach,
			 const char **why)
{
	*reach = X86_REACH_NO;
	*why = "the call leads to no code";
	if (!stk_is_text(s, from))
		return false;
	*reach = X86_REACH_MAYBE;
	*why = "the call leads to code made at run time";
	if (stk_code_at(s, from) || !x86_function_at(s, from, entered))
		return false;
	if (entered->begin != to->begin)
		*reach = X86_REACH_NO;
	*why = "the call leads into the middle of a function";
	return x86_enters(s, from, entered->begin);
}

static enum x86_reach search_code(struct stk *s, uint64_t from,
				  const struct stk_function *to, size_t *looked_at,
				  const char **why)
{
	struct search_state f; /* its ranges are not cleared: they are many */
	struct stk_function function;
	enum x86_reach reach;

	if (!find_entered(s, from, to, &function, &reach, why))
		return reach;
	f.s = s;
	f.to = to;
	f.anywhere = is_part(to);
	f.found = f.unreadable = false;
	f.maybe = is_detour(function.name)
			  ? "the call leads through a thunk or trampoline"
			  : NULL;
	f.nr = f.bytes = 0;
	add_range(&f, function.begin, function.end);
	for (size_t i = 0; i < f.nr && !f.found && !stk_interrupted(s); i++)
		look_through(&f, f.range[i]);
	*looked_at = f.bytes;
	if (f.found)
		return X86_REACH_YES;
	if (!f.maybe && stk_code_at(s, to->begin))
		f.maybe = "the callee is code made at run time";
	if (!f.maybe && f.unreadable) {
		*why = "the called function cannot be read";
		return X86_REACH_UNREADABLE;
	}
	if (!f.maybe && is_patched(&f))
		f.maybe = "the called function has a jump that is patched at run time";
	*why = f.maybe ? f.maybe : "the call leads to another function";
	return f.maybe ? X86_REACH_MAYBE : X86_REACH_NO;
}

/*
 * What was answered: the chains of many tasks have the same calls. And how much code was
 * looked through for that, which a damaged dump could make very much.
 */
#define REACHED_BITS 9
#define MAX_TOTAL    (64u * 1024 * 1024)

struct x86_reached {
	size_t bytes;
	struct answer {
		uint64_t from, to;
		enum x86_reach reach;
		const char *why;
	} answer[1 << REACHED_BITS];
};

static struct x86_reached *reach_cache(struct stk *s)
{
	struct x86_state *x = x86_state(s);

	if (x && !x->reached)
		x->reached = stk_arena_alloc(&s->arena, sizeof(*x->reached));
	return x ? x->reached : NULL;
}

enum x86_reach x86_reach(struct stk *s, uint64_t from, const struct stk_function *to,
			 const char **why)
{
	struct x86_reached *all;
	struct answer *known;
	enum x86_reach reach;
	size_t bytes = 0;

	if (x86_enters(s, from, to->begin))
		return X86_REACH_YES;
	all = reach_cache(s);
	if (!all || all->bytes > MAX_TOTAL) {
		*why = "too much code was looked through already";
		return X86_REACH_MAYBE;
	}
	known = &all->answer[(from * 31 + to->begin) * 0x9e3779b97f4a7c15ull >>
			     (64 - REACHED_BITS)];
	if (known->from == from && known->to == to->begin) {
		*why = known->why;
		return known->reach;
	}
	reach = search_code(s, from, to, &bytes, why);
	all->bytes += bytes;
	/*
	 * What could not be read because the user wants to stop says nothing, and in
	 * the code of a running kernel what is not there may come.
	 */
	if (!stk_must_stop(s) && !(s->target.live && reach == X86_REACH_NO))
		*known = (struct answer){ from, to->begin, reach, *why };
	return reach;
}
