/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a return address which a tracer replaced is found where each era keeps it,
 * and that code made at run time is left: ftrace's trampolines, the detours of
 * optimized kprobes, BPF programs.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#include "arch/arch.h"
#include "unwind/replaced.h"

#define TRAMPOLINE (SYN_TEXT + 0x8100)
#define MADE	   (SYN_MODULE + 0x100000) /* code that was made at run time */
#define NODES	   (SYN_DATA + 0xa000)
#define REAL	   (SYN_TEXT + 0x1234)
#define SLOT	   0xffffb1c00011be58ull
#define IN_SYSCALL                                                                       \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"entry_SYSCALL_64+0x63/orc end user"

/* The real address behind @slot, or 0. */
static uint64_t real(uint64_t slot)
{
	struct stk *s = syn_open(m);
	struct stk_task task;
	const char *what = NULL;
	uint64_t ret;

	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert(stk_replaced_return(s, &task, TRAMPOLINE, slot, &ret, &what));
	ck_assert_ptr_nonnull(what);
	return ret;
}

/* ---- kretprobes ---- */

static const struct {
	const char *trampoline, *head, *link, *slot, *ret;
} kept[] = {
	{ "arch_rethook_trampoline", "task_struct.rethooks", "rethook_node.llist",
	  "rethook_node.frame", "rethook_node.ret_addr" },
	{ "__kretprobe_trampoline", "task_struct.kretprobe_instances",
	  "kretprobe_instance.llist", "kretprobe_instance.fp",
	  "kretprobe_instance.ret_addr" },
	{ "kretprobe_trampoline", "task_struct.kretprobe_instances",
	  "kretprobe_instance.llist", "kretprobe_instance.fp",
	  "kretprobe_instance.ret_addr" },
};

static void add_node(unsigned int n, uint64_t next, uint64_t slot, uint64_t ret)
{
	uint64_t at = NODES + 0x100 * n;

	syn_put64(m, at + 16, next ? next + 16 : 0);
	syn_put64(m, at + 40, ret);
	syn_put64(m, at + 48, slot);
}

/*
 * Of three instances one is of another slot, and one, of a second probe on the same
 * function, found the trampoline where it looked for the return address.
 */
static void keep(int row, uint64_t slot)
{
	syn_symbol(m, kept[row].trampoline, TRAMPOLINE);
	syn_member(m, kept[row].head, 0x1000, 8);
	syn_member(m, kept[row].link, 16, 8);
	syn_member(m, kept[row].ret, 40, 8);
	syn_member(m, kept[row].slot, 48, 8);
	add_node(0, NODES + 0x100, slot + 0x40, SYN_TEXT + 0x4444);
	add_node(1, NODES + 0x200, slot, TRAMPOLINE);
	add_node(2, 0, slot, REAL);
	syn_put64(m, sh + 0x1000, NODES + 16);
}

START_TEST(kretprobe_in_a_list)
{
	keep(_i, SLOT);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT + 8), 0);
	/* The list ends in itself. */
	add_node(2, NODES, SLOT, TRAMPOLINE);
	ck_assert_uint_eq(real(SLOT), 0);
}
END_TEST

/* Up to 5.10, in one hash table for all tasks. */
START_TEST(kretprobe_in_the_table)
{
	syn_symbol(m, "kretprobe_trampoline", TRAMPOLINE);
	syn_symbol(m, "kretprobe_inst_table", SYN_DATA + 0xb000);
	syn_member(m, "kretprobe_instance.hlist", 16, 16);
	syn_member(m, "kretprobe_instance.ret_addr", 40, 8);
	syn_member(m, "kretprobe_instance.fp", 48, 8);
	syn_member(m, "kretprobe_instance.task", 56, 8);
	syn_fill(m, SYN_DATA + 0xb000, 64 * 8, 0);
	add_node(0, NODES + 0x100, SLOT, SYN_TEXT + 0x4444);
	syn_put64(m, NODES + 56, syn_idle(m, 0)); /* another task's */
	add_node(1, NODES + 0x200, SLOT, TRAMPOLINE);
	syn_put64(m, NODES + 0x100 + 56, sh);
	add_node(2, 0, SLOT, REAL);
	syn_put64(m, NODES + 0x200 + 56, sh);
	syn_put64(m, SYN_DATA + 0xb000 + 8 * 63, NODES + 16);
	ck_assert_uint_eq(real(SLOT), REAL);
	/* There are 64 lists, and what lies behind them is none. */
	syn_put64(m, SYN_DATA + 0xb000 + 8 * 63, 0);
	syn_put64(m, SYN_DATA + 0xb000 + 8 * 64, NODES + 16);
	ck_assert_uint_eq(real(SLOT), 0);
	syn_put64(m, SYN_DATA + 0xb000, NODES + 16);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT + 8), 0);
}
END_TEST

