/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is written of a chain, to the letter: each member of frames, crossings,
 * starts and ends, with and without it, as text and as JSON.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"

#include <stackinfo/render.h>
#include <string.h>

#include "base/context.h"

#include <json-c/json.h>

static struct stk *s;
static struct stk_arch arch; /* x86_64, with exceptions of these tests */

/* Frames say by .entered which one that was. */
static const struct stk_fault faults[] = {
	{ .entry = { .code = -1 } },
	{ .entry = { .code = 0 } },
	{ .entry = { .code = 14, .name = "page fault", .has_error = true, .error = 2 },
	  .address_name = "CR2",
	  .address = 0x10 },
	{ .entry = { .code = -1, .name = "something" } },
	{ .entry = { .code = -1, .has_error = true, .error = 0x12345 } },
	{ .entry = { .code = -1 }, .address_name = "FAR", .address = ~0ull },
};

static bool describe_fault(struct stk *unused, uint64_t entered,
			   const struct stk_regs *regs, uint64_t regs_at,
			   struct stk_fault *out)
{
	static const struct stk_entry_kind kind = { "exception" };

	*out = faults[entered - 1];
	out->entry.kind = &kind;
	return regs && entered != regs_at;
}

static void setup(void)
{
	fixture_task();
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	arch = *s->arch;
	arch.describe_fault = describe_fault;
	s->arch = &arch;
	golden_setup();
}

static const struct stk_regs regs = {
	.v = { [X86_IP] = 0x1234,
	       [X86_SP] = 0x5678,
	       [X86_FLAGS] = 0x246,
	       [X86_CS] = 0x10,
	       [X86_R15] = 0 },
	.valid = 1ull << X86_IP | 1ull << X86_SP | 1ull << X86_FLAGS | 1ull << X86_CS |
		 1ull << X86_R15,
};

#define WITNESS(name) (1u << STK_WITNESS_##name)
#define SURE	      .reliable = true
#define IN(name_)     .name = { .function = (name_), .offset = 7 }
#define FOUND_AT(nr)                                                                     \
	.ip = SYN_TEXT + (nr), .at = 0x2000 + 16 * (nr), .sp = 0x2000 + 16 * (nr),       \
	.has_sp = true

static const char said[] = "a note that is said once, though two frames have it";

static struct stk_frame inner[] = {
	{ FOUND_AT(0), SURE, IN("first"), .how = STK_HOW_REGS, .regs = &regs,
	  .interrupted = true, .entered = 1 },
	{ FOUND_AT(1), SURE, IN("second"), .slot = 0x200c, .how = STK_HOW_ORC,
	  .evidence = { WITNESS(CALL) | WITNESS(TARGET) | WITNESS(OWNER) } },
	{ FOUND_AT(2), IN("third"), .slot = 0x201c, .how = STK_HOW_SCAN,
	  .doubt = STK_DOUBT_TARGET,
	  .evidence = { WITNESS(CALL) | WITNESS(ROUTE), WITNESS(TARGET) | WITNESS(LINK) },
	  .note = said },
	{ FOUND_AT(3), SURE, .slot = 0x202c, .how = STK_HOW_FP, .note = said },
	{ FOUND_AT(4), SURE, .name = { .module = "mod" }, .slot = 0x203c,
	  .how = STK_HOW_CFI, .evidence = { .differ = WITNESS(CFI) } },
	{ FOUND_AT(5), SURE, .interrupted = true, .regs = &regs, .regs_at = 0x2050,
	  .entered = 3, .note = "another" },
	{ .ip = 0xffffffff00000000,
	  .at = 0x2060,
	  .interrupted = true,
	  .regs = &regs,
	  .regs_at = 0x2060,
	  .entered = 2,
	  .doubt = STK_DOUBT_REGS },
	{ FOUND_AT(7), SURE, .name = { .module = "mod" }, .interrupted = true,
	  .regs = &regs, .regs_at = 0x2070, .entered = 4 },
	{ FOUND_AT(8), SURE, .name = { .function = "g", .offset = 0, .module = "mod" },
	  .interrupted = true, .regs = &regs, .regs_at = 0x2080, .entered = 5 },
	{ FOUND_AT(9), SURE, IN("h"), .interrupted = true, .regs = &regs, .regs_at = 6,
	  .entered = 6 },
	{ FOUND_AT(10), SURE, IN("i"), .interrupted = true, .regs = &regs,
	  .regs_at = 0x20a0, .entered = 6 },
	{ FOUND_AT(11), SURE,
	  IN("a_function_of_a_name_that_is_so_long_that_its_line_has_no_room_for_evidence"),
	  .slot = 0x20ac, .how = STK_HOW_ORC, .evidence = { WITNESS(CALL) } },
};

static struct stk_frame outer[] = {
	{ .ip = 1, .at = 0x3000, SURE, IN("j"), .slot = 0x2ff8 },
};

