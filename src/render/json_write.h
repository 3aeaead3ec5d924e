/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_write.h - JSON that is written as it comes.
 *
 * Chains are most of what is printed, by far: as objects of json-c, each frame would be
 * 80 allocations. The text is the same to the byte. @key: NULL in a list, and of what
 * stands alone.
 */
#ifndef STK_JSON_WRITE_H
#define STK_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <stackinfo/stacks.h>
#include <stackinfo/unwind.h>

struct stk_json {
	FILE *fp;
	bool in, more; /* in an object or a list, which has something already */
	uint64_t size; /* of what is */
	size_t len;    /* of what is not in @fp yet */
	char text[8192];
};

void stk_json_start(struct stk_json *j, FILE *fp);
/* How many bytes were written. */
uint64_t stk_json_size(const struct stk_json *j);
/* All that was written is in the file. */
void stk_json_flush(struct stk_json *j);

/* @bracket: '{' or '['; each is closed by its other half. */
void stk_json_open(struct stk_json *j, const char *key, char bracket);
void stk_json_close(struct stk_json *j, char bracket);
void stk_json_put_null(struct stk_json *j, const char *key);
void stk_json_put_bool(struct stk_json *j, const char *key, bool value);
void stk_json_put_number(struct stk_json *j, const char *key, int64_t value);
void stk_json_put_addr(struct stk_json *j, const char *key, uint64_t value);
/* Null unless @has. */
void stk_json_put_number_if(struct stk_json *j, const char *key, bool has, int64_t value);
void stk_json_put_addr_if(struct stk_json *j, const char *key, bool has, uint64_t value);
/* Null for 0. */
void stk_json_put_addr_or_null(struct stk_json *j, const char *key, uint64_t value);
/* Null for a negative number. */
void stk_json_put_cpu(struct stk_json *j, const char *key, int cpu);
/* UTF-8, as all names and texts are (src/base/safe.h). Null for NULL. */
void stk_json_put_string(struct stk_json *j, const char *key, const char *text);

/* json.c */
void stk_json_put_task(struct stk_json *j, const char *key, const struct stk_task *task);
void stk_json_put_stack(struct stk_json *j, const char *key, struct stk *s,
			const struct stk_stack *stack);

/*
 * json_chain.c. @lines: with source lines and inlined calls. False: it could not be
 * unwound once more, and nothing was written.
 */
bool stk_json_put_chain(struct stk_json *j, struct stk *s, const struct stk_chain *chain,
			bool lines);
/* A chain without frames, of a CPU (-1: none) or of a task, and why it has none. */
void stk_json_put_no_chain(struct stk_json *j, int cpu, const struct stk_task *task,
			   const char *text, enum stk_confidence confidence);
/* The stack in whose guard page @seg is, and by how much; null: it is in none. */
void stk_json_put_overflow(struct stk_json *j, const char *key, struct stk *s,
			   const struct stk_segment *seg);

#endif
