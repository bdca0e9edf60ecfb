"""Single files of open_clip, which need seconds less than the package."""
import importlib.util


def module_of_open_clip(name):
    """open_clip/NAME.py alone; the whole package would import timm and torchvision as well."""
    folder = importlib.util.find_spec("open_clip").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location(f"open_clip_{name}", f"{folder}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
