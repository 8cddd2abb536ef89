// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table: three hashes over the same flows, by key, by wire tuple and
 * by socket (cookie).
 *
 * The lock of the socket's bucket is the outer one: flows of a socket are made
 * and killed under it, so a key is there at most once. Inside it the locks of
 * the other two hashes are taken, one at a time, to change their chains.
 *
 * In its chain by socket the flows of one socket stand side by side, and the
 * first of them says in ->siblings how many they are: a socket's flows are
 * counted and found without a record of their own for the socket.
 *
 * The table has a reference to each flow, which goes after the grace period
 * that follows sp_flow_kill() and after the report: who finds a flow in an RCU
 * section may use and hold it until the section ends.
 */
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include "bucket_hash.h"
#include "flow_cache.h"
#include "flow_table.h"

#define IDLE_TCP	(5UL * 24 * 3600 * HZ)
#define IDLE_UDP	(180UL * HZ)
#define IDLE_OTHER	(30UL * HZ)
#define REFUSED_NS	(5ULL * NSEC_PER_SEC)
#define KILL_BATCH	64	/* flows of a socket, under its lock */

struct bucket {
	struct hlist_head head;
	spinlock_t lock;	/* of the chain; see above for what else */
};

struct hash {
	struct bucket *buckets;
	hsiphash_key_t seed;
	struct lock_class_key class;	/* locks of different hashes nest */
};

static struct hash by_key, by_wire, by_socket;
static u32 bucket_mask __read_mostly;
static struct sp_flow_limits flow_limits __read_mostly;
static struct kmem_cache *flow_slab __read_mostly;
static sp_flow_ended_fn flow_ended __read_mostly;
static atomic_t flow_count = ATOMIC_INIT(0);

static void flow_report(struct work_struct *work);

static LLIST_HEAD(ended_flows);
static DECLARE_WORK(ended_work, flow_report);

static u32 key_hash(const struct sp_flow_key *key)
{
	return sp_words_hash(key, SP_FLOW_KEY_WORDS, &by_key.seed);
}

/* Who is at the other end chooses half of it: that wants a real keyed hash. */
static u32 wire_hash(const struct sp_wire_key *wire)
{
	return hsiphash(wire, sizeof(*wire), &by_wire.seed);
}

static struct bucket *hash_bucket(const struct hash *hash, u32 value)
{
	return &hash->buckets[value & bucket_mask];
}

static struct bucket *socket_bucket(u64 cookie)
{
	return hash_bucket(&by_socket, sp_number_hash(cookie, &by_socket.seed));
}

static void hash_add(struct hash *hash, u32 value, struct hlist_node *node)
{
	struct bucket *bucket = hash_bucket(hash, value);

	spin_lock(&bucket->lock);
	hlist_add_head_rcu(node, &bucket->head);
	spin_unlock(&bucket->lock);
}

static void hash_del(struct hash *hash, u32 value, struct hlist_node *node)
{
	struct bucket *bucket = hash_bucket(hash, value);

	spin_lock(&bucket->lock);
	hlist_del_rcu(node);
	spin_unlock(&bucket->lock);
}

static struct sp_flow *find_key(const struct sp_flow_key *key)
{
	struct bucket *bucket = hash_bucket(&by_key, key_hash(key));
	struct sp_flow *flow;

	hlist_for_each_entry_rcu(flow, &bucket->head, by_key)
		if (sp_flow_key_equal(&flow->desc.key, key) &&
		    !READ_ONCE(flow->dead))
			return flow;
	return NULL;
}

struct sp_flow *sp_flow_find_wire(const struct sp_wire_key *wire, u64 cookie)
{
	struct bucket *bucket = hash_bucket(&by_wire, wire_hash(wire));
	struct sp_flow *flow, *refused = NULL;

	hlist_for_each_entry_rcu(flow, &bucket->head, by_wire) {
		if (!sp_wire_key_equal(&flow->desc.wire, wire) ||
		    (cookie && flow->desc.key.cookie != cookie) ||
		    READ_ONCE(flow->dead))
			continue;
		if (flow->action == SALLYPORT_ALLOW)
			return flow;
		if (!refused)
			refused = flow;
	}
	return refused;
}

