/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums of rows, and SQL's view of them. Inside db/ and its tests only. */
#pragma once

#include <sqlite3.h>

/*
 * Makes row_sum(VALUE, …) known to @db: a CRC-32 over the values, each with its
 * type and length. SQLITE_OK or an error of SQLite.
 */
int sp_sum_register(sqlite3 *db);
