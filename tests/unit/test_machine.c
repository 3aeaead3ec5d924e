/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the synthetic machine is what a test asked for, read back by other means:
 * its page tables entry by entry, its names and types through the providers; that lines
 * of text make the same machine as calls; and that nothing it has no room for is lost
 * in silence.
 */
#include "fixture.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define VIRT 0xffffb1c000200000ull

/* ---- memory ---- */

static uint64_t phys_word(uint64_t phys)
{
	uint64_t word;

	ck_assert_int_eq(m->target.memory->read_phys(m, phys, &word, sizeof(word)),
			 STK_OK);
	return word;
}

/* The entries on the way to @virt, the root's first; returns how many are present. */
static unsigned int walk(uint64_t virt, uint64_t entry[5])
{
	const unsigned int index[] = { virt >> 48 & 511, virt >> 39 & 511,
				       virt >> 30 & 511, virt >> 21 & 511,
				       virt >> 12 & 511 };
	uint64_t table = m->pgd;
	unsigned int n = 0;

	for (unsigned int i = 5 - m->tables->levels; i < 5; i++) {
		entry[n] = phys_word(table + 8 * index[i]);
		if (!(entry[n] & 1))
			return n;
		table = entry[n++] & 0x000ffffffffff000ull;
		if (i >= 2 && i < 4 && entry[n - 1] & 0x80)
			return n;
	}
	return n;
}

/* Each size of page with each number of levels. */
START_TEST(pages_by_hand)
{
	static const uint64_t sizes[] = { 1ull << 12, 1ull << 21, 1ull << 30 };
	unsigned int levels = _i < 3 ? 4 : 5;
	uint64_t size = sizes[_i % 3], virt = 0xffff888040000000ull, phys = size * 3, at;
	uint64_t entry[5];

	fixture_free();
	m = syn_new(levels);
	syn_map(m, virt, phys, size);
	ck_assert_uint_eq(walk(virt + size - 1, entry), levels - (unsigned int)_i % 3);
	ck_assert_uint_eq(
		entry[levels - (unsigned int)_i % 3 - 1] & 0x000ffffffffff000ull, phys);
	ck_assert_uint_lt(walk(virt + size, entry), levels - (unsigned int)_i % 3);
	ck_assert(syn_phys(m, virt + size - 8, &at));
	ck_assert_uint_eq(at, phys + size - 8);
	syn_put64(m, virt + size - 8, 0x1122334455667788ull);
	ck_assert_uint_eq(phys_word(phys + size - 8), 0x1122334455667788ull);
}
END_TEST

/* Across two pages that are no neighbours. */
START_TEST(bytes_by_hand)
{
	uint64_t entry[5], first, second;

	syn_put8(m, VIRT, 1);
	syn_alloc(m, 1);
	syn_put64(m, VIRT + 4092, 0x8877665544332211ull);
	ck_assert_uint_eq(walk(VIRT, entry), 4);
	first = entry[3] & 0x000ffffffffff000ull;
	ck_assert_uint_eq(walk(VIRT + 4096, entry), 4);
	second = entry[3] & 0x000ffffffffff000ull;
	ck_assert_uint_ne(second, first + 4096);
	ck_assert_uint_eq(phys_word(first) & 0xff, 1);
	ck_assert_uint_eq(phys_word(first + 4088) >> 32, 0x44332211);
	ck_assert_uint_eq(phys_word(second) & 0xffffffff, 0x88776655);
	ck_assert_uint_eq(syn_get64(m, VIRT + 4092), 0x8877665544332211ull);
}
END_TEST

START_TEST(pages_that_are_not_there)
{
	uint64_t entry[5], word, phys;

	syn_put64(m, VIRT, 7);
	ck_assert(syn_phys(m, VIRT, &phys));
	syn_fail(m, VIRT, STK_ERR_IO);
	ck_assert_int_eq(m->target.memory->read_phys(m, phys, &word, 8), STK_ERR_IO);
	ck_assert_int_eq(m->target.memory->read_phys(m, phys + (1 << 30), &word, 8),
			 STK_ERR_EXCLUDED);
	ck_assert_uint_eq(walk(VIRT, entry), 4);
	ck_assert_uint_eq(entry[3] >> 63, 1); /* NX */
	syn_unmap(m, VIRT);
	ck_assert_uint_eq(walk(VIRT, entry), 3);
	syn_map_text(m, VIRT);
	ck_assert_uint_eq(walk(VIRT, entry), 4);
	ck_assert_uint_eq(entry[3] >> 63, 0);
	syn_use_read_virt(m);
	ck_assert_int_eq(m->target.memory->read_virt(m, VIRT + 4096, &word, 8),
			 STK_ERR_UNMAPPED);
}
END_TEST

