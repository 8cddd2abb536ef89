/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of an installed package, as rpm's database keeps it: numbers with their most
 * significant byte first, how many entries and how many bytes of data, the entries (tag,
 * type, offset, count), the data. Pure: bytes in, callbacks out. What makes no sense is
 * passed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "span.h"

/* As rpm numbers them (those of OpenPGP). */
enum sp_rpm_algorithm {
	SP_RPM_MD5 = 1,
	SP_RPM_SHA1 = 2,
	SP_RPM_SHA256 = 8,
	SP_RPM_SHA384 = 9,
	SP_RPM_SHA512 = 10,
};

/* The package's name. False: there is none. */
bool sp_rpm_name(const void *header, size_t length, struct sp_span *name);

struct sp_rpm_file {
	struct sp_span folder, name;	/* "/usr/bin/", "curl" */
	struct sp_span digest;		/* as many hexadecimal digits as it has; or empty */
	enum sp_rpm_algorithm algorithm;	/* of the digest, if there is one */
};

/*
 * Each regular file that was installed: none that the package only lays claim to (ghosts),
 * that another one has replaced, or that was left out. False: no memory, or the list
 * makes no sense; then there was no call.
 */
bool sp_rpm_files(const void *header, size_t length,
		  void (*fn)(const struct sp_rpm_file *file, void *arg), void *arg);
