/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the whole of stackof's answers, line by line: addresses and registers, ranges,
 * texts with -q, -v and as one document, where texts come from, and the log.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stk *s;
static uint64_t context;
static char path[] = "/tmp/places-XXXXXX";

static bool get_context(struct stk_command *unused, uint64_t *task)
{
	*task = context;
	return context;
}

static void setup(void)
{
	crowd();
	s = syn_open(m);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
}

static void teardown(void)
{
	unlink(path);
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
	context = 0;
}

#define TIMER_FN                                                                            \
	"ffffffff9b001c40: kernel image: timer_fn+64: text; also ffff9a400b001c40 (direct " \
	"map)\n"
#define VFS_WRITE                                                                            \
	"ffffffff9b001410: kernel image: vfs_write+16: text; also ffff9a400b001410 (direct " \
	"map)\n"
#define SLEEPER                                                                               \
	"ffffb1c00011be58: TASK stack of PID 300 \"sleeper\": top-0x1a8, base+0x3e58, live; " \
	"vmalloc; also ffff9a4020029e58 (direct map)\n"
#define NOT_SYMBOL(name, symbol)                                                         \
	name ": neither an address nor a symbol: there is no symbol " symbol "\n"

static const struct asked_row addresses[] = {
	{ "stackof timer_fn+64", STK_CMD_OK, TIMER_FN, "" },
	{ "stackof %rip:1", STK_CMD_OK, TIMER_FN, "" },
	{ "stackof -c 1 %rip", STK_CMD_OK, TIMER_FN, "" },
	{ "stackof -p 227 %rip", STK_CMD_OK, TIMER_FN, "" },
	{ "stackof -p 300 %rsp", STK_CMD_OK, SLEEPER, "" },
	/* A register of a CPU that is named, whatever else is chosen. */
	{ "stackof -p 300 %rip:1 %rsp", STK_CMD_OK, TIMER_FN SLEEPER, "" },
	{ "stackof -v timer_fn+64", STK_CMD_OK,
	  TIMER_FN "    phys b001c40\n    text ffffffff9b000000-ffffffff9b010000\n", "" },
	{ "stackof --no-addresses %rip:1", STK_CMD_OK,
	  "timer_fn+64: kernel image: timer_fn+64: text; also (kernel)         (direct "
	  "map)\n",
	  "" },
	{ "stackof %rflags:1", STK_CMD_OK, "0000000000000246: user space\n", "" },
	{ "stackof %eflags:1 %rflags:1 %rsp:9", STK_CMD_FAILED, NULL,
	  "there is no CPU 9: the highest is 2\n" },
	{ "stackof %nothing:1", STK_CMD_USAGE, "", "%nothing:1: no such register\n" },
	{ "stackof %rs:1", STK_CMD_USAGE, "", "%rs:1: no such register\n" },
	{ "stackof %rspx:1", STK_CMD_USAGE, "", "%rspx:1: no such register\n" },
	{ "stackof %1234567890123456rip:1", STK_CMD_USAGE, "",
	  "whose registers? Use -c, -p or %register:cpu\n" },
	{ "stackof %:1", STK_CMD_USAGE, "", "%:1: no such register\n" },
	{ "stackof %rip:x", STK_CMD_USAGE, "", "not a CPU number: \"x\"\n" },
	{ "stackof %rip:0", STK_CMD_FAILED, "",
	  "CPU 0: no registers of CPU 0 were saved; it ran PID 0 \"swapper/0\"\n" },
	{ "stackof -p 300 %rax", STK_CMD_FAILED, "",
	  "%rax: this register was not saved\n" },
	{ "stackof %rip", STK_CMD_USAGE, "",
	  "whose registers? Use -c, -p or %register:cpu\n" },
	{ "stackof -c 0", STK_CMD_FAILED, "",
	  "CPU 0: no registers of CPU 0 were saved; it ran PID 0 \"swapper/0\"\n" },
	{ "stackof -c 9 %rip", STK_CMD_FAILED, "",
	  "there is no CPU 9: the highest is 2\n" },
	{ "stackof -c x %rip", STK_CMD_USAGE, "", "not a CPU number: \"x\"\n" },
	{ "stackof -p x %rip", STK_CMD_USAGE, "", "not a PID: x\n" },
	{ "stackof -p 1x %rip", STK_CMD_USAGE, "", "not a PID: 1x\n" },
	{ "stackof -p 0 %rip", STK_CMD_USAGE, "", "not a PID: 0\n" },
	{ "stackof -p -1 %rip", STK_CMD_USAGE, "", "not a PID: -1\n" },
	{ "stackof -p 2147483648 %rip", STK_CMD_USAGE, "", "not a PID: 2147483648\n" },
	{ "stackof -p 500 %rip", STK_CMD_FAILED, "",
	  "PID 500: PID 500: cannot read its saved stack pointer: address is not mapped\n" },
	/* One that is wrong does not hide the others. */
	{ "stackof nothing timer_fn+64 none", STK_CMD_FAILED, TIMER_FN,
	  NOT_SYMBOL("nothing", "nothing") NOT_SYMBOL("none", "none") },
	/* What stands about a frame is no question. */
	{ "stackof ? vfs_write+0x10/0x100 [ext4]", STK_CMD_OK, VFS_WRITE, "" },
	{ "stackof vfs_write+0x10/0x100 [ext4] timer_fn+64", STK_CMD_OK,
	  VFS_WRITE TIMER_FN, "" },
	{ "stackof ?", STK_CMD_FAILED, "", NOT_SYMBOL("?", "?") },
	{ "stackof [ext4]", STK_CMD_FAILED, "", NOT_SYMBOL("[ext4]", "ext4") },
	{ "stackof vfs_write+16 [ext4]", STK_CMD_FAILED, VFS_WRITE,
	  NOT_SYMBOL("[ext4]", "ext4") },
	{ "stackof vfs_write+0x10/0x100 [ext4", STK_CMD_FAILED, VFS_WRITE,
	  NOT_SYMBOL("[ext4", "ext4") },
	{ "stackof vfs_write+0x10/0x100 ext4]", STK_CMD_FAILED, VFS_WRITE,
	  NOT_SYMBOL("ext4]", "ext4") },
	{ "stackof", STK_CMD_USAGE, "",
	  "of what? An ADDRESS, -c, -p, -f, -l, -m or -\n" },
	{ "stackof -v -q -j", STK_CMD_USAGE, "",
	  "of what? An ADDRESS, -c, -p, -f, -l, -m or -\n" },
};

