/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../base/safe.h"
#include "render.h"

#include <ctype.h>
#include <inttypes.h>
#include <time.h>

#define IN_INTERRUPT (1u << 31)

void stk_text_safe(FILE *fp, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = text[i] == '\t' ? 1 : stk_printable(text + i, len - i);
		if (n) {
			fwrite(text + i, 1, n, fp);
		} else {
			fprintf(fp, "\\x%02x", (unsigned char)text[i]);
			n = 1;
		}
	}
}

/* When it was; returns how wide that is. */
static int print_time(FILE *fp, const struct stk_log_record *r, int64_t boot)
{
	time_t t = (time_t)(boot + (int64_t)(r->ns / 1000000000));
	char date[64];
	struct tm tm;

	if (boot && gmtime_r(&t, &tm) &&
	    strftime(date, sizeof(date), "%a %b %e %H:%M:%S UTC %Y", &tm))
		return fprintf(fp, "[%s] ", date);
	return fprintf(fp, "[%5" PRIu64 ".%06" PRIu64 "] ", r->ns / 1000000000,
		       r->ns % 1000000000 / 1000);
}

void stk_text_record(FILE *fp, const struct stk_log_record *r, bool caller, int64_t boot)
{
	int indent = print_time(fp, r, boot);
	const char *line = r->text, *end;
	char who[16];

	if (caller && r->has_caller) {
		snprintf(who, sizeof(who), "%c%" PRIu32,
			 r->caller & IN_INTERRUPT ? 'C' : 'T', r->caller & ~IN_INTERRUPT);
		indent += fprintf(fp, "[%8s] ", who);
	}
	if (!line) {
		fprintf(fp, "(not in the dump)\n");
		return;
	}
	end = line + r->len;
	/* A message of many lines: the others stand below the first. */
	for (const char *p = line; p < end; p++) {
		if (*p != '\n')
			continue;
		stk_text_safe(fp, line, (size_t)(p - line));
		fprintf(fp, "\n%*s", indent, "");
		line = p + 1;
	}
	stk_text_safe(fp, line, (size_t)(end - line));
	fputc('\n', fp);
}
