// SPDX-License-Identifier: GPL-2.0
/* Full tables, with the whole module: what passes, what is counted, what is told. */
#include <string.h>

#include "image_capture.h"
#include "law.h"
#include "life.h"
#include "message.h"
#include "owner.h"
#include "pending.h"
#include "process.h"
#include "stats.h"
#include "support.h"

/* main.c's, of a table of 1024 */
#define FLOWS		1024
#define FLOWS_USER	512
#define FLOWS_SOCKET	128
#define EVENTS		256	/* a CPU; events.c */

/* Records of sockets, executed files, processes. */
#define RECORDS		1024
#define RECORDS_USER	256
#define ORIGINS		(2 * RECORDS)
#define ORIGINS_USER	(ORIGINS / 4)

static u64 epoch;
static struct sallyport_pending tag;
static u32 events_lost;
static u32 events_told;
static bool deaf;		/* the daemon's buffer is full */

static void told(const struct sallyport_tag *begun)
{
	tag = begun->pending;
}

static int receive(u32 port, u8 number, struct nlattr **attrs)
{
	if (port != LAW_EVENTS)
		return 0;
	if (deaf)
		return -EAGAIN;
	if (number == SALLYPORT_CMD_EVENTS) {
		events_lost += nla_get_u32(attrs[SALLYPORT_A_EVENTS_LOST]);
		events_told += nla_len(attrs[SALLYPORT_A_EVENTS]) / sizeof(struct sallyport_event);
	}
	return 0;
}

static void hello(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PROTOCOL, u32, SALLYPORT_PROTOCOL);
	message_add_value(&message, SALLYPORT_A_EVENT_PORT, u32, LAW_EVENTS);
	message_add_value(&message, SALLYPORT_A_QUEUE_FIRST, u16, 10);
	message_add_value(&message, SALLYPORT_A_QUEUE_COUNT, u16, 1);
	message_add_value(&message, SALLYPORT_A_QUEUE_WAIT, u16, 20);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_HELLO), 0);
}

/* The program and user of the last tag may do all, or none of it. */
static void push(u8 action)
{
	struct sallyport_answer answer = {
		.epoch = epoch,
		.verdict = {
			.id = tag.id, .image = tag.flow.image, .uid = tag.flow.uid,
			.action = action,
		},
	};

	ck_assert_int_eq(message_answer(&answer, &tag.id, 1), 0);
}

static void resolve(u8 action)
{
	struct sallyport_answer answer = { .epoch = epoch, .action = action };

	ck_assert_int_eq(message_answer(&answer, &tag.id, 1), 0);
}

static struct law_packet packet_to(struct law_socket *socket, u16 port)
{
	return (struct law_packet) {
		.sk = socket->sk, .socket = socket, .net = &init_net, .bytes = 100,
		.key = { .family = AF_INET, .protocol = IPPROTO_UDP, .remote = 1,
			 .remote_port = port, .local_port = socket->port,
			 .ifindex = 2 },
	};
}

static unsigned int send_as(struct law_socket *socket, u16 port,
			    struct task_struct *task)
{
	struct law_packet packet = packet_to(socket, port);
	struct sk_buff *skb = law_packet_build(&packet);
	unsigned int said = law_packet_send(&packet, skb, task);

	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said & NF_VERDICT_MASK;
}

static unsigned int send_to(struct law_socket *socket, u16 port)
{
	return send_as(socket, port, &law_processes[0].task);
}

static struct law_socket *open_for(u32 uid)
{
	int i;

	law_socket_open(&law_processes[uid - 1000], IPPROTO_UDP, AF_INET);
	for (i = LAW_SOCKETS - 1; i >= 0 && !law_sockets[i].sk; i--)
		;
	law_sockets[i].sk->sk_uid.val = uid;
	return &law_sockets[i];
}

/* A socket whose program and user may do all. */
static struct law_socket *open_allowed(u32 uid)
{
	struct law_socket *socket = open_for(uid);

	if (send_to(socket, 1) == NF_QUEUE)
		push(SALLYPORT_ALLOW);
	return socket;
}

static void send_many(struct law_socket *socket, u16 first, int count)
{
	while (count--)
		ck_assert_uint_eq(send_to(socket, first++), NF_ACCEPT);
}

static void begin(void)
{
	int i;

	shim_init();
	init_net.next = NULL;
	*shim_param_flows = FLOWS;
	*shim_param_cache_sets = 4;
	*shim_param_sockets = RECORDS;
	*shim_param_images = RECORDS;
	*shim_param_processes = RECORDS;
	law_world_begin();
	shim_receive = receive;
	law_told = told;
	ck_assert_int_eq(shim_module_init(), 0);
	hello();
	for (i = 0; i < 3; i++)
		law_fork(NULL);
}

