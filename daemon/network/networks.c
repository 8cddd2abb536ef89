/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See networks.h. Everything is derived again whenever any of its sources changed. */
#include "networks.h"

#include <stdlib.h>
#include <string.h>
#include "errors.h"
#include "flow_text.h"
#include "gateways.h"
#include "log.h"
#include "manager.h"
#include "sentence.h"

#define SETTLE_SECONDS	4u	/* before a person is asked: addresses come one by one */
#define PATIENCE	(3 * G_USEC_PER_SEC)	/* with what is being found out */

/* A device that is up, and where it leads to. */
struct place {
	guint32 ifindex, losses;
	char device[IF_NAMESIZE];
	char *id;		/* or NULL */
	char *title;
	gboolean loopback, leads_out;
	gboolean unresolved;	/* its gateway has not said its hardware address yet */
	gint64 since;		/* with this id; µs of the monotonic clock */
};

struct sp_networks {
	struct sp_link *link;
	struct sp_gateways *gateways;
	struct sp_manager *manager;
	struct sp_named_list *named;
	GArray *places;		/* struct place */
	struct sp_verdict_networks told;
	gint64 patience;	/* until then; µs of the monotonic clock */
	guint settle;
	gboolean awaits_bus;
	void (*changed)(void *data);
	void *data;
};

static void place_clear(void *data)
{
	struct place *place = data;

	g_free(place->id);
	g_free(place->title);
}

static const char *name_of(const struct sp_networks *networks, const char *id)
{
	const struct sp_named *named = id ? sp_named_find(networks->named, id) : NULL;

	return named ? named->name : "";
}

/* --- what a network is known by ------------------------------------------------------ */

static char *gateway_id(const struct sp_gateway *gateway)
{
	const guint8 *h = gateway->hardware;
	guint8 address[16] = { [10] = 0xff, 0xff };
	g_autofree char *text = NULL;

	if (gateway->family == AF_INET)
		memcpy(address + 12, gateway->address, 4);
	else
		memcpy(address, gateway->address, 16);
	text = sp_address_text(address);
	return g_strdup_printf("gateway:%02x:%02x:%02x:%02x:%02x:%02x/%s", h[0], h[1], h[2], h[3],
			       h[4], h[5], text);
}

/* A file has it as the name of a group, and people on a command line. */
static gboolean is_plain(const char *device)
{
	for (; *device; device++)
		if (!g_ascii_isalnum(*device) && !strchr("._-@", *device))
			return FALSE;
	return TRUE;
}

static char *id_of(const struct sp_gateway *gateway, const struct sp_connection *connection)
{
	if (gateway->loopback)
		return NULL;
	if (connection && connection->proven)
		return g_strdup_printf("connection:%s", connection->uuid);
	if (gateway->family && !gateway->bare)
		return gateway->resolved ? gateway_id(gateway) : NULL;
	if ((gateway->bare || gateway->made) && is_plain(gateway->device))
		return g_strdup_printf("device:%s", gateway->device);
	return NULL;
}

static char *title_of(const struct sp_gateway *gateway, const struct sp_connection *connection)
{
	char *literal, *title;

	if (connection && *connection->title)
		return g_strdup(connection->title);
	literal = sp_text_literal(gateway->device, strlen(gateway->device));
	title = g_strdup(literal ? literal : "?");
	free(literal);
	return title;
}

/* --- where the machine is ------------------------------------------------------------ */

static const struct place *find_place(const GArray *places, guint32 ifindex)
{
	for (guint i = 0; i < places->len; i++)
		if (g_array_index(places, struct place, i).ifindex == ifindex)
			return &g_array_index(places, struct place, i);
	return NULL;
}

/* What NetworkManager said holds as long as its device has not been away. */
static const struct sp_connection *connection_of(const struct sp_networks *networks,
						 const struct sp_gateway *gateway)
{
	const struct place *before = find_place(networks->places, gateway->ifindex);

	if (before && before->losses != gateway->losses)
		sp_manager_forget(networks->manager, gateway->device);
	return sp_manager_find(networks->manager, gateway->device);
}

