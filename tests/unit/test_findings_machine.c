/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what the report finds about the machine, its tasks, locks and log: what must
 * trigger each finding, and what nearly does.
 */
#include "findings.h"
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/clock.h"
#include "logged.h"
#include "report/findings.h"
#include "report/poison.h"

static struct stk *s;
static struct stk_triage t;
static char text[16384];
static bool only_findings; /* are written to golden */

/* What the parts of a triage say of one another. */
static void expect_consistent(void)
{
	const struct stk_triage_cpu *died = stk_triage_cpu(&t, t.panic.cpu);

	for (size_t i = 0; i < t.nr_cpus; i++) {
		const struct stk_triage_cpu *cpu = &t.cpu[i];

		if (!cpu->chain)
			continue;
		/* Only of the CPU that died more may be left out. */
		if (cpu->trace != t.trace)
			ck_assert_uint_eq(cpu->told_from, cpu->was_doing);
		/* Where registers were saved when it was stopped, that is what it did. */
		if (cpu->chain->joint.regs_at) {
			const struct stk_segment *seg = cpu->chain->segments;
			const struct stk_event_frame *f =
				&cpu->trace->frames[cpu->was_doing];

			for (size_t k = 0; k < cpu->chain->joint.segment; k++)
				seg = seg->next;
			ck_assert_ptr_nonnull(seg);
			if (cpu->was_doing < cpu->trace->nr_frames && f->function)
				ck_assert_str_eq(f->function,
						 seg->frames[cpu->chain->joint.frame]
							 .name.function);
		}
		/* All of its frames are behind what it did only if the user did it. */
		if (cpu->chain->end != STK_END_USER && cpu->trace->nr_frames)
			ck_assert_uint_lt(cpu->was_doing, cpu->trace->nr_frames);
		ck_assert(!cpu->in_user || cpu->chain->end == STK_END_USER);
		ck_assert(!cpu->idle || cpu->chain->end == STK_END_IDLE);
	}
	if (t.signed_by_stack && !t.from_stacks) {
		struct stk_signature log;

		stk_event_signature(t.event, &log);
		ck_assert_uint_lt(log.nr_names, t.signature.nr_names);
	}
	/* An event of the stacks alone has the frames from its exception on. */
	if (t.from_stacks && died && died->chain && t.event->nr_traces) {
		const struct stk_event_trace *all = died->trace,
					     *own = t.event->traces[0];
		const struct stk_segment *seg;
		struct stk_fault fault;

		ck_assert_ptr_eq(own->frames + own->nr_frames,
				 all->frames + all->nr_frames);
		if (own->has_pc)
			ck_assert_str_eq(own->pc.function, own->frames[-1].function);
		else
			ck_assert_ptr_eq(own->frames, all->frames);
		if (!stk_triage_fault(s, died->chain, &seg, &fault))
			ck_assert(!own->has_pc);
	}
}

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
	/* The worst come first, whatever there is. */
	for (size_t i = 1; i < t.nr_findings; i++)
		ck_assert_int_le(t.finding[i - 1].severity, t.finding[i].severity);
	expect_consistent();
	if (only_findings)
		put_findings(&t);
	else
		put_triage(s, &t);
	expect_no_room_for_any(s, &t);
}

static void forget(void)
{
	stk_triage_free(s, &t);
	golden_teardown();
	only_findings = false;
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
		{ 0xbbbbbbbbbbbbbbbb, "SLUB_RED_INACTIVE" },
		{ 0xcccccccccccccccc, "POISON_FREE_INITMEM" },
		{ 0xbdbdbdbdbdbdbdbd, "KEY_DESTROY" },
		{ 0xbdbdbdbdbdbdbdb5, "KEY_DESTROY" },
		{ 0xbdbdbdbdbdbdcdbe, NULL },
		{ 0xdead000000000300, "TIMER_ENTRY_STATIC" },
		{ 0xdead0000000002f0, "TIMER_ENTRY_STATIC" },
		{ 0xdead0000000002ef, "a poisoned pointer" },
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

/* How far around each of them an address is still taken for one. */
START_TEST(poisons_end)
{
	static const struct {
		const char *name;
		uint64_t first, last;
	} row[] = {
		{ "LIST_POISON1", 0xdead000000000080, 0xdead000000000121 },
		{ "LIST_POISON2", 0xdead000000000122, 0xdead0000000001a2 },
		{ "LIST_POISON2", 0xdead0000000001f0, 0xdead000000000280 },
		{ "TIMER_ENTRY_STATIC", 0xdead0000000002f0, 0xdead000000000380 },
		{ "TAIL_MAPPING", 0xdead0000000003f0, 0xdead000000000480 },
		{ "KASAN_SHADOW_OFFSET", 0xdffffc0000000000, 0xdffffc0000000200 },
		{ "POISON_FREE", 0x6b6b6b6b6b6b5b6b, 0x6b6b6b6b6b6b7b6b },
		{ "POISON_INUSE", 0x5a5a5a5a5a5a4a5a, 0x5a5a5a5a5a5a6a5a },
		{ "PAGE_POISON", 0xaaaaaaaaaaaa9aaa, 0xaaaaaaaaaaaabaaa },
		{ "SLUB_RED_INACTIVE", 0xbbbbbbbbbbbbabbb, 0xbbbbbbbbbbbbcbbb },
		{ "POISON_FREE_INITMEM", 0xccccccccccccbccc, 0xccccccccccccdccc },
		{ "KEY_DESTROY", 0xbdbdbdbdbdbdadbd, 0xbdbdbdbdbdbdcdbd },
		{ "a poisoned pointer", 0xdeacfffffffff000, 0xdead00000000007f },
		{ "a poisoned pointer", 0xdead000000000481, 0xdead000000010000 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_poison *p[] = {
			stk_poison_of(row[i].first - 1),
			stk_poison_of(row[i].first),
			stk_poison_of(row[i].last),
			stk_poison_of(row[i].last + 1),
		};

		ck_assert_msg(p[1] && !strcmp(p[1]->name, row[i].name), "%lx",
			      row[i].first);
		ck_assert_msg(p[2] && !strcmp(p[2]->name, row[i].name), "%lx",
			      row[i].last);
		ck_assert_msg(!p[0] || strcmp(p[0]->name, row[i].name) != 0, "%lx",
			      row[i].first - 1);
		ck_assert_msg(!p[3] || strcmp(p[3]->name, row[i].name) != 0, "%lx",
			      row[i].last + 1);
	}
}
END_TEST

START_TEST(errors_by_name)
{
	static const struct {
		uint64_t code;
		const char *name;
	} row[] = {
		{ 1, "EPERM" },		{ 2, "ENOENT" },	 { 4, "EINTR" },
		{ 5, "EIO" },		{ 6, "ENXIO" },		 { 9, "EBADF" },
		{ 11, "EAGAIN" },	{ 12, "ENOMEM" },	 { 13, "EACCES" },
		{ 14, "EFAULT" },	{ 16, "EBUSY" },	 { 17, "EEXIST" },
		{ 19, "ENODEV" },	{ 20, "ENOTDIR" },	 { 21, "EISDIR" },
		{ 22, "EINVAL" },	{ 28, "ENOSPC" },	 { 30, "EROFS" },
		{ 34, "ERANGE" },	{ 38, "ENOSYS" },	 { 61, "ENODATA" },
		{ 95, "EOPNOTSUPP" },	{ 110, "ETIMEDOUT" },	 { 116, "ESTALE" },
		{ 512, "ERESTARTSYS" }, { 517, "EPROBE_DEFER" }, { 524, "ENOTSUPP" },
	};
	uint64_t code = 0;

	/* And none of those that are between. */
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (; code < row[i].code; code++)
			ck_assert_ptr_null(stk_errno_name(code));
		ck_assert_str_eq(stk_errno_name(code++), row[i].name);
	}
	for (; code < 4100; code++)
		ck_assert_ptr_null(stk_errno_name(code));
}
END_TEST

START_TEST(characters)
{
	char chars[9];

	ck_assert(stk_poison_text(0x6f77207369687420, chars));
	ck_assert_str_eq(chars, " this wo");
	ck_assert(stk_poison_text(0x7e7e7e7e7e7e7e7e, chars));
	ck_assert_str_eq(chars, "~~~~~~~~");
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
	expect_about(f, "CPU 1, PID 227, 0xffffb1c123456000");
	page_fault(0x38);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_NOTICE,
			"0x38 is what lies so many bytes behind a pointer that is NULL"),
		"CPU 1, PID 227, 0x38");
	page_fault((uint64_t)-12);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xfffffffffffffff4 is the error -12 (ENOMEM), which was taken for a "
			"pointer, or lies before NULL"),
		"CPU 1, PID 227, 0xfffffffffffffff4");
	page_fault((uint64_t)-4095);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xfffffffffffff001 is the error -4095, which was taken for a pointer, "
			"or lies before NULL"),
		"CPU 1, PID 227, 0xfffffffffffff001");
	page_fault(syn_sym(m, "idt_table") + 0x10);
	expect_about(
		expect_one("fault-address", STK_SEVERITY_NOTICE,
			   "0xffffffff9b053010 is idt_table+0x10, in the kernel image"),
		"CPU 1, PID 227, 0xffffffff9b053010");
	page_fault(syn_percpu(m, "runqueues", 1) + 0x10);
	snprintf(want, sizeof(want),
		 "0x%lx is runqueues+0x10, in the direct map, per CPU",
		 syn_percpu(m, "runqueues", 1) + 0x10);
	expect_about(expect_one("fault-address", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xffff9a40300a0010");
	page_fault(SYN_USER_IP);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_NOTICE,
			"0x7f1122334455 is a user address, at which this task has nothing mapped"),
		"CPU 1, PID 227, 0x7f1122334455");
	page_fault(sh);
	snprintf(want, sizeof(want), "0x%lx is in the task_struct of PID 227 \"sh\"", sh);
	expect_about(expect_one("fault-address", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xffff9a402001e000");
	page_fault(syn_stack(m, sh) + 0x20);
	snprintf(want, sizeof(want), "0x%lx is on the TASK stack of PID 227 \"sh\", ",
		 syn_stack(m, sh) + 0x20);
	ck_assert_ptr_nonnull(strstr(nth_finding("fault-address", 0)->text, want));
	expect_findings(__func__, _i);
}
END_TEST

/* Addresses of each kind, and the first and last of it. */
START_TEST(fault_at_each_place)
{
	const uint64_t at[] = {
		1,
		0xfff,
		0x1000,
		0x1001,
		STK_FIRST_ERROR - 1,
		STK_FIRST_ERROR,
		(uint64_t)-1,
		SYN_TEXT,
		SYN_TEXT - 1,
		SYN_ETEXT,
		SYN_INIT,
		SYN_DATA,
		SYN_END,
		SYN_DIRECT,
		SYN_DIRECT - 1,
		SYN_RO_IDT,
		SYN_VMALLOC,
		SYN_VMEMMAP,
		SYN_MODULE,
		SYN_PERCPU(0),
		SYN_PERCPU(1) + 0x100,
		SYN_PERCPU(2),
		sh,
		sh - 1,
		sh + 0x8000,
		syn_stack(m, sh),
		syn_stack(m, sh) - 0x1000,
		syn_stack(m, sh) + SYN_THREAD_SIZE,
		syn_irq_top(1),
		syn_irq_top(1) - 8,
		syn_cea(m, 1),
		syn_ist_top(m, 0, "NMI") - 8,
		0x7fffffffffff,
		0x800000000000,
		0xffff7fffffffffff,
		0xffff800000000000,
	};

	only_findings = true;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		page_fault(at[i]);
	expect_findings(__func__, _i);
}
END_TEST

/* Which register held it: the nearest that is no address, less than a page away. */
START_TEST(fault_near_a_register)
{
	const uint64_t bad = 0x1234567812345678;
	static const int64_t by[] = { 0, 1, -1, 0xfff, -0xfff, 0x1000, -0x1000, 0x1001 };

	only_findings = true;
	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		gpf(bad, bad + (uint64_t)by[i]);
		gpf_without_address(bad + (uint64_t)by[i]);
	}
	for (unsigned int bit = 0; bit < 64; bit += 3) {
		gpf(sh ^ 1ull << bit, 1);
		gpf(sh ^ 1ull << bit ^ 1ull << (bit + 5) % 64, 1);
	}
	expect_findings(__func__, _i);
}
END_TEST

