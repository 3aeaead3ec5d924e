/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that each member of the public structures says what the rooms know: of every
 * task, stack and chain of some machines, and of an address of every kind.
 */
#include "fixture.h"
#include "suite.h"

#include <stackinfo/kernel.h>
#include <stackinfo/place.h>
#include <stackinfo/stackinfo.h>
#include <stackinfo/unwind.h>
#include <string.h>

#include "unwind/unwind.h"

static struct stk *s;

/* NULL is a value, too. */
static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

#define SAME_TEXT(a, b)                                                                  \
	ck_assert_msg(same_text(a, b), "%s is \"%s\", not \"%s\"", #a, (a) ? (a) : "-",  \
		      (b) ? (b) : "-")
#define SAME(a, b) ck_assert_msg((a) == (b), "%s is not %s", #a, #b)

/* ---- machines ---- */

static void interrupted(void)
{
	fixture_sleeper();
	syn_irq(&c);
	syn_crash_note(&c);
}

static void stopped(void)
{
	fixture_sleeper();
	syn_irq(&c);
	syn_nmi(&c);
	syn_crash_note(&c);
}

/* The note's registers lie on the NMI stack, and the CPU went on from there. */
static void went_on_of(unsigned int cpu)
{
	fixture_sleeper();
	c = syn_cpu(m, cpu, sh);
	syn_syscall(&c);
	syn_crash_note(&c);
	syn_nmi(&c);
	syn_call(&c, 0x80, "panic");
}

static void went_on(void)
{
	went_on_of(1);
}

/* The IRQ stack's word leads to the stack of another task. */
static void broken(void)
{
	struct syn_cpu other;

	interrupted();
	other = syn_cpu(m, 0, syn_task(m, "other", 301, 0));
	syn_syscall(&other);
	syn_put64(m, syn_irq_top(1) - 8, other.sp);
}

static void overflown(void)
{
	fixture_sleeper();
	syn_guard_hit(&c, "DF");
	syn_crash_note(&c);
}

static void (*const machine[])(void) = { interrupted, stopped, went_on, broken,
					 overflown };

#define NR_MACHINES (sizeof(machine) / sizeof(machine[0]))

static void opened(int nr)
{
	machine[nr]();
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
}

/* ---- tasks and stacks ---- */

static void same_task(const struct stk_task_info *info, const struct stk_task *t)
{
	SAME(info->addr, t->addr);
	SAME(info->stack, t->stack);
	SAME(info->sp, t->sp);
	SAME(info->pid, t->pid);
	SAME(info->tgid, t->tgid);
	SAME(info->state, t->state);
	SAME(info->exit_state, t->exit_state);
	SAME(info->flags, t->flags);
	SAME(info->cpu, t->cpu);
	SAME(info->on_cpu, t->on_cpu);
	SAME(info->idle, t->idle);
	SAME_TEXT(info->found, stk_found_name(t->found));
	SAME_TEXT(info->comm, t->comm);
}

START_TEST(tasks)
{
	const struct stk_task *task;
	struct stk_task_info info;
	size_t nr, counted;

	opened(_i);
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	ck_assert_int_eq(stk_count_tasks(s, &counted), STK_OK);
	ck_assert_uint_eq(counted, nr);
	for (size_t i = 0; i < nr; i++) {
		ck_assert_int_eq(stk_get_task(s, i, &info, sizeof(info)), STK_OK);
		same_task(&info, &task[i]);
		ck_assert_int_eq(stk_get_task_at(s, task[i].addr, &info, sizeof(info)),
				 STK_OK);
		ck_assert_uint_eq(info.addr, task[i].addr);
	}
	ck_assert_int_eq(stk_get_task(s, nr, &info, sizeof(info)), STK_ERR_NOT_FOUND);
	memset(&info, 0x5a, sizeof(info));
	ck_assert_int_ne(stk_get_task_at(s, 0, &info, sizeof(info)), STK_OK);
	ck_assert_int_ne(stk_get_task_by_pid(s, 4000, &info, sizeof(info)), STK_OK);
	ck_assert_int_ne(stk_get_current(s, 4000, &info, sizeof(info)), STK_OK);
	/* Nothing is said of what was not found. */
	ck_assert_uint_eq(info.pid, 0x5a5a5a5a);
}
END_TEST

