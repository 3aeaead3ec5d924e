/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON schema as sections of a manual page: each definition with its keys, their
 * types and codes, and what the schema says of them. Nothing is told here that is not
 * told there.
 */
#include "schema.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS "^0x[0-9a-f]+$"

static void roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value)
							 : NULL;
}

static void type(struct json_object *o);

/* Several that are possible; between them a word. */
static void each(struct json_object *list, void (*print)(struct json_object *o))
{
	size_t count = json_object_array_length(list);

	for (size_t i = 0; i < count; i++) {
		if (i)
			fputs(i + 1 < count ? ", " : " or ", stdout);
		print(json_object_array_get_idx(list, i));
	}
}

static void code(struct json_object *o)
{
	roff(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void type_name(struct json_object *o)
{
	roff(json_object_get_string(o));
}

/* What stands in @o besides its description. */
static void type(struct json_object *o)
{
	static const char prefix[] = "#/definitions/";
	const char *ref = string_of(o, "$ref"), *pattern = string_of(o, "pattern");
	struct json_object *value;

	if (ref && !strncmp(ref, prefix, strlen(prefix))) {
		printf("\\fI");
		roff(ref + strlen(prefix));
		printf("\\fR");
	} else if (json_object_object_get_ex(o, "anyOf", &value) ||
		   json_object_object_get_ex(o, "allOf", &value)) {
		each(value, type);
	} else if (json_object_object_get_ex(o, "enum", &value)) {
		each(value, code);
	} else if (json_object_object_get_ex(o, "const", &value)) {
		code(value);
	} else if (json_object_object_get_ex(o, "items", &value)) {
		fputs("a list of ", stdout);
		type(value);
	} else if (json_object_object_get_ex(o, "type", &value)) {
		if (pattern && !strcmp(pattern, ADDRESS))
			fputs("an address as a ", stdout);
		if (json_object_is_type(value, json_type_array))
			each(value, type_name);
		else
			type_name(value);
	} else {
		fputs("anything", stdout);
	}
}

static bool is_required(struct json_object *o, const char *key)
{
	struct json_object *list;

	if (!json_object_object_get_ex(o, "required", &list))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)),
			    key))
			return true;
	return false;
}

static void keys(struct json_object *o)
{
	struct json_object *properties, *inner;

	if (json_object_object_get_ex(o, "items", &inner))
		keys(inner);
	if (!json_object_object_get_ex(o, "properties", &properties))
		return;
	json_object_object_foreach(properties, key, value)
	{
		const char *description = string_of(value, "description");

		fputs(".TP\n.B ", stdout);
		roff(key);
		fputs("\n", stdout);
		type(value);
		puts(is_required(o, key) ? "." : "; may be missing.");
		if (description) {
			roff(description);
			putchar('\n');
		}
		if (json_object_object_get_ex(value, "properties", &inner) ||
		    json_object_object_get_ex(value, "items", &inner)) {
			puts(".RS");
			keys(value);
			puts(".RE");
		}
	}
}

static void definition(const char *name, struct json_object *o)
{
	const char *description = string_of(o, "description");
	struct json_object *properties;

	fputs(".SS ", stdout);
	roff(name);
	putchar('\n');
	if (description) {
		roff(description);
		putchar('\n');
	}
	if (!json_object_object_get_ex(o, "properties", &properties)) {
		fputs("It is ", stdout);
		type(o);
		puts(".");
	}
	keys(o);
}

/* Is it a document by itself, named in the list at the schema's top? */
static bool is_document(struct json_object *schema, const char *name)
{
	struct json_object *list;

	if (!json_object_object_get_ex(schema, "anyOf", &list))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *ref = string_of(json_object_array_get_idx(list, i), "$ref");
		const char *last = ref ? strrchr(ref, '/') : NULL;

		if (last && !strcmp(last + 1, name))
			return true;
	}
	return false;
}

static bool definitions(const char *path, bool documents)
{
	struct json_object *schema = json_object_from_file(path), *list;
	bool found = schema && json_object_object_get_ex(schema, "definitions", &list);

	if (found) {
		json_object_object_foreach(list, name,
					   o) if (is_document(schema, name) == documents)
			definition(name, o);
	}
	json_object_put(schema);
	return found;
}

bool schema_documents(const char *path)
{
	return definitions(path, true);
}

bool schema_parts(const char *path)
{
	return definitions(path, false);
}
