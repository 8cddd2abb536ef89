/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sp_decide() wants to know, from what the kernel told. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "decide.h"
#include "sallyport.h"

/* The device as rules and verdicts see it; 0 in other network namespaces. */
uint32_t sp_flow_device(const struct sallyport_flow *flow);
void sp_flow_of(const struct sallyport_flow *from, struct sp_flow *to);

/* For sure no path of its own: the kernel itself, or a file elsewhere. */
bool sp_image_pathless(const struct sallyport_image *image);

/*
 * @path: of the image, NUL-terminated; NULL or empty: the kernel told none.
 * @interface: name of the device; NULL: not known. Both must outlive @facts.
 *
 * The path is a proven one if the file was executed by that name in PID 1's
 * mounts and root. An image of which it is sure that it has no such path is
 * known to have none; where the kernel could not tell, the fact has failed.
 */
void sp_facts_fill(struct sp_facts *facts, const struct sallyport_image *image,
		   const char *path, const char *interface);
