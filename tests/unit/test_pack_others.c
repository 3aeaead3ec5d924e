/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a small dump has what crash(8) and drgn begin with: variables as far as
 * they reach, each CPU's note, the roots of the sections of memory, however many there
 * may be, the tree of PIDs with their numbers, and what is read of a task at a piece.
 */
#include "crowd.h"
#include "golden.h"
#include "logged.h"
#include "suite.h"

#include <sys/resource.h>

#include "cli/pack.h"
#include "machine/memory.h"
#include "machine/watch.h"
#include "memory.h"

#define ROOM	 0xffffffff81900000ull /* where the tests put what is read */
#define PID_NS	 ROOM
#define NODES	 (ROOM + 0x1000)
#define VARIABLE (SYN_DATA + 0xc000)
#define PIDS	 (ROOM + 0x4000)
#define ROOTS	 (ROOM + 0x8000)

static struct stk_words *words;
static struct stk_watch watch;

static void setup(void)
{
	fixture_task();
	syn_fill(m, ROOM, 0x20000, 0);
	words = stk_words_new();
	watch = (struct stk_watch){ .record = words };
}

static void teardown(void)
{
	stk_words_free(words);
}

static void read_for_others(void)
{
	struct stk *s = syn_open(m);

	s->watch = &watch;
	pack_read_for_others(s);
	s->watch = NULL;
}

static const struct stk_words_page *page_of(uint64_t addr)
{
	uint64_t phys;

	ck_assert(syn_phys(m, addr, &phys));
	for (size_t i = 0; i < stk_words_nr(words); i++)
		if (stk_words_page(words, i)->pfn == phys >> STK_WORDS_PAGE_SHIFT)
			return stk_words_page(words, i);
	return NULL;
}

/* How many of the words from @addr to @end were read. */
static unsigned int words_read(uint64_t addr, uint64_t end)
{
	unsigned int nr = 0;

	for (; addr < end; addr += 8) {
		const struct stk_words_page *page = page_of(addr);
		const uint64_t i = addr % 4096 / 8;

		nr += page && (page->has[i / 64] >> i % 64 & 1);
	}
	return nr;
}

static const char *const variables[] = {
	"init_mm", "mt_slots", "mt_pivots", "tk_core", "__cpu_active_mask",
};

/* As far as the next symbol. */
START_TEST(a_variable_is_whole)
{
	syn_fill(m, VARIABLE, 0x1000, 0);
	syn_symbol(m, variables[_i], VARIABLE + 0x40);
	syn_symbol(m, "what_is_behind_it", VARIABLE + 0x140);
	syn_use_kallsyms(m);
	read_for_others();
	ck_assert_uint_eq(words_read(VARIABLE, VARIABLE + 0x40), 0);
	ck_assert_uint_eq(words_read(VARIABLE + 0x40, VARIABLE + 0x140), 32);
	ck_assert_uint_eq(words_read(VARIABLE + 0x140, VARIABLE + 0x1000), 0);
}
END_TEST

/* The variable points to them; a note is no longer than that. */
START_TEST(notes_of_each_cpu)
{
	const uint64_t at = syn_get64(m, syn_sym(m, "crash_notes"));

	read_for_others();
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		ck_assert_uint_eq(
			words_read(SYN_PERCPU(cpu) + at, SYN_PERCPU(cpu) + at + 512), 64);
		ck_assert_uint_eq(words_read(SYN_PERCPU(cpu) + at + 512,
					     SYN_PERCPU(cpu) + at + 520),
				  0);
	}
	ck_assert_uint_eq(
		words_read(syn_sym(m, "crash_notes"), syn_sym(m, "crash_notes") + 8), 1);
}
END_TEST

