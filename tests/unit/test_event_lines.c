/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is taken from the front of a log's line, and what is the kernel's own: each
 * prefix at its shortest and its longest, and what only looks like one.
 */
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "report/events_line.h"

#define X10(x) x x x x x x x x x x
#define X50(x) X10(x) X10(x) X10(x) X10(x) X10(x)

static const struct {
	const char *line, *text, *time; /* NULL: no time */
	char caller;
	uint32_t id;
} row[] = {
	{ "", "", NULL, 0, 0 },
	{ "words \t\r\n", "words", NULL, 0, 0 },
	/* quotes */
	{ "> > |\t\v\f words", "words", NULL, 0, 0 },
	{ "<> words", "<> words", NULL, 0, 0 },
	/* levels */
	{ "<4>words", "words", NULL, 0, 0 },
	{ "<191> words", "words", NULL, 0, 0 },
	{ "<4>", "", NULL, 0, 0 },
	{ "<4", "<4", NULL, 0, 0 },
	{ "<4x", "<4x", NULL, 0, 0 },
	{ "<1911>words", "<1911>words", NULL, 0, 0 },
	{ "x4>words", "x4>words", NULL, 0, 0 },
	{ "<4,1,2,-,caller=T1;words", "<4,1,2,-,caller=T1;words", NULL, 0, 0 },
	/* the kernel's time, in brackets */
	{ "[   12.345678] words", "words", "12.345678", 0, 0 },
	{ "[12.3@1] words", "words", "12.3@1", 0, 0 },
	{ "[Thu Nov 26 07:18:43 2026] words", "words", "Thu Nov 26 07:18:43 2026", 0, 0 },
	{ "[2026-11-26 07:18:43] [   12.3] words", "words", "12.3", 0, 0 },
	{ "[1.2]", "", "1.2", 0, 0 },
	{ "[ 1.2 ] words", "words", "1.2", 0, 0 },
	{ "[1.2", "[1.2", NULL, 0, 0 },
	{ "[1.2 words", "[1.2 words", NULL, 0, 0 },
	{ "[12] words", "[12] words", NULL, 0, 0 },
	{ "[1.] words", "[1.] words", NULL, 0, 0 },
	{ "[1:2] words", "words", "1:2", 0, 0 },
	{ "[1.2!] words", "[1.2!] words", NULL, 0, 0 },
	{ "[] words", "[] words", NULL, 0, 0 },
	{ "[ ] words", "[ ] words", NULL, 0, 0 },
	{ "[" X10("    ") "   1.2] words", "words", "1.2", 0, 0 },
	{ "[" X10("    ") "    1.2] words", "[" X10("    ") "    1.2] words", NULL, 0,
	  0 },
	/* who said it */
	{ "[   12.3] [    T1] words", "words", "12.3", 'T', 1 },
	{ "[   12.3][C4294967295] words", "words", "12.3", 'C', UINT32_MAX },
	{ "[T4294967294] words", "words", NULL, 'T', UINT32_MAX - 1 },
	{ "[T4294967296] words", "words", NULL, 'T', UINT32_MAX },
	{ "[T99999999999999999999999999] words", "words", NULL, 'T', UINT32_MAX },
	{ "[T] words", "[T] words", NULL, 0, 0 },
	{ "[X1] words", "[X1] words", NULL, 0, 0 },
	{ "[T1x] words", "[T1x] words", NULL, 0, 0 },
	/* /dev/kmsg, netconsole */
	{ "6,416,17584,-,caller=T1;words", "words", "17584", 'T', 1 },
	{ "6.1.0,6,416,17584,-,ncfrag=0/9,caller=C12;words", "words", "17584", 'C', 12 },
	{ "1,2,3;words", "words", "3", 0, 0 },
	{ "1,2,3,4;words", "words", "3", 0, 0 },
	{ "[   12.3] 1,2,3;words", "words", "12.3", 0, 0 },
	{ "1,2;words", "1,2;words", NULL, 0, 0 },
	{ "6.1.0,1,2;words", "6.1.0,1,2;words", NULL, 0, 0 },
	{ "1,a,2,3;words", "1,a,2,3;words", NULL, 0, 0 },
	{ "1,,2,3;words", "1,,2,3;words", NULL, 0, 0 },
	{ "1,2,3 words", "1,2,3 words", NULL, 0, 0 },
	{ "a,1,2,3;words", "a,1,2,3;words", NULL, 0, 0 },
	{ "1,2,3,-,foobar=T12;words", "words", "3", 0, 0 },
	{ "1,2,3,-,caller=;words", "words", "3", 0, 0 },
	{ "1,2,3,-,caller=T;words", "words", "3", 0, 0 },
	{ "1,2,3," X50("a") X50("a") X10("a") "abc;words", "words", "3", 0, 0 },
	{ "1,2,3," X50("a") X50("a") X10("a") "abcd;words",
	  "1,2,3," X50("a") X50("a") X10("a") "abcd;words", NULL, 0, 0 },
	/* dmesg -x */
	{ "kern  :alert : words", "words", NULL, 0, 0 },
	{ "kern  :err   : [   12.3] words", "words", "12.3", 0, 0 },
	{ "kern  :warn: x", "x", NULL, 0, 0 },
	{ "kern :warn: x", "kern :warn: x", NULL, 0, 0 },
	{ "user  :alert : words", "user  :alert : words", NULL, 0, 0 },
	{ "kern  alert : words", "kern  alert : words", NULL, 0, 0 },
	{ "kern  :alert words", "kern  :alert words", NULL, 0, 0 },
	{ "kern  :alert  ", "kern  :alert", NULL, 0, 0 },
	{ "kern            ", "kern", NULL, 0, 0 },
	/* syslog */
	{ "Nov 26 07:18:43 host kernel: words", "words", "Nov 26 07:18:43", 0, 0 },
	{ "Nov  6 07:18:43 kernel: words", "words", "Nov  6 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43  words", "words", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43  ", "", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 (none) kernel: words", "words", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:4\" host kernel: words", "Nov 26 07:18:4\" host kernel: words",
	  NULL, 0, 0 },
	{ "Nov 26 07:18", "Nov 26 07:18", NULL, 0, 0 },
	{ "Nov 26 07:18:43 ", "Nov 26 07:18:43", NULL, 0, 0 },
	{ "Nov 26 was a day of kernel: words", "Nov 26 was a day of kernel: words", NULL,
	  0, 0 },
	{ "kernel: words", "words", NULL, 0, 0 },
	{ "Nov 26 07:18:43 host words", "Nov 26 07:18:43 host words", NULL, 0, 0 },
	{ "Nev 26 07:18:43 host kernel: words", "Nev 26 07:18:43 host kernel: words",
	  NULL, 0, 0 },
	{ "Nov 26 07:18:43 host kernel:w", "w", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 host kernel:words", "words", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 host kernel:", "Nov 26 07:18:43 host kernel:", NULL, 0, 0 },
	{ "Nov 26 07:18:43 host kern.warn kernel[1]: words", "words", "Nov 26 07:18:43",
	  0, 0 },
	{ "Nov 26 07:18:43 host kernel[1]:", "", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 a b c kernel: words", "words", "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 a b c d kernel: words",
	  "Nov 26 07:18:43 a b c d kernel: words", NULL, 0, 0 },
	{ "Nov 26 07:18:43 host kernel[1 2]: words",
	  "Nov 26 07:18:43 host kernel[1 2]: words", NULL, 0, 0 },
	{ "Nov 26 07:18:43 host kernel[1] words", "Nov 26 07:18:43 host kernel[1] words",
	  NULL, 0, 0 },
	{ "Nov 26 07:18:43 hostkernel: words", "Nov 26 07:18:43 hostkernel: words", NULL,
	  0, 0 },
	{ "Nov 26 07:18:43 " X50("h") X50("h") X50("h") "h kernel: words", "words",
	  "Nov 26 07:18:43", 0, 0 },
	{ "Nov 26 07:18:43 " X50("h") X50("h") X50("h") "hh kernel: words",
	  "Nov 26 07:18:43 " X50("h") X50("h") X50("h") "hh kernel: words", NULL, 0, 0 },
	{ "[   12.3] host kernel: words", "words", "12.3", 0, 0 },
	{ "host kernel: words", "host kernel: words", NULL, 0, 0 },
	/* dates */
	{ "2026-11-26T07:18:43.123456+01:00 host kernel: words", "words",
	  "2026-11-26T07:18:43.123456+01:00", 0, 0 },
	{ "2026-11-26 07:18:43,1Z words", "words", "2026-11-26 07:18:43,1Z", 0, 0 },
	{ "2026-11-26 07:18:43 ", "", "2026-11-26 07:18:43", 0, 0 },
	{ "2026-11-26 07:18:43", "2026-11-26 07:18:43", NULL, 0, 0 },
	{ "2026", "2026", NULL, 0, 0 },
	{ "2026-11-26T", "2026-11-26T", NULL, 0, 0 },
	{ "2026-11-26 07:18:43x words", "2026-11-26 07:18:43x words", NULL, 0, 0 },
	{ "2026/11-26 07:18:43 words", "2026/11-26 07:18:43 words", NULL, 0, 0 },
	{ "2026-11/26 07:18:43 words", "2026-11/26 07:18:43 words", NULL, 0, 0 },
	{ "2026-11-26x07:18:43 words", "2026-11-26x07:18:43 words", NULL, 0, 0 },
	{ "2026-11-26 07.18:43 words", "2026-11-26 07.18:43 words", NULL, 0, 0 },
	{ "2026-11-26 07:18.43 words", "2026-11-26 07:18.43 words", NULL, 0, 0 },
	{ "x026-11-26 07:18:43 words", "x026-11-26 07:18:43 words", NULL, 0, 0 },
	/* a console, at which somebody was to log in */
	{ "host login: [   12.345678] words", "words", "12.345678", 0, 0 },
	{ "host login: [   12.345678]", "", "12.345678", 0, 0 },
	{ "host login: [12.345678]", "", "12.345678", 0, 0 },
	{ "host login: [12.345678", "host login: [12.345678", NULL, 0, 0 },
	{ "[host]: [   12.345678] words", "words", "12.345678", 0, 0 },
	{ "[[[   12.345678] words", "words", "12.345678", 0, 0 },
	{ "host login: [   12.345678) words", "host login: [   12.345678) words", NULL, 0,
	  0 },
	{ "host login: [   12.34567x] words", "host login: [   12.34567x] words", NULL, 0,
	  0 },
	{ "host login: [    .345678] words", "words", ".345678", 0, 0 },
	{ "host login: [", "host login: [", NULL, 0, 0 },
	{ "host login: [   12.34567] words", "host login: [   12.34567] words", NULL, 0,
	  0 },
	{ "host login: [   12.3456789] words", "host login: [   12.3456789] words", NULL,
	  0, 0 },
	{ "host login: [   12:345678] words", "host login: [   12:345678] words", NULL, 0,
	  0 },
	{ "[    1.000000] a [    2.000000] b", "a [    2.000000] b", "1.000000", 0, 0 },
	{ X50("h") X10("hhhh") "[1.345678] words", "words", "1.345678", 0, 0 },
	{ X50("h") X10("hhhh") "h[1.345678] words",
	  X50("h") X10("hhhh") "h[1.345678] words", NULL, 0, 0 },
	/* Whoever goes on for ever is stopped. */
	{ X10("<4>") "<4><4>words", "words", NULL, 0, 0 },
	{ X10("<4>") "<4><4><4>words", "<4>words", NULL, 0, 0 },
};

