//! Every odd way to write a path that the literature knows (field.md section 2, rows 1-13), for any path.

/// Request targets as bytes on the wire; `BUILD` stands for the build id of a Next.js app.
pub(super) fn of(path: &str) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    let bare = if path == "/" { "" } else { path };
    let letters: Vec<usize> = bare
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphanumeric())
        .map(|(at, _)| at)
        .collect();
    let slashes: Vec<usize> = bare.match_indices('/').map(|(at, _)| at).collect();

    // Escapes of letters: first and last of every segment, all of them, both cases of hex, twice.
    let edges = letters.iter().filter(|at| {
        let next = bare.as_bytes().get(*at + 1);
        bare.as_bytes()[*at - 1] == b'/' || matches!(next, None | Some(b'/'))
    });
    for at in edges {
        all.push(with(bare, *at, |c| format!("%{:02X}", c as u8)));
        all.push(with(bare, *at, |c| format!("%{:02x}", c as u8)));
        all.push(with(bare, *at, |c| format!("%25{:02x}", c as u8)));
        all.push(with(bare, *at, |c| format!("%2525{:02x}", c as u8)));
    }
    all.push(each(bare, |c| format!("%{:02x}", c as u8)));
    all.push(each(bare, |c| format!("%25{:02x}", c as u8)));

    // Case.
    all.push(bare.to_ascii_uppercase());
    all.push(bare.to_ascii_lowercase());
    if let Some(first) = letters.first() {
        all.push(with(bare, *first, |c| flip(c).to_string()));
    }
    if let Some(last) = letters.last() {
        all.push(with(bare, *last, |c| flip(c).to_string()));
    }

    // Slashes: each one doubled, tripled, escaped, escaped twice, turned round.
    for at in &slashes {
        for slash in [
            "//", "///", "%2F", "%2f", "/%2F", "%2F/", "%252F", "\\", "%5C", "/%5c", "/;/", "/%3b/", "/./",
            "/%2e/",
        ] {
            all.push(with(bare, *at, |_| slash.into()));
        }
    }

    // In front, behind.
    for front in [
        "/public/..",
        "/public/%2e%2e",
        "/public/.%2E",
        "/public/..;",
        "/public/..;x=1",
        "/public%2F..",
        "/public/..%2F",
        "/public/%252e%252e",
        "/public/..%5c",
        "/.",
        "/%2e",
        "/..",
        "//evil.test",
        "//",
        "/%2F",
        "/;",
        "/;x=1",
        "/%20",
        "/%00",
        "/en",
        "/EN",
        "/En",
        "/%65n",
        "/de",
        "/fr",
        "/en/en",
        "//en",
        "/en/",
        "/en/de",
        "/public",
        "/index",
        "http://localhost",
        "http://evil.test",
        "/http:/",
    ] {
        all.push(format!("{front}{bare}"));
    }
    for behind in [
        "/",
        "//",
        "/.",
        "/..",
        "/%2e",
        "/./",
        "/..;/",
        "/x/..",
        "/x/%2e%2e",
        "/x/..;/",
        "/;",
        "/;x",
        ";",
        ";x",
        ";x=1/y",
        ";/public",
        "%3B",
        "%3bx",
        "%3B/public",
        "%23",
        "%23x",
        "%23/public",
        "%3F",
        "%3Fx=1",
        "%3f/public",
        "%2523x",
        "%253Fx",
        "%00",
        "%00/public",
        "%00.png",
        "%0a",
        "%0d%0aX:y",
        "%09",
        "%7f",
        "%20",
        "%20/",
        "%c2%a0",
        "%e3%80%82",
        ".",
        "..",
        "%2e",
        "/%20",
        "+",
        "~",
        "*",
        "/*",
        "%",
        "%z",
        "%zz",
        "%2",
        "%u002f",
        "%c0%af",
        "%c0%ae",
        "%e0%80%af",
        "%ff",
        "%ed%a0%80",
        "%5c",
        "\\",
        "/\\",
        ".rsc",
        ".RSC",
        ".Rsc",
        "%2ersc",
        ".rsc/",
        "/.rsc",
        ".rsc.rsc",
        ".prefetch.rsc",
        ".segment.rsc",
        ".action",
        ".json",
        ".html",
        ".txt",
        ".segments/_tree.segment.rsc",
        ".segments/__PAGE__.segment.rsc",
        ".segments/a/b.segment.rsc",
        ".segments/x",
        "/index",
        "/index.html",
        "/index.rsc",
        "/index.json",
        "/_next",
        "/__PAGE__",
        "?x=/public",
        "?__nextLocale=de",
        "?__nextDefaultLocale=public",
        "?nxtPpath=public",
        "?nxtPid=public",
        "?_rsc=1",
        "?__nextDataReq=1",
        "?amp=1",
        "?;x",
        "??",
        "#/public",
        "#",
    ] {
        all.push(format!("{bare}{behind}"));
    }

    // The data routes of Next.js and their neighbours.
    let data = if bare.is_empty() { "/index" } else { bare };
    for (front, behind) in [
        ("/_next/data/BUILD", ".json"),
        ("/_next/data/BUILD/en", ".json"),
        ("/_next/data/BUILD/EN", ".json"),
        ("/_next/data/BUILD/de", ".json"),
        ("/_next/data/BUILD/fr", ".json"),
        ("/_next/data/BUILD/index", ".json"),
        ("/_next/data/BUILD/", ".json"),
        ("/_next/data/BUILD", ""),
        ("/_next/data/BUILD", ".json/"),
        ("/_next/data/BUILD", ".JSON"),
        ("/_next/data/BUILD", "%2ejson"),
        ("/_next/data/BUILD", ".json.json"),
        ("/_next/data/BUILD", ".json?x=1"),
        ("/_next/data/WRONG", ".json"),
        ("/_next/data", ".json"),
        ("/_next//data/BUILD", ".json"),
        ("/_next/data//BUILD", ".json"),
        ("//_next/data/BUILD", ".json"),
        ("/_NEXT/data/BUILD", ".json"),
        ("/_next/DATA/BUILD", ".json"),
        ("/%5Fnext/data/BUILD", ".json"),
        ("/_next%2Fdata/BUILD", ".json"),
        ("/_next/data%2FBUILD", ".json"),
        ("/_next/%64ata/BUILD", ".json"),
        ("/en/_next/data/BUILD", ".json"),
        ("/public/_next/data/BUILD", ".json"),
        ("/_next/static", ""),
        ("/_next/image", ""),
        ("/_next", ""),
    ] {
        all.push(format!("{front}{data}{behind}"));
    }

    all.retain(|target| !target.is_empty());
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|target| seen.insert(target.clone()));
    all
}

fn with(path: &str, at: usize, replace: impl Fn(char) -> String) -> String {
    let c = path[at..].chars().next().unwrap();
    format!("{}{}{}", &path[..at], replace(c), &path[at + c.len_utf8()..])
}

fn each(path: &str, replace: impl Fn(char) -> String) -> String {
    path.chars()
        .map(|c| if c == '/' { c.to_string() } else { replace(c) })
        .collect()
}

fn flip(c: char) -> char {
    if c.is_ascii_lowercase() {
        c.to_ascii_uppercase()
    } else {
        c.to_ascii_lowercase()
    }
}