/* The first of them counts as the others do. */
START_TEST(fault_in_the_first_register)
{
	static const char regs[] = "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
				   "RIP: 0010:task_spin+0x20/0x40\n"
				   "RSP: 0018:6b6b6b6b6b6b6b6b EFLAGS: 00010246\n"
				   "RAX: 0000000000000000 RBX: 0000000000000000\n";

	only_findings = true;
	look("general protection fault: 0000 [#1] SMP PTI\n%s", regs);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"RSP holds 0x6b6b6b6b6b6b6b6b, no address: perhaps it is POISON_FREE: in a "
			"slab object that was freed"),
		"CPU 1, PID 227, 0x6b6b6b6b6b6b6b6b");
	look("general protection fault, probably for non-canonical address "
	     "0x6b6b6b6b6b6b6b6b: 0000 [#1] PREEMPT SMP NOPTI\n%s",
	     regs);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0x6b6b6b6b6b6b6b6b (in RSP) is no address: perhaps it is POISON_FREE: in a "
			"slab object that was freed"),
		"CPU 1, PID 227, 0x6b6b6b6b6b6b6b6b");
}
END_TEST

/* The register says nothing, so the address itself does. */
START_TEST(fault_far_from_a_register)
{
	only_findings = true;
	gpf(0xdeacfffffffff800, 0xdeacffffffffea00);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xdeacffffffffea00 (in RAX, but for an offset) is no address: perhaps it "
			"is a poisoned pointer-0x800: where a pointer was taken away"),
		"CPU 1, PID 227, 0xdeacfffffffff800");
}
END_TEST

/* Of a text that was cut nobody knows who it was. */
START_TEST(fault_of_nobody)
{
	const struct stk_finding *f;

	look("BUG: unable to handle page fault for address: ffff800000000038\n"
	     "Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
	     "Kernel panic - not syncing: Fatal exception\n");
	f = nth_finding("fault-address", 0);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->cpu, -1);
	ck_assert_int_eq(f->pid, -1);
	expect_findings(__func__, _i);
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
	expect_findings(__func__, _i);
}
END_TEST

