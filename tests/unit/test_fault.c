/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is known of an exception of x86_64 that the kernel died of: what the stack
 * says, and what the log does that was printed with the very registers; and what it is
 * said to have died of, where a report has no log.
 */
#include "fixture.h"
#include "suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "logged.h"
#include "report/triage.h"

static uint64_t fault_sp, fault_ip;

/* A page fault in task_spin(), and the end of it all. */
static void setup(void)
{
	fixture_syscall();
	c.sp -= 24;
	fault_sp = c.sp;
	fault_ip = c.ip;
	syn_guard_hit(&c, "DF");
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&c);
}

/* The gate of page faults is that of @vector. */
static void set_vector(unsigned int vector)
{
	const uint64_t from = syn_sym(m, "idt_table") + 16 * 14,
		       to = syn_sym(m, "idt_table") + 16 * (uint64_t)vector;
	const uint64_t low = syn_get64(m, from), high = syn_get64(m, from + 8);

	syn_fill(m, from, 16, 0);
	syn_put64(m, to, low);
	syn_put64(m, to + 8, high);
}

/* What is told of the exception when the log is @fmt. */
static struct stk_fault __attribute__((format(printf, 1, 2)))
fault_of(const char *fmt, ...)
{
	struct stk_chain *chain;
	struct stk_fault fault;
	unsigned int nr = 0;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	syn_log(m, text);
	chain = unwind_cpu_1();
	for (struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++) {
			struct stk_fault now;

			if (!stk_frame_fault(m->s, &seg->frames[i], &now))
				continue;
			ck_assert_uint_eq(seg->frames[i].sp, fault_sp);
			fault = now;
			nr++;
		}
	ck_assert_uint_eq(nr, 1);
	stk_chain_free(m->s, chain);
	return fault;
}

static void expect_access(const struct stk_fault *f, const char *access)
{
	if (access)
		ck_assert_str_eq(f->access, access);
	else
		ck_assert_ptr_null(f->access);
}

static void expect_address(const struct stk_fault *f, bool has, uint64_t address)
{
	if (has)
		ck_assert_str_eq(f->address_name, "CR2");
	else
		ck_assert_ptr_null(f->address_name);
	ck_assert_uint_eq(f->address, has ? address : 0);
}

#define REGISTERS                                                                        \
	"RIP: 0010:task_spin+0x40/0x60\n"                                                \
	"RSP: 0018:%016lx EFLAGS: 00010246\n"                                            \
	"RAX: 0000000000000000 RBX: 0000000000000001 RCX: 0000000000000002\n"

START_TEST(of_a_page_fault)
{
	static const struct {
		const char *error, *access;
		int64_t code; /* -1: not known */
	} row[] = {
		{ "Oops: 0000 [#1] PREEMPT SMP NOPTI\n", "read", 0 },
		{ "Oops: 0002 [#1] PREEMPT SMP NOPTI\n", "write", 2 },
		{ "Oops: 0010 [#1] PREEMPT SMP NOPTI\n", "execute", 0x10 },
		{ "Oops: Oops: 0003 [#2] SMP\n", "write", 3 },
		/* Without it there is no telling of whom a line before it is. */
		{ "Oops: 002 [#1] SMP\n", NULL, -1 },
		{ "Oops: 0002 without a count\n", NULL, -1 },
		{ "0002 [#1] SMP\n", NULL, -1 },
		{ "stack guard page: 0000 [#1] SMP\n", NULL, -1 },
		{ "kernel stack overflow (page fault): 0000 [#1] SMP\n", NULL, -1 },
	};
	struct stk_fault f;

	f = fault_of("BUG: unable to handle page fault for address: ffff800000000038\n"
		     "#PF: supervisor access in kernel mode\n"
		     "%s" REGISTERS,
		     row[_i].error, fault_sp);
	ck_assert_int_eq(f.kind, STK_FAULT_PAGE);
	ck_assert_int_eq(f.entry.has_error, row[_i].code >= 0);
	if (row[_i].code >= 0)
		ck_assert_int_eq(f.entry.error, row[_i].code);
	expect_access(&f, row[_i].access);
	expect_address(&f, row[_i].code >= 0, 0xffff800000000038);
}
END_TEST
#define NR_ERRORS 9

