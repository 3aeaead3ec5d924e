/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what the report finds about the machine, its tasks, locks and log: what must
 * trigger each finding, and what nearly does.
 */
#include "fixture.h"
#include "suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/poison.h"

static struct stk *s;
static struct stk_triage t;
static char text[16384];

/* Look at the machine, whose log is @fmt. */
static void __attribute__((format(printf, 1, 2))) look(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (t.events.event || t.nr_cpus)
		stk_triage_free(s, &t);
	s = syn_open(m);
	ck_assert_int_eq(stk_triage(s, text, strlen(text), NULL, &t), STK_OK);
}

static void forget(void)
{
	stk_triage_free(s, &t);
}

/* The @nth finding of that id; NULL: there are fewer. */
static const struct stk_finding *nth_finding(const char *id, size_t nth)
{
	for (size_t i = 0; i < t.nr_findings; i++)
		if (!strcmp(t.finding[i].id, id) && !nth--)
			return &t.finding[i];
	return NULL;
}

static void expect_none(const char *id)
{
	const struct stk_finding *f = nth_finding(id, 0);

	ck_assert_msg(!f, "%s: %s", id, f ? f->text : "");
}

/* There is one, and only one, of that id. */
static const struct stk_finding *expect_one(const char *id, enum stk_severity severity,
					    const char *want)
{
	const struct stk_finding *f = nth_finding(id, 0);

	ck_assert_msg(f != NULL, "no %s: %s", id, want);
	ck_assert_str_eq(f->text, want);
	ck_assert_int_eq(f->severity, severity);
	f = nth_finding(id, 1);
	ck_assert_msg(!f, "one more %s: %s", id, f ? f->text : "");
	return nth_finding(id, 0);
}

/* ---- values where pointers should be ---- */

