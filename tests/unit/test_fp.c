/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the step by frame pointers, in a kernel built without ORC: over every kind of
 * stack, to every kind of end, and out of functions that have no frame where they were
 * interrupted.
 */
#include "fixture.h"
#include "suite.h"

#include "arch/arch.h"
#include "stacks/stack.h"

#include <stdio.h>
#include <string.h>

static void setup(void)
{
	fixture_task_of(syn_kernel_fp(SYN_6_1));
}

#define SYSCALL                                                                          \
	"vfs_write+0x9b/fp ksys_write+0x6f/fp do_syscall_64+0x58/fp "                    \
	"entry_SYSCALL_64+0x63/fp end user"
#define IRQ_REST                                                                         \
	"__sysvec_apic_timer_interrupt+0x56/fp "                                         \
	"sysvec_apic_timer_interrupt+0x45/fp =fp= <TASK> "                               \
	"asm_sysvec_apic_timer_interrupt+0x16/fp "
#define NMI                                                                              \
	"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/fp exc_nmi+0x70/fp "        \
	"asm_exc_nmi+0x80/fp =regs= "

/* ---- neither ORC nor frame pointers ---- */

/*
 * CONFIG_UNWINDER_GUESS: what rbp holds is not even looked at. A call that leads to the
 * function below may be the caller's, and no more; what entry code does is known.
 */
START_TEST(no_unwinder)
{
	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x41\x57\x41\x56", 4);
	syn_syscall(&c);
	expect_chain("<TASK> task_spin+0x40/regs! vfs_write+0x9b/scan? "
		     "ksys_write+0x6f/scan? do_syscall_64+0x58/scan? "
		     "entry_SYSCALL_64+0x63/scan? end user");
}
END_TEST

/* Half of the functions without frames are enough: gcc leaves out few of them. */
/* More than half of those that are there decide; one that cannot be read does not. */
START_TEST(most_of_them_decide)
{
	static const char *const names[] = {
		"panic",	"do_exit",	"schedule", "kthread",
		"vprintk_emit", "kernel_wait4", "kfree",
	};
	static const struct {
		unsigned int framed, bare;
		enum x86_unwinder want;
	} row[] = {
		{ 2, 2, X86_UNWINDER_NONE }, { 3, 2, X86_UNWINDER_FP },
		{ 0, 0, X86_UNWINDER_FP },   { 0, 1, X86_UNWINDER_NONE },
		{ 1, 0, X86_UNWINDER_FP },   { 4, 3, X86_UNWINDER_FP },
		{ 3, 4, X86_UNWINDER_NONE },
	};
	const unsigned int framed = row[_i].framed, all = framed + row[_i].bare;

	syn_fill(m, SYN_TEXT + 0x8000, 0x1000, 0x90);
	for (unsigned int i = 0; i < 7; i++) {
		const uint64_t at = SYN_TEXT + 0x8000 + 0x100 * i;

		syn_no_symbol(m, names[i]);
		if (i < all)
			syn_symbol(m, names[i], at);
		if (i < framed)
			syn_write(m, at, "\x55\x48\x89\xe5", 4);
	}
	if (!all)
		syn_symbol(m, names[0], SYN_VMALLOC);
	ck_assert_int_eq(x86_unwinder(syn_open(m)), row[_i].want);
}
END_TEST

START_TEST(half_an_unwinder)
{
	ck_assert_int_eq(x86_unwinder(syn_open(m)), X86_UNWINDER_FP);
	stk_close(m->s);
	m->s = NULL;
	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	ck_assert_int_eq(x86_unwinder(syn_open(m)), X86_UNWINDER_NONE);
}
END_TEST