static struct place place_of(const struct sp_networks *networks, const struct sp_gateway *gateway)
{
	const struct sp_connection *connection = connection_of(networks, gateway);
	const struct place *before = find_place(networks->places, gateway->ifindex);
	struct place place = {
		.ifindex = gateway->ifindex,
		.losses = gateway->losses,
		.id = id_of(gateway, connection),
		.title = title_of(gateway, connection),
		.loopback = gateway->loopback,
		.unresolved = gateway->family && !gateway->bare && !gateway->resolved,
		.leads_out = gateway->leads_out,
		.since = g_get_monotonic_time(),
	};

	g_strlcpy(place.device, gateway->device, sizeof(place.device));
	if (before && !g_strcmp0(before->id, place.id))
		place.since = before->since;
	return place;
}

static void be_patient(struct sp_networks *networks)
{
	networks->patience = g_get_monotonic_time() + PATIENCE;
}

static void find_places(struct sp_networks *networks)
{
	GArray *places = g_array_new(FALSE, FALSE, sizeof(struct place));
	const struct sp_gateway *gateways;
	gsize count;

	g_array_set_clear_func(places, place_clear);
	gateways = sp_gateways_get(networks->gateways, &count);
	for (gsize i = 0; i < count; i++) {
		const struct place *before = find_place(networks->places, gateways[i].ifindex);
		struct place place = place_of(networks, &gateways[i]);

		if (!before || before->losses != place.losses ||
		    g_strcmp0(before->id, place.id))
			be_patient(networks);
		g_array_append_val(places, place);
	}
	g_array_unref(networks->places);
	networks->places = places;
}

/* --- telling ------------------------------------------------------------------------- */

static gboolean any_is_named(const struct sp_networks *networks)
{
	const struct sp_named *named;
	guint count;

	named = sp_named_all(networks->named, &count);
	for (guint i = 0; i < count; i++)
		if (*named[i].name)
			return TRUE;
	return FALSE;
}

/*
 * Is it being found out where a device leads to? Where there are no names it makes no
 * difference, and nobody waits for it.
 */
static gboolean is_settling(const struct sp_networks *networks)
{
	if (g_get_monotonic_time() >= networks->patience || !any_is_named(networks))
		return FALSE;
	for (guint i = 0; i < networks->places->len; i++)
		if (g_array_index(networks->places, struct place, i).unresolved)
			return TRUE;
	return networks->manager ? sp_manager_is_busy(networks->manager) : networks->awaits_bus;
}

/* Those that have a name; more than fit have none. */
static void fill(const struct sp_networks *networks, struct sp_verdict_networks *all)
{
	memset(all, 0, sizeof(*all));
	all->settling = is_settling(networks);
	for (guint i = 0; i < networks->places->len; i++) {
		const struct place *place = &g_array_index(networks->places, struct place, i);
		const char *name = name_of(networks, place->id);

		if ((!*name && !place->loopback) || all->count == SP_VERDICT_NETWORKS)
			continue;
		all->list[all->count].ifindex = place->ifindex;
		g_strlcpy(all->list[all->count++].name, name, sizeof(all->list[0].name));
	}
}

static const char *told_of(const struct sp_verdict_networks *all, guint32 ifindex)
{
	for (gsize i = 0; i < all->count; i++)
		if (all->list[i].ifindex == ifindex)
			return all->list[i].name;
	return "";
}

static void log_switches(const struct sp_networks *networks, const struct sp_verdict_networks *all)
{
	for (guint i = 0; i < networks->places->len; i++) {
		const struct place *place = &g_array_index(networks->places, struct place, i);
		const char *name = told_of(all, place->ifindex);

		if (strcmp(name, told_of(&networks->told, place->ifindex)))
			sp_log_network(place->device, name, place->id);
	}
}

/* @done may be NULL; it is called in any case. */
static void tell(struct sp_networks *networks, sp_link_done done, void *data)
{
	struct sp_verdict_networks all;

	fill(networks, &all);
	if (!done && !memcmp(&all, &networks->told, sizeof(all)))
		return;
	log_switches(networks, &all);
	networks->told = all;
	sp_link_set_networks(networks->link, &all, done, data);
}

/* --- asking -------------------------------------------------------------------------- */

static gint64 settles(const struct place *place)
{
	return place->since + SETTLE_SECONDS * G_USEC_PER_SEC;
}

static gboolean is_open(const struct sp_networks *networks, const struct place *place)
{
	return place->leads_out && place->id && !sp_named_find(networks->named, place->id);
}

static gboolean on_settled(void *data);