static void end(void)
{
	shim_port_closed(LAW_PORT);
	law_world_end();
	shim_module_exit();
	shim_exit();
}

START_TEST(flows_of_a_socket)
{
	struct law_socket *socket = open_allowed(1000);

	send_many(socket, 100, FLOWS_SOCKET);
	ck_assert_uint_eq(sp_flow_count(), FLOWS_SOCKET);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_FLOW_FULL), 0);
	/* what has no place is allowed all the same, and counted, each time */
	send_many(socket, 1000, 10);
	send_many(socket, 1000, 10);
	ck_assert_uint_eq(sp_flow_count(), FLOWS_SOCKET);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_FLOW_FULL), 20);
}
END_TEST

START_TEST(flows_of_a_user_and_all)
{
	struct law_socket *socket;
	int i;

	for (i = 0; i < FLOWS_USER / FLOWS_SOCKET; i++)
		send_many(open_allowed(1000), 100, FLOWS_SOCKET);
	ck_assert_uint_eq(sp_flow_count(), FLOWS_USER);
	send_many(open_allowed(1000), 100, 5);
	ck_assert_uint_eq(sp_flow_count(), FLOWS_USER);
	/* that of a socket's first packet, where it was allowed at once, too */
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_FLOW_FULL), 3 + 1 + 5);
	/* another user has his own share, up to the whole */
	for (i = 0; i < FLOWS_USER / FLOWS_SOCKET; i++) {
		socket = open_allowed(1001);
		send_many(socket, 100, FLOWS_SOCKET);
	}
	ck_assert_uint_eq(sp_flow_count(), FLOWS);
	socket = open_allowed(1002);
	send_many(socket, 100, 5);
	ck_assert_uint_eq(sp_flow_count(), FLOWS);
}
END_TEST

/* Denied stays denied where nothing can be noted. */
START_TEST(nothing_denied_passes_when_full)
{
	struct law_socket *socket = open_allowed(1000), *other;

	send_many(socket, 100, FLOWS_SOCKET);
	other = open_for(1001);
	ck_assert_uint_eq(send_to(other, 5), NF_QUEUE);
	push(SALLYPORT_DENY);
	ck_assert_uint_eq(send_to(other, 5), NF_DROP);
	ck_assert_uint_eq(send_to(other, 6), NF_DROP);
}
END_TEST

/* Answered alone without a place: for what is held; then asked about again. */
START_TEST(answered_alone_when_full)
{
	struct law_socket *socket = open_for(1000);
	int i;

	for (i = 0; i < FLOWS_SOCKET; i++) {
		ck_assert_uint_eq(send_to(socket, 100 + i), NF_QUEUE);
		resolve(SALLYPORT_ALLOW);
		ck_assert_uint_eq(send_as(socket, 100 + i, &law_daemon_task), NF_ACCEPT);
	}
	ck_assert_uint_eq(sp_flow_count(), FLOWS_SOCKET);
	ck_assert_uint_eq(send_to(socket, 7), NF_QUEUE);
	resolve(SALLYPORT_ALLOW);
	ck_assert_uint_eq(send_as(socket, 7, &law_daemon_task), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_FLOW_FULL), 1);
	ck_assert_uint_eq(sp_pending_count(), 0);
	ck_assert_uint_eq(send_to(socket, 7), NF_QUEUE);
	resolve(SALLYPORT_DENY);
	ck_assert_uint_eq(send_as(socket, 7, &law_daemon_task), NF_STOLEN);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_DENY), 1);
}
END_TEST

/* With room or without: who answered has written it down, and is not told again. */
START_TEST(what_is_answered_alone_is_not_told)
{
	struct law_socket *socket = open_for(1000);
	int i;

	for (i = 0; i <= FLOWS_SOCKET; i++) {
		ck_assert_uint_eq(send_to(socket, 100 + i), NF_QUEUE);
		resolve(SALLYPORT_DENY);
		ck_assert_uint_eq(send_as(socket, 100 + i, &law_daemon_task), NF_STOLEN);
	}
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_DENY), FLOWS_SOCKET + 1);
	ck_assert_uint_eq(send_to(socket, 100), NF_DROP);
	shim_delayed_run();
	ck_assert_uint_eq(events_told, 0);
	/* a verdict's refusal is */
	ck_assert_uint_eq(send_to(socket, 99), NF_QUEUE);
	push(SALLYPORT_DENY);
	ck_assert_uint_eq(send_as(socket, 99, &law_daemon_task), NF_STOLEN);
	shim_delayed_run();
	ck_assert_uint_eq(events_told, 1);
}
END_TEST

