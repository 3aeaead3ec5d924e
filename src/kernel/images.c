/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images.h"

#include <stackinfo/kernel.h>
#include <stackinfo/unwind.h>
#include <stdio.h>

#include "../base/vec.h"
#include "../machine/vmcoreinfo.h"
#include "layout.h"
#include "module_sections.h"
#include "names.h"

struct stk_images {
	/* What was not found is looked for again in the next search: mod -s may help. */
	unsigned int search;
	/* Where the kernel's image is, from where it was linked. */
	bool moved_known;
	uint64_t moved;
	/* What had no lines, each once. */
	size_t nr, room;
	struct missing {
		const struct stk_module *module; /* NULL: the kernel */
		const char *why;
	} * missing;
};

static enum stk_status section_address(void *priv, const char *name, uint64_t *addr)
{
	return stk_module_section(priv, name, addr);
}

/* NULL when memory is short. */
static struct stk_images *images_of(struct stk *s)
{
	if (!s->images) {
		s->images = stk_arena_alloc(&s->arena, sizeof(*s->images));
		if (s->images)
			s->images->search = 1;
	}
	return s->images;
}

/* Returns why there is none. */
static const char *open_module(struct stk *s, struct stk_module *m, unsigned int search)
{
	unsigned char id[STK_MAX_BUILD_ID];
	struct stk_module_sections sections;
	struct stk_module_info info = {
		.name = m->name,
		.release = stk_release(s),
		.build_id = id,
		.begin = UINT64_MAX,
		.section = section_address,
		.priv = &sections,
	};
	enum stk_status st = stk_module_sections(s, m, &s->texts, &sections);

	/* Asked again when there is time or memory. */
	if (!stk_must_stop(s) && st != STK_ERR_NOMEM)
		m->image_search = search;
	if (st)
		return "the dump does not tell where its sections are";
	info.build_id_size = stk_module_build_id(s, &sections, id);
	for (size_t i = 0; i < m->nr_ranges; i++) {
		if (m->range[i].begin < info.begin)
			info.begin = m->range[i].begin;
		if (m->range[i].end > info.end)
			info.end = m->range[i].end;
	}
	m->image = s->target.debuginfo->module(s->target.debuginfo_priv, &info);
	return "no debuginfo found";
}

/* Asked for each frame: VMCOREINFO's text is searched once. */
static uint64_t find_moved(struct stk *s)
{
	struct stk_images *images = images_of(s);
	uint64_t moved = 0;

	if (images && images->moved_known)
		return images->moved;
	stk_vmcoreinfo_number(s, "KERNELOFFSET", 16, &moved);
	if (images && !stk_must_stop(s)) {
		images->moved = moved;
		images->moved_known = true;
	}
	return moved;
}

bool stk_image_of(struct stk *s, uint64_t addr, void **image, uint64_t *pc)
{
	struct stk_images *list;
	struct stk_module *m;

	if (!s->target.debuginfo)
		return false;
	if (stk_is_image(s, addr)) {
		*image = NULL;
		*pc = addr - find_moved(s);
		return true;
	}
	m = stk_module_text(s, addr) ? stk_module_at(s, addr) : NULL;
	if (!m || !s->target.debuginfo->module)
		return false;
	list = images_of(s);
	if (!list)
		return false;
	if (!m->image && m->image_search != list->search)
		m->no_image = open_module(s, m, list->search);
	*image = m->image;
	*pc = addr;
	return m->image != NULL;
}

bool stk_image_has_calls(struct stk *s, uint64_t addr)
{
	return stk_is_image_text(s, addr) || stk_module_text(s, addr);
}

static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	return stk_read_u64(ctx, addr, value);
}

enum stk_status stk_image_caller(struct stk *s, uint64_t addr,
				 struct stk_cfi_frame *frame)
{
	void *image;
	uint64_t pc;

	if (!stk_image_of(s, addr, &image, &pc) || !s->target.debuginfo->caller)
		return STK_ERR_NOT_FOUND;
	return s->target.debuginfo->caller(s->target.debuginfo_priv, image, pc, frame,
					   read_word, s);
}

/* ---- lines ---- */

static bool is_missing(const struct stk_images *list, const struct stk_module *m)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->missing[i].module == m)
			return true;
	return false;
}

/* Short of memory, nothing is told. */
static void add_missing(struct stk *s, struct stk_images *list,
			const struct stk_module *m, const char *why)
{
	struct missing *new =
		stk_vec_next(&s->arena, list->missing, list->nr, list->room);

	if (new) {
		*new = (struct missing){ m, why };
		list->nr++;
	}
}

/* The code at @addr has no line. Is that because nothing beside it has one? */
static void note_missing(struct stk *s, uint64_t addr)
{
	const struct stk_debuginfo_ops *ops = s->target.debuginfo;
	struct stk_module *m = stk_module_text(s, addr) ? stk_module_at(s, addr) : NULL;
	struct stk_images *list = images_of(s);
	const char *why = "no namelist";
	void *image = NULL;
	uint64_t pc;

	/* To find out may take a look at all of the file. */
	if (!list || is_missing(list, m))
		return;
	if (m)
		why = m->no_image;
	else if (!stk_is_image(s, addr))
		return;
	if (stk_image_of(s, addr, &image, &pc))
		why = ops->no_lines ? ops->no_lines(s->target.debuginfo_priv, image)
				    : NULL;
	if (why)
		add_missing(s, list, m, why);
}

size_t stk_image_lines(struct stk *s, uint64_t addr, struct stk_line *out, size_t room)
{
	const struct stk_debuginfo_ops *ops = s->target.debuginfo;
	void *image;
	uint64_t pc;
	size_t nr = 0;

	if (stk_image_of(s, addr, &image, &pc) && ops->lines)
		nr = ops->lines(s->target.debuginfo_priv, image, pc, out, room);
	if (!nr)
		note_missing(s, addr);
	return nr;
}

void stk_lines_forget(struct stk *s)
{
	if (s->images) {
		s->images->nr = 0;
		s->images->search++;
	}
}

bool stk_lines_missing(const struct stk *s, unsigned int index, char *text, size_t size)
{
	const struct missing *m;

	if (!s->images || index >= s->images->nr)
		return false;
	m = &s->images->missing[index];
	snprintf(text, size, "no line information for %s%s: %s",
		 m->module ? "module " : "the kernel", m->module ? m->module->name : "",
		 m->why);
	return true;
}
