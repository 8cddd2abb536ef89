/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rest of the pretended kernel, for the whole module: tasks and files,
 * sockets and packets, hooks and probes, netlink. shim.h says what is watched.
 *
 * A mini-socket (TIME_WAIT, a request) is allocated as short as it is in the
 * kernel, so that a look beyond its end is found by the address sanitizer.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <linux/workqueue.h>

/* --- tasks and files ------------------------------------------------------- */

typedef struct { u32 val; } kuid_t;
struct user_namespace {
	int level;
	struct user_namespace *parent;
	kuid_t owner;
};
extern struct user_namespace init_user_ns;
#define GLOBAL_ROOT_UID ((kuid_t) { 0 })
#define uid_eq(a, b) ((a).val == (b).val)
#define from_kuid(ns, uid) ((void)(ns), (uid).val)
#define __kuid_val(uid) ((uid).val)
#define current_user_ns() (current->user_ns)
#define current_euid() (current->euid)
#define task_cred_xxx(task, field) ((task)->field)

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
	struct user_namespace *s_user_ns;
};
struct inode {
	u64 i_ino;
	u32 i_generation;
	struct timespec64 { s64 tv_sec; long tv_nsec; } i_ctime;
	struct super_block *i_sb;
};
struct dentry {
	const char *name;
	bool unlinked;
};
struct path {
	void *mnt;
	struct dentry *dentry;
};
struct file {
	atomic_t f_count;
	struct path f_path;
	struct inode *f_inode;
	struct socket *socket;	/* NULL: it is none */
};
#define file_count(file) atomic_read(&(file)->f_count)
#define sock_from_file(file) ((file)->socket)
#define get_file_rcu(file) atomic_add_unless(&(file)->f_count, 1, 0)
#define file_inode(file) ((file)->f_inode)
#define fput(file) atomic_dec(&(file)->f_count)
#define d_unlinked(dentry) ((dentry)->unlinked)
#define new_encode_dev(dev) (dev)
#define path_equal(a, b) ((a)->mnt == (b)->mnt && (a)->dentry == (b)->dentry)
#define path_get(path) ((void)(path))
#define get_fs_root(fs, path) (*(path) = (fs)->root)
#define path_put(path) ((void)(path))
#define timespec64_to_ns(ts) ((ts)->tv_sec * NSEC_PER_SEC + (ts)->tv_nsec)
#define path_is_under(path, root) ((path)->mnt == (root)->mnt)
#define put_unused_fd(fd) ((void)(fd))
#define get_unused_fd_flags(flags) (-EMFILE)
#define fd_install(fd, file) ((void)(fd), (void)(file))
char *d_path(const struct path *path, char *buffer, int size);
struct file *fget(unsigned int fd);

struct mm_struct { struct file *exe_file; };
struct mnt_namespace { int number; };
struct nsproxy { struct mnt_namespace *mnt_ns; };
struct fs_struct {
	spinlock_t lock;
	struct path root;
};
/* More descriptors than the module looks at: those it does are of other files. */
#define SHIM_FILES 4096
struct files_struct {
	atomic_t count;
	struct file *open[8];
	bool many;
};
struct fdtable {
	unsigned int max_fds;
	struct file *const *fd;
};
const struct fdtable *shim_fdtable(const struct files_struct *files);
#define files_fdtable(files) shim_fdtable(files)
int iterate_fd(struct files_struct *files, unsigned int first,
	       int (*fn)(const void *data, struct file *file, unsigned int fd), const void *data);
#define rcu_access_pointer(pointer) (pointer)
#define CAP_NET_ADMIN 12
#define has_capability_noaudit(task, capability) ((task)->net_admin)
#define TASK_COMM_LEN 16
struct task_struct {
	struct task_struct *next;	/* of all leaders */
	pid_t pid, tgid;
	unsigned int flags, ptrace;
	u64 start_boottime;
	struct mm_struct *mm;
	struct task_struct *group_leader, *real_parent;
	struct signal_struct { atomic_t live; } *signal;
	struct nsproxy *nsproxy;
	struct fs_struct *fs;
	struct files_struct *files;
	struct user_namespace *user_ns;
	kuid_t uid, euid;
	bool net_admin;
	char comm[TASK_COMM_LEN];
};
#define PF_EXITING 0x4u
#define PF_KTHREAD 0x200000u
#define task_lock(task) ((void)(task))
#define task_unlock(task) ((void)(task))
extern struct task_struct *shim_tasks;
#define current shim_current
#define for_each_process(task)						\
	for ((task) = shim_tasks; (task); (task) = (task)->next)
