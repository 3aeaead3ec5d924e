/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_words.h"

#include <inttypes.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/out.h"
#include "../base/wrap.h"
#include "../report/liveness.h"
#include "../unwind/unwind.h"

#define COLUMNS	 100
#define EVIDENCE 25 /* columns that the evidence of most frames takes */

static void add_task(struct stk_out *l, const struct stk_task *task)
{
	const size_t before = l->len;

	stk_out_text(l, "PID: ");
	stk_out_decimal(l, task->pid);
	stk_out_pad(l, l->len - before, strlen("PID: ") + 8);
	stk_out_text(l, " TASK: ");
	stk_out_hex(l, task->addr, 1);
	stk_out_text(l, "  ");
}

static void add_cpu(struct stk_out *l, const struct stk_chain *chain)
{
	const struct stk_start *start = &chain->start;
	const int cpu = chain->cpu < 0 && start->has_task ? start->task.cpu : chain->cpu;
	const size_t before = l->len;

	if (cpu < 0 && !start->has_task)
		return;
	stk_out_text(l, "CPU: ");
	if (cpu >= 0)
		stk_out_decimal(l, (unsigned int)cpu);
	else
		stk_out_text(l, "?");
	stk_out_pad(l, l->len - before, strlen("CPU: ") + 3);
	stk_out_text(l, " ");
}

static void header(struct stk *s, FILE *fp, const struct stk_chain *chain)
{
	const struct stk_start *start = &chain->start;
	char text[400];
	struct stk_out line = stk_out(text, sizeof(text));

	if (start->has_task)
		add_task(&line, &start->task);
	add_cpu(&line, chain);
	if (start->has_task) {
		stk_out_text(&line, "COMMAND: \"");
		stk_out_text(&line, start->task.comm);
		stk_out_text(&line, "\"");
		stk_out_text(&line, stk_text_found(&start->task));
		stk_out_text(&line, "  STATE: ");
		stk_out_text(&line, stk_text_state(start->task.now));
	}
	if (chain->cpu >= 0 && chain->cpu == stk_panic(s).cpu)
		stk_out_text(&line, "  (panicked)");
	if (chain->cpu >= 0 && !stk_cpu_online(s, (unsigned int)chain->cpu))
		stk_out_text(&line, "  (offline)");
	stk_out_text(&line, "  [");
	stk_out_text(&line, stk_confidence_name(chain->confidence));
	stk_out_text(&line, "]\n");
	fwrite(line.text, 1, line.len, fp);
}

#define NOTE_INDENT 5

/* In parentheses, and broken between words. */
static void note(FILE *fp, const char *text)
{
	struct stk_wrap w = { fp, COLUMNS - strlen(")"), NOTE_INDENT, NOTE_INDENT };

	if (!text)
		return;
	fprintf(fp, "%*s", NOTE_INDENT, "(");
	stk_wrap_text(&w, text);
	fprintf(fp, ")\n");
}

/* Inlined calls first, as they are the inner ones; then the function's own line. */
static void source_lines(struct stk *s, FILE *fp, const struct stk_frame *f)
{
	struct stk_line line[STK_MAX_INLINE];
	size_t nr = stk_frame_lines(s, f, line, STK_MAX_INLINE);

	for (size_t i = 0; i < nr; i++) {
		if (i + 1 < nr)
			fprintf(fp, "    (inlined) %s ",
				line[i].function ? line[i].function : "?");
		else
			fprintf(fp, "    ");
		fprintf(fp, "%s: %d\n", line[i].file ? line[i].file : "?", line[i].line);
	}
}

/* The names of the witnesses among @bits. */
static void witnesses(FILE *fp, const char *before, uint32_t bits)
{
	const char *name, *comma = before;

	for (unsigned int i = 0; bits && (name = stk_witness_name(i)); i++) {
		if (!(bits >> i & 1))
			continue;
		fprintf(fp, "%s%s", comma, name);
		comma = ", ";
	}
}

