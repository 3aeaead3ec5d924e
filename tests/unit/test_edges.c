/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is told of a CPU at the kernel's edges: stopped in the entry code of a
 * system call or on the way back, where user mode's registers are then; how the kernel
 * was entered; where copies of a pt_regs lie; and the chain that leads to such a copy.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#include "arch/arch.h"
#include "unwind/unwind.h"

#define EDGE	 (SYN_TEXT + 0x8000)
#define USER_SP	 0x7ffc00004000ull
#define USER_IP	 0x00007f55aa000123ull
#define USER_SP2 0x7ffc0000aaa0ull

/* ---- stopped in entry code ---- */

static struct stk_step out;

static struct stk_stack stack_of(const struct stk_kind *kind)
{
	struct stk_stack stack = { .kind = kind, .cpu = 1, .mapped = true };

	if (kind == X86_STACK(ENTRY)) {
		stack.begin = syn_cea(m, 1) + 0x1000;
		stack.end = stack.begin + 0x1000;
	} else if (kind == X86_STACK(TASK)) {
		stack.begin = syn_stack(m, sh);
		stack.end = stack.begin + SYN_THREAD_SIZE;
	}
	return stack;
}

/* ORC says "end" at @name+4, where rsp is @sp. */
static enum stk_step_result stop(const char *name, const struct stk_kind *kind,
				 uint64_t sp, uint64_t rcx)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true, .stack = stack_of(kind) };

	syn_symbol(m, name, EDGE);
	syn_orc(m, EDGE, ORC_END, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	for (int r = 0; r < X86_NR_REGS; r++)
		x86_set(&cur.regs, (enum x86_reg)r, 0x6600 + (uint64_t)r);
	x86_set(&cur.regs, X86_IP, EDGE + 4);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_CX, rcx);
	x86_set(&cur.regs, X86_R11, 0x246);
	memset(&out, 0, sizeof(out));
	return x86_step_orc(syn_open(m), &cur, &out);
}

static void expect_user_mode(uint64_t ip, uint64_t sp)
{
	ck_assert(x86_user_mode(&out.regs));
	ck_assert_uint_eq(out.regs.v[X86_IP], ip);
	ck_assert(x86_has(&out.regs, X86_SP));
	ck_assert_uint_eq(out.regs.v[X86_SP], sp);
}

static void expect_user(uint64_t ip, uint64_t sp)
{
	expect_user_mode(ip, sp);
	ck_assert_uint_eq(out.regs.v[X86_FLAGS], 0x246);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
}

/* Between SYSCALL and the switch of stacks everything is in registers. */
START_TEST(syscall_before_the_switch)
{
	static const char *const name[] = { "entry_SYSCALL_64", "entry_SYSCALL_compat",
					    "syscall_return_via_sysret" };

	if (!_i)
		syn_no_symbol(m, "entry_SYSCALL_64");
	ck_assert_int_eq(stop(name[_i], NULL, USER_SP, USER_IP), STK_STEP_OK);
	expect_user(USER_IP, USER_SP);
	ck_assert_uint_eq(out.regs.v[X86_CS], 0x33);
	ck_assert_uint_eq(out.regs.v[X86_SS], 0x2b);
	ck_assert_uint_eq(out.regs_at, 0);
	/* rcx is a user's address as long as it is the user's rip. */
	ck_assert_int_eq(stop(name[_i], NULL, USER_SP, EDGE), STK_STEP_END);
}
END_TEST

/* After the switch the user's rsp is where the entry code parked it. */
START_TEST(syscall_after_the_switch)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE;

	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + 20, USER_SP);
	if (_i) {
		syn_symbol(m, "rsp_scratch", 0x1f200);
		syn_put64(m, SYN_PERCPU(1) + 0x1f200, USER_SP2);
	}
	ck_assert_int_eq(
		stop("entry_SYSCALL_64_safe_stack", X86_STACK(TASK), top, USER_IP),
		STK_STEP_OK);
	expect_user(USER_IP, _i ? USER_SP2 : USER_SP);
}
END_TEST

/* Once the frame is pushed it is the better witness. */
START_TEST(syscall_with_its_frame)
{
	uint64_t regs = syn_pt_regs(&c, USER_IP + 0x10, 0x33, USER_SP, 0);

	ck_assert_int_eq(stop("entry_SYSCALL_64_after_hwframe", X86_STACK(TASK),
			      regs + X86_IRET_OFFSET, USER_IP),
			 STK_STEP_OK);
	expect_user(USER_IP + 0x10, USER_SP);
	ck_assert_uint_eq(out.regs_at, regs);
	/* It is not while rsp is above its beginning. */
	ck_assert_int_eq(stop("entry_SYSCALL_64_after_hwframe", X86_STACK(TASK),
			      regs + X86_IRET_OFFSET + 8, USER_IP),
			 STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], USER_IP);
}
END_TEST