START_TEST(events_that_do_not_fit)
{
	struct law_socket *socket = open_allowed(1000);

	/* flows in the table need no place in the ring, others do */
	send_many(socket, 100, FLOWS_SOCKET + EVENTS);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 0);
	send_many(socket, 100 + FLOWS_SOCKET + EVENTS, 10);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 10);
	shim_delayed_run();
	ck_assert_uint_eq(events_lost, 10);
}
END_TEST

/* A daemon that does not read: it is told how many it missed, also if no more come. */
START_TEST(events_that_are_not_taken)
{
	struct law_socket *socket = open_allowed(1000);

	shim_delayed_run();
	events_lost = 0;
	deaf = true;
	send_many(socket, 100, 10);
	shim_advance_ms(100);
	shim_delayed_run();
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 10);
	shim_delayed_run();
	deaf = false;
	shim_delayed_run();
	ck_assert_uint_eq(events_lost, 10);
	shim_delayed_run();
	ck_assert_uint_eq(events_lost, 10);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 10);
}
END_TEST

/* So many connections are accepted for a user. */
static void accept_many(u64 first, u32 uid, int count)
{
	struct sp_flow_desc desc = {
		.image = sp_image_unknown, .uid = uid, .direction = SALLYPORT_IN,
	};

	while (count--) {
		sp_image_get(sp_image_unknown);
		sp_owner_inherit(first++, &desc, false);
	}
}

START_TEST(records_of_a_user_and_all)
{
	u32 before = sp_owner_count();

	accept_many(100000, 1000, RECORDS_USER + 10);
	ck_assert_uint_eq(sp_owner_count(), before + RECORDS_USER);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OWNER_FULL), 10);
	/* those there are may be noted again */
	accept_many(100000, 1000, 1);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OWNER_FULL), 10);
	accept_many(200000, 1001, RECORDS_USER);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OWNER_FULL), 10);
	/* root's share is what there is, and no more */
	accept_many(300000, 0, RECORDS);
	ck_assert_uint_eq(sp_owner_count(), RECORDS);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OWNER_FULL),
			  10 + before + 2 * RECORDS_USER);
}
END_TEST

/* A file that changes is another image each time. */
static int execute_many(struct task_struct *task, struct sp_image **images, int count)
{
	struct law_program *program = &law_programs[0];
	int known = 0;

	while (count--) {
		program->inode.i_ctime.tv_sec++;
		images[known] = sp_image_capture(task, &program->file, 0);
		known += images[known] != NULL;
	}
	return known;
}

static void forget_many(struct sp_image **images, int count)
{
	while (count--)
		sp_image_put(images[count]);
}

START_TEST(images_of_a_user_and_all)
{
	static struct sp_image *first[RECORDS], *second[RECORDS];
	struct task_struct *task = &law_processes[0].task;
	u32 before = sp_image_count();
	int known;

	task->uid.val = 1000;
	ck_assert_int_eq(execute_many(task, first, RECORDS_USER + 10), RECORDS_USER);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_IMAGE_FULL), 10);
	task->uid.val = 0;
	known = execute_many(task, second, RECORDS);
	ck_assert_uint_eq(sp_image_count(), RECORDS);
	ck_assert_int_eq(known, RECORDS - before - RECORDS_USER);
	/* what is forgotten makes room again */
	task->uid.val = 1000;
	forget_many(first, RECORDS_USER);
	ck_assert_int_eq(execute_many(task, first, RECORDS_USER), RECORDS_USER);
	forget_many(first, RECORDS_USER);
	forget_many(second, known);
	ck_assert_uint_eq(sp_image_count(), before);
}
END_TEST

/* A user namespace has uids of its own; who made it is charged. */
START_TEST(images_in_a_user_namespace)
{
	static struct sp_image *images[RECORDS];
	struct task_struct *task = &law_processes[0].task;
	struct user_namespace ns = {
		.level = 1, .parent = &init_user_ns, .owner = { 1000 },
	};
	int known;

	task->user_ns = &ns;
	task->uid.val = 0;
	known = execute_many(task, images, RECORDS_USER / 2);
	task->uid.val = 5000;
	known += execute_many(task, images + known, RECORDS_USER);
	ck_assert_int_eq(known, RECORDS_USER);
	forget_many(images, known);
	task->user_ns = &init_user_ns;
}
END_TEST

/* Programs beside those of the world; a number each, never used again. */
struct program {
	struct task_struct task;
	struct signal_struct signal;
};

static struct program programs[2 * RECORDS];

/* So many forks of the first process, as @uid, from programs[@first] on. */
static void fork_many(int first, int number, u32 uid, struct user_namespace *ns)
{
	void (*probe)(void *, struct task_struct *, struct task_struct *) =
		shim_tracepoint("sched_process_fork");
	struct task_struct *parent = &law_processes[0].task, *task;

	for (; number--; first++) {
		task = &programs[first].task;
		*task = *parent;
		task->pid = task->tgid = 100000 + first;
		task->group_leader = task;
		task->signal = &programs[first].signal;
		task->start_boottime = 1 + first;
		task->uid.val = uid;
		task->user_ns = ns;
		probe(NULL, parent, task);
	}
}

