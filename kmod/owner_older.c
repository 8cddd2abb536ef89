// SPDX-License-Identifier: GPL-2.0
/*
 * Connections and packet sockets that were there before the module: who made them
 * nobody saw, nor what they began, and they go on. Listeners and datagram sockets are
 * not among them: what they begin is judged as an unknown program's.
 *
 * A connection that is still being made is judged, and a timer sends its packet again:
 * nobody will be seen to send. It is that program's which alone has it open, and runs as the
 * user who made it. Who hands one to a program that he started, and keeps it in a message,
 * passes for that program; he could as well have it connect.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>
#include <net/netns/packet.h>

#include "hook.h"
#include "image_capture.h"
#include "owner_record.h"

/* First the state: of what is left of a connection more can't be read. */
static bool is_being_made(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state) == TCP_SYN_SENT && sk->sk_protocol == IPPROTO_TCP &&
	       (sk->sk_family == AF_INET || sk->sk_family == AF_INET6);
}

static void note(struct sock *sk)
{
	if (sk_fullsock(sk) && sp_hook_judges(sock_net(sk)))
		sp_owner_note_older(sp_socket_cookie(sk), sp_uid(READ_ONCE(sk->sk_uid)));
}

/* How many of them are being made. */
static u32 walk_bucket(struct inet_hashinfo *table, unsigned int slot)
{
	spinlock_t *lock = inet_ehash_lockp(table, slot);
	struct hlist_nulls_node *node;
	struct sock *sk;
	u32 made = 0;

	if (hlist_nulls_empty(&table->ehash[slot].chain))
		return 0;
	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, &table->ehash[slot].chain) {
		note(sk);
		made += is_being_made(sk);
	}
	spin_unlock_bh(lock);
	return made;
}

static u32 walk_connections(struct inet_hashinfo *table)
{
	unsigned int slot;
	u32 made = 0;

	for (slot = 0; slot <= table->ehash_mask; slot++) {
		made += walk_bucket(table, slot);
		cond_resched();
	}
	return made;
}

static void walk_packet_sockets(struct net *net)
{
	struct sock *sk;

	rcu_read_lock();
	sk_for_each_rcu(sk, &net->packet.sklist)
		note(sk);
	rcu_read_unlock();
}

struct holder {
	struct sp_who who;
	kuid_t euid;
	long references;	/* a file can have: its table's, a wait of each task; 0: unknown */
};

/* More references may be anybody's: a message's, a ring's. */
static bool has_alone(const struct holder *holder, const struct file *file,
		      const struct sock *sk)
{
	return file_count(file) <= holder->references &&
	       uid_eq(READ_ONCE(sk->sk_uid), holder->euid);
}

static int note_file(const void *data, struct file *file, unsigned int fd)
{
	struct socket *socket = sock_from_file(file);
	struct sock *sk = socket ? READ_ONCE(socket->sk) : NULL;
	const struct holder *holder = data;

	if (sk && is_being_made(sk))
		sp_owner_note_holder(atomic64_read(&sk->sk_cookie),
				     has_alone(holder, file, sk) ? &holder->who : NULL);
	return 0;
}

/* What a program has of which nothing is known, no other has alone. */
static void walk_files(struct task_struct *task)
{
	struct holder holder = { .euid = task_cred_xxx(task, euid) };
	bool known;

	if (task->flags & PF_KTHREAD)
		return;
	known = sp_process_who(task, &holder.who);
	task_lock(task);
	if (task->files) {
		if (known)
			holder.references = 1L + atomic_read(&task->files->count);
		iterate_fd(task->files, 0, note_file, &holder);
	}
	task_unlock(task);
	if (known)
		sp_image_put(holder.who.image);
}

/* Threads may have tables of their own. */
static void walk_holders(void)
{
	struct task_struct *process, *thread;

	rcu_read_lock();
	for_each_process_thread(process, thread)
		if (thread == process || READ_ONCE(thread->files) != READ_ONCE(process->files))
			walk_files(thread);
	rcu_read_unlock();
}

/* A namespace may have a table of connections of its own. */
void sp_owner_walk_older(void)
{
	struct inet_hashinfo *common = init_net.ipv4.tcp_death_row.hashinfo;
	u32 made = walk_connections(common);
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		if (net->ipv4.tcp_death_row.hashinfo != common)
			made += walk_connections(net->ipv4.tcp_death_row.hashinfo);
		walk_packet_sockets(net);
	}
	up_read(&net_rwsem);
	if (made)
		walk_holders();
}
