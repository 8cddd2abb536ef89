// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does with sockets, as far as it says whose they are: they are
 * created, bound, connected, listened on, accepted from, made of a request, made by MPTCP,
 * destroyed.
 * Nothing here may sleep; what a probe can't watch is told as degraded.
 */
#include <linux/inet.h>
#include <linux/net.h>
#include <net/request_sock.h>
#include <net/tcp_states.h>

#include "hook.h"
#include "image_capture.h"
#include "owner_record.h"
#include "probe.h"

enum {
	PROBE_STATE, PROBE_CREATE, PROBE_BIND, PROBE_BIND6, PROBE_AUTOBIND,
	PROBE_ACCEPT, PROBE_CLONE, PROBE_INHERIT, PROBE_DESTRUCT, PROBE_DESTRUCT_PACKET,
	PROBE_SUBFLOW, PROBES
};

static struct sp_probe probes[PROBES];
static u32 degraded;

/*
 * What sockets send in a namespace that is not judged leaves it as another socket's, or
 * as nobody's: whose they are is asked nowhere. A socket stays in its namespace.
 */
static bool has_owner(const struct sock *sk)
{
	return (sk->sk_family == AF_INET || sk->sk_family == AF_INET6 ||
		sk->sk_family == AF_PACKET) && sp_hook_judges(sock_net(sk));
}

static u32 uid_of(const struct sock *sk)
{
	return sp_uid(READ_ONCE(sk->sk_uid));
}

/* The running program does something with @sk that makes it the owner. */
static void note_current(struct sock *sk)
{
	struct sp_record record = { .direction = SALLYPORT_OUT };

	if (!sk || !has_owner(sk) || !sp_current_is_program())
		return;
	sp_process_current(&record.who);
	record.charged = sp_charged_uid(current);
	sp_owner_note(sp_socket_cookie(sk), &record);
}

/* A new connection, or a listener: nothing is left of what the socket was. */
static void on_tcp_state(void *data, const struct sock *sk, const int old,
			 const int new)
{
	if (old != TCP_CLOSE || (new != TCP_SYN_SENT && new != TCP_LISTEN) ||
	    !has_owner(sk))
		return;
	note_current((struct sock *)sk);
	sp_flow_kill_cookie(atomic64_read(&sk->sk_cookie));
}

static void SP_PROBE_FUNCTION(on_create, regs)
{
	struct socket *sock = (struct socket *)sp_probe_argument(regs, 0);

	note_current(sock->sk);
}

static void SP_PROBE_FUNCTION(on_bind, regs)
{
	note_current((struct sock *)sp_probe_argument(regs, 0));
}

static bool is_of_running_program(struct sock *sk)
{
	struct sp_who was, now;
	bool same;

	if (!sp_owner_who(sp_socket_cookie(sk), &was))
		return false;
	sp_process_current(&now);
	same = now.image == was.image;
	sp_image_put(was.image);
	sp_image_put(now.image);
	return same;
}

/*
 * A listener is whose program takes its connections, whoever made it (socket
 * activation), also if nobody saw that. Its processes share it: which of them takes
 * one says nothing.
 */
static void SP_PROBE_FUNCTION(on_accept, regs)
{
	struct sock *sk = (struct sock *)sp_probe_argument(regs, 0);

	if (has_owner(sk) && sp_current_is_program() && !is_of_running_program(sk))
		note_current(sk);
}

/* An MPTCP socket has another cookie than the request that it is made of. */
static void note_accepted_mptcp(u64 cookie, struct sock *request)
{
	struct sock *listener = inet_reqsk(request)->rsk_listener;

	sp_owner_child_of(cookie, atomic64_read(&request->sk_cookie));
	if (listener)
		sp_owner_child_of(cookie, sp_socket_cookie(listener));
}

/*
 * A socket is made of a request, and has its cookie if that had one. Of an MPTCP
 * connection there are two: the first subflow, and the program's own.
 */
static void SP_PROBE_FUNCTION(on_clone, regs)
{
	struct sock *child = (struct sock *)sp_probe_argument(regs, 0);
	u64 cookie;

	if (!has_owner(child))
		return;
	cookie = sp_socket_cookie(child);
	sp_owner_child(cookie, uid_of(child));
	if (child->sk_protocol == IPPROTO_MPTCP)
		note_accepted_mptcp(cookie, (struct sock *)sp_probe_argument(regs, 1));
}

/*
 * It is not in the kernel's tables yet: no packet has met it. Where on_clone() is missing
 * it is counted here: the end of one that came too late is not the end of the other then.
 */
