/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What documents have in common. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>

#include "../machine/vmcoreinfo.h"

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

struct json_object *stk_json_task(const struct stk_task *task)
{
	struct json_object *o = json_object_new_object();

	put(o, "address", stk_json_addr(task->addr));
	put(o, "pid", json_object_new_int64(task->pid));
	put(o, "comm", json_object_new_string(task->comm));
	put(o, "cpu", stk_json_cpu(task->cpu));
	put(o, "state", stk_json_string(task->now ? task->now->code : NULL));
	put(o, "state_name", stk_json_string(task->now ? task->now->name : NULL));
	put(o, "kernel_thread", json_object_new_boolean(stk_is_kernel_thread(task)));
	put(o, "found", json_object_new_string(stk_found_name(task->found)));
	return o;
}

struct json_object *stk_json_stack(struct stk *s, const struct stk_stack *part)
{
	struct json_object *o = json_object_new_object();
	const struct stk_stack *stack = part;
	struct stk_stack found;

	/* A chain does not know the guards of the stacks that it passes. */
	if (part->kind && !stk_find_stack(s, part->begin, &found) &&
	    found.kind == part->kind)
		stack = &found;

	put(o, "kind", json_object_new_string(stk_stack_kind_name(stack->kind)));
	put(o, "cpu", stk_json_cpu(stack->cpu));
	put(o, "task", stk_json_addr_or_null(stack->task));
	if (!stack->kind) {
		put(o, "begin", NULL);
		put(o, "end", NULL);
	} else {
		put(o, "begin", stk_json_addr(stack->begin));
		put(o, "end", stk_json_addr(stack->end));
	}
	put(o, "guard", stk_json_addr_or_null(stack->guard));
	put(o, "guard_end", stk_json_addr_or_null(stack->guard_end));
	put(o, "percpu", stk_json_addr_or_null(stack->store));
	put(o, "mapped", json_object_new_boolean(stack->mapped));
	return o;
}

struct json_object *stk_json_left_out(struct stk *s)
{
	struct json_object *list = json_object_new_array();
	const char *name;

	for (size_t i = 0; (name = stk_left_out_name(s, i)) != NULL; i++)
		json_object_array_add(list, json_object_new_string(name));
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
