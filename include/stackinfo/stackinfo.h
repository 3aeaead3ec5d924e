/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * All of libstackinfo.
 */
#ifndef STACKINFO_STACKINFO_H
#define STACKINFO_STACKINFO_H

#include <stackinfo/address.h>
#include <stackinfo/chain.h>
#include <stackinfo/dump.h>
#include <stackinfo/tss.h>

#endif
