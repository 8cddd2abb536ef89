/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.last: the number of the last change that was acknowledged, written
 * after the change is durable and before its maker is told. Inside db/ only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sp_stamp {
	uint64_t number;	/* of the last change; 0: there was none */
	uint64_t next_rule;	/* the id that the next rule gets */
};

struct sp_store;

/* False: there is none that can be believed; *@stamp is 0 then. */
bool sp_stamp_read(int folder, struct sp_stamp *stamp);
/* Opens or makes the file for writing; errors are the store's. */
bool sp_stamp_open(struct sp_store *store);
/* What fails is only noted (sp_store_trouble): the change itself is durable. */
void sp_stamp_write(struct sp_store *store);
