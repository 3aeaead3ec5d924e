/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how a chain reads, to the letter: the header and frames in the look of crash's
 * bt, a line of dashes for each stack, marks and their legend, evidence, user mode.
 */
#include "fixture.h"
#include "suite.h"

#include "base/digits.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>

/* Read by a human before it was put here. */
static const char golden_irq[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"  #0 [ffffb1c000009f90] timer_fn+64 at ffffffff9b001c40\n"
	"  #1 [ffffb1c000009fa0] hrtimer_interrupt+169 at ffffffff9b001ba9\n"
	"  #2 [ffffb1c000009fe0] __sysvec_apic_timer_interrupt+86 at ffffffff9b001856\n"
	"  #3 [ffffb1c000009ff0] sysvec_apic_timer_interrupt+69 at ffffffff9b001745\n"
	"--- <IRQ> CPU 1 ffffb1c000006000-ffffb1c00000a000, 112 used; left by word at ffffb1c000009ff8 ---\n"
	"  #4 [ffffb1c00011be00] asm_sysvec_apic_timer_interrupt+22 at ffffffff9b001616\n"
	"    [exception RIP: task_spin+64]\n"
	"    RIP: ffffffff9b001540  RSP: ffffb1c00011beb8  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: ffffb1c00011bef0   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0010   SS: 0018\n"
	"  #5 [ffffb1c00011beb8] vfs_write+155 at ffffffff9b00149b\n"
	"  #6 [ffffb1c00011bef8] ksys_write+111 at ffffffff9b00136f\n"
	"  #7 [ffffb1c00011bf28] do_syscall_64+88 at ffffffff9b001258\n"
	"  #8 [ffffb1c00011bf50] entry_SYSCALL_64+99 at ffffffff9b001163\n"
	"    RIP: 00007f1122334455  RSP: 00007ffc00001000  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: 0000000000000000   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0033   SS: 002b\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 504 used;\n"
	"    ends: user mode at 0x7f1122334455, syscall ---\n";

static const char golden_nmi[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"    registers from prstatus\n"
	"  #0 [fffffe0000048e98] crash_nmi_callback+64 at ffffffff9b002040  <regs>\n"
	"    RIP: ffffffff9b002040  RSP: fffffe0000048e98\n"
	"    RBP: 0000000000000000\n"
	"     CS: 0010\n"
	"  #1 [fffffe0000048ea0] nmi_handle+94 at ffffffff9b001f5e  <orc: call, target>\n"
	"  #2 [fffffe0000048ed0] exc_nmi+112 at ffffffff9b001e70  <orc: call, target>\n"
	"  #3 [fffffe0000048ef0] asm_exc_nmi+128 at ffffffff9b001d80  <orc: call, target>\n"
	"--- <NMI> CPU 1 fffffe0000047000-fffffe0000049000, 360 used; left by pt_regs at fffffe0000048ef8 ---\n"
	"    by regs at fffffe0000048ef8, next rsp ffffb1c00011bf00\n"
	"    word at fffffe0000048ff0: ffffb1c00011bf00, agrees\n"
	"    witnesses: owner, route, regs, place, copy, link\n"
	"    [exception RIP: worker_thread+64]\n"
	"    RIP: ffffffff9b002c40  RSP: ffffb1c00011bf00  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: 0000000000000000   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0010   SS: 0018\n"
	"    (saved at fffffe0000048ef8)\n"
	"  #4 [ffffb1c00011bf28] kthread+233 at ffffffff9b002be9  <orc: call, target>\n"
	"  #5 [ffffb1c00011bf50] ret_from_fork+34 at ffffffff9b002a22  <orc: call, target>\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 256 used; ends: start of the thread ---\n";

static const char golden_broken[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [broken]\n"
	"  #0 [ffffb1c00011beb0] (unknown) at deadbeef00000000\n"
	" ?#1 [ffffb1c00011beb0] task_spin+80 at ffffffff9b001550\n"
	"    (called a bad address)\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 336 used; broken off ---\n"
	"xbt: the chain is broken: the return address is not in code (0xffff9a4000000000)\n";

static const char golden_user[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"    RIP: 00007f1122334455  RSP: 00007ffc00001000  RFLAGS: 00000246\n"
	"    RAX: 000000000000550a  RBX: 0000000000005505  RCX: 000000000000550b\n"
	"    RDX: 000000000000550c  RSI: 000000000000550d  RDI: 000000000000550e\n"
	"    RBP: 0000000000000000   R8: 0000000000005509   R9: 0000000000005508\n"
	"    R10: 0000000000005507  R11: 0000000000005506  R12: 0000000000005503\n"
	"    R13: 0000000000005502  R14: 0000000000005501  R15: 0000000000005500\n"
	"    ORIG_RAX: 000000000000550f   CS: 0033   SS: 002b\n"
	"--- in user mode at 0x7f1122334455; its kernel stacks are empty ---\n"
	"? before a frame: not certain; the line below it says why\n";

static struct stk *s;
static char *out;

static void teardown(void)
{
	free(out);
	out = NULL;
}

static bool render(bool verbose, bool registers)
{
	struct stk_text_options opt = { .verbose = verbose, .registers = registers };
	struct stk_start start;
	struct stk_chain *chain;
	bool doubts = false;
	size_t len;
	FILE *fp;

	s = syn_open(m);
	start = syn_start(&c);
	start.from = STK_FROM_PRSTATUS;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	free(out);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, chain, &opt, &doubts);
	fclose(fp);
	stk_chain_free(s, chain);
	return doubts;
}

START_TEST(irq_over_task)
{
	syn_syscall(&c);
	syn_irq(&c);
	ck_assert(!render(false, false));
	ck_assert_str_eq(out, golden_irq);
}
END_TEST

START_TEST(verbose_with_registers)
{
	syn_kthread(&c);
	syn_nmi(&c);
	ck_assert(!render(true, true));
	ck_assert_str_eq(out, golden_nmi);
}
END_TEST

/* A doubtful frame has a mark and the reason; a broken chain says so. */
START_TEST(doubtful_and_broken)
{
	syn_syscall(&c);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x50, "panic"));
	c.ip = 0xdeadbeef00000000ull;
	/* and nothing up to the top of the stack is a return address */
	for (uint64_t at = c.sp + 8; at < 0xffffb1c00011c000ull; at += 8)
		syn_put64(m, at, SYN_DIRECT);
	ck_assert(render(false, false));
	ck_assert_str_eq(out, golden_broken);
}
END_TEST

START_TEST(user_mode)
{
	struct stk_text_options opt = { 0 };
	struct stk_start start;
	struct stk_chain *chain;
	bool doubts = false;
	size_t len;
	FILE *fp;

	syn_crash_note_regs(m, 1, 227, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, chain, &opt, &doubts);
	stk_text_legend(fp);
	fclose(fp);
	stk_chain_free(s, chain);
	ck_assert_str_eq(out, golden_user);
}
END_TEST

/* Between words, and at the last that fits; a word alone stays whole. */
START_TEST(notes_are_wrapped)
{
	static const struct {
		int first; /* letters of the first word; one of one letter follows */
		const char *between;
	} row[] = { { 92, " " }, { 93, "\n     " }, { 200, "\n     " } };
	struct stk_text_options opt = { 0 };
	struct stk_chain chain = { .cpu = -1 };
	char text[256], want[256];
	bool doubts = false;
	size_t len;
	FILE *fp;

	memset(text, 'a', (size_t)row[_i].first);
	strcpy(text + row[_i].first, " b");
	snprintf(want, sizeof(want), "    (%.*s%sb)\n", row[_i].first, text,
		 row[_i].between);
	chain.start.note = text;
	free(out);
	fp = open_memstream(&out, &len);
	stk_text_chain(syn_open(m), fp, &chain, &opt, &doubts);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(out, want));
}
END_TEST