static void add_sections(uint64_t nr)
{
	syn_symbol(m, "mem_section", ROOM);
	syn_put64(m, ROOM, ROOTS);
	syn_put64(m, ROOTS, ROOM + 0x10000);
	syn_put64(m, ROOTS + 8 * 600, ROOM + 0x11000);
	syn_put64(m, ROOTS + 8 * 1540, ROOM + 0x12000);
	syn_put64(m, ROOTS + 8 * 1541, ROOM + 0x13000);
	syn_vmcoreinfo(m, "LENGTH(mem_section)", "%llu", (unsigned long long)nr);
}

START_TEST(roots_of_sections)
{
	add_sections(1541);
	read_for_others();
	ck_assert_uint_eq(words_read(ROOTS, ROOTS + 8 * 1541), 1541);
	ck_assert_uint_eq(words_read(ROOTS + 8 * 1541, ROOTS + 8 * 2048), 0);
	ck_assert_uint_eq(words_read(ROOM + 0x10000, ROOM + 0x13000), 3 * 512);
	ck_assert_ptr_null(page_of(ROOM + 0x13000));
}
END_TEST

/* riscv64 has 4 million; most of the table may be missing. */
START_TEST(as_many_roots_as_there_are)
{
	add_sections(1u << 22);
	read_for_others();
	ck_assert_uint_eq(words_read(ROOM + 0x10000, ROOM + 0x14000), 4 * 512);
}
END_TEST

START_TEST(no_number_of_roots)
{
	add_sections((1u << 22) + 1);
	read_for_others();
	ck_assert_uint_eq(words_read(ROOTS, ROOTS + 0x1000), 0);
}
END_TEST

#define PID_SIZE  0x60u
#define UPID_SIZE 0x10u

static void add_pids(bool radix)
{
	const uint64_t mark = radix ? 1 : 2;

	syn_symbol(m, "init_pid_ns", PID_NS);
	syn_size(m, "pid", PID_SIZE);
	syn_member(m, "pid_namespace.idr", 16, 32);
	syn_member(m, "idr.idr_rt", 0, 16);
	syn_member(m, radix ? "radix_tree_root.rnode" : "xarray.xa_head", 8, 8);
	syn_size(m, radix ? "radix_tree_node" : "xa_node", 0x240);
	syn_member(m, radix ? "radix_tree_node.slots" : "xa_node.slots", 40, 512);
	syn_put64(m, PID_NS + 16 + 8, NODES | mark);
	syn_put64(m, NODES + 40 + 8, (NODES + 0x400) | mark);
	syn_put64(m, NODES + 0x400 + 40 + 504, PIDS);
	/* A tree that leads back to where it begins, and to nowhere. */
	syn_put64(m, NODES + 0x400 + 40, NODES | mark);
	syn_put64(m, NODES + 40 + 16, 0x4141414141414140ull | mark);
}

/* Numbers are behind a pid since 6.5, and part of it before. */
START_TEST(pids_and_their_numbers)
{
	const bool with_numbers = _i & 2;

	add_pids(_i & 1);
	syn_no_member(m, "upid");
	if (with_numbers)
		syn_size(m, "upid", UPID_SIZE);
	read_for_others();
	ck_assert_uint_eq(words_read(NODES, NODES + 0x240), 0x240 / 8);
	ck_assert_uint_eq(words_read(NODES + 0x400, NODES + 0x640), 0x240 / 8);
	ck_assert_uint_eq(words_read(PIDS, PIDS + PID_SIZE), PID_SIZE / 8);
	ck_assert_uint_eq(words_read(PIDS + PID_SIZE, PIDS + 0x200),
			  with_numbers ? UPID_SIZE / 8 : 0);
}
END_TEST

