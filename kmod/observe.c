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

struct bucket {
	spinlock_t lock;
	u32 tokens;
	unsigned long filled;	/* jiffies */
	unsigned long told;	/* jiffies: that @uid had no more */
	u32 uid;
};

static struct bucket buckets[2][SP_BUCKETS];	/* of datagrams, of segments */
static struct bucket local;	/* what answers mDNS and LLMNR, whoever asked */
static hsiphash_key_t seed __read_mostly;

/* Jiffies of the first reply since the daemon looked, 0: none; and of the last. */
static unsigned long unseen_since, shown_last;

/* Boottime in ns, of the last: what no daemon knows of; what was beyond a share. */
static atomic64_t missed, missed_share;

static void fill_up(struct bucket *bucket, u32 burst)
{
	spin_lock_init(&bucket->lock);
	bucket->tokens = burst;
	bucket->filled = jiffies;
	bucket->told = jiffies - HZ;
}

void sp_observe_init(void)
{
	int i;

	get_random_bytes(&seed, sizeof(seed));
	fill_up(&local, SP_LOCAL_BURST);
	for (i = 0; i < SP_BUCKETS; i++) {
		fill_up(&buckets[0][i], SP_QUERIES_BURST);
		fill_up(&buckets[1][i], SP_QUERIES_BURST);
	}
}

