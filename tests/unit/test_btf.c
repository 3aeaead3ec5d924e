/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that types and members are found in a kernel's BTF as a compiler would have
 * them: anonymous members, bitfields, arrays, equal names; that damage, a limit and what
 * is missing are told apart, and that types which contain one another come to an end.
 */
#include "synthetic.h"
#include "suite.h"

#include "kernel/btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE 0xffffffff9c000000ull

static struct syn *m;
static struct stk *s;
static struct btf *made;
static struct stk_btf *b;
static int u8, u32, u64;
static const char *why;

static void setup(void)
{
	m = syn_new(4);
	made = btf__new_empty();
	syn_assert(made);
	u8 = btf__add_int(made, "unsigned char", 1, 0);
	u32 = btf__add_int(made, "unsigned int", 4, 0);
	u64 = btf__add_int(made, "long unsigned int", 8, 0);
}

static void teardown(void)
{
	stk_btf_free(b);
	btf__free(made);
	syn_free(m);
	b = NULL;
}

static void provide(uint64_t size)
{
	syn_symbol(m, "__start_BTF", WHERE);
	syn_symbol(m, "__stop_BTF", WHERE + size);
	s = syn_open(m);
	stk_btf_free(b);
	b = stk_btf_new(s);
	syn_assert(b);
}

/* The kernel's section is what was made until now. */
static void load(void)
{
	uint32_t size;
	const void *raw = btf__raw_data(made, &size);

	syn_assert(raw);
	syn_write(m, WHERE, raw, size);
	provide(size);
}

static void size_is(const char *type, uint32_t want)
{
	uint32_t size = ~0u;

	ck_assert_msg(!stk_btf_ops.size(b, type, &size), "%s", type);
	ck_assert_uint_eq(size, want);
}

static void member_is(const char *type, const char *member, uint32_t offset,
		      uint32_t size)
{
	struct stk_member out = { ~0u, ~0u };

	ck_assert_msg(!stk_btf_ops.member(b, type, member, &out), "%s.%s", type, member);
	ck_assert_msg(out.offset == offset && out.size == size, "%s.%s: %u, %u", type,
		      member, out.offset, out.size);
}

static void no_size(const char *type, enum stk_status want)
{
	uint32_t size;

	ck_assert_int_eq(stk_btf_ops.size(b, type, &size), want);
}

static void no_member(const char *type, const char *member, enum stk_status want)
{
	struct stk_member out;

	ck_assert_int_eq(stk_btf_ops.member(b, type, member, &out), want);
}

static void absent(const char *reason)
{
	ck_assert(!stk_btf_present(b, &why));
	ck_assert_str_eq(why, reason);
}

#define FIELD(name, type, bit) syn_assert(!btf__add_field(made, name, type, bit, 0))
#define DAMAGED		       "the kernel's BTF is damaged, or not all in the dump"

START_TEST(members)
{
	int array = btf__add_array(made, u32, u64, 5),
	    open = btf__add_array(made, u32, u64, 0);
	int list = btf__add_struct(made, "list_head", 16), alias, pointer;

	FIELD("next", u64, 0);
	FIELD("prev", u64, 64);
	pointer = btf__add_ptr(made, list);
	alias = btf__add_typedef(made, "list_t", btf__add_const(made, list));
	btf__add_struct(made, "task_struct", 200);
	FIELD("flags", u32, 32);
	FIELD("tasks", alias, 64);
	FIELD("entry", array, 192);
	FIELD("parent", pointer, 512);
	syn_assert(!btf__add_field(made, "in_iowait", u32, 579, 1));
	FIELD("stack", open, 1600);
	btf__add_union(made, "both", 8);
	FIELD("low", u32, 0);
	FIELD("all", u64, 0);
	load();
	ck_assert(stk_btf_present(b, &why));
	size_is("list_head", 16);
	size_is("task_struct", 200);
	size_is("both", 8);
	member_is("list_head", "next", 0, 8);
	member_is("list_head", "prev", 8, 8);
	member_is("task_struct", "flags", 4, 4);
	member_is("task_struct", "tasks", 8, 16);
	member_is("task_struct", "entry", 24, 40);
	member_is("task_struct", "parent", 64, 8);
	member_is("task_struct", "in_iowait", 72, 4);
	member_is("task_struct", "stack", 200, 0);
	member_is("both", "low", 0, 4);
	member_is("both", "all", 0, 8);
	/* No member of a member that has a name; nor anything else that has a size. */
	no_member("task_struct", "next", STK_ERR_NO_TYPE);
	no_member("task_struct", "", STK_ERR_NO_TYPE);
	no_member("none", "next", STK_ERR_NO_TYPE);
	no_size("list_t", STK_ERR_NO_TYPE);
	no_size("unsigned int", STK_ERR_NO_TYPE);
	no_size("", STK_ERR_NO_TYPE);
	no_size("list_hea", STK_ERR_NO_TYPE);
	no_size("list_head2", STK_ERR_NO_TYPE);
}
END_TEST

