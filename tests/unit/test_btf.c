/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that types and members are found in a kernel's BTF as a compiler would have
 * them: anonymous members, bitfields, arrays, equal names; that damage, a limit and what
 * is missing are told apart, and that types which contain one another come to an end.
 */
#include "memory.h"
#include "synthetic.h"
#include "suite.h"

#include "base/context.h"
#include "base/hash.h"
#include "kernel/btf.h"
#include "machine/lost.h"

#include <bpf/btf.h>
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
	/* They have no name to be asked by. */
	no_size("", STK_ERR_NO_TYPE);
	no_member("", "whole", STK_ERR_NO_TYPE);
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

/* Each word of the header is judged. */
START_TEST(damaged_header)
{
	static const struct {
		uint32_t at, size, value;
	} row[] = {
		{ 0, 1, 0 },	       { 1, 1, 0 },	      { 2, 1, 0 },
		{ 2, 1, 2 },	       { 4, 4, 20 },	      { 4, 4, 26 },
		{ 8, 4, 2 },	       { 8, 4, 0x7ffffffc },  { 12, 4, 0x7fffffff },
		{ 16, 4, 0x7fffffff }, { 20, 4, 0x7fffffff },
	};
	uint32_t size;

	btf__add_struct(made, "list_head", 16);
	FIELD("next", u64, 0);
	syn_assert(btf__raw_data(made, &size));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		load();
		size_is("list_head", 16);
		syn_write(m, WHERE + row[i].at, &row[i].value, row[i].size);
		provide(size);
		absent(DAMAGED);
	}
	/* There is not even one. */
	load();
	for (uint64_t less = 1; less < 24; less++) {
		provide(less);
		absent(DAMAGED);
	}
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
	no_size("list_head", STK_ERR_INTERRUPTED);
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

/* The section, where its types are, and room for a name of each are paid in advance. */
START_TEST(what_it_keeps)
{
	uint64_t left, size;
	char name[24];

	for (uint32_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		btf__add_struct(made, name, i + 1);
	}
	load();
	size = syn_sym(m, "__stop_BTF") - WHERE;
	left = s->budget.bytes;
	ck_assert(stk_btf_present(b, &why));
	left -= s->budget.bytes;
	ck_assert_uint_ge(left, size + size / 12 * 4 + (4 << stk_hash_bits(3000)));
	/* What is no type is none of that. */
	ck_assert_uint_le(left, size + size / 12 * 4 + 8 + (4 << stk_hash_bits(3100)));
}
END_TEST

/* Where nobody asks for what lies behind, it need not be there; and the names in between.
 */
START_TEST(as_far_as_asked)
{
	struct stk_member out;
	uint32_t size, raw_size;
	char name[24];
	int late;

	btf__add_struct(made, "early", 24);
	FIELD("next", u64, 0);
	for (uint32_t i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		btf__add_struct(made, name, i + 1);
		FIELD("x", u8, 0);
	}
	late = btf__add_struct(made, "late", 48);
	FIELD("y", u64, 8);
	/* A member's type may come long after it. */
	btf__add_struct(made, "uses_later", 8);
	FIELD("p", late + 3, 0);
	btf__add_int(made, "behind", 4, 0);
	btf__add_array(made, u32, u32, 3);
	load();
	btf__raw_data(made, &raw_size);
	/* The types are 24 bytes each: this is one of their pages, about half way. */
	syn_fail(m, (WHERE + 24 * 1000) & ~0xfffull, STK_ERR_EXCLUDED);
	ck_assert(stk_btf_present(b, &why));
	size_is("early", 24);
	member_is("early", "next", 0, 8);
	size_is("type_100", 101);
	no_size("late", STK_ERR_EXCLUDED);
	no_member("late", "y", STK_ERR_EXCLUDED);
	no_size("none", STK_ERR_EXCLUDED);
	no_member("early", "none", STK_ERR_NO_TYPE);
	size_is("type_100", 101);
	/* The page before it was read up to its end. */
	ck_assert(!stk_btf_ops.size(b, "type_500", &size) && size == 501);
	provide(raw_size);
	syn_fail(m, (WHERE + 24 * 1000) & ~0xfffull, STK_OK);
	size_is("late", 48);
	member_is("uses_later", "p", 0, 12);
	ck_assert_int_eq(stk_btf_ops.member(b, "type_1999", "x", &out), STK_OK);
	/* So it is with the names. */
	provide(raw_size);
	syn_fail(m, (WHERE + raw_size - 1) & ~0xfffull, STK_ERR_CUT_OFF);
	size_is("early", 24);
	no_size("late", STK_ERR_CUT_OFF);
	no_size("late", STK_ERR_CUT_OFF);
}
END_TEST

