/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains: frames, stacks, the end and the doubts. */
#include "json.h"
#include "json_write.h"

#include "../base/bytes.h"

static void put_regs(struct stk_json *j, const char *key, struct stk *s,
		     const struct stk_regs *regs)
{
	const char *name;

	if (!regs) {
		stk_json_put_null(j, key);
		return;
	}
	stk_json_open(j, key, '{');
	for (unsigned int r = 0; (name = stk_reg_name(s, r)); r++)
		if (stk_has_reg(regs, r))
			stk_json_put_addr(j, name, regs->v[r]);
	stk_json_close(j, '}');
}

/* Which witnesses agree, and which do not. */
static void put_evidence(struct stk_json *j, const struct stk_evidence *e)
{
	const char *name;

	stk_json_open(j, "witnesses", '[');
	for (unsigned int i = 0; (name = stk_witness_name(i)); i++) {
		if (!((e->agree | e->differ) >> i & 1))
			continue;
		stk_json_open(j, NULL, '{');
		stk_json_put_string(j, "what", name);
		stk_json_put_bool(j, "agrees", !(e->differ >> i & 1));
		stk_json_close(j, '}');
	}
	stk_json_close(j, ']');
}

/* The exception that interrupted it. */
static void put_fault(struct stk_json *j, struct stk *s, const struct stk_frame *f)
{
	struct stk_fault fault;

	if (!stk_frame_fault(s, f, &fault)) {
		stk_json_put_null(j, "fault");
		return;
	}
	stk_json_open(j, "fault", '{');
	stk_json_put_string(j, "name", fault.entry.name);
	stk_json_put_number_if(j, "vector", fault.entry.code >= 0, fault.entry.code);
	stk_json_put_addr_if(j, "error_code", fault.entry.has_error, fault.entry.error);
	stk_json_put_addr_if(j, "address", fault.address_name, fault.address);
	stk_json_close(j, '}');
}

static void put_frame(struct stk_json *j, struct stk *s, const struct stk_frame *f,
		      const struct stk_line *line, bool inlined)
{
	stk_json_open(j, NULL, '{');
	stk_json_put_addr(j, "ip", f->ip);
	stk_json_put_string(j, "function", f->name.function);
	stk_json_put_number_if(j, "offset", f->name.function && !inlined,
			       (int64_t)f->name.offset);
	stk_json_put_string(j, "module", f->name.module);
	stk_json_put_addr_if(j, "sp", f->has_sp, f->sp);
	stk_json_put_addr_or_null(j, "return_address_at", f->slot);
	stk_json_put_string(j, "how", stk_how_name(f->how));
	stk_json_put_bool(j, "reliable", f->reliable);
	stk_json_put_string(j, "doubt", f->reliable ? NULL : stk_doubt_name(f->doubt));
	put_evidence(j, &f->evidence);
	stk_json_put_bool(j, "interrupted", f->interrupted);
	stk_json_put_bool(j, "inline", inlined);
	stk_json_put_string(j, "file", line ? line->file : NULL);
	stk_json_put_number_if(j, "line", line && line->line, line ? line->line : 0);
	put_regs(j, "regs", s, f->regs);
	stk_json_put_addr_or_null(j, "regs_at", f->regs_at);
	put_fault(j, s, f);
	stk_json_put_string(j, "note", f->note);
	stk_json_close(j, '}');
}

static void put_crossing(struct stk_json *j, const struct stk_segment *seg)
{
	const struct stk_crossing *x = &seg->crossing;

	if (!seg->next) {
		stk_json_put_null(j, "crossing");
		return;
	}
	stk_json_open(j, "crossing", '{');
	stk_json_put_string(j, "how", stk_how_name(x->how));
	stk_json_put_addr(j, "at", x->at);
	if (x->agree >= 0)
		stk_json_put_bool(j, "agree", x->agree);
	else
		stk_json_put_null(j, "agree");
	put_evidence(j, &x->evidence);
	stk_json_put_addr_if(j, "link_at", x->have_link, x->link_at);
	stk_json_put_addr_if(j, "link", x->have_link, x->link);
	stk_json_put_string(j, "note", x->note);
	stk_json_close(j, '}');
}

/* A call that was inlined into @f: a frame without a place of its own on the stack. */
static void put_inline(struct stk_json *j, struct stk *s, const struct stk_frame *f,
		       const struct stk_line *line)
{
	struct stk_frame inlined = *f;

	inlined.name =
		(struct stk_name){ .function = line->function, .module = f->name.module };
	inlined.regs = NULL;
	inlined.regs_at = 0;
	inlined.entered = 0;
	inlined.slot = 0;
	inlined.note = NULL;
	put_frame(j, s, &inlined, line, true);
}

