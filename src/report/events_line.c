/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in front of a kernel's message, in any order and number: quotes of a mail,
 * a log level, the kernel's time or a date, who said it (CONFIG_PRINTK_CALLER), what
 * syslog, the journal, netconsole and /dev/kmsg add.
 */
#include "events_line.h"

#include <ctype.h>
#include <string.h>

#include "../base/bytes.h"

#define MAX_PREFIXES 12
/* "kernel:" is not looked for behind this: what syslog adds is shorter. */
#define MAX_SYSLOG 160u
/* Nor is the kernel's time behind this. */
#define MAX_PROMPT 100u

static uint32_t number_at(const char *p, size_t digits)
{
	uint64_t n = 0;

	for (size_t i = 0; i < digits && n <= UINT32_MAX; i++)
		n = n * 10 + (uint64_t)(p[i] - '0');
	return n <= UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Blanks, and the quotes of mails. '|' is that of some trackers. */
static size_t quote_length(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && strchr("> \t|\r\v\f", p[n]) && p[n])
		n++;
	return n;
}

/* "<4>", "<4,123,456,-,caller=T1;" is none of them. */
static size_t level_length(const char *p, size_t len)
{
	size_t n;

	if (len < 3 || *p != '<')
		return 0;
	n = stk_run_of(isdigit, p + 1, len - 1);
	return n && n <= 3 && 1 + n < len && p[1 + n] == '>' ? n + 2 : 0;
}

/* "T123" or "C1" at @p, of @len bytes. */
static bool is_caller(struct stk_event_line *out, const char *p, size_t len)
{
	if (len < 2 || (*p != 'T' && *p != 'C') ||
	    stk_run_of(isdigit, p + 1, len - 1) != len - 1)
		return false;
	out->caller = *p;
	out->id = number_at(p + 1, len - 1);
	return true;
}

static void note_time(struct stk_event_line *out, const char *p, size_t len)
{
	/* The kernel's own comes last, and counts more than that of whoever passed it on.
	 */
	out->time = p;
	out->time_len = len;
}

/* A date or a time: digits, and what stands between them; and the names of days. */
static bool is_time(const char *p, size_t len)
{
	size_t digits = 0;
	bool marks = false;

	for (size_t i = 0; i < len; i++) {
		digits += isdigit((unsigned char)p[i]) != 0;
		marks |= p[i] == ':' || p[i] == '.';
		if (!isalnum((unsigned char)p[i]) && !strchr(" :.,+-/@", p[i]))
			return false;
	}
	return digits >= 2 && marks;
}

/* "[   12.345678]", "[ T123]", "[Thu Nov 26 07:18:43 2026]", "[12.3@1]". */
static size_t bracket_length(struct stk_event_line *out, const char *p, size_t len)
{
	const char *end = len && *p == '[' ? memchr(p, ']', len < 48 ? len : 48) : NULL;
	size_t begin = 1, inside;

	if (!end)
		return 0;
	while (p + begin < end && p[begin] == ' ')
		begin++;
	inside = (size_t)(end - p) - begin;
	while (inside && p[begin + inside - 1] == ' ')
		inside--;
	if (!is_caller(out, p + begin, inside)) {
		if (!is_time(p + begin, inside))
			return 0;
		note_time(out, p + begin, inside);
	}
	return (size_t)(end - p) + 1;
}

static const char *record_end(const char *p, size_t len)
{
	return isdigit((unsigned char)*p) ? memchr(p, ';', len < 120 ? len : 120) : NULL;
}

/*
 * /dev/kmsg and extended netconsole: "6,416,1758426,-,caller=T1;"; the latter may have
 * the kernel's release before it. The third number is the time.
 */
static size_t record_length(struct stk_event_line *out, const char *p, size_t len)
{
	const char *end = record_end(p, len), *at = p, *to;
	size_t numbers = 0;

	if (!end)
		return 0;
	for (size_t field = 0; at < end; at = to + 1, field++) {
		size_t n;

		to = memchr(at, ',', (size_t)(end - at));
		to = to ? to : end;
		n = (size_t)(to - at);
		if (n && stk_run_of(isdigit, at, n) == n)
			numbers++;
		else if (field && numbers < 3)
			return 0;
		if (numbers == 3 && !out->time)
			note_time(out, at, n);
		if (stk_begins_with(at, n, "caller="))
			is_caller(out, at + 7, n - 7);
	}
	return numbers >= 3 ? (size_t)(end - p) + 1 : 0;
}

