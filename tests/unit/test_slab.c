/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a task_struct which no task has is known by its slab page, as each era has
 * that; and that nothing is said of a page whose words do not all agree.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "viewed.h"
#include "words.h"

#include <stackinfo/place.h>
#include <stdlib.h>
#include <string.h>

#define AT     (SYN_DATA + 0x100000) /* free room in the image */
#define CACHE  (AT + 0x100)
#define PAGES  8u
#define STRIDE 0x2100u
#define SIZE   0x20c8u
#define FLAG   9u /* PG_slab */

/* Where the words of a cache are. */
enum { REFCOUNT = 0, STRIDE_AT = 8, SIZE_AT = 16, LEFT = 24, NUM = 32, PAD = 40 };

enum era { FLAGGED, SLAB_TYPE, TYPE_BIT, TYPE_BYTE, MASKED, ALLOCATOR_SLAB, NR_ERAS };

static struct stk *s;
static struct stk_place p;
static uint64_t slab, pfn; /* of the first page */

static uint64_t page(unsigned int i)
{
	return SYN_VMEMMAP + (pfn + i) * 64;
}

static void add_types(enum era era)
{
	syn_size(m, "page", 64);
	syn_member(m, "page.flags", 0, 8);
	syn_member(m, era == MASKED ? "page.compound_info" : "page.compound_head", 8, 8);
	syn_member(m, "page.page_type", 48, 4);
	syn_member(m, era == FLAGGED ? "page.slab_cache" : "slab.slab_cache", 24, 8);
	syn_member(m, "kmem_cache.refcount", REFCOUNT, 4);
	syn_member(m, "kmem_cache.size", STRIDE_AT, 4);
	syn_member(m, "kmem_cache.object_size", SIZE_AT, 4);
	if (era == ALLOCATOR_SLAB) {
		syn_member(m, "slab.s_mem", 40, 8);
		syn_member(m, "kmem_cache.num", NUM, 4);
	} else {
		syn_member(m, "kmem_cache.red_left_pad", LEFT, 4);
	}
}

/* A page that is a slab's: VMCOREINFO has what shows it. */
static void mark_slab(enum era era)
{
	static const struct {
		int32_t told;
		uint32_t type;
	} row[] = {
		[TYPE_BIT] = { ~0x1000, 0xffffefff },
		[TYPE_BYTE] = { -184549376, 0xf5000003 },
		[MASKED] = { -184549376, 0xf5000000 },
	};

	syn_put32(m, page(0) + 48, ~0u);
	if (era == TYPE_BIT || era == TYPE_BYTE || era == MASKED) {
		syn_vmcoreinfo(m, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "%d",
			       row[era].told);
		syn_put32(m, page(0) + 48, row[era].type);
	} else {
		syn_vmcoreinfo(m, "NUMBER(PG_slab)", "%u", FLAG);
		syn_put64(m, page(0), 1ull << FLAG | 0x1000000000000000ull);
	}
}

/* The slab of @at: eight pages, three objects and a rest. */
static void add_slab(enum era era, uint64_t at)
{
	slab = at;
	pfn = (at - SYN_DIRECT) >> 12;
	syn_fill(m, page(0), PAGES * 64, 0);
	for (unsigned int i = 1; i < PAGES; i++)
		syn_put64(m, page(i) + 8, (era == MASKED ? -512ull : page(0)) + 1);
	mark_slab(era);
	syn_symbol(m, "task_struct_cachep", AT);
	syn_put64(m, AT, CACHE);
	syn_put64(m, page(0) + 24, CACHE);
	syn_put32(m, CACHE + REFCOUNT, 1);
	syn_put32(m, CACHE + STRIDE_AT, STRIDE);
	syn_put32(m, CACHE + SIZE_AT, SIZE);
}

static uint64_t eight_pages(void)
{
	uint64_t phys = syn_alloc(m, 2 * PAGES);

	return SYN_DIRECT + ((phys + PAGES * 4096 - 1) & -(PAGES * 4096ull));
}

