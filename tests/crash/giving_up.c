/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * giving_up.so - inside crash: "giveup N" makes its Nth reading of the dump from then on
 * FATAL; without N none. Prints how many there were since the last "giveup", and how many
 * bytes of memory the process holds.
 */
#include <crash/defs.h>

#include <malloc.h>

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

static char *help[] = { "giveup", "crash gives up", "[N]", "  Of the Nth reading.",
			NULL };
static struct command_table_entry table[] = { { "giveup", giveup, help, 0 }, { 0 } };

static void __attribute__((constructor)) begin(void)
{
	real = pc->readmem;
	pc->readmem = read_or_give_up;
	register_extension(table);
}

static void __attribute__((destructor)) end(void)
{
	pc->readmem = real;
}