/* Of stacks of all kinds, each left in another way. */
static struct stk_segment segment[] = {
	{ .stack = { X86_STACK(IRQ), .cpu = 0, .begin = 0x1000, .end = 0x3000,
		     .mapped = true },
	  .low = 0x2000,
	  .frames = inner,
	  .nr_frames = sizeof(inner) / sizeof(inner[0]),
	  .crossing = { STK_HOW_LINK, .at = 0x2ff8, .have_link = true, .link_at = 0x2ff8,
			.link = 0x5000, .agree = 1, .evidence = { WITNESS(OWNER), 0 } } },
	{ .stack = { X86_STACK(TASK), .cpu = -1, .begin = 0x1000, .end = 0x3000 },
	  .low = 0x2000,
	  .crossing = { STK_HOW_REGS, .at = 0x2f00, .have_link = true, .agree = 0,
			.evidence = { 0, WITNESS(LINK) },
			.note = "it leads elsewhere" } },
	{ .stack = { X86_STACK(TASK), .cpu = -1, .task = 0x1230, .begin = 0x1000,
		     .end = 0x3000 },
	  .low = 0x2800,
	  .crossing = { STK_HOW_REGS, .agree = 0 } },
	{ .stack = { .cpu = -1, .begin = 0x1000 },
	  .low = 0x2000,
	  .crossing = { STK_HOW_ORC, .at = 0x2f00, .agree = -1, .have_link = true,
			.note = "what to know" } },
	{ .stack = { .cpu = -1 },
	  .over = { X86_STACK(IRQ), .cpu = 1, .begin = 0x1000, .end = 0x3000,
		    .guard = 0x800, .guard_end = 0x4000, .store = 0x9000 },
	  .over_by = 0x18,
	  .crossing = { STK_HOW_REGS, .at = 1, .agree = 1, .note = "both" } },
	{ .stack = { X86_STACK(TASK), .cpu = -1, .begin = 0x10000, .end = 0x14000 },
	  .low = 0x13000,
	  .frames = outer,
	  .nr_frames = 1 },
};

#define NR_SEGMENTS (sizeof(segment) / sizeof(segment[0]))

static struct stk_chain chain;

static const struct stk_entry_state entry_state = {
	.fact = { { "GS", "user" }, { "CR3", NULL } }, .nr_facts = 2, .stack = "TASK"
};

/* The @i-th of these. */
static void set_chain(int i)
{
	static const struct stk_entry_kind syscall = { "syscall" };

	memset(&chain, 0, sizeof(chain));
	for (size_t k = 0; k < NR_SEGMENTS; k++) {
		segment[k].next = k + 1 < NR_SEGMENTS ? &segment[k + 1] : NULL;
		if (!segment[k].frames || segment[k].frames == outer) {
			segment[k].frames = outer;
			segment[k].nr_frames = 1;
		}
	}
	segment[2].stack.task = i % 2 ? sh : 0x1230;
	chain.segments = i == 1	  ? NULL
			 : i == 0 ? &segment[0]
			 : i == 2 ? &segment[2]
				  : &segment[5];
	chain.cpu = -1;
	chain.start.cpu = -1;
	chain.start.from = i ? STK_FROM_PRSTATUS : STK_FROM_STACK;
	chain.start.has_task = i > 1;
	chain.start.task =
		(struct stk_task){ .addr = 0xa000,
				   .pid = 227,
				   .comm = "sh",
				   .cpu = i - 3,
				   .now = i == 3 ? NULL : stk_task_states((size_t)i),
				   .found = (enum stk_found)(i % STK_NR_FOUND),
				   .flags = i == 4 ? STK_PF_KTHREAD : 0 };
	chain.start.regs = regs;
	chain.start.note = i == 2 ? "of the registers" : NULL;
	chain.start.doubt = i == 3 ? "of the task" : NULL;
	chain.start.foreign = i == 3 ? "another kernel's" : NULL;
	chain.start.entry = i == 2 ? &entry_state : NULL;
	if (i == 2)
		chain.start.evidence =
			(struct stk_evidence){ WITNESS(CURRENT) | WITNESS(PID),
					       WITNESS(RQ_CURR) };
	if (i == 3)
		chain.start.evidence.differ = WITNESS(PID);
	chain.end = i == 2 ? STK_END_NOT_TEXT : STK_END_USER;
	chain.end_text = i == 2	  ? "not in code"
			 : i == 3 ? "user mode in a word"
				  : "user mode";
	chain.confidence = i == 2 ? STK_BROKEN : i == 3 ? STK_DOUBTFUL : STK_CERTAIN;
	chain.confidence_why = i > 1 ? "there is a reason" : NULL;
	chain.user = i % 2 ? &regs : NULL;
	chain.user_at = i == 1 ? 0x7000 : 0;
	chain.user_evidence.agree = i == 1 ? WITNESS(REGS) : 0;
	chain.entry = (struct stk_entry){ .kind = i ? &syscall : NULL,
					  .name = i == 1 ? "write" : NULL,
					  .nr = i - 2,
					  .code = i - 3,
					  .code_name = i > 1 ? "vector" : NULL,
					  .has_error = i == 2,
					  .error = 0 };
}

