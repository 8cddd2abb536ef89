/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LLIST_H
#define SHIM_LINUX_LLIST_H

#include <linux/types.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD(name) struct llist_head name

static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	node->next = head->first;
	head->first = node;
	return !node->next;
}

static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	struct llist_node *first = head->first;

	head->first = NULL;
	return first;
}

static inline struct llist_node *llist_reverse_order(struct llist_node *list)
{
	struct llist_node *reversed = NULL, *next;

	for (; list; list = next) {
		next = list->next;
		list->next = reversed;
		reversed = list;
	}
	return reversed;
}

#define shim_llist_entry(node, type, member) ({				\
	struct llist_node *node_ = (node);				\
	node_ ? container_of(node_, type, member) : NULL;		\
})

#define llist_for_each_entry_safe(pos, n, list, member)			\
	for (pos = shim_llist_entry(list, __typeof__(*(pos)), member);	\
	     pos && ((n) = shim_llist_entry((pos)->member.next,		\
					    __typeof__(*(pos)), member), true); \
	     pos = (n))

#endif
