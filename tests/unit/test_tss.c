/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a CPU's TSS is decoded (unaligned members, both addresses of it), each
 * slot is matched with its stack, and what deviates from the kernel's layout is said.
 */
#include "synthetic.h"

#include <string.h>

static struct syn *m;
static struct stk *s;
static struct stk_tss t;

static void setup(void)
{
	m = syn_kernel(SYN_6_1);
}

static void teardown(void)
{
	syn_free(m);
}

static void load(unsigned int cpu)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_tss_read(s, cpu, &t), STK_OK);
}

static uint64_t tss(unsigned int cpu)
{
	return syn_percpu(m, "cpu_tss_rw", cpu);
}

static struct stk_tss_slot *ist(unsigned int n)
{
	return &t.slot[STK_TSS_IST0 + n];
}

START_TEST(as_it_should_be)
{
	static const enum stk_stack_kind kind[] = { STK_STACK_DF, STK_STACK_NMI,
						    STK_STACK_DB, STK_STACK_MCE,
						    STK_STACK_VC };
	static const char *const name[] = { "DF", "NMI", "DB", "MCE", "VC" };
	uint64_t phys;

	load(1);
	ck_assert_uint_eq(t.cpu, 1);
	ck_assert(t.online);
	ck_assert_uint_eq(t.addr, tss(1));
	ck_assert_uint_eq(t.alias, syn_cea(m, 1) + 0x2000);
	ck_assert(t.has_phys && t.alias_checked && t.alias_same);
	ck_assert_str_eq(t.slot[STK_TSS_SP0].name, "sp0");
	ck_assert_uint_eq(t.slot[STK_TSS_SP0].value, syn_cea(m, 1) + 0x2000);
	ck_assert_int_eq(t.slot[STK_TSS_SP0].stack.kind, STK_STACK_ENTRY);
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert(ist(i)->readable && ist(i)->has_stack);
		ck_assert_uint_eq(ist(i)->value, syn_ist_top(m, 1, name[i]));
		ck_assert_int_eq(ist(i)->stack.kind, kind[i]);
	}
	for (unsigned int i = 5; i < 7; i++) {
		ck_assert(!ist(i)->has_stack);
		ck_assert_str_eq(ist(i)->meaning, "not used");
	}
	for (unsigned int i = 0; i < STK_NR_TSS_SLOTS; i++)
		ck_assert_ptr_null(t.slot[i].problem);
	ck_assert_ptr_nonnull(strstr(ist(4)->meaning, "SEV-ES"));
	ck_assert_ptr_nonnull(strstr(t.slot[STK_TSS_SP2].meaning, "SYSCALL"));
	ck_assert_str_eq(t.slot[STK_TSS_SP1].meaning, "not used");
	ck_assert(syn_phys(m, ist(1)->stack.begin, &phys));
	ck_assert(ist(1)->has_phys);
	ck_assert_uint_eq(ist(1)->phys, phys);
	ck_assert(ist(1)->store_readable);
}
END_TEST

/* The hardware frame's users: which vectors switch to which stack. */
START_TEST(users_of_the_ist)
{
	load(0);
	ck_assert_uint_eq(ist(1)->nr_users, 1);
	ck_assert_uint_eq(ist(1)->users[0].vector, 2);
	ck_assert_uint_eq(ist(1)->users[0].handler, syn_sym(m, "asm_exc_nmi"));
	ck_assert_uint_eq(ist(0)->nr_users, 1);
	ck_assert_uint_eq(ist(0)->users[0].vector, 8);
	ck_assert_uint_eq(ist(2)->nr_users, 0);
	/* Every gate uses one: as many as there is room for. */
	for (unsigned int v = 0; v < 256; v++)
		syn_put8(m, syn_sym(m, "idt_table") + 16 * v + 4, 7);
	load(0);
	ck_assert_uint_eq(ist(6)->nr_users, STK_MAX_IST_USERS);
}
END_TEST

/* sp1 is the top of the task's stack in 5.4. */
START_TEST(sp1_of_5_4)
{
	uint64_t sh;

	syn_free(m);
	m = syn_kernel(SYN_5_4);
	sh = syn_task(m, "sh", 227, 0);
	syn_set_current(m, 1, sh);
	syn_put64(m, tss(1) + 12, syn_stack(m, sh) + SYN_THREAD_SIZE);
	load(1);
	ck_assert(t.slot[STK_TSS_SP1].has_stack);
	ck_assert_int_eq(t.slot[STK_TSS_SP1].stack.kind, STK_STACK_TASK);
	ck_assert_uint_eq(t.slot[STK_TSS_SP1].stack.task, sh);
	ck_assert_str_eq(ist(4)->meaning, "not used");
	ck_assert_ptr_null(ist(4)->problem);
}
END_TEST

