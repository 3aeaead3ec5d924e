/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a CPU's registers are those of its hart, whatever number that has, and that
 * the firmware's are not taken for user mode.
 */
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "unwind/note.h"

#include <stdio.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV57));
}

/* ---- numbers ---- */

static uint64_t hart_map(const uint64_t hart[OTHER_NR_CPUS])
{
	const uint64_t map = syn_sym(m, "modules") + 0x900;

	syn_symbol(m, "__cpuid_to_hartid_map", map);
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
		syn_put64(m, map + 8 * cpu, hart[cpu]);
	return map;
}

/* QEMU's, of each hart; those of hart 0 are @c's. */
static void notes_of_harts(void)
{
	struct syn_note *n;

	c.cpu = 0;
	rv_note(&c);
	n = syn_note(m, STK_NOTE_PRSTATUS, 2);
	n->gpr[0] = syn_sym(m, "do_idle") + 0x40;
	n->gpr[RV_SP] = n->gpr[RV_TP] = RV_TEXT + 0x100000;
}

START_TEST(hart_of_a_cpu)
{
	static const uint64_t swapped[OTHER_NR_CPUS] = { 1, 0 };
	struct stk_cpu_note note;

	rv_syscall(&c);
	hart_map(swapped);
	notes_of_harts();
	s = syn_open(m);
	ck_assert(stk_cpu_note(s, 1, &note));
	ck_assert_int_eq(note.from, STK_FROM_QEMU);
	ck_assert_uint_eq(note.regs.v[RISCV_PC], c.ip);
	ck_assert_uint_eq(note.regs.v[RISCV_TP], sh);
	ck_assert(stk_cpu_note(s, 0, &note));
	ck_assert_uint_eq(note.regs.v[RISCV_PC], syn_sym(m, "do_idle") + 0x40);
	expect_chain("<TASK> task_spin+0x40/regs! vfs_write+0x90/fp "
		     "__riscv_sys_write+0x50/fp do_trap_ecall_u+0x70/fp "
		     "handle_exception+0x14a/fp end user");
}
END_TEST

/* Without the table the numbers are the same; without its word none is known. */
START_TEST(hart_not_known)
{
	const uint64_t none[OTHER_NR_CPUS] = { 0, _i ? UINT64_MAX : 1ull << 32 };
	const uint64_t map = hart_map(none);
	struct stk_cpu_note note;

	rv_syscall(&c);
	notes_of_harts();
	s = syn_open(m);
	ck_assert(!stk_cpu_note(s, 1, &note));
	ck_assert(stk_cpu_note(s, 0, &note));
	syn_unmap(m, map);
	s = syn_open(m);
	ck_assert_uint_eq(riscv_machine_cpu(s, 1), UINT32_MAX);
	syn_no_symbol(m, "__cpuid_to_hartid_map");
	s = syn_open(m);
	ck_assert_uint_eq(riscv_machine_cpu(s, 1), 1);
}
END_TEST

START_TEST(numbers_of_harts)
{
	static const uint64_t hart[OTHER_NR_CPUS] = { 0x4455, 0x778899 };
	const uint64_t map = hart_map(hart);

	s = syn_open(m);
	ck_assert_uint_eq(riscv_machine_cpu(s, 0), 0x4455);
	ck_assert_uint_eq(riscv_machine_cpu(s, 1), 0x778899);
	syn_put64(m, map, UINT32_MAX - 1);
	s = syn_open(m);
	ck_assert_uint_eq(riscv_machine_cpu(s, 0), UINT32_MAX - 1);
}
END_TEST

/* ---- the firmware ---- */

#define FIRMWARE     0x80000000ull
#define FIRMWARE_END 0x8007ffffull

enum { NAME = 16, SIBLING = 24, CHILD = 32, RESOURCE = 64 };

static uint64_t put_resource(uint64_t at, uint64_t start, uint64_t end, const char *name)
{
	syn_put64(m, at, start);
	syn_put64(m, at + 8, end);
	syn_put64(m, at + NAME, at + 40);
	syn_put64(m, at + SIBLING, 0);
	syn_put64(m, at + CHILD, 0);
	syn_write(m, at + 40, name, strlen(name) + 1);
	return at;
}