/* No line is much wider than a terminal is. */
START_TEST(lines_fit)
{
	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	render(_i & 1, _i & 2);
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"))
		/* Those that close a stack hold three addresses. */
		ck_assert_msg(strlen(line) <= (*line == '-' ? 110 : 100),
			      "%zu columns: %s", strlen(line), line);
}
END_TEST

/* ---- recursion ---- */

#define NR_CALLS 24u

static struct stk_frame call[NR_CALLS];

/* A chain whose calls are of the functions that @text names, a letter each, by 16 bytes.
 */
static void render_calls(const char *text, const struct stk_text_options *opt)
{
	struct stk_segment seg = { .stack = { .cpu = -1 },
				   .frames = call,
				   .nr_frames = strlen(text) };
	struct stk_chain chain = {
		.segments = &seg,
		.nr_segments = 1,
		.nr_frames = seg.nr_frames,
		.cpu = -1,
		.end = STK_END_USER,
		.end_text = "user mode",
	};
	static char name[NR_CALLS][2];
	bool doubts = false;
	size_t len;
	FILE *fp;

	ck_assert_uint_le(seg.nr_frames, NR_CALLS);
	for (size_t i = 0; i < seg.nr_frames; i++) {
		name[i][0] = text[i];
		call[i].ip = SYN_TEXT + 16ull * (uint64_t)text[i];
		call[i].sp = call[i].at = 0x1000 + 16 * i;
		call[i].slot = call[i].sp - 8;
		call[i].name.function = name[i];
		call[i].reliable = call[i].reliable || !call[i].doubt;
	}
	s = syn_open(m);
	free(out);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, &chain, opt, &doubts);
	fclose(fp);
}

