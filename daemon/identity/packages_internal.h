/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What those that read databases into the index of packages share. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "merged.h"
#include "packages.h"
#include "span.h"

struct sp_entry {
	uint64_t sum;		/* of the path */
	uint16_t package;	/* its number in the array */
} __attribute__((packed));

struct sp_package {
	char *name;
	char *stem;		/* of dpkg's files: "libc6:amd64"; NULL: rpm's */
	int64_t number;		/* of the header in rpm's database */
};

struct sp_packages {
	char *root;
	uint64_t key[2];
	struct sp_merged merged;
	struct sp_entry *entries;	/* sorted */
	size_t count;
	GArray *packages;		/* of struct sp_package */
	GArray *reading;		/* of struct sp_entry, until all is read */
};

/* What is added from now on is this package's. False: there are too many. Takes @stem. */
bool sp_packages_begin(struct sp_packages *packages, struct sp_span name, char *stem,
		       int64_t number);
/* @path: where it lies, as sp_merged_follow() says. */
void sp_packages_add(struct sp_packages *packages, struct sp_span path);

/* False: it is there and can't be read; errno. In this order. */
bool sp_packages_read_dpkg(struct sp_packages *packages);
bool sp_packages_read_rpm(struct sp_packages *packages);

bool sp_packages_sum_dpkg(const struct sp_packages *packages, const struct sp_package *package,
			  const char *path, struct sp_file_sum *sum);
bool sp_packages_sum_rpm(const struct sp_packages *packages, const struct sp_package *package,
			 const char *path, struct sp_file_sum *sum);
