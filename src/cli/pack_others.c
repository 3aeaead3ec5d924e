/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash and drgn begin with variables that no answer of ours needs: a row each, by name,
 * and why. All are small. They take blanked words for zeros, but not a page that is
 * missing: what they read at a piece is there, even if with nothing in it.
 */
#include <string.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/context.h"
#include "../kernel/cpus.h"
#include "../kernel/kallsyms.h"
#include "../kernel/layout.h"
#include "../kernel/log.h"
#include "../kernel/modules.h"
#include "../machine/memory.h"
#include "pack.h"

#define MAX_VARIABLE (128u << 10)
#define MAX_ROOTS    (1u << 22) /* riscv64 has as many, most of them none */
#define MAX_NAME     64u
#define MAX_NODES    (1u << 16) /* of the tree of PIDs: for 4 million of them */
#define MAX_DEPTH    6u

enum how {
	ITSELF,	  /* the variable, as far as the next symbol */
	NAMES,	  /* and the names that its words point to */
	POINTS,	  /* what the pointer in it points to, of @type */
	EACH_CPU, /* each CPU's, of @type */
	EACH_OF,  /* the pointer, and each CPU's of what it points to */
};

static const struct {
	const char *symbol;
	enum how how;
	const char *type; /* NULL: of @size bytes */
	uint32_t size;
} variables[] = {
	/* Which kernel, when: sys. */
	{ "linux_banner", .how = ITSELF },
	{ "saved_command_line", .how = ITSELF },
	{ "tk_core", .how = ITSELF },
	{ "shadow_timekeeper", .how = ITSELF },
	{ "timekeeper", .how = ITSELF },
	{ "jiffies_64", .how = ITSELF },
	{ "avenrun", .how = ITSELF },
	{ "tainted_mask", .how = ITSELF },
	{ "taint_flags", .how = NAMES },
	{ "crashing_cpu", .how = ITSELF },
	{ "panic_cpu", .how = ITSELF },
	{ "cpu_khz", .how = ITSELF },
	{ "xen_start_info", .how = ITSELF },
	{ "pv_info", .how = NAMES },
	{ "pv_ops", .how = ITSELF },
	/* The CPUs, of which they read all that could be: fatal without. */
	{ "__per_cpu_offset", .how = ITSELF },
	{ "__cpu_possible_mask", .how = ITSELF },
	{ "__cpu_present_mask", .how = ITSELF },
	{ "__cpu_online_mask", .how = ITSELF },
	{ "__cpu_active_mask", .how = ITSELF },
	{ "runqueues", EACH_CPU, .type = "rq" },
	{ "cpu_number", EACH_CPU, .size = 4 },
	{ "nr_irqs", .how = ITSELF },
	/* Registers of CPUs: crash has those of arm64 from nowhere else. */
	{ "crash_notes", EACH_OF, .size = 512 },
	/* Memory: how much there is and where, for translation and what is a page. */
	{ "high_memory", .how = ITSELF },
	{ "init_mm", .how = ITSELF },
	{ "mem_section", .how = ITSELF },
	{ "_totalram_pages", .how = ITSELF },
	{ "totalram_pages", .how = ITSELF },
	{ "nr_swapfiles", .how = ITSELF },
	{ "node_states", .how = ITSELF },
	{ "node_data", .how = ITSELF },
	{ "node_data", POINTS, .type = "pglist_data" },
	{ "kmem_cache", .how = ITSELF },
	{ "kmem_cache", POINTS, .type = "kmem_cache" },
	{ "pageflag_names", .how = NAMES },
	{ "mt_slots", .how = ITSELF },
	{ "mt_pivots", .how = ITSELF },
	/* Tasks: how many there are, and the names of their states. */
	{ "nr_threads", .how = ITSELF },
	{ "task_state_array", .how = NAMES },
	{ "arch_task_struct_size", .how = ITSELF },
	/* Code whose first bytes tell them how it was built. */
	{ "__do_sys_fork", .how = ITSELF },
	{ "do_futex", .how = ITSELF },
	{ "vfs_read", .how = ITSELF },
	{ "__x64_sys_open", .how = ITSELF },
	{ "__x64_sys_read", .how = ITSELF },
	{ "schedule", .how = ITSELF },
	/* The log, where its command does not go by VMCOREINFO. */
	{ "prb", .how = ITSELF },
	{ "log_buf", .how = ITSELF },
};

