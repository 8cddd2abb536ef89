/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stat_names.h. Names are the enum's, in lower case, with "-". */
#include "stat_names.h"

#include <stddef.h>

static const char *const names[] = {
#include "stat-names.inc"	/* made from the header: stat_names.sh */
};
_Static_assert(sizeof(names) / sizeof(names[0]) == __SALLYPORT_STAT_MAX,
	       "every counter has a name");

const char *sp_stat_name(enum sallyport_stat stat)
{
	return stat < __SALLYPORT_STAT_MAX ? names[stat] : NULL;
}

#define TABLE(name)	{ #name, offsetof(struct sallyport_tables, name), \
			  offsetof(struct sallyport_tables, name##_max) }
const struct sp_table_name sp_table_names[] = {
	TABLE(flows), TABLE(subjects), TABLE(verdicts), TABLE(pending),
	TABLE(owners), TABLE(images), TABLE(processes), TABLE(origins),
	TABLE(users),
};
const unsigned sp_table_count = sizeof(sp_table_names) / sizeof(sp_table_names[0]);
