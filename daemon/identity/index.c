/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See index.h. Whoever wants it first reads it, and the others wait for him. The lock is
 * not held meanwhile: who says that it is void waits for nobody.
 */
#include "index.h"

#include <fcntl.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "writers.h"

#define PATHLESS (SALLYPORT_IMAGE_FOREIGN | SALLYPORT_IMAGE_DELETED | SALLYPORT_IMAGE_USERNS | \
		  SALLYPORT_IMAGE_PRIVATE)

#define SUMMED_MAX (32 << 20)	/* bytes: a fraction of a second */

struct sp_index {
	gint references;	/* atomic */
	GMutex lock;
	GCond read;			/* @reading has ended */
	bool reading;
	char *root;
	struct sp_packages *packages;	/* NULL: to be read */
	atomic_uint_fast64_t generation;
};

struct sp_index *sp_index_new(const char *root)
{
	struct sp_index *index = g_new0(struct sp_index, 1);

	index->references = 1;
	g_mutex_init(&index->lock);
	g_cond_init(&index->read);
	index->root = g_strdup(root);
	return index;
}

struct sp_index *sp_index_ref(struct sp_index *index)
{
	g_atomic_int_inc(&index->references);
	return index;
}

void sp_index_unref(struct sp_index *index)
{
	if (!index || !g_atomic_int_dec_and_test(&index->references))
		return;
	sp_packages_free(index->packages);
	g_mutex_clear(&index->lock);
	g_cond_clear(&index->read);
	g_free(index->root);
	g_free(index);
}

uint64_t sp_index_generation(struct sp_index *index)
{
	return atomic_load(&index->generation);
}

void sp_index_void(struct sp_index *index)
{
	g_mutex_lock(&index->lock);
	g_clear_pointer(&index->packages, sp_packages_free);
	atomic_fetch_add(&index->generation, 1);
	g_mutex_unlock(&index->lock);
}

/* With the lock held, but not meanwhile. False: what was read is void already. */
static bool read_packages(struct sp_index *index)
{
	uint64_t generation = sp_index_generation(index);
	struct sp_packages *packages;

	index->reading = true;
	g_mutex_unlock(&index->lock);
	packages = sp_packages_load(index->root);
	g_mutex_lock(&index->lock);
	index->reading = false;
	g_cond_broadcast(&index->read);
	if (generation == sp_index_generation(index)) {
		index->packages = packages;
		return true;
	}
	sp_packages_free(packages);
	return false;
}

/* With the lock held. NULL: they can't be read. */
static const struct sp_packages *packages_of(struct sp_index *index)
{
	while (index->reading)
		g_cond_wait(&index->read, &index->lock);
	while (!index->packages && !read_packages(index))
		;
	return index->packages;
}

void sp_index_read(struct sp_index *index)
{
	g_mutex_lock(&index->lock);
	packages_of(index);
	g_mutex_unlock(&index->lock);
}

static enum sp_found look_up(struct sp_index *index, const char *path, char **name)
{
	enum sp_found found = SP_FOUND_FAILED;

	g_mutex_lock(&index->lock);
	if (packages_of(index)) {
		*name = g_strdup(sp_packages_find(index->packages, path));
		found = *name ? SP_FOUND : SP_FOUND_NONE;
	}
	g_mutex_unlock(&index->lock);
	return found;
}

enum sp_found sp_index_package(struct sp_index *index, const struct sallyport_image *image,
			       const char *path, char **name)
{
	*name = NULL;
	if (image->flags & PATHLESS)
		return SP_FOUND_NONE;
	if (image->flags & SALLYPORT_IMAGE_NOPATH || *path != '/')
		return SP_FOUND_FAILED;
	switch (sp_writers_of_file(path)) {
	case SP_WRITERS_ROOT:
		return look_up(index, path, name);
	case SP_WRITERS_OTHERS:
		return SP_FOUND_NONE;
	case SP_WRITERS_UNKNOWN:
		break;
	}
	/* Not there any more: an upgrade has put it away, perhaps. */
	if (sp_writers_of_folders(path) == SP_WRITERS_ROOT)
		return look_up(index, path, name);
	return SP_FOUND_NONE;
}

/* An open descriptor of the file that was executed, or -1. */
static int open_image(const struct sallyport_image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct stat stat;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size <= SUMMED_MAX &&
	    stat.st_ino == image->ino &&
	    stat.st_ctim.tv_sec * 1000000000 + stat.st_ctim.tv_nsec == image->ctime)
		return fd;
	close(fd);
	return -1;
}

/* NULL: it can't be read. */
static char *sum_up(int fd, GChecksumType type)
{
	g_autoptr(GChecksum) sum = g_checksum_new(type);
	guchar bytes[65536];
	ssize_t length;

	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		g_checksum_update(sum, bytes, length);
	return length ? NULL : g_strdup(g_checksum_get_string(sum));
}

enum sp_package_state sp_index_state(struct sp_index *index,
				     const struct sallyport_image *image, const char *path)
{
	g_autofree char *is = NULL;
	struct sp_file_sum sum;
	bool known;
	int fd;

	g_mutex_lock(&index->lock);
	known = packages_of(index) && sp_packages_sum(index->packages, path, &sum);
	g_mutex_unlock(&index->lock);
	fd = known ? open_image(image, path) : -1;
	if (fd < 0)
		return SP_PACKAGE_UNKNOWN;
	is = sum_up(fd, sum.type);
	close(fd);
	if (!is)
		return SP_PACKAGE_UNKNOWN;
	return strcmp(is, sum.digits) ? SP_PACKAGE_MODIFIED : SP_PACKAGE_UNMODIFIED;
}
