"""What was acknowledged is there after the server was killed, and still finds its copies."""

from pathlib import Path
from typing import Any

import pytest

Archive = dict[str, dict[str, Any]]


def test_an_acknowledged_item_survives_a_kill_and_still_finds_its_copies(
    start_server: Any, tmp_path: Path, archive: Archive
) -> None:
    server = start_server(tmp_path / "items.db")
    with server.client() as client:
        stored = client.post("/v1/items", json=archive["science-eelgrass"]).json()
        padded = client.post("/v1/items", json=archive["padded-drought"]).json()
    server.kill()

    server = start_server(tmp_path / "items.db")
    with server.client() as client:
        assert client.get("/v1/items/science-eelgrass").json() == stored
        assert client.get("/v1/items/padded-drought").json() == padded
        copy = client.post("/v1/items", json=archive["science-eelgrass-page"]).json()
        assert copy["status"] == "rejected"
        assert copy["verdict"]["matches"][0]["id"] == "science-eelgrass"
        feed = [item["id"] for item in client.get("/feed.json").json()["items"]]
        assert feed == ["science-eelgrass"]
    server.stop()
    assert "Application shutdown complete" in server.log.read_text()


def test_two_servers_do_not_share_a_file(server: Any, start_server: Any) -> None:
    with pytest.raises(RuntimeError, match="in use by another copytaster server"):
        start_server(server.database)
