#ifndef TW_ARM_CEILINGS_H
#define TW_ARM_CEILINGS_H

#include "Ceilings.h"

const tw_ceilings *tw_arm_ceilings_of(const tw_kernels *kernels);

#endif
