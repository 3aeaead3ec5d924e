/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves, on stacks written by hand, rules that no recorded dump covers:
 * asm_call_on_stack() of 5.8-5.11 and its labels, softirqs on their own stack, the larger
 * stacks of KASAN, #VC stacks of SEV-ES guests, and the words of a nested NMI.
 */
#include "fixture.h"
#include "suite.h"

#include <stackinfo/render.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "stacks/map.h"

#define SYSCALL                                                                          \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"entry_SYSCALL_64+0x63/orc end user"
#define TASK "task_spin+0x40/regs! " SYSCALL
#define NMI_FRAMES                                                                       \
	"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc exc_nmi+0x70/orc "      \
	"asm_exc_nmi+0x80/orc =regs= "

static void machine(struct syn *new)
{
	fixture_task_of(new);
	syn_syscall(&c);
}

static void setup_5_8(void)
{
	machine(syn_kernel(SYN_5_8));
}

static void setup_6_1(void)
{
	machine(syn_kernel(SYN_6_1));
}

/* No rule for the code of @fn, and no call to it before the return address @off. */
static void make_hole(const char *fn, const char *caller, unsigned int off)
{
	syn_orc(m, syn_sym(m, fn), ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_orc(m, syn_sym(m, fn) + 4, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_put8(m, syn_sym(m, caller) + off - 5, 0x90);
}

/* ---- 5.8-5.11: asm_call_on_stack() ---- */

#define HANDLER                                                                          \
	"<IRQ> timer_fn+0x40/regs! hrtimer_interrupt+0xa9/orc "                          \
	"__sysvec_apic_timer_interrupt+0x56/orc "
#define INTERRUPTED                                                                      \
	"<TASK> sysvec_apic_timer_interrupt+0x18/orc "                                   \
	"asm_sysvec_apic_timer_interrupt+0x16/orc " TASK

START_TEST(irq_by_asm_call_on_stack)
{
	struct stk_crossing *x;
	struct stk_chain *chain;
	uint64_t bp = c.bp;

	syn_irq(&c);
	expect_chain(HANDLER "asm_call_on_stack+0x12/orc =orc= " INTERRUPTED);
	chain = unwind_cpu_1();
	x = &chain->segments->crossing;
	/* The word at the top is where rbp was pushed; the pointer is the top itself. */
	ck_assert(x->have_link && x->agree);
	ck_assert_ptr_null(x->note);
	ck_assert_uint_eq(x->link_at, syn_irq_top(1) - 8);
	ck_assert_uint_eq(x->link, c.bp);
	ck_assert_uint_eq(syn_get64(m, x->link), bp);
	ck_assert_uint_eq(chain->segments->next->frames[0].slot, x->link + 8);
	stk_chain_free(m->s, chain);
}
END_TEST

/* 5.9 gave the same code two more names. */
START_TEST(labels_of_asm_call_on_stack)
{
	static const char *const label[] = { "asm_call_sysvec_on_stack",
					     "asm_call_irq_on_stack" };

	syn_symbol(m, label[_i], syn_sym(m, "asm_call_on_stack"));
	syn_no_symbol(m, "asm_call_on_stack");
	syn_symbol(m, "asm_call_on_stack", syn_sym(m, label[_i]));
	syn_irq(&c);
	expect_chain(_i ? HANDLER "asm_call_irq_on_stack+0x12/orc =orc= " INTERRUPTED
			: HANDLER "asm_call_sysvec_on_stack+0x12/orc =orc= " INTERRUPTED);
}
END_TEST

/* An NMI at every stage: rbp pushed or not, one stack or the other, rbp popped. */
START_TEST(nmi_inside_asm_call_on_stack)
{
	static const struct {
		unsigned int off;
		bool pushed, bp, switched;
	} stage[] = {
		{ 0, false, false, false },    { 1, true, false, false },
		{ 4, true, true, false },      { 7, true, true, false },
		{ 0xa, true, true, true },     { 0x12, true, true, true },
		{ 0x60, false, false, false },
	};
	uint64_t bp = c.bp, sp = c.sp, top = syn_irq_top(1);
	char want[640];

	c.sp &= ~15ull;
	syn_pt_regs(&c, c.ip, 0x10, sp, bp);
	c.function = "asm_sysvec_apic_timer_interrupt";
	syn_call(&c, 0x16, "sysvec_apic_timer_interrupt");
	syn_put64(m, top - 8, 0x5a1e); /* from the last time */
	syn_call(&c, 0x18, "asm_call_on_stack");
	syn_put64(m, c.sp, stage[_i].pushed ? bp : 0xdead);
	if (!stage[_i].bp)
		c.bp = bp;
	if (!stage[_i].pushed)
		c.sp += 8;
	if (stage[_i].switched) {
		syn_put64(m, top - 8, c.sp);
		c.sp = top - 8;
	}
	c.ip = syn_sym(m, "asm_call_on_stack") + stage[_i].off;
	syn_nmi(&c);
	snprintf(want, sizeof(want),
		 NMI_FRAMES "%sasm_call_on_stack+0x%x/regs! %s"
			    "sysvec_apic_timer_interrupt+0x18/orc "
			    "asm_sysvec_apic_timer_interrupt+0x16/orc " TASK,
		 stage[_i].switched ? "<IRQ> " : "<TASK> ", stage[_i].off,
		 stage[_i].switched ? "=orc= <TASK> " : "");
	expect_chain(want);
}
END_TEST

/* The softirq's stack is the IRQ's; an IRQ that comes then stays on it. */
static void irq_in_softirq(const char *switcher)
{
	uint64_t sp;

	syn_call(&c, 0x94, "do_softirq");
	syn_on_stack(&c, 0x30, switcher, "__do_softirq");
	syn_call(&c, 0x51, "net_rx_action");
	sp = c.sp;
	c.sp &= ~15ull;
	syn_pt_regs(&c, c.ip, 0x10, sp, c.bp);
	c.function = "asm_sysvec_apic_timer_interrupt";
	syn_call(&c, 0x16, "__sysvec_apic_timer_interrupt");
	syn_call(&c, 0x56, "hrtimer_interrupt");
}

#define IN_SOFTIRQ                                                                       \
	"<IRQ> hrtimer_interrupt+0x40/regs! __sysvec_apic_timer_interrupt+0x56/orc "     \
	"asm_sysvec_apic_timer_interrupt+0x16/orc net_rx_action+0x40/regs! "             \
	"__do_softirq+0x51/orc "

START_TEST(softirq_of_5_8)
{
	irq_in_softirq("asm_call_on_stack");
	expect_chain(IN_SOFTIRQ
		     "asm_call_on_stack+0x12/orc =orc= <TASK> do_softirq+0x30/orc "
		     "task_spin+0x94/orc " SYSCALL);
}
END_TEST

/* Up to 5.7 in assembly of its own, in the same shape. */
START_TEST(softirq_of_5_4)
{
	machine(syn_kernel(SYN_5_4));
	irq_in_softirq("do_softirq_own_stack");
	expect_chain(IN_SOFTIRQ
		     "do_softirq_own_stack+0x12/orc =orc= <TASK> do_softirq+0x30/orc "
		     "task_spin+0x94/orc " SYSCALL);
}
END_TEST

/* By the stack's top alone: the code there goes back by rbp, which is its last word. */
START_TEST(asm_call_on_stack_over_a_hole)
{
	syn_irq(&c);
	make_hole("timer_fn", "hrtimer_interrupt", 0xa9);
	c.bp = 0x6666;
	expect_chain("<IRQ> timer_fn+0x40/regs! asm_call_on_stack+0x12/link? =orc= "
		     "<TASK> sysvec_apic_timer_interrupt+0x18/orc "
		     "asm_sysvec_apic_timer_interrupt+0x16/orc " TASK);
}
END_TEST

START_TEST(softirq_own_stack_over_a_hole)
{
	machine(syn_kernel(SYN_5_4));
	syn_call(&c, 0x94, "do_softirq");
	syn_on_stack(&c, 0x30, "do_softirq_own_stack", "__do_softirq");
	syn_call(&c, 0x51, "net_rx_action");
	make_hole("net_rx_action", "__do_softirq", 0x51);
	c.bp = 0x6666;
	expect_chain(
		"<IRQ> net_rx_action+0x40/regs! do_softirq_own_stack+0x12/link? =orc= "
		"<TASK> do_softirq+0x30/orc task_spin+0x94/orc " SYSCALL);
}
END_TEST

/*
 * Since 5.12 a function that keeps a frame pointer is unwound by it across the inline
 * switch, too; but there the word at the top is not where rbp points.
 */
static void inline_switch_with_rbp(void)
{
	uint64_t at = syn_sym(m, "sysvec_apic_timer_interrupt"), top = syn_irq_top(1);
	uint64_t sp = c.sp;

	for (unsigned int off = 4; off <= 0x60; off += off == 4 ? 0x1c : 0x40)
		syn_orc(m, at + off, ORC_CALL, ORC_BP, 16, ORC_PREV_SP, -16);
	c.sp &= ~15ull;
	syn_pt_regs(&c, c.ip, 0x10, sp, c.bp);
	c.function = "asm_sysvec_apic_timer_interrupt";
	syn_push(&c, syn_call_insn(m, c.function, 0x16, "sysvec_apic_timer_interrupt"));
	syn_push(&c, c.bp);
	c.bp = c.sp;
	for (int i = 0; i < 4; i++)
		syn_push(&c, 0x1111);
	syn_put64(m, top - 8, c.sp);
	c.sp = top - 8;
	c.function = "sysvec_apic_timer_interrupt";
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 1);
	syn_call(&c, 0x45, "__sysvec_apic_timer_interrupt");
	syn_call(&c, 0x56, "hrtimer_interrupt");
}

START_TEST(inline_switch_by_rbp)
{
	inline_switch_with_rbp();
	expect_chain("<IRQ> hrtimer_interrupt+0x40/regs! "
		     "__sysvec_apic_timer_interrupt+0x56/orc "
		     "sysvec_apic_timer_interrupt+0x45/orc =orc= <TASK> "
		     "asm_sysvec_apic_timer_interrupt+0x16/orc " TASK);
}
END_TEST

START_TEST(inline_switch_over_a_hole)
{
	inline_switch_with_rbp();
	make_hole("hrtimer_interrupt", "__sysvec_apic_timer_interrupt", 0x56);
	expect_chain(
		"<IRQ> hrtimer_interrupt+0x40/regs! sysvec_apic_timer_interrupt+0x45/link? "
		"end no_rule");
}
END_TEST

/* ---- KASAN: all stacks are twice as large ---- */

/* @callee with a frame of @size bytes: more than the half of a stack, or all of one. */
static void big_call(unsigned int off, const char *callee, int size)
{
	syn_orc(m, syn_sym(m, callee) + 4, ORC_CALL, ORC_SP, 8 + size, ORC_UNDEFINED, 0);
	syn_push(&c, syn_call_insn(m, c.function, off, callee));
	c.sp -= (uint64_t)size;
	c.function = callee;
	c.ip = syn_sym(m, callee) + 0x40;
}

static const int kasan_era[] = { SYN_5_4, SYN_5_8, SYN_6_1 };

START_TEST(kasan_chain)
{
	static const char *const irq[] = {
		"smp_apic_timer_interrupt+0x56/orc apic_timer_interrupt+0x2f/orc =link= "
		"<TASK> ",
		"__sysvec_apic_timer_interrupt+0x56/orc asm_call_on_stack+0x12/orc =orc= "
		"<TASK> sysvec_apic_timer_interrupt+0x18/orc "
		"asm_sysvec_apic_timer_interrupt+0x16/orc ",
		"__sysvec_apic_timer_interrupt+0x56/orc "
		"sysvec_apic_timer_interrupt+0x45/orc =link= <TASK> "
		"asm_sysvec_apic_timer_interrupt+0x16/orc ",
	};
	uint64_t ist;
	char want[1024];

	machine(syn_kernel_kasan(kasan_era[_i]));
	ist = syn_ist_size(m);
	big_call(0x77, "kthread", 0x5000);
	ck_assert_uint_lt(c.sp, syn_stack(m, sh) + 0x4000);
	syn_irq(&c);
	big_call(0x77, "worker_thread", 0x5000);
	ck_assert_uint_lt(c.sp, syn_irq_top(1) - 0x4000);
	syn_nmi(&c);
	big_call(0x77, "cpu_startup_entry", (int)(ist / 2));
	ck_assert_uint_lt(c.sp, syn_ist_top(m, 1, "NMI") - ist / 2);
	snprintf(want, sizeof(want),
		 "<NMI> cpu_startup_entry+0x40/regs! crash_nmi_callback+0x77/orc "
		 "nmi_handle+0x5e/orc exc_nmi+0x70/orc asm_exc_nmi+0x80/orc =regs= "
		 "<IRQ> worker_thread+0x40/regs! timer_fn+0x77/orc "
		 "hrtimer_interrupt+0xa9/orc %skthread+0x40/regs! "
		 "task_spin+0x77/orc " SYSCALL,
		 irq[_i]);
	expect_chain(want);
}
END_TEST

START_TEST(kasan_bounds)
{
	static const char *const name[] = { "DF", "NMI", "DB", "MCE" };
	static const struct stk_kind *const kind[] = { X86_STACK(DF), X86_STACK(NMI),
						       X86_STACK(DB), X86_STACK(MCE) };
	const struct stk_stack *k;
	struct stk_stack found;
	struct stk_task t;
	struct stk *s;
	uint64_t top;

	machine(syn_kernel_kasan(kasan_era[_i]));
	s = syn_open(m);
	ck_assert_int_eq(stk_task_by_pid(s, 227, &t), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &t, &found), STK_OK);
	ck_assert_uint_eq(found.end - found.begin, 0x8000);
	for (size_t i = 0; i < 4; i++) {
		top = syn_ist_top(m, 1, name[i]);
		k = stk_cpu_stack_at(s, 1, top - 1);
		ck_assert_ptr_nonnull(k);
		ck_assert_ptr_eq(k->kind, kind[i]);
		ck_assert_uint_eq(k->end, top);
		ck_assert_uint_eq(k->begin, top - syn_ist_size(m));
		ck_assert_uint_eq(k->guard, k->begin - 4096);
		ck_assert_ptr_null(stk_cpu_stack_at(s, 1, k->begin - 1));
	}
	k = stk_cpu_stack_at(s, 1, syn_irq_top(1) - 1);
	ck_assert_ptr_nonnull(k);
	ck_assert_uint_eq(k->begin, syn_irq_top(1) - 0x8000);
	ck_assert_uint_eq(k->store, syn_percpu(m, "irq_stack_backing_store", 1));
}
END_TEST

