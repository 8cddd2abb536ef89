/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index: keyed 64-bit sums of paths, sorted, and beside each the number of its
 * package. Two paths with the same sum would be taken for each other; whoever
 * could look for such a pair would have to be root, and know the key.
 *
 * Paths are noted as they lie on the disk: behind /bin -> usr/bin and the like, and
 * where diversions put them. Where dpkg and rpm both have one, dpkg's word counts: a
 * machine with both is Debian's, and what it has of rpm is for other machines' packages.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "packages_internal.h"

#define PATHS_MAX	(4u << 20)
#define PACKAGES_MAX	UINT16_MAX

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

bool sp_packages_begin(struct sp_packages *packages, struct sp_span name, char *stem,
		       int64_t number)
{
	struct sp_package package = { NULL, stem, number };

	if (packages->packages->len == PACKAGES_MAX) {
		g_free(stem);
		return false;
	}
	package.name = g_strndup(name.text, name.length);
	g_array_append_val(packages->packages, package);
	return true;
}

void sp_packages_add(struct sp_packages *packages, struct sp_span path)
{
	struct sp_entry entry = {
		.sum = sum_of(packages, path.text, path.length),
		.package = (uint16_t)(packages->packages->len - 1),
	};

	if (packages->reading->len < PATHS_MAX)
		g_array_append_val(packages->reading, entry);
}

static int compare_sums(const void *a, const void *b)
{
	const struct sp_entry *x = a, *y = b;

	return (x->sum > y->sum) - (x->sum < y->sum);
}

static int compare(const void *a, const void *b)
{
	const struct sp_entry *x = a, *y = b;

	return x->sum == y->sum ? x->package - y->package : compare_sums(x, y);
}

/* Of a path that several packages have, the first that was read. */
static guint leave_first(struct sp_entry *entries, guint count)
{
	guint left = 0;

	for (guint i = 0; i < count; i++)
		if (!left || entries[i].sum != entries[left - 1].sum)
			entries[left++] = entries[i];
	return left;
}

/* No longer than it must be: it stays in memory. */
static void keep(struct sp_packages *packages)
{
	GArray *entries = packages->reading;

	g_array_sort(entries, compare);
	packages->count = leave_first((struct sp_entry *)(void *)entries->data, entries->len);
	packages->entries = g_memdup2(entries->data, packages->count * sizeof(struct sp_entry));
}

static void clear_package(void *data)
{
	struct sp_package *package = data;

	g_free(package->name);
	g_free(package->stem);
}

static struct sp_packages *new(const char *root)
{
	struct sp_packages *packages = g_new0(struct sp_packages, 1);

	packages->root = g_strdup(root);
	sp_merged_read(&packages->merged, root);
	packages->packages = g_array_new(FALSE, FALSE, sizeof(struct sp_package));
	g_array_set_clear_func(packages->packages, clear_package);
	packages->reading = g_array_new(FALSE, FALSE, sizeof(struct sp_entry));
	if (getrandom(packages->key, sizeof(packages->key), 0) != sizeof(packages->key))
		packages->key[0] = (uintptr_t)packages;
	return packages;
}

struct sp_packages *sp_packages_load(const char *root)
{
	struct sp_packages *packages = new(root);
	bool good = sp_packages_read_dpkg(packages) && sp_packages_read_rpm(packages);
	int error = errno;

	if (good)
		keep(packages);
	g_clear_pointer(&packages->reading, g_array_unref);
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
	g_array_unref(packages->packages);
	g_free(packages->root);
	g_free(packages);
}

size_t sp_packages_count(const struct sp_packages *packages)
{
	return packages->count;
}

static const struct sp_package *find(const struct sp_packages *packages, const char *path)
{
	char buffer[4096];
	struct sp_span span = { path, strlen(path) };
	const struct sp_entry *found;
	struct sp_entry wanted;

	if (!packages->count)
		return NULL;
	span = sp_merged_follow(&packages->merged, span, buffer, sizeof(buffer));
	wanted.sum = sum_of(packages, span.text, span.length);
	found = bsearch(&wanted, packages->entries, packages->count, sizeof(wanted),
			compare_sums);
	return found ? &g_array_index(packages->packages, struct sp_package, found->package) :
		       NULL;
}

const char *sp_packages_find(const struct sp_packages *packages, const char *path)
{
	const struct sp_package *found = find(packages, path);

	return found ? found->name : NULL;
}

bool sp_packages_sum(const struct sp_packages *packages, const char *path,
		     struct sp_file_sum *sum)
{
	const struct sp_package *found = find(packages, path);

	if (!found)
		return false;
	return found->stem ? sp_packages_sum_dpkg(packages, found, path, sum) :
			     sp_packages_sum_rpm(packages, found, path, sum);
}
