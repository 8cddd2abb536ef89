// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>
#include "holding.h"
#include "support.h"
#include "user.h"

const struct sallyport_pending_limits limits = {
	.image = 4,
	.user = 6,
	.total = 16,
	.seconds = 60,
};

struct sp_image *images[8];	/* ids 16 to 23 */
struct sock socket_held;		/* the socket of each packet */
struct sallyport_pending tag;
enum sallyport_stat reason;
struct sp_pending_answer answer;

u32 expired, abandoned;

static void note_given_up(const struct sp_pending *pending, bool closed)
{
	ck_assert(shim_context.rcu);
	ck_assert_ptr_null(sp_pending_find(&pending->desc.key));
	if (closed)
		abandoned++;
	else
		expired++;
}

void start(void)
{
	int i;

	shim_init();
	for (i = 0; i < 8; i++)
		images[i] = support_image(16 + i);
	ck_assert_int_eq(sp_user_init(), 0);
	ck_assert_int_eq(sp_pending_init(note_given_up), 0);
	sp_pending_set_limits(&limits);
}

void stop(void)
{
	int i;

	shim_fail_nth(0);
	sp_pending_exit();
	ck_assert_uint_eq(sp_pending_count(), 0);
	ck_assert_int_eq(socket_held.refs, 0);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(support_waiting(images[i]), 0);
		ck_assert_int_eq(refcount_read(&images[i]->refs), 1);
		sp_image_put(images[i]);
	}
	sp_user_exit();
	shim_exit();
}

static enum sp_hold hold_packet(const struct sp_flow_desc *desc, u32 bytes,
				bool returned)
{
	enum sp_hold hold;
	u64 id;

	memset(&tag, 0xff, sizeof(tag));
	reason = __SALLYPORT_STAT_MAX;
	support_enter();
	hold = sp_pending_hold(desc, &socket_held, 33, bytes, returned, &id, &reason,
			       &answer);
	if (hold == SP_HOLD_NEW)
		sp_pending_tag(sp_pending_by_id(id), &tag);
	support_leave();
	return hold;
}

enum sp_hold hold(const struct sp_flow_desc *desc, u32 bytes)
{
	return hold_packet(desc, bytes, false);
}

enum sp_hold again(const struct sp_flow_desc *desc, u32 bytes)
{
	return hold_packet(desc, bytes, true);
}

bool refused(enum sp_hold hold, enum sallyport_stat why)
{
	return hold == SP_HOLD_REFUSE && reason == why;
}

struct sp_pending *find(const struct sp_flow_desc *desc)
{
	struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_find(&desc->key);
	rcu_read_unlock();
	return pending;
}

struct sp_pending *by_id(u64 id)
{
	struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_by_id(id);
	rcu_read_unlock();
	return pending;
}

void remove_flow(const struct sp_flow_desc *desc)
{
	struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_find(&desc->key);
	if (pending)
		sp_pending_remove(pending);
	rcu_read_unlock();
}

struct sp_flow_desc udp(u64 cookie, int image)
{
	return support_desc(images[image], cookie, 1, 53);
}

struct sp_flow_desc tcp(u64 cookie, int image)
{
	struct sp_flow_desc desc = udp(cookie, image);

	support_protocol(&desc, IPPROTO_TCP);
	return desc;
}
