/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rust_name.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 64u
#define MAX_STEPS 4096u

/* A name being read, and what has been written of it. */
struct rust {
	const char *begin; /* behind "_R": back references count from here */
	const char *at;
	char *out;
	size_t len, size;
	unsigned int depth, steps, lifetimes;
	bool quiet; /* read on, but write nothing */
	bool bad;   /* no name; nothing that follows counts */
};

struct rust_ident {
	const char *text;
	size_t len;
	uint64_t disambiguator;
};

static void put_path(struct rust *r, bool value);
static void put_type(struct rust *r);

static void put_bytes(struct rust *r, const char *text, size_t len)
{
	if (r->quiet || r->bad)
		return;
	if (len >= r->size - r->len) {
		r->bad = true;
		return;
	}
	memcpy(r->out + r->len, text, len);
	r->len += len;
	r->out[r->len] = '\0';
}

static void put_text(struct rust *r, const char *text)
{
	put_bytes(r, text, strlen(text));
}

static void put_number(struct rust *r, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_text(r, text);
}

/* The next character, at the end '\0' for ever. */
static char take_char(struct rust *r)
{
	return *r->at ? *r->at++ : '\0';
}

static bool take_if(struct rust *r, char c)
{
	if (r->bad || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* Each node of the name costs a step: false when there are no more. */
static bool enter_node(struct rust *r)
{
	if (++r->depth > MAX_DEPTH || ++r->steps > MAX_STEPS)
		r->bad = true;
	return !r->bad;
}

/* "_" is 0, "0_" 1 and so on, by digits, small and capital letters. */
static uint64_t base62(struct rust *r)
{
	uint64_t value = 0;
	char c;

	if (take_if(r, '_'))
		return 0;
	while ((c = take_char(r)) != '_') {
		unsigned int digit = isdigit((unsigned char)c) ? (unsigned int)(c - '0')
				     : islower((unsigned char)c)
					     ? (unsigned int)(c - 'a') + 10
					     : (unsigned int)(c - 'A') + 36;

		if (!isalnum((unsigned char)c) || value > (UINT64_MAX - 1 - digit) / 62) {
			r->bad = true;
			return 0;
		}
		value = value * 62 + digit;
	}
	return value + 1;
}

static uint64_t base62_after(struct rust *r, char tag)
{
	return take_if(r, tag) ? base62(r) + 1 : 0;
}

/* @separator: between the length and a name that begins with a digit or "_". */
static struct rust_ident take_name(struct rust *r, bool separator)
{
	struct rust_ident i = { 0 };

	/* Names in other alphabets: nobody has them in a kernel. */
	if (*r->at == 'u' || !isdigit((unsigned char)*r->at)) {
		r->bad = true;
		return i;
	}
	if (!take_if(r, '0'))
		while (isdigit((unsigned char)*r->at) && i.len < 10000)
			i.len = i.len * 10 + (size_t)(*r->at++ - '0');
	if (separator)
		take_if(r, '_');
	i.text = r->at;
	if (strnlen(r->at, i.len) < i.len) {
		r->bad = true;
		i.len = 0;
	}
	r->at += i.len;
	return i;
}

static struct rust_ident take_ident(struct rust *r)
{
	uint64_t disambiguator = base62_after(r, 's');
	struct rust_ident i = take_name(r, true);

	i.disambiguator = disambiguator;
	return i;
}

/* What stands at an earlier place is read once more. */
static void put_backref(struct rust *r, void (*put)(struct rust *r))
{
	const char *start = r->at - 1;
	uint64_t to = base62(r);
	const char *after = r->at;

	if (r->bad || to >= (uint64_t)(start - r->begin)) {
		r->bad = true;
		return;
	}
	if (r->quiet)
		return;
	r->at = r->begin + to;
	put(r);
	r->at = after;
}

static void put_lifetime(struct rust *r, uint64_t index)
{
	char text[] = "'a";

	if (!index) {
		put_text(r, "'_");
		return;
	}
	if (index > r->lifetimes) {
		r->bad = true;
		return;
	}
	text[1] = (char)('a' + (r->lifetimes - index));
	put_text(r, text);
}

/* "for<'a> " of a function's type or of traits. Returns how many lifetimes it binds. */
static unsigned int put_binder(struct rust *r)
{
	uint64_t nr = base62_after(r, 'G');

	/* A letter each: there are never more. */
	if (nr > 26 - r->lifetimes) {
		r->bad = true;
		return 0;
	}
	for (uint64_t i = 0; i < nr; i++) {
		put_text(r, i ? ", " : "for<");
		r->lifetimes++;
		put_lifetime(r, 1);
	}
	if (nr)
		put_text(r, "> ");
	return (unsigned int)nr;
}

/* ---- types ---- */

static const char *basic_type(char c)
{
	static const char *const name['z' - 'a' + 1] = {
		"i8",	 "bool", "char", "f64", "str",	"f32",	NULL,  "u8", "isize",
		"usize", NULL,	 "i32",	 "u32", "i128", "u128", "_",   NULL, NULL,
		"i16",	 "u16",	 "()",	 "...", NULL,	"i64",	"u64", "!",
	};

	return c >= 'a' && c <= 'z' ? name[c - 'a'] : NULL;
}

static void put_hex_const(struct rust *r, char type)
{
	const char *digits;
	uint64_t value = 0;
	size_t len;

	if (take_if(r, 'n'))
		put_text(r, "-");
	digits = r->at;
	len = strspn(digits, "0123456789abcdef");
	r->at += len;
	if (!take_if(r, '_') || len > 16) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < len; i++)
		value = value * 16 + (uint64_t)(isdigit((unsigned char)digits[i])
							? digits[i] - '0'
							: digits[i] - 'a' + 10);
	if (type == 'b' && value < 2)
		put_text(r, value ? "true" : "false");
	else if (type == 'c' && value >= ' ' && value <= '~')
		put_bytes(r, (char[]){ '\'', (char)value, '\'' }, 3);
	else if (type != 'b' && type != 'c')
		put_number(r, value);
	else
		r->bad = true;
}

static void put_const(struct rust *r)
{
	char type = take_char(r);

	if (!enter_node(r))
		return;
	if (type == 'B')
		put_backref(r, put_const);
	else if (type == 'p')
		put_text(r, "_");
	else if (type && strchr("abchijlmnostxy", type))
		put_hex_const(r, type);
	else
		r->bad = true;
	r->depth--;
}

/* Types up to an "E", with commas between. */
static size_t put_types(struct rust *r)
{
	size_t nr = 0;

	while (!r->bad && !take_if(r, 'E')) {
		if (nr++)
			put_text(r, ", ");
		put_type(r);
	}
	return nr;
}

static void put_function(struct rust *r)
{
	unsigned int bound = put_binder(r);

	if (take_if(r, 'U'))
		put_text(r, "unsafe ");
	if (take_if(r, 'K')) {
		put_text(r, "extern \"");
		if (take_if(r, 'C')) {
			put_text(r, "C");
		} else {
			struct rust_ident abi = take_name(r, true);

			for (size_t i = 0; i < abi.len; i++)
				put_text(r, abi.text[i] == '_'
						    ? "-"
						    : (char[]){ abi.text[i], 0 });
		}
		put_text(r, "\" ");
	}
	put_text(r, "fn(");
	put_types(r);
	put_text(r, ")");
	if (!take_if(r, 'u')) {
		put_text(r, " -> ");
		put_type(r);
	}
	r->lifetimes -= bound;
}

static void put_generics(struct rust *r);

/* A trait with its types: "Iterator<Item = u8>". */
static void put_trait(struct rust *r)
{
	bool open = false;

	/* Of generic arguments the ">" has to wait. */
	if (take_if(r, 'I')) {
		put_path(r, false);
		put_text(r, "<");
		put_generics(r);
		open = true;
	} else {
		put_path(r, false);
	}
	while (take_if(r, 'p')) {
		struct rust_ident i = take_name(r, true);

		put_text(r, open ? ", " : "<");
		open = true;
		put_bytes(r, i.text ? i.text : "", i.len);
		put_text(r, " = ");
		put_type(r);
	}
	if (open)
		put_text(r, ">");
}

static void put_traits(struct rust *r)
{
	unsigned int bound;
	uint64_t lifetime;
	size_t nr = 0;

	put_text(r, "dyn ");
	bound = put_binder(r);
	while (!r->bad && !take_if(r, 'E')) {
		if (nr++)
			put_text(r, " + ");
		put_trait(r);
	}
	r->lifetimes -= bound;
	if (!take_if(r, 'L')) {
		r->bad = true;
		return;
	}
	lifetime = base62(r);
	if (lifetime) {
		put_text(r, " + ");
		put_lifetime(r, lifetime);
	}
}

static void put_reference(struct rust *r, bool mutable)
{
	put_text(r, "&");
	if (take_if(r, 'L')) {
		uint64_t lifetime = base62(r);

		if (lifetime) {
			put_lifetime(r, lifetime);
			put_text(r, " ");
		}
	}
	if (mutable)
		put_text(r, "mut ");
	put_type(r);
}

static void put_array(struct rust *r, bool sized)
{
	put_text(r, "[");
	put_type(r);
	if (sized) {
		put_text(r, "; ");
		put_const(r);
	}
	put_text(r, "]");
}

static void put_tuple(struct rust *r)
{
	put_text(r, "(");
	put_text(r, put_types(r) == 1 ? ",)" : ")");
}

static void put_pointer(struct rust *r, const char *kind)
{
	put_text(r, kind);
	put_type(r);
}

static void put_compound(struct rust *r, char tag)
{
	switch (tag) {
	case 'A':
	case 'S':
		put_array(r, tag == 'A');
		break;
	case 'T':
		put_tuple(r);
		break;
	case 'R':
	case 'Q':
		put_reference(r, tag == 'Q');
		break;
	case 'P':
		put_pointer(r, "*const ");
		break;
	case 'O':
		put_pointer(r, "*mut ");
		break;
	case 'F':
		put_function(r);
		break;
	case 'D':
		put_traits(r);
		break;
	case 'B':
		put_backref(r, put_type);
		break;
	default:
		r->at--;
		put_path(r, false);
		break;
	}
}

static void put_type(struct rust *r)
{
	char tag = take_char(r);
	const char *basic = basic_type(tag);

	if (!enter_node(r))
		return;
	if (basic)
		put_text(r, basic);
	else if (tag)
		put_compound(r, tag);
	else
		r->bad = true;
	r->depth--;
}

/* ---- paths ---- */

/* Up to an "E": lifetimes, types, constants. */
static void put_generics(struct rust *r)
{
	size_t nr = 0;

	while (!r->bad && !take_if(r, 'E')) {
		if (nr++)
			put_text(r, ", ");
		if (take_if(r, 'L'))
			put_lifetime(r, base62(r));
		else if (take_if(r, 'K'))
			put_const(r);
		else
			put_type(r);
	}
}

/* "<T as Trait>"; where the impl stands is no part of it. */
static void put_impl(struct rust *r, char tag)
{
	bool quiet = r->quiet;

	if (tag != 'Y') {
		base62_after(r, 's');
		r->quiet = true;
		put_path(r, false);
		r->quiet = quiet;
	}
	put_text(r, "<");
	put_type(r);
	if (tag != 'M') {
		put_text(r, " as ");
		put_path(r, false);
	}
	put_text(r, ">");
}

static void put_nested(struct rust *r, bool value)
{
	char space = take_char(r);
	struct rust_ident i;

	if (!isalpha((unsigned char)space)) {
		r->bad = true;
		return;
	}
	put_path(r, value);
	i = take_ident(r);
	if (islower((unsigned char)space)) {
		if (i.len)
			put_text(r, "::");
		put_bytes(r, i.text ? i.text : "", i.len);
		return;
	}
	put_text(r, "::{");
	if (space == 'C')
		put_text(r, "closure");
	else if (space == 'S')
		put_text(r, "shim");
	else
		put_bytes(r, &space, 1);
	if (i.len) {
		put_text(r, ":");
		put_bytes(r, i.text, i.len);
	}
	put_text(r, "#");
	put_number(r, i.disambiguator);
	put_text(r, "}");
}

/* What stands before it is no value: nothing does where that of a function begins. */
static void put_type_path(struct rust *r)
{
	put_path(r, false);
}

static void put_path(struct rust *r, bool value)
{
	char tag = take_char(r);
	struct rust_ident i;

	if (!enter_node(r))
		return;
	switch (tag) {
	case 'C':
		i = take_ident(r);
		put_bytes(r, i.text ? i.text : "", i.len);
		break;
	case 'M':
	case 'X':
	case 'Y':
		put_impl(r, tag);
		break;
	case 'N':
		put_nested(r, value);
		break;
	case 'I':
		put_path(r, value);
		put_text(r, value ? "::<" : "<");
		put_generics(r);
		put_text(r, ">");
		break;
	case 'B':
		put_backref(r, put_type_path);
		break;
	default:
		r->bad = true;
		break;
	}
	r->depth--;
}

/* What the compiler's later passes add stays as it is: ".llvm.123", ".cold". */
static bool is_suffix(const char *text)
{
	return !*text || *text == '.' || *text == '$';
}

static bool put_v0(struct rust *r)
{
	put_path(r, true);
	if (!r->bad && isupper((unsigned char)*r->at)) {
		r->quiet = true; /* the crate that it was made for */
		put_path(r, false);
		r->quiet = false;
	}
	if (r->bad || !is_suffix(r->at))
		return false;
	put_text(r, r->at);
	return !r->bad;
}

/* ---- the older scheme: C++'s, with a hash as the last name ---- */

static const struct {
	const char *escape, *text;
} escapes[] = {
	{ "$SP$", "@" },  { "$BP$", "*" },   { "$RF$", "&" },  { "$LT$", "<" },
	{ "$GT$", ">" },  { "$LP$", "(" },   { "$RP$", ")" },  { "$C$", "," },
	{ "$u20$", " " }, { "$u22$", "\"" }, { "$u27$", "'" }, { "$u2b$", "+" },
	{ "$u3b$", ";" }, { "$u5b$", "[" },  { "$u5d$", "]" }, { "$u7b$", "{" },
	{ "$u7d$", "}" }, { "$u7e$", "~" },  { "..", "::" },
};

static size_t put_escape(struct rust *r, const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		size_t n = strlen(escapes[i].escape);

		if (n <= len && !memcmp(text, escapes[i].escape, n)) {
			put_text(r, escapes[i].text);
			return n;
		}
	}
	put_bytes(r, text, 1);
	return 1;
}

