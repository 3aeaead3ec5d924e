/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves whose registers those of a text are, as xbt --regs takes them: what the text
 * says, what the user says, what is left when neither does; and each way to be wrong.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct stk *s;
static char path[] = "/tmp/given-XXXXXX", other[] = "/tmp/given-XXXXXX";

static void setup(void)
{
	struct syn_cpu idle;

	crowd();
	idle = syn_cpu(m, 0, syn_idle(m, 0));
	syn_idle_loop(&idle);
	s = syn_open(m);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	strcpy(other + strlen(other) - 6, "XXXXXX");
	close(mkstemp(path));
	close(mkstemp(other));
}

static void teardown(void)
{
	unlink(path);
	unlink(other);
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
}

static void put_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	fputs(text, f);
	fclose(f);
}

/* Of do_idle() on CPU 0, of timer_fn() on CPU 1, of nobody. */
#define IDLE   "RIP: ffffffff9b002e40 RSP: ffffffff9b057f28\n"
#define TIMER  "RIP: ffffffff9b001c40 RSP: ffffb1c000009f90\n"
#define CPU(n) "CPU: " n " PID: 0\n"
#define NOBODY "%: it is not known which CPU's registers these are: --regs CPU:%\n"

/* In @options and @errors "%" is the name of the file. */
static const struct {
	const char *text, *options;
	enum stk_command_result result;
	const char *pids, *errors;
} row[] = {
	{ CPU("0") IDLE, "-c 0 --regs %", STK_CMD_DOUBT, "0", "" },
	{ CPU("0") IDLE CPU("1") TIMER, "-c 0-1 --regs %", STK_CMD_DOUBT, "0 227", "" },
	/* The note of CPU 1 has the same: that is no doubt. */
	{ CPU("1") TIMER, "-c 1 --regs %", STK_CMD_OK, "227", "" },
	/* Said by the user. */
	{ IDLE, "-c 0-1 --regs 0:%", STK_CMD_DOUBT, "0 227", "" },
	{ IDLE, "-c 0 --regs 00:%", STK_CMD_DOUBT, "0", "" },
	{ CPU("0") IDLE CPU("1") TIMER, "-c 0 --regs 0:%", STK_CMD_DOUBT, "0", "" },
	{ CPU("1") TIMER CPU("0") IDLE, "-c 0 --regs 0:%", STK_CMD_DOUBT, "0", "" },
	{ CPU("1") TIMER, "-c 0 --regs 0:%", STK_CMD_USAGE, "",
	  "%: it has registers of CPU 1, not of 0\n" },
	{ TIMER CPU("1") TIMER, "-c 1 --regs 1:%", STK_CMD_USAGE, "",
	  "%: CPU 1 has registers from % already\n" },
	/* The only one that is asked for. */
	{ IDLE, "-c 0 --regs %", STK_CMD_DOUBT, "0", "" },
	{ IDLE, "-c 0-1 --regs %", STK_CMD_USAGE, "", NOBODY },
	{ IDLE, "-c 0, --regs %", STK_CMD_USAGE, "", NOBODY },
	{ IDLE, "-c a --regs %", STK_CMD_USAGE, "", NOBODY },
	{ IDLE, "-a --regs %", STK_CMD_USAGE, "", NOBODY },
	{ IDLE, "--regs %", STK_CMD_USAGE, "", NOBODY },
	/* Among others it is of none of them. */
	{ TIMER CPU("0") IDLE, "-c 0 --regs %", STK_CMD_DOUBT, "0", "" },
	/* No such CPU. */
	{ CPU("9") IDLE, "-c 0 --regs %", STK_CMD_USAGE, "",
	  "%: there is no CPU 9: the highest is 2\n" },
	{ IDLE, "-c 0 --regs 9:%", STK_CMD_USAGE, "",
	  "%: there is no CPU 9: the highest is 2\n" },
	{ IDLE, "-c 0 --regs 4294967296:%", STK_CMD_USAGE, "",
	  "%: there is no CPU 4294967296: the highest is 2\n" },
	/* Not all of it, or nothing. */
	{ CPU("0") "RIP: ff", "-c 0 --regs %", STK_CMD_USAGE, "",
	  "%: the registers from line 2 on: there is no rsp\n" },
	{ "x", "-c 0 --regs %", STK_CMD_USAGE, "", "%: no registers of a CPU in it\n" },
	{ "", "-c 0 --regs 0:%", STK_CMD_USAGE, "", "%: no registers of a CPU in it\n" },
	{ " #0 [ff00] f at ff02\nRIP: 40 RSP: 7f CS: 0033 SS: 002b", "-c 0 --regs %",
	  STK_CMD_USAGE, "",
	  "%: no registers of a CPU in it but those of user mode, from where it had come to "
	  "the frames before them\n" },
	{ IDLE, "-c 0 --regs /nonexistent", STK_CMD_USAGE, "",
	  "/nonexistent: No such file or directory\n" },
	{ IDLE, "-c 0 --regs /", STK_CMD_USAGE, "", "/: Is a directory\n" },
	{ IDLE, "-c 0 --regs ,", STK_CMD_USAGE, "",
	  "--regs: the name of a file is missing\n" },
	{ IDLE, "-c 0 --regs x%", STK_CMD_USAGE, "", "x%: No such file or directory\n" },
	/* Of another kernel: told, and taken all the same. */
	{ "Linux version 5.4 x\n" CPU("0") IDLE, "-c 0 --regs %", STK_CMD_DOUBT, "0",
	  "%: the text is of another kernel: line 1 has 5.4, this dump 6.1.0-syn\n" },
	/* Colours and escapes are none of it. */
	{ "CPU: 0 PID: 0\\nRIP: \033[1mffffffff9b002e40\033[m RSP: ffffffff9b057f28",
	  "-c 0 --regs %", STK_CMD_DOUBT, "0", "" },
};

