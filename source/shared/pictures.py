"""Names and pictures of places, as a figure shows them."""


def word(name):
    """Return the readable part of a class name: b/beach is beach."""
    return name.strip("/").partition("/")[2].replace("/", " ").replace("_", " ")


def picture(image):
    """Return an image (3, H, W) as matplotlib wants it, (H, W, 3)."""
    return image.detach().cpu().permute(1, 2, 0).clamp(0, 1).numpy()