/* Where it went on may be text that has no name. */
START_TEST(fault_at_an_address)
{
	look("general protection fault: 0000 [#1] SMP PTI\n"
	     "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
	     "RIP: 0010:0xffffffffc0de0000\n"
	     "RSP: 0018:ffffb1c000013e50 EFLAGS: 00010246\n"
	     "RAX: 0000000000000001 RBX: 0000000000000000 RCX: 0000000000000001\n"
	     "Kernel panic - not syncing: Fatal exception\n");
	expect_none("fault-address");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- whose code ---- */

#define MODULES                                                                          \
	"CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1\n"                                \
	"RIP: 0010:task_spin+0x20/0x40\n"                                                \
	"RSP: 0018:ffffb1c000013e50 EFLAGS: 00010246\n"                                  \
	"Call Trace:\n"                                                                  \
	" <TASK>\n"                                                                      \
	" ? stale_fn+0x1/0x2 [stale]\n"                                                  \
	" kfree+0x1/0x2 [alloc]\n"                                                       \
	" first_fn+0x10/0x20 [first]\n"                                                  \
	" second_fn+0x10/0x20 [second]\n"                                                \
	" do_syscall_64+0x33/0x80\n"                                                     \
	" </TASK>\n"                                                                     \
	"---[ end trace 0000000000000000 ]---\n"

/* By the log, where the dump has no such chain. */
START_TEST(module_in_chain)
{
	look("BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
	     "Oops: 0002 [#1] PREEMPT SMP NOPTI\n" MODULES
	     "Kernel panic - not syncing: Fatal exception\n");
	/* There is one name only. */
	expect_none("two-signatures");
	expect_about(expect_one("module-in-chain", STK_SEVERITY_NOTICE,
				"first_fn of the module first is the first code of the "
				"chain that is not the kernel's own"),
		     "CPU -1, PID -1, first_fn [first]");
	/* It did not die of it. */
	look("WARNING: CPU: 0 PID: 1 at a.c:1 task_spin+0x20/0x40\n" MODULES);
	expect_none("module-in-chain");
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(no_address)
{
	char want[200];

	gpf(0xdead000000000108, 0xdead000000000100);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xdead000000000100 (in RAX, but for an offset) is no address: perhaps it "
			"is LIST_POISON1: the next of an entry that was deleted from its list"),
		"CPU 1, PID 227, 0xdead000000000108");
	gpf(0xdead000000000122, 0xdead000000000122);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xdead000000000122 (in RAX) is no address: perhaps it is LIST_POISON2: "
			"the previous of an entry that was deleted from its list"),
		"CPU 1, PID 227, 0xdead000000000122");
	gpf(0x6b6b6b6b6b6b6ba3, 1);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0x6b6b6b6b6b6b6ba3 is no address: perhaps it is POISON_FREE+0x38: in a "
			"slab object that was freed"),
		"CPU 1, PID 227, 0x6b6b6b6b6b6b6ba3");
	gpf(0x6f77207369687420, 1);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0x6f77207369687420 is no address: perhaps it is the characters \" this "
			"wo\": a string was written over it"),
		"CPU 1, PID 227, 0x6f77207369687420");
	gpf(0x1234567812345678, 1);
	expect_about(expect_one("fault-address", STK_SEVERITY_NOTICE,
				"0x1234567812345678 is no address of this machine"),
		     "CPU 1, PID 227, 0x1234567812345678");
	/* A bit of a pointer that is good but for it; two; three. */
	gpf(sh ^ 1ull << 52, 1);
	snprintf(
		want, sizeof(want),
		"0x%llx is no address: perhaps it is the mapped kernel address 0x%lx with bit "
		"52 wrong",
		sh ^ 1ull << 52, sh);
	expect_about(expect_one("fault-address", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU 1, PID 227, 0xffef9a402001e000");
	gpf(sh ^ 5ull << 52, 1);
	snprintf(
		want, sizeof(want),
		"0x%llx is no address: perhaps it is the mapped kernel address 0x%lx with "
		"bits 52 and 54 wrong",
		sh ^ 5ull << 52, sh);
	expect_about(expect_one("fault-address", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU 1, PID 227, 0xffaf9a402001e000");
	/* Of a user's address there is no telling whose it would be. */
	syn_put64(m, SYN_USER_IP & ~7ull, 0);
	gpf(SYN_USER_IP ^ 1ull << 52, 1);
	expect_about(expect_one("fault-address", STK_SEVERITY_NOTICE,
				"0x107f1122334455 is no address of this machine"),
		     "CPU 1, PID 227, 0x107f1122334455");
	gpf(sh ^ 7ull << 52, 1);
	snprintf(want, sizeof(want), "0x%llx is no address of this machine",
		 sh ^ 7ull << 52);
	expect_about(expect_one("fault-address", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xff8f9a402001e000");
	expect_findings(__func__, _i);
}
END_TEST

/* The kernel before 5.5 does not say which address. */
START_TEST(no_address_in_a_register)
{
	gpf_without_address(0x6b6b6b6b6b6b6b6b);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"RAX holds 0x6b6b6b6b6b6b6b6b, no address: perhaps it is POISON_FREE: in a "
			"slab object that was freed"),
		"CPU 1, PID 227, 0x6b6b6b6b6b6b6b6b");
	gpf_without_address(0x1234567812345678);
	expect_none("fault-address");
	gpf_without_address(sh);
	expect_none("fault-address");
	gpf_without_address(SYN_USER_IP);
	expect_none("fault-address");
	expect_findings(__func__, _i);
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
	expect_about(f, "CPU 1, PID 227");
	/* It died of it. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "Kernel panic - not syncing: softlockup: hung tasks\n",
	     "task_spin");
	expect_about(
		expect_one(
			"stuck", STK_SEVERITY_FATAL,
			"CPU 1 is still in timer_fn < task_spin: soft lockup (line 1 of the log, 22 s "
			"by then)"),
		"CPU 1, PID 227");
	/* Some say no time, and some that it was none. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 0s! [sh:227]\n" STUCK_TRACE,
	     "task_spin");
	expect_about(
		expect_one(
			"stuck", STK_SEVERITY_SUSPICIOUS,
			"CPU 1 is still in timer_fn < task_spin: soft lockup (line 1 of the log)"),
		"CPU 1, PID 227");
	/* It was stuck before the machine died of something else: told once. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" STUCK_TRACE
	     "Kernel panic - not syncing: enough\n",
	     "task_spin");
	ck_assert_int_eq(nth_finding("stuck", 0)->severity, STK_SEVERITY_SUSPICIOUS);
	expect_none("earlier-event");
	expect_findings(__func__, _i);
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
	expect_findings(__func__, _i);
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
	expect_findings(__func__, _i);
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
	expect_findings(__func__, _i);
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
	expect_about(
		expect_one(
			"trouble-before", STK_SEVERITY_SUSPICIOUS,
			"by its taint (BD) the kernel had trouble that the log has nothing of: a "
			"page was in a bad state, it had died before"),
		"CPU -1, PID -1");
	look(DIES TAINTED("G   M           "));
	expect_about(
		expect_one(
			"trouble-before", STK_SEVERITY_SUSPICIOUS,
			"by its taint (M) the kernel had trouble that the log has nothing of: the "
			"hardware reported an error"),
		"CPU -1, PID -1");
	/* A module's letters; what the log tells; what this event itself brought. */
	look(DIES TAINTED("P           OE     "));
	expect_none("trouble-before");
	look("[  100.0] WARNING: CPU: 1 PID: 227 at f.c:1 task_spin+0x20/0x40\n"
	     "[  100.0] ---[ end trace 0 ]---\n" DIES TAINTED("G        W        "));
	expect_none("trouble-before");
	look("[  199.0] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n" LOCKED_UP(
		"G             L    "));
	expect_none("trouble-before");
	/* What came later is none of it. */
	look(DIES TAINTED(
		"G        W        ") "[  300.0] WARNING: CPU: 1 PID: 227 at f.c:1 task_spin+0x20/0x40\n");
	ck_assert_ptr_nonnull(nth_finding("trouble-before", 0));
	expect_findings(__func__, _i);
}
END_TEST

/* Logs as the dice fall: what came before what, and how long before. */
START_TEST(thrown_logs)
{
	static const char *const block[] = {
		"{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error\n",
		"mce: [Hardware Error]: Machine check events logged\n",
		"mce: [Hardware Error]: CPU 1: Machine Check Exception: 4 Bank 5: bd00\n",
		"sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0\n",
		"sh invoked oom-killer: gfp_mask=0xcc0, order=0\n",
		"Memory cgroup out of memory: Killed process 12 (sh) total-vm:1kB\n",
		"Out of memory: Killed process 12 (sh) total-vm:1kB\n",
		"WARNING: CPU: 1 PID: 227 at f.c:1 task_spin+0x20/0x40\n",
		"BUG: Bad page state in process sh  pfn:12345\n",
		"BUG: sleeping function called from invalid context at f.c:1\n",
		"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n",
		"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n",
		"BUG: KASAN: use-after-free in task_spin+0x20/0x40\n",
		"list_add corruption. next->prev should be prev (1), but was 2.\n",
		"general protection fault: 0000 [#1] SMP PTI\n",
		"BUG: kernel NULL pointer dereference, address: 0000000000000008\n",
		"INFO: task sh:227 blocked for more than 120 seconds.\n",
	};
	static const char *const tainted[] = { "Not tainted", "Tainted: G    B   W    ",
					       "Tainted: G   M D        ",
					       "Tainted: G      D W    L ",
					       "Tainted: P           OE " };
	static const char *const end[] = {
		"",
		"",
		"Kernel panic - not syncing: enough\n",
		"Kernel panic - not syncing: Fatal exception\n",
		"Kernel panic - not syncing: softlockup: hung tasks\n",
		"Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n",
		"Kernel panic - not syncing: Fatal local machine check\n",
	};
	const size_t nr = sizeof(block) / sizeof(block[0]);
	char log[4096];

	dice_seed(2);
	only_findings = true;
	for (unsigned int i = 0; i < 150; i++) {
		unsigned int time = 100, most = dice(5);
		const char *where;
		size_t at = 0;

		for (unsigned int k = 0; k <= most; k++) {
			const char *what =
				k < most ? block[dice((unsigned int)nr)] : end[dice(7)];

			time += dice(3) * 30;
			if (!*what)
				break;
			at += (size_t)snprintf(log + at, sizeof(log) - at,
					       dice(8) ? "[  %u.5] %s" : "%.0u%s", time,
					       what);
			if (dice(2))
				continue;
			where = dice(2) ? "task_spin" : "vfs_write";
			at += (size_t)snprintf(
				log + at, sizeof(log) - at,
				"[  %u.5] CPU: 1 PID: 227 Comm: sh %s 6.1.0 #1\n"
				"[  %u.5] RIP: 0010:%s+0x20/0x40\n",
				time, tainted[dice(5)], time, where);
			if (dice(2))
				at += (size_t)snprintf(
					log + at, sizeof(log) - at,
					"[  %u.5] Call Trace:\n"
					"[  %u.5]  %s+0x30/0x80\n"
					"[  %u.5]  ksys_write+0x1/0x2\n",
					time, time, dice(3) ? "vfs_write" : "gone", time);
			if (dice(2))
				at += (size_t)snprintf(log + at, sizeof(log) - at,
						       "[  %u.5] ---[ end trace 0 ]---\n",
						       time);
		}
		look("%.*s", (int)at, log);
	}
	expect_findings(__func__, _i);
}
END_TEST

/* ---- clocks, and tasks that wait ---- */

#define NS 1000000000ull
#define D  2u

static void clock_types(void)
{
	syn_member(m, "rq.clock", 0x910, 8);
	syn_member(m, "task_struct.sched_info", 3000, 32);
	syn_member(m, "sched_info.last_arrival", 16, 8);
}

static void set_clock(unsigned int cpu, uint64_t seconds)
{
	syn_put64(m, syn_percpu(m, "runqueues", cpu) + 0x910, seconds * NS);
}

static void sleeps_since(uint64_t task, uint32_t state, uint64_t seconds)
{
	syn_put32(m, task + syn_off(m, "task_struct.__state"), state);
	syn_put64(m, task + 3016, seconds * NS);
}

/* What a function of the machine's is called in this test. */
static void rename_function(const char *name, const char *to)
{
	struct syn_symbol *symbol = syn_find_symbol(m, name);

	ck_assert_ptr_nonnull(symbol);
	snprintf(symbol->name, sizeof(symbol->name), "%s", to);
}

static uint64_t sleeper;

static void setup_guard(void)
{
	sleeper = fixture_sleeper();
}

static void setup_sleeper(void)
{
	sleeper = fixture_sleeper();
	syn_crash_note(&c);
	clock_types();
	set_clock(0, 1000);
	set_clock(1, 990);
}

/* Another one, in the same functions. */
static uint64_t one_more(uint32_t pid)
{
	uint64_t task = syn_task(m, "more", pid, 0);
	struct syn_cpu cpu = syn_cpu(m, 0, task);

	syn_syscall(&cpu);
	syn_sleep(&cpu);
	return task;
}

START_TEST(sched_clock)
{
	uint64_t now, ns;

	s = syn_open(m);
	ck_assert(stk_sched_clock(s, &now));
	ck_assert_uint_eq(now, 1000 * NS);
	sleeps_since(sleeper, D, 990);
	ck_assert(stk_task_idle_for(s, sleeper, now, &ns));
	ck_assert_uint_eq(ns, 10 * NS);
	sleeps_since(sleeper, D, 1001);
	s = syn_open(m);
	ck_assert(!stk_task_idle_for(s, sleeper, now, &ns));
	sleeps_since(sleeper, D, 0);
	s = syn_open(m);
	ck_assert(!stk_task_idle_for(s, sleeper, now, &ns));
	/* Garbage is not believed. */
	set_clock(0, 100ull * 366 * 86400 + 1);
	s = syn_open(m);
	ck_assert(stk_sched_clock(s, &now));
	ck_assert_uint_eq(now, 990 * NS);
	set_clock(0, 100ull * 366 * 86400);
	s = syn_open(m);
	ck_assert(stk_sched_clock(s, &now));
	ck_assert_uint_eq(now, 100ull * 366 * 86400 * NS);
	set_clock(0, 0);
	set_clock(1, 0);
	s = syn_open(m);
	ck_assert(!stk_sched_clock(s, &now));
	syn_no_member(m, "rq.clock");
	s = syn_open(m);
	ck_assert(!stk_sched_clock(s, &now));
	syn_no_member(m, "sched_info.last_arrival");
	s = syn_open(m);
	ck_assert(!stk_task_idle_for(s, sleeper, 1000 * NS, &ns));
}
END_TEST

START_TEST(uptime)
{
	const uint64_t tk = SYN_DATA + 0x6000;
	uint64_t seconds;

	syn_member(m, "timekeeper.ktime_sec", 56, 8);
	syn_member(m, "timekeeper.offs_boot", 96, 8);
	syn_symbol(m, "shadow_timekeeper", tk);
	syn_put64(m, tk + 56, 500);
	syn_put64(m, tk + 96, 100 * NS);
	s = syn_open(m);
	ck_assert(stk_uptime(s, &seconds));
	ck_assert_uint_eq(seconds, 600);
	syn_no_symbol(m, "shadow_timekeeper");
	seconds = tk;
	s = syn_open(m);
	ck_assert(!stk_uptime(s, &seconds));
	syn_symbol(m, "shadow_timekeeper", tk);
	/* In a structure with a name, and of an array since. */
	syn_member(m, "tk_data.timekeeper", 8, 256);
	syn_symbol(m, "tk_core", tk + 0x200);
	s = syn_open(m);
	ck_assert(stk_uptime(s, &seconds));
	ck_assert_uint_eq(seconds, 600);
	ck_assert_uint_eq(syn_asked(m, "member tk_data.timekeeper"), 0);
	syn_no_symbol(m, "shadow_timekeeper");
	syn_put64(m, tk + 0x208 + 56, 700);
	s = syn_open(m);
	ck_assert(stk_uptime(s, &seconds));
	ck_assert_uint_eq(seconds, 700);
	syn_symbol(m, "timekeeper_data", tk + 0x400);
	syn_put64(m, tk + 0x408 + 56, 800);
	s = syn_open(m);
	ck_assert(stk_uptime(s, &seconds));
	ck_assert_uint_eq(seconds, 800);
	syn_put64(m, tk + 0x408 + 56, 0);
	s = syn_open(m);
	ck_assert(!stk_uptime(s, &seconds));
	syn_put64(m, tk + 0x408 + 56, 100ull * 366 * 86400 + 1);
	s = syn_open(m);
	ck_assert(!stk_uptime(s, &seconds));
	/* The time of the log's last message is a guess beside it. */
	syn_put64(m, tk + 0x408 + 56, 800);
	look("[  900.5] hello\n");
	ck_assert_uint_eq(t.uptime, 800);
	expect_findings(__func__, _i);
}
END_TEST

/* Without a clock it was up until it printed the last message. */
START_TEST(uptime_by_the_log)
{
	syn_log(m, "hello\nbye\n");
	syn_log_time(m, 1, 900 * NS);
	syn_log_time(m, 2, 901 * NS + NS / 2);
	look("[  17.5] from elsewhere\n");
	ck_assert_uint_eq(t.uptime, 901);
}
END_TEST

/* What a timekeeper is inside of is not known: that may begin with something else. */
START_TEST(no_timekeeper)
{
	const uint64_t tk = SYN_DATA + 0x6000;
	uint64_t seconds;

	syn_member(m, "timekeeper.ktime_sec", 56, 8);
	syn_member(m, "timekeeper.offs_boot", 96, 8);
	syn_symbol(m, "tk_core", tk);
	syn_put64(m, tk + 56, 500);
	syn_put64(m, tk + 96, 100 * NS);
	s = syn_open(m);
	ck_assert(!stk_uptime(s, &seconds));
	syn_member(m, "tk_data.timekeeper", 0, 256);
	s = syn_open(m);
	ck_assert(stk_uptime(s, &seconds));
	ck_assert_uint_eq(seconds, 600);
}
END_TEST

START_TEST(blocked)
{
	const struct stk_finding *f;

	sleeps_since(sleeper, D, 880);
	look("hello\n");
	f = expect_one(
		"blocked-tasks", STK_SEVERITY_SUSPICIOUS,
		"PID 300 \"sleeper\" sleeps in D, not run for 0:02:00: task_spin < "
		"vfs_write < ksys_write");
	expect_about(f, "CPU -1, PID 300, task_spin");
	ck_assert_int_eq(t.nr_blocked, 1);
	ck_assert(t.blocked[0].has_ns);
	ck_assert_uint_eq(t.blocked[0].ns, 120 * NS);
	/* Others that wait in the same count, too, however long they do. */
	sleeps_since(one_more(301), D, 999);
	sleeps_since(one_more(302), D, 700);
	look("hello\n");
	expect_about(
		expect_one(
			"blocked-tasks", STK_SEVERITY_SUSPICIOUS,
			"PID 302 \"more\" and 2 more sleep in D, not run for 0:05:00: task_spin < "
			"vfs_write < ksys_write"),
		"CPU -1, PID 302, task_spin");
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(not_blocked)
{
	static const uint32_t fine[] = { 0, 1, 4, 0x402, 0x8000 };
	const uint64_t limit = SYN_DATA + 0x6000;

	/* What the kernel would not complain of. */
	sleeps_since(sleeper, D, 881);
	look("hello\n");
	expect_none("blocked-tasks");
	ck_assert_int_eq(t.nr_blocked, 1);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		sleeps_since(sleeper, fine[i], 10);
		look("hello\n");
		expect_none("blocked-tasks");
		ck_assert_int_eq(t.nr_blocked, 0);
	}
	/* As it was told to. */
	sleeps_since(sleeper, D, 940);
	syn_symbol(m, "sysctl_hung_task_timeout_secs", limit);
	syn_put32(m, limit, 60);
	look("hello\n");
	ck_assert_ptr_nonnull(nth_finding("blocked-tasks", 0));
	syn_put32(m, limit, 61);
	look("hello\n");
	expect_none("blocked-tasks");
	syn_put32(m, limit, 0);
	look("hello\n");
	expect_none("blocked-tasks");
	/* Nobody knows for how long. */
	sleeps_since(sleeper, D, 10);
	syn_no_member(m, "sched_info.last_arrival");
	look("hello\n");
	expect_none("blocked-tasks");
	ck_assert(!t.blocked[0].has_ns);
	expect_findings(__func__, _i);
}
END_TEST

#define HUNG(pid)                                                                        \
	"[  100.0] INFO: task %s:" #pid " blocked for more than 120 seconds.\n"          \
	"task:%s state:D stack:0 pid:" #pid " ppid:1 flags:0x4000\n"                     \
	"Call Trace:\n"                                                                  \
	" <TASK>\n"                                                                      \
	" task_spin+0x%x/0x60\n"                                                         \
	" vfs_write+0x%x/0x60\n"                                                         \
	" </TASK>\n"

/* Tasks that hang in the same are one; what the log tells of all is told once. */
START_TEST(many_hang)
{
	sleeps_since(sleeper, D, 10);
	sleeps_since(one_more(301), D, 11);
	sleeps_since(one_more(302), D, 12);
	look(HUNG(300) HUNG(301) HUNG(300), "sleeper", "sleeper", 0x20, 0x20, "more",
	     "more", 0x20, 0x20, "sleeper", "sleeper", 0x20, 0x20);
	ck_assert_ptr_nonnull(nth_finding("stuck", 0));
	ck_assert_msg(strstr(nth_finding("stuck", 0)->text,
			     "PID 301 \"more\" and 1 more are still in task_spin < "
			     "vfs_write: hung task"),
		      "%s", nth_finding("stuck", 0)->text);
	ck_assert_ptr_null(nth_finding("stuck", 1));
	/* Of the third it does not tell. */
	ck_assert_ptr_nonnull(nth_finding("blocked-tasks", 0));
	look(HUNG(300) HUNG(301) HUNG(302), "sleeper", "sleeper", 0x20, 0x20, "more",
	     "more", 0x20, 0x20, "more", "more", 0x20, 0x20);
	ck_assert_msg(strstr(nth_finding("stuck", 0)->text, " and 2 more are still in "),
		      "%s", nth_finding("stuck", 0)->text);
	expect_none("blocked-tasks");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- who has the lock that they wait for ---- */

#define MUTEX (SYN_DATA + 0x7000)
#define RUNS  "task_spin < vfs_write < ksys_write"

static void lock_types(void)
{
	syn_size(m, "mutex", 32);
	syn_member(m, "mutex.owner", 0, 8);
	syn_member(m, "mutex.wait_list", 16, 16);
	syn_member(m, "mutex_waiter.list", 0, 16);
	syn_member(m, "mutex_waiter.task", 16, 8);
	syn_symbol_of_type(m, "the_mutex", MUTEX, 'd');
}

/* Once all sleep, by the names that their functions have. */
static void in_mutex(void)
{
	rename_function("vfs_write", "__mutex_lock.constprop.0");
}

static void link_to(uint64_t at, uint64_t next)
{
	syn_put64(m, at, next);
	syn_put64(m, next + 8, at);
}

/* Room for three words among the locals of the sleeping @task. */
static uint64_t room_on_stack(uint64_t task)
{
	uint64_t at = syn_get64(m, task + syn_off(m, "task_struct.thread") +
					   syn_off(m, "thread_struct.sp"));

	while (syn_get64(m, at) >> 32 != 0x11111111 ||
	       syn_get64(m, at + 16) >> 32 != 0x11111111)
		at += 8;
	return at;
}

/* It waits at @waiter for the mutex, which @owner has. */
static void waits_at(uint64_t waiter, uint64_t task, uint64_t mutex, uint64_t owner)
{
	syn_put64(m, waiter + 16, task);
	link_to(waiter, mutex + 16);
	link_to(mutex + 16, waiter);
	syn_put64(m, mutex, owner | 1);
}

/* The same; returns its entry in the list. */
static uint64_t waits_for(uint64_t task, uint64_t mutex, uint64_t owner)
{
	uint64_t waiter = room_on_stack(task);

	waits_at(waiter, task, mutex, owner);
	return waiter;
}

START_TEST(lock_owner)
{
	const struct stk_finding *f;
	char want[240];

	lock_types();
	in_mutex();
	sleeps_since(sleeper, D, 10);
	waits_for(sleeper, MUTEX, sh);
	look("hello\n");
	snprintf(
		want, sizeof(want),
		"PID 300 \"sleeper\" waits for the mutex 0x%llx (the_mutex+0x0), which PID 227 "
		"\"sh\" holds, who runs on CPU 1 in task_spin < __mutex_lock < ksys_write",
		MUTEX);
	f = expect_one("lock-owner", STK_SEVERITY_SUSPICIOUS, want);
	expect_about(f, "CPU -1, PID 300, 0xffffffff9b057000");
	expect_findings(__func__, _i);
}
END_TEST

/* Its CPU is in another task's chain: what that does is not the owner's doing. */
START_TEST(lock_owner_elsewhere)
{
	uint64_t owner = one_more(302);
	const struct stk_finding *f;

	lock_types();
	in_mutex();
	sleeps_since(sleeper, D, 10);
	waits_for(sleeper, MUTEX, owner);
	syn_put32(m, owner + syn_off(m, "task_struct.on_cpu"), 1);
	syn_put32(m,
		  owner + syn_off(m, "task_struct.thread_info") +
			  syn_off(m, "thread_info.cpu"),
		  1);
	look("hello\n");
	f = nth_finding("lock-owner", 0);
	ck_assert_ptr_nonnull(
		strstr(f->text, "PID 302 \"more\" holds, who runs on CPU "));
	ck_assert_ptr_null(strstr(f->text, " in "));
}
END_TEST

/* Others wait for it, too; who has it sleeps. */
START_TEST(lock_owner_sleeps)
{
	uint64_t more = one_more(301), owner = one_more(302), waiter;
	char want[240];

	lock_types();
	in_mutex();
	sleeps_since(sleeper, D, 10);
	sleeps_since(more, D, 11);
	sleeps_since(owner, 1, 12);
	waiter = room_on_stack(more);
	link_to(waits_for(sleeper, MUTEX, owner), waiter);
	link_to(waiter, MUTEX + 16);
	syn_put64(m, waiter + 16, more);
	look("hello\n");
	snprintf(
		want, sizeof(want),
		"PID 300 \"sleeper\" and 1 more wait for the mutex 0x%llx (the_mutex+0x0), "
		"which PID 302 \"more\" holds, who is sleeping in task_spin < __mutex_lock < "
		"ksys_write",
		MUTEX);
	expect_about(expect_one("lock-owner", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU -1, PID 300, 0xffffffff9b057000");
	expect_findings(__func__, _i);
}
END_TEST

/* A task says itself for which it waits. */
START_TEST(rt_mutex)
{
	const uint64_t waiter = SYN_DATA + 0x7100;

	sleeps_since(sleeper, D, 10);
	syn_member(m, "task_struct.pi_blocked_on", 3104, 8);
	syn_member(m, "rt_mutex_waiter.task", 0x30, 8);
	syn_member(m, "rt_mutex_waiter.lock", 0x38, 8);
	syn_member(m, "rt_mutex_base.owner", 0x18, 8);
	syn_put64(m, sleeper + 3104, waiter);
	syn_put64(m, waiter + 0x30, sleeper);
	syn_put64(m, waiter + 0x38, MUTEX);
	syn_put64(m, MUTEX + 0x18, sh | 1);
	look("hello\n");
	ck_assert_str_eq(t.blocked[0].wait.what, "rt_mutex");
	ck_assert_uint_eq(t.blocked[0].wait.lock, MUTEX);
	ck_assert(t.blocked[0].wait.has_owner);
	ck_assert_uint_eq(t.blocked[0].wait.owner.addr, sh);
	ck_assert_ptr_nonnull(nth_finding("lock-owner", 0));
	/* As it was called before; the next owner has not come yet. */
	syn_no_member(m, "rt_mutex_base.owner");
	syn_member(m, "rt_mutex.owner", 0x18, 8);
	syn_put64(m, MUTEX + 0x18, 1);
	look("hello\n");
	ck_assert_str_eq(t.blocked[0].wait.what, "rt_mutex");
	ck_assert(!t.blocked[0].wait.has_owner);
	expect_none("lock-owner");
	{
		const struct stk_event_trace trace = { 0 };
		struct stk_lock_wait wait;
		struct stk_task task;

		stk_triage_free(s, &t);
		syn_put64(m, MUTEX + 0x18, sh | 1);
		s = syn_open(m);
		ck_assert_int_eq(stk_task_read(s, sleeper, &task), STK_OK);
		stk_lock_wait(s, &task, &trace, &wait);
		ck_assert_str_eq(wait.what, "rt_mutex");
		ck_assert(wait.has_owner && !wait.has_last && !wait.readers);
		syn_put64(m, MUTEX + 0x18, 1);
	}
	/* Not its own. */
	syn_put64(m, waiter + 0x30, sh);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	syn_put64(m, waiter + 0x30, sleeper);
	syn_put64(m, waiter + 0x38, 0);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	expect_findings(__func__, _i);
}
END_TEST

/* The kernel says it itself, and of which kind the lock is. */
START_TEST(lock_of_the_task)
{
	char want[240];

	syn_symbol_of_type(m, "the_mutex", MUTEX, 'd');
	syn_member(m, "mutex.owner", 0, 8);
	syn_member(m, "rw_semaphore.owner", 8, 8);
	syn_member(m, "task_struct.blocker", 3100, 8);
	sleeps_since(sleeper, D, 10);
	syn_put64(m, MUTEX, sh);
	syn_put64(m, sleeper + 3104, MUTEX);
	syn_member(m, "task_struct.blocker", 3104, 8);
	look("hello\n");
	ck_assert_str_eq(t.blocked[0].wait.what, "mutex");
	ck_assert_uint_eq(t.blocked[0].wait.owner.addr, sh);
	syn_put64(m, sleeper + 3104, MUTEX | 3);
	syn_put64(m, MUTEX, 0);
	syn_put64(m, MUTEX + 8, sh | 2);
	look("hello\n");
	ck_assert_str_eq(t.blocked[0].wait.what, "rwsem");
	ck_assert_uint_eq(t.blocked[0].wait.lock, MUTEX);
	ck_assert_uint_eq(t.blocked[0].wait.owner.addr, sh);
	/* A reader had it; there may be others. */
	syn_put64(m, MUTEX + 8, sh | 1);
	look("hello\n");
	ck_assert(!t.blocked[0].wait.has_owner);
	snprintf(
		want, sizeof(want),
		"PID 300 \"sleeper\" waits for the rwsem 0x%llx (the_mutex+0x0), which readers hold: the "
		"last to take it was PID 227 \"sh\", who runs on CPU 1 in " RUNS,
		MUTEX);
	expect_about(expect_one("lock-owner", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU -1, PID 300, 0xffffffff9b057000");
	/* A semaphore has no owner; since 6.16 it is known who took it last. */
	syn_put64(m, sleeper + 3104, MUTEX | 1);
	look("hello\n");
	ck_assert_str_eq(t.blocked[0].wait.what, "semaphore");
	ck_assert(!t.blocked[0].wait.has_owner);
	expect_none("lock-owner");
	syn_member(m, "semaphore.last_holder", 8, 8);
	syn_put64(m, MUTEX + 8, sh);
	look("hello\n");
	ck_assert(!t.blocked[0].wait.has_owner);
	snprintf(
		want, sizeof(want),
		"PID 300 \"sleeper\" waits for the semaphore 0x%llx (the_mutex+0x0): the last to take it "
		"was PID 227 \"sh\", who runs on CPU 1 in " RUNS,
		MUTEX);
	expect_about(expect_one("lock-owner", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU -1, PID 300, 0xffffffff9b057000");
	syn_put64(m, sleeper + 3104, 0);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(no_lock_owner)
{
	uint64_t waiter, more = one_more(301);

	lock_types();
	in_mutex();
	sleeps_since(sleeper, D, 10);
	waiter = waits_for(sleeper, MUTEX, sh);
	/* Not for long. */
	sleeps_since(sleeper, D, 999);
	look("hello\n");
	expect_none("lock-owner");
	ck_assert(t.blocked[0].wait.has_owner);
	sleeps_since(sleeper, D, 10);
	/* Not the beginning of a task; nobody. */
	syn_put64(m, MUTEX, sh + 8);
	look("hello\n");
	expect_none("lock-owner");
	ck_assert_str_eq(t.blocked[0].wait.what, "mutex");
	syn_put64(m, MUTEX, 0);
	look("hello\n");
	expect_none("lock-owner");
	syn_put64(m, MUTEX, sh);
	/* A link that leads nowhere; an entry of another task's; two heads. */
	syn_put64(m, MUTEX + 24, waiter + 8);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	link_to(waiter, MUTEX + 16);
	link_to(MUTEX + 16, waiter);
	syn_put64(m, waiter + 16, sh);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	syn_put64(m, waiter + 16, sleeper);
	link_to(MUTEX + 16, MUTEX + 64);
	link_to(MUTEX + 64, waiter);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	/* Others wait before it: the head is found among them. */
	sleeps_since(more, D, 998);
	link_to(MUTEX + 16, room_on_stack(more));
	link_to(syn_get64(m, MUTEX + 16), waiter);
	syn_put64(m, syn_get64(m, MUTEX + 16) + 16, more);
	look("hello\n");
	ck_assert_uint_eq(t.blocked[0].wait.lock, MUTEX);
	ck_assert_uint_eq(t.blocked[1].wait.lock, MUTEX);
	expect_findings(__func__, _i);
}
END_TEST

/* Where on the stack its entry may lie: to the byte, from where @sp and @stack are. */
START_TEST(lock_on_the_stack)
{
	static const struct {
		int64_t sp, stack; /* from the entry; its task is at 16 */
		bool is;
	} row[] = {
		{ 0, -0x1000, true },
		{ 1, -0x1000, false },
		{ 8, -0x1000, false },
		{ 16, -0x1000, false },
		{ -1, -0x1000, true },
		{ -8, -0x1000, true },
		/* 512 words are looked at. */
		{ 16 - 8 * 511, -0x2000, true },
		{ 16 - 8 * 512, -0x2000, false },
		{ 16 - 8 * 512 + 1, -0x2000, false },
		/* The stack begins at or below, and ends behind. */
		{ -8, -8, true },
		{ -8, 0, false },
		{ 0, 0, true },
		{ 0, 24 - (int64_t)SYN_THREAD_SIZE, true },
		{ 0, 17 - (int64_t)SYN_THREAD_SIZE, true },
		{ 0, 16 - (int64_t)SYN_THREAD_SIZE, false },
	};
	struct stk_event_frame frame = { .function = "__mutex_lock" };
	const struct stk_event_trace trace = { .frames = &frame, .nr_frames = 1 };
	struct stk_lock_wait wait;
	struct stk_task task;
	uint64_t waiter;

	lock_types();
	waiter = waits_for(sleeper, MUTEX, sh);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sleeper, &task), STK_OK);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		task.sp = waiter + (uint64_t)row[i].sp;
		task.stack = waiter + (uint64_t)row[i].stack;
		stk_lock_wait(s, &task, &trace, &wait);
		ck_assert_msg((wait.what != NULL) == row[i].is, "row %zu", i);
		if (!row[i].is)
			continue;
		ck_assert_uint_eq(wait.lock, MUTEX);
		ck_assert(wait.has_owner && !wait.has_last && !wait.readers);
		ck_assert_uint_eq(wait.owner.addr, sh);
	}
	/* Of no stack; in other code; where a frame is in doubt. */
	task.sp = waiter;
	task.stack = 0;
	stk_lock_wait(s, &task, &trace, &wait);
	ck_assert_ptr_null(wait.what);
	task.stack = waiter - 0x1000;
	frame.function = "mutex_unlock";
	stk_lock_wait(s, &task, &trace, &wait);
	ck_assert_ptr_null(wait.what);
	frame = (struct stk_event_frame){ .function = "mutex_lock_killable",
					  .doubtful = true };
	stk_lock_wait(s, &task, &trace, &wait);
	ck_assert_ptr_null(wait.what);
	frame.doubtful = false;
	stk_lock_wait(s, &task, &trace, &wait);
	ck_assert_str_eq(wait.what, "mutex");
}
END_TEST

/* The same words, but it does not sleep in the code of a mutex. */
START_TEST(no_mutex)
{
	lock_types();
	sleeps_since(sleeper, D, 10);
	waits_for(sleeper, MUTEX, sh);
	look("hello\n");
	ck_assert_ptr_null(t.blocked[0].wait.what);
	ck_assert_ptr_nonnull(nth_finding("blocked-tasks", 0));
	expect_none("lock-owner");
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(deadlock)
{
	const unsigned long long other = MUTEX + 0x100;
	uint64_t more;
	char want[400];

	more = one_more(301);
	lock_types();
	in_mutex();
	sleeps_since(sleeper, D, 998);
	sleeps_since(more, D, 999);
	waits_for(sleeper, MUTEX, more);
	waits_for(more, other, sleeper);
	look("hello\n");
	snprintf(
		want, sizeof(want),
		"PID 300 \"sleeper\" waits for the mutex 0x%llx (the_mutex+0x0), which PID 301 "
		"\"more\" holds, who waits for the mutex 0x%llx (the_mutex+0x100), which PID "
		"300 \"sleeper\" holds: a deadlock of 2 tasks",
		MUTEX, other);
	expect_about(expect_one("lock-owner", STK_SEVERITY_DAMAGE, want),
		     "CPU -1, PID 300, 0xffffffff9b057000");
	/* However long: each is in it, none is told of apart. */
	sleeps_since(sleeper, D, 10);
	sleeps_since(more, D, 11);
	look("hello\n");
	expect_about(expect_one("lock-owner", STK_SEVERITY_DAMAGE, want),
		     "CPU -1, PID 300, 0xffffffff9b057000");
	sleeps_since(sleeper, D, 998);
	sleeps_since(more, D, 999);
	/* That has gone on. */
	syn_put64(m, other, sh);
	look("hello\n");
	expect_none("lock-owner");
	/* For its own. */
	syn_put64(m, other, more);
	syn_put64(m, MUTEX, 0);
	look("hello\n");
	snprintf(
		want, sizeof(want),
		"PID 301 \"more\" waits for the mutex 0x%llx (the_mutex+0x100), which it "
		"holds itself: a deadlock",
		MUTEX + 0x100);
	expect_about(expect_one("lock-owner", STK_SEVERITY_DAMAGE, want),
		     "CPU -1, PID 301, 0xffffffff9b057100");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- CPUs that spin ---- */

#define LOCK (SYN_DATA + 0x7800)
/* include/asm-generic/qspinlock_types.h */
#define HELD	      1u
#define PENDING	      0x100u
#define QUEUE_TO(cpu) (((cpu) + 1u) << 18)

#define SPINS "native_queued_spin_lock_slowpath < vfs_write < ksys_write < do_syscall_64"

static void set_register(unsigned int cpu, unsigned int reg, uint64_t value)
{
	syn_put64(m, syn_noted(m, cpu, reg), value);
}

static void setup_spinner(void)
{
	fixture_syscall();
	syn_crash_note(&c);
	syn_symbol_of_type(m, "the_lock", LOCK, 'd');
	rename_function("task_spin", "native_queued_spin_lock_slowpath");
	set_register(1, X86_DI, LOCK);
}

START_TEST(spins)
{
	const struct stk_finding *f;
	char want[240];

	syn_put32(m, LOCK, HELD | PENDING);
	look("hello\n");
	snprintf(want, sizeof(want),
		 "CPU 1 waits for the lock 0x%llx (the_lock+0x0), which is held: " SPINS,
		 LOCK);
	f = expect_one("spinning", STK_SEVERITY_NOTICE, want);
	expect_about(f, "CPU 1, PID 227, 0xffffffff9b057800");
	syn_put32(m, LOCK, HELD | QUEUE_TO(1));
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xffffffff9b057800");
	/* The log says that it is stuck. */
	look("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n"
	     "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
	     "RIP: 0010:native_queued_spin_lock_slowpath+0x20/0x40\n"
	     "Call Trace:\n"
	     " vfs_write+0x20/0x40\n");
	expect_about(expect_one("spinning", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU 1, PID 227, 0xffffffff9b057800");
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(several_spin)
{
	const uint64_t task = syn_task(m, "two", 301, 0);
	struct syn_cpu cpu = syn_cpu(m, 0, task);
	char want[240];

	/* syn_call() knows it by its old name. */
	rename_function("native_queued_spin_lock_slowpath", "task_spin");
	syn_syscall(&cpu);
	syn_crash_note(&cpu);
	rename_function("task_spin", "native_queued_spin_lock_slowpath");
	set_register(0, X86_BX, LOCK);
	syn_put32(m, LOCK, HELD | PENDING | QUEUE_TO(0));
	look("hello\n");
	snprintf(
		want, sizeof(want),
		"CPUs 0, 1 wait for the lock 0x%llx (the_lock+0x0), which is held: " SPINS,
		LOCK);
	expect_about(expect_one("spinning", STK_SEVERITY_SUSPICIOUS, want),
		     "CPU 0, PID 301, 0xffffffff9b057800");
	/* Each for its own. */
	syn_put32(m, LOCK + 4, HELD | PENDING);
	set_register(0, X86_BX, LOCK + 4);
	look("hello\n");
	ck_assert_int_eq(nth_finding("spinning", 0)->severity, STK_SEVERITY_NOTICE);
	ck_assert_int_eq(nth_finding("spinning", 1)->severity, STK_SEVERITY_NOTICE);
	expect_findings(__func__, _i);
}
END_TEST

/* That it spins is known; for which lock is not. */
START_TEST(spins_for_what)
{
	static const uint32_t words[] = {
		0,
		HELD,
		PENDING,
		2u | PENDING,
		3u | PENDING,
		0x81u | PENDING,
		HELD | 0x200u,
		HELD | 0x300u,
		HELD | QUEUE_TO(0),
		HELD | QUEUE_TO(5),
		PENDING | QUEUE_TO(1),
		HELD | PENDING | 0x10000u,
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		syn_put32(m, LOCK, words[i]);
		look("hello\n");
		expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
					"CPU 1 waits for a spinlock: " SPINS),
			     "CPU 1, PID 227");
	}
	syn_put32(m, LOCK, HELD | PENDING);
	syn_put32(m, LOCK + 4, HELD | PENDING);
	set_register(1, X86_BX, LOCK + 4);
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
				"CPU 1 waits for a spinlock: " SPINS),
		     "CPU 1, PID 227");
	set_register(1, X86_BX, LOCK + 1);
	look("hello\n");
	ck_assert_uint_eq(nth_finding("spinning", 0)->address, LOCK);
	expect_findings(__func__, _i);
}
END_TEST

/* By the function: which of them has the address of a lock, as queued spinlocks are. */
static const struct {
	const char *function, *what;
	bool qspinlock;
} spinning[] = {
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

START_TEST(spins_by_function)
{
	const char *name = spinning[_i].function;

	rename_function("native_queued_spin_lock_slowpath", name);
	for (unsigned int held = 0; held < 2; held++) {
		const bool known = held && spinning[_i].qspinlock;
		char what[120], want[240];

		syn_put32(m, LOCK, held ? HELD | PENDING : 0);
		look("hello\n");
		snprintf(what, sizeof(what),
			 "the lock 0x%llx (the_lock+0x0), which is held", LOCK);
		snprintf(
			want, sizeof(want),
			"CPU 1 waits for %s: %s < vfs_write < ksys_write < do_syscall_64",
			known ? what : spinning[_i].what, name);
		expect_about(expect_one("spinning", STK_SEVERITY_NOTICE, want),
			     known ? "CPU 1, PID 227, 0xffffffff9b057800"
				   : "CPU 1, PID 227");
	}
}
END_TEST

/* An interrupt came: it does something else now. */
START_TEST(spins_below)
{
	rename_function("native_queued_spin_lock_slowpath", "task_spin");
	syn_irq(&c);
	rename_function("task_spin", "native_queued_spin_lock_slowpath");
	syn_crash_note(&c);
	look("hello\n");
	expect_none("spinning");
	expect_findings(__func__, _i);
}
END_TEST

/* Where nobody takes turns, the word is 1: it is where the loop looks. */
START_TEST(spins_without_turns)
{
	static const uint8_t loop[] = { 0xf3, 0x90, 0xeb, 0x01, 0xcc, 0x8b, 0x07 };
	static const uint8_t tested[] = { 0xf3, 0x90, 0x85, 0xc0, 0x8b, 0x07 };
	/* No lock lies in user space, or across words, and each is held by one. */
	static const uint64_t none[] = { 0x7000000, LOCK + 2, LOCK + 0x1000000 };
	char want[240];

	/* pause; jmp; mov (%rdi),%eax */
	syn_write(m, c.ip, loop, sizeof(loop));
	syn_put32(m, LOCK, HELD);
	look("hello\n");
	snprintf(want, sizeof(want),
		 "CPU 1 waits for the lock 0x%llx (the_lock+0x0), which is held: " SPINS,
		 LOCK);
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xffffffff9b057800");
	syn_put32(m, LOCK, 2);
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
				"CPU 1 waits for a spinlock: " SPINS),
		     "CPU 1, PID 227");
	syn_put32(m, LOCK, HELD);
	set_register(1, X86_DI, SYN_USER_IP);
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
				"CPU 1 waits for a spinlock: " SPINS),
		     "CPU 1, PID 227");
	expect_findings(__func__, _i);
	set_register(1, X86_DI, LOCK);
	/* pause; test %eax,%eax; mov (%rdi),%eax: a register is no lock, whatever is in
	 * it */
	syn_write(m, c.ip, tested, sizeof(tested));
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE, want),
		     "CPU 1, PID 227, 0xffffffff9b057800");
	syn_write(m, c.ip, loop, sizeof(loop));
	syn_map(m, 0x7000000, syn_alloc(m, 1), 4096);
	syn_put32(m, 0x7000000, HELD);
	syn_put32(m, LOCK + 2, HELD);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		set_register(1, X86_DI, none[i]);
		look("hello\n");
		expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
					"CPU 1 waits for a spinlock: " SPINS),
			     "CPU 1, PID 227");
	}
}
END_TEST

/* The fifth instruction may look at it, and none behind that. */
START_TEST(spins_so_long)
{
	static const uint8_t fifth[] = { 0xf3, 0x90, 0xeb, 0, 0xeb, 0, 0xeb, 0, 0x8b, 7 };
	static const uint8_t sixth[] = { 0xf3, 0x90, 0xeb, 0, 0xeb, 0,
					 0xeb, 0,    0xeb, 0, 0x8b, 7 };

	syn_put32(m, LOCK, HELD);
	syn_write(m, c.ip, fifth, sizeof(fifth));
	look("hello\n");
	ck_assert(nth_finding("spinning", 0)->has_address);
	ck_assert_uint_eq(nth_finding("spinning", 0)->address, LOCK);
	syn_write(m, c.ip, sixth, sizeof(sixth));
	look("hello\n");
	ck_assert(!nth_finding("spinning", 0)->has_address);
}
END_TEST

/* What finds a lockup, or stops a CPU, interrupts it: what is behind that counts. */
START_TEST(spins_behind_watchdog)
{
	rename_function("native_queued_spin_lock_slowpath", "task_spin");
	syn_irq(&c);
	rename_function("task_spin", "native_queued_spin_lock_slowpath");
	syn_crash_note(&c);
	rename_function("timer_fn", "watchdog_timer_fn");
	look("hello\n");
	expect_about(expect_one("spinning", STK_SEVERITY_NOTICE,
				"CPU 1 waits for a spinlock: " SPINS),
		     "CPU 1, PID 227");
	expect_findings(__func__, _i);
}
END_TEST

static void stop_idle(const char *function)
{
	struct syn_cpu cpu = syn_cpu(m, 0, syn_idle(m, 0));

	syn_idle_loop(&cpu);
	syn_irq(&cpu);
	syn_crash_note(&cpu);
	rename_function("timer_fn", function);
	look("hello\n");
}

START_TEST(idle_behind_stop)
{
	stop_idle("stop_this_cpu");
	ck_assert(stk_triage_cpu(&t, 0)->idle);
	expect_findings(__func__, _i);
}
END_TEST

/* riscv stops within what handles the interrupt, by whatever name. */
START_TEST(idle_behind_ipi)
{
	stop_idle("handle_IPI");
	ck_assert(stk_triage_cpu(&t, 0)->idle);
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(not_idle_in_interrupt)
{
	stop_idle("another_fn");
	ck_assert(!stk_triage_cpu(&t, 0)->idle);
	expect_findings(__func__, _i);
}
END_TEST

/* A doubt about what a CPU did once it was stopped is none about what it had done. */
START_TEST(confidence_of_what_is_told)
{
	struct stk_frame frame[2][2] = {
		{ { .reliable = false }, { .reliable = true } },
		{ { .reliable = true }, { .reliable = true } },
	};
	struct stk_segment segment[2] = {
		{ .frames = frame[0], .nr_frames = 2, .next = &segment[1] },
		{ .frames = frame[1], .nr_frames = 2 },
	};
	struct stk_chain chain = { .segments = segment, .confidence = STK_DOUBTFUL };
	struct stk_triage_cpu cpu = { .chain = &chain, .told_from = 1 };

	segment[0].crossing.agree = 1;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_CERTAIN);
	cpu.told_from = 0;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	cpu.told_from = 3;
	frame[1][1].reliable = false;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	frame[1][1].reliable = true;
	segment[0].crossing.agree = 0;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	segment[0].crossing.agree = 1;
	chain.start.doubt = "who runs";
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	chain.start.doubt = NULL;
	chain.user_doubt = "where";
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	chain.user_doubt = NULL;
	chain.dead_end.met = true;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_DOUBTFUL);
	chain.dead_end.met = false;
	chain.confidence = STK_BROKEN;
	ck_assert_int_eq(stk_triage_confidence(&cpu), STK_BROKEN);
}
END_TEST

