/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xbt.h"

#include <string.h>

#include "../base/context.h"

bool xbt_has_ended(const struct xbt *x)
{
	const struct stk_budget *b = &x->cmd->s->budget;

	return x->stop || b->dry || !b->answer;
}

void xbt_progress(struct xbt *x, const char *what, size_t done, size_t all)
{
	if (x->cmd->progress)
		x->cmd->progress(x->cmd, what, done, all);
}

/* An option without a letter. */
#define KEY_REGS 30

static const struct xbt_shape *shape_of(const struct stk_args *args)
{
	if (stk_given(args, 'j'))
		return &xbt_json;
	if (stk_given(args, 'g'))
		return &xbt_grouped;
	return stk_given(args, 'o') ? &xbt_folded : &xbt_text;
}

static struct stk_text_options text_options(const struct stk_args *args)
{
	return (struct stk_text_options){
		.registers = stk_given(args, 'r'),
		.words = stk_given(args, 'f'),
		.text_words = stk_given(args, 't') || stk_given(args, 'T'),
		.stale_words = stk_given(args, 'T'),
		.lines = stk_given(args, 'l'),
		.verbose = stk_given(args, 'v'),
	};
}

static struct xbt_request request_of(const struct stk_args *args)
{
	return (struct xbt_request){
		.all_cpus = stk_given(args, 'a'),
		.all_tasks = stk_given(args, 'A'),
		.panicked = stk_given(args, 'p'),
		.cpus = stk_value(args, 'c'),
		.sp = stk_value(args, 'S'),
		.ip = stk_value(args, 'I'),
		.bp = stk_value(args, 'B'),
		.regs = stk_value(args, 'R'),
		.texts = stk_value(args, KEY_REGS),
		.nr_tasks = args->nr,
		.task = args->word,
	};
}

/* What is asked for is chosen; what it is like stands in @x. */
static void run_request(struct xbt *x, const struct stk_args *args,
			const struct xbt_request *request)
{
	struct stk_command *cmd = x->cmd;

	/* Files may have come since; a search takes its time, so only for who wants
	 * lines. */
	if (stk_given(args, 'l'))
		stk_lines_forget(cmd->s);
	cmd->summary = x->shape->summary;
	cmd->collects = x->shape->collects;
	if (x->shape->begin && !x->shape->begin(x))
		return;
	xbt_unwind(x, request);
	xbt_progress(x, NULL, 0, 0);
	if (!x->stop && stk_interrupted(cmd->s))
		x->stop = XBT_INTERRUPTED;
	x->shape->end(x);
}

/* "-R function", unless it is an address in any way. */
static bool selects_by_function(const char *ref)
{
	uint64_t addr;

	return ref && !stk_parse_hex(ref, &addr) && !ref[strcspn(ref, "+:")];
}

/* As --function. */
static void select_function(struct xbt *x, struct xbt_request *r)
{
	x->select.any = x->select.of_chain = true;
	x->select.function = r->regs;
	r->regs = NULL;
}

static enum stk_command_result xbt_command(struct stk_command *cmd,
					   const struct stk_args *args)
{
	struct xbt_request request = request_of(args);
	struct xbt x = { .cmd = cmd, .shape = shape_of(args), .opt = text_options(args) };
	enum stk_status st = stk_prepare(cmd->s);

	if (st)
		return stk_complain(cmd, "%s", stk_reason(cmd->s, st));
	x.res = stk_select_begin(&x.select, cmd, args,
				 request.all_tasks ? request.cpus : NULL);
	if (selects_by_function(request.regs))
		select_function(&x, &request);
	x.no_idle = stk_given(args, 'n');
	if (x.res == STK_CMD_OK && xbt_read_given(&x, &request))
		run_request(&x, args, &request);
	stk_select_free(&x.select);
	if (x.stop == XBT_INTERRUPTED)
		return stk_complain(cmd, "interrupted");
	return x.res == STK_CMD_OK && x.doubtful ? STK_CMD_DOUBT : x.res;
}

