/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs that spin for a lock, or for other CPUs, and for which lock, where a register has
 * the address of a word that says so. A CPU may do so at any time, for microseconds: it
 * is suspicious where several wait for the same, or where the log says that it is stuck.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../arch/arch.h"
#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../findings.h"

#define MAX_NAMES 3u
#define MAX_LOOP  5u /* instructions, until the lock is looked at */

/* Functions that wait without sleeping. */
static const struct spin {
	const char *function;
	const char *what;
	bool qspinlock; /* for a lock as include/asm-generic/qspinlock_types.h has it */
} spins[] = {
	{ "native_queued_spin_lock_slowpath", "a spinlock", true },
	{ "queued_spin_lock_slowpath", "a spinlock", true },
	{ "__pv_queued_spin_lock_slowpath", "a spinlock", true },
	{ "queued_read_lock_slowpath", "a rwlock, to read", false },
	{ "queued_write_lock_slowpath", "a rwlock, to write", false },
	{ "osq_lock", "its turn to wait for a mutex or rwsem", false },
	{ "mutex_spin_on_owner", "a mutex, whose owner runs", false },
	{ "rwsem_spin_on_owner", "a rwsem, whose owner runs", false },
	{ "smp_call_function_many_cond", "other CPUs to answer", false },
	{ "smp_call_function_single", "another CPU to answer", false },
};

/* A CPU that spins. */
struct spinner {
	const struct stk_triage_cpu *cpu;
	const struct spin *spin;
	const struct stk_frame *frame;
	size_t nth;    /* of its trace's frames */
	uint64_t lock; /* 0: not known */
};

static const struct stk_frame *nth_frame(const struct stk_chain *chain, size_t nth)
{
	const struct stk_segment *seg = chain->segments;

	for (; seg && nth >= seg->nr_frames; seg = seg->next)
		nth -= seg->nr_frames;
	return seg ? &seg->frames[nth] : NULL;
}

/* What it did when it was stopped: that frame only, for it calls nothing. */
static bool spins_there(const struct stk_triage_cpu *c, struct spinner *out)
{
	const struct stk_frame *f = c->chain ? nth_frame(c->chain, c->was_doing) : NULL;

	if (!f || !f->reliable || !f->name.function)
		return false;
	for (size_t i = 0; i < STK_ARRAY_SIZE(spins); i++)
		if (!strcmp(f->name.function, spins[i].function)) {
			*out = (struct spinner){ .cpu = c,
						 .spin = &spins[i],
						 .frame = f,
						 .nth = c->was_doing };
			return true;
		}
	return false;
}

/* ---- which lock ---- */

static const struct stk_regs *regs_of(const struct spinner *sp)
{
	if (sp->frame->regs)
		return sp->frame->regs;
	return sp->nth == 0 ? &sp->cpu->chain->start.regs : NULL;
}

static bool cpu_spins(const struct stk_triage *t, int64_t cpu)
{
	const struct stk_triage_cpu *c = stk_triage_cpu(t, cpu);
	struct spinner other;

	return c && spins_there(c, &other) && other.spin->qspinlock;
}

/*
 * Is @word that of a lock that is held, and for which somebody waits: the next in the
 * pending byte, or in a queue that ends with a CPU that spins?
 */
static bool is_contended(const struct stk_triage *t, uint32_t word)
{
	const uint32_t locked = word & 0xff, pending = word >> 8 & 0xff,
		       tail = word >> 18;

	if (locked != 1 || pending > 1)
		return false;
	return tail ? cpu_spins(t, (int64_t)tail - 1) : pending && !(word >> 16);
}

