/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See gateways.h. One socket hears of changes, another one is asked; the kernel answers
 * while it is asked, so that nobody waits. What the first hears is filtered by the
 * gateways there are: who finds others reads again when the filter knows them.
 */
#include "gateways.h"

#include <errno.h>
#include <glib-unix.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include "gateway_filter.h"
#include "log.h"

#define BUFFER		32768
#define PROBE_SECONDS	2u	/* until a gateway that was silent is asked again */
#define PROBES		15u
#define TRIES		5

struct sp_gateways {
	struct mnl_socket *news, *request;
	guint source, probe, probes;
	guint32 sequence;
	gsize count;
	struct sp_gateway list[SP_GATEWAYS_MAX];
	void (*changed)(void *data);
	void *data;
};

/* What is being read. */
struct reading {
	gsize count;
	struct sp_gateway list[SP_GATEWAYS_MAX];
};

static struct sp_gateway *find_in(struct sp_gateway *list, gsize count, guint32 ifindex)
{
	for (gsize i = 0; i < count; i++)
		if (list[i].ifindex == ifindex)
			return &list[i];
	return NULL;
}

static struct sp_gateway *find(struct reading *reading, guint32 ifindex)
{
	return find_in(reading->list, reading->count, ifindex);
}

static gsize address_size(guint8 family)
{
	return family == AF_INET ? 4 : 16;
}

/* --- devices ------------------------------------------------------------------------- */

static int on_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct reading *reading = data;
	struct sp_gateway *gateway = &reading->list[reading->count];
	struct nlattr *attribute;
	const char *name = "";
	gboolean made = FALSE;

	if (!(info->ifi_flags & IFF_UP) || reading->count == SP_GATEWAYS_MAX)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*info)) {
		if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
			name = mnl_attr_get_str(attribute);
		/* A kind ("veth", "tun") is what hardware has not. */
		made |= mnl_attr_get_type(attribute) == IFLA_LINKINFO;
	}
	gateway->ifindex = (guint32)info->ifi_index;
	g_strlcpy(gateway->device, name, sizeof(gateway->device));
	gateway->loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
	gateway->bare = info->ifi_type != ARPHRD_ETHER || info->ifi_flags & IFF_NOARP;
	gateway->made = made;
	reading->count++;
	return MNL_CB_OK;
}

/* --- routes -------------------------------------------------------------------------- */

struct route {
	guint8 family;
	guint32 ifindex, metric;
	const void *gateway;
};

/* IPv4 before IPv6, then the better one: what a network is known by shall not change. */
static gboolean is_better(const struct route *route, const struct sp_gateway *than)
{
	if (!than->family)
		return TRUE;
	if (route->family != than->family)
		return route->family == AF_INET;
	return route->metric < than->metric;
}

static void add_route(struct reading *reading, const struct route *route)
{
	struct sp_gateway *gateway = find(reading, route->ifindex);

	if (!gateway)
		return;
	gateway->leads_out = TRUE;
	if (!route->gateway || !is_better(route, gateway))
		return;
	gateway->family = route->family;
	gateway->metric = route->metric;
	memset(gateway->address, 0, sizeof(gateway->address));
	memcpy(gateway->address, route->gateway, address_size(route->family));
}

static const void *gateway_in(const struct nlattr *attribute, guint8 family)
{
	return mnl_attr_get_payload_len(attribute) == address_size(family) ?
	       mnl_attr_get_payload(attribute) : NULL;
}

/* A route over several devices. */
static void add_hops(struct reading *reading, const struct nlattr *attribute, struct route route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attribute);
	int left = mnl_attr_get_payload_len(attribute);

	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		const struct nlattr *one = (const void *)RTNH_DATA(hop);

		route.ifindex = (guint32)hop->rtnh_ifindex;
		route.gateway = NULL;
		for (int rest = hop->rtnh_len - (int)RTNH_LENGTH(0); mnl_attr_ok(one, rest);
		     rest -= MNL_ALIGN(one->nla_len), one = mnl_attr_next(one))
			if (mnl_attr_get_type(one) == RTA_GATEWAY)
				route.gateway = gateway_in(one, route.family);
		add_route(reading, &route);
	}
}

