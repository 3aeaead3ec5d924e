/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rust_name.h - names of functions in Rust, as people write them. */
#ifndef STK_RUST_NAME_H
#define STK_RUST_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Take apart a mangled name, by the v0 scheme (_R…, RFC 2603) or the older one
 * (_ZN…17h…E): without the hashes of crates. False: it is none, or not one of those that
 * are understood, or has no room in @out. The name may be anything: time, depth and
 * length are bounded, though back references could make it grow for ever.
 */
bool stk_rust_name(const char *name, char *out, size_t size);

#endif
