"""When a request is made again, and for how long; what is said when it is not."""

from pathlib import Path

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, ObjectApiResponse
from elasticsearch import AuthenticationException

from transforms.elastic.address import Address
from transforms.elastic.connection import Connection, PassingError
from transforms.errors import ConfigurationError, StoreError

HERE = Address(hosts=("http://127.0.0.1:9",))
SECRET = "s3cret-Wort"


def failing(times: int, error: Exception) -> tuple[list[int], object]:
    """An attempt that fails so many times before it gives its number."""
    attempts: list[int] = []

    def attempt() -> int:
        attempts.append(len(attempts))
        if len(attempts) <= times:
            raise error
        return len(attempts)

    return attempts, attempt


def test_passing_failure_is_tried_again_until_it_passes() -> None:
    attempts, attempt = failing(2, PassingError("busy"))
    assert Connection(HERE, retry_within_s=30).repeat(attempt) == 3  # type: ignore[arg-type]
    assert len(attempts) == 3


def test_passing_failure_is_raised_when_the_time_is_over() -> None:
    attempts, attempt = failing(9, PassingError("busy"))
    with pytest.raises(PassingError, match="busy"):
        Connection(HERE, retry_within_s=0).repeat(attempt)  # type: ignore[arg-type]
    assert len(attempts) == 1


def test_server_that_asks_for_more_time_than_there_is_is_not_asked_again() -> None:
    attempts, attempt = failing(9, PassingError("busy", retry_after_s=60))
    with pytest.raises(PassingError, match="busy"):
        Connection(HERE, retry_within_s=30).repeat(attempt)  # type: ignore[arg-type]
    assert len(attempts) == 1


def test_other_failures_are_not_tried_again() -> None:
    attempts, attempt = failing(9, StoreError("refused"))
    with pytest.raises(StoreError, match="refused"):
        Connection(HERE, retry_within_s=30).repeat(attempt)  # type: ignore[arg-type]
    assert len(attempts) == 1


def unknown_user() -> AuthenticationException:
    meta = ApiResponseMeta(
        status=401, http_version="1.1", headers=HttpHeaders(), duration=0.1, node=NodeConfig("http", "h", 1)
    )
    body = {"error": {"type": "security_exception", "reason": "unable to authenticate user [elastic]"}, "status": 401}
    return AuthenticationException(message="security_exception", meta=meta, body=body)


@pytest.mark.parametrize(("served_before", "attempts_made"), [(False, 1), (True, 3)])
def test_credentials_that_worked_are_tried_again_because_a_starting_node_knows_nobody(
    served_before: bool, attempts_made: int
) -> None:
    connection = Connection(HERE, retry_within_s=30)
    answer = ObjectApiResponse(body={"fine": True}, meta=unknown_user().meta)
    if served_before:
        connection.ask(lambda _: answer)
    attempts, attempt = failing(2, unknown_user())

    def request(_client: object) -> ObjectApiResponse[object]:
        attempt()  # type: ignore[operator]
        return answer

    if served_before:
        assert connection.ask(request) == {"fine": True}
    else:
        with pytest.raises(StoreError, match="check ES_API_KEY"):
            connection.ask(request)
    assert len(attempts) == attempts_made


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (Address(hosts=HERE.hosts, fingerprint="AA", api_key=SECRET), "ES_CA_FINGERPRINT"),
        (Address(hosts=("https://127.0.0.1:9",), fingerprint="AA", api_key=SECRET), "ES_CA_FINGERPRINT"),
        (Address(hosts=(), cloud_id=f"name:{SECRET}"), "ES_CLOUD_ID"),
    ],
)
def test_settings_that_the_client_cannot_use_are_named_without_secrets(address: Address, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        Connection(address, retry_within_s=0)
    assert SECRET not in f"{caught.value}{caught.value.__cause__}"


def test_certificate_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")
    with pytest.raises(ConfigurationError, match=r"ES_CA_CERT: .*ca\.pem cannot be read"):
        Connection(Address(hosts=("https://127.0.0.1:9",), ca_certs=missing), retry_within_s=0)
