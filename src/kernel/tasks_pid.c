/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every task has a struct pid, which the first PID namespace knows: in a hash table up to
 * 4.14, in a radix tree since (commit 95846ecf9dac "pid: replace pid bitmap
 * implementation with IDR API"). Its first list holds the one task with that number.
 */
#include <string.h>

#include "layout.h"
#include "task_list.h"

#define MAX_PIDS  (4u * 1024 * 1024) /* PID_MAX_LIMIT */
#define MAX_NODES (MAX_PIDS / 32)
#define MAX_DEPTH 6u  /* 6 bits each make the 32 of a number */
#define SLOTS	  64u /* XA_CHUNK_SIZE, RADIX_TREE_MAP_SIZE */

struct pids {
	struct stk *s;
	struct stk_task_list *l;
	struct stk_member tasks, numbers, nr, ns, chain, slots, link;
	unsigned int inner; /* the low two bits of a pointer to a node */
	unsigned int nodes, pids;
};

/* The member of a task that a struct pid's list goes through. */
static bool find_link(struct stk *s, struct stk_member *link)
{
	/* 4.19, commit 2c4704756cab "pids: Move the pgrp and session pid pointers" */
	return stk_find_member(s, "task_struct", "pid_links", link) ||
	       stk_find_member(s, "task_struct", "pids", link);
}

/* The number is in the struct pid and in the task: both have to say the same. */
static enum stk_status add_pid(struct pids *p, uint64_t pid)
{
	struct stk *s = p->s;
	uint64_t node, number;
	uint32_t nr;

	if (++p->pids > MAX_PIDS ||
	    stk_read_u32(s, pid + p->numbers.offset + p->nr.offset, &nr) || !nr ||
	    stk_read_u64(s, pid + p->tasks.offset, &node) || !node ||
	    stk_read_member(s, node - p->link.offset, "task_struct", "pid", &number) ||
	    number != nr)
		return STK_OK;
	return stk_task_list_add(s, p->l, node - p->link.offset, STK_FOUND_PID);
}

static enum stk_status walk_radix_node(struct pids *p, uint64_t node, unsigned int depth)
{
	uint64_t slot[SLOTS];
	enum stk_status st = STK_OK;

	if (stk_interrupted(p->s))
		return STK_ERR_INTERRUPTED;
	if (stk_out_of_budget(p->s) || depth > MAX_DEPTH || ++p->nodes > MAX_NODES ||
	    p->slots.size != sizeof(slot) ||
	    stk_read(p->s, node + p->slots.offset, slot, sizeof(slot)))
		return STK_OK;
	for (unsigned int i = 0; !st && i < SLOTS; i++) {
		if ((slot[i] & 3) == p->inner)
			st = walk_radix_node(p, slot[i] & ~3ull, depth + 1);
		else if (slot[i] && !(slot[i] & 3))
			st = add_pid(p, slot[i]);
	}
	return st;
}

static enum stk_status walk_tree(struct pids *p, uint64_t ns)
{
	struct stk_member idr, rt;
	uint64_t root;

	if (!stk_find_member(p->s, "pid_namespace", "idr", &idr) ||
	    !stk_find_member(p->s, "idr", "idr_rt", &rt))
		return STK_OK;
	ns += idr.offset + rt.offset;
	/* 4.20, commit f8d5d0cc145c "xarray: Add definition of struct xarray" */
	p->inner = 2;
	if (stk_read_member(p->s, ns, "xarray", "xa_head", &root) ||
	    !stk_find_member(p->s, "xa_node", "slots", &p->slots)) {
		p->inner = 1;
		if (stk_read_member(p->s, ns, "radix_tree_root", "rnode", &root) ||
		    !stk_find_member(p->s, "radix_tree_node", "slots", &p->slots))
			return STK_OK;
	}
	return (root & 3) == p->inner ? walk_radix_node(p, root & ~3ull, 1) : STK_OK;
}

/* Up to 4.14; of 1 << @shift chains. */
static bool find_table(struct pids *p, uint64_t *table, uint32_t *shift)
{
	struct stk *s = p->s;
	uint64_t sym;

	return stk_find_symbol(s, "pid_hash", &sym) && !stk_read_u64(s, sym, table) &&
	       stk_find_symbol(s, "pidhash_shift", &sym) &&
	       !stk_read_u32(s, sym, shift) && *shift <= 20 &&
	       stk_find_member(s, "upid", "pid_chain", &p->chain) &&
	       stk_find_member(s, "upid", "ns", &p->ns);
}

/* It goes through struct upid, one for each namespace. */
static enum stk_status walk_chain(struct pids *p, uint64_t at, uint64_t init_ns)
{
	enum stk_status st = STK_OK;

	while (!st && at && p->pids < MAX_PIDS) {
		uint64_t upid = at - p->chain.offset, ns;

		if (stk_read_u64(p->s, upid + p->ns.offset, &ns))
			break;
		/* The first namespace's is the first in its struct pid. */
		if (ns == init_ns)
			st = add_pid(p, upid - p->numbers.offset);
		else
			p->pids++;
		if (!st && stk_read_u64(p->s, at, &at))
			break;
	}
	return st;
}

static enum stk_status walk_table(struct pids *p, uint64_t init_ns)
{
	uint64_t table, at;
	uint32_t shift;
	enum stk_status st = STK_OK;

	if (!find_table(p, &table, &shift))
		return STK_OK;
	for (uint32_t i = 0; !st && i < 1u << shift; i++) {
		if (stk_must_stop(p->s))
			return stk_interrupted(p->s) ? STK_ERR_INTERRUPTED : STK_OK;
		if (!stk_read_u64(p->s, table + 8ull * i, &at))
			st = walk_chain(p, at, init_ns);
	}
	return st;
}

enum stk_status stk_task_list_add_pids(struct stk *s, struct stk_task_list *l)
{
	struct pids p = { .s = s, .l = l };
	uint64_t ns;
	enum stk_status st;

	if (!stk_find_symbol(s, "init_pid_ns", &ns) || !find_link(s, &p.link) ||
	    !stk_find_member(s, "pid", "tasks", &p.tasks) ||
	    !stk_find_member(s, "pid", "numbers", &p.numbers) ||
	    !stk_find_member(s, "upid", "nr", &p.nr))
		return STK_OK;
	st = walk_tree(&p, ns);
	return st || p.nodes ? st : walk_table(&p, ns);
}
