/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's files with bytes changed and cut short. What may come of it is one
 * of two: nothing was lost; or the damage is told, the file is kept under another
 * name as it was, and the rules are those of the copy.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "case.h"

#define PAGE 4096u

/* Bytes changed on each page; the environment can ask for more. */
static unsigned flips_a_page(void)
{
	const char *number = getenv("STORE_FLIPS");

	return number ? (unsigned)atoi(number) : 12;
}

enum { DB, WAL, COPY, STAMP, FILES };

static const char *const names[FILES] = {
	"policy.db", "policy.db-wal", "policy.rules", "policy.last",
};

/* A store as it is on the disk, and what is in it. */
struct image {
	struct case_file files[FILES];
	char *rules, *journal;
};

static struct image image;

static void take_image(void)
{
	image.rules = case_rules();
	image.journal = case_journal();
	for (int i = 0; i < FILES; i++)
		case_read(names[i], &image.files[i]);
}

static void put_image(void)
{
	case_empty();
	for (int i = 0; i < FILES; i++)
		case_write(&image.files[i]);
}

static void forget_image(void)
{
	for (int i = 0; i < FILES; i++)
		case_forget(&image.files[i]);
	free(image.rules);
	free(image.journal);
	image = (struct image){ 0 };
}

static void teardown(void)
{
	forget_image();
	case_teardown();
}

/* Rules of all kinds, with a history. */
static void fill(unsigned count)
{
	struct unit_random random = { 77 };
	uint64_t last = 0;

	for (unsigned i = 0; i < count; i++) {
		char line[200];

		snprintf(line, sizeof(line), "%s out program /usr/bin/program-%u to 10.%u.0.0/16 protocol tcp port %u # note %u",
			 i % 3 ? "allow" : "deny", i, i % 256, 1 + i * 7 % 60000, i);
		if (last && unit_chance(&random, 5))
			case_replace(last, line);
		else
			last = case_add(line);
		if (unit_chance(&random, 9)) {
			case_remove(last);
			last = 0;
		}
	}
}

/* Checkpointed and closed; the copy has all. */
static void make_image(unsigned count)
{
	case_open();
	fill(count);
	case_close();
	case_open();
	take_image();
	case_close();
	case_forget(&image.files[WAL]);
	case_forget(&image.files[DB]);
	case_read(names[DB], &image.files[DB]);
}

static void expect_rules(const char *expected)
{
	char *rules = case_rules();

	ck_assert_str_eq(rules, expected);
	free(rules);
}

static void expect_journal(const char *expected)
{
	char *journal = case_journal();

	ck_assert_str_eq(journal, expected);
	free(journal);
}

static void expect_kept(const char *name, const struct case_file *expected)
{
	struct case_file file;

	case_read(name, &file);
	ck_assert_msg(file.bytes && file.size == expected->size &&
		      !memcmp(file.bytes, expected->bytes, file.size), "%s", name);
	case_forget(&file);
}

/* @what was damaged; true: that was noticed. */
static bool expect_sound(const struct case_file *damaged, const char *what)
{
	bool noticed;

	case_open();
	noticed = case_message[0];
	if (noticed) {
		ck_assert_msg(strstr(case_message, "damaged"), "%s: %s", what, case_message);
		ck_assert_msg(strstr(case_message, "restored"), "%s: %s", what, case_message);
		expect_kept("policy.db.damaged-1", damaged);
	} else {
		expect_journal(image.journal);
		ck_assert_msg(!case_exists("policy.db.damaged-1"), "%s", what);
	}
	expect_rules(image.rules);
	case_add("deny out # the store takes changes");
	case_close();
	return noticed;
}

/* The database with one byte changed. */
static bool try_flip(size_t at, uint8_t bits)
{
	char what[64];
	bool noticed;

	snprintf(what, sizeof(what), "byte %zu of page %zu changed by %#x", at % PAGE,
		 at / PAGE, bits);
	image.files[DB].bytes[at] = (char)(image.files[DB].bytes[at] ^ bits);
	put_image();
	noticed = expect_sound(&image.files[DB], what);
	image.files[DB].bytes[at] = (char)(image.files[DB].bytes[at] ^ bits);
	return noticed;
}

