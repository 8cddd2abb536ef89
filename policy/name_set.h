/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many names of hosts and domains. Inside policy/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_name_set {
	char *text;		/* the names, each with its NUL */
	size_t length, size;
	uint32_t *table;	/* open addressing; 0: free, else see name_set.c */
	size_t count, slots;	/* slots: a power of two, or 0 */
	uint64_t seed;
};

/* @domain: also every name beneath it. False: no memory, or 2 GB are full. */
bool sp_name_set_add(struct sp_name_set *set, const char *name, bool domain);
void sp_name_set_ready(struct sp_name_set *set);	/* gives back what is too much */
void sp_name_set_clear(struct sp_name_set *set);
bool sp_name_set_has(const struct sp_name_set *set, const char *name);