/* A frame pointer that marks a pt_regs is what entry code leaves, and nobody else. */
START_TEST(mark_of_registers)
{
	static const struct {
		const char *function;
		bool signal, reliable;
	} row[] = {
		{ "asm_exc_page_fault", false, true },
		{ "vfs_write", false, false },
		{ "vfs_write", true, false },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = row[_i].signal };
	struct stk_step out = { 0 };
	uint64_t at;

	syn_symbol(m, "__entry_text_start", syn_sym(m, "asm_exc_page_fault"));
	syn_symbol(m, "__entry_text_end", syn_sym(m, "asm_exc_page_fault") + 0x100);
	c.sp -= 0x200;
	at = syn_pt_regs(&c, syn_sym(m, "vfs_write") + 4, 0x10, c.sp, 0);
	c.sp -= 0x100;
	syn_open(m);
	cur.arena = &m->s->arena;
	cur.stack = (struct stk_stack){ .kind = X86_STACK(TASK),
					.cpu = -1,
					.task = sh,
					.begin = syn_stack(m, sh),
					.end = syn_stack(m, sh) + SYN_THREAD_SIZE,
					.mapped = true };
	x86_set(&cur.regs, X86_IP, syn_sym(m, row[_i].function) + 0x90);
	x86_set(&cur.regs, X86_SP, c.sp);
	x86_set(&cur.regs, X86_BP, at + 1);
	ck_assert_int_eq(x86_step_fp(m->s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, at);
	ck_assert(out.full && out.signal);
	ck_assert(out.reliable == row[_i].reliable);
}
END_TEST

static enum stk_status cfi_of_16_bytes(void *priv, void *image, uint64_t pc,
				       struct stk_cfi_frame *f, stk_cfi_read *read,
				       void *ctx)
{
	f->cfa = f->reg[7] + 16;
	f->ra = 16;
	f->valid |= 1ull << 16;
	return read(ctx, f->cfa - 8, &f->reg[16]);
}

/* Where the stack was switched CFI is asked of the rsp that comes back, and only there.
 */
START_TEST(no_unwinder_behind_a_switch)
{
	static const struct stk_debuginfo_ops ops = { .caller = cfi_of_16_bytes };
	const uint64_t top = syn_irq_top(1), back = c.sp - 0x100;
	const uint64_t ret = syn_sym(m, "ksys_write") + 0x6f;
	struct stk_cursor cur = { .cpu = 1, .signal = _i == 1 };
	struct stk_step out = { 0 };

	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x41\x57\x41\x56", 4);
	m->target.debuginfo = &ops;
	syn_put64(m, top - 8, _i == 3 ? 0x1000 : back);
	syn_put64(m, back + 8, ret);
	syn_open(m);
	cur.arena = &m->s->arena;
	cur.stack = (struct stk_stack){ .kind = X86_STACK(IRQ),
					.cpu = 1,
					.begin = top - 0x4000,
					.end = top,
					.mapped = true };
	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 0x40);
	x86_set(&cur.regs, X86_SP, top - (_i == 2 ? 16 : 8));
	ck_assert_int_eq(x86_step_bare(m->s, &cur, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
	if (_i)
		return;
	ck_assert_uint_eq(out.regs.v[X86_IP], ret);
	ck_assert_uint_eq(out.regs.v[X86_SP], back + 16);
	ck_assert_int_eq(out.how, STK_HOW_CFI);
}
END_TEST

/* Between SYSCALL and the switch of stacks everything is in registers there, too. */
START_TEST(no_unwinder_before_the_switch)
{
	const uint64_t entry = syn_sym(m, "entry_SYSCALL_64");
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };

	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x41\x57\x41\x56", 4);
	x86_set(&cur.regs, X86_IP, entry + 4);
	x86_set(&cur.regs, X86_SP, 0x7ffc00004000ull);
	x86_set(&cur.regs, X86_CX, SYN_USER_IP);
	ck_assert_int_eq(x86_step_bare(syn_open(m), &cur, &out), STK_STEP_OK);
	ck_assert(x86_user_mode(&out.regs));
	ck_assert_uint_eq(out.regs.v[X86_IP], SYN_USER_IP);
	ck_assert_uint_eq(out.regs.v[X86_SP], 0x7ffc00004000ull);
}
END_TEST

/* ---- stacks and ends ---- */

START_TEST(task_in_a_syscall)
{
	struct stk *s;
	struct stk_start start;
	struct stk_chain *chain;

	syn_syscall(&c);
	expect_chain("<TASK> task_spin+0x40/regs! " SYSCALL);
	s = m->s;
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(s, chain->user), SYN_USER_IP);
	ck_assert_uint_eq(chain->user_at, syn_stack(m, sh) + SYN_THREAD_SIZE - 168);
	for (size_t i = 1; i < chain->segments->nr_frames; i++) {
		const struct stk_frame *f = &chain->segments->frames[i];

		ck_assert_uint_eq(syn_get64(m, f->slot), f->ip);
		ck_assert_uint_eq(f->sp, f->slot + 8);
	}
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(all_stacks)
{
	struct stk *s;
	struct stk_start start;
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	expect_chain(NMI "<IRQ> timer_fn+0x40/fp! hrtimer_interrupt+0xa9/fp " IRQ_REST
			 "task_spin+0x40/fp! " SYSCALL);
	/* From the IRQ stack rbp leads there, and the saved word says the same. */
	s = m->s;
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert(chain->segments->next->crossing.have_link);
	ck_assert(chain->segments->next->crossing.agree == 1);
	stk_chain_free(s, chain);
}
END_TEST

/* The stack that rbp leads to may lie below the one that is left. */
START_TEST(irq_stack_above_the_tasks)
{
	uint64_t top = syn_irq_top(1);

	m->next_stack = 0xffffb10000000000ull;
	sh = syn_task(m, "low", 228, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	syn_irq(&c);
	ck_assert_uint_gt(top, syn_stack(m, sh));
	expect_chain("<IRQ> timer_fn+0x40/regs! hrtimer_interrupt+0xa9/fp " IRQ_REST
		     "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

START_TEST(thread_and_idle_start)
{
	if (_i) {
		c = syn_cpu(m, 1, syn_idle(m, 1));
		c.bp = 0;
		syn_idle_loop(&c);
		expect_chain("<TASK> do_idle+0x40/regs! cpu_startup_entry+0x19/fp "
			     "secondary_startup_64+0xe0/fp end idle");
	} else {
		syn_kthread(&c);
		expect_chain("<TASK> worker_thread+0x40/regs! kthread+0xe9/fp "
			     "ret_from_fork+0x22/fp end thread_start");
	}
}
END_TEST

/* GCC may have pushed the return address twice, to realign the stack. */
START_TEST(realigned_start)
{
	uint64_t ret;

	c = syn_cpu(m, 1, syn_idle(m, 1));
	c.sp -= 168;
	c.function = "secondary_startup_64";
	ret = syn_call_insn(m, c.function, 0xe0, "cpu_startup_entry");
	syn_push(&c, ret);
	syn_push(&c, _i ? 0 : ret);
	c.bp = 0;
	c.sp += 8;
	syn_call(&c, 0xe0, "cpu_startup_entry");
	syn_push(&c, 0);
	ck_assert_uint_eq(syn_get64(m, c.bp + 8), ret);
	c.sp = c.bp - 32;
	expect_chain(
		"<TASK> cpu_startup_entry+0x40/regs! secondary_startup_64+0xe0/fp end idle");
}
END_TEST

START_TEST(sleeping_task)
{
	struct stk_task task;
	struct stk_start start;
	struct stk *s;

	syn_syscall(&c);
	syn_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	syn_expect(
		s, &start,
		"<TASK> __schedule+0x9a/regs schedule+0x48/fp task_spin+0x94/fp " SYSCALL);
}
END_TEST

/* ---- functions without a frame ---- */

/* task_spin() calls timer_fn(), whose code is @code and which was interrupted at @at. */
static void interrupted(const unsigned char *code, size_t len, unsigned int at)
{
	syn_syscall(&c);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x80, "timer_fn"));
	syn_write(m, syn_sym(m, "timer_fn"), code, len);
	c.ip = syn_sym(m, "timer_fn") + at;
}

#define INTERRUPTED(at, ...)                                                             \
	do {                                                                             \
		static const unsigned char code[] = { __VA_ARGS__ };                     \
		interrupted(code, sizeof(code), at);                                     \
	} while (0)

/* What the compiler may put before, between and behind the two instructions. */
#define PROLOGUE                                                                         \
	0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0x00, 0x00, 0x31, 0xc0, 0x55, 0x31,    \
		0xd2, 0x48, 0x89, 0xe5, 0x41, 0x54

/* Neither the function nor who called it were called by name. */
static void all_by_pointer(void)
{
	static const unsigned char call[] = { 0x90, 0x90, 0x90, 0xff, 0xd0 };

	syn_write(m, syn_sym(m, "task_spin") + 0x80 - 5, call, 5);
	syn_write(m, syn_sym(m, "vfs_write") + 0x9b - 5, call, 5);
}

START_TEST(before_the_push)
{
	static const unsigned int at[] = { 0, 4, 9, 11 };
	char want[200];

	INTERRUPTED(at[_i % 4], PROLOGUE);
	if (_i > 3)
		all_by_pointer();
	snprintf(want, sizeof(want),
		 "<TASK> timer_fn+0x%x/regs! task_spin+0x80/fp " SYSCALL, at[_i % 4]);
	expect_chain(want);
}
END_TEST

START_TEST(before_rbp_is_set)
{
	static const unsigned int at[] = { 12, 14 };
	char want[200];

	INTERRUPTED(at[_i % 2], PROLOGUE);
	syn_push(&c, c.bp);
	if (_i > 1)
		all_by_pointer();
	snprintf(want, sizeof(want),
		 "<TASK> timer_fn+0x%x/regs! task_spin+0x80/fp " SYSCALL, at[_i % 2]);
	expect_chain(want);
}
END_TEST

START_TEST(with_a_frame)
{
	INTERRUPTED(19, PROLOGUE);
	syn_push(&c, c.bp);
	c.bp = c.sp;
	syn_push(&c, 0);
	if (_i)
		all_by_pointer();
	expect_chain("<TASK> timer_fn+0x13/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* pop %rbp or leave, then ret or a jump: the frame is gone. */
START_TEST(after_the_pop)
{
	static const unsigned char code[][5] = { { 0x55, 0x48, 0x89, 0xe5, 0x5d },
						 { 0x55, 0x48, 0x89, 0xe5, 0xc9 } };
	static const unsigned char leave[] = { 0xc3, 0xe9, 0xeb };

	interrupted(code[_i % 2], 5, 5);
	syn_put8(m, c.ip, leave[_i / 2]);
	/* Nothing but the code tells. */
	all_by_pointer();
	expect_chain("<TASK> timer_fn+0x5/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* An early return that the compiler has put behind the function's end. */
START_TEST(shrink_wrapped)
{
	INTERRUPTED(8, 0x55, 0x48, 0x89, 0xe5, 0x90, 0xc9, 0xc3, 0x31, 0xc0, 0xc3);
	expect_chain("<TASK> timer_fn+0x8/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* The same, called by pointer: rbp is the frame of who called it. */
START_TEST(shrink_wrapped_by_pointer)
{
	INTERRUPTED(8, 0x55, 0x48, 0x89, 0xe5, 0x90, 0x5d, 0x31, 0xc0, 0x90, 0xc3);
	syn_put64(m, c.sp, syn_call_by_pointer(m, "task_spin", 0x80));
	expect_chain("<TASK> timer_fn+0x8/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* In assembly: pushes, and no frame at all. */
START_TEST(assembly)
{
	INTERRUPTED(4, 0x53, 0x41, 0x54, 0x90);
	syn_push(&c, 0x1234);
	/* A stale one, of a call to something else. */
	syn_push(&c, syn_call_insn(m, "do_idle", 0x50, "schedule"));
	syn_push(&c, 0x1234);
	syn_push(&c, 0x1234);
	expect_chain("<TASK> timer_fn+0x4/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* The same, called by pointer: a frame is lost, and the next one says so. */
START_TEST(assembly_by_pointer)
{
	struct stk_start start;
	struct stk_chain *chain;

	INTERRUPTED(4, 0x53, 0x41, 0x54, 0x90);
	syn_put64(m, c.sp, syn_call_insn(m, "task_spin", 0x80, "hrtimer_interrupt"));
	for (int i = 0; i < 4; i++)
		syn_push(&c, 0x1234);
	expect_chain("<TASK> timer_fn+0x4/regs! vfs_write+0x9b/fp? ksys_write+0x6f/fp "
		     "do_syscall_64+0x58/fp entry_SYSCALL_64+0x63/fp end user");
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert_ptr_nonnull(strstr(chain->segments->frames[1].note, "may be missing"));
	stk_chain_free(m->s, chain);
}
END_TEST

/* A thunk calls into itself: both return addresses are frames. */
START_TEST(thunk)
{
	uint64_t start;

	INTERRUPTED(16, 0xe8, 0x0b, 0x00, 0x00, 0x00);
	start = syn_sym(m, "timer_fn");
	syn_put8(m, start, 0x90);
	syn_put8(m, start + 1, 0xe8); /* call of its own start */
	syn_put32(m, start + 2, (uint32_t)-6);
	syn_push(&c, start + 6);
	expect_chain(
		"<TASK> timer_fn+0x10/regs! timer_fn+0x6/fp task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* From a return address on the stack, without rbp: the callee has pushed it. */
START_TEST(from_the_stack)
{
	struct stk_start start;
	struct stk *s;

	syn_syscall(&c);
	syn_irq(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_stack(s, c.bp + 8, 0, 0, &start), STK_OK);
	syn_expect(s, &start,
		   "<IRQ> hrtimer_interrupt+0xa9/regs " IRQ_REST
		   "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* ---- where the next frame may be ---- */

static struct stk_step step;

/* From vfs_write(), which was called, with rsp and rbp there. */
static enum stk_step_result from_call(struct stk_stack stack, uint64_t sp, uint64_t bp)
{
	struct stk_cursor cur = { .cpu = 1, .stack = stack };

	memset(&step, 0, sizeof(step));
	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 0x9b);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_BP, bp);
	stk_close(m->s);
	m->s = NULL;
	return x86_step_fp(syn_open(m), &cur, &step);
}

static struct stk_stack some_stack(const struct stk_kind *kind, uint64_t begin,
				   uint64_t end)
{
	return (struct stk_stack){
		.kind = kind, .cpu = 1, .begin = begin, .end = end, .mapped = true
	};
}

/* On the same stack it is not below rsp, and has two words. */
START_TEST(next_on_the_stack)
{
	const uint64_t begin = syn_stack(m, sh), end = begin + 0x1000;
	const struct stk_stack stack = some_stack(X86_STACK(DF), begin, end);
	const uint64_t sp = begin + 0x100;

	ck_assert_int_eq(from_call(stack, sp, sp), STK_STEP_OK);
	ck_assert_uint_eq(step.slot, sp + 8);
	ck_assert_uint_eq(step.regs.v[X86_SP], sp + 16);
	ck_assert_int_eq(from_call(stack, sp, sp - 8), STK_STEP_NO_RULE);
	ck_assert_int_eq(from_call(stack, sp, end - 16), STK_STEP_OK);
	ck_assert_int_eq(from_call(stack, sp, end - 8), STK_STEP_NO_RULE);
	ck_assert_int_eq(from_call(stack, begin, begin), STK_STEP_OK);
	/* A whole pt_regs. */
	ck_assert_int_eq(from_call(stack, sp, end - X86_PT_REGS_SIZE + 1), STK_STEP_OK);
	ck_assert_uint_eq(step.regs_at, end - X86_PT_REGS_SIZE);
	ck_assert_int_eq(from_call(stack, sp, end - X86_PT_REGS_SIZE + 9),
			 STK_STEP_NO_RULE);
}
END_TEST

/* On the one that the saved word leads to it is not below that, and not far above. */
START_TEST(next_by_the_link)
{
	const uint64_t link = SYN_DATA + 0x102000, top = syn_irq_top(1);
	const struct stk_stack stack = some_stack(X86_STACK(IRQ), top - 0x4000, top);

	syn_fill(m, link - 0x1000, 0x3000, 0);
	syn_put64(m, top - 8, link);
	ck_assert_int_eq(from_call(stack, top - 0x100, link), STK_STEP_OK);
	ck_assert_int_eq(from_call(stack, top - 0x100, link - 8), STK_STEP_NO_RULE);
	ck_assert_int_eq(from_call(stack, top - 0x100, link + 1024), STK_STEP_OK);
	ck_assert_int_eq(from_call(stack, top - 0x100, link + 1032), STK_STEP_NO_RULE);
}
END_TEST

/* On another stack it is within that. */
START_TEST(next_on_another_stack)
{
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE, top = syn_irq_top(1);
	const struct stk_stack stack = some_stack(X86_STACK(IRQ), top - 0x4000, top);

	/* The page behind it could be read. */
	syn_put64(m, end, 0);
	ck_assert_int_eq(from_call(stack, top - 0x100, end - 16), STK_STEP_OK);
	ck_assert_int_eq(from_call(stack, top - 0x100, end - 8), STK_STEP_NO_RULE);
}
END_TEST

/* ---- how far a return address may be from rsp ---- */

#define BARE (SYN_TEXT + 0x8000)

/* bare_fn() keeps no frame and was interrupted at @off: rsp is the stack's middle. */
static enum stk_step_result from_bare(unsigned int off, uint64_t bp, uint64_t end)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };

	memset(&step, 0, sizeof(step));
	cur.stack = some_stack(X86_STACK(DF), syn_stack(m, sh), end);
	x86_set(&cur.regs, X86_IP, BARE + off);
	x86_set(&cur.regs, X86_SP, syn_stack(m, sh) + 0x2000);
	x86_set(&cur.regs, X86_BP, bp);
	return x86_step_fp(syn_open(m), &cur, &step);
}

START_TEST(return_address_without_a_frame)
{
	const uint64_t sp = syn_stack(m, sh) + 0x2000, end = sp + 0x800;
	const struct {
		unsigned int at;
		bool direct;
		uint64_t bp, end;
		bool found;
	} row[] = {
		/* By a direct call: within 512 bytes, below rbp, on the stack. */
		{ 504, true, 0, end, true },
		{ 512, true, 0, end, false },
		{ 504, true, end, end, true },
		{ 0x40, true, sp + 0x48, end, true },
		{ 0x40, true, sp + 0x40, end, false },
		{ 504, true, sp + 512, end, true },
		{ 0x40, true, 0, sp + 0x48, true },
		{ 0x40, true, 0, sp + 0x40, false },
		{ 0x40, true, sp, end, true },
		/* By pointer: on top, or below one word. */
		{ 0, false, 0, end, true },
		{ 8, false, 0, end, true },
		{ 8, false, sp, end, true },
		{ 16, false, 0, end, false },
	};

	syn_symbol(m, "bare_fn", BARE);
	syn_fill(m, BARE, 0x1000, 0x90);
	syn_fill(m, sp, 0x1000, 0);
	syn_put64(m, sp + row[_i].at,
		  row[_i].direct ? syn_call_insn(m, "task_spin", 0x50, "bare_fn")
				 : syn_call_by_pointer(m, "task_spin", 0x50));
	from_bare(4, row[_i].bp, row[_i].end);
	ck_assert((step.slot == sp + row[_i].at && step.reliable) == row[_i].found);
}
END_TEST

/* Of a function 2 KiB are looked at; further in it has its frame. */
START_TEST(bare_code_far_in)
{
	const uint64_t sp = syn_stack(m, sh) + 0x2000;

	syn_symbol(m, "bare_fn", BARE);
	syn_fill(m, BARE, 0x1000, 0x90);
	syn_fill(m, sp, 0x1000, 0);
	syn_put64(m, sp, syn_call_by_pointer(m, "task_spin", 0x50));
	ck_assert_int_eq(from_bare(0x800 + (unsigned int)_i, sp + 0x100, sp + 0x800),
			 STK_STEP_OK);
	ck_assert_uint_eq(step.slot, _i ? sp + 0x108 : sp);
}
END_TEST

/* rsp at the pt_regs: they are complete, whatever code that is. */
START_TEST(at_the_pt_regs)
{
	const uint64_t regs = syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk *s = syn_open(m);

	memset(&step, 0, sizeof(step));
	ck_assert_int_eq(stk_stack_with(s, regs, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "entry_SYSCALL_64") + 8);
	x86_set(&cur.regs, X86_SP, regs + 8u * (unsigned int)_i);
	x86_set(&cur.regs, X86_CX, SYN_USER_IP);
	ck_assert_int_eq(x86_step_fp(s, &cur, &step), STK_STEP_OK);
	ck_assert(step.full == !_i);
}
END_TEST

/* The word below a return address is rbp if it leads to a call of this function. */
START_TEST(rbp_below_the_return_address)
{
	static const struct {
		const char *callee; /* NULL: by pointer; "": no call */
		bool good;
	} row[] = {
		{ "vfs_write", true }, { NULL, true }, { "panic", false }, { "", false }
	};
	const uint64_t sp = syn_stack(m, sh) + 0x2000, bp = sp + 0x80;
	struct stk_cursor cur = { .cpu = 1 };
	struct stk *s;

	syn_put64(m, sp - 16, bp);
	syn_put64(m, bp + 8,
		  !row[_i].callee   ? syn_call_by_pointer(m, "ksys_write", 0x6f)
		  : *row[_i].callee ? syn_call_insn(m, "ksys_write", 0x6f, row[_i].callee)
				    : syn_sym(m, "ksys_write") + 0x31);
	s = syn_open(m);
	memset(&step, 0, sizeof(step));
	ck_assert_int_eq(stk_stack_with(s, sp, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 0x9b);
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_fp(s, &cur, &step),
			 row[_i].good ? STK_STEP_OK : STK_STEP_NO_RULE);
	ck_assert(!row[_i].good || step.slot == bp + 8);
}
END_TEST

/* Or if it marks a pt_regs, whatever that lies above. */
START_TEST(mark_below_the_return_address)
{
	const uint64_t sp = syn_stack(m, sh) + 0x2000, regs = sp + 0x80;
	struct stk_cursor cur = { .cpu = 1 };
	struct stk *s;

	syn_fill(m, sp, 0x400, 0);
	syn_put64(m, sp - 16, regs | 1);
	s = syn_open(m);
	memset(&step, 0, sizeof(step));
	ck_assert_int_eq(stk_stack_with(s, sp, &cur.stack), STK_OK);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 0x9b);
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_fp(s, &cur, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.regs_at, regs);
	ck_assert(step.full && step.signal);
}
END_TEST

/* ---- DWARF CFI, where there is some ---- */

static uint64_t cfa;

static enum stk_status fake_caller(void *priv, void *image, uint64_t pc,
				   struct stk_cfi_frame *frame, stk_cfi_read *read,
				   void *ctx)
{
	frame->cfa = cfa;
	frame->ra = 16;
	frame->valid = 1u << 16 | 1u << 6;
	return read(ctx, cfa - 8, &frame->reg[16]);
}

/* A function called by pointer, without a frame where the code does not show it. */
START_TEST(cfi_knows)
{
	static const struct stk_debuginfo_ops ops = { .caller = fake_caller };

	m->target.debuginfo = &ops;
	INTERRUPTED(8, 0x55, 0x48, 0x89, 0xe5, 0x90, 0xc9, 0xc3, 0x31, 0xc0, 0xc3);
	syn_put64(m, c.sp, syn_call_by_pointer(m, "task_spin", 0x80));
	cfa = c.sp + 8;
	/* Where both agree it is rbp's frame. */
	if (_i)
		cfa = c.bp + 16;
	expect_chain(_i ? "<TASK> timer_fn+0x8/regs! " SYSCALL
			: "<TASK> timer_fn+0x8/regs! task_spin+0x80/cfi " SYSCALL);
}
END_TEST

/* ---- damage ---- */

/* An rbp that leads nowhere, down, into itself, or to a pt_regs that is none. */
START_TEST(bad_rbp)
{
	const char *text;
	struct stk_start start;
	struct stk_chain *chain;
	struct stk *s;

	syn_syscall(&c);
	syn_irq(&c);
	const uint64_t bad[] = { 0,
				 1,
				 c.sp - 16,
				 SYN_USER_IP,
				 SYN_TEXT,
				 0xdeadbeef00000000ull,
				 0xdeadbeef00000001ull,
				 syn_irq_top(1) - 8,
				 syn_irq_top(1) - 167 };
	c.bp = bad[_i];
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	text = syn_chain_text(chain);
	ck_assert_msg(!strstr(text, "=disagree"), "%s", text);
	/* By reading on, or from the stack's top; never as if all were well. */
	ck_assert(chain->segments->nr_frames < 2 || !chain->segments->frames[1].reliable);
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(loops_end)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk *s;

	syn_syscall(&c);
	syn_put64(m, c.bp, c.bp); /* its own caller */
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_uint_lt(chain->nr_frames, 10);
	ck_assert(!chain->segments->frames[2].reliable);
	stk_chain_free(s, chain);
}
END_TEST

/* Too far behind its start to read all of the code: by then a function has its frame. */
START_TEST(far_into_a_function)
{
	const uint64_t big = SYN_TEXT + 0x8000;

	syn_symbol(m, "big_fn", big);
	syn_syscall(&c);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x80, "big_fn"));
	syn_push(&c, c.bp);
	c.bp = c.sp;
	syn_push(&c, 0);
	c.ip = big + (_i ? 0x4800 : 0x801);
	expect_chain(_i ? "<TASK> big_fn+0x4800/regs! task_spin+0x80/fp " SYSCALL
			: "<TASK> big_fn+0x801/regs! task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* Where ORC is, frame pointers are the compiler's to use as it likes. */
START_TEST(not_beside_orc)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };

	m->orc_base = SYN_TEXT + 0x20000;
	x86_set(&cur.regs, X86_IP, c.ip);
	x86_set(&cur.regs, X86_SP, c.sp);
	x86_set(&cur.regs, X86_BP, c.bp);
	ck_assert_int_eq(x86_step_fp(syn_open(m), &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

static const struct unit_test tc_tests[] = {
	TEST(no_unwinder),
	LOOP(most_of_them_decide, 7),
	TEST(half_an_unwinder),
	TEST(no_unwinder_before_the_switch),
	LOOP(no_unwinder_behind_a_switch, 4),
	LOOP(mark_of_registers, 3),
	TEST(task_in_a_syscall),
	TEST(all_stacks),
	TEST(irq_stack_above_the_tasks),
	LOOP(thread_and_idle_start, 2),
	TEST(realigned_start),
	TEST(sleeping_task),
	LOOP(before_the_push, 8),
	LOOP(before_rbp_is_set, 4),
	LOOP(with_a_frame, 2),
	LOOP(after_the_pop, 6),
	TEST(shrink_wrapped),
	TEST(shrink_wrapped_by_pointer),
	TEST(assembly),
	TEST(assembly_by_pointer),
	TEST(thunk),
	TEST(from_the_stack),
	TEST(next_on_the_stack),
	TEST(next_by_the_link),
	TEST(next_on_another_stack),
	LOOP(return_address_without_a_frame, 13),
	LOOP(bare_code_far_in, 2),
	LOOP(at_the_pt_regs, 2),
	TEST(mark_below_the_return_address),
	LOOP(rbp_below_the_return_address, 4),
	LOOP(cfi_knows, 2),
	LOOP(bad_rbp, 9),
	TEST(loops_end),
	LOOP(far_into_a_function, 2),
	TEST(not_beside_orc),
	{ 0 },
};

const struct unit_suite suite_fp = {
	"fp",
	{
		{ "fp", tc_tests, setup, NULL },
	},
};