#define NR_CHAINS 5

START_TEST(in_text)
{
	static const struct stk_text_options how[] = {
		{ 0 },
		{ .verbose = true },
		{ .registers = true },
	};

	for (int i = 0; i < NR_CHAINS; i++)
		for (size_t k = 0; k < (i ? 2u : 3u); k++) {
			bool doubts = false;

			set_chain(i);
			golden_head("chain %d, %s", i,
				    k ? k == 1 ? "verbose" : "registers" : "plain");
			stk_text_chain(s, golden, &chain, &how[k], &doubts);
			fprintf(golden, "doubts: %d\n", doubts);
		}
	golden_expect("chains", "text");
}
END_TEST

START_TEST(in_json)
{
	for (int i = 0; i < NR_CHAINS; i++) {
		set_chain(i);
		golden_head("chain %d", i);
		golden_json(stk_json_chain(s, &chain, false));
	}
	golden_head("none");
	golden_json(stk_json_no_chain(s, 0, NULL, "why not"));
	golden_json(stk_json_no_chain(s, -1, &chain.start.task, "why not"));
	golden_expect("chains", "JSON");
}
END_TEST

START_TEST(folded)
{
	for (int i = 0; i < NR_CHAINS; i++) {
		set_chain(i);
		if (i == 2)
			strcpy(chain.start.task.comm, "a b;c");
		if (i == 3)
			chain.start.task.comm[0] = '\0';
		stk_folded_chain(golden, &chain);
		fputc('\n', golden);
	}
	golden_expect("chains", "folded");
}
END_TEST

/* ---- the words of frames ---- */

/* Frames on the stack of sh, whose words are pointers of all kinds. */
START_TEST(words)
{
	static const struct stk_text_options how[] = {
		{ .words = true },
		{ .text_words = true },
		{ .text_words = true, .stale_words = true },
		{ .words = true, .text_words = true },
	};
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE, begin = end - 0x60;
	const uint64_t word[] = {
		0,
		SYN_TEXT + 0x1444,
		begin,
		end,
		end - 1,
		syn_stack(m, sh) - 8,
		syn_irq_top(1) - 16,
		SYN_DIRECT,
		SYN_DATA,
		0x7f0000000000,
		SYN_TEXT + 0x1163,
		SYN_TEXT - 8,
	};
	struct stk_frame f[] = {
		{ .ip = SYN_TEXT + 0x1500,
		  .at = begin + 8,
		  .sp = begin + 8,
		  SURE,
		  IN("a") },
		{ .ip = SYN_TEXT + 0x1600,
		  .at = begin + 0x20,
		  .sp = begin + 0x20,
		  .slot = begin + 0x18,
		  SURE,
		  IN("b") },
		{ .ip = SYN_TEXT + 0x1700,
		  .at = begin + 0x38,
		  .sp = begin + 0x38,
		  .regs_at = begin + 0x38,
		  .regs = &regs,
		  SURE,
		  IN("c"),
		  .entered = 1 },
	};
	struct stk_segment seg = { .stack = { X86_STACK(TASK), -1, sh,
					      end - SYN_THREAD_SIZE, end,
					      .mapped = true },
				   .frames = f,
				   .nr_frames = 3,
				   .low = begin };
	struct stk_chain c1 = {
		.segments = &seg, .cpu = -1, .end = STK_END_USER, .end_text = "user mode"
	};
	bool doubts = false;

	for (size_t i = 0; i < 12; i++)
		syn_put64(m, begin + 8 * i, word[i]);
	syn_put64(m, begin - 0x100, SYN_TEXT + 0x1470);
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		golden_head("%zu", i);
		stk_text_chain(s, golden, &c1, &how[i], &doubts);
	}
	golden_head("no frame");
	seg.nr_frames = 0;
	stk_text_chain(s, golden, &c1, &how[2], &doubts);
	golden_head("on no stack");
	seg.nr_frames = 3;
	seg.stack.kind = NULL;
	stk_text_chain(s, golden, &c1, &how[0], &doubts);
	stk_text_chain(s, golden, &c1, &how[2], &doubts);
	golden_head("backwards, and too far");
	seg.stack.kind = X86_STACK(TASK);
	f[1].slot = begin;
	f[0].sp = seg.stack.begin - 8;
	seg.stack.end = f[2].at + 8 * 4097;
	stk_text_chain(s, golden, &c1, &how[0], &doubts);
	stk_text_chain(s, golden, &c1, &how[2], &doubts);
	golden_head("what cannot be read");
	seg.stack.end = end + 0x10;
	f[2].at = end - 8;
	stk_text_chain(s, golden, &c1, &how[0], &doubts);
	golden_expect("chains", "words");
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(in_text), TEST(in_json), TEST(folded), TEST(words), { 0 },
};

const struct unit_suite suite_rendered_chains = {
	"rendered_chains",
	{
		{ "chains", t_tests, setup, golden_teardown },
	},
};
