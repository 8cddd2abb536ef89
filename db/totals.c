/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See totals.h. Each minute is added to its minute, hour and day at once, so that
 * nothing has to be summed up later: what is too old only goes. Work is done in
 * steps that take milliseconds, since the same thread keeps the rules.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cache.h"
#include "totals_internal.h"

#define TOTALS_FILE "history.db"
#define VERSION 1
#define STEP_ROWS 500		/* removed at once */
#define STEP_PAGES 128		/* given back at once */
#define SPARE_PAGES 256		/* kept for what comes next */

static const struct {
	enum sp_span span;
	int64_t keep;		/* s */
} spans[] = {
	{ SP_MINUTE, (int64_t)SP_TOTALS_MINUTES * SP_DAY },
	{ SP_HOUR, (int64_t)SP_TOTALS_HOURS * SP_DAY },
	{ SP_DAY, (int64_t)SP_TOTALS_DAYS * SP_DAY },
};

#define SPANS (sizeof(spans) / sizeof(spans[0]))

static const char schema[] =
	"PRAGMA auto_vacuum = INCREMENTAL;"
	"PRAGMA journal_mode = WAL;"
	"BEGIN;"
	"CREATE TABLE totals ("
	"	span INTEGER NOT NULL, start INTEGER NOT NULL, uid INTEGER NOT NULL,"
	"	direction INTEGER NOT NULL, program TEXT NOT NULL, host TEXT NOT NULL,"
	"	port INTEGER NOT NULL, protocol INTEGER NOT NULL, action INTEGER NOT NULL,"
	"	flows INTEGER NOT NULL, bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL,"
	"	PRIMARY KEY (span, start, uid, direction, program, host, port, protocol, action)"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 1;"
	"COMMIT";

/* A sum that would be too large stays where it is. */
static const char add_sql[] =
	"INSERT INTO totals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
	"ON CONFLICT DO UPDATE SET flows = min(flows + excluded.flows, 1 << 62), "
	"bytes_out = min(bytes_out + excluded.bytes_out, 1 << 62), "
	"bytes_in = min(bytes_in + excluded.bytes_in, 1 << 62)";

#define KEY "span, start, uid, direction, program, host, port, protocol, action"

static const char trim_sql[] =
	"DELETE FROM totals WHERE (" KEY ") IN (SELECT " KEY " FROM totals "
	"WHERE span = ?1 AND start < ?2 ORDER BY start LIMIT ?3)";

bool sp_totals_fail(struct sp_totals *totals, const char *what)
{
	switch (sqlite3_errcode(totals->db) & 0xff) {
	case SQLITE_FULL:
		totals->error = SP_STORE_FULL;
		break;
	case SQLITE_BUSY:
		totals->error = SP_STORE_BUSY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:	/* "no such table": the file is not ours */
		totals->error = SP_STORE_CORRUPT;
		break;
	default:
		totals->error = SP_STORE_FAILED;
	}
	snprintf(totals->message, sizeof(totals->message), "could not %s the history: %s", what,
		 sqlite3_errmsg(totals->db));
	return false;
}

