/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The law, tested: what the module answers is what the plain policy says at that
 * moment. This is the model's side: who did what (law_world.c), what the policy
 * says of it (law_policy.c), the daemon (law_daemon.c), packets (law_packet.c),
 * flows that go on (law_open.c), what therefore must become of a packet
 * (law_referee.c), and whether it does (law_send.c). Nothing here looks into the module's
 * tables; it is asked over netlink alone.
 */
#ifndef KSHIM_LAW_H
#define KSHIM_LAW_H

#include "world.h"
#include "uapi/sallyport.h"

#define LAW_PROGRAMS	4
#define LAW_PROCESSES	6
#define LAW_SOCKETS	10
#define LAW_REMOTES	6
#define LAW_RULES	7
#define LAW_UNKNOWN	(-1)
#define LAW_KERNEL	(-2)
#define LAW_ASK		4	/* beside enum sallyport_action */

/* --- who ------------------------------------------------------------------- */

/* Whose something is, as the module should know it. */
struct law_who {
	int program;		/* or LAW_UNKNOWN, LAW_KERNEL */
	u32 version;		/* of the program's file */
	u32 instance;		/* of the process: a number for each exec and fork */
	u32 pid;
};

struct law_program {
	char name[16];
	struct inode inode;
	struct dentry dentry;
	struct file file;
};

struct law_process {
	bool alive;
	int program;
	struct law_who who;
	struct task_struct task;
	struct mm_struct mm;
	struct signal_struct signal;
	struct files_struct files;
};

struct law_socket {
	struct sock *sk;	/* NULL: the place is free */
	struct socket socket;
	struct file file;
	struct net *net;
	u16 port;		/* the local one */
	u8 remote;		/* of a connection */
	u16 remote_port;
	bool accepted;		/* a connection that came in */
	bool has_record;	/* of the owner: should have */
	struct law_who record;
	struct sock *request;	/* a listener's: the handshake that goes on */
	u8 request_remote;
	u16 request_port;
};

extern struct law_program law_programs[LAW_PROGRAMS];
extern struct law_process law_processes[LAW_PROCESSES];
extern struct law_socket law_sockets[LAW_SOCKETS];
extern struct task_struct law_daemon_task;

void law_world_begin(void);
void law_world_end(void);
void law_exec(struct law_process *process, int program);
void law_fork(const struct law_process *parent);	/* if there is room */
void law_exit(struct law_process *process);
struct law_process *law_some_process(void);		/* NULL: none is alive */
struct law_process *law_some_holder(const struct law_socket *socket);
struct law_socket *law_some_socket(void);
void law_socket_open(struct law_process *process, u8 protocol, u8 family);
void law_socket_bind(struct law_socket *socket, struct law_process *process);
void law_socket_state(struct law_socket *socket, struct law_process *process,
		      int state);
void law_socket_pass(struct law_socket *socket, struct law_process *process);
void law_socket_close(struct law_socket *socket);
/* A SYN from there was let in. */
void law_request(struct law_socket *listener, u8 remote, u16 remote_port);
/* The request becomes a socket, with its cookie and its listener's owner; or NULL. */
struct law_socket *law_accept(struct law_socket *listener);
/* Another socket of the same request: two CPUs took up its end, this one is late. */
struct sock *law_accept_twice(struct law_socket *listener);
bool law_has_record(u64 cookie);
bool law_is_closed(u64 cookie);		/* no program has it open */
bool law_same_who(const struct law_who *a, const struct law_who *b);

/* --- flows and policy -------------------------------------------------------- */

struct law_key {
	u64 cookie;
	u8 family, protocol, remote;
	u16 remote_port, local_port;
	int ifindex;
};

struct law_flow {
	struct law_key key;
	struct law_who who;
	u32 uid;
	u64 cgroup;
	u8 direction;
	bool container;		/* its devices' numbers mean nothing to rules */
};

bool law_same_key(const struct law_key *a, const struct law_key *b);
bool law_same_wire(const struct law_key *a, const struct law_key *b);
/* As ::ffff:a.b.c.d where it is IPv4. */
const u8 *law_address(u8 remote, u8 family);

struct law_looked {
	u32 match;		/* SALLYPORT_MATCH_* */
	u8 length;		/* of the longest prefix */
	u64 expires;
};

/* enum sallyport_action or LAW_ASK; @looked may be NULL. */
u8 law_decide(const struct law_flow *flow, struct law_looked *looked);
void law_policy_begin(void);
void law_policy_change(void);
u64 law_policy_next_expiry(void);	/* boottime, 0: none */

/* --- the daemon -------------------------------------------------------------- */

#define LAW_PORT	77
#define LAW_EVENTS	78

/* A verdict as it was pushed. */
struct law_verdict {
	struct sallyport_verdict v;
	struct law_flow sample;
};

