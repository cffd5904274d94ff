//! What goes up: the allow-lists of semantics 7.2, field section 2 rows 28, 30 and 52, section 4 rows 4, 6 and 9.

use edgeward::base::Secret;
use edgeward::kratos::up::{Ask, ExtraFields, UpError, build};
use edgeward::kratos::{OryNetwork, Upstream};
use edgeward::message::RequestHead;
use edgeward::message::url::BaseUrl;

use crate::kratos_support::{
    SENT, Sent, found, headers, public, sent, sent_to, up_fields, upstream, whole_table,
};

#[test]
fn fields_that_go_up_are_named() {
    for name in [
        "accept",
        "accept-language",
        "origin",
        "referer",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-dest",
        "user-agent",
        "x-csrf-token",
        "content-language",
        "Accept",
        "ORIGIN",
        "User-Agent",
        "X-CSRF-Token",
    ] {
        assert_eq!(
            up_fields(&[(name, "v")]),
            [(name.to_ascii_lowercase(), "v".to_owned())],
            "{name}"
        );
    }
    for (accepted, sent) in [
        ("gzip, deflate, br, zstd", "gzip, deflate, br"),
        ("zstd;q=1.0, GZIP;q=0.5", "GZIP;q=0.5"),
        ("zstd", "identity"),
        ("*", "identity"),
        ("", "identity"),
        ("gzipped, br2", "identity"),
    ] {
        let name = "accept-encoding".to_owned();
        assert_eq!(
            up_fields(&[("Accept-Encoding", accepted)]),
            [(name, sent.to_owned())]
        );
    }
    for name in [
        "authorization",
        "Authorization",
        "x-session-token",
        "X-Session-Token",
        "ory-base-url-rewrite",
        "Ory-Base-URL-Rewrite-Token",
        "ory-no-custom-domain-redirect",
        "x-forwarded-for",
        "X-Forwarded-For",
        "x_forwarded_for",
        "x-forwarded-prefix",
        "x-forwarded-port",
        "x-forwarded-user",
        "x-forwarded-uri",
        "forwarded",
        "x-real-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "cf-ipcity",
        "cf-ipcountry",
        "x-http-method-override",
        "x-method-override",
        "x-original-url",
        "x-rewrite-url",
        "x-kratos-authenticated-identity-id",
        "x-edgeward-sub",
        "x-user",
        "host",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "proxy-authorization",
        "proxy",
        "via",
        "range",
        "if-none-match",
        "if-modified-since",
        "cookie2",
        "set-cookie",
        "x-middleware-subrequest",
        "next-action",
        "rsc",
        "x-requested-with",
        "traceparent",
        "dnt",
        "cache-control",
        "expect",
        "accept_language",
        "x_csrf_token",
        "ac cept",
        "accept ",
        "",
        "origin-x",
        "x-csrf-token-2",
        "sec-ch-ua",
        "sec-purpose",
        "content_type",
    ] {
        assert_eq!(up_fields(&[(name, "v")]), [], "{name}");
    }
}

#[test]
fn connection_takes_a_field_out_but_none_that_the_gate_sets() {
    let request = sent(&Sent {
        fields: &[
            (
                "Connection",
                "x-csrf-token, cookie, x-forwarded-for, true-client-ip, x-forwarded-proto",
            ),
            ("X-CSRF-Token", "t"),
            ("Cookie", "ory_kratos_session=s"),
        ],
        session: Some("s"),
        client_ip: Some("192.0.2.7"),
        ..SENT
    })
    .unwrap();
    assert!(!request.headers.contains("x-csrf-token") && !request.headers.contains("connection"));
    assert_eq!(request.headers.get("cookie"), Some("ory_kratos_session=s"));
    assert_eq!(request.headers.get("x-forwarded-for"), Some("192.0.2.7"));
    assert_eq!(request.headers.get("x-forwarded-proto"), Some("https"));
}

#[test]
fn the_address_is_the_platforms() {
    for (client_ip, want) in [
        (Some("192.0.2.7"), Some("192.0.2.7")),
        (Some("::ffff:192.0.2.7"), Some("192.0.2.7")),
        (Some("2001:DB8:0::1"), Some("2001:db8::1")),
        (Some("unknown"), None),
        (Some("192.0.2.7, 10.0.0.1"), None),
        (Some("192.0.2.7:443"), None),
        (Some(""), None),
        (None, None),
    ] {
        let forged = [
            ("X-Forwarded-For", "6.6.6.6"),
            ("True-Client-IP", "6.6.6.6"),
            ("CF-Connecting-IP", "6.6.6.6"),
            ("Forwarded", "for=6.6.6.6"),
        ];
        let request = sent(&Sent {
            fields: &forged,
            client_ip,
            ..SENT
        })
        .unwrap();
        for name in ["x-forwarded-for", "true-client-ip"] {
            assert_eq!(
                request.headers.get_all(name).collect::<Vec<_>>(),
                Vec::from_iter(want),
                "{client_ip:?} {name}"
            );
        }
        assert!(!request.headers.contains("cf-connecting-ip") && !request.headers.contains("forwarded"));
    }
}

