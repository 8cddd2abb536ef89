/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See runners.h. So few that they are looked through. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "line.h"
#include "runners.h"
#include "text_error.h"

#define BLANKS " \t\r\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct runner {
	char name[SP_RUNNER_NAME_MAX + 1];
	enum sp_runner class;
};

struct sp_runners {
	size_t count;
	struct runner list[SP_RUNNERS_MAX];
};

static const char *const class_names[] = {
	[SP_RUNNER_SHELL] = "shell",
	[SP_RUNNER_INTERPRETER] = "interpreter",
	[SP_RUNNER_MACHINE] = "machine",
	[SP_RUNNER_LAUNCHER] = "launcher",
};

const char *sp_runner_name(enum sp_runner runner)
{
	return class_names[runner];
}

enum sp_runner sp_runner_of_name(const char *name)
{
	for (size_t i = SP_RUNNER_SHELL; i < COUNT(class_names); i++)
		if (!strcmp(class_names[i], name))
			return i;
	return SP_RUNNER_NONE;
}

static bool is_name(const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";

	return strspn(word, letters) == strlen(word) && strlen(word) <= SP_RUNNER_NAME_MAX;
}

static bool has(const struct sp_runners *runners, const char *name)
{
	for (size_t i = 0; i < runners->count; i++)
		if (!strcmp(runners->list[i].name, name))
			return true;
	return false;
}

/* The words of a line, each from its column. */
struct line {
	char *name, *class, *reason;
	const char *begin;
};

static unsigned column(const struct line *line, const char *word)
{
	return (unsigned)(word - line->begin) + 1;
}

static bool check(const struct sp_runners *runners, const struct line *line,
		  struct sp_text_error *error)
{
	char shown[SP_SHOWN];

	if (!is_name(line->name))
		sp_text_fail(error, column(line, line->name),
			     "\"%s\" is no name of a program: letters, digits and \"._+-\", at most %d",
			     sp_text_shown(line->name, shown), SP_RUNNER_NAME_MAX);
	else if (has(runners, line->name))
		sp_text_fail(error, column(line, line->name), "\"%s\" is there twice", line->name);
	else if (!line->class)
		sp_text_fail(error, column(line, line->name) + (unsigned)strlen(line->name),
			     "a class is expected: shell, interpreter, machine or launcher");
	else if (!sp_runner_of_name(line->class))
		sp_text_fail(error, column(line, line->class),
			     "\"%s\" is no class: shell, interpreter, machine or launcher is expected",
			     sp_text_shown(line->class, shown));
	else if (!line->reason)
		sp_text_fail(error, column(line, line->class) + (unsigned)strlen(line->class),
			     "the reason is missing");
	else if (runners->count == SP_RUNNERS_MAX)
		sp_text_fail(error, 1, "there are more than %d programs", SP_RUNNERS_MAX);
	else
		return true;
	return false;
}

static bool add_line(struct sp_runners *runners, char *text, struct sp_text_error *error)
{
	struct line line = { .begin = text };
	char *rest = text;
	struct runner *runner;

	if (*text == '#')
		return true;
	line.name = strtok_r(rest, BLANKS, &rest);
	if (!line.name)
		return true;
	line.class = strtok_r(rest, BLANKS, &rest);
	line.reason = strtok_r(rest, BLANKS, &rest);
	if (!check(runners, &line, error))
		return false;
	runner = &runners->list[runners->count++];
	strcpy(runner->name, line.name);
	runner->class = sp_runner_of_name(line.class);
	return true;
}

static bool is_whole(const char *text, size_t length)
{
	return strlen(text) == length &&
	       (length <= SP_RUNNER_LINE_MAX || text[length - 1] == '\n');
}

static bool read_all(struct sp_runners *runners, FILE *file, struct sp_text_error *error)
{
	char text[SP_RUNNER_LINE_MAX + 2];
	unsigned number = 0;
	bool good = true;
	size_t length;

	while (good && (length = sp_line_read(file, text, sizeof(text)))) {
		number++;
		good = is_whole(text, length);
		if (!good)
			sp_text_fail(error, 1, "the line has more than %d bytes, or a NUL",
				     SP_RUNNER_LINE_MAX);
		good = good && add_line(runners, text, error);
		if (!good)
			error->line = number;
	}
	if (good && ferror(file)) {
		sp_text_fail(error, 0, "it can't be read: %s", strerror(errno));
		error->line = 0;
		good = false;
	}
	return good;
}

struct sp_runners *sp_runners_read(FILE *file, struct sp_text_error *error)
{
	struct sp_runners *runners = calloc(1, sizeof(*runners));

	if (runners && read_all(runners, file, error))
		return runners;
	if (!runners) {
		sp_text_fail(error, 0, "out of memory");
		error->line = 0;
	}
	free(runners);
	return NULL;
}

struct sp_runners *sp_runners_load(const char *path, struct sp_text_error *error)
{
	FILE *file = fopen(path, "re");
	struct sp_runners *runners;

	if (!file) {
		sp_text_fail(error, 0, "it can't be opened: %s", strerror(errno));
		error->line = 0;
		return NULL;
	}
	runners = sp_runners_read(file, error);
	fclose(file);
	return runners;
}

void sp_runners_free(struct sp_runners *runners)
{
	free(runners);
}

/* "python3.11" is python, "pythonista" is not. */
static bool is_version(const char *text)
{
	return text[strspn(text, "0123456789.-")] == '\0';
}

enum sp_runner sp_runners_find(const struct sp_runners *runners, const char *name)
{
	for (size_t i = 0; runners && i < runners->count; i++) {
		const struct runner *runner = &runners->list[i];
		size_t length = strlen(runner->name);

		if (!strncmp(name, runner->name, length) && is_version(name + length))
			return runner->class;
	}
	return SP_RUNNER_NONE;
}
