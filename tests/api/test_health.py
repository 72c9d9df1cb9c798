from flask.testing import FlaskClient


def test_health_answers_json(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_names_its_checks(client: FlaskClient) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json) == (200, {"status": "ok", "database": "ok", "queue": "ok"})
