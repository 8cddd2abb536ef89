/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.db in the daemon's state folder: how many flows a program had to a
 * host, and how many bytes, by minutes for a day, by hours for a month and by
 * days for a year. Bounded in size. It may be lost: a file that is damaged or not of
 * this version is renamed to history.db.damaged, and another one begun. One thread owns it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store.h"

#define SP_TOTALS_PAGES	8192u	/* of 4 KiB: what the file may hold */

enum sp_span { SP_MINUTE = 60, SP_HOUR = 3600, SP_DAY = 86400 };	/* seconds */

/* How long each is kept; days. */
#define SP_TOTALS_MINUTES	1u
#define SP_TOTALS_HOURS		31u
#define SP_TOTALS_DAYS		366u

struct sp_total {
	int64_t start;		/* of the span, s of CLOCK_REALTIME */
	uint32_t uid;
	uint8_t direction, action, protocol;
	uint16_t port;		/* remote of what goes out, local of what comes in */
	char *program, *host;	/* bytes as they came; "" unknown, or not recorded */
	uint64_t flows, bytes_out, bytes_in;
};

/* What a query tells apart; the others are summed up and 0 or "". */
enum sp_totals_by {
	SP_TOTALS_START = 1 << 0,
	SP_TOTALS_USER = 1 << 1,
	SP_TOTALS_DIRECTION = 1 << 2,
	SP_TOTALS_PROGRAM = 1 << 3,
	SP_TOTALS_HOST = 1 << 4,
	SP_TOTALS_PORT = 1 << 5,
	SP_TOTALS_PROTOCOL = 1 << 6,
	SP_TOTALS_ACTION = 1 << 7,
};

struct sp_totals_query {
	enum sp_span span;
	int64_t from, to;	/* s; spans that begin in [from, to) */
	uint32_t uid;		/* SP_ANY_USER: of everybody */
	unsigned by;		/* enum sp_totals_by */
	size_t limit;		/* rows */
	size_t skip;		/* of the first rows */
	const char *program;	/* NULL: of any */
	const char *contains;	/* in program or host, ASCII letters in lower case; NULL: any */
};

struct sp_totals;

/* NULL: *@error, and in @message what went wrong. */
struct sp_totals *sp_totals_open(const char *folder, enum sp_store_error *error,
				 char *message, size_t size);
void sp_totals_close(struct sp_totals *totals);

/* Adds what happened in the minute of each one's start; to all spans, or to none. */
enum sp_store_error sp_totals_add(struct sp_totals *totals, const struct sp_total *rows,
				  size_t count);
/*
 * At most query->limit + 1 rows, in order of what they tell apart: one more than
 * the limit says that there are more. The caller frees them (sp_totals_rows_free).
 */
enum sp_store_error sp_totals_query(struct sp_totals *totals,
				    const struct sp_totals_query *query,
				    struct sp_total **rows, size_t *count);
void sp_totals_rows_free(struct sp_total *rows, size_t count);

/*
 * Removes all of a user, SP_ANY_USER: of everybody; nothing of it stays in the file, and
 * one that was set aside goes.
 */
enum sp_store_error sp_totals_forget(struct sp_totals *totals, uint32_t uid);

/*
 * A small step of what has to be done now and then: removes what is too old at
 * @now (s) or too much, gives room back. True: there is more to do.
 */
bool sp_totals_tidy(struct sp_totals *totals, int64_t now);

/* Was the file found to be damaged? Then close it and set it aside. */
bool sp_totals_damaged(const struct sp_totals *totals);
void sp_totals_set_aside(const char *folder);

const char *sp_totals_message(const struct sp_totals *totals);
