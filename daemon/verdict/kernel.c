/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the module. Each is carried out within sendmsg(), so its reply or
 * error lies in the socket's buffer right after; nothing there is success.
 * (Replies of earlier requests cannot be left: the buffer is read until empty or
 * until this request's answer was found, and sequence numbers are compared.)
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kernel.h"
#include "queue.h"
#include "room.h"

#define NEWS_BATCH	8
#define NEWS_SIZE	(16 * 1024)	/* 64 events */
#define DUMP_BUFFER	(1024 * 1024)

typedef bool (*reply_fn)(const struct nlmsghdr *message, void *arg);

static struct nlmsghdr *begin(struct sp_kernel *kernel, uint16_t type,
			      uint8_t command, uint16_t flags)
{
	struct nlmsghdr *message = (struct nlmsghdr *)kernel->out;
	struct genlmsghdr *header;

	message = mnl_nlmsg_put_header(kernel->out);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++kernel->sequence;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = SALLYPORT_GENL_VERSION;
	return message;
}

static struct nlmsghdr *request(struct sp_kernel *kernel, uint8_t command)
{
	return begin(kernel, kernel->family, command, 0);
}

/* The answer to @sequence, or NULL. */
static const struct nlmsghdr *find_answer(const void *data, size_t left,
					  uint32_t sequence)
{
	const struct nlmsghdr *message = sp_message_first(data, &left);

	while (message && message->nlmsg_seq != sequence)
		message = sp_message_next(message, &left);
	return message;
}

/* @read may be NULL: then no answer is right, and one that is expected is not. */
static int exchange(struct sp_kernel *kernel, const struct nlmsghdr *message,
		    reply_fn read, void *arg)
{
	const struct nlmsghdr *answer = NULL;
	ssize_t size;
	int error;

	error = sp_netlink_send(&kernel->request, message, message->nlmsg_len);
	while (!error && !answer) {
		size = sp_netlink_receive(&kernel->request, kernel->in, SP_REQUEST_MAX);
		if (size == 0)
			return read ? EBADMSG : 0;
		if (size < 0)
			return (int)-size;
		answer = find_answer(kernel->in, (size_t)size, message->nlmsg_seq);
	}
	if (error)
		return error;
	if (answer->nlmsg_type == NLMSG_ERROR)
		return sp_message_error(answer);
	return !read || read(answer, arg) ? 0 : EBADMSG;
}

/* --- opening ---------------------------------------------------------------- */

static bool read_family(const struct nlmsghdr *message, void *arg)
{
	struct sp_kernel *kernel = arg;
	const struct nlattr *attribute;

	if (message->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return false;
	mnl_attr_for_each(attribute, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attribute, MNL_TYPE_U16) >= 0)
			kernel->family = mnl_attr_get_u16(attribute);
	return kernel->family;
}

static int find_family(struct sp_kernel *kernel)
{
	struct nlmsghdr *message = begin(kernel, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);

	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, SALLYPORT_GENL_NAME);
	return exchange(kernel, message, read_family, kernel);
}

/* Tells when the family goes; nothing is lost without it but the early word. */
static void watch_families(const struct sp_kernel *kernel)
{
	int group = GENL_ID_CTRL;

	setsockopt(kernel->news.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		   sizeof(group));
}

static int open_sockets(struct sp_kernel *kernel, uint32_t receive_buffer)
{
	int error = sp_netlink_open(&kernel->request, NETLINK_GENERIC, 0);

	if (!error)
		error = sp_netlink_open(&kernel->listing, NETLINK_GENERIC, 0);
	if (!error)
		error = sp_netlink_open(&kernel->news, NETLINK_GENERIC, 0);
	if (error)
		return error;
	sp_netlink_set_buffer(&kernel->listing, DUMP_BUFFER);
	if (receive_buffer)
		sp_netlink_set_buffer(&kernel->news, receive_buffer);
	return 0;
}

int sp_kernel_open(struct sp_kernel *kernel, const struct sp_kernel_listener *listener,
		   uint32_t receive_buffer)
{
	int error = ENOMEM;

	memset(kernel, 0, sizeof(*kernel));
	kernel->request.fd = kernel->listing.fd = kernel->news.fd = kernel->upcalls = -1;
	kernel->listener = *listener;
	kernel->out = calloc(1, SP_REQUEST_MAX);
	kernel->in = calloc(1, SP_REQUEST_MAX);
	kernel->list_in = calloc(1, SP_REQUEST_MAX);
	kernel->tags = calloc(1, SP_REQUEST_MAX);
	if (kernel->out && kernel->in && kernel->list_in && kernel->tags &&
	    sp_batch_init(&kernel->batch, NEWS_BATCH, NEWS_SIZE))
		error = open_sockets(kernel, receive_buffer);
	if (!error)
		error = find_family(kernel);
	if (error) {
		sp_kernel_close(kernel);
		return error;
	}
	watch_families(kernel);
	return 0;
}

