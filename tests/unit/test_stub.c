/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a machine of an architecture which implements only what it must is told as
 * far as that goes, and no further: its tasks and CPUs, no stack of a CPU, no chain, and
 * a reason for each; whatever the command.
 */
#include "fixture.h"
#include "suite.h"

#include "commands/args.h"
#include "commands/help.h"
#include "session/session.h"
#include "stub_arch.h"

#include <json-c/json.h>
#include <stackinfo/unwind.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;
static uint64_t sleeper;
static char *out, errors[4096];

static void on_error(struct stk_command *unused, const char *text)
{
	snprintf(errors + strlen(errors), sizeof(errors) - strlen(errors), "%s\n", text);
}

/* What x86_64 left there is to the stub as any bytes. */
static void setup(void)
{
	struct syn_cpu before;

	fixture_kernel();
	sleeper = syn_task(m, "sleeper", 300, 0);
	before = syn_cpu(m, 1, sleeper);
	syn_syscall(&before);
	syn_sleep(&before);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
	syn_use_read_virt(m);
	s = syn_open(m);
	stk_close(s);
	m->s = s = stk_open_as(&m->target, sizeof(m->target), &stub_arch);
	ck_assert_ptr_nonnull(s);
}

static void teardown(void)
{
	free(out);
	out = NULL;
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
	return res;
}

#define expect_in(text, part)                                                            \
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text)

START_TEST(kernel_is_read)
{
	const struct stk_task *tasks;
	struct stk_task task;
	size_t nr;

	ck_assert_str_eq(stk_arch_name(s), "stub");
	ck_assert_uint_eq(stk_nr_cpus(s), SYN_NR_CPUS);
	ck_assert_int_eq(stk_tasks(s, &tasks, &nr), STK_OK);
	ck_assert_uint_gt(nr, 2);
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_str_eq(task.comm, "sleeper");
	/* No rule says where its stack pointer was saved. */
	ck_assert_uint_eq(task.sp, 0);
}
END_TEST

/* It names no per-CPU pointer: the run queue's task is the current one. */
START_TEST(current_is_the_run_queues)
{
	struct stk_task task;

	ck_assert_int_eq(stk_cpu_current(s, 1, &task), STK_OK);
	ck_assert_uint_eq(task.addr, sh);
}
END_TEST

START_TEST(no_stack_of_a_cpu)
{
	const struct stk_stack *stack;
	size_t nr = 7;

	ck_assert_int_eq(stk_cpu_stacks(s, 1, &stack, &nr), STK_OK);
	ck_assert_uint_eq(nr, 0);
	ck_assert_int_eq(stk_irq_stack_in_use(s, 1), -1);
}
END_TEST

START_TEST(refuses_to_unwind)
{
	struct stk_start start;
	struct stk_task task;

	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_ERR_NO_REGS);
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_ERR_UNSUPPORTED);
	ck_assert_int_eq(stk_start_regs(s, syn_stack(m, sleeper), &start),
			 STK_ERR_UNSUPPORTED);
	expect_in(stk_error_text(s), "cannot read a pt_regs");
	expect_in(stk_error_text(s), "not supported");
}
END_TEST

/* Given a program counter and a stack pointer it has a first frame, and no rule. */
START_TEST(no_step_without_a_method)
{
	struct stk_start start = { .cpu = -1, .from = STK_FROM_STACK };
	struct stk_chain *chain;

	start.regs.v[stub_arch.ip] = syn_sym(m, "task_spin") + 0x20;
	start.regs.v[stub_arch.sp] = syn_stack(m, sleeper) + 0x3000;
	start.regs.valid = 1ull << stub_arch.ip | 1ull << stub_arch.sp;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert(!stk_end_is_good(chain->end));
	ck_assert_uint_eq(chain->nr_segments, 1);
	ck_assert_uint_eq(chain->segments->nr_frames, 1);
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(each_command_answers)
{
	static const struct {
		const char *line, *out, *errors;
	} row[] = {
		{ "xbt -c 1", "", "CPU 1: the registers in its note cannot be read" },
		{ "xbt -c 0", "", "no registers of CPU 0 were saved" },
		{ "xbt 300", "",
		  "PID 300: cannot read its saved stack pointer: not "
		  "supported" },
		{ "xbt -A", "", "CPU 0" },
		{ "xbt -a", "", "CPU 0" },
		{ "tss", "", "stub has no TSS" },
		{ "tss -c 1", "", "stub has no TSS" },
		{ "stackof --map", "TASK", "" },
		{ "stackof --map -v", "TASK", "" },
		{ "stackof init_task", "kernel space", "" },
		{ "stackof %pc:1", "", "cannot be read" },
		{ "stackof 1234", "1234", "" },
		{ "log", "", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		run(row[i].line);
		ck_assert_msg(strstr(out, row[i].out) && strstr(errors, row[i].errors),
			      "%s: \"%s\", \"%s\"", row[i].line, out, errors);
		ck_assert_msg(*out || *errors, "%s says nothing", row[i].line);
	}
}
END_TEST

START_TEST(each_json_is_a_document)
{
	static const char *const line[] = {
		"xbt -j -A",
		"xbt -j 300",
		"tss -j",
		"stackof -j --map",
		"stackof -j init_task ffff9a4000001000",
	};

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		struct json_object *o;

		run(line[i]);
		o = json_tokener_parse(out);
		ck_assert_msg(o != NULL, "%s: \"%s\", \"%s\"", line[i], out, errors);
		json_object_put(o);
	}
}
END_TEST

/* An address of each part of the address space, and every byte of none. */
START_TEST(any_address_has_a_place)
{
	const uint64_t addr[] = { 0,	       0x1000,	   SYN_USER_IP, 1ull << 63,
				  SYN_DIRECT,  SYN_TEXT,   SYN_DATA,	SYN_VMALLOC,
				  SYN_VMEMMAP, SYN_MODULE, SYN_RO_IDT,	~0ull };
	struct stk_place place;

	for (size_t i = 0; i < sizeof(addr) / sizeof(addr[0]); i++)
		stk_classify(s, addr[i], &place);
	stk_classify(s, syn_stack(m, sleeper) + 0x100, &place);
	ck_assert(place.has_stack);
	ck_assert_uint_eq(place.stack.task, sleeper);
}
END_TEST

static const struct unit_test tests[] = {
	TEST(kernel_is_read),
	TEST(current_is_the_run_queues),
	TEST(no_stack_of_a_cpu),
	TEST(refuses_to_unwind),
	TEST(no_step_without_a_method),
	TEST(each_command_answers),
	TEST(each_json_is_a_document),
	TEST(any_address_has_a_place),
	{ 0 },
};

const struct unit_suite suite_stub = {
	"stub architecture",
	{
		{ "stub", tests, setup, teardown },
	},
};
