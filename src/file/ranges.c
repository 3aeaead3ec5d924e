/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ranges.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define RAM "System RAM"

/* Behind the last address that there may be. */
#define NO_END ((uint64_t)INT64_MAX)

/* In order, or not at all. @end: the first byte behind it. */
static bool range_append(struct stk_ranges *r, uint64_t begin, uint64_t end)
{
	if (r->nr == STK_MAX_RANGES || end <= begin || end > NO_END ||
	    (r->nr && begin < r->range[r->nr - 1].end))
		return false;
	r->range[r->nr++] = (struct stk_range){ begin, end };
	return true;
}

/* A number and perhaps K, M or G; @p goes on behind it. */
static bool parse_number(const char **p, uint64_t *n)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)**p))
		return false;
	*n = strtoull(*p, &end, 0);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	for (const char *u = units; unit && u <= unit; u++) {
		if (*n > NO_END / 1024)
			return false;
		*n *= 1024;
	}
	*p = end + !!unit;
	/* What strtoull() has no room for is that, too. */
	return *n < NO_END;
}

static bool parse_list(struct stk_ranges *r, const char *p)
{
	do {
		uint64_t begin, end = NO_END;

		if (!parse_number(&p, &begin) || *p++ != '-')
			return false;
		/* Behind what has no end there can be no other. */
		if (*p) {
			if (!parse_number(&p, &end))
				return false;
			end += end % STK_SMALLEST_PAGE != 0;
		}
		if (!range_append(r, begin, end))
			return false;
	} while (*p++ == ',');
	return !p[-1];
}

/* "00100000-3fffffff : System RAM": lines that are not within another one. */
static bool parse_iomem(struct stk_ranges *r, FILE *fp)
{
	unsigned long long begin, last;
	char line[256], what[32];

	while (fgets(line, sizeof(line), fp)) {
		if (!isxdigit((unsigned char)*line) ||
		    sscanf(line, "%llx-%llx : %31[^\n\r]", &begin, &last, what) != 3 ||
		    strcmp(what, RAM))
			continue;
		if (!range_append(r, begin, last + 1))
			return false;
	}
	return r->nr;
}

bool stk_ranges_parse(struct stk_ranges *r, const char *text, char *error, size_t size)
{
	FILE *fp;
	bool fine;

	memset(r, 0, sizeof(*r));
	if (parse_list(r, text))
		return true;
	r->nr = 0;
	fp = strchr(text, ',') ? NULL : fopen(text, "re");
	if (!fp) {
		snprintf(error, size,
			 "\"%s\": neither ranges of memory, \"0-0x9ffff,0x100000-3G\", "
			 "nor a copy of /proc/iomem",
			 text);
		return false;
	}
	fine = parse_iomem(r, fp);
	fclose(fp);
	if (!fine)
		snprintf(error, size,
			 "%s: no lines of \"" RAM "\" with addresses in order (was "
			 "/proc/iomem read as root?)",
			 text);
	return fine;
}