START_TEST(kretprobe_in_a_chain)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	ck_assert_uint_eq(syn_get64(m, c.bp + 8), syn_sym(m, "ksys_write") + 0x6f);
	keep(0, c.bp + 8);
	syn_put64(m, c.bp + 8, TRAMPOLINE);
	add_node(2, 0, c.bp + 8, syn_sym(m, "ksys_write") + 0x6f);
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain),
			 "<TASK> task_spin+0x40/regs! " IN_SYSCALL);
	ck_assert_str_eq(chain->segments->frames[2].note,
			 "return address replaced by the kretprobe, restored");
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(kretprobe_lost)
{
	struct stk_chain *chain;
	struct stk_start start;

	syn_syscall(&c);
	keep(0, c.bp + 8);
	syn_put64(m, sh + 0x1000, 0);
	syn_put64(m, c.bp + 8, TRAMPOLINE);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->frames[2].ip, TRAMPOLINE);
	ck_assert(!chain->segments->frames[2].reliable);
	ck_assert_str_eq(
		chain->segments->frames[2].note,
		"return address replaced by the kretprobe; the real one is lost");
	/* So it is, whoever ran. */
	start = chain->start;
	stk_chain_free(m->s, chain);
	start.has_task = false;
	memset(&start.task, 0, sizeof(start.task));
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert(!chain->segments->frames[2].reliable);
	ck_assert_str_eq(
		chain->segments->frames[2].note,
		"return address replaced by the kretprobe; the real one is lost");
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- the function graph tracer ---- */

static bool sizeless;

static void graph(int32_t index)
{
	syn_symbol(m, "return_to_handler", TRAMPOLINE);
	syn_member(m, "task_struct.ret_stack", 0x1008, 8);
	syn_member(m, "task_struct.curr_ret_stack", 0x1010, 4);
	if (!sizeless)
		syn_size(m, "ftrace_ret_stack", 40);
	syn_member(m, "ftrace_ret_stack.ret", 0, 8);
	syn_member(m, "ftrace_ret_stack.retp", 32, 8);
	/* What other machines go by is there, too. */
	syn_member(m, "ftrace_ret_stack.fp", 24, 8);
	syn_put64(m, sh + 0x1008, NODES);
	syn_put32(m, sh + 0x1010, (uint32_t)index);
	syn_fill(m, NODES, 0x1000, 0);
}

static void ret_stack(uint64_t at, uint64_t ret, uint64_t retp)
{
	syn_put64(m, at, ret);
	syn_put64(m, at + 32, retp);
}

/* Up to 6.10 curr_ret_stack is the index of the last one. */
START_TEST(graph_of_6_10)
{
	graph(2);
	ret_stack(NODES, SYN_TEXT + 0x4444, SLOT + 0x80);
	ret_stack(NODES + 40, REAL, SLOT);
	ret_stack(NODES + 80, SYN_TEXT + 0x5555, SLOT - 0x80);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT - 0x80), SYN_TEXT + 0x5555);
	ck_assert_uint_eq(real(SLOT + 0x80), SYN_TEXT + 0x4444);
	ck_assert_uint_eq(real(SLOT + 8), 0);
}
END_TEST

/* One alone: its index is 0. */
START_TEST(graph_of_one)
{
	graph(0);
	ret_stack(NODES, REAL, SLOT);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT + 8), 0);
	syn_put32(m, sh + 0x1010, (uint32_t)-1);
	ck_assert_uint_eq(real(SLOT), 0);
}
END_TEST