static void fill(struct bucket *bucket, u32 second, u32 burst)
{
	unsigned long passed = jiffies - bucket->filled;
	unsigned long more;

	if (passed > HZ * burst / second)
		passed = HZ * burst / second;
	more = passed * second / HZ;
	if (!more)
		return;
	bucket->tokens = min_t(u32, bucket->tokens + more, burst);
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

/*
 * @say: there is none, and the daemon is to be told so. Segments have tokens of their own:
 * by far the most of them are no DNS, where somebody uses its port for something else.
 */
static bool take_token(u32 uid, bool segment, bool *say)
{
	struct bucket *bucket = &buckets[segment][hsiphash_1u32(uid, &seed) % SP_BUCKETS];
	bool taken;

	spin_lock_bh(&bucket->lock);
	fill(bucket, SP_QUERIES_SECOND, SP_QUERIES_BURST);
	taken = bucket->tokens > 0;
	bucket->tokens -= taken;
	*say = !taken && has_no_more(bucket, uid);
	spin_unlock_bh(&bucket->lock);
	return taken;
}

/* One question, of the usual kind; a reply to it has answers and no error. */
static bool is_dns(const u8 *header, bool reply)
{
	if (header[2] & 0x78 || !(header[2] & 0x80) == reply ||
	    header[4] || header[5] != 1)
		return false;
	return !reply || (!(header[3] & 0x0f) && (header[6] || header[7]));
}

/* mDNS asks several questions at once, and repeats none in a reply. */
static bool is_local_dns(const u8 *header, bool reply)
{
	if (header[2] & 0x78 || !(header[2] & 0x80) == reply)
		return false;
	return reply ? header[6] || header[7] : header[4] || header[5];
}

/* Where the datagram's message begins; -1: it is none. */
static int find_message(const struct sp_packet *packet, bool reply)
{
	int start = skb_transport_offset(packet->skb) + sizeof(struct udphdr);
	u8 buffer[DNS_HEADER];
	const u8 *header;

	if (start + DNS_HEADER + DNS_QUESTION > (int)packet->skb->len)
		return -1;
	header = skb_header_pointer(packet->skb, start, sizeof(buffer), buffer);
	if (!header || !(sp_flow_key_is_local_dns(&packet->desc.key) ?
			 is_local_dns(header, reply) : is_dns(header, reply)))
		return -1;
	return start;
}

/* Where the segment's payload begins, and what place it has; -1: it has no header. */
static int find_segment(const struct sp_packet *packet, struct sallyport_stream *stream)
{
	int offset = skb_transport_offset(packet->skb);
	const struct tcphdr *tcp;
	struct tcphdr buffer;
	int payload;

	tcp = skb_header_pointer(packet->skb, offset, sizeof(buffer), &buffer);
	if (!tcp)
		return -1;
	payload = offset + tcp->doff * 4;
	if (payload > (int)packet->skb->len)
		return -1;
	*stream = (struct sallyport_stream) {
		.sequence = ntohl(tcp->seq) + tcp->syn,
		.acknowledged = ntohl(tcp->ack_seq),
		.length = packet->skb->len - payload,
		.begins = tcp->syn,
	};
	return payload;
}

static bool is_stream(const struct sp_packet *packet)
{
	return packet->desc.key.protocol == IPPROTO_TCP;
}

/* A query was not told. Who asks the network at large can be told anything anyway. */
static void lost(const struct sp_packet *packet)
{
	sp_stat(SALLYPORT_STAT_QUERY_LOST);
	if (!sp_flow_key_is_local_dns(&packet->desc.key))
		sp_observe_missed();
}

static void beyond_share(const struct sp_packet *packet, bool say)
{
	sp_stat(SALLYPORT_STAT_QUERY_LOST);
	if (sp_flow_key_is_local_dns(&packet->desc.key))
		return;
	atomic64_set(&missed_share, ktime_get_boottime_ns());
	if (say && sp_netlink_query(&packet->desc, "", 0, NULL))
		sp_observe_missed();
}

/* @length bytes from @offset on, if its user has a share left. */
static void tell(const struct sp_packet *packet, int offset, size_t length,
		 const struct sallyport_stream *stream)
{
	u8 question[SALLYPORT_QUESTION_MAX];
	bool say;

	if (!take_token(packet->desc.uid, stream, &say))
		beyond_share(packet, say);
	else if (skb_copy_bits(packet->skb, offset, question, length) ||
		 sp_netlink_query(&packet->desc, question, length, stream))
		lost(packet);
}

/* In pieces. What is beyond the last is said to be there. */
static void tell_segment(const struct sp_packet *packet, int offset,
			 struct sallyport_stream stream)
{
	u32 left = stream.length, length, pieces = 0;

	do {
		length = min_t(u32, left, SALLYPORT_QUESTION_MAX);
		stream.length = ++pieces < SP_SEGMENT_PIECES ? length : left;
		tell(packet, offset, length, &stream);
		left -= stream.length;
		offset += length;
		stream.sequence += length;
		stream.begins = 0;
	} while (left);
}

void sp_observe_query(struct sp_packet *packet)
{
	struct sallyport_stream stream;
	bool segment = is_stream(packet);
	int payload = segment ? find_segment(packet, &stream) :
		      find_message(packet, false);

	if (payload < 0 || !READ_ONCE(sp_daemon.observes) ||
	    (segment && !stream.length && !stream.begins))
		return;
	if (!packet->desc.image)
		sp_owner_fill(packet->sk, false, &packet->desc);
	if (segment)
		tell_segment(packet, payload, stream);
	else
		tell(packet, payload, min_t(size_t, packet->skb->len - payload,
					    SALLYPORT_QUESTION_MAX), NULL);
}

/* Of what anybody may send, so much is shown that the rest finds room. */
static bool take_local(void)
{
	bool taken;

	spin_lock_bh(&local.lock);
	fill(&local, SP_LOCAL_SECOND, SP_LOCAL_BURST);
	taken = local.tokens > 0;
	local.tokens -= taken;
	spin_unlock_bh(&local.lock);
	return taken;
}

/* On loopback its socket was not looked for; a group has several. */
bool sp_observe_reply(const struct sp_packet *packet)
{
	bool own = packet->sk || packet->dev->flags & IFF_LOOPBACK;
	struct sallyport_stream stream;

	if (is_stream(packet))
		return own && find_segment(packet, &stream) >= 0 && stream.length;
	if (!sp_flow_key_is_local_dns(&packet->desc.key))
		return own && find_message(packet, true) >= 0;
	return (own || packet->desc.flags & SALLYPORT_FLOW_GROUP) &&
	       find_message(packet, true) >= 0 && READ_ONCE(sp_daemon.observes) &&
	       take_local();
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
