/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stackof.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/say.h"
#include "../render/json_add.h"
#include "../base/memstream.h"

bool stk_stackof_classify(struct stackof *o, uint64_t addr, struct stk_place *place)
{
	uint64_t task = o->has_start && o->start.has_task ? o->start.task.addr : 0;
	enum stk_status st = stk_classify_in(o->cmd->s, addr, task, place);

	if (!st)
		return true;
	o->a.res = stk_complain(o->cmd, "%llx: %s", (unsigned long long)addr,
				stk_reason(o->cmd->s, st));
	o->a.stop = true;
	return false;
}

static bool start_cpu(struct stackof *o, const char *text)
{
	enum stk_status st;
	unsigned int cpu;

	if (!stk_parse_cpu(o->cmd, text, &cpu))
		return false;
	st = stk_start_cpu(o->cmd->s, cpu, &o->start);
	if (st) {
		stk_complain(o->cmd, "CPU %u: %s", cpu, stk_reason(o->cmd->s, st));
		return false;
	}
	o->has_start = true;
	return true;
}

static bool start_pid(struct stackof *o, const char *text)
{
	struct stk_task task;
	enum stk_status st;
	unsigned long pid;
	char *end;

	pid = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || !pid || pid > INT32_MAX) {
		stk_misuse(o->cmd, "not a PID: %s", text);
		return false;
	}
	st = stk_task_by_pid(o->cmd->s, (uint32_t)pid, &task);
	if (!st)
		st = stk_start_task(o->cmd->s, &task, &o->start);
	if (st) {
		stk_complain(o->cmd, "PID %lu: %s", pid, stk_reason(o->cmd->s, st));
		return false;
	}
	o->has_start = true;
	return true;
}

/* Without -c and -p: crash's current context. */
static bool start_context(struct stackof *o)
{
	struct stk_task task;
	enum stk_status st;
	uint64_t addr;

	if (!o->cmd->context || !o->cmd->context(o->cmd, &addr)) {
		stk_misuse(o->cmd, "whose registers? Use -c, -p or %%register:cpu");
		return false;
	}
	st = stk_task_read(o->cmd->s, addr, &task);
	if (!st)
		st = stk_start_task(o->cmd->s, &task, &o->start);
	if (st) {
		stk_complain(o->cmd, "%s", stk_reason(o->cmd->s, st));
		return false;
	}
	o->has_start = true;
	return true;
}

/* %REGISTER or %REGISTER:CPU */
static bool parse_register(struct stackof *o, const char *text, uint64_t *value)
{
	struct stackof of_cpu = { .cmd = o->cmd };
	struct stackof *whose = o;
	char name[16], *sep;
	const char *known;

	snprintf(name, sizeof(name), "%s", text + 1);
	sep = strchr(name, ':');
	if (sep) {
		*sep = '\0';
		whose = &of_cpu;
		if (!start_cpu(whose, strchr(text, ':') + 1))
			return false;
	} else if (!o->has_start && !start_context(o)) {
		return false;
	}
	if (!strcmp(name, "rflags"))
		strcpy(name, "eflags");
	for (unsigned int r = 0; (known = stk_reg_name(o->cmd->s, r)); r++) {
		if (strcmp(known, name))
			continue;
		*value = whose->start.regs.v[r];
		if (stk_has_reg(&whose->start.regs, r))
			return true;
		stk_complain(o->cmd, "%s: this register was not saved", text);
		return false;
	}
	stk_misuse(o->cmd, "%s: no such register", text);
	return false;
}

static bool parse_address(struct stackof *o, const char *text, uint64_t *addr)
{
	if (*text == '%')
		return parse_register(o, text, addr);
	return stk_parse_address(o->cmd, text, addr);
}

static void parse_range(struct stackof *o, const char *text, const char *dots)
{
	char *first = strndup(text, (size_t)(dots - text));
	uint64_t begin, end;

	if (!first)
		o->a.res = stk_complain(o->cmd, "out of memory");
	else if (!parse_address(o, first, &begin) || !parse_address(o, dots + 2, &end))
		o->a.res = STK_CMD_FAILED;
	else
		stk_stackof_range(o, begin, end);
	free(first);
}

