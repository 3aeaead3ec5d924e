/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that each symbol, member and size is asked for once, found or not, that
 * members are read at their true width, and that VMCOREINFO is found in the target
 * or in the kernel's own memory.
 */
#include "fixture.h"
#include "suite.h"

#include "base/context.h"
#include "file/vmcoreinfo.h"
#include "kernel/layout.h"
#include "machine/memory.h"
#include "machine/vmcoreinfo.h"

#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_kernel();
	s = syn_open(m);
}

START_TEST(symbols_asked_once)
{
	uint64_t addr = 1;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stk_symbol(s, "init_task", &addr), STK_OK);
		ck_assert_uint_eq(addr, SYN_DATA + 0x1000);
		ck_assert_int_eq(stk_symbol(s, "orig_ist", &addr), STK_ERR_NO_SYMBOL);
		ck_assert(!stk_has_symbol(s, "orig_ist"));
		ck_assert(stk_has_symbol(s, "init_task"));
	}
	ck_assert_uint_eq(syn_asked(m, "symbol init_task"), 1);
	ck_assert_uint_eq(syn_asked(m, "symbol orig_ist"), 1);
	stk_find_symbol(s, "orig_ist", &addr);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "orig_ist"));
}
END_TEST

/* From the first on, and before the second; both have to be there. */
START_TEST(between_two_symbols)
{
	const uint64_t begin = syn_sym(m, "_stext"), end = syn_sym(m, "_etext");

	ck_assert(stk_between_symbols(s, "_stext", "_etext", begin));
	ck_assert(!stk_between_symbols(s, "_stext", "_etext", begin - 1));
	ck_assert(stk_between_symbols(s, "_stext", "_etext", end - 1));
	ck_assert(!stk_between_symbols(s, "_stext", "_etext", end));
	ck_assert(!stk_between_symbols(s, "_etext", "_stext", begin));
	ck_assert(!stk_between_symbols(s, "_stext", "no_such_end", begin));
	ck_assert(!stk_between_symbols(s, "no_such_begin", "_etext", begin));
}
END_TEST

/* A stack pointer may be at the end, too: then the stack is empty. */
START_TEST(within_a_range)
{
	for (uint64_t at = 9; at <= 21; at++) {
		ck_assert(stk_within(at, 10, 20) == (at >= 10 && at <= 19));
		ck_assert(stk_sp_within(at, 10, 20) == (at >= 10 && at <= 20));
		ck_assert(!stk_within(at, 20, 10));
	}
}
END_TEST

START_TEST(members_asked_once)
{
	struct stk_member mem;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stk_member(s, "task_struct", "pid", &mem), STK_OK);
		ck_assert_uint_eq(mem.offset, 1300);
		ck_assert_uint_eq(mem.size, 4);
		ck_assert_int_eq(stk_member(s, "task_struct", "state", &mem),
				 STK_ERR_NO_TYPE);
	}
	ck_assert_uint_eq(syn_asked(m, "member task_struct.pid"), 1);
	ck_assert_uint_eq(syn_asked(m, "member task_struct.state"), 1);
	stk_find_member(s, "task_struct", "state", &mem);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "task_struct.state"));
}
END_TEST

START_TEST(sizes_asked_once)
{
	uint32_t size;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stk_size(s, "irq_stack", &size), STK_OK);
		ck_assert_uint_eq(size, 0x4000);
		ck_assert_int_eq(stk_size(s, "thread_union", &size), STK_ERR_NO_TYPE);
	}
	ck_assert_uint_eq(syn_asked(m, "size irq_stack"), 1);
	ck_assert_uint_eq(syn_asked(m, "size thread_union"), 1);
}
END_TEST