/* The one register that has the address of such a word. */
static uint64_t find_in_registers(struct stk *s, const struct stk_triage *t,
				  const struct stk_regs *regs)
{
	uint64_t found = 0;
	uint32_t word;

	for (unsigned int reg = 0; reg < STK_MAX_REGS; reg++) {
		uint64_t at = stk_has_reg(regs, reg) ? regs->v[reg] : 0;

		if (!at || at % 4 || at == found || !s->arch->is_kernel_address(at) ||
		    stk_read(s, at, &word, sizeof(word)) || !is_contended(t, word))
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}

/*
 * A guest that is not told when its CPUs run takes no turns (virt_spin_lock(), 4.3,
 * commit 2aa79af64263): the word is 1, as many are. It is the lock's where the loop looks
 * at it.
 */
static uint64_t find_in_loop(struct stk *s, const struct stk_regs *regs)
{
	uint64_t ip = stk_regs_ip(s, regs);
	struct stk_operand operand;
	uint32_t word;

	for (unsigned int i = 0; i < MAX_LOOP && ip; i++, ip = operand.next) {
		if (!s->arch->operand(s, ip, regs, &operand) || !operand.memory)
			continue;
		if (operand.value % 4 || !s->arch->is_kernel_address(operand.value) ||
		    stk_read(s, operand.value, &word, sizeof(word)) || word != 1)
			return 0;
		return operand.value;
	}
	return 0;
}

static uint64_t find_lock(struct stk *s, const struct stk_triage *t,
			  const struct spinner *sp)
{
	const struct stk_regs *regs = sp->spin->qspinlock ? regs_of(sp) : NULL;
	const uint64_t found = regs ? find_in_registers(s, t, regs) : 0;

	return found || !regs ? found : find_in_loop(s, regs);
}

/* ---- what is told ---- */

static bool is_same(const struct spinner *a, const struct spinner *b)
{
	return a->spin == b->spin && a->lock == b->lock;
}

static bool log_says_stuck(const struct stk_triage *t, const struct spinner *sp)
{
	for (size_t i = 0; i < t->nr_joins; i++)
		if (t->join[i].stack == sp->cpu->trace &&
		    stk_is_still_stuck(t, t->join[i].event))
			return true;
	return false;
}

static void lock_text(struct stk *s, const struct spinner *sp, char *text, size_t size)
{
	struct stk_name name = { 0 };
	char place[256];

	snprintf(text, size, "%s", sp->spin->what);
	if (!sp->lock)
		return;
	stk_symbolize(s, sp->lock, false, &name);
	if (name.function)
		snprintf(text, size, "the lock 0x%" PRIx64 " (%.120s), which is held",
			 sp->lock, stk_finding_place(&name, place, sizeof(place)));
	else
		snprintf(text, size, "the lock 0x%" PRIx64 ", which is held", sp->lock);
}

/* "f < g": who called it. */
static void callers(const struct spinner *sp, char *text, size_t size)
{
	const struct stk_event_trace *trace = sp->cpu->trace;
	size_t len = 0;

	*text = '\0';
	for (size_t i = sp->nth; i < trace->nr_frames && i <= sp->nth + MAX_NAMES; i++)
		len += (size_t)snprintf(
			text + len, len < size ? size - len : 0, "%s%.48s",
			i > sp->nth ? " < " : "",
			trace->frames[i].function ? trace->frames[i].function : "?");
}

static enum stk_status tell(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info,
			    const struct spinner *all, size_t nr, size_t first)
{
	struct stk_finding_info row = *info;
	char lock[240], who[160] = "", names[240];
	struct stk_finding *f;
	size_t same = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t len = strlen(who);

		if (!is_same(&all[i], &all[first]))
			continue;
		snprintf(who + len, sizeof(who) - len, "%s%u", same ? ", " : "",
			 all[i].cpu->cpu);
		same++;
		if (log_says_stuck(t, &all[i]))
			row.severity = STK_SEVERITY_SUSPICIOUS;
	}
	if (same > 1)
		row.severity = STK_SEVERITY_SUSPICIOUS;
	lock_text(s, &all[first], lock, sizeof(lock));
	callers(&all[first], names, sizeof(names));
	f = stk_finding_add(t, &row, "CPU%s %s wait%s for %s: %s", same > 1 ? "s" : "",
			    who, same > 1 ? "" : "s", lock, names);
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)all[first].cpu->cpu;
	f->pid = all[first].cpu->trace->pid;
	f->has_address = all[first].lock != 0;
	f->address = all[first].lock;
	return STK_OK;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	struct spinner *all = stk_arena_array(&t->events.arena,
					      t->nr_cpus ? t->nr_cpus : 1, sizeof(*all));
	enum stk_status st = STK_OK;
	size_t nr = 0;

	if (!all)
		return STK_ERR_NOMEM;
	for (size_t i = 0; i < t->nr_cpus; i++) {
		if (!spins_there(&t->cpu[i], &all[nr]))
			continue;
		all[nr].lock = find_lock(s, t, &all[nr]);
		nr++;
	}
	for (size_t i = 0; i < nr && !st; i++) {
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told |= is_same(&all[k], &all[i]);
		if (!told)
			st = tell(s, t, info, all, nr, i);
	}
	return st;
}

const struct stk_finding_info stk_finding_spinning = {
	.id = "spinning",
	.severity = STK_SEVERITY_NOTICE,
	.look = look,
};
