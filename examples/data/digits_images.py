"""Makes digits_images.u8: the 1797 handwritten digits of 8 x 8 pixels that scikit-learn ships (the test set of "Optical
Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0), 65 bytes each:
the label, then the pixels, row after row, from 0 to 16 as the set has them. The first 896 are there to train with.

pip install scikit-learn; python digits_images.py
"""
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

pixels, labels = load_digits(return_X_y=True)
assert pixels.shape == (1797, 64) and set(pixels.ravel()) == set(range(17))
# As many of each class in both parts, in an order that is drawn once.
train, test = train_test_split(range(len(labels)), train_size=896, random_state=7, stratify=labels)
images = (bytes([labels[i], *map(int, pixels[i])]) for i in [*train, *test])
Path(__file__).with_name("digits_images.u8").write_bytes(b"".join(images))