/* @text with the name of the file for each "%". */
static const char *named(const char *text)
{
	static char out[2][512];
	static unsigned int turn;
	char *to = out[++turn % 2];
	size_t len = 0;

	for (; *text; text++)
		len += (size_t)snprintf(to + len, sizeof(out[0]) - len, "%.*s",
					*text == '%' ? 100 : 1,
					*text == '%' ? path : text);
	to[len] = '\0';
	return to;
}

START_TEST(whose_they_are)
{
	put_text(path, row[_i].text);
	ask(s, "xbt %s", named(row[_i].options));
	ck_assert_str_eq(asked.errors, named(row[_i].errors));
	ck_assert_msg(asked.result == row[_i].result, "%d", asked.result);
	ck_assert_str_eq(asked_pids(), row[_i].pids);
	expect_answers(__func__, _i);
}
END_TEST

/* A list, and --regs again: each has its CPU, but not the same one. */
START_TEST(several_texts)
{
	put_text(path, CPU("0") IDLE);
	put_text(other, CPU("1") TIMER);
	ck_assert_int_eq(ask(s, "xbt -c 0-1 --regs %s,%s", path, other), STK_CMD_DOUBT);
	ck_assert_str_eq(asked_pids(), "0 227");
	ck_assert_str_eq(asked.errors, "");
	put_text(other, IDLE);
	ck_assert_int_eq(ask(s, "xbt -c 0-1 --regs %s,0:%s", path, other), STK_CMD_USAGE);
	ck_assert_ptr_nonnull(strstr(asked.errors, ": CPU 0 has registers from "));
	ck_assert_str_eq(asked_pids(), "");
	/* Nor is anything told of the second, if the first is wrong. */
	put_text(path, "x");
	ck_assert_int_eq(ask(s, "xbt -c 0-1 --regs %s,0:%s", path, other), STK_CMD_USAGE);
	ck_assert_str_eq(asked.errors, named("%: no registers of a CPU in it\n"));
	expect_answers(__func__, _i);
}
END_TEST

