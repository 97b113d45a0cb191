"""The products by name."""

from exports.products import preference, sft

PRODUCTS = {product.name: product for product in (sft.PRODUCT, preference.PRODUCT)}
