/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a machine of an architecture which implements only what it must is told as
 * far as that goes, and no further: its tasks and CPUs, no stack of a CPU, no chain, and
 * a reason for each; whatever the command.
 */
#include "asked.h"
#include "fixture.h"
#include "suite.h"

#include "arch/arch.h"
#include "commands/args.h"
#include "commands/help.h"
#include "machine/memory.h"
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
	sleeper = fixture_sleeper();
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
	put_asked(argc, argv, res, out, errors);
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
		{ "entry", "", "how a CPU of stub enters the kernel is not known" },
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
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(each_json_is_a_document)
{
	static const char *const line[] = {
		"xbt -j -A", "xbt -j 300",	 "tss -j",
		"entry -j",  "stackof -j --map", "stackof -j init_task ffff9a4000001000",
	};

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		struct json_object *o;

		run(line[i]);
		o = json_tokener_parse(out);
		ck_assert_msg(o != NULL, "%s: \"%s\", \"%s\"", line[i], out, errors);
		json_object_put(o);
	}
	expect_answers(__func__, _i);
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

/* ---- what is answered in place of a hook: "not known", and nothing is left to guess
 * ---- */

static bool is_zero(const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((const char *)data)[i])
			return false;
	return true;
}

START_TEST(no_hook_finds)
{
	const struct stk_arch *a = s->arch;
	struct stk_stack stack = { .kind = a->task_kind, .begin = 1, .end = 2 };
	struct stk_cursor at = { .cpu = 1, .stack = stack };
	struct stk_residue residue;
	struct stk_regs regs = { 0 };
	struct stk_entry_words words = { .cpu = 1 };
	const char *text;
	uint64_t value;
	bool flag;

	ck_assert(!a->direct_map(s, 0, &value));
	ck_assert(!a->image_map(s, 0, &value));
	ck_assert(!a->executable(s, SYN_TEXT));
	ck_assert(!a->percpu_alias(s, 1, SYN_DATA, &text, &value));
	ck_assert(!a->residue(s, &stack, &residue));
	ck_assert(!a->user_mode(&regs));
	ck_assert_int_eq(a->interruptible(&regs), -1);
	ck_assert(!a->may_be_user(s, &stack, &regs, 1));
	ck_assert(!a->on_user_stack(s, &regs));
	flag = true;
	ck_assert_ptr_null(a->foreign_regs(s, &(struct stk_saved){ 0 }, &flag));
	ck_assert(!flag);
	ck_assert(!a->vouched_regs(s, 1, &regs, &flag, &text));
	ck_assert(!a->call_before(s, SYN_TEXT, &value));
	ck_assert(!a->user_below(s, a->task_kind, SYN_TEXT));
	ck_assert(!a->begins_stack(s, &at, true));
	ck_assert(!a->begins_stack(s, &at, false));
	ck_assert(!a->link_word(s, &stack, &value, &value));
	ck_assert(!a->left_at(s, &stack, &value));
	ck_assert(!a->operand(s, SYN_TEXT, &regs, &(struct stk_operand){ 0 }));
	a->entry_words(s, NULL, &words);
	ck_assert_uint_eq(words.nr, 0);
}
END_TEST

START_TEST(no_hook_says_yes_or_no)
{
	const struct stk_arch *a = s->arch;
	struct stk_stack stack = { .kind = a->task_kind, .begin = 1, .end = 2 };
	struct stk_regs regs = { 0 };
	const char *why = NULL;

	ck_assert_int_eq(a->irq_in_use(s, 1), -1);
	ck_assert_int_eq(a->in_use(s, &stack, &why), -1);
	ck_assert_int_eq(a->begins_sleep(s, &regs), -1);
	ck_assert_int_eq(a->counts_context(s, 1, a->task_kind), -1);
	ck_assert_int_eq(a->call_evidence(s, SYN_TEXT, SYN_TEXT, true, &why),
			 STK_CALL_UNASKED);
	ck_assert_ptr_null(why);
}
END_TEST

