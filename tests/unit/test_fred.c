/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what FRED changes (CONFIG_X86_FRED, 6.9+) on machines written by hand, since no
 * dump of such a CPU is at hand: frames of 184 bytes, selectors with event data above
 * them, stack levels instead of the IST, one entry point for all events; and that a
 * kernel built with it which runs on another CPU is still read as one with an IDT.
 */
#include "fixture.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "arch/x86_64/exception.h"
#include "stacks/stack.h"
#include "stacks/map.h"

/* EVENT_TYPE_* of asm/trapnr.h. */
enum { EXTINT = 0, NMI = 2, HWEXC = 3, SWINT = 4, PRIV_SWEXC = 5, SWEXC = 6, OTHER = 7 };

#define SYSCALL                                                                          \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"fred_entry_from_user+0x31/orc asm_fred_entrypoint_user+0x46/orc end user"
#define NMI_FRAMES                                                                       \
	"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc fred_exc_nmi+0x70/orc " \
	"fred_entry_from_kernel+0x33/orc asm_fred_entrypoint_kernel+0x46/orc =regs= "
#define IRQ_FRAMES                                                                       \
	"<IRQ> hrtimer_interrupt+0x40/regs! __sysvec_apic_timer_interrupt+0x56/orc "     \
	"sysvec_apic_timer_interrupt+0x45/orc =link= <TASK> "                            \
	"fred_entry_from_kernel+0x28/orc asm_fred_entrypoint_kernel+0x46/orc "

static uint64_t top;

static void setup(void)
{
	fixture_task_of(syn_kernel(SYN_FRED));
	top = c.sp;
}

/* From user mode, to the top of the task's stack (MSR_IA32_FRED_RSP0). */
static uint64_t from_user(uint64_t info)
{
	uint64_t regs =
		syn_fred_regs(&c, top, SYN_USER_IP, 0x33, 0x7ffc00001000, info, 0);

	c.bp = 0;
	c.function = "asm_fred_entrypoint_user";
	syn_call(&c, 0x46, "fred_entry_from_user");
	return regs;
}

static uint64_t in_syscall(void)
{
	uint64_t regs = from_user(SYN_FRED_EVENT(OTHER, 1) | SYN_FRED_64BIT);

	syn_put64(m, regs + 8 * X86_ORIG_AX, 1);
	syn_call(&c, 0x31, "do_syscall_64");
	syn_call(&c, 0x58, "ksys_write");
	syn_call(&c, 0x6f, "vfs_write");
	syn_call(&c, 0x9b, "task_spin");
	return regs;
}

/* From the kernel at stack level @level: @at is the top of the new level, or 0. */
static uint64_t from_kernel(uint64_t at, uint64_t info, unsigned int level)
{
	uint64_t regs;

	if (!at)
		at = (c.sp - 64) & ~63ull;
	regs = syn_fred_regs(&c, at, c.ip, 0x10, c.sp, info, level);
	c.function = "asm_fred_entrypoint_kernel";
	syn_call(&c, 0x46, "fred_entry_from_kernel");
	return regs;
}

static uint64_t in_nmi(void)
{
	uint64_t regs = from_kernel(syn_ist_top(m, 1, "NMI"), SYN_FRED_EVENT(NMI, 2), 0);

	syn_call(&c, 0x33, "fred_exc_nmi");
	syn_call(&c, 0x70, "nmi_handle");
	syn_call(&c, 0x5e, "crash_nmi_callback");
	return regs;
}

static void in_irq(void)
{
	uint64_t irq = syn_irq_top(1);

	from_kernel(0, SYN_FRED_EVENT(EXTINT, 236), 0);
	syn_call(&c, 0x28, "sysvec_apic_timer_interrupt");
	syn_put64(m, irq - 8, c.sp);
	c.sp = irq - 8;
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 1);
	syn_call(&c, 0x45, "__sysvec_apic_timer_interrupt");
	syn_call(&c, 0x56, "hrtimer_interrupt");
}

