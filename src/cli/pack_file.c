/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * While the temporary file is there the signals by which a user ends the process are
 * blocked, and looked for: so none is left behind. It stays readable for its owner only,
 * as the kernel's memory should be.
 */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Those that would end us: one that is ignored, as with nohup, would wait all the same.
 */
static void ending_signals(sigset_t *set)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU };
	struct sigaction action;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (!sigaction(ending[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(set, ending[i]);
}

bool pack_file_stopped(void)
{
	sigset_t ending, pending;

	ending_signals(&ending);
	sigpending(&pending);
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&ending, sig) == 1 && sigismember(&pending, sig) == 1)
			return true;
	return false;
}

static bool complain_errno(struct pack_file *f, int error)
{
	snprintf(f->error, sizeof(f->error), "%s: %s", f->path, strerror(error));
	return false;
}

bool pack_file_begin(struct pack_file *f)
{
	sigset_t ending;

	f->fd = -1;
	/* Told before the work is done; what comes until its end is seen then. */
	if (!f->force && !access(f->path, F_OK))
		return complain_errno(f, EEXIST);
	if (asprintf(&f->temporary, "%s.XXXXXX", f->path) < 0) {
		f->temporary = NULL;
		return complain_errno(f, ENOMEM);
	}
	ending_signals(&ending);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd < 0) {
		complain_errno(f, errno);
		sigprocmask(SIG_UNBLOCK, &ending, NULL);
		free(f->temporary);
		return false;
	}
	return true;
}

/* What is there is not written over, whoever made it since we began. */
static bool rename_file(struct pack_file *f)
{
	if (!f->force &&
	    !renameat2(AT_FDCWD, f->temporary, AT_FDCWD, f->path, RENAME_NOREPLACE))
		return true;
	/* Not every file system can do so. */
	if (!f->force && errno != EINVAL && errno != ENOSYS)
		return complain_errno(f, errno);
	if (!f->force && !access(f->path, F_OK))
		return complain_errno(f, EEXIST);
	return !rename(f->temporary, f->path) || complain_errno(f, errno);
}

bool pack_file_end(struct pack_file *f, bool whole)
{
	sigset_t ending;
	bool ok = whole;

	/* A disk may be full only now. */
	if (ok && fsync(f->fd) && errno != EINVAL)
		ok = complain_errno(f, errno);
	if (close(f->fd) && ok)
		ok = complain_errno(f, errno);
	ok = ok && rename_file(f);
	if (!ok)
		unlink(f->temporary);
	free(f->temporary);
	ending_signals(&ending);
	sigprocmask(SIG_UNBLOCK, &ending, NULL);
	return ok;
}
