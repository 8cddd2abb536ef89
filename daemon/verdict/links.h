/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket that keeps struct sp_interfaces up to date. */
#pragma once

#include "interfaces.h"
#include "netlink.h"

struct sp_links {
	struct sp_netlink netlink;
	struct sp_batch batch;
};

/* Opens and asks for all devices; read them with sp_links_read(). An errno. */
int sp_links_open(struct sp_links *links);
void sp_links_close(struct sp_links *links);
/* Never blocks. */
void sp_links_read(struct sp_links *links, struct sp_interfaces *interfaces);
