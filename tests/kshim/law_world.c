// SPDX-License-Identifier: GPL-2.0
/* The law: programs, processes, sockets, and what the probes see of them. */
#include <string.h>

#include "law.h"

struct law_program law_programs[LAW_PROGRAMS];
struct law_process law_processes[LAW_PROCESSES];
struct law_socket law_sockets[LAW_SOCKETS];
struct task_struct law_daemon_task;

static struct super_block super = { .s_dev = 2049, .s_user_ns = &init_user_ns };
static struct mnt_namespace mounts;
static struct nsproxy nsproxy = { .mnt_ns = &mounts };
static struct fs_struct fs = { .lock = { .ready = true, .process = true } };
static struct cgroup cgroups[2] = { { 101 }, { 102 } };
static u32 last_instance, last_pid;

bool law_same_who(const struct law_who *a, const struct law_who *b)
{
	return a->program == b->program && a->version == b->version &&
	       a->instance == b->instance;
}

/* Closed, but held by something: its end was not seen yet. */
static u64 lingering[64];

static void linger(const struct law_socket *socket)
{
	size_t i;

	if (!socket->has_record || refcount_read(&socket->sk->sk_refcnt) == 1)
		return;
	for (i = 0; i < ARRAY_SIZE(lingering) && lingering[i]; i++)
		;
	if (i == ARRAY_SIZE(lingering))
		law_fail("too many sockets for the model");
	lingering[i] = socket->sk->sk_cookie.counter;
}

static void destroyed(const struct sock *sk)
{
	size_t i;

	if (!law_is_closed(sk->sk_cookie.counter))
		return;		/* it came too late: another has its cookie */
	law_open_close(sk->sk_cookie.counter);
	for (i = 0; i < ARRAY_SIZE(lingering); i++)
		if (lingering[i] == (u64)sk->sk_cookie.counter)
			lingering[i] = 0;
}

bool law_is_closed(u64 cookie)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk &&
		    (u64)law_sockets[i].sk->sk_cookie.counter == cookie)
			return false;
	return true;
}

bool law_has_record(u64 cookie)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lingering); i++)
		if (lingering[i] == cookie && cookie)
			return true;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk &&
		    (u64)law_sockets[i].sk->sk_cookie.counter == cookie)
			return law_sockets[i].has_record;
	return false;
}

static void programs_begin(void)
{
	int i;

	for (i = 0; i < LAW_PROGRAMS; i++) {
		struct law_program *program = &law_programs[i];

		sprintf(program->name, "/usr/bin/p%d", i);
		program->inode = (struct inode) { .i_ino = 1000 + i, .i_sb = &super };
		program->dentry.name = program->name;
		program->file.f_path.dentry = &program->dentry;
		program->file.f_inode = &program->inode;
		atomic_set(&program->file.f_count, 1);
	}
}

static void task_setup(struct task_struct *task, u32 pid)
{
	*task = (struct task_struct) {
		.pid = pid, .tgid = pid, .group_leader = task,
		.start_boottime = shim_boottime, .nsproxy = &nsproxy, .fs = &fs,
		.user_ns = &init_user_ns, .comm = "law",
	};
}

void law_world_begin(void)
{
	static struct signal_struct signal = { .live = ATOMIC_INIT(1) };

	shim_destroyed = destroyed;
	memset(lingering, 0, sizeof(lingering));
	law_devices_begin();
	programs_begin();
	memset(law_processes, 0, sizeof(law_processes));
	memset(law_sockets, 0, sizeof(law_sockets));
	last_instance = 0;
	last_pid = 1;
	task_setup(&law_daemon_task, 1);
	law_daemon_task.signal = &signal;
	init_pid_ns.child_reaper = &law_daemon_task;
	shim_tasks = shim_current = &law_daemon_task;
}

/* Did an allocation fail in what was just done? */
static bool failed(void)
{
	bool did = shim_failed();

	if (did)
		shim_fail_nth(0);
	return did;
}

/* What the module should know of the process after a probe had its say. */
static void note(struct law_process *process)
{
	struct law_who *who = &process->who;

	who->pid = process->task.tgid;
	who->program = process->program;
	who->version = law_programs[process->program].inode.i_generation;
	who->instance = ++last_instance;
	if (failed())
		*who = (struct law_who) { .program = LAW_UNKNOWN };
}

static void process_begin(struct law_process *process, int program)
{
	u32 pid = shim_random(4) ? last_pid + 1 : last_pid;
	int i;

	for (i = 0; i < LAW_PROCESSES; i++)
		if (law_processes[i].alive && law_processes[i].task.tgid == pid)
			pid = last_pid + 1;
	if (pid <= 1)
		pid = 2;
	last_pid = max(last_pid, pid);
	task_setup(&process->task, pid);
	process->alive = true;
	process->program = program;
	process->task.mm = &process->mm;
	process->task.signal = &process->signal;
	process->task.files = &process->files;
	process->task.net_admin = !shim_random(2);
	process->files.many = !shim_random(4);
	process->mm.exe_file = &law_programs[program].file;
	atomic_set(&process->signal.live, 1);
	shim_advance_ms(1);	/* start times differ */
}

