/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump says for and against a chain: a damaged word each, and what it breaks. */
#include "fixture.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/arch/x86_64/x86_64.h"
#include "../../src/stacks/claims.h"
#include "../../src/stacks/map.h"
#include "../../src/machine/memory.h"
#include "../../src/unwind/running.h"
#include "../../src/unwind/walk.h"

static struct stk *s;
static struct stk_chain *chain;

static void setup(void)
{
	fixture_task();
	chain = NULL;
}

static void teardown(void)
{
	if (chain)
		stk_chain_free(s, chain);
}

static void unwind_cpu(unsigned int cpu)
{
	struct stk_start start;

	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
}

static void unwind_task(uint64_t task)
{
	struct stk_start start;
	struct stk_task t;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, task, &t), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &t, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
}

static void expect(enum stk_confidence confidence, const char *why)
{
	ck_assert_msg(chain->confidence == confidence, "%s: %s",
		      stk_confidence_name(chain->confidence), chain->confidence_why);
	if (why)
		ck_assert_msg(strstr(chain->confidence_why, why) != NULL, "%s",
			      chain->confidence_why);
}

static struct stk_frame *frame(size_t seg, size_t i)
{
	struct stk_segment *g = chain->segments;

	while (seg--)
		g = g->next;
	return &g->frames[i];
}

static void put_member(uint64_t object, const char *member, uint64_t value)
{
	syn_put64(m, object + syn_off(m, member), value);
}

/* ---- the stacks that a chain may visit ---- */

/* An interrupt over a system call, in a sound dump. */
static void interrupted(void)
{
	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
}

START_TEST(sound_chain)
{
	const unsigned int cpu = (unsigned int)_i;

	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	interrupted();
	unwind_cpu(cpu);
	expect(STK_CERTAIN, NULL);
	/* The word at the IRQ stack's top is what the rule itself went by. */
	ck_assert_int_eq(chain->segments->crossing.agree, -1);
	ck_assert(chain->segments->crossing.evidence.agree & 1u << STK_WITNESS_OWNER);
	ck_assert(chain->segments->crossing.evidence.agree & 1u << STK_WITNESS_ROUTE);
	ck_assert(frame(1, 0)->evidence.agree & 1u << STK_WITNESS_TARGET);
	/* Past the byte that was interrupted. */
	ck_assert_uint_eq(frame(1, 1)->entered, frame(1, 0)->ip);
}
END_TEST

START_TEST(link_to_another_task)
{
	uint64_t other = syn_task(m, "other", 300, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);

	syn_syscall(&o);
	interrupted();
	syn_put64(m, syn_irq_top(1) - 8, o.sp);
	unwind_cpu(1);
	expect(STK_BROKEN, "on the stack of PID 300");
	ck_assert_int_eq(chain->end, STK_END_NOT_OWN);
	ck_assert_ptr_null(chain->segments->next);
}
END_TEST

/* The table of stacks has it, but whose it is cannot be read any more: a machine runs. */
START_TEST(link_to_an_unknown_task)
{
	uint64_t other = syn_task(m, "other", 300, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);
	const struct stk_stack *all;
	struct stk_start start;
	size_t nr;

	syn_syscall(&o);
	interrupted();
	syn_put64(m, syn_irq_top(1) - 8, o.sp);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_stacks(s, &all, &nr), STK_OK);
	s->target.live = true;
	syn_fail(m, other + syn_off(m, "task_struct.pid"), STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	expect(STK_BROKEN, "on a task's stack");
}
END_TEST

START_TEST(link_to_another_cpu)
{
	interrupted();
	syn_put64(m, syn_irq_top(1) - 8, syn_irq_top(0) - 0x200);
	unwind_cpu(1);
	expect(STK_BROKEN, "on the IRQ stack of CPU 0");
}
END_TEST

/* From an interrupt's stack nothing leads into user mode but by the task's. */
START_TEST(irq_stack_leads_to_no_user)
{
	interrupted();
	syn_put64(m, syn_irq_top(1) - 8, syn_ist_top(m, 1, "NMI") - 0x100);
	unwind_cpu(1);
	ck_assert(chain->confidence != STK_CERTAIN);
	ck_assert(chain->end != STK_END_USER);
}
END_TEST

START_TEST(user_regs_made_the_kernels)
{
	uint64_t regs;

	syn_syscall(&c);
	regs = syn_stack(m, sh) + syn_thread_size(m) - X86_PT_REGS_SIZE;
	syn_crash_note(&c);
	syn_put64(m, regs + 8 * X86_CS, 0x10);
	syn_put64(m, regs + 8 * X86_IP, syn_sym(m, "ksys_write") + 0x6f);
	syn_put64(m, regs + 8 * X86_SP, c.sp + 8);
	unwind_cpu(1);
	expect(STK_BROKEN, "the place of the user's registers");
}
END_TEST

/* ---- return addresses ---- */

/* One bit of it: the address before a call's end is none. */
START_TEST(no_call_ends_there)
{
	syn_syscall(&c);
	syn_crash_note(&c);
	for (uint64_t at = c.sp;; at += 8) {
		if (syn_get64(m, at) != syn_sym(m, "ksys_write") + 0x6f)
			continue;
		syn_put64(m, at, syn_sym(m, "ksys_write") + 0x6e);
		break;
	}
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(0, 2)->doubt, STK_DOUBT_NO_CALL);
	/* So is what led there; what comes then is proved by a call again. */
	ck_assert_int_eq(frame(0, 1)->doubt, STK_DOUBT_NEXT);
	ck_assert(frame(0, 0)->reliable);
	ck_assert(frame(0, 3)->reliable);
}
END_TEST

START_TEST(call_leads_elsewhere)
{
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_call_insn(m, "ksys_write", 0x6f, "schedule");
	syn_put8(m, syn_sym(m, "schedule"), 0xc3); /* which only returns */
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(0, 2)->doubt, STK_DOUBT_TARGET);
}
END_TEST

/* Only entry code calls do_syscall_64(), and it calls it directly. */
START_TEST(only_entry_code)
{
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_call_by_pointer(m, "entry_SYSCALL_64", 0x63);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(0, 4)->doubt, STK_DOUBT_TARGET);
}
END_TEST

/* What was interrupted did not lie in memory: no tracer put it there. */
START_TEST(interrupted_trampoline)
{
	struct stk_frame *f;

	syn_symbol(m, "return_to_handler", SYN_TEXT + 0x8100);
	syn_syscall(&c);
	c.ip = SYN_TEXT + 0x8100;
	syn_irq(&c);
	syn_crash_note(&c);
	unwind_cpu(1);
	f = frame(1, 1);
	ck_assert_str_eq(f->name.function, "return_to_handler");
	ck_assert(!f->note || !strstr(f->note, "replaced"));
}
END_TEST

/* ---- saved registers ---- */

static uint64_t regs_on_task(void)
{
	uint64_t at;

	syn_syscall(&c);
	at = (c.sp & ~15ull) - X86_PT_REGS_SIZE;
	syn_irq(&c);
	syn_crash_note(&c);
	return at;
}

static const struct {
	unsigned int reg;
	uint64_t value;
	enum stk_doubt doubt;
} bad_words[] = {
	{ X86_CS, 0x18, STK_DOUBT_REGS },    { X86_SS, 0x2b, STK_DOUBT_REGS },
	{ X86_FLAGS, 0x44, STK_DOUBT_REGS }, { X86_FLAGS, 0x40000246, STK_DOUBT_REGS },
	{ X86_SP, 0, STK_DOUBT_PLACE }, /* its own value and 64 */
};

START_TEST(registers_of_no_context)
{
	uint64_t at = regs_on_task(), word = at + 8 * bad_words[_i].reg;

	syn_put64(m, word,
		  bad_words[_i].value ? bad_words[_i].value : syn_get64(m, word) + 64);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_uint_eq(frame(1, 1)->regs_at, at);
	ck_assert_int_eq(frame(1, 1)->doubt, bad_words[_i].doubt);
}
END_TEST

/* The words that the hardware pushed for an NMI are there three times. */
START_TEST(copies_differ)
{
	syn_syscall(&c);
	syn_nmi(&c);
	syn_crash_note(&c);
	syn_put64(m, syn_ist_top(m, 1, "NMI") - (_i ? 96 : 40),
		  syn_sym(m, "task_spin") + 0x41);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(1, 0)->doubt, STK_DOUBT_COPY);
}
END_TEST

/* ---- who was running ---- */

START_TEST(current_of_a_sleeper)
{
	uint64_t other = syn_task(m, "other", 300, 0);

	interrupted();
	syn_put64(m, syn_percpu(m, "current_task", 1), other);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "the CPU's current pointer names PID 300");
	ck_assert_uint_eq(chain->start.task.pid, 227);
	ck_assert_int_eq(chain->end, STK_END_USER);
	/* And that task is where it slept. */
	ck_assert_int_eq(stk_running_cpu(s, other), -1);
	ck_assert_int_eq(stk_running_cpu(s, sh), 1);
}
END_TEST

START_TEST(run_queue_differs)
{
	uint64_t other = syn_task(m, "other", 300, 0);

	interrupted();
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), other);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "the run queue names PID 300");
	ck_assert_uint_eq(chain->start.task.pid, 227);
}
END_TEST

START_TEST(two_cpus_one_task)
{
	interrupted();
	syn_set_current(m, 0, sh);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "CPU 0 says that it was running this task, too");
}
END_TEST

static void put_on_cpu(uint64_t task, uint32_t value)
{
	syn_put32(m, task + syn_off(m, "task_struct.on_cpu"), value);
}

/* The CPU and its run queue name a task that says that it is on no CPU. */
START_TEST(current_on_no_cpu)
{
	interrupted();
	put_on_cpu(sh, 0);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "says that it is on no CPU");
	ck_assert(chain->start.evidence.differ & 1u << STK_WITNESS_ON_CPU);
	ck_assert(chain->start.evidence.agree & 1u << STK_WITNESS_RQ_CURR);
}
END_TEST

START_TEST(current_cannot_be_read)
{
	interrupted();
	syn_put64(m, syn_percpu(m, "current_task", 1), 0);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "current pointer cannot be read");
	ck_assert_uint_eq(chain->start.task.pid, 227);
	ck_assert(!chain->start.task.idle);
	ck_assert(chain->start.evidence.agree & 1u << STK_WITNESS_ON_CPU);
}
END_TEST

/*
 * The run queue names the next task before the CPU's pointer does: that task is on a CPU,
 * or on the run queue of this one.
 */
