/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include "arch/x86_64/x86_64.h"

#include "other.h"

#include <elf.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stackinfo/render.h>
#include <stdio.h>

/* Where a misuse that a test expects goes on; NULL: it fails the test. */
static jmp_buf *expected;

void syn_misuse(const char *fmt, ...)
{
	char text[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (expected)
		longjmp(*expected, 1);
	ck_abort_msg("%s", text);
}

bool is_misuse(void (*build)(void))
{
	volatile bool refused = true;
	jmp_buf back;

	expected = &back;
	if (!setjmp(back)) {
		build();
		refused = false;
	}
	expected = NULL;
	return refused;
}

struct syn *m;
uint64_t sh;
struct syn_cpu c;

void fixture_free(void)
{
	/* Whatever was asked is at its end. */
	syn_assert(!m || !m->s || syn_at_rest(m->s));
	syn_free(m);
	m = NULL;
}

void fixture_memory(void)
{
	m = syn_new(4);
}

void fixture_kernel(void)
{
	m = syn_kernel(SYN_6_1);
}

void fixture_task_of(struct syn *kernel)
{
	fixture_free();
	m = kernel;
	sh = syn_task(m, "sh", 227, 0);
	c = m->target.machine == EM_X86_64 ? syn_cpu(m, 1, sh) : other_cpu(m, 1, sh);
}

void fixture_task(void)
{
	fixture_task_of(syn_kernel(SYN_6_1));
}

void fixture_syscall(void)
{
	fixture_task();
	syn_syscall(&c);
}

void fixture_interrupt(void)
{
	fixture_syscall();
	syn_irq(&c);
	syn_crash_note(&c);
}

struct stk_chain *unwind_cpu_1(void)
{
	struct stk *s = syn_open(m);
	struct stk_start start = syn_start(&c);
	struct stk_chain *chain;

	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return chain;
}

void expect_chain(const char *want)
{
	struct stk_chain *chain = unwind_cpu_1();

	ck_assert_str_eq(syn_chain_text(chain), want);
	stk_chain_free(m->s, chain);
}

struct json_object *chain_in_json(struct stk *s, const struct stk_chain *chain,
				  bool lines)
{
	struct json_object *text = stk_json_chain(s, chain, lines);
	struct json_object *o = json_tokener_parse(json_object_to_json_string(text));

	json_object_put(text);
	ck_assert_ptr_nonnull(o);
	return o;
}

struct stk_stack stack_of_kind(const struct stk_kind *kind, uint64_t begin, uint64_t end)
{
	return (struct stk_stack){
		.kind = kind, .cpu = 1, .begin = begin, .end = end, .mapped = true
	};
}

struct stk_stack stack_of_sh(void)
{
	struct stk_stack stack = stack_of_kind(X86_STACK(TASK), syn_stack(m, sh),
					       syn_stack(m, sh) + SYN_THREAD_SIZE);

	stack.task = sh;
	return stack;
}

uint64_t fixture_sleeper(void)
{
	struct syn_cpu before;
	uint64_t sleeper;

	fixture_kernel();
	sleeper = syn_task(m, "sleeper", 300, 0);
	before = syn_cpu(m, 1, sleeper);
	syn_syscall(&before);
	syn_sleep(&before);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	return sleeper;
}