START_TEST(poisons)
{
	static const struct {
		uint64_t value;
		const char *name;
	} row[] = {
		{ 0xdead000000000100, "LIST_POISON1" },
		{ 0xdead000000000108, "LIST_POISON1" },
		{ 0xdead000000000121, "LIST_POISON1" },
		{ 0xdead000000000122, "LIST_POISON2" },
		{ 0xdead00000000012a, "LIST_POISON2" },
		{ 0xdead000000000200, "LIST_POISON2" },
		{ 0xdead000000000400, "TAIL_MAPPING" },
		{ 0xdeacfffffffffff8, "a poisoned pointer" },
		{ 0xdead000000010000, "a poisoned pointer" },
		{ 0xdead000000010001, NULL },
		{ 0xdeacffffffffefff, NULL },
		{ 0xdffffc0000000007, "KASAN_SHADOW_OFFSET" },
		{ 0xdffffc0000000201, NULL },
		{ 0x6b6b6b6b6b6b6b6b, "POISON_FREE" },
		{ 0x6b6b6b6b6b6b6ba3, "POISON_FREE" },
		{ 0x6b6b6b6b6b6b6b6b - 0x38, "POISON_FREE" },
		{ 0x6b6b6b6b6b6b7b6c, NULL },
		{ 0x6b6b6b6b6b6b5b6a, NULL },
		{ 0x5a5a5a5a5a5a5a5a, "POISON_INUSE" },
		{ 0xaaaaaaaaaaaaaaaa, "PAGE_POISON" },
		{ 0, NULL },
		{ 0xffff9a4000000100, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_poison *p = stk_poison_of(row[i].value);

		ck_assert_msg(!p == !row[i].name, "%lx", row[i].value);
		if (p)
			ck_assert_str_eq(p->name, row[i].name);
	}
}
END_TEST

START_TEST(characters)
{
	char chars[9];

	ck_assert(stk_poison_text(0x6f77207369687420, chars));
	ck_assert_str_eq(chars, " this wo");
	ck_assert(!stk_poison_text(0x006f772073696874, chars));
	ck_assert(!stk_poison_text(0x7f77207369687420, chars));
	ck_assert(!stk_poison_text(0x6f7720736968741f, chars));
	ck_assert_str_eq(stk_errno_name(12), "ENOMEM");
	ck_assert_ptr_null(stk_errno_name(4000));
}
END_TEST

/* ---- the address of a fault ---- */

#define TRACE                                                                            \
	"CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"                                \
	"RIP: 0010:task_spin+0x20/0x40\n"                                                \
	"RSP: 0018:ffffb1c000013e50 EFLAGS: 00010246\n"                                  \
	"RAX: %016lx RBX: 0000000000000000 RCX: 0000000000000001\n"                      \
	"Call Trace:\n"                                                                  \
	" <TASK>\n"                                                                      \
	" do_syscall_64+0x33/0x80\n"                                                     \
	" entry_SYSCALL_64+0x67/0xd1\n"                                                  \
	" </TASK>\n"                                                                     \
	"---[ end trace 0000000000000000 ]---\n"                                         \
	"Kernel panic - not syncing: Fatal exception\n"

static void page_fault(uint64_t address)
{
	look("BUG: unable to handle page fault for address: %016lx\n"
	     "#PF: supervisor write access in kernel mode\n"
	     "#PF: error_code(0x0002) - not-present page\n"
	     "Oops: 0002 [#1] PREEMPT SMP NOPTI\n" TRACE "CR2: %016lx\n",
	     address, 1ul, address);
}

static void gpf(uint64_t address, uint64_t rax)
{
	look("general protection fault, probably for non-canonical address 0x%lx: 0000 [#1] "
	     "PREEMPT SMP NOPTI\n" TRACE,
	     address, rax);
}

static void gpf_without_address(uint64_t rax)
{
	look("general protection fault: 0000 [#1] SMP PTI\n" TRACE, rax);
}

START_TEST(fault_names)
{
	const struct stk_finding *f;
	char want[200];

	page_fault(SYN_VMALLOC + 0x123456000);
	snprintf(
		want, sizeof(want),
		"0x%llx is in the region \"vmalloc\", where nothing is allocated: freed, or "
		"never was",
		SYN_VMALLOC + 0x123456000);
	f = expect_one("fault-address", STK_SEVERITY_NOTICE, want);
	ck_assert(f->has_address);
	ck_assert_uint_eq(f->address, SYN_VMALLOC + 0x123456000);
	ck_assert_int_eq(f->cpu, 1);
	ck_assert_int_eq(f->pid, 227);
	page_fault(0x38);
	expect_one("fault-address", STK_SEVERITY_NOTICE,
		   "0x38 is what lies so many bytes behind a pointer that is NULL");
	page_fault((uint64_t)-12);
	expect_one("fault-address", STK_SEVERITY_SUSPICIOUS,
		   "0xfffffffffffffff4 is the error -12 (ENOMEM), which was taken for a "
		   "pointer, or lies before NULL");
	page_fault(SYN_USER_IP);
	expect_one(
		"fault-address", STK_SEVERITY_NOTICE,
		"0x7f1122334455 is a user address, at which this task has nothing mapped");
	page_fault(sh);
	snprintf(want, sizeof(want), "0x%lx is in the task_struct of PID 227 \"sh\"", sh);
	expect_one("fault-address", STK_SEVERITY_NOTICE, want);
	page_fault(syn_stack(m, sh) + 0x20);
	snprintf(want, sizeof(want), "0x%lx is on the TASK stack of PID 227 \"sh\", ",
		 syn_stack(m, sh) + 0x20);
	ck_assert_ptr_nonnull(strstr(nth_finding("fault-address", 0)->text, want));
}
END_TEST

/* NULL is what the event says; a guard page has a finding of its own. */
START_TEST(fault_needs_no_name)
{
	page_fault(0);
	expect_none("fault-address");
	page_fault(syn_stack(m, sh) - 8);
	expect_none("fault-address");
	/* It did not die of it. */
	look("BUG: sleeping function called from invalid context at f.c:1\n");
	expect_none("fault-address");
	look("Kernel panic - not syncing: it is 0xdead000000000100\n" TRACE,
	     0xdead000000000100);
	expect_none("fault-address");
}
END_TEST

START_TEST(no_address)
{
	char want[200];

	gpf(0xdead000000000108, 0xdead000000000100);
	expect_one(
		"fault-address", STK_SEVERITY_SUSPICIOUS,
		"0xdead000000000100 (in RAX, but for an offset) is no address: perhaps it "
		"is LIST_POISON1: the next of an entry that was deleted from its list");
	gpf(0xdead000000000122, 0xdead000000000122);
	expect_one(
		"fault-address", STK_SEVERITY_SUSPICIOUS,
		"0xdead000000000122 (in RAX) is no address: perhaps it is LIST_POISON2: "
		"the previous of an entry that was deleted from its list");
	gpf(0x6b6b6b6b6b6b6ba3, 1);
	expect_one(
		"fault-address", STK_SEVERITY_SUSPICIOUS,
		"0x6b6b6b6b6b6b6ba3 is no address: perhaps it is POISON_FREE+0x38: in a "
		"slab object that was freed");
	gpf(0x6f77207369687420, 1);
	expect_one(
		"fault-address", STK_SEVERITY_SUSPICIOUS,
		"0x6f77207369687420 is no address: perhaps it is the characters \" this "
		"wo\": a string was written over it");
	gpf(0x1234567812345678, 1);
	expect_one("fault-address", STK_SEVERITY_NOTICE,
		   "0x1234567812345678 is no address of this machine");
	/* A bit of a pointer that is good but for it; two; three. */
	gpf(sh ^ 1ull << 52, 1);
	snprintf(
		want, sizeof(want),
		"0x%llx is no address: perhaps it is the mapped kernel address 0x%lx with bit "
		"52 wrong",
		sh ^ 1ull << 52, sh);
	expect_one("fault-address", STK_SEVERITY_SUSPICIOUS, want);
	gpf(sh ^ 5ull << 52, 1);
	snprintf(
		want, sizeof(want),
		"0x%llx is no address: perhaps it is the mapped kernel address 0x%lx with "
		"bits 52 and 54 wrong",
		sh ^ 5ull << 52, sh);
	expect_one("fault-address", STK_SEVERITY_SUSPICIOUS, want);
	gpf(sh ^ 7ull << 52, 1);
	snprintf(want, sizeof(want), "0x%llx is no address of this machine",
		 sh ^ 7ull << 52);
	expect_one("fault-address", STK_SEVERITY_NOTICE, want);
}
END_TEST

/* The kernel before 5.5 does not say which address. */
START_TEST(no_address_in_a_register)
{
	gpf_without_address(0x6b6b6b6b6b6b6b6b);
	expect_one(
		"fault-address", STK_SEVERITY_SUSPICIOUS,
		"RAX holds 0x6b6b6b6b6b6b6b6b, no address: perhaps it is POISON_FREE: in a "
		"slab object that was freed");
	gpf_without_address(0x1234567812345678);
	expect_none("fault-address");
	gpf_without_address(sh);
	expect_none("fault-address");
	gpf_without_address(SYN_USER_IP);
	expect_none("fault-address");
}
END_TEST

/* ---- what is stuck ---- */

#define STUCK_TRACE                                                                      \
	"CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"                                \
	"RIP: 0010:timer_fn+0x40/0x60\n"                                                 \
	"RSP: 0018:ffffb1c000013e50 EFLAGS: 00010246\n"                                  \
	"Call Trace:\n"                                                                  \
	" <TASK>\n"                                                                      \
	" %s+0x20/0x40\n"                                                                \
	" do_syscall_64+0x33/0x80\n"                                                     \
	" entry_SYSCALL_64+0x67/0xd1\n"                                                  \
	" </TASK>\n"

START_TEST(stuck)
{
	const struct stk_finding *f;

	look("[  100.0] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "[  128.0] watchdog: BUG: soft lockup - CPU#1 stuck for 48s! [sh:227]\n" STUCK_TRACE,
	     "task_spin", "task_spin");
	f = expect_one(
		"stuck", STK_SEVERITY_SUSPICIOUS,
		"CPU 1 is still in timer_fn < task_spin: soft lockup (line 11 of the log, "
		"48 s by then, told 2 times)");
	ck_assert_int_eq(f->cpu, 1);
	ck_assert_int_eq(f->pid, 227);
	/* It died of it. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "Kernel panic - not syncing: softlockup: hung tasks\n",
	     "task_spin");
	expect_one(
		"stuck", STK_SEVERITY_FATAL,
		"CPU 1 is still in timer_fn < task_spin: soft lockup (line 1 of the log, 22 s "
		"by then)");
	/* It was stuck before the machine died of something else: told once. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "Kernel panic - not syncing: enough\n",
	     "task_spin");
	ck_assert_int_eq(nth_finding("stuck", 0)->severity, STK_SEVERITY_SUSPICIOUS);
	expect_none("earlier-event");
}
END_TEST

START_TEST(not_stuck)
{
	/* It went on: another function, another task, no trace to compare. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "Kernel panic - not syncing: enough\n",
	     "last_function");
	expect_none("stuck");
	ck_assert_ptr_nonnull(nth_finding("earlier-event", 0));
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n");
	expect_none("stuck");
	/* Nor is a warning, whose frames are all there still. */
	look("WARNING: CPU: 1 PID: 227 at f.c:1 timer_fn+0x40/0x60\n" STUCK_TRACE,
	     "task_spin");
	expect_none("stuck");
}
END_TEST

/* ---- trouble before the end ---- */

#define PANIC "[  200.0] Kernel panic - not syncing: enough\n"

START_TEST(hardware)
{
	const struct stk_finding *f;

	look("{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1\n"
	     "[  100.0] one\n" PANIC);
	f = nth_finding("hardware-error", 0);
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(strstr(f->text, "1 time, last in line 1 of the log"));
	ck_assert_int_eq(f->severity, STK_SEVERITY_SUSPICIOUS);
	/* What comes behind the end is part of it; a machine check that kills is the end.
	 */
	look(PANIC
	     "{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error\n");
	expect_none("hardware-error");
	look("mce: [Hardware Error]: CPU 1: Machine Check Exception: 4 Bank 5: bd00\n"
	     "Kernel panic - not syncing: Fatal local machine check\n");
	expect_none("hardware-error");
}
END_TEST

static void out_of_memory(const char *time, const char *what, const char *end)
{
	look("[%s] sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0\n"
	     "[%s] %s: Killed process 12 (sh) total-vm:1kB\n"
	     "%s",
	     time, time, what, end);
}

START_TEST(memory)
{
	const struct stk_finding *f;

	out_of_memory("  140.5", "Out of memory", PANIC);
	f = nth_finding("out-of-memory", 0);
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(strstr(f->text, "memory ran out 60 s before"));
	ck_assert_ptr_nonnull(strstr(f->text, "(line 1 of the log; 1 time within 60 s)"));
	ck_assert_int_eq(f->severity, STK_SEVERITY_SUSPICIOUS);
	/* Too long ago; of a group; of no machine that died; it is what it died of. */
	out_of_memory("  139.5", "Out of memory", PANIC);
	expect_none("out-of-memory");
	out_of_memory("  199.5", "Memory cgroup out of memory", PANIC);
	expect_none("out-of-memory");
	out_of_memory("  199.5", "Out of memory", "");
	expect_none("out-of-memory");
	out_of_memory("  199.5", "Out of memory",
		      "[  200.0] Kernel panic - not syncing: Out of memory: "
		      "system-wide panic_on_oom is enabled\n");
	expect_none("out-of-memory");
}
END_TEST

#define TAINTED(letters)                                                                 \
	"[  199.0] CPU: 1 PID: 227 Comm: sh Tainted: " letters " 6.1.0 #1\n"             \
	"[  199.0] RIP: 0010:task_spin+0x20/0x40\n"                                      \
	"[  200.0] Kernel panic - not syncing: Fatal exception\n"
#define LOCKED_UP(letters)                                                               \
	"[  199.0] CPU: 1 PID: 227 Comm: sh Tainted: " letters " 6.1.0 #1\n"             \
	"[  199.0] RIP: 0010:task_spin+0x20/0x40\n"                                      \
	"[  200.0] Kernel panic - not syncing: softlockup: hung tasks\n"
#define OOPS "[  199.0] Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
#define DIES                                                                             \
	"[  199.0] BUG: unable to handle page fault for address: ffffb1c123456000\n" OOPS

START_TEST(taint)
{
	look(DIES TAINTED("G    B D    OE     "));
	expect_one(
		"trouble-before", STK_SEVERITY_SUSPICIOUS,
		"by its taint (BD) the kernel had trouble that the log has nothing of: a "
		"page was in a bad state, it had died before");
	look(DIES TAINTED("G   M           "));
	expect_one(
		"trouble-before", STK_SEVERITY_SUSPICIOUS,
		"by its taint (M) the kernel had trouble that the log has nothing of: the "
		"hardware reported an error");
	/* A module's letters; what the log tells; what this event itself brought. */
	look(DIES TAINTED("P           OE     "));
	expect_none("trouble-before");
	look("[  100.0] WARNING: CPU: 1 PID: 227 at f.c:1 task_spin+0x20/0x40\n"
	     "[  100.0] ---[ end trace 0 ]---\n" DIES TAINTED("G        W        "));
	expect_none("trouble-before");
	look("[  199.0] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" TAINTED(
		"G             L    "));
	expect_none("trouble-before");
	/* What came later is none of it. */
	look(DIES TAINTED(
		"G        W        ") "[  300.0] WARNING: CPU: 1 PID: 227 at f.c:1 task_spin+0x20/0x40\n");
	ck_assert_ptr_nonnull(nth_finding("trouble-before", 0));
}
END_TEST

static const struct unit_test values[] = { TEST(poisons), TEST(characters), { 0 } };
static const struct unit_test faults[] = { TEST(fault_names),
					   TEST(fault_needs_no_name),
					   TEST(no_address),
					   TEST(no_address_in_a_register),
					   { 0 } };

static const struct unit_test stucks[] = { TEST(stuck), TEST(not_stuck), { 0 } };
static const struct unit_test troubles[] = {
	TEST(hardware), TEST(memory), TEST(taint), { 0 }
};

const struct unit_suite suite_findings_machine = {
	"findings: the machine",
	{
		{ "values", values, NULL, NULL },
		{ "fault address", faults, fixture_interrupt, forget },
		{ "stuck", stucks, fixture_interrupt, forget },
		{ "trouble before", troubles, fixture_interrupt, forget },
	},
};
