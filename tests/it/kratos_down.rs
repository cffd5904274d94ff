//! What comes down: heads by allow-list, URLs mapped, bodies planned (semantics 7.4, 7.5).

use edgeward::base::limits;
use edgeward::kratos::Upstream;
use edgeward::kratos::down::{Answer, BodyPlan, finish, process};
use edgeward::kratos::flow::Ui;
use edgeward::kratos::map::UrlMap;
use edgeward::kratos::table::Mount;
use edgeward::message::ResponseHead;
use edgeward::message::url::BaseUrl;

use crate::kratos_support::{
    CAME, Came, PUBLIC, UPSTREAM_HOST, all, captures, down, found, headers, public, upstream, whole_table,
};

#[test]
fn statuses_pass_as_they_are() {
    for status in [
        200, 201, 302, 303, 307, 400, 401, 403, 404, 410, 422, 429, 500, 502, 503,
    ] {
        assert_eq!(down(&Came { status, ..CAME }).head.status, status);
    }
}

#[test]
fn bodies_stream_unless_they_are_json_that_may_name_the_upstream() {
    let json = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", "5"),
    ];
    let html = [("Content-Type", "text/html"), ("Content-Length", "5")];
    let rewrite = BodyPlan::Rewrite {
        max: limits::REWRITE_BODY_BYTES,
    };
    for (method, path, status, fields, want) in [
        ("GET", "/self-service/login/flows", 200, &json[..], rewrite),
        ("POST", "/self-service/login", 400, &json, rewrite),
        ("POST", "/self-service/login", 422, &json, rewrite),
        ("GET", "/sessions/whoami", 200, &json, rewrite),
        ("GET", "/self-service/errors", 200, &json, rewrite),
        ("GET", "/self-service/login", 303, &html, BodyPlan::Stream),
        ("GET", "/self-service/login", 200, &[], BodyPlan::Stream),
        (
            "GET",
            "/.well-known/ory/webauthn.js",
            200,
            &[("Content-Type", "text/javascript")],
            BodyPlan::Stream,
        ),
        // Documents of the app's own making, and parts of one.
        ("GET", "/api/.ory/schemas/person", 200, &json, BodyPlan::Stream),
        ("GET", "/ui/login", 200, &json, BodyPlan::Stream),
        ("GET", "/sessions/whoami", 206, &json, BodyPlan::Stream),
        // No body at all: a 204 must not become a 500.
        ("GET", "/self-service/logout", 204, &json, BodyPlan::Null),
        ("GET", "/self-service/login", 205, &json, BodyPlan::Null),
        ("GET", "/.well-known/ory/webauthn.js", 304, &json, BodyPlan::Null),
        ("HEAD", "/sessions/whoami", 200, &json, BodyPlan::Null),
    ] {
        let down = down(&Came {
            method,
            path,
            status,
            fields,
            ..CAME
        });
        assert_eq!(down.body, want, "{method} {path} {status}");
        let length = down.head.headers.contains("content-length");
        let null = want == BodyPlan::Null && method != "HEAD";
        assert_eq!(length, !null && fields.len() == 2, "{method} {path} {status}");
    }
}

#[test]
fn a_read_body_has_its_own_length() {
    let fields = [
        ("Content-Length", "900"),
        ("Content-Encoding", "gzip"),
        ("ETag", "\"x\""),
        ("Content-Type", "application/json"),
    ];
    for (rewritten, etag) in [(true, false), (false, true)] {
        let mut head = ResponseHead {
            status: 200,
            headers: headers(&fields),
        };
        finish(&mut head, 17, rewritten);
        assert_eq!(all(&head.headers, "content-length"), ["17"]);
        assert!(!head.headers.contains("content-encoding"));
        assert_eq!(head.headers.contains("etag"), etag);
    }
}

