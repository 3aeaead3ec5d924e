/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump says for and against a chain: a damaged word each, and what it breaks. */
#include "synthetic.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/arch/x86_64/x86_64.h"

static struct syn *m;
static struct syn_cpu c;
static struct stk *s;
static uint64_t sh;
static struct stk_chain *chain;

static void setup(void)
{
	m = syn_kernel(SYN_6_1);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	chain = NULL;
}

static void teardown(void)
{
	if (chain)
		stk_chain_free(s, chain);
	syn_free(m);
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
	interrupted();
	unwind_cpu(1);
	expect(STK_CERTAIN, NULL);
	/* The word at the IRQ stack's top is what the rule itself went by. */
	ck_assert_int_eq(chain->segments->crossing.agree, -1);
	ck_assert(chain->segments->crossing.evidence.agree & 1u << STK_WITNESS_OWNER);
	ck_assert(chain->segments->crossing.evidence.agree & 1u << STK_WITNESS_ROUTE);
	ck_assert(frame(1, 0)->evidence.agree & 1u << STK_WITNESS_TARGET);
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
	expect(STK_DOUBTFUL, "has the same stack");
	ck_assert(!frame(0, 1)->reliable);
	ck_assert_int_eq(!!(chain->start.evidence.agree & 1u << STK_WITNESS_VM_AREA), _i);
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
			syn_put64(m, at, syn_call_insn(m, "ret_from_fork", 0x22,
						       "worker_thread"));
	unwind_task(task);
	expect(STK_BROKEN, "the unwind rule says that the stack begins here");
}
END_TEST

/* ---- two CPUs on one IRQ stack ---- */

START_TEST(two_cpus_one_irq_stack)
{
	interrupted();
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0),
		  syn_get64(m, syn_percpu(m, "hardirq_stack_ptr", 1)));
	unwind_cpu(1);
	expect(STK_DOUBTFUL, NULL);
	ck_assert_int_eq(frame(0, 0)->doubt, STK_DOUBT_OWNER);
}
END_TEST

Suite *suite_witness(void)
{
	Suite *suite = suite_create("witnesses");
	TCase *stacks = tcase_create("stacks"), *calls = tcase_create("calls");
	TCase *regs = tcase_create("registers"), *who = tcase_create("who");
	TCase *sleep = tcase_create("sleepers");

	tcase_add_checked_fixture(stacks, setup, teardown);
	tcase_add_test(stacks, sound_chain);
	tcase_add_test(stacks, link_to_another_task);
	tcase_add_test(stacks, link_to_another_cpu);
	tcase_add_test(stacks, irq_stack_leads_to_no_user);
	tcase_add_test(stacks, user_regs_made_the_kernels);
	tcase_add_test(stacks, two_cpus_one_irq_stack);
	suite_add_tcase(suite, stacks);

	tcase_add_checked_fixture(calls, setup, teardown);
	tcase_add_test(calls, no_call_ends_there);
	tcase_add_test(calls, call_leads_elsewhere);
	tcase_add_test(calls, only_entry_code);
	suite_add_tcase(suite, calls);

	tcase_add_checked_fixture(regs, setup, teardown);
	tcase_add_loop_test(regs, registers_of_no_context, 0,
			    sizeof(bad_words) / sizeof(bad_words[0]));
	tcase_add_loop_test(regs, copies_differ, 0, 2);
	suite_add_tcase(suite, regs);

	tcase_add_checked_fixture(who, setup, teardown);
	tcase_add_test(who, current_of_a_sleeper);
	tcase_add_test(who, run_queue_differs);
	tcase_add_test(who, two_cpus_one_task);
	suite_add_tcase(suite, who);

	tcase_add_checked_fixture(sleep, setup, teardown);
	tcase_add_test(sleep, sound_sleeper);
	tcase_add_test(sleep, asleep_on_another_stack);
	tcase_add_test(sleep, asleep_elsewhere);
	tcase_add_test(sleep, asleep_off_by_one);
	tcase_add_loop_test(sleep, two_tasks_one_stack, 0, 2);
	tcase_add_test(sleep, stack_of_another_area);
	tcase_add_loop_test(sleep, another_number, 0, 2);
	tcase_add_test(sleep, thread_begins_elsewhere);
	suite_add_tcase(suite, sleep);
	return suite;
}
