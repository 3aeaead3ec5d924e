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

#define PAGE_SIZE 4096u

struct kcore {
	int fd;
	size_t nr;
	struct segment {
		uint64_t phys, size, offset;
	} segment[];
};

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

/* NULL: it cannot be read, or has no physical addresses (before 4.13). Keeps @fd. */
static struct kcore *open_segments(int fd)
{
	struct kcore *k;
	Elf64_Ehdr head;
	Elf64_Phdr ph;

	if (!read_at(fd, 0, &head, sizeof(head)) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_phentsize != sizeof(ph))
		return NULL;
	k = calloc(1, sizeof(*k) + head.e_phnum * sizeof(k->segment[0]));
	if (!k)
		return NULL;
	k->fd = fd;
	for (size_t i = 0; i < head.e_phnum; i++)
		if (read_at(fd, head.e_phoff + i * sizeof(ph), &ph, sizeof(ph)) &&
		    ph.p_type == PT_LOAD && ph.p_paddr != UINT64_MAX && ph.p_memsz &&
		    ph.p_paddr + ph.p_memsz > ph.p_paddr)
			k->segment[k->nr++] =
				(struct segment){ ph.p_paddr, ph.p_memsz, ph.p_offset };
	/* Before 4.13 all of them say 0. */
	if (!k->nr || (k->nr > 1 && !k->segment[0].phys && !k->segment[1].phys)) {
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

static enum stk_status kcore_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	const struct kcore *k = priv;

	for (size_t i = 0; i < k->nr; i++) {
		const struct segment *g = &k->segment[i];

		if (phys < g->phys || phys - g->phys >= g->size ||
		    len > g->size - (phys - g->phys))
			continue;
		if (read_at(k->fd, g->offset + (phys - g->phys), buf, len))
			return STK_OK;
	}
	return STK_ERR_EXCLUDED;
}

static bool kcore_next(void *priv, uint64_t *pfn)
{
	const struct kcore *k = priv;
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < k->nr; i++) {
		uint64_t first = (k->segment[i].phys + PAGE_SIZE - 1) / PAGE_SIZE;
		uint64_t end = (k->segment[i].phys + k->segment[i].size) / PAGE_SIZE;

		if (first < *pfn)
			first = *pfn;
		if (first < end && first < best)
			best = first;
	}
	*pfn = best;
	return best != UINT64_MAX;
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
	.size = kcore_size,
};
