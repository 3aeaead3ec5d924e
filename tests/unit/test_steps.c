/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the steps that need no ORC: by the call instruction before a return address,
 * by what a switched stack has at its top, by a provider's DWARF CFI; and how call
 * instructions are told from other bytes.
 */
#include "fixture.h"
#include "suite.h"

#include <stdio.h>

#include "arch/arch.h"
#include "stacks/stack.h"

#include <stdarg.h>
#include <string.h>

#define SYSCALL                                                                          \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"entry_SYSCALL_64+0x63/orc end user"

/* ---- call instructions ---- */

START_TEST(call_encodings)
{
	static const struct {
		unsigned char byte[8];
		int len; /* 0: it is no call */
	} code[] = {
		{ { 0xff, 0xd0 }, 2 },				     /* *%rax */
		{ { 0x41, 0xff, 0xd3 }, 3 },			     /* *%r11 */
		{ { 0xff, 0x10 }, 2 },				     /* *(%rax) */
		{ { 0xff, 0x53, 0x18 }, 3 },			     /* *0x18(%rbx) */
		{ { 0xff, 0x54, 0x24, 0x08 }, 4 },		     /* *8(%rsp) */
		{ { 0xff, 0x14, 0xc5, 0x11, 0x22, 0x33, 0x44 }, 7 }, /* *x(,%rax,8) */
		{ { 0xff, 0x15, 0x11, 0x22, 0x33, 0x44 }, 6 },	     /* *x(%rip) */
		{ { 0xff, 0x90, 0x11, 0x22, 0x33, 0x44 }, 6 },	     /* *x(%rax) */
		{ { 0xff, 0x94, 0xc3, 0x11, 0x22, 0x33, 0x44 }, 7 }, /* *x(%rbx,%rax,8) */
		{ { 0xff, 0xe0 }, 0 },				     /* jmp *%rax */
		{ { 0xff, 0xc0 }, 0 },				     /* inc %eax */
		{ { 0x90, 0x90, 0x90 }, 0 },
	};
	uint64_t at = SYN_TEXT + 0x8000, target;
	struct stk *s;
	size_t len = 0;

	syn_fill(m, at, 64, 0x90);
	while (len < 8 && code[_i].byte[len])
		len++;
	syn_write(m, at, code[_i].byte, len);
	s = syn_open(m);
	ck_assert(x86_call_before(s, at + len, &target) == (code[_i].len != 0));
	ck_assert_uint_eq(target, 0);
	/* In the middle of the instruction no call ends. */
	if (len > 3)
		ck_assert(!x86_call_before(s, at + len - 1, &target));
}
END_TEST

START_TEST(direct_calls)
{
	uint64_t ret = syn_call_insn(m, "vfs_write", 0x50, "panic"), target = 0;
	uint64_t back = syn_call_insn(m, "panic", 0x50, "vfs_write");
	struct stk *s = syn_open(m);

	ck_assert(x86_call_before(s, ret, &target));
	ck_assert_uint_eq(target, syn_sym(m, "panic"));
	ck_assert(x86_call_before(s, back, &target));
	ck_assert_uint_eq(target, syn_sym(m, "vfs_write"));
	ck_assert(!x86_call_before(s, SYN_VMALLOC, &target));
}
END_TEST

/* ---- out of a hole ---- */

/* A panic's registers are those of __crash_kexec(), of which no ORC tells. */
START_TEST(panic_by_the_call_site)
{
	struct stk_chain *chain;
	struct stk_start start;

	syn_syscall(&c);
	syn_panic(&c);
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert(chain->segments->frames[1].reliable);
	ck_assert_ptr_nonnull(strstr(chain->segments->frames[1].note, "__crash_kexec"));
	ck_assert_uint_eq(syn_get64(m, chain->segments->frames[1].slot),
			  syn_sym(m, "panic") + 0xc3);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Text in the hole's own frame that follows a call to something else is passed over. */
START_TEST(stale_words_are_not_callers)
{
	uint64_t other = syn_call_insn(m, "do_idle", 0x50, "schedule");

	syn_syscall(&c);
	syn_panic(&c);
	syn_put64(m, c.sp + 8, other);
	syn_put64(m, c.sp + 16,
		  syn_sym(m, "hrtimer_interrupt") + 0x30); /* no call there */
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
}
END_TEST

/* Below rsp a call to the very same function has left its return address: residue. */
START_TEST(stale_call_below_sp)
{
	uint64_t stale = syn_call_insn(m, "do_idle", 0x50, "__crash_kexec");

	syn_syscall(&c);
	syn_panic(&c);
	for (uint64_t at = c.sp - 0x200; at < c.sp; at += 8)
		syn_put64(m, at, stale);
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
}
END_TEST

/* The scan stays on its stack. */
START_TEST(no_call_site_up_to_the_top)
{
	syn_syscall(&c);
	syn_panic(&c);
	syn_put8(m, syn_sym(m, "panic") + 0xc3 - 5, 0x90); /* no call any more */
	syn_put64(m, syn_stack(m, sh) + SYN_THREAD_SIZE,
		  syn_call_insn(m, "do_idle", 0x50, "__crash_kexec"));
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! task_spin+0xb0/scan? vfs_write+0x9b/orc? "
		"ksys_write+0x6f/scan? do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? "
		"end user");
}
END_TEST

