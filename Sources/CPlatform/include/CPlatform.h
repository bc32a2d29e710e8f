// System calls that Swift cannot reach by itself.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

/// Writes the numbers of the cores that this process may run on, ascending, at most `capacity`; returns how many there
/// are, 0 if the system does not say.
int32_t tw_available_cores(int32_t *cores, int32_t capacity);

/// Keeps the calling thread on one core. Returns 0, or an error number; -1 where the system has no such call.
int32_t tw_pin_thread(int32_t core);

#endif