/* Of other registers than those on the stack a text says nothing; the last one counts. */
START_TEST(of_other_registers)
{
	struct stk_fault f;

	f = fault_of("BUG: unable to handle page fault for address: 1234000\n"
		     "Oops: 0002 [#1] SMP\n" REGISTERS "CR2: 0000000001234000\n",
		     fault_sp + 8);
	expect_access(&f, NULL);
	expect_address(&f, false, 0);
	f = fault_of("BUG: unable to handle page fault for address: 1000\n"
		     "Oops: 0002 [#1] SMP\n" REGISTERS
		     "BUG: unable to handle page fault for address: 2000\n"
		     "Oops: 0000 [#2] SMP\n" REGISTERS
		     "BUG: unable to handle page fault for address: 3000\n"
		     "Oops: 0010 [#3] SMP\n" REGISTERS "CR2: 0000000000003000\n",
		     fault_sp, fault_sp, fault_sp + 8);
	expect_access(&f, "read");
	expect_address(&f, true, 0x2000);
	/* Lines that a panic prints later are of no oops. */
	f = fault_of("BUG: unable to handle page fault for address: 1000\n"
		     "Oops: 0002 [#1] SMP\n" REGISTERS REGISTERS,
		     fault_sp, fault_sp);
	expect_access(&f, "write");
	expect_address(&f, true, 0x1000);
}
END_TEST

/* What a CR2 is of that is printed behind the registers: not of the code that was, too.
 */