static struct law_process *free_process(void)
{
	int i;

	for (i = 0; i < LAW_PROCESSES; i++)
		if (!law_processes[i].alive)
			return &law_processes[i];
	return NULL;
}

void law_exec(struct law_process *process, int program)
{
	void (*probe)(void *, struct task_struct *, pid_t, struct linux_binprm *) =
		shim_tracepoint("sched_process_exec");

	struct linux_binprm bprm = { .secureexec = shim_random(2) };

	process->program = program;
	process->mm.exe_file = &law_programs[program].file;
	shim_current = &process->task;
	probe(NULL, &process->task, process->task.pid, &bprm);
	shim_current = &law_daemon_task;
	note(process);
}

void law_fork(const struct law_process *parent)
{
	void (*probe)(void *, struct task_struct *, struct task_struct *) =
		shim_tracepoint("sched_process_fork");
	struct law_process *child = free_process();
	bool from_init = !parent;

	if (!child)
		return;
	memset(child, 0, sizeof(*child));
	process_begin(child, from_init ? 0 : parent->program);
	if (from_init) {
		law_exec(child, shim_random(LAW_PROGRAMS));
		return;
	}
	child->files = parent->files;
	shim_current = (struct task_struct *)&parent->task;
	probe(NULL, shim_current, &child->task);
	shim_current = &law_daemon_task;
	note(child);
	/* it is its parent's image, as that was noted */
	if (parent->who.program == LAW_UNKNOWN || child->who.program == LAW_UNKNOWN) {
		child->who = (struct law_who) { .program = LAW_UNKNOWN };
	} else {
		child->who.program = parent->who.program;
		child->who.version = parent->who.version;
	}
}

void law_exit(struct law_process *process)
{
	void (*probe)(void *, struct task_struct *) =
		shim_tracepoint("sched_process_exit");

	atomic_set(&process->signal.live, 0);
	process->task.flags |= PF_EXITING;
	shim_current = &process->task;
	probe(NULL, &process->task);
	shim_current = &law_daemon_task;
	process->alive = false;
	memset(&process->files, 0, sizeof(process->files));
}

struct law_process *law_some_process(void)
{
	int i, at = shim_random(LAW_PROCESSES);

	for (i = 0; i < LAW_PROCESSES; i++, at++)
		if (law_processes[at % LAW_PROCESSES].alive)
			return &law_processes[at % LAW_PROCESSES];
	return NULL;
}

static struct file **file_slot(struct law_process *process, const struct file *file)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(process->files.open); i++)
		if (process->files.open[i] == file)
			return &process->files.open[i];
	return NULL;
}

struct law_process *law_some_holder(const struct law_socket *socket)
{
	int i, at = shim_random(LAW_PROCESSES);

	for (i = 0; i < LAW_PROCESSES; i++, at++) {
		struct law_process *process = &law_processes[at % LAW_PROCESSES];

		if (process->alive && file_slot(process, &socket->file))
			return process;
	}
	return NULL;
}

struct law_socket *law_some_socket(void)
{
	int i, at = shim_random(LAW_SOCKETS);

	for (i = 0; i < LAW_SOCKETS; i++, at++)
		if (law_sockets[at % LAW_SOCKETS].sk)
			return &law_sockets[at % LAW_SOCKETS];
	return NULL;
}

void law_socket_pass(struct law_socket *socket, struct law_process *process)
{
	struct file **slot = file_slot(process, NULL);

	if (slot && !file_slot(process, &socket->file))
		*slot = &socket->file;
}

static struct law_socket *free_socket(void)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (!law_sockets[i].sk)
			return &law_sockets[i];
	return NULL;
}

static void socket_setup(struct law_socket *socket, u8 protocol, u8 family)
{
	struct sock *sk = calloc(1, sizeof(*sk));

	memset(socket, 0, sizeof(*socket));
	socket->sk = sk;
	socket->socket.sk = sk;
	socket->socket.file = &socket->file;
	sk->sk_socket = &socket->socket;
	sk->sk_family = family;
	sk->sk_protocol = protocol;
	sk->sk_type = family == AF_PACKET ? SOCK_RAW :
		      protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	sk->sk_state = TCP_CLOSE;
	sk->sk_uid.val = 1000 + shim_random(2);
	sk->sk_cgrp_data = &cgroups[shim_random(2)];
	sk->backlog_max = 1;
	spin_lock_init(&sk->sk_lock.slock);
	sk->sk_lock.owned = !shim_random(8);	/* for as long as it lives */
	refcount_set(&sk->sk_refcnt, 1);
	/* few, so that they are used again */
	socket->port = 40000 + shim_random(4);
	socket->net = shim_random(16) ? &init_net : &law_container;
	sk->sk_net = socket->net;
}

/* The running program made itself the owner; without memory there is no record. */
static void record(struct law_socket *socket, const struct law_process *process)
{
	if (failed() && !socket->has_record)
		return;
	socket->has_record = true;
	socket->record = process->who;
	socket->accepted = false;
}

