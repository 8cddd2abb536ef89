/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as dpkg's files: what comes out lies in what went in, paths are
 * absolute, and no path is a folder of the next.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "dpkg.h"

static const char *text;
static size_t length;

static void must(int holds)
{
	if (!holds)
		abort();
}

static void check(struct sp_span span)
{
	must(span.text >= text && span.text + span.length <= text + length);
}

static void on_path(struct sp_span path, void *arg)
{
	char sum[33];

	check(path);
	must(path.length > 1 && path.text[0] == '/' && !memchr(path.text, '\n', path.length));
	if (sp_dpkg_sum(text, length, path, sum))
		must(strlen(sum) == 32);
}

static void on_diversion(const struct sp_diversion *diversion, void *arg)
{
	check(diversion->from);
	check(diversion->to);
	check(diversion->package);
	must(diversion->from.text[0] == '/' && diversion->to.text[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span package;
	char *copy = malloc(size + 1);

	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	if (sp_dpkg_list_name(copy, &package))
		must(package.text == copy && package.length && package.length < strlen(copy));
	text = realloc(copy, size ? size : 1);	/* nothing behind the last byte */
	length = size;
	sp_dpkg_list(text, length, on_path, NULL);
	sp_dpkg_diversions(text, length, on_diversion, NULL);
	free((char *)text);
	return 0;
}
