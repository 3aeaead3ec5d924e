/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel writes a process's core as it writes /proc/vmcore: ELF, with NT_PRSTATUS.
 * But only a process has an auxiliary vector (fs/binfmt_elf.c, fill_note_info()).
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "elf_heads.h"
#include "foreign.h"

#define MAX_NOTES 65536u /* of a process: those of its first thread come first */

/* struct elf_prpsinfo, 64-bit */
#define PSINFO_PID	 24u
#define PSINFO_NAME	 40u
#define PSINFO_NAME_SIZE 16u

/* What its notes say. */
struct process {
	bool auxv;
	int32_t pid;
	char name[PSINFO_NAME_SIZE + 1];
};

static void read_note(struct process *p, const Elf64_Nhdr *head, const char *desc)
{
	p->auxv |= head->n_type == NT_AUXV;
	if (head->n_type != NT_PRPSINFO ||
	    head->n_descsz < PSINFO_NAME + PSINFO_NAME_SIZE)
		return;
	memcpy(&p->pid, desc + PSINFO_PID, sizeof(p->pid));
	memcpy(p->name, desc + PSINFO_NAME, PSINFO_NAME_SIZE);
}

static void read_notes(struct process *p, int fd, uint64_t at, uint64_t size)
{
	char buf[MAX_NOTES];
	ssize_t got = pread(fd, buf, size < sizeof(buf) ? size : sizeof(buf), (off_t)at);
	size_t left = got > 0 ? (size_t)got : 0;
	const char *note = buf;
	Elf64_Nhdr head;

	while (left >= sizeof(head)) {
		size_t name, all;

		memcpy(&head, note, sizeof(head));
		name = ((size_t)head.n_namesz + 3) & ~(size_t)3;
		all = sizeof(head) + name + (((size_t)head.n_descsz + 3) & ~(size_t)3);
		if (all > left)
			break;
		if (head.n_namesz == sizeof("CORE") &&
		    !memcmp(note + sizeof(head), "CORE", 5))
			read_note(p, &head, note + sizeof(head) + name);
		note += all;
		left -= all;
	}
}

bool stk_is_process_core(int fd, char *text, size_t size)
{
	struct process p = { .auxv = false };
	char magic[SELFMAG];
	size_t nr;
	Elf *elf;

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, ELFMAG, SELFMAG))
		return false;
	elf = stk_elf_heads(fd, &nr);
	for (size_t i = 0; i < nr && !p.auxv; i++) {
		GElf_Phdr ph;

		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_NOTE)
			read_notes(&p, fd, ph.p_offset, ph.p_filesz);
	}
	elf_end(elf);
	if (!p.auxv)
		return false;
	if (*p.name)
		snprintf(text, size,
			 "the core of a process (%s, PID %d), not of a kernel: "
			 "gdb and coredumpctl read it",
			 p.name, p.pid);
	else
		snprintf(text, size,
			 "the core of a process, not of a kernel: gdb reads it");
	return true;
}
