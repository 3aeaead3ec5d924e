/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay MACHINE... - unwind every chain of recorded machines and compare each frame:
 * stack, function, offset, ip, sp, rbp, and the end with the user's registers. Then ask
 * for each CPU's TSS: those eras lower ist[2] while a #DB handler runs that interrupted
 * the kernel, so exactly the CPUs whose true chain is on a #DB stack deviate, there.
 */
#include <stackinfo/unwind.h>
#include <stackinfo/x86_64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/x86_64.h"
#include "recording.h"

static unsigned int passed, failed;

static const char *stack_name(const struct stk_segment *seg)
{
	return seg->stack.kind == X86_STACK(ENTRY) ? "ENTRY"
						   : stk_stack_kind_name(seg->stack.kind);
}

static void complain(const char *file, const struct expected_chain *c, const char *what)
{
	if (c->cpu >= 0)
		printf("%s: cpu %d: %s\n", file, c->cpu, what);
	else
		printf("%s: task %#llx: %s\n", file, (unsigned long long)c->task, what);
}

static bool same_end(const struct expected_chain *e, const struct stk_chain *c,
		     struct stk *s)
{
	if (!strcmp(e->end, "idle"))
		return c->end == STK_END_IDLE;
	if (!strcmp(e->end, "thread"))
		return c->end == STK_END_THREAD_START;
	if (strcmp(e->end, "user"))
		return true; /* what ends otherwise there is looked at by name */
	if (c->end != STK_END_USER)
		return false;
	return !e->ip ||
	       (e->ip == stk_regs_ip(s, c->user) && e->sp == stk_regs_sp(s, c->user));
}

/* What is wrong with a frame that should be @x; NULL: nothing. */
static const char *frame_fault(const struct expected_frame *x,
			       const struct stk_segment *seg, const struct stk_frame *f)
{
	static char text[400];

	if (f->ip == x->ip && f->sp == x->sp && !strcmp(stack_name(seg), x->stack) &&
	    f->name.function && !strcmp(f->name.function, x->function) &&
	    f->name.offset == x->offset)
		return NULL;
	snprintf(text, sizeof(text),
		 "expected %s %s+%#llx sp %#llx, got %s %s+%#llx sp %#llx", x->stack,
		 x->function, (unsigned long long)x->offset, (unsigned long long)x->sp,
		 stack_name(seg), f->name.function ? f->name.function : "?",
		 (unsigned long long)f->name.offset, (unsigned long long)f->sp);
	return text;
}

/* Frame by frame; the chain may go on behind a recording that says how it stopped. */
static const char *chain_fault(const struct expected_chain *e, const struct stk_chain *c,
			       size_t skip)
{
	static char text[400];
	const struct stk_segment *seg = c->segments;
	size_t n = skip;

	for (; seg; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];
			const char *fault;

			if (n == e->nr &&
			    (!strcmp(e->end, "stop") || !strcmp(e->end, "error")))
				return NULL;
			if (n == e->nr) {
				snprintf(text, sizeof(text), "extra frame %s+%#llx",
					 f->name.function ? f->name.function : "?",
					 (unsigned long long)f->name.offset);
				return text;
			}
			fault = frame_fault(&e->frame[n++], seg, f);
			if (fault)
				return fault;
		}
	}
	if (n == e->nr)
		return NULL;
	snprintf(text, sizeof(text), "lost %s+%#llx and what follows; ended: %s",
		 e->frame[n].function, (unsigned long long)e->frame[n].offset,
		 c->end_text);
	return text;
}

static bool compare(const char *file, const struct expected_chain *e, struct stk *s,
		    const struct stk_chain *c, size_t skip)
{
	const char *fault = chain_fault(e, c, skip);
	char text[400];

	if (!fault && !same_end(e, c, s)) {
		snprintf(text, sizeof(text), "expected the end \"%s\" ip %#llx, got %s",
			 e->end, (unsigned long long)e->ip, c->end_text);
		fault = text;
	}
	if (fault)
		complain(file, e, fault);
	return !fault;
}

static void run_chain(const char *file, const struct expected_chain *e, struct stk *s)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk_task task;
	enum stk_status st;
	size_t skip = 0;

	if (e->cpu >= 0)
		st = stk_start_cpu(s, (unsigned int)e->cpu, &start);
	else if (!(st = stk_task_read(s, e->task, &task)))
		st = stk_start_task(s, &task, &start);
	if (st) {
		complain(file, e, stk_error_text(s));
		failed++;
		return;
	}
	if (e->orc_hole && e->nr > 1) {
		/* The recording has no code and no DWARF: begin behind the hole. */
		const struct expected_frame *f = &e->frame[1];
		int cpu = start.cpu;

		task = start.task;
		stk_start_stack(s, f->sp, f->ip, f->bp, &start);
		start.signal = false;
		start.cpu = cpu;
		start.task = task;
		start.has_task = true;
		skip = 1;
	}
	if (stk_unwind(s, &start, &chain))
		abort();
	if (compare(file, e, s, chain, skip))
		passed++;
	else
		failed++;
	stk_chain_free(s, chain);
}

