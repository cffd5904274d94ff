//! URLs of honest apps: each must pass, judged by one rule (semantics 2.2).

use edgeward::policy::{Router, Terms};
use serde_json::json;

use super::{compile_with, outcome};

const URLS: [(&str, &str); 133] = [
    // Pages.
    ("/", "open"),
    ("/about", "open"),
    ("/about/", "open"),
    ("/pricing", "open"),
    ("/favicon.ico", "open"),
    ("/robots.txt", "open"),
    ("/sitemap.xml", "open"),
    ("/manifest.webmanifest", "open"),
    ("/.well-known/security.txt", "open"),
    ("/.well-known/acme-challenge/Xz3-_9", "open"),
    ("/.well-known/apple-app-site-association", "open"),
    ("/_next/static/chunks/app/(shop)/page-1f3a.js", "open"),
    ("/_next/static/chunks/app/%5Bslug%5D/page-9c2.js", "open"),
    ("/_next/static/chunks/app/@modal/(.)photo/page.js", "open"),
    ("/_next/static/media/Inter-roman.var.p.woff2", "open"),
    ("/_next/static/css/0a1b2c.css", "open"),
    ("/_next/static/chunks/pages/blog/%5B...slug%5D-77aa.js", "open"),
    ("/_next/image", "open"),
    // Encoded slashes.
    ("/projects/group%2Fname", "projects"),
    ("/projects/group%2fname%2Frepo", "projects"),
    ("/projects/group%2Fname/issues/12", "projects"),
    (
        "/api/v4/projects/group%2Fsub%2Fname/repository/files/src%2Fmain.rs/raw",
        "api",
    ),
    ("/npm/@scope%2Fpkg", "npm"),
    ("/npm/@scope%2fpkg/-/pkg-1.0.0.tgz", "npm"),
    ("/npm/%40scope%2Fpkg", "npm"),
    ("/npm/@scope/pkg", "npm"),
    (
        "/storage/v1/object/public/bucket/folder%2Ffile%20(1).png",
        "files",
    ),
    ("/files/2026%2F11%2Freport.pdf", "files"),
    ("/wiki/AC%2FDC", "wiki"),
    ("/wiki/TCP%2FIP", "wiki"),
    // Path parameters.
    ("/files/a;v=2.pdf", "files"),
    ("/files/a;v=2", "files"),
    ("/files/report;rev=3;lang=de/page", "files"),
    ("/files/name%3Bwith%3Bsemicolons.txt", "files"),
    ("/heroes;id=1;foo=x/detail", "default"),
    ("/map/@52.52,13.405,15z;layers=a,b", "default"),
    // URLs inside paths.
    ("/proxy/https://example.com", "proxy"),
    ("/proxy/https://example.com/", "proxy"),
    ("/proxy/https://example.com/a/b.png", "proxy"),
    ("/proxy/https%3A%2F%2Fexample.com%2Fa%2Fb.png", "proxy"),
    ("/proxy/https:/example.com/a", "proxy"),
    ("/proxy/http://[::1]:8080/x", "proxy"),
    (
        "/proxy/w_400,q_80/https://cdn.example.com/img//double.png",
        "proxy",
    ),
    ("/proxy/data:text%2Fplain;base64,SGVsbG8=", "proxy"),
    ("/web/20260101000000/https://example.com/", "web"),
    ("/web/20260101000000*/https://example.com/*", "web"),
    // Spaces, plus, reserved and odd characters.
    ("/search/hello%20world", "search"),
    ("/search/hello+world", "search"),
    ("/search/c%2B%2B", "search"),
    ("/search/c++", "search"),
    ("/search/100%25", "search"),
    ("/search/50%25%20off", "search"),
    ("/search/what%3F", "search"),
    ("/search/a%26b%3Dc", "search"),
    ("/search/%22quoted%22", "search"),
    ("/search/a'b", "search"),
    ("/search/%27a%27", "search"),
    ("/search/a!b$c(d)*e,f=g", "search"),
    ("/search/~tilde", "search"),
    ("/search/%7Etilde", "search"),
    ("/search/a%7Cb", "search"),
    ("/search/a|b", "search"),
    ("/search/a^b", "search"),
    ("/search/a%5Eb", "search"),
    ("/search/[a]", "search"),
    ("/search/%5Ba%5D", "search"),
    ("/search/{a}", "search"),
    ("/search/%7Ba%7D", "search"),
    ("/search/%3Cb%3E", "search"),
    ("/search/a%60b", "search"),
    ("/tags/c%23", "tags"),
    ("/tags/f%23", "tags"),
    ("/tags/.net", "tags"),
    ("/tags/node.js", "tags"),
    ("/tags/...", "tags"),
    ("/tags/a..b", "tags"),
    ("/tags/-", "tags"),
    ("/tags/_", "tags"),
    ("/tags/0", "tags"),
    ("/tags/%F0%9F%A6%80", "tags"),
    // UTF-8, raw and encoded.
    ("/caf%C3%A9", "cafe"),
    ("/caf%c3%a9", "cafe"),
    ("/café", "cafe"),
    ("/wiki/%E6%97%A5%E6%9C%AC", "wiki"),
    ("/wiki/日本", "wiki"),
    ("/wiki/%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0", "wiki"),
    ("/wiki/Z%C3%BCrich_(Stadt)", "wiki"),
    ("/wiki/Stra%C3%9Fe", "wiki"),
    ("/wiki/%D9%85%D8%B1%D8%AD%D8%A8%D8%A7", "wiki"),
    ("/wiki/%E2%80%9Cquoted%E2%80%9D", "wiki"),
    ("/wiki/e%CC%81", "wiki"),
    ("/wiki/C++", "wiki"),
    ("/wiki/C%23_(programming_language)", "wiki"),
    ("/wiki/AT&T", "wiki"),
    ("/wiki/Who%27s_Who%3F", "wiki"),
    ("/wiki/Main_Page", "wiki"),
    ("/wiki/Talk:Main_Page", "wiki"),
    ("/wiki/User:Ann/Drafts/", "wiki"),
    // People, files, dates, ids.
    ("/u/ann", "people"),
    ("/u/@ann", "people"),
    ("/u/ann@example.com", "people"),
    ("/u/ann%40example.com", "people"),
    ("/u/O%27Hara", "people"),
    ("/u/ann.b-c_d~e", "people"),
    ("/u/0190f2c0-5d2e-7c3b-9a61-2f0d6b8f4e11", "people"),
    ("/u/dXNlcjox", "people"),
    ("/u/dXNlcjox%3D%3D", "people"),
    ("/u/dXNlcjox==", "people"),
    ("/files/.env.example", "files"),
    ("/files/archive.tar.gz", "files"),
    ("/files/Screenshot%202026-11-20%20at%2010.00.00.png", "files"),
    ("/files/a%2Bb.txt", "files"),
    ("/files/a,b.txt", "files"),
    ("/files/%E2%9C%93.txt", "files"),
    ("/files/photos//2026/x.jpg", "files"),
    ("/files/", "files"),
    ("/blog/2026/11/20/a-title", "open"),
    ("/blog/index", "open"),
    ("/blog/data.json", "open"),
    ("/blog/feed.rsc", "open"),
    ("/docs/api/v1.2/", "open"),
    ("/docs/en/guide", "open"),
    ("/docs/getting-started.html", "open"),
    // APIs.
    ("/api/users", "api"),
    ("/api/users/12/avatar.png", "api"),
    ("/api/trpc/post.byId,user.me", "api"),
    ("/api/odata/People('ann')/Trips(1)", "api"),
    ("/api/graphql", "api"),
    ("/api/v1/Users", "api"),
    ("/api/rest/v1/rpc/fn:run", "api"),
    ("/api/s3/bucket/key%20with%20%2B", "api"),
    // The data of a page that is guarded like its page.
    ("/_next/data/1a2b/dashboard.json", "default"),
    ("/dashboard/reports", "default"),
];

