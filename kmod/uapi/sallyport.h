/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * sallyport.ko speaks to sallyportd over generic netlink, and, for what each new flow needs,
 * by a file (SALLYPORT_PROC). This header is the protocol's specification.
 *
 * Family "sallyport", version 1, not visible outside the initial network
 * namespace. Every command needs CAP_NET_ADMIN in the initial user namespace
 * (GENL_ADMIN_PERM). Commands that change anything are accepted only from the
 * socket that said HELLO, and HELLO wants uid 0 of the initial user namespace.
 * There is one daemon at a time: a second HELLO gets -EBUSY while the first
 * one's sockets are open.
 *
 * A daemon opens two netlink sockets: one for requests (its port is the one
 * that sends HELLO) and one that only receives what the kernel sends on its
 * own (EVENTS, PENDING). A request is carried out before sendmsg() returns; a
 * reply or an error is in the request socket's buffer by then, and no reply
 * without NLM_F_ACK means success. Closing either socket is the daemon's death.
 *
 * Addresses are 16 bytes in network byte order, IPv4 as ::ffff:a.b.c.d, so that
 * a prefix length always counts from 0 to 128 (IPv4 /n is 96 + n). Ports are in
 * network byte order; everything else is in host byte order. Times are
 * nanoseconds of CLOCK_BOOTTIME. Structures have no implicit padding; reserved
 * fields are zero, and what they are in is refused otherwise, but for references
 * to what is to go. A structure may grow at its end: receivers accept longer ones
 * and refuse shorter ones.
 */
#ifndef _UAPI_SALLYPORT_H
#define _UAPI_SALLYPORT_H

#include <linux/types.h>

#define SALLYPORT_GENL_NAME	"sallyport"
#define SALLYPORT_GENL_VERSION	1

/*
 * Changes with every incompatible change below; HELLO with another number gets
 * -EPROTONOSUPPORT.
 */
#define SALLYPORT_PROTOCOL	11

/* Longest attribute SALLYPORT_A_QUESTION. */
#define SALLYPORT_QUESTION_MAX	288

/* Longest attribute SALLYPORT_A_PATH, without a terminating NUL. */
#define SALLYPORT_PATH_MAX	4095

/* Verdict table: limits of one subject (image, user, direction). */
#define SALLYPORT_SUBJECT_MASKS		8
#define SALLYPORT_SUBJECT_VERDICTS	256

/* Images that stand for no file. Others are numbered from 16. */
#define SALLYPORT_IMAGE_UNKNOWN	1	/* nobody saw who made the socket */
#define SALLYPORT_IMAGE_KERNEL	2	/* the kernel itself, or no socket at all */
#define SALLYPORT_IMAGE_FIRST	16

