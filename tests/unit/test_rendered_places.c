/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is written of an address, of all stacks, of a TSS and of the words of entry
 * code, to the letter: each member of what is known, with and without it, as text and as
 * JSON.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <stackinfo/entry.h>
#include <stackinfo/overview.h>
#include <string.h>

#include "render/entry.h"
#include "render/render.h"
#include "render/x86_tss.h"
#include "report/findings/about_address.h"

#include <json-c/json.h>

static struct stk *s;

static const struct stk_text_options plain, brief = { .brief = true },
					    verbose = { .verbose = true };

/* One that grows to higher addresses, as shadow call stacks do. */
static const struct stk_kind upwards = { "SCS", NULL, 9,
					 STK_KIND_TASK | STK_KIND_GROWS_UP };

static void setup(void)
{
	fixture_task();
	s = syn_open(m);
	golden_setup();
}

/* ---- an address ---- */

#define NOWHERE	   .phys_status = STK_ERR_UNMAPPED
#define AT	   .addr = 0xffffb1c040001230ull
#define ON_STACK   .has_stack = true, .offset_from_end = 0x1000, .bytes_below = 0x230
#define PHYS(dump) .has_phys = true, .phys = 0x1230, .in_dump = (dump)
#define TASK_OF(number, name)                                                            \
	.has_task = true, .task = { .addr = 0xa000, .pid = (number), .comm = (name) }
#define REGION(which, name) .region_kind = STK_REGION_##which, .region = (name)
#define AREA(...)                                                                        \
	.area = { .begin = 0xffffb1c040001000ull,                                        \
		  .end = 0xffffb1c040003000ull,                                          \
		  __VA_ARGS__ }
#define IRQ_STACK                                                                        \
	.stack = { .kind = X86_STACK(IRQ),                                               \
		   .cpu = 1,                                                             \
		   .begin = 0xffffb1c040001000ull,                                       \
		   .end = 0xffffb1c040003000ull,                                         \
		   .mapped = true }
#define TASK_STACK(...)                                                                  \
	.stack = { .kind = X86_STACK(TASK),                                              \
		   .cpu = -1,                                                            \
		   .begin = 0xffffb1c040001000ull,                                       \
		   .end = 0xffffb1c040003000ull,                                         \
		   .mapped = true,                                                       \
		   __VA_ARGS__ }
#define OBJECT(...)                                                                      \
	.object = { .what = "task_struct",                                               \
		    .begin = 0xffffb1c040001000ull,                                      \
		    .size = 0x1800,                                                      \
		    __VA_ARGS__ }

static const struct stk_residue residue = { "last in f()", 0x5000, 0x6000, false },
				user_residue = { "last in user mode", 0, 0x7000, true };

