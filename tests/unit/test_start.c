/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which registers a chain starts from: QEMU's notes by their number, the
 * kernel's own crash_notes, the file's notes only when none is missing; that
 * registers which cannot be the CPU's are refused; and where sleeping and new tasks
 * and given stack pointers begin.
 */
#include "fixture.h"
#include "suite.h"

#include "unwind/running.h"
#include "unwind/unwind.h"

#include <string.h>

static struct stk *s;
static struct stk_start start;

static struct syn_note *note(enum stk_note_kind kind, uint32_t pid, uint64_t ip)
{
	struct syn_note *n = syn_note(m, kind, pid);

	n->gpr[X86_IP] = ip;
	n->gpr[X86_SP] = c.sp;
	n->gpr[X86_CS] = 0x10;
	return n;
}

/* ---- which note ---- */

/* QEMU numbers its notes by the CPU's index plus one, in whatever order. */
START_TEST(qemu_note_by_number)
{
	note(STK_NOTE_QEMU, 3, 0x33);
	note(STK_NOTE_QEMU, 2, 0x22);
	note(STK_NOTE_QEMU, 1, 0x11);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_QEMU);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x22);
	ck_assert_int_eq(stk_start_cpu(s, 0, &start), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x11);
	/* A stopped machine has registers of its offline CPUs, too. */
	ck_assert_int_eq(stk_start_cpu(s, 2, &start), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x33);
}
END_TEST

/* A processor that has no page tables runs no kernel; not each note tells of them. */
START_TEST(qemu_note_of_a_cpu_without_page_tables)
{
	static const struct {
		bool have_sys;
		uint64_t cr3;
		enum stk_status want;
	} row[] = {
		{ false, 0, STK_OK },
		{ true, 0x1000, STK_OK },
		{ true, 0, STK_ERR_NO_REGS },
	};
	struct syn_note *n = note(STK_NOTE_QEMU, 2, 0x22);

	n->have_sys = row[_i].have_sys;
	n->cr3 = row[_i].cr3;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), row[_i].want);
}
END_TEST

START_TEST(qemu_note_before_crash_note)
{
	syn_crash_note(&c);
	note(STK_NOTE_QEMU, 2, 0x22);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_QEMU);
}
END_TEST

START_TEST(crash_note_of_the_cpu)
{
	syn_crash_note(&c);
	/* File notes that would say something else. */
	note(STK_NOTE_PRSTATUS, 0, 0x11);
	note(STK_NOTE_PRSTATUS, 227, 0x22);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), c.ip);
	ck_assert_uint_eq(stk_regs_sp(s, &start.regs), c.sp);
	ck_assert_uint_eq(start.regs.v[X86_R15], 0x5500);
	ck_assert(start.signal);
	ck_assert_int_eq(start.cpu, 1);
	ck_assert(start.has_task);
	ck_assert_uint_eq(start.task.addr, sh);
}
END_TEST

/* What lies behind the note is not asked for. */
START_TEST(crash_note_before_a_lost_page)
{
	uint64_t page = SYN_PERCPU(1) + 0x40000, size = 12 + 8 + 336;
	unsigned char old[12 + 8 + 336];

	syn_crash_note(&c);
	syn_read(m, SYN_PERCPU(1) + 0x22000, old, size);
	syn_fail(m, page, STK_ERR_EXCLUDED);
	syn_write(m, page - size, old, size);
	syn_put64(m, syn_sym(m, "crash_notes"), 0x40000 - size);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), c.ip);
}
END_TEST

/* Zeroed memory, or a note of another kind, is no note. */
START_TEST(crash_note_checked)
{
	uint64_t at = SYN_PERCPU(1) + 0x22000;

	syn_crash_note(&c);
	switch (_i) {
	case 0:
		syn_put32(m, at, 4); /* name size */
		break;
	case 1:
		syn_put32(m, at + 4, 335);
		break;
	case 2:
		syn_put32(m, at + 8, 3); /* NT_PRPSINFO */
		break;
	case 3:
		syn_put8(m, at + 12, 'X');
		break;
	case 4:
		syn_fill(m, at, 64, 0);
		break;
	case 5:
		syn_fail(m, at, STK_ERR_EXCLUDED);
		break;
	}
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "CPU 1"));
	/* What else is known is set all the same. */
	ck_assert(start.has_task);
}
END_TEST

START_TEST(file_notes_when_all_are_there)
{
	note(STK_NOTE_PRSTATUS, 0, 0x11);
	note(STK_NOTE_PRSTATUS, 227, 0x22);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x22);
	ck_assert_int_eq(stk_start_cpu(s, 0, &start), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x11);
	/* No offline CPU has one. */
	ck_assert_int_eq(stk_start_cpu(s, 2, &start), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "offline"));
}
END_TEST

