/* SPDX-License-Identifier: GPL-2.0-or-later */
/* culprits.h - which functions of a chain are not to blame for a crash, and why. */
#ifndef STK_CULPRITS_H
#define STK_CULPRITS_H

enum stk_role {
	STK_ROLE_CODE,	    /* none of those below: the first is the culprit */
	STK_ROLE_MACHINERY, /* it reports */
	STK_ROLE_HELPER,    /* it merely trips over what others did, or waits */
	STK_ROLE_WATCHDOG,  /* it looks at what it interrupted: that counts */
	STK_ROLE_ENTRY,	    /* entry code: there is some in every chain */
	STK_ROLE_SYSCALL,   /* the same; but a system call's own code may be part of it */
	STK_ROLE_INTERRUPT, /* the same, of what comes at any time: the chain ends there
			     */
};

/* Of @name, without a suffix. */
enum stk_role stk_culprit_role(const char *name);

#endif
