/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "other.h"

#include <stdio.h>
#include <string.h>

static const struct other_member types[] = {
	{ "task_struct", 0, 0x1800 },
	{ "task_struct.thread_info", 0, 64 },
	{ "thread_info.cpu", 32, 4 },
	{ "thread_info.preempt_count", 8, 4 },
	{ "task_struct.__state", 64, 4 },
	{ "task_struct.stack", 72, 8 },
	{ "task_struct.flags", 84, 4 },
	{ "task_struct.on_cpu", 92, 4 },
	{ "task_struct.tasks", 1000, 16 },
	{ "task_struct.exit_state", 1200, 4 },
	{ "task_struct.pid", 1300, 4 },
	{ "task_struct.tgid", 1304, 4 },
	{ "task_struct.signal", 1400, 8 },
	{ "task_struct.thread_node", 1408, 16 },
	{ "task_struct.comm", 1600, 16 },
	{ "task_struct.stack_vm_area", 1700, 8 },
	{ "task_struct.thread", 2048, 512 },
	{ "signal_struct.thread_head", 16, 16 },
	{ "vm_struct.addr", 8, 8 },
	{ "rq.idle", 0x900, 8 },
	{ "rq.curr", 0x908, 8 },
	{ "list_head", 0, 16 },
	{ "module.list", 8, 16 },
};

