/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of hosts, domains and lists. Inside policy/ and daemon/names/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Labels of letters, digits, '-' and '_', 1 to 63 bytes each and 253 in all; the
 * last is not all digits: that is an address. Capitals are not valid: names are
 * kept in lower case. NULL, or what is wrong.
 */
const char *sp_host_fault(const char *name);
/* Of a list: letters, digits, '-', '_' and '.', beginning with a letter or digit. */
const char *sp_list_name_fault(const char *name);
/* ASCII alone. */
void sp_host_lower(char *name);
/* Is @name @domain, or beneath it? */
bool sp_host_within(const char *name, const char *domain);
