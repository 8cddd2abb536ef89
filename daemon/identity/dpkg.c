/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg's files, line by line. */
#include "dpkg.h"

#include <string.h>

#define SUM_DIGITS 32

/* The next line without its end; false: that was all. A last line needs no end. */
static bool next_line(const char **at, const char *end, struct sp_span *line)
{
	const char *stop;

	if (*at == end)
		return false;
	stop = memchr(*at, '\n', (size_t)(end - *at));
	line->text = *at;
	line->length = (size_t)((stop ? stop : end) - *at);
	*at = stop ? stop + 1 : end;
	return true;
}

static bool is_path(const struct sp_span *line)
{
	return line->length > 1 && line->text[0] == '/' &&
	       !memchr(line->text, 0, line->length);
}

static bool is_folder_of(const struct sp_span *folder, const struct sp_span *path)
{
	return path->length > folder->length && path->text[folder->length] == '/' &&
	       !memcmp(path->text, folder->text, folder->length);
}

/* A folder comes right before something in it; an empty one is no harm. */
void sp_dpkg_list(const char *text, size_t length,
		  void (*fn)(struct sp_span path, void *arg), void *arg)
{
	struct sp_span line, last = { NULL, 0 };
	const char *at = text;

	while (next_line(&at, text + length, &line)) {
		if (!is_path(&line))
			continue;
		if (last.text && !is_folder_of(&last, &line))
			fn(last, arg);
		last = line;
	}
	if (last.text)
		fn(last, arg);
}

void sp_dpkg_diversions(const char *text, size_t length,
			void (*fn)(const struct sp_diversion *diversion, void *arg),
			void *arg)
{
	struct sp_diversion diversion;
	const char *at = text, *end = text + length;

	while (next_line(&at, end, &diversion.from) && next_line(&at, end, &diversion.to) &&
	       next_line(&at, end, &diversion.package))
		if (is_path(&diversion.from) && is_path(&diversion.to))
			fn(&diversion, arg);
}

bool sp_dpkg_list_name(const char *file, struct sp_span *package)
{
	size_t length = strlen(file), suffix = strlen(".list");
	const char *colon;

	if (length <= suffix || strcmp(file + length - suffix, ".list"))
		return false;
	colon = memchr(file, ':', length - suffix);
	package->text = file;
	package->length = colon ? (size_t)(colon - file) : length - suffix;
	return package->length > 0;
}

static bool is_sum(const char *text)
{
	return strspn(text, "0123456789abcdef") >= SUM_DIGITS;
}

/* "0123…  usr/bin/curl" */
static bool is_sum_of(const struct sp_span *line, const struct sp_span *path)
{
	return line->length == SUM_DIGITS + 2 + path->length - 1 &&
	       line->text[SUM_DIGITS] == ' ' &&
	       !memcmp(line->text + SUM_DIGITS + 2, path->text + 1, path->length - 1);
}

bool sp_dpkg_sum(const char *text, size_t length, struct sp_span path, char sum[33])
{
	const char *at = text;
	struct sp_span line;

	if (path.length < 2)
		return false;
	while (next_line(&at, text + length, &line)) {
		if (!is_sum_of(&line, &path))
			continue;
		memcpy(sum, line.text, SUM_DIGITS);
		sum[SUM_DIGITS] = 0;
		return is_sum(sum);
	}
	return false;
}