/* Without struct irq_stack the IRQ stack has a task stack's size. */
START_TEST(kasan_without_the_type)
{
	const struct stk_stack *k;
	struct stk *s;

	machine(syn_kernel_kasan(SYN_6_1));
	syn_no_member(m, "irq_stack");
	s = syn_open(m);
	k = stk_cpu_stack_at(s, 1, syn_irq_top(1) - 0x8000);
	ck_assert_ptr_nonnull(k);
	ck_assert_ptr_eq(k->kind, X86_STACK(IRQ));
}
END_TEST

/* 4.14-5.1 without guards; order 1 with KASAN, in 5.0 order 2 with KASAN_EXTRA. */
START_TEST(kasan_contiguous)
{
	static const struct stk_kind *const kind[] = { X86_STACK(DF), X86_STACK(NMI),
						       X86_STACK(DB), X86_STACK(MCE) };
	uint64_t size = 4096ull << _i, base, end;
	const struct stk_stack *k;
	struct stk *s;

	machine(syn_kernel(SYN_5_4));
	base = syn_cea(m, 1) + 0x6000;
	syn_no_symbol(m, "cea_exception_stacks");
	syn_symbol(m, "orig_ist", 0x1f100);
	end = base;
	for (unsigned int i = 0; i < 4; i++) {
		end += i == 2 ? 2 * size : size;
		syn_put64(m, syn_percpu(m, "orig_ist", 1) + 8 * i, end);
	}
	s = syn_open(m);
	end = base;
	for (unsigned int i = 0; i < 4; i++) {
		k = stk_cpu_stack_at(s, 1, end);
		ck_assert_ptr_nonnull(k);
		ck_assert_ptr_eq(k->kind, kind[i]);
		ck_assert_uint_eq(k->begin, end);
		end += i == 2 ? 2 * size : size;
		ck_assert_uint_eq(k->end, end);
		ck_assert_uint_eq(k->guard, 0);
	}
}
END_TEST

