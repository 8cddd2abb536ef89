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