static const struct {
	const char *name;
	struct stk_place place;
} places[] = {
	/* nothing but a region */
	{ "hole", { .addr = 0x10, REGION(HOLE, "page zero"), NOWHERE } },
	{ "hole's part",
	  { .addr = 0x10, REGION(HOLE, "hole"), .detail = "of the map", NOWHERE } },
	{ "first error", { .addr = STK_FIRST_ERROR, REGION(HOLE, "hole"), NOWHERE } },
	{ "below the errors",
	  { .addr = STK_FIRST_ERROR - 1, REGION(HOLE, "hole"), NOWHERE } },
	{ "last error", { .addr = (uint64_t)-1, REGION(HOLE, "hole"), NOWHERE } },
	{ "no error", { .addr = (uint64_t)-1, REGION(OTHER, "other") } },
	{ "user, absent",
	  { .addr = 0x7000,
	    REGION(USER, "user space"),
	    TASK_OF(227, "sh"),
	    .state = STK_STATE_UNMAPPED,
	    NOWHERE } },
	{ "user of nobody", { .addr = 0x7000, REGION(USER, "user space"), PHYS(true) } },
	{ "unmapped",
	  { AT, REGION(VMALLOC, "vmalloc"), TASK_OF(227, "sh"),
	    .state = STK_STATE_UNMAPPED, NOWHERE } },
	{ "excluded table",
	  { AT, REGION(VMALLOC, "vmalloc"), .phys_status = STK_ERR_EXCLUDED } },
	{ "excluded and unmapped",
	  { AT, REGION(VMALLOC, "vmalloc"), .state = STK_STATE_UNMAPPED,
	    .phys_status = STK_ERR_EXCLUDED } },
	{ "lost", { AT, REGION(VMALLOC, "vmalloc"), .phys_status = STK_ERR_IO } },
	{ "bounds",
	  { AT, REGION(DIRECT, "direct map"), .region_first = 0xffff000000000000ull,
	    .region_last = 0xffffffffffffffffull, PHYS(true) } },
	{ "page lost", { AT, REGION(DIRECT, "direct map"), PHYS(false) } },
	{ "about",
	  { AT, REGION(OTHER, "vmemmap"), .about = { "pfn", 0x123 }, PHYS(true) } },
	{ "one alias",
	  { AT, REGION(OTHER, "image"), PHYS(true), .nr_aliases = 1,
	    .aliases = { { "direct map", 0x1111 } } } },
	{ "two aliases",
	  { AT, REGION(OTHER, "image"), PHYS(true), .nr_aliases = 2,
	    .aliases = { { "direct map", 0x1111 }, { "per-CPU", 0x2222 } } } },
	/* names */
	{ "function",
	  { AT, REGION(IMAGE, "kernel image"), .name = { .function = "f", .offset = 5 },
	    PHYS(true) } },
	{ "module's function",
	  { AT, REGION(MODULES, "modules"),
	    .name = { .function = "f", .offset = 0, .module = "mod" }, PHYS(true) } },
	{ "module",
	  { AT, REGION(MODULES, "modules"), .name = { .module = "mod" }, PHYS(true) } },
	{ "module's detail",
	  { AT, REGION(MODULES, "modules"), .name = { .module = "mod" },
	    .detail = "a part", PHYS(true) } },
	{ "per-CPU variable",
	  { AT, REGION(DIRECT, "direct map"), .name = { .function = "v", .offset = 8 },
	    .percpu = true, .percpu_cpu = 2, PHYS(true) } },
	{ "per-CPU area",
	  { AT, REGION(DIRECT, "direct map"), .percpu = true, .percpu_cpu = 0,
	    PHYS(true) } },
	{ "per-CPU area's part",
	  { AT, REGION(DIRECT, "direct map"), .percpu = true, .percpu_cpu = 1,
	    AREA(.what = "part"), PHYS(true) } },
	{ "per-CPU pointer",
	  { AT, REGION(DIRECT, "direct map"), .has_percpu_ptr = true, .percpu_ptr = 0x333,
	    .percpu = true, .percpu_cpu = 1, PHYS(true) } },
	{ "pointer and name",
	  { AT, REGION(DIRECT, "direct map"), .name = { .function = "v" },
	    .has_percpu_ptr = true, .percpu_ptr = 0x333, .percpu_cpu = 1, PHYS(true) } },
	{ "detail of a CPU",
	  { AT, REGION(OTHER, "entry area"), .detail = "GDT", .percpu = true,
	    .percpu_cpu = 1, PHYS(true) } },
	{ "detail and name",
	  { AT, REGION(OTHER, "entry area"), .detail = "GDT", .name = { .function = "v" },
	    .percpu = true, .percpu_cpu = 1, PHYS(true) } },
	{ "detail of all",
	  { AT, REGION(OTHER, "entry area"), .detail = "GDT", PHYS(true) } },
	/* areas */
	{ "area", { AT, REGION(VMALLOC, "vmalloc"), AREA(.what = "vmap"), PHYS(true) } },
	{ "area of the region",
	  { AT, REGION(VMALLOC, "vmalloc"), AREA(.what = "vmalloc"), PHYS(true) } },
	{ "guard of an area",
	  { AT, REGION(VMALLOC, "vmalloc"),
	    AREA(.what = "vmalloc", .guard = 0xffffb1c040002000ull, .in_guard = true),
	    .state = STK_STATE_UNMAPPED } },
	{ "guarded area",
	  { AT, REGION(VMALLOC, "vmalloc"),
	    AREA(.what = "vmalloc", .guard = 0xffffb1c040002000ull), PHYS(true) } },
	{ "mapping of a file",
	  { AT, REGION(USER, "user space"),
	    AREA(.what = "file", .access = "r-xp", .name = "libc"), PHYS(true) } },
	{ "mapping",
	  { AT, REGION(USER, "user space"), AREA(.what = "heap", .access = "rw-p"),
	    PHYS(true) } },
	{ "module's area",
	  { AT, REGION(MODULES, "modules"), AREA(.what = "text", .name = "mod"),
	    PHYS(true) } },
	{ "section",
	  { AT, REGION(IMAGE, "kernel image"), AREA(.what = "rodata"), PHYS(true) } },
	{ "allocated by",
	  { AT, REGION(VMALLOC, "vmalloc"),
	    AREA(.what = "vmalloc", .caller = SYN_TEXT + 0x1444), PHYS(true) } },
	{ "allocated by none",
	  { AT, REGION(VMALLOC, "vmalloc"), AREA(.what = "vmalloc", .caller = 0x1444),
	    PHYS(true) } },
	/* objects */
	{ "object",
	  { AT, REGION(DIRECT, "direct map"), OBJECT(.state = STK_OBJECT_OWNED),
	    TASK_OF(7, "owner"), PHYS(true) } },
	{ "loose object",
	  { AT, REGION(DIRECT, "direct map"),
	    OBJECT(.state = STK_OBJECT_LOOSE, .why = "it is free"), PHYS(true) } },
	{ "object of a past",
	  { AT, REGION(DIRECT, "direct map"),
	    OBJECT(.state = STK_OBJECT_LOOSE, .why = "it is free", .last_pid = 9,
		   .last_comm = "past"),
	    PHYS(true) } },
	{ "untold object",
	  { AT, REGION(DIRECT, "direct map"), OBJECT(.state = STK_OBJECT_LOOSE),
	    PHYS(true) } },
	{ "gap",
	  { AT, REGION(DIRECT, "direct map"), OBJECT(.state = STK_OBJECT_GAP),
	    PHYS(true) } },
	/* stacks */
	{ "IRQ stack",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK, .state = STK_STATE_LIVE,
	    PHYS(true) } },
	{ "with its task",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK, TASK_OF(227, "sh"),
	    .state = STK_STATE_LIVE, .view = "cpu_entry_area", PHYS(true) } },
	{ "task's stack",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, TASK_STACK(.task = 0xa000),
	    TASK_OF(227, "sh"), .state = STK_STATE_STALE, .state_why = "below its sp",
	    PHYS(false) } },
	{ "unknown task's stack",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, TASK_STACK(.task = 0xa000),
	    .state = STK_STATE_STALE, PHYS(true) } },
	{ "residue",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK,
	    .state = STK_STATE_UNUSED, .state_why = "idle", .residue = &residue,
	    PHYS(true) } },
	{ "user's residue",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK,
	    .state = STK_STATE_UNUSED, .residue = &user_residue, PHYS(true) } },
	{ "guard below",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK, .guard = -1,
	    .state = STK_STATE_GUARD, NOWHERE } },
	{ "guard above",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK, .guard = 1,
	    .state = STK_STATE_GUARD, NOWHERE } },
	{ "stack's guards",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK,
	    TASK_STACK(.task = 0xa000, .guard = 0xffffb1c040000000ull,
		       .guard_end = 0xffffb1c040004000ull, .store = 0x5555),
	    AREA(.what = "vmalloc"), .state = STK_STATE_NONE, PHYS(true) } },
	{ "stack with an alias",
	  { AT, REGION(VMALLOC, "vmalloc"), ON_STACK, IRQ_STACK, .state = STK_STATE_LIVE,
	    PHYS(false), .nr_aliases = 1, .aliases = { { "direct map", 0x1111 } } } },
};

