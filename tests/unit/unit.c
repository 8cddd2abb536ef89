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
static const char *const remotes[] = {
	"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3",
	"10.1.2.2/31", "10.128.0.0/9", "192.0.2.0/24", "192.0.2.1",
	"2000::/3", "2001:db8::/32", "2001:db8::/64", "2001:db8::1",
	"10.1.2.3-10.1.3.7", "10.1.0.0-10.1.2.255", "192.0.2.1-192.0.2.9",
	"2001:db8::1-2001:db8::7", "10.1.2.2-10.1.2.80",
	"www.example.org", "a.test", "domain example.org", "domain test", "domain a.test",
	"@numbers", "@names", "@both", "@missing",
	"lan", "resolver", "internet", "loopback", "multicast",
};
static const char *const addresses[] = {
	"::ffff:10.1.2.3", "::ffff:10.1.2.2", "::ffff:10.1.2.77", "::ffff:10.1.3.1",
	"::ffff:10.200.0.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2",
	"::ffff:198.51.100.1", "2001:db8::1", "2001:db8::2", "2001:db8:1::1",
	"2a00::1", "fe80::1", "::1", "::ffff:127.0.0.1", "::ffff:224.0.0.251",
};
static const struct sp_ports ranges[] = {
	{ 80, 80 }, { 80, 90 }, { 85, 100 }, { 443, 443 }, { 1, 1023 }, { 0, 79 },
};
static const uint16_t ports[] = { 0, 80, 85, 90, 95, 443, 5000 };
static const char *const globs[] = { "/usr/bin/*", "/usr/*/a", "/*/bin/*", "/opt/*" };
static const char *const hashes[] = {
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
};
static const char *const packages[] = { "pa", "pb" };
static const char *const apps[] = { "flatpak:org.example.A", "snap:b" };
static const char *const units[] = { "a.service", "b.service" };
static const char *const scripts[] = { "/s/a", "/s/b" };
static const char *const networks[] = { "home", "work" };
static const char *const parents[] = { "/usr/bin/a", "/usr/bin/b" };
static const char *const some_names[][2] = {
	{ "www.example.org", "a.test" }, { "b.a.test", "example.org" },
	{ "listed.example", "other.example" }, { "a.test", "beneath.listed.example" },
};
static const uint64_t families[] = { 1, 2 };
static struct sp_prefix lan, resolver;
struct sp_list *unit_lists[UNIT_LISTS];

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

static void make_lists(void)
{
	static const char *const texts[UNIT_LISTS][2] = {
		{ "numbers", "10.1.0.0/16\n2001:db8::1\n192.0.2.1-192.0.2.3\n" },
		{ "names", "listed.example\n0.0.0.0 www.example.org\n" },
		{ "both", "10.200.0.0/16\na.test\n" },
	};

	if (unit_lists[0])
		return;
	for (size_t i = 0; i < UNIT_LISTS; i++)
		unit_lists[i] = unit_list(texts[i][0], texts[i][1]);
	lan.length = resolver.length = 128;
	unit_address("10.1.2.0", lan.address);
	lan.length = 96 + 24;
	unit_address("10.1.2.2", resolver.address);
}

/* As the language has it: what only a line can say. */
static void set_remote(struct sp_rule *rule, const char *text)
{
	char line[128];
	struct sp_rule other;

	make_lists();
	snprintf(line, sizeof(line), "allow out to %s", text);
	other = unit_rule(line, 1);
	rule->remote_kind = other.remote_kind;
	rule->remote = other.remote;
	memcpy(rule->remote_last, other.remote_last, sizeof(rule->remote_last));
	rule->remote_name = other.remote_name;
	other.remote_name = NULL;
	sp_rule_clear(&other);
	for (size_t i = 0; i < UNIT_LISTS && rule->remote_kind == SP_REMOTE_LIST; i++)
		if (!strcmp(sp_list_name(unit_lists[i]), rule->remote_name))
			rule->list = unit_lists[i];
}

static void random_service(struct unit_random *random, struct sp_rule *rule)
{
	if (unit_chance(random, 3))
		rule->protocol = PICK(random, protocols);
	if (!unit_chance(random, 3))
		set_remote(rule, PICK(random, remotes));
	if (rule->protocol == 1)
		return;
	if (unit_chance(random, 3))
		rule->remote_port = PICK(random, ranges);
	if (unit_chance(random, 5))
		rule->local_port = PICK(random, ranges);
}

static void random_program(struct unit_random *random, struct sp_rule *rule)
{
	if (unit_chance(random, 8)) {
		rule->program = copy(PICK(random, globs));
		rule->program_glob = true;
	} else if (unit_chance(random, 2)) {
		rule->program = copy(unit_program(unit_below(random, 3)));
	}
	if (unit_chance(random, 10))
		rule->hash = copy(PICK(random, hashes));
	if (unit_chance(random, 10))
		rule->package = copy(PICK(random, packages));
}

