/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 of the file that was executed, piece by piece, so that who reads several files
 * can take them in turns.
 */
#pragma once

#include <stdbool.h>
#include "sallyport.h"

#define SP_HASH_TEXT	65		/* 64 digits and a NUL */
#define SP_HASHED_MAX	(1ll << 30)	/* bytes of a file that is read */
#define SP_HASHED_PIECE	(16ll << 20)	/* … at a time */

struct sp_file_hash;

enum sp_hashed { SP_HASHED_PART, SP_HASHED_WHOLE, SP_HASHED_FAILED };

/*
 * @fd: the file, by O_PATH; it is opened again for reading, which takes the right to. The
 * daemon has it for all but what others keep from root (some FUSE, NFS). NULL: that, or
 * it is not (any more) the file of @image, or larger than may be.
 */
struct sp_file_hash *sp_file_hash_new(int fd, const struct sallyport_image *image);
/* Reads the next piece; FAILED: it was changed meanwhile, too. @hash: of the WHOLE. */
enum sp_hashed sp_file_hash_read(struct sp_file_hash *file, char hash[SP_HASH_TEXT]);
void sp_file_hash_free(struct sp_file_hash *file);	/* NULL is fine */