void sp_kernel_close(struct sp_kernel *kernel)
{
	sp_netlink_close(&kernel->request);
	sp_netlink_close(&kernel->listing);
	sp_netlink_close(&kernel->news);
	if (kernel->upcalls >= 0)
		close(kernel->upcalls);
	kernel->upcalls = -1;
	sp_batch_clear(&kernel->batch);
	free(kernel->out);
	free(kernel->in);
	free(kernel->list_in);
	free(kernel->tags);
	kernel->out = kernel->in = kernel->list_in = kernel->tags = NULL;
}

static bool read_hello(const struct nlmsghdr *message, void *arg)
{
	return sp_message_hello(message, arg);
}

int sp_kernel_hello(struct sp_kernel *kernel, const struct sp_verdict_config *config,
		    uint32_t observer, struct sp_hello *hello)
{
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_HELLO);
	int error;

	mnl_attr_put_u32(message, SALLYPORT_A_PROTOCOL, SALLYPORT_PROTOCOL);
	mnl_attr_put_u32(message, SALLYPORT_A_EVENT_PORT, kernel->news.port);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_FIRST, config->queue_first);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_COUNT, config->queue_count);
	mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_WAIT, config->queue_wait);
	if (observer) {
		mnl_attr_put_u32(message, SALLYPORT_A_OBSERVE_PORT, observer);
		mnl_attr_put_u16(message, SALLYPORT_A_QUEUE_OBSERVE, config->queue_observe);
	}
	error = exchange(kernel, message, read_hello, hello);
	if (error)
		return error;
	kernel->upcalls = open(SALLYPORT_PROC, O_RDWR | O_CLOEXEC);
	return kernel->upcalls < 0 ? errno : 0;
}

int sp_kernel_configure(struct sp_kernel *kernel,
			const struct sp_verdict_config *config)
{
	struct sallyport_pending_limits limits = sp_room_in_flight(&config->limits);
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_CONFIG);

	mnl_attr_put_u8(message, SALLYPORT_A_ABSENT_OUT, config->absent_out);
	mnl_attr_put_u8(message, SALLYPORT_A_ABSENT_IN, config->absent_in);
	mnl_attr_put_u8(message, SALLYPORT_A_JUDGE_LOOPBACK, config->judge_loopback);
	mnl_attr_put_u8(message, SALLYPORT_A_STEALTH, config->stealth);
	if (config->set_mode)
		mnl_attr_put_u8(message, SALLYPORT_A_MODE, config->mode);
	mnl_attr_put(message, SALLYPORT_A_PENDING_LIMITS, sizeof(limits), &limits);
	return exchange(kernel, message, NULL, NULL);
}

/* --- queues in other namespaces --------------------------------------------- */

static bool read_fd(const struct nlmsghdr *message, void *arg)
{
	const struct nlattr *attribute;
	int *fd = arg;

	mnl_attr_for_each(attribute, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attribute) == SALLYPORT_A_FD &&
		    mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
			*fd = (int)mnl_attr_get_u32(attribute);
	return *fd >= 0;
}

int sp_kernel_netns_socket(struct sp_kernel *kernel, uint64_t netns, int *fd)
{
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_NETNS_SOCKET);

	*fd = -1;
	mnl_attr_put_u64(message, SALLYPORT_A_NETNS, netns);
	return exchange(kernel, message, read_fd, fd);
}

int sp_kernel_netns_set(struct sp_kernel *kernel, uint64_t netns, uint8_t state)
{
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_NETNS);

	mnl_attr_put_u64(message, SALLYPORT_A_NETNS, netns);
	mnl_attr_put_u8(message, SALLYPORT_A_NETNS_STATE, state);
	if (state == SALLYPORT_NETNS_READY)
		mnl_attr_put_u32(message, SALLYPORT_A_NETNS_SOCKETS, SP_QUEUES_SOCKETS);
	return exchange(kernel, message, NULL, NULL);
}

/* --- requests --------------------------------------------------------------- */

