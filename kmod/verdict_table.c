// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict table: subjects by (image, user, direction), and under each its
 * masks and its verdicts.
 *
 * A mask says which fields verdicts look at. It is one word, which stays in its
 * slot as long as a verdict has it, so that look-ups under RCU read it in place.
 * A verdict is found by its mask together with the values of these fields.
 *
 * The mutex covers all changes. A subject exists as long as it has verdicts; it
 * holds its image and its charge to the user, and each verdict another charge.
 */
#include <asm/byteorder.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "bucket_hash.h"
#include "verdict_table.h"

#define SUBJECT_BUCKETS		32
#define POSITION_BITS		20	/* of a position, for those in a bucket */
#define TABLE_BUCKETS_MAX	(1U << (32 - POSITION_BITS))

/* In use, length of the prefix, SALLYPORT_MATCH_*. */
#define MASK_USED		0x80000000U
#define MASK_LENGTH_SHIFT	16

/*
 * What a mask leaves of a flow. Hashed and compared as words: no holes, and
 * fields that are not looked at are zero.
 */
struct fields {
	u64 process;
	u64 cgroup;
	struct in6_addr remote;
	__be16 remote_port;
	__be16 local_port;
	u32 ifindex;
	u32 mask;
	u8 protocol;
	u8 zero[3];
} __aligned(8);

#define FIELDS_WORDS (sizeof(struct fields) / sizeof(u64))
static_assert(sizeof(struct fields) == 48);

struct verdict {
	struct hlist_node node;
	struct sallyport_verdict v;
	struct fields fields;
	u32 hash;	/* of the fields: tells most of a bucket apart at once */
	struct rcu_head rcu;
};

struct subject {
	struct hlist_node node;
	u64 image_id;
	u32 uid;
	u8 direction;
	u32 masks[SALLYPORT_SUBJECT_MASKS];	/* 0: free */
	u16 uses[SALLYPORT_SUBJECT_MASKS];	/* verdicts with the mask */
	u32 verdicts;
	struct sp_image *image;
	struct sp_user *user;
	struct rcu_head rcu;
	struct hlist_head buckets[SUBJECT_BUCKETS];
};

static DEFINE_MUTEX(table_lock);
static struct hlist_head *table __read_mostly;
static u32 table_buckets __read_mostly;
static hsiphash_key_t table_seed __read_mostly;
static struct sp_verdict_limits table_limits __read_mostly;
static u32 subject_count;
static u32 verdict_count;
static u32 deletions = 1;	/* of verdicts: positions of others are not what they were */

static u32 mask_length(u32 mask)
{
	return mask >> MASK_LENGTH_SHIFT & 0xff;
}

static u32 verdict_mask(const struct sallyport_verdict *v)
{
	return MASK_USED | v->remote_length << MASK_LENGTH_SHIFT | v->match;
}

/* The @i-th word of a netmask with @length bits. */
static __be32 netmask_word(u32 length, int i)
{
	int bits = clamp_t(int, (int)length - 32 * i, 0, 32);

	return htonl(bits ? ~0U << (32 - bits) : 0);
}

static bool prefix_equal(const struct in6_addr *a, const struct in6_addr *b,
			 u32 length)
{
	int i;

	for (i = 0; i < 4; i++)
		if ((a->s6_addr32[i] ^ b->s6_addr32[i]) &
		    netmask_word(length, i))
			return false;
	return true;
}

static void fields_of_desc(struct fields *fields,
			   const struct sp_flow_desc *desc)
{
	*fields = (struct fields) {
		.process = desc->process,
		.cgroup = desc->cgroup,
		.remote = desc->key.remote,
		.remote_port = desc->key.remote_port,
		.local_port = desc->key.local_port,
		.ifindex = sp_flow_device(desc),
		.protocol = desc->key.protocol,
	};
}

/* A verdict's fields are zero where its mask does not look. */
static void fields_of_verdict(struct fields *fields,
			      const struct sallyport_verdict *v)
{
	*fields = (struct fields) {
		.process = v->process,
		.cgroup = v->cgroup,
		.remote_port = v->remote_port,
		.local_port = v->local_port,
		.ifindex = v->ifindex,
		.mask = verdict_mask(v),
		.protocol = v->protocol,
	};
	memcpy(&fields->remote, v->remote, sizeof(fields->remote));
}