/* The crossing's line has these. */
#define OF_CROSSING                                                                      \
	(1u << STK_WITNESS_OWNER | 1u << STK_WITNESS_ROUTE | 1u << STK_WITNESS_LINK)

/* How a frame is known: "<orc: call, target>". */
static void frame_evidence(FILE *fp, const struct stk_frame *f)
{
	fprintf(fp, "  <%s", stk_how_name(f->how));
	witnesses(fp, ": ", f->evidence.agree & ~OF_CROSSING);
	witnesses(fp, "; not ", f->evidence.differ & ~OF_CROSSING);
	fputc('>', fp);
}

/* A chain as it is being written. */
struct writer {
	struct stk *s;
	FILE *fp;
	const struct stk_text_options *opt;
	const char *said; /* the note of the frame before: a run of frames says it once */
	bool *doubts;
};

/* Code that has no name has a module, perhaps; else it is @none. */
static const char *frame_name(const struct stk_frame *f, const char *none, char *text,
			      size_t size)
{
	stk_name_text(&f->name, text, size);
	if (!*text && f->name.module)
		snprintf(text, size, "(unknown) [%s]", f->name.module);
	else if (!*text)
		snprintf(text, size, "%s", none);
	return text;
}

/* Right in four columns. */
static void add_number(struct stk_out *l, const char *mark, unsigned int nr)
{
	char text[3 + STK_DECIMAL_DIGITS];
	struct stk_out number = stk_out(text, sizeof(text));

	stk_out_text(&number, mark);
	stk_out_text(&number, "#");
	stk_out_decimal(&number, nr);
	stk_out_pad(l, number.len, 4);
	stk_out_chars(l, text, number.len);
}

/* As in bt, @nr is the frame's number; an interrupted one has none. */
static void frame_line(const struct writer *w, const struct stk_frame *f, unsigned int nr)
{
	const char *mark = f->reliable ? "" : "?";
	char text[700], name[600];
	struct stk_out line = stk_out(text, sizeof(text));

	if (f->interrupted && nr) {
		fprintf(w->fp, "   %s[exception %s: %s]\n", *mark ? mark : " ",
			stk_text_reg_title(w->s, w->s->arch->ip),
			frame_name(f, "unknown or invalid address", name, sizeof(name)));
		return;
	}
	add_number(&line, mark, nr);
	stk_out_text(&line, " [");
	stk_out_hex(&line, f->slot ? f->slot : f->at, STK_HEX_DIGITS);
	stk_out_text(&line, "] ");
	stk_out_text(&line, frame_name(f, "(unknown)", name, sizeof(name)));
	stk_out_text(&line, " at ");
	stk_out_hex(&line, f->ip, 1);
	if (!w->opt->verbose)
		stk_out_text(&line, "\n");
	fwrite(line.text, 1, line.len, w->fp);
	if (!w->opt->verbose)
		return;
	if (line.len > COLUMNS - EVIDENCE)
		fprintf(w->fp, "\n       ");
	frame_evidence(w->fp, f);
	fputc('\n', w->fp);
}

/* Which exception that was, and what the hardware told of it. */
static void fault_line(const struct writer *w, const struct stk_frame *f)
{
	struct stk_fault fault;
	const struct stk_entry *e = &fault.entry;

	/* Of some nothing but that they came is known. */
	if (!stk_frame_fault(w->s, f, &fault) ||
	    (e->code < 0 && !e->name && !e->has_error && !fault.address_name))
		return;
	fprintf(w->fp, "    (%s", stk_entry_kind_name(e->kind));
	if (e->code >= 0)
		fprintf(w->fp, " %lld", (long long)e->code);
	if (e->name)
		fprintf(w->fp, ": %s", e->name);
	if (e->has_error)
		fprintf(w->fp, ", error code %04llx", (unsigned long long)e->error);
	if (fault.address_name)
		fprintf(w->fp, ", %s %016" PRIx64, fault.address_name, fault.address);
	fprintf(w->fp, ")\n");
}

