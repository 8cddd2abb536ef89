/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index: keyed 64-bit sums of paths, sorted, and beside each the number of its
 * package. Two paths with the same sum would be taken for each other; whoever
 * could look for such a pair would have to be root, and know the key.
 *
 * Paths are noted as they lie on the disk: behind /bin -> usr/bin and the like, and
 * where diversions put them.
 */
#include "packages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dpkg.h"

#define DATABASE	"/var/lib/dpkg"
#define FILE_MAX	(64u << 20)	/* bytes of one of dpkg's files */
#define PATHS_MAX	(4u << 20)
#define PACKAGES_MAX	UINT16_MAX
#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

struct entry {
	uint64_t sum;
	uint16_t package;
} __attribute__((packed));

/* What the links in the root make of a path: "/bin/" is "/usr/bin/". */
static const char *const merged[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };

struct diverted {
	char *from, *to, *package;	/* package: ":" for all */
};

struct sp_packages {
	char *root;
	uint64_t key[2];
	unsigned merged;		/* bits: indices in merged[] */
	struct entry *entries;		/* sorted */
	size_t count;
	GPtrArray *names, *stems;	/* "libc6", "libc6:amd64"; by number */
	GArray *diverted;		/* of struct diverted */
};

/* While the lists are read. */
struct reading {
	struct sp_packages *packages;
	GArray *entries;
	const char *name;		/* of the package */
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

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

static uint64_t sum_of(const struct sp_packages *packages, const char *text, size_t length)
{
	uint64_t sum = packages->key[0] ^ length, word;

	for (; length >= 8; text += 8, length -= 8) {
		memcpy(&word, text, 8);
		sum = mix(sum, word);
	}
	word = 0;
	memcpy(&word, text, length);
	return mix(mix(sum, word), packages->key[1]);
}

static const char *file_in(const struct sp_packages *packages, const char *name, char *buffer,
			   size_t size)
{
	int length = snprintf(buffer, size, "%s%s", packages->root, name);

	return length > 0 && (size_t)length < size ? buffer : "";
}

/* "/bin" is a link to "usr/bin". */
static void note_merged(struct sp_packages *packages)
{
	char link[32], path[4096], target[32], want[32];

	for (size_t i = 0; i < LENGTH(merged); i++) {
		ssize_t length;

		snprintf(link, sizeof(link), "/%s", merged[i]);
		snprintf(want, sizeof(want), "usr/%s", merged[i]);
		length = readlink(file_in(packages, link, path, sizeof(path)), target,
				  sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = 0;
		if (!strcmp(*target == '/' ? target + 1 : target, want))
			packages->merged |= 1u << i;
	}
}

/* Where the path really lies; @buffer may be used for it. */
static struct sp_span unmerge(const struct sp_packages *packages, struct sp_span path,
			      char *buffer, size_t size)
{
	for (size_t i = 0; i < LENGTH(merged); i++) {
		size_t length = strlen(merged[i]);

		if (!(packages->merged & 1u << i) || path.length < length + 2 ||
		    path.text[length + 1] != '/' || memcmp(path.text + 1, merged[i], length) ||
		    path.length + 4 > size)
			continue;
		memcpy(buffer, "/usr", 4);
		memcpy(buffer + 4, path.text, path.length);
		return (struct sp_span){ buffer, path.length + 4 };
	}
	return path;
}

static bool equals(struct sp_span span, const char *text)
{
	return strlen(text) == span.length && !memcmp(span.text, text, span.length);
}

static struct sp_span divert(const struct sp_packages *packages, struct sp_span path,
			     const char *package)
{
	for (guint i = 0; i < packages->diverted->len; i++) {
		const struct diverted *d = &g_array_index(packages->diverted, struct diverted, i);

		if (equals(path, d->from) && strcmp(d->package, package))
			return (struct sp_span){ d->to, strlen(d->to) };
	}
	return path;
}

static void add_path(struct sp_span path, void *arg)
{
	struct reading *reading = arg;
	struct sp_packages *packages = reading->packages;
	char buffer[4096];
	struct entry entry;

	if (reading->entries->len == PATHS_MAX)
		return;
	path = divert(packages, unmerge(packages, path, buffer, sizeof(buffer)), reading->name);
	entry.sum = sum_of(packages, path.text, path.length);
	entry.package = (uint16_t)(packages->names->len - 1);
	g_array_append_val(reading->entries, entry);
}

static char *copy_unmerged(const struct sp_packages *packages, struct sp_span path)
{
	char buffer[4096];

	path = unmerge(packages, path, buffer, sizeof(buffer));
	return g_strndup(path.text, path.length);
}

static void add_diversion(const struct sp_diversion *diversion, void *arg)
{
	struct sp_packages *packages = arg;
	struct diverted d = {
		copy_unmerged(packages, diversion->from),
		copy_unmerged(packages, diversion->to),
		g_strndup(diversion->package.text, diversion->package.length),
	};

	g_array_append_val(packages->diverted, d);
}

static bool read_diversions(struct sp_packages *packages)
{
	struct mapping mapping;
	char path[4096];

	if (!map(file_in(packages, DATABASE "/diversions", path, sizeof(path)), &mapping))
		return false;
	sp_dpkg_diversions(mapping.text, mapping.length, add_diversion, packages);
	unmap(&mapping);
	return true;
}

/* A package of two architectures is noted twice, under one name. */
static bool read_list(struct reading *reading, const char *folder, const char *file)
{
	struct sp_packages *packages = reading->packages;
	struct mapping mapping;
	struct sp_span name;
	char path[4096];

	if (!sp_dpkg_list_name(file, &name) || packages->names->len == PACKAGES_MAX)
		return true;
	if (snprintf(path, sizeof(path), "%s/%s", folder, file) >= (int)sizeof(path) ||
	    !map(path, &mapping))
		return false;
	reading->name = g_strndup(name.text, name.length);
	g_ptr_array_add(packages->names, (char *)reading->name);
	g_ptr_array_add(packages->stems, g_strndup(file, strlen(file) - strlen(".list")));
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

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->sum > y->sum) - (x->sum < y->sum);
}

static void clear_diverted(void *data)
{
	struct diverted *d = data;

	g_free(d->from);
	g_free(d->to);
	g_free(d->package);
}

static struct sp_packages *new(const char *root)
{
	struct sp_packages *packages = g_new0(struct sp_packages, 1);