static bool execute(struct sp_totals *totals, const char *sql, const char *what)
{
	return sqlite3_exec(totals->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       sp_totals_fail(totals, what);
}

/* The number that a statement says; -1: it says none. */
static int64_t number(struct sp_totals *totals, const char *sql)
{
	sqlite3_stmt *row = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(totals->db, sql, -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW)
		value = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return value;
}

static bool set_up(struct sp_totals *totals)
{
	int64_t version;

	sqlite3_busy_timeout(totals->db, 100);
	sqlite3_db_config(totals->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(totals->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (!execute(totals, "PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON;"
			     "PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304;"
			     SP_SQLITE_CACHE, "open"))
		return false;
	version = number(totals, "PRAGMA user_version");
	if (version < 0)
		return sp_totals_fail(totals, "open");
	if (version == 0 && !execute(totals, schema, "make"))
		return false;
	if (version > VERSION) {
		totals->error = SP_STORE_NEWER;
		snprintf(totals->message, sizeof(totals->message), "the history was made by a newer Sallyport");
		return false;
	}
	return (sqlite3_prepare_v2(totals->db, add_sql, -1, &totals->add, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(totals->db, trim_sql, -1, &totals->trim, NULL) == SQLITE_OK) ||
	       sp_totals_fail(totals, "open");
}

static struct sp_totals *try_open(const char *path, enum sp_store_error *error,
				  char *message, size_t size)
{
	struct sp_totals *totals = calloc(1, sizeof(*totals));

	if (!totals) {
		*error = SP_STORE_FAILED;
		snprintf(message, size, "out of memory");
		return NULL;
	}
	if ((sqlite3_open_v2(path, &totals->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			     SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL) == SQLITE_OK ||
	     sp_totals_fail(totals, "open")) && set_up(totals)) {
		*error = SP_STORE_OK;
		message[0] = '\0';
		return totals;
	}
	*error = totals->error;
	snprintf(message, size, "%s", totals->message);
	sp_totals_close(totals);
	return NULL;
}

static const char *const suffixes[] = { "", "-wal", "-shm" };

#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

/* The one that was kept before goes: none of them is worth more than the newest. */
void sp_totals_set_aside(const char *folder)
{
	for (size_t i = 0; i < SUFFIXES; i++) {
		char *from = NULL, *to = NULL;

		if (asprintf(&from, "%s/" TOTALS_FILE "%s", folder, suffixes[i]) > 0 &&
		    asprintf(&to, "%s/" TOTALS_FILE ".damaged%s", folder, suffixes[i]) > 0 &&
		    rename(from, to))
			unlink(to);
		free(from);
		free(to);
	}
}

bool sp_totals_damaged(const struct sp_totals *totals)
{
	return totals->error == SP_STORE_CORRUPT;
}

struct sp_totals *sp_totals_open(const char *folder, enum sp_store_error *error,
				 char *message, size_t size)
{
	char *path = NULL;
	struct sp_totals *totals = NULL;

	if (asprintf(&path, "%s/" TOTALS_FILE, folder) < 0) {
		*error = SP_STORE_FAILED;
		snprintf(message, size, "out of memory");
		return NULL;
	}
	totals = try_open(path, error, message, size);
	if (!totals && (*error == SP_STORE_CORRUPT || *error == SP_STORE_NEWER)) {
		sp_totals_set_aside(folder);
		totals = try_open(path, error, message, size);
	}
	free(path);
	return totals;
}

void sp_totals_close(struct sp_totals *totals)
{
	if (!totals)
		return;
	sqlite3_finalize(totals->add);
	sqlite3_finalize(totals->trim);
	sqlite3_close(totals->db);
	free(totals);
}

const char *sp_totals_message(const struct sp_totals *totals)
{
	return totals->message;
}

static bool step(struct sp_totals *totals, sqlite3_stmt *statement, const char *what)
{
	int code = sqlite3_step(statement);

	if (code != SQLITE_DONE)
		sp_totals_fail(totals, what);
	sqlite3_reset(statement);
	return code == SQLITE_DONE;
}

static int64_t limited(uint64_t number)
{
	return number < (1ull << 62) ? (int64_t)number : INT64_C(1) << 62;
}

static bool add_row(struct sp_totals *totals, const struct sp_total *row, enum sp_span span)
{
	sqlite3_stmt *add = totals->add;

	sqlite3_bind_int64(add, 1, span);
	sqlite3_bind_int64(add, 2, row->start - row->start % span);
	sqlite3_bind_int64(add, 3, row->uid);
	sqlite3_bind_int64(add, 4, row->direction);
	sqlite3_bind_text(add, 5, row->program, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 6, row->host, -1, SQLITE_STATIC);
	sqlite3_bind_int64(add, 7, row->port);
	sqlite3_bind_int64(add, 8, row->protocol);
	sqlite3_bind_int64(add, 9, row->action);
	sqlite3_bind_int64(add, 10, limited(row->flows));
	sqlite3_bind_int64(add, 11, limited(row->bytes_out));
	sqlite3_bind_int64(add, 12, limited(row->bytes_in));
	return step(totals, add, "write");
}

static bool add_all(struct sp_totals *totals, const struct sp_total *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < SPANS; j++)
			if (!add_row(totals, &rows[i], spans[j].span))
				return false;
	return true;
}

enum sp_store_error sp_totals_add(struct sp_totals *totals, const struct sp_total *rows,
				  size_t count)
{
	bool good;

	totals->counted = false;
	good = execute(totals, "BEGIN IMMEDIATE", "write") && add_all(totals, rows, count) &&
	       execute(totals, "COMMIT", "write");

	if (good)
		return SP_STORE_OK;
	if (!sqlite3_get_autocommit(totals->db))
		sqlite3_exec(totals->db, "ROLLBACK", NULL, NULL, NULL);
	return totals->error;
}

/* -1: could not; else how many rows of this span that began before @start went. */
static int trim(struct sp_totals *totals, enum sp_span span, int64_t start)
{
	sqlite3_bind_int64(totals->trim, 1, span);
	sqlite3_bind_int64(totals->trim, 2, start);
	sqlite3_bind_int64(totals->trim, 3, STEP_ROWS);
	return step(totals, totals->trim, "shorten") ? sqlite3_changes(totals->db) : -1;
}

/* True: something went. */
static bool trim_by_age(struct sp_totals *totals, int64_t now)
{
	for (size_t i = 0; i < SPANS; i++)
		if (trim(totals, spans[i].span, now - spans[i].keep) > 0)
			return true;
	return false;
}

/* Once after each change: it reads the whole file. */
static void count_rows(struct sp_totals *totals)
{
	char sql[80];

	for (size_t i = 0; i < SPANS && !totals->counted; i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM totals WHERE span = %d",
			 spans[i].span);
		totals->rows[i] = number(totals, sql);
	}
	totals->counted = true;
}

/* The oldest of the span that has most goes; of two, of the finer one. */
static bool trim_by_size(struct sp_totals *totals)
{
	int64_t used = number(totals, "PRAGMA page_count") - number(totals, "PRAGMA freelist_count");
	size_t most = 0;
	int gone;

	if (used <= SP_TOTALS_PAGES)
		return false;
	count_rows(totals);
	for (size_t i = 1; i < SPANS; i++)
		if (totals->rows[i] > totals->rows[most])
			most = i;
	gone = trim(totals, spans[most].span, INT64_MAX);
	totals->rows[most] -= gone;
	return gone > 0;
}

static bool give_back(struct sp_totals *totals)
{
	char sql[64];

	if (number(totals, "PRAGMA freelist_count") <= SPARE_PAGES)
		return false;
	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", STEP_PAGES);
	return execute(totals, sql, "shorten");
}

bool sp_totals_tidy(struct sp_totals *totals, int64_t now)
{
	return trim_by_age(totals, now) || trim_by_size(totals) || give_back(totals);
}

/* The one that was set aside has it, too. */
static bool forget_aside(struct sp_totals *totals)
{
	bool good = true;

	for (size_t i = 0; i < SUFFIXES; i++) {
		char *path = NULL;

		good &= asprintf(&path, "%s.damaged%s", sqlite3_db_filename(totals->db, "main"),
				 suffixes[i]) > 0 && (!unlink(path) || errno == ENOENT);
		free(path);
	}
	if (good)
		return true;
	totals->error = SP_STORE_FAILED;
	snprintf(totals->message, sizeof(totals->message),
		 "could not remove the history that was damaged");
	return false;
}

/* secure_delete overwrites it in the file; the log is written back and emptied. */
enum sp_store_error sp_totals_forget(struct sp_totals *totals, uint32_t uid)
{
	char sql[64] = "DELETE FROM totals";

	if (uid != UINT32_MAX)
		snprintf(sql, sizeof(sql), "DELETE FROM totals WHERE uid = %u", uid);
	if (execute(totals, sql, "forget") &&
	    execute(totals, "PRAGMA wal_checkpoint(TRUNCATE)", "forget") && forget_aside(totals))
		return SP_STORE_OK;
	return totals->error;
}
