// SPDX-License-Identifier: GPL-2.0
/*
 * Whose sockets are that their program did not make itself: made of a request, made
 * by MPTCP's worker, older than the module; with the whole module.
 */
#include <string.h>

#include "compat.h"
#include "group.h"
#include "image.h"
#include "law.h"
#include "owner_record.h"
#include "refuse.h"
#include "simple_daemon.h"
#include "stats.h"
#include "support.h"

#define ACK	0x10
#define SYN	0x02
#define SOCKETS	16384

static struct law_process *const program = &law_processes[0];

/* That run when the module comes. */
static struct task_struct *older_tasks;

static void begin_with(struct sock *older, char *without)
{
	struct task_struct *task;

	shim_init();
	init_net.next = NULL;
	*shim_param_flows = 1024;
	*shim_param_sockets = SOCKETS;
	law_world_begin();
	law_policy_begin();
	law_referee_begin();
	shim_connections.first = older;
	for (task = older_tasks; task; task = task->next) {
		task->nsproxy = law_daemon_task.nsproxy;
		task->fs = law_daemon_task.fs;
	}
	law_daemon_task.next = older_tasks;
	*shim_param_without_probes = without;
	shim_receive = simple_receive;
	ck_assert_int_eq(shim_module_init(), 0);
	simple_hello();
	law_fork(NULL);
}

static void end(void)
{
	shim_port_closed(LAW_PORT);
	law_world_end();
	shim_module_exit();
	shim_exit();
	shim_connections.first = NULL;
	older_tasks = NULL;
	init_net.packet.sklist.first = NULL;
}

static struct law_packet packet_of(struct law_socket *socket, u8 direction, u8 flags)
{
	return (struct law_packet) {
		.direction = direction, .sk = socket->sk, .socket = socket,
		.net = &init_net, .bytes = 100, .early = true, .flags = flags,
		.key = { .family = AF_INET, .protocol = IPPROTO_TCP, .remote = 1,
			 .remote_port = 50000, .local_port = socket->port, .ifindex = 2 },
	};
}

static unsigned int hook(const struct law_packet *packet, struct task_struct *task)
{
	struct sk_buff *skb = law_packet_build(packet);
	unsigned int said = law_packet_send(packet, skb, task);

	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said & NF_VERDICT_MASK;
}

/* In a softirq. */
static unsigned int pass_on(struct law_socket *socket, u8 direction, u8 flags)
{
	struct law_packet packet = packet_of(socket, direction, flags);

	return hook(&packet, NULL);
}

static struct law_socket *open_tcp(void)
{
	struct law_socket *socket;

	law_socket_open(program, IPPROTO_TCP, AF_INET);
	socket = law_some_socket();
	socket->net = socket->sk->sk_net = &init_net;
	return socket;
}

/* The program may be connected to. */
static struct law_socket *listen_allowed(void)
{
	struct law_socket *listener = open_tcp();
	struct law_packet syn;

	law_socket_state(listener, program, TCP_LISTEN);
	syn = packet_of(listener, SALLYPORT_IN, SYN);
	ck_assert_uint_eq(hook(&syn, NULL), NF_QUEUE);
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	ck_assert_uint_eq(hook(&syn, &law_daemon_task), NF_ACCEPT);
	law_request(listener, 1, 50000);
	return listener;
}

static unsigned int last_ack(struct law_socket *listener)
{
	struct law_packet ack = packet_of(listener, SALLYPORT_IN, ACK);

	ack.sk = listener->request;
	ack.last_ack = true;
	return hook(&ack, NULL);
}

static void is_programs(const struct sock *sk)
{
	struct sp_who who;

	ck_assert(sp_owner_who(sk->sk_cookie.counter, &who));
	ck_assert_uint_eq(who.pid, program->task.tgid);
	sp_image_put(who.image);
}

static void ends_are_seen(void)
{
	shim_advance_ms(10);
	shim_due_run();
	shim_settle();
}

/* --- made of a request ------------------------------------------------------------- */

/* One of these sees that a socket is made. */
static char *one_missing[] = { "", "security_inet_csk_clone", "__inet_inherit_port" };

