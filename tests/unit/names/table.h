/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of names that is filled and looked at by hand. */
#pragma once

#include "names.h"

/* By the last that was added. */
extern struct sp_names_pushed table_pushed;

/* Lives for 1000 seconds. */
void table_add(struct sp_names *names, const struct sp_asker *asker, const char *address,
	       const char *name, bool sure, uint64_t boot);
void table_look(const struct sp_names *names, const struct sp_asker *program,
		const char *address, uint64_t boot, struct sp_name_list *list);