/* A task that is not traced has none, whatever lies at address 0. */
START_TEST(graph_of_none)
{
	graph(0);
	ret_stack(0, REAL, SLOT);
	syn_put64(m, sh + 0x1008, 0);
	ck_assert_uint_eq(real(SLOT), 0);
	syn_no_member(m, "task_struct.ret_stack");
	ck_assert_uint_eq(real(SLOT), 0);
}
END_TEST

/* Since 6.11 it is an offset in words; the last word of each tells its length. */
START_TEST(graph_of_6_11)
{
	graph(19);
	ret_stack(NODES, SYN_TEXT + 0x4444, SLOT + 0x80);
	syn_put64(m, NODES + 8 * 5, 5 | 1 << 12);
	ret_stack(NODES + 8 * 6, REAL, SLOT);
	syn_put64(m, NODES + 8 * 12, 6 | 3 << 12); /* with a word of a tracer's own */
	ret_stack(NODES + 8 * 13, SYN_TEXT + 0x5555, SLOT - 0x80);
	syn_put64(m, NODES + 8 * 18, 5 | 1 << 12);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT - 0x80), SYN_TEXT + 0x5555);
	ck_assert_uint_eq(real(SLOT + 0x80), SYN_TEXT + 0x4444);
	ck_assert_uint_eq(real(SLOT + 8), 0);
	/* All of them are words, and none is of an array. */
	syn_symbol(m, "fgraph_array", SYN_DATA + 0xb900);
	ck_assert_uint_eq(real(SLOT), REAL);
	ck_assert_uint_eq(real(SLOT - 0x80), SYN_TEXT + 0x5555);
	ck_assert_uint_eq(real(SLOT + 0x80), SYN_TEXT + 0x4444);
}
END_TEST

/* Of a type that nobody knows nothing is taken. */
START_TEST(graph_of_no_type)
{
	sizeless = true;
	graph(5);
	sizeless = false;
	ret_stack(NODES, REAL, SLOT);
	syn_put64(m, NODES + 8 * 5, 5 | 1 << 12);
	ck_assert_uint_eq(real(SLOT), 0);
}
END_TEST

/* A word that says "no words back", or more than there are, is none of theirs. */
START_TEST(graph_words_are_checked)
{
	const uint64_t ret = SYN_TEXT + 0x4400; /* in its low ten bits: 0 */

	syn_symbol(m, "fgraph_array", SYN_DATA + 0xb900);
	if (_i == 0) {
		graph(13);
		ret_stack(NODES + 8 * 12, ret, SLOT);
	} else {
		graph(6);
		syn_put64(m, NODES + 8 * 5, 6 | 1 << 12);
		ret_stack(NODES - 8, ret, SLOT);
		ret_stack(NODES + 8ull * UINT32_MAX, ret, SLOT);
	}
	ck_assert_uint_eq(real(SLOT), 0);
}
END_TEST

/* Words that were lost, or lead to what was, say nothing of an array. */
START_TEST(graph_of_lost_words)
{
	const uint64_t stack = SYN_VMALLOC + 0x8000000, last = 1000;

	graph((int32_t)last);
	syn_put64(m, sh + 0x1008, stack);
	syn_map(m, stack + 0x9000, syn_alloc(m, 1), 0x1000);
	ret_stack(stack + last * 40, REAL, SLOT);
	if (_i) {
		/* 600 words back, to the first page. */
		syn_map(m, stack + 0x1000, syn_alloc(m, 1), 0x1000);
		syn_put64(m, stack + 8 * (last - 1), 600);
	}
	ck_assert_uint_eq(real(SLOT), REAL);
}
END_TEST