/* Two CPUs made a socket of it each: the end of the one that came too late is no end. */
START_TEST(accepted_on_two_processors)
{
	struct law_socket *listener, *child;
	struct sock *late;
	u64 hits;

	begin_with(NULL, one_missing[_i]);
	listener = listen_allowed();
	ck_assert_uint_eq(last_ack(listener), NF_ACCEPT);
	late = law_accept_twice(listener);
	child = law_accept(listener);
	hits = stat_of(SALLYPORT_STAT_VERDICT_HIT);
	sock_put(late);
	ends_are_seen();
	is_programs(child->sk);
	ck_assert_uint_eq(sp_flow_count(), 1);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_IN, ACK), NF_ACCEPT);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_OUT, ACK), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_VERDICT_HIT), hits);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ESTABLISHED), 0);
	law_socket_close(child);
	ends_are_seen();
	ck_assert_uint_eq(sp_flow_count(), 0);
	end();
}
END_TEST

/* The other one may be destroyed long after. */
START_TEST(the_late_one_goes_last)
{
	struct law_socket *listener;
	struct sock *late;
	u64 cookie;

	begin_with(NULL, one_missing[_i]);
	listener = listen_allowed();
	ck_assert_uint_eq(last_ack(listener), NF_ACCEPT);
	late = law_accept_twice(listener);
	cookie = late->sk_cookie.counter;
	law_socket_close(law_accept(listener));
	ends_are_seen();
	ck_assert(sp_owner_known(cookie));
	sock_put(late);
	ends_are_seen();
	ck_assert(!sp_owner_known(cookie));
	ck_assert_uint_eq(sp_flow_count(), 0);
	end();
}
END_TEST

static u32 begin_handshakes(struct law_socket *listener, u32 count)
{
	u32 i, passed = 0;

	for (i = 0; i < count; i++) {
		sock_put(listener->request);
		law_request(listener, 1, 50000);
		passed += last_ack(listener) == NF_ACCEPT;
	}
	return passed;
}

static void housekeeping(int seconds)
{
	shim_advance_ms(1000 * seconds);
	shim_due_run();
	ends_are_seen();
}

/*
 * What seems to be the end of a handshake may come to nothing, as often as who is at the
 * other end likes: that takes few places, which are free again when no request is as old.
 */
START_TEST(handshakes_without_a_socket_take_few_places)
{
	const u32 most = SOCKETS / 64;
	struct law_socket *listener, *child;
	u32 before;

	begin_with(NULL, one_missing[_i]);
	listener = listen_allowed();
	before = sp_owner_count();
	ck_assert_uint_eq(begin_handshakes(listener, most + 10), most + 10);
	ck_assert_uint_eq(sp_owner_count(), before + most);
	ck_assert_uint_eq(sp_flow_count(), most);
	/* the last one had no place, and is accepted all the same */
	child = law_accept(listener);
	is_programs(child->sk);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_IN, ACK), NF_ACCEPT);
	ck_assert_uint_eq(sp_flow_count(), most + 1);
	housekeeping(170);
	ck_assert_uint_eq(sp_flow_count(), most + 1);
	housekeeping(60);
	ck_assert_uint_eq(sp_owner_count(), before + 1);
	ck_assert_uint_eq(sp_flow_count(), 1);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_OUT, ACK), NF_ACCEPT);
	/* there are places again; who has his socket takes none */
	law_request(listener, 1, 50001);
	ck_assert_uint_eq(last_ack(listener), NF_ACCEPT);
	ck_assert_uint_eq(sp_owner_count(), before + 2);
	law_accept(listener);
	housekeeping(230);
	ck_assert_uint_eq(sp_owner_count(), before + 2);
	ck_assert_uint_eq(sp_flow_count(), 2);
	end();
}
END_TEST

/*
 * A socket that its program keeps locked is to be ended once, whatever comes for it, and so
 * takes nobody's place; in the end it is left to itself.
 */