#define NR_PLACES (sizeof(places) / sizeof(places[0]))

START_TEST(of_an_address)
{
	for (size_t i = 0; i < NR_PLACES; i++) {
		const struct stk_place *p = &places[i].place;

		golden_head("%s", places[i].name);
		stk_text_place(s, golden, p, &verbose);
		stk_text_place(s, golden, p, &brief);
		stk_text_run(s, golden, p->addr, p->addr + 0x20, p);
		if (!p->has_stack)
			continue;
		/* As long as the stack, nearly so, and where it does not begin there. */
		stk_text_run(s, golden, p->addr, p->addr + 0x2000, p);
		stk_text_run(s, golden, p->addr, p->addr + 0x1fff, p);
		stk_text_run(s, golden, p->addr - 8, p->addr + 8, p);
	}
	stk_text_place(s, golden, &places[0].place, &plain);
	stk_text_place(s, golden, &places[NR_PLACES - 1].place, &plain);
	golden_expect("places", "text");
}
END_TEST

START_TEST(of_an_address_in_json)
{
	for (size_t i = 0; i < NR_PLACES; i++) {
		golden_head("%s", places[i].name);
		golden_json(stk_json_place(s, &places[i].place));
	}
	golden_head("run");
	golden_json(stk_json_run(s, 0x1000, 0x2000, &places[0].place));
	golden_expect("places", "JSON");
}
END_TEST

