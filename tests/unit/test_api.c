/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the public view says what the library knows inside, and that a program
 * built with smaller structures, or with larger ones, gets what it has room for.
 */
#include "fixture.h"
#include "memory.h"
#include "suite.h"

#include <stackinfo/stackinfo.h>
#include <stackinfo/unwind.h>
#include <stddef.h>
#include <string.h>

#include "unwind/unwind.h"

#define CANARY 0xa5

static struct stk *s;

static void setup(void)
{
	fixture_syscall();
	syn_crash_note(&c);
	s = syn_open(m);
}

/* ---- sizes ---- */

/* What an answer is like in a program with room for @size bytes of it. */
typedef enum stk_status answer(void *out, size_t size);

static enum stk_status machine(void *out, size_t size)
{
	return stk_get_machine(s, out, size);
}

static enum stk_status first_task(void *out, size_t size)
{
	return stk_get_task(s, 0, out, size);
}

static enum stk_status task_at(void *out, size_t size)
{
	return stk_get_task_at(s, c.task, out, size);
}

static enum stk_status task_by_pid(void *out, size_t size)
{
	return stk_get_task_by_pid(s, 227, out, size);
}

static enum stk_status current(void *out, size_t size)
{
	return stk_get_current(s, 1, out, size);
}

static enum stk_status first_stack(void *out, size_t size)
{
	return stk_get_stack(s, 0, out, size);
}

static enum stk_status stack_at(void *out, size_t size)
{
	return stk_get_stack_at(s, syn_stack(m, c.task) + 64, out, size);
}

static enum stk_status use(void *out, size_t size)
{
	return stk_get_use(s, syn_stack(m, c.task), out, size);
}

static enum stk_status place(void *out, size_t size)
{
	return stk_get_place(s, syn_stack(m, c.task) + 64, 0, out, size);
}

static struct stk_chain *chain;

static enum stk_status whole_chain(void *out, size_t size)
{
	stk_get_chain(s, chain, out, size);
	return STK_OK;
}

static enum stk_status segment(void *out, size_t size)
{
	return stk_get_segment(chain, 0, out, size);
}

static enum stk_status frame(void *out, size_t size)
{
	return stk_get_frame(chain, 0, 0, out, size);
}

static struct stk_tss_report *tss;

static enum stk_status whole_tss(void *out, size_t size)
{
	stk_get_tss(tss, out, size);
	return STK_OK;
}

static enum stk_status slot(void *out, size_t size)
{
	return stk_get_tss_slot(tss, 3, out, size);
}

static enum stk_status fact(void *out, size_t size)
{
	return stk_get_tss_fact(tss, 0, out, size);
}

static const struct {
	answer *get;
	size_t size;
} answers[] = {
	{ machine, sizeof(struct stk_machine_info) },
	{ first_task, sizeof(struct stk_task_info) },
	{ task_at, sizeof(struct stk_task_info) },
	{ task_by_pid, sizeof(struct stk_task_info) },
	{ current, sizeof(struct stk_task_info) },
	{ first_stack, sizeof(struct stk_stack_info) },
	{ stack_at, sizeof(struct stk_stack_info) },
	{ use, sizeof(struct stk_use_info) },
	{ place, sizeof(struct stk_place_info) },
	{ whole_chain, sizeof(struct stk_chain_info) },
	{ segment, sizeof(struct stk_segment_info) },
	{ frame, sizeof(struct stk_frame_info) },
	{ whole_tss, sizeof(struct stk_tss_info) },
	{ slot, sizeof(struct stk_tss_slot_info) },
	{ fact, sizeof(struct stk_tss_fact_info) },
};

/* What a structure has between its members is what the stack had there: not compared. */
static bool is_padding[1024];

/* Without what a sanitizer puts around it, which is where they are. */
static void __attribute__((noinline, no_sanitize("address"))) leave_on_stack(int byte)
{
	volatile uint8_t bytes[8192];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)byte;
}

static void find_padding(size_t kind)
{
	uint8_t one[1024], other[1024];

	memset(one, 0, sizeof(one));
	memset(other, 0, sizeof(other));
	leave_on_stack(0x00);
	answers[kind].get(one, answers[kind].size);
	leave_on_stack(0xff);
	answers[kind].get(other, answers[kind].size);
	for (size_t i = 0; i < sizeof(one); i++)
		is_padding[i] = one[i] != other[i];
}

