/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any file as a dump: what it is, whether its header makes sense, put in order. */
#include <string.h>

#include "../machine.h"
#include "file/file.h"
#include "file/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	struct stk_files f;
	struct stk_part part;
	char error[256] = "";

	if (stk_files_open(&f, path, NULL, error, sizeof(error))) {
		fuzz_assert(*error && !strncmp(error, path, strlen(path)));
		return 0;
	}
	fuzz_assert(f.nr == 1 && !f.live && !*error);
	if (stk_is_part(f.fd[0], &part))
		fuzz_assert(part.begin < part.end);
	stk_dump_size(f.fd[0]);
	stk_files_close(&f);
	return 0;
}