START_TEST(a_locked_socket_is_one_to_be_ended)
{
	struct law_socket *sockets[2];
	u32 i, count;
	int held;

	begin_with(NULL, "");
	for (i = 0; i < 2; i++) {
		law_socket_open(program, IPPROTO_TCP, AF_INET);
		sockets[i] = &law_sockets[i];
		sockets[i]->sk->sk_state = TCP_ESTABLISHED;
		sockets[i]->sk->sk_lock.owned = !i;
	}
	held = refcount_read(&sockets[0]->sk->sk_refcnt);
	for (count = 0; count < 5000; count++)
		sp_refuse_abort(sockets[0]->sk);
	sp_refuse_abort(sockets[1]->sk);
	ends_are_seen();
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ABORT_LOST), 0);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ABORTED), 1);
	ck_assert_int_eq(refcount_read(&sockets[0]->sk->sk_refcnt), held + 1);
	for (i = 0; i < 70; i++)
		housekeeping(1);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ABORT_LOST), 1);
	ck_assert_int_eq(refcount_read(&sockets[0]->sk->sk_refcnt), held);
	sp_refuse_abort(sockets[0]->sk);
	sockets[0]->sk->sk_lock.owned = false;
	housekeeping(1);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ABORTED), 2);
	end();
}
END_TEST

/* Nobody asks there whose a socket is: it takes no place. */
START_TEST(where_nothing_is_judged_there_is_no_record)
{
	static struct user_namespace foreign;
	struct law_socket *listener, *child;
	u32 before;

	begin_with(NULL, "");
	before = sp_owner_count();
	init_net.user_ns = law_container.user_ns = &foreign;
	listener = open_tcp();
	law_socket_state(listener, program, TCP_LISTEN);
	law_request(listener, 1, 50000);
	child = law_accept(listener);
	ck_assert_uint_eq(sp_owner_count(), before);
	law_socket_close(child);
	law_socket_close(listener);
	ends_are_seen();
	ck_assert_uint_eq(sp_owner_count(), before);
	init_net.user_ns = law_container.user_ns = &init_user_ns;
	law_socket_state(open_tcp(), program, TCP_LISTEN);
	ck_assert_uint_eq(sp_owner_count(), before + 1);
	end();
}
END_TEST

/*
 * With a syncookie, or of a SYN with data (fast open), the request has no cookie when
 * it becomes a socket, and no segment was judged as its last. It is the listener's.
 */
START_TEST(accepted_without_a_cookie)
{
	struct law_socket *listener, *child;

	begin_with(NULL, "");
	listener = listen_allowed();
	child = law_accept(listener);
	is_programs(child->sk);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_OUT, ACK), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ESTABLISHED), 0);
	ck_assert_int_eq(sp_owner_direction(child->sk->sk_cookie.counter), SALLYPORT_IN);
	ck_assert_uint_eq(sp_flow_count(), 1);
	end();
}
END_TEST

/* A listener that nobody has a record of leaves an unknown program, which is asked about. */
START_TEST(accepted_for_nobody_known)
{
	struct law_socket *listener, *child;

	begin_with(NULL, "");
	listener = listen_allowed();
	shim_call("inet_sock_destruct", listener->sk);
	child = law_accept(listener);
	ck_assert_uint_eq(pass_on(child, SALLYPORT_IN, ACK), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.direction, SALLYPORT_IN);
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	end();
}
END_TEST

/*
 * A listener is whose program takes its connections: another's than made it (socket
 * activation), but not another process of the same.
 */
START_TEST(a_listener_that_another_accepts_from)
{
	struct law_process *other = &law_processes[1];
	struct law_socket *listener;
	struct sp_who who;

	begin_with(NULL, "");
	listener = listen_allowed();
	law_fork(program);
	shim_current = &other->task;
	shim_call("inet_csk_accept", listener->sk);
	is_programs(listener->sk);
	law_exec(other, (program->program + 1) % LAW_PROGRAMS);
	shim_current = &other->task;
	shim_call("inet_csk_accept", listener->sk);
	shim_current = &law_daemon_task;
	ck_assert(sp_owner_who(listener->sk->sk_cookie.counter, &who));
	ck_assert_uint_eq(who.pid, other->task.tgid);
	sp_image_put(who.image);
	ck_assert_uint_eq(pass_on(listener, SALLYPORT_IN, SYN), NF_QUEUE);
	ck_assert_uint_ne(simple_tag.flow.image, simple_verdict.image);
	end();
}
END_TEST

