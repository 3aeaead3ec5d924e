/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the commands' arguments (lists of CPUs, addresses in every spelling, PIDs
 * against addresses), what they return for misuse, that complaints go where they
 * belong, and that JSON is one document which parses and says what the text says.
 */
#include "asked.h"
#include "fixture.h"
#include "suite.h"

#include "commands/args.h"
#include "commands/help.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;
static uint64_t sleeper;
static struct stk_command cmd;
static char *out, errors[4096];
static size_t out_len;
static bool has_context;

static void on_error(struct stk_command *unused, const char *text)
{
	ck_assert_ptr_null(strchr(text, '\n'));
	strncat(errors, text, sizeof(errors) - strlen(errors) - 2);
	strcat(errors, "\n");
}

static bool get_context(struct stk_command *unused, uint64_t *task)
{
	*task = sh;
	return has_context;
}

static void setup(void)
{
	sleeper = fixture_sleeper();
	syn_irq(&c);
	syn_crash_note(&c);
	has_context = true;
	s = syn_open(m);
}

static void teardown(void)
{
	if (cmd.out)
		fclose(cmd.out);
	cmd.out = NULL;
	free(out);
	out = NULL;
}

/* Run a command line; the output is then in out, complaints in errors. */
static enum stk_command_result run(const char *line)
{
	const struct stk_command_info *info;
	char copy[512], *argv[32], *save;
	enum stk_command_result res;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	info = stk_find_command(argv[0], STK_EVERYWHERE);
	ck_assert_ptr_nonnull(info->name);
	if (cmd.out)
		fclose(cmd.out);
	free(out);
	out = NULL;
	cmd = (struct stk_command){ .s = s, .error = on_error, .context = get_context };
	cmd.out = open_memstream(&out, &out_len);
	errors[0] = '\0';
	res = stk_run_words(info, &cmd, argc, argv);
	fflush(cmd.out);
	put_asked(argc, argv, res, out, errors);
	return res;
}

#define expect_in(text, part)                                                            \
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text)
#define expect_not_in(text, part)                                                        \
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in \"%s\"", part, text)

/* ---- arguments ---- */

static void parse_setup(void)
{
	setup();
	cmd = (struct stk_command){ .s = s, .error = on_error };
	errors[0] = '\0';
}

static void expect_cpus(const char *text, const char *want)
{
	struct stk_cpu_set set;
	char got[16] = "";

	errors[0] = '\0';
	if (!stk_parse_cpus(&cmd, text, &set)) {
		ck_assert_ptr_null(set.in);
		ck_assert_msg(!want, "%s: %s", text, errors);
		ck_assert_str_ne(errors, "");
		return;
	}
	for (unsigned int i = 0; i < set.nr; i++)
		if (set.in[i])
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%u", i);
	free(set.in);
	ck_assert_msg(want != NULL, "%s was taken", text);
	ck_assert_str_eq(got, want);
	ck_assert_str_eq(errors, "");
}

START_TEST(lists_of_cpus)
{
	expect_cpus(NULL, "012");
	expect_cpus("a", "012");
	expect_cpus("all", "012");
	expect_cpus("0", "0");
	expect_cpus("2", "2");
	expect_cpus("0,2", "02");
	expect_cpus("0-2", "012");
	expect_cpus("1-1,0", "01");
	expect_cpus("0,1-2,1", "012");
	expect_cpus("3", NULL);
	expect_in(errors, "there is no CPU 3");
	expect_cpus("0-3", NULL);
	expect_cpus("0-65535", NULL);
	expect_cpus("65536", NULL);
	expect_cpus("99999999999999999999", NULL);
	expect_cpus("2-0", NULL);
	expect_cpus("-1", NULL);
	expect_cpus("1-", NULL);
	expect_cpus("x", NULL);
	expect_cpus("1x", NULL);
	expect_cpus("0x1", NULL);
	expect_cpus(" 1", NULL);
	expect_cpus("", NULL);
	expect_in(errors, "empty");
}
END_TEST

/* Nothing but commas names no CPU, as "" does not. */
START_TEST(list_of_commas)
{
	expect_cpus(",", NULL);
}
END_TEST

START_TEST(holes_in_the_possible_mask)
{
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 5);
	cmd.s = syn_open(m);
	expect_cpus("all", "02");
	expect_cpus("0-2", NULL);
	expect_in(errors, "there is no CPU 1");
}
END_TEST

START_TEST(cpus_of_an_unknown_kernel)
{
	unsigned int cpu;

	syn_no_symbol(m, "nr_cpu_ids");
	cmd.s = syn_open(m);
	expect_cpus("0", NULL);
	expect_in(errors, "nr_cpu_ids");
	/* Nor is any of them said to be none. */
	errors[0] = '\0';
	ck_assert(!stk_parse_cpu(&cmd, "0", &cpu));
	expect_in(errors, "nr_cpu_ids");
}
END_TEST

static void expect_address(const char *text, bool ok, uint64_t want)
{
	uint64_t addr = 0;

	errors[0] = '\0';
	ck_assert_msg(stk_parse_address(&cmd, text, &addr) == ok, "%s: %s", text, errors);
	if (ok) {
		ck_assert_uint_eq(addr, want);
		ck_assert_str_eq(errors, "");
	} else {
		ck_assert_str_ne(errors, "");
	}
}