START_TEST(changed_bytes_in_every_page)
{
	struct unit_random random = { 4711 };
	unsigned noticed = 0, tried = 0;
	size_t pages;

	make_image(150);
	pages = image.files[DB].size / PAGE;
	ck_assert_uint_gt(pages, 10);
	for (size_t page = 0; page < pages; page++) {
		for (unsigned i = 0; i < flips_a_page(); i++, tried++)
			noticed += try_flip(page * PAGE + unit_below(&random, PAGE),
					    (uint8_t)(1 + unit_below(&random, 255)));
		/* the head of the page: its kind, its free space, its cells */
		for (unsigned i = 0; i < 12; i++, tried++)
			noticed += try_flip(page * PAGE + (page ? 0 : 100) + i,
					    (uint8_t)(1u << unit_below(&random, 8)));
	}
	printf("# %u of %u changed bytes were noticed, the others changed nothing\n",
	       noticed, tried);
	ck_assert_uint_gt(noticed, tried / 3);
}
END_TEST

START_TEST(changed_bytes_in_the_files_head)
{
	struct unit_random random = { 4712 };

	make_image(20);
	for (size_t at = 0; at < 100; at++) {
		try_flip(at, (uint8_t)(1u << unit_below(&random, 8)));
		try_flip(at, (uint8_t)(1 + unit_below(&random, 255)));
	}
}
END_TEST

START_TEST(cut_short_anywhere)
{
	struct case_file whole;

	make_image(150);
	whole = image.files[DB];
	for (size_t size = 0; size < whole.size; size += PAGE / 2) {
		char what[64];

		for (size_t odd = 0; odd < 2; odd++) {
			image.files[DB].size = size + odd * 777;
			if (image.files[DB].size >= whole.size)
				continue;
			snprintf(what, sizeof(what), "cut to %zu bytes", image.files[DB].size);
			put_image();
			ck_assert_msg(expect_sound(&image.files[DB], what), "%s", what);
		}
	}
	image.files[DB] = whole;
}
END_TEST

static void take_any_sum(sqlite3_context *context, int count, sqlite3_value **values)
{
	sqlite3_result_int(context, 0);
}

/* As if what is on the disk were not what was written. */
static void damage(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	ck_assert_int_eq(sqlite3_open(case_path("policy.db"), &db), SQLITE_OK);
	sqlite3_create_function(db, "row_sum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
				NULL, take_any_sum, NULL, NULL);
	sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
	sqlite3_close(db);
}

/* Found when it is read, and not copied. */
START_TEST(a_rule_while_it_is_open)
{
	struct sp_actor actor = { 1000, "test" };
	struct sp_change remove = { SP_CHANGE_REMOVE, { .id = 2 } };
	struct sp_rule *rules;
	size_t count;

	make_image(10);
	put_image();
	case_open();
	damage("UPDATE rules SET text = replace(text, '10.', '11.')");
	ck_assert_int_eq(sp_store_load(case_store, &rules, &count), SP_STORE_CORRUPT);
	ck_assert_int_eq(sp_store_copy(case_store), SP_STORE_CORRUPT);
	ck_assert_ptr_nonnull(strstr(sp_store_trouble(case_store), "damaged"));
	ck_assert_int_eq(sp_store_apply(case_store, &remove, 1, &actor), SP_STORE_CORRUPT);
	case_close();
	case_open();
	ck_assert_msg(strstr(case_message, "restored"), "%s", case_message);
	expect_rules(image.rules);
}
END_TEST

START_TEST(a_change_while_it_is_open)
{
	struct sp_actor actor = { 1000, "test" };
	struct sp_change *changes;
	size_t count;

	case_open();
	case_remove(case_add("allow out program /x"));
	damage("UPDATE entries SET before = 'allow out program /y' WHERE before NOT NULL");
	ck_assert_int_eq(sp_store_undo(case_store, 2, false, &actor, &changes, &count),
			 SP_STORE_CORRUPT);
	expect_rules("");
}
END_TEST

START_TEST(gone)
{
	make_image(30);
	case_forget(&image.files[DB]);
	put_image();
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "the store is gone; all"));
	expect_rules(image.rules);
	case_close();
	/* With the copy gone too there is nothing, and that is said. */
	case_forget(&image.files[COPY]);
	put_image();
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "the store is gone; there is no copy"));
	expect_rules("");
	case_close();
	case_open();
	ck_assert_str_eq(case_message, "");
}
END_TEST

/* No id and no number of the lost store is used again. */
START_TEST(numbers_go_on)
{
	struct sp_journal_entry *entries;
	uint64_t first, second;
	size_t count;

	case_open();
	first = case_add("allow out");
	second = case_add("deny out");
	case_remove(second);
	sp_store_copy(case_store);
	case_close();
	ck_assert_int_eq(truncate(case_path("policy.db"), 5000), 0);
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "all 1 rules are restored"));
	ck_assert_uint_eq(case_add("deny out"), second + 1);
	ck_assert_int_eq(sp_store_journal(case_store, 10, &entries, &count), SP_STORE_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(entries[0].change, 5);	/* 3, the restoration, this one */
	sp_journal_entries_free(entries, count);
	case_remove(first);
}
END_TEST

