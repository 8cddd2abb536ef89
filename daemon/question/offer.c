/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See offer.h. */
#include "offer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-login.h>
#include "decide.h"
#include "domain.h"
#include "policy_clock.h"
#include "protocol.h"
#include "sentence.h"
#include "text.h"
#include "verdict/facts.h"

#define THIS_VERSION "/this-version"

static const char *const scope_names[SP_SCOPES] = {
	[SP_SCOPE_HOST_PORT] = "this-host-port",
	[SP_SCOPE_HOST] = "this-host",
	[SP_SCOPE_DOMAIN] = "this-domain",
	[SP_SCOPE_ADDRESS] = "this-address",
	[SP_SCOPE_PORT] = "this-port",
	[SP_SCOPE_ANYTHING] = "anything",
};

static const struct {
	const char *name;
	gint64 seconds;
} lifetimes[SP_LIFETIMES] = {
	[SP_LIFETIME_ONCE] = { "once", 0 },
	[SP_LIFETIME_QUIT] = { "quit", 0 },
	[SP_LIFETIME_15M] = { "15m", 15 * 60 },
	[SP_LIFETIME_1H] = { "1h", 60 * 60 },
	[SP_LIFETIME_LOGOUT] = { "logout", 0 },
	[SP_LIFETIME_REBOOT] = { "reboot", 0 },
	[SP_LIFETIME_ALWAYS] = { "always", 0 },
};

gboolean sp_uid_is_system(guint32 uid)
{
	/* Below: services and root. 61184 to 65519: systemd's; 65534: nobody. */
	return uid < 1000 || (uid >= 61184 && uid <= 65535);
}

static guint16 port_of(const struct sp_flow *flow)
{
	return flow->direction == SP_OUT ? flow->remote_port : flow->local_port;
}

/* What is waited for, and how its remote is called. */
struct target {
	struct sp_flow flow;
	/* Who. One of these is there, or no rule can be made. */
	const char *program;	/* path */
	const char *bundle;	/* path of the AppImage that it is out of */
	const char *unit;	/* of the container, or of the hardened service, that it is in */
	guint64 process;
	char *name;		/* then: what it calls itself, for a note; NULL: nothing that can be one */
	const char *host;	/* NULL: not known */
	const char *domain;	/* NULL: it belongs to none */
};

static void set_address(struct sp_rule *rule, const struct sp_flow *flow)
{
	memcpy(rule->remote.address, flow->remote, sizeof(flow->remote));
	rule->remote.length = 128;
}

static void set_port(struct sp_rule *rule, const struct sp_flow *flow)
{
	struct sp_ports *ports = flow->direction == SP_OUT ? &rule->remote_port :
							     &rule->local_port;

	rule->protocol = flow->protocol;
	ports->first = ports->last = port_of(flow);
}

static void set_name(struct sp_rule *rule, enum sp_remote kind, const char *name)
{
	rule->remote_kind = kind;
	rule->remote_name = g_strdup(name);
}

static void set_remote(struct sp_rule *rule, const struct target *target,
		       enum sp_scope scope)
{
	switch (scope) {
	case SP_SCOPE_HOST_PORT:
	case SP_SCOPE_HOST:
		if (target->host)
			set_name(rule, SP_REMOTE_HOST, target->host);
		else
			set_address(rule, &target->flow);
		break;
	case SP_SCOPE_DOMAIN:
		set_name(rule, SP_REMOTE_DOMAIN, target->domain);
		break;
	case SP_SCOPE_ADDRESS:
		set_address(rule, &target->flow);
		break;
	case SP_SCOPE_PORT:
	case SP_SCOPE_ANYTHING:
	case SP_SCOPES:
		break;
	}
}

/* An allow for the flow's user and program, or what stands for it, as wide as @scope. */
static void make_rule(struct sp_rule *rule, const struct target *target,
		      enum sp_scope scope)
{
	const struct sp_flow *flow = &target->flow;

	sp_rule_init(rule);
	rule->action = SP_ALLOW;
	rule->direction = flow->direction;
	rule->program = g_strdup(target->program);
	rule->parent = g_strdup(target->bundle);
	rule->unit = g_strdup(target->unit);
	if (target->process) {
		rule->process = target->process;
		rule->bound = SP_BOUND_PROGRAM;
		rule->boot = sp_policy_boot();
		rule->note = g_strdup(target->name);
	}
	if (sp_uid_is_system(flow->user))
		rule->user = flow->user;
	else
		rule->owner = flow->user;
	set_remote(rule, target, scope);
	if (scope == SP_SCOPE_HOST_PORT || scope == SP_SCOPE_PORT)
		set_port(rule, flow);
}

