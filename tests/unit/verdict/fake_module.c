/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake module's tables, and what it does when it is called. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "fake_module.h"

struct sp_now fake_now = { 1700000000 * SECOND, 5000 * SECOND };

void fake_note(struct fake *fake, enum fake_op op, uint64_t value, uint8_t action)
{
	ck_assert_uint_lt(fake->steps_count, FAKE_MAX);
	fake->steps[fake->steps_count++] = (struct fake_step){ op, value, action };
}

static int take_error(struct fake *fake, int *error)
{
	int now = *error;

	if (!fake->errors_stay)
		*error = 0;
	return now;
}

struct fake_pending *fake_find_pending(struct fake *fake, uint64_t id)
{
	for (size_t i = 0; i < fake->pending_count; i++)
		if (fake->pending[i].id == id)
			return &fake->pending[i];
	return NULL;
}

void fake_remove_pending(struct fake *fake, struct fake_pending *pending)
{
	*pending = fake->pending[--fake->pending_count];
}

bool fake_same_flow(const struct sallyport_flow *a, const struct sallyport_flow *b)
{
	return a->cookie == b->cookie && a->remote_port == b->remote_port &&
	       a->local_port == b->local_port && a->ifindex == b->ifindex &&
	       a->protocol == b->protocol && !memcmp(a->remote, b->remote, 16);
}

static struct fake_flow *find_flow(struct fake *fake, const struct sallyport_flow *flow)
{
	for (size_t i = 0; i < fake->flows_count; i++)
		if (fake_same_flow(&fake->flows[i].flow, flow))
			return &fake->flows[i];
	return NULL;
}

static void insert_flow(struct fake *fake, const struct sallyport_flow *flow,
			uint8_t action, uint64_t rule)
{
	struct fake_flow *to = &fake->flows[fake->flows_count];

	if (find_flow(fake, flow))
		return;
	fake->flows_count++;
	memset(to, 0, sizeof(*to));
	to->flow = *flow;
	to->counts.action = action;
	to->counts.rule = rule;
	to->counts.created = fake_now.boot;
}

static const struct sallyport_verdict *find_verdict(const struct fake *fake,
						    const struct sallyport_flow *flow)
{
	for (size_t i = 0; i < fake->verdicts_count; i++)
		if (sp_cover_matches(&fake->verdicts[i], flow) &&
		    (!fake->verdicts[i].expires ||
		     fake->verdicts[i].expires > fake_now.boot))
			return &fake->verdicts[i];
	return NULL;
}

/* 0: nothing decides it. */
uint8_t fake_hook(struct fake *fake, const struct sallyport_flow *flow)
{
	const struct sallyport_verdict *verdict;
	struct fake_flow *open = find_flow(fake, flow);

	if (open)
		return open->counts.action;
	verdict = find_verdict(fake, flow);
	if (!verdict)
		return 0;
	if (verdict->action == SALLYPORT_ALLOW)
		insert_flow(fake, flow, verdict->action, verdict->rule);
	return verdict->action;
}

/* --- calls ---------------------------------------------------------------------- */

static bool same_key(const struct sallyport_verdict *a, const struct sallyport_verdict *b)
{
	struct sallyport_verdict x = *a, y = *b;

	x.id = x.rule = x.expires = 0;
	y.id = y.rule = y.expires = 0;
	x.action = y.action = 0;
	return !memcmp(&x, &y, sizeof(x));
}

static void check_form(const struct sallyport_verdict *v)
{
	uint8_t cut[16];
	int i;

	ck_assert(v->action >= SALLYPORT_ALLOW && v->action <= SALLYPORT_DROP);
	ck_assert(v->remote_length <= 128 && !v->reserved);
	ck_assert(!(v->match & ~SALLYPORT_MATCH_ALL));
	memcpy(cut, v->remote, 16);
	for (i = v->remote_length; i < 128; i++)
		ck_assert(!(cut[i / 8] & 0x80 >> i % 8));
	ck_assert(v->match & SALLYPORT_MATCH_PROCESS || !v->process);
	ck_assert(v->match & SALLYPORT_MATCH_CGROUP || !v->cgroup);
	ck_assert(v->match & SALLYPORT_MATCH_PROTOCOL || !v->protocol);
	ck_assert(v->match & SALLYPORT_MATCH_REMOTE_PORT || !v->remote_port);
	ck_assert(v->match & SALLYPORT_MATCH_LOCAL_PORT || !v->local_port);
	ck_assert(v->match & SALLYPORT_MATCH_INTERFACE || !v->ifindex);
	ck_assert_uint_ne(v->id, 0);
}