static bool is_hash(const struct rust_ident *i)
{
	return i->len == 17 && *i->text == 'h' &&
	       strspn(i->text + 1, "0123456789abcdef") >= 16;
}

static bool put_legacy(struct rust *r)
{
	struct rust_ident i = take_name(r, false);
	bool first = true;

	while (!r->bad && *r->at != 'E') {
		size_t n = 0;

		/* An escape cannot begin a name of C++. */
		if (i.len > 1 && i.text[0] == '_' && i.text[1] == '$')
			n = 1;
		if (!first)
			put_text(r, "::");
		first = false;
		while (n < i.len && !r->bad)
			n += put_escape(r, i.text + n, i.len - n);
		i = take_name(r, false);
	}
	if (r->bad || first || !is_hash(&i) || !is_suffix(r->at + 1))
		return false;
	put_text(r, r->at + 1);
	return !r->bad;
}

bool stk_rust_name(const char *name, char *out, size_t size)
{
	struct rust r = { .out = out, .size = size };

	if (!size || !out || *name != '_')
		return false;
	*out = '\0';
	r.begin = r.at = name + (strncmp(name, "_ZN", 3) ? 2 : 3);
	/* A crate may be called nothing. Nothing is no name to print. */
	if (!strncmp(name, "_R", 2))
		return put_v0(&r) && *out;
	return !strncmp(name, "_ZN", 3) && put_legacy(&r) && *out;
}