/* ---- chains ---- */

START_TEST(task_in_a_syscall)
{
	uint64_t regs = in_syscall();
	struct stk_chain *chain;

	ck_assert_uint_eq(regs, top - 184);
	expect_chain("<TASK> task_spin+0x40/regs! " SYSCALL);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->user_at, regs);
	ck_assert_uint_eq(chain->user->v[X86_CS], 0x33);
	ck_assert_uint_eq(chain->user->v[X86_SS], 0x2b);
	ck_assert_uint_eq(chain->user->v[X86_SP], 0x7ffc00001000);
	ck_assert_str_eq(chain->end_text, "user mode at 0x7f1122334455, syscall 1");
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(nmi_over_irq_over_task)
{
	uint64_t nmi = syn_ist_top(m, 1, "NMI"), regs, sp;
	struct stk_crossing *x;
	struct stk_chain *chain;

	in_syscall();
	in_irq();
	sp = c.sp;
	regs = in_nmi();
	ck_assert_uint_eq(regs, nmi - 184);
	expect_chain(NMI_FRAMES IRQ_FRAMES "task_spin+0x40/regs! " SYSCALL);
	chain = unwind_cpu_1();
	x = &chain->segments->crossing;
	/* The word in which FRED saved rsp; at T-16 is event data. */
	ck_assert(x->have_link && x->agree);
	ck_assert_uint_eq(x->link_at, nmi - 32);
	ck_assert_uint_eq(x->link, sp);
	ck_assert_uint_eq(x->at, regs);
	ck_assert_ptr_null(x->note);
	stk_chain_free(m->s, chain);
}
END_TEST

/* A fault in the kernel: no other level, so below a red zone, aligned to 64. */
START_TEST(fault_on_the_task_stack)
{
	struct stk_chain *chain;
	uint64_t regs, sp;

	in_syscall();
	c.ip = syn_sym(m, "task_spin") + 2;
	sp = c.sp;
	regs = from_kernel(0, SYN_FRED_EVENT(HWEXC, 14), 0);
	syn_call(&c, 0x52, "exc_page_fault");
	ck_assert_uint_eq(regs, ((sp - 64) & ~63ull) - 184);
	expect_chain("<TASK> exc_page_fault+0x40/regs! fred_entry_from_kernel+0x52/orc "
		     "asm_fred_entrypoint_kernel+0x46/orc task_spin+0x2/regs! " SYSCALL);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->frames[3].regs_at, regs);
	ck_assert_uint_eq(chain->segments->frames[3].sp, sp);
	stk_chain_free(m->s, chain);
}
END_TEST