START_TEST(addresses)
{
	uint64_t fn = syn_sym(m, "vfs_write");
	char longest[600];

	expect_address("ffffffff9b001234", true, 0xffffffff9b001234ull);
	expect_address("0xFFFF", true, 0xffff);
	expect_address("0XfF", true, 0xff);
	expect_address("0", true, 0);
	expect_address("vfs_write", true, fn);
	expect_address("vfs_write+16", true, fn + 16);
	expect_address("vfs_write+0x1f", true, fn + 0x1f);
	expect_address("current_task:1", true, SYN_PERCPU(1) + 0x1f010);
	expect_address("current_task:0", true, SYN_PERCPU(0) + 0x1f010);
	expect_address("current_task:3", false, 0);
	expect_address("current_task:", false, 0);
	expect_address("current_task:x", false, 0);
	expect_address("vfs_write+", false, 0);
	expect_address("vfs_write+x", false, 0);
	expect_address("no_such_symbol", false, 0);
	expect_in(errors, "no_such_symbol");
	expect_address("10000000000000000", false, 0); /* 17 digits */
	expect_address("", false, 0);
	expect_address("0x", false, 0);
	expect_address(":1", false, 0);
	memset(longest, 'z', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	expect_address(longest, false, 0);
}
END_TEST

START_TEST(hexadecimal)
{
	uint64_t v = 0;

	ck_assert(stk_parse_hex("ffffffffffffffff", &v));
	ck_assert_uint_eq(v, ~0ull);
	ck_assert(!stk_parse_hex("1ffffffffffffffff", &v));
	ck_assert(!stk_parse_hex("-1", &v));
	ck_assert(!stk_parse_hex(" 1", &v));
	ck_assert(!stk_parse_hex("12 ", &v));
	ck_assert(!stk_parse_hex("12g", &v));
}
END_TEST

/* ---- commands ---- */

/* What is wrong is told in one line, and which option it is. */
START_TEST(usage)
{
	static const char *const wrong[][2] = {
		{ "xbt -x", "-x: no such option" },
		{ "xbt -rx", "-x: no such option" },
		{ "xbt --nothing", "--nothing: no such option" },
		{ "xbt --al", "--al: no such option" },
		{ "xbt -a -A", "-a and -A exclude each other" },
		{ "xbt -A --all", "-a and -A exclude each other" },
		{ "xbt -a 227", "-a and \"227\" exclude each other" },
		{ "xbt 227 -a", "-a and \"227\" exclude each other" },
		{ "xbt -c", "-c: cpus is missing" },
		{ "xbt --cpu", "--cpu: cpus is missing" },
		{ "xbt -I ffff", "-I needs -S" },
		{ "xbt -B ffff", "-B needs -S" },
		{ "xbt -c 0 -S ff", "-c and -S exclude each other" },
		{ "xbt -S", "-S: sp is missing" },
		{ "xbt -R ff -S ff", "-S and -R exclude each other" },
		{ "xbt -A 1 2", "-A and \"1\" exclude each other" },
		{ "xbt -j -g", "-g and -j exclude each other" },
		{ "xbt -g -o folded", "-g and -o exclude each other" },
		{ "xbt -o svg", "-o takes only \"folded\": \"svg\"" },
		{ "xbt --output=", "--output takes only \"folded\": \"\"" },
		{ "xbt --json=1", "--json takes no value: \"1\"" },
		{ "xbt -I ff -R ff", "-I needs -S" },
		{ "xbt -1", "-1: no such option" },
		{ "stackof", "of what?" },
		{ "stackof -v", "of what?" },
		{ "stackof -x ff", "-x: no such option" },
		{ "stackof -c 0 -p 1 %rsp", "-c and -p exclude each other" },
		{ "stackof -m -p 1", "-m and -p exclude each other" },
		{ "stackof -u ff", "-u needs -m" },
		{ "xbt -u -k", "-u and -k exclude each other" },
		{ "xbt -A -S ff", "-A and -S exclude each other" },
		{ "xbt --state Q", "--state: \"Q\" is none of R, S, D" },
		{ "xbt --state=", "--state: \"\" is none of" },
		{ "xbt --state D,", "--state: \"\" is none of" },
		{ "xbt --state D,d", "--state: \"d\" is none of" },
		{ "xbt --used 1x", "not a number of bytes: \"1x\"" },
		{ "xbt --used=", "not a number of bytes: \"\"" },
		{ "xbt --used=-1", "not a number of bytes: \"-1\"" },
		{ "xbt --deepest 99999999999999999999", "not a number of bytes" },
		{ "xbt --no-addresses -j", "--no-addresses and -j exclude each other" },
		{ "stackof -f a b", "-f and \"b\" exclude each other" },
		{ "stackof -f a -l", "-f and -l exclude each other" },
		{ "tss 1", "\"1\": no such argument" },
		{ "tss -x", "-x: no such option" },
		{ "tss -c", "-c: cpus is missing" },
		{ "tss -j -v 0", "\"0\": no such argument" },
		{ "log x\x1b[2J", "\"x\\x1b[2J\": no such argument" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_eq(run(wrong[i][0]), STK_CMD_USAGE);
		ck_assert_str_eq(out, "");
		expect_in(errors, wrong[i][1]);
		ck_assert_ptr_eq(strchr(errors, '\n'), errors + strlen(errors) - 1);
	}
	expect_answers(__func__, _i);
}
END_TEST

#define TEN "1234567890"

/* So much of it is shown. */
START_TEST(long_option)
{
	ck_assert_int_eq(run("xbt --" TEN TEN TEN TEN TEN TEN "123=x"), STK_CMD_USAGE);
	expect_in(errors, "--" TEN TEN TEN TEN TEN TEN "1: no such option");
}
END_TEST

/* However they are spelled, options mean the same. */
START_TEST(spellings)
{
	static const char *const same[][6] = {
		{ "xbt -r -f -S ffff -I 0 -B 1", "xbt -rfSffff -I0 -B1",
		  "xbt --registers --words --sp=ffff --ip=0 --bp=1",
		  "xbt --sp ffff --ip 0 -fr --bp 1" },
		{ "xbt -o folded 1 2", "xbt -ofolded 1 2", "xbt 1 --output folded 2",
		  "xbt 1 2 --output=folded", "xbt -o folded -- 1 2",
		  "xbt 1 -ofolded -- 2" },
		{ "stackof -vj a - b", "stackof -v a -j - b",
		  "stackof --json a - --verbose b", "stackof -j -v -- a - b" },
		{ "tss -c0-1 -c 2", "tss --cpu=2", "tss -c2", "tss --cpu 0 --cpu 2" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct stk_args first = { 0 };
		char copies[6][128];

		for (size_t j = 0; j < 6 && same[i][j]; j++) {
			char *copy = copies[j], *argv[16], *save;
			struct stk_args a;
			int argc = 0;

			snprintf(copy, sizeof(copies[j]), "%s", same[i][j]);
			for (char *p = strtok_r(copy, " ", &save); p;
			     p = strtok_r(NULL, " ", &save))
				argv[argc++] = p;
			ck_assert_msg(stk_command_args(
					      stk_find_command(argv[0], STK_EVERYWHERE),
					      false, argc, argv, &a),
				      "%s: %s", same[i][j], a.wrong);
			if (!j) {
				first = a;
				continue;
			}
			ck_assert_int_eq(a.nr, first.nr);
			for (int w = 0; w < a.nr; w++)
				ck_assert_str_eq(a.word[w], first.word[w]);
			for (size_t k = 0; k < STK_NR_KEYS; k++)
				ck_assert_pstr_eq(a.given[k], first.given[k]);
			stk_args_free(&a);
		}
		stk_args_free(&first);
	}
}
END_TEST

/* "stackof -v < FILE": a line's words are no options, whatever they look like. */
START_TEST(words_of_a_line)
{
	static const char *const line[] = {
		"-v", "-jv", "--json", "-m", "-v", "--", "x"
	};
	char *argv[8] = { "stackof" };
	struct stk_args a;

	for (int i = 0; i < 7; i++)
		argv[i + 1] = (char *)(uintptr_t)line[i];
	ck_assert(stk_command_args(&stk_stackof_command, true, 8, argv, &a));
	ck_assert(stk_given(&a, 'v') && stk_given(&a, 'j') && !stk_given(&a, 'm'));
	ck_assert_int_eq(a.nr, 4);
	ck_assert_str_eq(a.word[0], "-m");
	ck_assert_str_eq(a.word[2], "--");
	stk_args_free(&a);
	/* Other commands have no such lines. */
	argv[1] = (char *)"-x";
	ck_assert(!stk_command_args(&stk_xbt_command, true, 2, argv, &a));
	stk_args_free(&a);
}
END_TEST

/* A row must make sense by itself: the parser and the manual pages rely on it. */
static void check_options(const struct stk_command_info *i)
{
	for (const struct stk_option *o = i->options; o->key; o++) {
		ck_assert_int_gt(o->key, 0);
		ck_assert(strlen(o->name) > 1 && !strpbrk(o->name, "= "));
		ck_assert(o->help[strlen(o->help) - 1] == '.');
		for (const struct stk_option *p = i->options; p < o; p++)
			ck_assert(p->key != o->key && strcmp(p->name, o->name));
		for (const char *k = o->excludes ? o->excludes : ""; *k; k++) {
			const struct stk_option *p = i->options;

			while (p->key && p->key != *k)
				p++;
			ck_assert_msg(p->key || *k == STK_WORDS, "%s -%c excludes %c",
				      i->name, o->key, *k);
		}
	}
}

static char *printed(void (*print)(FILE *fp, const struct stk_command_info *i,
				   enum stk_door door),
		     const struct stk_command_info *i, enum stk_door door)
{
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	print(fp, i, door);
	fclose(fp);
	return text;
}

START_TEST(help_is_there)
{
	for (const struct stk_command_info *const *i = stk_commands; *i; i++) {
		char *text = printed(stk_print_help, *i, STK_IN_CRASH);

		ck_assert_ptr_nonnull((*i)->purpose);
		check_options(*i);
		/* crash takes a line with it for a format. */
		expect_not_in(text, "%s");
		for (char *line = text; *line; line += strcspn(line, "\n") + 1) {
			size_t len = strcspn(line, "\n");

			ck_assert_msg(len <= 80, "%.*s", (int)len, line);
			ck_assert_msg(!len || line[len - 1] != ' ', "%.*s", (int)len,
				      line);
		}
		for (const struct stk_option *o = (*i)->options; o->key; o++) {
			char label[64];

			if (stk_has_letter(o))
				snprintf(label, sizeof(label), "    -%c, --%s%s%s",
					 o->key, o->name, o->arg ? "=" : "",
					 o->arg ? o->arg : "");
			else
				snprintf(label, sizeof(label), "        --%s%s%s",
					 o->name, o->arg ? "=" : "",
					 o->arg ? o->arg : "");
			expect_in(text, label);
		}
		free(text);
	}
}
END_TEST

/* What excludes each other stands in one pair of brackets. */
START_TEST(synopses)
{
	static const struct {
		const char *name, *text;
		enum stk_door door;
	} want[] = {
		{ "tss", "[\1-vj\3]\n[\1-c\3 \2cpus\3]\n\2VMCORE\3\n", STK_IN_CLI },
		{ "xbt",
		  "[\1-rftTslv\3]\n[\1-a\3 | \1-A\3 | \1-p\3 | \1-S\3 \2sp\3 "
		  "[\1-I\3 \2ip\3] [\1-B\3 \2bp\3]]\n[\1-c\3 \2cpus\3]\n"
		  "[\1-R\3 \2pt_regs|function\3 | \1--regs\3 \2[cpu:]file\3]\n"
		  "[\1-n\3 \1idle\3]\n[\1--state\3 \2states\3]\n[\1-N\3 \2name\3]\n"
		  "[\1-u\3 | \1-k\3]\n[\1--function\3 \2function\3]\n"
		  "[\1-M\3 \2module\3]\n[\1--used\3 \2bytes\3]\n"
		  "[\1--deepest\3 \2bytes\3]\n"
		  "[\1-g\3 | \1-o\3 \1folded\3 | \1-j\3]\n[\1--no-addresses\3]\n"
		  "[\2PID\3 | \2TASK\3 ...]\n",
		  STK_IN_CRASH },
		/* What needs -m would not fit in its brackets. */
		{ "stackof",
		  "[\1-v\3]\n[\1-f\3 \2FILE\3 | \1-l\3 | \1-m\3]\n"
		  "[\1-c\3 \2cpu\3 | \1-p\3 \2pid\3]\n[\1--state\3 \2states\3]\n"
		  "[\1-N\3 \2name\3]\n[\1-u\3 | \1-k\3]\n"
		  "[\1--function\3 \2function\3]\n[\1-M\3 \2module\3]\n"
		  "[\1--used\3 \2bytes\3]\n[\1--deepest\3 \2bytes\3]\n"
		  "[\1-q\3]\n[\1--no-addresses\3 | \1-j\3]\n"
		  "[\2ADDRESS\3 | \2A..B\3 | \2-\3 ...]\n",
		  STK_IN_CRASH },
		{ "log", "[\1-cT\3]\n\2VMCORE\3\n", STK_IN_CLI },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char *text = printed(stk_synopsis,
				     stk_find_command(want[i].name, STK_EVERYWHERE),
				     want[i].door);

		ck_assert_str_eq(text, want[i].text);
		free(text);
	}
	ck_assert_ptr_null(stk_find_command("log", STK_IN_CRASH));
	ck_assert_ptr_null(stk_find_command("nothing", STK_EVERYWHERE));
}
END_TEST

START_TEST(xbt_of_the_context)
{
	ck_assert_int_eq(run("xbt"), STK_CMD_OK);
	expect_in(out, "PID: 227");
	expect_in(out, "COMMAND: \"sh\"");
	expect_in(out, "<IRQ>");
	expect_answers(__func__, _i);
}
END_TEST

/* Without a context it is the CPU that panicked, else the first one. */
START_TEST(xbt_of_nobody)
{
	has_context = false;
	ck_assert_int_eq(run("xbt"), STK_CMD_FAILED);
	expect_in(out, "No CPU is known to have panicked: this is CPU 0; ");
	expect_in(errors, "no registers of CPU 0");
	ck_assert_int_eq(run("xbt -p"), STK_CMD_FAILED);
	expect_in(errors, "no CPU is known to have panicked");
	ck_assert_str_eq(out, "");
	run("xbt -a -j");
	expect_in(out, "\"panic_cpu\": null, \"panic_cpu_from\": null");
	run("xbt -a");
	ck_assert_ptr_null(strstr(out, "panicked"));
	expect_answers(__func__, _i);
}
END_TEST

static void set_panicked(const char *variable, uint32_t cpu)
{
	syn_symbol(m, variable, SYN_DATA + 0x100000);
	syn_fill(m, SYN_DATA + 0x100000, 8, 0);
	syn_put32(m, SYN_DATA + 0x100000, cpu);
	s = syn_open(m);
}

START_TEST(xbt_of_the_panicked)
{
	static const char *const variable[] = { "panic_cpu", "crashing_cpu" };
	const char *from;
	char want[80];
	int cpu;

	has_context = false;
	set_panicked(variable[_i], 1);
	ck_assert_int_eq(run("xbt"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, "CPU 1 panicked; -a shows ", 25), 0);
	expect_in(out, "\nPID: 227 ");
	expect_in(out, "COMMAND: \"sh\"  STATE: R  (panicked)  [certain]\n");
	ck_assert_int_eq(run("xbt -p"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, "PID: 227 ", 9), 0);
	ck_assert_int_eq(run("xbt -p -j"), STK_CMD_OK);
	snprintf(want, sizeof(want), "\"panic_cpu\": 1, \"panic_cpu_from\": \"%s\"",
		 variable[_i]);
	expect_in(out, want);
	/* It comes first, and once. CPU 0 has no registers. */
	ck_assert_int_eq(run("xbt -a"), STK_CMD_FAILED);
	ck_assert_int_eq(strncmp(out, "PID: 227 ", 9), 0);
	ck_assert_ptr_null(strstr(out + 1, "PID: 227 "));
	expect_in(errors, "no registers of CPU 0");
	/* A list is in the order asked for. */
	has_context = true;
	ck_assert_int_eq(run("xbt"), STK_CMD_OK);
	ck_assert_int_eq(strncmp(out, "PID: 227 ", 9), 0);
	ck_assert_int_eq(run("xbt -p -c 1"), STK_CMD_USAGE);
	cpu = stk_panic_cpu(s, &from);
	ck_assert_int_eq(cpu, 1);
	ck_assert_str_eq(from, variable[_i]);
	expect_answers(__func__, _i);
}
END_TEST

/* A number that no CPU has says nothing. */
START_TEST(xbt_of_none_panicked)
{
	static const uint32_t bad[] = { ~0u, 7, 0x80000000 };

	set_panicked("panic_cpu", bad[_i]);
	ck_assert_int_eq(run("xbt -p"), STK_CMD_FAILED);
	expect_in(errors, "no CPU is known to have panicked");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(xbt_by_pid_and_address)
{
	char line[64];

	ck_assert_int_eq(run("xbt 300"), STK_CMD_OK);
	expect_in(out, "\"sleeper\"");
	expect_in(out, "__schedule");
	snprintf(line, sizeof(line), "xbt %llx", (unsigned long long)sleeper);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "\"sleeper\"");
	snprintf(line, sizeof(line), "xbt 0x%llx 227", (unsigned long long)sleeper);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "\"sleeper\"");
	expect_in(out, "\"sh\"");
	ck_assert_int_eq(run("xbt 0"), STK_CMD_USAGE);
	expect_in(errors, "use -c");
	ck_assert_int_eq(run("xbt 12345"), STK_CMD_FAILED);
	expect_in(errors, "there is no task with this PID");
	ck_assert_int_eq(run("xbt 99999999999999999999"), STK_CMD_USAGE);
	ck_assert_int_eq(run("xbt hello"), STK_CMD_USAGE);
	expect_in(errors, "neither a PID nor the address of a task");
	snprintf(line, sizeof(line), "xbt %llx", (unsigned long long)SYN_VMALLOC);
	ck_assert_int_eq(run(line), STK_CMD_FAILED);
	/* What is wrong does not hide the rest. */
	ck_assert_int_eq(run("xbt hello 300"), STK_CMD_USAGE);
	expect_in(out, "\"sleeper\"");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(xbt_of_cpus)
{
	ck_assert_int_eq(run("xbt -c 1"), STK_CMD_OK);
	expect_in(out, "\"sh\"");
	/* Nobody saved the registers of CPU 0. */
	ck_assert_int_eq(run("xbt -a"), STK_CMD_FAILED);
	expect_in(out, "\"sh\"");
	expect_in(errors, "no registers of CPU 0");
	expect_not_in(errors, "CPU 2");
	ck_assert_int_eq(run("xbt -c 2"), STK_CMD_FAILED);
	expect_in(errors, "it is offline");
	ck_assert_int_eq(run("xbt -c 7"), STK_CMD_FAILED);
	expect_in(errors, "there is no CPU 7");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(xbt_of_all_tasks)
{
	run("xbt -A");
	expect_in(out, "\"sleeper\"");
	expect_in(out, "\"sh\"");
	expect_not_in(out, "swapper/2");
	expect_answers(__func__, _i);
}
END_TEST

/* A zombie's stack is freed before its parent asks for it: nothing is missing. */
START_TEST(xbt_of_an_exited_task)
{
	const char *const none = "--- it has exited: its stack was freed ---\n";

	syn_put64(m, sleeper + syn_off(m, "task_struct.stack"), 0);
	syn_put32(m, sleeper + syn_off(m, "task_struct.exit_state"), 0x20);
	s = syn_open(m);
	ck_assert_int_eq(run("xbt 300"), STK_CMD_OK);
	expect_in(out, "\"sleeper\"  STATE: Z  [certain]\n");
	expect_in(out, none);
	ck_assert_str_eq(errors, "");
	ck_assert_int_eq(run("xbt 300 -j"), STK_CMD_OK);
	expect_in(out, "\"PID 300 has exited: its stack was freed\"");
	expect_in(out, "\"ok\": true");
	expect_not_in(out, "\"broken\"");
	ck_assert_int_eq(run("xbt 300 -g"), STK_CMD_OK);
	ck_assert_str_eq(out, "xbt: 1 more task has exited and no stack any more\n");
	ck_assert_int_eq(run("xbt 300 300 -g"), STK_CMD_OK);
	ck_assert_str_eq(out, "xbt: 2 more tasks have exited and no stack any more\n");
	ck_assert_int_eq(run("xbt 300 -o folded"), STK_CMD_OK);
	ck_assert_str_eq(out, "");
	/* No chain goes through anything. */
	ck_assert_int_eq(run("xbt 300 --function schedule"), STK_CMD_OK);
	expect_not_in(out, none);
	expect_not_in(out, "not known");
	/* One word alone says nothing. */
	syn_put32(m, sleeper + syn_off(m, "task_struct.exit_state"), 0);
	s = syn_open(m);
	ck_assert_int_eq(run("xbt 300"), STK_CMD_FAILED);
	expect_in(errors, "PID 300 has not exited, but its pointer to its stack is 0");
	expect_not_in(out, none);
}
END_TEST

START_TEST(xbt_from_somewhere)
{
	char line[200];

	snprintf(line, sizeof(line), "xbt -S %llx -I timer_fn+0x40 -B %llx",
		 (unsigned long long)c.sp, (unsigned long long)c.bp);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "timer_fn+64");
	expect_in(out, "task_spin");
	snprintf(line, sizeof(line), "xbt -R %llx",
		 (unsigned long long)syn_get64(m, syn_irq_top(1) - 8) + 24);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "task_spin+64");
	ck_assert_int_eq(run("xbt -R 1000"), STK_CMD_FAILED);
	ck_assert_int_eq(run("xbt -S nothing"), STK_CMD_FAILED);
	expect_in(errors, "nothing");
	ck_assert_int_eq(run("xbt -S 1000 -B 1x"), STK_CMD_FAILED);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(stackof_several)
{
	char line[200];

	snprintf(line, sizeof(line), "stackof %llx nothing vfs_write+4",
		 (unsigned long long)syn_irq_top(1) - 8);
	ck_assert_int_eq(run(line), STK_CMD_FAILED);
	expect_in(out, "IRQ stack of CPU 1: top-0x8");
	expect_in(out, "kernel image: vfs_write+4");
	expect_in(errors, "nothing");
	ck_assert_int_eq(run("stackof current_task:1"), STK_CMD_OK);
	expect_in(out, "per-CPU current_task+0 of CPU 1");
	expect_answers(__func__, _i);
}
END_TEST

/*
 * Two symbols at one address: the answer has the name of the question. Without one, that
 * of the variable, not of the kernel's other view of it.
 */
START_TEST(stackof_of_two_names)
{
	uint64_t at = syn_sym(m, "current_task") + 0x800;
	char line[64];

	/* kallsyms keeps the order of those at one address. */
	syn_symbol(m, "const_hot", at);
	syn_symbol(m, "hot", at);
	syn_symbol(m, "const_next", at + 0x10);
	syn_symbol(m, "next", at + 0x18);
	m->finished = false;
	s = syn_open(m);
	ck_assert_int_eq(run("stackof hot:1"), STK_CMD_OK);
	expect_in(out, "per-CPU hot+0 of CPU 1");
	ck_assert_int_eq(run("stackof const_hot:1"), STK_CMD_OK);
	expect_in(out, "per-CPU const_hot+0 of CPU 1");
	snprintf(line, sizeof(line), "stackof %llx",
		 (unsigned long long)(at + SYN_PERCPU(1) + 8));
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "per-CPU hot+8 of CPU 1");
	/* One whose other name is elsewhere keeps its own. */
	snprintf(line, sizeof(line), "stackof %llx",
		 (unsigned long long)(at + 0x10 + SYN_PERCPU(1)));
	ck_assert_int_eq(run(line), STK_CMD_OK);
	expect_in(out, "per-CPU const_next+0 of CPU 1");
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(tss_of_cpus)
{
	ck_assert_int_eq(run("tss"), STK_CMD_OK);
	expect_in(out, "CPU 0 ");
	expect_in(out, "CPU 2 (offline)");
	ck_assert_int_eq(run("tss -c 1"), STK_CMD_OK);
	expect_not_in(out, "CPU 0 ");
	expect_in(out, "ist[6]");
	ck_assert_int_eq(run("tss -c 9"), STK_CMD_FAILED);
	expect_answers(__func__, _i);
}
END_TEST

/* -v lists what was compared; what deviates is told without it; no line is too long. */
START_TEST(tss_in_words)
{
	uint64_t tss = syn_percpu(m, "cpu_tss_rw", 1);

	ck_assert_int_eq(run("tss -c 1"), STK_CMD_OK);
	expect_not_in(out, "gdt_page");
	expect_not_in(out, "DEVIATION");
	ck_assert_int_eq(run("tss -v -c 1"), STK_CMD_OK);
	expect_in(out, "  GDT:\n    gdt_page           ");
	expect_in(out, "    gdt[8] limit                   4087  the TSS with its I/O");
	expect_not_in(out, "DEVIATION");
	syn_put32(m, tss + 100, 0x70u << 16);
	syn_put64(m, tss + 36 + 16, syn_ist_top(m, 1, "DB") - 4096);
	syn_put64(m, syn_percpu(m, "cpu_current_top_of_stack", 1),
		  syn_stack(m, syn_idle(m, 0)) + SYN_THREAD_SIZE);
	s = syn_open(m);
	ck_assert_int_eq(run("tss -c 1"), STK_CMD_OK);
	expect_in(out, "          DEVIATION: within the TSS, where the kernel has no");
	expect_in(out, "          DEVIATION: not the top of its stack, and not where");
	expect_in(out,
		  "          (not confirmed: the CPU's chain is not in __switch_to())\n");
	expect_not_in(out, "gdt_page");
	for (const char *line = out; *line;) {
		size_t len = strcspn(line, "\n");

		ck_assert_msg(len <= 100 && line[len - 1] != ' ', "%.*s", (int)len, line);
		line += len + (line[len] != '\0');
	}
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(unknown_kernel)
{
	syn_no_symbol(m, "nr_cpu_ids");
	s = syn_open(m);
	ck_assert_int_eq(run("xbt -a"), STK_CMD_FAILED);
	expect_in(errors, "nr_cpu_ids");
	ck_assert_int_eq(run("stackof ffffffff81000000"), STK_CMD_FAILED);
	ck_assert_int_eq(run("tss"), STK_CMD_FAILED);
	expect_answers(__func__, _i);
}
END_TEST

/* ---- JSON ---- */

static struct json_object *get(struct json_object *o, const char *path)
{
	char copy[200], *save;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, ".", &save); key;
	     key = strtok_r(NULL, ".", &save)) {
		if (json_object_is_type(o, json_type_array))
			o = json_object_array_get_idx(o, (size_t)atoi(key));
		else
			ck_assert_msg(json_object_object_get_ex(o, key, &o),
				      "no %s in %s", key, path);
	}
	return o;
}

static const char *str(struct json_object *o, const char *path)
{
	const char *text = json_object_get_string(get(o, path));

	return text ? text : "(null)";
}

static struct json_object *parse(void)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o = json_tokener_parse_ex(tok, out, (int)out_len);

	ck_assert_int_eq(json_tokener_get_error(tok), json_tokener_success);
	/* One document, one line. */
	ck_assert_uint_ge(json_tokener_get_parse_end(tok), out_len - 1);
	ck_assert_ptr_eq(strchr(out, '\n'), out + out_len - 1);
	json_tokener_free(tok);
	ck_assert_str_eq(str(o, "schema"), "stackinfo/1");
	ck_assert_str_eq(str(o, "kernel.release"), "6.1.0-syn");
	ck_assert_str_eq(str(o, "kernel.arch"), "x86_64");
	ck_assert_int_eq(json_object_get_int(get(o, "kernel.cpus")), 2);
	return o;
}

START_TEST(json_of_a_chain)
{
	struct json_object *o;
	char text[32];

	ck_assert_int_eq(run("xbt -j -c 1"), STK_CMD_OK);
	o = parse();
	ck_assert_uint_eq(json_object_array_length(get(o, "chains")), 1);
	ck_assert_int_eq(json_object_get_int(get(o, "chains.0.cpu")), 1);
	ck_assert_int_eq(json_object_get_int(get(o, "chains.0.task.pid")), 227);
	ck_assert_str_eq(str(o, "chains.0.start.from"), "prstatus");
	ck_assert_uint_eq(json_object_array_length(get(o, "chains.0.segments")), 2);
	ck_assert_str_eq(str(o, "chains.0.segments.0.stack.kind"), "IRQ");
	ck_assert_str_eq(str(o, "chains.0.segments.0.crossing.how"), "link");
	ck_assert_ptr_null(get(o, "chains.0.segments.0.crossing.agree"));
	ck_assert_str_eq(str(o, "chains.0.segments.0.frames.0.function"), "timer_fn");
	ck_assert(json_object_get_boolean(
		get(o, "chains.0.segments.0.frames.0.interrupted")));
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)c.sp);
	ck_assert_str_eq(str(o, "chains.0.segments.0.frames.0.sp"), text);
	ck_assert_str_eq(str(o, "chains.0.segments.0.frames.0.regs.rsp"), text);
	ck_assert_str_eq(str(o, "chains.0.segments.1.stack.kind"), "TASK");
	ck_assert_ptr_null(get(o, "chains.0.segments.1.crossing"));
	ck_assert_ptr_null(get(o, "chains.0.segments.1.stack.cpu"));
	ck_assert_str_eq(str(o, "chains.0.end.reason"), "user");
	ck_assert(json_object_get_boolean(get(o, "chains.0.end.ok")));
	ck_assert_str_eq(str(o, "chains.0.end.regs.rip"), "0x7f1122334455");
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