static void build(enum era era)
{
	fixture_free();
	m = syn_kernel(SYN_6_1);
	syn_fill(m, AT, 0x1000, 0);
	add_types(era);
	/* They are aligned, but only a mask needs that. */
	add_slab(era, eight_pages() + (era == MASKED ? 0 : 4096));
	syn_fill(m, slab, PAGES * 4096, 0);
}

static void setup(void)
{
	build(SLAB_TYPE);
}

static void ask(uint64_t addr)
{
	ck_assert_int_eq(stk_classify(s, addr, &p), STK_OK);
	same_place(s, addr, 0, &p);
}

/* All but what a task has. */
static void expect(uint64_t addr, enum stk_object_state state, uint64_t begin,
		   uint64_t size)
{
	ask(addr);
	ck_assert_msg(p.object.what != NULL, "%#llx", (unsigned long long)addr - slab);
	ck_assert_str_eq(p.object.what, "task_struct");
	ck_assert_int_eq(p.object.state, state);
	ck_assert_uint_eq(p.object.begin - slab, begin);
	ck_assert_uint_eq(p.object.size, size);
	ck_assert(!p.has_task);
	ck_assert_int_eq(p.object.why != NULL, state == STK_OBJECT_LOOSE);
}

static void expect_none(uint64_t addr)
{
	ask(addr);
	ck_assert_msg(!p.object.what, "%#llx", (unsigned long long)addr - slab);
}

START_TEST(each_era)
{
	uint64_t first = 0;

	build((enum era)_i);
	if (_i == ALLOCATOR_SLAB) {
		first = 0x40; /* its colour */
		syn_put64(m, page(0) + 40, slab + first);
		syn_put32(m, CACHE + NUM, 3);
	}
	s = syn_open(m);
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t at = first + i * STRIDE;

		expect(slab + at, STK_OBJECT_LOOSE, at, SIZE);
		expect(slab + at + SIZE - 1, STK_OBJECT_LOOSE, at, SIZE);
		expect(slab + at + SIZE, STK_OBJECT_GAP, at + SIZE, STRIDE - SIZE);
		expect(slab + at + STRIDE - 1, STK_OBJECT_GAP, at + SIZE, STRIDE - SIZE);
	}
	/* The rest is none, though more would fit if there were more pages. */
	expect(slab + first + 3 * STRIDE, STK_OBJECT_GAP, first + 3 * STRIDE,
	       PAGES * 4096 - 3 * STRIDE - first);
	expect(slab + PAGES * 4096 - 1, STK_OBJECT_GAP, first + 3 * STRIDE,
	       PAGES * 4096 - 3 * STRIDE - first);
	if (first)
		expect(slab + first - 1, STK_OBJECT_GAP, 0, first);
	expect_none(slab - 1);
	expect_none(slab + PAGES * 4096);
}
END_TEST

/* CONFIG_SLAB says how many there are, whatever would fit. */
START_TEST(number_of_objects)
{
	build(ALLOCATOR_SLAB);
	syn_put64(m, page(0) + 40, slab);
	syn_put32(m, CACHE + NUM, 2);
	s = syn_open(m);
	expect(slab + STRIDE, STK_OBJECT_LOOSE, STRIDE, SIZE);
	expect(slab + 2 * STRIDE, STK_OBJECT_GAP, 2 * STRIDE, STRIDE);
	/* Debugging puts words before each. */
	syn_member(m, "kmem_cache.obj_offset", PAD, 4);
	syn_put32(m, CACHE + PAD, 8);
	s = syn_open(m);
	expect(slab + STRIDE + 7, STK_OBJECT_GAP, STRIDE, 8);
	expect(slab + STRIDE + 8, STK_OBJECT_LOOSE, STRIDE + 8, SIZE);
}
END_TEST

START_TEST(red_zones)
{
	syn_put32(m, CACHE + LEFT, STRIDE - SIZE);
	s = syn_open(m);
	expect(slab, STK_OBJECT_GAP, 0, STRIDE - SIZE);
	expect(slab + STRIDE - SIZE, STK_OBJECT_LOOSE, STRIDE - SIZE, SIZE);
	expect(slab + STRIDE, STK_OBJECT_GAP, STRIDE, STRIDE - SIZE);
}
END_TEST

