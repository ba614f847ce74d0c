"""What is installed is whole: the wheel holds what the program reads, the deployment names what the program knows."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import redis
from ruamel.yaml import YAML

from tocsin.config import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
VARIABLE = re.compile(r"\bTOCSIN_[A-Z_]+\b")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def test_the_wheel_holds_all_that_the_package_holds(wheel: list[str]) -> None:
    """Every file of the package is in the wheel: modules, Lua scripts, the mark that it is typed."""
    package = ROOT / "daemon" / "tocsin"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {f"tocsin/{path.relative_to(package)}" for path in files} - set(wheel) == set()
    assert "tocsin/py.typed" in wheel
    assert any(name.endswith(".lua") for name in wheel)


def test_the_wheel_holds_the_shipped_rules_and_the_licence(wheel: list[str]) -> None:
    """An installed Tocsin knows the shipped events and rules without a checkout."""
    assert {"tocsin/shipped/events.yaml", "tocsin/shipped/rules.yaml"} <= set(wheel)
    assert [name for name in wheel if name.endswith("/LICENSE")]


def test_the_wheel_holds_nothing_else(wheel: list[str]) -> None:
    """No test, no deployment file and no other top-level package is installed."""
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {"tocsin"}


@pytest.mark.parametrize("path", [ROOT / "Dockerfile", DEPLOY / "compose.yaml", DEPLOY / "tocsin.env.example"])
def test_the_deployment_sets_only_what_exists(path: Path) -> None:
    """Every TOCSIN_ variable that a deployment file names is a setting."""
    named = {name.removesuffix("_FILE") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert named - {f"TOCSIN_{name.upper()}" for name in Settings.model_fields} == set()


def test_the_example_settings_can_be_used() -> None:
    """All that the example settings offer, uncommented, is understood."""
    lines = (DEPLOY / "tocsin.env.example").read_text(encoding="utf-8").splitlines()
    offered = dict(line.lstrip("#").split("=", 1) for line in lines if re.fullmatch(r"#?[A-Z_]+=.*", line))
    assert "TOCSIN_ALLOW_NETWORKS" in offered
    Settings.from_environ(offered)


def test_the_image_is_set_up_with_settings_that_can_be_used() -> None:
    """What the Dockerfile puts into the environment is understood."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    settings = Settings.from_environ(dict(re.findall(r"(TOCSIN_[A-Z_]+)=(\S+)", text)))
    assert (settings.data, settings.rules, str(settings.http_listen)) == (
        Path("/data"),
        Path("/etc/tocsin/rules"),
        "0.0.0.0:9464",
    )


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = YAML(typ="safe").load(DEPLOY / "compose.yaml")["services"]
    return services


def test_no_service_is_published_beyond_this_machine() -> None:
    """Compose publishes ports on loopback only, and Redis not at all."""
    ports = {name: service.get("ports", []) for name, service in compose().items()}
    assert ports == {"tocsin": ["127.0.0.1:9464:9464"], "redis": []}


@pytest.mark.parametrize("service", ["tocsin", "redis"])
def test_a_service_can_do_no_more_than_it_must(service: str) -> None:
    """Each service has a read-only root filesystem and no capability, and comes back after a crash."""
    found = compose()[service]
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["restart"] == "unless-stopped"


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on the PATH")
def test_redis_understands_how_compose_starts_it(tmp_path: Path) -> None:
    """The command in compose starts a server that writes every answer to disk first and never evicts."""
    command = compose()["redis"]["command"]
    assert isinstance(command, list)
    socket = tmp_path / "s"
    place = ["--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)]
    with subprocess.Popen([*command, *place], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert any("ready to accept connections" in line for line in server.stdout)
            with redis.Redis(unix_socket_path=str(socket), decode_responses=True) as client:
                found = client.config_get("appendonly", "appendfsync", "maxmemory-policy")
        finally:
            server.terminate()
    assert found == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def test_no_secret_stands_in_the_deployment() -> None:
    """Secrets reach the container as files; no environment variable in compose holds one."""
    for service in compose().values():
        environment = service.get("environment", {})
        assert isinstance(environment, dict)
        assert [
            name for name in environment if re.search("TOKEN|PASSWORD|SECRET", name) and not name.endswith("_FILE")
        ] == []
