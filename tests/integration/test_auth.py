import re

import pytest
from fastapi.routing import iter_route_contexts

from server import auth
from server.session import COOKIE

OPEN = {"/login", "/logout", "/health", "/preferences"} | {
    "/screens/{screen}",  # the player's page, the same for every screen, tells nothing without a token
    "/screens/package.html",
    "/screens/worker.js",
    "/api/v1/player/pairings",
    "/media/{sha256}/{path:path}",  # of HTML packages only, to whoever knows the hash: their frame has no cookie
    "/q/{site}/{campaign}/{creative}/{screen}/{day}",  # where QR codes lead
    "/q/{site}/{campaign}/{creative}/{screen}/{day}.svg",
}
"""What answers without a sign-in; the static files too."""
PASSWORD = "a long enough password"


@pytest.fixture
def user(clock):
    def add(client, name="anna", role="merchandiser", password=PASSWORD):
        with client.service.engine.begin() as conn:
            auth.add_user(conn, name=name, password=password, role=role, now=clock())

    return add


@pytest.fixture
def link(clock):
    def make(client, lasts_s=60.0):
        with client.service.engine.begin() as conn:
            secret = auth.create_link(conn, role="admin", now=clock(), lasts_s=lasts_s)
        return f"/login?token={secret}"

    return make


def sign_in(client, password=PASSWORD, name="anna", headers=None, **more):
    return client.post("/login", data={"name": name, "password": password} | more, headers=headers)


def test_every_route_is_closed(serve):
    client = serve()
    tried = []
    for context in iter_route_contexts(client.app.routes):
        for method in (context.methods or set()) - {"HEAD"}:
            path = context.path
            if path in OPEN or path.startswith("/static"):
                continue
            for site, token in (("shop", "1"), ("elsewhere", "x")):
                url = re.sub(r"{\w+:int}", "1", path).replace("{site}", site).replace("{token}", token)
                url = url.replace("{", "").replace("}", "")
                response = client.request(method, url)
                page = response.status_code == 303 and response.headers["location"].startswith("/login?next=")
                assert response.status_code == 401 or page, f"{method} {path} answers {response.status_code}"
                tried.append(path)
    assert {"/api/v1/sites", "/api/v1/sites/{site}/live", "/api/v1/tokens", "/metrics", "/api/v1/openapi.json"} <= set(
        tried
    )


def test_open_routes_tell_nothing(serve):
    client = serve()
    assert client.get("/health").text == "ok"
    assert "shop" not in client.get("/login").text.lower().replace("shopper", "")


def test_the_link_opens_a_session_until_it_expires(serve, link, clock):
    client = serve()
    response = client.get(link(client) + "&next=/api/v1/sites")
    assert (response.status_code, response.headers["location"]) == (303, "/api/v1/sites")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert client.get("/api/v1/sites").status_code == 200
    assert client.get("/api/v1/tokens").status_code == 200
    clock.t += 14 * 86_400 + 1
    assert client.get("/api/v1/sites").status_code == 401


def test_an_expired_or_invented_link_opens_nothing(serve, link, clock):
    client = serve()
    late = link(client)
    clock.t += 61
    for url in (late, "/login?token=invented"):
        response = client.get(url)
        assert response.status_code == 403
        assert COOKIE not in response.cookies


def test_behind_https_the_cookie_is_secure(serve, link):
    client = serve(web={"public_url": "https://vitrina.example"})
    assert "Secure" in client.get(link(client)).headers["set-cookie"]


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "javascript:1"]
)
def test_signing_in_never_leads_away(serve, link, there):
    client = serve()
    response = client.get(link(client), params={"token": link(client).partition("=")[2], "next": there})
    assert response.headers["location"] == "/"


def test_a_page_leads_to_the_sign_in_and_back(serve):
    response = serve().get("/metrics?x=1", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["location"]) == (303, "/login?next=/metrics%3Fx%3D1")