static void fields_masked(struct fields *out, const struct fields *all,
			  u32 mask)
{
	int i;

	memset(out, 0, sizeof(*out));
	out->mask = mask;
	for (i = 0; i < 4; i++)
		out->remote.s6_addr32[i] = all->remote.s6_addr32[i] &
					   netmask_word(mask_length(mask), i);
	if (mask & SALLYPORT_MATCH_PROCESS)
		out->process = all->process;
	if (mask & SALLYPORT_MATCH_CGROUP)
		out->cgroup = all->cgroup;
	if (mask & SALLYPORT_MATCH_PROTOCOL)
		out->protocol = all->protocol;
	if (mask & SALLYPORT_MATCH_REMOTE_PORT)
		out->remote_port = all->remote_port;
	if (mask & SALLYPORT_MATCH_LOCAL_PORT)
		out->local_port = all->local_port;
	if (mask & SALLYPORT_MATCH_INTERFACE)
		out->ifindex = all->ifindex;
}

/* Could a flow match both? */
static bool fields_overlap(const struct fields *a, const struct fields *b)
{
	u32 both = a->mask & b->mask;
	u32 length = min(mask_length(a->mask), mask_length(b->mask));

	if (!prefix_equal(&a->remote, &b->remote, length))
		return false;
	if (both & SALLYPORT_MATCH_PROCESS && a->process != b->process)
		return false;
	if (both & SALLYPORT_MATCH_CGROUP && a->cgroup != b->cgroup)
		return false;
	if (both & SALLYPORT_MATCH_PROTOCOL && a->protocol != b->protocol)
		return false;
	if (both & SALLYPORT_MATCH_REMOTE_PORT &&
	    a->remote_port != b->remote_port)
		return false;
	if (both & SALLYPORT_MATCH_LOCAL_PORT && a->local_port != b->local_port)
		return false;
	return !(both & SALLYPORT_MATCH_INTERFACE && a->ifindex != b->ifindex);
}

static bool fields_equal(const struct fields *a, const struct fields *b)
{
	return sp_words_equal(a, b, FIELDS_WORDS);
}

static bool verdict_expired(const struct sallyport_verdict *v)
{
	u64 expires = v->expires;

	return expires && expires <= ktime_get_boottime_ns();
}

static u32 fields_hash(const struct fields *fields)
{
	return sp_words_hash(fields, FIELDS_WORDS, &table_seed);
}

static struct hlist_head *subject_bucket(struct subject *subject, u32 hash)
{
	return &subject->buckets[hash % SUBJECT_BUCKETS];
}

static struct verdict *subject_verdict(struct subject *subject,
				       const struct fields *fields)
{
	u32 hash = fields_hash(fields);
	struct verdict *verdict;

	hlist_for_each_entry_rcu(verdict, subject_bucket(subject, hash), node,
				 lockdep_is_held(&table_lock))
		if (verdict->hash == hash &&
		    fields_equal(&verdict->fields, fields))
			return verdict;
	return NULL;
}

static struct hlist_head *table_bucket(u64 image_id, u32 uid, u8 direction)
{
	u32 hash = sp_numbers_hash(image_id, (u64)uid << 8 | direction, &table_seed);

	return &table[hash & (table_buckets - 1)];
}

static struct subject *subject_find(u64 image_id, u32 uid, u8 direction)
{
	struct subject *subject;

	hlist_for_each_entry_rcu(subject,
				 table_bucket(image_id, uid, direction), node,
				 lockdep_is_held(&table_lock))
		if (subject->image_id == image_id && subject->uid == uid &&
		    subject->direction == direction)
			return subject;
	return NULL;
}

