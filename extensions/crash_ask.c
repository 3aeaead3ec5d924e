/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <crash/defs.h>

#include "crash_ask.h"

#include <setjmp.h>

static bool gave_up;

bool crash_ask(void (*ask)(void *question), void *question)
{
	/* Of "command < FILE", where crash would jump elsewhere. */
	const ulonglong foreach = pc->flags & IN_FOREACH;
	jmp_buf outer;

	if (gave_up)
		return false;
	memcpy(&outer, &pc->main_loop_env, sizeof(outer));
	pc->flags &= ~IN_FOREACH;
	if (!setjmp(pc->main_loop_env))
		ask(question);
	else
		gave_up = true;
	pc->flags |= foreach;
	memcpy(&pc->main_loop_env, &outer, sizeof(outer));
	return !gave_up;
}

bool crash_gave_up(void)
{
	return gave_up;
}

void crash_ask_again(void)
{
	gave_up = false;
}