/* Words of locks as the dice fall, on one CPU or two. */
START_TEST(thrown_locks)
{
	static const uint32_t tail[] = { 0, 1, 2, 3, 4, 5, 8, 12, 0x40 };
	static const uint64_t at[] = { LOCK, LOCK,   LOCK + 4,	 LOCK + 0x100,
				       0,    0x1000, SYN_VMALLOC };

	dice_seed(4);
	only_findings = true;
	for (unsigned int i = 0; i < 80; i++) {
		const uint64_t lock = at[dice(7)];
		uint32_t word = dice(2) * HELD;

		word |= (dice(3) == 0) * PENDING;
		word |= tail[dice(9)] << 16;

		if (lock >= LOCK && lock < LOCK + 0x200)
			syn_put32(m, lock, word);
		set_register(1, X86_DI, lock);
		set_register(1, X86_BX, at[dice(7)]);
		look(dice(4) ? "hello\n"
			     : "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n");
		if (dice(20) == 0)
			rename_function(dice(2) ? "native_queued_spin_lock_slowpath"
						: "vfs_write",
					"queued_write_lock_slowpath");
	}
	expect_findings(__func__, _i);
}
END_TEST

START_TEST(spins_not)
{
	rename_function("native_queued_spin_lock_slowpath", "native_queued_spin_lock");
	look("hello\n");
	expect_none("spinning");
	expect_findings(__func__, _i);
}
END_TEST