/* An offset of a MiB of words may be, more not. */
START_TEST(graph_of_many_words)
{
	const int32_t offset = 1 << 20;
	const uint64_t end = SYN_VMALLOC + 0x8000000 + 8 * (uint64_t)offset;

	graph(offset + _i);
	syn_map(m, end - 0x1000, syn_alloc(m, 1), 0x1000);
	syn_map(m, end, syn_alloc(m, 1), 0x1000);
	syn_put64(m, sh + 0x1008, end - 8 * (uint64_t)offset);
	ret_stack(end - 48 + 8 * _i, REAL, SLOT);
	syn_put64(m, end - 8 + 8 * _i, 5 | 1 << 12);
	ck_assert_uint_eq(real(SLOT), _i ? 0 : REAL);
}
END_TEST

/* ---- several tracers on one function ---- */

#define RETHOOK_TRAMPOLINE (SYN_TEXT + 0x8180)
#define FPROBE_RETHOOK	   (SYN_DATA + 0xb800)
#define KRETPROBE_RETHOOK  (SYN_DATA + 0xb840)

/*
 * Each in turn finds an address in the slot, keeps it and puts its trampoline there, as
 * measured on 6.12: K a kretprobe, F an fprobe (of before 6.14, with the kretprobe's
 * trampoline), G the function graph tracer, twice where a traced function leaves by a
 * jump to another one.
 */
static const struct {
	const char *tracers, *names;
} several[] = {
	{ "K", "kretprobe" },
	{ "F", "fprobe" },
	{ "KG", "kretprobe and the function graph tracer" },
	{ "GK", "kretprobe and the function graph tracer" },
	{ "KK", "kretprobe" },
	{ "KF", "kretprobe and the fprobe" },
	{ "GF", "fprobe and the function graph tracer" },
	{ "GG", "function graph tracer" },
	{ "KGK", "kretprobe and the function graph tracer" },
	{ "GKG", "kretprobe and the function graph tracer" },
	{ "KGFGK", "kretprobe, the fprobe and the function graph tracer" },
};

#define NR_SEVERAL ((int)(sizeof(several) / sizeof(several[0])))

/* Returns what is in the slot then. */
static uint64_t trace(const char *tracers, uint64_t slot, uint64_t ret)
{
	unsigned int nodes = 0, words = 0;

	graph(0);
	syn_symbol(m, "fgraph_array", SYN_DATA + 0xb900);
	syn_symbol(m, "arch_rethook_trampoline", RETHOOK_TRAMPOLINE);
	syn_member(m, "task_struct.rethooks", 0x1000, 8);
	syn_member(m, "rethook_node.llist", 16, 8);
	syn_member(m, "rethook_node.rethook", 32, 8);
	syn_member(m, "rethook_node.ret_addr", 40, 8);
	syn_member(m, "rethook_node.frame", 48, 8);
	syn_member(m, "rethook.handler", 8, 8);
	syn_symbol(m, "fprobe_exit_handler", SYN_TEXT + 0x8200);
	syn_put64(m, FPROBE_RETHOOK + 8, SYN_TEXT + 0x8200);
	syn_put64(m, KRETPROBE_RETHOOK + 8, SYN_TEXT + 0x8240);
	syn_put64(m, sh + 0x1000, 0);
	for (; *tracers; tracers++) {
		if (*tracers == 'G') {
			ret_stack(NODES + 8 * words, ret, slot);
			syn_put64(m, NODES + 8 * (words + 5), 5 | 1 << 12);
			words += 6;
			ret = TRAMPOLINE;
		} else {
			uint64_t node = NODES + 0x800 + 0x40 * nodes++;

			syn_put64(m, node + 16, syn_get64(m, sh + 0x1000));
			syn_put64(m, node + 32,
				  *tracers == 'F' ? FPROBE_RETHOOK : KRETPROBE_RETHOOK);
			syn_put64(m, node + 40, ret);
			syn_put64(m, node + 48, slot);
			syn_put64(m, sh + 0x1000, node + 16);
			ret = RETHOOK_TRAMPOLINE;
		}
	}
	syn_put32(m, sh + 0x1010, words);
	return ret;
}

static uint64_t restore(uint64_t ip, uint64_t slot, const char **what)
{
	struct stk *s = syn_open(m);
	struct stk_task task;
	uint64_t ret;

	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert(stk_replaced_return(s, &task, ip, slot, &ret, what));
	return ret;
}

