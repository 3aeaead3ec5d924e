/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "elf_heads.h"
#include "lime.h"
#include "machine.h"

/* What the program headers of an ELF core say, all told. */
struct segments {
	uint64_t notes_end, end; /* the last byte of notes, of anything; and one */
	size_t loads;
	bool bad; /* one of them lies where no file reaches */
};

static void read_segments(int fd, struct segments *s)
{
	size_t nr;
	Elf *elf = stk_elf_heads(fd, &nr);

	*s = (struct segments){ 0 };
	for (size_t i = 0; i < nr; i++) {
		GElf_Phdr ph;
		uint64_t end;

		if (!gelf_getphdr(elf, (int)i, &ph))
			continue;
		end = ph.p_offset + ph.p_filesz;
		s->bad |= ph.p_offset > INT64_MAX || ph.p_filesz > INT64_MAX ||
			  ph.p_paddr + ph.p_memsz < ph.p_paddr;
		s->loads += ph.p_type == PT_LOAD;
		if (ph.p_filesz && end > s->end)
			s->end = end;
		if (ph.p_filesz && ph.p_type == PT_NOTE && end > s->notes_end)
			s->notes_end = end;
	}
	elf_end(elf);
}

/*
 * makedumpfile's compressed format (diskdump_mod.h): header, sub header and two bitmaps,
 * in blocks, then a struct page_desc {u64 offset; u32 size, flags; u64 page_flags} for
 * each page in the second bitmap, then the pages, in this order but that all zero pages
 * share one. Any of the first descriptors tells where the pages begin, hence how many
 * descriptors there are; the last ones tell where the pages end.
 */
#define KDUMP_BLOCK_SIZE_AT    428
#define KDUMP_SUB_BLOCKS_AT    432
#define KDUMP_BITMAP_BLOCKS_AT 436
#define KDUMP_STATUS_AT	       424
#define KDUMP_INCOMPLETE       0x8u /* DUMP_DH_COMPRESSED_INCOMPLETE */
#define ELF_INCOMPLETE	       0x1u /* DUMP_ELF_INCOMPLETE, in e_flags */
#define DESC_SIZE	       24u
#define LAST_DESCS	       64u

bool stk_kdump_layout(int fd, struct stk_kdump_layout *out)
{
	uint32_t block[3];
	uint64_t blocks;
	struct stk_part part;
	char magic[8];

	*out = (struct stk_kdump_layout){ 0 };
	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, "KDUMP   ", sizeof(magic)) ||
	    pread(fd, block, sizeof(block), KDUMP_BLOCK_SIZE_AT) != sizeof(block))
		return false;
	blocks = 1ull + block[1] + block[2];
	if (block[0] < 512 || block[0] > 1u << 20 || blocks > 1ull << 32)
		return false;
	out->desc_at = out->bitmap_end = blocks * block[0];
	/* The second of two bitmaps, which are equally large. */
	out->bitmap_at = (1ull + block[1] + block[2] / 2) * block[0];
	out->end = (out->bitmap_end - out->bitmap_at) * 8;
	if (stk_is_part(fd, &part)) {
		out->begin = part.begin;
		out->end = part.end < out->end ? part.end : out->end;
	}
	return true;
}

bool stk_is_incomplete(int fd)
{
	uint32_t status;
	Elf64_Ehdr head;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return false;
	if (!memcmp(&head, ELFMAG, SELFMAG))
		return head.e_flags & ELF_INCOMPLETE;
	return !memcmp(&head, "KDUMP   ", 8) &&
	       pread(fd, &status, sizeof(status), KDUMP_STATUS_AT) == sizeof(status) &&
	       status & KDUMP_INCOMPLETE;
}

static uint64_t kdump_size(int fd)
{
	struct stk_page_desc first, last[LAST_DESCS];
	struct stk_kdump_layout layout;
	uint64_t descs, nr, end = 0;

	_Static_assert(sizeof(first) == DESC_SIZE, "struct page_desc");
	if (!stk_kdump_layout(fd, &layout))
		return 0;
	descs = layout.desc_at;
	if (pread(fd, &first, sizeof(first), (off_t)descs) != sizeof(first) ||
	    first.offset <= descs || first.offset > INT64_MAX)
		return 0;
	nr = (first.offset - descs) / DESC_SIZE;
	if (nr > LAST_DESCS) {
		descs += (nr - LAST_DESCS) * DESC_SIZE;
		nr = LAST_DESCS;
	}
	if (pread(fd, last, nr * DESC_SIZE, (off_t)descs) != (ssize_t)(nr * DESC_SIZE))
		return 0;
	for (uint64_t i = 0; i < nr; i++)
		if (last[i].offset < INT64_MAX && last[i].offset + last[i].size > end)
			end = last[i].offset + last[i].size;
	return end;
}

/* struct kdump_sub_header: which of its words have a place in the file, and its size. */
static const struct {
	unsigned int version; /* of the header, that has it */
	unsigned int offset, size;
	const char *what;
} in_sub_header[] = {
	{ 3, 4, 5, "its header is damaged (where VMCOREINFO is)" },
	{ 4, 6, 7, "its header is damaged (where the notes are)" },
	{ 5, 8, 9, "its header is damaged (where the list of erased data is)" },
};

