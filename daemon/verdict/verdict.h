/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict thread: queues, netlink, the policy snapshot. It decides what
 * the kernel does not know and hands what a person must decide to the main
 * loop. No disk, no bus, no name service, no unbounded allocation here.
 *
 * Commands go in and reports come out through two bounded mailboxes; both are
 * plain data, copied. Nothing else is shared but snapshots, which are immutable.
 *
 * It never accepts a packet: it pushes a verdict (or resolves the one flow) and
 * answers NF_REPEAT; release.c is the only file that gives packets back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cgroup.h"
#include "decide.h"
#include "flows.h"
#include "sallyport.h"

struct sp_fact_source;	/* source.h */
struct sp_verdict_thread;

struct sp_dns_reply;

#define SP_VERDICT_RESOLVERS 16

/* The machine's own resolvers: what they say of names is believed. */
struct sp_verdict_resolvers {
	size_t count;
	uint8_t addresses[SP_VERDICT_RESOLVERS][16];
};

#define SP_VERDICT_NETWORKS	32
#define SP_NETWORK_NAME_MAX	63

/*
 * Which network a device leads to, as somebody named it: what rules call "network". A
 * device that is not among them leads to one that nobody named: the fact fails; or it is
 * about to be found out (@settling): the fact is pending.
 */
struct sp_verdict_networks {
	bool settling;
	size_t count;
	struct {
		uint32_t ifindex;
		char name[SP_NETWORK_NAME_MAX + 1];	/* "": to none, as loopback */
	} list[SP_VERDICT_NETWORKS];
};

struct sp_verdict_config {
	uint16_t queue_first;		/* number of the first fast queue */
	uint16_t queue_count;		/* fast queues, one per CPU is good */
	uint16_t queue_wait;		/* queue for packets that wait for people */
	uint16_t queue_observe;		/* queue of DNS replies; 0: names are not learned */
	uint32_t queue_length;		/* of each fast queue, packets */
	uint32_t receive_buffer;	/* of each socket, bytes (SO_RCVBUFFORCE) */
	uint8_t absent_out, absent_in;	/* enum sallyport_action: when we are gone */
	bool judge_loopback;
	bool stealth;			/* what no socket wants is not answered */
	bool set_mode;			/* else it stays what it is */
	uint8_t mode;			/* enum sallyport_mode */
	bool stops;			/* see sp_verdict_set_snapshot() */
	bool own_names;			/* only names that a program asked for itself allow it */
	/*
	 * Rules from this number on may be others than those that had their numbers under
	 * an earlier daemon; 0: none are.
	 */
	uint64_t renumbered;
	const char *names;		/* the file in which they are kept, or NULL; lives on */
	uint32_t namespaces;		/* other network namespaces with queues, at most */
	struct sp_verdict_resolvers resolvers;	/* to begin with */
	struct sp_verdict_networks networks;	/* likewise */
	/*
	 * Of what waits for people: questions of a program, flows of a user and in all.
	 * What is 0: the default, see there. More may wait for us for a moment: room.h.
	 */
	struct sallyport_pending_limits limits;
	const struct sp_fact_source *facts;	/* outlives the thread; NULL: there are none */
};

/* How sure it is that an address has a name. */
enum sp_host_origin {
	SP_HOST_NONE,
	SP_HOST_BY_ITSELF,	/* the program asked one of the machine's resolvers for it */
	SP_HOST_BY_SYSTEM,	/* the machine's resolver says what it told somebody */
	SP_HOST_BY_ANOTHER,	/* another program asked for it */
	SP_HOST_BY_NETWORK,	/* whoever is in the local network says so */
	SP_HOST_BY_ANYONE,	/* some other server says so */
};

/* The name of a flow's remote that is the likeliest. */
struct sp_host {
	enum sp_host_origin origin;
	bool missed;		/* it may have one that was not seen: none of these is sure */
	char name[254];		/* lower case, ASCII; "": none */
};

/* Is it no guess? It makes rules, and counts for them. */
static inline bool sp_host_is_sure(const struct sp_host *host)
{
	return host->origin != SP_HOST_NONE && host->origin < SP_HOST_BY_NETWORK;
}

/* A flow that waits, as far as the kernel and /proc tell. Plain data. */
struct sp_waiting {
	uint64_t pending;		/* id of struct sallyport_pending */
	struct sallyport_flow flow;
	struct sallyport_image image;
	uint16_t path_length;		/* 0: no path */
	char path[SALLYPORT_PATH_MAX + 1];
	char comm[17];
	/* When a person is asked: what is "" or 0 is not known. */
	struct sp_cgroup cgroup;
	uint32_t process_flags;		/* SALLYPORT_PROCESS_* */
	char script[256];		/* proven path of an executed one; "": too long, or none */
	char bundle[256];		/* proven path of the AppImage that it is out of; "": none */
	/* Paths of what it comes from, nearest first, one after the other with their NULs. */
	uint8_t ancestors;
	char ancestor_paths[1024];
	struct sp_host host;		/* when it was asked about */
	char hash[65];			/* SHA-256 of its file; "": not known, or not yet */
};

