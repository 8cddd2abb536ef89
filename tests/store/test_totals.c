/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history: what is summed up, what goes when, whose it is, and what it may cost. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "case.h"
#include "totals.h"

#define NOW 1700000000

static struct sp_totals *totals;
static char message[300];

static void open_totals(void)
{
	enum sp_store_error error;

	totals = sp_totals_open(case_folder, &error, message, sizeof(message));
	ck_assert_msg(totals && error == SP_STORE_OK, "%s", message);
}

static void close_totals(void)
{
	sp_totals_close(totals);
	totals = NULL;
}

static void setup(void)
{
	case_setup();
	open_totals();
}

static void teardown(void)
{
	close_totals();
	case_teardown();
}

static void add(int64_t start, uint32_t uid, const char *program, const char *host, uint64_t bytes)
{
	struct sp_total row = {
		.start = start, .uid = uid, .action = SP_ALLOW, .protocol = 6, .port = 443,
		.program = (char *)program, .host = (char *)host,
		.flows = 1, .bytes_out = bytes, .bytes_in = 2 * bytes,
	};

	ck_assert_msg(sp_totals_add(totals, &row, 1) == SP_STORE_OK, "%s",
		      sp_totals_message(totals));
}

/* A row a line: start uid program host flows out in. */
static char *ask(enum sp_span span, int64_t from, int64_t to, uint32_t uid, unsigned by)
{
	const struct sp_totals_query query = {
		.span = span, .from = from, .to = to, .uid = uid, .by = by, .limit = 1000,
	};
	struct sp_total *rows;
	size_t count, size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(sp_totals_query(totals, &query, &rows, &count) == SP_STORE_OK, "%s",
		      sp_totals_message(totals));
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%lld %u %s %s %llu %llu %llu\n", (long long)rows[i].start, rows[i].uid,
			rows[i].program, rows[i].host, (unsigned long long)rows[i].flows,
			(unsigned long long)rows[i].bytes_out, (unsigned long long)rows[i].bytes_in);
	sp_totals_rows_free(rows, count);
	fclose(out);
	return text;
}

static void expect(enum sp_span span, uint32_t uid, unsigned by, const char *expected)
{
	char *text = ask(span, 0, INT64_MAX, uid, by);

	ck_assert_str_eq(text, expected);
	free(text);
}

static void tidy(int64_t now)
{
	unsigned steps = 0;

	while (sp_totals_tidy(totals, now))
		ck_assert_uint_lt(++steps, 100000);
}

static off_t size_of(const char *name)
{
	struct stat status;

	return stat(case_path(name), &status) ? 0 : status.st_size;
}

START_TEST(sums_up)
{
	add(1699999980, 1000, "/a", "192.0.2.1", 10);
	add(1699999980, 1000, "/a", "192.0.2.1", 5);
	add(1700000040, 1000, "/a", "192.0.2.2", 1);
	add(1700000040, 1001, "/b", "192.0.2.1", 7);
	expect(SP_MINUTE, 1000, SP_TOTALS_START | SP_TOTALS_PROGRAM | SP_TOTALS_HOST,
	       "1699999980 0 /a 192.0.2.1 2 15 30\n1700000040 0 /a 192.0.2.2 1 1 2\n");
	expect(SP_HOUR, 1000, SP_TOTALS_START, "1699999200 0   3 16 32\n");
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_START | SP_TOTALS_USER,
	       "1699920000 1000   3 16 32\n1699920000 1001   1 7 14\n");
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_HOST, "0 0  192.0.2.1 3 22 44\n0 0  192.0.2.2 1 1 2\n");
	expect(SP_DAY, UINT32_MAX, 0, "0 0   4 23 46\n");
	close_totals();
	open_totals();
	expect(SP_DAY, UINT32_MAX, 0, "0 0   4 23 46\n");
}
END_TEST

START_TEST(asks_for_a_time)
{
	char *text;

	for (int i = 0; i < 5; i++)
		add(NOW / 60 * 60 + 60 * i, 1000, "/a", "h", 1);
	text = ask(SP_MINUTE, NOW / 60 * 60 + 60, NOW / 60 * 60 + 180, 1000, 0);
	ck_assert_str_eq(text, "0 0   2 2 4\n");
	free(text);
}
END_TEST

