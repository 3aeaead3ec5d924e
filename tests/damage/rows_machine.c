/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not on the stacks: who runs where, whose stack is which, and the rules. */
#include "rows.h"

#include <string.h>

/* ---- finding it ---- */

static bool member(struct inventory *v, const char *type, const char *name,
		   struct stk_member *out)
{
	return !v->e->target.types->member(v->e->target.types_priv, type, name, out) &&
	       out->size;
}

/* A per-CPU word: @type's @field in @symbol; without a type @symbol itself. */
struct percpu_word {
	const char *symbol, *type, *field;
	uint32_t size; /* without a type */
};

static bool percpu_word(struct inventory *v, const struct percpu_word *w, int cpu,
			uint64_t *at, uint32_t *size)
{
	struct stk_member m = { 0, w->size };

	if ((w->type && !member(v, w->type, w->field, &m)) ||
	    stk_percpu_address(v->e->base, w->symbol, (unsigned int)cpu, at))
		return false;
	*at += m.offset;
	*size = m.size;
	return true;
}

/* Eras: the first that exists. */
static const struct percpu_word current_words[] = {
	{ "pcpu_hot", "pcpu_hot", "current_task", 0 },
	{ "current_task", NULL, NULL, 8 },
};
static const struct percpu_word curr_words[] = { { "runqueues", "rq", "curr", 0 } };
static const struct percpu_word irq_words[] = {
	{ "pcpu_hot", "pcpu_hot", "hardirq_stack_ptr", 0 },
	{ "hardirq_stack_ptr", NULL, NULL, 8 },
	{ "irq_stack_ptr", NULL, NULL, 8 },
};
static const struct percpu_word in_use_words[] = {
	{ "pcpu_hot", "pcpu_hot", "hardirq_stack_inuse", 0 },
	{ "hardirq_stack_inuse", NULL, NULL, 1 },
	{ "irq_count", NULL, NULL, 4 },
};
/* All that there are: how deep the CPU is in interrupts. */
static const struct percpu_word count_words[] = {
	{ "pcpu_hot", "pcpu_hot", "preempt_count", 0 },
	{ "__preempt_count", NULL, NULL, 4 },
	{ "irq_count", NULL, NULL, 4 },
};
/* All that there are: stack pointers of a CPU. */
static const struct percpu_word pointer_words[] = {
	{ "pcpu_hot", "pcpu_hot", "top_of_stack", 0 },
	{ "cpu_current_top_of_stack", NULL, NULL, 8 },
	{ "cea_exception_stacks", NULL, NULL, 8 },
	{ "espfix_stack", NULL, NULL, 8 },
	{ "cpu_tss_rw", "x86_hw_tss", "sp0", 0 },
	{ "cpu_tss_rw", "x86_hw_tss", "sp1", 0 },
	{ "cpu_tss_rw", "x86_hw_tss", "sp2", 0 },
	{ "cpu_tss_rw", "x86_hw_tss", "ist", 0 },
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define FIRST(v, words, cpu, at, size) first(v, words, LENGTH(words), cpu, at, size)

static bool first(struct inventory *v, const struct percpu_word *w, size_t nr, int cpu,
		  uint64_t *at, uint32_t *size)
{
	for (size_t i = 0; i < nr; i++)
		if (percpu_word(v, &w[i], cpu, at, size))
			return true;
	return false;
}

/* The CPUs that ran are the first subjects. */
static uint64_t nr_cpus(struct inventory *v)
{
	uint64_t nr = 0;

	while (nr < v->e->nr_subjects && v->e->subject[nr].cpu >= 0 &&
	       !v->e->subject[nr].live)
		nr++;
	return nr;
}

static int take_cpu(struct inventory *v, uint64_t *n)
{
	return v->e->subject[take(n, nr_cpus(v))].cpu;
}

/* ---- who runs on a CPU ---- */

static uint64_t count_current(struct inventory *v)
{
	return nr_cpus(v) * v->nr_tasks;
}

static bool current(struct inventory *v, uint64_t n, struct attempt *a, bool pointer,
		    bool queue)
{
	int cpu = take_cpu(v, &n);
	const struct stk_task *task = &v->task[n];
	struct stk_task now;
	uint64_t at;
	uint32_t size;

	if (stk_cpu_current(v->e->base, (unsigned int)cpu, &now) ||
	    now.addr == task->addr)
		return false;
	look_at_cpus(v, a, cpu);
	look_at_task(v, a, task->addr);
	return (!pointer || (FIRST(v, current_words, cpu, &at, &size) &&
			     put(v, a, at, task->addr))) &&
	       (!queue ||
		(FIRST(v, curr_words, cpu, &at, &size) && put(v, a, at, task->addr)));
}

static bool make_current(struct inventory *v, uint64_t n, uint64_t *random,
			 struct attempt *a)
{
	return current(v, n, a, true, false);
}

static bool make_curr(struct inventory *v, uint64_t n, uint64_t *random,
		      struct attempt *a)
{
	return current(v, n, a, false, true);
}

static bool make_current_both(struct inventory *v, uint64_t n, uint64_t *random,
			      struct attempt *a)
{
	return current(v, n, a, true, true);
}

/* ---- a CPU's stacks ---- */

static uint64_t count_irq_other(struct inventory *v)
{
	return nr_cpus(v) * nr_cpus(v);
}

static bool make_irq_other(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	int cpu = take_cpu(v, &n), other = take_cpu(v, &n);
	uint64_t at, from, value;
	uint32_t size;

	look_at_cpus(v, a, cpu);
	return cpu != other && FIRST(v, irq_words, cpu, &at, &size) &&
	       FIRST(v, irq_words, other, &from, &size) &&
	       engine_word(v->e, from, &value) && put(v, a, at, value);
}

static uint64_t count_pointer(struct inventory *v)
{
	return nr_cpus(v) * (LENGTH(pointer_words) + 1) * 7 * 70;
}

/* Every pointer: a bit, 0, ~0, another CPU's, a task's stack. */
static bool make_pointer(struct inventory *v, uint64_t n, uint64_t *random,
			 struct attempt *a)
{
	int cpu = take_cpu(v, &n), other = v->e->subject[n % nr_cpus(v)].cpu;
	uint64_t which = take(&n, LENGTH(pointer_words) + 1), at, from, value;
	uint64_t element = 8 * take(&n, 7);
	uint32_t size;
	bool irq = which == LENGTH(pointer_words);

	if (irq ? !FIRST(v, irq_words, cpu, &at, &size)
		: !percpu_word(v, &pointer_words[which], cpu, &at, &size))
		return false;
	if (element >= size || !engine_word(v->e, at + element, &value))
		return false;
	look_at_cpus(v, a, cpu);
	if (n < 64)
		value ^= 1ull << n;
	else if (n == 64)
		value = 0;
	else if (n == 65)
		value = ~0ull;
	else if (n < 68)
		value = v->task[next_random(random) % v->nr_tasks].stack + v->thread_size;
	else if (irq ? !FIRST(v, irq_words, other, &from, &size)
		     : !percpu_word(v, &pointer_words[which], other, &from, &size))
		return false;
	else if (other == cpu || !engine_word(v->e, from + element, &value))
		return false;
	return put(v, a, at + element, value);
}

static uint64_t count_in_use(struct inventory *v)
{
	return nr_cpus(v) * 256;
}

static bool make_in_use(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	int cpu = take_cpu(v, &n);
	uint64_t at;
	uint32_t size, value = (uint32_t)(int32_t)(int8_t)n;

	look_at_cpus(v, a, cpu);
	return FIRST(v, in_use_words, cpu, &at, &size) && size <= sizeof(value) &&
	       put_bytes(v, a, at, &value, size);
}

static uint64_t count_counts(struct inventory *v)
{
	return nr_cpus(v) * LENGTH(count_words) * 33;
}

static bool make_counts(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	int cpu = take_cpu(v, &n);
	uint64_t at;
	uint32_t size, value;

	if (!percpu_word(v, &count_words[take(&n, LENGTH(count_words))], cpu, &at,
			 &size) ||
	    size != sizeof(value) || stk_read_u32(v->e->base, at, &value))
		return false;
	look_at_cpus(v, a, cpu);
	value = n < 32 ? value ^ 1u << n : 0;
	return put_bytes(v, a, at, &value, size);
}

/* ---- tasks ---- */

/* A member of task_struct, and in it one of another type; the first that exists. */
static bool task_word(struct inventory *v, const char *name, const char *type,
		      const char *field, struct stk_member *out)
{
	struct stk_member inner;

	if (!member(v, "task_struct", name, out))
		return false;
	if (!type)
		return true;
	if (!member(v, type, field, &inner))
		return false;
	out->offset += inner.offset;
	out->size = inner.size;
	return true;
}

static const struct {
	const char *name, *type, *field;
} small_words[] = {
	{ "on_cpu", NULL, NULL },
	{ "thread_info", "thread_info", "cpu" },
	{ "cpu", NULL, NULL },
	{ "thread_info", "thread_info", "flags" },
	{ "thread_info", "thread_info", "status" },
	{ "__state", NULL, NULL },
	{ "state", NULL, NULL },
	{ "exit_state", NULL, NULL },
	{ "flags", NULL, NULL },
	{ "stack_canary", NULL, NULL },
	{ "curr_ret_stack", NULL, NULL },
	{ "curr_ret_depth", NULL, NULL },
};

static uint64_t count_small(struct inventory *v)
{
	return v->nr_tasks * LENGTH(small_words) * 40;
}

/* Each of them: one bit, or 0 to 7. */
static bool make_small(struct inventory *v, uint64_t n, uint64_t *random,
		       struct attempt *a)
{
	const struct stk_task *task = &v->task[take(&n, v->nr_tasks)];
	size_t which = take(&n, LENGTH(small_words));
	struct stk_member m;
	uint64_t word;

	if (!task_word(v, small_words[which].name, small_words[which].type,
		       small_words[which].field, &m) ||
	    m.size > 8)
		return false;
	look_at_task(v, a, task->addr);
	if (stk_read(v->e->base, task->addr + m.offset, &word, m.size))
		return false;
	word = n < 32 ? word ^ 1ull << n : n - 32;
	return put_bytes(v, a, task->addr + m.offset, &word, m.size);
}

static bool copy_member(struct inventory *v, struct attempt *a, const struct stk_task *to,
			const struct stk_task *from, const char *name)
{
	unsigned char data[64];
	struct stk_member m;

	return member(v, "task_struct", name, &m) && m.size <= sizeof(data) &&
	       !stk_read(v->e->base, from->addr + m.offset, data, m.size) &&
	       put_bytes(v, a, to->addr + m.offset, data, m.size);
}

static uint64_t count_reused(struct inventory *v)
{
	return v->sleepers.nr * v->nr_tasks * 15;
}

/* Freed and given to another: some or all of what tells who it is. */
static bool make_reused(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = &v->sleepers.site[take(&n, v->sleepers.nr)];
	const struct stk_task *task = &v->e->subject[x->subject].task;
	const struct stk_task *other = &v->task[take(&n, v->nr_tasks)];
	uint64_t parts = n + 1;

	if (other->addr == task->addr || !other->stack)
		return false;
	look_at(a, x->subject);
	look_at_task(v, a, other->addr);
	return (!(parts & 1) || (copy_member(v, a, task, other, "pid") &&
				 copy_member(v, a, task, other, "tgid"))) &&
	       (!(parts & 2) || copy_member(v, a, task, other, "comm")) &&
	       (!(parts & 4) || copy_member(v, a, task, other, "stack")) &&
	       (!(parts & 8) || put(v, a, x->at, other->sp));
}

static uint64_t count_list(struct inventory *v)
{
	return v->nr_tasks * (v->nr_tasks + 66);
}

/* The list of tasks goes on elsewhere: at another task, nowhere, at a near address. */
static bool make_list(struct inventory *v, uint64_t n, uint64_t *random,
		      struct attempt *a)
{
	const struct stk_task *task = &v->task[take(&n, v->nr_tasks)];
	struct stk_member m;
	uint64_t value;

	if (!member(v, "task_struct", "tasks", &m) ||
	    !engine_word(v->e, task->addr + m.offset, &value))
		return false;
	/* Who is lost then is any of those behind it. */
	look_at_task(v, a, task->addr);
	look_at_task(v, a, value - m.offset);
	look_at_cpus(v, a, -1);
	if (n < v->nr_tasks)
		value = v->task[n].addr + m.offset;
	else if (n < v->nr_tasks + 64)
		value ^= 1ull << (n - v->nr_tasks);
	else
		value = n == v->nr_tasks + 64 ? 0 : ~0ull;
	return put(v, a, task->addr + m.offset, value);
}

static uint64_t count_end_magic(struct inventory *v)
{
	return v->sleepers.nr * 64;
}

static bool make_end_magic(struct inventory *v, uint64_t n, uint64_t *random,
			   struct attempt *a)
{
	const struct site *x = &v->sleepers.site[take(&n, v->sleepers.nr)];
	uint64_t at = v->e->subject[x->subject].task.stack, word;

	look_at(a, x->subject);
	return engine_word(v->e, at, &word) && put(v, a, at, word ^ 1ull << n);
}

/* ---- tracers: what they keep instead of a return address ---- */

static uint64_t count_traced(struct inventory *v)
{
	struct stk_member m;
	uint64_t word, nr = 0;

	if (!member(v, "task_struct", "ret_stack", &m))
		return 0;
	for (size_t i = 0; i < v->nr_tasks; i++)
		nr += engine_word(v->e, v->task[i].addr + m.offset, &word) && word;
	return nr ? NO_END : 0;
}

static bool make_traced(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct stk_task *task = &v->task[take(&n, v->nr_tasks)];
	struct stk_member m;
	uint64_t list, word, at;

	if (!member(v, "task_struct", "ret_stack", &m) ||
	    !engine_word(v->e, task->addr + m.offset, &list) || !list)
		return false;
	look_at_task(v, a, task->addr);
	at = list + 8 * take(&n, 128);
	if (!engine_word(v->e, at, &word))
		return false;
	n %= 66;
	return put(v, a, at,
		   n < 64    ? word ^ 1ull << n
		   : n == 64 ? 0
			     : v->rets.site[next_random(random) % v->rets.nr].value);
}

static const char *const probe_heads[] = { "rethooks", "kretprobe_instances" };

static bool probe_node(struct inventory *v, const struct stk_task *task, uint64_t *node)
{
	struct stk_member m;

	for (size_t i = 0; i < LENGTH(probe_heads); i++)
		if (member(v, "task_struct", probe_heads[i], &m) &&
		    engine_word(v->e, task->addr + m.offset, node) && *node)
			return true;
	return false;
}

static uint64_t count_probed(struct inventory *v)
{
	uint64_t node;

	for (size_t i = 0; i < v->nr_tasks; i++)
		if (probe_node(v, &v->task[i], &node))
			return NO_END;
	return 0;
}

static bool make_probed(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct stk_task *task = &v->task[take(&n, v->nr_tasks)];
	uint64_t node, word, at;

	if (!probe_node(v, task, &node))
		return false;
	look_at_task(v, a, task->addr);
	/* The words of the node around its link. */
	at = (node & ~7ull) - 32 + 8 * take(&n, 12);
	if (!engine_word(v->e, at, &word))
		return false;
	n %= 66;
	return put(v, a, at,
		   n < 64    ? word ^ 1ull << n
		   : n == 64 ? 0
			     : v->rets.site[next_random(random) % v->rets.nr].value);
}

/* ---- the unwind rules ---- */

#define ORC_ROW 6u

/* The ORC row of the kernel's own code at @ip. */
static bool orc_row(struct inventory *v, uint64_t ip, uint64_t *at)
{
	uint64_t begin, stop, rules, low = 0, high;

	if (stk_symbol_address(v->e->base, "__start_orc_unwind_ip", &begin) ||
	    stk_symbol_address(v->e->base, "__stop_orc_unwind_ip", &stop) ||
	    stk_symbol_address(v->e->base, "__start_orc_unwind", &rules) || stop <= begin)
		return false;
	for (high = (stop - begin) / 4; high - low > 1;) {
		uint64_t middle = low + (high - low) / 2, slot = begin + 4 * middle;
		uint32_t distance;

		if (stk_read_u32(v->e->base, slot, &distance))
			return false;
		if (slot + (uint64_t)(int64_t)(int32_t)distance <= ip)
			low = middle;
		else
			high = middle;
	}
	*at = rules + ORC_ROW * low;
	return low > 0;
}

static uint64_t count_orc(struct inventory *v)
{
	uint64_t at;

	return v->rets.nr && orc_row(v, v->rets.site[0].value, &at) ? NO_END : 0;
}

static bool orc_site(struct inventory *v, uint64_t *n, struct attempt *a, uint64_t *at)
{
	const struct site *x = &v->rets.site[take(n, v->rets.nr)];
	uint64_t text, end;

	a->whole = true;
	look_at(a, x->subject);
	return !stk_symbol_address(v->e->base, "_stext", &text) &&
	       !stk_symbol_address(v->e->base, "_etext", &end) && x->value > text &&
	       x->value < end && orc_row(v, x->value - 1, at);
}

static bool make_orc_swap(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	unsigned char here[ORC_ROW], there[ORC_ROW];
	uint64_t at, other;

	if (!orc_site(v, &n, a, &at))
		return false;
	/* A neighbour, or the row of another frame. */
	if (n % 3 < 2)
		other = at + ORC_ROW * (n % 3 ? 1 : -1ull);
	else if (!orc_row(v, v->rets.site[next_random(random) % v->rets.nr].value - 1,
			  &other))
		return false;
	return !stk_read(v->e->base, at, here, ORC_ROW) &&
	       !stk_read(v->e->base, other, there, ORC_ROW) &&
	       memcmp(here, there, ORC_ROW) && put_bytes(v, a, at, there, ORC_ROW) &&
	       put_bytes(v, a, other, here, ORC_ROW);
}

static bool make_orc_bit(struct inventory *v, uint64_t n, uint64_t *random,
			 struct attempt *a)
{
	unsigned char row[ORC_ROW];
	uint64_t at;

	if (!orc_site(v, &n, a, &at) || stk_read(v->e->base, at, row, ORC_ROW))
		return false;
	n %= 8 * ORC_ROW;
	row[n / 8] ^= (unsigned char)(1u << n % 8);
	return put_bytes(v, a, at, row, ORC_ROW);
}

static const struct row rows[] = {
	{ "current", "a CPU's current task: another task", count_current, make_current },
	{ "rq-curr", "its rq->curr: another task", count_current, make_curr },
	{ "current-both", "both", count_current, make_current_both },
	{ "irq-other", "a CPU's pointer to its IRQ stack: another CPU's", count_irq_other,
	  make_irq_other },
	{ "pointers", "a CPU's other stack pointers, of the TSS, too", count_pointer,
	  make_pointer },
	{ "in-use", "its mark that its IRQ stack is in use", count_in_use, make_in_use },
	{ "counts", "its preempt and irq counts: a bit, or 0", count_counts,
	  make_counts },
	{ "task-words", "on_cpu, cpu, flags, state, canary, … of a task", count_small,
	  make_small },
	{ "reused", "a task's pid, comm, stack, thread.sp: those of another",
	  count_reused, make_reused },
	{ "task-list", "the next pointer of the list of tasks", count_list, make_list },
	{ "end-magic", "the magic number at the end of a stack", count_end_magic,
	  make_end_magic },
	{ "fgraph", "what the function graph tracer keeps", count_traced, make_traced },
	{ "kretprobe", "what kretprobes keep", count_probed, make_probed },
	{ "orc-swap", "ORC: two rules change places", count_orc, make_orc_swap },
	{ "orc-bit", "ORC: one bit of a rule", count_orc, make_orc_bit },
};

const struct row_table rows_machine = { rows, sizeof(rows) / sizeof(rows[0]) };
