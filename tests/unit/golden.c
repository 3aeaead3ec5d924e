/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "golden.h"

#include <check.h>
#include <json-c/json.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

FILE *golden;

static char *came;
static size_t came_len;

void golden_setup(void)
{
	golden = open_memstream(&came, &came_len);
}

void golden_teardown(void)
{
	if (golden)
		fclose(golden);
	free(came);
	golden = NULL;
	came = NULL;
}

const char *golden_text(void)
{
	fflush(golden);
	return came;
}

void golden_head(const char *fmt, ...)
{
	va_list ap;

	fputs("-- ", golden);
	va_start(ap, fmt);
	vfprintf(golden, fmt, ap);
	va_end(ap);
	fputc('\n', golden);
}

void golden_json(struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	for (; *text; text++) {
		fputc(*text, golden);
		if (*text == ',' && text[-1] == '}')
			fputc('\n', golden);
	}
	fputc('\n', golden);
	json_object_put(o);
}

/* The files beside this one. */
char *golden_read(const char *name)
{
	char source[] = __FILE__, path[256], *text = NULL;
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/golden/%s.txt", dirname(source), name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s", path);
	ck_assert_int_gt(getdelim(&text, &len, '\0', f), 0);
	fclose(f);
	return text;
}

static void write_part(const char *dir, const char *name, const char *part)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	mkdir(dirname(path), 0777);
	snprintf(path, sizeof(path), "%s/%s.txt", dir, name);
	f = fopen(path, "a");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "==== %s\n%s", part, came);
	fclose(f);
}

/* The line where they part, and of what that is. */
static void compare(const char *part, const char *want, size_t len)
{
	const char *end = want + len, *now = came, *head = part;

	while (*now || want < end) {
		size_t a = want < end ? strcspn(want, "\n") : 0, b = strcspn(now, "\n");

		if (want < end && !strncmp(want, "-- ", 3))
			head = want;
		if (a != b || memcmp(want, now, a) || want >= end || !*now)
			ck_abort_msg("%s: %.*s: \"%.*s\", not \"%.*s\"", part,
				     (int)strcspn(head, "\n"), head, (int)b, now, (int)a,
				     want);
		want += a + (want[a] == '\n');
		now += b + (now[b] == '\n');
	}
}

void golden_expect(const char *name, const char *part)
{
	const char *dir = getenv("STACKINFO_GOLDEN"), *at, *end;
	char *text, head[80];

	fflush(golden);
	if (dir) {
		write_part(dir, name, part);
	} else {
		text = golden_read(name);
		snprintf(head, sizeof(head), "==== %s\n", part);
		at = strstr(text, head);
		ck_assert_msg(at != NULL, "%s.txt has no %s", name, part);
		at += strlen(head);
		end = strstr(at, "\n==== ");
		compare(part, at, end ? (size_t)(end + 1 - at) : strlen(at));
		free(text);
	}
	golden_teardown();
	golden_setup();
}
