/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A star that is matched with a star of another glob gives the relation of the
 * two: what @a matches is all in @b if @b matches the text of @a, for only a
 * star can have matched a star.
 */
#include <string.h>
#include "glob.h"

bool sp_glob_match(const char *glob, const char *path)
{
	const char *star = NULL, *from = NULL;	/* the last star, and what it ends before */

	for (;;) {
		if (*glob == '*') {
			star = glob++;
			from = path;
		} else if (*glob == *path) {
			if (!*path)
				return true;
			glob++;
			path++;
		} else if (star && *from && *from != '/') {
			glob = star + 1;
			path = ++from;
		} else {
			return false;
		}
	}
}

size_t sp_glob_fixed(const char *glob)
{
	size_t length = strcspn(glob, "*");

	while (length && glob[length - 1] != '/')
		length--;
	return length;
}

unsigned sp_glob_stars(const char *glob)
{
	unsigned stars = 0;

	for (; *glob; glob++)
		stars += *glob == '*';
	return stars;
}

const char *sp_glob_fault(const char *glob)
{
	unsigned stars = sp_glob_stars(glob);

	if (!stars)
		return "a pattern for programs has a '*' in it";
	if (stars > SP_GLOB_STARS_MAX)
		return "a pattern for programs has at most 16 '*'";
	if (strstr(glob, "**"))
		return "a pattern for programs has no two '*' side by side";
	return NULL;
}
