/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 (Aumasson and Bernstein), little-endian words. */
#include <endian.h>
#include <string.h>
#include <sys/random.h>
#include "hash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t key[2];

/* Before main(): the tables need no order of initialisation. */
__attribute__((constructor))
static void draw_key(void)
{
	if (getrandom(key, sizeof(key), GRND_NONBLOCK) != sizeof(key))
		key[0] = (uintptr_t)&key;	/* what is left is layout */
}

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static inline __attribute__((always_inline)) void round_once(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline __attribute__((always_inline)) void mix(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	round_once(s);
	s->v0 ^= word;
}

uint32_t sp_hash(const void *data, size_t size)
{
	struct state s = {
		.v0 = key[0] ^ 0x736f6d6570736575ull,
		.v1 = key[1] ^ 0x646f72616e646f6dull,
		.v2 = key[0] ^ 0x6c7967656e657261ull,
		.v3 = key[1] ^ 0x7465646279746573ull,
	};
	const uint8_t *at = data;
	uint64_t word, last = (uint64_t)size << 56;
	size_t left = size;

	for (; left >= 8; at += 8, left -= 8) {
		memcpy(&word, at, 8);
		mix(&s, le64toh(word));
	}
	word = 0;
	memcpy(&word, at, left);
	mix(&s, last | le64toh(word));
	s.v2 ^= 0xff;
	round_once(&s);
	round_once(&s);
	round_once(&s);
	word = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return (uint32_t)(word ^ word >> 32);
}
