/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is walked through, each printing its lines; false: something was wrong. */
#pragma once

#include <stdbool.h>

/* @first: an allocation to begin with; 0: shortly before the module's init. */
bool failing_module(const char *path, const char *parameters, unsigned int first);
/* We are the daemon. */
bool failing_requests(void);
/*
 * A socket is made and sends its first packet, or connects; in the end it must be
 * @refused or not. Prints a last line "sent N": so often the kernel said that it
 * went out.
 */
bool failing_packets(const char *protocol, const char *address, const char *port,
		     bool refused);
