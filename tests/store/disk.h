/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process did to the files of one folder, as the kernel was told, and what is
 * left of it on a disk whose power was cut:
 *
 * - what a file was written, and its length, is there for sure once the file is synced;
 *   before that each write is there, or not, or its first sectors are, in any order;
 * - a name that was made, changed or taken away is for sure once the folder is synced;
 *   before that the first few of these are, in their order.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "unit.h"

enum disk_kind {
	DISK_WRITE, DISK_CUT, DISK_SYNC,		/* of a file */
	DISK_CREATE, DISK_RENAME, DISK_UNLINK,	/* of a name */
	DISK_SYNC_FOLDER,
	DISK_SAID,				/* bytes on standard output */
};

#define DISK_NAME 64

struct disk_step {
	enum disk_kind kind;
	unsigned file;			/* number of the file, also if it is created */
	char name[DISK_NAME], to[DISK_NAME];
	uint64_t offset;		/* … or the new length */
	char *bytes;
	size_t size;
};

struct disk_record {
	struct disk_step *steps;
	size_t count, room;
	unsigned files;
};

/*
 * Runs @arguments until it has said @line @times; its end is ours. What it does in
 * @folder that is not understood here fails the test.
 */
void disk_record(struct disk_record *record, const char *folder, char *const arguments[],
		 const char *line, unsigned times);
void disk_record_clear(struct disk_record *record);

struct disk;
struct disk *disk_new(const struct disk_record *record);
void disk_free(struct disk *disk);
void disk_step(struct disk *disk, const struct disk_step *step);
/* Files of @folder, which is empty, as they may be found when the power is back. */
void disk_cut(const struct disk *disk, struct unit_random *random, const char *folder);
