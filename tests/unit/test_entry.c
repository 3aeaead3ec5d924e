/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what the command entry tells of arm64 and riscv64: each word of a CPU that is as
 * the kernel sets it, and each that is not; and that tss and entry name each other where
 * the other one is meant. What the page tables say of code is not asked here: the
 * machine's are x86_64's.
 */
#include "asked.h"
#include "fixture.h"
#include "suite.h"

#include "arch/arch.h"
#include "commands/args.h"
#include "machine/memory.h"
#include "session/session.h"

#include <elf.h>
#include <json-c/json.h>
#include <stackinfo/entry.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS	 (SYN_TEXT + 0x800)
#define IRQ	 0x40000u /* in the per-CPU area */
#define OVERFLOW 0x45010u

enum { SP = 31, PC, PSTATE, NR_ARM64 }; /* struct user_pt_regs */
enum { EPC, RISCV_SP = 2, TP = 4, NR_RISCV = 32 };

static struct stk *s;
static uint64_t sleeper, regs[NR_ARM64];
static char *out, errors[1024];

static void on_error(struct stk_command *unused, const char *text)
{
	snprintf(errors + strlen(errors), sizeof(errors) - strlen(errors), "%s\n", text);
}

static enum stk_command_result run(const char *line)
{
	struct stk_command cmd = { .s = s, .error = on_error };
	char copy[128], *argv[16], *save;
	enum stk_command_result res;
	size_t len;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	free(out);
	out = NULL;
	errors[0] = '\0';
	cmd.out = open_memstream(&out, &len);
	res = stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc, argv);
	fclose(cmd.out);
	put_asked(argc, argv, res, out, errors);
	return res;
}

#define expect_in(text, part)                                                            \
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text)
#define expect_not_in(text, part)                                                        \
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in \"%s\"", part, text)

static void open_as(const struct stk_arch *arch)
{
	syn_use_read_virt(m);
	syn_finish(m);
	stk_close(m->s);
	m->s = s = stk_open_as(&m->target, sizeof(m->target), arch);
	ck_assert_ptr_nonnull(s);
}

/* As the kernel's crash_save_cpu() writes them. */
static void put_note(unsigned int nr)
{
	const uint32_t size = 112 + 8 * (nr + 1); /* pr_fpvalid is last */
	const Elf64_Nhdr head = { 5, size, NT_PRSTATUS };
	uint64_t at = SYN_PERCPU(1) + syn_get64(m, syn_sym(m, "crash_notes"));

	syn_fill(m, at, 20 + size, 0);
	syn_write(m, at, &head, sizeof(head));
	syn_write(m, at + 12, "CORE", 5);
	syn_put32(m, at + 20 + 32, 227);
	syn_write(m, at + 20 + 112, regs, nr * sizeof(regs[0]));
}

static void put_percpu(const char *name, uint64_t value)
{
	syn_put64(m, syn_percpu(m, name, 1), value);
}

/* What both have; CPU 1 runs sh, PID 227, far in the kernel. */
static void setup_common(void)
{
	sleeper = fixture_sleeper();
	memset(regs, 0, sizeof(regs));
	syn_symbol(m, "irq_stack_ptr", 0x46100);
	syn_symbol(m, "overflow_stack", OVERFLOW);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		syn_fill(m, SYN_PERCPU(cpu) + IRQ, 0x7000, 0);
		syn_put64(m, syn_percpu(m, "irq_stack_ptr", cpu), SYN_PERCPU(cpu) + IRQ);
	}
}

static void setup_arm64(void)
{
	setup_common();
	syn_size(m, "pt_regs", 336);
	syn_symbol(m, "vectors", VECTORS);
	syn_symbol(m, "__entry_text_start", VECTORS);
	syn_symbol(m, "__entry_text_end", VECTORS + 0x800);
	syn_symbol(m, "efi_rt_stack_top", SYN_DATA + 0xb000);
	syn_symbol(m, "__entry_task", 0x46108);
	syn_symbol(m, "sdei_stack_normal_ptr", 0x46110);
	syn_symbol(m, "sdei_active_normal_event", 0x46118);
	syn_put64(m, SYN_DATA + 0xb000, 0);
	syn_put64(m, syn_percpu(m, "__entry_task", 0), syn_idle(m, 0));
	put_percpu("__entry_task", sh);
	regs[PC] = syn_sym(m, "task_spin") + 0x20;
	regs[SP] = c.sp;
	regs[PSTATE] = 0x600000c5; /* EL1h; IRQ and FIQ are masked */
	put_note(NR_ARM64);
}