static bool same(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i] && !is_padding[i])
			return false;
	return true;
}

START_TEST(sizes)
{
	size_t whole = answers[_i].size;
	uint8_t now[1024], then[1024];

	ck_assert_uint_lt(whole + 64, sizeof(now));
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_int_eq(stk_tss_open(s, 1, true, &tss), STK_OK);

	find_padding(_i);
	memset(now, CANARY, sizeof(now));
	ck_assert_int_eq(answers[_i].get(now, whole), STK_OK);
	ck_assert_uint_eq(now[whole], CANARY);
	/* Something was written, whatever it is: pointers have any value. */
	memset(then, CANARY, sizeof(then));
	ck_assert_mem_ne(now, then, whole);
	/* An older program: the first members, and nothing behind them. */
	for (size_t size = 0; size < whole; size += 8) {
		memset(then, CANARY, sizeof(then));
		ck_assert_int_eq(answers[_i].get(then, size), STK_OK);
		ck_assert(same(then, now, size));
		for (size_t i = size; i < sizeof(then); i++)
			ck_assert_uint_eq(then[i], CANARY);
	}
	/* A newer one: zero is "not known". */
	memset(then, CANARY, sizeof(then));
	ck_assert_int_eq(answers[_i].get(then, whole + 64), STK_OK);
	ck_assert(same(then, now, whole));
	for (size_t i = whole; i < whole + 64; i++)
		ck_assert_uint_eq(then[i], 0);
	ck_assert_uint_eq(then[whole + 64], CANARY);
	stk_tss_free(tss);
	stk_chain_free(s, chain);
}
END_TEST

/* What is between the members of a frame is 0, whatever was on the stack. */
START_TEST(between_members)
{
	struct stk_frame_info info;
	const uint8_t *byte = (const uint8_t *)&info;

	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	memset(&info, 0xff, sizeof(info));
	leave_on_stack(0xff);
	ck_assert_int_eq(stk_get_frame(chain, 0, 0, &info, sizeof(info)), STK_OK);
	for (size_t i = offsetof(struct stk_frame_info, has_sp) + 1;
	     i < offsetof(struct stk_frame_info, slot); i++)
		ck_assert_uint_eq(byte[i], 0);
	for (size_t i = offsetof(struct stk_frame_info, reliable) + 1;
	     i < offsetof(struct stk_frame_info, doubt); i++)
		ck_assert_uint_eq(byte[i], 0);
	for (size_t i = offsetof(struct stk_frame_info, interrupted) + 1;
	     i < offsetof(struct stk_frame_info, regs); i++)
		ck_assert_uint_eq(byte[i], 0);
	stk_chain_free(s, chain);
}
END_TEST

static bool was_asked;

static bool asked(void *priv)
{
	was_asked = true;
	return false;
}

/* What a program does not have in its target is not read from behind it. */
START_TEST(older_target)
{
	struct stk_target t = m->target;
	struct stk *older;
	uint64_t value;

	t.interrupted = asked;
	was_asked = false;
	older = stk_open(&t, offsetof(struct stk_target, interrupted));
	ck_assert_int_eq(stk_read_u64(older, c.task, &value), STK_OK);
	ck_assert_int_eq(stk_prepare(older), STK_OK);
	ck_assert(!was_asked);
	stk_close(older);
	older = stk_open(&t, sizeof(t));
	ck_assert_int_eq(stk_prepare(older), STK_OK);
	ck_assert(was_asked);
	stk_close(older);
}
END_TEST

static bool now(void *priv)
{
	return true;
}

