/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See disk.h: the disk. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "disk.h"

#define SECTOR 512
#define NAMES 16

struct list {
	const struct disk_step **steps;
	size_t count;
};

struct bytes {
	uint8_t *data;
	size_t size;
};

struct file {
	struct bytes durable;
	struct list pending;
};

struct names {
	struct { char name[DISK_NAME]; unsigned file; } entry[NAMES];
	size_t count;
};

struct disk {
	struct file *files;
	unsigned count;
	struct names durable;
	struct list pending;	/* of names */
};

static void push(struct list *list, const struct disk_step *step)
{
	list->steps = realloc(list->steps, (list->count + 1) * sizeof(*list->steps));
	ck_assert_ptr_nonnull(list->steps);
	list->steps[list->count++] = step;
}

static void resize(struct bytes *bytes, size_t size)
{
	bytes->data = realloc(bytes->data, size + 1);
	ck_assert_ptr_nonnull(bytes->data);
	if (size > bytes->size)
		memset(bytes->data + bytes->size, 0, size - bytes->size);
	bytes->size = size;
}

/* @size: how much of it comes that far. */
static void apply(struct bytes *bytes, const struct disk_step *step, size_t size)
{
	if (step->kind == DISK_CUT) {
		resize(bytes, step->offset);
		return;
	}
	if (step->offset + size > bytes->size)
		resize(bytes, step->offset + size);
	memcpy(bytes->data + step->offset, step->bytes, size);
}

static size_t find(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->entry[i].name, name))
			return i;
	return names->count;
}

static void set_name(struct names *names, const char *name, unsigned file)
{
	size_t at = find(names, name);

	ck_assert_uint_lt(at, NAMES);
	if (at == names->count)
		names->count++;
	strcpy(names->entry[at].name, name);
	names->entry[at].file = file;
}

static void drop_name(struct names *names, const char *name)
{
	size_t at = find(names, name);

	if (at < names->count)
		names->entry[at] = names->entry[--names->count];
}

static void apply_name(struct names *names, const struct disk_step *step)
{
	unsigned file;

	switch (step->kind) {
	case DISK_CREATE:
		set_name(names, step->name, step->file);
		return;
	case DISK_RENAME:
		ck_assert_uint_lt(find(names, step->name), names->count);
		file = names->entry[find(names, step->name)].file;
		drop_name(names, step->name);
		set_name(names, step->to, file);
		return;
	case DISK_UNLINK:
		drop_name(names, step->name);
		return;
	default:
		ck_abort();
	}
}

struct disk *disk_new(const struct disk_record *record)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	disk->count = record->files;
	disk->files = calloc(disk->count + 1, sizeof(*disk->files));
	return disk;
}

void disk_free(struct disk *disk)
{
	for (unsigned i = 0; i < disk->count; i++) {
		free(disk->files[i].durable.data);
		free(disk->files[i].pending.steps);
	}
	free(disk->files);
	free(disk->pending.steps);
	free(disk);
}

static void sync_file(struct file *file)
{
	for (size_t i = 0; i < file->pending.count; i++)
		apply(&file->durable, file->pending.steps[i], file->pending.steps[i]->size);
	file->pending.count = 0;
}

static void sync_names(struct disk *disk)
{
	for (size_t i = 0; i < disk->pending.count; i++)
		apply_name(&disk->durable, disk->pending.steps[i]);
	disk->pending.count = 0;
}

void disk_step(struct disk *disk, const struct disk_step *step)
{
	switch (step->kind) {
	case DISK_WRITE:
	case DISK_CUT:
		push(&disk->files[step->file].pending, step);
		return;
	case DISK_SYNC:
		sync_file(&disk->files[step->file]);
		return;
	case DISK_CREATE:
	case DISK_RENAME:
	case DISK_UNLINK:
		push(&disk->pending, step);
		return;
	case DISK_SYNC_FOLDER:
		sync_names(disk);
		return;
	case DISK_SAID:
		return;
	}
	ck_abort();
}

/* All of it, nothing, or some sectors. */
static size_t how_much(const struct disk_step *step, struct unit_random *random)
{
	size_t sectors = (step->size + SECTOR - 1) / SECTOR, some;

	switch (unit_below(random, 3)) {
	case 0:
		return step->size;
	case 1:
		return 0;
	default:
		some = unit_below(random, (uint32_t)sectors + 1) * SECTOR;
		return some < step->size ? some : step->size;
	}
}

/* The last of them first, now and then: a disk writes in its own order. */
static struct bytes left_of(const struct file *file, struct unit_random *random)
{
	struct bytes bytes = { 0 };

	resize(&bytes, file->durable.size);
	memcpy(bytes.data, file->durable.data ? file->durable.data : bytes.data, bytes.size);
	for (size_t i = 0; i < file->pending.count; i++) {
		const struct disk_step *step = file->pending.steps[i];
		size_t size = how_much(step, random);

		if (step->kind == DISK_CUT ? unit_below(random, 2) : size)
			apply(&bytes, step, size);
	}
	return bytes;
}

static void put(const char *folder, const char *name, const struct bytes *bytes)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes->data, bytes->size), (ssize_t)bytes->size);
	close(fd);
}

void disk_cut(const struct disk *disk, struct unit_random *random, const char *folder)
{
	size_t known = unit_below(random, (uint32_t)disk->pending.count + 1);
	struct names names = disk->durable;

	for (size_t i = 0; i < known; i++)
		apply_name(&names, disk->pending.steps[i]);
	for (size_t i = 0; i < names.count; i++) {
		struct bytes bytes = left_of(&disk->files[names.entry[i].file], random);

		put(folder, names.entry[i].name, &bytes);
		free(bytes.data);
	}
}
