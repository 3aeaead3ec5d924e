/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what --no-addresses leaves of a line: whatever KASLR moves is gone or named, and
 * all else, numbers above all, is as it was.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "commands/hide.h"

/* As printf() has it: the fixture's function task_spin, and a stack of CPU 1. */
static const struct {
	const char *line, *want;
} row[] = {
	{ "PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"\n",
	  "PID: 227      CPU: 1   COMMAND: \"sh\"\n" },
	{ "  #0 [ffffb1c000009f90] f+64 at ffffffff9b001c40\n", "  #0 f+64\n" },
	{ "  #0 [ffffb1c000009f90] f+64 at ffffffff9b001c40  <orc: call>\n",
	  "  #0 f+64  <orc: call>\n" },
	{ "--- <IRQ> CPU 1 ffffb1c000006000-ffffb1c00000a000, 112 used; left by word at "
	  "ffffb1c000009ff8 ---\n",
	  "--- <IRQ> CPU 1, 112 used; left by word ---\n" },
	{ "ends: user mode at 0x7f1122334455, syscall ---\n",
	  "ends: user mode, syscall ---\n" },
	{ "ends: user mode at 0x401076, syscall ---\n",
	  "ends: user mode at 0x401076, syscall ---\n" },
	{ "    RIP: ffffffff9b001540  RSP: fffffe0000048f00  RFLAGS: 00000246\n",
	  "    RIP: task_spin+64      RSP: NMI-256           RFLAGS: 00000246\n" },
	{ "    RBP: ffff9a40200aaaa8  R12: 00007f1122334455\n",
	  "    RBP: (kernel)          R12: (user)\n" },
	{ "RAX: fffffffffffffff2 RBX: 00000000deadbeef CS: 0010\n",
	  "RAX: fffffffffffffff2 RBX: 00000000deadbeef CS: 0010\n" },
	/* No kernel and no process has these. */
	{ "RCX: 4141414141414141 RDX: 8000000000000000\n",
	  "RCX: 4141414141414141 RDX: 8000000000000000\n" },
	/* Parts of words. */
	{ "bpf_prog_ffffffff9b001540 ffffffff9b001540_t xffffffff9b001540 "
	  "FFFFFFFF9B001540\n",
	  "bpf_prog_ffffffff9b001540 ffffffff9b001540_t xffffffff9b001540 "
	  "FFFFFFFF9B001540\n" },
	{ "ffffffff9b0015400\n", "ffffffff9b0015400\n" },
	{ "(0xffff9a4000000000)\n", "((kernel))\n" },
	{ "no newline, ffff9a4000000000", "no newline, (kernel)" },
	{ "ffff9a4000000000", "(kernel)" },
	{ "[ffff9a4000000000]", "[(kernel)]" },
	/* Names as other texts have them. */
	{ "RIP: ffffffff9b00f010 RSP: 0\n", "RIP: kern::main+16    RSP: 0\n" },
	/* The first and the last of the addresses that are moved, and their neighbours.
	 */
	{ "a 0xfeffffffffffffff\n", "a 0xfeffffffffffffff\n" },
	{ "a 0xff00000000000000\n", "a (kernel)\n" },
	{ "a 0xffffffffffffefff\n", "a (kernel)\n" },
	{ "a 0xfffffffffffff000\n", "a 0xfffffffffffff000\n" },
	{ "a 0x100000000\n", "a (user)\n" },
	{ "a 100000000\n", "a (user)\n" },
	{ "a 0ffffffff\n", "a 0ffffffff\n" },
	{ "a ffffffff\n", "a ffffffff\n" },
	{ "a 00ffffffffffffff\n", "a (user)\n" },
	{ "a 0100000000000000\n", "a 0100000000000000\n" },
	{ "0x", "0x" },
	{ "a 0x\n", "a 0x\n" },
	{ "a\n\nb\n", "a\n\nb\n" },
	{ "", "" },
};

/* What is behind the text is none of it. */
START_TEST(the_text_ends_there)
{
	static const char line[] = "ffff9a4000000000abc";
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	stk_hide_addresses(syn_open(m), f, line, 16);
	fclose(f);
	ck_assert_str_eq(text, "(kernel)");
	free(text);
}
END_TEST

static void setup(void)
{
	fixture_kernel();
	syn_symbol(m, "_RNvC4kern4main", SYN_TEXT + 0xf000);
}

START_TEST(lines)
{
	struct stk *s = syn_open(m);
	char *out = NULL;
	size_t len;
	FILE *fp = open_memstream(&out, &len);

	ck_assert_int_eq(stk_prepare(s), STK_OK);
	stk_hide_addresses(s, fp, row[_i].line, strlen(row[_i].line));
	fclose(fp);
	ck_assert_str_eq(out, row[_i].want);
	free(out);
}
END_TEST

/* What is behind the end of a line is none of it: before that, columns stay columns. */
START_TEST(end_of_a_line)
{
	static const char line[] = "at ffff9a4000000000   x";
	struct stk *s = syn_open(m);

	for (size_t len = 19; len < 23; len++) {
		char *out = NULL, want[64];
		size_t size;
		FILE *fp = open_memstream(&out, &size);

		stk_hide_addresses(s, fp, line, len);
		fclose(fp);
		snprintf(want, sizeof(want), "at %-*s%.*s", len > 19 ? 16 : 0, "(kernel)",
			 (int)len - 19, "    ");
		ck_assert_str_eq(out, want);
		free(out);
	}
}
END_TEST

static struct stk *opened;

static void tell_hidden(FILE *fp, const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *into = open_memstream(&out, &len);

	stk_hide_addresses(opened, into, text, strlen(text));
	fclose(into);
	for (size_t i = 0; i < len; i++)
		fputc(out[i] == '\n' ? '~' : out[i], fp);
	free(out);
}

START_TEST(damaged_bytes)
{
	static const char *const line[] = {
		"PID: 227 TASK: ffff9a402001e000  CPU: 1\n",
		"  #0 [ffffb1c000009f90] f+64 at ffffffff9b001c40  <orc>\n",
		"RIP: ffffffff9b001540  RSP: fffffe0000048f00  RFLAGS: 2\n",
		"CPU 1 ffffb1c000006000-ffffb1c00000a000, by word at ffffb1c000009ff8 -\n",
		"mode at 0x7f1122334455, R12: 00007f1122334455\n",
	};

	opened = syn_open(m);
	ck_assert_int_eq(stk_prepare(opened), STK_OK);
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		bytes_damage("line", line[i], tell_hidden);
	golden_expect("bytes", "hidden");
}
END_TEST

static const struct unit_test tests[] = {
	TEST(damaged_bytes),
	TEST(end_of_a_line),
	LOOP(lines, sizeof(row) / sizeof(row[0])),
	TEST(the_text_ends_there),
	{ 0 },
};

const struct unit_suite suite_hide = {
	"hide",
	{ { "lines", tests, setup, NULL } },
};
