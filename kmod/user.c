// SPDX-License-Identifier: GPL-2.0
/*
 * What each user takes up in the tables.
 *
 * A record is made by the first charge and goes with the last one: its
 * reference count is the sum of its charges. One whose count has reached zero
 * is never revived; until it is out of its bucket another may stand beside it.
 * Found under RCU; buckets are changed under their locks. At most USERS_MAX.
 */
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "bucket_hash.h"
#include "user.h"

#define USERS_MAX	4096
#define USER_BUCKETS	256

struct sp_user {
	struct hlist_node node;
	u32 uid;
	refcount_t refs;
	atomic_t count[__SP_CHARGE_MAX];
	struct rcu_head rcu;
};

struct user_bucket {
	struct hlist_head head;
	spinlock_t lock;	/* of the chain */
};

static struct user_bucket buckets[USER_BUCKETS];
static hsiphash_key_t user_seed __read_mostly;
static atomic_t user_count = ATOMIC_INIT(0);

int sp_user_init(void)
{
	int i;

	get_random_bytes(&user_seed, sizeof(user_seed));
	for (i = 0; i < USER_BUCKETS; i++) {
		INIT_HLIST_HEAD(&buckets[i].head);
		spin_lock_init(&buckets[i].lock);
	}
	return 0;
}

void sp_user_exit(void)
{
	WARN_ON(atomic_read(&user_count));
}

static struct user_bucket *user_bucket(u32 uid)
{
	return &buckets[sp_number_hash(uid, &user_seed) % USER_BUCKETS];
}

/* With a reference. */
static struct sp_user *user_find(struct user_bucket *bucket, u32 uid)
{
	struct sp_user *user;

	hlist_for_each_entry_rcu(user, &bucket->head, node)
		if (user->uid == uid && refcount_inc_not_zero(&user->refs))
			return user;
	return NULL;
}

static struct sp_user *user_create(struct user_bucket *bucket, u32 uid)
{
	struct sp_user *user;

	if (!sp_inc_below(&user_count, USERS_MAX))
		return ERR_PTR(-ENOSPC);
	user = kzalloc(sizeof(*user), GFP_ATOMIC | __GFP_NOWARN);
	if (!user) {
		atomic_dec(&user_count);
		return ERR_PTR(-ENOMEM);
	}
	user->uid = uid;
	refcount_set(&user->refs, 1);
	hlist_add_head_rcu(&user->node, &bucket->head);
	return user;
}

static struct sp_user *user_get(u32 uid)
{
	struct user_bucket *bucket = user_bucket(uid);
	struct sp_user *user;
	unsigned long flags;

	rcu_read_lock();
	user = user_find(bucket, uid);
	if (!user) {
		spin_lock_irqsave(&bucket->lock, flags);
		user = user_find(bucket, uid);
		if (!user)
			user = user_create(bucket, uid);
		spin_unlock_irqrestore(&bucket->lock, flags);
	}
	rcu_read_unlock();
	return user;
}

static void user_put(struct sp_user *user)
{
	struct user_bucket *bucket;
	unsigned long flags;

	if (!refcount_dec_and_test(&user->refs))
		return;
	bucket = user_bucket(user->uid);
	spin_lock_irqsave(&bucket->lock, flags);
	hlist_del_rcu(&user->node);
	spin_unlock_irqrestore(&bucket->lock, flags);
	atomic_dec(&user_count);
	kfree_rcu(user, rcu);
}

struct sp_user *sp_user_charge(u32 uid, enum sp_charge what, u32 limit)
{
	struct sp_user *user = user_get(uid);

	if (IS_ERR(user))
		return user;
	if (!sp_inc_below(&user->count[what], limit)) {
		user_put(user);
		return ERR_PTR(-ENOSPC);
	}
	return user;
}

void sp_user_uncharge(struct sp_user *user, enum sp_charge what)
{
	WARN_ON_ONCE(atomic_dec_return(&user->count[what]) < 0);
	user_put(user);
}

u32 sp_user_count(void)
{
	return atomic_read(&user_count);
}

u32 sp_user_max(void)
{
	return USERS_MAX;
}