START_TEST(says_that_there_is_more)
{
	struct sp_totals_query query = {
		.span = SP_MINUTE, .to = INT64_MAX, .uid = 1000, .by = SP_TOTALS_HOST, .limit = 3,
	};
	struct sp_total *rows;
	char host[20];
	size_t count;

	for (int i = 0; i < 10; i++) {
		snprintf(host, sizeof(host), "192.0.2.%d", i);
		add(NOW, 1000, "/a", host, 1);
	}
	ck_assert_int_eq(sp_totals_query(totals, &query, &rows, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 4);
	sp_totals_rows_free(rows, count);
}
END_TEST

START_TEST(keeps_minutes_a_day_hours_a_month_days_a_year)
{
	static const int64_t ages[] = { 0, 86400 - 120, 86400 + 120, 30 * 86400, 32 * 86400,
					365 * 86400, 368 * 86400 };
	static const unsigned kept[3][8] = {
		{ 1, 1, 0, 0, 0, 0, 0 }, { 1, 1, 1, 1, 0, 0, 0 }, { 1, 1, 1, 1, 1, 1, 0 },
	};
	static const enum sp_span spans[] = { SP_MINUTE, SP_HOUR, SP_DAY };

	for (size_t i = 0; i < 7; i++)
		add(NOW - ages[i], 1000, "/a", "h", 1);
	tidy(NOW);
	for (size_t i = 0; i < 3; i++) {
		unsigned count = 0, expected = 0;
		char *text = ask(spans[i], 0, INT64_MAX, 1000, 0);

		sscanf(text, "0 0   %u", &count);
		for (size_t j = 0; j < 7; j++)
			expected += kept[i][j];
		ck_assert_msg(count == expected, "span %d: %u", spans[i], count);
		free(text);
	}
}
END_TEST

/* Many minutes with many hosts: finer ones go first, and the file stays bounded. */
START_TEST(bounded_in_size)
{
	enum { ROWS = 2000 };
	static struct sp_total rows[ROWS];
	static char hosts[ROWS][40], program[200];
	off_t most = (off_t)(SP_TOTALS_PAGES + 2048) * 4096;
	char *text;

	memset(program, 'p', sizeof(program) - 1);
	for (int minute = 0; minute < 40; minute++) {
		for (int i = 0; i < ROWS; i++) {
			snprintf(hosts[i], sizeof(hosts[i]), "2001:db8::%x:%x", minute, i);
			rows[i] = (struct sp_total){
				.start = NOW / 60 * 60 + minute * 60, .uid = 1000, .action = SP_DENY,
				.program = program, .host = hosts[i], .flows = 1,
			};
		}
		ck_assert_int_eq(sp_totals_add(totals, rows, ROWS), SP_STORE_OK);
		tidy(NOW + 2400);
		ck_assert_int_lt(size_of("history.db"), most);
	}
	text = ask(SP_MINUTE, 0, INT64_MAX, 1000, 0);
	ck_assert_str_ne(text, "0 0   80000 0 0\n");
	free(text);
	text = ask(SP_MINUTE, NOW + 38 * 60, INT64_MAX, 1000, 0);
	ck_assert_str_eq(text, "0 0   2000 0 0\n");	/* the newest is there */
	free(text);
}
END_TEST

static bool file_has(const char *name, const char *text)
{
	struct case_file file;
	bool has;

	case_read(name, &file);
	has = file.bytes && memmem(file.bytes, file.size, text, strlen(text));
	case_forget(&file);
	return has;
}

START_TEST(forgets_one_s_own)
{
	add(NOW, 1000, "/usr/bin/secret-of-alice", "h", 1);
	add(NOW, 1001, "/usr/bin/of-bob", "h", 1);
	ck_assert_int_eq(sp_totals_forget(totals, 1000), SP_STORE_OK);
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_PROGRAM, "0 0 /usr/bin/of-bob  1 1 2\n");
	ck_assert(!file_has("history.db", "secret-of-alice"));
	ck_assert(!file_has("history.db-wal", "secret-of-alice"));
	ck_assert(file_has("history.db", "of-bob"));
	ck_assert_int_eq(sp_totals_forget(totals, UINT32_MAX), SP_STORE_OK);
	ck_assert(!file_has("history.db", "of-bob"));
}
END_TEST

START_TEST(damaged_begins_again)
{
	char noise[4096];
	int fd;

	add(NOW, 1000, "/a", "h", 1);
	close_totals();
	memset(noise, 0xa5, sizeof(noise));
	fd = open(case_path("history.db"), O_WRONLY);
	ck_assert_int_eq(pwrite(fd, noise, 100, 0), 100);
	close(fd);
	open_totals();
	ck_assert(case_exists("history.db.damaged"));
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_PROGRAM, "");
	add(NOW, 1000, "/a", "h", 1);
	/* Damage that is met later. */
	for (int i = 0; i < 300; i++) {
		snprintf(noise, sizeof(noise), "a host with a long name that fills pages %d", i);
		add(NOW, 1000, "/a", noise, 1);
	}
	close_totals();
	memset(noise, 0xa5, sizeof(noise));
	fd = open(case_path("history.db"), O_WRONLY);
	for (off_t page = 3; page < size_of("history.db") / 4096; page++)
		ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), page * 4096), 4096);
	close(fd);
	open_totals();
	{
		const struct sp_totals_query query = {
			.span = SP_DAY, .to = INT64_MAX, .uid = 1000, .by = SP_TOTALS_HOST, .limit = 1000,
		};
		struct sp_total *rows;
		size_t count;

		ck_assert_int_eq(sp_totals_query(totals, &query, &rows, &count), SP_STORE_CORRUPT);
	}
	ck_assert(sp_totals_damaged(totals));
	close_totals();
	sp_totals_set_aside(case_folder);
	open_totals();
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_PROGRAM, "");
}
END_TEST