/* Where nobody says it, those of the CPU that panicked; or of the only one. */
START_TEST(of_the_panicked)
{
	put_text(path, IDLE);
	syn_symbol(m, "panic_cpu", SYN_DATA + 0x100000);
	syn_fill(m, SYN_DATA + 0x100000, 8, 0);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -a --regs %s", path), STK_CMD_DOUBT);
	ck_assert_str_eq(asked_pids(), "0 227");
	ck_assert_str_eq(asked.errors, "");
	ck_assert_int_eq(ask(s, "xbt -p --regs %s", path), STK_CMD_DOUBT);
	ck_assert_str_eq(asked_pids(), "0");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(of_the_only_one)
{
	put_text(path, IDLE);
	syn_put32(m, syn_sym(m, "nr_cpu_ids"), 1);
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 1);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 1);
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "xbt -a --regs %s", path), STK_CMD_DOUBT);
	ck_assert_str_eq(asked_pids(), "0");
	ck_assert_str_eq(asked.errors, "");
	expect_answers(__func__, _i);
}
END_TEST

/* The text is what the chain says that it begins with. */
START_TEST(what_is_said)
{
	char want[128];

	put_text(path, CPU("0") IDLE);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs %s", path), STK_CMD_DOUBT);
	snprintf(want, sizeof(want), "registers from %s", path);
	ck_assert_msg(strstr(asked.out, want) != NULL, "%s", asked.out);
	ck_assert_ptr_nonnull(strstr(asked.out, "#0 [ffffffff9b057f28] do_idle+64 at "));
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(too_long)
{
	FILE *f = fopen(path, "w");

	ck_assert_int_eq(fseek(f, (16 << 20) - 1, SEEK_SET), 0);
	fputc('x', f);
	fclose(f);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs %s", path), STK_CMD_USAGE);
	ck_assert_str_eq(asked.errors, named("%: no registers of a CPU in it\n"));
	f = fopen(path, "a");
	fputc('x', f);
	fclose(f);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs %s", path), STK_CMD_USAGE);
	ck_assert_str_eq(asked.errors,
			 named("%: more than 16 MiB: no text with registers\n"));
	expect_answers(__func__, _i);
}
END_TEST

/* A text may come in pieces, as from a pipe; nobody waits for one that does not come. */
START_TEST(in_pieces)
{
	static const char *const piece[] = { CPU("0"), "RIP: ffffffff9b002e40 ",
					     "RSP: ffffffff9b057f28\n" };
	int ends[2];

	/* Each is read by itself. */
	ck_assert_int_eq(pipe2(ends, O_DIRECT), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(write(ends[1], piece[i], strlen(piece[i])),
				 (int)strlen(piece[i]));
	close(ends[1]);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs /proc/self/fd/%d", ends[0]),
			 STK_CMD_DOUBT);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_str_eq(asked_pids(), "0");
	close(ends[0]);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs %s", path), STK_CMD_USAGE);
	ck_assert_str_eq(asked.errors, named("%: no registers of a CPU in it\n"));
}
END_TEST

/* No file is left open, whether it had registers or not. */
START_TEST(files_are_closed)
{
	const int next = dup(0);

	close(next);
	put_text(path, CPU("0") IDLE);
	ask(s, "xbt -c 0 --regs %s", path);
	ask(s, "xbt -c 0 --regs /");
	ck_assert_int_eq(dup(0), next);
	close(next);
}
END_TEST

/* A name of which each byte must be written as four. */
START_TEST(odd_name)
{
	static const char name[] = "\1\2\3\4";
	int here = open(".", O_RDONLY | O_DIRECTORY);

	ck_assert_int_ge(here, 0);
	ck_assert_int_eq(chdir("/tmp"), 0);
	put_text(name, CPU("0") IDLE);
	ck_assert_int_eq(ask(s, "xbt -c 0 --regs %s", name), STK_CMD_DOUBT);
	unlink(name);
	ck_assert_int_eq(fchdir(here), 0);
	close(here);
	ck_assert_msg(strstr(asked.out, "registers from \\x01\\x02\\x03\\x04)") != NULL,
		      "%s", asked.out);
	expect_answers(__func__, _i);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(whose_they_are, sizeof(row) / sizeof(row[0])),
	TEST(several_texts),
	TEST(of_the_panicked),
	TEST(of_the_only_one),
	TEST(what_is_said),
	TEST(odd_name),
	TEST(in_pieces),
	TEST(files_are_closed),
	TEST(too_long),
	{ 0 },
};

const struct unit_suite suite_given = {
	"given",
	{ { "texts", tests, setup, teardown } },
};
