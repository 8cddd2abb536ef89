/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests share. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"
#include "unit.h"

int unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

uint32_t unit_below(struct unit_random *random, uint32_t limit)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (uint32_t)(random->state >> 16) % limit;
}

bool unit_chance(struct unit_random *random, uint32_t one_in)
{
	return unit_below(random, one_in) == 0;
}

static const uint32_t users[] = { 1000, 1001, 0 };
static const int protocols[] = { 6, 17, 1 };
static const char *const prefixes[] = {
	"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3",
	"10.1.2.2/31", "10.128.0.0/9", "192.0.2.0/24", "192.0.2.1",
	"2000::/3", "2001:db8::/32", "2001:db8::/64", "2001:db8::1",
};
static const char *const addresses[] = {
	"::ffff:10.1.2.3", "::ffff:10.1.2.2", "::ffff:10.1.2.77", "::ffff:10.1.3.1",
	"::ffff:10.200.0.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2",
	"::ffff:198.51.100.1", "2001:db8::1", "2001:db8::2", "2001:db8:1::1",
	"2a00::1", "fe80::1",
};
static const struct sp_ports ranges[] = {
	{ 80, 80 }, { 80, 90 }, { 85, 100 }, { 443, 443 }, { 1, 1023 }, { 0, 79 },
};
static const uint16_t ports[] = { 0, 80, 85, 90, 95, 443, 5000 };

#define PICK(random, array) \
	((array)[unit_below(random, sizeof(array) / sizeof((array)[0]))])

const char *unit_program(uint64_t image)
{
	static const char *const programs[UNIT_IMAGES] = {
		"/usr/bin/a", "/usr/bin/b", "/usr/bin/c", "/opt/never in a rule", NULL,
	};

	return programs[image];
}

const char *unit_interface(uint32_t ifindex)
{
	static const char *const interfaces[UNIT_INTERFACES] = { "eth0", "wg0", NULL };

	return interfaces[ifindex];
}

void unit_address(const char *text, uint8_t address[16])
{
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	ck_assert_int_eq(inet_pton(AF_INET6, mapped, address), 1);
}

static void set_prefix(struct sp_prefix *prefix, const char *text)
{
	char address[64];
	const char *slash = strchr(text, '/');
	bool ipv4 = !strchr(text, ':');

	snprintf(address, sizeof(address), "%.*s",
		 slash ? (int)(slash - text) : (int)strlen(text), text);
	unit_address(address, prefix->address);
	prefix->length = 128;
	if (slash)
		prefix->length = (uint8_t)(atoi(slash + 1) + (ipv4 ? 96 : 0));
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void random_owner(struct unit_random *random, struct sp_rule *rule)
{
	if (unit_chance(random, 3))
		rule->owner = PICK(random, users);
	else if (unit_chance(random, 3))
		rule->user = PICK(random, users);
	if (rule->owner != SP_SYSTEM && unit_chance(random, 4))
		rule->user = rule->owner;
	rule->floor = rule->owner == SP_SYSTEM && unit_chance(random, 8);
}

static void random_service(struct unit_random *random, struct sp_rule *rule)
{
	if (unit_chance(random, 3))
		rule->protocol = PICK(random, protocols);
	if (unit_chance(random, 2))
		set_prefix(&rule->remote, PICK(random, prefixes));
	if (rule->protocol == 1)
		return;
	if (unit_chance(random, 3))
		rule->remote_port = PICK(random, ranges);
	if (unit_chance(random, 5))
		rule->local_port = PICK(random, ranges);
}

void unit_random_rule(struct unit_random *random, uint64_t id, struct sp_rule *rule)
{
	sp_rule_init(rule);
	rule->id = id;
	rule->action = (enum sp_action)(1 + unit_below(random, 4));
	rule->direction = unit_chance(random, 4) ? SP_IN : SP_OUT;
	rule->enabled = !unit_chance(random, 10);
	random_owner(random, rule);
	random_service(random, rule);
	if (unit_chance(random, 2))
		rule->program = copy(unit_program(unit_below(random, 3)));
	if (unit_chance(random, 4))
		rule->interface = copy(unit_interface(unit_below(random, 2)));
	if (unit_chance(random, 4))
		rule->expires = 1 + unit_below(random, UNIT_TIME_MAX);
	ck_assert_ptr_null(sp_rule_check(rule));
}

void unit_random_address(struct unit_random *random, uint8_t address[16])
{
	unit_address(PICK(random, addresses), address);
	if (unit_chance(random, 4))
		address[unit_below(random, 16)] ^= (uint8_t)(1u << unit_below(random, 8));
}

void unit_random_flow(struct unit_random *random, struct sp_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->image = unit_below(random, UNIT_IMAGES);
	flow->process = unit_below(random, 3);
	flow->cgroup = unit_below(random, 3);
	flow->user = unit_chance(random, 20) ? SP_ANY_USER : PICK(random, users);
	flow->direction = unit_chance(random, 4) ? SP_IN : SP_OUT;
	flow->protocol = (uint8_t)PICK(random, protocols);
	flow->remote_port = PICK(random, ports);
	flow->local_port = PICK(random, ports);
	flow->ifindex = unit_below(random, UNIT_INTERFACES);
	unit_random_address(random, flow->remote);
}

static enum sp_fact_state random_state(struct unit_random *random)
{
	if (unit_chance(random, 6))
		return SP_FACT_PENDING;
	return unit_chance(random, 6) ? SP_FACT_FAILED : SP_FACT_KNOWN;
}

void unit_random_world(struct unit_random *random, struct unit_world *world)
{
	for (size_t i = 0; i < UNIT_IMAGES; i++)
		world->program[i] = random_state(random);
	for (size_t i = 0; i < UNIT_INTERFACES; i++)
		world->interface[i] = random_state(random);
}

struct sp_facts unit_facts(const struct unit_world *world, const struct sp_flow *flow)
{
	struct sp_facts facts = {
		.program_state = world->program[flow->image],
		.interface_state = world->interface[flow->ifindex],
	};

	if (facts.program_state == SP_FACT_KNOWN)
		facts.program = unit_program(flow->image);
	if (facts.interface_state == SP_FACT_KNOWN)
		facts.interface = unit_interface(flow->ifindex);
	return facts;
}

struct sp_rule unit_rule(const char *line, uint64_t id)
{
	struct sp_text_error error;
	struct sp_rule rule;
	int result = sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &rule, &error);

	ck_assert_msg(result == 1, "%s: %u: %s", line,
		      result < 0 ? error.column : 0, result < 0 ? error.message : "empty");
	rule.id = id;
	return rule;
}