/* One word that is not as it must be: nothing is said. */
static const struct {
	uint64_t at; /* of a cache, or with ~: of the first struct page */
	uint64_t value;
} broken[] = {
	{ REFCOUNT, 0 },
	{ REFCOUNT, 2 },
	{ STRIDE_AT, 4096 },
	{ STRIDE_AT, 65537 },
	{ STRIDE_AT, 0 },
	{ SIZE_AT, 0 },
	{ SIZE_AT, STRIDE + 1 },
	{ LEFT, STRIDE - SIZE + 1 },
	{ ~0ull, 0 }, /* no slab */
	{ ~24ull, CACHE + 8 },
	{ ~24ull, 0 },
	{ ~8ull, 0x1001 }, /* the first page is one of others */
};

START_TEST(broken_words)
{
	uint64_t addr = slab + 16;

	s = syn_open(m);
	expect(addr, STK_OBJECT_LOOSE, 0, SIZE);
	if (broken[_i].at < 64)
		syn_put32(m, CACHE + broken[_i].at, (uint32_t)broken[_i].value);
	else
		syn_put64(m, page(0) + ~broken[_i].at, broken[_i].value);
	s = syn_open(m);
	expect_none(addr);
}
END_TEST

/* What is just as large as it may be. */
START_TEST(words_at_the_limit)
{
	syn_put32(m, CACHE + SIZE_AT, STRIDE);
	s = syn_open(m);
	expect(slab + STRIDE, STK_OBJECT_LOOSE, STRIDE, STRIDE);
	syn_put32(m, CACHE + SIZE_AT, 4096);
	syn_put32(m, CACHE + STRIDE_AT, 4097);
	s = syn_open(m);
	expect(slab + 4097, STK_OBJECT_LOOSE, 4097, 4096);
	expect(slab + 4096, STK_OBJECT_GAP, 4096, 1);
	syn_put32(m, CACHE + STRIDE_AT, 65536);
	s = syn_open(m);
	expect(slab + 16, STK_OBJECT_GAP, 0, PAGES * 4096);
	syn_put32(m, CACHE + STRIDE_AT, PAGES * 4096);
	s = syn_open(m);
	expect(slab + 16, STK_OBJECT_LOOSE, 0, 4096);
}
END_TEST

/* Where the first object is: not before the pages, nor a whole one behind their start. */
START_TEST(first_objects)
{
	static const struct {
		int64_t at;
		bool fine;
	} row[] = {
		{ 0, true },	      { 8, true },	 { -8, false },
		{ STRIDE - 1, true }, { STRIDE, false },
	};

	build(ALLOCATOR_SLAB);
	syn_put32(m, CACHE + NUM, 2);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const uint64_t first = (uint64_t)row[i].at;

		syn_put64(m, page(0) + 40, slab + first);
		s = syn_open(m);
		if (row[i].fine)
			expect(slab + first, STK_OBJECT_LOOSE, first, SIZE);
		else
			expect_none(slab + 2 * STRIDE);
	}
}
END_TEST

/*
 * A type is a cleared bit, which may be any below the upper byte, or that byte, below
 * which the page keeps other things.
 */
static const struct {
	int32_t told;
	uint32_t type;
	bool slab;
} types[] = {
	{ ~0x1000, 0xffffefff, true },
	{ ~0x1000, 0xffffeffe, false },
	{ ~0x1000, 0x7fffefff, false },
	{ ~0x1000, 0xffffffff, false },
	{ ~1, 0xfffffffe, true },
	{ ~1, 0xffffffff, false },
	{ (int32_t)0xff800000, 0xff800000, true },
	{ (int32_t)0xff800000, 0xff800001, false },
	{ (int32_t)0xff000001, 0xff000001, true },
	{ (int32_t)0xff000001, 0xff000000, false },
	{ (int32_t)0xf5000000, 0xf5ffffff, true },
	{ (int32_t)0xf5000000, 0xf4000000, false },
	{ (int32_t)0xf5000000, 0x75000000, false },
	{ (int32_t)0xf2000000, 0xf2000001, true },
	{ (int32_t)0xff000000, 0xff000001, true },
	{ (int32_t)0xff000000, 0xfe000000, false },
};

