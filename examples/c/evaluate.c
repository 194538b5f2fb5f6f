/* Evaluates the bundled predictions, on the host and on a board: the rows of `cargo run --example evaluate` that are
 * losses, with the same bits. */
#include "evaluate.h"
#include "microloss.h"

enum { DIGIT_COUNT = 899, DIGIT_CLASSES = 10, FACE_COUNT = 67, PIXELS = 48 * 64, TILE = 8 * 64 };

extern const float DIGITS[DIGIT_COUNT * DIGIT_CLASSES], FACES[FACE_COUNT], COINS[PIXELS], COINS3[PIXELS * 3];
extern const uint8_t DIGIT_LABELS[DIGIT_COUNT], FACE_LABELS[FACE_COUNT], COIN_LABELS[PIXELS], COIN3_LABELS[PIXELS];

static microloss_entry_f32 entries[2 * PIXELS];

/* A row: data set, loss, items, the bits of the value. */
static int row(const char *what, uint32_t items, float value, microloss_status status)
{
    union {
        float value;
        uint32_t bits;
    } number = {value};
    char text[] = "     0x........\n";
    for (uint32_t at = 4; items != 0U; items /= 10U) {
        --at;
        text[at] = (char)('0' + (char)(items % 10U));
    }
    for (uint32_t at = 0; at < 8U; ++at) {
        text[7U + at] = "0123456789abcdef"[(number.bits >> (28U - 4U * at)) & 15U];
    }
    write_text(what);
    if (status != MICROLOSS_OK) {
        write_text(": ");
        write_text(microloss_message(status));
        write_text("\n");
        return 1;
    }
    write_text(" ");
    write_text(text);
    return 0;
}

static microloss_batch_f32 batch_of(const float *scores, size_t columns, const uint8_t *labels, size_t count)
{
    microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
    batch.scores.data = scores;
    batch.scores.length = columns * count;
    batch.columns = columns;
    batch.targets = microloss_labels_u8(labels, count);
    return batch;
}

static int digits(void)
{
    int failed = 0;
    float value = 0.0f;
    microloss_status status;
    microloss_batch_f32 batch = batch_of(DIGITS, DIGIT_CLASSES, DIGIT_LABELS, DIGIT_COUNT);

    status = microloss_cross_entropy_f32(NULL, &batch, &value, NULL);
    failed |= row("digits cross_entropy", DIGIT_COUNT, value, status);

    batch.unit = MICROLOSS_BITS;
    status = microloss_cross_entropy_f32(NULL, &batch, &value, NULL);
    failed |= row("digits cross_entropy unit=bits", DIGIT_COUNT, value, status);

    batch.unit = MICROLOSS_NATS;
    microloss_cross_entropy_options_f32 smoothed = MICROLOSS_CROSS_ENTROPY_OPTIONS_INIT;
    smoothed.label_smoothing = 0.1f;
    status = microloss_cross_entropy_f32(&smoothed, &batch, &value, NULL);
    failed |= row("digits cross_entropy label_smoothing=0.1", DIGIT_COUNT, value, status);

    status = microloss_focal_multiclass_f32(NULL, &batch, &value, NULL);
    failed |= row("digits focal_multiclass gamma=2", DIGIT_COUNT, value, status);

    /* Totals merge: one row at a time needs memory for one target distribution only. */
    microloss_total_f32 total = MICROLOSS_TOTAL_INIT;
    for (size_t item = 0; item < DIGIT_COUNT && status == MICROLOSS_OK; ++item) {
        float target[DIGIT_CLASSES];
        for (size_t class_index = 0; class_index < DIGIT_CLASSES; ++class_index) {
            target[class_index] = 0.01f;
        }
        target[DIGIT_LABELS[item]] += 0.9f;
        microloss_batch_f32 one = batch_of(&DIGITS[item * DIGIT_CLASSES], DIGIT_CLASSES, NULL, 1);
        one.targets = microloss_numbers_f32(target, DIGIT_CLASSES);
        one.reduction = MICROLOSS_SUM;
        one.total = &total;
        status = microloss_kl_divergence_f32(NULL, &one, NULL, NULL);
    }
    if (status == MICROLOSS_OK) {
        status = microloss_total_mean_f32(&total, &value, NULL);
    }
    failed |= row("digits kl_divergence targets smoothed 0.1", DIGIT_COUNT, value, status);
    return failed;
}

static int faces(void)
{
    int failed = 0;
    float value = 0.0f;
    const microloss_batch_f32 batch = batch_of(FACES, 1, FACE_LABELS, FACE_COUNT);
    microloss_status status = microloss_binary_cross_entropy_f32(NULL, &batch, &value, NULL);
    failed |= row("faces binary_cross_entropy", FACE_COUNT, value, status);
    status = microloss_balanced_cross_entropy_f32(NULL, &batch, &value, NULL);
    failed |= row("faces balanced_cross_entropy", FACE_COUNT, value, status);
    status = microloss_focal_f32(NULL, &batch, &value, NULL);
    failed |= row("faces focal gamma=2 alpha=0.25", FACE_COUNT, value, status);
    return failed;
}

static int picture(const char *two, const char *three, uint32_t pixels)
{
    int failed = 0;
    float value = 0.0f;
    microloss_batch_f32 batch = batch_of(COINS, 1, COIN_LABELS, pixels);
    batch.pixels = pixels;
    batch.sort = MICROLOSS_MERGE;
    batch.scratch.data = entries;
    batch.scratch.length = sizeof entries / sizeof entries[0];
    microloss_status status = microloss_lovasz_hinge_f32(NULL, &batch, &value, NULL);
    failed |= row(two, pixels, value, status);
    batch.scores.data = COINS3;
    batch.scores.length = 3 * (size_t)pixels;
    batch.columns = 3;
    batch.targets = microloss_labels_u8(COIN3_LABELS, pixels);
    status = microloss_lovasz_softmax_f32(NULL, &batch, &value, NULL);
    failed |= row(three, pixels, value, status);
    return failed;
}

int evaluate(void)
{
    int failed = digits();
    failed |= faces();
    failed |= picture("coins lovasz_hinge", "coins3 lovasz_softmax", PIXELS);
    failed |= picture("coins tile 512 lovasz_hinge", "coins3 tile 512 lovasz_softmax", TILE);
    return failed;
}
