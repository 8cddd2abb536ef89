/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of the file that was executed. */
#pragma once

#include <stdbool.h>
#include "sallyport.h"

#define SP_HASH_TEXT	65		/* 64 digits and a NUL */
#define SP_HASHED_MAX	(1ll << 30)	/* bytes of a file that is read */

/*
 * @fd: the file, by O_PATH; it is opened again for reading, which takes the right to:
 * a file that is not everybody's to read has no sum. False: that, or it is not (any
 * more) the file of @image, or larger than may be.
 */
bool sp_file_hash(int fd, const struct sallyport_image *image, char hash[SP_HASH_TEXT]);
