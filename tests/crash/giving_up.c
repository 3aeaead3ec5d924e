/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * giving_up.so - inside crash: "giveup N" makes its Nth reading of the dump from then on
 * FATAL; without N none. Prints how many there were since the last "giveup", and how many
 * bytes of memory the process holds.
 *
 * SIGUSR1 is a Ctrl-C, but not while crash waits for a line: its readline, left by the
 * handler's longjmp() between free() and a new prompt, frees that again, and crash
 * aborts.
 */
#include <crash/defs.h>

#include <malloc.h>
#include <signal.h>

static int (*real)(int, void *, int, ulong, physaddr_t);
static unsigned long left, nr;

static int read_or_give_up(int fd, void *buf, int len, ulong addr, physaddr_t paddr)
{
	nr++;
	if (left && !--left)
		error(FATAL, "giveup: as was asked\n");
	return real(fd, buf, len, addr, paddr);
}

static void giveup(void)
{
	fprintf(fp, "%lu %zu\n", nr, mallinfo2().uordblks);
	nr = 0;
	left = argcnt > 1 ? strtoul(args[1], NULL, 10) : 0;
}

static void interrupt(int sig)
{
	if (pc->command_line[0]) /* empty until a line was read */
		raise(SIGINT);
}

static char *help[] = { "giveup", "crash gives up", "[N]", "  Of the Nth reading.",
			NULL };
static struct command_table_entry table[] = { { "giveup", giveup, help, 0 }, { 0 } };

static void __attribute__((constructor)) begin(void)
{
	/* The signal does not end, so that the next one must not wait for its end. */
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_NODEFER };

	sigaction(SIGUSR1, &action, NULL);
	real = pc->readmem;
	pc->readmem = read_or_give_up;
	register_extension(table);
}

static void __attribute__((destructor)) end(void)
{
	pc->readmem = real;
	signal(SIGUSR1, SIG_IGN);
}
