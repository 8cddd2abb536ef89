/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in a file of a file system in memory (/run), for the next daemon: a program
 * goes on with addresses that it looked up long before, and a rule that denies a name
 * must hold for them.
 *
 * The file has a place for each entry of the table. A record is inside of one page and
 * written by one call, so that a daemon that is killed leaves it whole or as it was. A
 * file that another instance of the module, another format or other sizes wrote holds
 * nothing for us: numbers of images are the module's. Once something could not be written
 * the file says for ever that it does not have all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dns.h"

#define SP_KEPT_MAX	16384	/* places */
#define SP_KEPT_NONE	UINT16_MAX

struct sp_kept_name {
	uint64_t order;		/* greater than of what was written before; 0: a free place */
	uint64_t expires;	/* boottime ns */
	uint64_t image;
	uint32_t uid;
	uint8_t sure, alias;	/* 0 or 1 */
	uint8_t way;		/* enum sp_name_way */
	uint8_t address[16];
	char name[SP_DNS_NAME];
};

struct sp_kept {
	int fd;			/* -1: nothing is kept, and all below is unused */
	uint64_t order;
	size_t free_count;
	uint16_t free[SP_KEPT_MAX];
};

/* False: it could not be taken. */
typedef bool (*sp_kept_fn)(const struct sp_kept_name *name, uint16_t place, void *arg);

void sp_kept_init(struct sp_kept *kept);
/*
 * Takes over what @path has for @instance (of the module; 0: nothing can be) and hands
 * each record to @found, the one that was written first before the others. *@all: those
 * are all that there were. Errno; then nothing is kept.
 */
int sp_kept_open(struct sp_kept *kept, const char *path, uint64_t instance, sp_kept_fn found,
		 void *arg, bool *all);
/* The file stays. */
void sp_kept_close(struct sp_kept *kept);

/* Its place; SP_KEPT_NONE: it is not kept. Sets the order. */
uint16_t sp_kept_add(struct sp_kept *kept, struct sp_kept_name *name);
/* SP_KEPT_NONE is fine for both. What can't be written anew is kept no more. */
uint16_t sp_kept_renew(struct sp_kept *kept, uint16_t place, struct sp_kept_name *name);
void sp_kept_remove(struct sp_kept *kept, uint16_t place);