/* False: more than one message holds. */
static bool put_array(struct nlmsghdr *message, uint16_t type, const void *items,
		      size_t size, size_t count)
{
	return count * size <= UINT16_MAX - MNL_ATTR_HDRLEN &&
	       mnl_attr_put_check(message, SP_REQUEST_MAX, type, count * size, items);
}

/* Carried out when this returns. Without the module the file is a dead one (EIO). */
static int answer(struct sp_kernel *kernel, const struct sallyport_answer *answer,
		  const uint64_t *pending, size_t count)
{
	size_t size = sizeof(*answer) + count * sizeof(*pending);

	if (count > SALLYPORT_ANSWER_FLOWS || size > SP_REQUEST_MAX)
		return EMSGSIZE;
	memcpy(kernel->out, answer, sizeof(*answer));
	if (count)
		memcpy(kernel->out + sizeof(*answer), pending, count * sizeof(*pending));
	if (write(kernel->upcalls, kernel->out, size) == (ssize_t)size)
		return 0;
	return errno == EIO ? ENOENT : errno;
}

static int push(void *arg, const struct sallyport_verdict *verdict, uint64_t epoch,
		const uint64_t *pending, size_t count)
{
	const struct sallyport_answer by_verdict = { .epoch = epoch, .verdict = *verdict };

	return answer(arg, &by_verdict, pending, count);
}

static int resolve(void *arg, uint8_t action, uint64_t rule, uint64_t epoch,
		   const uint64_t *pending, size_t count)
{
	const struct sallyport_answer alone = { .epoch = epoch, .rule = rule, .action = action };

	return answer(arg, &alone, pending, count);
}

static int forget(void *arg, const struct sallyport_verdict_ref *refs, size_t count)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_VERDICT_DELETE);

	if (!put_array(message, SALLYPORT_A_VERDICT_REFS, refs, sizeof(*refs), count))
		return EMSGSIZE;
	return exchange(kernel, message, NULL, NULL);
}

static int set_epoch(void *arg, uint64_t epoch)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_EPOCH);

	mnl_attr_put_u64(message, SALLYPORT_A_EPOCH, epoch);
	return exchange(kernel, message, NULL, NULL);
}

static int end_flows(void *arg, const struct sallyport_flow_ref *refs, size_t count, bool stop)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_FLOW_END);

	if (!put_array(message, SALLYPORT_A_FLOW_REFS, refs, sizeof(*refs), count))
		return EMSGSIZE;
	if (stop)
		mnl_attr_put_u8(message, SALLYPORT_A_ACTION, SALLYPORT_DROP);
	return exchange(kernel, message, NULL, NULL);
}

static bool read_image(const struct nlmsghdr *message, void *arg)
{
	return sp_message_image(message, arg);
}

static int image(void *arg, uint64_t id, struct sp_image_record *record)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_IMAGE_GET);

	mnl_attr_put_u64(message, SALLYPORT_A_IMAGE_ID, id);
	return exchange(kernel, message, read_image, record);
}

static int open_executed(void *arg, uint64_t process, int *fd)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_PROCESS_OPEN);

	*fd = -1;
	mnl_attr_put_u64(message, SALLYPORT_A_PROCESS_ID, process);
	return exchange(kernel, message, read_fd, fd);
}

static bool read_chain(const struct nlmsghdr *message, void *arg)
{
	return sp_message_chain(message, arg);
}

static int process(void *arg, uint64_t id, struct sp_chain *chain)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_PROCESS_GET);

	mnl_attr_put_u64(message, SALLYPORT_A_PROCESS_ID, id);
	return exchange(kernel, message, read_chain, chain);
}

static int process_of(void *arg, uint32_t pid, struct sp_chain *chain)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_PROCESS_GET);

	mnl_attr_put_u32(message, SALLYPORT_A_PID, pid);
	return exchange(kernel, message, read_chain, chain);
}

static bool read_path(const struct nlmsghdr *message, void *arg)
{
	return sp_message_path(message, arg);
}

static int cgroup(void *arg, uint64_t id, char *path)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_CGROUP_GET);

	mnl_attr_put_u64(message, SALLYPORT_A_CGROUP_ID, id);
	return exchange(kernel, message, read_path, path);
}

static int set_mode(void *arg, uint8_t mode)
{
	struct sp_kernel *kernel = arg;
	struct nlmsghdr *message = request(kernel, SALLYPORT_CMD_CONFIG);

	mnl_attr_put_u8(message, SALLYPORT_A_MODE, mode);
	return exchange(kernel, message, NULL, NULL);
}

static bool read_observed(const struct nlmsghdr *message, void *arg)
{
	return sp_message_observed(message, arg);
}