/*
 * Where a function's prologue saved rbp. Its caller, panic(), is unwound by rbp: the
 * chain holds only when the right word was taken.
 */
static void prologue(const char *bytes, size_t len, unsigned int word)
{
	uint64_t at, bp;

	syn_syscall(&c);
	syn_call(&c, 0xb0, "panic");
	bp = c.bp;
	syn_call(&c, 0xc3, "__crash_kexec");
	at = syn_sym(m, "__crash_kexec");
	syn_write(m, at, bytes, len);
	/* The frame has 10 words; the return address lies above them. */
	syn_put64(m, c.sp + 80 - 8 * word, bp);
	c.bp = 0x6666; /* the function uses rbp for itself */
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
}

#define PROLOGUE(word, ...)                                                              \
	do {                                                                             \
		static const unsigned char bytes[] = { __VA_ARGS__ };                    \
		prologue((const char *)bytes, sizeof(bytes), word);                      \
	} while (0)

START_TEST(rbp_pushed_first)
{
	/* push rbp; mov rbp,rsp */
	PROLOGUE(1, 0x55, 0x48, 0x89, 0xe5);
}
END_TEST

START_TEST(rbp_behind_endbr_and_fentry)
{
	/* endbr64; call __fentry__; push rbp */
	PROLOGUE(1, 0xf3, 0x0f, 0x1e, 0xfa, 0xe8, 0x11, 0x22, 0x33, 0x44, 0x55);
}
END_TEST

START_TEST(rbp_behind_a_nop)
{
	/* nopl 0(%rax,%rax,1): ftrace took the call away */
	PROLOGUE(1, 0x0f, 0x1f, 0x44, 0x00, 0x00, 0x55);
}
END_TEST

START_TEST(rbp_pushed_last)
{
	/* push r15; push r14; mov rbx,rdi; push r13; push r12; xor eax,eax; push rbp */
	PROLOGUE(5, 0x41, 0x57, 0x41, 0x56, 0x48, 0x89, 0xfb, 0x41, 0x55, 0x41, 0x54,
		 0x31, 0xc0, 0x55, 0x53);
}
END_TEST

/* rbp is not pushed: it is still the caller's. */
START_TEST(rbp_not_pushed)
{
	uint64_t at;

	syn_syscall(&c);
	syn_panic(&c);
	at = syn_sym(m, "__crash_kexec");
	syn_put8(m, at, 0x53);	   /* push rbx */
	syn_put8(m, at + 1, 0x48); /* sub rsp */
	syn_put8(m, at + 2, 0x83);
	syn_put8(m, at + 3, 0xec);
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
}
END_TEST

/* Stopped before the push: rbp is still in its register. */
START_TEST(rbp_not_pushed_yet)
{
	static const unsigned char code[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00,
					      0x41, 0x57, 0x41, 0x56, 0x55 };
	uint64_t at;

	syn_syscall(&c);
	syn_panic(&c);
	at = syn_sym(m, "__crash_kexec");
	syn_write(m, at, code, sizeof(code));
	c.ip = at + 7; /* after push r15 */
	c.sp += 72;    /* only r15 is on the stack */
	expect_chain(
		"<TASK> __crash_kexec+0x7/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
}
END_TEST

/* ---- calls into nowhere ---- */

START_TEST(call_through_null)
{
	syn_syscall(&c);
	syn_push(&c, syn_call_by_pointer(m, "task_spin", 0x50));
	c.ip = 0;
	expect_chain("<TASK> 0x0/regs! task_spin+0x50/orc " SYSCALL);
}
END_TEST

START_TEST(call_through_garbage)
{
	struct stk_chain *chain;
	struct stk_start start;

	syn_syscall(&c);
	syn_push(&c, syn_call_by_pointer(m, "task_spin", 0x50));
	c.ip = 0xdeadbeef00000000ull;
	expect_chain("<TASK> 0xdeadbeef00000000/regs! task_spin+0x50/scan? " SYSCALL);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert_str_eq(chain->segments->frames[1].note, "called a bad address");
	stk_chain_free(m->s, chain);
}
END_TEST

static enum stk_step_result step_from(const struct stk_regs *regs, struct stk_step *out)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true, .regs = *regs };
	struct stk *s = syn_open(m);

	memset(out, 0, sizeof(*out));
	ck_assert_int_eq(stk_stack_with(s, regs->v[X86_SP], &cur.stack), STK_OK);
	return x86_step_callsite(s, &cur, out);
}