/* #MC has the NMI's stack level: during one it stays where it is. */
START_TEST(machine_check_in_an_nmi)
{
	struct stk_chain *chain;
	uint64_t regs;

	in_syscall();
	in_nmi();
	regs = from_kernel(0, SYN_FRED_EVENT(HWEXC, 18), 2);
	syn_call(&c, 0x60, "fred_exc_machine_check");
	expect_chain(
		"<NMI> fred_exc_machine_check+0x40/regs! fred_entry_from_kernel+0x60/orc "
		"asm_fred_entrypoint_kernel+0x46/orc crash_nmi_callback+0x40/regs! "
		"nmi_handle+0x5e/orc fred_exc_nmi+0x70/orc "
		"fred_entry_from_kernel+0x33/orc asm_fred_entrypoint_kernel+0x46/orc "
		"=regs= <TASK> task_spin+0x40/regs! " SYSCALL);
	chain = unwind_cpu_1();
	/* The stack level is no part of the selector. */
	ck_assert_uint_eq(syn_get64(m, regs + 8 * X86_CS), 0x20010);
	ck_assert_uint_eq(chain->segments->frames[3].regs->v[X86_CS], 0x10);
	ck_assert_uint_eq(chain->segments->frames[3].regs->v[X86_SS], 0x18);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The registers that an event saved are found, whichever stack it went to. */
START_TEST(copies_of_an_event)
{
	struct stk_copy copy[8];
	struct stk_regs regs = { 0 };
	struct stk_stack task;
	uint64_t at;

	in_syscall();
	x86_set(&regs, X86_IP, c.ip);
	x86_set(&regs, X86_CS, 0x10);
	x86_set(&regs, X86_SP, c.sp);
	x86_set(&regs, X86_FLAGS, 0x246);
	at = _i ? in_nmi() : from_kernel(0, SYN_FRED_EVENT(EXTINT, 236), 0);
	task = (struct stk_stack){ .kind = X86_STACK(TASK),
				   .begin = syn_stack(m, sh),
				   .end = top,
				   .mapped = true };
	ck_assert_uint_eq(x86_saved_copies(syn_open(m), 1, &task, &regs, copy, 8), 1);
	ck_assert_uint_eq(copy[0].regs_at, at);
	ck_assert_ptr_eq(copy[0].stack.kind, _i ? X86_STACK(NMI) : X86_STACK(TASK));
}
END_TEST

/* #DB, then an NMI, then #DF: levels 1, 2 and 3. */
START_TEST(all_levels)
{
	in_syscall();
	from_kernel(syn_ist_top(m, 1, "DB"), SYN_FRED_EVENT(HWEXC, 1), 0);
	in_nmi();
	from_kernel(syn_ist_top(m, 1, "DF"), SYN_FRED_EVENT(HWEXC, 8), 2);
	syn_call(&c, 0x44, "exc_double_fault");
	expect_chain("<#DF> exc_double_fault+0x40/regs! fred_entry_from_kernel+0x44/orc "
		     "asm_fred_entrypoint_kernel+0x46/orc =regs= " NMI_FRAMES
		     "<#DB> fred_entry_from_kernel+0x40/regs! "
		     "asm_fred_entrypoint_kernel+0x46/orc =regs= "
		     "<TASK> task_spin+0x40/regs! " SYSCALL);
}
END_TEST

/* Each stack that has a level. */
START_TEST(a_level)
{
	static const struct {
		const char *stack;
		unsigned int vector;
	} row[] = { { "DB", 1 }, { "DF", 8 }, { "MCE", 18 } };
	char want[400];

	in_syscall();
	from_kernel(syn_ist_top(m, 1, row[_i].stack),
		    SYN_FRED_EVENT(HWEXC, row[_i].vector), 0);
	snprintf(want, sizeof(want),
		 "<#%.2s> fred_entry_from_kernel+0x40/regs! "
		 "asm_fred_entrypoint_kernel+0x46/orc =regs= "
		 "<TASK> task_spin+0x40/regs! " SYSCALL,
		 !strcmp(row[_i].stack, "MCE") ? "MC" : row[_i].stack);
	expect_chain(want);
}
END_TEST

START_TEST(nmi_over_idle)
{
	c = syn_cpu(m, 1, syn_idle(m, 1));
	c.sp -= 16;
	syn_idle_loop(&c);
	in_nmi();
	expect_chain(NMI_FRAMES "<TASK> do_idle+0x40/regs! cpu_startup_entry+0x19/orc "
				"secondary_startup_64+0xe0/orc end idle");
}
END_TEST

/* ---- what came in from user mode ---- */

START_TEST(events_from_user_mode)
{
	static const struct {
		uint64_t info;
		const struct stk_entry_kind *kind;
		int vector, nr;
		const char *text;
	} event[] = {
		{ SYN_FRED_EVENT(OTHER, 1) | SYN_FRED_64BIT, X86_ENTRY(SYSCALL), -1, 39,
		  ", syscall 39" },
		{ SYN_FRED_EVENT(OTHER, 2), X86_ENTRY(SYSCALL_COMPAT), -1, 39,
		  ", syscall_compat 39" },
		/* Not what these do in 64-bit and in compatibility mode: both #UD. */
		{ SYN_FRED_EVENT(OTHER, 1), NULL, -1, -1, "" },
		{ SYN_FRED_EVENT(OTHER, 2) | SYN_FRED_64BIT, NULL, -1, -1, "" },
		{ SYN_FRED_EVENT(SWINT, 0x80), X86_ENTRY(INT80), -1, 39, ", int80 39" },
		{ SYN_FRED_EVENT(SWINT, 3), X86_ENTRY(EXCEPTION), 3, -1,
		  ", exception 3" },
		{ SYN_FRED_EVENT(SWEXC, 4), X86_ENTRY(EXCEPTION), 4, -1,
		  ", exception 4" },
		{ SYN_FRED_EVENT(PRIV_SWEXC, 1), X86_ENTRY(EXCEPTION), 1, -1,
		  ", exception 1" },
		{ SYN_FRED_EVENT(HWEXC, 14) | SYN_FRED_64BIT, X86_ENTRY(EXCEPTION), 14,
		  -1, ", exception 14" },
		/* Bit 18 of ss: NMIs are to be unblocked. */
		{ SYN_FRED_EVENT(NMI, 2) | 1 << 18, X86_ENTRY(NMI), 2, -1, ", nmi 2" },
		{ SYN_FRED_EVENT(EXTINT, 236), X86_ENTRY(INTERRUPT), 236, -1,
		  ", interrupt 236" },
		{ SYN_FRED_EVENT(1, 9), NULL, -1, -1, "" },
	};
	uint64_t regs = from_user(event[_i].info);
	struct stk_chain *chain;

	syn_put64(m, regs + 8 * X86_ORIG_AX, 39);
	expect_chain(
		"<TASK> fred_entry_from_user+0x40/regs! asm_fred_entrypoint_user+0x46/orc "
		"end user");
	chain = unwind_cpu_1();
	ck_assert_ptr_eq(chain->entry.kind, event[_i].kind);
	ck_assert_int_eq(chain->entry.code, event[_i].vector);
	ck_assert_int_eq(chain->entry.nr, event[_i].nr);
	ck_assert_ptr_nonnull(strstr(chain->end_text, "0x7f1122334455"));
	ck_assert_str_eq(chain->end_text + strlen("user mode at 0x7f1122334455"),
			 event[_i].text);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(name_of_the_syscall)
{
	struct stk_chain *chain;

	syn_symbol(m, "sys_call_table", SYN_DATA + 0x3800);
	syn_symbol(m, "__x64_sys_write", SYN_TEXT + 0x9000);
	syn_put64(m, SYN_DATA + 0x3808, SYN_TEXT + 0x9000);
	in_syscall();
	chain = unwind_cpu_1();
	ck_assert_str_eq(chain->end_text,
			 "user mode at 0x7f1122334455, syscall 1 (write)");
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- before the registers are pushed ---- */

/* @pushed words of the 15 registers. */
static void stop_in_entry(const char *entry, uint64_t regs, unsigned int pushed)
{
	c.function = entry;
	c.ip = syn_sym(m, entry) + pushed;
	c.sp = regs + 120 - 8ull * pushed;
}

START_TEST(stopped_in_the_entry_from_user)
{
	uint64_t regs = from_user(SYN_FRED_EVENT(HWEXC, 14));
	struct stk_chain *chain;

	stop_in_entry("asm_fred_entrypoint_user", regs, (unsigned int)_i);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_uint_eq(chain->nr_frames, 1);
	ck_assert_uint_eq(chain->user_at, regs);
	ck_assert_uint_eq(chain->user->v[X86_IP], SYN_USER_IP);
	ck_assert_str_eq(chain->end_text, "user mode at 0x7f1122334455, exception 14");
	stk_chain_free(m->s, chain);
}
END_TEST

/* An NMI hits there; the interrupted function is unwound by rbp, which is not lost. */
START_TEST(stopped_in_the_entry_from_kernel)
{
	uint64_t bp, regs;

	in_syscall();
	syn_call(&c, 0xb0, "panic");
	bp = c.bp;
	/* Any alignment of the interrupted stack pointer. */
	c.sp -= 8ull * (unsigned int)(_i / 16);
	regs = from_kernel(0, SYN_FRED_EVENT(EXTINT, 236), 0);
	/* A pushed register looks like the cs of a frame 64 bytes further down. */
	syn_put64(m, regs + 8 * X86_R8, 0x10);
	stop_in_entry("asm_fred_entrypoint_kernel", regs, _i % 16);
	c.bp = bp;
	in_nmi();
	{
		struct stk_chain *chain = unwind_cpu_1();
		const char *text = syn_chain_text(chain);

		ck_assert(!strncmp(
			text, NMI_FRAMES "<TASK> asm_fred_entrypoint_kernel+",
			strlen(NMI_FRAMES "<TASK> asm_fred_entrypoint_kernel+")));
		text = strstr(text, "panic");
		ck_assert_ptr_nonnull(text);
		ck_assert_str_eq(text, "panic+0x40/regs! task_spin+0xb0/orc " SYSCALL);
		stk_chain_free(m->s, chain);
	}
}
END_TEST

/* With a change of the level the interrupted rsp says nothing about the frame. */
START_TEST(stopped_in_the_entry_of_an_nmi)
{
	uint64_t regs;

	in_syscall();
	regs = in_nmi();
	stop_in_entry("asm_fred_entrypoint_kernel", regs, 0);
	expect_chain("<NMI> asm_fred_entrypoint_kernel+0x0/regs! =regs= <TASK> "
		     "task_spin+0x40/regs! " SYSCALL);
	/* The words are known by what they say: this is no code segment. */
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 48, 0x1234);
	expect_chain("<NMI> asm_fred_entrypoint_kernel+0x0/regs! end no_rule");
}
END_TEST

/* Only what was interrupted in one of the entry points is at that edge. */
START_TEST(not_in_the_entry)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t regs;
	struct stk *s;

	in_syscall();
	regs = in_nmi();
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_with(s, regs, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_kernel") + 2);
	x86_set(&cur.regs, X86_SP, regs + 120);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_OK);
	ck_assert(out.signal && out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
	ck_assert_uint_eq(out.regs_at, regs);
	ck_assert(!x86_has(&out.regs, X86_BP));
	x86_set(&cur.regs, X86_BP, 0x1234);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_OK);
	ck_assert(x86_has(&out.regs, X86_BP));
	ck_assert_uint_eq(out.regs.v[X86_BP], 0x1234);
	cur.signal = false;
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_NO_RULE);
	cur.signal = true;
	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 2);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_NO_RULE);
	x86_set(&cur.regs, X86_IP, SYN_USER_IP);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_NO_RULE);
	/* That of user mode goes to the task's stack. */
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_user") + 2);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* What lies below the stack pointer is nothing that was pushed. */
START_TEST(words_below_the_stack_pointer)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t regs, end;
	struct stk *s;

	in_syscall();
	regs = from_kernel(0, SYN_FRED_EVENT(EXTINT, 236), 0);
	end = regs + X86_FRED_PT_REGS;
	{
		const uint64_t word[] = { syn_sym(m, "vfs_write") + 4, 0x10, 0x246, end,
					  0x18 };

		syn_write(m, end - 2 * X86_FRED_WORDS + X86_FRED_IP, word, sizeof(word));
	}
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_with(s, regs, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_kernel"));
	x86_set(&cur.regs, X86_SP, end - X86_FRED_WORDS);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, regs);
}
END_TEST

