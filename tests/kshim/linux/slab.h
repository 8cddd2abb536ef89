/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/string.h>
#include <linux/types.h>

#define GFP_ATOMIC 0x1u
#define GFP_KERNEL 0x2u
#define __GFP_NOWARN 0x4u

#define shim_gfp_alloc(size, gfp) shim_alloc(size, (gfp) & GFP_KERNEL)

static inline size_t array_size(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	void *memory = shim_gfp_alloc(size, gfp);

	return memory ? memset(memory, 0xa5, size) : NULL;
}

#define kzalloc(size, gfp) shim_gfp_alloc(size, gfp)
#define kvzalloc_node(size, gfp, node) ((void)(node), kzalloc(size, gfp))
#define kcalloc(n, size, gfp) kzalloc(array_size(n, size), gfp)
#define kvcalloc(n, size, gfp) kzalloc(array_size(n, size), gfp)
#define kvmalloc_array(n, size, gfp) kmalloc(array_size(n, size), gfp)
#define kfree(memory) shim_free(memory)
#define kvfree(memory) shim_free(memory)

struct kmem_cache {
	size_t size;
	size_t live;
};

static inline struct kmem_cache *kmem_cache_create(size_t size)
{
	struct kmem_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	if (cache)
		cache->size = size;
	return cache;
}
#define KMEM_CACHE(type, flags) kmem_cache_create(sizeof(struct type))

static inline void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache && cache->live)
		shim_bug("slab cache destroyed with objects in it");
	shim_free(cache);
}

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = shim_gfp_alloc(cache->size, gfp);

	if (object)
		cache->live++;
	return object;
}

static inline void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	cache->live--;
	shim_free(object);
}

#endif
