/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Images: executed files.
 *
 * An image is found by what the file was when it was executed: device, inode,
 * generation, change time, path and flags. It is reference-counted; as long as
 * anything refers to it (a process, a socket's owner, a subject, a flow) the
 * same file gets the same number.
 */
#ifndef _SALLYPORT_IMAGE_H
#define _SALLYPORT_IMAGE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include "uapi/sallyport.h"

struct sp_user;

#define SP_IMAGE_SHARES	16	/* users, by their numbers: one does not take the others' places */

struct sp_image {
	struct hlist_node node;
	struct hlist_node by_id;
	refcount_t refs;
	atomic_t pending[SP_IMAGE_SHARES];	/* flows of it that wait, see pending.c */
	struct sallyport_image info;
	struct sp_user *user;	/* charged for it; NULL for the stand-ins */
	struct rcu_head rcu;
	u32 hash;
	u16 path_length;
	char path[];		/* path_length bytes, no NUL */
};

/* Stand-ins for "nobody saw" and "the kernel"; never freed. */
extern struct sp_image *sp_image_unknown;
extern struct sp_image *sp_image_kernel;

static inline struct sp_image *sp_image_get(struct sp_image *image)
{
	refcount_inc(&image->refs);
	return image;
}

void sp_image_put(struct sp_image *image);	/* NULL is fine */

/* With a reference, or NULL. Any context. */
struct sp_image *sp_image_by_id(u64 id);

struct file;
/* Is it the file that was executed, and unchanged since? */
bool sp_image_is_file(const struct sp_image *image, const struct file *file);

u32 sp_image_count(void);
u32 sp_image_max(void);

#endif