/**
 * enum sallyport_cmd - commands and, marked <-, messages from the kernel
 *
 * @SALLYPORT_CMD_HELLO: become the daemon. Takes A_PROTOCOL, A_EVENT_PORT,
 *	A_QUEUE_FIRST, A_QUEUE_COUNT, A_QUEUE_WAIT; the queues must be bound
 *	before. Replies HELLO with A_VERSION, A_INSTANCE, A_EPOCH, A_DEGRADED,
 *	A_MISSED. With A_QUEUE_OBSERVE and A_OBSERVE_PORT, which go together, it
 *	sees DNS: see QUERY.
 * @SALLYPORT_CMD_CONFIG: set what is given of A_MODE, A_ABSENT_OUT,
 *	A_ABSENT_IN, A_JUDGE_LOOPBACK, A_STEALTH, A_PENDING_LIMITS. Survives the daemon.
 * @SALLYPORT_CMD_VERDICT_DELETE: remove the verdicts in A_VERDICT_REFS (an
 *	array of struct sallyport_verdict_ref); missing ones are passed over.
 * @SALLYPORT_CMD_VERDICT_DUMP: dump; each message has A_VERDICT.
 * @SALLYPORT_CMD_EPOCH: the policy changed: A_EPOCH (greater than the last)
 *	becomes current, every per-CPU cache entry is void. When it is
 *	acknowledged no hook is under way any more that looked before. Send it
 *	after the VERDICT_DELETEs of the change and before answering new flows.
 * @SALLYPORT_CMD_PENDING: <- look for flows that wait (SALLYPORT_PROC): what began one
 *	was in no queue. As a dump: every flow that waits; A_PENDING, A_IMAGE, A_PATH (if
 *	the image has one).
 * @SALLYPORT_CMD_FLOW_DUMP: dump of the flow table; A_FLOW and A_COUNTS.
 * @SALLYPORT_CMD_FLOW_END: end the flows in A_FLOW_REFS (array of struct
 *	sallyport_flow_ref): TCP connections are ended on both sides, soon; when
 *	the command returns nothing of them passes any more. Other flows are
 *	forgotten and judged anew. With A_ACTION, which is SALLYPORT_DROP then, TCP
 *	connections are stopped instead: nothing of them passes until they are
 *	named again, without it; then they are judged anew.
 * @SALLYPORT_CMD_IMAGE_GET: A_IMAGE_ID, or A_FD (of the caller, any file it
 *	has open: the image whose file this is and that has this path). Replies
 *	A_IMAGE and A_PATH, or -ENOENT.
 * @SALLYPORT_CMD_PROCESS_GET: A_PROCESS_ID, or A_PID, the thread group that has this
 *	id in the initial PID namespace now. Replies A_PROCESSES, an array of struct
 *	sallyport_process: the process instance and those that it came from, nearest
 *	first, at most SALLYPORT_CHAIN_MAX. -ENOENT: nothing of it runs any more.
 * @SALLYPORT_CMD_PROCESS_OPEN: A_PROCESS_ID. Replies A_FD, a new descriptor of the
 *	daemon: the file that the process instance executes, as by O_PATH. -ENOENT: it
 *	does not run any more; -ESTALE: the file was changed since; -EPERM: the caller
 *	is not the daemon.
 * @SALLYPORT_CMD_CGROUP_GET: A_CGROUP_ID. Replies A_PATH, from the root of the
 *	unified hierarchy; -ENOENT: there is none (any more), -ENAMETOOLONG.
 * @SALLYPORT_CMD_STATS: replies A_STATS, an array of __u64 indexed by enum
 *	sallyport_stat, A_TABLES, A_EPOCH, A_DEGRADED, A_MODE.
 * @SALLYPORT_CMD_EVENTS: <- A_EVENTS, an array of struct sallyport_event, and
 *	A_EVENTS_LOST, the number lost since the last message.
 * @SALLYPORT_CMD_NETNS: <- about a network namespace other than the initial one
 *	(A_NETNS): A_NETNS_STATE is WANTED, packets there would be queued, or
 *	ENDED, nobody uses it any more but the daemon, whose sockets keep it
 *	alive. Sent again as long as it is so. As a request: the daemon has bound
 *	its queues there (READY, with A_NETNS_SOCKETS), or it won't (REFUSED; it
 *	is asked again after a while). -ENOENT: no such namespace, or one that is
 *	not judged. With the daemon's end all are forgotten.
 * @SALLYPORT_CMD_NETNS_SOCKET: replies A_FD, a new descriptor of the caller: a
 *	NETLINK_NETFILTER socket in the namespace A_NETNS, close-on-exec,
 *	non-blocking, for binding queues. -ENOENT as above.
 * @SALLYPORT_CMD_QUERY: <- a DNS query leaves a socket of the initial namespace
 *	(UDP or TCP to port 53, also over loopback; UDP to the ports of mDNS and
 *	LLMNR); to A_OBSERVE_PORT, before it leaves. A_FLOW is who asks whom,
 *	A_QUESTION the payload's first bytes. Of TCP each segment with a payload is
 *	told, and each SYN, with A_STREAM; a long one in several messages.
 *	What is more than a user's share, or finds no room in the socket's
 *	buffer, is not told, and counted. An empty A_QUESTION without A_STREAM: the
 *	user asked for more than his share (of datagrams, or of segments); once a
 *	second at most. Replies to the same sockets, if the
 *	hook lets them pass and they could be answers, go through the queue
 *	A_QUEUE_OBSERVE, which accepts them; they pass where nobody has bound it.
 * @SALLYPORT_CMD_OBSERVED: replies in that queue were looked at. If the daemon says
 *	nothing for a while after one, others pass without it; one is tried in a while.
 *	Replies A_MISSED: when a reply last passed that no daemon saw, or a query
 *	that none was told of for want of room (boottime, ns; 0: never). In the reply
 *	to HELLO queries beyond a user's share count, too.
 */