/* Nobody saw it made: it is whose program takes its connections from then on. */
START_TEST(a_listener_without_a_record)
{
	struct law_socket *listener;

	begin_with(NULL, "");
	listener = listen_allowed();
	shim_call("inet_sock_destruct", listener->sk);
	ck_assert(!sp_owner_known(listener->sk->sk_cookie.counter));
	shim_call("inet_csk_accept", listener->sk);	/* the daemon itself is no program */
	ck_assert(!sp_owner_known(listener->sk->sk_cookie.counter));
	shim_current = &program->task;
	shim_call("inet_csk_accept", listener->sk);
	shim_current = &law_daemon_task;
	is_programs(listener->sk);
	is_programs(law_accept(listener)->sk);
	end();
}
END_TEST

/* --- of those that share an address ---------------------------------------------------- */

static struct law_socket *datagram_socket(struct law_process *process)
{
	static struct cgroup cgroup = { 101 };
	struct law_socket *socket = NULL;
	int i;

	law_socket_open(process, IPPROTO_UDP, AF_INET);
	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk &&
		    (!socket || law_sockets[i].sk->sk_cookie.counter >
				socket->sk->sk_cookie.counter))
			socket = &law_sockets[i];
	ck_assert_ptr_nonnull(socket);
	socket->sk->sk_uid.val = 1000;
	socket->sk->sk_cgrp_data = &cgroup;
	socket->net = socket->sk->sk_net = &init_net;
	return socket;
}

static unsigned int datagram_for(struct law_socket *socket)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_IN, 0);

	packet.key.protocol = IPPROTO_UDP;
	packet.early = false;
	return hook(&packet, NULL);
}

static unsigned int answer_of(struct law_socket *socket, u16 port)
{
	struct law_packet packet = packet_of(socket, SALLYPORT_OUT, 0);

	packet.key.protocol = IPPROTO_UDP;
	packet.key.local_port = port;
	return hook(&packet, NULL);
}

/* A BPF program picks, and not what was found: only where all are one program's. */
START_TEST(a_group_that_a_program_picks_from)
{
	struct sock_reuseport group = { .num_socks = 1, .prog = "picks" };
	struct law_process *other = &law_processes[1];
	struct law_socket *good, *bad;
	struct sp_flow_desc common = { };
	u32 flows;

	begin_with(NULL, "");
	good = datagram_socket(program);
	common.key.cookie = good->sk->sk_cookie.counter;
	good->sk->sk_reuseport_cb = &group;
	group.socks[0] = good->sk;
	ck_assert_uint_eq(datagram_for(good), NF_QUEUE);
	ck_assert_uint_ne(simple_tag.flow.image, sp_image_unknown->info.id);
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	ck_assert_uint_eq(datagram_for(good), NF_ACCEPT);
	ck_assert_uint_eq(sp_flow_count(), 1);

	/* a fork of it: the same program, in no process that could be told */
	law_fork(program);
	bad = datagram_socket(other);
	bad->sk->sk_reuseport_cb = &group;
	group = (struct sock_reuseport) { 2, "picks", { good->sk, bad->sk } };
	sp_owner_fill(good->sk, false, &common);
	ck_assert_uint_ne(common.process, 0);
	sp_group_describe(good->sk, &common);
	ck_assert_ptr_ne(common.image, sp_image_unknown);
	ck_assert_uint_eq(common.process, 0);
	ck_assert_uint_ne(common.cgroup, 0);
	sp_image_put(common.image);
	ck_assert_uint_eq(datagram_for(good), NF_ACCEPT);
	law_socket_close(bad);

	law_exec(other, (program->program + 1) % LAW_PROGRAMS);
	law_socket_close(good);
	ends_are_seen();
	bad = datagram_socket(other);
	good = datagram_socket(program);
	bad->sk->sk_reuseport_cb = good->sk->sk_reuseport_cb = &group;
	group = (struct sock_reuseport) { 2, NULL, { good->sk, bad->sk } };
	ck_assert_uint_eq(datagram_for(good), NF_ACCEPT);	/* by the hash */
	group.prog = "picks";
	ck_assert_uint_eq(datagram_for(good), NF_QUEUE);	/* whatever flow there is */
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	ck_assert_uint_eq(answer_of(bad, good->port), NF_QUEUE);
	ck_assert_uint_ne(simple_tag.flow.image, sp_image_unknown->info.id);

	/* another of the same program may answer in its place, where one picks */
	bad = datagram_socket(program);
	bad->sk->sk_reuseport_cb = &group;
	group.socks[1] = bad->sk;
	ck_assert_uint_eq(datagram_for(good), NF_ACCEPT);
	flows = sp_flow_count();
	ck_assert_uint_eq(answer_of(bad, good->port), NF_ACCEPT);
	ck_assert_uint_eq(sp_flow_count(), flows);
	group.prog = NULL;
	ck_assert_uint_eq(answer_of(bad, good->port), NF_QUEUE);
	end();
}
END_TEST