START_TEST(no_hook_has_registers)
{
	const struct stk_arch *a = s->arch;
	struct stk_stack stack = { .kind = a->task_kind, .begin = 1, .end = 2 };
	struct stk_saved saved = { .prstatus.kind = STK_NOTE_PRSTATUS };
	struct stk_evidence evidence = { 0 };
	struct stk_entry entry = { 0 };
	struct stk_fault fault;
	struct stk_copy copy[2];
	struct stk_task task;
	struct stk_regs regs;
	uint64_t phys;
	bool signal;

	memset(&regs, 0xff, sizeof(regs));
	ck_assert_int_eq(a->note_regs(s, &saved, &regs), STK_ERR_UNSUPPORTED);
	ck_assert(is_zero(&regs, sizeof(regs)));
	memset(&regs, 0xff, sizeof(regs));
	ck_assert_int_eq(a->read_pt_regs(s, SYN_DATA, &regs), STK_ERR_UNSUPPORTED);
	ck_assert(is_zero(&regs, sizeof(regs)));
	expect_in(stk_error_text(s), "stub: the layout of saved registers");
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	memset(&regs, 0xff, sizeof(regs));
	ck_assert_int_eq(a->sleeping_regs(s, &task, &regs, &signal), STK_ERR_UNSUPPORTED);
	ck_assert(is_zero(&regs, sizeof(regs)));
	ck_assert_int_eq(a->translate_in(s, SYN_DATA, 0, &phys), STK_ERR_UNSUPPORTED);
	ck_assert_uint_eq(a->saved_copies(s, 1, &stack, &regs, copy, 2), 0);
	ck_assert_ptr_null(a->entry_state(s, 1, &saved));
	ck_assert_uint_eq(a->user_regs_at(s, &stack), 0);
	a->weigh_regs(s, &stack, &regs, 1, SYN_TEXT, &evidence);
	ck_assert(is_zero(&evidence, sizeof(evidence)));
	a->describe_entry(s, SYN_TEXT, &regs, 0, &entry);
	ck_assert(is_zero(&entry, sizeof(entry)));
	ck_assert(!a->describe_fault(s, SYN_TEXT, &regs, 0, &fault));
	for (unsigned int kind = 0; kind < 32; kind++)
		ck_assert_uint_eq(a->leads_to[kind], 0);
}
END_TEST

START_TEST(regions_are_two)
{
	struct stk_place place = { 0 };

	s->arch->region(s, 1, &place);
	ck_assert_str_eq(place.region, "user space");
	s->arch->region(s, 1ull << 63, &place);
	ck_assert_str_eq(place.region, "kernel space");
}
END_TEST

static enum stk_status own_pt_regs(struct stk *unused, uint64_t addr,
				   struct stk_regs *regs)
{
	return STK_OK;
}

/* What an architecture has is not replaced. */
START_TEST(hooks_stay)
{
	struct stk_arch a = stub_arch;

	a.read_pt_regs = own_pt_regs;
	stk_arch_complete(&a);
	ck_assert_ptr_eq(a.read_pt_regs, own_pt_regs);
	ck_assert_ptr_nonnull(a.sleeping_regs);
}
END_TEST

/* ---- frames by their records: where each lies is known, its stack pointer is not ----
 */

#define REG(name) (1ull << stub_arch.name)

static const struct stk_inner saved_sp[] = { { "task_struct", "thread" },
					     { "thread_struct", "sp" },
					     { 0 } };
static uint64_t first_record;

/* A record is the address of the caller's, and where this call returns to. */
static enum stk_step_result by_record(struct stk *session, const struct stk_cursor *cur,
				      struct stk_step *step)
{
	uint64_t record = cur->regs.v[stub_arch.fp], word[2];

