/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buckets by a socket's cookie. Cookies are given in order, but who makes very many
 * sockets could keep those that fall together: so the factor is a secret. For a single
 * number this is as good as hsiphash(), and a twentieth of it.
 */
#ifndef _SALLYPORT_COOKIE_HASH_H
#define _SALLYPORT_COOKIE_HASH_H

#include <linux/siphash.h>

static inline u32 sp_cookie_hash(u64 cookie, const hsiphash_key_t *seed)
{
	return cookie * (seed->key[0] | 1) >> 32;
}

#endif
