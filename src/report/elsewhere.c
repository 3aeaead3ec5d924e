/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elsewhere.h"

#include <string.h>

#include "../arch/arch.h"
#include "../kernel/code.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/mm.h"
#include "../kernel/modules.h"
#include "../kernel/percpu.h"
#include "../kernel/slab.h"
#include "../kernel/task_at.h"
#include "../kernel/vmalloc.h"

/* ---- user space ---- */

/* No process may map what is below vm.mmap_min_addr, 64 KiB by default. */
#define NEAR_NULL 0x10000u

static bool use_task(struct stk *s, struct stk_place *p, uint64_t task,
		     const struct stk_mm **mm)
{
	p->has_task = !stk_task_read(s, task, &p->task);
	*mm = p->has_task ? stk_mm_of(s, task) : NULL;
	return *mm && stk_vma_at(*mm, p->addr);
}

static bool panicked_task(struct stk *s, uint64_t *task)
{
	struct stk_panic panic = stk_panic(s);
	struct stk_task current;

	if (panic.cpu < 0 || stk_cpu_current(s, (unsigned int)panic.cpu, &current))
		return false;
	*task = current.addr;
	return true;
}

/* Nobody said whose address it is: see place.h. */
static const struct stk_mm *guess_task(struct stk *s, struct stk_place *p)
{
	const struct stk_mm *mm = NULL, *other;
	struct stk_place first = *p;
	struct stk_task current;
	uint64_t task;

	if (panicked_task(s, &task)) {
		if (use_task(s, p, task, &mm))
			return mm;
		first = *p;
	}
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++)
		if (stk_cpu_possible(s, cpu) && !stk_cpu_current(s, cpu, &current) &&
		    use_task(s, p, current.addr, &other))
			return other;
	*p = first;
	return mm;
}

static void in_user_space(struct stk *s, struct stk_place *p, uint64_t task)
{
	const struct stk_vma *vma;
	const struct stk_mm *mm;

	p->phys_status = STK_ERR_UNMAPPED;
	if (task)
		use_task(s, p, task, &mm);
	else
		mm = guess_task(s, p);
	if (!mm) {
		if (p->has_task)
			p->detail = "it has no user memory, or none that can be read";
		return;
	}
	vma = stk_vma_at(mm, p->addr);
	if (vma)
		p->area = (struct stk_area){ .what = vma->what,
					     .name = vma->name,
					     .access = vma->access,
					     .begin = vma->begin,
					     .end = vma->end };
	else
		p->detail = p->addr < NEAR_NULL ? "near NULL, in none of its mappings"
						: "in none of its mappings";
	if (mm->pgd)
		p->phys_status = s->arch->translate_in(s, mm->pgd, p->addr, &p->phys);
}

/* ---- the kernel's allocations ---- */

static const char *code_kind(enum stk_code_kind kind)
{
	static const char *const name[] = {
		[STK_CODE_FTRACE] = "ftrace trampoline",
		[STK_CODE_BPF] = "BPF text",
		[STK_CODE_KPROBE] = "kprobe page",
	};

	return name[kind];
}

static void in_allocation(struct stk *s, struct stk_place *p)
{
	const struct stk_module_range *range;
	const struct stk_vmap_area *a;
	const struct stk_module *m = stk_module_part(s, p->addr, &range);
	const struct stk_code *code;

	if (m) {
		p->area = (struct stk_area){ .what = range->what,
					     .name = m->name,
					     .begin = range->begin,
					     .end = range->end };
		return;
	}
	code = stk_code_at(s, p->addr);
	if (code) {
		p->area = (struct stk_area){ .what = code_kind(code->kind),
					     .begin = code->begin,
					     .end = code->end };
		return;
	}
	a = stk_vmap_area_at(s, p->addr);
	if (!a) {
		p->detail = "nothing is allocated here";
		return;
	}
	p->area = (struct stk_area){ .what = a->what,
				     .begin = a->begin,
				     .end = a->end,
				     .guard = a->guard,
				     .in_guard = a->guard && p->addr >= a->guard,
				     .caller = a->caller };
	if (a->phys && !p->area.in_guard)
		p->about = (struct stk_about){ "phys", a->phys + (p->addr - a->begin) };
}

static void translate_place(struct stk *s, struct stk_place *p)
{
	p->phys_status = stk_translate(s, p->addr, &p->phys);
	if (p->region_kind == STK_REGION_FIRMWARE && p->phys_status == STK_ERR_UNMAPPED)
		p->phys_status = stk_translate_firmware(s, p->addr, &p->phys);
}

/* @addr: what @p->task calls the address. */
static void set_task(struct stk_place *p, uint64_t addr, uint32_t size)
{
	p->has_task = true;
	p->object = (struct stk_object){ .what = "task_struct",
					 .begin = p->task.addr + (p->addr - addr),
					 .size = size };
}

static bool in_task(struct stk *s, struct stk_place *p, uint64_t addr)
{
	uint32_t size;

	if (!stk_task_at(s, addr, &p->task, &size))
		return false;
	set_task(p, addr, size);
	return true;
}