static int fake_push(void *arg, const struct sallyport_verdict *verdict,
		     uint64_t epoch, const uint64_t *ids, size_t count)
{
	struct fake *fake = arg;
	struct fake_pending *pending;
	int error = take_error(fake, &fake->push_error);
	size_t i;

	fake_note(fake, FAKE_PUSH, count, verdict->action);
	check_form(verdict);
	if (error)
		return error;
	if (epoch < fake->epoch)
		return ESTALE;
	for (i = 0; i < fake->verdicts_count; i++)
		if (same_key(&fake->verdicts[i], verdict))
			break;
	if (i == fake->verdicts_count && fake->verdicts_count == fake->verdicts_max)
		return ENOSPC;
	fake->verdicts_count += i == fake->verdicts_count;
	fake->verdicts[i] = *verdict;
	for (i = 0; i < count; i++) {
		pending = fake_find_pending(fake, ids[i]);
		if (pending && sp_cover_matches(verdict, &pending->flow))
			fake_remove_pending(fake, pending);
	}
	return 0;
}

static int fake_resolve(void *arg, uint8_t action, uint64_t rule, uint64_t epoch,
			const uint64_t *ids, size_t count)
{
	struct fake *fake = arg;
	struct fake_pending *pending;
	int error = take_error(fake, &fake->resolve_error);

	fake_note(fake, FAKE_RESOLVE, count ? ids[0] : 0, action);
	if (error)
		return error;
	if (epoch < fake->epoch)
		return ESTALE;
	if (fake->fail_resolve_of && count > fake->fail_resolve_of)
		return ENOSPC;
	for (size_t i = 0; i < count; i++) {
		pending = fake_find_pending(fake, ids[i]);
		if (!pending)
			continue;
		insert_flow(fake, &pending->flow, action, rule);
		fake_remove_pending(fake, pending);
	}
	return 0;
}

static int fake_forget(void *arg, const struct sallyport_verdict_ref *refs, size_t count)
{
	struct fake *fake = arg;
	int error = take_error(fake, &fake->forget_error);

	fake_note(fake, FAKE_FORGET, count, 0);
	if (error)
		return error;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < fake->verdicts_count; j++)
			if (fake->verdicts[j].id == refs[i].id &&
			    fake->verdicts[j].image == refs[i].image &&
			    fake->verdicts[j].uid == refs[i].uid &&
			    fake->verdicts[j].direction == refs[i].direction)
				fake->verdicts[j] = fake->verdicts[--fake->verdicts_count];
	return 0;
}

static int fake_set_epoch(void *arg, uint64_t epoch)
{
	struct fake *fake = arg;

	fake_note(fake, FAKE_EPOCH, epoch, 0);
	if (epoch <= fake->epoch)
		return EINVAL;
	fake->epoch = epoch;
	return 0;
}

static void end_or_stop(struct fake *fake, size_t flow, bool stop)
{
	struct sallyport_counts *counts = &fake->flows[flow].counts;

	if (stop && counts->action == SALLYPORT_ALLOW)
		counts->action = SALLYPORT_DROP;
	else
		fake->flows[flow] = fake->flows[--fake->flows_count];
}

static int fake_end_flows(void *arg, const struct sallyport_flow_ref *refs, size_t count,
			  bool stop)
{
	struct fake *fake = arg;

	fake_note(fake, FAKE_END_FLOWS, count, stop);
	for (size_t i = 0; i < count; i++) {
		fake->ended[fake->ended_count++] = refs[i];
		for (size_t j = 0; j < fake->flows_count; j++)
			if (fake->flows[j].flow.cookie == refs[i].cookie &&
			    fake->flows[j].flow.remote_port == refs[i].remote_port)
				end_or_stop(fake, j, stop);
	}
	return 0;
}

static const struct sp_image_record *find_image(const struct fake *fake, uint64_t id)
{
	for (size_t i = 0; i < fake->images_count; i++)
		if (fake->images[i].info.id == id)
			return &fake->images[i];
	return NULL;
}

static int fake_open(void *arg, uint64_t process, int *fd)
{
	struct fake *fake = arg;

	if (!fake->chain.count || fake->chain.links[0].id != process)
		return ENOENT;
	*fd = open("/dev/null", O_PATH | O_CLOEXEC);
	return 0;
}

static int fake_get_process(void *arg, uint64_t id, struct sp_chain *chain)
{
	struct fake *fake = arg;

	if (!fake->chain.count || fake->chain.links[0].id != id)
		return ENOENT;
	*chain = fake->chain;
	return 0;
}

static int fake_process_of(void *arg, uint32_t pid, struct sp_chain *chain)
{
	struct fake *fake = arg;

	if (!fake->chain.count || fake->chain.links[0].pid != pid)
		return ENOENT;
	*chain = fake->chain;
	return 0;
}

