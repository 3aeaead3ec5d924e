/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mappings of a process are on a list that ascends (mm->mmap) up to 6.0, and in a
 * maple tree since 6.1 (commit 763ecb035029 "mm: remove the vma linked list").
 */
#include "mm.h"

#include <string.h>

#include "../arch/arch.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "../machine/memory.h"
#include "layout.h"
#include "maple.h"

#define MAX_VMAS (1024u * 1024)
#define SHARE	 4u   /* of the budget */
#define MAX_NAME 256u /* NAME_MAX, and the end */

enum { VM_READ = 1, VM_WRITE = 2, VM_EXEC = 4, VM_SHARED = 8 };

struct reader {
	struct stk_mm *mm;
	uint64_t special; /* special_mapping_vmops */
	uint64_t start_brk, brk, start_stack;
};

static const char *file_name(struct stk *s, uint64_t file)
{
	struct stk_member path, dentry, d_name;
	uint64_t at, name;

	if (!stk_find_member(s, "file", "f_path", &path) ||
	    !stk_find_member(s, "path", "dentry", &dentry) ||
	    !stk_find_member(s, "dentry", "d_name", &d_name) ||
	    stk_read_u64(s, file + path.offset + dentry.offset, &at) ||
	    stk_read_member(s, at + d_name.offset, "qstr", "name", &name))
		return NULL;
	return stk_string_at(s, name, MAX_NAME);
}

/* "[vdso]", "[vvar]", "[uprobes]" carry their names: struct vm_special_mapping, 3.16+. */
static const char *special_name(struct stk *s, const struct reader *r, uint64_t vma)
{
	uint64_t ops, mapping, name;

	if (!r->special || stk_read_member(s, vma, "vm_area_struct", "vm_ops", &ops) ||
	    ops != r->special ||
	    stk_read_member(s, vma, "vm_area_struct", "vm_private_data", &mapping) ||
	    stk_read_member(s, mapping, "vm_special_mapping", "name", &name))
		return NULL;
	return stk_string_at(s, name, MAX_NAME);
}

static void describe_area(struct stk *s, const struct reader *r, uint64_t at,
			  struct stk_vma *v)
{
	const char *name = special_name(s, r, at);
	uint64_t file, flags;

	strcpy(v->access, "????");
	if (!stk_read_member(s, at, "vm_area_struct", "vm_flags", &flags)) {
		v->access[0] = flags & VM_READ ? 'r' : '-';
		v->access[1] = flags & VM_WRITE ? 'w' : '-';
		v->access[2] = flags & VM_EXEC ? 'x' : '-';
		v->access[3] = flags & VM_SHARED ? 's' : 'p';
	}
	if (name) {
		v->what = name;
	} else if (!stk_read_member(s, at, "vm_area_struct", "vm_file", &file) && file) {
		v->what = "file";
		v->name = file_name(s, file);
	} else if (v->begin <= r->brk && v->end >= r->start_brk) {
		v->what = "heap"; /* as fs/proc/task_mmu.c tells them apart */
	} else if (v->begin <= r->start_stack && v->end >= r->start_stack) {
		v->what = "stack";
	} else {
		v->what = "anonymous";
	}
}

/* False ends the walk: what does not ascend is damaged. */
static bool add_vma(struct stk *s, uint64_t at, void *ctx)
{
	struct reader *r = ctx;
	struct stk_mm *mm = r->mm;
	struct stk_vma v = { 0 }, *p;

	if (mm->nr >= MAX_VMAS ||
	    stk_read_member(s, at, "vm_area_struct", "vm_start", &v.begin) ||
	    stk_read_member(s, at, "vm_area_struct", "vm_end", &v.end) ||
	    v.end <= v.begin || (mm->nr && v.begin < mm->vma[mm->nr - 1].end))
		return false;
	describe_area(s, r, at, &v);
	p = stk_vec_next(&s->arena, mm->vma, mm->nr, mm->room);
	if (!p)
		return false;
	*p = v;
	mm->nr++;
	return true;
}

static void walk_vma_list(struct stk *s, uint64_t mm, struct reader *r)
{
	uint64_t at;

	if (stk_read_member(s, mm, "mm_struct", "mmap", &at))
		return;
	while (at && add_vma(s, at, r))
		if (stk_read_member(s, at, "vm_area_struct", "vm_next", &at))
			return;
}

static void walk_vmas(struct stk *s, uint64_t addr, struct reader *r)
{
	struct stk_purse *purse = &s->mappings;
	struct stk_member tree;

	purse->kept = true;
	stk_purse_open(&s->budget, purse, "the mappings of processes", SHARE);
	if (stk_find_member(s, "mm_struct", "mm_mt", &tree))
		stk_maple_walk(s, addr + tree.offset, add_vma, r);
	/* Whichever is in use: a vendor may have kept the other. */
	if (!r->mm->nr)
		walk_vma_list(s, addr, r);
	stk_purse_close(&s->budget, purse);
}

static struct stk_mm *load_mm(struct stk *s, uint64_t addr)
{
	struct stk_mm *mm = stk_arena_alloc(&s->arena, sizeof(*mm));
	struct reader r = { .mm = mm };

	if (!mm)
		return NULL;
	mm->mm = addr;
	if (stk_read_member(s, addr, "mm_struct", "pgd", &mm->pgd))
		mm->pgd = 0;
	if (!stk_find_symbol(s, "special_mapping_vmops", &r.special))
		r.special = 0;
	if (stk_read_member(s, addr, "mm_struct", "start_brk", &r.start_brk) ||
	    stk_read_member(s, addr, "mm_struct", "brk", &r.brk) ||
	    stk_read_member(s, addr, "mm_struct", "start_stack", &r.start_stack))
		mm->bad = true;
	else
		walk_vmas(s, addr, &r);
	return stk_must_stop(s) ? NULL : mm;
}

const struct stk_mm *stk_mm_of(struct stk *s, uint64_t task)
{
	struct stk_mm *mm;
	uint64_t addr;

	if (stk_read_member(s, task, "task_struct", "mm", &addr) || !addr)
		return NULL;
	for (mm = s->mms; mm && mm->mm != addr; mm = mm->next)
		if (!stk_spend(s, 1))
			return NULL;
	if (!mm) {
		mm = load_mm(s, addr);
		if (!mm)
			return NULL;
		mm->next = s->mms;
		s->mms = mm;
	}
	return mm->bad ? NULL : mm;
}

const struct stk_vma *stk_vma_at(const struct stk_mm *mm, uint64_t addr)
{
	size_t low = stk_upto(mm->vma, mm->nr, begin, addr);

	return low && addr < mm->vma[low - 1].end ? &mm->vma[low - 1] : NULL;
}

enum stk_status stk_translate_firmware(struct stk *s, uint64_t addr, uint64_t *phys)
{
	uint64_t mm, pgd;

	if (!stk_find_symbol(s, "efi_mm", &mm) ||
	    stk_read_member(s, mm, "mm_struct", "pgd", &pgd) || !pgd)
		return STK_ERR_UNMAPPED;
	return s->arch->translate_in(s, pgd, addr, phys);
}
