/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains: frames, stacks, the end and the doubts. */
#include "json.h"

static struct json_object *json_regs(struct stk *s, const struct stk_regs *regs)
{
	struct json_object *o;
	const char *name;

	if (!regs)
		return NULL;
	o = json_object_new_object();
	for (unsigned int r = 0; (name = stk_reg_name(s, r)); r++)
		if (stk_has_reg(regs, r))
			put(o, name, stk_json_addr(regs->v[r]));
	return o;
}

/* Which witnesses agree, and which do not. */
static struct json_object *json_evidence(const struct stk_evidence *e)
{
	struct json_object *list = json_object_new_array();
	const char *name;

	for (unsigned int i = 0; (name = stk_witness_name(i)); i++) {
		struct json_object *o;

		if (!((e->agree | e->differ) >> i & 1))
			continue;
		o = json_object_new_object();
		put(o, "what", json_object_new_string(name));
		put(o, "agrees", json_object_new_boolean(!(e->differ >> i & 1)));
		json_object_array_add(list, o);
	}
	return list;
}

/* The exception that interrupted it. */
static struct json_object *json_fault(struct stk *s, const struct stk_frame *f)
{
	struct stk_fault fault;
	struct json_object *o;

	if (!stk_frame_fault(s, f, &fault))
		return NULL;
	o = json_object_new_object();
	put(o, "name", stk_json_string(fault.entry.name));
	put(o, "vector",
	    fault.entry.code >= 0 ? json_object_new_int64(fault.entry.code) : NULL);
	put(o, "error_code",
	    fault.entry.has_error ? stk_json_addr(fault.entry.error) : NULL);
	put(o, "address", fault.address_name ? stk_json_addr(fault.address) : NULL);
	return o;
}

static struct json_object *json_frame(struct stk *s, const struct stk_frame *f,
				      const struct stk_line *line, bool inlined)
{
	struct json_object *o = json_object_new_object();

	put(o, "ip", stk_json_addr(f->ip));
	put(o, "function", stk_json_string(f->name.function));
	put(o, "offset",
	    f->name.function && !inlined ? stk_json_number(f->name.offset) : NULL);
	put(o, "module", stk_json_string(f->name.module));
	put(o, "sp", f->has_sp ? stk_json_addr(f->sp) : NULL);
	put(o, "return_address_at", stk_json_addr_or_null(f->slot));
	put(o, "how", json_object_new_string(stk_how_name(f->how)));
	put(o, "reliable", json_object_new_boolean(f->reliable));
	put(o, "doubt",
	    f->reliable ? NULL : json_object_new_string(stk_doubt_name(f->doubt)));
	put(o, "witnesses", json_evidence(&f->evidence));
	put(o, "interrupted", json_object_new_boolean(f->interrupted));
	put(o, "inline", json_object_new_boolean(inlined));
	put(o, "file", line ? stk_json_string(line->file) : NULL);
	put(o, "line", line && line->line ? json_object_new_int(line->line) : NULL);
	put(o, "regs", json_regs(s, f->regs));
	put(o, "regs_at", stk_json_addr_or_null(f->regs_at));
	put(o, "fault", json_fault(s, f));
	put(o, "note", stk_json_string(f->note));
	return o;
}

static struct json_object *json_crossing(const struct stk_segment *seg)
{
	const struct stk_crossing *x = &seg->crossing;
	struct json_object *o;

	if (!seg->next)
		return NULL;
	o = json_object_new_object();
	put(o, "how", json_object_new_string(stk_how_name(x->how)));
	put(o, "at", stk_json_addr(x->at));
	put(o, "agree", x->agree >= 0 ? json_object_new_boolean(x->agree) : NULL);
	put(o, "witnesses", json_evidence(&x->evidence));
	put(o, "link_at", x->have_link ? stk_json_addr(x->link_at) : NULL);
	put(o, "link", x->have_link ? stk_json_addr(x->link) : NULL);
	put(o, "note", stk_json_string(x->note));
	return o;
}

/* A call that was inlined into @f: a frame without a place of its own on the stack. */
static struct json_object *json_inline(struct stk *s, const struct stk_frame *f,
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
	return json_frame(s, &inlined, line, true);
}