START_TEST(of_addresses)
{
	expect_answer(s, &addresses[_i]);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_context)
{
	asked_by.context = get_context;
	context = sh;
	ck_assert_int_eq(ask(s, "stackof %%rip"), STK_CMD_OK);
	ck_assert_str_eq(asked.out, TIMER_FN);
	ck_assert_int_eq(ask(s, "stackof -p 300 %%rsp"), STK_CMD_OK);
	ck_assert_str_eq(asked.out, SLEEPER);
	context = SYN_VMALLOC;
	ck_assert_int_eq(ask(s, "stackof %%rip"), STK_CMD_FAILED);
	ck_assert_str_eq(asked.errors,
			 "task_struct 0xffffb1c000000000: address is not mapped\n");
	context = 0;
	ck_assert_int_eq(ask(s, "stackof %%rip"), STK_CMD_USAGE);
	ck_assert_str_eq(asked.errors, "whose registers? Use -c, -p or %register:cpu\n");
	expect_answers(__func__, _i);
}
END_TEST

/* The answer has the name of the question, if that is at the same address. */
START_TEST(of_two_names)
{
	syn_symbol(m, "first_name", SYN_DATA + 0xa000);
	syn_symbol(m, "other_name", SYN_DATA + 0xa000);
	syn_symbol(m, "third_name", SYN_DATA + 0xa010);
	m->finished = false;
	s = syn_open(m);
	ask(s, "stackof first_name+4 other_name+4 other_name+0x10 third_name");
	ck_assert_str_eq(asked.errors, "");
	ck_assert_ptr_nonnull(strstr(asked.out, "first_name+4"));
	ck_assert_ptr_nonnull(strstr(asked.out, "other_name+4"));
	ck_assert_ptr_nonnull(strstr(asked.out, "third_name+0"));
	ck_assert_ptr_null(strstr(asked.out, "other_name+16"));
	expect_answers(__func__, _i);
}
END_TEST