static void random_process(struct unit_random *random, struct sp_rule *rule)
{
	if (unit_chance(random, 12))
		rule->app = copy(PICK(random, apps));
	if (unit_chance(random, 12))
		rule->unit = copy(PICK(random, units));
	if (unit_chance(random, 12))
		rule->script = copy(PICK(random, scripts));
	if (unit_chance(random, 12))
		rule->parent = copy(PICK(random, parents));
	if (unit_chance(random, 12))
		rule->traced = unit_chance(random, 2) ? SP_TRACED_YES : SP_TRACED_NO;
	if (!unit_chance(random, 10))
		return;
	rule->bound = SP_BOUND_PROGRAM;
	rule->boot = copy(UNIT_BOOT);
	rule->process = unit_below(random, UNIT_PROCESSES);
	if (!rule->process || unit_chance(random, 3))
		rule->cgroup = 1 + unit_below(random, UNIT_CGROUPS - 1);
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
	random_program(random, rule);
	random_process(random, rule);
	if (unit_chance(random, 12))
		rule->network = copy(PICK(random, networks));
	if (unit_chance(random, 4))
		rule->interface = copy(unit_interface(unit_below(random, 2)));
	if (unit_chance(random, 4) && rule->bound == SP_BOUND_NONE)
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
	if (unit_chance(random, 8))
		return SP_FACT_PENDING;
	return unit_chance(random, 8) ? SP_FACT_FAILED : SP_FACT_KNOWN;
}

/* A world is nothing but states. */
static enum sp_fact_state *state_at(struct unit_world *world, size_t i)
{
	return (enum sp_fact_state *)(void *)world + i;
}

#define STATES (sizeof(struct unit_world) / sizeof(enum sp_fact_state))

void unit_random_world(struct unit_random *random, struct unit_world *world)
{
	for (size_t i = 0; i < STATES; i++)
		*state_at(world, i) = random_state(random);
	for (size_t i = 0; i < UNIT_CGROUPS; i++)
		if (unit_chance(random, 4))
			world->app[i] = SP_FACT_CLAIMED;
}

void unit_known_world(struct unit_world *world)
{
	for (size_t i = 0; i < STATES; i++)
		*state_at(world, i) = SP_FACT_KNOWN;
}

static struct sp_text_fact text_fact(enum sp_fact_state state, const char *text)
{
	bool is = state == SP_FACT_KNOWN || state == SP_FACT_CLAIMED;

	return (struct sp_text_fact){ state, is ? text : NULL };
}

/* The first of two, the second, or nothing. */
static const char *one_of(const char *const texts[2], uint64_t key)
{
	return key % 3 < 2 ? texts[key % 3] : NULL;
}

static void set_names(struct sp_facts *facts, enum sp_fact_state state, size_t which,
		      bool doubtful)
{
	facts->names.state = state;
	if (state != SP_FACT_KNOWN)
		return;
	facts->names.names = some_names[which % 4];
	facts->names.count = which / 4 % 3;
	facts->names.doubtful = doubtful ? which % (facts->names.count + 1) : 0;
	facts->names.expires = which % 2 ? UNIT_TIME_MAX + 2 : 0;
}

static void set_parents(struct sp_facts *facts, enum sp_fact_state state, uint64_t which)
{
	facts->parents.state = state;
	facts->parents.paths = parents;
	facts->parents.count = state == SP_FACT_KNOWN ? which % 3 : 0;
}

static void set_family(struct sp_facts *facts, enum sp_fact_state state, uint64_t which)
{
	facts->family.state = state;
	facts->family.processes = families;
	facts->family.count = state == SP_FACT_KNOWN ? which % 3 : 0;
}

static void set_places(struct sp_facts *facts, enum sp_fact_state state, uint64_t which)
{
	make_lists();
	facts->places.state = state;
	facts->places.lan = &lan;
	facts->places.resolver = &resolver;
	if (state == SP_FACT_KNOWN)
		facts->places.lan_count = facts->places.resolver_count = which % 2;
}

/* Some number by which names and their state differ from address to address. */
static size_t address_sum(const uint8_t address[16])
{
	size_t sum = 0;

	for (size_t i = 0; i < 16; i++)
		sum = sum * 31 + address[i];
	return sum % UNIT_PLACES;
}