/* Where there is no list the reason is given, and no task. */
START_TEST(no_tasks)
{
	const struct stk_task *task;
	struct stk_task_info info;
	enum stk_status st;
	size_t nr;

	m = syn_kernel(SYN_6_1);
	syn_no_symbol(m, "init_task");
	s = syn_open(m);
	st = stk_tasks(s, &task, &nr);
	ck_assert_int_ne(st, STK_OK);
	ck_assert_int_ne(st, STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_count_tasks(s, &nr), st);
	ck_assert_int_eq(stk_get_task(s, 0, &info, sizeof(info)), st);
}
END_TEST

START_TEST(the_machine)
{
	struct stk_machine_info info;
	struct stk_machine known;
	struct syn *empty;

	opened(_i);
	ck_assert_int_eq(stk_get_machine(s, &info, sizeof(info)), STK_OK);
	ck_assert_int_eq(stk_machine(s, &known), STK_OK);
	SAME_TEXT(info.release, stk_release(s));
	SAME_TEXT(info.arch, stk_arch_name(s));
	SAME_TEXT(info.node, known.node);
	SAME_TEXT(info.version, known.version);
	SAME(info.crash_time, known.crash_time);
	SAME(info.nr_cpus, stk_nr_cpus(s));
	SAME(info.nr_online, stk_nr_online(s));
	SAME(info.incomplete, known.incomplete);
	/* Of a machine without a kernel it says that. */
	empty = syn_new(4);
	ck_assert_int_ne(stk_get_machine(syn_open(empty), &info, sizeof(info)), STK_OK);
	syn_free(empty);
}
END_TEST

static void same_stack(const struct stk_stack_info *info, const struct stk_stack *stack)
{
	SAME_TEXT(info->kind, stk_stack_kind_name(stack->kind));
	SAME(info->cpu, stack->cpu);
	SAME(info->task, stack->task);
	SAME(info->begin, stack->begin);
	SAME(info->end, stack->end);
	SAME(info->guard, stack->guard);
	SAME(info->guard_end, stack->guard_end);
	SAME(info->store, stack->store);
	SAME(info->mapped, stack->mapped);
}

static void same_use(const struct stk_use_info *info, const struct stk_use *use)
{
	SAME_TEXT(info->state, stk_state_name(use->state));
	SAME(info->sp, use->sp);
	SAME(info->used, use->used);
	SAME(info->high_water, use->high_water);
	SAME(info->overrun, use->overrun);
	SAME_TEXT(info->why, use->why);
	SAME_TEXT(info->residue, use->has_residue ? use->residue.text : NULL);
	SAME(info->residue_regs_at, use->has_residue ? use->residue.regs_at : 0);
	SAME(info->residue_ip, use->has_residue ? use->residue.ip : 0);
	SAME(info->residue_user, use->has_residue && use->residue.user);
}

START_TEST(stacks)
{
	const struct stk_stack *stack;
	struct stk_stack_info info;
	struct stk_use_info used;
	struct stk_use use;
	size_t nr, counted;

	opened(_i);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	ck_assert_int_eq(stk_count_stacks(s, &counted), STK_OK);
	ck_assert_uint_eq(counted, nr);
	for (size_t i = 0; i < nr; i++) {
		ck_assert_int_eq(stk_get_stack(s, i, &info, sizeof(info)), STK_OK);
		same_stack(&info, &stack[i]);
		ck_assert_int_eq(stk_get_stack_at(s, stack[i].begin, &info, sizeof(info)),
				 STK_OK);
		same_stack(&info, &stack[i]);
		ck_assert_int_eq(stk_stack_use(s, &stack[i], &use), STK_OK);
		ck_assert_int_eq(stk_get_use(s, stack[i].end - 8, &used, sizeof(used)),
				 STK_OK);
		same_use(&used, &use);
	}
	ck_assert_int_eq(stk_get_stack(s, nr, &info, sizeof(info)), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_use(s, 1, &used, sizeof(used)), STK_ERR_NOT_FOUND);
}
END_TEST