/* ---- #VC: SEV-ES guests, 5.10+ ---- */

/* The hardware's frame and the registers at the top of the VC stack. */
static uint64_t vc_entry(void)
{
	uint64_t sp = c.sp;

	syn_map_vc(m, 1);
	c.sp = syn_ist_top(m, 1, "VC");
	syn_pt_regs(&c, c.ip, 0x10, sp, c.bp);
	c.function = "asm_exc_vmm_communication";
	return c.sp;
}

/* What vc_switch_off_ist() copies the pt_regs to, and the handler there. */
static uint64_t vc_copy(uint64_t from, uint64_t top)
{
	unsigned char regs[168];

	syn_read(m, from, regs, sizeof(regs));
	c.sp = (top & ~7ull) - sizeof(regs);
	syn_write(m, c.sp, regs, sizeof(regs));
	syn_call(&c, 0x90, "kernel_exc_vmm_communication");
	return (top & ~7ull) - sizeof(regs);
}

START_TEST(vc_before_the_copy)
{
	struct stk_chain *chain;
	uint64_t sp = c.sp, regs = vc_entry();

	syn_call(&c, 0x70, "vc_switch_off_ist");
	expect_chain(
		"<#VC> vc_switch_off_ist+0x40/regs! asm_exc_vmm_communication+0x70/orc "
		"=regs= <TASK> " TASK);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->crossing.at, regs);
	ck_assert_uint_eq(chain->segments->crossing.link, sp);
	ck_assert(chain->segments->crossing.agree != 0);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The handler runs where the interrupted code did; what is left behind is not asked. */