/* At a stack's top an event began only where one of FRED's levels is. */
START_TEST(levels_of_stacks)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	const struct x86_exception *e = &x86_exceptions[_i];
	struct stk_step out = { 0 };
	bool level = e->kind == X86_STACK(DF) || e->kind == X86_STACK(NMI) ||
		     e->kind == X86_STACK(DB) || e->kind == X86_STACK(MCE);

	in_syscall();
	cur.stack = (struct stk_stack){ .kind = e->kind,
					.cpu = 1,
					.begin = syn_stack(m, sh),
					.end = syn_stack(m, sh) + 0x1000,
					.mapped = true };
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_kernel") + 2);
	x86_set(&cur.regs, X86_SP, cur.stack.end - X86_FRED_WORDS);
	/* ip, cs, flags, sp and ss of what was interrupted, on another stack. */
	syn_fill(m, cur.stack.end - X86_FRED_WORDS, X86_FRED_WORDS, 0);
	syn_put64(m, cur.stack.end - 56, c.ip);
	syn_put64(m, cur.stack.end - 48, 0x10);
	syn_put64(m, cur.stack.end - 32, syn_irq_top(1) - 0x100);
	ck_assert_int_eq(x86_step_fred(syn_open(m), &cur, &out),
			 level ? STK_STEP_OK : STK_STEP_NO_RULE);
}
END_TEST