/* SYSRET needs rdi and rsp: they are on the trampoline. */
START_TEST(sysret_on_the_trampoline)
{
	uint64_t top = stack_of(X86_STACK(ENTRY)).end;

	syn_put64(m, top - 8, USER_SP);
	ck_assert_int_eq(
		stop("syscall_return_via_sysret", X86_STACK(ENTRY), top - 16, USER_IP),
		STK_STEP_OK);
	expect_user(USER_IP, USER_SP);
}
END_TEST

/*
 * On the way back by iret the frame is copied to the trampoline, from the task's
 * pt_regs, which hold until it is whole.
 */
START_TEST(iret_on_the_trampoline)
{
	uint64_t top = stack_of(X86_STACK(ENTRY)).end, regs;
	const uint64_t frame[] = { USER_IP, 0x33, 0x246, USER_SP, 0x2b };

	syn_symbol(m, "__entry_text_start", EDGE);
	syn_symbol(m, "__entry_text_end", EDGE + 0x100);
	regs = syn_pt_regs(&c, USER_IP + 0x20, 0x33, USER_SP2, 0);
	syn_write(m, top - 40, frame, sizeof(frame));
	ck_assert_int_eq(stop("restore_regs", X86_STACK(ENTRY), top - 40, 0),
			 STK_STEP_OK);
	expect_user(USER_IP, USER_SP);
	ck_assert_uint_eq(out.regs_at, top - 40 - X86_IRET_OFFSET);
	ck_assert_int_eq(stop("restore_regs", X86_STACK(ENTRY), top - 32, 0),
			 STK_STEP_OK);
	expect_user(USER_IP + 0x20, USER_SP2);
	ck_assert_uint_eq(out.regs_at, regs);
	/* Behind the section an end is an end. */
	syn_symbol(m, "__entry_text_end", EDGE + 4);
	ck_assert_int_eq(stop("restore_regs", X86_STACK(ENTRY), top - 40, 0),
			 STK_STEP_END);
}
END_TEST

/* A rule "five words at rsp+8" at EDGE, for a call that returned to EDGE+4. */
static void five_words(struct stk_stack stack, uint64_t sp)
{
	struct stk_cursor cur = { .cpu = 1, .stack = stack };

	syn_symbol(m, "stub", EDGE);
	syn_orc(m, EDGE, ORC_REGS_PARTIAL, ORC_SP, 8, ORC_UNDEFINED, 0);
	x86_set(&cur.regs, X86_IP, EDGE + 4);
	x86_set(&cur.regs, X86_SP, sp);
	memset(&out, 0, sizeof(out));
	ck_assert_int_eq(x86_step_orc(syn_open(m), &cur, &out), STK_STEP_OK);
}

/*
 * Since 5.18 error_entry() jumps to sync_regs(): on the trampoline, where its return
 * address is the last word, a whole pt_regs lies below the top.
 */
START_TEST(sync_regs_by_a_jump)
{
	struct stk_stack entry = stack_of(X86_STACK(ENTRY));
	uint64_t regs;

	c.sp = entry.end;
	regs = syn_pt_regs(&c, SYN_USER_IP, 0x33, USER_SP, 0);
	five_words(entry, regs);
	ck_assert(out.full);
	ck_assert_uint_eq(out.regs_at, regs);
	expect_user_mode(SYN_USER_IP, USER_SP);
	/* Deeper down it is what the rule says. */
	syn_put64(m, regs - 16 + 8, SYN_USER_IP + 1);
	syn_put64(m, regs - 16 + 16, 0x33);
	five_words(entry, regs - 16);
	ck_assert(!out.full);
	ck_assert_uint_eq(out.regs.v[X86_IP], SYN_USER_IP + 1);
}
END_TEST

/* A second NMI's frame is at the stack's top; another one there is no NMI's. */
START_TEST(frames_on_the_nmi_stack)
{
	struct stk_stack nmi = { .kind = X86_STACK(NMI), .cpu = 1, .mapped = true };
	uint64_t at;

	nmi.end = syn_ist_top(m, 1, "NMI");
	nmi.begin = nmi.end - 8192;
	at = nmi.end - (_i ? 96 : 40);
	c.sp = at + 40;
	syn_pt_regs(&c, SYN_TEXT + 0x1234, 0x10, nmi.end - 0x400, 0);
	five_words(nmi, at - 8);
	ck_assert_uint_eq(out.regs.v[X86_SP], nmi.end - 0x400);
	ck_assert(out.nested == !_i);
}
END_TEST