/* All of a task's pages, and those of its memory; not a word more than ps asks. */
START_TEST(tasks_at_a_piece)
{
	const uint64_t mm = ROOM + 0xf80;

	syn_member(m, "task_struct.active_mm", 0x7f8, 8);
	syn_size(m, "mm_struct", 0x400);
	syn_member(m, "mm_struct.total_vm", 0x20, 8);
	syn_member(m, "mm_struct.rss_stat", 0x100, 32);
	syn_put64(m, sh + 0x7f8, mm);
	read_for_others();
	ck_assert_uint_eq(words_read(mm, mm + 0x400), 5);
	ck_assert_uint_eq(words_read(mm + 0x20, mm + 0x28), 1);
	ck_assert_ptr_nonnull(page_of(mm));
	ck_assert_ptr_nonnull(page_of(mm + 0x100));
	ck_assert_ptr_nonnull(page_of(sh));
	ck_assert_ptr_nonnull(page_of(sh + 0x17ff));
}
END_TEST

/* ---- each kind of variable ---- */

#define STRINGS (ROOM + 0x1000)

static bool was_read(uint64_t addr)
{
	return words_read(addr & ~7ull, (addr & ~7ull) + 8);
}

/* @symbol has 64 bytes; behind them another one begins. */
static void add_variable(const char *symbol)
{
	syn_fill(m, VARIABLE, 0x1000, 0);
	syn_symbol(m, symbol, VARIABLE);
	syn_symbol(m, "what_is_behind_it", VARIABLE + 64);
	syn_use_kallsyms(m);
}

static const struct {
	const char *symbol;
	bool names;
} named[] = {
	{ "taint_flags", true },	 { "pageflag_names", true },
	{ "task_state_array", true },	 { "pv_info", true },
	{ "saved_command_line", false }, { "init_mm", false },
	{ "mem_section", false },
};

/* The kernel's words lead to them, from the first to the last; a user's do not. */
START_TEST(names_are_read_where_they_are_wanted)
{
	const bool names = named[_i].names;

	add_variable(named[_i].symbol);
	for (unsigned int i = 0; i < 9; i++)
		syn_put64(m, VARIABLE + 8 * i, STRINGS + 0x100 * i);
	syn_put64(m, VARIABLE + 8, 0x7000);
	syn_write(m, 0x7000, "of a user", 10);
	read_for_others();
	ck_assert_uint_eq(words_read(VARIABLE, VARIABLE + 0x100), 8);
	ck_assert(was_read(STRINGS) == names);
	ck_assert(was_read(STRINGS + 0x700) == names);
	ck_assert(!was_read(STRINGS + 0x800));
	ck_assert_ptr_null(page_of(0x7000));
}
END_TEST

/* Of one that has no end. */
START_TEST(a_variable_is_not_too_large)
{
	const uint64_t at = SYN_DATA + 0x110000;

	syn_fill(m, at, 0x22000, 0);
	syn_symbol(m, "tk_core", at);
	syn_symbol(m, "what_is_behind_it", at + 0x21000);
	syn_use_kallsyms(m);
	read_for_others();
	ck_assert_uint_eq(words_read(at, at + 0x22000), 0x20000 / 8);
}
END_TEST

static const struct {
	const char *symbol, *type;
	uint32_t size, nr_words;
	bool known;
} each_cpu[] = {
	{ "runqueues", "rq", 0x120, 0x24, true },
	{ "runqueues", "rq", 0x120, 0, false },
	{ "cpu_number", NULL, 0, 1, true },
};

START_TEST(each_cpu_has_its_own)
{
	const uint64_t at = 0x2e000;

	syn_no_member(m, "rq");
	if (each_cpu[_i].type && each_cpu[_i].known)
		syn_size(m, each_cpu[_i].type, each_cpu[_i].size);
	syn_no_symbol(m, each_cpu[_i].symbol);
	syn_symbol(m, each_cpu[_i].symbol, at);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		syn_fill(m, SYN_PERCPU(cpu) + at, 0x1000, 0);
	read_for_others();
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		uint64_t begin = SYN_PERCPU(cpu) + at;

		ck_assert_uint_eq(words_read(begin, begin + 0x1000),
				  each_cpu[_i].nr_words);
	}
}
END_TEST