/* Offline CPUs between online ones do not count. */
START_TEST(file_notes_skip_offline_cpus)
{
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 5);
	note(STK_NOTE_PRSTATUS, 0, 0x11);
	note(STK_NOTE_PRSTATUS, 0, 0x33);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 2, &start), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, &start.regs), 0x33);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
}
END_TEST

/* One CPU did not answer: nobody knows whose the others are. */
START_TEST(file_notes_one_missing)
{
	note(STK_NOTE_PRSTATUS, 227, 0x22);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 0, &start), STK_ERR_NO_REGS);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(file_notes_one_too_many)
{
	for (int i = 0; i < 3; i++)
		note(STK_NOTE_PRSTATUS, 0, 0x11);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 0, &start), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(no_notes_at_all)
{
	m->target.notes = NULL;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(no_such_cpu)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 3, &start), STK_ERR_ARG);
	ck_assert_int_eq(stk_start_cpu(s, 70000, &start), STK_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "there is no CPU 70000"));
}
END_TEST

START_TEST(kernel_not_understood)
{
	syn_no_symbol(m, "nr_cpu_ids");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 0, &start), STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_running_cpu(s, sh), -1);
	ck_assert_ptr_null(stk_running_task(s, 0));
	ck_assert_ptr_null(stk_running_elsewhere(s, 0));
	ck_assert(!stk_cpu_running(s, 0));
}
END_TEST

/* What has the place of a CPU that cannot be is no CPU's. */
START_TEST(registers_of_no_cpu)
{
	syn_crash_note_regs(m, 2, 400, c.ip, 0x10, syn_stack(m, sh) + 0x3000, 0);
	s = syn_open(m);
	ck_assert(stk_cpu_running(s, 2));
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 3);
	s = syn_open(m);
	ck_assert(!stk_cpu_running(s, 2));
	ck_assert(stk_cpu_running(s, 1));
}
END_TEST

/* Where nothing names a CPU's task nothing is said of it. */
START_TEST(nobody_known)
{
	const struct stk_running_task *r;

	syn_no_symbol(m, "runqueues");
	syn_no_symbol(m, "current_task");
	s = syn_open(m);
	r = stk_running_task(s, 1);
	ck_assert_ptr_nonnull(r);
	ck_assert(!r->known);
	ck_assert_uint_eq(r->evidence.agree | r->evidence.differ, 0);
	ck_assert_ptr_null(r->doubt);
}
END_TEST

/* A CPU that panic() stopped is marked offline and has registers. */
START_TEST(who_was_running)
{
	uint64_t stopped = syn_task(m, "stopped", 400, 0), steps;

	s = syn_open(m);
	ck_assert(stk_cpu_running(s, 0) && stk_cpu_running(s, 1));
	ck_assert(!stk_cpu_running(s, 2));
	ck_assert(!stk_cpu_running(s, 3));
	ck_assert_ptr_nonnull(stk_running_task(s, 2));
	/* Once it was found nothing is read. */
	steps = s->budget.steps;
	ck_assert_ptr_nonnull(stk_running_task(s, 2));
	ck_assert_uint_eq(s->budget.steps, steps);
	ck_assert_ptr_null(stk_running_task(s, 3));
	ck_assert_int_eq(stk_running_cpu(s, sh), 1);
	ck_assert_int_eq(stk_running_cpu(s, stopped), -1);
	syn_set_current(m, 2, stopped);
	s = syn_open(m);
	ck_assert_int_eq(stk_running_cpu(s, stopped), -1);
	syn_crash_note_regs(m, 2, 400, c.ip, 0x10, syn_stack(m, stopped) + 0x3000, 0);
	s = syn_open(m);
	ck_assert(stk_cpu_running(s, 2));
	ck_assert_int_eq(stk_running_cpu(s, stopped), 2);
	/* And it is found again when the first answer was interrupted, even at the end.
	 */
	s = syn_open(m);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		stk_running_task(s, cpu);
	m->interrupt = true;
	stk_running_cpu(s, stopped);
	m->interrupt = false;
	ck_assert_int_eq(stk_running_cpu(s, stopped), 2);
	s = syn_open(m);
	m->interrupt = true;
	stk_running_cpu(s, stopped);
	m->interrupt = false;
	ck_assert_int_eq(stk_running_cpu(s, stopped), 2);
}
END_TEST

/* ---- can they be right? ---- */

static void expect_cpu_chain(const char *want)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	syn_expect(s, &start, want);
}