static uint64_t size_of(struct stk *s, uint64_t addr)
{
	const char *name;
	uint64_t start, size;

	if (stk_kallsyms_lookup(s, addr, &name, &start, &size) || start != addr)
		return sizeof(uint64_t);
	return size < MAX_VARIABLE ? size : MAX_VARIABLE;
}

static void read_names(struct stk *s, uint64_t addr, uint64_t size)
{
	char name[MAX_NAME];
	uint64_t word;

	for (uint64_t at = addr; at + sizeof(word) <= addr + size && !stk_must_stop(s);
	     at += sizeof(word))
		if (!stk_read_u64(s, at, &word) && s->arch->is_kernel_address(word))
			(void)stk_read_string(s, word, name, sizeof(name));
}

static void read_each_cpu(struct stk *s, uint64_t symbol, uint32_t size)
{
	uint64_t offset;

	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++)
		if (stk_cpu_possible(s, cpu) && !stk_percpu_offset(s, cpu, &offset))
			pack_touch(s, symbol + offset, size);
}

static void read_variables(struct stk *s)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(variables); i++) {
		const enum how how = variables[i].how;
		uint32_t size = variables[i].size;
		uint64_t addr, value;

		if (!stk_find_symbol(s, variables[i].symbol, &addr) ||
		    (variables[i].type && !stk_find_size(s, variables[i].type, &size)))
			continue;
		if (how == ITSELF || how == NAMES)
			pack_touch(s, addr, size_of(s, addr));
		if (how == NAMES)
			read_names(s, addr, size_of(s, addr));
		if (how == EACH_OF && !stk_read_u64(s, addr, &value))
			read_each_cpu(s, value, size);
		if (how == EACH_CPU)
			read_each_cpu(s, addr, size);
		if (how == POINTS && !stk_read_u64(s, addr, &value))
			pack_touch(s, value, size);
	}
}

/*
 * Where struct page of each section of memory is: a table of roots, whose length
 * VMCOREINFO tells, and below each as many as a page has room for.
 */
static void read_sections(struct stk *s)
{
	uint64_t at, table, root[512], nr;
	const size_t room = STK_ARRAY_SIZE(root);

	if (!stk_find_symbol(s, "mem_section", &at) || stk_read_u64(s, at, &table) ||
	    !stk_vmcoreinfo_number(s, "LENGTH(mem_section)", 10, &nr) || nr > MAX_ROOTS)
		return;
	for (uint64_t i = 0; i < nr && !stk_must_stop(s); i += room) {
		const size_t n = nr - i < room ? (size_t)(nr - i) : room;

		stk_budget_refill(&s->budget);
		if (stk_read(s, table + i * sizeof(root[0]), root, n * sizeof(root[0])))
			continue;
		for (size_t k = 0; k < n; k++)
			if (root[k])
				pack_touch(s, root[k], stk_page_size(s));
	}
}

/* What describes it is whole; crash reads the rest at a piece for its symbols. */
static void read_modules(struct stk *s)
{
	struct stk_module *m;
	uint32_t size;

	if (!stk_find_size(s, "module", &size))
		return;
	for (size_t i = 0; (m = stk_module_nth(s, i)); i++) {
		pack_touch(s, m->addr, size);
		for (size_t k = 0; k < m->nr_ranges; k++)
			pack_have(s, m->range[k].begin, m->range[k].end);
	}
}

static void read_whole(struct stk *s)
{
	uint64_t begin, end;

	for (unsigned int i = 0;
	     s->arch->whole_table && s->arch->whole_table(s, i, &begin, &end); i++) {
		stk_budget_refill(&s->budget);
		pack_touch(s, begin, end - begin);
	}
}

struct pids {
	struct stk *s;
	struct stk_member slots;
	uint32_t node_size, pid_size;
	unsigned int inner; /* the low two bits of a pointer to a node */
	unsigned int nr_nodes;
};

static void read_node(struct pids *p, uint64_t node, unsigned int depth)
{
	uint64_t slot;

	if (depth > MAX_DEPTH || ++p->nr_nodes > MAX_NODES)
		return;
	stk_budget_refill(&p->s->budget);
	pack_touch(p->s, node, p->node_size);
	for (uint32_t at = 0; at < p->slots.size && !stk_must_stop(p->s); at += 8) {
		if (stk_read_u64(p->s, node + p->slots.offset + at, &slot) || !slot)
			continue;
		if ((slot & 3) == p->inner)
			read_node(p, slot & ~3ull, depth + 1);
		else if (!(slot & 3))
			pack_touch(p->s, slot, p->pid_size);
	}
}