static void write_frame(struct writer *w, const struct stk_frame *f, unsigned int nr)
{
	*w->doubts |= !f->reliable;
	frame_line(w, f, nr);
	if (w->opt->lines)
		source_lines(w->s, w->fp, f);
	note(w->fp, f->note != w->said ? f->note : NULL);
	w->said = f->note;
	fault_line(w, f);
	if (f->regs && f->interrupted && (nr || w->opt->registers)) {
		stk_text_regs(w->s, w->fp, f->regs);
		if (w->opt->verbose && f->regs_at)
			fprintf(w->fp, "    (saved at %016" PRIx64 ")\n", f->regs_at);
	}
}

static void evidence_line(FILE *fp, const struct stk_evidence *e)
{
	if (!(e->agree | e->differ))
		return;
	fprintf(fp, "    witnesses: ");
	witnesses(fp, "", e->agree);
	witnesses(fp, e->agree ? "; against it: " : "against it: ", e->differ);
	fputc('\n', fp);
}

/* What the word at the stack's top says of the step from it. */
static const char *agreement(const struct stk_crossing *x)
{
	if (x->agree < 0)
		return "what was gone by";
	return x->agree ? "agrees" : "DISAGREES";
}

/* Both witnesses of a crossing. */
static void evidence(struct stk *s, FILE *fp, const struct stk_segment *seg)
{
	const struct stk_crossing *x = &seg->crossing;
	const struct stk_frame *next = &seg->next->frames[0];

	fprintf(fp, "    by %s at %" PRIx64 ", next %s %" PRIx64, stk_how_name(x->how),
		x->at, next->has_sp ? stk_reg_name(s, s->arch->sp) : "frame", next->at);
	if (x->have_link)
		fprintf(fp, "\n    word at %" PRIx64 ": %" PRIx64 ", %s", x->link_at,
			x->link, agreement(x));
	fputc('\n', fp);
	evidence_line(fp, &x->evidence);
}

static void stack_name(struct stk *s, struct stk_out *l, const struct stk_chain *chain,
		       const struct stk_segment *seg)
{
	const struct stk_stack *stack = &seg->stack;
	struct stk_task task;
	char title[80];

	if (seg->over.kind) {
		stk_out_text(l, "--- guard page below the ");
		stk_out_text(l, stk_stack_title(s, &seg->over, title, sizeof(title)));
		stk_out_text(l, seg->over_by ? ", 0x" : ", ");
		stk_out_hex(l, seg->over_by, 1);
		stk_out_text(l, " below its base");
		return;
	}
	stk_out_text(l, "--- <");
	stk_out_text(l, stk_stack_kind_name(stack->kind));
	stk_out_text(l, "> ");
	if (!stack->kind) {
		stk_out_text(l, stk_no_stack_text(s, chain, stack->begin));
		return;
	}
	if (stk_stack_is_free(stack)) {
		stk_out_text(l, "of no task");
	} else if (stack->cpu >= 0) {
		stk_out_text(l, "CPU ");
		stk_out_decimal(l, (unsigned int)stack->cpu);
	} else if (!stk_task_read(s, stack->task, &task)) {
		stk_out_text(l, "PID ");
		stk_out_decimal(l, task.pid);
	} else {
		stk_out_text(l, "task ");
		stk_out_hex(l, stack->task, 1);
	}
	stk_out_text(l, " ");
	stk_out_hex(l, stack->begin, 1);
	stk_out_text(l, "-");
	stk_out_hex(l, stack->end, 1);
	stk_out_text(l, ", ");
	stk_out_decimal(l, stk_used(s, seg));
	stk_out_text(l, " used");
}

/* Where it does not fit beside what is there, it has a line of its own. */
static void how_ends(struct stk_out *l, const char *text)
{
	bool fits =
		l->len + strlen("; ends: ") + strlen(text) + strlen(" ---") <= COLUMNS;

	stk_out_text(l, fits ? "; ends: " : ";\n    ends: ");
	stk_out_text(l, text);
}