/* It is no offset of a CPU's. */
START_TEST(what_a_pointer_points_to)
{
	const uint64_t other = ROOM + 0x3000, at = other - SYN_PERCPU(0);

	add_variable("kmem_cache");
	syn_size(m, "kmem_cache", 0x98);
	syn_put64(m, VARIABLE, _i ? at : ROOM + 0x2000);
	read_for_others();
	ck_assert_uint_eq(words_read(VARIABLE, VARIABLE + 0x100), 8);
	ck_assert_uint_eq(words_read(ROOM + 0x2000, ROOM + 0x3000), _i ? 0 : 0x98 / 8);
	ck_assert_uint_eq(words_read(other, other + 0x1000), 0);
}
END_TEST

/* ---- modules, and tables that are whole ---- */

START_TEST(a_module_is_described)
{
	const uint64_t mod = syn_module(m, "disk", SYN_MODULE, "disk_wait");
	const bool known = _i;
	uint32_t size = 0;

	syn_no_member(m, "module");
	if (known)
		syn_size(m, "module", size = 0x300);
	(void)mod;
	read_for_others();
	ck_assert_uint_ge(words_read(SYN_MODULE + 0x2000, SYN_MODULE + 0x3000), size / 8);
	/* Of its code nothing is read, but it is there. */
	ck_assert_uint_eq(words_read(SYN_MODULE, SYN_MODULE + 0x1000), 0);
	ck_assert(!page_of(SYN_MODULE) == !known);
	ck_assert(!page_of(SYN_MODULE + 0x1000) == !known);
}
END_TEST

/* ---- the tree of PIDs ---- */

/* No pointer of the tree: other marks, a word behind the slots. */
START_TEST(no_other_words_are_followed)
{
	const bool radix = _i & 1;
	const uint64_t mark = radix ? 1 : 2, other = radix ? 2 : 1;

	add_pids(radix);
	syn_no_member(m, "upid");
	syn_put64(m, NODES + 40 + 24, (ROOM + 0x9000) | other);
	syn_put64(m, NODES + 40 + 32, (ROOM + 0xa000) | 3);
	syn_put64(m, NODES + 40 + 512, ROOM + 0xb000);
	syn_put64(m, NODES + 32, ROOM + 0xc000);
	syn_put64(m, NODES + 40 + 40, ROOM + 0xd000);
	syn_put64(m, NODES + 40 + 48, (ROOM + 0xe000) | mark);
	read_for_others();
	ck_assert_ptr_null(page_of(ROOM + 0x9000));
	ck_assert_ptr_null(page_of(ROOM + 0xa000));
	ck_assert_ptr_null(page_of(ROOM + 0xb000));
	ck_assert_ptr_null(page_of(ROOM + 0xc000));
	ck_assert_uint_eq(words_read(ROOM + 0xd000, ROOM + 0xe000), PID_SIZE / 8);
	ck_assert_uint_eq(words_read(ROOM + 0xe000, ROOM + 0xf000), 0x240 / 8);
}
END_TEST

/* Seven levels in a row: the last is deeper than a tree can be. */
START_TEST(a_tree_is_not_too_deep)
{
	add_pids(false);
	syn_no_member(m, "upid");
	for (unsigned int i = 0; i < 8; i++)
		syn_put64(m, ROOM + 0x9000 + 0x1000 * i + 40,
			  (ROOM + 0xa000 + 0x1000 * i) | 2);
	syn_put64(m, PID_NS + 16 + 8, (ROOM + 0x9000) | 2);
	read_for_others();
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_uint_eq(words_read(ROOM + 0x9000 + 0x1000 * i,
					     ROOM + 0xa000 + 0x1000 * i),
				  i < 6 ? 0x240 / 8 : 0);
}
END_TEST