#[test]
fn fields_that_come_down_are_named() {
    for name in [
        "content-type",
        "content-encoding",
        "content-language",
        "content-disposition",
        "cache-control",
        "etag",
        "last-modified",
        "vary",
        "retry-after",
        "www-authenticate",
        "x-frame-options",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
        "x-request-id",
        "x-total-count",
        "ratelimit-limit",
        "x-ratelimit-remaining",
        "cross-origin-opener-policy",
        "ory-session-cache-for",
        "date",
        "pragma",
    ] {
        assert!(
            down(&Came {
                fields: &[(name, "v")],
                ..CAME
            })
            .head
            .headers
            .contains(name),
            "{name}"
        );
    }
    for name in [
        "x-kratos-authenticated-identity-id",
        "strict-transport-security",
        "clear-site-data",
        "alt-svc",
        "server",
        "x-powered-by",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "trailer",
        "te",
        "proxy-authenticate",
        "set-cookie2",
        "x-edgeward-sub",
        "x-middleware-rewrite",
        "x-middleware-set-cookie",
        "x-middleware-next",
        "cf-ray",
        "cf-cache-status",
        "nel",
        "report-to",
        "x-envoy-upstream-service-time",
        "via",
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "service-worker-allowed",
        "sourcemap",
        "content_type",
        "cdn-cache-control",
        "surrogate-control",
        "cache-tag",
        "x-session-token",
        "authorization",
        "x-accel-redirect",
        "x-sendfile",
    ] {
        assert!(
            !down(&Came {
                fields: &[(name, "v")],
                ..CAME
            })
            .head
            .headers
            .contains(name),
            "{name}"
        );
    }
    let listed = down(&Came {
        fields: &[("Connection", "ETag"), ("ETag", "x"), ("Vary", "Cookie")],
        ..CAME
    });
    assert!(!listed.head.headers.contains("etag") && listed.head.headers.contains("vary"));
}

#[test]
fn cors_fields_pass_for_a_configured_origin_only() {
    for (allowed, want) in [
        ("https://spa.example.com", true),
        (PUBLIC, true),
        ("*", false),
        ("null", false),
        ("https://evil.example", false),
        ("https://spa.example.com.evil.example", false),
        ("https://spa.example.com/", false),
        ("http://spa.example.com", false),
        ("", false),
    ] {
        let fields = [
            ("Access-Control-Allow-Origin", allowed),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "X-Request-Id"),
            ("Vary", "Cookie"),
        ];
        let headers = down(&Came {
            fields: &fields,
            ..CAME
        })
        .head
        .headers;
        for name in [
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-expose-headers",
        ] {
            assert_eq!(headers.contains(name), want, "{allowed} {name}");
        }
        assert_eq!(
            all(&headers, "vary"),
            [if want { "Cookie, Origin" } else { "Cookie" }],
            "{allowed}"
        );
    }
    for (vary, want) in [
        ("Origin", "Origin"),
        ("*", "*"),
        ("accept, origin", "accept, origin"),
    ] {
        let fields = [("Access-Control-Allow-Origin", PUBLIC), ("Vary", vary)];
        assert_eq!(
            all(
                &down(&Came {
                    fields: &fields,
                    ..CAME
                })
                .head
                .headers,
                "vary"
            ),
            [want]
        );
    }
}

#[test]
fn locations_are_the_visitors() {
    let u = format!("https://{UPSTREAM_HOST}/kratos");
    for (path, location, want) in [
        (
            "/self-service/login",
            format!("{u}/self-service/settings/browser"),
            format!("{PUBLIC}/self-service/settings/browser"),
        ),
        (
            "/api/.ory/self-service/login",
            format!("{u}/self-service/settings/browser"),
            format!("{PUBLIC}/api/.ory/self-service/settings/browser"),
        ),
        (
            "/self-service/login",
            format!("http://{UPSTREAM_HOST}/kratos/x"),
            format!("{PUBLIC}/x"),
        ),
        (
            "/self-service/login",
            format!("//{UPSTREAM_HOST}/kratos/x"),
            format!("{PUBLIC}/x"),
        ),
        (
            "/self-service/login",
            "/kratos/self-service/login?flow=1".to_owned(),
            format!("{PUBLIC}/self-service/login?flow=1"),
        ),
        (
            "/self-service/login",
            "/self-service/login?flow=1".to_owned(),
            format!("{PUBLIC}/self-service/login?flow=1"),
        ),
        (
            "/api/.ory/self-service/login",
            "/self-service/login?flow=1".to_owned(),
            format!("{PUBLIC}/api/.ory/self-service/login?flow=1"),
        ),
        (
            "/self-service/login",
            "../self-service/login/browser?x=%20".to_owned(),
            format!("{PUBLIC}/self-service/login/browser?x=%20"),
        ),
        (
            "/self-service/settings",
            format!(
                "{u}/self-service/login/browser?refresh=true&return_to=https%3A%2F%2F{UPSTREAM_HOST}%2Fkratos%2Fself-service%2Fsettings%3Fflow%3D1"
            ),
            format!(
                "{PUBLIC}/self-service/login/browser?refresh=true&return_to=https%3A%2F%2Fapp.example.com%2Fself-service%2Fsettings%3Fflow%3D1"
            ),
        ),
        (
            "/self-service/login",
            format!("{PUBLIC}/login?return_to=https://{UPSTREAM_HOST}/kratos/x"),
            format!("{PUBLIC}/login?return_to=https%3A%2F%2Fapp.example.com%2Fx"),
        ),
    ] {
        let down = down(&Came {
            path,
            status: 303,
            fields: &[("Location", &location)],
            ..CAME
        });
        assert_eq!(
            down.head.headers.get("location"),
            Some(want.as_str()),
            "{location}"
        );
        assert_eq!(down.foreign_base, location.contains(UPSTREAM_HOST), "{location}");
    }
    for location in [
        // A provider gets what Kratos wrote for it.
        &format!(
            "https://op.example/auth?redirect_uri=https%3A%2F%2F{UPSTREAM_HOST}%2Fkratos%2Fcb&return_to={u}/x"
        ),
        // Pages of the app.
        "/login?flow=1",
        "/self-servicex",
        "/sessionsx",
        "?flow=1",
        "https://app.example.com/login?flow=1&x=a%2fb",
        // Look-alikes.
        &format!("https://{UPSTREAM_HOST}.evil.example/kratos"),
        &format!("https://{UPSTREAM_HOST}:8443/kratos"),
        "../admin",
        "mailto:x@id.upstream.example",
        "",
    ] {
        let down = down(&Came {
            status: 303,
            fields: &[("Location", location)],
            ..CAME
        });
        assert_eq!(down.head.headers.get("location"), Some(location), "{location}");
        assert!(!down.foreign_base, "{location}");
    }
}