static const struct stk_text_options plain;

/* The first round, the line in place of the others, the number that goes on. */
static const struct {
	const char *calls, *line, *next;
} recursion[] = {
	{ "ABBBBBBC", "    6 x B+0, 96 bytes: #1-#6\n", "\n  #7 [0000000000001068] C+0" },
	{ "BBB", "    3 x B+0, 32 bytes: #0-#2\n", "---" },
	{ "ABCBCBCD", "    3 x these 2 frames, 96 bytes: #1-#6\n",
	  "\n  #7 [0000000000001068] D+0" },
	{ "ABCBCBCBD", "    3 x these 2 frames, 96 bytes: #1-#6\n",
	  "\n  #7 [0000000000001068] B+0" },
	{ "ABCDEFGHABCDEFGHABCDEFGH", "    3 x these 8 frames, 368 bytes: #0-#23\n",
	  "---" },
	{ "BBBCCC", "    3 x B+0, 48 bytes: #0-#2\n",
	  "\n    3 x C+0, 32 bytes: #3-#5\n" },
};

START_TEST(recursion_is_folded)
{
	const struct stk_text_options verbose = { .verbose = true },
				      words = { .words = true };

	render_calls(recursion[_i].calls, &plain);
	ck_assert_msg(strstr(out, recursion[_i].line), "%s", out);
	ck_assert_msg(strstr(strstr(out, recursion[_i].line), recursion[_i].next), "%s",
		      out);
	render_calls(recursion[_i].calls, &verbose);
	ck_assert_ptr_null(strstr(out, " x "));
	render_calls(recursion[_i].calls, &words);
	ck_assert_ptr_null(strstr(out, " x "));
}
END_TEST

/* Twice is none; nor is what there is more to say of. */
START_TEST(not_recursion)
{
	static const struct stk_regs regs;

	render_calls("ABBC", &plain);
	ck_assert_ptr_null(strstr(out, " x "));
	render_calls("ABCABC", &plain);
	ck_assert_ptr_null(strstr(out, " x "));
	for (int i = 0; i < 4; i++) {
		memset(call, 0, sizeof(call));
		call[2].doubt = i == 0 ? STK_DOUBT_TARGET : STK_DOUBT_NONE;
		call[2].interrupted = i == 1;
		call[2].regs = i == 2 ? &regs : NULL;
		call[2].note = i == 3 ? "what to know" : NULL;
		render_calls("BBBBD", &plain);
		ck_assert_msg(!strstr(out, " x "), "%s", out);
	}
	memset(call, 0, sizeof(call));
}
END_TEST

/* Two calls were inlined into task_spin(); of vfs_write() only a line is known. */
static size_t some_lines(void *priv, void *image, uint64_t pc, struct stk_line *line,
			 size_t room)
{
	(void)priv;
	(void)image;
	ck_assert_uint_ge(room, 3);
	if (pc == syn_sym(m, "vfs_write") + 0x9a) {
		line[0] = (struct stk_line){ NULL, NULL, 0 };
		return 1;
	}
	if (pc != syn_sym(m, "task_spin") + 0x40)
		return 0;
	line[0] = (struct stk_line){ "innermost", "include/a.h", 7 };
	line[1] = (struct stk_line){ NULL, NULL, 8 };
	line[2] = (struct stk_line){ "task_spin", "kernel/task.c", 42 };
	return 3;
}

static struct stk_chain *unwind_with_lines(void)
{
	static const struct stk_debuginfo_ops ops = { .lines = some_lines };
	struct stk_chain *chain;
	struct stk_start start;

