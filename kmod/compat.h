/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All differences between kernel versions: 6.1, 6.12, 7.2. Other files have no
 * version check.
 */
#ifndef _SALLYPORT_COMPAT_H
#define _SALLYPORT_COMPAT_H

#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/ftrace.h>
#include <linux/mm_types.h>
#include <linux/netfilter.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <net/inet_hashtables.h>
#include <net/inet6_hashtables.h>
#include <net/net_namespace.h>

#ifdef CONFIG_PREEMPT_RT
#error "sallyport does not support PREEMPT_RT: its per-CPU caches rely on disabled bottom halves"
#endif

/* Declared only in the kernel's own net/netfilter/nf_internals.h. */
void nf_queue_nf_hook_drop(struct net *net);

/*
 * A reference to the executable of @mm, or NULL. Caller is in an RCU section.
 * Since 6.7 struct file may be reused under RCU, and get_file_rcu() takes the
 * pointer's address; before, it is a macro around inc_not_zero.
 */
static inline struct file *sp_mm_exe_file(struct mm_struct *mm)
{
#ifdef get_file_rcu
	struct file *file = rcu_dereference(mm->exe_file);

	if (file && !get_file_rcu(file))
		file = NULL;
	return file;
#else
	return get_file_rcu(&mm->exe_file);
#endif
}

/* A task's root and folder hold still; a seqlock guards them since 6.17. */
static inline void sp_fs_lock(struct fs_struct *fs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	read_seqlock_excl(&fs->seq);
#else
	spin_lock(&fs->lock);
#endif
}

static inline void sp_fs_unlock(struct fs_struct *fs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	read_sequnlock_excl(&fs->seq);
#else
	spin_unlock(&fs->lock);
#endif
}

/* The queue of schedule_work(): of another name since 6.17, with the old one deprecated. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define sp_system_wq system_percpu_wq
#else
#define sp_system_wq system_wq
#endif

/* Change time of an inode, ns of CLOCK_REALTIME. */
static inline s64 sp_inode_ctime(const struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	struct timespec64 ts = inode_get_ctime(inode);
#else
	struct timespec64 ts = inode->i_ctime;
#endif
	return timespec64_to_ns(&ts);
}

/* The table that established TCP sockets are in; since 6.18 the look-up finds it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define SP_TCP_TABLE(net) net
#else
#define SP_TCP_TABLE(net) net, net->ipv4.tcp_death_row.hashinfo
#endif

/*
 * The TCP socket (established or TIME_WAIT) of a connection, with a reference,
 * or NULL. There is one table of them per machine or namespace.
 */
static inline struct sock *sp_tcp_established4(struct net *net, __be32 remote,
					       __be16 remote_port, __be32 local,
					       u16 local_port, int ifindex)
{
	return __inet_lookup_established(SP_TCP_TABLE(net), remote, remote_port,
					 local, local_port, ifindex, 0);
}

static inline struct sock *sp_tcp_established6(struct net *net,
					       const struct in6_addr *remote,
					       __be16 remote_port,
					       const struct in6_addr *local,
					       u16 local_port, int ifindex)
{
	return __inet6_lookup_established(SP_TCP_TABLE(net), remote, remote_port,
					  local, local_port, ifindex, 0);
}

/*
 * The listener that a SYN is for, without a reference, or NULL; under RCU. @headers:
 * how far into @skb's data the TCP header ends.
 */
static inline struct sock *sp_tcp_listener4(struct net *net, struct sk_buff *skb,
					    int headers, __be32 remote,
					    __be16 remote_port, __be32 local,
					    u16 local_port, int ifindex)
{
	return __inet_lookup_listener(SP_TCP_TABLE(net), skb, headers, remote,
				      remote_port, local, local_port, ifindex, 0);
}

static inline struct sock *sp_tcp_listener6(struct net *net, struct sk_buff *skb,
					    int headers,
					    const struct in6_addr *remote,
					    __be16 remote_port,
					    const struct in6_addr *local,
					    u16 local_port, int ifindex)
{
	return inet6_lookup_listener(SP_TCP_TABLE(net), skb, headers, remote,
				     remote_port, local, local_port, ifindex, 0);
}

/* Processes, files and sockets that keep a network namespace alive. */
static inline u32 sp_net_users(const struct net *net)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return __ns_ref_read(&net->ns);
#else
	return refcount_read(&net->ns.count);
#endif
}

/* What is called with an MPTCP socket and a new subflow of it, before that connects. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define SP_MPTCP_ADDS_SUBFLOW "security_mptcp_add_subflow"
#else
#define SP_MPTCP_ADDS_SUBFLOW "mptcp_sockopt_sync"
#endif

/* An argument of a function that ftrace watches; before 6.3 no accessor was there. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define sp_probe_argument(fregs, n) ftrace_regs_get_argument(fregs, n)
#else
#define sp_probe_argument(fregs, n) regs_get_kernel_argument(&(fregs)->regs, n)
#endif

/* The probe of sched_process_exit has a third argument from 6.16 on. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define SP_PROBE_EXIT(name, task) \
	name(void *data, struct task_struct *task, bool group_dead)
#else
#define SP_PROBE_EXIT(name, task) \
	name(void *data, struct task_struct *task)
#endif

#endif