START_TEST(believed_on_the_irq_stack)
{
	syn_irq(&c);
	syn_crash_note(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_ptr_null(stk_bad_start(s, &start));
}
END_TEST

START_TEST(stack_of_another_cpu_refused)
{
	syn_crash_note_regs(m, 1, 227, c.ip, 0x10, syn_irq_top(0) - 0x100, 0);
	expect_cpu_chain("<IRQ> task_spin+0x40/regs!? end bad_start");
	ck_assert_ptr_nonnull(strstr(stk_bad_start(s, &start), "another CPU's stack"));
}
END_TEST

START_TEST(sp_on_no_stack_refused)
{
	syn_crash_note_regs(m, 1, 227, c.ip, 0x10, SYN_DIRECT + 0x5000, 0);
	expect_cpu_chain("<UNKNOWN> task_spin+0x40/regs!? end bad_start");
	ck_assert_str_eq(stk_bad_start(s, &start), "the stack pointer is on no stack");
	syn_crash_note_regs(m, 1, 227, 0x1234, 0x10, 0x5678, 0);
	expect_cpu_chain("<UNKNOWN> 0x1234/regs!? end bad_start");
}
END_TEST

START_TEST(user_mode_believed)
{
	syn_crash_note_regs(m, 1, 227, 0x1234, 0x33, 0x5678, 0);
	expect_cpu_chain("end user");
}
END_TEST

/*
 * In __switch_to_asm() rsp is on the next task's stack already, and the run queue says
 * so; both tasks are on the CPU.
 */
START_TEST(stack_of_the_next_task_believed)
{
	uint64_t other = syn_task(m, "next", 228, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);

	syn_syscall(&o);
	syn_crash_note_regs(m, 1, 227, o.ip, 0x10, o.sp, o.bp);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), other);
	expect_cpu_chain(
		"<TASK> task_spin+0x40/regs! vfs_write+0x9b/orc ksys_write+0x6f/orc "
		"do_syscall_64+0x58/orc entry_SYSCALL_64+0x63/orc end user");
	ck_assert(start.switching);
	ck_assert_uint_eq(start.task.pid, 228);
	ck_assert_uint_eq(start.other.pid, 227);
}
END_TEST