/* What became known of a waiting flow since it was asked about. Plain data. */
struct sp_late {
	uint64_t pending;
	struct sp_host host;		/* as sure as before, or surer */
	char hash[65];
};

/*
 * Packets that never came to us, of the initial namespace: the kernel's queue was
 * full, or our socket's buffer.
 */
struct sp_queue_losses {
	uint64_t full, overrun;
};

/* What a process runs, by the kernel's record. Plain data. */
struct sp_program {
	uint64_t process;		/* number of the instance */
	uint32_t process_flags;		/* SALLYPORT_PROCESS_* */
	uint32_t image_flags;		/* SALLYPORT_IMAGE_* */
	char path[SALLYPORT_PATH_MAX + 1];	/* "": none */
};

enum sp_report_kind {
	/* A person must decide: @waiting, @rule (the ask; 0: the default). */
	SP_REPORT_ASK,
	/* More is known of a flow that was reported ASK: @late. May be lost. */
	SP_REPORT_LATE,
	/* A flow that was reported ASK is over: @pending, @reason. */
	SP_REPORT_GONE,
	/* For the history: @record. */
	SP_REPORT_RECORD,
	/*
	 * The snapshot or answer with @serial is in force in the kernel, or @error:
	 * of an answer, ENOENT where none of its flows waited any more; of a
	 * snapshot, what the kernel said, and it is tried again every second. Also
	 * instead of STATUS, FLOWS and PROGRAM where they could not be had.
	 */
	SP_REPORT_DONE,
	/* Reports were lost because the mailbox was full: @lost. */
	SP_REPORT_LOST,
	/* The kernel's figures: answer to sp_verdict_status(). */
	SP_REPORT_STATUS,
	/* The flows that are open: answer to sp_verdict_flows(). */
	SP_REPORT_FLOWS,
	/* Answer to sp_verdict_program(). */
	SP_REPORT_PROGRAM,
	/* The thread has stopped; @error is an errno, 0 when asked to. */
	SP_REPORT_STOPPED,
};

/*
 * Each flow reported ASK gets exactly one GONE, after it, whatever becomes of
 * it; also when it is answered by sp_verdict_answer(), before that one's DONE.
 */
enum sp_gone_reason {
	SP_GONE_RULE,		/* a new policy decided it */
	SP_GONE_ANSWERED,
	SP_GONE_ENDED,		/* the program closed the socket, or ended */
	SP_GONE_EXPIRED,	/* waited too long in the kernel */
};

enum sp_record_by {
	SP_BY_RULE, SP_BY_DEFAULT, SP_BY_ANSWER, SP_BY_DEADLINE,
	SP_BY_NOBODY, SP_BY_KERNEL, SP_BY_LIMIT, SP_BY_LEARNING,
};

/*
 * DECIDED: a new flow, allowed; or decided for itself alone, either way. REFUSED: a
 * packet was refused by a verdict, by the kernel itself, or for want of room to ask.
 * Both mostly come from the kernel, some tenths of a second later. ASKED and
 * EXPIRED frame a question; ANSWERED is each flow that an answer covered.
 */
enum sp_record_event {
	SP_RECORD_DECIDED, SP_RECORD_ASKED, SP_RECORD_ANSWERED,
	SP_RECORD_EXPIRED, SP_RECORD_REFUSED, SP_RECORD_ENDED,
};

struct sp_record {
	int64_t time;			/* ns of CLOCK_REALTIME */
	int64_t began;			/* likewise: ENDED, and DECIDED then; or 0 */
	enum sp_record_event event;
	enum sp_record_by by;
	uint8_t action;			/* enum sp_action */
	uint32_t reason;		/* enum sallyport_stat, REFUSED by the kernel or a limit */
	uint32_t flows;			/* that it tells of: struct sallyport_event's @count */
	uint64_t rule;
	uint64_t bytes[2];
	struct sallyport_flow flow;
	struct sp_host host;
	char path[256];			/* cut in the middle where longer */
};

/*
 * Takes the beginning of a brief flow, DECIDED, out of the record of its end; of some,
 * where it tells of some. False: there is none in it.
 */
bool sp_record_split(struct sp_record *end, struct sp_record *beginning);