/* What was called, the operand still says: it is certain then. */
START_TEST(call_of_what)
{
	const uint64_t bad = 0x12345678, there = syn_sym(m, "task_spin") + 0x50;
	static const uint8_t by_memory[] = { 0xff, 0x53, 0x18 }, /* call *0x18(%rbx) */
		by_stack[] = { 0xff, 0x54, 0x24, 0x08 };	 /* call *8(%rsp) */
	struct stk_regs regs = { 0 };
	struct stk_step out;

	syn_syscall(&c);
	syn_push(&c, bad);
	syn_push(&c, 0);
	syn_push(&c, syn_call_by_pointer(m, "task_spin", 0x50));
	x86_set(&regs, X86_IP, bad);
	x86_set(&regs, X86_SP, c.sp);
	x86_set(&regs, X86_AX, bad);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(out.reliable);
	ck_assert_uint_eq(out.regs.v[X86_IP], there);
	x86_set(&regs, X86_AX, bad + 8);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(!out.reliable);
	/* In memory. */
	syn_write(m, there - sizeof(by_memory), by_memory, sizeof(by_memory));
	x86_set(&regs, X86_BX, SYN_DATA + 0x7000);
	syn_put64(m, SYN_DATA + 0x7018, bad);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(out.reliable);
	syn_put64(m, SYN_DATA + 0x7018, bad + 1);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(!out.reliable);
	/* On the stack, as that was before the call. */
	syn_write(m, there - sizeof(by_stack), by_stack, sizeof(by_stack));
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(out.reliable);
}
END_TEST

/* By a thunk, which is named for the register. */
START_TEST(call_by_thunk)
{
	const uint64_t bad = 0x12345678, thunk = syn_sym(m, "vfs_write"),
		       there = syn_sym(m, "task_spin") + 0x50;
	struct stk_regs regs = { 0 };
	struct syn_symbol *symbol;
	struct stk_step out;

	syn_syscall(&c);
	syn_push(&c, there);
	syn_put8(m, there - 5, 0xe8);
	syn_put32(m, there - 4, (uint32_t)(thunk - there));
	x86_set(&regs, X86_IP, bad);
	x86_set(&regs, X86_SP, c.sp);
	x86_set(&regs, X86_R11, bad);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(!out.reliable);
	symbol = syn_find_symbol(m, "vfs_write");
	snprintf(symbol->name, sizeof(symbol->name), "__x86_indirect_thunk_r11");
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(out.reliable);
	x86_set(&regs, X86_R11, bad + 1);
	ck_assert_int_eq(step_from(&regs, &out), STK_STEP_OK);
	ck_assert(!out.reliable);
}
END_TEST

/* A jump there pushed nothing: what is on top is no return address of a call. */
START_TEST(jump_to_garbage)
{
	syn_syscall(&c);
	syn_push(&c, syn_sym(m, "task_spin") + 0x33);
	c.ip = 0xdeadbeef00000000ull;
	expect_chain(
		"<TASK> 0xdeadbeef00000000/regs! vfs_write+0x9b/scan? ksys_write+0x6f/scan? "
		"do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? end user");
}
END_TEST

/* ---- the stack's top ---- */

static enum stk_step_result link_step(const struct stk_kind *kind, uint64_t end,
				      uint64_t sp, struct stk_step *out)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk *s = syn_open(m);

	memset(out, 0, sizeof(*out));
	x86_set(&cur.regs, X86_IP, SYN_TEXT + 0x8000);
	x86_set(&cur.regs, X86_SP, sp);
	cur.stack = (struct stk_stack){
		.kind = kind, .cpu = 1, .begin = end - 0x2000, .end = end, .mapped = true
	};
	return x86_step_link(s, &cur, out);
}

