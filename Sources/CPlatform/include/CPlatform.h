// System calls that Swift cannot reach by itself.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

/// Writes the numbers of the cores that this process may run on, ascending, at most `capacity`. Returns the number of
/// cores, 0 if the system does not say.
int32_t tw_available_cores(int32_t *cores, int32_t capacity);

/// Pins the calling thread to one core. Returns 0, or an error number; -1 where the system has no such call.
int32_t tw_pin_thread(int32_t core);

/// Tells the processor that the thread spins: the thread pauses for some tens of cycles in which it takes no resources
/// from other threads.
static inline void tw_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
