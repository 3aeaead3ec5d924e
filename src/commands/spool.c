/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"

#include <string.h>
#include <unistd.h>

#include "../base/temp.h"

#define MAX_IN_MEMORY (4u * 1024 * 1024)
#define PIECE	      65536u

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t done = write(fd, bytes, len);

		if (done <= 0)
			return false;
		bytes += done;
		len -= (size_t)done;
	}
	return true;
}

/* What there is goes to a file, and what follows. */
static void try_file(struct stk_spool *spool)
{
	spool->no_file = true;
	spool->fd = stk_temp_open();
	if (spool->fd < 0)
		return;
	if (!write_all(spool->fd, spool->text, spool->size)) {
		close(spool->fd);
		spool->fd = -1;
		return;
	}
	free(spool->text);
	spool->text = NULL;
}

static bool append(struct stk_spool *spool, const char *bytes, size_t len)
{
	size_t room = spool->room ? spool->room : PIECE;
	char *text;

	while (room - spool->size < len)
		room *= 2;
	text = room == spool->room ? spool->text : realloc(spool->text, room);
	if (!text)
		return false;
	memcpy(text + spool->size, bytes, len);
	spool->text = text;
	spool->room = room;
	return true;
}

static ssize_t write_spool(void *cookie, const char *bytes, size_t len)
{
	struct stk_spool *spool = cookie;

	if (!spool->no_file && spool->size + len > MAX_IN_MEMORY)
		try_file(spool);
	if (!(spool->fd < 0 ? append(spool, bytes, len)
			    : write_all(spool->fd, bytes, len)))
		return 0;
	spool->size += len;
	return (ssize_t)len;
}

bool stk_spool_open(struct stk_spool *spool)
{
	*spool = (struct stk_spool){ .fd = -1 };
	spool->fp =
		fopencookie(spool, "w", (cookie_io_functions_t){ .write = write_spool });
	/* What comes are large pieces: no buffer could collect any. */
	if (spool->fp)
		setvbuf(spool->fp, NULL, _IONBF, 0);
	return spool->fp != NULL;
}

bool stk_spool_is_whole(struct stk_spool *spool)
{
	return !fflush(spool->fp) && !ferror(spool->fp);
}

bool stk_spool_is_empty(struct stk_spool *spool)
{
	fflush(spool->fp);
	return !spool->size;
}

static void print_piece(FILE *out, char *piece, size_t len, bool last)
{
	if (last && len && piece[len - 1] == '\n')
		len--;
	for (char *p = piece; (p = memchr(p, '\n', len - (size_t)(p - piece)));)
		*p = ' ';
	fwrite(piece, 1, len, out);
}

bool stk_spool_print(struct stk_spool *spool, FILE *out)
{
	char piece[PIECE];
	uint64_t at = 0;

	if (!stk_spool_is_whole(spool))
		return false;
	if (!spool->size)
		return true;
	if (spool->fd < 0) {
		print_piece(out, spool->text, spool->size, true);
		return true;
	}
	while (at < spool->size) {
		ssize_t got = pread(spool->fd, piece, sizeof(piece), (off_t)at);

		if (got <= 0)
			return false;
		at += (uint64_t)got;
		print_piece(out, piece, (size_t)got, at == spool->size);
	}
	return true;
}

void stk_spool_close(struct stk_spool *spool)
{
	if (spool->fp)
		fclose(spool->fp);
	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->text);
	*spool = (struct stk_spool){ .fd = -1 };
}
