// SPDX-License-Identifier: GPL-2.0
/*
 * Flows that wait for the daemon.
 *
 * Hashed by their socket, so that a listener's questions are in one bucket; the
 * bucket's number is part of the id. The bucket's lock covers its chain and what
 * changes in its flows. Who takes a flow out of its chain (->gone) takes back
 * what it was charged for; image, socket and memory go after a grace period.
 *
 * That a socket was closed is looked for, not waited for: as long as its packet
 * is held the socket is not destroyed.
 */
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include "bucket_hash.h"
#include "flow_desc.h"
#include "pending.h"
#include "socket.h"
#include "stats.h"

#define BUCKET_BITS	8
#define BUCKETS		BIT(BUCKET_BITS)

struct bucket {
	struct hlist_head head;
	spinlock_t lock;	/* of the chain and its flows' state */
};

static struct bucket buckets[BUCKETS];
static hsiphash_key_t bucket_seed __read_mostly;
static atomic64_t last_id = ATOMIC64_INIT(0);
static atomic_t total_count = ATOMIC_INIT(0);
static atomic_t inbound_count = ATOMIC_INIT(0);
static sp_pending_given_up_fn given_up __read_mostly;

static void look_after(struct work_struct *work);
static DECLARE_DELAYED_WORK(watcher, look_after);

/* Each read by itself; changed by netlink. */
static struct sallyport_pending_limits limits __read_mostly = {
	.image = 8,
	.user = 64,
	.total = 256,
	.seconds = 60,
};

int sp_pending_init(sp_pending_given_up_fn fn)
{
	int i;

	given_up = fn;
	get_random_bytes(&bucket_seed, sizeof(bucket_seed));
	for (i = 0; i < BUCKETS; i++) {
		INIT_HLIST_HEAD(&buckets[i].head);
		spin_lock_init(&buckets[i].lock);
	}
	return 0;
}

void sp_pending_exit(void)
{
	cancel_delayed_work_sync(&watcher);
	sp_pending_clear();
	WARN_ON(atomic_read(&total_count) || atomic_read(&inbound_count));
	rcu_barrier();
}

void sp_pending_set_limits(const struct sallyport_pending_limits *new)
{
	WRITE_ONCE(limits.image, new->image);
	WRITE_ONCE(limits.user, new->user);
	WRITE_ONCE(limits.total, min_t(u32, new->total, SP_PENDING_MAX));
	WRITE_ONCE(limits.seconds, new->seconds);
}

void sp_pending_get_limits(struct sallyport_pending_limits *out)
{
	out->image = READ_ONCE(limits.image);
	out->user = READ_ONCE(limits.user);
	out->total = READ_ONCE(limits.total);
	out->seconds = READ_ONCE(limits.seconds);
}

static struct bucket *socket_bucket(u64 cookie)
{
	return &buckets[sp_number_hash(cookie, &bucket_seed) % BUCKETS];
}

static struct sp_pending *bucket_find(struct bucket *bucket,
				      const struct sp_flow_key *key)
{
	struct sp_pending *pending;

	hlist_for_each_entry_rcu(pending, &bucket->head, node)
		if (sp_flow_key_equal(&pending->desc.key, key) &&
		    !READ_ONCE(pending->gone))
			return pending;
	return NULL;
}

struct sp_pending *sp_pending_find(const struct sp_flow_key *key)
{
	return bucket_find(socket_bucket(key->cookie), key);
}

struct sp_pending *sp_pending_by_id(u64 id)
{
	struct sp_pending *pending;

	hlist_for_each_entry_rcu(pending, &buckets[id % BUCKETS].head, node)
		if (pending->id == id && !READ_ONCE(pending->gone) &&
		    !READ_ONCE(pending->answered))
			return pending;
	return NULL;
}

/* Does a flow wait already for the listener that @desc came to? */
static bool listener_asked(struct bucket *bucket,
			   const struct sp_flow_desc *desc)
{
	const struct sp_flow_key *a = &desc->key, *b;
	struct sp_pending *pending;

	lockdep_assert_held(&bucket->lock);
	hlist_for_each_entry(pending, &bucket->head, node) {
		b = &pending->desc.key;
		if (pending->desc.direction == SALLYPORT_IN && !pending->answered &&
		    a->cookie == b->cookie && a->protocol == b->protocol &&
		    a->local_port == b->local_port)
			return true;
	}
	return false;
}