static void add_frame(struct stk *s, struct json_object *frames,
		      const struct stk_frame *f, bool lines)
{
	struct stk_line line[STK_MAX_INLINE];
	size_t nr = lines ? stk_frame_lines(s, f, line, STK_MAX_INLINE) : 0;

	for (size_t i = 0; i + 1 < nr; i++)
		json_object_array_add(frames, json_inline(s, f, &line[i]));
	json_object_array_add(frames, json_frame(s, f, nr ? &line[nr - 1] : NULL, false));
}

struct json_object *stk_json_overflow(struct stk *s, const struct stk_segment *seg)
{
	struct json_object *o;

	if (!seg->over.kind)
		return NULL;
	o = json_object_new_object();
	put(o, "stack", stk_json_stack(s, &seg->over));
	put(o, "bytes", stk_json_number(seg->over_by));
	return o;
}

static struct json_object *json_segment(struct stk *s, const struct stk_segment *seg,
					bool lines)
{
	struct json_object *o = json_object_new_object(),
			   *frames = json_object_new_array();

	put(o, "stack", stk_json_stack(s, &seg->stack));
	put(o, "overflow", stk_json_overflow(s, seg));
	put(o, "crossing", json_crossing(seg));
	for (size_t i = 0; i < seg->nr_frames; i++)
		add_frame(s, frames, &seg->frames[i], lines);
	put(o, "frames", frames);
	return o;
}

static struct json_object *json_segments(struct stk *s, const struct stk_chain *chain,
					 bool lines)
{
	struct json_object *list = json_object_new_array();

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		json_object_array_add(list, json_segment(s, seg, lines));
	return list;
}

static void put_confidence(struct json_object *o, enum stk_confidence confidence,
			   const char *why)
{
	put(o, "confidence", json_object_new_string(stk_confidence_name(confidence)));
	put(o, "confidence_why", stk_json_string(why));
}

static struct json_object *json_end(enum stk_end end, const char *text)
{
	struct json_object *o = json_object_new_object();

	put(o, "reason", json_object_new_string(stk_end_name(end)));
	put(o, "ok", json_object_new_boolean(stk_end_is_good(end)));
	put(o, "text", stk_json_string(text));
	return o;
}

static struct json_object *json_entry(const struct stk_entry *e)
{
	struct json_object *o;

	if (!e->kind)
		return NULL;
	o = json_object_new_object();
	put(o, "kind", json_object_new_string(stk_entry_kind_name(e->kind)));
	put(o, "name", stk_json_string(e->name));
	put(o, "syscall", e->nr >= 0 ? json_object_new_int64(e->nr) : NULL);
	if (e->code_name)
		put(o, e->code_name,
		    e->code >= 0 ? json_object_new_int64(e->code) : NULL);
	put(o, "error_code", e->has_error ? stk_json_addr(e->error) : NULL);
	return o;
}

static struct json_object *json_entry_state(const struct stk_entry_state *e)
{
	struct json_object *o;

	if (!e)
		return NULL;
	o = json_object_new_object();
	for (size_t i = 0; i < e->nr_facts; i++)
		put(o, e->fact[i].what, stk_json_string(e->fact[i].value));
	put(o, "stack", stk_json_string(e->stack));
	return o;
}

/* The CPU's own view: a list of copies, and the frames below one of them. */
static void add_live(struct stk *s, struct json_object *o, const struct stk_start *start,
		     bool lines)
{
	struct json_object *copies = json_object_new_array(), *live = NULL;
	struct stk_copy copy[8];
	size_t nr = stk_copies(s, start, copy, 8);
	struct stk_chain *chain;

	for (size_t i = 0; i < nr; i++) {
		struct json_object *c = json_object_new_object();

		put(c, "regs_at", stk_json_addr(copy[i].regs_at));
		put(c, "stack", stk_json_stack(s, &copy[i].stack));
		json_object_array_add(copies, c);
	}
	put(o, "copies", copies);
	if (!stk_unwind_live(s, start, copy, &chain)) {
		live = json_object_new_object();
		put(live, "joins", stk_json_addr(copy->regs_at));
		put(live, "segments", json_segments(s, chain, lines));
		put_confidence(live, chain->confidence, chain->confidence_why);
		stk_chain_free(s, chain);
	}
	put(o, "live", live);
}