struct sp_report {
	enum sp_report_kind kind;
	union {
		struct { struct sp_waiting *waiting; uint64_t rule; } ask;	/* receiver frees waiting */
		struct sp_late late;
		struct { uint64_t pending; enum sp_gone_reason reason; } gone;
		struct sp_record record;
		struct { uint64_t serial; int error; } done;	/* errno or 0 */
		struct { uint32_t reports; } lost;
		struct {
			uint64_t serial;
			uint64_t stats[__SALLYPORT_STAT_MAX];
			struct sallyport_tables tables;
			uint64_t epoch;
			uint32_t degraded;
			uint8_t mode;		/* enum sallyport_mode */
			char module_version[32];
			uint64_t unmatched;	/* packets without a tag, dropped by us */
			uint64_t limited;	/* questions beyond the limits: denied */
			uint64_t failed;	/* answers that the kernel did not take */
			uint64_t alone;		/* flows decided singly: no place for a verdict */
			uint64_t waiting;	/* flows that wait for people */
			struct sp_queue_losses losses;
		} status;
		struct { uint64_t serial; struct sp_flow_list *list; } flows;	/* receiver frees list */
		struct { uint64_t serial; struct sp_program *program; } program;	/* likewise */
		struct { int error; char message[200]; } stopped;
	};
};

/*
 * Opens netlink and the queues and says HELLO, in the caller's thread, so that
 * what fails is reported before anything runs: NULL, with @message in words. Also
 * where it runs @message says what it has to do without, or is empty.
 * Starts the thread with @snapshot in force (it takes a reference of its own,
 * as sp_verdict_set_snapshot() does).
 */
struct sp_verdict_thread *sp_verdict_start(const struct sp_verdict_config *config,
					   struct sp_snapshot *snapshot,
					   char *message, size_t size);
/* Joins and frees; reports not yet taken are gone. NULL is fine. */
void sp_verdict_stop(struct sp_verdict_thread *thread);

/* Readable as long as reports wait. */
int sp_verdict_fd(struct sp_verdict_thread *thread);
/* Takes one; false: none left. Main loop only. */
bool sp_verdict_report(struct sp_verdict_thread *thread, struct sp_report *report);

/*
 * Commands; main loop only. Each returns a serial for SP_REPORT_DONE, STATUS,
 * FLOWS or PROGRAM, or 0, and nothing was sent: no memory, or 64 replies have not been taken yet.
 * They are carried out in the order in which they were sent.
 *
 * A new snapshot (its epoch must be greater): installed verdicts, waiting and
 * open flows are decided again under it. DONE comes when the kernel obeys; where
 * open flows wait for facts, after those are there, or three seconds. @stops: TCP
 * connections that it denies are not ended; nothing of them passes until a snapshot
 * without this ends them, or any allows them.
 */
uint64_t sp_verdict_set_snapshot(struct sp_verdict_thread *thread,
				 struct sp_snapshot *snapshot, bool stops);
/*
 * Answers waiting flows for themselves alone, without a rule. @once: also that
 * process's further flows to the same host and port until the last one ends.
 */
uint64_t sp_verdict_answer(struct sp_verdict_thread *thread,
			   const uint64_t *pending, size_t count,
			   enum sp_action action, enum sp_record_by by, bool once);
uint64_t sp_verdict_set_resolvers(struct sp_verdict_thread *thread,
				  const struct sp_verdict_resolvers *resolvers);
/* What the machine's own resolver told somebody; NULL: it could not be read. */
uint64_t sp_verdict_tell(struct sp_verdict_thread *thread, const struct sp_dns_reply *reply);
/* What rules about networks decided is decided again when it is done. */
uint64_t sp_verdict_set_networks(struct sp_verdict_thread *thread,
				 const struct sp_verdict_networks *networks);
uint64_t sp_verdict_status(struct sp_verdict_thread *thread);
/* @mode: enum sallyport_mode. */
uint64_t sp_verdict_set_mode(struct sp_verdict_thread *thread, uint8_t mode);
/* It takes the thread some µs a flow: not for everybody who asks. */
uint64_t sp_verdict_flows(struct sp_verdict_thread *thread);
/* Of the process that has this id now. ENOENT: not known. */
uint64_t sp_verdict_program(struct sp_verdict_thread *thread, uint32_t pid);
/*
 * Does anything of the process instance run, and is the cgroup there? 0: not asked
 * about. DONE: no error, or ENOENT: one of them is no more.
 */
uint64_t sp_verdict_lives(struct sp_verdict_thread *thread, uint64_t process, uint64_t cgroup);
/* Those that are not there any more are passed over. */
uint64_t sp_verdict_end_flows(struct sp_verdict_thread *thread,
			      const struct sallyport_flow_ref *refs, size_t count);

/*
 * For the watchdog: grows from call to call as long as the thread goes round. It
 * sleeps while there is nothing to do; each call has it go round once more.
 */
uint64_t sp_verdict_heartbeat(const struct sp_verdict_thread *thread);
