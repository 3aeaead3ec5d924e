/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof on text: an oops, a dump of registers, a log: whose it is, each line, and what
 * its addresses are. Any bytes may come, of any length.
 */
#include "stackof.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/context.h"
#include "../render/render.h"
#include "../render/json_add.h"
#include "../base/memstream.h"

#define MAX_WORDS (STK_OOPS_LINE / 4)

/* -v: numbers that are no address of the kernel, too. */
static bool is_wanted(struct stackof *o, const struct stk_oops_word *word)
{
	return o->opt.verbose || word->fault ||
	       (o->cmd->s->arch->is_kernel_address(word->value) &&
		word->value < STK_FIRST_ERROR);
}

static bool is_noise(struct stackof *o, const struct stk_oops_word *word,
		     const struct stk_place *p)
{
	return !o->opt.verbose && !word->fault && p->region_kind == STK_REGION_INVALID;
}

static bool told_before(const uint64_t *told, size_t nr, uint64_t value)
{
	while (nr)
		if (told[--nr] == value)
			return true;
	return false;
}

/* NULL: no memory. */
static struct json_object *json_line(const char *line, size_t len)
{
	struct json_object *o = NULL;
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	if (fp)
		stk_text_safe(fp, line, len);
	if (fp && stk_memstream_end(fp, &text)) {
		o = json_object_new_object();
		stk_json_add(o, "text", json_object_new_string(text));
	}
	free(text);
	return o;
}

/* Below a line, or in its @list: what its words are. */
static void answer_words(struct stackof *o, const char *line, size_t len,
			 struct json_object *list)
{
	const struct stk_text_options brief = { .brief = true };
	uint64_t told[MAX_WORDS];
	struct stk_oops_word word;
	size_t at = 0, nr = 0;

	while (stk_oops_word(o->cmd->s, line, len, &at, &word)) {
		struct stk_place place;

		if (!is_wanted(o, &word) || told_before(told, nr, word.value) ||
		    nr == MAX_WORDS)
			continue;
		told[nr++] = word.value;
		if (!stk_stackof_classify(o, word.value, &place))
			return;
		if (is_noise(o, &word, &place))
			continue;
		o->nr_answers++;
		if (list) {
			stk_json_append(list, stk_json_place(o->cmd->s, &place));
			continue;
		}
		fprintf(o->cmd->out, "    ");
		stk_text_place(o->cmd->s, o->cmd->out, &place, &brief);
	}
}

static void json_answer(struct stackof *o, const char *line, size_t len)
{
	struct json_object *doc = json_line(line, len), *list = json_object_new_array();

	if (!doc || !list)
		stk_stackof_no_memory(o);
	else
		answer_words(o, line, len, list);
	if (o->a.stop || (o->quiet && !json_object_array_length(list))) {
		json_object_put(list);
		json_object_put(doc);
		return;
	}
	/* It is the document's from now on. */
	stk_json_add(doc, "addresses", list);
	stk_json_append(o->a.list, doc);
}

static void text_line(FILE *out, const char *line, size_t len)
{
	stk_text_safe(out, line, len);
	fputc('\n', out);
}

void stk_stackof_no_memory(struct stackof *o)
{
	o->a.res = stk_complain(o->cmd, "out of memory");
	o->a.stop = true;
}

/* -q: the answer comes first, as it decides whether the line does. */
static void quiet_answer(struct stackof *o, const char *line, size_t len)
{
	FILE *const out = o->cmd->out;
	char *text = NULL;
	size_t size = 0;
	FILE *answer = open_memstream(&text, &size);

	if (!answer) {
		stk_stackof_no_memory(o);
		return;
	}
	o->cmd->out = answer;
	answer_words(o, line, len, NULL);
	o->cmd->out = out;
	if (!stk_memstream_end(answer, &text)) {
		stk_stackof_no_memory(o);
	} else if (size) {
		text_line(out, line, len);
		fwrite(text, 1, size, out);
	}
	free(text);
}

static void answer_line(struct stackof *o, const char *line, size_t len)
{
	if (o->a.list) {
		json_answer(o, line, len);
	} else if (o->quiet) {
		quiet_answer(o, line, len);
	} else {
		text_line(o->cmd->out, line, len);
		answer_words(o, line, len, NULL);
	}
}

/* ---- a text ---- */

static void json_foreign(struct stackof *o, enum stk_oops_trait trait, const char *text)
{
	const struct stk_oops_find *f = &o->origin.find[trait];
	struct json_object *list, *find = json_object_new_object();

	if (!json_object_object_get_ex(o->a.doc, "foreign", &list)) {
		list = json_object_new_array();
		stk_json_add(o->a.doc, "foreign", list);
	}
	stk_json_add(find, "code", json_object_new_string(stk_oops_trait_code(trait)));
	stk_json_add(find, "line", stk_json_number(f->line));
	stk_json_add(find, "theirs", json_object_new_string(f->theirs));
	stk_json_add(find, "ours", json_object_new_string(f->ours));
	stk_json_add(find, "text", json_object_new_string(text));
	stk_json_append(list, find);
}

/*
 * Before anything is answered: whose text is it? Of another machine or kernel all the
 * rest is no wonder: the first find is told, once.
 */
static void tell_origin(struct stackof *o, const char *text, size_t size)
{
	const char *line;
	char find[512];
	size_t at = 0, len;
	enum stk_oops_trait i = 0;

	while (stk_oops_line(text, size, &at, &line, &len) && !stk_interrupted(o->cmd->s))
		stk_oops_compare(o->cmd->s, &o->origin, line, len);
	while (i < STK_OOPS_NR_TRAITS &&
	       !stk_oops_foreign(&o->origin, i, find, sizeof(find)))
		i++;
	if (i == STK_OOPS_NR_TRAITS || o->origin.find[i].told)
		return;
	o->origin.find[i].told = true;
	if (o->a.list)
		json_foreign(o, i, find);
	else
		fprintf(o->cmd->out,
			"stackof: %s\n"
			"stackof: the answers tell what is there in this dump, not what the "
			"text speaks of\n",
			find);
	if (o->a.res == STK_CMD_OK)
		o->a.res = STK_CMD_DOUBT;
}

void stk_stackof_lines(struct stackof *o, const char *text, size_t size)
{
	const char *line;
	size_t at = 0, len;

	while (!o->a.stop && stk_oops_line(text, size, &at, &line, &len)) {
		/* How much text there is was not the dump's choice. */
		stk_budget_refill(&o->cmd->s->budget);
		answer_line(o, line, len);
		if (!o->a.stop && stk_interrupted(o->cmd->s)) {
			o->a.res = stk_complain(o->cmd, "interrupted");
			o->a.stop = true;
		}
	}
}

void stk_stackof_text(struct stackof *o, char *text, size_t size)
{
	size = stk_oops_clean(text, size);
	stk_budget_refill(&o->cmd->s->budget);
	tell_origin(o, text, size);
	stk_stackof_lines(o, text, size);
}

void stk_stackof_text_end(struct stackof *o)
{
	if (!o->nr_answers && !o->a.list && !o->a.stop)
		fprintf(o->cmd->out,
			"stackof: no word of this text is an address of the kernel%s\n",
			o->opt.verbose ? "" : "; -v explains other numbers, too");
}
