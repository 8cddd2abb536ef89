/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd-resolved's monitor says (io.systemd.Resolve.Monitor, varlink): each look-up
 * that it has answered, whoever asked, by its stub, by nss-resolve or the bus.
 */
#pragma once

#include "dns.h"

/*
 * One message, of @length bytes without its NUL. False: it is none, or names no address.
 * @reply: as if the question had been answered by one message of DNS.
 */
bool sp_told_read(const char *text, size_t length, struct sp_dns_reply *reply);
