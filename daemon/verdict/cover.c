/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From decisions to verdicts and back. Pure but for reading the clocks. */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>
#include "cover.h"
#include "facts.h"

#define CLOCK_SLACK	1000000u	/* ns between two readings of two clocks */
#define NAMED_LIFE	600000000000u	/* ns: each address has a verdict of its own */

_Static_assert(SP_LOOKED_PROCESS == SALLYPORT_MATCH_PROCESS &&
	       SP_LOOKED_CGROUP == SALLYPORT_MATCH_CGROUP &&
	       SP_LOOKED_PROTOCOL == SALLYPORT_MATCH_PROTOCOL &&
	       SP_LOOKED_REMOTE_PORT == SALLYPORT_MATCH_REMOTE_PORT &&
	       SP_LOOKED_LOCAL_PORT == SALLYPORT_MATCH_LOCAL_PORT &&
	       SP_LOOKED_INTERFACE == SALLYPORT_MATCH_INTERFACE,
	       "fields looked at are the verdict's mask");
_Static_assert((int)SP_ALLOW == SALLYPORT_ALLOW && (int)SP_DENY == SALLYPORT_DENY &&
	       (int)SP_DROP == SALLYPORT_DROP &&
	       (int)SP_OUT == SALLYPORT_OUT && (int)SP_IN == SALLYPORT_IN,
	       "policy and protocol have the same values");

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

void sp_now_read(struct sp_now *now)
{
	now->real = read_clock(CLOCK_REALTIME);
	now->boot = (uint64_t)read_clock(CLOCK_BOOTTIME);
}

uint64_t sp_boot_time(const struct sp_now *now, int64_t real)
{
	int64_t left;

	if (!real)
		return 0;
	if (real <= now->real)
		return 1;
	if (__builtin_sub_overflow(real, now->real, &left) ||
	    (uint64_t)left > UINT64_MAX - now->boot)
		return UINT64_MAX;
	return now->boot + (uint64_t)left;
}

int64_t sp_real_time(const struct sp_now *now, uint64_t boot)
{
	return (int64_t)((uint64_t)now->real - (now->boot - boot));
}

/* Copies @length bits; the rest is zero. */
static void cut_prefix(uint8_t to[16], const uint8_t from[16], uint8_t length)
{
	size_t whole = length / 8;

	memset(to, 0, 16);
	memcpy(to, from, whole);
	if (length % 8)
		to[whole] = (uint8_t)(from[whole] & 0xff00 >> length % 8);
}

/*
 * Until when the verdict holds. One that looked at names is for a single address:
 * it gives its place back, or whoever goes to many addresses runs out of them.
 */
static uint64_t expiry(const struct sp_decision *decision, const struct sp_now *now)
{
	uint64_t end = sp_boot_time(now, decision->expires);

	if (decision->looked & SP_LOOKED_NAMES && (!end || end > now->boot + NAMED_LIFE))
		return now->boot + NAMED_LIFE;
	return end;
}

void sp_cover_build(const struct sp_decision *decision, const struct sp_flow *flow,
		    const struct sp_now *now, uint64_t id,
		    struct sallyport_verdict *verdict)
{
	unsigned int looked = decision->looked & SALLYPORT_MATCH_ALL;

	memset(verdict, 0, sizeof(*verdict));
	verdict->id = id;
	verdict->rule = decision->rule;
	verdict->image = flow->image;
	verdict->uid = flow->user;
	verdict->direction = (uint8_t)flow->direction;
	verdict->action = (uint8_t)decision->action;
	verdict->expires = expiry(decision, now);
	verdict->remote_length = decision->remote_length > 128 ? 128 :
				 decision->remote_length;
	cut_prefix(verdict->remote, flow->remote, verdict->remote_length);
	verdict->match = looked;
	if (looked & SALLYPORT_MATCH_PROCESS)
		verdict->process = flow->process;
	if (looked & SALLYPORT_MATCH_CGROUP)
		verdict->cgroup = flow->cgroup;
	if (looked & SALLYPORT_MATCH_PROTOCOL)
		verdict->protocol = flow->protocol;
	if (looked & SALLYPORT_MATCH_REMOTE_PORT)
		verdict->remote_port = htons(flow->remote_port);
	if (looked & SALLYPORT_MATCH_LOCAL_PORT)
		verdict->local_port = htons(flow->local_port);
	if (looked & SALLYPORT_MATCH_INTERFACE)
		verdict->ifindex = flow->ifindex;
}

static bool same_prefix(const uint8_t prefix[16], const uint8_t address[16],
			uint8_t length)
{
	uint8_t cut[16];

	cut_prefix(cut, address, length);
	return !memcmp(cut, prefix, sizeof(cut));
}

static bool fields_match(const struct sallyport_verdict *verdict,
			 const struct sallyport_flow *flow)
{
	uint32_t match = verdict->match;

	if (match & SALLYPORT_MATCH_PROCESS && verdict->process != flow->process)
		return false;
	if (match & SALLYPORT_MATCH_CGROUP && verdict->cgroup != flow->cgroup)
		return false;
	if (match & SALLYPORT_MATCH_PROTOCOL && verdict->protocol != flow->protocol)
		return false;
	if (match & SALLYPORT_MATCH_REMOTE_PORT &&
	    verdict->remote_port != flow->remote_port)
		return false;
	if (match & SALLYPORT_MATCH_LOCAL_PORT &&
	    verdict->local_port != flow->local_port)
		return false;
	return !(match & SALLYPORT_MATCH_INTERFACE) ||
	       verdict->ifindex == sp_flow_device(flow);
}

bool sp_cover_matches(const struct sallyport_verdict *verdict,
		      const struct sallyport_flow *flow)
{
	return verdict->image == flow->image && verdict->uid == flow->uid &&
	       verdict->direction == flow->direction &&
	       same_prefix(verdict->remote, flow->remote, verdict->remote_length) &&
	       fields_match(verdict, flow);
}

void sp_cover_sample(const struct sallyport_verdict *verdict, struct sp_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->image = verdict->image;
	flow->process = verdict->process;
	flow->cgroup = verdict->cgroup;
	flow->user = verdict->uid;
	flow->direction = (enum sp_direction)verdict->direction;
	flow->protocol = verdict->protocol;
	memcpy(flow->remote, verdict->remote, sizeof(flow->remote));
	flow->remote_port = ntohs(verdict->remote_port);
	flow->local_port = ntohs(verdict->local_port);
	flow->ifindex = verdict->ifindex;
}

/* Does the verdict end no later than the decision? */
static bool ends_in_time(const struct sallyport_verdict *verdict,
			 const struct sp_decision *decision,
			 const struct sp_now *now)
{
	uint64_t end = sp_boot_time(now, decision->expires);

	if (!end)
		return true;
	return verdict->expires && verdict->expires <= end + CLOCK_SLACK;
}

/* The rule counts too: logs name it. */
bool sp_cover_keeps(const struct sallyport_verdict *verdict,
		    const struct sp_decision *decision, const struct sp_now *now)
{
	return !decision->need && verdict->action == (uint8_t)decision->action &&
	       verdict->rule == decision->rule &&
	       !(decision->looked & SALLYPORT_MATCH_ALL & ~verdict->match) &&
	       (!(decision->looked & SP_LOOKED_NAMES) || verdict->remote_length == 128) &&
	       decision->remote_length <= verdict->remote_length &&
	       ends_in_time(verdict, decision, now);
}