#[test]
fn host_and_scheme_are_the_public_origins() {
    let forged = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("Host", "evil.example"),
        ("X-Forwarded-Prefix", "/evil"),
    ];
    let request = sent(&Sent {
        fields: &forged,
        ..SENT
    })
    .unwrap();
    assert_eq!(
        request.headers.get_all("x-forwarded-host").collect::<Vec<_>>(),
        ["app.example.com"]
    );
    assert_eq!(
        request.headers.get_all("x-forwarded-proto").collect::<Vec<_>>(),
        ["https"]
    );
    assert!(!request.headers.contains("host") && !request.headers.contains("x-forwarded-prefix"));
    let mounted = sent(&Sent {
        fields: &forged,
        path: "/api/.ory/sessions/whoami",
        ..SENT
    })
    .unwrap();
    assert_eq!(
        mounted.headers.get_all("x-forwarded-prefix").collect::<Vec<_>>(),
        ["/api/.ory"]
    );
}

#[test]
fn path_and_query_arrive_as_they_came() {
    for (path, query, want) in [
        ("/self-service/login", None, "/self-service/login"),
        ("/self-service/login", Some(""), "/self-service/login?"),
        (
            "/self-service/login",
            Some("a=b%2Fc&d=%20e"),
            "/self-service/login?a=b%2Fc&d=%20e",
        ),
        (
            "/self-service/login",
            Some("a=b+c&&;x=%zz&é=ü"),
            "/self-service/login?a=b+c&&;x=%zz&%C3%A9=%C3%BC",
        ),
        (
            "/self-service/login",
            Some("return_to=https://app.example.com/x?y"),
            "/self-service/login?return_to=https://app.example.com/x?y",
        ),
        (
            "/api/.ory/self-service/login",
            Some("flow=1"),
            "/self-service/login?flow=1",
        ),
        (
            "/self-service/methods/oidc/callback/a.b-c",
            Some("code=x&state=y"),
            "/self-service/methods/oidc/callback/a.b-c?code=x&state=y",
        ),
    ] {
        let request = sent(&Sent { path, query, ..SENT }).unwrap();
        assert_eq!(
            request.url,
            format!("https://id.upstream.example/kratos{want}"),
            "{path} {query:?}"
        );
    }
    for query in ["a b", "a#b", "a\tb", "a\r\nb", "\0"] {
        assert_eq!(
            sent(&Sent {
                query: Some(query),
                ..SENT
            })
            .unwrap_err(),
            UpError::Target,
            "{query:?}"
        );
    }
}

