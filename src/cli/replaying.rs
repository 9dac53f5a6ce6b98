//! `statetrail replay --listen`: a recording as a read-only Kubernetes API server.

use super::arguments::{ListenArgs, StartWord};
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::{progress, runtime, signals};
use crate::listen::{Certificate, Error as ListenError, TokenFile};
use crate::recording::{Header, Reader};
use crate::replay::{Access, Fault, Loaded, Options, Playback, Server, Speed, catalogue, load};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Serves a recording until it is stopped.
pub(super) fn run(recording: &Path, address: SocketAddr, args: &ListenArgs, speed: Speed) -> Result<Exit, Failure> {
    let access = access(address, args)?;
    let faults: Vec<Fault> =
        args.inject.iter().map(|fault| fault.parse()).collect::<Result<_, _>>().map_err(Failure::usage)?;
    let mut reader = Reader::open(recording)?;
    let header = reader.header().clone();
    let loaded = load(&header, reader.by_ref()).map_err(|error| match error {
        crate::replay::Error::Recording(error) => Failure::from(*error),
        error => Failure::trouble(format!("cannot replay {}: {error}", recording.display())),
    })?;
    if let Some(torn) = reader.torn() {
        progress::torn(recording, torn, "replayed");
    }
    for caveat in &loaded.caveats {
        printer::say(format!("warning: {}: {caveat}", recording.display()));
    }
    let mut options = Options { address, ..Options::default() };
    if let Some(cluster) = &header.cluster {
        options.cluster_uid = cluster.to_string();
    }
    if let Some(version) = header.environment.kubernetes.clone() {
        options.server_version = version;
    }
    let is_held = args.start == StartWord::OnWatch;
    let playback = Playback::new(loaded.moments.clone(), loaded.length, speed, is_held, args.repeat);
    let stop = signals::listen()?;
    runtime::run(async {
        let server = start(loaded, &header, playback, options, access)?;
        server.seed(args.seed);
        faults.into_iter().for_each(|fault| server.inject(fault));
        if let Some(path) = &args.kubeconfig_out {
            let token = args.token_file.as_deref().map(first_token).transpose()?;
            let authority = args.tls_cert.as_deref();
            write_private(path, &server.kubeconfig(token.as_deref(), authority))?;
        }
        written(printer::print(Notation::Words, &format!("{}\n", server.url())))?;
        printer::say(announced(&header, args, is_held));
        stop.finish.cancelled().await;
        // Connections of clients that do not end are cut.
        let _ = server.shutdown().await;
        Ok(Exit::Ok)
    })
}

fn start(
    loaded: Loaded,
    header: &Header,
    playback: Playback,
    options: Options,
    access: Access,
) -> Result<Server, Failure> {
    Server::replay(loaded, header.started, playback, options, access).map_err(Failure::trouble)
}

/// What is served, and how to use it.
fn announced(header: &Header, args: &ListenArgs, is_held: bool) -> String {
    let mut kinds: Vec<String> = header.watches.iter().map(|watch| watch.resource.to_string()).collect();
    kinds.sort();
    kinds.dedup();
    let mut text = format!("replaying {} of {:.3}", kinds.join(", "), header.started);
    if is_held {
        text += ", from the first watch on";
    }
    if let Some(path) = &args.kubeconfig_out {
        let _ = write!(text, "; export KUBECONFIG={}", path.display());
    }
    text + "; POST to /replay/pause, resume, step, seek or speed moves it"
}

/// Who may use the port.
fn access(address: SocketAddr, args: &ListenArgs) -> Result<Access, Failure> {
    let certificate = args.tls_cert.clone().zip(args.tls_key.clone());
    let certificate = certificate.map(|(certificate, key)| Certificate::read(certificate, key)).transpose();
    let certificate = certificate.map_err(Failure::trouble)?;
    let tokens = args.token_file.clone().map(TokenFile::read).transpose().map_err(Failure::trouble)?;
    let missing = match (&certificate, &tokens) {
        (None, None) => "--tls-cert and --tls-key, and --token-file",
        (None, Some(_)) => "--tls-cert and --tls-key",
        (Some(_), None) => "--token-file",
        (Some(_), Some(_)) => "",
    };
    if !address.ip().is_loopback() && !missing.is_empty() {
        return Err(Failure::usage(ListenError::Open { address, missing }));
    }
    Ok(Access { certificate, tokens })
}

/// The token that the kubeconfig gets.
fn first_token(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    Ok(text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned())
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let _ = fs::remove_file(path);
    let opened = fs::File::options().write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::trouble(format!("cannot use {}: {error}", path.display()))
}

/// Lists the faults.
pub(super) fn list_faults() -> Result<Exit, Failure> {
    let mut text = String::new();
    for known in catalogue() {
        let _ = writeln!(text, "{}\n    {}\n    a correct client {}", known.syntax, known.doc, known.correct);
    }
    written(printer::print(Notation::Words, &text))
}
