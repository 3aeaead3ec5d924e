/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what stackof takes for an address in any text, that no text can hurt it, and
 * that ranges and registers are what they say.
 */
#include "asked.h"
#include "fixture.h"
#include "memory.h"
#include "suite.h"

#include "commands/commands.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stk *s;
static uint64_t sleeper;
static char *out, errors[4096], path[] = "/tmp/stackof-XXXXXX";
static size_t out_len;
static bool is_line;
#define NO_PLACE SIZE_MAX
static size_t failing =
	NO_PLACE; /* the place that gets no memory; more: they are watched */

static void on_error(struct stk_command *unused, const char *text)
{
	strncat(errors, text, sizeof(errors) - strlen(errors) - 1);
}

static void setup(void)
{
	sleeper = fixture_sleeper();
	syn_irq(&c);
	syn_crash_note(&c);
	s = syn_open(m);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
}

static void teardown(void)
{
	unlink(path);
	free(out);
	out = NULL;
	is_line = false;
}

static enum stk_command_result run_args(int argc, char **argv)
{
	struct stk_command cmd = { .s = s, .error = on_error, .is_line = is_line };
	enum stk_command_result res;

	free(out);
	out = NULL;
	errors[0] = '\0';
	cmd.out = open_memstream(&out, &out_len);
	if (failing < NO_PLACE)
		memory_fail(failing, 0);
	else
		memory_watch();
	res = stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc, argv);
	memory_end();
	fclose(cmd.out);
	put_asked(argc, argv, res, out, errors);
	return res;
}

static enum stk_command_result run(const char *line)
{
	char copy[512], *argv[32], *save;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	return run_args(argc, argv);
}

static enum stk_command_result run_text(const char *options, const void *text, size_t len)
{
	char line[128];
	FILE *f = fopen(path, "w");

	fwrite(text, 1, len, f);
	fclose(f);
	snprintf(line, sizeof(line), "stackof %s -f %s", options, path);
	return run(line);
}

#define expect_in(text, part)                                                            \
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text)

static unsigned int lines_of(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

#define NO_ANSWER "stackof: no word of this text is an address of the kernel"

/* How many addresses are found in @text? */
static unsigned int found(const char *options, const char *text)
{
	ck_assert_int_eq(run_text(options, text, strlen(text)), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, text, strlen(text)), 0);
	/* The last line then tells that there are none. */
	return strstr(out, NO_ANSWER) ? 0 : lines_of(out) - 1;
}

