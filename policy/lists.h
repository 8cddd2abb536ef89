/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named lists: many addresses, prefixes and names that one rule speaks about.
 * Read from local files alone.
 *
 * A line has an address, a prefix (192.0.2.0/24), a range (192.0.2.1-192.0.2.9),
 * or a domain, which is the name and every name beneath it, with or without "."
 * or "*." before it; or, as in /etc/hosts, an address and names, each of which is
 * that host alone, whatever the address. What stands behind '#' and empty lines
 * say nothing. Names are ASCII; capitals are as good as small letters.
 *
 * A list is immutable and reference-counted; it may be used by several threads.
 * A million domains take less than 64 MB, and so do 500,000 prefixes.
 */
#pragma once

#include <stdio.h>
#include "rule.h"
#include "text.h"

/* Limits: what is beyond is an error, and there is no list. */
#define SP_LIST_LINE_MAX	1024		/* bytes */
#define SP_LIST_NAMES_MAX	4000000
#define SP_LIST_PREFIXES_MAX	4000000

/*
 * Reads all of @file; whole or not at all. NULL: *@error says where and why; its
 * line is 0 where that is no line's fault (no memory, could not read).
 */
struct sp_list *sp_list_read(const char *name, FILE *file, struct sp_text_error *error);
struct sp_list *sp_list_load(const char *name, const char *path, struct sp_text_error *error);
struct sp_list *sp_list_ref(struct sp_list *list);
void sp_list_unref(struct sp_list *list);	/* NULL is fine */

const char *sp_list_name(const struct sp_list *list);
size_t sp_list_names(const struct sp_list *list);	/* how many */
size_t sp_list_prefixes(const struct sp_list *list);	/* how many, overlaps joined */
size_t sp_list_memory(const struct sp_list *list);	/* bytes */

/* Is the address in it? @length: how many of its bits prove the answer. */
bool sp_list_has_address(const struct sp_list *list, const uint8_t address[16],
			 uint8_t *length);
/* Is the name, which is in lower case? */
bool sp_list_has_name(const struct sp_list *list, const char *name);