/* The first of the socket's flows, or NULL. */
static struct sp_flow *socket_first(struct bucket *bucket, u64 cookie)
{
	struct sp_flow *flow;

	hlist_for_each_entry_rcu(flow, &bucket->head, by_socket,
				 lockdep_is_held(&bucket->lock))
		if (flow->desc.key.cookie == cookie)
			return flow;
	return NULL;
}

/*
 * Most sockets have no flow or one: then the way by its cookie is the shorter one. A
 * flow is in that hash before it is in the other, and leaves it first, when it is dead.
 */
struct sp_flow *sp_flow_find(const struct sp_flow_key *key)
{
	struct sp_flow *first = socket_first(socket_bucket(key->cookie), key->cookie);

	if (!first)
		return NULL;
	if (sp_flow_key_equal(&first->desc.key, key) && !READ_ONCE(first->dead))
		return first;
	return find_key(key);
}

/* The one after @flow, or NULL. */
static struct sp_flow *socket_next(struct bucket *bucket, struct sp_flow *flow)
{
	struct sp_flow *next;

	lockdep_assert_held(&bucket->lock);
	next = hlist_entry_safe(flow->by_socket.next, struct sp_flow, by_socket);
	if (next && next->desc.key.cookie == flow->desc.key.cookie)
		return next;
	return NULL;
}

static void socket_add(struct bucket *bucket, struct sp_flow *flow,
		       struct sp_flow *first)
{
	lockdep_assert_held(&bucket->lock);
	if (first) {
		flow->siblings = first->siblings + 1;
		hlist_add_before_rcu(&flow->by_socket, &first->by_socket);
	} else {
		flow->siblings = 1;
		hlist_add_head_rcu(&flow->by_socket, &bucket->head);
	}
}

static void socket_del(struct bucket *bucket, struct sp_flow *flow)
{
	struct sp_flow *first = socket_first(bucket, flow->desc.key.cookie);
	struct sp_flow *next = socket_next(bucket, flow);

	if (flow != first)
		first->siblings--;
	else if (next)
		next->siblings = flow->siblings - 1;
	hlist_del_rcu(&flow->by_socket);
}

static void flow_free(struct sp_flow *flow)
{
	sp_user_uncharge(flow->user, SP_CHARGE_FLOW);
	sp_image_put(flow->desc.image);
	kmem_cache_free(flow_slab, flow);
	atomic_dec(&flow_count);
}

void sp_flow_hold(struct sp_flow *flow)
{
	refcount_inc(&flow->refs);
}

void sp_flow_put(struct sp_flow *flow)
{
	if (refcount_dec_and_test(&flow->refs))
		flow_free(flow);
}

/* With its place in the limits, or ERR_PTR(-ENOSPC), ERR_PTR(-ENOMEM). */
static struct sp_flow *flow_alloc(u32 uid)
{
	struct sp_user *user;
	struct sp_flow *flow;

	if (!sp_inc_below(&flow_count, flow_limits.total))
		return ERR_PTR(-ENOSPC);
	user = sp_user_charge(uid, SP_CHARGE_FLOW, flow_limits.user);
	if (IS_ERR(user)) {
		atomic_dec(&flow_count);
		return ERR_CAST(user);
	}
	flow = kmem_cache_zalloc(flow_slab, GFP_ATOMIC | __GFP_NOWARN);
	if (!flow) {
		sp_user_uncharge(user, SP_CHARGE_FLOW);
		atomic_dec(&flow_count);
		return ERR_PTR(-ENOMEM);
	}
	flow->user = user;
	return flow;
}

static void flow_setup(struct sp_flow *flow, const struct sp_flow_desc *desc,
		       u8 action, u64 rule)
{
	flow->desc = *desc;
	sp_image_get(flow->desc.image);
	flow->action = action;
	flow->rule = rule;
	flow->created = ktime_get_boottime_ns();
	flow->used = jiffies;
	flow->key_hash = key_hash(&desc->key);
	flow->wire_hash = wire_hash(&desc->wire);
	refcount_set(&flow->refs, 1);
}