/* The root lies behind the namespace's and the tree's own members; it has a mark. */
START_TEST(the_root_of_pids)
{
	add_pids(false);
	syn_no_member(m, "idr.idr_rt");
	syn_no_member(m, "upid");
	syn_member(m, "idr.idr_rt", 8, 16);
	syn_put64(m, PID_NS + 16 + 8, 0);
	syn_put64(m, PID_NS + 16 + 8 + 8, _i ? NODES : NODES | 2);
	read_for_others();
	ck_assert_uint_eq(words_read(NODES, NODES + 0x240), _i ? 0 : 0x240 / 8);
	ck_assert_uint_eq(words_read(PIDS, PIDS + PID_SIZE), _i ? 0 : PID_SIZE / 8);
}
END_TEST

/* ---- tasks ---- */

static const struct {
	uint32_t size; /* as the kernel says */
	bool taken;
} task_sizes[] = {
	{ 0, false },	   { 0x1000, false },  { 0x1800, false },     { 0x2800, true },
	{ 0x1ffff, true }, { 0x20000, false }, { 0xffffffff, false },
};

/* Less than 128 KiB, and more than its type has. */
START_TEST(a_task_is_as_large_as_it_says)
{
	const uint32_t size = task_sizes[_i].size,
		       taken = task_sizes[_i].taken ? size : 0x1800;

	/* It is the last one: no other task lies behind it. */
	syn_fill(m, sh + 0x1800, 0x24000, 0);
	syn_size(m, "mm_struct", 0x400);
	syn_symbol(m, "arch_task_struct_size", VARIABLE);
	syn_fill(m, VARIABLE, 0x1000, 0);
	syn_put32(m, VARIABLE, size);
	syn_put32(m, VARIABLE + 4, 1);
	read_for_others();
	ck_assert_ptr_nonnull(page_of(sh + taken - 1));
	ck_assert_ptr_null(page_of(sh + taken + 0xfff));
}
END_TEST

/* All pages of its memory's description; none of what is no kernel's address. */
START_TEST(the_memory_of_a_task)
{
	const uint64_t mm = _i ? 0x10000 : ROOM + 0xe80;

	syn_fill(m, mm & ~0xfffull, 0x5000, 0);
	syn_member(m, "task_struct.active_mm", 0x7f8, 8);
	syn_size(m, "mm_struct", 0x2400);
	syn_put64(m, sh + 0x7f8, mm);
	read_for_others();
	for (unsigned int i = 0; i < 5; i++)
		ck_assert(!page_of((mm & ~0xfffull) + 0x1000 * i) == (_i || i == 4));
}
END_TEST

/* ---- the log ---- */

static const struct {
	const char *size; /* of the ring's description */
	bool left_out, has_symbol;
	uint32_t nr_words;
} rings[] = {
	{ "88", false, true, 11 },	   { "16", false, true, 2 },
	{ "131071", false, true, 0x4000 }, { "131072", false, true, 0 },
	{ "88", true, true, 0 },	   { "88", false, false, 0 },
	{ NULL, false, true, 0 },
};

START_TEST(the_ring_of_the_log)
{
	const uint64_t at = ROOM + 0x300000;
	unsigned int nr;

	syn_fill(m, VARIABLE, 0x1000, 0);
	syn_fill(m, at, 0x21000, 0);
	syn_put64(m, VARIABLE + 0xab0, at);
	if (rings[_i].has_symbol)
		syn_vmcoreinfo(m, "SYMBOL(prb)", "%llx",
			       (unsigned long long)VARIABLE + 0xab0);
	if (rings[_i].size)
		syn_vmcoreinfo(m, "SIZE(printk_ringbuffer)", "%s", rings[_i].size);
	if (rings[_i].left_out)
		syn_vmcoreinfo(m, "STACKINFO_NO_LOG", "1");
	read_for_others();
	nr = words_read(at, at + 0x21000);
	ck_assert_uint_eq(nr, rings[_i].nr_words);
}
END_TEST