/* How a finding has it, and where there is little room. */
START_TEST(of_an_address_in_a_finding)
{
	char text[400], small[40];

	for (size_t i = 0; i < NR_PLACES; i++) {
		const struct stk_place *p = &places[i].place;

		golden_head("%s", places[i].name);
		fprintf(golden, "%s\n", stk_about_address(s, p, text, sizeof(text)));
		fprintf(golden, "%s\n", stk_about_address(s, p, small, sizeof(small)));
	}
	golden_expect("places", "finding");
}
END_TEST

/* ---- all stacks ---- */

#define BOUNDS(n, size)                                                                  \
	.begin = 0x10000 * (n), .end = 0x10000 * (n) + (size), .mapped = true
#define ROW_TASK(number, name)                                                           \
	.has_task = true,                                                                \
	.task = { .addr = 0xa000 + (number), .pid = (number), .comm = (name), .cpu = 1 }

static struct stk_row rows[] = {
	{ .stack = { X86_STACK(IRQ), BOUNDS(1, 0x4000) },
	  .cpu = 0,
	  .use = { STK_STATE_LIVE, .sp = 0x13f00, .used = 0x1001, .high_water = 0x2000,
		   .why = "in use" } },
	{ .stack = { X86_STACK(NMI), BOUNDS(2, 0x1000) },
	  .cpu = 0,
	  .use = { STK_STATE_UNUSED } },
	{ .stack = { X86_STACK(DF), BOUNDS(3, 0x1000) },
	  .cpu = 0,
	  .use = { STK_STATE_STALE, .high_water = 0xfff, .overrun = true } },
	{ .stack = { X86_STACK(VC), .begin = 0x40000, .end = 0x41000 },
	  .cpu = 0,
	  .use = { STK_STATE_UNMAPPED } },
	{ .stack = { X86_STACK(IRQ), BOUNDS(5, 0x4000), .cpu = 1 },
	  .cpu = 1,
	  .use = { STK_STATE_LIVE, .sp = 0x53000, .used = 0x4000,
		   .high_water = 0x4000 } },
	{ .stack = { X86_STACK(NMI), BOUNDS(6, 0x1000), .cpu = 1 },
	  .cpu = 1,
	  .use = { STK_STATE_UNUSED } },
	{ .stack = { X86_STACK(NMI), BOUNDS(7, 0x1000), .cpu = 2 },
	  .cpu = 2,
	  .use = { STK_STATE_UNUSED } },
	{ .stack = { X86_STACK(IRQ), BOUNDS(8, 0x1000), .cpu = 3 },
	  .cpu = 3,
	  .use = { STK_STATE_UNUSED } },
	/* those of tasks */
	{ .stack = { X86_STACK(TASK), -1, 0xa0e3, BOUNDS(9, 0x4000) },
	  .cpu = 0,
	  ROW_TASK(227, "sh"),
	  .use = { STK_STATE_LIVE, .sp = 0x93000, .used = 0x100, .high_water = 0x3000 } },
	{ .stack = { X86_STACK(TASK), -1, 0xa001, BOUNDS(10, 0x4000) },
	  .cpu = 1,
	  ROW_TASK(1, "a longer name"),
	  .use = { STK_STATE_LIVE, .sp = 0xa3000, .used = 0x100, .high_water = 0x2000 } },
	{ .stack = { X86_STACK(TASK), -1, 0xb000, BOUNDS(11, 0x4000) },
	  .cpu = -1,
	  .use = { STK_STATE_DEAD, .high_water = 0x100 } },
	{ .stack = { X86_STACK(TASK), 1, BOUNDS(12, 0x4000) },
	  .cpu = 1,
	  .use = { STK_STATE_DEAD } },
	{ .stack = { X86_STACK(TASK), -1, BOUNDS(13, 0x4000) },
	  .cpu = -1,
	  .use = { STK_STATE_DEAD } },
	{ .stack = { &upwards, -1, 0xa0e3, BOUNDS(14, 0x1000) },
	  .cpu = -1,
	  ROW_TASK(227, "sh"),
	  .use = { STK_STATE_LIVE, .sp = 0xe0200, .used = 0x200, .high_water = 0x400 } },
	{ .stack = { X86_STACK(TASK), -1, 0xa0e4, BOUNDS(15, 0x4000) },
	  .cpu = 0,
	  ROW_TASK(228, "found"),
	  .use = { STK_STATE_LIVE, .used = 28 } },
};

