/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oops_mail.h - a text as a mail's source or a page's source has it. */
#ifndef STK_OOPS_MAIL_H
#define STK_OOPS_MAIL_H

#include <stddef.h>

/*
 * Undo quoted-printable, if @text is that, and the names that HTML has for "<", ">", "&"
 * and quotes, in place. Returns the length, never more than @len.
 */
size_t stk_oops_unwrap(char *text, size_t len);

#endif
