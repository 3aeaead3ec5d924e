/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/kcore (fs/proc/kcore.c) looks like an ELF core with a segment for each part of
 * the kernel's address space. Those of the direct map, and of the kernel image, tell
 * their physical address since 4.13 (commit 464920104bf7); others have ~0 there.
 *
 * It is read directly: libkdumpfile would keep pages that have changed since.
 */
#include "kcore.h"

#include <elf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "reader.h"
#include "segments.h"

bool stk_is_kcore(int fd)
{
	char link[64], path[64];
	struct statfs fs;
	const char *name;
	ssize_t len;

	if (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = 0;
	name = strrchr(path, '/');
	return name && !strcmp(name, "/kcore");
}

static bool read_at(int fd, uint64_t offset, void *buf, size_t len)
{
	return pread(fd, buf, len, (off_t)offset) == (ssize_t)len;
}

static void add_segments(struct stk_segments *k, int fd, const Elf64_Ehdr *head)
{
	Elf64_Phdr ph;

	for (size_t i = 0; i < head->e_phnum; i++)
		if (read_at(fd, head->e_phoff + i * sizeof(ph), &ph, sizeof(ph)) &&
		    ph.p_type == PT_LOAD && ph.p_paddr != UINT64_MAX &&
		    ph.p_paddr + ph.p_memsz > ph.p_paddr && ph.p_memsz <= INT64_MAX &&
		    ph.p_offset <= INT64_MAX - ph.p_memsz)
			k->seg[k->nr++] = (struct stk_segment){ ph.p_paddr, ph.p_memsz,
								ph.p_offset };
}

/* NULL: it cannot be read, or has no physical addresses (before 4.13). Keeps @fd. */
static struct stk_segments *open_segments(int fd)
{
	struct stk_segments *k;
	Elf64_Ehdr head;

	if (!read_at(fd, 0, &head, sizeof(head)) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_phentsize != sizeof(Elf64_Phdr))
		return NULL;
	k = stk_segments_new(fd, head.e_phnum);
	if (!k)
		return NULL;
	/* It is this machine. */
	k->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	add_segments(k, fd, &head);
	/* Before 4.13 all of them say 0. */
	if (!k->nr || (k->nr > 1 && !k->seg[0].phys && !k->seg[1].phys)) {
		free(k);
		return NULL;
	}
	return k;
}

static bool kcore_knows(const struct stk_files *files)
{
	return files->live;
}

static enum stk_status kcore_open(const struct stk_files *files, void **priv, char *error,
				  size_t size)
{
	*priv = open_segments(files->fd[0]);
	if (*priv)
		return STK_OK;
	snprintf(error, size, "program headers have no physical addresses");
	return STK_ERR_UNSUPPORTED;
}

static void kcore_close(void *priv)
{
	free(priv);
}

/* What it cannot read now it does not have. */
static enum stk_status kcore_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	return stk_segments_read(priv, phys, buf, len) ? STK_ERR_EXCLUDED : STK_OK;
}

static bool kcore_next(void *priv, uint64_t *pfn)
{
	return stk_segments_next(priv, pfn);
}

static uint64_t kcore_page_size(const void *priv)
{
	const struct stk_segments *k = priv;

	return k->page_size;
}

static uint64_t kcore_size(const struct stk_files *files)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

const struct stk_reader_ops stk_kcore_ops = {
	.knows = kcore_knows,
	.open = kcore_open,
	.close = kcore_close,
	.read = kcore_read,
	.next = kcore_next,
	.page_size = kcore_page_size,
	.size = kcore_size,
};