static void add_symbols(struct syn *m, const struct other_layout *l)
{
	static const struct {
		const char *name;
		uint32_t offset;
	} row[] = {
		{ "_text", 0 },
		{ "_stext", 0 },
		{ "_start", 0 },
		{ "_etext", 0x10000 },
		{ "_sinittext", 0x40000 },
		{ "_einittext", 0x41000 },
		{ "_end", OTHER_END },
		{ "__entry_text_start", OTHER_ENTRY },
		{ "__entry_text_end", OTHER_ENTRY + 0x1000 },
		{ "nr_cpu_ids", OTHER_DATA },
		{ "__cpu_possible_mask", OTHER_DATA + 0x40 },
		{ "__cpu_online_mask", OTHER_DATA + 0x80 },
		{ "modules", OTHER_DATA + 0xc0 },
		{ "__per_cpu_offset", OTHER_DATA + 0x100 },
		{ "init_task", OTHER_DATA + 0x2000 },
		{ "__start_init_task", OTHER_DATA + 0x10000 },
		{ "__per_cpu_start", OTHER_PERCPU },
		{ "__per_cpu_end", OTHER_PERCPU + 0x20000 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		syn_symbol_of_type(m, row[i].name, l->text + row[i].offset, 'D');
	syn_symbol_of_type(m, "__end_init_task",
			   syn_sym(m, "__start_init_task") + m->thread_size, 'D');
	other_percpu_symbol(m, "runqueues", 0x2000);
}

void other_percpu_symbol(struct syn *m, const char *name, uint32_t offset)
{
	syn_symbol_of_type(m, name, syn_sym(m, "__per_cpu_start") + offset, 'D');
}

uint64_t other_percpu(struct syn *m, const char *name, unsigned int cpu)
{
	return syn_sym(m, name) + syn_get64(m, syn_sym(m, "__per_cpu_offset") + 8 * cpu);
}

uint64_t other_new_stack(struct syn *m, const char *pointer, unsigned int cpu)
{
	const uint64_t low = m->next_stack, page = syn_page_size(m);

	for (uint64_t off = 0; off < m->thread_size; off += page)
		syn_map(m, low + off, syn_alloc(m, 1), page);
	m->next_stack += 2 * m->thread_size;
	syn_put64(m, other_percpu(m, pointer, cpu), low);
	return low;
}

uint64_t other_irq_stack(struct syn *m, const char *pointer, unsigned int cpu)
{
	return syn_get64(m, other_percpu(m, pointer, cpu));
}

static void put_list_head(struct syn *m, uint64_t at)
{
	syn_put64(m, at, at);
	syn_put64(m, at + 8, at);
}

/* CPU 0's is no other task than the image's; the others are in no list. */
static void add_idle(struct syn *m, unsigned int cpu)
{
	uint64_t task = syn_sym(m, "init_task"), first = task;
	char comm[16];

	snprintf(comm, sizeof(comm), "swapper/%u", cpu);
	if (cpu) {
		task = syn_task(m, comm, 0, first);
	} else {
		syn_put64(m, task + syn_off(m, "task_struct.stack"),
			  syn_sym(m, "__start_init_task"));
		put_list_head(m, task + syn_off(m, "task_struct.tasks"));
		syn_write(m, task + syn_off(m, "task_struct.comm"), comm, sizeof(comm));
		syn_put64(m, task + syn_off(m, "task_struct.signal"),
			  syn_sym(m, "modules") + 0x800);
		put_list_head(m, syn_sym(m, "modules") + 0x800 +
					 syn_off(m, "signal_struct.thread_head"));
	}
	syn_put64(m, other_percpu(m, "runqueues", cpu) + syn_off(m, "rq.idle"), task);
	other_set_current(m, cpu, task);
}

void other_kernel(struct syn *m, const struct other_layout *l,
		  const struct other_member *own)
{
	const uint64_t page = syn_page_size(m), block = page * page / 8;

	m->era = SYN_6_1;
	m->direct = l->direct;
	m->thread_size = page > SYN_THREAD_SIZE ? page : SYN_THREAD_SIZE;
	m->next_stack = l->vmalloc + 0x1000000;
	syn_vmcoreinfo(m, "OSRELEASE", "6.12.0-syn");
	for (uint64_t off = 0; off < 1ull << 30; off += block)
		syn_map(m, l->direct + l->ram + off, l->ram + off, block);
	for (uint64_t off = 0; off < OTHER_END; off += page)
		syn_map(m, l->text + off, l->image + off, page);
	for (uint64_t off = 0; off < 0x10000; off += sizeof(l->nop))
		syn_put32(m, l->text + off, l->nop);
	syn_fill(m, l->text + OTHER_DATA, 0x20000, 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		syn_member(m, types[i].name, types[i].offset, types[i].size);
	for (; own->name; own++)
		syn_member(m, own->name, own->offset, own->size);
	add_symbols(m, l);
	syn_put32(m, syn_sym(m, "nr_cpu_ids"), OTHER_NR_CPUS);
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), (1u << OTHER_NR_CPUS) - 1);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), (1u << OTHER_NR_CPUS) - 1);
	put_list_head(m, syn_sym(m, "modules"));
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++) {
		uint64_t area = l->direct + l->ram + 0x18000000 + 0x80000ull * cpu;

		syn_put64(m, syn_sym(m, "__per_cpu_offset") + 8 * cpu,
			  area - syn_sym(m, "__per_cpu_start"));
		syn_fill(m, area, 0x20000, 0);
	}
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
		add_idle(m, cpu);
	syn_task(m, "init", 1, 0);
}

uint64_t other_idle(struct syn *m, unsigned int cpu)
{
	return syn_get64(m, other_percpu(m, "runqueues", cpu) + syn_off(m, "rq.idle"));
}

void other_set_current(struct syn *m, unsigned int cpu, uint64_t task)
{
	uint64_t at = other_percpu(m, "runqueues", cpu) + syn_off(m, "rq.curr");
	uint64_t old = syn_get64(m, at);

	if (old)
		syn_put32(m, old + syn_off(m, "task_struct.on_cpu"), 0);
	syn_put64(m, at, task);
	syn_put32(m, task + syn_off(m, "thread_info.cpu"), cpu);
	syn_put32(m, task + syn_off(m, "task_struct.on_cpu"), 1);
	if (syn_find_symbol(m, "__entry_task"))
		syn_put64(m, other_percpu(m, "__entry_task", cpu), task);
}

struct syn_cpu other_cpu(struct syn *m, unsigned int cpu, uint64_t task)
{
	struct syn_cpu c = { .m = m, .cpu = cpu, .task = task };