START_TEST(forgets_what_was_set_aside)
{
	add(NOW, 1000, "/usr/bin/secret-of-alice", "h", 1);
	close_totals();
	sp_totals_set_aside(case_folder);
	open_totals();
	ck_assert(file_has("history.db.damaged", "secret-of-alice"));
	ck_assert_int_eq(sp_totals_forget(totals, 1000), SP_STORE_OK);
	ck_assert(!case_exists("history.db.damaged"));
	ck_assert_int_eq(sp_totals_forget(totals, 1000), SP_STORE_OK);
}
END_TEST

/* Nothing is wrong with the file. */
START_TEST(what_can_not_be_opened_stays)
{
	enum sp_store_error error;

	add(NOW, 1000, "/a", "h", 1);
	close_totals();
	ck_assert_int_eq(mkdir(case_path("history.db-wal"), 0700), 0);
	ck_assert_ptr_null(sp_totals_open(case_folder, &error, message, sizeof(message)));
	ck_assert_int_eq(error, SP_STORE_FAILED);
	ck_assert(!case_exists("history.db.damaged"));
	ck_assert_int_eq(rmdir(case_path("history.db-wal")), 0);
	open_totals();
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_PROGRAM, "0 0 /a  1 1 2\n");
}
END_TEST

START_TEST(of_another_kind_begins_again)
{
	sqlite3 *db;

	close_totals();
	ck_assert_int_eq(unlink(case_path("history.db")), 0);
	ck_assert_int_eq(sqlite3_open(case_path("history.db"), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	open_totals();
	ck_assert(case_exists("history.db.damaged"));
	add(NOW, 1000, "/a", "h", 1);
}
END_TEST

static void expect_hosts(const struct sp_totals_query *query, const char *expected)
{
	char text[200] = "";
	struct sp_total *rows;
	size_t count;

	ck_assert_int_eq(sp_totals_query(totals, query, &rows, &count), SP_STORE_OK);
	for (size_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", rows[i].host);
	sp_totals_rows_free(rows, count);
	ck_assert_str_eq(text, expected);
}

/* Pages, of one program, and what has some text in it. */
START_TEST(tells_a_part)
{
	struct sp_totals_query query = {
		.span = SP_MINUTE, .to = INT64_MAX, .uid = 1000, .by = SP_TOTALS_HOST, .limit = 2,
	};

	add(NOW, 1000, "/bin/a", "one.test", 1);
	add(NOW, 1000, "/bin/a", "Three.test", 1);
	add(NOW, 1000, "/bin/a", "two.test", 1);
	add(NOW, 1000, "/bin/three", "four.test", 1);
	add(NOW, 1001, "/bin/a", "other.test", 1);
	query.skip = 1;
	expect_hosts(&query, "four.test one.test two.test ");	/* one more than the limit */
	query.skip = 3;
	expect_hosts(&query, "two.test ");
	query.skip = 0;
	query.limit = 10;
	query.program = "/bin/three";
	expect_hosts(&query, "four.test ");
	query.program = NULL;
	query.contains = "three";
	expect_hosts(&query, "Three.test four.test ");
	query.contains = "' OR 1 OR '";
	expect_hosts(&query, "");
	query.program = "/bin/a";
	query.contains = "o.t";
	expect_hosts(&query, "two.test ");
}
END_TEST

START_TEST(nothing_of_a_batch_or_all)
{
	struct sp_total rows[2] = {
		{ .start = NOW, .program = "/a", .host = "h", .flows = 1 },
		{ .start = NOW, .program = NULL, .host = "h", .flows = 1 },
	};

	ck_assert_int_ne(sp_totals_add(totals, rows, 2), SP_STORE_OK);
	expect(SP_DAY, UINT32_MAX, SP_TOTALS_PROGRAM, "");
	add(NOW, 1000, "/a", "h", UINT64_MAX);
	add(NOW, 1000, "/a", "h", UINT64_MAX);
	expect(SP_DAY, UINT32_MAX, 0, "0 0   2 1125899906842624 1125899906842624\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("totals");
	TCase *tcase = tcase_create("totals");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, sums_up);
	tcase_add_test(tcase, tells_a_part);
	tcase_add_test(tcase, asks_for_a_time);
	tcase_add_test(tcase, says_that_there_is_more);
	tcase_add_test(tcase, keeps_minutes_a_day_hours_a_month_days_a_year);
	tcase_add_test(tcase, bounded_in_size);
	tcase_add_test(tcase, forgets_one_s_own);
	tcase_add_test(tcase, damaged_begins_again);
	tcase_add_test(tcase, forgets_what_was_set_aside);
	tcase_add_test(tcase, what_can_not_be_opened_stays);
	tcase_add_test(tcase, of_another_kind_begins_again);
	tcase_add_test(tcase, nothing_of_a_batch_or_all);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