/* When patience ends, or a network that nobody named has stayed long enough. */
static void await_settled(struct sp_networks *networks)
{
	gint64 now = g_get_monotonic_time();
	gint64 next = networks->told.settling ? networks->patience : G_MAXINT64;

	g_clear_handle_id(&networks->settle, g_source_remove);
	for (guint i = 0; i < networks->places->len; i++) {
		const struct place *place = &g_array_index(networks->places, struct place, i);

		if (is_open(networks, place) && settles(place) > now)
			next = MIN(next, settles(place));
	}
	if (next != G_MAXINT64)
		networks->settle = g_timeout_add((guint)(MAX(next - now, 0) / 1000 + 1), on_settled,
						 networks);
}

static void on_changed(void *data)
{
	struct sp_networks *networks = data;

	find_places(networks);
	tell(networks, NULL, NULL);
	await_settled(networks);
	networks->changed(networks->data);
}

static gboolean on_settled(void *data)
{
	struct sp_networks *networks = data;

	networks->settle = 0;
	on_changed(networks);
	return G_SOURCE_REMOVE;
}

/* --- names --------------------------------------------------------------------------- */

/* Waits for the verdict thread. */
struct naming {
	sp_networks_done done;
	void *data;
};

static void on_told(int problem, void *data)
{
	struct naming *naming = data;
	g_autoptr(GError) error = NULL;

	/* Without a module there is nothing that could disobey. */
	if (problem && problem != ENOLINK)
		error = g_error_new(SP_ERROR, SP_ERROR_NOT_READY, "saved, but not in force yet: %s",
				    g_strerror(problem));
	naming->done(error, naming->data);
	g_free(naming);
}

/* The names are others. */
static void put_in_force(struct sp_networks *networks, sp_networks_done done, void *data)
{
	struct naming *naming = g_new0(struct naming, 1);

	naming->done = done;
	naming->data = data;
	tell(networks, on_told, naming);
	await_settled(networks);
	networks->changed(networks->data);
}

const char *sp_networks_title(const struct sp_networks *networks, const char *id)
{
	const struct sp_named *named = sp_named_find(networks->named, id);

	for (guint i = 0; i < networks->places->len; i++) {
		const struct place *place = &g_array_index(networks->places, struct place, i);

		if (!g_strcmp0(place->id, id))
			return place->title;
	}
	return named ? named->title : NULL;
}

const struct sp_named *sp_networks_named(const struct sp_networks *networks, const char *id)
{
	return sp_named_find(networks->named, id);
}

gboolean sp_network_is_name(const char *name)
{
	struct sp_rule rule;

	sp_rule_init(&rule);
	rule.network = (char *)name;
	return strlen(name) <= SP_NETWORK_NAME_MAX && !sp_rule_check(&rule);
}

static gboolean set(struct sp_networks *networks, const char *id, const char *name,
		    guint32 maker, GError **error)
{
	g_autofree char *title = g_strdup(sp_networks_title(networks, id));

	if (title)
		return sp_named_set(networks->named, id, name, title, maker, error);
	g_set_error(error, SP_ERROR, SP_ERROR_NO_SUCH_NETWORK,
		    "the machine is in no such network, and none such has a name");
	return FALSE;
}

void sp_networks_name(struct sp_networks *networks, const char *id, const char *name,
		      guint32 maker, sp_networks_done done, void *data)
{
	g_autoptr(GError) error = NULL;

	if (!set(networks, id, name, maker, &error)) {
		done(error, data);
		return;
	}
	sp_log_network_named(id, name, maker);
	put_in_force(networks, done, data);
}

void sp_networks_ignore(struct sp_networks *networks, const char *id, guint32 maker,
			sp_networks_done done, void *data)
{
	g_autoptr(GError) error = NULL;

	if (!*name_of(networks, id) && set(networks, id, "", maker, &error)) {
		await_settled(networks);
		networks->changed(networks->data);
	}
	done(error, data);
}

void sp_networks_forget(struct sp_networks *networks, const char *id, guint32 maker,
			sp_networks_done done, void *data)
{
	g_autoptr(GError) error = NULL;

	if (!sp_named_remove(networks->named, id, &error)) {
		done(error, data);
		return;
	}
	sp_log_network_named(id, "", maker);
	put_in_force(networks, done, data);
}