enum sallyport_cmd {
	SALLYPORT_CMD_UNSPEC,
	SALLYPORT_CMD_HELLO,
	SALLYPORT_CMD_CONFIG,
	SALLYPORT_CMD_VERDICT_DELETE,
	SALLYPORT_CMD_VERDICT_DUMP,
	SALLYPORT_CMD_EPOCH,
	SALLYPORT_CMD_PENDING,
	SALLYPORT_CMD_FLOW_DUMP,
	SALLYPORT_CMD_FLOW_END,
	SALLYPORT_CMD_IMAGE_GET,
	SALLYPORT_CMD_STATS,
	SALLYPORT_CMD_EVENTS,
	SALLYPORT_CMD_NETNS,
	SALLYPORT_CMD_NETNS_SOCKET,
	SALLYPORT_CMD_QUERY,
	SALLYPORT_CMD_CGROUP_GET,
	SALLYPORT_CMD_PROCESS_GET,
	SALLYPORT_CMD_PROCESS_OPEN,
	SALLYPORT_CMD_OBSERVED,
	__SALLYPORT_CMD_MAX,
};
#define SALLYPORT_CMD_MAX (__SALLYPORT_CMD_MAX - 1)

enum sallyport_attr {
	SALLYPORT_A_UNSPEC,
	SALLYPORT_A_PROTOCOL,		/* u32, SALLYPORT_PROTOCOL */
	SALLYPORT_A_VERSION,		/* string, the module's version */
	SALLYPORT_A_EVENT_PORT,		/* u32, netlink port of the receiving socket */
	SALLYPORT_A_QUEUE_FIRST,	/* u16, first fast queue */
	SALLYPORT_A_QUEUE_COUNT,	/* u16, 1 to 64 fast queues */
	SALLYPORT_A_QUEUE_WAIT,		/* u16, queue where packets wait for people */
	SALLYPORT_A_EPOCH,		/* u64, number of the policy */
	SALLYPORT_A_DEGRADED,		/* u32, SALLYPORT_DEGRADED_* */
	SALLYPORT_A_MODE,		/* u8, enum sallyport_mode */
	SALLYPORT_A_ABSENT_OUT,		/* u8, enum sallyport_action: no daemon */
	SALLYPORT_A_ABSENT_IN,		/* u8, likewise, inbound */
	SALLYPORT_A_JUDGE_LOOPBACK,	/* u8, 0 (default): loopback passes */
	SALLYPORT_A_PENDING_LIMITS,	/* struct sallyport_pending_limits */
	SALLYPORT_A_VERDICT,		/* struct sallyport_verdict */
	SALLYPORT_A_VERDICT_REFS,	/* struct sallyport_verdict_ref [] */
	SALLYPORT_A_PENDING,		/* struct sallyport_pending */
	SALLYPORT_A_ACTION,		/* u8, enum sallyport_action */
	SALLYPORT_A_IMAGE_ID,		/* u64 */
	SALLYPORT_A_IMAGE,		/* struct sallyport_image */
	SALLYPORT_A_PATH,		/* bytes, no NUL: may hold anything else */
	SALLYPORT_A_FD,			/* u32, a file descriptor of the caller */
	SALLYPORT_A_FLOW,		/* struct sallyport_flow */
	SALLYPORT_A_COUNTS,		/* struct sallyport_counts */
	SALLYPORT_A_FLOW_REFS,		/* struct sallyport_flow_ref [] */
	SALLYPORT_A_STATS,		/* u64 [], enum sallyport_stat */
	SALLYPORT_A_TABLES,		/* struct sallyport_tables */
	SALLYPORT_A_EVENTS,		/* struct sallyport_event [] */
	SALLYPORT_A_EVENTS_LOST,	/* u32 */
	SALLYPORT_A_PAD,
	SALLYPORT_A_NETNS,		/* u64, SO_NETNS_COOKIE of a namespace */
	SALLYPORT_A_NETNS_STATE,	/* u8, enum sallyport_netns_state */
	SALLYPORT_A_NETNS_SOCKETS,	/* u32, that the daemon has open there */
	SALLYPORT_A_OBSERVE_PORT,	/* u32, netlink port that hears of queries */
	SALLYPORT_A_QUEUE_OBSERVE,	/* u16, queue that sees replies */
	SALLYPORT_A_QUESTION,		/* bytes, up to SALLYPORT_QUESTION_MAX */
	SALLYPORT_A_CGROUP_ID,		/* u64, as in struct sallyport_flow */
	SALLYPORT_A_PROCESS_ID,		/* u64, as in struct sallyport_flow */
	SALLYPORT_A_PROCESSES,		/* struct sallyport_process [] */
	SALLYPORT_A_PID,		/* u32 */
	SALLYPORT_A_INSTANCE,		/* u64, of the module: of another one all numbers differ */
	SALLYPORT_A_MISSED,		/* u64, boottime in ns: what no daemon knows of DNS */
	SALLYPORT_A_STEALTH,		/* u8, 1: what no socket wants is not answered */
	SALLYPORT_A_STREAM,		/* struct sallyport_stream, of A_QUESTION */
	__SALLYPORT_A_MAX,
};
#define SALLYPORT_A_MAX (__SALLYPORT_A_MAX - 1)