#[test]
fn links_and_policies_name_the_visitors_origin() {
    let fields = [
        (
            "Link",
            "</sessions?page=0&per_page=250>; rel=\"first\",<https://id.upstream.example/kratos/sessions?page=1>; rel=\"next\", <https://cdn.example/x>; rel=preload; title=\"</sessions>\"",
        ),
        (
            "Content-Security-Policy",
            "default-src 'none'; form-action 'self' https://id.upstream.example id.upstream.example; img-src https://cdn.example",
        ),
        ("Refresh", "0; url=https://id.upstream.example/kratos/x"),
    ];
    let down = down(&Came {
        path: "/api/.ory/sessions",
        fields: &fields,
        ..CAME
    });
    let link = down.head.headers.get("link").unwrap();
    assert!(link.starts_with("<https://app.example.com/api/.ory/sessions?page=0&per_page=250>; rel=\"first\",<https://app.example.com/api/.ory/sessions?page=1>; rel=\"next\", <https://cdn.example/x>; rel=preload;"), "{link}");
    assert_eq!(
        down.head.headers.get("content-security-policy"),
        Some(
            "default-src 'none'; form-action 'self' https://app.example.com app.example.com; img-src https://cdn.example"
        )
    );
    assert_eq!(
        down.head.headers.get("refresh"),
        Some("0; url=https://app.example.com/api/.ory/x")
    );
    for (_, value) in down.head.headers.iter() {
        assert!(!value.contains(UPSTREAM_HOST), "{value}");
    }
}

#[test]
fn hosted_pages_are_the_apps_own_where_the_config_says_so() {
    let network = Upstream::new(BaseUrl::parse("https://slug.projects.oryapis.com").unwrap()).unwrap();
    let ui = Ui {
        login: "/auth/sign-in".to_owned(),
        ..Ui::default()
    };
    let public = public();
    let map = UrlMap::new(&network, &public, Mount::ApiOry);
    let own = map.clone().with_own_pages(&ui, "/dashboard");
    for (url, hosted, mapped) in [
        (
            "https://slug.projects.oryapis.com/ui/login?flow=1#x",
            "/api/.ory/ui/login?flow=1#x",
            "/auth/sign-in?flow=1#x",
        ),
        (
            "https://slug.projects.oryapis.com/ui/registration",
            "/api/.ory/ui/registration",
            "/registration",
        ),
        (
            "https://slug.projects.oryapis.com/ui/error?id=1",
            "/api/.ory/ui/error?id=1",
            "/error?id=1",
        ),
        (
            "https://slug.projects.oryapis.com/ui/welcome",
            "/api/.ory/ui/welcome",
            "/dashboard",
        ),
        (
            "https://slug.projects.oryapis.com/ui/loginx",
            "/api/.ory/ui/loginx",
            "/api/.ory/ui/loginx",
        ),
        (
            "https://slug.projects.oryapis.com/ui/login/x",
            "/api/.ory/ui/login/x",
            "/api/.ory/ui/login/x",
        ),
        (
            "https://slug.projects.oryapis.com/uikit",
            "/api/.ory/uikit",
            "/api/.ory/uikit",
        ),
    ] {
        assert_eq!(map.url(url), format!("{PUBLIC}{hosted}"));
        assert_eq!(own.url(url), format!("{PUBLIC}{mapped}"));
        assert_eq!(own.url(&own.url(url)), own.url(url), "twice is once");
    }
    assert_eq!(
        own.url("https://app.example.com/ui/login"),
        "https://app.example.com/ui/login",
        "a page of the app"
    );
}