static int observed(void *arg, uint64_t *missed)
{
	struct sp_kernel *kernel = arg;

	return exchange(kernel, request(kernel, SALLYPORT_CMD_OBSERVED), read_observed, missed);
}

static bool read_status(const struct nlmsghdr *message, void *arg)
{
	return sp_message_status(message, arg);
}

static int status(void *arg, struct sp_status *to)
{
	struct sp_kernel *kernel = arg;

	return exchange(kernel, request(kernel, SALLYPORT_CMD_STATS), read_status, to);
}

/* --- listings ---------------------------------------------------------------- */

/* Each message goes to @each; a bad one is an error. */
struct listing {
	bool (*each)(const struct nlmsghdr *message, const struct listing *listing);
	void (*fn)(void);	/* of the type that @each knows */
	void *arg;
	bool interrupted, bad;
};

/* True: that was the end, with *@error. */
static bool take_listed(const struct nlmsghdr *message, struct listing *listing,
			int *error)
{
	*error = 0;
	listing->interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	switch (message->nlmsg_type) {
	case NLMSG_DONE:
	case NLMSG_ERROR:
		*error = sp_message_error(message);
		return true;
	case NLMSG_NOOP:
		return false;
	}
	if (!listing->each(message, listing))
		listing->bad = true;
	return false;
}

static int read_listing(struct sp_kernel *kernel, uint32_t sequence,
			struct listing *listing)
{
	const struct nlmsghdr *message;
	ssize_t size;
	size_t left;
	int error;

	for (;;) {
		size = sp_netlink_receive(&kernel->listing, kernel->list_in,
					  SP_REQUEST_MAX);
		if (size <= 0)	/* the next part is made while this one is read */
			return size ? (int)-size : EBADMSG;
		left = (size_t)size;
		message = sp_message_first(kernel->list_in, &left);
		for (; message; message = sp_message_next(message, &left))
			if (message->nlmsg_seq == sequence &&
			    take_listed(message, listing, &error))
				return error;
	}
}

/* What an earlier listing left behind when it failed. */
static void clear_listing(struct sp_kernel *kernel)
{
	ssize_t size;

	do
		size = sp_netlink_receive(&kernel->listing, kernel->list_in,
					  SP_REQUEST_MAX);
	while (size > 0 || size == -ENOBUFS || size == -EMSGSIZE);
}

static int list(struct sp_kernel *kernel, uint8_t command, struct listing *listing)
{
	struct nlmsghdr *message = begin(kernel, kernel->family, command, NLM_F_DUMP);
	int error = sp_netlink_send(&kernel->listing, message, message->nlmsg_len);

	if (!error)
		error = read_listing(kernel, message->nlmsg_seq, listing);
	if (error)
		clear_listing(kernel);
	if (!error && listing->interrupted)
		error = EINTR;
	if (!error && listing->bad)
		error = EBADMSG;
	return error;
}

typedef void (*verdict_fn)(const struct sallyport_verdict *verdict, void *arg);
typedef void (*flow_fn)(const struct sallyport_flow *flow,
			const struct sallyport_counts *counts, void *arg);
typedef void (*tag_fn)(const struct sp_tag *tag, void *arg);

static bool each_verdict(const struct nlmsghdr *message, const struct listing *listing)
{
	struct sallyport_verdict verdict;

	if (!sp_message_verdict(message, &verdict))
		return false;
	((verdict_fn)listing->fn)(&verdict, listing->arg);
	return true;
}

static int verdicts(void *kernel, verdict_fn fn, void *arg)
{
	struct listing listing = { each_verdict, (void (*)(void))fn, arg, false, false };

	return list(kernel, SALLYPORT_CMD_VERDICT_DUMP, &listing);
}

static bool each_flow(const struct nlmsghdr *message, const struct listing *listing)
{
	struct sallyport_flow flow;
	struct sallyport_counts counts;

	if (!sp_message_flow(message, &flow, &counts))
		return false;
	((flow_fn)listing->fn)(&flow, &counts, listing->arg);
	return true;
}

static int flows(void *kernel, flow_fn fn, void *arg)
{
	struct listing listing = { each_flow, (void (*)(void))fn, arg, false, false };

	return list(kernel, SALLYPORT_CMD_FLOW_DUMP, &listing);
}

static bool each_tag(const struct nlmsghdr *message, const struct listing *listing)
{
	struct sp_tag tag;

	if (!sp_message_pending(message, &tag))
		return false;
	((tag_fn)listing->fn)(&tag, listing->arg);
	return true;
}

