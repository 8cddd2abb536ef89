/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merged.h"

#include <stdio.h>
#include <unistd.h>

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

/* Followed in this order; /sbin may lead through /usr/sbin. */
static const struct {
	const char *link, *target;
} known[] = {
	{ "/bin", "/usr/bin" },
	{ "/sbin", "/usr/sbin" },
	{ "/sbin", "/usr/bin" },
	{ "/lib", "/usr/lib" },
	{ "/lib32", "/usr/lib32" },
	{ "/lib64", "/usr/lib64" },
	{ "/libx32", "/usr/libx32" },
	{ "/usr/sbin", "/usr/bin" },
};

static bool leads_to(const char *root, const char *link, const char *wanted)
{
	char path[4096], text[64], target[128];
	ssize_t length;

	if (snprintf(path, sizeof(path), "%s%s", root, link) >= (int)sizeof(path))
		return false;
	length = readlink(path, text, sizeof(text) - 1);
	if (length <= 0)
		return false;
	text[length] = 0;
	snprintf(target, sizeof(target), "%.*s%s",
		 *text == '/' ? 0 : (int)(strrchr(link, '/') - link + 1), link, text);
	return !strcmp(target, wanted);
}

void sp_merged_read(struct sp_merged *merged, const char *root)
{
	merged->there = 0;
	for (size_t i = 0; i < LENGTH(known); i++)
		if (leads_to(root, known[i].link, known[i].target))
			merged->there |= 1u << i;
}

struct sp_span sp_merged_follow(const struct sp_merged *merged, struct sp_span path, char *buffer,
				size_t size)
{
	for (size_t i = 0; i < LENGTH(known); i++) {
		size_t link = strlen(known[i].link), target = strlen(known[i].target);

		if (!(merged->there & 1u << i) || path.length < link + 2 ||
		    path.text[link] != '/' || memcmp(path.text, known[i].link, link) ||
		    target + path.length - link > size)
			continue;
		/* It may lie in the buffer already. */
		memmove(buffer + target, path.text + link, path.length - link);
		memcpy(buffer, known[i].target, target);
		path = (struct sp_span){ buffer, target + path.length - link };
	}
	return path;
}