START_TEST(of_a_late_address)
{
	const struct {
		uint64_t address;
		bool taken;
	} row[] = {
		{ 0x1000, true },	   { fault_ip - 43, true },
		{ fault_ip - 42, false },  { fault_ip, false },
		{ fault_ip + 21, false },  { fault_ip + 22, true },
		{ SYN_VMALLOC + 8, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_fault f =
			fault_of("Oops: 0002 [#1] SMP\n" REGISTERS "CR2: %016lx\n",
				 fault_sp, row[i].address);

		expect_access(&f, "write");
		expect_address(&f, row[i].taken, row[i].address);
	}
}
END_TEST

START_TEST(of_other_kinds)
{
	static const struct {
		unsigned int vector;
		enum stk_fault_kind kind;
		bool error, late; /* what the log says of it counts */
	} row[] = {
		{ 0, STK_FAULT_OTHER, false, false },
		{ 6, STK_FAULT_TRAP, false, false },
		{ 8, STK_FAULT_DOUBLE, true, true },
		{ 13, STK_FAULT_PROTECTION, true, false },
		{ 18, STK_FAULT_MACHINE_CHECK, false, false },
	};
	struct stk_fault f;

	set_vector(row[_i].vector);
	f = fault_of("BUG: unable to handle page fault for address: 1000\n"
		     "something: 0012 [#1] SMP\n" REGISTERS "CR2: 0000000000002000\n",
		     fault_sp);
	ck_assert_int_eq(f.kind, row[_i].kind);
	ck_assert_int_eq(f.entry.code, row[_i].vector);
	ck_assert_int_eq(f.entry.has_error, row[_i].error);
	expect_access(&f, NULL);
	expect_address(&f, row[_i].late, 0x2000);
}
END_TEST

START_TEST(of_no_log)
{
	struct stk_fault f = fault_of("%s", "");

	ck_assert_int_eq(f.kind, STK_FAULT_PAGE);
	ck_assert_str_eq(f.entry.name, "exc_page_fault");
	expect_access(&f, NULL);
	expect_address(&f, false, 0);
}
END_TEST

static struct stk_triage triage;

static void rename_function(const char *name, const char *to)
{
	struct syn_symbol *symbol = syn_find_symbol(m, name);

	ck_assert_ptr_nonnull(symbol);
	snprintf(symbol->name, sizeof(symbol->name), "%s", to);
}

/* The machine's own log has @logged, of the address; the report reads @text. */
static const struct stk_event *died_of(const char *logged, const char *text)
{
	static char log[2048];

	if (triage.nr_cpus)
		stk_triage_free(m->s, &triage);
	syn_log(m, logged);
	snprintf(log, sizeof(log), "%s", text);
	ck_assert_int_eq(stk_triage(syn_open(m), log, strlen(log), NULL, &triage),
			 STK_OK);
	ck_assert(triage.died && triage.event);
	return triage.event;
}

static void forget(void)
{
	if (triage.nr_cpus)
		stk_triage_free(m->s, &triage);
	memset(&triage, 0, sizeof(triage));
}

/* Of a page, an address that is below the first one's end is of NULL. */
START_TEST(died_of_an_address)
{
	static const struct {
		uint64_t address;
		enum stk_event_kind kind;
	} row[] = {
		{ 0, STK_EVENT_NULL_DEREF },
		{ 0xfff, STK_EVENT_NULL_DEREF },
		{ 0x1000, STK_EVENT_PAGE_FAULT },
		{ 0x1fff, STK_EVENT_PAGE_FAULT },
		{ 0xffff800000000038, STK_EVENT_PAGE_FAULT },
	};
	const struct stk_event *e;
	char logged[512];

	rename_function("handle_stack_overflow", "oops_end");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(logged, sizeof(logged),
			 "BUG: unable to handle page fault for address: %lx\n"
			 "Oops: 0002 [#1] SMP\n" REGISTERS,
			 row[i].address, fault_sp);
		e = died_of(logged, "words\n");
		ck_assert_int_eq(e->kind, row[i].kind);
		ck_assert(e->has_address && e->address == row[i].address);
		ck_assert(e->has_error && e->error == 2);
		ck_assert_str_eq(e->access, "write");
		ck_assert_ptr_null(e->subject);
		ck_assert(e->panicked);
		ck_assert_int_eq(e->cpu, 1);
		ck_assert_int_eq(e->pid, 227);
		ck_assert_str_eq(e->comm, "sh");
		ck_assert_int_eq(e->seconds, -1);
		ck_assert_int_eq(e->bytes, -1);
		/* As a log has it. */
		ck_assert_uint_eq(e->nr_traces, 1);
		ck_assert(e->traces[0]->has_pc);
		ck_assert_str_eq(e->traces[0]->pc.function, "task_spin");
		ck_assert_str_eq(e->traces[0]->frames[0].function, "vfs_write");
	}
	/* Where the address is not known, it is not that of NULL. */
	e = died_of("words\n", "words\n");
	ck_assert_int_eq(e->kind, STK_EVENT_PAGE_FAULT);
	ck_assert(!e->has_address && !e->address);
}
END_TEST

START_TEST(died_of_other_kinds)
{
	static const struct {
		unsigned int vector;
		enum stk_event_kind kind;
	} row[] = {
		{ 0, STK_EVENT_DIE },
		{ 6, STK_EVENT_KERNEL_BUG },
		{ 8, STK_EVENT_DOUBLE_FAULT },
		{ 13, STK_EVENT_GPF },
		{ 18, STK_EVENT_MACHINE_CHECK },
	};
	const struct stk_event *e;

	rename_function("handle_stack_overflow", "oops_end");
	set_vector(row[_i].vector);
	e = died_of("words\n", "words\n");
	ck_assert_int_eq(e->kind, row[_i].kind);
	ck_assert(!e->has_address);
	ck_assert_pstr_eq(e->subject, row[_i].vector ? NULL : "exc_page_fault");
}
END_TEST