static void setup_riscv64(void)
{
	setup_common();
	syn_size(m, "pt_regs", 288);
	syn_member(m, "thread_info.kernel_sp", 640, 8);
	syn_member(m, "thread_info.user_sp", 648, 8);
	syn_symbol(m, "handle_exception", SYN_TEXT + 0x400);
	syn_symbol(m, "ret_from_exception_end", SYN_TEXT + 0x800);
	syn_put64(m, sh + 640, syn_stack(m, sh) + SYN_THREAD_SIZE);
	syn_put64(m, sh + 648, 0x7ffc00001000);
	regs[EPC] = syn_sym(m, "task_spin") + 0x20;
	regs[RISCV_SP] = c.sp;
	regs[TP] = sh;
	put_note(NR_RISCV);
}

static void teardown(void)
{
	free(out);
	out = NULL;
}

/* ---- as it should be ---- */

/* What is told of a stack is what the map, and whoever asks for its use, say of it. */
static void expect_stacks_of_words(void)
{
	struct stk_entry_words words;
	unsigned int nr = 0;

	ck_assert_int_eq(stk_entry_words(s, 1, &words), STK_OK);
	for (size_t i = 0; i < words.nr; i++) {
		const struct stk_entry_word *w = &words.word[i];
		struct stk_stack found;
		struct stk_use use;
		uint64_t phys = 0;

		if (!w->has_stack)
			continue;
		nr++;
		ck_assert_msg(!w->problem, "%s: %s", w->name, w->problem);
		ck_assert(w->has_phys == !stk_translate(s, w->stack.begin, &phys));
		if (w->has_phys)
			ck_assert_uint_eq(w->phys, phys);
		ck_assert_int_eq(stk_find_stack(s, w->stack.begin, &found), STK_OK);
		if (found.begin == w->stack.begin) {
			ck_assert_uint_eq(w->stack.end, found.end);
			ck_assert_uint_eq(w->stack.guard, found.guard);
			ck_assert_uint_eq(w->stack.guard_end, found.guard_end);
		}
		ck_assert_int_eq(stk_stack_use(s, &w->stack, &use), STK_OK);
		ck_assert_int_eq(w->use.state, use.state);
		ck_assert_uint_eq(w->use.used, use.used);
		ck_assert_uint_eq(w->use.high_water, use.high_water);
	}
	ck_assert_uint_gt(nr, 0);
}

START_TEST(arm64_as_it_should_be)
{
	char line[128];

	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry"), STK_CMD_OK);
	expect_in(out, "All CPUs\n  vectors ");
	expect_in(out, "16 slots of 0x80 bytes\n");
	expect_in(out, "\nCPU 1\n  PSTATE ");
	expect_in(out, "EL1, the kernel; masked: IF\n");
	snprintf(line, sizeof(line),
		 "  __entry_task               %llx  PID 227 \"sh\"\n",
		 (unsigned long long)sh);
	expect_in(out, line);
	snprintf(line, sizeof(line),
		 "  sp at user entry           %llx  PID 227 \"sh\", TASK,",
		 (unsigned long long)(syn_stack(m, sh) + SYN_THREAD_SIZE - 336));
	expect_in(out, line);
	snprintf(line, sizeof(line), "      base %llx, top %llx",
		 (unsigned long long)(SYN_PERCPU(1) + IRQ),
		 (unsigned long long)(SYN_PERCPU(1) + IRQ + SYN_THREAD_SIZE));
	expect_in(out, line);
	snprintf(line, sizeof(line),
		 "  overflow_stack             %llx  OVERFLOW, unused\n",
		 (unsigned long long)(SYN_PERCPU(1) + OVERFLOW));
	expect_in(out, line);
	expect_in(out, "\nCPU 2 (offline)\n");
	expect_not_in(out, "DEVIATION");
	expect_not_in(out, "IN FLIGHT");
	ck_assert_str_eq(errors, "");
	expect_answers(__func__, _i);
	expect_stacks_of_words();
}
END_TEST