/* Rules with the last two changes only in the log, the last one not in the copy. */
static void make_log(char **copied)
{
	case_open();
	fill(20);
	case_close();
	case_open();
	case_add("deny out program /in/the/log");
	sp_store_copy(case_store);
	*copied = case_rules();
	case_add("deny out program /in/the/log/only");
	take_image();
	case_close();
	ck_assert_uint_gt(image.files[WAL].size, 2 * PAGE);
}

/* Each line of @text that allows is to be unconfirmed. */
static char *unconfirm(const char *text)
{
	char *result;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	while (*text) {
		const char *end = strchr(text, '\n') + 1, *action = strstr(text, "1000 ") + 5;
		bool allows = !strncmp(action, "allow", 5);

		fwrite(text, 1, (size_t)(action - text - 1), out);
		fputs(allows ? " unconfirmed " : " ", out);
		fwrite(action, 1, (size_t)(end - action), out);
		text = end;
	}
	fclose(out);
	return result;
}

/* True: a loss was noticed. */
static bool expect_no_silent_loss(const char *copied, const char *what)
{
	char *rules;
	bool noticed;

	case_open();
	noticed = case_message[0];
	if (noticed) {
		ck_assert_msg(strstr(case_message, "may lack the latest changes"), "%s: %s",
			      what, case_message);
		rules = unconfirm(copied);
		expect_rules(rules);
		free(rules);
	} else {
		expect_rules(image.rules);
		expect_journal(image.journal);
	}
	case_close();
	return noticed;
}

START_TEST(log_cut_short)
{
	char *copied, what[64];
	struct case_file whole;
	unsigned noticed = 0;

	make_log(&copied);
	whole = image.files[WAL];
	for (size_t size = 0; size < whole.size; size += 515) {
		image.files[WAL].size = size;
		snprintf(what, sizeof(what), "log cut to %zu bytes", size);
		put_image();
		noticed += expect_no_silent_loss(copied, what);
	}
	ck_assert_uint_gt(noticed, 10);
	image.files[WAL] = whole;
	put_image();
	ck_assert(!expect_no_silent_loss(copied, "whole"));
	free(copied);
}
END_TEST

START_TEST(log_changed)
{
	struct unit_random random = { 4713 };
	char *copied, what[64];
	unsigned noticed = 0;

	make_log(&copied);
	for (unsigned i = 0; i < 20 * flips_a_page(); i++) {
		size_t at = unit_below(&random, (uint32_t)image.files[WAL].size);
		uint8_t bits = (uint8_t)(1 + unit_below(&random, 255));

		snprintf(what, sizeof(what), "byte %zu of the log changed by %#x", at, bits);
		image.files[WAL].bytes[at] = (char)(image.files[WAL].bytes[at] ^ bits);
		put_image();
		noticed += expect_no_silent_loss(copied, what);
		image.files[WAL].bytes[at] = (char)(image.files[WAL].bytes[at] ^ bits);
	}
	ck_assert_uint_gt(noticed, 10);
	free(copied);
}
END_TEST

START_TEST(log_gone)
{
	char *copied;

	make_log(&copied);
	case_forget(&image.files[WAL]);
	put_image();
	ck_assert(expect_no_silent_loss(copied, "no log"));
	free(copied);
}
END_TEST

/* A log that is left behind would be played into the next database of its name. */
START_TEST(log_goes_with_its_database)
{
	char *copied;
	size_t size;

	make_log(&copied);
	size = image.files[WAL].size;
	memset(image.files[DB].bytes, 0xa5, 100);
	put_image();
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "may lack"));
	case_close();
	expect_kept("policy.db.damaged-1", &image.files[DB]);
	ck_assert_uint_eq(image.files[WAL].size, size);
	expect_kept("policy.db.damaged-1-wal", &image.files[WAL]);
	case_forget(&image.files[DB]);
	put_image();
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "only its log was left"));
	case_close();
	expect_kept("policy.db.damaged-1-wal", &image.files[WAL]);
	free(copied);
}
END_TEST