static const struct stk_option options[] = {
	{ 'a', "all", .excludes = "AcpS@",
	  .help = "Every CPU that was running: online ones, "
		  "and those that panic() had stopped. The one that panicked comes first." },
	{ 'A', "all-tasks", .excludes = "pS@",
	  .help = "Every task and thread; with -c those of these CPUs." },
	{ 'p', "panicked", .excludes = "cS@", .help = "The CPU that panicked." },
	{ 'c', "cpu", "cpus", .excludes = "S@", .help = "These CPUs, such as 0,2-3." },
	{ 'S', "sp", "sp", .excludes = "R@",
	  .help = "Start at this stack pointer, on any stack of any CPU or task." },
	{ 'I', "ip", "ip", .needs = "S",
	  .help = "With -S: the instruction pointer. Without it the word at sp is taken for a "
		  "return address." },
	{ 'B', "bp", "bp", .needs = "S", .help = "With -S: the frame pointer." },
	{ 'R', "pt-regs", "pt_regs|function", .excludes = "\2",
	  .help = "Start from the saved registers at this address. A name is as that of "
		  "--function: of bt's -R." },
	{ KEY_REGS, "regs", "[cpu:]file", .many = true, .excludes = "SR",
	  .help = "The CPU's registers are those that this text has, as an oops, bt, \"info "
		  "registers\" of QEMU's monitor or gdb print them; of a CPU that the text "
		  "does not name: that of -c, or the one that panicked. Without -a and the "
		  "like the chains of these CPUs are shown." },
	{ 'n', "without", "idle", .literal = true,
	  .help = "Not the idle tasks, but for that of the CPU that panicked." },
	STK_OPTIONS_SELECT(NULL, "S"),
	{ 'r', "registers", .help = "The registers of the first frame, too." },
	{ 'f', "words",
	  .help = "The raw words of each frame, with what each points to." },
	{ 't', "text-words",
	  .help = "Those words that look like return addresses but are none of the chain's, marked \"?\"." },
	{ 'T', "stale-words",
	  .help = "The same from the base of each stack on: also what earlier calls left "
		  "below the part in use." },
	{ 's', "symbols",
	  .help = "Names with offsets, as always: bt needs it for that." },
	{ 'l', "lines",
	  .help = "File and line, and inlined calls, where there is debuginfo: the namelist's, "
		  "and that of modules, which mod -s loaded in crash, or which is found by its "
		  "build id. The last lines name what has none." },
	{ 'g', "group", .excludes = "jo",
	  .help = "Equal chains once, with the tasks that share them by state, the largest "
		  "group first. With -v all of its tasks." },
	{ 'o', "output", "folded", .literal = true, .excludes = "j",
	  .help = "For flame graph tools: the task's name, its functions from the outermost "
		  "on, and how many tasks have that line." },
	STK_OPTION_VERBOSE(
		"For each frame how it was found, for each crossing its evidence. "
		"First what stopped the CPU, below what its saved registers are "
		"of."),
	STK_OPTION_NO_ADDRESSES,
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word words[] = {
	{ "PID", "Decimal. A task that crash's own table lacks is found, too." },
	{ "TASK", "The hexadecimal address of a task_struct." },
	{ 0 },
};

static const struct stk_example examples[] = {
	{ .options = "-a" },
	{ .options = "-v", .words = "1" },
	{ .options = "-A --group" },
	{ .options = "--state D --function \"*_write\"" },
	{ .options = "-u --no-addresses" },
	{ .options = "-p --regs oops.txt" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_xbt_command = {
	.name = "xbt",
	.purpose = "backtrace across all stacks",
	.doors = STK_EVERYWHERE,
	.max_words = -1,
	.about =
		"Unwinds the kernel stacks of a CPU or a task across every stack that it "
		"passed: NMI, IRQ, other exceptions, task, down to user mode, the idle loop or "
		"the start of the thread.",
	.options = options,
	.words = words,
	.notes =
		"The first line of a chain says how far it can be relied on: certain, when all "
		"of it has a proof that a damaged word would have broken; doubtful, when "
		"something in it has not; or broken, when it does not come to an end that a "
		"stack can have. The last line says why.\n\n"
		"STATE is the letter that ps has for the task: R running or about to, S "
		"sleeping, D uninterruptible, T stopped, t traced, Z zombie, X dead, P parked, I "
		"waiting for work, or \"new\", never run yet; \"?\" when no kernel sets such "
		"bits.\n\n"
		"Options that choose tasks go together: those that fit all of them are shown. "
		"Without -A, -a, -c or a task they choose from all tasks.\n\n"
		"What follows \"resync at\" may be the rest of a broken chain, and is no part of "
		"it.\n\n"
		"Frames look as those of bt: the address in brackets is where the return "
		"address was found. A line with dashes closes each stack and says how it was "
		"left. A \"?\" marks a frame that is not certain.",
	.habit = "bt",
	.letters = xbt_letters,
	.crash_notes = "Without an argument it shows the current context.",
	.cli_notes =
		"Without an argument it shows the CPU that panicked; CPU 0 when none is "
		"known to have.",
	.examples = examples,
	.run = xbt_command,
};