/* The name counts, not where it is written; of a type and of a member each its own. */
START_TEST(names_by_content)
{
	char symbol[] = "init_task", type[] = "irq_stack", member[] = "pid";
	struct stk_member mem;
	uint64_t addr;
	uint32_t size;

	ck_assert(stk_find_symbol(s, "init_task", &addr));
	ck_assert(stk_find_symbol(s, symbol, &addr));
	ck_assert_uint_eq(syn_asked(m, "symbol init_task"), 1);
	ck_assert(stk_find_member(s, "task_struct", "pid", &mem));
	ck_assert(stk_find_member(s, "task_struct", member, &mem));
	ck_assert_uint_eq(syn_asked(m, "member task_struct.pid"), 1);
	ck_assert(stk_find_size(s, "irq_stack", &size));
	ck_assert(stk_find_size(s, type, &size));
	ck_assert_uint_eq(syn_asked(m, "size irq_stack"), 1);
	ck_assert(!stk_has_symbol(s, "irq_stack"));
	ck_assert(!stk_has_symbol(s, "pid"));
	ck_assert(!stk_find_member(s, "irq_stack", "pid", &mem));
	ck_assert(!stk_find_member(s, "task_structpi", "d", &mem));
}
END_TEST

START_TEST(misses_have_no_text)
{
	struct stk_member mem = { 1, 2 };
	uint64_t addr = 3;
	uint32_t size = 4;

	ck_assert(!stk_find_symbol(s, "orig_ist", &addr));
	ck_assert(!stk_find_member(s, "task_struct", "state", &mem));
	ck_assert(!stk_find_size(s, "thread_union", &size));
	ck_assert_str_eq(stk_error_text(s), "");
	ck_assert_uint_eq(addr, 3);
	ck_assert_uint_eq(mem.offset + mem.size, 3);
	ck_assert_uint_eq(size, 4);
}
END_TEST

/* Who cannot do without is told what there is not. */
START_TEST(needs_have_a_text)
{
	struct stk_member mem = { 1, 2 };
	uint64_t addr = 3, value = 4;
	uint32_t size = 5;

	ck_assert_int_eq(stk_symbol(s, "orig_ist", &addr), STK_ERR_NO_SYMBOL);
	ck_assert(strstr(stk_reason(s, STK_ERR_NO_SYMBOL), "symbol orig_ist: ") ==
		  stk_reason(s, STK_ERR_NO_SYMBOL));
	ck_assert_int_eq(stk_member(s, "task_struct", "state", &mem), STK_ERR_NO_TYPE);
	ck_assert(strstr(stk_reason(s, STK_ERR_NO_TYPE), "task_struct.state: ") ==
		  stk_reason(s, STK_ERR_NO_TYPE));
	ck_assert_int_eq(stk_size(s, "thread_union", &size), STK_ERR_NO_TYPE);
	ck_assert(strstr(stk_reason(s, STK_ERR_NO_TYPE), "type thread_union: ") ==
		  stk_reason(s, STK_ERR_NO_TYPE));
	ck_assert_int_eq(stk_read_member(s, SYN_TEXT, "task_struct", "state", &value),
			 STK_ERR_NO_TYPE);
	ck_assert_uint_eq(addr + mem.offset + mem.size + value + size, 15);
}
END_TEST

static enum stk_status answer;

static enum stk_status answer_address(void *priv, const char *name, uint64_t *addr)
{
	*addr = 0x1000;
	return answer;
}

