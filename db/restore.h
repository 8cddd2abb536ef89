/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making policy.db: empty, or from the copy. Inside db/ only. */
#pragma once

#include "internal.h"

/*
 * Makes the file, complete or not at all. @fresh is set where there never was a
 * store here; else what happened is in @how, of @size bytes.
 */
bool sp_restore(struct sp_store *store, const char *path, bool *fresh,
		char *how, size_t size);
