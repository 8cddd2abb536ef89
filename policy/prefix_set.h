/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many prefixes, for looking an address up. Inside policy/ only. */
#pragma once

#include <stddef.h>
#include "prefix.h"

struct sp_prefix_set {
	struct sp_prefix *prefixes;	/* once ready: sorted, none in another */
	size_t count, size;
};

bool sp_prefix_set_add(struct sp_prefix_set *set, const struct sp_prefix *prefix);
/* Nothing is added any more, and only now it can be asked. */
void sp_prefix_set_ready(struct sp_prefix_set *set);
void sp_prefix_set_clear(struct sp_prefix_set *set);
/* @length: how many bits prove the answer. */
bool sp_prefix_set_has(const struct sp_prefix_set *set, const uint8_t address[16],
		       uint8_t *length);