static void copy_text(char **to, const char *from)
{
	if (!from)
		return;
	g_free(*to);
	*to = g_strdup(from);
}

/* What the ask says of the program the answer says too, so that it is the narrower. */
static void take_from_ask(struct sp_rule *rule, const struct sp_rule *ask)
{
	copy_text(&rule->hash, ask->hash);
	copy_text(&rule->package, ask->package);
	copy_text(&rule->app, ask->app);
	copy_text(&rule->unit, ask->unit);
	copy_text(&rule->script, ask->script);
	copy_text(&rule->parent, ask->parent);
	rule->traced = ask->traced;
}

static void know_parent(struct sp_facts *facts, const char *const *path)
{
	facts->parents.state = SP_FACT_KNOWN;
	facts->parents.paths = path;
	facts->parents.count = *path != NULL;
}

/* It matched the rule that asked. */
static void know_by_ask(struct sp_facts *facts, const struct sp_rule *ask)
{
	const struct sp_text_fact none = { SP_FACT_FAILED, NULL };
	const char *const texts[] = { ask->hash, ask->package, ask->app, ask->unit, ask->script };
	struct sp_text_fact *const known[] = { &facts->hash, &facts->package, &facts->app,
					       &facts->unit, &facts->script };

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		*known[i] = texts[i] ? (struct sp_text_fact){ SP_FACT_KNOWN, texts[i] } : none;
	know_parent(facts, (const char *const *)&ask->parent);
	facts->traced.state = SP_FACT_KNOWN;
	facts->traced.is = ask->traced == SP_TRACED_YES;
}

static gboolean wins(const struct sp_rule *rule, const struct sp_rule *ask,
		     const struct sp_flow *flow, const struct sp_facts *facts)
{
	const struct sp_defaults defaults = { SP_ASK, SP_ASK };
	struct sp_rule both[2] = { *rule };
	struct sp_decision decision;
	gint64 now = g_get_real_time() * 1000;

	/* As the store will number it: newer than what asked. It has not ended. */
	both[0].id = ask ? ask->id + 1 : 1;
	both[0].bound = SP_BOUND_NONE;
	if (ask)
		both[1] = *ask;
	/* An identical rule that asks is replaced by the answer. */
	if (ask && !ask->floor && ask->owner == rule->owner) {
		both[1].action = rule->action;
		if (sp_rule_same_match(rule, &both[1]))
			return TRUE;
		both[1].action = ask->action;
	}
	sp_decide_plain(both, ask ? 2 : 1, &defaults, flow, facts, now, &decision);
	return !decision.need && decision.action == SP_ALLOW;
}

static gboolean may_last(const struct target *target, const struct sp_rule *ask,
			 guint32 agent_uid)
{
	if (!target->program && !target->bundle && !target->unit && !target->process)
		return FALSE;
	return !ask || (!ask->floor && (ask->owner != SP_SYSTEM || agent_uid == 0));
}

static gboolean makes_sense(const struct target *target, enum sp_scope scope)
{
	switch (scope) {
	case SP_SCOPE_HOST_PORT:
	case SP_SCOPE_PORT:
		return sp_protocol_ports(target->flow.protocol) && port_of(&target->flow);
	case SP_SCOPE_DOMAIN:
		return target->domain != NULL;
	case SP_SCOPE_ADDRESS:
		return target->host != NULL;
	case SP_SCOPE_HOST:
	case SP_SCOPE_ANYTHING:
	case SP_SCOPES:
		break;
	}
	return TRUE;
}

static void consider(struct sp_offer *offer, const struct target *target,
		     const struct sp_facts *facts, const struct sp_rule *ask,
		     enum sp_scope scope)
{
	struct sp_rule *rule = &offer->rules[scope];

	if (!makes_sense(target, scope))
		return;
	make_rule(rule, target, scope);
	if (ask)
		take_from_ask(rule, ask);
	offer->offered[scope] = !sp_rule_check(rule) && wins(rule, ask, &target->flow, facts);
	if (!offer->offered[scope])
		sp_rule_clear(rule);
	else
		offer->lasting = TRUE;
}

