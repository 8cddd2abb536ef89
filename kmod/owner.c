// SPDX-License-Identifier: GPL-2.0
/*
 * The table of sockets' owners.
 *
 * Keyed by cookie, which is never used again. Changed under the lock of the
 * bucket with interrupts off, because probes run in any context; read under
 * RCU. When a socket is destroyed its record leaves the table at once and the
 * reaper, a work item, removes its flows within a jiffy or two; batched,
 * because waking a worker for each close costs more than the rest of it.
 *
 * A cookie has one socket, but for a moment: where two CPUs take up the end of a
 * handshake, each makes a socket of the request, both with its cookie, and the one
 * that comes too late is destroyed. So those that were made are counted, and the
 * record goes with the last.
 *
 * A missing record is never guessed: the image is sp_image_unknown then, unless
 * the running program can be trusted to be the sender.
 */
#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/fdtable.h>
#include <linux/llist.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>

#include "bucket_hash.h"
#include "image_capture.h"
#include "owner.h"
#include "owner_record.h"
#include "process.h"
#include "stats.h"
#include "user.h"

#define SP_OWNER_BITS	13
#define SP_OWNER_FILES	4096	/* descriptors of a program that are looked at */
#define SP_OWNER_AGE	(600 * HZ)	/* unused this long, if ends are not seen */
#define SP_OWNER_REQUESTS 64		/* one record in so many is of a request */
#define SP_OWNER_REQUEST (180 * HZ)	/* older no request becomes */

struct sp_owner {
	struct hlist_node node;
	u64 cookie;
	struct sp_who who;	/* under the bucket's lock; holds who.image */
	u8 direction;		/* of a connection; OUT unless it was accepted */
	bool early;		/* from before the hooks: what it sent, nobody saw */
	bool for_user;		/* judged for uid, whatever the socket says */
	bool held;		/* an early one that somebody was found to have open */
	bool request;		/* of a handshake that seemed to end, and may not */
	u32 uid;
	u32 children;		/* sockets that were made of its request; 0: it had none */
	struct sp_user *user;	/* charged for it */
	unsigned long used;	/* jiffies */
	struct llist_node dead;
	struct rcu_head rcu;
};

struct bucket {
	spinlock_t lock;
	struct hlist_head head;
};

static struct bucket buckets[1 << SP_OWNER_BITS];
static hsiphash_key_t seed __read_mostly;
static atomic_t count, requests;
static u32 max_count;
static bool armed;		/* the hooks see every packet, and what is older is noted */

static LLIST_HEAD(dead_owners);
static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

static struct bucket *bucket_of(u64 cookie)
{
	return &buckets[sp_number_hash(cookie, &seed) % ARRAY_SIZE(buckets)];
}

static struct sp_owner *find(u64 cookie)
{
	struct sp_owner *owner;

	hlist_for_each_entry_rcu(owner, &bucket_of(cookie)->head, node,
				 lockdep_is_held(&bucket_of(cookie)->lock))
		if (owner->cookie == cookie)
			return owner;
	return NULL;
}

u64 sp_socket_cookie(struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);
	u32 halves[2];

	if (likely(cookie))
		return cookie;
	sock_diag_save_cookie(sk, halves);
	return halves[0] | (u64)halves[1] << 32;
}

/* Takes over the reference in @who. */
static void set_who(struct sp_owner *owner, const struct sp_who *who)
{
	struct sp_image *old = owner->who.image;

	owner->who = *who;
	owner->used = jiffies;
	sp_image_put(old);
}

static struct sp_owner *new_owner(u64 cookie, u32 uid)
{
	struct sp_owner *owner;
	struct sp_user *user;

	if (!sp_inc_below(&count, max_count))
		return NULL;
	user = sp_user_charge(uid, SP_CHARGE_OWNER, uid ? max_count / 4 : max_count);
	if (IS_ERR(user))
		goto uncount;
	owner = kzalloc(sizeof(*owner), GFP_ATOMIC);
	if (!owner)
		goto uncharge;
	owner->cookie = cookie;
	owner->user = user;
	return owner;
uncharge:
	sp_user_uncharge(user, SP_CHARGE_OWNER);
uncount:
	atomic_dec(&count);
	return NULL;
}

