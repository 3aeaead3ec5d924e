/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "../render/render.h"
#include "sum.h"
#include "../render/json_add.h"

#define MAX_FAILURES 16u

static const char *date(int64_t when, char *text, size_t size)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!when || !gmtime_r(&t, &tm) || !strftime(text, size, "%F %T", &tm))
		*text = '\0';
	return text;
}

static void print_crash(FILE *fp, const struct stk_sum_crash *c)
{
	char first[40], last[40];
	size_t told = 0;

	fprintf(fp, "%6zu  %s%s%s%s  %s\n", c->count, c->title, *c->module ? " [" : "",
		c->module, *c->module ? "]" : "", c->hash);
	for (size_t i = 0; i < c->nr_kernels; i++) {
		fprintf(fp, "%s%s (%zu)", i ? ", " : "        ", c->kernel[i].release,
			c->kernel[i].count);
		told += c->kernel[i].count;
	}
	if (c->nr_kernels)
		fprintf(fp, told < c->count ? ", others (%zu)\n" : "\n", c->count - told);
	if (*date(c->first, first, sizeof(first)) && *date(c->last, last, sizeof(last)))
		fprintf(fp,
			c->first == c->last ? "        %s UTC\n"
					    : "        %s to %s UTC\n",
			first, last);
	for (size_t i = 0; i < c->nr_dumps; i++)
		fprintf(fp, "        %s\n", c->dump[i]);
	if (c->nr_dumps && c->nr_dumps < c->count)
		fprintf(fp, "        and %zu more\n", c->count - c->nr_dumps);
}

void stk_sum_print(FILE *fp, const struct stk_sum *sum)
{
	size_t crashes = 0;

	for (size_t i = 0; i < sum->nr; i++)
		crashes += sum->crash[i].count;
	fprintf(fp,
		"%zu reports: %zu crashes of %zu signatures, %zu that did not die, %zu "
		"without an answer\n",
		sum->nr_reports, crashes, sum->nr, sum->nr_lived, sum->nr_failures);
	if (sum->nr_wrong)
		fprintf(fp, "%zu lines are no reports\n", sum->nr_wrong);
	for (size_t i = 0; i < sum->nr; i++) {
		fputc('\n', fp);
		print_crash(fp, &sum->crash[i]);
	}
	if (sum->nr_failures)
		fputs("\nWithout an answer:\n", fp);
	for (size_t i = 0; i < sum->nr_failures && i < MAX_FAILURES; i++)
		fprintf(fp, "        %s: %s\n", sum->failure[i].dump,
			sum->failure[i].error);
	if (sum->nr_failures > MAX_FAILURES)
		fprintf(fp, "        and %zu more\n", sum->nr_failures - MAX_FAILURES);
}

static struct json_object *json_time(int64_t when)
{
	return when ? json_object_new_int64(when) : NULL;
}

static struct json_object *json_crash(const struct stk_sum_crash *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *kernels = json_object_new_array();
	struct json_object *dumps = json_object_new_array();

	stk_json_add(o, "count", stk_json_number(c->count));
	stk_json_add(o, "title", json_object_new_string(c->title));
	stk_json_add(o, "hash", json_object_new_string(c->hash));
	stk_json_add(o, "kind", json_object_new_string(c->kind));
	stk_json_add(o, "module", *c->module ? json_object_new_string(c->module) : NULL);
	stk_json_add(o, "first", json_time(c->first));
	stk_json_add(o, "last", json_time(c->last));
	for (size_t i = 0; i < c->nr_kernels; i++) {
		struct json_object *kernel = json_object_new_object();

		stk_json_add(kernel, "release",
			     json_object_new_string(c->kernel[i].release));
		stk_json_add(kernel, "count", stk_json_number(c->kernel[i].count));
		stk_json_append(kernels, kernel);
	}
	for (size_t i = 0; i < c->nr_dumps; i++)
		stk_json_append(dumps, json_object_new_string(c->dump[i]));
	stk_json_add(o, "kernels", kernels);
	stk_json_add(o, "dumps", dumps);
	return o;
}

void stk_sum_json(struct json_object *doc, const struct stk_sum *sum)
{
	struct json_object *crashes = json_object_new_array();
	struct json_object *failures = json_object_new_array();

	for (size_t i = 0; i < sum->nr; i++)
		stk_json_append(crashes, json_crash(&sum->crash[i]));
	for (size_t i = 0; i < sum->nr_failures; i++) {
		struct json_object *o = json_object_new_object();

		stk_json_add(o, "dump", json_object_new_string(sum->failure[i].dump));
		stk_json_add(o, "error", json_object_new_string(sum->failure[i].error));
		stk_json_append(failures, o);
	}
	stk_json_add(doc, "crashes", crashes);
	stk_json_add(doc, "reports", stk_json_number(sum->nr_reports));
	stk_json_add(doc, "lived", stk_json_number(sum->nr_lived));
	stk_json_add(doc, "no_reports", stk_json_number(sum->nr_wrong));
	stk_json_add(doc, "failures", failures);
}