#define NR_ROWS	   (sizeof(rows) / sizeof(rows[0]))
#define NR_OF_CPUS 8

static struct stk_segment segment_of(size_t row, struct stk_segment *next,
				     enum stk_how how, uint64_t at)
{
	return (struct stk_segment){ .stack = rows[row].stack,
				     .next = next,
				     .crossing = { .how = how, .at = at } };
}

static struct stk_row *sorted[NR_ROWS];
static struct stk_overview all = { .row = rows,
				   .nr = NR_ROWS,
				   .nr_cpu = NR_OF_CPUS,
				   .by_address = sorted,
				   .cpu_bytes = 123456,
				   .task_bytes = 78901 };

/*
 * CPU 0 came from its task to the IRQ stack and was stopped on the NMI stack; CPU 1 was
 * stopped where it was, below what it overflowed; CPU 2 has no registers; 3 is off.
 */
static void overview_of(void (*print)(const struct stk_overview *o, void *how), void *how)
{
	struct stk_segment task0 = segment_of(8, NULL, STK_HOW_REGS, 0),
			   df0 = segment_of(2, &task0, STK_HOW_ORC, 7),
			   irq0 = segment_of(0, &df0, STK_HOW_LINK, 0x13ff8),
			   stop0 = segment_of(1, NULL, STK_HOW_REGS, 0),
			   stop1b = segment_of(4, NULL, STK_HOW_REGS, 0),
			   stop1 = segment_of(5, &stop1b, STK_HOW_REGS, 0x60f00),
			   nowhere = { .stack = { .cpu = -1 } },
			   over = { .stack = { .cpu = -1 },
				    .over = rows[9].stack,
				    .over_by = 0x18,
				    .next = &nowhere,
				    .crossing = { .how = STK_HOW_REGS, .at = 0x99 } },
			   irq1 = segment_of(4, &over, STK_HOW_REGS, 0x53e00);
	struct stk_chain
		c0 = { .segments = &irq0, .end = STK_END_USER, .end_text = "user mode" },
		s0 = { .segments = &stop0, .end = STK_END_JOINS, .end_text = "joins" },
		s1 = { .segments = &stop1, .end = STK_END_JOINS, .end_text = "joins" },
		c1 = { .segments = &irq1,
		       .end = STK_END_NOT_TEXT,
		       .end_text = "not in code" },
		c3 = { .end = STK_END_USER, .end_text = "user mode" };
	struct stk_passed live[] = {
		{ .cpu = 0, .chain = &c0, .stop = &s0, .stop_regs_at = 0x20f00 },
		{ .cpu = 1, .chain = &c1, .stop = &s1, .stop_regs_at = 0x60f80 },
		{ .cpu = 2 },
		{ .cpu = 3, .chain = &c3 },
	};

	for (size_t i = 0; i < NR_ROWS; i++)
		sorted[i] = &rows[i];
	rows[14].task.found = STK_FOUND_STACK;
	rows[8].task.now = stk_task_states(0);
	all.live = live;
	all.nr_live = 4;
	print(&all, how);
}

