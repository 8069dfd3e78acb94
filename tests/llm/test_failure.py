"""Which failures can heal."""

from __future__ import annotations

import pytest

from notewright.llm.failure import EngineFailed, Kind, classify


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param("Rate limit reached for requests", "overload", id="rate-limit"),
        pytest.param("quota exceeded", "overload", id="quota-exceeded"),
        pytest.param("Too Many Requests", "overload", id="too-many-requests"),
        pytest.param("Service Unavailable", "overload", id="service-unavailable"),
        pytest.param("Internal Server Error", "overload", id="internal-server-error"),
        pytest.param("Loading model", "overload", id="loading"),
        pytest.param("server busy, please try again", "overload", id="busy"),
        pytest.param("Timeout while reading", "timeout", id="timeout"),
        pytest.param("the read operation timed out", "timeout", id="timed-out"),
        pytest.param("[Errno 104] Connection reset by peer", "connection", id="connection-reset"),
        pytest.param("[Errno 111] Connection refused", "connection", id="connection-refused"),
        pytest.param("[Errno -3] Temporary failure in name resolution", "connection", id="temporary-failure"),
        pytest.param("Server disconnected without sending a response.", "connection", id="disconnected"),
    ],
)
def test_what_passes_by_itself_heals(message: str, kind: Kind) -> None:
    assert classify(message) == kind
    assert EngineFailed(message, kind=kind).heals


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param("CUDA error: out of memory", "out_of_memory", id="cuda"),
        pytest.param("ggml_backend_alloc: failed to allocate buffer of size 8192", "out_of_memory", id="ggml"),
        pytest.param("model requires more system memory (9.3 GiB) than is available (4.0 GiB)", "out_of_memory", id="ollama"),
        pytest.param("[metal] Insufficient Memory", "out_of_memory", id="metal"),
        pytest.param("Invalid request: temperature must be a number", "refused", id="invalid-request"),
        pytest.param("the request exceeds the available context size", "refused", id="context-exceeded"),
        pytest.param('model "llama9" not found, try pulling it first', "refused", id="model-not-found"),
        pytest.param("failed to parse grammar", "refused", id="grammar"),
        pytest.param("unauthorized", "refused", id="unauthorized"),
        pytest.param("something nobody has seen before", "refused", id="unknown"),
        pytest.param("", "refused", id="silence"),
    ],
)
def test_what_does_not_pass_is_not_asked_again(message: str, kind: Kind) -> None:
    assert classify(message) == kind
    assert not EngineFailed(message, kind=kind).heals


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        pytest.param(429, "", "overload", id="429"),
        pytest.param(503, "model not found yet", "overload", id="503"),
        pytest.param(502, "", "connection", id="502"),
        pytest.param(504, "", "timeout", id="504"),
        pytest.param(408, "", "timeout", id="408"),
        pytest.param(500, "", "overload", id="500"),
        pytest.param(500, "unknown error", "overload", id="500-says-nothing"),
        pytest.param(500, "llama runner process has terminated: out of memory", "out_of_memory", id="500-memory"),
        pytest.param(503, "not enough memory", "out_of_memory", id="503-memory"),
        pytest.param(500, "schema has an unsupported keyword", "refused", id="500-about-the-question"),
        pytest.param(501, "", "refused", id="501"),
        pytest.param(400, "timeout must be positive", "refused", id="400-names-a-timeout"),
        pytest.param(401, "", "refused", id="401"),
        pytest.param(404, "", "refused", id="404"),
        pytest.param(302, "", "refused", id="redirect"),
    ],
)
def test_a_status_that_is_clear_decides(status: int, message: str, kind: Kind) -> None:
    assert classify(message, status) == kind
