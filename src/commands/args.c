/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"
#include "../base/context.h"

enum stk_command_result stk_complain(struct stk_command *cmd, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Whatever failed after a Ctrl-C failed because of it: say that, and once. */
	if (cmd->s && stk_interrupted(cmd->s)) {
		if (cmd->told_interrupted)
			return STK_CMD_FAILED;
		cmd->told_interrupted = true;
		snprintf(text, sizeof(text), "interrupted");
	}
	cmd->error(cmd, text);
	return STK_CMD_FAILED;
}

enum stk_command_result stk_misuse(struct stk_command *cmd, const char *text)
{
	cmd->error(cmd, text);
	return STK_CMD_USAGE;
}

bool stk_parse_hex(const char *text, uint64_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	/* strtoull() would take a sign, blanks and one more 0x. */
	if (!*text || text[strspn(text, "0123456789abcdefABCDEF")])
		return false;
	errno = 0;
	*value = strtoull(text, NULL, 16);
	return !errno;
}

static bool parse_cpu(const char *text, unsigned int *cpu)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	*cpu = (unsigned int)n;
	return !*end && !errno && n < 65536;
}

static bool parse_symbol(struct stk_command *cmd, const char *text, uint64_t *addr)
{
	char name[512], *sep;
	uint64_t offset = 0;
	unsigned int cpu;
	enum stk_status st;

	if (strlen(text) >= sizeof(name)) {
		stk_complain(cmd, "the name of a symbol is too long");
		return false;
	}
	strcpy(name, text);
	sep = strpbrk(name, ":+");
	if (sep && *sep == ':') {
		*sep = '\0';
		if (!parse_cpu(sep + 1, &cpu)) {
			stk_complain(cmd, "not a CPU number: %s", sep + 1);
			return false;
		}
		st = stk_percpu_address(cmd->s, name, cpu, addr);
	} else {
		if (sep) {
			char *end;

			*sep = '\0';
			errno = 0;
			offset = strtoull(sep + 1, &end, 0);
			if (*end || errno || !sep[1]) {
				stk_complain(cmd, "not an offset: %s", sep + 1);
				return false;
			}
		}
		st = stk_symbol_address(cmd->s, name, addr);
	}
	if (st) {
		stk_complain(cmd, "%s: neither an address nor a symbol: %s", text,
			     stk_reason(cmd->s, st));
		return false;
	}
	*addr += offset;
	return true;
}

bool stk_parse_address(struct stk_command *cmd, const char *text, uint64_t *addr)
{
	return stk_parse_hex(text, addr) || parse_symbol(cmd, text, addr);
}

bool stk_parse_cpu(struct stk_command *cmd, const char *text, unsigned int *cpu)
{
	if (!parse_cpu(text, cpu))
		stk_complain(cmd, "not a CPU number: %s", text);
	else if (!stk_cpu_possible(cmd->s, *cpu))
		stk_complain(cmd, "there is no CPU %u: the highest is %u", *cpu,
			     stk_nr_cpus(cmd->s) - 1);
	else
		return true;
	return false;
}

static bool add_range(struct stk_command *cmd, struct stk_cpu_set *set, char *range)
{
	unsigned int from, to;
	char *dash = strchr(range, '-');

	if (dash)
		*dash = '\0';
	if (!parse_cpu(range, &from) || (dash && !parse_cpu(dash + 1, &to))) {
		stk_complain(cmd, "not a list of CPUs: %s", dash ? dash + 1 : range);
		return false;
	}
	if (!dash)
		to = from;
	if (to < from) {
		stk_complain(cmd, "not a range of CPUs: %u-%u", from, to);
		return false;
	}
	for (unsigned int cpu = from; cpu <= to; cpu++) {
		if (!stk_cpu_possible(cmd->s, cpu)) {
			stk_complain(cmd, "there is no CPU %u: the highest is %u", cpu,
				     set->nr - 1);
			return false;
		}
		set->in[cpu] = 1;
	}
	return true;
}

/* "0,2-3" */
static bool parse_ranges(struct stk_command *cmd, struct stk_cpu_set *set,
			 const char *text)
{
	char *copy = strdup(text), *save;
	bool ok = copy;

	if (!copy)
		stk_complain(cmd, "out of memory");
	else if (!text[strspn(text, ",")])
		ok = stk_complain(cmd, "an empty list of CPUs") == STK_CMD_OK;
	for (char *range = ok ? strtok_r(copy, ",", &save) : NULL; ok && range;
	     range = strtok_r(NULL, ",", &save))
		ok = add_range(cmd, set, range);
	free(copy);
	return ok;
}

bool stk_parse_cpus(struct stk_command *cmd, const char *text, struct stk_cpu_set *set)
{
	enum stk_status st = stk_prepare(cmd->s);
	bool ok = true;

	*set = (struct stk_cpu_set){ .nr = st ? 0 : stk_nr_cpus(cmd->s) };
	if (set->nr)
		set->in = calloc(set->nr, 1);
	if (!set->in) {
		stk_complain(cmd, "%s", stk_reason(cmd->s, st ? st : STK_ERR_NOMEM));
		return false;
	}
	if (!text || !strcmp(text, "a") || !strcmp(text, "all"))
		for (unsigned int cpu = 0; cpu < set->nr; cpu++)
			set->in[cpu] = stk_cpu_possible(cmd->s, cpu);
	else
		ok = parse_ranges(cmd, set, text);
	if (!ok) {
		free(set->in);
		set->in = NULL;
	}
	return ok;
}
