// SPDX-License-Identifier: GPL-2.0
/*
 * The law: a daemon. It answers what waits by the plain policy, with verdicts as
 * wide as what was looked at allows, or for the flow alone, and on a change of
 * policy does what HACKING.md says: verdicts deleted, epoch, open flows swept.
 * It remembers its verdicts in a list, which is asked one by one.
 */
#include <string.h>

#include "law.h"
#include "message.h"
#include "pending.h"

struct law_daemon law_daemon;

static u64 last_verdict;

/* --- messages ----------------------------------------------------------------- */

static bool failed(void)
{
	bool did = shim_failed();

	if (did)
		shim_fail_nth(0);
	return did;
}

/* An error is one that was ordered. */
static void must(const char *what, int error)
{
	if (error)
		law_fail("%s: error %d", what, error);
}

static int receive(u32 port, u8 number, struct nlattr **attrs)
{
	return port == LAW_EVENTS && law_daemon.deaf ? -EAGAIN : 0;
}

static void told(const struct sallyport_tag *tag)
{
	law_check_tag(&tag->pending, &tag->image);
}

/* --- what is installed ---------------------------------------------------------- */

static bool same_prefix(const u8 *a, const u8 *b, u8 length)
{
	int bit;

	for (bit = 0; bit < length; bit++)
		if ((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static int device(const struct law_flow *flow)
{
	return flow->container ? 0 : flow->key.ifindex;
}

static bool covers(const struct law_verdict *verdict, const struct law_flow *flow)
{
	const struct law_flow *sample = &verdict->sample;
	u32 match = verdict->v.match;

	if (sample->who.program != flow->who.program ||
	    sample->who.version != flow->who.version ||
	    sample->uid != flow->uid || sample->direction != flow->direction)
		return false;
	if (match & SALLYPORT_MATCH_PROCESS &&
	    sample->who.instance != flow->who.instance)
		return false;
	if (match & SALLYPORT_MATCH_CGROUP && sample->cgroup != flow->cgroup)
		return false;
	if (match & SALLYPORT_MATCH_PROTOCOL &&
	    sample->key.protocol != flow->key.protocol)
		return false;
	if (match & SALLYPORT_MATCH_REMOTE_PORT &&
	    sample->key.remote_port != flow->key.remote_port)
		return false;
	if (match & SALLYPORT_MATCH_LOCAL_PORT &&
	    sample->key.local_port != flow->key.local_port)
		return false;
	if (match & SALLYPORT_MATCH_INTERFACE &&
	    device(sample) != device(flow))
		return false;
	return same_prefix(law_address(sample->key.remote, sample->key.family),
			   law_address(flow->key.remote, flow->key.family),
			   verdict->v.remote_length);
}

static bool is_over(const struct law_verdict *verdict)
{
	return verdict->v.expires && verdict->v.expires <= shim_boottime;
}

u8 law_installed(const struct law_flow *flow)
{
	int i;

	for (i = 0; i < law_daemon.verdicts; i++)
		if (covers(&law_daemon.verdict[i], flow) &&
		    !is_over(&law_daemon.verdict[i]))
			return law_daemon.verdict[i].v.action;
	return 0;
}

static void forget_verdict(int i)
{
	law_daemon.verdict[i] = law_daemon.verdict[--law_daemon.verdicts];
}

static void forget_those_over(void)
{
	int i;

	for (i = law_daemon.verdicts - 1; i >= 0; i--)
		if (is_over(&law_daemon.verdict[i]))
			forget_verdict(i);
}

/* With @looked's fields, and at random with more. */
static void verdict_of(const struct law_flow *flow, const struct sallyport_flow *seen,
		       const struct law_looked *looked, u8 action,
		       struct sallyport_verdict *v)
{
	u8 length = looked->length;
	u32 match = looked->match;
	int bit;

	if (!shim_random(3))
		match |= 1u << shim_random(6);
	if (!shim_random(3))
		length = 128;
	*v = (struct sallyport_verdict) {
		.id = ++last_verdict, .rule = 9, .image = seen->image,
		.expires = looked->expires, .uid = seen->uid, .match = match,
		.remote_length = length, .direction = seen->direction,
		.action = action,
	};
	if (match & SALLYPORT_MATCH_PROCESS)
		v->process = seen->process;
	if (match & SALLYPORT_MATCH_CGROUP)
		v->cgroup = seen->cgroup;
	if (match & SALLYPORT_MATCH_PROTOCOL)
		v->protocol = seen->protocol;
	if (match & SALLYPORT_MATCH_REMOTE_PORT)
		v->remote_port = seen->remote_port;
	if (match & SALLYPORT_MATCH_LOCAL_PORT)
		v->local_port = seen->local_port;
	if (match & SALLYPORT_MATCH_INTERFACE)
		v->ifindex = device(flow);
	memcpy(v->remote, seen->remote, 16);
	for (bit = length; bit < 128; bit++)
		v->remote[bit / 8] &= ~(0x80 >> bit % 8);
}

/* --- what waits ------------------------------------------------------------------ */

struct law_pending *law_pending_find(const struct law_key *key)
{
	int i;

	for (i = 0; i < law_daemon.pendings; i++)
		if (law_same_key(&law_daemon.pending[i].flow.key, key))
			return &law_daemon.pending[i];
	return NULL;
}

void law_pending_remove(struct law_pending *pending)
{
	*pending = law_daemon.pending[--law_daemon.pendings];
}

/* It stays until what is held has come back. */
void law_pending_answered(struct law_pending *pending, u8 action)
{
	law_trace("answered %llu, alone %d", (unsigned long long)pending->id, action);
	pending->answered = shim_boottime;
	pending->action = action;
	pending->epoch = law_daemon.epoch;
	if (!pending->packets)
		law_pending_remove(pending);
}

/* The flow as the module describes it. */
struct seen {
	u64 id;
	struct sallyport_flow flow;
	bool found;
};

static void see_pending(struct nlattr **attrs, void *arg)
{
	struct sallyport_pending tag;
	struct seen *seen = arg;

	memcpy(&tag, nla_data(attrs[SALLYPORT_A_PENDING]), sizeof(tag));
	if (tag.id != seen->id)
		return;
	seen->flow = tag.flow;
	seen->found = true;
}

static void resolve(struct law_pending *pending, u8 action)
{
	struct sallyport_answer answer = { .epoch = law_daemon.epoch, .action = action };

	must("resolve", message_answer(&answer, &pending->id, 1));
	if (failed() || !law_has_record(pending->flow.key.cookie)) {
		law_pending_answered(pending, action);	/* without an entry */
	} else {
		law_open_enter(&pending->flow, action, false);
		law_pending_answered(pending, 0);
	}
}

static void replace_or_add(const struct sallyport_verdict *v,
			   const struct law_flow *flow)
{
	struct law_verdict *verdict;
	int i;

	for (i = 0; i < law_daemon.verdicts; i++) {
		struct sallyport_verdict old = law_daemon.verdict[i].v;

		old.id = v->id;
		old.rule = v->rule;
		old.expires = v->expires;
		old.action = v->action;
		if (!memcmp(&old, v, sizeof(old)))
			break;
	}
	if (i == (int)ARRAY_SIZE(law_daemon.verdict))
		law_fail("too many verdicts for the model");
	verdict = &law_daemon.verdict[i];
	if (i == law_daemon.verdicts)
		law_daemon.verdicts++;
	verdict->v = *v;
	verdict->sample = *flow;
}

/* All that wait and are covered are named; sometimes others, which stay. */
static int push(const struct sallyport_verdict *v, const struct law_flow *flow,
		u64 epoch)
{
	struct law_verdict verdict = { .v = *v, .sample = *flow };
	struct sallyport_answer answer = { .epoch = epoch, .verdict = *v };
	u64 ids[ARRAY_SIZE(law_daemon.pending)];
	int error, count = 0, i;

	for (i = 0; i < law_daemon.pendings; i++)
		ids[count++] = law_daemon.pending[i].id;
	error = message_answer(&answer, ids, count);
	if (error)
		return error;
	forget_those_over();
	replace_or_add(v, flow);
	for (i = law_daemon.pendings - 1; i >= 0; i--)
		if (!law_daemon.pending[i].answered &&
		    covers(&verdict, &law_daemon.pending[i].flow))
			law_pending_answered(&law_daemon.pending[i], 0);
	return 0;
}

void law_daemon_answer(struct law_pending *pending)
{
	const struct law_flow flow = pending->flow;
	struct seen seen = { .id = pending->id };
	struct sallyport_verdict v;
	struct law_looked looked;
	u8 action = law_decide(&flow, &looked);
	int error;

	if (pending->answered)
		return;
	shim_dump(LAW_PORT, SALLYPORT_CMD_PENDING, see_pending, &seen);
	if (!seen.found)
		law_fail("a flow that should wait does not");
	if (action == LAW_ASK) {
		/* a person's answer, for this flow alone */
		if (shim_random(2))
			resolve(pending, SALLYPORT_ALLOW + shim_random(3));
		return;
	}
	if (!shim_random(4)) {
		resolve(pending, action);
		return;
	}
	verdict_of(&flow, &seen.flow, &looked, action, &v);
	if (!shim_random(8)) {
		error = push(&v, &flow, law_daemon.epoch - 1);
		if (error != -ESTALE && !(error == -ENOMEM && failed()))
			law_fail("a verdict of an old epoch was taken: %d", error);
	}
	error = push(&v, &flow, law_daemon.epoch);
	law_trace("pushed %d for %llu: %d", action, (unsigned long long)seen.id, error);
	if (error == -ENOMEM && failed())
		return;
	if (error == -ENOSPC)
		resolve(pending, action);
	else
		must("push", error);
}

static bool still_waits(const struct law_pending *pending)
{
	const struct law_key *key = &pending->flow.key;
	struct sp_flow_key name = {
		.cookie = key->cookie, .remote_port = htons(key->remote_port),
		.local_port = htons(key->local_port), .ifindex = key->ifindex,
		.protocol = key->protocol, .family = key->family,
	};
	struct sp_pending *found;
	bool waits;

	memcpy(&name.remote, law_address(key->remote, key->family), 16);
	rcu_read_lock();
	found = sp_pending_find(&name);
	waits = found && found->id == pending->id;
	rcu_read_unlock();
	return waits;
}

/* As pending.h says. */
static bool may_be_given_up(const struct law_pending *pending)
{
	u64 waited = law_daemon.limits.seconds * NSEC_PER_SEC;

	if (pending->answered)
		return shim_boottime - pending->answered > SP_PENDING_LOST;
	return pending->since + waited <= shim_boottime ||
	       law_is_closed(pending->flow.key.cookie);
}

/* The module looks once a second: when is its own affair. */
void law_pending_sync(void)
{
	int i;

	for (i = law_daemon.pendings - 1; i >= 0; i--)
		if (may_be_given_up(&law_daemon.pending[i]) &&
		    !still_waits(&law_daemon.pending[i])) {
			law_trace("given up %llu",
				  (unsigned long long)law_daemon.pending[i].id);
			law_pending_remove(&law_daemon.pending[i]);
		}
}

/* --- changes ---------------------------------------------------------------------- */

static bool still_holds(const struct law_verdict *verdict)
{
	const struct sallyport_verdict *v = &verdict->v;
	struct law_looked looked;
	u8 action = law_decide(&verdict->sample, &looked);

	return action == v->action && !(looked.match & ~v->match) &&
	       looked.length <= v->remote_length &&
	       (!looked.expires || (v->expires && v->expires <= looked.expires));
}

static void delete_verdicts(void)
{
	int i;

	for (i = law_daemon.verdicts - 1; i >= 0; i--) {
		const struct sallyport_verdict *v = &law_daemon.verdict[i].v;
		struct sallyport_verdict_ref ref = {
			.id = v->id, .image = v->image, .uid = v->uid,
			.direction = v->direction,
		};
		struct message message = { };

		if (still_holds(&law_daemon.verdict[i]))
			continue;
		message_add(&message, SALLYPORT_A_VERDICT_REFS, &ref, sizeof(ref));
		must("delete", message_send(&message, SALLYPORT_CMD_VERDICT_DELETE));
		forget_verdict(i);
	}
}

static void set_epoch(void)
{
	struct message message = { };

	law_daemon.epoch++;
	message_add_value(&message, SALLYPORT_A_EPOCH, u64, law_daemon.epoch);
	must("epoch", message_send(&message, SALLYPORT_CMD_EPOCH));
}

static bool must_end(const struct law_open *open)
{
	u8 action = law_decide(&open->flow, NULL);

	if (open->action == SALLYPORT_ALLOW)
		return action == SALLYPORT_DENY || action == SALLYPORT_DROP;
	return open->action != action;
}

static void end_flow(struct law_open *open)
{
	const struct law_key *key = &open->flow.key;
	struct sallyport_flow_ref ref = {
		.cookie = key->cookie, .remote_port = htons(key->remote_port),
		.local_port = htons(key->local_port), .ifindex = key->ifindex,
		.protocol = key->protocol, .family = key->family,
	};
	struct message message = { };

	memcpy(ref.remote, law_address(key->remote, key->family), 16);
	message_add(&message, SALLYPORT_A_FLOW_REFS, &ref, sizeof(ref));
	must("end", message_send(&message, SALLYPORT_CMD_FLOW_END));
	/* a connection stays as a refused one until it is aborted */
	if (key->protocol == IPPROTO_TCP && open->action == SALLYPORT_ALLOW &&
	    !failed()) {
		open->action = SALLYPORT_DENY;
		open->unjudged = true;	/* refused, whatever the policy calls it */
		open->created = shim_boottime;
		open->used = jiffies;
		memset(open->bytes, 0, sizeof(open->bytes));
		memset(open->packets, 0, sizeof(open->packets));
	} else {
		law_open_remove(open);
	}
}

void law_daemon_sweep(void)
{
	int i;

	delete_verdicts();
	set_epoch();
	law_open_compare(false);
	for (i = law_open_count - 1; i >= 0; i--)
		if (must_end(&law_open[i]))
			end_flow(&law_open[i]);
		else
			law_open[i].unjudged = false;
}

void law_daemon_change_policy(void)
{
	law_trace("another policy");
	law_policy_change();
	law_daemon_sweep();
}

void law_daemon_configure(void)
{
	struct message message = { };

	law_daemon.mode = shim_random(6) ? SALLYPORT_MODE_NORMAL : SALLYPORT_MODE_OFF;
	law_daemon.absent[0] = SALLYPORT_ALLOW + shim_random(3);
	law_daemon.absent[1] = SALLYPORT_ALLOW + shim_random(3);
	law_daemon.stealth = shim_random(2);
	law_daemon.limits = (struct sallyport_pending_limits) {
		.image = 1 + shim_random(4), .user = 2 + shim_random(5),
		.total = 4 + shim_random(8), .seconds = 20,
	};
	message_add_value(&message, SALLYPORT_A_MODE, u8, law_daemon.mode);
	message_add_value(&message, SALLYPORT_A_ABSENT_OUT, u8, law_daemon.absent[0]);
	message_add_value(&message, SALLYPORT_A_ABSENT_IN, u8, law_daemon.absent[1]);
	message_add_value(&message, SALLYPORT_A_STEALTH, u8, law_daemon.stealth);
	message_add(&message, SALLYPORT_A_PENDING_LIMITS, &law_daemon.limits,
	    sizeof(law_daemon.limits));
	must("config", message_send(&message, SALLYPORT_CMD_CONFIG));
}

void law_daemon_container(void)
{
	struct message message = { };
	u8 state = shim_random(3) ? SALLYPORT_NETNS_READY : SALLYPORT_NETNS_REFUSED;

	message_add_value(&message, SALLYPORT_A_NETNS, u64, law_container.net_cookie);
	message_add_value(&message, SALLYPORT_A_NETNS_STATE, u8, state);
	message_add_value(&message, SALLYPORT_A_NETNS_SOCKETS, u32, 1);
	must("namespace", message_send(&message, SALLYPORT_CMD_NETNS));
	law_daemon.container = state;
}

void law_daemon_arrive(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PROTOCOL, u32, SALLYPORT_PROTOCOL);
	message_add_value(&message, SALLYPORT_A_EVENT_PORT, u32, LAW_EVENTS);
	message_add_value(&message, SALLYPORT_A_QUEUE_FIRST, u16, 10);
	message_add_value(&message, SALLYPORT_A_QUEUE_COUNT, u16, 2);
	message_add_value(&message, SALLYPORT_A_QUEUE_WAIT, u16, 20);
	must("hello", message_send(&message, SALLYPORT_CMD_HELLO));
	law_daemon.present = true;
	law_daemon_sweep();
}

/* What it held is dropped with it; what is decided stays in force. */
void law_daemon_die(void)
{
	shim_port_closed(shim_random(2) ? LAW_PORT : LAW_EVENTS);
	law_trace("the daemon dies");
	law_daemon.present = false;
	law_daemon.pendings = 0;
	law_daemon.container = 0;
	law_lose_held(NULL);
}

void law_daemon_begin(void)
{
	memset(&law_daemon, 0, sizeof(law_daemon));
	law_daemon.absent[0] = law_daemon.absent[1] = SALLYPORT_DENY;
	law_daemon.stealth = false;
	law_daemon.limits = (struct sallyport_pending_limits) { 8, 64, 256, 60 };
	shim_receive = receive;
	law_told = told;
}

void law_daemon_end(void)
{
	if (law_daemon.present)
		law_daemon_die();
	shim_receive = NULL;
	law_told = NULL;
}
