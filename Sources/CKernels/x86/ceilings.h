#ifndef TW_X86_CEILINGS_H
#define TW_X86_CEILINGS_H

#include "Ceilings.h"

const tw_ceilings *tw_x86_ceilings_of(const tw_kernels *kernels);

#endif