static void in_text(const struct stk_overview *o, void *how)
{
	stk_text_overview(golden, o, how);
}

static void in_json(const struct stk_overview *o, void *how)
{
	struct json_object *doc = json_object_new_object();

	stk_json_overview(s, doc, o);
	golden_json(doc);
}

START_TEST(of_all_stacks)
{
	struct stk_text_options no_bounds = { .no_bounds = true }, picture = verbose,
				table = plain;
	struct stk_overview none = { 0 }, no_tasks = all, tasks = all;

	golden_head("table");
	overview_of(in_text, &table);
	golden_head("without bounds");
	overview_of(in_text, &no_bounds);
	golden_head("picture");
	overview_of(in_text, &picture);
	golden_head("none");
	stk_text_overview(golden, &none, &plain);
	stk_text_overview(golden, &none, &verbose);
	golden_head("no tasks");
	no_tasks.nr = 1;
	no_tasks.nr_cpu = 1;
	no_tasks.nr_live = 0;
	stk_text_overview(golden, &no_tasks, &plain);
	golden_head("tasks only");
	tasks.row += 11;
	tasks.nr = 2;
	tasks.nr_cpu = 0;
	tasks.nr_live = 0;
	stk_text_overview(golden, &tasks, &plain);
	stk_text_overview(golden, &tasks, &verbose);
	golden_expect("stacks", "text");
}
END_TEST

START_TEST(of_what_overflowed)
{
	struct stk_segment first = { .over = rows[8].stack, .over_by = 0x10 },
			   last = { .over = rows[9].stack, .over_by = 0x20 };
	struct stk_chain a = { .segments = &first }, b = { .segments = &last };
	struct stk_passed live[] = { { .chain = &a }, { .cpu = 1 }, { .chain = &b } };
	struct stk_overview some = all;
	char *out;
	size_t size;
	FILE *fp = open_memstream(&out, &size);

	some.live = live;
	some.nr_live = 3;
	stk_text_overview(fp, &some, &plain);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(out, ", overflowed by 0x10\n"));
	ck_assert_ptr_nonnull(strstr(out, ", overflowed by 0x20\n"));
	free(out);
}
END_TEST

START_TEST(of_all_stacks_in_json)
{
	struct stk_overview none = { 0 };

	overview_of(in_json, NULL);
	in_json(&none, NULL);
	golden_expect("stacks", "JSON");
}
END_TEST

/* ---- the TSS ---- */

/* What CPU 1 has, and what each of its slots and facts may be. */
static void vary_tss(struct stk_x86_tss *t)
{
	static const struct stk_x86_tss_fact facts[] = {
		{ "GDT", "descriptor", true, 0x1234,
		  "what it means, in words that are many, so many that a line cannot hold all of them",
		  NULL, false, NULL },
		{ "GDT", "limit", false, 0, NULL, "not what it should be", true,
		  "for some reason" },
		{ "IDT", "base", true, 0xffffffffffffffff, NULL,
		  "elsewhere, where it is of no use whatever, and where nobody would look for it at all",
		  false,
		  "since that which was found is not that which was looked for, whatever that may mean to whom" },
		{ "IDT", "entry", true, 0, "none", NULL, false, NULL },
	};

	memcpy(t->fact, facts, sizeof(facts));
	t->nr_facts = 4;
	t->slot[0].readable = false;
	t->slot[1].has_stack = false;
	t->slot[1].meaning = "a value";
	t->slot[2].has_stack = false;
	t->slot[2].meaning = NULL;
	t->slot[3].meaning = "on its way";
	t->slot[3].problem = "not its top";
	t->slot[4].stack.end = t->slot[4].value + 16;
	t->slot[4].stack.guard = t->slot[4].has_phys = 0;
	t->slot[4].stack.store = 0;
	t->slot[4].problem = "not its top";
	t->slot[4].evidence = "confirmed";
	t->slot[5].has_phys = false;
	t->slot[5].stack.guard = 0;
	t->slot[6].stack.store = 0;
	t->slot[6].stack.guard = 0x1000;
	t->slot[6].has_phys = false;
	t->slot[6].in_flight = true;
}