static int waiting(void *kernel, tag_fn fn, void *arg)
{
	struct listing listing = { each_tag, (void (*)(void))fn, arg, false, false };

	return list(kernel, SALLYPORT_CMD_PENDING, &listing);
}

/* --- what the kernel sends on its own ---------------------------------------- */

static void take_events(struct sp_kernel *kernel, const struct nlmsghdr *message)
{
	struct sallyport_event event;
	struct sp_events events;
	size_t i;

	if (!sp_message_events(message, &events)) {
		kernel->listener.overrun(kernel->listener.arg);
		return;
	}
	for (i = 0; i < events.count; i++) {
		sp_message_event(&events, i, &event);
		kernel->listener.event(kernel->listener.arg, &event);
	}
	if (events.lost)
		kernel->listener.events_lost(kernel->listener.arg, events.lost);
}

/* The kernel stops where the longest would not fit: there may be more then. */
static bool read_tags(void *arg)
{
	struct sp_kernel *kernel = arg;
	ssize_t size = read(kernel->upcalls, kernel->tags, SP_REQUEST_MAX);
	struct sp_tag tag;
	size_t at, taken;

	if (size < 0)
		return false;	/* the module is gone, which is told apart from this */
	for (at = 0; at < (size_t)size; at += taken) {
		taken = sp_message_tag(kernel->tags + at, (size_t)size - at, &tag);
		if (!taken) {
			kernel->listener.overrun(kernel->listener.arg);
			return false;
		}
		kernel->listener.tag(kernel->listener.arg, &tag);
	}
	return SP_REQUEST_MAX - (size_t)size < SALLYPORT_TAG_MAX;
}

static void read_all_tags(struct sp_kernel *kernel)
{
	while (read_tags(kernel))
		;
}

static void take_netns(struct sp_kernel *kernel, const struct nlmsghdr *message)
{
	uint64_t netns;
	uint8_t state;

	if (sp_message_netns(message, &netns, &state))
		kernel->listener.netns(kernel->listener.arg, netns, state);
}

/* Some family went: ours? */
static void take_control(struct sp_kernel *kernel, const struct nlmsghdr *message)
{
	const struct nlattr *attribute;

	if (sp_message_command(message) != CTRL_CMD_DELFAMILY)
		return;
	mnl_attr_for_each(attribute, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attribute, MNL_TYPE_U16) >= 0 &&
		    mnl_attr_get_u16(attribute) == kernel->family)
			kernel->listener.unloaded(kernel->listener.arg);
}

static void take_news(struct sp_kernel *kernel, const struct nlmsghdr *message)
{
	if (message->nlmsg_type == GENL_ID_CTRL)
		take_control(kernel, message);
	if (message->nlmsg_type != kernel->family)
		return;
	switch (sp_message_command(message)) {
	case SALLYPORT_CMD_PENDING:
		read_all_tags(kernel);
		break;
	case SALLYPORT_CMD_EVENTS:
		take_events(kernel, message);
		break;
	case SALLYPORT_CMD_NETNS:
		take_netns(kernel, message);
		break;
	}
}

static void take_batch(struct sp_kernel *kernel, unsigned int count)
{
	const struct nlmsghdr *message;
	unsigned int i;
	size_t left;

	for (i = 0; i < count; i++) {
		if (sp_batch_is_cut(&kernel->batch, i))
			kernel->listener.overrun(kernel->listener.arg);
		message = sp_batch_first(&kernel->batch, i, &left);
		for (; message; message = sp_message_next(message, &left))
			take_news(kernel, message);
	}
}

/* ENOBUFS says that something was dropped, not that nothing is there. */
static bool read_news(void *arg)
{
	struct sp_kernel *kernel = arg;
	bool more;
	int count = sp_batch_receive(&kernel->batch, &kernel->news, &more);

	if (count >= 0)
		take_batch(kernel, (unsigned int)count);
	else
		kernel->listener.overrun(kernel->listener.arg);
	return more && (count >= 0 || count == -ENOBUFS);
}

const struct sp_kernel_calls sp_kernel_calls = {
	.push = push,
	.resolve = resolve,
	.forget = forget,
	.set_epoch = set_epoch,
	.end_flows = end_flows,
	.image = image,
	.open = open_executed,
	.process = process,
	.process_of = process_of,
	.cgroup = cgroup,
	.set_mode = set_mode,
	.observed = observed,
	.status = status,
	.verdicts = verdicts,
	.flows = flows,
	.waiting = waiting,
	.read_tags = read_tags,
	.read_news = read_news,
};