START_TEST(vc_on_the_interrupted_stack)
{
	struct stk_chain *chain;
	uint64_t sp = c.sp, left = vc_entry(), regs = vc_copy(left, sp);

	syn_put64(m, left + 8 * X86_IP, syn_sym(m, "panic") + 0x40);
	expect_chain("<TASK> kernel_exc_vmm_communication+0x40/regs! "
		     "asm_exc_vmm_communication+0x90/orc " TASK);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->frames[2].regs_at, regs);
	ck_assert_uint_eq(regs, sp - 168);
	stk_chain_free(m->s, chain);
}
END_TEST

/* On the entry stack there is no room: it goes to VC2. */
static uint64_t vc_in_the_entry_code(void)
{
	uint64_t entry = syn_cea(m, 1) + 0x2000;
	const uint64_t frame[] = { SYN_USER_IP, 0x33, 0x246, 0x7ffc00001000, 0x2b };

	for (size_t i = 0; i < 5; i++)
		syn_put64(m, entry - 40 + 8 * i, frame[i]);
	c.sp = entry - 40;
	c.ip = syn_sym(m, "asm_exc_page_fault") + 4;
	return vc_copy(vc_entry(), syn_ist_top(m, 1, "VC2"));
}

START_TEST(vc2)
{
	struct stk_chain *chain;
	uint64_t regs = vc_in_the_entry_code();

	expect_chain("<#VC2> kernel_exc_vmm_communication+0x40/regs! "
		     "asm_exc_vmm_communication+0x90/orc =regs= <ENTRY_TRAMPOLINE> "
		     "asm_exc_page_fault+0x4/regs! end user");
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->crossing.at, regs);
	ck_assert_uint_eq(regs, syn_ist_top(m, 1, "VC2") - 168);
	ck_assert(chain->segments->crossing.have_link &&
		  chain->segments->crossing.agree != 0);
	ck_assert_uint_eq(chain->segments->crossing.link_at, regs + 8 * X86_SP);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(vc2_over_a_hole)
{
	vc_in_the_entry_code();
	make_hole("kernel_exc_vmm_communication", "asm_exc_vmm_communication", 0x90);
	expect_chain(
		"<#VC2> kernel_exc_vmm_communication+0x40/regs! =link= <ENTRY_TRAMPOLINE> "
		"asm_exc_page_fault+0x4/link!? end user");
}
END_TEST