enum sallyport_mode {
	SALLYPORT_MODE_NORMAL,
	SALLYPORT_MODE_OFF,		/* everything passes, nothing is judged */
};

/* What to do with a flow. The values are part of the store's schema too. */
enum sallyport_action {
	SALLYPORT_ALLOW = 1,
	SALLYPORT_DENY = 2,		/* refuse: the program is told at once */
	SALLYPORT_DROP = 3,		/* silently */
};

/* Of a network namespace other than the initial one. */
enum sallyport_netns_state {
	SALLYPORT_NETNS_WANTED,		/* <- packets wait to be queued there */
	SALLYPORT_NETNS_ENDED,		/* <- only the daemon keeps it alive */
	SALLYPORT_NETNS_READY,		/* queues are bound there */
	SALLYPORT_NETNS_REFUSED,	/* there will be none: refuse at once */
};

enum sallyport_direction {
	SALLYPORT_OUT,
	SALLYPORT_IN,
};

/* What does not work on this kernel, or stopped working. */
#define SALLYPORT_DEGRADED_EXEC		0x01u	/* executions are not seen */
#define SALLYPORT_DEGRADED_CONNECT	0x02u	/* TCP state changes are not seen */
#define SALLYPORT_DEGRADED_BIND		0x04u	/* binds are not seen */
#define SALLYPORT_DEGRADED_DESTRUCT	0x08u	/* ends of sockets are not seen */
#define SALLYPORT_DEGRADED_EGRESS	0x10u	/* frames of packet sockets are not seen */
#define SALLYPORT_DEGRADED_ACCEPT	0x20u	/* sockets of accepted connections are not seen */
#define SALLYPORT_DEGRADED_MPTCP	0x40u	/* whose further subflows are is not seen */

/* The flow's owner, as far as it could be told. */
#define SALLYPORT_FLOW_OLDER	0x01u	/* program older than the module */
#define SALLYPORT_FLOW_GROUP	0x02u	/* multicast or broadcast: several receivers */
#define SALLYPORT_FLOW_INHERITED 0x04u	/* a connection accepted by a listener */
#define SALLYPORT_FLOW_NETNS	0x08u	/* not in the initial network namespace */

/* Set in the cookie of flows without a socket; the rest is their namespace's. */
#define SALLYPORT_COOKIE_NETNS	(1ULL << 63)

/**
 * struct sallyport_stream - a segment's place in its TCP connection
 * @sequence: number of the payload's first byte; a SYN's is that of what follows it
 * @acknowledged: what its sender expects next; nothing in a SYN
 * @length: bytes of payload from @sequence on; A_QUESTION may have less
 * @begins: 1: a SYN
 */
struct sallyport_stream {
	__u32 sequence;
	__u32 acknowledged;
	__u32 length;
	__u32 begins;
};

