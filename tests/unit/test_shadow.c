/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is known of shadow call stacks: that they are stacks, of whom and how far
 * in use; and that they witness each return address that compiled code saved, where
 * nothing else can tell one call of a function from another. No alarm where they cannot
 * be asked.
 */
#include "arm64.h"
#include "asked.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/shadow.h"
#include "arch/shadow_step.h"
#include "base/context.h"
#include "machine/memory.h"
#include "report/findings.h"
#include "report/liveness.h"
#include "report/triage.h"
#include "stacks/map.h"
#include "unwind/unwind.h"

#include "../damage/judge.h"

#include <stdio.h>
#include <string.h>

#define SMALL 1024u

static struct syn *arm64(void)
{
	struct syn *k = a64_kernel(A64_4K_48, A64_6_12);

	a64_shadows(k, 4096);
	return k;
}

/* Before 5.11. */
static struct syn *arm64_small(void)
{
	struct syn *k = a64_kernel(A64_4K_48, A64_6_12);

	a64_shadows(k, SMALL);
	return k;
}

static struct syn *arm64_signed(void)
{
	struct syn *k = arm64();

	a64_sign(k);
	return k;
}

static struct syn *arm64_without(void)
{
	return a64_kernel(A64_4K_48, A64_6_12);
}

static struct syn *riscv(void)
{
	struct syn *k = rv_kernel(RV_SV48);

	rv_shadows(k);
	return k;
}

static const struct machine {
	struct syn *(*build)(void);
	void (*syscall)(struct syn_cpu *c);
	void (*irq)(struct syn_cpu *c);
	void (*kthread)(struct syn_cpu *c);
	void (*idle)(struct syn_cpu *c);
	void (*sleep)(struct syn_cpu *c);
	void (*call)(struct syn_cpu *c, unsigned int off, const char *callee);
	uint64_t (*call_insn)(struct syn *m, const char *caller, unsigned int off,
			      const char *callee);
	unsigned int size;
	int slot;   /* of the current function's return address, from the frame pointer */
	int pushed; /* where in a function it is on the shadow call stack */
} machines[] = {
#define ARM64(build_, size_)                                                             \
	{                                                                                \
		build_, a64_syscall, a64_irq, a64_kthread, a64_idle, a64_sleep,          \
			a64_call, a64_call_insn, size_, 8, 4                             \
	}
	ARM64(arm64, 4096),
	ARM64(arm64_small, SMALL),
	ARM64(arm64_signed, 4096),
	{ riscv, rv_syscall, rv_irq, rv_kthread, rv_idle, rv_sleep, rv_call, rv_call_insn,
	  4096, -8, 8 },
};

#define NR_MACHINES 4

static const struct machine *on;

static void setup_machine(int i)
{
	on = &machines[i];
	fixture_task_of(on->build());
}

static void setup(void)
{
	setup_machine(0);
}

static uint64_t pointer_of(const char *name, unsigned int cpu)
{
	return syn_get64(m, other_percpu(m, name, cpu));
}

static const struct stk_frame *frame_at(const struct stk_chain *chain, uint64_t ip)
{
	for (const struct stk_segment *g = chain->segments; g; g = g->next)
		for (size_t i = 0; i < g->nr_frames; i++)
			if (g->frames[i].ip == ip)
				return &g->frames[i];
	return NULL;
}

#define BIT (1u << STK_WITNESS_SHADOW)

/* ---- a second witness ---- */

/* Each return address but the one that assembly has saved. */
static void expect_all_agree(const struct stk_chain *chain)
{
	const char *below = NULL;
	size_t nr = 0;

	ck_assert_msg(chain->confidence == STK_CERTAIN, "%s", chain->confidence_why);
	for (const struct stk_segment *g = chain->segments; g; g = g->next)
		for (size_t i = 0; i < g->nr_frames; i++) {
			const struct stk_frame *f = &g->frames[i];
			bool pushed = f->slot && strcmp(below, "call_on_irq_stack") != 0;

			ck_assert_msg(!(f->evidence.agree & BIT) == !pushed, "%s",
				      f->name.function);
			ck_assert(!(f->evidence.differ & BIT));
			below = f->name.function;
			nr += pushed;
		}
	ck_assert_uint_ge(nr, 1);
}

static void expect_agreement(void)
{
	struct stk_chain *chain = unwind_cpu_1();

	expect_all_agree(chain);
	stk_chain_free(m->s, chain);
}

START_TEST(agrees)
{
	setup_machine(_i);
	on->syscall(&c);
	expect_agreement();
	on->irq(&c);
	expect_agreement();
	on->irq(&c);
	expect_agreement();
}
END_TEST

