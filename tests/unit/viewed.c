/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "viewed.h"

#include <string.h>

/* NULL is a value, too. */
void same_task(const struct stk_task_info *info, const struct stk_task *t)
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
	ck_assert_pstr_eq(info->found, stk_found_name(t->found));
	ck_assert_pstr_eq(info->comm, t->comm);
	SAME(info->kernel_thread, stk_is_kernel_thread(t));
	ck_assert_pstr_eq(info->state_code, t->now ? t->now->code : NULL);
	ck_assert_pstr_eq(info->state_name, t->now ? t->now->name : NULL);
}

void same_stack(const struct stk_stack_info *info, const struct stk_stack *stack)
{
	ck_assert_pstr_eq(info->kind, stk_stack_kind_name(stack->kind));
	SAME(info->cpu, stack->cpu);
	SAME(info->task, stack->task);
	SAME(info->begin, stack->begin);
	SAME(info->end, stack->end);
	SAME(info->guard, stack->guard);
	SAME(info->guard_end, stack->guard_end);
	SAME(info->store, stack->store);
	SAME(info->mapped, stack->mapped);
}

void same_use(const struct stk_use_info *info, const struct stk_use *use)
{
	ck_assert_pstr_eq(info->state, stk_state_name(use->state));
	SAME(info->sp, use->sp);
	SAME(info->used, use->used);
	SAME(info->high_water, use->high_water);
	SAME(info->overrun, use->overrun);
	ck_assert_pstr_eq(info->why, use->why);
	ck_assert_pstr_eq(info->residue, use->has_residue ? use->residue.text : NULL);
	SAME(info->residue_regs_at, use->has_residue ? use->residue.regs_at : 0);
	SAME(info->residue_ip, use->has_residue ? use->residue.ip : 0);
	SAME(info->residue_user, use->has_residue && use->residue.user);
}

static void same_area(const struct stk_place_info *info, const struct stk_place *p)
{
	ck_assert_pstr_eq(info->region, p->region);
	SAME(info->region_first, p->region_first);
	SAME(info->region_last, p->region_last);
	ck_assert_pstr_eq(info->detail, p->detail);
	ck_assert_pstr_eq(info->area, p->area.what);
	ck_assert_pstr_eq(info->area_name, p->area.name);
	ck_assert_pstr_eq(info->area_access, p->area.access);
	SAME(info->area_begin, p->area.begin);
	SAME(info->area_end, p->area.end);
	SAME(info->area_guard, p->area.guard);
	SAME(info->area_caller, p->area.caller);
	ck_assert_pstr_eq(info->about, p->about.what);
	SAME(info->about_value, p->about.value);
}

static void same_stack_of(const struct stk_place_info *info, const struct stk_place *p)
{
	const struct stk_residue *r = p->residue;

	ck_assert_pstr_eq(info->stack_kind,
			  p->has_stack ? stk_stack_kind_name(p->stack.kind) : NULL);
	SAME(info->stack_cpu, p->has_stack ? p->stack.cpu : -1);
	SAME(info->stack_task, p->has_stack ? p->stack.task : 0);
	SAME(info->stack_begin, p->has_stack ? p->stack.begin : 0);
	SAME(info->stack_end, p->has_stack ? p->stack.end : 0);
	SAME(info->guard, p->has_stack ? p->guard : 0);
	ck_assert_pstr_eq(info->view, p->has_stack ? p->view : NULL);
	SAME(info->stack_addr, p->has_stack ? p->stack_addr : 0);
	SAME(info->bytes_below, p->has_stack ? p->bytes_below : 0);
	SAME(info->offset_from_end, p->has_stack ? p->offset_from_end : 0);
	ck_assert_pstr_eq(info->state, p->state ? stk_state_name(p->state) : NULL);
	ck_assert_pstr_eq(info->state_why, p->state_why);
	ck_assert_pstr_eq(info->residue, r ? r->text : NULL);
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
	ck_assert_pstr_eq(info->comm, p->has_task ? p->task.comm : "");
	ck_assert_pstr_eq(info->name.function, p->name.function);
	SAME(info->name.offset, p->name.offset);
	ck_assert_pstr_eq(info->name.module, p->name.module);
	SAME(info->percpu_cpu, p->percpu ? (int)p->percpu_cpu : -1);
	SAME(info->has_percpu_ptr, p->has_percpu_ptr);
	SAME(info->percpu_ptr, p->percpu_ptr);
	SAME(info->has_phys, p->has_phys);
	SAME(info->phys, p->phys);
	SAME(info->phys_status, p->phys_status);
	SAME(info->in_dump, p->in_dump);
	ck_assert_pstr_eq(info->object, p->object.what);
	SAME(info->object_begin, p->object.begin);
	SAME(info->object_size, p->object.size);
	ck_assert_pstr_eq(info->object_state,
			  p->object.what ? stk_object_state_name(p->object.state) : NULL);
	ck_assert_pstr_eq(info->object_why, p->object.why);
	SAME(info->last_pid, p->object.last_pid);
	ck_assert_pstr_eq(info->last_comm, p->object.last_comm);
	SAME(info->nr_aliases, p->nr_aliases);
	for (size_t i = 0; i < p->nr_aliases; i++) {
		ck_assert_pstr_eq(info->alias[i].view, p->aliases[i].view);
		SAME(info->alias[i].addr, p->aliases[i].addr);
	}
}