START_TEST(between_two_tasks)
{
	static const struct {
		unsigned int cpu;
		bool on_cpu, next_on_cpu, next_here;
		uint32_t on_rq;
		bool switching, next;
	} row[] = {
		{ 0, true, false, true, 1, true, false },
		{ 1, true, false, true, 1, true, false },
		{ 1, true, false, true, 0, false, false },
		{ 1, true, false, true, 2, false, false }, /* it migrates */
		{ 0, true, false, false, 1, false, false },
		{ 1, true, false, false, 1, false, false },
		{ 0, true, true, false, 0, true, false },
		{ 1, true, true, true, 0, true, false },
		{ 1, false, true, true, 0, false, true },
		{ 1, false, true, true, 1, false, true },
		{ 1, false, false, true, 1, false, false },
	};
	const unsigned int cpu = row[_i].cpu;
	const uint64_t next = syn_task(m, "next", 300, 0);
	const struct stk_running_task *r;

	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	syn_member(m, "task_struct.on_rq", 56, 4);
	put_on_cpu(sh, row[_i].on_cpu);
	put_on_cpu(next, row[_i].next_on_cpu);
	syn_put32(m, next + 56, row[_i].on_rq);
	syn_put32(m, next + syn_off(m, "thread_info.cpu"),
		  row[_i].next_here ? cpu : 1 - cpu);
	syn_put64(m, syn_percpu(m, "runqueues", cpu) + syn_off(m, "rq.curr"), next);
	s = syn_open(m);
	r = stk_running_task(s, cpu);
	ck_assert(r && r->known);
	ck_assert_int_eq(r->switching, row[_i].switching);
	ck_assert_uint_eq(r->task.addr, row[_i].next ? next : sh);
	if (row[_i].switching) {
		ck_assert_uint_eq(r->other.addr, next);
		ck_assert_ptr_null(r->doubt);
	} else {
		ck_assert_ptr_nonnull(
			strstr(r->doubt, row[_i].next ? "current pointer names PID 227"
						      : "run queue names PID 300"));
	}
}
END_TEST

/* The run queue names the idle task, too. */
START_TEST(idle_by_the_run_queue)
{
	const struct stk_running_task *r;

	syn_put64(m, syn_percpu(m, "current_task", 0), 0);
	s = syn_open(m);
	r = stk_running_task(s, 0);
	ck_assert(r && r->known);
	ck_assert_uint_eq(r->task.addr, syn_idle(m, 0));
	ck_assert(r->task.idle);
}
END_TEST

/* A task that slept is where it slept, whatever a CPU says. */
START_TEST(claimed_sleeper)
{
	const unsigned int cpu = (unsigned int)_i;

	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	syn_syscall(&c);
	syn_sleep(&c);
	syn_set_current(m, cpu, sh);
	put_on_cpu(sh, 0);
	syn_crash_note_regs(m, cpu, 227, c.ip, 0x10, c.sp, 0);
	unwind_task(sh);
	ck_assert_int_eq(chain->start.from, STK_FROM_THREAD_SP);
	expect(STK_DOUBTFUL, "which says that it slept");
}
END_TEST

/* No CPU names a task that says that it is on one. */
START_TEST(unclaimed_task)
{
	syn_syscall(&c);
	syn_sleep(&c);
	put_on_cpu(sh, 1);
	unwind_task(sh);
	ck_assert_int_eq(chain->start.from, STK_FROM_THREAD_SP);
	expect(STK_DOUBTFUL, "but no CPU says so");
}
END_TEST

/*
 * Where the CPU that the task names does not say whom it ran, its registers are the
 * task's, whichever CPU it is; where it ran another one, or none were saved, the task
 * began where it slept.
 */
START_TEST(task_of_a_silent_cpu)
{
	static const struct {
		unsigned int cpu;
		bool noted, silent;
		enum stk_from from;
	} row[] = {
		{ 0, true, true, STK_FROM_PRSTATUS },
		{ 1, true, true, STK_FROM_PRSTATUS },
		{ 1, false, true, STK_FROM_THREAD_SP },
		{ 1, true, false, STK_FROM_THREAD_SP },
		{ 1, false, false, STK_FROM_THREAD_SP },
	};
	const unsigned int cpu = row[_i].cpu;
	const uint64_t curr = syn_percpu(m, "runqueues", cpu) + syn_off(m, "rq.curr");

	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	syn_syscall(&c);
	if (row[_i].noted)
		syn_crash_note(&c);
	syn_sleep(&c);
	put_on_cpu(sh, 1);
	if (row[_i].silent) {
		syn_put64(m, syn_percpu(m, "current_task", cpu), 0x1238);
		syn_put64(m, curr, 0x1238);
	}
	unwind_task(sh);
	ck_assert_int_eq(chain->start.from, row[_i].from);
	ck_assert(chain->start.has_task);
	ck_assert_uint_eq(chain->start.task.addr, sh);
	if (row[_i].from == STK_FROM_PRSTATUS)
		ck_assert_int_eq(chain->start.cpu, (int)cpu);
	else
		expect(STK_DOUBTFUL, "but no CPU says so");
	ck_assert_int_eq(chain->end, STK_END_USER);
}
END_TEST

/* Nothing of a CPU can be read that tells whom it ran. */
START_TEST(nobody_knows)
{
	struct stk_start start;

	syn_put64(m, syn_percpu(m, "current_task", 1), 0x1238);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), 0x1238);
	s = syn_open(m);
	ck_assert_ptr_nonnull(stk_running_task(s, 1));
	ck_assert(!stk_running_task(s, 1)->known);
	ck_assert_int_eq(stk_running_cpu(s, sh), -1);
	/* It ran all the same: it was online. */
	ck_assert(stk_cpu_running(s, 1));
	ck_assert(stk_running_task(s, 0)->known);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
	ck_assert_str_eq(stk_error_text(s), "no registers of CPU 1 were saved");
	/* Whose registers a note has is no contradiction. */
	syn_syscall(&c);
	syn_crash_note(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert(!start.has_task);
	ck_assert_ptr_null(start.doubt);
	ck_assert_uint_eq(start.evidence.differ, 0);
}
END_TEST

/* CPUs that ran nothing did not run the same. */
START_TEST(no_task_is_no_twin)
{
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 1);
	s = syn_open(m);
	ck_assert_ptr_null(stk_running_elsewhere(s, 1));
	ck_assert_ptr_null(stk_running_elsewhere(s, 2));
	ck_assert_ptr_null(stk_running_elsewhere(s, 0));
}
END_TEST

/* The number of a running task's struct pid is another's. */
START_TEST(running_number)
{
	uint64_t pid = SYN_DIRECT + syn_alloc(m, 1);

	interrupted();
	put_member(sh, "task_struct.thread_pid", pid);
	syn_put32(m, pid + syn_off(m, "pid.numbers"), 228);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "struct pid has another");
	ck_assert(chain->start.evidence.differ & 1u << STK_WITNESS_PID);
	stk_chain_free(s, chain);
	syn_put32(m, pid + syn_off(m, "pid.numbers"), 227);
	unwind_cpu(1);
	expect(STK_CERTAIN, NULL);
	ck_assert(chain->start.evidence.agree & 1u << STK_WITNESS_PID);
}
END_TEST

/* ---- sleeping tasks ---- */

static uint64_t sleeper(void)
{
	uint64_t task = syn_task(m, "sleeper", 400, 0);
	struct syn_cpu o = syn_cpu(m, 0, task);

	syn_syscall(&o);
	syn_sleep(&o);
	return task;
}

static uint64_t sp_at(uint64_t task)
{
	return task + syn_off(m, "task_struct.thread") + syn_off(m, "thread_struct.sp");
}

START_TEST(sound_sleeper)
{
	unwind_task(sleeper());
	expect(STK_CERTAIN, NULL);
	ck_assert(chain->start.evidence.agree & 1u << STK_WITNESS_SWITCH);
	ck_assert(chain->start.evidence.agree & 1u << STK_WITNESS_CLAIM);
}
END_TEST

START_TEST(asleep_on_another_stack)
{
	uint64_t task = sleeper(), other = sleeper();

	syn_put64(m, sp_at(task), syn_get64(m, sp_at(other)));
	unwind_task(task);
	expect(STK_BROKEN, "on a stack that is not the task's");
	ck_assert(!frame(0, 0)->reliable);
}
END_TEST

START_TEST(asleep_elsewhere)
{
	uint64_t task = sleeper();

	syn_put64(m, sp_at(task), syn_get64(m, sp_at(task)) + 8);
	unwind_task(task);
	ck_assert(chain->confidence != STK_CERTAIN);
	ck_assert(!frame(0, 0)->reliable);
}
END_TEST

START_TEST(asleep_off_by_one)
{
	uint64_t task = sleeper();

	syn_put64(m, sp_at(task), syn_get64(m, sp_at(task)) + 1);
	unwind_task(task);
	expect(STK_BROKEN, "not aligned");
}
END_TEST

/* Both are told; only the vmalloc area knows who is right. */
START_TEST(two_tasks_one_stack)
{
	uint64_t task = sleeper(), other = sleeper(), area = SYN_DIRECT + syn_alloc(m, 1);

	put_member(area, "vm_struct.addr", syn_stack(m, other));
	put_member(other, "task_struct.stack_vm_area", area);
	put_member(task, "task_struct.stack", syn_stack(m, other));
	syn_put64(m, sp_at(task), syn_get64(m, sp_at(other)));
	unwind_task(_i ? other : task);
	expect(STK_DOUBTFUL, _i ? "has the same stack" : "vmalloc area is not the stack");
	ck_assert(chain->start.evidence.differ & 1u << STK_WITNESS_CLAIM);
	ck_assert(!frame(0, 1)->reliable);
	ck_assert_int_eq(!!(chain->start.evidence.agree & 1u << STK_WITNESS_VM_AREA), _i);
}
END_TEST

START_TEST(stack_that_is_not_aligned)
{
	uint64_t task = sleeper();

	/* Where the area cannot tell: kernels without CONFIG_VMAP_STACK. */
	put_member(task, "task_struct.stack_vm_area", 0x10);
	put_member(task, "task_struct.stack", syn_stack(m, task) + 0x1000);
	unwind_task(task);
	ck_assert_str_eq(chain->start.doubt,
			 "the task's stack is not aligned to its size");
	/* What is said to be on it is in doubt, all of it. */
	for (size_t i = 0; i < chain->segments->nr_frames; i++)
		ck_assert_int_eq(frame(0, i)->doubt,
				 i ? STK_DOUBT_BEYOND : STK_DOUBT_START);
}
END_TEST

START_TEST(stack_of_another_area)
{
	uint64_t task = sleeper(), area = SYN_DIRECT + syn_alloc(m, 1);

	put_member(area, "vm_struct.addr", syn_stack(m, sh));
	put_member(task, "task_struct.stack_vm_area", area);
	unwind_task(task);
	expect(STK_DOUBTFUL, "vmalloc area is not the stack");
}
END_TEST

START_TEST(another_number)
{
	uint64_t task = sleeper(), pid = SYN_DIRECT + syn_alloc(m, 1);

	put_member(task, "task_struct.thread_pid", pid);
	syn_put32(m, pid + syn_off(m, "pid.numbers"), _i ? 400 : 401);
	unwind_task(task);
	expect(_i ? STK_CERTAIN : STK_DOUBTFUL, _i ? NULL : "struct pid has another");
}
END_TEST

/* A rule that ends where no stack begins: in the place of a frame further in. */
START_TEST(thread_begins_elsewhere)
{
	uint64_t task = syn_task(m, "kt", 500, 0);
	struct syn_cpu o = syn_cpu(m, 0, task);

	syn_kthread(&o);
	syn_sleep(&o);
	for (uint64_t at = o.sp; at < syn_stack(m, task) + syn_thread_size(m); at += 8)
		if (syn_get64(m, at) == syn_sym(m, "kthread") + 0xe9)
			syn_put64(
				m, at,
				syn_call_insn(m, "ret_from_fork", 0x22, "worker_thread"));
	unwind_task(task);
	expect(STK_BROKEN, "the unwind rule says that the stack begins here");
}
END_TEST