/* asm/segment.h: the kernel's, and two for user mode. */
START_TEST(code_segments)
{
	for (uint64_t cs = 0; cs < 0x100; cs++)
		ck_assert(x86_is_code_segment(cs) ==
			  (cs == 0x10 || cs == 0x33 || cs == 0x23));
}
END_TEST

/* The user's rsp is no reason to doubt registers that point into entry code. */
START_TEST(start_on_the_users_stack)
{
	struct stk_start start = { .cpu = 1, .signal = true };
	struct stk *s = syn_open(m);

	x86_set(&start.regs, X86_IP, syn_sym(m, "entry_SYSCALL_64") + 3);
	x86_set(&start.regs, X86_SP, USER_SP);
	x86_set(&start.regs, X86_CS, 0x10);
	ck_assert_ptr_null(stk_bad_start(s, &start));
	x86_set(&start.regs, X86_IP, syn_sym(m, "do_syscall_64") + 3);
	ck_assert_ptr_nonnull(stk_bad_start(s, &start));
	/* In user mode it is where it should be, but no code of the kernel's runs there.
	 */
	x86_set(&start.regs, X86_CS, 0x33);
	ck_assert_ptr_nonnull(stk_bad_start(s, &start));
	x86_set(&start.regs, X86_IP, SYN_USER_IP);
	ck_assert_ptr_null(stk_bad_start(s, &start));
}
END_TEST

/* A word of garbage may look like the selector of user code. */
START_TEST(believed_user_mode)
{
	struct stk *s = syn_open(m);
	struct stk_regs regs = { 0 };
	struct stk_stack task = { .kind = X86_STACK(TASK),
				  .begin = syn_stack(m, syn_task(m, "t", 300, 0)) };
	uint64_t top;

	task.end = task.begin + SYN_THREAD_SIZE;
	top = x86_task_pt_regs(s, &task);
	x86_set(&regs, X86_CS, 0x33);
	x86_set(&regs, X86_IP, SYN_USER_IP);
	ck_assert(x86_may_be_user(s, NULL, &regs, 0));
	ck_assert(x86_may_be_user(s, &task, &regs, top));
	ck_assert(x86_may_be_user(s, &task, &regs, top + 128)); /* the five words */
	ck_assert(!x86_may_be_user(s, &task, &regs, top - 0x400));
	/* Nobody's code; but a process may have jumped there. */
	x86_set(&regs, X86_IP, 0xdeadbeefdeadbeefull);
	ck_assert(!x86_may_be_user(s, NULL, &regs, 0));
	ck_assert(!x86_may_be_user(s, &task, &regs, top + 128));
	ck_assert(x86_may_be_user(s, &task, &regs, top));
	x86_set(&regs, X86_IP, 0xffffffffff600400ull); /* vsyscall */
	ck_assert(x86_may_be_user(s, NULL, &regs, 0));
}
END_TEST

START_TEST(state_in_entry_code)
{
	static const struct {
		const char *name;
		bool kernel_gs, user_cr3, pti;
		uint64_t sp; /* 0: the trampoline */
		const char *want;
	} row[] = {
		{ "entry_SYSCALL_64_x", false, true, true, USER_SP,
		  "in entry code: GS is the user's, CR3 the user's, on the user's rsp" },
		{ "entry_SYSCALL_64_x", true, false, true, 0,
		  "in entry code: GS is the kernel's, CR3 the kernel's, on ENTRY_TRAMPOLINE" },
		{ "paranoid_entry", true, true, false, 0,
		  "in entry code: GS is the kernel's, on ENTRY_TRAMPOLINE, on the paranoid path" },
	};
	struct syn_note note = { .kind = STK_NOTE_QEMU, .have_sys = true };
	struct stk_saved saved;
	const struct stk_entry_state *got;

	syn_symbol(m, row[_i].name, EDGE);
	syn_symbol(m, "__entry_text_start", EDGE);
	syn_symbol(m, "__entry_text_end", EDGE + 0x100);
	syn_symbol(m, "boot_cpu_data", SYN_DATA + 0xa000);
	syn_member(m, "cpuinfo_x86.x86_capability", 0x20, 80);
	syn_fill(m, SYN_DATA + 0xa000, 0x100, 0);
	syn_put32(m, SYN_DATA + 0xa000 + 0x20 + 28, row[_i].pti ? 1u << 11 : 1u << 12);
	note.gpr[X86_IP] = EDGE + 8;
	note.gpr[X86_SP] = row[_i].sp ? row[_i].sp : stack_of(X86_STACK(ENTRY)).end - 64;
	note.gs_base = row[_i].kernel_gs ? SYN_PERCPU(1) : 0x7f0000001000;
	note.cr3 = 0x1234000 | (row[_i].user_cr3 ? 0x1000 : 0) | 5;
	note.cr3 &= row[_i].user_cr3 ? ~0ull : ~0x1000ull;
	saved = syn_saved(&note);
	got = x86_entry_state(syn_open(m), 1, &saved);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got->text, row[_i].want);
	/* Elsewhere there is nothing to say. */
	note.gpr[X86_IP] = syn_sym(m, "vfs_write");
	note.gpr[X86_SP] = USER_SP;
	saved = syn_saved(&note);
	ck_assert_ptr_null(x86_entry_state(m->s, 1, &saved));
}
END_TEST

