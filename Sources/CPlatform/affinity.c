#if defined(__linux__)
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#endif

#include "CPlatform.h"

int32_t tw_available_cores(int32_t *cores, int32_t capacity) {
    int32_t count = 0;
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
    for (int32_t core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &set)) continue;
        if (count < capacity) cores[count] = core;
        count++;
    }
#else
    (void)cores;
    (void)capacity;
#endif
    return count;
}

int32_t tw_pin_thread(int32_t core) {
#if defined(__linux__)
    if (core < 0 || core >= CPU_SETSIZE) return -1;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
#else
    (void)core;
    return -1;
#endif
}