START_TEST(several_tracers)
{
	const char *what;
	uint64_t ip = trace(several[_i].tracers, SLOT, REAL);

	ck_assert_uint_eq(restore(ip, SLOT, &what), REAL);
	ck_assert_str_eq(what, several[_i].names);
	ck_assert_uint_eq(restore(ip, SLOT + 8, &what), 0);
}
END_TEST

/* One whose record is gone: no address is made up, those that are known are named. */
START_TEST(one_of_several_lost)
{
	const char *what;
	uint64_t ip = trace("KG", SLOT, REAL);

	syn_put64(m, sh + 0x1000, 0);
	ck_assert_uint_eq(restore(ip, SLOT, &what), 0);
	ck_assert_str_eq(what, "kretprobe and the function graph tracer");
	ip = trace("GK", SLOT, REAL);
	syn_put32(m, sh + 0x1010, 0);
	ck_assert_uint_eq(restore(ip, SLOT, &what), 0);
	ck_assert_str_eq(what, "kretprobe and the function graph tracer");
}
END_TEST

/* No function has so many; a list that leads back into itself has more. */
START_TEST(too_many_tracers)
{
	const char *what;

	ck_assert_uint_eq(restore(trace("KKKKKKKKGGGGGGGG", SLOT, REAL), SLOT, &what),
			  REAL);
	ck_assert_uint_eq(restore(trace("KKKKKKKKGGGGGGGGK", SLOT, REAL), SLOT, &what),
			  0);
}
END_TEST

/* Damage: each holds the other's trampoline, and one list leads back into itself. */
START_TEST(tracers_in_a_loop)
{
	const char *what;
	uint64_t ip = trace("KG", SLOT, TRAMPOLINE), node = syn_get64(m, sh + 0x1000);

	ck_assert_uint_eq(restore(ip, SLOT, &what), 0);
	syn_put64(m, node, node);
	syn_put64(m, node - 16 + 40, RETHOOK_TRAMPOLINE);
	ck_assert_uint_eq(restore(ip, SLOT, &what), 0);
	ck_assert_uint_eq(restore(RETHOOK_TRAMPOLINE, SLOT, &what), 0);
}
END_TEST

START_TEST(several_tracers_in_a_chain)
{
	struct stk_chain *chain;
	uint64_t slot, ret;

	syn_syscall(&c);
	slot = c.bp + 8;
	ret = syn_get64(m, slot);
	syn_put64(m, slot, trace(several[_i].tracers, slot, ret));
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain),
			 "<TASK> task_spin+0x40/regs! " IN_SYSCALL);
	ck_assert(chain->segments->frames[2].reliable);
	ck_assert_ptr_nonnull(strstr(chain->segments->frames[2].note, several[_i].names));
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- code made at run time ---- */