/* dmesg -x: "kern  :warn  : ". */
static size_t facility_length(const char *p, size_t len)
{
	size_t n = 5;

	if (len < 14 || memcmp(p, "kern ", 5))
		return 0;
	while (n < len && *(p + n) == ' ')
		n++;
	if (n == len || p[n] != ':')
		return 0;
	for (n++; n < len && isalpha((unsigned char)p[n]); n++)
		;
	while (n < len && p[n] == ' ')
		n++;
	return n < len && p[n] == ':' ? n + 1 : 0;
}

static bool begins_with_month(const char *p, size_t len)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (len < 7 || p[3] != ' ' || !(isdigit((unsigned char)p[4]) || p[4] == ' '))
		return false;
	for (const char *m = months; *m; m += 3)
		if (!memcmp(p, m, 3))
			return true;
	return false;
}

/* "2026-11-26T07:18:43.123456+00:00 " or with a comma. */
static size_t iso_length(const char *p, size_t len)
{
	size_t n;

	if (len < 20 || stk_run_of(isdigit, p, 4) != 4 || p[4] != '-' || p[7] != '-' ||
	    !strchr("T ", p[10]) || p[13] != ':' || p[16] != ':')
		return 0;
	for (n = 19; n < len && strchr("0123456789.,:+-Z", p[n]) && p[n]; n++)
		;
	return n < len && p[n] == ' ' ? n + 1 : 0;
}

/* "host kernel: ", "host kern.warn kernel: ", "host kernel[1]: " behind a date. */
static size_t syslog_length(const char *p, size_t len)
{
	size_t end = len < MAX_SYSLOG ? len : MAX_SYSLOG, words = 0;

	for (size_t i = 0; i + 7 < end && words < 4; i++) {
		if (p[i] == ' ')
			words++;
		if ((i && p[i - 1] != ' ') || memcmp(p + i, "kernel", 6))
			continue;
		if (p[i + 6] == ':')
			return i + 7;
		if (p[i + 6] == '[')
			for (i += 7; i + 1 < end && p[i - 1] != ' '; i++)
				if (p[i] == ']' && p[i + 1] == ':')
					return i + 2;
	}
	return 0;
}

static size_t date_length(struct stk_event_line *out, const char *p, size_t len)
{
	size_t date = iso_length(p, len), rest;

	if (begins_with_month(p, len) && len > 16)
		date = 16; /* "Nov 26 07:18:43 " */
	if (!date || !is_time(p, date - 1))
		return 0;
	rest = syslog_length(p + date, len - date);
	/* Behind a date alone only what comes from a console, or two blanks, where host
	   and name have been cut out: it leaves no host's name. */
	if (!rest && begins_with_month(p, len) && p[date] != ' ')
		return 0;
	note_time(out, p, date - 1);
	return date + rest;
}

/* What a console shows when the kernel speaks: "host login: [   12.345678] ". */
static size_t prompt_length(const char *p, size_t len)
{
	const char *const end = p + (len < MAX_PROMPT ? len : MAX_PROMPT);

	for (const char *at = p; (at = memchr(at, '[', (size_t)(end - at))) != NULL;) {
		const size_t length = (size_t)(at++ - p);

		at += stk_run_of(isblank, at, (size_t)(end - at));
		at += stk_run_of(isdigit, at, (size_t)(end - at));
		if (end - at >= 8 && *at == '.' && stk_run_of(isdigit, at + 1, 6) == 6 &&
		    at[7] == ']')
			return length;
	}
	return 0;
}

static size_t prefix_length(struct stk_event_line *out, const char *p, size_t len)
{
	size_t n = level_length(p, len);

	if (!n)
		n = bracket_length(out, p, len);
	if (!n)
		n = record_length(out, p, len);
	if (!n)
		n = facility_length(p, len);
	if (!n)
		n = date_length(out, p, len);
	if (!n && !out->time)
		n = prompt_length(p, len);
	/* journalctl -o short-monotonic has host and name behind the time. A mail may
	   have the name alone. */
	if (!n && (out->time || stk_begins_with(p, len, "kernel:")))
		n = syslog_length(p, len);
	return n;
}

void stk_event_line(struct stk_event_line *out, const char *line, size_t len)
{
	*out = (struct stk_event_line){ 0 };
	for (int i = 0; i < MAX_PREFIXES; i++) {
		size_t n = quote_length(line, len);

		line += n;
		len -= n;
		n = len ? prefix_length(out, line, len) : 0;
		if (!n)
			break;
		line += n;
		len -= n;
	}
	while (len && (isspace((unsigned char)line[len - 1]) || !line[len - 1]))
		len--;
	out->text = line;
	out->len = len;
}
