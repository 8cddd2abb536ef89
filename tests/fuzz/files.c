/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a file of rules in the administrator's folder, which may include others,
 * as one text of rules, and as the list of runners: an error with a place, or rules that
 * can be.
 */
#include <stdio.h>
#include "files.h"
#include "folder.h"
#include "runners.h"

#define NAME "10-fuzz.rules"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void check(bool good, bool floor, struct sp_rule_set *set,
		  const struct sp_file_error *error)
{
	must(good || (error->error.column >= 1 && *error->error.message));
	must(good || (!set->count && !set->file_count));
	for (size_t i = 0; i < set->count; i++)
		must(!sp_rule_check(&set->rules[i].rule) && set->rules[i].rule.floor >= floor);
	sp_rule_set_clear(set);
}

static void read_runners(const uint8_t *data, size_t size)
{
	FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
	struct sp_text_error error = { 0 };
	struct sp_runners *runners = sp_runners_read(file, &error);

	must(runners || (error.line && error.column && *error.message));
	sp_runners_free(runners);
	fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sp_file_options options = { .context = { .owner = SP_SYSTEM } };
	struct sp_file_error error = { 0 };
	struct sp_rule_set set = { 0 };

	if (!size)
		return 0;
	folder_put(NAME, data, size);
	check(sp_file_read_folder(folder_path, &options, &set, &error), true, &set, &error);
	folder_take(NAME);
	check(sp_file_read_text("fuzz", (const char *)data, size, &options, &set, &error), false,
	      &set, &error);
	read_runners(data, size);
	return 0;
}