	m->target.debuginfo = &ops;
	syn_vmcoreinfo(m, "KERNELOFFSET", "%x", 0);
	syn_syscall(&c);
	syn_crash_note(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return chain;
}

START_TEST(source_lines)
{
	static const char golden[] =
		"  #0 [ffffb1c00011beb8] task_spin+64 at ffffffff9b001540\n"
		"    (inlined) innermost include/a.h: 7\n"
		"    (inlined) ? ?: 8\n"
		"    kernel/task.c: 42\n"
		"  #1 [ffffb1c00011beb8] vfs_write+155 at ffffffff9b00149b\n"
		"    ?: 0\n"
		"  #2 [ffffb1c00011bef8] ksys_write+111 at ffffffff9b00136f\n"
		"  #3 ";
	struct stk_chain *chain = unwind_with_lines();
	bool doubts = false;
	size_t len;
	FILE *fp;

	for (int lines = 0; lines < 2; lines++) {
		const struct stk_text_options opt = { .lines = lines };

		free(out);
		fp = open_memstream(&out, &len);
		stk_text_chain(s, fp, chain, &opt, &doubts);
		fclose(fp);
		ck_assert_msg(!strstr(out, "task.c") == !lines, "%s", out);
	}
	ck_assert_msg(strstr(out, golden), "%s", out);
	stk_chain_free(s, chain);
}
END_TEST

static struct json_object *member_of(struct json_object *o, const char *name)
{
	ck_assert_msg(json_object_object_get_ex(o, name, &o), "no %s", name);
	return o;
}

#define TEXT_OF(o, name) json_object_get_string(member_of(o, name))

/* An inlined call is a frame of its own, without what only a function has. */
START_TEST(source_lines_in_json)
{
	struct stk_chain *chain = unwind_with_lines();
	struct json_object *doc = chain_in_json(s, chain, true), *frames, *f;

	frames = member_of(json_object_array_get_idx(member_of(doc, "segments"), 0),
			   "frames");
	ck_assert_uint_eq(json_object_array_length(frames), chain->nr_frames + 2);
	f = json_object_array_get_idx(frames, 0);
	ck_assert(json_object_get_boolean(member_of(f, "inline")));
	ck_assert_str_eq(TEXT_OF(f, "function"), "innermost");
	ck_assert_str_eq(TEXT_OF(f, "file"), "include/a.h");
	ck_assert_int_eq(json_object_get_int(member_of(f, "line")), 7);
	ck_assert_ptr_null(member_of(f, "offset"));
	ck_assert_ptr_null(member_of(f, "regs"));
	ck_assert_ptr_null(member_of(f, "regs_at"));
	ck_assert_ptr_null(member_of(f, "return_address_at"));
	ck_assert_ptr_null(member_of(f, "note"));
	f = json_object_array_get_idx(frames, 1);
	ck_assert_ptr_null(member_of(f, "function"));
	ck_assert_ptr_null(member_of(f, "file"));
	f = json_object_array_get_idx(frames, 2);
	ck_assert(!json_object_get_boolean(member_of(f, "inline")));
	ck_assert_str_eq(TEXT_OF(f, "function"), "task_spin");
	ck_assert_int_eq(json_object_get_int(member_of(f, "offset")), 64);
	ck_assert_int_eq(json_object_get_int(member_of(f, "line")), 42);
	ck_assert_ptr_nonnull(member_of(f, "regs"));
	f = json_object_array_get_idx(frames, 3);
	ck_assert_str_eq(TEXT_OF(f, "function"), "vfs_write");
	ck_assert_ptr_null(member_of(f, "line"));
	f = json_object_array_get_idx(frames, 4);
	ck_assert_ptr_null(member_of(f, "file"));
	json_object_put(doc);
	doc = chain_in_json(s, chain, false);
	frames = member_of(json_object_array_get_idx(member_of(doc, "segments"), 0),
			   "frames");
	ck_assert_uint_eq(json_object_array_length(frames), chain->nr_frames);
	json_object_put(doc);
	stk_chain_free(s, chain);
}
END_TEST

/* As printf() would write them. */
START_TEST(digits)
{
	static const uint64_t number[] = {
		0,	1,	    9,		10,  15,    16,		0xfff,
		0x1000, 0xdeadbeef, 1ull << 63, 100, 12345, 0xffffffff, 0x100000000ull,
		~0ull
	};
	char got[32], want[32];

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		*stk_put_decimal(got, number[i]) = '\0';
		snprintf(want, sizeof(want), "%" PRIu64, number[i]);
		ck_assert_str_eq(got, want);
		for (unsigned int width = 1; width <= STK_HEX_DIGITS; width++) {
			*stk_put_hex(got, number[i], width) = '\0';
			snprintf(want, sizeof(want), "%0*" PRIx64, (int)width, number[i]);
			ck_assert_str_eq(got, want);
		}
	}
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(digits),
	TEST(irq_over_task),
	TEST(verbose_with_registers),
	TEST(doubtful_and_broken),
	TEST(user_mode),
	LOOP(notes_are_wrapped, 3),
	LOOP(lines_fit, 4),
	LOOP(recursion_is_folded, 6),
	TEST(not_recursion),
	TEST(source_lines),
	TEST(source_lines_in_json),
	{ 0 },
};

const struct unit_suite suite_text = {
	"text",
	{
		{ "chain", t_tests, fixture_task, teardown },
	},
};