/* Each has one thread. */
#define for_each_process_thread(process, thread)			\
	for ((process) = (thread) = shim_tasks; (process);		\
	     (process) = (thread) = (process)->next)
struct pid_namespace { struct task_struct *child_reaper; };
struct pid;
#define PIDTYPE_TGID 1
#define find_pid_ns(number, ns) ((struct pid *)(uintptr_t)(number))
struct task_struct *pid_task(struct pid *pid, int type);	/* of shim_tasks */
#define get_task_struct(task) ((void)(task))
#define put_task_struct(task) ((void)(task))
#ifndef O_PATH
#define O_PATH 010000000
#endif
#ifndef O_LARGEFILE
#define O_LARGEFILE 0
#endif
#define current_cred() ((const struct cred *)NULL)
struct cred;
struct file *dentry_open(const struct path *path, int flags, const struct cred *cred);
extern struct pid_namespace init_pid_ns;

#define raw_smp_processor_id() shim_cpu

#define in_task() (!shim_softirq)
#define softirq_count() (shim_context.bh)

/* --- network ---------------------------------------------------------------- */

/* Sockets that can be found, linked by sk_next: those that are there at load. */
struct shim_sockets { struct sock *first; };
struct inet_hashinfo {
	struct { struct shim_sockets chain; } *ehash;
	unsigned int ehash_mask;
	spinlock_t *ehash_locks;
};
#define inet_ehash_lockp(table, slot) ((void)(slot), (table)->ehash_locks)
#define hlist_nulls_empty(sockets) (!(sockets)->first)
#define sk_nulls_for_each(sk, node, sockets)				\
	for ((node) = NULL, (sk) = (sockets)->first; (void)(node), (sk); (sk) = (sk)->sk_next)
#define sk_for_each_rcu(sk, sockets)					\
	for ((sk) = (sockets)->first; (sk); (sk) = (sk)->sk_next)
#define down_read(semaphore) ((void)0)
#define up_read(semaphore) ((void)0)
extern struct shim_sockets shim_connections;	/* of all namespaces, in: */
extern struct inet_hashinfo shim_connection_table;

struct net {
	struct net *next;
	struct user_namespace *user_ns;
	struct { refcount_t count; } ns;
	u64 net_cookie;
	struct { struct { struct inet_hashinfo *hashinfo; } tcp_death_row; } ipv4;
	struct { struct shim_sockets sklist; } packet;
	const struct nf_hook_ops *hooks;	/* of the module */
	int hook_count, defrag;
	u64 generic[4];		/* the module's pernet data */
	struct net_device *devices;
};
extern struct net init_net;		/* the first of all */
#define net_eq(a, b) ((a) == (b))
#define for_each_net_rcu(net) for ((net) = &init_net; (net); (net) = (net)->next)
#define for_each_net(net) for_each_net_rcu(net)
#define sock_net(sk) ((sk)->sk_net)

#define net_generic(net, id) ((void)(id), (void *)(net)->generic)
#define maybe_get_net(net) (refcount_inc(&(net)->ns.count), (net))
#define put_net(net) ((void)refcount_dec_and_test(&(net)->ns.count))

struct net_device {
	int ifindex;
	unsigned int flags;
	u16 type;
	struct net *net;
	struct net_device *next;
	const struct nf_hook_ops *egress;
};
#define dev_net(dev) ((dev)->net)
#define for_each_netdev_rcu(net, dev)					\
	for ((dev) = (net)->devices; (dev); (dev) = (dev)->next)