	ck_assert_uint_eq(cur->regs.valid >> stub_arch.sp & 1, cur->signal);
	if (!record)
		return STK_STEP_END;
	if (stk_read(session, record, word, sizeof(word)))
		return STK_STEP_FAILED;
	step->at = record;
	step->slot = record + 8;
	step->how = STK_HOW_FP;
	step->reliable = true;
	step->regs.valid = REG(ip) | REG(fp);
	step->regs.v[stub_arch.fp] = word[0];
	step->regs.v[stub_arch.ip] = word[1];
	return STK_STEP_OK;
}

static bool begins_stack(struct stk *unused, const struct stk_cursor *cur, bool idle)
{
	return true;
}

static enum stk_status sleeping_regs(struct stk *unused, const struct stk_task *task,
				     struct stk_regs *regs, bool *signal)
{
	*regs = (struct stk_regs){ .valid = REG(ip) | REG(sp) | REG(fp) };
	regs->v[stub_arch.ip] = syn_sym(m, "__schedule") + 0x20;
	regs->v[stub_arch.sp] = task->sp;
	regs->v[stub_arch.fp] = first_record;
	*signal = true;
	return STK_OK;
}

static enum stk_step_result (*const by_records[])(struct stk *session,
						  const struct stk_cursor *cur,
						  struct stk_step *step) = { by_record };

static void put_record(uint64_t at, uint64_t next, const char *caller)
{
	syn_put64(m, at, next);
	syn_put64(m, at + 8, syn_sym(m, caller) + 0x20);
}

static void setup_records(void)
{
	struct stk_arch arch = stub_arch;

	setup();
	arch.methods = by_records;
	arch.nr_methods = 1;
	arch.begins_stack = begins_stack;
	arch.saved_sp = saved_sp;
	arch.sleeping_regs = sleeping_regs;
	stk_close(s);
	m->s = s = stk_open_as(&m->target, sizeof(m->target), &arch);
	first_record = syn_stack(m, sleeper) + 0x3f00;
	put_record(first_record, first_record + 0x40, "schedule");
	put_record(first_record + 0x40, 0, "vfs_write");
}

static struct stk_chain *chain_of_sleeper(void)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk_task task;

	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return chain;
}

START_TEST(position_without_a_stack_pointer)
{
	struct stk_chain *chain = chain_of_sleeper();
	struct stk_segment *seg = chain->segments;

	ck_assert_int_eq(chain->end, STK_END_THREAD_START);
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	ck_assert_uint_eq(seg->nr_frames, 3);
	ck_assert(seg->frames[0].has_sp);
	ck_assert_uint_eq(seg->frames[0].at, seg->frames[0].sp);
	ck_assert_uint_eq(seg->low, seg->frames[0].sp);
	for (size_t i = 1; i < 3; i++) {
		ck_assert(!seg->frames[i].has_sp);
		ck_assert_uint_eq(seg->frames[i].at, first_record + 0x40 * (i - 1));
		ck_assert_uint_eq(seg->frames[i].slot, seg->frames[i].at + 8);
	}
	stk_chain_free(s, chain);
}
END_TEST

/* A record is above the one before it, whatever the stack pointer may be. */
START_TEST(records_rise)
{
	static const int64_t next[] = { 0, -0x40, 0x4000 };
	static const enum stk_end end[] = { STK_END_BACKWARDS, STK_END_BACKWARDS,
					    STK_END_OFF_STACK };
	uint64_t bad = first_record + (uint64_t)next[_i];
	struct stk_chain *chain;
	char text[32];

	syn_fill(m, first_record - 0x40, 0x40, 0);
	put_record(first_record, bad, "schedule");
	if (_i < 2)
		syn_put64(m, bad + 8, syn_sym(m, "schedule") + 0x20);
	else
		put_record(bad, 0, "vfs_write");
	chain = chain_of_sleeper();
	ck_assert_int_eq(chain->end, end[_i]);
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)bad);
	expect_in(chain->end_text, text);
	ck_assert_uint_eq(chain->segments->nr_frames, 2);
	stk_chain_free(s, chain);
}
END_TEST