bool sp_verdict_find(const struct sp_flow_desc *desc, struct sp_answer *answer)
{
	struct fields all, masked;
	struct subject *subject;
	struct verdict *verdict;
	u32 mask;
	int i;

	subject = subject_find(desc->image->info.id, desc->uid,
			       desc->direction);
	if (!subject)
		return false;
	fields_of_desc(&all, desc);
	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		mask = READ_ONCE(subject->masks[i]);
		if (!mask)
			continue;
		fields_masked(&masked, &all, mask);
		verdict = subject_verdict(subject, &masked);
		if (!verdict || verdict_expired(&verdict->v))
			continue;
		answer->rule = verdict->v.rule;
		answer->action = verdict->v.action;
		return true;
	}
	return false;
}

bool sp_verdict_matches(const struct sallyport_verdict *verdict,
			const struct sp_flow_desc *desc)
{
	struct fields all, masked, wanted;

	if (verdict->image != desc->image->info.id ||
	    verdict->uid != desc->uid || verdict->direction != desc->direction)
		return false;
	fields_of_desc(&all, desc);
	fields_masked(&masked, &all, verdict_mask(verdict));
	fields_of_verdict(&wanted, verdict);
	return fields_equal(&masked, &wanted);
}

static const char *verdict_fault(const struct sallyport_verdict *v)
{
	struct fields fields, masked;

	if (v->action < SALLYPORT_ALLOW || v->action > SALLYPORT_DROP)
		return "no such action";
	if (v->direction > SALLYPORT_IN)
		return "no such direction";
	if (v->match & ~SALLYPORT_MATCH_ALL)
		return "no such field";
	if (v->remote_length > 128)
		return "prefix too long";
	if (v->reserved)
		return "reserved field is not zero";
	fields_of_verdict(&fields, v);
	fields_masked(&masked, &fields, fields.mask);
	if (!fields_equal(&masked, &fields))
		return "value outside the mask";
	return NULL;
}

int sp_verdict_check(const struct sallyport_verdict *verdict, const char **what)
{
	const char *fault = verdict_fault(verdict);

	if (!fault)
		return 0;
	*what = fault;
	return -EINVAL;
}

/* The mask's slot, or a free one, or -ENOSPC. */
static int subject_slot(const struct subject *subject, u32 mask)
{
	int i, slot = -ENOSPC;

	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		if (subject->masks[i] == mask)
			return i;
		if (!subject->masks[i] && slot < 0)
			slot = i;
	}
	return slot;
}

static void subject_add(struct subject *subject, struct verdict *verdict,
			int slot)
{
	lockdep_assert_held(&table_lock);
	hlist_add_head_rcu(&verdict->node,
			   subject_bucket(subject, verdict->hash));
	WRITE_ONCE(subject->masks[slot], verdict->fields.mask);
	subject->uses[slot]++;
	subject->verdicts++;
	WRITE_ONCE(verdict_count, verdict_count + 1);
}

static void subject_del(struct subject *subject, struct verdict *verdict)
{
	int slot = subject_slot(subject, verdict->fields.mask);

	lockdep_assert_held(&table_lock);
	hlist_del_rcu(&verdict->node);
	if (!--subject->uses[slot])
		WRITE_ONCE(subject->masks[slot], 0);
	subject->verdicts--;
	deletions++;
	WRITE_ONCE(verdict_count, verdict_count - 1);
	sp_user_uncharge(subject->user, SP_CHARGE_VERDICT);
	kfree_rcu(verdict, rcu);
}

/* Deletes the verdicts that @which says; returns whether there were any. */
static bool subject_del_if(struct subject *subject,
			   bool (*which)(const struct sallyport_verdict *v,
					 u64 id), u64 id)
{
	struct verdict *verdict;
	struct hlist_node *next;
	bool any = false;
	int i;

	for (i = 0; i < SUBJECT_BUCKETS; i++) {
		hlist_for_each_entry_safe(verdict, next, &subject->buckets[i],
					  node) {
			if (!which(&verdict->v, id))
				continue;
			subject_del(subject, verdict);
			any = true;
		}
	}
	return any;
}

static bool which_expired(const struct sallyport_verdict *v, u64 id)
{
	return verdict_expired(v);
}

static bool which_id(const struct sallyport_verdict *v, u64 id)
{
	return v->id == id;
}

static bool which_any(const struct sallyport_verdict *v, u64 id)
{
	return true;
}