/* ---- two CPUs on one IRQ stack ---- */

START_TEST(two_cpus_one_irq_stack)
{
	unsigned int cpu = (unsigned int)_i, other = 1 - cpu;

	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	interrupted();
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", other),
		  syn_get64(m, syn_percpu(m, "hardirq_stack_ptr", cpu)));
	unwind_cpu(cpu);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(0, 0)->doubt, STK_DOUBT_OWNER);
	ck_assert_int_eq(frame(0, 1)->doubt, STK_DOUBT_BEYOND);
	ck_assert_int_eq(frame(0, 2)->doubt, STK_DOUBT_BEYOND);
}
END_TEST

/* ---- the facts of one step ---- */

static struct stk_chain_root root;
static struct stk_segment segment;
static struct stk_walk walk;
static struct stk_candidate step;

static struct stk_stack stack_of(uint64_t task)
{
	struct stk_stack stack;
	struct stk_task t;

	ck_assert_int_eq(stk_task_read(s, task, &t), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &t, &stack), STK_OK);
	return stack;
}

static struct stk_stack stack_on(unsigned int cpu, const struct stk_kind *kind)
{
	const struct stk_stack *all;
	size_t nr;

	ck_assert_int_eq(stk_cpu_stacks(s, cpu, &all, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		if (all[i].kind == kind)
			return all[i];
	ck_abort_msg("no such stack");
	return all[0];
}

/* The chain of what CPU 1 runs is on @from, @below its end. */
static void stand_on(struct stk_stack from, uint64_t below)
{
	memset(&root, 0, sizeof(root));
	memset(&walk, 0, sizeof(walk));
	root.chain.start = (struct stk_start){ .from = STK_FROM_PRSTATUS, .cpu = 1 };
	root.chain.start.has_task = !stk_task_read(s, sh, &root.chain.start.task);
	root.chain.nr_segments = 1;
	segment = (struct stk_segment){ .stack = from };
	walk.s = s;
	walk.c = &root;
	walk.seg = walk.segs[0] = &segment;
	walk.cur.cpu = 1;
	walk.cur.stack = from;
	x86_set(&walk.cur.regs, X86_IP, syn_sym(m, "task_spin") + 0x40);
	walk.cur.at = from.end - below;
	step = (struct stk_candidate){ .step.reliable = true };
	x86_set(&step.step.regs, X86_IP, syn_sym(m, "vfs_write") + 0x9b);
}

static const struct stk_facts *facts(uint64_t sp)
{
	step.step.at = sp;
	x86_set(&step.step.regs, X86_SP, sp);
	stk_gather_facts(&walk, &step);
	return &step.facts;
}

static void use_fixture(void)
{
	syn_syscall(&c);
	s = syn_open(m);
}

START_TEST(fact_move)
{
	struct stk_stack task, irq, nmi;
	uint64_t sp;

	use_fixture();
	task = stack_of(sh);
	irq = stack_on(1, X86_STACK(IRQ));
	nmi = stack_on(1, X86_STACK(NMI));
	stand_on(task, 0x800);
	sp = task.end - 0x800;
	ck_assert_int_eq(facts(sp + 8)->move, STK_MOVE_UP);
	ck_assert_int_eq(facts(task.end)->move, STK_MOVE_UP);
	ck_assert_uint_eq(step.stack.begin, task.begin);
	ck_assert_int_eq(facts(sp)->move, STK_MOVE_BACK);
	ck_assert_int_eq(facts(sp - 8)->move, STK_MOVE_BACK);
	ck_assert_int_eq(facts(task.begin)->move, STK_MOVE_BACK);
	ck_assert_int_eq(facts(task.begin - 8)->move, STK_MOVE_CROSS);
	ck_assert_int_eq(facts(task.end + 8)->move, STK_MOVE_NOWHERE);
	/* A frame beside another begins where that does, and no lower. */
	step.step.beside = true;
	ck_assert_int_eq(facts(sp)->move, STK_MOVE_UP);
	ck_assert_int_eq(facts(sp - 8)->move, STK_MOVE_BACK);
	step.step.beside = false;
	/* A nested NMI goes down, once. */
	step.step.nested = true;
	ck_assert_int_eq(facts(sp - 8)->move, STK_MOVE_UP);
	walk.nested = true;
	ck_assert_int_eq(facts(sp - 8)->move, STK_MOVE_BACK);
	stand_on(nmi, 0x800);
	ck_assert_int_eq(facts(sp)->move, STK_MOVE_CROSS);
	ck_assert_uint_eq(step.stack.begin, task.begin);
	segment.stack = task;
	ck_assert_int_eq(facts(sp)->move, STK_MOVE_REENTER);
	ck_assert_int_eq(facts(irq.end - 0x100)->move, STK_MOVE_CROSS);
}
END_TEST

START_TEST(fact_off_stack)
{
	struct stk_stack nmi;
	uint64_t memory = SYN_DIRECT + syn_alloc(m, 1);

	if (_i) {
		syn_map(m, syn_stack(m, sh) - 4096, syn_alloc(m, 1), 4096);
		syn_map(m, syn_ist_top(m, 1, "DB") - syn_ist_size(m) - 4096,
			syn_alloc(m, 1), 4096);
	}
	use_fixture();
	nmi = stack_on(1, X86_STACK(NMI));
	stand_on(nmi, 0x800);
	ck_assert_int_eq(facts(syn_ist_top(m, 1, "DB") - syn_ist_size(m) - 0x20)->move,
			 _i ? STK_MOVE_NOWHERE : STK_MOVE_CROSS);
	ck_assert_int_eq(facts(memory)->move, STK_MOVE_NOWHERE);
	ck_assert_ptr_null(step.stack.kind);
	/* Just below the task's stack: it overflowed, if nothing is there. */
	ck_assert_int_eq(facts(syn_stack(m, sh) - 0x20)->move,
			 _i ? STK_MOVE_NOWHERE : STK_MOVE_CROSS);
	/* Until SYSCALL's entry code has changed it, rsp is the user's. */
	ck_assert_int_eq(facts(0x7ffc00001000)->move, STK_MOVE_NOWHERE);
	x86_set(&step.step.regs, X86_IP, syn_sym(m, "entry_SYSCALL_64") + 4);
	ck_assert_int_eq(facts(0x7ffc00001000)->move, STK_MOVE_CROSS);
	/* A stack that the kernel did not make. */
	ck_assert_int_eq(facts(syn_ist_top(m, 1, "VC") - 0x100)->move, STK_MOVE_NOWHERE);
}
END_TEST

START_TEST(fact_owner)
{
	uint64_t other = syn_task(m, "other", 300, 0), unlisted = SYN_VMALLOC + 0x400000;
	struct stk_stack nmi, irq, task, others;
	struct stk_start *start = &root.chain.start;

	use_fixture();
	nmi = stack_on(1, X86_STACK(NMI));
	irq = stack_on(1, X86_STACK(IRQ));
	task = stack_of(sh);
	others = stack_of(other);
	stand_on(nmi, 0x800);
	ck_assert_int_eq(facts(irq.end - 0x100)->owner, STK_OWNER_SELF);
	ck_assert_int_eq(facts(syn_irq_top(0) - 0x100)->owner, STK_OWNER_OTHER);
	ck_assert_int_eq(facts(task.end - 0x200)->owner, STK_OWNER_SELF);
	ck_assert_int_eq(facts(others.end - 0x200)->owner, STK_OWNER_OTHER);
	ck_assert_int_eq(facts(SYN_DIRECT)->owner, STK_OWNER_UNKNOWN);
	/* While it switches, the other task's stack is the CPU's, too. */
	ck_assert_int_eq(stk_task_read(s, other, &start->other), STK_OK);
	start->switching = true;
	ck_assert_int_eq(facts(others.end - 0x200)->owner, STK_OWNER_SELF);
	/* Be it in a list or not. */
	start->other.addr += 64;
	start->other.stack = unlisted;
	ck_assert_int_eq(facts(unlisted + 0x2000)->owner, STK_OWNER_SELF);
	ck_assert_int_eq(facts(unlisted)->owner, STK_OWNER_SELF);
	ck_assert_int_eq(facts(unlisted - 8)->owner, STK_OWNER_UNKNOWN);
	ck_assert_int_eq(facts(unlisted + SYN_THREAD_SIZE - 8)->owner, STK_OWNER_SELF);
	ck_assert_int_eq(facts(unlisted + SYN_THREAD_SIZE)->owner, STK_OWNER_UNKNOWN);
	/* Without a task there is only the stack that the chain was on. */
	start->has_task = start->switching = false;
	ck_assert_int_eq(facts(others.end - 0x200)->owner, STK_OWNER_UNKNOWN);
	walk.adopted = others.begin;
	ck_assert_int_eq(facts(others.end - 0x200)->owner, STK_OWNER_UNKNOWN);
	walk.adopted = task.begin;
	ck_assert_int_eq(facts(others.end - 0x200)->owner, STK_OWNER_OTHER);
}
END_TEST

/* A chain of no task is on the stack of the first that it comes to. */
START_TEST(adopts_a_stack)
{
	struct stk_stack task, irq;

	use_fixture();
	task = stack_of(sh);
	irq = stack_on(1, X86_STACK(IRQ));
	for (int i = 0; i < 3; i++) {
		struct stk_start *start = &root.chain.start;

		stand_on(i == 1 ? irq : task, 0x200);
		start->has_task = false;
		x86_set(&start->regs, X86_IP, syn_sym(m, "task_spin") + 0x40);
		x86_set(&start->regs, X86_SP, walk.cur.at);
		x86_set(&start->regs, X86_CS, 0x10);
		root.chain.nr_segments = 0;
		walk.seg = NULL;
		walk.adopted = i == 2 ? irq.begin : 0;
		ck_assert_int_eq(stk_first_frame(&walk), STK_OK);
		ck_assert_uint_eq(root.chain.nr_segments, 1);
		ck_assert_ptr_eq(root.chain.segments, walk.seg);
		ck_assert_uint_eq(walk.seg->stack.begin, (i == 1 ? irq : task).begin);
		ck_assert_uint_eq(walk.adopted, !i ? task.begin : i == 1 ? 0 : irq.begin);
		stk_arena_free(&root.arena);
	}
}
END_TEST

/* No interrupt comes over the entry code: whose stack that would be is told. */
START_TEST(link_to_the_entry_stack)
{
	uint64_t link, entry;

	interrupted();
	s = syn_open(m);
	entry = stack_on(1, X86_STACK(ENTRY)).end - 0x200;
	link = syn_get64(m, syn_irq_top(1) - 8);
	for (uint64_t off = 0; off < 0x100; off += 8)
		syn_put64(m, entry + off, syn_get64(m, link + off));
	syn_put64(m, syn_irq_top(1) - 8, entry);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_NO_WAY);
	ck_assert_ptr_nonnull(strstr(chain->end_text, ", on the "));
	ck_assert_ptr_nonnull(strstr(chain->end_text, " stack of CPU 1)"));
}
END_TEST

/* What called is asked of a return address alone. */
START_TEST(fact_call)
{
	static const struct {
		bool slot, in_register, signal, text, asked;
	} row[] = {
		{ false, false, false, true, false },
		{ true, false, false, true, true },
		{ false, true, false, true, true },
		{ true, false, true, true, false },
		{ false, true, true, true, false },
		{ true, false, false, false, false },
	};
	struct stk_stack task;

	use_fixture();
	task = stack_of(sh);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		stand_on(task, 0x800);
		step.step.slot = row[i].slot ? task.end - 0x708 : 0;
		step.step.in_register = row[i].in_register;
		step.step.signal = row[i].signal;
		if (!row[i].text)
			x86_set(&step.step.regs, X86_IP, SYN_DATA + 0x40);
		ck_assert_msg((facts(task.end - 0x700)->call != STK_CALL_UNASKED) ==
				      row[i].asked,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(fact_shared_stack)
{
	struct stk_stack irq;

	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0), syn_irq_top(1) - 8);
	use_fixture();
	irq = stack_on(1, X86_STACK(IRQ));
	stand_on(stack_on(1, X86_STACK(NMI)), 0x800);
	ck_assert_int_eq(facts(irq.end - 0x100)->owner, STK_OWNER_SHARED);
}
END_TEST

/* Stacks that touch are not shared; a byte of both is. */
START_TEST(shared_to_the_byte)
{
	struct stk_stack of_0, task;
	struct stk_task t;

	use_fixture();
	of_0 = stack_on(0, X86_STACK(IRQ));
	task = stack_of(sh);
	ck_assert_int_eq(stk_task_read(s, sh, &t), STK_OK);
	for (int i = 0; i < 2; i++) {
		const struct stk_stack *other = i ? &task : &of_0;
		const struct stk_task *of = i ? &t : NULL;
		struct stk_stack mine = { .kind = X86_STACK(IRQ), .cpu = 1 };

		mine.begin = other->begin - 0x1000;
		mine.end = other->begin;
		ck_assert(!stk_is_shared(s, &mine, of));
		mine.end++;
		ck_assert(stk_is_shared(s, &mine, of));
		mine.begin = other->end;
		mine.end = other->end + 0x100;
		ck_assert(!stk_is_shared(s, &mine, of));
		mine.begin--;
		ck_assert(stk_is_shared(s, &mine, of));
		/* Its own is no other's. */
		mine.cpu = i ? 1 : 0;
		ck_assert_int_eq(stk_is_shared(s, &mine, of), i);
	}
}
END_TEST

START_TEST(stacks_of_no_cpu)
{
	const struct stk_stack *all;
	size_t nr = 1;

	use_fixture();
	ck_assert_int_eq(stk_cpu_stacks(s, SYN_NR_CPUS, &all, &nr), STK_ERR_ARG);
	ck_assert_uint_eq(nr, 0);
	ck_assert_str_eq(stk_error_text(s), "there is no CPU 3");
}
END_TEST

START_TEST(fact_link)
{
	struct stk_stack db;
	uint64_t word, sp;

	use_fixture();
	sp = c.sp;
	db = stack_on(1, X86_STACK(DB));
	word = db.end - 16;
	syn_put64(m, word, sp);
	stand_on(db, 0x400);
	step.step.slot = db.end - 0x200;
	ck_assert_int_eq(facts(sp)->link, 1);
	/* A function that switches is in its frame, which has an end. */
	ck_assert_int_eq(facts(sp + 8)->link, 1);
	ck_assert_int_eq(facts(sp - 8)->link, 0);
	syn_put64(m, word, sp - 1024);
	stk_forget_memory(s);
	ck_assert_int_eq(facts(sp)->link, 1);
	ck_assert_int_eq(facts(sp + 8)->link, 0);
	/* Registers say it to the byte. */
	step.step.regs_at = db.end - 0x300;
	ck_assert_int_eq(facts(sp)->link, 0);
	ck_assert_int_eq(facts(sp - 1024)->link, 1);
	/* What the step went by is no second witness. */
	step.step.regs_at = db.end - X86_PT_REGS_SIZE;
	ck_assert_int_eq(facts(sp)->link, -1);
	step.step.regs_at = 0;
	step.step.link_at = word;
	ck_assert_int_eq(facts(sp)->link, -1);
	/* And it should not have gone by another. */
	step.step.link_at = word - 8;
	ck_assert_int_eq(facts(sp - 1024)->link, 0);
	step.step.link_at = db.begin;
	ck_assert_int_eq(facts(sp - 1024)->link, 0);
	/* One that lies on another stack is no word of this one. */
	step.step.link_at = db.begin - 8;
	ck_assert_int_eq(facts(sp - 1024)->link, 1);
	step.step.link_at = db.end;
	ck_assert_int_eq(facts(sp - 1024)->link, 1);
	/* Where the word cannot be read the bounds may be wrong. */
	step.step.link_at = 0;
	syn_fail(m, word, STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	ck_assert_int_eq(facts(sp)->link, 0);
	/* On the same stack there is none. */
	ck_assert_int_eq(facts(db.end - 0x100)->link, -1);
}
END_TEST

START_TEST(fact_user)
{
	uint64_t other = syn_task(m, "other", 300, 0), top, others;
	struct stk_stack irq, task, entry;

	use_fixture();
	irq = stack_on(1, X86_STACK(IRQ));
	entry = stack_on(1, X86_STACK(ENTRY));
	task = stack_of(sh);
	top = task.end - X86_PT_REGS_SIZE;
	others = stack_of(other).end - X86_PT_REGS_SIZE;
	stand_on(task, 0x800);
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	step.step.regs_at = top;
	ck_assert(facts(0x7ffc00001000)->user && step.facts.route);
	/* Up to 5.7 the IRQ stack leads to registers on the task's. */
	stand_on(irq, 0x400);
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	step.step.regs_at = top;
	ck_assert(facts(0x7ffc00001000)->route);
	step.step.regs_at = others;
	ck_assert(!facts(0x7ffc00001000)->route);
	step.step.regs_at = irq.end - 0x200;
	ck_assert(!facts(0x7ffc00001000)->route);
	step.step.regs_at = entry.end - X86_PT_REGS_SIZE;
	ck_assert(!facts(0x7ffc00001000)->route);
	/* From the trampoline nothing leads to the task's stack. */
	stand_on(entry, 0x80);
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	step.step.regs_at = top;
	ck_assert(!facts(0x7ffc00001000)->route);
}
END_TEST

/* An exception's stack keeps no user's registers, but while its entry code runs. */
START_TEST(fact_user_below)
{
	static const struct {
		const char *innermost; /* NULL: there is no frame yet */
		const char *now;
		bool differs;
	} row[] = {
		{ "task_spin", "asm_exc_nmi", true },
		{ "asm_exc_nmi", "task_spin", false },
		{ NULL, "task_spin", true },
		{ NULL, "asm_exc_nmi", false },
	};
	const uint32_t place = 1u << STK_WITNESS_PLACE;
	struct stk_frame f = { .ip = 0 };
	struct stk_stack nmi;

	syn_symbol(m, "__entry_text_start", syn_sym(m, "asm_exc_nmi"));
	syn_symbol(m, "__entry_text_end", syn_sym(m, "asm_exc_nmi") + 0x100);
	use_fixture();
	nmi = stack_on(1, X86_STACK(NMI));
	stand_on(nmi, 0x800);
	if (row[_i].innermost) {
		f.ip = syn_sym(m, row[_i].innermost) + 0x4;
		segment.frames = &f;
		segment.nr_frames = 1;
	}
	x86_set(&walk.cur.regs, X86_IP, syn_sym(m, row[_i].now) + 0x4);
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	ck_assert_int_eq(facts(0x7ffc00001000)->regs.differ, row[_i].differs ? place : 0);
	/* What the method says of it stays. */
	step.step.said.differ = 1u << STK_WITNESS_CFI;
	ck_assert_int_eq(facts(0x7ffc00001000)->regs.differ,
			 1u << STK_WITNESS_CFI | (row[_i].differs ? place : 0));
	ck_assert(step.facts.route);
	ck_assert_int_eq(step.facts.link, -1);
}
END_TEST

/* Registers that begin where the stack ends are on the next one, whosever it is. */
START_TEST(fact_user_behind_the_end)
{
	uint64_t other = syn_task(m, "other", 300, 0);
	struct stk_stack nmi, others;

	use_fixture();
	nmi = stack_on(1, X86_STACK(NMI));
	others = stack_of(other);
	nmi.begin = others.begin - 0x1000;
	nmi.end = others.begin;
	stand_on(nmi, 0x800);
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	step.step.regs_at = nmi.end - 8;
	ck_assert(facts(0x7ffc00001000)->route);
	step.step.regs_at = nmi.end;
	ck_assert(!facts(0x7ffc00001000)->route);
	step.step.regs_at = nmi.begin;
	ck_assert(facts(0x7ffc00001000)->route);
}
END_TEST

START_TEST(fact_place_of_the_users)
{
	struct stk_stack task;
	uint64_t top;

	use_fixture();
	task = stack_of(sh);
	top = task.end - X86_PT_REGS_SIZE;
	stand_on(task, 0x800);
	step.step.slot = task.end - 0x700;
	ck_assert(!facts(top)->above_user_regs && !step.facts.in_user_regs);
	ck_assert(facts(top + 8)->above_user_regs);
	ck_assert(step.facts.returns);
	step.step.regs_at = top;
	ck_assert(facts(top)->in_user_regs);
	step.step.regs_at = top - 0x200;
	ck_assert(!facts(top)->in_user_regs);
	/* An interrupt of entry code may lie there; and nothing returned to it. */
	step.step.signal = true;
	ck_assert(!facts(top + 8)->above_user_regs);
	ck_assert(!step.facts.returns);
}
END_TEST

/* Code that was freed: nobody is left in it but the boot CPU's idle task. */
START_TEST(fact_freed_code)
{
	struct stk_stack task;

	syn_symbol(m, "system_state", SYN_DATA + 0x900);
	syn_put32(m, SYN_DATA + 0x900, 3);
	use_fixture();
	task = stack_of(sh);
	stand_on(task, 0x800);
	step.step.slot = task.end - 0x700;
	x86_set(&step.step.regs, X86_IP, SYN_INIT + 0x20);
	ck_assert_int_eq(facts(task.end - 0x6f8)->call, STK_CALL_ELSEWHERE);
	/* Of all idle tasks that of the boot CPU. */
	root.chain.start.task.pid = 0;
	ck_assert_int_eq(facts(task.end - 0x6f8)->call, STK_CALL_ELSEWHERE);
	root.chain.start.task.addr = syn_sym(m, "init_task");
	ck_assert_int_eq(facts(task.end - 0x6f8)->call, STK_CALL_FREED);
	root.chain.start.task.pid = 227;
	root.chain.start.has_task = false;
	ck_assert_int_eq(facts(task.end - 0x6f8)->call, STK_CALL_FREED);
}
END_TEST

/* What the CPU itself says of a stack that is left. */
START_TEST(fact_crossing)
{
	static const struct {
		unsigned int cpu;
		bool in_use;
	} row[] = { { 0, false }, { 0, true }, { 1, false }, { 1, true } };
	const bool in_use = row[_i].in_use;
	const unsigned int cpu = row[_i].cpu;
	struct stk_crossing x = { 0 };
	struct stk_stack task;

	syn_symbol(m, "__preempt_count", 0x1f100);
	/* The other CPU's say the contrary. */
	syn_put32(m, syn_percpu(m, "__preempt_count", cpu), in_use ? 0x10000 : 0);
	syn_put32(m, syn_percpu(m, "__preempt_count", 1 - cpu), in_use ? 0 : 0x10000);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", cpu), in_use);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1 - cpu), !in_use);
	use_fixture();
	task = stack_of(sh);
	stand_on(stack_on(cpu, X86_STACK(IRQ)), 0x400);
	facts(task.end - 0x400);
	stk_weigh_crossing(&walk, &step, &x);
	ck_assert_int_eq(x.evidence.agree >> STK_WITNESS_COUNT & 1, in_use);
	ck_assert_int_eq(x.evidence.agree >> STK_WITNESS_IN_USE & 1, in_use);
	ck_assert_int_eq(x.evidence.differ >> STK_WITNESS_COUNT & 1, 0);
	ck_assert_int_eq(x.evidence.differ >> STK_WITNESS_IN_USE & 1, !in_use);
	/* The word at the top says something else, and that is told first. */
	ck_assert_ptr_nonnull(strstr(x.note, "the word at "));
	step.facts.link = -1;
	x.note = NULL;
	stk_weigh_crossing(&walk, &step, &x);
	ck_assert_int_eq(x.note != NULL, !in_use);
	stk_arena_free(&root.arena);
	/* Of an exception's stack nothing says so. */
	stand_on(stack_on(cpu, X86_STACK(DB)), 0x400);
	facts(task.end - 0x400);
	x = (struct stk_crossing){ 0 };
	stk_weigh_crossing(&walk, &step, &x);
	ck_assert_int_eq((x.evidence.agree | x.evidence.differ) >> STK_WITNESS_IN_USE & 1,
			 0);
	stk_arena_free(&root.arena);
}
END_TEST

/* A return address that the rule goes past is in the note of the frame that is left. */
START_TEST(passed_over)
{
	static const char *const note[] = { "called by asm_exc_page_fault+32",
					    "called by unknown code+0",
					    "called by far+16" };
	const uint64_t far = SYN_TEXT + 0x8000,
		       row[] = { syn_sym(m, "asm_exc_page_fault") + 32, 0x1234,
				 far + 16 },
		       ret = row[_i];
	struct stk_frame two[2] = { { .note = "x" }, { .note = NULL } };
	struct stk_stack task;

	/* A function that ends with the call. */
	syn_symbol(m, "far", far);
	syn_symbol(m, "farther", far + 16);
	use_fixture();
	task = stack_of(sh);
	stand_on(task, 0x800);
	segment.frames = two;
	segment.nr_frames = 2;
	root.chain.nr_frames = 2;
	walk.frames_room = 0;
	step.step.passed = ret;
	step.step.regs_at = task.end - 0x700;
	step.step.signal = true;
	facts(task.end - 0x600);
	ck_assert_int_eq(stk_apply(&walk, &step), STK_OK);
	ck_assert_str_eq(segment.frames[0].note, "x");
	ck_assert_str_eq(segment.frames[1].note, note[_i]);
	ck_assert_uint_eq(segment.nr_frames, 3);
	/* It is what was entered. */
	ck_assert_uint_eq(segment.frames[2].entered, ret);
	ck_assert_uint_eq(segment.frames[2].regs_at, task.end - 0x700);
	stk_arena_free(&root.arena);
}
END_TEST

/* Why a walk ends: first that somebody wants it to, then that nothing is left for it. */
START_TEST(why_it_ends)
{
	static const struct {
		bool interrupt, dry;
		enum stk_end end;
	} row[] = {
		{ false, false, STK_END_USER },
		{ false, true, STK_END_LIMIT },
		{ true, false, STK_END_INTERRUPTED },
		{ true, true, STK_END_INTERRUPTED },
	};

	use_fixture();
	stand_on(stack_of(sh), 0x800);
	m->interrupt = row[_i].interrupt;
	s->budget.dry = row[_i].dry;
	ck_assert_int_eq(stk_finish(&walk, STK_END_USER, "user mode %d", 3), STK_OK);
	m->interrupt = s->budget.dry = false;
	ck_assert(walk.stop);
	ck_assert_int_eq(root.chain.end, row[_i].end);
	ck_assert_str_eq(root.chain.end_text,
			 row[_i].interrupt ? stk_end_text(STK_END_INTERRUPTED)
			 : row[_i].dry	   ? stk_status_text(STK_ERR_LIMIT)
					   : "user mode 3");
	stk_arena_free(&root.arena);
}
END_TEST

/* What was in doubt stays so on the next stack, unless this one's own word leads there.
 */
START_TEST(doubt_over_a_crossing)
{
	static const struct {
		const struct stk_kind *from;
		int link;
		bool firm;
	} row[] = {
		{ X86_STACK(IRQ), 1, true },
		/* The rule itself went by that word. */
		{ X86_STACK(IRQ), -1, true },
		{ X86_STACK(IRQ), 0, false },
		/* It has no such word that can be read. */
		{ X86_STACK(IRQ), -1, false },
	};
	struct stk_frame one = { .reliable = true };
	struct stk_stack task;

	use_fixture();
	task = stack_of(sh);
	for (enum stk_until until = STK_UNTIL_NOTHING; until <= STK_UNTIL_CROSSING;
	     until++) {
		stand_on(stack_on(1, row[_i].from), 0x400);
		segment.frames = &one;
		segment.nr_frames = root.chain.nr_frames = root.chain.nr_segments = 1;
		walk.frames_room = 0;
		walk.until = until;
		facts(task.end - 0x400);
		ck_assert_int_eq(step.facts.move, STK_MOVE_CROSS);
		step.facts.link = row[_i].link;
		if (_i == 3)
			syn_fail(m, walk.cur.stack.end - 8, STK_ERR_EXCLUDED);
		stk_forget_memory(m->s);
		ck_assert_int_eq(stk_apply(&walk, &step), STK_OK);
		ck_assert_uint_eq(root.chain.nr_segments, 2);
		ck_assert_uint_eq(walk.cur.stack.begin, task.begin);
		ck_assert_int_eq(walk.until, row[_i].firm ? STK_UNTIL_NOTHING : until);
		ck_assert_int_eq(walk.seg->frames[0].doubt,
				 walk.until == STK_UNTIL_NOTHING ? STK_DOUBT_NONE
								 : STK_DOUBT_BEYOND);
		stk_arena_free(&root.arena);
	}
}
END_TEST

/* Where the chain comes to the registers that were saved it is as if it began there. */
START_TEST(at_the_joint)
{
	static const struct {
		enum stk_doubt of_step, of_frame;
	} row[] = {
		{ STK_DOUBT_NONE, STK_DOUBT_NONE },
		{ STK_DOUBT_METHOD, STK_DOUBT_NONE },
		{ STK_DOUBT_PLACE, STK_DOUBT_PLACE },
		{ STK_DOUBT_REGS, STK_DOUBT_REGS },
		{ STK_DOUBT_OWNER, STK_DOUBT_OWNER },
	};
	struct stk_frame one = { .reliable = true }, *f;
	struct stk_start *start = &root.chain.start;
	struct stk_stack task;

	use_fixture();
	task = stack_of(sh);
	stand_on(task, 0x800);
	segment.frames = &one;
	segment.nr_frames = 1;
	x86_set(&start->regs, X86_IP, syn_sym(m, "vfs_write") + 0x40);
	x86_set(&start->regs, X86_SP, task.end - 0x600);
	x86_set(&start->regs, X86_CS, 0x10);
	start->signal = true;
	root.chain.cpu = 1;
	walk.joint_at = step.step.regs_at = task.end - 0x700;
	walk.nested = true;
	walk.until = STK_UNTIL_CROSSING;
	step.verdict.doubt = row[_i].of_step;
	step.verdict.evidence.agree = 1u << STK_WITNESS_PLACE;
	step.facts.move = STK_MOVE_UP;
	ck_assert_int_eq(stk_apply(&walk, &step), STK_OK);
	ck_assert(!walk.stop && !walk.nested);
	ck_assert_uint_eq(walk.joint_at, 0);
	ck_assert_int_eq(walk.until, STK_UNTIL_NOTHING);
	ck_assert_uint_eq(root.chain.joint.regs_at, task.end - 0x700);
	ck_assert_uint_eq(root.chain.joint.segment, 0);
	ck_assert_uint_eq(root.chain.joint.frame, 1);
	ck_assert_uint_eq(segment.nr_frames, 2);
	f = &segment.frames[1];
	ck_assert_uint_eq(f->ip, syn_sym(m, "vfs_write") + 0x40);
	ck_assert_uint_eq(f->at, task.end - 0x600);
	ck_assert(f->interrupted);
	ck_assert_ptr_eq(f->regs, &start->regs);
	ck_assert_uint_eq(f->regs_at, task.end - 0x700);
	/* Past the byte where what came before was called. */
	ck_assert_uint_eq(f->entered, syn_sym(m, "task_spin") + 0x40);
	ck_assert_int_eq(f->doubt, row[_i].of_frame);
	ck_assert_int_eq(f->reliable, !row[_i].of_frame);
	ck_assert_uint_eq(f->evidence.agree,
			  1u << STK_WITNESS_PLACE | 1u << STK_WITNESS_COPY);
	ck_assert(segment.frames[0].reliable);
	stk_arena_free(&root.arena);
}
END_TEST

/* Why the registers of user mode are in doubt, in whose words. */
START_TEST(doubt_of_the_user)
{
	static const char said[] = "the method says so";
	static const char thread[] = "a kernel thread has no user mode";
	const struct {
		enum stk_doubt doubt;
		const char *note;
		uint32_t flags;
		const char *why;
	} row[] = {
		{ STK_DOUBT_NONE, NULL, 0, NULL },
		{ STK_DOUBT_NONE, said, 0, NULL },
		{ STK_DOUBT_METHOD, said, 0, said },
		{ STK_DOUBT_METHOD, NULL, 0, stk_doubt_text(STK_DOUBT_METHOD) },
		{ STK_DOUBT_PLACE, said, 0, stk_doubt_text(STK_DOUBT_PLACE) },
		{ STK_DOUBT_REGS, NULL, 0, stk_doubt_text(STK_DOUBT_REGS) },
		{ STK_DOUBT_NONE, said, 0x00200000, thread },
		{ STK_DOUBT_PLACE, said, 0x00200000, thread },
		{ STK_DOUBT_NONE, said, 0x00400040, NULL },
	};
	struct stk_frame one = { .reliable = true };
	struct stk_stack task;

	use_fixture();
	task = stack_of(sh);
	stand_on(task, 0x800);
	segment.frames = &one;
	segment.nr_frames = 1;
	walk.cur.signal = true;
	root.chain.start.task.flags = row[_i].flags;
	x86_set(&step.step.regs, X86_IP, SYN_USER_IP);
	x86_set(&step.step.regs, X86_CS, 0x33);
	step.step.regs_at = task.end - X86_PT_REGS_SIZE;
	facts(0x7ffc00001000);
	step.verdict.evidence.agree = 1u << STK_WITNESS_REGS;
	step.verdict.doubt = row[_i].doubt;
	step.step.note = row[_i].note;
	ck_assert_int_eq(stk_apply(&walk, &step), STK_OK);
	ck_assert(walk.stop);
	ck_assert_int_eq(root.chain.end, STK_END_USER);
	ck_assert_pstr_eq(root.chain.user_doubt, row[_i].why);
	ck_assert_uint_eq(root.chain.user_at, task.end - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(root.chain.user_evidence.agree, 1u << STK_WITNESS_REGS);
	ck_assert_uint_eq(root.chain.joint.regs_at, 0);
	ck_assert(one.reliable);
	stk_arena_free(&root.arena);
}
END_TEST

/* ---- how far a doubt goes ---- */

static void expect_doubt(size_t seg, size_t i, enum stk_doubt doubt)
{
	struct stk_frame *f = frame(seg, i);

	ck_assert_msg(f->doubt == doubt, "%s: %s", f->name.function,
		      stk_doubt_name(f->doubt));
	ck_assert_int_eq(f->reliable, doubt == STK_DOUBT_NONE);
}

/* Find a return address above @sp and change it. */
static void change_return(uint64_t sp, uint64_t ret, uint64_t to)
{
	while (syn_get64(m, sp) != ret)
		sp += 8;
	syn_put64(m, sp, to);
}

static struct stk_frame three[3];

static void reliable_frames(void)
{
	memset(three, 0, sizeof(three));
	for (size_t i = 0; i < 3; i++)
		three[i].reliable = true;
	segment.frames = three;
	segment.nr_frames = 3;
}

/* What vouches for a frame by itself, and what does not. */
START_TEST(doubt_goes_to)
{
	static const uint32_t alone = 1u << STK_WITNESS_TARGET | 1u << STK_WITNESS_PLACE |
				      1u << STK_WITNESS_SHADOW;
	const uint32_t bit = 1u << _i;

	use_fixture();
	stand_on(stack_of(sh), 0x800);
	root.chain.start.from = STK_FROM_THREAD_SP;
	reliable_frames();
	three[1].evidence.agree = bit;
	three[2].evidence.agree = ~alone;
	three[1].note = "said before";
	stk_retract(&walk);
	for (size_t i = 1; i < 3; i++) {
		ck_assert(!three[i].reliable);
		ck_assert_int_eq(three[i].doubt, STK_DOUBT_NEXT);
	}
	ck_assert_str_eq(three[1].note, "said before");
	ck_assert_str_eq(three[2].note, stk_doubt_text(STK_DOUBT_NEXT));
	ck_assert_int_eq(three[0].reliable, (alone & bit) != 0);
	/* A frame in doubt keeps its own. */
	reliable_frames();
	three[2].reliable = false;
	three[2].doubt = STK_DOUBT_REGS;
	three[2].evidence.agree = bit;
	stk_retract(&walk);
	ck_assert_int_eq(three[2].doubt, STK_DOUBT_REGS);
	ck_assert_int_eq(three[1].reliable, (alone & bit) != 0);
}
END_TEST

/* The start's registers are judged by themselves, where they lay on no stack. */
START_TEST(doubt_ends_at_the_registers)
{
	static const struct stk_regs first;
	struct stk_segment before = { .nr_frames = 0 };
	struct stk_frame one = { .reliable = true };

	use_fixture();
	stand_on(stack_of(sh), 0x800);
	reliable_frames();
	stk_retract(&walk);
	ck_assert(three[0].reliable && !three[1].reliable && !three[2].reliable);
	root.chain.start.from = STK_FROM_THREAD_SP;
	reliable_frames();
	stk_retract(&walk);
	ck_assert(!three[0].reliable);
	/* On the second stack, the first frame is one like others. */
	root.chain.start.from = STK_FROM_PRSTATUS;
	before.frames = &one;
	before.nr_frames = 1;
	walk.segs[0] = &before;
	walk.segs[1] = &segment;
	root.chain.nr_segments = 2;
	reliable_frames();
	stk_retract(&walk);
	ck_assert(!three[0].reliable);
	ck_assert(one.reliable);
	/* Where the chain begins further down they are in its midst, or not met yet. */
	walk.first = &first;
	reliable_frames();
	one.reliable = true;
	stk_retract(&walk);
	ck_assert(!three[0].reliable && !one.reliable);
	root.chain.joint = (struct stk_joint){ .regs_at = 8, .segment = 1, .frame = 1 };
	reliable_frames();
	one.reliable = true;
	stk_retract(&walk);
	ck_assert(!three[2].reliable && three[1].reliable && three[0].reliable);
	root.chain.joint = (struct stk_joint){ .regs_at = 8, .segment = 0, .frame = 0 };
	reliable_frames();
	stk_retract(&walk);
	ck_assert(!three[0].reliable && one.reliable);
}
END_TEST

/* What speaks against the start, and how far that goes. */
START_TEST(doubt_of_what_begins)
{
	static const struct {
		enum stk_from from;
		bool doubt;
		uint32_t differ;
		enum stk_until until; /* nothing: the frame is not in doubt */
	} row[] = {
		{ STK_FROM_PRSTATUS, false, 1u << STK_WITNESS_COPY, STK_UNTIL_NOTHING },
		{ STK_FROM_PRSTATUS, true, 0, STK_UNTIL_NOTHING },
		{ STK_FROM_PRSTATUS, true, 1u << STK_WITNESS_COPY, STK_UNTIL_CALL },
		{ STK_FROM_PRSTATUS, true, 1u << STK_WITNESS_SWITCH, STK_UNTIL_CALL },
		{ STK_FROM_PRSTATUS, true,
		  ~(1u << STK_WITNESS_COPY | 1u << STK_WITNESS_SWITCH),
		  STK_UNTIL_NOTHING },
		{ STK_FROM_TEXT, true, 0, STK_UNTIL_CALL },
		{ STK_FROM_TEXT, false, 0, STK_UNTIL_NOTHING },
		{ STK_FROM_THREAD_SP, true, 0, STK_UNTIL_NOTHING },
		{ STK_FROM_THREAD_SP, false, ~0u, STK_UNTIL_NOTHING },
		{ STK_FROM_THREAD_SP, true, 1u << STK_WITNESS_SWITCH, STK_UNTIL_CALL },
		{ STK_FROM_THREAD_SP, true, 1u << STK_WITNESS_COPY, STK_UNTIL_CROSSING },
		{ STK_FROM_THREAD_SP, true, 1u << STK_WITNESS_PID, STK_UNTIL_CROSSING },
		{ STK_FROM_THREAD_SP, true, 1u << STK_WITNESS_OWNER, STK_UNTIL_CROSSING },
		{ STK_FROM_THREAD_SP, true,
		  1u << STK_WITNESS_PID | 1u << STK_WITNESS_SWITCH, STK_UNTIL_CROSSING },
	};
	struct stk_start *start = &root.chain.start;
	const struct stk_frame *f;

	use_fixture();
	stand_on(stack_of(sh), 0x800);
	root.chain.nr_segments = 0;
	walk.seg = NULL;
	x86_set(&walk.cur.regs, X86_SP, walk.cur.at);
	start->from = row[_i].from;
	start->regs = walk.cur.regs;
	start->task.sp = walk.cur.at;
	start->doubt = row[_i].doubt ? "why" : NULL;
	start->evidence.differ = row[_i].differ;
	ck_assert_int_eq(stk_first_frame(&walk), STK_OK);
	ck_assert(!walk.stop);
	f = root.chain.segments->frames;
	ck_assert_int_eq(walk.until, row[_i].until);
	ck_assert_int_eq(f->reliable, !row[_i].until);
	ck_assert_int_eq(f->doubt, row[_i].until ? STK_DOUBT_START : STK_DOUBT_NONE);
	/* A sleeper's registers lie on its stack: the frame has none. */
	ck_assert_int_eq(f->regs == NULL, row[_i].from == STK_FROM_THREAD_SP);
	ck_assert_int_eq(f->how, STK_HOW_REGS);
	stk_arena_free(&root.arena);
}
END_TEST

/* Down to what stands by itself, and no further. */
START_TEST(doubt_goes_down)
{
	uint64_t ret = syn_sym(m, "do_syscall_64") + 0x58;

	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
	syn_call_by_pointer(m, "vfs_write", 0x9b);
	syn_call_by_pointer(m, "ksys_write", 0x6f);
	change_return(syn_stack(m, sh) + 0x2000, ret, ret - 1);
	unwind_cpu(1);
	expect_doubt(1, 4, STK_DOUBT_NO_CALL);
	expect_doubt(1, 3, STK_DOUBT_NEXT);
	expect_doubt(1, 2, STK_DOUBT_NEXT);
	/* The registers lie where they should. */
	expect_doubt(1, 1, STK_DOUBT_NEXT);
	expect_doubt(1, 0, STK_DOUBT_NONE);
}
END_TEST

START_TEST(doubt_of_a_start)
{
	uint64_t ret, sp;

	syn_syscall(&c);
	if (_i) {
		syn_sleep(&c);
		ret = syn_sym(m, "schedule") + 0x48;
		sp = c.sp;
	} else {
		syn_crash_note(&c);
		ret = syn_sym(m, "vfs_write") + 0x9b;
		sp = c.sp;
	}
	change_return(sp, ret, ret - 1);
	if (_i)
		unwind_task(sh);
	else
		unwind_cpu(1);
	expect_doubt(0, 1, STK_DOUBT_NO_CALL);
	/* A CPU's registers lay on no stack; a sleeper's do. */
	expect_doubt(0, 0, _i ? STK_DOUBT_NEXT : STK_DOUBT_NONE);
}
END_TEST

START_TEST(doubt_lasts_until_a_call)
{
	uint64_t at = regs_on_task();

	syn_call_by_pointer(m, "vfs_write", 0x9b);
	syn_put64(m, at + 8 * X86_FLAGS, 0x244);
	unwind_cpu(1);
	expect_doubt(1, 1, STK_DOUBT_REGS);
	expect_doubt(1, 2, STK_DOUBT_BEYOND);
	expect_doubt(1, 3, STK_DOUBT_NONE);
}
END_TEST

/* The rule leads nowhere and another method finds a call: to the end of the stack. */
START_TEST(doubt_lasts_until_a_crossing)
{
	syn_syscall(&c);
	c.bp = c.sp - 0x200;
	syn_put64(m, c.bp + 8, syn_sym(m, "do_syscall_64") + 0x58);
	syn_crash_note(&c);
	unwind_cpu(1);
	expect_doubt(0, 2, STK_DOUBT_METHOD);
	expect_doubt(0, 3, STK_DOUBT_BEYOND);
	ck_assert(!frame(0, 4)->reliable);
}
END_TEST

/* What a stack's top says holds whatever lies below. */
START_TEST(doubt_ends_at_a_top)
{
	syn_syscall(&c);
	syn_nmi(&c);
	syn_call_by_pointer(m, "vfs_write", 0x9b);
	syn_put64(m, c.sp + 8, 0xffff888012345678ull);
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(frame(1, 0)->how, STK_HOW_LINK);
	expect_doubt(1, 0, STK_DOUBT_METHOD);
	expect_doubt(1, 1, STK_DOUBT_NONE);
}
END_TEST

/* Nothing but a switch saves the registers of a task that sleeps. */
START_TEST(doubt_of_a_sleeper)
{
	syn_syscall(&c);
	syn_sleep(&c);
	syn_call_insn(m, "__schedule", 0x9a, "schedule");
	unwind_task(sh);
	expect(STK_DOUBTFUL, "no task switch ends where");
	expect_doubt(0, 0, STK_DOUBT_START);
	expect_doubt(0, 1, STK_DOUBT_NONE);
	/* Nor is there one where the code is not there that would tell. */
	syn_call_insn(m, "__schedule", 0x9a, "__switch_to_asm");
	syn_fill(m, syn_sym(m, "__switch_to_asm"), 32, 0);
	syn_fail(m, syn_sym(m, "__schedule") + 0x92, STK_ERR_EXCLUDED);
	unwind_task(sh);
	expect(STK_DOUBTFUL, "the code that should switch tasks");
	expect_doubt(0, 0, STK_DOUBT_START);
}
END_TEST

/* A note of the file as syn_crash_note_regs() makes them. */
static struct syn_note *note_of(enum stk_note_kind kind, uint64_t ip, uint64_t cs,
				uint64_t sp, uint64_t bp)
{
	struct syn_note *note = syn_note(m, kind, 100);

	for (unsigned int r = 0; r < X86_NR_REGS; r++)
		note->gpr[r] = 0x5500 + r;
	note->gpr[X86_IP] = ip;
	note->gpr[X86_CS] = cs;
	note->gpr[X86_SP] = sp;
	note->gpr[X86_BP] = bp;
	note->gpr[X86_FLAGS] = 0x246;
	note->gpr[X86_SS] = cs == 0x33 ? 0x2b : 0x18;
	return note;
}

/*
 * What the kernel saved in memory is in the file, too; but if none of it is (@_i 3), then
 * somebody else wrote the file's notes.
 */
START_TEST(doubt_of_a_note)
{
	struct syn_note *note;

	syn_syscall(&c);
	syn_crash_note(&c);
	syn_call_by_pointer(m, "vfs_write", 0x9b);
	note = note_of(_i == 2 ? STK_NOTE_QEMU : STK_NOTE_PRSTATUS, c.ip, 0x10, c.sp,
		       c.bp);
	if (_i)
		note->gpr[X86_R12] ^= 1;
	if (_i < 2) {
		syn_crash_note_regs(m, 0, 0, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
		note_of(STK_NOTE_PRSTATUS, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	}
	unwind_cpu(1);
	if (_i != 1) {
		expect(STK_CERTAIN, NULL);
		ck_assert_int_eq(chain->start.evidence.agree >> STK_WITNESS_COPY & 1,
				 !_i);
		return;
	}
	expect(STK_DOUBTFUL, "notes have no such registers");
	expect_doubt(0, 0, STK_DOUBT_START);
	expect_doubt(0, 1, STK_DOUBT_BEYOND);
	expect_doubt(0, 2, STK_DOUBT_NONE);
}
END_TEST

/* crash_save_cpu() writes whose registers they are. */
START_TEST(note_of_another_task)
{
	syn_syscall(&c);
	syn_crash_note_regs(m, 1, 228, c.ip, 0x10, c.sp, c.bp);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, "the saved registers are those of PID 228");
	expect_doubt(0, 0, STK_DOUBT_START);
}
END_TEST

/* ---- reading on ---- */

/* Words that follow calls and lead nowhere: so many are tried. */
START_TEST(reading_on_has_an_end)
{
	uint64_t ret = syn_call_insn(m, "last_function", 0x30, "schedule");

	syn_syscall(&c);
	for (int i = 0; i < 63 + _i; i++) {
		syn_push(&c, 0);
		syn_push(&c, 0);
		syn_push(&c, ret);
	}
	syn_push(&c, 0);
	syn_put8(m, syn_sym(m, "vfs_write") + 0x96, 0x90); /* no call to task_spin() */
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, _i ? STK_END_NOT_TEXT : STK_END_USER);
}
END_TEST

/* Words that the frame has left behind are no rest of it; words lie at multiples of 8. */
START_TEST(reading_on_goes_up)
{
	static const struct {
		int sp, slot; /* from the frame's place */
		bool found;
	} row[] = {
		{ 0, -8, false }, { 0, 0, true }, { 0, 8, true },
		{ 4, 0, false },  { 4, 8, true }, { -1, 0, true },
	};
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE, far = SYN_TEXT + 0x8000;
	uint64_t slot;

	syn_syscall(&c);
	slot = c.sp + (uint64_t)row[_i].slot;
	c.sp += (uint64_t)row[_i].sp;
	syn_fill(m, slot - 0x40, end - 176 - (slot - 0x40), 0);
	/* To the frame of entry_SYSCALL_64(), whose word is all that is left. */
	syn_symbol(m, "far", far);
	syn_call_by_pointer(m, "far", 0x10);
	syn_orc(m, far, ORC_CALL, ORC_SP, (int)(end - 168 - (slot + 8)), ORC_UNDEFINED,
		0);
	syn_put64(m, end - 176, 0);
	syn_put64(m, end - 176, syn_sym(m, "entry_SYSCALL_64") + 0x63);
	syn_put64(m, slot, far + 0x10);
	/* Behind the call, which never returns, the function ends. */
	syn_orc(m, far + 0x10, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	/* No rule for what runs. */
	for (unsigned int off = 0; off <= 4; off += 4)
		syn_orc(m, syn_sym(m, "task_spin") + off, ORC_HOLE, ORC_UNDEFINED, 0,
			ORC_UNDEFINED, 0);
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_int_eq(strstr(syn_chain_text(chain), " far+") != NULL, row[_i].found);
}
END_TEST

/*
 * A word that leads back to a stack where the chain was before is no rest: the frame of
 * a #DF says that it interrupted code on the NMI stack, which the chain comes from.
 */
START_TEST(reading_on_goes_not_back)
{
	struct syn_cpu k;
	uint64_t sp;

	syn_syscall(&c);
	sp = syn_ist_top(m, 1, _i ? "NMI" : "DB") - 0x800;
	syn_put64(m, sp, syn_sym(m, "vfs_write") + 0x9b);
	k = c;
	k.sp = syn_ist_top(m, 1, "DF");
	k.function = "asm_exc_double_fault";
	syn_pt_regs(&k, c.ip, 0x10, sp, c.bp);
	syn_call(&k, 0x30, "exc_double_fault");
	syn_call(&k, 0x20, "last_function");
	for (unsigned int off = 0; off <= 4; off += 4)
		syn_orc(m, syn_sym(m, "last_function") + off, ORC_HOLE, ORC_UNDEFINED, 0,
			ORC_UNDEFINED, 0);
	syn_put8(m, syn_sym(m, "exc_double_fault") + 0x20 - 5, 0x90);
	syn_nmi(&k);
	syn_crash_note(&k);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, _i ? STK_END_RECURSION : STK_END_USER);
	ck_assert_uint_eq(chain->segments->next->nr_frames, 1);
	ck_assert_int_eq(chain->segments->next->next == NULL, _i);
	if (_i) {
		struct stk_chain *rest;
		uint64_t at;

		/* Nor is it offered; what the task's own stack has is. */
		ck_assert_int_eq(stk_resync(s, chain, &at, &rest), STK_OK);
		ck_assert_uint_eq(rest->segments->stack.begin, syn_stack(m, sh));
		stk_chain_free(s, rest);
	}
}
END_TEST

/* Of all complaints the first one is told: that of the method that knows most. */
START_TEST(first_complaint)
{
	uint64_t other = syn_task(m, "other", 300, 0);

	syn_syscall(&c);
	syn_nmi(&c);
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 112, syn_stack(m, other) + 0x3000);
	syn_put64(m, c.sp + 8, 0xffff888012345678ull);
	syn_crash_note(&c);
	unwind_cpu(1);
	expect(STK_BROKEN, "0xffff888012345678");
	ck_assert_int_eq(chain->end, STK_END_NOT_TEXT);
}
END_TEST

/* Who says where a chain is to begin may choose any memory. */
START_TEST(given_off_all_stacks)
{
	uint64_t memory = SYN_DIRECT + syn_alloc(m, 1) + 0x800;
	struct stk_start start;

	s = syn_open(m);
	ck_assert_int_eq(
		stk_start_stack(s, memory, syn_sym(m, "task_spin") + 0x40, 0, &start),
		STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_ne(chain->end, STK_END_BAD_START);
}
END_TEST

/* Or a stack of another task's: whoever is not said to have begun there does not. */
START_TEST(given_with_another_tasks_stack)
{
	struct syn_cpu o = syn_cpu(m, 0, syn_task(m, "another", 301, 0));
	struct stk_start start;

	syn_syscall(&c);
	syn_irq(&c);
	syn_syscall(&o);
	syn_put64(m, syn_irq_top(1) - 8, o.sp);
	s = syn_open(m);
	start = syn_start(&c);
	start.given = _i;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert(_i ? chain->end != STK_END_NOT_OWN : chain->end == STK_END_NOT_OWN);
}
END_TEST

/* ---- where chains begin and end ---- */

static uint64_t user_fault(uint64_t sp, uint64_t orig_ax)
{
	uint64_t regs;

	c.sp = sp;
	regs = syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	syn_put64(m, regs + 8 * X86_ORIG_AX, orig_ax);
	c.function = "asm_exc_page_fault";
	c.bp = 0;
	syn_call(&c, 0x26, "exc_page_fault");
	return regs;
}

START_TEST(orig_rax)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE, regs;

	switch (_i) {
	case 0:
		user_fault(top, ~0ull);
		break;
	case 1:
		user_fault(top, 6);
		break;
	case 2: /* entry code has not put -1 there yet */
		regs = user_fault(top, 6);
		c.sp = regs;
		c.ip = syn_sym(m, "asm_exc_page_fault") + 0x14;
		break;
	case 3: /* nor does it on the trampoline */
		user_fault(syn_cea(m, 1) + 0x2000, 6);
		break;
	}
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_USER);
	expect(_i == 1 ? STK_DOUBTFUL : STK_CERTAIN, _i == 1 ? "orig_rax" : NULL);
}
END_TEST

START_TEST(user_of_a_kernel_thread)
{
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_put32(m, sh + syn_off(m, "task_struct.flags"), _i ? 0x00200000 : 0);
	unwind_cpu(1);
	expect(_i ? STK_DOUBTFUL : STK_CERTAIN, _i ? "what follows does not fit" : NULL);
	ck_assert_int_eq(chain->user_doubt != NULL, _i);
	ck_assert_int_eq(chain->segments->frames[chain->segments->nr_frames - 1].reliable,
			 !_i);
}
END_TEST

START_TEST(user_with_interrupts_off)
{
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_put64(m, syn_stack(m, sh) + SYN_THREAD_SIZE - 24, 0x46);
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_str_eq(chain->user_doubt, stk_doubt_text(STK_DOUBT_REGS));
}
END_TEST

/* An NMI of user mode; one copy of its registers differs. */
START_TEST(user_whose_copies_differ)
{
	static const uint64_t place[] = { 40, 96, 136 };
	const uint64_t frame[] = { SYN_USER_IP, 0x33, 0x246, 0x7ffc00001000, 0x2b };
	uint64_t top = syn_ist_top(m, 1, "NMI");

	syn_syscall(&c);
	syn_nmi(&c);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 5; k++)
			syn_put64(m, top - place[i] + 8 * k, frame[k]);
	if (_i)
		syn_put64(m, top - 40, SYN_USER_IP + 16);
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_USER);
	expect(_i ? STK_DOUBTFUL : STK_CERTAIN, NULL);
	if (_i)
		ck_assert_str_eq(chain->user_doubt, stk_doubt_text(STK_DOUBT_COPY));
}
END_TEST