static void put_frames(struct stk_json *j, struct stk *s, const struct stk_frame *f,
		       bool lines)
{
	struct stk_line line[STK_MAX_INLINE];
	size_t nr = lines ? stk_frame_lines(s, f, line, STK_MAX_INLINE) : 0;

	for (size_t i = 0; i + 1 < nr; i++)
		put_inline(j, s, f, &line[i]);
	put_frame(j, s, f, nr ? &line[nr - 1] : NULL, false);
}

void stk_json_put_overflow(struct stk_json *j, const char *key, struct stk *s,
			   const struct stk_segment *seg)
{
	if (!seg->over.kind) {
		stk_json_put_null(j, key);
		return;
	}
	stk_json_open(j, key, '{');
	stk_json_put_stack(j, "stack", s, &seg->over);
	stk_json_put_number(j, "bytes", (int64_t)seg->over_by);
	stk_json_close(j, '}');
}

static void put_segments(struct stk_json *j, struct stk *s, const struct stk_chain *chain,
			 bool lines)
{
	stk_json_open(j, "segments", '[');
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		stk_json_open(j, NULL, '{');
		stk_json_put_stack(j, "stack", s, &seg->stack);
		stk_json_put_overflow(j, "overflow", s, seg);
		put_crossing(j, seg);
		stk_json_open(j, "frames", '[');
		for (size_t i = 0; i < seg->nr_frames; i++)
			put_frames(j, s, &seg->frames[i], lines);
		stk_json_close(j, ']');
		stk_json_close(j, '}');
	}
	stk_json_close(j, ']');
}

static void put_confidence(struct stk_json *j, enum stk_confidence confidence,
			   const char *why)
{
	stk_json_put_string(j, "confidence", stk_confidence_name(confidence));
	stk_json_put_string(j, "confidence_why", why);
}

/* It is left open: a chain's has more. */
static void open_end(struct stk_json *j, enum stk_end end, bool ok, const char *text)
{
	stk_json_open(j, "end", '{');
	stk_json_put_string(j, "reason", stk_end_name(end));
	stk_json_put_bool(j, "ok", ok);
	stk_json_put_string(j, "text", text);
}

static void put_entry(struct stk_json *j, const struct stk_entry *e)
{
	if (!e->kind) {
		stk_json_put_null(j, "entry");
		return;
	}
	stk_json_open(j, "entry", '{');
	stk_json_put_string(j, "kind", stk_entry_kind_name(e->kind));
	stk_json_put_string(j, "name", e->name);
	stk_json_put_number_if(j, "syscall", e->nr >= 0, e->nr);
	if (e->code_name && e->code >= 0)
		stk_json_put_number(j, e->code_name, e->code);
	else if (e->code_name)
		stk_json_put_null(j, e->code_name);
	stk_json_put_addr_if(j, "error_code", e->has_error, e->error);
	stk_json_close(j, '}');
}

static void put_entry_state(struct stk_json *j, const struct stk_entry_state *e)
{
	if (!e) {
		stk_json_put_null(j, "entry_state");
		return;
	}
	stk_json_open(j, "entry_state", '{');
	for (size_t i = 0; i < e->nr_facts; i++)
		stk_json_put_string(j, e->fact[i].what, e->fact[i].value);
	stk_json_put_string(j, "stack", e->stack);
	stk_json_close(j, '}');
}

/* The CPU's own view: a list of copies, and the frames below one of them. */
static void put_live(struct stk_json *j, struct stk *s, const struct stk_start *start,
		     bool lines)
{
	struct stk_copy copy[8];
	size_t nr = stk_copies(s, start, copy, STK_ARRAY_SIZE(copy));
	struct stk_chain *chain;

	stk_json_open(j, "copies", '[');
	for (size_t i = 0; i < nr; i++) {
		stk_json_open(j, NULL, '{');
		stk_json_put_addr(j, "regs_at", copy[i].regs_at);
		stk_json_put_stack(j, "stack", s, &copy[i].stack);
		stk_json_close(j, '}');
	}
	stk_json_close(j, ']');
	if (stk_unwind_live(s, start, copy, &chain)) {
		stk_json_put_null(j, "live");
		return;
	}
	stk_json_open(j, "live", '{');
	stk_json_put_addr(j, "joins", copy->regs_at);
	put_segments(j, s, chain, lines);
	put_confidence(j, chain->confidence, chain->confidence_why);
	stk_json_close(j, '}');
	stk_chain_free(s, chain);
}

