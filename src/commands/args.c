/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"
#include "../base/context.h"
#include "../kernel/kallsyms.h"
#include "../kernel/names.h"

bool stk_command_interrupted(const struct stk_command *cmd)
{
	return cmd->s && stk_interrupted(cmd->s);
}

static void complain(struct stk_command *cmd, const char *fmt, va_list ap)
{
	char text[320];

	stk_safe_vprintf(text, sizeof(text), fmt, ap);
	/* Whatever failed after a Ctrl-C failed because of it: say that, and once. */
	if (stk_command_interrupted(cmd)) {
		if (cmd->told_interrupted)
			return;
		cmd->told_interrupted = true;
		snprintf(text, sizeof(text), "interrupted");
	}
	cmd->error(cmd, text);
}

enum stk_command_result stk_complain(struct stk_command *cmd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(cmd, fmt, ap);
	va_end(ap);
	return STK_CMD_FAILED;
}

enum stk_command_result stk_misuse(struct stk_command *cmd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(cmd, fmt, ap);
	va_end(ap);
	cmd->misused = true;
	return STK_CMD_USAGE;
}

static bool is_hex(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdefABCDEF") >= len;
}

size_t stk_number_length(const char *text)
{
	bool prefix = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	size_t len = strlen(text), end = len;

	if (len && strchr("hH", text[len - 1]) && !prefix)
		return len > 16 && is_hex(text, len - 1) ? len - 1 : len;
	while (end && len - end < 3 && strchr("uUlL", text[end - 1]))
		end--;
	if (prefix ? end > 2 && is_hex(text + 2, end - 2) : end == 16 && is_hex(text, 16))
		return end;
	return len;
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

/* "0x12" or "0x12/0x34", the latter with the size of the function. */
static bool parse_offset(const char *text, uint64_t *offset, uint64_t *size)
{
	char *end;

	errno = 0;
	*size = 0;
	*offset = strtoull(text, &end, 0);
	if (errno || end == text)
		return false;
	if (*end == '/' && end[1]) {
		text = end + 1;
		*size = strtoull(text, &end, 0);
		return *size && !*end && !errno;
	}
	return !*end;
}

/* Of several functions of that name the one of that size, if there is one. */
static enum stk_status sized_symbol(struct stk_command *cmd, const char *name,
				    uint64_t size, uint64_t *addr)
{
	enum stk_status st = stk_symbol_address(cmd->s, name, addr);
	struct stk_function f;

	if (st || !size || !stk_kallsyms_sized(cmd->s, name, size, addr))
		return st;
	/* A module's ends where its padding may, or may not. */
	if (stk_is_image(cmd->s, *addr) && stk_function_at(cmd->s, *addr, &f))
		stk_complain(cmd,
			     "%s is %#llx bytes long here, not %#llx: is that of another "
			     "kernel?",
			     name, (unsigned long long)(f.end - f.begin),
			     (unsigned long long)size);
	return STK_OK;
}

/* @name: @text, to be taken apart. */
static bool parse_symbol(struct stk_command *cmd, const char *text, char *name,
			 uint64_t *addr)
{
	char *sep = strpbrk(name, ":+");
	uint64_t offset = 0, size = 0;
	unsigned int cpu;
	enum stk_status st;

	if (sep && *sep == ':') {
		*sep = '\0';
		if (!parse_cpu(sep + 1, &cpu)) {
			stk_misuse(cmd, "not a CPU number: \"%s\"", sep + 1);
			return false;
		}
		st = stk_percpu_address(cmd->s, name, cpu, addr);
	} else {
		if (sep) {
			*sep = '\0';
			if (!parse_offset(sep + 1, &offset, &size)) {
				stk_misuse(cmd, "not an offset: \"%s\"", sep + 1);
				return false;
			}
		}
		st = sized_symbol(cmd, name, size, addr);
	}
	if (st) {
		stk_complain(cmd, "%s: neither an address nor a symbol: %s", text,
			     stk_reason(cmd->s, st));
		return false;
	}
	*addr += offset;
	return true;
}

/* How much of @text is left before what closes a quotation or a sentence. */
static size_t bare_length(const char *text, size_t len)
{
	while (len && strchr("])>}\"'`,;.", text[len - 1]))
		len--;
	return len;
}

char *stk_bare_word(const char *text, char *buf, size_t size)
{
	size_t len;

	text += strspn(text, "[(<{\"'`*&");
	len = bare_length(text, strlen(text));
	/* Behind a symbol it has a CPU's number; not behind "<symbol+0x12>:". */
	if (len > 1 && text[len - 1] == ':' &&
	    (memchr(text, '+', len) || strchr("])>}", text[len - 2]) ||
	     strspn(text, "0123456789abcdefABCDEFxX") == len - 1))
		len = bare_length(text, len - 1);
	if (len >= size)
		return NULL;
	memcpy(buf, text, len);
	buf[len] = '\0';
	return buf;
}

bool stk_parse_address(struct stk_command *cmd, const char *text, uint64_t *addr)
{
	char word[512], digits[32] = "";

	if (!stk_bare_word(text, word, sizeof(word))) {
		stk_misuse(cmd, "the name of a symbol is too long");
		return false;
	}
	if (!*word) {
		stk_misuse(cmd, "not an address: \"%s\"", text);
		return false;
	}
	if (strlen(word) < sizeof(digits))
		memcpy(digits, word, stk_number_length(word));
	return stk_parse_hex(digits, addr) || parse_symbol(cmd, text, word, addr);
}

bool stk_parse_cpu(struct stk_command *cmd, const char *text, unsigned int *cpu)
{
	enum stk_status st = stk_prepare(cmd->s);

	if (!parse_cpu(text, cpu))
		stk_misuse(cmd, "not a CPU number: \"%s\"", text);
	else if (st)
		stk_complain(cmd, "%s", stk_reason(cmd->s, st));
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
		stk_misuse(cmd, "not a list of CPUs: \"%s\"", dash ? dash + 1 : range);
		return false;
	}
	if (!dash)
		to = from;
	if (to < from) {
		stk_misuse(cmd, "not a range of CPUs: %u-%u", from, to);
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
		ok = stk_misuse(cmd, "an empty list of CPUs") == STK_CMD_OK;
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
