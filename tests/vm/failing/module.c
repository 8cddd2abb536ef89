/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module inserted: it loads, or says why not and leaves nothing. The kernel's loader
 * allocates far more than the module does, and none of that is ours to test: the walk
 * begins shortly before the module's init.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "failing.h"
#include "walk.h"

/* Refused by the module's init, before it allocates anything. */
#define REFUSED_PARAMETERS	"cache_sets=3"
/* After init refused, and by the pages that the kernel's caches want in between. */
#define MARGIN			32

struct image {
	void *data;
	size_t size;
	const char *parameters;
};

static bool is_loaded(void) { return access("/sys/module/sallyport", F_OK) == 0; }

static int insert(void *arg)
{
	struct image *image = arg;

	return syscall(SYS_init_module, image->data, image->size, image->parameters) ?
	       errno : 0;
}

static bool remove_again(int error, void *arg)
{
	if (error && is_loaded()) {
		puts("module: it is there although it could not be inserted");
		return false;
	}
	if (!error && syscall(SYS_delete_module, "sallyport", O_NONBLOCK)) {
		printf("module: it can't be removed: %s\n", strerrorname_np(errno));
		return false;
	}
	return true;
}

/* In our memory, so that no file system gets to fail. */
static void read_image(const char *path, struct image *image)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		err(1, "%s", path);
	image->size = (size_t)status.st_size;
	image->data = mmap(NULL, image->size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image->data == MAP_FAILED ||
	    read(fd, image->data, image->size) != status.st_size)
		err(1, "%s", path);
	close(fd);
}

/*
 * The allocations of an insertion that init refuses, which are the loader's but for a few:
 * the second time, when the kernel's caches have their pages. 0: it was not refused.
 */
static unsigned int before_init(const struct walk *insertion)
{
	unsigned int n = 0, i;
	int error;

	for (i = 0; i < 2; i++) {
		n = walk_count(insertion, &error);
		if (!insertion->check(error, insertion->arg) || error != EINVAL)
			return 0;
	}
	return n;
}

bool failing_module(const char *path, const char *parameters, unsigned int first)
{
	struct image image = { .parameters = REFUSED_PARAMETERS };
	struct walk steps = {
		.what = "module", .run = insert, .check = remove_again, .arg = &image,
	};
	unsigned int loader;

	read_image(path, &image);
	loader = before_init(&steps);
	if (loader <= MARGIN) {
		puts("module: where its init begins was not found");
		return false;
	}
	image.parameters = parameters;
	steps.passed_over = first ? first - 1 : loader - MARGIN;
	return walk(&steps);
}