/* A copy with an end of its own, so that reading behind it shows. */
START_TEST(lines)
{
	const size_t len = strlen(row[_i].line);
	char *copy = malloc(len + !len);
	struct stk_event_line out;

	memcpy(copy, row[_i].line, len);
	stk_event_line(&out, copy, len);
	ck_assert_msg(out.len == strlen(row[_i].text) &&
			      !memcmp(out.text, row[_i].text, out.len),
		      "%s: \"%.*s\"", row[_i].line, (int)out.len, out.text);
	ck_assert_msg(!out.time == !row[_i].time, "%s: %.*s", row[_i].line,
		      (int)out.time_len, out.time ? out.time : "");
	if (out.time)
		ck_assert_msg(out.time_len == strlen(row[_i].time) &&
				      !memcmp(out.time, row[_i].time, out.time_len),
			      "%s: at %.*s", row[_i].line, (int)out.time_len, out.time);
	ck_assert_msg(out.caller == row[_i].caller && out.id == row[_i].id, "%s: %c%u",
		      row[_i].line, out.caller ? out.caller : '-', out.id);
	free(copy);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(lines, sizeof(row) / sizeof(row[0])),
	{ 0 },
};

const struct unit_suite suite_event_lines = {
	"event_lines",
	{ { "lines", tests, NULL, NULL } },
};