static struct json_object *frame_of(struct json_object *o, size_t nr)
{
	static const char *const path[] = { "chains", "segments", "frames" };

	for (size_t i = 0; i < 3; i++)
		o = json_object_array_get_idx(json_object_object_get(o, path[i]),
					      i < 2 ? 0 : nr);
	return o;
}

START_TEST(records_are_told)
{
	struct json_object *o, *at;
	char text[64];

	run("xbt 300");
	snprintf(text, sizeof(text), "#1 [%016llx] schedule+32",
		 (unsigned long long)first_record + 8);
	expect_in(out, text);
	run("xbt -v -r 300");
	expect_in(out, "vfs_write");
	run("xbt -j 300");
	o = json_tokener_parse(out);
	ck_assert_ptr_nonnull(o);
	at = frame_of(o, 0);
	ck_assert_int_eq(json_object_get_type(json_object_object_get(at, "sp")),
			 json_type_string);
	at = frame_of(o, 1);
	ck_assert(json_object_object_get_ex(at, "sp", NULL));
	ck_assert_ptr_null(json_object_object_get(at, "sp"));
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

/* ---- pages of 16 and of 64 KiB ---- */

static unsigned int large_page_shift(struct stk *unused)
{
	return 12 + m->large;
}

static void open_with_large_pages(unsigned int large)
{
	struct stk_arch arch = stub_arch;

	arch.page_shift = large_page_shift;
	m->large = large;
	stk_close(s);
	m->s = s = stk_open_as(&m->target, sizeof(m->target), &arch);
}

START_TEST(kernel_of_large_pages)
{
	uint64_t words[2] = { 0 }, at = syn_stack(m, sleeper) + 0x1000 - 8;
	unsigned int reads;
	struct stk_task task;

	syn_put64(m, at, 0x1111);
	syn_put64(m, at + 8, 0x2222);
	open_with_large_pages((unsigned int)_i);
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_str_eq(task.comm, "sleeper");
	ck_assert_uint_eq(stk_page_size(s), 4096u << _i);
	/* Over the end of what would be a page elsewhere: one read of the machine. */
	stk_forget_memory(s);
	reads = m->calls.read_virt;
	ck_assert_int_eq(stk_read(s, at, words, sizeof(words)), STK_OK);
	ck_assert_uint_eq(m->calls.read_virt - reads, 1);
	ck_assert_uint_eq(words[0], 0x1111);
	ck_assert_uint_eq(words[1], 0x2222);
	run("stackof --map");
	expect_in(out, "TASK");
	run("xbt 300");
	expect_in(errors, "PID 300");
	expect_answers(__func__, _i);
}
END_TEST

static const struct unit_test page_tests[] = {
	RANGE(kernel_of_large_pages, 2, 3),
	RANGE(kernel_of_large_pages, 4, 5),
	{ 0 },
};

static const struct unit_test record_tests[] = {
	TEST(position_without_a_stack_pointer),
	LOOP(records_rise, 3),
	TEST(records_are_told),
	{ 0 },
};

static const struct unit_test tests[] = {
	TEST(kernel_is_read),
	TEST(current_is_the_run_queues),
	TEST(no_stack_of_a_cpu),
	TEST(refuses_to_unwind),
	TEST(no_step_without_a_method),
	TEST(each_command_answers),
	TEST(each_json_is_a_document),
	TEST(any_address_has_a_place),
	TEST(no_hook_finds),
	TEST(no_hook_says_yes_or_no),
	TEST(no_hook_has_registers),
	TEST(regions_are_two),
	TEST(hooks_stay),
	{ 0 },
};

const struct unit_suite suite_stub = {
	"stub architecture",
	{
		{ "stub", tests, setup, teardown },
		{ "records", record_tests, setup_records, teardown },
		{ "pages", page_tests, setup, teardown },
	},
};