#define NETDEV_UP 1
#define NETDEV_REGISTER 5
#define NETDEV_UNREGISTER 6
#define NETDEV_PRE_UP 13
#define notifier_from_errno(error) (error)
/* What the kernel calls when a device comes, goes up, or goes: the first error. */
int shim_device(struct net_device *dev, unsigned long event);
#define dev_recursion_level() shim_transmissions
extern int shim_transmissions;	/* under way on this CPU */
#define netdev_notifier_info_to_dev(data) ((struct net_device *)(data))
struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long event,
			     void *data);
};
int register_netdevice_notifier(struct notifier_block *block);
void unregister_netdevice_notifier(struct notifier_block *block);
struct dst_entry { struct net_device *dev; };

struct cgroup { u64 id; };
struct cgroup *cgroup_get_from_id(u64 id);	/* ERR_PTR(-ENOENT) */
int cgroup_path(struct cgroup *cgroup, char *path, size_t size);
void cgroup_put(struct cgroup *cgroup);
struct socket {
	struct sock *sk;
	struct file *file;
};
#define __sock_create(net, family, type, protocol, sock, kernel)	\
	((void)(sock), -EAFNOSUPPORT)
#define sock_alloc_file(sock, flags, name) ((struct file *)ERR_PTR(-ENFILE))
#define PTR_ERR_OR_ZERO(pointer)					\
	(IS_ERR(pointer) ? (int)PTR_ERR(pointer) : 0)
struct sock {
	/* struct sock_common */
	u16 sk_family;
	u8 sk_state;
	atomic64_t sk_cookie;
	unsigned long sk_flags;
	refcount_t sk_refcnt;
	struct sock *rsk_listener;
	struct net *sk_net;
	struct sock *sk_next;	/* struct shim_sockets */
	/* of a request */
	u32 snt_isn;
	/* of a full socket */
	u8 sk_type;
	u16 sk_protocol;
	bool sk_kern_sock;
	struct sock_reuseport *sk_reuseport_cb;
	u8 icsk_retransmits;
	u32 backlog, backlog_max;
	kuid_t sk_uid;
	struct cgroup *sk_cgrp_data;
	struct socket *sk_socket;
	struct {
		spinlock_t slock;
		bool owned;	/* its program has it locked */
	} sk_lock;
};
struct sock_reuseport {
	u16 num_socks;
	const void *prog;
	struct sock *socks[2];
};
#define sock_owned_by_user(sk) ((sk)->sk_lock.owned)
#define SHIM_TIMEWAIT_SIZE offsetof(struct sock, snt_isn)
#define SHIM_REQUEST_SIZE offsetof(struct sock, sk_type)

enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1,
       TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK,
       TCP_LISTEN, TCP_CLOSING, TCP_NEW_SYN_RECV };
#define TCPF_SYN_SENT (1 << TCP_SYN_SENT)
#define TCPF_TIME_WAIT (1 << TCP_TIME_WAIT)
#define TCPF_CLOSE (1 << TCP_CLOSE)
#define TCPF_LISTEN (1 << TCP_LISTEN)
#define TCPF_NEW_SYN_RECV (1 << TCP_NEW_SYN_RECV)
#define SOCK_MEMALLOC 0
#define SOCK_DEAD 1
#define CONFIG_SOCK_CGROUP_DATA 1
#define IS_ENABLED(option) 1

#define sk_fullsock(sk)							\
	((1 << (sk)->sk_state) & ~(TCPF_TIME_WAIT | TCPF_NEW_SYN_RECV))
#define sock_flag(sk, flag) ((sk)->sk_flags >> (flag) & 1)
#define inet_reqsk(sk) (sk)
#define tcp_rsk(request) (request)
#define inet_csk(sk) (sk)
#define sk_acceptq_is_full(sk) ((sk)->backlog > (sk)->backlog_max)
#define sock_cgroup_ptr(data) (*(data))
#define cgroup_id(cgroup) ((cgroup)->id)
#define sock_hold(sk) refcount_inc(&(sk)->sk_refcnt)
/* The last one destroys it, which the probe on inet_sock_destruct() sees. */
void sock_put(struct sock *sk);
extern void (*shim_destroyed)(const struct sock *sk);	/* told too, if set */
#define sock_gen_put(sk) sock_put(sk)
int sock_diag_save_cookie(struct sock *sk, u32 *halves);
int tcp_abort(struct sock *sk, int error);