static struct sp_flow *flow_create(struct bucket *bucket,
				   const struct sp_flow_desc *desc,
				   u8 action, u64 rule)
{
	struct sp_flow *first = socket_first(bucket, desc->key.cookie);
	struct sp_flow *flow;

	if (first && first->siblings >= flow_limits.socket)
		return ERR_PTR(-ENOSPC);
	flow = flow_alloc(desc->uid);
	if (IS_ERR(flow))
		return flow;
	flow_setup(flow, desc, action, rule);
	socket_add(bucket, flow, first);
	hash_add(&by_key, flow->key_hash, &flow->by_key);
	hash_add(&by_wire, flow->wire_hash, &flow->by_wire);
	return flow;
}

int sp_flow_insert(const struct sp_flow_desc *desc, u8 action, u64 rule,
		   struct sp_flow **flow)
{
	struct bucket *bucket = socket_bucket(desc->key.cookie);
	struct sp_flow *found;

	spin_lock_bh(&bucket->lock);
	found = sp_flow_find(&desc->key);
	if (!found)
		found = flow_create(bucket, desc, action, rule);
	spin_unlock_bh(&bucket->lock);
	if (IS_ERR(found))
		return PTR_ERR(found);
	*flow = found;
	return 0;
}

/* Kills, as far as it can be done under the socket's lock. */
static void flow_unlink(struct bucket *bucket, struct sp_flow *flow)
{
	lockdep_assert_held(&bucket->lock);
	WRITE_ONCE(flow->dead, true);
	socket_del(bucket, flow);
	hash_del(&by_key, flow->key_hash, &flow->by_key);
	hash_del(&by_wire, flow->wire_hash, &flow->by_wire);
}

/* After the grace period: nobody counts any more. */
static void flow_settled(struct rcu_head *rcu)
{
	struct sp_flow *flow = container_of(rcu, struct sp_flow, rcu);

	if (llist_add(&flow->ended, &ended_flows))
		schedule_work(&ended_work);
}

static void flow_report(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&ended_flows);
	struct sp_flow *flow, *next;

	list = llist_reverse_order(list);
	llist_for_each_entry_safe(flow, next, list, ended) {
		if (flow_ended)
			flow_ended(flow);
		sp_flow_put(flow);
		cond_resched();
	}
}

/* The rest of the killing, without the lock. */
static void flow_bury(struct sp_flow *flow)
{
	sp_cache_evict(flow);
	call_rcu(&flow->rcu, flow_settled);
}

void sp_flow_kill(struct sp_flow *flow)
{
	struct bucket *bucket = socket_bucket(flow->desc.key.cookie);
	bool dead;

	spin_lock_bh(&bucket->lock);
	dead = flow->dead;
	if (!dead)
		flow_unlink(bucket, flow);
	spin_unlock_bh(&bucket->lock);
	if (!dead)
		flow_bury(flow);
}

/* The new one is there before the old one goes: who looks finds one of them. */
int sp_flow_stop(struct sp_flow *flow)
{
	struct bucket *bucket = socket_bucket(flow->desc.key.cookie);
	struct sp_flow *other = ERR_PTR(-ENOENT);

	spin_lock_bh(&bucket->lock);
	if (!flow->dead)
		other = flow_create(bucket, &flow->desc, SALLYPORT_DROP, 0);
	if (!IS_ERR(other)) {
		WRITE_ONCE(other->stopped, true);
		flow_unlink(bucket, flow);
	}
	spin_unlock_bh(&bucket->lock);
	if (IS_ERR(other))
		return PTR_ERR(other);
	flow_bury(flow);
	return 0;
}

void sp_flow_kill_key(const struct sp_flow_key *key)
{
	struct sp_flow *flow;

	rcu_read_lock();
	flow = sp_flow_find(key);
	if (flow)
		sp_flow_kill(flow);
	rcu_read_unlock();
}

/* Unlinks some of a socket's flows; they are linked by ->ended. */
static struct llist_node *socket_take(struct bucket *bucket, u64 cookie)
{
	struct llist_node *list = NULL;
	struct sp_flow *flow;
	int i;

	spin_lock_bh(&bucket->lock);
	for (i = 0; i < KILL_BATCH; i++) {
		flow = socket_first(bucket, cookie);
		if (!flow)
			break;
		flow_unlink(bucket, flow);
		flow->ended.next = list;
		list = &flow->ended;
	}
	spin_unlock_bh(&bucket->lock);
	return list;
}

