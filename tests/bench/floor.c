/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor ARGUMENTS...: what `stackinfo ARGUMENTS` costs beside the least that any program
 * could pay for its answer: to unpack, once, each page of the dump that it needs. One
 * line: seconds of CPU of both, their ratio, pages read and how many different ones they
 * were, MiB at the most.
 *
 * Linked with the command, whose main(), opening of files and reading of pages it stands
 * before (the linker's --wrap).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "file/reader.h"

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
enum stk_status __real_stk_reader_read(void *priv, uint64_t phys, void *buf, size_t len);
enum stk_status __wrap_stk_reader_read(void *priv, uint64_t phys, void *buf, size_t len);
enum stk_status __real_stk_files_open(struct stk_files *f, const char *path,
				      const struct stk_ranges *memory, char *error,
				      size_t size);
enum stk_status __wrap_stk_files_open(struct stk_files *f, const char *path,
				      const struct stk_ranges *memory, char *error,
				      size_t size);

enum { SLOTS = 1 << 22, MAX_PAGES = SLOTS / 2 };

/* In the order in which they were met first. */
static struct {
	char path[4096];
	uint64_t *page; /* its address */
	uint32_t *slot; /* which of them, and one; by a hash of the address */
	size_t nr, reads;
} seen;

static void note_page(uint64_t page)
{
	size_t i = page * 0x9e3779b97f4a7c15ull >> 42;

	while (seen.slot[i] && seen.page[seen.slot[i] - 1] != page)
		i = (i + 1) % SLOTS;
	if (seen.slot[i] || seen.nr == MAX_PAGES)
		return;
	seen.page[seen.nr++] = page;
	seen.slot[i] = (uint32_t)seen.nr;
}

enum stk_status __wrap_stk_reader_read(void *priv, uint64_t phys, void *buf, size_t len)
{
	enum stk_status st = __real_stk_reader_read(priv, phys, buf, len);

	if (!st) {
		seen.reads++;
		note_page(phys - phys % STK_SMALLEST_PAGE);
	}
	return st;
}

enum stk_status __wrap_stk_files_open(struct stk_files *f, const char *path,
				      const struct stk_ranges *memory, char *error,
				      size_t size)
{
	snprintf(seen.path, sizeof(seen.path), "%s", path);
	return __real_stk_files_open(f, path, memory, error, size);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Unpack all of them, once. Negative: it cannot be done. */
static double read_once(void)
{
	static unsigned char page[STK_SMALLEST_PAGE];
	const double from = cpu_seconds();
	struct stk_files files;
	struct stk_reader *r;
	char error[512];
	bool failed = false;

	if (__real_stk_files_open(&files, seen.path, NULL, error, sizeof(error)) ||
	    stk_reader_open(&files, &r, error, sizeof(error)))
		return -1;
	for (size_t i = 0; i < seen.nr; i++)
		failed |= __real_stk_reader_read(r, seen.page[i], page, sizeof(page)) !=
			  STK_OK;
	stk_reader_close(r);
	stk_files_close(&files);
	return failed ? -1 : cpu_seconds() - from;
}

int __wrap_main(int argc, char **argv)
{
	int out = dup(STDOUT_FILENO), none = open("/dev/null", O_WRONLY);
	struct rusage usage;
	double took, least;

	seen.page = malloc(MAX_PAGES * sizeof(*seen.page));
	seen.slot = calloc(SLOTS, sizeof(*seen.slot));
	if (out < 0 || none < 0 || dup2(none, STDOUT_FILENO) < 0 || !seen.page ||
	    !seen.slot)
		return 1;
	took = cpu_seconds();
	__real_main(argc, argv);
	fflush(stdout);
	took = cpu_seconds() - took;
	getrusage(RUSAGE_SELF, &usage);
	least = read_once();
	if (least <= 0) {
		fprintf(stderr, "floor: %s: not every page can be read again\n",
			seen.path);
		return 1;
	}
	dprintf(out, "%.3f %.3f %.2f %zu %zu %ld\n", took, least, took / least,
		seen.reads, seen.nr, usage.ru_maxrss / 1024);
	return 0;
}