START_TEST(vc_stacks_mapped_or_not)
{
	static const char *const name[] = { "VC", "VC2" };
	const struct stk_stack *k;
	struct stk_x86_tss_slot *slot;
	struct stk_x86_tss t;
	struct stk *s;
	char member[64];

	if (_i)
		syn_map_vc(m, 1);
	s = syn_open(m);
	for (size_t i = 0; i < 2; i++) {
		uint64_t top = syn_ist_top(m, 1, name[i]);

		k = stk_cpu_stack_at(s, 1, top - 8);
		ck_assert(!!k == _i);
		if (!k)
			continue;
		ck_assert_ptr_eq(k->kind, i ? X86_STACK(VC2) : X86_STACK(VC));
		ck_assert_uint_eq(k->end, top);
		snprintf(member, sizeof(member), "exception_stacks.%s_stack", name[i]);
		ck_assert_uint_eq(k->store, syn_percpu(m, "exception_stacks", 1) +
						    syn_off(m, member));
	}
	/* Other CPUs' are not mapped by it. */
	ck_assert_ptr_null(stk_cpu_stack_at(s, 0, syn_ist_top(m, 0, "VC") - 8));
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	slot = &t.slot[STK_X86_TSS_IST0 + 4];
	ck_assert(slot->has_stack && slot->stack.mapped == _i);
	ck_assert_ptr_null(slot->problem);
	ck_assert((slot->meaning == NULL) == _i);
	if (!_i)
		return;
	/* While an NMI is handled it is lower, and the old value lies there. */
	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + 36 + 32, slot->stack.end - 8);
	syn_put64(m, slot->stack.end - 8, slot->stack.end);
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	ck_assert_ptr_eq(slot->stack.kind, X86_STACK(VC));
	ck_assert(slot->in_flight && slot->has_witness);
	ck_assert_ptr_eq(slot->witness.kind, X86_STACK(NMI));
	ck_assert_ptr_nonnull(strstr(slot->problem, "lowered by 0x8 (SEV-ES): an NMI"));
}
END_TEST

