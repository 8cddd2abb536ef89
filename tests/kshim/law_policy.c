// SPDX-License-Identifier: GPL-2.0
/*
 * The law: a policy as people write it, a list of rules of which the first that
 * matches decides, and its plain evaluation.
 */
#include <string.h>

#include "law.h"

struct rule {
	int program;		/* or ANY_PROGRAM, NO_PROGRAM */
	u32 instance;		/* 0: any; likewise the others */
	u32 uid;
	u64 cgroup;
	u8 direction;		/* 2: any */
	u8 protocol;
	u8 remote, length;
	u16 remote_port, local_port;
	int ifindex;
	u8 action;
	u64 expires;
};
#define ANY_PROGRAM (-11)
#define NO_PROGRAM (-12)

static struct rule rules[LAW_RULES];
static u8 otherwise[2];

static const u8 addresses[LAW_REMOTES][16] = {
	{ [10] = 0xff, 0xff, 192, 0, 2, 1 }, { [10] = 0xff, 0xff, 192, 0, 2, 2 },
	{ [10] = 0xff, 0xff, 198, 51, 100, 1 },
	{ 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 }, { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 2 },
	{ 0x20, 1, 0xd, 0xb8, 0, 2, [15] = 1 },
};
static const u8 lengths[] = { 0, 0, 48, 120, 128, 128 };

/* The first three are IPv4. */
const u8 *law_address(u8 remote, u8 family)
{
	return addresses[remote % 3 + (family == AF_INET ? 0 : 3)];
}

bool law_same_wire(const struct law_key *a, const struct law_key *b)
{
	return a->family == b->family && a->protocol == b->protocol &&
	       a->remote % 3 == b->remote % 3 && a->remote_port == b->remote_port &&
	       a->local_port == b->local_port;
}

bool law_same_key(const struct law_key *a, const struct law_key *b)
{
	return a->cookie == b->cookie && a->ifindex == b->ifindex &&
	       law_same_wire(a, b);
}

static bool same_prefix(const u8 *a, const u8 *b, u8 length)
{
	int bit;

	for (bit = 0; bit < length; bit++)
		if ((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static bool matches(const struct rule *rule, const struct law_flow *flow)
{
	const struct law_key *key = &flow->key;

	if (rule->program != ANY_PROGRAM && rule->program != flow->who.program)
		return false;
	if (rule->uid && rule->uid != flow->uid)
		return false;
	if (rule->direction < 2 && rule->direction != flow->direction)
		return false;
	if (rule->instance && rule->instance != flow->who.instance)
		return false;
	if (rule->cgroup && rule->cgroup != flow->cgroup)
		return false;
	if (rule->protocol && rule->protocol != key->protocol)
		return false;
	if (rule->remote_port && rule->remote_port != key->remote_port)
		return false;
	if (rule->local_port && rule->local_port != key->local_port)
		return false;
	if (rule->ifindex && (flow->container || rule->ifindex != key->ifindex))
		return false;
	if (rule->expires && rule->expires <= shim_boottime)
		return false;
	return same_prefix(addresses[rule->remote],
			   law_address(key->remote, key->family), rule->length);
}

/* Does the rule concern the subject at all? Else it looks at nothing more. */
static bool is_about(const struct rule *rule, const struct law_flow *flow)
{
	return (rule->program == ANY_PROGRAM || rule->program == flow->who.program) &&
	       (!rule->uid || rule->uid == flow->uid) &&
	       (rule->direction == 2 || rule->direction == flow->direction);
}

static void look(const struct rule *rule, struct law_looked *looked)
{
	if (rule->instance)
		looked->match |= SALLYPORT_MATCH_PROCESS;
	if (rule->cgroup)
		looked->match |= SALLYPORT_MATCH_CGROUP;
	if (rule->protocol)
		looked->match |= SALLYPORT_MATCH_PROTOCOL;
	if (rule->remote_port)
		looked->match |= SALLYPORT_MATCH_REMOTE_PORT;
	if (rule->local_port)
		looked->match |= SALLYPORT_MATCH_LOCAL_PORT;
	if (rule->ifindex)
		looked->match |= SALLYPORT_MATCH_INTERFACE;
	if (rule->length > looked->length)
		looked->length = rule->length;
}

u8 law_decide(const struct law_flow *flow, struct law_looked *looked)
{
	struct law_looked none;
	const struct rule *rule;

	if (!looked)
		looked = &none;
	memset(looked, 0, sizeof(*looked));
	for (rule = rules; rule < rules + LAW_RULES; rule++) {
		if (!is_about(rule, flow) ||
		    (rule->expires && rule->expires <= shim_boottime))
			continue;
		look(rule, looked);
		if (!matches(rule, flow))
			continue;
		looked->expires = rule->expires;
		return rule->action;
	}
	return otherwise[flow->direction];
}

static u8 some_action(void)
{
	static const u8 actions[] = { SALLYPORT_ALLOW, SALLYPORT_ALLOW,
				      SALLYPORT_DENY, SALLYPORT_DENY,
				      SALLYPORT_DROP, LAW_ASK };

	return actions[shim_random(ARRAY_SIZE(actions))];
}

static void some_rule(struct rule *rule)
{
	struct law_process *process = law_some_process();

	*rule = (struct rule) {
		.program = shim_random(3) ? (int)shim_random(LAW_PROGRAMS) : ANY_PROGRAM,
		.uid = shim_random(4) ? 0 : 1000 + shim_random(2),
		.direction = shim_random(3),
		.remote = shim_random(LAW_REMOTES),
		.length = lengths[shim_random(ARRAY_SIZE(lengths))],
		.remote_port = shim_random(4) ? 0 : 53 + shim_random(2),
		.local_port = shim_random(8) ? 0 : 40000 + shim_random(4),
		.ifindex = shim_random(4) ? 0 : 2 + shim_random(2),
		.cgroup = shim_random(8) ? 0 : 101 + shim_random(2),
		.action = some_action(),
	};
	if (!shim_random(6) && process)
		rule->instance = process->who.instance;
	if (!shim_random(4))
		rule->protocol = shim_random(2) ? IPPROTO_TCP : IPPROTO_UDP;
	if (!shim_random(5))
		rule->expires = shim_boottime + (1 + shim_random(60)) * NSEC_PER_SEC;
}

void law_policy_begin(void)
{
	int i;

	for (i = 0; i < LAW_RULES; i++)
		rules[i] = (struct rule) { .program = NO_PROGRAM };
	otherwise[0] = otherwise[1] = LAW_ASK;
}

void law_policy_change(void)
{
	int i, n = 1 + shim_random(3);

	while (n--)
		some_rule(&rules[shim_random(LAW_RULES)]);
	for (i = 0; i < 2; i++)
		if (!shim_random(3))
			otherwise[i] = some_action();
}

u64 law_policy_next_expiry(void)
{
	u64 next = 0;
	int i;

	for (i = 0; i < LAW_RULES; i++)
		if (rules[i].expires > shim_boottime &&
		    (!next || rules[i].expires < next))
			next = rules[i].expires;
	return next;
}