void same_place(struct stk *s, uint64_t addr, uint64_t task, const struct stk_place *p)
{
	struct stk_place_info info;

	ck_assert_int_eq(stk_get_place(s, addr, task, &info, sizeof(info)), STK_OK);
	same_area(&info, p);
	same_stack_of(&info, p);
	same_rest(&info, p);
}

static void same_chain(struct stk *s, const struct stk_chain *chain)
{
	const struct stk_start *start = &chain->start;
	const struct stk_entry *e = &chain->entry;
	struct stk_chain_info info;

	stk_get_chain(s, chain, &info, sizeof(info));
	SAME(info.nr_segments, chain->nr_segments);
	SAME(info.nr_frames, chain->nr_frames);
	SAME(info.cpu, chain->cpu);
	ck_assert_pstr_eq(info.confidence, stk_confidence_name(chain->confidence));
	ck_assert_pstr_eq(info.confidence_why, chain->confidence_why);
	ck_assert_pstr_eq(info.end, stk_end_name(chain->end));
	ck_assert_pstr_eq(info.end_text, chain->end_text);
	SAME(info.end_is_good, stk_end_is_good(chain->end));
	ck_assert_pstr_eq(info.from, stk_from_name(start->from));
	SAME(info.start_regs, &start->regs);
	SAME(info.ip, stk_regs_ip(s, &start->regs));
	SAME(info.sp, stk_regs_sp(s, &start->regs));
	SAME(info.has_task, start->has_task);
	SAME(info.task, start->has_task ? start->task.addr : 0);
	SAME(info.pid, start->has_task ? start->task.pid : 0);
	ck_assert_pstr_eq(info.comm, start->has_task ? start->task.comm : "");
	ck_assert_pstr_eq(info.start_note, start->note);
	ck_assert_pstr_eq(info.start_doubt, start->doubt);
	ck_assert_pstr_eq(info.entry_state, start->entry ? start->entry->text : NULL);
	SAME(info.start_agree, start->evidence.agree);
	SAME(info.start_differ, start->evidence.differ);
	SAME(info.user_regs, chain->user);
	SAME(info.user_regs_at, chain->user_at);
	ck_assert_pstr_eq(info.user_doubt, chain->user_doubt);
	SAME(info.user_agree, chain->user_evidence.agree);
	SAME(info.user_differ, chain->user_evidence.differ);
	ck_assert_pstr_eq(info.entry, e->kind ? stk_entry_kind_name(e->kind) : NULL);
	ck_assert_pstr_eq(info.entry_name, e->kind ? e->name : NULL);
	ck_assert_pstr_eq(info.entry_odd, e->kind ? e->odd : NULL);
	SAME(info.syscall, e->kind ? e->nr : -1);
	SAME(info.vector, e->kind ? (int)e->code : -1);
	SAME(info.has_error_code, e->kind && e->has_error);
	SAME(info.error_code, e->kind ? e->error : 0);
	SAME(info.joint_at, chain->joint.regs_at);
	SAME(info.joint_segment, chain->joint.segment);
	SAME(info.joint_frame, chain->joint.frame);
}

void same_crossing(const struct stk_segment_info *info, const struct stk_segment *seg)
{
	const struct stk_crossing none = { 0 };
	const struct stk_crossing *x = seg->next ? &seg->crossing : &none;

	SAME(info->crossed, seg->next != NULL);
	ck_assert_pstr_eq(info->how, seg->next ? stk_how_name(x->how) : NULL);
	SAME(info->at, x->at);
	SAME(info->has_link, x->have_link);
	SAME(info->link_at, x->link_at);
	SAME(info->link, x->link);
	SAME(info->words_agree, x->agree);
	SAME(info->agree, x->evidence.agree);
	SAME(info->differ, x->evidence.differ);
	ck_assert_pstr_eq(info->note, x->note);
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
	ck_assert_pstr_eq(info->name.function, f->name.function);
	SAME(info->name.offset, f->name.offset);
	ck_assert_pstr_eq(info->name.module, f->name.module);
	ck_assert_pstr_eq(info->how, stk_how_name(f->how));
	SAME(info->reliable, f->reliable);
	ck_assert_pstr_eq(info->doubt, f->reliable ? NULL : stk_doubt_name(f->doubt));
	ck_assert_pstr_eq(info->doubt_text,
			  f->reliable ? NULL : stk_doubt_text(f->doubt));
	SAME(info->agree, f->evidence.agree);
	SAME(info->differ, f->evidence.differ);
	SAME(info->interrupted, f->interrupted);
	SAME(info->regs, f->regs);
	SAME(info->regs_at, f->regs_at);
	ck_assert_pstr_eq(info->note, f->note);
}

