/* SPDX-License-Identifier: GPL-2.0 */
/* How images come into being; see image.h for what they are. */
#ifndef _SALLYPORT_IMAGE_CAPTURE_H
#define _SALLYPORT_IMAGE_CAPTURE_H

#include <linux/uidgid.h>

#include "image.h"

struct file;
struct task_struct;

/* At most @max images, a user's a quarter of them; root's are not limited further. -ENOMEM */
int sp_image_init(u32 max);
void sp_image_exit(void);	/* after all references went and rcu_barrier() */

/*
 * The image of @file, executed by @task (current, or locked with task_lock()),
 * with a reference; NULL if there is no room or memory. @flags are added.
 * Process context, may be atomic.
 */
struct sp_image *sp_image_capture(struct task_struct *task, struct file *file,
				  u32 flags);

/* As the initial user namespace has it, which is the kernel's own number. */
static inline u32 sp_uid(kuid_t uid)
{
	return __kuid_val(uid);
}

/*
 * Who is charged for what @task takes up in the tables: its user, however many uids
 * it has in user namespaces of its own.
 */
u32 sp_charged_uid(struct task_struct *task);

/*
 * The image that an execution of @file would have now, if there is one: with a
 * reference, or ERR_PTR(-ENOENT), -ENOMEM. Process context.
 */
struct sp_image *sp_image_of_file(struct file *file);

#endif
