// SPDX-License-Identifier: GPL-2.0
/* The rest of the pretended kernel; see world.h. */
#include <string.h>

#include "world.h"

/* --- tasks and files ------------------------------------------------------- */

struct user_namespace init_user_ns;
struct task_struct *shim_tasks;
struct pid_namespace init_pid_ns;

char *d_path(const struct path *path, char *buffer, int size)
{
	int length = strlen(path->dentry->name);

	if (length >= size)
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(buffer, path->dentry->name, length + 1);
}

struct file *fget(unsigned int fd)
{
	struct file *file = NULL;

	if (current->files && fd < ARRAY_SIZE(current->files->open))
		file = current->files->open[fd];
	if (file)
		atomic_inc(&file->f_count);
	return file;
}

const struct fdtable *shim_fdtable(const struct files_struct *files)
{
	static struct file *const others[SHIM_FILES];
	static struct fdtable table;

	table = files->many ?
		(struct fdtable) { .max_fds = 1 << 20, .fd = others } :
		(struct fdtable) { .max_fds = ARRAY_SIZE(files->open),
				   .fd = files->open };
	return &table;
}

int iterate_fd(struct files_struct *files, unsigned int first,
	       int (*fn)(const void *data, struct file *file, unsigned int fd), const void *data)
{
	unsigned int fd;
	int result = 0;

	for (fd = first; files && fd < ARRAY_SIZE(files->open) && !result; fd++)
		if (files->open[fd])
			result = fn(data, files->open[fd], fd);
	return result;
}

/* --- network ---------------------------------------------------------------- */

struct shim_sockets shim_connections;
static spinlock_t connections_lock = { .ready = true };
struct inet_hashinfo shim_connection_table = {
	.ehash = (void *)&shim_connections, .ehash_locks = &connections_lock,
};

struct net init_net = {
	.ipv4.tcp_death_row.hashinfo = &shim_connection_table,
	.user_ns = &init_user_ns, .net_cookie = 1, .ns.count.refs.counter = 1,
};
struct shim_refusals shim_refusals;
void (*shim_destroyed)(const struct sock *sk);

void sock_put(struct sock *sk)
{
	if (!refcount_dec_and_test(&sk->sk_refcnt))
		return;
	if (sk_fullsock(sk)) {
		shim_call(sk->sk_family == AF_PACKET ? "packet_sock_destruct" :
							 "inet_sock_destruct", sk);
		if (shim_destroyed)
			shim_destroyed(sk);
	}
	free(sk);
}

int sock_diag_save_cookie(struct sock *sk, u32 *halves)
{
	static s64 last;

	if (!sk->sk_cookie.counter)
		sk->sk_cookie.counter = ++last;
	halves[0] = (u64)sk->sk_cookie.counter;
	halves[1] = (u64)sk->sk_cookie.counter >> 32;
	return 0;
}

int tcp_abort(struct sock *sk, int error)
{
	shim_might_sleep(__FILE__, __LINE__);
	if (sk->sk_lock.owned)
		shim_bug_at(__FILE__, __LINE__, "waits for the socket's program");
	sk->sk_state = TCP_CLOSE;
	return 0;
}

/* Now it is the kernel's alone. */
int skb_linearize(struct sk_buff *skb)
{
	void *memory;

	if (!skb->shared_pages)
		return 0;
	memory = shim_alloc(1, false);
	if (!memory)
		return -ENOMEM;
	shim_free(memory);
	skb->shared_pages = false;
	return 0;
}

const void *shim_header(const struct sk_buff *skb, int offset, int size)
{
	if (offset < 0 || offset + size > (int)skb->len)
		return NULL;
	return skb->data + offset;
}

/* Without extension headers. */
int ipv6_skip_exthdr(const struct sk_buff *skb, int start, u8 *next,
		     __be16 *fragment)
{
	return start <= (int)skb->len ? start : -1;
}

void kfree_skb(struct sk_buff *skb)
{
	if (skb->sk)
		sock_put(skb->sk);
	free(skb->head ? skb->head : skb->data);
	free(skb);
}

static bool fails(void)
{
	void *memory = shim_alloc(1, false);

	shim_free(memory);
	return !memory;
}

int nf_register_net_hooks(struct net *net, const struct nf_hook_ops *ops,
			  unsigned int count)
{
	if (fails())
		return -ENOMEM;
	net->hooks = ops;
	net->hook_count = count;
	return 0;
}

void nf_unregister_net_hooks(struct net *net, const struct nf_hook_ops *ops,
			     unsigned int count)
{
	if (net->hooks != ops || net->hook_count != (int)count)
		shim_bug("hooks that were not registered");
	net->hooks = NULL;
	net->hook_count = 0;
}

