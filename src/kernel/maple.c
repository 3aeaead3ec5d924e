/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "maple.h"

#include <string.h>

#include "layout.h"

#define MAX_NODES 1000000u
#define MAX_DEPTH 31u /* MAPLE_HEIGHT_MAX */
#define MAX_SLOTS 31u /* of a dense node */
#define NODE_SIZE 256u

/* enum maple_type; a node's address is a multiple of 256, its type in bits 3-6. */
enum { MAPLE_DENSE, MAPLE_LEAF_64, MAPLE_RANGE_64, MAPLE_ARANGE_64 };

struct walk {
	bool (*entry)(struct stk *s, uint64_t value, void *ctx);
	void *ctx;
	struct kind {
		struct stk_member pivot, slot, meta;
	} range, arange;
	unsigned int nodes;
};

/* include/linux/xarray.h, xa_is_node() and xa_is_internal(). */
static bool is_internal(uint64_t entry)
{
	return (entry & 3) == 2;
}

static bool is_node(uint64_t entry)
{
	return is_internal(entry) && entry > 4096;
}

static uint64_t node_word(const unsigned char *node, const struct stk_member *m, size_t i)
{
	uint64_t v = 0;

	if (m->offset + 8 * i + 8 <= NODE_SIZE)
		memcpy(&v, node + m->offset + 8 * i, sizeof(v));
	return v;
}

/*
 * The number of the last slot in use, whose pivot does not count: ma_data_end(). Only a
 * node that is full has a last pivot; in others struct maple_metadata takes its place.
 */
static size_t data_end(const struct kind *k, const unsigned char *node)
{
	size_t slots = k->slot.size / 8, end;

	if (!slots || slots > MAX_SLOTS || k->meta.offset >= NODE_SIZE)
		return 0;
	if (slots > 1 && node_word(node, &k->pivot, slots - 2))
		return slots - 1;
	end = node[k->meta.offset];
	return end < slots ? end : slots - 1;
}

static unsigned int node_type(uint64_t enode)
{
	return enode >> 3 & 15;
}

/* NULL: none that can be walked, or one too many. */
static const struct kind *read_maple_node(struct stk *s, struct walk *w, uint64_t enode,
					  unsigned int depth, unsigned char *node)
{
	unsigned int type = node_type(enode);

	if (depth > MAX_DEPTH || ++w->nodes > MAX_NODES || type == MAPLE_DENSE ||
	    type > MAPLE_ARANGE_64 ||
	    stk_read(s, enode & ~(uint64_t)(NODE_SIZE - 1), node, NODE_SIZE))
		return NULL;
	return type == MAPLE_ARANGE_64 ? &w->arange : &w->range;
}

static bool walk_maple_node(struct stk *s, struct walk *w, uint64_t enode, uint64_t min,
			    uint64_t max, unsigned int depth)
{
	unsigned char node[NODE_SIZE];
	const struct kind *k = read_maple_node(s, w, enode, depth, node);
	size_t last_slot = k ? data_end(k, node) : 0;

	for (size_t i = 0; k && i <= last_slot; i++) {
		uint64_t value = node_word(node, &k->slot, i);
		uint64_t last = i < last_slot ? node_word(node, &k->pivot, i) : max;

		if (last < min || last > max)
			break;
		if (node_type(enode) == MAPLE_LEAF_64) {
			if (value && !is_internal(value) && !w->entry(s, value, w->ctx))
				return false;
		} else if (is_node(value) &&
			   !walk_maple_node(s, w, value, min, last, depth + 1)) {
			return false;
		}
		if (last == max)
			break;
		min = last + 1;
	}
	return true;
}

void stk_maple_walk(struct stk *s, uint64_t tree,
		    bool (*entry)(struct stk *s, uint64_t value, void *ctx), void *ctx)
{
	struct walk w = { .entry = entry, .ctx = ctx };
	uint64_t root;

	if (!stk_find_member(s, "maple_range_64", "pivot", &w.range.pivot) ||
	    !stk_find_member(s, "maple_range_64", "slot", &w.range.slot) ||
	    !stk_find_member(s, "maple_arange_64", "pivot", &w.arange.pivot) ||
	    !stk_find_member(s, "maple_arange_64", "slot", &w.arange.slot) ||
	    !stk_find_member(s, "maple_range_64", "meta", &w.range.meta) ||
	    !stk_find_member(s, "maple_arange_64", "meta", &w.arange.meta) ||
	    stk_read_member(s, tree, "maple_tree", "ma_root", &root) || !root)
		return;
	if (is_node(root))
		walk_maple_node(s, &w, root, 0, ~0ull, 0);
	else if (!is_internal(root))
		entry(s, root, ctx);
}