/* ---- the TSS ---- */

static unsigned int tss_passed, tss_failed, tss_moved;

static bool on_db(const struct expected_chain *e)
{
	for (size_t i = 0; i < e->nr; i++)
		if (!strcmp(e->frame[i].stack, "#DB"))
			return true;
	return false;
}

static uint64_t word(const struct stk_target *t, uint64_t addr)
{
	uint64_t value;

	if (t->memory->read_virt(t->memory_priv, addr, &value, sizeof(value)))
		return 0;
	return value;
}

/* Where ist[2] is when it is lowered once, from the recording alone. */
static uint64_t lowered(const struct stk_target *t, uint64_t percpu)
{
	struct stk_member db, db1;
	uint64_t at;

	if (!t->symbols->address(t->symbols_priv, "orig_ist", &at))
		return word(t, percpu + at + 16) -
		       (word(t, percpu + at + 8) - word(t, percpu + at));
	if (t->symbols->address(t->symbols_priv, "cea_exception_stacks", &at) ||
	    t->types->member(t->types_priv, "cea_exception_stacks", "DB_stack", &db) ||
	    t->types->member(t->types_priv, "cea_exception_stacks", "DB1_stack", &db1))
		return 0;
	return word(t, percpu + at) + db1.offset + db1.size;
}

static uint64_t percpu_base(const struct stk_target *t, const struct stk_x86_tss *tss)
{
	uint64_t at;

	if (t->symbols->address(t->symbols_priv, "cpu_tss_rw", &at))
		return 0;
	return tss->addr - at;
}

static bool tss_fails(const char *file, const struct stk_x86_tss *t, const char *name,
		      const char *text)
{
	printf("%s: cpu %u: tss: %s: %s\n", file, t->cpu, name, text ? text : "-");
	return false;
}

static bool compare_tss(const char *file, const struct stk_target *target,
			struct stk_x86_tss *t, bool db)
{
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++) {
		const struct stk_x86_tss_slot *slot = &t->slot[i];

		if (!slot->readable)
			return tss_fails(file, t, slot->name, "not read");
		if (!db || i != STK_X86_TSS_IST0 + 2) {
			if (slot->problem)
				return tss_fails(file, t, slot->name, slot->problem);
			continue;
		}
		if (!slot->problem || !slot->in_flight ||
		    slot->value != lowered(target, percpu_base(target, t)))
			return tss_fails(file, t, slot->name, slot->problem);
		if (!slot->evidence || strncmp(slot->evidence, "confirmed", 9))
			return tss_fails(file, t, slot->name, slot->evidence);
		tss_moved++;
	}
	for (size_t i = 0; i < t->nr_facts; i++)
		if (t->fact[i].problem)
			return tss_fails(file, t, t->fact[i].name, t->fact[i].problem);
	return true;
}

static void run_tss(const char *file, const struct expected_chain *e,
		    const struct stk_target *target, struct stk *s)
{
	struct stk_x86_tss t;
	bool ok;

	if (stk_x86_tss_read(s, (unsigned int)e->cpu, &t)) {
		complain(file, e, stk_error_text(s));
		tss_failed++;
		return;
	}
	stk_x86_tss_evidence(s, &t);
	ok = compare_tss(file, target, &t, on_db(e));
	tss_passed += ok;
	tss_failed += !ok;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct recording *r = recording_load(argv[i]);
		const char *base = strrchr(argv[i], '/');
		const struct stk_target *target = &r->m->target;
		struct stk *s = stk_open(target, sizeof(*target));

		if (!s)
			abort();
		for (size_t c = 0; c < r->nr_chains; c++) {
			run_chain(base ? base + 1 : argv[i], &r->chain[c], s);
			if (r->chain[c].cpu >= 0)
				run_tss(base ? base + 1 : argv[i], &r->chain[c], target,
					s);
		}
		stk_close(s);
		recording_free(r);
	}
	printf("era: %u passed, %u failed\n", passed, failed);
	printf("era: %u TSSs as they should be, %u of them with #DB in flight, %u not\n",
	       tss_passed, tss_moved, tss_failed);
	return failed || tss_failed;
}