bool stk_in_image(struct stk *s, const struct stk_place *p, uint64_t *image)
{
	uint64_t phys;

	return p->has_phys && s->arch->image_map(s, p->phys, image) &&
	       !stk_translate(s, *image, &phys) && phys == p->phys;
}

/* What can still be read there was a task, when it was; anything may be there by now. */
static void read_last(struct stk *s, struct stk_object *o)
{
	struct stk_task last;

	if (stk_task_read(s, o->begin, &last) || !*last.comm)
		return;
	o->last_pid = last.pid;
	memcpy(o->last_comm, last.comm, sizeof(o->last_comm));
}

/* One that no task has is known by its page. */
static void in_slab(struct stk *s, struct stk_place *p)
{
	const struct stk_task *task;
	struct stk_slab_object o;
	size_t nr;

	if (!p->has_phys || stk_tasks(s, &task, &nr) ||
	    !stk_slab_object_at(s, "task_struct_cachep", p->addr, p->phys, &o))
		return;
	if (!o.gap && in_task(s, p, o.begin)) {
		p->object.begin = o.begin;
		p->object.size = o.size;
		return;
	}
	p->object = (struct stk_object){ .what = "task_struct",
					 .begin = o.begin,
					 .size = o.size,
					 .state = STK_OBJECT_GAP };
	if (o.gap)
		return;
	p->object.state = STK_OBJECT_LOOSE;
	p->object.why = stk_tasks_truncated(s)
				? "free, dead, new, or lost from the damaged lists"
				: "free, dead or new";
	read_last(s, &p->object);
}

/* Can it be told without a list of all tasks? Then it has been. */
static bool is_told(struct stk *s, struct stk_place *p)
{
	uint64_t image = 0;
	uint32_t size;

	if (p->region_kind != STK_REGION_DIRECT || !p->has_phys)
		return false;
	if (!stk_in_image(s, p, &image))
		image = 0;
	switch (stk_task_near(s, p->addr, p->phys, image, &p->task, &size)) {
	case STK_TASK_FOUND:
		set_task(p, p->addr, size);
		return true;
	case STK_TASK_NONE:
		return true;
	default:
		memset(&p->task, 0, sizeof(p->task));
		return false;
	}
}

static void in_object(struct stk *s, struct stk_place *p)
{
	uint64_t image;

	if (is_told(s, p) || in_task(s, p, p->addr) ||
	    p->region_kind != STK_REGION_DIRECT)
		return;
	/* init_task is in the image, and so in the direct map, too. */
	if (!stk_in_image(s, p, &image) || !in_task(s, p, image))
		in_slab(s, p);
}

void stk_locate(struct stk *s, struct stk_place *p, uint64_t task)
{
	switch (p->region_kind) {
	case STK_REGION_USER:
		in_user_space(s, p, task);
		break;
	case STK_REGION_INVALID:
		p->phys_status = STK_ERR_UNMAPPED;
		break;
	case STK_REGION_VMALLOC:
	case STK_REGION_MODULES:
		in_allocation(s, p);
		/* fall through */
	default:
		translate_place(s, p);
		break;
	}
	p->has_phys = p->phys_status == STK_OK;
	if (p->region_kind == STK_REGION_DIRECT ||
	    (p->region_kind == STK_REGION_IMAGE && !stk_is_listed_text(s, p->addr)))
		in_object(s, p);
}

/* ---- names ---- */

static void name_of_module(struct stk *s, uint64_t ptr, struct stk_name *out)
{
	struct stk_module *m = stk_module_percpu(s, ptr);
	uint64_t start;

	if (m && !stk_module_symbol(s, m, ptr, &out->function, &start)) {
		out->offset = ptr - start;
		out->module = m->name;
	} else {
		out->function = NULL;
	}
}

static bool name_percpu(struct stk *s, struct stk_place *p, uint64_t addr)
{
	struct stk_percpu_place unit;

	if (!stk_percpu_at(s, addr, &unit))
		return false;
	p->percpu = true;
	p->percpu_cpu = unit.cpu;
	p->has_percpu_ptr = true;
	p->percpu_ptr = unit.ptr;
	if (unit.linked)
		stk_symbolize_percpu(s, unit.ptr, &p->name);
	else
		name_of_module(s, unit.ptr, &p->name);
	return true;
}

/* What the image did not fill, or had for the start only, was freed, and is a slab now.
 */
static bool was_freed(const struct stk_place *p)
{
	return p->object.what && (!p->has_task || p->object.begin == p->task.addr);
}

void stk_name_place(struct stk *s, struct stk_place *p)
{
	uint64_t image;

	switch (p->region_kind) {
	case STK_REGION_IMAGE:
	case STK_REGION_MODULES:
	case STK_REGION_VMALLOC:
		if (!name_percpu(s, p, p->addr))
			stk_symbolize(s, p->addr, false, &p->name);
		break;
	case STK_REGION_DIRECT:
		/* The image is in the direct map, too. */
		if (!name_percpu(s, p, p->addr) && !was_freed(p) &&
		    stk_in_image(s, p, &image))
			stk_symbolize(s, image, false, &p->name);
		break;
	case STK_REGION_USER:
		break;
	default:
		if (s->arch->code_alias(s, p->addr))
			stk_symbolize(s, p->addr, false, &p->name);
		break;
	}
}
