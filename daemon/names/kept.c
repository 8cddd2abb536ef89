/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See kept.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kept.h"
#include "names.h"

#define PLACE	512	/* bytes; a page has a whole number of them */

struct header {
	char magic[16];
	uint64_t instance;
	uint32_t place, record, places;
	uint32_t gaps;		/* 1: something could not be kept */
};

struct found {
	struct sp_kept_name name;
	uint16_t place;
};

_Static_assert(sizeof(struct sp_kept_name) <= PLACE, "a record has room in its place");
_Static_assert(sizeof(struct header) <= PLACE, "and the header");
_Static_assert(SP_KEPT_MAX < SP_KEPT_NONE, "each place has a number");

/* The first place is the header's. */
static off_t offset_of(uint16_t place)
{
	return ((off_t)place + 1) * PLACE;
}

static struct header header_for(uint64_t instance)
{
	return (struct header){
		.magic = "sallyport name2",
		.instance = instance,
		.place = PLACE,
		.record = sizeof(struct sp_kept_name),
		.places = SP_KEPT_MAX,
	};
}

static bool put(int fd, const void *data, size_t length, off_t offset)
{
	return pwrite(fd, data, length, offset) == (ssize_t)length;
}

void sp_kept_init(struct sp_kept *kept)
{
	memset(kept, 0, sizeof(*kept));
	kept->fd = -1;
}

void sp_kept_close(struct sp_kept *kept)
{
	if (kept->fd >= 0)
		close(kept->fd);
	sp_kept_init(kept);
}

/* As the names that DNS teaches are: dns.h. */
static bool is_whole(const struct sp_kept_name *name)
{
	return name->order && name->name[0] && name->sure <= 1 && name->alias <= 1 &&
	       name->way < SP_NAME_WAYS &&
	       memchr(name->name, 0, sizeof(name->name));
}

static bool is_ours(int fd, uint64_t instance, bool *all)
{
	const struct header wanted = header_for(instance);
	struct header header;
	uint32_t gaps;

	if (!instance || pread(fd, &header, sizeof(header), 0) != sizeof(header))
		return false;
	gaps = header.gaps;
	header.gaps = 0;
	if (memcmp(&header, &wanted, sizeof(header)))
		return false;
	*all = !gaps;
	return true;
}

/* The header is there, so this needs no room. */
static void note_gap(const struct sp_kept *kept)
{
	const uint32_t gaps = 1;

	put(kept->fd, &gaps, sizeof(gaps), offsetof(struct header, gaps));
}

static int by_order(const void *a, const void *b)
{
	const struct found *left = a, *right = b;

	return (left->name.order > right->name.order) - (left->name.order < right->name.order);
}

/* Fills @list; the other places are free. */
static size_t read_places(struct sp_kept *kept, struct found *list)
{
	size_t count = 0;
	uint16_t place;

	for (place = SP_KEPT_MAX; place-- > 0;) {
		struct sp_kept_name *name = &list[count].name;

		list[count].place = place;
		if (pread(kept->fd, name, sizeof(*name), offset_of(place)) == sizeof(*name) &&
		    is_whole(name))
			count++;
		else
			kept->free[kept->free_count++] = place;
	}
	return count;
}

static int take_over(struct sp_kept *kept, sp_kept_fn found, void *arg, bool *all)
{
	struct found *list = calloc(SP_KEPT_MAX, sizeof(*list));
	size_t count, i;

	if (!list) {
		*all = false;
		return ENOMEM;
	}
	count = read_places(kept, list);
	qsort(list, count, sizeof(*list), by_order);
	for (i = 0; i < count; i++) {
		kept->order = list[i].name.order;
		*all &= found(&list[i].name, list[i].place, arg);
	}
	free(list);
	return 0;
}

static int begin_anew(struct sp_kept *kept, uint64_t instance)
{
	const struct header header = header_for(instance);
	uint16_t place;

	if (ftruncate(kept->fd, 0))
		return errno;
	if (!put(kept->fd, &header, sizeof(header), 0))
		return ENOSPC;
	for (place = SP_KEPT_MAX; place-- > 0;)
		kept->free[kept->free_count++] = place;
	return 0;
}

int sp_kept_open(struct sp_kept *kept, const char *path, uint64_t instance, sp_kept_fn found,
		 void *arg, bool *all)
{
	int error;

	*all = false;
	sp_kept_init(kept);
	kept->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (kept->fd < 0)
		return errno;
	if (is_ours(kept->fd, instance, all))
		error = take_over(kept, found, arg, all);
	else
		error = begin_anew(kept, instance);
	if (error)
		sp_kept_close(kept);
	return error;
}

static bool write_record(struct sp_kept *kept, uint16_t place, struct sp_kept_name *name)
{
	name->order = ++kept->order;
	return put(kept->fd, name, sizeof(*name), offset_of(place));
}

uint16_t sp_kept_add(struct sp_kept *kept, struct sp_kept_name *name)
{
	uint16_t place;

	if (kept->fd < 0)
		return SP_KEPT_NONE;
	place = kept->free_count ? kept->free[kept->free_count - 1] : SP_KEPT_NONE;
	if (place == SP_KEPT_NONE || !write_record(kept, place, name)) {
		note_gap(kept);
		return SP_KEPT_NONE;
	}
	kept->free_count--;
	return place;
}

uint16_t sp_kept_renew(struct sp_kept *kept, uint16_t place, struct sp_kept_name *name)
{
	if (place == SP_KEPT_NONE)
		return sp_kept_add(kept, name);
	if (write_record(kept, place, name))
		return place;
	note_gap(kept);
	sp_kept_remove(kept, place);
	return SP_KEPT_NONE;
}

/* A place that can't be written any more is not used again. */
void sp_kept_remove(struct sp_kept *kept, uint16_t place)
{
	const off_t order = offsetof(struct sp_kept_name, order);
	const uint64_t is_free = 0;

	if (kept->fd < 0 || place == SP_KEPT_NONE)
		return;
	if (put(kept->fd, &is_free, sizeof(is_free), offset_of(place) + order))
		kept->free[kept->free_count++] = place;
}