/* ---- registers that only the dump has ---- */

START_TEST(fault_in_the_dump)
{
	const uint64_t poison = 0xdead000000000100;
	struct syn_cpu fault;
	uint64_t regs_at;

	c.sp -= 24;
	fault = c;
	regs_at = syn_guard_hit(&c, "DF");
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&fault);
	syn_put64(m, regs_at + 8 * X86_BX, poison);
	set_register(1, X86_BX, poison);
	page_fault(poison + 8);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xdead000000000100 (in RBX, but for an offset) is no address: perhaps it is "
			"LIST_POISON1: the next of an entry that was deleted from its list"),
		"CPU 1, PID 227, 0xdead000000000108");
	/* That was a page fault: of another event they say nothing. */
	gpf(poison + 8, 1);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xdead000000000108 is no address: perhaps it is LIST_POISON1+0x8: the next of "
			"an entry that was deleted from its list"),
		"CPU 1, PID 227, 0xdead000000000108");
	expect_findings(__func__, _i);
}
END_TEST

/* Which register was taken for a pointer, the instruction says. */
START_TEST(fault_by_operand)
{
	static const uint8_t load[] = { 0x48, 0x8b, 0x43,
					0x30 }; /* mov 0x30(%rbx),%rax */
	struct syn_cpu fault;
	uint64_t regs_at;

	c.sp -= 24;
	fault = c;
	syn_write(m, fault.ip, load, sizeof(load));
	regs_at = syn_guard_hit(&c, "DF");
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&fault);
	syn_put64(m, regs_at + 8 * X86_BX, (uint64_t)-22);
	set_register(1, X86_BX, (uint64_t)-22);
	page_fault(0x1a);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0x1a is 0x30 bytes behind the error -22 (EINVAL) in RBX, which was taken "
			"for a pointer"),
		"CPU 1, PID 227, 0x1a");
	/* It accesses something else; it accesses nothing. */
	page_fault(0x1b);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_NOTICE,
			"0x1b is what lies so many bytes behind a pointer that is NULL"),
		"CPU 1, PID 227, 0x1b");
	syn_put64(m, regs_at + 8 * X86_BX, 0);
	set_register(1, X86_BX, 0);
	page_fault(0x30);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_NOTICE,
			"0x30 is what lies so many bytes behind a pointer that is NULL"),
		"CPU 1, PID 227, 0x30");
	expect_findings(__func__, _i);
	/* The least of errors, and what is none. */
	for (uint64_t least = 0; least < 2; least++) {
		syn_put64(m, regs_at + 8 * X86_BX, STK_FIRST_ERROR - least);
		set_register(1, X86_BX, STK_FIRST_ERROR - least);
		page_fault(STK_FIRST_ERROR - least + 0x30);
		expect_about(
			expect_one(
				"fault-address", STK_SEVERITY_SUSPICIOUS,
				least ? "0xfffffffffffff030 is the error -4048, which was "
					"taken for a pointer, or lies before NULL"
				      : "0xfffffffffffff031 is 0x30 bytes behind the error "
					"-4095 in RBX, which was taken for a pointer"),
			least ? "CPU 1, PID 227, 0xfffffffffffff030"
			      : "CPU 1, PID 227, 0xfffffffffffff031");
	}
	/* Without an offset. */
	syn_write(m, fault.ip, "\x48\x8b\x03\x90", 4); /* mov (%rbx),%rax */
	syn_put64(m, regs_at + 8 * X86_BX, (uint64_t)-22);
	set_register(1, X86_BX, (uint64_t)-22);
	page_fault((uint64_t)-22);
	expect_about(
		expect_one(
			"fault-address", STK_SEVERITY_SUSPICIOUS,
			"0xffffffffffffffea is the error -22 (EINVAL) in RBX, which was taken for "
			"a pointer"),
		"CPU 1, PID 227, 0xffffffffffffffea");
}
END_TEST