/* How the stack of @seg was left, or why the chain goes no further. */
static void how_left(struct stk_out *l, const struct stk_chain *chain,
		     const struct stk_segment *seg)
{
	const struct stk_crossing *x = &seg->crossing;

	if (!seg->next && !stk_end_is_good(chain->end)) {
		stk_out_text(l, "; broken off");
	} else if (!seg->next) {
		how_ends(l, chain->end_text);
	} else if (x->how == STK_HOW_LINK || (x->how == STK_HOW_REGS && x->at)) {
		stk_out_text(l, x->how == STK_HOW_LINK ? "; left by word at "
						       : "; left by pt_regs at ");
		stk_out_hex(l, x->at, 1);
	} else if (x->how == STK_HOW_REGS) {
		stk_out_text(l, "; left by the return address in a register");
	} else {
		stk_out_text(l, "; left by ");
		stk_out_text(l, stk_how_name(x->how));
	}
}

/* The line that closes a segment: which stack that was and how it was left. */
static void close_segment(struct stk *s, FILE *fp, const struct stk_chain *chain,
			  const struct stk_segment *seg,
			  const struct stk_text_options *opt)
{
	const struct stk_crossing *x = &seg->crossing;
	char text[1000];
	struct stk_out line = stk_out(text, sizeof(text));

	stack_name(s, &line, chain, seg);
	how_left(&line, chain, seg);
	stk_out_text(&line, " ---\n");
	fwrite(line.text, 1, line.len, fp);
	if (!seg->next)
		return;
	if (opt->verbose)
		evidence(s, fp, seg);
	else if (x->agree == 0)
		fprintf(fp, "    (the stack's top disagrees: %s)\n",
			x->note ? x->note : "");
	if (x->agree)
		note(fp, x->note);
}

/* With -v: where else the registers are that were saved of the CPU. */
static void copies(struct stk *s, FILE *fp, const struct stk_chain *chain)
{
	struct stk_copy copy[8];
	size_t nr = chain->cpu >= 0
			    ? stk_copies(s, &chain->start, copy, STK_ARRAY_SIZE(copy))
			    : 0;

	for (size_t i = 0; i < nr; i++)
		fprintf(fp, "    they are also at %" PRIx64 ", on the %s stack%s\n",
			copy[i].regs_at, stk_stack_kind_name(copy[i].stack.kind),
			copy[i].regs_at == chain->joint.regs_at ? ": as below" : "");
}

/* A call like any other, of which there may be more. */
static bool is_plain(const struct stk_frame *f)
{
	return f->reliable && !f->interrupted && !f->regs && !f->note;
}

/* How often the @period frames from @first on stand there, one round behind the other. */
static size_t nr_rounds(const struct stk_segment *seg, size_t first, size_t period)
{
	size_t i = first;

	while (i + period < seg->nr_frames && is_plain(&seg->frames[i]) &&
	       is_plain(&seg->frames[i + period]) &&
	       seg->frames[i].ip == seg->frames[i + period].ip)
		i++;
	return (i - first) / period + 1;
}

#define MAX_PERIOD 8u
#define MIN_ROUNDS 3u

/* A recursion that begins with frame @first: its period; 0: there is none. */
static size_t recursion(const struct stk_segment *seg, size_t first, size_t *rounds)
{
	for (size_t period = 1; period <= MAX_PERIOD; period++) {
		*rounds = nr_rounds(seg, first, period);
		if (*rounds >= MIN_ROUNDS)
			return period;
	}
	return 0;
}