static bool port_is_taken(const struct law_socket *socket)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++) {
		struct law_socket *other = &law_sockets[i];

		if (other != socket && other->sk && other->port == socket->port &&
		    other->sk->sk_protocol == socket->sk->sk_protocol)
			return true;
	}
	return false;
}

void law_socket_open(struct law_process *process, u8 protocol, u8 family)
{
	struct law_socket *socket = free_socket();

	if (!socket || !file_slot(process, NULL))
		return;
	socket_setup(socket, protocol, family);
	while (port_is_taken(socket))
		socket->port++;
	law_socket_pass(socket, process);
	shim_current = &process->task;
	shim_call("security_socket_post_create", &socket->socket);
	record(socket, process);
	shim_current = &law_daemon_task;
}

void law_socket_bind(struct law_socket *socket, struct law_process *process)
{
	shim_current = &process->task;
	shim_call(shim_random(2) ? "__inet_bind" : "inet_autobind", socket->sk);
	record(socket, process);
	shim_current = &law_daemon_task;
}

void law_socket_state(struct law_socket *socket, struct law_process *process,
		      int state)
{
	void (*probe)(void *, const struct sock *, int, int) =
		shim_tracepoint("inet_sock_set_state");
	int old = socket->sk->sk_state;

	if (process) {
		shim_current = &process->task;
		probe(NULL, socket->sk, old, state);
		if (old == TCP_CLOSE && (state == TCP_SYN_SENT || state == TCP_LISTEN)) {
			record(socket, process);
			law_open_connect(socket);
		}
		shim_current = &law_daemon_task;
	} else {
		shim_softirq = true;
		shim_context.bh++;
		probe(NULL, socket->sk, old, state);
		shim_context.bh--;
		shim_softirq = false;
	}
	socket->sk->sk_state = state;
}

void law_socket_close(struct law_socket *socket)
{
	struct sock *sk = socket->sk;
	int i;

	for (i = 0; i < LAW_PROCESSES; i++) {
		struct file **slot = file_slot(&law_processes[i], &socket->file);

		if (slot)
			*slot = NULL;
	}
	if (socket->request) {
		law_lose_held(socket->request);
		sock_put(socket->request);
	}
	law_lose_held(sk);
	linger(socket);
	sk->sk_flags |= 1 << SOCK_DEAD;
	sk->sk_socket = NULL;
	memset(socket, 0, sizeof(*socket));
	sock_put(sk);
}

void law_request(struct law_socket *listener, u8 remote, u16 remote_port)
{
	struct sock *request = calloc(1, SHIM_REQUEST_SIZE);

	request->sk_family = listener->sk->sk_family;
	request->sk_state = TCP_NEW_SYN_RECV;
	request->rsk_listener = listener->sk;
	request->snt_isn = shim_random(1000);
	refcount_set(&request->sk_refcnt, 1);
	listener->request = request;
	listener->request_remote = remote;
	listener->request_port = remote_port;
}

/* What the kernel makes of a request: with its cookie, which may be none yet. */
static void child_of(struct law_socket *child, const struct law_socket *listener)
{
	socket_setup(child, IPPROTO_TCP, listener->sk->sk_family);
	child->sk->sk_state = TCP_ESTABLISHED;
	child->sk->sk_cookie = listener->request->sk_cookie;
	child->sk->sk_uid = listener->sk->sk_uid;
	child->sk->sk_cgrp_data = listener->sk->sk_cgrp_data;
	child->sk->sk_net = listener->net;
	child->port = listener->port;
	child->net = listener->net;
	child->remote = listener->request_remote;
	child->remote_port = listener->request_port;
	child->accepted = true;
	shim_call("security_inet_csk_clone", child->sk);
	shim_call_with("__inet_inherit_port", listener->sk, (unsigned long)child->sk);
	child->has_record = true;
	child->record = listener->has_record ? listener->record :
		(struct law_who) { .program = LAW_UNKNOWN };
}

struct sock *law_accept_twice(struct law_socket *listener)
{
	struct law_socket late = { };

	child_of(&late, listener);
	return late.sk;
}

struct law_socket *law_accept(struct law_socket *listener)
{
	struct law_socket *child = free_socket();
	struct sock *request = listener->request, *late = NULL;

	law_lose_held(request);
	if (!child) {
		law_open_close(request->sk_cookie.counter);
		shim_call("inet_sock_destruct", request);
	} else if (shim_random(2)) {
		late = law_accept_twice(listener);
		child_of(child, listener);
	} else {
		child_of(child, listener);
		if (shim_random(2))
			late = law_accept_twice(listener);
	}
	if (late)
		sock_put(late);
	sock_put(request);
	listener->request = NULL;
	return child;
}

void law_world_end(void)
{
	int i;

	for (i = 0; i < LAW_SOCKETS; i++)
		if (law_sockets[i].sk)
			law_socket_close(&law_sockets[i]);
	for (i = 0; i < LAW_PROCESSES; i++)
		if (law_processes[i].alive)
			law_exit(&law_processes[i]);
	for (i = 0; i < LAW_PROGRAMS; i++)
		if (atomic_read(&law_programs[i].file.f_count) != 1)
			law_fail("a reference to a file is left");
	shim_current = NULL;
}
