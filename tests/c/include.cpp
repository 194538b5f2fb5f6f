// The header in C++: every initialiser, and a call.
#include "microloss.h"
#include <cstdint>

microloss_status call(const float *scores, const std::uint8_t *labels, float *value);
microloss_status call(const float *scores, const std::uint8_t *labels, float *value)
{
    microloss_focal_options_f32 options = MICROLOSS_FOCAL_OPTIONS_INIT;
    options.gamma = 1.0f;
    microloss_dice_options_f64 dice = MICROLOSS_DICE_OPTIONS_INIT;
    microloss_binary_cross_entropy_options_f32 binary = MICROLOSS_BINARY_CROSS_ENTROPY_OPTIONS_INIT;
    microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
    batch.scores = {scores, 4};
    batch.targets = microloss_labels_u8(labels, 4);
    static_cast<void>(dice);
    static_cast<void>(binary);
    return microloss_focal_f32(&options, &batch, value, nullptr);
}