/* In place of all rounds but the first, whose frames have the numbers before @nr. */
static void recursion_line(FILE *fp, const struct stk_segment *seg, size_t first,
			   size_t period, size_t rounds, unsigned int nr)
{
	const size_t end = first + period * rounds;
	const struct stk_frame *f = &seg->frames[first];
	const uint64_t top =
		end < seg->nr_frames ? seg->frames[end].at : seg->frames[end - 1].at;
	char name[600];

	fprintf(fp, "    %zu x ", rounds);
	if (period == 1)
		fprintf(fp, "%s", frame_name(f, "(unknown)", name, sizeof(name)));
	else
		fprintf(fp, "these %zu frames", period);
	fprintf(fp, ", %" PRIu64 " bytes: #%u-#%zu\n", top - f->at,
		nr - (unsigned int)period, nr - period + period * rounds - 1);
}

/* The frames of @chain and the lines that close its stacks. */
static void segments(struct stk *s, FILE *fp, const struct stk_chain *chain,
		     const struct stk_text_options *opt, bool *doubts)
{
	struct writer w = { .s = s, .fp = fp, .opt = opt, .doubts = doubts };
	const bool folds = !opt->verbose && !opt->words && !opt->text_words;
	unsigned int nr = 0;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		size_t period = 0, rounds = 0, round_end = 0;

		stk_text_stale_words(s, fp, seg, opt);
		for (size_t i = 0; i < seg->nr_frames; i++) {
			if (folds && !period) {
				period = recursion(seg, i, &rounds);
				round_end = i + period;
			}
			write_frame(&w, &seg->frames[i], nr);
			stk_text_words(s, fp, seg, i, opt);
			/* bt does not count the interrupted frame; its caller is next. */
			nr += !(seg->frames[i].interrupted && nr);
			if (!period || i + 1 < round_end)
				continue;
			recursion_line(fp, seg, round_end - period, period, rounds, nr);
			nr += (unsigned int)(period * (rounds - 1));
			i += period * (rounds - 1);
			period = 0;
		}
		if (!seg->next && chain->user)
			stk_text_regs(s, fp, chain->user);
		close_segment(s, fp, chain, seg, opt);
	}
}

/* What may be the rest of a broken chain, if there is any. */
static void resync(struct stk *s, FILE *fp, const struct stk_chain *broken,
		   const struct stk_text_options *opt, bool *doubts)
{
	struct stk_chain *rest;
	char title[80];
	uint64_t at;

	if (stk_resync(s, broken, &at, &rest))
		return;
	stk_stack_title(s, &rest->segments->stack, title, sizeof(title));
	fprintf(fp,
		"xbt: resync at %" PRIx64
		" (%s): what follows may be the rest of the chain\n",
		at, title);
	segments(s, fp, rest, opt, doubts);
	stk_chain_free(s, rest);
}

void stk_text_chain(struct stk *s, FILE *fp, const struct stk_chain *chain,
		    const struct stk_text_options *opt, bool *doubts)
{
	header(s, fp, chain);
	if (opt->verbose)
		fprintf(fp, "    registers from %s\n", stk_from_name(chain->start.from));
	note(fp, chain->start.note);
	note(fp, chain->start.doubt);
	if (opt->verbose)
		evidence_line(fp, &chain->start.evidence);
	if (opt->verbose)
		copies(s, fp, chain);
	segments(s, fp, chain, opt, doubts);
	if (!chain->segments) {
		if (chain->user)
			stk_text_regs(s, fp, chain->user);
		fprintf(fp, "--- in %s; its kernel stacks are empty ---\n",
			chain->end_text);
	}
	if (chain->confidence != STK_CERTAIN)
		fprintf(fp, "xbt: the chain is %s: %s\n",
			stk_confidence_name(chain->confidence), chain->confidence_why);
	resync(s, fp, chain, opt, doubts);
}

void stk_text_exited(struct stk *s, FILE *fp, const struct stk_task *task)
{
	const struct stk_chain chain = {
		.cpu = -1,
		.start = { .has_task = true, .task = *task },
		.confidence = STK_CERTAIN,
	};

	header(s, fp, &chain);
	fprintf(fp, "--- it has exited: its stack was freed ---\n");
}

void stk_text_legend(FILE *fp)
{
	fprintf(fp, "? before a frame: not certain; the line below it says why\n");
}