/* Confirmed by writing the rule again; the others stay as they are. */
START_TEST(unconfirmed_until_confirmed)
{
	uint64_t first, second;

	case_open();
	first = case_add("allow out program /a");
	second = case_add("allow out program /b");
	case_add("deny out program /c");
	sp_store_copy(case_store);
	case_add("deny out program /d");
	case_close();
	ck_assert_int_eq(unlink(case_path("policy.db")), 0);
	case_open();
	expect_rules("1 7 1000 unconfirmed allow out program /a\n"
		     "2 7 1000 unconfirmed allow out program /b\n"
		     "3 7 1000 deny out program /c\n");
	ck_assert_ptr_nonnull(strstr(case_message, "2 of them that allow ask"));
	case_replace(first, "allow out program /a");
	case_close();
	/* A whole restoration keeps what is not confirmed. */
	case_open();
	case_close();
	ck_assert_int_eq(unlink(case_path("policy.db")), 0);
	case_open();
	expect_rules("1 7 1000 allow out program /a\n"
		     "2 7 1000 unconfirmed allow out program /b\n"
		     "3 7 1000 deny out program /c\n");
	case_remove(second);
}
END_TEST

static void turn(uint64_t change, bool redo)
{
	struct sp_actor actor = { 1000, "test" };
	struct sp_change *changes;
	size_t count;

	ck_assert_int_eq(sp_store_undo(case_store, change, redo, &actor, &changes, &count), SP_STORE_OK);
	while (count)
		sp_rule_clear(&changes[--count].rule);
	free(changes);
}

static uint64_t last_change(void)
{
	struct sp_journal_entry *entries;
	uint64_t change;
	size_t count;

	ck_assert_int_eq(sp_store_journal(case_store, 1, &entries, &count), SP_STORE_OK);
	change = entries[0].change;
	sp_journal_entries_free(entries, count);
	return change;
}

/* An undo does not confirm what nobody has confirmed. */
START_TEST(unconfirmed_after_an_undo)
{
	static const char unconfirmed[] = "1 7 1000 unconfirmed allow out program /a\n";
	uint64_t change;

	case_open();
	case_add("allow out program /a");
	sp_store_copy(case_store);
	case_add("deny out program /b");
	case_close();
	ck_assert_int_eq(unlink(case_path("policy.db")), 0);
	case_open();
	expect_rules(unconfirmed);
	case_replace(1, "allow out program /a port 443");
	change = last_change();
	turn(change, false);
	expect_rules(unconfirmed);
	turn(change, true);
	expect_rules("1 7 1000 allow out program /a port 443\n");
	turn(change, false);
	case_remove(1);
	turn(last_change(), false);
	expect_rules(unconfirmed);
}
END_TEST

/* The database is healthy: nothing is lost, and they are written anew. */
static void expect_unharmed(const char *what)
{
	case_open();
	ck_assert_msg(!case_message[0], "%s: %s", what, case_message);
	expect_rules(image.rules);
	expect_journal(image.journal);
	case_close();
}

START_TEST(copy_damaged)
{
	struct unit_random random = { 4714 };
	char what[64];

	make_image(10);
	for (unsigned i = 0; i < 10 * flips_a_page(); i++) {
		struct case_file *copy = &image.files[COPY];
		size_t at = unit_below(&random, (uint32_t)copy->size), size = copy->size;
		uint8_t bits = (uint8_t)(1 + unit_below(&random, 255));

		if (i % 2)
			copy->size = at;
		else
			copy->bytes[at] = (char)(copy->bytes[at] ^ bits);
		snprintf(what, sizeof(what), "copy, byte %zu, %#x", at, bits);
		put_image();
		expect_unharmed(what);
		/* And with the database gone: none of it is taken. */
		put_image();
		unlink(case_path("policy.db"));
		case_open();
		ck_assert_msg(strstr(case_message, "its copy can't be read and is kept as policy.rules.damaged-1"),
			      "%s: %s", what, case_message);
		expect_rules("");
		expect_kept("policy.rules.damaged-1", copy);
		case_close();
		if (i % 2)
			copy->size = size;
		else
			copy->bytes[at] = (char)(copy->bytes[at] ^ bits);
	}
}
END_TEST

START_TEST(stamp_damaged)
{
	char *rules;

	make_image(10);
	for (size_t at = 0; at < image.files[STAMP].size; at++) {
		char byte = image.files[STAMP].bytes[at];

		image.files[STAMP].bytes[at] = (char)(byte ^ 1);
		put_image();
		expect_unharmed("stamp");
		put_image();
		unlink(case_path("policy.db"));
		case_open();
		ck_assert_ptr_nonnull(strstr(case_message, "may lack"));
		rules = unconfirm(image.rules);
		expect_rules(rules);
		free(rules);
		case_close();
		image.files[STAMP].bytes[at] = byte;
	}
	case_forget(&image.files[STAMP]);
	put_image();
	expect_unharmed("no stamp");
}
END_TEST