START_TEST(irq_stack_without_orc)
{
	struct stk_step out;

	syn_syscall(&c);
	syn_irq(&c);
	ck_assert_int_eq(link_step(X86_STACK(IRQ), syn_irq_top(1), c.sp, &out),
			 STK_STEP_OK);
	/* The outermost call, from the function that switched. */
	ck_assert_uint_eq(out.regs.v[X86_IP],
			  syn_sym(m, "sysvec_apic_timer_interrupt") + 0x45);
	ck_assert_uint_eq(out.regs.v[X86_SP], syn_irq_top(1) - 8);
	ck_assert_uint_eq(out.slot, syn_irq_top(1) - 16);
	ck_assert_int_eq(out.how, STK_HOW_LINK);
	ck_assert(!out.reliable);
	ck_assert_ptr_nonnull(out.note);
	/* rsp is above it already. */
	ck_assert_int_eq(
		link_step(X86_STACK(IRQ), syn_irq_top(1), syn_irq_top(1) - 8, &out),
		STK_STEP_NO_RULE);
	/* No call before it. */
	syn_put64(m, syn_irq_top(1) - 16, syn_sym(m, "panic") + 0x33);
	ck_assert_int_eq(link_step(X86_STACK(IRQ), syn_irq_top(1), c.sp, &out),
			 STK_STEP_NO_RULE);
}
END_TEST

/* The whole chain: a hole in the handler, no call site, and still the task below. */
START_TEST(irq_chain_over_a_hole)
{
	syn_syscall(&c);
	syn_irq(&c);
	syn_orc(m, syn_sym(m, "timer_fn"), ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_orc(m, syn_sym(m, "timer_fn") + 4, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED,
		0);
	syn_put8(m, syn_sym(m, "hrtimer_interrupt") + 0xa9 - 5, 0x90);
	expect_chain("<IRQ> timer_fn+0x40/regs! sysvec_apic_timer_interrupt+0x45/link? "
		     "=link= <TASK> asm_sysvec_apic_timer_interrupt+0x16/orc "
		     "task_spin+0x40/regs! " SYSCALL);
}
END_TEST

START_TEST(nmi_stack_without_orc)
{
	uint64_t top = syn_ist_top(m, 1, "NMI");
	struct stk_step out;

	syn_syscall(&c);
	syn_nmi(&c);
	ck_assert_int_eq(link_step(X86_STACK(NMI), top, c.sp, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, top - 264);
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "task_spin") + 0x40);
	ck_assert(out.signal && out.full && !out.reliable);
	/* "NMI executing" is 1 or the words there are residue. */
	syn_put64(m, top - 56, _i ? 2 : 0);
	ck_assert_int_eq(link_step(X86_STACK(NMI), top, c.sp, &out), STK_STEP_NO_RULE);
}
END_TEST