static void SP_PROBE_FUNCTION(on_inherit, regs)
{
	struct sock *listener = (struct sock *)sp_probe_argument(regs, 0);
	struct sock *child = (struct sock *)sp_probe_argument(regs, 1);
	u64 cookie;

	if (!has_owner(child))
		return;
	cookie = sp_socket_cookie(child);
	if (!READ_ONCE(probes[PROBE_CLONE].armed))
		sp_owner_child(cookie, uid_of(child));
	sp_owner_child_of(cookie, sp_socket_cookie(listener));
}

/*
 * Further subflows are made by a worker of the kernel's, as root: they are whose the
 * MPTCP socket is, and his user's.
 */
static void SP_PROBE_FUNCTION(on_subflow, regs)
{
	struct sock *master = (struct sock *)sp_probe_argument(regs, 0);
	struct sock *subflow = (struct sock *)sp_probe_argument(regs, 1);
	struct sp_record record = { .direction = SALLYPORT_OUT, .for_user = true };

	if (!has_owner(master) || !sp_owner_who(sp_socket_cookie(master), &record.who))
		return;
	record.charged = uid_of(master);
	sp_owner_note(sp_socket_cookie(subflow), &record);
}

/* Its namespace may be gone: it did not hold it if it is the kernel's own. */
static void SP_PROBE_FUNCTION(on_destruct, regs)
{
	struct sock *sk = (struct sock *)sp_probe_argument(regs, 0);
	u64 cookie = atomic64_read(&sk->sk_cookie);

	if (cookie)
		sp_owner_ended(cookie);
}

static struct sp_probe probes[PROBES] = {
	[PROBE_STATE] = { .tracepoint = "inet_sock_set_state",
			  .function = on_tcp_state },
	[PROBE_CREATE] = { .symbol = "security_socket_post_create", .ops.func = on_create },
	[PROBE_BIND] = { .symbol = "__inet_bind", .ops.func = on_bind },
	[PROBE_BIND6] = { .symbol = "__inet6_bind", .ops.func = on_bind },
	[PROBE_AUTOBIND] = { .symbol = "inet_autobind", .ops.func = on_bind },
	[PROBE_ACCEPT] = { .symbol = "inet_csk_accept", .ops.func = on_accept },
	[PROBE_CLONE] = { .symbol = "security_inet_csk_clone", .ops.func = on_clone },
	[PROBE_INHERIT] = { .symbol = "__inet_inherit_port", .ops.func = on_inherit },
	[PROBE_DESTRUCT] = { .symbol = "inet_sock_destruct", .ops.func = on_destruct },
	[PROBE_DESTRUCT_PACKET] = { .symbol = "packet_sock_destruct", .ops.func = on_destruct },
	[PROBE_SUBFLOW] = { .symbol = SP_MPTCP_ADDS_SUBFLOW, .ops.func = on_subflow },
};

/* What is not told where one of them is missing. */
static const u32 flaws[PROBES] = {
	[PROBE_STATE] = SALLYPORT_DEGRADED_CONNECT,
	[PROBE_CREATE] = SALLYPORT_DEGRADED_BIND,
	[PROBE_BIND] = SALLYPORT_DEGRADED_BIND,
	[PROBE_BIND6] = SALLYPORT_DEGRADED_BIND,
	[PROBE_AUTOBIND] = SALLYPORT_DEGRADED_BIND,
	[PROBE_ACCEPT] = SALLYPORT_DEGRADED_ACCEPT,
	[PROBE_CLONE] = SALLYPORT_DEGRADED_ACCEPT,
	[PROBE_INHERIT] = SALLYPORT_DEGRADED_ACCEPT,
	[PROBE_DESTRUCT] = SALLYPORT_DEGRADED_DESTRUCT,
	[PROBE_DESTRUCT_PACKET] = SALLYPORT_DEGRADED_DESTRUCT,
	[PROBE_SUBFLOW] = IS_ENABLED(CONFIG_MPTCP) ? SALLYPORT_DEGRADED_MPTCP : 0,
};

void sp_owner_probes_arm(void)
{
	u32 i;

	sp_probes_arm(probes, PROBES);
	degraded = 0;
	for (i = 0; i < PROBES; i++)
		if (!probes[i].armed)
			degraded |= flaws[i];
}

void sp_owner_probes_disarm(void)
{
	sp_probes_disarm(probes, PROBES);
}

bool sp_owner_counts_children(void)
{
	return READ_ONCE(probes[PROBE_CLONE].armed) || READ_ONCE(probes[PROBE_INHERIT].armed);
}

u32 sp_owner_degraded(void)
{
	return degraded;
}