static gboolean is_default(const struct nlmsghdr *message)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);

	return !route->rtm_dst_len && route->rtm_type == RTN_UNICAST &&
	       !(route->rtm_flags & RTM_F_CLONED);
}

static int on_route(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct route route = { .family = header->rtm_family };
	struct nlattr *attribute;

	if (!is_default(message))
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*header))
		if (mnl_attr_get_type(attribute) == RTA_PRIORITY)
			route.metric = mnl_attr_get_u32(attribute);
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		switch (mnl_attr_get_type(attribute)) {
		case RTA_OIF:
			route.ifindex = mnl_attr_get_u32(attribute);
			break;
		case RTA_GATEWAY:
			route.gateway = gateway_in(attribute, route.family);
			break;
		case RTA_MULTIPATH:
			add_hops(data, attribute, route);
			break;
		}
	}
	if (route.ifindex)
		add_route(data, &route);
	return MNL_CB_OK;
}

/* --- neighbours ---------------------------------------------------------------------- */

#define USABLE	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

static int on_neighbour(const struct nlmsghdr *message, void *data)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	struct sp_gateway *gateway = find(data, (guint32)header->ndm_ifindex);
	const struct nlattr *hardware = NULL;
	struct nlattr *attribute;
	gboolean same = FALSE;

	if (!gateway || gateway->family != header->ndm_family)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*header)) {
		if (mnl_attr_get_type(attribute) == NDA_LLADDR)
			hardware = attribute;
		else if (mnl_attr_get_type(attribute) == NDA_DST)
			same = gateway_in(attribute, gateway->family) &&
			       !memcmp(mnl_attr_get_payload(attribute), gateway->address,
				       address_size(gateway->family));
	}
	if (!same)
		return MNL_CB_OK;
	gateway->resolved = header->ndm_state & USABLE && hardware &&
			    mnl_attr_get_payload_len(hardware) == sizeof(gateway->hardware);
	if (gateway->resolved)
		memcpy(gateway->hardware, mnl_attr_get_payload(hardware),
		       sizeof(gateway->hardware));
	return MNL_CB_OK;
}

/* --- asking -------------------------------------------------------------------------- */

/* As long as it is: what is left over the kernel would take for an attribute, and say so. */
static gsize header_size(guint16 type)
{
	switch (type) {
	case RTM_GETROUTE:
		return sizeof(struct rtmsg);
	case RTM_GETNEIGH:
		return sizeof(struct ndmsg);
	default:
		return sizeof(struct ifinfomsg);
	}
}

static gboolean dump(struct sp_gateways *gateways, guint16 type, guint8 family, mnl_cb_t each,
		     struct reading *reading)
{
	unsigned int port = mnl_socket_get_portid(gateways->request);
	char buffer[BUFFER];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	guint8 *header = mnl_nlmsg_put_extra_header(message, header_size(type));
	ssize_t size;
	int more = MNL_CB_OK;

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = ++gateways->sequence;
	*header = family;	/* all of these headers begin with it */
	if (mnl_socket_sendto(gateways->request, message, message->nlmsg_len) < 0)
		return FALSE;
	while (more > MNL_CB_STOP) {
		size = mnl_socket_recvfrom(gateways->request, buffer, sizeof(buffer));
		more = size < 0 ? MNL_CB_ERROR :
		       mnl_cb_run(buffer, (size_t)size, gateways->sequence, port, each, reading);
	}
	return more == MNL_CB_STOP;
}

/* The rest of a dump that was given up. */
static void drain(const struct sp_gateways *gateways)
{
	char buffer[BUFFER];

	while (recv(mnl_socket_get_fd(gateways->request), buffer, sizeof(buffer),
		    MSG_DONTWAIT) > 0)
		;
}

/* Has the kernel find out the hardware address. What it says to that is not read. */
static void probe(struct sp_gateways *gateways, const struct sp_gateway *gateway)
{
	char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ndmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = RTM_NEWNEIGH;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	message->nlmsg_seq = ++gateways->sequence;
	header->ndm_family = gateway->family;
	header->ndm_ifindex = (int)gateway->ifindex;
	header->ndm_flags = NTF_USE;
	mnl_attr_put(message, NDA_DST, address_size(gateway->family), gateway->address);
	mnl_socket_sendto(gateways->news, message, message->nlmsg_len);
}