/* As long as rsp is on the stack of the task that goes, it is that one. */
START_TEST(stack_of_the_last_task_believed)
{
	uint64_t other = syn_task(m, "next", 228, 0);

	syn_cpu(m, 0, other);
	syn_crash_note(&c);
	syn_put64(m, syn_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"), other);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert(start.switching);
	ck_assert_uint_eq(start.task.pid, 227);
	ck_assert_uint_eq(start.other.pid, 228);
}
END_TEST

/* A guard page is not mapped: if it is, it is none. */
START_TEST(mapped_guard_page_refused)
{
	uint64_t guard = syn_ist_top(m, 1, "DB") - syn_ist_size(m) - 4096;

	if (_i)
		syn_map(m, guard, syn_alloc(m, 1), 4096);
	syn_crash_note_regs(m, 1, 227, c.ip, 0x10, guard + 0x800, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(!stk_bad_start(s, &start), !_i);
}
END_TEST

/*
 * Where a saved stack pointer may be: of a sleeper's own stack the first word is one, the
 * place behind the last is none.
 */
START_TEST(sp_of_a_sleeper)
{
	uint64_t others = syn_stack(m, syn_task(m, "other", 300, 0)),
		 own = syn_stack(m, sh);
	static const char none[] = "the saved stack pointer is on no stack";
	const struct {
		uint64_t sp;
		const char *why;
	} row[] = {
		{ own, NULL },
		{ own - 8, none },
		{ own + SYN_THREAD_SIZE - 8, NULL },
		{ own + SYN_THREAD_SIZE, none },
		{ own + 1, "the saved stack pointer is not aligned" },
		{ own + 4, "the saved stack pointer is not aligned" },
		{ others + 0x800,
		  "the saved stack pointer is on a stack that is not the task's" },
		{ syn_irq_top(1) - 0x100,
		  "the saved stack pointer is on a stack that is not the task's" },
		{ SYN_DIRECT, none },
		{ 0, none },
	};

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memset(&start, 0, sizeof(start));
		start.from = STK_FROM_THREAD_SP;
		start.cpu = -1;
		start.has_task = true;
		ck_assert_int_eq(stk_task_read(s, sh, &start.task), STK_OK);
		start.task.sp = row[i].sp;
		ck_assert_pstr_eq(stk_bad_start(s, &start), row[i].why);
	}
	/* Without a stack nothing is on it. */
	start.task.stack = 0;
	start.task.sp = 0x100;
	ck_assert_pstr_eq(stk_bad_start(s, &start), none);
}
END_TEST

/* And that of a CPU, which has stacks of its own and the task that it runs. */
START_TEST(sp_of_a_cpu)
{
	const uint64_t other = syn_task(m, "other", 300, 0), others = syn_stack(m, other),
		       own = syn_stack(m, sh),
		       nmi = syn_ist_top(m, 0, "NMI") - syn_ist_size(m);
	static const char not_run[] = "the stack pointer is on a stack of a task that "
				      "the CPU did not run",
			  not_its[] = "the stack pointer is on another CPU's stack",
			  none[] = "the stack pointer is on no stack";
	enum {
		SWITCHING = 1,
		GIVEN = 2,
		NO_CPU = 4,
		NO_TASK = 8,
		NO_CODE = 16,
		BOOT = 32
	};
	const struct {
		uint64_t sp;
		unsigned int how;
		const char *why;
	} row[] = {
		{ own, 0, NULL },
		{ own + SYN_THREAD_SIZE - 8, 0, NULL },
		{ own - 8, 0, NULL }, /* its guard page */
		{ others + 0x100, 0, not_run },
		{ others + 0x100, SWITCHING, NULL },
		{ others + 0x100, GIVEN, NULL },
		{ others + 0x100, NO_CPU, NULL },
		{ others + 0x100, NO_TASK, NULL },
		{ others - 8, 0, not_run },
		{ others - 8, SWITCHING, NULL },
		{ syn_irq_top(1) - 8, 0, NULL },
		{ syn_irq_top(1) - 8, NO_TASK, NULL },
		{ syn_irq_top(1) - 8, BOOT, not_its },
		{ others + 0x100, BOOT, not_run },
		{ syn_irq_top(0) - 8, 0, not_its },
		{ syn_irq_top(0) - 8, NO_TASK, NULL },
		{ syn_irq_top(0) - 8, GIVEN, NULL },
		{ syn_irq_top(0) - 8, NO_CPU, NULL },
		{ nmi, 0, not_its },
		{ nmi - 8, 0, not_its },
		{ SYN_DIRECT + 0x5000, 0, none },
		{ SYN_DIRECT + 0x5000, NO_CODE,
		  "neither the stack pointer nor the instruction pointer makes sense" },
	};

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const unsigned int how = row[i].how;

		memset(&start, 0, sizeof(start));
		start.from = STK_FROM_PRSTATUS;
		start.cpu = how & NO_CPU ? -1 : how & BOOT ? 0 : 1;
		start.given = how & GIVEN;
		start.has_task = !(how & NO_TASK);
		start.switching = how & SWITCHING;
		ck_assert_int_eq(stk_task_read(s, sh, &start.task), STK_OK);
		ck_assert_int_eq(stk_task_read(s, other, &start.other), STK_OK);
		x86_set(&start.regs, X86_IP, how & NO_CODE ? 0x1234 : c.ip);
		x86_set(&start.regs, X86_CS, 0x10);
		x86_set(&start.regs, X86_SP, row[i].sp);
		ck_assert_msg(!stk_bad_start(s, &start) == !row[i].why, "row %zu: %s", i,
			      stk_bad_start(s, &start));
		ck_assert_pstr_eq(stk_bad_start(s, &start), row[i].why);
	}
	/* What a task has is its stack, be it in a list or not; while it switches both.
	 */
	for (int i = 0; i < 6; i++) {
		struct stk_task *has = i % 3 == 1 ? &start.task : &start.other;

		memset(&start, 0, sizeof(start));
		start.from = STK_FROM_PRSTATUS;
		start.cpu = 1;
		start.has_task = true;
		start.switching = i % 3 == 2;
		ck_assert_int_eq(stk_task_read(s, sh, &start.task), STK_OK);
		ck_assert_int_eq(stk_task_read(s, other, &start.other), STK_OK);
		has->stack = SYN_VMALLOC + 0x400000;
		x86_set(&start.regs, X86_IP, c.ip);
		x86_set(&start.regs, X86_CS, 0x10);
		x86_set(&start.regs, X86_SP, has->stack + (i < 3 ? 0 : SYN_THREAD_SIZE));
		ck_assert_pstr_eq(stk_bad_start(s, &start),
				  i == 1 || i == 2 ? NULL : none);
	}
}
END_TEST

/* A stack that two CPUs say they have is each one's own. */
START_TEST(sp_on_a_shared_stack)
{
	const uint64_t top = syn_irq_top((unsigned int)_i);

	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", !_i), top - 8);
	s = syn_open(m);
	for (int cpu = 0; cpu < 2; cpu++) {
		memset(&start, 0, sizeof(start));
		start.from = STK_FROM_PRSTATUS;
		start.cpu = cpu;
		start.has_task = true;
		ck_assert_int_eq(stk_task_read(s, sh, &start.task), STK_OK);
		x86_set(&start.regs, X86_IP, c.ip);
		x86_set(&start.regs, X86_CS, 0x10);
		x86_set(&start.regs, X86_SP, top - 0x100);
		ck_assert_pstr_eq(stk_bad_start(s, &start), NULL);
	}
}
END_TEST

/* QEMU's registers are nowhere else, whatever other notes the file has. */
START_TEST(qemu_note_needs_no_copy)
{
	note(STK_NOTE_QEMU, 2, c.ip);
	note(STK_NOTE_PRSTATUS, 227, 0x22);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_QEMU);
	ck_assert_ptr_null(start.doubt);
}
END_TEST