/* --- no record --------------------------------------------------------------------- */

/* Which never means that it may pass. */
START_TEST(a_connection_without_a_record)
{
	struct law_socket *socket;

	begin_with(NULL, "");
	socket = open_tcp();
	law_socket_state(socket, program, TCP_SYN_SENT);
	law_socket_state(socket, NULL, TCP_ESTABLISHED);
	shim_call("inet_sock_destruct", socket->sk);
	ck_assert_uint_eq(pass_on(socket, SALLYPORT_OUT, ACK), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	ck_assert_int_eq(simple_resolve(SALLYPORT_DENY), 0);
	ck_assert_uint_ne(pass_on(socket, SALLYPORT_OUT, ACK), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ESTABLISHED), 0);
	end();
}
END_TEST

static struct sock older_socket(u16 family, u8 state)
{
	static struct cgroup cgroup = { 101 };
	struct sock sk = {
		.sk_family = family, .sk_state = state, .sk_net = &init_net,
		.sk_type = family == AF_PACKET ? SOCK_RAW : SOCK_STREAM,
		.sk_protocol = family == AF_PACKET ? 0 : IPPROTO_TCP,
		.sk_uid.val = 1000, .sk_cgrp_data = &cgroup,
	};

	refcount_set(&sk.sk_refcnt, 2);
	spin_lock_init(&sk.sk_lock.slock);
	return sk;
}

/* Older than the module: it goes on, and is in the table, for the policy to end it. */
START_TEST(a_connection_that_is_older)
{
	struct sock sk = older_socket(AF_INET, TCP_ESTABLISHED);
	struct law_socket socket = { .sk = &sk, .port = 40000 };

	begin_with(&sk, "");
	ck_assert_uint_eq(pass_on(&socket, SALLYPORT_OUT, ACK), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ESTABLISHED), 1);
	ck_assert_uint_eq(sp_flow_count(), 1);
	/* ended by a sweep, it is judged like any */
	simple_end_flows();
	ck_assert_uint_ne(pass_on(&socket, SALLYPORT_OUT, ACK), NF_ACCEPT);
	shim_call("inet_sock_destruct", &sk);
	end();
}
END_TEST

/* A connection that is being made, and programs that have it open; older than the module. */
static struct {
	struct sock sk;
	struct socket socket;
	struct file file;
	struct task_struct tasks[3];
	struct files_struct files[3];
} making;

enum has { NOT, HAS, UNKNOWN_HAS };

static void add_holder(int i, enum has has)
{
	static struct signal_struct signal = { .live = ATOMIC_INIT(1) };
	static struct mm_struct mm;

	mm.exe_file = &law_programs[0].file;
	making.files[i] = (struct files_struct) { .open[3] = has ? &making.file : NULL };
	atomic_set(&making.files[i].count, 1 + i);
	making.tasks[i] = (struct task_struct) {
		.pid = 100 + i, .tgid = 100 + i, .group_leader = &making.tasks[i],
		.start_boottime = 1, .mm = has == UNKNOWN_HAS ? NULL : &mm,
		.files = &making.files[i],
		.signal = &signal, .user_ns = &init_user_ns, .euid.val = 1000,
		.next = older_tasks,
	};
	older_tasks = &making.tasks[i];
}

static void begin_making(int references, u32 uid)
{
	making.sk = older_socket(AF_INET, TCP_SYN_SENT);
	making.sk.sk_uid.val = uid;
	making.socket = (struct socket) { .sk = &making.sk, .file = &making.file };
	making.sk.sk_socket = &making.socket;
	making.file = (struct file) { .socket = &making.socket };
	atomic_set(&making.file.f_count, references);
	begin_with(&making.sk, "");
}