/* Of several symbols at one address, answer the one that was asked for. */
static void name_as_asked(struct stackof *o, const char *text, struct stk_place *place)
{
	const char *name = stk_say(o->cmd->s, "%.*s", (int)strcspn(text, ":+"), text);
	uint64_t asked, told;

	if (name && place->name.function && !place->name.module &&
	    !stk_symbol_address(o->cmd->s, name, &asked) &&
	    !stk_symbol_address(o->cmd->s, place->name.function, &told) && asked == told)
		place->name.function = name;
}

static void argument(struct stackof *o, const char *text)
{
	const char *dots = strstr(text, "..");
	struct stk_place place;
	uint64_t addr;

	if (!strcmp(text, "-")) {
		stk_stackof_file(o, text);
	} else if (dots) {
		parse_range(o, text, dots);
	} else if (!parse_address(o, text, &addr)) {
		o->a.res = STK_CMD_FAILED;
	} else if (stk_stackof_classify(o, addr, &place)) {
		name_as_asked(o, text, &place);
		if (o->a.list)
			stk_json_append(o->a.list, stk_json_place(o->cmd->s, &place));
		else
			stk_text_place(o->cmd->s, o->cmd->out, &place, &o->opt);
	}
}

/* crash took the line apart at its blanks. */
static void whole_line(struct stackof *o, int argc, char **argv)
{
	char *line = NULL;
	size_t len;
	FILE *fp = open_memstream(&line, &len);

	for (int i = 0; fp && i < argc; i++)
		fprintf(fp, "%s%s", i ? " " : "", argv[i]);
	if (fp && stk_memstream_end(fp, &line))
		stk_stackof_text(o, line, len);
	else
		stk_stackof_no_memory(o);
	free(line);
}

/* Whose registers: complains by itself. */
static bool choose_start(struct stackof *o, const struct stk_args *args)
{
	if (stk_given(args, 'm'))
		return true;
	if (stk_given(args, 'c'))
		return start_cpu(o, stk_value(args, 'c'));
	return !stk_given(args, 'p') || start_pid(o, stk_value(args, 'p'));
}

static bool is_text(const struct stackof *o, const struct stk_args *args)
{
	return stk_given(args, 'f') || stk_given(args, 'l') || o->cmd->is_line ||
	       !args->nr || !strcmp(args->word[0], "-");
}

/* Of "? ext4_write+0x12/0x34 [ext4]" only the word in the middle is an address. */
static bool is_decoration(const struct stk_args *args, int i)
{
	const char *word = args->word[i];

	if (!strcmp(word, "?"))
		return args->nr > 1;
	return i && *word == '[' && word[strlen(word) - 1] == ']' &&
	       strstr(args->word[i - 1], "/0x");
}

/* The stacks of some tasks or CPUs only. */
static void answer_map(struct stackof *o, const struct stk_args *args)
{
	struct stk_select select;

	o->a.res = stk_select_begin(&select, o->cmd, args, stk_value(args, 'c'));
	if (o->a.res == STK_CMD_OK)
		stk_stackof_map(o, &select);
	else
		o->a.stop = true;
	stk_select_free(&select);
}

static void answer_question(struct stackof *o, const struct stk_args *args)
{
	if (stk_given(args, 'm'))
		answer_map(o, args);
	else if (stk_given(args, 'f'))
		stk_stackof_file(o, stk_value(args, 'f'));
	else if (stk_given(args, 'l'))
		stk_stackof_log(o);
	else if (!args->nr && o->has_start)
		stk_stackof_regs(o);
	else if (!args->nr)
		stk_stackof_file(o, "-");
	else if (o->cmd->is_line)
		whole_line(o, args->nr, args->word);
	else
		for (int i = 0; i < args->nr && !o->a.stop; i++)
			if (!is_decoration(args, i))
				argument(o, args->word[i]);
}

static enum stk_command_result stackof_command(struct stk_command *cmd,
					       const struct stk_args *args)
{
	struct stackof o = {
		.cmd = cmd,
		.opt.verbose = stk_given(args, 'v'),
		.quiet = stk_given(args, 'q'),
		.opt.no_bounds = stk_given(args, STK_KEY_NO_ADDRESSES),
	};
	const char *list = is_text(&o, args) ? "lines" : "addresses";
	bool asked = args->nr;

	for (const char *key = "flmcp"; *key; key++)
		asked |= stk_given(args, *key);
	if (!asked && !cmd->filter)
		return stk_misuse(cmd, "of what? An ADDRESS, -c, -p, -f, -l, -m or -");
	if (!choose_start(&o, args))
		return STK_CMD_FAILED;
	if (stk_answer_begin(&o.a, cmd, args, stk_given(args, 'm') ? NULL : list))
		answer_question(&o, args);
	return stk_answer_end(&o.a);
}