/* The one with @cookie, made if there is none; NULL: no room. With the bucket's lock. */
static struct sp_owner *find_or_make(u64 cookie, u32 charged)
{
	struct sp_owner *owner = find(cookie);

	if (owner)
		return owner;
	owner = new_owner(cookie, charged);
	if (!owner) {
		sp_stat(SALLYPORT_STAT_OWNER_FULL);
		return NULL;
	}
	set_who(owner, &(struct sp_who) { .image = sp_image_get(sp_image_unknown) });
	WRITE_ONCE(owner->early, !READ_ONCE(armed));
	hlist_add_head_rcu(&owner->node, &bucket_of(cookie)->head);
	return owner;
}

/* It has a socket, or goes. With the bucket's lock, or alone. */
static void no_request(struct sp_owner *owner)
{
	if (!owner->request)
		return;
	owner->request = false;
	atomic_dec(&requests);
}

void sp_owner_note(u64 cookie, const struct sp_record *record)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	owner = find_or_make(cookie, record->charged);
	if (owner) {
		set_who(owner, &record->who);
		owner->for_user = record->for_user;
		owner->uid = record->charged;
		WRITE_ONCE(owner->direction, record->direction);
		WRITE_ONCE(owner->early, !READ_ONCE(armed));
		no_request(owner);
		owner->request = record->request && !owner->children;
	}
	if (record->request && !(owner && owner->request))
		atomic_dec(&requests);
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (!owner)
		sp_image_put(record->who.image);
}

void sp_owner_note_older(u64 cookie, u32 charged)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	if (!find(cookie)) {
		owner = find_or_make(cookie, charged);
		if (owner)
			WRITE_ONCE(owner->early, true);
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/* Of two who have it nobody knows which of them it is. */
void sp_owner_note_holder(u64 cookie, const struct sp_who *who)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_who held = { .image = sp_image_unknown };
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	owner = find(cookie);
	if (owner && owner->early && (owner->held || owner->who.image == sp_image_unknown)) {
		if (who && (!owner->held || owner->who.process == who->process))
			held = *who;
		sp_image_get(held.image);
		set_who(owner, &held);
		owner->held = true;
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
}

void sp_owner_child(u64 cookie, u32 charged)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	owner = find_or_make(cookie, charged);
	if (owner) {
		owner->children++;
		no_request(owner);
		WRITE_ONCE(owner->direction, SALLYPORT_IN);
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/* Where the hook has not seen for whom it was accepted it is the listener's. */
void sp_owner_child_of(u64 cookie, u64 listener)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;
	struct sp_who who;

	if (!sp_owner_who(listener, &who))
		return;
	spin_lock_irqsave(&bucket->lock, flags);
	owner = find(cookie);
	if (owner && owner->who.image == sp_image_unknown)
		swap(owner->who, who);
	spin_unlock_irqrestore(&bucket->lock, flags);
	sp_image_put(who.image);
}

static void bury(struct sp_owner *owner)
{
	if (llist_add(&owner->dead, &dead_owners))
		schedule_delayed_work(&reaper, 1);
}

/* Out of the table now; its flows follow when the reaper runs. */
void sp_owner_ended(u64 cookie)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	owner = find(cookie);
	if (owner && owner->children > 1) {
		owner->children--;	/* the other lives on */
		owner = NULL;
	}
	if (owner)
		hlist_del_rcu(&owner->node);
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (owner)
		bury(owner);
}

static void free_owner(struct sp_owner *owner)
{
	no_request(owner);
	sp_image_put(owner->who.image);
	sp_user_uncharge(owner->user, SP_CHARGE_OWNER);
	atomic_dec(&count);
	kfree_rcu(owner, rcu);
}

static void reap(struct work_struct *work)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&dead_owners));
	struct sp_owner *owner, *next;

	llist_for_each_entry_safe(owner, next, list, dead) {
		sp_flow_kill_cookie(owner->cookie);
		free_owner(owner);
		cond_resched();
	}
}

/*
 * A copy of whose it is, with a reference to the image; @uid stays unless the record
 * has one. False: no record.
 */