START_TEST(what_looks_like_an_address)
{
	static const struct {
		const char *text;
		unsigned int nr, verbose;
	} row[] = {
		{ "", 0, 0 },
		{ "RSP: 0018:ffffffff9b001234 EFLAGS: 00000086", 1, 1 },
		{ "[<ffffffff9b001234>]", 1, 1 },
		{ "(ffffffff9b001234)", 1, 1 },
		{ "0xffffffff9b001234,0xFFFFFFFF9B001235", 2, 2 },
		{ "ffffffff9b001234 ffffffff9b001234", 1, 1 },
		{ "ffffffff9b00123", 0, 0 },	   /* 15 digits */
		{ "ffffffff9b0012345", 0, 0 },	   /* 17 digits */
		{ "xffffffff9b001234", 0, 0 },	   /* part of a word */
		{ "ffffffff9b001234_", 0, 0 },	   /* the same */
		{ "vfs_write+0x12/0x100", 0, 0 },  /* offset and size */
		{ "RAX: 0000000000000000", 0, 1 }, /* no address */
		{ "RAX: ffffffffffffffda", 0, 1 }, /* -ENOSYS */
		{ "RIP: 0033:0x40103e", 0, 1 },	   /* user mode */
		{ "RAX: 5ca0000000000001", 0, 1 }, /* not canonical */
		{ "R13: dead000000000122", 0, 1 }, /* list poison */
		{ "0x", 0, 0 },
		{ "0x0x1", 0, 0 },
		{ "Code: 00 48 d3 e0 <8b> 05", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_msg(found("", row[i].text) == row[i].nr, "%s: %s", row[i].text,
			      out);
		ck_assert_msg(found("-v", row[i].text) == row[i].verbose, "-v %s: %s",
			      row[i].text, out);
	}
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(an_oops)
{
	char text[256], want[128];

	snprintf(text, sizeof(text), "BUG\n\nRSP: 0018:%016llx EFLAGS: 00000086\r\nend",
		 (unsigned long long)syn_irq_top(1) - 8);
	ck_assert_int_eq(run_text("", text, strlen(text)), STK_CMD_OK);
	snprintf(want, sizeof(want),
		 "00000086\n    %016llx: IRQ stack of CPU 1: top-0x8, base+0x3ff8, live\n"
		 "end\n",
		 (unsigned long long)syn_irq_top(1) - 8);
	expect_in(out, want);
	expect_in(out, "BUG\n\nRSP");
	expect_answers(__func__, _i);
}
END_TEST

/* As a log of JSON has it: the lines come apart, and what is odd about a fault is told.
 */
START_TEST(an_oops_in_one_line)
{
	static const char text[] =
		"{\"m\":\"BUG: kernel NULL pointer dereference, address: 0000000000000028"
		"\\nRBP: ffffffffffffff20 \\u001b[31mRAX: 0000000000000028\"}";

	ck_assert_int_eq(run_text("", text, strlen(text)), STK_CMD_OK);
	ck_assert_str_eq(out, "{\"m\":\"BUG: kernel NULL pointer dereference, address: "
			      "0000000000000028\n"
			      "    0000000000000028: user space\n"
			      "RBP: ffffffffffffff20 RAX: 0000000000000028\"}\n");
	ck_assert_int_eq(run("stackof ffffffffffffff20"), STK_CMD_OK);
	expect_in(out, "hole of error codes: -224, or NULL-0xe0, not mapped");
	expect_answers(__func__, _i);
}
END_TEST

/* That comes first, the answers behind it; also where the text has its kernel last. */
START_TEST(an_oops_of_another_kernel)
{
	static const char text[] = "RSP: ffffffff9b001400\n"
				   "Comm: sh Not tainted 5.4.0 #1\nend\n";
	struct json_object *doc, *list, *n;

	ck_assert_int_eq(run_text("", text, strlen(text)), STK_CMD_DOUBT);
	ck_assert_int_eq(
		strncmp(out, "stackof: the text is of another kernel: line 2 ", 47), 0);
	expect_in(out, "this dump, not what the text speaks of\nRSP: ffffffff9b001400\n"
		       "    ffffffff9b001400: ");
	ck_assert_int_eq(run_text("-j", text, strlen(text)), STK_CMD_DOUBT);
	doc = json_tokener_parse(out);
	ck_assert(json_object_object_get_ex(doc, "foreign", &list));
	ck_assert_uint_eq(json_object_array_length(list), 1);
	list = json_object_array_get_idx(list, 0);
	ck_assert(json_object_object_get_ex(list, "code", &n));
	ck_assert_str_eq(json_object_get_string(n), "release");
	ck_assert(json_object_object_get_ex(list, "line", &n));
	ck_assert_int_eq(json_object_get_int(n), 2);
	ck_assert(json_object_object_get_ex(list, "theirs", &n));
	ck_assert_str_eq(json_object_get_string(n), "5.4.0");
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

/* As they stand in what was copied. */
START_TEST(quoted_arguments)
{
	static const char *const same[] = {
		"vfs_write+0x10/0x100", "[<ffffffff9b001410>]", "ffffffff9b001410,",
		"ffffffff9b001410:",	"(ffffffff9b001410)",	"0xffffffff9b001410UL",
		"ffffffff9b001410h",	"0ffffffff9b001410h",	"<ffffffff9b001410>;",
		"\"vfs_write+0x10\"",	"&vfs_write+16.",	"*ffffffff9b001410",
	};
	char line[128];

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(line, sizeof(line), "stackof %s", same[i]);
		ck_assert_int_eq(run(line), STK_CMD_OK);
		ck_assert_msg(!strncmp(out, "ffffffff9b001410: ", 18), "%s: %s", same[i],
			      out);
		ck_assert_str_eq(errors, "");
	}
	/* What stands about a function of a module, or a frame that may be none. */
	ck_assert_int_eq(run("stackof ? vfs_write+0x10/0x100 [ext4]"), STK_CMD_OK);
	ck_assert_uint_eq(lines_of(out), 1);
	ck_assert_int_eq(run("stackof [ext4]"), STK_CMD_FAILED);
	expect_in(errors, "neither an address nor a symbol");
	ck_assert_int_eq(run("stackof vfs_write+0x10/"), STK_CMD_USAGE);
	expect_in(errors, "not an offset");
	ck_assert_int_eq(run("stackof vfs_write+0x10/0"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof vfs_write+0x10/0x20/0x30"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof ,"), STK_CMD_USAGE);
	expect_answers(__func__, _i);
}
END_TEST

/* Terminals obey what they are sent; JSON is UTF-8. */
START_TEST(bytes_of_all_kinds)
{
	unsigned char text[256];
	struct json_object *doc;

	for (unsigned int i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	ck_assert_int_eq(run_text("", text, sizeof(text)), STK_CMD_OK);
	expect_in(out, "\\x00\\x01");
	expect_in(out, "\\x1b");
	expect_in(out, "\\xff");
	for (size_t i = 0; i < out_len; i++)
		ck_assert((out[i] >= ' ' && out[i] < 0x7f) || strchr("\t\n", out[i]));
	ck_assert_int_eq(run_text("-j", text, sizeof(text)), STK_CMD_OK);
	doc = json_tokener_parse(out);
	ck_assert_ptr_nonnull(doc);
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(a_line_that_never_ends)
{
	const size_t size = 3 << 20, word = 17;
	char *text = malloc(size);

	/* 5,000 words of 16 digits and a blank; then one word only. */
	memset(text, 'f', size);
	for (size_t i = 0; i < 5000; i++) {
		char digits[18];

		snprintf(digits, sizeof(digits), "ffffffff9b%06zx ", i);
		memcpy(text + i * word, digits, word);
	}
	ck_assert_int_eq(run_text("", text, size), STK_CMD_OK);
	for (size_t i = 0; i < 5000; i += 7) {
		char want[64];

		snprintf(want, sizeof(want), "\n    ffffffff9b%06zx: ", i);
		ck_assert_msg(strstr(out, want) != NULL, "%s is missing", want);
	}
	free(text);
}
END_TEST

/* A line that there is no memory for is told of, in a document as in a text. */
START_TEST(lines_without_memory)
{
	static const char text[] = "one\nRSP: ffffffff9b001400\nRAX: ffffffff9b001410\n";
	static const char *const options[] = { "", "-q", "-j", "-q -j" };
	unsigned int nr_failed = 0;
	size_t nr;
	char *all;

	/* What is read once is there. */
	run_text(options[_i], text, strlen(text));
	run_text(options[_i], text, strlen(text));
	all = strdup(out);
	nr = memory_places();
	for (failing = 0; failing < nr; failing++) {
		run_text(options[_i], text, strlen(text));
		if (!memory_failed() || !strcmp(out, all))
			continue;
		nr_failed++;
		ck_assert_msg(strstr(errors, "memory") != NULL, "place %zu: \"%s\"",
			      failing, out);
	}
	failing = NO_PLACE;
	ck_assert_uint_gt(nr_failed, 0);
	free(all);
}
END_TEST

/* How long it is was not the dump's choice: each line has all steps of a question. */
START_TEST(more_lines_than_steps)
{
	enum { LINES = 500, LINE = 17 };
	char text[LINES * LINE + 1], *before;

	for (int i = 0; i < LINES; i++)
		sprintf(text + (ptrdiff_t)i * LINE, "%016llx\n",
			(unsigned long long)SYN_VMALLOC + 0x12345678ull * i);
	ck_assert_int_eq(run_text("", text, LINES * LINE), STK_CMD_OK);
	before = strdup(out);
	/* What is read once is there now. */
	s->budget.max_steps = LINES / 10;
	ck_assert_int_eq(run_text("", text, LINES * LINE), STK_CMD_OK);
	ck_assert_str_eq(out, before);
	ck_assert_uint_eq(s->budget.nr_cuts, 0);
	free(before);
}
END_TEST

/* Nor is the length of a range: each 64 MiB have all steps. */
START_TEST(longer_than_steps)
{
	char *before;
	uint64_t used;

	/* What is read once is there then. */
	ck_assert_int_eq(run("stackof ffff880000000000..ffff880010000000"), STK_CMD_OK);
	before = strdup(out);
	ck_assert_int_eq(run("stackof ffff880000000000..ffff880003ffe000"), STK_CMD_OK);
	used = s->budget.max_steps - s->budget.steps;
	ck_assert_uint_gt(used, 0);
	s->budget.max_steps = 2 * used;
	ck_assert_int_eq(run("stackof ffff880000000000..ffff880010000000"), STK_CMD_OK);
	ck_assert_str_eq(out, before);
	ck_assert_str_eq(errors, "");
	free(before);
}
END_TEST

START_TEST(no_file)
{
	ck_assert_int_eq(run("stackof -f /nonexistent"), STK_CMD_FAILED);
	expect_in(errors, "/nonexistent: No such file");
	ck_assert_int_eq(run("stackof -f /"), STK_CMD_FAILED);
	expect_in(errors, "/: Is a directory");
	ck_assert_int_eq(run("stackof -f /dev/null"), STK_CMD_OK);
	ck_assert_str_eq(out, NO_ANSWER "; -v explains other numbers, too\n");
	ck_assert_int_eq(run("stackof -l"), STK_CMD_FAILED);
	expect_in(errors, "VMCOREINFO");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(ctrl_c_in_a_text)
{
	m->interrupt = true;
	ck_assert_int_eq(run_text("-j", "ffffffff9b001234\n", 17), STK_CMD_FAILED);
	ck_assert_str_eq(errors, "interrupted");
	m->interrupt = false;
	expect_answers(__func__, _i);
}
END_TEST

/* As crash runs it for "stackof -v < FILE". */
START_TEST(words_of_a_line)
{
	char *line[] = { "stackof", "-v", "---[", "end", "0x40103e", NULL };
	char *dash[] = { "stackof", "-", NULL };

	is_line = true;
	ck_assert_int_eq(run_args(5, line), STK_CMD_OK);
	expect_in(out, "---[ end 0x40103e\n    000000000040103e: user space\n");
	ck_assert_int_eq(run_args(2, dash), STK_CMD_OK);
	ck_assert_str_eq(out, "-\n");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(usage)
{
	static const char *const wrong[] = {
		"stackof",	"stackof -v",	   "stackof -f",	"stackof -c",
		"stackof -m 1", "stackof -m -l",   "stackof -m -p 1",	"stackof -f a 1",
		"stackof -l 1", "stackof -f a -l", "stackof -c 1 -p 2",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(run(wrong[i]) == STK_CMD_USAGE, "%s", wrong[i]);
		ck_assert_str_eq(out, "");
	}
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(registers)
{
	char want[64];

	snprintf(want, sizeof(want), "%016llx: IRQ stack of CPU 1",
		 (unsigned long long)c.sp);
	ck_assert_int_eq(run("stackof %rsp:1"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, want, strlen(want)), 0);
	ck_assert_int_eq(run("stackof -c 1 %rsp"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, want, strlen(want)), 0);
	ck_assert_int_eq(run("stackof -p 227 %rsp"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, want, strlen(want)), 0);
	ck_assert_int_eq(run("stackof -p 300 %rsp"), STK_CMD_OK);
	expect_in(out, "TASK stack of PID 300");
	/* All of them, as text. */
	ck_assert_int_eq(run("stackof -c 1"), STK_CMD_OK);
	expect_in(out, "RSP: ");
	expect_in(out, want);
	ck_assert_int_eq(run("stackof -p 300 %rax"), STK_CMD_FAILED);
	expect_in(errors, "not saved");
	ck_assert_int_eq(run("stackof %rsp"), STK_CMD_USAGE);
	expect_in(errors, "whose registers");
	ck_assert_int_eq(run("stackof %:1"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof %nothing:1"), STK_CMD_USAGE);
	expect_in(errors, "no such register");
	ck_assert_int_eq(run("stackof %rsp:0"), STK_CMD_FAILED);
	ck_assert_int_eq(run("stackof %rsp:9"), STK_CMD_FAILED);
	expect_in(errors, "there is no CPU 9");
	ck_assert_int_eq(run("stackof -c x"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof -p x"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof -p 0"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof -p 4242"), STK_CMD_FAILED);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(ranges)
{
	uint64_t top = syn_irq_top(1), base = top - SYN_THREAD_SIZE;
	char line[128], want[128];

	/* A hole below, the stack, a hole above. */
	snprintf(line, sizeof(line), "stackof %llx..%llx",
		 (unsigned long long)base - 4096, (unsigned long long)top + 8);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	snprintf(want, sizeof(want), "\n%016llx-%016llx    16384: IRQ stack of CPU 1;",
		 (unsigned long long)base, (unsigned long long)top);
	expect_in(out, want);
	ck_assert_uint_eq(lines_of(out), 3);
	/* A part of it, by words that begin and end within pages. */
	snprintf(line, sizeof(line), "stackof %llx..%llx",
		 (unsigned long long)base + 0x18, (unsigned long long)base + 0x1023);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "IRQ stack of CPU 1, from base+0x18;");
	ck_assert_uint_eq(lines_of(out), 1);
	/* The last bytes of all. */
	ck_assert_int_eq(run("stackof fffffffffffff000..ffffffffffffffff"), STK_CMD_OK);
	ck_assert_uint_eq(lines_of(out), 1);
	ck_assert_int_eq(run("stackof vfs_write..vfs_write+0x20"), STK_CMD_OK);
	ck_assert_int_eq(run("stackof 2000..1000"), STK_CMD_USAGE);
	expect_in(errors, "not a range");
	ck_assert_int_eq(run("stackof 1000..1000"), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof 0..ffffffffffffffff"), STK_CMD_USAGE);
	expect_in(errors, "4 GiB");
	ck_assert_int_eq(run("stackof .."), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof 1.."), STK_CMD_USAGE);
	ck_assert_int_eq(run("stackof ..1"), STK_CMD_USAGE);
	expect_answers(__func__, _i);
}
END_TEST

/* A line of the table for each stack, and the picture in the order of the chain. */
START_TEST(the_map)
{
	uint64_t top = syn_irq_top(1);
	const char *cpu1, *irq, *task;
	char want[128];

	ck_assert_int_eq(run("stackof -m"), STK_CMD_OK);
	snprintf(want, sizeof(want), "\n%016llx %016llx 16384 %5llu ",
		 (unsigned long long)top - SYN_THREAD_SIZE, (unsigned long long)top,
		 (unsigned long long)(top - c.sp));
	expect_in(out, want);
	expect_in(out, "live     IRQ CPU 1\n");
	expect_in(out, "live     TASK 300 \"sleeper\" R\n");
	expect_in(out, "unmapped #VC CPU 2\n");
	ck_assert_int_eq(run("stackof -m -v"), STK_CMD_OK);
	cpu1 = strstr(out, "\nCPU 1\n");
	ck_assert_ptr_nonnull(cpu1);
	irq = strstr(cpu1, "  IRQ ");
	task = strstr(cpu1, "  TASK 227 \"sh\"");
	ck_assert(irq && task && irq < task && task < strstr(cpu1, "  NMI "));
	snprintf(want, sizeof(want), "| left by word at %016llx\n      v\n",
		 (unsigned long long)top - 8);
	expect_in(irq, want);
	expect_in(task, "= user mode at ");
	expect_in(out, "CPU 2, not running");
	/* It is drawn where its CPU is, and not again. */
	ck_assert_ptr_null(strstr(task + 1, "\n  TASK 227"));
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(line), 100);
	expect_answers(__func__, _i);
}
END_TEST

/*
 * A CPU that went on behind its registers: what stopped it is drawn first, down to the
 * stack that the chain of the registers begins on.
 */
START_TEST(the_map_of_a_cpu_that_went_on)
{
	static const char golden[] =
		"\nCPU 1\n"
		"  NMI                           [.....................................:##]   360/8192  live\n"
		"      | left by pt_regs at fffffe0000048ef8\n"
		"      v\n"
		"  TASK 227 \"sh\" R               [.......................................#]   328/16384 live\n"
		"      = user mode at 0x7f1122334455, syscall\n"
		"  IRQ                           [........................................]     -/16384 unused\n"
		"  ENTRY_TRAMPOLINE ";
	const char *cpu1;

	fixture_free();
	fixture_sleeper();
	syn_crash_note(&c);
	syn_nmi(&c);
	syn_call(&c, 0x80, "panic");
	s = syn_open(m);
	ck_assert_int_eq(run("stackof -m -v"), STK_CMD_OK);
	cpu1 = strstr(out, "\nCPU 1\n");
	ck_assert_ptr_nonnull(cpu1);
	ck_assert_msg(!strncmp(cpu1, golden, strlen(golden)), "%s", cpu1);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(the_map_in_json)
{
	struct json_object *doc, *stacks, *live, *totals, *n;

	ck_assert_int_eq(run("stackof -m -j"), STK_CMD_OK);
	doc = json_tokener_parse(out);
	ck_assert(json_object_object_get_ex(doc, "stacks", &stacks) &&
		  json_object_object_get_ex(doc, "live", &live) &&
		  json_object_object_get_ex(doc, "totals", &totals) &&
		  json_object_object_get_ex(totals, "task_stacks", &n));
	/* Three idle tasks, init_task's being the first, and these two. */
	ck_assert_int_ge(json_object_get_int(n), 5);
	ck_assert_uint_gt(json_object_array_length(stacks),
			  (size_t)json_object_get_int(n));
	ck_assert_uint_eq(json_object_array_length(live), 2);
	json_object_put(doc);
	m->interrupt = true;
	s = syn_open(m);
	ck_assert_int_eq(run("stackof -m -j"), STK_CMD_FAILED);
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(errors, "interrupted");
	expect_answers(__func__, _i);
}
END_TEST

static const struct unit_test tc_tests[] = {
	TEST(what_looks_like_an_address),
	TEST(an_oops),
	TEST(an_oops_in_one_line),
	TEST(an_oops_of_another_kernel),
	TEST(quoted_arguments),
	TEST(bytes_of_all_kinds),
	TEST(a_line_that_never_ends),
	LOOP(lines_without_memory, 4),
	TEST(more_lines_than_steps),
	TEST(longer_than_steps),
	TEST(no_file),
	TEST(ctrl_c_in_a_text),
	TEST(words_of_a_line),
	TEST(usage),
	TEST(registers),
	TEST(ranges),
	TEST(the_map),
	TEST(the_map_of_a_cpu_that_went_on),
	TEST(the_map_in_json),
	{ 0 },
};

const struct unit_suite suite_stackof = {
	"stackof",
	{
		{ "stackof", tc_tests, setup, teardown },
	},
};
