/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes a store for ever, until it is killed: store-writer FOLDER SEED. Says on
 * standard output what it is about to do, a line each, and then that it is done:
 *
 *	ready
 *	add LINE | replace ID LINE | remove ID		(one to five of them)
 *	go
 *	done
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store.h"
#include "text.h"
#include "unit.h"

#define CHANGES 5
#define RULES 40

static struct unit_random random_numbers;
static struct sp_store *store;
static uint64_t ids[RULES + CHANGES];
static size_t count;

/* Unbuffered: what is said before a kill has been said. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char *line;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (length < 0 || write(STDOUT_FILENO, line, (size_t)length) != length)
		exit(3);
	free(line);
}

/* Not unit_random_rule(): that is for inside a test. */
static void make_rule(struct sp_rule *rule)
{
	static const char *const actions[] = { "allow", "deny", "drop", "ask" };
	struct sp_text_error fault;
	char line[300];

	snprintf(line, sizeof(line), "%s out program /usr/bin/program-%u to 10.%u.0.0/16%s",
		 actions[unit_below(&random_numbers, 4)], unit_below(&random_numbers, 100),
		 unit_below(&random_numbers, 256), unit_below(&random_numbers, 3) ? "" :
		 " # a note that makes the rule longer, so that pages are split and freed");
	if (sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, rule, &fault) != 1)
		exit(4);
}

static void choose(struct sp_change *change)
{
	size_t victim = count ? unit_below(&random_numbers, (uint32_t)count) : 0;
	unsigned kind = unit_below(&random_numbers, 3);

	sp_rule_init(&change->rule);
	if (!count || (kind == 0 && count < RULES)) {
		change->kind = SP_CHANGE_ADD;
		make_rule(&change->rule);
	} else if (kind == 1) {
		change->kind = SP_CHANGE_REPLACE;
		make_rule(&change->rule);
		change->rule.id = ids[victim];
	} else {
		change->kind = SP_CHANGE_REMOVE;
		change->rule.id = ids[victim];
		ids[victim] = ids[--count];
	}
}

static void announce(const struct sp_change *change)
{
	char *line = sp_text_print(&change->rule, NULL);

	if (change->kind == SP_CHANGE_ADD)
		say("add %s\n", line);
	else if (change->kind == SP_CHANGE_REPLACE)
		say("replace %" PRIu64 " %s\n", change->rule.id, line);
	else
		say("remove %" PRIu64 "\n", change->rule.id);
	free(line);
}

static void step(void)
{
	const struct sp_actor actor = { 1000, "writer" };
	struct sp_change changes[CHANGES];
	size_t number = 1 + unit_below(&random_numbers, CHANGES);

	for (size_t i = 0; i < number; i++) {
		choose(&changes[i]);
		announce(&changes[i]);
	}
	say("go\n");
	if (sp_store_apply(store, changes, number, &actor) != SP_STORE_OK) {
		fprintf(stderr, "# %s\n", sp_store_message(store));
		exit(2);
	}
	say("done\n");
	for (size_t i = 0; i < number; i++) {
		if (changes[i].kind == SP_CHANGE_ADD)
			ids[count++] = changes[i].rule.id;
		sp_rule_clear(&changes[i].rule);
	}
	if (!unit_chance(&random_numbers, 3))
		sp_store_copy(store);
}

static void begin(const char *folder)
{
	char message[512];
	enum sp_store_error error;
	struct sp_rule *rules;

	store = sp_store_open(folder, &error, message, sizeof(message));
	if (!store || sp_store_load(store, &rules, &count) || count > RULES + CHANGES) {
		fprintf(stderr, "# %s\n", message);
		exit(1);
	}
	for (size_t i = 0; i < count; i++) {
		ids[i] = rules[i].id;
		sp_rule_clear(&rules[i]);
	}
	free(rules);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 1;
	random_numbers.state = strtoull(argv[2], NULL, 10) + 1;
	begin(argv[1]);
	say("ready\n");
	for (;;)
		step();
}