/* Of each CPU: what was said where it could not be printed. */
START_TEST(what_could_not_be_said)
{
	static const char *const unsaid[] = { "safe_print_seq", "nmi_print_seq" };
	const uint64_t at = 0x2e000;
	const bool known = _i < 2;

	syn_symbol(m, unsaid[_i % 2], at);
	if (known)
		syn_size(m, "printk_safe_seq_buf", 0x200);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		syn_fill(m, SYN_PERCPU(cpu) + at, 0x1000, 0);
	read_for_others();
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		ck_assert_uint_eq(
			words_read(SYN_PERCPU(cpu) + at, SYN_PERCPU(cpu) + at + 0x1000),
			known ? 0x200 / 8 : 0);
}
END_TEST

/* ---- what a page is of ---- */

static const struct {
	const char *what, *part;
} parts[] = {
	{ "the kernel's symbols", "symbols" },
	{ "the modules' symbols", "symbols" },
	{ "the kernel's types", "types" },
	{ "the members of a type", "types" },
	{ "the log", "log" },
	{ "the list of tasks", "tasks" },
	{ "the tasks' PIDs", "tasks" },
	{ "stacks without a task", "tasks" },
	{ "the list of modules", "modules" },
	{ "the list of vmalloc areas", "memory maps" },
	{ "the lists of per-CPU chunks", "memory maps" },
	{ "the mappings of processes", "memory maps" },
	{ "the lists of code made at run time", "memory maps" },
	{ "something else", "other data" },
	{ NULL, "other data" },
};

/* A stack or code is that, whoever read it; without an address it is a page table. */
START_TEST(a_page_is_of_a_part)
{
	struct stk *s = syn_open(m);
	struct stk_words_page page = { .virt = SYN_DATA + 0x100, .what = parts[_i].what };

	ck_assert_str_eq(pack_part_name(pack_part(s, &page)), parts[_i].part);
	page.virt = 0;
	ck_assert_str_eq(pack_part_name(pack_part(s, &page)), "page tables");
	page.virt = syn_stack(m, sh) + 0x100;
	ck_assert_str_eq(pack_part_name(pack_part(s, &page)), "stacks");
	page.virt = SYN_TEXT + 0x100;
	ck_assert_str_eq(pack_part_name(pack_part(s, &page)), "code");
}
END_TEST

START_TEST(parts_have_names)
{
	static const char *const names[] = {
		"stacks", "code",    "symbols",	    "types",	   "log",
		"tasks",  "modules", "memory maps", "page tables", "other data",
	};
	const size_t nr = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < nr; i++)
		ck_assert_pstr_eq(pack_part_name(i), names[i]);
	ck_assert_ptr_null(pack_part_name(nr));
	ck_assert_ptr_null(pack_part_name(nr + 1));
}
END_TEST

/* ---- ranges ---- */

static const struct {
	uint64_t begin, end;	/* from ROOM on */
	unsigned int first, nr; /* pages that are there then */
} ranges[] = {
	{ 0x1000, 0x2000, 1, 1 }, { 0x1000, 0x2001, 1, 2 }, { 0x1fff, 0x2000, 1, 1 },
	{ 0x1fff, 0x2001, 1, 2 }, { 0x1000, 0x1000, 1, 0 }, { 0x1800, 0x1800, 1, 1 },
	{ 0x1001, 0x4000, 1, 3 },
};

/* Their pages are there, with nothing in them; what is not mapped is no loss. */
START_TEST(a_range_is_there)
{
	struct stk *s = syn_open(m);

	s->watch = &watch;
	pack_have(s, ROOM + ranges[_i].begin, ROOM + ranges[_i].end);
	pack_have(s, 0xffffffff70000000ull, 0xffffffff70002000ull);
	s->watch = NULL;
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_msg(!page_of(ROOM + 0x1000 * i) ==
				      !(i >= ranges[_i].first &&
					i < ranges[_i].first + ranges[_i].nr),
			      "page %u", i);
	ck_assert_uint_eq(words_read(ROOM, ROOM + 0x8000), 0);
}
END_TEST

