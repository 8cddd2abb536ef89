// SPDX-License-Identifier: GPL-2.0
/*
 * Lives, found by number. Added and removed under the lock of the bucket, looked up
 * under RCU. There are no more than one for each process, and those that others keep
 * as what they came from, which are limited.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "image_capture.h"
#include "life.h"
#include "stats.h"
#include "user.h"

#define SP_LIFE_BITS	12

static struct {
	spinlock_t lock;
	struct hlist_head head;
} buckets[1 << SP_LIFE_BITS];
static atomic_t origins;
static u32 max_origins;
static atomic64_t last_id;

static u32 bucket_of(u64 id)
{
	return hash_64(id, SP_LIFE_BITS);
}

void sp_lives_init(u32 max)
{
	u32 i;

	max_origins = max;
	for (i = 0; i < ARRAY_SIZE(buckets); i++)
		spin_lock_init(&buckets[i].lock);
}

static void link_life(struct sp_life *life)
{
	u32 bucket = bucket_of(life->id);
	unsigned long flags;

	spin_lock_irqsave(&buckets[bucket].lock, flags);
	hlist_add_head_rcu(&life->node, &buckets[bucket].head);
	spin_unlock_irqrestore(&buckets[bucket].lock, flags);
}

static void unlink_life(struct sp_life *life)
{
	u32 bucket = bucket_of(life->id);
	unsigned long flags;

	spin_lock_irqsave(&buckets[bucket].lock, flags);
	hlist_del_rcu(&life->node);
	spin_unlock_irqrestore(&buckets[bucket].lock, flags);
}

static u32 uid_of(struct task_struct *task)
{
	u32 uid;

	rcu_read_lock();
	uid = sp_uid(task_cred_xxx(task, uid));
	rcu_read_unlock();
	return uid;
}

/* Who is charged for keeping another life as origin of one of @task; NULL: no room. */
static struct sp_user *charge(struct task_struct *task)
{
	u32 uid = sp_charged_uid(task);
	struct sp_user *user;

	if (!sp_inc_below(&origins, max_origins))
		return NULL;
	user = sp_user_charge(uid, SP_CHARGE_ORIGIN, uid ? max_origins / 4 : max_origins);
	if (!IS_ERR(user))
		return user;
	atomic_dec(&origins);
	return NULL;
}

static void uncharge(struct sp_user *user)
{
	sp_user_uncharge(user, SP_CHARGE_ORIGIN);
	atomic_dec(&origins);
}

static void set_origin(struct sp_life *life, struct sp_life *origin,
		       struct task_struct *task)
{
	if (!origin)
		return;
	if (origin->depth + 1 >= SALLYPORT_CHAIN_MAX) {
		life->flags |= SALLYPORT_PROCESS_CUT;
		return;
	}
	life->user = charge(task);
	if (!life->user) {
		sp_stat(SALLYPORT_STAT_ORIGIN_FULL);
		life->flags |= SALLYPORT_PROCESS_CUT;
		return;
	}
	refcount_inc(&origin->refs);
	life->origin = origin;
	life->depth = origin->depth + 1;
}

struct sp_life *sp_life_new(struct task_struct *task, struct sp_life *origin,
			    struct sp_image *image, struct sp_image *script, u32 flags)
{
	struct sp_life *life = kzalloc(sizeof(*life), GFP_ATOMIC);

	if (!life) {
		sp_image_put(image);
		sp_image_put(script);
		return NULL;
	}
	refcount_set(&life->refs, 1);
	life->id = atomic64_inc_return(&last_id);
	life->image = image;
	life->script = script;
	life->pid = task->tgid;
	life->uid = uid_of(task);
	life->flags = flags;
	set_origin(life, origin, task);
	link_life(life);
	return life;
}

void sp_life_put(struct sp_life *life)
{
	struct sp_life *origin;

	for (; life && refcount_dec_and_test(&life->refs); life = origin) {
		origin = life->origin;
		unlink_life(life);
		if (origin)
			uncharge(life->user);
		sp_image_put(life->image);
		sp_image_put(life->script);
		kfree_rcu(life, rcu);
	}
}

static void describe(const struct sp_life *life, struct sallyport_process *to)
{
	*to = (struct sallyport_process) {
		.id = life->id,
		.image = life->image->info.id,
		.script = life->script ? life->script->info.id : 0,
		.pid = life->pid,
		.uid = life->uid,
		.flags = life->flags,
	};
}

struct sp_life *sp_life_get(u64 id)
{
	struct sp_life *life;

	rcu_read_lock();
	hlist_for_each_entry_rcu(life, &buckets[bucket_of(id)].head, node)
		if (life->id == id && refcount_inc_not_zero(&life->refs))
			break;
	rcu_read_unlock();
	return life;
}

u32 sp_origin_count(void)
{
	return atomic_read(&origins);
}

u32 sp_origin_max(void)
{
	return max_origins;
}

u32 sp_life_chain(u64 id, struct sallyport_process *to)
{
	struct sp_life *first = sp_life_get(id), *life;
	u32 n = 0;

	for (life = first; life && n < SALLYPORT_CHAIN_MAX; life = life->origin)
		describe(life, &to[n++]);
	sp_life_put(first);
	return n;
}
