/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lives: what a process is from one execution, fork or first tracer to the next.
 * Each knows the one it came from, so that the chain is there also when those
 * processes are gone.
 *
 * A life never changes, but for that it was touched. It is referred to by its process and
 * by the lives that came from it, and refers to its images. The chain is at most
 * SALLYPORT_CHAIN_MAX long: what would be longer begins anew, cut.
 */
#ifndef _SALLYPORT_LIFE_H
#define _SALLYPORT_LIFE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include "image.h"

struct sp_user;
struct task_struct;

struct sp_life {
	struct hlist_node node;
	refcount_t refs;
	u64 id;
	struct sp_life *origin;		/* a reference; NULL: nothing, or not known (CUT) */
	struct sp_user *user;		/* charged for that reference */
	struct sp_image *image;		/* a reference */
	struct sp_image *script;	/* likewise; NULL: none was executed */
	u32 pid, uid;
	u32 flags;			/* SALLYPORT_PROCESS_* */
	u8 depth;			/* lives before it */
	bool seen;			/* the daemon may know its number */
	struct rcu_head rcu;
};

/*
 * At most @max lives refer to what they came from, a user's a quarter of them; root's
 * are not limited further. One that finds no room is cut.
 */
void sp_lives_init(u32 max);
u32 sp_origin_count(void);
u32 sp_origin_max(void);

/*
 * A new life of @task, which comes from @origin (NULL: nothing). Takes over the
 * references to @image and @script (NULL: none), also when it fails; not that to
 * @origin. NULL: no memory. Any context.
 */
struct sp_life *sp_life_new(struct task_struct *task, struct sp_life *origin,
			    struct sp_image *image, struct sp_image *script, u32 flags);
/* With a reference, or NULL: gone. Any context. */
struct sp_life *sp_life_get(u64 id);
void sp_life_put(struct sp_life *life);		/* NULL is fine; any context */

/*
 * The life with this number and those before it, nearest first; how many, 0: it is
 * gone. @to has SALLYPORT_CHAIN_MAX places.
 */
u32 sp_life_chain(u64 id, struct sallyport_process *to);

#endif
