// SPDX-License-Identifier: GPL-2.0
/*
 * Answers: a verdict for all flows that it matches, or what becomes of some that wait.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "answer.h"
#include "daemon.h"
#include "flow_table.h"
#include "image.h"
#include "owner.h"
#include "pending.h"
#include "stats.h"
#include "verdict_table.h"

/* An answer is carried out under the epoch that it was compared with. */
static DEFINE_MUTEX(answering);

void sp_answers_begin_epoch(u64 epoch)
{
	mutex_lock(&answering);
	WRITE_ONCE(sp_daemon.epoch, epoch);
	mutex_unlock(&answering);
}

/* Those that the verdict does not match stay: the daemon answers them apart. */
static void release_matching(const struct sallyport_verdict *verdict,
			     const u64 *ids, u32 count)
{
	const struct sp_pending_answer in_table = { };
	struct sp_pending *pending;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < count; i++) {
		pending = sp_pending_by_id(ids[i]);
		if (pending && sp_verdict_matches(verdict, &pending->desc))
			sp_pending_answer(pending, &in_table);
	}
	rcu_read_unlock();
}

static int install(const struct sallyport_verdict *verdict, const u64 *ids, u32 count)
{
	struct sp_image *image;
	const char *what;
	int error;

	error = sp_verdict_check(verdict, &what);
	if (error) {
		pr_warn_ratelimited("refused a verdict: %s\n", what);
		return error;
	}
	image = sp_image_by_id(verdict->image);
	if (!image)
		return -ENOENT;
	error = sp_verdict_push(verdict, image);
	sp_image_put(image);
	if (!error)
		release_matching(verdict, ids, count);
	return error;
}

/*
 * Enters the flow. Not if its socket has no record (any more), so that its end
 * is seen: the record goes first, then the flows.
 */
static bool enter(const struct sp_flow_desc *desc, u8 action, u64 rule)
{
	struct sp_flow *flow;

	if (sp_flow_insert(desc, action, rule, &flow))
		return false;
	smp_mb();	/* the flow is in the table before the record is looked for */
	if (sp_owner_known(desc->key.cookie))
		return true;
	sp_flow_kill(flow);
	return false;
}

/* Where there is no room for the flow the answer is for what is held now. */
static void resolve_one(u64 id, u8 action, u64 rule)
{
	struct sp_pending_answer answer = { };
	struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_by_id(id);
	if (pending) {
		if (!enter(&pending->desc, action, rule))
			answer = (struct sp_pending_answer) {
				.action = action, .rule = rule,
				.epoch = sp_daemon.epoch,
			};
		sp_pending_answer(pending, &answer);
	}
	rcu_read_unlock();
}

static int carry_out(const struct sallyport_answer *answer, const u64 *ids, u32 count)
{
	u32 i;

	if (answer->epoch < sp_daemon.epoch) {
		sp_stat(SALLYPORT_STAT_STALE);
		return -ESTALE;
	}
	if (!answer->action)
		return install(&answer->verdict, ids, count);
	for (i = 0; i < count; i++)
		resolve_one(ids[i], answer->action, answer->rule);
	return 0;
}

int sp_answer(const struct sallyport_answer *answer, const u64 *ids, u32 count)
{
	int error;

	if (answer->action > SALLYPORT_DROP ||
	    memchr_inv(answer->reserved, 0, sizeof(answer->reserved)))
		return -EINVAL;
	mutex_lock(&answering);
	error = carry_out(answer, ids, count);
	mutex_unlock(&answering);
	return error;
}
