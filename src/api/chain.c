/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public view of chains. */
#include <stackinfo/chain.h>

#include <string.h>

#include <stackinfo/unwind.h>

#include "../base/sized.h"

#define MAX_COPIES 16u

bool stk_get_reg(const struct stk_regs *regs, unsigned int reg, uint64_t *value)
{
	if (!regs || reg >= STK_MAX_REGS || !stk_has_reg(regs, reg))
		return false;
	*value = regs->v[reg];
	return true;
}

static enum stk_status chain_from(struct stk *s, enum stk_status st,
				  const struct stk_start *start, struct stk_chain **out)
{
	*out = NULL;
	return st ? st : stk_unwind_whole(s, start, out);
}

enum stk_status stk_chain_cpu(struct stk *s, unsigned int cpu, struct stk_chain **out)
{
	struct stk_start start;

	return chain_from(s, stk_start_cpu(s, cpu, &start), &start, out);
}

enum stk_status stk_chain_task(struct stk *s, uint64_t task, struct stk_chain **out)
{
	struct stk_start start;
	struct stk_task t;
	enum stk_status st = stk_task_read(s, task, &t);

	if (!st)
		st = stk_start_task(s, &t, &start);
	return chain_from(s, st, &start, out);
}

enum stk_status stk_chain_regs(struct stk *s, uint64_t addr, struct stk_chain **out)
{
	struct stk_start start;

	return chain_from(s, stk_start_regs(s, addr, &start), &start, out);
}

enum stk_status stk_chain_stack(struct stk *s, uint64_t sp, uint64_t ip, uint64_t bp,
				struct stk_chain **out)
{
	struct stk_start start;

	return chain_from(s, stk_start_stack(s, sp, ip, bp, &start), &start, out);
}

enum stk_status stk_chain_live(struct stk *s, const struct stk_chain *chain,
			       uint64_t *joins, struct stk_chain **out)
{
	struct stk_copy where;
	enum stk_status st;

	*out = NULL;
	if (chain->cpu < 0)
		return STK_ERR_NOT_FOUND;
	st = stk_unwind_live(s, &chain->start, &where, out);
	if (!st && joins)
		*joins = where.regs_at;
	return st;
}

enum stk_status stk_chain_rest(struct stk *s, const struct stk_chain *chain, uint64_t *at,
			       struct stk_chain **out)
{
	uint64_t from;
	enum stk_status st;

	*out = NULL;
	st = stk_resync(s, chain, &from, out);
	if (!st && at)
		*at = from;
	return st;
}

size_t stk_chain_copies(struct stk *s, const struct stk_chain *chain, uint64_t *regs_at,
			size_t room)
{
	struct stk_copy copy[MAX_COPIES];
	size_t nr = 0;

	if (chain->cpu >= 0)
		nr = stk_copies(s, &chain->start, copy,
				room < MAX_COPIES ? room : MAX_COPIES);
	for (size_t i = 0; i < nr; i++)
		regs_at[i] = copy[i].regs_at;
	return nr;
}

static void chain_start(struct stk *s, const struct stk_start *start,
			struct stk_chain_info *info)
{
	info->from = stk_from_name(start->from);
	info->ip = stk_regs_ip(s, &start->regs);
	info->sp = stk_regs_sp(s, &start->regs);
	info->start_regs = &start->regs;
	info->has_task = start->has_task;
	if (start->has_task) {
		info->task = start->task.addr;
		info->pid = start->task.pid;
		memcpy(info->comm, start->task.comm, sizeof(info->comm));
	}
	info->start_note = start->note;
	info->start_doubt = start->doubt;
	info->entry_state = start->entry ? start->entry->text : NULL;
	info->start_agree = start->evidence.agree;
	info->start_differ = start->evidence.differ;
}

static void chain_joint(const struct stk_joint *joint, struct stk_chain_info *info)
{
	info->joint_at = joint->regs_at;
	info->joint_segment = joint->segment;
	info->joint_frame = joint->frame;
}