/* Functions that run for one end only know better than the exception. */
START_TEST(died_in_a_function)
{
	static const struct {
		const char *function;
		enum stk_event_kind kind;
		const char *subject;
	} row[] = {
		{ "handle_stack_overflow", STK_EVENT_STACK_GUARD, NULL },
		{ "handle_bad_stack", STK_EVENT_STACK_GUARD, NULL },
		{ "__stack_chk_fail", STK_EVENT_PANIC,
		  "stack-protector: Kernel stack is corrupted" },
		{ "sysrq_handle_crash", STK_EVENT_SYSRQ, NULL },
		{ "mce_panic", STK_EVENT_MACHINE_CHECK, NULL },
		{ "out_of_memory", STK_EVENT_OOM_PANIC, NULL },
		{ "watchdog_timer_fn", STK_EVENT_SOFT_LOCKUP, NULL },
		{ "watchdog_overflow_callback", STK_EVENT_HARD_LOCKUP, NULL },
		{ "watchdog_hardlockup_check", STK_EVENT_HARD_LOCKUP, NULL },
		{ "panic_on_rcu_stall", STK_EVENT_RCU_STALL, NULL },
		{ "rcu_sched_clock_irq", STK_EVENT_RCU_STALL, NULL },
		{ "check_hung_uninterruptible_tasks", STK_EVENT_HUNG_TASK, NULL },
		{ "kasan_report", STK_EVENT_KASAN, NULL },
		{ "__warn", STK_EVENT_WARNING, NULL },
		{ "__warn_printk", STK_EVENT_PAGE_FAULT, NULL },
	};
	const struct stk_event *e;

	rename_function("handle_stack_overflow", row[_i].function);
	e = died_of("words\n", "words\n");
	ck_assert_int_eq(e->kind, row[_i].kind);
	ck_assert_pstr_eq(e->subject, row[_i].subject);
}
END_TEST
#define NR_FUNCTIONS 15

/* What was interrupted has not made it die, whatever it is. */
START_TEST(died_after_a_function)
{
	rename_function("handle_stack_overflow", "oops_end");
	rename_function("vfs_write", "kasan_report");
	ck_assert_int_eq(died_of("words\n", "words\n")->kind, STK_EVENT_PAGE_FAULT);
}
END_TEST

static void setup_panic(void)
{
	fixture_syscall();
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&c);
}

/* A log's trace counts, unless the stack has all of it and more. */
START_TEST(signed_by_the_stack)
{
	static const char head[] = "BUG: unable to handle page fault for address: 1000\n"
				   "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
				   "RIP: 0010:task_spin+0x40/0x60\n";
	static const struct {
		const char *frames;
		bool by_stack;
	} row[] = {
		{ "", true },
		{ "Call Trace:\n vfs_write+0x9b/0xa0\n", true },
		{ "Call Trace:\n other_write+0x9b/0xa0\n", false },
		{ "Call Trace:\n vfs_write+0x9b/0xa0\n ksys_write+0x6f/0xf0\n"
		  " a+0x1/0x2\n b+0x1/0x2\n",
		  false },
	};
	char log[1024];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(log, sizeof(log),
			 "%s%sKernel panic - not syncing: Fatal exception\n", head,
			 row[i].frames);
		died_of("words\n", log);
		ck_assert(!triage.from_stacks);
		ck_assert_msg(triage.signed_by_stack == row[i].by_stack, "%s",
			      row[i].frames);
		ck_assert_str_eq(triage.signature.names[0], "task_spin");
		ck_assert((triage.signature.nr_names ==
			   triage.stack_signature.nr_names) == row[i].by_stack);
	}
	died_of("words\n", "words\n");
	ck_assert(triage.from_stacks && triage.signed_by_stack);
	ck_assert_str_eq(triage.signature.culprit, "task_spin");
}
END_TEST

static const struct unit_test death_tests[] = {
	TEST(died_of_an_address),
	LOOP(died_of_other_kinds, 5),
	LOOP(died_in_a_function, NR_FUNCTIONS),
	TEST(died_after_a_function),
	{ 0 },
};

static const struct unit_test sign_tests[] = { TEST(signed_by_the_stack), { 0 } };

static const struct unit_test tests[] = {
	LOOP(of_a_page_fault, NR_ERRORS),
	TEST(of_other_registers),
	TEST(of_a_late_address),
	LOOP(of_other_kinds, 5),
	TEST(of_no_log),
	{ 0 },
};

const struct unit_suite suite_fault = {
	"fault",
	{ { "fault", tests, setup, NULL },
	  { "death", death_tests, setup, forget },
	  { "signature", sign_tests, setup_panic, forget } },
};