int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	shim_might_sleep(__FILE__, __LINE__);
	if (ops->dev->net != net || ops->dev->egress)
		shim_bug("a device's hook twice, or in a namespace that is not its own");
	if (fails())
		return -ENOMEM;
	ops->dev->egress = ops;
	return 0;
}

void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	if (ops->dev->net != net || ops->dev->egress != ops)
		shim_bug("a hook of a device that was not registered");
	ops->dev->egress = NULL;
}

int nf_defrag_ipv4_enable(struct net *net)
{
	if (fails())
		return -ENOMEM;
	net->defrag++;
	return 0;
}

void nf_defrag_ipv4_disable(struct net *net)
{
	if (--net->defrag < 0)
		shim_bug("defragmentation disabled twice");
}

void nf_queue_nf_hook_drop(struct net *net)
{
}

/* Those before @end: first drained, then ended. */
static void net_end(struct pernet_operations *operations, const struct net *end)
{
	struct net *net;

	for (net = &init_net; net != end; net = net->next)
		operations->pre_exit(net);
	shim_rcu_run();
	for (net = &init_net; net != end; net = net->next)
		operations->exit(net);
}

/* --- devices ------------------------------------------------------------------- */

static struct notifier_block *device_notifiers[4];
int shim_transmissions;

static struct notifier_block **notifier_slot(const struct notifier_block *block)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(device_notifiers); i++)
		if (device_notifiers[i] == block)
			return &device_notifiers[i];
	shim_bug("no such notifier, or no room for one");
}

/* All devices up to @end, in the order that the kernel has. */
static void tell_unregister(struct notifier_block *block, const struct net_device *end)
{
	struct net_device *dev;
	struct net *net;

	for_each_net_rcu(net)
		for_each_netdev_rcu(net, dev) {
			if (dev == end)
				return;
			block->notifier_call(block, NETDEV_UNREGISTER, dev);
		}
}

int register_netdevice_notifier(struct notifier_block *block)
{
	struct net_device *dev;
	struct net *net;
	int error;

	if (fails())
		return -ENOMEM;
	for_each_net_rcu(net)
		for_each_netdev_rcu(net, dev) {
			error = block->notifier_call(block, NETDEV_REGISTER, dev);
			if (error) {
				tell_unregister(block, dev);
				return error;
			}
		}
	*notifier_slot(NULL) = block;
	return 0;
}

void unregister_netdevice_notifier(struct notifier_block *block)
{
	*notifier_slot(block) = NULL;
	tell_unregister(block, NULL);
}

int shim_device(struct net_device *dev, unsigned long event)
{
	size_t i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(device_notifiers) && !error; i++)
		if (device_notifiers[i])
			error = device_notifiers[i]->notifier_call(device_notifiers[i],
								   event, dev);
	return error;
}

/* --- namespaces ---------------------------------------------------------------- */

int register_pernet_subsys(struct pernet_operations *operations)
{
	struct net *net;
	int error;

	for_each_net_rcu(net) {
		memset(net->generic, 0, sizeof(net->generic));
		if (operations->size > sizeof(net->generic))
			shim_bug("more room a namespace than there is");
		error = operations->init(net);
		if (error) {
			net_end(operations, net);
			return error;
		}
	}
	return 0;
}

void unregister_pernet_subsys(struct pernet_operations *operations)
{
	net_end(operations, NULL);
}

/* --- probes ------------------------------------------------------------------ */

static struct tracepoint tracepoints[] = {
	{ .name = "inet_sock_set_state" }, { .name = "sched_process_exec" },
	{ .name = "sched_process_fork" }, { .name = "sched_process_exit" },
};
static struct ftrace_ops *watches[16];

void for_each_kernel_tracepoint(void (*fn)(struct tracepoint *tracepoint,
					   void *data), void *data)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		fn(&tracepoints[i], data);
}

int tracepoint_probe_register(struct tracepoint *tracepoint, void *probe,
			      void *data)
{
	if (fails())
		return -ENOMEM;
	tracepoint->probe = probe;
	return 0;
}

int tracepoint_probe_unregister(struct tracepoint *tracepoint, void *probe,
				void *data)
{
	tracepoint->probe = NULL;
	return 0;
}

void *shim_tracepoint(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (!strcmp(tracepoints[i].name, name))
			return tracepoints[i].probe;
	shim_bug("no tracepoint %s", name);
}

static struct ftrace_ops **watch_slot(const struct ftrace_ops *ops)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		if (watches[i] == ops)
			return &watches[i];
	shim_bug("no such watch, or no room for one");
}

static struct ftrace_hash every_function;

