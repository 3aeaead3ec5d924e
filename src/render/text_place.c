/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <inttypes.h>
#include <string.h>

static void owner(struct stk *s, FILE *fp, const struct stk_place *p)
{
	char title[64];

	fprintf(fp, "%s", stk_stack_title(s, &p->stack, title, sizeof(title)));
	if (p->stack.task && p->has_task)
		fprintf(fp, " \"%s\"", p->task.comm);
}

static const char *guard_side(const struct stk_place *p)
{
	if (!p->guard)
		return "";
	return p->guard < 0 ? "guard page below the " : "guard page above the ";
}

static void print_on_stack(struct stk *s, FILE *fp, const struct stk_place *p)
{
	fprintf(fp, "%s", guard_side(p));
	owner(s, fp, p);
	if (p->stack.doubt)
		fprintf(fp, ", in doubt: %s", p->stack.doubt);
	if (p->guard) {
		fprintf(fp, ": %#" PRIx64 " %s", p->bytes_below,
			p->guard < 0 ? "below its base" : "above its top");
		return;
	}
	fprintf(fp, ": top-%#" PRIx64 ", base+%#" PRIx64 ", %s", p->offset_from_end,
		p->bytes_below, stk_state_name(p->state));
	if (p->state_why)
		fprintf(fp, " (%s%s%s)", p->state_why, p->residue ? "; " : "",
			p->residue ? p->residue->text : "");
}

static void allocated_by(struct stk *s, FILE *fp, uint64_t code)
{
	struct stk_name name;
	char text[600];

	stk_symbolize(s, code, true, &name);
	stk_name_text(&name, text, sizeof(text));
	if (*text)
		fprintf(fp, " by %s", text);
}

/* What the area is, where in it the address lies, and whose it is. */
static void area(struct stk *s, FILE *fp, const struct stk_place *p)
{
	const struct stk_area *a = &p->area;
	uint64_t end = a->guard ? a->guard : a->end;

	if (!a->what)
		return;
	if (a->in_guard || strcmp(a->what, p->region))
		fprintf(fp, ": %s%s", a->in_guard ? "guard page above " : "", a->what);
	if (a->access)
		fprintf(fp, " %s%s%s", a->access, a->name ? " " : "",
			a->name ? a->name : "");
	else if (a->name)
		fprintf(fp, " of %s", a->name);
	/* A section of the image is known by its name. */
	if (a->in_guard)
		fprintf(fp, " %" PRIx64 "-%" PRIx64, a->begin, end);
	else if (p->region_kind != STK_REGION_IMAGE)
		fprintf(fp, ", base+%#" PRIx64 " of %#" PRIx64, p->addr - a->begin,
			end - a->begin);
	if (a->caller)
		allocated_by(s, fp, a->caller);
}

/* The function or variable, or what a per-CPU pointer points to. Is there a name? */
static bool variable(FILE *fp, const struct stk_place *p)
{
	char name[600];

	stk_name_text(&p->name, name, sizeof(name));
	if (*name && p->percpu)
		fprintf(fp, ": per-CPU %s of CPU %u", name, p->percpu_cpu);
	else if (*name)
		fprintf(fp, ": %s", name);
	else if (p->has_percpu_ptr)
		fprintf(fp, ": per-CPU memory of CPU %u, pointer %" PRIx64, p->percpu_cpu,
			p->percpu_ptr);
	return *name != '\0';
}

static void object(FILE *fp, const struct stk_place *p)
{
	const struct stk_object *o = &p->object;

	if (!o->what)
		return;
	fprintf(fp, ": %s%s", o->what,
		o->state == STK_OBJECT_GAP ? " slab, between objects" : "");
	if (p->has_task)
		fprintf(fp, " of PID %" PRIu32 " \"%s\"", p->task.pid, p->task.comm);
	else if (o->why)
		fprintf(fp, " of no task (%s)", o->why);
	fprintf(fp, ", base+%#" PRIx64 " of %#" PRIx64, p->addr - o->begin, o->size);
	if (*o->last_comm)
		fprintf(fp, ", perhaps last of PID %" PRIu32 " \"%s\"", o->last_pid,
			o->last_comm);
}

static void elsewhere(struct stk *s, FILE *fp, const struct stk_place *p)
{
	bool named;

	fprintf(fp, "%s", p->region);
	if (p->region_kind == STK_REGION_USER && p->has_task)
		fprintf(fp, " of PID %" PRIu32 " \"%s\"", p->task.pid, p->task.comm);
	if (p->about.what)
		fprintf(fp, ": %s %" PRIx64, p->about.what, p->about.value);
	named = variable(fp, p);
	if (p->detail)
		fprintf(fp, "%s%s", p->region_kind == STK_REGION_HOLE ? " " : ": ",
			p->detail);
	else
		area(s, fp, p);
	object(fp, p);
	/* An oops has these when an error or NULL was taken for a pointer. */
	if (p->region_kind == STK_REGION_HOLE && p->addr >= STK_FIRST_ERROR)
		fprintf(fp, " of error codes: -%" PRIu64 ", or NULL-%#" PRIx64, -p->addr,
			-p->addr);
	if (p->detail && p->percpu && !named)
		fprintf(fp, " of CPU %u", p->percpu_cpu);
	if (p->state == STK_STATE_UNMAPPED)
		fprintf(fp, ", not %s",
			p->region_kind == STK_REGION_USER ? "present" : "mapped");
	else if (p->phys_status == STK_ERR_EXCLUDED)
		fprintf(fp, ", its page table is not in the dump");
}