/* Without a switch that is under way it is a stack that the CPU was not on. */
START_TEST(stack_of_another_task_refused)
{
	uint64_t other = syn_task(m, "next", 228, 0);
	struct syn_cpu o = syn_cpu(m, 0, other);

	syn_syscall(&o);
	syn_crash_note_regs(m, 1, 227, o.ip, 0x10, o.sp, o.bp);
	expect_cpu_chain("<TASK> task_spin+0x40/regs!? end bad_start");
}
END_TEST

/* rsp in the guard page is what an overflow looks like: not refused. */
START_TEST(guard_page_believed)
{
	syn_crash_note_regs(m, 1, 227, c.ip, 0x10, syn_stack(m, sh) - 0x20, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_ptr_null(stk_bad_start(s, &start));
}
END_TEST

/* ---- tasks ---- */

#define SLEEPING                                                                         \
	"<TASK> __schedule+0x9a/regs schedule+0x48/orc task_spin+0x94/orc "              \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"entry_SYSCALL_64+0x63/orc end user"

static void start_task(uint64_t addr, enum stk_status want)
{
	struct stk_task task;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, addr, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), want);
}

START_TEST(sleeping_task)
{
	syn_sleep(&c);
	start_task(sh, STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_THREAD_SP);
	ck_assert_int_eq(start.cpu, -1);
	ck_assert(!start.signal);
	ck_assert_uint_eq(start.regs.v[X86_SP], start.task.sp + 56);
	ck_assert_uint_eq(start.regs.v[X86_BX], 0x8800);
	ck_assert_uint_eq(start.regs.v[X86_R12], 0x8801);
	ck_assert_uint_eq(start.regs.v[X86_R13], 0x8802);
	ck_assert_uint_eq(start.regs.v[X86_R14], 0x8803);
	ck_assert_uint_eq(start.regs.v[X86_R15], 0x8804);
	ck_assert(!x86_has(&start.regs, X86_AX));
	syn_expect(s, &start, SLEEPING);
}
END_TEST

/* RHEL 4.18 and 4.19.71 on: "flags" comes first. */
START_TEST(sleeping_task_with_flags)
{
	static const char *const reg[] = { "r15", "r14", "r13",	    "r12",
					   "bx",  "bp",	 "ret_addr" };
	uint64_t sp;

	syn_sleep(&c);
	syn_size(m, "inactive_task_frame", 64);
	for (uint32_t i = 0; i < 7; i++) {
		char name[64] = "inactive_task_frame.";

		strcat(name, reg[i]);
		syn_member(m, name, 8 + 8 * i, 8);
	}
	sp = c.sp - 8;
	syn_put64(m, sp, 0x246);
	syn_put64(m, sh + 2048 + 24, sp);
	start_task(sh, STK_OK);
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp + 56);
	syn_expect(s, &start, SLEEPING);
}
END_TEST

/* It has not run yet: its first instruction is to be looked up itself. */
START_TEST(new_task)
{
	uint64_t child = syn_task(m, "new", 310, 0), regs,
		 fork = syn_sym(m, "ret_from_fork");
	struct syn_cpu n = syn_cpu(m, 1, child);

	syn_set_current(m, 1, sh);
	regs = syn_pt_regs(&n, SYN_USER_IP, 0x33, 0x7ffc00002000, 0);
	if (_i) {
		/* The newer name; the older one is that of a C function then. */
		syn_symbol(m, "ret_from_fork_asm", fork);
		syn_symbol(m, "ret_from_fork", SYN_TEXT + 0x7000);
	}
	/* Before it another function ends. */
	syn_orc(m, fork - 0x80, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_push(&n, fork);
	for (int i = 0; i < 6; i++)
		syn_push(&n, 0);
	syn_put64(m, child + 2048 + 24, n.sp);
	start_task(child, STK_OK);
	ck_assert(start.signal);
	ck_assert_uint_eq(start.regs.v[X86_SP], regs);
	syn_expect(s, &start,
		   _i ? "<TASK> ret_from_fork_asm+0x0/regs! end thread_start"
		      : "<TASK> ret_from_fork+0x0/regs! end thread_start");
}
END_TEST

/* thread.sp of a running task is stale: its CPU's registers count. */
START_TEST(running_task)
{
	syn_put64(m, sh + 2048 + 24, syn_stack(m, sh) + 0x100);
	syn_crash_note(&c);
	start_task(sh, STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_int_eq(start.cpu, 1);
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp);
	/* And without registers there are none. */
	syn_fill(m, SYN_PERCPU(1) + 0x22000, 64, 0);
	start_task(sh, STK_ERR_NO_REGS);
}
END_TEST

/* Where the machine goes on, what is asked for may be over. */
START_TEST(task_of_a_running_machine)
{
	struct stk_chain *chain;
	struct stk_task task;

	m->target.live = true;
	syn_member(m, "task_struct.nvcsw", 1100, 8);
	syn_member(m, "task_struct.nivcsw", 1108, 8);
	syn_sleep(&c);
	start_task(sh, STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_THREAD_SP);
	syn_expect(s, &start, SLEEPING);
	/* Where no rule leads on the words above are looked at, as in a dump. */
	syn_put64(m, start.regs.v[X86_BP] + 8, 0);
	start_task(sh, STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_ptr_nonnull(strstr(syn_chain_text(chain), "scan? "));
	stk_chain_free(s, chain);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	task.pid++;
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "has exited"));
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "CPU 1 is running"));
	/* Only the counts show that it slept all the time. */
	syn_no_member(m, "task_struct.nvcsw");
	start_task(sh, STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "ran while its stack was read"));
	syn_put32(m, sh + syn_off(m, "task_struct.on_cpu"), 1);
	start_task(sh, STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "PID 227 is running"));
}
END_TEST