/* Only root can write there, on a machine that is not misconfigured. */
static gboolean is_installed(const char *program)
{
	static const char *const places[] = { "/usr/bin/", "/usr/sbin/", "/usr/lib/",
		"/usr/libexec/", "/bin/", "/sbin/", "/lib/", NULL };

	for (const char *const *place = places; *place; place++)
		if (g_str_has_prefix(program, *place))
			return TRUE;
	return FALSE;
}

/* What another than the machine's resolvers says makes no rule. */
static void set_host(struct target *target, const struct sp_host *host)
{
	if (!sp_host_is_sure(host))
		return;
	target->host = host->name;
	target->domain = sp_domain_of(host->name);
}

/* The display's session of the person who is asked. */
static char *session_of(guint32 uid)
{
	char *session = NULL, *copy;

	if (sd_uid_get_display(uid, &session) < 0)
		return NULL;
	copy = g_strdup(session);
	free(session);
	return copy;
}

/* A sandbox's own group for the application, where it has one; else the process. */
static void set_ends(struct sp_offer *offer, const struct sp_waiting *waiting, guint32 agent_uid)
{
	if (*waiting->cgroup.app)
		offer->cgroup = waiting->flow.cgroup;
	else
		offer->process = waiting->flow.process;
	offer->boot = sp_policy_boot();
	offer->session = session_of(agent_uid);
}

static void set_facts(struct sp_facts *facts, const struct target *target,
		      const struct sp_waiting *waiting, const struct sp_rule *ask)
{
	/* It matched the rule that asked; no other rule here names a device. */
	sp_facts_fill(facts, &waiting->image, waiting->path_length ? waiting->path : NULL,
		      ask ? ask->interface : NULL);
	if (!target->host)
		return;
	facts->names.state = SP_FACT_KNOWN;
	facts->names.names = &target->host;
	facts->names.count = 1;
}

/* The last part of a path that proves nothing, made harmless. */
static char *name_of(const struct sp_waiting *waiting)
{
	const char *slash = strrchr(waiting->path, '/'), *name = slash ? slash + 1 : waiting->path;
	char *literal = sp_text_literal(name, strlen(name)), *copy;

	copy = literal && *literal ? g_strstrip(g_strdup(literal)) : NULL;
	free(literal);
	if (copy && (!*copy || strlen(copy) > NAME_MAX))
		g_clear_pointer(&copy, g_free);
	return copy;
}

/* The name is the machine's root's to give, and means the same after a restart. */
static gboolean is_service(const char *unit)
{
	return g_str_has_suffix(unit, ".service") && !g_str_has_prefix(unit, "user@") &&
	       !g_str_has_prefix(unit, "run-");	/* systemd-run's: counted anew each time */
}

/*
 * A service that systemd gives mounts of its own (ProtectSystem=, PrivateTmp=) executes its
 * program in them. Not what a person runs there, as cron's jobs are; and not what is in a
 * user namespace, or a file that is gone: nobody can say what that is.
 */
static gboolean is_hardened(const struct sp_waiting *waiting)
{
	const guint32 sure = SALLYPORT_IMAGE_FOREIGN;
	const guint32 unsure = SALLYPORT_IMAGE_DELETED | SALLYPORT_IMAGE_USERNS |
			       SALLYPORT_IMAGE_PRIVATE;

	return (waiting->image.flags & (sure | unsure)) == sure &&
	       sp_uid_is_system(waiting->flow.uid) && is_service(waiting->cgroup.unit);
}

/*
 * A container's unit is the engine's word, a service's the system manager's; a user's own
 * unit says what he wants.
 */
static void set_who(struct target *target, struct sp_facts *facts,
		    const struct sp_waiting *waiting)
{
	const struct sp_cgroup *cgroup = &waiting->cgroup;
	bool elsewhere = facts->program.state == SP_FACT_KNOWN;	/* for sure */

	target->program = facts->program.text;
	if (target->program)
		return;
	if (elsewhere && *waiting->bundle) {
		target->bundle = waiting->bundle;
		if (!facts->parents.count)
			know_parent(facts, &target->bundle);
	} else if (elsewhere && !cgroup->claimed &&
		   (*cgroup->container || is_hardened(waiting))) {
		target->unit = cgroup->unit;
		if (facts->unit.state != SP_FACT_KNOWN)
			facts->unit = (struct sp_text_fact){ SP_FACT_KNOWN, target->unit };
	} else {
		target->process = waiting->flow.process;
		target->name = name_of(waiting);
	}
}

