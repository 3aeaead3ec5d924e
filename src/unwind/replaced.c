/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every tracer keeps what it found in the slot, which may be another one's trampoline,
 * or its own: of a second probe on the function, or after a tail call, when two
 * functions return by one slot. So the way back takes one record at a time, each
 * tracer's newest first, until an address is left that is nobody's trampoline.
 */
#include "replaced.h"

#include "../arch/arch.h"
#include "../kernel/layout.h"

#define MAX_NODES   4096u
#define MAX_RECORDS 16u /* of one slot */

/* A record of @key is looked for: the one after @skip newer ones. */
struct search {
	struct stk *s;
	const struct stk_task *task;
	uint64_t key; /* what the tracer knows the frame by */
	unsigned int skip;
	/* The answer. */
	uint64_t ret;
	uint64_t rethook; /* who owns the record; 0: not known */
};

static bool is_wanted(struct search *q, uint64_t key, uint64_t ret)
{
	if (key != q->key)
		return false;
	if (q->skip) {
		q->skip--;
		return false;
	}
	q->ret = ret;
	return true;
}

/* A list of the task's, linked by llist_node: what is in it, and where. */
struct kept_list {
	const char *head; /* in task_struct */
	const char *type, *link, *key, *ret;
	const char *rethook; /* who made it; NULL: that is known */
};

/* kretprobes on rethook (5.18+), and their own instances before that (5.11-5.17). */
static const struct kept_list kept_lists[] = {
	{ "rethooks", "rethook_node", "llist", "frame", "ret_addr", "rethook" },
	{ "kretprobe_instances", "kretprobe_instance", "llist", "fp", "ret_addr", NULL },
};

static bool from_list(struct search *q, const struct kept_list *l)
{
	struct stk *s = q->s;
	struct stk_member link;
	uint64_t at, where, ret;

	if (!stk_find_member(s, l->type, l->link, &link) ||
	    stk_read_member(s, q->task->addr, "task_struct", l->head, &at))
		return false;
	for (unsigned int i = 0; at && i < MAX_NODES; i++) {
		uint64_t node = at - link.offset;

		if (stk_read_member(s, node, l->type, l->key, &where) ||
		    stk_read_member(s, node, l->type, l->ret, &ret))
			return false;
		if (is_wanted(q, where, ret)) {
			if (!l->rethook ||
			    stk_read_member(s, node, l->type, l->rethook, &q->rethook))
				q->rethook = 0;
			return true;
		}
		if (stk_read_u64(s, at, &at))
			return false;
	}
	return false;
}

/*
 * And before that a hash table of all tasks' instances, 64 lists of hlist_node
 * (KPROBE_HASH_BITS is 6 in every kernel that has it). A task's are in one list.
 */
static bool from_table(struct search *q)
{
	struct stk *s = q->s;
	struct stk_member hlist;
	uint64_t table, at, fp, ret, owner;

	if (!stk_find_symbol(s, "kretprobe_inst_table", &table) ||
	    !stk_find_member(s, "kretprobe_instance", "hlist", &hlist))
		return false;
	for (unsigned int bucket = 0; bucket < 64; bucket++) {
		if (stk_read_u64(s, table + 8 * bucket, &at))
			continue;
		for (unsigned int i = 0; at && i < MAX_NODES; i++) {
			uint64_t node = at - hlist.offset;

			if (stk_read_member(s, node, "kretprobe_instance", "fp", &fp) ||
			    stk_read_member(s, node, "kretprobe_instance", "ret_addr",
					    &ret) ||
			    stk_read_member(s, node, "kretprobe_instance", "task",
					    &owner))
				break;
			if (owner == q->task->addr && is_wanted(q, fp, ret))
				return true;
			if (stk_read_u64(s, at, &at))
				break;
		}
	}
	return false;
}

/*
 * An entry of the function graph tracer's. Where a frame pointer is the key it is "fp":
 * what "retp" has there is a slot that is long used again (riscv64).
 */
static enum stk_status read_entry(struct stk *s, uint64_t at, uint64_t *key,
				  uint64_t *ret)
{
	struct stk_member fp;
	const char *member =
		s->arch->tracer_key && stk_find_member(s, "ftrace_ret_stack", "fp", &fp)
			? "fp"
			: "retp";
	enum stk_status st = stk_read_member(s, at, "ftrace_ret_stack", member, key);

	return st ? st : stk_read_member(s, at, "ftrace_ret_stack", "ret", ret);
}

/*
 * The function graph tracer, up to 6.10: task.ret_stack is an array of struct
 * ftrace_ret_stack, curr_ret_stack the index of the last one.
 */
static bool from_array(struct search *q, uint64_t stack, int32_t last, uint32_t size)
{
	for (; last >= 0; last--) {
		uint64_t at = stack + (uint64_t)last * size, key, ret;

		if (read_entry(q->s, at, &key, &ret))
			return false;
		if (is_wanted(q, key, ret))
			return true;
	}
	return false;
}

/*
 * Since 6.11 (commit 42675b723b48) ret_stack is an array of longs and curr_ret_stack
 * an offset in it: the word below the offset says, in its low ten bits, how many words
 * back the struct ftrace_ret_stack lies.
 */
static bool from_words(struct search *q, uint64_t stack, int32_t offset)
{
	while (offset > 0) {
		uint64_t word, at, key, ret;
		int32_t back;

		offset--;
		if (stk_read_u64(q->s, stack + 8ull * (uint32_t)offset, &word))
			return false;
		back = (int32_t)(word & 0x3ff);
		if (!back || back > offset)
			return false;
		offset -= back;
		at = stack + 8ull * (uint32_t)offset;
		if (read_entry(q->s, at, &key, &ret))
			return false;
		if (is_wanted(q, key, ret))
			return true;
	}
	return false;
}

