/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_write.h"

#include <string.h>

#include "../base/digits.h"

void stk_json_start(struct stk_json *j, FILE *fp)
{
	j->fp = fp;
	j->in = j->more = false;
	j->size = 0;
	j->len = 0;
}

uint64_t stk_json_size(const struct stk_json *j)
{
	return j->size + j->len;
}

void stk_json_flush(struct stk_json *j)
{
	fwrite(j->text, 1, j->len, j->fp);
	j->size += j->len;
	j->len = 0;
}

static void put_bytes(struct stk_json *j, const char *bytes, size_t len)
{
	while (len > sizeof(j->text) - j->len) {
		size_t room = sizeof(j->text) - j->len;

		memcpy(j->text + j->len, bytes, room);
		j->len += room;
		stk_json_flush(j);
		bytes += room;
		len -= room;
	}
	memcpy(j->text + j->len, bytes, len);
	j->len += len;
}

/* Where the next @n bytes go, which are few: all that is short is written by one look. */
static char *make_room(struct stk_json *j, size_t n)
{
	if (n > sizeof(j->text) - j->len)
		stk_json_flush(j);
	return j->text + j->len;
}

static void put_byte(struct stk_json *j, char byte)
{
	*make_room(j, 1) = byte;
	j->len++;
}

/* What stands before a value: a constant of the code, and at most six characters. */
static void put_key(struct stk_json *j, const char *key)
{
	const size_t len = key ? strlen(key) : 0;
	char *to = make_room(j, len + 6);

	if (j->more)
		*to++ = ',';
	if (j->more || j->in)
		*to++ = ' ';
	if (key) {
		*to++ = '"';
		to = mempcpy(to, key, len);
		*to++ = '"';
		*to++ = ':';
		*to++ = ' ';
	}
	j->more = true;
	j->len = (size_t)(to - j->text);
}

void stk_json_open(struct stk_json *j, const char *key, char bracket)
{
	put_key(j, key);
	put_byte(j, bracket);
	j->in = true;
	j->more = false;
}

void stk_json_close(struct stk_json *j, char bracket)
{
	put_byte(j, ' ');
	put_byte(j, bracket);
	j->more = true;
}

static inline void put_word(struct stk_json *j, const char *key, const char *word,
			    size_t len)
{
	put_key(j, key);
	memcpy(make_room(j, len), word, len);
	j->len += len;
}

void stk_json_put_null(struct stk_json *j, const char *key)
{
	put_word(j, key, "null", 4);
}

void stk_json_put_bool(struct stk_json *j, const char *key, bool value)
{
	if (value)
		put_word(j, key, "true", 4);
	else
		put_word(j, key, "false", 5);
}

void stk_json_put_number(struct stk_json *j, const char *key, int64_t value)
{
	char text[1 + STK_DECIMAL_DIGITS], *end = text;

	if (value < 0)
		*end++ = '-';
	end = stk_put_decimal(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
	put_word(j, key, text, (size_t)(end - text));
}

void stk_json_put_addr(struct stk_json *j, const char *key, uint64_t value)
{
	char text[4 + STK_HEX_DIGITS] = "\"0x";
	char *end = stk_put_hex(text + 3, value, 1);

	*end++ = '"';
	put_word(j, key, text, (size_t)(end - text));
}

void stk_json_put_number_if(struct stk_json *j, const char *key, bool has, int64_t value)
{
	if (has)
		stk_json_put_number(j, key, value);
	else
		stk_json_put_null(j, key);
}

void stk_json_put_addr_if(struct stk_json *j, const char *key, bool has, uint64_t value)
{
	if (has)
		stk_json_put_addr(j, key, value);
	else
		stk_json_put_null(j, key);
}

void stk_json_put_addr_or_null(struct stk_json *j, const char *key, uint64_t value)
{
	stk_json_put_addr_if(j, key, value, value);
}

void stk_json_put_cpu(struct stk_json *j, const char *key, int cpu)
{
	stk_json_put_number_if(j, key, cpu >= 0, cpu);
}

/* A character that stands for itself in no JSON string. */
static void put_escape(struct stk_json *j, char c)
{
	static const char from[] = "\b\n\r\t\f\"\\", to[] = "bnrtf\"\\";
	const char *known = strchr(from, c);
	char hex[4 + STK_HEX_DIGITS] = "\\u00";

	if (known) {
		put_byte(j, '\\');
		put_byte(j, to[known - from]);
		return;
	}
	put_bytes(j, hex, (size_t)(stk_put_hex(hex + 4, (unsigned char)c, 2) - hex));
}

void stk_json_put_string(struct stk_json *j, const char *key, const char *text)
{
	if (!text) {
		stk_json_put_null(j, key);
		return;
	}
	put_key(j, key);
	put_byte(j, '"');
	while (*text) {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' &&
		       text[plain] != '\\')
			plain++;
		put_bytes(j, text, plain);
		text += plain;
		if (*text)
			put_escape(j, *text++);
	}
	put_byte(j, '"');
}