static const struct {
	uint64_t at, len, nr_words;
} touches[] = {
	{ 0x1000, 0, 0 },	   { 0x1000, 1, 1 },	{ 0x1007, 2, 2 },
	{ 0x1000, 256, 32 },	   { 0x1000, 257, 33 }, { 0x1ff8, 8, 1 },
	{ 0x1ff8, 9, 2 },	   { 0x1f80, 256, 32 }, { 0x1000, 0x3000, 0x600 },
	{ 0x1004, 0x2000, 0x401 },
};

/* As far as it is there: a page that is missing does not hide the next. */
START_TEST(all_of_it_is_touched)
{
	const uint64_t begin = ROOM + touches[_i].at;
	struct stk *s = syn_open(m);

	s->watch = &watch;
	pack_touch(s, begin, touches[_i].len);
	s->watch = NULL;
	ck_assert_uint_eq(words_read(ROOM, ROOM + 0x8000), touches[_i].nr_words);
	if (touches[_i].nr_words)
		ck_assert_uint_eq(
			words_read(begin & ~7ull, (begin + touches[_i].len + 7) & ~7ull),
			touches[_i].nr_words);
}
END_TEST

/* ---- all of it ---- */

static void on_error(struct stk_command *cmd, const char *text)
{
	fprintf(golden, "! %s\n", text);
}

/* Each page, what it is of, and which words of it there are. */
static void put_pages(struct stk *s)
{
	ck_assert(stk_words_sort(words));
	for (size_t i = 0; i < stk_words_nr(words); i++) {
		const struct stk_words_page *p = stk_words_page(words, i);
		const char *part = pack_part_name(pack_part(s, p));

		fprintf(golden, "%llx %llx %s, %s:", (unsigned long long)p->pfn,
			(unsigned long long)p->virt, p->what ? p->what : "-",
			part ? part : "-");
		for (unsigned int k = 0; k < STK_WORDS_MASKS; k++)
			fprintf(golden, p->has[k] + 1 < 2 ? " %lld" : " %llx",
				(long long)p->has[k]);
		fputc('\n', golden);
	}
}

static void record(struct stk *s)
{
	words = stk_words_new();
	watch = (struct stk_watch){ .record = words };
	s->watch = &watch;
}

static void put_record(struct stk *s, const char *what)
{
	s->watch = NULL;
	golden_head("%s", what);
	put_pages(s);
	stk_words_free(words);
}

static void put_parts(struct stk *s)
{
	struct stk_command cmd = { .s = s, .error = on_error };

	stk_words_free(words);
	record(s);
	pack_read_for_others(s);
	put_record(s, "for others");
	record(s);
	ck_assert(pack_read_all(&cmd));
	put_record(s, "all that is asked");
	record(s);
	pack_read_places(s);
	put_record(s, "the places");
	record(s);
	s->watch = NULL;
}

START_TEST(all_of_a_machine)
{
	golden_setup();
	if (_i == 0)
		crowd();
	else
		fixture_task_of(syn_kernel(SYN_5_4));
	syn_mm_types(m);
	if (_i == 0)
		syn_log(m,
			"one\ntwo\nwatchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n");
	put_parts(syn_open(m));
	golden_expect("pack", _i ? "5.4" : "6.1");
}
END_TEST

static unsigned int nr_told;

static void count_told(struct stk_command *cmd, const char *text)
{
	nr_told++;
}

#define NO_PLACE SIZE_MAX