START_TEST(anonymous_members)
{
	int inner = btf__add_struct(made, "", 12), alias, middle;

	FIELD("a", u32, 0);
	FIELD("b", u32, 64);
	alias = btf__add_typedef(made, "inner_t", inner);
	middle = btf__add_union(made, NULL, 16);
	FIELD("whole", u64, 0);
	FIELD("", alias, 0);
	btf__add_struct(made, "outer", 48);
	FIELD("first", u8, 0);
	FIELD("", middle, 64);
	FIELD("", u32, 256); /* padding */
	FIELD("last", u8, 320);
	load();
	member_is("outer", "whole", 8, 8);
	member_is("outer", "a", 8, 4);
	member_is("outer", "b", 16, 4);
	member_is("outer", "last", 40, 1);
	no_member("outer", "c", STK_ERR_NO_TYPE);
	no_member("outer", "inner_t", STK_ERR_NO_TYPE);
}
END_TEST

/* Eight levels inside of one another, and no more. */
START_TEST(depth)
{
	int id = btf__add_struct(made, NULL, 4), outer;
	char name[24];

	FIELD("deep", u32, 0);
	for (int i = 1; i < 12; i++) {
		snprintf(name, sizeof(name), "level%d", i);
		/* One with a name, to ask, and one without, to go on. */
		btf__add_struct(made, name, 4);
		FIELD("", id, 8);
		outer = btf__add_struct(made, NULL, 4);
		FIELD("", id, 8);
		id = outer;
	}
	load();
	member_is("level1", "deep", 1, 4);
	member_is("level8", "deep", 8, 4);
	no_member("level9", "deep", STK_ERR_NO_TYPE);
}
END_TEST

START_TEST(many_names)
{
	char name[24];

	/* More than any table has room for without two names in one place. */
	for (uint32_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		btf__add_struct(made, name, i + 1);
	}
	/* Of equal names the first one counts, and one that is only declared is none. */
	btf__add_fwd(made, "type_7", BTF_FWD_STRUCT);
	btf__add_fwd(made, "only_declared", BTF_FWD_STRUCT);
	btf__add_struct(made, "type_7", 9999);
	load();
	for (uint32_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		size_is(name, i + 1);
	}
	no_size("type_3000", STK_ERR_NO_TYPE);
	no_size("only_declared", STK_ERR_NO_TYPE);
}
END_TEST

START_TEST(long_names)
{
	char name[600];

	memset(name, 'n', sizeof(name));
	name[511] = '\0';
	btf__add_struct(made, name, 1);
	name[510] = '\0';
	btf__add_struct(made, name, 2);
	load();
	size_is(name, 2);
	name[510] = 'n';
	size_is(name, 1);
	name[509] = '\0';
	no_size(name, STK_ERR_NO_TYPE);
}
END_TEST

START_TEST(none)
{
	m->s = NULL;
	s = syn_open(m);
	b = stk_btf_new(s);
	absent("the kernel has no BTF");
	no_size("task_struct", STK_ERR_NO_TYPE);
	no_member("task_struct", "pid", STK_ERR_NO_TYPE);
	/* It is looked for once. */
	ck_assert_uint_eq(syn_asked(m, "symbol __start_BTF"), 1);
	provide(0);
	absent("the kernel has no BTF");
	provide((256u << 20) + 1);
	absent("the kernel has no BTF");
	provide(256u << 20);
	absent("the kernel's BTF asks for more than types can need: damaged or hostile");
	no_size("task_struct", STK_ERR_LIMIT);
}
END_TEST