static enum sp_lifetime suggest(const struct sp_offer *offer, const char *program)
{
	if (offer->fleeting)
		return SP_LIFETIME_QUIT;
	return offer->lasting && program && is_installed(program) ? SP_LIFETIME_ALWAYS :
								    SP_LIFETIME_ONCE;
}

void sp_offer_init(struct sp_offer *offer, const struct sp_waiting *waiting,
		   const struct sp_rule *ask, gboolean others_write, guint32 agent_uid)
{
	struct target target = { 0 };
	struct sp_facts facts;

	memset(offer, 0, sizeof(*offer));
	sp_flow_of(&waiting->flow, &target.flow);
	set_host(&target, &waiting->host);
	set_facts(&facts, &target, waiting, ask);
	if (ask)
		know_by_ask(&facts, ask);
	set_who(&target, &facts, waiting);
	if (ask && ask->app && waiting->cgroup.claimed)
		facts.app.state = SP_FACT_CLAIMED;	/* an allow of it would not hold */
	if (may_last(&target, ask, agent_uid))
		for (int scope = 0; scope < SP_SCOPES; scope++)
			consider(offer, &target, &facts, ask, scope);
	if (offer->lasting)
		set_ends(offer, waiting, agent_uid);
	else
		offer->offered[SP_SCOPE_HOST_PORT] = TRUE;
	/* What the ask says of the sum, the answer says already. A bundle's is not known. */
	if (offer->lasting && target.program && others_write && !(ask && ask->hash))
		memcpy(offer->hash, waiting->hash, sizeof(offer->hash));
	offer->fleeting = offer->lasting && target.process;
	offer->lifetime = suggest(offer, target.program);
	g_free(target.name);
}

void sp_offer_clear(struct sp_offer *offer)
{
	for (int i = 0; i < SP_SCOPES; i++)
		if (offer->lasting && offer->offered[i])
			sp_rule_clear(&offer->rules[i]);
	g_free(offer->boot);
	g_free(offer->session);
	memset(offer, 0, sizeof(*offer));
}

const char *sp_scope_name(enum sp_scope scope)
{
	return scope_names[scope];
}

const char *sp_lifetime_name(enum sp_lifetime lifetime)
{
	return lifetimes[lifetime].name;
}

/* The length of a scope's name without the end that says "this version". */
static gsize scope_length(const struct sp_offer *offer, const char *name, gboolean *version)
{
	*version = *offer->hash && g_str_has_suffix(name, THIS_VERSION);
	return strlen(name) - (*version ? strlen(THIS_VERSION) : 0);
}

gboolean sp_offer_find_scope(const struct sp_offer *offer, const char *name,
			     enum sp_scope *scope, gboolean *version)
{
	gsize length = scope_length(offer, name, version);

	for (int i = 0; i < SP_SCOPES; i++)
		if (offer->offered[i] && strlen(scope_names[i]) == length &&
		    !strncmp(scope_names[i], name, length)) {
			*scope = i;
			return TRUE;
		}
	return FALSE;
}

/* The process. */
static gboolean may_outlive(const struct sp_offer *offer)
{
	return offer->lasting && !offer->fleeting;
}

static gboolean may_be(const struct sp_offer *offer, enum sp_lifetime lifetime)
{
	switch (lifetime) {
	case SP_LIFETIME_ONCE:
		return TRUE;
	case SP_LIFETIME_QUIT:
		return offer->lasting && offer->boot && (offer->process || offer->cgroup);
	case SP_LIFETIME_LOGOUT:
		return may_outlive(offer) && offer->boot && offer->session;
	case SP_LIFETIME_REBOOT:
		return may_outlive(offer) && offer->boot;
	case SP_LIFETIME_15M:
	case SP_LIFETIME_1H:
	case SP_LIFETIME_ALWAYS:
	case SP_LIFETIMES:
		break;
	}
	return may_outlive(offer);
}

