/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replaced.h"

#include "../kernel/layout.h"

#define MAX_NODES 4096u

/* A list of the task's, linked by llist_node: what is in it, and where. */
struct kept_list {
	enum stk_member_id head, link, slot, ret;
};

/* kretprobes on rethook (5.18+), and their own instances before that (5.11-5.17). */
static const struct kept_list kept_lists[] = {
	{ STK_MEM_task_struct_rethooks, STK_MEM_rethook_node_llist,
	  STK_MEM_rethook_node_frame, STK_MEM_rethook_node_ret_addr },
	{ STK_MEM_task_struct_kretprobe_instances, STK_MEM_kretprobe_instance_llist,
	  STK_MEM_kretprobe_instance_fp, STK_MEM_kretprobe_instance_ret_addr },
};

static bool from_list(struct stk *s, const struct stk_task *task,
		      const struct kept_list *l, uint64_t slot, uint64_t trampoline,
		      uint64_t *real)
{
	struct stk_member link;
	uint64_t at, where, ret;

	if (stk_member_id(s, l->link, &link) ||
	    stk_read_member_id(s, task->addr, l->head, &at))
		return false;
	for (unsigned int i = 0; at && i < MAX_NODES; i++) {
		uint64_t node = at - link.offset;

		if (stk_read_member_id(s, node, l->slot, &where) ||
		    stk_read_member_id(s, node, l->ret, &ret))
			return false;
		/* Of several probes on one function all but the oldest keep the address
		 * that they found: the trampoline's. */
		if (where == slot && ret != trampoline) {
			*real = ret;
			return true;
		}
		if (stk_read_u64(s, at, &at))
			return false;
	}
	return false;
}

/*
 * And before that a hash table of all tasks' instances, 64 lists of hlist_node
 * (KPROBE_HASH_BITS is 6 in every kernel that has it).
 */
static bool from_table(struct stk *s, const struct stk_task *task, uint64_t slot,
		       uint64_t trampoline, uint64_t *real)
{
	struct stk_member hlist;
	uint64_t table, at, fp, ret, owner;

	if (stk_sym(s, kretprobe_inst_table, &table) ||
	    stk_member(s, kretprobe_instance, hlist, &hlist))
		return false;
	for (unsigned int bucket = 0; bucket < 64; bucket++) {
		if (stk_read_u64(s, table + 8 * bucket, &at))
			continue;
		for (unsigned int i = 0; at && i < MAX_NODES; i++) {
			uint64_t node = at - hlist.offset;

			if (stk_read_member(s, node, kretprobe_instance, fp, &fp) ||
			    stk_read_member(s, node, kretprobe_instance, ret_addr,
					    &ret) ||
			    stk_read_member(s, node, kretprobe_instance, task, &owner))
				break;
			if (fp == slot && owner == task->addr && ret != trampoline) {
				*real = ret;
				return true;
			}
			if (stk_read_u64(s, at, &at))
				break;
		}
	}
	return false;
}

/*
 * The function graph tracer, up to 6.10: task.ret_stack is an array of struct
 * ftrace_ret_stack, curr_ret_stack the index of the last one.
 */
static bool from_array(struct stk *s, uint64_t stack, int32_t last, uint32_t size,
		       uint64_t slot, uint64_t *real)
{
	for (; last >= 0; last--) {
		uint64_t at = stack + (uint64_t)last * size, retp, ret;

		if (stk_read_member(s, at, ftrace_ret_stack, retp, &retp) ||
		    stk_read_member(s, at, ftrace_ret_stack, ret, &ret))
			return false;
		if (retp == slot) {
			*real = ret;
			return true;
		}
	}
	return false;
}

/*
 * Since 6.11 (commit 42675b723b48) ret_stack is an array of longs and curr_ret_stack
 * an offset in it: the word below the offset says, in its low ten bits, how many words
 * back the struct ftrace_ret_stack lies.
 */
static bool from_words(struct stk *s, uint64_t stack, int32_t offset, uint64_t slot,
		       uint64_t *real)
{
	while (offset > 0) {
		uint64_t word, at, retp, ret;
		int32_t back;

		offset--;
		if (stk_read_u64(s, stack + 8ull * (uint32_t)offset, &word))
			return false;
		back = (int32_t)(word & 0x3ff);
		if (!back || back > offset)
			return false;
		offset -= back;
		at = stack + 8ull * (uint32_t)offset;
		if (stk_read_member(s, at, ftrace_ret_stack, retp, &retp) ||
		    stk_read_member(s, at, ftrace_ret_stack, ret, &ret))
			return false;
		if (retp == slot) {
			*real = ret;
			return true;
		}
	}
	return false;
}

static bool from_graph(struct stk *s, const struct stk_task *task, uint64_t slot,
		       uint64_t *real)
{
	uint64_t stack, index;
	uint32_t size;

	if (stk_read_member(s, task->addr, task_struct, ret_stack, &stack) || !stack ||
	    stk_read_member(s, task->addr, task_struct, curr_ret_stack, &index) ||
	    stk_size(s, ftrace_ret_stack, &size) || !size || (int32_t)index > 1 << 20)
		return false;
	/*
	 * No member tells the two layouts apart in all releases. The words carry their
	 * own lengths, each is checked, and the slot must match: try them first.
	 */
	return from_words(s, stack, (int32_t)index, slot, real) ||
	       from_array(s, stack, (int32_t)index, size, slot, real);
}

static bool replaced_return(struct stk *s, const struct stk_task *task, uint64_t ip,
			    uint64_t slot, uint64_t *real, const char **what)
{
	static const enum stk_symbol_id kretprobe[] = {
		STK_SYM_arch_rethook_trampoline, /* 5.19 */
		STK_SYM___kretprobe_trampoline,	 /* 5.16 */
		STK_SYM_kretprobe_trampoline,
	};
	uint64_t addr;

	*real = 0;
	for (size_t i = 0; i < sizeof(kretprobe) / sizeof(kretprobe[0]); i++) {
		if (stk_sym_id(s, kretprobe[i], &addr) || addr != ip)
			continue;
		*what = "kretprobe";
		for (size_t k = 0; k < sizeof(kept_lists) / sizeof(kept_lists[0]); k++)
			if (from_list(s, task, &kept_lists[k], slot, ip, real))
				return true;
		from_table(s, task, slot, ip, real);
		return true;
	}
	if (!stk_sym(s, return_to_handler, &addr) && addr == ip) {
		*what = "function graph tracer";
		from_graph(s, task, slot, real);
		return true;
	}
	return false;
}

bool stk_replaced_return(struct stk *s, const struct stk_task *task, uint64_t ip,
			 uint64_t slot, uint64_t *real, const char **what)
{
	struct stk_purse purse = { 0 };
	bool replaced;

	/* Each frame asks; none of them may take it all from the others. */
	stk_purse_open(&s->budget, &purse, "what tracers replaced on a stack", 1024);
	replaced = replaced_return(s, task, ip, slot, real, what);
	stk_purse_close(&s->budget, &purse);
	return replaced;
}