#define SKB_GSO_TCPV4 1u
#define SKB_GSO_TCPV6 2u
#define SKB_GSO_SCTP 4u
struct sctphdr {
	__be16 source, dest;
	__be32 vtag, checksum;
};
struct sk_buff {
	unsigned char *data;		/* the first header; or a netlink message */
	unsigned char *head;		/* what is freed, if that is not @data */
	unsigned int len, room;
	u16 transport;			/* offset of the transport header */
	u8 pkt_type, command;
	__be16 protocol;
	int skb_iif;
	bool shared_pages;		/* with a program that may write to them */
	struct sock *sk;
	struct dst_entry dst;
	struct { u16 flags; } cb;
	struct skb_shared_info { u16 gso_segs; u8 gso_type; } shared;
};
#define skb_network_offset(skb) ((void)(skb), 0)
#define skb_transport_offset(skb) ((int)(skb)->transport)
#define skb_transport_header(skb) ((skb)->data + (skb)->transport)
#define skb_tail_pointer(skb) ((skb)->data + (skb)->len)
#define skb_shinfo(skb) (&((struct sk_buff *)(skb))->shared)
#define skb_is_gso(skb) ((skb)->shared.gso_segs != 0)
#define IPCB(skb) (&(skb)->cb)
#define IP6CB(skb) (&(skb)->cb)
#define IPSKB_XFRM_TRANSFORMED 2
#define IP6SKB_XFRM_TRANSFORMED 1
#define skb_dst(skb) (&(skb)->dst)
#define ip_hdr(skb) ((const struct iphdr *)(skb)->data)
#define ipv6_hdr(skb) ((const struct ipv6hdr *)(skb)->data)
#define tcp_hdrlen(skb)							\
	(((const struct tcphdr *)skb_transport_header(skb))->doff * 4)
#define IP_OFFSET 0x1fff
#define ICMP_PORT_UNREACH 3
enum { NDISC_ROUTER_SOLICITATION = 133, NDISC_REDIRECT = 137 };
int skb_linearize(struct sk_buff *skb);
const void *shim_header(const struct sk_buff *skb, int offset, int size);
#define skb_header_pointer(skb, offset, size, buffer)			\
	((void)(buffer), (const void *)shim_header(skb, offset, size))
static inline int skb_copy_bits(const struct sk_buff *skb, int offset, void *to,
				int size)
{
	const void *from = shim_header(skb, offset, size);

	if (!from)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}
int ipv6_skip_exthdr(const struct sk_buff *skb, int start, u8 *next,
		     __be16 *fragment);
void kfree_skb(struct sk_buff *skb);

struct nf_hook_state {
	u8 hook, pf;
	const struct net_device *in, *out;
	struct sock *sk;
	struct net *net;
};
struct nf_hook_ops {
	unsigned int (*hook)(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
	u8 pf;
	unsigned int hooknum;
	int priority;
	struct net_device *dev;
};
int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops);
void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops);
int nf_register_net_hooks(struct net *net, const struct nf_hook_ops *ops,
			  unsigned int count);
void nf_unregister_net_hooks(struct net *net, const struct nf_hook_ops *ops,
			     unsigned int count);
int nf_defrag_ipv4_enable(struct net *net);
void nf_defrag_ipv4_disable(struct net *net);
#define nf_defrag_ipv6_enable(net) nf_defrag_ipv4_enable(net)
#define nf_defrag_ipv6_disable(net) nf_defrag_ipv4_disable(net)
void nf_queue_nf_hook_drop(struct net *net);

/* The test's: which socket is meant. With a reference, unless it is skb->sk. */
struct sock *nf_sk_lookup_slow_v4(struct net *net, const struct sk_buff *skb,
				  const struct net_device *dev);
struct sock *nf_sk_lookup_slow_v6(struct net *net, const struct sk_buff *skb,
				  const struct net_device *dev);