/* That it was an access to a guard page, and where the stack pointer was meanwhile. */
START_TEST(guard_in_the_dump)
{
	const uint64_t base = syn_stack(m, sh), other = syn_stack(m, sleeper);
	const uint64_t sp = c.sp - 24;
	char want[400], log[1024];

	for (int i = 0; i < 3; i++) {
		const bool own = i != 1;
		const uint64_t address = (own ? base : other) - 64;

		if (!i) {
			c.sp = sp;
			syn_guard_hit(&c, "DF");
			syn_call(&c, 0x60, "crash_kexec");
			syn_call(&c, 0x39, "__crash_kexec");
			syn_crash_note(&c);
		}
		snprintf(log, sizeof(log),
			 "BUG: unable to handle page fault for address: %016lx\n"
			 "Oops: %s [#1] PREEMPT SMP NOPTI\n"
			 "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\n"
			 "RIP: 0010:task_spin+0x40/0x60\n"
			 "RSP: 0018:%016lx EFLAGS: 00010246\n"
			 "Call Trace:\n"
			 " vfs_write+0x9b/0xa0\n"
			 "%s",
			 address, i == 2 ? "0000" : "0002", sp,
			 i == 2 ? "" : "Kernel panic - not syncing: Fatal exception\n");
		syn_log(m, log);
		look("%s", i == 2 ? "hello\n" : log);
		if (own)
			snprintf(want, sizeof(want),
				 "CPU 1 %s 0x%lx, in the guard page, 64 bytes below the "
				 "base of the TASK stack of PID 227 \"sh\", 0x%lx, in "
				 "task_spin+0x40; its stack pointer was still on that "
				 "stack, %lu bytes above the base",
				 i ? "read" : "wrote to", address, base, sp - base);
		else
			snprintf(
				want, sizeof(want),
				"CPU 1 wrote to 0x%lx, in the guard page, 64 bytes below "
				"the base of the TASK stack of PID 300 \"sleeper\", "
				"0x%lx, in task_spin+0x40; its stack pointer was "
				"elsewhere, 0x%lx, so this need not be an overflow",
				address, other, sp);
		snprintf(log, sizeof(log), "CPU 1, PID 227, 0x%lx, task_spin", address);
		expect_about(expect_one("stack-guard-hit", STK_SEVERITY_FATAL, want),
			     log);
	}
	expect_findings(__func__, _i);
}
END_TEST

