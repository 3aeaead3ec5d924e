/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * makedumpfile -F, and QEMU's dump-guest-memory in a kdump format, write a header of
 * 4096 bytes {char signature[16]; be64 type, version}, then records {be64 offset, size}
 * with their data, ended by one with both -1 (makedumpfile.h: struct
 * makedumpfile_header, makedumpfile_data_header).
 */
#include "flattened.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIGNATURE   "makedumpfile"
#define HEADER_SIZE 4096
#define TYPE	    1
#define BUFFER_SIZE (1u << 20)

struct record {
	int64_t offset, size;
};

static bool read_record(int fd, off_t at, struct record *r)
{
	uint64_t be[2];

	if (pread(fd, be, sizeof(be), at) != sizeof(be))
		return false;
	r->offset = (int64_t)be64toh(be[0]);
	r->size = (int64_t)be64toh(be[1]);
	return true;
}

bool stk_is_flattened(int fd)
{
	char signature[16];
	struct record type;

	return pread(fd, signature, sizeof(signature), 0) == sizeof(signature) &&
	       !memcmp(signature, SIGNATURE, sizeof(SIGNATURE)) &&
	       read_record(fd, sizeof(signature), &type) && type.offset == TYPE;
}

/* Returns how many bytes could be copied; -1 when they cannot be written. */
static int64_t copy_bytes(int fd, off_t from, int to, off_t at, int64_t size, char *buf)
{
	int64_t done = 0;

	while (done < size) {
		int64_t left = size - done;
		ssize_t got =
			pread(fd, buf, left < BUFFER_SIZE ? (size_t)left : BUFFER_SIZE,
			      from + done);

		if (got <= 0)
			break;
		for (ssize_t n = 0, w; n < got; n += w) {
			w = pwrite(to, buf + n, (size_t)(got - n), at + done + n);
			if (w <= 0)
				return -1;
		}
		done += got;
	}
	return done;
}

enum stk_status stk_unflatten(int fd, int to, bool *cut)
{
	char *buf = malloc(BUFFER_SIZE);
	off_t at = HEADER_SIZE;
	enum stk_status st = STK_OK;
	struct record r = { 0 };
	int64_t done = 0;

	*cut = true;
	if (!buf)
		return STK_ERR_NOMEM;
	/* What is not all there is the last one. */
	while (done == r.size && read_record(fd, at, &r)) {
		if (r.offset == -1 && r.size == -1) {
			*cut = false;
			break;
		}
		at += sizeof(r);
		if (r.offset < 0 || r.size <= 0 || r.offset > INT64_MAX - r.size ||
		    at > INT64_MAX - r.size) {
			st = STK_ERR_CORRUPT;
			break;
		}
		done = copy_bytes(fd, at, to, r.offset, r.size, buf);
		if (done < 0)
			st = STK_ERR_IO;
		at += r.size;
	}
	free(buf);
	return st;
}
