/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg's lists, diversions and sums. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dpkg.h"
#include "packages_internal.h"

#define DATABASE	"/var/lib/dpkg"
#define FILE_MAX	(64u << 20)	/* bytes of one of dpkg's files */

struct diverted {
	char *from, *to, *package;	/* package: ":" for all */
};

struct reading {
	struct sp_packages *packages;
	GArray *diverted;		/* of struct diverted */
	struct sp_span name;		/* of the package */
};

/* A file mapped; empty where it is missing. */
struct mapping {
	const char *text;
	size_t length;
};

static bool map(const char *path, struct mapping *mapping)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat stat;
	void *text;

	mapping->text = "";
	mapping->length = 0;
	if (fd < 0)
		return errno == ENOENT;
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_size > FILE_MAX) {
		close(fd);
		errno = EFBIG;
		return false;
	}
	text = stat.st_size ? mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0) :
			      MAP_FAILED;
	close(fd);
	if (text == MAP_FAILED)
		return !stat.st_size;
	mapping->text = text;
	mapping->length = (size_t)stat.st_size;
	return true;
}

static void unmap(const struct mapping *mapping)
{
	if (mapping->length)
		munmap((void *)(uintptr_t)mapping->text, mapping->length);
}

static const char *file_in(const struct sp_packages *packages, const char *name, char *buffer,
			   size_t size)
{
	int length = snprintf(buffer, size, "%s%s", packages->root, name);

	return length > 0 && (size_t)length < size ? buffer : "";
}

static bool equals(struct sp_span span, const char *text)
{
	return sp_span_is(span, (struct sp_span){ text, strlen(text) });
}

static struct sp_span divert(const struct reading *reading, struct sp_span path)
{
	for (guint i = 0; i < reading->diverted->len; i++) {
		const struct diverted *d = &g_array_index(reading->diverted, struct diverted, i);

		if (equals(path, d->from) && !equals(reading->name, d->package))
			return (struct sp_span){ d->to, strlen(d->to) };
	}
	return path;
}

static void add_path(struct sp_span path, void *arg)
{
	struct reading *reading = arg;
	char buffer[4096];

	path = sp_merged_follow(&reading->packages->merged, path, buffer, sizeof(buffer));
	sp_packages_add(reading->packages, divert(reading, path));
}

static char *copy_followed(const struct sp_packages *packages, struct sp_span path)
{
	char buffer[4096];

	path = sp_merged_follow(&packages->merged, path, buffer, sizeof(buffer));
	return g_strndup(path.text, path.length);
}

static void add_diversion(const struct sp_diversion *diversion, void *arg)
{
	struct reading *reading = arg;
	struct diverted d = {
		copy_followed(reading->packages, diversion->from),
		copy_followed(reading->packages, diversion->to),
		g_strndup(diversion->package.text, diversion->package.length),
	};

	g_array_append_val(reading->diverted, d);
}

static void clear_diverted(void *data)
{
	struct diverted *d = data;

	g_free(d->from);
	g_free(d->to);
	g_free(d->package);
}

static bool read_diversions(struct reading *reading)
{
	struct mapping mapping;
	char path[4096];

	if (!map(file_in(reading->packages, DATABASE "/diversions", path, sizeof(path)),
		 &mapping))
		return false;
	sp_dpkg_diversions(mapping.text, mapping.length, add_diversion, reading);
	unmap(&mapping);
	return true;
}

/* A package of two architectures is noted twice, under one name. */
static bool read_list(struct reading *reading, const char *folder, const char *file)
{
	struct mapping mapping;
	char path[4096];

	if (!sp_dpkg_list_name(file, &reading->name))
		return true;
	if (snprintf(path, sizeof(path), "%s/%s", folder, file) >= (int)sizeof(path) ||
	    !map(path, &mapping))
		return false;
	if (sp_packages_begin(reading->packages, reading->name,
			      g_strndup(file, strlen(file) - strlen(".list")), 0))
		sp_dpkg_list(mapping.text, mapping.length, add_path, reading);
	unmap(&mapping);
	return true;
}

static bool read_lists(struct reading *reading)
{
	char path[4096];
	DIR *folder = opendir(file_in(reading->packages, DATABASE "/info", path, sizeof(path)));
	struct dirent *file;
	bool good = true;

	if (!folder)
		return errno == ENOENT;
	while (good && (file = readdir(folder)))
		good = read_list(reading, path, file->d_name);
	closedir(folder);
	return good;
}

bool sp_packages_read_dpkg(struct sp_packages *packages)
{
	struct reading reading = {
		.packages = packages,
		.diverted = g_array_new(FALSE, FALSE, sizeof(struct diverted)),
	};
	bool good;

	g_array_set_clear_func(reading.diverted, clear_diverted);
	good = read_diversions(&reading) && read_lists(&reading);
	g_array_unref(reading.diverted);
	return good;
}

/* The path as the package may have it: with "/usr", or as before the merge. */
static bool find_sum(const struct sp_packages *packages, const struct mapping *sums,
		     const char *path, char sum[33])
{
	struct sp_span span = { path, strlen(path) };
	char buffer[4096];

	if (sp_dpkg_sum(sums->text, sums->length, span, sum))
		return true;
	if (!strncmp(path, "/usr/", 5)) {
		struct sp_span before = { path + 4, span.length - 4 };
		struct sp_span after = sp_merged_follow(&packages->merged, before, buffer,
							sizeof(buffer));

		return after.text != before.text &&
		       sp_dpkg_sum(sums->text, sums->length, before, sum);
	}
	return false;
}

bool sp_packages_sum_dpkg(const struct sp_packages *packages, const struct sp_package *package,
			  const char *path, struct sp_file_sum *sum)
{
	char name[4096], file[4096], digits[33];
	struct mapping sums;
	bool good;

	if (snprintf(name, sizeof(name), DATABASE "/info/%s.md5sums", package->stem) >=
		    (int)sizeof(name) ||
	    !map(file_in(packages, name, file, sizeof(file)), &sums))
		return false;
	good = find_sum(packages, &sums, path, digits);
	unmap(&sums);
	if (good) {
		sum->type = G_CHECKSUM_MD5;
		memcpy(sum->digits, digits, sizeof(digits));
	}
	return good;
}
