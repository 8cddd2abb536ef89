/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A keyed hash of plain data: addresses and ports are chosen by whoever is
 * judged, so chains must not be predictable. SipHash-1-3 with a key that is
 * drawn once a run.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint32_t sp_hash(const void *data, size_t size);

/* Of a number that the kernel gave, one after the other: nobody can choose them. */
static inline uint32_t sp_hash_number(uint64_t number)
{
	return (uint32_t)(number * 0x9e3779b97f4a7c15u >> 32);
}