/* The type that comes next is not met yet, though all before it are. */
START_TEST(next_type)
{
	int outer = btf__add_struct(made, "outer", 24), anonymous;

	FIELD("inner", outer + 1, 64);
	btf__add_struct(made, "inner", 16);
	FIELD("word", u64, 64);
	anonymous = btf__add_struct(made, "anonymous", 24);
	FIELD("", anonymous + 1, 64);
	btf__add_struct(made, "", 16);
	FIELD("deep", u64, 64);
	load();
	size_is("outer", 24);
	member_is("outer", "inner", 8, 16);
	size_is("anonymous", 24);
	member_is("anonymous", "deep", 16, 8);
}
END_TEST

/* That there is no memory is no word on the kernel: it is told, and asked again. */
START_TEST(no_memory)
{
	size_t places, nr = 0;

	btf__add_struct(made, "list_head", 16);
	FIELD("next", u64, 0);
	load();
	memory_watch();
	ck_assert(stk_btf_present(b, &why));
	memory_end();
	places = memory_places();
	for (size_t i = 0; i < places; i++) {
		load();
		memory_fail(i, 0);
		/* A page need not be kept. */
		if (!stk_btf_present(b, &why)) {
			ck_assert_str_eq(why, stk_status_text(STK_ERR_NOMEM));
			ck_assert_uint_eq(s->budget.short_of_memory, s->budget.question);
			nr++;
		}
		memory_end();
		ck_assert(stk_btf_present(b, &why));
		ck_assert_ptr_null(why);
		size_is("list_head", 16);
	}
	/* The section, what is known of it, and where its types are. */
	ck_assert_uint_ge(nr, 3);
}
END_TEST

/* What lies where in the section of @made. */
static uint64_t word_at(uint64_t offset)
{
	const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t len, types;
	} * h;
	uint32_t size;

	h = btf__raw_data(made, &size);
	return WHERE + h->len + h->types + offset;
}

/* Each damage is met by whoever comes to it, and by nobody before. */
START_TEST(damaged_types)
{
	/* A type's name, info and size; then its member's name. */
	static const struct {
		unsigned int word;
		uint32_t value;
		bool is_member;
	} row[] = {
		{ 1, 0, false },	     /* no kind */
		{ 1, 20u << 24, false },     /* one that nobody knows */
		{ 1, 31u << 24 | 1, false }, /* the last one that there could be */
		{ 1, (uint32_t)BTF_KIND_STRUCT << 24 | 3,
		  false },		  /* more members than fit */
		{ 0, 0x7fffffff, false }, /* a name behind all names */
		{ 3, 0x7fffffff, true },
	};
	uint32_t size, wild = row[_i].value;
	uint64_t at, lost, phys;

	btf__add_struct(made, "before", 16);
	FIELD("next", u64, 0);
	btf__raw_data(made, &size);
	at = (uint64_t)(btf__type_by_id(made, btf__type_cnt(made) - 1) -
			btf__type_by_id(made, 1)) *
		     sizeof(struct btf_type) +
	     24;
	btf__add_struct(made, "hit", 24);
	FIELD("a", u64, 64);
	load();
	btf__raw_data(made, &size);
	syn_write(m, word_at(at) + row[_i].word * 4, &wild, 4);
	provide(size);
	size_is("before", 16);
	if (row[_i].is_member)
		size_is("hit", 24);
	else
		no_size("hit", STK_ERR_CORRUPT);
	no_member("hit", "a", STK_ERR_CORRUPT);
	/* It is one of the places where the dump is damaged. */
	ck_assert_int_eq(stk_lost_last(s, &lost), STK_ERR_CORRUPT);
	ck_assert(syn_phys(m, WHERE, &phys));
	ck_assert_uint_eq(lost, phys);
	no_size("none", row[_i].is_member ? STK_ERR_NO_TYPE : STK_ERR_CORRUPT);
	size_is("before", 16);
}
END_TEST

/* Types that stand for one another, or for none, have no size, and end. */
START_TEST(without_size)
{
	int loop, func, huge;

	loop = btf__add_typedef(made, "again", (int)btf__type_cnt(made));
	huge = btf__add_array(made, u32, u64, 0x80000000u);
	func = btf__add_func_proto(made, u32);
	syn_assert(!btf__add_func_param(made, "p", u64));
	btf__add_struct(made, "odd", 64);
	FIELD("loop", loop, 0);
	FIELD("func", func, 64);
	FIELD("nothing", 0, 128);
	FIELD("beyond", func + 100, 192);
	FIELD("huge", huge, 256);
	FIELD("", loop, 0);
	FIELD("", 0, 0);
	FIELD("last", u8, 504);
	load();
	member_is("odd", "loop", 0, 0);
	member_is("odd", "func", 8, 0);
	member_is("odd", "nothing", 16, 0);
	member_is("odd", "beyond", 24, 0);
	member_is("odd", "huge", 32, 0);
	member_is("odd", "last", 63, 1);
	no_member("odd", "none", STK_ERR_NO_TYPE);
}
END_TEST