START_TEST(of_a_tss)
{
	struct stk_x86_tss t;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
		if (i)
			vary_tss(&t);
		if (i == 2) {
			t.online = false;
			t.never_up = t.alias_checked = true;
			t.alias_same = false;
			t.alias = 0;
			t.has_phys = false;
			t.slot[0] = t.slot[3];
			t.slot[0].nr_users = 2;
			t.slot[0].users[0] =
				(struct stk_x86_ist_user){ 2, syn_sym(m, "asm_exc_nmi") };
			t.slot[0].users[1] = (struct stk_x86_ist_user){ 3, 0x5000 };
			t.slot[0].meaning = NULL;
		}
		golden_head("%s", i ? i == 1 ? "varied" : "offline" : "as it is");
		stk_x86_text_tss(s, golden, &t, &plain);
		stk_x86_text_tss(s, golden, &t, &verbose);
		golden_json(stk_x86_json_tss(s, &t));
	}
	golden_expect("stacks", "TSS");
}
END_TEST

/* ---- the words of entry code ---- */

#define WORD_STACK                                                                       \
	.has_stack = true, .stack = { X86_STACK(IRQ), .cpu = 1, .begin = 0x1000,         \
				      .end = 0x5000, .mapped = true }

static struct stk_entry_words words = {
	.nr = 12,
	.word = {
		{ .name = "unreadable" },
		{ .name = "plain", .readable = true, .value = 0 },
		{ .name = "code", .readable = true, .value = 5, .is_code = true, .code = { .function = "f", .offset = 3, .module = "mod" } },
		{ .name = "unknown code", .readable = true, .value = 6, .is_code = true },
		{ .name = "no code", .readable = true, .value = 7, .code = { .function = "f" }, .meaning = "none" },
		{ .name = "task", .readable = true, .value = 8, .is_task = true, .has_task = true, .task = { .addr = 8, .pid = 227, .comm = "sh" } },
		{ .name = "live", .readable = true, .value = 9, WORD_STACK, .use = { STK_STATE_LIVE, .sp = 0x4000, .used = 0x1000, .why = "it says so" }, .has_phys = true, .phys = 0x77000 },
		{ .name = "live, not used", .readable = true, .value = 10, WORD_STACK, .use = { STK_STATE_LIVE }, .meaning = "more" },
		{ .name = "idle", .readable = true, .value = 11, WORD_STACK, .use = { STK_STATE_STALE, .used = 5 }, .problem = "this is not what it should be; it ought to be something else, and is not, as one can see" },
		{ .name = "unused", .readable = true, .value = 12, .is_code = true, .code = { .function = "g" }, WORD_STACK, .use = { STK_STATE_UNUSED, .why = "all is zero" }, .meaning = "a clause that is so long that it has to go on below, where there is room for it", .problem = "in a switch", .in_flight = true },
		{ .name = "detail", .readable = true, .value = 13, .detail = true },
		{ .name = "odd detail", .readable = true, .value = 14, .detail = true, .problem = "odd" },
	},
};

START_TEST(of_entry_words)
{
	for (int i = 0; i < 4; i++) {
		words.cpu = i - 1;
		words.online = i == 2;
		words.stopped =
			i == 3 ? "it was between two instructions of the entry code, where it had switched one of the registers but not the other"
			       : NULL;
		words.word[6].stack.guard = i ? 0x800 : 0;
		golden_head("CPU %d", i - 1);
		stk_text_entry(s, golden, &words, i == 1 ? &verbose : &plain);
		if (i % 2 == 0)
			golden_json(stk_json_entry(s, &words));
	}
	golden_expect("stacks", "entry");
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(of_an_address),
	TEST(of_an_address_in_json),
	TEST(of_an_address_in_a_finding),
	TEST(of_all_stacks),
	TEST(of_what_overflowed),
	TEST(of_all_stacks_in_json),
	TEST(of_a_tss),
	TEST(of_entry_words),
	{ 0 },
};

const struct unit_suite suite_rendered_places = {
	"rendered_places",
	{
		{ "rendered_places", t_tests, setup, golden_teardown },
	},
};