static gboolean waits(const struct sp_gateway *gateway)
{
	return gateway->family && !gateway->bare && !gateway->resolved;
}

/* FALSE: there is nothing to find out. */
static gboolean probe_all(struct sp_gateways *gateways)
{
	gboolean any = FALSE;

	for (gsize i = 0; i < gateways->count; i++) {
		if (!waits(&gateways->list[i]))
			continue;
		probe(gateways, &gateways->list[i]);
		any = TRUE;
	}
	return any;
}

static gboolean on_probe(void *data)
{
	struct sp_gateways *gateways = data;

	if (probe_all(gateways) && --gateways->probes)
		return G_SOURCE_CONTINUE;
	gateways->probe = 0;
	return G_SOURCE_REMOVE;
}

static void begin_probing(struct sp_gateways *gateways)
{
	g_clear_handle_id(&gateways->probe, g_source_remove);
	gateways->probes = PROBES;
	if (probe_all(gateways))
		gateways->probe = g_timeout_add_seconds(PROBE_SECONDS, on_probe, gateways);
}

static gboolean read_once(struct sp_gateways *gateways, struct reading *reading)
{
	memset(reading, 0, sizeof(*reading));
	return dump(gateways, RTM_GETLINK, AF_UNSPEC, on_link, reading) &&
	       dump(gateways, RTM_GETROUTE, AF_INET, on_route, reading) &&
	       dump(gateways, RTM_GETROUTE, AF_INET6, on_route, reading) &&
	       dump(gateways, RTM_GETNEIGH, AF_INET, on_neighbour, reading) &&
	       dump(gateways, RTM_GETNEIGH, AF_INET6, on_neighbour, reading);
}

/* What changes while it is listed is listed again (EINTR). */
static gboolean read_all(struct sp_gateways *gateways, struct reading *reading)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (read_once(gateways, reading))
			return TRUE;
		drain(gateways);
	}
	return FALSE;
}

static void keep_losses(struct sp_gateways *gateways, struct reading *reading)
{
	for (gsize i = 0; i < reading->count; i++) {
		struct sp_gateway *one = &reading->list[i];
		const struct sp_gateway *before = find_in(gateways->list, gateways->count,
							  one->ifindex);

		one->losses = before ? before->losses : 0;
	}
}

/* Half of it is worse than nothing. TRUE: it is not what it was. */
static gboolean read_changes(struct sp_gateways *gateways)
{
	g_autofree struct reading *reading = g_new0(struct reading, 1);
	gboolean same;

	if (!read_all(gateways, reading)) {
		memset(reading, 0, sizeof(*reading));
		sp_log_warn("routes can't be read: %s", g_strerror(errno));
	}
	keep_losses(gateways, reading);
	same = gateways->count == reading->count &&
	       !memcmp(gateways->list, reading->list, sizeof(reading->list));
	gateways->count = reading->count;
	memcpy(gateways->list, reading->list, sizeof(reading->list));
	return !same;
}

static void hear_all(const struct sp_gateways *gateways)
{
	setsockopt(mnl_socket_get_fd(gateways->news), SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 },
		   sizeof(int));
}

/* Where the kernel does not take it we are woken more often, that is all. */
static void filter(const struct sp_gateways *gateways)
{
	g_autofree struct sock_filter *code = g_new(struct sock_filter, SP_GATEWAY_FILTER_MAX);
	const struct sock_fprog program = {
		.len = (unsigned short)sp_gateway_filter(gateways->list, gateways->count, code),
		.filter = code,
	};

	if (setsockopt(mnl_socket_get_fd(gateways->news), SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)))
		hear_all(gateways);
}

/* TRUE: something changed. What goes on changing is heard. */
static gboolean read_again(struct sp_gateways *gateways)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (!read_changes(gateways))
			return tries > 0;
		filter(gateways);
	}
	hear_all(gateways);
	return TRUE;
}

/* --- news ---------------------------------------------------------------------------- */

struct news {
	struct sp_gateways *gateways;
	gboolean relevant, lost;
};

/* @ifindex 0: any may have. */
static void lose(struct news *news, guint32 ifindex)
{
	struct sp_gateways *gateways = news->gateways;

	for (gsize i = 0; i < gateways->count; i++) {
		if (ifindex && gateways->list[i].ifindex != ifindex)
			continue;
		gateways->list[i].losses++;
		news->lost = TRUE;
	}
}