/* Without a frame that fits nothing is said: no register is left of what was tried. */
START_TEST(no_frame_no_registers)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	struct stk *s;

	in_syscall();
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_with(s, c.sp, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_kernel") + 2);
	x86_set(&cur.regs, X86_SP, c.sp);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out), STK_STEP_NO_RULE);
	ck_assert_uint_eq(out.regs.valid, 0);
	for (unsigned int i = 0; i < X86_NR_REGS; i++)
		ck_assert_uint_eq(out.regs.v[i], 0);
}
END_TEST

/* ---- without ORC ---- */

static enum stk_step_result link_step(const struct stk_kind *kind, uint64_t end,
				      struct stk_step *out)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk *s = syn_open(m);

	memset(out, 0, sizeof(*out));
	x86_set(&cur.regs, X86_IP, SYN_TEXT + 0x8000);
	x86_set(&cur.regs, X86_SP, c.sp);
	cur.stack = (struct stk_stack){
		.kind = kind, .cpu = 1, .begin = end - 0x2000, .end = end, .mapped = true
	};
	return x86_step_link(s, &cur, out);
}

START_TEST(nmi_stack_without_orc)
{
	uint64_t end = syn_ist_top(m, 1, "NMI"), regs;
	struct stk_step out;

	in_syscall();
	regs = in_nmi();
	ck_assert_int_eq(link_step(X86_STACK(NMI), end, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, regs);
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "task_spin") + 0x40);
	ck_assert(out.signal && out.full && !out.reliable);
	/* rsp is above it: residue. */
	c.sp = regs + 8;
	ck_assert_int_eq(link_step(X86_STACK(NMI), end, &out), STK_STEP_NO_RULE);
}
END_TEST

