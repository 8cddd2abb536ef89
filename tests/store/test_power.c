/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The power is cut at every step of a writer (writer.c), and what was not synced is
 * lost, torn, or there after all (disk.h): what it had said was done is found again, and
 * what it had begun whole or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "case.h"
#include "disk.h"
#include "model.h"

static unsigned sets(void)
{
	const char *number = getenv("STORE_CUTS");

	return number ? (unsigned)atoi(number) : 300;
}

#define ALL_STEPS 400	/* so many from the beginning; later some */

static char written_in[64];
static unsigned cuts, restored, checkpoints;

static void make_place(void)
{
	strcpy(written_in, "/tmp/sallyport-power-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(written_in));
}

static void remove_place(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", written_in);
	ck_assert_int_eq(system(command), 0);
}

static void hear(struct model_pair *model, const struct disk_step *step)
{
	char *text = strdup(step->bytes), *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		model_hear(model, line);
	free(text);
}

/* The ids that were given are not given again, and the store goes on. */
static void check_next(const struct model_pair *model)
{
	const struct sp_actor actor = { 0, "probe" };
	struct sp_change add = { .kind = SP_CHANGE_ADD };

	sp_rule_init(&add.rule);
	ck_assert_int_eq(sp_store_apply(case_store, &add, 1, &actor), SP_STORE_OK);
	ck_assert_uint_ge(add.rule.id, model->acknowledged.next);
}

static void check(const struct model_pair *model, size_t step, bool away)
{
	struct sp_rule *rules;
	size_t count;

	case_open();
	ck_assert_int_eq(sp_store_load(case_store, &rules, &count), SP_STORE_OK);
	if (!away) {
		ck_assert_msg(!case_message[0], "after step %zu: %s", step, case_message);
		ck_assert_msg(model_holds(model, rules, count), "after step %zu", step);
		check_next(model);
	} else if (!strstr(case_message, "may lack the latest changes")) {
		ck_assert_msg(model_holds(model, rules, count), "after step %zu: %s", step, case_message);
		restored++;
	}
	for (size_t i = 0; i < count; i++)
		sp_rule_clear(&rules[i]);
	free(rules);
	case_close();
	case_empty();
	cuts++;
}

static void take_away(void)
{
	unlink(case_path("policy.db"));
	unlink(case_path("policy.db-wal"));
	unlink(case_path("policy.db-shm"));
}

/* The database's own file is written when the log is full: there each step counts. */
static bool is_worth_it(const struct disk_record *record, size_t at, struct unit_random *random)
{
	const struct disk_step *step = &record->steps[at];
	static unsigned database = UINT32_MAX;

	if (step->kind == DISK_CREATE && !strncmp(step->name, "policy.db", 9) &&
	    !strstr(step->name, "-"))
		database = step->file;
	if (step->kind == DISK_SAID)
		return false;
	if ((step->kind == DISK_WRITE || step->kind == DISK_SYNC) && step->file == database)
		checkpoints += at > ALL_STEPS && step->kind == DISK_SYNC;
	else if (at > ALL_STEPS)
		return unit_chance(random, 15);
	return true;
}

static void cut_everywhere(const struct disk_record *record, struct unit_random *random)
{
	struct disk *disk = disk_new(record);
	struct model_pair model;

	model_begin(&model);
	for (size_t i = 0; i < record->count; i++) {
		disk_step(disk, &record->steps[i]);
		if (record->steps[i].kind == DISK_SAID)
			hear(&model, &record->steps[i]);
		if (!is_worth_it(record, i, random))
			continue;
		disk_cut(disk, random, case_folder);
		check(&model, i, false);
		if (model.done && unit_chance(random, 10)) {
			disk_cut(disk, random, case_folder);
			take_away();
			check(&model, i, true);
		}
	}
	model_clear(&model.acknowledged);
	model_clear(&model.begun);
	disk_free(disk);
}

START_TEST(loses_nothing_when_the_power_is_cut)
{
	char *const arguments[] = { getenv("STORE_WRITER"), written_in, "3", NULL };
	struct unit_random random = { 11 };
	struct disk_record record;

	disk_record(&record, written_in, arguments, "done\n", sets());
	cut_everywhere(&record, &random);
	printf("# %u cuts in %zu steps of %u sets, with %u checkpoints: all that was acknowledged was\n"
	       "# found; %u times the copy alone had all\n", cuts, record.count, sets(), checkpoints,
	       restored);
	ck_assert_uint_gt(cuts, ALL_STEPS / 2);
	ck_assert_uint_gt(checkpoints, 0);
	ck_assert_uint_gt(restored, 0);
	disk_record_clear(&record);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("power");
	TCase *tcase = tcase_create("power");

	tcase_add_checked_fixture(tcase, case_setup, case_teardown);
	tcase_add_checked_fixture(tcase, make_place, remove_place);
	tcase_set_timeout(tcase, 3600);
	tcase_add_test(tcase, loses_nothing_when_the_power_is_cut);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