/* Is there a verdict of another action that a flow of @fields could match? */
static bool subject_contradicts(const struct subject *subject,
				const struct fields *fields, u8 action,
				const struct verdict *except)
{
	const struct verdict *verdict;
	int i;

	for (i = 0; i < SUBJECT_BUCKETS; i++)
		hlist_for_each_entry(verdict, &subject->buckets[i], node)
			if (verdict != except && verdict->v.action != action &&
			    fields_overlap(&verdict->fields, fields))
				return true;
	return false;
}

/* With its charge, if @charge; or ERR_PTR(). */
static struct verdict *verdict_alloc(const struct subject *subject, bool charge)
{
	struct sp_user *user;
	struct verdict *verdict;

	if (charge) {
		user = sp_user_charge(subject->uid, SP_CHARGE_VERDICT,
				      table_limits.user_verdicts);
		if (IS_ERR(user))
			return ERR_CAST(user);
	}
	verdict = kzalloc(sizeof(*verdict), GFP_KERNEL);
	if (!verdict && charge)
		sp_user_uncharge(user, SP_CHARGE_VERDICT);
	return verdict ?: ERR_PTR(-ENOMEM);
}

static int subject_replace(struct subject *subject, struct verdict *old,
			   const struct sallyport_verdict *v)
{
	struct verdict *new = verdict_alloc(subject, false);

	if (IS_ERR(new))
		return PTR_ERR(new);
	new->v = *v;
	new->fields = old->fields;
	new->hash = old->hash;
	hlist_replace_rcu(&old->node, &new->node);
	kfree_rcu(old, rcu);
	return 0;
}

static int subject_push(struct subject *subject,
			const struct sallyport_verdict *v)
{
	struct verdict *verdict;
	struct fields fields;
	int slot;

	fields_of_verdict(&fields, v);
	verdict = subject_verdict(subject, &fields);
	if (subject_contradicts(subject, &fields, v->action, verdict))
		return -EEXIST;
	if (verdict)
		return subject_replace(subject, verdict, v);

	slot = subject_slot(subject, fields.mask);
	if (slot < 0 || subject->verdicts >= SALLYPORT_SUBJECT_VERDICTS ||
	    verdict_count >= table_limits.verdicts)
		return -ENOSPC;
	verdict = verdict_alloc(subject, true);
	if (IS_ERR(verdict))
		return PTR_ERR(verdict);
	verdict->v = *v;
	verdict->fields = fields;
	verdict->hash = fields_hash(&fields);
	subject_add(subject, verdict, slot);
	return 0;
}

/* Without verdicts yet, but in the table; or ERR_PTR(). */
static struct subject *subject_create(struct sp_image *image, u32 uid,
				      u8 direction)
{
	struct subject *subject;
	struct sp_user *user;

	if (subject_count >= table_limits.subjects)
		return ERR_PTR(-ENOSPC);
	user = sp_user_charge(uid, SP_CHARGE_SUBJECT,
			      table_limits.user_subjects);
	if (IS_ERR(user))
		return ERR_CAST(user);
	subject = kzalloc(sizeof(*subject), GFP_KERNEL);
	if (!subject) {
		sp_user_uncharge(user, SP_CHARGE_SUBJECT);
		return ERR_PTR(-ENOMEM);
	}
	subject->image = sp_image_get(image);
	subject->image_id = image->info.id;
	subject->uid = uid;
	subject->direction = direction;
	subject->user = user;
	hlist_add_head_rcu(&subject->node,
			   table_bucket(image->info.id, uid, direction));
	WRITE_ONCE(subject_count, subject_count + 1);
	return subject;
}

static void subject_drop_if_empty(struct subject *subject)
{
	lockdep_assert_held(&table_lock);
	if (subject->verdicts)
		return;
	hlist_del_rcu(&subject->node);
	WRITE_ONCE(subject_count, subject_count - 1);
	sp_user_uncharge(subject->user, SP_CHARGE_SUBJECT);
	sp_image_put(subject->image);
	kfree_rcu(subject, rcu);
}

int sp_verdict_push(const struct sallyport_verdict *verdict,
		    struct sp_image *image)
{
	struct subject *subject;
	int err;