/* Most sockets that go have no flow: those take no lock. */
static bool socket_has_flows(struct bucket *bucket, u64 cookie)
{
	bool has;

	rcu_read_lock();
	has = socket_first(bucket, cookie);
	rcu_read_unlock();
	return has;
}

void sp_flow_kill_cookie(u64 cookie)
{
	struct bucket *bucket = socket_bucket(cookie);
	struct sp_flow *flow, *next;

	while (socket_has_flows(bucket, cookie)) {
		struct llist_node *list = socket_take(bucket, cookie);

		llist_for_each_entry_safe(flow, next, list, ended)
			flow_bury(flow);
	}
}

static unsigned long idle_limit(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return IDLE_TCP;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return IDLE_UDP;
	default:
		return IDLE_OTHER;
	}
}

static bool flow_too_old(const struct sp_flow *flow)
{
	if (flow->action != SALLYPORT_ALLOW && !READ_ONCE(flow->stopped))
		return ktime_get_boottime_ns() - flow->created > REFUSED_NS;
	return time_after(jiffies, READ_ONCE(flow->used) +
				   idle_limit(flow->desc.key.protocol));
}

/* Kills all flows, or those that are too old. */
static void flow_sweep(bool all)
{
	struct sp_flow *flow;
	u32 i;

	for (i = 0; i <= bucket_mask; i++) {
		rcu_read_lock();
		hlist_for_each_entry_rcu(flow, &by_key.buckets[i].head, by_key)
			if (all || flow_too_old(flow))
				sp_flow_kill(flow);
		rcu_read_unlock();
		cond_resched();
	}
}

void sp_flow_table_age(void)
{
	sp_cache_harvest();
	flow_sweep(false);
}

int sp_flow_table_walk(u32 *bucket, u32 *left,
		       int (*fn)(struct sp_flow *flow, void *arg), void *arg)
{
	struct hlist_node *node;
	int ret;

	for (; *bucket <= bucket_mask; (*bucket)++, *left = 0) {
		node = sp_chain_resume(&by_key.buckets[*bucket].head, *left);
		for (; node; node = sp_chain_next(node)) {
			ret = fn(hlist_entry(node, struct sp_flow, by_key), arg);
			if (!ret)
				continue;
			*left = sp_chain_left(node);
			return ret;
		}
	}
	return 0;
}

u32 sp_flow_count(void)
{
	return atomic_read(&flow_count);
}

u32 sp_flow_max(void)
{
	return flow_limits.total;
}

static int hash_init(struct hash *hash)
{
	u32 i;

	hash->buckets = kvcalloc(bucket_mask + 1, sizeof(*hash->buckets),
				 GFP_KERNEL);
	if (!hash->buckets)
		return -ENOMEM;
	get_random_bytes(&hash->seed, sizeof(hash->seed));
	for (i = 0; i <= bucket_mask; i++) {
		spin_lock_init(&hash->buckets[i].lock);
		lockdep_set_class(&hash->buckets[i].lock, &hash->class);
	}
	return 0;
}

static void hash_exit(struct hash *hash)
{
	kvfree(hash->buckets);
	hash->buckets = NULL;
}

static void table_free(void)
{
	hash_exit(&by_key);
	hash_exit(&by_wire);
	hash_exit(&by_socket);
	kmem_cache_destroy(flow_slab);
}

int sp_flow_table_init(const struct sp_flow_limits *limits,
		       sp_flow_ended_fn ended)
{
	flow_limits = *limits;
	flow_ended = ended;
	bucket_mask = roundup_pow_of_two(max(limits->total / 2, 16U)) - 1;
	flow_slab = KMEM_CACHE(sp_flow, 0);
	if (!flow_slab || hash_init(&by_key) || hash_init(&by_wire) ||
	    hash_init(&by_socket)) {
		table_free();
		return -ENOMEM;
	}
	return 0;
}

void sp_flow_table_exit(void)
{
	flow_sweep(true);
	rcu_barrier();
	flush_work(&ended_work);
	WARN_ON(sp_flow_count());
	table_free();
}