/* Likewise, without a reference. */
struct sock *shim_listener(u8 family, u16 local_port);
static inline struct sock *
__inet_lookup_listener(struct net *net, void *table, struct sk_buff *skb, int headers,
		       __be32 remote, __be16 remote_port, __be32 local,
		       u16 local_port, int ifindex, int sdif)
{
	return shim_listener(AF_INET, local_port);
}
static inline struct sock *
inet6_lookup_listener(struct net *net, void *table, struct sk_buff *skb, int headers,
		      const struct in6_addr *remote, __be16 remote_port,
		      const struct in6_addr *local, u16 local_port, int ifindex,
		      int sdif)
{
	return shim_listener(AF_INET6, local_port);
}
struct sock *shim_established(u8 family, const void *remote, u16 remote_port,
			      u16 local_port, int ifindex);
static inline struct sock *
__inet_lookup_established(struct net *net, void *table, __be32 remote,
			  __be16 remote_port, __be32 local, u16 local_port,
			  int ifindex, int sdif)
{
	return shim_established(AF_INET, &remote, remote_port, local_port, ifindex);
}

static inline struct sock *
__inet6_lookup_established(struct net *net, void *table,
			   const struct in6_addr *remote, __be16 remote_port,
			   const struct in6_addr *local, u16 local_port,
			   int ifindex, int sdif)
{
	return shim_established(AF_INET6, remote, remote_port, local_port, ifindex);
}

/* Refusals that were sent instead of an errno. */
struct shim_refusals { u32 resets, unreachables; };
extern struct shim_refusals shim_refusals;
#define nf_send_unreach(skb, code, hook) ((void)++shim_refusals.unreachables)
#define nf_send_unreach6(net, skb, code, hook) ((void)++shim_refusals.unreachables)
#define nf_send_reset(net, sk, skb, hook) ((void)++shim_refusals.resets)
#define nf_send_reset6(net, sk, skb, hook) ((void)++shim_refusals.resets)

struct pernet_operations {
	int (*init)(struct net *net);
	void (*pre_exit)(struct net *net);
	void (*exit)(struct net *net);
	unsigned int *id;
	size_t size;
};
int register_pernet_subsys(struct pernet_operations *operations);
void unregister_pernet_subsys(struct pernet_operations *operations);
#define synchronize_net() shim_rcu_run()

/* --- probes ------------------------------------------------------------------ */

struct pt_regs { unsigned long argument[2]; };
#define regs_get_kernel_argument(regs, n) ((regs)->argument[n])
struct ftrace_regs { struct pt_regs regs; };
struct ftrace_hash { const char *name; };
struct ftrace_ops_hash { struct ftrace_hash *filter_hash; };
struct ftrace_ops {
	void (*func)(unsigned long address, unsigned long caller,
		     struct ftrace_ops *ops, struct ftrace_regs *regs);
	unsigned long flags;
	struct ftrace_ops_hash local_hash, *func_hash;
	struct ftrace_hash filled;
};
enum { FTRACE_OPS_FL_RECURSION = 1, FTRACE_OPS_FL_PERMANENT = 2 };
int ftrace_set_filter(struct ftrace_ops *ops, unsigned char *name, int length, int reset);
void ftrace_free_filter(struct ftrace_ops *ops);
int register_ftrace_function(struct ftrace_ops *ops);
int unregister_ftrace_function(struct ftrace_ops *ops);
struct tracepoint {
	const char *name;
	void *probe;
};
void for_each_kernel_tracepoint(void (*fn)(struct tracepoint *tracepoint,
					   void *data), void *data);
int tracepoint_probe_register(struct tracepoint *tracepoint, void *probe,
			      void *data);
int tracepoint_probe_unregister(struct tracepoint *tracepoint, void *probe,
				void *data);
#define tracepoint_synchronize_unregister() shim_rcu_run()
void *shim_tracepoint(const char *name);	/* the probe on it, or NULL */
/* Calls the probe on a function; nothing if there is none. */
void shim_call(const char *symbol, const void *argument);
void shim_call_with(const char *symbol, const void *argument, unsigned long second);
struct linux_binprm {
	const char *filename, *interp;
	struct file *file;
	unsigned int secureexec;
	char buf[4];
};
#define PTRACE_MODE_ATTACH 2

