/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the kernel module's counters and tables, as the bus shows them. */
#pragma once

#include "sallyport.h"

const char *sp_stat_name(enum sallyport_stat stat);

struct sp_table_name {
	const char *name;
	unsigned fill, size;	/* offsets in struct sallyport_tables */
};
extern const struct sp_table_name sp_table_names[];
extern const unsigned sp_table_count;
