/* The bundled predictions, as they lie in the files: `.incbin` from the folder where gcc is started. */
    .macro file name, path
    .global \name
    .balign 8
\name:
    .incbin "\path"
    .endm

    .section .rodata.data, "a", %progbits
    file DIGITS, "examples/data/digits.f32"
    file DIGIT_LABELS, "examples/data/digits.u8"
    file FACES, "examples/data/faces.f32"
    file FACE_LABELS, "examples/data/faces.u8"
    file COINS, "examples/data/coins.f32"
    file COIN_LABELS, "examples/data/coins.u8"
    file COINS3, "examples/data/coins3.f32"
    file COIN3_LABELS, "examples/data/coins3.u8"

    .section .note.GNU-stack, "", %progbits
