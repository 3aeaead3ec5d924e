/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crash_ask.h - crash is asked, and may give up. */
#ifndef CRASH_ASK_H
#define CRASH_ASK_H

#include <stdbool.h>

/*
 * Where crash raises FATAL it leaves by longjmp(), and would pass through the frames of
 * whoever asked it, with all that they hold. So each call into crash is made by @ask,
 * whose own frame holds nothing. False: crash gave up. It is asked no more then, until
 * crash_ask_again().
 */
bool crash_ask(void (*ask)(void *question), void *question);

bool crash_gave_up(void);
void crash_ask_again(void);

#endif