/* ---- deviations ---- */

START_TEST(sp0_deviates)
{
	static const char *const want[] = { "never came up",
					    "not on this CPU's entry stack",
					    "not the top of the entry stack",
					    "not on this CPU's entry stack",
					    "not on this CPU's entry stack" };
	uint64_t bad[] = { 0x8000000000000001ull, 0x1234, syn_cea(m, 1) + 0x1ff8,
			   syn_cea(m, 0) + 0x2000, syn_ist_top(m, 1, "NMI") };

	syn_put64(m, tss(1) + 4, bad[_i]);
	load(1);
	ck_assert_ptr_nonnull(t.slot[STK_TSS_SP0].problem);
	ck_assert_ptr_nonnull(strstr(t.slot[STK_TSS_SP0].problem, want[_i]));
}
END_TEST

START_TEST(ist_deviates)
{
	static const char *const want[] = { "empty", "on no stack", "another stack",
					    "not the top", "on no stack" };
	uint64_t bad[] = { 0, SYN_DIRECT, syn_ist_top(m, 1, "DF"),
			   syn_ist_top(m, 1, "NMI") - 4096, syn_ist_top(m, 0, "NMI") };

	syn_put64(m, tss(1) + 36 + 8, bad[_i]);
	load(1);
	ck_assert_ptr_nonnull(ist(1)->problem);
	ck_assert_ptr_nonnull(strstr(ist(1)->problem, want[_i]));
	ck_assert_ptr_null(ist(0)->problem);
}
END_TEST

/* FRED never fills them in. */
START_TEST(empty_with_fred)
{
	syn_symbol(m, "asm_fred_entrypoint_user", SYN_TEXT + 0x7000);
	for (unsigned int i = 0; i < 5; i++)
		syn_put64(m, tss(1) + 36 + 8 * i, 0);
	load(1);
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert_ptr_null(ist(i)->problem);
		ck_assert_ptr_nonnull(strstr(ist(i)->meaning, "FRED"));
	}
}
END_TEST

START_TEST(two_pages)
{
	syn_map(m, syn_cea(m, 1) + 0x2000, syn_alloc(m, 1), 4096);
	load(1);
	ck_assert(t.alias_checked && !t.alias_same);
}
END_TEST

START_TEST(not_in_the_dump)
{
	syn_fail(m, tss(1), STK_ERR_EXCLUDED);
	load(1);
	for (unsigned int i = 0; i < STK_NR_TSS_SLOTS; i++) {
		ck_assert(!t.slot[i].readable);
		ck_assert(!t.slot[i].has_stack);
		ck_assert_ptr_null(t.slot[i].problem);
	}
}
END_TEST

START_TEST(names_of_the_tss)
{
	syn_symbol(m, "cpu_tss", syn_sym(m, "cpu_tss_rw"));
	syn_no_symbol(m, "cpu_tss_rw");
	load(1);
	ck_assert_uint_eq(t.addr, SYN_PERCPU(1) + 0x6000);
	syn_no_symbol(m, "cpu_tss");
	s = syn_open(m);
	ck_assert_int_eq(stk_tss_read(s, 1, &t), STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_tss_read(s, 7, &t), STK_ERR_ARG);
}
END_TEST

/* "Cannot be read" would be a wrong answer. */
START_TEST(interrupted_then_read)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	m->interrupt = true;
	ck_assert_int_eq(stk_tss_read(s, 1, &t), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert_int_eq(stk_tss_read(s, 1, &t), STK_OK);
	ck_assert(ist(1)->has_stack);
}
END_TEST

Suite *suite_tss(void)
{
	Suite *suite = suite_create("tss");
	TCase *c = tcase_create("tss");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, as_it_should_be);
	tcase_add_test(c, users_of_the_ist);
	tcase_add_test(c, sp1_of_5_4);
	tcase_add_loop_test(c, sp0_deviates, 0, 5);
	tcase_add_loop_test(c, ist_deviates, 0, 5);
	tcase_add_test(c, empty_with_fred);
	tcase_add_test(c, two_pages);
	tcase_add_test(c, not_in_the_dump);
	tcase_add_test(c, names_of_the_tss);
	tcase_add_test(c, interrupted_then_read);
	suite_add_tcase(suite, c);
	return suite;
}