/* What has no chain has an entry that says why. */
START_TEST(json_without_registers)
{
	struct json_object *o;

	run("xbt -j -a");
	o = parse();
	ck_assert_uint_eq(json_object_array_length(get(o, "chains")), 2);
	ck_assert_str_eq(str(o, "chains.0.start.from"), "none");
	ck_assert_str_eq(str(o, "chains.0.end.reason"), "no_regs");
	ck_assert(!json_object_get_boolean(get(o, "chains.0.end.ok")));
	ck_assert_uint_eq(json_object_array_length(get(o, "chains.0.segments")), 0);
	ck_assert_str_eq(str(o, "chains.0.task.comm"), "swapper/0");
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(json_of_addresses)
{
	struct json_object *o;
	char line[100];

	snprintf(line, sizeof(line), "stackof -j %llx %llx 1000",
		 (unsigned long long)syn_irq_top(1) - 8,
		 (unsigned long long)syn_stack(m, sh) - 1);
	ck_assert_int_eq(run(line), STK_CMD_OK);
	o = parse();
	ck_assert_uint_eq(json_object_array_length(get(o, "addresses")), 3);
	ck_assert_str_eq(str(o, "addresses.0.stack.kind"), "IRQ");
	ck_assert_int_eq(json_object_get_int(get(o, "addresses.0.offset_from_end")), 8);
	ck_assert_str_eq(str(o, "addresses.0.state"), "live");
	ck_assert_str_eq(str(o, "addresses.0.aliases.0.view"), "per-CPU");
	ck_assert_str_eq(str(o, "addresses.1.guard"), "below");
	ck_assert_str_eq(str(o, "addresses.1.state"), "guard");
	ck_assert_int_eq(json_object_get_int(get(o, "addresses.1.owner.task.pid")), 227);
	ck_assert_ptr_null(get(o, "addresses.2.stack"));
	ck_assert_ptr_null(get(o, "addresses.2.phys"));
	ck_assert_str_eq(str(o, "addresses.2.region"), "user space");
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(json_of_the_tss)
{
	struct json_object *o;

	ck_assert_int_eq(run("tss -j"), STK_CMD_OK);
	o = parse();
	ck_assert_uint_eq(json_object_array_length(get(o, "tss")), 3);
	ck_assert_uint_eq(json_object_array_length(get(o, "tss.1.slots")),
			  STK_X86_NR_TSS_SLOTS);
	ck_assert_str_eq(str(o, "tss.1.slots.4.name"), "ist[1]");
	ck_assert_str_eq(str(o, "tss.1.slots.4.stack.kind"), "NMI");
	ck_assert_str_eq(str(o, "tss.1.slots.4.users.0.function"), "asm_exc_nmi");
	ck_assert_str_eq(str(o, "tss.1.slots.7.state"), "unmapped");
	ck_assert(!json_object_get_boolean(get(o, "tss.2.online")));
	ck_assert_ptr_null(get(o, "tss.1.slots.0.deviation"));
	ck_assert_str_eq(str(o, "tss.1.facts.0.name"), "top_of_stack");
	ck_assert_ptr_nonnull(strstr(str(o, "tss.1.facts.0.meaning"), "current"));
	ck_assert_ptr_null(get(o, "tss.1.facts.0.deviation"));
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

/* Bytes of a damaged machine must not break the document. */
START_TEST(json_of_strange_names)
{
	struct json_object *o;

	syn_write(m, sh + syn_off(m, "task_struct.comm"), "a\"\\\n\xff\x80z", 8);
	s = syn_open(m);
	ck_assert_int_eq(run("xbt -j 227"), STK_CMD_OK);
	o = parse();
	ck_assert_str_eq(str(o, "chains.0.task.comm"), "a\"\\???z");
	json_object_put(o);
	expect_answers(__func__, _i);
}
END_TEST

/* An interruption is told of, and never as "no registers were saved". */
START_TEST(interrupted_anywhere)
{
	static const char *const line[] = { "xbt -c 1", "xbt 300", "xbt -A",
					    "xbt -j -c 1" };
	unsigned int at;

	for (at = 1; at < 2000; at += at < 50 ? 1 : 41) {
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		m->interrupt_after = at;
		run(line[_i]);
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		expect_not_in(errors, "no registers of CPU 1");
		expect_not_in(out, "no registers of CPU 1");
		/* One complaint, not one for each task that is left. */
		ck_assert_msg(
			!*errors || strchr(errors, '\n') == errors + strlen(errors) - 1 ||
				strstr(errors, "CPU 0"),
			"many complaints: %s", errors);
	}
	ck_assert_uint_gt(at, 30);
}
END_TEST

/* A report counts chains as xbt does: where there is none, none is in doubt. */
START_TEST(report_counts_chains)
{
	const uint64_t slot = syn_irq_top(1) - 8;

	ck_assert_int_eq(run(_i ? "stackinfo -j" : "stackinfo"), STK_CMD_OK);
	ck_assert_uint_eq(cmd.nr_chains, 2);
	ck_assert_uint_eq(cmd.nr_certain, 1);
	syn_put64(m, slot, syn_get64(m, slot) + 0x100);
	s = syn_open(m);
	ck_assert_int_eq(run(_i ? "stackinfo -j" : "stackinfo"), STK_CMD_DOUBT);
	ck_assert_uint_eq(cmd.nr_chains, 2);
	ck_assert_uint_eq(cmd.nr_certain, 0);
	expect_answers(__func__, _i);
}
END_TEST

/* Half a document is worse than none. */
START_TEST(json_interrupted)
{
	s = syn_open(m);
	ck_assert_int_eq(run("xbt -j -c 1"), STK_CMD_OK);
	m->interrupt = true;
	ck_assert_int_eq(run("xbt -j -c 1"), STK_CMD_FAILED);
	ck_assert_str_eq(out, "");
	m->interrupt = false;
	ck_assert_int_eq(run("xbt -j -c 1"), STK_CMD_OK);
}
END_TEST

static const char *const documents[] = {
	"xbt -j -A",	 "stackof -j -m",
	"stackof -j -l", "stackof -j init_task..init_task+40",
	"stackinfo -j",	 "tss -j",
	"entry -j",	 "stackof -j -c 1",
	"oops -j",
};

/* Whenever that is: all of it, or none. */
START_TEST(json_interrupted_anywhere)
{
	enum stk_command_result res;
	unsigned int at;

	for (at = 1; at < 20000; at += at < 50 ? 1 : 41) {
		s = syn_open(m);
		m->interrupt_after = at;
		res = run(documents[_i]);
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		ck_assert_msg(res == STK_CMD_FAILED ? !*out && *errors : *out != 0,
			      "%s, %u: %d: %s%s", documents[_i], at, (int)res, errors,
			      out);
	}
	ck_assert_uint_gt(at, 5);
}
END_TEST

/* Each of the last questions whether to stop: what is left out then is told. */
START_TEST(interrupted_late)
{
	static const char *const line[] = { "stackof -c 1", "stackof -j -c 1" };
	enum stk_command_result res;
	unsigned int nr;

	s = syn_open(m);
	m->calls.interrupted = 0;
	ck_assert_int_eq(run(line[_i]), STK_CMD_OK);
	nr = (unsigned int)m->calls.interrupted;
	ck_assert_uint_gt(nr, 60);
	for (unsigned int at = nr - 60; at <= nr; at++) {
		s = syn_open(m);
		m->interrupt_after = at;
		res = run(line[_i]);
		m->interrupt_after = 0;
		ck_assert(m->interrupt);
		m->interrupt = false;
		ck_assert_msg(res == STK_CMD_FAILED ? *errors != 0 : at > nr - 3,
			      "%s, %u of %u: %d: %s%s", line[_i], at, nr, (int)res,
			      errors, out);
	}
}
END_TEST

static const struct unit_test args_tests[] = {
	TEST(lists_of_cpus),
	TEST(list_of_commas),
	TEST(holes_in_the_possible_mask),
	TEST(cpus_of_an_unknown_kernel),
	TEST(addresses),
	TEST(hexadecimal),
	{ 0 },
};

static const struct unit_test text_tests[] = {
	TEST(usage),
	TEST(long_option),
	TEST(spellings),
	TEST(words_of_a_line),
	TEST(synopses),
	TEST(help_is_there),
	TEST(xbt_of_the_context),
	TEST(xbt_of_nobody),
	LOOP(xbt_of_the_panicked, 2),
	LOOP(xbt_of_none_panicked, 3),
	TEST(xbt_by_pid_and_address),
	TEST(xbt_of_cpus),
	TEST(xbt_of_all_tasks),
	TEST(xbt_of_an_exited_task),
	TEST(xbt_from_somewhere),
	TEST(stackof_several),
	TEST(stackof_of_two_names),
	TEST(tss_of_cpus),
	TEST(tss_in_words),
	LOOP(report_counts_chains, 2),
	TEST(unknown_kernel),
	LOOP(interrupted_anywhere, 4),
	{ 0 },
};

static const struct unit_test json_tests[] = {
	TEST(json_of_a_chain),
	TEST(json_without_registers),
	TEST(json_of_addresses),
	TEST(json_of_the_tss),
	TEST(json_of_strange_names),
	TEST(json_interrupted),
	LOOP(json_interrupted_anywhere, sizeof(documents) / sizeof(documents[0])),
	LOOP(interrupted_late, 2),
	{ 0 },
};

const struct unit_suite suite_commands = {
	"commands",
	{
		{ "arguments", args_tests, parse_setup, teardown },
		{ "commands", text_tests, setup, teardown },
		{ "json", json_tests, setup, teardown },
	},
};