/* --- netlink ----------------------------------------------------------------- */

#include <linux/genetlink.h>
#include <linux/netlink.h>

struct genl_info {
	u32 snd_portid, snd_seq;
	struct nlmsghdr *nlhdr;
	struct genlmsghdr *genlhdr;
	struct nlattr **attrs;
	struct net *net;
};
struct netlink_callback {
	struct sk_buff *skb;
	struct nlmsghdr *nlh;
	long args[6];
	unsigned int seq, prev_seq;
};
struct genl_small_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	u8 cmd, flags;
};
struct nla_policy { u8 type; s64 low, high; };
struct genl_family {
	const char *name;
	void *module;
	const struct nla_policy *policy;
	const struct genl_small_ops *small_ops;
	unsigned int version, maxattr, n_small_ops, resv_start_op;
};
enum { NLA_NONE, NLA_U8, NLA_U16, NLA_U32, NLA_U64, NLA_LENGTH };
#define NLA_POLICY_RANGE(type_, a, b) { .type = type_, .low = a, .high = b }
#define NLA_POLICY_MIN(type_, a) { .type = type_, .low = a, .high = U32_MAX }
#define NLA_POLICY_MAX(type_, b) { .type = type_, .high = b }
#define NLA_POLICY_MIN_LEN(size) { .type = NLA_LENGTH, .low = size }
#define GENL_SET_ERR_MSG(info, text) ((void)(info))
static inline void genl_dump_check_consistent(struct netlink_callback *cb, void *header)
{
	cb->prev_seq = cb->seq;
}
#define NLMSG_GOODSIZE 3776
#define NLMSG_DEFAULT_SIZE 3756
#define NETLINK_URELEASE 1
#define O_CLOEXEC 0
#define O_NONBLOCK 0
#define NETLINK_CB(skb) ((struct { u32 portid; }) { 0 })
#define THIS_MODULE NULL
struct netlink_notify {
	struct net *net;
	u32 portid;
	int protocol;
};
#define NOTIFY_DONE 0
int netlink_register_notifier(struct notifier_block *block);
void netlink_unregister_notifier(struct notifier_block *block);
int genl_register_family(struct genl_family *family);
int genl_unregister_family(const struct genl_family *family);
#define genl_info_net(info) ((info)->net)

#define nla_total_size(size) ((int)NLA_ALIGN(NLA_HDRLEN + (size)))
#define nla_data(attr) ((void *)((char *)(attr) + NLA_HDRLEN))
#define nla_len(attr) ((attr)->nla_len - NLA_HDRLEN)
#define nla_get_u8(attr) (*(const u8 *)nla_data(attr))
#define nla_get_u16(attr) (*(const u16 *)nla_data(attr))
#define nla_get_u32(attr) (*(const u32 *)nla_data(attr))
u64 nla_get_u64(const struct nlattr *attr);
int nla_put(struct sk_buff *skb, int type, int size, const void *data);
#define nla_total_size_64bit(size) nla_total_size(size)
#define nla_put_u8(skb, type, value) nla_put(skb, type, 1, (const u8 []) { value })
#define nla_put_u32(skb, type, value) nla_put(skb, type, 4, (const u32 []) { value })
#define nla_put_u64_64bit(skb, type, value, pad)			\
	nla_put(skb, type, 8, (const u64 []) { value })
#define nla_put_string(skb, type, text) nla_put(skb, type, strlen(text) + 1, text)
struct sk_buff *genlmsg_new(size_t payload, gfp_t gfp);
void *genlmsg_put(struct sk_buff *skb, u32 port, u32 seq,
		  const struct genl_family *family, int flags, u8 command);
#define genlmsg_put_reply(skb, info, family, flags, command)		\
	genlmsg_put(skb, (info)->snd_portid, (info)->snd_seq, family, flags, command)
#define genlmsg_end(skb, header) ((void)(skb), (void)(header))
void genlmsg_cancel(struct sk_buff *skb, void *header);
#define nlmsg_free(skb) kfree_skb(skb)
int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 port);
#define genlmsg_reply(skb, info) genlmsg_unicast((info)->net, skb, (info)->snd_portid)