START_TEST(exception_stack_without_orc)
{
	static const struct stk_kind *const kind[] = { X86_STACK(DF), X86_STACK(DB),
						       X86_STACK(MCE) };
	uint64_t top = syn_ist_top(m, 1, "DF");
	struct stk_step out;

	syn_syscall(&c);
	{
		uint64_t ip = c.ip, sp = c.sp;

		c.sp = top;
		syn_pt_regs(&c, ip, 0x10, sp, 0);
	}
	ck_assert_int_eq(link_step(kind[_i], top, c.sp - 64, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, top - 168);
	/* A frame that was called by software has no pt_regs there. */
	syn_put64(m, top - 168 + 8 * X86_CS, 0x58);
	ck_assert_int_eq(link_step(kind[_i], top, c.sp - 64, &out), STK_STEP_NO_RULE);
	/* From user mode it is one, too. */
	syn_put64(m, top - 168 + 8 * X86_CS, 0x33);
	ck_assert_int_eq(link_step(kind[_i], top, c.sp - 64, &out), STK_STEP_OK);
	/* rsp is above: residue. */
	ck_assert_int_eq(link_step(kind[_i], top, top - 160, &out), STK_STEP_NO_RULE);
}
END_TEST

/* Any word that ends in two bits set is not yet a user's code segment. */
START_TEST(residue_is_not_user_mode)
{
	uint64_t top = syn_ist_top(m, 1, "DF");
	struct stk_step out;

	syn_syscall(&c);
	for (uint64_t at = top - 168; at < top; at += 8)
		syn_put64(m, at, SYN_TEXT + 0x1233);
	ck_assert_int_eq(link_step(X86_STACK(DF), top, top - 0x400, &out),
			 STK_STEP_NO_RULE);
}
END_TEST

START_TEST(task_stacks_have_no_link)
{
	struct stk_step out;

	syn_syscall(&c);
	ck_assert_int_eq(link_step(X86_STACK(TASK), syn_stack(m, sh) + SYN_THREAD_SIZE,
				   c.sp, &out),
			 STK_STEP_NO_RULE);
	ck_assert_int_eq(link_step(X86_STACK(ENTRY), syn_cea(m, 1) + 0x2000, c.sp, &out),
			 STK_STEP_NO_RULE);
}
END_TEST

/* But in 4.14, whose tables have holes where a system call's chain goes on. */
START_TEST(task_start_of_4_14)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE;
	struct stk_step out;

	m->orc_format = _i ? SYN_ORC_4_19 : SYN_ORC_4_14;
	syn_syscall(&c);
	ck_assert_int_eq(link_step(X86_STACK(TASK), top, c.sp, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
	if (_i)
		return;
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "entry_SYSCALL_64") + 0x63);
	ck_assert_uint_eq(out.regs.v[X86_SP], top - 168);
	ck_assert_uint_eq(out.slot, top - 176);
	ck_assert(!out.reliable);
	/* Only below registers of user mode, and what can be read. */
	syn_put64(m, top - 168 + 8 * X86_CS, 0x10);
	ck_assert_int_eq(link_step(X86_STACK(TASK), top, c.sp, &out), STK_STEP_NO_RULE);
	syn_put64(m, top - 168 + 8 * X86_CS, 0x33);
	ck_assert_int_eq(link_step(X86_STACK(TASK), top, c.sp, &out), STK_STEP_OK);
	ck_assert_int_eq(link_step(X86_STACK(TASK), top, top - 168, &out),
			 STK_STEP_NO_RULE);
}
END_TEST

/* A kernel without ORC, and a function that is called by pointer. */
START_TEST(nothing_tells)
{
	m->orc_base = 0;
	syn_syscall(&c);
	/* Without ORC the frame pointer is what remains; here it is none. */
	c.bp = 0;
	syn_put64(m, c.sp, 0);
	expect_chain(
		"<TASK> task_spin+0x40/regs! ksys_write+0x6f/scan? do_syscall_64+0x58/scan? "
		"entry_SYSCALL_64+0x63/scan? end user");
}
END_TEST

/* ---- DWARF CFI, as a provider has it ---- */

static struct {
	void *image;
	uint64_t pc, valid, wanted;
	unsigned int calls;
} asked;

static void note_question(void *image, uint64_t pc, const struct stk_cfi_frame *frame)
{
	asked.image = image;
	asked.pc = pc;
	asked.valid = frame->valid;
	asked.wanted = frame->wanted;
	asked.calls++;
}

/* __crash_kexec(): CFA = rsp + 88, rbx saved at CFA - 16. */
static enum stk_status fake_caller(void *priv, void *image, uint64_t pc,
				   struct stk_cfi_frame *frame, stk_cfi_read *read,
				   void *ctx)
{
	note_question(image, pc, frame);
	frame->cfa = frame->reg[7] + 88;
	frame->ra = 16;
	if (read(ctx, frame->cfa - 8, &frame->reg[16]))
		return STK_ERR_UNMAPPED;
	frame->valid = 1u << 16 | 1u << 6;
	return STK_OK;
}

static enum stk_status no_caller(void *priv, void *image, uint64_t pc,
				 struct stk_cfi_frame *frame, stk_cfi_read *read,
				 void *ctx)
{
	note_question(image, pc, frame);
	return STK_ERR_NOT_FOUND;
}

START_TEST(cfi_before_the_call_site)
{
	static const struct stk_debuginfo_ops ops = { .caller = fake_caller };

	asked.calls = 0;
	m->target.debuginfo = &ops;
	syn_syscall(&c);
	syn_panic(&c);
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/cfi task_spin+0xb0/orc " SYSCALL);
	/* It is asked for addresses as linked, and only where ORC has a hole. */
	ck_assert_uint_eq(asked.pc, c.ip - 0x1a000000);
	ck_assert_uint_eq(asked.calls, 1);
	ck_assert_uint_eq(asked.valid & (1u << 7 | 1u << 6), 1u << 7 | 1u << 6);
	ck_assert_uint_eq(asked.valid & 1u, 0); /* rax is not known */
	ck_assert_uint_eq(asked.wanted, 0xffff);
	ck_assert_ptr_null(asked.image);
}
END_TEST