static void chain_user(const struct stk_chain *chain, struct stk_chain_info *info)
{
	const struct stk_entry *e = &chain->entry;

	info->user_regs = chain->user;
	info->user_regs_at = chain->user_at;
	info->user_doubt = chain->user_doubt;
	info->user_agree = chain->user_evidence.agree;
	info->user_differ = chain->user_evidence.differ;
	info->syscall = info->vector = -1;
	if (!e->kind)
		return;
	info->entry = stk_entry_kind_name(e->kind);
	info->entry_name = e->name;
	info->entry_odd = e->odd;
	info->syscall = e->nr;
	info->vector = (int)e->code;
	info->has_error_code = e->has_error;
	info->error_code = e->error;
}

void stk_get_chain(struct stk *s, const struct stk_chain *chain,
		   struct stk_chain_info *out, size_t size)
{
	struct stk_chain_info info = {
		.nr_segments = chain->nr_segments,
		.nr_frames = chain->nr_frames,
		.cpu = chain->cpu,
		.confidence = stk_confidence_name(chain->confidence),
		.confidence_why = chain->confidence_why,
		.end = stk_end_name(chain->end),
		.end_text = chain->end_text,
		.end_is_good = stk_end_is_good(chain->end),
	};

	chain_start(s, &chain->start, &info);
	chain_joint(&chain->joint, &info);
	chain_user(chain, &info);
	stk_give(out, size, &info, sizeof(info));
}

static const struct stk_segment *segment_of(const struct stk_chain *chain, size_t nr)
{
	const struct stk_segment *seg = chain->segments;

	while (seg && nr--)
		seg = seg->next;
	return seg;
}

static const struct stk_frame *frame_of(const struct stk_chain *chain, size_t segment,
					size_t nr)
{
	const struct stk_segment *seg = segment_of(chain, segment);

	return seg && nr < seg->nr_frames ? &seg->frames[nr] : NULL;
}

enum stk_status stk_get_segment(const struct stk_chain *chain, size_t segment,
				struct stk_segment_info *out, size_t size)
{
	const struct stk_segment *seg = segment_of(chain, segment);
	struct stk_segment_info info;

	if (!seg)
		return STK_ERR_NOT_FOUND;
	info = (struct stk_segment_info){
		.stack_kind = stk_stack_kind_name(seg->stack.kind),
		.stack_cpu = seg->stack.cpu,
		.stack_task = seg->stack.task,
		.stack_begin = seg->stack.begin,
		.stack_end = seg->stack.end,
		.nr_frames = seg->nr_frames,
		.low = seg->low,
		.overflow_of = seg->over.kind ? seg->over.begin : 0,
		.overflow_by = seg->over_by,
		.crossed = seg->next != NULL,
	};
	if (seg->next) {
		const struct stk_crossing *x = &seg->crossing;

		info.how = stk_how_name(x->how);
		info.at = x->at;
		info.has_link = x->have_link;
		info.link_at = x->link_at;
		info.link = x->link;
		info.words_agree = x->agree;
		info.agree = x->evidence.agree;
		info.differ = x->evidence.differ;
		info.note = x->note;
	}
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}

enum stk_status stk_get_frame(const struct stk_chain *chain, size_t segment, size_t frame,
			      struct stk_frame_info *out, size_t size)
{
	const struct stk_frame *f = frame_of(chain, segment, frame);
	struct stk_frame_info info;

	if (!f)
		return STK_ERR_NOT_FOUND;
	/* So that what is between the members says nothing of our stack. */
	memset(&info, 0, sizeof(info));
	info.ip = f->ip;
	info.at = f->at;
	info.sp = f->sp;
	info.has_sp = f->has_sp;
	info.slot = f->slot;
	info.name = f->name;
	info.how = stk_how_name(f->how);
	info.reliable = f->reliable;
	info.doubt = f->reliable ? NULL : stk_doubt_name(f->doubt);
	info.doubt_text = f->reliable ? NULL : stk_doubt_text(f->doubt);
	info.agree = f->evidence.agree;
	info.differ = f->evidence.differ;
	info.interrupted = f->interrupted;
	info.regs = f->regs;
	info.regs_at = f->regs_at;
	info.note = f->note;
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}

size_t stk_get_lines(struct stk *s, const struct stk_chain *chain, size_t segment,
		     size_t frame, struct stk_line *line, size_t room)
{
	const struct stk_frame *f = frame_of(chain, segment, frame);

	return f ? stk_frame_lines(s, f, line, room) : 0;
}