/**
 * struct sallyport_flow - what a program wants, or did, with whom
 * @cookie: SO_COOKIE of the socket; SALLYPORT_COOKIE_NETNS | @netns without one
 * @image: id of the executed file (struct sallyport_image)
 * @process: number of the process instance: one execution of one program, never
 *	used again; 0 if unknown
 * @cgroup: id (inode number) of the socket's cgroup
 * @local: local address
 * @remote: remote address, before destination NAT
 * @local_port: for ICMP echo, the identifier
 * @remote_port: 0 where the protocol has none
 * @ifindex: device it leaves by or came in on, as numbered in its namespace
 * @uid: owner of the socket, in the initial user namespace
 * @pid: thread group id in the initial PID namespace, 0 if unknown
 * @netns: SO_NETNS_COOKIE of the network namespace, never used again
 * @family: AF_INET or AF_INET6, as on the wire
 * @protocol: IPPROTO_*
 * @direction: enum sallyport_direction, of the first packet
 * @flags: SALLYPORT_FLOW_*
 */
struct sallyport_flow {
	__u64	cookie;
	__u64	image;
	__u64	process;
	__u64	cgroup;
	__u64	netns;
	__u8	local[16];
	__u8	remote[16];
	__be16	local_port;
	__be16	remote_port;
	__u32	ifindex;
	__u32	uid;
	__u32	pid;
	__u8	family;
	__u8	protocol;
	__u8	direction;
	__u8	flags;
	__u32	reserved;
};

/**
 * struct sallyport_pending - a flow that waits for its verdict
 * @id: number of the waiting flow, never used again
 * @epoch: the kernel's epoch when it was asked
 * @since: when the first packet was held
 * @packets: held by now; 0 of a packet socket's flow, whose frames can't be held
 * @bytes: held by now
 */
struct sallyport_pending {
	__u64	id;
	__u64	epoch;
	__u64	since;
	__u32	packets;
	__u32	bytes;
	struct sallyport_flow flow;
};

/**
 * struct sallyport_pending_limits - how many flows may wait
 * @image: one program (default 8)
 * @user: one user (64)
 * @total: in all (256)
 * @seconds: for how long (60)
 */
struct sallyport_pending_limits {
	__u32	image;
	__u32	user;
	__u32	total;
	__u32	seconds;
};

/* Fields that a verdict looks at; what is not set may have any value. */
#define SALLYPORT_MATCH_PROCESS		0x01u
#define SALLYPORT_MATCH_CGROUP		0x02u
#define SALLYPORT_MATCH_PROTOCOL	0x04u
#define SALLYPORT_MATCH_REMOTE_PORT	0x08u
#define SALLYPORT_MATCH_LOCAL_PORT	0x10u
#define SALLYPORT_MATCH_INTERFACE	0x20u
#define SALLYPORT_MATCH_ALL		0x3fu

/**
 * struct sallyport_verdict - an answer for all flows of a subject that match
 * @id: chosen by the daemon, unique among installed verdicts
 * @rule: id of the rule behind it, for logs; 0 is the default of the direction
 * @image: the subject's image
 * @process: if MATCH_PROCESS
 * @cgroup: if MATCH_CGROUP
 * @expires: after this it answers nothing; 0 is never
 * @remote: prefix of the remote address; bits behind the prefix are zero
 * @uid: the subject's user
 * @match: SALLYPORT_MATCH_*
 * @ifindex: if MATCH_INTERFACE; 0 is any device of another network namespace
 * @remote_port: if MATCH_REMOTE_PORT
 * @local_port: if MATCH_LOCAL_PORT
 * @remote_length: length of the prefix in bits; 0 is any address
 * @protocol: if MATCH_PROTOCOL
 * @direction: the subject's direction
 * @action: enum sallyport_action
 *
 * Fields without their MATCH bit are zero.
 */
struct sallyport_verdict {
	__u64	id;
	__u64	rule;
	__u64	image;
	__u64	process;
	__u64	cgroup;
	__u64	expires;
	__u8	remote[16];
	__u32	uid;
	__u32	match;
	__u32	ifindex;
	__be16	remote_port;
	__be16	local_port;
	__u8	remote_length;
	__u8	protocol;
	__u8	direction;
	__u8	action;
	__u32	reserved;
};

/*
 * The file for what each new flow needs: root's (0600), and of no use (-EPERM) to any
 * process but the daemon's, whoever opened it. Nothing there waits.
 *
 * read(): flows that began to wait since, the oldest first, as many as there is room for:
 * struct sallyport_tag, one after the other. The room is at least SALLYPORT_TAG_MAX; where
 * less than that is left there may be more. 0: that was all. -EINVAL: less room. A flow is
 * there before its packet is in the queue.
 *
 * write(): struct sallyport_answer, and behind it the ids (u64) of the flows that it is for,
 * at most SALLYPORT_ANSWER_FLOWS. All of it, or an error: what struct sallyport_answer says,
 * -EINVAL (no such size or value), -ENOMEM.
 */
