/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <unistd.h>

#include "../commands/terminal.h"
#include "progress.h"

struct listener {
	cli_complain *complain;
	void *priv;
	struct cli_progress progress;
};

static void error(struct stk_command *cmd, const char *text)
{
	struct listener *l = cmd->priv;

	cli_progress_clear(&l->progress);
	/* Complaints come in their place, should both streams go to one file. */
	fflush(cmd->out);
	l->complain(l->priv, text);
}

static void progress(struct stk_command *cmd, const char *what, size_t done, size_t all)
{
	struct listener *l = cmd->priv;

	if (what)
		cli_progress_show(&l->progress, what, done, all, cmd->collects);
	else
		cli_progress_clear(&l->progress);
}

static enum cli_status status_of(enum stk_command_result res)
{
	switch (res) {
	case STK_CMD_OK:
		return CLI_OK;
	case STK_CMD_DOUBT:
		return CLI_DOUBT;
	case STK_CMD_USAGE:
		return CLI_USAGE;
	default:
		return CLI_FAILED;
	}
}

/* What is read of one that is to be packed is recorded from the first byte on. */
static enum stk_status open_dump(const struct cli_request *r, const char *vmcore,
				 struct stk_dump **dump, char *error, size_t size)
{
	struct stk_pack_options pack;

	return cli_pack_options(r, &pack)
		       ? stk_dump_open_recorded(vmcore, &r->how, &pack, dump, error, size)
		       : stk_dump_open_with(vmcore, &r->how, sizeof(r->how), dump, error,
					    size);
}

enum cli_status cli_run(const struct cli_request *r, const char *vmcore, FILE *out,
			cli_complain *complain, void *priv)
{
	struct listener l = { .complain = complain, .priv = priv };
	struct stk_command cmd = {
		.out = out,
		.error = error,
		.ascii = stk_reads_bytes(out),
		.priv = &l,
	};
	enum stk_command_result res;
	struct stk_dump *dump;
	char text[512];

	if (!vmcore || (r->command->no_dump && !r->command->or_dump))
		return status_of(stk_run_command(r->command, &cmd, r->args));
	/* Of a batch nobody sees it. */
	if (out == stdout) {
		cli_progress_init(&l.progress, r->command->name);
		cmd.progress = progress;
	}
	if (open_dump(r, vmcore, &dump, text, sizeof(text))) {
		complain(priv, text);
		return CLI_NO_DUMP;
	}
	if (stk_dump_warning(dump))
		complain(priv, stk_dump_warning(dump));
	if (r->debuginfod)
		stk_dump_use_debuginfod(dump);
	cmd.dump = dump;
	cmd.s = stk_dump_session(dump);
	cmd.paste = r->input && isatty(STDIN_FILENO);
	cmd.filter = r->input && !cmd.paste;
	res = stk_run_command(r->command, &cmd, r->args);
	cli_progress_clear(&l.progress);
	stk_dump_close(dump);
	return status_of(res);
}
