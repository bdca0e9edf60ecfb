"""Marks the wheel as one for this platform and for every Python 3: it holds a program and no extension module.

linux_ARCH, not manylinux_X_Y_ARCH: nothing has audited it against the libraries that those tags promise to do with.
"""
import sysconfig

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlatformHook(BuildHookInterface):
    def initialize(self, version, build_data):
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