/* Each ftrace_ops has a copy of one of the two. */
START_TEST(ftrace_trampolines)
{
	static const char *const origin[] = { "ftrace_regs_caller", "ftrace_caller" };
	uint64_t at = SYN_TEXT + 0x8400;
	struct orc_rule rule;

	for (unsigned int i = 0; i < 2; i++) {
		syn_symbol(m, origin[i], at + 0x100 * i);
		syn_fill(m, at + 0x100 * i, 0x40, (uint8_t)(0x50 + i));
		syn_orc(m, at + 0x100 * i, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
		syn_orc(m, at + 0x100 * i + 0x20, ORC_CALL, ORC_SP, 0x80 + 8 * (int)i,
			ORC_UNDEFINED, 0);
	}
	syn_symbol(m, "ftrace_ops_list", NODES);
	syn_member(m, "ftrace_ops.next", 0, 8);
	syn_member(m, "ftrace_ops.trampoline", 16, 8);
	syn_member(m, "ftrace_ops.trampoline_size", 24, 8);
	syn_put64(m, NODES, NODES + 0x100);
	syn_put64(m, NODES + 0x100, 0);
	syn_put64(m, NODES + 0x110, MADE);
	syn_put64(m, NODES + 0x118, 0x40);
	syn_fill(m, MADE, 0x40, (uint8_t)(0x50 + _i));
	ck_assert_int_eq(orc_find(syn_open(m), MADE + 0x24, &rule), STK_OK);
	ck_assert_int_eq(rule.sp_offset, 0x80 + 8 * _i);
	ck_assert_int_eq(orc_find(m->s, MADE + 0x10, &rule), STK_OK);
	ck_assert_int_eq(rule.sp_offset, 8);
	/* Behind it there is nothing. */
	ck_assert_int_eq(orc_find(m->s, MADE + 0x40, &rule), STK_ERR_NOT_FOUND);
	/* A copy is no copy of itself, whatever the symbols say: the search has an end.
	 */
	syn_symbol(m, origin[_i], MADE);
	ck_assert_int_eq(orc_find(syn_open(m), MADE + 0x24, &rule), STK_ERR_NOT_FOUND);
}
END_TEST

/*
 * An optimized kprobe jumps to a detour, which builds a pt_regs and calls
 * optimized_callback(); in old kernels without a word for ss.
 */
static struct stk_chain *optimized(bool with_ss)
{
	uint64_t detour = MADE + 0x400, word, regs;

	syn_symbol(m, "optimized_callback", TRAMPOLINE);
	syn_orc(m, TRAMPOLINE, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_symbol(m, "kprobe_optinsn_slots", NODES);
	syn_member(m, "kprobe_insn_cache.pages", 0, 16);
	syn_member(m, "kprobe_insn_page.insns", 16, 8);
	syn_put64(m, NODES, NODES + 0x100);
	syn_put64(m, NODES + 0x100, NODES);
	syn_put64(m, NODES + 0x110, MADE);
	syn_symbol(m, "detour", detour);
	syn_call_insn(m, "detour", 0x30, "optimized_callback");

	syn_syscall(&c);
	syn_jump(m, c.ip - 1, detour);
	word = c.sp;
	c.sp += with_ss ? 0 : 8;
	regs = c.sp;
	word = syn_get64(m, word);
	syn_pt_regs(&c, c.ip, 0x10, with_ss ? regs : regs - 8, c.bp);
	if (!with_ss)
		syn_put64(m, regs - 8, word);
	syn_push(&c, detour + 0x30);
	c.ip = TRAMPOLINE + 0x10;
	return unwind_cpu_1();
}

START_TEST(optimized_kprobe)
{
	struct stk_chain *chain = optimized(_i);

	ck_assert_str_eq(syn_chain_text(chain),
			 "<TASK> optimized_callback+0x10/regs! "
			 "__builtin__kprobes:kprobe_optinsn_page+0x430/orc "
			 "task_spin+0x40/regs! " IN_SYSCALL);
	ck_assert_uint_eq(chain->segments->frames[2].regs_at, c.sp + 8);
	stk_chain_free(m->s, chain);
}
END_TEST

/* A call of anything else from such a page has no pt_regs above it. */
START_TEST(detour_calls_something_else)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };
	struct stk_chain *chain = optimized(true);

	stk_chain_free(m->s, chain);
	x86_set(&cur.regs, X86_IP, MADE + 0x430);
	x86_set(&cur.regs, X86_SP, c.sp + 8);
	ck_assert_int_eq(x86_step_kprobe(m->s, &cur, &out), STK_STEP_OK);
	ck_assert(out.full && out.signal && out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
	ck_assert_uint_eq(out.regs_at, c.sp + 8);
	cur.signal = true;
	ck_assert_int_eq(x86_step_kprobe(m->s, &cur, &out), STK_STEP_NO_RULE);
	cur.signal = false;
	/* The pt_regs is where that says, of code. */
	for (unsigned int off = 0; off <= 24; off += 8) {
		syn_put64(m, c.sp + 8 + 8 * X86_SP, c.sp + 8 + X86_PT_REGS_SIZE - off);
		ck_assert_int_eq(x86_step_kprobe(syn_open(m), &cur, &out),
				 off <= 8 ? STK_STEP_OK : STK_STEP_NO_RULE);
	}
	syn_put64(m, c.sp + 8 + 8 * X86_SP, c.sp + 8 + X86_PT_REGS_SIZE);
	syn_put64(m, c.sp + 8 + 8 * X86_IP, SYN_USER_IP);
	ck_assert_int_eq(x86_step_kprobe(syn_open(m), &cur, &out), STK_STEP_NO_RULE);
	syn_put64(m, c.sp + 8 + 8 * X86_IP, SYN_TEXT + 0x20);
	ck_assert_int_eq(x86_step_kprobe(syn_open(m), &cur, &out), STK_STEP_OK);
	syn_call_insn(m, "detour", 0x30, "panic");
	ck_assert_int_eq(x86_step_kprobe(syn_open(m), &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* The JIT always keeps a frame pointer; without a name of the program, too. */
START_TEST(bpf_program)
{
	struct stk_chain *chain;

	syn_symbol(m, "prog", MADE);
	if (_i) {
		syn_symbol(m, "bpf_kallsyms", NODES);
		syn_member(m, "bpf_ksym.start", 0, 8);
		syn_member(m, "bpf_ksym.end", 8, 8);
		syn_member(m, "bpf_ksym.name", 16, 512);
		syn_member(m, "bpf_ksym.lnode", 528, 16);
		syn_put64(m, NODES, NODES + 0x100 + 528);
		syn_put64(m, NODES + 0x100, MADE);
		syn_put64(m, NODES + 0x108, MADE + 0x200);
		syn_fill(m, NODES + 0x110, 512, 0);
		syn_write(m, NODES + 0x110, "bpf_prog_syn", 13);
		syn_put64(m, NODES + 0x100 + 528, NODES);
	} else {
		/* Nothing but its page tells that it is code. */
		syn_map_text(m, MADE);
	}
	syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	c.function = "entry_SYSCALL_64";
	syn_call(&c, 0x63, "do_syscall_64");
	syn_push(&c, syn_call_insn(m, "do_syscall_64", 0x58, "prog"));
	syn_push(&c, c.bp);
	c.bp = c.sp;
	for (int i = 0; i < 5; i++)
		syn_push(&c, 0x2222);
	c.function = "prog";
	syn_call(&c, 0x80, "task_spin");
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain),
			 _i ? "<TASK> task_spin+0x40/regs! bpf_prog_syn+0x80/orc "
			      "do_syscall_64+0x58/fp entry_SYSCALL_64+0x63/orc end user"
			    : "<TASK> task_spin+0x40/regs! 0xffffffffc0500080/orc "
			      "do_syscall_64+0x58/fp entry_SYSCALL_64+0x63/orc end user");
	stk_chain_free(m->s, chain);
}
END_TEST

static const struct unit_test kretprobe_tests[] = {
	LOOP(kretprobe_in_a_list, 3),
	TEST(kretprobe_in_the_table),
	TEST(kretprobe_in_a_chain),
	TEST(kretprobe_lost),
	{ 0 },
};

static const struct unit_test tracer_tests[] = {
	TEST(graph_of_6_10),
	TEST(graph_of_none),
	TEST(graph_of_one),
	TEST(graph_of_6_11),
	TEST(graph_of_no_type),
	LOOP(graph_words_are_checked, 2),
	LOOP(graph_of_many_words, 2),
	LOOP(graph_of_lost_words, 2),
	{ 0 },
};

static const struct unit_test both_tests[] = {
	LOOP(several_tracers, NR_SEVERAL),
	TEST(one_of_several_lost),
	TEST(too_many_tracers),
	TEST(tracers_in_a_loop),
	LOOP(several_tracers_in_a_chain, NR_SEVERAL),
	{ 0 },
};

static const struct unit_test made_tests[] = {
	LOOP(ftrace_trampolines, 2),
	LOOP(optimized_kprobe, 2),
	TEST(detour_calls_something_else),
	LOOP(bpf_program, 2),
	{ 0 },
};

const struct unit_suite suite_traced = {
	"traced",
	{
		{ "kretprobe", kretprobe_tests, fixture_task, NULL },
		{ "graph", tracer_tests, fixture_task, NULL },
		{ "several", both_tests, fixture_task, NULL },
		{ "made code", made_tests, fixture_task, NULL },
	},
};