/* What the CPU did while panic() waited is not what it died of. */
START_TEST(waits_in_panic)
{
	syn_irq(&c);
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&c);
	rename_function("__crash_kexec", "delay_tsc");
	page_fault(0xdead000000000108);
	ck_assert_ptr_nonnull(t.trace);
	ck_assert_str_eq(t.trace->frames[0].function, "delay_tsc");
	ck_assert_str_eq(t.stack_signature.culprit, "timer_fn");
	expect_findings(__func__, _i);
}
END_TEST

static const struct unit_test values[] = {
	TEST(poisons), TEST(poisons_end), TEST(errors_by_name), TEST(characters), { 0 }
};
static const struct unit_test faults[] = { TEST(fault_names),
					   TEST(fault_at_each_place),
					   TEST(fault_near_a_register),
					   TEST(fault_far_from_a_register),
					   TEST(fault_in_the_first_register),
					   TEST(fault_of_nobody),
					   TEST(fault_at_an_address),
					   TEST(module_in_chain),
					   TEST(fault_needs_no_name),
					   TEST(no_address),
					   TEST(no_address_in_a_register),
					   { 0 } };

static const struct unit_test stucks[] = { TEST(stuck), TEST(not_stuck), { 0 } };
static const struct unit_test troubles[] = {
	TEST(hardware), TEST(memory), TEST(taint), TEST(thrown_logs), { 0 }
};

