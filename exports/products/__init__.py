"""The products by name."""

from exports.products import kto, preference, prompt_only, sft

PRODUCTS = {product.name: product for product in (sft.PRODUCT, preference.PRODUCT, kto.PRODUCT, prompt_only.PRODUCT)}
