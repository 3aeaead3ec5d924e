/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STACKINFO_MAN_SCHEMA_H
#define STACKINFO_MAN_SCHEMA_H

#include <stdbool.h>

/* What a manual page says of the schema's definitions; false: it cannot be read. */
bool schema_documents(const char *path);
bool schema_parts(const char *path);

#endif