/* Each time under the next name. */
/* The descriptor by which the store writes it. */
static int find_stamp(void)
{
	char path[64], name[128];

	for (int fd = 3; fd < 64; fd++) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, name, sizeof(name) - 1);
		name[length > 0 ? length : 0] = '\0';
		if (!strcmp(name, case_path(names[STAMP])))
			return fd;
	}
	ck_abort_msg("nobody has it open");
}

/* That a copy can be written takes back nothing but that it could not. */
START_TEST(stamp_can_not_be_written)
{
	int fd, kept, full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	case_open();
	fd = find_stamp();
	kept = dup(fd);
	ck_assert_int_ge(dup2(full, fd), 0);
	case_add("allow out");
	ck_assert_ptr_nonnull(strstr(sp_store_trouble(case_store), names[STAMP]));
	ck_assert_int_eq(sp_store_copy(case_store), SP_STORE_OK);
	ck_assert_ptr_nonnull(strstr(sp_store_trouble(case_store), names[STAMP]));
	ck_assert_int_ge(dup2(kept, fd), 0);
	case_add("allow in");
	ck_assert_ptr_null(sp_store_trouble(case_store));
	close(full);
	close(kept);
}
END_TEST

START_TEST(keeps_every_damaged_file)
{
	char name[64];

	make_image(5);
	for (unsigned i = 1; i <= 4; i++) {
		ck_assert_int_eq(truncate(case_path("policy.db"), i * 100), 0);
		case_open();
		snprintf(name, sizeof(name), "policy.db.damaged-%u", i);
		ck_assert_ptr_nonnull(strstr(case_message, name));
		ck_assert(case_exists(name));
		expect_rules(image.rules);
		case_close();
	}
}
END_TEST

static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *fault = NULL;

	ck_assert_int_eq(sqlite3_open(case_path("policy.db"), &db), SQLITE_OK);
	sqlite3_exec(db, sql, NULL, NULL, &fault);
	ck_assert_msg(!fault, "%s", fault);
	sqlite3_close(db);
}

START_TEST(foreign_databases)
{
	static const char *const foreign[] = {
		"CREATE TABLE a (b)",
		"CREATE TABLE a (b); PRAGMA user_version = 1",
		"CREATE TABLE a (b); PRAGMA user_version = 2",
		"CREATE TABLE a (b); PRAGMA user_version = 2; PRAGMA application_id = 0x53616c79",
		"CREATE TABLE a (b); PRAGMA user_version = 99",
		"CREATE TABLE rules (id); PRAGMA user_version = 1",
	};

	make_image(5);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		put_image();
		unlink(case_path("policy.db"));
		run_sql(foreign[i]);
		case_open();
		ck_assert_ptr_nonnull(strstr(case_message, "is kept as"));
		expect_rules(image.rules);
		case_close();
		ck_assert(case_exists("policy.db.damaged-1"));
	}
	/* Our own, with a table more. */
	put_image();
	run_sql("CREATE TABLE more (a)");
	case_open();
	ck_assert_ptr_nonnull(strstr(case_message, "does not have the tables"));
	expect_rules(image.rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("damage");
	TCase *tcase = tcase_create("damage");

	tcase_add_checked_fixture(tcase, case_setup, teardown);
	tcase_set_timeout(tcase, 3600);
	tcase_add_test(tcase, changed_bytes_in_every_page);
	tcase_add_test(tcase, changed_bytes_in_the_files_head);
	tcase_add_test(tcase, cut_short_anywhere);
	tcase_add_test(tcase, a_rule_while_it_is_open);
	tcase_add_test(tcase, a_change_while_it_is_open);
	tcase_add_test(tcase, gone);
	tcase_add_test(tcase, numbers_go_on);
	tcase_add_test(tcase, log_cut_short);
	tcase_add_test(tcase, log_changed);
	tcase_add_test(tcase, log_gone);
	tcase_add_test(tcase, log_goes_with_its_database);
	tcase_add_test(tcase, unconfirmed_until_confirmed);
	tcase_add_test(tcase, unconfirmed_after_an_undo);
	tcase_add_test(tcase, copy_damaged);
	tcase_add_test(tcase, stamp_damaged);
	tcase_add_test(tcase, stamp_can_not_be_written);
	tcase_add_test(tcase, keeps_every_damaged_file);
	tcase_add_test(tcase, foreign_databases);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