	mutex_lock(&table_lock);
	subject = subject_find(verdict->image, verdict->uid,
			       verdict->direction);
	if (subject)
		subject_del_if(subject, which_expired, 0);
	else
		subject = subject_create(image, verdict->uid,
					 verdict->direction);
	if (IS_ERR(subject)) {
		err = PTR_ERR(subject);
	} else {
		err = subject_push(subject, verdict);
		subject_drop_if_empty(subject);
	}
	mutex_unlock(&table_lock);
	return err;
}

bool sp_verdict_delete(const struct sallyport_verdict_ref *ref)
{
	struct subject *subject;
	bool found = false;

	mutex_lock(&table_lock);
	subject = subject_find(ref->image, ref->uid, ref->direction);
	if (subject) {
		found = subject_del_if(subject, which_id, ref->id);
		subject_drop_if_empty(subject);
	}
	mutex_unlock(&table_lock);
	return found;
}

/* Deletes what @which says from all subjects. */
static void table_del_if(bool (*which)(const struct sallyport_verdict *v,
				       u64 id))
{
	struct subject *subject;
	struct hlist_node *next;
	u32 i;

	mutex_lock(&table_lock);
	for (i = 0; i < table_buckets; i++) {
		hlist_for_each_entry_safe(subject, next, &table[i], node) {
			subject_del_if(subject, which, 0);
			subject_drop_if_empty(subject);
		}
		cond_resched();
	}
	mutex_unlock(&table_lock);
}

void sp_verdict_table_age(void)
{
	table_del_if(which_expired);
}

/* Skips *@skip verdicts, counting it down, and hands the others to @fn. */
static int subject_walk(struct subject *subject, u32 *position, u32 *skip,
			int (*fn)(const struct sallyport_verdict *verdict,
				  void *arg), void *arg)
{
	struct verdict *verdict;
	int i, ret;

	for (i = 0; i < SUBJECT_BUCKETS; i++) {
		hlist_for_each_entry(verdict, &subject->buckets[i], node) {
			if (*skip) {
				(*skip)--;
				continue;
			}
			ret = fn(&verdict->v, arg);
			if (ret)
				return ret;
			(*position)++;
		}
	}
	return 0;
}

static int bucket_walk(u32 i, u32 *position,
		       int (*fn)(const struct sallyport_verdict *verdict,
				 void *arg), void *arg)
{
	u32 skip = *position & ((1U << POSITION_BITS) - 1);
	struct subject *subject;
	int ret;

	hlist_for_each_entry(subject, &table[i], node) {
		ret = subject_walk(subject, position, &skip, fn, arg);
		if (ret)
			return ret;
	}
	return 0;
}

int sp_verdict_table_walk(u32 *position, u32 *state,
			  int (*fn)(const struct sallyport_verdict *verdict,
				    void *arg), void *arg)
{
	u32 i;
	int ret = 0;

	mutex_lock(&table_lock);
	*state = deletions;
	for (i = *position >> POSITION_BITS; i < table_buckets; i++) {
		ret = bucket_walk(i, position, fn, arg);
		if (ret)
			break;
		*position = (i + 1) << POSITION_BITS;
	}
	mutex_unlock(&table_lock);
	return ret;
}

int sp_verdict_table_init(const struct sp_verdict_limits *limits)
{
	table_limits = *limits;
	/* less than the most: the position behind the last one must fit */
	table_buckets = clamp_t(u32, roundup_pow_of_two(limits->subjects), 16,
				TABLE_BUCKETS_MAX / 2);
	table = kvcalloc(table_buckets, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	get_random_bytes(&table_seed, sizeof(table_seed));
	return 0;
}

void sp_verdict_table_exit(void)
{
	table_del_if(which_any);
	WARN_ON(subject_count || verdict_count);
	kvfree(table);
	table = NULL;
	table_buckets = 0;
}

u32 sp_subject_count(void)
{
	return READ_ONCE(subject_count);
}

u32 sp_subject_max(void)
{
	return table_limits.subjects;
}

u32 sp_verdict_count(void)
{
	return READ_ONCE(verdict_count);
}

u32 sp_verdict_max(void)
{
	return table_limits.verdicts;
}