/* A type that another may be of. */
static int any_type(unsigned int *seed)
{
	for (;;) {
		uint32_t id = (uint32_t)rand_r(seed) % btf__type_cnt(made);
		int kind = btf_kind(btf__type_by_id(made, id));

		if (kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
		    kind != BTF_KIND_DECL_TAG)
			return (int)id;
	}
}

/* libbpf reads the same section: of each type and member it says the same. */
START_TEST(as_libbpf)
{
	struct btf *theirs;
	unsigned int seed = 1, asked = 0;
	uint32_t size;
	const void *raw;
	char name[600];

	for (unsigned int i = 0; i < 1500; i++) {
		int any = any_type(&seed);

		snprintf(name, sizeof(name), "name_%u_%0*u", i,
			 i % 50 ? 1 : rand_r(&seed) % 500, i);
		switch (i % 16) {
		case 0:
			btf__add_ptr(made, any);
			break;
		case 1:
			btf__add_array(made, u32, any, rand_r(&seed) % 7);
			break;
		case 2:
			btf__add_enum(made, name, 4);
			syn_assert(!btf__add_enum_value(made, name, i));
			break;
		case 3:
			btf__add_enum64(made, name, 8, false);
			syn_assert(!btf__add_enum64_value(made, name, i));
			syn_assert(!btf__add_enum64_value(made, "also", i));
			break;
		case 4:
			btf__add_typedef(made, name, any);
			break;
		case 5:
			btf__add_volatile(made, any);
			break;
		case 6:
			btf__add_const(made, any);
			break;
		case 7:
			btf__add_restrict(made, any);
			break;
		case 8:
			btf__add_func_proto(made, any);
			syn_assert(!btf__add_func_param(made, name, any));
			break;
		case 9:
			btf__add_func(made, name, BTF_FUNC_STATIC,
				      (int)btf__type_cnt(made) - 1);
			break;
		case 10:
			btf__add_float(made, name, 8);
			break;
		case 11:
			btf__add_type_tag(made, name, any);
			break;
		case 12:
			btf__add_var(made, name, BTF_VAR_STATIC, u32);
			btf__add_decl_tag(made, name, (int)btf__type_cnt(made) - 1, -1);
			btf__add_datasec(made, name, 16);
			syn_assert(!btf__add_datasec_var_info(
				made, (int)btf__type_cnt(made) - 3, 0, 4));
			break;
		default:
			(i & 1 ? btf__add_struct : btf__add_union)(made, name, 512);
			for (int j = 0; j < 6; j++) {
				snprintf(name, sizeof(name), "m_%d", j);
				syn_assert(!btf__add_field(made, name, any,
							   i & 1 ? 8 * (uint32_t)j : 0,
							   i % 5 ? 0 : 3));
				any = any_type(&seed);
			}
		}
	}
	raw = btf__raw_data(made, &size);
	/* No page boundary may matter. */
	syn_write(m, WHERE + 1236, raw, size);
	syn_symbol(m, "__start_BTF", WHERE + 1236);
	syn_symbol(m, "__stop_BTF", WHERE + 1236 + size);
	s = syn_open(m);
	b = stk_btf_new(s);
	theirs = btf__new(raw, size);
	syn_assert(b && theirs);
	for (uint32_t id = 1; id < btf__type_cnt(theirs); id++) {
		const struct btf_type *t = btf__type_by_id(theirs, id);
		const struct btf_member *member = btf_members(t);
		const char *type = btf__name_by_offset(theirs, t->name_off);

		if (!btf_is_composite(t))
			continue;
		size_is(type, t->size);
		for (unsigned int j = 0; j < btf_vlen(t); j++) {
			int64_t bytes = btf__resolve_size(theirs, member[j].type);

			member_is(type, btf__name_by_offset(theirs, member[j].name_off),
				  btf_member_bit_offset(t, j) / 8,
				  bytes > 0 ? (uint32_t)bytes : 0);
			asked++;
		}
	}
	ck_assert_uint_gt(asked, 1000);
	btf__free(theirs);
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
	ck_assert_ptr_eq(s->budget.purse, &purse);
	stk_purse_close(&s->budget, &purse);
}
END_TEST

static const struct unit_test btf_tests[] = {
	TEST(members),	       TEST(anonymous_members),
	TEST(depth),	       TEST(many_names),
	TEST(long_names),      TEST(none),
	TEST(damage),	       TEST(damaged_header),
	TEST(hostile_members), TEST(interrupted),
	TEST(what_it_costs),   TEST(what_it_keeps),
	TEST(as_far_as_asked), TEST(next_type),
	TEST(no_memory),       LOOP(damaged_types, 6),
	TEST(without_size),    TEST(as_libbpf),
	TEST(who_pays),	       { 0 },
};

const struct unit_suite suite_btf = {
	"btf",
	{
		{ "btf", btf_tests, setup, teardown },
	},
};