struct sp_facts unit_facts(const struct unit_world *world, const struct sp_flow *flow)
{
	const struct unit_image_facts *image = &world->image[flow->image];
	const struct unit_process_facts *process = &world->process[flow->process];
	size_t sum = address_sum(flow->remote);
	struct sp_facts facts = {
		.program = text_fact(image->program, unit_program(flow->image)),
		.hash = text_fact(image->hash, one_of(hashes, flow->image)),
		.package = text_fact(image->package, one_of(packages, flow->image + 1)),
		.app = text_fact(world->app[flow->cgroup], one_of(apps, flow->cgroup)),
		.unit = text_fact(world->unit[flow->cgroup], one_of(units, flow->cgroup + 1)),
		.script = text_fact(process->script, one_of(scripts, flow->process)),
		.traced = { process->traced, flow->process == 1 },
		.interface = text_fact(world->interface[flow->ifindex], unit_interface(flow->ifindex)),
		.network = text_fact(world->network, "home"),
	};

	set_parents(&facts, process->parents, flow->process);
	set_family(&facts, process->family, flow->process + 1);
	set_names(&facts, world->names[sum], sum, world->doubtful[sum] != SP_FACT_KNOWN);
	set_places(&facts, world->places, 1);
	return facts;
}

static bool set_text(struct sp_text_fact *fact, const char *const *texts, unsigned count,
		     unsigned index)
{
	*fact = text_fact(index <= count ? SP_FACT_KNOWN : SP_FACT_FAILED,
			  index < count ? texts[index] : NULL);
	return index <= count + 1;
}

void unit_fact_forget(struct sp_facts *facts, unsigned fact)
{
	static const struct sp_text_fact nothing;

	switch (fact) {
	case SP_FACT_PROGRAM:
		facts->program = nothing;
		break;
	case SP_FACT_INTERFACE:
		facts->interface = nothing;
		break;
	case SP_FACT_HASH:
		facts->hash = nothing;
		break;
	case SP_FACT_PACKAGE:
		facts->package = nothing;
		break;
	case SP_FACT_APP:
		facts->app = nothing;
		break;
	case SP_FACT_UNIT:
		facts->unit = nothing;
		break;
	case SP_FACT_SCRIPT:
		facts->script = nothing;
		break;
	case SP_FACT_NETWORK:
		facts->network = nothing;
		break;
	case SP_FACT_TRACED:
		facts->traced.state = SP_FACT_PENDING;
		break;
	case SP_FACT_PARENTS:
		set_parents(facts, SP_FACT_PENDING, 0);
		break;
	case SP_FACT_FAMILY:
		set_family(facts, SP_FACT_PENDING, 0);
		break;
	case SP_FACT_NAMES:
		memset(&facts->names, 0, sizeof(facts->names));
		break;
	case SP_FACT_PLACES:
		memset(&facts->places, 0, sizeof(facts->places));
		break;
	}
}

bool unit_fact_value(struct sp_facts *facts, unsigned fact, unsigned index)
{
	static const char *const programs[] = { "/usr/bin/a", "/usr/bin/b", "/opt/c" };
	static const char *const interfaces[] = { "eth0", "wg0" };
	enum sp_fact_state state = index < 12 ? SP_FACT_KNOWN : SP_FACT_FAILED;

	switch (fact) {
	case SP_FACT_PROGRAM:
		return set_text(&facts->program, programs, 3, index);
	case SP_FACT_INTERFACE:
		return set_text(&facts->interface, interfaces, 2, index);
	case SP_FACT_HASH:
		return set_text(&facts->hash, hashes, 2, index);
	case SP_FACT_PACKAGE:
		return set_text(&facts->package, packages, 2, index);
	case SP_FACT_APP:
		if (index < 2)
			facts->app = text_fact(SP_FACT_CLAIMED, apps[index]);
		return index < 2 || set_text(&facts->app, apps, 2, index - 2);
	case SP_FACT_UNIT:
		return set_text(&facts->unit, units, 2, index);
	case SP_FACT_SCRIPT:
		return set_text(&facts->script, scripts, 2, index);
	case SP_FACT_NETWORK:
		return set_text(&facts->network, networks, 2, index);
	case SP_FACT_TRACED:
		facts->traced.state = state;
		facts->traced.is = index % 2;
		break;
	case SP_FACT_PARENTS:
		set_parents(facts, state, index);
		break;
	case SP_FACT_FAMILY:
		set_family(facts, state, index);
		break;
	case SP_FACT_NAMES:
		if (index > 12)
			set_names(facts, SP_FACT_KNOWN, index - 13, true);
		else
			set_names(facts, state, index, false);
		return index <= 24;
	case SP_FACT_PLACES:
		set_places(facts, state, index);
		break;
	}
	return index <= 12;
}

struct sp_list *unit_list(const char *name, const char *text)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct sp_text_error error;
	struct sp_list *list = sp_list_read(name, file, &error);

	ck_assert_msg(list, "%s: %u:%u: %s", name, error.line, error.column, error.message);
	fclose(file);
	return list;
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