/* ---- names ---- */

static void expect_lookup(uint64_t addr, const char *want, uint64_t offset)
{
	const char *name;
	uint64_t off;

	ck_assert_int_eq(m->target.symbols->lookup(m, addr, &name, &off), STK_OK);
	ck_assert_str_eq(name, want);
	ck_assert_uint_eq(off, offset);
}

START_TEST(symbols_as_they_were_named)
{
	const char *name;
	uint64_t addr;

	syn_symbol(m, "second", SYN_TEXT + 0x200);
	syn_symbol(m, "first", SYN_TEXT + 0x100);
	syn_symbol(m, "alias", SYN_TEXT + 0x100);
	syn_symbol_of_type(m, "datum", SYN_TEXT + 0x180, 'd');
	ck_assert_int_eq(m->target.symbols->lookup(m, SYN_TEXT + 0xff, &name, &addr),
			 STK_ERR_NO_SYMBOL);
	expect_lookup(SYN_TEXT + 0x100, "first", 0);
	expect_lookup(SYN_TEXT + 0x1ff, "first", 0xff);
	expect_lookup(SYN_TEXT + 0x234, "second", 0x34);
	ck_assert_int_eq(m->target.symbols->address(m, "datum", &addr), STK_OK);
	ck_assert_uint_eq(addr, SYN_TEXT + 0x180);
	syn_symbol(m, "first", SYN_TEXT + 0x400);
	syn_no_symbol(m, "second");
	expect_lookup(SYN_TEXT + 0x234, "alias", 0x134);
	ck_assert_uint_eq(syn_sym(m, "first"), SYN_TEXT + 0x400);
	ck_assert_int_eq(m->target.symbols->address(m, "second", &addr),
			 STK_ERR_NO_SYMBOL);
	ck_assert_uint_eq(syn_asked(m, "symbol second"), 1);
}
END_TEST

START_TEST(types_as_they_were_named)
{
	struct stk_member member;
	uint32_t size;

	syn_size(m, "task_struct", 4096);
	syn_member(m, "task_struct.pid", 1000, 4);
	syn_member(m, "task_struct.pid", 1008, 4);
	ck_assert_int_eq(m->target.types->size(m, "task_struct", &size), STK_OK);
	ck_assert_uint_eq(size, 4096);
	ck_assert_int_eq(m->target.types->member(m, "task_struct", "pid", &member),
			 STK_OK);
	ck_assert_uint_eq(member.offset, 1008);
	syn_no_member(m, "task_struct.pid");
	ck_assert_int_eq(m->target.types->member(m, "task_struct", "pid", &member),
			 STK_ERR_NO_TYPE);
	ck_assert_uint_eq(syn_asked(m, "member task_struct.pid"), 2);
}
END_TEST

/* ---- text ---- */