START_TEST(damage)
{
	uint32_t size, wild = 0x7fffffff;
	const void *raw;

	btf__add_struct(made, "list_head", 16);
	FIELD("next", u64, 0);
	raw = btf__raw_data(made, &size);
	syn_assert(raw);
	load();
	size_is("list_head", 16);
	/* Another magic; a header that leads behind the end; half of it not in the dump.
	 */
	syn_put8(m, WHERE, 0);
	provide(size);
	absent(DAMAGED);
	no_size("list_head", STK_ERR_NO_TYPE);
	load();
	syn_write(m, WHERE + 12, &wild, 4);
	provide(size);
	absent(DAMAGED);
	load();
	provide(size - 1);
	absent(DAMAGED);
	load();
	syn_fail(m, WHERE, STK_ERR_EXCLUDED);
	absent(DAMAGED);
}
END_TEST

/* A struct of eight anonymous ones, each of eight ...: no one can go all ways. */
START_TEST(hostile_members)
{
	int id = btf__add_struct(made, NULL, 8);

	FIELD("x", u8, 0);
	for (int level = 0; level < 8; level++) {
		int outer = btf__add_struct(made, level < 7 ? NULL : "wide", 8);

		for (int i = 0; i < 20; i++)
			FIELD("", id, 0);
		id = outer;
	}
	load();
	no_member("wide", "none", STK_ERR_CORRUPT);
	member_is("wide", "x", 0, 1);
	size_is("wide", 8);
}
END_TEST

START_TEST(interrupted)
{
	btf__add_struct(made, "list_head", 16);
	load();
	m->interrupt = true;
	ck_assert(!stk_btf_present(b, &why));
	/* That is no answer: the next question gets one. */
	m->interrupt = false;
	stk_question(s);
	ck_assert(stk_btf_present(b, &why));
	size_is("list_head", 16);
}
END_TEST

/* Whatever may be spent: all of the types are there, or nobody says that one is not. */
START_TEST(what_it_costs)
{
	unsigned int whole = 0, cut = 0;
	char name[24];

	for (uint32_t i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		btf__add_struct(made, name, i + 1);
	}
	load();
	for (int bytes = 0; bytes < 2; bytes++)
		for (uint64_t most = 16; most < 1u << 16; most += most / 8) {
			provide(syn_sym(m, "__stop_BTF") - WHERE);
			s->budget.max_bytes = s->budget.bytes = bytes ? most : 1u << 20;
			s->budget.max_steps = s->budget.steps = bytes ? 1u << 20 : most;
			if (stk_btf_present(b, &why)) {
				whole++;
				s->budget.max_steps = 1u << 20;
				stk_question(s);
				size_is("type_199", 200);
				no_size("type_200", STK_ERR_NO_TYPE);
				continue;
			}
			cut++;
			no_size("type_199", STK_ERR_LIMIT);
			no_size("type_200", STK_ERR_LIMIT);
		}
	ck_assert_uint_gt(whole, 10);
	ck_assert_uint_gt(cut, 10);
}
END_TEST

/* It is no fault of a chain that it came to need them first. */
START_TEST(who_pays)
{
	struct stk_purse purse = { 0 };
	struct stk_member out;
	uint64_t left;

	btf__add_struct(made, "list_head", 16);
	FIELD("next", u64, 0);
	load();
	stk_purse_open(&s->budget, &purse, "a chain", 16);
	left = purse.steps;
	ck_assert(stk_btf_present(b, &why));
	ck_assert_uint_eq(purse.steps, left);
	ck_assert_int_eq(stk_btf_ops.member(b, "list_head", "next", &out), STK_OK);
	ck_assert_uint_ge(purse.steps + 2, left);
	stk_purse_close(&s->budget, &purse);
}
END_TEST

static unsigned int prints;

static int count_prints(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	prints++;
	return 0;
}

/* libbpf is silent over damage, and prints as before afterwards. */
START_TEST(printer)
{
	libbpf_print_fn_t before = libbpf_set_print(count_prints);

	btf__add_struct(made, "list_head", 16);
	load();
	ck_assert(stk_btf_present(b, &why));
	syn_put8(m, WHERE, 0);
	provide(1000);
	absent(DAMAGED);
	ck_assert_uint_eq(prints, 0);
	ck_assert(libbpf_set_print(before) == count_prints);
}
END_TEST

static const struct unit_test btf_tests[] = {
	TEST(members),
	TEST(anonymous_members),
	TEST(depth),
	TEST(many_names),
	TEST(long_names),
	TEST(none),
	TEST(damage),
	TEST(hostile_members),
	TEST(interrupted),
	TEST(what_it_costs),
	TEST(who_pays),
	TEST(printer),
	{ 0 },
};

const struct unit_suite suite_btf = {
	"btf",
	{
		{ "btf", btf_tests, setup, teardown },
	},
};
