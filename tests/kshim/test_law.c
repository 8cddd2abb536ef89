// SPDX-License-Identifier: GPL-2.0
/*
 * The law, at random: see law.h. Each seed is a run of its own, from loading the
 * module to unloading it; a failure prints seed and step.
 *
 *   SALLYPORT_LAW_SEED=N   this seed alone
 *   SALLYPORT_LAW_RUNS=N   so many seeds, from 1 on
 */
#include <stdio.h>
#include <string.h>

#include "law.h"
#include "pending.h"
#include "support.h"

#define STEPS 1500

static char place[64];

static struct law_packet packet_of(struct law_socket *socket, u8 direction)
{
	struct law_packet packet = {
		.direction = direction, .sk = socket->sk, .socket = socket,
		.net = socket->net,
		.bytes = 60 + shim_random(400),
	};

	packet.key = (struct law_key) {
		.family = socket->sk->sk_family, .protocol = socket->sk->sk_protocol,
		.remote = socket->remote, .remote_port = socket->remote_port,
		.local_port = socket->port,
		.ifindex = shim_random(8) ? 2 : 1 + shim_random(3),
	};
	return packet;
}

/* The n-th allocation fails, where it can be told what that leads to. */
static void trouble(const struct law_socket *socket)
{
	if (!shim_random(4) && (!socket || socket->has_record))
		shim_fail_nth(1 + shim_random(3));
}

static struct law_process *some_sender(const struct law_socket *socket)
{
	/* another's hook may give packets back in its own context */
	if (!shim_random(8))
		return law_some_process();
	return law_some_holder(socket);
}

/* --- TCP --------------------------------------------------------------------------- */

static void connect_socket(struct law_socket *socket)
{
	struct law_process *process = law_some_holder(socket);
	struct law_packet packet;

	if (!process)
		return;
	socket->remote = shim_random(LAW_REMOTES);
	socket->remote_port = 53 + shim_random(2);
	law_socket_state(socket, process, TCP_SYN_SENT);
	packet = packet_of(socket, SALLYPORT_OUT);
	packet.by = process;
	packet.flags = 2;
	trouble(socket);
	if (law_send(&packet) == LAW_REFUSED && shim_random(2))
		law_socket_state(socket, process, TCP_CLOSE);
}

static void segment(struct law_socket *socket, u8 direction, u8 flags)
{
	struct law_packet packet = packet_of(socket, direction);

	packet.flags = flags;
	packet.early = direction == SALLYPORT_IN && shim_random(4);
	if (direction == SALLYPORT_OUT && shim_random(2))
		packet.by = some_sender(socket);
	trouble(socket);
	law_send(&packet);
}

static void synsent_step(struct law_socket *socket)
{
	if (shim_random(3)) {
		segment(socket, SALLYPORT_OUT, 2);	/* again */
	} else {
		segment(socket, SALLYPORT_IN, 0x12);
		law_socket_state(socket, NULL, TCP_ESTABLISHED);
	}
}

/* Then a SYN would be that connection's. */
static bool is_connected(const struct law_socket *listener,
			 const struct law_packet *packet)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk && &law_sockets[i] != listener &&
		    law_sockets[i].sk->sk_protocol == IPPROTO_TCP &&
		    law_sockets[i].port == listener->port &&
		    law_sockets[i].remote % 3 == packet->key.remote % 3 &&
		    law_sockets[i].remote_port == packet->key.remote_port)
			return true;
	return false;
}

static void syn_for(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_IN);

	packet.key.remote = shim_random(LAW_REMOTES);
	packet.key.remote_port = 50000 + shim_random(2);
	packet.flags = 2;
	if (is_connected(socket, &packet))
		return;
	trouble(socket);
	if (law_send(&packet) != LAW_PASSED)
		return;
	law_request(socket, packet.key.remote, packet.key.remote_port);
}

static void request_step(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_IN);

	packet.sk = socket->request;
	packet.key.remote = socket->request_remote;
	packet.key.remote_port = socket->request_port;
	packet.early = shim_random(2);
	packet.flags = 0x10;
	packet.last_ack = shim_random(4);
	socket->sk->backlog = shim_random(5) ? 0 : 2;	/* its queue is full */
	if (!packet.last_ack)
		trouble(socket);
	if (law_send(&packet) == LAW_PASSED && packet.last_ack &&
	    !sk_acceptq_is_full(socket->sk))
		law_accept(socket);
}

/* Of a connection that was tried before it listened. */
static void left_behind(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_OUT);

	packet.key.remote = shim_random(LAW_REMOTES);
	packet.key.remote_port = 80;
	packet.flags = 2;
	law_send(&packet);
}

static void listener_step(struct law_socket *socket)
{
	if (!shim_random(16))
		left_behind(socket);
	else if (!socket->request)
		syn_for(socket);
	else
		request_step(socket);
}