/* Takes a place in the inbound share, if it is for @desc; -ENOSPC. */
static int inbound_charge(struct bucket *bucket,
			  const struct sp_flow_desc *desc,
			  enum sallyport_stat *reason)
{
	if (desc->direction != SALLYPORT_IN)
		return 0;
	if (listener_asked(bucket, desc)) {
		*reason = SALLYPORT_STAT_LIMIT_IMAGE;
		return -ENOSPC;
	}
	if (!sp_inc_below(&inbound_count, READ_ONCE(limits.total) / 4)) {
		*reason = SALLYPORT_STAT_LIMIT_TOTAL;
		return -ENOSPC;
	}
	return 0;
}

static void inbound_uncharge(const struct sp_flow_desc *desc)
{
	if (desc->direction == SALLYPORT_IN)
		atomic_dec(&inbound_count);
}

/* What flows of this program and user take up that wait. */
static atomic_t *image_share(const struct sp_flow_desc *desc)
{
	return &desc->image->pending[desc->uid % SP_IMAGE_SHARES];
}

/* Takes a place in each limit; the user, or NULL and @reason. */
static struct sp_user *pending_charge(struct bucket *bucket,
				      const struct sp_flow_desc *desc,
				      enum sallyport_stat *reason)
{
	struct sp_user *user;

	if (inbound_charge(bucket, desc, reason))
		return NULL;
	*reason = SALLYPORT_STAT_LIMIT_TOTAL;
	if (!sp_inc_below(&total_count, READ_ONCE(limits.total)))
		goto undo_inbound;
	*reason = SALLYPORT_STAT_LIMIT_IMAGE;
	if (!sp_inc_below(image_share(desc), READ_ONCE(limits.image)))
		goto undo_total;
	user = sp_user_charge(desc->uid, SP_CHARGE_PENDING,
			      READ_ONCE(limits.user));
	if (!IS_ERR(user))
		return user;
	*reason = PTR_ERR(user) == -ENOMEM ? SALLYPORT_STAT_NO_MEMORY :
					     SALLYPORT_STAT_LIMIT_USER;
	atomic_dec(image_share(desc));
undo_total:
	atomic_dec(&total_count);
undo_inbound:
	inbound_uncharge(desc);
	return NULL;
}

static void pending_uncharge(const struct sp_flow_desc *desc,
			     struct sp_user *user)
{
	sp_user_uncharge(user, SP_CHARGE_PENDING);
	atomic_dec(image_share(desc));
	atomic_dec(&total_count);
	inbound_uncharge(desc);
}

static struct sp_pending *pending_create(struct bucket *bucket,
					 const struct sp_flow_desc *desc,
					 struct sock *sk,
					 enum sallyport_stat *reason)
{
	struct sp_pending *pending;
	struct sp_user *user;

	user = pending_charge(bucket, desc, reason);
	if (!user)
		return NULL;
	pending = kzalloc(sizeof(*pending), GFP_ATOMIC | __GFP_NOWARN);
	if (!pending) {
		pending_uncharge(desc, user);
		*reason = SALLYPORT_STAT_NO_MEMORY;
		return NULL;
	}
	pending->id = (u64)atomic64_inc_return(&last_id) << BUCKET_BITS |
		      (bucket - buckets);
	pending->since = ktime_get_boottime_ns();
	pending->desc = *desc;
	pending->user = user;
	pending->sk = sp_socket_get(sk);
	sp_image_get(desc->image);
	return pending;
}

/* None is queued where it can't be (0 bytes). */
static void pending_queue(struct sp_pending *pending, u32 bytes)
{
	if (!bytes)
		return;
	pending->packets++;
	pending->bytes += bytes;
	pending->queued = jiffies;
}

static enum sp_hold hold_new(struct bucket *bucket,
			     const struct sp_flow_desc *desc, struct sock *sk,
			     u64 epoch, u32 bytes,
			     u64 *id,
			     enum sallyport_stat *reason)
{
	struct sp_pending *pending = pending_create(bucket, desc, sk, reason);

	if (!pending)
		return SP_HOLD_REFUSE;
	pending->epoch = epoch;
	pending_queue(pending, bytes);
	*id = pending->id;
	hlist_add_head_rcu(&pending->node, &bucket->head);
	schedule_delayed_work(&watcher, SP_PENDING_WATCH);
	return SP_HOLD_NEW;
}

static bool same_owner(const struct sp_flow_desc *a,
		       const struct sp_flow_desc *b)
{
	return a->image == b->image && a->process == b->process;
}