/* As in the kernel: without memory for the name's entry the filter is empty, and set. */
int ftrace_set_filter(struct ftrace_ops *ops, unsigned char *name, int length, int reset)
{
	ops->func_hash = &ops->local_hash;
	if (fails())
		return -ENOMEM;
	ops->filled.name = (char *)name;
	ops->func_hash->filter_hash = name && !fails() ? &ops->filled : &every_function;
	return 0;
}

void ftrace_free_filter(struct ftrace_ops *ops)
{
	ops->func_hash->filter_hash = NULL;
}

int register_ftrace_function(struct ftrace_ops *ops)
{
	if (ops->func_hash->filter_hash == &every_function)
		shim_bug("a probe on every function of the kernel");
	if (fails())
		return -ENOMEM;
	*watch_slot(NULL) = ops;
	return 0;
}

int unregister_ftrace_function(struct ftrace_ops *ops)
{
	*watch_slot(ops) = NULL;
	return 0;
}

void shim_call_with(const char *symbol, const void *argument, unsigned long second)
{
	struct ftrace_regs regs = { .regs.argument = { (unsigned long)argument, second } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(watches); i++)
		if (watches[i] && !strcmp(watches[i]->filled.name, symbol))
			watches[i]->func(0, 0, watches[i], &regs);
}

void shim_call(const char *symbol, const void *argument)
{
	shim_call_with(symbol, argument, 0);
}

/* --- files of processes ------------------------------------------------------ */

struct task_struct *pid_task(struct pid *pid, int type)
{
	struct task_struct *task;

	for_each_process(task)
		if ((uintptr_t)pid == (uintptr_t)task->tgid)
			return task;
	return NULL;
}

struct file *dentry_open(const struct path *path, int flags, const struct cred *cred)
{
	return ERR_PTR(-ENFILE);
}

/* --- cgroups ----------------------------------------------------------------- */

struct cgroup *cgroup_get_from_id(u64 id)
{
	static struct cgroup cgroups[2] = { { 101 }, { 102 } };

	return id - 101 < 2 ? &cgroups[id - 101] : ERR_PTR(-ENOENT);
}

int cgroup_path(struct cgroup *cgroup, char *path, size_t size)
{
	return snprintf(path, size, "/test.slice/%llu.service", (unsigned long long)cgroup->id);
}

void cgroup_put(struct cgroup *cgroup)
{
}

/* --- netlink ----------------------------------------------------------------- */

#define ATTRS_MAX 64

static struct notifier_block *notifiers;
static struct genl_family *families;
int (*shim_receive)(u32 port, u8 command, struct nlattr **attrs);

int netlink_register_notifier(struct notifier_block *block)
{
	if (fails())
		return -ENOMEM;
	notifiers = block;
	return 0;
}

void netlink_unregister_notifier(struct notifier_block *block)
{
	notifiers = NULL;
}

int genl_register_family(struct genl_family *family)
{
	if (fails())
		return -ENOMEM;
	families = family;
	return 0;
}

int genl_unregister_family(const struct genl_family *family)
{
	families = NULL;
	return 0;
}

void shim_port_closed(u32 port)
{
	struct netlink_notify notify = {
		.net = &init_net, .portid = port, .protocol = NETLINK_GENERIC,
	};

	if (notifiers)
		notifiers->notifier_call(notifiers, NETLINK_URELEASE, &notify);
}

u64 nla_get_u64(const struct nlattr *attr)
{
	u64 value;

	memcpy(&value, nla_data(attr), sizeof(value));
	return value;
}

static struct sk_buff *message_new(unsigned int room)
{
	struct sk_buff *skb = calloc(1, sizeof(*skb));

	skb->data = malloc(room ? room : 1);
	skb->room = room;
	return skb;
}

/* Exactly the room that was asked for: who asks for too little is found. */
struct sk_buff *genlmsg_new(size_t payload, gfp_t gfp)
{
	void *memory = shim_alloc(1, gfp & GFP_KERNEL);

	shim_free(memory);
	return memory ? message_new(payload) : NULL;
}

void *genlmsg_put(struct sk_buff *skb, u32 port, u32 seq,
		  const struct genl_family *family, int flags, u8 command)
{
	skb->command = command;
	return skb->data + skb->len;
}

void genlmsg_cancel(struct sk_buff *skb, void *header)
{
	skb->len = (unsigned char *)header - skb->data;
}

int nla_put(struct sk_buff *skb, int type, int size, const void *data)
{
	struct nlattr *attr = (struct nlattr *)(skb->data + skb->len);

	if (skb->len + nla_total_size(size) > skb->room)
		return -EMSGSIZE;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy(nla_data(attr), data, size);
	skb->len += nla_total_size(size);
	return 0;
}

/* Reads attributes from @at on, up to the first that is there twice. */
static unsigned int message_read(const struct sk_buff *skb, unsigned int at,
				 struct nlattr **attrs)
{
	struct nlattr *attr;