/* A question that is interrupted says so, and gives nothing. */
START_TEST(interrupted)
{
	const size_t max = sizeof(uint64_t[64]);
	uint64_t out[64], before[64];
	size_t nr;

	memset(before, 0x55, sizeof(before));
	memcpy(out, before, sizeof(out));
	s->target.interrupted = now;
	ck_assert_int_eq(stk_get_machine(s, (void *)out, max), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_count_tasks(s, &nr), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_task(s, 0, (void *)out, max), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_task_at(s, c.task, (void *)out, max),
			 STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_task_by_pid(s, 227, (void *)out, max),
			 STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_current(s, 1, (void *)out, max), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_count_stacks(s, &nr), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_stack(s, 0, (void *)out, max), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_stack_at(s, c.sp, (void *)out, max),
			 STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_get_use(s, c.sp, (void *)out, max), STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_ERR_INTERRUPTED);
	ck_assert_ptr_null(chain);
	ck_assert_int_eq(stk_tss_open(s, 1, true, &tss), STK_ERR_INTERRUPTED);
	ck_assert_ptr_null(tss);
	ck_assert_mem_eq(out, before, sizeof(out));
	s->target.interrupted = NULL;
}
END_TEST

/* ---- what is said ---- */

START_TEST(tasks)
{
	struct stk_machine_info info;
	struct stk_task_info task;
	size_t nr, seen = 0;

	ck_assert_int_eq(stk_get_machine(s, &info, sizeof(info)), STK_OK);
	ck_assert_str_eq(info.release, stk_release(s));
	ck_assert_uint_eq(info.nr_cpus, stk_nr_cpus(s));
	ck_assert_int_eq(stk_count_tasks(s, &nr), STK_OK);
	for (size_t i = 0; !stk_get_task(s, i, &task, sizeof(task)); i++)
		seen++;
	ck_assert_uint_eq(seen, nr);
	ck_assert_int_eq(stk_get_task_by_pid(s, 227, &task, sizeof(task)), STK_OK);
	ck_assert_uint_eq(task.addr, c.task);
	ck_assert_uint_eq(task.stack, syn_stack(m, c.task));
	ck_assert_str_eq(task.comm, "sh");
	ck_assert_str_eq(task.found, "list");
	ck_assert_str_eq(task.state_code, "R");
	ck_assert_str_eq(task.state_name, "running");
	ck_assert(!task.kernel_thread);
	ck_assert_int_eq(stk_get_task_by_pid(s, 99, &task, sizeof(task)),
			 STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_current(s, 1, &task, sizeof(task)), STK_OK);
	ck_assert_uint_eq(task.pid, 227);
	/* No kernel has such a state. */
	syn_put32(m, c.task + syn_off(m, "task_struct.__state"), 0xfffff);
	s = syn_open(m);
	ck_assert_int_eq(stk_get_task_by_pid(s, 227, &task, sizeof(task)), STK_OK);
	ck_assert_uint_eq(task.state, 0xfffff);
	ck_assert_ptr_null(task.state_code);
	ck_assert_ptr_null(task.state_name);
}
END_TEST

START_TEST(stacks)
{
	struct stk_stack_info stack;
	struct stk_place_info at;
	uint64_t last = 0;
	size_t nr, seen = 0;

	ck_assert_int_eq(stk_count_stacks(s, &nr), STK_OK);
	for (size_t i = 0; !stk_get_stack(s, i, &stack, sizeof(stack)); i++, seen++) {
		ck_assert_uint_lt(last, stack.begin);
		last = stack.begin;
	}
	ck_assert_uint_eq(seen, nr);
	ck_assert_int_eq(stk_get_stack_at(s, syn_stack(m, c.task), &stack, sizeof(stack)),
			 STK_OK);
	ck_assert_str_eq(stack.kind, "TASK");
	ck_assert_uint_eq(stack.task, c.task);
	ck_assert_int_eq(stack.cpu, -1);
	ck_assert_int_eq(stk_get_stack_at(s, 0, &stack, sizeof(stack)),
			 STK_ERR_NOT_FOUND);

	ck_assert_int_eq(stk_get_place(s, stack.end - 8, 0, &at, sizeof(at)), STK_OK);
	ck_assert_str_eq(at.stack_kind, "TASK");
	ck_assert_str_eq(at.state, "live");
	ck_assert_uint_eq(at.offset_from_end, 8);
	ck_assert(at.has_task);
	ck_assert_str_eq(at.comm, "sh");
	ck_assert_int_eq(
		stk_get_place(s, syn_sym(m, "do_syscall_64"), 0, &at, sizeof(at)),
		STK_OK);
	ck_assert_ptr_null(at.stack_kind);
	ck_assert_ptr_null(at.state);
	ck_assert_int_eq(at.stack_cpu, -1);
	ck_assert_str_eq(at.name.function, "do_syscall_64");
}
END_TEST

