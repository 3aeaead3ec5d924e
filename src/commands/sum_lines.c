/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a line of JSON says of a crash. It may come from anybody. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"
#include "../base/vec.h"
#include "sum.h"

#define MAX_DEPTH 64
#define MAX_TEXT  1000u

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	return json_object_is_type(o, json_type_object) &&
			       json_object_object_get_ex(o, key, &value)
		       ? value
		       : NULL;
}

/* The string of @key, safe and kept; "": it has none; NULL: no memory. */
static const char *text_of(struct stk_sum *sum, struct json_object *o, const char *key)
{
	struct json_object *value = member(o, key);
	char safe[MAX_TEXT];

	if (!json_object_is_type(value, json_type_string))
		return "";
	stk_safe_text(safe, sizeof(safe), json_object_get_string(value));
	return stk_arena_strndup(&sum->arena, safe, sizeof(safe));
}

static uint32_t hash_of(const struct stk_sum_crash *c)
{
	return stk_hash_string(c->hash, MAX_TEXT) ^
	       (c->by_title ? stk_hash_string(c->title, MAX_TEXT) : 0);
}

static bool is_same(const struct stk_sum_crash *a, const struct stk_sum_crash *b)
{
	return a->by_title == b->by_title && !strcmp(a->hash, b->hash) &&
	       (!a->by_title || !strcmp(a->title, b->title));
}

static uint32_t hash_of_number(const void *priv, uint32_t number)
{
	const struct stk_sum *sum = priv;

	return hash_of(&sum->crash[number - 1]);
}

/* The one of that signature; a new one, if there is none yet. NULL: no memory. */
static struct stk_sum_crash *find_crash(struct stk_sum *sum,
					const struct stk_sum_crash *like)
{
	struct stk_sum_crash *c;
	uint32_t *slot;

	if (!stk_hash_reserve(&sum->by_signature, &sum->arena, sum->nr + 1,
			      hash_of_number, sum))
		return NULL;
	stk_hash_each (slot, &sum->by_signature, hash_of(like)) {
		c = &sum->crash[*slot - 1];
		if (is_same(c, like))
			return c;
	}
	c = stk_vec_next(&sum->arena, sum->crash, sum->nr, sum->room);
	if (!c)
		return NULL;
	*c = *like;
	sum->nr++;
	*slot = (uint32_t)sum->nr;
	return c;
}

static void count_kernel(struct stk_sum_crash *c, const char *release)
{
	size_t i = 0;

	while (i < c->nr_kernels && strcmp(c->kernel[i].release, release) != 0)
		i++;
	if (i == STK_SUM_KERNELS || !*release)
		return;
	c->kernel[i].release = release;
	c->kernel[i].count++;
	c->nr_kernels += i == c->nr_kernels;
}

static void count_time(struct stk_sum_crash *c, int64_t when)
{
	if (when <= 0)
		return;
	if (!c->first || when < c->first)
		c->first = when;
	if (when > c->last)
		c->last = when;
}

static bool count_crash(struct stk_sum *sum, struct json_object *doc, const char *dump)
{
	struct json_object *signature = member(doc, "signature");
	struct json_object *kernel = member(doc, "kernel");
	const struct stk_sum_crash like = {
		.title = text_of(sum, signature, "title"),
		.hash = text_of(sum, signature, "hash"),
		.kind = text_of(sum, signature, "kind"),
		.module = text_of(sum, signature, "module"),
		.by_title = !json_object_is_type(member(signature, "culprit"),
						 json_type_string),
	};
	const char *release =
		text_of(sum, kernel ? kernel : member(doc, "machine"), "release");
	struct stk_sum_crash *c;

	if (!like.title || !like.hash || !like.kind || !like.module || !release)
		return false;
	c = find_crash(sum, &like);
	if (!c)
		return false;
	c->count++;
	count_kernel(c, release);
	count_time(c, json_object_get_int64(member(kernel, "crash_time")));
	if (*dump && c->nr_dumps < STK_SUM_DUMPS)
		c->dump[c->nr_dumps++] = dump;
	return true;
}

static bool count_failure(struct stk_sum *sum, struct json_object *line, const char *dump)
{
	struct stk_sum_failure *f = stk_vec_next(&sum->arena, sum->failure,
						 sum->nr_failures, sum->room_failures);
	struct json_object *errors = member(line, "errors");
	char safe[MAX_TEXT] = "";

	if (!f)
		return false;
	if (json_object_is_type(errors, json_type_array) &&
	    json_object_is_type(json_object_array_get_idx(errors, 0), json_type_string))
		stk_safe_text(
			safe, sizeof(safe),
			json_object_get_string(json_object_array_get_idx(errors, 0)));
	f->dump = dump;
	f->error = stk_arena_strndup(&sum->arena, safe, sizeof(safe));
	if (!f->error)
		return false;
	sum->nr_failures++;
	return true;
}

/* Did it die? The log alone of a machine that may have lived on has no death. */
static bool died(struct json_object *doc)
{
	struct json_object *says = member(doc, "died");

	return says ? json_object_get_boolean(says) : member(doc, "death") != NULL;
}

static bool count(struct stk_sum *sum, struct json_object *line)
{
	const bool batch = member(line, "errors") != NULL;
	struct json_object *doc = batch ? member(line, "answer") : line;
	const char *dump = text_of(sum, line, "dump");

	if (!dump)
		return false;
	if (batch && !doc) {
		sum->nr_reports++;
		return count_failure(sum, line, dump);
	}
	if (!member(doc, "events")) {
		sum->nr_wrong++;
		return true;
	}
	sum->nr_reports++;
	if (died(doc) && member(doc, "signature"))
		return count_crash(sum, doc, dump);
	sum->nr_lived++;
	return true;
}

bool stk_sum_line(struct stk_sum *sum, const char *line, size_t len)
{
	struct json_tokener *tokener;
	struct json_object *o;
	bool ok = true;

	while (len && strchr(" \t\r\n", line[len - 1]))
		len--;
	if (!len)
		return true;
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!tokener || len > INT32_MAX) {
		json_tokener_free(tokener);
		return false;
	}
	o = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_object_is_type(o, json_type_object) &&
	    json_tokener_get_error(tokener) == json_tokener_success)
		ok = count(sum, o);
	else
		sum->nr_wrong++;
	json_object_put(o);
	json_tokener_free(tokener);
	return ok;
}

static int by_count(const void *a, const void *b)
{
	const struct stk_sum_crash *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->title, y->title) ? strcmp(x->title, y->title)
					  : strcmp(x->hash, y->hash);
}

void stk_sum_sort(struct stk_sum *sum)
{
	if (sum->nr)
		qsort(sum->crash, sum->nr, sizeof(*sum->crash), by_count);
}

void stk_sum_free(struct stk_sum *sum)
{
	stk_arena_free(&sum->arena);
	*sum = (struct stk_sum){ 0 };
}
