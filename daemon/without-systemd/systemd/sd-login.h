/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of libsystemd's header where it is left out (-Dsystemd=disabled): what that
 * says where there is no logind. No answer until log-out is offered then.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct sd_login_monitor sd_login_monitor;

static inline int sd_session_get_state(const char *session, char **state)
{
	return -ENODATA;
}

static inline int sd_uid_get_display(uid_t uid, char **session)
{
	return -ENODATA;
}

static inline int sd_login_monitor_new(const char *category, sd_login_monitor **monitor)
{
	return -ENOSYS;
}

static inline int sd_login_monitor_get_fd(sd_login_monitor *monitor)
{
	return -EINVAL;
}

static inline int sd_login_monitor_flush(sd_login_monitor *monitor)
{
	return 0;
}

static inline sd_login_monitor *sd_login_monitor_unref(sd_login_monitor *monitor)
{
	return NULL;
}