/* By then it runs, is gone, or is what it was. What was read before is no matter. */
START_TEST(task_of_another_moment)
{
	struct stk_task task;

	m->target.live = true;
	syn_member(m, "task_struct.nvcsw", 1100, 8);
	syn_member(m, "task_struct.nivcsw", 1108, 8);
	syn_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	task.idle = true;
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	ck_assert(start.task.idle);
	task.idle = false;
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	ck_assert(!start.task.idle);
	syn_put32(m, sh + syn_off(m, "task_struct.on_cpu"), 1);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_ERR_NO_REGS);
	task.addr = SYN_VMALLOC + 0x400000;
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_ERR_NOT_FOUND);
	ck_assert_str_eq(stk_error_text(s), "PID 227 has exited");
	task.pid = 0;
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_ERR_NOT_FOUND);
	ck_assert_str_eq(stk_error_text(s), "PID 0 has exited");
}
END_TEST

/* It was switched out while its stack was read, of its own accord or not. */
static uint64_t counted_at;

static bool count_a_switch(void *priv)
{
	syn_put64(m, counted_at, syn_get64(m, counted_at) + 1);
	return false;
}

static bool count_both(void *priv)
{
	syn_put64(m, sh + 1108, syn_get64(m, sh + 1108) + 1);
	return count_a_switch(priv);
}

START_TEST(task_that_ran_in_between)
{
	struct stk_chain *chain;

	m->target.live = true;
	syn_member(m, "task_struct.nvcsw", 1100, 8);
	syn_member(m, "task_struct.nivcsw", 1108, 8);
	syn_sleep(&c);
	syn_put64(m, sh + 1100, 5);
	syn_put64(m, sh + 1108, 3);
	start_task(sh, STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	stk_chain_free(s, chain);
	counted_at = sh + 1100 + 8 * (uint64_t)(_i % 3);
	if (_i == 2)
		syn_no_member(m, "task_struct.nivcsw");
	else
		m->target.interrupted = _i == 3 ? count_both : count_a_switch;
	start_task(sh, STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(exited_task)
{
	syn_sleep(&c);
	syn_put64(m, sh + syn_off(m, "task_struct.stack"), 0);
	start_task(sh, STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "has not exited"));
	syn_put32(m, sh + syn_off(m, "task_struct.exit_state"), 16);
	start_task(sh, STK_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "stack was freed"));
}
END_TEST

START_TEST(sleeping_task_not_in_the_dump)
{
	syn_sleep(&c);
	syn_fail(m, c.sp, STK_ERR_EXCLUDED);
	start_task(sh, STK_ERR_EXCLUDED);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "PID 227"));
}
END_TEST

/* A saved stack pointer outside of the task's stack is damage. */
START_TEST(sleeping_task_with_a_wild_sp)
{
	uint64_t wild = SYN_DIRECT + syn_alloc(m, 1);

	syn_sleep(&c);
	syn_put64(m, wild + 48, syn_sym(m, "__schedule") + 0x9a);
	syn_put64(m, sh + 2048 + 24, wild);
	start_task(sh, STK_OK);
	syn_expect(s, &start, "<UNKNOWN> __schedule+0x9a/regs? end bad_start");
}
END_TEST

/* ---- given ---- */