	c.sp = syn_stack(m, task) + m->thread_size;
	other_set_current(m, cpu, task);
	return c;
}

/* ---- shadow call stacks ---- */

#define SHADOW_END 0xdead0000000005f6ull

static uint32_t shadow_size;

uint64_t other_new_shadow(struct syn *m)
{
	const uint64_t page = syn_page_size(m);
	uint64_t begin = m->next_stack;

	if (shadow_size < page) {
		begin = m->direct + syn_alloc(m, 1) + shadow_size;
	} else {
		syn_map(m, begin, syn_alloc(m, 1), page);
		m->next_stack += 2 * m->thread_size;
	}
	syn_fill(m, begin, shadow_size, 0);
	syn_put64(m, begin + shadow_size - 8, SHADOW_END);
	return begin;
}

static void set_shadow(struct syn *m, uint64_t task, uint64_t begin)
{
	syn_put64(m, task + syn_off(m, "thread_info.scs_base"), begin);
	syn_put64(m, task + syn_off(m, "thread_info.scs_sp"), begin);
}

uint64_t other_shadow(struct syn *m, uint64_t task)
{
	if (!syn_get64(m, task + syn_off(m, "thread_info.scs_base")))
		set_shadow(m, task, other_new_shadow(m));
	return syn_get64(m, task + syn_off(m, "thread_info.scs_base"));
}

void other_save_shadow(struct syn_cpu *c)
{
	if (c->scs)
		syn_put64(c->m, c->task + syn_off(c->m, "thread_info.scs_sp"), c->scs);
}

void other_shadows(struct syn *m, const char *pointer, uint32_t size)
{
	const uint64_t init = syn_sym(m, "_text") + OTHER_DATA + 0x4010;

	shadow_size = size;
	syn_member(m, "thread_info.scs_base", 40, 8);
	syn_member(m, "thread_info.scs_sp", 48, 8);
	syn_symbol_of_type(m, "init_shadow_call_stack", init, 'D');
	syn_fill(m, init, size, 0);
	syn_put64(m, init + size - 8, SHADOW_END);
	set_shadow(m, syn_sym(m, "init_task"), init);
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
		syn_put64(m, other_percpu(m, pointer, cpu), other_new_shadow(m));
}

/* One record behind the other, as up to 5.9: a log that all versions' tools read. */
void other_log(struct syn *m, const char *const *line)
{
	static const struct {
		const char *key;
		uint64_t offset;
	} variable[] = {
		{ "SYMBOL(log_buf)", 0 },
		{ "SYMBOL(log_buf_len)", 8 },
		{ "SYMBOL(log_first_idx)", 12 },
		{ "SYMBOL(log_next_idx)", 16 },
	};
	const uint64_t base = syn_sym(m, "_text") + OTHER_DATA + 0x8000;
	uint32_t at = 0;

	syn_vmcoreinfo(m, "SIZE(printk_log)", "16");
	syn_vmcoreinfo(m, "OFFSET(printk_log.ts_nsec)", "0");
	syn_vmcoreinfo(m, "OFFSET(printk_log.len)", "8");
	syn_vmcoreinfo(m, "OFFSET(printk_log.text_len)", "10");
	for (size_t i = 0; i < sizeof(variable) / sizeof(variable[0]); i++)
		syn_vmcoreinfo(m, variable[i].key, "%llx",
			       (unsigned long long)(base + variable[i].offset));
	syn_put64(m, base, base + 64);
	syn_put32(m, base + 8, 0x2000);
	for (; *line; line++) {
		const uint32_t len = (uint32_t)strlen(*line), size = (16 + len + 7) & ~7u;

		syn_put64(m, base + 64 + at, 1);
		syn_put32(m, base + 64 + at + 8, size | len << 16);
		syn_write(m, base + 64 + at + 16, *line, len);
		at += size;
	}
	syn_put32(m, base + 12, 0);
	syn_put32(m, base + 16, at);
}