/* The test's: a message for @port; an error is handed to the sender. */
extern int (*shim_receive)(u32 port, u8 command, struct nlattr **attrs);
/* Sends a command as the current task; attributes are validated. */
int shim_command(u32 port, u8 command, struct nlattr **attrs);
/* Calls @fn for each message of a dump. */
int shim_dump(u32 port, u8 command, void (*fn)(struct nlattr **attrs, void *arg),
	      void *arg);
void shim_port_closed(u32 port);

#define on_exit shim_on_exit	/* not that of <stdlib.h> */

/* --- a file in procfs ------------------------------------------------------------ */

#define __user
#define ALIGN(size, to) (((size) + (to) - 1) & ~((to) - 1))

/* Where the first byte that is another is, or NULL. */
static inline const void *memchr_inv(const void *from, int byte, size_t size)
{
	const unsigned char *at = from;

	while (size && *at == byte) {
		at++;
		size--;
	}
	return size ? at : NULL;
}

struct proc_dir_entry;
struct proc_ops {
	ssize_t (*proc_read)(struct file *file, char *to, size_t size, loff_t *at);
	ssize_t (*proc_write)(struct file *file, const char *from, size_t size, loff_t *at);
	loff_t (*proc_lseek)(struct file *file, loff_t offset, int whence);
};

struct proc_dir_entry *proc_create(const char *name, unsigned int mode,
				   struct proc_dir_entry *parent, const struct proc_ops *ops);
void proc_remove(struct proc_dir_entry *entry);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
#define copy_to_user(to, from, size) (memcpy(to, from, size), 0)
#define copy_from_user(to, from, size) (memcpy(to, from, size), 0)
/* Of the file, as the current task; -EIO: there is none. */
ssize_t shim_proc_read(void *to, size_t size);
ssize_t shim_proc_write(const void *from, size_t size);

/* --- the module -------------------------------------------------------------- */

int shim_module_init(void);
void shim_module_exit(void);
extern unsigned int *shim_param_flows, *shim_param_cache_sets;
extern unsigned int *shim_param_sockets, *shim_param_images, *shim_param_processes;
extern char **shim_param_mode, **shim_param_without_probes;
#define __net_init
#define __net_exit
#define module_init(fn) int shim_module_init(void) { return fn(); }
#define module_exit(fn) void shim_module_exit(void) { fn(); }
#define module_param(name, type, mode)					\
	__typeof__(name) *shim_param_##name = &name
#define MODULE_PARM_DESC(name, text) struct shim_nothing
#define MODULE_LICENSE(text) struct shim_nothing
#define MODULE_DESCRIPTION(text) struct shim_nothing
#define MODULE_VERSION(text) struct shim_nothing

#define shim_printk(...) do { if (0) printf(__VA_ARGS__); } while (0)
#define pr_info(...) shim_printk(__VA_ARGS__)
#define pr_warn(...) shim_printk(__VA_ARGS__)
#define pr_err(...) shim_printk(__VA_ARGS__)
#define pr_debug(...) shim_printk(__VA_ARGS__)
#define pr_warn_ratelimited(...) shim_printk(__VA_ARGS__)

#define jhash(data, size, seed) shim_hash(data, size, seed)
#define jhash_3words(a, b, c, seed)					\
	shim_hash((const u32 []) { a, b, c }, 12, seed)
#define hash_64(value, bits)						\
	(shim_hash((const u64 []) { value }, 8, 0) & ((1u << (bits)) - 1))
#define hash_32(value, bits) hash_64(value, bits)
#define hash_ptr(pointer, bits) hash_64((unsigned long)(pointer), bits)
#define struct_size(pointer, member, count)				\
	(sizeof(*(pointer)) + sizeof((pointer)->member[0]) * (count))
#define is_power_of_2(n) ((n) && !((n) & ((n) - 1)))
#define jiffies64_to_nsecs(n) ((u64)(n) * (NSEC_PER_SEC / HZ))

#endif
