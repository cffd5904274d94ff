//! As much of HTTP/1.1 as a health check and the demo's check need: loopback, no TLS, one connection a request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A page of the demo is 20 KB.
const MAX_BODY: u64 = 8 * 1024 * 1024;

/// A request to a port on 127.0.0.1.
#[derive(Debug, Default)]
pub struct Request<'a> {
    pub method: &'a str,
    pub port: u16,
    pub target: &'a str,
    pub headers: &'a [(&'a str, String)],
    pub body: &'a [u8],
}

/// What came back.
#[derive(Debug, Default, Clone)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order of arrival, none joined.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks with `GET`.
pub fn get(port: u16, target: &str, timeout: Duration) -> std::io::Result<Response> {
    send(
        &Request {
            method: "GET",
            port,
            target,
            ..Request::default()
        },
        timeout,
    )
}

/// Sends a request and reads the whole answer.
pub fn send(request: &Request<'_>, timeout: Duration) -> std::io::Result<Response> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, request.port)), timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n",
        request.method, request.target, request.port
    );
    for (name, value) in request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.body.is_empty() || request.method == "POST" {
        head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(request.body)?;
    read_response(BufReader::new(stream))
}

fn read_response(mut reader: impl BufRead) -> std::io::Result<Response> {
    let status_line = read_line(&mut reader)?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut response = Response {
        status: status.ok_or_else(|| broken(&status_line))?,
        ..Response::default()
    };
    loop {
        let line = read_line(&mut reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken(&line))?;
        response
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = response
        .header("content-length")
        .and_then(|length| length.parse::<u64>().ok());
    if response
        .header("transfer-encoding")
        .is_some_and(|encoding| encoding.contains("chunked"))
    {
        response.body = read_chunks(&mut reader)?;
    } else if !matches!(response.status, 204 | 304) {
        reader
            .take(length.unwrap_or(MAX_BODY).min(MAX_BODY))
            .read_to_end(&mut response.body)?;
    }
    Ok(response)
}

fn read_chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| broken(&line))?;
        if size == 0 || body.len() as u64 + size > MAX_BODY {
            return Ok(body);
        }
        reader.by_ref().take(size).read_to_end(&mut body)?;
        read_line(reader)?;
    }
}

fn read_line(reader: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = Vec::new();
    reader.by_ref().take(64 * 1024).read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn broken(line: &str) -> std::io::Error {
    std::io::Error::other(format!("no HTTP: `{line}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_every_framing() {
        let rows: &[(&str, u16, &str)] = &[
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhixx", 200, "hi"),
            ("HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n",
                200,
                "abcde",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ];
        for (wire, status, body) in rows {
            let response = read_response(wire.as_bytes()).unwrap();
            assert_eq!(
                (response.status, response.text().as_str()),
                (*status, *body),
                "{wire}"
            );
        }
        for wire in [
            "",
            "HTTP/1.1\r\n\r\n",
            "garbage",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b",
        ] {
            assert!(read_response(wire.as_bytes()).is_err(), "{wire}");
        }
    }

    #[test]
    fn set_cookie_stays_a_list() {
        let response =
            read_response(&b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n\r\n"[..]).unwrap();
        assert_eq!(response.headers.len(), 2);
        assert_eq!(response.header("set-cookie"), Some("a=1"));
    }
}
