/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See totals.h: asking. The statement is put together from fixed words alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "totals_internal.h"

static const struct {
	enum sp_totals_by by;
	const char *name;
} columns[] = {
	{ SP_TOTALS_START, "start" }, { SP_TOTALS_USER, "uid" },
	{ SP_TOTALS_DIRECTION, "direction" }, { SP_TOTALS_PROGRAM, "program" },
	{ SP_TOTALS_HOST, "host" }, { SP_TOTALS_PORT, "port" },
	{ SP_TOTALS_PROTOCOL, "protocol" }, { SP_TOTALS_ACTION, "action" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* All columns in their order, 0 or '' for those that are summed up. */
static void write_columns(FILE *sql, unsigned by)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		bool text = columns[i].by == SP_TOTALS_PROGRAM || columns[i].by == SP_TOTALS_HOST;

		fprintf(sql, "%s, ", by & columns[i].by ? columns[i].name : text ? "''" : "0");
	}
}

static void write_order(FILE *sql, const char *word, unsigned by)
{
	const char *between = word;

	for (size_t i = 0; i < COLUMNS; i++) {
		if (!(by & columns[i].by))
			continue;
		fprintf(sql, "%s%s", between, columns[i].name);
		between = ", ";
	}
}

/* Bounded, so that the sum of a full file is no overflow. */
static char *make_sql(const struct sp_totals_query *query)
{
	char *text = NULL;
	size_t size;
	FILE *sql = open_memstream(&text, &size);

	if (!sql)
		return NULL;
	fputs("SELECT ", sql);
	write_columns(sql, query->by);
	fputs("sum(min(flows, 1 << 40)), sum(min(bytes_out, 1 << 50)), sum(min(bytes_in, 1 << 50)) "
	      "FROM totals WHERE span = ?1 AND start >= ?2 AND start < ?3", sql);
	if (query->uid != UINT32_MAX)
		fputs(" AND uid = ?4", sql);
	if (query->program)
		fputs(" AND program = ?7", sql);
	if (query->contains)
		fputs(" AND (instr(lower(program), ?8) OR instr(lower(host), ?8))", sql);
	write_order(sql, " GROUP BY ", query->by);
	write_order(sql, " ORDER BY ", query->by);
	fputs(" LIMIT ?5 OFFSET ?6", sql);
	fclose(sql);
	return text;
}

static bool take_row(sqlite3_stmt *row, struct sp_total *total)
{
	const char *program = (const char *)sqlite3_column_text(row, 3);
	const char *host = (const char *)sqlite3_column_text(row, 4);

	*total = (struct sp_total){
		.start = sqlite3_column_int64(row, 0),
		.uid = (uint32_t)sqlite3_column_int64(row, 1),
		.direction = (uint8_t)sqlite3_column_int(row, 2),
		.program = strdup(program ? program : ""),
		.host = strdup(host ? host : ""),
		.port = (uint16_t)sqlite3_column_int(row, 5),
		.protocol = (uint8_t)sqlite3_column_int(row, 6),
		.action = (uint8_t)sqlite3_column_int(row, 7),
		.flows = (uint64_t)sqlite3_column_int64(row, 8),
		.bytes_out = (uint64_t)sqlite3_column_int64(row, 9),
		.bytes_in = (uint64_t)sqlite3_column_int64(row, 10),
	};
	return total->program && total->host;
}

static bool no_memory(struct sp_totals *totals)
{
	totals->error = SP_STORE_FAILED;
	snprintf(totals->message, sizeof(totals->message), "out of memory");
	return false;
}

static bool read_rows(struct sp_totals *totals, sqlite3_stmt *statement,
		      struct sp_total **rows, size_t *count)
{
	size_t room = 0;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (*count == room) {
			struct sp_total *more;

			room = room ? 2 * room : 64;
			more = realloc(*rows, room * sizeof(*more));
			if (!more)
				return no_memory(totals);
			*rows = more;
		}
		if (!take_row(statement, &(*rows)[(*count)++]))
			return no_memory(totals);
	}
	return code == SQLITE_DONE || sp_totals_fail(totals, "read");
}

/* What the statement does not ask for is not bound. */
static void bind(sqlite3_stmt *statement, const struct sp_totals_query *query)
{
	sqlite3_bind_int64(statement, 1, query->span);
	sqlite3_bind_int64(statement, 2, query->from);
	sqlite3_bind_int64(statement, 3, query->to);
	if (query->uid != UINT32_MAX)
		sqlite3_bind_int64(statement, 4, query->uid);
	sqlite3_bind_int64(statement, 5, (int64_t)query->limit + 1);
	sqlite3_bind_int64(statement, 6, (int64_t)query->skip);
	if (query->program)
		sqlite3_bind_text(statement, 7, query->program, -1, SQLITE_STATIC);
	if (query->contains)
		sqlite3_bind_text(statement, 8, query->contains, -1, SQLITE_STATIC);
}

static bool run(struct sp_totals *totals, const struct sp_totals_query *query,
		struct sp_total **rows, size_t *count)
{
	char *sql = make_sql(query);
	sqlite3_stmt *statement = NULL;
	bool good;

	if (!sql)
		return no_memory(totals);
	good = sqlite3_prepare_v2(totals->db, sql, -1, &statement, NULL) == SQLITE_OK ||
	       sp_totals_fail(totals, "read");
	free(sql);
	if (good) {
		bind(statement, query);
		good = read_rows(totals, statement, rows, count);
	}
	sqlite3_finalize(statement);
	return good;
}

enum sp_store_error sp_totals_query(struct sp_totals *totals,
				    const struct sp_totals_query *query,
				    struct sp_total **rows, size_t *count)
{
	struct sp_total *found = NULL;
	size_t number = 0;

	if (!run(totals, query, &found, &number)) {
		sp_totals_rows_free(found, number);
		return totals->error;
	}
	*rows = found;
	*count = number;
	return SP_STORE_OK;
}

void sp_totals_rows_free(struct sp_total *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].program);
		free(rows[i].host);
	}
	free(rows);
}