static guint32 device_of_route(const struct nlmsghdr *message)
{
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct rtmsg))
		if (mnl_attr_get_type(attribute) == RTA_OIF)
			return mnl_attr_get_u32(attribute);
	return 0;
}

static gboolean is_of_gateway(const struct sp_gateways *gateways, const struct nlmsghdr *message)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);

	for (gsize i = 0; i < gateways->count; i++) {
		const struct sp_gateway *one = &gateways->list[i];
		struct nlattr *attribute;

		if (one->ifindex != (guint32)header->ndm_ifindex ||
		    one->family != header->ndm_family)
			continue;
		mnl_attr_for_each(attribute, message, sizeof(*header))
			if (mnl_attr_get_type(attribute) == NDA_DST &&
			    gateway_in(attribute, one->family) &&
			    !memcmp(mnl_attr_get_payload(attribute), one->address,
				    address_size(one->family)))
				return TRUE;
	}
	return FALSE;
}

static int on_message(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct news *news = data;

	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		news->relevant = TRUE;
		if (message->nlmsg_type == RTM_DELLINK || !(link->ifi_flags & IFF_LOWER_UP))
			lose(news, (guint32)link->ifi_index);
		break;
	case RTM_NEWROUTE:
		news->relevant |= is_default(message);
		break;
	case RTM_DELROUTE:
		if (!is_default(message))
			break;
		news->relevant = TRUE;
		lose(news, device_of_route(message));
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		news->relevant |= is_of_gateway(news->gateways, message);
		break;
	}
	return MNL_CB_OK;
}

/* What was lost may have been anything. */
static void take_news(struct news *news)
{
	char buffer[BUFFER];
	ssize_t size;

	while ((size = mnl_socket_recvfrom(news->gateways->news, buffer, sizeof(buffer))) > 0 ||
	       errno == ENOBUFS || errno == ENOSPC) {
		if (size > 0)
			mnl_cb_run(buffer, (size_t)size, 0, 0, on_message, news);
		else
			lose(news, 0);
		news->relevant |= size <= 0;
	}
}

static gboolean on_news(int fd, GIOCondition condition, void *data)
{
	struct sp_gateways *gateways = data;
	struct news news = { .gateways = gateways };
	gboolean different;

	take_news(&news);
	if (!news.relevant)
		return G_SOURCE_CONTINUE;
	different = read_again(gateways);
	if (different)
		begin_probing(gateways);
	if (different || news.lost)
		gateways->changed(gateways->data);
	return G_SOURCE_CONTINUE;
}

/* --- beginning and end --------------------------------------------------------------- */

static struct mnl_socket *open_socket(int flags, unsigned int groups)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);

	if (socket && !mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID))
		return socket;
	if (socket)
		mnl_socket_close(socket);
	return NULL;
}

struct sp_gateways *sp_gateways_new(void (*changed)(void *data), void *data)
{
	struct sp_gateways *gateways = g_new0(struct sp_gateways, 1);

	gateways->changed = changed;
	gateways->data = data;
	gateways->request = open_socket(0, 0);
	gateways->news = open_socket(SOCK_NONBLOCK, RTMGRP_LINK | RTMGRP_NEIGH |
				     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
	if (!gateways->request || !gateways->news) {
		sp_log_error("routes are not known: %s", g_strerror(errno));
		return gateways;
	}
	gateways->source = g_unix_fd_add(mnl_socket_get_fd(gateways->news), G_IO_IN, on_news,
					 gateways);
	filter(gateways);
	read_again(gateways);
	begin_probing(gateways);
	return gateways;
}

void sp_gateways_free(struct sp_gateways *gateways)
{
	if (!gateways)
		return;
	g_clear_handle_id(&gateways->probe, g_source_remove);
	g_clear_handle_id(&gateways->source, g_source_remove);
	if (gateways->news)
		mnl_socket_close(gateways->news);
	if (gateways->request)
		mnl_socket_close(gateways->request);
	g_free(gateways);
}

const struct sp_gateway *sp_gateways_get(const struct sp_gateways *gateways, gsize *count)
{
	*count = gateways->count;
	return gateways->list;
}