/* A device; memory with the firmware, the image and so on in it. */
static uint64_t put_resources(void)
{
	static const char *const members[] = { "start", "end", "name", "sibling",
					       "child" };
	const uint64_t at = syn_sym(m, "modules") + 0x900;
	char text[32];

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		snprintf(text, sizeof(text), "resource.%s", members[i]);
		syn_member(m, text, 8 * i, 8);
	}
	syn_symbol(m, "iomem_resource", put_resource(at, 0, UINT64_MAX, "PCI mem"));
	for (unsigned int i = 1; i < 5; i++) {
		static const struct {
			uint64_t start, end;
			const char *name;
		} row[] = {
			{ 0x10000000, 0x100000ff, "serial" },
			{ FIRMWARE, 0x8fffffff, "System RAM" },
			{ FIRMWARE, FIRMWARE_END, "Reserved" },
			{ 0x80200000, 0x81ffffff, "Kernel image" },
		};

		put_resource(at + i * RESOURCE, row[i - 1].start, row[i - 1].end,
			     row[i - 1].name);
	}
	syn_put64(m, at + CHILD, at + RESOURCE);
	syn_put64(m, at + RESOURCE + SIBLING, at + 2 * RESOURCE);
	syn_put64(m, at + 2 * RESOURCE + CHILD, at + 3 * RESOURCE);
	syn_put64(m, at + 3 * RESOURCE + SIBLING, at + 4 * RESOURCE);
	return at;
}

static const char *foreign(uint64_t pc, uint64_t sp, uint64_t tp)
{
	struct stk_saved saved;
	struct syn_note *n;
	bool capture = true;
	const char *why;

	m->nr_notes = 0;
	syn_note(m, STK_NOTE_PRSTATUS, 1);
	rv_note(&c);
	n = &m->note[1];
	n->gpr[0] = pc;
	n->gpr[RV_SP] = sp;
	n->gpr[RV_TP] = tp;
	saved = syn_saved(n);
	s = syn_open(m);
	why = s->arch->foreign_regs(s, &saved, &capture);
	ck_assert(!capture);
	return why;
}

START_TEST(firmware)
{
	const uint64_t end = FIRMWARE_END;

	put_resources();
	ck_assert_ptr_nonnull(
		strstr(foreign(FIRMWARE, end - 15, end), "the CPU ran the firmware"));
	ck_assert_ptr_nonnull(foreign(end, end - 15, end));
	ck_assert_ptr_nonnull(foreign(FIRMWARE, FIRMWARE, FIRMWARE));
	/* A process may have anything there, but not all. */
	ck_assert_ptr_null(foreign(end + 1, end - 15, end));
	ck_assert_ptr_null(foreign(FIRMWARE - 2, end - 15, end));
	ck_assert_ptr_null(foreign(FIRMWARE, end + 1, end));
	ck_assert_ptr_null(foreign(FIRMWARE, end - 15, end + 1));
	ck_assert_ptr_null(foreign(FIRMWARE, FIRMWARE - 16, end));
	/* What is reserved otherwise, or of the kernel. */
	ck_assert_ptr_null(foreign(0x10000000, 0x10000010, 0x10000020));
	ck_assert_ptr_null(foreign(0x80200000, 0x80200010, 0x80200020));
	ck_assert_ptr_null(foreign(0x80100000, 0x80100010, 0x80100020));
	ck_assert_ptr_null(foreign(c.ip, FIRMWARE, FIRMWARE));
}
END_TEST

/* Nothing is told of a list that is damaged, or goes round. */
START_TEST(damaged_resources)
{
	const uint64_t at = put_resources();

	if (_i == 0)
		syn_no_symbol(m, "iomem_resource");
	else if (_i == 1)
		syn_no_member(m, "resource.sibling");
	else if (_i == 2)
		syn_put64(m, at + RESOURCE + SIBLING, at + RESOURCE);
	else if (_i == 3)
		syn_put64(m, at + RESOURCE + SIBLING, 0x123456);
	else if (_i == 4)
		syn_put64(m, at + 3 * RESOURCE + NAME, 0x123456);
	else if (_i == 5)
		syn_put64(m, at + 2 * RESOURCE + CHILD, at + 2 * RESOURCE);
	else
		syn_put64(m, at + 2 * RESOURCE + CHILD, 0x123456);
	ck_assert_ptr_null(foreign(FIRMWARE, FIRMWARE + 0x1000, FIRMWARE + 0x2000));
}
END_TEST