#[test]
fn heads_of_the_real_kratos() {
    let set = "Set(..)";
    for (name, want_status, cookie, logged_out, recheck, plan) in [
        ("login-init-303", 303, "Untouched", false, false, "Stream"),
        ("login-done", 200, set, false, false, "Rewrite"),
        ("login-aal2-422", 422, set, false, false, "Rewrite"),
        ("login-aal2-done", 200, set, false, false, "Rewrite"),
        ("login-oidc-303", 303, "Untouched", false, false, "Stream"),
        ("login-oidc-422", 422, "Untouched", false, false, "Rewrite"),
        ("login-wrong-password", 400, "Untouched", false, false, "Rewrite"),
        (
            "login-wrong-password-303",
            303,
            "Untouched",
            false,
            false,
            "Stream",
        ),
        ("registration-done", 200, set, false, false, "Rewrite"),
        ("recovery-link-303", 303, set, false, false, "Stream"),
        ("settings-profile", 200, set, false, false, "Rewrite"),
        ("settings-password-303", 303, set, false, false, "Stream"),
        ("settings-totp", 200, set, false, false, "Rewrite"),
        ("verification-done", 200, "Untouched", false, true, "Rewrite"),
        ("verification-flow", 200, "Untouched", false, false, "Rewrite"),
        ("logout-204", 204, "Cleared", true, false, "Null"),
        ("logout-303", 303, "Cleared", true, false, "Stream"),
        ("logout-bad-token-303", 303, "Untouched", false, true, "Stream"),
        ("logout-init", 200, "Untouched", false, false, "Rewrite"),
        ("logout-init-none", 401, "Untouched", false, false, "Rewrite"),
        ("verification-link-303", 303, "Untouched", false, true, "Stream"),
        ("verification-sent", 200, "Untouched", false, true, "Rewrite"),
        ("whoami-extended", 200, set, false, false, "Rewrite"),
        ("login-head", 405, "Untouched", false, false, "Null"),
        ("whoami-head", 200, "Untouched", false, false, "Null"),
        ("whoami-roles", 200, "Untouched", false, false, "Rewrite"),
        ("login-expired", 410, "Untouched", false, false, "Rewrite"),
        ("schemas", 200, "Untouched", false, false, "Stream"),
    ] {
        let capture = &captures()[name];
        let table = whole_table();
        let path = capture.path.split('?').next().unwrap();
        let found = found(&table, &capture.method, path);
        let answer = Answer {
            found: &found,
            method: &capture.method,
            map: UrlMap::new(&upstream(), &public(), found.mount),
            cookie_domain: None,
            cors_origins: &[],
            now: capture.now,
        };
        let down = process(&upstream(), capture.head.clone(), &answer);
        assert_eq!(down.head.status, want_status, "{name}");
        let got = (
            format!("{:?}", down.effects.session_cookie),
            down.effects.logged_out,
            down.effects.recheck,
        );
        assert_eq!(got, (cookie.to_owned(), logged_out, recheck), "{name}");
        assert!(
            format!("{:?}", down.body).starts_with(plan),
            "{name}: {:?}",
            down.body
        );
        assert!(!down.head.headers.contains("x-kratos-authenticated-identity-id"));
        for (field, value) in down.head.headers.iter() {
            let foreign = field.eq_ignore_ascii_case("location") && value.starts_with("https://github.com/");
            assert!(
                foreign || !value.contains("upstream.example"),
                "{name}: {field}: {value}"
            );
        }
        let (came, went) = (
            all(&capture.head.headers, "set-cookie"),
            all(&down.head.headers, "set-cookie"),
        );
        assert_eq!(came.len(), went.len(), "{name}: every cookie, apart");
        for (came, went) in came.iter().zip(&went) {
            assert_eq!(
                came.replace("; Domain=upstream.example", ""),
                **went,
                "{name}: nothing but the domain is cut"
            );
        }
    }
}