static void bind(const struct sp_offer *offer, enum sp_lifetime lifetime, struct sp_rule *rule)
{
	switch (lifetime) {
	case SP_LIFETIME_QUIT:
		rule->bound = SP_BOUND_PROGRAM;
		rule->process = offer->process;
		rule->cgroup = offer->cgroup;
		break;
	case SP_LIFETIME_LOGOUT:
		rule->bound = SP_BOUND_SESSION;
		rule->session = g_strdup(offer->session);
		break;
	case SP_LIFETIME_REBOOT:
		rule->bound = SP_BOUND_BOOT;
		break;
	default:
		return;
	}
	rule->boot = g_strdup(offer->boot);
}

gboolean sp_offer_find_lifetime(const struct sp_offer *offer, const char *name,
				enum sp_lifetime *lifetime)
{
	for (int i = 0; i < SP_LIFETIMES; i++)
		if (may_be(offer, i) && !strcmp(lifetimes[i].name, name)) {
			*lifetime = i;
			return TRUE;
		}
	return FALSE;
}

void sp_offer_rule(const struct sp_offer *offer, enum sp_scope scope, gboolean version,
		   enum sp_lifetime lifetime, enum sp_action action, guint32 maker,
		   struct sp_rule *rule)
{
	g_assert(offer->lasting && offer->offered[scope] && lifetime != SP_LIFETIME_ONCE);
	if (!sp_rule_copy(rule, &offer->rules[scope]))
		g_error("no memory");
	if (version)
		rule->hash = g_strdup(offer->hash);
	if (!offer->fleeting)
		bind(offer, lifetime, rule);
	rule->action = action;
	rule->maker = maker;
	rule->created = g_get_real_time() * 1000;
	if (lifetimes[lifetime].seconds)
		rule->expires = rule->created + lifetimes[lifetime].seconds * 1000000000;
}

static char *label(const struct sp_offer *offer, enum sp_scope scope)
{
	const struct sp_rule *rule = &offer->rules[scope];

	switch (scope) {
	case SP_SCOPE_HOST_PORT:
		return g_strdup(offer->lasting ? "This host and port" : "This connection");
	case SP_SCOPE_HOST:
		return g_strdup("This host");
	case SP_SCOPE_DOMAIN:
		return g_strdup_printf("All of %s", rule->remote_name);
	case SP_SCOPE_ADDRESS:
		return g_strdup("This address");
	case SP_SCOPE_PORT:
		return g_strdup_printf("Port %u, any host", rule->direction == SP_OUT ?
				       rule->remote_port.first : rule->local_port.first);
	case SP_SCOPE_ANYTHING:
		return g_strdup("Anything");
	case SP_SCOPES:
		break;
	}
	g_assert_not_reached();
}

static void add_scope(GVariantBuilder *builder, const struct sp_offer *offer,
		      enum sp_scope scope)
{
	g_autofree char *words = label(offer, scope);
	char *text = offer->lasting ? sp_text_print(&offer->rules[scope], NULL) : NULL;

	g_variant_builder_add(builder, "(sss)", scope_names[scope], words, text ? text : "");
	free(text);
}

static void add_version(GVariantBuilder *builder, const struct sp_offer *offer,
			enum sp_scope scope)
{
	g_autofree char *name = g_strconcat(scope_names[scope], THIS_VERSION, NULL);
	g_autofree char *wide = label(offer, scope);
	g_autofree char *words = g_strconcat(wide, ", for this version of the program", NULL);
	struct sp_rule rule = offer->rules[scope];
	char *text;

	rule.hash = (char *)offer->hash;
	text = sp_text_print(&rule, NULL);
	g_variant_builder_add(builder, "(sss)", name, words, text ? text : "");
	free(text);
}

/* The narrower first. */
GVariant *sp_offer_scopes(const struct sp_offer *offer)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	for (int i = 0; i < SP_SCOPES; i++) {
		if (offer->offered[i] && *offer->hash)
			add_version(&builder, offer, i);
		if (offer->offered[i])
			add_scope(&builder, offer, i);
	}
	return g_variant_builder_end(&builder);
}

GVariant *sp_offer_lifetimes(const struct sp_offer *offer)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
	for (int i = 0; i < SP_LIFETIMES; i++)
		if (may_be(offer, i))
			g_variant_builder_add(&builder, "s", lifetimes[i].name);
	return g_variant_builder_end(&builder);
}