static const struct asked_row ranges[] = {
	{ "stackof ffffb1c000005000..ffffb1c00000b000", STK_CMD_OK,
	  "ffffb1c000005000-ffffb1c000006000     4096: guard page below the IRQ stack of CPU "
	  "1; vmalloc\n"
	  "ffffb1c000006000-ffffb1c00000a000    16384: IRQ stack of CPU 1; vmalloc\n"
	  "ffffb1c00000a000-ffffb1c00000b000     4096: guard page above the IRQ stack of CPU "
	  "1; vmalloc\n",
	  "" },
	{ "stackof ffffb1c000006008..ffffb1c00000a001", STK_CMD_OK,
	  "ffffb1c000006008-ffffb1c00000a000    16376: IRQ stack of CPU 1, from base+0x8; "
	  "vmalloc\n"
	  "ffffb1c00000a000-ffffb1c00000a001        1: guard page above the IRQ stack of CPU "
	  "1; vmalloc\n",
	  "" },
	/* A page whose two ends differ is looked at word by word. */
	{ "stackof init_task+8..init_task+0x2000", STK_CMD_OK,
	  "ffffffff9b051008-ffffffff9b052800     6136: kernel image: task_struct of PID 0 "
	  "\"swapper/0\", base+0x8 of 0x1800\n"
	  "ffffffff9b052800-ffffffff9b053000     2048: kernel image\n",
	  "" },
	{ "stackof init_task+0x17f9..init_task+0x1803", STK_CMD_OK,
	  "ffffffff9b0527f9-ffffffff9b052801        8: kernel image: task_struct of PID 0 "
	  "\"swapper/0\", base+0x17f9 of 0x1800\n"
	  "ffffffff9b052801-ffffffff9b052803        2: kernel image\n",
	  "" },
	{ "stackof timer_fn+8..timer_fn+0x10", STK_CMD_OK,
	  "ffffffff9b001c08-ffffffff9b001c10        8: kernel image: text\n", "" },
	{ "stackof %rsp:1..ffffb1c00000a000", STK_CMD_OK,
	  "ffffb1c000009f90-ffffb1c00000a000      112: IRQ stack of CPU 1, from base+0x3f90; "
	  "vmalloc\n",
	  "" },
	{ "stackof 2000..1000", STK_CMD_USAGE, "", "not a range: 2000..1000\n" },
	{ "stackof 2000..2000", STK_CMD_USAGE, "", "not a range: 2000..2000\n" },
	{ "stackof 1000..100001001", STK_CMD_USAGE, "", "a range of more than 4 GiB\n" },
	{ "stackof 1000..801000 timer_fn+64", STK_CMD_OK,
	  "0000000000001000-0000000000801000  8388608: user space, not mapped\n" TIMER_FN,
	  "" },
	{ "stackof x..1000 timer_fn+64", STK_CMD_FAILED, TIMER_FN, NOT_SYMBOL("x", "x") },
	{ "stackof 1000..x", STK_CMD_FAILED, "", NOT_SYMBOL("x", "x") },
	{ "stackof ..", STK_CMD_USAGE, "", "not an address: \"\"\n" },
};

START_TEST(of_ranges)
{
	expect_answer(s, &ranges[_i]);
	expect_answers(__func__, _i);
}
END_TEST

/* 4 GiB are no misuse; a Ctrl-C ends what that takes. */
START_TEST(of_the_largest_range)
{
	m->interrupt = true;
	ck_assert_int_eq(ask(s, "stackof 1000..100001000"), STK_CMD_FAILED);
	m->interrupt = false;
	ck_assert_str_eq(asked.errors, "interrupted\n");
	ck_assert_str_eq(asked.out, "");
	expect_answers(__func__, _i);
}
END_TEST

/* ---- texts ---- */