static int fake_get_cgroup(void *arg, uint64_t id, char *path)
{
	struct fake *fake = arg;

	if (!fake->cgroup_path)
		return ENOENT;
	strcpy(path, fake->cgroup_path);
	return 0;
}

static int fake_get_image(void *arg, uint64_t id, struct sp_image_record *to)
{
	const struct sp_image_record *image = find_image(arg, id);

	if (!image)
		return ENOENT;
	*to = *image;
	return 0;
}

static int fake_status(void *arg, struct sp_status *status)
{
	struct fake *fake = arg;

	if (fake->status_error)
		return fake->status_error;
	memset(status, 0, sizeof(*status));
	status->epoch = fake->epoch;
	return 0;
}

static int fake_verdicts(void *arg, void (*fn)(const struct sallyport_verdict *, void *),
			 void *fn_arg)
{
	struct fake *fake = arg;

	for (size_t i = 0; i < fake->verdicts_count; i++)
		fn(&fake->verdicts[i], fn_arg);
	return 0;
}

static int fake_flows(void *arg, void (*fn)(const struct sallyport_flow *,
					    const struct sallyport_counts *, void *),
		      void *fn_arg)
{
	struct fake *fake = arg;

	for (size_t i = 0; i < fake->flows_count; i++)
		fn(&fake->flows[i].flow, &fake->flows[i].counts, fn_arg);
	return 0;
}

static void make_tag(struct fake *fake, const struct fake_pending *pending,
		     struct sp_tag *tag)
{
	const struct sp_image_record *image = find_image(fake, pending->flow.image);

	memset(tag, 0, sizeof(*tag));
	tag->pending.id = pending->id;
	tag->pending.packets = pending->packets;
	tag->pending.flow = pending->flow;
	tag->image.id = pending->flow.image;
	if (image) {
		tag->image = image->info;
		tag->path = image->path;
		tag->path_length = image->path_length;
	}
	tag->comm = "program";
	tag->comm_length = 7;
}

static int fake_waiting(void *arg, void (*fn)(const struct sp_tag *, void *), void *fn_arg)
{
	struct fake *fake = arg;
	struct sp_tag tag;

	for (size_t i = 0; i < fake->pending_count; i++) {
		make_tag(fake, &fake->pending[i], &tag);
		fn(&tag, fn_arg);
	}
	return 0;
}

static void drain_tags(struct fake *fake)
{
	struct fake_pending *pending;
	struct sp_tag tag;
	size_t i, count = fake->tags_count;

	fake->tags_count = 0;
	for (i = 0; i < count; i++) {
		pending = fake_find_pending(fake, fake->tags[i]);
		if (!pending)
			continue;
		make_tag(fake, pending, &tag);
		tag.pending.packets = 1;
		sp_news_tag(&fake->thread.engine, &tag);
	}
}

static void tell_overrun(struct fake *fake)
{
	if (fake->overrun)
		sp_news_overrun(&fake->thread.engine);
	fake->overrun = false;
}

static bool fake_read_tags(void *arg)
{
	tell_overrun(arg);
	drain_tags(arg);
	return false;
}

bool fake_read_news(void *arg)
{
	struct fake *fake = arg;
	size_t i, count = fake->events_count;

	tell_overrun(fake);
	drain_tags(fake);
	fake->events_count = 0;
	for (i = 0; i < count; i++)
		sp_news_event(&fake->thread.engine, &fake->events[i]);
	if (fake->events_lost)
		sp_news_events_lost(&fake->thread.engine, fake->events_lost);
	fake->events_lost = 0;
	return false;
}

static int fake_set_mode(void *kernel, uint8_t mode)
{
	struct fake *fake = kernel;

	if (mode > SALLYPORT_MODE_OFF)
		return EINVAL;
	fake->mode = mode;
	return 0;
}

static int fake_observed(void *kernel, uint64_t *missed)
{
	(void)kernel;
	*missed = 0;
	return 0;
}

const struct sp_kernel_calls fake_calls = {
	.push = fake_push,
	.resolve = fake_resolve,
	.forget = fake_forget,
	.set_epoch = fake_set_epoch,
	.end_flows = fake_end_flows,
	.image = fake_get_image,
	.open = fake_open,
	.process = fake_get_process,
	.process_of = fake_process_of,
	.cgroup = fake_get_cgroup,
	.set_mode = fake_set_mode,
	.observed = fake_observed,
	.status = fake_status,
	.verdicts = fake_verdicts,
	.flows = fake_flows,
	.waiting = fake_waiting,
	.read_tags = fake_read_tags,
	.read_news = fake_read_news,
};
