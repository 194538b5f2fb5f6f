//! The bundled predictions: real models on real public data (`examples/data`). They stay in flash, as the
//! arrays that the losses read.

/// Handwritten digits: ten logits each.
pub static DIGITS: [[f32; 10]; 899] = rows(include_bytes!("../data/digits.f32"));
/// Which digit each is.
pub static DIGIT_LABELS: [u8; 899] = *include_bytes!("../data/digits.u8");

/// Patches of photographs: the logit of a face.
pub static FACES: [f32; 67] = numbers(include_bytes!("../data/faces.f32"));
/// Whether each is a face: one in four is.
pub static FACE_LABELS: [u8; 67] = *include_bytes!("../data/faces.u8");

/// Pixels in a row of the picture of coins.
pub const PICTURE_WIDTH: usize = 64;
/// The picture of coins, 48 rows: a coin's logit a pixel.
pub static COINS: [f32; 48 * PICTURE_WIDTH] = numbers(include_bytes!("../data/coins.f32"));
/// Which pixels are coin.
pub static COIN_LABELS: [u8; 48 * PICTURE_WIDTH] = *include_bytes!("../data/coins.u8");

/// The same picture: logits of background, rim and face.
pub static COINS3: [[f32; 3]; 48 * PICTURE_WIDTH] = rows(include_bytes!("../data/coins3.f32"));
/// Which of the three each pixel is.
pub static COIN3_LABELS: [u8; 48 * PICTURE_WIDTH] = *include_bytes!("../data/coins3.u8");

/// Little-endian numbers; a file of another length does not compile.
const fn numbers<const N: usize>(bytes: &[u8]) -> [f32; N] {
    assert!(bytes.len() == N * size_of::<f32>(), "the file has not as many numbers as the array");
    let mut numbers = [0.0; N];
    let mut index = 0;
    while index < N {
        numbers[index] = number(bytes, index);
        index += 1;
    }
    numbers
}

/// Rows of such numbers.
const fn rows<const C: usize, const N: usize>(bytes: &[u8]) -> [[f32; C]; N] {
    assert!(bytes.len() == C * N * size_of::<f32>(), "the file has not as many numbers as the array");
    let mut rows = [[0.0; C]; N];
    let mut index = 0;
    while index < C * N {
        rows[index / C][index % C] = number(bytes, index);
        index += 1;
    }
    rows
}

const fn number(bytes: &[u8], index: usize) -> f32 {
    let at = index * size_of::<f32>();
    f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
