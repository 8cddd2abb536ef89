/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends every command of the module's netlink family, well-formed and not.
 *
 *	genl id                    the family's number, and its multicast groups
 *	genl attack ID SEED COUNT  COUNT messages a command and kind; prints for each
 *	                           command which errors came back, and how many
 *	genl send FD ID            STATS by the descriptor FD, whoever opened it
 *	genl open PROGRAM ARG...   opens a socket as descriptor 3, executes PROGRAM
 *	genl claim PORT            binds the netlink port PORT, closes it
 *	genl daemon ID SEED COUNT  says hello, then sends COUNT messages that only the
 *	                           daemon may send, whatever they do to the policy
 */
#include <err.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sallyport.h"

#define BUFFER		65536
#define BEYOND		3	/* commands behind the last one */

enum kind { EMPTY, GOOD, CUT, RANDOM, KINDS };

static const char *const command_names[SALLYPORT_CMD_MAX + 1 + BEYOND] = {
	"UNSPEC", "HELLO", "CONFIG", "VERDICT_DELETE", "VERDICT_DUMP", "EPOCH",
	"PENDING", "FLOW_DUMP", "FLOW_END", "IMAGE_GET", "STATS", "EVENTS",
	"NETNS", "NETNS_SOCKET", "QUERY", "CGROUP_GET", "PROCESS_GET", "PROCESS_OPEN", "OBSERVED", "(19)",
	"(20)", "(21)",
};

_Static_assert(SALLYPORT_CMD_MAX == 18, "a command has no name here");

static uint64_t state;

static uint32_t next(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

static void put_random(void *to, size_t length)
{
	for (size_t i = 0; i < length; i++)
		((uint8_t *)to)[i] = next();
}

/* --- messages --------------------------------------------------------------------- */

static struct nlmsghdr *begin(char *buffer, uint16_t id, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header;

	message->nlmsg_type = id;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = next() | 1;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = SALLYPORT_GENL_VERSION;
	return message;
}

/* Everything that any command takes, and sense in it. */
static void put_good(struct nlmsghdr *message)
{
	struct sallyport_verdict verdict = {
		.id = next(), .rule = 1, .image = SALLYPORT_IMAGE_UNKNOWN, .uid = 1000,
		.direction = SALLYPORT_OUT, .action = SALLYPORT_ALLOW,
	};
	struct sallyport_verdict_ref ref = { .id = verdict.id, .image = verdict.image,
					     .uid = 1000 };
	struct sallyport_pending_limits limits = { 8, 64, 256, 60 };
	struct sallyport_flow_ref flow = { .cookie = next() };

	mnl_attr_put_u32(message, SALLYPORT_A_PROTOCOL, SALLYPORT_PROTOCOL);
	mnl_attr_put_u32(message, SALLYPORT_A_EVENT_PORT, getpid());
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_FIRST, 5200);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_COUNT, 1);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_WAIT, 5300);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_OBSERVE, 5400);
	mnl_attr_put_u32(message, SALLYPORT_A_OBSERVE_PORT, getpid());
	mnl_attr_put_u64(message, SALLYPORT_A_EPOCH, (uint64_t)1 << 40 | next());
	mnl_attr_put_u8(message, SALLYPORT_A_MODE, SALLYPORT_MODE_OFF);
	mnl_attr_put_u8(message, SALLYPORT_A_ABSENT_OUT, SALLYPORT_ALLOW);
	mnl_attr_put_u8(message, SALLYPORT_A_ACTION, SALLYPORT_ALLOW);
	mnl_attr_put(message, SALLYPORT_A_PENDING_LIMITS, sizeof(limits), &limits);
	mnl_attr_put(message, SALLYPORT_A_VERDICT, sizeof(verdict), &verdict);
	mnl_attr_put(message, SALLYPORT_A_VERDICT_REFS, sizeof(ref), &ref);
	mnl_attr_put(message, SALLYPORT_A_FLOW_REFS, sizeof(flow), &flow);
	mnl_attr_put_u64(message, SALLYPORT_A_IMAGE_ID, SALLYPORT_IMAGE_FIRST + next() % 64);
}

