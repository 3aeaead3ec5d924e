/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump did not have of what the answer wanted, and what is certain all the same.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

#include "../render/render.h"
#include "args.h"
#include "../render/json_add.h"

static void append_text(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void append_text(char *text, size_t size, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, size - len, fmt, ap);
	va_end(ap);
}

static void causes(const struct stk_losses *l, char *text, size_t size)
{
	const struct {
		uint64_t nr;
		const char *what;
	} cause[] = { { l->excluded, "excluded" },
		      { l->cut_off, "cut off" },
		      { l->io_error, "with an I/O error" },
		      { l->damaged, "damaged" } };
	const char *before = "";

	for (size_t i = 0; i < sizeof(cause) / sizeof(cause[0]); i++) {
		if (!cause[i].nr)
			continue;
		append_text(text, size, "%s%" PRIu64 " %s", before, cause[i].nr,
			    cause[i].what);
		before = ", ";
	}
}

/* "52 of 54 chains are certain" */
static void chains(const struct stk_command *cmd, char *text, size_t size)
{
	append_text(text, size, "%zu of %zu chains %s certain", cmd->nr_certain,
		    cmd->nr_chains, cmd->nr_certain == 1 ? "is" : "are");
}

static uint64_t nr_lost(const struct stk_losses *l)
{
	return l->excluded + l->cut_off + l->io_error + l->damaged;
}

void stk_tell_lost(struct stk_command *cmd)
{
	struct stk_losses l;
	char text[320] = "";

	if (stk_get_losses(cmd->s, &l, sizeof(l))) {
		append_text(text, sizeof(text), "%s%" PRIu64 " page%s not in the dump (",
			    l.more ? "more than " : "", nr_lost(&l),
			    nr_lost(&l) == 1 ? " was" : "s were");
		causes(&l, text, sizeof(text));
		append_text(text, sizeof(text), "; first at phys %#" PRIx64 "%s%s)",
			    l.first, l.what ? ", met while reading " : "",
			    l.what ? l.what : "");
		if (cmd->nr_chains > 1) {
			append_text(text, sizeof(text), "; ");
			chains(cmd, text, sizeof(text));
		}
		cmd->error(cmd, text);
	} else if (cmd->summary && cmd->nr_chains > 1 &&
		   cmd->nr_certain < cmd->nr_chains) {
		chains(cmd, text, sizeof(text));
		fprintf(cmd->out, "xbt: %s\n", text);
	}
}

void stk_add_lost(struct stk_command *cmd, struct json_object *doc)
{
	struct json_object *o;
	struct stk_losses l;
	char first[24];

	if (!stk_get_losses(cmd->s, &l, sizeof(l)))
		return;
	o = json_object_new_object();
	stk_json_add(o, "excluded", stk_json_number(l.excluded));
	stk_json_add(o, "cut_off", stk_json_number(l.cut_off));
	stk_json_add(o, "io_error", stk_json_number(l.io_error));
	stk_json_add(o, "damaged", stk_json_number(l.damaged));
	stk_json_add(o, "more", json_object_new_boolean(l.more));
	snprintf(first, sizeof(first), "%#" PRIx64, l.first);
	stk_json_add(o, "first", json_object_new_string(first));
	stk_json_add(o, "reading", l.what ? json_object_new_string(l.what) : NULL);
	stk_json_add(doc, "lost", o);
}