#define SALLYPORT_PROC_NAME	"sallyport"
#define SALLYPORT_PROC		"/proc/" SALLYPORT_PROC_NAME
#define SALLYPORT_ANSWER_FLOWS	4096

/**
 * struct sallyport_answer - what becomes of flows that wait
 * @epoch: that it was decided under. -ESTALE: it is older than the kernel's; decide again
 * @rule: that decided, with @action
 * @action: enum sallyport_action, for these flows alone: allowed ones enter the flow
 *	table; refused ones stay known for a few seconds so that what was held is answered;
 *	no event tells of either. Where the table has no room, or the socket is gone, the
 *	answer is for what is held; what follows is asked about again. Unknown ids are
 *	passed over. 0: @verdict is the answer
 * @verdict: is installed; those of the flows that it matches are answered by it. -ENOSPC:
 *	the subject's masks or verdicts, or the user's quota, are used up; answer the flows
 *	alone. -EEXIST: it overlaps an installed verdict with another answer. -ENOENT: no
 *	such image (any more). A verdict with the same subject, mask and values replaces the
 *	old one. Nothing is changed when there is an error
 */
struct sallyport_answer {
	__u64	epoch;
	__u64	rule;
	__u8	action;
	__u8	reserved[7];
	struct sallyport_verdict verdict;
};

struct sallyport_verdict_ref {
	__u64	id;
	__u64	image;
	__u32	uid;
	__u8	direction;
	__u8	reserved[3];
};

struct sallyport_flow_ref {
	__u64	cookie;
	__u8	remote[16];
	__be16	remote_port;
	__be16	local_port;
	__u32	ifindex;
	__u8	protocol;
	__u8	family;
	__u8	reserved[6];
};

/* What sets an image apart from the plain file that its path names. */
#define SALLYPORT_IMAGE_FOREIGN	0x01u	/* path not in PID 1's mounts and root */
#define SALLYPORT_IMAGE_DELETED	0x02u	/* the file had no name when executed */
#define SALLYPORT_IMAGE_USERNS	0x04u	/* executed inside a user namespace */
#define SALLYPORT_IMAGE_PRIVATE	0x08u	/* FUSE and the like: this execution only */
#define SALLYPORT_IMAGE_OLDER	0x10u	/* was running when the module came */
#define SALLYPORT_IMAGE_NOPATH	0x20u	/* the path was too long or not to be had */

/**
 * struct sallyport_image - a file as it was when it was executed
 * @id: number of the image; a file that changed is another image
 * @ino: inode number
 * @ctime: of the inode, ns of CLOCK_REALTIME
 * @dev: the kernel's number of the file system, as in stat(2) where it has one
 * @generation: of the inode
 * @flags: SALLYPORT_IMAGE_FOREIGN and following
 */
struct sallyport_image {
	__u64	id;
	__u64	ino;
	__s64	ctime;
	__u32	dev;
	__u32	generation;
	__u32	flags;
	__u32	reserved;
};

/**
 * struct sallyport_tag - a flow that began to wait
 * @size: of all of it, with the path: a multiple of SALLYPORT_TAG_ALIGN
 * @path_length: of the image's path, which follows, without a NUL
 * @comm: name of the thread that ran when it began; all NUL where none did
 * @pending: the flow. With no packets in it none is queued: a packet socket's frame was
 *	refused, and the answer is for what is sent again
 * @image: whose it is
 */
struct sallyport_tag {
	__u32	size;
	__u32	path_length;
	char	comm[16];
	struct sallyport_pending pending;
	struct sallyport_image image;
};

#define SALLYPORT_TAG_ALIGN	8
#define SALLYPORT_TAG_MAX	(sizeof(struct sallyport_tag) + SALLYPORT_PATH_MAX + 1)

/* Longest chain of process instances that is remembered. */
#define SALLYPORT_CHAIN_MAX	32