/* ---- nested NMI: entry_64.S, asm_exc_nmi ---- */

static uint64_t nmi_top;

/*
 * A second NMI hit the first one's handler: it rewrote the hardware's frame and made
 * the "iret" frame lead to repeat_nmi, with rsp at the "outermost" one.
 */
static void nested(void)
{
	uint64_t repeat = syn_sym(m, "asm_exc_nmi") + 0x90;
	const uint64_t frame[] = { c.ip, 0x10, 0x86, c.sp, 0x18 };
	const uint64_t iret[] = { repeat, 0x10, 0x86, nmi_top - 136, 0x18 };

	for (size_t i = 0; i < 5; i++) {
		syn_put64(m, nmi_top - 40 + 8 * i, frame[i]);
		syn_put64(m, nmi_top - 96 + 8 * i, iret[i]);
	}
	syn_put64(m, nmi_top - 48, 0xd1d1); /* rdx */
}

static void setup_nested(int era)
{
	if (era != SYN_6_1)
		machine(syn_kernel(era));
	nmi_top = syn_ist_top(m, 1, "NMI");
}

START_TEST(nested_nmi)
{
	static const int era[] = { SYN_5_4, SYN_5_8, SYN_6_1 };
	struct stk_crossing *x;
	struct stk_chain *chain;
	uint64_t sp;

	setup_nested(era[_i]);
	sp = c.sp;
	syn_nmi(&c);
	nested();
	expect_chain(NMI_FRAMES "<TASK> " TASK);
	chain = unwind_cpu_1();
	x = &chain->segments->crossing;
	ck_assert_uint_eq(x->at, nmi_top - 264);
	/* The hardware's frame is the second NMI's: it says nothing of the first. */
	ck_assert(x->have_link && x->agree);
	ck_assert_ptr_null(x->note);
	ck_assert_uint_eq(x->link_at, nmi_top - 112);
	ck_assert_uint_eq(x->link, sp);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The witness still tells when it does not agree. */
START_TEST(nested_nmi_disagrees)
{
	setup_nested(SYN_6_1);
	syn_nmi(&c);
	syn_put64(m, nmi_top - 16, syn_stack(m, sh) + 0x100);
	expect_chain(
		"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc exc_nmi+0x70/orc "
		"asm_exc_nmi+0x80/orc =regs,disagree= <TASK> task_spin+0x40/regs!? " SYSCALL);
}
END_TEST

/* By the stack's top alone: of four frames the outermost one counts. */
START_TEST(nested_nmi_over_a_hole)
{
	setup_nested(SYN_6_1);
	syn_nmi(&c);
	nested();
	make_hole("crash_nmi_callback", "nmi_handle", 0x5e);
	expect_chain(
		"<NMI> crash_nmi_callback+0x40/regs! =link= <TASK> task_spin+0x40/link!? " SYSCALL);
}
END_TEST

/* repeat_nmi: the first one is over, its frame is copied again; then it is as before. */
START_TEST(nested_nmi_repeated)
{
	setup_nested(SYN_6_1);
	syn_nmi(&c);
	nested();
	for (size_t i = 0; i < 5; i++)
		syn_put64(m, nmi_top - 96 + 8 * i, syn_get64(m, nmi_top - 136 + 8 * i));
	/* Its hardware frame is left over and points at a frame that is gone. */
	expect_chain(NMI_FRAMES "<TASK> " TASK);
}
END_TEST

/*
 * An NMI that stopped at its first instruction has only the hardware's frame; what an
 * earlier one left below is stale, and "NMI executing" says so.
 */
START_TEST(nmi_before_its_copies)
{
	struct syn_cpu before = c;
	struct stk_chain *chain;

	setup_nested(SYN_6_1);
	c.ip = syn_sym(m, "panic") + 0x40; /* the earlier one's */
	c.sp -= 0x100;
	syn_nmi(&c);
	nested();
	c = before;
	syn_put64(m, nmi_top - 56, 0);
	syn_put64(m, nmi_top - 40, c.ip);
	syn_put64(m, nmi_top - 16, c.sp);
	c.ip = syn_sym(m, "asm_exc_nmi") + 4;
	c.sp = nmi_top - 40;
	expect_chain("<NMI> asm_exc_nmi+0x4/regs! =regs= <TASK> " TASK);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->crossing.link_at, nmi_top - 16);
	ck_assert(chain->segments->crossing.agree != 0);
	stk_chain_free(m->s, chain);
	/* And without a rule nothing is taken from there. */
	syn_orc(m, syn_sym(m, "asm_exc_nmi"), ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED,
		0);
	m->finished = false;
	expect_chain("<NMI> asm_exc_nmi+0x4/regs! end no_rule");
}
END_TEST

