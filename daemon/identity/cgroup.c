/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See cgroup.h. Slices come first, then the unit. User managers have slices and
 * units of their own inside user@UID.service.
 */
#include "cgroup.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DIGITS_SHOWN 12		/* of a container's number, as its engine shows it */

/* One name in the path. */
struct name {
	const char *text;
	size_t length;
};

static bool next(const char **at, struct name *name)
{
	if (**at != '/')
		return false;
	name->text = *at + 1;
	name->length = strcspn(name->text, "/");
	*at = name->text + name->length;
	/* systemd puts a "_" before what could be taken for a file of the kernel's. */
	if (name->length > 1 && name->text[0] == '_') {
		name->text++;
		name->length--;
	}
	return name->length > 0;
}

static bool ends_in(const struct name *name, const char *suffix)
{
	size_t length = strlen(suffix);

	return name->length > length &&
	       !memcmp(name->text + name->length - length, suffix, length);
}

static bool begins_with(const struct name *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return name->length > length && !memcmp(name->text, prefix, length);
}

static bool is_unit(const struct name *name)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (ends_in(name, kinds[i]))
			return true;
	return false;
}

/* The first unit from @at on; false: there is none. */
static bool find_unit(const char **at, struct name *unit)
{
	while (next(at, unit)) {
		if (is_unit(unit))
			return true;
		if (!ends_in(unit, ".slice"))
			return false;
	}
	return false;
}

/* "user@1000.service" */
static bool is_manager(const struct name *unit, uint32_t *user)
{
	unsigned long long number = 0;
	size_t i;

	if (!begins_with(unit, "user@") || !ends_in(unit, ".service"))
		return false;
	for (i = strlen("user@"); i < unit->length - strlen(".service"); i++) {
		if (!isdigit((unsigned char)unit->text[i]) || number > UINT32_MAX)
			return false;
		number = number * 10 + (unsigned)(unit->text[i] - '0');
	}
	*user = (uint32_t)number;
	return number < UINT32_MAX;
}

static int hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Undoes "\x2d" and appends; false: too long. */
static bool append_unescaped(char *to, size_t size, const char *from, size_t length)
{
	size_t out = strlen(to);

	for (size_t i = 0; i < length; i++) {
		char character = from[i];

		if (character == '\\' && i + 3 < length && from[i + 1] == 'x' &&
		    hex(from[i + 2]) > 0 && hex(from[i + 3]) >= 0) {
			character = (char)(hex(from[i + 2]) << 4 | hex(from[i + 3]));
			i += 3;
		}
		if (out + 1 >= size)
			return false;
		to[out++] = character;
		to[out] = 0;
	}
	return true;
}

/* app-flatpak-ID-NUMBER.scope, app-flatpak-ID@NUMBER.service */
static bool find_flatpak(const struct name *unit, struct sp_cgroup *cgroup)
{
	const char *id = unit->text + strlen("app-flatpak-"), *dot, *end;

	if (!begins_with(unit, "app-flatpak-"))
		return true;
	dot = memrchr(unit->text, '.', unit->length);
	end = dot ? memrchr(id, ends_in(unit, ".scope") ? '-' : '@', (size_t)(dot - id)) : NULL;
	if (!end)
		end = dot;
	if (!end || end == id)
		return true;
	strcpy(cgroup->app, "flatpak:");
	return append_unescaped(cgroup->app, sizeof(cgroup->app), id, (size_t)(end - id));
}

/* snap.NAME.APP-UUID.scope, snap.NAME.APP.service */
static bool find_snap(const struct name *unit, struct sp_cgroup *cgroup)
{
	const char *name = unit->text + strlen("snap."), *dot;
	size_t left = unit->length - strlen("snap.");

	if (!begins_with(unit, "snap."))
		return true;
	dot = memchr(name, '.', left);
	if (!dot || dot == name)
		return true;
	strcpy(cgroup->app, "snap:");
	return append_unescaped(cgroup->app, sizeof(cgroup->app), name, (size_t)(dot - name));
}

static size_t digits(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && hex(text[count]) >= 0)
		count++;
	return count;
}

static void find_container(const struct name *name, struct sp_cgroup *cgroup)
{
	static const struct {
		const char *prefix, *engine;
	} engines[] = {
		{ "docker-", "docker" },
		{ "libpod-", "podman" },
		{ "crio-", "crio" },
		{ "cri-containerd-", "containerd" },
	};

	for (size_t i = 0; i < LENGTH(engines); i++) {
		size_t skip = strlen(engines[i].prefix);

		if (begins_with(name, engines[i].prefix) &&
		    digits(name->text + skip, name->length - skip) >= DIGITS_SHOWN)
			snprintf(cgroup->container, sizeof(cgroup->container), "%s %.*s",
				 engines[i].engine, DIGITS_SHOWN, name->text + skip);
	}
}

static bool set_unit(const struct name *unit, struct sp_cgroup *cgroup)
{
	int length = snprintf(cgroup->unit, sizeof(cgroup->unit), "%s%.*s",
			      cgroup->claimed ? "user:" : "", (int)unit->length, unit->text);

	if (length < 0 || (size_t)length >= sizeof(cgroup->unit))
		return false;
	find_container(unit, cgroup);
	return find_flatpak(unit, cgroup) && find_snap(unit, cgroup);
}

bool sp_cgroup_parse(const char *path, struct sp_cgroup *cgroup)
{
	const char *at = path;
	struct name unit;

	memset(cgroup, 0, sizeof(*cgroup));
	if (*path != '/')
		return false;
	if (!find_unit(&at, &unit))
		return true;
	if (is_manager(&unit, &cgroup->user)) {
		struct name inner;

		cgroup->claimed = true;
		if (find_unit(&at, &inner))
			unit = inner;
		else
			cgroup->claimed = false;	/* the manager itself, or beside its units */
	}
	if (set_unit(&unit, cgroup))
		return true;
	memset(cgroup, 0, sizeof(*cgroup));
	return false;
}