static void tcp_step(struct law_socket *socket)
{
	struct law_process *process = law_some_holder(socket);

	switch (socket->sk->sk_state) {
	case TCP_CLOSE:
		if (shim_random(3) || !process)
			connect_socket(socket);
		else
			law_socket_state(socket, process, TCP_LISTEN);
		break;
	case TCP_SYN_SENT:
		synsent_step(socket);
		break;
	case TCP_LISTEN:
		listener_step(socket);
		break;
	default:
		segment(socket, shim_random(2), shim_random(12) ? 0x10 : 0x14);
	}
}

/* One that another connection to the same port would be for. */
static struct law_socket *listener_of(const struct law_socket *socket)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk && law_sockets[i].sk->sk_state == TCP_LISTEN &&
		    law_sockets[i].sk->sk_family == socket->sk->sk_family &&
		    law_sockets[i].net == socket->net)
			return &law_sockets[i];
	return NULL;
}

/* A SYN from the same port again: for the listener, which is asked anew. */
static void reopen(struct law_packet *packet, struct law_socket *listener)
{
	packet->direction = SALLYPORT_IN;
	packet->flags = 2;
	packet->key.local_port = listener->port;
	packet->reopens = listener->sk;
	packet->socket = listener;
	law_send(packet);
}

/* What is left of a connection: it is short, and has its cookie. */
static void timewait_packet(void)
{
	struct law_socket *socket = law_some_socket(), *listener;
	struct law_packet packet;
	struct sock *rest;

	if (!socket || socket->sk->sk_protocol != IPPROTO_TCP ||
	    socket->sk->sk_state != TCP_ESTABLISHED)
		return;
	rest = calloc(1, SHIM_TIMEWAIT_SIZE);
	rest->sk_family = socket->sk->sk_family;
	rest->sk_state = TCP_TIME_WAIT;
	rest->sk_cookie = socket->sk->sk_cookie;
	refcount_set(&rest->sk_refcnt, 1);
	packet = packet_of(socket, shim_random(2));
	listener = listener_of(socket);
	law_socket_close(socket);
	packet.sk = rest;
	packet.socket = NULL;
	packet.early = true;
	packet.flags = 0x10;
	if (listener && shim_random(2))
		reopen(&packet, listener);
	else
		law_send(&packet);
	sock_put(rest);
}

/* --- datagrams ---------------------------------------------------------------------- */

static void datagram_step(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, shim_random(3) == 0);

	packet.key.remote = shim_random(LAW_REMOTES);
	packet.key.remote_port = socket->sk->sk_protocol == IPPROTO_UDP ?
		53 + shim_random(2) : 0;
	if (packet.direction == SALLYPORT_OUT) {
		packet.by = some_sender(socket);
		if (!packet.by)
			return;
	} else {
		packet.early = !shim_random(4);
	}
	trouble(socket);
	law_send(&packet);
}

/* --- frames of packet sockets -------------------------------------------------------- */

static void frame_step(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_OUT);

	packet.frame = true;
	packet.tags = shim_random(4) ? 0 : 1 + shim_random(2);
	packet.other = !shim_random(8);
	packet.further = !shim_random(8);
	packet.by = shim_random(6) ? some_sender(socket) : NULL;
	packet.key.family = shim_random(3) ? AF_INET : AF_INET6;
	packet.key.protocol = shim_random(2) ? IPPROTO_UDP : IPPROTO_TCP;
	packet.key.remote = shim_random(LAW_REMOTES);
	packet.key.remote_port = 53 + shim_random(2);
	packet.flags = 2;
	if (!shim_random(4))
		packet.ring = 1 + shim_random(2);
	if (packet.ring == LAW_RING_STAYS)
		shim_fail_nth(1);
	else if (!packet.ring)
		trouble(socket);
	law_send(&packet);
}

/* A port that nobody has, or has no more. */
static void unwanted(void)
{
	struct law_packet packet = {
		.direction = SALLYPORT_IN, .net = &init_net, .bytes = 100,
		.key = { .family = AF_INET, .protocol = IPPROTO_UDP,
			 .remote = shim_random(3), .remote_port = 53 + shim_random(2),
			 .local_port = 40000 + shim_random(8), .ifindex = 2 },
	};
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk && law_sockets[i].port == packet.key.local_port)
			return;
	law_send(&packet);
}

/* --- steps -------------------------------------------------------------------------- */

static void socket_step(void)
{
	struct law_socket *socket = law_some_socket();

	if (!socket)
		return;
	if (socket->sk->sk_family == AF_PACKET)
		frame_step(socket);
	else if (socket->sk->sk_protocol == IPPROTO_TCP)
		tcp_step(socket);
	else
		datagram_step(socket);
}

/* The same again: what was just decided is in the cache of one CPU or another. */
static void burst_step(void)
{
	int i, n = 1 + shim_random(6);

	for (i = 0; i < n; i++) {
		shim_cpu = shim_random(shim_cpus);
		socket_step();
	}
}

static void open_step(void)
{
	struct law_process *process = law_some_process();
	u8 protocols[] = { IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDP };

	if (!process)
		return;
	if (!shim_random(6))
		shim_fail_nth(1);
	if (!shim_random(5))
		law_socket_open(process, 0, AF_PACKET);
	else
		law_socket_open(process, protocols[shim_random(4)],
				shim_random(3) ? AF_INET : AF_INET6);
	shim_fail_nth(0);
}