static const char *kdump_problem(int fd, uint64_t file_size)
{
	uint32_t version, block[3];
	uint64_t sub[32], blocks;

	if (pread(fd, &version, sizeof(version), 8) != sizeof(version) ||
	    pread(fd, block, sizeof(block), KDUMP_BLOCK_SIZE_AT) != sizeof(block))
		return "the file ends within its header";
	blocks = 1ull + block[1] + block[2];
	if (block[0] < 512 || block[0] > 1u << 20 || (block[0] & (block[0] - 1)))
		return "its header is damaged (block size)";
	if (!block[1] || blocks * block[0] > file_size)
		return "its header is damaged, or the file ends within it";
	if (pread(fd, sub, sizeof(sub), block[0]) != sizeof(sub))
		return "the file ends within its header";
	for (size_t i = 0; i < sizeof(in_sub_header) / sizeof(in_sub_header[0]); i++) {
		uint64_t at = sub[in_sub_header[i].offset];
		uint64_t size = sub[in_sub_header[i].size];

		if (version >= in_sub_header[i].version &&
		    (size > file_size || at > file_size - size))
			return in_sub_header[i].what;
	}
	return NULL;
}

static uint64_t elf_size(int fd)
{
	struct segments s;

	read_segments(fd, &s);
	return s.end;
}

uint64_t stk_dump_size(int fd)
{
	char magic[8];

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic))
		return 0;
	if (!memcmp(magic, ELFMAG, SELFMAG))
		return elf_size(fd);
	return stk_is_lime(fd) ? stk_lime_size(fd) : kdump_size(fd);
}

/* Only 64 bits, little-endian, are read here. */
static bool is_ours(const Elf64_Ehdr *head)
{
	return head->e_ident[EI_CLASS] == ELFCLASS64 &&
	       head->e_ident[EI_DATA] == ELFDATA2LSB;
}

/* In struct new_utsname of a kdump's header: what uname -m said. */
#define KDUMP_MACHINE_AT   (12u + 4u * 65u)
#define KDUMP_MACHINE_SIZE 65u

uint16_t stk_header_machine(int fd)
{
	char name[KDUMP_MACHINE_SIZE + 1] = "";
	Elf64_Ehdr head;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return EM_NONE;
	if (!memcmp(&head, ELFMAG, SELFMAG)) {
		uint16_t machine = head.e_machine;

		/* 32 bits have it at the same place. */
		if (head.e_ident[EI_DATA] == ELFDATA2MSB)
			machine = __builtin_bswap16(machine);
		/* What is not looked at any further must not be taken for one of ours. */
		return is_ours(&head) || (machine != EM_NONE && machine != EM_X86_64)
			       ? machine
			       : STK_MACHINE_UNKNOWN;
	}
	/* Empty where makedumpfile could not tell. */
	if (memcmp(&head, "KDUMP   ", 8) ||
	    pread(fd, name, KDUMP_MACHINE_SIZE, KDUMP_MACHINE_AT) != KDUMP_MACHINE_SIZE)
		return EM_NONE;
	return stk_machine_of(name);
}

static const char *elf_problem(int fd, uint64_t file_size)
{
	struct segments s;
	Elf64_Ehdr head;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return "the file ends within its header";
	/* Whoever asks for the machine tells of these. */
	if (!is_ours(&head))
		return NULL;
	if (head.e_type != ET_CORE)
		return "an ELF executable, not a core dump (is this the vmlinux?)";
	read_segments(fd, &s);
	if (!s.loads || s.bad || head.e_phentsize != sizeof(Elf64_Phdr))
		return "its header is damaged (the program headers)";
	/* libkdumpfile up to 0.5.1 ends the process over such ones. */
	if ((head.e_shoff || head.e_shnum) && head.e_shentsize != sizeof(Elf64_Shdr))
		return "its header is damaged (the section headers)";
	if (s.notes_end > file_size)
		return "the file ends within its notes, or its header is damaged";
	return NULL;
}

const char *stk_header_problem(int fd, uint64_t file_size)
{
	char magic[8];

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic))
		return "the file ends within its header";
	if (!memcmp(magic, ELFMAG, SELFMAG))
		return elf_problem(fd, file_size);
	return memcmp(magic, "KDUMP   ", sizeof(magic)) ? NULL
							: kdump_problem(fd, file_size);
}

bool stk_is_part(int fd, struct stk_part *part)
{
	enum { SPLIT_AT = 12, PFNS_AT = 16, PFNS_64_AT = 80, MAX_MAPNR_AT = 440 };
	uint32_t version, block, split, max;
	uint64_t pfn[3] = { 0 };
	char magic[8];

	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
	    memcmp(magic, "KDUMP   ", sizeof(magic)) ||
	    pread(fd, &version, sizeof(version), 8) != sizeof(version) || version < 2 ||
	    pread(fd, &block, sizeof(block), KDUMP_BLOCK_SIZE_AT) != sizeof(block) ||
	    pread(fd, &max, sizeof(max), MAX_MAPNR_AT) != sizeof(max) ||
	    pread(fd, &split, sizeof(split), block + SPLIT_AT) != sizeof(split) || !split)
		return false;
	pfn[2] = max;
	/* Since version 6 in 64 bits, with max_mapnr behind. */
	if (version < 6 ? pread(fd, pfn, 16, block + PFNS_AT) != 16
			: pread(fd, pfn, 24, block + PFNS_64_AT) != 24)
		return false;
	*part = (struct stk_part){ pfn[0], pfn[1], pfn[2] };
	return true;
}
