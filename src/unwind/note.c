/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which note holds the registers of a CPU: several may have written some. */
#include "note.h"

#include <elf.h>
#include <string.h>

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../machine/memory.h"
#include "unwind.h"

/* A virtual machine that was stopped. */
static bool note_of_qemu(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	return stk_saved_by_qemu(s, s->arch->machine_cpu(s, cpu), &out->saved);
}

/* Another monitor had stopped it, and no note says so. */
static bool note_of_monitor(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	out->saved.by_monitor = s->target.monitor;
	out->saved.cpu = s->arch->machine_cpu(s, cpu);
	return s->target.monitor && stk_spend(s, STK_MAX_REGS);
}

/* The kernel saved them itself: crash_save_cpu(), in per-CPU memory. */
static bool note_in_memory(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	struct {
		Elf64_Nhdr head;
		char name[8];
	} note;
	uint64_t sym, at, percpu;

	if (stk_symbol(s, "crash_notes", &sym) || stk_read_u64(s, sym, &at) ||
	    stk_percpu_offset(s, cpu, &percpu) ||
	    stk_read(s, at + percpu, &note, sizeof(note)))
		return false;
	if (note.head.n_type != NT_PRSTATUS || note.head.n_namesz != sizeof("CORE") ||
	    memcmp(note.name, "CORE", sizeof("CORE")) != 0 ||
	    note.head.n_descsz > sizeof(out->bytes) ||
	    stk_read(s, at + percpu + sizeof(note), out->bytes, note.head.n_descsz))
		return false;
	out->saved.prstatus =
		(struct stk_note){ STK_NOTE_PRSTATUS, out->bytes, note.head.n_descsz };
	return true;
}

/*
 * The dump file's, in the order of the CPUs that answered: they tell whose they are only
 * if all did.
 */
static bool note_by_order(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	unsigned int nr = 0, want = 0, online = stk_nr_online(s);
	struct stk_saved note;

	for (unsigned int i = 0; i < cpu; i++)
		want += stk_cpu_online(s, i);
	for (; stk_saved_nth(s, nr, &note); nr++)
		if (nr == want)
			out->saved = note;
	return nr == online && stk_cpu_online(s, cpu) && !out->saved.qemu.size &&
	       !stk_saved_numbered(s) && !stk_must_stop(s);
}

/*
 * By whom the CPU ran: a register of the kernel's points to the task, which says on which
 * CPU it is. Only where per-CPU memory is not in the dump, with all that tells of CPUs.
 */
static bool note_by_task(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	const unsigned int current = s->arch->current;
	struct stk_saved note;
	unsigned int found = 0;

	if (!s->no_tables || !current)
		return false;
	for (unsigned int nr = 0; stk_saved_nth(s, nr, &note); nr++) {
		struct stk_regs regs;
		struct stk_task task;

		if (note.qemu.size || s->arch->note_regs(s, &note, &regs) ||
		    s->arch->user_mode(&regs) || !stk_has_reg(&regs, current) ||
		    stk_task_read(s, regs.v[current], &task) || !task.on_cpu ||
		    task.cpu != (int)cpu)
			continue;
		out->saved = note;
		found++;
	}
	return found == 1 && !stk_must_stop(s);
}

/* The most trustworthy first: a stopped machine knows best, then the kernel. */
static const struct {
	bool (*find)(struct stk *s, unsigned int cpu, struct stk_cpu_note *out);
	enum stk_from from;
} sources[] = {
	{ note_of_qemu, STK_FROM_QEMU },       { note_of_monitor, STK_FROM_MONITOR },
	{ note_in_memory, STK_FROM_PRSTATUS }, { note_by_task, STK_FROM_PRSTATUS },
	{ note_by_order, STK_FROM_PRSTATUS },
};

bool stk_cpu_note(struct stk *s, unsigned int cpu, struct stk_cpu_note *out)
{
	out->unreadable = false;
	out->foreign = NULL;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const char *foreign;
		enum stk_status st;
		bool capture;

		out->saved = (struct stk_saved){ 0 };
		out->from = sources[i].from;
		out->kept = sources[i].find == note_in_memory;
		if (!sources[i].find(s, cpu, out))
			continue;
		st = s->arch->note_regs(s, &out->saved, &out->regs);
		foreign = st ? NULL : s->arch->foreign_regs(s, &out->saved, &capture);
		if (foreign)
			out->foreign = foreign;
		else if (!st)
			return true;
		/* A processor that was not started yet, or was reset, has none. */
		out->unreadable |= st && st != STK_ERR_NO_REGS;
	}
	return false;
}

bool stk_cpu_has_note(struct stk *s, unsigned int cpu)
{
	struct stk_cpu_note note;

	return stk_cpu_note(s, cpu, &note) || note.unreadable;
}

static bool is_in_file(struct stk *s, const struct stk_saved *saved)
{
	struct stk_saved other;

	for (unsigned int i = 0; stk_saved_nth(s, i, &other); i++)
		if (!other.qemu.size && stk_saved_same(&other, saved))
			return true;
	return false;
}

/* Are the file's notes the kernel's at all? Another program may have written its own. */
static enum stk_status find_kernels_notes(struct stk *s, void *value)
{
	struct stk_cpu_note note;
	bool *found = value;

	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s) && !*found; cpu++)
		*found = stk_cpu_possible(s, cpu) && note_in_memory(s, cpu, &note) &&
			 is_in_file(s, &note.saved);
	return STK_OK;
}

static bool file_has_kernels_notes(struct stk *s)
{
	static const struct stk_once once = { .size = sizeof(bool),
					      .find = find_kernels_notes };

	return !stk_once(s, &s->kernels_notes, &once) &&
	       *(const bool *)s->kernels_notes.value;
}

int stk_note_has_copy(struct stk *s, const struct stk_cpu_note *note)
{
	if (!note->kept)
		return -1;
	if (is_in_file(s, &note->saved))
		return 1;
	return file_has_kernels_notes(s) && !stk_must_stop(s) ? 0 : -1;
}