/* What a register held that is not known is no frame's. */
START_TEST(register_that_is_not_known)
{
	struct stk_chain *chain;
	struct stk_start start;
	unsigned int reg;

	setup_machine(_i);
	on->syscall(&c);
	chain = unwind_cpu_1();
	start = chain->start;
	reg = m->s->arch->shadow_reg;
	ck_assert(stk_has_reg(&start.regs, reg));
	ck_assert_uint_eq(chain->segments->frames[0].shadow, start.regs.v[reg]);
	stk_chain_free(m->s, chain);
	start.regs.valid &= ~(1ull << reg);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	for (size_t i = 0; i < chain->segments->nr_frames; i++)
		ck_assert_uint_eq(chain->segments->frames[i].shadow, 0);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(agrees_where_threads_begin)
{
	setup_machine(_i);
	on->kthread(&c);
	expect_agreement();
	setup_machine(_i);
	c = other_cpu(m, 0, other_idle(m, 0)); /* the image has its stacks */
	on->idle(&c);
	expect_agreement();
}
END_TEST

START_TEST(agrees_of_a_sleeper)
{
	struct stk_task task;
	struct stk_start start;
	struct stk_chain *chain;

	setup_machine(_i);
	on->syscall(&c);
	on->sleep(&c);
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	expect_all_agree(chain);
	stk_chain_free(m->s, chain);
}
END_TEST

/* It was interrupted before the word is there, between the two, and behind that. */
START_TEST(agrees_within_a_prologue)
{
	for (int i = 0; i < 2 * NR_MACHINES; i++) {
		int done;

		setup_machine(i / 2);
		done = i % 2 ? on->pushed : 0;
		on->syscall(&c);
		on->call(&c, 0x80, "schedule");
		c.ip -= 0x40 - (uint64_t)done;
		c.sp += 32;
		c.bp = syn_get64(m, c.bp + (uint64_t)(on->slot - 8));
		c.scs -= done ? 0 : 8;
		expect_agreement();
	}
}
END_TEST

/*
 * At the vector, whose own address is not known: what task_spin() called has not pushed
 * its return address, or has, or nothing was called.
 */
START_TEST(agrees_at_the_vector)
{
	struct stk_chain *chain;
	const struct stk_frame *f;
	uint64_t ret;

	setup_machine(_i / 3 * 3);
	on->syscall(&c);
	c.ip = _i / 3 ? syn_sym(m, "handle_exception") : syn_sym(m, "vectors") + 0x280;
	c.lr = 0x1234;
	if (_i % 3 < 2)
		c.lr = on->call_insn(m, "task_spin", 0x80, "leaf_fn");
	if (_i % 3 == 1) {
		syn_put64(m, c.scs, c.lr);
		c.scs += 8;
	}
	ret = syn_get64(m, c.bp + (uint64_t)on->slot);
	chain = unwind_cpu_1();
	f = frame_at(chain, _i % 3 < 2 ? c.lr : stk_code_address(m->s, ret));
	ck_assert_ptr_nonnull(f);
	ck_assert(!f->reliable);
	ck_assert_uint_ne(f->shadow, 0);
	for (f++; f < &chain->segments->frames[chain->segments->nr_frames]; f++)
		ck_assert_msg(f->reliable && f->evidence.agree & BIT, "%s",
			      f->name.function);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Another call of the same function: nothing else tells it from the true one. */
static uint64_t other_call(void)
{
	return on->call_insn(m, "vfs_write", 0xb0, "task_spin");
}

START_TEST(damaged_record)
{
	struct stk_chain *chain;
	const struct stk_frame *f;
	uint64_t wrong;

	setup_machine(_i);
	wrong = other_call();
	on->syscall(&c);
	syn_put64(m, c.bp + (uint64_t)on->slot, wrong);
	chain = unwind_cpu_1();
	f = frame_at(chain, wrong);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->doubt, STK_DOUBT_SHADOW);
	ck_assert_str_eq(f->note, "the shadow call stack has another return address: "
				  "vfs_write+144");
	ck_assert(f->evidence.differ & BIT);
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	ck_assert_int_eq(chain->end, STK_END_USER);
	/* It goes on from there, and agrees again. */
	ck_assert((f + 1)->reliable);
	ck_assert((f + 1)->evidence.agree & BIT);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The words on the task's tell the same behind an interrupt. */
START_TEST(damaged_record_behind_an_interrupt)
{
	struct stk_chain *chain;
	uint64_t wrong, slot, below = 0;

	setup_machine(_i);
	wrong = on->call_insn(m,
			      on == &machines[3] ? "handle_exception" : "el1_interrupt",
			      on == &machines[3] ? 0x158 : 0x80,
			      on == &machines[3] ? "do_irq" : "do_interrupt_handler");
	on->syscall(&c);
	on->irq(&c);
	chain = unwind_cpu_1();
	for (const struct stk_segment *g = chain->segments; g; g = g->next)
		for (size_t i = 0; i < g->nr_frames; i++) {
			if (below)
				continue;
			if (!strcmp(g->frames[i].name.function,
				    on == &machines[3] ? "do_irq"
						       : "do_interrupt_handler"))
				below = g->frames[i + 1].slot;
		}
	stk_chain_free(m->s, chain);
	slot = below;
	ck_assert_uint_ne(slot, 0);
	syn_put64(m, slot, wrong);
	chain = unwind_cpu_1();
	/* That word is how the pointer is found again. */
	ck_assert_ptr_nonnull(frame_at(chain, wrong));
	ck_assert(!(frame_at(chain, wrong)->evidence.agree & BIT));
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(damaged_word)
{
	struct stk_chain *chain;

	setup_machine(_i);
	on->syscall(&c);
	syn_put64(m, c.scs - 8, 0x1234);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->segments->frames[1].doubt, STK_DOUBT_SHADOW);
	ck_assert_str_eq(chain->segments->frames[1].note,
			 "the shadow call stack has another return address: 0x1234");
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	stk_chain_free(m->s, chain);
}
END_TEST

/*
 * What agrees puts an end to doubt, whoever called it by a pointer; and what is below a
 * frame that does not is not the reason.
 */
START_TEST(agreement_is_firm)
{
	const char *writes;
	const struct stk_frame *f;
	struct stk_chain *chain;
	uint64_t slot;

	setup_machine(_i);
	writes = on == &machines[3] ? "__riscv_sys_write" : "__arm64_sys_write";
	on->syscall(&c);
	chain = unwind_cpu_1();
	slot = chain->segments->frames[2].slot;
	stk_chain_free(m->s, chain);
	syn_put64(m, slot, on->call_insn(m, writes, 0x60, "vfs_write"));
	chain = unwind_cpu_1();
	f = chain->segments->frames;
	ck_assert_int_eq(f[1].doubt, STK_DOUBT_NEXT);
	ck_assert_int_eq(f[2].doubt, STK_DOUBT_SHADOW);
	ck_assert(!(f[3].evidence.agree & 1u << STK_WITNESS_TARGET));
	ck_assert_msg(f[3].reliable, "%s", f[3].note);
	stk_chain_free(m->s, chain);
	if (on == &machines[3])
		return;
	syn_put64(m, slot, on->call_insn(m, writes, 0x50, "vfs_write"));
	chain = unwind_cpu_1();
	slot = chain->segments->frames[4].slot;
	stk_chain_free(m->s, chain);
	syn_put64(m, slot,
		  on->call_insn(m, "el0t_64_sync_handler", 0x70, "invoke_syscall"));
	chain = unwind_cpu_1();
	f = chain->segments->frames;
	ck_assert(f[2].reliable);
	ck_assert_int_eq(f[4].doubt, STK_DOUBT_SHADOW);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Code that cannot be followed may have pushed its return address, or not. */
START_TEST(code_unknown)
{
	struct stk_chain *chain;
	const struct stk_frame *f;
	uint64_t wrong, slot;

	wrong = on->call_insn(m, "__arm64_sys_write", 0x60, "vfs_write");
	on->syscall(&c);
	syn_put32(m, syn_sym(m, "vfs_write"), 0xd65f03c0); /* ret */
	expect_agreement();
	chain = unwind_cpu_1();
	slot = chain->segments->frames[2].slot;
	stk_chain_free(m->s, chain);
	syn_put64(m, slot, wrong);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	f = chain->segments->frames;
	ck_assert(f[1].evidence.agree & BIT);
	for (size_t i = 2; i < chain->segments->nr_frames; i++)
		ck_assert(!((f[i].evidence.agree | f[i].evidence.differ) & BIT));
	stk_chain_free(m->s, chain);
}
END_TEST

/* Of another time, or damaged: from there on nothing is said. */
START_TEST(kept_pointer_damaged)
{
	struct stk_chain *chain;
	uint64_t at;

	setup_machine(_i);
	on->syscall(&c);
	on->irq(&c);
	chain = unwind_cpu_1();
	at = on->size == SMALL ? chain->segments->next->frames[0].at + 16
			       : sh + syn_off(m, "thread_info.scs_sp");
	stk_chain_free(m->s, chain);
	syn_put64(m, at, syn_get64(m, at) - 8);
	chain = unwind_cpu_1();
	ck_assert_msg(chain->confidence == STK_CERTAIN, "%s", chain->confidence_why);
	for (size_t i = 0; i < chain->segments->next->nr_frames; i++) {
		const struct stk_frame *f = &chain->segments->next->frames[i];

		if (f->interrupted)
			break;
		ck_assert(!((f->evidence.agree | f->evidence.differ) & BIT) || i == 0);
	}
	stk_chain_free(m->s, chain);
}
END_TEST

/* Of the IRQ stack, the task's, and its shadow. */
static void parts_in_use(uint64_t part[][2])
{
	part[0][0] = c.sp;
	part[0][1] = pointer_of("irq_stack_ptr", 1) + m->thread_size;
	part[1][0] = syn_stack(m, sh) + m->thread_size - 0x440;
	part[1][1] = syn_stack(m, sh) + m->thread_size - 0x160;
	part[2][0] = other_shadow(m, sh);
	part[2][1] = part[2][0] + 0x60;
}

/* No word of any stack, nor where one's pointer was kept, makes a wrong chain certain. */
START_TEST(damaged_words)
{
	char truth[4096];
	uint64_t part[4][2];

	setup_machine(_i);
	other_call();
	on->syscall(&c);
	on->irq(&c);
	parts_in_use(part);
	part[3][0] = sh + syn_off(m, "thread_info.scs_base");
	part[3][1] = part[3][0] + 16;
	snprintf(truth, sizeof(truth), "%s", syn_chain_text(unwind_cpu_1()));
	for (size_t k = 0; k < 4; k++)
		for (uint64_t at = part[k][0]; at < part[k][1]; at += 8) {
			const uint64_t word = syn_get64(m, at);
			/* Where it was interrupted riscv64 has once only. */
			const uint64_t bad[] = { 0, word ^ 8, word + 0x20, word - 0x20,
						 syn_sym(m, "vfs_write") + 0xb0 };

			if (word == syn_sym(m, "task_spin") + 0x40)
				continue;
			for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
				struct stk_start start = syn_start(&c);
				struct stk_chain *chain;

				syn_put64(m, at, bad[i]);
				stk_forget_memory(m->s);
				stk_unwind(m->s, &start, &chain);
				ck_assert_msg(
					chain->confidence != STK_CERTAIN ||
						!strcmp(syn_chain_text(chain), truth),
					"%zx: %llx: %s", (size_t)at,
					(unsigned long long)bad[i],
					syn_chain_text(chain));
				stk_chain_free(m->s, chain);
			}
			syn_put64(m, at, word);
		}
}
END_TEST

/* ---- by kinds of damage, as tests/damage counts it of dumps ---- */

static const struct stk_chain *truth;
static unsigned int verdicts[NR_VERDICTS];

static void count_as_it_is(void)
{
	struct stk_start start = syn_start(&c);
	struct stk_chain *chain;

	stk_forget_memory(m->s);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	verdicts[judge(chain, truth)]++;
	stk_chain_free(m->s, chain);
}

static void count_with(uint64_t at, uint64_t bad)
{
	const uint64_t word = syn_get64(m, at);

	if (bad == word)
		return;
	syn_put64(m, at, bad);
	count_as_it_is();
	syn_put64(m, at, word);
}

static void zero(uint64_t at)
{
	count_with(at, 0);
}

static void a_bit(uint64_t at)
{
	for (unsigned int bit = 3; bit < 48; bit += 4)
		count_with(at, syn_get64(m, at) ^ 1ull << bit);
}

static void words_beside(uint64_t at)
{
	count_with(at, syn_get64(m, at ^ 8));
	count_with(at, syn_get64(m, at ^ 0x10));
}

/* Of the same function, of another one, and what an older use of the stack left. */
static void other_calls(uint64_t at)
{
	count_with(at, syn_sym(m, "vfs_write") + 0xb0);
	count_with(at, syn_sym(m, "schedule") + 0x80);
	count_with(at, syn_sym(m, "task_spin") + 0x80);
}

/* A piece that was lost, and one that was copied from elsewhere on the stack. */
static void torn(uint64_t at)
{
	unsigned char old[64], other[64] = { 0 };

	at &= ~63ull;
	syn_read(m, at, old, sizeof(old));
	for (int i = 0; i < 2; i++) {
		syn_write(m, at, other, sizeof(old));
		count_as_it_is();
		syn_write(m, at, old, sizeof(old));
		syn_read(m, at ^ 0x40, other, sizeof(other));
	}
}

static const struct {
	void (*make)(uint64_t at);
} kinds[] = { { zero }, { a_bit }, { words_beside }, { other_calls }, { torn } };

#define NR_KINDS   5
#define NR_DAMAGES (NR_MACHINES * NR_KINDS)

/*
 * Each word of the stacks and shadow call stacks of a task and its interrupt, with each
 * kind of damage: none gives a wrong chain that looks certain, and hardly one a chain
 * that is told to be wrong behind a false frame. That the interrupted instruction was
 * another one of its function nothing tells, with or without: see tests/damage/classes.c.
 */
START_TEST(damage_of_each_kind)
{
	struct stk_chain *chain;
	uint64_t part[4][2];
	unsigned int tries = 0;

	setup_machine(_i / NR_KINDS);
	other_call();
	on->syscall(&c);
	on->irq(&c);
	parts_in_use(part);
	part[3][0] = c.scs & ~(uint64_t)(on->size - 1);
	part[3][1] = c.scs;
	truth = chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	memset(verdicts, 0, sizeof(verdicts));
	for (size_t k = 0; k < 4; k++)
		for (uint64_t at = part[k][0]; at < part[k][1]; at += 8)
			if (syn_get64(m, at) != syn_sym(m, "task_spin") + 0x40)
				kinds[_i % NR_KINDS].make(at);
	for (size_t v = 0; v < NR_VERDICTS; v++)
		tries += verdicts[v];
	ck_assert_uint_ge(tries, 50);
	ck_assert_uint_eq(verdicts[VERDICT_STRONG], 0);
	ck_assert_uint_le(verdicts[VERDICT_WEAK], tries / 1000);
	stk_chain_free(m->s, chain);
}
END_TEST

/* What is no pointer to one says nothing. */
START_TEST(damaged_pointer)
{
	const uint64_t good = (setup_machine(_i), on->syscall(&c), c.scs);
	const uint64_t irq = pointer_of("irq_stack_ptr", 1) + 0x108;
	const uint64_t bad[] = { good + 4,
				 8,
				 c.sp,
				 irq,
				 syn_sym(m, "vfs_write") + 0x40,
				 0xffffffffffff0000ull };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct stk_chain *chain;

		c.scs = bad[i];
		chain = unwind_cpu_1();
		ck_assert_msg(chain->confidence == STK_CERTAIN, "%zu: %s", i,
			      chain->confidence_why);
		for (size_t k = 0; k < chain->segments->nr_frames; k++)
			ck_assert(!((chain->segments->frames[k].evidence.agree |
				     chain->segments->frames[k].evidence.differ) &
				    BIT));
		stk_chain_free(m->s, chain);
	}
}
END_TEST

/* Neither kernel has any: to tell another call is beyond what frame records can. */
START_TEST(without)
{
	const struct stk_stack *stack;
	struct stk_chain *chain;
	uint64_t wrong;
	size_t nr;

	if (_i) {
		setup();
		syn_symbol(m, "dynamic_scs_enabled", syn_sym(m, "modules") + 0x900);
		syn_put32(m, syn_sym(m, "dynamic_scs_enabled"), 0);
	} else {
		on = &machines[0];
		fixture_task_of(arm64_without());
	}
	wrong = other_call();
	a64_syscall(&c);
	syn_put64(m, c.bp + 8, wrong);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	ck_assert_uint_eq(stk_shadow_size(m->s), 0);
	stk_chain_free(m->s, chain);
	ck_assert_int_eq(stk_stacks(m->s, &stack, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		ck_assert(!stk_kind_is(stack[i].kind, STK_KIND_GROWS_UP));
	if (!_i)
		return;
	syn_put32(m, syn_sym(m, "dynamic_scs_enabled"), 1);
	ck_assert_uint_eq(stk_shadow_size(syn_open(m)), 4096);
}
END_TEST

/* ---- stacks ---- */

static struct stk_stack stack_with(uint64_t addr)
{
	struct stk_stack stack;

	ck_assert_int_eq(stk_find_stack(m->s, addr, &stack), STK_OK);
	return stack;
}

START_TEST(stack_of_a_task)
{
	struct stk_stack stack;
	uint64_t begin;

	setup_machine(_i);
	on->syscall(&c);
	begin = other_shadow(m, sh);
	syn_open(m);
	stack = stack_with(begin + 16);
	ck_assert_str_eq(stk_stack_kind_name(stack.kind), "SCS");
	ck_assert_uint_eq(stack.begin, begin);
	ck_assert_uint_eq(stack.end - stack.begin, on->size);
	ck_assert_uint_eq(stack.task, sh);
	ck_assert_int_eq(stack.cpu, -1);
	/* What is mapped by itself ends before a page that is not. */
	ck_assert_uint_eq(stack.guard, 0);
	ck_assert_uint_eq(stack.guard_end, on->size == SMALL ? 0 : stack.end + 4096);
}
END_TEST

START_TEST(stack_of_a_cpu)
{
	struct stk_stack stack;
	uint64_t begin;

	setup_machine(_i);
	begin = pointer_of("irq_shadow_call_stack_ptr", 1);
	syn_open(m);
	stack = stack_with(begin);
	ck_assert_str_eq(stk_stack_kind_name(stack.kind), "IRQ_SCS");
	ck_assert_uint_eq(stack.begin, begin);
	ck_assert_uint_eq(stack.end - stack.begin, on->size);
	ck_assert_int_eq(stack.cpu, 1);
}
END_TEST

/* Where they are no pointers but the stacks themselves; and the firmware's. */
START_TEST(stacks_in_place)
{
	static const struct {
		const char *pointer, *array, *kind;
	} row[] = {
		{ "irq_shadow_call_stack_ptr", "irq_shadow_call_stack", "IRQ_SCS" },
		{ "sdei_shadow_call_stack_normal_ptr", "sdei_shadow_call_stack_normal",
		  "SDEI_NORMAL_SCS" },
		{ "sdei_shadow_call_stack_critical_ptr",
		  "sdei_shadow_call_stack_critical", "SDEI_CRITICAL_SCS" },
	};

	setup_machine(1);
	for (size_t i = 0; i < 3; i++) {
		const uint64_t begin = other_new_shadow(m);

		syn_put64(m, other_percpu(m, row[i].pointer, 1), begin);
		syn_open(m);
		ck_assert_str_eq(stk_stack_kind_name(stack_with(begin + 8).kind),
				 row[i].kind);
		syn_no_symbol(m, row[i].pointer);
		other_percpu_symbol(m, row[i].array, 0x4000 + 0x400 * (uint32_t)i);
		syn_open(m);
		ck_assert_str_eq(
			stk_stack_kind_name(
				stack_with(other_percpu(m, row[i].array, 1) + 8).kind),
			row[i].kind);
	}
}
END_TEST

/* As far as its pointer tells: of a sleeper, of what runs, and behind an interrupt. */
static void expect_in_use(uint64_t begin, uint64_t sp, const char *why)
{
	struct stk_place p;

	ck_assert_int_eq(stk_classify(m->s, sp - 1, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert_uint_eq(p.bytes_below, sp - 1 - begin);
	ck_assert_int_eq(stk_classify(m->s, begin + 0x200, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
	ck_assert_str_eq(p.state_why, "zeros from here to its end");
	ck_assert_int_eq(stk_classify(m->s, begin + on->size - 1, &p), STK_OK);
	ck_assert_str_eq(p.state_why, "SCS_END_MAGIC at its end is intact");
	/* A word of a call that has returned. */
	syn_put64(m, begin + 0x300, 0x77);
	syn_open(m);
	ck_assert_int_eq(stk_classify(m->s, sp, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_str_eq(p.state_why, why);
	ck_assert_int_eq(stk_classify(m->s, begin + 0x307, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_int_eq(stk_classify(m->s, begin + 0x308, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
	syn_put64(m, begin + 0x300, 0);
	syn_open(m);
}

/* As QEMU writes them: by CPU. */
static void stop(void)
{
	syn_note(m, STK_NOTE_PRSTATUS, 1);
	(on == &machines[3] ? rv_note : a64_note)(&c);
}

START_TEST(in_use)
{
	struct stk_stack stack;
	struct stk_use use;
	uint64_t begin, on_task;

	setup_machine(_i);
	on->syscall(&c);
	begin = other_shadow(m, sh);
	on_task = c.scs;
	stop();
	syn_open(m);
	expect_in_use(begin, c.scs, "above its pointer");
	stack = stack_with(begin);
	ck_assert_int_eq(stk_stack_use(m->s, &stack, &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_LIVE);
	ck_assert_uint_eq(use.used, c.scs - begin);
	ck_assert_uint_eq(use.high_water, c.scs - begin);
	ck_assert(!use.overrun);
	stack = stack_with(pointer_of("irq_shadow_call_stack_ptr", 1));
	ck_assert_int_eq(stk_stack_use(m->s, &stack, &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_UNUSED);
	syn_put64(m, stack.begin, 0x77);
	syn_open(m);
	ck_assert_int_eq(stk_stack_use(m->s, &stack, &use), STK_OK);
	ck_assert_str_eq(use.why, "the CPU was not on this stack");

	setup_machine(_i);
	on->syscall(&c);
	on->irq(&c);
	stop();
	syn_open(m);
	stack = stack_with(other_shadow(m, sh));
	ck_assert_int_eq(stk_stack_use(m->s, &stack, &use), STK_OK);
	/* What the interrupt pushed there before it left, too. */
	ck_assert_uint_gt(use.used, on_task - begin);
	ck_assert_uint_eq(use.used, use.high_water);
	begin = pointer_of("irq_shadow_call_stack_ptr", 1);
	expect_in_use(begin, c.scs, "above its pointer");
}
END_TEST

START_TEST(in_use_by_a_sleeper)
{
	setup_machine(_i);
	on->syscall(&c);
	on->sleep(&c);
	syn_open(m);
	expect_in_use(other_shadow(m, sh), c.scs, "above its pointer");
}
END_TEST

/* Of a task that runs nothing tells how far. */
START_TEST(in_use_not_known)
{
	struct stk_place p;

	on->syscall(&c);
	c.scs = 0;
	stop();
	syn_open(m);
	ck_assert_int_eq(stk_classify(m->s, other_shadow(m, sh) + 0x100, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	ck_assert_str_eq(p.state_why,
			 "its task was running; nothing tells how far it was");
	syn_put64(m, pointer_of("irq_shadow_call_stack_ptr", 1), 0x77);
	stk_forget_memory(m->s);
	ck_assert_int_eq(
		stk_classify(m->s, pointer_of("irq_shadow_call_stack_ptr", 1), &p),
		STK_OK);
	ck_assert_str_eq(p.state_why, "as far as the CPU's chain is known");
}
END_TEST

static void expect_said(const char *line, uint64_t addr)
{
	char want[160];

	snprintf(want, sizeof(want), line, (unsigned long long)addr);
	ck_assert_msg(strstr(asked.out, want), "%s", asked.out);
}

START_TEST(told)
{
	uint64_t begin, irq;

	on->syscall(&c);
	on->irq(&c);
	stop();
	begin = other_shadow(m, sh);
	irq = pointer_of("irq_shadow_call_stack_ptr", 1);
	ask(syn_open(m), "stackof -m");
	expect_said("%016llx ", begin);
	expect_said("4096    64      64 live     SCS 227 \"sh\" R\n", 0);
	expect_said("4096    24      24 live     IRQ_SCS CPU 1\n", 0);
	expect_said("6 stacks of CPUs, 48 KiB; 6 of tasks, 72 KiB, ", 0);
	ask(m->s, "stackof -m -v");
	expect_said("SCS 227 \"sh\" R                [#....", 0);
	ask(m->s, "stackof %llx %llx %llx", (unsigned long long)begin + 8,
	    (unsigned long long)begin + 4096, (unsigned long long)irq);
	expect_said("%llx: SCS stack of PID 227 \"sh\": top-0xff8, base+0x8, live; ",
		    begin + 8);
	expect_said("%llx: guard page above the SCS stack of PID 227 \"sh\": 0 above ",
		    begin + 4096);
	expect_said("%llx: IRQ_SCS stack of CPU 1: top-0x1000, base+0, live; ", irq);
	ask(m->s, "entry -v -c 1");
	expect_said("  irq_shadow_call_stack_ptr  %llx  IRQ_SCS, live, 24 used\n", irq);
	asked_free();
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(end_overwritten)
{
	const uint64_t begin = (setup_machine(_i), on->syscall(&c), other_shadow(m, sh));
	struct stk_triage t = { 0 };
	struct stk_stack stack;
	struct stk_place p;
	char want[160];
	struct stk_use use;

	on->sleep(&c);
	syn_put64(m, begin + on->size - 8, syn_sym(m, "vfs_write") + 0x90);
	syn_open(m);
	stack = stack_with(begin);
	ck_assert_int_eq(stk_stack_use(m->s, &stack, &use), STK_OK);
	ck_assert(use.overrun);
	ck_assert_uint_eq(use.high_water, on->size);
	ck_assert_int_eq(stk_classify(m->s, stack.end - 1, &p), STK_OK);
	ck_assert_str_eq(p.state_why, "SCS_END_MAGIC was here and is overwritten: the "
				      "stack overflowed");
	ck_assert_int_eq(stk_classify(m->s, stack.end - 9, &p), STK_OK);
	ck_assert_str_eq(p.state_why, "above its pointer");
	ck_assert_int_eq(stk_finding_look(m->s, &t, &stk_finding_end_overwritten),
			 STK_OK);
	ck_assert_uint_eq(t.nr_findings, 1);
	snprintf(
		want, sizeof(want),
		"the last word of the shadow call stack of PID 227 \"sh\", at 0x%llx, is ",
		(unsigned long long)stack.end - 8);
	ck_assert_msg(!strncmp(t.finding[0].text, want, strlen(want)), "%s",
		      t.finding[0].text);
	ck_assert_uint_eq(t.finding[0].address, stack.end - 8);
	stk_triage_free(m->s, &t);
}
END_TEST

/* Those that wait for the next task; of small ones nobody keeps any. */
START_TEST(kept)
{
	struct stk_stack stack;
	struct stk_place p;
	uint64_t begin;

	setup_machine(_i);
	begin = other_new_shadow(m);
	syn_put64(m, other_percpu(m, "scs_cache", 1) + 8, begin);
	syn_put64(m, begin, 0x77);
	syn_open(m);
	if (on->size == SMALL) {
		ck_assert_int_eq(stk_find_stack(m->s, begin, &stack), STK_ERR_NOT_FOUND);
		return;
	}
	stack = stack_with(begin);
	ck_assert(stk_stack_is_free(&stack));
	ck_assert_int_eq(stack.cpu, 1);
	ck_assert_int_eq(stk_classify(m->s, begin, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_DEAD);
	ck_assert_str_eq(p.state_why, "kept for the next task");
}
END_TEST

/* Two of them at most, and as many as there is room for. */
START_TEST(kept_ones)
{
	struct stk_stack out[4];
	uint64_t at;

	setup_machine(0);
	at = other_percpu(m, "scs_cache", 0);
	for (unsigned int i = 0; i < 3; i++)
		syn_put64(m, at + 8 * i, other_new_shadow(m));
	syn_open(m);
	ck_assert_int_eq(stk_prepare(m->s), STK_OK);
	for (size_t room = 0; room <= 3; room++) {
		memset(out, 0xa5, sizeof(out));
		ck_assert_uint_eq(stk_kept_shadows(m->s, 0, out, room),
				  room < 2 ? room : 2);
		ck_assert_int_eq(out[room < 2 ? room : 2].cpu, (int)0xa5a5a5a5);
	}
	ck_assert_int_eq(out[0].cpu, 0);
	ck_assert_uint_eq(out[1].begin, syn_get64(m, at + 8));
}
END_TEST

/* A pointer to what cannot be one makes none. */
START_TEST(stacks_damaged)
{
	static const uint64_t bad[] = { 1, 0x0000ffffc0001000ull, 0xffffc00001000004ull };
	uint64_t irq = other_percpu(m, "irq_shadow_call_stack_ptr", 1);
	const struct stk_stack *stack;
	size_t nr;

	other_shadow(m, sh);
	syn_put64(m, sh + syn_off(m, "thread_info.scs_base"), bad[_i]);
	syn_put64(m, irq, bad[_i]);
	syn_open(m);
	ck_assert_int_eq(stk_stacks(m->s, &stack, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		ck_assert_uint_ne(stack[i].begin, bad[_i]);
}
END_TEST

/* ---- a step ---- */

/* On the first CPU as on any other. */
START_TEST(agrees_on_the_first_cpu)
{
	struct stk_chain *chain;

	setup_machine(_i);
	c = other_cpu(m, 0, syn_task(m, "first", 300, 0));
	on->syscall(&c);
	on->irq(&c);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->cpu, 0);
	expect_all_agree(chain);
	stk_chain_free(m->s, chain);
}
END_TEST

static struct stk_step step_with(const struct stk_shadow_step *step, uint64_t sp,
				 uint64_t ip, uint64_t slot)
{
	const struct stk_arch *a = syn_open(m)->arch;
	struct stk_cursor cur = { .cpu = (int)c.cpu, .arena = &m->s->arena };
	struct stk_step out = { .slot = slot };

	cur.regs.v[a->shadow_reg] = sp;
	cur.regs.valid = 1ull << a->shadow_reg;
	out.regs.v[a->ip] = ip;
	out.regs.valid = 1ull << a->ip;
	stk_shadow_step(m->s, &cur, step, &out);
	return out;
}

/* What the code has done with the word says whether it is asked, and where the next is.
 */
START_TEST(step_by_what_the_code_did)
{
	static const struct {
		bool known, pushed, slot, same;
		int said; /* 1: agrees, -1: differs, 0: is not asked */
		int next; /* the register; 0: it is not known */
	} row[] = {
		{ true, true, true, true, 1, -8 },    { true, true, true, false, -1, -8 },
		{ true, true, false, true, 0, -8 },   { true, true, false, false, 0, -8 },
		{ true, false, true, true, 0, 16 },   { true, false, true, false, 0, 16 },
		{ false, false, true, true, 1, -8 },  { false, true, true, true, 1, -8 },
		{ false, false, false, true, 0, -8 }, { false, false, true, false, 0, 0 },
		{ false, true, false, false, 0, 0 },
	};
	const unsigned int reg = (setup(), syn_open(m)->arch->shadow_reg);

	on->syscall(&c);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_shadow_step step = {
			.code = { .known = row[i].known, .shadow = row[i].pushed },
		};
		const uint64_t ip = syn_get64(m, c.scs - 8) + (row[i].same ? 0 : 4);
		struct stk_step out = step_with(&step, c.scs, ip, row[i].slot ? c.sp : 0);

		ck_assert_msg(!(out.said.agree & BIT) == (row[i].said != 1), "row %zu",
			      i);
		ck_assert_msg(!(out.said.differ & BIT) == (row[i].said != -1), "row %zu",
			      i);
		ck_assert_msg(!out.why == (row[i].said != -1), "row %zu", i);
		ck_assert_msg(stk_has_reg(&out.regs, reg) == (row[i].next != 0),
			      "row %zu", i);
		if (row[i].next)
			ck_assert_uint_eq(out.regs.v[reg],
					  c.scs - (row[i].next < 0 ? 8 : 0));
	}
}
END_TEST

/* Where words of shadow call stacks are: of tasks by the last word of their size. */
START_TEST(words_of_shadow_call_stacks)
{
	static const struct stk_shadow_step step = {
		.code = { .known = true, .shadow = true },
	};
	const unsigned int reg = (setup(), syn_open(m)->arch->shadow_reg);
	uint64_t init, task, other, irq, data;

	on->syscall(&c);
	init = syn_sym(m, "init_shadow_call_stack");
	task = other_shadow(m, sh);
	irq = pointer_of("irq_shadow_call_stack_ptr", 0);
	data = A64_TEXT + OTHER_DATA + 0x3000;
	other = other_new_stack(m, "sdei_stack_normal_ptr", 0);
	syn_put64(m, irq + on->size - 8, 0); /* it is known by its pointer */
	syn_put64(m, init + on->size - 8, 0x5f6);
	syn_put64(m, data, 0x1234);
	syn_fill(m, init + on->size, on->size, 0);
	/* As if it were one. */
	syn_put64(m, other + on->size - 8, 0x5f6);
	const struct {
		int cpu;
		uint64_t at; /* of the word */
		bool is;
	} row[] = {
		{ 0, task, true },
		{ -1, task, true },
		{ 0, task + on->size - 8, true },
		{ 0, task + 4, false },
		{ 0, irq, true },
		{ 0, irq + on->size - 8, true },
		{ 1, irq, false },
		{ -1, irq, false },
		{ 0, init, true },
		{ 0, init + on->size - 8, true },
		{ 0, init + on->size, false },
		{ 0, other, false },
		{ 1, other, true },
		{ 0, data, false },
		{ 0, 0x1000, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_step out;

		c.cpu = (unsigned int)row[i].cpu;
		out = step_with(&step, row[i].at + 8, 0x1000, c.sp);
		ck_assert_msg(stk_has_reg(&out.regs, reg) == row[i].is, "row %zu", i);
	}
}
END_TEST

/* Without the register, or on an empty stack, nothing is said. */
START_TEST(step_without_a_word)
{
	const struct stk_shadow_step step = {
		.code = { .known = true, .shadow = true },
	};
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { .slot = 8 };

	setup();
	on->syscall(&c);
	stk_shadow_step(syn_open(m), &cur, &step, &out);
	ck_assert_uint_eq(out.said.agree | out.said.differ | out.regs.valid, 0);
	out = step_with(&step, other_shadow(m, sh), 0x1000, c.sp);
	ck_assert_uint_eq(out.said.agree | out.said.differ, 0);
	ck_assert(!stk_has_reg(&out.regs, m->s->arch->shadow_reg));
	out = step_with(&step, pointer_of("irq_shadow_call_stack_ptr", 1), 0x1000, c.sp);
	ck_assert_uint_eq(out.said.agree | out.said.differ, 0);
	ck_assert(!stk_has_reg(&out.regs, m->s->arch->shadow_reg));
}
END_TEST

START_TEST(words_that_end_one)
{
	static const struct {
		uint64_t word;
		bool is;
	} row[] = {
		{ 0x5f6, true },
		{ 0xdead0000000005f6ull, true },
		{ 0x5f5, false },
		{ 0x5f7, false },
		{ 3055, false },
		{ 0, false },
		{ 0xdead0000000005f7ull, false },
		{ 0x00ad0000000005f6ull, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert(stk_is_shadow_end(row[i].word) == row[i].is);
}
END_TEST

static const struct unit_test step_tests[] = {
	LOOP(agrees_on_the_first_cpu, NR_MACHINES),
	TEST(step_by_what_the_code_did),
	TEST(words_of_shadow_call_stacks),
	TEST(step_without_a_word),
	TEST(words_that_end_one),
	{ 0 },
};

static const struct unit_test witness_tests[] = {
	LOOP(agrees, NR_MACHINES),
	LOOP(register_that_is_not_known, NR_MACHINES),
	LOOP(agrees_where_threads_begin, NR_MACHINES),
	LOOP(agrees_of_a_sleeper, NR_MACHINES),
	TEST(agrees_within_a_prologue),
	LOOP(agrees_at_the_vector, 6),
	LOOP(damaged_record, NR_MACHINES),
	LOOP(damaged_record_behind_an_interrupt, NR_MACHINES),
	LOOP(damaged_word, NR_MACHINES),
	LOOP(agreement_is_firm, NR_MACHINES),
	TEST(code_unknown),
	LOOP(kept_pointer_damaged, NR_MACHINES),
	LOOP(damaged_words, NR_MACHINES),
	LOOP(damage_of_each_kind, NR_DAMAGES),
	LOOP(damaged_pointer, NR_MACHINES),
	LOOP(without, 2),
	{ 0 },
};

static const struct unit_test stack_tests[] = {
	LOOP(stack_of_a_task, NR_MACHINES),
	LOOP(stack_of_a_cpu, NR_MACHINES),
	TEST(stacks_in_place),
	LOOP(in_use, NR_MACHINES),
	LOOP(in_use_by_a_sleeper, NR_MACHINES),
	TEST(in_use_not_known),
	TEST(told),
	LOOP(end_overwritten, NR_MACHINES),
	TEST(kept_ones),
	LOOP(kept, 2),
	LOOP(stacks_damaged, 3),
	{ 0 },
};

const struct unit_suite suite_shadow = {
	"shadow",
	{
		{ "witness", witness_tests, setup, NULL },
		{ "stacks", stack_tests, setup, NULL },
		{ "steps", step_tests, NULL, NULL },
	},
};