/* ---- addresses ---- */

static void same_area(const struct stk_place_info *info, const struct stk_place *p)
{
	SAME_TEXT(info->region, p->region);
	SAME(info->region_first, p->region_first);
	SAME(info->region_last, p->region_last);
	SAME_TEXT(info->detail, p->detail);
	SAME_TEXT(info->area, p->area.what);
	SAME_TEXT(info->area_name, p->area.name);
	SAME_TEXT(info->area_access, p->area.access);
	SAME(info->area_begin, p->area.begin);
	SAME(info->area_end, p->area.end);
	SAME(info->area_guard, p->area.guard);
	SAME(info->area_caller, p->area.caller);
	SAME_TEXT(info->about, p->about.what);
	SAME(info->about_value, p->about.value);
}

static void same_stack_of(const struct stk_place_info *info, const struct stk_place *p)
{
	const struct stk_residue *r = p->residue;

	SAME_TEXT(info->stack_kind,
		  p->has_stack ? stk_stack_kind_name(p->stack.kind) : NULL);
	SAME(info->stack_cpu, p->has_stack ? p->stack.cpu : -1);
	SAME(info->stack_task, p->has_stack ? p->stack.task : 0);
	SAME(info->stack_begin, p->has_stack ? p->stack.begin : 0);
	SAME(info->stack_end, p->has_stack ? p->stack.end : 0);
	SAME(info->guard, p->has_stack ? p->guard : 0);
	SAME_TEXT(info->view, p->has_stack ? p->view : NULL);
	SAME(info->stack_addr, p->has_stack ? p->stack_addr : 0);
	SAME(info->bytes_below, p->has_stack ? p->bytes_below : 0);
	SAME(info->offset_from_end, p->has_stack ? p->offset_from_end : 0);
	SAME_TEXT(info->state, p->state ? stk_state_name(p->state) : NULL);
	SAME_TEXT(info->state_why, p->state_why);
	SAME_TEXT(info->residue, r ? r->text : NULL);
	SAME(info->residue_regs_at, r ? r->regs_at : 0);
	SAME(info->residue_ip, r ? r->ip : 0);
	SAME(info->residue_user, r && r->user);
}

static void same_rest(const struct stk_place_info *info, const struct stk_place *p)
{
	SAME(info->addr, p->addr);
	SAME(info->has_task, p->has_task);
	SAME(info->task, p->has_task ? p->task.addr : 0);
	SAME(info->pid, p->has_task ? p->task.pid : 0);
	SAME_TEXT(info->comm, p->has_task ? p->task.comm : "");
	SAME_TEXT(info->name.function, p->name.function);
	SAME(info->name.offset, p->name.offset);
	SAME_TEXT(info->name.module, p->name.module);
	SAME(info->percpu_cpu, p->percpu ? (int)p->percpu_cpu : -1);
	SAME(info->has_percpu_ptr, p->has_percpu_ptr);
	SAME(info->percpu_ptr, p->percpu_ptr);
	SAME(info->has_phys, p->has_phys);
	SAME(info->phys, p->phys);
	SAME(info->phys_status, p->phys_status);
	SAME(info->in_dump, p->in_dump);
	SAME_TEXT(info->object, p->object.what);
	SAME(info->object_begin, p->object.begin);
	SAME(info->object_size, p->object.size);
	SAME_TEXT(info->object_state,
		  p->object.what ? stk_object_state_name(p->object.state) : NULL);
	SAME_TEXT(info->object_why, p->object.why);
	SAME(info->last_pid, p->object.last_pid);
	SAME_TEXT(info->last_comm, p->object.last_comm);
	SAME(info->nr_aliases, p->nr_aliases);
	for (size_t i = 0; i < p->nr_aliases; i++) {
		SAME_TEXT(info->alias[i].view, p->aliases[i].view);
		SAME(info->alias[i].addr, p->aliases[i].addr);
	}
}