/* Attributes of any type and length; some lie about their length. */
static void put_attributes(struct nlmsghdr *message)
{
	static char bytes[2048];
	unsigned count = next() % 8;

	while (count--) {
		uint16_t length = next() % (next() % 4 ? 64 : sizeof(bytes));
		struct nlattr *attr = mnl_nlmsg_get_payload_tail(message);

		put_random(bytes, length);
		mnl_attr_put(message, next() % (SALLYPORT_A_MAX + 3), length, bytes);
		if (!(next() % 8))
			attr->nla_len = next();
		if (!(next() % 8))
			attr->nla_type |= NLA_F_NESTED;
	}
}

static void cut(struct nlmsghdr *message)
{
	uint32_t most = message->nlmsg_len - NLMSG_HDRLEN;

	message->nlmsg_len = NLMSG_HDRLEN + next() % most;
}

static void fill(struct nlmsghdr *message, enum kind kind)
{
	switch (kind) {
	case EMPTY:
		return;
	case GOOD:
		put_good(message);
		return;
	case CUT:
		put_good(message);
		cut(message);
		return;
	case RANDOM:
		put_attributes(message);
		return;
	case KINDS:
		break;
	}
	abort();
}

/* --- answers ---------------------------------------------------------------------- */

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_GENERIC);
	struct timeval patience = { .tv_sec = 10 };

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		err(2, "netlink");
	return socket;
}

/* Answers to it, until the one that ends it: its error, 0 for none. */
static int answer(struct mnl_socket *socket, uint32_t sequence)
{
	static char buffer[BUFFER];

	for (;;) {
		ssize_t length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		int left = length;

		if (length < 0)
			err(2, "no answer");
		for (struct nlmsghdr *m = (void *)buffer; mnl_nlmsg_ok(m, left);
		     m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_seq != sequence)
				continue;
			if (m->nlmsg_type == NLMSG_ERROR)
				return -((struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error;
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
		}
	}
}

static int ask(struct mnl_socket *socket, struct nlmsghdr *message)
{
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		err(2, "send");
	return answer(socket, message->nlmsg_seq);
}

/* --- the attacks ------------------------------------------------------------------- */

static int on_group(const struct nlattr *attr, void *data)
{
	++*(unsigned *)data;
	return MNL_CB_OK;
}

static int on_family(const struct nlattr *attr, void *data)
{
	unsigned groups = 0;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS) {
		mnl_attr_parse_nested(attr, on_group, &groups);
		printf("multicast groups %u\n", groups);
	}
	return MNL_CB_OK;
}

static int on_message(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct genlmsghdr), on_family, data);
}

static int show_id(void)
{
	char buffer[BUFFER];
	struct mnl_socket *socket = open_socket();
	struct nlmsghdr *message = begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	uint16_t id = 0;
	ssize_t length;

	((struct genlmsghdr *)mnl_nlmsg_get_payload(message))->version = 1;
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, SALLYPORT_GENL_NAME);
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0 ||
	    (length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) < 0)
		err(2, "nlctrl");
	if (mnl_cb_run(buffer, length, 0, 0, on_message, &id) < 0) {
		printf("id none (%s)\n", strerrorname_np(errno));
		return 1;
	}
	printf("id %u\n", id);
	return 0;
}

struct tally {
	int error;
	unsigned count;
};

static void count_error(struct tally *tallies, int error)
{
	while (tallies->count && tallies->error != error)
		tallies++;
	tallies->error = error;
	tallies->count++;
}

static void show_tallies(const char *command, const char *how, const struct tally *tallies)
{
	printf("%s %s", command, how);
	for (; tallies->count; tallies++)
		printf(" %s:%u", tallies->error ? strerrorname_np(tallies->error) : "DONE",
		       tallies->count);
	printf("\n");
}