static void share_step(void)
{
	struct law_socket *socket = law_some_socket();
	struct law_process *process = law_some_process();

	if (!socket || !process)
		return;
	if (shim_random(2))
		law_socket_pass(socket, process);
	else if (law_some_holder(socket) && socket->sk->sk_family != AF_PACKET)
		law_socket_bind(socket, law_some_holder(socket));
}

static void close_step(void)
{
	struct law_socket *socket = law_some_socket();

	if (socket && (!law_some_holder(socket) || !shim_random(2)))
		law_socket_close(socket);
}

static void process_step(void)
{
	struct law_process *process = law_some_process();
	u32 what = shim_random(8);

	if (!shim_random(6))
		shim_fail_nth(1 + shim_random(3));
	if (!process || what < 2)
		law_fork(NULL);
	else if (what < 4)
		law_fork(process);
	else if (what < 7)
		law_exec(process, shim_random(LAW_PROGRAMS));
	else
		law_exit(process);
	shim_fail_nth(0);
}

/* Another file under the same name. */
static void upgrade_step(void)
{
	law_programs[shim_random(LAW_PROGRAMS)].inode.i_generation++;
}

static void clock_step(void)
{
	static const u32 spans[] = { 1, 4, 20, 600, 1100, 3000, 7000, 31000, 190000 };

	shim_advance_ms(spans[shim_random(ARRAY_SIZE(spans))]);
}

static unsigned long house_due;

static void house_step(void)
{
	bool due = !time_before(jiffies, house_due);

	if (shim_random(2))
		shim_rcu_run();
	shim_due_run();
	law_pending_sync();
	if (!due)
		return;
	house_due = jiffies + 5 * HZ;
	law_open_compare(false);
}

static void daemon_step(void)
{
	u32 what = shim_random(20);

	if (!law_daemon.present) {
		if (!shim_random(3))
			law_daemon_arrive();
	} else if (what == 0) {
		law_daemon_die();
	} else if (what < 5) {
		law_daemon_change_policy();
	} else if (what == 5) {
		law_daemon_configure();
	} else if (what == 6 && shim_random(2)) {
		law_daemon_container();
	} else if (what == 6) {
		law_daemon.deaf = !shim_random(3);
	} else if (what < 16 && law_daemon.pendings) {
		if (!shim_random(4))
			shim_fail_nth(1 + shim_random(4));
		law_daemon_answer(&law_daemon.pending[
			shim_random(law_daemon.pendings)]);
		shim_fail_nth(0);
	} else {
		law_repeat_some();
	}
}

/* What a rule's expiry changes is a change of policy, as for the daemon. */
static void expire(void)
{
	static u64 next;

	if (next && next <= shim_boottime && law_daemon.present)
		law_daemon_sweep();
	next = law_policy_next_expiry();
}

static void step(void)
{
	u32 what = shim_random(100);

	shim_cpu = shim_random(shim_cpus);
	if (what < 50)
		burst_step();
	else if (what < 68)
		daemon_step();
	else if (what < 74)
		open_step();
	else if (what < 78)
		share_step();
	else if (what < 82)
		close_step();
	else if (what < 87)
		process_step();
	else if (what < 92)
		clock_step();
	else if (what < 97)
		house_step();
	else if (what < 98)
		shim_random(2) ? upgrade_step() : law_device_step();
	else if (what < 99)
		timewait_packet();
	else
		unwanted();
	shim_check_idle();
	expire();
	if (sp_pending_count() != (u32)law_daemon.pendings)
		law_fail("%u flows wait and %d should", sp_pending_count(),
			 law_daemon.pendings);
}

static void run(u64 seed)
{
	int i;

	shim_init();
	shim_seed(seed);
	init_net.next = &law_container;
	*shim_param_flows = 1024;
	*shim_param_cache_sets = 1 << shim_random(5);	/* entries are replaced */
	law_world_begin();
	law_policy_begin();
	law_referee_begin();
	law_daemon_begin();
	ck_assert_int_eq(shim_module_init(), 0);
	house_due = jiffies + 5 * HZ;
	law_daemon_arrive();
	law_daemon_change_policy();
	for (i = 0; i < STEPS; i++) {
		sprintf(place, "seed %llu, step %d", (unsigned long long)seed, i);
		step();
	}
	law_daemon_end();
	law_world_end();
	shim_module_exit();
	shim_exit();
}

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : otherwise;
}

/* A process each: the module's variables are as when it is loaded. */
START_TEST(answers_are_the_policys)
{
	shim_place = place;
	run(_i);
}
END_TEST

int main(void)
{
	unsigned long seed = from_environment("SALLYPORT_LAW_SEED", 0);
	unsigned long runs = from_environment("SALLYPORT_LAW_RUNS", 60);
	TCase *tcase = tcase_create("law");

	tcase_add_loop_test(tcase, answers_are_the_policys, seed ? seed : 1,
			    (seed ? seed : runs) + 1);
	return support_run(tcase);
}