static void put_text(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

#define LIVE	  "ffffb1c000009f90: IRQ stack of CPU 1: top-0x70, base+0x3f90, live\n"
#define CODE	  "ffffffff9b001c40: kernel image: timer_fn+64: text\n"
#define NO_ANSWER "stackof: no word of this text is an address of the kernel"
#define FOREIGN                                                                           \
	"stackof: the answers tell what is there in this dump, not what the text speaks " \
	"of\n"

static const struct {
	const char *options, *text, *out;
	enum stk_command_result result;
} texts[] = {
	{ "", "RSP: ffffb1c000009f90 x\n\nlast ffffffff9b001c40 ffffffff9b001c40 10",
	  "RSP: ffffb1c000009f90 x\n    " LIVE
	  "\nlast ffffffff9b001c40 ffffffff9b001c40 10\n    " CODE,
	  STK_CMD_OK },
	{ "-q",
	  "RSP: ffffb1c000009f90 x\n\nlast ffffffff9b001c40 ffffffff9b001c40 10\nend",
	  "RSP: ffffb1c000009f90 x\n    " LIVE
	  "last ffffffff9b001c40 ffffffff9b001c40 10\n    " CODE,
	  STK_CMD_OK },
	/* Numbers that are no address of the kernel are told with -v only. */
	{ "", "a 0x10\r\nb\r\n",
	  "a 0x10\nb\n" NO_ANSWER "; -v explains other numbers, too\n", STK_CMD_OK },
	{ "-v", "a 0x10\r\nb\r\n", "a 0x10\n    0000000000000010: user space\nb\n",
	  STK_CMD_OK },
	{ "-v", "a", "a\n" NO_ANSWER "\n", STK_CMD_OK },
	{ "-q", "a 0x10", NO_ANSWER "; -v explains other numbers, too\n", STK_CMD_OK },
	{ "", "a fffffffffffff001 ffffffffffffffff",
	  "a fffffffffffff001 ffffffffffffffff\n" NO_ANSWER
	  "; -v explains other numbers, too\n",
	  STK_CMD_OK },
	{ "", "", NO_ANSWER "; -v explains other numbers, too\n", STK_CMD_OK },
	{ "", "\n", "\n" NO_ANSWER "; -v explains other numbers, too\n", STK_CMD_OK },
	/* A fault's own, whatever it is. */
	{ "", "address: 0x10", "address: 0x10\n    0000000000000010: user space\n",
	  STK_CMD_OK },
	{ "", "Comm: a Not tainted 5.4 #1\nffffffff9b001c40",
	  "stackof: the text is of another kernel: line 1 has 5.4, this dump 6.1.0-syn\n" FOREIGN
	  "Comm: a Not tainted 5.4 #1\nffffffff9b001c40\n    " CODE,
	  STK_CMD_DOUBT },
};

START_TEST(of_texts)
{
	put_text(texts[_i].text);
	ck_assert_int_eq(ask(s, "stackof %s -f %s", texts[_i].options, path),
			 texts[_i].result);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_str_eq(asked.out, texts[_i].out);
	expect_answers(__func__, _i);
}
END_TEST

static struct json_object *of(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	ck_assert_msg(json_object_object_get_ex(o, key, &value), "no %s", key);
	return value;
}

/* Each line with what its addresses are: "text: 0x1, 0x2|" */
static const char *lines_of_document(void)
{
	static char text[4096];
	struct json_object *doc = json_tokener_parse(asked.out), *lines;

	ck_assert_ptr_nonnull(doc);
	lines = of(doc, "lines");
	text[0] = '\0';
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);
		struct json_object *list = of(line, "addresses");
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len,
			 "%s:", json_object_get_string(of(line, "text")));
		for (size_t j = 0; j < json_object_array_length(list); j++) {
			len = strlen(text);
			snprintf(text + len, sizeof(text) - len, " %s",
				 json_object_get_string(of(
					 json_object_array_get_idx(list, j), "address")));
		}
		strcat(text, "|");
	}
	json_object_put(doc);
	return text;
}