static bool look_up(u64 cookie, struct sp_who *who, u32 *uid)
{
	struct bucket *bucket = bucket_of(cookie);
	struct sp_owner *owner;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	owner = find(cookie);
	if (owner) {
		*who = owner->who;
		sp_image_get(who->image);
		owner->used = jiffies;
		if (owner->for_user)
			*uid = owner->uid;
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	return owner;
}

bool sp_owner_who(u64 cookie, struct sp_who *who)
{
	u32 uid;

	return look_up(cookie, who, &uid);
}

bool sp_owner_known(u64 cookie)
{
	struct sp_owner *owner;
	bool known;

	rcu_read_lock();
	owner = find(cookie);
	known = owner && !READ_ONCE(owner->early);
	rcu_read_unlock();
	return known;
}

bool sp_owner_is_older(u64 cookie)
{
	struct sp_owner *owner;
	bool older;

	rcu_read_lock();
	owner = find(cookie);
	older = !READ_ONCE(armed) || (owner && READ_ONCE(owner->early));
	rcu_read_unlock();
	return older;
}

void sp_owner_stays_older(u64 cookie)
{
	struct sp_owner *owner;

	rcu_read_lock();
	owner = find(cookie);
	if (owner)
		WRITE_ONCE(owner->early, true);
	rcu_read_unlock();
}

void sp_owner_arm(void)
{
	synchronize_net();	/* what passed before the hooks were there is done */
	sp_owner_walk_older();
	WRITE_ONCE(armed, true);
}

u8 sp_owner_direction(u64 cookie)
{
	struct sp_owner *owner;
	u8 direction;

	rcu_read_lock();
	owner = find(cookie);
	direction = owner ? READ_ONCE(owner->direction) : SALLYPORT_OUT;
	rcu_read_unlock();
	return direction;
}

/*
 * Nobody tells of the end of a request, and who is at the other end can begin very many:
 * without a share of their own they would take everybody's places.
 */
void sp_owner_inherit(u64 cookie, const struct sp_flow_desc *desc, bool request)
{
	request = request && sp_owner_counts_children();
	if (request && !sp_inc_below(&requests, max_count / SP_OWNER_REQUESTS)) {
		sp_stat(SALLYPORT_STAT_OWNER_FULL);
		return;
	}
	sp_owner_note(cookie, &(struct sp_record) {
		.who = {
			.image = sp_image_get(desc->image),
			.process = desc->process,
			.pid = desc->pid,
		},
		.direction = desc->direction,
		.charged = desc->uid,
		.request = request,
	});
}

static void nobody(struct sp_who *who)
{
	*who = (struct sp_who){ .image = sp_image_get(sp_image_unknown) };
}

static bool same_program(const struct sp_who *a, const struct sp_who *b)
{
	return a->image == b->image && a->process == b->process;
}

enum sp_has { SP_HAS, SP_HAS_NOT, SP_MAY_HAVE };

/* Has the running program @file open? Only so many descriptors are looked at. */
static enum sp_has has_open(const struct file *file)
{
	const struct fdtable *table;
	unsigned int fd, end;

	if (!current->files)
		return SP_HAS_NOT;
	table = files_fdtable(current->files);
	end = min_t(unsigned int, table->max_fds, SP_OWNER_FILES);
	for (fd = 0; fd < end; fd++)
		if (rcu_access_pointer(table->fd[fd]) == file)
			return SP_HAS;
	return end < table->max_fds ? SP_MAY_HAVE : SP_HAS_NOT;
}

/*
 * Does the running program send what leaves @sk right now? Only who may have
 * packet queues can give packets of others back in his own context: he sends
 * through sockets that he has open. A socket without a file is the kernel's own.
 */
static enum sp_has sends_through(const struct sock *sk)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);
	const struct file *file = socket ? READ_ONCE(socket->file) : NULL;

	if (!file)
		return SP_HAS_NOT;
	if (!has_capability_noaudit(current, CAP_NET_ADMIN))
		return SP_HAS;
	return has_open(file);
}

/* The program of @who is @now too, as far as can be told. */
static bool is_still(const struct sp_who *who, const struct sp_who *now)
{
	return now->image == sp_image_unknown ? who->pid == now->pid :
						same_program(now, who);
}