/* May another packet be queued? */
static bool pending_has_room(const struct sp_pending *pending, u32 bytes)
{
	if (!pending->packets)
		return true;
	if (pending->packets >= SP_PENDING_PACKETS)
		return false;
	if (pending->desc.key.protocol == IPPROTO_TCP)
		return time_after(jiffies,
				  pending->queued + SP_PENDING_REQUEUE);
	return bytes <= SP_PENDING_BYTES &&
	       pending->bytes <= SP_PENDING_BYTES - bytes;
}

static enum sp_hold hold_more(struct sp_pending *pending,
			      const struct sp_flow_desc *desc, u32 bytes,
			      enum sallyport_stat *reason)
{
	if (!bytes || !same_owner(&pending->desc, desc) ||
	    !pending_has_room(pending, bytes)) {
		*reason = SALLYPORT_STAT_HELD_ENOUGH;
		return SP_HOLD_REFUSE;
	}
	pending_queue(pending, bytes);
	return SP_HOLD_MORE;
}

/* One packet less is held. */
static void pending_unqueue(struct sp_pending *pending, u32 bytes)
{
	if (pending->packets)
		pending->packets--;
	pending->bytes -= min(pending->bytes, bytes);
	if (!pending->packets)
		pending->repeats = 0;
}

/* The daemon let a packet go without a verdict. */
static enum sp_hold hold_again(struct sp_pending *pending, u32 bytes,
			       enum sallyport_stat *reason)
{
	if (++pending->repeats < SP_PENDING_REPEATS * pending->packets)
		return SP_HOLD_MORE;
	*reason = SALLYPORT_STAT_UNANSWERED;
	pending_unqueue(pending, bytes);
	return SP_HOLD_REFUSE;
}

static void pending_free(struct rcu_head *rcu)
{
	struct sp_pending *pending = container_of(rcu, struct sp_pending, rcu);

	sp_image_put(pending->desc.image);
	sp_socket_put(pending->sk);
	kfree(pending);
}

/* Takes it out; the caller drops it. */
static void pending_unlink(struct bucket *bucket, struct sp_pending *pending)
{
	lockdep_assert_held(&bucket->lock);
	WRITE_ONCE(pending->gone, true);
	hlist_del_rcu(&pending->node);
}

/* True for the one who takes it out. */
static bool pending_take(struct sp_pending *pending)
{
	struct bucket *bucket = socket_bucket(pending->desc.key.cookie);
	bool taken;

	spin_lock_bh(&bucket->lock);
	taken = !pending->gone;
	if (taken)
		pending_unlink(bucket, pending);
	spin_unlock_bh(&bucket->lock);
	return taken;
}

static void pending_drop(struct sp_pending *pending)
{
	pending_uncharge(&pending->desc, pending->user);
	call_rcu(&pending->rcu, pending_free);
}

void sp_pending_remove(struct sp_pending *pending)
{
	if (pending_take(pending))
		pending_drop(pending);
}

/* The answer for this flow alone; or it goes, to be asked about anew. */
static bool pending_answered(struct bucket *bucket, struct sp_pending *pending,
			     u64 epoch, struct sp_pending_answer *answer)
{
	*answer = pending->answer;
	answer->direction = pending->desc.direction;
	if (answer->action && answer->epoch == epoch)
		return true;
	pending_unlink(bucket, pending);
	pending_drop(pending);
	return false;
}

enum sp_hold sp_pending_hold(const struct sp_flow_desc *desc, struct sock *sk,
			     u64 epoch, u32 bytes, bool returned,
			     u64 *id,
			     enum sallyport_stat *reason,
			     struct sp_pending_answer *answer)
{
	struct bucket *bucket = socket_bucket(desc->key.cookie);
	struct sp_pending *pending;
	enum sp_hold hold;

	spin_lock_bh(&bucket->lock);
	pending = bucket_find(bucket, &desc->key);
	if (pending && pending->answered && same_owner(&pending->desc, desc)) {
		hold = pending_answered(bucket, pending, epoch, answer) ?
			SP_HOLD_ANSWERED :
			hold_new(bucket, desc, sk, epoch, bytes, id, reason);
	} else if (pending && returned) {
		hold = hold_again(pending, bytes, reason);
	} else if (pending) {
		hold = hold_more(pending, desc, bytes, reason);
	} else if (returned) {
		*reason = SALLYPORT_STAT_UNANSWERED;
		hold = SP_HOLD_REFUSE;
	} else {
		hold = hold_new(bucket, desc, sk, epoch, bytes, id, reason);
	}
	spin_unlock_bh(&bucket->lock);
	return hold;
}

/* Takes it out if no packet of it is to come any more; true: drop it. */
static bool pending_done(struct bucket *bucket, struct sp_pending *pending)
{
	if (!pending->answered || pending->packets || pending->gone)
		return false;
	pending_unlink(bucket, pending);
	return true;
}