/* Its packet is sent again, and asked about; to the end. Whose it is, 0: nobody's. */
static u32 is_asked_about(void)
{
	struct law_socket socket = { .sk = &making.sk, .port = 40000 };

	ck_assert_uint_eq(pass_on(&socket, SALLYPORT_OUT, SYN), NF_QUEUE);
	ck_assert_int_eq(simple_tag.flow.image == sp_image_unknown->info.id,
			 !simple_tag.flow.pid);
	ck_assert_int_eq(simple_resolve(SALLYPORT_DENY), 0);
	ck_assert_uint_ne(pass_on(&socket, SALLYPORT_OUT, SYN), NF_ACCEPT);
	shim_call("inet_sock_destruct", &making.sk);
	end();
	return simple_tag.flow.pid;
}

/* The programs have one, two and three tasks. */
static const struct {
	enum has has[3];
	int references;
	u32 uid, pid;
} holders[] = {
	{ { NOT, HAS, NOT }, 1, 1000, 101 },
	/* both tasks wait for it */
	{ { NOT, HAS, NOT }, 3, 1000, 101 },
	/* a message under way or a ring has it too */
	{ { NOT, HAS, NOT }, 4, 1000, 0 },
	/* somebody else made it */
	{ { NOT, HAS, NOT }, 1, 1001, 0 },
	/* another has it, whom that many references would not be too many for */
	{ { HAS, NOT, HAS }, 3, 1000, 0 },
	/* another has it, of whom nothing is known, seen first or last */
	{ { UNKNOWN_HAS, HAS, NOT }, 2, 1000, 0 },
	{ { NOT, HAS, UNKNOWN_HAS }, 2, 1000, 0 },
	/* processes that share a table */
	{ { HAS, HAS, HAS }, 1, 1000, 0 },
	/* nobody in sight */
	{ { NOT, NOT, NOT }, 1, 1000, 0 },
};

START_TEST(being_made_when_the_module_comes)
{
	int i;

	for (i = 0; i < 3; i++)
		add_holder(i, holders[_i].has[i]);
	begin_making(holders[_i].references, holders[_i].uid);
	ck_assert_uint_eq(is_asked_about(), holders[_i].pid);
}
END_TEST

/* What is left of one is no full socket: it is not looked into. */
START_TEST(a_timewait_that_is_older)
{
	struct sock *rest = calloc(1, SHIM_TIMEWAIT_SIZE);

	rest->sk_family = AF_INET;
	rest->sk_state = TCP_TIME_WAIT;
	rest->sk_net = &init_net;
	begin_with(rest, "");
	ck_assert_uint_eq(sp_owner_count(), 0);
	end();
	free(rest);
}
END_TEST

START_TEST(a_packet_socket_that_is_older)
{
	struct sock sk = older_socket(AF_PACKET, TCP_CLOSE);
	struct law_socket socket = { .sk = &sk };
	struct law_packet frame = {
		.sk = &sk, .socket = &socket, .net = &init_net, .bytes = 60,
		.frame = true, .other = true, .key = { .family = AF_INET, .ifindex = 2 },
	};

	init_net.packet.sklist.first = &sk;
	begin_with(NULL, "");
	ck_assert_uint_eq(hook(&frame, NULL), NF_ACCEPT);
	shim_call("packet_sock_destruct", &sk);
	/* without a record it is nobody's */
	ck_assert_uint_ne(hook(&frame, NULL), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_FRAME_FOREIGN), 1);
	end();
}
END_TEST

/* --- the kernel's own ------------------------------------------------------------------ */

/*
 * What IPsec made of a program's packet leaves by that program's socket. It is the
 * kernel's: asked about as that, and no flow of the socket.
 */
START_TEST(transformed_by_ipsec)
{
	struct law_socket *socket;
	struct law_packet packet;
	struct sk_buff *skb;

	begin_with(NULL, "");
	socket = open_tcp();
	law_socket_state(socket, program, TCP_SYN_SENT);
	packet = packet_of(socket, SALLYPORT_OUT, SYN);
	packet.key.protocol = IPPROTO_ESP;
	packet.early = false;
	skb = law_packet_build(&packet);
	skb->cb.flags = IPSKB_XFRM_TRANSFORMED;
	ck_assert_uint_eq(law_packet_send(&packet, skb, &program->task) & NF_VERDICT_MASK,
			  NF_QUEUE);
	kfree_skb(skb);
	ck_assert_uint_eq(simple_tag.flow.image, SALLYPORT_IMAGE_KERNEL);
	ck_assert_uint_ne(simple_tag.flow.cookie, socket->sk->sk_cookie.counter);
	end();
}
END_TEST