/*
 * Stopped in the first instructions of the second one: its frame lies above those of
 * the handler that it interrupted.
 */
START_TEST(nested_nmi_at_its_entry)
{
	struct stk_chain *chain;
	struct stk_text_options opt = { 0 };
	struct stk_place p;
	bool doubts = false;
	char used[32], *text;
	uint64_t sp;
	size_t len;
	FILE *fp;

	setup_nested(SYN_6_1);
	syn_nmi(&c);
	nested();
	sp = c.sp;
	c.ip = syn_sym(m, "asm_exc_nmi") + 4;
	c.sp = nmi_top - 40;
	expect_chain("<NMI> asm_exc_nmi+0x4/regs! crash_nmi_callback+0x40/regs! "
		     "nmi_handle+0x5e/orc exc_nmi+0x70/orc asm_exc_nmi+0x80/orc =regs= "
		     "<TASK> " TASK);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->low, sp);
	ck_assert_uint_eq(chain->segments->frames[1].regs_at, nmi_top - 168);
	ck_assert_ptr_nonnull(strstr(chain->segments->frames[1].note, "second NMI"));
	ck_assert(chain->segments->crossing.agree != 0);
	snprintf(used, sizeof(used), ", %u used;", (unsigned int)(nmi_top - sp));
	fp = open_memstream(&text, &len);
	stk_text_chain(m->s, fp, chain, &opt, &doubts);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(text, used));
	free(text);
	stk_chain_free(m->s, chain);
	/* What the first one uses is live. */
	syn_crash_note(&c);
	syn_put64(m, sp - 16, 1);
	syn_open(m);
	ck_assert_int_eq(stk_classify(m->s, sp + 8, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert_int_eq(stk_classify(m->s, sp - 8, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
}
END_TEST

/* Words that lead there over and over again: once is enough. */
START_TEST(nested_nmi_for_ever)
{
	setup_nested(SYN_6_1);
	syn_nmi(&c);
	nested();
	c.ip = syn_sym(m, "asm_exc_nmi") + 4;
	/* The handler's rule leads to the same frame. */
	syn_put64(m, nmi_top - 40, c.ip);
	syn_orc(m, syn_sym(m, "asm_exc_nmi"), ORC_REGS_PARTIAL, ORC_SP,
		(int)(nmi_top - 40 - syn_get64(m, nmi_top - 16)), ORC_UNDEFINED, 0);
	c.sp = syn_get64(m, nmi_top - 16);
	expect_chain("<NMI> asm_exc_nmi+0x4/regs! asm_exc_nmi+0x4/regs!? =link= <TASK> "
		     "task_spin+0x40/link!? " SYSCALL);
}
END_TEST

/* Each of the words says by itself whether the stack was in use. */
START_TEST(nested_nmi_in_use)
{
	const struct stk_stack *k;
	uint64_t at, value;
	const char *why;
	struct stk *s;

	setup_nested(SYN_6_1);
	syn_nmi(&c);
	nested();
	s = syn_open(m);
	k = stk_cpu_stack_at(s, 1, nmi_top - 8);
	ck_assert_int_eq(x86_in_use(s, k, &why), 1);
	syn_put64(m, nmi_top - 56, 0);
	s = syn_open(m);
	k = stk_cpu_stack_at(s, 1, nmi_top - 8);
	ck_assert_int_eq(x86_in_use(s, k, &why), 0);
	/* No copies are kept then, so the hardware's frame is the one to ask. */
	ck_assert(x86_link_word(s, k, &at, &value));
	ck_assert_uint_eq(at, nmi_top - 16);
}
END_TEST

static const struct unit_test call_tests[] = {
	TEST(irq_by_asm_call_on_stack),
	LOOP(labels_of_asm_call_on_stack, 2),
	LOOP(nmi_inside_asm_call_on_stack, 7),
	TEST(softirq_of_5_8),
	TEST(softirq_of_5_4),
	TEST(asm_call_on_stack_over_a_hole),
	TEST(softirq_own_stack_over_a_hole),
	{ 0 },
};

static const struct unit_test inl_tests[] = {
	TEST(inline_switch_by_rbp),
	TEST(inline_switch_over_a_hole),
	{ 0 },
};

static const struct unit_test kasan_tests[] = {
	LOOP(kasan_chain, 3),
	LOOP(kasan_bounds, 3),
	TEST(kasan_without_the_type),
	LOOP(kasan_contiguous, 3),
	{ 0 },
};

static const struct unit_test vc_tests[] = {
	TEST(vc_before_the_copy), TEST(vc_on_the_interrupted_stack), TEST(vc2),
	TEST(vc2_over_a_hole),	  LOOP(vc_stacks_mapped_or_not, 2),  { 0 },
};

static const struct unit_test nmi_tests[] = {
	LOOP(nested_nmi, 3),
	TEST(nested_nmi_disagrees),
	TEST(nested_nmi_over_a_hole),
	TEST(nested_nmi_repeated),
	TEST(nmi_before_its_copies),
	TEST(nested_nmi_at_its_entry),
	TEST(nested_nmi_for_ever),
	TEST(nested_nmi_in_use),
	{ 0 },
};

const struct unit_suite suite_images = {
	"images",
	{
		{ "asm_call", call_tests, setup_5_8, NULL },
		{ "inline", inl_tests, setup_6_1, NULL },
		{ "kasan", kasan_tests, setup_6_1, NULL },
		{ "vc", vc_tests, setup_6_1, NULL },
		{ "nmi", nmi_tests, setup_6_1, NULL },
	},
};