static bool from_graph(struct search *q)
{
	const unsigned int skip = q->skip;
	struct stk *s = q->s;
	uint64_t stack, index;
	uint32_t size;

	if (stk_read_member(s, q->task->addr, "task_struct", "ret_stack", &stack) ||
	    !stack ||
	    stk_read_member(s, q->task->addr, "task_struct", "curr_ret_stack", &index) ||
	    !stk_find_size(s, "ftrace_ret_stack", &size) || !size ||
	    (int32_t)index > 1 << 20)
		return false;
	/*
	 * No member tells the two layouts apart in all releases. The words carry their
	 * own lengths, each is checked, and the key must match: try them first.
	 */
	if (from_words(q, stack, (int32_t)index))
		return true;
	/* kernel/trace/fgraph.c: the list of the tracers came with the words. */
	if (stk_has_symbol(s, "fgraph_array"))
		return false;
	q->skip = skip;
	return from_array(q, stack, (int32_t)index, size);
}

static bool from_kretprobe(struct search *q)
{
	const unsigned int skip = q->skip;

	for (size_t i = 0; i < sizeof(kept_lists) / sizeof(kept_lists[0]); i++) {
		q->skip = skip;
		if (from_list(q, &kept_lists[i]))
			return true;
	}
	q->skip = skip;
	return from_table(q);
}

enum tracer { KRETPROBE = 1, FPROBE = 2, GRAPH = 4 };

static const char *const tracer_names[] = {
	[KRETPROBE] = "kretprobe",
	[FPROBE] = "fprobe",
	[GRAPH] = "function graph tracer",
	[KRETPROBE | FPROBE] = "kretprobe and the fprobe",
	[KRETPROBE | GRAPH] = "kretprobe and the function graph tracer",
	[FPROBE | GRAPH] = "fprobe and the function graph tracer",
	[KRETPROBE | FPROBE | GRAPH] =
		"kretprobe, the fprobe and the function graph tracer",
};

/* An fprobe of 5.18-6.13 uses a kretprobe's trampoline and list (commit 5b0ab78998e3). */
static enum tracer trampoline_owner(struct search *q)
{
	uint64_t fprobe, handler;

	return q->rethook && stk_find_symbol(q->s, "fprobe_exit_handler", &fprobe) &&
			       !stk_read_member(q->s, q->rethook, "rethook", "handler",
						&handler) &&
			       handler == fprobe
		       ? FPROBE
		       : KRETPROBE;
}

static const struct {
	const char *symbol;
	enum tracer tracer;
} trampolines[] = {
	{ "arch_rethook_trampoline", KRETPROBE }, /* 5.19 */
	{ "__kretprobe_trampoline", KRETPROBE },  /* 5.16 */
	{ "kretprobe_trampoline", KRETPROBE },
	/* Since 6.14 of fprobes, too, commit 4346ba160409. */
	{ "return_to_handler", GRAPH },
};

#define NR_TRAMPOLINES (sizeof(trampolines) / sizeof(trampolines[0]))

/* Where they are; 0: this kernel has no such one. Each frame asks. */
static enum stk_status find_trampolines(struct stk *s, void *value)
{
	uint64_t *addr = value;

	for (size_t i = 0; i < NR_TRAMPOLINES; i++)
		stk_find_symbol(s, trampolines[i].symbol, &addr[i]);
	return STK_OK;
}

/* Which kind of trampoline is @ip? 0: none. */
static enum tracer trampoline(struct stk *s, uint64_t ip)
{
	static const struct stk_once once = {
		.size = NR_TRAMPOLINES * sizeof(uint64_t),
		.find = find_trampolines,
	};
	const uint64_t *addr;

	if (!ip || stk_once(s, &s->trampolines, &once))
		return 0;
	addr = s->trampolines.value;
	for (size_t i = 0; i < NR_TRAMPOLINES; i++)
		if (addr[i] == ip)
			return trampolines[i].tracer;
	return 0;
}

static bool replaced_return(struct stk *s, const struct stk_task *task, uint64_t ip,
			    uint64_t key, uint64_t *real, const char **what)
{
	unsigned int kretprobes = 0, graphs = 0, who = 0;
	enum tracer kind = trampoline(s, ip);

	*real = 0;
	if (!kind)
		return false;
	while (kind) {
		struct search q = { .s = s, .task = task, .key = key };
		bool found = false;

		if (kretprobes + graphs < MAX_RECORDS) {
			q.skip = kind == GRAPH ? graphs++ : kretprobes++;
			found = kind == GRAPH ? from_graph(&q) : from_kretprobe(&q);
		}
		who |= found && kind == KRETPROBE ? trampoline_owner(&q) : kind;
		*what = tracer_names[who];
		if (!found)
			return true;
		ip = q.ret;
		kind = trampoline(s, ip);
	}
	*real = ip;
	return true;
}

bool stk_replaced_return(struct stk *s, const struct stk_task *task, uint64_t ip,
			 uint64_t key, uint64_t *real, const char **what)
{
	struct stk_purse purse = { 0 };
	bool replaced;

	/* Each frame asks; none of them may take it all from the others. */
	stk_purse_open(&s->budget, &purse, "what tracers replaced on a stack", 1024);
	replaced = replaced_return(s, task, ip, key, real, what);
	stk_purse_close(&s->budget, &purse);
	return replaced;
}