static void exit_many(int first, int number)
{
	void (*probe)(void *, struct task_struct *) = shim_tracepoint("sched_process_exit");

	for (; number--; first++)
		probe(NULL, &programs[first].task);
}

/* 0: it is not known. */
static u64 number_of(struct task_struct *task)
{
	struct sp_who who;

	shim_current = task;
	sp_process_current(&who);
	sp_image_put(who.image);
	shim_current = &law_daemon_task;
	return who.process;
}

START_TEST(processes_of_a_user_and_all)
{
	u32 before = sp_process_count();

	fork_many(0, RECORDS_USER + 10, 1000, &init_user_ns);
	ck_assert_uint_eq(sp_process_count(), before + RECORDS_USER);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_PROCESS_FULL), 10);
	/* what is beyond is unknown; what is noted is not */
	ck_assert_uint_ne(number_of(&programs[0].task), 0);
	ck_assert_uint_eq(number_of(&programs[RECORDS_USER].task), 0);
	/* others have their own share, root what there is */
	fork_many(300, RECORDS_USER, 1001, &init_user_ns);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_PROCESS_FULL), 10);
	fork_many(600, RECORDS, 0, &init_user_ns);
	ck_assert_uint_eq(sp_process_count(), RECORDS);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_PROCESS_FULL),
			  10 + before + 2 * RECORDS_USER);
	/* what has ended makes room again */
	exit_many(0, RECORDS_USER + 10);
	exit_many(600, RECORDS);
	fork_many(0, RECORDS_USER, 1000, &init_user_ns);
	ck_assert_uint_eq(sp_process_count(), before + 2 * RECORDS_USER);
	exit_many(0, RECORDS_USER);
	exit_many(300, RECORDS_USER);
	ck_assert_uint_eq(sp_process_count(), before);
}
END_TEST

START_TEST(processes_in_a_user_namespace)
{
	struct user_namespace ns = {
		.level = 1, .parent = &init_user_ns, .owner = { 1000 },
	};

	fork_many(0, RECORDS_USER / 2, 0, &ns);
	fork_many(RECORDS_USER / 2, RECORDS_USER, 5000, &ns);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_PROCESS_FULL), RECORDS_USER / 2);
	exit_many(0, RECORDS_USER / 2 + RECORDS_USER);
}
END_TEST

/* One that can't keep where it comes from is known all the same, and says so. */
START_TEST(origins_of_a_user_and_all)
{
	struct sp_life *origin = sp_life_get(number_of(&law_processes[0].task));
	struct sp_life *lives[ORIGINS + 10];
	struct task_struct task = law_processes[0].task;
	u32 before = sp_origin_count(), cut = 0, i;

	task.uid.val = 1000;
	for (i = 0; i < ORIGINS_USER + 10; i++) {
		lives[i] = sp_life_new(&task, origin, sp_image_get(sp_image_kernel), NULL, 0);
		cut += !!(lives[i]->flags & SALLYPORT_PROCESS_CUT);
		ck_assert_ptr_eq(lives[i]->origin,
				 i < ORIGINS_USER ? origin : NULL);
	}
	ck_assert_uint_eq(cut, 10);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ORIGIN_FULL), 10);
	task.uid.val = 0;
	for (; i < ORIGINS + 10; i++)
		lives[i] = sp_life_new(&task, origin, sp_image_get(sp_image_kernel), NULL, 0);
	ck_assert_uint_eq(sp_origin_count(), ORIGINS);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_ORIGIN_FULL), 10 + before);
	while (i--)
		sp_life_put(lives[i]);
	sp_life_put(origin);
	ck_assert_uint_eq(sp_origin_count(), before);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("full");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, flows_of_a_socket);
	tcase_add_test(tcase, flows_of_a_user_and_all);
	tcase_add_test(tcase, nothing_denied_passes_when_full);
	tcase_add_test(tcase, answered_alone_when_full);
	tcase_add_test(tcase, what_is_answered_alone_is_not_told);
	tcase_add_test(tcase, events_that_do_not_fit);
	tcase_add_test(tcase, events_that_are_not_taken);
	tcase_add_test(tcase, records_of_a_user_and_all);
	tcase_add_test(tcase, images_of_a_user_and_all);
	tcase_add_test(tcase, images_in_a_user_namespace);
	tcase_add_test(tcase, processes_of_a_user_and_all);
	tcase_add_test(tcase, processes_in_a_user_namespace);
	tcase_add_test(tcase, origins_of_a_user_and_all);
	return support_run(tcase);
}