	packages->root = g_strdup(root);
	packages->names = g_ptr_array_new_with_free_func(g_free);
	packages->stems = g_ptr_array_new_with_free_func(g_free);
	packages->diverted = g_array_new(FALSE, FALSE, sizeof(struct diverted));
	g_array_set_clear_func(packages->diverted, clear_diverted);
	if (getrandom(packages->key, sizeof(packages->key), 0) != sizeof(packages->key))
		packages->key[0] = (uintptr_t)packages;
	return packages;
}

/* No longer than it must be: it stays in memory. */
static void keep(struct sp_packages *packages, GArray *entries)
{
	g_array_sort(entries, compare);
	packages->count = entries->len;
	packages->entries = g_memdup2(entries->data, entries->len * sizeof(struct entry));
}

struct sp_packages *sp_packages_load(const char *root)
{
	struct sp_packages *packages = new(root);
	struct reading reading = { packages, NULL, NULL };
	bool good;
	int error;

	note_merged(packages);
	reading.entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	good = read_diversions(packages) && read_lists(&reading);
	error = errno;
	if (good)
		keep(packages, reading.entries);
	g_array_unref(reading.entries);
	if (good)
		return packages;
	sp_packages_free(packages);
	errno = error;
	return NULL;
}

void sp_packages_free(struct sp_packages *packages)
{
	if (!packages)
		return;
	g_free(packages->entries);
	g_array_unref(packages->diverted);
	g_ptr_array_unref(packages->names);
	g_ptr_array_unref(packages->stems);
	g_free(packages->root);
	g_free(packages);
}

size_t sp_packages_count(const struct sp_packages *packages)
{
	return packages->count;
}

static const struct entry *find(const struct sp_packages *packages, const char *path)
{
	char buffer[4096];
	struct sp_span span = { path, strlen(path) };
	struct entry wanted;

	if (!packages->count)
		return NULL;
	span = unmerge(packages, span, buffer, sizeof(buffer));
	wanted.sum = sum_of(packages, span.text, span.length);
	return bsearch(&wanted, packages->entries, packages->count, sizeof(wanted), compare);
}

const char *sp_packages_find(const struct sp_packages *packages, const char *path)
{
	const struct entry *found = find(packages, path);

	return found ? g_ptr_array_index(packages->names, found->package) : NULL;
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
		struct sp_span after = unmerge(packages, before, buffer, sizeof(buffer));

		return after.text != before.text &&
		       sp_dpkg_sum(sums->text, sums->length, before, sum);
	}
	return false;
}

bool sp_packages_sum(const struct sp_packages *packages, const char *path, char sum[33])
{
	const struct entry *found = find(packages, path);
	char name[4096], file[4096];
	struct mapping sums;
	bool good;

	if (!found ||
	    snprintf(name, sizeof(name), DATABASE "/info/%s.md5sums",
		     (const char *)g_ptr_array_index(packages->stems, found->package)) >=
		    (int)sizeof(name) ||
	    !map(file_in(packages, name, file, sizeof(file)), &sums))
		return false;
	good = find_sum(packages, &sums, path, sum);
	unmap(&sums);
	return good;
}
