#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdint.h>

/// How often the thread that calls has asked for memory since it began: whatever is linked with this counts its calls of
/// malloc and of what stands beside it. -1 where that cannot be done: without glibc, and with a sanitizer, which has an
/// allocator of its own.
int64_t allocations_of_this_thread(void);

#endif
