/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed FOLDER... - the targets of fuzzers, without any fuzzer: each file
 * FOLDER/TARGET/NAME is an input of that target. What is proved is what the targets
 * prove.
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS	 20u /* for one input */
#define MAX_SIZE (1u << 20)

typedef int target_fn(const uint8_t *data, size_t size);

#define TARGET(name) target_fn fuzz_target_##name;
FUZZ_TARGETS
#undef TARGET

static const struct {
	const char *name;
	target_fn *run;
} targets[] = {
#define TARGET(name) { #name, fuzz_target_##name },
	FUZZ_TARGETS
#undef TARGET
};

static char path[PATH_MAX];

/* Which input it is, for whatever ends the process. */
static void say_where(int signal)
{
	static const char what[] = "\nfeed: not answered: ";

	if (write(STDERR_FILENO, what, sizeof(what) - 1) > 0 &&
	    write(STDERR_FILENO, path, strlen(path)) > 0)
		_exit(1);
	_exit(1);
}

/* A copy with no byte more, so that the sanitizer sees one that is read behind it. */
static void feed(target_fn *run)
{
	static uint8_t buf[MAX_SIZE];
	FILE *fp = fopen(path, "r");
	uint8_t *data;
	size_t size;

	if (!fp) {
		perror(path);
		exit(2);
	}
	size = fread(buf, 1, sizeof(buf), fp);
	fclose(fp);
	data = malloc(size + !size);
	memcpy(data, buf, size);
	alarm(SECONDS);
	run(data, size);
	alarm(0);
	free(data);
}

static unsigned int feed_folder(const char *folder, const char *name, target_fn *run)
{
	unsigned int nr = 0;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", folder, name, e->d_name);
		feed(run);
		nr++;
	}
	if (dir)
		closedir(dir);
	return nr;
}

int main(int argc, char **argv)
{
	unsigned int nr = 0;

	signal(SIGALRM, say_where);
	for (int i = 1; i < argc; i++)
		for (size_t t = 0; t < sizeof(targets) / sizeof(targets[0]); t++)
			nr += feed_folder(argv[i], targets[t].name, targets[t].run);
	printf("feed: %u passed, 0 failed\n", nr);
	return !nr;
}