/* ---- how the kernel was entered ---- */

static struct stk_entry entry(const char *name, uint64_t orig_ax)
{
	struct stk_regs user = { 0 };
	struct stk_entry e;

	if (!syn_sym(m, name))
		syn_symbol(m, name, EDGE);
	x86_set(&user, X86_ORIG_AX, orig_ax);
	x86_set(&user, X86_AX, 3);
	x86_describe_entry(syn_open(m), syn_sym(m, name) + 0x20, &user, 0, &e);
	return e;
}

START_TEST(entered_by_syscall)
{
	static const struct {
		const char *name;
		const struct stk_entry_kind *kind;
	} row[] = {
		{ "entry_SYSCALL_64_after_hwframe", X86_ENTRY(SYSCALL) },
		{ "entry_SYSCALL_compat_after_hwframe", X86_ENTRY(SYSCALL_COMPAT) },
		{ "entry_SYSENTER_compat_after_hwframe", X86_ENTRY(SYSCALL_COMPAT) },
		{ "entry_INT80_compat", X86_ENTRY(INT80) },
		{ "asm_int80_emulation", X86_ENTRY(INT80) },
	};
	struct stk_entry e;

	syn_symbol(m, row[_i].name, EDGE);
	e = entry(row[_i].name, 1);
	ck_assert_ptr_eq(e.kind, row[_i].kind);
	ck_assert_int_eq(e.nr, 1);
	ck_assert_int_eq(e.code, -1);
}
END_TEST

START_TEST(entered_by_the_idt)
{
	struct stk_entry e = entry("asm_exc_page_fault", 6);

	ck_assert_ptr_eq(e.kind, X86_ENTRY(EXCEPTION));
	ck_assert_int_eq(e.code, 14);
	ck_assert_str_eq(e.name, "exc_page_fault");
	ck_assert(e.has_error);
	ck_assert_uint_eq(e.error, 6);
	/* The entry code put -1 in its place. */
	ck_assert(!entry("asm_exc_page_fault", ~0ull).has_error);
	/* A machine check has none. */
	e = entry("asm_exc_machine_check", 6);
	ck_assert_ptr_eq(e.kind, X86_ENTRY(EXCEPTION));
	ck_assert_int_eq(e.code, 18);
	ck_assert(!e.has_error);
	ck_assert_ptr_eq(entry("asm_exc_nmi", ~0ull).kind, X86_ENTRY(NMI));
}
END_TEST

