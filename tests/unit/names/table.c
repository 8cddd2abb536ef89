/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include "message.h"
#include "table.h"

struct sp_names_pushed table_pushed;

void table_add(struct sp_names *names, const struct sp_asker *asker, const char *address,
	       const char *name, bool sure, uint64_t boot)
{
	uint8_t bytes[16];
	struct sp_name_note note = {
		.address = bytes, .name = name, .asker = *asker, .sure = sure, .ttl = 1000,
	};

	address_of(address, bytes);
	ck_assert(sp_names_add(names, &note, boot, &table_pushed));
}

void table_look(const struct sp_names *names, const struct sp_asker *program,
		const char *address, uint64_t boot, struct sp_name_list *list)
{
	uint8_t bytes[16];

	address_of(address, bytes);
	sp_names_find(names, program, bytes, boot, list);
}