/* What a machine that runs could not tell may be told the next time. */
START_TEST(no_for_now)
{
	static const struct stk_symbol_ops ops = { .address = answer_address };
	static const struct {
		enum stk_status st;
		bool dead, live; /* is it asked again? */
	} row[] = {
		{ STK_ERR_NO_SYMBOL, false, false }, { STK_ERR_NO_TYPE, false, false },
		{ STK_ERR_IO, false, true },	     { STK_ERR_UNMAPPED, false, true },
		{ STK_ERR_INTERRUPTED, true, true }, { STK_ERR_NOMEM, true, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (int live = 0; live < 2; live++) {
			uint64_t addr = 0;

			s = syn_open(m);
			s->target.symbols = &ops;
			s->target.live = live;
			answer = row[i].st;
			ck_assert_int_eq(stk_symbol(s, "anything", &addr), row[i].st);
			ck_assert(!stk_has_symbol(s, "anything"));
			answer = STK_OK;
			ck_assert_int_eq(stk_has_symbol(s, "anything"),
					 live ? row[i].live : row[i].dead);
			/* What is known stays so. */
			ck_assert(stk_find_symbol(s, "other", &addr));
			answer = STK_ERR_IO;
			ck_assert(stk_find_symbol(s, "other", &addr));
			ck_assert_uint_eq(addr, 0x1000);
		}
}
END_TEST

static enum stk_status answer_size(void *priv, const char *type, uint32_t *size)
{
	*size = 8;
	return answer;
}

/* That the dump lost a type is told to each question. */
START_TEST(lost_types)
{
	static const struct stk_type_ops ops = { .size = answer_size };
	static const struct {
		enum stk_status st;
		bool again;
	} row[] = {
		{ STK_ERR_NO_TYPE, false }, { STK_ERR_CORRUPT, false },
		{ STK_ERR_EXCLUDED, true }, { STK_ERR_CUT_OFF, true },
		{ STK_ERR_IO, true },	    { STK_ERR_LIMIT, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint32_t size = 0;

		s = syn_open(m);
		s->target.types = &ops;
		answer = row[i].st;
		ck_assert(!stk_find_size(s, "thing", &size));
		ck_assert_int_eq(stk_size(s, "thing", &size), row[i].st);
		answer = STK_OK;
		ck_assert_int_eq(stk_find_size(s, "thing", &size), row[i].again);
		ck_assert_uint_eq(size, row[i].again ? 8 : 0);
	}
}
END_TEST

/* Whoever interrupts learns nothing of the kernel. */
START_TEST(interrupted_is_no_miss)
{
	uint64_t addr;

	syn_use_kallsyms(m);
	s = syn_open(m);
	m->interrupt = true;
	ck_assert(!stk_find_symbol(s, "init_task", &addr));
	ck_assert_int_eq(stk_symbol(s, "init_task", &addr), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert(stk_find_symbol(s, "init_task", &addr));
	ck_assert_uint_eq(addr, SYN_DATA + 0x1000);
}
END_TEST

START_TEST(members_read_at_their_width)
{
	uint64_t at = SYN_DATA + 0x2000, value;

	syn_put64(m, at, 0x1122334455667788ull);
	for (uint32_t size = 1; size <= 8; size *= 2) {
		syn_member(m, "task_struct.flags", 0, size);
		s = syn_open(m);
		value = ~0ull;
		ck_assert_int_eq(stk_read_member(s, at, "task_struct", "flags", &value),
				 STK_OK);
		ck_assert_uint_eq(value, size == 8 ? 0x1122334455667788ull
						   : 0x1122334455667788ull &
							     ((1ull << 8 * size) - 1));
	}
	syn_member(m, "task_struct.flags", 0, 3);
	s = syn_open(m);
	ck_assert_int_eq(stk_read_member(s, at, "task_struct", "flags", &value),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_read_member(s, at, "task_struct", "state", &value),
			 STK_ERR_NO_TYPE);
	ck_assert_int_eq(stk_read_member(s, SYN_VMALLOC, "task_struct", "pid", &value),
			 STK_ERR_UNMAPPED);
}
END_TEST

/* ---- VMCOREINFO ---- */

START_TEST(vmcoreinfo_of_the_target)
{
	ck_assert_str_eq(stk_vmcoreinfo(s, "OSRELEASE"), "6.1.0-syn");
	ck_assert_ptr_null(stk_vmcoreinfo(s, "NOTHING"));
}
END_TEST

START_TEST(vmcoreinfo_numbers)
{
	uint64_t v;

	syn_vmcoreinfo(m, "a", "-16");
	syn_vmcoreinfo(m, "b", "ff");
	syn_vmcoreinfo(m, "c", "12x");
	syn_vmcoreinfo(m, "d", "%s", "");
	syn_vmcoreinfo(m, "e", "18446744073709551615");
	ck_assert(stk_vmcoreinfo_number(s, "a", 10, &v));
	ck_assert_uint_eq(v, (uint64_t)-16);
	ck_assert(stk_vmcoreinfo_number(s, "b", 16, &v));
	ck_assert_uint_eq(v, 0xff);
	ck_assert(!stk_vmcoreinfo_number(s, "c", 10, &v));
	ck_assert(!stk_vmcoreinfo_number(s, "d", 10, &v));
	ck_assert(stk_vmcoreinfo_number(s, "e", 10, &v));
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert(!stk_vmcoreinfo_number(s, "f", 10, &v));
}
END_TEST

/* The provider has none (an old dump in crash): the kernel's memory has the text. */
static void vmcoreinfo_in_memory(bool as_note)
{
	static const char text[] = "OSRELEASE=9.9\nPAGESIZE=4096\nSYMBOL(x)=ff\n";
	uint64_t at = SYN_DATA + 0x2000;

	m->target.vmcoreinfo = NULL;
	syn_use_read_virt(m); /* paging needs VMCOREINFO itself */
	syn_symbol(m, "vmcoreinfo_size", at);
	syn_put64(m, at, sizeof(text) - 1);
	syn_symbol(m, "vmcoreinfo_data", at + 8);
	/* At a crash it points into memory that the dump lacks. */
	syn_put64(m, at + 8, as_note ? SYN_VMALLOC : at + 0x100);
	syn_symbol(m, "vmcoreinfo_note", at + 16);
	syn_put64(m, at + 16, at + 0x100);
	syn_write(m, at + 0x100 + (as_note ? 24 : 0), text, sizeof(text));
	s = syn_open(m);
}

START_TEST(vmcoreinfo_of_the_kernel)
{
	uint64_t v;

	vmcoreinfo_in_memory(_i);
	ck_assert_str_eq(stk_vmcoreinfo(s, "OSRELEASE"), "9.9");
	ck_assert_str_eq(stk_vmcoreinfo(s, "PAGESIZE"), "4096");
	ck_assert(stk_vmcoreinfo_number(s, "SYMBOL(x)", 16, &v));
	ck_assert_uint_eq(v, 0xff);
	/* Neither the start of a key nor the rest of one. */
	ck_assert_ptr_null(stk_vmcoreinfo(s, "OSREL"));
	ck_assert_ptr_null(stk_vmcoreinfo(s, "RELEASE"));
	ck_assert_ptr_null(stk_vmcoreinfo(s, "9.9"));
}
END_TEST

START_TEST(vmcoreinfo_size_damaged)
{
	vmcoreinfo_in_memory(false);
	syn_put64(m, syn_sym(m, "vmcoreinfo_size"), 1ull << 40);
	s = syn_open(m);
	ck_assert_ptr_null(stk_vmcoreinfo(s, "OSRELEASE"));
	/* Larger than any, though all of it can be read. */
	syn_fill(m, SYN_DATA + 0x3000, STK_MAX_VMCOREINFO + 1, 0);
	for (unsigned int more = 0; more < 2; more++) {
		syn_put64(m, syn_sym(m, "vmcoreinfo_size"), STK_MAX_VMCOREINFO + more);
		s = syn_open(m);
		ck_assert_int_eq(stk_vmcoreinfo(s, "OSRELEASE") == NULL, more);
	}
}
END_TEST

/* It is read once, and only where somebody names the symbols and translates. */
START_TEST(vmcoreinfo_is_read_once)
{
	unsigned int reads;

	vmcoreinfo_in_memory(_i);
	/* Too few steps for the variables: another question finds it. */
	for (uint64_t steps = 0; steps < STK_FETCH_STEPS; steps += STK_FETCH_STEPS - 1) {
		s->budget.steps = steps;
		reads = m->calls.read_virt;
		ck_assert_ptr_null(stk_vmcoreinfo(s, "OSRELEASE"));
		ck_assert_uint_eq(m->calls.read_virt, reads);
		stk_question(s);
	}
	ck_assert_str_eq(stk_vmcoreinfo(s, "OSRELEASE"), "9.9");
	reads = m->calls.read_virt;
	ck_assert_str_eq(stk_vmcoreinfo(s, "PAGESIZE"), "4096");
	ck_assert_ptr_null(stk_vmcoreinfo(s, "OSREL"));
	ck_assert_uint_eq(m->calls.read_virt, reads);
	/* That there is none is known, too. */
	syn_no_symbol(m, "vmcoreinfo_data");
	syn_no_symbol(m, "vmcoreinfo_note");
	s = syn_open(m);
	ck_assert_ptr_null(stk_vmcoreinfo(s, "OSRELEASE"));
	reads = m->calls.symbol;
	ck_assert_ptr_null(stk_vmcoreinfo(s, "OSRELEASE"));
	ck_assert_uint_eq(m->calls.symbol, reads);
}
END_TEST

/* It takes as much memory as its size says, however short it is. */
START_TEST(vmcoreinfo_that_is_short)
{
	static const struct {
		uint64_t size;
		const char *a, *b;
	} row[] = {
		{ 0, NULL, NULL }, { 1, NULL, NULL }, { 2, "", NULL }, { 3, "1", NULL },
		{ 4, "1", NULL },  { 6, "1", "" },    { 7, "1", "2" }, { 9, "1", "2" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		vmcoreinfo_in_memory(false);
		syn_write(m, SYN_DATA + 0x2100, "A=1\nB=2\n", 9);
		syn_put64(m, syn_sym(m, "vmcoreinfo_size"), row[i].size);
		s = syn_open(m);
		ck_assert_pstr_eq(stk_vmcoreinfo(s, "A"), row[i].a);
		ck_assert_pstr_eq(stk_vmcoreinfo(s, "B"), row[i].b);
		ck_assert_uint_eq(s->budget.nr_cuts, 0);
	}
}
END_TEST

START_TEST(vmcoreinfo_of_nobody)
{
	static const struct stk_memory_ops *walk;
	struct stk_memory_ops phys_only;
	struct stk_target target;
	struct stk *other;

	vmcoreinfo_in_memory(false);
	walk = m->target.memory;
	phys_only = (struct stk_memory_ops){ .read_phys = walk->read_phys };
	target = m->target;
	if (_i)
		target.memory = &phys_only;
	else
		target.symbols = NULL;
	other = stk_open(&target, sizeof(target));
	ck_assert_ptr_nonnull(other);
	ck_assert_ptr_null(stk_vmcoreinfo(other, "OSRELEASE"));
	stk_close(other);
}
END_TEST

/* What a small dump was made without is asked once, unless nobody could look. */
START_TEST(left_out_is_asked_once)
{
	unsigned int asked;

	syn_vmcoreinfo(m, _i ? STK_NO_NAMES : STK_NO_LOG, "1");
	s = syn_open(m);
	s->budget.dry = true;
	for (unsigned int round = 0; round < 4; round++) {
		asked = m->calls.vmcoreinfo;
		ck_assert_int_eq(stk_left_out(s, STK_LOG_LEFT_OUT), !_i);
		ck_assert_int_eq(stk_left_out(s, STK_NAMES_LEFT_OUT), _i);
		ck_assert_uint_eq(m->calls.vmcoreinfo, asked + (round < 2 ? 2 : 0));
		if (!round)
			stk_question(s);
	}
	ck_assert_str_eq(stk_left_out_name(s, 0), _i ? "names" : "log");
	ck_assert_ptr_null(stk_left_out_name(s, 1));
}
END_TEST

static const struct unit_test t_tests[] = {
	LOOP(vmcoreinfo_is_read_once, 2),
	TEST(vmcoreinfo_that_is_short),
	LOOP(vmcoreinfo_of_nobody, 2),
	LOOP(left_out_is_asked_once, 2),
	TEST(symbols_asked_once),
	TEST(between_two_symbols),
	TEST(within_a_range),
	TEST(members_asked_once),
	TEST(sizes_asked_once),
	TEST(names_by_content),
	TEST(misses_have_no_text),
	TEST(needs_have_a_text),
	TEST(no_for_now),
	TEST(lost_types),
	TEST(interrupted_is_no_miss),
	TEST(members_read_at_their_width),
	TEST(vmcoreinfo_of_the_target),
	TEST(vmcoreinfo_numbers),
	LOOP(vmcoreinfo_of_the_kernel, 2),
	TEST(vmcoreinfo_size_damaged),
	{ 0 },
};

const struct unit_suite suite_layout = {
	"layout",
	{
		{ "layout", t_tests, setup, NULL },
	},
};
