/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of IP protocols: a table of our own, the same on every machine. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* NULL: has no name here. */
const char *sp_protocol_name(int protocol);
/* -1: no such name. */
int sp_protocol_number(const char *name);
/* How many names there are, and the @index-th, for suggestions. */
#define SP_PROTOCOLS 19
const char *sp_protocol_list(size_t index);
/* Do its packets have ports? */
bool sp_protocol_ports(int protocol);