/* What may be the rest of a broken one; null: none. */
static void put_resync(struct stk_json *j, struct stk *s, const struct stk_chain *broken,
		       bool lines)
{
	struct stk_chain *rest;
	uint64_t at;

	if (stk_resync(s, broken, &at, &rest)) {
		stk_json_put_null(j, "resync");
		return;
	}
	stk_json_open(j, "resync", '{');
	stk_json_put_addr(j, "at", at);
	put_segments(j, s, rest, lines);
	open_end(j, rest->end, stk_end_is_good(rest->end), rest->end_text);
	stk_json_close(j, '}');
	stk_json_close(j, '}');
	stk_chain_free(s, rest);
}

static void put_chain_end(struct stk_json *j, struct stk *s,
			  const struct stk_chain *chain)
{
	open_end(j, chain->end, stk_end_is_good(chain->end), chain->end_text);
	put_regs(j, "regs", s, chain->user);
	stk_json_put_addr_or_null(j, "regs_at", chain->user_at);
	put_entry(j, &chain->entry);
	put_evidence(j, &chain->user_evidence);
	stk_json_close(j, '}');
}

/* From the code that stopped the CPU to the end; null: the chain has no more than that.
 */
static void put_whole(struct stk_json *j, struct stk *s, const struct stk_chain *chain,
		      bool lines)
{
	if (!chain->joint.regs_at) {
		stk_json_put_null(j, "whole");
		return;
	}
	stk_json_open(j, "whole", '{');
	stk_json_put_addr(j, "joins", chain->joint.regs_at);
	put_segments(j, s, chain, lines);
	put_chain_end(j, s, chain);
	put_confidence(j, chain->confidence, chain->confidence_why);
	stk_json_close(j, '}');
}

static void put_start(struct stk_json *j, struct stk *s, const struct stk_chain *chain,
		      bool lines)
{
	const struct stk_start *st = &chain->start;

	stk_json_open(j, "start", '{');
	stk_json_put_string(j, "from", stk_from_name(st->from));
	stk_json_put_addr(j, "ip", stk_regs_ip(s, &st->regs));
	stk_json_put_addr(j, "sp", stk_regs_sp(s, &st->regs));
	stk_json_put_string(j, "note", st->note);
	stk_json_put_string(j, "doubt", st->doubt);
	stk_json_put_string(j, "foreign", st->foreign);
	put_evidence(j, &st->evidence);
	put_entry_state(j, st->entry);
	if (chain->cpu >= 0)
		put_live(j, s, st, lines);
	stk_json_close(j, '}');
}

static void put_task(struct stk_json *j, const struct stk_task *task)
{
	if (task)
		stk_json_put_task(j, "task", task);
	else
		stk_json_put_null(j, "task");
}

bool stk_json_put_chain(struct stk_json *j, struct stk *s, const struct stk_chain *whole,
			bool lines)
{
	const struct stk_chain *chain = whole;
	struct stk_chain *saved = NULL;

	/* As it is from the registers of its start on. */
	if (whole->joint.regs_at) {
		if (stk_unwind(s, &whole->start, &saved))
			return false;
		chain = saved;
	}
	stk_json_open(j, NULL, '{');
	stk_json_put_cpu(j, "cpu", chain->cpu);
	put_task(j, chain->start.has_task ? &chain->start.task : NULL);
	put_start(j, s, chain, lines);
	put_segments(j, s, chain, lines);
	put_chain_end(j, s, chain);
	put_confidence(j, chain->confidence, chain->confidence_why);
	put_resync(j, s, chain, lines);
	put_whole(j, s, whole, lines);
	stk_json_close(j, '}');
	stk_chain_free(s, saved);
	return true;
}

void stk_json_put_no_chain(struct stk_json *j, int cpu, const struct stk_task *task,
			   const char *text, enum stk_confidence confidence)
{
	stk_json_open(j, NULL, '{');
	stk_json_put_cpu(j, "cpu", cpu);
	put_task(j, task);
	stk_json_open(j, "start", '{');
	stk_json_put_string(j, "from", stk_from_name(STK_FROM_NONE));
	stk_json_put_null(j, "ip");
	stk_json_put_null(j, "sp");
	stk_json_close(j, '}');
	stk_json_open(j, "segments", '[');
	stk_json_close(j, ']');
	open_end(j, STK_END_NO_REGS, confidence == STK_CERTAIN, text);
	stk_json_close(j, '}');
	put_confidence(j, confidence, confidence == STK_CERTAIN ? NULL : text);
	stk_json_put_null(j, "resync");
	stk_json_put_null(j, "whole");
	stk_json_close(j, '}');
}
