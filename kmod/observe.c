// SPDX-License-Identifier: GPL-2.0
/*
 * Telling what could be DNS, and of whom there is enough. A bucket of tokens
 * stands for several users where there are many; a secret says for which.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

#include "netlink.h"
#include "observe.h"
#include "owner.h"
#include "stats.h"

#define SP_BUCKETS	256
#define DNS_HEADER	12
#define DNS_QUESTION	5	/* the root's name, type and class */
#define TCP_PREFIX	2	/* the message's length */

struct bucket {
	spinlock_t lock;
	u32 tokens;
	unsigned long filled;	/* jiffies */
	unsigned long told;	/* jiffies: that @uid had no more */
	u32 uid;
};

static struct bucket buckets[SP_BUCKETS];
static hsiphash_key_t seed __read_mostly;

/* Jiffies of the first reply since the daemon looked, 0: none; and of the last. */
static unsigned long unseen_since, shown_last;

/* Boottime in ns, of the last: what no daemon knows of; what was beyond a share. */
static atomic64_t missed, missed_share;

void sp_observe_init(void)
{
	int i;

	get_random_bytes(&seed, sizeof(seed));
	for (i = 0; i < SP_BUCKETS; i++) {
		spin_lock_init(&buckets[i].lock);
		buckets[i].tokens = SP_QUERIES_BURST;
		buckets[i].filled = jiffies;
		buckets[i].told = jiffies - HZ;
	}
}

static void fill(struct bucket *bucket)
{
	unsigned long passed = jiffies - bucket->filled;
	unsigned long more;

	if (passed > HZ * SP_QUERIES_BURST / SP_QUERIES_SECOND)
		passed = HZ * SP_QUERIES_BURST / SP_QUERIES_SECOND;
	more = passed * SP_QUERIES_SECOND / HZ;
	if (!more)
		return;
	bucket->tokens = min_t(u32, bucket->tokens + more, SP_QUERIES_BURST);
	bucket->filled = jiffies;
}

/* Is that to be said now? */
static bool has_no_more(struct bucket *bucket, u32 uid)
{
	if (bucket->uid == uid && time_before(jiffies, bucket->told + HZ))
		return false;
	bucket->uid = uid;
	bucket->told = jiffies;
	return true;
}

/* @say: there is none, and the daemon is to be told so. */
static bool take_token(u32 uid, bool *say)
{
	struct bucket *bucket = &buckets[hsiphash_1u32(uid, &seed) % SP_BUCKETS];
	bool taken;

	spin_lock_bh(&bucket->lock);
	fill(bucket);
	taken = bucket->tokens > 0;
	bucket->tokens -= taken;
	*say = !taken && has_no_more(bucket, uid);
	spin_unlock_bh(&bucket->lock);
	return taken;
}

/* Where the payload begins; -1: there is no such header. */
static int payload_offset(const struct sp_packet *packet)
{
	int offset = skb_transport_offset(packet->skb);
	const struct tcphdr *tcp;
	struct tcphdr buffer;

	if (packet->desc.key.protocol == IPPROTO_UDP)
		return offset + sizeof(struct udphdr);
	tcp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	return tcp ? offset + tcp->doff * 4 : -1;
}

/* One question, of the usual kind; a reply to it has answers and no error. */
static bool is_dns(const u8 *header, bool reply)
{
	if (header[2] & 0x78 || !(header[2] & 0x80) == reply ||
	    header[4] || header[5] != 1)
		return false;
	return !reply || (!(header[3] & 0x0f) && (header[6] || header[7]));
}

/* The payload's place if it could be a message, else -1. */
static int find_message(const struct sp_packet *packet, bool reply)
{
	bool stream = packet->desc.key.protocol == IPPROTO_TCP;
	int payload = payload_offset(packet);
	int start = payload + (stream ? TCP_PREFIX : 0);
	u8 buffer[DNS_HEADER];
	const u8 *header;

	if (payload < 0 || start + DNS_HEADER + DNS_QUESTION > (int)packet->skb->len)
		return -1;
	header = skb_header_pointer(packet->skb, start, sizeof(buffer), buffer);
	return header && is_dns(header, reply) ? payload : -1;
}

static void tell(const struct sp_packet *packet, const u8 *question, size_t length)
{
	if (!sp_netlink_query(&packet->desc, question, length))
		return;
	if (length)
		sp_stat(SALLYPORT_STAT_QUERY_LOST);
	sp_observe_missed();
}

void sp_observe_query(struct sp_packet *packet)
{
	u8 question[SALLYPORT_QUESTION_MAX];
	int payload = find_message(packet, false);
	size_t length;
	bool say;

	if (payload < 0 || !READ_ONCE(sp_daemon.observes))
		return;
	if (!packet->desc.image)
		sp_owner_fill(packet->sk, false, &packet->desc);
	length = min_t(size_t, packet->skb->len - payload, sizeof(question));
	if (skb_copy_bits(packet->skb, payload, question, length)) {
		sp_stat(SALLYPORT_STAT_QUERY_LOST);
		sp_observe_missed();
	} else if (take_token(packet->desc.uid, &say)) {
		tell(packet, question, length);
	} else {
		sp_stat(SALLYPORT_STAT_QUERY_LOST);
		atomic64_set(&missed_share, ktime_get_boottime_ns());
		if (say)
			tell(packet, question, 0);
	}
}

/* On loopback its socket was not looked for. */
bool sp_observe_reply(const struct sp_packet *packet)
{
	if (!packet->sk && !(packet->dev->flags & IFF_LOOPBACK))
		return false;
	return find_message(packet, true) >= 0;
}

void sp_observe_missed(void)
{
	atomic64_set(&missed, ktime_get_boottime_ns());
}

u64 sp_observe_last_missed(bool shares)
{
	u64 last = atomic64_read(&missed);

	return shares ? max_t(u64, last, atomic64_read(&missed_share)) : last;
}

void sp_observe_seen(void)
{
	WRITE_ONCE(unseen_since, 0);
}

bool sp_observe_is_seen(void)
{
	unsigned long since = READ_ONCE(unseen_since), now = jiffies ?: 1;
	unsigned long last = READ_ONCE(shown_last);

	if (!READ_ONCE(sp_daemon.observes))
		return false;
	if (since && time_after(now, since + SP_OBSERVE_PATIENCE))
		return time_after(now, last + SP_OBSERVE_TRIAL) &&
		       cmpxchg(&shown_last, last, now) == last;
	if (!since)
		cmpxchg(&unseen_since, 0, now);
	WRITE_ONCE(shown_last, now);
	return true;
}