def test_a_password_opens_a_session_and_signing_out_ends_it(serve, user):
    client = serve()
    user(client)
    assert sign_in(client, next="/metrics").headers["location"] == "/metrics"
    kept = client.cookies[COOKIE]
    assert client.get("/api/v1/sites").status_code == 200
    assert client.post("/logout").status_code == 303
    assert client.get("/api/v1/sites", headers={"Cookie": f"{COOKIE}={kept}"}).status_code == 401


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_or_password_opens_nothing(serve, user, name, password):
    client = serve()
    user(client)
    response = sign_in(client, password, name)
    assert response.status_code == 403
    assert COOKIE not in response.cookies


def test_guessing_is_slowed_down(serve, user, clock):
    client = serve()
    user(client)
    assert [sign_in(client, "wrong").status_code for _ in range(11)] == [403] * 10 + [429]
    held = sign_in(client)
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) <= 301
    assert sign_in(client, name="bert", password="wrong").status_code == 403
    clock.t += 301
    assert sign_in(client).status_code == 303


def test_a_new_password_ends_the_sessions(serve, user):
    client = serve()
    user(client)
    sign_in(client)
    user(client, password="another long password")
    assert client.get("/api/v1/sites").status_code == 401
    assert sign_in(client).status_code == 403


def test_a_role_that_does_not_suffice(serve, user):
    client = serve()
    user(client)
    sign_in(client)
    response = client.get("/api/v1/tokens")
    assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")
    assert "admin" in response.json()["detail"]


def test_tokens_work_are_listed_and_revoked(serve, bearer, clock):
    client = serve()
    admin = bearer(client, "admin")
    made = client.post("/api/v1/tokens", json={"name": "import", "role": "viewer"}, headers=admin)
    assert made.status_code == 201
    secret = {"Authorization": f"Bearer {made.json()['token']}"}
    assert made.json()["token"].startswith("vtr_")
    assert client.get("/api/v1/sites", headers=secret).status_code == 200
    assert client.get("/api/v1/tokens", headers=secret).status_code == 403
    (_, listed) = client.get("/api/v1/tokens", headers=admin).json()
    assert (listed["name"], listed["last_used"], listed["revoked"]) == ("import", "2025-11-22T12:30:00Z", None)
    assert made.json()["token"] not in client.get("/api/v1/tokens", headers=admin).text
    assert client.delete(f"/api/v1/tokens/{listed['id']}", headers=admin).status_code == 204
    assert client.get("/api/v1/sites", headers=secret).status_code == 401
    assert client.delete(f"/api/v1/tokens/{listed['id']}", headers=admin).status_code == 404


def test_a_token_for_the_loyalty_link_is_no_viewer(serve, bearer):
    client = serve()
    made = client.post("/api/v1/tokens", json={"name": "crm", "role": "loyalty"}, headers=bearer(client, "admin"))
    crm = {"Authorization": f"Bearer {made.json()['token']}"}
    assert client.get("/api/v1/sites/shop/loyalty/out", headers=crm).status_code == 200
    refused = client.get("/api/v1/sites", headers=crm)
    assert (refused.status_code, "loyalty" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer vtr_x", "Basic YTpi", "Bearer " + "x" * 5000, "vtr_x"])
def test_a_wrong_authorization_is_401(serve, value):
    response = serve().get("/api/v1/sites", headers={"Authorization": value})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_no_secret_is_stored(serve, bearer, link, user, tmp_path):
    client = serve()
    token = bearer(client)["Authorization"].split()[1]
    url = link(client)
    client.get(url)
    user(client)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("vitrina.db*"))
    for secret in (token, url.partition("=")[2], client.cookies[COOKIE], PASSWORD):
        assert secret.encode() not in stored
    assert auth.digest(token).encode() in stored


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://shop.example"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://shop.example"}, 303),
        ({}, 303),
    ],
)
def test_a_form_of_another_site_is_refused(serve, user, headers, status):
    client = serve()
    user(client)
    assert sign_in(client, headers=headers).status_code == status


def test_a_large_body_is_refused(serve, bearer):
    client = serve()
    response = client.post(
        "/api/v1/tokens", content=b'{"name": "' + b"x" * 100_000 + b'"}', headers=bearer(client, "admin")
    )
    assert response.status_code == 413