/* Words that are as on most machines are told with -v only. */
START_TEST(words_that_are_details)
{
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_not_in(out, "sdei_");
	expect_not_in(out, "efi_");
	expect_not_in(out, "CPU 0");
	run("entry -v -c 1");
	expect_in(out, "  sdei_stack_normal_ptr                     0  no firmware "
		       "registered it\n");
	expect_in(out, "  efi_rt_stack_top                          0  no runtime");
	put_percpu("sdei_stack_normal_ptr", SYN_PERCPU(1) + IRQ);
	put_percpu("sdei_active_normal_event", sh);
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_in(out, "SDEI_NORMAL, ");
	expect_in(out, "an event of the firmware's is being handled");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(riscv64_as_it_should_be)
{
	char line[128];

	open_as(&stk_arch_riscv64);
	ck_assert_int_eq(run("entry -c 1"), STK_CMD_OK);
	expect_in(out, "All CPUs\n  handle_exception ");
	snprintf(line, sizeof(line),
		 "  tp                         %llx  PID 227 \"sh\"\n",
		 (unsigned long long)sh);
	expect_in(out, line);
	expect_in(out, "PID 227 \"sh\", the end of its stack\n");
	expect_in(out, "PID 227 \"sh\", of the last entry, from user mode\n");
	expect_in(out, "IRQ, ");
	expect_in(out, "OVERFLOW, unused\n");
	expect_not_in(out, "DEVIATION");
	expect_answers(__func__, _i);
	expect_stacks_of_words();
}
END_TEST

/* ---- each that is not ---- */

START_TEST(arm64_deviates)
{
	static const struct {
		const char *name; /* of a per-CPU word; NULL: PSTATE */
		uint64_t value;
		const char *text;
	} row[] = {
		{ "__entry_task", 0x1230, "DEVIATION: the CPU ran PID 227 \"sh\", " },
		{ "irq_stack_ptr", 0, "DEVIATION: the CPU has no such stack" },
		{ "irq_stack_ptr", SYN_PERCPU(1) + IRQ + 8,
		  "DEVIATION: no stack can begin there" },
		{ "irq_stack_ptr", 0x7f0000000000,
		  "DEVIATION: no stack can begin there" },
		{ "sdei_stack_normal_ptr", 8, "DEVIATION: no stack can begin there" },
		{ NULL, 0x3c4, "DEVIATION: SP_EL0 is the stack pointer" },
		{ NULL, 0x3cd, "DEVIATION: EL3 is the firmware's" },
		{ NULL, 0x3d5, "DEVIATION: AArch32" },
	};

	if (row[_i].name) {
		put_percpu(row[_i].name, row[_i].value);
	} else {
		regs[PSTATE] = row[_i].value;
		put_note(NR_ARM64);
	}
	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry -c 1"), STK_CMD_OK);
	expect_in(out, row[_i].text);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(arm64_levels)
{
	static const struct {
		uint64_t pstate;
		const char *text;
	} row[] = {
		{ 0x3c9, "EL2, the kernel, with VHE; masked: DAIF\n" },
		{ 0x5, "EL1, the kernel; nothing is masked\n" },
		{ 0x80000000, "EL0, user mode; nothing is masked\n" },
		{ 0x10, "EL0 of AArch32, user mode; nothing is masked\n" },
	};

	regs[PSTATE] = row[_i].pstate;
	if (row[_i].pstate & 15)
		regs[PC] = syn_sym(m, "task_spin") + 0x20;
	else
		regs[PC] = SYN_USER_IP;
	put_note(NR_ARM64);
	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry -c 1"), STK_CMD_OK);
	expect_in(out, row[_i].text);
	expect_not_in(out, "DEVIATION");
	expect_answers(__func__, _i);
}
END_TEST

/* VBAR_EL1 has no bits for less than 2048 bytes. */
START_TEST(vectors_are_aligned)
{
	syn_symbol(m, "vectors", VECTORS + 0x400);
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_in(out, "DEVIATION: not aligned to 2048 bytes");
	expect_answers(__func__, _i);
}
END_TEST

/* Another task that is on no CPU; then one that is, as in the midst of a switch. */
START_TEST(another_task)
{
	put_percpu("__entry_task", sleeper);
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_in(out, "PID 300 \"sleeper\"\n      DEVIATION: the CPU ran PID 227");
	syn_put32(m, sleeper + syn_off(m, "task_struct.on_cpu"), 1);
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_in(out, "IN FLIGHT: PID 300 \"sleeper\" and PID 227 \"sh\" are both on");
	expect_not_in(out, "DEVIATION");
	expect_answers(__func__, _i);
}
END_TEST

/* What is not in the dump deviates from nothing. */
START_TEST(task_is_not_in_the_dump)
{
	syn_fail(m, syn_percpu(m, "__entry_task", 1), STK_ERR_EXCLUDED);
	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry -c 1"), STK_CMD_OK);
	expect_in(out, "  __entry_task               ");
	expect_not_in(out, "DEVIATION");
	expect_not_in(out, "IN FLIGHT");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(stopped_at_a_vector)
{
	regs[PC] = VECTORS + 0x280;
	put_note(NR_ARM64);
	open_as(&stk_arch_arm64);
	run("entry -c 1");
	expect_in(out, "\nCPU 1\n  (it stopped at vectors+640, at the vector of an event "
		       "from kernel mode");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(riscv64_deviates)
{
	/* The task that tp is. */
	regs[TP] = sleeper;
	put_note(NR_RISCV);
	open_as(&stk_arch_riscv64);
	run("entry -c 1");
	expect_in(out, "PID 300 \"sleeper\"\n      DEVIATION: the CPU ran PID 227");
	/* In entry code it may be anything. */
	regs[EPC] = syn_sym(m, "handle_exception");
	put_note(NR_RISCV);
	open_as(&stk_arch_riscv64);
	run("entry -c 1");
	expect_in(out, "the user's: the entry code has not changed it yet\n");
	expect_in(out, "  (it stopped at handle_exception+0, ");
	expect_not_in(out, "DEVIATION");
	/* An entry from user mode goes to kernel_sp. */
	regs[EPC] = SYN_USER_IP;
	regs[RISCV_SP] = 0x7ffc00001000;
	put_note(NR_RISCV);
	open_as(&stk_arch_riscv64);
	run("entry -c 1");
	expect_in(out, "  the user's\n");
	expect_not_in(out, "DEVIATION");
	syn_put64(m, sh + 640, syn_stack(m, sh) + 0x800);
	open_as(&stk_arch_riscv64);
	run("entry -c 1");
	expect_in(out, "DEVIATION: an entry from user mode goes there, and not to the");
	expect_answers(__func__, _i);
}
END_TEST

/* ---- the rest ---- */

static struct json_object *get(struct json_object *o, const char *path)
{
	char copy[100], *save;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, ".", &save); key;
	     key = strtok_r(NULL, ".", &save)) {
		if (json_object_is_type(o, json_type_array))
			o = json_object_array_get_idx(o, (size_t)atoi(key));
		else
			ck_assert_msg(json_object_object_get_ex(o, key, &o), "no %s",
				      path);
	}
	return o;
}

START_TEST(json_of_words)
{
	struct json_object *o;

	put_percpu("irq_stack_ptr", 0);
	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry -j -c 1"), STK_CMD_OK);
	o = json_tokener_parse(out);
	ck_assert_str_eq(json_object_get_string(get(o, "machine.0.name")), "vectors");
	ck_assert_uint_eq(json_object_array_length(get(o, "entry")), 1);
	ck_assert_int_eq(json_object_get_int(get(o, "entry.0.cpu")), 1);
	ck_assert_ptr_null(get(o, "entry.0.stopped"));
	ck_assert_str_eq(json_object_get_string(get(o, "entry.0.words.2.name")),
			 "__entry_task");
	ck_assert_int_eq(json_object_get_int(get(o, "entry.0.words.2.task.pid")), 227);
	ck_assert_ptr_null(get(o, "entry.0.words.2.deviation"));
	ck_assert_str_eq(json_object_get_string(get(o, "entry.0.words.4.name")),
			 "irq_stack_ptr");
	ck_assert_ptr_nonnull(get(o, "entry.0.words.4.deviation"));
	json_object_put(o);
	expect_answers(__func__, _i);
	ck_assert_int_eq(run("entry -j -c 0"), STK_CMD_OK);
	o = json_tokener_parse(out);
	ck_assert_str_eq(json_object_get_string(get(o, "machine.0.name")), "vectors");
	ck_assert_uint_eq(json_object_array_length(get(o, "entry")), 1);
	ck_assert_int_eq(json_object_get_int(get(o, "entry.0.cpu")), 0);
	json_object_put(o);
}
END_TEST

/* Once, and not for each CPU. */
START_TEST(the_other_command)
{
	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("tss"), STK_CMD_FAILED);
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(errors, "aarch64 has no TSS: see the command entry\n");
	s = syn_open(m);
	ck_assert_int_eq(run("entry"), STK_CMD_FAILED);
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(errors, "x86_64 has a TSS: see the command tss\n");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(cpus_that_there_are_not)
{
	struct stk_entry_words words;

	open_as(&stk_arch_arm64);
	ck_assert_int_eq(run("entry -c 7"), STK_CMD_FAILED);
	expect_in(errors, "no CPU");
	ck_assert_int_eq(stk_entry_words(s, 7, &words), STK_ERR_ARG);
	ck_assert_int_eq(stk_entry_words(s, -1, &words), STK_OK);
	ck_assert_int_eq(words.cpu, -1);
	expect_answers(__func__, _i);
}
END_TEST

/* Where nothing is the same for all CPUs the first of them is not set off. */
START_TEST(nothing_of_the_machine)
{
	syn_no_symbol(m, "handle_exception");
	open_as(&stk_arch_riscv64);
	ck_assert_int_eq(run("entry -c 0-1"), STK_CMD_OK);
	ck_assert_msg(!strncmp(out, "CPU 0\n", 6), "%s", out);
	expect_in(out, "\n\nCPU 1\n");
	ck_assert_str_eq(errors, "");
}
END_TEST

/* Whose words could not be read is told: of a CPU, or of all of them. */
START_TEST(not_to_be_read)
{
	const char *cpu0;
	bool machine_told = false, cpu_told = false;

	for (uint64_t steps = 1; steps < 1 << 16; steps += 1 + steps / 16) {
		open_as(&stk_arch_arm64);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		s->budget.max_steps = steps;
		run("entry -c 0,1");
		cpu0 = strstr(errors, "CPU 0: ");
		if (strstr(out, "All CPUs\n")) {
			ck_assert_msg(!*errors || !strncmp(errors, "CPU ", 4), "%s",
				      errors);
			ck_assert((cpu0 != NULL) == !strstr(out, "CPU 0\n"));
			cpu_told |= cpu0 == errors;
		} else if (*errors) {
			ck_assert_msg(strncmp(errors, "CPU ", 4) != 0, "%s", errors);
			machine_told = true;
		}
	}
	ck_assert(machine_told && cpu_told);
}
END_TEST

static const struct unit_test arm64_tests[] = {
	TEST(arm64_as_it_should_be),
	TEST(words_that_are_details),
	LOOP(arm64_deviates, 8),
	LOOP(arm64_levels, 4),
	TEST(vectors_are_aligned),
	TEST(another_task),
	TEST(task_is_not_in_the_dump),
	TEST(stopped_at_a_vector),
	TEST(json_of_words),
	TEST(the_other_command),
	TEST(cpus_that_there_are_not),
	TEST(not_to_be_read),
	{ 0 },
};

static const struct unit_test riscv64_tests[] = {
	TEST(riscv64_as_it_should_be),
	TEST(riscv64_deviates),
	TEST(nothing_of_the_machine),
	{ 0 },
};

const struct unit_suite suite_entry = {
	"entry",
	{
		{ "arm64", arm64_tests, setup_arm64, teardown },
		{ "riscv64", riscv64_tests, setup_riscv64, teardown },
	},
};