START_TEST(a_machine_of_text)
{
	static const char *const text[] = {
		"symbol 0xffffffff9b000100 t do_it",
		"symbol 0xffffffff9b000180 d datum",
		"percpu_symbol runqueues 0x1f000",
		"struct task_struct size 6144",
		"union thread_union size 16384",
		"member task_struct.pid offset 1000 size 4",
		"vmcoreinfo OSRELEASE=5.4.59",
		"percpu 2 0xffff888000000000",
		"reg 1 ip 0x1234",
		"reg 1 sp 0x5678",
		"mem 0xffffb1c000200ff8: 1122334455667788 0 ff",
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		ck_assert_msg(syn_fact(m, text[i]), "%s", text[i]);
	expect_lookup(SYN_TEXT + 0x190, "do_it", 0x90);
	ck_assert_uint_eq(syn_sym(m, "datum"), SYN_TEXT + 0x180);
	ck_assert_uint_eq(syn_sym(m, "runqueues"), 0x1f000);
	ck_assert_uint_eq(syn_find_type(m, "task_struct")->m.size, 6144);
	ck_assert_uint_eq(syn_find_type(m, "thread_union")->m.size, 16384);
	ck_assert_uint_eq(syn_off(m, "task_struct.pid"), 1000);
	ck_assert_str_eq(m->target.vmcoreinfo(m, "OSRELEASE"), "5.4.59");
	ck_assert_uint_eq(m->nr_percpu, 3);
	ck_assert_uint_eq(m->percpu[2], 0xffff888000000000ull);
	ck_assert_uint_eq(m->nr_notes, 1);
	ck_assert_uint_eq(m->note[0].pid, 2);
	ck_assert_uint_eq(m->note[0].gpr[X86_IP], 0x1234);
	ck_assert_uint_eq(m->note[0].gpr[X86_SP], 0x5678);
	ck_assert_uint_eq(syn_get64(m, 0xffffb1c000200ff8), 0x1122334455667788ull);
	ck_assert_uint_eq(syn_get64(m, 0xffffb1c000201008), 0xff);
}
END_TEST

START_TEST(lines_that_are_no_facts)
{
	static const char *const text[] = {
		"",
		"mem",
		"mem 0x1000",
		"symbol 12 T",
		"struct task_struct",
		"chain cpu=0",
		"note panic_cpu 1",
	};

	ck_assert(!syn_fact(m, text[_i]));
}
END_TEST

/* ---- what does not fit ---- */

static void too_many_symbols(void)
{
	for (unsigned int i = 0; i <= SYN_MAX_SYMBOLS; i++)
		syn_symbol_of_type(m, "same", i, 'T');
}

static void too_many_types(void)
{
	char name[32];

	for (unsigned int i = 0; i <= SYN_MAX_TYPES; i++) {
		snprintf(name, sizeof(name), "type_%u", i);
		syn_size(m, name, 8);
	}
}

static void too_many_lines(void)
{
	char key[32];

	for (unsigned int i = 0; i <= SYN_MAX_LINES; i++) {
		snprintf(key, sizeof(key), "KEY_%u", i);
		syn_vmcoreinfo(m, key, "1");
	}
}

static void too_many_questions(void)
{
	char name[32];
	uint64_t addr;

	for (unsigned int i = 0; i <= SYN_MAX_QUESTIONS; i++) {
		snprintf(name, sizeof(name), "symbol_%u", i);
		m->target.symbols->address(m, name, &addr);
	}
}

static void too_many_rules(void)
{
	for (unsigned int i = 0; i <= SYN_MAX_ORC; i++)
		syn_orc(m, SYN_TEXT + i, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
}

static void too_many_notes(void)
{
	for (unsigned int i = 0; i <= SYN_MAX_NOTES; i++)
		syn_note(m, STK_NOTE_PRSTATUS, i);
}

static void too_many_pages(void)
{
	for (unsigned int i = 0; i < SYN_MAX_PAGES; i++)
		m->page[i].pfn = ~0ull;
	syn_phys_page(m, 0x1000);
}

static void too_many_cpus(void)
{
	syn_fact(m, "percpu 64 0x1000");
}

static void long_text(void)
{
	char name[2000];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	syn_symbol(m, name, SYN_TEXT);
}

static void read_across_pages(void)
{
	uint64_t word;

	m->target.memory->read_phys(m, m->pgd + 4092, &word, 8);
}

static void missing_symbol(void)
{
	syn_sym(m, "nowhere");
}

static void missing_member(void)
{
	syn_off(m, "nowhere.at_all");
}

static void unmapped_read(void)
{
	syn_get64(m, VIRT);
}

static void (*const misuse[])(void) = {
	too_many_symbols, too_many_types, too_many_lines, too_many_questions,
	too_many_rules,	  too_many_notes, too_many_pages, too_many_cpus,
	long_text,	  missing_symbol, missing_member, read_across_pages,
	unmapped_read,
};

#define NR_MISUSES (sizeof(misuse) / sizeof(misuse[0]))

START_TEST(what_does_not_fit_fails)
{
	ck_assert(is_misuse(misuse[_i]));
}
END_TEST

/* And what just fits does not. */
START_TEST(what_fits_does_not)
{
	fixture_free();
	ck_assert(!is_misuse(fixture_kernel));
	ck_assert_uint_lt(m->nr_symbols, SYN_MAX_SYMBOLS);
}
END_TEST

static const struct unit_test memory_tests[] = {
	LOOP(pages_by_hand, 6),
	TEST(bytes_by_hand),
	TEST(pages_that_are_not_there),
	{ 0 },
};

static const struct unit_test name_tests[] = {
	TEST(symbols_as_they_were_named),
	TEST(types_as_they_were_named),
	TEST(a_machine_of_text),
	LOOP(lines_that_are_no_facts, 7),
	LOOP(what_does_not_fit_fails, NR_MISUSES),
	TEST(what_fits_does_not),
	{ 0 },
};

const struct unit_suite suite_machine = {
	"machine",
	{
		{ "memory", memory_tests, fixture_memory, NULL },
		{ "names", name_tests, fixture_memory, NULL },
	},
};
