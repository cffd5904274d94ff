//! Ports on loopback: the asked one, or free ones.

use std::net::{Ipv4Addr, TcpListener};

use crate::fault::{Fault, Outcome};

/// `count` different free ports.
pub fn free(count: usize) -> Outcome<Vec<u16>> {
    // All are held until the last is found, so that none comes twice.
    let held: Result<Vec<TcpListener>, _> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect();
    let held = held.map_err(|error| Fault::new("127.0.0.1", format!("no free port: {error}")))?;
    held.iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()
        .map_err(|error| Fault::new("127.0.0.1", error.to_string()))
}

/// The port that was asked for, if nobody has it.
pub fn asked(port: u16, option: &str) -> Outcome<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(port),
        Err(error) => Err(Fault::new(
            format!("port {port}"),
            format!("is not to be had on 127.0.0.1: {error}"),
        )
        .remedy(format!(
            "stop the program that holds it, or choose another with {option}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_and_a_taken_one_names_the_option() {
        let mut ports = free(8).unwrap();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 8);
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let text = asked(port, "--port N").unwrap_err().to_string();
        assert!(
            text.contains(&format!("port {port}")) && text.contains("--port N"),
            "{text}"
        );
        drop(holder);
        assert_eq!(asked(port, "--port N"), Ok(port));
    }
}