void same_chain_all(struct stk *s, const struct stk_chain *chain)
{
	const struct stk_segment *seg = chain->segments;
	struct stk_segment_info info;
	struct stk_frame_info frame;
	size_t nr = 0;

	same_chain(s, chain);
	for (; seg; seg = seg->next, nr++) {
		ck_assert_int_eq(stk_get_segment(chain, nr, &info, sizeof(info)), STK_OK);
		ck_assert_pstr_eq(info.stack_kind, stk_stack_kind_name(seg->stack.kind));
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

static void same_slot(struct stk *s, const struct stk_tss_report *r, size_t nr,
		      const struct stk_x86_tss_slot *t)
{
	struct stk_tss_slot_info info;
	unsigned int vector;
	uint64_t handler;
	const char *why;

	ck_assert_int_eq(stk_get_tss_slot(r, nr, &info, sizeof(info)), STK_OK);
	ck_assert_pstr_eq(info.name, t->name);
	SAME(info.readable, t->readable);
	SAME(info.value, t->value);
	ck_assert_pstr_eq(info.stack_kind,
			  t->has_stack ? stk_stack_kind_name(t->stack.kind) : NULL);
	SAME(info.stack_begin, t->has_stack ? t->stack.begin : 0);
	SAME(info.stack_end, t->has_stack ? t->stack.end : 0);
	ck_assert_pstr_eq(info.state,
			  t->has_stack ? stk_state_name(stk_x86_tss_state(s, t, &why))
				       : NULL);
	SAME(info.has_phys, t->has_phys);
	SAME(info.phys, t->phys);
	ck_assert_pstr_eq(info.meaning, t->meaning);
	ck_assert_pstr_eq(info.deviation, t->problem);
	SAME(info.in_flight, t->in_flight);
	ck_assert_pstr_eq(info.evidence, t->evidence);
	SAME(info.nr_users, t->nr_users);
	for (size_t i = 0; i < t->nr_users; i++) {
		ck_assert_int_eq(stk_get_tss_user(r, nr, i, &vector, &handler), STK_OK);
		SAME(vector, t->users[i].vector);
		SAME(handler, t->users[i].handler);
	}
	ck_assert_int_eq(stk_get_tss_user(r, nr, t->nr_users, &vector, &handler),
			 STK_ERR_NOT_FOUND);
}

static void same_fact(const struct stk_tss_report *r, size_t nr,
		      const struct stk_x86_tss_fact *f)
{
	struct stk_tss_fact_info info;

	ck_assert_int_eq(stk_get_tss_fact(r, nr, &info, sizeof(info)), STK_OK);
	ck_assert_pstr_eq(info.group, f->group);
	ck_assert_pstr_eq(info.name, f->name);
	SAME(info.readable, f->readable);
	SAME(info.value, f->value);
	ck_assert_pstr_eq(info.meaning, f->meaning);
	ck_assert_pstr_eq(info.deviation, f->problem);
	SAME(info.in_flight, f->in_flight);
	ck_assert_pstr_eq(info.evidence, f->evidence);
}

void same_tss(struct stk *s, const struct stk_x86_tss *t, bool evidence)
{
	struct stk_tss_report *r;
	struct stk_tss_slot_info slot;
	struct stk_tss_fact_info fact;
	struct stk_tss_info info;

	ck_assert_int_eq(stk_tss_open(s, t->cpu, evidence, &r), STK_OK);
	stk_get_tss(r, &info, sizeof(info));
	SAME(info.cpu, t->cpu);
	SAME(info.online, t->online);
	SAME(info.never_up, t->never_up);
	SAME(info.addr, t->addr);
	SAME(info.alias, t->alias);
	SAME(info.has_phys, t->has_phys);
	SAME(info.phys, t->phys);
	SAME(info.alias_checked, t->alias_checked);
	SAME(info.alias_same, t->alias_same);
	ck_assert_uint_eq(info.nr_slots, STK_X86_NR_TSS_SLOTS);
	SAME(info.nr_facts, t->nr_facts);
	for (size_t i = 0; i < info.nr_slots; i++)
		same_slot(s, r, i, &t->slot[i]);
	for (size_t i = 0; i < info.nr_facts; i++)
		same_fact(r, i, &t->fact[i]);
	ck_assert_int_eq(stk_get_tss_slot(r, info.nr_slots, &slot, sizeof(slot)),
			 STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_get_tss_fact(r, info.nr_facts, &fact, sizeof(fact)),
			 STK_ERR_NOT_FOUND);
	stk_tss_free(r);
}
