/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackinfo [-n NAMELIST] COMMAND [options] VMCORE [argument...]: the commands of the
 * extension, on a dump file alone.
 */
#include <stackinfo/dump.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../commands/commands.h"

static void error(struct stk_command *cmd, const char *text)
{
	fflush(cmd->out);
	fprintf(stderr, "%s: %s\n", (const char *)cmd->priv, text);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: stackinfo [-n NAMELIST] COMMAND [options] VMCORE [argument...]\n");
	for (const struct stk_command_info *c = stk_commands; c->name; c++)
		fprintf(stderr, "  %-8s %s\n           %s\n", c->name, c->synopsis,
			c->purpose);
	return 2;
}

/*
 * VMCORE is the first argument that is no option or option's value: take it out of
 * the list and give the rest to the command.
 */
static int find_vmcore(const struct stk_command_info *info, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		if (strchr(info->takes, argv[i][strlen(argv[i]) - 1]))
			i++;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct stk_command_info *info = stk_commands;
	struct stk_command cmd = { .out = stdout, .error = error };
	enum stk_command_result res;
	struct stk_dump *dump;
	const char *namelist = NULL;
	char text[512];
	int at;

	if (argc > 2 && !strcmp(argv[1], "-n")) {
		namelist = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 3)
		return usage();
	while (info->name && strcmp(info->name, argv[1]))
		info++;
	argc--;
	argv++;
	at = info->name ? find_vmcore(info, argc, argv) : 0;
	if (!at)
		return usage();
	if (stk_dump_open(argv[at], namelist, &dump, text, sizeof(text))) {
		fprintf(stderr, "stackinfo: %s\n", text);
		return 1;
	}
	memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof(*argv));
	argc--;
	cmd.s = stk_dump_session(dump);
	cmd.priv = (void *)(uintptr_t)info->name;
	cmd.paste = isatty(STDIN_FILENO);
	cmd.filter = !cmd.paste;
	res = info->run(&cmd, argc, argv);
	if (res == STK_CMD_USAGE)
		fprintf(stderr, "usage: stackinfo %s %s\n", info->name, info->synopsis);
	stk_dump_close(dump);
	if (fflush(stdout) && res == STK_CMD_OK)
		res = STK_CMD_FAILED;
	return res == STK_CMD_OK ? 0 : res == STK_CMD_USAGE ? 2 : 1;
}
