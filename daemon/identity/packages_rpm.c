/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rpm's database in the index. */
#include <errno.h>
#include "packages_internal.h"
#include "rpm.h"
#include "rpmdb.h"

/* Where the file lies. False: its path is too long. */
static bool path_of(const struct sp_packages *packages, const struct sp_rpm_file *file,
		    char buffer[4096], struct sp_span *path)
{
	size_t folder = file->folder.length, name = file->name.length;

	if (folder + name > 4096)
		return false;
	memcpy(buffer, file->folder.text, folder);
	memcpy(buffer + folder, file->name.text, name);
	*path = sp_merged_follow(&packages->merged, (struct sp_span){ buffer, folder + name },
				 buffer, 4096);
	return true;
}

static void add_file(const struct sp_rpm_file *file, void *arg)
{
	struct sp_packages *packages = arg;
	struct sp_span path;
	char buffer[4096];

	if (path_of(packages, file, buffer, &path))
		sp_packages_add(packages, path);
}

/* Keys of signers are kept as packages without files. */
static bool add_package(int64_t number, const void *header, size_t length, void *arg)
{
	struct sp_packages *packages = arg;
	struct sp_span name;

	if (sp_rpm_name(header, length, &name) &&
	    sp_packages_begin(packages, name, NULL, number))
		sp_rpm_files(header, length, add_file, packages);
	return true;
}

bool sp_packages_read_rpm(struct sp_packages *packages)
{
	bool alone = !packages->reading->len;

	switch (sp_rpmdb_read(packages->root, add_package, packages)) {
	case SP_RPMDB_NONE:
	case SP_RPMDB_READ:
		return true;
	case SP_RPMDB_FOREIGN:
		/* Beside dpkg it is a rest of another time. */
		errno = ENOTSUP;
		return !alone;
	case SP_RPMDB_FAILED:
		break;
	}
	return false;
}

/* One file's sum, looked for in its package's header. */
struct wanted {
	const struct sp_packages *packages;
	struct sp_span path;		/* where it lies */
	struct sp_file_sum *sum;
	bool found;
};

static bool type_of(enum sp_rpm_algorithm algorithm, GChecksumType *type)
{
	switch (algorithm) {
	case SP_RPM_MD5:
		*type = G_CHECKSUM_MD5;
		return true;
	case SP_RPM_SHA1:
		*type = G_CHECKSUM_SHA1;
		return true;
	case SP_RPM_SHA256:
		*type = G_CHECKSUM_SHA256;
		return true;
	case SP_RPM_SHA384:
		*type = G_CHECKSUM_SHA384;
		return true;
	case SP_RPM_SHA512:
		*type = G_CHECKSUM_SHA512;
		return true;
	}
	return false;
}

static void compare_file(const struct sp_rpm_file *file, void *arg)
{
	struct wanted *wanted = arg;
	struct sp_file_sum *sum = wanted->sum;
	struct sp_span path;
	char buffer[4096];

	if (wanted->found || !file->digest.length ||
	    file->digest.length >= sizeof(sum->digits) ||
	    !path_of(wanted->packages, file, buffer, &path) ||
	    !sp_span_is(path, wanted->path) || !type_of(file->algorithm, &sum->type))
		return;
	memcpy(sum->digits, file->digest.text, file->digest.length);
	sum->digits[file->digest.length] = 0;
	wanted->found = true;
}

static bool look_for_file(int64_t number, const void *header, size_t length, void *arg)
{
	sp_rpm_files(header, length, compare_file, arg);
	return false;
}

bool sp_packages_sum_rpm(const struct sp_packages *packages, const struct sp_package *package,
			 const char *path, struct sp_file_sum *sum)
{
	struct wanted wanted = { packages, { path, strlen(path) }, sum, false };
	char buffer[4096];

	wanted.path = sp_merged_follow(&packages->merged, wanted.path, buffer, sizeof(buffer));
	return sp_rpmdb_read_one(packages->root, package->number, look_for_file, &wanted) ==
		       SP_RPMDB_READ &&
	       wanted.found;
}