#[test]
fn bodies_go_up_with_their_description() {
    let fields = [
        ("Content-Type", "application/json"),
        ("Content-Length", "7"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
    ];
    for (method, path, with_body) in [
        ("POST", "/self-service/login", true),
        ("DELETE", "/self-service/logout/api", true),
        ("GET", "/self-service/login", false),
        ("HEAD", "/self-service/login", false),
    ] {
        let request = sent(&Sent {
            method,
            path,
            fields: &fields,
            ..SENT
        })
        .unwrap();
        assert_eq!((request.method.as_str(), request.with_body), (method, with_body));
        assert_eq!(request.headers.contains("content-length"), with_body, "{method}");
        assert_eq!(request.headers.contains("content-type"), with_body, "{method}");
        assert!(!request.headers.contains("transfer-encoding"));
    }
}

#[test]
fn a_preflight_goes_up_as_nobody() {
    let fields = [
        ("Origin", "https://spa.example.com"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type"),
        ("Cookie", "ory_kratos_session=s; csrf_token_0f=c"),
        ("Authorization", "Bearer t"),
        ("X-Session-Token", "t"),
        ("Content-Type", "text/plain"),
        ("Content-Length", "7"),
    ];
    let table = whole_table();
    let head = RequestHead {
        method: "OPTIONS".to_owned(),
        url: "https://app.example.com/".to_owned(),
        headers: headers(&fields),
        client_ip: None,
    };
    // The row of the method that it asks for.
    let ask = Ask {
        found: &found(&table, "POST", "/self-service/login"),
        head: &head,
        query: None,
        session: Some("s"),
        public: &public(),
        native: true,
        extra: &ExtraFields::default(),
    };
    let request = build(&upstream(), &ask).unwrap();
    assert_eq!((request.method.as_str(), request.with_body), ("OPTIONS", false));
    for name in [
        "cookie",
        "authorization",
        "x-session-token",
        "content-type",
        "content-length",
    ] {
        assert!(!request.headers.contains(name), "{name}");
    }
    assert_eq!(request.headers.get("access-control-request-method"), Some("POST"));
    assert_eq!(request.headers.get("origin"), Some("https://spa.example.com"));
    let plain = sent(&Sent {
        fields: &fields,
        ..SENT
    })
    .unwrap();
    assert!(
        !plain.headers.contains("access-control-request-method"),
        "on a preflight only"
    );
}

#[test]
fn ory_network_fields_go_to_an_ory_network_host_only() {
    let ory = [
        "ory-base-url-rewrite",
        "ory-base-url-rewrite-token",
        "ory-no-custom-domain-redirect",
    ];
    let at = |url: &str| Upstream::new(BaseUrl::parse(url).unwrap()).unwrap();
    let token = || OryNetwork {
        token: Some(Secret::new("ory_pat_secret")),
    };
    let forged = [
        ("Ory-Base-URL-Rewrite", "https://evil.example"),
        ("Ory-Base-URL-Rewrite-Token", "x"),
        ("ory-anything", "x"),
    ];
    for (upstream, path, want) in [
        (
            at("https://slug.projects.oryapis.com").on_ory_network(token()),
            "/self-service/login/flows",
            Some(("https://app.example.com", true)),
        ),
        (
            at("https://slug.projects.oryapis.com"),
            "/self-service/login/flows",
            Some(("https://app.example.com", false)),
        ),
        (
            at("https://auth.example.com").on_ory_network(token()),
            "/api/.ory/sessions/whoami",
            Some(("https://app.example.com/api/.ory", true)),
        ),
        (at("https://auth.example.com"), "/self-service/login/flows", None),
        (
            at("https://projects.oryapis.com.evil.example"),
            "/self-service/login/flows",
            None,
        ),
        (
            at("https://projects.oryapis.com"),
            "/self-service/login/flows",
            None,
        ),
        (
            at("https://xprojects.oryapis.com"),
            "/self-service/login/flows",
            None,
        ),
        (upstream(), "/self-service/login/flows", None),
    ] {
        let request = sent_to(
            &upstream,
            &whole_table(),
            &Sent {
                fields: &forged,
                path,
                ..SENT
            },
            &ExtraFields::default(),
        )
        .unwrap();
        let got = ory.map(|name| request.headers.get_all(name).collect::<Vec<_>>());
        match want {
            Some((base, token)) => {
                assert_eq!(got[0], [base], "{path}");
                assert_eq!(got[1], Vec::from_iter(token.then_some("ory_pat_secret")));
                assert_eq!(got[2], ["true"]);
            }
            None => assert!(got.iter().all(Vec::is_empty), "{path} {:?}", upstream.base()),
        }
        assert!(!request.headers.contains("ory-anything"));
        assert!(
            !format!("{upstream:?} {request:?}").contains("ory_pat_secret"),
            "a secret in Debug"
        );
    }
}

#[test]
fn further_fields_are_named_by_the_config_and_never_the_dangerous_ones() {
    for name in [
        "X-Request-Id",
        "tracestate",
        "baggage",
        "X-Amzn-Trace-Id",
        "X-B3-TraceId",
        "X-Captcha",
        "DPoP",
    ] {
        assert!(ExtraFields::new([name]).is_ok(), "{name}");
    }
    let extra = ExtraFields::new(["X-Request-Id", "traceparent"]).unwrap();
    let fields = [
        ("x-request-id", "1"),
        ("Traceparent", "2"),
        ("tracestate", "3"),
        ("Accept", "*/*"),
    ];
    let request = sent_to(
        &upstream(),
        &whole_table(),
        &Sent {
            fields: &fields,
            ..SENT
        },
        &extra,
    )
    .unwrap();
    assert_eq!(request.headers.get("x-request-id"), Some("1"));
    assert_eq!(request.headers.get("traceparent"), Some("2"));
    assert!(!request.headers.contains("tracestate"));
    assert_eq!(request.headers.get_all("accept").count(), 1);
    for name in [
        "Authorization",
        "x-session-token",
        "Cookie",
        "cookie2",
        "Host",
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-anything",
        "X-Real-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "cf-ipcity",
        "Ory-Base-URL-Rewrite",
        "ory-x",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Kratos-Authenticated-Identity-Id",
        "X-Edgeward-Sub",
        "Connection",
        "Transfer-Encoding",
        "Upgrade",
        "TE",
        "Trailer",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy",
        "Set-Cookie",
        "X-Cluster-Client-IP",
        "Fly-Client-IP",
        "X-Envoy-External-Address",
        "X-Azure-ClientIP",
        "X-AppEngine-User-IP",
        "X-Host",
        "X-HTTP-Host-Override",
        "X-Scheme",
        "X-Url-Scheme",
        "Front-End-Https",
        "X-Remote-Addr",
        "X-Vercel-Forwarded-For",
        "X-NF-Client-Connection-IP",
        "DO-Connecting-IP",
        "Via",
        "CDN-Loop",
        "Expect",
        "HTTP2-Settings",
        "Client-Cert",
        "X-Client-Cert",
        "SSL-Client-Verify",
        "X-SSL-Client-DN",
        "X-ARR-ClientCert",
        "X-MS-Client-Principal",
        "X-Goog-Authenticated-User-Email",
        "X-Amzn-OIDC-Data",
        "Remote-User",
        "X-Auth-Request-Email",
        "X-Pomerium-Claim-Email",
        "X-Middleware-Subrequest",
        "Location",
        "x_request_id",
        "",
        " x",
        "x:y",
        "x\r\ny",
        "*",
        "x-*",
        "é",
    ] {
        assert!(ExtraFields::new([name]).is_err(), "{name}");
    }
}