/* What may be the rest of a broken one; NULL: none. */
static struct json_object *json_resync(struct stk *s, const struct stk_chain *broken,
				       bool lines)
{
	struct json_object *o;
	struct stk_chain *rest;
	uint64_t at;

	if (stk_resync(s, broken, &at, &rest))
		return NULL;
	o = json_object_new_object();
	put(o, "at", stk_json_addr(at));
	put(o, "segments", json_segments(s, rest, lines));
	put(o, "end", json_end(rest->end, rest->end_text));
	stk_chain_free(s, rest);
	return o;
}

static struct json_object *json_chain_end(struct stk *s, const struct stk_chain *chain)
{
	struct json_object *end = json_end(chain->end, chain->end_text);

	put(end, "regs", json_regs(s, chain->user));
	put(end, "regs_at", stk_json_addr_or_null(chain->user_at));
	put(end, "entry", json_entry(&chain->entry));
	put(end, "witnesses", json_evidence(&chain->user_evidence));
	return end;
}

/* From the code that stopped the CPU to the end; NULL: the chain has no more than that.
 */
static struct json_object *json_whole(struct stk *s, const struct stk_chain *chain,
				      bool lines)
{
	struct json_object *o;

	if (!chain->joint.regs_at)
		return NULL;
	o = json_object_new_object();
	put(o, "joins", stk_json_addr(chain->joint.regs_at));
	put(o, "segments", json_segments(s, chain, lines));
	put(o, "end", json_chain_end(s, chain));
	put_confidence(o, chain->confidence, chain->confidence_why);
	return o;
}

/* As it is from the registers of its start on. */
static struct json_object *json_chain(struct stk *s, const struct stk_chain *chain,
				      bool lines)
{
	struct json_object *o = json_object_new_object(),
			   *start = json_object_new_object();
	const struct stk_start *st = &chain->start;

	put(o, "cpu", stk_json_cpu(chain->cpu));
	put(o, "task", st->has_task ? stk_json_task(&st->task) : NULL);
	put(start, "from", json_object_new_string(stk_from_name(st->from)));
	put(start, "ip", stk_json_addr(stk_regs_ip(s, &st->regs)));
	put(start, "sp", stk_json_addr(stk_regs_sp(s, &st->regs)));
	put(start, "note", stk_json_string(st->note));
	put(start, "doubt", stk_json_string(st->doubt));
	put(start, "foreign", stk_json_string(st->foreign));
	put(start, "witnesses", json_evidence(&st->evidence));
	put(start, "entry_state", json_entry_state(st->entry));
	if (chain->cpu >= 0)
		add_live(s, start, st, lines);
	put(o, "start", start);
	put(o, "segments", json_segments(s, chain, lines));
	put(o, "end", json_chain_end(s, chain));
	put_confidence(o, chain->confidence, chain->confidence_why);
	put(o, "resync", json_resync(s, chain, lines));
	return o;
}

struct json_object *stk_json_chain(struct stk *s, const struct stk_chain *chain,
				   bool lines)
{
	struct stk_chain *saved = NULL;
	struct json_object *o;

	if (chain->joint.regs_at && stk_unwind(s, &chain->start, &saved))
		return NULL;
	o = json_chain(s, saved ? saved : chain, lines);
	put(o, "whole", json_whole(s, chain, lines));
	stk_chain_free(s, saved);
	return o;
}

struct json_object *stk_json_no_chain(struct stk *s, int cpu, const struct stk_task *task,
				      const char *text)
{
	struct json_object *o = json_object_new_object(),
			   *start = json_object_new_object();

	put(o, "cpu", stk_json_cpu(cpu));
	put(o, "task", task ? stk_json_task(task) : NULL);
	put(start, "from", json_object_new_string(stk_from_name(STK_FROM_NONE)));
	put(start, "ip", NULL);
	put(start, "sp", NULL);
	put(o, "start", start);
	put(o, "segments", json_object_new_array());
	put(o, "end", json_end(STK_END_NO_REGS, text));
	put_confidence(o, STK_BROKEN, text);
	put(o, "resync", NULL);
	put(o, "whole", NULL);
	return o;
}
