/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a file's schema the one of its version? Inside db/ only. */
#pragma once

#include "internal.h"

/*
 * Compares it, statement by statement, with what the migrations make. False:
 * CORRUPT (or NEWER, for a version that is not known here and no damage).
 */
bool sp_schema_check(struct sp_store *store);