/* 5.4: the IRQ stack's word leads to the user's registers, and is off by one. */
START_TEST(user_in_no_place)
{
	uint64_t end, regs;

	syn_free(m);
	m = syn_kernel(SYN_5_4);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	end = syn_stack(m, sh) + SYN_THREAD_SIZE;
	if (_i) {
		syn_map(m, end, syn_alloc(m, 1), 4096);
		c.sp += 8;
	}
	regs = syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	c.function = "apic_timer_interrupt";
	c.bp = 0;
	c.sp = syn_irq_top(1);
	syn_push(&c, regs);
	syn_put32(m, syn_percpu(m, "irq_count", 1), 0);
	syn_call(&c, 0x2f, "smp_apic_timer_interrupt");
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_USER);
	expect(_i ? STK_DOUBTFUL : STK_CERTAIN, NULL);
	if (_i)
		ck_assert_str_eq(chain->user_doubt, stk_doubt_text(STK_DOUBT_PLACE));
}
END_TEST

START_TEST(user_mode_in_the_kernel)
{
	syn_syscall(&c);
	syn_crash_note_regs(m, 1, 227, c.ip, 0x33, c.sp, 0);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_BAD_START);
	expect(STK_BROKEN, "not one of user mode");
}
END_TEST

/* A thread begins in ret_from_fork(), the idle task where its CPU was started. */
START_TEST(begins_as_another)
{
	if (_i)
		c = syn_cpu(m, 1, syn_idle(m, 1));
	if (_i)
		syn_kthread(&c);
	else
		syn_idle_loop(&c);
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_int_eq(chain->end, STK_END_NO_RULE);
	expect(STK_BROKEN, "the unwind rule says that the stack begins here");
	expect_doubt(0, chain->segments->nr_frames - 1, STK_DOUBT_NEXT);
}
END_TEST