/* Of each stack, of the guards beside it, and of what is none. */
START_TEST(places)
{
	uint64_t addr[512] = { 0,	   SYN_USER_IP,	 SYN_DIRECT + 0x1000, SYN_TEXT,
			       SYN_DATA,   SYN_VMALLOC,	 SYN_VMEMMAP,	      SYN_MODULE,
			       SYN_RO_IDT, SYN_PERCPU(0) };
	const struct stk_stack *stack;
	struct stk_place_info info;
	struct stk_place place;
	size_t nr, used = 10;

	opened(_i);
	ck_assert_int_eq(stk_stacks(s, &stack, &nr), STK_OK);
	addr[used++] = syn_sym(m, "do_syscall_64") + 4;
	addr[used++] = syn_percpu(m, "cpu_tss_rw", 1) + 8;
	for (size_t i = 0; i < nr && used + 4 < 512; i++) {
		addr[used++] = stack[i].begin;
		addr[used++] = stack[i].begin - 8;
		addr[used++] = stack[i].end - 16;
		addr[used++] = stack[i].store;
	}
	for (size_t i = 0; i < used; i++) {
		ck_assert_int_eq(stk_classify(s, addr[i], &place), STK_OK);
		ck_assert_int_eq(stk_get_place(s, addr[i], 0, &info, sizeof(info)),
				 STK_OK);
		same_area(&info, &place);
		same_stack_of(&info, &place);
		same_rest(&info, &place);
	}
}
END_TEST

/* ---- chains ---- */

static void same_chain(const struct stk_chain *chain)
{
	const struct stk_start *start = &chain->start;
	const struct stk_entry *e = &chain->entry;
	struct stk_chain_info info;
	uint64_t ip, sp;

	stk_get_chain(s, chain, &info, sizeof(info));
	SAME(info.nr_segments, chain->nr_segments);
	SAME(info.nr_frames, chain->nr_frames);
	SAME(info.cpu, chain->cpu);
	SAME_TEXT(info.confidence, stk_confidence_name(chain->confidence));
	SAME_TEXT(info.confidence_why, chain->confidence_why);
	SAME_TEXT(info.end, stk_end_name(chain->end));
	SAME_TEXT(info.end_text, chain->end_text);
	SAME(info.end_is_good, stk_end_is_good(chain->end));
	SAME_TEXT(info.from, stk_from_name(start->from));
	SAME(info.ip, start->regs.v[X86_IP]);
	SAME(info.sp, start->regs.v[X86_SP]);
	SAME(info.start_regs, &start->regs);
	/* These two are known of every chain. */
	ck_assert(stk_get_reg(info.start_regs, X86_IP, &ip) && ip == info.ip);
	ck_assert(stk_get_reg(info.start_regs, X86_SP, &sp) && sp == info.sp);
	SAME(info.has_task, start->has_task);
	SAME(info.task, start->has_task ? start->task.addr : 0);
	SAME(info.pid, start->has_task ? start->task.pid : 0);
	SAME_TEXT(info.comm, start->has_task ? start->task.comm : "");
	SAME_TEXT(info.start_note, start->note);
	SAME_TEXT(info.start_doubt, start->doubt);
	SAME_TEXT(info.entry_state, start->entry ? start->entry->text : NULL);
	SAME(info.start_agree, start->evidence.agree);
	SAME(info.start_differ, start->evidence.differ);
	SAME(info.user_regs, chain->user);
	SAME(info.user_regs_at, chain->user_at);
	SAME_TEXT(info.user_doubt, chain->user_doubt);
	SAME(info.user_agree, chain->user_evidence.agree);
	SAME(info.user_differ, chain->user_evidence.differ);
	SAME_TEXT(info.entry, e->kind ? stk_entry_kind_name(e->kind) : NULL);
	SAME_TEXT(info.entry_name, e->kind ? e->name : NULL);
	SAME_TEXT(info.entry_odd, e->kind ? e->odd : NULL);
	SAME(info.syscall, e->kind ? e->nr : -1);
	SAME(info.vector, e->kind ? (int)e->code : -1);
	SAME(info.has_error_code, e->kind && e->has_error);
	SAME(info.error_code, e->kind ? e->error : 0);
	SAME(info.joint_at, chain->joint.regs_at);
	SAME(info.joint_segment, chain->joint.segment);
	SAME(info.joint_frame, chain->joint.frame);
}

