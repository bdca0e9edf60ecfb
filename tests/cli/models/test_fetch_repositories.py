"""`clipcls model fetch`: where it goes, what it tells whom, and which files of a repository it takes."""
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import processes
import pytest
from fetching import (COMMIT, CONFIG, MERGES, REPOSITORY, VIT_B_32, WEIGHTS, WEIGHTS_PATH, Fetching, fetching, path_of,
                      start_server)
from misbehaving_server import Break, MisbehavingServer, Redirect


def test_redirects_keep_the_checksum_and_lose_the_token(fetching: Fetching, start_server: Callable[..., MisbehavingServer]) -> None:
    storage = start_server()
    storage.add("/blob", WEIGHTS)
    fetching.serve_weights(Redirect(location="/elsewhere"))
    fetching.server.add("/elsewhere", WEIGHTS, [Redirect(location=storage.url + "/blob")])
    fetching.check_fetched(fetching.fetch(HF_TOKEN="hf_secret"))
    tokens = [request.authorization for request in fetching.server.log]
    assert set(tokens) == {"Bearer hf_secret"} and len(tokens) > 5
    assert [request.authorization for request in storage.log] == [None]
    # The storage's own tag is what If-Range has to hold.
    fetching.output = fetching.folder / "second"
    fetching.serve_weights(*[Redirect(location=storage.url + "/blob")] * 2)
    storage.add("/blob", WEIGHTS, [Break(50_000)])
    fetching.check_fetched(fetching.fetch())
    assert [request.range for request in storage.log] == [None, None, "bytes=50000-"]


def test_the_token_is_the_hubs_alone(fetching: Fetching) -> None:
    fetching.server.add(VIT_B_32[0], WEIGHTS)
    assert fetching.run("ViT-B/32", HF_TOKEN="hf_secret").returncode == 2
    assert [request.authorization for request in fetching.server.log] == [None]


def test_a_proxy(fetching: Fetching) -> None:
    proxy = {"http_proxy": fetching.server.url}
    fetching.check_fetched(fetching.fetch(mirror="http://mirror.invalid", **proxy))
    assert {request.is_proxied for request in fetching.server.log} == {True}
    fetching.output = fetching.folder / "second"
    result = fetching.fetch(mirror="http://mirror.invalid", **proxy, no_proxy="mirror.invalid")
    fetching.check_refused(result, "mirror.invalid")


def test_a_mirror_may_lie_below_a_path(fetching: Fetching) -> None:
    for path, resource in list(fetching.server.resources.items()):
        fetching.server.resources["/hub/all" + path] = resource
        del fetching.server.resources[path]
    fetching.check_fetched(fetching.fetch(mirror=fetching.server.url + "/hub/all/"))


def test_https_is_not_left(fetching: Fetching, start_server: Callable[..., MisbehavingServer]) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    certificate = fetching.folder / "certificate.pem"
    processes.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                   "-keyout", str(certificate), "-out", str(certificate) + ".crt"], check=True, capture_output=True)
    certificate.write_bytes(certificate.read_bytes() + Path(f"{certificate}.crt").read_bytes())
    secure = start_server(certificate)
    secure.resources = fetching.server.resources
    trust = {"CURL_CA_BUNDLE": f"{certificate}.crt"}
    fetching.check_refused(fetching.fetch(mirror=secure.url), "certificate")
    assert secure.log == []
    fetching.check_fetched(fetching.fetch(mirror=secure.url, **trust))
    fetching.output = fetching.folder / "second"
    fetching.serve_weights(Redirect(location=fetching.server.url + "/plain"))
    fetching.check_refused(fetching.fetch(mirror=secure.url, **trust), "https")
    assert fetching.server.log == []


def test_sharded_weights(fetching: Fetching) -> None:
    del fetching.server.resources[WEIGHTS_PATH]
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
                            "c": "model-00001-of-00002.safetensors"}}
    files = {"model.safetensors.index.json": json.dumps(index).encode(),
             "model-00001-of-00002.safetensors": WEIGHTS[:1000], "model-00002-of-00002.safetensors": WEIGHTS[1000:]}
    for name, content in files.items():
        fetching.server.add(path_of(name), content)
    assert fetching.fetch().returncode == 0
    assert {path.name: path.read_bytes() for path in fetching.output.iterdir()} == {
        **files, "config.json": CONFIG, "merges.txt": MERGES}
    fetching.output = fetching.folder / "second"
    for name in ("../../evil.safetensors", "/etc/passwd", "a/b.safetensors", "", "weights.bin"):
        fetching.server.add(path_of("model.safetensors.index.json"), json.dumps({"weight_map": {"a": name}}).encode())
        fetching.check_refused(fetching.fetch(), "weight_map", name)
    fetching.server.add(path_of("model.safetensors.index.json"), b"[]")
    fetching.check_refused(fetching.fetch(), "weight_map")


def test_open_clips_files_go_first(fetching: Fetching) -> None:
    fetching.server.add(path_of("open_clip_config.json"), CONFIG)
    fetching.check_fetched(fetching.fetch())  # its weights are not there: the lonely configuration is left out
    fetching.server.add(path_of("open_clip_model.safetensors"), WEIGHTS)
    fetching.output = fetching.folder / "second"
    assert fetching.fetch().returncode == 0
    assert {path.name for path in fetching.output.iterdir()} == {"open_clip_config.json", "open_clip_model.safetensors",
                                                               "merges.txt"}


def test_all_files_are_of_one_commit(fetching: Fetching) -> None:
    fetching.server.resources = {path.replace("/main/", f"/{COMMIT}/"): resource
                                 for path, resource in fetching.server.resources.items()}
    fetching.server.add(path_of("open_clip_config.json", "v1.0"), CONFIG, X_Repo_Commit=COMMIT)
    fetching.server.add(path_of("open_clip_model.safetensors", COMMIT), WEIGHTS)
    result = fetching.run(f"hf:{REPOSITORY}@v1.0", "--no-import", "--output", fetching.output)
    assert result.returncode == 0, result.stderr
    assert {request.path.split("/")[4] for request in fetching.server.log[1:]} == {COMMIT}
