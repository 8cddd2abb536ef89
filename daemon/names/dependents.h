/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses about which something was decided that looked at names, or at their
 * absence: where these change, it is decided again. May hold more, never less:
 * where there is no room for an address it holds all of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SP_DEPENDENTS_SLOTS 4096

struct sp_dependents {
	bool all;
	size_t count;
	uint64_t seed;
	uint8_t (*slots)[16];	/* open addressing; all zero: free */
};

bool sp_dependents_init(struct sp_dependents *dependents);	/* false: no memory */
void sp_dependents_clear(struct sp_dependents *dependents);
/* Before everything is decided again. */
void sp_dependents_reset(struct sp_dependents *dependents);
void sp_dependents_add(struct sp_dependents *dependents, const uint8_t address[16]);
bool sp_dependents_have(const struct sp_dependents *dependents, const uint8_t address[16]);
