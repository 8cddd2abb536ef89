/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what systemd-resolved's monitor says: names that rules can have, in bounds. */
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "told.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_dns_reply reply;
	char *copy = malloc(size + !size);

	must(copy);
	if (size)
		memcpy(copy, data, size);
	if (sp_told_read(copy, size, &reply)) {
		must(reply.chain_count && reply.chain_count <= SP_DNS_CHAIN);
		must(reply.count && reply.count <= SP_DNS_ADDRESSES);
		for (size_t i = 0; i < reply.chain_count; i++)
			must(!reply.chain[i][0] || !sp_host_fault(reply.chain[i]));
		for (size_t i = 0; i < reply.count; i++)
			must(reply.addresses[i].names >= 1 &&
			     reply.addresses[i].names <= reply.chain_count);
	}
	free(copy);
	return 0;
}
