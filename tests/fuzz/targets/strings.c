/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a name and as a text: what is printed of them can be printed, on what
 * reads ASCII alone, too, and JSON has them as json-c would.
 */
#include "../machine.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe.h"
#include "render/json_write.h"

#define MAX_SIZE 2000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void printable(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = stk_printable(text + i, len - i);
		fuzz_assert(n);
	}
}

/* Where it is printed there is no other byte. */
static void ascii(const char *text, size_t len)
{
	char *out = NULL;
	size_t size;
	FILE *fp = open_memstream(&out, &size);

	fuzz_assert(fp);
	stk_print_ascii(fp, text, len);
	fclose(fp);
	for (size_t i = 0; i < size; i++)
		fuzz_assert(stk_is_printable(out[i]));
	free(out);
}

static void json(const char *text)
{
	struct json_object *wanted = json_object_new_string(text);
	struct stk_json j;
	char *out = NULL;
	size_t size;
	FILE *fp = open_memstream(&out, &size);

	fuzz_assert(fp && wanted);
	stk_json_start(&j, fp);
	stk_json_put_string(&j, NULL, text);
	stk_json_flush(&j);
	fclose(fp);
	fuzz_assert(!strcmp(out, json_object_to_json_string_ext(
					 wanted, JSON_C_TO_STRING_NOSLASHESCAPE)));
	free(out);
	json_object_put(wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[MAX_SIZE + 1], text[4 * MAX_SIZE + 1], small[32];
	size_t len;

	if (size > MAX_SIZE)
		return 0;
	memcpy(name, data, size);
	name[size] = 0;
	len = strlen(name);
	stk_safe_text(text, sizeof(text), name);
	printable(text, strlen(text));
	fuzz_assert(strlen(text) >= len);
	stk_safe_text(small, sizeof(small), name);
	printable(small, strlen(small));
	stk_safe_bytes(name, len);
	fuzz_assert(strlen(name) == len);
	printable(name, len);
	ascii(name, len);
	json(name);
	json(text);
	return 0;
}