START_TEST(exception_stack_without_orc)
{
	static const struct stk_kind *const kind[] = { X86_STACK(DB), X86_STACK(DF) };
	static const char *const name[] = { "DB", "DF" };
	uint64_t end = syn_ist_top(m, 1, name[_i]), regs;
	struct stk_step out;

	in_syscall();
	regs = from_kernel(end, SYN_FRED_EVENT(HWEXC, _i ? 8 : 1), 0);
	ck_assert_int_eq(link_step(kind[_i], end, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, regs);
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "task_spin") + 0x40);
	ck_assert_uint_eq(out.regs.v[X86_CS], 0x10);
}
END_TEST

/* ---- the symbol alone says nothing ---- */

/* The kernel could use FRED and the CPU has none: an IDT, but the padding is there. */
START_TEST(fred_kernel_on_an_idt_machine)
{
	uint64_t end = syn_ist_top(m, 1, "NMI"), sp;
	const struct stk_stack *stack;
	struct stk_chain *chain;
	struct stk_step out;
	const char *why;

	c.sp = top - 16;
	syn_syscall(&c);
	sp = c.sp;
	syn_nmi(&c);
	syn_put64(m, end - 48, 0x10); /* rdx: looks like FRED's cs */
	expect_chain("<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc "
		     "exc_nmi+0x70/orc asm_exc_nmi+0x80/orc =regs= <TASK> "
		     "task_spin+0x40/regs! vfs_write+0x9b/orc ksys_write+0x6f/orc "
		     "do_syscall_64+0x58/orc entry_SYSCALL_64+0x63/orc end user");
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->crossing.link_at, end - 16);
	ck_assert_uint_eq(chain->segments->crossing.link, sp);
	ck_assert_uint_eq(chain->user_at, top - 184);
	ck_assert_str_eq(chain->end_text, "user mode at 0x7f1122334455, syscall");
	stk_chain_free(m->s, chain);
	ck_assert_int_eq(link_step(X86_STACK(NMI), end, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, end - 264);
	stack = stk_cpu_stack_at(m->s, 1, end - 8);
	ck_assert_ptr_nonnull(stack);
	ck_assert_int_eq(x86_in_use(m->s, stack, &why), 1);
}
END_TEST