/* @place: gets no memory, its @nth time. */
static uint64_t words_of_all(size_t place, size_t nth, bool *whole)
{
	struct stk_command cmd = { .error = count_told };
	uint64_t nr = 0;

	stk_words_free(words);
	cmd.s = syn_open(m);
	record(cmd.s);
	if (place == NO_PLACE)
		memory_watch();
	else
		memory_fail(place, nth);
	*whole = pack_read_all(&cmd);
	memory_end();
	cmd.s->watch = NULL;
	/* A record that is not whole says so when it is to be written. */
	*whole = *whole && !stk_words_full(words);
	for (size_t i = 0; i < stk_words_nr(words); i++)
		for (unsigned int k = 0; k < STK_WORDS_MASKS; k++)
			nr += (unsigned int)__builtin_popcountll(
				stk_words_page(words, i)->has[k]);
	return nr;
}

/* Of what is missing nobody would be told afterwards. */
START_TEST(all_is_read_or_not)
{
	size_t asked[256], places;
	uint64_t all, nr;
	bool whole;

	all = words_of_all(NO_PLACE, 0, &whole);
	ck_assert(whole);
	places = memory_places();
	ck_assert(places > 20 && places <= sizeof(asked) / sizeof(asked[0]));
	for (size_t i = 0; i < places; i++)
		asked[i] = memory_asked(i);
	for (size_t i = 0; i < places; i++) {
		nr = words_of_all(i, asked[i] - 1, &whole);
		ck_assert_msg(!whole || nr == all, "place %zu: %llu words of %llu", i,
			      (unsigned long long)nr, (unsigned long long)all);
	}
}
END_TEST

START_TEST(no_descriptor_is_told)
{
	struct rlimit all, none;
	bool whole;

	ck_assert(!getrlimit(RLIMIT_NOFILE, &all));
	none = (struct rlimit){ 0, all.rlim_max };
	ck_assert(!setrlimit(RLIMIT_NOFILE, &none));
	nr_told = 0;
	words_of_all(NO_PLACE, 0, &whole);
	ck_assert(!setrlimit(RLIMIT_NOFILE, &all));
	ck_assert(!whole);
	ck_assert_uint_eq(nr_told, 1);
}
END_TEST

static const struct unit_test t_others[] = {
	TEST(all_is_read_or_not),
	TEST(no_descriptor_is_told),
	LOOP(all_of_a_machine, 2),
	LOOP(a_variable_is_whole, sizeof(variables) / sizeof(variables[0])),
	TEST(notes_of_each_cpu),
	TEST(roots_of_sections),
	TEST(as_many_roots_as_there_are),
	TEST(no_number_of_roots),
	LOOP(pids_and_their_numbers, 4),
	TEST(tasks_at_a_piece),
	{ 0 },
};

static const struct unit_test t_pages[] = {
	LOOP(a_page_is_of_a_part, sizeof(parts) / sizeof(parts[0])),
	TEST(parts_have_names),
	LOOP(a_range_is_there, sizeof(ranges) / sizeof(ranges[0])),
	LOOP(all_of_it_is_touched, sizeof(touches) / sizeof(touches[0])),
	{ 0 },
};

static const struct unit_test t_variables[] = {
	LOOP(names_are_read_where_they_are_wanted, sizeof(named) / sizeof(named[0])),
	TEST(a_variable_is_not_too_large),
	LOOP(each_cpu_has_its_own, sizeof(each_cpu) / sizeof(each_cpu[0])),
	LOOP(what_a_pointer_points_to, 2),
	LOOP(a_module_is_described, 2),
	LOOP(no_other_words_are_followed, 2),
	TEST(a_tree_is_not_too_deep),
	LOOP(the_root_of_pids, 2),
	LOOP(a_task_is_as_large_as_it_says, sizeof(task_sizes) / sizeof(task_sizes[0])),
	LOOP(the_memory_of_a_task, 2),
	LOOP(the_ring_of_the_log, sizeof(rings) / sizeof(rings[0])),
	LOOP(what_could_not_be_said, 4),
	{ 0 },
};

const struct unit_suite suite_pack_others = {
	"pack_others",
	{
		{ "others", t_others, setup, teardown },
		{ "variables", t_variables, setup, teardown },
		{ "pages", t_pages, setup, teardown },
	},
};