#[test]
fn honest_urls_pass() {
    let rules = [
        (
            "open",
            json!([
                "/",
                "/about",
                "/pricing",
                "/favicon.ico",
                "/robots.txt",
                "/sitemap.xml",
                "/manifest.webmanifest",
                "/.well-known/:path*",
                "/_next/static/:path*",
                "/_next/image",
                "/blog/:path*",
                "/docs/:path*",
            ]),
        ),
        ("projects", json!("/projects/:path+")),
        ("api", json!("/api/:path*")),
        ("npm", json!("/npm/:path+")),
        ("files", json!(["/files/:path*", "/storage/:path+"])),
        ("wiki", json!("/wiki/:title+")),
        ("proxy", json!("/proxy/:url+")),
        ("web", json!("/web/:when/:url+")),
        ("search", json!("/search/:query")),
        ("tags", json!("/tags/:tag")),
        ("cafe", json!("/café")),
        ("people", json!("/u/:name")),
    ];
    let routes: Vec<_> = rules
        .iter()
        .map(|(name, path)| json!({ "path": path, "require": { "any": [{ "role": name }] } }))
        .collect();
    let routes = serde_json::Value::Array(routes);
    for router in [Router::Any, Router::CaseSensitive, Router::Next] {
        let terms = Terms {
            router,
            ..Terms::default()
        };
        let policy = compile_with(&routes, &json!("session"), terms).unwrap();
        let mut passed = 0;
        for (url, wanted) in URLS {
            let wanted = rules.iter().position(|(name, _)| *name == wanted);
            let wanted = wanted.map_or("default".into(), |n| format!("routes[{n}]"));
            assert_eq!(outcome(&policy, "h", "GET", url), wanted, "{url} {router:?}");
            passed += 1;
        }
        assert!(passed >= 100);
    }
}