START_TEST(page_types)
{
	build(TYPE_BIT);
	syn_vmcoreinfo(m, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "%d", types[_i].told);
	syn_put32(m, page(0) + 48, types[_i].type);
	s = syn_open(m);
	if (types[_i].slab)
		expect(slab + 16, STK_OBJECT_LOOSE, 0, SIZE);
	else
		expect_none(slab + 16);
}
END_TEST

/* A page whose first one would be elsewhere than before it, whatever is there. */
START_TEST(broken_heads)
{
	static const int64_t shift[] = { 8, -8, 64, 128, -64 * 1023, 1ll << 30 };
	uint64_t addr = slab + 4096 + 16, head;

	s = syn_open(m);
	expect(addr, STK_OBJECT_LOOSE, 0, SIZE);
	for (size_t i = 0; i < sizeof(shift) / sizeof(shift[0]); i++) {
		add_slab(SLAB_TYPE, slab);
		head = page(0) + (uint64_t)shift[i];
		syn_put64(m, head, 1ull << FLAG);
		syn_put64(m, head + 24, CACHE);
		syn_put64(m, head + 8, 0);
		syn_put64(m, page(1) + 8, head + 1);
		s = syn_open(m);
		expect_none(addr);
	}
	/* One of others, which has another first one. */
	add_slab(SLAB_TYPE, slab);
	syn_put64(m, page(0) + 8, page(0) - 64 + 1);
	s = syn_open(m);
	expect_none(addr);
	syn_put64(m, page(1) + 8, 1);
	s = syn_open(m);
	expect_none(addr);
}
END_TEST

static void no_cache(void)
{
	syn_no_symbol(m, "task_struct_cachep");
}

static void null_cache(void)
{
	syn_put64(m, AT, 0);
	syn_put64(m, page(0) + 24, 0);
}

static void no_vmcoreinfo(void)
{
	syn_no_vmcoreinfo(m, "NUMBER(PG_slab)");
}

static void flag_too_far(void)
{
	syn_vmcoreinfo(m, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "x");
	syn_vmcoreinfo(m, "NUMBER(PG_slab)", "%u", 64 + FLAG);
}

static void no_size(void)
{
	syn_no_member(m, "page");
}

/* Then each page has the same struct page: the first of the memory map. */
static void zero_size(void)
{
	syn_size(m, "page", 0);
	syn_fill(m, SYN_VMEMMAP, 64, 0);
}

static void no_memmap(void)
{
	syn_unmap(m, page(0) & ~0xfffull);
}

static void no_refcount(void)
{
	syn_no_member(m, "kmem_cache.refcount");
}

/* Nobody knows which tasks there are. */
static void no_list(void)
{
	syn_no_symbol(m, "init_task");
}

static void (*const missing[])(void) = { no_cache,     null_cache, no_vmcoreinfo,
					 flag_too_far, no_size,	   no_memmap,
					 no_refcount,  no_list,	   zero_size };

START_TEST(missing_facts)
{
	missing[_i]();
	s = syn_open(m);
	expect_none(slab + 16);
}
END_TEST

/* What it still says of its last task is told apart from a task's. */
START_TEST(last_task)
{
	s = syn_open(m);
	ask(slab + 8);
	ck_assert_str_eq(p.object.last_comm, "");
	syn_write(m, slab + STRIDE + syn_off(m, "task_struct.comm"), "gone\x1b", 6);
	syn_put32(m, slab + STRIDE + syn_off(m, "task_struct.pid"), 4711);
	s = syn_open(m);
	expect(slab + STRIDE + 8, STK_OBJECT_LOOSE, STRIDE, SIZE);
	ck_assert_str_eq(p.object.last_comm, "gone?");
	ck_assert_uint_eq(p.object.last_pid, 4711);
	ck_assert_ptr_null(strstr(p.object.why, "lost"));
	expect(slab + STRIDE + SIZE, STK_OBJECT_GAP, STRIDE + SIZE, STRIDE - SIZE);
	ck_assert_str_eq(p.object.last_comm, "");
}
END_TEST

