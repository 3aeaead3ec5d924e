/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence [-f] [-v] VMCORE...: asks for every return address of every chain of sound
 * dumps what the call before it says, and prints a line of counts for each dump. No call,
 * and a call that leads elsewhere, are false alarms here: each is named. So is a dump of
 * which most return addresses are not found good.
 *
 * -f: the power of the question, too: each of the lower 32 bits of each return address is
 * flipped, and what lies in code is asked about again. Few of these may pass. Of whole
 * dumps only.
 */
#include <stackinfo/dump.h>
#include <stackinfo/unwind.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "machine/vmcoreinfo.h"

#define NR_VERDICTS (STK_CALL_FREED + 1)

static const char *const verdict_name[NR_VERDICTS] = {
	[STK_CALL_UNASKED] = "unasked",	      [STK_CALL_UNREADABLE] = "unreadable",
	[STK_CALL_UNFOLLOWED] = "unfollowed", [STK_CALL_NONE] = "none",
	[STK_CALL_ELSEWHERE] = "elsewhere",   [STK_CALL_CANNOT_TELL] = "cannot_tell",
	[STK_CALL_REACHES] = "reaches",	      [STK_CALL_PUSHED] = "pushed",
	[STK_CALL_FREED] = "freed",
};

struct counts {
	struct stk *s;
	bool flip, verbose;
	unsigned long sound[NR_VERDICTS];
	unsigned long flipped[NR_VERDICTS]; /* of what lies in code */
};

/* A task that sleeps begins behind the call of the switch, or where tasks begin. */
static enum stk_call asleep(struct stk *s, const struct stk_start *start, uint64_t ip)
{
	struct stk_regs regs = start->regs;

	regs.v[s->arch->ip] = ip;
	switch (s->arch->begins_sleep(s, &regs)) {
	case 1:
		return STK_CALL_REACHES;
	case 0:
		return STK_CALL_NONE;
	default:
		return STK_CALL_UNREADABLE;
	}
}

/* @callee 0: nobody, the task of @start sleeps there. */
static enum stk_call evidence(struct counts *c, const struct stk_start *start,
			      uint64_t ret, uint64_t callee, bool exact, const char **why)
{
	*why = NULL;
	return callee ? c->s->arch->call_evidence(c->s, ret, callee, exact, why)
		      : asleep(c->s, start, ret);
}

static void flip(struct counts *c, const struct stk_start *start, uint64_t ret,
		 uint64_t callee, bool exact)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		uint64_t other = ret ^ 1ull << bit;
		const char *why;

		if (stk_is_text(c->s, other))
			c->flipped[evidence(c, start, other, callee, exact, &why)]++;
	}
}

static void ask(struct counts *c, const struct stk_chain *chain, uint64_t ret,
		uint64_t callee, bool exact)
{
	enum stk_call call;
	const char *why;

	call = evidence(c, &chain->start, ret, callee, exact, &why);
	c->sound[call]++;
	if (c->verbose || call == STK_CALL_NONE || call == STK_CALL_ELSEWHERE) {
		struct stk_name from, to;

		stk_symbolize(c->s, ret, true, &from);
		stk_symbolize(c->s, callee, !exact, &to);
		printf("%s: PID %u: %s+%#llx (%#llx) from %s+%#llx (%#llx): %s\n",
		       verdict_name[call], chain->start.task.pid,
		       from.function ? from.function : "?",
		       (unsigned long long)from.offset, (unsigned long long)ret,
		       to.function ? to.function : "?", (unsigned long long)to.offset,
		       (unsigned long long)callee, why ? why : "");
	}
	if (c->flip)
		flip(c, &chain->start, ret, callee, exact);
}

static void look_at(struct counts *c, struct stk_chain *chain)
{
	const struct stk_frame *inner = NULL;

	for (struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];

			if (!f->reliable)
				;
			else if (inner && f->slot)
				ask(c, chain, f->ip, inner->ip, inner->interrupted);
			else if (!inner && chain->start.from == STK_FROM_THREAD_SP)
				ask(c, chain, f->ip, 0, true);
			inner = f;
		}
	}
	stk_chain_free(c->s, chain);
}

static int everything(struct counts *c)
{
	const struct stk_task *task;
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_copy copy;
	size_t nr;

	if (stk_tasks(c->s, &task, &nr))
		return 1;
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(c->s); cpu++) {
		if (!stk_cpu_running(c->s, cpu) || stk_start_cpu(c->s, cpu, &start))
			continue;
		if (!stk_unwind(c->s, &start, &chain))
			look_at(c, chain);
		if (!stk_unwind_live(c->s, &start, &copy, &chain))
			look_at(c, chain);
	}
	for (size_t i = 0; i < nr; i++)
		if (stk_running_cpu(c->s, task[i].addr) < 0 &&
		    !stk_start_task(c->s, &task[i], &start) &&
		    !stk_unwind(c->s, &start, &chain))
			look_at(c, chain);
	return 0;
}

static void print(const char *dump, const char *what, const unsigned long *count)
{
	printf("%s: %s:", dump, what);
	for (int i = 0; i < NR_VERDICTS; i++)
		printf(" %s %lu", verdict_name[i], count[i]);
	printf("\n");
}

/* In percent: of 466,000 flipped bits 0.3 pass, most of them at static calls. */
#define MOST_PASS 2u

static int judge(const struct counts *c, const char *dump)
{
	const unsigned long *n = c->flipped;
	unsigned long all = 0, sound = 0, pass;
	int failed = c->sound[STK_CALL_NONE] || c->sound[STK_CALL_ELSEWHERE];

	for (int i = 0; i < NR_VERDICTS; i++) {
		sound += c->sound[i];
		all += n[i];
	}
	if (c->sound[STK_CALL_REACHES] * 2 < sound || sound < 100) {
		printf("%s: too few return addresses are found good\n", dump);
		failed = 1;
	}
	pass = n[STK_CALL_REACHES] + n[STK_CALL_CANNOT_TELL] + n[STK_CALL_PUSHED];
	if (pass * 100 > all * MOST_PASS) {
		printf("%s: %lu of %lu flipped bits pass\n", dump, pass, all);
		failed = 1;
	}
	return failed;
}

static int one_dump(const char *path, struct counts c)
{
	struct stk_dump *dump;
	char error[512];
	int failed;

	if (stk_dump_open(path, NULL, &dump, error, sizeof(error))) {
		fprintf(stderr, "evidence: %s\n", error);
		return 1;
	}
	c.s = stk_dump_session(dump);
	/* A small dump has the code that its own words lead to, and no other. */
	c.flip = c.flip && !stk_vmcoreinfo(c.s, STK_PACKED);
	failed = everything(&c);
	print(path, "sound", c.sound);
	if (c.flip)
		print(path, "flipped", c.flipped);
	stk_dump_close(dump);
	return failed | judge(&c, path);
}

int main(int argc, char **argv)
{
	struct counts c = { 0 };
	int failed = 0;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		c.flip |= !strcmp(argv[1], "-f");
		c.verbose |= !strcmp(argv[1], "-v");
	}
	if (argc < 2) {
		fprintf(stderr, "usage: evidence [-f] [-v] VMCORE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failed |= one_dump(argv[i], c);
	printf("evidence: %s\n", failed ? "FAILED" : "passed");
	return failed;
}