static const struct stk_option options[] = {
	{ 'f', "file", "FILE", .excludes = "lm@",
	  .help = "Read the text in FILE, an oops or a dump of registers. Print each line, "
		  "and below it what its addresses are." },
	{ 'l', "log", .excludes = "m@", .help = "The same for the dump's own log." },
	{ 'm', "map", .excludes = "p@",
	  .help = "All stacks of the machine: bounds, size, bytes in use now and at the "
		  "deepest, state, owner. Those of CPUs come first, then tasks', the deepest "
		  "first. With -v: draw each stack's usage as a bar, and show for each CPU "
		  "how it moved from one stack to the next." },
	{ 'c', "cpu", "cpu", .excludes = "p",
	  .help = "Take registers from this CPU. With no address, explain all of them. With "
		  "-m: only the stacks of these CPUs, such as 0,2-3, and of the tasks there." },
	{ 'p', "pid", "pid", .help = "The same for this task." },
	STK_OPTIONS_SELECT("m", ""),
	{ 'q', "quiet", .excludes = "m",
	  .help = "Of a text only the lines with an address that is explained." },
	STK_OPTION_VERBOSE(
		"Add the translation, the stack's bounds and its owner. When reading "
		"text, also explain numbers that are not kernel addresses."),
	STK_OPTION_NO_ADDRESSES,
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word words[] = {
	{ "ADDRESS",
	  "Hexadecimal, a symbol, symbol+offset, symbol:cpu of a per-CPU one, or "
	  "%register, such as %rsp:1 of CPU 1. As it stands in a text, too: "
	  "symbol+0x12/0x34, [<address>], address: or with UL." },
	{ "A..B",
	  "Everything from A up to B, not included: a line for each run of the same "
	  "thing." },
	{ "-", "The text that is typed, pasted or piped in, as of -f: in crash and on a "
	       "terminal, which is told so, up to an empty line or Ctrl-D." },
	{ 0 },
};

static const struct stk_example examples[] = {
	{ .words = "init_task fffffe0000048ff0" },
	{ .options = "-c 1", .words = "%rsp %rbp" },
	{ .options = "-f oops.txt" },
	{ .options = "-q -l" },
	{ .options = "--map -v" },
	{ .options = "--map --state D --deepest 2k" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_stackof_command = {
	.name = "stackof",
	.purpose = "what is this address",
	.doors = STK_EVERYWHERE,
	.max_words = -1,
	.about =
		"Says what each address is: on which stack (the CPU's entry trampoline, an "
		"IST stack, the IRQ stack, a task's stack), how far from its top and its base, "
		"whether that part of it was in use and what it shows if not, in which guard "
		"page, or in which other region of the kernel's address space, with the other "
		"addresses of the same byte. An address may be given by any alias: in the "
		"cpu_entry_area, the per-CPU area, vmalloc space or the direct map.\n\n"
		"Off the stacks it names the section, the module, the allocation in vmalloc "
		"space and who made it, the per-CPU variable, the part of the cpu_entry_area, "
		"the task_struct and whose it is, the page frame. For a user address it names the mapping, looked up in the "
		"task given by -c or -p; by default in the panicking CPU's task, then in the "
		"tasks running on the other CPUs.",
	.options = options,
	.words = words,
	.notes =
		"Addresses in text are words of 16 hexadecimal digits and numbers with 0x. "
		"Colours and the escapes of logs (\\n, \\t, #012) are taken out. A text that "
		"is not of this kernel, but of another release, build, boot or architecture, is "
		"told first. The address of a fault is explained whatever it is.",
	.crash_notes =
		"crash cannot pipe from one command to another: \"log > FILE\", then "
		"\"stackof -f FILE\". With \"stackof < FILE\" crash runs stackof once "
		"for each line, which gives the same but for blanks, quotes, empty lines "
		"and lines that begin with \"#\".",
	.examples = examples,
	.line_keys = "vqj",
	.run = stackof_command,
};