/* Stopped in error_entry(): the stub that called it tells which exception it was. */
START_TEST(entered_by_way_of_error_entry)
{
	struct stk_start start;
	struct stk_chain *chain;
	uint64_t regs;

	syn_symbol(m, "error_entry", EDGE);
	syn_orc(m, EDGE, ORC_REGS, ORC_SP, 8, ORC_UNDEFINED, 0);
	regs = syn_pt_regs(&c, SYN_USER_IP, 0x33, USER_SP, 0);
	/* Still the error code: the stub changes it after the call. */
	syn_put64(m, regs + 8 * X86_ORIG_AX, 6);
	syn_push(&c, syn_call_insn(m, "asm_exc_page_fault", 0x20, "error_entry"));
	c.ip = EDGE + 4;
	c.function = "error_entry";
	if (_i)
		syn_call(&c, 0x20, "last_function");
	syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_ptr_eq(chain->entry.kind, X86_ENTRY(EXCEPTION));
	ck_assert_int_eq(chain->entry.code, 14);
	ck_assert_ptr_null(chain->user_doubt);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Their gates may be in a table of stubs: then the name tells. */
START_TEST(entered_by_an_interrupt)
{
	static const char *const name[] = { "asm_sysvec_reboot", "asm_common_interrupt",
					    "ret_from_intr" };
	struct stk_entry e;

	syn_symbol(m, name[_i], EDGE);
	e = entry(name[_i], ~0ull);
	ck_assert_ptr_eq(e.kind, X86_ENTRY(INTERRUPT));
	ck_assert_int_eq(e.code, -1);
	ck_assert_ptr_null(entry("vfs_write", 1).kind);
}
END_TEST

/* ---- copies of a pt_regs ---- */

static size_t copies(const struct stk_regs *regs, struct stk_copy *copy)
{
	struct stk_stack task = stack_of(X86_STACK(TASK));

	return x86_saved_copies(syn_open(m), 1, &task, regs, copy, 8);
}

static void same(struct stk_regs *regs, uint64_t ip, uint64_t cs, uint64_t sp)
{
	memset(regs, 0, sizeof(*regs));
	x86_set(regs, X86_IP, ip);
	x86_set(regs, X86_CS, cs);
	x86_set(regs, X86_SP, sp);
	x86_set(regs, X86_FLAGS, 0x246);
}

/* From user mode: on the trampoline, and in the slot that sync_regs() fills. */
START_TEST(copies_from_user_mode)
{
	struct stk_copy copy[8];
	struct stk_regs regs;
	struct syn_cpu t = c;
	uint64_t slot = syn_pt_regs(&c, SYN_USER_IP, 0x33, USER_SP, 0), tramp;

	t.sp = stack_of(X86_STACK(ENTRY)).end;
	tramp = syn_pt_regs(&t, SYN_USER_IP, 0x33, USER_SP, 0);
	same(&regs, SYN_USER_IP, 0x33, USER_SP);
	ck_assert_uint_eq(copies(&regs, copy), 2);
	ck_assert_ptr_eq(copy[0].stack.kind, X86_STACK(ENTRY));
	ck_assert_uint_eq(copy[0].regs_at, tramp);
	ck_assert_ptr_eq(copy[1].stack.kind, X86_STACK(TASK));
	ck_assert_uint_eq(copy[1].regs_at, slot);
	/* Any word that differs makes them other registers. */
	same(&regs, SYN_USER_IP, 0x33, USER_SP + 8);
	ck_assert_uint_eq(copies(&regs, copy), 0);
	same(&regs, SYN_USER_IP + 1, 0x33, USER_SP);
	ck_assert_uint_eq(copies(&regs, copy), 0);
	same(&regs, SYN_USER_IP, 0x33, USER_SP);
	regs.v[X86_FLAGS] = 0x202;
	ck_assert_uint_eq(copies(&regs, copy), 0);
}
END_TEST

/* From the kernel on the same stack: below rsp, which the hardware aligns. */
START_TEST(copies_below_sp)
{
	struct stk_copy copy[8];
	struct stk_regs regs;
	uint64_t sp, at;

	syn_syscall(&c);
	c.sp = (c.sp & ~15ull) + 8;
	sp = c.sp;
	same(&regs, c.ip, 0x10, sp);
	c.sp &= ~15ull;
	at = syn_pt_regs(&c, c.ip, 0x10, sp, 0);
	ck_assert_uint_eq(copies(&regs, copy), 1);
	ck_assert_ptr_eq(copy[0].stack.kind, X86_STACK(TASK));
	ck_assert_uint_eq(copy[0].regs_at, at);
}
END_TEST

/*
 * What a note says was interrupted by an NMI: the chain that is live leads from the
 * function that stopped the CPU to those registers.
 */
START_TEST(live_chain)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk_copy where;
	uint64_t sp;
	struct stk *s;

	syn_syscall(&c);
	start = syn_start(&c);
	x86_set(&start.regs, X86_FLAGS, 0x246);
	sp = c.sp;
	syn_nmi(&c);
	/* On it went, to what keeps the CPU; and its return address is left below. */
	syn_call(&c, 0x80, "task_spin");
	/* A return address of it that leads nowhere, further down. */
	syn_put64(m, c.sp - 0x200, syn_sym(m, "crash_nmi_callback") + 0x80);
	syn_put64(m, c.sp - 0x200 + 16, 0x1234);
	/* One that leads to the registers by the stack's top only, and one to nothing. */
	syn_symbol(m, "crash_kexec", EDGE);
	syn_orc(m, EDGE, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_put64(m, c.sp - 0x300, syn_call_insn(m, "crash_kexec", 0x20, "task_spin"));
	syn_put64(m, c.sp - 0x300 + 8, 0x1234);
	syn_symbol(m, "stop_this_cpu", EDGE + 0x100);
	syn_orc(m, EDGE + 0x100, ORC_END, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_put64(m, c.sp - 0x400, syn_call_insn(m, "stop_this_cpu", 0x20, "task_spin"));
	s = syn_open(m);
	start.has_task = !stk_task_read(s, sh, &start.task);
	ck_assert_uint_eq(start.regs.v[X86_SP], sp);
	/* The NMI's frame has flags 0x246 in the pt_regs that syn_pt_regs() makes. */
	ck_assert_int_eq(stk_unwind_live(s, &start, &where, &chain), STK_OK);
	ck_assert_uint_eq(where.regs_at, syn_ist_top(m, 1, "NMI") - 264);
	ck_assert_ptr_eq(where.stack.kind, X86_STACK(NMI));
	ck_assert_str_eq(syn_chain_text(chain),
			 "<NMI> crash_nmi_callback+0x80/regs nmi_handle+0x5e/orc "
			 "exc_nmi+0x70/orc asm_exc_nmi+0x80/orc end joins");
	stk_chain_free(s, chain);
}
END_TEST

/* Without a note the NMI in progress tells what it interrupted; a finished one not. */
START_TEST(nmi_vouches)
{
	uint64_t top = syn_ist_top(m, 1, "NMI"), ip;
	struct stk_start start;

	syn_syscall(&c);
	ip = c.ip;
	syn_nmi(&c);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PT_REGS);
	ck_assert_uint_eq(start.regs.v[X86_IP], ip);
	/* Not if its copies of them differ. */
	syn_put64(m, top - 264 + 8 * X86_IP, ip + 1);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
	syn_put64(m, top - 264 + 8 * X86_IP, ip);
	syn_put64(m, top - 56, 0);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
	/* What cannot be read says nothing. */
	syn_put64(m, top - 56, 1);
	syn_fail(m, top - 56, STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
}
END_TEST

/* Without a note a busy IRQ stack tells its first call, and so all that led there. */
START_TEST(irq_stack_vouches)
{
	uint64_t slot = syn_irq_top(1) - 16, ip;
	struct stk_start start;
	struct stk_chain *chain;
	struct stk *s;

	syn_syscall(&c);
	syn_irq(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_STACK);
	ck_assert_uint_eq(start.regs.v[X86_SP], slot + 8);
	ck_assert(!start.signal);
	ck_assert_ptr_nonnull(strstr(start.doubt, "the first call there"));
	ck_assert(start.partial);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_uint_eq(chain->nr_segments, 2);
	/* Not if it is not in use, or no call ends there. */
	ip = syn_get64(m, slot);
	syn_put64(m, slot, ip + 1);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
	syn_put64(m, slot, ip);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 0);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
}
END_TEST

static const struct unit_test stopped_tests[] = {
	LOOP(syscall_before_the_switch, 3), LOOP(syscall_after_the_switch, 2),
	TEST(syscall_with_its_frame),	    TEST(sysret_on_the_trampoline),
	TEST(iret_on_the_trampoline),	    TEST(sync_regs_by_a_jump),
	LOOP(frames_on_the_nmi_stack, 2),   TEST(code_segments),
	TEST(start_on_the_users_stack),	    TEST(believed_user_mode),
	LOOP(state_in_entry_code, 3),	    { 0 },
};

static const struct unit_test how_tests[] = {
	LOOP(entered_by_syscall, 5),
	TEST(entered_by_the_idt),
	LOOP(entered_by_way_of_error_entry, 2),
	LOOP(entered_by_an_interrupt, 3),
	{ 0 },
};

static const struct unit_test copy_tests[] = {
	TEST(copies_from_user_mode), TEST(copies_below_sp),   TEST(live_chain),
	TEST(nmi_vouches),	     TEST(irq_stack_vouches), { 0 },
};

const struct unit_suite suite_edges = {
	"edges",
	{
		{ "stopped", stopped_tests, fixture_task, NULL },
		{ "entry", how_tests, fixture_task, NULL },
		{ "copies", copy_tests, fixture_task, NULL },
	},
};
