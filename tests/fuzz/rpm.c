/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a header of rpm's: what comes out lies in what went in, folders are
 * absolute, names have no slash, and a digest has as many digits as its algorithm.
 *
 * The seeds are headers that rpm has written (tests/unit/identity/make_rpms.sh), out of
 * its database: SELECT writefile(hnum, blob) FROM Packages.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "rpm.h"

static const uint8_t *bytes;
static size_t length;

static void must(int holds)
{
	if (!holds)
		abort();
}

static void check(struct sp_span span)
{
	must((const uint8_t *)span.text >= bytes &&
	     (const uint8_t *)span.text + span.length <= bytes + length &&
	     !memchr(span.text, 0, span.length));
}

static size_t digits_of(enum sp_rpm_algorithm algorithm)
{
	switch (algorithm) {
	case SP_RPM_MD5:
		return 32;
	case SP_RPM_SHA1:
		return 40;
	case SP_RPM_SHA256:
		return 64;
	case SP_RPM_SHA384:
		return 96;
	case SP_RPM_SHA512:
		return 128;
	}
	abort();
}

static void on_file(const struct sp_rpm_file *file, void *arg)
{
	int *calls = arg;

	++*calls;
	check(file->folder);
	check(file->name);
	must(file->folder.length && file->folder.text[0] == '/' &&
	     file->folder.text[file->folder.length - 1] == '/');
	must(file->name.length && !memchr(file->name.text, '/', file->name.length));
	if (!file->digest.length)
		return;
	check(file->digest);
	must(file->digest.length == digits_of(file->algorithm));
	must(strspn(file->digest.text, "0123456789abcdef") >= file->digest.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);	/* nothing behind the last byte */
	struct sp_span name;
	int calls = 0;

	if (size)
		memcpy(copy, data, size);
	bytes = copy;
	length = size;
	if (sp_rpm_name(copy, size, &name)) {
		check(name);
		must(name.length > 0);
	}
	must(sp_rpm_files(copy, size, on_file, &calls) || !calls);
	free(copy);
	return 0;
}