/* --- MPTCP -------------------------------------------------------------------------- */

/* Made by a worker, as root; it connects there, too. */
static struct law_socket *subflow_of(const struct sock *master, struct law_socket *subflow,
				     struct sock *sk)
{
	*sk = older_socket(AF_INET, TCP_CLOSE);
	sk->sk_uid.val = 0;
	*subflow = (struct law_socket) { .sk = sk, .port = 41000 };
	shim_call_with(SP_MPTCP_ADDS_SUBFLOW, master, (unsigned long)sk);
	law_socket_state(subflow, NULL, TCP_SYN_SENT);
	return subflow;
}

START_TEST(a_further_subflow)
{
	struct law_socket *master, room, *subflow;
	struct sock sk;

	begin_with(NULL, "");
	master = open_tcp();
	master->sk->sk_uid.val = 1000;
	subflow = subflow_of(master->sk, &room, &sk);
	is_programs(&sk);
	ck_assert_uint_eq(pass_on(subflow, SALLYPORT_OUT, SYN), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.uid, 1000);
	ck_assert_uint_ne(simple_tag.flow.image, sp_image_unknown->info.id);
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	ck_assert_uint_eq(pass_on(subflow, SALLYPORT_OUT, SYN), NF_ACCEPT);
	shim_call("inet_sock_destruct", &sk);
	ends_are_seen();
	ck_assert_uint_eq(sp_flow_count(), 0);
	end();
}
END_TEST

/*
 * What an MPTCP connection that came in is to its program is made of the same request
 * as its first subflow, with a cookie of its own. The request has one if its last ACK was judged.
 */
START_TEST(a_subflow_of_an_accepted_one)
{
	struct law_socket *listener, room;
	struct sock *request, sk, clone;

	begin_with(NULL, "");
	listener = listen_allowed();
	request = listener->request;
	request->rsk_listener = listener->sk;
	if (_i) {
		ck_assert_uint_eq(last_ack(listener), NF_ACCEPT);
		request->rsk_listener = NULL;	/* it is known without */
	}
	clone = older_socket(AF_INET, TCP_ESTABLISHED);
	clone.sk_protocol = IPPROTO_MPTCP;
	shim_call_with("security_inet_csk_clone", &clone, (unsigned long)request);
	is_programs(&clone);
	ck_assert_uint_ne(clone.sk_cookie.counter, request->sk_cookie.counter);
	request->rsk_listener = listener->sk;
	subflow_of(&clone, &room, &sk);
	is_programs(&sk);
	ck_assert_uint_eq(pass_on(&room, SALLYPORT_OUT, SYN), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.uid, 1000);
	ck_assert_uint_eq(simple_tag.flow.direction, SALLYPORT_OUT);
	ck_assert_uint_ne(simple_tag.flow.image, sp_image_unknown->info.id);
	shim_call("inet_sock_destruct", &sk);
	shim_call("inet_sock_destruct", &clone);
	ends_are_seen();
	ck_assert(!sp_owner_known(clone.sk_cookie.counter));
	end();
}
END_TEST