static void same_crossing(const struct stk_segment_info *info,
			  const struct stk_segment *seg)
{
	const struct stk_crossing none = { 0 };
	const struct stk_crossing *x = seg->next ? &seg->crossing : &none;

	SAME(info->crossed, seg->next != NULL);
	SAME_TEXT(info->how, seg->next ? stk_how_name(x->how) : NULL);
	SAME(info->at, x->at);
	SAME(info->has_link, x->have_link);
	SAME(info->link_at, x->link_at);
	SAME(info->link, x->link);
	SAME(info->words_agree, x->agree);
	SAME(info->agree, x->evidence.agree);
	SAME(info->differ, x->evidence.differ);
	SAME_TEXT(info->note, x->note);
	SAME(info->overflow_of, seg->over.kind ? seg->over.begin : 0);
	SAME(info->overflow_by, seg->over_by);
}

static void same_frame(const struct stk_frame_info *info, const struct stk_frame *f)
{
	SAME(info->ip, f->ip);
	SAME(info->at, f->at);
	SAME(info->sp, f->sp);
	SAME(info->has_sp, f->has_sp);
	SAME(info->slot, f->slot);
	SAME_TEXT(info->name.function, f->name.function);
	SAME(info->name.offset, f->name.offset);
	SAME_TEXT(info->name.module, f->name.module);
	SAME_TEXT(info->how, stk_how_name(f->how));
	SAME(info->reliable, f->reliable);
	SAME_TEXT(info->doubt, f->reliable ? NULL : stk_doubt_name(f->doubt));
	SAME_TEXT(info->doubt_text, f->reliable ? NULL : stk_doubt_text(f->doubt));
	SAME(info->agree, f->evidence.agree);
	SAME(info->differ, f->evidence.differ);
	SAME(info->interrupted, f->interrupted);
	SAME(info->regs, f->regs);
	SAME(info->regs_at, f->regs_at);
	SAME_TEXT(info->note, f->note);
}

static void same_all(const struct stk_chain *chain)
{
	const struct stk_segment *seg = chain->segments;
	struct stk_segment_info info;
	struct stk_frame_info frame;
	size_t nr = 0;

	same_chain(chain);
	for (; seg; seg = seg->next, nr++) {
		ck_assert_int_eq(stk_get_segment(chain, nr, &info, sizeof(info)), STK_OK);
		SAME_TEXT(info.stack_kind, stk_stack_kind_name(seg->stack.kind));
		SAME(info.stack_cpu, seg->stack.cpu);
		SAME(info.stack_task, seg->stack.task);
		SAME(info.stack_begin, seg->stack.begin);
		SAME(info.stack_end, seg->stack.end);
		SAME(info.nr_frames, seg->nr_frames);
		SAME(info.low, seg->low);
		same_crossing(&info, seg);
		for (size_t i = 0; i < seg->nr_frames; i++) {
			ck_assert_int_eq(
				stk_get_frame(chain, nr, i, &frame, sizeof(frame)),
				STK_OK);
			same_frame(&frame, &seg->frames[i]);
		}
		ck_assert_int_eq(
			stk_get_frame(chain, nr, seg->nr_frames, &frame, sizeof(frame)),
			STK_ERR_NOT_FOUND);
		ck_assert_uint_eq(stk_get_lines(s, chain, nr, seg->nr_frames, NULL, 16),
				  0);
	}
	ck_assert_uint_eq(nr, chain->nr_segments);
	ck_assert_int_eq(stk_get_segment(chain, nr, &info, sizeof(info)),
			 STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_frame(chain, nr, 0, &frame, sizeof(frame)),
			 STK_ERR_NOT_FOUND);
}

/* Each by the two ways: the public one, and the one that it stands for. */
static void same_chains(enum stk_status st, struct stk_chain *chain,
			enum stk_status inner_st, const struct stk_start *start)
{
	struct stk_chain *inner;