START_TEST(from_pt_regs)
{
	uint64_t regs;

	syn_irq(&c);
	regs = syn_get64(m, syn_irq_top(1) - 8) + 16 + 8; /* above sysvec's frame */
	s = syn_open(m);
	ck_assert_int_eq(stk_start_regs(s, regs, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PT_REGS);
	ck_assert_int_eq(start.cpu, 1); /* whose current task owns that stack */
	ck_assert_uint_eq(start.task.pid, 227);
	syn_expect(s, &start,
		   "<TASK> task_spin+0x40/regs! vfs_write+0x9b/orc ksys_write+0x6f/orc "
		   "do_syscall_64+0x58/orc entry_SYSCALL_64+0x63/orc end user");
	ck_assert_int_eq(stk_start_regs(s, SYN_VMALLOC, &start), STK_ERR_UNMAPPED);
	ck_assert_int_eq(start.cpu, -1);
}
END_TEST

START_TEST(from_a_stack_pointer)
{
	static const char want[] = "<TASK> vfs_write+0x9b/regs ksys_write+0x6f/orc "
				   "do_syscall_64+0x58/orc entry_SYSCALL_64+0x63/orc "
				   "end user";

	s = syn_open(m);
	/* The word at sp is a return address that was just pushed. */
	ck_assert_int_eq(stk_start_stack(s, c.sp, 0, c.bp, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_STACK);
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp + 8);
	ck_assert(!start.signal);
	syn_expect(s, &start, want);
	/* With ip nothing is popped. */
	ck_assert_int_eq(stk_start_stack(s, c.sp, c.ip, c.bp, &start), STK_OK);
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp);
	ck_assert(start.signal);
	ck_assert_int_eq(stk_start_stack(s, SYN_VMALLOC, 0, 0, &start), STK_ERR_UNMAPPED);
}
END_TEST

/* On the IRQ stack of a CPU, the owner is that CPU and what it runs. */
START_TEST(from_a_cpu_stack)
{
	syn_irq(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_stack(s, c.sp, c.ip, c.bp, &start), STK_OK);
	ck_assert_int_eq(start.cpu, 1);
	ck_assert(start.has_task);
	ck_assert_uint_eq(start.task.pid, 227);
}
END_TEST

/* Whose a stack pointer is that somebody gives: what runs there, or slept there. */
START_TEST(owner_of_a_stack_pointer)
{
	const uint64_t slept = syn_task(m, "slept", 300, 0);
	const struct {
		uint64_t sp;
		int cpu;
		int64_t pid; /* -1: of no task */
	} row[] = {
		{ c.sp, 1, 227 },
		{ syn_stack(m, sh), 1, 227 },
		{ syn_stack(m, slept) + 0x100, -1, 300 },
		{ syn_irq_top(0) - 0x100, 0, 0 },
		{ syn_ist_top(m, 1, "NMI") - 0x100, 1, 227 },
		{ SYN_DIRECT + 0x5000, -1, -1 },
	};

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(stk_start_stack(s, row[i].sp, c.ip, 0, &start), STK_OK);
		ck_assert(start.given && start.signal);
		ck_assert_int_eq(start.cpu, row[i].cpu);
		ck_assert_int_eq(start.has_task, row[i].pid >= 0);
		if (start.has_task)
			ck_assert_uint_eq(start.task.pid, row[i].pid);
		ck_assert_int_eq(start.from, STK_FROM_STACK);
		ck_assert_uint_eq(start.regs.valid, X86_BIT(IP) | X86_BIT(SP));
		ck_assert_uint_eq(start.regs.v[X86_IP], c.ip);
		ck_assert_uint_eq(start.regs.v[X86_SP], row[i].sp);
	}
	/* Without an address it is the word there; rbp is one, if it is given. */
	ck_assert_int_eq(stk_start_stack(s, c.sp, 0, 0x1234, &start), STK_OK);
	ck_assert(!start.signal);
	ck_assert_uint_eq(start.regs.v[X86_IP], syn_get64(m, c.sp));
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp + 8);
	ck_assert_uint_eq(start.regs.v[X86_BP], 0x1234);
	ck_assert_uint_eq(start.regs.valid, X86_BIT(IP) | X86_BIT(SP) | X86_BIT(BP));
}
END_TEST

static const struct unit_test notes_tests[] = {
	TEST(qemu_note_by_number),
	LOOP(qemu_note_of_a_cpu_without_page_tables, 3),
	TEST(qemu_note_before_crash_note),
	TEST(crash_note_of_the_cpu),
	TEST(crash_note_before_a_lost_page),
	LOOP(crash_note_checked, 6),
	TEST(file_notes_when_all_are_there),
	TEST(file_notes_skip_offline_cpus),
	TEST(file_notes_one_missing),
	TEST(file_notes_one_too_many),
	TEST(no_notes_at_all),
	TEST(no_such_cpu),
	TEST(registers_of_no_cpu),
	TEST(nobody_known),
	TEST(who_was_running),
	TEST(kernel_not_understood),
	{ 0 },
};

static const struct unit_test doubt_tests[] = {
	TEST(believed_on_the_irq_stack),
	TEST(stack_of_another_cpu_refused),
	TEST(sp_on_no_stack_refused),
	TEST(user_mode_believed),
	TEST(stack_of_the_next_task_believed),
	TEST(stack_of_the_last_task_believed),
	TEST(stack_of_another_task_refused),
	LOOP(mapped_guard_page_refused, 2),
	TEST(sp_of_a_sleeper),
	TEST(sp_of_a_cpu),
	LOOP(sp_on_a_shared_stack, 2),
	TEST(qemu_note_needs_no_copy),
	TEST(guard_page_believed),
	{ 0 },
};