/* Where nothing says which task it is, either will do. */
START_TEST(begins_without_a_task)
{
	struct stk_start start;

	if (_i)
		syn_kthread(&c);
	else
		syn_idle_loop(&c);
	s = syn_open(m);
	start = syn_start(&c);
	start.has_task = false;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_THREAD_START);
}
END_TEST

/* Which CPU's idle task it is the CPU says; of one that has none the task. */
START_TEST(begins_the_idle_task_of)
{
	static const char *const text[] = { "start of the idle task of CPU 0",
					    "start of the idle task of CPU 1" };
	const unsigned int cpu = (unsigned int)_i, other = 1 - cpu;
	const uint64_t idle = syn_idle(m, cpu);
	struct stk_start start;

	c = syn_cpu(m, cpu, idle);
	syn_idle_loop(&c);
	syn_put32(m, idle + syn_off(m, "thread_info.cpu"), other);
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(start.cpu, (int)cpu);
	ck_assert_int_eq(start.task.cpu, (int)other);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(chain->end_text, text[cpu]);
	stk_chain_free(s, chain);
	start.cpu = -1;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(chain->end_text, text[other]);
}
END_TEST

/* Where nothing was pushed yet the stack is empty: rsp is its end, and not behind it. */
START_TEST(begins_at_the_end)
{
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE;
	struct stk_start start;
	bool empty = _i == 0;

	c.ip = syn_sym(m, "task_spin") + 4;
	s = syn_open(m);
	start = syn_start(&c);
	start.has_task = _i != 2;
	x86_set(&start.regs, X86_SP, _i == 1 ? end + 8 : end);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(stk_stack_is_task(&chain->segments->stack), empty);
	if (empty)
		ck_assert_uint_eq(chain->segments->stack.end, end);
	ck_assert_uint_eq(chain->segments->frames[0].at, start.regs.v[X86_SP]);
}
END_TEST