	ck_assert_int_eq(st, inner_st);
	if (st) {
		ck_assert_ptr_null(chain);
		return;
	}
	ck_assert_int_eq(stk_unwind_whole(s, start, &inner), STK_OK);
	ck_assert_uint_eq(chain->nr_frames, inner->nr_frames);
	ck_assert_int_eq(chain->end, inner->end);
	ck_assert_uint_eq(chain->start.regs.v[X86_SP], inner->start.regs.v[X86_SP]);
	ck_assert_uint_eq(chain->start.regs.v[X86_IP], inner->start.regs.v[X86_IP]);
	same_all(chain);
	stk_chain_free(s, inner);
	stk_chain_free(s, chain);
}

START_TEST(chains)
{
	struct stk_chain *const none = (struct stk_chain *)1;
	const struct stk_task *task;
	struct stk_chain *chain;
	struct stk_start start;
	enum stk_status st;
	size_t nr;

	opened(_i);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS + 1; cpu++) {
		chain = none;
		st = stk_chain_cpu(s, cpu, &chain);
		same_chains(st, chain, stk_start_cpu(s, cpu, &start), &start);
	}
	ck_assert_int_eq(stk_tasks(s, &task, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++) {
		chain = none;
		st = stk_chain_task(s, task[i].addr, &chain);
		same_chains(st, chain, stk_start_task(s, &task[i], &start), &start);
	}
	for (uint64_t at = 0; at < 2; at++) {
		uint64_t regs = at ? syn_stack(m, sh) + SYN_THREAD_SIZE - 168 : 8;

		chain = none;
		st = stk_chain_regs(s, regs, &chain);
		same_chains(st, chain, stk_start_regs(s, regs, &start), &start);
		chain = none;
		st = stk_chain_stack(s, at ? c.sp : 8, c.ip, 0x1234, &chain);
		same_chains(st, chain,
			    stk_start_stack(s, at ? c.sp : 8, c.ip, 0x1234, &start),
			    &start);
	}
}
END_TEST

/* What speaks for and against the way from one stack to the next. */
START_TEST(crossings)
{
	struct stk_segment last = { .nr_frames = 0 }, first = {
		.next = &last,
		.crossing = { .how = STK_HOW_LINK,
			      .at = 8,
			      .have_link = true,
			      .link_at = 16,
			      .link = 24,
			      .agree = 1,
			      .evidence = { .agree = 5, .differ = 18 },
			      .note = "why" }
	};
	struct stk_chain chain = { .segments = &first, .nr_segments = 2 };
	struct stk_segment_info info;

	ck_assert_int_eq(stk_get_segment(&chain, 0, &info, sizeof(info)), STK_OK);
	same_crossing(&info, &first);
	ck_assert_int_eq(stk_get_segment(&chain, 1, &info, sizeof(info)), STK_OK);
	same_crossing(&info, &last);
}
END_TEST

/* ---- what belongs to a chain ---- */

START_TEST(rest_of_a_broken_chain)
{
	struct stk_chain *chain, *rest, *inner;
	uint64_t at = 1, inner_at;

	opened(3);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_int_eq(stk_resync(s, chain, &inner_at, &inner), STK_OK);
	ck_assert_int_eq(stk_chain_rest(s, chain, &at, &rest), STK_OK);
	ck_assert_uint_eq(at, inner_at);
	ck_assert_uint_eq(rest->nr_frames, inner->nr_frames);
	same_all(rest);
	stk_chain_free(s, rest);
	/* Where it begins need not be asked for. */
	ck_assert_int_eq(stk_chain_rest(s, chain, NULL, &rest), STK_OK);
	stk_chain_free(s, rest);
	stk_chain_free(s, inner);
	stk_chain_free(s, chain);
}
END_TEST