START_TEST(of_texts_in_json)
{
	struct json_object *doc, *foreign;

	put_text("RSP: ffffb1c000009f90 ffffffff9b001c40\n\nx\x01 0x10\n");
	ck_assert_int_eq(ask(s, "stackof -j -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(),
			 "RSP: ffffb1c000009f90 ffffffff9b001c40: 0xffffb1c000009f90 "
			 "0xffffffff9b001c40|:|x\\x01 0x10:|");
	ck_assert_int_eq(ask(s, "stackof -j -q -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(),
			 "RSP: ffffb1c000009f90 ffffffff9b001c40: 0xffffb1c000009f90 "
			 "0xffffffff9b001c40|");
	ck_assert_int_eq(ask(s, "stackof -j -v -q -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(),
			 "RSP: ffffb1c000009f90 ffffffff9b001c40: 0xffffb1c000009f90 "
			 "0xffffffff9b001c40|x\\x01 0x10: 0x10|");
	put_text("x");
	ck_assert_int_eq(ask(s, "stackof -j -q -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(), "");
	put_text("Comm: a Not tainted 5.4 #1\n");
	ck_assert_int_eq(ask(s, "stackof -j -f %s", path), STK_CMD_DOUBT);
	doc = json_tokener_parse(asked.out);
	foreign = json_object_array_get_idx(of(doc, "foreign"), 0);
	ck_assert_uint_eq(json_object_array_length(of(doc, "foreign")), 1);
	ck_assert_str_eq(
		json_object_to_json_string_ext(foreign, JSON_C_TO_STRING_PLAIN),
		"{\"code\":\"release\",\"line\":1,\"theirs\":\"5.4\",\"ours\":\"6.1.0-syn\","
		"\"text\":\"the text is of another kernel: line 1 has 5.4, this dump "
		"6.1.0-syn\"}");
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

/* Lists of addresses, of ranges, of lines: each under its key. */
START_TEST(of_the_rest_in_json)
{
	struct json_object *doc, *list;

	ck_assert_int_eq(ask(s, "stackof -j timer_fn+64 nothing %%rsp:1"),
			 STK_CMD_FAILED);
	ck_assert_str_eq(asked.errors, NOT_SYMBOL("nothing", "nothing"));
	doc = json_tokener_parse(asked.out);
	list = of(doc, "addresses");
	ck_assert_uint_eq(json_object_array_length(list), 2);
	ck_assert_str_eq(
		json_object_get_string(of(json_object_array_get_idx(list, 1), "address")),
		"0xffffb1c000009f90");
	json_object_put(doc);
	/* A stack that is a variable has its name. */
	ck_assert_int_eq(ask(s, "stackof -j __start_init_task+0x100"), STK_CMD_OK);
	doc = json_tokener_parse(asked.out);
	list = json_object_array_get_idx(of(doc, "addresses"), 0);
	ck_assert_ptr_nonnull(of(list, "stack"));
	ck_assert_str_eq(json_object_get_string(of(list, "function")),
			 "__start_init_task");
	json_object_put(doc);
	ck_assert_int_eq(ask(s, "stackof -j ffffb1c000009f90..ffffb1c00000a008"),
			 STK_CMD_OK);
	doc = json_tokener_parse(asked.out);
	list = of(doc, "addresses");
	ck_assert_uint_eq(json_object_array_length(list), 2);
	ck_assert_str_eq(
		json_object_get_string(of(json_object_array_get_idx(list, 1), "begin")),
		"0xffffb1c00000a000");
	ck_assert_str_eq(
		json_object_get_string(of(json_object_array_get_idx(list, 1), "end")),
		"0xffffb1c00000a008");
	json_object_put(doc);
	ck_assert_int_eq(ask(s, "stackof -j -q -c 1"), STK_CMD_OK);
	ck_assert_str_eq(
		lines_of_document(),
		"    RIP: ffffffff9b001c40  RSP: ffffb1c000009f90  RFLAGS: 00000246: "
		"0xffffffff9b001c40 0xffffb1c000009f90|"
		"    RBP: ffffb1c00014bef0   R8: 0000000000005509   R9: 0000000000005508: "
		"0xffffb1c00014bef0|");
	/* A map is no list. */
	ck_assert_int_eq(ask(s, "stackof -j -m -c 1"), STK_CMD_OK);
	doc = json_tokener_parse(asked.out);
	ck_assert(!json_object_object_get_ex(doc, "addresses", &list));
	ck_assert(!json_object_object_get_ex(doc, "lines", &list));
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

static const struct asked_row registers[] = {
	{ "stackof -p 300", STK_CMD_OK,
	  "    RIP: ffffffff9b00289a  RSP: ffffb1c00011be58\n"
	  "    ffffffff9b00289a: kernel image: __schedule+154: text\n"
	  "    ffffb1c00011be58: TASK stack of PID 300 \"sleeper\": top-0x1a8, base+0x3e58, "
	  "live\n"
	  "    RBX: 0000000000008800\n"
	  "    RBP: ffffb1c00011bef0\n"
	  "    ffffb1c00011bef0: TASK stack of PID 300 \"sleeper\": top-0x110, base+0x3ef0, "
	  "live\n"
	  "    R12: 0000000000008801\n"
	  "    R13: 0000000000008802  R14: 0000000000008803  R15: 0000000000008804\n",
	  "" },
	{ "stackof -q -p 300", STK_CMD_OK,
	  "    RIP: ffffffff9b00289a  RSP: ffffb1c00011be58\n"
	  "    ffffffff9b00289a: kernel image: __schedule+154: text\n"
	  "    ffffb1c00011be58: TASK stack of PID 300 \"sleeper\": top-0x1a8, base+0x3e58, "
	  "live\n"
	  "    RBP: ffffb1c00011bef0\n"
	  "    ffffb1c00011bef0: TASK stack of PID 300 \"sleeper\": top-0x110, base+0x3ef0, "
	  "live\n",
	  "" },
};

START_TEST(of_registers)
{
	expect_answer(s, &registers[_i]);
	expect_answers(__func__, _i);
}
END_TEST

/* A line goes on up to 4096 bytes, and to the end of the word that is there. */
START_TEST(long_lines)
{
	char text[9000], want[10000];
	size_t first = 4096 - 8;

	memset(text, ' ', sizeof(text));
	memcpy(text + first, "ffffffff9b001c40", 16);
	strcpy(text + first + 16, " ffffb1c000009f90");
	put_text(text);
	ck_assert_int_eq(ask(s, "stackof -f %s", path), STK_CMD_OK);
	snprintf(want, sizeof(want), "%.*s\n    " CODE "%s\n    " LIVE, (int)first + 16,
		 text, text + first + 16);
	ck_assert_str_eq(asked.out, want);
	/* A word that has no end in sight is cut. */
	memset(text, 'x', 5000);
	text[5000] = '\0';
	put_text(text);
	ck_assert_int_eq(ask(s, "stackof -f %s", path), STK_CMD_OK);
	ck_assert_uint_eq(strcspn(asked.out, "\n"), 4160);
	/* Up to that, a line is one. */
	for (size_t len = 4094; len <= 4098; len++) {
		memset(text, ' ', len);
		text[len] = '\0';
		put_text(text);
		ask(s, "stackof -f %s", path);
		ck_assert_uint_eq(strcspn(asked.out, "\n"), len > 4096 ? 4096 : len);
		text[len - 1] = '\n';
		put_text(text);
		ask(s, "stackof -f %s", path);
		ck_assert_uint_eq(strcspn(asked.out, "\n"), len - 1);
	}
}
END_TEST

/* One line has so many words that are told; a word is told once. */
START_TEST(many_words)
{
	char text[4160] = "";
	size_t nr = 0;

	for (size_t i = 0; i < 240; i++)
		snprintf(text + strlen(text), 32, "%llx ",
			 (unsigned long long)syn_sym(m, "timer_fn") + i % 200);
	put_text(text);
	ck_assert_int_eq(ask(s, "stackof -f %s", path), STK_CMD_OK);
	for (const char *p = asked.out; (p = strstr(p, "\n    ")); p++)
		nr++;
	ck_assert_uint_eq(nr, 200);
}
END_TEST

/* ---- where a text comes from ---- */

static const struct asked_row files[] = {
	{ "stackof -f /nonexistent", STK_CMD_FAILED, "",
	  "/nonexistent: No such file or directory\n" },
	/* Of what could not be read nothing is said. */
	{ "stackof -f /", STK_CMD_FAILED, "", "/: Is a directory\n" },
	{ "stackof -j -f /nonexistent", STK_CMD_FAILED, NULL,
	  "/nonexistent: No such file or directory\n" },
	{ "stackof -l", STK_CMD_FAILED, "",
	  "VMCOREINFO does not say SIZE(printk_log) of the log\n" },
	{ "log", STK_CMD_FAILED, "",
	  "VMCOREINFO does not say SIZE(printk_log) of the log\n" },
};

START_TEST(of_no_file)
{
	expect_answer(s, &files[_i]);
	expect_answers(__func__, _i);
}
END_TEST

/* What @text is to the command that reads it from standard input. */
static enum stk_command_result ask_stdin(const char *line, const char *text,
					 char rest[64])
{
	int before = dup(STDIN_FILENO), pipes[2];
	enum stk_command_result res;

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(write(pipes[1], text, strlen(text)), (ssize_t)strlen(text));
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	clearerr(stdin);
	res = ask(s, "%s", line);
	if (!fgets(rest, 64, stdin))
		rest[0] = '\0';
	dup2(before, STDIN_FILENO);
	close(before);
	return res;
}

START_TEST(of_standard_input)
{
	char rest[64];

	ck_assert_int_eq(ask_stdin("stackof -", "a ffffffff9b001c40\n\nb", rest),
			 STK_CMD_OK);
	ck_assert_str_eq(asked.out, "a ffffffff9b001c40\n    " CODE "\nb\n");
	ck_assert_str_eq(rest, "");
	/* A filter needs no dash. */
	asked_by.filter = true;
	ck_assert_int_eq(ask_stdin("stackof", "ffffffff9b001c40", rest), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "ffffffff9b001c40\n    " CODE);
	ck_assert_int_eq(ask_stdin("stackof -q", "a\nffffffff9b001c40", rest),
			 STK_CMD_OK);
	ck_assert_str_eq(asked.out, "ffffffff9b001c40\n    " CODE);
	ck_assert_int_eq(ask_stdin("stackof -j", "ffffffff9b001c40", rest), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(), "ffffffff9b001c40: 0xffffffff9b001c40|");
	asked_by.filter = false;
	/* What is pasted ends with an empty line, as DOS has it, too. */
	asked_by.paste = true;
	ck_assert_int_eq(ask_stdin("stackof -", "a\n ffffffff9b001c40\n\nnext\n", rest),
			 STK_CMD_OK);
	ck_assert_str_eq(asked.out, "a\n ffffffff9b001c40\n    " CODE);
	ck_assert_str_eq(rest, "next\n");
	ck_assert_int_eq(ask_stdin("stackof -", "ffffffff9b001c40\r\n\r\nnext\n", rest),
			 STK_CMD_OK);
	ck_assert_str_eq(asked.out, "ffffffff9b001c40\n    " CODE);
	ck_assert_str_eq(rest, "next\n");
	ck_assert_int_eq(ask_stdin("stackof -", "ffffffff9b001c40\n \nnext\n", rest),
			 STK_CMD_OK);
	ck_assert_str_eq(asked.out, "ffffffff9b001c40\n    " CODE " \nnext\n");
	/* A file does not. */
	put_text("a\n\nffffffff9b001c40\n");
	ck_assert_int_eq(ask(s, "stackof -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "a\n\nffffffff9b001c40\n    " CODE);
	expect_answers(__func__, _i);
}
END_TEST

/* More than fits into what is read at once. */
START_TEST(of_a_large_file)
{
	FILE *f = fopen(path, "w");

	for (unsigned int i = 0; i < 9000; i++)
		fprintf(f, "line %u\n", i);
	fputs("ffffffff9b001c40\n", f);
	fclose(f);
	ck_assert_int_eq(ask(s, "stackof -f %s", path), STK_CMD_OK);
	for (unsigned int i = 0; i < 9000; i += 1 + i % 7) {
		char want[32];

		snprintf(want, sizeof(want), "line %u\n", i);
		ck_assert_msg(strstr(asked.out, want) != NULL, "%s", want);
	}
	ck_assert_str_eq(strstr(asked.out, "line 8999\n"),
			 "line 8999\nffffffff9b001c40\n    " CODE);
	ck_assert_int_eq(ask(s, "stackof -q -f %s", path), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "ffffffff9b001c40\n    " CODE);
}
END_TEST

START_TEST(interrupted)
{
	static const char *const line[] = { "stackof -f", "stackof -j -f",
					    "stackof -q -f" };
	unsigned int at, nr = 0;
	char *all;

	put_text("ffffffff9b001c40\nffffb1c000009f90\nx\nffffffff9b001410\n");
	ask(s, "%s %s", line[_i], path);
	all = strdup(asked.out);
	for (at = 1; at < 3000; at++) {
		char want[128];

		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		m->interrupt_after = at;
		ask(s, "%s %s", line[_i], path);
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		if (asked.result == STK_CMD_OK) {
			ck_assert_str_eq(asked.out, all);
			continue;
		}
		nr++;
		snprintf(want, sizeof(want), "interrupted\n");
		ck_assert_str_eq(asked.errors, want);
		if (_i == 1)
			ck_assert_str_eq(asked.out, "");
	}
	free(all);
	ck_assert_uint_gt(nr, 10);
}
END_TEST

/* The words of a line, as crash has taken it apart. */
START_TEST(of_a_line)
{
	asked_by.is_line = true;
	ck_assert_int_eq(ask(s, "stackof a   ffffffff9b001c40 -v"), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "a ffffffff9b001c40 -v\n    " CODE);
	ck_assert_int_eq(ask(s, "stackof -q a"), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "");
	ck_assert_int_eq(ask(s, "stackof ? [a] 0x10"), STK_CMD_OK);
	ck_assert_str_eq(asked.out, "? [a] 0x10\n");
	ck_assert_int_eq(ask(s, "stackof -j x ffffffff9b001c40"), STK_CMD_OK);
	ck_assert_str_eq(lines_of_document(), "x ffffffff9b001c40: 0xffffffff9b001c40|");
	expect_answers(__func__, _i);
}
END_TEST

/* ---- the log ---- */

#define LOG (SYN_DATA + 0x9000)
#define BUF (SYN_DATA + 0x10000)

static uint64_t put_record(uint64_t at, uint64_t ns, const char *text, uint32_t caller)
{
	const unsigned int len = (unsigned int)(24 + strlen(text) + 7) & ~7u;

	syn_put64(m, BUF + at, ns);
	syn_put32(m, BUF + at + 8, len | (uint32_t)strlen(text) << 16);
	syn_put32(m, BUF + at + 16, caller);
	syn_write(m, BUF + at + 24, text, strlen(text));
	return at + len;
}

/* As up to 5.9. */
static void put_log(void)
{
	static const char *const variable[] = { "log_buf_len", "log_first_idx",
						"log_next_idx" };
	uint64_t at;

	syn_fill(m, LOG, 64, 0);
	syn_fill(m, BUF, 1024, 0);
	syn_vmcoreinfo(m, "SIZE(printk_log)", "24");
	syn_vmcoreinfo(m, "OFFSET(printk_log.ts_nsec)", "0");
	syn_vmcoreinfo(m, "OFFSET(printk_log.len)", "8");
	syn_vmcoreinfo(m, "OFFSET(printk_log.text_len)", "10");
	syn_vmcoreinfo(m, "SYMBOL(log_buf)", "%llx", (unsigned long long)LOG);
	syn_put64(m, LOG, BUF);
	for (unsigned int i = 0; i < 3; i++) {
		char key[64];

		snprintf(key, sizeof(key), "SYMBOL(%s)", variable[i]);
		syn_vmcoreinfo(m, key, "%llx", (unsigned long long)LOG + 8 + 4 * i);
	}
	syn_put32(m, LOG + 8, 1024);
	at = put_record(0, 1500000000, "first", 7);
	at = put_record(at, 2000000000, "at ffffffff9b001c40\nand 0x10", 8);
	at = put_record(at, 3999999999, "last", 9);
	syn_put32(m, LOG + 12, 0);
	syn_put32(m, LOG + 16, (uint32_t)at);
	s = syn_open(m);
}

static const struct asked_row logs[] = {
	{ "log", STK_CMD_OK,
	  "[    1.500000] first\n[    2.000000] at ffffffff9b001c40\n               and 0x10\n"
	  "[    3.999999] last\n",
	  "" },
	{ "log -c", STK_CMD_OK,
	  "[    1.500000] first\n[    2.000000] at ffffffff9b001c40\n               and 0x10\n"
	  "[    3.999999] last\n",
	  "" },
	{ "log -T", STK_CMD_FAILED,
	  "[    1.500000] first\n[    2.000000] at ffffffff9b001c40\n               and 0x10\n"
	  "[    3.999999] last\n",
	  "no dates: the dump does not tell when it crashed\n" },
	{ "stackof -l", STK_CMD_OK,
	  "[    1.500000] first\n[    2.000000] at ffffffff9b001c40\n    " CODE
	  "               and 0x10\n[    3.999999] last\n",
	  "" },
	{ "stackof -q -l", STK_CMD_OK, "[    2.000000] at ffffffff9b001c40\n    " CODE,
	  "" },
	{ "stackof -q -l -v", STK_CMD_OK,
	  "[    2.000000] at ffffffff9b001c40\n    " CODE
	  "               and 0x10\n    0000000000000010: user space\n",
	  "" },
};

START_TEST(of_the_log)
{
	put_log();
	expect_answer(s, &logs[_i]);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_log_dated)
{
	put_log();
	syn_vmcoreinfo(m, "CRASHTIME", "%u", 1700000003u);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "log -T"), STK_CMD_OK);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_str_eq(asked.out, "[Tue Nov 14 22:13:21 UTC 2023] first\n"
				    "[Tue Nov 14 22:13:22 UTC 2023] at ffffffff9b001c40\n"
				    "                               and 0x10\n"
				    "[Tue Nov 14 22:13:23 UTC 2023] last\n");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_log_interrupted)
{
	unsigned int at, nr = 0;
	char *all;

	put_log();
	ask(s, _i ? "stackof -l" : "stackof -j -l");
	all = strdup(asked.out);
	for (at = 1; at < 1000; at++) {
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		m->interrupt_after = at;
		ask(s, _i ? "stackof -l" : "stackof -j -l");
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		if (asked.result == STK_CMD_OK) {
			ck_assert_str_eq(asked.out, all);
			continue;
		}
		nr++;
		ck_assert_str_eq(asked.errors, "interrupted\n");
		if (!_i)
			ck_assert_str_eq(asked.out, "");
	}
	free(all);
	ck_assert_uint_gt(nr, 3);
}
END_TEST

static const struct unit_test address_tests[] = {
	LOOP(of_addresses, sizeof(addresses) / sizeof(addresses[0])),
	TEST(of_the_context),
	TEST(of_two_names),
	LOOP(of_ranges, sizeof(ranges) / sizeof(ranges[0])),
	TEST(of_the_largest_range),
	LOOP(of_registers, sizeof(registers) / sizeof(registers[0])),
	TEST(of_the_rest_in_json),
	{ 0 },
};

static const struct unit_test text_tests[] = {
	LOOP(of_texts, sizeof(texts) / sizeof(texts[0])),
	TEST(of_texts_in_json),
	TEST(long_lines),
	TEST(many_words),
	LOOP(of_no_file, sizeof(files) / sizeof(files[0])),
	TEST(of_standard_input),
	TEST(of_a_large_file),
	LOOP(interrupted, 3),
	TEST(of_a_line),
	{ 0 },
};

static const struct unit_test log_tests[] = {
	LOOP(of_the_log, sizeof(logs) / sizeof(logs[0])),
	TEST(of_the_log_dated),
	LOOP(of_the_log_interrupted, 2),
	{ 0 },
};

const struct unit_suite suite_places = {
	"places",
	{
		{ "addresses", address_tests, setup, teardown },
		{ "texts", text_tests, setup, teardown },
		{ "log", log_tests, setup, teardown },
	},
};