/* Neither cookie nor listener, as with a syncookie: nobody's. */
START_TEST(a_subflow_of_one_accepted_by_a_cookie)
{
	struct sock request = { .sk_state = TCP_NEW_SYN_RECV }, sk, clone;
	struct law_socket room;

	begin_with(NULL, "");
	clone = older_socket(AF_INET, TCP_ESTABLISHED);
	clone.sk_protocol = IPPROTO_MPTCP;
	shim_call_with("security_inet_csk_clone", &clone, (unsigned long)&request);
	subflow_of(&clone, &room, &sk);
	ck_assert_uint_eq(pass_on(&room, SALLYPORT_OUT, SYN), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	ck_assert_uint_eq(simple_tag.flow.uid, 1000);
	shim_call("inet_sock_destruct", &sk);
	shim_call("inet_sock_destruct", &clone);
	ends_are_seen();
	end();
}
END_TEST

START_TEST(a_subflow_of_nobody_known)
{
	struct law_socket *master, room, *subflow;
	struct sock sk;

	begin_with(NULL, "");
	master = open_tcp();
	shim_call("inet_sock_destruct", master->sk);
	subflow = subflow_of(master->sk, &room, &sk);
	ck_assert_uint_eq(pass_on(subflow, SALLYPORT_OUT, SYN), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	shim_call("inet_sock_destruct", &sk);
	ends_are_seen();
	end();
}
END_TEST

/* --- probes that can't be had -------------------------------------------------------- */

static const struct {
	char *probes;
	u32 degraded;
} missing[] = {
	{ "inet_sock_set_state", SALLYPORT_DEGRADED_CONNECT },
	{ "security_socket_post_create", SALLYPORT_DEGRADED_BIND },
	{ "__inet_bind", SALLYPORT_DEGRADED_BIND },
	{ "inet_autobind", SALLYPORT_DEGRADED_BIND },
	{ "inet_csk_accept", SALLYPORT_DEGRADED_ACCEPT },
	{ "security_inet_csk_clone", SALLYPORT_DEGRADED_ACCEPT },
	{ "__inet_inherit_port", SALLYPORT_DEGRADED_ACCEPT },
	{ "inet_sock_destruct", SALLYPORT_DEGRADED_DESTRUCT },
	{ SP_MPTCP_ADDS_SUBFLOW, SALLYPORT_DEGRADED_MPTCP },
	{ "__inet6_bind,inet_sock_destruct,nothing",
	  SALLYPORT_DEGRADED_BIND | SALLYPORT_DEGRADED_DESTRUCT },
};

/* It is told which, and a connection without a record is not known all the same. */
START_TEST(without_a_probe)
{
	struct sock sk = older_socket(AF_INET, TCP_ESTABLISHED);
	struct law_socket socket = { .sk = &sk, .port = 40000 };

	begin_with(NULL, missing[_i].probes);
	ck_assert_uint_eq(sp_owner_degraded(), missing[_i].degraded);
	ck_assert_uint_eq(pass_on(&socket, SALLYPORT_IN, ACK), NF_QUEUE);
	ck_assert_uint_eq(simple_tag.flow.image, sp_image_unknown->info.id);
	end();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("owner");

	tcase_add_loop_test(tcase, accepted_on_two_processors, 0, ARRAY_SIZE(one_missing));
	tcase_add_loop_test(tcase, the_late_one_goes_last, 0, ARRAY_SIZE(one_missing));
	tcase_add_loop_test(tcase, handshakes_without_a_socket_take_few_places, 0, 2);	/* __inet_inherit_port is there */
	tcase_add_test(tcase, where_nothing_is_judged_there_is_no_record);
	tcase_add_test(tcase, a_locked_socket_is_one_to_be_ended);
	tcase_add_test(tcase, accepted_without_a_cookie);
	tcase_add_test(tcase, accepted_for_nobody_known);
	tcase_add_test(tcase, a_listener_that_another_accepts_from);
	tcase_add_test(tcase, a_listener_without_a_record);
	tcase_add_test(tcase, a_group_that_a_program_picks_from);
	tcase_add_test(tcase, a_connection_without_a_record);
	tcase_add_test(tcase, a_connection_that_is_older);
	tcase_add_test(tcase, a_timewait_that_is_older);
	tcase_add_loop_test(tcase, being_made_when_the_module_comes, 0,
			    ARRAY_SIZE(holders));
	tcase_add_test(tcase, a_packet_socket_that_is_older);
	tcase_add_test(tcase, transformed_by_ipsec);
	tcase_add_test(tcase, a_further_subflow);
	tcase_add_loop_test(tcase, a_subflow_of_an_accepted_one, 0, 2);
	tcase_add_test(tcase, a_subflow_of_one_accepted_by_a_cookie);
	tcase_add_test(tcase, a_subflow_of_nobody_known);
	tcase_add_loop_test(tcase, without_a_probe, 0, ARRAY_SIZE(missing));
	return support_run(tcase);
}