/* There is none: nothing is said of where. */
START_TEST(no_rest_of_a_whole_chain)
{
	struct stk_chain *chain, *rest;
	uint64_t at = 1;

	opened(0);
	ck_assert_int_eq(stk_chain_cpu(s, 1, &chain), STK_OK);
	ck_assert_int_eq(stk_chain_rest(s, chain, &at, &rest), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
	ck_assert_uint_eq(at, 1);
	stk_chain_free(s, chain);
}
END_TEST

START_TEST(what_a_cpu_did_then)
{
	struct stk_chain *chain, *live;
	uint64_t joins = 1, copy[20];
	struct stk_task task;

	went_on_of((unsigned int)_i);
	s = syn_open(m);
	ck_assert_int_eq(stk_chain_cpu(s, (unsigned int)_i, &chain), STK_OK);
	ck_assert_int_eq(stk_chain_live(s, chain, &joins, &live), STK_OK);
	ck_assert_uint_eq(joins, syn_ist_top(m, (unsigned int)_i, "NMI") - 264);
	ck_assert_str_eq(stk_end_name(live->end), "joins");
	same_all(live);
	stk_chain_free(s, live);
	ck_assert_int_eq(stk_chain_live(s, chain, NULL, &live), STK_OK);
	stk_chain_free(s, live);
	memset(copy, 0x5a, sizeof(copy));
	ck_assert_uint_eq(stk_chain_copies(s, chain, copy, 20), 1);
	ck_assert_uint_eq(copy[0], joins);
	ck_assert_uint_eq(copy[1], 0x5a5a5a5a5a5a5a5a);
	ck_assert_uint_eq(stk_chain_copies(s, chain, copy, 0), 0);
	stk_chain_free(s, chain);
	/* A sleeping task's is no CPU's. */
	ck_assert_int_eq(stk_task_by_pid(s, 300, &task), STK_OK);
	ck_assert_int_eq(stk_chain_task(s, task.addr, &chain), STK_OK);
	joins = 1;
	ck_assert_int_ne(stk_chain_live(s, chain, &joins, &live), STK_OK);
	ck_assert_ptr_null(live);
	ck_assert_uint_eq(joins, 1);
	stk_chain_free(s, chain);
}
END_TEST

/* What is said of a stack pointer that is on none. */
START_TEST(on_no_stack)
{
	const struct stk_entry_state known = { .stack = "TASK" }, between = { 0 };
	struct stk_chain chain = { 0 };

	opened(0);
	ck_assert_str_eq(stk_no_stack_text(s, &chain, SYN_DIRECT), "on no stack");
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "the user's stack: not switched yet");
	chain.start.entry = &known;
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "the user's stack: not switched yet");
	chain.start.entry = &between;
	ck_assert_str_eq(stk_no_stack_text(s, &chain, 0x7ffc1000),
			 "on no stack: rsp temporarily holds another value");
	ck_assert_str_eq(stk_no_stack_text(s, &chain, SYN_DIRECT), "on no stack");
}
END_TEST

START_TEST(registers)
{
	struct stk_regs regs = { .valid = 1 | 1ull << 2 | 1ull << (STK_MAX_REGS - 1) };
	uint64_t value = 1;

	regs.v[2] = 22;
	regs.v[3] = 33;
	regs.v[STK_MAX_REGS - 1] = 99;
	ck_assert(stk_get_reg(&regs, 2, &value));
	ck_assert_uint_eq(value, 22);
	ck_assert(!stk_get_reg(&regs, 3, &value));
	ck_assert(!stk_get_reg(&regs, 1, &value));
	ck_assert_uint_eq(value, 22);
	ck_assert(stk_get_reg(&regs, STK_MAX_REGS - 1, &value));
	ck_assert_uint_eq(value, 99);
	ck_assert(!stk_get_reg(&regs, STK_MAX_REGS, &value));
	ck_assert(!stk_get_reg(NULL, 2, &value));
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(tasks, NR_MACHINES),
	LOOP(the_machine, NR_MACHINES),
	TEST(no_tasks),
	TEST(crossings),
	LOOP(stacks, NR_MACHINES),
	LOOP(places, NR_MACHINES),
	LOOP(chains, NR_MACHINES),
	TEST(rest_of_a_broken_chain),
	TEST(no_rest_of_a_whole_chain),
	LOOP(what_a_cpu_did_then, 2),
	TEST(on_no_stack),
	TEST(registers),
	{ 0 },
};

const struct unit_suite suite_view = {
	"public view",
	{
		{ "view", tests, NULL, NULL },
	},
};
