/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "../base/context.h"
#include "../commands/answer.h"
#include "../machine/vmcoreinfo.h"
#include "../render/render.h"
#include "cli.h"
#include "../render/json_add.h"

/* Options without a letter. */
enum { KEY_NO_LOG = 1, KEY_NO_NAMES, KEY_FORCE, KEY_PLAIN };

struct pack {
	struct stk_command *cmd;
	struct pack_file file;
	struct stk_packed packed;
	struct {
		uint64_t pages, bytes;
	} part[PACK_MAX_PARTS];
};

bool cli_pack_options(const struct cli_request *r, struct stk_pack_options *out)
{
	*out = (struct stk_pack_options){
		.no_log = stk_given(r->args, KEY_NO_LOG),
		.no_names = stk_given(r->args, KEY_NO_NAMES),
	};
	return r->command == &cli_pack;
}

static bool count_page(void *ctx, const struct stk_words_page *page, size_t bytes)
{
	struct pack *p = ctx;
	const size_t part = pack_part(p->cmd->s, page);

	p->part[part].pages++;
	p->part[part].bytes += bytes;
	return !pack_file_stopped();
}

static void text_row(FILE *out, const char *what, uint64_t pages, uint64_t bytes)
{
	fprintf(out, "%12s: ", what);
	if (pages)
		fprintf(out, "%6" PRIu64 " page%s", pages, pages == 1 ? " " : "s");
	else
		fprintf(out, "%12s", "");
	fprintf(out, " %10.1f KiB\n", (double)bytes / 1024);
}

static void text_summary(const struct pack *p)
{
	FILE *out = p->cmd->out;
	uint64_t rest = p->packed.file_bytes;
	const char *without;

	for (size_t i = 0; pack_part_name(i); i++) {
		rest -= p->part[i].bytes;
		if (p->part[i].pages)
			text_row(out, pack_part_name(i), p->part[i].pages,
				 p->part[i].bytes);
	}
	text_row(out, "headers", 0, rest);
	text_row(out, "all", p->packed.nr_pages, p->packed.file_bytes);
	for (size_t i = 0; (without = stk_left_out_name(p->cmd->s, i)) != NULL; i++)
		fprintf(out, "%12s: %s\n", "left out", without);
}

static struct json_object *json_summary(const struct pack *p)
{
	struct json_object *o = json_object_new_object(),
			   *parts = json_object_new_array();

	stk_json_add(o, "bytes", stk_json_number(p->packed.file_bytes));
	stk_json_add(o, "pages", stk_json_number(p->packed.nr_pages));
	stk_json_add(o, "kept_bytes", stk_json_number(p->packed.kept_bytes));
	for (size_t i = 0; pack_part_name(i); i++) {
		struct json_object *part = json_object_new_object();

		stk_json_add(part, "part", json_object_new_string(pack_part_name(i)));
		stk_json_add(part, "pages", stk_json_number(p->part[i].pages));
		stk_json_add(part, "bytes", stk_json_number(p->part[i].bytes));
		stk_json_append(parts, part);
	}
	stk_json_add(o, "parts", parts);
	stk_json_add(o, "left_out", stk_json_left_out(p->cmd->s));
	return o;
}

/* False: complained. */
static bool write_file(struct pack *p)
{
	struct stk_command *cmd = p->cmd;
	char error[200];
	bool whole;

	if (!pack_file_begin(&p->file)) {
		stk_complain(cmd, "%s", p->file.error);
		return false;
	}
	p->packed.page = count_page;
	p->packed.ctx = p;
	whole = !stk_dump_pack(cmd->dump, p->file.fd, &p->packed, error, sizeof(error));
	if (!whole)
		snprintf(p->file.error, sizeof(p->file.error), "%s: %s", p->file.path,
			 error);
	if (pack_file_end(&p->file, whole))
		return true;
	stk_complain(cmd, "%s", p->file.error);
	return false;
}

static enum stk_command_result pack_command(struct stk_command *cmd,
					    const struct stk_args *args)
{
	struct pack p = { .cmd = cmd,
			  .file = { .path = stk_value(args, 'o'),
				    .force = stk_given(args, KEY_FORCE) },
			  .packed.plain = stk_given(args, KEY_PLAIN) };
	struct stk_answer a;
	enum stk_status st;

	if (!p.file.path || !*p.file.path)
		return stk_misuse(cmd, "to which file? -o FILE is missing");
	/* What was not read now would be missing from each of its answers. */
	if (!pack_read_all(cmd))
		return STK_CMD_FAILED;
	if (!stk_answer_begin(&a, cmd, args, NULL))
		return a.res;
	/* What cannot be asked now cannot be asked of the small dump either. */
	st = stk_prepare(cmd->s);
	if (st && stk_is_passing(st))
		a.stop = true;
	else if (st)
		stk_complain(cmd, "no stacks: %s", stk_reason(cmd->s, st));
	a.stop = a.stop || !write_file(&p);
	if (a.stop)
		a.res = STK_CMD_FAILED;
	else if (a.doc)
		stk_json_add(a.doc, "packed", json_summary(&p));
	else
		text_summary(&p);
	return stk_answer_end(&a);
}

static const struct stk_option options[] = {
	{ 'o', "output", "FILE", .help = "The small dump." },
	{ KEY_NO_LOG, "no-log", .help = "Without the kernel's log." },
	{ KEY_NO_NAMES, "no-names",
	  .help = "Without the names of tasks and of the machine. The log has some of them, "
		  "too." },
	{ KEY_PLAIN, "plain",
	  .help = "Pages that are not compressed: FILE is much larger, and what xz makes of it "
		  "smaller than of the other one. For what is sent or archived so." },
	{ KEY_FORCE, "force", .help = "FILE may be there: it is replaced." },
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_example examples[] = {
	{ .options = "-o small.vmcore" },
	{ .options = "--no-log --no-names -o send.vmcore" },
	{ .options = "--plain -o plain.vmcore" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info cli_pack = {
	.name = "pack",
	.purpose = "a small dump of what the answers need, to send",
	.doors = STK_IN_CLI,
	.one_dump = true,
	.about =
		"Writes a small dump in makedumpfile's format, in which every command answers "
		"as in the large one; and prints what is inside, and how large each part is. It "
		"has what the answers were seen to read, and no other memory: all stacks, "
		"registers, the kernel's symbols and types, its log, the code around what is on "
		"stacks, page tables. Of a page only those words are there that were read, so no "
		"memory of users, no files and no neighbours in slabs.",
	.options = options,
	.notes =
		"What the small dump does not have it says so: an answer that needs more is told "
		"that it is not in the dump. To other programs it reads as zeros.",
	.examples = examples,
	.run = pack_command,
};
