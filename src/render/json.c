/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What documents have in common. */
#include "json.h"
#include "json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../machine/vmcoreinfo.h"
#include "../base/memstream.h"

struct json_object *stk_json_addr(uint64_t addr)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	return json_object_new_string(text);
}

struct json_object *stk_json_string(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

struct json_object *stk_json_cpu(int cpu)
{
	return cpu >= 0 ? json_object_new_int(cpu) : NULL;
}

struct json_object *stk_json_number(uint64_t n)
{
	return json_object_new_int64((int64_t)n);
}

struct json_object *stk_json_addr_or_null(uint64_t addr)
{
	return addr ? stk_json_addr(addr) : NULL;
}

void stk_json_put_task(struct stk_json *j, const char *key, const struct stk_task *task)
{
	stk_json_open(j, key, '{');
	stk_json_put_addr(j, "address", task->addr);
	stk_json_put_number(j, "pid", task->pid);
	stk_json_put_string(j, "comm", task->comm);
	stk_json_put_cpu(j, "cpu", task->cpu);
	stk_json_put_string(j, "state", task->now ? task->now->code : NULL);
	stk_json_put_string(j, "state_name", task->now ? task->now->name : NULL);
	stk_json_put_bool(j, "kernel_thread", stk_is_kernel_thread(task));
	stk_json_put_string(j, "found", stk_found_name(task->found));
	stk_json_close(j, '}');
}

void stk_json_put_stack(struct stk_json *j, const char *key, struct stk *s,
			const struct stk_stack *part)
{
	const struct stk_stack *stack = part;
	struct stk_stack found;

	/* A chain does not know the guards of the stacks that it passes. */
	if (part->kind && !stk_find_stack(s, part->begin, &found) &&
	    stk_stack_is_same(&found, part))
		stack = &found;

	stk_json_open(j, key, '{');
	stk_json_put_string(j, "kind", stk_stack_kind_name(stack->kind));
	stk_json_put_cpu(j, "cpu", stack->cpu);
	stk_json_put_addr_or_null(j, "task", stack->task);
	stk_json_put_addr_if(j, "begin", stack->kind, stack->begin);
	stk_json_put_addr_if(j, "end", stack->kind, stack->end);
	stk_json_put_addr_or_null(j, "guard", stack->guard);
	stk_json_put_addr_or_null(j, "guard_end", stack->guard_end);
	stk_json_put_addr_or_null(j, "percpu", stack->store);
	stk_json_put_bool(j, "mapped", stack->mapped);
	stk_json_close(j, '}');
}

/* What is written, as a value of a document. */
struct value {
	struct stk_json j;
	FILE *fp;
	char *text;
	size_t size;
};

static bool start_value(struct value *v)
{
	v->fp = open_memstream(&v->text, &v->size);
	if (v->fp)
		stk_json_start(&v->j, v->fp);
	return v->fp != NULL;
}

/* Whoever looks for a member of it finds none: it is text. */
static struct json_object *end_value(struct value *v)
{
	struct json_object *o = NULL;

	stk_json_flush(&v->j);
	if (stk_memstream_end(v->fp, &v->text) && v->size)
		o = json_object_new_object();
	if (o)
		json_object_set_serializer(o, json_object_userdata_to_json_string,
					   v->text, json_object_free_userdata);
	else
		free(v->text);
	return o;
}

struct json_object *stk_json_task(const struct stk_task *task)
{
	struct value v;

	if (!start_value(&v))
		return NULL;
	stk_json_put_task(&v.j, NULL, task);
	return end_value(&v);
}

struct json_object *stk_json_stack(struct stk *s, const struct stk_stack *stack)
{
	struct value v;

	if (!start_value(&v))
		return NULL;
	stk_json_put_stack(&v.j, NULL, s, stack);
	return end_value(&v);
}

struct json_object *stk_json_overflow(struct stk *s, const struct stk_segment *seg)
{
	struct value v;

	if (!seg->over.kind || !start_value(&v))
		return NULL;
	stk_json_put_overflow(&v.j, NULL, s, seg);
	return end_value(&v);
}

struct json_object *stk_json_chain(struct stk *s, const struct stk_chain *chain,
				   bool lines)
{
	struct value v;

	if (!start_value(&v))
		return NULL;
	stk_json_put_chain(&v.j, s, chain, lines);
	return end_value(&v);
}

struct json_object *stk_json_no_chain(struct stk *s, int cpu, const struct stk_task *task,
				      const char *text)
{
	struct value v;

	if (!start_value(&v))
		return NULL;
	stk_json_put_no_chain(&v.j, cpu, task, text, STK_BROKEN);
	return end_value(&v);
}

struct json_object *stk_json_left_out(struct stk *s)
{
	struct json_object *list = json_object_new_array();
	const char *name;

	for (size_t i = 0; (name = stk_left_out_name(s, i)) != NULL; i++)
		stk_json_append(list, json_object_new_string(name));
	return list;
}

struct json_object *stk_json_document(struct stk *s)
{
	struct json_object *o = json_object_new_object(), *k = json_object_new_object();
	struct stk_machine m;

	stk_machine(s, &m);
	put(o, "schema", json_object_new_string("stackinfo/1"));
	put(k, "release", json_object_new_string(stk_release(s)));
	put(k, "arch", json_object_new_string(stk_arch_name(s)));
	put(k, "cpus", json_object_new_int64(stk_nr_online(s)));
	put(k, "version", stk_json_string(m.version));
	put(k, "node", stk_json_string(m.node));
	put(k, "crash_time", m.crash_time ? json_object_new_int64(m.crash_time) : NULL);
	put(o, "kernel", k);
	if (m.incomplete)
		put(o, "dump_incomplete", json_object_new_boolean(true));
	if (stk_left_out_name(s, 0))
		put(o, "left_out", stk_json_left_out(s));
	return o;
}

void stk_json_panic(struct stk *s, struct json_object *doc)
{
	struct stk_panic panic = stk_panic(s);

	put(doc, "panic_cpu", stk_json_cpu(panic.cpu));
	put(doc, "panic_cpu_from", stk_json_string(panic.from));
}