static const struct unit_test tasks_tests[] = {
	TEST(sleeping_task),
	TEST(sleeping_task_with_flags),
	LOOP(new_task, 2),
	TEST(running_task),
	LOOP(task_that_ran_in_between, 4),
	TEST(exited_task),
	TEST(task_of_a_running_machine),
	TEST(task_of_another_moment),
	TEST(sleeping_task_not_in_the_dump),
	TEST(sleeping_task_with_a_wild_sp),
	{ 0 },
};

/* What somebody has of CPU 1, where the dump has nothing, the same, or something else. */
START_TEST(from_a_text)
{
	static const struct {
		bool noted;
		uint64_t moved; /* by so much, from what is noted */
		int64_t pid;
		const char *doubt;
	} row[] = {
		{ true, 0, 227, NULL },
		{ true, 0, -1, NULL },
		/* The registers are those of the note, whatever the text says beside. */
		{ true, 0, 228, NULL },
		{ true, 8, 227, "nothing in the dump vouches for these registers" },
		{ false, 0, 227, "nothing in the dump vouches for these registers" },
		{ false, 0, -1, "nothing in the dump vouches for these registers" },
		{ false, 0, 228, "these registers are those of PID 228" },
		{ false, 0, 0, "these registers are those of PID 0" },
	};
	struct stk_text_regs text = { .cpu = 1, .pid = row[_i].pid, .name = "a text" };
	struct stk_chain *chain;

	if (row[_i].noted)
		syn_crash_note(&c);
	text.regs.v[X86_IP] = c.ip;
	text.regs.v[X86_SP] = c.sp - row[_i].moved;
	text.regs.valid = X86_BIT(IP) | X86_BIT(SP);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_TEXT);
	ck_assert_int_eq(start.cpu, 1);
	ck_assert_uint_eq(start.task.addr, sh);
	ck_assert_ptr_nonnull(strstr(start.note, "registers from a text"));
	ck_assert_int_eq(strstr(start.note, "has others: rip") != NULL,
			 row[_i].moved != 0);
	if (row[_i].doubt)
		ck_assert_str_eq(start.doubt, row[_i].doubt);
	else
		ck_assert_ptr_null(start.doubt);
	/* What the text leaves out is taken from what vouches for it. */
	ck_assert_int_eq(start.regs.valid >> X86_CS & 1, !row[_i].doubt);
	ck_assert_int_eq(stk_unwind_whole(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->confidence == STK_CERTAIN, !row[_i].doubt);
	ck_assert_int_eq(chain->segments->frames[0].reliable, !row[_i].doubt);
	stk_chain_free(s, chain);
}
END_TEST

/* Each register that both have counts, and what was doubtful before stays so. */
START_TEST(from_a_text_that_differs)
{
	const uint64_t pid = SYN_DIRECT + syn_alloc(m, 1);
	struct stk_text_regs text = { .cpu = 1, .pid = 227, .name = "a text" };

	syn_crash_note(&c);
	for (unsigned int reg = X86_R15; reg <= X86_SS; reg++) {
		s = syn_open(m);
		ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
		text.regs = start.regs;
		ck_assert(x86_has(&text.regs, reg));
		ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
		ck_assert_ptr_null(start.doubt);
		ck_assert(start.evidence.agree & 1u << STK_WITNESS_COPY);
		text.regs.v[reg] ^= 8;
		ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
		ck_assert_ptr_nonnull(start.doubt);
		ck_assert_uint_eq(start.regs.v[reg], text.regs.v[reg]);
	}
	syn_put64(m, sh + syn_off(m, "task_struct.thread_pid"), pid);
	syn_put32(m, pid + syn_off(m, "pid.numbers"), 228);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
	ck_assert_str_eq(start.doubt, "the task's struct pid has another number");
}
END_TEST

START_TEST(from_a_text_of_no_cpu)
{
	struct stk_text_regs text = { .cpu = 77, .pid = -1, .name = "a text" };

	s = syn_open(m);
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_ERR_ARG);
	ck_assert_str_eq(stk_error_text(s), "there is no CPU 77");
	text.cpu = 1;
	m->target.live = true;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "CPU 1 is running"));
}
END_TEST

static const struct unit_test given_tests[] = {
	TEST(from_pt_regs),	     TEST(from_a_stack_pointer),
	TEST(from_a_cpu_stack),	     TEST(owner_of_a_stack_pointer),
	LOOP(from_a_text, 8),	     TEST(from_a_text_that_differs),
	TEST(from_a_text_of_no_cpu), { 0 },
};

const struct unit_suite suite_start = {
	"start",
	{
		{ "notes", notes_tests, fixture_syscall, NULL },
		{ "doubt", doubt_tests, fixture_syscall, NULL },
		{ "tasks", tasks_tests, fixture_syscall, NULL },
		{ "given", given_tests, fixture_syscall, NULL },
	},
};