/* Of a return address the byte before it is looked up, the end of the call. */
START_TEST(cfi_of_a_return_address)
{
	static const struct stk_debuginfo_ops ops = { .caller = fake_caller };
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };

	m->target.debuginfo = &ops;
	syn_syscall(&c);
	syn_panic(&c);
	x86_set(&cur.regs, X86_IP, c.ip);
	x86_set(&cur.regs, X86_SP, c.sp);
	cur.arena = &syn_open(m)->arena;
	ck_assert_int_eq(x86_step_cfi(m->s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(asked.pc, c.ip - 1 - 0x1a000000);
	ck_assert(!x86_has(&out.regs, X86_AX));
}
END_TEST

/* One that tells of no return address, or of another register instead. */
static uint32_t no_return_valid;
static unsigned int no_return_ra;

static enum stk_status no_return(void *priv, void *image, uint64_t pc,
				 struct stk_cfi_frame *frame, stk_cfi_read *read,
				 void *ctx)
{
	frame->cfa = frame->reg[7] + 88;
	frame->ra = no_return_ra;
	frame->reg[16] = SYN_TEXT;
	frame->valid = no_return_valid;
	return STK_OK;
}

START_TEST(cfi_without_a_return_address)
{
	static const struct stk_debuginfo_ops ops = { .caller = no_return };
	static const struct {
		unsigned int ra;
		uint32_t valid;
		enum stk_step_result want;
	} row[] = {
		{ 16, 1u << 16, STK_STEP_OK },
		{ 16, 1u << 6, STK_STEP_NO_RULE },
		{ 15, 1u << 15, STK_STEP_NO_RULE },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };

	no_return_ra = row[_i].ra;
	no_return_valid = row[_i].valid;
	m->target.debuginfo = &ops;
	syn_syscall(&c);
	syn_panic(&c);
	x86_set(&cur.regs, X86_IP, c.ip);
	x86_set(&cur.regs, X86_SP, c.sp);
	cur.arena = &syn_open(m)->arena;
	ck_assert_int_eq(x86_step_cfi(m->s, &cur, &out), row[_i].want);
}
END_TEST

START_TEST(cfi_that_knows_nothing)
{
	static const struct stk_debuginfo_ops ops = { .caller = no_caller };

	asked.calls = 0;
	m->target.debuginfo = &ops;
	syn_syscall(&c);
	syn_panic(&c);
	expect_chain(
		"<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc " SYSCALL);
	ck_assert_uint_eq(asked.calls, 1);
}
END_TEST

static const struct unit_test code_tests[] = {
	LOOP(call_encodings, 12),
	TEST(direct_calls),
	{ 0 },
};

static const struct unit_test site_tests[] = {
	TEST(panic_by_the_call_site), TEST(stale_words_are_not_callers),
	TEST(stale_call_below_sp),    TEST(no_call_site_up_to_the_top),
	TEST(rbp_pushed_first),	      TEST(rbp_behind_endbr_and_fentry),
	TEST(rbp_behind_a_nop),	      TEST(rbp_pushed_last),
	TEST(rbp_not_pushed),	      TEST(rbp_not_pushed_yet),
	TEST(call_through_null),      TEST(call_through_garbage),
	TEST(call_of_what),	      TEST(call_by_thunk),
	TEST(jump_to_garbage),	      { 0 },
};

static const struct unit_test link_tests[] = {
	TEST(irq_stack_without_orc),
	TEST(irq_chain_over_a_hole),
	LOOP(nmi_stack_without_orc, 2),
	LOOP(exception_stack_without_orc, 3),
	TEST(task_stacks_have_no_link),
	LOOP(task_start_of_4_14, 2),
	TEST(nothing_tells),
	TEST(residue_is_not_user_mode),
	{ 0 },
};

static const struct unit_test cfi_tests[] = {
	TEST(cfi_before_the_call_site),
	TEST(cfi_of_a_return_address),
	LOOP(cfi_without_a_return_address, 3),
	TEST(cfi_that_knows_nothing),
	{ 0 },
};

const struct unit_suite suite_steps = {
	"steps",
	{
		{ "code", code_tests, fixture_task, NULL },
		{ "callsite", site_tests, fixture_task, NULL },
		{ "link", link_tests, fixture_task, NULL },
		{ "cfi", cfi_tests, fixture_task, NULL },
	},
};