static void attack_command(struct mnl_socket *socket, uint16_t id, uint8_t command,
			   uint16_t flags, unsigned count)
{
	static char buffer[BUFFER];
	struct tally tallies[64] = { 0 };

	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; i < count; i++) {
			struct nlmsghdr *message = begin(buffer, id, command, flags);

			fill(message, kind);
			count_error(tallies, ask(socket, message));
		}
	show_tallies(command_names[command], flags & NLM_F_DUMP ? "dump" : "do", tallies);
}

static int attack(uint16_t id, unsigned count)
{
	struct mnl_socket *socket = open_socket();

	for (unsigned c = 0; c <= SALLYPORT_CMD_MAX + BEYOND; c++) {
		attack_command(socket, id, c, NLM_F_ACK, count);
		attack_command(socket, id, c, NLM_F_ACK | NLM_F_DUMP, count);
	}
	return 0;
}

static int send_by(int fd, uint16_t id)
{
	char buffer[BUFFER];
	struct nlmsghdr *message = begin(buffer, id, SALLYPORT_CMD_STATS, NLM_F_ACK);
	struct mnl_socket *socket = mnl_socket_fdopen(fd);
	int error;

	if (!socket)
		err(2, "descriptor");
	error = ask(socket, message);
	printf("%s\n", error ? strerrorname_np(error) : "DONE");
	return error ? 1 : 0;
}

static int open_for(char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd < 0 || dup2(fd, 3) < 0)
		err(2, "netlink");
	execvp(argv[0], argv);
	err(2, "%s", argv[0]);
}

static int claim(uint32_t port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd < 0)
		err(2, "netlink");
	printf("%s\n", bind(fd, (struct sockaddr *)&address, sizeof(address)) ?
	       strerrorname_np(errno) : "DONE");
	return 0;
}

/* What the one sends to whom the kernel listens. */
static int be_daemon(uint16_t id, unsigned count)
{
	static char buffer[BUFFER];
	struct mnl_socket *events = open_socket(), *socket = open_socket();
	struct nlmsghdr *message = begin(buffer, id, SALLYPORT_CMD_HELLO, NLM_F_ACK);
	struct tally tallies[64] = { 0 };
	int error;

	mnl_attr_put_u32(message, SALLYPORT_A_PROTOCOL, SALLYPORT_PROTOCOL);
	mnl_attr_put_u32(message, SALLYPORT_A_EVENT_PORT, mnl_socket_get_portid(events));
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_FIRST, 5200);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_COUNT, 1);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_WAIT, 5300);
	error = ask(socket, message);
	if (error)
		errx(1, "hello: %s", strerror(error));
	for (unsigned i = 0; i < count; i++) {
		uint8_t command = next() % (SALLYPORT_CMD_MAX + 1);
		uint16_t flags = NLM_F_ACK | (next() % 4 ? 0 : NLM_F_DUMP);

		message = begin(buffer, id, command, flags);
		if (next() % 2)
			put_good(message);
		fill(message, next() % KINDS == CUT ? CUT : RANDOM);
		count_error(tallies, ask(socket, message));
	}
	show_tallies("any", "any", tallies);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc > 4)
		state = strtoull(argv[3], NULL, 0);
	if (argc == 2 && !strcmp(what, "id"))
		return show_id();
	if (argc == 5 && !strcmp(what, "attack"))
		return attack(atoi(argv[2]), atoi(argv[4]));
	if (argc == 5 && !strcmp(what, "daemon"))
		return be_daemon(atoi(argv[2]), atoi(argv[4]));
	if (argc == 4 && !strcmp(what, "send"))
		return send_by(atoi(argv[2]), atoi(argv[3]));
	if (argc > 2 && !strcmp(what, "open"))
		return open_for(argv + 2);
	if (argc == 3 && !strcmp(what, "claim"))
		return claim(strtoul(argv[2], NULL, 0));
	errx(2, "usage: see genl.c");
}
