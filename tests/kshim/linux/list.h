/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/types.h>

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	node->next = head;
	node->prev = head->prev;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_del_init(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	INIT_LIST_HEAD(node);
}

#define list_first_entry(head, type, member) container_of((head)->next, type, member)

#define HLIST_POISON ((struct hlist_node **)0x122)

#define HLIST_HEAD(name) struct hlist_head name
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

#define hlist_entry(node, type, member) container_of(node, type, member)
#define hlist_entry_safe(node, type, member) ({				\
	__typeof__(node) node_ = (node);				\
	node_ ? hlist_entry(node_, type, member) : NULL;		\
})

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void shim_hlist_unlink(struct hlist_node *node)
{
	if (node->pprev == HLIST_POISON)
		shim_bug("taken out of a list twice");
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->pprev = HLIST_POISON;
}

#define hlist_del(node) shim_hlist_unlink(node)

#define hlist_for_each_entry(pos, head, member)				\
	for (pos = hlist_entry_safe((head)->first,			\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))

#define hlist_for_each_entry_safe(pos, n, head, member)			\
	for (pos = hlist_entry_safe((head)->first,			\
				    __typeof__(*(pos)), member);	\
	     pos && ((n) = (pos)->member.next, true);			\
	     pos = hlist_entry_safe(n, __typeof__(*(pos)), member))

#endif