/* Stopped while the five words are pushed: they are 16 bytes below the top. */
START_TEST(idt_syscall_entry_with_padding)
{
	struct stk_start start;
	struct stk *s;

	c.sp = top - 16;
	syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	syn_orc(m, syn_sym(m, "entry_SYSCALL_64"), ORC_END, ORC_UNDEFINED, 0,
		ORC_UNDEFINED, 0);
	c.ip = syn_sym(m, "entry_SYSCALL_64") + 8;
	c.sp += X86_IRET_OFFSET;
	s = syn_open(m);
	start = syn_start(&c);
	x86_set(&start.regs, X86_CX, 0x7f0000000000);
	{
		struct stk_chain *chain;

		ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
		ck_assert_int_eq(chain->end, STK_END_USER);
		ck_assert_uint_eq(chain->user_at, top - 184);
		ck_assert_uint_eq(chain->user->v[X86_IP], SYN_USER_IP);
		stk_chain_free(s, chain);
	}
}
END_TEST

/* A kernel without FRED: no residue at a stack's top makes a FRED frame. */
START_TEST(residue_without_fred)
{
	struct stk_stack df = { .kind = X86_STACK(DF), .cpu = 1, .mapped = true };
	uint64_t at, value;

	syn_free(m);
	m = syn_kernel(SYN_6_1);
	df.end = syn_ist_top(m, 1, "DF");
	df.begin = df.end - 8192;
	syn_put64(m, df.end - 48, 0x10);
	syn_open(m);
	ck_assert(!x86_fred_frame(m->s, &df));
	ck_assert(x86_link_word(m->s, &df, &at, &value));
	ck_assert_uint_eq(at, df.end - 16);
}
END_TEST

/* A stack that was never used, or holds words of anything, has no such frame either. */
START_TEST(residue_of_no_event)
{
	struct stk_stack df = { .kind = X86_STACK(DF), .cpu = 1, .mapped = true };

	df.end = syn_ist_top(m, 1, "DF");
	df.begin = df.end - 8192;
	for (unsigned int i = 1; i <= 8; i++)
		syn_put64(m, df.end - 8 * i, _i ? 0xffff888000001000ull : 0);
	ck_assert(!x86_fred_frame(syn_open(m), &df));
}
END_TEST

/* What is "NMI executing" there is the interrupted rip here. */
START_TEST(nmi_stack_does_not_say)
{
	uint64_t end = syn_ist_top(m, 1, "NMI");
	const struct stk_stack *stack;
	const char *why;
	struct stk *s;

	in_syscall();
	c.ip = 1; /* a jump to nowhere was interrupted */
	in_nmi();
	ck_assert_uint_eq(syn_get64(m, end - 56), 1);
	s = syn_open(m);
	stack = stk_cpu_stack_at(s, 1, end - 8);
	ck_assert_ptr_nonnull(stack);
	ck_assert_int_eq(x86_in_use(s, stack, &why), -1);
}
END_TEST

