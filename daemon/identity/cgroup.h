/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the path of a cgroup says about who is in it: systemd's unit, the
 * application of Flatpak or Snap, the container. Pure.
 *
 * A cgroup is made by who may write to the one above it. The outermost unit is
 * made by the system's manager; what is beneath user@UID.service is that user's
 * own to make, so his unit is written "user:NAME" and is never a system unit's
 * name, and his application is what he claims.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SP_CGROUP_NAME_MAX	255	/* bytes of a unit's or application's name */

struct sp_cgroup {
	char unit[SP_CGROUP_NAME_MAX + 1];	/* "sshd.service", "user:gpg.service"; "" */
	char app[SP_CGROUP_NAME_MAX + 1];	/* "flatpak:ID", "snap:NAME"; "" */
	char container[64];			/* "docker 0123456789ab"; "" */
	bool claimed;		/* unit, app and container are the user's own word */
	uint32_t user;		/* … whose */
};

/*
 * @path: "/system.slice/sshd.service". False: it makes no sense, or a name is
 * too long, and nothing is known of it.
 */
bool sp_cgroup_parse(const char *path, struct sp_cgroup *cgroup);