/* What is to be known of a process instance beside its program. */
#define SALLYPORT_PROCESS_OLDER		0x01u	/* was running when the module came */
#define SALLYPORT_PROCESS_CUT		0x02u	/* what it came from is not known for sure */
#define SALLYPORT_PROCESS_SECURE	0x04u	/* it was executed with more rights (AT_SECURE) */
#define SALLYPORT_PROCESS_TRACED	0x08u	/* somebody could write to its memory */
#define SALLYPORT_PROCESS_BLIND		0x10u	/* … which would not have been seen */
#define SALLYPORT_PROCESS_NOSCRIPT	0x20u	/* which script it is was not seen */

/**
 * struct sallyport_process - a process from one execution, fork or first tracer to
 *	the next
 * @id: its number
 * @image: what it executes
 * @script: image of the file that was executed, if that was a script; else 0
 * @pid: thread group id in the initial PID namespace
 * @uid: real user when it began, in the initial user namespace
 * @flags: SALLYPORT_PROCESS_*
 *
 * A fork that did nothing but execute another program is left out of a chain.
 */
struct sallyport_process {
	__u64	id;
	__u64	image;
	__u64	script;
	__u32	pid;
	__u32	uid;
	__u32	flags;
	__u32	reserved;
};

/**
 * struct sallyport_counts - of one flow; layer 3, after segmentation
 * @rule: the rule that decided
 * @created: when the flow was first seen
 * @used: when its last packet was counted
 * @bytes: by direction of the packet, not of the flow
 * @packets: likewise
 * @action: enum sallyport_action
 */
struct sallyport_counts {
	__u64	rule;
	__u64	created;
	__u64	used;
	__u64	bytes[2];
	__u64	packets[2];
	__u8	action;
	__u8	reserved[7];
};

/* Fill and size of each table. */
struct sallyport_tables {
	__u32	flows, flows_max;
	__u32	subjects, subjects_max;
	__u32	verdicts, verdicts_max;
	__u32	pending, pending_max;
	__u32	owners, owners_max;
	__u32	images, images_max;
	__u32	processes, processes_max;
	__u32	origins, origins_max;	/* lives kept for those that came from them */
	__u32	users, users_max;
};

/**
 * enum sallyport_stat - counters, in packets unless said otherwise
 *
 * The first group says how packets were decided, the second why they were
 * refused or dropped (these are the reasons in events too), the third is about
 * the module itself. Every packet that is not passed adds one to exactly one
 * counter of the second group.
 */
enum sallyport_stat {
	SALLYPORT_STAT_CACHE_HIT,	/* per-CPU cache */
	SALLYPORT_STAT_FLOW_HIT,	/* flow table */
	SALLYPORT_STAT_VERDICT_HIT,	/* verdict table, new flow */
	SALLYPORT_STAT_UPCALL,		/* sent to the daemon */
	SALLYPORT_STAT_REPEAT,		/* came back from it */
	SALLYPORT_STAT_LOOPBACK,	/* passed: loopback is not judged */
	SALLYPORT_STAT_ALWAYS,		/* passed: ND, MLD, IGMP, socket's ICMP errors, DHCP */
	SALLYPORT_STAT_CONTROL,		/* passed: the kernel's RST, ACK of no socket */
	SALLYPORT_STAT_FOREIGN,		/* passed: namespace not judged */
	SALLYPORT_STAT_ABSENT_PASS,	/* passed: no daemon, configured so */
	SALLYPORT_STAT_OFF,		/* passed: mode off */
	SALLYPORT_STAT_ESTABLISHED,	/* passed: socket older than the module, TIME_WAIT */
	SALLYPORT_STAT_UNWANTED,	/* passed: inbound, no socket; the kernel refuses it */
	SALLYPORT_STAT_FRAME,		/* passed: a packet socket's frame without IP */