/* So it does not vouch for the registers either, where no others were saved. */
START_TEST(nmi_stack_does_not_vouch)
{
	struct stk_start start;

	in_syscall();
	in_nmi();
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_ERR_NO_REGS);
}
END_TEST

/* A copy of a pt_regs may carry the event's data into the notes. */
START_TEST(selectors_in_notes)
{
	struct stk_start start;
	struct stk *s;

	in_syscall();
	syn_crash_note_regs(m, 1, 227, c.ip, 0x20010, c.sp, c.bp);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_uint_eq(start.regs.v[X86_CS], 0x10);
	syn_expect(s, &start, "<TASK> task_spin+0x40/regs! " SYSCALL);
}
END_TEST

/* ---- stacks ---- */

/* Nothing is in ist[] since 6.12, and yet the stacks are there: levels 1 to 3 use them.
 */
START_TEST(stacks_and_tss)
{
	static const struct stk_kind *const want[] = { X86_STACK(DF), X86_STACK(NMI),
						       X86_STACK(DB), X86_STACK(MCE) };
	static const char *const name[] = { "DF", "NMI", "DB", "MCE" };
	struct stk *s = syn_open(m);
	const struct stk_stack *k;
	struct stk_x86_tss t;
	size_t nr;

	ck_assert_int_eq(stk_cpu_stacks(s, 1, &k, &nr), STK_OK);
	ck_assert_uint_eq(nr, 8);
	for (size_t i = 0; i < 4; i++) {
		k = stk_cpu_stack_at(s, 1, syn_ist_top(m, 1, name[i]) - 8);
		ck_assert_ptr_nonnull(k);
		ck_assert_ptr_eq(k->kind, want[i]);
		ck_assert_uint_eq(k->end, syn_ist_top(m, 1, name[i]));
	}
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	for (unsigned int i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		ck_assert_ptr_null(t.slot[i].problem);
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert_uint_eq(t.slot[STK_X86_TSS_IST0 + i].value, 0);
		ck_assert_ptr_nonnull(
			strstr(t.slot[STK_X86_TSS_IST0 + i].meaning, "FRED"));
	}
	ck_assert_str_eq(t.slot[STK_X86_TSS_IST0 + 5].meaning, "not used");
	ck_assert_ptr_eq(t.slot[STK_X86_TSS_SP0].stack.kind, X86_STACK(ENTRY));
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(task_in_a_syscall),
	TEST(nmi_over_irq_over_task),
	TEST(fault_on_the_task_stack),
	TEST(machine_check_in_an_nmi),
	LOOP(copies_of_an_event, 2),
	TEST(all_levels),
	LOOP(a_level, 3),
	TEST(nmi_over_idle),
	LOOP(events_from_user_mode, 12),
	TEST(name_of_the_syscall),
	LOOP(stopped_in_the_entry_from_user, 16),
	LOOP(stopped_in_the_entry_from_kernel, 16 * 8),
	TEST(stopped_in_the_entry_of_an_nmi),
	LOOP(levels_of_stacks, (int)X86_NR_EXCEPTIONS),
	TEST(not_in_the_entry),
	TEST(words_below_the_stack_pointer),
	TEST(no_frame_no_registers),
	TEST(nmi_stack_without_orc),
	LOOP(exception_stack_without_orc, 2),
	TEST(fred_kernel_on_an_idt_machine),
	TEST(idt_syscall_entry_with_padding),
	TEST(residue_without_fred),
	LOOP(residue_of_no_event, 2),
	TEST(nmi_stack_does_not_say),
	TEST(nmi_stack_does_not_vouch),
	TEST(selectors_in_notes),
	TEST(stacks_and_tss),
	{ 0 },
};

const struct unit_suite suite_fred = {
	"fred",
	{
		{ "fred", t_tests, setup, NULL },
	},
};