static void details(struct stk *s, FILE *fp, const struct stk_place *p)
{
	const struct stk_stack *k = &p->stack;

	if (p->has_phys)
		fprintf(fp, "    phys %" PRIx64 "%s\n", p->phys,
			p->in_dump ? "" : ", page not in the dump");
	else
		fprintf(fp, "    no translation: %s\n", stk_status_text(p->phys_status));
	if (p->area.what && !p->has_stack) {
		fprintf(fp, "    %s %" PRIx64 "-%" PRIx64, p->area.what, p->area.begin,
			p->area.end);
		if (p->area.guard)
			fprintf(fp, ", guard %" PRIx64, p->area.guard);
		fputc('\n', fp);
	}
	if (p->object.what && p->object.state != STK_OBJECT_GAP)
		fprintf(fp, "    %s %" PRIx64 "-%" PRIx64 "\n", p->object.what,
			p->object.begin, p->object.begin + p->object.size);
	if (!p->has_stack)
		return;
	fprintf(fp, "    stack %" PRIx64 "-%" PRIx64 ", %" PRIu64 " bytes", k->begin,
		k->end, k->end - k->begin);
	if (k->guard)
		fprintf(fp, ", guard %" PRIx64, k->guard);
	if (k->guard_end)
		fprintf(fp, ", guard above to %" PRIx64, k->guard_end);
	if (k->store)
		fprintf(fp, ", per-CPU %" PRIx64, k->store);
	fputc('\n', fp);
	if (p->has_task)
		fprintf(fp, "    %s task %" PRIx64 " PID %" PRIu32 " \"%s\", state %s\n",
			k->task ? "owner:" : "current:", p->task.addr, p->task.pid,
			p->task.comm, stk_text_state(p->task.now));
}

void stk_text_place(struct stk *s, FILE *fp, const struct stk_place *p,
		    const struct stk_text_options *opt)
{
	fprintf(fp, "%016" PRIx64 ": ", p->addr);
	if (p->has_stack) {
		print_on_stack(s, fp, p);
		if (!opt->brief)
			fprintf(fp, "; %s", p->view ? p->view : p->region);
	} else {
		elsewhere(s, fp, p);
	}
	for (size_t i = 0; i < p->nr_aliases && !opt->brief; i++)
		fprintf(fp, "%s%" PRIx64 " (%s)", i ? ", " : "; also ",
			p->aliases[i].addr, p->aliases[i].view);
	if (p->has_phys && !p->in_dump)
		fprintf(fp, "; page not in the dump");
	fputc('\n', fp);
	if (opt->verbose)
		details(s, fp, p);
}

static void run_on_stack(struct stk *s, FILE *fp, const struct stk_place *p,
			 uint64_t begin, uint64_t end)
{
	fprintf(fp, "%s", guard_side(p));
	owner(s, fp, p);
	if (!p->guard && begin == p->addr && end - begin < p->stack.end - p->stack.begin)
		fprintf(fp, ", from base+%#" PRIx64, p->bytes_below);
	if (p->stack.doubt)
		fprintf(fp, ", in doubt: %s", p->stack.doubt);
	fprintf(fp, "; %s", p->view ? p->view : p->region);
}

static void run_elsewhere(struct stk *s, FILE *fp, const struct stk_place *p)
{
	fprintf(fp, "%s", p->region);
	if (p->detail)
		fprintf(fp, ": %s", p->detail);
	else if (p->name.module)
		fprintf(fp, ": [%s]", p->name.module);
	else if (p->percpu && !p->area.what)
		fprintf(fp, ": per-CPU area");
	if (p->percpu)
		fprintf(fp, " of CPU %u", p->percpu_cpu);
	area(s, fp, p);
	object(fp, p);
}

void stk_text_run(struct stk *s, FILE *fp, uint64_t begin, uint64_t end,
		  const struct stk_place *p)
{
	fprintf(fp, "%016" PRIx64 "-%016" PRIx64 " %8" PRIu64 ": ", begin, end,
		end - begin);
	if (p->has_stack)
		run_on_stack(s, fp, p, begin, end);
	else
		run_elsewhere(s, fp, p);
	if (!p->has_phys && !p->guard)
		fprintf(fp, ", %s",
			p->phys_status == STK_ERR_UNMAPPED
				? "not mapped"
				: stk_status_text(p->phys_status));
	else if (p->has_phys && !p->in_dump)
		fprintf(fp, "; not in the dump");
	fputc('\n', fp);
}