START_TEST(chains)
{
	struct stk_chain_info info;
	struct stk_segment_info seg;
	struct stk_frame_info f;
	struct stk_chain *again;
	uint64_t ip, nowhere;
	size_t frames = 0;

	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	stk_get_chain(s, chain, &info, sizeof(info));
	ck_assert_str_eq(info.confidence, "certain");
	ck_assert_str_eq(info.end, "user");
	ck_assert(info.end_is_good);
	ck_assert_str_eq(info.entry, "syscall");
	ck_assert_uint_eq(info.task, c.task);
	ck_assert(stk_get_reg(info.user_regs, X86_IP, &ip));
	ck_assert(!stk_get_reg(info.user_regs, 64, &ip));
	ck_assert(!stk_get_reg(NULL, X86_IP, &ip));
	for (size_t i = 0; !stk_get_segment(chain, i, &seg, sizeof(seg)); i++) {
		for (size_t n = 0; !stk_get_frame(chain, i, n, &f, sizeof(f)); n++)
			ck_assert(f.reliable && !f.doubt && !f.doubt_text);
		frames += seg.nr_frames;
	}
	ck_assert_uint_eq(frames, info.nr_frames);
	ck_assert_int_eq(stk_get_segment(chain, info.nr_segments, &seg, sizeof(seg)),
			 STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_frame(chain, 0, 999, &f, sizeof(f)), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_chain_rest(s, chain, NULL, &again), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(again);
	ck_assert_int_eq(stk_chain_task(s, c.task, &again), STK_OK);
	stk_chain_free(s, again);
	ck_assert_int_ne(stk_chain_task(s, 0, &again), STK_OK);
	ck_assert_ptr_null(again);
	ck_assert_int_ne(stk_chain_regs(s, 0, &again), STK_OK);
	ck_assert_uint_eq(stk_chain_copies(s, chain, &nowhere, 0), 0);
	/* Nothing is below it: what was not found is not written. */
	nowhere = 0x5555;
	ck_assert_int_ne(stk_chain_live(s, chain, &nowhere, &again), STK_OK);
	ck_assert_ptr_null(again);
	ck_assert_uint_eq(nowhere, 0x5555);
	ck_assert_int_ne(stk_chain_rest(s, chain, &nowhere, &again), STK_OK);
	ck_assert_uint_eq(nowhere, 0x5555);
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(slots)
{
	struct stk_tss_info info;
	struct stk_tss_slot_info slot;
	struct stk_tss_fact_info one;
	unsigned int vector;
	uint64_t handler;

	ck_assert_int_eq(stk_tss_open(s, 1, false, &tss), STK_OK);
	stk_get_tss(tss, &info, sizeof(info));
	ck_assert_uint_eq(info.cpu, 1);
	ck_assert_uint_eq(info.nr_slots, 10);
	ck_assert_int_eq(stk_get_tss_slot(tss, 3, &slot, sizeof(slot)), STK_OK);
	ck_assert_str_eq(slot.name, "ist[0]");
	ck_assert_str_eq(slot.stack_kind, "#DF");
	ck_assert_int_eq(stk_get_tss_slot(tss, 10, &slot, sizeof(slot)),
			 STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_tss_user(tss, 10, 0, &vector, &handler),
			 STK_ERR_NOT_FOUND);
	/* Each to its last, and none behind it. */
	ck_assert_uint_gt(slot.nr_users, 0);
	for (size_t i = 0; i <= slot.nr_users; i++)
		ck_assert_int_eq(stk_get_tss_user(tss, 3, i, &vector, &handler),
				 i < slot.nr_users ? STK_OK : STK_ERR_NOT_FOUND);
	ck_assert_uint_eq(vector, 8);
	for (size_t i = 0; i <= info.nr_facts; i++)
		ck_assert_int_eq(stk_get_tss_fact(tss, i, &one, sizeof(one)),
				 i < info.nr_facts ? STK_OK : STK_ERR_NOT_FOUND);
	stk_tss_free(tss);
	ck_assert_int_ne(stk_tss_open(s, 9999, false, &tss), STK_OK);
	ck_assert_ptr_null(tss);
}
END_TEST

/* All that a report has is given back, with and without one. */
START_TEST(memory_of_a_report)
{
	/* What the session keeps is there before. */
	ck_assert_int_eq(stk_tss_open(s, 1, true, &tss), STK_OK);
	stk_tss_free(tss);
	memory_hold();
	ck_assert_int_eq(stk_tss_open(s, 1, true, &tss), STK_OK);
	stk_tss_free(tss);
	ck_assert_uint_eq(memory_held(), 0);
	memory_hold();
	ck_assert_int_ne(stk_tss_open(s, 9999, true, &tss), STK_OK);
	ck_assert_uint_eq(memory_held(), 0);
	stk_tss_free(NULL);
}
END_TEST

START_TEST(no_memory_for_a_report)
{
	tss = (void *)1;
	memory_watch();
	ck_assert_int_eq(stk_tss_open(s, 1, false, &tss), STK_OK);
	stk_tss_free(tss);
	memory_end();
	memory_fail(0, 0);
	ck_assert_int_eq(stk_tss_open(s, 1, false, &tss), STK_ERR_NOMEM);
	ck_assert(memory_failed());
	memory_end();
	ck_assert_ptr_null(tss);
}
END_TEST

/* Who panicked; from what that is known need not be asked for. */
START_TEST(who_panicked)
{
	const char *from = NULL;

	syn_symbol(m, "panic_cpu", SYN_DATA + 0x9000);
	syn_put32(m, SYN_DATA + 0x9000, 1);
	s = syn_open(m);
	ck_assert_int_eq(stk_panic_cpu(s, &from), 1);
	ck_assert_str_eq(from, "panic_cpu");
	ck_assert_int_eq(stk_panic_cpu(s, NULL), 1);
}
END_TEST

/* ---- names past the last one ---- */

#define ONE(...) +1
#define EXPECT_END(list, name)                                                           \
	do {                                                                             \
		ck_assert_ptr_nonnull(name((0 list(ONE)) - 1));                          \
		ck_assert_ptr_null(name((0 list(ONE))));                                 \
	} while (0)

START_TEST(names_end)
{
	EXPECT_END(STK_HOWS, stk_how_name);
	EXPECT_END(STK_FROMS, stk_from_name);
	EXPECT_END(STK_ENDS, stk_end_name);
	EXPECT_END(STK_ENDS, stk_end_text);
	EXPECT_END(STK_DOUBTS, stk_doubt_name);
	EXPECT_END(STK_DOUBTS, stk_doubt_text);
	EXPECT_END(STK_WITNESSES, stk_witness_name);
	EXPECT_END(STK_CONFIDENCES, stk_confidence_name);
	ck_assert_ptr_null(stk_witness_name(STK_NR_WITNESSES));
	ck_assert_ptr_null(stk_reg_name(s, 1000));
	ck_assert_ptr_null(stk_how_name(99));
	ck_assert_ptr_null(stk_from_name(99));
	ck_assert_ptr_null(stk_end_name(99));
	ck_assert(!stk_end_is_good(99));
	ck_assert_ptr_null(stk_doubt_name(99));
	ck_assert_ptr_null(stk_confidence_name(99));
	ck_assert_ptr_null(stk_state_name(99));
	ck_assert_str_eq(stk_status_text(99), "unknown error");
	ck_assert_uint_eq(stk_version_number(), STK_VERSION_NUMBER);
	ck_assert_int_eq(stk_version()[0] - '0', STK_VERSION_MAJOR);
}
END_TEST

static const struct unit_test tc_tests[] = {
	LOOP(sizes, sizeof(answers) / sizeof(answers[0])),
	TEST(between_members),
	TEST(older_target),
	TEST(interrupted),
	TEST(tasks),
	TEST(stacks),
	TEST(chains),
	TEST(slots),
	TEST(memory_of_a_report),
	TEST(no_memory_for_a_report),
	TEST(who_panicked),
	TEST(names_end),
	{ 0 },
};

const struct unit_suite suite_api = {
	"api",
	{
		{ "public", tc_tests, setup, NULL },
	},
};