	memset(attrs, 0, ATTRS_MAX * sizeof(*attrs));
	for (; at < skb->len; at += NLA_ALIGN(attr->nla_len)) {
		attr = (struct nlattr *)(skb->data + at);
		if (attrs[attr->nla_type])
			break;
		attrs[attr->nla_type] = attr;
	}
	return at;
}

int genlmsg_unicast(struct net *net, struct sk_buff *skb, u32 port)
{
	struct nlattr *attrs[ATTRS_MAX];
	int error = -ECONNREFUSED;

	message_read(skb, 0, attrs);
	if (shim_receive)
		error = shim_receive(port, skb->command, attrs);
	kfree_skb(skb);
	return error;
}

static bool in_range(const struct nla_policy *policy, s64 value)
{
	return (!policy->low && !policy->high) ||
	       (value >= policy->low && value <= policy->high);
}

static bool attr_is_valid(const struct nla_policy *policy, const struct nlattr *attr)
{
	int size = nla_len(attr);

	switch (policy->type) {
	case NLA_U8:
		return size == 1 && in_range(policy, nla_get_u8(attr));
	case NLA_U16:
		return size == 2 && in_range(policy, nla_get_u16(attr));
	case NLA_U32:
		return size == 4 && in_range(policy, nla_get_u32(attr));
	case NLA_U64:
		return size == 8;
	case NLA_LENGTH:
		return size >= policy->low;
	}
	return false;
}

static const struct genl_small_ops *find_command(u8 command)
{
	unsigned int i;

	for (i = 0; families && i < families->n_small_ops; i++)
		if (families->small_ops[i].cmd == command)
			return &families->small_ops[i];
	shim_bug("no command %d", command);
}

/* --- a file in procfs ------------------------------------------------------------ */

static const struct proc_ops *proc_file;
static int proc_entry;

struct proc_dir_entry *proc_create(const char *name, unsigned int mode,
				   struct proc_dir_entry *parent, const struct proc_ops *ops)
{
	if (mode != 0600 || parent || proc_file)
		shim_bug("not a file of root's in the first folder, or twice");
	proc_file = ops;
	return (struct proc_dir_entry *)&proc_entry;
}

void proc_remove(struct proc_dir_entry *entry)
{
	if (entry != (struct proc_dir_entry *)&proc_entry)
		shim_bug("a file that is not there");
	proc_file = NULL;
}

loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return 0;
}

ssize_t shim_proc_read(void *to, size_t size)
{
	loff_t at = 0;
	ssize_t got;

	if (!proc_file)
		return -EIO;
	shim_check_idle();
	got = proc_file->proc_read(NULL, to, size, &at);
	shim_check_idle();
	return got;
}

ssize_t shim_proc_write(const void *from, size_t size)
{
	loff_t at = 0;
	ssize_t got;

	if (!proc_file)
		return -EIO;
	shim_check_idle();
	got = proc_file->proc_write(NULL, from, size, &at);
	shim_check_idle();
	return got;
}

/* --- commands ------------------------------------------------------------------- */

int shim_command(u32 port, u8 command, struct nlattr **attrs)
{
	const struct genl_small_ops *ops = find_command(command);
	struct genlmsghdr header = { .cmd = command };
	struct genl_info info = {
		.snd_portid = port, .genlhdr = &header, .attrs = attrs,
		.net = &init_net,
	};
	unsigned int i;
	int error;

	for (i = 1; i <= families->maxattr; i++)
		if (attrs[i] && !attr_is_valid(&families->policy[i], attrs[i]))
			return -EINVAL;
	shim_check_idle();
	error = ops->doit(NULL, &info);
	shim_check_idle();
	return error;
}

/* One buffer's messages; each begins with the attribute that the last had. */
static void dump_read(const struct sk_buff *skb,
		      void (*fn)(struct nlattr **attrs, void *arg), void *arg)
{
	struct nlattr *attrs[ATTRS_MAX];
	unsigned int at = 0;

	while (at < skb->len) {
		at = message_read(skb, at, attrs);
		fn(attrs, arg);
	}
}

int shim_dump(u32 port, u8 command, void (*fn)(struct nlattr **attrs, void *arg),
	      void *arg)
{
	const struct genl_small_ops *ops = find_command(command);
	struct nlmsghdr header = { };
	struct netlink_callback cb = { .nlh = &header };
	struct sk_buff *skb;
	int more;

	do {
		skb = message_new(NLMSG_GOODSIZE);
		cb.skb = skb;
		more = ops->dumpit(skb, &cb);
		shim_check_idle();
		dump_read(skb, fn, arg);
		kfree_skb(skb);
	} while (more > 0);
	return more;
}