static gboolean put_back(struct sp_networks *networks, const struct sp_named *former,
			 GError **error)
{
	if (former->since)
		return sp_named_put(networks->named, former, error);
	return !sp_named_find(networks->named, former->id) ||
	       sp_named_remove(networks->named, former->id, error);
}

void sp_networks_restore(struct sp_networks *networks, const struct sp_named *former,
			 sp_networks_done done, void *data)
{
	g_autoptr(GError) error = NULL;

	if (!put_back(networks, former, &error)) {
		done(error, data);
		return;
	}
	sp_log_network_named(former->id, former->name, former->maker);
	put_in_force(networks, done, data);
}

/* --- the list ------------------------------------------------------------------------ */

static void add_places(const struct sp_networks *networks, GArray *list)
{
	gint64 now = g_get_monotonic_time();

	for (guint i = 0; i < networks->places->len; i++) {
		const struct place *place = &g_array_index(networks->places, struct place, i);
		const struct sp_named *named = place->id ?
					       sp_named_find(networks->named, place->id) : NULL;
		struct sp_network one = {
			.id = place->id, .name = named ? named->name : "", .title = place->title,
			.device = place->device, .leads_out = place->leads_out,
			.asks = is_open(networks, place) && settles(place) <= now,
			.maker = named ? named->maker : 0, .since = named ? named->since : 0,
		};

		if (!place->loopback)
			g_array_append_val(list, one);
	}
}

/* Those that lead out first. */
static int by_default(const void *a, const void *b)
{
	const struct sp_network *one = a, *other = b;

	return other->leads_out - one->leads_out;
}

static gboolean is_present(const struct sp_networks *networks, const char *id)
{
	for (guint i = 0; i < networks->places->len; i++)
		if (!g_strcmp0(g_array_index(networks->places, struct place, i).id, id))
			return TRUE;
	return FALSE;
}

GArray *sp_networks_list(const struct sp_networks *networks)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct sp_network));
	const struct sp_named *named;
	guint count;

	add_places(networks, list);
	g_array_sort(list, by_default);
	named = sp_named_all(networks->named, &count);
	for (guint i = 0; i < count; i++) {
		struct sp_network one = {
			.id = named[i].id, .name = named[i].name, .title = named[i].title,
			.maker = named[i].maker, .since = named[i].since,
		};

		if (!is_present(networks, named[i].id))
			g_array_append_val(list, one);
	}
	return list;
}

/* --- beginning and end --------------------------------------------------------------- */

void sp_networks_set_bus(struct sp_networks *networks, GDBusConnection *bus)
{
	g_clear_pointer(&networks->manager, sp_manager_free);
	networks->awaits_bus = FALSE;
	if (bus)
		networks->manager = sp_manager_new(bus, on_changed, networks);
	be_patient(networks);
	on_changed(networks);
}

static void put_all_back(struct sp_networks *networks, const struct sp_named_list *former)
{
	const struct sp_named *all;
	guint count;

	all = sp_named_all(former, &count);
	for (guint i = 0; i < count; i++) {
		g_autoptr(GError) error = NULL;

		if (!put_back(networks, &all[i], &error))
			sp_log_error("%s", error->message);
	}
}

struct sp_networks *sp_networks_new(const char *folder, struct sp_link *link, gboolean bus,
				    const struct sp_named_list *former,
				    void (*changed)(void *data), void *data)
{
	struct sp_networks *networks = g_new0(struct sp_networks, 1);

	networks->link = link;
	networks->awaits_bus = bus;
	networks->changed = changed;
	networks->data = data;
	networks->named = sp_named_list_new(folder, "networks");
	if (former)
		put_all_back(networks, former);
	networks->places = g_array_new(FALSE, FALSE, sizeof(struct place));
	g_array_set_clear_func(networks->places, place_clear);
	networks->gateways = sp_gateways_new(on_changed, networks);
	be_patient(networks);
	find_places(networks);
	tell(networks, NULL, NULL);
	await_settled(networks);
	return networks;
}

void sp_networks_free(struct sp_networks *networks)
{
	if (!networks)
		return;
	sp_manager_free(networks->manager);
	sp_gateways_free(networks->gateways);
	g_clear_handle_id(&networks->settle, g_source_remove);
	g_array_unref(networks->places);
	sp_named_list_free(networks->named);
	g_free(networks);
}