/*
 * Something new leaves through @cookie's socket in the context of a program:
 * it is the sender, whoever made the socket (passed and inherited ones). If that
 * can't be told, it is nobody's.
 */
static void sender(const struct sock *sk, u64 cookie, struct sp_who *who)
{
	struct sp_who now;
	enum sp_has has;

	sp_process_current(&now);
	has = is_still(who, &now) ? SP_HAS_NOT : sends_through(sk);
	if (has == SP_HAS_NOT) {
		sp_image_put(now.image);
		return;
	}
	sp_image_put(who->image);
	if (has == SP_MAY_HAVE || now.image == sp_image_unknown) {
		sp_image_put(now.image);
		nobody(who);
		return;
	}
	*who = now;
	sp_image_get(now.image);
	sp_owner_note(cookie, &(struct sp_record) {
		.who = now, .direction = SALLYPORT_OUT,
		.charged = sp_charged_uid(current),
	});
}

static u64 socket_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	return cgroup_id(sock_cgroup_ptr(&sk->sk_cgrp_data));
#else
	return 0;
#endif
}

/* A packet socket's frames leave it in its program's context alone. */
static bool by_program(const struct sock *sk)
{
	return sk->sk_family == AF_PACKET ? sp_task_is_program() :
					    sp_current_is_program();
}

void sp_owner_fill(struct sock *sk, bool sends, struct sp_flow_desc *desc)
{
	struct sp_who who;
	bool known;

	if (!sk) {
		desc->image = sp_image_get(sp_image_kernel);
		return;
	}
	desc->uid = sp_uid(READ_ONCE(sk->sk_uid));
	known = look_up(desc->key.cookie, &who, &desc->uid);
	if (!known)
		nobody(&who);
	/* A connection belongs to who connected: that was seen, in his context. */
	if (known && sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP)
		sends = false;
	if (sends && by_program(sk))
		sender(sk, desc->key.cookie, &who);
	desc->image = who.image;
	desc->process = who.process;
	desc->pid = who.pid;
	desc->flags |= who.flags;
	desc->cgroup = socket_cgroup(sk);
}

static bool is_too_old(const struct sp_owner *owner, bool ends_unseen)
{
	if (owner->request)
		return time_after(jiffies, owner->used + SP_OWNER_REQUEST);
	return ends_unseen && !time_before(jiffies, owner->used + SP_OWNER_AGE);
}

void sp_owner_age(void)
{
	bool ends_unseen = sp_owner_degraded() & SALLYPORT_DEGRADED_DESTRUCT;
	struct sp_owner *owner;
	struct hlist_node *next;
	u32 i;

	if (!ends_unseen && !atomic_read(&requests))
		return;
	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_irq(&buckets[i].lock);
		hlist_for_each_entry_safe(owner, next, &buckets[i].head, node) {
			if (!is_too_old(owner, ends_unseen))
				continue;
			hlist_del_rcu(&owner->node);
			if (owner->request)
				bury(owner);	/* with its flow */
			else
				free_owner(owner);
		}
		spin_unlock_irq(&buckets[i].lock);
		cond_resched();
	}
}

u32 sp_owner_count(void)
{
	return atomic_read(&count);
}

u32 sp_owner_max(void)
{
	return max_count;
}

void sp_owner_init(u32 max)
{
	u32 i;

	max_count = max;
	get_random_bytes(&seed, sizeof(seed));
	for (i = 0; i < ARRAY_SIZE(buckets); i++)
		spin_lock_init(&buckets[i].lock);
	sp_owner_probes_arm();
}

void sp_owner_exit(void)
{
	struct sp_owner *owner;
	struct hlist_node *next;
	u32 i;

	sp_owner_probes_disarm();
	cancel_delayed_work_sync(&reaper);
	reap(NULL);
	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_irq(&buckets[i].lock);
		hlist_for_each_entry_safe(owner, next, &buckets[i].head, node) {
			hlist_del_rcu(&owner->node);
			free_owner(owner);
		}
		spin_unlock_irq(&buckets[i].lock);
	}
}