void sp_pending_answer(struct sp_pending *pending,
		       const struct sp_pending_answer *answer)
{
	struct bucket *bucket = socket_bucket(pending->desc.key.cookie);
	bool done;

	spin_lock_bh(&bucket->lock);
	pending->answer = *answer;
	WRITE_ONCE(pending->answered, ktime_get_boottime_ns());
	done = pending_done(bucket, pending);
	spin_unlock_bh(&bucket->lock);
	if (done)
		pending_drop(pending);
}

void sp_pending_returned(struct sp_pending *pending, u32 bytes)
{
	struct bucket *bucket = socket_bucket(pending->desc.key.cookie);
	bool done;

	spin_lock_bh(&bucket->lock);
	pending_unqueue(pending, bytes);
	done = pending_done(bucket, pending);
	spin_unlock_bh(&bucket->lock);
	if (done)
		pending_drop(pending);
}

/* Answered, but what it held does not come back. */
static bool pending_lost(const struct sp_pending *pending, u64 now)
{
	u64 answered = READ_ONCE(pending->answered);

	return answered && now - answered > SP_PENDING_LOST;
}

static void give_up(struct sp_pending *pending, bool abandoned)
{
	if (!pending_take(pending))
		return;
	sp_stat(abandoned ? SALLYPORT_STAT_PENDING_ABANDONED :
			    SALLYPORT_STAT_PENDING_EXPIRED);
	if (given_up)
		given_up(pending, abandoned);
	pending_drop(pending);
}

/*
 * The queue was full, or its reader's buffer, or its reader is gone; or somebody's hook
 * was unregistered, which drops what is queued in that namespace.
 */
static void give_up_lost(struct sp_pending *pending)
{
	if (!pending_take(pending))
		return;
	sp_stat_add(SALLYPORT_STAT_HELD_LOST, pending->packets);
	pending_drop(pending);
}

static void bucket_expire(struct bucket *bucket, u64 before, u64 now)
{
	struct sp_pending *pending;

	hlist_for_each_entry_rcu(pending, &bucket->head, node) {
		if (pending_lost(pending, now))
			give_up_lost(pending);
		else if (READ_ONCE(pending->answered))
			continue;
		else if (pending->since <= before)
			give_up(pending, false);
		else if (sp_socket_is_closed(pending->sk))
			give_up(pending, true);
	}
}

void sp_pending_expire(void)
{
	u64 waited = (u64)READ_ONCE(limits.seconds) * NSEC_PER_SEC;
	u64 now = ktime_get_boottime_ns();
	int i;

	rcu_read_lock();
	for (i = 0; i < BUCKETS; i++)
		bucket_expire(&buckets[i], now > waited ? now - waited : 0, now);
	rcu_read_unlock();
}

static void look_after(struct work_struct *work)
{
	sp_pending_expire();
	if (sp_pending_count())
		schedule_delayed_work(&watcher, SP_PENDING_WATCH);
}

void sp_pending_clear(void)
{
	struct sp_pending *pending;
	int i;

	rcu_read_lock();
	for (i = 0; i < BUCKETS; i++)
		hlist_for_each_entry_rcu(pending, &buckets[i].head, node)
			give_up_lost(pending);
	rcu_read_unlock();
}

int sp_pending_walk(u32 *bucket, u32 *left,
		    int (*fn)(const struct sp_pending *pending, void *arg),
		    void *arg)
{
	const struct sp_pending *pending;
	struct hlist_node *node;
	int ret;

	for (; *bucket < BUCKETS; (*bucket)++, *left = 0) {
		node = sp_chain_resume(&buckets[*bucket].head, *left);
		for (; node; node = sp_chain_next(node)) {
			pending = hlist_entry(node, struct sp_pending, node);
			ret = READ_ONCE(pending->answered) ? 0 : fn(pending, arg);
			if (!ret)
				continue;
			*left = sp_chain_left(node);
			return ret;
		}
	}
	return 0;
}

void sp_pending_tag(const struct sp_pending *pending,
		    struct sallyport_pending *tag)
{
	tag->id = pending->id;
	tag->epoch = pending->epoch;
	tag->since = pending->since;
	tag->packets = READ_ONCE(pending->packets);
	tag->bytes = READ_ONCE(pending->bytes);
	sp_flow_desc_export(&pending->desc, &tag->flow);
}

u32 sp_pending_count(void)
{
	return atomic_read(&total_count);
}

u32 sp_pending_max(void)
{
	return READ_ONCE(limits.total);
}