struct law_pending {
	struct law_flow flow;
	u64 id, since;
	u32 packets, bytes, repeats;
	unsigned long queued;
	u64 answered;		/* when; 0: not yet. By a verdict, or for it alone: */
	u8 action;
	u64 epoch;
};

struct law_daemon {
	bool present;
	u64 epoch;
	u8 mode, absent[2];
	bool stealth;		/* what no socket wants is not answered */
	struct sallyport_pending_limits limits;
	int verdicts, pendings;
	struct law_verdict verdict[256];
	struct law_pending pending[64];
	bool deaf;		/* its receive buffer is full */
	u8 container;		/* 0, or what it said of the container's queues */
};
extern struct law_daemon law_daemon;

void law_daemon_begin(void);
void law_daemon_end(void);
void law_daemon_arrive(void);
void law_daemon_die(void);
void law_daemon_change_policy(void);
void law_daemon_sweep(void);
void law_daemon_configure(void);
void law_daemon_container(void);	/* has queues there, or will have none */
void law_daemon_answer(struct law_pending *pending);
/* The answer of the installed verdicts, one by one; 0: none. */
u8 law_installed(const struct law_flow *flow);
struct law_pending *law_pending_find(const struct law_key *key);
void law_pending_remove(struct law_pending *pending);
void law_pending_answered(struct law_pending *pending, u8 action);
void law_pending_sync(void);	/* those that may have been given up */

/* --- packets and the referee -------------------------------------------------- */

enum { LAW_RING_NONE, LAW_RING_COPIED, LAW_RING_STAYS /* for want of memory */ };

struct law_packet {
	u8 direction;
	struct law_key key;	/* cookie: of @sk */
	struct sock *sk;	/* a reference; NULL: none */
	struct law_socket *socket;	/* NULL: it is not open any more */
	struct net *net;
	struct law_process *by;	/* in whose context it leaves; NULL: in a softirq */
	bool early;		/* it has its socket when it comes in */
	u8 flags;		/* of a TCP segment */
	bool last_ack;
	struct sock *reopens;	/* a SYN to TIME_WAIT: the listener it is for */
	bool frame;		/* of a packet socket */
	u8 tags;		/* VLAN tags of a frame */
	bool other;		/* a frame without IP */
	bool further;		/* a frame on its way behind its first device */
	u8 ring;		/* it lies in its program's ring */
	u32 bytes;
};

/* A flow that should be in the module's table. */
struct law_open {
	struct law_flow flow;
	u8 action;
	bool unjudged;		/* let in without a decision: not held against it */
	bool closed;		/* its socket is gone: so will it */
	bool seen;		/* in the dump that is being read */
	bool uncounted;		/* resets count only if they hit the cache */
	u64 created;
	unsigned long used;
	u64 bytes[2], packets[2];
};
#define LAW_OPEN 512
extern struct law_open law_open[LAW_OPEN];
extern int law_open_count;
void law_referee_begin(void);
struct law_open *law_open_find(const struct law_key *key);
/* On any device: the newest allowed one, or the newest. */
struct law_open *law_open_find_wire(const struct law_key *key);
void law_open_enter(const struct law_flow *flow, u8 action, bool unjudged);
void law_open_remove(struct law_open *open);
void law_open_close(u64 cookie);
void law_open_connect(const struct law_socket *socket);	/* forgets what it was */
/* Reads the module's table: what is there must be what should be there. */
void law_open_compare(bool adopt);

struct sk_buff *law_packet_build(const struct law_packet *packet);
/* @task: in whose context; NULL: in a softirq. What the hook says. */
/* Called for each flow that began to wait, after law_packet_send(); NULL: nobody looks. */
extern void (*law_told)(const struct sallyport_tag *tag);
void law_read_tags(void);	/* what is left where it was NULL */
unsigned int law_packet_send(const struct law_packet *packet, struct sk_buff *skb,
			     struct task_struct *task);

enum law_end { LAW_PASSED, LAW_REFUSED, LAW_HELD };
/* Sends it through the hook and judges what becomes of it. */
enum law_end law_send(const struct law_packet *packet);
/* A packet that waits comes back from the daemon; false: none waits. */
bool law_repeat_some(void);
void law_lose_held(const struct sock *sk);	/* NULL: all */
/* What the module says of the packet that is being judged. */
void law_check_tag(const struct sallyport_pending *tag,
		   const struct sallyport_image *image);
extern struct net law_container;	/* judged, but without queues */
extern struct net_device law_devices[3];	/* the first is loopback */
void law_devices_begin(void);
void law_device_step(void);	/* one is renamed, goes, comes back */

/* With SALLYPORT_LAW_TRACE set: what a failing seed did. */
#define law_trace(...) do {						\
	if (!getenv("SALLYPORT_LAW_TRACE"))				\
		break;							\
	fprintf(stderr, "%s: ", shim_place);				\
	fprintf(stderr, __VA_ARGS__);					\
	fputc('\n', stderr);						\
} while (0)
#define law_fail(...) shim_bug(__VA_ARGS__)

#endif