	SALLYPORT_STAT_DENY,		/* refused by a verdict */
	SALLYPORT_STAT_DROP,		/* dropped by a verdict */
	SALLYPORT_STAT_ABSENT,		/* unknown flow, no daemon */
	SALLYPORT_STAT_NO_QUEUE,	/* unknown flow, namespace without queues */
	SALLYPORT_STAT_QUEUE_SOON,	/* … where they are being opened: comes again */
	SALLYPORT_STAT_HELD_ENOUGH,	/* flow waits already, as much as may */
	SALLYPORT_STAT_LIMIT_IMAGE,	/* too many waiting flows of one program */
	SALLYPORT_STAT_LIMIT_USER,	/* … of one user */
	SALLYPORT_STAT_LIMIT_TOTAL,	/* … in all */
	SALLYPORT_STAT_TAG_LOST,	/* daemon's buffer full, or no memory for the tag */
	SALLYPORT_STAT_NO_MEMORY,	/* for a flow that must wait */
	SALLYPORT_STAT_UNANSWERED,	/* came back from the daemon without a verdict, twice */
	SALLYPORT_STAT_UNSETTLED,	/* the policy kept changing while it was judged */
	SALLYPORT_STAT_UNHELD,		/* a packet socket's frame: the daemon was told */
	SALLYPORT_STAT_FRAME_FOREIGN,	/* … without IP, of a program in a user namespace */
	SALLYPORT_STAT_STEALTH,		/* inbound, no socket: not answered, configured so */
	SALLYPORT_STAT_MALFORMED,	/* headers that make no sense; a SYN of a socket that listens by now */

	SALLYPORT_STAT_PENDING_EXPIRED,	/* flows that waited too long */
	SALLYPORT_STAT_ABORTED,		/* connections ended by us */
	SALLYPORT_STAT_ABORT_LOST,	/* … that could not be: no room, no memory, locked by their program */
	SALLYPORT_STAT_FLOW_FULL,	/* allowed without an entry: table or quota full, no owner's record */
	SALLYPORT_STAT_OWNER_FULL,	/* sockets without a record: full, or their user's share is */
	SALLYPORT_STAT_IMAGE_FULL,	/* executions without an image: likewise */
	SALLYPORT_STAT_EVENT_LOST,	/* events */
	SALLYPORT_STAT_STALE,		/* pushes refused for their epoch */
	SALLYPORT_STAT_PENDING_ABANDONED, /* flows that waited, their socket closed */
	SALLYPORT_STAT_OBSERVED,	/* DNS replies shown to the daemon */
	SALLYPORT_STAT_QUERY_LOST,	/* DNS queries that it was not told of */
	SALLYPORT_STAT_HELD_LOST,	/* waited, and did not come back when they were answered */
	SALLYPORT_STAT_REPLY_UNSEEN,	/* DNS replies that passed because no daemon looked */
	SALLYPORT_STAT_PROCESS_FULL,	/* processes without a record: full, their user's share is, no memory */
	SALLYPORT_STAT_ORIGIN_FULL,	/* … that don't know where they come from: full, likewise */
	__SALLYPORT_STAT_MAX,
};
#define SALLYPORT_STAT_REASON_FIRST	SALLYPORT_STAT_DENY
#define SALLYPORT_STAT_REASON_LAST	SALLYPORT_STAT_MALFORMED

enum sallyport_event_kind {
	SALLYPORT_EVENT_FLOW,		/* new flow, decided in the kernel */
	SALLYPORT_EVENT_ENDED,		/* flow ended; counts are final */
	SALLYPORT_EVENT_REFUSED,	/* packet refused or dropped, with reason */
	SALLYPORT_EVENT_EXPIRED,	/* a pending flow waited too long; id in @id */
	SALLYPORT_EVENT_ABANDONED,	/* its socket was closed meanwhile; likewise */
};

/**
 * struct sallyport_event - something that happened; rate-limited
 * @time: when
 * @began: ENDED: when the flow began, if there is no FLOW event of it for its end
 *	came first; else 0
 * @id: of the pending flow (EXPIRED, ABANDONED)
 * @rule: the rule that decided
 * @bytes: of an ended flow, by direction of the packets
 * @kind: enum sallyport_event_kind
 * @action: enum sallyport_action
 * @reason: enum sallyport_stat, for REFUSED
 * @count: of how many flows it tells: more than one where some ENDED that are alike in
 *	all but socket and caller's port, each as brief as those that @began tells of. @flow is one
 *	of them; @began is of the first, @time of the last, @bytes are of all together
 * @flow: which
 */
struct sallyport_event {
	__u64	time;
	__u64	began;
	__u64	id;
	__u64	rule;
	__u64	bytes[2];
	__u16	kind;
	__u16	action;
	__u32	reason;
	__u32	count;
	__u32	reserved;
	struct sallyport_flow flow;
};

#endif /* _UAPI_SALLYPORT_H */