/*
 * Where such memory may be in the list: on its own, or in memory that is nobody's but a
 * range's, not deeper; and not behind more than can be.
 */
START_TEST(depth_of_resources)
{
	uint64_t at = put_resources(), deeper;

	syn_put64(m, at + 2 * RESOURCE + CHILD, 0);
	put_resource(at + 2 * RESOURCE, FIRMWARE, FIRMWARE_END, "Reserved");
	ck_assert_ptr_nonnull(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE));
	/* Behind others, whether they are below it or above. */
	put_resource(at + RESOURCE, FIRMWARE_END + 1, 0x8fffffff, "above");
	syn_put64(m, at + RESOURCE + SIBLING, at + 2 * RESOURCE);
	ck_assert_ptr_nonnull(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE));
	at = put_resources();
	deeper = put_resource(at + 5 * RESOURCE, FIRMWARE, FIRMWARE_END, "Reserved");
	put_resource(at + 3 * RESOURCE, FIRMWARE, FIRMWARE_END, "Another");
	ck_assert_ptr_null(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE));
	syn_put64(m, at + 3 * RESOURCE + CHILD, deeper);
	ck_assert_ptr_null(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE));
	/* A name that begins so is another. */
	put_resource(at + 3 * RESOURCE, FIRMWARE, FIRMWARE_END, "Reserved, by whom");
	ck_assert_ptr_null(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE));
}
END_TEST

START_TEST(many_resources)
{
	const unsigned int nr = 4096 + (unsigned int)_i;
	const uint64_t root = put_resources(), at = RV_TEXT + OTHER_DATA + 0x20000;

	for (unsigned int i = 0; i < nr; i++) {
		put_resource(at + RESOURCE * i, 0x1000 * i, 0x1000 * i + 0xfff, "device");
		if (i + 1 < nr)
			syn_put64(m, at + RESOURCE * i + SIBLING,
				  at + RESOURCE * (i + 1));
	}
	put_resource(at + RESOURCE * (nr - 1), FIRMWARE, FIRMWARE_END, "Reserved");
	syn_put64(m, root + CHILD, at);
	ck_assert_int_eq(foreign(FIRMWARE, FIRMWARE_END, FIRMWARE) != NULL, !_i);
}
END_TEST

/* An idle CPU that calls it, or was stopped by it, is not in user mode. */
START_TEST(cpu_in_firmware)
{
	struct stk_start start;

	rv_syscall(&c);
	put_resources();
	ck_assert_ptr_nonnull(foreign(FIRMWARE, FIRMWARE + 0x1000, FIRMWARE + 0x2000));
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "the CPU ran the firmware"));
}
END_TEST

/* The idle task's stack has the way there. */
START_TEST(cpu_that_is_off)
{
	struct stk_chain *chain;
	struct stk_start start;

	c = other_cpu(m, 1, other_idle(m, 1));
	other_set_current(m, 1, c.task);
	rv_idle(&c);
	rv_call(&c, 0x70, "arch_cpu_idle_dead");
	rv_call_pointer(&c, 0x40, "task_spin");
	put_resources();
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 1);
	ck_assert_ptr_nonnull(foreign(FIRMWARE, FIRMWARE + 0x1000, FIRMWARE + 0x2000));
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_ptr_nonnull(start.foreign);
	ck_assert_int_eq(start.from, STK_FROM_STACK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(syn_chain_text(chain),
			 "<TASK> arch_cpu_idle_dead+0x40/scan do_idle+0x70/fp "
			 "start_kernel+0x90/fp _start_kernel+0x9c/fp end idle");
	stk_chain_free(s, chain);
}
END_TEST

static const struct unit_test number_tests[] = {
	TEST(hart_of_a_cpu),
	LOOP(hart_not_known, 2),
	TEST(numbers_of_harts),
	{ 0 },
};

static const struct unit_test firmware_tests[] = {
	TEST(firmware),
	LOOP(damaged_resources, 7),
	TEST(depth_of_resources),
	LOOP(many_resources, 2),
	TEST(cpu_in_firmware),
	TEST(cpu_that_is_off),
	{ 0 },
};

const struct unit_suite suite_riscv64_hart = {
	"riscv64_hart",
	{
		{ "numbers", number_tests, setup, NULL },
		{ "firmware", firmware_tests, setup, NULL },
	},
};