/* A module of which the kernel kept no names is told by its name. */
START_TEST(module_without_names)
{
	const uint64_t last = SYN_MODULE + 0x3fff;
	const char *name;

	syn_module(m, "stackcase", SYN_MODULE, "sc_fn");
	syn_put64(m, SYN_MODULE + 0x2000 + syn_off(m, "module.kallsyms"), 0);
	syn_syscall(&c);
	if (_i) {
		/* The last byte that a call may return to. */
		syn_put8(m, last - 2, 0xff);
		syn_put8(m, last - 1, 0xd0);
		syn_put64(m, c.sp, last);
	} else {
		c.ip = SYN_MODULE;
	}
	syn_crash_note(&c);
	unwind_cpu(1);
	ck_assert_ptr_null(frame(0, (size_t)_i)->name.function);
	ck_assert_uint_eq(frame(0, (size_t)_i)->ip, _i ? last : SYN_MODULE);
	name = frame(0, (size_t)_i)->name.module;
	ck_assert_pstr_eq(name, "stackcase");
}
END_TEST

/* On a stack that is there but is nobody's, nothing overflowed. */
START_TEST(on_a_stack_not_made)
{
	struct stk_start start;
	uint64_t sp = syn_ist_top(m, 1, "VC") - 0x100;

	s = syn_open(m);
	ck_assert_int_eq(
		stk_start_stack(s, sp, syn_sym(m, "task_spin") + 0x40, 0, &start),
		STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_ptr_null(chain->segments->stack.kind);
	ck_assert_ptr_null(chain->segments->over.kind);
	ck_assert_uint_eq(chain->segments->over_by, 0);
	ck_assert_ptr_null(strstr(chain->segments->frames[0].note ?: "", "overflowed"));
}
END_TEST

static const struct unit_test stacks_tests[] = {
	LOOP(sound_chain, 2),
	TEST(link_to_another_task),
	TEST(link_to_an_unknown_task),
	TEST(link_to_another_cpu),
	TEST(link_to_the_entry_stack),
	TEST(irq_stack_leads_to_no_user),
	TEST(user_regs_made_the_kernels),
	LOOP(two_cpus_one_irq_stack, 2),
	{ 0 },
};

static const struct unit_test one_tests[] = {
	TEST(fact_move),
	LOOP(fact_off_stack, 2),
	TEST(fact_owner),
	TEST(adopts_a_stack),
	TEST(fact_call),
	TEST(fact_shared_stack),
	TEST(shared_to_the_byte),
	TEST(stacks_of_no_cpu),
	TEST(fact_link),
	TEST(fact_user),
	LOOP(fact_user_below, 4),
	TEST(fact_user_behind_the_end),
	TEST(fact_place_of_the_users),
	TEST(fact_freed_code),
	LOOP(fact_crossing, 4),
	LOOP(doubt_of_the_user, 9),
	LOOP(at_the_joint, 5),
	LOOP(passed_over, 3),
	LOOP(why_it_ends, 4),
	LOOP(doubt_over_a_crossing, 4),
	{ 0 },
};

static const struct unit_test far_tests[] = {
	LOOP(doubt_goes_to, STK_NR_WITNESSES),
	TEST(doubt_ends_at_the_registers),
	LOOP(doubt_of_what_begins, 14),
	TEST(doubt_goes_down),
	LOOP(doubt_of_a_start, 2),
	TEST(doubt_lasts_until_a_call),
	TEST(doubt_lasts_until_a_crossing),
	TEST(doubt_ends_at_a_top),
	TEST(doubt_of_a_sleeper),
	LOOP(doubt_of_a_note, 4),
	TEST(note_of_another_task),
	LOOP(reading_on_goes_up, 6),
	LOOP(reading_on_goes_not_back, 2),
	LOOP(reading_on_has_an_end, 2),
	TEST(first_complaint),
	{ 0 },
};

static const struct unit_test ends_tests[] = {
	LOOP(orig_rax, 4),
	LOOP(user_of_a_kernel_thread, 2),
	TEST(user_with_interrupts_off),
	LOOP(user_whose_copies_differ, 2),
	LOOP(user_in_no_place, 2),
	TEST(user_mode_in_the_kernel),
	TEST(given_off_all_stacks),
	LOOP(given_with_another_tasks_stack, 2),
	LOOP(begins_as_another, 2),
	LOOP(begins_without_a_task, 2),
	LOOP(begins_the_idle_task_of, 2),
	TEST(on_a_stack_not_made),
	LOOP(begins_at_the_end, 3),
	LOOP(module_without_names, 2),
	{ 0 },
};

static const struct unit_test calls_tests[] = {
	TEST(no_call_ends_there),
	TEST(call_leads_elsewhere),
	TEST(only_entry_code),
	TEST(interrupted_trampoline),
	{ 0 },
};

static const struct unit_test regs_tests[] = {
	LOOP(registers_of_no_context, sizeof(bad_words) / sizeof(bad_words[0])),
	LOOP(copies_differ, 2),
	{ 0 },
};

static const struct unit_test who_tests[] = {
	TEST(current_of_a_sleeper),   TEST(run_queue_differs),
	TEST(two_cpus_one_task),      TEST(current_on_no_cpu),
	TEST(current_cannot_be_read), TEST(idle_by_the_run_queue),
	LOOP(claimed_sleeper, 2),     LOOP(between_two_tasks, 11),
	TEST(unclaimed_task),	      LOOP(task_of_a_silent_cpu, 5),
	TEST(no_task_is_no_twin),     TEST(nobody_knows),
	TEST(running_number),	      { 0 },
};

static const struct unit_test sleep_tests[] = {
	TEST(sound_sleeper),	       TEST(asleep_on_another_stack),
	TEST(asleep_elsewhere),	       TEST(asleep_off_by_one),
	LOOP(two_tasks_one_stack, 2),  TEST(stack_that_is_not_aligned),
	TEST(stack_of_another_area),   LOOP(another_number, 2),
	TEST(thread_begins_elsewhere), { 0 },
};

const struct unit_suite suite_witness = {
	"witnesses",
	{
		{ "stacks", stacks_tests, setup, teardown },
		{ "facts", one_tests, setup, teardown },
		{ "doubts", far_tests, setup, teardown },
		{ "ends", ends_tests, setup, teardown },
		{ "calls", calls_tests, setup, teardown },
		{ "registers", regs_tests, setup, teardown },
		{ "who", who_tests, setup, teardown },
		{ "sleepers", sleep_tests, setup, teardown },
	},
};
