/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is at hand at once; need.h has the rest. What is not filled in has failed. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "facts.h"

/* Each of these says for sure: not the file that the path names. */
#define IMAGE_PATHLESS	(SALLYPORT_IMAGE_FOREIGN | SALLYPORT_IMAGE_DELETED | \
			 SALLYPORT_IMAGE_USERNS | SALLYPORT_IMAGE_PRIVATE)

/* Numbers and names of devices are another namespace's own. */
uint32_t sp_flow_device(const struct sallyport_flow *flow)
{
	return flow->flags & SALLYPORT_FLOW_NETNS ? 0 : flow->ifindex;
}

void sp_flow_of(const struct sallyport_flow *from, struct sp_flow *to)
{
	memset(to, 0, sizeof(*to));
	to->image = from->image;
	to->process = from->process;
	to->cgroup = from->cgroup;
	to->user = from->uid;
	to->direction = (enum sp_direction)from->direction;
	to->protocol = from->protocol;
	memcpy(to->remote, from->remote, sizeof(to->remote));
	to->remote_port = ntohs(from->remote_port);
	to->local_port = ntohs(from->local_port);
	to->ifindex = sp_flow_device(from);
}

bool sp_image_pathless(const struct sallyport_image *image)
{
	return image->id == SALLYPORT_IMAGE_KERNEL || image->flags & IMAGE_PATHLESS;
}

static bool is_proven(const struct sallyport_image *image, const char *path)
{
	return image->id >= SALLYPORT_IMAGE_FIRST &&
	       !(image->flags & SALLYPORT_IMAGE_NOPATH) && path && *path == '/';
}

void sp_facts_fill(struct sp_facts *facts, const struct sallyport_image *image,
		   const char *path, const char *interface)
{
	sp_facts_init(facts);
	if (sp_image_pathless(image)) {
		facts->program.state = SP_FACT_KNOWN;
	} else if (is_proven(image, path)) {
		facts->program.state = SP_FACT_KNOWN;
		facts->program.text = path;
	}
	if (interface) {
		facts->interface.state = SP_FACT_KNOWN;
		facts->interface.text = interface;
	}
}
