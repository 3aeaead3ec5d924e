/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notes.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/vec.h"
#include "elf_heads.h"
#include "vmcoreinfo.h"

#define MAX_NOTES_SIZE (64u * 1024 * 1024) /* 8192 CPUs need less than 10 MiB */

static uint64_t read_word(const unsigned char *p, size_t offset)
{
	uint64_t v;

	memcpy(&v, p + offset, sizeof(v));
	return v;
}

static enum stk_status add_note(struct stk_notes *n, struct stk_arena *arena,
				enum stk_note_kind kind, const void *desc, size_t size)
{
	struct stk_note_list *list = &n->list[kind];
	struct stk_note *note = stk_vec_next(arena, list->note, list->nr, list->room);

	if (!note)
		return STK_ERR_NOMEM;
	list->nr++;
	*note = (struct stk_note){ kind, desc, size };
	return STK_OK;
}

enum stk_status stk_notes_set_vmcoreinfo(struct stk_notes *n, struct stk_arena *arena,
					 const void *from, size_t size)
{
	char *text;

	if (size > STK_MAX_VMCOREINFO)
		size = STK_MAX_VMCOREINFO;
	text = stk_arena_alloc(arena, size + STK_SPLIT_ROOM);
	if (!text)
		return STK_ERR_NOMEM;
	memcpy(text, from, size);
	stk_vmcoreinfo_split(text, size);
	n->vmcoreinfo = text;
	return STK_OK;
}

static enum stk_status parse_notes(struct stk_notes *n, struct stk_arena *arena,
				   const unsigned char *p, size_t size)
{
	enum stk_status st = STK_OK;

	while (!st && size >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr head;
		const char *name = (const char *)p + sizeof(head);
		const unsigned char *desc;
		size_t namesz, total;

		memcpy(&head, p, sizeof(head));
		namesz = ((size_t)head.n_namesz + 3) & ~(size_t)3;
		total = sizeof(head) + namesz +
			(((size_t)head.n_descsz + 3) & ~(size_t)3);
		if (total > size)
			break;
		desc = p + sizeof(head) + namesz;
#define NAMED(str) (head.n_namesz == sizeof(str) && !memcmp(name, str, sizeof(str)))
		if (head.n_type == NT_PRSTATUS && NAMED("CORE"))
			st = add_note(n, arena, STK_NOTE_PRSTATUS, desc, head.n_descsz);
		else if (NAMED("QEMU"))
			st = add_note(n, arena, STK_NOTE_QEMU, desc, head.n_descsz);
		else if (NAMED("VMCOREINFO") && !n->vmcoreinfo)
			st = stk_notes_set_vmcoreinfo(n, arena, desc, head.n_descsz);
		else if (head.n_type == STK_KEPT_NOTE_TYPE && NAMED(STK_KEPT_NOTE)) {
			n->kept = desc;
			n->kept_size = head.n_descsz;
		}
#undef NAMED
		p += total;
		size -= total;
	}
	return st;
}

static void *read_file(int fd, struct stk_arena *arena, uint64_t offset, uint64_t size)
{
	unsigned char *p;
	size_t done = 0;

	if (!size || size > MAX_NOTES_SIZE || offset > INT64_MAX - size)
		return NULL;
	p = stk_arena_alloc(arena, size);
	while (p && done < size) {
		ssize_t got = pread(fd, p + done, size - done, (off_t)(offset + done));

		if (got <= 0)
			return NULL;
		done += (size_t)got;
	}
	return p;
}

static enum stk_status load_elf(struct stk_notes *n, struct stk_arena *arena, int fd)
{
	enum stk_status st = STK_OK;
	uint64_t left = MAX_NOTES_SIZE;
	size_t nr;
	Elf *elf = stk_elf_heads(fd, &nr);

	if (!elf)
		return STK_ERR_IO;
	for (size_t i = 0; !st && i < nr; i++) {
		GElf_Phdr ph;
		unsigned char *p;

		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_NOTE ||
		    ph.p_filesz > left)
			continue;
		left -= ph.p_filesz;
		p = read_file(fd, arena, ph.p_offset, ph.p_filesz);
		if (p)
			st = parse_notes(n, arena, p, ph.p_filesz);
	}
	elf_end(elf);
	return st;
}

/*
 * makedumpfile's compressed format (diskdump_mod.h): a header block, then struct
 * kdump_sub_header, which since version 4 tells where the notes are.
 */
static enum stk_status load_kdump(struct stk_notes *n, struct stk_arena *arena, int fd)
{
	enum { BLOCK_SIZE_AT = 428, VMCOREINFO_AT = 32, NOTE_AT = 48, SUB_HEADER = 64 };
	unsigned char *head = read_file(fd, arena, 0, BLOCK_SIZE_AT + 4), *sub, *p;
	uint32_t version, block;
	enum stk_status st = STK_OK;

	if (!head)
		return STK_ERR_IO;
	memcpy(&version, head + 8, sizeof(version));
	memcpy(&block, head + BLOCK_SIZE_AT, sizeof(block));
	sub = read_file(fd, arena, block, SUB_HEADER);
	if (!sub)
		return STK_ERR_IO;
	if (version >= 4) {
		uint64_t size = read_word(sub, NOTE_AT + 8);

		p = read_file(fd, arena, read_word(sub, NOTE_AT), size);
		if (p)
			st = parse_notes(n, arena, p, size);
	}
	if (!st && version >= 3 && !n->vmcoreinfo) {
		uint64_t size = read_word(sub, VMCOREINFO_AT + 8);

		p = read_file(fd, arena, read_word(sub, VMCOREINFO_AT), size);
		if (p)
			st = stk_notes_set_vmcoreinfo(n, arena, p, size);
	}
	return st;
}

enum stk_status stk_notes_read(struct stk_notes *n, struct stk_arena *arena, int fd)
{
	enum stk_status st = STK_ERR_UNSUPPORTED;
	char magic[8];

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic))
		return STK_ERR_IO;
	if (!memcmp(magic, ELFMAG, SELFMAG))
		st = load_elf(n, arena, fd);
	if (!memcmp(magic, "KDUMP   ", sizeof(magic)))
		st = load_kdump(n, arena, fd);
	/* Then it is not known what there is. */
	return arena->failed ? STK_ERR_NOMEM : st;
}

enum stk_status stk_notes_load(struct stk_notes *n, struct stk_arena *arena,
			       const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat sb;
	enum stk_status st = STK_ERR_IO;

	if (fd < 0)
		return st;
	if (!fstat(fd, &sb) && S_ISREG(sb.st_mode))
		st = stk_notes_read(n, arena, fd);
	close(fd);
	return st;
}

static enum stk_status get_note(void *priv, enum stk_note_kind kind, unsigned int index,
				struct stk_note *out)
{
	const struct stk_notes *n = priv;

	if (index >= n->list[kind].nr)
		return STK_ERR_NO_REGS;
	*out = n->list[kind].note[index];
	return STK_OK;
}

const struct stk_note_ops stk_notes_ops = { .note = get_note };

const char *stk_notes_vmcoreinfo(void *priv, const char *key)
{
	struct stk_notes *n = priv;

	return stk_vmcoreinfo_value(n->vmcoreinfo, key);
}
