/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside db/ only. */
#pragma once

#include <sqlite3.h>
#include "totals.h"

struct sp_totals {
	sqlite3 *db;
	sqlite3_stmt *add, *trim;
	int64_t rows[3];	/* of each span, where @counted; minutes first */
	bool counted;
	enum sp_store_error error;
	char message[300];
};

/* From SQLite's last error; false. */
bool sp_totals_fail(struct sp_totals *totals, const char *what);