static const struct unit_test clocks[] = { TEST(sched_clock),
					   TEST(uptime),
					   TEST(uptime_by_the_log),
					   TEST(no_timekeeper),
					   { 0 } };
/* How full a stack is that a task sleeps on, where it does. */
START_TEST(full_sleepers)
{
	static const struct {
		int64_t sp; /* from the stack's lowest byte on */
		const char *word;
		bool full;
	} row[] = {
		{ 0x100, NULL, true },
		{ 0, NULL, true },
		{ -8, NULL, false },
		{ 0x2000, NULL, false },
		{ SYN_THREAD_SIZE - 8, NULL, false },
		{ SYN_THREAD_SIZE, NULL, false },
		{ SYN_THREAD_SIZE + 8, NULL, false },
		{ 0x100, "task_struct.on_cpu", false },
		{ 0x100, "task_struct.exit_state", false },
	};
	const struct stk_finding *f;

	syn_put64(m,
		  sleeper + syn_off(m, "task_struct.thread") +
			  syn_off(m, "thread_struct.sp"),
		  syn_stack(m, sleeper) + (uint64_t)row[_i].sp);
	if (row[_i].word)
		syn_put32(m, sleeper + syn_off(m, row[_i].word), 1);
	look("a line\n");
	f = nth_finding("stack-nearly-full", 0);
	ck_assert_msg(!f == !row[_i].full, "%s", f ? f->text : "");
	ck_assert(!f || f->pid == 300);
	ck_assert(!f || f->address == syn_stack(m, sleeper) + (uint64_t)row[_i].sp);
	expect_findings(__func__, _i);
}
END_TEST

/* Tasks and locks as the dice fall: who waits for whom, how long, and who knows. */
START_TEST(thrown_waits)
{
	static const uint32_t state[] = { D, D, D, D, 1, 0x402, 0x102 };
	static const uint64_t since[] = { 0, 10, 700, 879, 880, 881, 999, 1001 };
	uint64_t task[5] = { sleeper }, room[5];
	char log[200];

	for (uint32_t i = 1; i < 5; i++)
		task[i] = one_more(300 + i);
	for (uint32_t i = 0; i < 5; i++)
		room[i] = room_on_stack(task[i]);
	lock_types();
	in_mutex();
	dice_seed(3);
	only_findings = true;
	for (unsigned int i = 0; i < 120; i++) {
		log[0] = '\0';
		for (uint32_t k = 0; k < 5; k++) {
			const uint64_t mutex = MUTEX + 0x40 * dice(3);
			const unsigned int owner = dice(8);
			const uint64_t start = since[dice(8)];

			sleeps_since(task[k], state[dice(7)], start);
			if (dice(4))
				waits_at(room[k], task[k], mutex,
					 owner < 5    ? task[owner]
					 : owner == 5 ? sh
					 : owner == 6 ? SYN_VMALLOC
						      : 0);
		}
		if (dice(4) == 0)
			snprintf(
				log, sizeof(log),
				"INFO: task more:%u blocked for more than 120 seconds.\n",
				300 + dice(5));
		look("%s", log);
	}
	expect_findings(__func__, _i);
}
END_TEST

static const struct unit_test waits[] = { TEST(thrown_waits),
					  LOOP(full_sleepers, 9),
					  TEST(blocked),
					  TEST(not_blocked),
					  TEST(lock_owner),
					  TEST(lock_of_the_task),
					  TEST(no_lock_owner),
					  TEST(no_mutex),
					  TEST(lock_on_the_stack),
					  TEST(deadlock),
					  TEST(rt_mutex),
					  TEST(many_hang),
					  TEST(lock_owner_sleeps),
					  TEST(lock_owner_elsewhere),
					  { 0 } };

static const struct unit_test spinners[] = { TEST(spins),
					     TEST(several_spin),
					     TEST(spins_for_what),
					     LOOP(spins_by_function,
						  sizeof(spinning) / sizeof(spinning[0])),
					     TEST(spins_below),
					     TEST(spins_not),
					     TEST(thrown_locks),
					     TEST(spins_without_turns),
					     TEST(spins_so_long),
					     TEST(spins_behind_watchdog),
					     TEST(idle_behind_stop),
					     TEST(idle_behind_ipi),
					     TEST(not_idle_in_interrupt),
					     TEST(confidence_of_what_is_told),
					     { 0 } };

static const struct unit_test in_dump[] = {
	TEST(fault_in_the_dump), TEST(waits_in_panic), TEST(fault_by_operand), { 0 }
};

static const struct unit_test guards[] = { TEST(guard_in_the_dump), { 0 } };

const struct unit_suite suite_findings_machine = {
	"findings: the machine",
	{
		{ "values", values, NULL, NULL },
		{ "fault address", faults, fixture_interrupt, forget },
		{ "stuck", stucks, fixture_interrupt, forget },
		{ "clocks", clocks, setup_sleeper, forget },
		{ "tasks that wait", waits, setup_sleeper, forget },
		{ "CPUs that spin", spinners, setup_spinner, forget },
		{ "fault in the dump", in_dump, fixture_syscall, forget },
		{ "guard in the dump", guards, setup_guard, forget },
		{ "trouble before", troubles, fixture_interrupt, forget },
	},
};