/* A list that breaks may have lost the task. */
START_TEST(damaged_list)
{
	syn_put64(m, m->last_task + syn_off(m, "task_struct.tasks"), 0x1234);
	s = syn_open(m);
	expect(slab + 8, STK_OBJECT_LOOSE, 0, SIZE);
	ck_assert_ptr_nonnull(strstr(p.object.why, "lost"));
}
END_TEST

/* A task's own is that, to the end that the cache knows of. */
START_TEST(of_a_task)
{
	uint64_t task = syn_task(m, "process", 500, 0);

	add_slab(SLAB_TYPE, task);
	s = syn_open(m);
	for (unsigned int i = 0; i < 2; i++) {
		ask(task + (i ? SIZE - 1 : 0));
		ck_assert(p.has_task);
		ck_assert_uint_eq(p.task.pid, 500);
		ck_assert_int_eq(p.object.state, STK_OBJECT_OWNED);
		ck_assert_uint_eq(p.object.begin, task);
	}
	ck_assert_uint_eq(p.object.size, SIZE);
	ask(task + SIZE);
	ck_assert_int_eq(p.object.state, STK_OBJECT_GAP);
}
END_TEST

/* Pages of the image that were freed have no name of the image's any more. */
START_TEST(where_the_image_was)
{
	uint64_t phys;

	ck_assert(syn_phys(m, AT + 0x8000, &phys));
	s = syn_open(m);
	ask(SYN_DIRECT + phys + 8);
	ck_assert(p.name.function && !p.object.what);
	add_slab(SLAB_TYPE, SYN_DIRECT + phys);
	s = syn_open(m);
	expect(slab + 8, STK_OBJECT_LOOSE, 0, SIZE);
	ck_assert_ptr_null(p.name.function);
}
END_TEST

/* ---- every word ---- */

static void tell_objects(FILE *fp)
{
	static const uint64_t at[] = { 0,	   8,	   SIZE - 1,   SIZE,
				       STRIDE - 1, STRIDE, 2 * STRIDE, 3 * STRIDE,
				       0x6fff,	   0x7fff, 0x8000 };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		ask(slab + at[i]);
		if (!p.object.what)
			fputs(" -", fp);
		else
			fprintf(fp, " %lx+%lx%s", (unsigned long)(p.object.begin - slab),
				(unsigned long)p.object.size,
				p.object.state == STK_OBJECT_GAP ? "gap" : "");
	}
}

START_TEST(damaged_words)
{
	build((enum era)_i);
	words_damage("pointer", AT, 1, 8, tell_objects);
	words_damage("cache", CACHE, 12, 4, tell_objects);
	words_damage("page", page(0), 8, 8, tell_objects);
	words_damage("second page", page(1), 4, 8, tell_objects);
	words_damage("last page", page(7), 4, 8, tell_objects);
	golden_expect("words", (const char *const[]){ "slab 0", "slab 1", "slab 2",
						      "slab 3", "slab 4", "slab 5" }[_i]);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(damaged_words, NR_ERAS),
	LOOP(each_era, NR_ERAS),
	TEST(number_of_objects),
	TEST(red_zones),
	LOOP(broken_words, sizeof(broken) / sizeof(broken[0])),
	TEST(words_at_the_limit),
	TEST(first_objects),
	LOOP(page_types, sizeof(types) / sizeof(types[0])),
	TEST(broken_heads),
	LOOP(missing_facts, sizeof(missing) / sizeof(missing[0])),
	TEST(last_task),
	TEST(damaged_list),
	TEST(of_a_task),
	TEST(where_the_image_was),
	{ 0 },
};

const struct unit_suite suite_slab = {
	"slab",
	{ { "slab", tests, setup, NULL } },
};