/*
 * crash and drgn find tasks by their PIDs: the tree of them, see kernel/tasks_pid.c. We
 * do so where a list is broken.
 */
static void read_pids(struct stk *s)
{
	static const struct {
		const char *root_type, *root, *node;
		unsigned int inner;
	} trees[] = { { "xarray", "xa_head", "xa_node", 2 },
		      { "radix_tree_root", "rnode", "radix_tree_node", 1 } };
	struct pids p = { .s = s };
	struct stk_member idr, rt;
	uint32_t number_size;
	uint64_t at, root;

	if (!stk_find_symbol(s, "init_pid_ns", &at) ||
	    !stk_find_size(s, "pid", &p.pid_size) ||
	    !stk_find_member(s, "pid_namespace", "idr", &idr) ||
	    !stk_find_member(s, "idr", "idr_rt", &rt))
		return;
	/* Its numbers are behind it since 6.5 (commit b69f0aeb0689). */
	if (stk_find_size(s, "upid", &number_size))
		p.pid_size += number_size;
	pack_touch(s, at, size_of(s, at));
	for (size_t i = 0; i < STK_ARRAY_SIZE(trees); i++) {
		p.inner = trees[i].inner;
		if (stk_find_size(s, trees[i].node, &p.node_size) &&
		    stk_find_member(s, trees[i].node, "slots", &p.slots) &&
		    !stk_read_member(s, at + idr.offset + rt.offset, trees[i].root_type,
				     trees[i].root, &root) &&
		    (root & 3) == p.inner) {
			read_node(&p, root & ~3ull, 1);
			return;
		}
	}
}

/*
 * A task_struct is read at a piece, and so is what ps asks of its mm_struct. What the FPU
 * has of a user's stays blank.
 */
static void have_tasks(struct stk *s)
{
	static const char *const members[] = { "total_vm", "rss_stat", "pgd" };
	uint32_t task_size, mm_size;
	const struct stk_task *task;
	uint64_t at, value, mm;
	size_t nr;

	if (!stk_find_size(s, "task_struct", &task_size) ||
	    !stk_find_size(s, "mm_struct", &mm_size) || stk_tasks(s, &task, &nr))
		return;
	value = 0;
	if (stk_find_symbol(s, "arch_task_struct_size", &at) &&
	    !stk_read(s, at, &value, sizeof(uint32_t)) && value > task_size &&
	    value < MAX_VARIABLE)
		task_size = (uint32_t)value;
	for (size_t i = 0; i < nr; i++) {
		stk_budget_refill(&s->budget);
		pack_have(s, task[i].addr, task[i].addr + task_size);
		if (stk_read_member(s, task[i].addr, "task_struct", "active_mm", &mm) ||
		    !s->arch->is_kernel_address(mm))
			continue;
		pack_have(s, mm, mm + mm_size);
		for (size_t k = 0; k < STK_ARRAY_SIZE(members); k++) {
			struct stk_member m;

			if (stk_find_member(s, "mm_struct", members[k], &m))
				pack_touch(s, mm + m.offset, m.size);
		}
	}
}

/* crash reads its parts at a piece. */
static void read_log(struct stk *s)
{
	/* Up to 5.14: what was said where it could not be printed. */
	static const char *const unsaid[] = { "safe_print_seq", "nmi_print_seq" };
	uint64_t begin[STK_LOG_BUFFERS], end[STK_LOG_BUFFERS], prb, size, at;
	uint32_t unsaid_size;

	if (stk_left_out(s, STK_LOG_LEFT_OUT))
		return;
	for (size_t i = 0; i < STK_ARRAY_SIZE(unsaid); i++)
		if (stk_find_symbol(s, unsaid[i], &at) &&
		    stk_find_size(s, "printk_safe_seq_buf", &unsaid_size))
			read_each_cpu(s, at, unsaid_size);
	for (size_t i = 0, nr = stk_log_buffers(s, begin, end); i < nr; i++)
		pack_have(s, begin[i], end[i]);
	if (stk_vmcoreinfo_number(s, "SYMBOL(prb)", 16, &prb) &&
	    stk_vmcoreinfo_number(s, "SIZE(printk_ringbuffer)", 10, &size) &&
	    !stk_read_u64(s, prb, &prb) && size < MAX_VARIABLE)
		pack_touch(s, prb, size);
}

void pack_read_for_others(struct stk *s)
{
	read_variables(s);
	read_sections(s);
	read_modules(s);
	read_pids(s);
	have_tasks(s);
	read_log(s);
	read_whole(s);
}
